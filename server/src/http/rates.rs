//! How often a person may ask, and how fast a connection's frames are taken in.
//!
//! A request above the rate is told to come back. A frame above it waits in its socket, and with it those behind:
//! nothing is refused and nothing is lost, the sender is only slowed down, and others are served meanwhile.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Message;
use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use shared::ids::UserId;
use shared::ordered::OrderedMap;

use super::problem::Problem;

/// Seconds' worth of the rate that may come at once: a device that was away has much to say.
const BURST_SECONDS: u32 = 10;
/// Bytes of a frame that cost as much as one more frame: checking 4 KiB of changes takes about as long as all else.
const COST_BYTES: usize = 4 << 10;
/// What the largest frame costs; each burst has room for it.
const LARGEST_COST: u32 = 512;
/// Connections' worth of frames that all connections of one person may send together.
const CONNECTIONS_OF_PERSON: u32 = 4;
/// Uploads of one person at once. A browser has at most six connections, and needs some for the rest.
const UPLOADS_OF_PERSON: usize = 4;
/// Who has too many uploads under way may come back after so long.
const UPLOAD_RETRY_S: u64 = 5;

type Moment = <governor::clock::DefaultClock as Clock>::Instant;

/// The rates of all persons. Memory follows the number of persons, not what they send.
#[derive(Debug)]
pub(super) struct Rates {
    requests: DefaultKeyedRateLimiter<UserId>,
    frames: Arc<DefaultKeyedRateLimiter<UserId>>,
    frame_quota: Quota,
    uploads: Arc<Mutex<OrderedMap<UserId, usize>>>,
}

impl Rates {
    /// Rates of so many requests and frames a second.
    pub(super) fn new(requests_per_second: u32, frames_per_second: u32) -> Self {
        let of_person = frames_per_second.saturating_mul(CONNECTIONS_OF_PERSON);
        Self {
            requests: RateLimiter::keyed(quota(requests_per_second, 1)),
            frames: Arc::new(RateLimiter::keyed(quota(of_person, LARGEST_COST))),
            frame_quota: quota(frames_per_second, LARGEST_COST),
            uploads: Arc::default(),
        }
    }

    /// Counts a request of this person.
    ///
    /// # Errors
    /// [`Problem::TooManyRequests`] where it is one too many; then it does not count.
    pub(super) fn request(&self, user: &UserId) -> Result<(), Problem> {
        self.requests.check_key(user).map_err(|refused| Problem::TooManyRequests {
            retry_after_s: wait(&refused, self.requests.clock().now()).as_secs() + 1,
        })
    }

    /// The pace of a new connection of this person.
    pub(super) fn pace(&self, user: &UserId) -> Pace {
        Pace {
            connection: RateLimiter::direct(self.frame_quota),
            person: Arc::clone(&self.frames),
            user: user.clone(),
            waiting: None,
            is_counted: false,
            is_held_up: false,
        }
    }

    /// A turn to upload a blob, until it is dropped.
    ///
    /// # Errors
    /// [`Problem::TooManyRequests`] where the person uploads too many at once.
    pub(super) fn upload(&self, user: &UserId) -> Result<UploadTurn, Problem> {
        let mut uploads = locked(&self.uploads);
        let count = uploads.entry(user.clone()).or_default();
        if *count >= UPLOADS_OF_PERSON {
            return Err(Problem::TooManyRequests { retry_after_s: UPLOAD_RETRY_S });
        }
        *count += 1;
        Ok(UploadTurn { uploads: Arc::clone(&self.uploads), user: user.clone() })
    }

    /// Forgets who has not asked for long.
    pub(super) fn forget_idle(&self) {
        self.requests.retain_recent();
        self.requests.shrink_to_fit();
        self.frames.retain_recent();
        self.frames.shrink_to_fit();
    }
}

/// How fast the frames of one connection are taken in: one waits at a time.
#[derive(Debug)]
pub(super) struct Pace {
    connection: DefaultDirectRateLimiter,
    person: Arc<DefaultKeyedRateLimiter<UserId>>,
    user: UserId,
    waiting: Option<Message>,
    /// The waiting frame is counted for the connection, and not yet for the person.
    is_counted: bool,
    /// It was not its turn when it came.
    is_held_up: bool,
}

impl Pace {
    /// Whether a frame waits: nothing more is read meanwhile.
    pub(super) fn has_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// A frame has come, or a message of the WebSocket itself.
    pub(super) fn wait_with(&mut self, frame: Message) {
        debug_assert!(self.waiting.is_none(), "nothing is read while a frame waits");
        self.waiting = Some(frame);
        self.is_counted = false;
        self.is_held_up = false;
    }

    /// Whether the last frame had to wait.
    pub(super) fn was_held_up(&self) -> bool {
        self.is_held_up
    }

