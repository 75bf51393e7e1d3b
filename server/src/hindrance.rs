//! What keeps a process from a file or an address, and what helps: the system's own words name neither.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::database_files::{ENDINGS, with_ending};

/// What helps against an error of the file system, to stand behind the words that name the file; nothing where the error
/// itself says all that is known.
pub fn remedy(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            ": this user may not. Say the command as the user of the service, and give that user what others, such as root, made \
             there (`chown -R`)"
        }
        ErrorKind::ReadOnlyFilesystem => ": the disk is mounted read-only",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ": the disk is full, make room",
        _ => "",
    }
}

/// What helps where nobody can listen on an address that this setting names.
pub fn address_remedy(error: &Error, address: SocketAddr, setting: &str) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!("another program uses the port, or another relay: choose one with {setting}"),
        ErrorKind::PermissionDenied if address.port() < 1024 => format!(
            "ports below 1024 need the right CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE): give it, or \
             choose a higher one with {setting}"
        ),
        ErrorKind::PermissionDenied => format!("the system does not allow it: choose another with {setting}"),
        ErrorKind::AddrNotAvailable => {
            "this machine has no such address: name one that it has, 127.0.0.1 for itself alone or 0.0.0.0 for all".to_owned()
        }
        _ => format!("choose another with {setting}"),
    }
}

/// What keeps the process from a database, where SQLite says only that it cannot be had. Asks the system, and opens nothing:
/// to close a file again would give up SQLite's locks on it.
#[cfg(unix)]
pub fn of_database(database: &Path) -> Option<(PathBuf, Error)> {
    use rustix::fs::{Access, access, statvfs};
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let hindered =
        |path: &Path, wanted| access(path, wanted).err().map(|error| (path.to_owned(), error.into()));
    if let Some(found) = hindered(folder, Access::EXEC_OK) {
        return Some(found);
    }
    for path in ENDINGS.map(|ending| with_ending(database, ending)) {
        match hindered(&path, Access::READ_OK | Access::WRITE_OK) {
            Some((_, error)) if error.kind() == ErrorKind::NotFound => {}
            None => {}
            found => return found,
        }
    }
    hindered(folder, Access::READ_OK | Access::WRITE_OK).or_else(|| {
        let is_full = statvfs(folder).is_ok_and(|disk| disk.f_bavail == 0);
        is_full.then(|| (folder.to_owned(), ErrorKind::StorageFull.into()))
    })
}

/// See above.
#[cfg(not(unix))]
pub fn of_database(_: &Path) -> Option<(PathBuf, Error)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_for_which_nobody_can_listen_are_told_apart() {
        let low: SocketAddr = "127.0.0.1:443".parse().unwrap();
        let high: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        for (kind, address, words) in [
            (ErrorKind::AddrInUse, high, "uses the port"),
            (ErrorKind::PermissionDenied, low, "CAP_NET_BIND_SERVICE"),
            (ErrorKind::PermissionDenied, high, "does not allow"),
            (ErrorKind::AddrNotAvailable, high, "no such address"),
        ] {
            let said = address_remedy(&kind.into(), address, "--port");
            assert!(said.contains(words), "{kind}: {said}");
        }
    }
}
