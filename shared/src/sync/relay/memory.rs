//! A log in memory: what a store does, without a disk. The simulator's relay and the tests run on it; a
//! clone of it is a backup.

use std::sync::Arc;

use super::compaction::{Foldable, FoldableChange, Growth, Snapshot};
use super::entry::{Authorship, Content, Item, Page, Place, Standing};
use super::facts::{
    ChangeFacts, DecisionFacts, DeviceFacts, DocumentFacts, Facts, FeedFacts, Needs, SessionFacts,
};
use super::folding::{KEPT_MS, Share, SnapshotPlace, in_place, share};
use super::standing::{FeedStanding, Greeting, next_view, points, shared_until};
use super::submission::Submission;
use super::writer::{NewItem, Plan, Rules, Verdict, decide, needs};
use crate::change_check::history::Known;
use crate::ids::{
    ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, SessionId, Tag, UserId,
};
use crate::model::decision::{Course, Event};
use crate::model::feed_settings::four_eyes;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::role::Role;
use crate::sync::settings::{SetBy, SettingRow, next_number};
use crate::wire::{Cursor, Folding, Hello, RemovedRole};

/// The log, with the rights that it is asked for.
#[derive(Clone, Debug)]
pub struct MemoryLog {
    epochs: Vec<(EpochId, OrderedMap<FeedId, u64>)>,
    feeds: OrderedMap<FeedId, Feed>,
    roles: OrderedMap<(UserId, FeedId), Membership>,
    devices: OrderedMap<DeviceId, DeviceFacts>,
    sessions: OrderedMap<SessionId, SessionFacts>,
    /// People who may not sign in, and whose sessions are void.
    disabled: OrderedSet<UserId>,
    documents: OrderedMap<DocumentId, DocumentFacts>,
    changes: OrderedMap<(DocumentId, ChangeHash), StoredChange>,
    actors: OrderedMap<(DocumentId, ActorId), u64>,
    /// The change that stands for each.
    stood_for: OrderedMap<(DocumentId, ChangeHash), ChangeHash>,
    decisions: OrderedMap<DecisionId, DecisionFacts>,
    /// Of each document, the newest last.
    snapshots: OrderedMap<DocumentId, Vec<Arc<StoredSnapshot>>>,
    /// Documents that cannot be folded, and how many changes they had.
    set_aside: OrderedMap<DocumentId, u64>,
}

#[derive(Clone, Debug, Default)]
struct Feed {
    name: String,
    facts: FeedFacts,
    entries: Vec<(Arc<Item>, Tag)>,
    /// Every value that a setting ever had, the newest last.
    settings: Vec<SettingRow>,
}

#[derive(Clone, Debug)]
struct StoredChange {
    item: Arc<Item>,
    seq: u64,
    known: Known,
}

#[derive(Clone, Debug)]
struct StoredSnapshot {
    snapshot: Snapshot,
    place: SnapshotPlace,
}

/// What a person may do in a feed, and the number of their sight of it.
#[derive(Clone, Copy, Debug)]
struct Membership {
    role: Option<Role>,
    view: u64,
}

/// What a commit of a batch gives.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// What became of each submission, in their order.
    pub verdicts: Vec<Verdict>,
    /// The new heads of the feeds that grew.
    pub heads: OrderedMap<FeedId, u64>,
}

impl MemoryLog {
    /// An empty log in its first epoch.
    pub fn new(epoch: EpochId) -> Self {
        Self {
            epochs: vec![(epoch, OrderedMap::new())],
            feeds: OrderedMap::new(),
            roles: OrderedMap::new(),
            devices: OrderedMap::new(),
            sessions: OrderedMap::new(),
            disabled: OrderedSet::new(),
            documents: OrderedMap::new(),
            changes: OrderedMap::new(),
            actors: OrderedMap::new(),
            stood_for: OrderedMap::new(),
            decisions: OrderedMap::new(),
            snapshots: OrderedMap::new(),
            set_aside: OrderedMap::new(),
        }
    }

    /// Makes a feed, or gives one another name.
    pub fn put_feed(&mut self, feed: FeedId, name: &str) {
        self.feeds.entry(feed).or_default().name = name.to_owned();
    }

    /// Every value that a setting of the feed ever had, the newest last; `None` where there is no such feed.
    pub fn settings(&self, feed: &FeedId) -> Option<&[SettingRow]> {
        self.feeds.get(feed).map(|feed| feed.settings.as_slice())
    }

