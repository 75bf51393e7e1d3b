//! Hostile changes, each wrong in one way. Also the seeds of the fuzzing (`shared/fuzz/`).

use automerge::ROOT;
use automerge::transaction::Transactable;
use shared::change_check::Refusal;
use shared::wire::limits;

use super::documents::{document, ordinary};
use super::forge::{self, Forged, plain, runs};

/// Each with its name and the rule that refuses it.
pub fn cases() -> Vec<(&'static str, Vec<u8>, Refusal)> {
    use Refusal::*;

    let ordinary_bytes = ordinary().raw_bytes().to_vec();
    let ordinary_body = {
        let body_at = ordinary_bytes.len() - forge::body_of(&ordinary_bytes).len();
        ordinary_bytes[body_at..].to_vec()
    };
    let good = Forged::default();
    let with = |change: &dyn Fn(&mut Forged)| {
        let mut forged = good.clone();
        change(&mut forged);
        plain(&forged.body())
    };
    let column = |spec: u64, bytes: Vec<u8>| with(&|f| f.set_column(spec, bytes.clone()));
    let wrong_checksum = {
        let mut bytes = ordinary_bytes.clone();
        bytes[4] ^= 1;
        bytes
    };
    let flipped_letter = {
        let mut bytes = ordinary_bytes.clone();
        let at = bytes.windows(3).position(|w| w == b"Ayu").expect("the name stands in the change");
        bytes[at] = b'a';
        bytes
    };
    let trailing = [&ordinary_bytes[..], &[0]].concat();
    let two_chunks = [&ordinary_bytes[..], &ordinary_bytes[..]].concat();
    let after_stream = forge::deflated_with_tail(&ordinary_body, b"garbage");
    let over_long_length = forge::with_length_bytes(&ordinary_bytes, |length| {
        let last = length.len() - 1;
        length[last] |= 0x80;
        length.push(0);
    });
    let claims_everything =
        forge::with_length_bytes(&ordinary_bytes, |length| *length = forge::unsigned(u64::MAX));
    let mut saved = document(1);
    saved.put(ROOT, "a", 1).expect("a new document takes a key");
    let document_chunk = saved.save();
    let key = |text: &[u8], times: i64| {
        [forge::signed(times), forge::unsigned(text.len() as u64), text.to_vec()].concat()
    };

    vec![
        ("wrong checksum", wrong_checksum, Checksum),
        ("content changed under its checksum", flipped_letter, Checksum),
        ("byte after the chunk", trailing, Malformed("bytes follow the chunk")),
        ("two chunks at once", two_chunks, Malformed("bytes follow the chunk")),
        ("bytes after the deflate stream", after_stream, Malformed("bytes follow the deflate stream")),
        ("length longer than it need be", over_long_length, NotCanonical),
        ("length of all that there is", claims_everything, Malformed("it ends too early")),
        ("document chunk", document_chunk, ChunkType(0)),
        ("bundle", forge::chunk(3, &ordinary_body), ChunkType(3)),
        ("chunk of an unknown type", forge::chunk(9, &ordinary_body), ChunkType(9)),
        ("over 512 KiB as sent", forge::chunk(1, &vec![0; limits::CHANGE_BYTES]), TooLarge("bytes")),
        // Deflate gives at most a thousand for one, so that a gigabyte takes a megabyte.
        ("inflates to 1 GB", forge::bomb(1024), TooLarge("bytes")),
        ("inflates to 400 MB out of 400 KB", forge::bomb(400), TooLarge("bytes once inflated")),
        ("inflates to 5 MB out of 5 KB", forge::bomb(5), TooLarge("bytes once inflated")),
        ("ten million operations in 70 bytes", column(0x42, runs(10_000_000, 1)), TooLarge("operations")),
        ("one operation too many", column(0x42, runs(100_001, 1)), TooLarge("operations")),
        (
            "operations whose number overflows",
            column(0x42, [runs(i64::MAX, 1), runs(i64::MAX, 1)].concat()),
            TooLarge("operations"),
        ),
        ("literal run of the smallest number", column(0x42, forge::signed(i64::MIN)), TooLarge("operations")),
        (
            "operations without an action",
            column(0x42, [forge::signed(0), forge::unsigned(1)].concat()),
            Malformed("an operation has no action"),
        ),
        ("unknown action", column(0x42, runs(1, 8)), Malformed("it has an action that no change has")),
        ("run of no rows", column(0x42, [vec![0, 0], runs(1, 1)].concat()), NotCanonical),
        ("no actions but keys", column(0x42, vec![]), TooLarge("rows of a column")),
        ("huge run in another column", column(0x11, runs(1 << 40, 0)), TooLarge("rows of a column")),
        ("huge run of no", column(0x34, forge::unsigned(u64::MAX)), TooLarge("rows of a column")),
        (
            "value longer than what is there",
            column(0x56, runs(1, (1 << 40) | 6)),
            Malformed("a value is longer than what is there"),
        ),
        ("bytes after the last value", column(0x57, vec![1; 9]), Malformed("bytes follow the last value")),
        (
            "key of a claimed gigabyte",
            column(0x15, [vec![0x7f], forge::unsigned(1 << 30)].concat()),
            Malformed("it ends too early"),
        ),
        ("key that is not UTF-8", column(0x15, key(b"\xff\xfe", -1)), Malformed("a key is not UTF-8")),
        (
            "long key for each of many operations",
            with(&|f| {
                f.set_column(0x15, key(&[b'k'; 4000], 90_000));
                f.set_column(0x34, forge::unsigned(90_000));
                f.set_column(0x42, runs(90_000, 1));
                f.set_column(0x56, runs(90_000, 0x14));
            }),
            TooLarge("bytes of keys"),
        ),
        ("many predecessors", column(0x70, runs(1, 1 << 50)), TooLarge("predecessors")),
        (
            "predecessors that are not there",
            column(0x70, runs(1, 3)),
            Malformed("its predecessors do not add up"),
        ),
        (
            "actor that is not listed",
            with(&|f| {
                f.set_column(0x01, runs(1, 1));
                f.set_column(0x02, runs(1, 1));
            }),
            Malformed("an actor is not in the list of actors"),
        ),
        (
            "object that comes later",
            with(&|f| {
                f.set_column(0x01, runs(1, 0));
                f.set_column(0x02, runs(1, 4_000_000_000));
            }),
            Malformed("an operation refers to a later one"),
        ),
        (
            "predecessor before all",
            with(&|f| {
                f.set_column(0x70, runs(1, 1));
                f.set_column(0x71, runs(1, 0));
                f.set_column(0x73, [forge::signed(1), forge::signed(-5)].concat());
            }),
            Malformed("an operation refers to a later one"),
        ),
        ("table", column(0x42, runs(1, 6)), Reference("a table")),
        (
            "deletion of nothing",
            column(0x42, runs(1, 3)),
            Reference("an operation that has nothing to work on"),
        ),
        (
            "list key in the root",
            with(&|f| {
                f.set_column(0x13, runs(1, 0));
                f.set_column(0x15, vec![]);
            }),
            Reference("a key of the wrong kind for its object"),
        ),
        (
            "object that is a number",
            with(&|f| {
                // The second operation stands in the first, which is no object.
                f.set_column(0x01, [vec![0, 1], runs(1, 0)].concat());
                f.set_column(0x02, [vec![0, 1], runs(1, 1)].concat());
                f.set_column(0x15, key(b"a", 2));
                f.set_column(0x34, forge::unsigned(2));
                f.set_column(0x42, runs(2, 1));
                f.set_column(0x56, runs(2, 0x14));
                f.set_column(0x57, vec![1, 2]);
                f.set_column(0x70, runs(2, 0));
            }),
            Reference("an object that is none"),
        ),
        (
            "object of an actor who made nothing yet",
            with(&|f| {
                f.others = vec![vec![9; 17]];
                f.set_column(0x01, runs(1, 1));
                f.set_column(0x02, runs(1, 1));
            }),
            Reference("an operation that does not come before"),
        ),
        ("deflated column", column(0x42 | 8, runs(1, 1)), Malformed("a column within a change is deflated")),
        ("unknown column", column(0x80, runs(1, 1)), Malformed("it has a column that no change has")),
        ("column that is empty", with(&|f| f.columns.push((0xa5, vec![]))), NotCanonical),
        ("columns out of order", with(&|f| f.columns.reverse()), Malformed("its columns are out of order")),
        (
            "column twice",
            with(&|f| f.columns.push(f.columns[f.columns.len() - 1].clone())),
            Malformed("its columns are out of order"),
        ),
        (
            "a thousand columns",
            with(&|f| f.columns = vec![(0x42, vec![]); 1000]),
            Malformed("it has more columns than a change has"),
        ),
        (
            "start_op near the limit",
            with(&|f| f.start_op = u64::from(u32::MAX) - 1),
            StartOperation(u64::from(u32::MAX) - 1),
        ),
        (
            "start_op just over its limit",
            with(&|f| f.start_op = limits::START_OPERATION + 1),
            StartOperation(limits::START_OPERATION + 1),
        ),
        ("start_op of zero", with(&|f| f.start_op = 0), StartOperation(0)),
        ("sequence number of zero", with(&|f| f.seq = 0), Sequence(0)),
        ("sequence number without end", with(&|f| f.seq = u64::MAX), Sequence(u64::MAX)),
        ("time without end", with(&|f| f.time = i64::MIN), TooLarge("time")),
        ("actor of 16 bytes", with(&|f| f.actor = vec![7; 16]), Actor(16)),
        ("actor of 18 bytes", with(&|f| f.actor = vec![7; 18]), Actor(18)),
        ("no actor", with(&|f| f.actor = vec![]), Actor(0)),
        ("other actor of 3 bytes", with(&|f| f.others = vec![vec![1; 3]]), Actor(3)),
        ("other actors out of order", with(&|f| f.others = vec![vec![9; 17], vec![8; 17]]), NotCanonical),
        ("own actor among the others", with(&|f| f.others = vec![f.actor.clone()]), NotCanonical),
        ("actor that no operation names", with(&|f| f.others = vec![vec![9; 17]]), NotCanonical),
        ("too many actors", with(&|f| f.others = vec![vec![9; 17]; 4097]), TooLarge("actors")),
        ("too many dependencies", with(&|f| f.deps = vec![[3; 32]; 1025]), TooLarge("dependencies")),
        ("dependencies out of order", with(&|f| f.deps = vec![[3; 32], [2; 32]]), NotCanonical),
        ("dependency twice", with(&|f| f.deps = vec![[3; 32], [3; 32]]), NotCanonical),
        ("message too long", with(&|f| f.message = vec![b'a'; 4097]), TooLarge("bytes of the message")),
        ("message not UTF-8", with(&|f| f.message = vec![0xc3]), Malformed("the message is not UTF-8")),
        ("author footer", with(&|f| f.tail = vec![1, 3, b'A', b'y', b'u']), ExtraBytes),
        ("run of one row", column(0x42, [forge::signed(1), vec![1]].concat()), NotCanonical),
        (
            "equal rows written one by one",
            with(&|f| {
                f.set_column(0x15, [vec![0x7e], vec![1, b'a', 1, b'b']].concat());
                f.set_column(0x34, forge::unsigned(2));
                f.set_column(0x42, [vec![0x7e], vec![1, 1]].concat());
                f.set_column(0x56, runs(2, 0x14));
                f.set_column(0x57, vec![1, 2]);
                f.set_column(0x70, runs(2, 0));
            }),
            NotCanonical,
        ),
    ]
}
