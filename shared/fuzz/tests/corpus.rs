//! Every seed, and everything that fuzzing has found worth keeping, through its target.

use shared::ordered::OrderedSet;

use fuzz::seeds::{corpus, of};
use fuzz::{chunk_target, document_target, frame_target, parts};

#[test]
fn every_golden_frame_and_row_is_read_and_nothing_of_the_corpus_breaks_a_promise() {
    for (name, bytes) in of("frames") {
        assert!(frame_target::run(&bytes) > 0, "{name}");
    }
    for (_, bytes) in corpus("frames") {
        frame_target::run(&bytes);
    }
}

#[test]
fn seeds_of_changes_reach_past_the_check_and_nothing_of_the_corpus_breaks_a_promise() {
    let came: Vec<_> = of("changes").iter().map(|(_, bytes)| chunk_target::run(bytes)).collect();
    let changes = came.iter().filter(|came| **came == chunk_target::Came::Change).count();
    assert!(changes > 40, "{changes} of {} seeds are changes", came.len());
    assert!(came.contains(&chunk_target::Came::Snapshot(6)));
    for (_, bytes) in corpus("changes") {
        chunk_target::run(&bytes);
    }
}

#[test]
fn seeds_of_documents_open_and_nothing_of_the_corpus_breaks_a_promise() {
    for (name, bytes) in of("documents") {
        let came = document_target::run(&bytes);
        let is_a_record = ["record", "busy", "snapshot"].contains(&name.as_str());
        assert!(!is_a_record || matches!(came, document_target::Came::Opened(_)), "{name}: {came:?}");
    }
    for (_, bytes) in corpus("documents") {
        document_target::run(&bytes);
    }
}

/// The ways in which Automerge 0.12 panics at changes that passed the check: the check does not know the document.
/// What the poison mark does about them (`shared/src/device/poison.rs`) helps: without the one chunk the rest does no harm.
#[test]
fn history_at_which_automerge_panics_does_no_harm_without_the_chunk_that_does_it() {
    let mut places = OrderedSet::new();
    for (name, bytes) in corpus("documents").into_iter().filter(|(name, _)| name.starts_with("panics-")) {
        let document_target::Came::Contained(place) = document_target::run(&bytes) else {
            panic!("{name} does no harm any more: Automerge has changed, give it another name")
        };
        places.insert(place);
        let mut chunks = parts::history(&bytes);
        let harms = |chunks: &[parts::Sealed]| {
            matches!(document_target::run_on(chunks), document_target::Came::Contained(_))
        };
        // The one that came last when it first happened is what the mark names.
        let count = (1..=chunks.len()).find(|count| harms(&chunks[..*count])).expect("the whole does");
        chunks.remove(count - 1);
        assert!(!harms(&chunks), "{name} without its chunk {count}");
    }
    assert_eq!(places.len(), 4, "{places:?}");
}

/// Automerge takes it and would give it out again as another change: no file of the document could be read.
#[test]
fn change_that_automerge_would_not_keep_as_it_came_is_set_aside_alone() {
    let found = corpus("documents").into_iter().find(|(name, _)| name == "fact-deleted-under-another-name");
    let (_, bytes) = found.expect("it is in the corpus");
    assert_eq!(parts::history(&bytes).len(), 6);
    assert_eq!(document_target::run(&bytes), document_target::Came::Opened(5));
}
