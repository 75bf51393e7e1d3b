//! What a region decides for its feed: four eyes, idle lock, time zone, letterhead, periods, offices and who signs.
//!
//! The relay keeps each setting as a row of a key and a value; the value is CBOR. A key that this version does not know
//! is kept and passed on, here and at the relay, and changes nothing until a newer version reads it.

use crate::cbor::reader::Reader;
use crate::cbor::writer::Writer;
use crate::cbor::{Form, to_bytes};
use crate::domain::date::PartialDate;
use crate::ids::BlobHash;
use crate::model::decision::{FourEyes, says_nothing};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::Bytes;
use crate::{cbor_code, cbor_map};

/// Bytes of a value without its picture, and of a picture.
pub const VALUE_BYTES: usize = 64 << 10;
/// Items of a list: offices of the largest regions are some hundreds.
const ITEMS: usize = 1_000;
/// Lines of a letterhead.
const LETTERHEAD_LINES: usize = 8;
/// Characters of a name, a position or a line.
const TEXT_CHARACTERS: usize = 200;
/// Characters of an id that people choose.
const ID_CHARACTERS: usize = 64;
/// Minutes of the longest idle lock: a day.
const IDLE_MINUTES: u32 = 24 * 60;
/// Digits of a NIP.
const NIP_DIGITS: usize = 18;

/// The keys that this version knows, in the order in which they are shown.
pub const KEYS: [&str; 8] =
    ["four-eyes", "idle-lock", "time-zone", "letterhead", "picture", "periods", "offices", "officials"];

/// A time zone of Indonesia.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeZone {
    /// *Waktu Indonesia Barat*, UTC+7.
    #[default]
    Wib,
    /// *Waktu Indonesia Tengah*, UTC+8.
    Wita,
    /// *Waktu Indonesia Timur*, UTC+9.
    Wit,
}

impl TimeZone {
    /// As in a value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wib => "WIB",
            Self::Wita => "WITA",
            Self::Wit => "WIT",
        }
    }

    /// From the form in a value.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Wib, Self::Wita, Self::Wit].into_iter().find(|known| known.as_str() == code)
    }

    /// Hours ahead of UTC.
    pub fn utc_offset_hours(self) -> u64 {
        match self {
            Self::Wib => 7,
            Self::Wita => 8,
            Self::Wit => 9,
        }
    }
}

/// A period for which a region plans and reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// What records refer to it by; never changed.
    pub id: String,
    /// Its name for people, such as `Triwulan I 2026`.
    pub name: String,
    /// Its first day.
    pub from: PartialDate,
    /// Its last day.
    pub to: PartialDate,
}

/// An office (*perangkat daerah*).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// What people and records refer to it by; never changed.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// An official who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Official {
    /// The name with its titles.
    pub name: String,
    /// *Jabatan*.
    pub position: String,
    /// The NIP, 18 digits; empty for who has none.
    pub nip: String,
}

/// A picture with its bytes, as the relay keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `image/png` or `image/svg+xml`.
    pub media_type: String,
    /// The SHA-256 of the bytes.
    pub hash: BlobHash,
    /// The bytes.
    pub bytes: Bytes,
}

/// A picture without its bytes, as devices are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureReference {
    /// `image/png` or `image/svg+xml`.
    pub media_type: String,
    /// The SHA-256 of the bytes.
    pub hash: BlobHash,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Whether somebody may decide on what they submitted themselves.
    FourEyes(FourEyes),
    /// Minutes without a touch after which the app locks itself; `None` for never.
    IdleLock(Option<u32>),
    /// The time zone of what is printed.
    TimeZone(TimeZone),
    /// The lines of the letterhead.
    Letterhead(Vec<String>),
    /// The picture beside the letterhead.
    Picture(Picture),
    /// The periods.
    Periods(Vec<Period>),
    /// The offices.
    Offices(Vec<Office>),
    /// Who signs.
    Officials(Vec<Official>),
}

