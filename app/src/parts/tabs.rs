//! Tabs, after the WAI-ARIA pattern: arrow keys move, the panel follows at once.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::erased::Show;
use crate::words::Word;

/// The row of tabs. `selected` holds the key of the tab that is open.
#[component]
pub fn Tabs(
    /// Its name for those who do not see it.
    #[prop(into)]
    label: TextProp,
    /// Key and word of each tab; keys are unique on the page.
    tabs: Vec<(&'static str, Word)>,
    /// The tab that is open.
    selected: RwSignal<&'static str>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let keys: Vec<&'static str> = tabs.iter().map(|(key, _)| *key).collect();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let place = keys.iter().position(|key| *key == selected.get_untracked()).unwrap_or(0);
        let count = keys.len();
        let next = match event.key().as_str() {
            "ArrowRight" => (place + 1) % count,
            "ArrowLeft" => (place + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        selected.set(keys[next]);
        let tab = list
            .get_untracked()
            .and_then(|list| list.query_selector(&format!("#tab-{}", keys[next])).ok().flatten())
            .and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(tab) = tab {
            let _ = tab.focus();
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=move || label.get() node_ref=list on:keydown=on_key>
            {tabs
                .into_iter()
                .map(|(key, word)| {
                    let is_open = move || selected.get() == key;
                    view! {
                        <button
                            type="button"
                            role="tab"
                            id=format!("tab-{key}")
                            class="tab"
                            aria-selected=move || is_open().to_string()
                            aria-controls=move || is_open().then(|| format!("panel-{key}"))
                            tabindex=move || if is_open() { "0" } else { "-1" }
                            on:click=move |_| selected.set(key)
                        >
                            {word}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// What belongs to one tab; it exists only while the tab is open.
#[component]
pub fn TabPanel(
    /// The key of its tab.
    tab: &'static str,
    /// The tab that is open.
    selected: RwSignal<&'static str>,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <Show when=move || selected.get() == tab>
            <div
                class="tab-panel"
                role="tabpanel"
                id=format!("panel-{tab}")
                aria-labelledby=format!("tab-{tab}")
                tabindex="0"
            >
                {children()}
            </div>
        </Show>
    }
}
