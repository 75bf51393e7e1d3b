//! *Masuk*: the first sign-in on this device, and signing in again when the relay's session is over.

use std::rc::Rc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::sync::client::Connection;

use super::password_form::{OldPassword, PasswordForm, SetPassword};
use crate::parts::erased::{Memo, effect};
use crate::parts::icon::{Emblem, Glyph, Icon};
use crate::parts::notice::{self, Notice, Tone};
use crate::parts::page::PageHead;
use crate::preferences;
use crate::route::use_go;
use crate::shell::{self, DemoBanner, needs_sign_in, trouble_sentence};
use crate::words::{self, Language, Word};
use crate::workspace::{AfterPassword, SessionState, SignInError, use_workspace};

/// The whole page while nobody is signed in. The address stays: it opens after signing in.
#[component]
pub fn SignInPage() -> impl IntoView {
    let due = RwSignal::new(None);
    effect(move || shell::name_tab(title(due)));
    view! {
        <main id="isi" tabindex="-1" class="sign-in">
            <DemoBanner />
            <div class="sign-in-card">
                <SignInHead title=move || title(due) lead=move || lead(due, words::session::lead) />
                <SignInForm user=String::new() due on_success=|()| {} />
            </div>
            <footer class="sign-in-foot">
                <p>{words::session::others_kept}</p>
                <LanguageChoice />
            </footer>
        </main>
    }
}

/// Who signed in with a password that somebody else set, and with which: it is to be changed first.
type Due = RwSignal<Option<(String, String)>>;

fn title(due: Due) -> &'static str {
    if due.with(Option::is_some) {
        words::session::password_due.text()
    } else {
        words::session::sign_in.text()
    }
}

fn lead(due: Due, of_signing_in: Word) -> &'static str {
    if due.with(Option::is_some) { words::session::password_due_lead.text() } else { of_signing_in.text() }
}

/// The head of a page that stands alone: the product, and what the page is for.
#[component]
pub fn SignInHead(
    /// What the page is for.
    #[prop(into)]
    title: TextProp,
    /// More of it.
    #[prop(optional, into)]
    lead: Option<TextProp>,
) -> impl IntoView {
    view! {
        <header class="sign-in-head">
            <p class="sign-in-brand">
                <Emblem />
                <span>{words::shell::product}</span>
            </p>
            <h1>{move || title.get()}</h1>
            {lead.map(|lead| view! { <p class="lead">{move || lead.get()}</p> })}
        </header>
    }
}

/// The page inside the app, for a session that is over. Otherwise there is nothing to do here.
#[component]
pub fn SignInAgain() -> impl IntoView {
    let workspace = use_workspace();
    let go = StoredValue::new(use_go());
    let user = workspace.session().with_untracked(|session| match session {
        SessionState::SignedIn(person) => person.user.to_string(),
        _ => String::new(),
    });
    let sync = workspace.sync();
    let why = Memo::new(move || {
        sync.with(|sync| match sync.connection {
            _ if sync.revoked => words::shell::revoked_sentence,
            Connection::Disabled => words::session::disabled,
            Connection::WrongDevice => words::shell::wrong_device_sentence,
            connection if sync.retired || needs_sign_in(connection) => words::session::again_lead,
            // Whether it is over is not known before the relay has answered.
            _ => words::session::lead,
        })
    });
    let leave = move || {
        go.try_with_value(|go| go("/"));
    };
    let is_needless =
        Memo::new(move || sync.with(|sync| sync.connection == Connection::Connected && !sync.retired));
    effect(move || {
        if is_needless.get() {
            // After this page has been built: leaving while it is being built would confuse the router.
            request_animation_frame(leave);
        }
    });
    let due = RwSignal::new(None);
    view! {
        <div class="page page-narrow">
            <PageHead title=move || title(due) lead=move || lead(due, why.get()) />
            <div class="sign-in-card">
                <SignInForm user due on_success=move |()| leave() />
            </div>
        </div>
    }
}

