//! One agreement: who works with whom, on what, how far it is, and where that is known from.

use leptos::prelude::*;
use shared::model::agreement::{Activity, AgreementType, Identity, PartnerKind, identity};
use shared::model::field::{Field, FieldRef, Record};
use shared::model::kind::Kind;

use super::paper::{OnPrint, paper_of};
use super::record::history::History;
use super::record::side::{follow_wanted, open_side};
use super::record::{RecordPage, Standing};
use crate::parts::editing::use_editing;
use crate::parts::erased::{Memo, Show};
use crate::parts::fact_field::{FactField, FactInput};
use crate::parts::page::Section;
use crate::parts::prose::{Prose, TextLine};
use crate::parts::tabs::{TabPanel, Tabs};
use crate::places;
use crate::words;
use crate::words::choices::{Choice, options};
use crate::workspace::{OpenRecord, use_workspace};
use shared::domain::reading::FactKind;

pub mod paper;
mod timeline;

/// The page.
#[component]
pub fn AgreementPage() -> impl IntoView {
    view! {
        <RecordPage
            kind=Kind::Agreement
            title=title_of
            body=|record| view! { <Editor record /> }.into_any()
        />
    }
}

/// What the agreement is called: its title, or its two sides.
pub fn title_of(record: OpenRecord) -> String {
    let identity = record.read(|document| Identity::read(&document.root())).unwrap_or_default();
    if !identity.title.trim().is_empty() {
        return identity.title;
    }
    match (identity.region, identity.partner) {
        (Some(region), Some(partner)) => format!("{region} – {partner}"),
        (Some(side), None) | (None, Some(side)) => side,
        (None, None) => words::marks::untitled.text().to_owned(),
    }
}

#[component]
fn Editor(record: OpenRecord) -> impl IntoView {
    let standing = expect_context::<Standing>();
    // What wants a choice is what the person came for: its tab is open first.
    let of = |field: FieldRef| if field.item.is_some() { "tahapan" } else { "ringkasan" };
    let in_stages = untrack(|| record.conflicts()).iter().map(|conflict| of(conflict.field)).min();
    let tab = open_side(standing, "halaman", in_stages.unwrap_or("ringkasan"));
    follow_wanted(standing, tab, of);
    view! {
        <Tabs
            label=words::agreement::tabs
            tabs=vec![
                ("ringkasan", words::agreement::summary),
                ("tahapan", words::agreement::stages),
                ("riwayat", words::agreement::history),
                ("halaman", words::record::tab_page),
            ]
            selected=tab
        />
        <TabPanel tab="ringkasan" selected=tab>
            <Summary record />
        </TabPanel>
        <TabPanel tab="tahapan" selected=tab>
            <Stages record />
        </TabPanel>
        <TabPanel tab="riwayat" selected=tab>
            <div class="section"><History /></div>
        </TabPanel>
        <TabPanel tab="halaman" selected=tab>
            <div class="paper-frame">{paper_of(record.into())}</div>
        </TabPanel>
        <OnPrint record />
    }
}

fn fact(field: Field, kind: FactKind, label: words::Word) -> impl IntoView {
    view! { <FactField field=field.at_root() input=FactInput::Typed(kind) label /> }
}

fn chosen<T: Choice>(field: Field, label: words::Word) -> impl IntoView {
    view! { <FactField field=field.at_root() input=FactInput::Choice(options::<T>()) label /> }
}

#[component]
fn Summary(record: OpenRecord) -> impl IntoView {
    view! {
        <Section title=words::agreement::identity>
            <TextLine field=identity::title.at_root() label=words::agreement::title />
            <div class="fields fields-2">
                {chosen::<AgreementType>(identity::agreement_type, words::agreement::agreement_type)}
                {chosen::<Activity>(identity::activity, words::agreement::activity)}
            </div>
            <Prose
                field=identity::fields.at_root()
                label=words::agreement::fields
                hint=words::agreement::fields_hint
                rows=2
            />
        </Section>
        <Section title=words::agreement::parties>
            <div class="fields fields-2">
                {fact(identity::region, FactKind::Text, words::agreement::region)}
                {fact(identity::region_when_signed, FactKind::Text, words::agreement::region_when_signed)}
                {fact(identity::partner, FactKind::Text, words::agreement::partner)}
                {chosen::<PartnerKind>(identity::partner_kind, words::agreement::partner_kind)}
                <FactField
                    field=identity::country.at_root()
                    input=FactInput::Typed(FactKind::Country)
                    label=words::agreement::country
                />
                {fact(identity::initiator, FactKind::Text, words::agreement::initiator)}
                {fact(identity::responsible, FactKind::Text, words::agreement::responsible)}
            </div>
        </Section>
        <Section title=words::agreement::term>
            <div class="fields fields-3">
                {fact(identity::starts_on, FactKind::Date, words::agreement::starts_on)}
                {fact(identity::ends_on, FactKind::Date, words::agreement::ends_on)}
                <FactField
                    field=identity::number.at_root()
                    input=FactInput::Typed(FactKind::Text)
                    label=words::agreement::number
                    hint=words::agreement::number_hint
                />
            </div>
            <Prose field=identity::legal_basis.at_root() label=words::agreement::legal_basis rows=2 />
        </Section>
        <Section title=words::agreement::plans>
            <Plans record />
        </Section>
        <Section title=words::agreement::remarks>
            <Prose field=identity::remarks.at_root() label=words::agreement::remarks rows=2 />
            <Prose field=identity::sources.at_root() label=words::agreement::sources rows=2 />
        </Section>
    }
}

/// The action plans with the same partner.
#[component]
fn Plans(record: OpenRecord) -> impl IntoView {
    let records = use_workspace().records();
    let partner = Memo::new(move || {
        record
            .read(|document| Identity::read(&document.root()).partner)
            .flatten()
            .filter(|name| !name.is_empty())
    });
    let plans = Memo::new(move || {
        let Some(partner) = partner.get() else { return Vec::new() };
        records.with(|records| {
            records
                .iter()
                .filter(|listed| listed.summary.kind == Kind::ActionPlan && !listed.summary.is_in_bin())
                .filter(|listed| listed.summary.partner.as_deref() == Some(partner.as_str()))
                .map(|listed| (listed.summary.doc, listed.summary.title.clone()))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || plans.with(Vec::is_empty)>
            <p class="section-lead">{words::agreement::no_plans}</p>
        </Show>
        <ul class="plain-list">
            {move || plans.get().into_iter().map(|(doc, title)| view! {
                <li><a href=places::record_path(Kind::ActionPlan, doc)>{title}</a></li>
            }).collect_view()}
        </ul>
    }
}

#[component]
fn Stages(record: OpenRecord) -> impl IntoView {
    let read_only = use_editing().read_only();
    let lead = move || {
        let word =
            if read_only.get() { words::agreement::stages_lead_read } else { words::agreement::stages_lead };
        word.text()
    };
    view! {
        <Section title=words::agreement::timeline lead=TextProp::from(lead)>
            <timeline::Timeline record />
        </Section>
    }
}
