//! The action plan as a printed matrix, across the page. Indonesian whatever the screen speaks.

use leptos::prelude::*;
use shared::domain::date_text::range_text;
use shared::domain::decimal::Decimal;
use shared::model::action_plan::{ActionPlan, Totals};

use crate::parts::erased::Memo;
use crate::screens::paper::{Emphasised, Letterhead, UnreadNote, VersionMark};
use crate::words::choices::Choice;
use crate::words::{Language, with_language};
use crate::workspace::OpenRecord;

/// The paper, following the record.
#[component]
pub fn PlanPaper(
    /// The plan.
    record: OpenRecord,
) -> impl IntoView {
    let plan = Memo::new(move || record.read(ActionPlan::read).unwrap_or_default());
    let totals = Memo::new(move || record.read(Totals::of).unwrap_or_default());
    view! {
        <article class="paper paper-wide" lang="id">
            <Letterhead record />
            {move || view! { <Sheet plan=plan.get() totals=totals.get() /> }}
            <UnreadNote record />
            <VersionMark record />
        </article>
    }
}

#[component]
fn Sheet(plan: ActionPlan, totals: Totals) -> impl IntoView {
    let period = plan.heading.starts_on.zip(plan.heading.ends_on).map(|(start, end)| range_text(start, end));
    view! {
        <h2 class="paper-title">"RENCANA AKSI"</h2>
        <p class="paper-number">{plan.heading.title}</p>
        {period.map(|period| view! { <p class="paper-number">{period}</p> })}
        <table class="paper-table">
            <thead>
                <tr>
                    {["No.", "Bidang", "Kegiatan", "Keluaran", "Target", "Penanggung jawab", "Triwulan", "Pagu", "Realisasi", "Status"]
                        .into_iter()
                        .map(|name| view! { <th scope="col">{name}</th> })
                        .collect_view()}
                </tr>
            </thead>
            <tbody>
                {plan.lines.into_iter().enumerate().map(|(place, item)| {
                    let line = item.value;
                    let quarters = [line.quarter_1, line.quarter_2, line.quarter_3, line.quarter_4];
                    let quarters: Vec<&str> = ["I", "II", "III", "IV"]
                        .into_iter()
                        .zip(quarters)
                        .filter_map(|(name, is_in)| (is_in == Some(true)).then_some(name))
                        .collect();
                    let target = [line.target.map(Decimal::text), line.unit];
                    let status = line.status.map(|status| with_language(Language::Indonesian, status.word()));
                    view! {
                        <tr>
                            <td>{place + 1}</td>
                            <td>{line.field}</td>
                            <td><Emphasised text=line.activity /></td>
                            <td><Emphasised text=line.output /></td>
                            <td>{target.into_iter().flatten().collect::<Vec<_>>().join(" ")}</td>
                            <td>{line.responsible}</td>
                            <td>{quarters.join(", ")}</td>
                            <td class="paper-amount">{line.ceiling.map(|amount| amount.to_string())}</td>
                            <td class="paper-amount">{line.spent.map(|amount| amount.to_string())}</td>
                            <td>{status}</td>
                        </tr>
                    }
                }).collect_view()}
            </tbody>
            <tfoot>
                <tr>
                    <th scope="row" colspan="7">"Jumlah"</th>
                    <td class="paper-amount">{totals.ceiling.to_string()}</td>
                    <td class="paper-amount">{totals.spent.to_string()}</td>
                    <td>
                        {format!("{} dari {} selesai", totals.done, totals.lines)}
                        {(totals.unreadable > 0)
                            .then(|| format!("; jumlah tanpa {} nilai yang tidak terbaca", totals.unreadable))}
                    </td>
                </tr>
            </tfoot>
        </table>
    }
}
