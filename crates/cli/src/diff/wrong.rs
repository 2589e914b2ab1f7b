//! What is wrong in one of two runs and not in the other.

use alloc::collections::BTreeSet;

use tiebreak_inquiry::Amount;
use tiebreak_runner::Finding;

use crate::source::{Ran, Source};

/// What the two runs are called.
pub(super) const SIDES: [&str; 2] = ["A", "B"];
/// How many findings of a side are shown as long as not all are asked for.
const SHOWN: usize = 3;

/// What is wrong in one of two runs and not in the other.
pub(super) struct Wrong<'a> {
    /// Of A, and of B: what is left to say.
    pub(super) only: [Vec<&'a Finding>; 2],
    /// How to ask on, a line for each run that has something.
    asks: Vec<String>,
}

impl<'a> Wrong<'a> {
    /// Compares two runs; of traces that were read, nothing is known to be wrong.
    pub(super) fn of(sources: [&'a Source; 2]) -> Self {
        let [Some(left), Some(right)] = sources.map(|source| source.ran.as_deref()) else {
            return Self { only: [Vec::new(), Vec::new()], asks: Vec::new() };
        };
        let only = [(left, right), (right, left)].map(|(own, other)| only(own, other));
        let asks = [left, right].into_iter().zip(&only).filter_map(|(ran, only)| ask(ran, only));
        Self { asks: asks.collect(), only: only.map(|only| only.into_iter().map(|(_, one)| one).collect()) }
    }

    /// Says one of it.
    pub(super) fn line(side: usize, finding: &Finding) -> String {
        format!("Wrong in {} only: {finding}", SIDES[side])
    }

    /// Says what is left, a line each, and how to ask on.
    pub(super) fn lines(&self, amount: Amount) -> Vec<String> {
        let mut lines = Vec::new();
        for (side, only) in self.only.iter().enumerate() {
            let shown = match amount {
                Amount::Some if only.len() > SHOWN + 1 => SHOWN,
                Amount::Some | Amount::All => only.len(),
            };
            lines.extend(only[..shown].iter().map(|finding| Self::line(side, finding)));
            let more = only.len() - shown;
            lines
                .extend((more > 0).then(|| format!("  … and {more} more in {} only (`--all`)", SIDES[side])));
        }
        lines.extend(self.asks.iter().cloned());
        lines
    }
}

/// What is wrong in a run and not in the other one, with its number in the run, from 1.
fn only<'a>(ran: &'a Ran, other: &Ran) -> Vec<(usize, &'a Finding)> {
    let others: BTreeSet<(u8, &str)> = other.report.findings.iter().map(Finding::what).collect();
    (1..).zip(&ran.report.findings).filter(|(_, finding)| !others.contains(&finding.what())).collect()
}

/// Says how to ask what decides on it.
fn ask(Ran { ready, scenario, how, report, .. }: &Ran, only: &[(usize, &Finding)]) -> Option<String> {
    let (asked, what) = match only {
        [] => return None,
        [(number, _)] if report.findings.len() > 1 => (format!("finding#{number}"), "it"),
        [_] => ("finding".to_owned(), "it"),
        [_, _, ..] => ("finding".to_owned(), "them"),
    };
    let line = scenario.show_line(&ready.plan, how, ("--why", asked));
    Some(format!("`{line}` says which orderings decide {what}."))
}
