//! The wire: golden bytes of every frame, and what is done with bytes that are none.

mod examples;
mod golden;
mod hostile;
