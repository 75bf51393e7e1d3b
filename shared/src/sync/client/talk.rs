//! The talk with the relay: which frames are said, and what those that come mean.

use super::healing::Search;
use super::outbox::{Consequence, Sender};
use super::shelf::{Known, Shelf};
use super::welcome::{Greeting, greeting, parted};
use super::{ClientSync, Connection, Effect, Notice, Phase, inbox};
use crate::device::row::FeedRow;
use crate::ids::{DocumentId, FeedId};
use crate::ordered::OrderedMap;
use crate::wire::code::ByeCode;
use crate::wire::{
    Batch, Bye, Bytes, ClientPresence, Cursor, Folding, Frame, FromClient, FromRelay, Hello, Ping,
    RelayLimits, VERSION, Welcome, limits,
};

/// The talk since a `welcome`.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) stage: Stage,
    limits: RelayLimits,
    /// The last number of each feed, as far as it is known, and how much of it the person sees.
    heads: OrderedMap<FeedId, (u64, u64)>,
    /// A feed is to be read from its beginning: what comes on this connection is passed over.
    pub(super) must_reconnect: bool,
}

/// How far the answer to a `welcome` is.
#[derive(Debug, PartialEq)]
pub(super) enum Stage {
    /// What the relay may have lost is sought.
    Searching(Box<Greeting>, Box<Search>),
    /// What it changes is being stored.
    Storing,
    /// Entries are stored and changes are sent.
    Ready,
}

impl Session {
    /// Whether every feed is stored up to its head.
    pub(super) fn is_at_head(&self, shelf: &Shelf) -> bool {
        self.stage == Stage::Ready
            && self.heads.iter().all(|(feed, (head, _))| {
                shelf.feeds.get(feed).is_some_and(|known| known.row.cursor.0 >= *head)
            })
    }

    /// Whether the person sees more of a feed than what its cursor stands for.
    pub(super) fn sees_more_than(&self, shelf: &Shelf) -> bool {
        self.heads
            .iter()
            .any(|(feed, (_, view))| shelf.feeds.get(feed).is_some_and(|known| known.row.view != *view))
    }
}

/// Where this device's people are, as the relay shall be told; the last word of each document counts.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    untold: OrderedMap<DocumentId, (FeedId, Vec<u8>)>,
    next_at: u64,
}

impl Whereabouts {
    pub(super) fn tell(&mut self, feed: FeedId, doc: DocumentId, state: Vec<u8>) {
        if state.len() <= limits::PRESENCE_BYTES {
            self.untold.insert(doc, (feed, state));
        }
    }

    /// The clock was set back by this much.
    pub(super) fn set_back(&mut self, by: u64) {
        self.next_at = self.next_at.saturating_sub(by);
    }

    /// When the next word may be said.
    pub(super) fn due_at(&self, session: &Session) -> Option<u64> {
        (!self.untold.is_empty() && session.stage == Stage::Ready).then_some(self.next_at)
    }
}

impl ClientSync {
    /// Who sends; `None` before the store has been read.
    pub(super) fn sender(&self) -> Option<Sender> {
        let known = self.shelf.device.as_ref()?;
        Some(Sender { user: known.row.user.clone(), device: known.row.device })
    }

    /// The connection is open: says `hello`.
    pub(super) fn greet(&mut self, now: u64) {
        let (Phase::Opening(_), Some(known)) = (self.link.phase(), &self.shelf.device) else { return };
        let hello = Hello {
            v: VERSION,
            device: known.row.device,
            epoch: known.row.epoch,
            cursors: self.cursors(),
            own: self.shelf.feeds.values().any(|known| known.row.own_until.is_some()),
            acked: self.acked(),
            trail: self
                .parted
                .iter()
                .filter_map(|feed| {
                    let trail = self.shelf.feeds.get(feed)?.row.trail.iter().rev();
                    Some((feed.clone(), trail.take(limits::TRAIL_POINTS).copied().collect()))
                })
                .collect(),
            folding: self.folding(),
            features: Vec::new(),
        };
        self.link.greeting(now);
        self.send(&FromClient::Hello(hello));
    }

