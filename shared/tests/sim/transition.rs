//! What people, machines and the world do, in their words.

use sha2::{Digest, Sha256};
use shared::change_check::history::Known;
use shared::device::row::{DecisionRow, DocumentRow, FeedRow, OutboxRow, Stored as _};
use shared::device::table::{Commit, Key, MetaKey, Table, Write};
use shared::device::takeover::{self, Share};
use shared::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId};
use shared::model::decision::Event as Decided;
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::field::Scalar;
use shared::model::kind::Kind;
use shared::model::trip_report::heading;
use shared::role::Role;
use shared::sync::client::Input;
use shared::sync::relay::entry::{Authorship, Content, Item, Place, ReceiptKey, Scope, Stored, Subject};
use shared::sync::relay::writer::{NewItem, Placed, Plan};
use shared::wire::{Bytes, Decision};

use super::rare::Rare;
use super::tab::Open;
use super::version::{NEWER_KIND, Version, words_of};
use super::world::{Event, World};
use shared::ordered::OrderedSet;

/// What can be done, and how often in a thousand.
pub const ORDINARY: &[(Transition, u64)] = &[
    (Transition::Edit, 430),
    (Transition::Create, 60),
    (Transition::OpenTab, 40),
    (Transition::CloseTab, 40),
    (Transition::CrashDevice, 40),
    (Transition::StealLeader, 40),
    (Transition::Partition, 40),
    (Transition::Heal, 70),
    (Transition::Cut, 60),
    (Transition::RestartRelay, 20),
    (Transition::Backup, 40),
    (Transition::RestoreRelay, 14),
    (Transition::CopyBack, 4),
    (Transition::Revoke, 12),
    (Transition::Grant, 20),
    (Transition::CopyProfile, 6),
    (Transition::LoseChunk, 10),
    (Transition::Decide, 20),
    (Transition::PlantBadChange, 8),
    (Transition::Fold, 60),
    (Transition::AddDevice, 16),
    (Transition::Idle, 26),
];

/// The same where the relay's key is lost, as `restore --new-key` does it. Nobody loses a right, a device or a chunk: what
/// has no receipt any more has its makers, who come back sooner or later.
pub const WITH_A_LOST_KEY: &[(Transition, u64)] = &[
    (Transition::Edit, 500),
    (Transition::Create, 40),
    (Transition::OpenTab, 30),
    (Transition::CloseTab, 30),
    (Transition::Partition, 90),
    (Transition::Heal, 70),
    (Transition::Cut, 60),
    (Transition::RestartRelay, 20),
    (Transition::Backup, 60),
    (Transition::LoseKey, 40),
    (Transition::TakeOver, 120),
    (Transition::AddDevice, 20),
    (Transition::Fold, 40),
    (Transition::Idle, 20),
];

/// As ordinary, where machines and relay are of two versions, and are updated one by one.
pub const OF_TWO_VERSIONS: &[(Transition, u64)] = &[
    (Transition::Edit, 400),
    (Transition::Create, 50),
    (Transition::CreateNewer, 70),
    (Transition::OpenTab, 30),
    (Transition::CloseTab, 30),
    (Transition::CrashDevice, 30),
    (Transition::StealLeader, 20),
    (Transition::Partition, 40),
    (Transition::Heal, 70),
    (Transition::Cut, 40),
    (Transition::RestartRelay, 10),
    (Transition::Backup, 50),
    (Transition::RestoreRelay, 20),
    (Transition::CopyBack, 4),
    (Transition::Revoke, 12),
    (Transition::Grant, 20),
    (Transition::LoseChunk, 4),
    (Transition::Decide, 20),
    (Transition::Withdraw, 60),
    (Transition::Fold, 50),
    (Transition::AddDevice, 16),
    (Transition::UpdateDevice, 14),
    (Transition::UpdateRelay, 30),
    (Transition::Idle, 20),
];

