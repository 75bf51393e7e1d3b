//! A store without a disk, for tests: [`MemoryLog`] under a lock, and people beside it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::audit::{Act, AuditKey, Head, Row};
use shared::ids::{BlobHash, ChangeHash, DeviceId, DocumentId, EpochId, FeedId, SessionId, UserId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::relay::blob::{BlobRefusal, BlobRoom, may_add};
use shared::sync::relay::compaction::{Foldable, FoldableChange, Growth, Snapshot};
use shared::sync::relay::entry::{Page, ReceiptKey};
use shared::sync::relay::facts::{DocumentFacts, SessionFacts};
use shared::sync::relay::memory::MemoryLog;
use shared::sync::relay::standing::Greeting;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::sync::settings::{SetBy, SettingRow};
use shared::wire::{Folding, Hello, RemovedRole};

use super::audit as acts;
use super::blob::Blob;
use super::person::{
    Device, DirectoryEntry, DirectoryRange, Enrolment, LinkEnd, LinkStanding, NewPassword, PasswordSetter,
    Person, RightsChanged, SessionEnd, SessionRow, Sessions, TokenHash,
};
use super::{Chunk, KeyMark, Result, Sharing, Store, StoreError};
use crate::password::PasswordDigest;

/// The store.
#[derive(Debug)]
pub struct MemoryStore(Mutex<Memory>);

#[derive(Debug)]
struct Memory {
    log: MemoryLog,
    people: OrderedMap<UserId, (Person, u64)>,
    /// When a person began to see a feed, last.
    granted: OrderedMap<(UserId, FeedId), u64>,
    devices: OrderedMap<DeviceId, Device>,
    secrets: OrderedMap<DeviceId, TokenHash>,
    /// Who set whose password; nobody else where it is not said.
    setters: OrderedMap<UserId, PasswordSetter>,
    links: OrderedMap<TokenHash, PasswordLink>,
    /// The number of each person's last change of rights.
    rights: OrderedMap<UserId, u64>,
    /// The same of the settings of feeds.
    settings_changed: OrderedMap<FeedId, u64>,
    blobs: OrderedMap<(DocumentId, BlobHash), Blob>,
    receipt_key: Option<KeyMark>,
    audit_key: Option<AuditKey>,
    operator: Option<SetBy>,
    audit: Vec<Row>,
}

/// As a row of it would be.
#[derive(Debug)]
struct PasswordLink {
    user: UserId,
    expires_at: u64,
    ended: Option<LinkEnd>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(epoch: EpochId) -> Self {
        Self(Mutex::new(Memory {
            log: MemoryLog::new(epoch),
            people: OrderedMap::new(),
            granted: OrderedMap::new(),
            devices: OrderedMap::new(),
            secrets: OrderedMap::new(),
            setters: OrderedMap::new(),
            links: OrderedMap::new(),
            rights: OrderedMap::new(),
            settings_changed: OrderedMap::new(),
            blobs: OrderedMap::new(),
            receipt_key: None,
            audit_key: None,
            operator: None,
            audit: Vec::new(),
        }))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// Bytes that the blobs take of the documents whose home is this feed.
    fn blob_bytes(&self, feed: &FeedId) -> u64 {
        let at_home = |doc: DocumentId| self.log.document(doc).is_some_and(|facts| facts.home == *feed);
        self.blobs.iter().filter(|((doc, _), _)| at_home(*doc)).map(|(_, blob)| blob.size_bytes).sum()
    }

    /// Changes something of a person who exists.
    fn change_person(&mut self, user: &UserId, now: u64, change: impl FnOnce(&mut Person)) -> Result<()> {
        let (person, changed_at) =
            self.people.get_mut(user).ok_or_else(|| StoreError::Absent(format!("person {user}")))?;
        change(person);
        *changed_at = now;
        self.note_rights(user);
        Ok(())
    }

    fn newest_change(&self) -> u64 {
        self.rights.values().chain(self.settings_changed.values()).copied().max().unwrap_or(0)
    }

    fn note_rights(&mut self, user: &UserId) {
        let next = self.newest_change() + 1;
        self.rights.insert(user.clone(), next);
    }

    fn setter(&self, user: &UserId) -> PasswordSetter {
        self.setters.get(user).copied().unwrap_or(PasswordSetter::Themselves)
    }

    /// Makes the person's sessions good or void for the log, as they stand.
    fn settle_sessions(&mut self, user: &UserId) {
        let is_disabled = self.people.get(user).is_some_and(|(person, _)| person.is_disabled);
        if is_disabled || self.setter(user) == PasswordSetter::Somebody {
            self.log.disable(user.clone());
        } else {
            self.log.enable(user);
        }
    }

    fn set_password(
        &mut self,
        user: &UserId,
        password: &NewPassword,
        but_for: Option<TokenHash>,
        now: u64,
    ) -> Result<()> {
        if but_for.is_some_and(|token| self.log.any_session(token.into()).is_none()) {
            return Err(StoreError::SessionOver);
        }
        let digest = password.digest.as_str().to_owned();
        self.change_person(user, now, |person| person.password_digest = digest)?;
        self.setters.insert(user.clone(), password.setter);
        let kept = but_for.map(SessionId::from);
        self.log.close_sessions(|id, session| session.user == *user && Some(id) != kept);
        self.settle_sessions(user);
        self.end_links(|of| of == user, LinkEnd::Replaced);
        Ok(())
    }

    fn link(&self, token: TokenHash, now: u64) -> LinkStanding {
        self.links.get(&token).map_or(LinkStanding::Unknown, |link| {
            LinkStanding::of(link.user.clone(), link.ended, link.expires_at, now)
        })
    }

    /// Ends links that were not used.
    fn end_links(&mut self, is_of: impl Fn(&UserId) -> bool, end: LinkEnd) {
        for link in self.links.values_mut().filter(|link| is_of(&link.user)) {
            link.ended.get_or_insert(end);
        }
    }

    fn session_row(session: &SessionFacts) -> SessionRow {
        let SessionFacts { user, device, expires_at } = session.clone();
        SessionRow { user, device, expires_at }
    }

    fn audit_head(&self) -> Head {
        self.audit.last().map_or(Head::START, |row| Head { seq: row.seq, tag: row.tag })
    }

    /// Tells in the audit log.
    fn tell(&mut self, acts: Vec<Act>) {
        for act in acts {
            let act = match &self.operator {
                Some(operator) => act.by(operator),
                None => act,
            };
            let row = self.audit_key.as_ref().map(|key| key.next(self.audit_head(), act));
            self.audit.extend(row);
        }
    }

    /// Devices that a receipt brought back are known to the log alone.
    fn take_back_devices(&mut self) {
        for (device, facts) in self.log.devices() {
            self.devices.entry(device).or_insert_with(|| Device {
                device,
                owner: facts.owner.clone(),
                name: String::new(),
                enrolled_at: 0,
                seen_at: None,
                revoked_at: None,
            });
        }
    }
}

impl Store for MemoryStore {
    fn commit(&self, batch: &[Submission], rules: &Rules) -> Result<Vec<Verdict>> {
        let mut memory = self.memory();
        let committed = memory.log.commit(batch, rules);
        memory.take_back_devices();
        memory.tell(acts::decided(batch, &committed.verdicts));
        Ok(committed.verdicts)
    }

    fn prove_writable(&self) -> Result<()> {
        Ok(())
    }

    fn read(&self, feed: &FeedId, after: u64, max_bytes: usize, leave_out: Option<DeviceId>) -> Result<Page> {
        Ok(self.memory().log.read(feed, after, max_bytes, leave_out))
    }

    fn read_folded(
        &self,
        feed: &FeedId,
        after: u64,
        max_bytes: usize,
        leave_out: Option<DeviceId>,
        folding: Folding,
    ) -> Result<Page> {
        Ok(self.memory().log.read_folded(feed, after, max_bytes, leave_out, folding))
    }

    fn greet(&self, user: &UserId, hello: &Hello) -> Result<Greeting> {
        Ok(self.memory().log.greet(user, hello))
    }

    fn missing(
        &self,
        feed: &FeedId,
        docs: &OrderedMap<DocumentId, Vec<ChangeHash>>,
    ) -> Result<OrderedMap<DocumentId, Vec<ChangeHash>>> {
        Ok(self.memory().log.missing(feed, docs))
    }

    fn head(&self, feed: &FeedId) -> Result<u64> {
        Ok(self.memory().log.head(feed))
    }

    fn epoch(&self) -> Result<EpochId> {
        Ok(self.memory().log.epoch())
    }

    fn begin_epoch(&self, epoch: EpochId) -> Result<()> {
        self.memory().log.begin_epoch(epoch);
        Ok(())
    }

    fn document(&self, doc: DocumentId) -> Result<Option<DocumentFacts>> {
        Ok(self.memory().log.document(doc).cloned())
    }

    fn documents(&self) -> Result<Vec<DocumentId>> {
        Ok(self.memory().log.documents())
    }

    fn chunks(&self, doc: DocumentId) -> Result<Vec<Chunk>> {
        let foldable = self.memory().log.foldable(doc);
        let changes = foldable.into_iter().flat_map(|foldable| foldable.changes);
        let chunk = |change: FoldableChange| Chunk {
            hash: change.hash,
            bytes: change.bytes,
            authorship: change.authorship,
            seq: change.seq,
        };
        Ok(changes.map(chunk).collect())
    }

    fn readable_documents(&self) -> Result<(Vec<DocumentId>, usize)> {
        Ok((self.documents()?, 0))
    }

    fn readable_chunks(&self, doc: DocumentId) -> Result<(Vec<Chunk>, usize)> {
        Ok((self.chunks(doc)?, 0))
    }

    fn grown(&self, feed: &FeedId, after: u64, most: u64) -> Result<(u64, OrderedSet<DocumentId>)> {
        Ok(self.memory().log.grown(feed, after, most))
    }

    fn growth(&self, doc: DocumentId) -> Result<Growth> {
        Ok(self.memory().log.growth(doc))
    }

    fn foldable(&self, doc: DocumentId) -> Result<Option<Foldable>> {
        Ok(self.memory().log.foldable(doc))
    }

    fn put_snapshots(&self, snapshots: &[Snapshot], now: u64) -> Result<Vec<bool>> {
        let log = &mut self.memory().log;
        Ok(snapshots.iter().map(|snapshot| log.put_snapshot(snapshot.clone(), now)).collect())
    }

    fn set_aside(&self, doc: DocumentId, changes: u64, _why: &str, _now: u64) -> Result<()> {
        self.memory().log.set_aside(doc, changes);
        Ok(())
    }

    fn count_set_aside(&self) -> Result<u64> {
        Ok(self.memory().log.count_set_aside())
    }

    fn blob(&self, doc: DocumentId, hash: BlobHash) -> Result<Option<Blob>> {
        Ok(self.memory().blobs.get(&(doc, hash)).cloned())
    }

    fn blobs(&self, doc: DocumentId) -> Result<Vec<Blob>> {
        let memory = self.memory();
        Ok(memory.blobs.iter().filter(|((of, _), _)| *of == doc).map(|(_, blob)| blob.clone()).collect())
    }

    fn blob_bytes(&self, feed: &FeedId) -> Result<u64> {
        Ok(self.memory().blob_bytes(feed))
    }

    fn put_blob(
        &self,
        doc: DocumentId,
        blob: &Blob,
        most_bytes: u64,
    ) -> Result<std::result::Result<(), BlobRefusal>> {
        let mut memory = self.memory();
        let document = memory.log.document(doc).cloned();
        let used_bytes = document.as_ref().map_or(0, |facts| memory.blob_bytes(&facts.home));
        let roles = memory.log.roles_of(&blob.by);
        let is_there = memory.blobs.contains_key(&(doc, blob.hash));
        let size_bytes = if is_there { 0 } else { blob.size_bytes };
        let allowed = may_add(&roles, document.as_ref(), size_bytes, BlobRoom { used_bytes, most_bytes });
        if allowed.is_ok() {
            memory.blobs.entry((doc, blob.hash)).or_insert_with(|| blob.clone());
        }
        Ok(allowed)
    }

    fn receipt_key_mark(&self) -> Result<Option<KeyMark>> {
        Ok(self.memory().receipt_key)
    }

    fn agree_on_receipt_key(&self, key: &ReceiptKey) -> Result<()> {
        let mut memory = self.memory();
        let mark = *memory.receipt_key.get_or_insert(*key.mark());
        if mark == *key.mark() { Ok(()) } else { Err(StoreError::OtherReceiptKey(Sharing::Alone)) }
    }

    fn audit_key_mark(&self) -> Result<Option<KeyMark>> {
        Ok(self.memory().audit_key.as_ref().map(|key| *key.mark()))
    }

    fn trace_with(&self, key: &AuditKey) -> Result<()> {
        let mut memory = self.memory();
        let agreed = memory.audit_key.get_or_insert_with(|| key.clone());
        if agreed.mark() == key.mark() { Ok(()) } else { Err(StoreError::OtherAuditKey(Sharing::Alone)) }
    }

    fn trace_with_another(&self, key: &AuditKey, act: Act) -> Result<()> {
        let mut memory = self.memory();
        memory.audit_key = Some(key.clone());
        memory.tell(vec![act]);
        Ok(())
    }

    fn name_operator(&self, operator: SetBy) {
        self.memory().operator.get_or_insert(operator);
    }

    fn trace(&self, acts: Vec<Act>) -> Result<()> {
        self.memory().tell(acts);
        Ok(())
    }

    fn audit(&self, after: u64, most: u64) -> Result<Vec<Row>> {
        let memory = self.memory();
        let rows = memory.audit.iter().filter(|row| row.seq > after);
        Ok(rows.take(usize::try_from(most).unwrap_or(usize::MAX)).cloned().collect())
    }

    fn audit_head(&self) -> Result<Head> {
        Ok(self.memory().audit_head())
    }

    fn feeds(&self) -> Result<OrderedMap<FeedId, String>> {
        Ok(self.memory().log.feeds().into_iter().collect())
    }

    fn put_feed(&self, feed: &FeedId, name: &str) -> Result<()> {
        self.memory().log.put_feed(feed.clone(), name);
        Ok(())
    }

    fn people(&self) -> Result<Vec<Person>> {
        Ok(self.memory().people.values().map(|(person, _)| person.clone()).collect())
    }

    fn person(&self, user: &UserId) -> Result<Option<Person>> {
        Ok(self.memory().people.get(user).map(|(person, _)| person.clone()))
    }

    fn put_person(&self, person: &Person, now: u64) -> Result<()> {
        let mut memory = self.memory();
        let before = memory.people.insert(person.user.clone(), (person.clone(), now));
        memory.settle_sessions(&person.user);
        memory.note_rights(&person.user);
        memory.tell(vec![acts::written(before.as_ref().map(|(person, _)| person), person, now)]);
        Ok(())
    }

    fn disable(&self, user: &UserId, now: u64) -> Result<()> {
        let mut memory = self.memory();
        memory.change_person(user, now, |person| person.is_disabled = true)?;
        memory.settle_sessions(user);
        memory.end_links(|of| of == user, LinkEnd::Withdrawn);
        memory.tell(vec![acts::person(user, "disabled", now)]);
        Ok(())
    }

    fn enable(&self, user: &UserId, now: u64) -> Result<()> {
        let mut memory = self.memory();
        memory.change_person(user, now, |person| person.is_disabled = false)?;
        memory.log.close_sessions(|_, session| session.user == *user);
        memory.settle_sessions(user);
        memory.tell(vec![acts::person(user, "enabled", now)]);
        Ok(())
    }

    fn set_password(
        &self,
        user: &UserId,
        password: &NewPassword,
        but_for: Option<TokenHash>,
        now: u64,
    ) -> Result<()> {
        let mut memory = self.memory();
        memory.set_password(user, password, but_for, now)?;
        memory.tell(vec![acts::password(user, password, now)]);
        Ok(())
    }

    fn put_link(&self, user: &UserId, token: TokenHash, expires_at: u64, now: u64) -> Result<()> {
        let mut memory = self.memory();
        if !memory.people.contains_key(user) {
            return Err(StoreError::Absent(format!("person {user}")));
        }
        memory.end_links(|of| of == user, LinkEnd::Replaced);
        memory.links.insert(token, PasswordLink { user: user.clone(), expires_at, ended: None });
        memory.tell(vec![acts::link_made(user, now)]);
        Ok(())
    }

    fn link(&self, token: TokenHash, now: u64) -> Result<LinkStanding> {
        Ok(self.memory().link(token, now))
    }

    fn use_link(&self, token: TokenHash, password: &PasswordDigest, now: u64) -> Result<LinkStanding> {
        let mut memory = self.memory();
        let standing = memory.link(token, now);
        if let LinkStanding::Good(user) = &standing {
            if let Some(link) = memory.links.get_mut(&token) {
                link.ended = Some(LinkEnd::Used);
            }
            let password = NewPassword { digest: password.clone(), setter: PasswordSetter::Themselves };
            memory.set_password(user, &password, None, now)?;
            memory.tell(vec![acts::link_used(user, now)]);
        }
        Ok(standing)
    }

    fn withdraw_links(&self) -> Result<()> {
        self.memory().end_links(|_| true, LinkEnd::Withdrawn);
        Ok(())
    }

    fn forget_links(&self, expired_by: u64) -> Result<usize> {
        let links = &mut self.memory().links;
        let before = links.len();
        links.retain(|_, link| link.expires_at > expired_by);
        Ok(before - links.len())
    }

    fn password_setter(&self, user: &UserId) -> Result<PasswordSetter> {
        let memory = self.memory();
        if !memory.people.contains_key(user) {
            return Err(StoreError::Absent(format!("person {user}")));
        }
        Ok(memory.setter(user))
    }

    fn rights_changed(&self, after: u64) -> Result<RightsChanged> {
        let memory = self.memory();
        let people = memory.rights.iter().filter(|(_, number)| **number > after);
        let feeds = memory.settings_changed.iter().filter(|(_, number)| **number > after);
        Ok(RightsChanged {
            newest: memory.newest_change(),
            people: people.map(|(user, _)| user.clone()).collect(),
            feeds: feeds.map(|(feed, _)| feed.clone()).collect(),
        })
    }

    fn latest_time(&self) -> Result<u64> {
        let memory = self.memory();
        let people = memory.people.values().map(|(_, changed_at)| *changed_at);
        let devices = memory.devices.values().flat_map(|device| {
            [Some(device.enrolled_at), device.seen_at, device.revoked_at].into_iter().flatten()
        });
        Ok(people.chain(devices).chain([memory.log.latest_time()]).max().unwrap_or(0))
    }

    fn roles(&self, user: &UserId) -> Result<OrderedMap<FeedId, Role>> {
        Ok(self.memory().log.roles_of(user))
    }

    fn removed_roles(&self, user: &UserId) -> Result<Vec<RemovedRole>> {
        Ok(self.memory().log.removed_roles_of(user))
    }

    fn set_role(&self, user: &UserId, feed: &FeedId, role: Option<Role>, now: u64) -> Result<()> {
        let mut memory = self.memory();
        if !memory.log.feeds().iter().any(|(known, _)| known == feed) {
            return Err(StoreError::Absent(format!("feed {feed}")));
        }
        let (_, changed_at) =
            memory.people.get_mut(user).ok_or_else(|| StoreError::Absent(format!("person {user}")))?;
        *changed_at = now;
        if role.is_some() && !memory.log.roles_of(user).contains_key(feed) {
            memory.granted.insert((user.clone(), feed.clone()), now);
        }
        memory.log.set_role(user.clone(), feed.clone(), role, now);
        memory.note_rights(user);
        memory.tell(vec![Act::role(now, user, feed, role)]);
        Ok(())
    }

    fn directory(&self, viewer: &UserId, range: &DirectoryRange) -> Result<Vec<DirectoryEntry>> {
        let memory = self.memory();
        let seen: OrderedSet<_> = memory.log.roles_of(viewer).into_keys().collect();
        let granted = seen.iter().filter_map(|feed| memory.granted.get(&(viewer.clone(), feed.clone())));
        let since = if granted.max().is_some_and(|at| *at >= range.since) { 0 } else { range.since };
        let people = memory.people.values();
        let people =
            people.filter(|(person, _)| range.after.as_ref().is_none_or(|after| person.user > *after));
        let entries = people.filter_map(|(person, changed_at)| {
            let shares_a_feed = memory.log.roles_of(&person.user).keys().any(|feed| seen.contains(feed));
            let has_entries = seen.iter().any(|feed| memory.log.has_author(feed, &person.user));
            let is_seen = person.user == *viewer || shares_a_feed || has_entries;
            let is_wanted = is_seen && *changed_at >= since;
            is_wanted.then(|| DirectoryEntry {
                user: person.user.clone(),
                name: person.name.clone(),
                position: person.position.clone(),
                office: person.office.clone(),
                devices: memory
                    .devices
                    .values()
                    .filter(|device| device.owner == person.user)
                    .map(|device| device.device)
                    .collect(),
                changed_at: *changed_at,
            })
        });
        Ok(entries.take(range.most).collect())
    }

    fn settings(&self, feed: &FeedId) -> Result<Vec<SettingRow>> {
        let mut newest = OrderedMap::new();
        for row in self.setting_history(feed, 0)? {
            newest.insert(row.key.clone(), row);
        }
        Ok(newest.into_values().collect())
    }

    fn setting_history(&self, feed: &FeedId, from: u64) -> Result<Vec<SettingRow>> {
        let memory = self.memory();
        let rows = memory.log.settings(feed).unwrap_or_default().iter();
        Ok(rows.filter(|row| row.number >= from).cloned().collect())
    }

    fn put_setting(&self, feed: &FeedId, key: &str, value: &[u8], by: &SetBy, now: u64) -> Result<u64> {
        let mut memory = self.memory();
        let number = memory.log.put_setting(feed, key, value, by.clone(), now);
        let number = number.ok_or_else(|| StoreError::Absent(format!("feed {feed}")))?;
        let change = memory.newest_change() + 1;
        memory.settings_changed.insert(feed.clone(), change);
        memory.tell(vec![acts::setting(feed, key, number, by, now)]);
        Ok(number)
    }

    fn enrol(&self, device: DeviceId, owner: &UserId, name: &str, now: u64) -> Result<Enrolment> {
        let mut memory = self.memory();
        if let Some(known) = memory.devices.get(&device) {
            return Ok(match known {
                known if known.owner != *owner => Enrolment::OfAnother,
                known if known.revoked_at.is_some() => Enrolment::Revoked,
                _ => Enrolment::Enrolled,
            });
        }
        let (_, changed_at) =
            memory.people.get_mut(owner).ok_or_else(|| StoreError::Absent(format!("person {owner}")))?;
        *changed_at = now;
        memory.log.enrol(device, owner.clone());
        let row = Device {
            device,
            owner: owner.clone(),
            name: name.to_owned(),
            enrolled_at: now,
            seen_at: None,
            revoked_at: None,
        };
        memory.devices.insert(device, row);
        memory.tell(vec![acts::enrolled(device, owner, now)]);
        Ok(Enrolment::Enrolled)
    }

    fn device(&self, device: DeviceId) -> Result<Option<Device>> {
        Ok(self.memory().devices.get(&device).cloned())
    }

    fn devices(&self, owner: &UserId) -> Result<Vec<Device>> {
        let memory = self.memory();
        let mut devices: Vec<_> =
            memory.devices.values().filter(|device| device.owner == *owner).cloned().collect();
        devices.sort_by_key(|device| (device.enrolled_at, device.device));
        Ok(devices)
    }

    fn signed_in_devices(&self, owner: &UserId, now: u64) -> Result<OrderedSet<DeviceId>> {
        let memory = self.memory();
        let is_disabled = memory.people.get(owner).is_none_or(|(person, _)| person.is_disabled);
        let devices = memory.devices.values();
        let devices = devices.filter(|device| device.owner == *owner && device.revoked_at.is_none());
        let has_session = |device: DeviceId| {
            memory.log.has_session(|session| session.device == device && session.expires_at > now)
        };
        let signed_in =
            devices.map(|device| device.device).filter(|device| !is_disabled && has_session(*device));
        Ok(signed_in.collect())
    }

    fn proves_device(&self, device: DeviceId, owner: &UserId, secret: TokenHash) -> Result<bool> {
        let memory = self.memory();
        let is_theirs =
            memory.devices.get(&device).is_some_and(|row| row.owner == *owner && row.revoked_at.is_none());
        Ok(is_theirs && memory.secrets.get(&device) == Some(&secret))
    }

    fn put_device_secret(&self, device: DeviceId, secret: TokenHash) -> Result<()> {
        let mut memory = self.memory();
        if !memory.devices.contains_key(&device) {
            return Err(StoreError::Absent(format!("device {}", device.short())));
        }
        memory.secrets.insert(device, secret);
        Ok(())
    }

    fn revoke(&self, device: DeviceId, now: u64) -> Result<()> {
        let mut memory = self.memory();
        let row = memory.devices.get_mut(&device);
        let row = row.ok_or_else(|| StoreError::Absent(format!("device {}", device.short())))?;
        row.revoked_at = Some(now);
        let owner = row.owner.clone();
        memory.log.revoke(device);
        memory.note_rights(&owner);
        memory.tell(vec![acts::revoked(device, Some(&owner), now)]);
        Ok(())
    }

    fn note_seen(&self, device: DeviceId, now: u64) -> Result<()> {
        if let Some(row) = self.memory().devices.get_mut(&device) {
            row.seen_at = Some(now);
        }
        Ok(())
    }

    fn open_session(&self, token: TokenHash, session: &SessionRow) -> Result<()> {
        let mut memory = self.memory();
        if memory.devices.get(&session.device).is_none_or(|device| device.owner != session.user) {
            let device = format!("device {} of {}", session.device.short(), session.user);
            return Err(StoreError::Absent(device));
        }
        let SessionRow { user, device, expires_at } = session.clone();
        memory.log.open_session(token.into(), SessionFacts { user, device, expires_at });
        Ok(())
    }

    fn session(&self, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
        let memory = self.memory();
        let session = memory.log.session(token.into()).filter(|session| session.expires_at > now);
        Ok(session.map(Memory::session_row))
    }

    fn limited_session(&self, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
        let memory = self.memory();
        let session = memory.log.any_session(token.into()).filter(|session| {
            let is_disabled = memory.people.get(&session.user).is_none_or(|(person, _)| person.is_disabled);
            let is_revoked =
                memory.devices.get(&session.device).is_none_or(|device| device.revoked_at.is_some());
            session.expires_at > now && !is_disabled && !is_revoked
        });
        Ok(session.map(Memory::session_row))
    }

    fn session_end(&self, token: TokenHash) -> Result<SessionEnd> {
        let memory = self.memory();
        let Some(session) = memory.log.any_session(token.into()) else { return Ok(SessionEnd::Over) };
        let is_disabled = memory.people.get(&session.user).is_some_and(|(person, _)| person.is_disabled);
        let is_revoked =
            memory.devices.get(&session.device).is_some_and(|device| device.revoked_at.is_some());
        Ok(match (is_disabled, is_revoked) {
            (true, _) => SessionEnd::Disabled,
            (false, true) => SessionEnd::Revoked,
            (false, false) if memory.setter(&session.user) == PasswordSetter::Somebody => {
                SessionEnd::PasswordDue
            }
            (false, false) => SessionEnd::Over,
        })
    }

    fn close_session(&self, token: TokenHash) -> Result<()> {
        let mut memory = self.memory();
        let owner = memory.log.any_session(token.into()).map(|session| session.user.clone());
        memory.log.close_session(token.into());
        if let Some(owner) = owner {
            memory.note_rights(&owner);
        }
        Ok(())
    }

    fn close_sessions(&self, user: &UserId, sessions: Sessions) -> Result<()> {
        let mut memory = self.memory();
        memory.log.close_sessions(|id, session| {
            let is_meant = match sessions {
                Sessions::All => true,
                Sessions::AllBut(token) => id != SessionId::from(token),
                Sessions::Of(device) => session.device == device,
            };
            session.user == *user && is_meant
        });
        memory.note_rights(user);
        Ok(())
    }

    fn forget_expired_sessions(&self, now: u64) -> Result<usize> {
        Ok(self.memory().log.close_sessions(|_, session| session.expires_at <= now))
    }
}
