//! The office's values and their Indonesian forms: dates, money, numbers in words, report text.

pub mod date;
pub mod money;
