//! The relay's command.
fn main() {}
