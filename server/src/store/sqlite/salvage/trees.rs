//! The trees of a damaged file, walked from their roots, and what is found of them elsewhere where a page on the way is bad.
//!
//! A bad page leaves a hole in its tree, and the pages above say between which keys. Pages that no tree reaches are of a tree
//! with a hole if all their rows have its shape and lie in the hole: a page that a sound tree has given back is never read.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use rusqlite::types::Value;

use super::super::super::Result;
use super::node::{Node, Row, Sort};
use super::pages::Pages;
use super::shape::Shape;

/// Levels that a tree may have; with our pages a billion rows take six.
const MOST_LEVELS: usize = 24;

/// A key, or where the rows of a tree begin or end.
type Bound = Option<Vec<Value>>;

/// Part of a tree that cannot be reached: the keys above the one and up to the other.
#[derive(Clone, Debug)]
pub(super) struct Hole {
    /// The bad page; `None` where the root of the tree is not known.
    pub(super) page: Option<u32>,
    /// Rows in it have higher keys.
    pub(super) above: Bound,
    /// Rows in it have no higher keys.
    pub(super) upto: Bound,
}

impl Hole {
    /// Whether this is the whole tree.
    fn has(&self, key: &[Value]) -> bool {
        self.above.as_ref().is_none_or(|above| compare(key, above) == Ordering::Greater)
            && self.upto.as_ref().is_none_or(|upto| compare(key, upto) != Ordering::Greater)
    }
}

/// A tree, once it was walked.
#[derive(Debug)]
pub(super) struct Tree {
    /// What its rows are.
    pub(super) shape: Shape,
    /// Where something is missing.
    pub(super) holes: Vec<Hole>,
    /// Rows of which no more than the row id could be read.
    pub(super) unread: Vec<i64>,
}

/// Takes each row that is found.
pub(super) type Sink<'a> = dyn FnMut(&Shape, Row) -> Result<()> + 'a;

/// A file whose trees are walked.
pub(super) struct Forest<'a> {
    pages: &'a Pages,
    reached: BTreeSet<u32>,
    /// Pages that the list of free ones names. It may be wrong, so that it counts only for pages that no tree names.
    free: BTreeSet<u32>,
}

impl<'a> Forest<'a> {
    /// A file of which nothing was read yet.
    pub(super) fn new(pages: &'a Pages) -> Self {
        let mut forest = Self { pages, reached: BTreeSet::new(), free: BTreeSet::new() };
        forest.note_free_pages();
        forest
    }

    /// Notes the pages that trees have given back: what they hold was true once. Where a tree names one all the same, the
    /// list is wrong and the page is the tree's.
    fn note_free_pages(&mut self) {
        let long = |page: &[u8], at: usize| {
            page.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
        };
        let Some(first) = self.pages.page(1).filter(|page| page.starts_with(b"SQLite format 3\0")) else {
            return;
        };
        let mut next = long(&first, 32);
        while next > 1 && self.pages.has(next) && self.free.insert(next) {
            let Some(trunk) = self.pages.page(next) else { break };
            let count = (long(&trunk, 4) as usize).min(trunk.len() / 4);
            let named = (0..count).map(|at| long(&trunk, 8 + 4 * at));
            self.free.extend(named.filter(|page| self.pages.has(*page)));
            next = long(&trunk, 0);
        }
    }

    /// Walks a tree from its root, where that is known.
    pub(super) fn walk(&mut self, shape: Shape, root: Option<u32>, sink: &mut Sink<'_>) -> Result<Tree> {
        let mut tree = Tree { shape, holes: Vec::new(), unread: Vec::new() };
        match root {
            Some(root) => self.descend(&mut tree, root, (None, None), 0, sink)?,
            None => tree.holes.push(Hole { page: None, above: None, upto: None }),
        }
        Ok(tree)
    }

    fn descend(
        &mut self,
        tree: &mut Tree,
        page: u32,
        range: (Bound, Bound),
        level: usize,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let hole = |range: (Bound, Bound)| Hole { page: Some(page), above: range.0, upto: range.1 };
        let is_new = level < MOST_LEVELS && self.pages.has(page) && self.reached.insert(page);
        let node = if is_new { Node::read(self.pages, page) } else { None };
        let Some(node) = node.filter(|node| node.belongs(&tree.shape, &hole(range.clone()))) else {
            // Where it is another tree's page, that one finds it by itself.
            if is_new {
                self.reached.remove(&page);
            }
            tree.holes.push(hole(range));
            return Ok(());
        };
        if node.is_hurt {
            tree.holes.push(hole(range.clone()));
        }
        let (mut above, upto) = range;
        for cell in node.cells {
            let key = cell.row.as_ref().map(Row::key).or(cell.highest.map(|id| vec![Value::Integer(id)]));
            if let Some(child) = cell.child {
                self.descend(tree, child, (above.clone(), key.clone().or(upto.clone())), level + 1, sink)?;
            }
            tree.unread.extend(cell.unread);
            above = key.or(above);
            if let Some(row) = cell.row {
                sink(&tree.shape, row)?;
            }
        }
        match node.last_child {
            Some(child) => self.descend(tree, child, (above, upto), level + 1, sink),
            None => Ok(()),
        }
    }

    /// Reads the pages that no tree reached, and gives their rows to the trees in whose holes they lie.
    pub(super) fn scan(&mut self, trees: &[Tree], sink: &mut Sink<'_>) -> Result<()> {
        let broken: Vec<_> = trees.iter().filter(|tree| !tree.holes.is_empty()).collect();
        if broken.is_empty() {
            return Ok(());
        }
        for page in self.pages.numbers() {
            if self.reached.contains(&page) || self.free.contains(&page) {
                continue;
            }
            let Some(node) =
                Node::read(self.pages, page).filter(|node| node.cells.iter().any(|cell| cell.row.is_some()))
            else {
                continue;
            };
            let mut owners =
                broken.iter().filter(|tree| tree.holes.iter().any(|hole| node.belongs(&tree.shape, hole)));
            // Where two trees may have it, nobody knows which has.
            if let (Some(owner), None) = (owners.next(), owners.next()) {
                for row in node.cells.into_iter().filter_map(|cell| cell.row) {
                    sink(&owner.shape, row)?;
                }
            }
        }
        Ok(())
    }
}

impl Node {
    /// Whether this can be a page of such a tree with keys in this range.
    fn belongs(&self, shape: &Shape, range: &Hole) -> bool {
        let is_of_table = matches!(self.sort, Sort::TableInner | Sort::TableLeaf);
        is_of_table == shape.has_ids
            && self.cells.iter().all(|cell| {
                let row_fits = |row: &Row| shape.fits(row) && range.has(&row.key());
                let key_fits = |id: i64| range.has(&[Value::Integer(id)]);
                cell.row.as_ref().is_none_or(row_fits) && cell.highest.is_none_or(key_fits)
            })
    }
}

/// The order of keys in a tree: NULL, numbers, texts, blobs; of a key that is a part of another, the shorter is first.
fn compare(one: &[Value], other: &[Value]) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Integer(_) | Value::Real(_) => 1,
        Value::Text(_) => 2,
        Value::Blob(_) => 3,
    };
    for (one, other) in one.iter().zip(other) {
        let order = match (one, other) {
            (Value::Integer(one), Value::Integer(other)) => one.cmp(other),
            (Value::Text(one), Value::Text(other)) => one.cmp(other),
            (Value::Blob(one), Value::Blob(other)) => one.cmp(other),
            _ => rank(one).cmp(&rank(other)),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    one.len().cmp(&other.len())
}
