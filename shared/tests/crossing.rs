//! *Dua orang menulis di sini*: where it is said that two people wrote without knowing of each other, and until when.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

#[path = "people/report.rs"]
mod report;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use report::{Changes, actor, begun, made, open};
use shared::device::open_document::OpenDocument;
use shared::device::row::{ChunkRow, Origin};
use shared::ids::{ChangeHash, DeviceId, Receipt};
use shared::model::crossing::{Crossing, WAITED_MS};
use shared::model::edit::Edit;
use shared::model::field::FieldRef;
use shared::model::text::{difference, units};
use shared::model::trip_report::heading;
use shared::ordered::OrderedSet;

const SRI: usize = 0;
const BUDI: usize = 1;
const KETUT: usize = 2;
const BEGAN: u64 = 1_793_491_200_000;
const LATE: u64 = WAITED_MS + 1_000;

fn text() -> FieldRef {
    heading::closing.at_root()
}

/// Three people with one record, and the log of the relay.
struct People {
    documents: Vec<OpenDocument>,
    unsent: Vec<Changes>,
    log: Changes,
    now: u64,
}

impl People {
    fn with(begin: &str) -> Self {
        let log = stored(begun(BEGAN, &[(text(), begin)]), BEGAN);
        let documents = (0..3).map(|person| shown(person, log.clone())).collect();
        Self { documents, unsent: vec![Vec::new(); 3], log, now: BEGAN + 60_000 }
    }

    fn flush(&mut self, person: usize) {
        let flushed = self.documents[person].flush(self.now);
        self.unsent[person].extend(flushed.iter().flat_map(|flushed| made(&flushed.commit)));
    }

    fn rewrite(&mut self, person: usize, text_after: &str) {
        let Some(splice) = difference(&self.text(person), text_after) else { return };
        self.splice(person, splice.at, splice.delete, &splice.insert);
    }

    fn splice(&mut self, person: usize, at: usize, delete: usize, insert: &str) {
        let edit = Edit::Splice { field: text(), at, delete, insert: insert.to_owned() };
        self.documents[person].edit(self.now, &edit).unwrap();
        self.flush(person);
    }

    /// Sends what a person has made, and hears when it was stored.
    fn send(&mut self, person: usize) {
        let sent = stored(std::mem::take(&mut self.unsent[person]), self.now);
        self.documents[person].note_stored(&sent);
        self.log.extend(sent);
    }

    /// Gets what others have sent.
    fn fetch(&mut self, person: usize) {
        let received = self.documents[person].receive(self.now, self.log.clone());
        assert!(received.flushed.is_none() && received.bad.is_empty());
    }

    fn meet(&mut self) {
        (0..3).for_each(|person| self.send(person));
        (0..3).for_each(|person| self.fetch(person));
    }

    fn check(&mut self, person: usize, crossing: &Crossing) {
        assert!(self.documents[person].note_checked(self.now, crossing.character));
        self.flush(person);
    }

    fn text(&self, person: usize) -> String {
        self.documents[person].document().prose(&text())
    }

    /// In which paragraphs it is said, as one person is shown.
    fn said(&self, person: usize) -> Vec<usize> {
        self.documents[person].crossings().iter().map(|crossing| crossing.paragraph).collect()
    }

    /// The same as all are shown it, and whoever opens the record.
    fn agreed(&self) -> Vec<usize> {
        let said: Vec<Vec<usize>> = (0..3).map(|person| self.said(person)).collect();
        assert!(said.iter().all(|other| *other == said[0]), "{said:?}");
        let anew = shown(SRI, self.log.clone());
        assert_eq!(anew.crossings(), self.documents[SRI].crossings());
        said[0].clone()
    }
}

fn stored(chunks: Changes, at: u64) -> Changes {
    let origin = Origin {
        by: "sri".parse().unwrap(),
        device: DeviceId::from_bytes([1; 16]),
        at,
        receipt: Receipt::from_bytes([7; 16]),
        inclusion: None,
    };
    let with =
        |(hash, chunk): (ChangeHash, ChunkRow)| (hash, ChunkRow { origin: Some(origin.clone()), ..chunk });
    chunks.into_iter().map(with).collect()
}

/// The report as a screen has it, which shows what is said.
fn shown(person: usize, log: Changes) -> OpenDocument {
    let mut document = open(person, log);
    document.show_crossings();
    document
}

const WAS: &str = "Rapat dibuka di Bogor.\n\nPeserta hadir.\n\nRapat ditutup.";

/// Budi rewrites the second paragraph without a network, sri meanwhile in her way; then they meet.
fn crossed() -> People {
    let mut people = People::with(WAS);
    people.rewrite(BUDI, &WAS.replace("Peserta hadir.", "Semua undangan datang."));
    people.now += LATE;
    people.rewrite(SRI, &WAS.replace("Peserta hadir.", "Tiga puluh tamu."));
    people.meet();
    people
}

