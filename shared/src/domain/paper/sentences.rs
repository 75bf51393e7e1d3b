//! The sentences by which a report's page tells what was filled in and no section's text says.
//!
//! They have the words of the office's form, so that a file that holds them is read back into the same facts. Where
//! nothing was chosen, a value is told unless the text of its section says it already, in any form that is read there;
//! a choice that the record keeps shows or hides it.

use super::mention::{Mention, words_of};
use crate::domain::date::PartialDate;
use crate::domain::date_text::{date_text, range_text};
use crate::domain::number_words::count_text;
use crate::domain::report_text::{ReportContent, draw_facts};
use crate::model::field::Field;
use crate::model::trip_report::{Basis, BasisKind, FollowUp, FollowUpStatus, Heading, Printing, heading};

/// A part of a sentence: one value of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The event's name.
    Title,
    /// Its theme.
    Theme,
    /// Who held it.
    Organiser,
    /// Its days.
    Dates,
    /// Where it was.
    Venue,
    /// How many attended.
    Attendance,
    /// Who attended.
    Attendees,
}

impl Part {
    /// Every part, in the order of the form.
    pub const ALL: [Self; 7] = [
        Self::Title,
        Self::Theme,
        Self::Organiser,
        Self::Dates,
        Self::Venue,
        Self::Attendance,
        Self::Attendees,
    ];

    /// The fact that keeps the choice.
    pub fn switch(self) -> Field {
        match self {
            Self::Title => heading::print_title,
            Self::Theme => heading::print_theme,
            Self::Organiser => heading::print_organiser,
            Self::Dates => heading::print_dates,
            Self::Venue => heading::print_venue,
            Self::Attendance => heading::print_attendance,
            Self::Attendees => heading::print_attendees,
        }
    }

    fn choice(self, heading: &Heading) -> Option<Printing> {
        match self {
            Self::Title => heading.print_title,
            Self::Theme => heading.print_theme,
            Self::Organiser => heading.print_organiser,
            Self::Dates => heading.print_dates,
            Self::Venue => heading.print_venue,
            Self::Attendance => heading.print_attendance,
            Self::Attendees => heading.print_attendees,
        }
    }

    fn is_filled(self, heading: &Heading) -> bool {
        match self {
            Self::Title => has_words(&heading.title),
            Self::Theme => has_words(&heading.theme),
            Self::Organiser => has_words(&heading.organiser),
            Self::Dates => heading.starts_on.is_some() || heading.ends_on.is_some(),
            Self::Venue => has_words(&heading.venue),
            Self::Attendance => heading.attendance.is_some(),
            Self::Attendees => has_words(&heading.attendees),
        }
    }
}

/// How a value stands to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Nothing was filled in.
    Nothing,
    /// The section's text says it, and nothing was chosen.
    InText,
    /// A sentence tells it, since the text does not say it.
    BySentence,
    /// A sentence tells it, since that was chosen.
    Chosen,
    /// No sentence tells it, since that was chosen.
    Hidden,
}

impl Telling {
    /// Whether a sentence tells it.
    pub fn is_told(self) -> bool {
        matches!(self, Self::BySentence | Self::Chosen)
    }

    /// What the record must keep so that the value is told, or is not: nothing where that comes by itself.
    pub fn choice_for(told: bool, is_in_text: bool) -> Option<Printing> {
        match (told, is_in_text) {
            (true, true) => Some(Printing::Shown),
            (false, false) => Some(Printing::Hidden),
            _ => None,
        }
    }

    fn of(is_filled: bool, choice: Option<Printing>, is_in_text: impl FnOnce() -> bool) -> Self {
        match choice {
            _ if !is_filled => Self::Nothing,
            Some(Printing::Shown) => Self::Chosen,
            Some(Printing::Hidden) => Self::Hidden,
            None if is_in_text() => Self::InText,
            None => Self::BySentence,
        }
    }
}

/// What the text of a section says of each part.
struct Said<'a> {
    purpose: Mention<'a>,
    activities: Mention<'a>,
    drawn: Heading,
}

