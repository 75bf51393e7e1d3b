//! The frame around every page: navigation, connection, banners, notices, shortcuts; and who is let in.
//!
//! It promises that a page's failure stays in the page, that the focus follows the navigation, and that
//! whatever the network does, the frame says so in words.

use leptos::html;
use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;
use shared::model::kind::Kind;

use crate::parts::erased::{Memo, effect};
use crate::parts::icon::{Emblem, Glyph, Icon};
use crate::parts::notice::{Notice, Notices, Tone};
use crate::places::Route;
use crate::route::{Place, use_place};
use crate::screens;
use crate::screens::begin::{Beginning, NewRecordDialog};
use crate::words;
use crate::workspace::{SessionState, Workspace, use_workspace};

mod banners;
mod bars;
mod focus;
mod navigation;
mod presses;
mod shortcuts;
mod status;
mod work_notices;

pub use banners::DemoBanner;
pub use status::{needs_sign_in, persistence_sentence, trouble_sentence};

/// The whole application.
#[component]
pub fn Shell() -> impl IntoView {
    presses::listen();
    Place::follow();
    let workspace = Workspace::start();
    provide_context(workspace);
    work_notices::tell_of_work();
    view! {
        <Beginning>
            <Frame />
        </Beginning>
    }
}

/// Names the browser's tab after the page.
pub fn name_tab(title: &str) {
    document().set_title(&format!("{title} · {}", words::shell::product.text()));
}

#[component]
fn Frame() -> impl IntoView {
    let workspace = use_workspace();
    let session = workspace.session();
    let route = use_place().route;
    // Only the kind of state decides the frame: a new role must not rebuild the page that is open.
    let standing = Memo::new(move || {
        if route.get() == Route::Link {
            return Standing::Link;
        }
        session.with(|session| match session {
            SessionState::Starting => Standing::Starting,
            SessionState::SignedOut => Standing::Outside,
            SessionState::SignedIn(_) => Standing::Inside,
            SessionState::NoStore(_) => Standing::NoStore,
        })
    });
    view! {
        <a class="skip" href="#isi" on:click=move |event| {
            event.prevent_default();
            focus_main();
        }>
            {words::shell::skip}
        </a>
        {move || match standing.get() {
            Standing::Starting => view! { <Starting /> }.into_any(),
            Standing::Outside => view! { <screens::sign_in::SignInPage /> }.into_any(),
            Standing::Link => view! { <screens::link::LinkPage /> }.into_any(),
            Standing::NoStore => view! { <NoStore /> }.into_any(),
            Standing::Inside => view! { <Inside /> }.into_any(),
        }}
        <Notices />
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Starting,
    Outside,
    Inside,
    NoStore,
    Link,
}

#[component]
fn Inside() -> impl IntoView {
    let main = NodeRef::<html::Main>::new();
    let path = use_place().path;
    let shortcuts_open = RwSignal::new(false);
    shortcuts::listen(shortcuts_open);
    focus::listen();
    bars::listen();
    screens::record::side::begin_visit();
    // A first visit leaves the focus where the browser put it; every later page begins at its content.
    let mut previous = None;
    effect(move || {
        let path = path.get();
        if previous.as_ref().is_some_and(|previous| *previous != path)
            && let Some(main) = main.get_untracked()
        {
            let _ = main.focus();
        }
        previous = Some(path);
    });
    view! {
        <div class="frame">
            <header class="topbar">
                <a class="brand" href="/" aria-label=words::shell::product>
                    <Emblem />
                    <span>{words::shell::product}</span>
                </a>
                <a class="topbar-search" href="/cari" aria-label=words::shell::search>
                    <Icon glyph=Glyph::Search />
                    <span>{words::shell::search}</span>
                    <kbd aria-hidden="true">"/"</kbd>
                </a>
                <status::Status />
            </header>
            <navigation::Navigation />
            <div class="content">
                <banners::Banners />
                <main id="isi" tabindex="-1" node_ref=main>
                    <ErrorBoundary fallback=|errors| {
                        let text = move || {
                            errors.get().into_iter().map(|(_, error)| error.to_string()).collect::<Vec<_>>().join("; ")
                        };
                        view! { <Broken detail=text /> }
                    }>
                        <Pages />
                    </ErrorBoundary>
                </main>
            </div>
        </div>
        <NewRecordDialog />
        <shortcuts::ShortcutsDialog open=shortcuts_open />
    }
}

#[component]
fn Pages() -> impl IntoView {
    let route = use_place().route;
    let owner = Owner::current().expect("a component is built under an owner");
    // Each page has an owner of its own, which ends only when the next page stands: a field that loses the
    // focus by leaving the document still finds what it writes to. What a page reads while it is built must
    // not build it again.
    move || {
        let route = route.get();
        let owner = owner.child();
        let view = owner.with(|| untrack(|| page(route)));
        OwnedView::new_with_owner(view, owner)
    }
}

fn page(route: Route) -> AnyView {
    match route {
        Route::Home => screens::home::HomePage().into_any(),
        Route::SignInAgain => screens::sign_in::SignInAgain().into_any(),
        Route::List(Kind::TripReport | Kind::Personal | Kind::Discussion) => {
            screens::records::ReportsPage().into_any()
        }
        Route::List(Kind::Agreement) => screens::records::AgreementsPage().into_any(),
        Route::List(Kind::ActionPlan) => screens::records::PlansPage().into_any(),
        Route::Import => screens::import::ImportPage().into_any(),
        Route::Record(Kind::TripReport | Kind::Personal | Kind::Discussion) => {
            screens::report::ReportPage().into_any()
        }
        Route::Record(Kind::Agreement) => screens::agreement::AgreementPage().into_any(),
        Route::Record(Kind::ActionPlan) => screens::plan::PlanPage().into_any(),
        Route::Print(Kind::TripReport | Kind::Personal | Kind::Discussion) => {
            screens::report_print::ReportPrintPage().into_any()
        }
        Route::Print(Kind::Agreement) => screens::agreement_print::AgreementPrintPage().into_any(),
        Route::Print(Kind::ActionPlan) => screens::plan_print::PlanPrintPage().into_any(),
        Route::Search => screens::search::SearchPage().into_any(),
        Route::Bin => screens::bin::BinPage().into_any(),
        Route::Settings => screens::settings::SettingsPage().into_any(),
        // The frame shows the page of a link by itself.
        Route::Link | Route::Unknown => NotFound().into_any(),
    }
}

/// An address that is none of ours.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <div class="page page-narrow">
            <crate::parts::page::PageHead title=words::shell::not_found lead=words::shell::not_found_sentence />
            <p>
                <a class="button button-primary" href="/">{words::shell::to_home}</a>
            </p>
        </div>
    }
}

