//! Banners above the page: a demonstration relay, a new version, a clock that is off, a relay that refuses, a session that is over.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::model::moment::Clock;
use shared::sync::client::Connection;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::json::Read;
use crate::parts::erased::{Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::route::use_place;
use crate::words;
use crate::workspace::use_workspace;

const REMEMBERED: &str = "simpul.demo";

/// The banners that apply just now.
#[component]
pub fn Banners() -> impl IntoView {
    let workspace = use_workspace();
    let sync = workspace.sync();
    let update_ready = workspace.update_ready();
    let path = use_place().path;
    let needs_sign_in = Memo::new(move || {
        // Where one signs in, the page itself says so.
        path.get() != "/masuk" && sync.with(|sync| sync.retired || super::needs_sign_in(sync.connection))
    });
    let is_refused = Memo::new(move || sync.with(|sync| sync.connection == Connection::Refused));
    let clock_is_off =
        Memo::new(move || sync.with(|sync| Clock::of_offset(sync.clock_offset_ms)) == Clock::Wrong);
    view! {
        <aside aria-label=words::shell::banners>
        <DemoBanner />
        <Show when=move || update_ready.get()>
            <div class="banner banner-update" role="status">
                <Icon glyph=Glyph::Turning />
                <p><strong>{words::shell::update_ready}</strong> " " {words::shell::update_kept}</p>
                <button type="button" class="button button-small" on:click=move |_| workspace.apply_update()>
                    {words::shell::update_apply}
                </button>
            </div>
        </Show>
        <Show when=move || clock_is_off.get()>
            <div class="banner banner-warning" role="status">
                <Icon glyph=Glyph::Warning />
                <p><strong>{words::shell::clock_off}</strong> " " {words::shell::clock_off_sentence}</p>
            </div>
        </Show>
        <Show when=move || is_refused.get()>
            <div class="banner banner-warning" role="status">
                <Icon glyph=Glyph::Warning />
                <p>{move || sync.with(super::status::connection_sentence)}</p>
            </div>
        </Show>
        <Show when=move || needs_sign_in.get()>
            <div class="banner banner-warning" role="status">
                <Icon glyph=Glyph::Person />
                <p>{move || sync.with(super::status::connection_sentence)}</p>
                <a class="button button-small" href="/masuk">{words::session::sign_in}</a>
            </div>
        </Show>
        </aside>
    }
}

/// Says that people and numbers are made up, where the relay says that it is one for demonstration. The
/// answer is remembered, so that the banner also stands while offline.
#[component]
pub fn DemoBanner() -> impl IntoView {
    let remembered = storage().and_then(|storage| storage.get_item(REMEMBERED).ok().flatten());
    let is_demo = RwSignal::new(remembered.as_deref() == Some("yes"));
    spawn_local(async move {
        // Without an answer the remembered one stands.
        let Some(demo) = ask_whether_demo().await else { return };
        if let Some(storage) = storage() {
            let _ = storage.set_item(REMEMBERED, if demo { "yes" } else { "no" });
        }
        is_demo.try_set(demo);
    });
    view! {
        <Show when=move || is_demo.get()>
            <p class="banner banner-demo">
                <Icon glyph=Glyph::Information />
                <span>{words::shell::demo}</span>
            </p>
        </Show>
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

async fn ask_whether_demo() -> Option<bool> {
    let response = JsFuture::from(window().fetch_with_str("/api/v1/about")).await.ok()?;
    let response: web_sys::Response = response.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    Some(Read::parse(text.as_bytes())?.get("demo").is_true())
}
