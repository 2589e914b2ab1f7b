//! Searching the orders of a world in a test.
//!
//! ```
//! use tiebreak::{Context, Name, Names, Record, Span, World, check, monitor, terms};
//!
//! terms! { ACCOUNT = "account", PAY = "pay", CLOSE = "close", LOST = "lost" }
//!
//! enum Event { Pay, Close }
//!
//! #[derive(Default)]
//! struct Account { is_fixed: bool, is_closed: bool }
//!
//! impl World for Account {
//!     type Event = Event;
//!     type Subject = ();
//!
//!     fn name(&self, event: &Event) -> Name<()> {
//!         Name::of(ACCOUNT, match event { Event::Pay => PAY, Event::Close => CLOSE }, ())
//!     }
//!
//!     fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
//!         match event {
//!             Event::Close => self.is_closed = true,
//!             Event::Pay if self.is_closed && !self.is_fixed => context.record(Name::of(ACCOUNT, LOST, ()), &[]),
//!             Event::Pay => {}
//!         }
//!     }
//! }
//!
//! fn nothing_is_lost(_names: &Names, record: &Record<'_, ()>) -> Result<(), String> {
//!     if record.name.kind == LOST { Err("a payment is lost".into()) } else { Ok(()) }
//! }
//!
//! let account = |is_fixed| {
//!     check(move |run| {
//!         let mut simulation = run.simulation(Account { is_fixed, is_closed: false }, [monitor("nothing-lost", nothing_is_lost)]);
//!         simulation.act(|_, context| {
//!             context.schedule_after(Span::from_secs(10), Event::Pay);
//!             context.schedule_after(Span::from_secs(10), Event::Close);
//!         });
//!         let end = simulation.run();
//!         tiebreak::outcome(&simulation, Some(&end))
//!     })
//! };
//! let report = account(false).search().expect_err("some order loses a payment");
//! assert!(report.to_string().contains("account/close#1 before account/pay#1"), "{report}");
//! account(true).runs(500).assert();
//! ```

extern crate std;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use tiebreak_explore::{
    Campaign, Cause, Director, Directory, Effort, Failure, Found, History, Job, NotShrunk, Outcome, Plan,
    Program, Reasons, Setup, Shrunk, Symptom, Tactic, Verdict, events, fails_with, is_alert, nearest_passing,
    needs, shrink,
};
#[cfg(feature = "arbitrary")]
use tiebreak_kernel::Order;
use tiebreak_kernel::{Choices, End, Names, Settings, Simulation, Subject, Term, World};
use tiebreak_trace::{
    BehaviourRecorder, Digest, Failure as Broken, Monitors, Twin, TwinCounter, Verdict as Judgement, Watch,
    twins_warning,
};

#[cfg(feature = "arbitrary")]
use crate::bytes::Bytes;
use crate::panics;
#[cfg(feature = "regressions")]
use crate::regressions::{Folder, Update};
#[cfg(feature = "regressions")]
use tiebreak_regression::Find;

/// How many runs a search makes unless it is told.
const RUNS: u64 = 1_000;
/// How many finds are told.
const FINDS_SHOWN: usize = 5;

/// The recorder of every run of a search: monitors, what counts behaviours, and what counts ties of equal names.
pub type Watching<M> = (Watch<M>, BehaviourRecorder, TwinCounter);

/// Returns the recorder of a run of a search. [`Run::simulation`] makes it; it is for whoever implements
/// [`Program`] by hand.
#[must_use]
pub fn watching<M>(monitors: M) -> Watching<M> {
    (Watch::new(monitors), BehaviourRecorder::default(), TwinCounter::default())
}

/// Searches the orders of a program in a test: [`assert`](Check::assert) fails with what was found.
///
/// `run` builds the simulation, runs it, and returns [`outcome`]. It is called once for each run, and depends on nothing but
/// what it gets. A panic in it counts as a failure.
pub fn check<F: Fn(&mut Run<'_, '_>) -> Outcome>(run: F) -> Check<F> {
    Check {
        program: Checked::new(run),
        plan: Plan::new(1, RUNS),
        told: Told::OneReason,
        #[cfg(feature = "regressions")]
        regressions: None,
    }
}

