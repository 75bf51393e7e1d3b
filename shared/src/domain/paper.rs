//! What the office's paper says beside what people wrote: sentences of facts, and how far the record is.

mod mention;
pub mod sentences;
pub mod standing;
