//! Carries the sync engine's effects into the browser and what happens back into the engine: the connection, the
//! store, the wake-ups. Only the leading tab has one. Nothing is decided here.

mod socket;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use shared::sync::client::{ClientSync, Effect, Input, SyncStatus};
use socket::Socket;
use wasm_bindgen_futures::spawn_local;

use crate::browser;
use crate::store::Store;
use crate::workspace::desk::Desk;

/// The longest wait that a browser's timer takes in one go.
const LONGEST_TIMER_MS: u64 = 60_000;

/// The engine of one person's database, while this tab leads.
pub(crate) struct Pump {
    desk: Weak<Desk>,
    store: Store,
    sync: RefCell<ClientSync>,
    inputs: RefCell<VecDeque<Input>>,
    is_running: Cell<bool>,
    is_ended: Cell<bool>,
    socket: RefCell<Option<Rc<Socket>>>,
    wakeup: RefCell<Option<Timeout>>,
    /// WebSockets that failed to open in a row, while plain HTTP worked.
    blocked_sockets: Cell<u32>,
}

impl Pump {
    /// The engine, not yet running.
    pub(crate) fn begin(desk: &Rc<Desk>, store: Store) -> Rc<Self> {
        let seed = u64::from_le_bytes(browser::random());
        Rc::new(Self {
            desk: Rc::downgrade(desk),
            store,
            sync: RefCell::new(ClientSync::new(browser::now(), seed)),
            inputs: RefCell::default(),
            is_running: Cell::new(false),
            is_ended: Cell::new(false),
            socket: RefCell::default(),
            wakeup: RefCell::default(),
            blocked_sockets: Cell::new(0),
        })
    }

    /// Begins to run.
    pub(crate) fn start(self: &Rc<Self>) {
        self.input(Input::Visible(browser::is_visible()));
    }

    /// How things stand.
    pub(crate) fn status(&self) -> SyncStatus {
        self.sync.borrow().status().clone()
    }

    /// Something happened.
    pub(crate) fn input(self: &Rc<Self>, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        self.run();
    }

    /// Lets go of the connection; the engine hears nothing more.
    pub(crate) fn end(&self) {
        self.is_ended.set(true);
        self.wakeup.borrow_mut().take();
        if let Some(socket) = self.socket.borrow_mut().take() {
            socket.close();
        }
    }

    fn run(self: &Rc<Self>) {
        // What an effect brings about at once waits its turn: the engine hears one thing at a time.
        if self.is_ended.get() || self.is_running.replace(true) {
            return;
        }
        loop {
            let input = self.inputs.borrow_mut().pop_front();
            let Some(input) = input else { break };
            self.sync.borrow_mut().handle(browser::now(), input);
            loop {
                let effect = self.sync.borrow_mut().poll_effect();
                let Some(effect) = effect else { break };
                self.carry_out(effect);
            }
        }
        self.is_running.set(false);
        self.set_wakeup();
    }

    fn set_wakeup(self: &Rc<Self>) {
        let at = self.sync.borrow().next_wakeup();
        let timer = at.map(|at| {
            let wait_ms = at.saturating_sub(browser::now()).min(LONGEST_TIMER_MS) as u32;
            let pump = Rc::downgrade(self);
            Timeout::new(wait_ms, move || {
                if let Some(pump) = pump.upgrade() {
                    pump.input(Input::Wake);
                }
            })
        });
        *self.wakeup.borrow_mut() = timer;
    }

    fn carry_out(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Read(ticket, queries) => {
                let pump = Rc::clone(self);
                spawn_local(async move {
                    let input = match pump.store.read(queries).await {
                        Ok(rows) => Input::Rows(ticket, rows),
                        Err(trouble) => Input::ReadFailed(ticket, trouble),
                    };
                    pump.input(input);
                });
            }
            Effect::Commit(ticket, commit) => {
                let pump = Rc::clone(self);
                spawn_local(async move {
                    let result = pump.store.commit(&commit).await;
                    pump.input(Input::Committed(ticket, result));
                });
            }
            Effect::Open => self.open(),
            Effect::Send(frame) => {
                let socket = self.socket.borrow().clone();
                if let Some(socket) = socket {
                    socket.send(&frame);
                }
            }
            Effect::Close => {
                // The engine asked for it, and is told nothing.
                if let Some(socket) = self.socket.borrow_mut().take() {
                    socket.close();
                }
            }
            Effect::Announce(notice) => {
                if let Some(desk) = self.desk.upgrade() {
                    let status = self.status();
                    desk.announce(notice, &status);
                }
            }
        }
    }

    fn open(self: &Rc<Self>) {
        if let Some(socket) = self.socket.borrow_mut().take() {
            socket.close();
        }
        let over_http = self.blocked_sockets.get() >= socket::BLOCKED_SOCKETS;
        let pump = Rc::downgrade(self);
        let socket = Socket::open(over_http, move |socket, event| {
            let Some(pump) = pump.upgrade() else { return };
            // What an earlier connection still says does not count.
            if !pump.socket.borrow().as_ref().is_some_and(|current| Rc::ptr_eq(current, socket)) {
                return;
            }
            pump.hear(event);
        });
        *self.socket.borrow_mut() = Some(Rc::clone(&socket));
        socket.begin();
    }

    /// The system says that there is no network: a connection would seem open until the relay has not answered for long.
    pub fn network_lost(self: &Rc<Self>) {
        if let Some(socket) = self.socket.borrow_mut().take() {
            socket.close();
        }
        self.input(Input::Closed);
    }

    fn hear(self: &Rc<Self>, event: socket::Event) {
        match event {
            socket::Event::Opened => self.input(Input::Opened),
            socket::Event::OpenedPlain => self.input(Input::OpenedPlain),
            socket::Event::Frame(bytes) => self.input(Input::Frame(bytes)),
            socket::Event::Closed => {
                self.socket.borrow_mut().take();
                // What held up WebSockets may be mended, or was elsewhere: one is tried before the next plain connection.
                self.blocked_sockets.set(self.blocked_sockets.get().min(socket::BLOCKED_SOCKETS - 1));
                self.input(Input::Closed);
            }
            socket::Event::Refused(words) => {
                self.socket.borrow_mut().take();
                self.input(Input::Refused(words));
            }
            socket::Event::SignInNeeded => {
                self.socket.borrow_mut().take();
                self.input(Input::SignInNeeded);
            }
            socket::Event::AccountDisabled => {
                self.socket.borrow_mut().take();
                self.input(Input::AccountDisabled);
            }
            socket::Event::DeviceRevoked => {
                self.socket.borrow_mut().take();
                self.input(Input::DeviceRevoked);
            }
            socket::Event::Blocked => {
                self.socket.borrow_mut().take();
                self.blocked_sockets.set(self.blocked_sockets.get() + 1);
                self.input(Input::Closed);
            }
            socket::Event::Passed => self.blocked_sockets.set(0),
        }
    }
}
