//! The personal data of one report's travellers, in a document of its own so that it can be erased.
//!
//! Law: UU 27/2022 on the protection of personal data. Automerge keeps what is deleted, and so does a
//! log; so erasing means to drop this whole document.

use super::document::Document;
use super::field::{Fact, Item, List, Record, Schema, record};
use crate::ids::{DocumentId, ItemId};

record! {
    /// Which report it belongs to.
    pub struct Owner in owner {
        /// The report.
        report: Fact<DocumentId>,
    }
}

record! {
    /// One traveller's number.
    pub struct Identity in identity {
        /// *Nomor Induk Pegawai*: 18 digits, as typed.
        nip: Fact<String>,
    }
}

/// The travellers; an item has the id of the traveller's item in the report.
pub const IDENTITIES: List = List { name: "identities", fields: Identity::FIELDS };

/// The schema of personal documents.
pub const SCHEMA: Schema = Schema { fields: Owner::FIELDS, lists: &[IDENTITIES] };

/// Personal data as a screen or a page shows it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Personal {
    /// The report that it belongs to.
    pub owner: Owner,
    /// One a traveller.
    pub identities: Vec<Item<Identity>>,
}

impl Personal {
    /// Reads the personal data from its document.
    pub fn read(document: &Document) -> Self {
        Self { owner: Owner::read(&document.root()), identities: document.items(IDENTITIES) }
    }

    /// The number of one traveller of the report.
    pub fn nip(&self, traveller: ItemId) -> Option<&str> {
        self.identities.iter().find(|item| item.id == traveller)?.value.nip.as_deref()
    }
}
