//! The stages of an agreement that stand twice: two people who knew nothing of each other recorded the same one. Nothing is
//! chosen for them: both stand until somebody joins them or says that it was reached twice.

use super::agreement::{STAGES, Stage, StageName, stage};
use super::edit::Edit;
use super::field::{FactValue, Field, Holds, Item, Record, Scalar};

impl Stage {
    /// Whether it says no more than which stage it is.
    pub fn is_blank(&self) -> bool {
        self.said().is_empty()
    }

    /// What it says besides which stage it is.
    fn said(&self) -> Vec<(Field, Scalar)> {
        let says = |(field, content): &(Field, Scalar)| {
            *field != stage::name && *field != stage::repeats && *content != Scalar::Empty
        };
        self.contents().into_iter().filter(says).collect()
    }
}

/// The stages that were recorded before and are not said to be reached twice, each with the one before it. Of what may follow
/// the eleven stages, such as an amendment, there may be several.
pub fn doubles(stages: &[Item<Stage>]) -> Vec<(&Item<Stage>, &Item<Stage>)> {
    let mut doubles = Vec::new();
    for name in StageName::legal_order() {
        let mut same = stages.iter().filter(|item| item.value.name == Some(*name));
        let Some(first) = same.next() else { continue };
        let unsaid = same.filter(|item| item.value.repeats != Some(true));
        doubles.extend(unsaid.map(|second| (first, second)));
    }
    doubles
}

/// The edits that make one stage of two. What only the second says goes into the first; where both say something, the first
/// keeps its own, and its remark takes what the second says, as `tell` puts it into words. The second goes to the bin.
pub fn join(first: &Item<Stage>, second: &Item<Stage>, tell: &dyn Fn(Field, &Scalar) -> String) -> Vec<Edit> {
    let of_first = first.value.contents();
    let mut edits = Vec::new();
    let mut remark = Vec::new();
    for (field, content) in second.value.said() {
        let own = of_first.iter().find(|(of, _)| *of == field).map_or(&Scalar::Empty, |(_, own)| own);
        let target = field.of(STAGES, first.id);
        match (field.holds, own, &content) {
            (_, own, content) if own == content => {}
            (Holds::Prose, own, Scalar::Text(text)) => {
                let own = String::from_scalar(own).unwrap_or_default();
                if field == stage::remark {
                    remark.insert(0, text.clone());
                } else if !own.contains(text.as_str()) {
                    edits.push(after(first, field, &own, text));
                }
            }
            (_, Scalar::Empty, _) => edits.push(Edit::Set { field: target, value: content.clone() }),
            _ => remark.push(tell(field, &content)),
        }
    }
    remark.retain(|line| !first.value.remark.contains(line.as_str()));
    if !remark.is_empty() {
        edits.push(after(first, stage::remark, &first.value.remark, &remark.join("\n")));
    }
    edits.push(Edit::Remove { list: STAGES, item: second.id });
    edits
}

/// Adds a text on a line of its own behind what a field says.
fn after(item: &Item<Stage>, field: Field, own: &str, text: &str) -> Edit {
    let gap = if own.is_empty() { "" } else { "\n" };
    let at = own.encode_utf16().count();
    Edit::Splice { field: field.of(STAGES, item.id), at, delete: 0, insert: format!("{gap}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ActorId, DeviceId, DocumentId, ItemId};
    use crate::model::agreement::Agreement;
    use crate::model::document::Document;
    use crate::model::kind::Kind;

    fn agreement(stages: &[(u8, StageName)]) -> Document {
        let actor = ActorId::new(DeviceId::from_bytes([1; 16]), 0);
        let mut document = Document::create(DocumentId::from_bytes([7; 16]), Kind::Agreement, actor);
        for (number, name) in stages {
            let item = ItemId::from_bytes([*number; 8]);
            document.edit(&Edit::Add { list: STAGES, item, after: None }).unwrap();
            set(&mut document, *number, stage::name, name.to_scalar());
        }
        document
    }

    fn set(document: &mut Document, number: u8, field: Field, value: Scalar) {
        let field = field.of(STAGES, ItemId::from_bytes([number; 8]));
        let edit = match (field.field.holds, value) {
            (Holds::Prose, Scalar::Text(text)) => Edit::Rewrite { field, text },
            (_, value) => Edit::Set { field, value },
        };
        document.edit(&edit).unwrap();
    }

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    fn numbers(document: &Document) -> Vec<(ItemId, ItemId)> {
        let agreement = Agreement::read(document);
        doubles(&agreement.stages).into_iter().map(|(first, second)| (first.id, second.id)).collect()
    }

    #[test]
    fn the_same_stage_twice_is_a_double_until_somebody_says_that_it_is_none() {
        let mut document = agreement(&[
            (1, StageName::Signing),
            (2, StageName::Signing),
            (3, StageName::Amendment),
            (4, StageName::Amendment),
            (5, StageName::Initiative),
        ]);
        let found = numbers(&document);
        assert_eq!(found.len(), 1, "an amendment may follow another");
        let second = found[0].1;
        let said = Edit::Set { field: stage::repeats.of(STAGES, second), value: Scalar::Flag(true) };
        document.edit(&said).unwrap();
        assert!(numbers(&document).is_empty());
    }

    #[test]
    fn two_that_are_joined_lose_nothing() {
        let mut document = agreement(&[(2, StageName::Signing), (1, StageName::Signing)]);
        set(&mut document, 1, stage::number, text("12/A"));
        set(&mut document, 1, stage::officials, text("Bupati"));
        set(&mut document, 1, stage::remark, text("Di pendopo"));
        set(&mut document, 2, stage::number, text("12/B"));
        set(&mut document, 2, stage::place, text("Sleman"));
        set(&mut document, 2, stage::officials, text("Wali kota"));
        set(&mut document, 2, stage::remark, text("Dihadiri DPRD"));
        let both = Agreement::read(&document).stages;
        let [(first, second)] = doubles(&both)[..] else { panic!("they are a double") };
        assert_eq!(first.id, ItemId::from_bytes([1; 8]));
        for edit in join(first, second, &|field, value| format!("{}: {value:?}", field.name)) {
            document.edit(&edit).unwrap();
        }
        let joined = Agreement::read(&document).stages;
        let [Item { value, .. }] = &joined[..] else { panic!("one is left: {joined:?}") };
        assert_eq!((value.number.as_deref(), value.place.as_deref()), (Some("12/A"), Some("Sleman")));
        assert_eq!(value.officials, "Bupati\nWali kota");
        assert_eq!(value.remark, "Di pendopo\nDihadiri DPRD\nnumber: Text(\"12/B\")");
        assert_eq!(document.removed_items(STAGES).len(), 1, "the second can be taken back");
    }

    #[test]
    fn a_stage_of_which_only_the_name_is_known_is_blank() {
        let mut stage = Stage { name: Some(StageName::Signing), ..Stage::default() };
        assert!(stage.is_blank());
        stage.remark = "ada".to_owned();
        assert!(!stage.is_blank());
    }
}
