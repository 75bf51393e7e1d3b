//! What a paper is of: a record as it stands, or one of its versions.

use leptos::prelude::*;
use shared::device::decision_time::DecisionTime;
use shared::device::row::DecisionRow;
use shared::ids::ChangeHash;
use shared::model::decision::{Course, State, short_version};
use shared::model::document::Document;

use crate::workspace::OpenRecord;

/// A record as it stands, or one of its versions; cheap to copy.
#[derive(Clone, Copy)]
pub struct Edition {
    /// The record.
    pub record: OpenRecord,
    version: Option<StoredValue<Version, LocalStorage>>,
}

struct Version {
    document: Document,
    name: String,
    /// The place of the decision that was made on it; nothing where it is looked at for its edits.
    decision: Option<usize>,
}

impl From<OpenRecord> for Edition {
    fn from(record: OpenRecord) -> Self {
        Self { record, version: None }
    }
}

impl Edition {
    /// A version, kept until the owner at hand is disposed; nothing where it is not whole.
    pub fn of_version(
        record: OpenRecord,
        heads: &[ChangeHash],
        name: String,
        decision: Option<usize>,
    ) -> Option<Self> {
        let document = untrack(|| record.read(|document| document.at(heads).ok())).flatten()?;
        let version = StoredValue::new_local(Version { document, name, decision });
        Some(Self { record, version: Some(version) })
    }

    /// Whether it is the record as it stands now.
    pub fn is_of_now(&self) -> bool {
        self.version.is_none()
    }

    /// Reads it, tracking what can change.
    pub fn read<T>(&self, read: impl FnOnce(&Document) -> T) -> Option<T> {
        match self.version {
            Some(version) => version.try_with_value(|version| read(&version.document)),
            None => self.record.read(read),
        }
    }

    /// The last decision that counts for it, when it was made, and the state that it led to; tracked.
    pub fn decided(&self) -> Option<(DecisionRow, DecisionTime, State)> {
        let count = match self.version {
            Some(version) => version.try_with_value(|version| version.decision)?? + 1,
            None => usize::MAX,
        };
        let (row, place, state) = self.record.decisions().with(|rows| {
            let rows = &rows[..rows.len().min(count)];
            let course = Course::of(rows.iter().map(|row| (row.decision.event, &row.by)));
            Some((rows.last()?.clone(), rows.len() - 1, course.state))
        })?;
        let time = self.record.decision_times().with(|times| times.get(place).copied())?;
        Some((row, time, state))
    }

    /// What tells it from every other one, at the foot of each page.
    pub fn mark(&self) -> String {
        if self.is_of_now() {
            // What is typed changes what is read; that it has become a change, and with it the version, is told by its safety.
            self.record.safety().track();
        }
        let short = self.read(|document| short_version(&document.heads())).unwrap_or_default();
        let mark = format!("Simpul · versi {short}");
        match self.version.and_then(|version| version.try_with_value(|version| version.name.clone())) {
            Some(name) => format!("{mark} · {name}"),
            None => mark,
        }
    }
}
