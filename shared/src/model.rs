//! The documents: what each kind holds, how it is edited, read and joined.

pub mod action_plan;
pub mod agreement;
mod alignment;
pub mod comparison;
pub mod conflict;
pub mod crossing;
pub mod decision;
pub mod difference;
pub mod discussion;
pub mod document;
pub mod edit;
pub mod feed_settings;
pub mod field;
pub mod foreign;
pub mod history;
pub mod kind;
pub mod known_change;
pub mod missing;
pub mod moment;
pub mod names;
pub mod personal;
pub mod standing_note;
pub mod summary;
pub mod text;
pub mod trip_report;
pub mod version;
pub mod warning;
