//! What must hold, whatever happens: a naive record of every word ever typed and of what people were told,
//! held against the real stores.
//!
//! The numbers are those of the design's invariants:
//! 1. when all is quiet, all devices of a feed hold the same documents;
//! 2. what a device was told is on the server is there;
//! 3. what a device was told is on this device is there, or set aside there;
//! 4. nothing is sent before it is stored;
//! 5. the relay never loses, reorders or renumbers an entry, and a cursor never skips one;
//! 6. duplicates change nothing: no change stands twice in a feed;
//! 7. a batch is sent only once the socket has taken the one before (asked in `network.rs`);
//! 10. no change is attributed to a person who did not make it;
//! 11. what the device sets aside as no change is just what was planted;
//! 12. the same seed gives the same trace (asked in `sim.rs`).

use shared::change_check::check_change;
use shared::device::row::{
    Access, ChunkRow, DecisionRow, DeviceRow, DocumentRow, FeedRow, OutboxRow, SetAsideReason, SetAsideRow,
    Stored, from_bytes,
};
use shared::device::table::{Commit, Key, MetaKey, Table, Write};
use shared::device::takeover::Taken;
use shared::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, FeedId, Tag, UserId};
use shared::model::document::NewChange;
use shared::model::kind::Kind;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::relay::memory::MemoryLog;
use shared::wire::code::NackCode;
use shared::wire::{Bytes, Push};

use super::disk::Disk;
use super::rare::{Rare, Reached};
use super::relay::Relay;
use super::tab::Open;
use super::version::{Version, kept, words_of};
use super::world::{Device, World, extra_feed, feeds};

/// A change as it was made.
#[derive(Clone, Debug)]
struct Truth {
    user: UserId,
    device: usize,
    words: Vec<String>,
    is_on_device: bool,
    is_on_server: bool,
}

/// The record.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    changes: OrderedMap<(DocumentId, ChangeHash), Truth>,
    /// Every document and its home.
    pub homes: OrderedMap<DocumentId, FeedId>,
    /// Documents of a kind that only the new version knows.
    pub newer: OrderedSet<DocumentId>,
    /// Changes whose chunk a disk lost.
    pub lost: OrderedSet<(DocumentId, ChangeHash)>,
    /// Bytes that are no change, in the log all the same.
    pub planted: OrderedSet<(DocumentId, ChangeHash)>,
    /// Decisions and who made them.
    pub decisions: OrderedMap<DecisionId, (usize, DocumentId)>,
    begun: OrderedMap<ActorId, u32>,
    /// Device ids that two machines have.
    pub copied: OrderedSet<DeviceId>,
    has_lost_chunk: bool,
    has_restored: bool,
    log: OrderedMap<FeedId, Vec<Tag>>,
    /// Changes that wait on a machine for their maker's device.
    held: OrderedSet<(usize, DocumentId, ChangeHash)>,
    /// Stand-ins, and what they stand for.
    stand_ins: OrderedMap<(DocumentId, ChangeHash), Vec<ChangeHash>>,
    /// Feeds whose documents were removed from a machine.
    left: OrderedSet<(usize, FeedId)>,
    /// Changes that a device took out of a snapshot.
    pub unfolded: OrderedSet<(DocumentId, ChangeHash)>,
}

/// Every feed that a history may have.
fn all_feeds() -> impl Iterator<Item = FeedId> {
    feeds().into_iter().chain([extra_feed()])
}

impl Oracle {
    /// A device is told that its person may not read a feed any more.
    pub fn leaves(&mut self, device: usize, feed: FeedId) {
        self.left.insert((device, feed));
    }

    /// A tab made a change; gives the commit that stores it.
    #[expect(clippy::too_many_arguments, reason = "all that is true of a change")]
    pub fn made(
        &mut self,
        device: usize,
        user: &UserId,
        doc: DocumentId,
        change: &NewChange,
        actor: ActorId,
        words: Vec<String>,
        begun: Option<Kind>,
    ) -> Commit {
        let truth = Truth { user: user.clone(), device, words, is_on_device: false, is_on_server: false };
        self.changes.insert((doc, change.hash), truth);
        let chunk = ChunkRow {
            bytes: Bytes::from(change.bytes.clone()),
            place: None,
            origin: None,
            proof: None,
            folded: None,
            unproven_since: None,
        };
        let outbox = OutboxRow::Change { doc, hash: change.hash, actor };
        let mut writes = vec![chunk.put(doc, change.hash), outbox.put()];
        if let Some(kind) = begun {
            let home = self.homes[&doc].clone();
            let row = DocumentRow { doc, kind, feeds: vec![home.clone()], home };
            writes.push(row.put());
        }
        Commit { guards: Vec::new(), writes }
    }

