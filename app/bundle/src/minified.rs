//! Takes spaces, comments and long local names out of scripts and styles with the npm package `esbuild`.

use std::path::Path;
use std::process::Command;

use crate::cache::Cache;
use crate::error::BundleError;
use crate::piped;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A script.
    JavaScript,
    /// A style sheet.
    Css,
}

impl Language {
    /// The language of a file, by the end of its name.
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "js" => Some(Self::JavaScript),
            "css" => Some(Self::Css),
            _ => None,
        }
    }

    fn loader(self) -> &'static str {
        match self {
            Self::JavaScript => "--loader=js",
            Self::Css => "--loader=css",
        }
    }
}

/// Makes texts smaller, remembering what it has made.
#[derive(Debug)]
pub struct Minifier<'a> {
    /// The workspace's folder.
    pub root: &'a Path,
    /// The results of earlier runs.
    pub cache: &'a Cache,
}

impl Minifier<'_> {
    /// The same text, smaller.
    ///
    /// # Errors
    /// When esbuild is not installed, or does not understand the text.
    pub fn minify(&self, language: Language, text: &str) -> Result<String, BundleError> {
        let package = self.root.join("e2e/node_modules/esbuild");
        let program = package.join("bin/esbuild");
        let description = std::fs::read_to_string(package.join("package.json"))
            .map_err(|_| BundleError::NoEsbuild(program.clone()))?;
        let step = format!("esbuild {language:?} {description}");
        let made = self.cache.get_or_make(&step, text.as_bytes(), |text| run(&program, language, text))?;
        String::from_utf8(made).map_err(|_| BundleError::Esbuild("its answer is not UTF-8".to_owned()))
    }
}

fn run(program: &Path, language: Language, text: &[u8]) -> Result<Vec<u8>, BundleError> {
    // By name and not through node: npm puts the compiled program itself there, or a script that finds it.
    let mut esbuild = Command::new(program);
    esbuild.args(["--minify", "--charset=utf8", "--legal-comments=none", language.loader()]);
    piped::through(&mut esbuild, "esbuild", text, BundleError::Esbuild)
}
