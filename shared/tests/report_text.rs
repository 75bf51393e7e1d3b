//! Reading and writing a trip report as Markdown.

use proptest::prelude::*;
use shared::domain::date::PartialDate;
use shared::domain::decimal::Decimal;
use shared::domain::report_text::{FILE_BYTES, ImportError, ReportContent, export, import};
use shared::ids::{ActorId, DocumentId, ItemId};
use shared::model::document::Document;
use shared::model::kind::Kind;
use shared::model::trip_report::{
    Basis, BasisKind, FollowUp, FollowUpStatus, Heading, Outcome, Traveller, TravellerRole, TripReport,
};

/// A report with the facts and the slips of a real one.
const REPORT: &str = include_str!("fixtures/laporan.md");

fn date(text: &str) -> Option<PartialDate> {
    text.parse().ok()
}

#[test]
fn every_fact_of_a_real_report_stands_in_its_field() {
    let report = import(REPORT.as_bytes()).unwrap();
    let basis = &report.bases[0];
    assert_eq!(report.bases.len(), 1);
    assert_eq!(basis.kind, Some(BasisKind::Letter));
    assert_eq!(
        basis.issuer.as_deref(),
        Some("Kepala pusat Fasilitas Kerja Sama Sekreariat Jenderal Kementerian Dalam Neeri"),
    );
    assert_eq!(basis.number.as_deref(), Some("005/1138/02"));
    assert_eq!(basis.dated_on, date("2019-07-01"));

    let heading = &report.heading;
    assert_eq!(heading.title, "Bimbingan Teknis Kerja Sama Sister");
    assert!(heading.theme.starts_with("Peningkatan dan Revitalisasi Kerja Sama Sister City/Province"),);
    assert!(heading.purpose.contains(&heading.theme));
    assert_eq!(heading.starts_on, date("2019-07-10"));
    assert_eq!(heading.ends_on, date("2019-07-12"));
    assert_eq!(
        heading.venue,
        "Hotel Novotel Jakarta Mangga Dua Square Jl. Gunung Sahari Raya No. 1 Jakarta Utara",
    );
    assert_eq!(heading.attendance, Some(61.into()));
    assert_eq!(heading.attendees, "Sekretaris Daerah Provinsi dan Kab/Kota");
    assert!(heading.activities.contains("61 (enam puluh satu)"));
    assert!(heading.closing.starts_with("Demikian laporan"));
    assert!(heading.preamble.is_empty());

    assert_eq!(report.outcomes.len(), 10);
    assert!(report.outcomes[0].text.contains("*sister city/province*"));
    assert!(report.outcomes[4].text.contains("17 *sister city/province arrangements*"));
    assert!(report.outcomes[9].text.ends_with('.'));
}

#[test]
fn no_word_of_a_report_is_dropped() {
    let report = import(REPORT.as_bytes()).unwrap();
    let heading = &report.heading;
    let mut kept = [&heading.purpose, &heading.activities, &heading.closing].map(String::as_str).join(" ");
    for text in report.bases.iter().map(|b| &b.text).chain(report.outcomes.iter().map(|o| &o.text)) {
        kept.push(' ');
        kept.push_str(text);
    }
    let kept: Vec<&str> = kept.split_whitespace().collect();
    // What is not kept is the form itself: the title, the sections' names and the numbers.
    let form = "LAPORAN HASIL PERJALANAN DINAS I. PENDAHULUAN 1. Dasar Hukum : 2. Maksud dan Tujuan : II. \
                KEGIATAN YANG DILAKSANAKAN III. HASIL YANG DICAPAI : 1. 2. 3. 4. 5. 6. 7. 8. 9. 10. IV. PENUTUP :";
    let total = REPORT.replace("**", "").replace('#', "").split_whitespace().count();
    assert_eq!(total, kept.len() + form.split_whitespace().count());
}

#[test]
fn writing_and_reading_again_gives_the_same_report() {
    let report = import(REPORT.as_bytes()).unwrap();
    let written = export(&report);
    assert!(!written.starts_with("---"), "every fact comes out of its sentence again");
    assert_eq!(import(written.as_bytes()).unwrap(), report);
}

#[test]
fn a_report_goes_through_its_document_unchanged() {
    let content = import(REPORT.as_bytes()).unwrap();
    let mut document =
        Document::create(DocumentId::from_bytes([1; 16]), Kind::TripReport, ActorId::from_bytes([2; 17]));
    let mut number = 0u64;
    for edit in content.edits(|| {
        number += 1;
        ItemId::from_bytes(number.to_be_bytes())
    }) {
        document.edit(&edit).expect("an edit of the import");
    }
    document.commit(1_000).expect("a change");
    assert_eq!(ReportContent::from(&TripReport::read(&document)), content);
}

