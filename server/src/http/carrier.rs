//! Carries one connection machine: its effects out to store, writer and other connections, and what comes
//! of them back in. The WebSocket and the HTTPS fallback differ only in how frames come and go.

use std::collections::VecDeque;
use std::time::Duration;

use shared::ids::{FeedId, UserId};
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::sync::relay::connection::{Connection, Effect, Input, Session};
use shared::sync::relay::held_back::busy;
use shared::wire::code::ByeCode;
use shared::wire::{FromRelay, RemovedRole};
use tokio::sync::mpsc;

use super::Relay;
use super::problem::Problem;
use super::session::SignedIn;
use crate::feed_tail::{Listener, News};
use crate::rights::{Heard, RightsListener};
use crate::store::person::{SessionEnd, TokenHash};
use crate::store::{Store, StoreError};

/// How often an open connection asks by itself whether its person still has the rights that it was greeted with, besides
/// whenever it is told that they have changed.
const RIGHTS_EVERY_MS: u64 = 60_000;
/// The shortest wait for a timer, so that one that is always due cannot occupy a core.
const SHORTEST_WAIT_MS: u64 = 5;

/// What a person may do.
#[derive(Clone, Debug, PartialEq)]
struct Rights {
    roles: OrderedMap<FeedId, Role>,
    /// Roles that were taken or refused. One that is refused once more, of which this relay knew nothing, is in no list of
    /// roles.
    removed_roles: Vec<RemovedRole>,
}

impl Rights {
    fn of(store: &dyn Store, user: &UserId) -> Result<Self, StoreError> {
        Ok(Self { roles: store.roles(user)?, removed_roles: store.removed_roles(user)? })
    }
}

/// A machine and what it needs to be carried.
pub(super) struct Carrier {
    relay: Relay,
    session: SignedIn,
    machine: Connection,
    listener: Listener,
    listener_of_rights: RightsListener,
    /// As they were when it began.
    rights: Rights,
    /// Answers of store and writer. Boxed: a channel keeps room for many, and most connections are idle.
    answers: mpsc::UnboundedReceiver<Box<Input>>,
    to_answers: mpsc::UnboundedSender<Box<Input>>,
    /// Questions that are not answered. The machine bounds them, `have` apart, which the caller bounds.
    questions: usize,
    inputs: VecDeque<Input>,
    outgoing: VecDeque<FromRelay>,
    is_closing: bool,
    rights_at: u64,
}

impl Drop for Carrier {
    /// However it ends, others hear that the person is gone.
    fn drop(&mut self) {
        for presence in self.machine.depart() {
            self.relay.tails().forward(&presence);
        }
    }
}

impl Carrier {
    /// Begins a connection of this session: it listens to the person's feeds from now on.
    pub(super) async fn begin(relay: &Relay, session: SignedIn) -> Result<Self, Problem> {
        // Heard from now on, asked for afterwards: nothing falls between.
        let listener_of_rights = relay.rights().listen(&session.user);
        let user = session.user.clone();
        let rights = relay.ask(move |store| Rights::of(store, &user)).await?;
        relay.rights().listen_to_settings(&listener_of_rights, rights.roles.keys());
        let listener = relay.tails().listen(session.device, rights.roles.keys().cloned());
        let now = relay.clock().now();
        let machine = Connection::new(
            now,
            Session {
                id: Some(session.token.into()),
                user: session.user.clone(),
                device: session.device,
                expires_at: session.expires_at,
            },
            relay.settings().limits,
        );
        let (to_answers, answers) = mpsc::unbounded_channel();
        Ok(Self {
            relay: relay.clone(),
            session,
            machine,
            listener,
            listener_of_rights,
            rights,
            answers,
            to_answers,
            questions: 0,
            inputs: VecDeque::new(),
            outgoing: VecDeque::new(),
            is_closing: false,
            rights_at: now.steady_ms + RIGHTS_EVERY_MS,
        })
    }

    /// Tells the machine what happened, and does what it then wants.
    pub(super) fn take(&mut self, input: Input) {
        self.inputs.push_back(input);
        while let Some(input) = self.inputs.pop_front() {
            self.machine.handle(self.relay.clock().now(), input);
            while let Some(effect) = self.machine.poll_effect() {
                self.carry_out(effect);
            }
        }
    }

    /// The next frame to be sent.
    pub(super) fn next_outgoing(&mut self) -> Option<FromRelay> {
        self.outgoing.pop_front()
    }

    /// Whether the connection is over once all is sent.
    pub(super) fn is_closing(&self) -> bool {
        self.is_closing
    }

    /// How many questions wait for an answer of store or writer.
    pub(super) fn questions(&self) -> usize {
        self.questions
    }

