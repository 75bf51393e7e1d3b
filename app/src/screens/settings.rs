//! *Pengaturan*: the person, the look, this device's storage, the export of unsent work, signing out.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::code::Code;
use shared::device::row::Access;
use shared::ids::DocumentId;
use shared::role::Role;
use shared::sync::client::Connection;
use wasm_bindgen::{JsCast, JsValue};

use super::devices::{Devices, sign_out_here};
use super::password_form::{OldPassword, PasswordForm, SetPassword};
use super::sign_in::LanguageChoice;
use crate::account;
use crate::parts::dialog::ConfirmDialog;
use crate::parts::erased::{Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{self, Tone};
use crate::parts::page::{PageHead, Section};
use crate::places::record_path;
use crate::preferences::{self, Theme};
use crate::shell::{persistence_sentence, trouble_sentence};
use crate::words;
use crate::workspace::{AfterPassword, Person, SessionState, use_workspace};

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <div class="page page-narrow">
            <PageHead title=words::shell::settings />
            <Section title=words::settings::account>
                <Account />
            </Section>
            <Own />
            <Section title=words::settings::appearance>
                <div class="card">
                    <Setting name=words::settings::language>
                        <LanguageChoice />
                    </Setting>
                    <Setting name=words::settings::theme>
                        <ThemeChoice />
                    </Setting>
                </div>
            </Section>
            <Section title=words::settings::work>
                <div class="card">
                    <Storage />
                    <KeptAside />
                    <Export />
                    <Setting name=words::shell::bin text=words::lists::bin_lead>
                        <a class="button" href="/tempat-sampah">{words::parts::open}</a>
                    </Setting>
                </div>
            </Section>
            <Section title=words::settings::install>
                <div class="card">
                    <Install />
                </div>
            </Section>
            <Section title=words::settings::about>
                <div class="card">
                    <Setting name=words::settings::version>
                        <code>{version()}</code>
                    </Setting>
                </div>
            </Section>
        </div>
    }
}

/// One setting: its name, what it means, and its control.
#[component]
fn Setting(
    #[prop(into)] name: TextProp,
    #[prop(optional, into)] text: Option<TextProp>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="setting">
            <div class="setting-text">
                <p class="setting-name">{move || name.get()}</p>
                {text.map(|text| view! { <p class="hint">{move || text.get()}</p> })}
            </div>
            {children()}
        </div>
    }
}

#[component]
fn Account() -> impl IntoView {
    let workspace = use_workspace();
    let session = workspace.session();
    let waiting = move || workspace.sync().with(|sync| sync.waiting);
    let has_aside = move || workspace.kept_aside().with(|kept| !kept.is_empty());
    let unread = RwSignal::new(0);
    spawn_local(async move {
        unread.try_set(workspace.count_unread().await);
    });
    let is_offline = move || workspace.sync().with(|sync| sync.connection != Connection::Connected);
    let asks = RwSignal::new(false);
    let person = Memo::new(move || {
        session.with(|session| match session {
            SessionState::SignedIn(person) => Some(person.clone()),
            _ => None,
        })
    });
    let sign_out = move |()| spawn_local(sign_out_here(workspace));
    view! {
        <div class="card">
            {move || person.get().map(|person| view! { <PersonFacts person /> })}
            <div class="setting">
                <p class="setting-text hint">
                    {move || match waiting() {
                        0 if has_aside() => words::settings::only_aside.text().to_owned(),
                        0 if unread.get() > 0 => words::session::sign_out_unread(unread.get()),
                        0 => words::settings::nothing_unsent.text().to_owned(),
                        count => words::marks::unsent(count),
                    }}
                </p>
                <button type="button" class="button" on:click=move |_| asks.set(true)>
                    {words::session::sign_out}
                </button>
            </div>
        </div>
        <ConfirmDialog
            open=asks
            title=words::session::sign_out_title
            action=words::session::sign_out
            on_confirm=sign_out
        >
            {move || {
                let what = match (waiting(), unread.get()) {
                    (0, 0) => Some(words::session::sign_out_all_sent.text().to_owned()),
                    (0, _) => None,
                    (count, _) => Some(words::session::sign_out_unsent(count)),
                };
                let unread = Some(unread.get()).filter(|count| *count > 0).map(words::session::sign_out_unread);
                let offline = is_offline().then(|| words::session::sign_out_offline.text().to_owned());
                let sentences = [what, unread, offline].into_iter().flatten();
                sentences.map(|sentence| view! { <p>{sentence}</p> }).collect_view()
            }}
        </ConfirmDialog>
    }
}

