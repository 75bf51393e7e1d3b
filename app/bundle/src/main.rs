//! The bundler. 
fn main() {}
