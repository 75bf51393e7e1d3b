//! Facts that two devices set at once, and texts that another program put in another's place: all values, who set them
//! and when, for a person to settle.

use super::field::{FieldRef, Scalar};
use crate::ids::{ActorId, ChangeHash};

/// A fact with more than one value, or a prose field of which not every text is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The fact or the prose field.
    pub field: FieldRef,
    /// The values, the one that the view shows first.
    pub values: Vec<ConflictValue>,
}

/// How a value came to be one among several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueStanding {
    /// It was set, at once with the others.
    Set,
    /// It is a text that stood there until another program put a whole new one in its place; with what was written in it
    /// since, by people who had not heard of it.
    Replaced,
}

/// One value of a field in conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictValue {
    /// The value; a prose field's as text.
    pub value: Scalar,
    /// How it came to be one among several.
    pub standing: ValueStanding,
    /// Who set it; the directory tells the person of its device.
    pub actor: ActorId,
    /// The change that set it; `None` while that change is still open.
    pub change: Option<ChangeHash>,
    /// When, in milliseconds since 1970; see [`super::moment`].
    pub at: u64,
}
