//! How far a record is, in the words that each of its pages bears.

use crate::model::decision::State;

/// What is known of a record besides its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// It is as it was when the decision was made.
    Unchanged,
    /// It was changed afterwards.
    Changed,
    /// Not all changes that the decision was made on are here.
    Incomplete,
    /// It was decided without a network: the relay may refuse it yet.
    NotReceived,
}

/// The words on each page. What is not the approved version says *konsep*, whatever came before.
pub fn standing_text(state: State, since: Since) -> &'static str {
    match (state, since) {
        (State::Draft, _) => "KONSEP",
        (State::Returned, _) => "KONSEP (DIKEMBALIKAN)",
        (State::Submitted, _) => "KONSEP (DIAJUKAN)",
        (State::Verified, _) => "KONSEP (DIVERIFIKASI)",
        (State::Approved, Since::Unchanged) => "DISETUJUI",
        (State::Approved, Since::Changed) => "KONSEP (DIUBAH SESUDAH DISETUJUI)",
        (State::Approved, Since::Incomplete) => "KONSEP (VERSI YANG DISETUJUI BELUM LENGKAP DI SINI)",
        (State::Approved, Since::NotReceived) => "KONSEP (DISETUJUI, BELUM DITERIMA SERVER)",
        (State::Archived, Since::NotReceived) => "DIARSIPKAN (BELUM DITERIMA SERVER)",
        (State::Archived, Since::Incomplete) => "DIARSIPKAN (BELUM LENGKAP DI SINI)",
        (State::Archived, _) => "DIARSIPKAN",
    }
}

/// The words on each page of a record that lies in the bin.
pub const BINNED: &str = "DI TEMPAT SAMPAH, TIDAK BERLAKU";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_that_was_approved_is_no_draft() {
        let states = [State::Draft, State::Returned, State::Submitted, State::Verified, State::Approved];
        for state in states {
            for since in [Since::Unchanged, Since::Changed, Since::Incomplete, Since::NotReceived] {
                let is_approved = (state, since) == (State::Approved, Since::Unchanged);
                assert_eq!(
                    !standing_text(state, since).starts_with("KONSEP"),
                    is_approved,
                    "{state:?} {since:?}"
                );
            }
        }
        assert_eq!(standing_text(State::Archived, Since::Unchanged), "DIARSIPKAN");
    }
}