impl<'a> Said<'a> {
    fn of(heading: &'a Heading) -> Self {
        let mut content = ReportContent {
            heading: Heading {
                purpose: heading.purpose.clone(),
                activities: heading.activities.clone(),
                ..Heading::default()
            },
            ..ReportContent::default()
        };
        draw_facts(&mut content);
        Self {
            purpose: Mention::of(&heading.purpose),
            activities: Mention::of(&heading.activities),
            drawn: content.heading,
        }
    }

    fn says(&self, part: Part, heading: &Heading) -> bool {
        let drawn = &self.drawn;
        match part {
            Part::Title => {
                let leads = ["menghadiri", "mengikuti", "melaksanakan", "melakukan", "kegiatan", "acara"];
                is_same(&drawn.title, &heading.title) || self.purpose.says(&heading.title, &leads)
            }
            Part::Theme => {
                is_same(&drawn.theme, &heading.theme)
                    || self.purpose.says(&heading.theme, &["tema", "bertema"])
            }
            Part::Organiser => {
                self.purpose.says(&heading.organiser, &["oleh", "penyelenggara", "undangan", "dari"])
            }
            Part::Dates => self.purpose.says_days(heading.starts_on, heading.ends_on),
            Part::Venue => {
                let leads = ["di", "ke", "pada", "tempat", "bertempat"];
                is_same(&drawn.venue, &heading.venue) || self.purpose.says(&heading.venue, &leads)
            }
            Part::Attendance => {
                heading.attendance.is_some_and(|count| self.activities.says_people(count, &heading.attendees))
            }
            Part::Attendees => {
                let leads = ["oleh", "dihadiri", "diikuti", "peserta", "orang"];
                is_same(&drawn.attendees, &heading.attendees)
                    || self.activities.says(&heading.attendees, &leads)
            }
        }
    }
}

/// What a report's page tells by sentences of its own.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sentences {
    tellings: Vec<(Part, Telling)>,
    in_text: Vec<Part>,
    /// Of the event, behind *maksud dan tujuan*.
    pub event: Option<String>,
    /// Of the days and the venue where a form has a place of its own for them; `event` is without them then.
    pub when_and_where: Option<String>,
    /// Of who attended, behind *kegiatan yang dilaksanakan*.
    pub people: Option<String>,
}

/// Where the form tells days and venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaysStand {
    /// In the sentence of the event.
    WithEvent,
    /// In a section of their own.
    Apart,
}

impl Sentences {
    /// What the page tells.
    pub fn of(heading: &Heading, days: DaysStand) -> Self {
        let said = Said::of(heading);
        let in_text: Vec<Part> = Part::ALL
            .into_iter()
            .filter(|part| part.is_filled(heading) && said.says(*part, heading))
            .collect();
        let telling = |part: Part| {
            Telling::of(part.is_filled(heading), part.choice(heading), || in_text.contains(&part))
        };
        let tellings: Vec<(Part, Telling)> = Part::ALL.map(|part| (part, telling(part))).into();
        let told = |part: Part| telling(part).is_told();
        let text = |part: Part, text: &str| told(part).then(|| one_line(text));
        let title = text(Part::Title, &heading.title);
        let organiser = text(Part::Organiser, &heading.organiser).map(|who| format!("oleh {who}"));
        let theme = text(Part::Theme, &heading.theme).map(|theme| format!("dengan tema {}", quoted(&theme)));
        let dates = told(Part::Dates).then(|| days_text(heading.starts_on, heading.ends_on)).flatten();
        let venue = text(Part::Venue, &heading.venue).map(|venue| format!("bertempat di {venue}"));
        let (inside, apart) = match days {
            DaysStand::WithEvent => ([dates, venue], [None, None]),
            DaysStand::Apart => ([None, None], [dates, venue]),
        };
        let clauses: Vec<String> = [organiser, theme].into_iter().chain(inside).flatten().collect();
        let apart: Vec<String> = apart.into_iter().flatten().collect();
        let event_is_named = has_words(&heading.purpose);
        Self {
            event: event_sentence(title.as_deref(), &clauses.join(" "), event_is_named),
            when_and_where: (!apart.is_empty()).then(|| capital(&format!("{}.", apart.join(" ")))),
            people: people_sentence(
                heading,
                told(Part::Attendance),
                text(Part::Attendees, &heading.attendees),
            ),
            tellings,
            in_text,
        }
    }

