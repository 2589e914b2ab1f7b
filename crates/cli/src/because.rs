//! Why a finding came about, in words: its causal chain, and which of the orderings on it decided.

use tiebreak::Trace;
use tiebreak::explore::Symptom;
use tiebreak::trace::Causes;
use tiebreak_diagnostic::counted;
use tiebreak_inquiry::{RacesElsewhere, called_chain_lines, chain_lines, races_elsewhere, races_on_chain};
use tiebreak_runner::{
    CALLBACKS_TURNED_MAX, CallbacksLeft, Deciding, DecidingCut, Finding, FoundIn, Ordering, OrderingSource,
    Prepared, RACES_TURNED, Raced, Recorded, RunOptions, RunReport,
};
use tiebreak_scenario::Plan;

use crate::arguments::{ScenarioOptions, quoted};
use crate::interrupt::stopping;

/// How many lines a finding takes at most: itself, its chain, and what decided.
pub(crate) const FINDING_LINES: usize = 12;
/// How many lines of these are its chain at least, if there are so many: its ends, and what was left out between them.
const CHAIN_LINES: usize = 3;
/// Runs with more events are not made again to see what decided.
pub(crate) const EVENTS_MAX: u64 = 20_000;

/// Runs with more events are not made again to have a trace of them.
pub(crate) const TRACED_MAX: u64 = 1_000_000;

/// A run that can be made again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Again<'a> {
    pub(crate) prepared: &'a Prepared,
    pub(crate) how: RunOptions,
}

/// The scenario that a run is of, as somebody has given it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedOf<'a> {
    pub(crate) scenario: &'a ScenarioOptions,
    pub(crate) plan: &'a Plan,
}

impl Again<'_> {
    /// Returns how each finding of a run came about, in lines. The trace is that of the run; without one the run is made again
    /// if anything was found, and nothing is returned for its findings if it is long.
    pub(crate) fn findings(
        &self,
        report: &RunReport,
        trace: Option<&Trace>,
        asked_of: AskedOf<'_>,
    ) -> Vec<Vec<String>> {
        let mut recorded = None;
        if trace.is_none() && !report.findings.is_empty() && report.events <= TRACED_MAX {
            recorded = Some(self.prepared.record(self.how).trace);
        }
        let Some(trace) = trace.or(recorded.as_ref()) else { return vec![Vec::new(); report.findings.len()] };
        let (causes, mut effort) = (&Causes::of(trace), Effort::default());
        let found = report.findings.iter().map(|finding| FoundIn { finding, trace, causes });
        found
            .map(|found| self.because(found, report.events, (FINDING_LINES, Some(asked_of)), &mut effort))
            .collect()
    }

    /// Runs again what a search has shrunk, and returns how what it calls by this symptom came about, in lines: which orderings it
    /// needs was said before, and its events are called as there. Nothing if no record shows it and nothing is known to be missing.
    pub(crate) fn of_symptom(&self, symptom: &Symptom) -> Vec<String> {
        let Recorded { report, trace, .. } = self.prepared.record(self.how);
        let finding = report.findings.iter().find(|finding| finding.monitor() == symptom.monitor);
        let Some(finding) = finding else { return Vec::new() };
        let causes = &Causes::of(&trace);
        let called = self.prepared.events_asked(&trace, causes);
        let chain = finding
            .record()
            .map(|record| called_chain_lines(&trace, causes, record, &called, FINDING_LINES - 1));
        let missing = missing(finding).map(|name| self.missing_line(name, None));
        missing.into_iter().chain(chain.unwrap_or_default()).collect()
    }

    /// Returns how a finding of a run with so many events came about, in at most so many lines with that of the finding itself;
    /// nothing if no record shows it and nothing is known to be missing. More is asked of the scenario of the run, if that is a file.
    pub(crate) fn because(
        &self,
        found: FoundIn<'_>,
        events: u64,
        (lines, asked_of): (usize, Option<AskedOf<'_>>),
        effort: &mut Effort,
    ) -> Vec<String> {
        let FoundIn { finding, trace, causes } = found;
        let (room, record, missing) = (lines.saturating_sub(1), finding.record(), missing(finding));
        let missing = missing.map(|name| self.missing_line(name, asked_of));
        if room == 0 || (record.is_none() && missing.is_none()) {
            return Vec::new();
        }
        let room = room - usize::from(missing.is_some());
        let chain_min = if record.is_some() { CHAIN_LINES } else { 0 };
        let mut decided = Vec::new();
        if events > EVENTS_MAX {
            decided.push(format!(
                "which orderings decide is not tried: the run has more than {}",
                counted(EVENTS_MAX, "event")
            ));
        } else if room > chain_min {
            decided = self.decided(found, effort);
        }
        decided.truncate(room.saturating_sub(chain_min));
        let asked = self.prepared.orderings_asked(trace, causes);
        let mut told: Vec<String> = missing.into_iter().collect();
        if let Some(record) = record {
            told.extend(chain_lines(trace, causes, record, &asked, room - decided.len()));
        }
        told.extend(decided);
        told
    }

    /// Says that something did not happen, and how to ask why.
    fn missing_line(&self, name: &str, asked_of: Option<AskedOf<'_>>) -> String {
        let question = ("--why-not", name.to_owned());
        let ask = match asked_of {
            Some(AskedOf { scenario, plan }) => scenario.show_line(plan, &self.how, question),
            None => format!("tiebreak show FILE --why-not {}", quoted(name)),
        };
        format!("{name} did not happen; `{ask}` says more")
    }

    /// Turns orderings round, and returns which of them decide a finding, a line each.
    fn decided(&self, found: FoundIn<'_>, effort: &mut Effort) -> Vec<String> {
        deciding_lines(found.trace, &self.deciding(found, effort))
    }

    /// Turns orderings round, and returns which of them decide a finding of a run that is not long.
    pub(crate) fn deciding(&self, found: FoundIn<'_>, effort: &mut Effort) -> Deciding {
        let FoundIn { finding, trace, causes } = found;
        let record = finding.record();
        let Effort { left, is_interrupted } = effort;
        let (mut on_the_way, mut elsewhere) = (Vec::new(), RacesElsewhere::default());
        if !left.is_spent() {
            on_the_way =
                record.map_or(on_the_way, |record| races_on_chain(trace, causes, record, RACES_TURNED));
            elsewhere = races_elsewhere(trace, causes, record, RACES_TURNED);
        }
        let RacesElsewhere { pairs, is_cut } = &elsewhere;
        let raced = Raced { on_the_way: &on_the_way, elsewhere: pairs, is_cut: *is_cut };
        let deciding = stopping(|goes_on| {
            let goes_on = || !*is_interrupted && goes_on();
            self.prepared.deciding(self.how, found, raced, (left, &goes_on))
        });
        effort.is_interrupted |= deciding.cut == Some(DecidingCut::Stopped);
        deciding
    }
}

