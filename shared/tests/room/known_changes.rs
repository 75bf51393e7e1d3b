//! Containers that older documents get by a change that nobody makes.

use shared::change_check::Refusal;
use shared::change_check::history::History;
use shared::change_check::snapshot::{check_snapshot, make_snapshot};
use shared::device::row::{OutboxRow, from_bytes};
use shared::device::table::{Table, Write};
use shared::model::document::DocumentError;
use shared::model::known_change::{self, is_known_change, version_of};
use shared::model::trip_report::{TripReport, heading};

use super::*;

/// A change by an actor of our choice, made with Automerge alone.
fn forged(actor: ActorId, times: usize) -> Vec<u8> {
    use automerge::transaction::{CommitOptions, Transactable};
    let mut doc = automerge::AutoCommit::new().with_actor(actor.into());
    for n in 0..times {
        doc.put(automerge::ROOT, "follow_ups", n as i64).unwrap();
        doc.commit_with(CommitOptions::default().with_time(0));
    }
    doc.get_last_local_change().unwrap().raw_bytes().to_vec()
}

#[test]
fn known_change_says_by_its_actor_what_it_is() {
    for row in fixture().table {
        let change = checked(&row.bytes);
        let kind = Kind::from_code(&row.kind).unwrap();
        assert_eq!(change.actor, known_change::actor(kind, row.version));
        assert!(is_known_change(change.actor) && version_of(change.actor) == row.version);
        assert_eq!((change.seq, change.deps.len(), change.time), (1, 0, 0));
    }
    assert!(!is_known_change(actor(0)) && !is_known_change(actor(1)));
}

#[test]
fn change_by_nobody_that_is_not_the_only_one_of_its_actor_is_refused() {
    let nobody = known_change::actor(Kind::TripReport, 1);
    assert!(check_change(&forged(nobody, 1)).is_ok(), "what it says is compared where the table is");
    assert_eq!(check_change(&forged(nobody, 2)).unwrap_err(), Refusal::Nobodys);
}

#[test]
fn field_without_a_place_takes_no_words_and_says_which_it_is() {
    let mut open = opened_of(1, chunks(&fixture().begun));
    let closing = heading::closing.at_root();
    let version = open.version();
    let write = Edit::Rewrite { field: closing, text: "Demikian laporan ini.".to_owned() };
    for (edit, name) in [(&write, "closing"), (&follow(1)[0], "follow_ups")] {
        let refused = open.edit(1, edit).unwrap_err();
        assert!(matches!(refused, DocumentError::NoContainer(of) if of == name), "{refused}");
        assert!(refused.to_string().contains(name));
    }
    assert_eq!((open.version(), open.flush(2)), (version, None), "nothing of it is half done");
    assert!(open.lacks(&closing) && !open.lacks(&heading::title.at_root()));
    assert!(!open.lacks(&heading::number.at_root()), "a fact needs no place of its own");
}

#[test]
fn first_edit_of_a_missing_place_brings_the_known_change_along() {
    let mut open = old_report(1);
    assert!(!open.lacks(&heading::closing.at_root()));
    for edit in follow(1) {
        open.edit(1, &edit).unwrap();
    }
    open.edit(1, &Edit::Rewrite { field: heading::closing.at_root(), text: "Demikian.".to_owned() }).unwrap();
    let flushed = open.flush(2).unwrap();
    let waiting: Vec<ActorId> = flushed
        .commit
        .writes
        .iter()
        .filter_map(|write| match write {
            Write::Put(row) if row.table == Table::Outbox => match from_bytes(&row.value)? {
                OutboxRow::Change { actor, .. } => Some(actor),
                OutboxRow::Decision { .. } => None,
            },
            _ => None,
        })
        .collect();
    let nobody = |version| known_change::actor(Kind::TripReport, version);
    assert_eq!(waiting, [nobody(1), actor(1), nobody(2), actor(1)], "each is sent as whose it is");
    let report = TripReport::read(open.document());
    assert_eq!(report.heading.closing, "Demikian.");
    assert_eq!(report.follow_ups[0].value.text, "tindak lanjut 1");
    let again = opened_of(2, all_chunks(open.document()));
    assert_eq!(TripReport::read(again.document()), report);
}