    /// How a part stands to the page.
    pub fn telling(&self, part: Part) -> Telling {
        self.tellings.iter().find(|(of, _)| *of == part).map_or(Telling::Nothing, |(_, telling)| *telling)
    }

    /// What the record must keep so that a part is told, or is not.
    pub fn choice_for(&self, part: Part, told: bool) -> Option<Printing> {
        Telling::choice_for(told, self.in_text.contains(&part))
    }
}

fn event_sentence(title: Option<&str>, clauses: &str, event_is_named: bool) -> Option<String> {
    let which = if event_is_named { "Kegiatan tersebut" } else { "Kegiatan" };
    match (title, clauses) {
        (None, "") => None,
        (Some(title), "") => Some(format!("Perjalanan dinas ini dilakukan untuk mengikuti {title}.")),
        (Some(title), clauses) => Some(format!(
            "Perjalanan dinas ini dilakukan untuk mengikuti {title} yang diselenggarakan {clauses}."
        )),
        (None, clauses) => Some(format!("{which} diselenggarakan {clauses}.")),
    }
}

fn people_sentence(heading: &Heading, counted: bool, who: Option<String>) -> Option<String> {
    let count = heading.attendance.filter(|_| counted).map(|count| match count.whole().map(u64::try_from) {
        Some(Ok(whole)) => count_text(whole),
        _ => count.text(),
    });
    let people = match (count, who) {
        (None, None) => return None,
        (Some(count), None) => format!("{count} orang"),
        (None, Some(who)) => who,
        (Some(count), Some(who)) => format!("{count} {who}"),
    };
    Some(format!("Kegiatan dihadiri oleh {people}."))
}

/// The days as a clause, as precisely as they are known.
fn days_text(start: Option<PartialDate>, end: Option<PartialDate>) -> Option<String> {
    match (start, end) {
        (Some(start), Some(end)) => {
            let (lead, other) = (unit(start), unit(end));
            let lead = if lead == other { lead } else { "" };
            Some(format!("pada {lead}{}", range_text(start, end)))
        }
        (Some(start), None) => Some(format!("mulai {}{}", unit(start), date_text(start))),
        (None, Some(end)) => Some(format!("sampai dengan {}{}", unit(end), date_text(end))),
        (None, None) => None,
    }
}

fn unit(date: PartialDate) -> &'static str {
    match (date.day(), date.month()) {
        (Some(_), _) => "tanggal ",
        (None, Some(_)) => "bulan ",
        (None, None) => "tahun ",
    }
}

/// How a basis stands to the page.
pub fn basis_telling(basis: &Basis) -> Telling {
    let is_filled =
        [&basis.issuer, &basis.number, &basis.subject].into_iter().flatten().any(|text| has_words(text))
            || basis.kind.is_some()
            || basis.dated_on.is_some();
    Telling::of(is_filled, basis.print_facts, || basis_clauses(basis, &BasisSaid::of(basis)).is_empty())
}

/// What the record must keep so that a basis' facts are told, or are not.
pub fn basis_choice_for(basis: &Basis, told: bool) -> Option<Printing> {
    Telling::choice_for(told, basis_clauses(basis, &BasisSaid::of(basis)).is_empty())
}

/// What is told of a basis behind its text; where it has none, all that is known of it.
pub fn basis_sentence(basis: &Basis) -> Option<String> {
    let clauses = match basis_telling(basis) {
        Telling::Chosen => basis_clauses(basis, &BasisSaid::of(&Basis::default())),
        Telling::BySentence => basis_clauses(basis, &BasisSaid::of(basis)),
        _ => return None,
    };
    (!clauses.is_empty()).then(|| capital(&format!("{}.", clauses.join(" "))))
}

