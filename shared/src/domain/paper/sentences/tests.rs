use super::*;

const OURS: &str = include_str!("../../../../tests/fixtures/laporan.md");

fn filled() -> Heading {
    Heading {
        title: "Bimbingan Teknis Kerja Sama".to_owned(),
        theme: "Revitalisasi".to_owned(),
        organiser: "Kementerian Dalam Negeri".to_owned(),
        starts_on: "2019-07-10".parse().ok(),
        ends_on: "2019-07-12".parse().ok(),
        venue: "Hotel Novotel, Jl. Gunung Sahari No. 1.".to_owned(),
        attendance: Some(61.into()),
        attendees: "Sekretaris Daerah".to_owned(),
        ..Heading::default()
    }
}

fn of(heading: &Heading) -> Sentences {
    Sentences::of(heading, DaysStand::WithEvent)
}

#[test]
fn report_without_prose_tells_each_value_once_and_its_sentences_are_read_back() {
    let sentences = of(&filled());
    let event = sentences.event.clone().unwrap();
    assert_eq!(
        event,
        "Perjalanan dinas ini dilakukan untuk mengikuti Bimbingan Teknis Kerja Sama yang diselenggarakan oleh \
         Kementerian Dalam Negeri dengan tema “Revitalisasi” pada tanggal 10 s.d. 12 Juli 2019 bertempat di Hotel \
         Novotel, Jl. Gunung Sahari No. 1."
    );
    let people = sentences.people.clone().unwrap();
    assert_eq!(people, "Kegiatan dihadiri oleh 61 (enam puluh satu) Sekretaris Daerah.");

    // Copied into the text, they are read as the same facts, and no sentence is left.
    let mut content = ReportContent {
        heading: Heading { purpose: event, activities: people, ..Heading::default() },
        ..ReportContent::default()
    };
    draw_facts(&mut content);
    let read = &content.heading;
    assert_eq!((read.starts_on, read.ends_on), (filled().starts_on, filled().ends_on));
    assert_eq!((read.attendance, read.attendees.as_str()), (filled().attendance, "Sekretaris Daerah"));
    assert_eq!((read.title.as_str(), read.theme.as_str()), ("Bimbingan Teknis Kerja Sama", "Revitalisasi"));
    assert_eq!(read.venue, "Hotel Novotel, Jl. Gunung Sahari No. 1");
    let whole = Heading { purpose: read.purpose.clone(), activities: read.activities.clone(), ..filled() };
    let again = of(&whole);
    assert_eq!((&again.event, &again.people), (&None, &None));
    assert!(Part::ALL.iter().all(|part| again.telling(*part) == Telling::InText));
}

#[test]
fn imported_report_says_everything_in_its_own_words() {
    let content = crate::domain::report_text::import(OURS.as_bytes()).unwrap();
    let sentences = of(&content.heading);
    assert_eq!((sentences.event, sentences.people), (None, None));
    assert_eq!(content.bases.iter().filter_map(basis_sentence).next(), None);
}

#[test]
fn only_what_the_section_lacks_is_told() {
    let purpose = "Menghadiri Bimbingan Teknis Kerja Sama, 10-7-2019 s.d. 12-7-2019.".to_owned();
    let cases: [(Heading, Option<&str>, Option<&str>); 6] = [
        (Heading::default(), None, None),
        (
            Heading { purpose, ..filled() },
            Some(
                "Kegiatan tersebut diselenggarakan oleh Kementerian Dalam Negeri dengan tema “Revitalisasi” bertempat \
                 di Hotel Novotel, Jl. Gunung Sahari No. 1.",
            ),
            Some("Kegiatan dihadiri oleh 61 (enam puluh satu) Sekretaris Daerah."),
        ),
        (
            Heading { title: "Rapat".to_owned(), ..Heading::default() },
            Some("Perjalanan dinas ini dilakukan untuk mengikuti Rapat."),
            None,
        ),
        (
            Heading {
                starts_on: "2019-07".parse().ok(),
                ends_on: "2019-09".parse().ok(),
                ..Heading::default()
            },
            Some("Kegiatan diselenggarakan pada bulan Juli s.d. September 2019."),
            None,
        ),
        (
            Heading {
                starts_on: "2019-07-10".parse().ok(),
                attendance: Some(61.into()),
                ..Heading::default()
            },
            Some("Kegiatan diselenggarakan mulai tanggal 10 Juli 2019."),
            Some("Kegiatan dihadiri oleh 61 (enam puluh satu) orang."),
        ),
        (
            Heading {
                attendees: "Sekretaris Daerah".to_owned(),
                attendance: Some(61.into()),
                activities: "Sebanyak enam puluh satu orang hadir.".to_owned(),
                ..Heading::default()
            },
            None,
            Some("Kegiatan dihadiri oleh Sekretaris Daerah."),
        ),
    ];
    for (heading, event, people) in cases {
        let sentences = of(&heading);
        assert_eq!(sentences.event.as_deref(), event, "{heading:?}");
        assert_eq!(sentences.people.as_deref(), people, "{heading:?}");
    }
}

