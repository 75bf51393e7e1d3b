//! The frame inside a page: its head, its sections, its empty state, its bar of buttons.

use leptos::prelude::*;

use super::erased::effect;
use super::icon::{Glyph, Icon};

/// The head of a page: its one `h1`, a line beneath, and its buttons. Also names the browser's tab.
#[component]
pub fn PageHead(
    /// The heading.
    #[prop(into)]
    title: TextProp,
    /// The line beneath.
    #[prop(optional, into)]
    lead: Option<TextProp>,
    /// The buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let heading = title.clone();
    effect(move || crate::shell::name_tab(&title.get()));
    view! {
        <header class="page-head">
            <div class="page-head-text">
                // As a whole: a page's translator may have put a copy in place of the words.
                <h1 translate="no" prop:textContent=move || heading.get().to_string()></h1>
                {lead.map(|lead| view! { <p class="lead">{move || lead.get()}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-head-actions">{children()}</div> })}
        </header>
    }
}

/// A part of a page under a heading of the second level.
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: TextProp,
    /// A line beneath.
    #[prop(optional, into)]
    lead: Option<TextProp>,
    /// Another class, for its place on the page.
    #[prop(optional, into)]
    class: String,
    /// What stands at the end of the heading's line, such as a link or a button.
    #[prop(optional, into)]
    aside: ViewFn,
    /// The part.
    children: Children,
) -> impl IntoView {
    let id = super::field_frame::unique_id("section");
    let labelled = id.clone();
    view! {
        <section class=format!("section {class}") aria-labelledby=labelled>
            <div class="section-head">
                <h2 id=id>{move || title.get()}</h2>
                {aside.run()}
            </div>
            {lead.map(|lead| view! { <p class="section-lead">{move || lead.get()}</p> })}
            {children()}
        </section>
    }
}

/// What a page shows instead of nothing: what will be here, and how to begin.
#[component]
pub fn EmptyState(
    /// Its icon.
    glyph: Glyph,
    /// What is not there.
    #[prop(into)]
    title: TextProp,
    /// How to begin.
    #[prop(into)]
    sentence: TextProp,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-mark"><Icon glyph /></span>
            <p class="empty-title">{move || title.get()}</p>
            <p class="empty-sentence">{move || sentence.get()}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}

/// A bar of buttons with a name. The arrow keys need not be caught: its buttons are few and each is a stop.
#[component]
pub fn Toolbar(
    /// Its name for those who do not see it.
    #[prop(into)]
    label: TextProp,
    /// The buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="toolbar" role="group" aria-label=move || label.get()>
            {children()}
        </div>
    }
}
