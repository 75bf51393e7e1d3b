//! How relays that share a database wake each other's connections.
//!
//! Where people are is told over the same connection ([`presences`]).
//!
//! A commit tells the heads of the feeds that it touched (`NOTIFY`, delivered after it is on disk). Each
//! relay listens on a connection of its own. Whatever gets lost on the way, the heads are also asked for
//! every two seconds and whenever that connection was made anew; so a wake-up is only ever late.

use std::future::poll_fn;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use shared::ids::FeedId;
use shared::ordered::OrderedMap;
use shared::wire::RelayPresence;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_postgres::{AsyncMessage, Notification};

use super::super::{Result, StoreError};
use super::link::{Link, Server};
use super::presences::{self, presences_in};
use super::reading;
use crate::feed_tail::FeedTails;
use crate::rights::RightsWatch;

/// Where it is told that somebody's rights have changed; whose, the store says.
const RIGHTS_CHANNEL: &str = "simpul_rights";
/// Bytes of one notification; PostgreSQL takes fewer than 8,000.
pub(super) const PAYLOAD_BYTES: usize = 7_900;
/// How often the heads are asked for.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// When the connection counts as lost.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long to wait before the connection is made anew.
const CONNECT_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What a commit tells: `feed:head`, separated by spaces, in as few notifications as hold it.
pub(super) fn payloads(heads: &OrderedMap<&FeedId, u64>) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for (feed, head) in heads {
        let word = format!("{feed}:{head}");
        match payloads.last_mut() {
            Some(payload) if payload.len() + 1 + word.len() <= PAYLOAD_BYTES => {
                payload.push(' ');
                payload.push_str(&word);
            }
            _ => payloads.push(word),
        }
    }
    payloads
}

/// What was told. Words that cannot be read are left out: the heads are asked for in any case.
fn heads_in(payload: &str) -> impl Iterator<Item = (FeedId, u64)> + '_ {
    payload.split(' ').filter_map(|word| {
        let (feed, head) = word.split_once(':')?;
        Some((feed.parse().ok()?, head.parse().ok()?))
    })
}

/// Tells the tails what other relays commit and where their people are, and others where ours are, for as long as there
/// are tails. `own` is the server process of this relay's writer, whose commits the tails know.
pub(super) async fn watch(server: Server, tails: Weak<FeedTails>, rights: RightsWatch, own: Arc<AtomicI32>) {
    let (sender, mut presences) = mpsc::channel(presences::WAITING);
    match tails.upgrade() {
        Some(tails) => tails.tell_elsewhere(sender),
        None => return,
    }
    let mut was_lost = false;
    while tails.strong_count() > 0 {
        let error = match talk(&server, &tails, &rights, &own, &mut presences, &mut was_lost).await {
            Ok(()) => return,
            Err(error) => error,
        };
        if !was_lost {
            tracing::warn!(%error, "other relays are not heard; the connection is made anew every second");
        }
        was_lost = true;
        sleep(CONNECT_AGAIN_AFTER).await;
    }
}

/// One connection, until it is lost.
async fn talk(
    server: &Server,
    tails: &Weak<FeedTails>,
    rights: &RightsWatch,
    own: &AtomicI32,
    presences: &mut mpsc::Receiver<RelayPresence>,
    was_lost: &mut bool,
) -> Result<()> {
    let (client, mut connection) = server.connect().await?;
    let (sender, told) = mpsc::unbounded_channel();
    // Of these, what nobody has read yet is dropped first.
    let (moving, moved) = mpsc::channel(presences::WAITING);
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message {
                if notification.channel() == presences::CHANNEL {
                    let _ = moving.try_send(notification);
                } else {
                    // Nobody listens any more: the connection ends with its client.
                    let _ = sender.send(notification);
                }
            }
        }
    });
    let link = Link::of(client);
    link.run("LISTEN simpul; LISTEN simpul_rights; LISTEN simpul_presence").await?;
    let process = link.query("SELECT pg_backend_pid()", &[]).await?;
    let process: i32 = process.first().map_or(Ok(0), |row| row.try_get(0))?;
    if std::mem::take(was_lost) {
        tracing::info!("other relays are heard again");
    }
    tokio::select! {
        ended = hear_heads(&link, told, tails, rights, own) => ended,
        ended = presences::tell(&link, presences) => ended,
        ended = hear_presences(moved, tails, process) => ended,
    }
}

/// Hears where people of other relays are. `own` is the server process of this relay's connection.
async fn hear_presences(
    mut moved: mpsc::Receiver<Notification>,
    tails: &Weak<FeedTails>,
    own: i32,
) -> Result<()> {
    while let Some(notification) = moved.recv().await {
        let Some(tails) = tails.upgrade() else { return Ok(()) };
        if notification.process_id() != own {
            presences_in(notification.payload()).for_each(|presence| tails.hear_presence(&presence));
        }
    }
    Err(StoreError::Silent)
}

async fn hear_heads(
    link: &Link,
    mut told: mpsc::UnboundedReceiver<Notification>,
    tails: &Weak<FeedTails>,
    rights: &RightsWatch,
    own: &AtomicI32,
) -> Result<()> {
    // The first tick is at once: what was told while nobody listened.
    let mut asking = interval(ASK_EVERY);
    asking.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let heads = tokio::select! {
            first = told.recv() => {
                let first = first.ok_or(StoreError::Silent)?;
                let mut heads = OrderedMap::new();
                let mut next = Some(first);
                while let Some(notification) = next {
                    if notification.channel() == RIGHTS_CHANNEL {
                        rights.changed();
                    }
                    gather(&notification, own.load(Ordering::Acquire), &mut heads);
                    next = told.try_recv().ok();
                }
                heads
            }
            _ = asking.tick() => {
                let Some(tails) = tails.upgrade() else { return Ok(()) };
                let feeds = tails.listened_to();
                timeout(ANSWER_WITHIN, reading::heads(link, &feeds)).await.map_err(|_| StoreError::Silent)??
            }
        };
        let Some(tails) = tails.upgrade() else { return Ok(()) };
        for (feed, head) in heads {
            tails.hear(&feed, head);
        }
    }
}

fn gather(notification: &Notification, own: i32, heads: &mut OrderedMap<FeedId, u64>) {
    if notification.process_id() == own {
        return;
    }
    for (feed, head) in heads_in(notification.payload()) {
        let known = heads.entry(feed).or_default();
        *known = head.max(*known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_many_feeds_are_told_in_few_notifications_and_read_back() {
        let feeds: Vec<FeedId> = (0..500).map(|n| format!("feed-{n:059}").parse().unwrap()).collect();
        let heads: OrderedMap<_, _> = feeds.iter().zip(1..).collect();
        let told = payloads(&heads);
        assert_eq!(told.len(), 500 * 69 / PAYLOAD_BYTES + 1);
        assert!(told.iter().all(|payload| payload.len() <= PAYLOAD_BYTES));
        let heard: OrderedMap<_, _> = told.iter().flat_map(|payload| heads_in(payload)).collect();
        assert!(heads.iter().all(|(feed, head)| heard.get(feed) == Some(head)) && heard.len() == 500);
    }

    #[test]
    fn words_that_cannot_be_read_are_left_out() {
        let heard: Vec<_> = heads_in("kota:7 :8 KOTA:9 desa: desa:x desa").collect();
        assert_eq!(heard, [("kota".parse().unwrap(), 7)]);
        assert_eq!(heads_in("").count(), 0);
    }
}
