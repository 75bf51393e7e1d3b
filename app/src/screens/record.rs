//! The frame of an open record, whatever its kind: opening it, its head with marks and actions, and what
//! stands in its way. The kind's own screen fills the rest.

use leptos::prelude::*;
use shared::device::row::Access;
use shared::device::table::StoreTrouble;
use shared::device::takeover;
use shared::ids::{DocumentId, UserId};
use shared::model::decision::{Course, DecisionRefusal, Event, FourEyes, State};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::field::Field;
use shared::model::kind::Kind;
use shared::ordered::OrderedSet;
use shared::role::Role;
use shared::sync::client::Connection;
use wasm_bindgen_futures::spawn_local;

use crate::parts::author::author_name;
use crate::parts::editing::Editing;
use crate::parts::erased::{Memo, Show, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::mark::{SafetyMark, StateMark};
use crate::parts::notice::{self, Notice, Tone};
use crate::parts::page::PageHead;
use crate::parts::work_keys;
use crate::places::doc_in;
use crate::route::use_place;
use crate::screens::paper::Edition;
use crate::shell::trouble_sentence;
use crate::words;
use crate::words::people::few;
use crate::workspace::{Arrival, OpenError, OpenRecord, SessionState, TakenOver, Workspace, use_workspace};

use checklist::LeftToDo;
use refused::RefusedNotice;

pub mod actions;
pub mod checklist;
mod closed;
mod comparison;
pub mod decide;
pub mod history;
pub mod items;
pub mod refused;
mod removed_item;
pub mod side;
mod standing_note;
mod versions;

/// A page of one record: opens the record that the address names and shows `body` in the frame.
#[component]
pub fn RecordPage(
    /// The kind that the address promises.
    kind: Kind,
    /// What it is called until it has a title.
    #[prop(into)]
    title: Callback<OpenRecord, String>,
    /// The kind's own screen.
    #[prop(into)]
    body: Callback<OpenRecord, AnyView>,
) -> impl IntoView {
    view! { <Opened kind show=move |record| view! { <RecordFrame record title body /> }.into_any() /> }
}

/// Opens the record that the address names; shows what is in the way, or `show`.
#[component]
pub fn Opened(
    /// The kind that the address promises.
    kind: Kind,
    /// Shows the open record.
    #[prop(into)]
    show: Callback<OpenRecord, AnyView>,
) -> impl IntoView {
    let workspace = use_workspace();
    let place = use_place();
    // An address of another page is not this page's any more: what is about to close opens nothing.
    let shown = StoredValue::new(None);
    let doc = Memo::new(move || {
        if place.route.get().record_kind() == Some(kind) {
            shown.set_value(place.path.with(|path| doc_in(path)));
        }
        shown.get_value()
    });
    let (opened, open_again) = open_named(doc.into());
    // An address can be opened before its record has arrived: each time that the list learns of it, try again.
    let listed_at = Memo::new(move || {
        let doc = doc.get()?;
        workspace.records().with(|records| {
            records.iter().find(|record| record.summary.doc == doc).map(|record| record.summary.edited_at)
        })
    });
    let mut tried = None;
    effect(move || {
        let waits = matches!(opened.get(), Some(Err(OpenError::Unknown | OpenError::Incomplete)));
        if let Some(at) = listed_at.get()
            && waits
            && tried != Some(at)
        {
            tried = Some(at);
            open_again.run(());
        }
    });
    view! {
        {move || match opened.get() {
            None => view! {
                <div class="page">
                    <p class="loading" role="status">
                        <Icon glyph=Glyph::Turning />
                        {words::record::loading}
                    </p>
                </div>
            }
                .into_any(),
            Some(Ok(record)) if record.is_removed().get() => {
                view! { <CannotOpen error=OpenError::Removed /> }.into_any()
            }
            Some(Ok(record)) if record.kind() == kind => show.run(record),
            Some(Ok(_)) => view! { <CannotOpen error=OpenError::Unknown /> }.into_any(),
            Some(Err(error)) => view! { <CannotOpen error /> }.into_any(),
        }}
    }
}

/// What came of opening a record; nothing while it is being opened.
type Opening = RwSignal<Option<Result<OpenRecord, OpenError>>, LocalStorage>;

/// Opens the record that is named, and the next one when the name changes; also gives what tries again. The record
/// closes with the owner of this call, or when another one is named.
fn open_named(doc: Signal<Option<DocumentId>>) -> (Opening, Callback<()>) {
    let workspace = use_workspace();
    let opened = RwSignal::new_local(None);
    let attempt = RwSignal::new(0_u32);
    let mut shown = None;
    effect(move || {
        let this_attempt = attempt.get();
        let named = doc.get();
        if shown.replace(named).is_some_and(|shown| shown != named) {
            opened.set(None);
        }
        let opening = named.map(|named| workspace.open(named));
        spawn_local(async move {
            let result = match opening {
                Some(opening) => opening.await,
                None => Err(OpenError::Unknown),
            };
            // Meanwhile another one may be wanted, or the page may be gone.
            if attempt.try_get_untracked() == Some(this_attempt) && doc.try_get_untracked() == Some(named) {
                opened.try_set(Some(result));
            }
        });
    });
    (opened, Callback::new(move |()| attempt.update(|attempt| *attempt += 1)))
}

/// What a record with this title is called, also before it has one.
pub fn titled(record: OpenRecord, title: Field) -> String {
    let title = record.read(|document| document.prose(&title.at_root())).unwrap_or_default();
    if title.trim().is_empty() { words::marks::untitled.text().to_owned() } else { title }
}

#[component]
fn CannotOpen(error: OpenError) -> impl IntoView {
    let workspace = use_workspace();
    let (title, sentence): (words::Word, TextProp) = match &error {
        OpenError::Unknown => (words::record::unknown, (move || why_unknown(workspace).text()).into()),
        OpenError::Removed => (words::record::removed, words::record::removed_sentence.into()),
        OpenError::Incomplete => (words::record::incomplete, words::record::incomplete_sentence.into()),
        OpenError::Damaged(_) => (words::record::damaged, words::record::damaged_sentence.into()),
        OpenError::Store(trouble) => (words::record::damaged, trouble_sentence(trouble).into()),
    };
    let is_removed = matches!(error, OpenError::Removed);
    let detail = if let OpenError::Damaged(detail) = error { Some(detail) } else { None };
    view! {
        <div class="page page-narrow">
            <PageHead title=title lead=sentence />
            {detail.map(|detail| view! { <pre class="detail">{detail}</pre> })}
            <p class="setting-actions">
                {is_removed
                    .then(|| view! { <a class="button button-primary" href="/pengaturan">{words::shell::settings}</a> })}
                <a class="button" class:button-primary=!is_removed href="/">{words::shell::to_home}</a>
            </p>
        </div>
    }
}

/// Why a record may not be on this device, tracked: only who is not connected is advised to connect.
fn why_unknown(workspace: Workspace) -> words::Word {
    let connection = workspace.sync().with(|sync| sync.connection);
    match (workspace.arrival().get(), connection) {
        (Arrival::Whole, Connection::Connected) => words::record::unknown_to_relay,
        (Arrival::OnTheWay, Connection::Connecting | Connection::Connected) => {
            words::record::unknown_receiving
        }
        _ => words::record::unknown_sentence,
    }
}

/// What the frame and its parts know of the open record; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct Standing {
    /// The record.
    pub record: OpenRecord,
    /// What its decisions come to.
    pub course: Memo<Course>,
    /// The person; none only while they sign out.
    user: Memo<Option<UserId>>,
    /// Whether who submits a record of its home feed may approve it.
    four_eyes: Memo<FourEyes>,
    /// What the person may do in its home feed.
    pub role: Memo<Role>,
    /// Whether a restored relay does not know what the person may do here.
    in_question: Memo<bool>,
    /// Whether it is in the bin.
    pub binned: Memo<bool>,
    /// Whether the relay said that the person's account is disabled: it takes no decision of theirs.
    disabled: Memo<bool>,
    /// Whether a newer version wrote it.
    newer: Memo<bool>,
    /// Whether its history is open.
    pub history: RwSignal<bool>,
    /// The version whose page somebody reads, which is then what is printed.
    pub version_read: RwSignal<Option<Edition>>,
}