    /// Gives a setting of a feed another value; gives the row's number, or `None` where there is no such feed.
    pub fn put_setting(
        &mut self,
        feed: &FeedId,
        key: &str,
        value: &[u8],
        by: SetBy,
        now: u64,
    ) -> Option<u64> {
        let Feed { settings, facts, .. } = self.feeds.get_mut(feed)?;
        if key == "four-eyes" {
            facts.four_eyes = four_eyes(Some(value));
        }
        let number = next_number(settings.last().map_or(0, |row| row.number), now);
        let value = value.to_vec().into();
        settings.push(SettingRow { key: key.to_owned(), value, number, by, at: now });
        Some(number)
    }

    /// Whether somebody has entries in a feed.
    pub fn has_author(&self, feed: &FeedId, user: &UserId) -> bool {
        let entries = self.feeds.get(feed).map(|feed| feed.entries.as_slice()).unwrap_or_default();
        entries.iter().any(|(item, _)| item.authorship.by == *user)
    }

    /// Every feed with its name.
    pub fn feeds(&self) -> Vec<(FeedId, String)> {
        self.feeds.iter().map(|(feed, facts)| (feed.clone(), facts.name.clone())).collect()
    }

    /// Gives a person a role in a feed, or takes it away; where they have none, it is refused.
    pub fn set_role(&mut self, user: UserId, feed: FeedId, role: Option<Role>, now: u64) {
        let membership = self.roles.entry((user, feed)).or_insert(Membership { role: None, view: 0 });
        membership.view = next_view(membership.view, membership.role, role, now);
        membership.role = role;
    }

    /// The roles of a person.
    pub fn roles_of(&self, user: &UserId) -> OrderedMap<FeedId, Role> {
        self.memberships(user).map(|(feed, role, _)| (feed.clone(), role)).collect()
    }

    /// The roles of a person that were taken or refused, by feed.
    pub fn removed_roles_of(&self, user: &UserId) -> Vec<RemovedRole> {
        let removed = self.roles.iter().filter(|((member, _), of)| member == user && of.role.is_none());
        removed.map(|((_, feed), of)| RemovedRole { feed: feed.clone(), view: of.view }).collect()
    }

    /// Enrols a device. False: it is another person's.
    pub fn enrol(&mut self, device: DeviceId, owner: UserId) -> bool {
        let enrolled = DeviceFacts { owner: owner.clone(), is_revoked: false };
        self.devices.entry(device).or_insert(enrolled).owner == owner
    }

    /// Takes nothing from a device any more.
    pub fn revoke(&mut self, device: DeviceId) {
        if let Some(device) = self.devices.get_mut(&device) {
            device.is_revoked = true;
        }
    }

    /// Whose a device is.
    pub fn device(&self, device: DeviceId) -> Option<&DeviceFacts> {
        self.devices.get(&device)
    }

