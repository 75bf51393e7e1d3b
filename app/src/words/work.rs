//! Sentences about a person's work that the workspace tells: what was refused, what is not stored, what crashed.

use super::words;

words! {
    edit_refused: "Suntingan terakhir tidak dapat diterapkan; sisanya tetap berjalan. Bila Anda menempelkan teks yang sangat panjang, bagilah menjadi beberapa bagian.", "The last edit could not be applied; the rest goes on. If you pasted a very long text, split it into parts.";
    not_stored: "Ketikan terakhir belum tersimpan dan hanya ada di tab ini. Jangan tutup tab; Simpul terus mencoba.", "What was typed last is not stored and is only in this tab. Do not close the tab; Simpul keeps trying.";
    not_read: "Penyimpanan perangkat tidak dapat dibaca.", "The device's storage cannot be read.";
    refused_here: "Server menolak sebagian perubahan dokumen ini. Salinannya disimpan; lihat keterangan di atas dokumen.", "The server refused some changes of this record. A copy is kept; see what stands on top of the record.";
    decision_refused_here: "Keputusan Anda tidak berlaku; sebabnya tertulis di atas dokumen.", "Your decision does not hold; the reason stands on top of the record.";
    decision_refused: "Keputusan Anda tidak berlaku; buka dokumennya untuk melihat sebabnya.", "Your decision does not hold; open the record to see why.";
    refused: "Server menolak sebagian perubahan. Salinannya disimpan; buka dokumennya untuk menerapkan lagi, mengekspor, atau membuangnya.", "The server refused some changes. A copy is kept; open the document to apply them again, export or discard them.";
    crashed: "Sebuah dokumen menghentikan Simpul saat terakhir dibuka. Bagian penyebabnya disisihkan, sisanya dapat dibuka.", "A document stopped Simpul when it was last opened. The part that did is set aside; the rest opens.";
    role_lost(name: &str): "Hak Anda di {name} dicabut, jadi dokumennya dihapus dari perangkat ini. Yang belum terkirim disisihkan dan dapat diekspor di Pengaturan.", "Your role in {name} was taken, so its records were removed from this device. What was not sent is kept aside and can be exported in Settings.";
    reload_held: "Versi baru menunggu: pekerjaan di tab ini belum dapat disimpan.", "The new version waits: the work in this tab cannot be stored yet.";
    others_unsent(user: &str, waiting: usize): "{waiting} perubahan milik {user} tetap tersimpan di perangkat ini dan terkirim saat ia masuk lagi.", "{waiting} changes by {user} stay on this device and are sent when they sign in again.";
}
