//! The eleven stages as a line: which were reached and when, whatever their order in life.

use leptos::prelude::*;
use shared::model::agreement::{Agreement, Stage, StageName};

use crate::parts::erased::{Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::words;
use crate::words::choices::Choice;
use crate::workspace::OpenRecord;

/// The timeline.
#[component]
pub fn Timeline(
    /// The agreement.
    record: OpenRecord,
) -> impl IntoView {
    let stages = Memo::new(move || {
        let agreement = record.read(Agreement::read).unwrap_or_default();
        agreement.stages.into_iter().map(|item| item.value).collect::<Vec<Stage>>()
    });
    let later = move || {
        stages.with(|stages| {
            StageName::ALL[StageName::legal_order().len()..]
                .iter()
                .copied()
                .filter(|name| stages.iter().any(|stage| stage.name == Some(*name)))
                .collect::<Vec<_>>()
        })
    };
    view! {
        <Show when=move || stages.with(Vec::is_empty)>
            <p class="section-lead">{words::agreement::no_stages}</p>
        </Show>
        <ol class="timeline">
            {StageName::legal_order()
                .iter()
                .enumerate()
                .map(|(place, name)| view! { <Step name=*name number=Some(place + 1) stages /> })
                .collect_view()}
            {move || later().into_iter().map(|name| view! { <Step name number=None stages /> }).collect_view()}
        </ol>
    }
}

#[component]
fn Step(name: StageName, number: Option<usize>, stages: Memo<Vec<Stage>>) -> impl IntoView {
    let found = Memo::new(move || {
        stages.with(|stages| {
            stages.iter().filter(|stage| stage.name == Some(name)).cloned().collect::<Vec<_>>()
        })
    });
    let is_reached = move || !found.with(Vec::is_empty);
    view! {
        <li class="stage" class:is-reached=is_reached>
            <span class="stage-mark" aria-hidden="true">
                {move || if is_reached() {
                    view! { <Icon glyph=Glyph::Check /> }.into_any()
                } else {
                    view! { {number} }.into_any()
                }}
            </span>
            <div class="stage-body">
                <p class="stage-name">{name.word()}</p>
                <p class="stage-when">
                    {move || if is_reached() {
                        let dates: Vec<String> = found.with(|found| {
                            found
                                .iter()
                                .map(|stage| {
                                    stage.dated_on.map_or_else(|| words::agreement::undated.text().to_owned(), words::time::date)
                                })
                                .collect()
                        });
                        dates.join("; ")
                    } else {
                        words::agreement::not_reached.text().to_owned()
                    }}
                </p>
                {move || found.with(|found| {
                    found
                        .iter()
                        .flat_map(|stage| [stage.number.clone(), stage.document.clone()])
                        .flatten()
                        .map(|text| view! { <p class="stage-detail">{text}</p> })
                        .collect_view()
                })}
            </div>
        </li>
    }
}