/// The same where people lose roles and get them again, and backups are put back with the accounts as they were. Nobody
/// loses a device or a chunk.
pub const WITH_LOST_ROLES: &[(Transition, u64)] = &[
    (Transition::Edit, 427),
    (Transition::Create, 60),
    (Transition::OpenTab, 30),
    (Transition::CloseTab, 30),
    (Transition::CrashDevice, 60),
    (Transition::Partition, 60),
    (Transition::Heal, 70),
    (Transition::Cut, 50),
    (Transition::RestartRelay, 20),
    (Transition::Backup, 30),
    (Transition::RestoreAccounts, 25),
    (Transition::TakeRole, 30),
    (Transition::GiveRole, 40),
    (Transition::AddPerson, 10),
    (Transition::Decide, 10),
    (Transition::Fold, 40),
    (Transition::Idle, 8),
];

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Somebody types into a document.
    Edit,
    /// Somebody begins a document.
    Create,
    /// Somebody begins a document of a kind that only the new version knows.
    CreateNewer,
    /// Another tab is opened.
    OpenTab,
    /// A tab is closed, in the midst of things.
    CloseTab,
    /// All tabs of a machine end at once.
    CrashDevice,
    /// A tab gets no answer from the leader and takes its lock.
    StealLeader,
    /// A machine loses the network.
    Partition,
    /// It has it again.
    Heal,
    /// A connection is cut.
    Cut,
    /// The relay's process ends.
    RestartRelay,
    /// The operator makes a backup.
    Backup,
    /// The operator restores one, as the handbook says: a new epoch.
    RestoreRelay,
    /// The operator restores one without the relay's key.
    LoseKey,
    /// Somebody takes over what waits for its makers' devices.
    TakeOver,
    /// The operator copies one back by hand: the same epoch.
    CopyBack,
    /// Somebody may only read from now on.
    Revoke,
    /// Somebody may write again.
    Grant,
    /// Somebody's role in a feed is taken.
    TakeRole,
    /// One that was taken is given again.
    GiveRole,
    /// The operator makes a feed and adds a person to it.
    AddPerson,
    /// The operator restores a backup, and people may do what they might then.
    RestoreAccounts,
    /// A browser profile is copied to another machine.
    CopyProfile,
    /// A disk loses a chunk.
    LoseChunk,
    /// Somebody submits a document.
    Decide,
    /// The log holds bytes that are no change.
    PlantBadChange,
    /// The relay's worker folds a document.
    Fold,
    /// Somebody signs in on another machine.
    AddDevice,
    /// Somebody takes a submission back, which only the new version knows.
    Withdraw,
    /// A machine gets the new version.
    UpdateDevice,
    /// The relay gets it.
    UpdateRelay,
    /// Nothing for a while.
    Idle,
}

impl World {
    /// The next thing, and when the one after it comes.
    pub fn step(&mut self) {
        let total = self.transitions.iter().map(|(_, weight)| weight).sum();
        let mut drawn = self.random.below(total);
        let chosen = self.transitions.iter().find(|(_, weight)| {
            let is_it = drawn < *weight;
            drawn = drawn.saturating_sub(*weight);
            is_it
        });
        let transition = chosen.expect("the weights cover the draw").0;
        if transition != Transition::Edit {
            self.say(format_args!("== {transition:?}"));
        }
        let device = self.random.below(self.devices.len() as u64) as usize;
        match transition {
            Transition::Edit => self.edit_somewhere(device),
            Transition::Create => self.create(device, Kind::TripReport),
            Transition::CreateNewer if self.devices[device].version == Version::New => {
                self.create(device, NEWER_KIND);
            }
            Transition::OpenTab if self.devices[device].tabs.len() < 3 => self.open_tab(device),
            Transition::CloseTab => {
                if let Some(tab) = self.some_tab(device) {
                    self.end_tab(device, tab);
                }
                self.reopen(device);
            }
            Transition::CrashDevice => {
                for tab in self.devices[device].tabs.keys().copied().collect::<Vec<_>>() {
                    self.end_tab(device, tab);
                }
                self.reopen(device);
            }
            Transition::StealLeader => self.steal(device),
            Transition::Partition => {
                self.devices[device].is_cut_off = true;
                self.cut(device);
            }
            Transition::Heal => self.heal(device),
            Transition::Cut => self.cut(device),
            Transition::RestartRelay => {
                let running = self.relay.running();
                if let Some(index) = self.random.pick(&running) {
                    self.relay_ends(index);
                }
            }
            Transition::Backup => self.relay.backups.push(self.relay.log.clone()),
            Transition::RestoreRelay => self.restore(true),
            Transition::LoseKey => {
                self.restore(true);
                self.relay.rules.key = ReceiptKey::new(self.random.bytes());
            }
            Transition::TakeOver => self.take_over_somewhere(),
            Transition::CopyBack => self.restore(false),
            Transition::Revoke => self.set_role(device, Role::Reader),
            Transition::Grant => self.set_role(device, Role::Writer),
            Transition::TakeRole => self.take_role(device),
            Transition::GiveRole => self.give_role(),
            Transition::AddPerson if self.devices.len() < 5 => self.add_person(),
            Transition::RestoreAccounts => self.restore_accounts(),
            Transition::CopyProfile if self.devices.len() < 5 => self.copy_profile(device),
            Transition::LoseChunk => self.lose_chunk(device),
            Transition::Decide => self.submit(device),
            Transition::Withdraw if self.devices[device].version == Version::New => self.withdraw(device),
            Transition::UpdateDevice => self.update_device(device),
            Transition::UpdateRelay => self.update_relay(),
            Transition::PlantBadChange => self.plant_bad_change(),
            Transition::Fold => self.begin_folding(),
            Transition::AddDevice if self.devices.len() < 5 => {
                let user = self.devices[device].user.clone();
                self.add_device(user);
            }
            _ => {}
        }
    }

