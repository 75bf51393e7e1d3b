//! Makes the program smaller with `wasm-opt` of the npm package `binaryen`.

use std::path::Path;
use std::process::Command;

use crate::bindings::Program;
use crate::cache::Cache;
use crate::error::BundleError;
use crate::short_names;

/// Small after brotli, not before it: what is said twice costs brotli little, so that the pass that keeps common values
/// aside in variables makes the program smaller and what is sent larger, and `-Os` leaves less to send than `-Oz`.
/// The memory begins zeroed, and no pointer is so near to its beginning that adding the place of a field to it
/// would carry over: the stack ends there.
///
/// The features are exactly those that the compiler uses: with all of them on, browsers refuse the result.
const FLAGS: [&str; 11] = [
    "-Os",
    "--skip-pass=local-cse",
    "--low-memory-unused",
    "--zero-filled-memory",
    "--minify-imports-and-exports-and-modules",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Exports that nobody here calls; without them, wasm-opt drops the code behind. They are what other crates offer to
/// JavaScript: streams for server functions, and the mark of a tool that splits programs.
const UNCALLED: [&str; 3] = ["intounderlying", "__wbg_intounderlying", "_WASM_SPLIT_MARKER"];

/// Whether an export of the wasm is there for nobody.
pub fn is_uncalled(export: &str) -> bool {
    UNCALLED.iter().any(|beginning| export.starts_with(beginning))
}

/// Gives the program optimised; an unchanged input is answered from the cache.
///
/// # Errors
/// When wasm-opt is not installed, or refuses the input, or its names do not fit the bindings.
pub fn optimise(root: &Path, cache: &Cache, program: Program) -> Result<Program, BundleError> {
    let package = root.join("e2e/node_modules/binaryen");
    let script = package.join("bin/wasm-opt");
    // Its own description stands for its version in the key.
    let description = std::fs::read_to_string(package.join("package.json"))
        .map_err(|_| BundleError::NoWasmOpt(script.clone()))?;
    let step = format!("wasm-opt {FLAGS:?} {description}");
    let made = cache.get_or_make(&step, &program.wasm, |wasm| run(root, &script, wasm))?;
    let (wasm, names) = apart(&made)?;
    let javascript = short_names::shorten(&program.javascript, names)?;
    Ok(Program { javascript, wasm: wasm.to_vec(), ..program })
}

/// The wasm, the names that it goes by, and the length of the wasm in eight bytes: one value for the cache.
fn together(mut wasm: Vec<u8>, names: &[u8]) -> Vec<u8> {
    let length = wasm.len() as u64;
    wasm.extend_from_slice(names);
    wasm.extend_from_slice(&length.to_le_bytes());
    wasm
}

fn apart(made: &[u8]) -> Result<(&[u8], &str), BundleError> {
    let damaged =
        || BundleError::WasmOpt("the remembered result is damaged: delete target/bundle-cache".to_owned());
    let (content, length) = made.split_last_chunk::<8>().ok_or_else(damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    let (wasm, names) = content.split_at_checked(length).ok_or_else(damaged)?;
    Ok((wasm, std::str::from_utf8(names).map_err(|_| damaged())?))
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
        Ok(answer) => std::fs::read(&output)
            .map(|wasm| together(wasm, &answer.stdout))
            .map_err(BundleError::file(&output)),
    };
    for leftover in [input, output] {
        // Either may not exist; what stays behind is only in target/.
        let _ = std::fs::remove_file(leftover);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_and_names_come_out_of_the_cache_as_they_went_in() {
        let made = together(vec![0, 97, 115, 109], b"{}");
        assert_eq!(apart(&made).unwrap(), ([0, 97, 115, 109].as_slice(), "{}"));
        assert!(apart(&made[..5]).is_err());
    }

    #[test]
    fn only_what_nobody_calls_is_dropped() {
        assert!(is_uncalled("intounderlyingsink_write"));
        assert!(!is_uncalled("__wbindgen_malloc"));
        assert!(!is_uncalled("memory"));
    }
}
