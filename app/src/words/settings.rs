//! Texts of the settings.

use super::words;

words! {
    account: "Akun", "Account";
    appearance: "Tampilan", "Appearance";
    language: "Bahasa", "Language";
    indonesian: "Bahasa Indonesia", "Bahasa Indonesia";
    english: "English", "English";
    theme: "Tema", "Theme";
    theme_auto: "Ikuti perangkat", "As the device";
    theme_light: "Terang", "Light";
    theme_dark: "Gelap", "Dark";

    work: "Pekerjaan di perangkat ini", "Work on this device";
    records_here(count: &str): "{count} naskah tersimpan", "{count} records stored";
    export_title: "Ekspor yang belum terkirim", "Export what is not sent";
    export_sentence: "Satu berkas dengan semua yang belum terkirim dan yang ditolak, untuk diserahkan kepada pengelola bila perangkat rusak.", "One file with everything unsent and refused, to hand to an administrator if the device fails.";
    export_button: "Ekspor berkas", "Export file";
    exported: "Berkas dibuat. Simpan di tempat yang aman.", "The file was made. Keep it in a safe place.";
    not_exported: "Berkas tidak dapat dibuat karena penyimpanan tidak terbaca. Muat ulang, lalu coba lagi.", "The file could not be made because the storage cannot be read. Reload, then try again.";
    nothing_unsent: "Semua sudah terkirim.", "Everything has been sent.";

    install: "Pasang di perangkat", "Install on this device";
    install_sentence: "Di menu peramban pilih “Pasang aplikasi” atau “Tambahkan ke layar utama”. Simpul lalu terbuka seperti aplikasi, dan penyimpanannya lebih aman.", "In the browser's menu choose “Install app” or “Add to home screen”. Simpul then opens like an app, and its storage is safer.";
    install_done: "Simpul sudah terpasang sebagai aplikasi di perangkat ini.", "Simpul is installed as an app on this device.";
    about: "Tentang", "About";
    version: "Versi", "Version";
    role_reader: "Pembaca", "Reader";
    role_writer: "Penulis", "Writer";
    role_approver: "Pemberi persetujuan", "Approver";
    role_admin: "Pengelola", "Administrator";
    storage_unknown: "Peramban tidak menyebutkan pemakaian ruang.", "The browser does not tell how much is in use.";
}
