//! How open connections learn that their person's rights or a feed's settings have changed, wherever that was done: in this
//! process, by the command line, or through another relay.
//!
//! The store numbers each such change ([`crate::store::Store::rights_changed`]). One task asks four times a second whose
//! rights have changed since, and at once where somebody knows that there is something to ask for: what is lost on the way
//! is late by a quarter of a second, never missing. Each connection of such a person then asks the store what it may still do; one that
//! reads a feed with another setting comes back, and is greeted with its number.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::ids::{FeedId, UserId};
use shared::ordered::OrderedMap;
use tokio::sync::Notify;

use crate::listeners::Listeners;
use crate::store::person::RightsChanged;

/// How often the store is asked. A right that was taken is to be gone from open connections within two seconds,
/// also where the machine is busy: asking when nothing changed is a look at an index.
pub const ASK_EVERY: Duration = Duration::from_millis(250);

/// Who listens, and that there is something to ask for. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RightsWatch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    ears: Mutex<Ears>,
    changed: Notify,
}

type Ears = OrderedMap<Subject, Listeners<Ear>>;

/// What is listened to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    RightsOf(UserId),
    SettingsOf(FeedId),
}

#[derive(Debug, Default)]
struct Ear {
    rights: Notify,
    settings: Notify,
}

/// One connection's ear; it listens until it is dropped.
#[derive(Debug)]
pub struct RightsListener(Arc<Ear>);

/// What a listener hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The person's rights have changed.
    Rights,
    /// A setting of one of the feeds has changed.
    Settings,
}

impl RightsWatch {
    /// Listens to changes of a person's rights. Listen first and ask for the rights afterwards: then nothing falls between.
    pub fn listen(&self, user: &UserId) -> RightsListener {
        let ear = Arc::new(Ear::default());
        self.ears().entry(Subject::RightsOf(user.clone())).or_default().add(&ear);
        RightsListener(ear)
    }

    /// Lets it also listen to the settings of these feeds.
    pub fn listen_to_settings<'a>(
        &self,
        listener: &RightsListener,
        feeds: impl IntoIterator<Item = &'a FeedId>,
    ) {
        let mut ears = self.ears();
        for feed in feeds {
            ears.entry(Subject::SettingsOf(feed.clone())).or_default().add(&listener.0);
        }
    }

    /// Somebody's rights have changed: the store is to be asked at once whose.
    pub fn changed(&self) {
        self.0.changed.notify_one();
    }

    /// Waits until the store is to be asked.
    pub async fn until_due(&self) {
        let _ = tokio::time::timeout(ASK_EVERY, self.0.changed.notified()).await;
    }

    /// Tells the connections of these people, and those that read these feeds.
    pub fn tell(&self, changed: &RightsChanged) {
        let mut ears = self.ears();
        for user in &changed.people {
            tell(&mut ears, &Subject::RightsOf(user.clone()), |ear| &ear.rights);
        }
        for feed in &changed.feeds {
            tell(&mut ears, &Subject::SettingsOf(feed.clone()), |ear| &ear.settings);
        }
    }

    /// Forgets people who have no connection any more.
    pub fn forget_idle(&self) {
        let mut ears = self.ears();
        ears.retain(|_, ears| ears.is_heard());
    }

    fn ears(&self) -> MutexGuard<'_, Ears> {
        // Nothing under this lock panics half-way through a change.
        self.0.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(ears: &mut Ears, subject: &Subject, which: impl Fn(&Ear) -> &Notify) {
    let Some(of_subject) = ears.get_mut(subject) else { return };
    of_subject.tell(|ear| which(&ear).notify_one());
    if of_subject.is_empty() {
        ears.remove(subject);
    }
}

impl RightsListener {
    /// Waits until there is something to hear, rights first. Nothing is lost where the waiting is given up.
    pub async fn heard(&self) -> Heard {
        tokio::select! {
            biased;
            () = self.0.rights.notified() => Heard::Rights,
            () = self.0.settings.notified() => Heard::Settings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    fn rights_of(names: &[&str]) -> RightsChanged {
        RightsChanged { newest: 1, people: names.iter().map(|name| user(name)).collect(), feeds: Vec::new() }
    }

    #[tokio::test]
    async fn only_the_connections_of_the_person_are_told_and_none_is_missed() {
        let watch = RightsWatch::default();
        let (one, two) = (watch.listen(&user("ani")), watch.listen(&user("ani")));
        let other = watch.listen(&user("budi"));
        watch.tell(&rights_of(&["ani", "nobody"]));
        assert_eq!((one.heard().await, two.heard().await), (Heard::Rights, Heard::Rights));
        let waited = tokio::time::timeout(Duration::ZERO, other.heard()).await;
        assert!(waited.is_err(), "nothing happened to budi");
    }

    #[tokio::test]
    async fn whoever_reads_a_feed_hears_of_its_settings_and_nobody_else() {
        let watch = RightsWatch::default();
        let (kota, desa) = ("kota".parse().unwrap(), "desa".parse().unwrap());
        let (ani, budi) = (watch.listen(&user("ani")), watch.listen(&user("budi")));
        watch.listen_to_settings(&ani, [&kota, &desa]);
        watch.listen_to_settings(&budi, [&desa]);
        watch.tell(&RightsChanged { feeds: vec![kota], ..rights_of(&["ani"]) });
        assert_eq!((ani.heard().await, ani.heard().await), (Heard::Rights, Heard::Settings));
        assert!(tokio::time::timeout(Duration::ZERO, budi.heard()).await.is_err());
    }

    #[test]
    fn connections_that_ended_cost_nothing() {
        let watch = RightsWatch::default();
        drop(watch.listen(&user("ani")));
        drop(watch.listen(&user("budi")));
        watch.tell(&rights_of(&["ani"]));
        assert_eq!(watch.ears().len(), 1);
        watch.forget_idle();
        assert!(watch.ears().is_empty());
    }
}
