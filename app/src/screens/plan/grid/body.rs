//! The rows that stand in the table. One that stays is never taken out to be put in again, as a keyed list of the framework
//! may do: whoever is in it keeps the focus, and the word that they compose.

use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Render};
use shared::grid::layout::RowKey;
use shared::ordered::OrderedMap;
use wasm_bindgen::JsCast;

use super::pattern::element;
use super::window::{Piece, Window};
use crate::parts::erased::effect;

/// Tells the pieces of the table apart: gaps by their order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum PieceKey {
    Row(RowKey),
    Gap(usize),
}

/// A piece in the page.
struct Standing {
    key: PieceKey,
    element: web_sys::Element,
    view: Option<(Owner, AnyViewState)>,
}

impl Standing {
    fn row(key: RowKey, owner: &Owner, draw: fn(RowKey) -> AnyView) -> Self {
        let owner = owner.with(Owner::new);
        let state = owner.with(|| draw(key.clone()).build());
        let element = state.elements().into_iter().next().expect("a row is an element");
        Self { key: PieceKey::Row(key), element, view: Some((owner, state)) }
    }

    fn gap(number: usize) -> Self {
        let gap = element("tr", &[("role", "presentation"), ("class", "plan-gap"), ("aria-hidden", "true")]);
        let _ = gap.append_child(&element("td", &[]));
        Self { key: PieceKey::Gap(number), element: gap, view: None }
    }

    fn be_high(&self, height_px: f64) {
        let cell = self.element.first_element_child();
        if let Some(cell) = cell.and_then(|cell| cell.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Through the object model, which a strict policy on styles allows.
            let _ = web_sys::HtmlElement::style(&cell).set_property("height", &format!("{height_px}px"));
        }
    }

    fn go(self) {
        match self.view {
            Some((owner, mut state)) => {
                state.unmount();
                owner.cleanup();
            }
            None => self.element.remove(),
        }
    }
}

/// The body of the table, with the rows that are in sight.
#[component]
pub fn Body(
    /// Which rows.
    window: Window,
    /// Draws a row.
    row: fn(RowKey) -> AnyView,
) -> impl IntoView {
    window.listen();
    let owner = Owner::current().expect("a component has an owner");
    let mut standing = Vec::new();
    effect(move || {
        let Some(body) = window.body().get() else { return };
        let pieces = window.pieces();
        untrack(|| {
            stand(&mut standing, pieces, |key| Standing::row(key, &owner, row));
            put_in_order(&body, &standing);
        });
    });
    view! { <tbody role="rowgroup" node_ref=window.body()></tbody> }
}

/// Brings what stands to these pieces: what is known stays, the rest comes and goes.
fn stand(standing: &mut Vec<Standing>, pieces: Vec<Piece>, row: impl Fn(RowKey) -> Standing) {
    let mut known: OrderedMap<PieceKey, Standing> =
        standing.drain(..).map(|piece| (piece.key.clone(), piece)).collect();
    let mut gaps = 0;
    for piece in pieces {
        standing.push(match piece {
            Piece::Row(key) => known.remove(&PieceKey::Row(key.clone())).unwrap_or_else(|| row(key)),
            Piece::Gap { height_px } => {
                let gap = known.remove(&PieceKey::Gap(gaps)).unwrap_or_else(|| Standing::gap(gaps));
                gap.be_high(height_px);
                gaps += 1;
                gap
            }
        });
    }
    known.into_values().for_each(Standing::go);
}

/// Puts the pieces into the page in their order, around the one that has the focus.
fn put_in_order(body: &web_sys::Element, standing: &[Standing]) {
    let focus = document().active_element();
    let pivot = standing.iter().position(|piece| piece.element.contains(focus.as_deref())).unwrap_or(0);
    let (above, below) = standing.split_at(pivot);
    let Some((pivot, below)) = below.split_first() else { return };
    // Fails only for what the body cannot hold.
    let put = |piece: &Standing, before: Option<&web_sys::Element>| {
        let _ = body.insert_before(&piece.element, before.map(AsRef::as_ref));
    };
    if pivot.element.parent_element().as_ref() != Some(body) {
        put(pivot, body.first_element_child().as_ref());
    }
    let mut next = &pivot.element;
    for piece in above.iter().rev() {
        if piece.element.next_element_sibling().as_ref() != Some(next) {
            put(piece, Some(next));
        }
        next = &piece.element;
    }
    let mut last = &pivot.element;
    for piece in below {
        if piece.element.previous_element_sibling().as_ref() != Some(last) {
            put(piece, last.next_element_sibling().as_ref());
        }
        last = &piece.element;
    }
}
