//! What the records of a release's fixtures say: their generator writes it, and whoever opens them reads it.
#![allow(
    dead_code,
    reason = "who opens the fixtures reads what who writes them writes, and the other way round"
)]

use shared::device::settings::SettingsRow;
use shared::domain::decimal::Decimal;
use shared::domain::money::Rupiah;
use shared::ids::{DocumentId, ItemId};
use shared::model::action_plan::{self, ActionPlan, FundingSource, Line, LineStatus, Totals};
use shared::model::agreement::{Activity, Agreement, AgreementType, Identity, PartnerKind, Stage, StageName};
use shared::model::decision::FourEyes;
use shared::model::discussion::{self, Discussion, Remark};
use shared::model::document::Document;
use shared::model::feed_settings::TimeZone;
use shared::model::field::{Item, Scalar};
use shared::model::personal::Personal;
use shared::model::trip_report::{Heading, Traveller, TravellerRole, TripReport, heading};

/// The kinds of the records.
pub const KINDS: [&str; 5] = ["trip-report", "agreement", "action-plan", "personal", "discussion"];

/// A trip report.
pub const REPORT: DocumentId = document(0xa1);
/// The agreement that the journey concerned.
pub const AGREEMENT: DocumentId = document(0xa2);
/// The plan that carries it out.
pub const PLAN: DocumentId = document(0xa3);
/// The travellers' numbers.
pub const PERSONAL: DocumentId = document(0xa4);
/// A report that was begun without a network.
pub const UNSENT: DocumentId = document(0xa5);
/// A document of a kind that the release does not know.
pub const NEWER: DocumentId = document(0xa6);

/// What is said about the report, and the answer.
pub const REMARKS: [&str; 2] = ["Nomornya dua kali berbeda.", "Yang benar 090/17/2026."];
/// What two people wrote as the report's number at once.
pub const NUMBERS: [&str; 2] = ["090/17/2026", "090/71/2026"];
/// What was written into the report without a network.
pub const UNSENT_CONCLUSION: &str = "Kerja sama diteruskan, dengan tinjauan setiap tahun.";
/// The title of the report that was begun without a network.
pub const UNSENT_TITLE: &str = "Kunjungan balasan";
/// What was being typed into it when the tab ended.
pub const DRAFTED_PURPOSE: &str = "Menindaklanjuti kunjungan ke Kyoto";
/// What the approver wrote on returning the report.
pub const REMARK: &str = "Lengkapi tempat kegiatan – dan nomornya.";
/// The traveller's NIP.
pub const NIP: &str = "198501012010012003";

/// The discussion of the report in the region's feed.
pub fn discussion() -> DocumentId {
    discussion::id_of(REPORT, &"kab-contoh".parse().unwrap()).unwrap()
}

/// Its remarks.
pub fn remarks() -> [Remark; 2] {
    let [first, answer] = REMARKS.map(|text| Remark { text: text.to_owned(), ..Remark::default() });
    let first = Remark { field: Some("number".to_owned()), settled: Some(true), ..first };
    [first, Remark { reply_to: Some(item(1).to_string()), ..answer }]
}

const fn document(byte: u8) -> DocumentId {
    let mut bytes = [byte; 16];
    bytes[6] = 0x40 | byte & 0x0f;
    bytes[8] = 0x80 | byte & 0x3f;
    DocumentId::from_bytes(bytes)
}

/// The item of a list with this number.
pub fn item(number: u8) -> ItemId {
    ItemId::from_bytes([number; 8])
}

/// The report's own fields, but for its number.
pub fn report() -> Heading {
    Heading {
        title: "Laporan perjalanan dinas ke Kyoto 🌸".to_owned(),
        purpose: "Menjajaki pengelolaan sampah bersama.\nMenyerahkan rancangan naskah.".to_owned(),
        starts_on: "2026-11-02".parse().ok(),
        ends_on: "2026-11-06".parse().ok(),
        venue: "Balai Kota Kyoto".to_owned(),
        attendance: Some(61.into()),
        place: Some("Sleman".to_owned()),
        dated_on: "2026-11".parse().ok(),
        agreement: Some(AGREEMENT),
        ..Heading::default()
    }
}

/// The travellers, in the order in which they were added; the second was moved to the front, the last taken away.
pub fn travellers() -> [Traveller; 3] {
    let traveller = |name: &str, rank: &str, role| Traveller {
        name: Some(name.to_owned()),
        rank: Some(rank.to_owned()),
        office: Some("Bagian Kerja Sama".to_owned()),
        role: Some(role),
        ..Traveller::default()
    };
    [
        traveller("Ani Lestari, S.Sos.", "Penata (III/c)", TravellerRole::Member),
        traveller("Budi Santosa, M.Si.", "Pembina (IV/a)", TravellerRole::Leader),
        traveller("Salah ketik", "", TravellerRole::Companion),
    ]
}

/// The agreement's own fields.
pub fn agreement() -> Identity {
    Identity {
        title: "Kerja sama kabupaten/kota bersaudara Contoh – Kyoto".to_owned(),
        agreement_type: Some(AgreementType::SisterCity),
        region: Some("Kabupaten Contoh".to_owned()),
        partner: Some("Kyoto".to_owned()),
        partner_kind: Some(PartnerKind::City),
        country: Some("JP".to_owned()),
        fields: "Lingkungan hidup\nPendidikan".to_owned(),
        starts_on: "2017".parse().ok(),
        activity: Some(Activity::Active),
        ..Identity::default()
    }
}

