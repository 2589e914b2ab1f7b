//! One run of a scenario, from the prepared world to the verdict.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::ControlFlow;

use tiebreak::explore::{Cause, Constraint, Director, Directory};
use tiebreak::trace::Pending;
use tiebreak::{
    Choices, Digest, End, Fingerprint, Fingerprinter, Header, Instant, Limit, Names, Order, Recorder, Report,
    RunFingerprinter, Settings, Silent, Simulation, Span, Streams, Symbol, Trace, Tracer, Twin, TwinCounter,
    Verbosity, Verdict, Watch,
};
use tiebreak_regression::Unkept;
use tiebreak_rtm_model::Difference;
use tiebreak_rtm_sim::{MODEL, RoutingMonitors, RoutingWorld, Subject, TableRow, Unfinished};
use tiebreak_scenario::Plan;
use tiebreak_scenario::plan::Expectation;

use crate::build::{Built, Cast, PrepareError, Recordings, ScenarioWorld, build, check_switches};
use crate::expectations::{Unmet, Witness};
use crate::left::{Crowd, Ended, Left};
use crate::limits::{limits, with_limit};

/// A scenario that is ready to be run. The clients of a run borrow their scripts, so that a sweep of seeds builds those once.
#[derive(Debug, Clone)]
pub struct Prepared {
    cast: Cast,
    names: Names,
    monitors: RoutingMonitors,
    /// The clients that are declared to misbehave, each by all the names it acts under, its own first.
    misbehaving: Vec<Vec<Symbol>>,
    expect: Vec<Expectation>,
    digest: Digest,
    settings: Settings,
    /// The orderings and draws of an order by hand; empty if it is none.
    cause: Cause,
}

/// The options of a run. What is `None` is as the scenario says.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunOptions {
    /// The seed.
    pub seed: Option<u64>,
    /// The order policy; of an order by hand, what decides the rest.
    pub order: Option<Order>,
    /// The horizon.
    pub until: Option<Span>,
    /// The number of events it may take, in total and at one instant.
    pub limit: Option<u64>,
    /// Whether the naive reference model runs beside the manager.
    pub model: ModelCheck,
    /// What is recorded beside dispatches and notes.
    pub verbosity: Verbosity,
}

/// Whether the naive reference model runs beside the manager and is compared with it after every instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ModelCheck {
    /// It does not.
    #[default]
    Off,
    /// It does: slow, for tables of up to about 2,000 routes.
    On,
}

/// Something that is wrong in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A monitor failed.
    Monitor(Report),
    /// A monitor that the scenario expects to fail did not.
    MonitorHeld(String),
    /// An expectation was not met.
    Expectation(Unmet),
    /// The manager and the reference model differ.
    Model(Difference),
    /// The order that the scenario asks for was not kept.
    Order(Unkept),
}

impl Finding {
    /// Returns the number of the record that shows it, in the run that it was found in; `None` if no single record does.
    #[must_use]
    pub const fn record(&self) -> Option<u64> {
        match self {
            Self::Monitor(Report { verdict: Verdict::Fails(failure), .. }) => Some(failure.record),
            Self::Expectation(unmet) => unmet.record,
            Self::Monitor(_) | Self::MonitorHeld(_) | Self::Model(_) | Self::Order(_) => None,
        }
    }

    /// Whether both say that the same thing is wrong, in whatever way it came out.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.what() == other.what()
    }

    /// What it says is wrong, in whatever way that came out: the sort of finding, and the monitor or what was expected.
    #[must_use]
    pub fn what(&self) -> (u8, &str) {
        match self {
            Self::Monitor(report) => (0, report.monitor),
            Self::MonitorHeld(name) => (1, name),
            Self::Expectation(unmet) => (2, &unmet.expected),
            Self::Model(_) => (3, ""),
            Self::Order(_) => (4, ""),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Monitor(report) => write!(out, "{report}"),
            Self::MonitorHeld(name) => write!(out, "expected the monitor {name} to fail; it holds"),
            Self::Expectation(unmet) => write!(out, "{unmet}"),
            Self::Order(unkept) => write!(out, "{unkept}"),
            Self::Model(difference) => write!(out, "manager and reference model differ: {difference}"),
        }
    }
}

