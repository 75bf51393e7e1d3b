//! Takes spaces, comments and long local names out of scripts and styles with the npm package `esbuild`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cache::Cache;
use crate::error::BundleError;

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
    let mut child = Command::new(program)
        .args(["--minify", "--charset=utf8", "--legal-comments=none", language.loader()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| BundleError::Start { program: "esbuild".to_owned(), source })?;
    let mut input = child.stdin.take().expect("it was piped just above");
    // A program that stopped early does not read to the end; what it says tells more than the broken pipe.
    let _ = input.write_all(text);
    drop(input);
    let answer = child
        .wait_with_output()
        .map_err(|source| BundleError::Start { program: "esbuild".to_owned(), source })?;
    if answer.status.success() {
        Ok(answer.stdout)
    } else {
        Err(BundleError::Esbuild(String::from_utf8_lossy(&answer.stderr).trim().to_owned()))
    }
}