/// Its stages.
pub fn stages() -> [Stage; 2] {
    [
        Stage { name: Some(StageName::LetterOfIntent), dated_on: "2016-09".parse().ok(), ..Stage::default() },
        Stage {
            name: Some(StageName::Signing),
            dated_on: "2017-05-09".parse().ok(),
            place: Some("Sleman".to_owned()),
            officials: "Bupati Contoh".to_owned(),
            ..Stage::default()
        },
    ]
}

/// The plan's own fields.
pub fn plan() -> action_plan::Heading {
    action_plan::Heading {
        title: "Rencana aksi 2026–2028".to_owned(),
        agreement: Some(AGREEMENT),
        partner: Some("Kyoto".to_owned()),
        starts_on: "2026".parse().ok(),
        ends_on: "2028".parse().ok(),
        ..action_plan::Heading::default()
    }
}

/// Its lines.
pub fn lines() -> [Line; 2] {
    let line = |activity: &str, ceiling, spent, status| Line {
        field: Some("Lingkungan hidup".to_owned()),
        activity: activity.to_owned(),
        target: Decimal::new(12, 500_000),
        quarter_1: Some(true),
        quarter_4: Some(false),
        funding: Some(FundingSource::RegencyBudget),
        ceiling: Some(Rupiah(ceiling)),
        spent: Some(Rupiah(spent)),
        status: Some(status),
        ..Line::default()
    };
    [
        line("Bank sampah tingkat padukuhan", 125_000_000, 80_500_000, LineStatus::Running),
        line("Pelatihan pengolah kompos", 9_007_199_254_740_993, 0, LineStatus::Done),
    ]
}

/// What the plan's lines add up to.
pub const TOTALS: [Rupiah; 2] = [Rupiah(9_007_199_379_740_993), Rupiah(80_500_000)];

/// Reads a record of the fixtures.
///
/// # Panics
/// Where it says anything else than was written.
pub fn assert_is_as_written(record: &Document) {
    match record.id() {
        id if id == REPORT => assert_is_report(record),
        id if id == AGREEMENT => {
            let read = Agreement::read(record);
            assert_eq!(read.identity, agreement());
            assert!(stages().iter().eq(read.stages.iter().map(|item| &item.value)));
        }
        id if id == PLAN => {
            let read = ActionPlan::read(record);
            assert_eq!(read.heading, plan());
            assert!(lines().iter().eq(read.lines.iter().map(|item| &item.value)));
            let totals = Totals::of(record);
            assert_eq!([totals.ceiling, totals.spent], TOTALS);
            assert_eq!((totals.done, totals.unreadable), (1, 0));
        }
        id if id == PERSONAL => assert_eq!(Personal::read(record).nip(item(1)), Some(NIP)),
        id if id == discussion() => {
            let read = Discussion::read(record);
            assert_eq!(read.topic.about, Some(REPORT));
            assert!(remarks().iter().eq(read.remarks.iter().map(|(item, _)| &item.value)));
        }
        id if id == UNSENT => assert_eq!(TripReport::read(record).heading.title, UNSENT_TITLE),
        other => panic!("{other} is no record of the fixtures"),
    }
    assert!(record.unreadable().is_empty() && record.misplaced().is_empty() && !record.is_newer());
}

fn assert_is_report(record: &Document) {
    let read = TripReport::read(record);
    let mut written = report();
    written.number = read.heading.number.clone();
    let conclusion = read.heading.conclusion.as_str();
    assert!(["", UNSENT_CONCLUSION].contains(&conclusion), "{conclusion:?}");
    written.conclusion = conclusion.to_owned();
    assert_eq!(read.heading, written);
    let conflicts = record.conflicts();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].field, heading::number.at_root());
    let mut values: Vec<_> = conflicts[0].values.iter().map(|value| value.value.clone()).collect();
    assert_eq!(read.heading.number.map(Scalar::Text).as_ref(), values.first());
    values.sort();
    assert_eq!(values, NUMBERS.map(|number| Scalar::Text(number.to_owned())));
    let [first, second, _] = travellers();
    let there: Vec<Item<Traveller>> = read.travellers;
    let there: Vec<_> = there.into_iter().map(|item| (item.id, item.value)).collect();
    assert_eq!(there, [(item(2), second), (item(1), first)]);
    assert_eq!(record.removed_items(shared::model::trip_report::TRAVELLERS).len(), 1);
}

/// Reads the settings of the region.
///
/// # Panics
/// Where they are other than was set.
pub fn assert_settings(row: &SettingsRow) {
    assert!(row.values.contains_key("kelak"), "what a version to come set is kept");
    let settings = row.settings();
    assert_eq!(settings.four_eyes, FourEyes::Required);
    assert_eq!(settings.idle_lock_minutes, Some(15));
    assert_eq!(settings.time_zone, TimeZone::Wib, "it was set twice");
    assert_eq!(settings.letterhead, ["PEMERINTAH KABUPATEN CONTOH", "Jalan Merdeka 1"]);
    assert_eq!(settings.picture.unwrap().media_type, "image/svg+xml");
    assert_eq!(settings.periods[0].name, "Tahun 2026");
    assert_eq!(settings.offices[0].id, "bks");
    assert_eq!(settings.officials[0].nip, "197501012000011001");
}
