//! A page of a b-tree taken apart: its cells, and the rows in them. Nothing here trusts the page.

use rusqlite::types::Value;

use super::pages::Pages;

/// Columns that a row may have; ours have twelve.
const MOST_COLUMNS: usize = 64;

/// Bytes that a row may have: more than the largest snapshot.
const MOST_ROW_BYTES: u64 = 256 * 1024 * 1024;

/// Which tree a page belongs into, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Above the leaves of a table.
    TableInner,
    /// A leaf of a table: its rows.
    TableLeaf,
    /// Above the leaves of an index, or of a table without row ids; it holds rows as well.
    IndexInner,
    /// A leaf of an index, or of a table without row ids.
    IndexLeaf,
}

/// A row: its values, in a table behind its row id.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// The row id; `None` in an index and in a table without.
    pub(super) id: Option<i64>,
    /// The values as they are stored.
    pub(super) values: Vec<Value>,
}

impl Row {
    /// By what the row is ordered in its tree.
    pub(super) fn key(&self) -> Vec<Value> {
        self.id.map_or_else(|| self.values.clone(), |id| vec![Value::Integer(id)])
    }
}

/// One cell of a page.
#[derive(Debug)]
pub(super) struct Cell {
    /// The page below, in an inner page.
    pub(super) child: Option<u32>,
    /// The highest row id below, in an inner page of a table.
    pub(super) highest: Option<i64>,
    /// The row; `None` where there is none or it cannot be read.
    pub(super) row: Option<Row>,
    /// The row id of a row that cannot be read.
    pub(super) unread: Option<i64>,
}

/// A page of a tree.
#[derive(Debug)]
pub(super) struct Node {
    /// What it is.
    pub(super) sort: Sort,
    /// Its cells in order, without those that cannot be made out.
    pub(super) cells: Vec<Cell>,
    /// The page behind the last cell, in an inner page.
    pub(super) last_child: Option<u32>,
    /// Whether a cell cannot be made out or its row cannot be read.
    pub(super) is_hurt: bool,
}

impl Node {
    /// Takes a page apart; `None` where it is no page of a tree.
    pub(super) fn read(pages: &Pages, number: u32) -> Option<Self> {
        let page = pages.page(number)?;
        // The file's own header is before that of the first page.
        let at = if number == 1 { 100 } else { 0 };
        let sort = match page.get(at)? {
            2 => Sort::IndexInner,
            5 => Sort::TableInner,
            10 => Sort::IndexLeaf,
            13 => Sort::TableLeaf,
            _ => return None,
        };
        let is_inner = matches!(sort, Sort::IndexInner | Sort::TableInner);
        let header_bytes = if is_inner { 12 } else { 8 };
        let count = usize::from(short(&page, at + 3)?);
        let places = page.get(at + header_bytes..at + header_bytes + 2 * count)?;
        // Rows lie apart, so that those of a page are no more than the file has: many cells may name one and the same.
        let mut left_bytes = pages.size_bytes();
        let mut node = Self { sort, cells: Vec::with_capacity(count), last_child: None, is_hurt: false };
        if is_inner {
            node.last_child = Some(long(&page, at + 8)?);
        }
        for place in places.chunks_exact(2) {
            let cell = page.get(usize::from(u16::from_be_bytes([place[0], place[1]]))..);
            match cell.and_then(|cell| read_cell(pages, sort, cell, &mut left_bytes)) {
                Some(cell) => {
                    node.is_hurt |= cell.row.is_none() && sort != Sort::TableInner;
                    node.cells.push(cell);
                }
                None => node.is_hurt = true,
            }
        }
        Some(node)
    }
}

fn read_cell(pages: &Pages, sort: Sort, cell: &[u8], left_bytes: &mut u64) -> Option<Cell> {
    let (child, cell) = match sort {
        Sort::TableInner | Sort::IndexInner => (Some(long(cell, 0)?), cell.get(4..)?),
        Sort::TableLeaf | Sort::IndexLeaf => (None, cell),
    };
    let (first, rest) = varint(cell)?;
    if sort == Sort::TableInner {
        return Some(Cell { child, highest: Some(first), row: None, unread: None });
    }
    let (id, rest) = if sort == Sort::TableLeaf {
        let (id, rest) = varint(rest)?;
        (Some(id), rest)
    } else {
        (None, rest)
    };
    let size_bytes = u64::try_from(first).ok()?;
    let is_possible = size_bytes <= MOST_ROW_BYTES.min(*left_bytes);
    let bytes =
        if is_possible { payload(pages, sort, usize::try_from(size_bytes).ok()?, rest) } else { None };
    *left_bytes -= bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
    let values = bytes.and_then(|bytes| record(&bytes));
    let unread = if values.is_none() { id } else { None };
    Some(Cell { child, highest: None, row: values.map(|values| Row { id, values }), unread })
}

