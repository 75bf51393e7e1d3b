//! Beginning a record: which kind, and whose, where the person may write for several.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::model::edit::Edit;
use shared::model::kind::Kind;

use crate::parts::dialog::Dialog;
use crate::parts::erased::Memo;
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{self, Tone};
use crate::places;
use crate::route::use_go;
use crate::shell::trouble_sentence;
use crate::words::{self, Word};
use crate::workspace::{Feed, SessionState, Workspace, use_workspace};

/// What is being asked before a record begins.
#[derive(Clone, PartialEq)]
enum Question {
    /// Which kind.
    Kind,
    /// In which feed.
    Feed(Kind, Vec<Edit>),
}

/// Why the person cannot begin a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotBegin {
    /// They have a role in no feed.
    NoRole,
    /// They may only read, wherever they have one.
    OnlyReads,
}

impl CannotBegin {
    /// Why not, with these feeds; `None` where they can.
    fn with(feeds: &[Feed]) -> Option<Self> {
        match feeds {
            [] => Some(Self::NoRole),
            feeds if feeds.iter().any(|feed| feed.role.may_write()) => None,
            _ => Some(Self::OnlyReads),
        }
    }

    /// What the person is told.
    pub fn word(self) -> Word {
        match self {
            Self::NoRole => words::home::no_role,
            Self::OnlyReads => words::home::read_only,
        }
    }
}

/// Goes to a page.
type Go = Box<dyn Fn(&str) + Send + Sync>;

/// Begins records, from any page; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct BeginRecord {
    workspace: Workspace,
    hindrance: Memo<Option<CannotBegin>>,
    question: RwSignal<Option<Question>>,
    open: RwSignal<bool>,
    /// From the beginning of a record until it is shown.
    is_busy: RwSignal<bool>,
    go: StoredValue<Go>,
}

/// The beginning of records.
pub fn use_beginning() -> BeginRecord {
    use_context::<BeginRecord>().expect("the frame stands inside Beginning")
}

/// Puts [`BeginRecord`] into context.
#[component]
pub fn Beginning(
    /// The frame.
    children: Children,
) -> impl IntoView {
    let workspace = use_workspace();
    let session = workspace.session();
    provide_context(BeginRecord {
        workspace,
        hindrance: Memo::new(move || {
            session.with(|session| match session {
                SessionState::SignedIn(person) => CannotBegin::with(&person.feeds),
                _ => None,
            })
        }),
        question: RwSignal::new(None),
        open: RwSignal::new(false),
        is_busy: RwSignal::new(false),
        go: StoredValue::new(Box::new(use_go())),
    });
    children()
}

impl BeginRecord {
    /// Why the person cannot begin a record, tracked; `None` where they can.
    pub fn hindrance(&self) -> Option<CannotBegin> {
        self.hindrance.get()
    }

    /// Whether the person can begin a record, tracked.
    pub fn is_possible(&self) -> bool {
        self.hindrance().is_none()
    }

    /// Asks which kind of record shall begin.
    pub fn choose(&self) {
        if let Some(hindrance) = untrack(|| self.hindrance()) {
            return tell(hindrance);
        }
        self.question.set(Some(Question::Kind));
        self.open.set(true);
    }

    /// Begins a record with its first edits and opens it; asks for the feed only where there are several.
    pub fn begin(&self, kind: Kind, edits: Vec<Edit>) {
        let mut feeds = self.writable();
        match feeds.len() {
            0 => {
                self.open.set(false);
                tell(untrack(|| self.hindrance()).unwrap_or(CannotBegin::NoRole));
            }
            1 => self.create(kind, feeds.remove(0), edits),
            _ => {
                self.question.set(Some(Question::Feed(kind, edits)));
                self.open.set(true);
            }
        }
    }

    fn writable(&self) -> Vec<Feed> {
        self.workspace.session().with_untracked(|session| match session {
            SessionState::SignedIn(person) => {
                person.feeds.iter().filter(|feed| feed.role.may_write()).cloned().collect()
            }
            _ => Vec::new(),
        })
    }

    fn create(&self, kind: Kind, feed: Feed, edits: Vec<Edit>) {
        let this = *self;
        self.open.set(false);
        // A slow device may be asked again before it has made the first.
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        spawn_local(async move {
            match this.workspace.create(feed.feed, kind, edits).await {
                Ok(doc) => {
                    this.go.try_with_value(|go| go(&places::record_path(kind, doc)));
                }
                Err(trouble) => notice::tell(
                    Tone::Problem,
                    format!("{} {}", words::home::not_created.text(), trouble_sentence(&trouble)),
                ),
            }
            this.is_busy.try_set(false);
        });
    }
}

fn tell(hindrance: CannotBegin) {
    notice::tell(Tone::Warning, hindrance.word().text());
}

/// The dialog that asks; once on the page.
#[component]
pub fn NewRecordDialog() -> impl IntoView {
    let beginning = use_beginning();
    let title = move || match beginning.question.get() {
        Some(Question::Feed(..)) => words::home::choose_feed.text(),
        _ => words::home::create_new.text(),
    };
    view! {
        <Dialog open=beginning.open title=title>
            {move || match beginning.question.get() {
                Some(Question::Feed(kind, edits)) => {
                    let feeds = beginning.writable();
                    view! {
                        <p class="dialog-text">{words::home::choose_feed_sentence}</p>
                        <div class="choices">
                            {feeds
                                .into_iter()
                                .map(|feed| {
                                    let edits = edits.clone();
                                    let name = feed.name.clone();
                                    view! {
                                        <button
                                            type="button"
                                            class="choice"
                                            on:click=move |_| beginning.create(kind, feed.clone(), edits.clone())
                                        >
                                            <Icon glyph=Glyph::Place />
                                            <span>{name}</span>
                                        </button>
                                    }
                                })
                                .collect_view()}
                        </div>
                    }
                        .into_any()
                }
                _ => view! { <KindChoices /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn KindChoices() -> impl IntoView {
    let beginning = use_beginning();
    let entry = move |word: Word, glyph: Glyph, kind: Kind| {
        view! {
            <button type="button" class="choice" on:click=move |_| beginning.begin(kind, Vec::new())>
                <Icon glyph />
                <span>{word}</span>
            </button>
        }
    };
    view! {
        <div class="choices">
            {entry(words::home::new_report, Glyph::Report, Kind::TripReport)}
            {entry(words::home::new_agreement, Glyph::Agreement, Kind::Agreement)}
            {entry(words::home::new_plan, Glyph::Plan, Kind::ActionPlan)}
            <a class="choice" href="/laporan/impor" on:click=move |_| beginning.open.set(false)>
                <Icon glyph=Glyph::Import />
                <span>{words::home::import}</span>
            </a>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use shared::device::row::Access;
    use shared::role::Role;

    use super::*;

    fn feed(role: Role) -> Feed {
        Feed { feed: "kab-sleman".parse().unwrap(), name: "Sleman".to_owned(), role, access: Access::Given }
    }

    #[test]
    fn record_can_be_begun_where_the_person_may_write_in_a_feed_else_the_reason_is_known() {
        assert_eq!(CannotBegin::with(&[]), Some(CannotBegin::NoRole));
        assert_eq!(CannotBegin::with(&[feed(Role::Reader)]), Some(CannotBegin::OnlyReads));
        assert_eq!(CannotBegin::with(&[feed(Role::Reader), feed(Role::Writer)]), None);
    }
}