    /// Nothing goes wrong any more.
    pub fn calm_down(&mut self) {
        self.is_calm = true;
        self.update_relay();
        // One process is enough when all is quiet, and the only one to see that two machines speak as one.
        self.stop_relay(1);
        if !self.relay.processes[0].is_up {
            self.relay_ends(0);
        }
        self.heal_all();
    }

    /// Every machine has the network.
    pub fn heal_all(&mut self) {
        for device in 0..self.devices.len() {
            self.heal(device);
        }
    }

    fn heal(&mut self, device: usize) {
        self.devices[device].is_cut_off = false;
        for tab in self.devices[device].tabs.keys().copied().collect::<Vec<_>>() {
            self.tell_engine(device, tab, Input::TryNow);
        }
    }

    fn some_tab(&mut self, device: usize) -> Option<u32> {
        let tabs: Vec<u32> = self.devices[device].tabs.keys().copied().collect();
        self.random.pick(&tabs)
    }

    fn reopen(&mut self, device: usize) {
        if self.devices[device].tabs.is_empty() {
            self.open_tab(device);
        }
    }

    /// Some document that this tab can open.
    fn some_document(&mut self, device: usize, tab: u32) -> Option<DocumentId> {
        let docs: Vec<DocumentId> =
            self.devices[device].disk.all::<DocumentRow>().into_iter().map(|row| row.doc).collect();
        let doc = self.random.pick(&docs)?;
        self.open_document(device, tab, doc).then_some(doc)
    }

    fn edit_somewhere(&mut self, device: usize) {
        let Some(tab) = self.some_tab(device) else { return };
        match self.some_document(device, tab) {
            Some(doc) => self.edit(device, tab, doc),
            None if self.oracle.homes.len() < 3 => self.create(device, Kind::TripReport),
            None => {}
        }
    }

    fn edit(&mut self, device: usize, tab: u32, doc: DocumentId) {
        let word = format!("w{}.", self.random.below(u64::MAX));
        let place = self.random.draw();
        let number = self.random.below(1_000).to_string();
        let sets_fact = self.random.percent(20);
        let home = &self.oracle.homes[&doc];
        if self.devices[device]
            .disk
            .get::<FeedRow>(&Key::feed(home))
            .is_some_and(|row| row.own_until.is_some())
        {
            // Read-only until the device's own entries are here again.
            return;
        }
        let Some(open) = self.devices[device].tabs.get_mut(&tab).and_then(|tab| tab.open.get_mut(&doc))
        else {
            return;
        };
        let field = words_of(open.document.kind());
        let text = open.document.prose(&field);
        // Between two words; all of it is ASCII.
        let places: Vec<usize> =
            [0].into_iter().chain(text.match_indices('.').map(|(at, _)| at + 1)).collect();
        let at = places[(place % places.len() as u64) as usize];
        let insert = word.clone();
        let splice = Edit::Splice { field, at, delete: 0, insert };
        open.document.edit(&splice).expect("the field is there");
        open.words.push(word);
        if sets_fact {
            let set = Edit::Set { field: heading::number.at_root(), value: Scalar::Text(number) };
            open.document.edit(&set).expect("the field is there");
        }
        let pause = self.random.between(50, 3_000);
        self.plan(pause, Event::Flush(device, tab, doc));
    }

