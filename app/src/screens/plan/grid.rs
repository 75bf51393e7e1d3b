//! The grid: lines in groups by *bidang*, filled in like a spreadsheet, after the WAI-ARIA pattern of the grid. On a phone each
//! line is a card.
//!
//! Only the rows in sight are in the page, and their cells are plain words: the one that somebody writes in has the same
//! field as a form. So a key costs the same in a plan of ten lines and of a thousand.

use leptos::prelude::*;
use shared::grid::columns::COLUMNS;
use shared::ids::ItemId;
use shared::model::action_plan::{LINES, Totals, line};

use super::quarters;
use crate::parts::amount::breakable;
use crate::parts::erased::{Memo, Show, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::page::EmptyState;
use crate::words;
use state::{CellAt, Grid, WIDTH, Wish};

mod bar;
mod body;
mod clipboard;
mod draw;
mod editor;
mod face;
mod keys;
mod lines;
mod menu;
mod order;
mod pattern;
mod pointer;
mod row;
mod state;
mod unread;
mod window;

/// The grid with its totals.
#[component]
pub fn PlanGrid(
    /// The line that is shown in full, with its number.
    in_full: RwSignal<Option<(ItemId, usize)>>,
    /// What the lines add up to.
    totals: Memo<Totals>,
) -> impl IntoView {
    let grid = Grid::provide(in_full);
    let lacks = grid.editing.lacks_list(LINES);
    keep_in_page(grid);
    show_what_is_wanted(grid);
    let is_empty = Memo::new(move || grid.groups.with(Vec::is_empty));
    let keys = move || match grid.editing.read_only().get() {
        true => words::plan::keys_to_read,
        false => words::plan::keys,
    };
    let is_filtered_out = move || grid.layout.with(|layout| layout.lines.is_empty());
    view! {
        <Show
            when=move || !is_empty.get()
            fallback=move || view! {
                <EmptyState glyph=Glyph::Plan title=words::plan::no_lines sentence=words::plan::no_lines_sentence />
            }
        >
            <bar::Bar />
            <p class="section-lead plan-keys" id="plan-keys">{move || keys().text()}</p>
            <Show when=is_filtered_out>
                <EmptyState glyph=Glyph::Filter title=words::plan::no_own_lines sentence=words::plan::no_own_lines_sentence />
            </Show>
            <Table grid totals />
            <menu::LineMenu />
        </Show>
        <Show when=move || lacks.get()>
            <p class="field-hint">{words::parts::no_place}</p>
        </Show>
        <Show when=move || !grid.editing.read_only().get() && !lacks.get()>
            <button
                type="button"
                class="button button-add"
                on:click=move |_| add_at_the_end(grid)
            >
                <Icon glyph=Glyph::Add />
                <span>{words::plan::add_line}</span>
            </button>
        </Show>
    }
}

/// Begins a line without a group after the last; a second click finds it begun.
fn add_at_the_end(grid: Grid) {
    let last =
        grid.groups.with_untracked(|groups| groups.iter().flat_map(|group| &group.lines).last().copied());
    match last.filter(|last| grid.is_empty(*last)) {
        Some(last) => grid.add_after(Some(last), Wish::Edit),
        None => grid.add(last, grid.own_office(), Wish::Edit),
    }
}

/// The row of the active cell stays in the page: the focus is in it.
fn keep_in_page(grid: Grid) {
    effect(move || {
        let active = grid.place().map(|cursor| cursor.active.line);
        let row = grid.layout.with(|layout| active.and_then(|line| layout.row_of(line)));
        grid.window.keep(row.into_iter().collect());
    });
}

/// Shows a field that somebody asked for: its cell, or the line in full where it has none.
fn show_what_is_wanted(grid: Grid) {
    let wanted = grid.editing.wanted();
    effect(move || {
        let Some(field) = wanted.get() else { return };
        let Some((list, line)) = field.item.filter(|(list, _)| *list == LINES) else { return };
        debug_assert_eq!(list, LINES, "a plan has no other list");
        wanted.set(None);
        match COLUMNS.iter().position(|column| column.field == field.field) {
            Some(place) => grid.go_to(CellAt { line, column: place + 1 }, Wish::Settle),
            None => {
                let number = grid.numbers.with_untracked(|numbers| numbers.get(&line).copied().unwrap_or(0));
                grid.in_full.set(Some((line, number)));
            }
        }
    });
}

#[component]
fn Table(grid: Grid, totals: Memo<Totals>) -> impl IntoView {
    let rows = move || (grid.layout.with(|layout| layout.rows.len()) + row::HEAD_ROWS + 1).to_string();
    let sorted = move |place: usize| {
        grid.view.with(|view| {
            let (field, order) = view.order?;
            (COLUMNS.get(place)?.field == field).then_some(match order {
                shared::grid::layout::Order::Ascending => "ascending",
                shared::grid::layout::Order::Descending => "descending",
            })
        })
    };
    let head = move |place: usize| {
        let word = face::heading(COLUMNS[place]);
        let class = format!("column-{}", COLUMNS[place].field.name);
        view! {
            <th
                role="columnheader"
                scope="col"
                rowspan="2"
                class=class
                aria-colindex=(place + 2).to_string()
                aria-sort=move || sorted(place)
            >
                {word}
            </th>
        }
    };
    view! {
        <div class="plan-scroll">
            <table
                class="plan"
                role="grid"
                node_ref=grid.table
                aria-label=words::plan::grid
                aria-describedby="plan-keys"
                aria-multiselectable="true"
                aria-rowcount=rows
                aria-colcount=WIDTH.to_string()
                on:keydown=move |event| grid.key(&event)
                on:pointerdown=move |event| grid.pointer_down(&event)
                on:pointerover=move |event| grid.pointer_over(&event)
                on:click=move |event| grid.click(&event)
                on:change=move |event| grid.change(&event)
                on:focusin=move |event| grid.focus_in(&event)
                on:focusout=move |event| grid.focus_out(&event)
                on:copy=move |event| grid.copy(&event)
                on:cut=move |event| grid.cut(&event)
                on:paste=move |event| grid.paste(&event)
            >
                <thead role="rowgroup">
                    <tr role="row" aria-rowindex="1">
                        <th role="columnheader" scope="col" rowspan="2" class="plan-number" aria-colindex="1">
                            {words::plan::number}
                        </th>
                        {(0..6).map(head).collect_view()}
                        <th role="columnheader" scope="colgroup" colspan="4" class="plan-quarters" aria-colindex="8">
                            {words::plan::quarters}
                        </th>
                        {(10..COLUMNS.len()).map(head).collect_view()}
                    </tr>
                    <tr role="row" aria-rowindex="2">
                        {quarters()
                            .into_iter()
                            .enumerate()
                            .map(|(place, (field, _, roman))| {
                                let class = format!("column-{}", field.name);
                                view! {
                                    <th role="columnheader" scope="col" class=class aria-colindex=(place + 8).to_string()>
                                        {roman}
                                    </th>
                                }
                            })
                            .collect_view()}
                    </tr>
                </thead>
                <body::Body window=grid.window row=row::row />
                <Foot totals rows />
            </table>
        </div>
    }
}

#[component]
fn Foot(totals: Memo<Totals>, rows: impl Fn() -> String + Send + Sync + 'static) -> impl IntoView {
    view! {
        <tfoot role="rowgroup">
            <tr role="row" aria-rowindex=rows>
                <th role="rowheader" scope="row" colspan="11" aria-colindex="1">
                    {words::plan::total}
                    <small class="plan-unread">{move || super::without_unread(totals.get())}</small>
                    <super::Untaken of=&[line::ceiling, line::spent] />
                </th>
                <td role="gridcell" class="plan-amount" aria-colindex="12">{move || breakable(totals.get().ceiling)}</td>
                <td role="gridcell" class="plan-amount" aria-colindex="13">{move || breakable(totals.get().spent)}</td>
                <td role="gridcell" colspan="2" aria-colindex="14">
                    {move || totals.with(|totals| words::plan::lines_done(totals.done, totals.lines))}
                </td>
            </tr>
        </tfoot>
    }
}
