//! Texts around every record: its actions, its decisions, its history, what stands in its way.

use shared::device::decision_time::DecisionTime;
use shared::model::decision::DecisionView;
use shared::model::feed_settings::TimeZone;
use shared::model::moment::Clock;

use super::time::moment_in;
use super::{Word, words};
use crate::workspace::WorkStep;

words! {
    misplaced(count: usize): "{count} bagian dokumen ini ditulis program lain dalam bentuk yang tidak dapat ditampilkan. Semuanya tetap tersimpan dan ikut saat diekspor.", "Parts of this record that another program wrote in a form that cannot be shown: {count}. All of it is kept, and is in an export.";
    time_unknown: "Waktunya belum diketahui", "Time not known yet";
    clock_wrong: "jam perangkat keliru", "device clock wrong";
    loading: "Membuka dokumen…", "Opening the record…";
    unknown: "Dokumen ini tidak ada di perangkat ini", "This record is not on this device";
    unknown_sentence: "Mungkin alamatnya salah, atau dokumen belum diterima. Sambungkan perangkat, lalu coba lagi.", "The address may be wrong, or the record has not arrived yet. Connect the device and try again.";
    unknown_receiving: "Mungkin alamatnya salah, atau dokumen masih diterima.", "The address may be wrong, or the record is still being received.";
    unknown_to_relay: "Mungkin alamatnya salah, dokumen belum dikirim dari perangkat pembuatnya, atau hak Anda di wilayahnya dicabut.", "The address may be wrong, the record may not have been sent from its maker's device yet, or your role in its region was taken.";
    incomplete: "Dokumen belum lengkap di perangkat ini", "The record is not complete on this device yet";
    incomplete_sentence: "Sebagian perubahan belum diterima. Begitu tersambung, dokumen dapat dibuka.", "Some changes have not arrived yet. Once connected, the record can be opened.";
    damaged: "Dokumen ini tidak dapat dibuka", "This record cannot be opened";
    damaged_sentence: "Perubahan yang tersimpan tidak cocok satu sama lain. Tidak ada yang dihapus; ekspor dari Pengaturan dan serahkan kepada admin daerah Anda.", "The stored changes do not fit together. Nothing was deleted; export it in Settings and hand it to your region's admin.";
    newer: "Dokumen ini ditulis dengan versi Simpul yang lebih baru. Di sini hanya dapat dibaca; muat versi baru untuk mengubahnya.", "This record was written by a newer version of Simpul. Here it can only be read; load the new version to edit it.";
    in_question: "Hak Anda sedang diperiksa: server dipulihkan dari cadangan dan belum mengenal hak Anda di sini. Dokumen hanya dapat dibaca dan tidak ada yang hilang; mintalah admin daerah Anda menetapkannya lagi.", "Your role is being checked: the server was restored from a backup and does not know your role here yet. The record can only be read and nothing is lost; ask your region's admin to set it again.";
    removed: "Dokumen ini tidak lagi ada di perangkat ini", "This record is no longer on this device";
    removed_sentence: "Hak Anda di wilayahnya dicabut. Yang belum terkirim disisihkan: lihat Pengaturan.", "Your role in its region was taken. What was not sent is kept aside: see Settings.";
    reader_only: "Anda berperan sebagai pembaca, jadi dokumen ini hanya dapat dibaca.", "Your role is reader, so this record can only be read.";
    archived: "Dokumen ini diarsipkan, jadi tidak menerima perubahan.", "This record is archived, so it takes no changes.";
    in_bin: "Dokumen ini ada di tempat sampah.", "This record is in the bin.";
    recover: "Pulihkan", "Restore";
    discard: "Buang ke tempat sampah", "Move to the bin";
    discarded: "Dokumen dipindahkan ke tempat sampah.", "The record was moved to the bin.";
    to_settle_by_others(count: usize): "{count} isian masih memiliki lebih dari satu nilai. Semuanya tetap disimpan sampai seorang penulis memilih.", "Fields with more than one value: {count}. All of them are kept until somebody who may write chooses.";
    to_settle(count: usize): "{count} isian perlu dipilih. Isian semua orang tetap disimpan sampai Anda memilih.", "Fields to be settled: {count}. Everyone's value is kept until you choose.";
    show_it: "Tunjukkan", "Show it";
    refused_title: "Server menolak sebagian perubahan", "The server refused some changes";
    refused_decision_title: "Keputusan Anda tidak berlaku", "Your decision does not hold";
    refused_decision_sentence: "Server tidak menerima keputusan Anda. Lihat dokumennya sekali lagi, lalu putuskan bila masih perlu.", "The server did not take your decision. Look at the record once more, then decide if it is still needed.";
    look_once_more: "Lihat lagi", "Look again";
    understood: "Mengerti", "Understood";
    aside_title: "Sebagian perubahan disisihkan", "Some changes are set aside";
    waits_for_maker_sentence(count: usize): "{count} perubahan orang lain belum ada di server, dan server tidak dapat memastikan pembuatnya. Perubahan itu, dan yang Anda tulis di atasnya, dikirim setelah perangkat pembuatnya tersambung.", "Changes of others that are not on the server: {count}. The server cannot tell who made them. They, and what you wrote on top of them, are sent once their maker's device is connected.";
    waits_until: "Setelah 14 hari, atau bila Anda menyatakannya sekarang, isinya ditulis ulang sebagai suntingan Anda sendiri dan dikirim. Riwayat menyebut bahwa Anda mengambil alihnya. Bila perangkat pembuatnya kembali sesudah itu, tidak ada kata yang hilang atau tercatat dua kali.", "After 14 days, or when you say so now, what they say is written again as your own edits and sent. The history says that you took it over. If their maker's device comes back afterwards, no word is lost or there twice.";
    take_over_now: "Ambil alih sekarang", "Take over now";
    is_taken_over: "Isinya sekarang tercatat sebagai suntingan Anda.", "What they said is now recorded as your edits.";
    nothing_to_take_over: "Tidak ada lagi yang perlu diambil alih.", "There is nothing to take over any more.";
    originals_taken_over: "Tulisan Anda sudah diambil alih", "What you wrote was taken over";
    originals_taken_over_by(name: &str): "Yang Anda tulis di perangkat ini sudah diambil alih oleh {name} sebelum perangkat ini tersambung lagi, dan tercatat atas nama itu. Yang Anda tulis sesudahnya diterapkan lagi atas nama Anda. Aslinya tersimpan di perangkat ini, dan ada dalam berkas ekspor dari Pengaturan, sampai Anda menutup pemberitahuan ini.", "What you wrote on this device was taken over by {name} before this device was connected again, and is recorded under that name. What you wrote after it is applied again under yours. The original is kept on this device, and is in the file that Settings exports, until you close this notice.";
    applied_again_by(name: &str): "Diterapkan ulang oleh {name}", "Applied again by {name}";
    applied_again_for(name: &str, makers: &str): "Diterapkan ulang oleh {name} untuk {makers}", "Applied again by {name} for {makers}";
    orphans_title: "Perubahan Anda disisihkan", "Your changes are set aside";
    orphans_sentence(count: usize): "{count} perubahan Anda ditulis di atas pekerjaan yang sudah diambil alih orang lain, dan tidak dapat diterapkan lagi karena dokumen ini tidak dapat Anda tulis lagi. Perubahan itu tersimpan di perangkat ini, dan ada dalam berkas ekspor dari Pengaturan. Bila Anda dapat menulis lagi, perubahan itu diterapkan dengan sendirinya.", "Changes that you wrote on top of work that somebody else has taken over: {count}. They cannot be applied again, since you can no longer write in this record. They are kept on this device, and are in the file that Settings exports. Once you can write again, they are applied by themselves.";
    refused_sentence(count: usize): "{count} perubahan disisihkan di perangkat ini dan tidak hilang.", "Changes set aside on this device and not lost: {count}.";
    refused_choices: "Anda dapat menerapkannya lagi sebagai suntingan baru, atau membuangnya.", "You can apply them again as new edits, or discard them.";
    aside_role_lost: "Hak Anda menulis di wilayah dokumen ini dicabut sebelum ini tersimpan di server.", "Your right to write in this record's region was taken before this was stored on the server.";
    apply_again: "Terapkan lagi", "Apply again";
    discard_refused: "Buang perubahan itu", "Discard those changes";
    discard_refused_title: "Buang perubahan yang disisihkan?", "Discard the changes that are set aside?";
    discard_refused_sentence: "Yang Anda tulis dan tidak diterima server hilang untuk selamanya. Ekspor dahulu dari Pengaturan bila masih diperlukan.", "What you wrote and the server did not take is lost for ever. Export it from Settings first if it is still needed.";
    aside_words: "Lihat isinya", "See what they say";
    apply_again_once_writer: "Dapat diterapkan lagi setelah Anda boleh menulis lagi di wilayah dokumen ini. Sampai saat itu tetap tersimpan di perangkat ini, dan ada dalam berkas ekspor dari Pengaturan.", "They can be applied again once you may write in this record's region again. Until then they stay on this device, and are in the file that Settings exports.";
    apply_again_once_reopened: "Dapat diterapkan lagi setelah dokumen dibuka kembali. Sampai saat itu tetap tersimpan di perangkat ini, dan ada dalam berkas ekspor dari Pengaturan.", "They can be applied again once the record is reopened. Until then they stay on this device, and are in the file that Settings exports.";
    actions: "Tindakan", "Actions";
    export_markdown: "Ekspor teks", "Export text";
    export_automerge: "Ekspor data", "Export data";
    exported_to_settle(count: usize): "{count} isian masih perlu dipilih; berkas memuat isian yang sedang tampil.", "Fields still to be settled: {count}. The file has the values that are shown now.";
    nothing_to_undo: "Tidak ada lagi yang dapat diurungkan: hanya pekerjaan di tab ini sejak dibuka. Versi lama ada di riwayat.", "Nothing is left to undo: only work in this tab since it was opened can be. Old versions are in the history.";
    nothing_to_redo: "Tidak ada yang dapat diulangi.", "There is nothing to redo.";
    not_exported: "Berkas tidak dapat dibuat oleh peramban ini.", "This browser could not make the file.";
    others_here: "Sedang di dokumen ini:", "In this record now:";

    confirm_submit: "Ajukan dokumen ini?", "Submit this record?";
    confirm_withdraw: "Tarik kembali dokumen ini?", "Withdraw this record?";
    confirm_return: "Kembalikan dokumen ini?", "Return this record?";
    confirm_verify: "Nyatakan dokumen ini terverifikasi?", "Verify this record?";
    confirm_approve: "Setujui dokumen ini?", "Approve this record?";
    confirm_archive: "Arsipkan dokumen ini?", "Archive this record?";
    confirm_reopen: "Buka kembali dokumen ini?", "Reopen this record?";
    pinned_sentence: "Keputusan berlaku untuk versi yang tampil ketika Anda membuka dialog ini. Dokumen boleh berlanjut; yang berubah sesudahnya akan terlihat.", "The decision holds for the version that was shown when you opened this dialog. The text may move on; what changes afterwards will be seen.";
    withdraw_sentence: "Dokumen menjadi konsep lagi dan tidak menunggu keputusan, sampai diajukan kembali.", "The record becomes a draft again and waits for no decision until it is submitted anew.";
    came_meanwhile(count: usize): "{count} perubahan masuk sementara itu. Keputusan ini tidak mencakupnya.", "Changes that came meanwhile: {count}. This decision does not cover them.";
    unread_fields(count: usize): "{count} isian belum tersimpan karena belum terbaca. Yang berlaku adalah nilainya yang tersimpan.", "Fields that are not stored, since they could not be read: {count}. What is stored of them counts.";
    look_again: "Lihat dokumennya dahulu", "Look at the record first";
    submitted_meanwhile: "Sementara itu versi lain diajukan, dan keputusan Anda tidak mencakupnya. Lihat dokumennya dahulu, lalu putuskan lagi; catatan Anda tersimpan.", "Meanwhile another version was submitted, and your decision does not cover it. Look at the record first, then decide again; your note is kept.";
    decided_meanwhile(state: &str): "Sementara itu ada keputusan lain: dokumen ini sekarang {state}. Keputusan Anda tidak lagi dapat dibuat.", "Meanwhile somebody decided otherwise: this record is now {state}. Your decision can no longer be made.";
    own_submission: "Anda sendiri yang mengajukan dokumen ini, jadi orang lain yang memverifikasi dan menyetujuinya.", "You submitted this record yourself, so somebody else verifies and approves it.";
    may_not_decide: "Anda tidak lagi berhak memutuskan di sini.", "You may not decide here any more.";
    archive_sentence: "Sesudah diarsipkan, dokumen tidak menerima perubahan sampai dibuka kembali.", "Once archived, the record takes no changes until it is reopened.";
    note: "Catatan", "Note";
    remark_needed: "Wajib diisi: apa yang perlu diperbaiki. Tampil bagi semua yang membaca dokumen ini.", "Required: what is to be improved. Seen by everyone who reads this record.";
    note_hint: "Tampil bagi semua yang membaca dokumen ini.", "Seen by everyone who reads this record.";
    decided: "Keputusan tersimpan di perangkat ini.", "The decision is stored on this device.";
    not_decided: "Keputusan tidak dapat disimpan.", "The decision could not be stored.";
    missing_for_submit: "Lengkapi dahulu sebelum diajukan:", "Complete this before submitting:";
    changes_since(count: usize): "{count} perubahan sesudahnya", "changes since: {count}";
    no_changes_since: "tanpa perubahan sesudahnya", "no changes since";
    on_its_way: "perubahan versi ini belum diterima semua", "not all changes of this version have arrived";
    restore_version: "Pulihkan versi ini", "Restore this version";
    restored(moment: &str): "Memulihkan versi {moment}", "Restored the version of {moment}";
    version_restored: "Versi itu dipulihkan sebagai suntingan baru; yang ditulis sesudahnya tetap ada di riwayat.", "The version was restored as new edits; what was written since stays in the history.";
    version_not_whole: "Versi ini tidak dapat dipulihkan: sebagian riwayatnya tidak ada di perangkat ini. Dokumen tidak berubah.", "This version cannot be restored: a part of its history is not on this device. The record is unchanged.";
    no_decisions: "Belum ada keputusan.", "No decisions yet.";
    decisions: "Keputusan", "Decisions";
    changes: "Perubahan", "Changes";
    received(moment: &str): "diterima server {moment}", "received by the server {moment}";
    not_received: "belum diterima server", "not received by the server yet";
    decided_by(state: &str, name: &str, moment: &str, version: &str): "{state} oleh {name}, {moment}; {version}", "{state} by {name}, {moment}; {version}";
    version(short: &str): "versi {short}", "version {short}";
    version_number(number: usize): "Versi {number}", "Version {number}";
    version_beyond(number: usize, count: usize): "Versi {number} yang disunting lagi ({count} perubahan)", "Version {number}, edited further (changes: {count})";
    version_submitted(name: &str, moment: &str): "{name}, diajukan {moment}", "{name}, submitted {moment}";
    version_of_draft(moment: &str): "Konsep {moment}", "Draft of {moment}";
    version_of(name: &str, moment: &str): "Setelah suntingan {name}, {moment}", "After the edits of {name}, {moment}";
    returned_by(name: &str): "Dikembalikan oleh {name}", "Returned by {name}";
    noted_by(decision: &str, name: &str): "{decision}: catatan {name}", "{decision}: a note by {name}";
    compare: "Bandingkan dengan sekarang", "Compare with now";
    compare_sitting: "Lihat perubahannya", "See what changed";
    open_version: "Buka versi ini", "Open this version";
    comparing: "Bandingkan atau buka", "Compare or open";
    tab_compare: "Yang berbeda", "What differs";
    tab_contents: "Isi versi ini", "This version";
    tab_page: "Halaman", "Page";
    tab_fields: "Isian", "Fields";
    side_before: "Dahulu", "Before";
    side_version: "Versi ini", "This version";
    side_now: "Sekarang", "Now";
    side_after: "Sesudahnya", "Afterwards";
    nothing_differs: "Tidak ada yang berbeda.", "Nothing differs.";
    not_whole: "Sebagian versi ini belum ada di perangkat ini, jadi belum dapat dibuka.", "A part of this version is not on this device yet, so it cannot be opened.";
    item_added: "baru", "new";
    item_gone: "dihapus", "removed";
    item_moved: "dipindah", "moved";
    more_history(count: usize): "Tampilkan {count} lagi", "Show {count} more";
    discard_title: "Buang ke tempat sampah?", "Move to the bin?";
    discard_returned: "Dokumen ini dikembalikan kepada Anda dan ditunggu perbaikannya. Di tempat sampah ia hilang dari semua daftar, juga bagi yang menunggunya, sampai dipulihkan.", "This record was returned and its improvement is awaited. In the bin it is gone from every list, also for those who wait for it, until it is restored.";
    discard_shared(names: &str): "{names} juga menulis di sini. Di tempat sampah ia hilang dari daftar semua orang sampai dipulihkan.", "{names} wrote here, too. In the bin it is gone from everybody's lists until it is restored.";
    removed_edited(count: usize): "{count} bagian yang dihapus diubah orang lain sesudahnya. Tidak ada yang hilang; pulihkan bila masih perlu.", "Removed parts that others changed afterwards: {count}. Nothing is lost; restore them if they are still needed.";
    typed_no_more(why: &str): "{why} Yang Anda ketik sejak itu tidak masuk.", "{why} What you type since then is not taken.";
    item_removed_by(name: &str): "{name} menghapus butir yang sedang Anda isi.", "{name} removed the item that you are filling in.";
    archived_by(name: &str): "{name} mengarsipkan dokumen ini, jadi tidak menerima perubahan.", "{name} archived this record, so it takes no changes.";
    in_bin_by(name: &str): "{name} membuang dokumen ini ke tempat sampah.", "{name} moved this record to the bin.";
    change_count(count: usize): "{count} perubahan", "Changes: {count}";

    removed_items(count: usize): "Dihapus: {count}", "Removed: {count}";
    edited_meanwhile: "Diubah sesudah dihapus", "Edited after it was removed";
    remove_item(what: &str, number: usize): "Hapus {what} {number}", "Remove {what} {number}";
    move_item_up(what: &str, number: usize): "Naikkan {what} {number}", "Move {what} {number} up";
    move_item_down(what: &str, number: usize): "Turunkan {what} {number}", "Move {what} {number} down";
    restore_item(what: &str): "Pulihkan {what}", "Restore {what}";
    item_removed: "Dihapus.", "Removed.";
    write: "Tulis", "Write";
    look: "Lihat", "Preview";
    writing_or_looking: "Tulis atau lihat", "Write or preview";
}

