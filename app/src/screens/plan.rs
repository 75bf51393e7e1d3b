//! The action plan: a grid that several offices fill in at once, its totals, and each line in full.

use leptos::prelude::*;
use shared::domain::number_words::grouped;
use shared::domain::reading::FactKind;
use shared::ids::ItemId;
use shared::model::action_plan::{LINES, Totals, heading, line};
use shared::model::field::Field;
use shared::model::kind::Kind;

use super::paper::{OnPrint, paper_of};
use super::record::items::ItemBin;
use super::record::side::{follow_wanted, open_side};
use super::record::{RecordPage, Standing, titled};
use crate::parts::editing::use_editing;
use crate::parts::erased::Memo;
use crate::parts::fact_field::{FactField, FactInput};
use crate::parts::official_field::OfficialField;
use crate::parts::page::Section;
use crate::parts::prose::TextLine;
use crate::parts::tabs::{TabPanel, Tabs};
use crate::words;
use crate::workspace::OpenRecord;

mod detail;
mod grid;
pub mod paper;

/// The page.
#[component]
pub fn PlanPage() -> impl IntoView {
    view! {
        <RecordPage
            kind=Kind::ActionPlan
            title=title_of
            body=|record| view! { <Editor record /> }.into_any()
        />
    }
}

/// What the plan is called.
pub fn title_of(record: OpenRecord) -> String {
    titled(record, heading::title)
}

#[component]
fn Editor(record: OpenRecord) -> impl IntoView {
    let totals = Memo::new(move || record.read(Totals::of).unwrap_or_default());
    let in_full = RwSignal::new(None::<(ItemId, usize)>);
    let standing = expect_context::<Standing>();
    let side = open_side(standing, "halaman", "isian");
    follow_wanted(standing, side, |_| "isian");
    view! {
        <Tabs
            label=words::record::writing_or_looking
            tabs=vec![("isian", words::record::tab_fields), ("halaman", words::record::tab_page)]
            selected=side
        />
        <TabPanel tab="isian" selected=side>
            <div class="plan-title">
                <TextLine field=heading::title.at_root() label=words::plan::title />
            </div>
            <Overview totals />
            <details class="more-fields plan-about">
                <summary>{words::plan::about}</summary>
                <About />
            </details>
            <grid::PlanGrid in_full totals />
            <ItemBin list=LINES what=words::plan::line_word brief=|line| line.prose(line::activity) />
        </TabPanel>
        <TabPanel tab="halaman" selected=side>
            <div class="paper-frame">{paper_of(record.into())}</div>
        </TabPanel>
        <detail::DetailDialog in_full />
        <OnPrint record />
    }
}

/// The totals at a glance.
#[component]
fn Overview(totals: Memo<Totals>) -> impl IntoView {
    view! {
        <dl class="figures" aria-label=words::plan::totals>
            <div class="figure">
                <dt>{words::plan::status}</dt>
                <dd>{move || totals.with(|totals| words::plan::lines_done(totals.done, totals.lines))}</dd>
            </div>
            <div class="figure">
                <dt>{words::plan::ceiling}</dt>
                <dd>
                    {move || totals.get().ceiling.to_string()}
                    <small>{move || without_unread(totals.get())}</small>
                    <Untaken of=&[line::ceiling] />
                </dd>
            </div>
            <div class="figure">
                <dt>{words::plan::spent}</dt>
                <dd>
                    {move || totals.get().spent.to_string()}
                    <small>{move || totals.get().spent_percent().map(|percent| words::plan::spent_of(&grouped(percent)))}</small>
                    <Untaken of=&[line::spent] />
                </dd>
            </div>
        </dl>
    }
}

/// Says so where an amount on the screen is not the one that counts: it was typed, and cannot be read.
#[component]
fn Untaken(
    /// Which amounts are summed here.
    of: &'static [Field],
) -> impl IntoView {
    let editing = use_editing();
    let count = Memo::new(move || editing.unread_in(LINES, of));
    view! { <small class="plan-unread">{move || (count.get() > 0).then(|| words::plan::untaken(count.get()))}</small> }
}

/// Says so where amounts are missing in the sums.
fn without_unread(totals: Totals) -> Option<String> {
    (totals.unreadable > 0).then(|| words::plan::unread_amounts(totals.unreadable))
}

#[component]
fn About() -> impl IntoView {
    let fact = |field: Field, kind: FactKind, label: words::Word| {
        view! { <FactField field=field.at_root() input=FactInput::Typed(kind) label /> }
    };
    view! {
        <Section title=words::plan::about class="section-bare">
            <div class="fields fields-3">
                {fact(heading::partner, FactKind::Text, words::plan::partner)}
                {fact(heading::starts_on, FactKind::Date, words::plan::starts_on)}
                {fact(heading::ends_on, FactKind::Date, words::plan::ends_on)}
            </div>
            <TextLine field=heading::working_group.at_root() label=words::plan::working_group />
            <div class="fields fields-2">
                {fact(heading::adopted_by, FactKind::Text, words::plan::adopted_by)}
                {fact(heading::adopted_on, FactKind::Date, words::plan::adopted_on)}
            </div>
            <OfficialField field=heading::acknowledged_by.at_root() />
        </Section>
    }
}

/// A field of one line.
fn at(field: Field, item: ItemId) -> shared::model::field::FieldRef {
    field.of(LINES, item)
}

/// The four quarters with their words.
fn quarters() -> [(Field, words::Word, &'static str); 4] {
    [
        (line::quarter_1, words::plan::quarter_1, "I"),
        (line::quarter_2, words::plan::quarter_2, "II"),
        (line::quarter_3, words::plan::quarter_3, "III"),
        (line::quarter_4, words::plan::quarter_4, "IV"),
    ]
}
