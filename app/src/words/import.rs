//! Texts of the import of a report.

use super::words;

words! {
    title: "Impor laporan", "Import a report";
    lead: "Laporan yang ditulis dalam Markdown dibaca bagian demi bagian. Yang tidak dikenali tetap dibawa sebagai teks.", "A report written in Markdown is read part by part. What is not recognised is carried along as text.";
    choose: "Pilih berkas", "Choose a file";
    drop: "Seret berkas .md ke sini, atau pilih dari perangkat", "Drop a .md file here, or choose one from this device";
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
    not_there: "tidak ada di berkas", "not in the file";
    create: "Buat laporan ini", "Create this report";
    other_file: "Pilih berkas lain", "Choose another file";
    problem: "Berkas ini belum dapat diimpor", "This file could not be imported";
    empty: "Berkas ini kosong. Periksa apakah berkas yang dipilih sudah benar.", "This file is empty. Check that it is the right one.";
    too_large(size: &str, limit: &str): "Berkas ini {size}; yang dapat dibaca paling besar {limit}. Laporan biasanya puluhan kilobita: pisahkan gambar atau lampirannya.", "This file is {size}; at most {limit} can be read. A report is usually tens of kilobytes: leave out pictures or attachments.";
    binary: "Berkas ini bukan teks. Bila berasal dari Word atau PDF, simpan dahulu sebagai teks atau Markdown.", "This file is not text. If it comes from Word or PDF, save it as text or Markdown first.";
    no_report: "Tidak ada bagian laporan yang dikenali di berkas ini. Laporan memuat judul seperti PENDAHULUAN, KEGIATAN, HASIL YANG DICAPAI, PENUTUP.", "No part of a report was recognised in this file. A report has headings like PENDAHULUAN, KEGIATAN, HASIL YANG DICAPAI, PENUTUP.";
    unreadable: "Berkas ini tidak dapat dibaca dari perangkat. Coba pilih lagi.", "This file could not be read from the device. Try choosing it again.";
    nothing_changed: "Tidak ada yang berubah pada pekerjaan Anda.", "Nothing in your work has changed.";
}
