//! The connection, always in sight: icon and words, how much waits, and behind it the details.

use leptos::prelude::*;
use shared::device::table::StoreTrouble;
use shared::sync::client::{Connection, SyncStatus};

use crate::parts::dialog::Dialog;
use crate::parts::erased::{Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{Notice, Tone};
use crate::words;
use crate::workspace::use_workspace;

/// The sentence that explains how the connection stands and what it means for one's work.
pub fn connection_sentence(sync: &SyncStatus) -> String {
    // A retired device sends nothing more, whatever else is said to it.
    if let (false, Connection::Refused, Some(detail)) = (sync.retired, sync.connection, &sync.refusal) {
        return words::shell::refused_sentence(detail);
    }
    let word = match sync.connection {
        _ if sync.revoked => words::shell::revoked_sentence,
        _ if sync.retired => words::shell::retired_sentence,
        Connection::Offline | Connection::Refused => words::shell::offline_sentence,
        Connection::Connecting => words::shell::connecting_sentence,
        Connection::Connected if sync.is_plain => words::shell::plain_sentence,
        Connection::Connected => words::shell::connected_sentence,
        Connection::SignInNeeded => words::shell::sign_in_needed_sentence,
        Connection::Disabled => words::shell::disabled_sentence,
        Connection::WrongDevice => words::shell::wrong_device_sentence,
        Connection::VersionMismatch => words::shell::version_sentence,
    };
    word.text().to_owned()
}

/// Whether nothing is sent before somebody signs in.
pub fn needs_sign_in(connection: Connection) -> bool {
    matches!(connection, Connection::SignInNeeded | Connection::Disabled | Connection::WrongDevice)
}

/// The sentence for a store that refuses.
pub fn trouble_sentence(trouble: &StoreTrouble) -> String {
    match trouble {
        StoreTrouble::Full => words::shell::trouble_full.text().to_owned(),
        StoreTrouble::Closed => words::shell::trouble_closed.text().to_owned(),
        StoreTrouble::Unavailable => words::shell::trouble_unavailable.text().to_owned(),
        StoreTrouble::Other(detail) => words::shell::trouble_other(detail),
    }
}

/// The connection in the top bar.
#[component]
pub fn Status() -> impl IntoView {
    let sync = use_workspace().sync();
    let open = RwSignal::new(false);
    let connection = Memo::new(move || sync.with(|sync| sync.connection));
    let waiting = Memo::new(move || sync.with(|sync| sync.waiting));
    let in_trouble = Memo::new(move || sync.with(|sync| sync.trouble.is_some() || sync.retired));
    let glyph = Signal::derive(move || match connection.get() {
        _ if in_trouble.get() => Glyph::Warning,
        Connection::Offline => Glyph::CloudOff,
        Connection::Connecting => Glyph::Turning,
        Connection::Connected => Glyph::Cloud,
        Connection::Refused
        | Connection::SignInNeeded
        | Connection::Disabled
        | Connection::WrongDevice
        | Connection::VersionMismatch => Glyph::Warning,
    });
    let class = move || match connection.get() {
        _ if in_trouble.get() => "status is-trouble",
        Connection::Offline => "status is-offline",
        Connection::Connecting => "status is-connecting",
        Connection::Connected => "status is-connected",
        Connection::Refused
        | Connection::SignInNeeded
        | Connection::Disabled
        | Connection::WrongDevice
        | Connection::VersionMismatch => "status is-trouble",
    };
    view! {
        <div class=class>
            <button
                type="button"
                class="status-button"
                aria-haspopup="dialog"
                aria-describedby="status-words"
                on:click=move |_| open.set(true)
            >
                <span class="visually-hidden">{words::shell::status_details} ": "</span>
                <Icon glyph />
                <span role="status" id="status-words" class="status-words">
                    // As a whole: a page's translator may have put a copy in place of the words.
                    <span
                        class="status-connection"
                        translate="no"
                        prop:textContent=move || words::marks::connection(connection.get()).text()
                    ></span>
                    <Show when=move || { waiting.get() > 0 }>
                        <span
                            class="status-waiting"
                            translate="no"
                            prop:textContent=move || words::marks::unsent(waiting.get())
                        ></span>
                    </Show>
                </span>
            </button>
        </div>
        <Dialog open title=words::shell::status_title class="dialog-side">
            <Details open />
        </Dialog>
    }
}

#[component]
fn Details(open: RwSignal<bool>) -> impl IntoView {
    let workspace = use_workspace();
    let sync = workspace.sync();
    let storage = workspace.storage();
    // Read anew whenever the dialog opens or the status changes, so that "5 menit lalu" is true then.
    let now = move || {
        open.track();
        sync.track();
        words::time::now()
    };
    let last = move || match sync.with(|sync| sync.synced_at) {
        Some(at) => words::time::ago(at, now()),
        None => words::time::never.text().to_owned(),
    };
    let next = move || {
        sync.with(|sync| sync.next_try_at)
            .map(|at| words::time::in_seconds(at.saturating_sub(now()).div_ceil(1000)))
    };
    let needs_sign_in = move || sync.with(|sync| sync.retired || needs_sign_in(sync.connection));
    view! {
        <p class="status-lead">
            <strong
                translate="no"
                prop:textContent=move || format!("{}.", words::marks::connection(sync.with(|sync| sync.connection)).text())
            ></strong> " "
            <span translate="no" prop:textContent=move || sync.with(connection_sentence)></span>
        </p>
        {move || {
            sync.with(|sync| sync.trouble.clone())
                .map(|trouble| {
                    view! {
                        <Notice tone=Tone::Problem>
                            <p>{trouble_sentence(&trouble)}</p>
                        </Notice>
                    }
                })
        }}
        <dl class="facts">
            <div>
                <dt>{words::shell::waiting}</dt>
                <dd>{move || words::shell::changes(sync.with(|sync| sync.waiting))}</dd>
            </div>
            <div>
                <dt>{words::shell::last_sync}</dt>
                <dd>{last}</dd>
            </div>
            <div>
                <dt>{words::shell::sent}</dt>
                <dd>{move || words::time::bytes(sync.with(|sync| sync.bytes_up))}</dd>
            </div>
            <div>
                <dt>{words::shell::received}</dt>
                <dd>{move || words::time::bytes(sync.with(|sync| sync.bytes_down))}</dd>
            </div>
            {move || next().map(|next| view! { <div><dt>{words::shell::next_try}</dt><dd>{next}</dd></div> })}
            <div>
                <dt>{words::shell::storage}</dt>
                <dd>
                    {move || {
                        let health = storage.get();
                        match (health.used_bytes, health.quota_bytes) {
                            (Some(used), Some(quota)) => {
                                words::shell::storage_used(&words::time::bytes(used), &words::time::bytes(quota))
                            }
                            (Some(used), None) => words::time::bytes(used),
                            _ => words::shell::unknown.text().to_owned(),
                        }
                    }}
                </dd>
            </div>
        </dl>
        <p class="hint">{move || storage.get().persisted.map(persistence_sentence)}</p>
        <div class="dialog-actions">
            <Show when=needs_sign_in>
                <a class="button" href="/masuk" on:click=move |_| open.set(false)>{words::session::sign_in}</a>
            </Show>
            <button type="button" class="button button-primary" on:click=move |_| workspace.try_now()>
                <Icon glyph=Glyph::Turning />
                <span>{words::shell::try_now}</span>
            </button>
        </div>
    }
}

/// Whether the browser promised to keep what is stored.
pub fn persistence_sentence(persisted: bool) -> &'static str {
    if persisted { words::shell::storage_kept.text() } else { words::shell::storage_not_kept.text() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retired_device_is_told_first_and_else_the_relay_refuses_in_its_own_words() {
        let refused = SyncStatus {
            connection: Connection::Refused,
            refusal: Some("alamat ini tidak dilayani".to_owned()),
            ..SyncStatus::default()
        };
        assert!(connection_sentence(&refused).contains("alamat ini tidak dilayani"));
        let retired = SyncStatus { retired: true, ..refused.clone() };
        assert_eq!(connection_sentence(&retired), words::shell::retired_sentence.text());
        let revoked = SyncStatus { revoked: true, ..retired };
        assert_eq!(connection_sentence(&revoked), words::shell::revoked_sentence.text());
        let silent = SyncStatus { refusal: None, ..refused };
        assert_eq!(connection_sentence(&silent), words::shell::offline_sentence.text());
    }

    #[test]
    fn who_works_by_plain_requests_is_told_so_only_while_connected() {
        let told = |connection| {
            connection_sentence(&SyncStatus { connection, is_plain: true, ..SyncStatus::default() })
        };
        assert_eq!(told(Connection::Connected), words::shell::plain_sentence.text());
        assert_eq!(told(Connection::Offline), words::shell::offline_sentence.text());
    }
}
