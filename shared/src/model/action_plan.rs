//! *Rencana aksi*: the matrix of activities that several offices edit at once.

use super::document::Document;
use super::field::{Fact, FactType, FactValue, Item, List, Prose, Record, Scalar, Schema, choice, record};
use super::numbering::numbers;
use crate::domain::date::PartialDate;
use crate::domain::decimal::Decimal;
use crate::domain::money::Rupiah;
use crate::ids::{DocumentId, ItemId};

choice! {
    /// *Sumber dana*.
    pub enum FundingSource {
        /// *APBD provinsi*.
        ProvinceBudget = "apbd-provinsi",
        /// *APBD kabupaten/kota*.
        RegencyBudget = "apbd-kabupaten-kota",
        /// *APBN*.
        StateBudget = "apbn",
        /// *Mitra*.
        Partner = "mitra",
        /// *Para pihak*.
        Parties = "para-pihak",
        /// *Pihak ketiga*.
        ThirdParty = "pihak-ketiga",
        /// *Sesuai peraturan*.
        ByRegulation = "sesuai-peraturan",
    }
}

choice! {
    /// How far a line is.
    pub enum LineStatus {
        /// *Belum mulai*.
        NotStarted = "not-started",
        /// *Berjalan*.
        Running = "running",
        /// *Selesai*.
        Done = "done",
        /// *Tertunda*.
        Delayed = "delayed",
        /// *Batal*.
        Cancelled = "cancelled",
    }
}

record! {
    /// The plan's own fields.
    pub struct Heading in heading {
        /// The plan's title.
        title: Prose,
        /// The agreement that it carries out.
        agreement: Fact<DocumentId>,
        /// The partner, for lists.
        partner: Fact<String>,
        /// First year or day.
        starts_on: Fact<PartialDate>,
        /// Last year or day.
        ends_on: Fact<PartialDate>,
        /// *Kelompok kerja*.
        working_group: Prose,
        /// Who adopted it.
        adopted_by: Fact<String>,
        /// When it was adopted.
        adopted_on: Fact<PartialDate>,
        /// *Mengetahui*: which official signs, as [`crate::model::acknowledgement`] writes it.
        acknowledged_by: Fact<String>,
    }
}

record! {
    /// *Butir*: one line of the plan.
    pub struct Line in line {
        /// *Bidang*; lines are grouped by it.
        field: Fact<String>,
        /// *Program*.
        programme: Prose,
        /// *Kegiatan*.
        activity: Prose,
        /// *Sub kegiatan*, with its SIPD code where there is one.
        sub_activity: Prose,
        /// *Tujuan*.
        purpose: Prose,
        /// *Keluaran*.
        output: Prose,
        /// *Indikator kinerja*.
        indicator: Prose,
        /// *Satuan*.
        unit: Fact<String>,
        /// *Target*.
        target: Fact<Decimal>,
        /// *Lokasi*.
        location: Fact<String>,
        /// First day.
        starts_on: Fact<PartialDate>,
        /// Last day.
        ends_on: Fact<PartialDate>,
        /// *Triwulan I*.
        quarter_1: Fact<bool>,
        /// *Triwulan II*.
        quarter_2: Fact<bool>,
        /// *Triwulan III*.
        quarter_3: Fact<bool>,
        /// *Triwulan IV*.
        quarter_4: Fact<bool>,
        /// *OPD penanggung jawab*.
        responsible: Fact<String>,
        /// *OPD pendukung*.
        supporting: Fact<String>,
        /// *PIC mitra*.
        partner_contact: Fact<String>,
        /// *Pembagian peran*.
        division: Prose,
        /// *Sumber dana*.
        funding: Fact<FundingSource>,
        /// *Pagu*.
        ceiling: Fact<Rupiah>,
        /// *Kode rekening*.
        account_code: Fact<String>,
        /// *Realisasi fisik*, percent.
        progress: Fact<Decimal>,
        /// *Realisasi keuangan*.
        spent: Fact<Rupiah>,
        /// How far it is.
        status: Fact<LineStatus>,
        /// *Hambatan*.
        obstacle: Prose,
        /// *Upaya/solusi*.
        remedy: Prose,
        /// *Tindak lanjut*.
        follow_up: Prose,
        /// *Catatan*.
        remark: Prose,
    }
}

record! {
    /// What of a line decides where it stands in the grid and what is added up, read alone: a grid asks at each
    /// keystroke.
    pub struct Outline in outline {
        /// *Bidang*.
        field: Fact<String>,
        /// How far it is.
        status: Fact<LineStatus>,
        /// *Pagu*.
        ceiling: Fact<Rupiah>,
        /// *Realisasi keuangan*.
        spent: Fact<Rupiah>,
    }
}

