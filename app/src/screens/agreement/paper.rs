//! The agreement as a printed record. Indonesian whatever the screen speaks.

use leptos::prelude::*;
use shared::domain::date_text::{date_text, range_text};
use shared::model::agreement::Agreement;

use crate::parts::erased::Memo;
use crate::screens::paper::{Letterhead, Paragraphs, UnreadNote, VersionMark};
use crate::words::choices::Choice;
use crate::words::{Language, spoken_in, with_language};
use crate::workspace::OpenRecord;

/// The paper, following the record.
#[component]
pub fn AgreementPaper(
    /// The agreement.
    record: OpenRecord,
) -> impl IntoView {
    let agreement = Memo::new(move || record.read(Agreement::read).unwrap_or_default());
    view! {
        <article class="paper" lang="id">
            <Letterhead record />
            {move || view! { <Sheet agreement=agreement.get() /> }}
            <UnreadNote record />
            <VersionMark record />
        </article>
    }
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
    let indonesian = |word: crate::words::Word| with_language(Language::Indonesian, word).to_owned();
    let country = |stored: &str| spoken_in(Language::Indonesian, || crate::words::country(stored).to_owned());
    let partner = [identity.partner, identity.country.map(|stored| format!("({})", country(&stored)))];
    let rows = [
        ("Judul", identity.title),
        ("Jenis", identity.agreement_type.map(|kind| indonesian(kind.word())).unwrap_or_default()),
        ("Daerah", identity.region.unwrap_or_default()),
        ("Mitra", partner.into_iter().flatten().collect::<Vec<_>>().join(" ")),
        ("Ruang lingkup", identity.fields),
        ("Nomor naskah", identity.number.unwrap_or_default()),
        ("Masa berlaku", term),
        ("Keadaan", identity.activity.map(|activity| indonesian(activity.word())).unwrap_or_default()),
        ("Pelaksana", identity.responsible.unwrap_or_default()),
        ("Dasar hukum", identity.legal_basis),
    ];
    view! {
        <h2 class="paper-title">"CATATAN KERJA SAMA DAERAH"</h2>
        <table class="paper-table">
            <tbody>
                {rows
                    .into_iter()
                    .filter(|(_, text)| !text.trim().is_empty())
                    .map(|(name, text)| view! { <tr><th scope="row">{name}</th><td><Paragraphs text /></td></tr> })
                    .collect_view()}
            </tbody>
        </table>
        <h3>"TAHAPAN"</h3>
        <table class="paper-table">
            <thead>
                <tr>
                    <th scope="col">"Tahap"</th>
                    <th scope="col">"Tanggal"</th>
                    <th scope="col">"Nomor/dokumen"</th>
                    <th scope="col">"Keterangan"</th>
                </tr>
            </thead>
            <tbody>
                {agreement.stages.into_iter().map(|item| {
                    let stage = item.value;
                    let papers = [stage.number, stage.document];
                    view! {
                        <tr>
                            <td>{stage.name.map(|name| indonesian(name.word()))}</td>
                            <td>{stage.dated_on.map(date_text)}</td>
                            <td>{papers.into_iter().flatten().collect::<Vec<_>>().join("; ")}</td>
                            <td>{stage.remark}</td>
                        </tr>
                    }
                }).collect_view()}
            </tbody>
        </table>
        {(!identity.remarks.trim().is_empty()).then(|| view! { <h3>"CATATAN"</h3> <Paragraphs text=identity.remarks /> })}
        {(!identity.sources.trim().is_empty()).then(|| view! { <h3>"SUMBER"</h3> <Paragraphs text=identity.sources /> })}
    }
}
