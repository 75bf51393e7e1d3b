//! Old versions restored by several people at once, while another writes.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

#[path = "people/report.rs"]
mod report;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use report::{Changes, begun, made, open};
use shared::device::open_document::OpenDocument;
use shared::ids::ChangeHash;
use shared::model::edit::Edit;
use shared::model::field::FieldRef;
use shared::model::history::history;
use shared::model::text::{difference, units};
use shared::model::trip_report::heading;
use shared::ordered::OrderedSet;

const SRI: usize = 0;
const BUDI: usize = 1;
const KETUT: usize = 2;
const DEWI: usize = 3;
const AYU: usize = 4;

fn text() -> FieldRef {
    heading::purpose.at_root()
}

/// Five people with one record.
struct People {
    documents: Vec<OpenDocument>,
    /// All that anybody made.
    made: Changes,
    now: u64,
}

impl People {
    fn with(begin: &str) -> Self {
        let made = begun(0, &[(text(), begin)]);
        let documents = (0..5).map(|person| open(person, made.clone())).collect();
        Self { documents, made, now: 1_793_491_200_000 }
    }

    /// Gives what is in the document to be sent.
    fn flush(&mut self, person: usize) {
        self.now += 60_000;
        let flushed = self.documents[person].flush(self.now);
        self.made.extend(flushed.iter().flat_map(|flushed| made(&flushed.commit)));
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

    fn restore(&mut self, person: usize, version: &[ChangeHash]) {
        self.documents[person].restore(self.now, version).unwrap();
        self.flush(person);
    }

    /// Everybody gets all that was made, until nothing more is.
    fn meet(&mut self) {
        for _ in 0..10 {
            let before = self.made.len();
            for person in 0..self.documents.len() {
                let received = self.documents[person].receive(self.now, self.made.clone());
                assert!(received.flushed.is_none() && received.bad.is_empty());
                self.documents[person].meet_restorations(self.now);
                self.flush(person);
            }
            if self.made.len() == before {
                return;
            }
        }
        panic!("they never come to an end");
    }

    fn text(&self, person: usize) -> String {
        self.documents[person].document().prose(&text())
    }

    fn version(&self) -> Vec<ChangeHash> {
        self.documents[SRI].document().heads()
    }

    /// What all of them read.
    fn agreed(&self) -> String {
        let texts: Vec<String> = (0..self.documents.len()).map(|person| self.text(person)).collect();
        assert!(texts.windows(2).all(|pair| pair[0] == pair[1]), "{texts:?}");
        texts[0].clone()
    }
}

const WAS: &str = "Rapat dibuka di Bogor.\n\nPeserta hadir.\n\nRapat ditutup sore hari.";

/// A record that was written over since, and the version before that.
fn written_over() -> (People, Vec<ChangeHash>) {
    let mut people = People::with(WAS);
    let version = people.version();
    people.rewrite(DEWI, "Semua diganti.\n\nPeserta hadir.\n\nTiada lagi.");
    people.meet();
    (people, version)
}

#[test]
fn restoration_undone_gives_back_each_sentence_once_and_in_its_place_though_its_writer_wrote_on() {
    for (had, wrote) in [
        (" Kalimat budi selesai. SA", "TU dua tiga."),
        (" Budi m", "engetik kalimat panjang."),
        (" BUDI-MENG", "ETIK-LAGI."),
        (" Selesai.", " Satu lagi."),
    ] {
        let mut people = People::with("Dasar.");
        let version = people.version();
        people.splice(BUDI, 6, 0, had);
        people.meet();
        people.splice(BUDI, 6 + had.len(), 0, wrote);
        people.restore(SRI, &version);
        people.meet();
        people.documents[SRI].undo(people.now).unwrap();
        people.flush(SRI);
        people.meet();
        assert_eq!(people.agreed(), format!("Dasar.{had}{wrote}"));
    }
}

#[test]
fn version_restored_by_two_at_once_stands_there_once() {
    for (one, two) in [(SRI, BUDI), (BUDI, SRI), (KETUT, SRI)] {
        let (mut people, version) = written_over();
        people.restore(one, &version);
        people.restore(two, &version);
        people.meet();
        assert_eq!(people.agreed(), WAS);
    }
}

#[test]
fn version_restored_by_four_at_once_stands_there_once_and_the_third_persons_sentence_whole() {
    let (mut people, version) = written_over();
    for person in [SRI, BUDI, KETUT] {
        people.restore(person, &version);
    }
    let now = people.text(DEWI);
    let place = units(&now[..now.find("hadir.").unwrap() + 6]);
    people.splice(DEWI, place, 0, " Dewi mencatat");
    people.splice(DEWI, place + 14, 0, " semuanya.");
    people.meet();
    assert_eq!(people.agreed(), WAS.replace("hadir.", "hadir. Dewi mencatat semuanya."));
}

#[test]
fn what_was_taken_back_is_not_taken_back_again_also_after_a_reload() {
    let (mut people, version) = written_over();
    people.restore(SRI, &version);
    people.restore(BUDI, &version);
    people.meet();
    let made = people.made.len();
    let mut again = open(BUDI, people.made.clone());
    assert!(!again.meet_restorations(people.now));
    assert!(again.flush(people.now).is_none());
    people.meet();
    assert_eq!(people.made.len(), made);
    // A reload before it was done: it is done then.
    let (mut people, version) = written_over();
    people.restore(SRI, &version);
    people.restore(BUDI, &version);
    let mut again = open(BUDI, people.made.clone());
    assert!(again.meet_restorations(people.now));
    assert_eq!(again.document().prose(&text()), WAS);
}

#[test]
fn run_that_somebody_has_written_in_stays() {
    let (mut people, version) = written_over();
    people.restore(SRI, &version);
    people.restore(BUDI, &version);
    // Dewi has both before budi's device does: she writes in what he inserted.
    let made = people.made.clone();
    people.documents[DEWI].receive(people.now, made);
    let both = people.text(DEWI);
    let theirs = both.rfind("dibuka").unwrap();
    people.splice(DEWI, units(&both[..theirs]), 0, "sudah ");
    people.meet();
    assert!(people.agreed().contains("sudah dibuka"), "{}", people.agreed());
}

#[test]
fn one_who_undid_the_restoration_leaves_the_others_standing() {
    let (mut people, version) = written_over();
    people.restore(SRI, &version);
    people.restore(BUDI, &version);
    people.documents[SRI].undo(people.now).unwrap();
    people.flush(SRI);
    people.meet();
    assert!(people.agreed().contains("Rapat dibuka di Bogor."), "{}", people.agreed());
}

#[test]
fn restoration_is_one_step_to_undo_also_after_it_met_another() {
    let (mut people, version) = written_over();
    let before = people.text(SRI);
    people.restore(SRI, &version);
    assert_eq!(people.text(SRI), WAS);
    people.documents[SRI].undo(people.now).unwrap();
    assert_eq!(people.text(SRI), before);
    people.documents[SRI].redo(people.now).unwrap();
    people.flush(SRI);
    assert_eq!(people.text(SRI), WAS);
    people.meet();
    let (mut people, version) = written_over();
    people.restore(SRI, &version);
    people.restore(BUDI, &version);
    people.meet();
    people.documents[BUDI].undo(people.now).unwrap();
    // What he took out comes back; what sri restored is hers.
    assert!(people.text(BUDI).contains("Rapat dibuka di Bogor."), "{}", people.text(BUDI));
    assert!(people.text(BUDI).contains("Semua diganti"), "{}", people.text(BUDI));
}

#[test]
fn of_two_restorations_the_one_that_had_lost_more_stays_whole() {
    let (mut people, version) = written_over();
    let now = people.text(KETUT);
    people.rewrite(KETUT, now.strip_suffix("\n\nTiada lagi.").unwrap());
    people.restore(KETUT, &version);
    people.restore(SRI, &version);
    people.meet();
    assert_eq!(people.agreed(), WAS);
}

#[test]
fn history_says_which_version_was_restored() {
    let (mut people, version) = written_over();
    people.now += shared::model::history::SITTING_PAUSE_MS;
    people.restore(SRI, &version);
    let sittings = history(people.documents[SRI].document(), &OrderedSet::new());
    let restored: Vec<_> = sittings.iter().map(|sitting| sitting.restored_at).collect();
    assert_eq!(restored, [None, None, Some(sittings[0].ended_at)]);
}

#[test]
fn long_text_is_restored_in_several_changes_and_meets_as_one() {
    let words = |word: &str| (0..3_000).map(|number| format!("{word}{number} ")).collect::<String>();
    let mut people = People::with(&words("kata"));
    people.documents.truncate(2);
    let version = people.version();
    people.rewrite(SRI, "habis");
    people.meet();
    let made = people.made.len();
    people.restore(SRI, &version);
    assert!(people.made.len() > made + 1, "one change is enough");
    people.restore(BUDI, &version);
    people.meet();
    assert_eq!(people.agreed(), words("kata"));
}

#[test]
fn sentence_that_is_being_written_stays_whole_where_a_restoration_took_out_its_beginning() {
    let (mut people, version) = written_over();
    let behind = |people: &People, words: &str| {
        let now = people.text(AYU);
        units(&now[..now.find(words).unwrap() + words.len()])
    };
    let at = behind(&people, "hadir.");
    people.splice(AYU, at, 0, " Kalimat lama. Ayu menca");
    people.meet();
    for person in [SRI, BUDI] {
        people.restore(person, &version);
        assert_eq!(people.text(person), WAS);
    }
    let at = behind(&people, "menca");
    people.splice(AYU, at, 0, "tat semuanya.");
    people.meet();
    assert_eq!(people.agreed(), WAS.replace("hadir.", "hadir. Ayu mencatat semuanya."));
    assert!(people.documents[AYU].undo(people.now).unwrap());
    people.flush(AYU);
    people.meet();
    assert!(!people.agreed().contains("Ayu"), "it is hers to take back: {}", people.agreed());
}

#[test]
fn paragraph_that_is_being_begun_stays_one_of_its_own_where_a_restoration_took_out_its_beginning() {
    let (mut people, version) = written_over();
    let end = units(&people.text(AYU));
    people.splice(AYU, end, 0, "\n\nAyu menca");
    people.meet();
    people.restore(SRI, &version);
    people.splice(AYU, end + units("\n\nAyu menca"), 0, "tat semuanya.");
    people.meet();
    assert_eq!(people.agreed(), format!("{WAS}\n\nAyu mencatat semuanya."));
}

/// What happens to a text of paragraphs in which every word stands once.
#[derive(Clone, Debug)]
enum Happens {
    /// A paragraph goes.
    Goes(Index),
    /// A paragraph moves.
    Moves(Index, Index),
    /// A new one comes.
    Comes(Index),
    /// Words of one are replaced.
    Replaced(Index, Index),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        any::<Index>().prop_map(Happens::Goes),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Happens::Moves(from, to)),
        any::<Index>().prop_map(Happens::Comes),
        (any::<Index>(), any::<Index>()).prop_map(|(paragraph, word)| Happens::Replaced(paragraph, word)),
    ]
}

