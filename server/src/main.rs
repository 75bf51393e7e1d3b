//! The relay's command.

use std::process::ExitCode;

use clap::Parser;

/// Gives memory back to the system within seconds once a crowd has left, and loses less of it between blocks of many sizes;
/// its settings stand in `.cargo/config.toml`.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A misspelt command or option (`EX_USAGE` of sysexits): clap's own 2 would be read as damage that `simpul check` found.
const MISUSED: u8 = 64;

fn main() -> ExitCode {
    // What it writes is for its own user: databases, their logs, backups and exports hold what people wrote.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    match simpul::command::Cli::try_parse() {
        Ok(cli) => simpul::command::run(cli),
        Err(error) => {
            // Where nobody reads it, the exit code says it still.
            let _ = error.print();
            if error.use_stderr() { ExitCode::from(MISUSED) } else { ExitCode::SUCCESS }
        }
    }
}
