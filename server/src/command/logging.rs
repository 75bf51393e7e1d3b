//! Log lines: to the standard error, so that the standard output stays for what people asked for.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::CommandError;
use crate::config::{LogFormat, Settings};

/// Begins to write log lines as the settings say.
pub(super) fn begin(settings: &Settings) -> Result<(), CommandError> {
    let filter = EnvFilter::try_new(&settings.log)
        .map_err(|source| CommandError::LogFilter { filter: settings.log.clone(), source })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // A second beginning in one process (tests) keeps the first.
    let _ = match settings.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    Ok(())
}