#[component]
fn SignInForm(
    /// The user name that stands there already.
    user: String,
    /// Whose password is to be changed first; the page's head says so.
    due: Due,
    /// Signed in.
    #[prop(into)]
    on_success: Callback<()>,
) -> impl IntoView {
    let workspace = use_workspace();
    let user_field = NodeRef::<html::Input>::new();
    let password_field = NodeRef::<html::Input>::new();
    let summary = NodeRef::<html::Div>::new();
    let is_shown = RwSignal::new(false);
    let is_busy = RwSignal::new(false);
    let user_missing = RwSignal::new(false);
    let password_missing = RwSignal::new(false);
    let problem = RwSignal::new(None::<SignInError>);
    let autofocus_password = !user.is_empty();

    effect(move || {
        if problem.with(Option::is_some)
            && let Some(summary) = summary.get()
        {
            let _ = summary.focus();
        }
    });

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(user_input), Some(password_input)) =
            (user_field.get_untracked(), password_field.get_untracked())
        else {
            return;
        };
        if is_busy.get_untracked() {
            return;
        }
        // People type capitals and blanks around a user name; ids have neither.
        let user = user_input.value().trim().to_lowercase();
        let password = password_input.value();
        user_missing.set(user.is_empty());
        password_missing.set(password.is_empty());
        problem.set(None);
        if user.is_empty() {
            let _ = user_input.focus();
            return;
        }
        if password.is_empty() {
            let _ = password_input.focus();
            return;
        }
        is_busy.set(true);
        spawn_local(async move {
            let result = workspace.sign_in(user.clone(), password.clone()).await;
            is_busy.try_set(false);
            match result {
                Err(SignInError::PasswordDue) => {
                    due.try_set(Some((user, password)));
                }
                Ok(()) => {
                    on_success.try_run(());
                }
                Err(error) => {
                    problem.try_set(Some(error));
                }
            }
        });
    };
    let leave_due = move || {
        due.set(None);
        workspace.leave_due_password();
        if let Some(field) = password_field.get_untracked() {
            field.set_value("");
        }
    };
    // Of this form, not of that for the password: it is called also where the person went back meanwhile.
    let after_due = Callback::new(move |after| match after {
        AfterPassword::SignedIn => {
            on_success.try_run(());
        }
        AfterPassword::Set(error) => {
            tell_password_is_set();
            leave_due();
            problem.set(Some(error));
        }
        AfterPassword::NotSet(error) => {
            leave_due();
            problem.set(Some(error));
        }
    });
    let go_back = move |_| {
        leave_due();
        // Once the form is shown again.
        request_animation_frame(move || {
            if let Some(Some(field)) = password_field.try_get_untracked() {
                let _ = field.focus();
            }
        });
    };
    view! {
        {move || {
            due.get().map(|(user, old)| {
                let set: SetPassword = Rc::new(move |_, new| {
                    let old = old.clone();
                    Box::pin(async move { workspace.change_due_password(old, new).await })
                });
                view! {
                    // The focus moves into it: its name is read out then.
                    <div role="group" aria-label=words::session::password_due>
                        <PasswordForm
                            user
                            old=OldPassword::Known
                            action=words::session::change_password
                            set
                            on_done=after_due
                        />
                    </div>
                    <button type="button" class="button" on:click=go_back>
                        {words::session::back_to_sign_in}
                    </button>
                }
            })
        }}
        <form on:submit=submit novalidate hidden=move || due.with(Option::is_some)>
            {move || {
                problem
                    .get()
                    .map(|error| {
                        view! {
                            <div role="alert" tabindex="-1" node_ref=summary>
                                <Notice tone=problem_tone(&error) title=words::session::problem>
                                    <p>{problem_sentence(&error)}</p>
                                </Notice>
                            </div>
                        }
                    })
            }}
            <div class="field" class:has-error=move || user_missing.get()>
                <label class="field-label" for="user-name">{words::session::user_name}</label>
                <input
                    id="user-name"
                    node_ref=user_field
                    class="input"
                    name="username"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    value=user
                    aria-describedby="user-name-text"
                    aria-invalid=move || user_missing.get().then_some("true")
                    autofocus=!autofocus_password
                />
                <p class="field-error" id="user-name-text" hidden=move || !user_missing.get()>
                    {words::session::user_missing}
                </p>
            </div>
            <div class="field" class:has-error=move || password_missing.get()>
                <label class="field-label" for="password">{words::session::password}</label>
                <div class="password-line">
                    <input
                        id="password"
                        node_ref=password_field
                        class="input"
                        name="password"
                        type=move || if is_shown.get() { "text" } else { "password" }
                        autocomplete="current-password"
                        autocapitalize="none"
                        spellcheck="false"
                        aria-describedby="password-text"
                        aria-invalid=move || password_missing.get().then_some("true")
                        autofocus=autofocus_password
                    />
                    <button
                        type="button"
                        class="button button-icon"
                        aria-pressed=move || is_shown.get().to_string()
                        aria-label=words::session::show_password
                        title=move || {
                            if is_shown.get() {
                                words::session::hide_password.text()
                            } else {
                                words::session::show_password.text()
                            }
                        }
                        on:click=move |_| is_shown.update(|is_shown| *is_shown = !*is_shown)
                    >
                        <Icon glyph=Glyph::Eye />
                    </button>
                </div>
                <p class="field-error" id="password-text" hidden=move || !password_missing.get()>
                    {words::session::password_missing}
                </p>
            </div>
            <button type="submit" class="button button-primary" aria-disabled=move || is_busy.get().then_some("true")>
                {move || if is_busy.get() { words::session::signing_in.text() } else { words::session::sign_in.text() }}
            </button>
        </form>
    }
}

