//! Where a person is in a grid, what is selected, and what a key does there: as in spreadsheets and as WAI-ARIA describes
//! grids.

use std::ops::RangeInclusive;

/// A cell: the number of its row among those that are shown, and of its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The row.
    pub row: usize,
    /// The column.
    pub column: usize,
}

/// The selected cells: a rectangle between the cell where it began and the one where the person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Where it began.
    pub anchor: Place,
    /// Where the person is.
    pub active: Place,
}

/// How large the grid is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Its rows.
    pub rows: usize,
    /// Its columns.
    pub columns: usize,
    /// The rows of a page.
    pub page: usize,
}

/// A key that was pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Press<'a> {
    /// Its name, as browsers say it.
    pub key: &'a str,
    /// With Shift.
    pub shift: bool,
    /// With Ctrl, or the command key.
    pub command: bool,
    /// With Alt.
    pub alt: bool,
    /// It is held.
    pub repeat: bool,
}

/// How the editing of a cell begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// With what stands there.
    AsItIs,
    /// With the letter that was typed.
    Typed,
}

/// A step along the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the one above.
    Up,
    /// To the one below.
    Down,
}

/// What a key does in a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Selects.
    Select(Selection),
    /// Begins to edit the cell.
    Edit(Begin),
    /// Empties what is selected.
    Empty,
    /// Fills what is selected from its first row, or from the row above.
    FillDown,
    /// Moves the row.
    Move(Step),
    /// The next Tab leaves the grid.
    Release,
    /// Looks for something.
    Find,
    /// Nothing, and the browser shall do nothing either.
    Nothing,
}

/// What a key does while a cell is being edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Ends the editing and stays.
    Stay,
    /// Ends it and goes to the row above or below.
    Row(Step),
    /// Ends it and goes to the next cell, or to the one before.
    Cell(Direction),
    /// Moves the row, and the editing goes on.
    Move(Step),
}

/// A direction in the order of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// On.
    Next,
    /// Back.
    Previous,
}

/// The control that a cell is edited with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A line of text.
    Line,
    /// A line of text under which suggestions stand.
    Suggesting,
    /// A text of several rows: whether the caret is in its first row, and in its last.
    Text {
        /// In the first.
        is_first_row: bool,
        /// In the last.
        is_last_row: bool,
    },
    /// A choice, a button, or anything else that has its own use for the arrows.
    Other,
}

impl Selection {
    /// One cell.
    pub fn at(place: Place) -> Self {
        Self { anchor: place, active: place }
    }

    /// Its rows.
    pub fn rows(&self) -> RangeInclusive<usize> {
        self.anchor.row.min(self.active.row)..=self.anchor.row.max(self.active.row)
    }

    /// Its columns.
    pub fn columns(&self) -> RangeInclusive<usize> {
        self.anchor.column.min(self.active.column)..=self.anchor.column.max(self.active.column)
    }

    /// Whether it is one cell.
    pub fn is_single(&self) -> bool {
        self.anchor == self.active
    }
}

/// The cell after or before another in the order of reading; `None` past the last and before the first.
pub fn beside(from: Place, direction: Direction, extent: Extent) -> Option<Place> {
    let number = from.row * extent.columns + from.column;
    let number = match direction {
        Direction::Next => number + 1,
        Direction::Previous => number.checked_sub(1)?,
    };
    let place = Place { row: number / extent.columns, column: number % extent.columns };
    (place.row < extent.rows).then_some(place)
}

