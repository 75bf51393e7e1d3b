//! What a device keeps of the directory: who people are, and whose device is whose.
//!
//! It is read in pages, each stored as it comes, so that one that is cut goes on where it was; and from then on as
//! what changed. Nobody is ever taken away, for whoever wrote keeps the name, but those whom the person knows
//! only from a feed that was removed from this device.

use super::row::{PersonRow, Stored};
use super::table::{Commit, Guard, Key, MetaKey, Row, Table, Write};
use crate::cbor::to_bytes;
use crate::cbor_map;
use crate::ids::{DeviceId, UserId};
use crate::ordered::{OrderedMap, OrderedSet};

/// How far the directory was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryRow {
    /// What the relay said when it was read last: what changed since then is wanted.
    pub since: u64,
    /// What the relay said when the reading under way began, and the last person of it.
    pub under_way: Option<UnderWay>,
    /// It is read anew, after a feed was removed from this device: who does not come again goes.
    pub sweeps: bool,
}

/// A reading of the directory that is not at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// The relay's `now` of its first page: the next `since`.
    pub now: u64,
    /// The last person that came.
    pub after: UserId,
}

cbor_map! {
    DirectoryRow { since, under_way: sparse, sweeps: sparse }
    UnderWay { now, after }
}

/// One page of the relay's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectoryPage {
    /// The relay's mark of when this was asked.
    pub now: u64,
    /// People in the order of their user names.
    pub people: Vec<PersonRow>,
    /// There are more.
    pub has_more: bool,
}

impl DirectoryRow {
    /// Nothing was read, and whoever is here goes unless they come again.
    pub fn anew() -> Self {
        Self { sweeps: true, ..Self::default() }
    }

    /// The path and query of the next page.
    pub fn request(&self) -> String {
        let after = self.under_way.as_ref().map(|reading| format!("&after={}", reading.after));
        format!("/api/v1/directory?since={}{}", self.since, after.unwrap_or_default())
    }

    /// Takes in a page: what to store, in one commit with how far it was read. Nothing is stored where the reading
    /// was begun anew meanwhile.
    pub fn take_in(&mut self, page: &DirectoryPage, known: &Directory) -> Commit {
        let key = Key::meta(MetaKey::Directory);
        let before = (*self != Self::default()).then(|| to_bytes(self));
        let guards = vec![Guard { table: Table::Meta, key: key.clone(), expected: before }];
        let mut writes = self.swept(page, known);
        let now = self.under_way.as_ref().map_or(page.now, |reading| reading.now);
        match page.people.last().filter(|_| page.has_more) {
            Some(last) => self.under_way = Some(UnderWay { now, after: last.user.clone() }),
            None => *self = Self { since: now, under_way: None, sweeps: false },
        }
        let news = page.people.iter().filter(|person| known.person(&person.user) != Some(person));
        writes.extend(news.map(Stored::put));
        writes.push(Write::Put(Row { table: Table::Meta, key, value: to_bytes(self) }));
        Commit { guards, writes }
    }

    /// Those who are known, would stand in this page, and do not.
    fn swept(&self, page: &DirectoryPage, known: &Directory) -> Vec<Write> {
        if !self.sweeps {
            return Vec::new();
        }
        let after = self.under_way.as_ref().map(|reading| &reading.after);
        let last = page.people.last().filter(|_| page.has_more).map(|person| &person.user);
        let named: OrderedSet<&UserId> = page.people.iter().map(|person| &person.user).collect();
        let gone = known.people().map(|person| &person.user).filter(|user| {
            after.is_none_or(|after| *user > after)
                && last.is_none_or(|last| *user <= last)
                && !named.contains(user)
        });
        gone.map(|user| Write::Delete(Table::Directory, Key::user(user))).collect()
    }
}

/// The directory in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory {
    people: OrderedMap<UserId, PersonRow>,
    owners: OrderedMap<DeviceId, UserId>,
}

impl Directory {
    /// A person.
    pub fn person(&self, user: &UserId) -> Option<&PersonRow> {
        self.people.get(user)
    }

    /// Whose device it is.
    pub fn owner(&self, device: DeviceId) -> Option<&PersonRow> {
        self.owners.get(&device).and_then(|user| self.people.get(user))
    }

    /// Everybody, by user name.
    pub fn people(&self) -> impl Iterator<Item = &PersonRow> {
        self.people.values()
    }
}

impl FromIterator<PersonRow> for Directory {
    fn from_iter<I: IntoIterator<Item = PersonRow>>(rows: I) -> Self {
        let mut directory = Self::default();
        for row in rows {
            directory.owners.extend(row.devices.iter().map(|device| (*device, row.user.clone())));
            directory.people.insert(row.user.clone(), row);
        }
        directory
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::row::from_bytes;

    fn person(user: &str, name: &str, device: u8) -> PersonRow {
        PersonRow {
            user: user.parse().unwrap(),
            name: name.to_owned(),
            position: String::new(),
            devices: vec![DeviceId::from_bytes([device; 16])],
            office: None,
        }
    }

    fn stored(commit: &Commit) -> (usize, DirectoryRow) {
        let [people @ .., Write::Put(row)] = commit.writes.as_slice() else { panic!("no row") };
        (people.len(), from_bytes(&row.value).unwrap())
    }

    #[test]
    fn reading_that_was_cut_goes_on_where_it_was_and_then_asks_only_what_changed() {
        let mut row = DirectoryRow::default();
        assert_eq!(row.request(), "/api/v1/directory?since=0");
        let people = vec![person("ani", "Ani", 1), person("budi", "Budi", 2)];
        let first = DirectoryPage { now: 100, people: people.clone(), has_more: true };
        let (news, kept) = stored(&row.take_in(&first, &Directory::default()));
        assert_eq!((news, kept.request().as_str()), (2, "/api/v1/directory?since=0&after=budi"));
        let mut row = kept;
        let second = DirectoryPage { now: 900, people: vec![person("citra", "Citra", 3)], has_more: false };
        let known: Directory = people.into_iter().collect();
        let (news, kept) = stored(&row.take_in(&second, &known));
        assert_eq!(
            (news, kept.request().as_str()),
            (1, "/api/v1/directory?since=100"),
            "as of the first page"
        );
    }

    #[test]
    fn who_is_known_already_is_not_written_again() {
        let known: Directory = [person("ani", "Ani", 1), person("budi", "Budi", 2)].into_iter().collect();
        let people = vec![person("ani", "Ani", 1), person("budi", "Budi Santoso", 2)];
        let page = DirectoryPage { now: 5, people, has_more: false };
        assert_eq!(stored(&DirectoryRow::default().take_in(&page, &known)).0, 1);
        assert_eq!(
            known.owner(DeviceId::from_bytes([2; 16])).map(|person| person.name.as_str()),
            Some("Budi")
        );
        assert_eq!(known.owner(DeviceId::from_bytes([9; 16])), None);
    }
}
