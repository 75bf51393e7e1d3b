//! The entries of a frame: those that this version can read, and those that a newer one wrote.
//!
//! An entry of any version has `seq`, `doc` and `kind`; the first two tell where it belongs, and a kind, an event or
//! a sort that is not known makes it a [`NewerEntry`], whatever else stands in it.

use super::{Batch, Bytes, Cursor, Entry, NewerEntry, Offer};
use crate::cbor::fields::Fields;
use crate::cbor::reader::Reader;
use crate::cbor::writer::{OpenMap, Writer};
use crate::cbor::{Form, Keyed};
use crate::cbor_map;
use crate::code::Code;
use crate::model::decision::Event;
use crate::model::kind::Kind;

/// An entry, read as far as any version can.
struct AnyEntry {
    seq: u64,
    doc: crate::ids::DocumentId,
    kind: Code<Kind>,
    change: Option<Present>,
    snapshot: Option<Present>,
    folded: Option<AnyFolded>,
    decision: Option<AnyDecision>,
    removed: bool,
}

struct AnyFolded {
    until: Cursor,
}

struct AnyDecision {
    event: Code<Event>,
}

cbor_map! {
    AnyEntry {
        seq,
        doc,
        kind,
        change: sparse,
        snapshot: sparse,
        folded: sparse,
        decision: sparse,
        removed: sparse,
    }
    AnyFolded { until }
    AnyDecision { event }
}

/// Something that is there, whatever it is.
struct Present;

impl Form for Present {
    fn write(&self, writer: &mut Writer) {
        writer.truth(true);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.skip().map(|()| Self)
    }
}

impl AnyEntry {
    fn is_newer(&self) -> bool {
        let event = self.decision.as_ref().map(|decision| decision.event.known());
        let has_known_sort =
            self.change.is_some() || self.snapshot.is_some() || event.is_some() || self.removed;
        self.kind.known().is_none() || event == Some(None) || !has_known_sort
    }
}

/// Entries in the order in which they stand, parted by whether this version can read them.
#[derive(Default)]
struct Entries {
    known: Vec<Entry>,
    newer: Vec<NewerEntry>,
}

impl Entries {
    fn read_one(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let mut ahead = reader.clone();
        let any = AnyEntry::read(&mut ahead)?;
        if !any.is_newer() {
            self.known.push(Entry::read(reader)?);
            return Some(());
        }
        self.newer.push(NewerEntry {
            seq: any.seq,
            doc: any.doc,
            until: any.folded.map(|folded| folded.until),
            removed: any.removed,
            bytes: Bytes::from(ahead.read_since(reader).to_vec()),
        });
        *reader = ahead;
        Some(())
    }
}

impl Form for Entries {
    fn write(&self, writer: &mut Writer) {
        write_entries(writer, &self.known, &self.newer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut entries = Self::default();
        let mut left = reader.array()?;
        while reader.more(&mut left) {
            entries.read_one(reader)?;
        }
        Some(entries)
    }
}

impl NewerEntry {
    /// The entry, where this version can read it: another one kept it.
    pub fn read(&self) -> Option<Entry> {
        let mut entries = Entries::default();
        entries.read_one(&mut Reader::new(&self.bytes))?;
        entries.known.pop()
    }
}

/// An array of all of them, in the order of their numbers.
fn write_entries(writer: &mut Writer, known: &[Entry], newer: &[NewerEntry]) {
    writer.array(known.len() + newer.len());
    let mut newer = newer.iter().peekable();
    for entry in known {
        while let Some(before) = newer.next_if(|newer| newer.seq < entry.seq) {
            writer.written(&before.bytes);
        }
        entry.write(writer);
    }
    for entry in newer {
        writer.written(&entry.bytes);
    }
}

fn entries_field(writer: &mut Writer, map: OpenMap, known: &[Entry], newer: &[NewerEntry]) {
    writer.key(map, "entries");
    write_entries(writer, known, newer);
}

macro_rules! frames_of_entries {
    ($($frame:ident { $($field:ident),* })*) => {$(
        impl Form for $frame {
            fn write(&self, writer: &mut Writer) {
                let map = writer.open_map();
                self.write_keys(writer, map);
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                let mut fields = Fields::find(reader, &[$(stringify!($field),)* "entries"])?;
                $(let $field = fields.needed()?;)*
                let Entries { known: entries, newer } = fields.needed()?;
                fields.finish();
                Some(Self { $($field,)* entries, newer })
            }
        }

        impl Keyed for $frame {
            fn write_keys(&self, writer: &mut Writer, map: OpenMap) {
                $(writer.field(map, stringify!($field), &self.$field);)*
                entries_field(writer, map, &self.entries, &self.newer);
            }
        }
    )*};
}

frames_of_entries! {
    Batch { feed, from, to, tag }
    Offer { id, feed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::to_bytes;
    use crate::ids::{DeviceId, DocumentId, Receipt, Tag};

    fn entry(seq: u64) -> Entry {
        Entry {
            seq,
            doc: DocumentId::from_bytes([7; 16]),
            kind: Kind::TripReport,
            at: 1,
            by: "ani".parse().unwrap(),
            device: DeviceId::from_bytes([1; 16]),
            receipt: Receipt::from_bytes([2; 16]),
            change: Some(Bytes::from(vec![1, 2, 3])),
            snapshot: None,
            folded: None,
            decision: None,
            removed: false,
            inclusion: None,
        }
    }

    /// The bytes of an entry in which one text stands for another of the same length.
    fn renamed(entry: &Entry, from: &str, to: &str) -> Vec<u8> {
        let mut bytes = to_bytes(entry);
        let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
        bytes
    }

    fn batch_of(entries: &[Vec<u8>]) -> Option<Batch> {
        let empty = Batch {
            feed: "kota".parse().unwrap(),
            from: 0,
            to: 9,
            tag: Tag::START,
            entries: Vec::new(),
            newer: Vec::new(),
        };
        let mut bytes = to_bytes(&empty);
        let array = bytes.len() - 1;
        bytes[array] = 0x80 + u8::try_from(entries.len()).unwrap();
        bytes.extend(entries.concat());
        Batch::read(&mut Reader::new(&bytes))
    }

    #[test]
    fn entry_of_an_unknown_kind_or_sort_is_kept_whole_beside_the_others() {
        let (kind, sort) =
            (renamed(&entry(2), "trip-report", "trip-wreck!"), renamed(&entry(3), "change", "strang"));
        let batch =
            batch_of(&[to_bytes(&entry(1)), kind.clone(), sort.clone(), to_bytes(&entry(4))]).unwrap();
        assert_eq!(batch.entries, [entry(1), entry(4)]);
        let newer: Vec<_> = batch.newer.iter().map(|newer| (newer.seq, newer.bytes.to_vec())).collect();
        assert_eq!(newer, [(2, kind), (3, sort)]);
        assert!(batch.newer.iter().all(|newer| newer.read().is_none()));
        assert_eq!(Batch::read(&mut Reader::new(&to_bytes(&batch))), Some(batch));
    }

    #[test]
    fn kept_entry_is_read_once_its_kind_is_known() {
        let kept = NewerEntry {
            seq: 1,
            doc: entry(1).doc,
            until: None,
            removed: false,
            bytes: Bytes::from(to_bytes(&entry(1))),
        };
        assert_eq!(kept.read(), Some(entry(1)));
    }

    #[test]
    fn entry_whose_words_are_known_must_have_its_form() {
        assert_eq!(batch_of(&[renamed(&entry(1), "receipt", "recipes")]), None);
    }
}