    /// Waits for the next thing to tell the machine. Nothing is lost where the waiting is given up.
    pub(super) async fn happening(&mut self) -> Input {
        loop {
            if let Some(input) = self.inputs.pop_front() {
                return input;
            }
            let now = self.relay.clock().steady_ms();
            let due = self.machine.next_wakeup().unwrap_or(u64::MAX).min(self.rights_at);
            let wait = Duration::from_millis(due.saturating_sub(now).max(SHORTEST_WAIT_MS));
            tokio::select! {
                answer = self.answers.recv() => {
                    let answer = answer.expect("this end keeps a sender of its own");
                    self.questions -= 1;
                    return *answer;
                }
                news = self.listener.news() => self.inputs.extend(news.into_iter().map(|news| match news {
                    News::Head(feed, head) => Input::Woken(feed, head),
                    News::Presence(presence) => Input::Presence(presence),
                })),
                heard = self.listener_of_rights.heard() => match heard {
                    Heard::Rights => self.check_rights(),
                    Heard::Settings => {
                        let message = "a setting of the region has changed, come back";
                        return Input::End(ByeCode::Restarting, message.to_owned());
                    }
                },
                () = tokio::time::sleep(wait) => {
                    if self.relay.clock().steady_ms() >= self.rights_at {
                        self.check_rights();
                    } else {
                        return Input::Tick;
                    }
                }
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send(frame) => {
                self.relay.answered(&self.session, &frame);
                self.outgoing.push_back(frame);
            }
            Effect::Greet(hello) => {
                let user = self.session.user.clone();
                self.ask(move |store| Ok(Input::Greeted(store.greet(&user, &hello)?)));
            }
            Effect::Submit(ticket, submission) => {
                self.relay.metrics().pushed();
                self.questions += 1;
                let to_answers = self.to_answers.clone();
                let reply = move |answer| {
                    // A connection that has ended meanwhile wants no answer.
                    let _ = to_answers.send(Box::new(Input::Answered(ticket, answer)));
                };
                match self.relay.writer() {
                    Some(writer) => writer.submit(submission, Box::new(reply)),
                    None => reply(Err(busy())),
                }
            }
            Effect::Read { feed, after, max_bytes, leave_out, folding: Some(folding) } => {
                self.relay.metrics().tail_missed();
                self.ask(move |store| {
                    let page = store.read_folded(&feed, after, max_bytes, leave_out, folding)?;
                    Ok(Input::Read(feed, page))
                });
            }
            Effect::Read { feed, after, max_bytes, leave_out, folding: None } => {
                match self.relay.tails().read(&feed, after, max_bytes, leave_out) {
                    Some(page) => {
                        self.relay.metrics().tail_hit();
                        self.inputs.push_back(Input::Read(feed, page));
                    }
                    None => {
                        self.relay.metrics().tail_missed();
                        self.ask(move |store| {
                            let page = store.read(&feed, after, max_bytes, leave_out)?;
                            Ok(Input::Read(feed, page))
                        });
                    }
                }
            }
            Effect::FindMissing { id, feed, docs } => {
                self.ask(move |store| Ok(Input::Missing(id, store.missing(&feed, &docs)?)));
            }
            Effect::Forward(presence) => self.relay.tails().forward(&presence),
            Effect::Close => self.is_closing = true,
        }
    }

    /// Asks the store; where it fails the connection ends, and the client comes back.
    fn ask<F>(&mut self, question: F)
    where
        F: FnOnce(&dyn Store) -> Result<Input, StoreError> + Send + 'static,
    {
        self.questions += 1;
        let (relay, to_answers) = (self.relay.clone(), self.to_answers.clone());
        tokio::spawn(async move {
            let answer = relay.ask(question).await;
            let failed = || Input::End(ByeCode::Restarting, "the store cannot be read just now".to_owned());
            let _ = to_answers.send(Box::new(answer.unwrap_or_else(|_| failed())));
        });
    }

    /// Asks whether the session has ended or rights have changed, and ends the connection where it is so: who still has a
    /// role comes back to it.
    fn check_rights(&mut self) {
        let clock = self.relay.clock().clone();
        self.rights_at = clock.steady_ms() + RIGHTS_EVERY_MS;
        let (session, rights) = (self.session.clone(), self.rights.clone());
        self.ask(move |store| {
            if let Some(end) = end_of_session(store, session.token, clock.wall_ms())? {
                return Ok(end);
            }
            if Rights::of(store, &session.user)? != rights {
                let message = "what you may do has changed, come back".to_owned();
                return Ok(Input::End(ByeCode::Restarting, message));
            }
            Ok(Input::Tick)
        });
    }
}

/// How a connection ends whose session is over, and why; `None` while it goes on.
pub(super) fn end_of_session(
    store: &dyn Store,
    token: TokenHash,
    now_ms: u64,
) -> Result<Option<Input>, StoreError> {
    if store.session(token, now_ms)?.is_some() {
        return Ok(None);
    }
    let (code, message) = match store.session_end(token)? {
        SessionEnd::Over => (ByeCode::SessionEnded, "the session is over, sign in again"),
        SessionEnd::PasswordDue => (ByeCode::SessionEnded, "the password is to be changed first"),
        SessionEnd::Disabled => (ByeCode::AccountDisabled, "the account is disabled"),
        SessionEnd::Revoked => (ByeCode::DeviceRevoked, "the device was revoked"),
    };
    Ok(Some(Input::End(code, message.to_owned())))
}
