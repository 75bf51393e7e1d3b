//! What the relay's process does around its machines: accepts, stores, answers, wakes.

use shared::ids::{DeviceId, FeedId, UserId};
use shared::sync::relay::connection::{Connection, Effect, Input, Session};
use shared::sync::relay::held_back::busy;
use shared::sync::relay::standing::Greeting;
use shared::sync::relay::submission::Request;
use shared::sync::relay::writer::Verdict;
use shared::wire::code::ByeCode;
use shared::wire::{Cursor, Frame, FromRelay, Hello};

use super::rare::Rare;
use super::world::{Event, World};

impl World {
    /// A connection begins, its session checked.
    pub fn accept(&mut self, wire: u64, user: UserId, device: DeviceId) {
        // A restored log may have forgotten the device; signing in enrolled it again.
        self.relay.log.enrol(device, user.clone());
        let session = Session { user, device, expires_at: u64::MAX };
        self.relay.connections.insert(wire, Connection::new(self.now, session, self.relay.rules.limits));
    }

    /// A frame has come.
    pub fn relay_takes(&mut self, wire: u64, bytes: Vec<u8>) {
        self.tell_connection(wire, Input::Frame(bytes));
    }

    /// The socket can take more.
    pub fn socket_ready(&mut self, wire: u64) {
        self.tell_connection(wire, Input::SocketReady);
    }

    /// A connection's machine asked for this.
    pub fn relay_tick(&mut self, wire: u64) {
        self.tell_connection(wire, Input::Tick);
    }

    /// A device may speak no more.
    pub fn revoke(&mut self, device: DeviceId) {
        self.relay.revoked.insert(device);
        self.relay.log.revoke(device);
        let wires: Vec<u64> = self
            .relay
            .connections
            .iter()
            .filter(|(_, connection)| connection.session().device == device)
            .map(|(wire, _)| *wire)
            .collect();
        for wire in wires {
            self.tell_connection(wire, Input::End(ByeCode::DeviceRevoked, String::new()));
        }
    }

    fn tell_connection(&mut self, wire: u64, input: Input) {
        let now = self.now;
        let Some(connection) = self.relay.connections.get_mut(&wire) else { return };
        connection.handle(now, input);
        while let Some(effect) =
            self.relay.connections.get_mut(&wire).and_then(|connection| connection.poll_effect())
        {
            self.serve(wire, effect);
        }
        if let Some(at) = self.relay.connections.get(&wire).and_then(Connection::next_wakeup)
            && at < u64::MAX
        {
            self.plan(at.saturating_sub(now).max(1), Event::RelayTick(wire));
        }
    }

