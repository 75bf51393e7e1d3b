//! The demonstration's action plan: invented lines and figures, linked to one of the real agreements.

use shared::domain::money::Rupiah;
use shared::model::action_plan::{FundingSource, Heading, LINES, Line, LineStatus};
use shared::model::kind::Kind;

use super::draft::Writing;
use super::{BUDI, Draft, SRI, document_id, registry};

/// 6 July 2026, 02:00 UTC.
const WRITTEN_AT: u64 = 1_783_303_200_000;

const ENVIRONMENT: &str = "Lingkungan hidup dan persampahan";
const EDUCATION: &str = "Pendidikan dan kebudayaan";
const ECONOMY: &str = "Ekonomi kreatif dan pariwisata";
const GOVERNANCE: &str = "Sumber daya manusia dan tata kelola";

const SANITATION: &str = "Dinas Lingkungan Hidup";
const SCHOOLS: &str = "Dinas Pendidikan";
const TOURISM: &str = "Dinas Pariwisata";
const TRADE: &str = "Dinas Koperasi dan Perdagangan";
const PERSONNEL: &str = "Badan Kepegawaian dan PSDM";
const COOPERATION: &str = "Bagian Kerja Sama";

use FundingSource::{Parties, Partner, ProvinceBudget, RegencyBudget};
use LineStatus::{Delayed, Done, NotStarted, Running};

