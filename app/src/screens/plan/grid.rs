//! The grid: lines grouped by *bidang*, every cell a field. On a phone each line is a card.
//!
//! A table of fields that are always open, not a grid with a roving focus: each cell is found by its name,
//! and nothing has to be learnt before typing. Tab goes through the cells; Enter, ↑ and ↓ go to the same
//! column of the next or previous line (in a text of several rows only from its first or last); Alt+↑ and
//! Alt+↓ move the line.

use leptos::html;
use leptos::prelude::*;
use shared::ids::ItemId;
use shared::model::action_plan::{Group, LINES, LineStatus, Totals, groups, line};
use shared::model::edit::Edit;
use shared::model::field::{Field, Scalar};
use wasm_bindgen::JsCast;

use super::{at, quarters};
use crate::parts::editing::use_editing;
use crate::parts::erased::{For, Memo, Show};
use crate::parts::fact_field::{FactField, FactInput};
use crate::parts::field_frame::Density;
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{self, Tone};
use crate::parts::page::EmptyState;
use crate::parts::prose::Prose;
use crate::screens::record::items::{focus_item, item_anchor, neighbour};
use crate::words::choices::options;
use crate::words::{self, Word};
use crate::workspace::use_workspace;
use shared::domain::reading::FactKind;

/// Columns of the table, for cells that span all of them.
const SPAN: &str = "15";
/// The fields that a line shows.
const COLUMNS: [Field; 13] = [
    line::activity,
    line::output,
    line::target,
    line::unit,
    line::responsible,
    line::quarter_1,
    line::quarter_2,
    line::quarter_3,
    line::quarter_4,
    line::ceiling,
    line::spent,
    line::progress,
    line::status,
];

