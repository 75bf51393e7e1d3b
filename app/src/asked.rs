//! What an address asks of its page, behind the `?`: names with values, written and read.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands as it is; a value is read by people, too.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// As much of an address as is read: more is nothing that this app wrote.
const MOST_BYTES: usize = 4_000;

/// Names with values, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked(Vec<(&'static str, String)>);

/// Every name that a page knows. Others are passed over.
const NAMES: [&str; 11] = [
    "q",
    "status",
    "simpan",
    "tahun",
    "tahap",
    "keaktifan",
    "jenis",
    "daerah",
    "berakhir",
    "urut",
    "kelompok",
];

impl Asked {
    /// Reads what stands behind the `?` of an address, with it or without.
    pub fn of(search: &str) -> Self {
        let search = search.strip_prefix('?').unwrap_or(search);
        let read = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let name = *NAMES.iter().find(|known| **known == name)?;
            let value = value.replace('+', " ");
            Some((name, percent_decode_str(&value).decode_utf8().ok()?.into_owned()))
        };
        let whole = if search.len() <= MOST_BYTES { search } else { "" };
        let mut asked = Self::default();
        for (name, value) in whole.split('&').filter_map(read) {
            asked.set(name, value);
        }
        asked
    }

    /// The value of a name; empty where it is not asked.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// Asks for a value in place of the one before; an empty one asks for nothing.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        let value = value.into();
        self.0.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            self.0.push((name, value));
        }
    }

    /// With this value.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// The address of a page that is asked this.
    pub fn address(&self, path: &str) -> String {
        let mut address = path.to_owned();
        for (place, (name, value)) in self.0.iter().enumerate() {
            let mark = if place == 0 { '?' } else { '&' };
            address.extend([mark]);
            address.push_str(name);
            address.push('=');
            address.extend(utf8_percent_encode(value, ESCAPED));
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for value in ["rapat kerja", "50 % & lebih = +1?", "Kyōto #1", "a/b"] {
            let asked = Asked::default().with("q", value).with("urut", "judul");
            let address = asked.address("/laporan");
            let (path, search) = address.split_once('?').unwrap();
            assert_eq!((path, Asked::of(search)), ("/laporan", asked), "{address}");
        }
        let asked = Asked::default().with("status", "konsep").with("q", "rapat kerja");
        assert_eq!(asked.address("/laporan"), "/laporan?status=konsep&q=rapat%20kerja");
    }

    #[test]
    fn nothing_asked_leaves_no_trace_in_the_address() {
        assert_eq!(Asked::default().with("q", "").address("/cari"), "/cari");
        assert_eq!(Asked::of(""), Asked::default());
    }

    #[test]
    fn names_and_values_that_no_page_knows_are_passed_over() {
        assert_eq!(
            Asked::of("?utm_source=x&q=surat+kyoto&q2=b&q"),
            Asked::default().with("q", "surat kyoto")
        );
        assert_eq!(Asked::of("q=%ff&status=konsep"), Asked::default().with("status", "konsep"));
        assert_eq!(Asked::of("q=satu&q=dua"), Asked::default().with("q", "dua"));
        assert_eq!(Asked::of(&format!("q={}", "a".repeat(MOST_BYTES))), Asked::default());
    }
}
