//! The documents: what each kind holds, how it is edited, read and joined.

pub mod kind;
pub mod field;
pub mod document;
pub mod conflict;
pub mod edit;
pub mod trip_report;
pub mod personal;
pub mod agreement;
pub mod action_plan;
pub mod decision;
pub mod summary;
