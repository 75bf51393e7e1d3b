//! The numbers by which people call the items of a list: the same on the screen, on paper and in every sentence.

use super::action_plan::{Group, LINES, groups};
use super::document::Document;
use super::field::List;
use crate::ids::ItemId;
use crate::ordered::OrderedMap;

/// The number of each item that is not in the bin, from 1: its place in the list, and of a plan's line that in its groups.
pub fn numbers(document: &Document, list: List) -> OrderedMap<ItemId, usize> {
    if list == LINES {
        return numbers_in(&groups(document));
    }
    let there = document.item_ids(list).into_iter().filter(|(_, is_removed)| !is_removed);
    there.map(|(item, _)| item).zip(1..).collect()
}

/// The numbers of a plan's lines in these groups.
pub fn numbers_in(groups: &[Group]) -> OrderedMap<ItemId, usize> {
    groups.iter().flat_map(|group| &group.lines).copied().zip(1..).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ActorId, DocumentId};
    use crate::model::action_plan::{ActionPlan, line};
    use crate::model::edit::Edit;
    use crate::model::field::Scalar;
    use crate::model::kind::Kind;

    #[test]
    fn lines_are_numbered_in_their_groups_and_a_plan_is_read_in_the_order_of_its_numbers() {
        let actor = ActorId::from_bytes([1; ActorId::LENGTH]);
        let mut plan = Document::create(DocumentId::from_bytes([7; 16]), Kind::ActionPlan, actor);
        let item = |number: u8| ItemId::from_bytes([number; 8]);
        let fields = ["Pendidikan", "Kesehatan", "Pendidikan", "", "Kesehatan"];
        let mut after = None;
        for (number, field) in (1..).zip(fields) {
            plan.edit(&Edit::Add { list: LINES, item: item(number), after }).unwrap();
            after = Some(item(number));
            if !field.is_empty() {
                let value = Scalar::Text(field.to_owned());
                plan.edit(&Edit::Set { field: line::field.of(LINES, item(number)), value }).unwrap();
            }
        }
        plan.edit(&Edit::Remove { list: LINES, item: item(2) }).unwrap();
        let order: Vec<(ItemId, usize)> = numbers(&plan, LINES).into_iter().collect();
        assert_eq!(order, [(item(1), 1), (item(3), 2), (item(4), 3), (item(5), 4)]);
        let read: Vec<ItemId> = ActionPlan::read(&plan).lines.iter().map(|line| line.id).collect();
        assert_eq!(read, [item(1), item(3), item(4), item(5)]);
        plan.edit(&Edit::Restore { list: LINES, item: item(2) }).unwrap();
        let read: Vec<ItemId> = ActionPlan::read(&plan).lines.iter().map(|line| line.id).collect();
        assert_eq!(read, [item(1), item(3), item(2), item(5), item(4)]);
    }
}