/// The switch between the two languages.
#[component]
pub fn LanguageChoice() -> impl IntoView {
    let option = |language: Language, word: Word| {
        view! {
            <label>
                <input
                    type="radio"
                    name="language"
                    value=language.code()
                    prop:checked=move || words::language() == language
                    on:change=move |_| preferences::choose_language(language)
                />
                <span lang=language.code()>{word}</span>
            </label>
        }
    };
    view! {
        <div class="segments" role="radiogroup" aria-label=words::settings::language>
            {option(Language::Indonesian, words::settings::indonesian)}
            {option(Language::English, words::settings::english)}
        </div>
    }
}

/// Tells that a new password counts, where the person is not let in with it.
pub fn tell_password_is_set() {
    notice::tell(Tone::Success, words::session::password_is_set.text());
}

fn problem_tone(error: &SignInError) -> Tone {
    match error {
        SignInError::Offline
        | SignInError::NotTheRelay
        | SignInError::SessionOver
        | SignInError::TooMany(_)
        | SignInError::PasswordDue => Tone::Warning,
        SignInError::Wrong | SignInError::Disabled | SignInError::Store(_) | SignInError::Other(_) => {
            Tone::Problem
        }
    }
}

/// Why signing in failed, and what the person can do.
pub fn problem_sentence(error: &SignInError) -> String {
    match error {
        SignInError::Wrong => words::session::wrong.text().to_owned(),
        SignInError::Disabled => words::session::disabled.text().to_owned(),
        SignInError::PasswordDue => words::session::password_due_lead.text().to_owned(),
        SignInError::SessionOver => words::session::session_over.text().to_owned(),
        SignInError::TooMany(seconds) => words::session::too_many(*seconds),
        SignInError::Offline => words::session::offline.text().to_owned(),
        SignInError::NotTheRelay => words::session::not_the_relay.text().to_owned(),
        SignInError::Store(trouble) => trouble_sentence(trouble),
        SignInError::Other(detail) => words::session::other(detail),
    }
}
