//! Makes the wasm smaller with `wasm-opt` of the npm package `binaryen`.

use std::path::Path;
use std::process::Command;

use crate::cache::Cache;
use crate::error::BundleError;

/// Small first; then the functions by name, so that the copies of one generic lie side by side, where brotli says
/// "as before" in fewer bits. The features are exactly those that the compiler uses: with all of them on, browsers
/// refuse the result.
const FLAGS: [&str; 8] = [
    "-Oz",
    "--reorder-functions-by-name",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Gives the optimised wasm; an unchanged input is answered from the cache.
///
/// # Errors
/// When wasm-opt is not installed, or refuses the input.
pub fn optimise(root: &Path, cache: &Cache, wasm: Vec<u8>) -> Result<Vec<u8>, BundleError> {
    let package = root.join("e2e/node_modules/binaryen");
    let script = package.join("bin/wasm-opt");
    // Its own description stands for its version in the key.
    let description = std::fs::read_to_string(package.join("package.json"))
        .map_err(|_| BundleError::NoWasmOpt(script.clone()))?;
    let step = format!("wasm-opt {FLAGS:?} {description}");
    cache.get_or_make(&step, &wasm, |wasm| run(root, &script, wasm))
}

fn run(root: &Path, script: &Path, wasm: &[u8]) -> Result<Vec<u8>, BundleError> {
    let stem = root.join(format!("target/wasm-opt-{}", std::process::id()));
    let (input, output) = (stem.with_extension("in.wasm"), stem.with_extension("out.wasm"));
    std::fs::write(&input, wasm).map_err(BundleError::file(&input))?;
    let answer = Command::new("node").arg(script).args(FLAGS).arg(&input).arg("-o").arg(&output).output();
    let result = match answer {
        Err(source) => Err(BundleError::Start { program: "node".to_owned(), source }),
        Ok(answer) if !answer.status.success() => {
            Err(BundleError::WasmOpt(String::from_utf8_lossy(&answer.stderr).trim().to_owned()))
        }
        Ok(_) => std::fs::read(&output).map_err(BundleError::file(&output)),
    };
    for leftover in [input, output] {
        // Either may not exist; what stays behind is only in target/.
        let _ = std::fs::remove_file(leftover);
    }
    result
}
