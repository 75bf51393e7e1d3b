//! What the parts of the grid share: the lines and their order, where the person is, and which cell is being edited.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use shared::grid::columns::{COLUMNS, Column, FIELDS};
use shared::grid::cursor::{Extent, Place, Selection};
use shared::grid::find::Query;
use shared::grid::layout::{Layout, Order};
use shared::ids::ItemId;
use shared::model::action_plan::{Group, LINES, groups, line};
use shared::model::document::Document;
use shared::model::field::{Field, FieldRef, Scalar};
use shared::ordered::{OrderedMap, OrderedSet};

use super::editor::LiveCell;
use super::order::office_of;
use super::window::Window;
use crate::parts::editing::{Editing, use_editing};
use crate::parts::erased::Memo;
use crate::workspace::{OpenRecord, Workspace, use_workspace};

/// The columns, that of the numbers included: it is the first.
pub const WIDTH: usize = COLUMNS.len() + 1;
/// The column of the activity.
pub const ACTIVITY: usize = 1;

/// A cell, by its line and the number of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellAt {
    /// The line.
    pub line: ItemId,
    /// The column.
    pub column: usize,
}

impl CellAt {
    /// The column; `None` for that of the numbers.
    pub fn kind(self) -> Option<Column> {
        self.column.checked_sub(1).and_then(|place| COLUMNS.get(place)).copied()
    }

    /// The field; the activity, where the person is beside the number.
    pub fn field(self) -> FieldRef {
        self.kind().map_or(line::activity, |column| column.field).of(LINES, self.line)
    }
}

/// Where the person is, and where the selection began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Where the selection began.
    pub anchor: CellAt,
    /// Where the person is.
    pub active: CellAt,
}

/// What shall become of the active cell once it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    #[default]
    None,
    /// It comes into sight.
    Sight,
    /// It has the focus.
    Focus,
    /// It is edited.
    Edit,
    /// The choice between its values is shown.
    Settle,
}

/// How the lines are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Only those of the person's office.
    pub is_own: bool,
    /// By a column, instead of in their groups.
    pub order: Option<(Field, Order)>,
}

/// What the parts of the grid share; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct Grid {
    /// The record's fields.
    pub editing: Editing,
    /// The record.
    pub record: OpenRecord,
    /// The workspace.
    pub workspace: Workspace,
    /// The lines in their groups, as the plan has them.
    pub groups: Memo<Vec<Group>>,
    /// The number of each line in the plan. While a cell is being edited they stay what they are.
    pub numbers: RwSignal<Arc<OrderedMap<ItemId, usize>>>,
    /// The name of the person's office, where the region has named it.
    pub office: Memo<Option<String>>,
    /// How the lines are shown.
    pub view: RwSignal<View>,
    /// The rows. While a cell is being edited they stay where they are.
    pub layout: RwSignal<Arc<Layout>>,
    /// Where the person has been.
    pub cursor: RwSignal<Option<Cursor>>,
    /// What shall become of the active cell.
    pub wish: StoredValue<Rc<Cell<Wish>>, LocalStorage>,
    /// Whether the focus is in the grid.
    pub has_focus: StoredValue<Rc<Cell<bool>>, LocalStorage>,
    /// The next Tab leaves the grid.
    pub is_released: StoredValue<Rc<Cell<bool>>, LocalStorage>,
    /// The cell that a pointer went down in where the person was already: a click there begins to edit it.
    pub goes_in: StoredValue<Rc<Cell<Option<CellAt>>>, LocalStorage>,
    /// The cell that is being edited.
    pub live: RwSignal<Option<CellAt>>,
    /// Its editor.
    pub live_cell: StoredValue<Option<LiveCell>, LocalStorage>,
    /// Lines that stand unfolded on a phone.
    pub unfolded: RwSignal<OrderedSet<ItemId>>,
    /// The line whose menu is open.
    pub menu: RwSignal<Option<ItemId>>,
    /// What is looked for.
    pub query: RwSignal<Option<Query>>,
    /// The line that is shown in full, with its number.
    pub in_full: RwSignal<Option<(ItemId, usize)>>,
    /// Which rows are drawn.
    pub window: Window,
    /// The table.
    pub table: NodeRef<html::Table>,
    /// The owner of the grid, for what is mounted into cells.
    pub owner: StoredValue<Owner>,
}

/// The grid above.
pub fn use_grid() -> Grid {
    use_context::<Grid>().expect("the grid puts itself into context before its parts")
}