#[test]
fn a_file_that_is_no_report_is_refused_with_its_reason() {
    assert_eq!(import(b""), Err(ImportError::Empty));
    assert_eq!(import(b" \n\t\n"), Err(ImportError::Empty));
    assert_eq!(import(&vec![b'a'; FILE_BYTES + 1]), Err(ImportError::TooLarge(FILE_BYTES + 1)));
    assert_eq!(import(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(ImportError::Binary));
    assert_eq!(import(b"PENUTUP\0"), Err(ImportError::Binary));
    assert_eq!(import(b"# Resep soto\n\nAyam, kunyit, serai.\n"), Err(ImportError::NoReport));
}

#[test]
fn what_has_no_place_stays_with_the_nearest_section() {
    let text = "Catatan di muka.\n\nI. PENDAHULUAN\n1. Dasar Hukum : Surat Tugas Nomor 090/12/2019\n\
                III. HASIL YANG DICAPAI\nSecara umum:\n1. Satu.\n1. Sub satu.\n2. Dua.\n\
                V. LAIN-LAIN\nTambahan.\nIV. PENUTUP\nSelesai.";
    let report = import(text.as_bytes()).expect("a report");
    assert_eq!(report.heading.preamble, "Catatan di muka.");
    assert_eq!(report.bases[0].number.as_deref(), Some("090/12/2019"));
    assert_eq!(report.bases[0].kind, Some(BasisKind::Assignment));
    let outcomes: Vec<&str> = report.outcomes.iter().map(|outcome| outcome.text.as_str()).collect();
    assert_eq!(outcomes, ["Secara umum:\n\nSatu.\n1. Sub satu.", "Dua.\nV. LAIN-LAIN\nTambahan."]);
    assert_eq!(report.heading.closing, "Selesai.");
    assert_eq!(import(export(&report).as_bytes()), Ok(report));
}

#[test]
fn facts_of_a_file_are_read_as_they_are_typed_and_what_cannot_be_read_stays_in_sight() {
    let file = |block: &str| {
        let text = format!("---\n{block}\n---\n### **I. PENDAHULUAN**\n\n### **II. KEGIATAN**\n\nRapat.\n");
        import(text.as_bytes()).expect("a report")
    };
    for (line, starts_on, attendance) in [
        ("mulai: 10 Juli 2019", date("2019-07-10"), None),
        ("mulai: Rabu, 10-VII-2019", date("2019-07-10"), None),
        ("jumlah_peserta: 61 orang", None, Decimal::new(61, 0)),
        ("jumlah_peserta: 2,5", None, Decimal::new(2, 500_000)),
    ] {
        let heading = file(line).heading;
        assert_eq!((heading.starts_on, heading.attendance), (starts_on, attendance), "{line}");
        assert_eq!(heading.preamble, "");
    }
    for line in [
        "jumlah_peserta: 1.250",
        "jumlah_peserta: sekitar 60",
        "selesai: 10 s.d. 12 Juli 2019",
        "mulai: 1447 H",
    ] {
        let heading = file(line).heading;
        assert_eq!((heading.starts_on, heading.ends_on, heading.attendance), (None, None, None), "{line}");
        assert_eq!(heading.preamble, line, "a person sees what was not understood");
    }
}

#[test]
fn attendance_in_a_sentence_is_read_whole_or_not_at_all() {
    for (said, attendance, attendees) in [
        ("61 (enam puluh satu) orang", Decimal::new(61, 0), "orang"),
        ("61 orang", Decimal::new(61, 0), "orang"),
        ("1.250 (seribu dua ratus lima puluh) orang", Decimal::new(1250, 0), "orang"),
        ("1.250 orang", None, ""),
        ("60-70 orang", None, ""),
    ] {
        let text = format!("### **II. KEGIATAN**\n\nRapat dihadiri oleh {said}.\n");
        let heading = import(text.as_bytes()).expect("a report").heading;
        assert_eq!((heading.attendance, heading.attendees.as_str()), (attendance, attendees), "{said}");
        assert!(heading.activities.contains(said), "the sentence stays whole");
    }
}

#[test]
fn cell_that_its_column_cannot_hold_stays_with_what_the_row_is_about() {
    let text = "### **TINDAK LANJUT**\n\n| Uraian | Penanggung jawab | Tenggat | Status |\n| --- | --- | --- | --- |\n\
        | Kirim surat | Bagian | 10 Juli 2019 | done |\n| Rapat | Bagian | akhir tahun | nanti |\n";
    let follow_ups = import(text.as_bytes()).expect("a report").follow_ups;
    assert_eq!(
        (follow_ups[0].due_on, follow_ups[0].status),
        (date("2019-07-10"), Some(FollowUpStatus::Done))
    );
    assert_eq!(follow_ups[1].text, "Rapat (Tenggat: akhir tahun, Status: nanti)");
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing() {
    let windows = format!("\u{feff}{}", REPORT.replace('\n', "\r\n"));
    assert_eq!(import(windows.as_bytes()), import(REPORT.as_bytes()));
}

fn text() -> impl Strategy<Value = String> {
    // Pieces that reading could take for the form, among ordinary ones.
    let piece = prop_oneof![
        Just("PENUTUP".to_owned()),
        Just("### **III. HASIL YANG DICAPAI :**".to_owned()),
        Just("1. satu".to_owned()),
        Just("2. dua".to_owned()),
        Just("| Nama | a |".to_owned()),
        Just("---".to_owned()),
        Just("\\garis".to_owned()),
        Just("LAPORAN HASIL PERJALANAN DINAS".to_owned()),
        Just("judul: x".to_owned()),
        Just("dihadiri oleh 3 (tiga) orang".to_owned()),
        Just("tanggal 1 Mei 2020 bertempat di Ambon".to_owned()),
        "[ a-zA-Z0-9\\*|:.–é]{0,12}",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|lines| lines.join("\n"))
}

fn line() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[ a-z|:.\\\\0-9-]{1,12}")
}

fn some_date() -> impl Strategy<Value = Option<PartialDate>> {
    prop::option::of(
        (1900u16..2100, 1u8..=12, 1u8..=28).prop_map(|(year, month, day)| {
            PartialDate::day_of(year, month, day).expect("a day of every month")
        }),
    )
}

fn people() -> impl Strategy<Value = Decimal> {
    let fraction = |millionths: u64| Decimal::new(0, millionths).expect("small enough");
    prop_oneof![any::<i64>().prop_map(Decimal::from), (0..10_000_000u64).prop_map(fraction)]
}

prop_compose! {
    fn heading()(
        title in text(), number in line(), purpose in text(), theme in text(), starts_on in some_date(),
        venue in text(), attendance in prop::option::of(people()), activities in text(), closing in text(),
        preamble in text(), copies in text(), place in line(),
    ) -> Heading {
        Heading { title, number, purpose, theme, starts_on, venue, attendance, activities, closing, preamble, copies, place, ..Heading::default() }
    }
}

prop_compose! {
    fn content()(
        heading in heading(),
        bases in prop::collection::vec((text(), line(), line(), some_date()), 0..3),
        outcomes in prop::collection::vec(text(), 0..4),
        travellers in prop::collection::vec((line(), line(), prop::option::of(prop::sample::select(TravellerRole::ALL))), 0..3),
        follow_ups in prop::collection::vec((text(), line(), prop::option::of(prop::sample::select(FollowUpStatus::ALL))), 0..3),
    ) -> ReportContent {
        ReportContent {
            heading,
            bases: bases.into_iter().map(|(text, issuer, number, dated_on)| Basis { text, issuer, number, dated_on, ..Basis::default() }).collect(),
            outcomes: outcomes.into_iter().map(|text| Outcome { text, ..Outcome::default() }).collect(),
            travellers: travellers.into_iter().map(|(name, office, role)| Traveller { name, office, role, ..Traveller::default() }).collect(),
            follow_ups: follow_ups.into_iter().map(|(text, responsible, status)| FollowUp { text, responsible, status, ..FollowUp::default() }).collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_report_is_read_as_it_was_written(content in content()) {
        let written = export(&content);
        prop_assert_eq!(import(written.as_bytes()), Ok(content), "{}", written);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = import(&bytes);
    }

    #[test]
    fn arbitrary_text_is_read_and_written_without_a_change(text in "(PENUTUP|HASIL|[\\PC]{0,6}|\n|1\\.|\\||İ){0,20}") {
        if let Ok(report) = import(text.as_bytes()) {
            prop_assert_eq!(import(export(&report).as_bytes()), Ok(report));
        }
    }
}