    fn serve(&mut self, wire: u64, effect: Effect) {
        let session = self.relay.connections[&wire].session().clone();
        match effect {
            Effect::Send(frame) => {
                match &frame {
                    FromRelay::Nack(nack) => {
                        let (code, message) = (nack.code, &nack.message);
                        self.trace.say(self.now, format_args!("relay to {wire}: nack {code:?} {message}"));
                        self.oracle.nacked(code, &mut self.reached);
                    }
                    FromRelay::Bye(bye) => {
                        let (code, message) = (bye.code, &bye.message);
                        self.trace.say(self.now, format_args!("relay to {wire}: bye {code:?} {message}"));
                        if bye.code == ByeCode::Replaced {
                            self.oracle.replaced(session.device, &self.devices, &mut self.reached);
                        }
                    }
                    FromRelay::Welcome(welcome) => {
                        for view in welcome.feeds.iter().filter(|view| view.base.is_some()) {
                            let line = format_args!("relay to {wire}: base {:?} of {}", view.base, view.feed);
                            self.trace.say(self.now, line);
                        }
                    }
                    _ => {}
                }
                let is_batch = matches!(frame, FromRelay::Batch(_));
                self.send_down(wire, frame.encode(), is_batch);
            }
            Effect::Greet(hello) => {
                let older: Vec<u64> = self
                    .relay
                    .connections
                    .iter()
                    .filter(|(other, there)| **other != wire && there.session().device == session.device)
                    .map(|(other, _)| *other)
                    .collect();
                for older in older {
                    self.tell_connection(older, Input::End(ByeCode::Replaced, String::new()));
                }
                let greeting = self.relay.log.greet(&session.user, &hello);
                let has_cursor = !hello.cursors.is_empty();
                if has_cursor && hello.epoch.is_some_and(|epoch| epoch != greeting.epoch) {
                    self.reached.note(Rare::EpochChanged);
                }
                let is_rolled_back = |standing: &shared::sync::relay::standing::FeedStanding| {
                    hello.cursors.get(&standing.feed).is_some_and(|cursor| cursor.0 > standing.head)
                };
                if hello.epoch == Some(greeting.epoch) && greeting.feeds.iter().any(is_rolled_back) {
                    self.reached.note(Rare::SameEpochRolledBack);
                }
                self.note_parting(&hello, &greeting);
                self.tell_connection(wire, Input::Greeted(greeting));
            }
            Effect::Submit(ticket, submission) => {
                if let Request::Offer(entries) = &submission.request {
                    self.reached.note(Rare::Offered);
                    if entries.iter().any(|offered| offered.entry.device == submission.device) {
                        self.reached.note(Rare::OwnOfferedWithReceipt);
                    }
                }
                if !self.is_calm && self.random.percent(4) {
                    return self.tell_connection(wire, Input::Answered(ticket, Err(busy())));
                }
                self.relay.queue.push((wire, ticket, submission));
                if !std::mem::replace(&mut self.relay.is_committing, true) {
                    let fsync = self.random.between(1, 15);
                    self.plan(fsync, Event::Stored(self.relay.process));
                }
            }
            Effect::Read { feed, after, max_bytes, leave_out } => {
                // Small batches, so that a feed takes several.
                let max_bytes = max_bytes.min(2_000);
                let page = self.relay.log.read(&feed, after, max_bytes, leave_out);
                self.tell_connection(wire, Input::Read(feed, page));
            }
            Effect::FindMissing { id, feed, docs } => {
                let missing = self.relay.log.missing(&feed, &docs);
                self.tell_connection(wire, Input::Missing(id, missing));
            }
            Effect::Forward(presence) => {
                let others: Vec<u64> = self.relay.connections.keys().copied().collect();
                for other in others.into_iter().filter(|other| *other != wire) {
                    self.tell_connection(other, Input::Presence(presence.clone()));
                }
            }
            Effect::Close => self.relay_hangs_up(wire),
        }
    }

    /// Notes how a device's history and the log's part.
    fn note_parting(&mut self, hello: &Hello, greeting: &Greeting) {
        for standing in &greeting.feeds {
            let cursor = hello.cursors.get(&standing.feed).copied().unwrap_or(Cursor::START);
            let has = |point: &Cursor| point.0 == 0 || standing.matching.contains(point);
            let is_same_epoch = hello.epoch == Some(greeting.epoch);
            if is_same_epoch && !has(&cursor) && cursor.0 <= standing.head {
                self.reached.note(Rare::SameNumberOtherEntry);
            }
            if is_same_epoch && has(&cursor) && hello.acked.get(&standing.feed).is_some_and(|at| !has(at)) {
                self.reached.note(Rare::AckedAboveCursorLost);
            }
            if !has(&cursor) && hello.trail.get(&standing.feed).is_some_and(|trail| trail.iter().any(has)) {
                self.reached.note(Rare::TrailFoundShared);
            }
        }
    }

    /// The writer's commit is on disk: answers and wakes.
    pub fn stored(&mut self, process: u64) {
        if process != self.relay.process {
            return;
        }
        self.relay.is_committing = false;
        let queue = std::mem::take(&mut self.relay.queue);
        let submissions: Vec<_> = queue.iter().map(|(_, _, submission)| submission.clone()).collect();
        let committed = self.relay.log.commit(&submissions, &self.relay.rules);
        self.oracle.logged(&self.relay.log);
        if !self.is_calm && self.random.percent(1) {
            self.reached.note(Rare::RelayEndedBeforeAck);
            return self.relay_ends();
        }
        let says_busy = !self.is_calm && self.random.percent(1);
        for ((wire, ticket, _), verdict) in queue.iter().zip(&committed.verdicts) {
            let answer = if says_busy { Err(busy()) } else { Verdict::answer(verdict) };
            self.tell_connection(*wire, Input::Answered(*ticket, answer));
        }
        for (feed, head) in committed.heads {
            self.wake_connections(&feed, head);
        }
    }

    /// A feed has grown.
    pub fn wake_connections(&mut self, feed: &FeedId, head: u64) {
        for wire in self.relay.connections.keys().copied().collect::<Vec<_>>() {
            self.tell_connection(wire, Input::Woken(feed.clone(), head));
        }
    }

    /// The relay's process ends and comes back.
    pub fn relay_ends(&mut self) {
        self.say(format_args!("relay ends"));
        self.relay.end();
        self.cut_all();
        let after = self.random.between(500, 10_000);
        self.plan(after, Event::RelayStarts(self.relay.process));
    }
}
