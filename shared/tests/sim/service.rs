//! What the relay's process does around its machines: accepts, stores, answers, wakes.

use shared::ids::{DeviceId, DocumentId, FeedId, UserId};
use shared::sync::relay::compaction::{Snapshot, fold};
use shared::sync::relay::connection::{Connection, Effect, Input, Session};
use shared::sync::relay::entry::Page;
use shared::sync::relay::held_back::busy;
use shared::sync::relay::standing::Greeting;
use shared::sync::relay::submission::Request;
use shared::sync::relay::writer::Verdict;
use shared::wire::code::ByeCode;
use shared::wire::{Cursor, FeedView, Folding, Frame, FromRelay, Hello};

use super::rare::Rare;
use super::world::{Event, World, feeds};

impl World {
    /// A connection begins, its session checked.
    pub fn accept(&mut self, wire: u64, process: usize, user: UserId, device: DeviceId) {
        // A restored log may have forgotten the device; signing in enrolled it again.
        self.relay.log.enrol(device, user.clone());
        let session = Session { id: None, user, device, expires_at: u64::MAX };
        self.relay.served_by.insert(wire, process);
        self.relay.connections.insert(wire, Connection::new(self.now, session, self.relay.rules.limits));
    }

    /// A frame has come.
    pub fn relay_takes(&mut self, wire: u64, bytes: Vec<u8>) {
        self.tell_connection(wire, Input::Frame(bytes));
    }

