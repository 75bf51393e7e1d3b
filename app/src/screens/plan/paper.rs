//! The action plan as a printed matrix, across the page. Indonesian whatever the screen speaks.

use leptos::prelude::*;
use shared::domain::date::PartialDate;
use shared::domain::date_text::{date_text, range_text};
use shared::domain::decimal::Decimal;
use shared::model::action_plan::{ActionPlan, Heading, Line, Totals};
use shared::model::feed_settings::Official;
use shared::model::field::Record;

use crate::parts::amount::breakable;
use crate::parts::erased::Memo;
use crate::screens::paper::{Acknowledged, Edition, Emphasised, PaperSheet, Paragraphs, Signer};
use crate::words::choices::Choice;
use crate::words::{Language, with_language};
use crate::workspace::use_workspace;

/// The paper, following the record.
#[component]
pub fn PlanPaper(
    /// What it is of.
    edition: Edition,
) -> impl IntoView {
    let plan = Memo::new(move || edition.read(ActionPlan::read).unwrap_or_default());
    let totals = Memo::new(move || edition.read(Totals::of).unwrap_or_default());
    let workspace = use_workspace();
    let officials = Memo::new(move || workspace.feed_settings(&edition.record.home()).officials);
    view! {
        <PaperSheet edition class="paper paper-wide">
            {move || sheet(plan.get(), totals.get(), officials.get())}
        </PaperSheet>
    }
}

/// The columns, each with the class that gives its width.
const COLUMNS: [(&str, &str); 12] = [
    ("No.", "paper-col-number"),
    ("Bidang", "paper-col-text"),
    ("Kegiatan", "paper-col-long"),
    ("Keluaran", "paper-col-output"),
    ("Target", "paper-col-short"),
    ("Penanggung jawab", "paper-col-who"),
    ("Triwulan", "paper-col-short"),
    ("Sumber dana", "paper-col-source"),
    ("Pagu (Rp)", "paper-col-amount"),
    ("Realisasi (Rp)", "paper-col-amount"),
    ("Fisik (%)", "paper-col-percent"),
    ("Status", "paper-col-short"),
];

fn sheet(plan: ActionPlan, totals: Totals, officials: Vec<Official>) -> AnyView {
    // Each with its number on the screen, where a blank line has one too.
    let lines = (1..).zip(plan.lines.into_iter().map(|item| item.value));
    let mut lines: Vec<(usize, Line)> = lines.filter(|(_, line)| !line.is_blank()).collect();
    let count = lines.len();
    let last = lines.pop();
    view! {
        <h2 class="paper-title">"RENCANA AKSI"</h2>
        <p class="paper-number">{plan.heading.title.clone()}</p>
        {facts(&plan.heading)}
        <table class="paper-table paper-matrix">
            <colgroup>{COLUMNS.map(|(_, class)| view! { <col class=class /> })}</colgroup>
            <thead>
                <tr>{COLUMNS.map(|(name, _)| view! { <th scope="col">{name}</th> })}</tr>
            </thead>
            {lines
                .into_iter()
                .map(|(number, line)| view! { <tbody class="paper-line">{rows_of(number, line)}</tbody> })
                .collect_view()}
            // In one, which no page ends in, so that nobody signs on an empty sheet. No `tfoot`, which a browser prints on
            // each page.
            <tbody class="paper-line">
                {last.map(|(number, line)| rows_of(number, line))}
                <tr>
                    <th scope="row" colspan="8">"Jumlah"</th>
                    <td data-name=COLUMNS[8].0 class="paper-amount">{breakable(totals.ceiling)}</td>
                    <td data-name=COLUMNS[9].0 class="paper-amount">{breakable(totals.spent)}</td>
                    <td colspan="2">
                        {format!("{} dari {count} selesai", totals.done)}
                        {(totals.unreadable > 0)
                            .then(|| format!("; jumlah tanpa {} nilai yang tidak terbaca", totals.unreadable))}
                    </td>
                </tr>
                {signatures(plan.heading, officials).map(|signatures| view! {
                    <tr><td class="paper-signed" colspan="12">{signatures}</td></tr>
                })}
            </tbody>
        </table>
    }
    .into_any()
}