/// A search that has not begun.
#[derive(Debug, Clone)]
#[must_use = "nothing is searched until `assert` or `search`"]
pub struct Check<F> {
    pub(crate) program: Checked<F>,
    pub(crate) plan: Plan,
    told: Told,
    #[cfg(feature = "regressions")]
    regressions: Option<Folder>,
}

/// What is told of why something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    OneReason,
    AllReasons,
}

/// For who drives a search step by step, with what [`explore`](crate::explore) offers.
impl<F: Fn(&mut Run<'_, '_>) -> Outcome> Program for Check<F> {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        self.program.run(setup, choices)
    }
}

impl<F: Fn(&mut Run<'_, '_>) -> Outcome> Check<F> {
    /// Makes so many runs at most; the environment's `TIEBREAK_RUNS` goes first.
    pub fn runs(self, runs: u64) -> Self {
        Self { plan: Plan { runs, ..self.plan }, ..self }
    }

    /// Begins with another seed than 1; the environment's `TIEBREAK_SEED` goes first.
    pub fn seed(self, seed: u64) -> Self {
        Self { plan: Plan { seed, ..self.plan }, ..self }
    }

    /// Lets one strategy choose instead of a mixture.
    pub fn strategy(self, tactic: Tactic) -> Self {
        Self { plan: Plan { tactics: Vec::from([tactic]), ..self.plan }, ..self }
    }

    /// Tells every reason for which a find fails: all smallest sets of orderings of its events, each enough by itself. For
    /// finds in whose runs at most 20 pairs of events race; of others it tells that there are more.
    pub fn all_causes(self) -> Self {
        Self { told: Told::AllReasons, ..self }
    }

    /// Runs the finds that are kept in a folder before anything is searched, and keeps there what is found.
    ///
    /// A relative path begins in the folder of the package, where cargo runs its tests: `"tests/regressions/leases"`. What is
    /// kept is a file for each find, to be read and committed; see [`regressions`](crate::regressions) for what may be
    /// written when. A find whose bug is still there fails the test, and so does one whose bug is fixed until it is accepted
    /// as a guard. As long as something is to be said of them nothing is searched.
    #[cfg(feature = "regressions")]
    pub fn regressions(self, folder: impl Into<std::path::PathBuf>) -> Self {
        Self { regressions: Some(Folder(folder.into())), ..self }
    }

    /// Demands that some run makes a record of this kind: what a test is about has to happen in it. A search that never
    /// reaches it fails. Runs go on from where the ones were that reached most.
    ///
    /// # Panics
    /// If there are more than 64.
    pub fn sometimes(mut self, kind: Term) -> Self {
        assert!(self.program.milestones.len() < 64, "a search has at most 64 milestones");
        self.program.milestones.push(kind);
        self
    }

    /// Searches.
    ///
    /// # Errors
    /// If a kept find is not a guard that holds, a run fails, a milestone was never reached, or no run satisfies the
    /// assumptions: what was found.
    pub fn search(&self) -> Result<(), SearchReport> {
        #[cfg(feature = "regressions")]
        if let Some(folder) = &self.regressions {
            let mut lines = folder.replay(&self.program, Update::from_environment());
            if !lines.is_empty() {
                lines.push("nothing was searched, because of what is kept".into());
                return Err(SearchReport { lines });
            }
        }
        let plan = from_environment(self.plan.clone());
        let mut directory = Directory::default();
        let mut campaign = Campaign::new(&self.program, plan.clone(), &mut directory);
        campaign.run(&self.program, &mut directory);
        let mut finds: Vec<(&Symptom, &Found)> = campaign.found().iter().collect();
        finds.sort_by_key(|(_, found)| found.place());
        let (mut lines, mut causes) = (Vec::new(), Vec::new());
        for (symptom, found) in finds.iter().take(FINDS_SHOWN) {
            lines.extend(self.tell(symptom, found, &campaign, &mut directory, &mut causes));
        }
        if let Some(more @ 1..) = finds.len().checked_sub(FINDS_SHOWN) {
            lines.push(format!("and {more} more finds, which are not shown"));
        }
        lines.extend(self.missing(&campaign));
        if campaign.runs() == campaign.discarded() {
            lines.push("nothing was tested: no run satisfies the assumptions".into());
        }
        if lines.is_empty() && !is_alert(&plan.tactics, plan.seed) {
            lines.push("the strategy did not find the failure that is built in: it means nothing".into());
        }
        if lines.is_empty() {
            return Ok(());
        }
        lines.extend(twins_warning(&twins(&campaign)));
        lines.push(summary(&campaign));
        Err(SearchReport { lines })
    }

