//! The agreement as a printed record. Indonesian whatever the screen speaks.

use leptos::prelude::*;
use shared::domain::date_text::{date_text, range_text};
use shared::model::agreement::{Agreement, Link, Stage};
use shared::model::field::Record;

use crate::parts::erased::Memo;
use crate::screens::paper::{Edition, PaperSheet, Paragraphs};
use crate::words::choices::Choice;
use crate::words::{Language, spoken_in, with_language};

/// The paper, following the record.
#[component]
pub fn AgreementPaper(
    /// What it is of.
    edition: Edition,
) -> impl IntoView {
    let agreement = Memo::new(move || edition.read(Agreement::read).unwrap_or_default());
    view! {
        <PaperSheet edition class="paper">
            {move || view! { <Sheet agreement=agreement.get() /> }}
        </PaperSheet>
    }
}

fn indonesian(word: crate::words::Word) -> String {
    with_language(Language::Indonesian, word).to_owned()
}

#[component]
fn Sheet(agreement: Agreement) -> impl IntoView {
    let identity = agreement.identity;
    let term = match (identity.starts_on, identity.ends_on) {
        (Some(start), Some(end)) => range_text(start, end),
        (Some(start), None) => format!("sejak {}", date_text(start)),
        (None, Some(end)) => format!("s.d. {}", date_text(end)),
        (None, None) => String::new(),
    };
    let country = |stored: &str| spoken_in(Language::Indonesian, || crate::words::country(stored).to_owned());
    let partner = [identity.partner, identity.country.map(|stored| format!("({})", country(&stored)))];
    let rows = [
        ("Judul", identity.title),
        ("Jenis", identity.agreement_type.map(|kind| indonesian(kind.word())).unwrap_or_default()),
        ("Daerah", identity.region.unwrap_or_default()),
        ("Nama daerah saat penandatanganan", identity.region_when_signed.unwrap_or_default()),
        ("Mitra", partner.into_iter().flatten().collect::<Vec<_>>().join(" ")),
        (
            "Bentuk wilayah mitra",
            identity.partner_kind.map(|kind| indonesian(kind.word())).unwrap_or_default(),
        ),
        ("Pemrakarsa", identity.initiator.unwrap_or_default()),
        ("Ruang lingkup", identity.fields),
        ("Nomor naskah", identity.number.unwrap_or_default()),
        ("Masa berlaku", term),
        ("Keadaan", identity.activity.map(|activity| indonesian(activity.word())).unwrap_or_default()),
        ("Pelaksana", identity.responsible.unwrap_or_default()),
        ("Dasar hukum", identity.legal_basis),
    ];
    let mut stages: Vec<Stage> =
        agreement.stages.into_iter().map(|item| item.value).filter(|stage| !stage.is_blank()).collect();
    // As on the line of stages, however they were entered.
    stages.sort_by_key(|stage| (stage.name.is_none(), stage.name));
    let links: Vec<Link> =
        agreement.links.into_iter().map(|item| item.value).filter(|link| !link.is_blank()).collect();
    view! {
        <h2 class="paper-title">"CATATAN KERJA SAMA DAERAH"</h2>
        <table class="paper-table paper-facts">
            <tbody>
                {rows
                    .into_iter()
                    .filter(|(_, text)| !text.trim().is_empty())
                    .map(|(name, text)| view! { <tr><th scope="row">{name}</th><td><Paragraphs text /></td></tr> })
                    .collect_view()}
            </tbody>
        </table>
        {(!stages.is_empty()).then(|| view! { <Stages stages /> })}
        {(!identity.remarks.trim().is_empty()).then(|| view! { <h3>"CATATAN"</h3> <Paragraphs text=identity.remarks /> })}
        {(!identity.sources.trim().is_empty()).then(|| view! { <h3>"SUMBER"</h3> <Paragraphs text=identity.sources /> })}
        {(!links.is_empty()).then(|| view! {
            <h3>"TAUTAN"</h3>
            <ul class="paper-bullets">
                {links.into_iter().map(|link| {
                    let parts = [link.title, link.target].into_iter().flatten();
                    view! { <li>{parts.collect::<Vec<_>>().join(": ")}</li> }
                }).collect_view()}
            </ul>
        })}
    }
}

/// The columns of the stages. A narrow screen has their names in the cells.
const COLUMNS: [&str; 5] = ["Tahap", "Tanggal", "Nomor/dokumen", "Tempat", "Keterangan"];

#[component]
fn Stages(stages: Vec<Stage>) -> impl IntoView {
    view! {
        <h3>"TAHAPAN"</h3>
        <table class="paper-table">
            <thead>
                <tr>
                    {COLUMNS.map(|name| view! { <th scope="col">{name}</th> })}
                </tr>
            </thead>
            <tbody>
                {stages.into_iter().map(|stage| {
                    let of = |parts: [Option<String>; 2]| {
                        let parts: Vec<String> = parts.into_iter().flatten().collect();
                        (!parts.is_empty()).then(|| parts.join("; "))
                    };
                    let officials = Some(stage.officials).filter(|text| !text.trim().is_empty());
                    let officials = officials.map(|text| format!("Pejabat: {text}\n\n")).unwrap_or_default();
                    view! {
                        <tr>
                            <td>{stage.name.map(|name| indonesian(name.word()))}</td>
                            <td data-name=COLUMNS[1]>{stage.dated_on.map(date_text)}</td>
                            <td data-name=COLUMNS[2]>{of([stage.number, stage.document])}</td>
                            <td data-name=COLUMNS[3]>{of([stage.place, stage.partner_place])}</td>
                            <td data-name=COLUMNS[4]><Paragraphs text=officials + &stage.remark /></td>
                        </tr>
                    }
                }).collect_view()}
            </tbody>
        </table>
    }
}
