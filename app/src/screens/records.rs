//! The lists of reports, agreements and plans: search, filters, order, and where each record is safe.
//!
//! A list reads summaries only; it opens no document. It draws a window of rows and more when asked, so
//! a thousand records cost no more than fifty.

use leptos::prelude::*;
use shared::model::agreement::{Activity, AgreementType, StageName};
use shared::model::decision::State;
use shared::model::kind::Kind;
use shared::ordered::OrderedSet;

use super::begin::{CannotBegin, use_beginning};
use super::row::highlight::Highlighted;
use super::row::{Excerpt, Owner, Row, kind_glyph};
use crate::parts::erased::{For, Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::mark::{SafetyMark, SettleMark, StateMark, WaitsMark};
use crate::parts::notice::{Notice, Tone};
use crate::parts::page::{EmptyState, PageHead};
use crate::route::use_place;
use crate::words::search::search_for;
use crate::words::{self, Word, choices};
use crate::workspace::{Arrival, Safety, use_workspace};

pub mod query;

use query::{Order, RecordQuery, SAFETIES, STATES};

/// How many rows a window has.
const WINDOW: usize = 50;

/// *Laporan*.
#[component]
pub fn ReportsPage() -> impl IntoView {
    view! { <RecordsPage kind=Kind::TripReport /> }
}

/// *Kerja sama*.
#[component]
pub fn AgreementsPage() -> impl IntoView {
    view! { <RecordsPage kind=Kind::Agreement /> }
}

/// *Rencana aksi*.
#[component]
pub fn PlansPage() -> impl IntoView {
    view! { <RecordsPage kind=Kind::ActionPlan /> }
}

/// The words of one kind's list.
struct ListWords {
    title: Word,
    lead: Word,
    create: Word,
    search: Word,
    empty: Word,
    empty_sentence: Word,
}

fn list_words(kind: Kind) -> ListWords {
    match kind {
        Kind::TripReport | Kind::Personal | Kind::Discussion => ListWords {
            title: words::shell::reports,
            lead: words::lists::reports_lead,
            create: words::home::new_report,
            search: words::lists::search_reports,
            empty: words::lists::no_reports,
            empty_sentence: words::lists::no_reports_sentence,
        },
        Kind::Agreement => ListWords {
            title: words::shell::agreements,
            lead: words::lists::agreements_lead,
            create: words::home::new_agreement,
            search: words::lists::search_agreements,
            empty: words::lists::no_agreements,
            empty_sentence: words::lists::no_agreements_sentence,
        },
        Kind::ActionPlan => ListWords {
            title: words::shell::plans,
            lead: words::lists::plans_lead,
            create: words::home::new_plan,
            search: words::lists::search_plans,
            empty: words::lists::no_plans,
            empty_sentence: words::lists::no_plans_sentence,
        },
    }
}

#[component]
fn RecordsPage(kind: Kind) -> impl IntoView {
    let workspace = use_workspace();
    let (records, arrival, newer) = (workspace.records(), workspace.arrival(), workspace.newer());
    let beginning = use_beginning();
    let texts = list_words(kind);
    // What is asked stands in the address: it is there again after *back* and a reload, for each list by itself.
    let place = use_place();
    let query = Memo::new(move || place.asked.with(|asked| RecordQuery::asked(kind, asked)));
    let window = RwSignal::new(WINDOW);
    // A new question begins at the top again.
    let ask = move |change: &dyn Fn(&mut RecordQuery)| {
        let mut next = query.get_untracked();
        change(&mut next);
        place.ask(next.to_asked());
        window.set(WINDOW);
    };
    let total = Memo::new(move || {
        records.with(|records| records.iter().filter(|record| query::belongs(record, kind)).count())
    });
    let today = || words::time::day_of(words::time::now());
    let found = Memo::new(move || records.with(|records| query.with(|query| query.find(records, today()))));
    let rows = Memo::new(move || {
        let search = query.with(|query| search_for(&query.text));
        let feeds = workspace.feeds();
        records.with(|records| {
            found.with(|found| {
                found
                    .iter()
                    .take(window.get())
                    .filter_map(|place| records.get(*place))
                    .map(|record| Row::found(record, &search).owned(&record.home, &feeds))
                    .collect::<Vec<_>>()
            })
        })
    });
    let found_count = Memo::new(move || found.with(Vec::len));
    let count_text = move || {
        let (found, total) = (found_count.get(), total.get());
        let what = words::marks::kind(kind).text().to_lowercase();
        let counted = if found == total {
            words::lists::found(&words::time::count(total), &what)
        } else {
            words::lists::found_of(&words::time::count(found), &words::time::count(total), &what)
        };
        // A count of what has come so far is not the office's.
        match arrival.get() {
            Arrival::Whole => counted,
            Arrival::OnTheWay => words::lists::more_coming(&counted),
            Arrival::WaitsForConnection => words::lists::more_on_server(&counted),
        }
    };
    let search_word = texts.search;
    view! {
        <div class="page">
            <PageHead title=texts.title lead=texts.lead>
                <Show when=move || beginning.is_possible()>
                    {(kind == Kind::TripReport)
                        .then(|| {
                            view! {
                                <a class="button" href="/laporan/impor">
                                    <Icon glyph=Glyph::Import />
                                    <span>{words::home::import}</span>
                                </a>
                            }
                        })}
                    <button
                        type="button"
                        class="button button-primary"
                        on:click=move |_| beginning.begin(kind, Vec::new())
                    >
                        <Icon glyph=Glyph::Add />
                        <span>{texts.create}</span>
                    </button>
                </Show>
            </PageHead>
            <Show when=move || { newer.get() > 0 }>
                <Notice tone=Tone::Warning>
                    <p>{move || words::lists::newer(&words::time::count(newer.get()))}</p>
                </Notice>
            </Show>
            <Show
                when=move || { total.get() > 0 }
                fallback=move || {
                    let sentence = beginning.hindrance().map_or(texts.empty_sentence, CannotBegin::word);
                    let (glyph, title, sentence) =
                        not_here_yet(arrival.get()).unwrap_or((kind_glyph(kind), texts.empty, sentence));
                    view! {
                        <EmptyState glyph title sentence>
                            <Show when=move || beginning.is_possible()>
                                <button
                                    type="button"
                                    class="button button-primary"
                                    on:click=move |_| beginning.begin(kind, Vec::new())
                                >
                                    {texts.create}
                                </button>
                            </Show>
                        </EmptyState>
                    }
                }
            >
                <div class="list-bar">
                    <div class="list-search" role="search">
                        <Icon glyph=Glyph::Search />
                        <input
                            class="input"
                            type="search"
                            aria-label=search_word
                            placeholder=search_word
                            prop:value=move || query.with(|query| query.text.clone())
                            on:input=move |event| {
                                let text = event_target_value(&event);
                                ask(&|query| query.text = text.clone());
                            }
                        />
                    </div>
                    <Filters kind query ask=Callback::new(move |next: RecordQuery| ask(&|query| *query = next.clone())) />
                </div>
                <div class="list-count">
                    <p role="status">{count_text}</p>
                    <label class="list-sort">
                        <span>{words::lists::sort}</span>
                        <select
                            class="input select"
                            on:change=move |event| {
                                let order = Order::from_slug(&event_target_value(&event));
                                ask(&|query| query.order = order);
                            }
                        >
                            {Order::ALL
                                .iter()
                                .map(|order| {
                                    let order = *order;
                                    view! {
                                        <option
                                            value=order.word().slug()
                                            selected=move || query.with(|query| query.order == order)
                                        >
                                            {order.word()}
                                        </option>
                                    }
                                })
                                .collect_view()}
                        </select>
                    </label>
                </div>
                <Show
                    when=move || { found_count.get() > 0 }
                    fallback=move || {
                        view! {
                            <EmptyState
                                glyph=Glyph::Search
                                title=words::lists::nothing_fits
                                sentence=words::lists::nothing_fits_sentence
                            >
                                <button
                                    type="button"
                                    class="button"
                                    on:click=move |_| ask(&|query| *query = RecordQuery::of(kind))
                                >
                                    {words::lists::clear_filters}
                                </button>
                            </EmptyState>
                        }
                    }
                >
                    <RecordTable kind rows />
                    <Show when=move || { found_count.get() > window.get() }>
                        <div class="show-more">
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| window.update(|window| *window += WINDOW)
                            >
                                {move || words::lists::show_more(WINDOW.min(found_count.get() - window.get()))}
                            </button>
                        </div>
                    </Show>
                </Show>
            </Show>
        </div>
    }
}

/// What is said of an empty list while records may be on their way.
pub fn not_here_yet(arrival: Arrival) -> Option<(Glyph, Word, Word)> {
    match arrival {
        Arrival::OnTheWay => {
            Some((Glyph::Turning, words::lists::receiving, words::lists::receiving_sentence))
        }
        Arrival::WaitsForConnection => {
            Some((Glyph::Information, words::lists::not_connected, words::lists::not_connected_sentence))
        }
        Arrival::Whole => None,
    }
}

/// The table; on a phone its rows are cards. The roles are named, since a changed `display` drops them.
#[component]
fn RecordTable(kind: Kind, rows: Memo<Vec<Row>>) -> impl IntoView {
    let columns: &[Word] = match kind {
        Kind::Agreement => &[words::lists::column_stage, words::lists::column_term],
        Kind::ActionPlan => &[words::lists::column_when, words::lists::column_progress],
        Kind::TripReport | Kind::Personal | Kind::Discussion => {
            &[words::lists::column_when, words::lists::column_where]
        }
    };
    view! {
        <table class="table" role="table">
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">{words::lists::column_title}</th>
                    {columns
                        .iter()
                        .map(|word| view! { <th role="columnheader" scope="col">{*word}</th> })
                        .collect_view()}
                    <th role="columnheader" scope="col">{words::lists::column_state}</th>
                    <th role="columnheader" scope="col">{words::lists::column_safety}</th>
                    <th role="columnheader" scope="col" class="cell-edited">{words::lists::column_edited}</th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                <For each=move || rows.get() key=Row::key let:row>
                    <TableRow row />
                </For>
            </tbody>
        </table>
    }
}

#[component]
fn TableRow(row: Row) -> impl IntoView {
    let (starts_on, ends_on, edited_at) = (row.starts_on, row.ends_on, row.edited_at);
    let when = move || words::time::range(starts_on, ends_on);
    let under = match row.kind {
        Kind::Agreement | Kind::ActionPlan => row.under(),
        Kind::TripReport | Kind::Personal | Kind::Discussion => row.number.clone().unwrap_or_default(),
    };
    let Row { title, search, excerpt, owner, .. } = row.clone();
    let is_untitled = title.is_empty();
    let stage = row.detail.clone();
    let activity = row.activity.clone();
    let middle = match row.kind {
        Kind::Agreement => view! {
            <td role="cell" class="cell-place">
                {move || stage.as_deref().and_then(choices::word_of::<StageName>).map(Word::text)}
                <span class="table-under">
                    {move || activity.as_deref().and_then(choices::word_of::<Activity>).map(Word::text)}
                </span>
            </td>
            <td role="cell" class="cell-when">{when}</td>
        }
        .into_any(),
        Kind::ActionPlan => view! {
            <td role="cell" class="cell-when">{when}</td>
            <td role="cell">
                {move || {
                    stage
                        .as_deref()
                        .and_then(|progress| progress.split_once('/'))
                        .map(|(done, all)| words::lists::lines_done(done, all))
                }}
            </td>
        }
        .into_any(),
        Kind::TripReport | Kind::Personal | Kind::Discussion => view! {
            <td role="cell" class="cell-when">{when}</td>
            <td role="cell" class="cell-place">{row.place.clone()}</td>
        }
        .into_any(),
    };
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <a class="table-link" class:is-untitled=is_untitled href=row.path()>
                    {if is_untitled {
                        view! { <span>{words::marks::untitled}</span> }.into_any()
                    } else {
                        view! { <Highlighted text=title search=search.clone() /> }.into_any()
                    }}
                </a>
                <span class="table-under"><Highlighted text=under search=search.clone() /></span>
                <Owner name=owner />
                <Excerpt text=excerpt search />
            </th>
            {middle}
            <td role="cell">
                <StateMark state=row.state />
                " "
                <SettleMark conflicts=row.conflicts reviews=row.reviews />
                <WaitsMark waits=row.waits />
            </td>
            <td role="cell"><SafetyMark safety=row.safety /></td>
            <td role="cell" class="cell-edited">{move || words::time::ago(edited_at, words::time::now())}</td>
        </tr>
    }
}