    /// A person took work over: each stand-in says the words of what it stands for.
    pub fn took_over(&mut self, device: usize, user: &UserId, doc: DocumentId, taken: &Taken) {
        for (stand_in, originals) in &taken.stand_ins {
            let words = originals.iter().flat_map(|hash| self.changes[&(doc, *hash)].words.clone()).collect();
            let truth = Truth { user: user.clone(), device, words, is_on_device: true, is_on_server: false };
            self.changes.insert((doc, *stand_in), truth);
            self.stand_ins.insert((doc, *stand_in), originals.clone());
            for hash in originals {
                self.held.remove(&(device, doc, *hash));
            }
        }
    }

    /// A slot begins a document.
    pub fn begins(&mut self, actor: ActorId, doc: DocumentId, home: FeedId, reached: &mut Reached) {
        self.homes.insert(doc, home);
        let count = self.begun.entry(actor).or_default();
        *count += 1;
        if *count == 2 {
            reached.note(Rare::TwoDocumentsBegunBySlot);
        }
    }

    /// A device is retired, which must have a cause: a person has to sign in again for it.
    pub fn retires(&self, device: usize) {
        let has_cause = self.has_lost_chunk
            || !self.copied.is_empty()
            // A refused change, its number used again, and then brought back by others.
            || self.has_restored;
        assert!(has_cause, "device {device} is retired, but nothing was lost or copied");
    }

    /// A disk lost a chunk.
    pub fn loses(&mut self, doc: DocumentId, hash: ChangeHash) {
        self.lost.insert((doc, hash));
        self.has_lost_chunk = true;
    }

    /// A person was told: on this device.
    pub fn told_on_device(&mut self, doc: DocumentId, hash: ChangeHash) {
        self.changes.get_mut(&(doc, hash)).expect("it was made").is_on_device = true;
    }

