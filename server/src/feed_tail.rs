//! The newest entries of each feed in memory, and the waking of connections when there are more.
//!
//! A connection that stands at the head of a feed reads from here, without the store. Who stands further
//! back reads the store. Only feeds that somebody listens to have a tail, and each is bounded, so memory
//! follows neither the number of documents nor the slowness of a reader.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use shared::ids::{DeviceId, DocumentId, FeedId, Tag};
use shared::ordered::OrderedMap;
use shared::sync::relay::entry::{Item, Page};
use shared::sync::relay::writer::{Plan, Verdict};
use shared::wire::RelayPresence;
use tokio::sync::{Notify, mpsc};

use crate::listeners::Listeners;

/// Bytes of a feed's tail. One batch: who is further behind needs more than one in any case.
const TAIL_BYTES: usize = shared::wire::limits::BATCH_BYTES;

/// Presence frames that wait for one connection: more people than can be told apart on a screen.
const WAITING_PRESENCES: usize = 256;

/// What a listener is told.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A feed has entries up to this number.
    Head(FeedId, u64),
    /// Somebody tells where they are.
    Presence(RelayPresence),
}

/// The tails of all feeds.
#[derive(Debug, Default)]
pub struct FeedTails {
    tails: Mutex<OrderedMap<FeedId, Tail>>,
    /// Takes presences to other relays; empty where there are none.
    elsewhere: OnceLock<mpsc::Sender<RelayPresence>>,
}

#[derive(Debug, Default)]
struct Tail {
    /// Consecutive entries, the newest last.
    entries: VecDeque<(u64, Tag, Arc<Item>)>,
    bytes: usize,
    /// The highest number that the listeners were told of.
    told: u64,
    listeners: Listeners<Inbox>,
}

/// What waits for one listener: never more than one line a feed and a bounded number of presences.
#[derive(Debug)]
struct Inbox {
    device: DeviceId,
    heads: Mutex<OrderedMap<FeedId, u64>>,
    presences: Mutex<OrderedMap<(FeedId, DocumentId, DeviceId), RelayPresence>>,
    something: Notify,
}

/// One connection's ear; it listens until it is dropped.
#[derive(Debug)]
pub struct Listener(Arc<Inbox>);

impl FeedTails {
    /// A device begins to listen to feeds. Listen first and ask the store for the heads afterwards: then nothing
    /// falls between.
    pub fn listen(&self, device: DeviceId, feeds: impl IntoIterator<Item = FeedId>) -> Listener {
        let inbox = Arc::new(Inbox {
            device,
            heads: Mutex::default(),
            presences: Mutex::default(),
            something: Notify::new(),
        });
        let mut tails = lock(&self.tails);
        for feed in feeds {
            tails.entry(feed).or_default().listeners.add(&inbox);
        }
        Listener(inbox)
    }

    /// Takes in what was committed, and wakes the listeners of the feeds that grew.
    pub fn append(&self, verdicts: &[Verdict]) {
        let plans = verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Accept(plan) => Some(plan),
            _ => None,
        });
        let mut tails = lock(&self.tails);
        let mut heads: OrderedMap<&FeedId, (u64, DeviceId)> = OrderedMap::new();
        for new in plans.flat_map(|plan: &Plan| &plan.items) {
            let item = Arc::new(new.item.clone());
            for placed in &new.places {
                if let Some(tail) = tails.get_mut(&placed.feed) {
                    tail.push(placed.seq, placed.tag, &item);
                    heads.insert(&placed.feed, (placed.seq, new.item.authorship.device));
                }
            }
        }
        for (feed, (head, author)) in heads {
            if let Some(tail) = tails.get_mut(feed) {
                tail.tell_head(feed, head, Some(author));
                if tail.listeners.is_empty() {
                    tails.remove(feed);
                }
            }
        }
    }

    /// Hears that a feed has entries up to this number, from a store that others write to as well. Whoever
    /// listens is woken, unless it was told of that many before, and reads from the store what no tail has.
    pub fn hear(&self, feed: &FeedId, head: u64) {
        if let Some(tail) = lock(&self.tails).get_mut(feed)
            && head > tail.told
        {
            tail.tell_head(feed, head, None);
        }
    }

    /// The feeds that somebody listens to.
    pub fn listened_to(&self) -> Vec<FeedId> {
        let mut tails = lock(&self.tails);
        tails.retain(|_, tail| tail.listeners.is_heard());
        tails.keys().cloned().collect()
    }

    /// Tells every listener of the feed where somebody of this relay is, and other relays; these only where there is
    /// room.
    pub fn forward(&self, presence: &RelayPresence) {
        self.hear_presence(presence);
        if let Some(elsewhere) = self.elsewhere.get() {
            // Full: the next one says where the person is by then.
            let _ = elsewhere.try_send(presence.clone());
        }
    }

    /// From now on presences also go there. The first one stays.
    pub fn tell_elsewhere(&self, sender: mpsc::Sender<RelayPresence>) {
        let _ = self.elsewhere.set(sender);
    }

    /// Tells every listener of the feed where somebody is, of whichever relay.
    pub fn hear_presence(&self, presence: &RelayPresence) {
        if let Some(tail) = lock(&self.tails).get_mut(&presence.feed) {
            let key = (presence.feed.clone(), presence.doc, presence.device);
            tail.tell(None, |inbox| {
                let mut presences = lock(&inbox.presences);
                if presences.len() < WAITING_PRESENCES || presences.contains_key(&key) {
                    presences.insert(key.clone(), presence.clone());
                }
            });
        }
    }

    /// Reads entries of a feed; `None` where the tail does not reach back so far.
    pub fn read(
        &self,
        feed: &FeedId,
        after: u64,
        max_bytes: usize,
        leave_out: Option<DeviceId>,
    ) -> Option<Page> {
        // The items are shared, so that nothing is copied while others wait for the lock.
        let items = lock(&self.tails).get(feed)?.after(after)?;
        let mut page = Page { to: after, tag: Tag::START, entries: Vec::new() };
        let mut size_bytes = 0;
        for (seq, tag, item) in items {
            if leave_out != Some(item.authorship.device) {
                size_bytes += item.size_bytes();
                if size_bytes > max_bytes && !page.entries.is_empty() {
                    break;
                }
                page.entries.push(item.entry(seq));
            }
            (page.to, page.tag) = (seq, tag);
        }
        Some(page)
    }
}

