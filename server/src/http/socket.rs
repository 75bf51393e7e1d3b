//! The sending half of a WebSocket, as something that can be waited for beside everything else.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::ws::Message;
use futures_util::Sink;

/// Messages on their way out.
pub(super) struct Outbox<S> {
    sink: S,
    waiting: VecDeque<Message>,
    has_batch: bool,
    must_flush: bool,
}

impl<S: Sink<Message> + Unpin> Outbox<S> {
    /// An outbox before this sink.
    pub(super) fn new(sink: S) -> Self {
        Self { sink, waiting: VecDeque::new(), has_batch: false, must_flush: false }
    }

    /// Puts a message behind the others; `is_batch` is told again once it has gone out.
    pub(super) fn push(&mut self, message: Message, is_batch: bool) {
        self.waiting.push_back(message);
        self.has_batch |= is_batch;
    }

    /// How many messages have not been handed to the socket.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Waits until everything has gone out, and tells whether a batch was in it; for ever where there is
    /// nothing to send. Nothing is lost where the waiting is given up.
    pub(super) async fn send(&mut self) -> Result<bool, S::Error> {
        poll_fn(|context| self.poll_send(context)).await
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, S::Error>> {
        let mut sink = Pin::new(&mut self.sink);
        while !self.waiting.is_empty() {
            std::task::ready!(sink.as_mut().poll_ready(context))?;
            if let Some(message) = self.waiting.pop_front() {
                self.must_flush = true;
                sink.as_mut().start_send(message)?;
            }
        }
        if !self.must_flush {
            // Whoever pushes a message asks again.
            return Poll::Pending;
        }
        std::task::ready!(sink.poll_flush(context))?;
        self.must_flush = false;
        Poll::Ready(Ok(std::mem::take(&mut self.has_batch)))
    }
}
