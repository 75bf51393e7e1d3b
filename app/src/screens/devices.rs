//! *Perangkat saya* in the settings: where the person is signed in, and signing out there.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::UserId;

use super::password_form::refusal_sentence;
use crate::account::{self, AccountRefusal, OwnDevice, SignOut};
use crate::parts::dialog::ConfirmDialog;
use crate::parts::erased::effect;
use crate::parts::notice::{self, Tone};
use crate::words;
use crate::workspace::{Workspace, use_workspace};

/// The devices, once the relay has named them.
type Named = Option<Result<Vec<OwnDevice>, AccountRefusal>>;

/// The part of the page.
#[component]
pub fn Devices(
    /// Whose devices.
    user: UserId,
    /// Told when one of them may have been signed out by something else on the page.
    changed: Trigger,
) -> impl IntoView {
    let workspace = use_workspace();
    let devices = RwSignal::new(None as Named);
    let asked = RwSignal::new(SignOut::Others);
    let asks = RwSignal::new(false);
    let user = StoredValue::new(user);
    let look = move || {
        let user = user.get_value();
        spawn_local(async move {
            let named = account::own_devices(&user).await;
            devices.try_set(Some(named));
        });
    };
    effect(move || {
        changed.track();
        look();
    });
    let ask = move |which| {
        asked.set(which);
        asks.set(true);
    };
    let sign_out = move |()| {
        let which = asked.get_untracked();
        spawn_local(async move {
            match account::sign_out(which).await {
                Ok(()) if which == SignOut::Everywhere => sign_out_here(workspace).await,
                Ok(()) => {
                    notice::tell(Tone::Success, words::settings::signed_out_there.text());
                    look();
                }
                Err(refusal) => notice::tell(Tone::Problem, refusal_sentence(&refusal)),
            }
        });
    };
    let title = move || match asked.get() {
        SignOut::Device(_) => words::settings::sign_out_device_title,
        SignOut::Others => words::settings::sign_out_others_title,
        SignOut::Everywhere => words::settings::sign_out_everywhere_title,
    };
    let action = move || match asked.get() {
        SignOut::Device(_) | SignOut::Others => words::settings::sign_out_there,
        SignOut::Everywhere => words::session::sign_out,
    };
    view! {
        <div class="card">
            {move || match devices.get() {
                None => view! { <p class="hint" role="status">{words::settings::devices_coming}</p> }.into_any(),
                Some(Err(refusal)) => {
                    view! {
                        <div class="setting">
                            <p class="setting-text hint">{refusal_sentence(&refusal)}</p>
                            <button type="button" class="button" on:click=move |_| look()>
                                {words::settings::look_again}
                            </button>
                        </div>
                    }
                        .into_any()
                }
                Some(Ok(devices)) => {
                    let has_others = devices.iter().any(|device| device.is_signed_in && !device.is_this);
                    let rows = devices.into_iter().map(|device| device_row(device, ask)).collect_view();
                    view! {
                        <ul aria-label=words::settings::devices>{rows}</ul>
                        <div class="setting">
                            <p class="setting-text hint">{words::settings::devices_lead}</p>
                            <div class="setting-actions">
                                {has_others
                                    .then(|| {
                                        view! {
                                            <button
                                                type="button"
                                                class="button"
                                                on:click=move |_| ask(SignOut::Others)
                                            >
                                                {words::settings::sign_out_others}
                                            </button>
                                        }
                                    })}
                                <button
                                    type="button"
                                    class="button"
                                    on:click=move |_| ask(SignOut::Everywhere)
                                >
                                    {words::settings::sign_out_everywhere}
                                </button>
                            </div>
                        </div>
                    }
                        .into_any()
                }
            }}
        </div>
        <ConfirmDialog
            open=asks
            title=move || title().text()
            action=move || action().text()
            on_confirm=sign_out
        >
            <p>{words::settings::sign_out_keeps}</p>
        </ConfirmDialog>
    }
}

/// Signs out on this device, and tells what is not sent.
pub async fn sign_out_here(workspace: Workspace) {
    let unsent = workspace.sign_out().await;
    if unsent > 0 {
        notice::tell(Tone::Information, words::session::signed_out_with(unsent));
    }
}

fn device_row(device: OwnDevice, ask: impl Fn(SignOut) + Copy + Send + Sync + 'static) -> impl IntoView {
    let OwnDevice { device, name, enrolled_at, seen_at, is_signed_in, is_this } = device;
    let name = if name.is_empty() { words::settings::device_unnamed.text().to_owned() } else { name };
    let labelled = name.clone();
    let state = if is_this {
        words::settings::this_device
    } else if is_signed_in {
        words::settings::is_signed_in
    } else {
        words::settings::is_signed_out
    };
    view! {
        <li class="setting">
            <div class="setting-text">
                <p class="setting-name">{name} " · " {state}</p>
                <p class="hint">
                    {move || words::settings::enrolled(&words::time::moment(enrolled_at))}
                    " · "
                    {move || match seen_at {
                        Some(at) => words::settings::seen(&words::time::ago(at, words::time::now())),
                        None => words::settings::never_seen.text().to_owned(),
                    }}
                </p>
            </div>
            {(is_signed_in && !is_this)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button"
                            aria-label=move || words::settings::sign_out_named(&labelled)
                            on:click=move |_| ask(SignOut::Device(device))
                        >
                            {words::settings::sign_out_there}
                        </button>
                    }
                })}
        </li>
    }
}
