//! Maps and sets in the order of their keys, made to be small in the app.
//!
//! What `BTreeMap` and `BTreeSet` of the standard library do, with the same names, for the part that is used here. Theirs
//! compile to some 4 kB for each pair of key and value, and the app has fifty pairs; these to a quarter of that,
//! since keys and values lie apart, so that whoever shares a key shares its search.
//!
//! The entries lie in pages of at most [`PAGE`]. Finding is a search among the pages and one within; putting in and
//! taking out moves at most a page, so that also a hundred thousand keys in the worst order cost little each.

mod entry;
mod iterate;
mod set;

use std::borrow::Borrow;
use std::fmt;
use std::ops::Bound;

pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use iterate::{IntoIter, Iter, IterMut};
pub use set::OrderedSet;

/// Entries of a page at most: what moves at most when one comes or goes.
const PAGE: usize = 128;

/// A map in the order of its keys.
#[derive(Clone)]
pub struct OrderedMap<K, V> {
    /// Invariant: no page is empty, and all keys rise, within pages and from page to page.
    pages: Vec<Page<K, V>>,
    len: usize,
}

/// Some neighbours.
#[derive(Clone)]
struct Page<K, V> {
    /// Invariant: as many keys as values, at least one and at most [`PAGE`].
    keys: Vec<K>,
    values: Vec<V>,
}

/// Where an entry lies: its page, and its place there. The place after the last entry is `(pages, 0)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    page: usize,
    at: usize,
}

impl<K, V> OrderedMap<K, V> {
    /// Makes an empty map.
    pub const fn new() -> Self {
        Self { pages: Vec::new(), len: 0 }
    }

    /// How many entries there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.pages.clear();
        self.len = 0;
    }

    /// Gives the entries in order.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter::new(&self.pages, START, self.end())
    }

    /// Gives the entries in order, values to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut::new(&mut self.pages)
    }

    /// Gives the keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// Gives the values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// Gives the values in the order of their keys, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// Gives the keys in order, and ends the map.
    pub fn into_keys(self) -> impl Iterator<Item = K> {
        self.into_iter().map(|(key, _)| key)
    }

    /// Gives the values in the order of their keys, and ends the map.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    /// The entry with the lowest key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// The entry with the highest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next_back()
    }

    /// Takes the entry with the lowest key out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (self.len > 0).then(|| self.take(START))
    }

    /// Takes the entry with the highest key out.
    pub fn pop_last(&mut self) -> Option<(K, V)> {
        let page = self.pages.len().checked_sub(1)?;
        Some(self.take(Place { page, at: self.pages[page].keys.len() - 1 }))
    }

    /// Keeps the entries of which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        let mut place = START;
        while let Some(page) = self.pages.get_mut(place.page) {
            if place.at == page.keys.len() {
                place = Place { page: place.page + 1, at: 0 };
            } else if keep(&page.keys[place.at], &mut page.values[place.at]) {
                place.at += 1;
            } else {
                // A page that becomes empty is gone, and the next one stands in its place.
                self.take(place);
            }
        }
    }

    const fn end(&self) -> Place {
        Place { page: self.pages.len(), at: 0 }
    }

    /// Takes out what lies at a place; the entries after it move up.
    fn take(&mut self, place: Place) -> (K, V) {
        let page = &mut self.pages[place.page];
        let taken = (page.keys.remove(place.at), page.values.remove(place.at));
        if page.keys.is_empty() {
            self.pages.remove(place.page);
        }
        self.len -= 1;
        taken
    }
}

/// The place of the first entry.
const START: Place = Place { page: 0, at: 0 };

impl<K: Ord, V> OrderedMap<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(&self.pages[place.page].values[place.at])
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(&mut self.pages[place.page].values[place.at])
    }

    /// The key as it is kept, and its value.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        let page = &self.pages[place.page];
        Some((&page.keys[place.at], &page.values[place.at]))
    }

    /// Whether a key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of a key; gives the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.pages[place.page].values[place.at], value)),
            Err(place) => {
                self.put(place, key, value);
                None
            }
        }
    }

    /// Takes a key out; gives its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(self.take(place).1)
    }

    /// The entry of a key, there or not.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        match self.find(&key) {
            Ok(place) => Entry::Occupied(OccupiedEntry::new(self, place)),
            Err(place) => Entry::Vacant(VacantEntry::new(self, place, key)),
        }
    }

    /// Gives the entries whose keys lie in a range, in order.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl std::ops::RangeBounds<Q>) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let from = match range.start_bound() {
            Bound::Unbounded => START,
            Bound::Included(key) => self.place_of(key, AfterEqual::No),
            Bound::Excluded(key) => self.place_of(key, AfterEqual::Yes),
        };
        let to = match range.end_bound() {
            Bound::Unbounded => self.end(),
            Bound::Included(key) => self.place_of(key, AfterEqual::Yes),
            Bound::Excluded(key) => self.place_of(key, AfterEqual::No),
        };
        // A range that ends before it begins is empty.
        let from = if (from.page, from.at) > (to.page, to.at) { to } else { from };
        Iter::new(&self.pages, from, to)
    }

    /// Where a key lies, or else where it would lie: there the first entry lies that is above it.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
    {
        let page =
            self.pages.partition_point(|page| page.keys.last().is_some_and(|last| last.borrow() < key));
        let Some(found) = self.pages.get(page) else { return Err(self.end()) };
        match found.keys.binary_search_by(|probe| probe.borrow().cmp(key)) {
            Ok(at) => Ok(Place { page, at }),
            Err(at) => Err(Place { page, at }),
        }
    }

    /// The first place whose key is at least, or above, a key.
    fn place_of<Q: Ord + ?Sized>(&self, key: &Q, after_equal: AfterEqual) -> Place
    where
        K: Borrow<Q>,
    {
        match (self.find(key), after_equal) {
            (Ok(place), AfterEqual::No) | (Err(place), _) => place,
            (Ok(place), AfterEqual::Yes) => iterate::after(&self.pages, place),
        }
    }

    /// Puts an entry where [`Self::find`] said that it would lie; gives the place where it lies then.
    fn put(&mut self, mut place: Place, key: K, value: V) -> Place {
        self.len += 1;
        if place.page == self.pages.len() {
            // Above all: behind the last entry, in a page of its own where there is none or it is full.
            match self.pages.last() {
                Some(last) if last.keys.len() < PAGE => {
                    place = Place { page: place.page - 1, at: last.keys.len() };
                }
                _ => {
                    self.pages.push(Page { keys: vec![key], values: vec![value] });
                    return place;
                }
            }
        } else if self.pages[place.page].keys.len() == PAGE {
            let page = &mut self.pages[place.page];
            let upper = Page { keys: page.keys.split_off(PAGE / 2), values: page.values.split_off(PAGE / 2) };
            self.pages.insert(place.page + 1, upper);
            if place.at > PAGE / 2 {
                place = Place { page: place.page + 1, at: place.at - PAGE / 2 };
            }
        }
        let page = &mut self.pages[place.page];
        page.keys.insert(place.at, key);
        page.values.insert(place.at, value);
        place
    }
}

/// Whether an entry with the key itself lies before the place.
#[derive(Clone, Copy)]
enum AfterEqual {
    No,
    Yes,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for OrderedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for OrderedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for OrderedMap<K, V> {}

impl<K: Ord, V> Extend<(K, V)> for OrderedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for OrderedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for OrderedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> std::ops::Index<&Q> for OrderedMap<K, V> {
    type Output = V;

    /// # Panics
    /// When the key is not there, as the standard library's does.
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the key is in the map")
    }
}