/// The person's devices and password, as the relay has them.
#[component]
fn Own() -> impl IntoView {
    let session = use_workspace().session();
    let user = Memo::new(move || {
        session.with(|session| match session {
            SessionState::SignedIn(person) => Some(person.user.clone()),
            _ => None,
        })
    });
    let set: SetPassword = Rc::new(|old, new| {
        Box::pin(async { account::change_password(old, new).await.map(|()| AfterPassword::SignedIn) })
    });
    let set = StoredValue::new_local(set);
    // A new password signs out all other devices.
    let changed = Trigger::new();
    move || {
        user.get().map(|user| {
            let name = user.to_string();
            view! {
                <Section title=words::settings::devices>
                    <Devices user changed />
                </Section>
                <Section title=words::session::change_password>
                    <div class="card">
                        <p class="hint section-lead">{words::settings::password_lead}</p>
                        <PasswordForm
                            user=name
                            old=OldPassword::Asked
                            action=words::session::change_password
                            set=set.get_value()
                            on_done=move |_| {
                                notice::tell(Tone::Success, words::session::password_changed.text());
                                changed.notify();
                            }
                        />
                    </div>
                </Section>
            }
        })
    }
}

#[component]
fn PersonFacts(person: Person) -> impl IntoView {
    let (workspace, of) = (use_workspace(), person.clone());
    view! {
        <div class="setting">
            <div class="setting-text">
                <p class="setting-name">{move || workspace.name_of_own(&of)}</p>
                <p class="hint">{person.user.to_string()}</p>
            </div>
        </div>
        <dl class="facts">
            {person
                .feeds
                .into_iter()
                .map(|feed| {
                    view! {
                        <div>
                            <dt>{feed.name}</dt>
                            <dd>
                                {if feed.access == Access::InQuestion {
                                    words::settings::in_question
                                } else {
                                    role_word(feed.role)
                                }}
                            </dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

fn role_word(role: Role) -> words::Word {
    match role {
        Role::Reader => words::settings::role_reader,
        Role::Writer => words::settings::role_writer,
        Role::Approver => words::settings::role_approver,
        Role::Admin => words::settings::role_admin,
    }
}

#[component]
fn ThemeChoice() -> impl IntoView {
    let option = |theme: Theme, code: &'static str, word: words::Word| {
        view! {
            <label>
                <input
                    type="radio"
                    name="theme"
                    value=code
                    prop:checked=move || preferences::theme() == theme
                    on:change=move |_| preferences::choose_theme(theme)
                />
                <span>{word}</span>
            </label>
        }
    };
    view! {
        <div class="segments" role="radiogroup" aria-label=words::settings::theme>
            {option(Theme::Auto, "auto", words::settings::theme_auto)}
            {option(Theme::Light, "light", words::settings::theme_light)}
            {option(Theme::Dark, "dark", words::settings::theme_dark)}
        </div>
    }
}

#[component]
fn Storage() -> impl IntoView {
    let workspace = use_workspace();
    let storage = workspace.storage();
    let records = workspace.records();
    let count = move || words::settings::records_here(&words::time::count(records.with(Vec::len)));
    view! {
        <div class="setting">
            <div class="setting-text">
                <p class="setting-name">{words::shell::storage}</p>
                <p class="hint">{count}</p>
                {move || {
                    let health = storage.get();
                    match (health.used_bytes, health.quota_bytes) {
                        (Some(used), Some(quota)) => {
                            let text = words::shell::storage_used(
                                &words::time::bytes(used),
                                &words::time::bytes(quota),
                            );
                            view! {
                                <meter
                                    class="meter"
                                    min="0"
                                    max=quota.to_string()
                                    high=(quota / 10 * 9).to_string()
                                    value=used.to_string()
                                    aria-label=words::shell::storage
                                ></meter>
                                <p class="hint">{text}</p>
                            }
                                .into_any()
                        }
                        _ => view! { <p class="hint">{words::settings::storage_unknown}</p> }.into_any(),
                    }
                }}
                <p class="hint">{move || storage.get().persisted.map(persistence_sentence)}</p>
            </div>
        </div>
    }
}

/// Unsent work of records that were removed with a role, by title, each with a way to discard it.
#[component]
fn KeptAside() -> impl IntoView {
    let workspace = use_workspace();
    let kept = workspace.kept_aside();
    let asks = RwSignal::new(false);
    let chosen = RwSignal::new(None::<(DocumentId, String)>);
    let discard = move |()| {
        let Some((doc, _)) = chosen.get_untracked() else { return };
        spawn_local(async move {
            if let Err(trouble) = workspace.discard_aside(doc).await {
                notice::tell(Tone::Problem, trouble_sentence(&trouble));
            }
        });
    };
    let lines = move || {
        let line = |kept: shared::device::listing::KeptAside| {
            let title = kept.lost.title.trim().to_owned();
            let title = if title.is_empty() { words::marks::untitled.text().to_owned() } else { title };
            let count = kept.count;
            let feed = kept.lost.feed;
            let kind = kept.lost.kind.as_ref().and_then(Code::known);
            let home = feed.clone();
            let may_open =
                move || home.as_ref().and_then(|home| workspace.role_in(home)).is_some_and(Role::may_write);
            let doc = kept.doc;
            let path = kind.map(|kind| record_path(kind, doc));
            let open = move || {
                path.clone().filter(|_| may_open()).map(|path| {
                    view! {
                        <a class="button" href=path>{words::settings::aside_open}</a>
                    }
                })
            };
            let facts = move || {
                let changes = words::shell::changes(count);
                let feed = feed.as_ref().map(|feed| workspace.feed_name(feed));
                feed.map_or(changes.clone(), |feed| format!("{changes} · {feed}"))
            };
            view! {
                <div class="setting">
                    <div class="setting-text">
                        <p class="setting-name">{title.clone()}</p>
                        <p class="hint">{facts}</p>
                    </div>
                    {open}
                    <button
                        type="button"
                        class="button"
                        aria-label=words::settings::aside_discard(&title)
                        on:click=move |_| {
                            chosen.set(Some((kept.doc, title.clone())));
                            asks.set(true);
                        }
                    >
                        {words::settings::discard}
                    </button>
                </div>
            }
        };
        kept.get().into_iter().map(line).collect_view()
    };
    view! {
        <Show when=move || !kept.with(Vec::is_empty)>
            <div class="setting">
                <div class="setting-text">
                    <p class="setting-name">{words::settings::aside}</p>
                    <p class="hint">{words::settings::aside_sentence}</p>
                </div>
            </div>
            {lines}
        </Show>
        <ConfirmDialog
            open=asks
            title=move || {
                chosen.with(|chosen| {
                    let title = chosen.as_ref().map(|(_, title)| title.as_str()).unwrap_or_default();
                    words::settings::aside_discard_title(title)
                })
            }
            action=words::settings::discard
            on_confirm=discard
        >
            <p>{words::settings::aside_discard_sentence}</p>
        </ConfirmDialog>
    }
}

#[component]
fn Export() -> impl IntoView {
    let workspace = use_workspace();
    let export = move |_| {
        spawn_local(async move {
            let made = match workspace.export_unsent().await {
                Ok(bytes) => offer_file(&bytes, &file_name()).is_ok(),
                Err(_) => false,
            };
            if made {
                notice::tell(Tone::Success, words::settings::exported.text());
            } else {
                notice::tell(Tone::Problem, words::settings::not_exported.text());
            }
        });
    };
    view! {
        <Setting name=words::settings::export_title text=words::settings::export_sentence>
            <button type="button" class="button" on:click=export>
                <Icon glyph=Glyph::Export />
                <span>{words::settings::export_button}</span>
            </button>
        </Setting>
    }
}

fn file_name() -> String {
    let day = words::time::day_of(words::time::now()).map(|day| day.to_string()).unwrap_or_default();
    format!("simpul-belum-terkirim-{day}.simpul")
}

/// Hands a file to the person, as a download.
///
/// # Errors
/// When the browser refuses to make it.
pub fn offer_file(bytes: &[u8], name: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let blob = web_sys::Blob::new_with_u8_array_sequence(&parts)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The download has its own hold on the blob once it has begun; that takes less than a minute.
    set_timeout(
        move || {
            let _ = web_sys::Url::revoke_object_url(&address);
        },
        std::time::Duration::from_secs(60),
    );
    Ok(())
}

#[component]
fn Install() -> impl IntoView {
    let is_installed = window()
        .match_media("(display-mode: standalone)")
        .ok()
        .flatten()
        .is_some_and(|media| media.matches());
    let text = if is_installed { words::settings::install_done } else { words::settings::install_sentence };
    view! { <p>{text}</p> }
}

/// The version that the page's starter carries.
fn version() -> String {
    let starter = js_sys::Reflect::get(&window(), &"simpul".into()).ok();
    starter
        .and_then(|starter| js_sys::Reflect::get(&starter, &"version".into()).ok())
        .and_then(|version| version.as_string())
        .unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned())
}
