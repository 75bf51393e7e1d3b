//! Two versions at once: machines of an old one beside a relay and machines that know a kind, an event, a role and a
//! field more.
//!
//! The next version is not built yet, so this one plays it, and an old machine is this engine on a wire on which what it
//! must not know goes by names that it never heard of. Once it is updated all goes by its name, on its wire and in the
//! rows that it had kept. An old relay reads so too.

use ciborium::Value;
use shared::device::row::{DocumentRow, FeedRow, NewerRow, Stored};
use shared::device::table::{Key, Table, Write};
use shared::ids::{ChangeHash, DocumentId};
use shared::model::agreement::identity;
use shared::model::field::FieldRef;
use shared::model::kind::Kind;
use shared::model::trip_report::heading;
use shared::ordered::OrderedSet;
use shared::wire::{Bytes, Frame, FromRelay, NewerEntry};

use super::disk::{Disk, snapshot_of};
use super::rare::Rare;
use super::transition::Transition;
use super::world::World;

/// What somebody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// One kind, one event, one role and one field less.
    Old,
    /// All.
    New,
}

/// The kind that only the new version knows.
pub const NEWER_KIND: Kind = Kind::Agreement;

/// Under which key what stands, as the new version calls it and on the wire of the old one.
const NAMES: [(&str, &str, &str); 3] = [
    ("kind", "agreement", "agreement-of-the-next"),
    ("event", "withdraw", "withdraw-of-the-next"),
    ("role", "reader", "inspector"),
];

/// Bytes as the old version finds them: newer names, and in each entry one field more.
pub fn hidden(bytes: &[u8]) -> Vec<u8> {
    translated(bytes, &|key, text| named(key, text, |(key, new, old)| (key, new, old)), true)
}

/// The same bytes as the new version finds them.
fn revealed(bytes: &[u8]) -> Vec<u8> {
    translated(bytes, &|key, text| named(key, text, |(key, new, old)| (key, old, new)), false)
}

type Name = (&'static str, &'static str, &'static str);

fn named(key: &str, text: &str, turned: impl Fn(Name) -> Name) -> Option<&'static str> {
    let (.., to) = NAMES.into_iter().map(turned).find(|(of, from, _)| *of == key && *from == text)?;
    Some(to)
}

fn translated(bytes: &[u8], name: &dyn Fn(&str, &str) -> Option<&'static str>, adds_field: bool) -> Vec<u8> {
    // What was cut on the way stays as it is.
    let Ok(mut value) = ciborium::from_reader::<Value, _>(bytes) else { return bytes.to_vec() };
    translate(&mut value, name, adds_field);
    let mut out = Vec::new();
    ciborium::into_writer(&value, &mut out).expect("a Vec takes all");
    out
}

fn translate(value: &mut Value, name: &dyn Fn(&str, &str) -> Option<&'static str>, adds_field: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| translate(item, name, adds_field)),
        Value::Map(pairs) => {
            for (key, value) in pairs.iter_mut() {
                let to = key.as_text().zip(value.as_text()).and_then(|(key, text)| name(key, text));
                match to {
                    Some(to) => *value = to.into(),
                    None => translate(value, name, adds_field),
                }
            }
            let has = |wanted: &str| pairs.iter().any(|(key, _)| key.as_text() == Some(wanted));
            if adds_field && has("seq") && has("receipt") {
                pairs.push(("next".into(), Value::Array(vec![Value::Null])));
            }
        }
        _ => {}
    }
}

/// The prose field that people type into.
pub fn words_of(kind: Kind) -> FieldRef {
    if kind == NEWER_KIND { identity::remarks.at_root() } else { heading::activities.at_root() }
}

