//! The report as the office's paper: layout A, sections I to IV in order. Indonesian whatever the screen
//! speaks. The same component is the preview and the print.

use leptos::prelude::*;
use shared::domain::date_text::date_text;
use shared::model::trip_report::{Traveller, TripReport};

use crate::parts::erased::Memo;
use crate::screens::paper::{Emphasised, Letterhead, Paragraphs, UnreadNote, VersionMark};
use crate::workspace::OpenRecord;

/// The paper, following the record.
#[component]
pub fn ReportPaper(
    /// The report.
    record: OpenRecord,
) -> impl IntoView {
    let report = Memo::new(move || record.read(TripReport::read).unwrap_or_default());
    view! {
        <article class="paper" lang="id">
            <Letterhead record />
            {move || view! { <Sheet report=report.get() /> }}
            <UnreadNote record />
            <VersionMark record />
        </article>
    }
}

#[component]
fn Sheet(report: TripReport) -> impl IntoView {
    let heading = report.heading;
    let has_text = |text: &str| !text.trim().is_empty();
    let signature = match (&heading.place, heading.dated_on) {
        (None, None) => None,
        (place, date) => {
            let place = place.clone();
            let date = date.map(date_text);
            Some([place, date].into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
    };
    let bases = report.bases;
    let several = bases.len() > 1;
    view! {
        <h2 class="paper-title">"LAPORAN HASIL PERJALANAN DINAS"</h2>
        {heading.number.map(|number| view! { <p class="paper-number">"Nomor: " {number}</p> })}
        {has_text(&heading.addressee).then(|| view! { <p>"Yth. " {heading.addressee}</p> })}
        {has_text(&heading.preamble).then(|| view! { <Paragraphs text=heading.preamble /> })}

        <h3>"I. PENDAHULUAN"</h3>
        <h4>"1. Dasar Hukum"</h4>
        {if several {
            view! {
                <ol class="paper-list paper-letters">
                    {bases.into_iter().map(|basis| view! { <li><Paragraphs text=basis.value.text /></li> }).collect_view()}
                </ol>
            }.into_any()
        } else {
            bases.into_iter().map(|basis| view! { <Paragraphs text=basis.value.text /> }).collect_view().into_any()
        }}
        <h4>"2. Maksud dan Tujuan"</h4>
        <Paragraphs text=heading.purpose />

        <h3>"II. KEGIATAN YANG DILAKSANAKAN"</h3>
        <Paragraphs text=heading.activities />

        <h3>"III. HASIL YANG DICAPAI"</h3>
        <ol class="paper-list">
            {report.outcomes.into_iter().map(|outcome| view! { <li><Paragraphs text=outcome.value.text /></li> }).collect_view()}
        </ol>
        {(!report.follow_ups.is_empty()).then(|| view! {
            <h4>"Tindak lanjut"</h4>
            <ol class="paper-list">
                {report.follow_ups.into_iter().map(|item| {
                    let follow_up = item.value;
                    let responsible = follow_up.responsible.map(|who| format!(" Penanggung jawab: {who}."));
                    let due = follow_up.due_on.map(|day| format!(" Tenggat: {}.", date_text(day)));
                    view! { <li><p><Emphasised text=follow_up.text /> {responsible} {due}</p></li> }
                }).collect_view()}
            </ol>
        })}

        <h3>"IV. PENUTUP"</h3>
        {has_text(&heading.conclusion).then(|| view! { <h4>"Kesimpulan"</h4> <Paragraphs text=heading.conclusion /> })}
        {has_text(&heading.advice).then(|| view! { <h4>"Saran"</h4> <Paragraphs text=heading.advice /> })}
        <Paragraphs text=heading.closing />

        <div class="paper-signatures">
            {signature.map(|line| view! { <p class="paper-dateline">{line}</p> })}
            {(!report.travellers.is_empty()).then(|| view! { <p>"Yang membuat laporan,"</p> })}
            <div class="paper-signers">
                {report.travellers.into_iter().map(|item| view! { <Signer traveller=item.value /> }).collect_view()}
            </div>
        </div>
        {has_text(&heading.copies).then(|| view! {
            <div class="paper-copies">
                <p>"Tembusan:"</p>
                <ol class="paper-list">
                    {heading.copies.lines().filter(|line| !line.trim().is_empty()).map(|line| view! { <li>{line.to_owned()}</li> }).collect_view()}
                </ol>
            </div>
        })}
    }
}

/// One line of signature: position, room for the hand, name, rank.
#[component]
fn Signer(traveller: Traveller) -> impl IntoView {
    view! {
        <div class="paper-signer">
            <p>{traveller.position}</p>
            <p class="paper-hand" aria-hidden="true"></p>
            <p class="paper-name">{traveller.name}</p>
            {traveller.rank.map(|rank| view! { <p>{rank}</p> })}
        </div>
    }
}
