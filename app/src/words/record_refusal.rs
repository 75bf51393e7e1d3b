//! Why a relay refused a change, in words for the person who made it.

use shared::wire::code::NackCode;

use super::{Word, words};

words! {
    forbidden: "Perubahan ini tidak diterima karena saat itu Anda tidak berhak menulis di wilayah dokumen ini.", "The changes were not taken, since you might not write in this record's region then.";
    unknown_document: "Dokumen ini tidak lagi terbuka bagi Anda.", "This record is no longer open to you.";
    archived: "Dokumen ini sudah diarsipkan ketika perubahan tiba.", "The record was archived before the changes arrived.";
    too_large: "Perubahan ini lebih besar daripada yang dapat diterima server.", "The changes are larger than the server accepts.";
    quota: "Ruang wilayah ini di server sudah penuh.", "This region's room on the server is full.";
    identity: "Identitas perangkat ini tidak cocok lagi; masuk kembali untuk mendaftarkan perangkat baru.", "This device's identity no longer matches; sign in again to enrol a new one.";
    damaged: "Perubahan ini rusak dalam perjalanan atau penyimpanan.", "The changes were damaged on the way or in storage.";
    bad_decision: "Sudah ada pengajuan atau keputusan lain sejak itu. Bukalah dokumen ini dan periksa lagi.", "It was submitted or decided anew since. Open the record and look again.";
    own_submission: "Yang mengajukan dokumen tidak memverifikasi atau menyetujuinya sendiri. Mintalah orang lain.", "Who submitted a record does not verify or approve it. Ask somebody else.";
    not_submitter: "Hanya yang terakhir mengajukan yang dapat menarik kembali dokumen ini.", "Only who submitted this record last can withdraw it.";
    no_remark: "Pengembalian memerlukan catatan.", "A return needs a remark.";
    other_version: "Versi yang mendasarinya tidak ada di server. Bukalah dokumen ini dan periksa lagi.", "The version that it was made on is not on the server. Open the record and look again.";
    unproven: "Server tidak dapat memastikan siapa pembuatnya; menunggu perangkat pembuatnya.", "The server cannot tell who made it; it waits for its maker's device.";
    taken_over: "Isinya sudah diambil alih oleh orang lain dan tercatat dalam dokumen ini.", "Somebody else has taken over what it says; it is in the record.";
    other: "Server menolak tanpa menyebut alasan yang dikenal versi ini.", "The server refused for a reason that this version does not know.";
}

/// The sentence for a reason.
pub fn reason(code: NackCode) -> Word {
    match code {
        NackCode::Forbidden => forbidden,
        NackCode::UnknownDocument => unknown_document,
        NackCode::Archived => archived,
        NackCode::TooLarge => too_large,
        NackCode::Quota => quota,
        NackCode::WrongActor | NackCode::ActorConflict => identity,
        NackCode::BadChange => damaged,
        NackCode::MissingDependencies => other_version,
        NackCode::Unproven => unproven,
        NackCode::TakenOver | NackCode::OriginalStored => taken_over,
        NackCode::BadDecision => bad_decision,
        NackCode::OwnSubmission => own_submission,
        NackCode::NotSubmitter => not_submitter,
        NackCode::NoRemark => no_remark,
        NackCode::Busy | NackCode::UnknownFrame | NackCode::UnknownKind | NackCode::Unknown => other,
    }
}