impl Standing {
    fn of(record: OpenRecord) -> Self {
        let workspace = use_workspace();
        let session = workspace.session();
        let course = Memo::new(move || {
            let decisions = record.decisions();
            decisions.with(|rows| Course::of(rows.iter().map(|row| (row.decision.event, &row.by))))
        });
        Self {
            record,
            course,
            user: Memo::new(move || {
                session.with(|session| match session {
                    SessionState::SignedIn(person) => Some(person.user.clone()),
                    _ => None,
                })
            }),
            four_eyes: Memo::new(move || workspace.four_eyes(&record.home())),
            role: Memo::new(move || workspace.role_in(&record.home()).unwrap_or(Role::Reader)),
            in_question: Memo::new(move || {
                session.with(|session| match session {
                    SessionState::SignedIn(person) => {
                        let home = record.home();
                        let home = person.feeds.iter().find(|feed| feed.feed == home);
                        home.is_some_and(|feed| feed.access == Access::InQuestion)
                    }
                    _ => false,
                })
            }),
            disabled: Memo::new(move || {
                workspace.sync().with(|sync| sync.connection == Connection::Disabled)
            }),
            binned: Memo::new(move || {
                let is_discarded = record.read(Document::is_discarded).unwrap_or(false);
                is_discarded && course.with(|course| course.state.may_be_binned())
            }),
            newer: Memo::new(move || record.read(Document::is_newer).unwrap_or(false)),
            history: RwSignal::new(false),
            version_read: RwSignal::new(None),
        }
    }

