//! What waits for one document: its changes in the order of their dependencies, and its decisions.
//!
//! One frame of a document is under way at a time. So nothing is ever sent that builds on a change whose
//! fate is open, and while one frame travels the next ones grow together into few.

use crate::device::row::{LostRole, Origin, Place, SetAsideReason};
use crate::ids::{ChangeHash, DecisionId, DeviceId, FeedId};
use crate::model::kind::Kind;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::code::NackCode;
use crate::wire::{Decision, limits};

/// How a change or a decision stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fate {
    /// Its chunk has not been read from the store.
    Unread,
    /// Ready to be sent.
    Waiting,
    /// In the frame that is under way.
    UnderWay,
    /// No receipt proves who made it, so it waits until its maker's device has brought it, and so does what builds
    /// on it.
    Held,
    /// The relay has it; not yet stored here that it has.
    Acked(Place),
    /// The relay refused it, or what it builds on; not yet stored here.
    Refused(NackCode, SetAsideReason),
    /// This one in the log says what it says; not yet stored here.
    Displaced(ChangeHash),
    /// It builds on a change that was taken over; not yet stored here.
    Stranded,
}

/// Where a change comes from, and so how it is sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// Made by this device, with the bytes of its outbox row; pushed.
    Outbox(Vec<u8>),
    /// Made by this device and acked long ago, but the relay asks for it again; pushed.
    Again,
    /// Made by another, or by a device that this database had before; offered.
    Other {
        /// What the relay said of it; `None` for a former device's.
        origin: Option<Origin>,
        /// The device of its actor.
        device: DeviceId,
        /// Its number in the feed, as it was.
        seq: u64,
    },
}

impl Source {
    pub(super) fn is_own(&self) -> bool {
        !matches!(self, Source::Other { .. })
    }
}

/// A change that waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) source: Source,
    pub(super) fate: Fate,
    pub(super) deps: Vec<ChangeHash>,
    /// It builds on nothing, and the document must be there all the same.
    pub(super) is_known_change: bool,
    /// It stands for others.
    pub(super) is_stand_in: bool,
    pub(super) bytes: Vec<u8>,
    /// How often the relay said that it lacks what this builds on.
    pub(super) asked: u8,
    /// Of one made here: what the relay said when it acked it.
    pub(super) proof: Option<Origin>,
    /// This person may not push it any more, but the proof lets anyone bring it back.
    pub(super) is_offered: bool,
    /// Of one that another made: its row as it is stored.
    pub(super) row: Vec<u8>,
    /// Since when it is stored that it waits for its maker's device.
    pub(super) unproven_since: Option<u64>,
    /// It was made without a time, by a device that knew its clock to be off: lists show it where that clock puts it
    /// until the relay says when it came.
    pub(super) is_untimed: bool,
    /// An entry of the log builds on it, so the relay has it, whatever it answers: where that entry stands.
    pub(super) in_log: Option<Place>,
}

impl Item {
    /// A change whose chunk is still to be read.
    pub(super) fn unread(source: Source) -> Self {
        Self {
            source,
            fate: Fate::Unread,
            deps: Vec::new(),
            is_known_change: false,
            is_stand_in: false,
            bytes: Vec::new(),
            asked: 0,
            proof: None,
            is_offered: false,
            row: Vec::new(),
            unproven_since: None,
            is_untimed: false,
            in_log: None,
        }
    }

    /// Whether it is pushed, not offered.
    fn is_pushed(&self) -> bool {
        self.source.is_own() && !self.is_offered
    }

    /// Whether it waits for its maker's device, and that is stored.
    fn is_laid_by(&self) -> bool {
        self.fate == Fate::Held && self.unproven_since.is_some()
    }

    /// It may be sent, unless the relay is known to have it.
    pub(super) fn wait(&mut self) {
        self.fate = self.in_log.clone().map_or(Fate::Waiting, Fate::Acked);
    }
}

/// A decision that waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pending {
    pub(super) feed: FeedId,
    pub(super) decision: Decision,
    /// The bytes of its outbox row; none where another made it.
    pub(super) row: Vec<u8>,
    pub(super) fate: Fate,
    /// Made by another: what the relay said of it, and its number as it was.
    pub(super) origin: Option<(Origin, u64)>,
    /// Made here: what the relay said when it acked it.
    pub(super) proof: Option<Origin>,
    /// This person may not decide any more, but the proof lets anyone bring it back.
    pub(super) is_offered: bool,
    /// How often the relay said that it lacks what this is on.
    pub(super) asked: u8,
}

