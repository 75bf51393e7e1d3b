//! Facts that two devices set at once: all values, who set them and when, for a person to settle.

use super::field::{FieldRef, Scalar};
use crate::ids::{ActorId, ChangeHash};

/// A fact with more than one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The fact.
    pub field: FieldRef,
    /// The values, the one that the view shows first.
    pub values: Vec<ConflictValue>,
}

/// One value of a fact in conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictValue {
    /// The value.
    pub value: Scalar,
    /// Who set it; the directory tells the person of its device.
    pub actor: ActorId,
    /// The change that set it; `None` while that change is still open.
    pub change: Option<ChangeHash>,
    /// When, in milliseconds since 1970 by that device's clock; to the second.
    pub at: u64,
}