    /// How far it is, tracked.
    pub fn state(&self) -> State {
        self.course.with(|course| course.state)
    }

    /// Whether the person may make a decision now but for its remark, tracked: what the relay would refuse is not offered.
    ///
    /// # Errors
    /// Why they may not.
    pub fn may_decide(&self, event: Event) -> Result<(), Hindrance> {
        if !event.is_allowed_for(self.role.get()) || self.binned.get() || self.disabled.get() {
            return Err(Hindrance::Role);
        }
        let allowed = self.user.with(|user| {
            let user = user.as_ref()?;
            Some(self.course.with(|course| course.allow(event, user, self.four_eyes.get())))
        });
        match allowed {
            Some(Ok(_)) => Ok(()),
            Some(Err(refusal)) => Err(Hindrance::Refused(refusal)),
            None => Err(Hindrance::Role),
        }
    }

    /// Whether the record is only shown, tracked.
    pub fn is_read_only(&self) -> bool {
        self.newer.get()
            || self.binned.get()
            || !self.role.get().may_write()
            || self.state() == State::Archived
    }
}

/// Why a person may not make a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Their role does not allow it, their account is disabled, or the record is in the bin.
    Role,
    /// The decisions so far do not allow it.
    Refused(DecisionRefusal),
}

#[component]
fn RecordFrame(
    record: OpenRecord,
    title: Callback<OpenRecord, String>,
    body: Callback<OpenRecord, AnyView>,
) -> impl IntoView {
    let workspace = use_workspace();
    let standing = Standing::of(record);
    provide_context(standing);
    let editing = Editing::provide(record, move || standing.is_read_only());
    closed::tell_who_writes(standing);
    removed_item::tell_who_writes(record);
    work_keys::listen(record, move || untrack(|| !standing.is_read_only()));
    let heading = Memo::new(move || title.run(record));
    // The report's own stands beside its form.
    let left_to_do = Memo::new(move || {
        let is_asked =
            record.kind() != Kind::TripReport && !standing.is_read_only() && standing.state().may_be_binned();
        if is_asked { LeftToDo::of(record, editing) } else { LeftToDo::default() }
    });
    let others = move || {
        record.presences().with(|presences| {
            let names: OrderedSet<String> = presences.iter().map(|presence| presence.name.clone()).collect();
            few(names)
        })
    };
    view! {
        <div class="page page-record">
            <PageHead title=move || heading.get()>
                <actions::Actions />
            </PageHead>
            <p class="record-marks">
                <SafetyMark safety=record.safety() />
                <StateMark state=Signal::derive(move || standing.state()) />
                {move || since_decision(standing, workspace)
                    .map(|text| view! { <span class="record-others" translate="no" prop:textContent=text></span> })}
                <Show when=move || !others().is_empty()>
                    <span
                        class="record-others"
                        translate="no"
                        prop:textContent=move || format!("{} {}", words::record::others_here.text(), others())
                    ></span>
                </Show>
            </p>
            <standing_note::StandingNote standing />
            <Hindrances standing editing />
            <Show when=move || !left_to_do.with(LeftToDo::is_empty)>
                <checklist::Checklist left=left_to_do />
            </Show>
            {body.run(record)}
        </div>
    }
}

