//! Going through a map in order.

use super::{OrderedMap, Page, Place};

/// Gives the entries of a map, or of a range of it, in order.
pub struct Iter<'a, K, V> {
    pages: &'a [Page<K, V>],
    /// Invariant: `front` is not after `back`.
    front: Place,
    /// The place after the last entry that is to be given.
    back: Place,
}

impl<'a, K, V> Iter<'a, K, V> {
    pub(super) const fn new(pages: &'a [Page<K, V>], front: Place, back: Place) -> Self {
        Self { pages, front, back }
    }

    fn at(&self, place: Place) -> (&'a K, &'a V) {
        let page = &self.pages[place.page];
        (&page.keys[place.at], &page.values[place.at])
    }
}

/// The place after this one.
pub(super) fn after<K, V>(pages: &[Page<K, V>], place: Place) -> Place {
    if place.at + 1 < pages[place.page].keys.len() {
        Place { at: place.at + 1, ..place }
    } else {
        Place { page: place.page + 1, at: 0 }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        if self.front == self.back {
            return None;
        }
        let place = self.front;
        self.front = after(self.pages, place);
        Some(self.at(place))
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.front == self.back {
            return None;
        }
        self.back = if self.back.at > 0 {
            Place { at: self.back.at - 1, ..self.back }
        } else {
            let page = self.back.page - 1;
            Place { page, at: self.pages[page].keys.len() - 1 }
        };
        Some(self.at(self.back))
    }
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

/// The entries of a page, values to be changed.
type PageMut<'a, K, V> = std::iter::Zip<std::slice::Iter<'a, K>, std::slice::IterMut<'a, V>>;

/// Gives the entries of a map in order, values to be changed.
pub struct IterMut<'a, K, V> {
    pages: std::slice::IterMut<'a, Page<K, V>>,
    page: Option<PageMut<'a, K, V>>,
}

impl<'a, K, V> IterMut<'a, K, V> {
    pub(super) fn new(pages: &'a mut [Page<K, V>]) -> Self {
        Self { pages: pages.iter_mut(), page: None }
    }
}

impl<'a, K, V> Iterator for IterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.page.as_mut().and_then(Iterator::next) {
                return Some(entry);
            }
            let page = self.pages.next()?;
            self.page = Some(page.keys.iter().zip(page.values.iter_mut()));
        }
    }
}

/// The entries of a page, taken.
type PageTaken<K, V> = std::iter::Zip<std::vec::IntoIter<K>, std::vec::IntoIter<V>>;

/// Gives the entries of a map in order, and ends it.
pub struct IntoIter<K, V> {
    pages: std::vec::IntoIter<Page<K, V>>,
    page: Option<PageTaken<K, V>>,
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.page.as_mut().and_then(Iterator::next) {
                return Some(entry);
            }
            let page = self.pages.next()?;
            self.page = Some(page.keys.into_iter().zip(page.values));
        }
    }
}

impl<K, V> IntoIterator for OrderedMap<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> IntoIter<K, V> {
        IntoIter { pages: self.pages.into_iter(), page: None }
    }
}

impl<'a, K, V> IntoIterator for &'a OrderedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut OrderedMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}
