//! Beside a field: whether the printed page tells its value by a sentence of its own, and the switch for it.

use leptos::prelude::*;
use shared::domain::paper::sentences::{
    DaysStand, Part, Sentences, Telling, basis_choice_for, basis_telling,
};
use shared::ids::ItemId;
use shared::model::field::{FactValue, FieldRef, Record, Scalar};
use shared::model::trip_report::{BASES, Basis, Heading, Layout, Printing, basis};

use crate::parts::editing::use_editing;
use crate::parts::erased::Memo;
use crate::parts::field_frame::{FieldFrame, FieldIds};
use crate::words;
use crate::workspace::OpenRecord;

/// What the page tells, for all switches of a form: computed once for each edit.
#[derive(Clone, Copy)]
pub struct Told(Memo<Sentences>);

impl Told {
    /// Of an open report.
    pub fn of(record: OpenRecord) -> Self {
        let read = move || {
            let heading = record.read(|document| Heading::read(&document.root())).unwrap_or_default();
            let days = match heading.layout {
                None | Some(Layout::Sections) => DaysStand::WithEvent,
                Some(Layout::Statement | Layout::Short) => DaysStand::Apart,
            };
            Sentences::of(&heading, days)
        };
        Self(Memo::new(read))
    }
}

/// The switch of one value of the report.
#[component]
pub fn ToldSwitch(
    /// Which value.
    part: Part,
    /// What its field is called.
    what: words::Word,
    /// What the page tells.
    told: Told,
) -> impl IntoView {
    let telling = Memo::new(move || told.0.with(|sentences| sentences.telling(part)));
    let choice = Callback::new(move |is_told: bool| {
        told.0.with_untracked(|sentences| sentences.choice_for(part, is_told))
    });
    let label = move || words::report::print_it(what.text());
    view! { <Switch field=part.switch().at_root() telling label choice /> }
}

/// The switch of what is known of a basis.
#[component]
pub fn BasisSwitch(
    /// The basis.
    item: ItemId,
) -> impl IntoView {
    let record = use_editing().record();
    let read = move || {
        let basis = record.read(|document| Some(Basis::read(&document.item_reader(BASES, item)?)));
        basis.flatten().unwrap_or_default()
    };
    let telling = Memo::new(move || basis_telling(&read()));
    let choice = Callback::new(move |is_told: bool| untrack(|| basis_choice_for(&read(), is_told)));
    let label = move || words::report::print_it(words::report::print_basis.text());
    view! { <Switch field=basis::print_facts.of(BASES, item) telling label choice /> }
}

#[component]
fn Switch(
    field: FieldRef,
    telling: Memo<Telling>,
    #[prop(into)] label: TextProp,
    choice: Callback<bool, Option<Printing>>,
) -> impl IntoView {
    let editing = use_editing();
    let why = move || match telling.get() {
        Telling::Nothing => words::report::telling_nothing,
        Telling::InText => words::report::telling_in_text,
        Telling::BySentence => words::report::telling_by_sentence,
        Telling::Chosen => words::report::telling_chosen,
        Telling::Hidden => words::report::telling_hidden,
    };
    let has_conflict = Memo::new(move || editing.conflict(field).is_some());
    let show = |value: Scalar| match Printing::from_scalar(&value) {
        Some(Printing::Shown) => words::parts::yes.text().to_owned(),
        Some(Printing::Hidden) => words::parts::no.text().to_owned(),
        None => String::new(),
    };
    let is_idle = move || telling.get() == Telling::Nothing && !has_conflict.get();
    let ids = FieldIds::new();
    let hint = TextProp::from(move || why().text());
    view! {
        // It stands there, greyed, while there is nothing to tell: what comes with the first letter would push away what somebody
        // is about to press.
        <div class="told" class:is-idle=is_idle>
            <FieldFrame field ids=ids.clone() label hint=Some(hint) show>
                <input
                    id=ids.control
                    class="checkbox"
                    type="checkbox"
                    aria-describedby=ids.description
                    disabled=move || is_idle() || editing.read_only().get()
                    prop:checked=move || telling.get().is_told()
                    on:change=move |event| {
                        let chosen = choice.run(event_target_checked(&event));
                        editing.set(field, chosen.map_or(Scalar::Empty, |chosen| chosen.to_scalar()));
                        editing.record().flush();
                    }
                />
            </FieldFrame>
        </div>
    }
}
