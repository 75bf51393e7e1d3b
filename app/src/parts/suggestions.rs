//! What a field suggests: what this device knows of countries, offices, partners, people and places. Where anything else
//! may be meant, it may be typed.

use leptos::prelude::*;
use shared::domain::countries::Country;
use shared::domain::reading::FactKind;
use shared::ids::FeedId;
use shared::model::field::Field;
use shared::model::names::Named;
use shared::ordered::OrderedSet;

use crate::words;
use crate::workspace::Workspace;

/// The page's one list of suggestions, in `index.html`: it belongs to the field that somebody is in, so that hundreds of
/// fields need none of their own.
pub const LIST: &str = "known";

/// As many of what records say as a list under a field is looked through: what was edited last comes first.
const MOST: usize = 300;

/// What a field suggests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Suggestions {
    /// All countries.
    Countries,
    /// What records of this device name.
    Names(Named),
}

impl Suggestions {
    /// Those of a field; `None` where it suggests nothing.
    pub fn of(kind: FactKind, field: Field) -> Option<Self> {
        match kind {
            FactKind::Country => Some(Self::Countries),
            FactKind::Text => Named::by(field).map(Self::Names),
            _ => None,
        }
    }

    /// Puts them into the page's list, for a record of this feed.
    pub fn show(self, workspace: &Workspace, home: &FeedId) {
        let Some(list) = document().get_element_by_id(LIST) else { return };
        list.set_text_content(None);
        for text in self.known(workspace, home) {
            // Fails for no name that a text can be.
            if let Ok(option) = document().create_element("option") {
                let _ = option.set_attribute("value", &text);
                let _ = list.append_child(&option);
            }
        }
    }

    /// As the device knows them now, each once.
    fn known(self, workspace: &Workspace, home: &FeedId) -> Vec<String> {
        let Self::Names(named) = self else {
            return Country::all().map(|country| words::country(country.code()).to_owned()).collect();
        };
        // What the region has named comes first.
        let mut known = match named {
            Named::Office => {
                workspace.feed_settings(home).offices.into_iter().map(|office| office.name).collect()
            }
            Named::Person => workspace.people_names(),
            Named::Partner | Named::Place => Vec::new(),
        };
        let mut told: OrderedSet<String> = known.iter().cloned().collect();
        workspace.records().with(|records| {
            let all = records.iter().flat_map(|record| record.summary.names(named));
            known.extend(all.filter(|name| told.insert((*name).clone())).take(MOST).cloned());
        });
        known
    }
}
