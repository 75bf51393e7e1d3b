//! What a screen changes together with a step of the person's work and is not in the record, such as texts that stand in cells
//! and cannot be read: it is told when the step is undone and done again.

use std::cell::RefCell;
use std::rc::Rc;

use shared::device::open_document::StepMark;

use super::WorkStep;
use super::opened::Opened;

/// Older ones are forgotten, as [`shared::device::open_document`] forgets their steps.
const MOST: usize = 200;

type Tell = Rc<dyn Fn(WorkStep)>;

/// Whom to tell of which step.
#[derive(Default)]
pub(super) struct Steps(RefCell<Vec<(StepMark, Tell)>>);

impl Steps {
    /// The document was built anew: its steps are gone, and others get their marks.
    pub(super) fn forget(&self) {
        self.0.take();
    }
}

impl Opened {
    /// From now on `tell` hears when a step is undone or done again.
    pub(super) fn follow_step(&self, mark: StepMark, tell: Tell) {
        let mut all = self.steps.0.borrow_mut();
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push((mark, tell));
    }

    /// A step was undone or done again.
    pub(super) fn tell_step(&self, mark: Option<StepMark>, step: WorkStep) {
        let tell =
            self.steps.0.borrow().iter().find(|(of, _)| Some(*of) == mark).map(|(_, tell)| Rc::clone(tell));
        if let Some(tell) = tell {
            tell(step);
        }
    }
}
