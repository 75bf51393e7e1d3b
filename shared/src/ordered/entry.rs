//! An entry of a map that is there or not: one search for looking and for putting in.

use super::{OrderedMap, Place};

/// The entry of a key.
pub enum Entry<'a, K, V> {
    /// It is there.
    Occupied(OccupiedEntry<'a, K, V>),
    /// It is not there.
    Vacant(VacantEntry<'a, K, V>),
}

/// An entry that is there.
pub struct OccupiedEntry<'a, K, V> {
    map: &'a mut OrderedMap<K, V>,
    place: Place,
}

/// An entry that is not there.
pub struct VacantEntry<'a, K, V> {
    map: &'a mut OrderedMap<K, V>,
    /// Where it would lie.
    place: Place,
    key: K,
}

impl<'a, K: Ord, V> Entry<'a, K, V> {
    /// The value, put in where it lacked.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert(make()),
        }
    }

    /// The value, put in where it lacked.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, put in as its default where it lacked.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<'a, K, V> OccupiedEntry<'a, K, V> {
    pub(super) fn new(map: &'a mut OrderedMap<K, V>, place: Place) -> Self {
        Self { map, place }
    }

    /// The value.
    pub fn get(&self) -> &V {
        &self.map.pages[self.place.page].values[self.place.at]
    }

    /// The value, to be changed.
    pub fn get_mut(&mut self) -> &mut V {
        &mut self.map.pages[self.place.page].values[self.place.at]
    }

    /// The value, to be changed for as long as the map is borrowed.
    pub fn into_mut(self) -> &'a mut V {
        &mut self.map.pages[self.place.page].values[self.place.at]
    }

    /// Takes the entry out; gives its value.
    pub fn remove(self) -> V {
        self.map.take(self.place).1
    }
}

impl<'a, K: Ord, V> VacantEntry<'a, K, V> {
    pub(super) fn new(map: &'a mut OrderedMap<K, V>, place: Place, key: K) -> Self {
        Self { map, place, key }
    }

    /// Puts the value in.
    pub fn insert(self, value: V) -> &'a mut V {
        let place = self.map.put(self.place, self.key, value);
        &mut self.map.pages[place.page].values[place.at]
    }
}