#[component]
fn Broken(#[prop(into)] detail: Signal<String>) -> impl IntoView {
    view! {
        <div class="page page-narrow">
            <Notice tone=Tone::Problem title=words::shell::page_broken>
                <p>{words::shell::page_broken_sentence}</p>
                <pre class="detail">{detail}</pre>
                <ReloadButton />
            </Notice>
        </div>
    }
}

#[component]
fn ReloadButton() -> impl IntoView {
    view! {
        <button type="button" class="button button-primary" on:click=move |_| {
            // Fails only while the page is already leaving.
            let _ = window().location().reload();
        }>{words::shell::reload}</button>
    }
}

#[component]
fn Starting() -> impl IntoView {
    view! {
        <main id="isi" tabindex="-1" class="gate" aria-busy="true">
            <Emblem />
            <p role="status">{words::shell::starting}</p>
        </main>
    }
}

#[component]
fn NoStore() -> impl IntoView {
    let session = use_workspace().session();
    let sentence = move || {
        session.with(|session| match session {
            SessionState::NoStore(trouble) => trouble_sentence(trouble),
            _ => String::new(),
        })
    };
    name_tab(words::shell::no_store.text());
    view! {
        <main id="isi" tabindex="-1" class="gate">
            <Emblem />
            <h1>{words::shell::no_store}</h1>
            <p>{sentence}</p>
            <ReloadButton />
        </main>
    }
}

fn focus_main() {
    use wasm_bindgen::JsCast;
    let main =
        document().get_element_by_id("isi").and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(main) = main {
        let _ = main.focus();
    }
}
