//! Which side of a record is open: the page for who came to read, the form for who writes; and what they chose last.

use leptos::prelude::*;
use shared::ids::DocumentId;
use shared::model::field::FieldRef;
use shared::model::kind::Kind;
use shared::model::trip_report::heading;
use shared::model::visit::Visit;
use shared::ordered::OrderedMap;

use super::{Standing, bring_conflict_into_view};
use crate::parts::editing::use_editing;
use crate::parts::erased::effect;

/// What was chosen in this visit, by record; cheap to copy.
#[derive(Clone, Copy, Default)]
struct Chosen(StoredValue<OrderedMap<DocumentId, &'static str>>);

/// Begins a visit, which lasts as long as the owner at hand.
pub fn begin_visit() {
    provide_context(Chosen::default());
}

/// The side that is open. Each choice is remembered for this visit: who comes back finds what they left.
pub fn open_side(standing: Standing, page: &'static str, form: &'static str) -> RwSignal<&'static str> {
    let doc = standing.record.doc();
    let chosen = expect_context::<Chosen>().0;
    let at_first = || if untrack(|| reads(standing)) { page } else { form };
    let side = RwSignal::new(chosen.with_value(|all| all.get(&doc).copied()).unwrap_or_else(at_first));
    let mut before = side.get_untracked();
    effect(move || {
        let now = side.get();
        if std::mem::replace(&mut before, now) != now {
            chosen.update_value(|all| {
                all.insert(doc, now);
            });
        }
    });
    side
}

/// Whether the person came to read.
fn reads(standing: Standing) -> bool {
    let record = standing.record;
    let user = standing.user.get();
    let course = standing.course.get();
    let visit = Visit {
        kind: record.kind(),
        role: standing.role.get(),
        by: user.as_ref(),
        course: &course,
        four_eyes: standing.four_eyes.get(),
        is_read_only: standing.is_read_only(),
        is_titled: !record.prose(heading::title.at_root()).trim().is_empty(),
        has_conflicts: !record.conflicts().is_empty(),
    };
    visit.is_to_read()
}

/// Opens the side where a field is that somebody wants to see, and brings the field into view.
pub fn follow_wanted(
    standing: Standing,
    side: RwSignal<&'static str>,
    of: impl Fn(FieldRef) -> &'static str + 'static,
) {
    let wanted = use_editing().wanted();
    effect(move || {
        let Some(field) = wanted.get() else { return };
        side.set(of(field));
        // The grid of a plan draws a line that is wanted, and forgets it then.
        if standing.record.kind() == Kind::ActionPlan && field.item.is_some() {
            return;
        }
        wanted.set(None);
        // After the effects that draw it.
        leptos::task::spawn_local(async {
            let _ = bring_conflict_into_view();
        });
    });
}