#[test]
fn choice_shows_and_hides_and_goes_back_to_what_comes_by_itself() {
    let mut heading = Heading { purpose: "Rapat 10 s.d. 12 Juli 2019.".to_owned(), ..filled() };
    assert_eq!(of(&heading).telling(Part::Dates), Telling::InText);
    let shown = of(&heading).choice_for(Part::Dates, true);
    heading.print_dates = shown;
    assert_eq!((shown, of(&heading).telling(Part::Dates)), (Some(Printing::Shown), Telling::Chosen));
    assert!(of(&heading).event.unwrap().contains("10 s.d. 12 Juli 2019"));
    assert_eq!(of(&heading).choice_for(Part::Dates, false), None);

    assert_eq!(of(&heading).telling(Part::Venue), Telling::BySentence);
    heading.print_venue = of(&heading).choice_for(Part::Venue, false);
    assert_eq!(of(&heading).telling(Part::Venue), Telling::Hidden);
    assert!(!of(&heading).event.unwrap().contains("Novotel"));
    assert_eq!(of(&heading).choice_for(Part::Venue, true), None);
}

#[test]
fn form_with_a_section_for_days_and_venue_has_them_there_alone() {
    let apart = Sentences::of(&filled(), DaysStand::Apart);
    let when = apart.when_and_where.unwrap();
    assert_eq!(
        when,
        "Pada tanggal 10 s.d. 12 Juli 2019 bertempat di Hotel Novotel, Jl. Gunung Sahari No. 1."
    );
    assert!(!apart.event.unwrap().contains("Novotel"));
}

#[test]
fn basis_tells_what_its_text_does_not() {
    let filled = |text: &str| Basis {
        text: text.to_owned(),
        kind: Some(BasisKind::Letter),
        issuer: Some("Kepala Pusat Fasilitasi".to_owned()),
        number: Some("005/1138/02".to_owned()),
        dated_on: "2019-07-01".parse().ok(),
        ..Basis::default()
    };
    let all = "Surat Undangan Kepala Pusat Fasilitasi Nomor 005/1138/02 tanggal 1 Juli 2019.";
    for (text, told) in [
        ("", Some(all)),
        (all, None),
        ("Surat Kepala Pusat Fasilitasi Nomor : 005/1138/02 tanggal 01 Juli 2019.", None),
        ("Surat Kepala Pusat Fasilitasi.", Some("Nomor 005/1138/02 tanggal 1 Juli 2019.")),
        ("Undangan rapat tanggal 1 Juli 2019", Some("Dari Kepala Pusat Fasilitasi Nomor 005/1138/02.")),
    ] {
        assert_eq!(basis_sentence(&filled(text)).as_deref(), told, "{text}");
    }
    let chosen = Basis { print_facts: Some(Printing::Shown), ..filled(all) };
    assert_eq!(basis_sentence(&chosen).as_deref(), Some(all));
    let hidden = Basis { print_facts: Some(Printing::Hidden), ..filled("") };
    assert_eq!((basis_sentence(&hidden), basis_telling(&hidden)), (None, Telling::Hidden));
    assert_eq!(basis_telling(&Basis::default()), Telling::Nothing);
    assert_eq!(basis_choice_for(&filled(""), true), None);
}

#[test]
fn follow_up_tells_who_does_it_until_when_and_how_far_it_is() {
    let mut follow_up = FollowUp {
        text: "Menyusun daftar.".to_owned(),
        responsible: Some("Bagian Kerja Sama".to_owned()),
        due_on: "2019-09".parse().ok(),
        status: Some(FollowUpStatus::Running),
    };
    let told = "Penanggung jawab: Bagian Kerja Sama. Tenggat: September 2019. Status: berjalan.";
    assert_eq!(follow_up_sentences(&follow_up), told);
    follow_up.text = "Disusun oleh Bagian Kerja Sama pada September 2019".to_owned();
    assert_eq!(follow_up_sentences(&follow_up), "Status: berjalan.");
}
