//! Who gives a command: the system's user. There is no other account for it.

use shared::sync::settings::SetBy;

/// Who types, as the system knows them: behind `sudo` the one who said it.
pub(super) fn operator() -> SetBy {
    let named = |name| std::env::var(name).ok().filter(|name| !name.trim().is_empty());
    let name = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(named);
    SetBy::operator(&name.unwrap_or_else(user_id))
}

/// The number of who runs the command, where the environment has no name: as in services, containers and `cron`.
#[cfg(unix)]
fn user_id() -> String {
    format!("uid-{}", rustix::process::getuid().as_raw())
}

/// See above.
#[cfg(not(unix))]
fn user_id() -> String {
    String::new()
}