/// What a key does while no cell is being edited; `None` where it is the browser's.
pub fn act(selection: Selection, press: Press<'_>, extent: Extent) -> Option<Act> {
    let Extent { rows, columns, page } = extent;
    if rows == 0 || columns == 0 {
        return None;
    }
    let Place { row, column } = selection.active;
    let (last_row, last_column) = (rows - 1, columns - 1);
    let to = |row: usize, column: usize| {
        let active = Place { row: row.min(last_row), column: column.min(last_column) };
        let anchor = if press.shift { selection.anchor } else { active };
        Some(Act::Select(Selection { anchor, active }))
    };
    match (press.key, press.command, press.alt) {
        ("ArrowUp", false, true) => Some(Act::Move(Step::Up)),
        ("ArrowDown", false, true) => Some(Act::Move(Step::Down)),
        (_, _, true) => None,
        ("ArrowUp", false, _) => to(row.saturating_sub(1), column),
        ("ArrowDown", false, _) => to(row + 1, column),
        ("ArrowLeft", false, _) => to(row, column.saturating_sub(1)),
        ("ArrowRight", false, _) => to(row, column + 1),
        ("ArrowUp", true, _) => to(0, column),
        ("ArrowDown", true, _) => to(last_row, column),
        ("ArrowLeft", true, _) => to(row, 0),
        ("ArrowRight", true, _) => to(row, last_column),
        ("Home", false, _) => to(row, 0),
        ("End", false, _) => to(row, last_column),
        ("Home", true, _) => to(0, 0),
        ("End", true, _) => to(last_row, last_column),
        ("PageUp", false, _) => to(row.saturating_sub(page.max(1)), column),
        ("PageDown", false, _) => to(row + page.max(1), column),
        ("Tab", false, _) => {
            let direction = if press.shift { Direction::Previous } else { Direction::Next };
            let place = beside(selection.active, direction, extent)?;
            Some(Act::Select(Selection::at(place)))
        }
        ("a", true, _) => {
            let active = Place { row: last_row, column: last_column };
            Some(Act::Select(Selection { anchor: Place::default(), active }))
        }
        ("d", true, _) => Some(Act::FillDown),
        ("f", true, _) => Some(Act::Find),
        (_, true, _) => None,
        ("Enter" | "F2", ..) if press.repeat => Some(Act::Nothing),
        ("Enter" | "F2", ..) => Some(Act::Edit(Begin::AsItIs)),
        ("Delete" | "Backspace", ..) => Some(Act::Empty),
        ("Escape", ..) => Some(Act::Release),
        // An accent or an input method begins a letter.
        ("Dead" | "Process", ..) => Some(Act::Edit(Begin::Typed)),
        (key, ..) if key.chars().count() == 1 => Some(Act::Edit(Begin::Typed)),
        _ => None,
    }
}

