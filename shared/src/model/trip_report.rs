//! *Laporan hasil perjalanan dinas*: the trip report, in the parts of the office's form.

use super::document::Document;
use super::field::{Fact, Item, List, Prose, Record, Schema, choice, record};
use crate::domain::date::PartialDate;
use crate::domain::decimal::Decimal;
use crate::ids::DocumentId;

choice! {
    /// What a report rests on.
    pub enum BasisKind {
        /// *Surat undangan* or another letter.
        Letter = "letter",
        /// *Surat perintah tugas*.
        Assignment = "assignment",
        /// A law or regulation.
        Regulation = "regulation",
        /// *Disposisi*.
        Disposition = "disposition",
        /// *DPA*.
        Budget = "budget",
    }
}

choice! {
    /// A traveller's part in the journey.
    pub enum TravellerRole {
        /// *Ketua rombongan*.
        Leader = "leader",
        /// *Anggota*.
        Member = "member",
        /// *Pengikut*.
        Companion = "companion",
    }
}

choice! {
    /// How far a follow-up is.
    pub enum FollowUpStatus {
        /// Not begun.
        Open = "open",
        /// Under way.
        Running = "running",
        /// Done.
        Done = "done",
    }
}

choice! {
    /// Whether the page says by a sentence of its own what was filled in; where nothing was chosen, it does unless the
    /// section's text says it already.
    pub enum Printing {
        /// It does.
        Shown = "shown",
        /// It does not.
        Hidden = "hidden",
    }
}

choice! {
    /// In which of the offices' forms a report is printed.
    pub enum Layout {
        /// Four numbered sections, as Permendagri has them.
        Sections = "a",
        /// A statement: who travelled stands first, then departure, activities and return.
        Statement = "b",
        /// A short form: basis, date and destination, purpose, results.
        Short = "c",
    }
}

record! {
    /// The report's own fields.
    pub struct Heading in heading {
        /// The event or the report's subject, for lists.
        title: Prose,
        /// The report's number, as the office writes it.
        number: Fact<String>,
        /// *Maksud dan tujuan*, the whole paragraph as it is printed.
        purpose: Prose,
        /// The event's theme.
        theme: Prose,
        /// Who holds the event.
        organiser: Prose,
        /// First day.
        starts_on: Fact<PartialDate>,
        /// Last day.
        ends_on: Fact<PartialDate>,
        /// Where, as it is printed.
        venue: Prose,
        /// How many attended.
        attendance: Fact<Decimal>,
        /// Who they were.
        attendees: Prose,
        /// *Kegiatan yang dilaksanakan*.
        activities: Prose,
        /// *Kesimpulan*.
        conclusion: Prose,
        /// *Saran*.
        advice: Prose,
        /// *Penutup*.
        closing: Prose,
        /// Whom the report is addressed to (*Yth.*).
        addressee: Prose,
        /// *Tembusan*, one a line.
        copies: Prose,
        /// Where the report is signed.
        place: Fact<String>,
        /// When the report is signed.
        dated_on: Fact<PartialDate>,
        /// The agreement that the journey concerned.
        agreement: Fact<DocumentId>,
        /// What an import could not place elsewhere before the first section.
        preamble: Prose,
        /// The form in which it is printed.
        layout: Fact<Layout>,
        /// *Mengetahui*: which official signs beside the travellers, as [`crate::model::acknowledgement`] writes it.
        acknowledged_by: Fact<String>,
        /// Whether the page tells the title.
        print_title: Fact<Printing>,
        /// Whether the page tells the theme.
        print_theme: Fact<Printing>,
        /// Whether the page tells who held the event.
        print_organiser: Fact<Printing>,
        /// Whether the page tells the days.
        print_dates: Fact<Printing>,
        /// Whether the page tells the venue.
        print_venue: Fact<Printing>,
        /// Whether the page tells how many attended.
        print_attendance: Fact<Printing>,
        /// Whether the page tells who attended.
        print_attendees: Fact<Printing>,
    }
}

record! {
    /// *Dasar hukum*: one thing that the report rests on.
    pub struct Basis in basis {
        /// What it is.
        kind: Fact<BasisKind>,
        /// The whole line as it is printed.
        text: Prose,
        /// Who issued it.
        issuer: Fact<String>,
        /// Its number.
        number: Fact<String>,
        /// Its date.
        dated_on: Fact<PartialDate>,
        /// What it is about.
        subject: Fact<String>,
        /// Whether the page tells kind, issuer, number, date and subject behind the text.
        print_facts: Fact<Printing>,
    }
}

record! {
    /// Who travels. The NIP stands in the report's `personal` document.
    pub struct Traveller in traveller {
        /// With titles.
        name: Fact<String>,
        /// *Pangkat*, with its *golongan*.
        rank: Fact<String>,
        /// *Jabatan*.
        position: Fact<String>,
        /// *Unit kerja*.
        office: Fact<String>,
        /// Part in the journey.
        role: Fact<TravellerRole>,
    }
}

record! {
    /// *Hasil yang dicapai*: one numbered result.
    pub struct Outcome in outcome {
        /// The text, `*emphasis*` in Markdown.
        text: Prose,
        /// The agreement that it leads to.
        agreement: Fact<DocumentId>,
    }
}

record! {
    /// *Tindak lanjut*: what is to be done.
    pub struct FollowUp in follow_up {
        /// What.
        text: Prose,
        /// Which office does it.
        responsible: Fact<String>,
        /// Until when.
        due_on: Fact<PartialDate>,
        /// How far it is.
        status: Fact<FollowUpStatus>,
    }
}

/// *Dasar hukum*.
pub const BASES: List = List { name: "bases", fields: Basis::FIELDS };
/// *Pelaksana*.
pub const TRAVELLERS: List = List { name: "travellers", fields: Traveller::FIELDS };
/// *Hasil yang dicapai*.
pub const OUTCOMES: List = List { name: "outcomes", fields: Outcome::FIELDS };
/// *Tindak lanjut*.
pub const FOLLOW_UPS: List = List { name: "follow_ups", fields: FollowUp::FIELDS };

/// The schema of trip reports.
pub const SCHEMA: Schema =
    Schema { fields: Heading::FIELDS, lists: &[BASES, TRAVELLERS, OUTCOMES, FOLLOW_UPS] };

/// A trip report as a screen or a page shows it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TripReport {
    /// Its own fields.
    pub heading: Heading,
    /// *Dasar hukum*, in order.
    pub bases: Vec<Item<Basis>>,
    /// *Pelaksana*, in order.
    pub travellers: Vec<Item<Traveller>>,
    /// *Hasil yang dicapai*, in order; the number is the place in this list.
    pub outcomes: Vec<Item<Outcome>>,
    /// *Tindak lanjut*, in order.
    pub follow_ups: Vec<Item<FollowUp>>,
}

impl TripReport {
    /// Reads the report from its document.
    pub fn read(document: &Document) -> Self {
        Self {
            heading: Heading::read(&document.root()),
            bases: document.items(BASES),
            travellers: document.items(TRAVELLERS),
            outcomes: document.items(OUTCOMES),
            follow_ups: document.items(FOLLOW_UPS),
        }
    }
}
