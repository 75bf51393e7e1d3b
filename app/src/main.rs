//! Simpul in the browser.

mod account;
mod asked;
mod browser;
mod json;
mod panic;
mod parts;
mod places;
mod preferences;
mod pump;
mod route;
mod screens;
mod session;
mod shell;
mod store;
mod tabs;
mod update;
mod words;
mod workspace;

fn main() {
    panic::install();
    preferences::restore();
    leptos::mount::mount_to_body(shell::Shell);
}
