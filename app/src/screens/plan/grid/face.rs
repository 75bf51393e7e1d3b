//! What a cell shows while nobody edits it: its words, and whatever is to be said of them.

use shared::domain::decimal::Decimal;
use shared::domain::reading::FactKind;
use shared::grid::columns::{COLUMNS, Column, Holds};
use shared::ids::ItemId;
use shared::model::action_plan::{LINES, LineStatus};
use shared::model::field::{FactValue, FieldRef, Scalar};
use shared::model::warning;

use crate::parts::editing::ItemMarks;
use crate::parts::fact_text::{plain, typed_form};
use crate::words;
use crate::words::choices::word_of;
use crate::words::people::few;
use crate::workspace::Presence;

/// What a cell shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Face {
    /// Its words.
    pub text: String,
    /// It says yes.
    pub is_on: bool,
    /// The words were typed and could not be read, or are no value of the column.
    pub is_unread: bool,
    /// It has more than one value.
    pub has_conflict: bool,
    /// What else is to be said of it.
    pub note: Option<String>,
    /// Who else is there: their names and the number of the first one's colour.
    pub other: Option<(String, u8)>,
}

/// What a column shows of a line.
pub fn face(column: Column, line: ItemId, values: &[(Column, Scalar)], marks: &ItemMarks) -> Face {
    let name = column.field.name;
    let value_of = |field: FieldRef| {
        let found = values.iter().find(|(column, _)| column.field == field.field);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let value = value_of(column.field.of(LINES, line));
    let unread = marks.unread.iter().find(|(field, _)| field == name).map(|(_, text)| text.clone());
    let is_foreign = matches!(column.field.holds, shared::model::field::Holds::Fact(of) if !of.reads(&value));
    let note = if unread.is_some() {
        Some(words::plan::unread_cell.text().to_owned())
    } else if is_foreign {
        Some(words::parts::unread(&plain(&value)))
    } else if marks.crossings.contains(&name) {
        Some(words::plan::crossed_cell.text().to_owned())
    } else {
        warning::beside(column.field.of(LINES, line), value_of)
            .map(|warning| words::values::warning(warning).text().to_owned())
    };
    let is_here = |other: &&Presence| other.place.as_ref().is_some_and(|(_, _, field)| field == name);
    let mut others = marks.others.iter().filter(is_here).peekable();
    let colour = others.peek().map(|other| other.colour % 8);
    Face {
        is_on: value == Scalar::Flag(true),
        is_unread: unread.is_some() || is_foreign,
        text: unread.unwrap_or_else(|| seen(column, &value)),
        has_conflict: marks.conflicts.contains(&name),
        note,
        other: colour.map(|colour| (few(others.map(|other| other.name.clone())), colour)),
    }
}

/// How a value reads in its cell: a number with its thousands apart. What is copied has to be read again, where a point may mean
/// either.
fn seen(column: Column, value: &Scalar) -> String {
    match (column.holds, Decimal::from_scalar(value)) {
        (Holds::Fact(FactKind::Number), Some(number)) => words::time::grouped(number),
        _ => text(column, value),
    }
}

/// How a value reads in what is copied of a cell.
pub fn text(column: Column, value: &Scalar) -> String {
    match (column.holds, value) {
        (_, Scalar::Empty) => String::new(),
        (Holds::Fact(kind), value) => typed_form(kind, value),
        (Holds::Status, Scalar::Text(code)) => {
            word_of::<LineStatus>(code).map_or_else(|| code.clone(), |word| word.text().to_owned())
        }
        (Holds::Flag, Scalar::Flag(true)) => "x".to_owned(),
        (Holds::Flag, Scalar::Flag(false)) => String::new(),
        (_, value) => plain(value),
    }
}

/// The headings of the columns.
const HEADINGS: [words::Word; COLUMNS.len()] = [
    words::plan::activity,
    words::plan::field,
    words::plan::output,
    words::plan::target,
    words::plan::unit,
    words::plan::responsible,
    words::plan::quarter_1,
    words::plan::quarter_2,
    words::plan::quarter_3,
    words::plan::quarter_4,
    words::plan::ceiling,
    words::plan::spent,
    words::plan::progress,
    words::plan::status,
];

/// The heading of a column.
pub fn heading(column: Column) -> words::Word {
    HEADINGS[COLUMNS.iter().position(|known| *known == column).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use shared::ids::UserId;
    use shared::model::action_plan::line;

    use super::*;
    use crate::words::{Language, set_language};

    const LINE: ItemId = ItemId::from_bytes([1; 8]);

    fn face_of(field: shared::model::field::Field, value: Scalar, marks: &ItemMarks) -> Face {
        set_language(Language::Indonesian);
        let mut values: Vec<(Column, Scalar)> =
            COLUMNS.iter().map(|column| (*column, Scalar::Empty)).collect();
        for (column, known) in &mut values {
            if column.field == field {
                *known = value.clone();
            }
        }
        let column = COLUMNS.into_iter().find(|column| column.field == field).unwrap();
        face(column, LINE, &values, marks)
    }

    #[test]
    fn values_read_as_in_their_fields() {
        let none = ItemMarks::default();
        for (field, value, text) in [
            (line::activity, Scalar::Text("Rapat".into()), "Rapat"),
            (line::ceiling, Scalar::Integer(1_250_000), "1.250.000"),
            (line::status, Scalar::Text("running".into()), "Berjalan"),
            (line::status, Scalar::Text("kelak".into()), "kelak"),
            (line::quarter_1, Scalar::Flag(true), "x"),
            (line::quarter_1, Scalar::Flag(false), ""),
            (line::progress, Scalar::Empty, ""),
        ] {
            assert_eq!(face_of(field, value, &none).text, text, "{}", field.name);
        }
    }

    #[test]
    fn what_was_typed_and_not_read_stands_in_the_cell_and_says_so() {
        let marks = ItemMarks { unread: vec![("ceiling".into(), "menyusul".into())], ..ItemMarks::default() };
        let face = face_of(line::ceiling, Scalar::Integer(5), &marks);
        assert_eq!((face.text.as_str(), face.is_unread, face.note.is_some()), ("menyusul", true, true));
        assert!(!face_of(line::spent, Scalar::Integer(5), &marks).is_unread);
        let foreign = face_of(line::ceiling, Scalar::Text("lima juta".into()), &ItemMarks::default());
        assert_eq!((foreign.text.as_str(), foreign.is_unread), ("lima juta", true));
    }

    #[test]
    fn conflicts_warnings_and_colleagues_are_seen_without_editing() {
        let user: UserId = "budi".parse().unwrap();
        let place = Some(("lines".to_owned(), Some(LINE), "output".to_owned()));
        let marks = ItemMarks {
            conflicts: vec!["ceiling"],
            others: ["Budi", "Dewi"]
                .map(|name| Presence {
                    user: user.clone(),
                    name: name.into(),
                    place: place.clone(),
                    colour: 3,
                })
                .to_vec(),
            ..ItemMarks::default()
        };
        assert!(face_of(line::ceiling, Scalar::Integer(1), &marks).has_conflict);
        assert_eq!(face_of(line::output, Scalar::Empty, &marks).other, Some(("Budi, Dewi".to_owned(), 3)));
        assert_eq!(face_of(line::target, Scalar::Empty, &marks), Face::default());
    }
}
