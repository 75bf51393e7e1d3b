//! What the workspace tells about a person's work, as notices at the edge of the page.

use leptos::prelude::*;
use shared::device::table::StoreTrouble;

use super::status::trouble_sentence;
use crate::parts::erased::effect;
use crate::parts::notice::{Tone, take_back, tell};
use crate::places::doc_in;
use crate::route::use_place;
use crate::words;
use crate::workspace::{PageNotice, use_workspace};

/// Tells each notice of the workspace as it comes, whatever page is shown.
pub fn tell_of_work() {
    let workspace = use_workspace();
    let notices = workspace.notices();
    let path = use_place().path;
    let mut last = None::<u64>;
    let mut told: Vec<(u64, String)> = Vec::new();
    effect(move || {
        let all = notices.get();
        let (standing, settled): (Vec<_>, Vec<_>) =
            told.drain(..).partition(|(number, _)| all.iter().any(|(other, _)| other == number));
        told = standing;
        for (_, text) in settled {
            // What is true no more, unless it is so of another record still.
            if told.iter().all(|(_, other)| *other != text) {
                take_back(&text);
            }
        }
        let before = last;
        last = all.last().map(|(number, _)| *number).max(before);
        for (number, notice) in all.into_iter().filter(|(number, _)| Some(*number) > before) {
            let is_here = |doc| doc_in(&path.get_untracked()) == Some(doc);
            let (tone, text) = match notice {
                // Who has it open need not be told to open it.
                PageNotice::Refused { doc, code } if is_here(doc) => {
                    let word = if code.is_of_decision() {
                        words::work::decision_refused_here
                    } else {
                        words::work::refused_here
                    };
                    (Tone::Problem, word.text().to_owned())
                }
                notice => sentence(&notice),
            };
            told.push((number, text.clone()));
            tell(tone, text);
        }
    });
}

fn sentence(notice: &PageNotice) -> (Tone, String) {
    match notice {
        PageNotice::EditRefused { .. } => (Tone::Warning, words::work::edit_refused.text().to_owned()),
        PageNotice::NotStored { trouble, .. } => {
            // Where room helps it is said; a reload, which other sentences advise, would lose what is only in this tab.
            let full = (*trouble == StoreTrouble::Full).then(|| trouble_sentence(trouble));
            let sentences = [Some(words::work::not_stored.text().to_owned()), full];
            (Tone::Problem, sentences.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        PageNotice::NotRead(trouble) => {
            (Tone::Problem, format!("{} {}", words::work::not_read.text(), trouble_sentence(trouble)))
        }
        PageNotice::Refused { code, .. } => {
            let word =
                if code.is_of_decision() { words::work::decision_refused } else { words::work::refused };
            (Tone::Problem, word.text().to_owned())
        }
        PageNotice::Crashed { .. } => (Tone::Problem, words::work::crashed.text().to_owned()),
        // It stays until it is closed: it may come while nobody looks, and says where the unsent work is.
        PageNotice::RoleLost { name } => (Tone::Problem, words::work::role_lost(name)),
        PageNotice::DeviceRetired => (Tone::Problem, words::shell::retired_sentence.text().to_owned()),
        PageNotice::DeviceRevoked => (Tone::Problem, words::shell::revoked_sentence.text().to_owned()),
        PageNotice::OthersUnsent { user, waiting } => {
            (Tone::Information, words::work::others_unsent(user.as_str(), *waiting))
        }
        PageNotice::ReloadHeld => (Tone::Warning, words::work::reload_held.text().to_owned()),
    }
}
