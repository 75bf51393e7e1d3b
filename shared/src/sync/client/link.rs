//! The connection as time sees it: when to try, when to ask whether the relay is there, when to give up.
//!
//! Holds no frames and no rows. Its answers are deadlines and [`Due`]s; the engine acts on them.

use super::Connection;

/// How long opening may take: a phone's network stack gives up later than a person does.
const OPEN_MS: u64 = 15_000;
/// How long the relay may take to greet.
const GREETING_MS: u64 = 10_000;
/// The pause between two pings: below the idle limit of common proxies (60 s).
const PING_MS: u64 = 25_000;
/// The longest pause between tries while somebody looks on and something is unsent.
const WATCHED_MS: u64 = 3_000;
/// The longest pause between tries otherwise.
const UNWATCHED_MS: u64 = 60_000;
/// A connection that held so long is a good one.
const GOOD_MS: u64 = 30_000;

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// None; the next try at this time, or only when something happens.
    Resting(Option<u64>),
    /// Asked for, since this time.
    Opening(u64),
    /// `hello` was sent at this time.
    Greeting(u64),
    /// `welcome` came at this time.
    Online(u64),
    /// No try until a person does something.
    Stopped(Connection),
}

/// What the time demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Open the connection.
    Open,
    /// Close it: nothing came in time.
    GiveUp,
    /// Ask whether the relay is there.
    Ping,
}

/// The connection as time sees it.
#[derive(Debug)]
pub(super) struct Link {
    phase: Phase,
    failures: u32,
    /// Connections in a row on which the relay greeted and that did not hold.
    short_lived: u32,
    is_visible: bool,
    has_unsent: bool,
    pings_unanswered: u32,
    ping_at: u64,
    random: u64,
}

