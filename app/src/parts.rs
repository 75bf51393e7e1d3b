//! What screens are built of. Each part shows and asks; what is decided, `shared` decides.
//!
//! A screen that edits a record calls [`editing::Editing::provide`] once and then places
//! [`prose::Prose`], [`prose::TextLine`] and [`fact_field::FactField`] anywhere beneath: each needs only
//! its `FieldRef` and a label. They write to the record, keep the caret when others type, show who else
//! is there, and offer the choice where a fact has two values.

pub mod amount;
pub mod author;
pub mod crossings;
pub mod dialog;
pub mod dimmed_marks;
pub mod editing;
pub mod erased;
pub mod fact_field;
pub mod fact_text;
pub mod field_frame;
pub mod file_name;
pub mod icon;
pub mod live_text;
pub mod mark;
pub mod menu;
pub mod notice;
pub mod official_field;
pub mod page;
pub mod prose;
pub mod suggestions;
pub mod tabs;
pub mod text_tools;
pub mod typed_field;
pub mod work_keys;
