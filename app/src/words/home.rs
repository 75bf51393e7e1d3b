//! Texts of the home page and of beginning a record.

use super::words;

words! {
    morning(name: &str): "Selamat pagi, {name}", "Good morning, {name}";
    midday(name: &str): "Selamat siang, {name}", "Good afternoon, {name}";
    afternoon(name: &str): "Selamat sore, {name}", "Good afternoon, {name}";
    evening(name: &str): "Selamat malam, {name}", "Good evening, {name}";

    new_report: "Laporan baru", "New report";
    new_agreement: "Kerja sama baru", "New agreement";
    new_plan: "Rencana aksi baru", "New action plan";
    import: "Impor", "Import";
    create_new: "Buat baru", "Create new";

    for_decision: "Menunggu keputusan saya", "Waits for my decision";
    returned: "Dikembalikan kepada saya", "Returned to me";
    to_settle: "Perlu dipilih", "To be settled";
    set_aside: "Disisihkan", "Set aside";
    drafts: "Konsep", "Drafts";
    ends_soon: "Segera berakhir", "Ends soon";
    last_edited: "Terakhir disunting", "Last edited";
    all_quiet: "Tidak ada yang menunggu Anda.", "Nothing waits for you.";
    attention: "Perlu perhatian", "Needs attention";
    no_ends_soon: "Tidak ada kerja sama yang berakhir dalam 12 bulan.", "No agreement ends within 12 months.";
    see_all: "Lihat semua", "See all";
    see_all_of(count: &str): "Lihat semua {count}", "See all {count}";

    empty_title: "Mulai dari satu laporan", "Begin with one report";
    empty_sentence: "Tulis laporan perjalanan dinas menurut bentuk resmi, juga tanpa sambungan. Hasilnya dapat dilanjutkan menjadi kerja sama dan rencana aksi.", "Write a trip report in the official form, also without a connection. Its results can lead on to agreements and action plans.";
    step_write: "Tulis", "Write";
    step_write_sentence: "Setiap ketikan langsung tersimpan di perangkat ini.", "Every keystroke is stored on this device at once.";
    step_join: "Sambung", "Connect";
    step_join_sentence: "Begitu ada sambungan, perubahan dikirim dan digabung dengan milik rekan.", "Once there is a connection, changes are sent and joined with your colleagues'.";
    step_submit: "Ajukan", "Submit";
    step_submit_sentence: "Kepala bagian menerima, mengembalikan, atau menyetujui versi yang tepat itu.", "The head of section takes, returns or approves exactly that version.";

    choose_feed: "Milik siapa dokumen ini?", "Whose record is this?";
    choose_feed_sentence: "Anda boleh menulis untuk beberapa daerah. Pilihan ini tidak dapat diganti kemudian.", "You may write for several regions. This choice cannot be changed later.";
    read_only: "Akun Anda hanya dapat membaca, jadi tidak dapat membuat dokumen. Mintalah peran penulis kepada admin daerah Anda.", "Your account may only read, so it cannot create records. Ask your region's admin for the role of writer.";
    no_role: "Akun Anda tidak mempunyai peran di daerah mana pun, jadi tidak dapat membuat dokumen. Mintalah peran kepada admin daerah Anda.", "Your account has no role in any region, so it cannot create records. Ask your region's admin for one.";
    not_created: "Dokumen tidak dapat dibuat karena penyimpanan perangkat menolak.", "The record could not be created because the device's storage refuses.";
}
