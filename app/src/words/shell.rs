//! Texts of the frame around every page.

use super::words;

words! {
    product: "Simpul", "Simpul";
    skip: "Langsung ke isi", "Skip to content";
    navigation: "Menu utama", "Main menu";
    home: "Beranda", "Home";
    reports: "Laporan", "Reports";
    agreements: "Kerja sama", "Agreements";
    plans: "Rencana aksi", "Action plans";
    search: "Cari", "Search";
    settings: "Pengaturan", "Settings";
    bin: "Tempat sampah", "Bin";

    status_details: "Rincian sambungan", "Connection details";
    status_title: "Sambungan dan penyimpanan", "Connection and storage";
    last_sync: "Sinkron terakhir", "Last synced";
    waiting: "Belum terkirim", "Not sent";
    sent: "Terkirim sejak dibuka", "Sent since opening";
    received: "Diterima sejak dibuka", "Received since opening";
    next_try: "Coba berikutnya", "Next try";
    storage: "Penyimpanan perangkat", "Device storage";
    storage_used(used: &str, quota: &str): "{used} dari {quota}", "{used} of {quota}";
    storage_kept: "Peramban berjanji tidak menghapusnya.", "The browser promised to keep it.";
    storage_not_kept: "Peramban boleh menghapusnya bila ruang habis. Pasang Simpul sebagai aplikasi agar lebih aman.", "The browser may delete it when space runs out. Install Simpul as an app to be safer.";
    try_now: "Coba sekarang", "Try now";
    unknown: "tidak diketahui", "unknown";
    changes(count: usize): "{count} perubahan", "Changes: {count}";

    offline_sentence: "Tidak ada sambungan. Semua tetap dapat dikerjakan; perubahan tersimpan di perangkat ini dan dikirim sendiri nanti.", "There is no connection. Everything still works; changes are stored on this device and sent by themselves later.";
    connecting_sentence: "Sedang mencari server. Pekerjaan Anda tidak perlu menunggu.", "Looking for the server. Your work need not wait.";
    connected_sentence: "Perubahan dikirim begitu tersimpan.", "Changes are sent as soon as they are stored.";
    plain_sentence: "Jaringan atau server kantor tidak meneruskan sambungan tetap. Semuanya tetap jalan, tetapi lebih lambat dan tanpa terlihat siapa yang sedang membuka dokumen. Sampaikan ini kepada pengelola server Simpul.", "The office's network or server lets no lasting connection through. Everything works, but more slowly, and without showing who has a record open. Tell the people who run the Simpul server.";
    refused_sentence(detail: &str): "Server menjawab: {detail} Pekerjaan tetap tersimpan di perangkat ini dan dikirim begitu server menerimanya lagi.", "The server answers: {detail} Your work stays on this device and is sent once the server takes it again.";
    disabled_sentence: "Akun Anda dinonaktifkan. Pekerjaan tetap tersimpan di perangkat ini; hubungi admin daerah Anda.", "Your account is disabled. Your work stays on this device; ask your region's admin.";
    sign_in_needed_sentence: "Sesi di server sudah berakhir. Pekerjaan tetap tersimpan di perangkat ini; masuk lagi agar terkirim.", "The session on the server is over. Your work stays on this device; sign in again to send it.";
    wrong_device_sentence: "Server mengenal orang atau perangkat lain di peramban ini, jadi tidak ada yang dikirim. Masuk lagi dengan akun Anda; pekerjaan tetap di perangkat ini.", "The server knows another person or device in this browser, so nothing is sent. Sign in again with your account; your work stays on this device.";
    version_sentence: "Server memakai versi yang lebih baru. Muat ulang halaman untuk memperbarui; pekerjaan tetap di perangkat ini.", "The server speaks a newer version. Reload the page to update; your work stays on this device.";
    revoked_sentence: "Perangkat ini dicabut: oleh admin, atau oleh Anda dari perangkat lain. Tidak ada yang dikirim atau diterima sampai Anda masuk lagi; pekerjaan tetap di perangkat ini.", "This device was revoked: by an admin, or by you on another device. Nothing is sent or received until you sign in again; your work stays on this device.";
    retired_sentence: "Identitas perangkat ini mungkin tersalin atau rusak. Pengiriman berhenti sampai Anda masuk lagi; pekerjaan tetap di perangkat ini.", "This device's identity may have been copied or damaged. Sending stops until you sign in again; your work stays on this device.";
    trouble_full: "Ruang penyimpanan habis. Ketikan baru tidak tersimpan: kosongkan ruang di perangkat, atau ekspor dari Pengaturan.", "Storage is full. New typing is not stored: free some space on the device, or export from Settings.";
    trouble_closed: "Peramban menutup penyimpanan, mungkin karena tab lain memperbarui. Muat ulang halaman ini.", "The browser closed the storage, perhaps because another tab is updating. Reload this page.";
    trouble_unavailable: "Peramban tidak memberi penyimpanan, mungkin karena jendela privat. Buka Simpul di jendela biasa.", "The browser gives no storage, perhaps because this is a private window. Open Simpul in an ordinary window.";
    trouble_other(detail: &str): "Penyimpanan perangkat menolak: {detail}. Muat ulang; bila berulang, ekspor dari Pengaturan.", "The device's storage refuses: {detail}. Reload; if it happens again, export from Settings.";

    banners: "Pemberitahuan", "Notices";
    demo: "Peragaan: orang, akun, dan angka di sini rekaan.", "Demonstration: people, accounts and numbers here are made up.";
    clock_off: "Jam perangkat ini keliru lebih dari lima menit.", "This device's clock is off by more than five minutes.";
    clock_off_sentence: "Perbaiki tanggal dan jamnya di pengaturan perangkat. Sampai itu beres, perubahan dicatat menurut jam server.", "Set its date and time right in the device's settings. Until then changes stand at the time of the server's clock.";
    update_ready: "Versi baru siap.", "A new version is ready.";
    update_apply: "Perbarui sekarang", "Update now";
    update_kept: "Yang sedang dibuka disimpan lebih dahulu.", "What is open is stored first.";

    page_broken: "Halaman ini gagal ditampilkan", "This page could not be shown";
    page_broken_sentence: "Pekerjaan Anda aman di perangkat ini. Muat ulang halaman; bila berulang, buka halaman lain dan laporkan tulisan di bawah.", "Your work is safe on this device. Reload the page; if it happens again, open another page and report the text below.";
    reload: "Muat ulang", "Reload";
    not_found: "Halaman tidak ditemukan", "Page not found";
    not_found_sentence: "Alamat ini tidak ada di Simpul. Mungkin tautannya terpotong saat disalin.", "There is no such address in Simpul. Perhaps the link was cut when it was copied.";
    to_home: "Ke Beranda", "To Home";

    shortcuts: "Pintasan papan tik", "Keyboard shortcuts";
    shortcuts_then: "lalu", "then";
    shortcut_search: "Cari", "Search";
    shortcut_new: "Buat baru", "Create new";
    shortcut_help: "Daftar pintasan ini", "This list";
    shortcut_go(place: &str): "Buka {place}", "Open {place}";
    shortcut_close: "Tutup dialog", "Close dialog";

    starting: "Membuka penyimpanan di perangkat ini…", "Opening the storage of this device…";
    no_store: "Simpul tidak dapat menyimpan di peramban ini", "Simpul cannot store in this browser";
}
