//! Actions that could not be done, and how the note that says so is spelled.

use tiebreak::{Fact, Term};
use tiebreak_rtm_sim::vocabulary::{key, kind};
use tiebreak_rtm_sim::{Desk, Subject};
use tiebreak_scenario::plan::Action;

use super::Occasion;

/// Why an action was not done: a word for the note.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skipped(pub(super) Term);

impl Skipped {
    /// Notes the action, as default labels spell it, with the reason.
    pub(super) fn note(self, action: &Action, occasion: &Occasion<'_>, desk: &mut Desk<'_>) {
        let stem = match occasion.scope.changed {
            Some(changed) => action.bound(changed).label_stem(),
            None => action.label_stem(),
        };
        let what = desk.label(&stem);
        desk.note(kind::SKIPPED, Subject::Name(what), &[Fact::word(key::REASON, self.0)]);
    }
}
