//! Memo, condition, list and effect, whose machinery is compiled once.
//!
//! Leptos makes the code of a memo anew for each type of value, and that of `<Show>`, `<For>` and an effect for each
//! place that has one: together a tenth of the program that crosses the officer's link. Here each hides what
//! differs behind one boxed type. They are used like Leptos' own, whose names they take.

use std::any::Any;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{
    AnyView, ChildrenFn, Get, GetUntracked, IntoAny, IntoView, Owner, Signal, ViewFn, component,
};
use leptos::tachys::reactive_graph::OwnedView;
use leptos::tachys::view::keyed::keyed;

/// A value that is computed from signals, and tells those who read it only when it differs from the one before.
pub struct Memo<T> {
    held: leptos::prelude::Memo<Held>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

/// The value of a memo, of whatever type.
#[derive(Clone)]
struct Held(Arc<dyn Comparable>);

trait Comparable: Any + Send + Sync {
    fn is_same(&self, other: &dyn Any) -> bool;
}

impl<T: PartialEq + Send + Sync + 'static> Comparable for T {
    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| self == other)
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        let other: &dyn Any = &*other.0;
        (*self.0).is_same(other)
    }
}

impl Held {
    fn read<T: 'static>(&self) -> &T {
        let value: &dyn Any = &*self.0;
        value.downcast_ref().expect("only Memo::new makes one, of its own type")
    }
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo of what `compute` gives. Computed when it is read first.
    pub fn new(compute: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self { held: memo_of_held(Box::new(move || Held(Arc::new(compute())))), of: PhantomData }
    }

    /// Reads the value, tracked.
    pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(self.held.get().read())
    }

    /// Reads the value.
    pub fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(self.held.get_untracked().read())
    }

    /// The value, tracked.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// The value.
    pub fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }
}

fn memo_of_held(compute: Box<dyn Fn() -> Held + Send + Sync>) -> leptos::prelude::Memo<Held> {
    leptos::prelude::Memo::new(move |_| compute())
}

impl<T: Clone + PartialEq + Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self::derive(move || memo.get())
    }
}

/// When a [`Show`] shows its children.
pub struct Condition(Box<dyn Fn() -> bool + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for Condition {
    fn from(is_met: F) -> Self {
        Self(Box::new(is_met))
    }
}

/// Shows its children while a condition is met, else the fallback. Drawn anew only when that changes.
#[component(transparent)]
pub fn Show(
    /// The condition.
    #[prop(into)]
    when: Condition,
    /// What is shown while it is not met; nothing, where none is given.
    #[prop(optional, into)]
    fallback: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let is_met = leptos::prelude::ArcMemo::new(move |_| (when.0)());
    let view = move || {
        use leptos::either::Either;
        if is_met.get() { Either::Left(children()) } else { Either::Right(fallback.run()) }
    };
    view.into_any()
}

/// A list that keeps the element of each item whose key stays.
#[component(transparent)]
pub fn For<T: Send + 'static, K: Hash, V: IntoView + 'static>(
    /// The items, tracked.
    each: impl Fn() -> Vec<T> + Send + 'static,
    /// What tells one item from another.
    key: impl Fn(&T) -> K + Send + 'static,
    /// Draws an item.
    children: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView {
    let children = Arc::new(children);
    list_of_rows(Box::new(move || {
        let row = |item: T| {
            let children = Arc::clone(&children);
            Row { key: Key::of(&key(&item)), draw: Box::new(move || children(item).into_any()) }
        };
        each().into_iter().map(row).collect()
    }))
}

/// An item of a list, ready to be drawn.
struct Row {
    key: Key,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// All that a key gives to a hasher, and so as good as the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct Key(Vec<u8>);

impl Key {
    fn of(key: &impl Hash) -> Self {
        let mut bytes = Self::default();
        key.hash(&mut bytes);
        bytes
    }
}

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

fn list_of_rows(rows: Box<dyn Fn() -> Vec<Row> + Send>) -> AnyView {
    // Each row has an owner beneath the list's own: it outlives the list's next drawing, and shares no context.
    let parent = Owner::current().expect("views are drawn beneath an owner");
    let list = move || {
        let parent = parent.clone();
        let draw = move |_, row: Row| {
            let owner = parent.with(Owner::new);
            let view = owner.with(row.draw);
            (drop::<usize>, OwnedView::new_with_owner(view, owner))
        };
        keyed(rows(), |row| row.key.clone(), draw)
    };
    list.into_any()
}

/// Runs at once after drawing, and again whenever a signal changes that it read.
pub fn effect(run: impl FnMut() + 'static) {
    fn boxed(mut run: Box<dyn FnMut()>) {
        leptos::prelude::Effect::new(move |_: Option<()>| run());
    }
    boxed(Box::new(run));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_tells_only_of_what_differs() {
        use leptos::prelude::{RwSignal, Set};
        let owner = Owner::new();
        owner.set();
        let number = RwSignal::new(1);
        let is_even = Memo::new(move || number.get() % 2 == 0);
        let runs = Memo::new({
            let count = std::sync::atomic::AtomicUsize::new(0);
            move || {
                is_even.get();
                count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1
            }
        });
        assert_eq!((is_even.get(), runs.get()), (false, 1));
        number.set(3);
        assert_eq!((is_even.get(), runs.get()), (false, 1));
        number.set(4);
        assert_eq!((is_even.get(), runs.get()), (true, 2));
    }

    #[test]
    fn keys_are_told_apart_by_all_they_hold() {
        assert_eq!(Key::of(&("ab", 1_u64)), Key::of(&("ab", 1_u64)));
        assert_ne!(Key::of(&("ab", "c")), Key::of(&("a", "bc")));
        assert_ne!(Key::of(&None::<String>), Key::of(&Some(String::new())));
    }
}
