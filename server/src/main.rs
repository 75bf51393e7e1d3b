//! The relay's command.

use std::process::ExitCode;

use clap::Parser;

/// Gives memory back to the system within seconds once a crowd has left, and loses less of it between blocks of many sizes;
/// its settings stand in `.cargo/config.toml`.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // What it writes is for its own user: databases, their logs, backups and exports hold what people wrote.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    simpul::command::run(simpul::command::Cli::parse())
}
