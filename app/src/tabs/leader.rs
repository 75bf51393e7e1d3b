//! Which tab holds the connection.
//!
//! Every tab waits in the lock's queue; whoever gets the lock leads until it ends or loses it. A visible tab
//! that does not lead asks now and then whether the leader is awake, and takes the lock away from one that does
//! not answer.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::lock::{self, Lock, Manner};
use super::message::Message;
use super::{ANSWER_MS, Channel};
use crate::browser;

/// How often a visible tab asks whether the leader is awake.
const ASK_MS: u32 = 10_000;

/// This tab's part in the choice of the leader.
pub struct Leadership {
    name: String,
    channel: Channel,
    lock: RefCell<Option<Lock>>,
    is_leader: Cell<bool>,
    is_ended: Cell<bool>,
    /// Grows with each sign of life of the leader.
    answers: Cell<u64>,
    is_asking: Cell<bool>,
    on_change: Box<dyn Fn(bool)>,
}

impl Leadership {
    /// Waits in the queue from now on; `on_change` hears when this tab begins and ceases to lead.
    pub fn begin(name: String, channel: Channel, on_change: impl Fn(bool) + 'static) -> Rc<Self> {
        let leadership = Rc::new(Self {
            name,
            channel,
            lock: RefCell::new(None),
            is_leader: Cell::new(false),
            is_ended: Cell::new(false),
            answers: Cell::new(0),
            is_asking: Cell::new(false),
            on_change: Box::new(on_change),
        });
        leadership.clone().queue(Manner::Wait);
        let watching = Rc::downgrade(&leadership);
        spawn_local(async move {
            loop {
                browser::wait_ms(ASK_MS).await;
                let Some(leadership) = watching.upgrade() else { return };
                if leadership.is_ended.get() {
                    return;
                }
                leadership.ask();
            }
        });
        leadership
    }

    /// Whether this tab holds the connection.
    pub fn is_leader(&self) -> bool {
        self.is_leader.get()
    }

    /// The leader was heard.
    pub fn heard(&self) {
        self.answers.set(self.answers.get() + 1);
    }

    /// Asks whether the leader is awake, where this tab is visible and does not lead; takes over where it is not.
    pub fn ask(self: &Rc<Self>) {
        if self.is_leader() || self.is_ended.get() || self.is_asking.get() || !browser::is_visible() {
            return;
        }
        self.is_asking.set(true);
        self.channel.tell(&Message::WhoLeads);
        let before = self.answers.get();
        let leadership = Rc::clone(self);
        spawn_local(async move {
            browser::wait_ms(ANSWER_MS).await;
            leadership.is_asking.set(false);
            let is_silent = leadership.answers.get() == before;
            if is_silent && !leadership.is_leader() && !leadership.is_ended.get() && browser::is_visible() {
                leadership.queue(Manner::Steal);
            }
        });
    }

    /// Lets go: the person signs out, or the database is closed.
    pub fn end(&self) {
        self.is_ended.set(true);
        self.lock.borrow_mut().take();
        if self.is_leader.replace(false) {
            (self.on_change)(false);
        }
    }

    fn queue(self: Rc<Self>, manner: Manner) {
        let Some(request) = lock::request(&self.name, manner) else { return };
        spawn_local(async move {
            let Ok(Some(lock)) = request.granted.await else { return };
            // A second request of this tab came in after it already leads, or after it has ended.
            if self.is_ended.get() || self.is_leader.get() {
                return;
            }
            *self.lock.borrow_mut() = Some(lock);
            self.is_leader.set(true);
            (self.on_change)(true);
            let _ = request.ended.await;
            self.lock.borrow_mut().take();
            if self.is_leader.replace(false) {
                (self.on_change)(false);
            }
            if !self.is_ended.get() {
                self.queue(Manner::Wait);
            }
        });
    }
}
