//! Putting a block of cells into the lines of a plan, and copying cells from one line into others: which edits that takes,
//! and which texts a person has to look at.

use super::columns::{self, COLUMNS, ChoiceWord, Holds, Meaning};
use crate::ids::ItemId;
use crate::model::action_plan::{LINES, line};
use crate::model::edit::Edit;
use crate::model::field::{FieldRef, Scalar};

/// Where a block comes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The lines from the first that it reaches, as they are shown.
    pub lines: &'a [ItemId],
    /// The column of its first cells, among [`COLUMNS`].
    pub column: usize,
    /// The line after which new ones come.
    pub after: Option<ItemId>,
    /// The *bidang* of new lines, where the block says none.
    pub field: Option<&'a str>,
    /// The words of the choices.
    pub choices: &'a [ChoiceWord<'a>],
}

/// What a block comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pasted {
    /// The edits, in their order: one step of the person's work.
    pub edits: Vec<Edit>,
    /// The cells that it reaches.
    pub cells: Vec<FieldRef>,
    /// Cells whose text has to be looked at: it is kept beside the value that is there.
    pub unread: Vec<(FieldRef, String)>,
    /// The lines that are new.
    pub new_lines: Vec<ItemId>,
    /// Cells that lie right of the last column.
    pub left_out: usize,
}

/// Puts a block into lines; where it has more rows than there are lines, new ones come.
pub fn paste(
    block: &[Vec<String>],
    target: Target<'_>,
    unit_of: impl Fn(ItemId) -> String,
    mut new_line: impl FnMut() -> ItemId,
) -> Pasted {
    let mut pasted = Pasted::default();
    let mut after = target.after;
    let place_of = |field| COLUMNS.iter().position(|column| column.field == field);
    let said_in = |row: &[String], field| {
        let place = place_of(field)?.checked_sub(target.column)?;
        row.get(place).map(|text| text.trim().to_owned())
    };
    for (nth, row) in block.iter().enumerate() {
        let line = match target.lines.get(nth) {
            Some(line) => *line,
            None => {
                let line = new_line();
                pasted.edits.push(Edit::Add { list: LINES, item: line, after });
                after = Some(line);
                pasted.new_lines.push(line);
                if let Some(field) = target.field.filter(|_| said_in(row, line::field).is_none()) {
                    let value = Scalar::Text(field.to_owned());
                    pasted.edits.push(Edit::Set { field: line::field.of(LINES, line), value });
                }
                line
            }
        };
        let unit = said_in(row, line::unit).unwrap_or_else(|| unit_of(line));
        for (nth, text) in row.iter().enumerate() {
            let Some(column) = COLUMNS.get(target.column + nth) else {
                pasted.left_out += usize::from(!text.trim().is_empty());
                continue;
            };
            let field = column.field.of(LINES, line);
            pasted.cells.push(field);
            match columns::read(*column, text, &unit, target.choices) {
                Meaning::Prose(text) => pasted.edits.push(Edit::Rewrite { field, text }),
                Meaning::Fact(value) => pasted.edits.push(Edit::Set { field, value }),
                Meaning::Unread => pasted.unread.push((field, text.trim().to_owned())),
            }
        }
    }
    pasted
}

/// One cell over as many as are selected, or the block as it is.
pub fn over(block: Vec<Vec<String>>, rows: usize, columns: usize) -> Vec<Vec<String>> {
    match &block[..] {
        [row] if row.len() == 1 => vec![vec![row[0].clone(); columns.max(1)]; rows.max(1)],
        _ => block,
    }
}

/// Puts the same values, one a column from `column` on, into lines.
pub fn fill(values: &[Scalar], column: usize, lines: &[ItemId]) -> Vec<Edit> {
    let into = |line: &ItemId| {
        let line = *line;
        let cells = COLUMNS.iter().skip(column).zip(values);
        cells
            .map(move |(column, value)| put(column.field.of(LINES, line), column.holds, value))
            .collect::<Vec<_>>()
    };
    lines.iter().flat_map(into).collect()
}

/// Empties these columns of these lines.
pub fn empty(columns: std::ops::RangeInclusive<usize>, lines: &[ItemId]) -> Vec<Edit> {
    let many = columns.end() + 1 - columns.start();
    fill(&vec![Scalar::Empty; many], *columns.start(), lines)
}

