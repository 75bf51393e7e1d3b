//! Which rows of the grid are in the page: carries what `shared::grid::window` decides. Rows are measured as they are drawn.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use shared::grid::layout::{Layout, RowKey};
use shared::grid::window::{self, Drawn, Sight};
use shared::ids::ItemId;
use shared::ordered::OrderedMap;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use crate::parts::erased::effect;

/// What is drawn above and below what is in sight.
const MARGIN_PX: f64 = 480.0;
/// Of that so much at least, or more is drawn.
const LEAST_MARGIN_PX: f64 = 160.0;
/// New rows that a frame draws at most.
const MOST_NEW: usize = 4;
/// A row before it is measured: most are so high.
const LINE_PX: f64 = 46.0;
const CARD_PX: f64 = 118.0;
/// Between two cards of a phone; `.plan tbody` has it, too.
const CARD_SPACE_PX: f64 = 12.0;
/// Where lines are cards.
const IS_CARDS: &str = "(max-width: 61.99rem)";

/// Which rows are drawn; cheap to copy.
#[derive(Clone, Copy)]
pub struct Window {
    layout: RwSignal<Arc<Layout>>,
    range: RwSignal<Range<usize>>,
    /// Rows that stay wherever they are.
    kept: RwSignal<Vec<usize>>,
    /// Grows as rows are measured.
    measured: RwSignal<u64>,
    heights: StoredValue<Rc<RefCell<Heights>>, LocalStorage>,
    body: NodeRef<html::Tbody>,
}

#[derive(Default)]
struct Heights {
    lines: OrderedMap<ItemId, f64>,
    heading_px: Option<f64>,
    /// The sum of the measured ones.
    lines_px: f64,
    seen: Range<usize>,
    is_waiting: bool,
    is_measured: bool,
    observer: Option<web_sys::ResizeObserver>,
}

/// A piece of the table's body.
pub enum Piece {
    /// A row.
    Row(RowKey),
    /// Nothing, in the place of rows.
    Gap {
        /// As high as they are.
        height_px: f64,
    },
}

impl Window {
    /// A window on these rows.
    pub fn new(layout: RwSignal<Arc<Layout>>) -> Self {
        Self {
            layout,
            range: RwSignal::new(0..0),
            kept: RwSignal::new(Vec::new()),
            measured: RwSignal::new(0),
            heights: StoredValue::new_local(Rc::default()),
            body: NodeRef::new(),
        }
    }

    /// The rows that go with a page.
    pub fn page(self) -> usize {
        let heights = self.heights.get_value();
        let seen = heights.borrow().seen.clone();
        seen.len().saturating_sub(3).max(1)
    }

    /// Follows scrolling and whatever else changes what is in sight, while the owner lives.
    pub fn listen(self) {
        let look = move |_: web_sys::Event| self.look_soon();
        let closure = Closure::<dyn FnMut(web_sys::Event)>::new(look);
        let window = crate::browser::window();
        let options = web_sys::AddEventListenerOptions::new();
        // Whatever scrolls, the page or the table: it does not bubble.
        options.set_capture(true);
        options.set_passive(true);
        for name in ["scroll", "resize"] {
            // Only a wrong name could fail.
            let _ = window.add_event_listener_with_callback_and_add_event_listener_options(
                name,
                closure.as_ref().unchecked_ref(),
                &options,
            );
        }
        let measured = move |entries: js_sys::Array| self.take_sizes(&entries);
        let on_size = Closure::<dyn FnMut(js_sys::Array)>::new(measured);
        let observer = web_sys::ResizeObserver::new(on_size.as_ref().unchecked_ref()).ok();
        self.heights.get_value().borrow_mut().observer.clone_from(&observer);
        let kept = send_wrapper::SendWrapper::new((closure, on_size, observer));
        on_cleanup(move || {
            let (closure, _on_size, observer) = kept.take();
            for name in ["scroll", "resize"] {
                let _ = crate::browser::window().remove_event_listener_with_callback_and_bool(
                    name,
                    closure.as_ref().unchecked_ref(),
                    true,
                );
            }
            if let Some(observer) = observer {
                observer.disconnect();
            }
        });
        effect(move || {
            self.layout.track();
            self.kept.track();
            if self.body.get().is_some() {
                self.look();
            }
        });
    }

    /// These rows stay wherever they are.
    pub fn keep(self, rows: Vec<usize>) {
        if self.kept.with_untracked(|kept| *kept != rows) {
            self.kept.set(rows);
        }
    }

    /// A row came into the page.
    pub fn came(self, row: &web_sys::Element) {
        let heights = self.heights.get_value();
        if let Some(observer) = &heights.borrow().observer {
            observer.observe(row);
        }
    }

    /// A row leaves the page.
    pub fn went(self, row: &web_sys::Element) {
        let Some(heights) = self.heights.try_get_value() else { return };
        if let Some(observer) = &heights.borrow().observer {
            observer.unobserve(row);
        }
    }

