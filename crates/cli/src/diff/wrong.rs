//! What is wrong in one of two runs and not in the other.

use alloc::collections::BTreeSet;

use tiebreak_inquiry::Amount;
use tiebreak_runner::{Finding, Unmet};

use crate::source::{Ran, Source};

/// What the two runs are called.
pub(super) const SIDES: [&str; 2] = ["A", "B"];
/// How many findings of a side are shown as long as not all are asked for.
const SHOWN: usize = 3;

/// What is wrong in A only, and what is wrong in B only.
pub(super) struct Wrong<'a> {
    sides: [Side<'a>; 2],
}

/// What is wrong in one run and not in the other.
struct Side<'a> {
    /// The run; `None` if a trace was read, which has no findings, or the other side is one.
    ran: Option<&'a Ran>,
    /// The findings, with their numbers in the run, from 1.
    only: Vec<(usize, &'a Finding)>,
    /// The one that was said already.
    said: Option<&'a Finding>,
}

impl<'a> Wrong<'a> {
    /// Compares what is wrong in two runs.
    pub(super) fn of(sources: [&'a Source; 2]) -> Self {
        let [Some(left), Some(right)] = sources.map(|source| source.ran.as_deref()) else {
            return Self { sides: [(); 2].map(|()| Side { ran: None, only: Vec::new(), said: None }) };
        };
        Self { sides: [(left, right), (right, left)].map(|(own, other)| Side::of(own, other)) }
    }

    /// What is wrong in one run only: its side, 0 or 1, and the finding.
    pub(super) fn findings(&self) -> Vec<(usize, &'a Finding)> {
        let mut findings = Vec::new();
        for (side, Side { only, .. }) in self.sides.iter().enumerate() {
            findings.extend(only.iter().map(|(_, finding)| (side, *finding)));
        }
        findings
    }

    /// Says one of it, which is not said again.
    pub(super) fn say(&mut self, side: usize, finding: &'a Finding) -> String {
        self.sides[side].said = Some(finding);
        Self::line(side, finding)
    }

    fn line(side: usize, finding: &Finding) -> String {
        format!("Wrong in {} only: {finding}", SIDES[side])
    }

    /// Says what was not said yet, a line each, and how to ask on.
    pub(super) fn lines(&self, amount: Amount) -> Vec<String> {
        let mut lines = Vec::new();
        for (side, Side { only, said, .. }) in self.sides.iter().enumerate() {
            let is_said = |finding: &Finding| said.is_some_and(|said| core::ptr::eq(said, finding));
            let only: Vec<&Finding> =
                only.iter().map(|(_, finding)| *finding).filter(|finding| !is_said(finding)).collect();
            let shown = match amount {
                Amount::Some if only.len() > SHOWN + 1 => SHOWN,
                Amount::Some | Amount::All => only.len(),
            };
            lines.extend(only[..shown].iter().map(|finding| Self::line(side, finding)));
            let more = only.len() - shown;
            lines
                .extend((more > 0).then(|| format!("  … and {more} more in {} only (`--all`)", SIDES[side])));
        }
        lines.extend(self.sides.iter().filter_map(Side::ask));
        lines
    }
}

impl<'a> Side<'a> {
    fn of(ran: &'a Ran, other: &Ran) -> Self {
        let others: BTreeSet<(u8, &str)> = other.report.findings.iter().map(what).collect();
        let only = (1..).zip(&ran.report.findings).filter(|(_, finding)| !others.contains(&what(finding)));
        Self { ran: Some(ran), only: only.collect(), said: None }
    }

    /// Says what decides on it.
    fn ask(&self) -> Option<String> {
        let Ran { ready, scenario, how, report, .. } = self.ran?;
        let (asked, what) = match &*self.only {
            [] => return None,
            [(number, _)] if report.findings.len() > 1 => (format!("finding#{number}"), "it"),
            [_] => ("finding".to_owned(), "it"),
            [_, _, ..] => ("finding".to_owned(), "them"),
        };
        let line = scenario.show_line(&ready.plan, how, ("--why", asked));
        Some(format!("`{line}` says which orderings decide {what}."))
    }
}

/// What a finding says is wrong, in whatever way it came out: the same of two findings if [`Finding::is_same_as`] says so.
fn what(finding: &Finding) -> (u8, &str) {
    match finding {
        Finding::Monitor(report) => (0, report.monitor),
        Finding::MonitorHeld(name) => (1, name),
        Finding::Expectation(Unmet { expected, .. }) => (2, expected),
        Finding::Model(_) => (3, ""),
        Finding::Order(_) => (4, ""),
    }
}
