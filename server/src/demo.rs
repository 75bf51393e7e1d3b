//! The demonstration: a made-up regency with made-up officers, and records to look at.
//!
//! The agreements are real ones, with the stages, dates and contradictions that public sources give; the
//! people, the plan and its figures are invented. Everything is made by pushes from the officers' own
//! devices, through the same checks as anybody's work. Ids and times are fixed, so that every
//! demonstration is the same and a push sent twice changes nothing.

pub mod build;
mod draft;
mod plan;
mod registry;
mod report;

use sha2::{Digest, Sha256};
use shared::ids::{ActorId, DeviceId, DocumentId, FeedId, ItemId};
use shared::role::Role;

pub use draft::Draft;

use crate::password::{AllowedPassword, Owner, PasswordError};

/// A made-up officer.
#[derive(Debug)]
pub struct Person {
    /// What they sign in with.
    pub user: &'static str,
    /// Known to everybody: it is printed at every start.
    pub password: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Their position.
    pub position: &'static str,
    /// The feeds that they may read.
    pub feeds: &'static [&'static str],
    /// What they may do there.
    pub role: Role,
}

/// The made-up regency's feed.
pub const REGION: &str = "kab-tanjung-simpul";
/// The nation's feed.
pub const NATION: &str = "nasional";

/// The feeds and their names.
pub const FEEDS: [(&str, &str); 2] =
    [(REGION, "Kabupaten Tanjung Simpul (peragaan)"), (NATION, "Nasional (peragaan)")];

/// Writes the report.
pub const SRI: Person = Person {
    user: "sri",
    password: "Perahu-Pagi-07",
    name: "Sri Wahyuni (peragaan)",
    position: "Analis Kerja Sama, Bagian Kerja Sama",
    feeds: &[REGION],
    role: Role::Writer,
};
/// Fills the plan's lines.
pub const BUDI: Person = Person {
    user: "budi",
    password: "Layar-Senja-12",
    name: "Budi Santosa (peragaan)",
    position: "PPKSD, Dinas Lingkungan Hidup",
    feeds: &[REGION],
    role: Role::Writer,
};
/// Approves.
pub const KETUT: Person = Person {
    user: "ketut",
    password: "Jembatan-Batu-21",
    name: "I Ketut Suardana (peragaan)",
    position: "Kepala Bagian Kerja Sama",
    feeds: &[REGION],
    role: Role::Approver,
};
/// Reads for the ministry.
pub const DEWI: Person = Person {
    user: "dewi",
    password: "Merpati-Pos-34",
    name: "Dewi Anggraini (peragaan)",
    position: "Verifikator, Pusat Fasilitasi Kerja Sama",
    feeds: &[NATION, REGION],
    role: Role::Reader,
};

/// Everybody, in the order in which they are printed.
pub const PEOPLE: [&Person; 4] = [&SRI, &BUDI, &KETUT, &DEWI];

impl Person {
    /// The password, as the rules allow it.
    fn allowed_password(&self) -> Result<AllowedPassword, PasswordError> {
        let user = self.user.parse().expect("the made-up user names are well-formed");
        AllowedPassword::new(self.password.to_owned(), Owner { user: &user, name: self.name })
    }

    /// The device from which the person's part of the demonstration was made.
    pub fn device(&self) -> DeviceId {
        DeviceId::from_bytes(first(&seeded("device", self.user)))
    }

    /// Who makes the person's changes.
    pub fn actor(&self) -> ActorId {
        ActorId::new(self.device(), 0)
    }
}

/// The feed in which the whole demonstration lives.
pub fn region() -> FeedId {
    REGION.parse().expect("the feed's id is well-formed")
}

/// Every document of the demonstration, in the order in which it is pushed.
pub fn drafts() -> Vec<Draft> {
    let mut drafts = registry::drafts();
    drafts.extend(report::drafts());
    drafts.push(plan::draft());
    drafts
}

/// The accounts, one a line: user name, password, feed, role.
pub fn accounts() -> String {
    PEOPLE
        .iter()
        .map(|person| {
            let feeds = person.feeds.join(",");
            format!("{:<8}\t{:<18}\t{feeds:<30}\t{}\n", person.user, person.password, role_name(person.role))
        })
        .collect()
}

/// A role as the command line and the accounts' list write it.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Writer => "writer",
        Role::Approver => "approver",
        Role::Admin => "admin",
    }
}

/// The document with this name in the demonstration: a UUIDv4 whose random bits come from the name.
fn document_id(name: &str) -> DocumentId {
    let mut bytes: [u8; 16] = first(&seeded("document", name));
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    DocumentId::from_bytes(bytes)
}

fn item_id(document: &str, number: usize) -> ItemId {
    ItemId::from_bytes(first(&seeded("item", &format!("{document} {number}"))))
}

fn seeded(kind: &str, name: &str) -> [u8; 32] {
    Sha256::digest(format!("simpul demonstration 1: {kind} {name}")).into()
}

fn first<const N: usize>(bytes: &[u8; 32]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[..N]);
    array
}

#[cfg(test)]
mod tests {

    use shared::model::kind::Kind;
    use shared::ordered::OrderedSet;

    use super::*;

    #[test]
    fn demonstration_is_the_same_each_time() {
        assert_eq!(drafts(), drafts());
    }

    #[test]
    fn demonstration_holds_what_it_promises() {
        let drafts = drafts();
        let count = |kind| drafts.iter().filter(|draft| draft.kind == kind).count();
        assert_eq!(count(Kind::Agreement), 45);
        assert_eq!(count(Kind::TripReport), 1);
        assert_eq!(count(Kind::Personal), 1);
        assert_eq!(count(Kind::ActionPlan), 1);
        let ids: OrderedSet<_> = drafts.iter().map(|draft| draft.id).collect();
        assert_eq!(ids.len(), drafts.len());
    }

    #[test]
    fn every_password_is_one_that_the_relay_takes() {
        for person in PEOPLE {
            assert!(person.allowed_password().is_ok(), "{}", person.user);
        }
    }

    #[test]
    fn accounts_are_listed_one_a_line_in_four_columns() {
        let text = accounts();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], ["sri", "Perahu-Pagi-07", "kab-tanjung-simpul", "writer"]);
        assert_eq!(lines[3], ["dewi", "Merpati-Pos-34", "nasional,kab-tanjung-simpul", "reader"]);
    }
}
