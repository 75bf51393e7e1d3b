//! Records for the tests of lists.

use shared::device::row::Access;
use shared::ids::DocumentId;
use shared::model::decision::State;
use shared::model::kind::Kind;
use shared::model::search::SearchText;
use shared::model::summary::Summary;
use shared::ordered::OrderedSet;
use shared::role::Role;

use crate::workspace::{Feed, ListedRecord, Safety};

/// A record of the feed `kab-contoh`; `number` makes its id and its time.
pub fn record(kind: Kind, title: &str, number: u8) -> ListedRecord {
    ListedRecord {
        summary: Summary {
            doc: DocumentId::from_bytes([number; 16]),
            kind,
            title: title.to_owned(),
            number: None,
            partner: None,
            country: None,
            place: None,
            detail: None,
            category: None,
            activity: None,
            starts_on: None,
            ends_on: None,
            edited_at: u64::from(number),
            conflicts: 0,
            reviews: 0,
            discarded: false,
            text: SearchText::of_text(title),
            offices: OrderedSet::new(),
            people: OrderedSet::new(),
            places: OrderedSet::new(),
            state: State::Draft,
            submitted_by: None,
            waits_since: None,
            note: None,
            discarded_by: None,
        },
        home: "kab-contoh".parse().expect("a feed"),
        safety: Safety::OnServer,
    }
}

/// The feed `kab-contoh`.
pub fn feed(role: Role) -> Feed {
    let name = "Kabupaten Contoh".to_owned();
    Feed { feed: "kab-contoh".parse().expect("a feed"), name, role, access: Access::Given }
}