fn put(field: FieldRef, holds: Holds, value: &Scalar) -> Edit {
    match (holds, value) {
        (Holds::Prose, Scalar::Text(text)) => Edit::Rewrite { field, text: text.clone() },
        (Holds::Prose, _) => Edit::Rewrite { field, text: String::new() },
        (_, value) => Edit::Set { field, value: value.clone() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::block::parse;
    use crate::model::field::Field;

    fn id(number: u8) -> ItemId {
        ItemId::from_bytes([number; 8])
    }

    fn at(field: Field, line: u8) -> FieldRef {
        field.of(LINES, id(line))
    }

    fn pasted(text: &str, lines: &[ItemId], column: usize, field: Option<&str>) -> Pasted {
        let mut next = 100;
        let target =
            Target { lines, column, after: lines.last().copied(), field, choices: &[("Selesai", "done")] };
        paste(
            &parse(text).unwrap(),
            target,
            |_| "orang".to_owned(),
            || {
                next += 1;
                id(next)
            },
        )
    }

    #[test]
    fn a_block_goes_into_lines_and_makes_those_that_it_lacks() {
        let pasted = pasted("Rapat\tEkonomi\nPameran\t\n", &[id(1)], 0, Some("Budaya"));
        assert_eq!(pasted.new_lines, [id(101)]);
        assert_eq!(
            pasted.edits,
            [
                Edit::Rewrite { field: at(line::activity, 1), text: "Rapat".into() },
                Edit::Set { field: at(line::field, 1), value: Scalar::Text("Ekonomi".into()) },
                Edit::Add { list: LINES, item: id(101), after: Some(id(1)) },
                Edit::Rewrite { field: at(line::activity, 101), text: "Pameran".into() },
                Edit::Set { field: at(line::field, 101), value: Scalar::Empty },
            ]
        );
        assert_eq!(pasted.cells.len(), 4);
    }

    #[test]
    fn new_lines_take_the_group_of_their_place_where_the_block_says_none() {
        let pasted = pasted("40\torang\n50\t", &[], 3, Some("Budaya"));
        let budaya = |line| Edit::Set { field: at(line::field, line), value: Scalar::Text("Budaya".into()) };
        assert_eq!(pasted.edits[..2], [Edit::Add { list: LINES, item: id(101), after: None }, budaya(101)]);
        assert_eq!(
            pasted.edits[4..6],
            [Edit::Add { list: LINES, item: id(102), after: Some(id(101)) }, budaya(102)]
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_for_a_person_and_the_value_stays() {
        let pasted = pasted("menyusul\t10.000\t80\tSelesai\tsisa\nkira-kira 5", &[id(1), id(2)], 10, None);
        assert_eq!(
            pasted.unread,
            [(at(line::ceiling, 1), "menyusul".to_owned()), (at(line::ceiling, 2), "kira-kira 5".to_owned())]
        );
        assert_eq!(
            pasted.edits,
            [
                Edit::Set { field: at(line::spent, 1), value: Scalar::Integer(10_000) },
                Edit::Set { field: at(line::progress, 1), value: Scalar::Integer(80) },
                Edit::Set { field: at(line::status, 1), value: Scalar::Text("done".into()) },
            ]
        );
        assert_eq!((pasted.left_out, pasted.cells.len()), (1, 5));
    }

    #[test]
    fn a_target_is_read_in_the_unit_that_stands_beside_it_in_the_block() {
        let said = pasted("40 dokumen\tdokumen", &[id(1)], 3, None);
        assert_eq!(said.edits[0], Edit::Set { field: at(line::target, 1), value: Scalar::Integer(40) });
        let known = pasted("40 orang", &[id(1)], 3, None);
        assert_eq!(known.edits[0], Edit::Set { field: at(line::target, 1), value: Scalar::Integer(40) });
        assert_eq!(pasted("40 dokumen", &[id(1)], 3, None).unread.len(), 1);
    }

    #[test]
    fn one_cell_fills_all_that_are_selected() {
        let one = || vec![vec!["x".to_owned()]];
        assert_eq!(over(one(), 2, 3), vec![vec!["x".to_owned(); 3]; 2]);
        assert_eq!(over(one(), 1, 1), one());
        let two = vec![vec!["a".to_owned(), "b".to_owned()]];
        assert_eq!(over(two.clone(), 4, 4), two);
    }

    #[test]
    fn cells_are_filled_and_emptied_by_their_kind() {
        let values = [Scalar::Text("keluaran".into()), Scalar::Integer(4)];
        assert_eq!(
            fill(&values, 2, &[id(7)]),
            [
                Edit::Rewrite { field: at(line::output, 7), text: "keluaran".into() },
                Edit::Set { field: at(line::target, 7), value: Scalar::Integer(4) },
            ]
        );
        let emptied = empty(2..=3, &[id(7), id(8)]);
        assert_eq!(emptied.len(), 4);
        assert_eq!(emptied[0], Edit::Rewrite { field: at(line::output, 7), text: String::new() });
        assert_eq!(emptied[3], Edit::Set { field: at(line::target, 8), value: Scalar::Empty });
    }
}
