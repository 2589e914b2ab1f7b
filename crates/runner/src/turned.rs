//! A run again, with two of its events the other way round.

use alloc::vec;

use tiebreak::explore::{Cause, Constraint, Director, Directory};
use tiebreak::{End, Silent};

use crate::run::{Finding, Prepared, RunOptions};

/// What came of a finding when two events ran the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    /// They cannot run the other way round, or one of them does not happen then, or that run does not come to its end: then
    /// nobody knows.
    Impossible,
    /// It is found all the same.
    Stays,
    /// It is not found.
    Goes,
}

impl Prepared {
    /// Runs again with one ordering kept, and tells whether something is still found that was found without. All else is
    /// decided as these options say.
    #[must_use]
    pub fn turn(&self, options: RunOptions, ordering: Constraint, found: &Finding) -> Turned {
        let mut directory = Directory::default();
        let mut director = Director::new(&mut directory, self.settings(options).seed);
        director.keep(&Cause::of_orderings(vec![ordering]));
        let (report, (), Silent) = self.run_directed(options, Silent, &mut director, |_| ());
        let is_kept = director.kept().first().is_some_and(|kept| kept.is_met());
        let has_ended = matches!(report.end, End::Quiescent | End::Horizon);
        if !is_kept {
            Turned::Impossible
        } else if report.findings.iter().any(|finding| finding.is_same_as(found)) {
            Turned::Stays
        } else if has_ended {
            Turned::Goes
        } else {
            Turned::Impossible
        }
    }
}
