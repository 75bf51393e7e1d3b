//! What a device keeps of the settings of its feeds, so that they hold offline too.

use super::row::FeedRow;
use crate::cbor_map;
use crate::ids::{BlobHash, FeedId};
use crate::model::feed_settings::{FeedSettings, Picture, read_value};
use crate::ordered::OrderedMap;
use crate::sync::settings::{SettingsDifference, take_in};
use crate::wire::Bytes;

/// The settings of one feed.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingsRow {
    /// The feed.
    pub feed: FeedId,
    /// The number of the newest that is here.
    pub number: u64,
    /// The values by key, in CBOR, also those that this version does not know.
    pub values: OrderedMap<String, Bytes>,
    /// The picture, once it was fetched.
    pub picture: Option<Picture>,
}

cbor_map! { SettingsRow { feed, number, values, picture: sparse } }

/// A feed whose settings are to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    /// The feed.
    pub feed: FeedId,
    /// The number after which they are wanted; 0 for all.
    pub since: u64,
}

impl SettingsRow {
    /// A row without settings.
    pub fn new(feed: FeedId) -> Self {
        Self { feed, number: 0, values: OrderedMap::new(), picture: None }
    }

    /// The settings, as this version reads them.
    pub fn settings(&self) -> FeedSettings {
        FeedSettings::read(&self.values)
    }

    /// Takes in the relay's answer. A picture that is not the one of the settings any more goes.
    pub fn take_in(&mut self, difference: SettingsDifference) {
        self.number = difference.number;
        take_in(&mut self.values, difference);
        let wanted = self.wanted_picture();
        self.picture = self.picture.take().filter(|picture| Some(picture.hash) == wanted);
    }

    /// The picture that the settings name and that is not here.
    pub fn lacking_picture(&self) -> Option<BlobHash> {
        self.wanted_picture().filter(|_| self.picture.is_none())
    }

    fn wanted_picture(&self) -> Option<BlobHash> {
        self.settings().picture.map(|picture| picture.hash)
    }
}

/// The feeds whose settings at the relay are others than those that are here.
pub fn outdated<'a>(
    feeds: impl IntoIterator<Item = &'a FeedRow>,
    here: &OrderedMap<FeedId, SettingsRow>,
) -> Vec<Outdated> {
    let feeds = feeds.into_iter().filter_map(|row| {
        let since = here.get(&row.feed).map_or(0, |known| known.number);
        let is_outdated = row.settings.unwrap_or(0) != since;
        is_outdated.then(|| Outdated { feed: row.feed.clone(), since })
    });
    feeds.collect()
}

/// Reads the relay's answer; `None` where it is none.
pub fn read_answer(body: &[u8]) -> Option<SettingsDifference> {
    read_value(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::row::Access;
    use crate::ids::Tag;
    use crate::model::feed_settings::{PictureReference, Setting, TimeZone};
    use crate::role::Role;
    use crate::sync::settings::{SetBy, SettingRow};
    use crate::wire::Cursor;

    fn feed_row(feed: &str, settings: Option<u64>) -> FeedRow {
        FeedRow {
            feed: feed.parse().unwrap(),
            name: String::new(),
            role: Role::Reader.into(),
            cursor: Cursor(1, Tag::START),
            view: 1,
            healing_from: None,
            acked: None,
            trail: Vec::new(),
            folding: None,
            settings,
            newer_above: None,
            access: Access::Given,
            own_until: None,
        }
    }

    fn answer(number: u64, settings: Vec<(&str, Vec<u8>)>) -> SettingsDifference {
        let settings = settings.into_iter().map(|(key, value)| SettingRow {
            key: key.to_owned(),
            value: value.into(),
            number,
            by: SetBy::operator("root"),
            at: number,
        });
        SettingsDifference { number, since: 0, settings: settings.collect() }
    }

    #[test]
    fn only_feeds_with_another_number_are_asked_about() {
        let feeds = [feed_row("baru", Some(9)), feed_row("kota", Some(7)), feed_row("desa", None)];
        let mut lama = SettingsRow::new("lama".parse().unwrap());
        lama.number = 12;
        let mut kota = SettingsRow::new("kota".parse().unwrap());
        kota.number = 7;
        let here = [lama, kota].into_iter().map(|row| (row.feed.clone(), row)).collect();
        let asked = outdated(&feeds, &here);
        assert_eq!(asked, [Outdated { feed: "baru".parse().unwrap(), since: 0 }]);
        let restored = [feed_row("lama", None)];
        assert_eq!(outdated(&restored, &here), [Outdated { feed: "lama".parse().unwrap(), since: 12 }]);
    }

    #[test]
    fn picture_goes_with_the_setting_that_named_it() {
        let hash = BlobHash::from_bytes([7; 32]);
        let reference = PictureReference { media_type: "image/png".to_owned(), hash };
        let mut row = SettingsRow::new("kota".parse().unwrap());
        row.take_in(answer(5, vec![("picture", crate::cbor::to_bytes(&reference))]));
        assert_eq!(row.lacking_picture(), Some(hash));
        row.picture = Some(Picture { media_type: reference.media_type, hash, bytes: vec![1].into() });
        assert_eq!(row.lacking_picture(), None);
        let zone = Setting::TimeZone(TimeZone::Wita).value();
        row.take_in(SettingsDifference { since: 5, ..answer(6, vec![("time-zone", zone)]) });
        assert!(row.picture.is_some() && row.settings().time_zone == TimeZone::Wita);
        row.take_in(answer(7, Vec::new()));
        assert_eq!((row.picture.clone(), row.number, row.settings().time_zone), (None, 7, TimeZone::Wib));
    }
}
