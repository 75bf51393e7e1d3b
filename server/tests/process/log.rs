//! What a device knows of a feed, read bit by bit, and checked as it comes.

use shared::change_check::check_change;
use shared::ids::{ChangeHash, DeviceId, DocumentId, EpochId, FeedId};
use shared::ordered::OrderedMap;
use shared::wire::{Batch, Cursor, Folding, FromRelay, Hello, Welcome};

use super::relay::{Relay, hello, receive};

/// What is known of one feed: the hash and the document of each entry by its number, and the cursor.
#[derive(Debug, Default)]
pub struct Log {
    pub entries: OrderedMap<u64, (DocumentId, ChangeHash)>,
    cursor: Option<Cursor>,
    epoch: Option<EpochId>,
}

impl Log {
    /// The hello of a device that knows this much, and wants every entry as it stands.
    pub fn hello(&self, feed: &FeedId, device: DeviceId) -> Hello {
        let cursors = self.cursor.map(|cursor| (feed.clone(), cursor)).into_iter().collect();
        let folding = [(feed.clone(), Folding::raw(self.at()))].into();
        Hello { epoch: self.epoch, cursors, folding, ..hello(device) }
    }

    /// Takes in a welcome; gives the head.
    pub fn welcome(&mut self, welcome: &Welcome) -> u64 {
        assert_eq!(welcome.feeds[0].base, None, "the relay still knows the cursor");
        self.epoch = Some(welcome.epoch);
        welcome.feeds[0].head
    }

    /// Takes in a batch.
    pub fn batch(&mut self, batch: Batch) {
        assert_eq!(batch.from, self.at(), "a batch begins where the last one ended");
        self.cursor = Some(Cursor(batch.to, batch.tag));
        for entry in batch.entries {
            let hash = check_change(&entry.change.unwrap()).unwrap().hash;
            let before = self.entries.insert(entry.seq, (entry.doc, hash));
            assert!(before.is_none(), "one entry a number");
        }
    }

    /// Reads on to the head, as a device does that comes back.
    pub async fn read_on(&mut self, relay: &Relay, feed: &FeedId, reader: DeviceId) {
        let mut socket = relay.connect(reader, self.hello(feed, reader)).await;
        let mut head = None;
        while head.is_none_or(|head| self.at() < head) {
            match receive(&mut socket).await.expect("the relay is there") {
                FromRelay::Welcome(welcome) => head = Some(self.welcome(&welcome)),
                FromRelay::Batch(batch) => self.batch(batch),
                other => panic!("unexpected: {other:?}"),
            }
        }
        assert!(self.entries.keys().copied().eq(1..=self.at()), "numbers have no gaps");
    }

    fn at(&self) -> u64 {
        self.cursor.map_or(0, |cursor| cursor.0)
    }
}
