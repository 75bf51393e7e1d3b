//! The report as the office's paper, in one of three forms. Indonesian whatever the screen speaks. The same component is
//! the preview and the print.
//!
//! The form is a fact of the record: who approves sees the page that is printed. The size of the paper is not; it lies
//! in a printer.

use leptos::prelude::*;
use shared::domain::date_text::{date_text, long_text};
use shared::domain::paper::sentences::{DaysStand, Sentences};
use shared::model::feed_settings::Official;
use shared::model::trip_report::{Layout, Traveller, TripReport};

use crate::parts::erased::Memo;
use crate::screens::paper::{Edition, PaperSheet, Paragraphs};
use crate::workspace::use_workspace;

use parts::{
    Bases, Closing, FollowUps, Foot, Outcomes, SignerLines, TravellerTable, has_text, is_there, sentence,
};

mod parts;

/// The paper, following the record.
#[component]
pub fn ReportPaper(
    /// What it is of.
    edition: Edition,
) -> impl IntoView {
    let report = Memo::new(move || edition.read(TripReport::read).unwrap_or_default());
    let workspace = use_workspace();
    let officials = Memo::new(move || workspace.feed_settings(&edition.record.home()).officials);
    let class = move || match report.with(|report| report.heading.layout) {
        None | Some(Layout::Sections) => "paper",
        Some(Layout::Statement) => "paper paper-statement",
        Some(Layout::Short) => "paper paper-short",
    };
    view! {
        <PaperSheet edition class=class>
            {move || sheet(report.get(), officials.get())}
        </PaperSheet>
    }
}

fn sheet(mut report: TripReport, officials: Vec<Official>) -> AnyView {
    // What was added and not filled in is nothing.
    report.travellers.retain(|item| is_there(&item.value));
    report.outcomes.retain(|item| has_text(&item.value.text));
    let heading = report.heading.clone();
    // Each form ends with its closing words and the foot.
    let mut line = dateline(&report);
    let (body, lines) = match heading.layout {
        None | Some(Layout::Sections) => (sections(&report), SignerLines::Full),
        Some(Layout::Statement) => {
            // The opening has the place and the day. Without a day the place has its line above the signatures.
            line = line.filter(|_| heading.dated_on.is_none());
            (statement(&report), SignerLines::NameAlone)
        }
        Some(Layout::Short) => (short(&report), SignerLines::Full),
    };
    let travellers = travellers(&report);
    view! {
        <h2 class="paper-title">"LAPORAN HASIL PERJALANAN DINAS"</h2>
        {heading.number.clone().map(|number| view! { <p class="paper-number">"Nomor: " {number}</p> })}
        {has_text(&heading.addressee).then(|| view! { <p class="paper-addressee">"Yth. " {heading.addressee.clone()}</p> })}
        {has_text(&heading.preamble).then(|| view! { <Paragraphs text=heading.preamble.clone() /> })}
        {body}
        <Closing heading=heading.clone() />
        <Foot dateline=line travellers lines heading officials />
    }
    .into_any()
}

/// The place and day of signature; nothing where neither is known.
fn dateline(report: &TripReport) -> Option<String> {
    let parts = [report.heading.place.clone(), report.heading.dated_on.map(date_text)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Form A: four numbered sections.
fn sections(report: &TripReport) -> AnyView {
    let heading = report.heading.clone();
    let told = Sentences::of(&heading, DaysStand::WithEvent);
    view! {
        <h3>"I. PENDAHULUAN"</h3>
        <h4>"1. Dasar Hukum"</h4>
        <Bases bases=report.bases.clone() class="paper-list paper-letters" />
        <h4>"2. Maksud dan Tujuan"</h4>
        <Paragraphs text=heading.purpose.clone() />
        {sentence(told.event)}

        <h3>"II. KEGIATAN YANG DILAKSANAKAN"</h3>
        <Paragraphs text=heading.activities.clone() />
        {sentence(told.people)}

        <h3>"III. HASIL YANG DICAPAI"</h3>
        <Outcomes outcomes=report.outcomes.clone() />
        <FollowUps follow_ups=report.follow_ups.clone() />

        <h3>"IV. PENUTUP"</h3>
    }
    .into_any()
}

/// Form B: those who travelled state what they did, from departure to return.
fn statement(report: &TripReport) -> AnyView {
    let heading = report.heading.clone();
    let told = Sentences::of(&heading, DaysStand::Apart);
    let place = heading.place.clone().map(|place| format!(", bertempat di {place}")).unwrap_or_default();
    let opening = match (heading.dated_on, heading.dated_on.and_then(long_text)) {
        (_, Some(day)) => format!("Pada hari ini {day}{place}, yang bertanda tangan di bawah ini:"),
        (Some(date), None) => format!("Pada {}{place}, yang bertanda tangan di bawah ini:", date_text(date)),
        (None, None) => "Yang bertanda tangan di bawah ini:".to_owned(),
    };
    view! {
        <p>{opening}</p>
        <TravellerTable travellers=travellers(report) />
        <p>"berdasarkan:"</p>
        <Bases bases=report.bases.clone() class="paper-list" />
        <h3>"1. Keberangkatan dan tujuan"</h3>
        <Paragraphs text=heading.purpose.clone() />
        {sentence(told.event)}
        {sentence(told.when_and_where)}
        <h3>"2. Kegiatan dan hasil"</h3>
        {done(report, told.people)}
        <h3>"3. Penutup"</h3>
    }
    .into_any()
}

/// Form C: basis, date and destination, purpose, results.
fn short(report: &TripReport) -> AnyView {
    let heading = report.heading.clone();
    let told = Sentences::of(&heading, DaysStand::Apart);
    let numbers = if told.when_and_where.is_some() { ["II", "III", "IV"] } else { ["", "II", "III"] };
    view! {
        <h3>"I. Dasar"</h3>
        <Bases bases=report.bases.clone() class="paper-list" />
        {told.when_and_where.map(|when| view! {
            <h3>{format!("{}. Tanggal dan tujuan", numbers[0])}</h3>
            <p>{when}</p>
        })}
        <h3>{format!("{}. Keperluan", numbers[1])}</h3>
        <Paragraphs text=heading.purpose.clone() />
        {sentence(told.event)}
        <h3>{format!("{}. Hasil", numbers[2])}</h3>
        {done(report, told.people)}
    }
    .into_any()
}

/// What was done and what came of it, in one part.
fn done(report: &TripReport, people: Option<String>) -> AnyView {
    view! {
        <Paragraphs text=report.heading.activities.clone() />
        {sentence(people)}
        <Outcomes outcomes=report.outcomes.clone() />
        <FollowUps follow_ups=report.follow_ups.clone() />
    }
    .into_any()
}

fn travellers(report: &TripReport) -> Vec<Traveller> {
    report.travellers.iter().map(|item| item.value.clone()).collect()
}
