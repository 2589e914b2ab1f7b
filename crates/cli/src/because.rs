//! Why a finding came about: its causal chain, and which of the races on it decided.

use tiebreak::Trace;
use tiebreak::explore::{Constraint, EventRef};
use tiebreak::trace::Causes;
use tiebreak_diagnostic::counted;
use tiebreak_inquiry::{chain_lines, races_on_chain};
use tiebreak_runner::{Finding, Prepared, RunOptions, RunReport, Turned};

/// How many lines the chain of a finding takes at most; with the finding and what decided they are at most twelve.
pub(crate) const CHAIN_LINES: usize = 8;
/// How many deciding races are shown.
const DECIDING_SHOWN: usize = 2;
/// How many races are turned round at most.
const RACES_TURNED: usize = 24;
/// Runs with more events are not made again to see what decided.
const EVENTS_MAX: u64 = 20_000;

/// A run that can be made again.
pub(crate) struct Again<'a> {
    pub(crate) prepared: &'a Prepared,
    pub(crate) how: RunOptions,
}

impl Again<'_> {
    /// Returns all findings of a run in lines, each with how it came about. The trace is that of the run.
    pub(crate) fn findings(&self, report: &RunReport, trace: &Trace) -> Vec<Vec<String>> {
        let causes = Causes::of(trace);
        let findings = report.findings.iter();
        findings.map(|finding| self.because(finding, report.events, (trace, &causes), CHAIN_LINES)).collect()
    }

    /// Returns how a finding came about; nothing if no record shows it.
    pub(crate) fn because(
        &self,
        finding: &Finding,
        events: u64,
        (trace, causes): (&Trace, &Causes),
        lines: usize,
    ) -> Vec<String> {
        let Some(record) = finding.record() else { return Vec::new() };
        let mut told = chain_lines(trace, causes, record, lines);
        if !told.is_empty() && events <= EVENTS_MAX {
            told.extend(self.deciding(finding, (trace, causes), record));
        }
        told
    }

    /// Turns the races on the way to a finding round, one by one, and says with which of them it is not found.
    fn deciding(&self, finding: &Finding, (trace, causes): (&Trace, &Causes), record: u64) -> Vec<String> {
        let races = races_on_chain(trace, causes, record, RACES_TURNED);
        let (mut lines, mut turned) = (Vec::new(), 0_u32);
        for [first, second] in &races {
            let [before, after] = [second, first].map(|number| reference(trace, causes, *number));
            let (Some(before), Some(after)) = (before, after) else { continue };
            match self.prepared.turn(self.how, Constraint { before, after }, finding) {
                Turned::Impossible => {}
                Turned::Stays => turned += 1,
                Turned::Goes => {
                    turned += 1;
                    let [first, second] = [first, second].map(|number| spelling(trace, *number));
                    lines.push(format!(
                        "decides: {first} before {second}; the other way round this is not found"
                    ));
                }
            }
            if lines.len() == DECIDING_SHOWN {
                break;
            }
        }
        if lines.is_empty() && turned > 0 {
            lines.push(format!("none of {} on the way decides alone", counted(turned, "race")));
        }
        lines
    }
}

fn spelling(trace: &Trace, number: u64) -> String {
    trace.record(number).map(|parts| trace.spelling(&parts)).unwrap_or_default()
}

/// How an event is called in an ordering: by its number among the events of its name that its cause has caused.
fn reference(trace: &Trace, causes: &Causes, number: u64) -> Option<EventRef> {
    let parts = trace.record(number)?;
    let name = spelling(trace, number);
    let alike = trace.records().take_while(|(other, _)| *other <= number).filter(|(_, other)| {
        other.event_code().is_some() && other.name_code() == parts.name_code() && other.cause == parts.cause
    });
    let repeat = u32::try_from(alike.count()).ok()?;
    let counted = EventRef { repeat, ..EventRef::parse(&name).ok()? };
    match causes.cause(trace, number) {
        Some(cause) => Some(counted.of(EventRef::parse(&spelling(trace, cause)).ok()?)),
        None => Some(counted.from_outside()),
    }
}
