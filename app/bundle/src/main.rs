//! Bundles the app into a folder that any web server can serve.
//!
//! `cargo run -p bundle -- --release` builds the app for wasm32, makes its JavaScript bindings, optimises the
//! wasm, gives every file a name that carries the hash of its content, fills those names into `index.html` and
//! the styles, writes the precache list into `sw.js`, and lays brotli and gzip files beside the originals. It
//! prints what the first visit costs and refuses a release that is over the budget.
//!
//! It promises: the same sources give the same names; the output folder is replaced as a whole or not at all;
//! nothing inline is added, so that a strict content security policy holds.

mod arguments;
mod bindings;
mod cache;
mod compressed;
mod error;
mod function_order;
mod minified;
mod optimised;
mod output;
mod piped;
mod references;
mod short_names;
mod site;
mod sizes;
mod wasm_build;

use std::process::ExitCode;

use arguments::{Arguments, Mode};
use cache::Cache;
use error::BundleError;

#[expect(clippy::print_stderr, reason = "a command line tool speaks on its terminal")]
fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    match bundle(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundle: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The steps, in order.
#[expect(clippy::print_stdout, reason = "a command line tool speaks on its terminal")]
fn bundle(arguments: &Arguments) -> Result<(), BundleError> {
    let root = wasm_build::workspace_root();
    let cache = Cache::in_folder(root.join("target/bundle-cache"));
    let wasm = wasm_build::build(&root, arguments.mode)?;
    let mut program = bindings::bind(&wasm)?;
    if arguments.mode == Mode::Release {
        program = optimised::optimise(&root, &cache, program)?;
        program.wasm = cache.get_or_make(function_order::STEP, &program.wasm, function_order::reorder)?;
    }
    let minifier = minified::Minifier { root: &root, cache: &cache };
    let minifier = (arguments.mode == Mode::Release).then_some(&minifier);
    let site = site::assemble(&root.join("public"), program, arguments, minifier)?;
    let compressed = match arguments.mode {
        Mode::Release => compressed::compress(&site, &cache)?,
        Mode::Dev => compressed::Compressed::default(),
    };
    output::replace(&arguments.out, &site, &compressed)?;
    let sizes = sizes::Sizes::of(&site, &compressed);
    println!("{sizes}");
    println!("bundle: version {} in {}", site.version, arguments.out.display());
    match arguments.budget_bytes {
        Some(budget_bytes) if sizes.first_visit_bytes() > budget_bytes => {
            Err(BundleError::OverBudget { bytes: sizes.first_visit_bytes(), budget_bytes })
        }
        _ => Ok(()),
    }
}