/// The result of a run.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// How it ended.
    pub end: End,
    /// The instant of its end.
    pub at: Instant,
    /// The number of events that ran.
    pub events: u64,
    /// How many callbacks have begun and not returned.
    pub open_callbacks: usize,
    /// The seed it ran with.
    pub seed: u64,
    /// The order policy it ran with.
    pub order: Order,
    /// What is wrong; empty if nothing is.
    pub findings: Vec<Finding>,
    /// The clients that are declared to misbehave, but all of whose calls were accepted: probably a mistake in the scenario.
    pub well_behaved: Vec<String>,
    /// The names that tied with themselves, so that only the order of scheduling decided between their events.
    pub twins: Vec<Twin>,
    /// What was pending most, if more was pending than may be.
    pub crowd: Option<Crowd>,
}

/// A run that records: the report, the trace, the fingerprint, the final table.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The report.
    pub report: RunReport,
    /// The trace.
    pub trace: Trace,
    /// The final best routes.
    pub table: Vec<TableRow>,
    /// What had begun and not ended: callbacks, and calls that wait for a lock.
    pub unfinished: Vec<Unfinished>,
}

/// A run that keeps no trace: the report, the fingerprint, the final table.
#[derive(Debug, Clone)]
pub struct Fingerprinted {
    /// The report.
    pub report: RunReport,
    /// The layered fingerprint.
    pub fingerprint: Fingerprint,
    /// The digests of the run after event 1024, 2048 and so on.
    pub checkpoints: Vec<Digest>,
    /// The final best routes.
    pub table: Vec<TableRow>,
    /// What is pending at the end.
    pub pending: Vec<Pending>,
}

/// The recorders that judge a run.
pub(crate) type Judges = (Watch<RoutingMonitors>, Witness);

/// The recorders of every run, and one more that keeps what the caller wants.
type Recording<K> = (Watch<RoutingMonitors>, Witness, TwinCounter, K);

/// The simulation of a scenario.
pub(crate) type ScenarioSimulation<'p, K, C> = Simulation<ScenarioWorld<'p>, Recording<K>, C>;

impl Prepared {
    /// Prepares a plan whose switches are resolved.
    ///
    /// # Errors
    /// If a switch is not resolved, if a feed has no recording, if a monitor that is expected to fail does not exist, if an action
    /// cannot be done where it stands, or if a name or the delay of callbacks is not valid.
    pub fn new(plan: &Plan, recordings: &Recordings) -> Result<Self, PrepareError> {
        check_switches(plan)?;
        check_monitors(&plan.expect)?;
        let actors = plan.expand();
        let limits = limits(plan, &actors, recordings);
        let digest = Digest::of(&plan.digest_bytes_of(&actors));
        let Built { cast, names, monitors, misbehaving } = build(plan, actors, recordings)?;
        let settings = Settings::new(plan.seed)
            .with_order(plan.order.policy())
            .with_horizon(Instant::START.saturating_add(plan.until))
            .with_limits(limits);
        let cause = plan.order.cause().cloned().unwrap_or_default();
        let expect = plan.expect.clone();
        Ok(Self { cast, names, monitors, misbehaving, expect, digest, settings, cause })
    }

    /// Returns the monitors that every run starts with.
    #[must_use]
    pub const fn monitors(&self) -> &RoutingMonitors {
        &self.monitors
    }

    pub(crate) fn expect(&self) -> &[Expectation] {
        &self.expect
    }

    /// Returns the codes of all names under which clients act.
    pub fn clients(&self) -> impl Iterator<Item = u64> {
        self.cast.names().map(|name| self.names.code(name))
    }

    /// Returns the settings of a run with these options.
    #[must_use]
    pub fn settings(&self, options: RunOptions) -> Settings {
        let own = &self.settings;
        let until = options.until.map(|until| Instant::START.saturating_add(until));
        Settings::new(options.seed.unwrap_or(own.seed))
            .with_order(options.order.unwrap_or(own.order))
            .with_horizon(until.unwrap_or(own.horizon))
            .with_limits(options.limit.map_or(own.limits, |limit| with_limit(own.limits, limit)))
            .with_verbosity(options.verbosity)
    }