    /// A commit is on a device's disk. Invariant 2, at once: what is now called on the server is there.
    pub fn committed(&mut self, device: usize, commit: &Commit, relay: &Relay) -> Vec<Rare> {
        let mut reached = Vec::new();
        let clears_mark = commit.writes.iter().any(|write| matches!(write, Write::Delete(Table::Poison, _)));
        if clears_mark && commit.writes.len() > 1 {
            reached.push(Rare::SnapshotTakenApart);
            let out = commit.writes.iter().filter_map(|write| match write {
                Write::Put(row) if row.table == Table::Chunks => Some(parts(&row.key)),
                _ => None,
            });
            self.unfolded.extend(out);
        }
        for write in &commit.writes {
            let Write::Put(row) = write else { continue };
            match row.table {
                Table::Chunks => {
                    let (doc, hash) = parts(&row.key);
                    let chunk: ChunkRow = from_bytes(&row.value).expect("it was just written");
                    if chunk.unproven_since.is_some() {
                        self.held.insert((device, doc, hash));
                        reached.push(Rare::HeldForMaker);
                    } else if chunk.place.is_some() && self.held.remove(&(device, doc, hash)) {
                        reached.push(Rare::BroughtByMaker);
                    }
                    let Some(truth) = self.changes.get_mut(&(doc, hash)) else { continue };
                    if let Some(origin) = &chunk.origin {
                        assert_eq!(origin.by, truth.user, "invariant 10: {} by another", hash.short());
                        continue;
                    }
                    if chunk.place.is_none() {
                        continue;
                    }
                    truth.is_on_server = true;
                    // After a restore an ack of the lost log may still be stored.
                    if relay.restored == 0 {
                        let asked = OrderedMap::from([(doc, vec![hash])]);
                        let missing = relay.log.missing(&self.homes[&doc], &asked);
                        assert!(missing.is_empty(), "invariant 2: {hash:?} is called on the server");
                    }
                }
                Table::SetAside => {
                    let aside: SetAsideRow = from_bytes(&row.value).expect("it was just written");
                    match aside.reason {
                        SetAsideReason::Refused(NackCode::UnknownKind, _) => {
                            panic!("what only the relay is too old for is refused for good")
                        }
                        SetAsideReason::BuildsOnRefused(_) => reached.push(Rare::RefusedWithDependants),
                        SetAsideReason::BadChange(why) => {
                            let is_planted = self.planted.contains(&(aside.doc, aside.hash));
                            assert!(is_planted, "invariant 11: a good change is set aside: {why}");
                            reached.push(Rare::BadChunkSetAside);
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        reached
    }

    /// Invariant 4: what is sent is stored.
    pub fn sent(&self, disk: &Disk, push: &Push) {
        for bytes in &push.changes {
            let checked = check_change(bytes).expect("own changes are good");
            let is_stored = disk.has(Table::Chunks, &Key::change(push.doc, checked.hash));
            let is_lost = self.lost.contains(&(push.doc, checked.hash));
            // Somebody may take it over while it is under way.
            let is_aside = disk.has(Table::SetAside, &Key::change(push.doc, checked.hash));
            assert!(
                is_stored || is_lost || is_aside,
                "invariant 4: {:?} is sent but not stored",
                checked.hash
            );
        }
    }

    /// The relay refuses.
    pub fn nacked(&self, code: NackCode, hashes: &[ChangeHash], reached: &mut Reached) {
        let is_stand_in = |hash: &ChangeHash| self.stand_ins.keys().any(|(_, stand_in)| stand_in == hash);
        match code {
            NackCode::OriginalStored => reached.note(Rare::MakerBackBeforeTakeover),
            NackCode::TakenOver if hashes.first().is_some_and(is_stand_in) => {
                reached.note(Rare::TwoTakersAtOnce)
            }
            NackCode::TakenOver => reached.note(Rare::MakerBackAfterTakeover),
            NackCode::Busy => reached.note(Rare::Busy),
            NackCode::UnknownKind => reached.note(Rare::UnknownToRelay),
            NackCode::ActorConflict if self.has_lost_chunk => reached.note(Rare::NumberReusedAfterLoss),
            _ => {}
        }
    }

    /// The relay ends a connection because another speaks as the same device.
    pub fn replaced(&self, device: DeviceId, _devices: &[Device], reached: &mut Reached) {
        if self.copied.contains(&device) {
            reached.note(Rare::CopiedProfileFound);
        }
    }

    /// The relay's log has grown. Invariant 5: what was there is there, with the same number.
    pub fn logged(&mut self, log: &MemoryLog) {
        for feed in all_feeds() {
            let known = self.log.entry(feed.clone()).or_default();
            if let Some(last) = known.last() {
                let tag = log.tag_at(&feed, known.len() as u64);
                assert_eq!(tag, Some(*last), "invariant 5: an entry has another number");
            }
            for seq in known.len() as u64 + 1..=log.head(&feed) {
                known.push(log.tag_at(&feed, seq).expect("the numbers have no gaps"));
            }
        }
    }

    /// An older log was put back.
    pub fn restored(&mut self, log: &MemoryLog) {
        self.has_restored = true;
        // A backup may be of a line that an earlier restore left.
        self.log.clear();
        self.logged(log);
    }

    /// Asks for every invariant, once all is quiet.
    pub fn check(&self, world: &World) {
        let log = &world.relay.log;
        for (feed, known) in &self.log {
            for (index, tag) in known.iter().enumerate() {
                assert_eq!(log.tag_at(feed, index as u64 + 1), Some(*tag), "invariant 5 in {feed}");
            }
            self.check_entries(feed, log);
        }
        self.check_devices(world);
        for device in &world.devices {
            assert_eq!(device.disk.count(Table::Newer), 0, "the new version reads all that the old one kept");
        }
        for ((doc, hash), truth) in &self.changes {
            if self.lost.contains(&(*doc, *hash)) {
                continue;
            }
            let aside = Key::change(*doc, *hash);
            let is_excepted = self.is_excepted(*doc, *hash, &world.devices[truth.device], log)
                || self.has_hole(*doc, world)
                || log.stand_in(*doc, *hash).is_some()
                || self.is_second(*doc, *hash, log)
                || self.is_gone_with_role(*doc, world);
            if truth.is_on_server && !is_excepted {
                let asked = OrderedMap::from([(*doc, vec![*hash])]);
                let missing = log.missing(&self.homes[doc], &asked);
                assert!(
                    missing.is_empty(),
                    "invariant 2: {} of {} by device {} is lost",
                    hash.short(),
                    doc.short(),
                    truth.device
                );
            }
            if truth.is_on_device {
                let disk = &world.devices[truth.device].disk;
                let is_there = disk.has(Table::Chunks, &aside)
                    || disk.has(Table::SetAside, &aside)
                    // What the relay has goes with the role.
                    || (truth.is_on_server && self.left.contains(&(truth.device, self.homes[doc].clone())));
                assert!(is_there, "invariant 3: {} of {} is lost", hash.short(), doc.short());
            }
        }
        for (decision, (device, doc)) in &self.decisions {
            let disk = &world.devices[*device].disk;
            let row: Option<DecisionRow> = disk.get(&Key::decision(*doc, *decision));
            let is_logged = all_feeds().any(|feed| {
                log.read(&feed, 0, usize::MAX, None)
                    .entries
                    .iter()
                    .any(|entry| entry.decision.as_ref().is_some_and(|it| it.decision == *decision))
            });
            match row {
                None if self.left.contains(&(*device, self.homes[doc].clone())) => {}
                Some(row) => assert!(
                    self.is_gone_with_role(*doc, world) || row.place.is_some() && is_logged,
                    "invariant 2: a decision of device {device} is lost: {row:?} logged {is_logged}"
                ),
                None => assert!(
                    disk.all::<SetAsideRow>().iter().any(|aside| {
                        from_bytes::<DecisionRow>(&aside.bytes)
                            .is_some_and(|row| row.decision.decision == *decision)
                    }),
                    "invariant 3: a decision of device {device} is lost"
                ),
            }
        }
    }

    /// Invariant 1 for every device, also for those of the old version.
    pub fn check_devices(&self, world: &World) {
        for (index, device) in world.devices.iter().enumerate() {
            self.check_device(index, device, world);
        }
    }

    /// The exception to invariants 1 and 2, NUMBER_TAKEN_AFTER_RESTORE: two machines spoke as one device or a
    /// disk lost a chunk, and a restore lost a change; before its maker came back, another change was stored
    /// under its actor and number. Only one of the two can be in a document, so the maker keeps the lost one
    /// set aside, with all that builds on it.
    fn is_excepted(&self, doc: DocumentId, hash: ChangeHash, maker: &Device, log: &MemoryLog) -> bool {
        let aside: Option<SetAsideRow> = maker.disk.get(&Key::change(doc, hash));
        let Some(aside) = aside.filter(|_| self.has_restored) else { return false };
        let checked = check_change(&aside.bytes).expect("own changes are good");
        let number = (checked.actor, checked.seq);
        log.chunks(doc)
            .iter()
            .filter_map(|(_, bytes, _)| check_change(bytes).ok())
            .any(|other| (other.actor, other.seq) == number && other.hash != hash)
            || checked.deps.iter().any(|dep| self.is_excepted(doc, *dep, maker, log))
    }

    /// Whether a change is a stand-in whose words another change says: an original, or another stand-in. Once it may have
    /// been in a log that was lost.
    fn is_second(&self, doc: DocumentId, hash: ChangeHash, log: &MemoryLog) -> bool {
        let Some(stands_for) = self.stand_ins.get(&(doc, hash)) else { return false };
        let asked = OrderedMap::from([(doc, stands_for.clone())]);
        let missing = log.missing(&self.homes[&doc], &asked).remove(&doc).unwrap_or_default();
        missing.iter().all(|original| log.stand_in(doc, *original).is_some())
    }

    /// The exception GONE_WITH_THE_ROLE: a restore lost a change, and a machine that held it was told that its person may
    /// not read the feed any more.
    fn is_gone_with_role(&self, doc: DocumentId, world: &World) -> bool {
        let home = &self.homes[&doc];
        let has_left = (0..world.devices.len()).any(|device| self.left.contains(&(device, home.clone())));
        self.has_restored && has_left
    }

    /// The exception LOST_ON_BOTH_SIDES: a disk lost a change, and then a restore lost it too. What builds on it,
    /// or on one whose number is taken, cannot come back.
    fn has_hole(&self, doc: DocumentId, world: &World) -> bool {
        let gone: Vec<ChangeHash> = self
            .changes
            .iter()
            .filter(|((of, _), _)| *of == doc)
            .filter(|((_, hash), truth)| {
                let is_aside = self.is_excepted(doc, *hash, &world.devices[truth.device], &world.relay.log);
                self.lost.contains(&(doc, *hash)) || (truth.is_on_server && is_aside)
            })
            .map(|((_, hash), _)| *hash)
            .collect();
        let asked = OrderedMap::from([(doc, gone)]);
        !world.relay.log.missing(&self.homes[&doc], &asked).is_empty()
    }

    /// The exception REFUSED_BEFORE_BROUGHT_BACK: a restore lost a change whose ack had not come yet; its maker, who
    /// may write no more, was refused it; and then others brought it back. The maker's own entries are not sent to
    /// them, so they keep it set aside until something builds on it.
    fn is_refused_to_maker(&self, doc: DocumentId, hash: ChangeHash, device: &Device) -> bool {
        let aside: Option<SetAsideRow> = device.disk.get(&Key::change(doc, hash));
        let row: Option<DeviceRow> = device.disk.get(&Key::meta(MetaKey::Device));
        let (Some(aside), Some(row)) = (aside, row) else { return false };
        let is_own = check_change(&aside.bytes).is_ok_and(|checked| checked.actor.device() == row.device);
        self.has_restored && is_own && matches!(aside.reason, SetAsideReason::Refused(NackCode::Forbidden, _))
    }

    /// Invariants 6 and 10 for one feed.
    fn check_entries(&self, feed: &FeedId, log: &MemoryLog) {
        let mut seen = OrderedSet::new();
        for entry in log.read(feed, 0, usize::MAX, None).entries {
            let Some(bytes) = &entry.change else { continue };
            let Ok(checked) = check_change(bytes) else { continue };
            let key = (entry.doc, checked.hash);
            assert!(seen.insert(key), "invariant 6: {} stands twice in {feed}", checked.hash.short());
            let truth = self.changes.get(&key).expect("invariant 10: nobody made this change");
            assert_eq!(entry.by, truth.user, "invariant 10: {} by another", checked.hash.short());
        }
    }

    /// Invariant 1 for one device: its documents are the relay's, in its store and in its tabs.
    fn check_device(&self, index: usize, device: &Device, world: &World) {
        let log = &world.relay.log;
        let rows = device.disk.all::<FeedRow>();
        for row in rows.iter().filter(|row| row.access == Access::Removed) {
            world.check_nothing_left(index, &row.feed);
        }
        let seen: OrderedSet<FeedId> =
            rows.into_iter().filter(|row| row.access == Access::Given).map(|row| row.feed).collect();
        for (doc, home) in self.homes.iter().filter(|(_, home)| seen.contains(home)) {
            let stored = device.disk.hashes(*doc);
            let logged: OrderedSet<ChangeHash> = log
                .chunks(*doc)
                .into_iter()
                .map(|(hash, ..)| hash)
                .filter(|hash| !self.planted.contains(&(*doc, *hash)))
                // Nobody notices the loss of a change that nothing builds on, before the next edit.
                .filter(|hash| stored.contains(hash) || !self.lost.contains(&(*doc, *hash)))
                .filter(|hash| stored.contains(hash) || !self.is_refused_to_maker(*doc, *hash, device))
                .collect();
            let short = doc.short();
            if self.has_hole(*doc, world) || self.is_gone_with_role(*doc, world) {
                continue;
            }
            if device.version == Version::Old && self.newer.contains(doc) {
                let kept = kept(&device.disk, *doc);
                let lacking = logged.difference(&kept).collect::<Vec<_>>();
                assert!(lacking.is_empty(), "device {index} keeps not all of {short} in {home}: {lacking:?}");
                assert!(stored.is_empty(), "device {index} reads what only the new version knows");
                continue;
            }
            assert!(
                stored == logged,
                "invariant 1: device {index} lacks {:?} of {short} in {home} and has beyond {:?}",
                logged.difference(&stored).collect::<Vec<_>>(),
                stored.difference(&logged).collect::<Vec<_>>(),
            );
            let lacks_unnoticed = self.lost.iter().any(|(of, hash)| of == doc && !stored.contains(hash));
            if stored.is_empty() || lacks_unnoticed {
                continue;
            }
            let actor = ActorId::new(DeviceId::from_bytes([0; 16]), 0);
            let (open, _) = Open::from_disk(&device.disk, *doc, actor);
            let open = open.expect("invariant 1: the document opens");
            assert_eq!(open.hashes, logged, "invariant 1: device {index} opens less than all of {short}");
            let text = open.document.prose(&words_of(open.document.kind()));
            for hash in &logged {
                for word in &self.changes[&(*doc, *hash)].words {
                    assert_eq!(
                        text.matches(word.as_str()).count(),
                        1,
                        "invariant 1: device {index} has {word} of {} not once",
                        hash.short()
                    );
                }
            }
            for tab in device.tabs.values() {
                if let Some(memory) = tab.open.get(doc) {
                    assert_eq!(memory.hashes, logged, "invariant 1: a tab of device {index} shows less");
                    let shown = memory.document.prose(&words_of(memory.document.kind()));
                    assert_eq!(shown, text, "invariant 1: a tab of device {index} shows other words");
                }
            }
        }
    }
}

fn parts(key: &Key) -> (DocumentId, ChangeHash) {
    let (doc, hash) = key.0.split_at(DocumentId::LENGTH);
    (doc.try_into().expect("a key begins with a document"), hash.try_into().expect("and ends with a hash"))
}
