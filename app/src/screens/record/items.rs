//! The items of a list in a form: one card each, with moving and removing; and the list's bin.

use leptos::prelude::*;
use shared::ids::ItemId;
use shared::model::document::{Document, Reader};
use shared::model::edit::Edit;
use shared::model::field::List;

use crate::parts::editing::use_editing;
use crate::parts::erased::{For, Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{self, Tone};
use crate::words::{self, Word};
use crate::workspace::{OpenRecord, use_workspace};

/// How an item reads in one line, where its fields are not shown.
pub type Brief = fn(&Reader<'_>) -> String;

/// A list as a form shows it. A keystroke in one item rebuilds no other.
#[component]
pub fn Items(
    /// Which list.
    list: List,
    /// What one item is called, for the names of its buttons.
    what: Word,
    /// The word on the button that adds one.
    add: Word,
    /// How an item in the bin reads.
    brief: Brief,
    /// The fields of one item, with its number as a signal.
    fields: fn(ItemId, Signal<usize>) -> AnyView,
    /// Whether items show their number.
    #[prop(optional)]
    numbered: bool,
) -> impl IntoView {
    let editing = use_editing();
    let record = editing.record();
    let workspace = use_workspace();
    let lacks = editing.lacks_list(list);
    let ids = Memo::new(move || {
        let all = record.read(|document| document.item_ids(list)).unwrap_or_default();
        all.into_iter().filter(|(_, removed)| !removed).map(|(id, _)| id).collect::<Vec<_>>()
    });
    let add_item = move |_| {
        let item = workspace.new_item();
        let after = ids.with_untracked(|ids| ids.last().copied());
        record.edit(Edit::Add { list, item, after });
        focus_item(item);
    };
    view! {
        <ol class="items" class:items-numbered=numbered>
            <For each=move || ids.get() key=|id| *id let:id>
                {
                    editing.provide_item(list, id, list.fields);
                    let number = Signal::derive(move || ids.with(|ids| ids.iter().position(|other| *other == id).unwrap_or(0) + 1));
                    view! {
                        <li class="item" id=item_anchor(id)>
                            <Show when=move || numbered>
                                <span class="item-number" aria-hidden="true">{move || number.get()} "."</span>
                            </Show>
                            <div class="item-fields">{fields(id, number)}</div>
                            <ItemTools list id ids number what />
                        </li>
                    }
                }
            </For>
        </ol>
        <Show when=move || lacks.get()>
            <p class="field-hint">{words::parts::no_place}</p>
        </Show>
        <Show when=move || !editing.read_only().get() && !lacks.get()>
            <button type="button" class="button button-add" on:click=add_item>
                <Icon glyph=Glyph::Add />
                <span>{add}</span>
            </button>
        </Show>
        <ItemBin list what brief />
    }
}

/// An item in the bin.
#[derive(Clone, PartialEq)]
struct Removed {
    item: ItemId,
    /// How it reads.
    text: String,
    /// Whether others edited it since.
    edited: bool,
}

/// The bin of a list: what was removed, what others changed in it since, and the way back.
#[component]
pub fn ItemBin(
    /// Which list.
    list: List,
    /// What one item is called.
    what: Word,
    /// How an item reads.
    brief: Brief,
    /// Whether an item is worth bringing back.
    #[prop(optional)]
    is_worth: Option<fn(&Reader<'_>) -> bool>,
) -> impl IntoView {
    let editing = use_editing();
    let record = editing.record();
    let removed = Memo::new(move || {
        let read = |document: &Document| {
            let item = |(item, edited)| {
                let reader = document.item_reader(list, item);
                let is_worth = reader.as_ref().zip(is_worth).is_none_or(|(item, is_worth)| is_worth(item));
                let text = reader.map(|item| brief(&item)).unwrap_or_default();
                (is_worth || edited).then_some(Removed { item, text, edited })
            };
            document.removed_items(list).into_iter().filter_map(item).collect::<Vec<_>>()
        };
        record.read(read).unwrap_or_default()
    });
    view! {
        <Show when=move || !removed.with(Vec::is_empty)>
            <details
                class="item-bin"
                class:has-edited=move || removed.with(|removed| removed.iter().any(|item| item.edited))
            >
                <summary>
                    <Icon glyph=Glyph::Bin />
                    {move || words::record::removed_items(removed.with(Vec::len))}
                    <Show when=move || removed.with(|removed| removed.iter().any(|item| item.edited))>
                        <span class="mark mark-settle">{words::marks::to_be_reviewed}</span>
                    </Show>
                </summary>
                <ul>
                    {move || removed.get().into_iter().map(|Removed { item, text, edited }| {
                        view! {
                            <li class="item-removed">
                                <span>{if text.is_empty() { words::parts::empty_value.text().to_owned() } else { text.clone() }}</span>
                                {edited.then(|| view! { <span class="mark mark-settle">{words::record::edited_meanwhile}</span> })}
                                <button
                                    type="button"
                                    class="button button-small"
                                    aria-label=move || format!("{}: {text}", words::record::restore_item(what.text()))
                                    hidden=move || editing.read_only().get()
                                    on:click=move |_| {
                                        record.edit(Edit::Restore { list, item });
                                        record.flush();
                                    }
                                >{words::parts::restore}</button>
                            </li>
                        }
                    }).collect_view()}
                </ul>
            </details>
        </Show>
    }
}

/// The id of an item's element.
pub fn item_anchor(item: ItemId) -> String {
    format!("item-{item}")
}

/// The item in which an element stands.
pub fn item_of(element: &web_sys::Element) -> Option<ItemId> {
    let item = element.closest("[id^=item-]").ok().flatten()?;
    item.id().strip_prefix("item-")?.parse().ok()
}

/// Puts the focus into a new item's first field, once it is on the page.
pub fn focus_item(item: ItemId) {
    request_animation_frame(move || {
        let field =
            document().query_selector(&format!("#item-{item} :is(textarea, input, select)")).ok().flatten();
        if let Some(field) = field {
            use wasm_bindgen::JsCast;
            let _ = field.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
}

/// Puts an item into the bin of its list, and offers it back.
pub fn remove(record: OpenRecord, list: List, item: ItemId) {
    record.edit(Edit::Remove { list, item });
    record.flush();
    let undo = Callback::new(move |()| {
        record.edit(Edit::Restore { list, item });
        record.flush();
    });
    let (said, action) = (words::record::item_removed.text(), words::parts::undo.text());
    notice::tell_with_action(Tone::Information, said, action, undo);
}

/// Where an item that moves by one place shall stand: the item that it follows then.
pub fn neighbour(ids: &[ItemId], item: ItemId, by: isize) -> Option<Option<ItemId>> {
    let place = ids.iter().position(|other| *other == item)?;
    let target = place.checked_add_signed(by).filter(|target| *target < ids.len())?;
    let rest: Vec<ItemId> = ids.iter().copied().filter(|other| *other != item).collect();
    Some(target.checked_sub(1).map(|before| rest[before]))
}

#[component]
fn ItemTools(
    list: List,
    id: ItemId,
    ids: Memo<Vec<ItemId>>,
    number: Signal<usize>,
    what: Word,
) -> impl IntoView {
    let editing = use_editing();
    let record = editing.record();
    let count = move || ids.with(Vec::len);
    let step = move |by: isize| {
        if let Some(after) = ids.with_untracked(|ids| neighbour(ids, id, by)) {
            record.edit(Edit::Move { list, item: id, after });
            record.flush();
        }
    };
    let remove = move |_| remove(record, list, id);
    view! {
        <Show when=move || !editing.read_only().get()>
            <div class="item-tools">
                <button
                    type="button"
                    class="button button-icon button-small"
                    aria-label=move || words::record::move_item_up(what.text(), number.get())
                    disabled=move || number.get() == 1
                    on:click=move |_| step(-1)
                >
                    <Icon glyph=Glyph::Up />
                </button>
                <button
                    type="button"
                    class="button button-icon button-small"
                    aria-label=move || words::record::move_item_down(what.text(), number.get())
                    disabled=move || number.get() == count()
                    on:click=move |_| step(1)
                >
                    <Icon glyph=Glyph::Down />
                </button>
                <button
                    type="button"
                    class="button button-icon button-small"
                    aria-label=move || words::record::remove_item(what.text(), number.get())
                    on:click=remove
                >
                    <Icon glyph=Glyph::Bin />
                </button>
            </div>
        </Show>
    }
}