/// Why a setting is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No setting has this key.
    #[error("there is no setting {0}; there are {keys}", keys = KEYS.join(", "))]
    UnknownKey(String),
    /// A text is empty.
    #[error("a {0} is empty; leave the entry out or fill it in")]
    Empty(&'static str),
    /// A text is too long, or has lines or control characters.
    #[error("a {what} is one line of at most {most} characters: {text:?}")]
    Text {
        /// Which text.
        what: &'static str,
        /// Characters that it may have.
        most: usize,
        /// How it begins.
        text: String,
    },
    /// An id with other characters.
    #[error("an id has 1 to {ID_CHARACTERS} characters out of a-z 0-9 . - _: {0:?}")]
    Id(String),
    /// Two entries have one id.
    #[error("two entries have the id {0}; each needs its own")]
    Twice(String),
    /// Too many entries.
    #[error("there are {found} entries; at most {most} are kept")]
    TooMany {
        /// Entries that were given.
        found: usize,
        /// Entries that are kept.
        most: usize,
    },
    /// Minutes out of the range.
    #[error("the idle lock takes 1 to {IDLE_MINUTES} minutes, or off")]
    IdleMinutes,
    /// No NIP.
    #[error("a NIP has {NIP_DIGITS} digits: {0:?}")]
    Nip(String),
    /// A period that ends before it begins, or whose days are not known to the day.
    #[error("the period {0} needs a first and a last day, such as 2026-01-01, the last not before the first")]
    Period(String),
    /// Too many bytes.
    #[error("the value has {0} bytes; at most {VALUE_BYTES} are kept")]
    TooLarge(usize),
}

cbor_code!(TimeZone);

cbor_map! {
    Period { id, name, from, to }
    Office { id, name }
    Official { name, position: defaulted, nip: defaulted }
    Picture { media_type, hash, bytes }
    PictureReference { media_type, hash }
}

impl Picture {
    /// What devices are told of it.
    pub fn reference(&self) -> PictureReference {
        PictureReference { media_type: self.media_type.clone(), hash: self.hash }
    }
}

impl Setting {
    /// Its key.
    pub fn key(&self) -> &'static str {
        match self {
            Self::FourEyes(_) => "four-eyes",
            Self::IdleLock(_) => "idle-lock",
            Self::TimeZone(_) => "time-zone",
            Self::Letterhead(_) => "letterhead",
            Self::Picture(_) => "picture",
            Self::Periods(_) => "periods",
            Self::Offices(_) => "offices",
            Self::Officials(_) => "officials",
        }
    }

    /// Its value, as the relay keeps it.
    pub fn value(&self) -> Vec<u8> {
        match self {
            Self::FourEyes(value) => to_bytes(value),
            Self::IdleLock(minutes) => to_bytes(minutes),
            Self::TimeZone(value) => to_bytes(value),
            Self::Letterhead(lines) => to_bytes(lines),
            Self::Picture(picture) => to_bytes(picture),
            Self::Periods(list) => to_bytes(list),
            Self::Offices(list) => to_bytes(list),
            Self::Officials(list) => to_bytes(list),
        }
    }

    /// Whether it may be kept.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), SettingError> {
        match self {
            Self::FourEyes(_) | Self::TimeZone(_) => {}
            Self::IdleLock(minutes) => {
                if minutes.is_some_and(|minutes| !(1..=IDLE_MINUTES).contains(&minutes)) {
                    return Err(SettingError::IdleMinutes);
                }
            }
            Self::Letterhead(lines) => {
                few(lines.len(), LETTERHEAD_LINES)?;
                lines.iter().try_for_each(|line| text("line", line))?;
            }
            Self::Picture(picture) => {
                let size_bytes = picture.bytes.len();
                return if size_bytes > VALUE_BYTES {
                    Err(SettingError::TooLarge(size_bytes))
                } else {
                    Ok(())
                };
            }
            Self::Periods(list) => {
                ids(list.iter().map(|period| &period.id))?;
                for period in list {
                    text("name", &period.name)?;
                    let is_known = period.from.day().is_some() && period.to.day().is_some();
                    if !is_known || period.to < period.from {
                        return Err(SettingError::Period(period.id.clone()));
                    }
                }
            }
            Self::Offices(list) => {
                ids(list.iter().map(|office| &office.id))?;
                list.iter().try_for_each(|office| text("name", &office.name))?;
            }
            Self::Officials(list) => {
                few(list.len(), ITEMS)?;
                for official in list {
                    text("name", &official.name)?;
                    text("position", &official.position)?;
                    let is_nip = official.nip.len() == NIP_DIGITS
                        && official.nip.bytes().all(|byte| byte.is_ascii_digit());
                    if !official.nip.is_empty() && !is_nip {
                        return Err(SettingError::Nip(official.nip.chars().take(40).collect()));
                    }
                }
            }
        }
        let size_bytes = self.value().len();
        if size_bytes > VALUE_BYTES { Err(SettingError::TooLarge(size_bytes)) } else { Ok(()) }
    }
}