/// *Butir*.
pub const LINES: List = List { name: "lines", fields: Line::FIELDS };

/// The schema of action plans.
pub const SCHEMA: Schema = Schema { fields: Heading::FIELDS, lists: &[LINES] };

/// An action plan as a screen or a page shows it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ActionPlan {
    /// Its own fields.
    pub heading: Heading,
    /// *Butir*, in order.
    pub lines: Vec<Item<Line>>,
}

/// What the lines of a plan add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many lines.
    pub lines: usize,
    /// How many of them are done.
    pub done: usize,
    /// Sum of *pagu*.
    pub ceiling: Rupiah,
    /// Sum of *realisasi keuangan*.
    pub spent: Rupiah,
    /// Amounts that the sums are without: another program wrote them and this app cannot read them, or no sum could hold them.
    pub unreadable: usize,
}

/// Lines of one *bidang*, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// *Bidang*; `None` for lines without one.
    pub field: Option<String>,
    /// Its lines.
    pub lines: Vec<ItemId>,
}

/// The lines of a plan in groups, each group where its first line stands.
pub fn groups(document: &Document) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for line in document.items::<Outline>(LINES) {
        let field = line.value.field.filter(|field| !field.trim().is_empty());
        match groups.iter_mut().find(|group| group.field == field) {
            Some(group) => group.lines.push(line.id),
            None => groups.push(Group { field, lines: vec![line.id] }),
        }
    }
    groups
}

impl ActionPlan {
    /// Reads the plan from its document, its lines in their groups.
    pub fn read(document: &Document) -> Self {
        let numbers = numbers(document, LINES);
        let mut lines: Vec<Item<Line>> = document.items(LINES);
        lines.sort_by_key(|line| numbers.get(&line.id).copied());
        Self { heading: Heading::read(&document.root()), lines }
    }
}

impl Totals {
    /// How much of the ceiling is spent, in percent: rounded, but never to all of it where some is left or it is passed.
    pub fn spent_percent(&self) -> Option<u64> {
        let (Rupiah(spent), Rupiah(ceiling)) = (self.spent, self.ceiling);
        if ceiling <= 0 {
            return None;
        }
        let (spent, ceiling) = (i128::from(spent), i128::from(ceiling));
        let rounded = (spent * 200 + ceiling).div_euclid(2 * ceiling);
        let percent = match spent.cmp(&ceiling) {
            std::cmp::Ordering::Less => rounded.min(99),
            std::cmp::Ordering::Equal => 100,
            std::cmp::Ordering::Greater => rounded.max(101),
        };
        u64::try_from(percent).ok()
    }

    /// What the lines of a plan add up to.
    pub fn of(document: &Document) -> Self {
        document.readers(LINES).iter().fold(Self::default(), |sum, line| {
            let amounts = [outline::ceiling, outline::spent].map(|field| line.fact(field));
            let [ceiling, spent] =
                amounts.each_ref().map(|amount| Rupiah::from_scalar(amount).unwrap_or_default());
            let is_unread = |amount: &&Scalar| !FactType::Integer.reads(amount);
            let mut unreadable = sum.unreadable + amounts.iter().filter(is_unread).count();
            let mut add = |sum: Rupiah, amount: Rupiah| {
                sum.checked_add(amount).unwrap_or_else(|| {
                    unreadable += 1;
                    sum
                })
            };
            let (ceiling, spent) = (add(sum.ceiling, ceiling), add(sum.spent, spent));
            Self {
                lines: sum.lines + 1,
                done: sum.done
                    + usize::from(
                        LineStatus::from_scalar(&line.fact(outline::status)) == Some(LineStatus::Done),
                    ),
                ceiling,
                spent,
                unreadable,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_and_say_all_of_it_only_where_it_is() {
        for (spent, ceiling, percent) in [
            (3_787, 10_000, Some(38)),
            (3_749, 10_000, Some(37)),
            (0, 10_000, Some(0)),
            (9_999, 10_000, Some(99)),
            (10_000, 10_000, Some(100)),
            (10_001, 10_000, Some(101)),
            (i64::MAX, 1, None),
            (i64::MAX, i64::MAX, Some(100)),
            (5, 0, None),
        ] {
            let totals = Totals { spent: Rupiah(spent), ceiling: Rupiah(ceiling), ..Totals::default() };
            assert_eq!(totals.spent_percent(), percent, "{spent} of {ceiling}");
        }
    }
}