#[component]
fn Filters(kind: Kind, query: Memo<RecordQuery>, ask: Callback<RecordQuery>) -> impl IntoView {
    let records = use_workspace().records();
    let years = Memo::new(move || {
        let years: OrderedSet<u16> = records.with(|records| {
            let mine = records.iter().filter(|record| query::belongs(record, kind));
            mine.filter_map(|record| record.summary.starts_on.map(|date| date.year())).collect()
        });
        years.iter().rev().map(|year| (year.to_string(), year.to_string())).collect::<Vec<_>>()
    });
    let regions = Memo::new(move || {
        let regions: OrderedSet<String> = records.with(|records| {
            let mine = records.iter().filter(|record| query::belongs(record, kind));
            mine.filter_map(|record| record.summary.place.clone()).collect()
        });
        regions.into_iter().map(|region| (region.clone(), region)).collect::<Vec<_>>()
    });
    let change = move |change: &dyn Fn(&mut RecordQuery)| {
        let mut next = query.get_untracked();
        change(&mut next);
        ask.run(next);
    };
    let is_agreement = kind == Kind::Agreement;
    view! {
        <details class="filters">
            <summary class="button">
                <Icon glyph=Glyph::Filter />
                <span>{words::lists::filters}</span>
                {move || {
                    let count = query.with(RecordQuery::filter_count);
                    (count > 0).then(|| view! { <span class="filters-count">{count}</span> })
                }}
            </summary>
            <div class="filter-fields">
                <FilterField
                    label=words::lists::filter_state
                    value=Signal::derive(move || query.with(|query| query.state.map(state_code)).unwrap_or_default())
                    options=Signal::derive(|| {
                        STATES
                            .iter()
                            .map(|state| (state_code(*state), words::marks::state(*state).text().to_owned()))
                            .collect()
                    })
                    on_choose=move |code: String| {
                        let state = STATES.iter().copied().find(|state| state_code(*state) == code);
                        change(&|query| query.state = state);
                    }
                />
                <FilterField
                    label=words::lists::filter_safety
                    value=Signal::derive(move || {
                        query.with(|query| query.safety.map(safety_code)).unwrap_or_default()
                    })
                    options=Signal::derive(|| {
                        SAFETIES
                            .iter()
                            .map(|safety| (safety_code(*safety), words::marks::safety(*safety).text().to_owned()))
                            .collect()
                    })
                    on_choose=move |code: String| {
                        let safety = SAFETIES.iter().copied().find(|safety| safety_code(*safety) == code);
                        change(&|query| query.safety = safety);
                    }
                />
                <FilterField
                    label=words::lists::filter_year
                    value=Signal::derive(move || {
                        query.with(|query| query.year.map(|year| year.to_string())).unwrap_or_default()
                    })
                    options=years
                    on_choose=move |code: String| change(&|query| query.year = code.parse().ok())
                />
                {is_agreement
                    .then(|| {
                        view! {
                            <FilterField
                                label=words::lists::filter_stage
                                value=Signal::derive(move || {
                                    query.with(|query| query.stage.clone()).unwrap_or_default()
                                })
                                options=Signal::derive(choice_options::<StageName>)
                                on_choose=move |code: String| change(&|query| query.stage = chosen(&code))
                            />
                            <FilterField
                                label=words::lists::filter_activity
                                value=Signal::derive(move || {
                                    query.with(|query| query.activity.clone()).unwrap_or_default()
                                })
                                options=Signal::derive(choice_options::<Activity>)
                                on_choose=move |code: String| change(&|query| query.activity = chosen(&code))
                            />
                            <FilterField
                                label=words::lists::filter_type
                                value=Signal::derive(move || {
                                    query.with(|query| query.category.clone()).unwrap_or_default()
                                })
                                options=Signal::derive(choice_options::<AgreementType>)
                                on_choose=move |code: String| change(&|query| query.category = chosen(&code))
                            />
                            <FilterField
                                label=words::lists::filter_region
                                value=Signal::derive(move || {
                                    query.with(|query| query.region.clone()).unwrap_or_default()
                                })
                                options=regions
                                on_choose=move |code: String| change(&|query| query.region = chosen(&code))
                            />
                        }
                    })}
                {is_agreement
                    .then(|| {
                        view! {
                            <FilterField
                                label=words::lists::filter_ends
                                value=Signal::derive(move || {
                                    if query.with(|query| query.ends_soon) {
                                        words::lists::within_a_year.slug()
                                    } else {
                                        String::new()
                                    }
                                })
                                options=Signal::derive(|| {
                                    let soon = words::lists::within_a_year;
                                    vec![(soon.slug(), soon.text().to_owned())]
                                })
                                on_choose=move |code: String| {
                                    change(&|query| query.ends_soon = !code.is_empty());
                                }
                            />
                        }
                    })}
                <button
                    type="button"
                    class="button button-quiet"
                    disabled=move || query.with(|query| query.filter_count() == 0)
                    on:click=move |_| change(&|query| query.clear_filters())
                >
                    {words::lists::clear_filters}
                </button>
            </div>
        </details>
    }
}

#[component]
fn FilterField(
    label: Word,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    #[prop(into)] on_choose: Callback<String>,
) -> impl IntoView {
    let id = crate::parts::field_frame::unique_id("filter");
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{label}</label>
            <select id=id class="input select" on:change=move |event| on_choose.run(event_target_value(&event))>
                <option value="" selected=move || value.with(String::is_empty)>{words::lists::any}</option>
                {move || {
                    options
                        .get()
                        .into_iter()
                        .map(|(code, word)| {
                            let own = code.clone();
                            view! { <option value=code selected=move || value.get() == own>{word}</option> }
                        })
                        .collect_view()
                }}
            </select>
        </div>
    }
}

fn state_code(state: State) -> String {
    state.as_str().to_owned()
}

fn safety_code(safety: Safety) -> String {
    SAFETIES.iter().position(|each| *each == safety).unwrap_or_default().to_string()
}

fn choice_options<T: choices::Choice>() -> Vec<(String, String)> {
    T::all().iter().map(|value| (value.code().to_owned(), value.word().text().to_owned())).collect()
}

fn chosen(code: &str) -> Option<String> {
    (!code.is_empty()).then(|| code.to_owned())
}
