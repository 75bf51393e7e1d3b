//! What can go wrong while bundling, and what to do about it.

use std::path::{Path, PathBuf};

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// No toolchain holds the source of Rust's standard library.
    #[error("no Rust toolchain here holds the standard library's source: run .ci/setup wasm")]
    NoLibrarySource,
    /// A program could not be started.
    #[error("{program} could not be started: {source}")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The app does not compile.
    #[error("the app does not build for wasm32; the compiler's words are above")]
    AppBuild,
    /// The bindings could not be made.
    #[error("wasm-bindgen refused the app: {0}")]
    Bindings(String),
    /// wasm-opt is not installed.
    #[error("a release needs wasm-opt: run .ci/setup npm (it was looked for at {0})")]
    NoWasmOpt(PathBuf),
    /// wasm-opt failed.
    #[error("wasm-opt refused the app: {0}")]
    WasmOpt(String),
    /// The functions could not be put in another order.
    #[error("the app's functions could not be put in order: {0}")]
    FunctionOrder(String),
    /// The names that wasm-opt gave could not be said in the bindings.
    #[error("the short names do not fit the bindings: {0}")]
    Names(String),
    /// esbuild is not installed.
    #[error("a release needs esbuild: run .ci/setup npm (it was looked for at {0})")]
    NoEsbuild(PathBuf),
    /// esbuild failed.
    #[error("esbuild refused a script or style sheet: {0}")]
    Esbuild(String),
    /// node could not compress.
    #[error("node could not compress a file: {0}")]
    Brotli(String),
    /// A text file that is not UTF-8.
    #[error("public/{0} is not UTF-8 text")]
    NotText(String),
    /// A reference to a file that does not exist.
    #[error("public/{file} refers to {target}, which is not in public/")]
    DanglingReference {
        /// The file that refers.
        file: String,
        /// What it refers to.
        target: String,
    },
    /// A file that the bundle cannot do without.
    #[error("public/{0} is missing")]
    Missing(&'static str),
    /// A place to fill in that is not there.
    #[error("public/{file} lacks {placeholder}, which the bundler fills in")]
    NoPlaceholder {
        /// The file.
        file: &'static str,
        /// The text that was looked for.
        placeholder: &'static str,
    },
    /// Something inline that the content security policy would stop.
    #[error("public/index.html has {0}, which the content security policy stops: move it into a file")]
    Inline(&'static str),
    /// Too big.
    #[error("the first visit costs {bytes} bytes in brotli, more than the budget of {budget_bytes}")]
    OverBudget {
        /// What it costs.
        bytes: usize,
        /// What it may cost.
        budget_bytes: usize,
    },
}

impl BundleError {
    /// Names the file that an IO error is about; for `map_err`.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