#[test]
fn paragraph_that_two_rewrote_while_one_was_offline_says_so_to_all() {
    let people = crossed();
    assert_eq!(people.agreed(), [2]);
    let said = &people.documents[KETUT].crossings()[0];
    assert_eq!(said.field, text());
    assert_eq!(said.actors, OrderedSet::from([actor(SRI), actor(BUDI)]));
}

#[test]
fn all_who_wrote_in_it_are_named() {
    let mut people = People::with(WAS);
    people.rewrite(BUDI, &WAS.replace("Peserta hadir.", "Semua undangan datang."));
    people.rewrite(KETUT, &WAS.replace("Peserta hadir.", "Tak seorang pun absen."));
    people.now += LATE;
    people.rewrite(SRI, &WAS.replace("Peserta hadir.", "Tiga puluh tamu."));
    people.meet();
    assert_eq!(people.agreed(), [2]);
    let said = &people.documents[SRI].crossings()[0];
    assert_eq!(said.actors, OrderedSet::from([SRI, BUDI, KETUT].map(actor)));
}

#[test]
fn it_is_said_where_both_wrote_beside_each_other_in_an_empty_text_too() {
    let mut people = People::with("");
    people.rewrite(BUDI, "satu");
    people.rewrite(SRI, "dua");
    people.now += LATE;
    people.meet();
    assert_eq!(people.agreed(), [1]);
}

#[test]
fn nothing_is_said_of_two_who_write_at_once_with_a_connection() {
    let mut people = People::with(WAS);
    people.rewrite(BUDI, &WAS.replace("Peserta hadir.", "Semua undangan datang."));
    people.rewrite(SRI, &WAS.replace("Peserta hadir.", "Tiga puluh tamu."));
    people.now += WAITED_MS;
    people.meet();
    assert_eq!(people.agreed(), [0; 0]);
}

#[test]
fn nothing_is_said_of_other_paragraphs_of_letters_or_of_who_had_the_others_words() {
    for (budi, sri) in [
        (WAS.replace("Bogor", "Depok"), WAS.replace("ditutup", "selesai")),
        (WAS.replace("Peserta", "Pesertanya"), WAS.replace("hadir", "datang")),
        (WAS.replace("Peserta hadir.", ""), WAS.replace("hadir", "datang")),
    ] {
        let mut people = People::with(WAS);
        people.rewrite(BUDI, &budi);
        people.rewrite(SRI, &sri);
        people.now += LATE;
        people.meet();
        assert_eq!(people.agreed(), [0; 0], "{budi}");
    }
    let mut people = People::with(WAS);
    people.rewrite(SRI, &WAS.replace("Peserta", "Tamu"));
    people.now += LATE;
    people.meet();
    people.rewrite(BUDI, &people.text(BUDI).replace("hadir", "datang"));
    people.now += LATE;
    people.meet();
    assert_eq!(people.agreed(), [0; 0]);
}

#[test]
fn it_is_over_with_an_edit_in_the_paragraph_by_who_has_both_and_not_by_another() {
    let over = |person: usize, edit: &dyn Fn(&str) -> String| {
        let mut people = crossed();
        people.rewrite(person, &edit(&people.text(person)));
        people.meet();
        people.agreed()
    };
    let none = [0; 0];
    assert_eq!(over(KETUT, &|text| text.replace("tamu", "orang")), none, "a word replaced");
    assert_eq!(over(SRI, &|text| text.replace("puluh ", "")), none, "a word taken out");
    assert_eq!(over(BUDI, &|text| text.replace("tamu.", "tamu!")), none, "a sign");
    assert_eq!(over(SRI, &|text| text.replace("Bogor", "Depok")), [2], "another paragraph");
    assert_eq!(over(SRI, &|text| format!("Pembuka.\n\n{text}")), [3], "a paragraph before it");

    let mut people = People::with(WAS);
    people.rewrite(BUDI, &WAS.replace("Peserta hadir.", "Semua undangan datang."));
    people.rewrite(KETUT, &WAS.replace("Peserta hadir.", "Peserta hadir semua."));
    people.now += LATE;
    people.rewrite(SRI, &WAS.replace("Peserta hadir.", "Tiga puluh tamu."));
    people.send(BUDI);
    people.send(SRI);
    people.fetch(SRI);
    assert_eq!(people.said(SRI), [2]);
    // Ketut's is as old as budi's: nobody has read that.
    people.rewrite(SRI, &people.text(SRI).replace("tamu", "orang"));
    assert_eq!(people.said(SRI), none);
    people.meet();
    assert_eq!(people.agreed(), [2]);
}

