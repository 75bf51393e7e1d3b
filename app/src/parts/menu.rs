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
    let items = move || -> Vec<web_sys::HtmlElement> {
        let Some(wrapper) = wrapper.get_untracked() else { return Vec::new() };
        let Ok(found) = wrapper.query_selector_all("[role=menuitem]") else { return Vec::new() };
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
    };
    effect(move || {
        if open.get()
            && let Some(first) = items().first()
        {
            let _ = first.focus();
        }
    });
    let close_and_return = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if !open.get_untracked() {
            return;
        }
        let items = items();
        let active = document().active_element();
        let place = items.iter().position(|item| active.as_ref() == Some(item.as_ref()));
        let count = items.len();
        let next = match (event.key().as_str(), place) {
            ("Escape", _) => {
                close_and_return();
                None
            }
            ("Tab", _) => {
                open.set(false);
                return;
            }
            ("ArrowDown", Some(place)) => Some((place + 1) % count),
            ("ArrowUp", Some(place)) => Some((place + count - 1) % count),
            ("Home", _) => Some(0),
            ("End", _) => count.checked_sub(1),
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
        let Some(wrapper) = wrapper.try_get_untracked().flatten() else { return };
        let stays = wrapper.contains(to.as_ref());
        // Without a target the focus went to nothing that can hold it, such as the item that was clicked.
        if to.is_some() && !stays {
            open.set(false);
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
        <div class="menu" node_ref=wrapper on:keydown=on_key on:focusout=on_leave>
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
                <div class="menu-list" role="menu">
                    {entries
                        .run(())
                        .into_iter()
                        .map(|entry| {
                            view! {
                                <button
                                    type="button"
                                    role="menuitem"
                                    tabindex="-1"
                                    class="menu-entry"
                                    on:click=move |_| {
                                        close_and_return();
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
            </Show>
        </div>
    }
}