/// What a key does while a cell is being edited; `None` where it is the control's.
pub fn leave(press: Press<'_>, control: Control) -> Option<Leave> {
    if press.command {
        return None;
    }
    match (press.key, press.alt, control) {
        ("ArrowUp", true, _) => Some(Leave::Move(Step::Up)),
        ("ArrowDown", true, _) => Some(Leave::Move(Step::Down)),
        (_, true, _) => None,
        ("Escape", ..) => Some(Leave::Stay),
        ("Tab", ..) if press.shift => Some(Leave::Cell(Direction::Previous)),
        ("Tab", ..) => Some(Leave::Cell(Direction::Next)),
        // A choice and a button have their own use for the rest.
        (_, _, Control::Other) => None,
        // A line break belongs into a text only with Shift, as in other grids.
        ("Enter", ..) if press.shift => None,
        ("Enter", ..) => Some(Leave::Row(Step::Down)),
        ("ArrowUp", _, Control::Line | Control::Text { is_first_row: true, .. }) => {
            Some(Leave::Row(Step::Up))
        }
        ("ArrowDown", _, Control::Line | Control::Text { is_last_row: true, .. }) => {
            Some(Leave::Row(Step::Down))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { rows: 10, columns: 4, page: 6 };

    fn place(row: usize, column: usize) -> Place {
        Place { row, column }
    }

    /// `Ctrl+Shift+End` as a press.
    fn press(name: &str) -> Press<'_> {
        let parts: Vec<&str> = name.split('+').collect();
        let has = |part: &str| parts[..parts.len() - 1].contains(&part);
        Press {
            key: parts[parts.len() - 1],
            shift: has("Shift"),
            command: has("Ctrl"),
            alt: has("Alt"),
            repeat: has("Held"),
        }
    }

    #[test]
    fn keys_go_through_the_cells_and_never_out_of_them() {
        for (from, key, to) in [
            ((3, 2), "ArrowUp", (2, 2)),
            ((3, 2), "ArrowDown", (4, 2)),
            ((3, 2), "ArrowLeft", (3, 1)),
            ((3, 2), "ArrowRight", (3, 3)),
            ((0, 0), "ArrowUp", (0, 0)),
            ((0, 0), "ArrowLeft", (0, 0)),
            ((9, 3), "ArrowDown", (9, 3)),
            ((9, 3), "ArrowRight", (9, 3)),
            ((3, 2), "Home", (3, 0)),
            ((3, 2), "End", (3, 3)),
            ((3, 2), "Ctrl+Home", (0, 0)),
            ((3, 2), "Ctrl+End", (9, 3)),
            ((3, 2), "Ctrl+ArrowDown", (9, 2)),
            ((3, 2), "Ctrl+ArrowUp", (0, 2)),
            ((3, 2), "Ctrl+ArrowLeft", (3, 0)),
            ((3, 2), "Ctrl+ArrowRight", (3, 3)),
            ((8, 2), "PageUp", (2, 2)),
            ((8, 2), "PageDown", (9, 2)),
            ((3, 3), "Tab", (4, 0)),
            ((3, 0), "Shift+Tab", (2, 3)),
        ] {
            let went = act(Selection::at(place(from.0, from.1)), press(key), EXTENT);
            assert_eq!(went, Some(Act::Select(Selection::at(place(to.0, to.1)))), "{key} from {from:?}");
        }
    }

    #[test]
    fn shift_takes_more_cells_in() {
        let from = Selection { anchor: place(3, 2), active: place(3, 2) };
        let Some(Act::Select(down)) = act(from, press("Shift+ArrowDown"), EXTENT) else { panic!("no step") };
        let Some(Act::Select(both)) = act(down, press("Shift+ArrowLeft"), EXTENT) else { panic!("no step") };
        assert_eq!((both.rows(), both.columns(), both.is_single()), (3..=4, 1..=2, false));
        let Some(Act::Select(all)) = act(both, press("Ctrl+a"), EXTENT) else { panic!("not all") };
        assert_eq!((all.rows(), all.columns()), (0..=9, 0..=3));
    }

    #[test]
    fn tab_leaves_at_the_ends_and_after_escape_wherever_it_is() {
        assert_eq!(act(Selection::at(place(9, 3)), press("Tab"), EXTENT), None);
        assert_eq!(act(Selection::at(place(0, 0)), press("Shift+Tab"), EXTENT), None);
        assert_eq!(act(Selection::at(place(4, 1)), press("Escape"), EXTENT), Some(Act::Release));
    }

    #[test]
    fn keys_that_write_and_those_of_the_browser() {
        let here = Selection::at(place(1, 1));
        for (key, does) in [
            ("Enter", Some(Act::Edit(Begin::AsItIs))),
            ("F2", Some(Act::Edit(Begin::AsItIs))),
            ("Held+Enter", Some(Act::Nothing)),
            ("x", Some(Act::Edit(Begin::Typed))),
            ("é", Some(Act::Edit(Begin::Typed))),
            ("Delete", Some(Act::Empty)),
            ("Backspace", Some(Act::Empty)),
            ("Ctrl+d", Some(Act::FillDown)),
            ("Ctrl+f", Some(Act::Find)),
            ("Alt+ArrowUp", Some(Act::Move(Step::Up))),
            ("Alt+ArrowDown", Some(Act::Move(Step::Down))),
            ("Ctrl+c", None),
            ("Ctrl+v", None),
            ("Ctrl+z", None),
            ("Alt+x", None),
            ("Shift", None),
            ("F5", None),
            ("Dead", Some(Act::Edit(Begin::Typed))),
        ] {
            assert_eq!(act(here, press(key), EXTENT), does, "{key}");
        }
        let nothing = Extent { rows: 0, columns: 4, page: 6 };
        assert_eq!(act(here, press("Enter"), nothing), None);
    }

    #[test]
    fn a_cell_is_left_by_keys_that_its_text_does_not_need() {
        let middle = Control::Text { is_first_row: false, is_last_row: false };
        let whole = Control::Text { is_first_row: true, is_last_row: true };
        for (key, control, does) in [
            ("Escape", middle, Some(Leave::Stay)),
            ("Escape", Control::Other, Some(Leave::Stay)),
            ("Tab", Control::Other, Some(Leave::Cell(Direction::Next))),
            ("Shift+Tab", middle, Some(Leave::Cell(Direction::Previous))),
            ("Enter", middle, Some(Leave::Row(Step::Down))),
            ("Shift+Enter", middle, None),
            ("Enter", Control::Other, None),
            ("ArrowDown", middle, None),
            ("ArrowDown", whole, Some(Leave::Row(Step::Down))),
            ("ArrowUp", whole, Some(Leave::Row(Step::Up))),
            ("ArrowUp", Control::Line, Some(Leave::Row(Step::Up))),
            ("ArrowDown", Control::Suggesting, None),
            ("ArrowDown", Control::Other, None),
            ("Alt+ArrowDown", middle, Some(Leave::Move(Step::Down))),
            ("ArrowLeft", Control::Line, None),
            ("Ctrl+Enter", middle, None),
            ("a", Control::Line, None),
        ] {
            assert_eq!(leave(press(key), control), does, "{key} in {control:?}");
        }
    }
}
