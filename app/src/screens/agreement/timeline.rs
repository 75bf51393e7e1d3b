//! The stages as a line, filled in where they stand: a touch unfolds what is known of one, whatever their order in life.

use leptos::ev::Custom;
use leptos::prelude::*;
use shared::domain::reading::FactKind;
use shared::ids::ItemId;
use shared::model::agreement::{Agreement, STAGES, Stage, StageName, stage};
use shared::model::document::Reader;
use shared::model::edit::Edit;
use shared::model::field::{FactValue, Field, FieldRef, Item, Record, Scalar};
use shared::model::stages::{doubles, join};
use shared::ordered::OrderedSet;

use crate::parts::editing::{Editing, use_editing};
use crate::parts::erased::{For, Memo, Show};
use crate::parts::fact_field::{FactField, FactInput};
use crate::parts::fact_text::shown;
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{self, Notice, Tone};
use crate::parts::prose::Prose;
use crate::screens::record::items::{self, ItemBin, focus_item, item_anchor};
use crate::words::choices::{Choice, options};
use crate::words::{self, Word};
use crate::workspace::{OpenRecord, use_workspace};

/// What the steps of the line share; cheap to copy.
#[derive(Clone, Copy)]
struct Line {
    record: OpenRecord,
    editing: Editing,
    stages: Memo<Vec<Item<Stage>>>,
    /// The stages that are unfolded.
    open: RwSignal<OrderedSet<StageName>>,
    /// The items that a touch began here: one that stays blank was no more than a look.
    begun: StoredValue<OrderedSet<ItemId>>,
}

/// The timeline.
#[component]
pub fn Timeline(
    /// The agreement.
    record: OpenRecord,
) -> impl IntoView {
    let editing = use_editing();
    let line = Line {
        record,
        editing,
        stages: Memo::new(move || record.read(Agreement::read).unwrap_or_default().stages),
        open: RwSignal::default(),
        begun: StoredValue::new(OrderedSet::new()),
    };
    on_cleanup(move || line.forget_blank(None));
    // A reload or another address leaves no screen time to be cleaned up.
    let leaving = window_event_listener(Custom::<web_sys::Event>::new("pagehide"), move |_| {
        untrack(|| line.forget_blank(None));
    });
    on_cleanup(move || leaving.remove());
    let lacks = editing.lacks_list(STAGES);
    let (legal, later) = StageName::ALL.split_at(StageName::legal_order().len());
    let steps = move |names: &'static [StageName], is_numbered: bool| {
        let step = move |(place, name): (usize, &StageName)| {
            view! { <Step line name=*name number=is_numbered.then_some(place + 1) /> }
        };
        names.iter().enumerate().map(step).collect_view()
    };
    let nameless = move || {
        line.stages.with(|stages| {
            let of = |item: &&Item<Stage>| item.value.name.is_none();
            stages.iter().filter(of).map(|item| item.id).collect::<Vec<_>>()
        })
    };
    let has_nameless = move || line.stages.with(|stages| stages.iter().any(|item| item.value.name.is_none()));
    view! {
        <Show when=move || lacks.get()>
            <p class="field-hint">{words::parts::no_place}</p>
        </Show>
        <ol class="timeline">{steps(legal, true)}</ol>
        <h3>{words::agreement::stages_after}</h3>
        <ol class="timeline">{steps(later, false)}</ol>
        <Show when=has_nameless>
            <h3>{words::agreement::stages_other}</h3>
            <For each=nameless key=|id| *id let:id>
                <Facts line id />
            </For>
        </Show>
        <ItemBin
            list=STAGES
            what=words::agreement::stage_word
            brief=brief_of
            is_worth=says_more
        />
    }
}

impl Line {
    /// The items of a stage, tracked.
    fn items(&self, name: StageName) -> Vec<ItemId> {
        self.stages.with(|stages| {
            let of = |item: &&Item<Stage>| item.value.name == Some(name);
            stages.iter().filter(of).map(|item| item.id).collect()
        })
    }

    /// Whether something is known of a stage besides its name, tracked.
    fn is_reached(&self, name: StageName) -> bool {
        self.stages
            .with(|stages| stages.iter().any(|item| item.value.name == Some(name) && !item.value.is_blank()))
    }

    /// Whether a stage is unfolded: touched, or with a fact that wants a choice or could not be read; tracked.
    fn is_open(&self, name: StageName) -> bool {
        let wants_choice = |id: &ItemId| Stage::FIELDS.iter().any(|field| self.has_conflict(*field, *id));
        let items = self.items(name);
        let unread = self.editing.unread_fields();
        let has_unread = |id: &ItemId| is_of(&unread, *id);
        (self.open.with(|open| open.contains(&name)) && !items.is_empty())
            || items.iter().any(wants_choice)
            || items.iter().any(has_unread)
    }

    fn has_conflict(&self, field: Field, id: ItemId) -> bool {
        self.editing.conflict(field.of(STAGES, id)).is_some()
    }

