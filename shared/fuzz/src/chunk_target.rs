//! The change check, of changes and of snapshots: it never panics by itself, and what it accepts it accepts in every form.

use shared::change_check::history::History;
use shared::change_check::snapshot::check_snapshot;
use shared::change_check::{CheckedChange, check_change};

use crate::contained::contained;
use crate::parts::{self, seal};

/// How far a chunk came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was refused.
    Refused,
    /// Automerge panicked at it, past the check of its columns.
    Contained,
    /// It is one change.
    Change,
    /// It is a snapshot of so many changes.
    Snapshot(usize),
}

/// Checks the bytes as they are, and as a chunk of the type that the first byte names.
///
/// # Panics
/// Where the check panics, accepts a change in one form and not in the other, or says of it what it does not hold.
pub fn run(bytes: &[u8]) -> Came {
    let raw = check(bytes);
    let [kind, body @ ..] = bytes else { return raw };
    match check(&seal(kind % 4, body).bytes) {
        Came::Refused => raw,
        came => came,
    }
}

fn check(bytes: &[u8]) -> Came {
    // Up to here nothing is Automerge's, so that nothing may be contained.
    if bytes.get(8) == Some(&parts::DOCUMENT) {
        return match contained(|| check_snapshot(bytes)) {
            Err(_) => Came::Contained,
            Ok(Err(_)) => Came::Refused,
            Ok(Ok(changes)) => {
                changes.iter().for_each(is_the_same_in_every_form);
                Came::Snapshot(changes.len())
            }
        };
    }
    match contained(|| check_change(bytes)) {
        Err(place) => panic!("the check of a change has no other net: Automerge panicked at {place}"),
        Ok(Err(_)) => Came::Refused,
        Ok(Ok(checked)) => {
            is_the_same_in_every_form(&checked);
            // Whatever it says of itself, asking whether it fits is harmless.
            let _ = History::default().admit(&checked);
            Came::Change
        }
    }
}

fn is_the_same_in_every_form(checked: &CheckedChange) {
    let mut change = checked.change.clone();
    assert_eq!(checked.hash, change.hash().into());
    assert_eq!(checked.operations, change.len() as u64);
    let plain = change.raw_bytes().to_vec();
    let sent = change.bytes().into_owned();
    for form in [plain, sent] {
        match check_change(&form) {
            Ok(again) => assert_eq!((again.hash, again.seq), (checked.hash, checked.seq)),
            // A change that came in a snapshot may be longer than one may be sent.
            Err(refusal) => assert!(form.len() > shared::wire::limits::CHANGE_BYTES, "{refusal}"),
        }
    }
}
