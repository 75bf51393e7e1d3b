//! The relay's command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    simpul::command::run(simpul::command::Cli::parse())
}
