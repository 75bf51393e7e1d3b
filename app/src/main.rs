//! Simpul in the browser.

mod browser;
mod parts;
mod places;
mod preferences;
mod screens;
mod shell;
mod store;
mod tabs;
mod words;
mod workspace;

fn main() {
    console_error_panic_hook::set_once();
    preferences::restore();
    leptos::mount::mount_to_body(shell::Shell);
}
