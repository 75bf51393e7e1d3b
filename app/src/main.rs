//! Simpul in the browser.

mod workspace;

fn main() {}