    /// Searches, and fails the test with what was found.
    ///
    /// # Panics
    /// If a run fails, or a milestone was never reached.
    #[track_caller]
    pub fn assert(&self) {
        if let Err(report) = self.search() {
            panic!("{report}");
        }
    }

    /// Makes one run in which bytes choose who runs next and what is drawn. The same bytes make the same run.
    ///
    /// This is what a fuzzer calls: see docs/EXPLORE.md. When the bytes are used up, the event that was scheduled first
    /// runs next and the lowest number is drawn, so that every input makes a run. The settings have the seed of the search,
    /// and nothing is asked of milestones.
    ///
    /// # Errors
    /// If the run fails: what it needs for that.
    #[cfg(feature = "arbitrary")]
    pub fn from_bytes(&self, bytes: &[u8]) -> Result<Outcome, SearchReport> {
        let setup = Setup { order: Order::Seeded, seed: self.plan.seed };
        let (mut directory, mut bytes) = (Directory::default(), Bytes::new(bytes));
        let mut director = Director::new(&mut directory, setup.seed).with_strategy(&mut bytes);
        let outcome = self.program.run(setup, &mut director);
        let symptoms = director.symptoms(&outcome);
        let (history, _) = director.finish();
        let mut lines = Vec::new();
        // The first one is enough for a fuzzer, which makes many such runs.
        if let Some((symptom, failure)) = symptoms.iter().zip(outcome.failures()).next() {
            let shrunk = shrink(&self.program, &history, symptom, &mut directory, setup.seed);
            lines.push(headline(failure));
            lines.extend(self.explain(shrunk.as_ref(), (&history, symptom), &mut directory));
        }
        if lines.is_empty() { Ok(outcome) } else { Err(SearchReport { lines }) }
    }

    /// What is said of one find.
    fn tell(
        &self,
        symptom: &Symptom,
        Found { first, failure, runs }: &Found,
        campaign: &Campaign,
        directory: &mut Directory,
        causes: &mut Vec<Cause>,
    ) -> Vec<String> {
        let mut lines = Vec::from([
            headline(failure),
            format!(
                "  run {} of {} ({}) is the first of {runs}",
                first.job.number + 1,
                campaign.runs(),
                first.job.who()
            ),
        ]);
        let mut effort = Effort::new(first.job.seed, u64::MAX);
        let mut comes_with = |cause| fails_with(&self.program, cause, symptom, directory, &mut effort);
        if causes.iter().any(&mut comes_with) {
            lines.push("  it comes with what makes a find before it fail".into());
            return lines;
        }
        let watched = first.job.watch(&self.program, campaign.calibration(), directory);
        let shrunk = shrink(&self.program, &watched.history, symptom, directory, first.job.seed);
        lines.extend(self.explain(shrunk.as_ref(), (&watched.history, symptom), directory));
        let cause = shrunk.as_ref().ok().map(|shrunk| shrunk.cause.clone());
        causes.extend(cause.filter(|cause| !cause.is_empty()));
        #[cfg(feature = "regressions")]
        if let Some(folder) = &self.regressions {
            let find = Find {
                symptom,
                message: &failure.message,
                job: &first.job,
                runs: campaign.plan().runs,
                cause: shrunk.as_ref().ok().map(|shrunk| &shrunk.cause),
                history: &watched.history,
                chosen: &watched.chosen,
            };
            lines.extend(folder.keep(&self.program, (&find, directory), Update::from_environment()));
        }
        lines.push(format!("  again: {}", again(&first.job, campaign)));
        lines
    }

    /// What a failing run needs to fail, and the events around it.
    fn explain(
        &self,
        shrunk: Result<&Shrunk, &NotShrunk>,
        (history, symptom): (&History, &Symptom),
        directory: &mut Directory,
    ) -> Vec<String> {
        let shrunk = match shrunk {
            Ok(shrunk) => shrunk,
            Err(reason) => return Vec::from([format!("  {reason}")]),
        };
        let mut told = needs(shrunk);
        told.extend(events(&self.program, &shrunk.cause, directory));
        told.extend(nearest_passing(&self.program, &shrunk.cause, directory));
        if self.told == Told::AllReasons && !shrunk.cause.constraints.is_empty() {
            let run = (history, &shrunk.cause);
            let mut effort = Effort::on(history, self.plan.seed);
            told.extend(Reasons::of(&self.program, run, symptom, directory, &mut effort).lines());
        }
        told.iter().map(|line| format!("  {line}")).collect()
    }