/// The bytes of a row: those in the page, and those in the pages behind.
fn payload(pages: &Pages, sort: Sort, size: usize, rest: &[u8]) -> Option<Vec<u8>> {
    let usable = pages.usable_bytes();
    let most = if sort == Sort::TableLeaf { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
    if size <= most {
        return Some(rest.get(..size)?.to_vec());
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let wished = least + (size - least) % (usable - 4);
    let local = if wished <= most { wished } else { least };
    let mut bytes = rest.get(..local)?.to_vec();
    let mut next = long(rest, local)?;
    // Each page brings some bytes, so that a chain that leads in a circle ends too.
    while bytes.len() < size {
        let page = pages.page(next)?;
        next = long(&page, 0)?;
        let take = (size - bytes.len()).min(usable - 4);
        bytes.extend_from_slice(page.get(4..4 + take)?);
    }
    Some(bytes)
}

/// The values of a row.
pub(super) fn record(bytes: &[u8]) -> Option<Vec<Value>> {
    let (header_bytes, rest) = varint(bytes)?;
    let header_bytes = usize::try_from(header_bytes).ok()?;
    let mut types = bytes.get(bytes.len() - rest.len()..header_bytes)?;
    let mut body = bytes.get(header_bytes..)?;
    let mut values = Vec::new();
    while !types.is_empty() {
        if values.len() == MOST_COLUMNS {
            return None;
        }
        let (sort, rest) = varint(types)?;
        types = rest;
        let (value, rest) = value(u64::try_from(sort).ok()?, body)?;
        body = rest;
        values.push(value);
    }
    body.is_empty().then_some(values)
}

fn value(sort: u64, body: &[u8]) -> Option<(Value, &[u8])> {
    let length = match sort {
        0 | 8 | 9 => 0,
        1..=4 => usize::try_from(sort).ok()?,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => usize::try_from((sort - 12) / 2).ok()?,
    };
    let (bytes, rest) = body.split_at_checked(length)?;
    let value = match sort {
        0 => Value::Null,
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        7 => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
        1..=6 => {
            let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
            Value::Integer(bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte)))
        }
        _ if sort.is_multiple_of(2) => Value::Blob(bytes.to_vec()),
        _ => Value::Text(String::from_utf8(bytes.to_vec()).ok()?),
    };
    Some((value, rest))
}

/// SQLite's number of one to nine bytes, and what follows it.
fn varint(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(9) {
        if at == 8 {
            number = number << 8 | u64::from(*byte);
        } else {
            number = number << 7 | u64::from(byte & 0x7f);
        }
        if at == 8 || byte & 0x80 == 0 {
            return Some((number as i64, &bytes[at + 1..]));
        }
    }
    None
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_page_that_all_name_one_row_give_no_more_than_the_file_has() {
        // A leaf of 1,500 cells, each the same row of 900 bytes.
        let mut page = vec![0; 4_096];
        page[0] = 13;
        page[3..5].copy_from_slice(&1_500_u16.to_be_bytes());
        for place in page[8..8 + 3_000].chunks_exact_mut(2) {
            place.copy_from_slice(&3_100_u16.to_be_bytes());
        }
        // Its length, its row id, its header: three bytes in all, one blob of 897 bytes.
        page[3_100..3_106].copy_from_slice(&[0x87, 0x04, 7, 3, 0x8e, 0x0e]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bad.sqlite");
        std::fs::write(&path, [vec![0; 4_096], page].concat()).unwrap();
        let node = Node::read(&Pages::open(&path).unwrap(), 2).unwrap();
        let whole = node.cells.iter().filter(|cell| cell.row.is_some()).count();
        assert_eq!((node.cells.len(), whole, node.is_hurt), (1_500, 2 * 4_096 / 900, true));
    }
}