/// When a decision was made; when the server had it, where that was much later; and that a clock was wrong.
pub fn decision_time(time: DecisionTime, zone: Option<TimeZone>) -> String {
    let made = moment_in(time.at, zone);
    match (time.clock, time.received_at) {
        (Clock::Wrong, _) => format!("{made} ({})", clock_wrong.text()),
        (Clock::Believed, Some(at)) => format!("{made} · {}", received(&moment_in(at, zone))),
        (Clock::Believed, None) => made,
    }
}

/// Who said again what others had said, and for whom, as far as that is known.
pub fn applied_again(name: &str, makers: Option<&str>) -> String {
    makers.map_or_else(|| applied_again_by(name), |makers| applied_again_for(name, makers))
}

/// What came since a version that was decided on.
pub fn since(view: &DecisionView) -> String {
    match (view.is_complete, view.changes_since) {
        (false, _) => on_its_way.text().to_owned(),
        (true, 0) => no_changes_since.text().to_owned(),
        (true, count) => changes_since(count),
    }
}

/// A version that was decided on, by the mark that stands on paper, and what came since.
pub fn since_version(view: &DecisionView) -> String {
    format!("{}, {}", version(&view.version), since(view))
}

/// What is said where there is no such step.
pub fn no_step(step: WorkStep) -> Word {
    match step {
        WorkStep::Undo => nothing_to_undo,
        WorkStep::Redo => nothing_to_redo,
    }
}
