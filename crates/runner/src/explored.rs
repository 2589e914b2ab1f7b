//! A scenario as a program whose orders are searched.

use alloc::string::{String, ToString};

use tiebreak::explore::{Director, Failure, Outcome, Program, Reducible, Setup, Verdict};
use tiebreak::{BehaviourRecorder, End, Verdict as Judgement};
use tiebreak_scenario::Plan;

use crate::build::{PrepareError, Recordings};
use crate::run::{Finding, Prepared, RunOptions, RunReport};
use crate::smaller::smaller_plans;

/// What a failure is called that is no judgement of a monitor: the run hit a limit.
pub const LIMIT: &str = "limit";

/// What a failure is called if manager and reference model differ.
pub const MODEL: &str = "reference-model";
/// What a failure is called if the order that the scenario asks for was not kept.
pub const ORDER: &str = "order";

/// A scenario as a program: its plan, made ready, and the options of its runs. The seed and the order of a run are those
/// that a search asks for.
#[derive(Debug, Clone)]
pub struct Explored<'a> {
    plan: Plan,
    prepared: Prepared,
    recordings: &'a Recordings,
    options: RunOptions,
}

impl<'a> Explored<'a> {
    /// Makes a plan ready, whose switches are resolved.
    ///
    /// # Errors
    /// As [`Prepared::new`].
    pub fn new(plan: Plan, recordings: &'a Recordings, options: RunOptions) -> Result<Self, PrepareError> {
        let prepared = Prepared::new(&plan, recordings)?;
        Ok(Self { plan, prepared, recordings, options })
    }

    /// The program of a plan that was made ready already.
    #[must_use]
    pub const fn of(plan: Plan, prepared: Prepared, recordings: &'a Recordings, options: RunOptions) -> Self {
        Self { plan, prepared, recordings, options }
    }

    /// Returns the plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns what runs.
    #[must_use]
    pub const fn prepared(&self) -> &Prepared {
        &self.prepared
    }
}

impl Reducible for Explored<'_> {
    fn reductions(&self) -> impl Iterator<Item = Self> {
        let Self { recordings, options, .. } = *self;
        smaller_plans(&self.plan).into_iter().filter_map(move |plan| {
            // What was left out may be needed: names that nobody makes, a group without members.
            let plan = tiebreak_scenario::load(&tiebreak_scenario::write(&plan)).ok()?.plan;
            Self::new(plan, recordings, options).ok()
        })
    }
}

impl Program for Explored<'_> {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let options = RunOptions { seed: Some(setup.seed), order: Some(setup.order), ..self.options };
        let (report, (), recorder) =
            self.prepared.run_directed(options, BehaviourRecorder::default(), choices, |_, _| ());
        Outcome {
            verdict: failure(&report, &recorder).map_or(Verdict::Passes, Verdict::Fails),
            behaviour: recorder.behaviour(),
            contended: recorder.contended(),
            milestones: 0,
            progress_at: None,
            twins: report.twins,
        }
    }
}

/// The first thing that is wrong with a run. That it hit a limit outranks what else was found: a run that was cut short may
/// not have reached what was expected.
fn failure(report: &RunReport, recorder: &BehaviourRecorder) -> Option<Failure> {
    if matches!(report.end, End::Limit(_)) {
        return Some(Failure { monitor: LIMIT.into(), event: None, message: report.end.to_string() });
    }
    report.findings.first().map(|finding| {
        let (monitor, event) = match finding {
            Finding::Monitor(report) => (report.monitor.to_string(), event(&report.verdict, recorder)),
            Finding::MonitorHeld(monitor) => (held(monitor), None),
            Finding::Expectation(unmet) => (unmet.expected.clone(), None),
            Finding::Model(_) => (MODEL.to_string(), None),
            Finding::Order(_) => (ORDER.to_string(), None),
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
