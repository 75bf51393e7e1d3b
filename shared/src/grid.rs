//! A table of many lines that is filled in like a spreadsheet: which rows are drawn, in which order lines stand, what a key
//! does, and how a block of cells comes from a clipboard and goes there.

pub mod block;
pub mod columns;
pub mod cursor;
pub mod find;
pub mod layout;
pub mod paste;
pub mod window;
