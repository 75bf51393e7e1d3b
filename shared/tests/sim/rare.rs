//! States that a run must reach, or it proves too little.

use shared::ordered::OrderedMap;

/// A state that is rare, and where mistakes hide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rare {
    /// An own chunk was lost, and its number was about to be used again.
    NumberReusedAfterLoss,
    /// Two machines spoke as one device.
    CopiedProfileFound,
    /// A refused change took others with it.
    RefusedWithDependants,
    /// A leader's lock was stolen, and the old leader tried to go on.
    LeaderStolen,
    /// A device met a relay in a new epoch.
    EpochChanged,
    /// A device met a relay that was copied back by hand, in the same epoch.
    SameEpochRolledBack,
    /// Such a relay had another entry at the number of a device's cursor.
    SameNumberOtherEntry,
    /// Such a relay had all that a device had read, but not all that it had acked to it.
    AckedAboveCursorLost,
    /// A change that its maker may not push any more was offered with the receipt of its ack.
    OwnOfferedWithReceipt,
    /// A device was retired while a change of it was lost that the relay had acked.
    RetiredWhileLost,
    /// A device told older cursors, and one of them was where the logs part.
    TrailFoundShared,
    /// One slot began two documents.
    TwoDocumentsBegunBySlot,
    /// The relay was busy.
    Busy,
    /// A guard of a commit failed.
    GuardFailed,
    /// The connection was cut between batches of one feed.
    CutMidBatch,
    /// Bytes that are no change were set aside.
    BadChunkSetAside,
    /// The tab ended between a commit and its being told.
    EndedAfterCommitUntold,
    /// The relay ended between a commit and its acks.
    RelayEndedBeforeAck,
    /// Others' entries were offered to a relay that had lost them.
    Offered,
    /// A frame came in part.
    TruncatedFrame,
    /// A device got a snapshot in place of entries.
    SnapshotSent,
    /// A device got an entry that a snapshot folds, because its cursor had seen another one of them.
    FoldedEntrySent,
    /// A device whose connection was cut went on reading with snapshots where it had been.
    ReadingResumed,
    /// A snapshot took the place of an older one.
    SnapshotReplaced,
    /// A document could not be folded.
    DocumentSetAside,
    /// A log was put back that is older than a snapshot.
    RestoredBehindSnapshot,
    /// A device took a snapshot apart, because the relay had lost what it folds.
    SnapshotTakenApart,
    /// A change that was held in a snapshot alone was offered.
    OfferedOutOfSnapshot,
    /// A device came back to another process of the relay than before.
    MovedToOtherRelay,
    /// A connection was woken by what another process stored.
    HeardFromOtherRelay,
    /// A change waited for its maker's device, since no receipt proved who made it.
    HeldForMaker,
    /// Its maker's device brought it, and what had waited for it went on.
    BroughtByMaker,
    /// A machine of the old version kept an entry of a kind that it does not know, until it was updated.
    UnknownKindKept,
    /// The same of an event, on a document that it shows.
    UnknownEventKept,
    /// A person had a role that the machine's version does not know.
    UnknownRole,
    /// A machine sent what the relay's version does not know, and waited.
    UnknownToRelay,
    /// The relay lost an entry that a machine could not read, so that it could not offer it before its update.
    UnknownLostByRelay,
    /// A person took over work that waited for its maker's device.
    TakenOver,
    /// The maker's device came back with work that somebody had taken over.
    MakerBackAfterTakeover,
    /// The maker's device was there first: who had taken the work over let go of that.
    MakerBackBeforeTakeover,
    /// Two took over the same work.
    TwoTakersAtOnce,
    /// What was written on top of work that somebody took over was applied again.
    AppliedAgainOnTakenOver,
    /// A slow reader, who had been read for out of memory, needed the store again.
    SlowReaderFellBehind,
    /// A role was taken, and with the documents unsent work left the list of what is sent.
    RemovedWithUnsentWork,
    /// A device ended in the midst of such a removal.
    EndedInRemoval,
    /// A role was given again, and the feed was read from its beginning with the device's own entries.
    GivenAgain,
    /// A restored relay did not know of a role, and the device kept the feed.
    KeptInQuestion,
    /// Such a role was given again, and the device brought back what the relay had lost.
    HealedAfterQuestion,
    /// Such a role was refused.
    RefusedAfterQuestion,
    /// A person and their feed were added after the backup that was put back.
    AddedAfterBackup,
}

/// Those that histories with lost roles must reach.
pub const OF_LOST_ROLES: &[Rare] = &[
    Rare::RemovedWithUnsentWork,
    Rare::EndedInRemoval,
    Rare::GivenAgain,
    Rare::KeptInQuestion,
    Rare::HealedAfterQuestion,
    Rare::RefusedAfterQuestion,
    Rare::AddedAfterBackup,
];

/// Every one of them that ordinary histories must reach.
pub const ALL: &[Rare] = &[
    Rare::NumberReusedAfterLoss,
    Rare::CopiedProfileFound,
    Rare::RefusedWithDependants,
    Rare::LeaderStolen,
    Rare::EpochChanged,
    Rare::SameEpochRolledBack,
    Rare::SameNumberOtherEntry,
    Rare::AckedAboveCursorLost,
    Rare::OwnOfferedWithReceipt,
    Rare::RetiredWhileLost,
    Rare::TrailFoundShared,
    Rare::TwoDocumentsBegunBySlot,
    Rare::Busy,
    Rare::GuardFailed,
    Rare::CutMidBatch,
    Rare::BadChunkSetAside,
    Rare::EndedAfterCommitUntold,
    Rare::RelayEndedBeforeAck,
    Rare::Offered,
    Rare::TruncatedFrame,
    Rare::SnapshotSent,
    Rare::FoldedEntrySent,
    Rare::ReadingResumed,
    Rare::SnapshotReplaced,
    Rare::DocumentSetAside,
    Rare::RestoredBehindSnapshot,
    Rare::SnapshotTakenApart,
    Rare::OfferedOutOfSnapshot,
    Rare::MovedToOtherRelay,
    Rare::HeardFromOtherRelay,
    Rare::SlowReaderFellBehind,
    Rare::UnknownKindKept,
    Rare::UnknownEventKept,
    Rare::UnknownRole,
    Rare::UnknownToRelay,
    Rare::UnknownLostByRelay,
];

/// Those of histories that lose the relay's key.
pub const WITH_A_LOST_KEY: &[Rare] = &[
    Rare::HeldForMaker,
    Rare::BroughtByMaker,
    Rare::TakenOver,
    Rare::MakerBackAfterTakeover,
    Rare::MakerBackBeforeTakeover,
    Rare::TwoTakersAtOnce,
    Rare::AppliedAgainOnTakenOver,
];

/// How often each was reached.
#[derive(Clone, Debug, Default)]
pub struct Reached(pub OrderedMap<Rare, u64>);

impl Reached {
    /// One more.
    pub fn note(&mut self, rare: Rare) {
        *self.0.entry(rare).or_default() += 1;
    }

    /// Adds another history's.
    pub fn add(&mut self, other: &Reached) {
        for (rare, count) in &other.0 {
            *self.0.entry(*rare).or_default() += count;
        }
    }

    /// Those that were never reached.
    pub fn missing(&self) -> Vec<Rare> {
        ALL.iter().filter(|rare| !self.0.contains_key(rare)).copied().collect()
    }
}
