//! The app. 
fn main() {}
