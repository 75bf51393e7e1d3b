//! What a device keeps, and how: tables of rows, one database per person.
//!
//! The store itself is dumb, so that the browser's and the simulator's behave alike: byte keys, byte
//! values, reads of a row or a range, and commits that happen wholly or not at all. Which rows there
//! are, what they hold and which belong in one commit is decided here.

pub mod decision_time;
pub mod directory;
pub mod draft;
pub mod edit_limits;
mod gone;
pub mod intake;
pub mod listing;
pub mod memory;
pub mod open_document;
pub mod poison;
pub mod presence;
pub mod row;
pub mod set_aside_text;
pub mod settings;
pub mod stand_ins;
pub mod table;
pub mod takeover;
pub mod text_field;
pub mod text_marks;
mod text_watch;
mod undo;
pub mod unfolding;
