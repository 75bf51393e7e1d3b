//! In which order the lines of a plan are shown, and which of them: in groups as they stand, or by a column. It is a view of
//! one person, and changes nothing in the record.

use crate::domain::decimal::Decimal;
use crate::ids::ItemId;
use crate::model::action_plan::Group;
use crate::model::field::{FactValue, Scalar};
use crate::ordered::OrderedMap;

/// A row of the grid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// The heading of a *bidang*; `None` for lines without one.
    Heading(Option<String>),
    /// A line.
    Line(ItemId),
}

/// In which direction lines stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// The rows of a grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Headings and lines, from top to bottom.
    pub rows: Vec<RowKey>,
    /// The lines alone.
    pub lines: Vec<ItemId>,
    /// Of each line that is shown: the number of its row, and its place among the lines.
    places: OrderedMap<ItemId, (usize, usize)>,
}

impl Layout {
    fn new(rows: Vec<RowKey>) -> Self {
        let mut lines = Vec::with_capacity(rows.len());
        let mut places = OrderedMap::new();
        for (row, key) in rows.iter().enumerate() {
            if let RowKey::Line(line) = key {
                places.insert(*line, (row, lines.len()));
                lines.push(*line);
            }
        }
        Self { rows, lines, places }
    }

    /// The lines in their groups, as the plan has them. Lines that are not to be shown are left out, and with the last of
    /// its lines a heading is.
    pub fn grouped(groups: &[Group], is_shown: impl Fn(ItemId) -> bool) -> Self {
        let mut rows = Vec::new();
        for group in groups {
            let mut lines = group.lines.iter().filter(|line| is_shown(**line)).peekable();
            if lines.peek().is_some() {
                rows.push(RowKey::Heading(group.field.clone()));
                rows.extend(lines.map(|line| RowKey::Line(*line)));
            }
        }
        Self::new(rows)
    }

    /// The lines by what one column says of each; those of which it says nothing come last, and equal ones stay in the order
    /// of the plan.
    pub fn sorted(
        groups: &[Group],
        is_shown: impl Fn(ItemId) -> bool,
        order: Order,
        key_of: impl Fn(ItemId) -> SortKey,
    ) -> Self {
        let lines = groups.iter().flat_map(|group| &group.lines).filter(|line| is_shown(**line));
        let mut keyed: Vec<(SortKey, ItemId)> = lines.map(|line| (key_of(*line), *line)).collect();
        keyed.sort_by(|(a, _), (b, _)| {
            let compared = match order {
                Order::Ascending => a.cmp(b),
                Order::Descending => b.cmp(a),
            };
            (*a == SortKey::Nothing).cmp(&(*b == SortKey::Nothing)).then(compared)
        });
        Self::new(keyed.into_iter().map(|(_, line)| RowKey::Line(line)).collect())
    }

    /// The number of a line's row.
    pub fn row_of(&self, line: ItemId) -> Option<usize> {
        self.places.get(&line).map(|(row, _)| *row)
    }

    /// The place of a line among the lines.
    pub fn place_of(&self, line: ItemId) -> Option<usize> {
        self.places.get(&line).map(|(_, place)| *place)
    }

    /// The row of the heading under which a row stands.
    pub fn heading_above(&self, row: usize) -> Option<usize> {
        let above = self.rows.get(..=row)?;
        above.iter().rposition(|key| matches!(key, RowKey::Heading(_)))
    }

    /// How many lines stand under a heading.
    pub fn lines_under(&self, heading: &RowKey) -> usize {
        let under = self.rows.iter().skip_while(|row| *row != heading).skip(1);
        under.take_while(|row| matches!(row, RowKey::Line(_))).count()
    }

    /// Whether it differs by nothing but the order, and by whether this line is shown.
    pub fn has_same_lines_beside(&self, other: &Self, line: ItemId) -> bool {
        let beside = |layout: &Self| layout.lines.len() - usize::from(layout.places.contains_key(&line));
        let is_known = |known: &ItemId| *known == line || other.places.contains_key(known);
        beside(self) == beside(other) && self.lines.iter().all(is_known)
    }
}

/// What a line is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// A number.
    Number(Decimal),
    /// A place in a list of choices.
    Choice(usize),
    /// A text, without capitals.
    Text(String),
    /// Nothing is there.
    Nothing,
}

impl SortKey {
    /// That of a value; `choices` are the codes of a closed list in their order.
    pub fn of(value: &Scalar, choices: &[&str]) -> Self {
        match value {
            Scalar::Empty | Scalar::Flag(false) => Self::Nothing,
            Scalar::Flag(true) => Self::Choice(0),
            Scalar::Text(text) if text.trim().is_empty() => Self::Nothing,
            Scalar::Text(text) => match choices.iter().position(|code| code == text) {
                Some(place) => Self::Choice(place),
                None => Self::Text(text.trim().to_lowercase()),
            },
            number => {
                Decimal::from_scalar(number).map_or_else(|| Self::Text(format!("{number:?}")), Self::Number)
            }
        }
    }
}

