//! Who made a change, as screens name them.

use shared::ids::ActorId;
use shared::model::known_change::is_nobodys;

use crate::words;
use crate::workspace::Workspace;

/// The name of the person behind an actor; of what nobody made, that it is the system's.
pub fn author_name(workspace: &Workspace, actor: ActorId) -> String {
    if is_nobodys(actor) {
        return words::parts::system.text().to_owned();
    }
    workspace
        .author(actor)
        .map_or_else(|| words::parts::another_device(&actor.device().short()), |person| person.name)
}