impl Link {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            phase: Phase::Resting(None),
            failures: 0,
            short_lived: 0,
            is_visible: false,
            has_unsent: false,
            pings_unanswered: 0,
            ping_at: 0,
            random: seed,
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase
    }

    /// What the screen shows of it.
    pub(super) fn connection(&self) -> Connection {
        match self.phase {
            Phase::Resting(_) => Connection::Offline,
            Phase::Opening(_) | Phase::Greeting(_) => Connection::Connecting,
            Phase::Online(_) => Connection::Connected,
            Phase::Stopped(why) => why,
        }
    }

    /// Whether a connection exists or is being made.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Opening(_) | Phase::Greeting(_) | Phase::Online(_))
    }

    /// When the next try is made.
    pub(super) fn next_try_at(&self) -> Option<u64> {
        if let Phase::Resting(at) = self.phase { at } else { None }
    }

    /// Somebody looks on, or no longer; something is unsent, or no longer.
    pub(super) fn watch(&mut self, now: u64, is_visible: bool, has_unsent: bool) {
        self.is_visible = is_visible;
        self.has_unsent = has_unsent;
        if let Phase::Resting(Some(at)) = self.phase
            && at > now + self.longest_pause()
        {
            self.phase = Phase::Resting(Some(now + self.longest_pause()));
        }
    }

    /// The clock was set back by this much.
    pub(super) fn set_back(&mut self, by: u64) {
        match &mut self.phase {
            Phase::Resting(Some(at)) | Phase::Opening(at) | Phase::Greeting(at) | Phase::Online(at) => {
                *at = at.saturating_sub(by);
            }
            Phase::Resting(None) | Phase::Stopped(_) => {}
        }
        self.ping_at = self.ping_at.saturating_sub(by);
    }

    /// A try at once, whatever was before, unless a connection exists or is being made.
    pub(super) fn try_now(&mut self, now: u64) {
        if !self.is_open() {
            self.phase = Phase::Resting(Some(now));
        }
    }

    /// The connection was asked for.
    pub(super) fn opening(&mut self, now: u64) {
        self.phase = Phase::Opening(now);
    }

    /// `hello` was sent.
    pub(super) fn greeting(&mut self, now: u64) {
        self.phase = Phase::Greeting(now);
    }

    /// `welcome` came.
    pub(super) fn online(&mut self, now: u64) {
        self.phase = Phase::Online(now);
        self.heard(now);
    }

    /// A frame came, so the relay is there.
    pub(super) fn heard(&mut self, now: u64) {
        self.pings_unanswered = 0;
        self.ping_at = now + PING_MS;
    }

    /// The connection ended: the next try after a pause that grows with each failure. A relay that greeted is there again,
    /// whatever failed before: only such connections in a row that did not hold count on.
    pub(super) fn ended(&mut self, now: u64) {
        if let Phase::Online(since) = self.phase {
            let was_good = now.saturating_sub(since) >= GOOD_MS;
            self.failures = if was_good { 0 } else { self.short_lived };
            self.short_lived = self.failures.saturating_add(1);
        }
        self.failures = self.failures.saturating_add(1);
        let grown = 250u64 << self.failures.min(10);
        let pause = grown.min(self.longest_pause());
        // From half of it to the whole, so that a thousand devices do not come back at once.
        let jittered = pause / 2 + self.draw() % (pause / 2 + 1);
        self.phase = Phase::Resting(Some(now + jittered));
    }

    /// The connection was ended for a good reason, such as reading a feed from its beginning.
    pub(super) fn ended_at(&mut self, next_try: u64) {
        self.phase = Phase::Resting(Some(next_try));
    }

    /// No try until a person does something.
    pub(super) fn stop(&mut self, why: Connection) {
        self.phase = Phase::Stopped(why);
    }

    /// No try until the store has been read.
    pub(super) fn rest(&mut self) {
        self.phase = Phase::Resting(None);
    }

    /// What is due now; each is told once.
    pub(super) fn due(&mut self, now: u64) -> Option<Due> {
        match self.phase {
            Phase::Resting(Some(at)) if now >= at => Some(Due::Open),
            Phase::Opening(since) if now >= since + OPEN_MS => Some(Due::GiveUp),
            Phase::Greeting(since) if now >= since + GREETING_MS => Some(Due::GiveUp),
            Phase::Online(_) if now >= self.ping_at => {
                if self.pings_unanswered >= 2 {
                    return Some(Due::GiveUp);
                }
                self.pings_unanswered += 1;
                self.ping_at = now + PING_MS;
                Some(Due::Ping)
            }
            _ => None,
        }
    }

    /// When [`Link::due`] has something to say.
    pub(super) fn deadline(&self) -> Option<u64> {
        match self.phase {
            Phase::Resting(at) => at,
            Phase::Opening(since) => Some(since + OPEN_MS),
            Phase::Greeting(since) => Some(since + GREETING_MS),
            Phase::Online(_) => Some(self.ping_at),
            Phase::Stopped(_) => None,
        }
    }

    fn longest_pause(&self) -> u64 {
        if self.is_visible && self.has_unsent { WATCHED_MS } else { UNWATCHED_MS }
    }

    /// The next number of splitmix64: enough for jitter, and the same for the same seed.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(is_visible: bool, has_unsent: bool) -> Vec<u64> {
        let mut link = Link::new(7);
        link.watch(0, is_visible, has_unsent);
        (0..12)
            .map(|_| {
                link.ended(0);
                link.next_try_at().expect("a try follows each end")
            })
            .collect()
    }

    #[test]
    fn relay_that_greeted_after_an_outage_is_tried_again_soon_unless_it_ends_each_connection() {
        let mut link = Link::new(7);
        for _ in 0..12 {
            link.ended(0);
        }
        let mut pause = |hold_ms: u64| {
            link.online(0);
            link.ended(hold_ms);
            link.next_try_at().unwrap() - hold_ms
        };
        assert!(pause(1_000) <= 500, "the outage is over");
        let flapping: Vec<u64> = (0..12).map(|_| pause(1_000)).collect();
        assert!(*flapping.last().unwrap() > 15_000, "{flapping:?}");
        assert!(pause(GOOD_MS) <= 500, "it held");
        assert!(pause(1_000) <= 1_000, "and counts from there");
    }

    #[test]
    fn pauses_grow_to_a_minute_and_stay_below_three_seconds_while_watched() {
        let unwatched = pauses(false, true);
        assert!(unwatched[0] <= 500 && *unwatched.last().unwrap() > 30_000, "{unwatched:?}");
        assert!(unwatched.iter().all(|pause| *pause <= UNWATCHED_MS));
        assert!(pauses(true, true).iter().all(|pause| *pause <= WATCHED_MS));
    }

    #[test]
    fn a_pause_is_shortened_once_somebody_looks_on() {
        let mut link = Link::new(1);
        for _ in 0..12 {
            link.ended(0);
        }
        link.watch(0, true, true);
        assert!(link.next_try_at().unwrap() <= WATCHED_MS);
    }

    #[test]
    fn two_unanswered_pings_end_the_connection() {
        let mut link = Link::new(1);
        link.opening(0);
        link.greeting(0);
        link.online(0);
        assert_eq!(link.due(PING_MS - 1), None);
        assert_eq!(link.due(PING_MS), Some(Due::Ping));
        assert_eq!(link.due(2 * PING_MS), Some(Due::Ping));
        assert_eq!(link.due(3 * PING_MS), Some(Due::GiveUp));
    }

    #[test]
    fn a_relay_that_does_not_greet_is_given_up_after_ten_seconds() {
        let mut link = Link::new(1);
        link.greeting(5);
        assert_eq!(link.due(5 + GREETING_MS - 1), None);
        assert_eq!(link.due(5 + GREETING_MS), Some(Due::GiveUp));
    }
}
