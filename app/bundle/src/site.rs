//! The site: every file under its final name, the list that a device keeps, and the version.
//!
//! `index.html`, `sw.js`, `manifest.webmanifest` and plain texts keep their names, since others know them by
//! name. Everything else lies in `assets/` under a name that carries its content's hash, so that it may be
//! cached for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::arguments::{Arguments, Mode};
use crate::bindings::Program;
use crate::cache::short_hash;
use crate::error::BundleError;
use crate::minified::{Language, Minifier};
use crate::references::{self, Names};

/// The page.
const INDEX: &str = "index.html";
/// The service worker.
pub const SERVICE_WORKER: &str = "sw.js";
/// What installing the app reads.
const MANIFEST: &str = "manifest.webmanifest";
/// Where `index.html` and `sw.js` take the version.
const VERSION: &str = "__VERSION__";
/// Where `sw.js` takes the list, as a JSON array.
const PRECACHE: &str = "\"__PRECACHE__\"";
/// Where `sw.js` takes whether a new version waits for consent.
const CONSENT: &str = "\"__CONSENT__\"";

/// A whole site in memory.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The files by their path, such as `assets/app-0123456789abcdef.js`.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The paths that a device fetches at its first visit and keeps.
    pub precache: BTreeSet<String>,
    /// Changes with any file and with the label.
    pub version: String,
}

/// Puts the app and the files of `public/` together, scripts and styles made smaller where there is a minifier.
///
/// # Errors
/// When a file is missing, cannot be read, names another that is not there, or has something inline.
pub fn assemble(
    public: &Path,
    program: Program,
    arguments: &Arguments,
    minifier: Option<&Minifier<'_>>,
) -> Result<Site, BundleError> {
    let mut sources = BTreeMap::new();
    read_folder(public, "", &mut sources)?;
    let mut site = Site::default();
    let mut names = Names::new();

    // Files that others name come first: pictures and fonts, then styles, then scripts, then the page.
    for (path, content) in &sources {
        if keeps_its_name(path) {
            continue;
        }
        if !path.ends_with(".css") && !path.ends_with(".js") {
            names.insert(format!("/{path}"), site.add_hashed(path, content.clone()));
        }
    }
    let (shared_sheets, other_sheets): (Vec<_>, Vec<_>) =
        sources.iter().filter(|(path, _)| path.ends_with(".css")).partition(|(path, _)| path.contains('/'));
    let sheets = texts(shared_sheets)?;
    let styles = smaller(minifier, "styles.css", references::join_styles(&sheets, &names)?)?;
    names.insert("/styles.css".to_owned(), site.add_hashed("styles.css", styles.into_bytes()));
    for (path, content) in other_sheets {
        let sheet = texts(vec![(path, content)])?;
        let styles = smaller(minifier, path, references::join_styles(&sheet, &names)?)?;
        names.insert(format!("/{path}"), site.add_hashed(path, styles.into_bytes()));
    }
    site.add_program(program, &mut names, minifier)?;
    for (path, content) in &sources {
        if path.ends_with(".js") && path != SERVICE_WORKER {
            let script = smaller(minifier, path, references::in_quotes(&text(path, content)?, &names))?;
            names.insert(format!("/{path}"), site.add_hashed(path, script.into_bytes()));
        }
    }
    for (path, content) in &sources {
        if path.ends_with(".txt") {
            site.files.insert(path.clone(), content.clone());
            names.insert(format!("/{path}"), format!("/{path}"));
        }
    }
    let manifest = required(&sources, MANIFEST)?;
    site.files.insert(MANIFEST.to_owned(), references::in_quotes(&manifest, &names).into_bytes());
    names.insert(format!("/{MANIFEST}"), format!("/{MANIFEST}"));

    let index = required(&sources, INDEX)?;
    refuse_inline(&index)?;
    references::check_markup(INDEX, &index, &names)?;
    let index = references::in_quotes(&index, &names);
    let worker = required(&sources, SERVICE_WORKER)?;

    site.precache = site.files.keys().filter(|path| is_for_working(path)).cloned().collect();
    site.precache.insert(INDEX.to_owned());
    site.version = version_of(&site, &index, &worker, arguments);
    let index = fill(INDEX, &index, VERSION, &site.version)?;
    let worker = fill(SERVICE_WORKER, &worker, VERSION, &site.version)?;
    let worker = fill(SERVICE_WORKER, &worker, PRECACHE, &precache_json(&site.precache))?;
    let asks = if arguments.mode == Mode::Release { "true" } else { "false" };
    let worker = fill(SERVICE_WORKER, &worker, CONSENT, asks)?;
    let worker = smaller(minifier, SERVICE_WORKER, worker)?;
    site.files.insert(INDEX.to_owned(), index.into_bytes());
    site.files.insert(SERVICE_WORKER.to_owned(), worker.into_bytes());
    Ok(site)
}