    /// Records a stage and puts the focus into its first fact.
    fn begin(&self, item: ItemId, name: StageName, repeats: bool) {
        let after = self.stages.with_untracked(|stages| stages.last().map(|item| item.id));
        self.record.edit(Edit::Add { list: STAGES, item, after });
        self.record.edit(Edit::Set { field: stage::name.of(STAGES, item), value: name.to_scalar() });
        if repeats {
            self.record.edit(Edit::Set { field: stage::repeats.of(STAGES, item), value: true.to_scalar() });
        }
        self.begun.update_value(|begun| {
            begun.insert(item);
        });
        focus_item(item);
    }

    /// Takes back what a touch began and nobody filled in: of one stage, or of all.
    fn forget_blank(&self, name: Option<StageName>) {
        let Some(begun) = self.begun.try_get_value() else { return };
        let stages = self.record.read(Agreement::read).unwrap_or_default().stages.into_iter();
        // What was typed into it and could not be read is more than a look.
        let unread = self.editing.unread_fields();
        let is_blank = |item: &Item<Stage>| {
            begun.contains(&item.id)
                && item.value.is_blank()
                && !is_of(&unread, item.id)
                && (name.is_none() || item.value.name == name)
        };
        for item in stages.filter(is_blank) {
            self.record.edit(Edit::Remove { list: STAGES, item: item.id });
        }
    }

    fn fold(&self, name: StageName) {
        self.open.update(|open| {
            open.remove(&name);
        });
    }
}

#[component]
fn Step(line: Line, name: StageName, number: Option<usize>) -> impl IntoView {
    let workspace = use_workspace();
    let ids = Memo::new(move || line.items(name));
    // What is only looked at, here or on another device, is not reached; nor is it on paper.
    let is_reached = Memo::new(move || line.is_reached(name));
    let is_reached = move || is_reached.get();
    let is_open = Memo::new(move || line.is_open(name));
    let read_only = line.editing.read_only();
    let lacks = line.editing.lacks_list(STAGES);
    // Where nothing is recorded and nothing can be, there is nothing to unfold.
    let unfolds = Memo::new(move || is_reached() || !(read_only.get() || lacks.get()));
    let touch = move |_| {
        if is_open.get_untracked() {
            untrack(|| line.forget_blank(Some(name)));
            return line.fold(name);
        }
        line.open.update(|open| {
            open.insert(name);
        });
        if ids.with_untracked(Vec::is_empty) {
            line.begin(workspace.new_item(), name, false);
        }
    };
    let done = move |_| {
        untrack(|| line.forget_blank(Some(name)));
        line.record.flush();
        line.fold(name);
    };
    let once_more = move |_| line.begin(workspace.new_item(), name, true);
    let panel = format!("tahap-{}", name.code());
    let controls = panel.clone();
    let may_repeat = move || number.is_none() && is_reached() && !read_only.get();
    view! {
        <li class="stage" class:is-reached=is_reached class:is-open=move || is_open.get()>
            <span class="stage-mark" aria-hidden="true">
                {move || if is_reached() {
                    view! { <Icon glyph=Glyph::Check /> }.into_any()
                } else {
                    view! { {number} }.into_any()
                }}
            </span>
            <div class="stage-body">
                <Show when=move || unfolds.get() fallback=move || view! { <Head line name /> }>
                    <button
                        type="button"
                        class="stage-touch"
                        aria-expanded=move || is_open.get().to_string()
                        aria-controls=controls.clone()
                        on:click=touch
                    >
                        <Head line name />
                    </button>
                </Show>
                <div id=panel hidden=move || !is_open.get()>
                    <Show when=move || is_open.get()>
                        <For each=move || ids.get() key=|id| *id let:id>
                            <Facts line id />
                        </For>
                        <div class="stage-actions">
                            <Show when=move || !read_only.get()>
                                <button type="button" class="button button-small button-primary" on:click=done>
                                    {words::agreement::stage_done}
                                </button>
                            </Show>
                            <Show when=may_repeat>
                                <button type="button" class="button button-small" on:click=once_more>
                                    {words::agreement::stage_again}
                                </button>
                            </Show>
                        </div>
                    </Show>
                </div>
            </div>
        </li>
    }
}

/// A stage in short: its name, when it was reached, and by what.
#[component]
fn Head(line: Line, name: StageName) -> impl IntoView {
    let found = Memo::new(move || {
        line.stages.with(|stages| {
            let of = |item: &&Item<Stage>| item.value.name == Some(name) && !item.value.is_blank();
            stages.iter().filter(of).map(|item| item.value.clone()).collect::<Vec<_>>()
        })
    });
    let when = move || {
        let date = |stage: &Stage| {
            stage.dated_on.map_or_else(|| words::agreement::undated.text().to_owned(), words::time::date)
        };
        let dates: Vec<String> = found.with(|found| found.iter().map(date).collect());
        if dates.is_empty() { words::agreement::not_reached.text().to_owned() } else { dates.join("; ") }
    };
    let details = move || {
        found.with(|found| {
            let of = |stage: &Stage| [stage.number.clone(), stage.document.clone()];
            let detail = |text: String| view! { <span class="stage-detail">{text}</span> };
            found.iter().flat_map(of).flatten().map(detail).collect_view()
        })
    };
    let is_double = Memo::new(move || {
        line.stages.with(|stages| doubles(stages).iter().any(|(first, _)| first.value.name == Some(name)))
    });
    view! {
        <span class="stage-name">{name.word()}</span>
        <span class="stage-when">{when}</span>
        {details}
        <Show when=move || is_double.get()>
            <span class="mark mark-settle">{words::agreement::stage_twice_mark}</span>
        </Show>
    }
}