struct BasisSaid<'a> {
    text: Mention<'a>,
    drawn: Basis,
}

impl<'a> BasisSaid<'a> {
    fn of(basis: &'a Basis) -> Self {
        let bases = vec![Basis { text: basis.text.clone(), ..Basis::default() }];
        let mut content = ReportContent { bases, ..ReportContent::default() };
        draw_facts(&mut content);
        Self { text: Mention::of(&basis.text), drawn: content.bases.pop().unwrap_or_default() }
    }

    fn says(&self, value: &str, drawn: Option<&String>, leads: &[&str]) -> bool {
        drawn.is_some_and(|drawn| is_same(drawn, value)) || self.text.says(value, leads)
    }
}

/// What is known of a basis and its text does not say.
fn basis_clauses(basis: &Basis, said: &BasisSaid<'_>) -> Vec<String> {
    let kind = basis
        .kind
        .filter(|kind| said.drawn.kind != Some(*kind) && said.text.places_of(kind_text(*kind)).is_none());
    let fact = |value: &Option<String>, drawn: &Option<String>, leads: &[&str]| {
        let value = value.as_deref().filter(|value| has_words(value))?;
        (!said.says(value, drawn.as_ref(), leads)).then(|| one_line(value))
    };
    let drawn = &said.drawn;
    let issuer =
        fact(&basis.issuer, &drawn.issuer, &["surat", "dari", "oleh", "tugas", "undangan", "disposisi"]);
    let issuer = issuer.map(|issuer| if kind.is_some() { issuer } else { format!("dari {issuer}") });
    let number = fact(&basis.number, &drawn.number, &["nomor", "no"]).map(|number| format!("Nomor {number}"));
    let date = basis.dated_on.filter(|date| drawn.dated_on != Some(*date) && !said.text.says_date(*date));
    let date = date.map(|date| format!("{}{}", unit(date), date_text(date)));
    let subject = fact(&basis.subject, &drawn.subject, &["perihal", "hal", "tentang"]);
    let subject = subject.map(|subject| format!("perihal {subject}"));
    let kind = kind.map(|kind| kind_text(kind).to_owned());
    [kind, issuer, number, date, subject].into_iter().flatten().collect()
}

/// What a basis is, as papers call it.
fn kind_text(kind: BasisKind) -> &'static str {
    match kind {
        BasisKind::Letter => "Surat Undangan",
        BasisKind::Assignment => "Surat Perintah Tugas",
        BasisKind::Regulation => "Peraturan",
        BasisKind::Disposition => "Disposisi",
        BasisKind::Budget => "DPA",
    }
}

/// What is told of a follow-up behind its text.
pub fn follow_up_sentences(follow_up: &FollowUp) -> String {
    let text = Mention::of(&follow_up.text);
    let who = follow_up.responsible.as_deref().filter(|who| has_words(who) && !text.says(who, &["oleh"]));
    let who = who.map(|who| format!("Penanggung jawab: {}.", one_line(who)));
    let due = follow_up.due_on.filter(|due| !text.says_date(*due));
    let due = due.map(|due| format!("Tenggat: {}.", date_text(due)));
    let status = follow_up.status.map(|status| {
        let status = match status {
            FollowUpStatus::Open => "belum mulai",
            FollowUpStatus::Running => "berjalan",
            FollowUpStatus::Done => "selesai",
        };
        format!("Status: {status}.")
    });
    [who, due, status].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn has_words(text: &str) -> bool {
    !text.trim().is_empty()
}

fn is_same(drawn: &str, value: &str) -> bool {
    has_words(drawn) && words_of(drawn) == words_of(value)
}

/// A value as it stands inside a sentence.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches(['.', ',', ';']).trim_end().to_owned()
}

fn quoted(theme: &str) -> String {
    if theme.starts_with(['“', '"', '‘']) { theme.to_owned() } else { format!("“{theme}”") }
}

fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
