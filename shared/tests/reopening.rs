//! A choice between values in conflict, undone: the conflict is there again, for everybody.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

#[path = "people/report.rs"]
mod report;

use report::{Changes, begun, made, open};
use shared::device::open_document::OpenDocument;
use shared::model::edit::Edit;
use shared::model::field::{FieldRef, Scalar};
use shared::model::trip_report::heading;

const NOW: u64 = 1_793_491_200_000;
const SRI: usize = 0;
const BUDI: usize = 1;

fn place() -> FieldRef {
    heading::place.at_root()
}

fn said(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

/// Two people who set one fact without knowing of each other, and have met.
struct People {
    documents: Vec<OpenDocument>,
    made: Changes,
}

impl People {
    fn in_conflict() -> Self {
        let made = begun(0, &[(heading::title.at_root(), "Kyoto")]);
        let documents = (0..2).map(|person| open(person, made.clone())).collect();
        let mut people = Self { documents, made };
        people.set(SRI, "Sleman");
        people.set(BUDI, "Yogyakarta");
        people.meet();
        people
    }

    fn set(&mut self, person: usize, text: &str) {
        self.documents[person].edit(NOW, &Edit::Set { field: place(), value: said(text) }).unwrap();
        self.flush(person);
    }

    fn flush(&mut self, person: usize) {
        let flushed = self.documents[person].flush(NOW);
        self.made.extend(flushed.iter().flat_map(|flushed| made(&flushed.commit)));
    }

    fn meet(&mut self) {
        for person in 0..2 {
            self.documents[person].receive(NOW, self.made.clone());
        }
    }

    /// What both see side by side, the shown value first; nothing where there is no conflict.
    fn side_by_side(&self) -> Vec<Scalar> {
        let seen = |person: usize| -> Vec<Scalar> {
            let document = self.documents[person].document();
            let conflicts = document.conflicts();
            assert!(conflicts.len() <= 1, "each fact once: {conflicts:?}");
            let all = conflicts.into_iter().find(|conflict| conflict.field == place());
            assert_eq!(document.conflict_of(&place()), all, "one field and all of them say the same");
            all.into_iter().flat_map(|conflict| conflict.values).map(|value| value.value).collect()
        };
        assert_eq!(seen(SRI), seen(BUDI));
        seen(SRI)
    }

    fn shown(&self) -> Scalar {
        self.documents[SRI].document().fact(&place())
    }
}

#[test]
fn undone_choice_shows_both_values_again_to_everybody_until_somebody_chooses() {
    for takes_shown in [true, false] {
        let mut people = People::in_conflict();
        let before = people.side_by_side();
        assert_eq!(before.len(), 2);
        let chosen = before[usize::from(!takes_shown)].clone();
        people.documents[SRI].edit(NOW, &Edit::Set { field: place(), value: chosen.clone() }).unwrap();
        people.flush(SRI);
        people.meet();
        assert_eq!((people.side_by_side(), people.shown()), (vec![], chosen.clone()));

        assert!(people.documents[SRI].undo(NOW).unwrap());
        people.flush(SRI);
        people.meet();
        assert_eq!(people.side_by_side(), before, "as it was before the choice");
        assert_eq!(people.documents[SRI].summary().conflicts, 1);

        assert!(people.documents[SRI].redo(NOW).unwrap());
        people.flush(SRI);
        people.meet();
        assert_eq!((people.side_by_side(), people.shown()), (vec![], chosen.clone()));

        assert!(people.documents[SRI].undo(NOW).unwrap(), "as often as one likes");
        people.flush(SRI);
        people.meet();
        assert_eq!(people.side_by_side(), before);
        for value in before {
            let mut again = People { documents: Vec::new(), made: people.made.clone() };
            again.documents = (0..2).map(|person| open(person, again.made.clone())).collect();
            again.documents[BUDI].edit(NOW, &Edit::Set { field: place(), value: value.clone() }).unwrap();
            again.flush(BUDI);
            again.meet();
            assert_eq!((again.side_by_side(), again.shown()), (vec![], value), "either can be chosen");
        }
    }
}

#[test]
fn choice_that_somebody_set_over_is_not_undone() {
    let mut people = People::in_conflict();
    people.set(SRI, "Sleman");
    people.meet();
    people.set(BUDI, "Bantul");
    people.meet();
    people.documents[SRI].undo(NOW).unwrap();
    people.flush(SRI);
    people.meet();
    assert_eq!((people.side_by_side(), people.shown()), (vec![], said("Bantul")));
}

#[test]
fn choice_that_is_still_being_typed_is_undone_too_with_what_was_written_before_it() {
    let mut people = People::in_conflict();
    let before = people.side_by_side();
    let title = heading::title.at_root();
    people.documents[SRI].edit(NOW, &Edit::Rewrite { field: title, text: "Kyoto 2026".to_owned() }).unwrap();
    people.documents[SRI].edit(NOW, &Edit::Set { field: place(), value: before[1].clone() }).unwrap();
    assert!(people.documents[SRI].undo(NOW).unwrap());
    people.flush(SRI);
    people.meet();
    assert_eq!(people.side_by_side(), before);
    assert_eq!(people.documents[BUDI].document().prose(&title), "Kyoto 2026");
}
