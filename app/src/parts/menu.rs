//! A menu behind a button, after the WAI-ARIA pattern of the menu button.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::erased::{Show, effect};
use super::icon::{Glyph, Icon};

/// One entry of a menu.
#[derive(Clone)]
pub struct MenuEntry {
    /// Its word.
    pub label: TextProp,
    /// Its icon.
    pub glyph: Glyph,
    /// What it does.
    pub action: Callback<()>,
}

impl MenuEntry {
    /// An entry.
    pub fn new(label: impl Into<TextProp>, glyph: Glyph, action: impl Fn() + Send + Sync + 'static) -> Self {
        Self { label: label.into(), glyph, action: Callback::new(move |()| action()) }
    }
}

/// A button that opens a menu.
#[component]
pub fn Menu(
    /// The button's name.
    #[prop(into)]
    label: TextProp,
    /// The button's icon.
    #[prop(default = Glyph::More)]
    glyph: Glyph,
    /// The button's class.
    #[prop(default = "button button-icon")]
    class: &'static str,
    /// The entries, made when the menu opens.
    #[prop(into)]
    entries: Callback<(), Vec<MenuEntry>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let wrapper = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let close = move |way: Closing| {
        open.set(false);
        if let Some(button) = button.get_untracked().filter(|_| way == Closing::Back) {
            let _ = button.focus();
        }
    };
    let outside = window_event_listener(leptos::ev::pointerdown, move |event| {
        let to = event.target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        if open.get_untracked()
            && !wrapper.get_untracked().is_some_and(|wrapper| wrapper.contains(to.as_ref()))
        {
            open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    let name = label.clone();
    view! {
        <div class="menu" node_ref=wrapper>
            <button
                node_ref=button
                type="button"
                class=class
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                aria-label=move || label.get()
                title=move || name.get()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon glyph />
            </button>
            <Show when=move || open.get()>
                <MenuList entries=entries.run(()) close=Callback::new(close) />
            </Show>
        </div>
    }
}

/// How a menu closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The person goes on elsewhere.
    Away,
    /// The focus goes back to where the menu was opened.
    Back,
}

/// The entries of an open menu. The first has the focus.
#[component]
pub fn MenuList(
    /// The entries.
    entries: Vec<MenuEntry>,
    /// Closes it; before an entry does what it does, too.
    close: Callback<Closing>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let items = move || -> Vec<web_sys::HtmlElement> {
        let Some(list) = list.get_untracked() else { return Vec::new() };
        let Ok(found) = list.query_selector_all("[role=menuitem]") else { return Vec::new() };
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
    };
    effect(move || {
        if list.get().is_some()
            && let Some(first) = items().first()
        {
            let _ = first.focus();
        }
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let items = items();
        let active = document().active_element();
        let place = items.iter().position(|item| active.as_ref() == Some(item.as_ref()));
        let count = items.len();
        let next = match (event.key().as_str(), place) {
            ("Escape", _) => {
                close.run(Closing::Back);
                None
            }
            ("Tab", _) => {
                close.run(Closing::Away);
                return;
            }
            ("ArrowDown", Some(place)) => Some((place + 1) % count),
            ("ArrowUp", Some(place)) => Some((place + count - 1) % count),
            ("Home", _) => Some(0),
            ("End", _) => count.checked_sub(1),
            // A letter leads to the next entry that begins with it, as in any list.
            (letter, _) if letter.chars().count() == 1 && !event.ctrl_key() && !event.meta_key() => {
                let letter = letter.to_lowercase();
                let begins = |item: &web_sys::HtmlElement| {
                    let words = item.text_content().unwrap_or_default();
                    words.trim_start().to_lowercase().starts_with(&letter)
                };
                let after = place.map_or(0, |place| place + 1);
                match (0..count).map(|step| (after + step) % count).find(|place| begins(&items[*place])) {
                    Some(place) => Some(place),
                    None => return,
                }
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if let Some(item) = next.and_then(|next| items.get(next)) {
            let _ = item.focus();
        }
    };
    let on_leave = move |event: leptos::ev::FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        // It is taken from the page with the focus in it.
        let Some(list) = list.try_get_untracked().flatten() else { return };
        // The button that opened it closes it by itself.
        let around = list.parent_element().filter(|parent| parent.class_list().contains("menu"));
        let stays = around.map_or_else(|| list.contains(to.as_ref()), |menu| menu.contains(to.as_ref()));
        // Without a target the focus went to nothing that can hold it, such as the item that was clicked.
        if to.is_some() && !stays {
            close.run(Closing::Away);
        }
    };
    view! {
        <div class="menu-list" role="menu" node_ref=list on:keydown=on_key on:focusout=on_leave>
            {entries
                .into_iter()
                .map(|entry| {
                    view! {
                        <button
                            type="button"
                            role="menuitem"
                            tabindex="-1"
                            class="menu-entry"
                            on:click=move |_| {
                                close.run(Closing::Back);
                                entry.action.run(());
                            }
                        >
                            <Icon glyph=entry.glyph />
                            <span>{move || entry.label.get()}</span>
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}