    /// Returns what the scenario says of its order.
    pub(crate) const fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The same scenario without one of the orderings that it asks for; itself, if it does not ask for it.
    pub(crate) fn without_ordering(&self, ordering: &Constraint) -> Cow<'_, Self> {
        if !self.cause.constraints.contains(ordering) {
            return Cow::Borrowed(self);
        }
        let mut freer = self.clone();
        freer.cause.constraints.retain(|other| other != ordering);
        Cow::Owned(freer)
    }

    /// Runs with a trace.
    #[must_use]
    pub fn record(&self, options: RunOptions) -> Recorded {
        let (mut report, left, tracer) = self.run_with(options, self.tracer(options), Left::of);
        report.findings.extend(self.unmet_orders(options));
        left.recorded(report, tracer)
    }

    /// Returns the header of the trace of a run with these options.
    #[must_use]
    pub fn header(&self, options: RunOptions) -> Header {
        Header::new(MODEL, self.digest, &self.settings(options))
    }

    fn tracer(&self, options: RunOptions) -> Tracer {
        Tracer::new(self.header(options))
    }

    /// Runs with a trace, and with a director.
    pub(crate) fn record_directed(&self, options: RunOptions, director: &mut Director<'_>) -> Recorded {
        let (report, left, tracer) = self.run_directed(options, self.tracer(options), director, Left::of);
        left.recorded(report, tracer)
    }

    /// Runs with a fingerprint only.
    #[must_use]
    pub fn fingerprint(&self, options: RunOptions) -> Fingerprinted {
        self.fingerprint_with(options, Silent).0
    }

    /// Runs with a fingerprint, and with a recorder of the caller beside it: for traces that are written while the run goes on.
    #[must_use]
    pub fn fingerprint_with<K: Recorder<Subject>>(
        &self,
        options: RunOptions,
        keeper: K,
    ) -> (Fingerprinted, K) {
        let keep = |ended: &Ended<'_, '_>| (Left::of(ended), ended.names.clone());
        let (mut report, (left, names), (fingerprinter, keeper)) =
            self.run_with(options, (Fingerprinter::default(), keeper), keep);
        report.findings.extend(self.unmet_orders(options));
        let checkpoints = fingerprinter.checkpoints().to_vec();
        let fingerprint = fingerprinter.fingerprint(&names);
        let Left { table, pending, .. } = left;
        (Fingerprinted { report, fingerprint, checkpoints, table, pending }, keeper)
    }

    /// Runs with monitors and the run's fingerprint, and keeps nothing else: for sweeps of seeds.
    #[must_use]
    pub fn sweep(&self, options: RunOptions) -> (RunReport, Digest) {
        let (report, (), fingerprinter) = self.run_with(options, RunFingerprinter::default(), |_| ());
        (report, fingerprinter.run())
    }

    /// Runs with a recorder of the caller in addition to the monitors.
    #[must_use]
    pub fn record_with<K: Recorder<Subject>>(&self, options: RunOptions, keeper: K) -> (RunReport, K, Names) {
        let (report, names, keeper) = self.run_with(options, keeper, |ended| ended.names.clone());
        (report, keeper, names)
    }

    fn run_with<K: Recorder<Subject>, T>(
        &self,
        options: RunOptions,
        keeper: K,
        keep: impl FnOnce(&Ended<'_, '_>) -> T,
    ) -> (RunReport, T, K) {
        self.run_driven(options, keeper, ToTheEnd, keep)
    }

    /// Runs in the way of a driver.
    pub(crate) fn run_driven<K: Recorder<Subject>, T>(
        &self,
        options: RunOptions,
        keeper: K,
        driver: impl Driver<K>,
        keep: impl FnOnce(&Ended<'_, '_>) -> T,
    ) -> (RunReport, T, K) {
        let seed = self.settings(options).seed;
        if self.cause.is_empty() {
            return self.run_choosing(options, keeper, Streams::new(seed), driver, keep);
        }
        let mut directory = Directory::default();
        self.run_keeping(options, keeper, &mut Director::new(&mut directory, seed), driver, keep)
    }

    /// Runs with a director, which keeps the order of the scenario besides.
    pub(crate) fn run_directed<K: Recorder<Subject>, T>(
        &self,
        options: RunOptions,
        keeper: K,
        director: &mut Director<'_>,
        keep: impl FnOnce(&Ended<'_, '_>) -> T,
    ) -> (RunReport, T, K) {
        self.run_keeping(options, keeper, director, ToTheEnd, keep)
    }

    fn run_keeping<K: Recorder<Subject>, T>(
        &self,
        options: RunOptions,
        keeper: K,
        director: &mut Director<'_>,
        driver: impl Driver<K>,
        keep: impl FnOnce(&Ended<'_, '_>) -> T,
    ) -> (RunReport, T, K) {
        let others = director.kept().len();
        director.keep(&self.cause);
        let (mut report, kept, keeper) = self.run_choosing(options, keeper, &mut *director, driver, keep);
        let own = director.kept()[others..].iter().zip(0..);
        let broken: Vec<usize> = own.filter(|(kept, _)| kept.is_broken).map(|(_, at)| at).collect();
        let unkept = Unkept::of(&self.cause, &broken, director.history(), director.directory());
        report.findings.extend(unkept.into_iter().map(Finding::Order));
        (report, kept, keeper)
    }

    /// Runs with a recorder of the caller's beside the monitors, and with the caller's choices.
    fn run_choosing<K: Recorder<Subject>, C: Choices, T>(
        &self,
        options: RunOptions,
        keeper: K,
        choices: C,
        driver: impl Driver<K>,
        keep: impl FnOnce(&Ended<'_, '_>) -> T,
    ) -> (RunReport, T, K) {
        let settings = self.settings(options);
        let (watch, witness) = self.judges();
        let recording = (watch, witness, TwinCounter::default(), keeper);
        let mut simulation: ScenarioSimulation<'_, K, C> = self.begin(options, recording, choices);
        let (end, difference) = driver.drive(&mut simulation, options.model);
        let (world, names) = (simulation.world(), simulation.names());
        let (watch, witness, ..) = simulation.recorder();
        let mut findings: Vec<Finding> = difference.into_iter().map(Finding::Model).collect();
        findings.extend(self.findings((watch, witness), (world, names), &end));
        let scheduled = || simulation.scheduled();
        let ended = Ended { world, names, scheduled: &scheduled };
        let is_crowded = matches!(&end, End::Limit(exceeded) if exceeded.limit == Limit::Pending);
        let crowd = if is_crowded { ended.crowd() } else { None };
        let report = RunReport {
            end,
            at: simulation.now(),
            events: simulation.dispatched(),
            open_callbacks: simulation.world().open_callbacks(),
            seed: settings.seed,
            order: settings.order,
            findings,
            well_behaved: self.well_behaved(simulation.recorder().0.monitors(), simulation.names()),
            twins: simulation.recorder().2.list(),
            crowd,
        };
        let kept = keep(&ended);
        let (.., (.., keeper)) = simulation.into_parts();
        (report, kept, keeper)
    }

    /// The recorders that judge a run.
    pub(crate) fn judges(&self) -> Judges {
        (Watch::new(self.monitors.clone()), Witness::new(&self.expect))
    }

    /// A run whose first events are scheduled, and none of them run.
    pub(crate) fn begin<R: Recorder<Subject>, C: Choices>(
        &self,
        options: RunOptions,
        recorder: R,
        choices: C,
    ) -> Simulation<ScenarioWorld<'_>, R, C> {
        let mut world = self.cast.world();
        if options.model == ModelCheck::On {
            world.check_model();
        }
        let mut simulation = Simulation::new(world, self.settings(options))
            .with_names(self.names.clone())
            .with_choices(choices)
            .with_recorder(recorder);
        simulation.act(RoutingWorld::begin);
        simulation
    }

    /// Returns the clients that are declared to misbehave and did not, whatever they acted as.
    fn well_behaved(&self, monitors: &RoutingMonitors, names: &Names) -> Vec<String> {
        let well_behaved: Vec<Symbol> = monitors.well_behaved().collect();
        let clients = self.misbehaving.iter();
        let clients = clients.filter(|actors| actors.iter().all(|actor| well_behaved.contains(actor)));
        let own: Vec<Symbol> = clients.filter_map(|actors| actors.first().copied()).collect();
        let in_order = well_behaved.into_iter().filter(|actor| own.contains(actor));
        in_order.map(|name| names.text(name).to_string()).collect()
    }

    /// What monitors and expectations find wrong with a run that has ended.
    pub(crate) fn findings(
        &self,
        (watch, witness): (&Watch<RoutingMonitors>, &Witness),
        (world, names): (&ScenarioWorld<'_>, &Names),
        end: &End,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        // In a run that was cut short a monitor may still wait for something that would have come.
        let is_quiet = world.is_quiet() && matches!(end, End::Quiescent | End::Horizon);
        for report in watch.reports(names) {
            let has_failed = match &report.verdict {
                Verdict::Holds => false,
                Verdict::Waits(_) => is_quiet,
                Verdict::Fails(_) => true,
            };
            match (has_failed, self.is_to_fail(report.monitor)) {
                (true, false) => findings.push(Finding::Monitor(report)),
                (false, true) => findings.push(Finding::MonitorHeld(report.monitor.into())),
                (true, true) | (false, false) => {}
            }
        }
        findings.extend(witness.unmet(&self.expect, world, names).into_iter().map(Finding::Expectation));
        findings
    }

    /// What has failed in a run that has not ended: monitors that were not expected to.
    pub(crate) fn failed(&self, watch: &Watch<RoutingMonitors>, names: &Names) -> Vec<Finding> {
        if !watch.monitors().has_failed() {
            return Vec::new();
        }
        let failed = watch
            .reports(names)
            .into_iter()
            .filter(|report| matches!(report.verdict, Verdict::Fails(_)) && !self.is_to_fail(report.monitor));
        failed.map(Finding::Monitor).collect()
    }

    fn is_to_fail(&self, monitor: &str) -> bool {
        let is_that =
            |expected: &Expectation| matches!(expected, Expectation::Fails(name) if name == monitor);
        self.expect.iter().any(is_that)
    }

    /// Whether the scenario has an order by hand.
    pub(crate) fn has_order(&self) -> bool {
        !self.cause.is_empty()
    }

    /// Hashes what decides which expectations will not be met, as far as the world does not.
    pub(crate) fn hash_judges(&self, (watch, witness): &Judges, state: &mut impl Hasher) {
        watch.monitors().hash(state);
        witness.hash_for(&self.expect, state);
    }
}

