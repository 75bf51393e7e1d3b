//! Tells who writes in an item that somebody else removes just then. It goes from the page, and the next keys would go to what
//! stands there instead: another line, or the page, which a blank scrolls away.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use shared::ids::{ActorId, ItemId};
use wasm_bindgen::JsCast;

use super::closed::writes;
use super::items::item_of;
use crate::browser;
use crate::parts::author::author_name;
use crate::parts::erased::effect;
use crate::parts::notice::{self, Tone};
use crate::words;
use crate::workspace::{OpenRecord, Workspace, use_workspace};

/// While the record is there, tells who writes in an item that somebody else removes, and holds the keys from then on until
/// the person goes to another place. What this tab removed itself is no news.
pub(super) fn tell_who_writes(record: OpenRecord) {
    let workspace = use_workspace();
    let place = StoredValue::new(None::<ItemId>);
    let came = window_event_listener(leptos::ev::focusin, move |event| {
        place.try_set_value(event.target().and_then(|target| item_of(target.unchecked_ref())));
    });
    let left = window_event_listener(leptos::ev::focusout, move |event| {
        let Some(target) = event.target().map(JsCast::unchecked_into::<web_sys::Element>) else { return };
        // Who clicks beside all fields has left; an element that is taken away has not.
        request_animation_frame(move || {
            if target.is_connected() {
                place.try_set_value(document().active_element().as_ref().and_then(item_of));
            }
        });
    });
    on_cleanup(move || {
        came.remove();
        left.remove();
    });
    effect(move || {
        let removed = record.read(|document| {
            let item = place.get_value()?;
            let lists = document.schema().lists.iter();
            lists.filter_map(|list| document.removed_by_other(*list, item)).next()
        });
        if let Some(by) = removed.flatten() {
            place.set_value(None);
            hold_keys(workspace, by);
        }
    });
}

fn hold_keys(workspace: Workspace, by: ActorId) {
    // Who it was may be known a little later, when whatever called this is over.
    let owner = Owner::new_root(None);
    let told = Rc::new(RefCell::new(String::new()));
    let told_now = Rc::clone(&told);
    owner.with(|| {
        effect(move || {
            let why = words::record::item_removed_by(&author_name(&workspace, by));
            let text = words::record::typed_no_more(&why);
            let before = told_now.replace(text.clone());
            if before != text {
                notice::take_back(&before);
                notice::tell(Tone::Problem, text);
            }
        });
    });
    // A page that takes no element has no focus to give either.
    let _ = hold(told, owner);
}

fn hold(told: Rc<RefCell<String>>, owner: Owner) -> Option<()> {
    let page = document().get_element_by_id("isi")?;
    let holder: web_sys::HtmlElement = document().create_element("div").ok()?.dyn_into().ok()?;
    holder.set_class_name("visually-hidden");
    holder.set_attribute("tabindex", "-1").ok()?;
    page.append_child(&holder).ok()?;
    browser::listen(&holder, "keydown", move |event| {
        let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() else { return };
        if writes(event) {
            event.prevent_default();
            event.stop_propagation();
            notice::tell(Tone::Problem, told.borrow().clone());
        }
    });
    let gone = holder.clone();
    browser::listen(&holder, "blur", move |_| {
        owner.cleanup();
        gone.remove();
    });
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    holder.focus_with_options(&options).ok()
}