/// What differs from line to line.
struct Row {
    field: &'static str,
    programme: &'static str,
    activity: &'static str,
    output: &'static str,
    target: (i64, &'static str),
    /// First and last quarter, from 1.
    quarters: (u8, u8),
    responsible: &'static str,
    supporting: &'static str,
    funding: FundingSource,
    ceiling: i64,
    spent: i64,
    progress: i64,
    status: LineStatus,
    obstacle: &'static str,
    remedy: &'static str,
}

const ROWS: [Row; 12] = [
    Row {
        field: ENVIRONMENT,
        programme: "Pengelolaan persampahan",
        activity: "Percontohan pemilahan sampah rumah tangga di tiga kelurahan",
        output: "Rumah tangga yang memilah sampah",
        target: (1200, "rumah tangga"),
        quarters: (1, 3),
        responsible: SANITATION,
        supporting: "Kecamatan Teluk Layar",
        funding: RegencyBudget,
        ceiling: 285_000_000,
        spent: 171_400_000,
        progress: 65,
        status: Running,
        obstacle: "Wadah terpilah baru tiba pada triwulan II.",
        remedy: "Pembagian wadah dijadwalkan ulang per RW.",
    },
    Row {
        field: ENVIRONMENT,
        programme: "Pengelolaan persampahan",
        activity: "Pelatihan kompos metode keranjang bagi kader lingkungan",
        output: "Kader lingkungan terlatih",
        target: (90, "orang"),
        quarters: (1, 2),
        responsible: SANITATION,
        supporting: "Dinas Pertanian",
        funding: Partner,
        ceiling: 64_500_000,
        spent: 64_500_000,
        progress: 100,
        status: Done,
        obstacle: "",
        remedy: "",
    },
    Row {
        field: ENVIRONMENT,
        programme: "Pengendalian pencemaran",
        activity: "Pemantauan mutu air sungai bersama tenaga ahli mitra",
        output: "Laporan mutu air",
        target: (4, "laporan"),
        quarters: (1, 4),
        responsible: SANITATION,
        supporting: "Dinas Kesehatan",
        funding: Parties,
        ceiling: 138_000_000,
        spent: 52_250_000,
        progress: 50,
        status: Running,
        obstacle: "Alat uji lapangan menunggu kalibrasi.",
        remedy: "Meminjam alat dari laboratorium provinsi.",
    },
    Row {
        field: EDUCATION,
        programme: "Pertukaran pelajar",
        activity: "Kelas bersama daring antarsekolah menengah pertama",
        output: "Kelas bersama yang terlaksana",
        target: (8, "kelas"),
        quarters: (2, 4),
        responsible: SCHOOLS,
        supporting: COOPERATION,
        funding: RegencyBudget,
        ceiling: 46_750_000,
        spent: 11_300_000,
        progress: 25,
        status: Running,
        obstacle: "Jadwal sekolah kedua pihak berbeda.",
        remedy: "Memakai hari Sabtu pekan kedua setiap bulan.",
    },
    Row {
        field: EDUCATION,
        programme: "Pertukaran pelajar",
        activity: "Kunjungan guru pendamping untuk pendidikan lingkungan",
        output: "Guru yang mengikuti kunjungan",
        target: (6, "orang"),
        quarters: (3, 3),
        responsible: SCHOOLS,
        supporting: PERSONNEL,
        funding: Parties,
        ceiling: 312_000_000,
        spent: 0,
        progress: 0,
        status: Delayed,
        obstacle: "Izin perjalanan dinas luar negeri belum terbit.",
        remedy: "Permohonan diajukan lebih awal untuk tahun berikutnya.",
    },
    Row {
        field: EDUCATION,
        programme: "Promosi kebudayaan",
        activity: "Pameran foto dan tari pada pekan persahabatan",
        output: "Pameran yang terselenggara",
        target: (1, "kegiatan"),
        quarters: (4, 4),
        responsible: TOURISM,
        supporting: SCHOOLS,
        funding: RegencyBudget,
        ceiling: 98_000_000,
        spent: 0,
        progress: 0,
        status: NotStarted,
        obstacle: "",
        remedy: "",
    },
    Row {
        field: ECONOMY,
        programme: "Pengembangan ekonomi kreatif",
        activity: "Pendampingan desain kemasan hasil olahan laut",
        output: "Pelaku usaha yang didampingi",
        target: (25, "UMKM"),
        quarters: (1, 3),
        responsible: TRADE,
        supporting: "Dinas Perikanan",
        funding: RegencyBudget,
        ceiling: 120_000_000,
        spent: 83_600_000,
        progress: 72,
        status: Running,
        obstacle: "",
        remedy: "",
    },
    Row {
        field: ECONOMY,
        programme: "Pengembangan ekonomi kreatif",
        activity: "Temu usaha daring dengan pembeli dari kota mitra",
        output: "Temu usaha yang terlaksana",
        target: (2, "kegiatan"),
        quarters: (2, 4),
        responsible: TRADE,
        supporting: COOPERATION,
        funding: ProvinceBudget,
        ceiling: 37_500_000,
        spent: 17_900_000,
        progress: 50,
        status: Running,
        obstacle: "Katalog berbahasa asing belum lengkap.",
        remedy: "Penerjemahan dibantu mahasiswa magang.",
    },
    Row {
        field: ECONOMY,
        programme: "Pengembangan destinasi",
        activity: "Paket wisata belajar pengelolaan sampah bagi pelajar",
        output: "Paket wisata yang siap dipasarkan",
        target: (2, "paket"),
        quarters: (3, 4),
        responsible: TOURISM,
        supporting: SANITATION,
        funding: RegencyBudget,
        ceiling: 75_000_000,
        spent: 0,
        progress: 10,
        status: Running,
        obstacle: "",
        remedy: "",
    },
    Row {
        field: GOVERNANCE,
        programme: "Peningkatan kapasitas aparatur",
        activity: "Magang petugas persampahan pada pengelola mitra",
        output: "Petugas yang selesai magang",
        target: (4, "orang"),
        quarters: (2, 3),
        responsible: PERSONNEL,
        supporting: SANITATION,
        funding: Partner,
        ceiling: 410_000_000,
        spent: 205_000_000,
        progress: 50,
        status: Running,
        obstacle: "Dua petugas belum lulus tes bahasa.",
        remedy: "Kursus singkat bahasa selama enam minggu.",
    },
    Row {
        field: GOVERNANCE,
        programme: "Fasilitasi kerja sama daerah",
        activity: "Rapat evaluasi bersama kelompok kerja dua pihak",
        output: "Notula rapat evaluasi",
        target: (2, "rapat"),
        quarters: (2, 4),
        responsible: COOPERATION,
        supporting: "Seluruh perangkat daerah terkait",
        funding: RegencyBudget,
        ceiling: 28_400_000,
        spent: 13_150_000,
        progress: 50,
        status: Running,
        obstacle: "",
        remedy: "",
    },
    Row {
        field: GOVERNANCE,
        programme: "Fasilitasi kerja sama daerah",
        activity: "Penyusunan bahan perpanjangan dan laporan tahunan",
        output: "Laporan tahunan kerja sama",
        target: (1, "laporan"),
        quarters: (4, 4),
        responsible: COOPERATION,
        supporting: "Bagian Hukum",
        funding: RegencyBudget,
        ceiling: 19_800_000,
        spent: 0,
        progress: 0,
        status: NotStarted,
        obstacle: "",
        remedy: "",
    },
];

/// The plan.
pub(super) fn draft() -> Draft {
    let mut plan = Writing::begin("rencana aksi", Kind::ActionPlan, &SRI);
    plan.fill(&Heading {
        title: "Rencana Aksi Pengelolaan Sampah dan Pertukaran 2026 (peragaan)".to_owned(),
        // Surabaya and Kitakyushu: the agreement whose good practice the made-up regency takes over.
        agreement: Some(document_id(&registry::name_of("13"))),
        partner: Some("Kitakyushu".to_owned()),
        starts_on: "2026".parse().ok(),
        ends_on: "2026".parse().ok(),
        working_group: "Bagian Kerja Sama (koordinator)\nDinas Lingkungan Hidup\nDinas Pendidikan\nDinas Pariwisata\nDinas Koperasi dan Perdagangan\nBadan Kepegawaian dan PSDM".to_owned(),
        adopted_by: Some("Sekretaris Daerah selaku Ketua TKKSD".to_owned()),
        adopted_on: "2026-01-26".parse().ok(),
        ..Heading::default()
    });
    let lines: Vec<Line> = ROWS.iter().map(Row::line).collect();
    let items = plan.add_all(LINES, &lines);
    plan.commit(WRITTEN_AT);

    // What the offices report later is their contact person's change.
    plan.hand_to(&BUDI);
    for (row, item) in ROWS.iter().zip(items) {
        plan.fill_item(LINES, item, &row.report());
    }
    plan.commit(WRITTEN_AT + 86_400_000);
    plan.finish()
}

impl Row {
    /// The line as it is planned.
    fn line(&self) -> Line {
        let (first, last) = self.quarters;
        let in_quarter = |quarter: u8| Some((first..=last).contains(&quarter));
        let month = |month: u8| format!("2026-{month:02}").parse().ok();
        Line {
            field: Some(self.field.to_owned()),
            programme: self.programme.to_owned(),
            activity: self.activity.to_owned(),
            output: self.output.to_owned(),
            indicator: format!("Jumlah {}", self.output.to_lowercase()),
            unit: Some(self.target.1.to_owned()),
            target: Some(self.target.0.into()),
            location: Some("Kabupaten Tanjung Simpul".to_owned()),
            starts_on: month(first * 3 - 2),
            ends_on: month(last * 3),
            quarter_1: in_quarter(1),
            quarter_2: in_quarter(2),
            quarter_3: in_quarter(3),
            quarter_4: in_quarter(4),
            responsible: Some(self.responsible.to_owned()),
            supporting: Some(self.supporting.to_owned()),
            funding: Some(self.funding),
            ceiling: Some(Rupiah(self.ceiling)),
            ..Line::default()
        }
    }