/// When the last decision was made, the version that it holds for, and what came since; nothing for a draft.
fn since_decision(standing: Standing, workspace: Workspace) -> Option<String> {
    if standing.state() == State::Draft {
        return None;
    }
    let record = standing.record;
    let place = record.decisions().with(|rows| rows.len().checked_sub(1))?;
    let time = record.decision_times().with(|times| times.get(place).copied())?;
    let is_proven =
        record.decisions().with(|rows| rows.get(place).is_some_and(|row| row.unproven_since.is_none()));
    let made = words::record::decision_time(time, workspace.time_zone(&record.home()));
    let said = format!("{made} · {}", versions::version_since(standing, place)?);
    Some(if is_proven { said } else { format!("{said} · {}", words::marks::waits_for_maker.text()) })
}

/// What stands in the way of editing, or wants a choice.
#[component]
fn Hindrances(standing: Standing, editing: Editing) -> impl IntoView {
    let record = standing.record;
    let workspace = use_workspace();
    let edited_since_removal = Memo::new(move || record.read(Document::reviews).unwrap_or_default());
    let misplaced = Memo::new(move || record.read(|document| document.misplaced().len()).unwrap_or_default());
    view! {
        <Show when=move || standing.may_decide(Event::Approve) == Err(Hindrance::Refused(DecisionRefusal::OwnSubmission))>
            <Notice tone=Tone::Information><p>{words::record::own_submission}</p></Notice>
        </Show>
        {move || closed::read_only_because(standing).map(|sentence| view! { <Notice tone=Tone::Information><p>{sentence}</p></Notice> })}
        <Show when=move || standing.binned.get()>
            <Notice tone=Tone::Warning>
                <p>{move || binned_by(record, workspace)}</p>
                <Show when=move || standing.role.get().may_write()>
                    <button type="button" class="button button-small" on:click=move |_| {
                        record.edit(Edit::Recover);
                        record.flush();
                    }>{words::record::recover}</button>
                </Show>
            </Notice>
        </Show>
        {move || (misplaced.get() > 0).then(|| view! {
            <Notice tone=Tone::Information><p>{words::record::misplaced(misplaced.get())}</p></Notice>
        })}
        <Show when=move || editing.conflict_count() != 0>
            <Notice tone=Tone::Warning title=words::marks::to_be_settled>
                <p>{move || {
                    let count = editing.conflict_count();
                    if standing.is_read_only() { words::record::to_settle_by_others(count) } else { words::record::to_settle(count) }
                }}</p>
                <button type="button" class="button button-small" on:click=move |_| show_first_conflict(editing)>
                    {words::record::show_it}
                </button>
            </Notice>
        </Show>
        <Show when=move || edited_since_removal.get() != 0>
            <Notice tone=Tone::Warning title=words::marks::to_be_reviewed>
                <p>{move || words::record::removed_edited(edited_since_removal.get())}</p>
                <button type="button" class="button button-small" on:click=move |_| show_removed()>
                    {words::record::show_it}
                </button>
            </Notice>
        </Show>
        <TakeoverNotices standing />
        <RefusedNotice standing />
    }
}