    /// Every device.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &DeviceFacts)> {
        self.devices.iter().map(|(device, facts)| (*device, facts))
    }

    /// Begins a session, or sets when it ends.
    pub fn open_session(&mut self, id: SessionId, session: SessionFacts) {
        self.sessions.insert(id, session);
    }

    /// Ends a session.
    pub fn close_session(&mut self, id: SessionId) {
        self.sessions.remove(&id);
    }

    /// Ends the sessions for which `is_over` holds.
    pub fn close_sessions(&mut self, is_over: impl Fn(SessionId, &SessionFacts) -> bool) -> usize {
        let over: Vec<_> =
            self.sessions.iter().filter(|(id, session)| is_over(**id, session)).map(|(id, _)| *id).collect();
        for id in &over {
            self.sessions.remove(id);
        }
        over.len()
    }

    /// Whether there is such a session, good or not.
    pub fn has_session(&self, is_it: impl Fn(&SessionFacts) -> bool) -> bool {
        self.sessions.values().any(is_it)
    }

    /// A session, whether it is good or not.
    pub fn any_session(&self, id: SessionId) -> Option<&SessionFacts> {
        self.sessions.get(&id)
    }

    /// A session of a person who is not disabled and a device that is not revoked.
    pub fn session(&self, id: SessionId) -> Option<&SessionFacts> {
        self.sessions.get(&id).filter(|session| {
            let device = self.devices.get(&session.device);
            !self.disabled.contains(&session.user) && device.is_some_and(|device| !device.is_revoked)
        })
    }

    /// Lets a person sign in no more; their sessions are void.
    pub fn disable(&mut self, user: UserId) {
        self.disabled.insert(user);
    }

    /// Lets a person sign in again.
    pub fn enable(&mut self, user: &UserId) {
        self.disabled.remove(user);
    }

    /// This life of the store.
    pub fn epoch(&self) -> EpochId {
        self.epochs.last().expect("a log begins with an epoch").0
    }

    /// Begins a new epoch; the log was restored from a backup.
    pub fn begin_epoch(&mut self, epoch: EpochId) {
        let heads = self.feeds.iter().map(|(feed, facts)| (feed.clone(), facts.facts.head)).collect();
        self.epochs.push((epoch, heads));
    }

    /// Decides on a batch of submissions and stores what is accepted.
    pub fn commit(&mut self, batch: &[Submission], rules: &Rules) -> Committed {
        let mut facts = self.load(&needs(batch));
        let mut committed = Committed::default();
        for submission in batch {
            let verdict = decide(&mut facts, submission, rules);
            if let Verdict::Accept(plan) = &verdict {
                self.carry_out(plan);
                for placed in plan.items.iter().flat_map(|item| &item.places) {
                    committed.heads.insert(placed.feed.clone(), placed.seq);
                }
            }
            committed.verdicts.push(verdict);
        }
        committed
    }

    /// The facts that a batch of submissions asks for.
    pub fn load(&self, needs: &Needs) -> Facts {
        let mut facts = Facts::default();
        for user in &needs.people {
            for (feed, role, _) in self.memberships(user) {
                facts.roles.entry(user.clone()).or_default().insert(feed.clone(), role);
            }
        }
        for id in &needs.sessions {
            facts.sessions.extend(self.session(*id).map(|session| (*id, session.clone())));
        }
        take(&needs.devices, &self.devices, &mut facts.devices);
        take(&needs.documents, &self.documents, &mut facts.documents);
        take(&needs.actors, &self.actors, &mut facts.actors);
        take(&needs.stood_for, &self.stood_for, &mut facts.stood_for);
        take(&needs.decisions, &self.decisions, &mut facts.decisions);
        for doc in &needs.decided {
            let submissions = self
                .decisions
                .values()
                .filter(|stored| stored.doc == *doc && stored.content.event == Event::Submit);
            if let Some(last) = submissions.max_by_key(|stored| stored.place.seq) {
                facts.submitted.insert(*doc, last.content.heads.clone());
            }
        }
        let submitted =
            facts.submitted.iter().flat_map(|(doc, heads)| heads.iter().map(|head| (*doc, *head)));
        let wanted: Vec<_> = needs.changes.iter().copied().chain(submitted).collect();
        for key in wanted {
            if let Some(stored) = self.changes.get(&key) {
                let change = ChangeFacts { seq: stored.seq, known: stored.known.clone() };
                facts.changes.insert(key, change);
            }
        }
        for key in needs.brought.keys() {
            let Some(stored) = self.changes.get(key) else { continue };
            let Some(document) = self.documents.get(&key.0) else { continue };
            let tag = self.tag_at(&document.home, stored.seq).unwrap_or(Tag::START);
            facts.brought.insert(*key, Standing { tag, authorship: stored.item.authorship.clone() });
        }
        let standing_in = facts.documents.values().flat_map(|document| &document.feeds);
        for feed in needs.feeds.iter().chain(standing_in) {
            if let Some(stored) = self.feeds.get(feed) {
                facts.feeds.insert(feed.clone(), stored.facts.clone());
            }
        }
        facts
    }

    /// Stores what a plan says. The plan must have been made over this log's facts.
    pub fn carry_out(&mut self, plan: &Plan) {
        for (device, owner) in &plan.enrolments {
            self.enrol(*device, owner.clone());
        }
        for beginning in &plan.beginnings {
            let home = beginning.home.clone();
            self.feeds.entry(home.clone()).or_default().facts.documents += 1;
            let feeds = OrderedSet::from([home.clone()]);
            let course = Course::default();
            let document = DocumentFacts { kind: beginning.kind, home, feeds, course, bytes: 0 };
            self.documents.insert(beginning.doc, document);
        }
        for new in &plan.items {
            self.store(new);
        }
    }

    fn store(&mut self, new: &NewItem) {
        let item = Arc::new(new.item.clone());
        let document = self.documents.get_mut(&item.doc).expect("a plan begins its documents first");
        let placed = new.places.iter().find(|placed| placed.feed == document.home);
        let (seq, tag) = placed.map_or((0, Tag::START), |placed| (placed.seq, placed.tag));
        match (&item.content, &new.history) {
            (Content::Change { hash, bytes }, Some((actor, number, known))) => {
                document.bytes += bytes.len() as u64;
                if let Some(home) = self.feeds.get_mut(&document.home) {
                    home.facts.bytes += bytes.len() as u64;
                }
                let stored = StoredChange { item: item.clone(), seq, known: known.clone() };
                self.changes.insert((item.doc, *hash), stored);
                self.actors.insert((item.doc, *actor), *number);
                self.stood_for.extend(new.stands_for.iter().map(|original| ((item.doc, *original), *hash)));
            }
            (Content::Decision(decision), _) => {
                document.course.go_on(decision.event, &item.authorship.by);
                let place = Place { feed: document.home.clone(), seq };
                let standing = Standing { tag, authorship: item.authorship.clone() };
                let content = decision.clone();
                let stored = DecisionFacts { doc: item.doc, place, standing, content };
                self.decisions.insert(decision.decision, stored);
            }
            _ => {}
        }
        for placed in &new.places {
            let feed = self.feeds.entry(placed.feed.clone()).or_default();
            feed.entries.push((item.clone(), placed.tag));
            feed.facts.head = feed.entries.len() as u64;
            feed.facts.tag = placed.tag;
            debug_assert_eq!(feed.facts.head, placed.seq, "entries are numbered without gaps");
        }
    }

    /// How the person's feeds stand for a device that says hello.
    pub fn greet(&self, user: &UserId, hello: &Hello) -> Greeting {
        let feeds = self.memberships(user).filter_map(|(feed, role, view)| {
            let stored = self.feeds.get(feed)?;
            let head = stored.facts.head;
            let epochs: Vec<_> = self
                .epochs
                .iter()
                .map(|(epoch, heads)| (*epoch, heads.get(feed).copied().unwrap_or(0)))
                .collect();
            let shared = shared_until(&epochs, hello.epoch, head);
            let mut matching = points(hello, feed);
            matching.retain(|point| self.tag_at(feed, point.0) == Some(point.1));
            Some(FeedStanding {
                feed: feed.clone(),
                name: stored.name.clone(),
                role,
                head,
                view,
                matching,
                last_snapshot: self.last_snapshot(feed),
                settings: stored.settings.last().map_or(0, |row| row.number),
                shared: Cursor(shared, self.tag_at(feed, shared).unwrap_or(Tag::START)),
            })
        });
        Greeting {
            epoch: self.epoch(),
            feeds: feeds.collect(),
            removed_roles: self.removed_roles_of(user),
            newest_snapshot: self.newest_snapshot(),
        }
    }

    /// The change that stands for another.
    pub fn stand_in(&self, doc: DocumentId, hash: ChangeHash) -> Option<ChangeHash> {
        self.stood_for.get(&(doc, hash)).copied()
    }

    /// The number of a feed's last entry; 0 where there is no such feed.
    pub fn head(&self, feed: &FeedId) -> u64 {
        self.feeds.get(feed).map_or(0, |feed| feed.facts.head)
    }

    /// When the relay stored the latest entry.
    pub fn latest_time(&self) -> u64 {
        let last = self.feeds.values().filter_map(|feed| feed.entries.last());
        last.map(|(item, _)| item.authorship.at).max().unwrap_or(0)
    }

    /// The tag of an entry.
    pub fn tag_at(&self, feed: &FeedId, seq: u64) -> Option<Tag> {
        if seq == 0 {
            return Some(Tag::START);
        }
        let index = usize::try_from(seq - 1).ok()?;
        Some(self.feeds.get(feed)?.entries.get(index)?.1)
    }

    /// Reads entries of a feed, as [`super::connection::Effect::Read`] asks.
    pub fn read(&self, feed: &FeedId, after: u64, max_bytes: usize, leave_out: Option<DeviceId>) -> Page {
        self.read_folded(feed, after, max_bytes, leave_out, Folding::raw(after))
    }

    /// Reads entries of a feed, snapshots in place of those that they fold.
    pub fn read_folded(
        &self,
        feed: &FeedId,
        after: u64,
        max_bytes: usize,
        leave_out: Option<DeviceId>,
        folding: Folding,
    ) -> Page {
        let mut page =
            Page { to: after, tag: self.tag_at(feed, after).unwrap_or(Tag::START), entries: Vec::new() };
        let entries = self.feeds.get(feed).map_or(&[][..], |feed| &feed.entries);
        let first = usize::try_from(after).unwrap_or(usize::MAX);
        let mut size_bytes = 0;
        for (item, tag) in entries.get(first..).unwrap_or_default() {
            let seq = page.to + 1;
            let is_change = matches!(item.content, Content::Change { .. });
            let folded = self.snapshots.get(&item.doc).filter(|_| is_change).and_then(|all| {
                all.iter().rev().find(|it| it.place.made <= folding.made && it.snapshot.home == *feed)
            });
            let share = folded.map_or(Share::Raw, |it| share(folding, &it.place, seq, leave_out));
            let entry = match (share, folded) {
                (Share::PassedOver, _) => None,
                (Share::Snapshot, Some(stored)) => {
                    let Snapshot { bytes, folded, .. } = &stored.snapshot;
                    let entry = in_place(item.entry(seq), bytes.to_vec(), folded.clone());
                    Some((stored.snapshot.size_bytes(), entry))
                }
                _ if leave_out == Some(item.authorship.device) => None,
                _ => Some((item.size_bytes(), item.entry(seq))),
            };
            if let Some((size, entry)) = entry {
                size_bytes += size;
                if size_bytes > max_bytes && !page.entries.is_empty() {
                    break;
                }
                page.entries.push(entry);
            }
            page.to += 1;
            page.tag = *tag;
        }
        page
    }

    /// Which of these changes no document of the feed has. A document that does not stand in the feed is
    /// treated as unknown, so that its existence is not revealed.
    pub fn missing(
        &self,
        feed: &FeedId,
        docs: &OrderedMap<DocumentId, Vec<ChangeHash>>,
    ) -> OrderedMap<DocumentId, Vec<ChangeHash>> {
        let mut missing = OrderedMap::new();
        for (doc, hashes) in docs {
            let stands_here = self.documents.get(doc).is_some_and(|document| document.feeds.contains(feed));
            let is_missing = |hash: &&ChangeHash| !stands_here || !self.changes.contains_key(&(*doc, **hash));
            let absent: Vec<_> = hashes.iter().filter(is_missing).copied().collect();
            if !absent.is_empty() {
                missing.insert(*doc, absent);
            }
        }
        missing
    }

    /// The documents that have changes among the entries after a number, at most so many entries of them, and
    /// the number of the last one.
    pub fn grown(&self, feed: &FeedId, after: u64, most: u64) -> (u64, OrderedSet<DocumentId>) {
        let entries = self.feeds.get(feed).map_or(&[][..], |feed| &feed.entries);
        let to = entries.len() as u64;
        let to = to.min(after.saturating_add(most)).max(after);
        let stretch = entries.get(after as usize..to as usize).unwrap_or_default();
        let changes = stretch.iter().filter(|(item, _)| matches!(item.content, Content::Change { .. }));
        (to, changes.map(|(item, _)| item.doc).collect())
    }

    /// How far a document has grown beyond its snapshot.
    pub fn growth(&self, doc: DocumentId) -> Growth {
        Growth {
            changes: self.chunks(doc).len() as u64,
            folded: self.newest_of(doc).map_or(0, |stored| stored.snapshot.changes()),
            set_aside: self.set_aside.get(&doc).copied().unwrap_or(0),
        }
    }

    /// Every document.
    pub fn documents(&self) -> Vec<DocumentId> {
        self.documents.keys().copied().collect()
    }

    /// A document with all its changes; `None` where there is none.
    pub fn foldable(&self, doc: DocumentId) -> Option<Foldable> {
        let DocumentFacts { kind, home, .. } = self.documents.get(&doc)?.clone();
        let change = |(hash, bytes, authorship)| {
            let seq = self.changes.get(&(doc, hash)).map_or(0, |stored| stored.seq);
            FoldableChange { seq, hash, bytes, authorship }
        };
        let changes: Vec<_> = self.chunks(doc).into_iter().map(change).collect();
        let tag = changes.last().and_then(|last| self.tag_at(&home, last.seq)).unwrap_or(Tag::START);
        Some(Foldable { doc, kind, home, changes, tag })
    }

    fn newest_of(&self, doc: DocumentId) -> Option<&StoredSnapshot> {
        Some(self.snapshots.get(&doc)?.last()?)
    }

    /// Keeps a snapshot beside the older ones, unless there is one that folds as much; whether it is kept.
    pub fn put_snapshot(&mut self, snapshot: Snapshot, now: u64) -> bool {
        let until = snapshot.folded.until.0;
        if self.newest_of(snapshot.doc).is_some_and(|stored| stored.place.until >= until) {
            return false;
        }
        let first = usize::try_from(snapshot.first.saturating_sub(1)).unwrap_or(usize::MAX);
        let entry = self.feeds.get(&snapshot.home).and_then(|feed| feed.entries.get(first));
        let Some((item, _)) = entry else { return false };
        let made = now.max(self.newest_snapshot() + 1);
        let place = SnapshotPlace { first: snapshot.first, until, made, maker: item.authorship.device };
        self.set_aside.remove(&snapshot.doc);
        let all = self.snapshots.entry(snapshot.doc).or_default();
        // One goes when the one after it has stood for long enough.
        let gone = all.iter().skip(1).filter(|next| next.place.made + KEPT_MS < now).count();
        all.drain(..gone);
        all.push(Arc::new(StoredSnapshot { snapshot, place }));
        true
    }

    /// Where a document's snapshot stands.
    pub fn snapshot_place(&self, doc: DocumentId) -> Option<SnapshotPlace> {
        Some(self.newest_of(doc)?.place)
    }

    /// Notes that a document with so many changes cannot be folded.
    pub fn set_aside(&mut self, doc: DocumentId, changes: u64) {
        self.set_aside.insert(doc, changes);
    }

    /// How many documents cannot be folded.
    pub fn count_set_aside(&self) -> u64 {
        self.set_aside.len() as u64
    }

    /// The highest number at which a snapshot stands in a feed.
    fn last_snapshot(&self, feed: &FeedId) -> u64 {
        let here = self.snapshots.values().flatten().filter(|stored| stored.snapshot.home == *feed);
        here.map(|stored| stored.place.first).max().unwrap_or(0)
    }

    /// The mark of the newest snapshot; 0 where there is none.
    pub fn newest_snapshot(&self) -> u64 {
        self.snapshots.values().flatten().map(|stored| stored.place.made).max().unwrap_or(0)
    }

    /// A document, as the writer knows it.
    pub fn document(&self, doc: DocumentId) -> Option<&DocumentFacts> {
        self.documents.get(&doc)
    }

    /// The chunks of a document's changes, dependencies first, with their authorship.
    pub fn chunks(&self, doc: DocumentId) -> Vec<(ChangeHash, Vec<u8>, Authorship)> {
        let prefix = (doc, ChangeHash::from_bytes([0; 32]))..=(doc, ChangeHash::from_bytes([255; 32]));
        let mut chunks: Vec<_> = self.changes.range(prefix).collect();
        // In the order of the home feed every change comes after those that it builds on.
        chunks.sort_by_key(|(_, stored)| stored.seq);
        chunks
            .into_iter()
            .filter_map(|((_, hash), stored)| match &stored.item.content {
                Content::Change { bytes, .. } => {
                    Some((*hash, bytes.to_vec(), stored.item.authorship.clone()))
                }
                _ => None,
            })
            .collect()
    }

    fn memberships(&self, user: &UserId) -> impl Iterator<Item = (&FeedId, Role, u64)> {
        let user = user.clone();
        self.roles
            .iter()
            .filter(move |((member, _), _)| *member == user)
            .filter_map(|((_, feed), membership)| Some((feed, membership.role?, membership.view)))
    }
}

fn take<K: Ord + Clone, V: Clone>(
    wanted: &OrderedSet<K>,
    from: &OrderedMap<K, V>,
    to: &mut OrderedMap<K, V>,
) {
    for key in wanted {
        if let Some(value) = from.get(key) {
            to.insert(key.clone(), value.clone());
        }
    }
}