impl Grid {
    /// The grid of the record in context.
    pub fn provide(in_full: RwSignal<Option<(ItemId, usize)>>) -> Self {
        let editing = use_editing();
        let record = editing.record();
        let workspace = use_workspace();
        let groups = Memo::new(move || record.read(groups).unwrap_or_default());
        let layout = RwSignal::new(Arc::default());
        let grid = Self {
            editing,
            record,
            workspace,
            groups,
            numbers: RwSignal::new(Arc::default()),
            office: Memo::new(move || office_of(workspace, record)),
            view: RwSignal::new(View::default()),
            layout,
            cursor: RwSignal::new(None),
            wish: StoredValue::new_local(Rc::default()),
            has_focus: StoredValue::new_local(Rc::default()),
            is_released: StoredValue::new_local(Rc::default()),
            goes_in: StoredValue::new_local(Rc::default()),
            live: RwSignal::new(None),
            live_cell: StoredValue::new_local(None),
            unfolded: RwSignal::new(OrderedSet::new()),
            menu: RwSignal::new(None),
            query: RwSignal::new(None),
            in_full,
            window: Window::new(layout),
            table: NodeRef::new(),
            owner: StoredValue::new(Owner::current().expect("a component has an owner")),
        };
        provide_context(grid);
        grid.follow();
        grid.take_in_unread();
        grid
    }

    /// Where the person is, or would come in; `None` where there are no lines. Tracked.
    pub fn place(self) -> Option<Cursor> {
        self.cursor.get().or_else(|| {
            let line = *self.layout.with(|layout| layout.lines.first().copied()).as_ref()?;
            let cell = CellAt { line, column: ACTIVITY };
            Some(Cursor { anchor: cell, active: cell })
        })
    }

    /// The selection by numbers.
    pub fn selection(self) -> Option<Selection> {
        let Cursor { anchor, active } = untrack(|| self.place())?;
        let layout = self.layout.get_untracked();
        let place = |cell: CellAt| Some(Place { row: layout.place_of(cell.line)?, column: cell.column });
        let active = place(active)?;
        Some(Selection { anchor: place(anchor).unwrap_or(active), active })
    }

    /// How large the grid is.
    pub fn extent(self) -> Extent {
        let rows = self.layout.with_untracked(|layout| layout.lines.len());
        Extent { rows, columns: WIDTH, page: self.window.page() }
    }

    /// Selects by numbers.
    pub fn select(self, selection: Selection, wish: Wish) {
        let layout = self.layout.get_untracked();
        let cell = |place: Place| {
            let line = *layout.lines.get(place.row)?;
            Some(CellAt { line, column: place.column })
        };
        if let (Some(anchor), Some(active)) = (cell(selection.anchor), cell(selection.active)) {
            self.go(Cursor { anchor, active }, wish);
        }
    }

    /// Goes to one cell.
    pub fn go_to(self, cell: CellAt, wish: Wish) {
        self.go(Cursor { anchor: cell, active: cell }, wish);
    }

    /// Selects.
    pub fn go(self, cursor: Cursor, wish: Wish) {
        self.is_released.get_value().set(false);
        self.wish.get_value().set(wish);
        self.unfold_for(cursor.active);
        let moved = self.cursor.get_untracked().is_none_or(|before| before.active != cursor.active);
        self.cursor.set(Some(cursor));
        if !moved {
            // Its row has nothing to draw that would come to it.
            untrack(|| self.grant(cursor.active));
        }
        if moved && self.has_focus.get_value().get() {
            self.editing.enter(cursor.active.field());
        }
    }

    /// Gives the focus to the active cell again.
    pub fn focus_active(self) {
        if let Some(cursor) = untrack(|| self.place()) {
            self.go(cursor, Wish::Focus);
        }
    }

    /// The selected lines, as they are shown.
    pub fn selected_lines(self) -> Vec<ItemId> {
        let Some(selection) = self.selection() else { return Vec::new() };
        self.layout.with_untracked(|layout| {
            layout.lines.get(selection.rows()).map(<[ItemId]>::to_vec).unwrap_or_default()
        })
    }

    /// What the columns say of a line.
    pub fn values_of(self, line: ItemId) -> Vec<Scalar> {
        let read = |document: &Document| {
            let values = document.values(LINES, line, &FIELDS);
            FIELDS.iter().map(|field| values.get(*field).cloned().unwrap_or_default()).collect()
        };
        untrack(|| self.record.read(read)).unwrap_or_default()
    }

    /// The element of a cell, where it is drawn.
    pub fn element(self, cell: CellAt) -> Option<web_sys::HtmlElement> {
        use wasm_bindgen::JsCast;
        let table = self.table.get_untracked()?;
        let selector = format!("#item-{} > [data-cell=\"{}\"]", cell.line, cell.column);
        table.query_selector(&selector).ok().flatten()?.dyn_into().ok()
    }

    /// Whether fields are only shown, untracked.
    pub fn is_read_only(self) -> bool {
        self.editing.read_only().get_untracked()
    }
}
