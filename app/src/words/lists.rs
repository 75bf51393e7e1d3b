//! Texts of the lists, the bin and the search.

use super::words;

words! {
    reports_lead: "Laporan hasil perjalanan dinas", "Trip reports";
    agreements_lead: "Kerja sama daerah dari prakarsa sampai pelaksanaan", "Regional cooperation from initiative to implementation";
    plans_lead: "Rencana aksi yang diisi bersama oleh perangkat daerah", "Action plans that offices fill in together";
    search_reports: "Cari dalam laporan", "Search reports";
    search_agreements: "Cari dalam kerja sama", "Search agreements";
    search_plans: "Cari dalam rencana aksi", "Search action plans";

    receiving: "Mengambil yang ada di server", "Fetching what the server has";
    receiving_sentence: "Yang diterima tampil di sini.", "What arrives appears here.";
    not_connected: "Menunggu sambungan", "Waiting for a connection";
    not_connected_sentence: "Yang ada di server tampil di sini setelah perangkat tersambung.", "What the server has appears here once this device is connected.";

    filters: "Saring", "Filter";
    filter_state: "Keadaan", "State";
    filter_safety: "Tersimpan", "Stored";
    filter_year: "Tahun", "Year";
    filter_activity: "Keaktifan", "Activity";
    filter_type: "Jenis", "Type";
    filter_stage: "Tahapan", "Stage";
    filter_region: "Daerah", "Region";
    filter_ends: "Berakhir", "Ends";
    within_a_year: "Dalam 12 bulan", "Within 12 months";
    only(group: &str): "Hanya: {group}", "Only: {group}";
    any: "Semua", "All";
    clear_filters: "Hapus saringan", "Clear filters";
    sort: "Urutkan", "Sort";
    sort_edited: "Terakhir disunting", "Last edited";
    sort_title: "Judul", "Title";
    sort_start: "Tanggal mulai", "Start date";
    sort_end: "Tanggal berakhir", "End date";

    column_title: "Judul", "Title";
    column_when: "Waktu", "When";
    column_term: "Masa berlaku", "Term";
    column_where: "Tempat", "Place";
    column_stage: "Tahapan", "Stage";
    column_progress: "Selesai", "Done";
    column_state: "Keadaan", "State";
    column_safety: "Tersimpan", "Stored";
    column_edited: "Disunting", "Edited";
    lines_done(done: &str, all: &str): "{done} dari {all} butir", "{done} of {all} lines";

    newer(count: &str): "{count} dokumen memerlukan versi baru Simpul. Semuanya tersimpan di perangkat ini dan tampil setelah Simpul diperbarui.", "Records that need a newer version of Simpul: {count}. They are kept on this device and appear once Simpul is updated.";
    found(count: &str, what: &str): "{count} {what}", "Records: {count}";
    found_of(count: &str, all: &str, what: &str): "{count} dari {all} {what}", "{count} of {all} records";
    more_coming(found: &str): "{found}, yang lain masih diterima", "{found}, more are being received";
    more_on_server(found: &str): "{found}, yang ada di server belum diterima", "{found}, those on the server not yet received";
    results(count: &str): "{count} hasil", "Results: {count}";
    show_more(count: usize): "Tampilkan {count} lagi", "Show {count} more";

    no_reports: "Belum ada laporan", "No reports yet";
    no_reports_sentence: "Buat laporan baru, atau impor laporan yang sudah ditulis sebagai teks.", "Create a report, or import one that was written as text.";
    no_agreements: "Belum ada kerja sama", "No agreements yet";
    no_agreements_sentence: "Catat satu kerja sama; tanggal yang belum diketahui boleh dikosongkan.", "Record one agreement; dates that are not known yet may stay empty.";
    no_plans: "Belum ada rencana aksi", "No action plans yet";
    no_plans_sentence: "Buat rencana aksi; perangkat daerah lain dapat mengisi butirnya bersamaan.", "Create an action plan; other offices can fill in its lines at the same time.";
    nothing_fits: "Tidak ada yang cocok", "Nothing fits";
    nothing_fits_sentence: "Kurangi kata atau hapus saringan. Yang dicari hanya dokumen di perangkat ini.", "Use fewer words or clear the filters. Only records on this device are searched.";

    bin_lead: "Dokumen yang dihapus tetap disimpan di sini dan dapat dipulihkan.", "Removed records are kept here and can be restored.";
    binned_by(name: &str): "Dibuang oleh {name}", "Put here by {name}";
    bin_empty: "Tempat sampah kosong", "The bin is empty";
    bin_empty_sentence: "Dokumen yang dihapus akan berada di sini sampai dipulihkan.", "Records that are removed stay here until they are restored.";
    restored(title: &str): "Dipulihkan: {title}", "Restored: {title}";
    not_restored: "Dokumen ini tidak dapat dibuka, jadi belum dipulihkan. Coba lagi setelah tersambung.", "This record could not be opened, so it is not restored. Try again once connected.";
    restore_this(title: &str): "Pulihkan {title}", "Restore {title}";

    search_title: "Cari di perangkat ini", "Search this device";
    search_label: "Kata yang dicari", "Words to search for";
    search_placeholder: "Judul, nomor, mitra, tempat, isi…", "Title, number, partner, place, text…";
    search_hint: "Semua dokumen di perangkat ini dicari, tanpa sambungan.", "Every record on this device is searched, without a connection.";
    search_begin: "Ketik beberapa kata", "Type a few words";
    search_begin_sentence: "Cukup sebagian kata, nomor, jumlah, atau tanggal: “karya”, “138”, “1.987.000”, “10 Juli”.", "A part of a word, a number, an amount or a date is enough: “karya”, “138”, “1.987.000”, “10 July”.";
}
