//! *Tempat sampah*: records that were removed, all of them still there.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::model::edit::Edit;
use shared::role::Role;

use super::row::{Row, kind_glyph};
use crate::parts::author::author_name;
use crate::parts::erased::{For, Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::notice::{self, Tone};
use crate::parts::page::{EmptyState, PageHead};
use crate::words;
use crate::workspace::{Workspace, use_workspace};

/// The page.
#[component]
pub fn BinPage() -> impl IntoView {
    let workspace = use_workspace();
    let records = workspace.records();
    let rows = Memo::new(move || {
        records.with(|records| {
            records.iter().filter(|record| record.summary.is_in_bin()).map(Row::of).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="page">
            <PageHead title=words::shell::bin lead=words::lists::bin_lead />
            <Show
                when=move || rows.with(|rows| !rows.is_empty())
                fallback=|| {
                    view! {
                        <EmptyState
                            glyph=Glyph::Bin
                            title=words::lists::bin_empty
                            sentence=words::lists::bin_empty_sentence
                        />
                    }
                }
            >
                <ul class="rows">
                    <For each=move || rows.get() key=Row::key let:row>
                        <BinRow row workspace />
                    </For>
                </ul>
            </Show>
        </div>
    }
}

#[component]
fn RestoreButton(
    /// What it does, with the record's title.
    label: String,
    /// It was pressed.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button type="button" class="button button-small" aria-label=label on:click=move |_| on_press.run(())>
            <Icon glyph=Glyph::Restore />
            <span>{words::parts::restore}</span>
        </button>
    }
}

#[component]
fn BinRow(row: Row, workspace: Workspace) -> impl IntoView {
    let named = row.title.clone();
    let title =
        move || if named.is_empty() { words::marks::untitled.text().to_owned() } else { named.clone() };
    let label = title.clone();
    let restored = title.clone();
    let edited_at = row.edited_at;
    let parties = row.parties();
    let by = row.discarded_by;
    let who = move || by.map(|by| words::lists::binned_by(&author_name(&workspace, by)));
    let home = row.home.clone();
    let may_restore = move || workspace.role_in(&home).is_some_and(Role::may_write);
    let restore = Callback::new(move |()| {
        let name = restored();
        spawn_local(async move {
            match workspace.open(row.doc).await {
                Ok(record) => {
                    record.edit(Edit::Recover);
                    record.flush();
                    notice::tell(Tone::Success, words::lists::restored(&name));
                }
                Err(_) => notice::tell(Tone::Problem, words::lists::not_restored.text()),
            }
        });
    });
    view! {
        <li>
            <div class="row row-bin">
                <Icon glyph=kind_glyph(row.kind) />
                <div>
                    <p class="row-title">{title}</p>
                    <p class="row-text">{parties}</p>
                    <p class="row-text">{who}</p>
                    <p class="row-text">{move || words::time::ago(edited_at, words::time::now())}</p>
                </div>
                <Show when=may_restore>
                    <RestoreButton label=words::lists::restore_this(&label()) on_press=restore />
                </Show>
            </div>
        </li>
    }
}