    /// The cursors that `hello` names. Nothing moves them between `hello` and `welcome`.
    fn cursors(&self) -> OrderedMap<FeedId, Cursor> {
        let kept = self.shelf.feeds.iter().filter(|(_, known)| known.row.access.keeps_documents());
        let cursors = kept.map(|(feed, known)| (feed.clone(), known.row.cursor));
        cursors.filter(|(_, cursor)| *cursor != Cursor::START).collect()
    }

    /// How the feeds are being read.
    fn folding(&self) -> OrderedMap<FeedId, Folding> {
        let folding = |(feed, known): (&FeedId, &Known<FeedRow>)| {
            let folding = known.row.folding.filter(|_| known.row.access.keeps_documents())?;
            Some((feed.clone(), folding))
        };
        self.shelf.feeds.iter().filter_map(folding).collect()
    }

    /// What the relay acked above the cursors.
    fn acked(&self) -> OrderedMap<FeedId, Cursor> {
        let acked = self.shelf.feeds.iter().filter_map(|(feed, known)| {
            let acked = known.row.acked.filter(|acked| acked.0 > known.row.cursor.0)?;
            if !known.row.access.keeps_documents() {
                return None;
            }
            Some((feed.clone(), acked))
        });
        acked.collect()
    }

    fn send(&mut self, frame: &FromClient) {
        let bytes = frame.encode();
        self.status.bytes_up += bytes.len() as u64;
        self.effects.push_back(Effect::Send(bytes));
    }

    /// Asks whether the relay is there.
    pub(super) fn ping(&mut self) {
        self.last_id += 1;
        self.send(&FromClient::Ping(Ping { id: self.last_id }));
    }

    /// Sends what can be sent now.
    pub(super) fn speak(&mut self, now: u64) {
        let Some(session) = &self.session else { return };
        if session.stage != Stage::Ready || session.must_reconnect {
            return;
        }
        let window = session.limits.unacked_pushes.max(1) as usize;
        let presence_pause = 1000 / u64::from(session.limits.presence_per_second.max(1));
        for have in self.healing.ask(&mut self.last_id) {
            self.send(&FromClient::Have(have));
        }
        if !self.healing.is_asking() {
            self.outbox.offer_decisions(std::mem::take(&mut self.healing.decisions));
        }
        let is_retired = self.shelf.device.as_ref().is_none_or(|known| known.row.retired);
        if let Some(sender) = self.sender()
            && !is_retired
            && !self.desk.is_retiring()
            && !self.healing.is_asking()
        {
            while self.outbox.frames_under_way() < window {
                let id = self.last_id + 1;
                let Some(frame) = self.outbox.next_frame(now, id, &sender, &self.shelf) else { break };
                self.last_id = id;
                self.send(&frame);
            }
        }
        if now >= self.whereabouts.next_at
            && let Some((doc, (feed, state))) = self.whereabouts.untold.pop_first()
        {
            self.whereabouts.next_at = now + presence_pause;
            self.send(&FromClient::Presence(ClientPresence { feed, doc, state: Bytes::from(state) }));
        }
    }

    /// A frame came.
    pub(super) fn frame_came(&mut self, now: u64, bytes: &[u8]) {
        if !self.link.is_open() {
            return;
        }
        self.status.bytes_down += bytes.len() as u64;
        let Ok(frame) = FromRelay::decode(bytes) else { return self.close(now) };
        let is_online = matches!(self.link.phase(), Phase::Online(_));
        if is_online {
            self.link.heard(now);
        }
        match frame {
            FromRelay::Welcome(welcome) if matches!(self.link.phase(), Phase::Greeting(_)) => {
                self.welcomed(now, &welcome);
            }
            FromRelay::Bye(bye) => self.bye(now, &bye),
            FromRelay::Batch(batch) if is_online => self.batch_came(now, batch, bytes.len()),
            FromRelay::Ack(ack) if is_online => {
                let Some(sender) = self.sender() else { return };
                self.outbox.ack(&ack, &sender);
            }
            FromRelay::Nack(nack) if is_online => {
                if nack.id.is_some_and(|id| self.healing.refused(id)) {
                    return;
                }
                match self.outbox.nack(now, &nack) {
                    Consequence::None => {}
                    Consequence::Retire => self.desk.retire(),
                    Consequence::Fetch(doc, hashes) => self.desk.fetch(doc, hashes),
                }
            }
            FromRelay::Want(want) if is_online => {
                let Some(sender) = self.sender() else { return };
                for (doc, changes) in self.healing.wanted(&want) {
                    self.outbox.want(sender.device, doc, changes);
                }
            }
            FromRelay::Presence(presence) if is_online => self.announce(Notice::Presence {
                doc: presence.doc,
                user: presence.user,
                device: presence.device,
                state: presence.state,
            }),
            FromRelay::Pong(pong) if is_online => {
                self.desk.was_synced = false;
                self.note_clock(now, pong.now);
            }
            // A newer relay may say what this version does not know.
            FromRelay::Unknown(_) | FromRelay::Nack(_) => {}
            _ => self.close(now),
        }
    }

