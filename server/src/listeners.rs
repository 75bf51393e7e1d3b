//! Who listens to something, until they are dropped.

use std::sync::{Arc, Weak};

/// A list that does not keep alive whom it names.
#[derive(Debug)]
pub struct Listeners<T>(Vec<Weak<T>>);

impl<T> Default for Listeners<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Listeners<T> {
    /// Adds one. Those who were dropped are forgotten only where the list would grow, so that many who come at once do not
    /// each look at all others.
    pub fn add(&mut self, one: &Arc<T>) {
        if self.0.len() == self.0.capacity() {
            self.0.retain(|one| one.strong_count() > 0);
            self.0.reserve(self.0.len() + 1);
        }
        self.0.push(Arc::downgrade(one));
    }

    /// Tells all, and forgets those who were dropped.
    pub fn tell(&mut self, mut tell: impl FnMut(Arc<T>)) {
        self.0.retain(|one| one.upgrade().map(&mut tell).is_some());
    }

    /// Whether nobody is on the list, as of the last time that all were told.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether somebody listens.
    pub fn is_heard(&self) -> bool {
        self.0.iter().any(|one| one.strong_count() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_listen_are_told_and_those_who_were_dropped_are_forgotten() {
        let mut listeners = Listeners::default();
        let kept: Vec<_> = (0..100).map(Arc::new).collect();
        for one in &kept {
            listeners.add(one);
            listeners.add(&Arc::new(-1));
        }
        let mut told = Vec::new();
        listeners.tell(|one| told.push(*one));
        assert_eq!(told, (0..100).collect::<Vec<_>>());
        drop(kept);
        assert!(!listeners.is_heard() && !listeners.is_empty());
        listeners.tell(|_| panic!("nobody is there"));
        assert!(listeners.is_empty());
    }

    #[test]
    fn list_of_one_does_not_grow_however_many_come_and_go() {
        let mut listeners = Listeners::default();
        let one = Arc::new(());
        listeners.add(&one);
        (0..1_000).for_each(|_| listeners.add(&Arc::new(())));
        assert!(listeners.0.capacity() < 20);
    }
}
