//! The audit log: who signed in, was given or lost what, decided, exported or restored; an append-only row each.
//!
//! Each row's tag is an HMAC over the tag before and the row, and rows are numbered without gaps: whoever alters,
//! removes, adds or swaps rows without the key leaves a place that does not verify. A tail that was cut is found
//! against a head (number and tag) that was written down elsewhere. Rows hold no content, passwords or tokens.

pub mod repeats;

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::ids::{AuditTag, DeviceId, DocumentId, FeedId, UserId};
use crate::model::decision::Event;
use crate::role::Role;
use crate::sync::settings::SetBy;

/// What sort of act a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Somebody signed in.
    SignIn,
    /// A sign-in was refused.
    SignInRefused,
    /// Somebody signed out.
    SignOut,
    /// A device was enrolled.
    DeviceEnrolled,
    /// Nothing is taken from a device any more.
    DeviceRevoked,
    /// A person was added or changed.
    Person,
    /// A role was given or taken.
    Role,
    /// A feed was added, named or set.
    Feed,
    /// A decision was stored.
    Decision,
    /// A push, decision or offer was refused.
    Refusal,
    /// Documents were written out.
    Export,
    /// The store was copied into a backup.
    Backup,
    /// A backup took the place of the store.
    Restore,
    /// The log goes on under another key, from this row on.
    NewKey,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::SignIn,
        Self::SignInRefused,
        Self::SignOut,
        Self::DeviceEnrolled,
        Self::DeviceRevoked,
        Self::Person,
        Self::Role,
        Self::Feed,
        Self::Decision,
        Self::Refusal,
        Self::Export,
        Self::Backup,
        Self::Restore,
        Self::NewKey,
    ];

    /// Its code in the store and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignInRefused => "sign-in-refused",
            Self::SignOut => "sign-out",
            Self::DeviceEnrolled => "device-enrolled",
            Self::DeviceRevoked => "device-revoked",
            Self::Person => "person",
            Self::Role => "role",
            Self::Feed => "feed",
            Self::Decision => "decision",
            Self::Refusal => "refusal",
            Self::Export => "export",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::NewKey => "new-key",
        }
    }
}

/// What somebody did, as a row tells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    /// When, milliseconds since 1970.
    pub at: u64,
    /// The code of its [`Sort`], as it stands in the row.
    pub sort: String,
    /// Who did it or whom it concerns; empty where nobody is known.
    pub person: String,
    /// From which network address; empty for the command line.
    pub address: String,
    /// On or about which device.
    pub device: Option<DeviceId>,
    /// In which feed; empty where it is about none.
    pub feed: String,
    /// What else is to be known, in short.
    pub detail: String,
}

impl Act {
    /// An act about which nothing else is known.
    pub fn new(at: u64, sort: Sort) -> Self {
        Self {
            at,
            sort: sort.as_str().to_owned(),
            person: String::new(),
            address: String::new(),
            device: None,
            feed: String::new(),
            detail: String::new(),
        }
    }

    /// Of or about this person.
    pub fn of(mut self, person: &UserId) -> Self {
        self.person = person.as_str().to_owned();
        self
    }

    /// From this address.
    pub fn from(mut self, address: impl fmt::Display) -> Self {
        self.address = address.to_string();
        self
    }

    /// On or about this device.
    pub fn on(mut self, device: DeviceId) -> Self {
        self.device = Some(device);
        self
    }

    /// In this feed.
    pub fn in_feed(mut self, feed: &FeedId) -> Self {
        self.feed = feed.as_str().to_owned();
        self
    }

    /// With this detail.
    pub fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Done by this operator, on the command line; one whose person they are says it already.
    pub fn by(mut self, operator: &SetBy) -> Self {
        if self.person != operator.as_str() {
            let parting = if self.detail.is_empty() { "" } else { ", " };
            self.detail = format!("{}{parting}by {operator}", self.detail);
        }
        self
    }

    /// A role was given, or taken.
    pub fn role(at: u64, person: &UserId, feed: &FeedId, role: Option<Role>) -> Self {
        Self::new(at, Sort::Role).of(person).in_feed(feed).saying(role.map_or("none", Role::as_str))
    }

    /// A decision was stored.
    pub fn decision(
        at: u64,
        person: &UserId,
        device: DeviceId,
        feed: &FeedId,
        doc: DocumentId,
        event: Event,
    ) -> Self {
        let detail = format!("{} {doc}", event.as_str());
        Self::new(at, Sort::Decision).of(person).on(device).in_feed(feed).saying(detail)
    }
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1.
    pub seq: u64,
    /// What it tells.
    pub act: Act,
    /// The proof of it and of all before it.
    pub tag: AuditTag,
}

