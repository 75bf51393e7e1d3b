//! The demonstration's trip report: the office's form, in words of our own, with the numbers of its
//! travellers in a document apart.

use shared::domain::report_text;
use shared::model::edit::Edit;
use shared::model::field::Scalar;
use shared::model::kind::Kind;
use shared::model::personal::{self, IDENTITIES};
use shared::model::trip_report::{
    FOLLOW_UPS, FollowUp, FollowUpStatus, Heading, TRAVELLERS, Traveller, TravellerRole,
};

use super::draft::Writing;
use super::{BUDI, Draft, SRI, document_id, item_id};

const NAME: &str = "laporan bimbingan teknis";
const TEXT: &str = include_str!("../../../shared/tests/fixtures/laporan.md");

/// 15 July 2019, 02:00 UTC: the day after the journey's weekend.
const WRITTEN_AT: u64 = 1_563_156_000_000;

/// The report, and its personal data.
pub(super) fn drafts() -> Vec<Draft> {
    let content = report_text::import(TEXT.as_bytes()).expect("the demonstration's report can be read");
    let mut report = Writing::begin(NAME, Kind::TripReport, &SRI);
    let mut count = 1000;
    report.apply(content.edits(|| {
        count += 1;
        item_id(NAME, count)
    }));
    report.fill(&Heading {
        place: Some("Tanjung Simpul".to_owned()),
        dated_on: "2019-07-15".parse().ok(),
        addressee: "Bupati Tanjung Simpul\nmelalui Sekretaris Daerah".to_owned(),
        copies: "Inspektur Kabupaten Tanjung Simpul\nArsip".to_owned(),
        ..Heading::default()
    });
    let travellers = report.add_all(TRAVELLERS, &travellers());
    report.commit(WRITTEN_AT);
    report.hand_to(&BUDI);
    report.add_all(FOLLOW_UPS, &follow_ups());
    report.commit(WRITTEN_AT + 3_600_000);

    let mut numbers = Writing::begin("nip laporan bimbingan teknis", Kind::Personal, &SRI);
    numbers.fill(&personal::Owner { report: Some(document_id(NAME)) });
    // Made up: nobody is born on such a day and serves since such a month.
    for (traveller, nip) in travellers.into_iter().zip(["199901012024011901", "199902022024022902"]) {
        let field = personal::identity::nip.of(IDENTITIES, traveller);
        numbers.apply([
            Edit::Add { list: IDENTITIES, item: traveller, after: None },
            Edit::Set { field, value: Scalar::Text(nip.to_owned()) },
        ]);
    }
    numbers.commit(WRITTEN_AT + 60_000);
    vec![report.finish(), numbers.finish()]
}

fn travellers() -> [Traveller; 2] {
    let office = Some("Bagian Kerja Sama Sekretariat Daerah".to_owned());
    [
        Traveller {
            name: Some("I Ketut Suardana (peragaan)".to_owned()),
            rank: Some("Pembina (IV/a)".to_owned()),
            position: Some("Kepala Bagian Kerja Sama".to_owned()),
            office: office.clone(),
            role: Some(TravellerRole::Leader),
        },
        Traveller {
            name: Some("Sri Wahyuni (peragaan)".to_owned()),
            rank: Some("Penata Muda (III/a)".to_owned()),
            position: Some("Analis Kerja Sama".to_owned()),
            office,
            role: Some(TravellerRole::Member),
        },
    ]
}

fn follow_ups() -> [FollowUp; 2] {
    [
        FollowUp {
            text: "Menilai kerja sama yang pernah ditandatangani dan menyusun daftar yang layak dihidupkan kembali."
                .to_owned(),
            responsible: Some("Bagian Kerja Sama".to_owned()),
            due_on: "2019-09".parse().ok(),
            status: Some(FollowUpStatus::Running),
        },
        FollowUp {
            text: "Menyusun rencana aksi pengelolaan sampah bersama perangkat daerah.".to_owned(),
            responsible: Some("Dinas Lingkungan Hidup".to_owned()),
            due_on: "2019-12".parse().ok(),
            status: Some(FollowUpStatus::Open),
        },
    ]
}

#[cfg(test)]
mod tests {
    use shared::model::missing::missing;
    use shared::model::personal::Personal;
    use shared::model::trip_report::TripReport;

    use super::*;
    use crate::demo::draft::open;

    #[test]
    fn report_is_whole_and_can_be_submitted() {
        let drafts = drafts();
        let document = open(&drafts[0]);
        assert_eq!(missing(&document), []);
        let report = TripReport::read(&document);
        assert_eq!(report.outcomes.len(), 10);
        assert_eq!(report.heading.attendance, Some(61.into()));
        assert_eq!(report.bases[0].value.number.as_deref(), Some("005/1138/02"));
        let numbers = Personal::read(&open(&drafts[1]));
        for traveller in &report.travellers {
            assert!(numbers.nip(traveller.id).is_some(), "{:?}", traveller.value.name);
        }
        assert_eq!(numbers.owner.report, Some(drafts[0].id));
    }
}
