//! Short names for what the wasm and its JavaScript call each other by.
//!
//! wasm-bindgen gives both sides long names with hashes. wasm-opt shortens them in the wasm and prints what it called
//! each; this module says the same in the JavaScript. It promises that both sides agree or that there is no bundle.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::BundleError;

/// What wasm-opt prints: which names it gave.
#[derive(Debug, Deserialize)]
struct Given {
    /// Module, name and short name of each import.
    imports: Vec<(String, String, String)>,
    /// Name and short name of each export.
    exports: Vec<(String, String)>,
}

/// The module that wasm-opt names, in place of the one that wasm-bindgen names.
const MODULE: &str = "a";

/// Says the short names in the JavaScript of the bindings.
///
/// # Errors
/// When the list of names is not understood, or the JavaScript does not have a name exactly where it is expected.
pub fn shorten(javascript: &str, names: &str) -> Result<String, BundleError> {
    let given: Given =
        serde_json::from_str(names).map_err(|error| BundleError::Names(format!("the list: {error}")))?;
    let mut modules: Vec<&str> = given.imports.iter().map(|(module, _, _)| module.as_str()).collect();
    modules.sort_unstable();
    modules.dedup();
    let [module] = modules.as_slice() else {
        return Err(BundleError::Names(format!("the imports are of {} modules", modules.len())));
    };
    let imports: BTreeMap<&str, &str> =
        given.imports.iter().map(|(_, name, short)| (name.as_str(), short.as_str())).collect();
    let exports: BTreeMap<&str, &str> =
        given.exports.iter().map(|(name, short)| (name.as_str(), short.as_str())).collect();

    let mut shortened = String::with_capacity(javascript.len());
    let mut met = 0;
    let mut rest = javascript;
    while let Some(start) = rest.find(is_of_a_name) {
        let (before, tail) = rest.split_at(start);
        shortened.push_str(before);
        let end = tail.find(|character| !is_of_a_name(character)).unwrap_or(tail.len());
        let (word, after) = tail.split_at(end);
        let is_property = shortened.ends_with("wasm.");
        // A key of the object that carries the imports; a local variable of the same name is none.
        let short = match (is_property, imports.get(word)) {
            (true, _) => exports.get(word),
            (false, Some(short)) if after.starts_with(':') => {
                met += 1;
                Some(short)
            }
            (false, _) => None,
        };
        shortened.push_str(short.unwrap_or(&word));
        rest = after;
    }
    shortened.push_str(rest);
    if met != imports.len() {
        return Err(BundleError::Names(format!("{met} of {} imports are in the JavaScript", imports.len())));
    }
    let key = format!("\"{module}\":");
    if shortened.matches(&key).count() != 1 {
        return Err(BundleError::Names(format!("{key} is not there once")));
    }
    Ok(shortened.replace(&key, &format!("\"{MODULE}\":")))
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &str = r#"{"imports": [["./app_bg.js", "__wbg_close_5e", "$"], ["./app_bg.js", "__wbg_now_1", "b"]],
        "exports": [["memory", "a"], ["__wbindgen_malloc", "c"]]}"#;
    const JAVASCRIPT: &str = "let memory = wasm.memory; wasm.__wbindgen_malloc(1);
        const import0 = { __wbg_close_5e: function(arg0) {}, __wbg_now_1: now, };
        return { \"./app_bg.js\": import0 };";

    #[test]
    fn both_sides_are_renamed_and_nothing_else() {
        let expected = "let memory = wasm.a; wasm.c(1);
        const import0 = { $: function(arg0) {}, b: now, };
        return { \"a\": import0 };";
        assert_eq!(shorten(JAVASCRIPT, NAMES).unwrap(), expected);
    }

    #[test]
    fn an_import_that_the_javascript_does_not_give_is_an_error() {
        let without = JAVASCRIPT.replace("__wbg_now_1", "another");
        assert!(shorten(&without, NAMES).unwrap_err().to_string().contains("1 of 2"));
    }

    #[test]
    fn a_list_that_is_none_is_an_error() {
        assert!(shorten(JAVASCRIPT, "warning: x").is_err());
    }
}