/// What is known of the plan as a whole, but for who adopted it: they sign.
fn facts(heading: &Heading) -> AnyView {
    let period = period(heading.starts_on, heading.ends_on);
    let rows = [
        ("Mitra", heading.partner.clone().unwrap_or_default()),
        ("Periode", period),
        ("Kelompok kerja", heading.working_group.lines().collect::<Vec<_>>().join(", ")),
    ];
    let rows = rows.into_iter().filter(|(_, text)| !text.trim().is_empty());
    view! {
        <table class="paper-person">
            <tbody>
                {rows
                    .map(|(name, text)| view! { <tr><th scope="row">{name}</th><td>": " {text}</td></tr> })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

/// From when to when, as far as that is known.
fn period(start: Option<PartialDate>, end: Option<PartialDate>) -> String {
    match (start, end) {
        (Some(start), Some(end)) => range_text(start, end),
        (Some(start), None) => format!("mulai {}", date_text(start)),
        (None, Some(end)) => format!("s.d. {}", date_text(end)),
        (None, None) => String::new(),
    }
}

/// A line, and beneath it what has no column.
fn rows_of(number: usize, line: Line) -> AnyView {
    let more = more_of(&line);
    let indonesian = |word: crate::words::Word| with_language(Language::Indonesian, word);
    let quarters = [line.quarter_1, line.quarter_2, line.quarter_3, line.quarter_4];
    let quarters: Vec<&str> = ["I", "II", "III", "IV"]
        .into_iter()
        .zip(quarters)
        .filter_map(|(name, is_in)| (is_in == Some(true)).then_some(name))
        .collect();
    let target = [line.target.map(Decimal::text), line.unit];
    let rows = if more.is_empty() { "1" } else { "2" };
    // A narrow screen has the columns' names in the cells.
    let name = |place: usize| COLUMNS[place].0;
    let filled = |text: String| (!text.is_empty()).then_some(text);
    view! {
        <tr>
            <td rowspan=rows data-name=name(0)>{number}</td>
            <td data-name=name(1)>{line.field}</td>
            <td data-name=name(2)><Paragraphs text=line.activity /></td>
            <td data-name=name(3)><Paragraphs text=line.output /></td>
            <td data-name=name(4)>{filled(target.into_iter().flatten().collect::<Vec<_>>().join(" "))}</td>
            <td data-name=name(5)>{line.responsible}</td>
            <td data-name=name(6)>{filled(quarters.join(", "))}</td>
            <td data-name=name(7)>{line.funding.map(|funding| breaking(indonesian(funding.word())))}</td>
            <td data-name=name(8) class="paper-amount">{line.ceiling.map(breakable)}</td>
            <td data-name=name(9) class="paper-amount">{line.spent.map(breakable)}</td>
            <td data-name=name(10) class="paper-amount">{line.progress.map(Decimal::text)}</td>
            <td data-name=name(11)>{line.status.map(|status| indonesian(status.word()))}</td>
        </tr>
        {(!more.is_empty()).then(|| view! {
            <tr>
                <td class="paper-more" colspan="11">
                    <div>
                        {more
                            .into_iter()
                            .map(|(name, text)| view! { <p><b>{name} ": "</b> <Emphasised text /></p> })
                            .collect_view()}
                    </div>
                </td>
            </tr>
        })}
    }
    .into_any()
}

/// Words that a narrow column breaks after a stroke, before it breaks one of them.
fn breaking(words: &str) -> AnyView {
    words.split_inclusive('/').map(|part| view! { {part.to_owned()} <wbr /> }).collect_view().into_any()
}

/// What was filled in of a line and has no column of its own.
fn more_of(line: &Line) -> Vec<(&'static str, String)> {
    let time = period(line.starts_on, line.ends_on);
    let text = |fact: &Option<String>| fact.clone().unwrap_or_default();
    [
        ("Program", line.programme.clone()),
        ("Sub kegiatan", line.sub_activity.clone()),
        ("Tujuan", line.purpose.clone()),
        ("Indikator", line.indicator.clone()),
        ("Lokasi", text(&line.location)),
        ("Waktu", time),
        ("Pendukung", text(&line.supporting)),
        ("PIC mitra", text(&line.partner_contact)),
        ("Pembagian peran", line.division.clone()),
        ("Kode rekening", text(&line.account_code)),
        ("Hambatan", line.obstacle.clone()),
        ("Upaya", line.remedy.clone()),
        ("Tindak lanjut", line.follow_up.clone()),
        ("Catatan", line.remark.clone()),
    ]
    .into_iter()
    .filter(|(_, text)| !text.trim().is_empty())
    .collect()
}

/// Who adopted the plan, and *Mengetahui*; nothing where neither is known.
fn signatures(heading: Heading, officials: Vec<Official>) -> Option<AnyView> {
    let adopted_by = heading.adopted_by.unwrap_or_default();
    let adoption = match heading.adopted_on {
        Some(date) => Some(format!("Disahkan pada {},", date_text(date))),
        None if !adopted_by.trim().is_empty() => Some("Disahkan oleh".to_owned()),
        None => None,
    };
    (adoption.is_some() || heading.acknowledged_by.is_some()).then(|| {
        view! {
            <div class="paper-signatures">
                <div class="paper-signing">
                    <Acknowledged text=heading.acknowledged_by officials />
                    {adoption.map(|line| view! { <Signer above=vec![line] name=adopted_by beneath=Vec::new() /> })}
                </div>
            </div>
        }
        .into_any()
    })
}
