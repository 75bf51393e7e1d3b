//! The marks that stand at records and at the connection: fixed words, also in the manual and the tests.

use shared::model::decision::{Event, State};
use shared::model::kind::Kind;
use shared::sync::client::Connection;

use super::{Word, words};
use crate::workspace::Safety;

words! {
    offline: "Luring", "Offline";
    connecting: "Menyambung", "Connecting";
    connected: "Tersambung", "Connected";
    connection_refused: "Server menolak", "Server refuses";
    disabled: "Akun dinonaktifkan", "Account disabled";
    sign_in_needed: "Perlu masuk lagi", "Sign in again";
    wrong_device: "Perangkat tidak cocok", "Device does not match";
    version_mismatch: "Perlu versi baru", "New version needed";
    unsent(count: usize): "Belum terkirim: {count}", "Not sent: {count}";

    in_memory: "Sedang disimpan", "Saving";
    on_device: "Di perangkat ini", "On this device";
    on_server: "Di server", "On the server";
    set_aside: "Disisihkan", "Set aside";
    not_stored: "Belum tersimpan", "Not stored";

    draft: "Konsep", "Draft";
    submitted: "Diajukan", "Submitted";
    returned: "Dikembalikan", "Returned";
    verified: "Diverifikasi", "Verified";
    approved: "Disetujui", "Approved";
    archived: "Diarsipkan", "Archived";

    submit: "Ajukan", "Submit";
    withdraw: "Tarik kembali", "Withdraw";
    return_it: "Kembalikan", "Return";
    verify: "Verifikasi", "Verify";
    approve: "Setujui", "Approve";
    archive: "Arsipkan", "Archive";
    reopen: "Buka kembali", "Reopen";

    to_be_settled: "Perlu dipilih", "To be settled";
    to_be_settled_count(count: usize): "Perlu dipilih: {count}", "To be settled: {count}";
    waits_for_maker: "Menunggu perangkat pembuatnya", "Waiting for its maker's device";
    to_be_reviewed: "Perlu ditinjau", "To be reviewed";

    trip_report: "Laporan", "Report";
    agreement: "Kerja sama", "Agreement";
    action_plan: "Rencana aksi", "Action plan";
    personal: "Data pribadi", "Personal data";
    discussion: "Diskusi", "Discussion";
    untitled: "Tanpa judul", "Untitled";
}

/// The word of a connection.
pub fn connection(connection: Connection) -> Word {
    match connection {
        Connection::Offline => offline,
        Connection::Connecting => connecting,
        Connection::Connected => connected,
        Connection::Refused => connection_refused,
        Connection::SignInNeeded => sign_in_needed,
        Connection::Disabled => disabled,
        Connection::WrongDevice => wrong_device,
        Connection::VersionMismatch => version_mismatch,
    }
}

/// The word of where a record is safe.
pub fn safety(safety: Safety) -> Word {
    match safety {
        Safety::InMemory => in_memory,
        Safety::OnDevice => on_device,
        Safety::OnServer => on_server,
        Safety::Refused => set_aside,
        Safety::NotStored => not_stored,
    }
}

/// The word of a record's state.
pub fn state(state: State) -> Word {
    match state {
        State::Draft => draft,
        State::Submitted => submitted,
        State::Returned => returned,
        State::Verified => verified,
        State::Approved => approved,
        State::Archived => archived,
    }
}

/// The word on the button of a decision.
pub fn decision(event: Event) -> Word {
    match event {
        Event::Submit => submit,
        Event::Withdraw => withdraw,
        Event::Return => return_it,
        Event::Verify => verify,
        Event::Approve => approve,
        Event::Archive => archive,
        Event::Reopen => reopen,
    }
}

/// The word of a kind of record.
pub fn kind(kind: Kind) -> Word {
    match kind {
        Kind::TripReport => trip_report,
        Kind::Agreement => agreement,
        Kind::ActionPlan => action_plan,
        Kind::Personal => personal,
        Kind::Discussion => discussion,
    }
}
