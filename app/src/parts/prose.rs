//! Fields for prose: text that several people may write at once.

use leptos::html;
use leptos::prelude::*;
use shared::model::edit::Edit;
use shared::model::field::{FieldRef, Scalar};

use super::editing::use_editing;
use super::erased::{Memo, effect};
use super::field_frame::{Density, FieldFrame, FieldIds};
use super::prose_text::{carried, own_splice};

/// How a prose field reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProseShape {
    /// Paragraphs; grows with its text.
    #[default]
    Paragraphs,
    /// One line, such as a title; wraps, but takes no line break.
    Line,
}

/// A prose field of one line.
#[component]
pub fn TextLine(
    /// Which field.
    field: FieldRef,
    /// Its label.
    #[prop(into)]
    label: TextProp,
    /// How to fill it in.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// What stands there while it is empty.
    #[prop(optional, into)]
    placeholder: TextProp,
    /// How much room it takes.
    #[prop(optional)]
    density: Density,
) -> impl IntoView {
    view! { <ProseField field label hint placeholder density shape=ProseShape::Line rows=1 /> }
}

/// A prose field of paragraphs.
#[component]
pub fn Prose(
    /// Which field.
    field: FieldRef,
    /// Its label.
    #[prop(into)]
    label: TextProp,
    /// How to fill it in.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// What stands there while it is empty.
    #[prop(optional, into)]
    placeholder: TextProp,
    /// Lines that it has while it is empty.
    #[prop(default = 3)]
    rows: u32,
    /// How much room it takes.
    #[prop(optional)]
    density: Density,
) -> impl IntoView {
    view! { <ProseField field label hint placeholder density shape=ProseShape::Paragraphs rows /> }
}

#[component]
fn ProseField(
    field: FieldRef,
    label: TextProp,
    hint: Option<TextProp>,
    placeholder: TextProp,
    density: Density,
    shape: ProseShape,
    rows: u32,
) -> impl IntoView {
    let editing = use_editing();
    let lacks = editing.lacks(field);
    let ids = FieldIds::new();
    let area = NodeRef::<html::Textarea>::new();
    let stored = Memo::new(move || editing.prose(field));
    // What the field held when it and the record last met.
    let shown = StoredValue::new(String::new());
    let composing = RwSignal::new(false);

    // The record's text comes into the field; the caret stays at its words. While an input method is
    // composing, the field is left alone: a change of its value would end the composition.
    effect(move || {
        let (Some(area), text) = (area.get(), stored.get()) else { return };
        if composing.get() {
            return;
        }
        let before = area.value();
        if before != text {
            let own: &web_sys::Element = area.as_ref();
            let is_focused = document().active_element().as_ref() == Some(own);
            let caret = is_focused.then(|| (area.selection_start(), area.selection_end()));
            area.set_value(&text);
            if let Some((Ok(Some(start)), Ok(Some(end)))) = caret {
                let place = |place: u32| carried(place as usize, &before, &text) as u32;
                let _ = area.set_selection_range(place(start), place(end));
            }
        }
        shown.set_value(text);
        grow(&area);
    });

    let take_typed = move || {
        let Some(area) = area.get_untracked() else { return };
        let mut typed = area.value();
        if shape == ProseShape::Line && typed.contains(['\n', '\r']) {
            typed = typed.split(['\n', '\r']).map(str::trim).collect::<Vec<_>>().join(" ");
            area.set_value(&typed);
        }
        let current = untrack(|| editing.prose(field));
        let splice = shown.with_value(|shown| own_splice(shown, &typed, &current));
        shown.set_value(typed);
        if let Some(splice) = splice {
            let at = splice.at as u32;
            editing.record().edit(Edit::Splice {
                field,
                at: splice.at,
                delete: splice.delete,
                insert: splice.insert,
            });
            // Refused, which a notice says: the field goes back to what the record holds, or it would show
            // words that are stored nowhere.
            if untrack(|| editing.prose(field)) == current {
                area.set_value(&current);
                let _ = area.set_selection_range(at, at);
                shown.set_value(current);
            }
        }
        grow(&area);
    };
    let class = match shape {
        ProseShape::Paragraphs => "input prose",
        ProseShape::Line => "input prose prose-line",
    };
    view! {
        <FieldFrame
            field
            ids=ids.clone()
            label
            hint
            density
            lacks
            show=|value: Scalar| super::fact_text::plain(&value)
        >
            <textarea
                node_ref=area
                id=ids.control
                class=class
                rows=rows
                aria-describedby=ids.description
                placeholder=move || placeholder.get()
                readonly=move || editing.read_only().get() || lacks.get()
                spellcheck="false"
                on:input=move |_| take_typed()
                on:compositionstart=move |_| composing.set(true)
                on:compositionend=move |_| {
                    take_typed();
                    composing.set(false);
                }
                on:keydown=move |event| {
                    if shape == ProseShape::Line && event.key() == "Enter" && !event.is_composing() {
                        event.prevent_default();
                    }
                }
                on:focus=move |_| editing.enter(field)
                on:blur=move |_| {
                    composing.set(false);
                    editing.leave();
                }
            ></textarea>
        </FieldFrame>
    }
}

/// Gives the field the height of its text, where the style sheet alone cannot (`field-sizing`).
fn grow(area: &web_sys::HtmlTextAreaElement) {
    // Through the object model, which a strict policy on styles allows.
    let style = web_sys::HtmlElement::style(area);
    let knows = js_sys::Reflect::get(&style, &"fieldSizing".into()).is_ok_and(|value| !value.is_undefined());
    if !knows {
        let _ = style.set_property("height", "auto");
        let _ = style.set_property("height", &format!("{}px", area.scroll_height() + 2));
    }
}
