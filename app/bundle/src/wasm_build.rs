//! Builds the app for wasm32, and with it Rust's standard library, from its source.
//!
//! The library that comes compiled is made for speed and carries a sentence for every panic; compiled here it is made
//! for size, and in a release a panic ends the program at once. That is a tenth of what the first visit costs. The
//! compiler calls both unstable, so the build opens them with `RUSTC_BOOTSTRAP`; nothing in the code uses them.
//!
//! The default toolchain is taken where it has the library's source; else the toolchain `debian`, which
//! `.ci/setup wasm` makes where rustup cannot download. Leaves the choice of profile to [`Mode`].

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arguments::Mode;
use crate::error::BundleError;

/// The target.
const TARGET: &str = "wasm32-unknown-unknown";

/// Each component gives its view behind one type. Without it the types of all views nest in each other, and the
/// compiler makes the same code anew for each nesting: most of the program.
const ERASED_VIEWS: &str = "--cfg=erase_components";

/// A panic is a trap and nothing else: `boot.js` sees the trap and shows the page that says so. What only the
/// programmer reads (`{:?}`) is empty.
const WITHOUT_WORDS: &str =
    "-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none -Zlocation-detail=none";

/// SHA-256 as a loop instead of 64 steps written one after the other: slower by half, for hashes of short changes.
const SHORT_HASH: &str = "--cfg=sha2_backend_soft=\"compact\"";

/// When all crates are joined, a function is taken into its caller only where that makes the caller smaller. Of -100, -25,
/// 0, 5 (the compiler's own choice for size) and 25 this gave the fewest bytes in brotli. Only then: set for each crate by
/// itself it costs 4 % more, since what is small only after it was taken in stays outside for good.
const RARELY_INLINED: &str = "-Cllvm-args=-inline-threshold=-25";

/// The workspace's folder, from where this crate lies.
pub fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("app/bundle lies two folders below the workspace").to_owned()
}

/// What is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// The app.
    App,
    /// The device that the benchmarks beside the peers play.
    BenchClient,
}

impl Package {
    /// Chooses the package and what of it.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::App => &["--package", "app", "--bin", "app"],
            Self::BenchClient => &["--package", "bench-client", "--lib"],
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::App => "app.wasm",
            Self::BenchClient => "bench_client.wasm",
        }
    }
}

/// Compiles a package and gives the path of the wasm file.
///
/// # Errors
/// When no toolchain has the target, or the package does not compile.
pub fn build(root: &Path, package: Package, mode: Mode) -> Result<PathBuf, BundleError> {
    let toolchain = toolchain_with_source()?;
    let (profile, flags, flags_at_the_end) = match mode {
        Mode::Dev => ("dev", ERASED_VIEWS.to_owned(), None),
        Mode::Release => {
            ("wasm", format!("{ERASED_VIEWS} {WITHOUT_WORDS} {SHORT_HASH}"), Some(RARELY_INLINED))
        }
    };
    let target_folder = root.join("target");
    let mut cargo = command_for("cargo", toolchain);
    cargo.current_dir(root).arg("rustc").args(package.arguments()).args(["--target", TARGET]);
    cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags);
    cargo.args(["--profile", profile]).arg("--target-dir").arg(&target_folder);
    cargo.arg("--").args(flags_at_the_end);
    let status =
        cargo.status().map_err(|source| BundleError::Start { program: "cargo".to_owned(), source })?;
    if !status.success() {
        return Err(BundleError::AppBuild);
    }
    let folder = match mode {
        Mode::Dev => "debug",
        Mode::Release => "wasm",
    };
    Ok(target_folder.join(TARGET).join(folder).join(package.file()))
}

/// A toolchain's name for rustup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Toolchain {
    /// The one that `rust-toolchain.toml` names.
    Default,
    /// Debian's compiler, linked by `.ci/setup wasm`.
    Debian,
}

fn toolchain_with_source() -> Result<Toolchain, BundleError> {
    [Toolchain::Default, Toolchain::Debian]
        .into_iter()
        .find(|toolchain| has_source(*toolchain))
        .ok_or(BundleError::NoLibrarySource)
}

/// Whether the toolchain's own folder holds the standard library's source.
fn has_source(toolchain: Toolchain) -> bool {
    let Ok(output) = command_for("rustc", toolchain).args(["--print", "sysroot"]).output() else {
        return false;
    };
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    output.status.success() && sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file()
}

/// A command of a toolchain, free of what the outer `cargo run` left in the environment: its variables would
/// choose the outer compiler, flags and target again.
fn command_for(program: &str, toolchain: Toolchain) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_outer_build) {
            command.env_remove(name);
        }
    }
    if toolchain == Toolchain::Debian {
        command.env("RUSTUP_TOOLCHAIN", "debian");
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22");
    }
    command
}

/// Whether a variable belongs to the outer build. What says where things are or how to reach them stays.
fn is_of_outer_build(name: &str) -> bool {
    const KEPT: [&str; 3] = ["CARGO_HOME", "CARGO_BUILD_JOBS", "CARGO_TERM_COLOR"];
    const KEPT_PREFIXES: [&str; 4] = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_SOURCE_"];
    const OUTER: [&str; 6] =
        ["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"];
    if KEPT.contains(&name) || KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return false;
    }
    OUTER.contains(&name)
        || name.starts_with("CARGO_")
        || name.starts_with("RUSTC_")
        || name.starts_with("RUST_RECURSION")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_outer_build_do_not_reach_the_inner_one() {
        for name in ["CARGO", "CARGO_PKG_NAME", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
            assert!(is_of_outer_build(name), "{name} must be cleared");
        }
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "CARGO_NET_OFFLINE", "HTTPS_PROXY"] {
            assert!(!is_of_outer_build(name), "{name} must be kept");
        }
    }
}
