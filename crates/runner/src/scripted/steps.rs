//! Steps of a script: when they are taken, and by which labels.

use tiebreak::{Instant, Span, Symbol, Term};
use tiebreak_rtm_sim::vocabulary::kind;
use tiebreak_rtm_sim::{Desk, Subject};
use tiebreak_scenario::plan as scenario;
use tiebreak_scenario::plan::Timing;

/// The purpose of drawing how much later a repeated step is taken.
const JITTER: Term = Term::new("jitter");

/// A step of a script.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) plan: scenario::Step,
    /// The label of its first time.
    pub(crate) label: Symbol,
    /// The number in that label, if each of its times has a label that no other event of the client has.
    pub(crate) first_number: Option<u64>,
}

impl Step {
    /// Schedules the time after so many, unless that is past the end of time.
    pub(super) fn schedule(&self, taken: u32, token: u64, desk: &mut Desk<'_>) {
        let Some(at) = self.plan.at(taken) else { return };
        let jitter = match self.plan.timing {
            Timing::Every { jitter, .. } if jitter > Span::ZERO => {
                desk.draw_span(JITTER, Span::ZERO..=jitter)
            }
            Timing::Every { .. } | Timing::Once(_) => Span::ZERO,
        };
        // One that was late for its jitter may be later than the next one would be without.
        let at = Instant::START.saturating_add(at).saturating_add(jitter).max(desk.now());
        let subject = self.subject(taken, desk);
        let scheduled = desk.step_at(at, (kind::STEP, subject), token);
        assert!(scheduled.is_ok(), "a script starts with the run, and its steps go forward");
    }

    /// The label of the time after so many.
    fn subject(&self, taken: u32, desk: &mut Desk<'_>) -> Subject {
        match (taken, self.first_number) {
            (0, _) => Subject::Name(self.label),
            (_, Some(first)) => desk.time_of(self.label, first + u64::from(taken)),
            (_, None) => Subject::Name(desk.label(&self.plan.label_of(taken))),
        }
    }
}