    /// What is reported of it later.
    fn report(&self) -> Line {
        Line {
            progress: Some(self.progress.into()),
            spent: Some(Rupiah(self.spent)),
            status: Some(self.status),
            obstacle: self.obstacle.to_owned(),
            remedy: self.remedy.to_owned(),
            ..Line::default()
        }
    }
}

#[cfg(test)]
mod tests {

    use shared::model::action_plan::{ActionPlan, Totals};
    use shared::ordered::OrderedSet;

    use super::*;
    use crate::demo::draft::open;

    #[test]
    fn plan_has_lines_of_four_fields_and_several_offices() {
        let plan = ActionPlan::read(&open(&draft()));
        let distinct = |of: fn(&Line) -> &Option<String>| {
            plan.lines.iter().map(|line| of(&line.value).clone()).collect::<OrderedSet<_>>().len()
        };
        assert_eq!(plan.lines.len(), 12);
        assert_eq!(distinct(|line| &line.field), 4);
        assert!(distinct(|line| &line.responsible) >= 5);
        assert_eq!(plan.heading.agreement, Some(document_id(&registry::name_of("13"))));
    }

    #[test]
    fn no_line_has_spent_more_than_its_ceiling() {
        let document = open(&draft());
        let plan = ActionPlan::read(&document);
        for line in &plan.lines {
            assert!(line.value.spent <= line.value.ceiling, "{}", line.value.activity);
        }
        assert!(Totals::of(&document).spent > Rupiah(0));
    }
}