    /// The milestones that no run has reached.
    fn missing(&self, campaign: &Campaign) -> Vec<String> {
        let (reached, most) = campaign.milestones();
        let milestones = &self.program.milestones;
        let missing = milestones.iter().zip(0..).filter(|(_, bit)| reached >> bit & 1 == 0);
        let mut lines: Vec<String> = missing
            .map(|(kind, _)| format!("never reached: no run has a record of kind `{}`", kind.text()))
            .collect();
        if !lines.is_empty() {
            lines.push(format!("best partial progress: {most} of {} in one run", milestones.len()));
        }
        lines
    }
}

/// What a search has found; printed, it is what a test shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchReport {
    lines: Vec<String>,
}

impl fmt::Display for SearchReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl core::error::Error for SearchReport {}

/// One run of a search: what it is made from.
#[derive(Debug)]
pub struct Run<'d, 'a> {
    setup: Setup,
    director: &'d mut Director<'a>,
    milestones: &'d [Term],
    is_discarded: bool,
}

impl<'a> Run<'_, 'a> {
    /// Returns the settings of the run, to be changed before the simulation is made: limits, a horizon.
    #[must_use]
    pub const fn settings(&self) -> Settings {
        Settings::new(self.setup.seed).with_order(self.setup.order)
    }

    /// Makes the simulation of a world with monitors, with the settings of the run.
    pub fn simulation<W: World, M: Monitors<W::Subject>>(
        &mut self,
        world: W,
        monitors: M,
    ) -> Simulation<W, Watching<M>, &mut Director<'a>> {
        self.simulation_with(world, monitors, self.settings())
    }

    /// Makes the simulation of a world with monitors, with other settings. Their order and seed have to be those of the run.
    pub fn simulation_with<W: World, M: Monitors<W::Subject>>(
        &mut self,
        world: W,
        monitors: M,
        settings: Settings,
    ) -> Simulation<W, Watching<M>, &mut Director<'a>> {
        let (watch, behaviour, twins) = watching(monitors);
        let recorder = (watch, behaviour.with_milestones(self.milestones), twins);
        Simulation::new(world, settings).with_choices(&mut *self.director).with_recorder(recorder)
    }

    /// Discards the run unless something holds: it says nothing then, and is counted apart.
    #[expect(clippy::fn_params_excessive_bools, reason = "an assumption is a condition")]
    pub fn assume(&mut self, holds: bool) {
        self.is_discarded |= !holds;
    }
}

/// A closure as a program.
#[derive(Debug, Clone)]
pub(crate) struct Checked<F> {
    run: F,
    milestones: Vec<Term>,
}

impl<F> Checked<F> {
    pub(crate) const fn new(run: F) -> Self {
        Self { run, milestones: Vec::new() }
    }
}

impl<F: Fn(&mut Run<'_, '_>) -> Outcome> Program for Checked<F> {
    fn run(&self, setup: Setup, director: &mut Director<'_>) -> Outcome {
        let mut run = Run { setup, director, milestones: &self.milestones, is_discarded: false };
        let outcome = panics::catch(|| (self.run)(&mut run)).unwrap_or_else(panicked);
        if run.is_discarded { Outcome { verdict: Verdict::Discarded, ..outcome } } else { outcome }
    }
}

/// What comes of a run that panicked. What its monitors saw before is lost with its simulation.
fn panicked(failure: Failure) -> Outcome {
    Outcome {
        verdict: Verdict::Fails(Vec::from([failure])),
        behaviour: Digest::default(),
        contended: 0,
        milestones: 0,
        progress_at: None,
        twins: Vec::new(),
    }
}

