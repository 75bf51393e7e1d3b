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

use std::path::Path;
use std::process::ExitCode;

use arguments::{Arguments, Mode};
use bindings::Program;
use cache::Cache;
use error::BundleError;
use wasm_build::Package;

#[expect(clippy::print_stderr, reason = "a command line tool speaks on its terminal")]
fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    let root = wasm_build::workspace_root();
    let cache = Cache::in_folder(root.join("target/bundle-cache"));
    let made = match arguments.package {
        Package::App => bundle(&root, &cache, &arguments),
        Package::BenchClient => build_bench_client(&root, &cache, &arguments),
    };
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundle: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Compiles, binds and optimises.
fn build(root: &Path, cache: &Cache, arguments: &Arguments) -> Result<Program, BundleError> {
    let wasm = wasm_build::build(root, arguments.package, arguments.mode)?;
    let program = bindings::bind(&wasm)?;
    match arguments.mode {
        Mode::Release => optimised::optimise(root, cache, program),
        Mode::Dev => Ok(program),
    }
}

/// The device of the benchmarks: the module and the wasm that it is given.
fn build_bench_client(root: &Path, cache: &Cache, arguments: &Arguments) -> Result<(), BundleError> {
    let program = build(root, cache, arguments)?;
    std::fs::create_dir_all(&arguments.out).map_err(BundleError::file(&arguments.out))?;
    let files = [("client.mjs", program.javascript.into_bytes()), ("client.wasm", program.wasm)];
    for (name, content) in files {
        let path = arguments.out.join(name);
        std::fs::write(&path, content).map_err(BundleError::file(&path))?;
    }
    Ok(())
}

/// The steps, in order.
#[expect(clippy::print_stdout, reason = "a command line tool speaks on its terminal")]
fn bundle(root: &Path, cache: &Cache, arguments: &Arguments) -> Result<(), BundleError> {
    let mut program = build(root, cache, arguments)?;
    if arguments.mode == Mode::Release {
        program.wasm = cache.get_or_make(function_order::STEP, &program.wasm, function_order::reorder)?;
    }
    let minifier = minified::Minifier { root, cache };
    let minifier = (arguments.mode == Mode::Release).then_some(&minifier);
    let site = site::assemble(&root.join("public"), program, arguments, minifier)?;
    let compressed = match arguments.mode {
        Mode::Release => compressed::compress(&site, cache)?,
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
