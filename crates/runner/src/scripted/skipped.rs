//! Actions that could not be done, or not yet, and how the note that says so is spelled.

use tiebreak::{Fact, Term};
use tiebreak_rtm::Outcome;
use tiebreak_rtm_sim::vocabulary::{key, kind};
use tiebreak_rtm_sim::{Desk, Subject};
use tiebreak_scenario::plan::Action;

use super::Occasion;

/// Why an action was not done: a word for the note.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skipped(pub(super) Term);

/// Why an action is not done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stop {
    /// It will not be.
    Skipped(Skipped),
    /// A call of it waits for a lock: it is done again when the call may go on. An action makes no call that cannot be made
    /// twice before one that may wait.
    Waits,
}

impl From<Skipped> for Stop {
    fn from(skipped: Skipped) -> Self {
        Self::Skipped(skipped)
    }
}

/// Stops an action whose call waits.
pub(super) fn made(outcome: Outcome) -> Result<Outcome, Stop> {
    match outcome {
        Outcome::Pending(_) => Err(Stop::Waits),
        Outcome::Done(_) | Outcome::Failed(_) | Outcome::NeedsRoom(_) | Outcome::Violated(_) => Ok(outcome),
    }
}

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
