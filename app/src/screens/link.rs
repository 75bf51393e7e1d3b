//! The page of a link by which a person sets a password, once. Its token stands behind `#`, which no request carries.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::password_form::{OldPassword, PasswordForm, SetPassword, refusal_sentence};
use super::sign_in::{LanguageChoice, SignInHead, problem_sentence, tell_password_is_set};
use crate::account::{self, AccountRefusal, LinkOwner};
use crate::parts::erased::effect;
use crate::parts::notice::{self, Notice, Tone};
use crate::route::use_place;
use crate::shell;
use crate::words;
use crate::workspace::{AfterPassword, use_workspace};

/// The whole page, whoever is signed in.
#[component]
pub fn LinkPage() -> impl IntoView {
    effect(|| shell::name_tab(words::session::link_title.text()));
    let place = use_place();
    let behind_sign = || window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned();
    let token = StoredValue::new(behind_sign());
    let owner = RwSignal::new(None::<Result<LinkOwner, AccountRefusal>>);
    let look = move || {
        owner.set(None);
        spawn_local(async move {
            let found = account::look_at_link(token.get_value()).await;
            owner.try_set(Some(found));
        });
    };
    look();
    // Another link in the same tab loads no page.
    let listener = window_event_listener(leptos::ev::hashchange, move |_| {
        let other = behind_sign();
        if other.len() == token.with_value(String::len) && other != token.get_value() {
            token.set_value(other);
            look();
        }
    });
    on_cleanup(move || listener.remove());
    // The address goes from the history with its token, used or not.
    let leave = move || place.go_instead("/");
    view! {
        <main id="isi" tabindex="-1" class="sign-in">
            <div class="sign-in-card">
                <SignInHead title=words::session::link_title />
                {move || match owner.get() {
                    None => view! { <p role="status">{words::session::signing_in}</p> }.into_any(),
                    Some(Ok(owner)) => view! { <OwnerForm owner token leave /> }.into_any(),
                    Some(Err(refusal)) => {
                        let may_try = matches!(
                            refusal,
                            AccountRefusal::Unreachable | AccountRefusal::TooMany(_)
                        );
                        view! {
                            <Notice tone=Tone::Warning title=words::session::link_problem>
                                <p>{refusal_sentence(&refusal)}</p>
                            </Notice>
                            {may_try
                                .then(|| {
                                    view! {
                                        <button type="button" class="button" on:click=move |_| look()>
                                            {words::settings::look_again}
                                        </button>
                                    }
                                })}
                            <button type="button" class="button" on:click=move |_| leave()>
                                {words::shell::to_home}
                            </button>
                        }
                            .into_any()
                    }
                }}
            </div>
            <footer class="sign-in-foot">
                <LanguageChoice />
            </footer>
        </main>
    }
}

#[component]
fn OwnerForm(
    owner: LinkOwner,
    token: StoredValue<String>,
    leave: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let workspace = use_workspace();
    let user = owner.user.to_string();
    let named = user.clone();
    let set: SetPassword = Rc::new(move |_, new| {
        let user = user.clone();
        Box::pin(async move {
            account::set_by_link(token.get_value(), new.clone()).await?;
            Ok(match workspace.sign_in(user, new).await {
                Ok(()) => AfterPassword::SignedIn,
                Err(error) => AfterPassword::Set(error),
            })
        })
    });
    let finish = move |after| {
        match after {
            AfterPassword::SignedIn => {}
            // The link is used: what is left to do is on the page of signing in.
            AfterPassword::Set(error) => {
                tell_password_is_set();
                notice::tell(Tone::Problem, problem_sentence(&error));
            }
            AfterPassword::NotSet(error) => notice::tell(Tone::Problem, problem_sentence(&error)),
        }
        leave();
    };
    view! {
        <p class="lead">{move || words::session::link_lead(&owner.name)}</p>
        <p class="hint section-lead">{words::session::user_name} ": " <strong>{named.clone()}</strong></p>
        <PasswordForm
            user=named
            old=OldPassword::Known
            action=words::session::link_action
            set
            on_done=finish
        />
    }
}
