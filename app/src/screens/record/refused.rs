//! What was set aside of a record: why, what it says, and what can be done with it.

use leptos::prelude::*;
use shared::model::decision::State;

use super::{Standing, trouble_sentence};
use crate::parts::dialog::ConfirmDialog;
use crate::parts::erased::Show;
use crate::parts::notice::{self, Notice, Tone};
use crate::words;
use crate::workspace::{Refused, WhyAside};

/// The notice of work that was set aside, while there is some.
#[component]
pub fn RefusedNotice(standing: Standing) -> impl IntoView {
    let record = standing.record;
    let asks = RwSignal::new(false);
    let settle = move |apply_again: bool| {
        leptos::task::spawn_local(async move {
            if let Err(trouble) = record.settle_refused(apply_again).await {
                notice::tell(Tone::Problem, trouble_sentence(&trouble));
            }
        });
    };
    view! {
        {move || record.refused().get().map(|refused| shown(standing, refused, settle, asks))}
        <ConfirmDialog
            open=asks
            title=words::record::discard_refused_title
            action=words::record::discard_refused
            on_confirm=move |()| settle(false)
        >
            <p>{words::record::discard_refused_sentence}</p>
        </ConfirmDialog>
    }
}

fn shown(
    standing: Standing,
    refused: Refused,
    settle: impl Fn(bool) + Copy + Send + Sync + 'static,
    asks: RwSignal<bool>,
) -> impl IntoView {
    let reason = match refused.why {
        WhyAside::Refused(code) => Some(words::record_refusal::reason(code)),
        WhyAside::RoleLost => Some(words::record::aside_role_lost),
        WhyAside::Unusable => None,
    };
    let title = match (refused.changes, refused.why) {
        (0, _) => words::record::refused_decision_title,
        (_, WhyAside::Refused(_)) => words::record::refused_title,
        // It was this device that set them aside.
        (_, WhyAside::RoleLost | WhyAside::Unusable) => words::record::aside_title,
    };
    let has_changes = move || refused.changes != 0;
    // What cannot be written now can be written later: it is kept.
    let hindrance = move || match standing.state() {
        State::Archived => Some(words::record::apply_again_once_reopened),
        _ if !standing.role.get().may_write() => Some(words::record::apply_again_once_writer),
        _ => None,
    };
    let text = StoredValue::new(refused.text);
    let has_text = text.with_value(|text| !text.is_empty());
    view! {
        <Notice tone=Tone::Problem title>
            {reason.map(|reason| view! { <p>{reason}</p> })}
            <Show when=has_changes>
                <p>{move || words::record::refused_sentence(refused.changes)}</p>
            </Show>
            <Show when=move || refused.decisions != 0>
                <p>{words::record::refused_decision_sentence}</p>
            </Show>
            <Show when=move || has_text>
                <details class="aside-words">
                    <summary>{words::record::aside_words}</summary>
                    <p translate="no">{move || text.get_value()}</p>
                </details>
            </Show>
            {move || has_changes().then(|| view! { <p>{hindrance().unwrap_or(words::record::refused_choices)}</p> })}
            <div class="notice-actions">
                <Show when=move || has_changes() && hindrance().is_none()>
                    <button type="button" class="button button-small" on:click=move |_| settle(true)>
                        {words::record::apply_again}
                    </button>
                </Show>
                <Show when=move || refused.decisions != 0>
                    <button type="button" class="button button-small" on:click=move |_| standing.history.set(true)>
                        {words::record::look_once_more}
                    </button>
                </Show>
                <Show when=has_changes>
                    <button
                        type="button"
                        class="button button-small button-grave"
                        on:click=move |_| asks.set(true)
                    >
                        {words::record::discard_refused}
                    </button>
                </Show>
                <Show when=move || refused.changes == 0>
                    <button type="button" class="button button-small" on:click=move |_| settle(false)>
                        {words::record::understood}
                    </button>
                </Show>
            </div>
        </Notice>
    }
}
