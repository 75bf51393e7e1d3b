//! *Kerja sama daerah*: the record of one agreement, its parties and its stages.

use super::document::Document;
use super::field::{Fact, Item, List, Prose, Record, Schema, choice, record};
use crate::domain::date::PartialDate;

choice! {
    /// *Jenis kerja sama* (PP 28/2018).
    pub enum AgreementType {
        /// KSDPL, *provinsi kembar/bersaudara*.
        SisterProvince = "sister-province",
        /// KSDPL, *kabupaten/kota kembar/bersaudara*.
        SisterCity = "sister-city",
        /// KSDPL, *kerja sama lainnya*.
        ForeignRegion = "foreign-region",
        /// KSDLL, with an institution abroad.
        ForeignInstitution = "foreign-institution",
        /// KSDD, with another region.
        Region = "region",
        /// KSDPK, with a third party.
        ThirdParty = "third-party",
        /// *Sinergi* with the central government.
        Synergy = "synergy",
    }
}

choice! {
    /// Whether the cooperation lives, apart from its legal stage.
    pub enum Activity {
        /// *Aktif*.
        Active = "active",
        /// *Tidak berjalan*.
        Dormant = "dormant",
        /// *Perlu perpanjangan*.
        NeedsRenewal = "needs-renewal",
        /// *Berakhir*.
        Ended = "ended",
    }
}

choice! {
    /// *Tahapan*: the stages of a cooperation abroad, in their legal order, and what may follow.
    pub enum StageName {
        /// *Prakarsa*.
        Initiative = "initiative",
        /// *Penjajakan*.
        Exploration = "exploration",
        /// *Pernyataan Kehendak Kerja Sama*.
        LetterOfIntent = "letter-of-intent",
        /// *Penyusunan Rencana Kerja Sama*.
        CooperationPlan = "cooperation-plan",
        /// *Persetujuan DPRD*.
        CouncilApproval = "council-approval",
        /// *Verifikasi*.
        Verification = "verification",
        /// *Penyusunan rancangan Naskah Kerja Sama*.
        Drafting = "drafting",
        /// *Pembahasan rancangan*.
        Deliberation = "deliberation",
        /// *Persetujuan Menteri*.
        MinisterApproval = "minister-approval",
        /// *Penandatanganan*.
        Signing = "signing",
        /// *Pelaksanaan*.
        Implementation = "implementation",
        /// *Perpanjangan*.
        Renewal = "renewal",
        /// *Adendum*.
        Amendment = "amendment",
        /// *Revitalisasi*.
        Revitalisation = "revitalisation",
        /// *Pengakhiran*.
        Termination = "termination",
    }
}

impl StageName {
    /// The eleven stages of the legal order, before what may follow.
    pub fn legal_order() -> &'static [StageName] {
        &Self::ALL[..11]
    }
}

choice! {
    /// What kind of place the partner is.
    pub enum PartnerKind {
        /// *Kota*.
        City = "city",
        /// *Prefektur*.
        Prefecture = "prefecture",
        /// *Provinsi*.
        Province = "province",
        /// *Negara bagian*.
        State = "state",
        /// *County*.
        County = "county",
        /// *Wilayah*.
        Region = "region",
        /// *Lembaga*.
        Institution = "institution",
    }
}

record! {
    /// The agreement's own fields.
    pub struct Identity in identity {
        /// The title of the cooperation.
        title: Prose,
        /// *Jenis*.
        agreement_type: Fact<AgreementType>,
        /// The Indonesian side, as it is called today.
        region: Fact<String>,
        /// The Indonesian side as it was called when signing, where that differs.
        region_when_signed: Fact<String>,
        /// The partner.
        partner: Fact<String>,
        /// What kind of place the partner is.
        partner_kind: Fact<PartnerKind>,
        /// The partner's country, ISO 3166 alpha-2.
        country: Fact<String>,
        /// *Ruang lingkup/bidang*, one a line.
        fields: Prose,
        /// Number of the signed text. Often none that is shared: left empty, never invented.
        number: Fact<String>,
        /// *Mulai berlaku*.
        starts_on: Fact<PartialDate>,
        /// *Berakhir*.
        ends_on: Fact<PartialDate>,
        /// Whether it lives.
        activity: Fact<Activity>,
        /// Who took the initiative.
        initiator: Fact<String>,
        /// Which office carries it out.
        responsible: Fact<String>,
        /// *Dasar hukum* of this record.
        legal_basis: Prose,
        /// Anything else.
        remarks: Prose,
        /// Where the facts come from, one a line.
        sources: Prose,
    }
}

record! {
    /// One stage that was reached.
    pub struct Stage in stage {
        /// Which.
        name: Fact<StageName>,
        /// When, as precisely as is known.
        dated_on: Fact<PartialDate>,
        /// Number of the letter or decision.
        number: Fact<String>,
        /// The document that it produced.
        document: Fact<String>,
        /// Where, on the Indonesian side.
        place: Fact<String>,
        /// Where, on the partner's side.
        partner_place: Fact<String>,
        /// Who signed or decided.
        officials: Prose,
        /// A remark.
        remark: Prose,
        /// Reached once more: not recorded twice by mistake.
        repeats: Fact<bool>,
    }
}

record! {
    /// A link to another record or to an address.
    pub struct Link in link {
        /// What it is.
        title: Fact<String>,
        /// A document's id, or an address.
        target: Fact<String>,
    }
}

/// *Tahapan*.
pub const STAGES: List = List { name: "stages", fields: Stage::FIELDS };
/// Links.
pub const LINKS: List = List { name: "links", fields: Link::FIELDS };

/// The schema of agreements.
pub const SCHEMA: Schema = Schema { fields: Identity::FIELDS, lists: &[STAGES, LINKS] };

/// An agreement as a screen or a page shows it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Agreement {
    /// Its own fields.
    pub identity: Identity,
    /// *Tahapan*, in the order in which they were entered.
    pub stages: Vec<Item<Stage>>,
    /// Links.
    pub links: Vec<Item<Link>>,
}

impl Agreement {
    /// Reads the agreement from its document.
    pub fn read(document: &Document) -> Self {
        Self {
            identity: Identity::read(&document.root()),
            stages: document.items(STAGES),
            links: document.items(LINKS),
        }
    }

    /// The furthest stage that was reached, by the legal order.
    pub fn stage(&self) -> Option<StageName> {
        self.stages.iter().filter_map(|stage| stage.value.name).max()
    }
}
