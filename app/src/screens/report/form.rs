//! The report's form, in the order of the office's paper.

use leptos::prelude::*;
use shared::model::field::{FactValue, Field};
use shared::model::trip_report::{
    BASES, BasisKind, FOLLOW_UPS, FollowUpStatus, Layout, OUTCOMES, TRAVELLERS, TravellerRole, basis,
    follow_up, heading, outcome, traveller,
};

use super::offers::{OwnTraveller, SignedToday};
use super::told::{BasisSwitch, Told, ToldSwitch};
use crate::parts::fact_field::{FactField, FactInput};
use crate::parts::official_field::OfficialField;
use crate::parts::page::Section;
use crate::parts::prose::{Prose, TextLine};
use crate::screens::record::items::Items;
use crate::words;
use crate::words::choices::{Choice, options};
use crate::workspace::OpenRecord;
use shared::domain::paper::sentences::Part;
use shared::domain::reading::FactKind;

fn typed(kind: FactKind) -> FactInput {
    FactInput::Typed(kind)
}

fn choice<T: Choice>() -> FactInput {
    FactInput::Choice(options::<T>())
}

/// The whole form.
#[component]
pub fn ReportForm(
    /// The report.
    record: OpenRecord,
) -> impl IntoView {
    let told = Told::of(record);
    let layouts = choice::<Layout>();
    let switch = move |part: Part, what: words::Word| view! { <ToldSwitch part what told /> };
    view! {
        <div id="bagian-perihal">
            <Section title=words::report::heading_section>
                <TextLine field=heading::title.at_root() label=words::report::title hint=words::report::title_hint />
                {switch(Part::Title, words::report::title)}
                <div class="fields">
                    <Fact field=heading::number label=words::report::number kind=FactKind::Text />
                    <TextLine field=heading::addressee.at_root() label=words::report::addressee />
                </div>
            </Section>
        </div>
        <div id="bagian-pendahuluan">
            <Section title=words::report::introduction>
                <h3>{words::report::bases}</h3>
                <Items
                    list=BASES
                    what=words::report::basis
                    add=words::report::add_basis
                    brief=|basis| basis.prose(basis::text)
                    fields=|item, _| basis_fields(item)
                />
                <Prose field=heading::purpose.at_root() label=words::report::purpose rows=4 />
            </Section>
        </div>
        <div id="bagian-acara">
            <Section title=words::report::event>
                <TextLine field=heading::theme.at_root() label=words::report::theme />
                {switch(Part::Theme, words::report::theme)}
                <div class="fields">
                    <Fact field=heading::starts_on label=words::report::starts_on kind=FactKind::Date />
                    <Fact field=heading::ends_on label=words::report::ends_on kind=FactKind::Date />
                </div>
                {switch(Part::Dates, words::report::days)}
                <TextLine field=heading::venue.at_root() label=words::report::venue />
                {switch(Part::Venue, words::report::venue)}
                <TextLine field=heading::organiser.at_root() label=words::report::organiser />
                {switch(Part::Organiser, words::report::organiser)}
            </Section>
        </div>
        <Section title=words::report::activities_section>
            <Prose field=heading::activities.at_root() label=words::report::activities rows=4 />
            <div class="fields">
                <Fact field=heading::attendance label=words::report::attendance kind=FactKind::People />
                <TextLine field=heading::attendees.at_root() label=words::report::attendees />
            </div>
            {switch(Part::Attendance, words::report::attendance)}
            {switch(Part::Attendees, words::report::attendees)}
        </Section>
        <div id="bagian-hasil">
            <Section title=words::report::outcomes_section>
                <h3>{words::report::outcomes}</h3>
                <Items
                    list=OUTCOMES
                    what=words::report::outcome
                    add=words::report::add_outcome
                    brief=|outcome| outcome.prose(outcome::text)
                    numbered=true
                    fields=outcome_fields
                />
                <h3>{words::report::follow_ups}</h3>
                <Items
                    list=FOLLOW_UPS
                    what=words::report::follow_up
                    add=words::report::add_follow_up
                    brief=|follow_up| follow_up.prose(follow_up::text)
                    fields=|item, _| follow_up_fields(item)
                />
            </Section>
        </div>
        <Section title=words::report::closing_section>
            <Prose field=heading::conclusion.at_root() label=words::report::conclusion rows=2 />
            <Prose field=heading::advice.at_root() label=words::report::advice rows=2 />
            <Prose field=heading::closing.at_root() label=words::report::closing rows=2 />
        </Section>
        <div id="bagian-pelaksana">
            <Section title=words::report::travellers>
                <Items
                    list=TRAVELLERS
                    what=words::report::traveller
                    add=words::report::add_traveller
                    brief=|traveller| String::from_scalar(&traveller.fact(traveller::name)).unwrap_or_default()
                    fields=|item, _| traveller_fields(item)
                />
                <OwnTraveller />
            </Section>
        </div>
        <div id="bagian-penandatanganan">
            <Section title=words::report::signing>
                <div class="fields">
                    <Fact field=heading::place label=words::report::place kind=FactKind::Text />
                    <div>
                        <Fact field=heading::dated_on label=words::report::dated_on kind=FactKind::Date />
                        <SignedToday />
                    </div>
                </div>
                <div class="fields fields-2">
                    <OfficialField field=heading::acknowledged_by.at_root() />
                    <FactField field=heading::layout.at_root() input=layouts label=words::report::layout />
                </div>
                <Prose field=heading::copies.at_root() label=words::report::copies hint=words::report::copies_hint rows=2 />
                <details class="more-fields">
                    <summary>{words::report::details}</summary>
                    <Prose field=heading::preamble.at_root() label=words::report::preamble rows=2 />
                </details>
            </Section>
        </div>
    }
}