#[test]
fn devices_that_bring_it_at_once_bring_the_same_and_keep_each_others_words() {
    let (mut one, mut two) = (old_report(1), old_report(2));
    for (open, number) in [(&mut one, 1), (&mut two, 2)] {
        for edit in follow(number) {
            open.edit(1, &edit).unwrap();
        }
        open.flush(2).unwrap();
    }
    let received = one.receive(3, all_chunks(two.document()));
    assert_eq!((received.applied.len(), received.bad.len()), (1, 0), "the known change is there already");
    two.receive(3, all_chunks(one.document()));
    for open in [&one, &two] {
        let mut texts: Vec<String> =
            TripReport::read(open.document()).follow_ups.into_iter().map(|item| item.value.text).collect();
        texts.sort_unstable();
        assert_eq!(texts, ["tindak lanjut 1", "tindak lanjut 2"]);
        assert_eq!(open.document().changes().len(), 4);
    }
}

#[test]
fn what_another_program_wrote_after_it_is_read_and_written_on() {
    let mut open = opened_of(1, chunks(&fixture().written));
    let text = |open: &OpenDocument| TripReport::read(open.document()).follow_ups[0].value.text.clone();
    assert_eq!(text(&open), "Surat ke Kyoto");
    let item = ItemId::from_bytes([0, 0, 0, 0, 0, 0, 0, 1]);
    let field = follow_up::text.of(FOLLOW_UPS, item);
    open.edit(1, &Edit::Splice { field, at: 14, delete: 0, insert: " dan Osaka".to_owned() }).unwrap();
    assert_eq!(open.flush(2).unwrap().changes.len(), 1);
    assert_eq!(text(&open), "Surat ke Kyoto dan Osaka");
}

#[test]
fn snapshot_that_holds_it_is_checked_opened_and_edited() {
    let mut source = old_report(1);
    for edit in follow(1) {
        source.edit(1, &edit).unwrap();
    }
    source.flush(2).unwrap();
    let bytes = make_snapshot(source.document().changes(), &mut || true).unwrap();
    assert_eq!(check_snapshot(&bytes).unwrap().len(), 3);
    let mut open = opened_of(2, vec![(ChangeHash::of_bytes(&bytes), chunk(bytes))]);
    assert_eq!(open.document().heads(), source.document().heads());
    assert_eq!(TripReport::read(open.document()), TripReport::read(source.document()));
    for edit in follow(2) {
        open.edit(3, &edit).unwrap();
    }
    assert_eq!(open.flush(4).unwrap().changes.len(), 1);
    // The known change once more, by itself: it is in already.
    let known = chunks(&[fixture().table.remove(0).bytes]);
    assert_eq!(open.receive(5, known).bad, []);
}

#[test]
fn another_change_by_the_actor_of_a_known_one_is_set_aside() {
    let mut open = old_report(1);
    let bytes = forged(known_change::actor(Kind::TripReport, 1), 1);
    let hash = check_change(&bytes).unwrap().hash;
    let received = open.receive(1, vec![(hash, chunk(bytes))]);
    assert_eq!((received.applied, received.bad.len()), (vec![], 1));
    for edit in follow(1) {
        open.edit(2, &edit).unwrap();
    }
}

#[test]
fn known_change_alone_is_no_document() {
    let known = fixture().table.remove(0);
    let row = DocumentRow { doc: DOC, kind: Kind::TripReport, feeds: vec![home()], home: home() };
    let chunks = chunks(&[known.bytes]);
    let failure = OpenDocument::open(0, row, actor(1), chunks, Vec::new(), &OrderedSet::new());
    assert!(matches!(failure.map(drop).unwrap_err().error, DocumentError::Identity));
}

#[test]
fn history_of_two_known_changes_fits_in_any_order() {
    let table = fixture().table;
    for order in [[0, 1], [1, 0]] {
        let mut history = History::default();
        for row in order.map(|place| &table[place]) {
            history.admit(&checked(&row.bytes)).unwrap();
        }
        for change in fixture().begun {
            history.admit(&checked(&change)).unwrap();
        }
    }
}