/// Where the log ends: the number and the tag of its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number; 0 where there is no row.
    pub seq: u64,
    /// The tag.
    pub tag: AuditTag,
}

impl Head {
    /// Of an empty log.
    pub const START: Self = Self { seq: 0, tag: AuditTag::START };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.tag)
    }
}

/// The text is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a head is written as number, colon and 32 hexadecimal digits, as the relay's log and `simpul backup` write it"
)]
pub struct NoHead;

impl FromStr for Head {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let (seq, tag) = text.trim().split_once(':').ok_or(NoHead)?;
        Ok(Self { seq: seq.parse().map_err(|_| NoHead)?, tag: tag.parse().map_err(|_| NoHead)? })
    }
}

/// The key of the audit log. It lives outside the database and its backups.
#[derive(Clone)]
pub struct AuditKey {
    begun: Hmac<Sha256>,
    mark: [u8; 32],
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(hidden)")
    }
}

impl AuditKey {
    /// The key of these random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        let begun = Hmac::<Sha256>::new_from_slice(&bytes).expect("HMAC takes a key of any length");
        let mark = Sha256::new().chain_update("simpul audit key 1").chain_update(bytes).finalize().into();
        Self { begun, mark }
    }

    /// By which relays that share a database know that they share the key; it does not give the key away.
    pub fn mark(&self) -> &[u8; 32] {
        &self.mark
    }

    /// The row of an act, behind the head.
    pub fn next(&self, head: Head, act: Act) -> Row {
        let seq = head.seq + 1;
        Row { seq, tag: self.tag(head.tag, seq, &act), act }
    }

    /// The proof of a row behind the one with the previous tag. Every part of variable length is preceded by its
    /// length, so that no two different rows have the same form.
    fn tag(&self, previous: AuditTag, seq: u64, act: &Act) -> AuditTag {
        let mut mac = self.begun.clone();
        let mut part = |bytes: &[u8]| {
            mac.update(&(bytes.len() as u64).to_be_bytes());
            mac.update(bytes);
        };
        part(b"simpul audit 1");
        part(previous.as_bytes());
        part(&seq.to_be_bytes());
        part(&act.at.to_be_bytes());
        for text in [&act.sort, &act.person, &act.address, &act.feed, &act.detail] {
            part(text.as_bytes());
        }
        part(act.device.as_ref().map_or(&[][..], |device| device.as_bytes()));
        let digest = mac.finalize().into_bytes();
        let mut tag = [0; AuditTag::LENGTH];
        tag.copy_from_slice(&digest[..AuditTag::LENGTH]);
        AuditTag::from_bytes(tag)
    }
}

/// What is wrong with the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Rows are not there.
    #[error("rows {0} to {1} were removed")]
    Removed(u64, u64),
    /// Rows are not as they were written.
    #[error("rows {0} to {1} are not as the relay wrote them: altered, swapped, or others were put there")]
    Broken(u64, u64),
    /// Rows stand behind the end that the store says.
    #[error(
        "rows stand behind row {0}, with which the log ends, up to row {1}: they were added there, or the end was altered"
    )]
    Beyond(u64, u64),
    /// The store does not say any more where the log ends.
    #[error(
        "the row that says where the log ends is gone: whether rows were cut off, the store does not tell any more"
    )]
    NoHead,
    /// The last rows are not there.
    #[error("the log ends at row {ends}, and must go on to row {until}: its last rows were removed")]
    Cut {
        /// The last row that is there.
        ends: u64,
        /// Up to where it once went.
        until: u64,
    },
    /// The log is another one up to a head that is known.
    #[error("row {0} is there with another tag than the one that was written down")]
    OtherHead(u64),
}

/// A look at the log from its first row to its last.
#[derive(Debug)]
pub struct Verification<'a> {
    key: &'a AuditKey,
    /// Heads that must be in it.
    known: Vec<Head>,
    last: Head,
    faults: Vec<Fault>,
    other_heads: Vec<Fault>,
    /// The first row under the key, where it says that the one before it was given up.
    key_begins: Option<u64>,
}

/// What a look at the log has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// The row with which this key began in place of one that was given up: those before it nobody can prove any more,
    /// and that is no fault.
    pub key_begins: Option<u64>,
}

impl<'a> Verification<'a> {
    /// A look at a log that contains these heads: the one that the store says, asked for before its rows, and those
    /// that were written down elsewhere.
    pub fn new(key: &'a AuditKey, known: impl IntoIterator<Item = Head>) -> Self {
        let (before, known): (Vec<_>, Vec<_>) = known.into_iter().partition(|head| head.seq == 0);
        // Before the first row there is but one.
        let is_other = before.iter().any(|head| *head != Head::START);
        let other_heads = if is_other { vec![Fault::OtherHead(0)] } else { Vec::new() };
        Self { key, known, last: Head::START, faults: Vec::new(), other_heads, key_begins: None }
    }

