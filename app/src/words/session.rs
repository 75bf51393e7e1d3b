//! Texts of signing in and out.

use super::words;

words! {
    sign_in: "Masuk", "Sign in";
    sign_out: "Keluar", "Sign out";
    user_name: "Nama pengguna", "User name";
    password: "Kata sandi", "Password";
    show_password: "Tampilkan kata sandi", "Show password";
    hide_password: "Sembunyikan kata sandi", "Hide password";
    lead: "Masuk sekali saat ada sambungan. Sesudah itu Simpul terbuka di perangkat ini tanpa sambungan.", "Sign in once while there is a connection. After that Simpul opens on this device without one.";
    signing_in: "Memeriksa…", "Checking…";
    problem: "Belum dapat masuk", "Could not sign in";
    wrong: "Nama pengguna atau kata sandi tidak cocok. Periksa huruf besar dan kecil, lalu coba lagi.", "The user name or the password does not match. Check capitals, then try again.";
    disabled: "Akun Anda dinonaktifkan. Hubungi admin daerah Anda.", "Your account is disabled. Ask your region's admin.";
    too_many(seconds: u64): "Terlalu sering dicoba. Tunggu {seconds} detik, lalu coba lagi.", "Too many tries. Wait {seconds} seconds, then try again.";
    offline: "Server tidak terjangkau. Masuk memerlukan sambungan; coba lagi setelah perangkat tersambung.", "The server cannot be reached. Signing in needs a connection; try again once the device is connected.";
    not_the_relay: "Yang menjawab bukan server Simpul, mungkin halaman masuk jaringan Wi-Fi. Selesaikan dahulu di peramban, lalu coba lagi.", "What answers is not the Simpul server, perhaps the sign-in page of a Wi-Fi network. Finish that in the browser first, then try again.";
    other(detail: &str): "Server menjawab: {detail} Coba lagi sebentar lagi.", "The server answers: {detail} Try again in a while.";
    user_missing: "Isi nama pengguna.", "Enter the user name.";
    password_missing: "Isi kata sandi.", "Enter the password.";
    others_kept: "Pekerjaan orang lain di perangkat ini tetap tersimpan terpisah dan tidak terbuka oleh akun Anda.", "The work of another person on this device is kept apart and is not opened by your account.";
    again_lead: "Sesi Anda di server sudah berakhir. Masuk lagi agar yang menunggu terkirim. Tidak ada yang hilang.", "Your session on the server is over. Sign in again so that what waits is sent. Nothing is lost.";

    old_password: "Kata sandi lama", "Old password";
    new_password: "Kata sandi baru", "New password";
    new_password_again: "Kata sandi baru sekali lagi", "New password again";
    change_password: "Ganti kata sandi", "Change password";
    password_hint: "Sedikitnya 12 karakter. Tiga atau empat kata yang tidak berkaitan mudah diingat dan sulit ditebak.", "At least 12 characters. Three or four words that do not belong together are easy to keep in mind and hard to guess.";
    password_too_short: "Kata sandi baru perlu sedikitnya 12 karakter.", "The new password needs at least 12 characters.";
    passwords_differ: "Kedua kata sandi baru tidak sama.", "The two new passwords differ.";
    password_not_changed: "Kata sandi belum diganti", "The password was not changed";
    password_changed: "Kata sandi diganti. Perangkat lain sudah dikeluarkan.", "The password was changed. Other devices were signed out.";
    password_due: "Ganti kata sandi dahulu", "Change the password first";
    password_due_lead: "Kata sandi ini dibuat oleh orang lain. Buatlah kata sandi Anda sendiri, lalu Simpul terbuka.", "Somebody else set this password. Set one of your own, then Simpul opens.";
    needs_the_relay: "Server tidak terjangkau. Ini hanya dapat dilakukan dengan sambungan; coba lagi setelah perangkat tersambung.", "The server cannot be reached. This needs a connection; try again once the device is connected.";
    wrong_old_password: "Kata sandi lama tidak cocok. Periksa kata sandi itu, lalu coba lagi.", "The old password does not match. Check it, then try again.";
    password_is_set: "Kata sandi baru sudah berlaku. Masuklah dengan kata sandi itu.", "The new password is set. Sign in with it.";
    back_to_sign_in: "Kembali ke halaman masuk", "Back to signing in";
    session_over: "Sesi Anda di server sudah berakhir. Masuk lagi dahulu.", "Your session on the server is over. Sign in again first.";
    link_title: "Buat kata sandi", "Set a password";
    link_lead(name: &str): "Selamat datang, {name}. Buatlah kata sandi Anda; tautan ini berlaku satu kali.", "Welcome, {name}. Set your password; this link works once.";
    link_action: "Simpan dan masuk", "Save and sign in";
    link_problem: "Tautan tidak dapat dipakai", "The link cannot be used";

    sign_out_title: "Keluar dari perangkat ini?", "Sign out on this device?";
    sign_out_all_sent: "Semua pekerjaan sudah di server. Dokumen yang tersimpan di perangkat ini tetap ada dan terbuka lagi saat Anda masuk.", "All work is on the server. Records stored on this device stay and open again when you sign in.";
    sign_out_unsent(count: usize): "{count} perubahan belum terkirim. Semuanya tetap di perangkat ini dan dikirim saat Anda masuk lagi di peramban ini.", "Changes that are not sent: {count}. They all stay on this device and are sent when you sign in again in this browser.";
    sign_out_unread(count: usize): "{count} isian belum terbaca, jadi belum tersimpan di dokumennya: isian itu tetap di perangkat ini dan tampil lagi saat Anda masuk.", "Fields that are not read yet, and so not stored in their record: {count}. They stay on this device and show again when you sign in.";
    sign_out_offline: "Perangkat ini sedang luring. Untuk masuk lagi diperlukan sambungan ke server.", "This device is offline. Signing in again needs a connection to the server.";
    signed_out_with(count: usize): "Anda keluar. {count} perubahan yang belum terkirim tetap di perangkat ini.", "You signed out. Unsent changes that stay on this device: {count}.";
}
