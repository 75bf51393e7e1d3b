//! The pages. Each has a heading, an empty state, and works without a connection.

pub mod agreement;
pub mod agreement_print;
pub mod begin;
pub mod bin;
pub mod devices;
pub mod home;
pub mod import;
pub mod link;
pub mod paper;
pub mod password_form;
pub mod plan;
pub mod plan_print;
pub mod record;
pub mod records;
pub mod report;
pub mod report_print;
pub mod row;
pub mod search;
pub mod settings;
pub mod sign_in;
