//! Where people are in a document: what a device says of its person, how often, and for how long that holds.

use super::row;
use crate::cbor_map;
use crate::ids::{DeviceId, ItemId, UserId};
use crate::ordered::OrderedMap;
use crate::wire::limits;

/// How long a person counts as present after they were last heard.
pub const EXPIRES_MS: u64 = 45_000;
/// How often a person who does not move is told again: two of three may be lost before they fade.
pub const REPEAT_MS: u64 = 20_000;
/// The least time between two tellings: a person who tabs through a form costs little.
pub const THROTTLE_MS: u64 = 400;
/// People that one document shows; past it newcomers are not shown.
const MOST_PEOPLE: usize = 64;
/// Bytes of a name in a place: the longest key of a schema is far below.
const NAME_BYTES: usize = 64;

/// What a device says of its person; other versions of the app may say more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PresenceState {
    /// Which of the device's tabs speaks.
    pub slot: u8,
    /// The person has left the document.
    pub left: bool,
    /// The person has just come, and asks the others to say where they are.
    pub asks: bool,
    /// The list; empty for the record's own fields.
    pub list: String,
    /// The item.
    pub item: Option<ItemId>,
    /// The field; empty where the person is in none.
    pub field: String,
}

cbor_map! {
    PresenceState { slot: defaulted, left: defaulted, asks: sparse, list: defaulted, item: defaulted, field: defaulted }
}

impl PresenceState {
    /// As it is sent; `None` where it is larger than a relay forwards.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let bytes = row::to_bytes(self);
        (bytes.len() <= limits::PRESENCE_BYTES).then_some(bytes)
    }

    /// As it came; `None` for what is none or too large.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let state: Self = (bytes.len() <= limits::PRESENCE_BYTES).then(|| row::from_bytes(bytes))??;
        (state.list.len() <= NAME_BYTES && state.field.len() <= NAME_BYTES).then_some(state)
    }

    /// The place as screens name it.
    pub fn place(&self) -> Option<(String, Option<ItemId>, String)> {
        (!self.field.is_empty()).then(|| (self.list.clone(), self.item, self.field.clone()))
    }
}

/// Who is in a document besides this tab.
#[derive(Clone, Debug, Default)]
pub struct Company {
    seen: OrderedMap<(UserId, DeviceId, u8), (PresenceState, u64)>,
}

impl Company {
    /// Notes what was heard of a person.
    pub fn hear(&mut self, now: u64, user: UserId, device: DeviceId, state: PresenceState) {
        let key = (user, device, state.slot);
        if state.left {
            self.seen.remove(&key);
        } else if self.seen.len() < MOST_PEOPLE || self.seen.contains_key(&key) {
            self.seen.insert(key, (state, now));
        }
    }

    /// A device's connection is gone: nobody is at it any more, in whatever tab.
    pub fn lose(&mut self, user: &UserId, device: DeviceId) {
        self.seen.retain(|(of, at, _), _| of != user || *at != device);
    }

    /// Forgets those who were not heard for [`EXPIRES_MS`].
    pub fn forget(&mut self, now: u64) {
        self.seen.retain(|_, (_, heard_at)| now.saturating_sub(*heard_at) < EXPIRES_MS);
    }

    /// When the next one is to be forgotten.
    pub fn expires_at(&self) -> Option<u64> {
        self.seen.values().map(|(_, heard_at)| heard_at + EXPIRES_MS).min()
    }

    /// The people present, by name of user: one line a person and device tab, with where they are.
    pub fn people(&self) -> impl Iterator<Item = (&UserId, &PresenceState)> {
        self.seen.iter().map(|((user, _, _), (state, _))| (user, state))
    }

    /// Whether anybody is there.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

/// A number from 0 to 7 for a person's colour, the same on every device.
pub fn colour_of(user: &UserId) -> u8 {
    let sum = user.as_str().bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    (sum % 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sri() -> (UserId, DeviceId) {
        ("sri".parse().unwrap(), DeviceId::from_bytes([1; 16]))
    }

    fn in_field(field: &str) -> PresenceState {
        PresenceState { field: field.to_owned(), ..PresenceState::default() }
    }

    #[test]
    fn person_fades_when_not_heard_any_more() {
        let (user, device) = sri();
        let mut company = Company::default();
        company.hear(1_000, user, device, in_field("title"));
        company.forget(1_000 + EXPIRES_MS - 1);
        assert!(!company.is_empty());
        assert_eq!(company.expires_at(), Some(1_000 + EXPIRES_MS));
        company.forget(1_000 + EXPIRES_MS);
        assert!(company.is_empty());
    }

    #[test]
    fn person_who_leaves_is_gone_at_once() {
        let (user, device) = sri();
        let mut company = Company::default();
        company.hear(0, user.clone(), device, in_field("title"));
        company.hear(1, user, device, PresenceState { left: true, ..PresenceState::default() });
        assert!(company.is_empty());
    }

    #[test]
    fn device_that_is_gone_takes_the_person_in_all_its_tabs_along_and_nobody_else() {
        let (user, device) = sri();
        let other = DeviceId::from_bytes([2; 16]);
        let mut company = Company::default();
        for slot in [0, 1] {
            company.hear(0, user.clone(), device, PresenceState { slot, ..in_field("title") });
        }
        company.hear(0, user.clone(), other, in_field("title"));
        company.lose(&user, device);
        assert_eq!(company.people().count(), 1);
        company.lose(&user, other);
        assert!(company.is_empty());
    }

    #[test]
    fn crowd_is_bounded() {
        let (user, device) = sri();
        let mut company = Company::default();
        for slot in 0..=255 {
            company.hear(0, user.clone(), device, PresenceState { slot, ..in_field("title") });
        }
        assert_eq!(company.people().count(), MOST_PEOPLE);
    }

    #[test]
    fn state_is_read_back_and_nonsense_is_not() {
        for state in [in_field("title"), PresenceState { asks: true, ..PresenceState::default() }] {
            assert_eq!(PresenceState::decode(&state.encode().unwrap()), Some(state));
        }
        assert_eq!(PresenceState::decode(b"\xffnonsense"), None);
        assert_eq!(PresenceState::decode(&in_field(&"x".repeat(65)).encode().unwrap()), None);
        assert_eq!(in_field(&"x".repeat(2_000)).encode(), None);
    }
}
