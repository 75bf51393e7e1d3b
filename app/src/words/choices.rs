//! The words of the closed lists: types, stages, sources of funds and the like.
//!
//! [`options`] makes of such a list what a choice field needs.

use shared::model::action_plan::{FundingSource, LineStatus};
use shared::model::agreement::{Activity, AgreementType, PartnerKind, StageName};
use shared::model::trip_report::{BasisKind, FollowUpStatus, Layout, Printing, TravellerRole};

use super::{Word, words};

/// One value of a closed list: its code as it is stored, and its word.
pub type ChoiceOption = (&'static str, Word);

/// A closed list whose values have words.
pub trait Choice: Copy + 'static {
    /// Every value, in the order in which people list them.
    fn all() -> &'static [Self];
    /// As it is stored.
    fn code(self) -> &'static str;
    /// Its word.
    fn word(self) -> Word;
}

/// The options of a choice field.
pub fn options<T: Choice>() -> Vec<ChoiceOption> {
    T::all().iter().map(|value| (value.code(), value.word())).collect()
}

/// The word of a stored code, where this version knows it.
pub fn word_of<T: Choice>(code: &str) -> Option<Word> {
    T::all().iter().find(|value| value.code() == code).map(|value| value.word())
}

macro_rules! choice_words {
    ($type:ident in $module:ident {
        $( $variant:ident = $name:ident : $indonesian:literal, $english:literal; )*
    }) => {
        #[doc = concat!("The words of [`", stringify!($type), "`].")]
        pub mod $module {
            super::words! { $( $name : $indonesian, $english; )* }
        }

        impl Choice for $type {
            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn code(self) -> &'static str {
                $type::code(self)
            }

            fn word(self) -> Word {
                match self { $( $type::$variant => $module::$name ),* }
            }
        }
    };
}

choice_words! { BasisKind in basis_kind {
    Letter = letter: "Surat undangan", "Letter";
    Assignment = assignment: "Surat perintah tugas", "Assignment letter";
    Regulation = regulation: "Peraturan", "Regulation";
    Disposition = disposition: "Disposisi", "Disposition";
    Budget = budget: "DPA", "Budget document";
} }

choice_words! { Layout in layout {
    Sections = sections: "A: Pendahuluan, kegiatan, hasil, penutup", "A: Introduction, activities, results, closing";
    Statement = statement: "B: Pernyataan pelaksana", "B: The travellers' statement";
    Short = short: "C: Ringkas (dasar, tanggal, keperluan, hasil)", "C: Short (basis, date, purpose, results)";
} }

choice_words! { Printing in printing {
    Shown = shown: "Ditulis", "Written";
    Hidden = hidden: "Tidak ditulis", "Not written";
} }

choice_words! { TravellerRole in traveller_role {
    Leader = leader: "Ketua rombongan", "Head of delegation";
    Member = member: "Anggota", "Member";
    Companion = companion: "Pengikut", "Companion";
} }

choice_words! { FollowUpStatus in follow_up_status {
    Open = open: "Belum mulai", "Not begun";
    Running = running: "Berjalan", "Under way";
    Done = done: "Selesai", "Done";
} }

choice_words! { AgreementType in agreement_type {
    SisterProvince = sister_province: "KSDPL, provinsi kembar", "Sister province";
    SisterCity = sister_city: "KSDPL, kabupaten/kota kembar", "Sister city";
    ForeignRegion = foreign_region: "KSDPL, kerja sama lainnya", "Foreign region, other";
    ForeignInstitution = foreign_institution: "KSDLL, lembaga di luar negeri", "Foreign institution";
    Region = region: "KSDD, daerah lain", "Another region";
    ThirdParty = third_party: "KSDPK, pihak ketiga", "Third party";
    Synergy = synergy: "Sinergi dengan pemerintah pusat", "Synergy with central government";
} }

choice_words! { Activity in activity {
    Active = active: "Aktif", "Active";
    Dormant = dormant: "Tidak berjalan", "Dormant";
    NeedsRenewal = needs_renewal: "Perlu perpanjangan", "Needs renewal";
    Ended = ended: "Berakhir", "Ended";
} }

choice_words! { StageName in stage {
    Initiative = initiative: "Prakarsa", "Initiative";
    Exploration = exploration: "Penjajakan", "Exploration";
    LetterOfIntent = letter_of_intent: "Pernyataan Kehendak Kerja Sama", "Letter of Intent";
    CooperationPlan = cooperation_plan: "Penyusunan Rencana Kerja Sama", "Cooperation plan";
    CouncilApproval = council_approval: "Persetujuan DPRD", "Council approval";
    Verification = verification: "Verifikasi", "Verification";
    Drafting = drafting: "Penyusunan rancangan Naskah Kerja Sama", "Drafting";
    Deliberation = deliberation: "Pembahasan rancangan", "Deliberation";
    MinisterApproval = minister_approval: "Persetujuan Menteri", "Minister's approval";
    Signing = signing: "Penandatanganan", "Signing";
    Implementation = implementation: "Pelaksanaan", "Implementation";
    Renewal = renewal: "Perpanjangan", "Renewal";
    Amendment = amendment: "Adendum", "Amendment";
    Revitalisation = revitalisation: "Revitalisasi", "Revitalisation";
    Termination = termination: "Pengakhiran", "Termination";
} }

choice_words! { PartnerKind in partner_kind {
    City = city: "Kota", "City";
    Prefecture = prefecture: "Prefektur", "Prefecture";
    Province = province: "Provinsi", "Province";
    State = state: "Negara bagian", "State";
    County = county: "County", "County";
    Region = region: "Wilayah", "Region";
    Institution = institution: "Lembaga", "Institution";
} }

choice_words! { FundingSource in funding_source {
    ProvinceBudget = province_budget: "APBD provinsi", "Provincial budget (APBD)";
    RegencyBudget = regency_budget: "APBD kabupaten/kota", "Regency or city budget (APBD)";
    StateBudget = state_budget: "APBN", "State budget (APBN)";
    Partner = partner: "Mitra", "Partner";
    Parties = parties: "Para pihak", "Both parties";
    ThirdParty = third_party: "Pihak ketiga", "Third party";
    ByRegulation = by_regulation: "Sesuai peraturan", "By regulation";
} }

choice_words! { LineStatus in line_status {
    NotStarted = not_started: "Belum mulai", "Not begun";
    Running = running: "Berjalan", "Under way";
    Done = done: "Selesai", "Done";
    Delayed = delayed: "Tertunda", "Delayed";
    Cancelled = cancelled: "Batal", "Cancelled";
} }
