//! Pushes that were answered by `busy`, so that what builds on them is not refused for good.
//!
//! A client may send a push before the one that it builds on is answered. Where the first is held back by
//! `busy`, the second lacks its dependencies, and that refusal would be final. So it is `busy` as well.

use super::entry::Stored;
use crate::ids::{ChangeHash, DocumentId};
use crate::ordered::OrderedSet;
use crate::wire::Nack;
use crate::wire::code::NackCode;

/// After this long a client that was told `busy` may try again.
pub const RETRY_MS: u64 = 500;

/// Changes remembered a connection: 64 bytes each. More than 32 pushes of 64 changes, the usual limit of
/// what may be unanswered.
const REMEMBERED: usize = 4096;

/// The changes that were held back on one connection, or in one request of the HTTPS fallback.
#[derive(Clone, Debug, Default)]
pub struct HeldBack(OrderedSet<(DocumentId, ChangeHash)>);

impl HeldBack {
    /// The answer to a submission that brings these changes: a lack of dependencies that were held back is
    /// `busy` too.
    pub fn answer(
        &mut self,
        brought: &[(DocumentId, ChangeHash)],
        answer: Result<Stored, Nack>,
    ) -> Result<Stored, Nack> {
        match answer {
            Ok(stored) => {
                for key in brought {
                    self.0.remove(key);
                }
                Ok(stored)
            }
            Err(nack) if nack.code == NackCode::Busy || self.is_cause_of(brought, &nack) => {
                self.0.extend(brought.iter().copied());
                while self.0.len() > REMEMBERED {
                    self.0.pop_first();
                }
                Err(Nack {
                    id: nack.id,
                    code: NackCode::Busy,
                    message: "perhaps stored; send it again".to_owned(),
                    hashes: None,
                    retry_ms: Some(nack.retry_ms.unwrap_or(RETRY_MS)),
                })
            }
            Err(nack) => Err(nack),
        }
    }

    fn is_cause_of(&self, brought: &[(DocumentId, ChangeHash)], nack: &Nack) -> bool {
        let missing = nack.hashes.iter().flatten();
        nack.code == NackCode::MissingDependencies
            && missing
                .flat_map(|hash| brought.iter().map(|(doc, _)| (*doc, *hash)))
                .any(|key| self.0.contains(&key))
    }
}

/// The answer where nothing can be taken just now.
pub fn busy() -> Nack {
    Nack {
        id: None,
        code: NackCode::Busy,
        message: "perhaps stored; send it again".to_owned(),
        hashes: None,
        retry_ms: Some(RETRY_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> (DocumentId, ChangeHash) {
        (DocumentId::from_bytes([1; 16]), ChangeHash::from_bytes([n; 32]))
    }

    fn missing(n: u8) -> Nack {
        let hashes = Some(vec![key(n).1]);
        Nack { id: None, code: NackCode::MissingDependencies, message: String::new(), hashes, retry_ms: None }
    }

    #[test]
    fn push_that_builds_on_a_busy_one_is_busy_too() {
        let mut held_back = HeldBack::default();
        assert!(held_back.answer(&[key(1)], Err(busy())).is_err());
        let second = held_back.answer(&[key(2)], Err(missing(1))).unwrap_err();
        let third = held_back.answer(&[key(3)], Err(missing(2))).unwrap_err();
        assert_eq!((second.code, third.code), (NackCode::Busy, NackCode::Busy));
    }

    #[test]
    fn dependency_that_was_never_sent_is_missing_for_good() {
        let mut held_back = HeldBack::default();
        let nack = held_back.answer(&[key(2)], Err(missing(1))).unwrap_err();
        assert_eq!(nack.code, NackCode::MissingDependencies);
    }
}