/// Whether the office that answers for a line is this one, however it is written.
pub fn is_of_office(responsible: &str, office: &str) -> bool {
    let words = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
    };
    let (responsible, office) = (words(responsible), words(office));
    !office.is_empty() && responsible.windows(office.len()).any(|some| some == office)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> ItemId {
        ItemId::from_bytes([number; 8])
    }

    fn groups() -> Vec<Group> {
        let group = |field: Option<&str>, lines: &[u8]| Group {
            field: field.map(str::to_owned),
            lines: lines.iter().map(|number| id(*number)).collect(),
        };
        vec![group(Some("Pendidikan"), &[1, 2]), group(None, &[3]), group(Some("Budaya"), &[4, 5])]
    }

    #[test]
    fn lines_stand_under_the_headings_of_their_groups() {
        let all = Layout::grouped(&groups(), |_| true);
        assert_eq!(all.rows.len(), 8);
        assert_eq!(all.rows[0], RowKey::Heading(Some("Pendidikan".into())));
        assert_eq!(all.lines, [1, 2, 3, 4, 5].map(id));
        assert_eq!((all.row_of(id(3)), all.place_of(id(3))), (Some(4), Some(2)));
        assert_eq!(
            (all.heading_above(4), all.heading_above(0), all.heading_above(99)),
            (Some(3), Some(0), None)
        );
        let some = Layout::grouped(&groups(), |line| line == id(3) || line == id(5));
        assert_eq!(
            some.rows,
            [
                RowKey::Heading(None),
                RowKey::Line(id(3)),
                RowKey::Heading(Some("Budaya".into())),
                RowKey::Line(id(5))
            ]
        );
        assert_eq!(all.lines_under(&RowKey::Heading(Some("Budaya".into()))), 2);
        assert_eq!(all.lines_under(&RowKey::Heading(Some("Hukum".into()))), 0);
    }

    #[test]
    fn rows_that_differ_by_the_order_or_by_one_line_are_known() {
        let of =
            |shown: &[u8]| Layout::grouped(&groups(), |line| shown.iter().any(|number| id(*number) == line));
        let all = of(&[1, 2, 3, 4, 5]);
        let sorted = Layout::sorted(
            &groups(),
            |_| true,
            Order::Descending,
            |line| SortKey::of(&Scalar::Integer(line.as_bytes()[0].into()), &[]),
        );
        assert!(all.has_same_lines_beside(&sorted, id(3)));
        assert!(all.has_same_lines_beside(&of(&[1, 2, 4, 5]), id(3)));
        assert!(of(&[1, 2, 4, 5]).has_same_lines_beside(&all, id(3)));
        assert!(!all.has_same_lines_beside(&of(&[1, 2, 3, 5]), id(3)));
        assert!(!of(&[1, 2]).has_same_lines_beside(&of(&[1, 4]), id(3)));
    }

    #[test]
    fn lines_are_sorted_by_a_column_and_what_says_nothing_comes_last() {
        let amounts = [
            Scalar::Integer(300),
            Scalar::Empty,
            Scalar::Integer(20),
            Scalar::Integer(300),
            Scalar::Integer(9),
        ];
        let key = |line: ItemId| SortKey::of(&amounts[usize::from(line.as_bytes()[0]) - 1], &[]);
        let up = Layout::sorted(&groups(), |_| true, Order::Ascending, key);
        assert_eq!(up.lines, [5, 3, 1, 4, 2].map(id));
        assert_eq!(up.rows.len(), 5, "without headings");
        let down = Layout::sorted(&groups(), |line| line != id(3), Order::Descending, key);
        assert_eq!(down.lines, [1, 4, 5, 2].map(id));
    }

    #[test]
    fn texts_are_sorted_without_capitals_and_choices_as_people_list_them() {
        let key =
            |text: &str| SortKey::of(&Scalar::Text(text.to_owned()), &["not-started", "running", "done"]);
        assert!(key("rapat") < key("Workshop") && key("Budaya") < key("pendidikan"));
        assert!(key("running") < key("done") && key("  ") == SortKey::Nothing);
        assert!(SortKey::of(&Scalar::Integer(9), &[]) < SortKey::of(&Scalar::Integer(10), &[]));
    }

    #[test]
    fn an_office_is_known_however_it_is_written() {
        for (responsible, office, is_it) in [
            ("Dinas Pendidikan", "Dinas Pendidikan", true),
            ("DINAS PENDIDIKAN ", "Dinas Pendidikan", true),
            ("Bappeda, Dinas  Pendidikan", "Dinas Pendidikan", true),
            ("Dinas Pendidikan Tinggi", "Dinas Pendidikan", true),
            ("Dinas Kesehatan", "Dinas Pendidikan", false),
            ("Dinas Pendidik", "Dinas Pendidikan", false),
            ("", "Dinas Pendidikan", false),
            ("Bappeda", "", false),
        ] {
            assert_eq!(is_of_office(responsible, office), is_it, "{responsible}");
        }
    }
}
