//! The columns of the plan's grid, and what a text means that is put into one of their cells.

use crate::domain::reading::{FactKind, Reading};
use crate::model::action_plan::line;
use crate::model::field::{Field, Scalar};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field of a line.
    pub field: Field,
    /// What it holds.
    pub holds: Holds,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Prose.
    Prose,
    /// A fact that is typed.
    Fact(FactKind),
    /// Yes or no.
    Flag,
    /// A choice of the line's status.
    Status,
}

/// The columns, from left to right, after that of the numbers.
pub const COLUMNS: [Column; 14] = [
    Column { field: line::activity, holds: Holds::Prose },
    Column { field: line::field, holds: Holds::Fact(FactKind::Text) },
    Column { field: line::output, holds: Holds::Prose },
    Column { field: line::target, holds: Holds::Fact(FactKind::Number) },
    Column { field: line::unit, holds: Holds::Fact(FactKind::Text) },
    Column { field: line::responsible, holds: Holds::Fact(FactKind::Text) },
    Column { field: line::quarter_1, holds: Holds::Flag },
    Column { field: line::quarter_2, holds: Holds::Flag },
    Column { field: line::quarter_3, holds: Holds::Flag },
    Column { field: line::quarter_4, holds: Holds::Flag },
    Column { field: line::ceiling, holds: Holds::Fact(FactKind::Rupiah) },
    Column { field: line::spent, holds: Holds::Fact(FactKind::Rupiah) },
    Column { field: line::progress, holds: Holds::Fact(FactKind::Percent) },
    Column { field: line::status, holds: Holds::Status },
];

/// The fields of the columns, to be read in one pass.
pub const FIELDS: [Field; 14] = {
    let mut fields = [line::activity; 14];
    let mut place = 0;
    while place < fields.len() {
        fields[place] = COLUMNS[place].field;
        place += 1;
    }
    fields
};

/// A word for a choice, and the code that it stands for.
pub type ChoiceWord<'a> = (&'a str, &'static str);

/// What a text means in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// This prose.
    Prose(String),
    /// This value.
    Fact(Scalar),
    /// Nothing that is certain: a person has to look at it.
    Unread,
}

/// Reads a text as the cell of a column. `unit` is what the line's target is counted in.
pub fn read(column: Column, text: &str, unit: &str, choices: &[ChoiceWord<'_>]) -> Meaning {
    let said = text.trim();
    match column.holds {
        Holds::Prose => Meaning::Prose(text.trim_end().to_owned()),
        Holds::Fact(kind) => match kind.read(said, unit) {
            Reading::Value(value) => Meaning::Fact(value),
            Reading::Ask(..) | Reading::Refused(_) => Meaning::Unread,
        },
        Holds::Flag => match said.to_lowercase().as_str() {
            "" | "0" | "-" | "false" | "tidak" | "no" => Meaning::Fact(Scalar::Empty),
            "1" | "x" | "v" | "✓" | "✔" | "√" | "true" | "ya" | "yes" => {
                Meaning::Fact(Scalar::Flag(true))
            }
            _ => Meaning::Unread,
        },
        Holds::Status if said.is_empty() => Meaning::Fact(Scalar::Empty),
        Holds::Status => {
            let lower = said.to_lowercase();
            let is_meant = |(word, code): &&ChoiceWord<'_>| *code == lower || word.to_lowercase() == lower;
            match choices.iter().find(is_meant) {
                Some((_, code)) => Meaning::Fact(Scalar::Text((*code).to_owned())),
                None => Meaning::Unread,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [ChoiceWord<'_>; 3] =
        [("Belum mulai", "not-started"), ("Berjalan", "running"), ("Under way", "running")];

    fn column(field: Field) -> Column {
        COLUMNS.into_iter().find(|column| column.field == field).unwrap()
    }

    #[test]
    fn cells_mean_what_fields_read() {
        let fact = |value| Meaning::Fact(value);
        for (field, text, meaning) in [
            (line::activity, "Rapat  \n", Meaning::Prose("Rapat".into())),
            (line::activity, "dua\nbaris", Meaning::Prose("dua\nbaris".into())),
            (line::ceiling, "Rp1.250.000", fact(Scalar::Integer(1_250_000))),
            (line::ceiling, "1,5 juta", fact(Scalar::Integer(1_500_000))),
            (line::ceiling, "1,500,000", Meaning::Unread),
            (line::ceiling, "menyusul", Meaning::Unread),
            (line::ceiling, "", fact(Scalar::Empty)),
            (line::target, "61 orang", fact(Scalar::Integer(61))),
            (line::target, "61 paket", Meaning::Unread),
            (line::progress, "50%", fact(Scalar::Integer(50))),
            (line::progress, "150", Meaning::Unread),
            (line::unit, " dokumen ", fact(Scalar::Text("dokumen".into()))),
            (line::quarter_2, "x", fact(Scalar::Flag(true))),
            (line::quarter_2, "TRUE", fact(Scalar::Flag(true))),
            (line::quarter_2, "FALSE", fact(Scalar::Empty)),
            (line::quarter_2, "", fact(Scalar::Empty)),
            (line::quarter_2, "Maret", Meaning::Unread),
            (line::status, "BERJALAN", fact(Scalar::Text("running".into()))),
            (line::status, "under way", fact(Scalar::Text("running".into()))),
            (line::status, "not-started", fact(Scalar::Text("not-started".into()))),
            (line::status, "", fact(Scalar::Empty)),
            (line::status, "sedang dibahas", Meaning::Unread),
        ] {
            assert_eq!(read(column(field), text, "orang", &WORDS), meaning, "{text:?} in {}", field.name);
        }
    }

    #[test]
    fn fields_are_those_of_the_columns_in_their_order() {
        assert!(FIELDS.iter().zip(COLUMNS).all(|(field, column)| *field == column.field));
    }
}