impl Tail {
    fn push(&mut self, seq: u64, tag: Tag, item: &Arc<Item>) {
        // Another process, such as another relay, may have written to the store meanwhile.
        if self.entries.back().is_some_and(|(last, ..)| last + 1 != seq) {
            self.entries.clear();
            self.bytes = 0;
        }
        self.bytes += item.size_bytes();
        self.entries.push_back((seq, tag, item.clone()));
        while self.bytes > TAIL_BYTES && self.entries.len() > 1 {
            if let Some((_, _, oldest)) = self.entries.pop_front() {
                self.bytes -= oldest.size_bytes();
            }
        }
    }

    /// The entries after a number, where the tail reaches back to it and has any.
    fn after(&self, after: u64) -> Option<Vec<(u64, Tag, Arc<Item>)>> {
        let (first, ..) = self.entries.front()?;
        let skipped = usize::try_from((after + 1).checked_sub(*first)?).ok()?;
        let entries: Vec<_> = self.entries.iter().skip(skipped).cloned().collect();
        (!entries.is_empty()).then_some(entries)
    }

    fn tell_head(&mut self, feed: &FeedId, head: u64, author: Option<DeviceId>) {
        self.told = self.told.max(head);
        self.tell(author, |inbox| {
            let mut heads = lock(&inbox.heads);
            let known = heads.entry(feed.clone()).or_default();
            *known = head.max(*known);
        });
    }

    /// Tells all listeners; `author` last, who has it already while the others wait for it.
    fn tell(&mut self, author: Option<DeviceId>, put: impl Fn(&Inbox)) {
        let tell_one = |inbox: &Inbox| {
            put(inbox);
            inbox.something.notify_one();
        };
        let mut authors = Vec::new();
        self.listeners.tell(|inbox| {
            if author == Some(inbox.device) {
                authors.push(inbox);
            } else {
                tell_one(&inbox);
            }
        });
        authors.iter().for_each(|inbox| tell_one(inbox));
    }
}