impl Site {
    /// Adds a file under a name that carries its hash; gives the absolute path.
    fn add_hashed(&mut self, path: &str, content: Vec<u8>) -> String {
        let file = path.rsplit('/').next().unwrap_or(path);
        let (stem, kind) = file.rsplit_once('.').unwrap_or((file, "bin"));
        let name = format!("assets/{stem}-{}.{kind}", short_hash(&content));
        let path = format!("/{name}");
        self.files.insert(name, content);
        path
    }

    /// Adds the app: its wasm as `/app.wasm`, its module as `/app.js`.
    fn add_program(
        &mut self,
        program: Program,
        names: &mut Names,
        minifier: Option<&Minifier<'_>>,
    ) -> Result<(), BundleError> {
        names.insert("/app.wasm".to_owned(), self.add_hashed("app.wasm", program.wasm));
        let mut javascript = program.javascript;
        for (import, source) in &program.snippets {
            let path = self.add_hashed("snippet.js", source.clone().into_bytes());
            // The module lies in assets/ too, so the import stays a relative one.
            javascript = javascript.replace(import, &path.replacen("/assets/", "./", 1));
        }
        let javascript = smaller(minifier, "app.js", javascript)?;
        names.insert("/app.js".to_owned(), self.add_hashed("app.js", javascript.into_bytes()));
        Ok(())
    }
}

