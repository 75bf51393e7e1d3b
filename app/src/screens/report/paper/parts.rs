//! The parts that the forms of a report share.

use leptos::prelude::*;
use shared::domain::paper::sentences::{basis_sentence, follow_up_sentences};
use shared::model::feed_settings::Official;
use shared::model::field::Item;
use shared::model::trip_report::{Basis, FollowUp, Heading, Outcome, Traveller};

use crate::screens::paper::{Acknowledged, Paragraphs, Signer};
use crate::words::choices::Choice;
use crate::words::{Language, with_language};

/// Whether a text says anything.
pub fn has_text(text: &str) -> bool {
    !text.trim().is_empty()
}

/// Whether anything of a traveller was filled in.
pub fn is_there(traveller: &Traveller) -> bool {
    [&traveller.name, &traveller.rank, &traveller.position, &traveller.office]
        .into_iter()
        .flatten()
        .any(|text| has_text(text))
}

/// A sentence of the page's own.
pub fn sentence(text: Option<String>) -> Option<AnyView> {
    text.map(|text| view! { <p class="paper-told">{text}</p> }.into_any())
}

fn role(traveller: &Traveller) -> String {
    traveller.role.map(|role| with_language(Language::Indonesian, role.word()).to_owned()).unwrap_or_default()
}

/// *Dasar*: a paragraph where there is one, else a list.
#[component]
pub fn Bases(bases: Vec<Item<Basis>>, class: &'static str) -> impl IntoView {
    let texts: Vec<String> = bases
        .into_iter()
        .map(|item| {
            let told = basis_sentence(&item.value).unwrap_or_default();
            [item.value.text.trim_end(), &told].join(" ").trim().to_owned()
        })
        .filter(|text| has_text(text))
        .collect();
    if texts.len() > 1 {
        let items = texts.into_iter().map(|text| view! { <li><Paragraphs text /></li> });
        view! { <ol class=class>{items.collect_view()}</ol> }.into_any()
    } else {
        texts.into_iter().map(|text| view! { <Paragraphs text /> }).collect_view().into_any()
    }
}

/// *Hasil*, numbered.
#[component]
pub fn Outcomes(outcomes: Vec<Item<Outcome>>) -> impl IntoView {
    (!outcomes.is_empty()).then(|| {
        view! {
            <ol class="paper-list">
                {outcomes.into_iter().map(|outcome| view! { <li><Paragraphs text=outcome.value.text /></li> }).collect_view()}
            </ol>
        }
    })
}

/// *Tindak lanjut*, with who does it, until when, and how far it is.
#[component]
pub fn FollowUps(follow_ups: Vec<Item<FollowUp>>) -> impl IntoView {
    let texts: Vec<String> = follow_ups
        .into_iter()
        .map(|item| {
            let (text, more) = (item.value.text.trim_end(), follow_up_sentences(&item.value));
            // What follows is a sentence of its own.
            let stop = if more.is_empty() || text.is_empty() || text.ends_with(['.', '!', '?', ':', ';']) {
                ""
            } else {
                "."
            };
            format!("{text}{stop} {more}").trim().to_owned()
        })
        .filter(|text| has_text(text))
        .collect();
    (!texts.is_empty()).then(|| {
        view! {
            <h4>"Tindak lanjut"</h4>
            <ol class="paper-list">
                {texts.into_iter().map(|text| view! { <li><Paragraphs text /></li> }).collect_view()}
            </ol>
        }
    })
}

/// *Kesimpulan*, *saran* and the closing words.
#[component]
pub fn Closing(heading: Heading) -> impl IntoView {
    view! {
        {has_text(&heading.conclusion).then(|| view! { <h4>"Kesimpulan"</h4> <Paragraphs text=heading.conclusion /> })}
        {has_text(&heading.advice).then(|| view! { <h4>"Saran"</h4> <Paragraphs text=heading.advice /> })}
        <Paragraphs text=heading.closing />
    }
}

/// Who travelled, as form B has it.
#[component]
pub fn TravellerTable(travellers: Vec<Traveller>) -> impl IntoView {
    travellers
        .into_iter()
        .enumerate()
        .map(|(place, traveller)| {
            let role = role(&traveller);
            let rows = [
                ("Nama", traveller.name.unwrap_or_default()),
                ("Pangkat/Golongan", traveller.rank.unwrap_or_default()),
                ("Jabatan", traveller.position.unwrap_or_default()),
                ("Satuan kerja", traveller.office.unwrap_or_default()),
                ("Kedudukan", role),
            ];
            view! {
                <table class="paper-person">
                    <tbody>
                        {rows
                            .into_iter()
                            .filter(|(_, text)| has_text(text))
                            .enumerate()
                            .map(|(row, (name, text))| view! {
                                <tr>
                                    <td>{(row == 0).then(|| format!("{}.", place + 1))}</td>
                                    <th scope="row">{name}</th>
                                    <td>": " {text}</td>
                                </tr>
                            })
                            .collect_view()}
                    </tbody>
                </table>
            }
        })
        .collect_view()
}

/// What stands at the signature of who travelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SignerLines {
    /// Part, position, office and rank too, which stand nowhere else on the page.
    Full,
    /// The name alone.
    NameAlone,
}

/// The foot of a report: place and day, *Mengetahui*, a signature of each traveller, and *tembusan*.
#[component]
pub fn Foot(
    dateline: Option<String>,
    travellers: Vec<Traveller>,
    lines: SignerLines,
    heading: Heading,
    officials: Vec<Official>,
) -> impl IntoView {
    // Two sign beside each other; more stand by themselves, and *Mengetahui* beneath them.
    let is_alone = travellers.len() == 1;
    const MADE_BY: &str = "Yang membuat laporan,";
    let signer = move |traveller: Traveller| {
        let role = role(&traveller);
        let Traveller { name, rank, position, office, .. } = traveller;
        let (above, beneath) = match lines {
            SignerLines::Full => (vec![Some(role), position, office], rank),
            SignerLines::NameAlone => (Vec::new(), None),
        };
        let made_by = is_alone.then(|| MADE_BY.to_owned());
        let above: Vec<String> = made_by.into_iter().chain(above.into_iter().flatten()).collect();
        let beneath: Vec<String> = beneath.into_iter().collect();
        view! { <Signer above name=name.unwrap_or_default() beneath /> }
    };
    let has_many = travellers.len() > 1;
    let signers = travellers.into_iter().map(signer).collect_view();
    let acknowledged = view! { <Acknowledged text=heading.acknowledged_by officials /> };
    view! {
        // In one, which no page ends in.
        <div class="paper-foot">
            <div class="paper-signatures">
                {dateline.map(|line| view! { <p class="paper-dateline">{line}</p> })}
                {if has_many {
                    view! {
                        <p class="paper-made-by">{MADE_BY}</p>
                        <div class="paper-signers">{signers}</div>
                        <div class="paper-acknowledged">{acknowledged}</div>
                    }
                    .into_any()
                } else {
                    view! { <div class="paper-signing">{acknowledged} {signers}</div> }.into_any()
                }}
            </div>
            {has_text(&heading.copies).then(|| view! { <Copies text=heading.copies /> })}
        </div>
    }
}

/// *Tembusan*, one a line.
#[component]
fn Copies(text: String) -> impl IntoView {
    let lines: Vec<String> = text.lines().filter(|line| has_text(line)).map(str::to_owned).collect();
    view! {
        <div class="paper-copies">
            <p>"Tembusan:"</p>
            <ol class="paper-list">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ol>
        </div>
    }
}