/// The changes of a document in entries that a machine keeps for its next version.
pub fn kept(disk: &Disk, doc: DocumentId) -> OrderedSet<ChangeHash> {
    let mut hashes = OrderedSet::new();
    for row in disk.all::<NewerRow>().into_iter().filter(|row| row.doc == doc) {
        let bytes = Bytes::from(revealed(&row.entry));
        let entry = NewerEntry { seq: row.seq, doc, until: None, removed: false, bytes }.read();
        let entry = entry.expect("the new version reads it");
        if let Some(bytes) = &entry.change {
            hashes.extend(shared::change_check::check_change(bytes).map(|checked| checked.hash));
        } else if let Some(bytes) = &entry.snapshot {
            hashes.extend(snapshot_of(ChangeHash::of_bytes(bytes), bytes).iter().map(|change| change.hash));
        }
    }
    hashes
}

impl World {
    /// Whether this history is one of two versions.
    pub fn has_two_versions(&self) -> bool {
        self.transitions.iter().any(|(transition, _)| *transition == Transition::UpdateDevice)
    }

    /// The version of a new machine.
    pub fn some_version(&mut self) -> Version {
        if self.has_two_versions() && self.random.percent(60) { Version::Old } else { Version::New }
    }

    /// A frame of the relay as a machine finds it.
    pub fn found_by(&mut self, device: usize, bytes: Vec<u8>) -> Vec<u8> {
        if self.devices[device].version == Version::New {
            return bytes;
        }
        let found = hidden(&bytes);
        if let Ok(FromRelay::Welcome(welcome)) = FromRelay::decode(&found)
            && welcome.feeds.iter().any(|view| view.role.known().is_none())
        {
            self.reached.note(Rare::UnknownRole);
        }
        found
    }

    /// Whether some machine is of the old version.
    pub fn has_old_machines(&self) -> bool {
        self.devices.iter().any(|device| device.version == Version::Old)
    }

    /// Machines of the new version are away, and the relay loses what came after some backup.
    pub fn lose_while_new_machines_are_away(&mut self) {
        for device in 0..self.devices.len() {
            if self.devices[device].version == Version::New {
                self.devices[device].is_cut_off = true;
                self.cut(device);
            }
        }
        self.restore(true);
        // One process is enough, as ever when all is calm.
        self.stop_relay(1);
    }

    /// The changes that machines keep for their next version.
    pub fn kept_by_old_machines(&self) -> OrderedSet<(DocumentId, ChangeHash)> {
        let old = self.devices.iter().filter(|device| device.version == Version::Old);
        old.flat_map(|device| {
            let docs = self.oracle.newer.iter();
            docs.flat_map(|doc| kept(&device.disk, *doc).into_iter().map(|hash| (*doc, hash)))
        })
        .collect()
    }

    /// Every machine gets the new version.
    pub fn update_all(&mut self) {
        for device in 0..self.devices.len() {
            self.update_device(device);
        }
    }

    /// A machine gets the new version: its tabs end, and the next one finds the rows that the old one left.
    pub fn update_device(&mut self, device: usize) {
        if self.devices[device].version == Version::New {
            return;
        }
        for tab in self.devices[device].tabs.keys().copied().collect::<Vec<_>>() {
            self.end_tab(device, tab);
        }
        let there = &mut self.devices[device];
        there.version = Version::New;
        for row in there.disk.all::<NewerRow>() {
            let shows_document = there.disk.get::<DocumentRow>(&Key::document(row.doc)).is_some();
            self.reached.note(if shows_document { Rare::UnknownEventKept } else { Rare::UnknownKindKept });
            there.disk.write(&Write::Delete(Table::Newer, row.key()));
            let entry = revealed(&row.entry).into();
            there.disk.write(&NewerRow { entry, ..row }.put());
        }
        if there.disk.all::<FeedRow>().iter().any(|row| row.newer_above.is_some()) {
            self.reached.note(Rare::UnknownLostByRelay);
        }
        self.say(format_args!("device {device} is updated"));
        self.open_tab(device);
    }

    /// The relay gets the new version.
    pub fn update_relay(&mut self) {
        if std::mem::replace(&mut self.relay.version, Version::New) == Version::Old {
            self.say(format_args!("the relay is updated"));
            for index in 0..self.relay.processes.len() {
                self.relay_ends(index);
            }
        }
    }
}