/// Checks that all monitors that are expected to fail exist: one that does not exist can never fail.
fn check_monitors(expectations: &[Expectation]) -> Result<(), PrepareError> {
    let known = RoutingMonitors::names();
    for expectation in expectations {
        if let Expectation::Fails(name) = expectation {
            if !known.contains(&name.as_str()) {
                return Err(PrepareError::UnknownMonitor { name: name.clone() });
            }
        }
    }
    Ok(())
}

/// How a simulation is brought to its end.
pub(crate) trait Driver<K> {
    /// Runs to the end; returns how it ended, and how manager and reference model differ if they do.
    fn drive<C: Choices>(
        self,
        simulation: &mut ScenarioSimulation<'_, K, C>,
        model: ModelCheck,
    ) -> (End, Option<Difference>);
}

/// Runs to the end; with the reference model, up to the first instant after which manager and model differ.
struct ToTheEnd;

impl<K: Recorder<Subject>> Driver<K> for ToTheEnd {
    fn drive<C: Choices>(
        self,
        simulation: &mut ScenarioSimulation<'_, K, C>,
        model: ModelCheck,
    ) -> (End, Option<Difference>) {
        if model == ModelCheck::Off {
            return (simulation.run(), None);
        }
        let mut found = None;
        let end = simulation.run_inspecting(|world, _, _| match world.compare_with_model() {
            Ok(()) => ControlFlow::Continue(()),
            Err(difference) => {
                found = Some(difference);
                ControlFlow::Break("manager and reference model differ".to_string())
            }
        });
        (end, found)
    }
}
