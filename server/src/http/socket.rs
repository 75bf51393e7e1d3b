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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::task::Waker;

    use super::*;

    /// A socket whose other end reads only when it is told to.
    #[derive(Default)]
    struct Slow {
        takes: bool,
        taken: usize,
    }

    impl Sink<Message> for Slow {
        type Error = Infallible;

        fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            if self.takes { Poll::Ready(Ok(())) } else { Poll::Pending }
        }

        fn start_send(mut self: Pin<&mut Self>, _: Message) -> Result<(), Infallible> {
            self.taken += 1;
            Ok(())
        }

        fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            self.poll_ready(context)
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn batch_is_told_as_sent_only_after_the_socket_has_taken_all() {
        let mut outbox = Outbox::new(Slow::default());
        let mut context = Context::from_waker(Waker::noop());
        outbox.push(Message::Binary(vec![1].into()), true);
        outbox.push(Message::Binary(vec![2].into()), false);
        assert!(outbox.poll_send(&mut context).is_pending());
        assert_eq!((outbox.waiting(), outbox.sink.taken), (2, 0));
        outbox.sink.takes = true;
        assert_eq!(outbox.poll_send(&mut context), Poll::Ready(Ok(true)));
        assert_eq!((outbox.waiting(), outbox.sink.taken), (0, 2));
        assert!(outbox.poll_send(&mut context).is_pending(), "there is nothing more to send");
    }
}