/// What is known of one stage.
#[component]
fn Facts(line: Line, id: ItemId) -> impl IntoView {
    let Line { record, editing, .. } = line;
    editing.provide_item(STAGES, id, Stage::FIELDS);
    let read_only = editing.read_only();
    let fact = move |field: Field, kind: FactKind| {
        view! { <FactField field=field.of(STAGES, id) input=FactInput::Typed(kind) label=label_of(field) /> }
    };
    // Which stage it is stands above it, unless that is unknown or wants a choice.
    let asks_name = Memo::new(move || {
        line.stages.with(|stages| stages.iter().any(|item| item.id == id && item.value.name.is_none()))
            || line.has_conflict(stage::name, id)
    });
    let first = Memo::new(move || {
        line.stages.with(|stages| {
            let pairs = doubles(stages);
            pairs.iter().find(|(_, second)| second.id == id).map(|(first, _)| first.id)
        })
    });
    let join_both = move |_| {
        let edits = line.stages.with_untracked(|stages| {
            let pairs = doubles(stages);
            let pair = pairs.iter().find(|(_, second)| second.id == id);
            pair.map(|(first, second)| join(first, second, &told)).unwrap_or_default()
        });
        for edit in edits {
            record.edit(edit);
        }
        record.flush();
        notice::tell(Tone::Success, words::agreement::stage_joined.text());
    };
    let keep_both = move |_| {
        record.edit(Edit::Set { field: stage::repeats.of(STAGES, id), value: true.to_scalar() });
        record.flush();
    };
    let remove = move |_| items::remove(record, STAGES, id);
    view! {
        <div class="stage-facts" id=item_anchor(id)>
            <Show when=move || first.get().is_some() && !read_only.get()>
                <Notice tone=Tone::Warning>
                    <p>{words::agreement::stage_twice}</p>
                    <div class="notice-actions">
                        <button type="button" class="button button-small" on:click=join_both>
                            {words::agreement::stage_join}
                        </button>
                        <button type="button" class="button button-small" on:click=keep_both>
                            {words::agreement::stage_both}
                        </button>
                    </div>
                </Notice>
            </Show>
            <Show when=move || asks_name.get()>
                <FactField
                    field=stage::name.of(STAGES, id)
                    input=FactInput::Choice(options::<StageName>())
                    label=words::agreement::stage
                />
            </Show>
            <div class="fields fields-2">
                {fact(stage::dated_on, FactKind::Date)}
                {fact(stage::number, FactKind::Text)}
                {fact(stage::document, FactKind::Text)}
                {fact(stage::place, FactKind::Text)}
                {fact(stage::partner_place, FactKind::Text)}
            </div>
            <Prose field=stage::officials.of(STAGES, id) label=words::agreement::officials rows=1 />
            <Prose field=stage::remark.of(STAGES, id) label=words::agreement::stage_remark rows=1 />
            <Show when=move || !read_only.get()>
                <button type="button" class="button button-small button-quiet" on:click=remove>
                    <Icon glyph=Glyph::Bin />
                    <span>{words::agreement::stage_remove}</span>
                </button>
            </Show>
        </div>
    }
}

/// Whether one of these fields is the stage's.
fn is_of(fields: &[FieldRef], stage: ItemId) -> bool {
    fields.iter().any(|field| field.item == Some((STAGES, stage)))
}

fn label_of(field: Field) -> Word {
    match field {
        _ if field == stage::dated_on => words::agreement::stage_date,
        _ if field == stage::number => words::agreement::stage_number,
        _ if field == stage::document => words::agreement::stage_document,
        _ if field == stage::place => words::agreement::stage_place,
        _ => words::agreement::stage_partner_place,
    }
}

/// What one of two stages says, for the other's remark.
fn told(field: Field, value: &Scalar) -> String {
    let kind = if field == stage::dated_on { FactKind::Date } else { FactKind::Text };
    format!("{}: {}", label_of(field).text(), shown(kind, value))
}

fn says_more(stage: &Reader<'_>) -> bool {
    !Stage::read(stage).is_blank()
}

fn brief_of(stage: &Reader<'_>) -> String {
    let name = StageName::from_scalar(&stage.fact(stage::name));
    name.map(|name| name.word().text().to_owned()).unwrap_or_default()
}
