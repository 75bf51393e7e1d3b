//! What a release wrote, later versions open: the stores of its relay, served by this one, and the rows of a device,
//! which goes on with its work. The fixtures lie in `shared/tests/fixtures/`; `shared/tests/release` opens the rest of
//! them, and sees that they stay as they are.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../process/device.rs"]
#[expect(dead_code, reason = "other tests do more with a device")]
mod device;
mod network;
mod opening;
#[path = "../process/postgres.rs"]
mod postgres;
#[path = "../process/relay.rs"]
mod relay;
#[path = "../../../shared/tests/release/device.rs"]
mod rows;
mod story;
#[path = "../../../shared/tests/release/values.rs"]
mod values;
mod write;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the fixtures lie.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tests/fixtures/0.1")
}

/// Runs a command that must succeed; gives what it says.
fn simpul(words: &[&str], data: &Path) -> String {
    simpul_with(words, data, &[])
}

/// The same with more in its environment.
fn simpul_with(words: &[&str], data: &Path, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
    let command = command.args(words).arg("--data").arg(data).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{words:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut unpacked).unwrap();
    unpacked
}
