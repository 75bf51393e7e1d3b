//! A version is told, compared, pinned and counted without known changes.

use shared::device::open_document::Decider;
use shared::ids::DecisionId;
use shared::model::decision::{DecisionView, Event, FourEyes, State, short_version};
use shared::model::difference::difference;
use shared::model::history::history;
use shared::model::known_change::is_nobodys;
use shared::model::moment::Clock;
use shared::ordered::OrderedSet;
use shared::role::Role;
use shared::wire::Decision;

use super::*;

fn decide(open: &mut OpenDocument, n: u8, who: &str, event: Event) -> Vec<ChangeHash> {
    let heads = open.pin(1).heads;
    let by = Decider { user: who.parse().unwrap(), role: Role::Approver, four_eyes: FourEyes::Required };
    let decision = Decision {
        decision: DecisionId::from_bytes([n; 16]),
        event,
        heads,
        note: None,
        made_at: u64::from(n),
    };
    let heads = decision.heads.clone();
    open.decide(by, decision).unwrap();
    heads
}

#[test]
fn approved_version_that_gets_a_container_is_still_unchanged() {
    // As the version that has it in its table sees it, and as one that does not know it yet.
    for knows in [true, false] {
        let mut open = opened_of(1, chunks(&fixture().begun));
        if knows {
            open.set_known(table());
        }
        decide(&mut open, 1, "ani", Event::Submit);
        let approved = decide(&mut open, 2, "citra", Event::Approve);
        let (summary, edited_at) = (open.summary(), open.document().edited_at());
        let known: Vec<String> = fixture().table.into_iter().map(|row| row.bytes).collect();
        let received = open.receive(2, chunks(&known));
        assert_eq!((received.applied.len(), received.bad.len()), (2, 0));

        let document = open.document();
        assert_eq!(document.heads(), approved);
        assert_eq!((document.changes_since(&approved), document.edited_at()), (0, edited_at));
        let view = DecisionView::of(document, &approved);
        assert_eq!((view.version.clone(), view.changes_since), (short_version(&document.heads()), 0));
        assert_eq!(difference(&document.at(&approved).unwrap(), document), []);
        assert_eq!(open.summary(), summary);
        assert_eq!(open.course().state, State::Approved);
        assert_eq!(open.pin(3).heads, approved, "the next decision is on the same version");
        // Another program names all heads that Automerge has.
        let all: Vec<ChangeHash> = fixture().heads.iter().map(|head| head.parse().unwrap()).collect();
        assert_eq!(all.len(), 2);
        let theirs = DecisionView::of(open.document(), &all);
        assert_eq!((theirs.version, theirs.is_complete, theirs.changes_since), (view.version, true, 0));
    }
}

#[test]
fn words_in_the_new_container_are_changes_since_and_the_old_version_stays_as_it_was() {
    let mut open = old_report(1);
    let before = open.document().heads();
    for edit in follow(1) {
        open.edit(1, &edit).unwrap();
    }
    open.flush(2).unwrap();
    assert_eq!(open.document().changes_since(&before), 1, "the known change is none");
    let old = open.document().at(&before).unwrap();
    assert_eq!(difference(&old, open.document()).len(), 2);
    assert_eq!(old.items::<shared::model::trip_report::FollowUp>(FOLLOW_UPS), []);
}

#[test]
fn history_says_that_nobody_made_it_and_nobodys_clock_is_wrong() {
    // It may be read before the first change: what is stored is in the order of hashes.
    let mut changes = vec![fixture().table.remove(0).bytes];
    changes.extend(fixture().begun);
    let open = opened_of(1, chunks(&changes));
    let sittings = history(open.document(), &OrderedSet::new());
    assert_eq!(sittings.len(), 2);
    assert!(!is_nobodys(sittings[0].actor), "the document began before");
    assert!(is_nobodys(sittings[1].actor));
    assert_eq!(sittings[1].clock, Clock::Believed);
    assert!(sittings[1].ended_at >= sittings[0].ended_at);
    assert_eq!(sittings[1].heads_after, sittings[0].heads_after);
    assert_eq!(open.document().heads(), sittings[0].heads_after);
}
