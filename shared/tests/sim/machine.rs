//! What happens on a machine: tabs, their documents, the engine's effects, the store's work, signing in.

use shared::change_check::check_change;
use shared::device::row::{
    Access, ChunkRow, DeviceRow, DocumentRow, FeedRow, SetAsideReason, SetAsideRow, Stored, from_bytes,
};
use shared::device::table::{CommitResult, Key, MetaKey, Table};
use shared::device::takeover::{self, Share};
use shared::ids::{ActorId, DeviceId, DocumentId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::client::{ClientSync, Connection, Effect, Input, Notice, enrolment};

use super::disk::Work;
use super::rare::Rare;
use super::tab::{Engine, Open, Tab, load};
use super::world::{Event, World};

impl World {
    /// Opens a tab; it leads where none does.
    pub fn open_tab(&mut self, device: usize) {
        let slots: OrderedSet<u8> = self.devices[device].tabs.values().map(|tab| tab.slot).collect();
        let slot = (0..=u8::MAX).find(|slot| !slots.contains(slot)).expect("there are few tabs");
        self.last_tab += 1;
        let tab = self.last_tab;
        self.devices[device].tabs.insert(tab, Tab { slot, open: OrderedMap::new(), engine: None });
        self.say(format_args!("device {device}: tab {tab} opens with slot {slot}"));
        self.elect(device);
    }

    pub fn elect(&mut self, device: usize) {
        let tabs = &self.devices[device].tabs;
        if tabs.values().any(|tab| tab.engine.is_some()) {
            return;
        }
        let first = tabs.keys().next().copied();
        if let Some(tab) = first {
            self.lead(device, tab);
        }
    }

    /// A tab begins to lead.
    pub fn lead(&mut self, device: usize, tab: u32) {
        self.say(format_args!("device {device}: tab {tab} leads"));
        let sync = ClientSync::new(self.now, self.random.draw());
        let engine = Engine { sync, connection: None, frozen_until: 0, backlog: Vec::new(), wake_at: None };
        if let Some(tab) = self.devices[device].tabs.get_mut(&tab) {
            tab.engine = Some(engine);
        }
        let is_visible = self.random.percent(70);
        self.tell_engine(device, tab, Input::Visible(is_visible));
    }

    /// A tab ends at this instant. What it had asked of the store happens up to some point, untold.
    pub fn end_tab(&mut self, device: usize, tab: u32) {
        self.say(format_args!("device {device}: tab {tab} ends"));
        let rows = self.devices[device].disk.all::<FeedRow>();
        if rows.iter().any(|row| row.access == Access::Leaving) {
            self.reached.note(Rare::EndedInRemoval);
        }
        let Some(ended) = self.devices[device].tabs.remove(&tab) else { return };
        if let Some(wire) = ended.engine.and_then(|engine| engine.connection) {
            self.hang_up(wire);
        }
        let waiting = std::mem::take(&mut self.devices[device].disk.waiting);
        let mine = waiting.iter().filter(|(of, _)| *of == tab).count() as u64;
        let mut done = self.random.below(mine + 1);
        for (of, work) in waiting {
            if of != tab {
                self.devices[device].disk.waiting.push_back((of, work));
            } else if done > 0 {
                done -= 1;
                let commit = match work {
                    Work::Commit(_, commit) | Work::Flush(_, _, commit) => commit,
                    Work::Read(..) => continue,
                };
                let before = self.devices[device].disk.all::<FeedRow>();
                if self.devices[device].disk.commit(&commit) == CommitResult::Done {
                    self.note_access(device, &before, &commit);
                    self.reached.note(Rare::EndedAfterCommitUntold);
                    self.oracle.committed(device, &commit, &self.relay);
                }
            }
        }
        self.elect(device);
    }

    /// The tab that leads, or believes so.
    pub fn engine(&mut self, device: usize, tab: u32) -> Option<&mut Engine> {
        self.devices[device].tabs.get_mut(&tab)?.engine.as_mut()
    }

    /// Hands an input to a tab's engine, and does what it says.
    pub fn tell_engine(&mut self, device: usize, tab: u32, input: Input) {
        let now = self.now;
        let Some(engine) = self.engine(device, tab) else { return };
        if engine.frozen_until > now {
            engine.backlog.push(input);
            return;
        }
        engine.sync.handle(now, input);
        while let Some(effect) = self.engine(device, tab).and_then(|engine| engine.sync.poll_effect()) {
            self.do_effect(device, tab, effect);
        }
        let Some(engine) = self.engine(device, tab) else { return };
        let wanted = engine.sync.next_wakeup();
        if wanted != engine.wake_at {
            engine.wake_at = wanted;
            if let Some(at) = wanted {
                self.plan(at.saturating_sub(now), Event::Wake(device, tab, at));
            }
        }
    }

    pub fn do_effect(&mut self, device: usize, tab: u32, effect: Effect) {
        match effect {
            Effect::Read(ticket, queries) => self.ask_disk(device, tab, Work::Read(ticket, queries)),
            Effect::Commit(ticket, commit) => self.ask_disk(device, tab, Work::Commit(ticket, commit)),
            Effect::Open => self.connect(device, tab),
            Effect::Send(bytes) => self.send_up(device, tab, bytes),
            Effect::Close => {
                if let Some(wire) = self.engine(device, tab).and_then(|engine| engine.connection) {
                    self.hang_up(wire);
                }
            }
            Effect::Announce(notice) => self.announce(device, tab, notice),
        }
    }

    pub fn ask_disk(&mut self, device: usize, tab: u32, work: Work) {
        let wait = self.random.below(8);
        let there = &mut self.devices[device];
        there.disk.waiting.push_back((tab, work));
        there.disk_free_at = there.disk_free_at.max(self.now) + wait;
        let after = there.disk_free_at - self.now;
        self.plan(after, Event::Disk(device));
    }

    pub fn disk_works(&mut self, device: usize) {
        let Some((tab, work)) = self.devices[device].disk.waiting.pop_front() else { return };
        match work {
            Work::Read(ticket, queries) => {
                let rows = self.devices[device].disk.read(&queries);
                self.tell_engine(device, tab, Input::Rows(ticket, rows));
            }
            Work::Commit(ticket, commit) => {
                let before = self.devices[device].disk.all::<FeedRow>();
                let result = self.devices[device].disk.commit(&commit);
                match result {
                    CommitResult::Done => {
                        self.note_access(device, &before, &commit);
                        let refused = self.oracle.committed(device, &commit, &self.relay);
                        for rare in refused {
                            self.reached.note(rare);
                        }
                        let is_leaving = before.iter().any(|row| row.access == Access::Leaving);
                        if is_leaving && self.random.percent(20) {
                            // The machine ends before the engine hears of it.
                            for tab in self.devices[device].tabs.keys().copied().collect::<Vec<_>>() {
                                self.end_tab(device, tab);
                            }
                            return self.open_tab(device);
                        }
                    }
                    _ => {
                        self.say(format_args!("device {device}: a guard failed"));
                        self.reached.note(Rare::GuardFailed);
                    }
                }
                self.tell_engine(device, tab, Input::Committed(ticket, result));
            }
            Work::Flush(doc, hash, commit) => {
                let result = self.devices[device].disk.commit(&commit);
                assert_eq!(result, CommitResult::Done, "a flush has no guards");
                self.oracle.committed(device, &commit, &self.relay);
                self.oracle.told_on_device(doc, hash);
                if let Some(open) =
                    self.devices[device].tabs.get_mut(&tab).and_then(|tab| tab.open.get_mut(&doc))
                {
                    open.in_flight.remove(&hash);
                    if open.must_refresh {
                        self.refresh(device, tab, doc);
                    }
                }
                self.look(device);
                let tabs: Vec<u32> = self.devices[device].tabs.keys().copied().collect();
                for other in tabs.into_iter().filter(|other| *other != tab) {
                    self.refresh(device, other, doc);
                }
            }
        }
    }

    /// A tab says "look" to whoever leads.
    pub fn look(&mut self, device: usize) {
        let tabs: Vec<u32> = self.devices[device].tabs.keys().copied().collect();
        for tab in tabs {
            self.tell_engine(device, tab, Input::Look);
        }
    }

    pub fn announce(&mut self, device: usize, tab: u32, notice: Notice) {
        match notice {
            Notice::Documents(docs) => {
                let tabs: Vec<u32> = self.devices[device].tabs.keys().copied().collect();
                for tab in tabs {
                    for doc in &docs {
                        self.refresh(device, tab, *doc);
                    }
                }
            }
            Notice::DeviceRetired | Notice::DeviceRevoked => {
                self.oracle.retires(device);
                self.say(format_args!("device {device}: retired"));
                self.plan_sign_in(device);
            }
            Notice::Superseded => {
                self.say(format_args!("device {device}: tab {tab} leads no more"));
                self.reached.note(Rare::LeaderStolen);
                if let Some(tab) = self.devices[device].tabs.get_mut(&tab) {
                    tab.engine = None;
                }
                self.elect(device);
            }
            Notice::Refused(doc, code) => {
                let short = doc.short();
                self.say(format_args!("device {device}: changes of {short} refused: {code:?}"));
            }
            Notice::Status if !self.orphaned(device).is_empty() => {
                self.plan(100, Event::ApplyAgain(device));
            }
            Notice::Removed(feed) => {
                self.say(format_args!("device {device}: {feed} is removed"));
            }
            Notice::Status | Notice::Presence { .. } => {}
        }
    }

    pub fn thaw(&mut self, device: usize, tab: u32) {
        let Some(engine) = self.engine(device, tab) else { return };
        engine.frozen_until = 0;
        for input in std::mem::take(&mut engine.backlog) {
            self.tell_engine(device, tab, input);
        }
    }

    /// The actor of a tab's edits.
    pub fn actor(&self, device: usize, tab: u32) -> Option<ActorId> {
        let row: DeviceRow = self.devices[device].disk.get(&Key::meta(MetaKey::Device))?;
        Some(ActorId::new(row.device, self.devices[device].tabs.get(&tab)?.slot))
    }

    /// Whether a tab has the document open, after opening it from the store where it can.
    pub fn open_document(&mut self, device: usize, tab: u32, doc: DocumentId) -> bool {
        let Some(actor) = self.actor(device, tab) else { return false };
        let there = &mut self.devices[device];
        let Some(memory) = there.tabs.get_mut(&tab) else { return false };
        if memory.open.contains_key(&doc) {
            return true;
        }
        let (open, is_lacking) = Open::from_disk(&there.disk, doc, actor);
        let is_open = open.is_some();
        if let Some(open) = open {
            memory.open.insert(doc, open);
        }
        if is_lacking {
            self.retire(device, doc);
            return false;
        }
        is_open
    }

    /// A tab found that a chunk is lost.
    pub fn retire(&mut self, device: usize, doc: DocumentId) {
        let home = self.devices[device].disk.get::<FeedRow>(&Key::feed(&self.oracle.homes[&doc]));
        if home.is_some_and(|row| !row.access.keeps_documents()) {
            // Nothing is lost: what it builds on was removed with the person's role.
            return;
        }
        if !self.devices[device].gaps.insert(doc) {
            return;
        }
        self.oracle.retires(device);
        let disk = &mut self.devices[device].disk;
        let Some(row) = disk.get::<DeviceRow>(&Key::meta(MetaKey::Device)) else { return };
        if !row.retired {
            disk.write(&DeviceRow { retired: true, ..row }.put());
            self.say(format_args!("device {device}: a tab misses a change and retires the device"));
            self.reached.note(Rare::NumberReusedAfterLoss);
        }
        self.look(device);
    }

    /// Brings a tab's document to what the store has.
    pub fn refresh(&mut self, device: usize, tab: u32, doc: DocumentId) {
        let Some(actor) = self.actor(device, tab) else { return };
        let there = &mut self.devices[device];
        let Some(open) = there.tabs.get_mut(&tab).and_then(|tab| tab.open.get_mut(&doc)) else { return };
        if open.document.has_open_edits() || !open.in_flight.is_empty() {
            open.must_refresh = true;
            return;
        }
        open.must_refresh = false;
        let stored = there.disk.hashes(doc);
        if open.hashes.is_subset(&stored) {
            let loaded = load(&there.disk, doc, &open.hashes);
            open.hashes.extend(loaded.changes.iter().map(|change| change.hash));
            let changes = loaded.changes.into_iter().map(|change| change.change).collect();
            let fits = open.document.receive(changes).is_ok();
            if !fits {
                // Two changes have one number of one actor.
                there.tabs.get_mut(&tab).expect("it was there a moment ago").open.remove(&doc);
            }
            if !fits || loaded.is_lacking {
                self.retire(device, doc);
            }
            return;
        }
        // Something was refused, or lost: the memory is rebuilt from the store.
        let (rebuilt, is_lacking) = Open::from_disk(&there.disk, doc, actor);
        let open = &mut there.tabs.get_mut(&tab).expect("it was there a moment ago").open;
        match rebuilt {
            Some(rebuilt) => {
                open.insert(doc, rebuilt);
            }
            None => {
                open.remove(&doc);
            }
        }
        if is_lacking {
            self.retire(device, doc);
        }
    }

    pub fn flush(&mut self, device: usize, tab: u32, doc: DocumentId) {
        let now = self.now;
        let Some(actor) = self.actor(device, tab) else { return };
        let there = &mut self.devices[device];
        let user = there.user.clone();
        let is_stored = there.disk.has(Table::Documents, &Key::document(doc));
        let Some(open) = there.tabs.get_mut(&tab).and_then(|tab| tab.open.get_mut(&doc)) else { return };
        let begun = (!is_stored).then(|| open.document.kind());
        let Some(change) = open.document.commit(now) else { return };
        open.hashes.insert(change.hash);
        open.in_flight.insert(change.hash);
        let words = std::mem::take(&mut open.words);
        let commit = self.oracle.made(device, &user, doc, &change, actor, words, begun);
        let short = change.hash.short();
        self.say(format_args!("device {device}: tab {tab} makes change {short} of {}", doc.short()));
        self.ask_disk(device, tab, Work::Flush(doc, change.hash, commit));
    }

    /// The documents in which edits of this machine lost their ground.
    pub fn orphaned(&self, device: usize) -> OrderedSet<DocumentId> {
        let disk = &self.devices[device].disk;
        let Some(row) = disk.get::<DeviceRow>(&Key::meta(MetaKey::Device)) else { return OrderedSet::new() };
        let is_own = |aside: &SetAsideRow| {
            let actor = check_change(&aside.bytes).map(|checked| checked.actor);
            actor.is_ok_and(|actor| row.is_own(actor.device()))
        };
        let asides = disk.all::<SetAsideRow>().into_iter();
        let orphans =
            asides.filter(|aside| matches!(aside.reason, SetAsideReason::Orphaned(_)) && is_own(aside));
        orphans.map(|aside| aside.doc).collect()
    }

    /// What lost its ground is applied again, once all has been read.
    pub fn apply_again(&mut self, device: usize) {
        let is_synced = self.devices[device].tabs.values().any(|tab| {
            let Some(engine) = tab.engine.as_ref() else { return false };
            let status = engine.sync.status();
            status.connection == Connection::Connected && status.waiting == 0 && status.synced_at.is_some()
        });
        if is_synced {
            for doc in self.orphaned(device) {
                self.take_over(device, doc, Share::Own);
            }
        }
        if !self.orphaned(device).is_empty() {
            self.plan(2_000, Event::ApplyAgain(device));
        }
    }

    /// A person takes over what waits in a document, or the machine applies its own work again.
    pub fn take_over(&mut self, device: usize, doc: DocumentId, share: Share) {
        let now = self.now;
        let there = &mut self.devices[device];
        let Some(row) = there.disk.get::<DeviceRow>(&Key::meta(MetaKey::Device)) else { return };
        let Some(document) = there.disk.get::<DocumentRow>(&Key::document(doc)) else { return };
        if row.retired {
            return;
        }
        let rows = there.disk.read(&takeover::queries(doc));
        let actor = ActorId::new(row.device, takeover::SLOT);
        let is_own = |device| row.is_own(device);
        let taken = takeover::take_over(now, &document, actor, &rows, share, &is_own);
        let Some(taken) = taken.expect("the document opens") else { return };
        if there.disk.commit(&taken.commit) != CommitResult::Done {
            return;
        }
        let user = there.user.clone();
        self.say(format_args!("device {device}: takes over {share:?} in {}", doc.short()));
        for (stand_in, originals) in &taken.stand_ins {
            let names: Vec<_> = originals.iter().map(|hash| hash.short()).collect();
            self.say(format_args!("  {} stands for {names:?}", stand_in.short()));
        }
        self.oracle.took_over(device, &user, doc, &taken);
        self.reached.note(if share == Share::All { Rare::TakenOver } else { Rare::AppliedAgainOnTakenOver });
        for tab in self.devices[device].tabs.keys().copied().collect::<Vec<_>>() {
            self.refresh(device, tab, doc);
        }
        self.look(device);
    }

    pub fn plan_sign_in(&mut self, device: usize) {
        if !std::mem::replace(&mut self.devices[device].is_signing_in, true) {
            let after = self.random.between(1_000, 20_000);
            self.plan(after, Event::SignIn(device));
        }
    }

    /// A person signs in: a retired device is replaced by a new one.
    pub fn sign_in(&mut self, device: usize) {
        self.devices[device].is_signing_in = false;
        if self.devices[device].is_cut_off || self.relay.running().is_empty() {
            return self.plan_sign_in(device);
        }
        let row: DeviceRow =
            self.devices[device].disk.get(&Key::meta(MetaKey::Device)).expect("every store has a device");
        if !row.retired && !self.relay.revoked.contains(&row.device) {
            let tabs: Vec<u32> = self.devices[device].tabs.keys().copied().collect();
            for tab in tabs {
                self.tell_engine(device, tab, Input::SignedIn);
            }
            return;
        }
        for tab in self.devices[device].tabs.keys().copied().collect::<Vec<_>>() {
            self.end_tab(device, tab);
        }
        let fresh = DeviceId::from_bytes(self.random.bytes());
        let disk = &mut self.devices[device].disk;
        let rows = disk.read(&enrolment::queries());
        let commit = enrolment::enrol(self.now, &rows, fresh).expect("the device is another one");
        if rows.iter().any(|row| {
            row.table == Table::Outbox
                && disk.row(Table::Chunks, &row.key).is_some_and(|row| {
                    from_bytes::<ChunkRow>(&row.value).is_some_and(|chunk| chunk.proof.is_some())
                })
        }) {
            self.reached.note(Rare::RetiredWhileLost);
        }
        assert_eq!(disk.commit(&commit), CommitResult::Done);
        self.oracle.committed(device, &commit, &self.relay);
        self.say(format_args!(
            "device {device}: enrols {} in place of {}",
            fresh.short(),
            row.device.short()
        ));
        self.relay.log.enrol(fresh, self.devices[device].user.clone());
        self.revoke(row.device);
        self.open_tab(device);
    }
}
