//! How a feed's settings reach a device: what is newer, by number, asked for when `welcome` names another number.
//!
//! Each row of the relay has a number of its own, above all before it in the feed, and at least the relay's time in
//! milliseconds: so a restored relay gives none out twice. A device names the number that it has. Where the relay has
//! that row, it answers what came after it; else, as after a restore, it answers all.

use std::fmt;

use crate::cbor::reader::Reader;
use crate::cbor::writer::Writer;
use crate::cbor::{Form, to_bytes};
use crate::cbor_map;
use crate::ids::UserId;
use crate::model::feed_settings::{Picture, read_value};
use crate::ordered::OrderedMap;
use crate::wire::Bytes;

/// The key whose value has a picture's bytes at the relay, and only its reference on a device.
pub const PICTURE: &str = "picture";

/// One setting as the relay keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingRow {
    /// The key.
    pub key: String,
    /// The value, in CBOR.
    pub value: Bytes,
    /// Its number; grows within the feed.
    pub number: u64,
    /// Who set it.
    pub by: SetBy,
    /// When, milliseconds since 1970.
    pub at: u64,
}

/// Who set something: a person, or the operator under their name in the system. A user name has no colon, so that neither
/// can pass for the other. Kept as it came: newer relays may know others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBy(String);

/// Characters of the system's name of an operator that are kept.
const OPERATOR_CHARACTERS: usize = 64;

impl SetBy {
    /// A person.
    pub fn person(user: &UserId) -> Self {
        Self(user.to_string())
    }

    /// The operator, by the command line, as this user of the system.
    pub fn operator(name: &str) -> Self {
        let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
        let name: String = name.trim().chars().take(OPERATOR_CHARACTERS).collect();
        Self(format!("operator:{name}"))
    }

    /// As it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SetBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Form for SetBy {
    fn write(&self, writer: &mut Writer) {
        writer.text(&self.0);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        String::read(reader).map(Self)
    }
}

/// What the relay answers to a device that has settings up to some number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsDifference {
    /// The number of the newest row; 0 where nothing was ever set.
    pub number: u64,
    /// The number after which these are; 0 where they are all.
    pub since: u64,
    /// The newest row of each key.
    pub settings: Vec<SettingRow>,
}

cbor_map! {
    SettingRow { key, value, number, by, at }
    SettingsDifference { number, since: defaulted, settings }
}

/// The number of a new row, after the feed's last one.
pub fn next_number(last: u64, now: u64) -> u64 {
    now.max(last + 1)
}

/// What a device lacks that has settings up to `since`. `rows` are the newest of each key, in any order; `is_known`
/// says whether the feed has a row of that number.
pub fn difference(mut rows: Vec<SettingRow>, since: u64, is_known: bool) -> SettingsDifference {
    let number = rows.iter().map(|row| row.number).max().unwrap_or(0);
    let since = if is_known { since } else { 0 };
    rows.retain(|row| row.number > since);
    rows.sort_by_key(|row| row.number);
    for row in rows.iter_mut().filter(|row| row.key == PICTURE) {
        if let Some(picture) = read_value::<Picture>(&row.value) {
            row.value = to_bytes(&picture.reference()).into();
        }
    }
    SettingsDifference { number, since, settings: rows }
}

/// Lays a difference over the values that a device has.
pub fn take_in(values: &mut OrderedMap<String, Bytes>, difference: SettingsDifference) {
    if difference.since == 0 {
        *values = OrderedMap::new();
    }
    values.extend(difference.settings.into_iter().map(|row| (row.key, row.value)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::BlobHash;
    use crate::model::feed_settings::{PictureReference, Setting, TimeZone};

    fn row(key: &str, number: u64, value: u8) -> SettingRow {
        SettingRow {
            key: key.to_owned(),
            value: vec![value].into(),
            number,
            by: SetBy::operator("root"),
            at: number,
        }
    }

    fn values(pairs: &[(&str, u8)]) -> OrderedMap<String, Bytes> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), vec![*value].into())).collect()
    }

    #[test]
    fn operator_is_told_from_every_person() {
        let person = SetBy::person(&"operator".parse().unwrap());
        assert_eq!((person.as_str(), SetBy::operator("root").as_str()), ("operator", "operator:root"));
        assert!("operator:root".parse::<UserId>().is_err());
        assert_eq!(SetBy::operator("ro\not\t").as_str(), "operator:root");
    }

    #[test]
    fn numbers_grow_whatever_the_clock_says() {
        assert_eq!(next_number(0, 1_000), 1_000);
        assert_eq!(next_number(1_000, 1_000), 1_001);
        assert_eq!(next_number(1_000, 900), 1_001);
    }

    #[test]
    fn device_gets_what_is_newer_and_keeps_keys_that_nobody_knows() {
        let rows = vec![row("time-zone", 30, 3), row("kelak", 10, 1), row("letterhead", 20, 2)];
        let mut known = OrderedMap::new();
        take_in(&mut known, difference(rows.clone(), 0, false));
        assert_eq!(known, values(&[("kelak", 1), ("letterhead", 2), ("time-zone", 3)]));
        let mut stale = values(&[("kelak", 1), ("letterhead", 9)]);
        let newer = difference(rows.clone(), 10, true);
        assert_eq!((newer.number, newer.since, newer.settings.len()), (30, 10, 2));
        take_in(&mut stale, newer);
        assert_eq!(stale, known);
        assert_eq!(difference(rows, 30, true).settings, []);
    }

    #[test]
    fn device_that_knows_a_row_that_the_relay_lost_gets_all_and_forgets_it() {
        let mut known = values(&[("kelak", 1), ("four-eyes", 7)]);
        take_in(&mut known, difference(vec![row("kelak", 10, 1)], 15, false));
        assert_eq!(known, values(&[("kelak", 1)]));
    }

    #[test]
    fn picture_is_told_without_its_bytes() {
        let hash = BlobHash::from_bytes([7; 32]);
        let media_type = "image/png".to_owned();
        let picture = Picture { media_type: media_type.clone(), hash, bytes: vec![1; 50_000].into() };
        let value = Setting::Picture(picture).value().into();
        let rows = vec![
            SettingRow { value, ..row(PICTURE, 5, 0) },
            SettingRow { value: Setting::TimeZone(TimeZone::Wit).value().into(), ..row("time-zone", 6, 0) },
        ];
        let told = difference(rows, 0, false);
        let reference = read_value::<PictureReference>(&told.settings[0].value);
        assert_eq!(reference, Some(PictureReference { media_type, hash }));
        assert!(crate::cbor::to_bytes(&told).len() < 300);
    }
}