/// What waits for its makers' devices and can be taken over; and what was taken over before this device came back.
#[component]
fn TakeoverNotices(standing: Standing) -> impl IntoView {
    let record = standing.record;
    let workspace = use_workspace();
    let may_take_over = move || standing.role.get().may_write() && takeover::may_take_over(standing.state());
    let take_over = move || {
        leptos::task::spawn_local(async move {
            match record.take_over().await {
                Ok(TakenOver::Done) => notice::tell(Tone::Success, words::record::is_taken_over.text()),
                Ok(TakenOver::Nothing) => {
                    notice::tell(Tone::Information, words::record::nothing_to_take_over.text());
                }
                Ok(TakenOver::Impossible(error)) => {
                    let trouble = StoreTrouble::Other(error.to_string());
                    notice::tell(Tone::Problem, trouble_sentence(&trouble));
                }
                Err(trouble) => notice::tell(Tone::Problem, trouble_sentence(&trouble)),
            }
        });
    };
    let forget = move || {
        leptos::task::spawn_local(async move {
            if let Err(trouble) = record.forget_taken_over().await {
                notice::tell(Tone::Problem, trouble_sentence(&trouble));
            }
        });
    };
    let discard = move || {
        leptos::task::spawn_local(async move {
            if let Err(trouble) = record.discard_orphans().await {
                notice::tell(Tone::Problem, trouble_sentence(&trouble));
            }
        });
    };
    let takers = move || {
        let by = record.taken_over();
        let actors = record.read(|document| {
            let notes = by.iter().filter_map(|hash| document.log().get(*hash));
            notes.map(|note| note.actor).collect::<OrderedSet<_>>()
        });
        // What this device wrote on top is said again by itself.
        let others = actors.unwrap_or_default().into_iter().filter(|actor| !workspace.is_own(*actor));
        let names: OrderedSet<String> = others.map(|actor| author_name(&workspace, actor)).collect();
        (!names.is_empty()).then(|| few(names))
    };
    view! {
        <Show when=move || record.waiting_count() != 0>
            <Notice tone=Tone::Information title=words::marks::waits_for_maker>
                <p>{move || words::record::waits_for_maker_sentence(record.waiting_count())}</p>
                <Show when=may_take_over>
                    <p>{words::record::waits_until}</p>
                    <button type="button" class="button button-small" on:click=move |_| take_over()>
                        {words::record::take_over_now}
                    </button>
                </Show>
            </Notice>
        </Show>
        <Show when=move || record.orphan_count() != 0 && !may_take_over()>
            <Notice tone=Tone::Problem title=words::record::orphans_title>
                <p>{move || words::record::orphans_sentence(record.orphan_count())}</p>
                <div class="notice-actions">
                    <button type="button" class="button button-small button-grave" on:click=move |_| discard()>
                        {words::record::discard_refused}
                    </button>
                </div>
            </Notice>
        </Show>
        {move || takers().map(|name| view! {
            <Notice tone=Tone::Information title=words::record::originals_taken_over>
                <p>{words::record::originals_taken_over_by(&name)}</p>
                <div class="notice-actions">
                    <button type="button" class="button button-small" on:click=move |_| forget()>
                        {words::record::understood}
                    </button>
                </div>
            </Notice>
        })}
    }
}

/// Who put the record into the bin.
fn binned_by(record: OpenRecord, workspace: Workspace) -> String {
    match record.read(Document::discarded_by).flatten() {
        Some(actor) => words::record::in_bin_by(&author_name(&workspace, actor)),
        None => words::record::in_bin.text().to_owned(),
    }
}

/// Opens the bin of the first list in which others changed something that was removed.
fn show_removed() {
    use wasm_bindgen::JsCast;
    let Some(bin) = document().query_selector(".item-bin.has-edited").ok().flatten() else { return };
    let _ = bin.set_attribute("open", "");
    bin.scroll_into_view();
    if let Some(button) = bin.query_selector("button").ok().flatten() {
        let _ = button.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}

/// Brings the first fact that is to be settled into view, and the focus to it; also where it is on a side that is not open.
fn show_first_conflict(editing: Editing) {
    if bring_conflict_into_view().is_none()
        && let Some(field) = untrack(|| editing.conflicting()).first()
    {
        editing.want(*field);
    }
}

/// The same for what is on the screen; nothing where it is not.
fn bring_conflict_into_view() -> Option<()> {
    use wasm_bindgen::JsCast;
    let field = document().query_selector(".has-conflict").ok()??;
    if let Some(folded) = field.closest("details").ok()? {
        let _ = folded.set_attribute("open", "");
    }
    if field.get_bounding_client_rect().height() == 0.0 {
        return None;
    }
    // In the middle, clear of headings that stay in view above and beside it.
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Center);
    options.set_inline(web_sys::ScrollLogicalPosition::Center);
    field.scroll_into_view_with_scroll_into_view_options(&options);
    let choice = field.query_selector(".settle-button, .settle-value button").ok()?;
    if let Some(choice) = choice {
        let focus = web_sys::FocusOptions::new();
        focus.set_prevent_scroll(true);
        let _ = choice.unchecked_into::<web_sys::HtmlElement>().focus_with_options(&focus);
    }
    Some(())
}
