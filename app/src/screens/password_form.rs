//! The form for a new password: after a sign-in with one that somebody else set, in the settings, and by a link.

use std::rc::Rc;

use futures::future::LocalBoxFuture;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::account::AccountRefusal;
use crate::parts::erased::effect;
use crate::parts::field_frame::unique_id;
use crate::parts::notice::{Notice, Tone};
use crate::words::{self, Word};
use crate::workspace::AfterPassword;

/// Characters that a password has at least; what else is asked of it, the relay says.
const LEAST_CHARACTERS: usize = 12;

/// Sets the password: the old one where it is asked for, and the new one.
pub type SetPassword =
    Rc<dyn Fn(String, String) -> LocalBoxFuture<'static, Result<AfterPassword, AccountRefusal>>>;

/// Whether the old password is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldPassword {
    /// It is.
    Asked,
    /// It is known already, or not needed.
    Known,
}

/// What is wrong with what was typed, before the relay is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    OldMissing,
    TooShort,
    Different,
}

/// The form.
#[component]
pub fn PasswordForm(
    /// Whose password it is, for the browser's store of passwords.
    user: String,
    /// Whether the old one is asked for.
    old: OldPassword,
    /// The word on its button.
    action: Word,
    /// Sets the password.
    set: SetPassword,
    /// The form has nothing more to do.
    #[prop(into)]
    on_done: Callback<AfterPassword>,
) -> impl IntoView {
    let old_field = NodeRef::<html::Input>::new();
    let new_field = NodeRef::<html::Input>::new();
    let again_field = NodeRef::<html::Input>::new();
    let summary = NodeRef::<html::Div>::new();
    let is_busy = RwSignal::new(false);
    let fault = RwSignal::new(None::<Fault>);
    let problem = RwSignal::new(None::<AccountRefusal>);
    let set = StoredValue::new_local(set);

    effect(move || {
        if problem.with(Option::is_some)
            && let Some(summary) = summary.get()
        {
            let _ = summary.focus();
        }
    });

    // Where the form is all that there is to do, it takes the place of what had the focus.
    effect(move || {
        if old == OldPassword::Known
            && let Some(field) = new_field.get()
        {
            let _ = field.focus();
        }
    });

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        let text = |field: NodeRef<html::Input>| {
            field.get_untracked().map(|input| input.value()).unwrap_or_default()
        };
        let (before, new, again) = (text(old_field), text(new_field), text(again_field));
        let found = if old == OldPassword::Asked && before.is_empty() {
            Some((Fault::OldMissing, old_field))
        } else if new.chars().count() < LEAST_CHARACTERS {
            Some((Fault::TooShort, new_field))
        } else if new != again {
            Some((Fault::Different, again_field))
        } else {
            None
        };
        problem.set(None);
        fault.set(found.map(|(fault, _)| fault));
        if let Some((_, field)) = found {
            if let Some(field) = field.get_untracked() {
                let _ = field.focus();
            }
            return;
        }
        is_busy.set(true);
        let setting = set.with_value(|set| set(before, new));
        spawn_local(async move {
            let result = setting.await;
            is_busy.try_set(false);
            match result {
                Ok(after) => {
                    for field in [old_field, new_field, again_field] {
                        if let Some(Some(input)) = field.try_get_untracked() {
                            input.set_value("");
                        }
                    }
                    on_done.try_run(after);
                }
                Err(refusal) => {
                    problem.try_set(Some(refusal));
                }
            }
        });
    };
    let field =
        move |label: Word, node: NodeRef<html::Input>, complete: &'static str, of: Fault, why: Word| {
            let id = unique_id("password");
            let (labelled, described) = (id.clone(), format!("{id}-text"));
            let describes = described.clone();
            let is_wrong = move || fault.get() == Some(of);
            view! {
                <div class="field" class:has-error=is_wrong>
                    <label class="field-label" for=labelled>{label}</label>
                    <input
                        id=id
                        node_ref=node
                        class="input"
                        type="password"
                        autocomplete=complete
                        autocapitalize="none"
                        spellcheck="false"
                        aria-describedby=describes
                        aria-invalid=move || is_wrong().then_some("true")
                    />
                    <p class="field-error" id=described hidden=move || !is_wrong()>{why}</p>
                </div>
            }
        };
    let old_line = (old == OldPassword::Asked).then(|| {
        field(
            words::session::old_password,
            old_field,
            "current-password",
            Fault::OldMissing,
            words::session::password_missing,
        )
    });
    view! {
        <form on:submit=submit novalidate>
            {move || {
                problem
                    .get()
                    .map(|refusal| {
                        view! {
                            <div role="alert" tabindex="-1" node_ref=summary>
                                <Notice tone=Tone::Problem title=words::session::password_not_changed>
                                    <p>{refusal_sentence(&refusal)}</p>
                                </Notice>
                            </div>
                        }
                    })
            }}
            <input type="text" name="username" autocomplete="username" value=user hidden readonly />
            {old_line}
            {field(
                words::session::new_password,
                new_field,
                "new-password",
                Fault::TooShort,
                words::session::password_too_short,
            )}
            {field(
                words::session::new_password_again,
                again_field,
                "new-password",
                Fault::Different,
                words::session::passwords_differ,
            )}
            <p class="hint section-lead">{words::session::password_hint}</p>
            <button
                type="submit"
                class="button button-primary"
                aria-disabled=move || is_busy.get().then_some("true")
            >
                {move || if is_busy.get() { words::session::signing_in.text() } else { action.text() }}
            </button>
        </form>
    }
}

/// What the relay's refusal says to the person.
pub fn refusal_sentence(refusal: &AccountRefusal) -> String {
    match refusal {
        AccountRefusal::Unreachable => words::session::needs_the_relay.text().to_owned(),
        AccountRefusal::SignInNeeded => words::session::session_over.text().to_owned(),
        AccountRefusal::WrongOldPassword => words::session::wrong_old_password.text().to_owned(),
        AccountRefusal::TooMany(seconds) => words::session::too_many(*seconds),
        AccountRefusal::Said(detail) => detail.clone(),
    }
}
