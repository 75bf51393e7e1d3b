//! The rows of a device, as a release left them on its disk: one a line, a table, a key and a value.
#![allow(
    dead_code,
    reason = "who opens the fixtures reads what who writes them writes, and the other way round"
)]

use shared::device::memory::MemoryTables;
use shared::device::open_document::OpenDocument;
use shared::device::row::{DecisionRow, DeviceRow, DocumentRow, SetAsideRow, Stored, from_bytes};
use shared::device::table::{Key, MetaKey, Row, Table, Write};
use shared::ids::ActorId;
use shared::ordered::OrderedSet;

/// The rows as lines.
pub fn lines_of(tables: &MemoryTables) -> String {
    let all = Table::ALL.iter().flat_map(|table| tables.prefix(*table, &Key(Vec::new())));
    let line = |row: Row| {
        let value = if row.value.is_empty() { "-".to_owned() } else { hex::encode(&row.value) };
        format!("{} {} {value}\n", row.table.name(), hex::encode(&row.key.0))
    };
    all.map(line).collect()
}

/// The rows that lines hold.
pub fn rows_of(lines: &str) -> Vec<Row> {
    let row = |line: &str| {
        let [table, key, value] =
            line.split(' ').collect::<Vec<_>>().try_into().expect("a line has three parts");
        let table = Table::ALL.iter().find(|known| known.name() == table).expect("no table has gone");
        let value = if value == "-" { Vec::new() } else { hex::decode(value).unwrap() };
        Row { table: *table, key: Key(hex::decode(key).unwrap()), value }
    };
    lines.lines().map(row).collect()
}

/// A store with these rows.
pub fn store_of(lines: &str) -> MemoryTables {
    let mut tables = MemoryTables::default();
    for row in rows_of(lines) {
        tables.write(&Write::Put(row));
    }
    tables
}

/// The documents of a store, opened as a tab opens them.
pub fn opened(tables: &MemoryTables) -> Vec<OpenDocument> {
    tables.all::<DocumentRow>().into_iter().map(|row| open(tables, row)).collect()
}

/// A document of a store, opened as a tab opens it.
pub fn open(tables: &MemoryTables, row: DocumentRow) -> OpenDocument {
    let device: DeviceRow = tables.get(&Key::meta(MetaKey::Device)).unwrap();
    let chunks = tables.chunks(row.doc).map(|(hash, value)| (hash, from_bytes(value).unwrap())).collect();
    let of_document = |table| tables.prefix(table, &Key::document(row.doc)).into_iter();
    let decisions = of_document(Table::Decisions).map(|row| from_bytes::<DecisionRow>(&row.value).unwrap());
    let set_aside: OrderedSet<_> =
        of_document(SetAsideRow::TABLE).filter_map(|row| row.key.change_hash()).collect();
    let actor = ActorId::new(device.device, 0);
    let opened = OpenDocument::open(0, row, actor, chunks, decisions.collect(), &set_aside).unwrap();
    assert!(opened.bad.is_empty() && opened.waiting == 0);
    opened.document
}