/// What the next frame of a document carries.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next {
    /// These changes, made here.
    Push(Vec<ChangeHash>),
    /// These changes, made by others.
    Offer(Vec<ChangeHash>),
    /// This decision, made here.
    Decide(DecisionId),
    /// This decision, made by another.
    OfferDecision(DecisionId),
}

/// What waits for one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Queue {
    /// Home and kind, once read.
    pub(super) home: Option<(FeedId, Kind)>,
    pub(super) items: OrderedMap<ChangeHash, Item>,
    pub(super) decisions: OrderedMap<DecisionId, Pending>,
    /// The frame that is under way.
    pub(super) under_way: Option<Next>,
    /// Nothing before this time: the relay was busy.
    pub(super) retry_at: Option<u64>,
    pub(super) busy_count: u32,
    /// One change a frame: a frame of several was refused and the relay did not say for which.
    pub(super) is_singly: bool,
    /// What the relay lacks and this device does not hold either. What others made and builds on it waits while the
    /// connection lasts: another device may bring it.
    pub(super) missing: OrderedSet<ChangeHash>,
    /// What the relay lacks is being looked for in the store; what needs it would only be refused again.
    pub(super) is_fetching: bool,
    /// Its rows are damaged: nothing of it can be sent.
    pub(super) is_stuck: bool,
    /// It was removed from this device: what a tab still stored of it is set aside.
    pub(super) removed: Option<LostRole>,
}

