//! The office's values and their Indonesian forms: dates, money, numbers in words, report text.

pub mod countries;
pub mod date;
pub mod date_text;
pub mod decimal;
pub mod formatted;
pub mod letters;
pub mod money;
pub mod number_words;
pub mod paper;
pub mod reading;
pub mod report_text;