/// Words that stand nowhere else.
struct Words(usize);

impl Words {
    fn word(&mut self) -> String {
        self.0 += 1;
        format!("kata{}", self.0)
    }

    fn paragraph(&mut self) -> String {
        format!("{} {} {} {}.", self.word(), self.word(), self.word(), self.word())
    }

    fn after(&mut self, text: &str, what: &Happens) -> String {
        let mut paragraphs: Vec<String> = text.split("\n\n").map(str::to_owned).collect();
        let many = paragraphs.len();
        match what {
            Happens::Goes(at) => drop(paragraphs.remove(at.index(many))),
            Happens::Moves(from, to) => {
                let moved = paragraphs.remove(from.index(many));
                paragraphs.insert(to.index(many), moved);
            }
            Happens::Comes(at) => paragraphs.insert(at.index(many + 1), self.paragraph()),
            Happens::Replaced(at, word) => {
                let paragraph = &mut paragraphs[at.index(many)];
                let mut words: Vec<String> = paragraph.split(' ').map(str::to_owned).collect();
                let at = word.index(words.len());
                words[at] = format!("{} {}", self.word(), self.word());
                *paragraph = words.join(" ");
            }
        }
        paragraphs.join("\n\n")
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, rng_seed: RngSeed::Fixed(12), ..ProptestConfig::default() })]

    #[test]
    fn once_restorations_have_met_no_paragraph_stands_twice_and_no_sentence_is_torn(
        history in prop::collection::vec(happens(), 1..8),
        restored in any::<Index>(),
        who in prop::collection::vec(0..3_usize, 2..4),
        apart in prop::option::of(happens()),
        place in any::<Index>(),
        is_slow in any::<bool>(),
        has_begun in any::<bool>(),
    ) {
        let mut words = Words(0);
        let begin: Vec<String> = (0..5).map(|_| words.paragraph()).collect();
        let mut people = People::with(&begin.join("\n\n"));
        let mut versions = vec![(people.version(), people.text(SRI))];
        for what in &history {
            let after = words.after(&people.text(AYU), what);
            people.rewrite(AYU, &after);
            people.meet();
            versions.push((people.version(), people.text(SRI)));
        }
        let (version, text_then) = &versions[restored.index(versions.len())];
        // One has written something that the others do not know.
        if let Some(what) = &apart {
            let after = words.after(&people.text(who[0]), what);
            people.rewrite(who[0], &after);
        }
        // Dewi writes letter by letter behind some word.
        let now = people.text(DEWI);
        let ends: Vec<usize> = now.match_indices(['.', ' ']).map(|(byte, _)| units(&now[..byte])).collect();
        let at = ends[place.index(ends.len())];
        let sentence = " Dewi menulis ini";
        let begun = if has_begun { 6 } else { 0 };
        people.splice(DEWI, at, 0, &sentence[..begun]);
        let who: OrderedSet<usize> = who.into_iter().collect();
        for person in &who {
            // They have the beginning, and take it out.
            let made = people.made.clone();
            people.documents[*person].receive(people.now, made);
            people.restore(*person, version);
            assert_eq!(&people.text(*person), text_then);
        }
        for (nth, letter) in sentence.chars().enumerate().skip(begun) {
            people.splice(DEWI, at + nth, 0, &letter.to_string());
            if is_slow && nth == 5 {
                // One of them has the beginning before the rest is written.
                let made = people.made.clone();
                people.documents[SRI].receive(people.now, made);
                people.documents[SRI].meet_restorations(people.now);
                people.flush(SRI);
            }
        }
        people.meet();
        let outcome = people.agreed();
        prop_assert!(outcome.contains(sentence), "torn: {}", outcome);
        let without = outcome.replacen(sentence, "", 1);
        let found: Vec<&str> = without.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let once: OrderedSet<&str> = found.iter().copied().collect();
        prop_assert_eq!(found.len(), once.len(), "twice: {}", outcome);
        if apart.is_none() {
            prop_assert_eq!(&without, text_then);
        }
    }
}
