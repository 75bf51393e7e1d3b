//! Lists.

use shared::model::action_plan::{ActionPlan, LINES};
use shared::model::document::Document;
use shared::model::trip_report::{OUTCOMES, outcome};

use super::{item, read};

#[test]
fn item_without_an_order_stands_at_the_end_and_what_is_no_item_is_named() {
    let order = read("plan", |document| document.item_ids(LINES));
    assert_eq!(order, [(item(1), false), (item(2), false), (item(3), false)]);
    let third = read("plan", ActionPlan::read).lines.remove(2).value;
    assert_eq!(third.activity, "Tanpa urutan");
    assert_eq!(read("plan", Document::misplaced), ["lines/0000000000000004", "lines/bukan-id"]);
}

#[test]
fn list_that_another_program_assigned_hides_no_item_in_silence() {
    let shown = read("list-assigned", |document| document.prose(&outcome::text.of(OUTCOMES, item(2))));
    assert_eq!(shown, "Hasil kedua");
    assert_eq!(read("list-assigned", Document::misplaced), ["outcomes/0000000000000001"]);
    assert_eq!(read("list-is-a-list", Document::misplaced), ["outcomes", "outcomes/0000000000000001"]);
    for name in ["assigned", "blocks", "prose-scalar"] {
        assert!(read(name, Document::misplaced).is_empty(), "{name}");
    }
}
