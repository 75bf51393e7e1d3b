//! Finds the paths that one file uses to name another, and puts the hashed names in their place.
//!
//! In markup, scripts and the manifest a reference is an absolute path in quotes, such as `"/app.js"`; in styles
//! it is a `url(…)` or an `@import`, absolute or relative. Anything else is left as it stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::BundleError;

/// From a path in `public/`, such as `/fonts/a.woff2`, to the path in the site, such as `/assets/a-1f2e.woff2`.
pub type Names = BTreeMap<String, String>;

/// Puts hashed names into quoted absolute paths.
pub fn in_quotes(text: &str, names: &Names) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, quoted) = rest.split_at(at);
        let quote = &quoted[..1];
        result.push_str(before);
        result.push_str(quote);
        let inside = &quoted[1..];
        let name = inside.find(quote).and_then(|end| names.get(&inside[..end]).map(|name| (name, end)));
        match name {
            Some((name, end)) => {
                result.push_str(name);
                result.push_str(quote);
                rest = &inside[end + 1..];
            }
            None => rest = inside,
        }
    }
    result.push_str(rest);
    result
}

/// Fails where `href` or `src` of the markup names a file by an absolute path that is not in the site.
///
/// # Errors
/// The first such reference.
pub fn check_markup(file: &str, markup: &str, names: &Names) -> Result<(), BundleError> {
    for attribute in ["href=\"", "src=\""] {
        for found in markup.split(attribute).skip(1) {
            let target = found.split('"').next().unwrap_or_default();
            let is_file =
                target.starts_with('/') && target.rsplit('/').next().is_some_and(|n| n.contains('.'));
            if is_file && !names.contains_key(target) {
                return Err(BundleError::DanglingReference {
                    file: file.to_owned(),
                    target: target.to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Joins style sheets into one, in the order of their names; an `@import` of a sheet pulls it to that place,
/// and no sheet comes twice. Hashed names stand in every `url(…)` afterwards.
///
/// # Errors
/// When a sheet names a file that is not there.
pub fn join_styles(sheets: &BTreeMap<String, String>, names: &Names) -> Result<String, BundleError> {
    let mut joined = BTreeSet::new();
    let mut result = String::new();
    for path in sheets.keys() {
        push_sheet(path, sheets, names, &mut joined, &mut result)?;
    }
    Ok(result)
}

fn push_sheet(
    path: &str,
    sheets: &BTreeMap<String, String>,
    names: &Names,
    joined: &mut BTreeSet<String>,
    result: &mut String,
) -> Result<(), BundleError> {
    if !joined.insert(path.to_owned()) {
        return Ok(());
    }
    for line in sheets[path].lines() {
        let Some((target, condition)) = import_in(line) else {
            result.push_str(&in_styles(path, line, names)?);
            result.push('\n');
            continue;
        };
        let imported = resolve(path, target);
        if !sheets.contains_key(&imported) {
            return Err(dangling(path, target));
        }
        match condition {
            "" => push_sheet(&imported, sheets, names, joined, result)?,
            condition => {
                let rule = if condition.starts_with("layer(") {
                    format!("@layer {}", condition.trim_start_matches("layer(").trim_end_matches(')'))
                } else {
                    format!("@media {condition}")
                };
                result.push_str(&format!("{rule} {{\n"));
                push_sheet(&imported, sheets, names, joined, result)?;
                result.push_str("}\n");
            }
        }
    }
    Ok(())
}

/// The target and the condition of a line that is an `@import`.
fn import_in(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim().strip_prefix("@import")?.trim_start();
    let rest = rest.strip_prefix("url(").unwrap_or(rest);
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let (target, rest) = rest[1..].split_once(quote)?;
    Some((target, rest.trim_start_matches(')').trim_end().trim_end_matches(';').trim()))
}

/// Puts hashed names into each `url(…)` of a line.
fn in_styles(file: &str, line: &str, names: &Names) -> Result<String, BundleError> {
    let mut result = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("url(") {
        let (before, found) = rest.split_at(at + "url(".len());
        result.push_str(before);
        let end = found.find(')').unwrap_or(found.len());
        let target = found[..end].trim().trim_matches(['"', '\'']);
        if target.starts_with("data:") || target.starts_with('#') {
            result.push_str(&found[..end]);
        } else {
            let name = names.get(&resolve(file, target)).ok_or_else(|| dangling(file, target))?;
            result.push_str(name);
        }
        rest = &found[end..];
    }
    result.push_str(rest);
    Ok(result)
}

/// The absolute path of a target as seen from a file.
fn resolve(file: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.to_owned();
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    if path.starts_with('/') { path } else { format!("/{path}") }
}

fn dangling(file: &str, target: &str) -> BundleError {
    BundleError::DanglingReference {
        file: file.trim_start_matches('/').to_owned(),
        target: target.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let pairs = [("/app.js", "/assets/app-1.js"), ("/fonts/a.woff2", "/assets/a-2.woff2")];
        pairs.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect()
    }

    fn sheets(sheets: &[(&str, &str)]) -> BTreeMap<String, String> {
        sheets.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn quoted_paths_take_their_hashed_names() {
        let text = r#"it's import x from "/app.js"; fetch('/app.js'); "/api/v1" /app.js"#;
        let expected =
            r#"it's import x from "/assets/app-1.js"; fetch('/assets/app-1.js'); "/api/v1" /app.js"#;
        assert_eq!(in_quotes(text, &names()), expected);
    }

    #[test]
    fn markup_that_names_a_missing_file_is_refused() {
        let good = r#"<link href="/fonts/a.woff2"><a href="/masuk">"#;
        check_markup("index.html", good, &names()).unwrap();
        let bad = r#"<script src="/gone.js">"#;
        let error = check_markup("index.html", bad, &names()).unwrap_err();
        assert!(error.to_string().contains("/gone.js"));
    }

    #[test]
    fn styles_name_fonts_relatively_or_absolutely() {
        let sheets = sheets(&[(
            "/styles/app.css",
            "@font-face { src: url(\"../fonts/a.woff2\") }\na { b: url(/fonts/a.woff2) url(data:x) url(#y) }",
        )]);
        let joined = join_styles(&sheets, &names()).unwrap();
        let expected = "@font-face { src: url(/assets/a-2.woff2) }\na { b: url(/assets/a-2.woff2) url(data:x) url(#y) }\n";
        assert_eq!(joined, expected);
    }

    #[test]
    fn a_style_that_names_a_missing_file_is_refused() {
        let error = join_styles(&sheets(&[("/styles/a.css", "b { c: url(x.png) }")]), &names()).unwrap_err();
        assert!(error.to_string().contains("x.png"));
        let error = join_styles(&sheets(&[("/styles/a.css", "@import \"x.css\";")]), &names()).unwrap_err();
        assert!(error.to_string().contains("x.css"));
    }

    #[test]
    fn an_imported_sheet_comes_once_at_the_place_of_its_import() {
        let sheets = sheets(&[
            ("/styles/app.css", "@import \"tokens.css\";\n@import url('./print.css') print;\nbody {}"),
            ("/styles/print.css", "p {}"),
            ("/styles/tokens.css", ":root {}"),
        ]);
        let joined = join_styles(&sheets, &names()).unwrap();
        assert_eq!(joined, ":root {}\n@media print {\np {}\n}\nbody {}\n");
    }
}