impl Listener {
    /// Waits until there is news. Nothing is lost where the waiting is given up.
    pub async fn news(&self) -> Vec<News> {
        loop {
            let heads = std::mem::take(&mut *lock(&self.0.heads));
            let presences = std::mem::take(&mut *lock(&self.0.presences));
            let news: Vec<_> = heads
                .into_iter()
                .map(|(feed, head)| News::Head(feed, head))
                .chain(presences.into_values().map(News::Presence))
                .collect();
            if !news.is_empty() {
                return news;
            }
            self.0.something.notified().await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks panics half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use shared::ids::{ChangeHash, Receipt};
    use shared::model::kind::Kind;
    use shared::sync::relay::entry::{Authorship, Content, Place, Stored};
    use shared::sync::relay::writer::{NewItem, Placed};
    use shared::wire::Bytes;

    use super::*;

    fn feed() -> FeedId {
        "kota".parse().unwrap()
    }

    fn device(n: u8) -> DeviceId {
        DeviceId::from_bytes([n; 16])
    }

    /// One accepted push of one change.
    fn stored(seq: u64, by: u8, bytes: usize) -> Verdict {
        let item = Item {
            doc: DocumentId::from_bytes([1; 16]),
            kind: Kind::TripReport,
            authorship: Authorship {
                by: "ani".parse().unwrap(),
                device: device(by),
                at: 1,
                receipt: Receipt::from_bytes([0; 16]),
            },
            content: Content::Change {
                hash: ChangeHash::from_bytes([seq as u8; 32]),
                bytes: Bytes::from(vec![0; bytes]),
            },
        };
        let places = vec![Placed { feed: feed(), seq, tag: item.tag(seq, Tag::START) }];
        Verdict::Accept(Plan {
            enrolments: Vec::new(),
            beginnings: Vec::new(),
            items: vec![NewItem { item, history: None, stands_for: Vec::new(), places }],
            ack: Stored { place: Place { feed: feed(), seq }, tag: None, proofs: Vec::new() },
        })
    }

    fn numbers(tails: &FeedTails, after: u64, leave_out: Option<DeviceId>) -> Option<(u64, Vec<u64>)> {
        let page = tails.read(&feed(), after, TAIL_BYTES, leave_out)?;
        Some((page.to, page.entries.iter().map(|entry| entry.seq).collect()))
    }

    #[test]
    fn connection_near_the_head_reads_without_the_store() {
        let tails = FeedTails::default();
        let _listener = tails.listen(device(9), [feed()]);
        tails.append(&[stored(5, 1, 10), stored(6, 2, 10)]);
        assert_eq!(numbers(&tails, 4, None), Some((6, vec![5, 6])));
        assert_eq!(numbers(&tails, 5, None), Some((6, vec![6])));
        assert_eq!(numbers(&tails, 4, Some(device(2))), Some((6, vec![5])));
        assert_eq!(numbers(&tails, 3, None), None, "further back than the tail");
        assert_eq!(numbers(&tails, 6, None), None, "nothing newer");
    }

    #[test]
    fn tail_is_bounded_and_has_no_gaps() {
        let tails = FeedTails::default();
        let _listener = tails.listen(device(9), [feed()]);
        let large = TAIL_BYTES / 3;
        tails.append(&[stored(1, 1, large), stored(2, 1, large), stored(3, 1, large)]);
        assert_eq!(numbers(&tails, 0, None), None, "the oldest had to go");
        assert_eq!(numbers(&tails, 1, None), Some((3, vec![2, 3])));
        tails.append(&[stored(9, 1, 10)]);
        assert_eq!(numbers(&tails, 3, None), None, "another process wrote between");
        assert_eq!(numbers(&tails, 8, None), Some((9, vec![9])));
    }

    #[tokio::test]
    async fn what_another_relay_wrote_wakes_listeners_once_and_is_read_from_the_store() {
        let tails = FeedTails::default();
        let listener = tails.listen(device(9), [feed()]);
        assert_eq!(tails.listened_to(), [feed()]);
        tails.append(&[stored(5, 1, 10)]);
        tails.hear(&feed(), 5);
        tails.hear(&feed(), 7);
        tails.hear(&feed(), 6);
        assert_eq!(listener.news().await, [News::Head(feed(), 7)]);
        tails.hear(&feed(), 7);
        assert!(lock(&listener.0.heads).is_empty(), "told before");
        assert_eq!(numbers(&tails, 4, None), Some((5, vec![5])), "up to where the other wrote");
        assert_eq!(numbers(&tails, 5, None), None, "what the other wrote is in the store alone");
        tails.append(&[stored(8, 1, 10)]);
        assert_eq!(numbers(&tails, 4, None), None, "no gap is passed over");
        assert_eq!(numbers(&tails, 7, None), Some((8, vec![8])));
        drop(listener);
        assert_eq!(tails.listened_to(), []);
    }

    #[test]
    fn feed_that_nobody_listens_to_costs_nothing() {
        let tails = FeedTails::default();
        tails.append(&[stored(1, 1, 10)]);
        let listener = tails.listen(device(9), [feed()]);
        tails.append(&[stored(2, 1, 10)]);
        assert_eq!(numbers(&tails, 1, None), Some((2, vec![2])));
        drop(listener);
        tails.append(&[stored(3, 1, 10)]);
        assert!(lock(&tails.tails).is_empty());
    }

    #[tokio::test]
    async fn slow_listener_finds_only_the_newest_head() {
        let tails = FeedTails::default();
        let listener = tails.listen(device(9), [feed()]);
        for seq in 1..=100 {
            tails.append(&[stored(seq, 1, 10)]);
        }
        assert_eq!(listener.news().await, [News::Head(feed(), 100)]);
    }

    #[tokio::test]
    async fn presence_of_one_device_waits_once() {
        let tails = FeedTails::default();
        let listener = tails.listen(device(9), [feed()]);
        let presence = |state| RelayPresence {
            feed: feed(),
            doc: DocumentId::from_bytes([1; 16]),
            user: "ani".parse().unwrap(),
            device: device(1),
            state: Bytes::from(vec![state]),
        };
        tails.forward(&presence(1));
        tails.forward(&presence(2));
        assert_eq!(listener.news().await, [News::Presence(presence(2))]);
        let (sender, mut elsewhere) = mpsc::channel(2);
        tails.tell_elsewhere(sender);
        tails.hear_presence(&presence(3));
        for state in 4..8 {
            tails.forward(&presence(state));
        }
        assert_eq!(listener.news().await, [News::Presence(presence(7))], "nobody waits for other relays");
        let told = [elsewhere.recv().await, elsewhere.recv().await];
        assert_eq!(told, [Some(presence(4)), Some(presence(5))], "what is heard from others is not told on");
        assert!(elsewhere.try_recv().is_err());
    }
}
