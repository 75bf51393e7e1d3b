//! Who else is in a document that this tab has open, and what it tells them of its own person. What a presence is,
//! `shared::device::presence` says.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use shared::device::presence::{self, Company, PresenceState};
use shared::ids::{DeviceId, ItemId, UserId};

use super::Presence;
use super::opened::{Opened, SetIfNew};
use crate::browser;

/// The others, and what they are told.
#[derive(Default)]
pub(super) struct Others {
    company: RefCell<Company>,
    timer: RefCell<Option<Timeout>>,
    telling: RefCell<Telling>,
}

/// What this tab tells others of its person.
#[derive(Default)]
struct Telling {
    place: Option<(String, Option<ItemId>, String)>,
    /// Whether the others are asked to say where they are.
    asks: bool,
    /// Since the page began; 0 before the first time.
    told_at_ms: f64,
    timer: Option<Timeout>,
}

impl Opened {
    /// The person has come to the document, or the link to the others has come back.
    pub(super) fn come(self: &Rc<Self>) {
        if self.users.get() > 0 {
            self.others.telling.borrow_mut().asks = true;
            self.tell_after(presence::THROTTLE_MS);
        }
    }

    /// Another person was heard.
    pub(super) fn hear(self: &Rc<Self>, user: UserId, device: DeviceId, state: PresenceState) {
        let before = self.others.company.borrow().people().count();
        let asks = state.asks;
        self.others.company.borrow_mut().hear(browser::elapsed_ms() as u64, user, device, state);
        // Who has just come has not heard of this tab's person yet; whoever loads the page again is not new here.
        if asks || self.others.company.borrow().people().count() > before {
            self.tell_after(presence::THROTTLE_MS);
        }
        self.show_company();
    }

    /// Another device's connection is gone.
    pub(super) fn lose_device(self: &Rc<Self>, user: &UserId, device: DeviceId) {
        self.others.company.borrow_mut().lose(user, device);
        self.show_company();
    }

    /// Nobody is heard any more: whether they are still there, nothing tells.
    pub(super) fn lose_company(self: &Rc<Self>) {
        self.others.company.take();
        self.show_company();
    }

    fn show_company(self: &Rc<Self>) {
        let Some(desk) = self.desk() else { return };
        // Whatever is done to the clock meanwhile, nobody is shown for longer than they are there.
        let now = browser::elapsed_ms() as u64;
        let mut company = self.others.company.borrow_mut();
        company.forget(now);
        self.document.borrow_mut().set_with_others(!company.is_empty());
        let presences = company
            .people()
            .filter(|(user, _)| **user != desk.user)
            .map(|(user, state)| Presence {
                user: user.clone(),
                name: desk.name_of(user),
                place: state.place(),
                colour: presence::colour_of(user),
            })
            .collect();
        let timer = company.expires_at().map(|at| {
            let wait_ms = u32::try_from(at.saturating_sub(now)).unwrap_or(u32::MAX);
            let opened = Rc::downgrade(self);
            Timeout::new(wait_ms, move || {
                if let Some(opened) = opened.upgrade() {
                    opened.show_company();
                }
            })
        });
        drop(company);
        *self.others.timer.borrow_mut() = timer;
        self.signals.presences.set_if_new(presences);
    }

    /// Tells others where this person is: not too often, and again while they stay.
    pub(super) fn tell_presence(self: &Rc<Self>, place: Option<(String, Option<ItemId>, String)>) {
        self.others.telling.borrow_mut().place = place;
        let since = (browser::elapsed_ms() - self.others.telling.borrow().told_at_ms) as u64;
        self.tell_after(presence::THROTTLE_MS.saturating_sub(since));
    }

    fn tell_after(self: &Rc<Self>, wait_ms: u64) {
        let opened = Rc::downgrade(self);
        let timer = Timeout::new(wait_ms as u32, move || {
            let Some(opened) = opened.upgrade() else { return };
            // Nobody is told of a page that nobody looks at; they fade from others' screens by themselves.
            if opened.users.get() > 0 && browser::is_visible() {
                let (place, asks) = {
                    let mut telling = opened.others.telling.borrow_mut();
                    telling.told_at_ms = browser::elapsed_ms();
                    (telling.place.clone(), std::mem::take(&mut telling.asks))
                };
                opened.say(place, |state| state.asks = asks);
            }
            if opened.users.get() > 0 {
                opened.tell_after(presence::REPEAT_MS);
            }
        });
        self.others.telling.borrow_mut().timer = Some(timer);
    }

    fn say(&self, place: Option<(String, Option<ItemId>, String)>, more: impl FnOnce(&mut PresenceState)) {
        let Some(desk) = self.desk() else { return };
        let (list, item, field) = place.unwrap_or_default();
        let mut state = PresenceState { slot: desk.slot(), list, item, field, ..PresenceState::default() };
        more(&mut state);
        if let Some(bytes) = state.encode() {
            let home = self.document.borrow().home().clone();
            desk.tell_presence(home, self.doc, bytes);
        }
    }

    /// Who was told that this person is here hears that they are not any more.
    pub(super) fn say_left(&self) {
        if self.others.telling.take().told_at_ms > 0.0 {
            self.say(None, |state| state.left = true);
        }
    }
}
