//! Makes the JavaScript bindings of the app's wasm.
//!
//! By library, so that its version is the one that `Cargo.lock` pins beside the `wasm-bindgen` in use; the two
//! must match exactly.

use std::collections::BTreeMap;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::error::BundleError;
use crate::optimised;

/// The app as a browser loads it.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The module that loads the wasm.
    pub javascript: String,
    /// The program.
    pub wasm: Vec<u8>,
    /// Small modules that crates bring along, by the path under which [`Program::javascript`] imports them,
    /// such as `./snippets/some-crate-1a2b/inline0.js`.
    pub snippets: BTreeMap<String, String>,
}

/// Makes the bindings of a wasm file.
///
/// # Errors
/// When the file was built for another version of wasm-bindgen, or is damaged.
pub fn bind(wasm: &Path) -> Result<Program, BundleError> {
    let refused = |error: &dyn std::fmt::Display| BundleError::Bindings(format!("{error:#}"));
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name("app").typescript(false).remove_producers_section(true);
    bindgen.web(true).map_err(|error| refused(&error))?;
    let mut output = bindgen.generate_output().map_err(|error| refused(&error))?;
    let mut snippets = BTreeMap::new();
    for (name, inline) in output.snippets() {
        for (index, source) in inline.iter().enumerate() {
            snippets.insert(format!("./snippets/{name}/inline{index}.js"), source.clone());
        }
    }
    for (path, source) in output.local_modules() {
        snippets.insert(format!("./snippets/{path}"), source.clone());
    }
    let javascript = output.js().to_owned();
    let module = output.wasm_mut();
    let uncalled: Vec<_> = module
        .exports
        .iter()
        .filter(|export| optimised::is_uncalled(&export.name))
        .map(|export| export.id())
        .collect();
    for export in uncalled {
        module.exports.delete(export);
    }
    let wasm = module.emit_wasm();
    Ok(Program { javascript, wasm, snippets })
}