/// The grid with its totals.
#[component]
pub fn Grid(
    /// The line that is shown in full, with its number.
    in_full: RwSignal<Option<(ItemId, usize)>>,
    /// What the lines add up to.
    totals: Memo<Totals>,
) -> impl IntoView {
    let editing = use_editing();
    let record = editing.record();
    let groups = Memo::new(move || record.read(groups).unwrap_or_default());
    let numbers = Memo::new(move || {
        groups.with(|groups| groups.iter().flat_map(|group| group.lines.iter().copied()).collect::<Vec<_>>())
    });
    let fields = Memo::new(move || {
        groups.with(|groups| groups.iter().map(|group| group.field.clone()).collect::<Vec<_>>())
    });
    let table = NodeRef::<html::Table>::new();
    let add = use_adding();
    let lacks = editing.lacks_list(LINES);
    view! {
        <Show
            when=move || !numbers.with(Vec::is_empty)
            fallback=move || view! {
                <EmptyState glyph=Glyph::Plan title=words::plan::no_lines sentence=words::plan::no_lines_sentence />
            }
        >
            <p class="section-lead plan-keys">{words::plan::keys}</p>
            <div class="plan-scroll">
                <table class="plan" node_ref=table aria-label=words::plan::grid on:keydown=move |event| walk(&event, table)>
                    <thead>
                        <tr>
                            <th scope="col" rowspan="2">{words::plan::number}</th>
                            <Head word=words::plan::activity />
                            <Head word=words::plan::output />
                            <Head word=words::plan::target />
                            <Head word=words::plan::unit />
                            <Head word=words::plan::responsible />
                            <th scope="colgroup" colspan="4">{words::plan::quarters}</th>
                            <Head word=words::plan::ceiling />
                            <Head word=words::plan::spent />
                            <Head word=words::plan::progress />
                            <Head word=words::plan::status />
                            <th scope="col" rowspan="2"><span class="visually-hidden">{words::record::actions}</span></th>
                        </tr>
                        <tr>
                            {quarters().into_iter().map(|(_, _, roman)| view! { <th scope="col">{roman}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <For each=move || fields.get() key=Clone::clone let:field>
                        <GroupRows field groups numbers in_full add />
                    </For>
                    <tfoot>
                        <tr>
                            <th scope="row" colspan="10">{words::plan::total}</th>
                            <td class="plan-amount">{move || totals.get().ceiling.to_string()}</td>
                            <td class="plan-amount">{move || totals.get().spent.to_string()}</td>
                            <td colspan="3">
                                {move || totals.with(|totals| words::plan::lines_done(totals.done, totals.lines))}
                                <small class="plan-unread">{move || super::without_unread(totals.get())}</small>
                            </td>
                        </tr>
                    </tfoot>
                </table>
            </div>
        </Show>
        <Show when=move || lacks.get()>
            <p class="field-hint">{words::parts::no_place}</p>
        </Show>
        <Show when=move || !editing.read_only().get() && !lacks.get()>
            <button
                type="button"
                class="button button-add"
                on:click=move |_| add.run((None, numbers.with_untracked(|all| all.last().copied())))
            >
                <Icon glyph=Glyph::Add />
                <span>{words::plan::add_line}</span>
            </button>
        </Show>
    }
}

/// Adds a line to a *bidang* after another line.
type AddLine = Callback<(Option<String>, Option<ItemId>)>;

fn use_adding() -> AddLine {
    let record = use_editing().record();
    let workspace = use_workspace();
    Callback::new(move |(field, after): (Option<String>, Option<ItemId>)| {
        let item = workspace.new_item();
        record.edit(Edit::Add { list: LINES, item, after });
        if let Some(field) = field {
            record.edit(Edit::Set { field: at(line::field, item), value: Scalar::Text(field) });
        }
        focus_item(item);
    })
}

#[component]
fn Head(word: Word) -> impl IntoView {
    view! { <th scope="col" rowspan="2">{word}</th> }
}

#[component]
fn GroupRows(
    field: Option<String>,
    groups: Memo<Vec<Group>>,
    numbers: Memo<Vec<ItemId>>,
    in_full: RwSignal<Option<(ItemId, usize)>>,
    add: AddLine,
) -> impl IntoView {
    let editing = use_editing();
    let wanted = field.clone();
    let lines = Memo::new(move || {
        groups.with(|groups| {
            groups
                .iter()
                .find(|group| group.field == wanted)
                .map(|group| group.lines.clone())
                .unwrap_or_default()
        })
    });
    let name = field.clone();
    let heading = move || name.clone().unwrap_or_else(|| words::plan::no_field.text().to_owned());
    let heading_again = heading.clone();
    view! {
        <tbody>
            <tr class="plan-group">
                <th scope="rowgroup" colspan=SPAN>
                    <span class="plan-group-name">{heading}</span>
                    <span class="plan-group-count">{move || words::plan::group_count(lines.with(Vec::len))}</span>
                    <Show when=move || !editing.read_only().get()>
                        {
                            let field = field.clone();
                            let heading = heading_again.clone();
                            view! {
                                <button
                                    type="button"
                                    class="button button-quiet button-small"
                                    aria-label=move || format!("{}: {}", words::plan::add_line.text(), heading())
                                    on:click=move |_| {
                                        add.run((field.clone(), lines.with_untracked(|lines| lines.last().copied())));
                                    }
                                >
                                    <Icon glyph=Glyph::Add />
                                </button>
                            }
                        }
                    </Show>
                </th>
            </tr>
            <For each=move || lines.get() key=|id| *id let:id>
                <Row id lines numbers in_full />
            </For>
        </tbody>
    }
}

#[component]
fn Row(
    id: ItemId,
    lines: Memo<Vec<ItemId>>,
    numbers: Memo<Vec<ItemId>>,
    in_full: RwSignal<Option<(ItemId, usize)>>,
) -> impl IntoView {
    use_editing().provide_item(LINES, id, &COLUMNS);
    let editing = use_editing();
    let record = editing.record();
    let number = Signal::derive(move || {
        numbers.with(|all| all.iter().position(|other| *other == id).unwrap_or(0) + 1)
    });
    let status = Memo::new(move || editing.value(at(line::status, id)));
    let step = move |by: isize| {
        if let Some(after) = lines.with_untracked(|lines| neighbour(lines, id, by)) {
            // Within its bidang: the first place there follows whatever stands before it in the plan.
            let after = after.or_else(|| {
                let first = lines.with_untracked(|lines| lines.first().copied())?;
                numbers.with_untracked(|all| {
                    let place = all.iter().position(|other| *other == first)?;
                    place.checked_sub(1).map(|before| all[before])
                })
            });
            record.edit(Edit::Move { list: LINES, item: id, after });
            record.flush();
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let by = match (event.alt_key(), event.key().as_str()) {
            (true, "ArrowUp") => -1,
            (true, "ArrowDown") => 1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if editing.read_only().get_untracked() {
            return;
        }
        let focused = document().active_element();
        step(by);
        // The row is taken out and put in again: the focus comes along.
        request_animation_frame(move || {
            if let Some(focused) = focused.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
            {
                let _ = focused.focus();
            }
        });
    };
    let remove = move |_| {
        record.edit(Edit::Remove { list: LINES, item: id });
        record.flush();
        let undo = Callback::new(move |()| {
            record.edit(Edit::Restore { list: LINES, item: id });
            record.flush();
        });
        notice::tell_with_action(
            Tone::Information,
            words::record::item_removed.text(),
            words::parts::undo.text(),
            undo,
        );
    };
    let label = move |column: Word| move || words::plan::cell(column.text(), number.get());
    let typed = move |field: Field, kind: FactKind, column: Word| {
        view! {
            <td data-column=column>
                <FactField field=at(field, id) input=FactInput::Typed(kind) label=label(column) density=Density::Compact />
            </td>
        }
    };
    let prose = move |field: Field, column: Word| {
        view! {
            <td class="plan-prose" data-column=column>
                <Prose field=at(field, id) label=label(column) rows=1 density=Density::Compact />
            </td>
        }
    };
    let status_class = move || match status.get() {
        Scalar::Text(code) => format!("plan-line is-{code}"),
        _ => "plan-line".to_owned(),
    };
    view! {
        <tr class=status_class id=item_anchor(id) on:keydown=on_key>
            <th scope="row" class="plan-number">{move || number.get()}</th>
            {prose(line::activity, words::plan::activity)}
            {prose(line::output, words::plan::output)}
            {typed(line::target, FactKind::Number, words::plan::target)}
            {typed(line::unit, FactKind::Text, words::plan::unit)}
            {typed(line::responsible, FactKind::Text, words::plan::responsible)}
            {quarters().into_iter().map(|(field, word, _)| view! {
                <td class="plan-quarter" data-column=word>
                    <FactField field=at(field, id) input=FactInput::Flag label=label(word) density=Density::Compact />
                </td>
            }).collect_view()}
            {typed(line::ceiling, FactKind::Rupiah, words::plan::ceiling)}
            {typed(line::spent, FactKind::Rupiah, words::plan::spent)}
            {typed(line::progress, FactKind::Percent, words::plan::progress)}
            <td data-column=words::plan::status>
                <FactField
                    field=at(line::status, id)
                    input=FactInput::Choice(options::<LineStatus>())
                    label=label(words::plan::status)
                    density=Density::Compact
                />
            </td>
            <td class="plan-tools">
                <button
                    type="button"
                    class="button button-icon button-small"
                    aria-label=move || words::plan::all_fields(number.get())
                    title=move || words::plan::all_fields(number.get())
                    on:click=move |_| in_full.set(Some((id, number.get_untracked())))
                >
                    <Icon glyph=Glyph::More />
                </button>
                <Show when=move || !editing.read_only().get()>
                    <Tool glyph=Glyph::Up name=move || words::record::move_item_up(words::plan::line_word.text(), number.get()) action=move || step(-1) />
                    <Tool glyph=Glyph::Down name=move || words::record::move_item_down(words::plan::line_word.text(), number.get()) action=move || step(1) />
                    <button
                        type="button"
                        class="button button-icon button-small"
                        aria-label=move || words::record::remove_item(words::plan::line_word.text(), number.get())
                        on:click=remove
                    >
                        <Icon glyph=Glyph::Bin />
                    </button>
                </Show>
            </td>
        </tr>
    }
}

#[component]
fn Tool(
    glyph: Glyph,
    name: impl Fn() -> String + Send + Sync + 'static,
    action: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button type="button" class="button button-icon button-small" aria-label=name on:click=move |_| action()>
            <Icon glyph />
        </button>
    }
}

/// Goes to the same column of the next or previous line.
fn walk(event: &web_sys::KeyboardEvent, table: NodeRef<html::Table>) {
    if event.alt_key() || event.ctrl_key() || event.meta_key() || event.is_composing() {
        return;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    let by = match event.key().as_str() {
        "ArrowUp" => -1,
        "ArrowDown" => 1,
        "Enter" if event.shift_key() => return,
        // A line break belongs into a text only with Shift, as in other grids.
        "Enter" => 1,
        _ => return,
    };
    // A choice has its own use for the arrows, a button for Enter.
    if matches!(target.tag_name().as_str(), "SELECT" | "BUTTON" | "SUMMARY")
        || target.closest("dialog").ok().flatten().is_some()
    {
        return;
    }
    if let Some(area) = target.dyn_ref::<web_sys::HtmlTextAreaElement>()
        && event.key() != "Enter"
    {
        let caret = area.selection_start().ok().flatten().unwrap_or(0) as usize;
        let units: Vec<u16> = area.value().encode_utf16().collect();
        let (before, after) = units.split_at(caret.min(units.len()));
        let has_row = |part: &[u16]| part.contains(&u16::from(b'\n'));
        if (by < 0 && has_row(before)) || (by > 0 && has_row(after)) {
            return;
        }
    }
    let (Some(table), Some(cell)) = (table.get_untracked(), target.closest("td").ok().flatten()) else {
        return;
    };
    let Some(row) = cell.parent_element() else { return };
    let Ok(rows) = table.query_selector_all("tr.plan-line") else { return };
    let all: Vec<web_sys::Element> =
        (0..rows.length()).filter_map(|index| rows.item(index)?.dyn_into().ok()).collect();
    let Some(place) = all.iter().position(|other| *other == row) else { return };
    let Some(next) = place.checked_add_signed(by).and_then(|place| all.get(place)) else {
        if event.key() == "Enter" {
            event.prevent_default();
        }
        return;
    };
    let column = cell.unchecked_ref::<web_sys::HtmlTableCellElement>().cell_index();
    let control = next
        .children()
        .item(u32::try_from(column).unwrap_or(0))
        .and_then(|cell| cell.query_selector("textarea, input, select").ok().flatten());
    if let Some(control) = control {
        event.prevent_default();
        let _ = control.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