    fn take_sizes(self, entries: &js_sys::Array) {
        let Some(heights) = self.heights.try_get_value() else { return };
        let mut is_new = false;
        for entry in entries.iter() {
            let Ok(entry) = entry.dyn_into::<web_sys::ResizeObserverEntry>() else { continue };
            let row = entry.target();
            let height_px = row.get_bounding_client_rect().height();
            if height_px <= 0.0 {
                continue;
            }
            let mut heights = heights.borrow_mut();
            match row.id().strip_prefix("item-").and_then(|id| id.parse::<ItemId>().ok()) {
                Some(line) => {
                    let before = heights.lines.insert(line, height_px);
                    heights.lines_px += height_px - before.unwrap_or(0.0);
                    is_new |= before != Some(height_px);
                }
                None => {
                    is_new |= heights.heading_px.replace(height_px) != Some(height_px);
                }
            }
        }
        if is_new {
            // With the next frame: what is drawn while sizes are told would be told in it once more.
            heights.borrow_mut().is_measured = true;
            self.look_soon();
        }
    }

    /// Looks once in the next frame, whatever asks for it until then: a frame draws what it may once, and not for each who asks.
    fn look_soon(self) {
        let Some(heights) = self.heights.try_get_value() else { return };
        if std::mem::replace(&mut heights.borrow_mut().is_waiting, true) {
            return;
        }
        request_animation_frame(move || {
            let Some(heights) = self.heights.try_get_value() else { return };
            heights.borrow_mut().is_waiting = false;
            if std::mem::take(&mut heights.borrow_mut().is_measured) {
                self.measured.update(|measured| *measured += 1);
            }
            self.look();
        });
    }

    /// The heights of all rows, and the space between two.
    fn heights_px(self) -> (Vec<f64>, f64) {
        let heights = self.heights.get_value();
        let heights = heights.borrow();
        let is_cards = is_cards();
        #[expect(clippy::cast_precision_loss, reason = "no plan has so many lines")]
        let usual_px = match heights.lines.len() {
            0 if is_cards => CARD_PX,
            0 => LINE_PX,
            many => heights.lines_px / many as f64,
        };
        let heading_px = heights.heading_px.unwrap_or(LINE_PX);
        let height = |row: &RowKey| match row {
            RowKey::Heading(_) => heading_px,
            RowKey::Line(line) => heights.lines.get(line).copied().unwrap_or(usual_px),
        };
        let all = self.layout.with_untracked(|layout| layout.rows.iter().map(height).collect());
        (all, if is_cards { CARD_SPACE_PX } else { 0.0 })
    }

    /// Looks which rows are in sight, and draws what is missing: some now and the rest in the frames that follow.
    pub fn look(self) {
        let Some(body) = self.body.try_get_untracked().flatten() else { return };
        let rect = body.get_bounding_client_rect();
        let (mut top_px, mut bottom_px) = (0.0, inner_height_px());
        if let Ok(Some(scroller)) = body.closest(".plan-scroll") {
            let around = scroller.get_bounding_client_rect();
            top_px = around.top().max(top_px);
            bottom_px = around.bottom().min(bottom_px);
        }
        let sight = Sight { top_px: top_px - rect.top(), bottom_px: bottom_px - rect.top() };
        let (mut heights_px, space_px) = self.heights_px();
        for height_px in &mut heights_px {
            *height_px += space_px;
        }
        let seen = window::touched(&heights_px, sight);
        let enough = window::touched(&heights_px, sight.with_margin(LEAST_MARGIN_PX));
        let drawn = self.range.get_untracked();
        let heights = self.heights.get_value();
        heights.borrow_mut().seen = seen.clone();
        let is_enough =
            drawn.start <= enough.start && drawn.end >= enough.end && drawn.end <= heights_px.len();
        if is_enough && !drawn.is_empty() {
            return;
        }
        let wanted = window::touched(&heights_px, sight.with_margin(MARGIN_PX));
        let next = window::step(&drawn, &wanted, &seen, MOST_NEW);
        let is_done = next == wanted;
        if next != drawn {
            self.range.set(next);
        }
        if !is_done {
            self.look_soon();
        }
    }

    /// What is drawn, from top to bottom, tracked.
    pub fn pieces(self) -> Vec<Piece> {
        self.measured.track();
        let range = self.range.get();
        let layout = self.layout.get();
        let (heights_px, space_px) = self.heights_px();
        let mut kept = self.kept.get();
        // The heading of what is in sight stays above it.
        kept.extend(layout.heading_above(range.start));
        let piece = |drawn| match drawn {
            Drawn::Row(row) => layout.rows.get(row).cloned().map(Piece::Row),
            Drawn::Gap { height_px, .. } => Some(Piece::Gap { height_px }),
        };
        window::drawn(&heights_px, &range, &kept, space_px).into_iter().filter_map(piece).collect()
    }

    /// The body of the table.
    pub fn body(self) -> NodeRef<html::Tbody> {
        self.body
    }
}

/// Whether lines are cards, as on a phone.
pub fn is_cards() -> bool {
    crate::browser::window().match_media(IS_CARDS).ok().flatten().is_some_and(|query| query.matches())
}

fn inner_height_px() -> f64 {
    crate::browser::window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0)
}
