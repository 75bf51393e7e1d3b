//! Texts of the agreement's record.

use super::words;

words! {
    tabs: "Bagian kerja sama", "Parts of the agreement";
    summary: "Ringkasan", "Summary";
    stages: "Tahapan", "Stages";
    history: "Riwayat", "History";
    identity: "Identitas", "Identity";
    parties: "Para pihak", "Parties";
    term: "Masa berlaku", "Term";
    title: "Judul kerja sama", "Title";
    agreement_type: "Jenis kerja sama", "Type";
    fields: "Ruang lingkup", "Scope";
    fields_hint: "Satu bidang tiap baris", "One field a line";
    number: "Nomor naskah", "Number of the text";
    number_hint: "Kosongkan bila naskah tidak bernomor", "Leave empty where the text has none";
    region: "Daerah", "Region";
    region_when_signed: "Nama daerah saat penandatanganan", "Region's name when signing";
    partner: "Mitra", "Partner";
    partner_kind: "Bentuk wilayah mitra", "Kind of partner";
    country: "Negara mitra", "Partner's country";
    initiator: "Pemrakarsa", "Initiator";
    responsible: "Perangkat daerah pelaksana", "Responsible office";
    starts_on: "Mulai berlaku", "In force from";
    ends_on: "Berakhir", "Ends";
    activity: "Keadaan", "Activity";
    legal_basis: "Dasar hukum", "Legal basis";
    remarks: "Catatan", "Remarks";
    sources: "Sumber", "Sources";
    stage: "Tahap", "Stage";
    stage_word: "tahap", "stage";
    stage_date: "Tanggal tahap", "Date of the stage";
    stage_number: "Nomor surat", "Number of the letter";
    stage_document: "Dokumen", "Document";
    stage_place: "Tempat (pihak Indonesia)", "Place (Indonesian side)";
    stage_partner_place: "Tempat (pihak mitra)", "Place (partner's side)";
    officials: "Pejabat", "Officials";
    stage_remark: "Keterangan", "Remark";
    stage_repeats: "Memang dicapai dua kali", "Reached twice indeed";
    stages_lead_read: "Sentuh satu tahap yang sudah dicatat untuk membacanya.", "Touch a recorded stage to read it.";
    stages_lead: "Sentuh satu tahap untuk mengisinya: boleh tidak berurutan dan dengan tanggal seadanya.", "Touch a stage to fill it in: out of order if need be, and with whatever date is known.";
    stages_after: "Sesudahnya", "Afterwards";
    stages_other: "Tahap tanpa nama yang dikenal", "Stages without a known name";
    stage_done: "Selesai", "Done";
    stage_remove: "Hapus tahap ini", "Remove this stage";
    stage_again: "Catat sekali lagi", "Record once more";
    stage_twice: "Tahap ini dicatat dua kali. Keduanya tersimpan.", "This stage is recorded twice. Both are kept.";
    stage_twice_mark: "Dicatat dua kali", "Recorded twice";
    stage_join: "Gabungkan dengan yang pertama", "Join with the first";
    stage_both: "Memang dua kali", "It was reached twice";
    stage_joined: "Digabungkan. Yang kedua dapat dipulihkan di bawah.", "Joined. The second can be restored below.";
    timeline: "Sebelas tahap kerja sama", "The eleven stages of a cooperation";
    not_reached: "belum dicatat", "not recorded";
    undated: "tanpa tanggal", "undated";
    plans: "Rencana aksi", "Action plans";
    no_plans: "Belum ada rencana aksi untuk mitra ini.", "No action plan for this partner yet.";
}
