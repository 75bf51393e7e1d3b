//! The bars of a phone: they make room while the page goes down, and are back once it goes up or is at its top. What has
//! the focus never lies under one: they stay away from it.
//!
//! Here is only whether they are away, as a class of the root; how they go, and on which screens, is the style sheet's.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;

/// How far the page goes before a finger means it, in CSS pixels.
const TURN_PX: f64 = 12.0;
/// So near the top they are there.
const TOP_PX: f64 = 64.0;
const AWAY: &str = "bars-away";
/// The tabs of a record.
const TABS: &str = ".page-record > .tabs, .sides-tabs";

/// Listens while the frame is there.
pub fn listen() {
    let bars = Rc::new(Bars::default());
    let of_scroll = Rc::clone(&bars);
    let scrolled = window_event_listener(leptos::ev::scroll, move |_| of_scroll.scrolled());
    let focused = window_event_listener(leptos::ev::focusin, move |_| {
        // After the browser has brought it into view.
        let bars = Rc::clone(&bars);
        request_animation_frame(move || {
            if covers_focus() {
                bars.set_away(true);
            }
        });
    });
    on_cleanup(move || {
        scrolled.remove();
        focused.remove();
    });
}

#[derive(Default)]
struct Bars {
    is_away: Cell<bool>,
    /// The farthest that the page went in its present direction.
    farthest: Cell<f64>,
}

impl Bars {
    fn scrolled(&self) {
        let at = window().scroll_y().unwrap_or_default();
        let is_away = self.is_away.get();
        let farthest = if is_away { self.farthest.get().max(at) } else { self.farthest.get().min(at) };
        self.farthest.set(farthest);
        let turned = if is_away { at < farthest - TURN_PX } else { at > farthest + TURN_PX };
        let goes_away = if turned { !is_away } else { is_away };
        self.set_away((goes_away && at > TOP_PX) || covers_focus());
    }

    fn set_away(&self, is_away: bool) {
        if self.is_away.replace(is_away) != is_away {
            self.farthest.set(window().scroll_y().unwrap_or_default());
            if let Some(root) = document().document_element() {
                let _ = root.class_list().toggle_with_force(AWAY, is_away);
            }
        }
    }
}

/// Whether what has the focus would lie under a bar that is there. What is as long as the screen does so wherever it is.
fn covers_focus() -> bool {
    covered().unwrap_or(false)
}

fn covered() -> Option<bool> {
    let focused = document().active_element()?;
    // What stands in a bar comes with it.
    if focused.closest("main > *").ok()?.is_none() || focused.closest(".tabs, dialog").ok()?.is_some() {
        return None;
    }
    let rect_of = |bar: &str| {
        let bar = document().query_selector(bar).ok().flatten()?;
        Some(bar.get_bounding_client_rect())
    };
    let mut above = rect_of(".topbar")?.height();
    // The tabs stand beneath the head once the page has gone as far.
    if let Some(tabs) = rect_of(TABS).filter(|tabs| tabs.top() <= above) {
        above += tabs.height();
    }
    let height = window().inner_height().ok()?.as_f64()?;
    let below = height - rect_of(".navigation")?.height();
    let place = focused.get_bounding_client_rect();
    let (top, bottom) = (place.top(), place.bottom());
    let is_in_sight = bottom > 0.0 && top < height;
    let fits = bottom - top < below - above;
    Some(is_in_sight && fits && (top < above || bottom > below))
}
