//! Sends bytes through a program.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::error::BundleError;

/// What the program writes for this input, which it must read to the end first: else each would wait for the other. `refused` makes an error of what it says where it fails.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn through(
    command: &mut Command,
    program: &str,
    input: &[u8],
    refused: fn(String) -> BundleError,
) -> Result<Vec<u8>, BundleError> {
    let start = |source| BundleError::Start { program: program.to_owned(), source };
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(start)?;
    let mut pipe = child.stdin.take().expect("it was piped just above");
    // A program that stopped early does not read to the end; what it says tells more than the broken pipe.
    let _ = pipe.write_all(input);
    drop(pipe);
    let answer = child.wait_with_output().map_err(start)?;
    if answer.status.success() {
        Ok(answer.stdout)
    } else {
        Err(refused(String::from_utf8_lossy(&answer.stderr).trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_through_comes_out_and_a_program_that_refuses_is_heard() {
        let big = vec![b'a'; 1 << 20];
        assert_eq!(
            through(&mut Command::new("cat"), "cat", b"words", BundleError::Brotli).unwrap(),
            b"words"
        );
        let mut refuses = Command::new("sh");
        refuses.args(["-c", "echo no >&2; exit 1"]);
        let refused = through(&mut refuses, "sh", &big, BundleError::Brotli);
        assert!(matches!(refused, Err(BundleError::Brotli(why)) if why == "no"));
        let missing = through(&mut Command::new("no-such-program"), "it", &big, BundleError::Brotli);
        assert!(matches!(missing, Err(BundleError::Start { .. })));
    }
}
