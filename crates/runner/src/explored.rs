//! A scenario as a program whose orders are searched.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tiebreak::explore::{
    Cause, DefaultOrder, Director, Directory, Effort, Failure, Lost, Outcome, Program, Reducible, Setup,
    Symptom, Verdict, fails_with,
};
use tiebreak::{BehaviourRecorder, End, Trace, Verdict as Judgement};
use tiebreak_scenario::Plan;

use crate::build::{PrepareError, Recordings};
use crate::run::{Finding, Prepared, RunOptions};
use crate::smaller::{free_numbers, smaller_plans};

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

    /// Returns which numbers of the plan do not matter: with each of them larger or smaller, alone, it fails with the same
    /// symptom in every order that keeps the cause.
    #[must_use]
    pub fn free(
        &self,
        cause: &Cause,
        symptom: &Symptom,
        directory: &mut Directory,
        effort: &mut Effort<'_>,
    ) -> Vec<String> {
        let Self { recordings, options, .. } = *self;
        let mut still_fails = |plan: Plan| {
            let plan = tiebreak_scenario::load(&tiebreak_scenario::write(&plan)).ok()?.plan;
            let changed = Self::new(plan, recordings, options).ok()?;
            Some(fails_with(&changed, cause, symptom, directory, effort))
        };
        free_numbers(&self.plan, &mut |plan| still_fails(plan).unwrap_or(false))
    }

    /// Returns the trace of a run under a cause; an order decides the rest.
    #[must_use]
    pub fn trace(&self, cause: &Cause, order: DefaultOrder) -> Trace {
        let mut directory = Directory::default();
        let mut director = Director::new(&mut directory, order.setup.seed);
        director.keep(cause);
        self.prepared.record_directed(self.options(order.setup), &mut director).trace
    }

    /// Runs once as a search does, and keeps the trace. The outcome has no failures: who wants those runs the program.
    #[must_use]
    pub fn record(&self, setup: Setup, choices: &mut Director<'_>) -> (Outcome, Trace) {
        let trace = self.prepared.record_directed(self.options(setup), choices).trace;
        (Outcome::without_events(Verdict::of(Vec::new()), trace.fingerprint().run), trace)
    }

    /// Returns the options of its runs, under the order and with the seed that a search asks for.
    pub(crate) fn options(&self, setup: Setup) -> RunOptions {
        RunOptions { seed: Some(setup.seed), order: Some(setup.order), ..self.options }
    }

    /// Returns what runs.
    #[must_use]
    pub const fn prepared(&self) -> &Prepared {
        &self.prepared
    }
}

impl Reducible for Explored<'_> {
    fn reductions(&self) -> impl Iterator<Item = (Self, Lost)> {
        let Self { recordings, options, .. } = *self;
        smaller_plans(&self.plan).filter_map(move |(plan, lost)| {
            // What was left out may be needed: names that nobody makes, a group without members.
            let plan = tiebreak_scenario::load(&tiebreak_scenario::write(&plan)).ok()?.plan;
            Some((Self::new(plan, recordings, options).ok()?, lost))
        })
    }
}

impl Program for Explored<'_> {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let options = self.options(setup);
        let (report, (), recorder) =
            self.prepared.run_directed(options, BehaviourRecorder::default(), choices, |_| ());
        Outcome {
            verdict: Verdict::of(failures(&report.findings, &report.end, |record| {
                recorder.event_of_record(record)
            })),
            behaviour: recorder.behaviour(),
            contended: recorder.contended(),
            milestones: 0,
            progress_at: None,
            twins: report.twins,
        }
    }
}

/// All that is wrong with a run: first what failed during an event, event by event, then what is judged about the whole run.
/// Of a run that hit a limit nothing more is judged: it may not have reached what was expected.
pub(crate) fn failures(
    findings: &[Finding],
    end: &End,
    event_of_record: impl Fn(u64) -> Option<u64>,
) -> Vec<Failure> {
    let found = findings.iter().map(|finding| failure(finding, &event_of_record));
    let (mut failures, whole): (Vec<_>, Vec<_>) = found.partition(|failure| failure.event.is_some());
    failures.sort_by_key(|failure| failure.event);
    if matches!(end, End::Limit(_)) {
        failures.push(Failure { monitor: LIMIT.into(), event: None, message: end.to_string() });
    } else {
        failures.extend(whole);
    }
    failures
}

pub(crate) fn failure(finding: &Finding, event_of_record: impl Fn(u64) -> Option<u64>) -> Failure {
    let event = match finding {
        Finding::Monitor(report) => event(&report.verdict, event_of_record),
        Finding::MonitorHeld(_) | Finding::Expectation(_) | Finding::Model(_) | Finding::Order(_) => None,
    };
    Failure { monitor: finding.monitor(), event, message: finding.to_string() }
}

impl Finding {
    /// Returns what a search calls it: the [`Symptom::monitor`] of the failure.
    #[must_use]
    pub fn monitor(&self) -> String {
        match self {
            Self::Monitor(report) => report.monitor.to_string(),
            Self::MonitorHeld(monitor) => held(monitor),
            Self::Expectation(unmet) => unmet.expected.clone(),
            Self::Model(_) => MODEL.to_string(),
            Self::Order(_) => ORDER.to_string(),
        }
    }
}

/// The event during which a monitor failed.
fn event(verdict: &Judgement, event_of_record: impl Fn(u64) -> Option<u64>) -> Option<u64> {
    match verdict {
        Judgement::Fails(failure) => event_of_record(failure.record),
        Judgement::Holds | Judgement::Waits(_) => None,
    }
}

fn held(monitor: &str) -> String {
    ["expected failure of ", monitor].concat()
}