    /// The socket can take more.
    pub fn socket_ready(&mut self, wire: u64) {
        if let Some(there) = self.wires.get_mut(&wire) {
            there.is_full = false;
        }
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
        let process = self.relay.served_by[&wire];
        match effect {
            Effect::Send(frame) => {
                match &frame {
                    FromRelay::Nack(nack) => {
                        let (code, message) = (nack.code, &nack.message);
                        self.trace.say(self.now, format_args!("relay to {wire}: nack {code:?} {message}"));
                        let hashes = nack.hashes.as_deref().unwrap_or_default();
                        self.oracle.nacked(code, hashes, &mut self.reached);
                    }
                    FromRelay::Bye(bye) => {
                        let (code, message) = (bye.code, &bye.message);
                        self.trace.say(self.now, format_args!("relay to {wire}: bye {code:?} {message}"));
                        if bye.code == ByeCode::Replaced {
                            self.oracle.replaced(session.device, &self.devices, &mut self.reached);
                        }
                    }
                    FromRelay::Welcome(welcome) => {
                        let goes_on = |view: &FeedView| view.folding.is_some_and(|folding| folding.made > 0);
                        if self.relay.resumed.remove(&wire) && welcome.feeds.iter().any(goes_on) {
                            self.reached.note(Rare::ReadingResumed);
                        }
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
                    // What one process does not know of the other: who is connected there.
                    .filter(|(other, _)| **other != wire && self.relay.served_by[other] == process)
                    .filter(|(_, there)| there.session().device == session.device)
                    .map(|(other, _)| *other)
                    .collect();
                for older in older {
                    self.tell_connection(older, Input::End(ByeCode::Replaced, String::new()));
                }
                if hello.folding.values().any(|folding| folding.made > 0) {
                    self.relay.resumed.insert(wire);
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
                    let hashes = submission.hashes();
                    if hashes.iter().any(|key| self.oracle.unfolded.contains(key)) {
                        self.reached.note(Rare::OfferedOutOfSnapshot);
                    }
                    if entries.iter().any(|offered| offered.entry.device == submission.device) {
                        self.reached.note(Rare::OwnOfferedWithReceipt);
                    }
                }
                if !self.is_calm && self.random.percent(4) {
                    return self.tell_connection(wire, Input::Answered(ticket, Err(busy())));
                }
                let serving = &mut self.relay.processes[process];
                serving.queue.push((wire, ticket, submission));
                let number = serving.number;
                if !std::mem::replace(&mut serving.is_committing, true) {
                    let fsync = self.random.between(1, 15);
                    self.plan(fsync, Event::Stored((process, number)));
                }
            }
            Effect::Read { feed, after, max_bytes, leave_out, folding } => {
                // Small batches, so that a feed takes several.
                let max_bytes = max_bytes.min(2_000);
                let page = match folding {
                    None => {
                        if self.relay.processes[process].has_in_memory(&feed, after) {
                            self.relay.at_tail.insert(wire);
                        } else if self.relay.at_tail.remove(&wire) && self.wires[&wire].is_slow {
                            self.reached.note(Rare::SlowReaderFellBehind);
                        }
                        self.relay.log.read(&feed, after, max_bytes, leave_out)
                    }
                    Some(folding) => {
                        let page = self.relay.log.read_folded(&feed, after, max_bytes, leave_out, folding);
                        self.note_folding(folding, &page);
                        page
                    }
                };
                self.tell_connection(wire, Input::Read(feed, page));
            }
            Effect::FindMissing { id, feed, docs } => {
                let missing = self.relay.log.missing(&feed, &docs);
                self.tell_connection(wire, Input::Missing(id, missing));
            }
            Effect::Forward(presence) => {
                for other in self.served_by(process).into_iter().filter(|other| *other != wire) {
                    self.tell_connection(other, Input::Presence(presence.clone()));
                }
            }
            Effect::Close => self.relay_hangs_up(wire),
        }
    }

    /// Notes what a page with snapshots brings.
    fn note_folding(&mut self, folding: Folding, page: &Page) {
        for entry in &page.entries {
            let Some(place) = self.relay.log.snapshot_place(entry.doc) else { continue };
            if entry.snapshot.is_some() {
                self.reached.note(Rare::SnapshotSent);
            } else if entry.change.is_some() && place.first <= folding.after && entry.seq <= place.until {
                self.reached.note(Rare::FoldedEntrySent);
            }
        }
    }

    /// The worker begins to fold a document; it takes a while.
    pub fn begin_folding(&mut self) {
        let docs: Vec<DocumentId> = self.oracle.homes.keys().copied().collect();
        let Some(doc) = self.random.pick(&docs) else { return };
        let Some(foldable) = self.relay.log.foldable(doc) else { return };
        match fold(&foldable, &self.relay.rules.key, &mut || true) {
            Ok(snapshot) => {
                let after = self.random.below(3_000);
                let running = self.relay.running();
                let Some(index) = self.random.pick(&running) else { return };
                let process = (index, self.relay.processes[index].number);
                self.plan(after, Event::Folded(process, Box::new(snapshot)));
            }
            Err(error) => {
                self.say(format_args!("{} cannot be folded: {error}", doc.short()));
                let is_planted = self.oracle.planted.iter().any(|(of, _)| *of == doc);
                assert!(is_planted, "a good document cannot be folded: {error}");
                self.relay.log.set_aside(doc, foldable.changes.len() as u64);
                self.reached.note(Rare::DocumentSetAside);
            }
        }
    }

    /// A snapshot is made.
    pub fn keep_snapshot(&mut self, process: (usize, u64), snapshot: Snapshot) {
        if !self.relay.is_alive(process) {
            return;
        }
        let doc = snapshot.doc;
        let (first, until, changes) = (snapshot.first, snapshot.folded.until.0, snapshot.changes());
        let is_newer = self.relay.log.snapshot_place(doc).is_some();
        if self.relay.log.put_snapshot(snapshot, self.now) {
            let short = doc.short();
            self.say(format_args!("relay folds {changes} changes of {short}, entries {first} to {until}"));
            if is_newer {
                self.reached.note(Rare::SnapshotReplaced);
            }
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
    pub fn stored(&mut self, process: (usize, u64)) {
        if !self.relay.is_alive(process) {
            return;
        }
        let index = process.0;
        self.relay.processes[index].is_committing = false;
        let queue = std::mem::take(&mut self.relay.processes[index].queue);
        let before: Vec<(FeedId, u64)> =
            feeds().into_iter().map(|feed| (feed.clone(), self.relay.log.head(&feed))).collect();
        let submissions: Vec<_> = queue.iter().map(|(_, _, submission)| submission.clone()).collect();
        let committed = self.relay.log.commit(&submissions, &self.relay.rules);
        self.oracle.logged(&self.relay.log);
        // What tells the others is a part of the commit.
        for (feed, head) in &committed.heads {
            self.tell_others(index, feed, *head);
        }
        if !self.is_calm && self.random.percent(1) {
            self.reached.note(Rare::RelayEndedBeforeAck);
            return self.relay_ends(index);
        }
        for (feed, before) in before {
            let head = self.relay.log.head(&feed);
            if head > before {
                self.relay.processes[index].append(&feed, before, head);
            }
        }
        let says_busy = !self.is_calm && self.random.percent(1);
        for ((wire, ticket, _), verdict) in queue.iter().zip(&committed.verdicts) {
            let answer = if says_busy { Err(busy()) } else { Verdict::answer(verdict) };
            self.tell_connection(*wire, Input::Answered(*ticket, answer));
        }
        for (feed, head) in committed.heads {
            self.wake_connections(index, &feed, head);
        }
    }

    /// A feed has grown: a process wakes its own connections.
    pub fn wake_connections(&mut self, index: usize, feed: &FeedId, head: u64) {
        for wire in self.served_by(index) {
            self.tell_connection(wire, Input::Woken(feed.clone(), head));
        }
    }

    /// A feed has grown: the other processes hear of it.
    pub fn tell_others(&mut self, index: usize, feed: &FeedId, head: u64) {
        for other in self.relay.running().into_iter().filter(|other| *other != index) {
            // A wake-up that is lost is late: heads are asked for every two seconds.
            let after =
                if self.random.percent(90) { self.random.below(50) } else { self.random.below(2_000) };
            let process = (other, self.relay.processes[other].number);
            self.plan(after, Event::Heard(process, feed.clone(), head));
        }
    }

    /// A process hears what another one stored.
    pub fn heard(&mut self, process: (usize, u64), feed: &FeedId, head: u64) {
        if !self.relay.is_alive(process) {
            return;
        }
        for wire in self.served_by(process.0) {
            self.reached.note(Rare::HeardFromOtherRelay);
            self.tell_connection(wire, Input::Woken(feed.clone(), head));
        }
    }

    /// The connections of a process.
    fn served_by(&self, index: usize) -> Vec<u64> {
        let served = self.relay.connections.keys().filter(|wire| self.relay.served_by[wire] == index);
        served.copied().collect()
    }

    /// A process ends and comes back.
    pub fn relay_ends(&mut self, index: usize) {
        self.stop_relay(index);
        let after = self.random.between(500, 10_000);
        let process = (index, self.relay.processes[index].number);
        self.plan(after, Event::RelayStarts(process));
    }

    /// A process ends for good.
    pub fn stop_relay(&mut self, index: usize) {
        self.say(format_args!("relay {index} ends"));
        let served = self.relay.end(index);
        self.cut_wires(served);
    }
}