impl Queue {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.decisions.is_empty()
    }

    /// Changes and decisions of this device that the store lists as unsent.
    pub(super) fn waiting(&self) -> usize {
        let changes = self.items.values().filter(|item| matches!(item.source, Source::Outbox(_)));
        let decisions = self.decisions.values().filter(|pending| pending.origin.is_none());
        changes.count() + decisions.count()
    }

    /// Those of them that can be sent: they build on nothing that waits for another device.
    pub(super) fn waiting_to_send(&self) -> usize {
        let stalled = self.stalled();
        let is_on_stalled =
            |head: &ChangeHash| stalled.contains(head) || self.items.get(head).is_some_and(Item::is_laid_by);
        let changes = self
            .items
            .iter()
            .filter(|(hash, item)| matches!(item.source, Source::Outbox(_)) && !stalled.contains(hash));
        let decisions = self
            .decisions
            .values()
            .filter(|pending| pending.origin.is_none() && !pending.decision.heads.iter().any(is_on_stalled));
        changes.count() + decisions.count()
    }

    /// Whether something waits that is not of the outbox: the relay has lost it.
    pub(super) fn has_wanted(&self) -> bool {
        let stalled = self.stalled();
        let is_wanted = |(hash, item): (&ChangeHash, &Item)| {
            !matches!(item.source, Source::Outbox(_)) && !item.is_laid_by() && !stalled.contains(hash)
        };
        let is_on_stalled =
            |head: &ChangeHash| stalled.contains(head) || self.items.get(head).is_some_and(Item::is_laid_by);
        let is_decision_wanted =
            |pending: &Pending| pending.origin.is_some() && !pending.decision.heads.iter().any(is_on_stalled);
        self.items.iter().any(is_wanted) || self.decisions.values().any(is_decision_wanted)
    }

    /// What builds, at however many removes, on changes that neither the relay nor this device has, or that wait for their
    /// makers' devices.
    fn stalled(&self) -> OrderedSet<ChangeHash> {
        let mut stalled: OrderedSet<ChangeHash> = OrderedSet::new();
        let mut grew = !self.missing.is_empty() || self.items.values().any(Item::is_laid_by);
        while grew {
            grew = false;
            for (hash, item) in self.items.iter().filter(|(_, item)| item.fate == Fate::Waiting) {
                let is_stalled = |dep: &ChangeHash| {
                    self.missing.contains(dep)
                        || stalled.contains(dep)
                        || self.items.get(dep).is_some_and(Item::is_laid_by)
                };
                if !stalled.contains(hash) && item.deps.iter().any(is_stalled) {
                    stalled.insert(*hash);
                    grew = true;
                }
            }
        }
        stalled
    }

    /// Forgets what is not of the outbox; the next healing asks for it anew.
    pub(super) fn forget_wanted(&mut self) {
        self.items.retain(|_, item| {
            item.asked = 0;
            matches!(item.source, Source::Outbox(_))
        });
        self.decisions.retain(|_, pending| pending.origin.is_none());
    }

    /// The changes whose chunks have to be read.
    pub(super) fn unread(&self) -> Vec<ChangeHash> {
        self.items.iter().filter(|(_, item)| item.fate == Fate::Unread).map(|(hash, _)| *hash).collect()
    }

    /// Bytes of the chunks that are held in memory.
    pub(super) fn loaded_bytes(&self) -> usize {
        self.items.values().map(|item| item.bytes.len()).sum()
    }

    /// All that this device has of it goes, set aside.
    pub(super) fn remove(&mut self, lost: LostRole) {
        let fate = || Fate::Refused(NackCode::Forbidden, SetAsideReason::RoleLost(lost.clone()));
        let is_open = |fate: &Fate| matches!(fate, Fate::Waiting | Fate::Refused(..));
        let items = self.items.values_mut().filter(|item| is_open(&item.fate));
        items.for_each(|item| item.fate = fate());
        let decisions = self.decisions.values_mut().filter(|pending| is_open(&pending.fate));
        decisions.for_each(|pending| pending.fate = fate());
        self.removed = Some(lost);
    }

    /// What to send now, if anything.
    pub(super) fn next(&self, now: u64) -> Option<Next> {
        if self.is_stuck
            || self.is_fetching
            || self.under_way.is_some()
            || self.retry_at.is_some_and(|at| at > now)
        {
            return None;
        }
        self.home.as_ref()?;
        self.next_changes().or_else(|| self.next_decision())
    }

    /// These wait for their maker's device.
    pub(super) fn hold(&mut self, hashes: &[ChangeHash]) {
        for hash in hashes {
            if let Some(item) = self.items.get_mut(hash) {
                item.fate = Fate::Held;
            }
        }
    }

    /// What another change in the log displaces, with that one; `None` where the rows of the document need not be settled.
    pub(super) fn displaced(&self) -> Option<Vec<(ChangeHash, ChangeHash)>> {
        let is_it = |item: &Item| matches!(item.fate, Fate::Displaced(_) | Fate::Stranded);
        self.items.values().any(is_it).then(|| {
            let by = |(hash, item): (&ChangeHash, &Item)| match item.fate {
                Fate::Displaced(by) => Some((*hash, by)),
                _ => None,
            };
            self.items.iter().filter_map(by).collect()
        })
    }

    /// These count no more.
    pub(super) fn let_go(&mut self, gone: &[ChangeHash]) {
        self.items.retain(|hash, item| {
            !gone.contains(hash) && !matches!(item.fate, Fate::Displaced(_) | Fate::Stranded)
        });
        self.missing.retain(|hash| !gone.contains(hash));
    }

    /// The longest run of changes of one source, dependencies first, that fits a frame.
    fn next_changes(&self) -> Option<Next> {
        let open = |hash: &ChangeHash| {
            let is_unsent = |item: &Item| !matches!(item.fate, Fate::Acked(_));
            self.missing.contains(hash) || self.items.get(hash).is_some_and(is_unsent)
        };
        let begins = |item: &Item| item.deps.is_empty() && !item.is_known_change;
        let beginnings: Vec<ChangeHash> =
            self.items.iter().filter(|(_, item)| begins(item)).map(|(hash, _)| *hash).collect();
        let mut blocked: OrderedMap<ChangeHash, usize> = OrderedMap::new();
        let mut dependants: OrderedMap<ChangeHash, Vec<ChangeHash>> = OrderedMap::new();
        let mut ready: OrderedSet<ChangeHash> = OrderedSet::new();
        for (hash, item) in self.items.iter().filter(|(_, item)| item.fate == Fate::Waiting) {
            let deps = if item.is_known_change { &beginnings } else { &item.deps };
            let open_deps: OrderedSet<_> = deps.iter().filter(|dep| open(dep)).collect();
            if open_deps.is_empty() {
                ready.insert(*hash);
            } else {
                blocked.insert(*hash, open_deps.len());
                for dep in open_deps {
                    dependants.entry(*dep).or_default().push(*hash);
                }
            }
        }
        let is_pushed = self.items[ready.first()?].is_pushed();
        // An entry that is offered carries its author besides its bytes, and the path to a snapshot's receipt.
        let overhead = if is_pushed { 8 } else { 1024 };
        let most = if self.is_singly { 1 } else { limits::PUSH_CHANGES };
        let (mut run, mut size) = (Vec::new(), 0);
        while let Some(hash) = ready.pop_first() {
            let item = &self.items[&hash];
            if item.is_pushed() != is_pushed {
                continue;
            }
            size += item.bytes.len() + overhead;
            if run.len() == most || (size > limits::PUSH_BYTES && !run.is_empty()) {
                break;
            }
            run.push(hash);
            for dependant in dependants.remove(&hash).unwrap_or_default() {
                let count = blocked.get_mut(&dependant).expect("it was counted with its dependants");
                *count -= 1;
                if *count == 0 {
                    ready.insert(dependant);
                }
            }
        }
        Some(if is_pushed { Next::Push(run) } else { Next::Offer(run) })
    }

    /// The oldest decision, once all that it is pinned to has been acked.
    fn next_decision(&self) -> Option<Next> {
        let pending = self
            .decisions
            .values()
            .filter(|pending| pending.fate == Fate::Waiting)
            .min_by_key(|pending| (pending.decision.made_at, pending.decision.decision))?;
        let is_open = pending
            .decision
            .heads
            .iter()
            .any(|head| self.items.get(head).is_some_and(|item| !matches!(item.fate, Fate::Acked(_))));
        let id = pending.decision.decision;
        let is_offered = pending.origin.is_some() || pending.is_offered;
        let next = if is_offered { Next::OfferDecision(id) } else { Next::Decide(id) };
        (!is_open).then_some(next)
    }

    /// The frame is under way.
    pub(super) fn depart(&mut self, next: Next) {
        match &next {
            Next::Push(hashes) | Next::Offer(hashes) => {
                for hash in hashes {
                    if let Some(item) = self.items.get_mut(hash) {
                        item.fate = Fate::UnderWay;
                    }
                }
            }
            Next::Decide(id) | Next::OfferDecision(id) => {
                if let Some(pending) = self.decisions.get_mut(id) {
                    pending.fate = Fate::UnderWay;
                }
            }
        }
        self.under_way = Some(next);
    }

    /// What was under way waits again.
    pub(super) fn turn_back(&mut self) -> Option<Next> {
        let next = self.under_way.take()?;
        for item in self.items.values_mut().filter(|item| item.fate == Fate::UnderWay) {
            item.wait();
        }
        for pending in self.decisions.values_mut().filter(|pending| pending.fate == Fate::UnderWay) {
            pending.fate = Fate::Waiting;
        }
        Some(next)
    }

    /// All of what was under way is on the relay's disk; with what it said of each that was pushed, in order.
    pub(super) fn arrive(&mut self, place: Place, proofs: impl Iterator<Item = Option<Origin>>) {
        match self.under_way.take() {
            Some(Next::Push(hashes)) => {
                for (hash, proof) in hashes.iter().zip(proofs) {
                    if let Some(item) = self.items.get_mut(hash).filter(|_| proof.is_some()) {
                        item.proof = proof;
                    }
                }
            }
            Some(Next::Decide(id)) => {
                if let (Some(pending), Some(Some(proof))) =
                    (self.decisions.get_mut(&id), proofs.into_iter().next())
                {
                    pending.proof = Some(proof);
                }
            }
            Some(Next::Offer(_) | Next::OfferDecision(_)) | None => {}
        }
        self.retry_at = None;
        self.busy_count = 0;
        for item in self.items.values_mut().filter(|item| item.fate == Fate::UnderWay) {
            item.fate = Fate::Acked(place.clone());
        }
        for pending in self.decisions.values_mut().filter(|pending| pending.fate == Fate::UnderWay) {
            pending.fate = Fate::Acked(place.clone());
        }
    }

    /// These changes are refused, and with them all that build on them and all decisions pinned to those.
    pub(super) fn refuse(&mut self, culprits: &[ChangeHash], code: NackCode, message: &str) {
        let mut fallen: OrderedMap<ChangeHash, SetAsideReason> =
            culprits.iter().map(|hash| (*hash, SetAsideReason::Refused(code, message.to_owned()))).collect();
        loop {
            let more: Vec<_> = self
                .items
                .iter()
                .filter(|(hash, _)| !fallen.contains_key(hash))
                .filter_map(|(hash, item)| {
                    let dep = item.deps.iter().find(|dep| fallen.contains_key(dep))?;
                    Some((*hash, SetAsideReason::BuildsOnRefused(*dep)))
                })
                .collect();
            if more.is_empty() {
                break;
            }
            fallen.extend(more);
        }
        for pending in self.decisions.values_mut().filter(|pending| pending.fate == Fate::Waiting) {
            if let Some(head) = pending.decision.heads.iter().find(|head| fallen.contains_key(head)) {
                pending.fate = Fate::Refused(code, SetAsideReason::BuildsOnRefused(*head));
            }
        }
        for (hash, reason) in fallen {
            if let Some(item) = self.items.get_mut(&hash)
                && !matches!(item.fate, Fate::Acked(_))
            {
                item.fate = Fate::Refused(code, reason);
            }
        }
    }
}
