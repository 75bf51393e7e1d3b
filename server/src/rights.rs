//! How open connections learn that their person's rights have changed, wherever that was done: in this process, by the
//! command line, or through another relay.
//!
//! The store numbers each change of rights ([`crate::store::Store::rights_changed`]). One task asks once a second whose
//! rights have changed since, and at once where somebody knows that there is something to ask for: what is lost on the way
//! is late by a second, never missing. Each connection of such a person then asks the store what it may still do.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use shared::ids::UserId;
use shared::ordered::OrderedMap;
use tokio::sync::Notify;

/// How often the store is asked. A right that was taken is to be gone from open connections within two seconds.
pub const ASK_EVERY: Duration = Duration::from_secs(1);

/// Who listens, and that there is something to ask for. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RightsWatch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    listeners: Mutex<OrderedMap<UserId, Vec<Weak<Notify>>>>,
    changed: Notify,
}

/// One connection's ear; it listens until it is dropped.
#[derive(Debug)]
pub struct RightsListener(Arc<Notify>);

impl RightsWatch {
    /// Listens to changes of a person's rights. Listen first and ask for the rights afterwards: then nothing falls between.
    pub fn listen(&self, user: &UserId) -> RightsListener {
        let notify = Arc::new(Notify::new());
        let mut listeners = self.listeners();
        let of_person = listeners.entry(user.clone()).or_default();
        of_person.retain(|listener| listener.strong_count() > 0);
        of_person.push(Arc::downgrade(&notify));
        RightsListener(notify)
    }

    /// Somebody's rights have changed: the store is to be asked at once whose.
    pub fn changed(&self) {
        self.0.changed.notify_one();
    }

    /// Waits until the store is to be asked.
    pub async fn until_due(&self) {
        let _ = tokio::time::timeout(ASK_EVERY, self.0.changed.notified()).await;
    }

    /// Tells the connections of these people.
    pub fn tell(&self, people: &[UserId]) {
        let mut listeners = self.listeners();
        for user in people {
            let Some(of_person) = listeners.get_mut(user) else { continue };
            of_person.retain(|listener| match listener.upgrade() {
                Some(notify) => {
                    notify.notify_one();
                    true
                }
                None => false,
            });
            if of_person.is_empty() {
                listeners.remove(user);
            }
        }
    }

    /// Forgets people who have no connection any more.
    pub fn forget_idle(&self) {
        let mut listeners = self.listeners();
        listeners.retain(|_, of_person| of_person.iter().any(|listener| listener.strong_count() > 0));
    }

    fn listeners(&self) -> MutexGuard<'_, OrderedMap<UserId, Vec<Weak<Notify>>>> {
        // Nothing under this lock panics half-way through a change.
        self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RightsListener {
    /// Waits until the person's rights have changed. Nothing is lost where the waiting is given up.
    pub async fn changed(&self) {
        self.0.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    #[tokio::test]
    async fn only_the_connections_of_the_person_are_told_and_none_is_missed() {
        let watch = RightsWatch::default();
        let (one, two) = (watch.listen(&user("ani")), watch.listen(&user("ani")));
        let other = watch.listen(&user("budi"));
        watch.tell(&[user("ani"), user("nobody")]);
        one.changed().await;
        two.changed().await;
        let waited = tokio::time::timeout(Duration::ZERO, other.changed()).await;
        assert!(waited.is_err(), "nothing happened to budi");
    }

    #[test]
    fn connections_that_ended_cost_nothing() {
        let watch = RightsWatch::default();
        drop(watch.listen(&user("ani")));
        drop(watch.listen(&user("budi")));
        watch.tell(&[user("ani")]);
        assert_eq!(watch.listeners().len(), 1);
        watch.forget_idle();
        assert!(watch.listeners().is_empty());
    }
}
