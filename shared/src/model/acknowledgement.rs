//! *Mengetahui*: the official who signs beside who wrote, as a record keeps the choice.
//!
//! Name and position stand in the record, so that what was approved stays as it was when the region's list changes. The
//! NIP does not, as personal data stands in no report: it is taken from the list while the official is on it.

use super::feed_settings::Official;

/// An official who was chosen to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The name with its titles.
    pub name: String,
    /// *Jabatan*; empty where none was given.
    pub position: String,
}

impl From<&Official> for Acknowledgement {
    fn from(official: &Official) -> Self {
        Self { name: official.name.clone(), position: official.position.clone() }
    }
}

impl Acknowledgement {
    /// From the text of the fact; `None` for a text that names nobody.
    pub fn read(text: &str) -> Option<Self> {
        let (name, position) = text.split_once('\n').unwrap_or((text, ""));
        let of = |part: &str| part.trim().to_owned();
        (!name.trim().is_empty()).then(|| Self { name: of(name), position: of(position) })
    }

    /// The text of the fact: the name, and the position in a line of its own.
    pub fn text(&self) -> String {
        if self.position.is_empty() { self.name.clone() } else { format!("{}\n{}", self.name, self.position) }
    }

    /// The NIP that the region's list has for the official.
    pub fn nip<'a>(&self, officials: &'a [Official]) -> Option<&'a str> {
        let official = officials.iter().find(|official| Self::from(*official) == *self)?;
        Some(official.nip.as_str()).filter(|nip| !nip.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn official(name: &str, position: &str, nip: &str) -> Official {
        Official { name: name.to_owned(), position: position.to_owned(), nip: nip.to_owned() }
    }

    #[test]
    fn choice_is_read_back_and_finds_its_nip_while_the_official_is_on_the_list() {
        let head = official("I Ketut Suardana, S.IP.", "Kepala Bagian", "198001012006041001");
        let others =
            [official("I Ketut Suardana, S.IP.", "Kepala Dinas", "198001012006041002"), head.clone()];
        let chosen = Acknowledgement::from(&head);
        assert_eq!(Acknowledgement::read(&chosen.text()), Some(chosen.clone()));
        assert_eq!(chosen.nip(&others), Some("198001012006041001"));
        assert_eq!(chosen.nip(&others[..1]), None);
        let plain = Acknowledgement::from(&official("Ketua", "", ""));
        assert_eq!(Acknowledgement::read(&plain.text()), Some(plain.clone()));
        assert_eq!(plain.nip(&[official("Ketua", "", "")]), None);
        assert_eq!(Acknowledgement::read(" \nKepala"), None);
    }
}