/// Whether a text may be the id of an office or a period.
///
/// # Errors
/// [`SettingError::Id`] where it may not.
pub fn check_id(id: &str) -> Result<(), SettingError> {
    let is_known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let is_id = (1..=ID_CHARACTERS).contains(&id.len()) && id.bytes().all(is_known);
    if is_id { Ok(()) } else { Err(SettingError::Id(id.chars().take(40).collect())) }
}

fn ids<'a>(all: impl ExactSizeIterator<Item = &'a String>) -> Result<(), SettingError> {
    few(all.len(), ITEMS)?;
    let mut seen = OrderedSet::new();
    for id in all {
        check_id(id)?;
        if !seen.insert(id) {
            return Err(SettingError::Twice(id.clone()));
        }
    }
    Ok(())
}

fn few(found: usize, most: usize) -> Result<(), SettingError> {
    if found > most { Err(SettingError::TooMany { found, most }) } else { Ok(()) }
}

fn text(what: &'static str, value: &str) -> Result<(), SettingError> {
    if says_nothing(value) {
        return Err(SettingError::Empty(what));
    }
    if value.chars().count() > TEXT_CHARACTERS || value.chars().any(char::is_control) {
        let text = value.chars().take(40).collect();
        return Err(SettingError::Text { what, most: TEXT_CHARACTERS, text });
    }
    Ok(())
}

/// A feed's settings as this version reads them. What is not set, or cannot be read, has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedSettings {
    /// Whether somebody may decide on what they submitted themselves.
    pub four_eyes: FourEyes,
    /// Minutes without a touch after which the app locks itself; `None` for never.
    pub idle_lock_minutes: Option<u32>,
    /// The time zone of what is printed.
    pub time_zone: TimeZone,
    /// The lines of the letterhead.
    pub letterhead: Vec<String>,
    /// The picture beside the letterhead.
    pub picture: Option<PictureReference>,
    /// The periods.
    pub periods: Vec<Period>,
    /// The offices.
    pub offices: Vec<Office>,
    /// Who signs.
    pub officials: Vec<Official>,
}

impl FeedSettings {
    /// Reads values by key.
    pub fn read(values: &OrderedMap<String, Bytes>) -> Self {
        Self {
            four_eyes: read(values, "four-eyes"),
            idle_lock_minutes: read(values, "idle-lock"),
            time_zone: read(values, "time-zone"),
            letterhead: read(values, "letterhead"),
            picture: read(values, "picture"),
            periods: read(values, "periods"),
            offices: read(values, "offices"),
            officials: read(values, "officials"),
        }
    }

    /// The name of an office.
    pub fn office(&self, id: &str) -> Option<&str> {
        self.offices.iter().find(|office| office.id == id).map(|office| office.name.as_str())
    }
}

/// Whether four eyes are required, by the value of that setting; where there is none, or none that is understood, they are.
pub fn four_eyes(value: Option<&[u8]>) -> FourEyes {
    value.and_then(read_value).unwrap_or_default()
}

fn read<T: Form + Default>(values: &OrderedMap<String, Bytes>, key: &str) -> T {
    values.get(key).and_then(|value| read_value(value)).unwrap_or_default()
}

/// Reads one value; `None` where it was unset, or is nothing that this version knows.
pub fn read_value<T: Form>(value: &[u8]) -> Option<T> {
    let mut reader = Reader::new(value);
    T::read(&mut reader).filter(|_| reader.is_at_end())
}

