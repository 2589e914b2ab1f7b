//! A scenario as a program whose orders are searched.

use alloc::string::{String, ToString};

use tiebreak::explore::{Director, Failure, Outcome, Program, Setup, Verdict};
use tiebreak::{BehaviourRecorder, End, Verdict as Judgement};

use crate::run::{Finding, Prepared, RunOptions, RunReport};

/// A scenario made ready, and the options of its runs. The seed and the order of a run are those that a search asks for.
#[derive(Debug, Clone, Copy)]
pub struct Explored<'a> {
    /// The scenario.
    pub prepared: &'a Prepared,
    /// How long it runs, and whether the reference model runs beside.
    pub options: RunOptions,
}

impl Program for Explored<'_> {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let options = RunOptions { seed: Some(setup.seed), order: Some(setup.order), ..self.options };
        let (report, (), recorder) =
            self.prepared.run_choosing(options, BehaviourRecorder::default(), choices, |_, _| ());
        Outcome {
            verdict: failure(&report, &recorder).map_or(Verdict::Passes, Verdict::Fails),
            behaviour: recorder.behaviour(),
            contended: recorder.contended(),
            milestones: 0,
            progress_at: None,
        }
    }
}

/// The first thing that is wrong with a run. That it hit a limit outranks what else was found: a run that was cut short may
/// not have reached what was expected.
fn failure(report: &RunReport, recorder: &BehaviourRecorder) -> Option<Failure> {
    if matches!(report.end, End::Limit(_)) {
        return Some(Failure { monitor: "limit".into(), event: None, message: report.end.to_string() });
    }
    report.findings.first().map(|finding| {
        let (monitor, event) = match finding {
            Finding::Monitor(report) => (report.monitor.to_string(), event(&report.verdict, recorder)),
            Finding::MonitorHeld(monitor) => (held(monitor), None),
            Finding::Expectation(unmet) => (unmet.expected.clone(), None),
            Finding::Model(_) => ("reference-model".to_string(), None),
        };
        Failure { monitor, event, message: finding.to_string() }
    })
}

/// The event during which a monitor failed.
fn event(verdict: &Judgement, recorder: &BehaviourRecorder) -> Option<u64> {
    match verdict {
        Judgement::Fails(failure) => recorder.event_of_record(failure.record),
        Judgement::Holds | Judgement::Waits(_) => None,
    }
}

fn held(monitor: &str) -> String {
    ["expected failure of ", monitor].concat()
}
