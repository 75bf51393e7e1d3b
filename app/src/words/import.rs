//! Texts of the import of a report.

use super::words;

words! {
    title: "Impor laporan", "Import a report";
    lead: "Laporan yang sudah ditulis sebagai teks dibaca bagian demi bagian. Yang tidak dikenali tetap dibawa sebagai teks.", "A report that was written as text is read part by part. What is not recognised is carried along as text.";
    choose: "Pilih berkas", "Choose a file";
    drop: "Seret berkas teks (.txt atau .md) ke sini, atau pilih dari perangkat", "Drop a text file (.txt or .md) here, or choose one from this device";
    paste: "atau", "or";
    paste_label: "Tempel teks laporan", "Paste the report's text";
    paste_hint: "Teks hanya dibaca di perangkat ini.", "The text is read on this device only.";
    read_text: "Baca teks", "Read text";
    understood: "Yang terbaca", "What was understood";
    title_field: "Judul", "Title";
    number: "Nomor", "Number";
    basis: "Dasar hukum", "Legal basis";
    purpose: "Maksud dan tujuan", "Purpose";
    theme: "Tema", "Theme";
    dates: "Waktu", "When";
    venue: "Tempat", "Place";
    attendance: "Peserta", "Attendance";
    activities: "Kegiatan yang dilaksanakan", "Activities";
    outcomes: "Hasil yang dicapai", "Results";
    closing: "Penutup", "Closing";
    preamble: "Teks sebelum bagian pertama", "Text before the first section";
    not_there: "tidak dikenali di teksnya", "not recognised in the text";
    create: "Buat laporan ini", "Create this report";
    other_file: "Pilih teks lain", "Choose another text";
    problem: "Laporan belum dapat diimpor", "The report could not be imported";
    empty: "Isinya kosong. Periksa apakah yang dipilih sudah benar.", "It is empty. Check that it is the right one.";
    too_large(size: &str, limit: &str): "Ukurannya {size}; yang dapat dibaca paling besar {limit}. Laporan biasanya puluhan kilobita: pisahkan gambar atau lampirannya.", "It has {size}; at most {limit} can be read. A report is usually tens of kilobytes: leave out pictures or attachments.";
    binary: "Isinya bukan teks. Simpan dahulu sebagai teks biasa (.txt), atau tempel teksnya di bawah.", "It is not text. Save it as plain text (.txt) first, or paste its text below.";
    office: "Berkas Word belum dapat dibaca. Di Word pilih Simpan Sebagai, jenis Teks Biasa (.txt), lalu pilih berkas itu di sini; atau salin seluruh isinya dan tempel di bawah.", "Word files cannot be read yet. In Word choose Save As, type Plain Text (.txt), and choose that file here; or copy all of it and paste it below.";
    pdf: "Berkas PDF belum dapat dibaca. Buka PDF itu, salin seluruh teksnya, dan tempel di bawah.", "PDF files cannot be read yet. Open the PDF, copy all of its text and paste it below.";
    numbers_lost: "Hasil yang dicapai terbaca sebagai satu hasil", "The results were read as one result";
    numbers_lost_sentence: "Teks ini tidak bernomor, mungkin nomornya hilang saat disalin. Beri 1., 2., dan seterusnya di awal tiap hasil, lalu baca lagi; atau bagi sesudah laporan dibuat.", "This text has no numbers; they may have been lost in copying. Put 1., 2. and so on before each result and read it again; or divide it once the report is made.";
    mend: "Perbaiki teksnya", "Mend the text";
    no_report: "Tidak ada bagian laporan yang dikenali di sini. Laporan memuat judul seperti PENDAHULUAN, KEGIATAN, HASIL YANG DICAPAI, PENUTUP.", "No part of a report was recognised here. A report has headings like PENDAHULUAN, KEGIATAN, HASIL YANG DICAPAI, PENUTUP.";
    unreadable: "Berkas ini tidak dapat dibaca dari perangkat. Coba pilih lagi.", "This file could not be read from the device. Try choosing it again.";
    nothing_changed: "Tidak ada yang berubah pada pekerjaan Anda.", "Nothing in your work has changed.";
}