#[test]
fn it_is_over_once_somebody_who_has_both_says_that_it_is_checked_and_stays_so() {
    let mut people = crossed();
    let crossing = people.documents[KETUT].crossings()[0].clone();
    let (before, version) = (people.text(KETUT), people.documents[KETUT].document().heads());
    people.check(KETUT, &crossing);
    assert_eq!(people.said(KETUT), [0; 0]);
    people.meet();
    assert_eq!(people.agreed(), [0; 0]);
    assert_eq!(people.text(SRI), before);
    assert_eq!(people.documents[SRI].document().changes_since(&version), 0, "what was approved is unchanged");
    assert!(
        !people.documents[SRI].note_checked(people.now, crossing.character),
        "nothing is said there any more"
    );

    // What crosses anew is said anew.
    people.rewrite(BUDI, &people.text(BUDI).replace("Tiga", "Empat"));
    people.now += LATE;
    people.rewrite(SRI, &people.text(SRI).replace("Semua", "Banyak"));
    people.meet();
    assert_eq!(people.agreed(), [2]);
}

#[test]
fn one_paragraph_checked_leaves_the_other() {
    let mut people = People::with(WAS);
    for (person, place, guests) in
        [(BUDI, "Depok", "Semua undangan datang"), (SRI, "Cianjur", "Tiga puluh tamu")]
    {
        people.rewrite(person, &people.text(person).replace("Bogor", place));
        people.rewrite(person, &people.text(person).replace("Peserta hadir", guests));
    }
    people.now += LATE;
    people.meet();
    assert_eq!(people.agreed(), [1, 2]);
    let crossing = people.documents[SRI].crossings()[0].clone();
    people.check(SRI, &crossing);
    people.meet();
    assert_eq!(people.agreed(), [2]);
}

#[test]
fn what_waited_on_ones_own_device_is_told_apart_once_the_relay_says_when_it_came() {
    let mut people = People::with(WAS);
    people.rewrite(BUDI, &WAS.replace("Peserta hadir.", "Semua undangan datang."));
    people.now += LATE;
    people.rewrite(SRI, &WAS.replace("Peserta hadir.", "Tiga puluh tamu."));
    people.send(SRI);
    people.fetch(BUDI);
    assert_eq!(people.said(BUDI), [0; 0], "his own was not sent yet");
    assert!(!people.documents[BUDI].undated().is_empty());
    people.send(BUDI);
    assert_eq!(people.said(BUDI), [2]);
    assert!(people.documents[BUDI].undated().is_empty());
}

#[test]
fn version_restored_by_two_at_once_is_told_until_one_copy_is_taken_back() {
    let mut people = People::with(WAS);
    let version = people.documents[SRI].document().heads();
    people.rewrite(KETUT, "Semua diganti.\n\nPeserta hadir.\n\nTiada lagi.");
    people.meet();
    for person in [SRI, BUDI] {
        people.documents[person].restore(people.now, &version).unwrap();
        people.flush(person);
    }
    people.meet();
    assert!(!people.agreed().is_empty());
    for person in 0..3 {
        people.documents[person].meet_restorations(people.now);
        people.flush(person);
    }
    people.meet();
    assert_eq!(people.text(SRI), WAS);
    assert_eq!(people.agreed(), [0; 0]);
}

/// What one person does in a random history.
#[derive(Clone, Debug)]
enum Deed {
    /// Writes a word of its own at the beginning of a word, or of the paragraph, in place of so many words.
    Write {
        paragraph: Index,
        at: Index,
        instead: usize,
    },
    /// Takes a word out.
    TakeOut {
        paragraph: Index,
        at: Index,
    },
    Send,
    Fetch,
    /// Says that a paragraph is checked, where something is said.
    Check(Index),
    /// So much time passes.
    Wait(u64),
}

fn deeds() -> impl Strategy<Value = Vec<(usize, Deed)>> {
    let deed = prop_oneof![
        6 => (any::<Index>(), any::<Index>(), 0..2_usize)
            .prop_map(|(paragraph, at, instead)| Deed::Write { paragraph, at, instead }),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(paragraph, at)| Deed::TakeOut { paragraph, at }),
        3 => Just(Deed::Send),
        3 => Just(Deed::Fetch),
        1 => any::<Index>().prop_map(Deed::Check),
        2 => prop_oneof![Just(1_000), Just(6_000), Just(LATE)].prop_map(Deed::Wait),
    ];
    prop::collection::vec((0..3_usize, deed), 1..40)
}

/// A change of a random history, as who made it knows it.
struct Made {
    hash: ChangeHash,
    person: usize,
    paragraph: usize,
    /// The word that it wrote; none where it took out or checked.
    word: Option<String>,
    had: OrderedSet<ChangeHash>,
    at: u64,
}