    fn note_clock(&mut self, now: u64, relay_now: u64) {
        let offset = i128::from(relay_now) - i128::from(now);
        self.status.clock_offset_ms = i64::try_from(offset).ok();
    }

    fn welcomed(&mut self, now: u64, welcome: &Welcome) {
        let Some(sender) = self.sender() else { return };
        if welcome.v != VERSION {
            return self.stop(Connection::VersionMismatch);
        }
        if welcome.user != sender.user || welcome.device != sender.device {
            return self.stop(Connection::WrongDevice);
        }
        let parted = parted(&self.shelf, welcome, &self.cursors());
        if !parted.is_subset(&self.parted) {
            // Once more, telling older cursors. It ends: each time more feeds tell theirs.
            self.parted.extend(parted);
            return self.reconnect();
        }
        self.parted.clear();
        self.link.online(now);
        self.status.refusal = None;
        self.note_clock(now, welcome.now);
        let greeting = greeting(&self.shelf, welcome, &self.cursors());
        self.inbox.begin(greeting.feeds.iter().map(|(feed, row)| (feed.clone(), row.cursor.0)).collect());
        let must_reconnect = greeting.must_reconnect;
        let search = Search::new(
            greeting.to_heal.clone(),
            greeting.rolled_back.clone(),
            greeting.feeds.keys().cloned().collect(),
            sender.device,
        );
        self.session = Some(Session {
            stage: Stage::Searching(Box::new(greeting), Box::new(search)),
            limits: welcome.limits,
            heads: welcome.feeds.iter().map(|view| (view.feed.clone(), (view.head, view.view))).collect(),
            must_reconnect,
        });
    }

    fn batch_came(&mut self, now: u64, batch: Batch, size: usize) {
        let Some(session) = &mut self.session else { return };
        if session.must_reconnect {
            return;
        }
        if let Some((head, _)) = session.heads.get_mut(&batch.feed) {
            *head = (*head).max(batch.to);
        }
        let taken = self.inbox.take_in(batch, size);
        if taken.is_err() || self.inbox.size() > inbox::WAITING_BYTES {
            self.close(now);
        }
    }

    fn bye(&mut self, now: u64, bye: &Bye) {
        match bye.code {
            ByeCode::SessionEnded => self.stop(Connection::SignInNeeded),
            ByeCode::AccountDisabled => self.stop(Connection::Disabled),
            ByeCode::Version => self.stop(Connection::VersionMismatch),
            ByeCode::DeviceRevoked => {
                self.desk.revoke();
                self.stop(Connection::SignInNeeded);
            }
            ByeCode::Replaced => {
                // Either another tab leads now, or another machine holds a copy of this database; the
                // store says which.
                self.close_and_rest();
                self.desk.replaced();
            }
            ByeCode::Protocol | ByeCode::TooLarge | ByeCode::Restarting | ByeCode::Unknown => {
                self.close(now);
                if let (Some(retry), Some(next)) = (bye.retry_ms, self.link.next_try_at()) {
                    // Not sooner than the relay asks, and not later than a minute.
                    self.link.ended_at(next.max(now + retry.min(60_000)));
                }
            }
        }
    }
}
