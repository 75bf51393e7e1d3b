//! What the command line asks for.

use std::path::PathBuf;

use crate::wasm_build::Package;

/// Shown when the command line is not understood.
pub const USAGE: &str = "usage: bundle [--dev | --release] [--out FOLDER] [--label NAME] [--budget BYTES]
       bundle --bench-client [--out FOLDER]

  --dev           quick: unoptimised wasm, nothing compressed, new versions start without asking (default)
  --release       small: optimised wasm, brotli and gzip beside each file, new versions wait for consent
  --out FOLDER    where the site goes (default: target/site)
  --label NAME    part of the version's hash: the same app under two labels is two versions
  --budget BYTES  fail when the first visit costs more than this in brotli (with --release)
  --bench-client  not the app but the device of the benchmarks beside the peers, built as a release is
                  (default folder: target/bench-client)";

/// How the app is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Quick to build.
    Dev,
    /// Small to send.
    Release,
}

/// The command line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments {
    /// What is built.
    pub package: Package,
    /// How the app is built.
    pub mode: Mode,
    /// Where the site goes.
    pub out: PathBuf,
    /// Part of the version's hash.
    pub label: String,
    /// The most that the first visit may cost, in brotli bytes.
    pub budget_bytes: Option<usize>,
}

impl Arguments {
    /// Reads the arguments that follow the program's name.
    ///
    /// # Errors
    /// A sentence that names the argument at fault.
    pub fn parse(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            package: Package::App,
            mode: Mode::Dev,
            out: PathBuf::from("target/site"),
            label: String::new(),
            budget_bytes: None,
        };
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--dev" => arguments.mode = Mode::Dev,
                "--release" => arguments.mode = Mode::Release,
                "--bench-client" => {
                    arguments.package = Package::BenchClient;
                    arguments.mode = Mode::Release;
                    arguments.out = PathBuf::from("target/bench-client");
                }
                "--out" => arguments.out = PathBuf::from(value()?),
                "--label" => arguments.label = value()?,
                "--budget" => {
                    let bytes = value()?;
                    let bytes =
                        bytes.parse().map_err(|_| format!("--budget {bytes} is no number of bytes"))?;
                    arguments.budget_bytes = Some(bytes);
                }
                _ => return Err(format!("{word} is not understood")),
            }
        }
        if arguments.budget_bytes.is_some() && arguments.mode == Mode::Dev {
            return Err("--budget needs --release: a quick build is not compressed".to_owned());
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn nothing_said_means_a_quick_build_into_the_usual_folder() {
        let arguments = parse(&[]).unwrap();
        assert_eq!(arguments.mode, Mode::Dev);
        assert_eq!(arguments.out, PathBuf::from("target/site"));
    }

    #[test]
    fn every_argument_is_read() {
        let arguments = parse(&["--release", "--out", "x", "--label", "two", "--budget", "700000"]).unwrap();
        let expected = Arguments {
            package: Package::App,
            mode: Mode::Release,
            out: PathBuf::from("x"),
            label: "two".to_owned(),
            budget_bytes: Some(700_000),
        };
        assert_eq!(arguments, expected);
    }

    #[test]
    fn the_device_of_the_benchmarks_is_built_as_a_release_is() {
        let arguments = parse(&["--bench-client"]).unwrap();
        assert_eq!((arguments.package, arguments.mode), (Package::BenchClient, Mode::Release));
        assert_eq!(arguments.out, PathBuf::from("target/bench-client"));
    }

    #[test]
    fn a_word_that_is_not_understood_is_named() {
        assert!(parse(&["--relase"]).unwrap_err().contains("--relase"));
        assert!(parse(&["--out"]).unwrap_err().contains("--out"));
        assert!(parse(&["--release", "--budget", "much"]).unwrap_err().contains("much"));
        assert!(parse(&["--budget", "7"]).unwrap_err().contains("--release"));
    }
}