    /// The frame that waits, once it is its turn. Nothing is lost or counted twice where the waiting is given up.
    pub(super) async fn turn(&mut self) -> Message {
        loop {
            let Some(waiting) = &self.waiting else { return std::future::pending().await };
            let cost = cost(bytes_of(waiting));
            if !self.is_counted {
                // A cost that no burst has room for would wait for ever; there is none.
                if let Ok(Err(refused)) = self.connection.check_n(cost) {
                    self.is_held_up = true;
                    tokio::time::sleep(wait(&refused, self.connection.clock().now())).await;
                    continue;
                }
                self.is_counted = true;
            }
            if let Ok(Err(refused)) = self.person.check_key_n(&self.user, cost) {
                self.is_held_up = true;
                tokio::time::sleep(wait(&refused, self.person.clock().now())).await;
                continue;
            }
            if let Some(frame) = self.waiting.take() {
                return frame;
            }
        }
    }
}

/// One upload of a person.
#[derive(Debug)]
pub(super) struct UploadTurn {
    uploads: Arc<Mutex<OrderedMap<UserId, usize>>>,
    user: UserId,
}

impl Drop for UploadTurn {
    fn drop(&mut self) {
        let mut uploads = locked(&self.uploads);
        if let Some(count) = uploads.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                uploads.remove(&self.user);
            }
        }
    }
}

fn locked(uploads: &Mutex<OrderedMap<UserId, usize>>) -> MutexGuard<'_, OrderedMap<UserId, usize>> {
    uploads.lock().unwrap_or_else(PoisonError::into_inner)
}

fn quota(per_second: u32, at_least: u32) -> Quota {
    let burst = per_second.saturating_mul(BURST_SECONDS).max(at_least);
    Quota::per_second(positive(per_second)).allow_burst(positive(burst))
}

fn positive(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

fn bytes_of(message: &Message) -> usize {
    match message {
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Text(text) => text.len(),
        Message::Close(_) => 0,
    }
}

fn cost(bytes: usize) -> NonZeroU32 {
    let cost = 1 + u32::try_from(bytes / COST_BYTES).unwrap_or(u32::MAX);
    positive(cost.min(LARGEST_COST))
}

fn wait(refused: &NotUntil<Moment>, now: Moment) -> Duration {
    refused.wait_time_from(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    #[test]
    fn person_who_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up() {
        let rates = Rates::new(1, 1);
        let mut asked = 0;
        let refused = loop {
            match rates.request(&user("sri")) {
                Ok(()) => asked += 1,
                Err(refused) => break refused,
            }
        };
        assert!((10..20).contains(&asked), "{asked} came at once");
        assert_eq!(refused, Problem::TooManyRequests { retry_after_s: 1 });
        assert_eq!(rates.request(&user("budi")), Ok(()));
    }

    #[test]
    fn person_has_four_uploads_at_once_and_a_place_is_free_again_after_one() {
        let rates = Rates::new(1, 1);
        let mut turns: Vec<_> = (0..4).map(|_| rates.upload(&user("sri")).unwrap()).collect();
        assert!(matches!(rates.upload(&user("sri")), Err(Problem::TooManyRequests { .. })));
        assert!(rates.upload(&user("budi")).is_ok());
        turns.pop();
        assert!(rates.upload(&user("sri")).is_ok());
        drop(turns);
        assert!(rates.uploads.lock().unwrap().is_empty(), "nothing is remembered of who uploads nothing");
    }

    #[tokio::test]
    async fn frame_above_the_rate_waits_and_comes_out_whole() {
        let frame = || Message::Binary(vec![7; 3].into());
        let rates = Rates::new(1, 1);
        let mut pace = rates.pace(&user("sri"));
        let mut passed = 0;
        loop {
            pace.wait_with(frame());
            assert!(pace.has_waiting());
            // Polled once: either it is its turn, or it has to wait.
            let turn = futures_util::FutureExt::now_or_never(pace.turn());
            match turn {
                Some(passed) => assert_eq!(passed, frame()),
                None => break,
            }
            passed += 1;
        }
        assert!(passed >= LARGEST_COST, "{passed} came at once");
        assert!(pace.has_waiting(), "the frame that waits is not lost where the waiting is given up");
        let other = futures_util::FutureExt::now_or_never({
            let mut other = rates.pace(&user("budi"));
            other.wait_with(frame());
            async move { other.turn().await }
        });
        assert_eq!(other, Some(frame()));
    }

    #[test]
    fn large_frame_costs_more_and_the_largest_finds_room_in_every_burst() {
        assert_eq!((cost(0).get(), cost(64 << 10).get()), (1, 17));
        assert!(cost(shared::wire::limits::FRAME_BYTES + (64 << 10)).get() <= LARGEST_COST);
    }
}
