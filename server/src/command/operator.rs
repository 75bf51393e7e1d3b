//! Who gives a command: the system's user. There is no other account for it.

use shared::sync::settings::SetBy;

/// Who types, as the system knows them: behind `sudo` the one who said it. What anybody may put into the environment names
/// nobody.
pub(super) fn operator() -> SetBy {
    let id = user_id();
    let sudo = std::env::var("SUDO_USER").ok().filter(|name| id == Some(0) && !name.trim().is_empty());
    let name = sudo.or_else(|| id.map(|id| name_of(id).unwrap_or_else(|| format!("uid-{id}"))));
    SetBy::operator(&name.unwrap_or_default())
}

#[cfg(unix)]
fn user_id() -> Option<u32> {
    Some(rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn user_id() -> Option<u32> {
    None
}

/// The name of a user in the system's list; a directory in the network has others (passwd(5)).
fn name_of(id: u32) -> Option<String> {
    name_in(&std::fs::read_to_string("/etc/passwd").ok()?, id)
}

fn name_in(list: &str, id: u32) -> Option<String> {
    let of = |line: &str| {
        let mut parts = line.split(':');
        let (name, number) = (parts.next()?, parts.nth(1)?);
        (number.parse() == Ok(id) && !name.is_empty()).then(|| name.to_owned())
    };
    list.lines().find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operator_has_the_name_that_the_system_has_for_the_number() {
        let list =
            "root:x:0:0:root:/root:/bin/bash\n\nbroken\nadmin-kab:x:1001:1001:,,,:/home/admin:/bin/sh\n";
        assert_eq!(name_in(list, 0).as_deref(), Some("root"));
        assert_eq!(name_in(list, 1001).as_deref(), Some("admin-kab"));
        assert_eq!(name_in(list, 100), None);
    }
}