/// The words of a paragraph with their places in the text, in UTF-16 units.
fn words_of(text: &str, paragraph: usize) -> Vec<(usize, &str)> {
    let mut at = 0;
    for (nth, line) in text.split('\n').enumerate() {
        if nth == paragraph {
            let mut begin = 0;
            let place = |word: &str| {
                let found = begin + line[begin..].find(word).unwrap();
                begin = found + word.len();
                (at + units(&line[..found]), &line[found..begin])
            };
            return line.split(' ').filter(|word| !word.is_empty()).map(place).collect();
        }
        at += units(line) + 1;
    }
    Vec::new()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, rng_seed: RngSeed::Fixed(12), ..ProptestConfig::default() })]

    #[test]
    fn it_is_said_where_two_had_not_each_others_words_and_nowhere_else(deeds in deeds()) {
        let begin = "satu dua tiga\nempat lima enam\ntujuh delapan sembilan";
        let mut people = People::with(begin);
        let mut made: Vec<Made> = Vec::new();
        for (number, (person, deed)) in deeds.into_iter().enumerate() {
            let had: OrderedSet<ChangeHash> =
                people.documents[person].document().log().notes().iter().map(|note| note.hash).collect();
            let mut did = None;
            let before = people.text(person);
            match deed {
                Deed::Write { paragraph, at, instead } => {
                    let paragraph = paragraph.index(3);
                    let words = words_of(&before, paragraph);
                    let word = format!("k{number}x");
                    match words.is_empty() {
                        true => {
                            let begin: usize = before.split('\n').take(paragraph).map(|line| units(line) + 1).sum();
                            people.splice(person, begin, 0, &format!("{word} "));
                        }
                        false => {
                            let at = at.index(words.len());
                            let (place, old) = words[at];
                            let delete = if instead == 1 { units(old) } else { 0 };
                            let insert = if instead == 1 { word.clone() } else { format!("{word} ") };
                            people.splice(person, place, delete, &insert);
                        }
                    }
                    did = Some((paragraph, Some(word)));
                }
                Deed::TakeOut { paragraph, at } => {
                    let paragraph = paragraph.index(3);
                    let words = words_of(&before, paragraph);
                    if !words.is_empty() {
                        let (place, word) = words[at.index(words.len())];
                        people.splice(person, place, units(word), "");
                        did = Some((paragraph, None));
                    }
                }
                Deed::Send => people.send(person),
                Deed::Fetch => people.fetch(person),
                Deed::Check(which) => {
                    let said = people.documents[person].crossings().to_vec();
                    if !said.is_empty() {
                        let crossing = said[which.index(said.len())].clone();
                        // Those that are empty are not counted.
                        let filled: Vec<usize> = before.split('\n').enumerate().filter(|(_, line)| !line.is_empty()).map(|(nth, _)| nth).collect();
                        people.check(person, &crossing);
                        did = Some((filled[crossing.paragraph - 1], None));
                    }
                }
                Deed::Wait(ms) => people.now += ms,
            }
            // What is looked for only where it may be is what a look at everything finds.
            let shown = &people.documents[person];
            let anew = shown.document().clone().crossings();
            prop_assert_eq!(shown.crossings(), &anew[..]);
            if let Some((paragraph, word)) = did {
                let hash = people.documents[person].document().heads();
                prop_assert_eq!(hash.len(), 1);
                made.push(Made { hash: hash[0], person, paragraph, word, had, at: people.now });
            }
        }
        people.meet();
        people.meet();
        let text = people.text(SRI);
        let notes = people.documents[SRI].document().log();
        let waited = |made: &Made| notes.get(made.hash).unwrap().stored_ms.unwrap() - made.at > WAITED_MS;
        let stands = |made: &Made| {
            // Two who put a word in place of the same one leave both without a blank between them.
            let line = text.split('\n').nth(made.paragraph).unwrap();
            made.word.as_ref().is_some_and(|word| line.contains(word))
        };
        let has_both = |one: &Made, two: &Made| {
            made.iter().any(|later| {
                later.paragraph == one.paragraph && later.had.contains(&one.hash) && later.had.contains(&two.hash)
            })
        };
        let is_crossed = |paragraph: usize| {
            let here = || made.iter().filter(|made| made.paragraph == paragraph && stands(made));
            here().any(|one| here().any(|two| {
                one.person < two.person
                    && !one.had.contains(&two.hash)
                    && !two.had.contains(&one.hash)
                    && (waited(one) || waited(two))
                    && !has_both(one, two)
            }))
        };
        let filled = text.split('\n').enumerate().filter(|(_, line)| !line.is_empty());
        let wanted: Vec<usize> = filled
            .enumerate()
            .filter(|(_, (paragraph, _))| is_crossed(*paragraph))
            .map(|(nth, _)| nth + 1)
            .collect();
        prop_assert_eq!(people.agreed(), wanted, "{}", text);
    }
}