    /// Looks at the next row, in ascending order of numbers.
    pub fn row(&mut self, row: &Row) {
        let follows = row.seq == self.last.seq + 1;
        if !follows {
            self.faults.push(Fault::Removed(self.last.seq + 1, row.seq.saturating_sub(1)));
        } else if self.key.tag(self.last.tag, row.seq, &row.act) != row.tag {
            match self.faults.last_mut() {
                Some(Fault::Broken(_, until)) if *until + 1 == row.seq => *until = row.seq,
                _ => self.faults.push(Fault::Broken(row.seq, row.seq)),
            }
        } else if self.key_begins.is_none() && row.act.sort == Sort::NewKey.as_str() {
            // Only who has the key can write such a row: what is before it was written without it. That none of those is
            // missing, their numbers say.
            self.key_begins = Some(row.seq);
            self.faults.retain(|fault| !matches!(fault, Fault::Broken(..)));
        }
        self.last = Head { seq: row.seq, tag: row.tag };
        let others = self.known.iter().filter(|head| head.seq == row.seq && head.tag != row.tag);
        self.other_heads.extend(others.map(|head| Fault::OtherHead(head.seq)));
    }

    /// What is wrong, after the last row; `end` is where the store says now that the log ends, `None` where it does not
    /// say it any more.
    pub fn end(mut self, end: Option<Head>) -> Finding {
        match end {
            None => self.faults.push(Fault::NoHead),
            Some(end) if end.seq < self.last.seq => {
                self.faults.retain(|fault| !matches!(fault, Fault::Removed(from, _) | Fault::Broken(from, _) if *from > end.seq));
                self.faults.push(Fault::Beyond(end.seq, self.last.seq));
            }
            Some(_) => {}
        }
        self.faults.append(&mut self.other_heads);
        let until = self.known.iter().map(|head| head.seq).filter(|seq| *seq > self.last.seq).max();
        self.faults.extend(until.map(|until| Fault::Cut { ends: self.last.seq, until }));
        Finding { faults: self.faults, key_begins: self.key_begins }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(key: &AuditKey, rows: u64) -> (Vec<Row>, Head) {
        let (mut log, mut head) = (Vec::new(), Head::START);
        for n in 1..=rows {
            let act = Act::new(n * 1_000, Sort::SignIn).of(&"ani".parse().unwrap()).from("127.0.0.1");
            let row = key.next(head, act);
            head = Head { seq: row.seq, tag: row.tag };
            log.push(row);
        }
        (log, head)
    }

    fn faults(key: &AuditKey, rows: &[Row], known: &[Head]) -> Vec<Fault> {
        let mut look = Verification::new(key, known.iter().copied());
        rows.iter().for_each(|row| look.row(row));
        look.end(rows.last().map_or(Some(Head::START), |row| Some(Head { seq: row.seq, tag: row.tag })))
            .faults
    }

    #[test]
    fn log_as_it_was_written_has_no_fault() {
        let key = AuditKey::new([1; 32]);
        let (rows, head) = log(&key, 9);
        assert_eq!(faults(&key, &rows, &[head, Head { seq: 4, tag: rows[3].tag }, Head::START]), []);
        assert_eq!(faults(&key, &[], &[Head::START]), []);
        let made_up = Head { seq: 0, tag: rows[3].tag };
        assert_eq!(faults(&key, &rows, &[head, made_up]), [Fault::OtherHead(0)]);
    }

    #[test]
    fn every_part_of_a_row_is_under_its_tag() {
        let key = AuditKey::new([1; 32]);
        let (rows, head) = log(&key, 5);
        let alterations: [fn(&mut Act); 8] = [
            |act| act.at += 1,
            |act| act.sort = "sign-out".to_owned(),
            |act| act.person = "budi".to_owned(),
            |act| act.address = String::new(),
            |act| act.device = Some(DeviceId::from_bytes([0; 16])),
            |act| act.feed = "kota".to_owned(),
            |act| act.detail = "by phone".to_owned(),
            // What moves from one part to the next is another row too.
            |act| (act.person, act.address) = ("ani127".to_owned(), ".0.0.1".to_owned()),
        ];
        for alter in alterations {
            let mut altered = rows.clone();
            alter(&mut altered[2].act);
            assert_eq!(faults(&key, &altered, &[head]), [Fault::Broken(3, 3)]);
        }
    }

    #[test]
    fn removed_inserted_and_swapped_rows_are_found_where_they_are() {
        let key = AuditKey::new([1; 32]);
        let (rows, head) = log(&key, 6);
        let mut removed = rows.clone();
        removed.drain(2..4);
        assert_eq!(faults(&key, &removed, &[head]), [Fault::Removed(3, 4)]);
        for (n, row) in removed.iter_mut().enumerate() {
            row.seq = n as u64 + 1;
        }
        let renumbered = faults(&key, &removed, &[]);
        assert_eq!(renumbered, [Fault::Broken(3, 4)], "numbering them anew hides nothing");
        let mut inserted = rows.clone();
        inserted.insert(2, rows[4].clone());
        for (n, row) in inserted.iter_mut().enumerate() {
            row.seq = n as u64 + 1;
        }
        assert_eq!(faults(&key, &inserted, &[])[0], Fault::Broken(3, 7));
        let mut swapped = rows.clone();
        (swapped[1].act, swapped[4].act) = (rows[4].act.clone(), rows[1].act.clone());
        assert_eq!(faults(&key, &swapped, &[head]), [Fault::Broken(2, 2), Fault::Broken(5, 5)]);
    }

    #[test]
    fn cut_tail_is_found_against_a_head_that_was_written_down() {
        let key = AuditKey::new([1; 32]);
        let (rows, head) = log(&key, 6);
        let cut = &rows[..4];
        let its_end = Head { seq: 4, tag: cut[3].tag };
        assert_eq!(faults(&key, cut, &[its_end]), [], "by itself it looks whole");
        assert_eq!(faults(&key, cut, &[its_end, head]), [Fault::Cut { ends: 4, until: 6 }]);
        // Written on with the key by somebody who has it, it is still another log.
        let (other, _) = log(&AuditKey::new([2; 32]), 6);
        assert!(faults(&AuditKey::new([2; 32]), &other, &[head]).contains(&Fault::OtherHead(6)));
    }

    #[test]
    fn rows_under_a_key_that_was_given_up_are_no_fault_and_those_under_the_next_one_are_watched() {
        let (mut rows, given_up) = log(&AuditKey::new([1; 32]), 3);
        let key = AuditKey::new([2; 32]);
        let begun = key.next(given_up, Act::new(4_000, Sort::NewKey));
        rows.push(begun.clone());
        rows.push(key.next(Head { seq: 4, tag: begun.tag }, Act::new(5_000, Sort::Backup)));
        let look = |rows: &[Row]| {
            let mut look = Verification::new(&key, []);
            rows.iter().for_each(|row| look.row(row));
            look.end(Some(Head { seq: 5, tag: AuditTag::START }))
        };
        assert_eq!(look(&rows), Finding { faults: vec![], key_begins: Some(4) });
        let mut removed = rows.clone();
        removed.remove(1);
        assert_eq!(look(&removed).faults, [Fault::Removed(2, 2)]);
        let mut altered = rows.clone();
        altered[4].act.detail = "another".to_owned();
        assert_eq!(look(&altered).faults, [Fault::Broken(5, 5)]);
        // A row that only says so, without the key, changes nothing.
        let mut said = rows;
        said[4].act.sort = Sort::NewKey.as_str().to_owned();
        said[3].act.sort = Sort::Backup.as_str().to_owned();
        assert_eq!(look(&said), Finding { faults: vec![Fault::Broken(1, 5)], key_begins: None });
    }

    #[test]
    fn rows_behind_the_end_and_an_end_that_is_gone_are_found() {
        let key = AuditKey::new([1; 32]);
        let (mut rows, head) = log(&key, 4);
        rows.push(Row { seq: 9, ..rows[0].clone() });
        let look = |end| {
            let mut look = Verification::new(&key, [head]);
            rows.iter().for_each(|row| look.row(row));
            look.end(end).faults
        };
        assert_eq!(look(Some(head)), [Fault::Beyond(4, 9)], "none is said to be removed between");
        rows.truncate(4);
        let mut look = Verification::new(&key, []);
        rows.iter().for_each(|row| look.row(row));
        assert_eq!(look.end(None).faults, [Fault::NoHead]);
    }

    #[test]
    fn head_is_read_as_it_is_written() {
        let (_, head) = log(&AuditKey::new([1; 32]), 3);
        assert_eq!(head.to_string().parse(), Ok(head));
        for text in ["", "3", "3:", "x:00", ":", "3:00"] {
            assert_eq!(text.parse::<Head>(), Err(NoHead), "{text}");
        }
    }

    #[test]
    fn every_sort_has_a_code_of_its_own() {
        let mut codes: Vec<_> = Sort::ALL.iter().map(|sort| sort.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Sort::ALL.len());
    }
}
