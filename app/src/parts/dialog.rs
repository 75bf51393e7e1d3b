//! Dialogs: the browser's own `dialog`, which keeps the focus, closes on Escape and gives it back.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::erased::effect;
use super::icon::{Glyph, Icon};
use crate::words;

/// A dialog that is open while `open` is true.
#[component]
pub fn Dialog(
    /// Whether it is open; closing it by any way sets this.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: TextProp,
    /// Another class, for its size and place.
    #[prop(optional, into)]
    class: String,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let id = super::field_frame::unique_id("dialog");
    let labelled = id.clone();
    effect(move || {
        let is_open = open.get();
        let Some(dialog) = dialog.get() else { return };
        if is_open && !dialog.open() {
            // Fails only while it is not in the page; then there is nothing to show.
            let _ = dialog.show_modal();
        } else if !is_open && dialog.open() {
            dialog.close();
        }
    });
    let close_on_backdrop = move |event: leptos::ev::MouseEvent| {
        let on_itself = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok())
            .is_some_and(|target| Some(target) == dialog.get_untracked());
        if on_itself {
            open.set(false);
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class=format!("dialog {class}")
            aria-labelledby=labelled
            on:close=move |_| open.set(false)
            on:click=close_on_backdrop
        >
            <div class="dialog-body">
                <div class="dialog-head">
                    <h2 id=id>{move || title.get()}</h2>
                    <button
                        type="button"
                        class="button button-icon"
                        aria-label=words::parts::close
                        on:click=move |_| open.set(false)
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
                {children()}
            </div>
        </dialog>
    }
}

/// Asks before something is done; says what stays and what goes.
#[component]
pub fn ConfirmDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: TextProp,
    /// The word on the button that does it.
    #[prop(into)]
    action: TextProp,
    /// Does it; the dialog closes by itself.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// What happens then.
    children: Children,
) -> impl IntoView {
    view! {
        <Dialog open title>
            <div class="dialog-text">{children()}</div>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| open.set(false)>
                    {words::parts::cancel}
                </button>
                <button
                    type="button"
                    class="button button-primary"
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {move || action.get()}
                </button>
            </div>
        </Dialog>
    }
}