/// The name of what should have happened and did not; `None` if a finding is not about that.
fn missing(finding: &Finding) -> Option<&str> {
    match finding {
        Finding::Expectation(unmet) => unmet.missing.as_deref(),
        Finding::Monitor(_) | Finding::MonitorHeld(_) | Finding::Model(_) | Finding::Order(_) => None,
    }
}

/// What may still be done to say what decided, for all findings of one run.
#[derive(Debug, Default)]
pub(crate) struct Effort {
    left: CallbacksLeft,
    is_interrupted: bool,
}

/// What decided, a line each, and whether there may be more.
fn deciding_lines(trace: &Trace, deciding: &Deciding) -> Vec<String> {
    let Deciding { orderings, by_chance, turned, endless, cut } = deciding;
    let spelling = |number| trace.record(number).map(|parts| trace.spelling(&parts)).unwrap_or_default();
    let mut lines: Vec<String> = orderings
        .iter()
        .map(|Ordering { records, source }| {
            let [first, second] = records.map(spelling);
            let asked = match source {
                OrderingSource::Race => "",
                OrderingSource::Scenario => ", which is kept",
                OrderingSource::Implied => ", which follows from what is kept",
            };
            format!("decides: {first} before {second}{asked}; the other way round this is not found")
        })
        .collect();
    lines.extend(by_chance.iter().map(|Ordering { records, .. }| {
        let [first, second] = records.map(spelling);
        format!("may decide: {first} before {second}; the other way round this is not found under this seed, but it may be under another")
    }));
    if let [Ordering { records, .. }, more @ ..] = &endless[..] {
        let [first, second] = records.map(spelling);
        let more = if more.is_empty() { String::new() } else { format!(", nor of {} more", more.len()) };
        lines.push(format!(
            "not known of {first} before {second}{more}: the other way round the run does not come to its end"
        ));
    }
    match cut {
        Some(DecidingCut::Callbacks) => lines.push(format!(
            "not all orderings were tried the other way round, so as to make at most {}",
            counted(CALLBACKS_TURNED_MAX, "callback")
        )),
        Some(DecidingCut::Stopped) => {
            lines.push("interrupted: not all orderings were tried the other way round".to_owned());
        }
        Some(DecidingCut::Crowded) => {
            lines.push("not all simultaneous events elsewhere were looked at: they are too many".to_owned());
        }
        None if orderings.is_empty() && by_chance.is_empty() && *turned > 0 => {
            lines.push(format!("none of {} decides alone", counted(*turned, "ordering")));
        }
        None => {}
    }
    lines
}