/// The value of a setting that was taken away again.
pub fn unset() -> Vec<u8> {
    let mut writer = Writer::default();
    writer.null();
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office(id: &str, name: &str) -> Office {
        Office { id: id.to_owned(), name: name.to_owned() }
    }

    fn official(nip: &str) -> Setting {
        Setting::Officials(vec![Official {
            name: "Sri Wahyuni, S.IP.".to_owned(),
            position: "Kepala Bagian Kerja Sama".to_owned(),
            nip: nip.to_owned(),
        }])
    }

    fn period(from: &str, to: &str) -> Setting {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        Setting::Periods(vec![Period { id: "2026-1".to_owned(), name: "Semester I".to_owned(), from, to }])
    }

    #[test]
    fn what_can_be_kept_is_told_from_what_cannot() {
        let cases = [
            ("an hour", Setting::IdleLock(Some(60)), None),
            ("never", Setting::IdleLock(None), None),
            ("no minutes", Setting::IdleLock(Some(0)), Some(SettingError::IdleMinutes)),
            ("two days", Setting::IdleLock(Some(2880)), Some(SettingError::IdleMinutes)),
            ("a NIP", official("198001012006041001"), None),
            ("no NIP", official(""), None),
            ("a short NIP", official("1980"), Some(SettingError::Nip("1980".to_owned()))),
            ("half a year", period("2026-01-01", "2026-06-30"), None),
            (
                "backwards",
                period("2026-06-30", "2026-01-01"),
                Some(SettingError::Period("2026-1".to_owned())),
            ),
            ("a month", period("2026-01", "2026-06-30"), Some(SettingError::Period("2026-1".to_owned()))),
            (
                "one id twice",
                Setting::Offices(vec![office("setda", "Setda"), office("setda", "Bappeda")]),
                Some(SettingError::Twice("setda".to_owned())),
            ),
            (
                "an id in capitals",
                Setting::Offices(vec![office("SETDA", "Setda")]),
                Some(SettingError::Id("SETDA".to_owned())),
            ),
            ("no name", Setting::Offices(vec![office("setda", " ")]), Some(SettingError::Empty("name"))),
            (
                "many lines",
                Setting::Letterhead(vec!["PEMERINTAH".to_owned(); 9]),
                Some(SettingError::TooMany { found: 9, most: 8 }),
            ),
        ];
        for (name, setting, expected) in cases {
            assert_eq!(setting.check().err(), expected, "{name}");
        }
        let broken = Setting::Letterhead(vec!["PEMERINTAH\nKABUPATEN".to_owned()]);
        assert!(matches!(broken.check(), Err(SettingError::Text { what: "line", .. })));
        let full = (0..1_000).map(|n| office(&format!("o{n}"), &"x".repeat(TEXT_CHARACTERS))).collect();
        assert!(matches!(Setting::Offices(full).check(), Err(SettingError::TooLarge(_))));
    }

    #[test]
    fn every_setting_is_read_back_and_unknown_keys_and_values_change_nothing() {
        let settings = [
            Setting::FourEyes(FourEyes::Waived),
            Setting::IdleLock(Some(15)),
            Setting::TimeZone(TimeZone::Wit),
            Setting::Letterhead(vec!["PEMERINTAH KABUPATEN".to_owned()]),
            period("2026-01-01", "2026-06-30"),
            Setting::Offices(vec![office("setda", "Sekretariat Daerah")]),
            official("198001012006041001"),
        ];
        let mut values: OrderedMap<String, Bytes> =
            settings.iter().map(|setting| (setting.key().to_owned(), setting.value().into())).collect();
        values.insert("kelak".to_owned(), vec![0x18].into());
        let read = FeedSettings::read(&values);
        assert_eq!((read.four_eyes, read.idle_lock_minutes), (FourEyes::Waived, Some(15)));
        assert_eq!((read.time_zone, read.letterhead.len()), (TimeZone::Wit, 1));
        assert_eq!((read.office("setda"), read.office("bappeda")), (Some("Sekretariat Daerah"), None));
        assert_eq!((read.periods.len(), read.officials.len()), (1, 1));
        values.insert("four-eyes".to_owned(), b"\x67someday".to_vec().into());
        values.insert("time-zone".to_owned(), unset().into());
        let read = FeedSettings::read(&values);
        assert_eq!(read.four_eyes, FourEyes::Required, "what is not understood takes no safeguard away");
        assert_eq!(read.time_zone, TimeZone::Wib);
    }

    #[test]
    fn reference_of_a_picture_is_read_from_the_picture() {
        let picture = Picture {
            media_type: "image/png".to_owned(),
            hash: BlobHash::from_bytes([7; 32]),
            bytes: vec![1, 2].into(),
        };
        let reference = picture.reference();
        assert_eq!(read_value(&to_bytes(&picture)), Some(reference.clone()));
        assert_eq!(read_value::<Picture>(&Setting::Picture(picture.clone()).value()), Some(picture));
        assert_eq!(read_value(&to_bytes(&reference)), Some(reference));
    }
}