/// A typed fact of the report itself.
#[component]
fn Fact(field: Field, label: words::Word, kind: FactKind) -> impl IntoView {
    view! { <FactField field=field.at_root() input=typed(kind) label /> }
}

fn basis_fields(item: shared::ids::ItemId) -> AnyView {
    let fact = move |field: Field, input: FactInput, label: words::Word| {
        view! { <FactField field=field.of(BASES, item) input label /> }
    };
    view! {
        <Prose field=basis::text.of(BASES, item) label=words::report::basis_text rows=2 />
        <div class="fields fields-2">
            {fact(basis::kind, choice::<BasisKind>(), words::report::basis_kind)}
            {fact(basis::issuer, typed(FactKind::Text), words::report::basis_issuer)}
            {fact(basis::number, typed(FactKind::Text), words::report::basis_number)}
            {fact(basis::dated_on, typed(FactKind::Date), words::report::basis_date)}
        </div>
        <BasisSwitch item />
    }
    .into_any()
}

fn outcome_fields(item: shared::ids::ItemId, number: Signal<usize>) -> AnyView {
    let label = move || words::report::outcome_number(number.get());
    view! { <Prose field=outcome::text.of(OUTCOMES, item) label rows=2 /> }.into_any()
}

fn follow_up_fields(item: shared::ids::ItemId) -> AnyView {
    let fact = move |field: Field, input: FactInput, label: words::Word| {
        view! { <FactField field=field.of(FOLLOW_UPS, item) input label /> }
    };
    view! {
        <Prose field=follow_up::text.of(FOLLOW_UPS, item) label=words::report::follow_up_text rows=2 />
        <div class="fields fields-3">
            {fact(follow_up::responsible, typed(FactKind::Text), words::report::responsible)}
            {fact(follow_up::due_on, typed(FactKind::Date), words::report::due_on)}
            {fact(follow_up::status, choice::<FollowUpStatus>(), words::report::status)}
        </div>
    }
    .into_any()
}

fn traveller_fields(item: shared::ids::ItemId) -> AnyView {
    let fact = move |field: Field, input: FactInput, label: words::Word| {
        view! { <FactField field=field.of(TRAVELLERS, item) input label /> }
    };
    view! {
        {fact(traveller::name, typed(FactKind::Text), words::report::name)}
        <div class="fields fields-2">
            {fact(traveller::position, typed(FactKind::Text), words::report::position)}
            {fact(traveller::rank, typed(FactKind::Text), words::report::rank)}
            {fact(traveller::office, typed(FactKind::Text), words::report::office)}
            {fact(traveller::role, choice::<TravellerRole>(), words::report::role)}
        </div>
    }
    .into_any()
}
