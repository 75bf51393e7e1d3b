//! Settings of a feed as an operator writes and reads them: plain words, or JSON for lists.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::domain::date::PartialDate;
use shared::ids::BlobHash;
use shared::model::decision::FourEyes;
use shared::model::feed_settings::{
    KEYS, Office, Official, Period, Picture, PictureReference, Setting, SettingError, TimeZone, check_id,
    read_value,
};
use shared::sync::settings::SettingRow;

use crate::picture::{PictureError, media_type};

/// Why the words of an operator are no setting.
#[derive(Debug, thiserror::Error)]
pub enum SettingTextError {
    /// It is not kept.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Not one of the words that this key takes.
    #[error("{key} takes {takes}: {found:?}")]
    Word {
        /// The key.
        key: &'static str,
        /// What it takes.
        takes: &'static str,
        /// What was given.
        found: String,
    },
    /// No JSON.
    #[error("{key} takes a list in JSON, such as {example}")]
    Json {
        /// The key.
        key: &'static str,
        /// How it is written.
        example: &'static str,
        /// Where it is wrong.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The picture is not taken.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

const LETTERHEAD: &str = r#"["PEMERINTAH KABUPATEN SLEMAN", "SEKRETARIAT DAERAH"]"#;
const PERIODS: &str =
    r#"[{"id": "2026-s1", "name": "Semester I 2026", "from": "2026-01-01", "to": "2026-06-30"}]"#;
const OFFICES: &str = r#"[{"id": "setda", "name": "Sekretariat Daerah"}]"#;
const OFFICIALS: &str =
    r#"[{"name": "Sri Wahyuni", "position": "Kepala Bagian", "nip": "198001012006041001"}]"#;

/// Reads what an operator wrote. `@FILE` stands for what the file holds; a picture is always a file.
///
/// # Errors
/// What is wrong, and what is taken.
pub fn read_setting(key: &str, text: &str) -> Result<Setting, SettingTextError> {
    let key = check_key(key)?;
    let setting = if key == "picture" {
        Setting::Picture(picture(file(text.strip_prefix('@').unwrap_or(text))?)?)
    } else if let Some(path) = text.strip_prefix('@') {
        let content = file(path)?;
        words(key, String::from_utf8_lossy(&content).trim())?
    } else {
        words(key, text)?
    };
    setting.check()?;
    Ok(setting)
}

/// The key, where there is such a one.
///
/// # Errors
/// That it is not known; the message names all.
pub fn check_key(key: &str) -> Result<&'static str, SettingTextError> {
    let known = KEYS.into_iter().find(|known| *known == key);
    Ok(known.ok_or_else(|| SettingError::UnknownKey(key.chars().take(40).collect()))?)
}

fn words(key: &'static str, text: &str) -> Result<Setting, SettingTextError> {
    let wrong = |takes| SettingTextError::Word { key, takes, found: text.chars().take(40).collect() };
    Ok(match key {
        "four-eyes" => {
            Setting::FourEyes(FourEyes::from_code(text).ok_or_else(|| wrong("required or waived"))?)
        }
        "time-zone" => Setting::TimeZone(TimeZone::from_code(text).ok_or_else(|| wrong("WIB, WITA or WIT"))?),
        "idle-lock" if text == "off" => Setting::IdleLock(None),
        "idle-lock" => {
            let minutes = text.parse().map_err(|_| wrong("minutes, such as 15, or off"))?;
            Setting::IdleLock(Some(minutes))
        }
        "letterhead" => {
            Setting::Letterhead(list(key, LETTERHEAD, text, |line| Some(line.as_str()?.to_owned()))?)
        }
        "periods" => Setting::Periods(list(key, PERIODS, text, |item| {
            let date = |name| field(item, name)?.parse::<PartialDate>().ok();
            Some(Period {
                id: field(item, "id")?,
                name: field(item, "name")?,
                from: date("from")?,
                to: date("to")?,
            })
        })?),
        "offices" => Setting::Offices(list(key, OFFICES, text, |item| {
            Some(Office { id: field(item, "id")?, name: field(item, "name")? })
        })?),
        "officials" => Setting::Officials(list(key, OFFICIALS, text, |item| {
            let nip = if item.get("nip").is_some() { field(item, "nip")? } else { String::new() };
            Some(Official { name: field(item, "name")?, position: field(item, "position")?, nip })
        })?),
        other => return Err(SettingError::UnknownKey(other.to_owned()).into()),
    })
}

fn list<T>(
    key: &'static str,
    example: &'static str,
    text: &str,
    item: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, SettingTextError> {
    let wrong = |source| SettingTextError::Json { key, example, source };
    let items: Vec<Value> = serde_json::from_str(text).map_err(|error| wrong(Some(error)))?;
    items.iter().map(item).collect::<Option<_>>().ok_or_else(|| wrong(None))
}

fn field(item: &Value, name: &str) -> Option<String> {
    item.get(name)?.as_str().map(|text| text.trim().to_owned())
}

fn file(path: &str) -> Result<Vec<u8>, SettingTextError> {
    std::fs::read(Path::new(path)).map_err(|source| SettingTextError::Read { path: path.to_owned(), source })
}

fn picture(bytes: Vec<u8>) -> Result<Picture, PictureError> {
    let media_type = media_type(&bytes)?.to_owned();
    let hash = BlobHash::from_bytes(Sha256::digest(&bytes).into());
    Ok(Picture { media_type, hash, bytes: bytes.into() })
}

/// An office's id as an operator wrote it.
///
/// # Errors
/// Why it is none.
pub fn read_office(text: &str) -> Result<String, SettingError> {
    check_id(text).map(|()| text.to_owned())
}

/// The value of a stored setting, as an operator would write it.
pub fn show_value(row: &SettingRow) -> String {
    let value = row.value.as_ref();
    let shown = match row.key.as_str() {
        "four-eyes" => read_value::<FourEyes>(value).map(|value| value.as_str().to_owned()),
        "time-zone" => read_value::<TimeZone>(value).map(|value| value.as_str().to_owned()),
        "idle-lock" => read_value::<u32>(value).map(|minutes| minutes.to_string()),
        "letterhead" => read_value::<Vec<String>>(value).map(|lines| json!(lines).to_string()),
        "picture" => read_value::<PictureReference>(value)
            .map(|picture| format!("{} {}", picture.media_type, picture.hash)),
        "periods" => read_value::<Vec<Period>>(value).map(|list| {
            let item = |period: &Period| {
                json!({"id": period.id, "name": period.name, "from": period.from.to_string(),
                    "to": period.to.to_string()})
            };
            list.iter().map(item).collect::<Value>().to_string()
        }),
        "offices" => read_value::<Vec<Office>>(value).map(|list| {
            let item = |office: &Office| json!({"id": office.id, "name": office.name});
            list.iter().map(item).collect::<Value>().to_string()
        }),
        "officials" => read_value::<Vec<Official>>(value).map(|list| {
            let item = |official: &Official| {
                json!({"name": official.name, "position": official.position, "nip": official.nip})
            };
            list.iter().map(item).collect::<Value>().to_string()
        }),
        _ => Some(format!("{} bytes that a newer version reads", value.len())),
    };
    // Null: the idle lock is off, or the setting was taken away.
    shown.unwrap_or_else(|| if row.key == "idle-lock" { "off" } else { "not set" }.to_owned())
}

#[cfg(test)]
mod tests {
    use shared::sync::settings::SetBy;

    use super::*;

    fn row(setting: &Setting) -> SettingRow {
        let value = setting.value().into();
        SettingRow { key: setting.key().to_owned(), value, number: 1, by: SetBy::operator("root"), at: 1 }
    }

    #[test]
    fn what_is_written_is_shown_as_it_was_written() {
        for (key, text) in [
            ("four-eyes", "waived"),
            ("idle-lock", "15"),
            ("idle-lock", "off"),
            ("time-zone", "WITA"),
            ("letterhead", r#"["PEMERINTAH KABUPATEN","Sekretariat \"Daerah\""]"#),
            ("periods", r#"[{"from":"2026-01-01","id":"s1","name":"Semester I","to":"2026-06-30"}]"#),
            ("offices", r#"[{"id":"setda","name":"Sekretariat Daerah"}]"#),
            ("officials", r#"[{"name":"Sri","nip":"198001012006041001","position":"Kepala"}]"#),
        ] {
            assert_eq!(show_value(&row(&read_setting(key, text).unwrap())), text, "{key}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_is_taken() {
        for (key, text, expected) in [
            ("colour", "red", "there is no setting colour; there are four-eyes"),
            ("four-eyes", "no", "four-eyes takes required or waived: \"no\""),
            ("idle-lock", "soon", "idle-lock takes minutes, such as 15, or off: \"soon\""),
            ("idle-lock", "0", "the idle lock takes 1 to 1440 minutes, or off"),
            ("offices", "setda", "offices takes a list in JSON, such as [{\"id\": \"setda\""),
            ("offices", "[{\"id\": \"setda\"}]", "offices takes a list in JSON, such as [{\"id\": \"setda\""),
            ("picture", "/nowhere/logo.png", "/nowhere/logo.png cannot be read"),
        ] {
            let said = read_setting(key, text).unwrap_err().to_string();
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn examples_in_the_messages_are_taken() {
        for (key, text) in
            [("letterhead", LETTERHEAD), ("periods", PERIODS), ("offices", OFFICES), ("officials", OFFICIALS)]
        {
            assert!(read_setting(key, text).is_ok(), "{key}");
        }
    }
}
