//! Who is in which record, told from relay to relay over the database.
//!
//! Presence is the first that is left out: what does not fit is dropped, and nobody waits for it. It is gathered for a
//! moment, the newest of each device counts, and a bounded number of notifications goes out. They are a
//! transaction of their own, on the connection that listens, so that no commit waits for them.

use std::time::Duration;

use shared::ids::{DeviceId, DocumentId, FeedId};
use shared::ordered::OrderedMap;
use shared::wire::{Frame, FromRelay, RelayPresence};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::super::Result;
use super::link::Link;
use super::waking::PAYLOAD_BYTES;

/// The channel of these notifications.
pub(super) const CHANNEL: &str = "simpul_presence";
/// Presences that wait to be told to others, and notifications of others that wait to be read.
pub(super) const WAITING: usize = 256;
/// How long presences are gathered: ten times a second is as often as a person's own device tells.
const GATHER: Duration = Duration::from_millis(100);
/// Notifications that go out at once. Hundreds of people fit into them.
const MOST_PAYLOADS: usize = 8;

/// Tells the other relays what comes, for as long as the connection lasts.
pub(super) async fn tell(link: &Link, presences: &mut mpsc::Receiver<RelayPresence>) -> Result<()> {
    // What waited while there was no connection is where people were then.
    while presences.try_recv().is_ok() {}
    while let Some(first) = presences.recv().await {
        sleep(GATHER).await;
        let mut newest = OrderedMap::new();
        let mut next = Some(first);
        while let Some(presence) = next {
            newest.insert(key(&presence), presence);
            next = presences.try_recv().ok();
        }
        let payloads = payloads(newest.into_values());
        link.query(
            "SELECT pg_notify('simpul_presence', told.text) FROM unnest($1::text[]) AS told (text)",
            &[&payloads],
        )
        .await?;
    }
    Ok(())
}

fn key(presence: &RelayPresence) -> (FeedId, DocumentId, DeviceId) {
    (presence.feed.clone(), presence.doc, presence.device)
}

/// Frames in hex, separated by spaces, in as few notifications as hold them; what is too much is left out.
fn payloads(presences: impl Iterator<Item = RelayPresence>) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for presence in presences {
        let word = hex::encode(FromRelay::Presence(presence).encode());
        let is_full = payloads.len() == MOST_PAYLOADS;
        match payloads.last_mut() {
            Some(payload) if payload.len() + 1 + word.len() <= PAYLOAD_BYTES => {
                payload.push(' ');
                payload.push_str(&word);
            }
            _ if is_full => break,
            _ if word.len() <= PAYLOAD_BYTES => payloads.push(word),
            _ => {}
        }
    }
    payloads
}

/// What another relay told. Words that cannot be read are left out.
pub(super) fn presences_in(payload: &str) -> impl Iterator<Item = RelayPresence> + '_ {
    payload.split(' ').filter_map(|word| match FromRelay::decode(&hex::decode(word).ok()?) {
        Ok(FromRelay::Presence(presence)) => Some(presence),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::wire::limits;

    fn presence(n: u16, bytes: usize) -> RelayPresence {
        let mut device = [0; 16];
        device[..2].copy_from_slice(&n.to_be_bytes());
        RelayPresence {
            feed: "kota".parse().unwrap(),
            doc: DocumentId::from_bytes([1; 16]),
            user: "ani".parse().unwrap(),
            device: DeviceId::from_bytes(device),
            state: vec![7; bytes].into(),
        }
    }

    #[test]
    fn presences_are_told_in_few_notifications_and_read_back() {
        let all: Vec<_> = (0..50).map(|n| presence(n, 60)).collect();
        let told = payloads(all.iter().cloned());
        assert!(told.len() < 5 && told.iter().all(|payload| payload.len() <= PAYLOAD_BYTES));
        assert_eq!(told.iter().flat_map(|payload| presences_in(payload)).collect::<Vec<_>>(), all);
    }

    #[test]
    fn what_is_too_much_is_left_out() {
        let told = payloads((0..5_000).map(|n| presence(n, limits::PRESENCE_BYTES)));
        assert_eq!(told.len(), MOST_PAYLOADS);
        assert!(told.iter().all(|payload| payload.len() <= PAYLOAD_BYTES));
        assert!(presences_in(&told[0]).count() >= 3, "the largest fit too");
    }

    #[test]
    fn words_that_are_no_presence_are_left_out() {
        let ping = hex::encode(FromRelay::Pong(shared::wire::Pong { id: 1, now: 2 }).encode());
        let one = hex::encode(FromRelay::Presence(presence(1, 3)).encode());
        let heard: Vec<_> = presences_in(&format!("zz {ping}  00 {one}")).collect();
        assert_eq!(heard, [presence(1, 3)]);
    }
}