    fn create(&mut self, device: usize, kind: Kind) {
        let Some(tab) = self.some_tab(device) else { return };
        let Some(actor) = self.actor(device, tab) else { return };
        let user = self.devices[device].user.clone();
        let mine: Vec<FeedId> =
            self.relay.roles.keys().filter(|(who, _)| *who == user).map(|(_, feed)| feed.clone()).collect();
        let Some(home) = self.random.pick(&mine) else { return };
        let mut bytes: [u8; DocumentId::LENGTH] = self.random.bytes();
        // Of version 4: those of another version are discussions' ids, and refused.
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        let doc = DocumentId::from_bytes(bytes);
        self.oracle.begins(actor, doc, home, &mut self.reached);
        if kind == NEWER_KIND {
            self.oracle.newer.insert(doc);
        }
        let open = Open {
            document: Document::create(doc, kind, actor),
            hashes: OrderedSet::new(),
            in_flight: OrderedSet::new(),
            words: Vec::new(),
            must_refresh: false,
        };
        if let Some(tab) = self.devices[device].tabs.get_mut(&tab) {
            tab.open.insert(doc, open);
        }
        self.edit(device, tab, doc);
    }

    fn steal(&mut self, device: usize) {
        let tabs = &self.devices[device].tabs;
        let others: Vec<u32> =
            tabs.iter().filter(|(_, tab)| tab.engine.is_none()).map(|(id, _)| *id).collect();
        let leaders: Vec<u32> =
            tabs.iter().filter(|(_, tab)| tab.engine.is_some()).map(|(id, _)| *id).collect();
        let Some(thief) = self.random.pick(&others) else { return };
        // The browser may have frozen the leader, or only let it answer late.
        if self.random.percent(60) {
            let wait = self.random.between(500, 20_000);
            for leader in leaders {
                let until = self.now + wait;
                if let Some(engine) = self.engine(device, leader) {
                    engine.frozen_until = until;
                }
                self.plan(wait, Event::Thaw(device, leader));
            }
        }
        self.lead(device, thief);
    }

    pub fn restore(&mut self, begins_epoch: bool) {
        let backups = self.relay.backups.clone();
        let Some(backup) = self.random.pick(&backups) else { return };
        for index in 0..self.relay.processes.len() {
            self.relay_ends(index);
        }
        if self.relay.log.newest_snapshot() > backup.newest_snapshot() {
            self.reached.note(Rare::RestoredBehindSnapshot);
        }
        self.relay.restore(backup, self.now);
        if begins_epoch {
            let epoch = EpochId::from_bytes(self.random.bytes());
            self.relay.log.begin_epoch(epoch);
            self.say(format_args!("relay is restored in epoch {}", epoch.short()));
        }
        self.oracle.restored(&self.relay.log);
    }

    /// Somebody who holds what waits for its makers takes it over; often another one who holds it does so at once.
    fn take_over_somewhere(&mut self) {
        let holds = |world: &Self, device: usize, doc: DocumentId| {
            let rows = world.devices[device].disk.read(&takeover::queries(doc));
            takeover::waiting(&rows, doc, &|_| false).is_some()
        };
        let docs: Vec<DocumentId> = self.oracle.homes.keys().copied().collect();
        let all = docs.iter().flat_map(|doc| (0..self.devices.len()).map(move |device| (device, *doc)));
        let holders: Vec<(usize, DocumentId)> =
            all.filter(|(device, doc)| holds(self, *device, *doc)).collect();
        let Some((first, doc)) = self.random.pick(&holders) else { return };
        let with_others = self.random.percent(70);
        for (device, _) in holders.into_iter().filter(|(_, of)| *of == doc) {
            if device == first || with_others {
                self.take_over(device, doc, Share::All);
            }
        }
    }

    fn set_role(&mut self, device: usize, role: Role) {
        let user = self.devices[device].user.clone();
        let mine: Vec<FeedId> =
            self.relay.roles.keys().filter(|(who, _)| *who == user).map(|(_, feed)| feed.clone()).collect();
        if let Some(feed) = self.random.pick(&mine) {
            self.say(format_args!("{user} is {role:?} in {feed}"));
            self.relay.set_role(&user, &feed, role, self.now);
        }
    }

    fn copy_profile(&mut self, device: usize) {
        let user = self.devices[device].user.clone();
        let disk = self.devices[device].disk.copied();
        let row: shared::device::row::DeviceRow =
            disk.get(&Key::meta(MetaKey::Device)).expect("every store has a device");
        self.oracle.copied.insert(row.device);
        self.put_device(user, self.devices[device].version, disk);
    }

    fn lose_chunk(&mut self, device: usize) {
        let Some(tab) = self.some_tab(device) else { return };
        let Some(doc) = self.some_document(device, tab) else { return };
        let Some(actor) = self.actor(device, tab) else { return };
        let disk = &self.devices[device].disk;
        // One that a snapshot holds as well is not lost with its own row.
        let folded = disk.folded(doc);
        let changes = disk.changes(doc).into_values();
        let last = changes
            .filter(|change| change.actor == actor && !folded.contains(&change.hash))
            .max_by_key(|change| change.seq);
        let Some(change) = last else { return };
        self.say(format_args!("device {device} loses {} of {}", change.hash.short(), doc.short()));
        let delete = Write::Delete(Table::Chunks, Key::change(doc, change.hash));
        self.devices[device].disk.write(&delete);
        self.oracle.loses(doc, change.hash);
        self.refresh(device, tab, doc);
        if self.open_document(device, tab, doc) {
            self.edit(device, tab, doc);
        }
    }

