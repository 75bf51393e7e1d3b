//! Fields for prose: text that several people may write at once.

use leptos::html;
use leptos::prelude::*;
use shared::device::text_marks::{Mark, go_on, toggle};
use shared::ids::ActorId;
use shared::model::field::{FieldRef, Scalar};

use super::author::author_name;
use super::crossings::Crossings;
use super::dimmed_marks::DimmedMarks;
use super::editing::use_editing;
use super::erased::{Memo, Show, effect};
use super::field_frame::{Density, FieldFrame, FieldIds};
use super::live_text::{LiveText, selection_of};
use super::text_tools::{TextTools, begins_line, mark_of_key};
use super::work_keys::{step_of_input, step_of_key};
use crate::words;
use crate::workspace::{WorkStep, use_workspace};

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
    // While the field has the focus.
    let live = StoredValue::new_local(None::<LiveText>);
    let is_live = RwSignal::new(false);
    // Others wrote here, which is shown once the word is done that is being composed.
    let unseen = RwSignal::new(None::<Option<ActorId>>);
    let with_live = move |act: &dyn Fn(&mut LiveText, &web_sys::HtmlTextAreaElement)| {
        let Some(area) = area.try_get_untracked().flatten() else { return };
        let now_unseen = live.try_update_value(|live| {
            live.as_mut().and_then(|live| {
                act(live, &area);
                live.unseen()
            })
        });
        if let Some(now_unseen) = now_unseen.filter(|now_unseen| *now_unseen != unseen.get_untracked()) {
            unseen.set(now_unseen);
        }
        grow(&area);
    };

    // The record's text comes into the field: change by change where the person is, so that the caret stays at its words;
    // else as a whole.
    effect(move || {
        let Some(area) = area.get() else { return };
        if is_live.get() {
            editing.record().version().track();
            with_live(&LiveText::look);
        } else {
            let text = stored.get();
            if area.value() != text {
                area.set_value(&text);
            }
            grow(&area);
        }
    });

    // Some programs type without the focus: what stands in the field then is what was typed.
    let begin = move || {
        if !live.with_value(Option::is_some) {
            live.set_value(Some(LiveText::begin(editing.record(), field)));
            is_live.set(true);
        }
    };
    let take_typed = move || {
        if let Some(area) = area.try_get_untracked().flatten().filter(|_| shape == ProseShape::Line) {
            let typed = area.value();
            if typed.contains('\n') {
                let caret = selection_of(&area).end as u32;
                area.set_value(&typed.replace('\n', " "));
                let _ = area.set_selection_range(caret, caret);
            }
        }
        with_live(&LiveText::typed);
    };
    let end_composition = move || {
        take_typed();
        with_live(&|live, area| {
            live.composition_ended();
            live.look(area);
        });
    };
    let leave = move || {
        // A field that is taken from the page loses its focus too; what was typed in it is taken by then.
        if area.try_get_untracked().is_none() {
            editing.leave();
            return;
        }
        end_composition();
        editing.leave();
        // The field keeps the focus of a window that loses it.
        let keeps_focus = area.get_untracked().is_some_and(|area| {
            let own: &web_sys::Element = area.as_ref();
            document().active_element().as_ref() == Some(own)
        });
        if !keeps_focus {
            live.set_value(None);
            is_live.set(false);
        }
    };
    let step = move |step: WorkStep| {
        if !editing.read_only().get_untracked() {
            with_live(&|live, area| live.step(area, step));
        }
    };
    // Marks mean something in what is printed as paragraphs.
    let has_marks = shape == ProseShape::Paragraphs;
    let put_mark = move |mark: Mark| {
        if has_marks && !editing.read_only().get_untracked() && !lacks.get_untracked() {
            begin();
            with_live(&|live, area| {
                live.act(area, |text, selection| toggle(text, selection, mark));
            });
        }
    };
    // In a cell, Enter goes to the next row.
    let continues_lists = has_marks && density == Density::Roomy;
    // Who is in the field need not be who writes.
    let workspace = use_workspace();
    let unseen_by = move || match unseen.get().flatten() {
        Some(writer) => words::parts::writes_here(&author_name(&workspace, writer)),
        None => words::parts::somebody_writes_here.text().to_owned(),
    };
    let class = match shape {
        ProseShape::Paragraphs => "input prose",
        ProseShape::Line => "input prose prose-line",
    };
    let scrolled = RwSignal::new(0);
    let control = view! {
        <textarea
            node_ref=area
            id=ids.control.clone()
            class=class
            rows=rows
            aria-describedby=ids.description.clone()
            placeholder=move || placeholder.get()
            readonly=move || editing.read_only().get() || lacks.get()
            spellcheck="false"
            on:beforeinput=move |event| {
                if let Some(asked) = step_of_input(&event) {
                    event.prevent_default();
                    step(asked);
                } else {
                    with_live(&|live, area| live.selected(selection_of(area)));
                    if continues_lists && begins_line(&event) {
                        with_live(&|live, area| {
                            if live.act(area, go_on) {
                                event.prevent_default();
                            }
                        });
                    }
                }
            }
            on:input=move |_| {
                begin();
                take_typed();
            }
            // The caret was put elsewhere: the record holds it there.
            on:keyup=move |_| with_live(&|live, area| live.selected(selection_of(area)))
            on:pointerup=move |_| with_live(&|live, area| live.selected(selection_of(area)))
            on:compositionstart=move |_| with_live(&LiveText::composition_began)
            on:compositionend=move |_| end_composition()
            on:keydown=move |event| {
                if shape == ProseShape::Line && event.key() == "Enter" && !event.is_composing() {
                    event.prevent_default();
                }
                if let Some(asked) = step_of_key(&event) {
                    event.prevent_default();
                    step(asked);
                }
                if let Some(mark) = mark_of_key(&event).filter(|_| has_marks) {
                    event.prevent_default();
                    put_mark(mark);
                }
            }
            on:scroll=move |event| scrolled.set(event_target::<web_sys::HtmlElement>(&event).scroll_top())
            on:focus=move |_| {
                begin();
                with_live(&LiveText::put_whole);
                editing.enter(field);
            }
            on:blur=move |_| leave()
        ></textarea>
    };
    let control = if continues_lists {
        view! { <div class="prose-marked">{control} <DimmedMarks text=stored scrolled /></div> }.into_any()
    } else {
        control.into_any()
    };
    view! {
        <FieldFrame
            field
            ids
            label
            hint
            density
            lacks
            show=|value: Scalar| super::fact_text::plain(&value)
        >
            {control}
            <Show when=move || continues_lists && is_live.get() && !editing.read_only().get()>
                <TextTools put=put_mark />
            </Show>
            <Show when=move || unseen.with(Option::is_some)>
                <p class="field-unseen" role="status">{unseen_by}</p>
            </Show>
            <Crossings field shape />
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
