//! The kinds of document.

use crate::cbor_code;

/// What a document is; fixed by its first push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// *Laporan hasil perjalanan dinas*.
    TripReport,
    /// *Kerja sama daerah*: one agreement record.
    Agreement,
    /// *Rencana aksi*.
    ActionPlan,
    /// The personal data (NIP) of one report's travellers, apart so that it can be erased.
    Personal,
    /// What people say about a document in one feed: remarks, apart so that they change nothing that was approved.
    Discussion,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] =
        [Kind::TripReport, Kind::Agreement, Kind::ActionPlan, Kind::Personal, Kind::Discussion];

    /// Whether it is a record of its own, which lists, search and counts know and people decide on. The others belong to
    /// one, and are seen there.
    pub fn is_record(self) -> bool {
        match self {
            Kind::TripReport | Kind::Agreement | Kind::ActionPlan => true,
            Kind::Personal | Kind::Discussion => false,
        }
    }

    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::TripReport => "trip-report",
            Kind::Agreement => "agreement",
            Kind::ActionPlan => "action-plan",
            Kind::Personal => "personal",
            Kind::Discussion => "discussion",
        }
    }

    /// From the form on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

cbor_code!(Kind);
