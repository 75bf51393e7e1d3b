//! The relay's command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // What it writes is for its own user: databases, their logs, backups and exports hold what people wrote.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    simpul::command::run(simpul::command::Cli::parse())
}
