//! The tabs of one device: who may write as which actor, who holds the connection, and what they tell each
//! other.
//!
//! - A tab leases an actor **slot** with a Web Lock before it opens any document: two tabs never write as one
//!   actor. The lock ends with the tab, whatever ends it.
//! - One tab, the **leader**, holds the connection. A phone freezes hidden tabs and their locks with them, so a
//!   visible tab that gets no answer within [`ANSWER_MS`] steals the lock.
//! - The channel says "look" and what the leader knows; people's work never travels in messages, only through the
//!   store.

pub mod leader;
pub mod lock;
pub mod message;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use message::Message;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

/// How long a visible tab waits for the leader's answer before it takes the connection over.
pub const ANSWER_MS: u32 = 2_000;

/// What the tabs of one person tell each other; cheap to clone.
#[derive(Clone)]
pub struct Channel(Rc<Inner>);

/// A listener that the browser calls, for as long as it is kept.
type Hearing = Closure<dyn FnMut(MessageEvent)>;

struct Inner {
    channel: BroadcastChannel,
    listener: RefCell<Option<Hearing>>,
}

impl Channel {
    /// Joins the channel of this name; `None` where the browser has none.
    pub fn join(name: &str, mut listener: impl FnMut(Message) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let closure = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if !data.is_instance_of::<Uint8Array>() {
                return;
            }
            // A message that this version does not know came from a tab of another version.
            if let Some(message) = Message::decode(&Uint8Array::new(&data).to_vec()) {
                listener(message);
            }
        });
        channel.set_onmessage(Some(closure.as_ref().unchecked_ref()));
        Some(Self(Rc::new(Inner { channel, listener: RefCell::new(Some(closure)) })))
    }

    /// Tells the other tabs.
    pub fn tell(&self, message: &Message) {
        // A closed channel belongs to a page that ends: nobody is left to tell.
        let _ = self.0.channel.post_message(&Uint8Array::from(message.encode().as_slice()));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
        self.listener.borrow_mut().take();
    }
}
