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
}

impl Kind {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::TripReport => "trip-report",
            Kind::Agreement => "agreement",
            Kind::ActionPlan => "action-plan",
            Kind::Personal => "personal",
        }
    }

    /// From the form on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        [Kind::TripReport, Kind::Agreement, Kind::ActionPlan, Kind::Personal]
            .into_iter()
            .find(|kind| kind.as_str() == code)
    }
}

cbor_code!(Kind);
