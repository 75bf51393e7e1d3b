//! Texts of the parts that all screens share.

use super::words;

words! {
    close: "Tutup", "Close";
    cancel: "Batal", "Cancel";
    open: "Buka", "Open";
    restore: "Pulihkan", "Restore";
    history: "Riwayat", "History";
    print: "Cetak", "Print";
    undo: "Urungkan", "Undo";
    back: "Kembali", "Back";
    yes: "Ya", "Yes";
    no: "Tidak", "No";
    not_chosen: "Belum dipilih", "Not chosen";
    empty_value: "(kosong)", "(empty)";

    unread(value: &str): "Nilai yang tidak dapat dibaca aplikasi ini: {value}", "A value that this app cannot read: {value}";
    unread_kept: "Program lain menulisnya. Nilai itu tetap tersimpan sampai isian ini diisi lagi.", "Another program wrote it. It is kept until the field is filled in anew.";

    settle_explained: "Isian ini diisi bersamaan di lebih dari satu perangkat. Semuanya tetap disimpan sampai Anda memilih.", "This field was set on more than one device at once. Every value is kept until you choose.";
    settle_text_explained: "Teks di sini ditulis bersamaan, atau diganti utuh oleh program lain. Semua teks tetap disimpan sampai Anda memilih.", "This text was written at once, or put in place of another as a whole by another program. Every text is kept until you choose.";
    settle_by_others_explained: "Isian ini diisi bersamaan di lebih dari satu perangkat. Semuanya tetap disimpan sampai seorang penulis memilih.", "This field was set on more than one device at once. Every value is kept until somebody who may write chooses.";
    settle_text_by_others_explained: "Teks di sini ditulis bersamaan, atau diganti utuh oleh program lain. Semua teks tetap disimpan sampai seorang penulis memilih.", "This text was written at once, or put in place of another as a whole by another program. Every text is kept until somebody who may write chooses.";
    settle_add: "Tambahkan ke teks", "Add to the text";
    replaced: "yang ada sebelum diganti", "what stood there before";
    settle_this: "Pilih ini", "Choose this";
    settle_group(label: &str): "Perlu dipilih: {label}", "To be settled: {label}";
    shown_now: "tampil sekarang", "shown now";
    no_place: "Dokumen ini tidak punya tempat untuk isian ini: dimulai dengan versi Simpul yang lebih lama, atau diubah oleh program lain. Tuliskan di isian lain atau di dokumen baru.", "This record has no place for this field: it was begun with an older version of Simpul, or another program changed it. Write it in another field or in a new record.";
    system: "Sistem", "The system";
    another_device(short: &str): "Perangkat lain ({short})", "Another device ({short})";
    redo: "Ulangi", "Redo";
    writes_here(name: &str): "{name} sedang menulis di sini; tampil setelah kata ini selesai.", "{name} is writing here; it is shown once this word is done.";
    somebody_writes_here: "Orang lain menulis di sini; tampil setelah kata ini selesai.", "Somebody else wrote here; it is shown once this word is done.";
    in_paragraph(number: usize): "Paragraf {number}.", "Paragraph {number}.";
    two_write_here(one: &str, two: &str): "Dua orang menulis di sini, {one} dan {two}, tanpa melihat tulisan satu sama lain. Baca sekali lagi.", "Two people wrote here, {one} and {two}, without seeing each other's words. Read it once more.";
    several_write_here(names: &str): "{names} menulis di sini tanpa melihat tulisan satu sama lain. Baca sekali lagi.", "{names} wrote here without seeing each other's words. Read it once more.";
    wrote_twice(name: &str): "{name} menulis di sini di dua perangkat yang belum saling terhubung. Baca sekali lagi.", "{name} wrote here on two devices that had not heard of each other. Read it once more.";
    checked: "Sudah diperiksa", "Checked";
    is_here(name: &str): "{name} sedang di sini", "{name} is here";

    sentence_of_in_memory: "Sedang disimpan ke perangkat ini.", "Being stored on this device.";
    sentence_of_on_device: "Tersimpan di perangkat ini; menunggu dikirim ke server.", "Stored on this device; waits to be sent to the server.";
    sentence_of_on_server: "Tersimpan di perangkat ini dan di server.", "Stored on this device and on the server.";
    sentence_of_refused: "Sebagian pekerjaan Anda disisihkan dan tetap ada di perangkat ini; buka dokumennya untuk melihat alasan dan pilihan.", "Some of your work is set aside and stays on this device; open the record to see why and what can be done.";
    sentence_of_not_stored: "Penyimpanan perangkat menolak. Ketikan hanya ada di tab ini: jangan tutup tab, lalu ekspor.", "The device's storage refuses. What you typed is only in this tab: keep it open and export it.";
}
