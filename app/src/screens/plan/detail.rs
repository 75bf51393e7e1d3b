//! One line of the plan in full: every field that it has.

use leptos::prelude::*;
use shared::ids::ItemId;
use shared::model::action_plan::{FundingSource, LINES, LineStatus, line};
use shared::model::field::Field;

use super::{at, quarters};
use crate::parts::dialog::Dialog;
use crate::parts::editing::use_editing;
use crate::parts::erased::effect;
use crate::parts::fact_field::{FactField, FactInput};
use crate::parts::prose::Prose;
use crate::words;
use crate::words::choices::options;
use shared::domain::reading::FactKind;

/// The dialog; open while `in_full` names a line.
#[component]
pub fn DetailDialog(
    /// The line and its number.
    in_full: RwSignal<Option<(ItemId, usize)>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    effect(move || {
        if in_full.get().is_some() {
            open.set(true);
        }
    });
    let title = move || in_full.get().map(|(_, number)| words::plan::all_fields(number)).unwrap_or_default();
    view! {
        <Dialog open title=title class="dialog-wide">
            {move || in_full.get().filter(|_| open.get()).map(|(item, _)| view! { <Fields item /> })}
        </Dialog>
    }
}

#[component]
fn Fields(item: ItemId) -> impl IntoView {
    use_editing().provide_item(LINES, item, LINES.fields);
    let typed = move |field: Field, kind: FactKind, label: words::Word| {
        view! { <FactField field=at(field, item) input=FactInput::Typed(kind) label /> }
    };
    let prose = move |field: Field, label: words::Word| {
        view! { <Prose field=at(field, item) label rows=2 /> }
    };
    view! {
        <div class="dialog-text">
            {prose(line::activity, words::plan::activity)}
            <div class="fields fields-2">
                {typed(line::field, FactKind::Text, words::plan::field)}
                {prose(line::programme, words::plan::programme)}
                {prose(line::sub_activity, words::plan::sub_activity)}
                {prose(line::purpose, words::plan::purpose)}
                {prose(line::output, words::plan::output)}
                {prose(line::indicator, words::plan::indicator)}
            </div>
            <div class="fields fields-3">
                {typed(line::target, FactKind::Number, words::plan::target)}
                {typed(line::unit, FactKind::Text, words::plan::unit)}
                {typed(line::location, FactKind::Text, words::plan::location)}
                {typed(line::starts_on, FactKind::Date, words::plan::line_starts_on)}
                {typed(line::ends_on, FactKind::Date, words::plan::line_ends_on)}
            </div>
            <fieldset class="quarters">
                <legend>{words::plan::quarters}</legend>
                {quarters()
                    .into_iter()
                    .map(|(field, label, _)| view! { <FactField field=at(field, item) input=FactInput::Flag label /> })
                    .collect_view()}
            </fieldset>
            <div class="fields fields-2">
                {typed(line::responsible, FactKind::Text, words::plan::responsible)}
                {typed(line::supporting, FactKind::Text, words::plan::supporting)}
                {typed(line::partner_contact, FactKind::Text, words::plan::partner_contact)}
                <FactField
                    field=at(line::funding, item)
                    input=FactInput::Choice(options::<FundingSource>())
                    label=words::plan::funding
                />
                {typed(line::ceiling, FactKind::Rupiah, words::plan::ceiling)}
                {typed(line::spent, FactKind::Rupiah, words::plan::spent)}
                {typed(line::account_code, FactKind::Text, words::plan::account_code)}
                {typed(line::progress, FactKind::Percent, words::plan::progress)}
                <FactField
                    field=at(line::status, item)
                    input=FactInput::Choice(options::<LineStatus>())
                    label=words::plan::status
                />
            </div>
            {prose(line::division, words::plan::division)}
            {prose(line::obstacle, words::plan::obstacle)}
            {prose(line::remedy, words::plan::remedy)}
            {prose(line::follow_up, words::plan::follow_up)}
            {prose(line::remark, words::plan::remark)}
        </div>
    }
}
