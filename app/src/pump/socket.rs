//! One connection to the relay: a WebSocket, or the same frames over plain HTTPS where a proxy blocks it.

mod polling;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{ArrayBuffer, Uint8Array};
use polling::Polling;
use shared::wire::SUBPROTOCOL;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BinaryType, MessageEvent, WebSocket};

use crate::browser;

/// After so many WebSockets that failed to open while plain HTTP worked, plain HTTP is used.
pub(super) const BLOCKED_SOCKETS: u32 = 2;

/// What a connection says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    /// It is open.
    Opened,
    /// It is open by plain requests.
    OpenedPlain,
    /// A WebSocket opened: nothing blocks them here.
    Passed,
    /// A frame came.
    Frame(Vec<u8>),
    /// It ended, or could not be opened.
    Closed,
    /// A WebSocket could not be opened, though the relay answers over plain HTTP.
    Blocked,
    /// The relay refuses, in these words.
    Refused(String),
    /// The relay answers that the session is over.
    SignInNeeded,
    /// The relay answers that the account is disabled.
    AccountDisabled,
    /// The relay answers that this device was revoked.
    DeviceRevoked,
}

/// A listener that the browser calls, for as long as it is kept.
type Hearing = Closure<dyn FnMut(JsValue)>;

type Listener = dyn Fn(&Rc<Socket>, Event);

/// One connection.
pub(super) struct Socket {
    over_http: bool,
    listener: Box<Listener>,
    kind: RefCell<Option<Kind>>,
    has_opened: Cell<bool>,
    has_ended: Cell<bool>,
    closures: RefCell<Vec<Hearing>>,
}

enum Kind {
    WebSocket(WebSocket),
    Polling(Rc<Polling>),
}

impl Socket {
    /// A connection, not yet begun.
    pub(super) fn open(over_http: bool, listener: impl Fn(&Rc<Self>, Event) + 'static) -> Rc<Self> {
        Rc::new(Self {
            over_http,
            listener: Box::new(listener),
            kind: RefCell::default(),
            has_opened: Cell::new(false),
            has_ended: Cell::new(false),
            closures: RefCell::default(),
        })
    }

    /// Begins.
    pub(super) fn begin(self: &Rc<Self>) {
        if self.over_http {
            let telling = Rc::downgrade(self);
            let polling = Polling::begin(move |event| {
                if let Some(socket) = telling.upgrade() {
                    socket.tell(event);
                }
            });
            *self.kind.borrow_mut() = Some(Kind::Polling(polling));
            return;
        }
        match WebSocket::new_with_str(&address(), SUBPROTOCOL) {
            Ok(socket) => {
                socket.set_binary_type(BinaryType::Arraybuffer);
                let mut closures = Vec::new();
                let mut on = |set: &dyn Fn(&js_sys::Function), hear: fn(&Rc<Self>, JsValue)| {
                    let heard = Rc::downgrade(self);
                    let closure = Closure::<dyn FnMut(JsValue)>::new(move |event| {
                        if let Some(socket) = Weak::upgrade(&heard) {
                            hear(&socket, event);
                        }
                    });
                    set(closure.as_ref().unchecked_ref());
                    closures.push(closure);
                };
                on(&|f| socket.set_onopen(Some(f)), Self::opened);
                on(&|f| socket.set_onmessage(Some(f)), Self::message);
                on(&|f| socket.set_onclose(Some(f)), Self::closed);
                *self.closures.borrow_mut() = closures;
                *self.kind.borrow_mut() = Some(Kind::WebSocket(socket));
            }
            Err(_) => self.failed(),
        }
    }

    /// Sends a frame; where the connection has ended the engine hears of that anyway.
    pub(super) fn send(&self, frame: &[u8]) {
        match self.kind.borrow().as_ref() {
            Some(Kind::WebSocket(socket)) => {
                let _ = socket.send_with_u8_array(frame);
            }
            Some(Kind::Polling(polling)) => polling.send(frame),
            None => {}
        }
    }

    /// Ends it; it says nothing more.
    pub(super) fn close(&self) {
        self.has_ended.set(true);
        match self.kind.borrow_mut().take() {
            Some(Kind::WebSocket(socket)) => {
                socket.set_onopen(None);
                socket.set_onmessage(None);
                socket.set_onclose(None);
                let _ = socket.close();
            }
            Some(Kind::Polling(polling)) => polling.end(),
            None => {}
        }
    }

    fn tell(self: &Rc<Self>, event: Event) {
        if self.has_ended.get() {
            return;
        }
        if !matches!(event, Event::Opened | Event::OpenedPlain | Event::Passed | Event::Frame(_)) {
            self.has_ended.set(true);
        }
        (self.listener)(self, event);
    }

    fn opened(self: &Rc<Self>, _event: JsValue) {
        self.has_opened.set(true);
        self.tell(Event::Passed);
        self.tell(Event::Opened);
    }

    fn message(self: &Rc<Self>, event: JsValue) {
        let Ok(event) = event.dyn_into::<MessageEvent>() else { return };
        // A text frame breaks the protocol: to the engine it is a frame that cannot be read.
        let bytes = match event.data().dyn_into::<ArrayBuffer>() {
            Ok(buffer) => Uint8Array::new(&buffer).to_vec(),
            Err(_) => Vec::new(),
        };
        self.tell(Event::Frame(bytes));
    }

    fn closed(self: &Rc<Self>, _event: JsValue) {
        if self.has_opened.get() {
            self.tell(Event::Closed);
        } else {
            self.failed();
        }
    }

    /// It did not open, and a browser does not say why: plain HTTP is asked.
    fn failed(self: &Rc<Self>) {
        let socket = Rc::clone(self);
        spawn_local(async move {
            socket.tell(polling::probe().await.unwrap_or(Event::Blocked));
        });
    }
}

fn address() -> String {
    let location = browser::window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "http:") { "ws" } else { "wss" };
    format!("{scheme}://{}/api/v1/sync", location.host().unwrap_or_default())
}
