//! What a report offers to fill in by one touch, in its place and with what it would fill in: nobody travels and no day is
//! set without having been seen.

use leptos::prelude::*;
use shared::device::row::PersonRow;
use shared::model::edit::Edit;
use shared::model::field::{FactValue, Field, Scalar};
use shared::model::trip_report::{TRAVELLERS, TripReport, heading, traveller};

use crate::parts::editing::use_editing;
use crate::parts::erased::{Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::screens::record::items::focus_item;
use crate::words;
use crate::workspace::use_workspace;

/// The person as a traveller.
#[derive(Clone, Debug, Default, PartialEq)]
struct Traveller {
    name: String,
    position: String,
    office: String,
}

impl Traveller {
    /// As the directory knows them.
    fn of(person: PersonRow, office_called: impl Fn(&str) -> Option<String>) -> Self {
        let office = person.office.as_deref().and_then(office_called).unwrap_or_default();
        Self { name: person.name, position: person.position, office }
    }

    /// What a touch fills in, as it is shown before.
    fn shown(&self) -> String {
        let said = [&self.name, &self.position, &self.office].into_iter().filter(|text| !text.is_empty());
        said.map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    fn facts(self) -> [(Field, String); 3] {
        [(traveller::name, self.name), (traveller::position, self.position), (traveller::office, self.office)]
    }
}

/// Offers the person who writes as a traveller, until they are one.
#[component]
pub fn OwnTraveller() -> impl IntoView {
    let editing = use_editing();
    let (record, workspace) = (editing.record(), use_workspace());
    let own = Memo::new(move || {
        let settings = workspace.feed_settings(&record.home());
        let office_called = |id: &str| settings.office(id).map(str::to_owned);
        Some(Traveller::of(workspace.own_person()?, office_called)).filter(|own| !own.name.is_empty())
    });
    let travels = Memo::new(move || {
        let report = record.read(TripReport::read).unwrap_or_default();
        own.with(|own| {
            let named = |own: &Traveller| {
                report.travellers.iter().any(|item| item.value.name.as_deref() == Some(own.name.as_str()))
            };
            own.as_ref().is_some_and(named)
        })
    });
    let is_offered = move || own.with(Option::is_some) && !travels.get() && !editing.read_only().get();
    let travel = move |_| {
        let Some(own) = own.get_untracked() else { return };
        let item = workspace.new_item();
        let after = record.read(|document| document.item_ids(TRAVELLERS)).unwrap_or_default();
        let after = after.into_iter().filter(|(_, removed)| !removed).map(|(id, _)| id).next_back();
        record.edit(Edit::Add { list: TRAVELLERS, item, after });
        for (field, text) in own.facts() {
            record.edit(Edit::Set { field: field.of(TRAVELLERS, item), value: text.to_scalar() });
        }
        record.flush();
        focus_item(item);
    };
    let said = move || own.with(|own| own.as_ref().map(Traveller::shown).unwrap_or_default());
    view! {
        <Show when=is_offered>
            <button type="button" class="button offer" on:click=travel>
                <Icon glyph=Glyph::Add />
                <span>
                    {words::report::myself}
                    ": "
                    <span translate="no">{said}</span>
                </span>
            </button>
        </Show>
    }
}

/// Offers today for the day on which the report is signed, until it has one.
#[component]
pub fn SignedToday() -> impl IntoView {
    let editing = use_editing();
    let field = heading::dated_on.at_root();
    let today = move || words::time::day_of(words::time::now());
    let is_open = Memo::new(move || editing.value(field) == Scalar::Empty && editing.unread(field).is_none());
    let is_offered = move || is_open.get() && !editing.read_only().get();
    let sign = move |_| {
        if let Some(today) = today() {
            editing.set(field, today.to_scalar());
            editing.record().flush();
        }
    };
    view! {
        <Show when=is_offered>
            <button type="button" class="button button-small offer" on:click=sign>
                {move || words::report::today(&today().map(words::time::date).unwrap_or_default())}
            </button>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_what_is_filled_in() {
        let person = PersonRow {
            user: "sri".parse().unwrap(),
            name: "Sri Wahyuni, S.IP.".to_owned(),
            position: String::new(),
            devices: Vec::new(),
            office: Some("ks".to_owned()),
        };
        let called = |id: &str| (id == "ks").then(|| "Bagian Kerja Sama".to_owned());
        let own = Traveller::of(person.clone(), called);
        assert_eq!(own.shown(), "Sri Wahyuni, S.IP., Bagian Kerja Sama");
        let filled: Vec<String> = own.facts().into_iter().map(|(_, text)| text).collect();
        assert_eq!(filled, ["Sri Wahyuni, S.IP.", "", "Bagian Kerja Sama"]);
        assert_eq!(
            Traveller::of(person, |_| None).office,
            "",
            "an office that the region does not name is none"
        );
    }
}
