//! The office's values and their Indonesian forms: dates, money, numbers in words, report text.

pub mod date;
pub mod date_text;
pub mod money;
pub mod number_words;
pub mod report_text;