    fn submit(&mut self, device: usize) {
        let Some(tab) = self.some_tab(device) else { return };
        let Some(doc) = self.some_document(device, tab) else { return };
        self.decide(device, tab, doc, Decided::Submit);
    }

    /// Takes back a submission that stands, where there is one; else submits something.
    fn withdraw(&mut self, device: usize) {
        let there = &self.devices[device];
        let rows = there.disk.all::<DecisionRow>();
        let number = |row: &DecisionRow| row.place.as_ref().map(|place| place.seq);
        let stands = |row: &&DecisionRow| {
            let is_own = row.by == there.user && row.decision.event == Decided::Submit && row.place.is_some();
            let mut others = rows.iter().filter(|other| other.doc == row.doc && other.place.is_some());
            is_own && others.all(|other| number(other) <= number(row))
        };
        let docs: Vec<DocumentId> = rows.iter().filter(stands).map(|row| row.doc).collect();
        let Some(doc) = self.random.pick(&docs) else { return self.submit(device) };
        let Some(tab) = self.some_tab(device) else { return };
        if self.open_document(device, tab, doc) {
            self.decide(device, tab, doc, Decided::Withdraw);
        }
    }

    fn decide(&mut self, device: usize, tab: u32, doc: DocumentId, event: Decided) {
        let decision = DecisionId::from_bytes(self.random.bytes());
        let now = self.now;
        let there = &mut self.devices[device];
        let Some(open) = there.tabs.get_mut(&tab).and_then(|tab| tab.open.get_mut(&doc)) else { return };
        if open.document.has_open_edits() || !open.in_flight.is_empty() {
            return;
        }
        let heads = open.document.heads();
        let Some(document) = there.disk.get::<DocumentRow>(&Key::document(doc)) else { return };
        let decided = Decision { decision, event, heads, note: None, made_at: now };
        let row = DecisionRow {
            doc,
            decision: decided.clone(),
            by: there.user.clone(),
            place: None,
            origin: None,
            proof: None,
            unproven_since: None,
        };
        let outbox = OutboxRow::Decision { doc, feed: document.home, decision: decided, proof: None };
        there.disk.commit(&Commit { guards: Vec::new(), writes: vec![row.put(), outbox.put()] });
        self.oracle.decisions.insert(decision, (device, doc));
        self.look(device);
    }

    fn plant_bad_change(&mut self) {
        let docs: Vec<DocumentId> = self.oracle.homes.keys().copied().collect();
        let Some(doc) = self.random.pick(&docs) else { return };
        let Some(document) = self.relay.log.document(doc) else { return };
        let (home, kind) = (document.home.clone(), document.kind);
        let bytes = self.random.bytes::<40>().to_vec();
        let hash = ChangeHash::from_bytes(Sha256::digest(&bytes).into());
        let device = DeviceId::from_bytes(self.random.bytes());
        let by = self.devices[0].user.clone();
        let scope = Scope { doc, kind, feed: &home };
        let receipt = self.relay.rules.key.receipt(scope, Subject::Change(hash), &by, device, self.now);
        let authorship = Authorship { by, device, at: self.now, receipt };
        let content = Content::Change { hash, bytes: Bytes::from(bytes) };
        let item = Item { doc, kind, authorship, content };
        let seq = self.relay.log.head(&home) + 1;
        let tag = item.tag(seq, self.relay.log.tag_at(&home, seq - 1).expect("the numbers have no gaps"));
        let places = vec![Placed { feed: home.clone(), seq, tag }];
        let history = Some((ActorId::new(device, 0), 1, Known::default()));
        let items = vec![NewItem { item, history, stands_for: Vec::new(), places }];
        let ack = Stored { place: Place { feed: home.clone(), seq }, tag: Some(tag), proofs: Vec::new() };
        self.relay.log.carry_out(&Plan { enrolments: Vec::new(), beginnings: Vec::new(), items, ack });
        self.oracle.planted.insert((doc, hash));
        self.oracle.logged(&self.relay.log);
        self.wake_connections(0, &home, seq);
        self.tell_others(0, &home, seq);
    }
}
