//! What stands in fields of a record, or beside a decision, and is stored nowhere else: kept on this device beside the record
//! ([`UnreadRow`]), so that a reload leaves it in its field.

use shared::device::row::{Stored, UnreadRow, from_bytes};
use shared::device::table::{Commit, CommitResult, FieldPlace, Key, Query, Table, Write};
use shared::model::decision::Event;
use wasm_bindgen_futures::spawn_local;

use super::desk::Desk;
use super::{OpenRecord, PageNotice, Workspace};

impl Workspace {
    /// How many fields of this device, in all records, hold what could not be read.
    pub async fn count_unread(&self) -> usize {
        let Some(desk) = self.page().desk_when_ready().await else { return 0 };
        unread_rows(&desk).await.iter().filter(|row| row.remark_of().is_none()).count()
    }
}

/// All that stands in fields and beside decisions of this device and is stored nowhere else.
pub(super) async fn unread_rows(desk: &Desk) -> Vec<UnreadRow> {
    let rows = desk.store.read(vec![Query::Prefix(Table::Unread, Key(Vec::new()))]).await.unwrap_or_default();
    let typed = rows.iter().filter_map(|row| from_bytes::<UnreadRow>(&row.value));
    typed.filter(|row| !row.text.trim().is_empty()).collect()
}

impl OpenRecord {
    /// What was left in fields of this record; nothing where the store cannot be read, which other reads of it tell.
    pub async fn unread(&self) -> Vec<UnreadRow> {
        self.kept().await.into_iter().filter(|row| row.remark_of().is_none()).collect()
    }

    /// The remarks that were begun beside decisions and are not made.
    pub async fn remarks(&self) -> Vec<(Event, String)> {
        self.kept().await.into_iter().filter_map(|row| Some((row.remark_of()?, row.text))).collect()
    }

    /// Keeps such a remark; an empty one is none.
    pub fn keep_remark(&self, event: Event, text: String) {
        let row = UnreadRow::remark(self.doc, event, text);
        if row.text.trim().is_empty() { self.forget_unread(&row.place()) } else { self.keep_unread(&row) }
    }

    async fn kept(&self) -> Vec<UnreadRow> {
        let Some(desk) = self.opened().and_then(|opened| opened.desk()) else { return Vec::new() };
        let query = Query::Prefix(Table::Unread, Key::document(self.doc));
        let rows = desk.store.read(vec![query]).await.unwrap_or_default();
        rows.iter().filter_map(|row| from_bytes(&row.value)).collect()
    }

    /// Keeps what stands in a field, in place of what stood there. The write is on its way when this returns.
    pub fn keep_unread(&self, row: &UnreadRow) {
        self.write(row.put());
    }

    /// Nothing of a field is to be kept any more.
    pub fn forget_unread(&self, place: &FieldPlace) {
        self.write(Write::Delete(Table::Unread, Key::field(self.doc, place)));
    }

    /// The same, once what was read of it is durable as a change, and unless something new stands there by then.
    pub fn forget_unread_once_stored(
        &self,
        place: FieldPlace,
        stands_anew: impl Fn(&FieldPlace) -> bool + 'static,
    ) {
        let record = *self;
        spawn_local(async move {
            let Some(opened) = record.opened() else { return };
            if opened.settle().await.is_ok() && !stands_anew(&place) {
                record.forget_unread(&place);
            }
        });
    }

    fn write(&self, write: Write) {
        let Some(desk) = self.opened().and_then(|opened| opened.desk()) else { return };
        let doc = self.doc;
        spawn_local(async move {
            // One is written for each key: it survives the end of the page, and need not wait for the disk.
            let commit = Commit { guards: Vec::new(), writes: vec![write] };
            if let CommitResult::Failed(trouble) = desk.store.mark(&commit).await {
                desk.screen.tell(PageNotice::NotStored { doc, trouble });
            }
        });
    }
}