/// Returns what came of a run: what failed, in that order, what counts as its behaviour, its milestones.
///
/// `end` is how the run ended; `None` if it ran as far as it was to. Then, and if nothing is left to happen, what a monitor
/// still waits for is a failure. At a horizon and after a stop it may still come. A run that hits a limit fails.
pub fn outcome<W, M, C>(simulation: &Simulation<W, Watching<M>, C>, end: Option<&End>) -> Outcome
where
    W: World,
    M: Monitors<W::Subject>,
    C: Choices,
{
    let (watch, behaviour, twins) = simulation.recorder();
    let judged = Judged::of(watch, simulation.names(), |record| behaviour.event_of_record(record));
    let failures = judged.at_the_end(end);
    let (milestones, progress_at) = behaviour.milestones();
    Outcome {
        verdict: Verdict::of(failures),
        behaviour: behaviour.behaviour(),
        contended: behaviour.contended(),
        milestones,
        progress_at,
        twins: twins.list(),
    }
}

/// What monitors say.
pub(crate) struct Judged {
    /// What they object to, in the order in which it happened.
    pub(crate) failures: Vec<Failure>,
    /// What they still wait for.
    owed: Vec<Failure>,
}

impl Judged {
    /// What monitors say so far; `event_of` returns during which event a record was made.
    pub(crate) fn of<S: Subject, M: Monitors<S>>(
        watch: &Watch<M>,
        names: &Names,
        event_of: impl Fn(u64) -> Option<u64>,
    ) -> Self {
        let (mut broken, mut owed) = (Vec::new(), Vec::new());
        for report in watch.reports(names) {
            let failure = |event, message| Failure { monitor: report.monitor.into(), event, message };
            match report.verdict {
                Judgement::Holds => {}
                Judgement::Waits(what) => owed.push(failure(None, what)),
                Judgement::Fails(Broken { record, message, .. }) => {
                    broken.push((record, failure(event_of(record), message)));
                }
            }
        }
        broken.sort_by_key(|(record, _)| *record);
        Self { failures: broken.into_iter().map(|(_, failure)| failure).collect(), owed }
    }

    /// All that is wrong with a run that has ended so; `None` if it ran as far as it was to.
    pub(crate) fn at_the_end(self, end: Option<&End>) -> Vec<Failure> {
        let Self { mut failures, owed } = self;
        match end {
            Some(End::Limit(exceeded)) => {
                failures.push(Failure {
                    monitor: "limit".into(),
                    event: None,
                    message: exceeded.to_string(),
                });
            }
            Some(End::Quiescent) | None => failures.extend(owed),
            Some(_) => {}
        }
        failures
    }
}

/// What was found, in one line.
pub(crate) fn headline(failure: &Failure) -> String {
    let Failure { monitor, message, .. } = failure;
    if failure.is_panic() {
        return format!("found: {monitor}: {message}");
    }
    format!("found: {monitor} fails: {message}")
}

/// The names that tied with themselves in any run, the most frequent first.
fn twins(campaign: &Campaign) -> Vec<Twin> {
    let twins = campaign.twins().iter().map(|(name, count)| Twin { name: name.clone(), count: *count });
    let mut twins: Vec<Twin> = twins.collect();
    twins.sort_by_key(|twin| Reverse(twin.count));
    twins
}

/// The last line of a report: how many runs there were, and of what kinds.
fn summary(campaign: &Campaign) -> String {
    let (runs, failed, behaviours) = (campaign.runs(), campaign.failed(), campaign.behaviours());
    let discarded = match campaign.discarded() {
        0 => String::new(),
        discarded => format!(" · {discarded} discarded"),
    };
    format!("{runs} runs · {failed} failed{discarded} · {behaviours} different behaviours")
}

/// What to set so that a search makes this run again.
fn again(job: &Job, campaign: &Campaign) -> String {
    format!("TIEBREAK_SEED={} TIEBREAK_RUNS={} and the test", campaign.plan().seed, job.number + 1)
}

/// The plan, with what the environment says.
#[expect(clippy::disallowed_methods, reason = "a test is steered by its environment; what a run does is not")]
pub(crate) fn from_environment(plan: Plan) -> Plan {
    let number = |name| {
        let text = std::env::var(name).ok()?;
        let number: Result<u64, _> = text.parse();
        Some(number.unwrap_or_else(|_| panic!("{name} is `{text}`; write a whole number")))
    };
    let (seed, runs) = (number("TIEBREAK_SEED"), number("TIEBREAK_RUNS"));
    Plan { seed: seed.unwrap_or(plan.seed), runs: runs.unwrap_or(plan.runs), ..plan }
}