/// Whether a file of `public/` keeps its name.
fn keeps_its_name(path: &str) -> bool {
    [INDEX, SERVICE_WORKER, MANIFEST].contains(&path) || path.ends_with(".txt")
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    sources: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), BundleError> {
    for entry in std::fs::read_dir(folder).map_err(BundleError::file(folder))? {
        let path = entry.map_err(BundleError::file(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            read_folder(&path, &format!("{prefix}{name}/"), sources)?;
        } else {
            let content = std::fs::read(&path).map_err(BundleError::file(&path))?;
            sources.insert(format!("{prefix}{name}"), content);
        }
    }
    Ok(())
}

fn text(path: &str, content: &[u8]) -> Result<String, BundleError> {
    String::from_utf8(content.to_vec()).map_err(|_| BundleError::NotText(path.to_owned()))
}

/// A script or style sheet made smaller. Last of all, when the names in it are final: it may write them without quotes.
fn smaller(minifier: Option<&Minifier<'_>>, path: &str, text: String) -> Result<String, BundleError> {
    match (minifier, Language::of(path)) {
        (Some(minifier), Some(language)) => minifier.minify(language, &text),
        _ => Ok(text),
    }
}

/// Sheets by their absolute path.
fn texts(files: Vec<(&String, &Vec<u8>)>) -> Result<BTreeMap<String, String>, BundleError> {
    files.into_iter().map(|(path, content)| Ok((format!("/{path}"), text(path, content)?))).collect()
}

fn required(sources: &BTreeMap<String, Vec<u8>>, name: &'static str) -> Result<String, BundleError> {
    text(name, sources.get(name).ok_or(BundleError::Missing(name))?)
}

fn fill(
    file: &'static str,
    text: &str,
    placeholder: &'static str,
    value: &str,
) -> Result<String, BundleError> {
    if !text.contains(placeholder) {
        return Err(BundleError::NoPlaceholder { file, placeholder });
    }
    Ok(text.replace(placeholder, value))
}

/// The page may hold nothing that the policy would stop.
fn refuse_inline(index: &str) -> Result<(), BundleError> {
    let found =
        [("<style", "a <style> element"), (" style=", "a style attribute"), (" onload=", "a handler")];
    for (pattern, words) in found {
        if index.contains(pattern) {
            return Err(BundleError::Inline(words));
        }
    }
    let inline_script =
        index.split("<script").skip(1).any(|tag| !tag.split('>').next().unwrap_or_default().contains("src="));
    if inline_script { Err(BundleError::Inline("a script without src")) } else { Ok(()) }
}

/// The version covers every name (hence every hashed content), every file that keeps its name, and the label.
fn version_of(site: &Site, index: &str, worker: &str, arguments: &Arguments) -> String {
    let mut all = format!("{:?}\n{}\n{index}\n{worker}\n", arguments.mode, arguments.label);
    for (path, content) in &site.files {
        all.push_str(&format!("{path} {}\n", short_hash(content)));
    }
    short_hash(all.as_bytes())
}

/// Whether the app needs a file to work without a network. Licences are for people who look for them; pictures in pixels
/// are for the system that installs the app, which asks for them then and keeps them itself.
fn is_for_working(path: &str) -> bool {
    !path.ends_with(".txt") && !path.ends_with(".png")
}

/// The list as the service worker reads it; the page is known there as `/`.
fn precache_json(precache: &BTreeSet<String>) -> String {
    let urls: Vec<String> =
        precache.iter().map(|path| if path == INDEX { "/".to_owned() } else { format!("/{path}") }).collect();
    serde_json::to_string(&urls).expect("a list of strings is always JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `public/` folder of its own, removed afterwards.
    struct Public(std::path::PathBuf);

    impl Public {
        fn with(name: &str, files: &[(&str, &str)]) -> Self {
            let folder = std::env::temp_dir().join(format!("simpul-bundle-{}-{name}", std::process::id()));
            for (path, content) in files {
                let path = folder.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
            Self(folder)
        }
    }

    impl Drop for Public {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    const FILES: [(&str, &str); 8] = [
        (
            "index.html",
            "<meta content=\"__VERSION__\"><link href=\"/styles.css\"><script src=\"/boot.js\"></script>",
        ),
        ("boot.js", "import init from \"/app.js\"; init(\"/app.wasm\")"),
        ("sw.js", "const V = \"__VERSION__\", L = \"__PRECACHE__\", C = \"__CONSENT__\";"),
        ("manifest.webmanifest", "{\"icons\": [{\"src\": \"/icons/a.svg\"}, {\"src\": \"/icons/z.png\"}]}"),
        ("icons/a.svg", "<svg/>"),
        ("icons/z.png", "pixels"),
        ("styles/b.css", "b { c: url(../icons/a.svg) }"),
        ("OFL.txt", "licence"),
    ];

    fn release(label: &str) -> Arguments {
        let words = ["--release", "--label", label].map(str::to_owned);
        Arguments::parse(words.into_iter()).unwrap()
    }

    fn program() -> Program {
        let import = "./snippets/x-1/inline0.js".to_owned();
        Program {
            javascript: format!("import {{ f }} from '{import}';"),
            wasm: b"wasm".to_vec(),
            snippets: BTreeMap::from([(import, "export function f() {}".to_owned())]),
        }
    }

    fn text_of<'a>(site: &'a Site, start: &str) -> (&'a str, String) {
        let (path, content) = site.files.iter().find(|(path, _)| path.starts_with(start)).unwrap();
        (path, String::from_utf8(content.clone()).unwrap())
    }

    fn program_path(site: &Site, kind: &str) -> String {
        let is_program = |path: &&String| path.starts_with("assets/app-") && path.ends_with(kind);
        site.files.keys().find(is_program).unwrap().clone()
    }

    #[test]
    fn every_reference_names_a_file_of_the_site() {
        let public = Public::with("references", &FILES);
        let site = assemble(&public.0, program(), &release(""), None).unwrap();
        for (file, target) in [
            ("index.html", "assets/boot-"),
            ("index.html", "assets/styles-"),
            ("assets/boot-", &program_path(&site, ".js")),
            ("assets/boot-", &program_path(&site, ".wasm")),
            ("assets/styles-", "assets/a-"),
            ("manifest.webmanifest", "assets/a-"),
        ] {
            let (target, _) = text_of(&site, target);
            let (_, text) = text_of(&site, file);
            assert!(text.contains(&format!("/{target}")), "{file} names {target}");
        }
        let (snippet, _) = text_of(&site, "assets/snippet-");
        let (_, module) = text_of(&site, &program_path(&site, ".js"));
        assert!(module.contains(&format!("'./{}'", snippet.trim_start_matches("assets/"))));
    }

    #[test]
    fn the_precache_holds_all_that_the_app_needs_and_nothing_else() {
        let public = Public::with("precache", &FILES);
        let site = assemble(&public.0, program(), &release(""), None).unwrap();
        let (_, worker) = text_of(&site, "sw.js");
        let list = worker.split("L = ").nth(1).unwrap().split(", C").next().unwrap();
        let urls: Vec<String> = serde_json::from_str(list).unwrap();
        assert!(urls.contains(&"/".to_owned()));
        assert!(urls.iter().any(|url| url.ends_with(".wasm")));
        assert!(!urls.iter().any(|url| {
            url.contains("sw.js") || url.contains("index") || url.ends_with(".txt") || url.ends_with(".png")
        }));
        assert!(worker.contains("C = true"));
    }

    #[test]
    fn the_same_app_under_two_labels_is_two_versions() {
        let public = Public::with("labels", &FILES);
        let version = |label| assemble(&public.0, program(), &release(label), None).unwrap().version;
        assert_eq!(version("one"), version("one"));
        assert_ne!(version("one"), version("two"));
    }

    #[test]
    fn something_inline_is_refused() {
        for inline in ["<script>x</script>", "<style>x</style>", "<p style=\"x\">"] {
            assert!(refuse_inline(inline).is_err(), "{inline}");
        }
        assert!(refuse_inline("<script type=\"module\" src=\"/boot.js\"></script>").is_ok());
    }

    #[test]
    fn a_missing_page_is_named() {
        let public = Public::with("missing", &FILES[1..]);
        let error = assemble(&public.0, program(), &release(""), None).unwrap_err();
        assert!(error.to_string().contains("index.html"));
    }
}
