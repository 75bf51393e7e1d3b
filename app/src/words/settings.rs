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

    devices: "Perangkat saya", "My devices";
    devices_coming: "Menanyakan kepada server…", "Asking the server…";
    devices_lead: "Perangkat yang dikeluarkan tidak menerima dan tidak mengirim apa pun sampai Anda masuk lagi di sana.", "A device that is signed out receives and sends nothing until you sign in there again.";
    look_again: "Coba lagi", "Try again";
    this_device: "perangkat ini", "this device";
    is_signed_in: "masuk", "signed in";
    is_signed_out: "sudah keluar", "signed out";
    device_unnamed: "Perangkat tanpa nama", "Device without a name";
    enrolled(at: &str): "Terdaftar {at}", "Enrolled {at}";
    seen(when: &str): "terakhir tersambung {when}", "last connected {when}";
    never_seen: "belum pernah tersambung", "not connected yet";
    sign_out_there: "Keluarkan", "Sign out";
    sign_out_named(name: &str): "Keluarkan {name}", "Sign out {name}";
    sign_out_others: "Keluarkan perangkat lain", "Sign out the others";
    sign_out_everywhere: "Keluar di semua perangkat", "Sign out everywhere";
    sign_out_device_title: "Keluarkan perangkat itu?", "Sign out that device?";
    sign_out_others_title: "Keluarkan semua perangkat lain?", "Sign out all other devices?";
    sign_out_everywhere_title: "Keluar di semua perangkat, juga di sini?", "Sign out everywhere, here too?";
    sign_out_keeps: "Dokumen dan perubahan yang belum terkirim tetap tersimpan di perangkat itu, dan terkirim setelah Anda masuk lagi di sana. Siapa pun yang memegang perangkat itu masih dapat membaca yang tersimpan.", "Records and unsent changes stay on the device, and are sent once you sign in there again. Whoever holds the device can still read what it keeps.";
    signed_out_there: "Perangkat itu sudah dikeluarkan.", "Signed out there.";
    password_lead: "Setelah diganti, perangkat lain dikeluarkan dan masuk dengan kata sandi baru.", "Once it is changed, other devices are signed out and sign in with the new password.";

    work: "Pekerjaan di perangkat ini", "Work on this device";
    records_here(count: &str): "{count} dokumen tersimpan", "Records stored: {count}";
    aside: "Disisihkan karena hak dicabut", "Kept aside since a role was taken";
    aside_open: "Buka", "Open";
    aside_sentence: "Yang belum terkirim dari dokumen yang tidak lagi terbuka bagi Anda. Ekspor berkas di bawah memuat semuanya; bila hak Anda kembali, bukalah dokumennya untuk menerapkannya lagi.", "What was not sent of records that are no longer open to you. The file exported below holds all of it; if you get the role again, open the record to apply it.";
    aside_discard(title: &str): "Buang yang disisihkan dari {title}", "Discard what is kept aside of {title}";
    aside_discard_title(title: &str): "Buang yang disisihkan dari {title}?", "Discard what is kept aside of {title}?";
    aside_discard_sentence: "Yang belum terkirim dari dokumen ini hilang untuk selamanya. Ekspor dahulu bila masih diperlukan.", "What was not sent of this record is lost for ever. Export it first if it is still needed.";
    discard: "Buang", "Discard";
    in_question: "sedang diperiksa", "being checked";
    export_title: "Ekspor yang belum terkirim", "Export what is not sent";
    export_sentence: "Satu berkas dengan semua yang belum terkirim dan yang ditolak, untuk diserahkan kepada admin daerah Anda bila perangkat rusak.", "One file with everything unsent and refused, to hand to your region's admin if the device fails.";
    export_button: "Ekspor berkas", "Export file";
    exported: "Berkas dibuat. Simpan di tempat yang aman.", "The file was made. Keep it in a safe place.";
    not_exported: "Berkas tidak dapat dibuat karena penyimpanan tidak terbaca. Muat ulang, lalu coba lagi.", "The file could not be made because the storage cannot be read. Reload, then try again.";
    only_aside: "Tidak ada yang menunggu dikirim; sebagian pekerjaan disisihkan di perangkat ini.", "Nothing waits to be sent; some work is kept aside on this device.";
    nothing_unsent: "Semua sudah terkirim.", "Everything has been sent.";

    install: "Pasang di perangkat", "Install on this device";
    install_sentence: "Di menu peramban pilih “Pasang aplikasi” atau “Tambahkan ke layar utama”. Simpul lalu terbuka seperti aplikasi, dan penyimpanannya lebih aman.", "In the browser's menu choose “Install app” or “Add to home screen”. Simpul then opens like an app, and its storage is safer.";
    install_done: "Simpul sudah terpasang sebagai aplikasi di perangkat ini.", "Simpul is installed as an app on this device.";
    about: "Tentang", "About";
    version: "Versi", "Version";
    role_reader: "Pembaca", "Reader";
    role_writer: "Penulis", "Writer";
    role_approver: "Pemberi persetujuan", "Approver";
    role_admin: "Admin daerah", "Region's admin";
    storage_unknown: "Peramban tidak menyebutkan pemakaian ruang.", "The browser does not tell how much is in use.";
}
