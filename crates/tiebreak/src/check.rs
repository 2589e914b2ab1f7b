//! Searching the orders of a world in a test.

extern crate std;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use tiebreak_explore::{
    Campaign, Cause, Director, Directory, Effort, Failure, Found, History, Job, NotShrunk, Outcome, Plan,
    Program, Reasons, Setup, Shrunk, Symptom, Tactic, failing_events, fails_with, is_alert, nearest_passing,
    shrink,
};
#[cfg(feature = "arbitrary")]
use tiebreak_kernel::Order;
use tiebreak_kernel::Term;
use tiebreak_trace::{Twin, twins_warning};

#[cfg(feature = "arbitrary")]
use crate::bytes::Bytes;
use crate::failing_trace::Destination;
#[cfg(feature = "regressions")]
use crate::regressions::{Folder, Replay, Update};
#[cfg(feature = "regressions")]
use tiebreak_regression::Find;

use crate::run::{Checked, Run};

/// How many runs a search makes unless it is told.
const RUNS: u64 = 1_000;
/// How many finds are told.
const FINDS_SHOWN: usize = 5;

/// Searches the orders of a program in a test: [`assert`](Check::assert) fails with what was found.
///
/// `run` builds the simulation, runs it, and returns [`outcome`](crate::outcome). It is called once for each run, and depends
/// on nothing but what it gets. A panic in it counts as a failure.
///
/// Unless it is told otherwise, a search makes 1,000 runs from seed 1 with a mixture of strategies
/// ([`Plan::AUTO`](crate::explore::Plan::AUTO)), on one thread. Each of the first five
/// finds is then made small, for which up to 40,000 runs are made ([`Effort::on`](crate::explore::Effort::on)).
///
/// ```
/// use tiebreak::{Context, Name, Names, Record, Span, World, check, monitor, terms};
///
/// terms! { ACCOUNT = "account", PAY = "pay", CLOSE = "close", LOST = "lost" }
///
/// enum Event { Pay, Close }
///
/// #[derive(Default)]
/// struct Account { is_fixed: bool, is_closed: bool }
///
/// impl World for Account {
///     type Event = Event;
///     type Subject = ();
///
///     fn name(&self, event: &Event) -> Name<()> {
///         Name::of(ACCOUNT, match event { Event::Pay => PAY, Event::Close => CLOSE }, ())
///     }
///
///     fn handle(&mut self, event: Event, context: &mut Context<'_, Event, ()>) {
///         match event {
///             Event::Close => self.is_closed = true,
///             Event::Pay if self.is_closed && !self.is_fixed => context.record(Name::of(ACCOUNT, LOST, ()), &[]),
///             Event::Pay => {}
///         }
///     }
/// }
///
/// fn nothing_is_lost(_names: &Names, record: &Record<'_, ()>) -> Result<(), String> {
///     if record.name.kind == LOST { Err("a payment is lost".into()) } else { Ok(()) }
/// }
///
/// let account = |is_fixed| {
///     check(move |run| {
///         let mut simulation = run.simulation(Account { is_fixed, is_closed: false }, [monitor("nothing-lost", nothing_is_lost)]);
///         simulation.act(|_, context| {
///             context.schedule_after(Span::from_secs(10), Event::Pay);
///             context.schedule_after(Span::from_secs(10), Event::Close);
///         });
///         let end = simulation.run();
///         tiebreak::outcome(&simulation, Some(&end))
///     })
/// };
/// let report = account(false).search().expect_err("some order loses a payment");
/// assert!(report.to_string().contains("account/close#1 before account/pay#1"), "{report}");
/// account(true).runs(500).assert();
/// ```
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
///
/// The environment goes before what is set here:
///
/// | variable | what it says |
/// |---|---|
/// | `TIEBREAK_RUNS` | how many runs to make at most |
/// | `TIEBREAK_SEED` | the seed to begin with |
/// | `TIEBREAK_TRACE` | a path: the trace of the first find, or of the first kept one that fails, is written there: as NDJSON if it ends in `.ndjson`, packed if it ends in `.tbt`, else as text. `tiebreak show` reads the first two |
/// | `TIEBREAK_REPLAY` | `no` leaves [kept finds](Check::regressions) aside: they are neither run nor written |
/// | `TIEBREAK_UPDATE` | what may be written of [kept finds](Check::regressions): `new`, `accept` or `no` |
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
    /// Makes so many runs at most instead of 1,000; the environment's `TIEBREAK_RUNS` goes before.
    pub fn runs(self, runs: u64) -> Self {
        Self { plan: Plan { runs, ..self.plan }, ..self }
    }

    /// Begins with another seed than 1; the environment's `TIEBREAK_SEED` goes before.
    pub fn seed(self, seed: u64) -> Self {
        Self { plan: Plan { seed, ..self.plan }, ..self }
    }

    /// Lets one strategy choose instead of a mixture of them.
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
    /// If 64 kinds are demanded already.
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
    ///
    /// # Panics
    /// If a variable of the environment has a value that it cannot have: `TIEBREAK_REPLAY`, `TIEBREAK_RUNS`,
    /// `TIEBREAK_SEED`, `TIEBREAK_UPDATE`.
    pub fn search(&self) -> Result<(), SearchReport> {
        #[cfg(feature = "regressions")]
        if let Some(folder) = self.folder() {
            let mut trace = Destination::from_environment();
            let mut lines = folder.replay(&self.program, Update::from_environment(), &mut trace);
            if !lines.is_empty() {
                if trace.is_some() {
                    lines.push("no trace: no kept find fails".into());
                }
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
        let mut trace = Destination::from_environment();
        for (symptom, found) in finds.iter().take(FINDS_SHOWN) {
            lines.extend(self.tell((symptom, found), &campaign, &mut directory, &mut causes, &mut trace));
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
    /// Where [`search`](Self::search) returns an error or panics.
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
            let shrunk = shrink(&self.program, &history, symptom, setup.seed, &mut directory);
            lines.push(headline(failure));
            lines.extend(self.explain(shrunk.as_ref(), (&history, symptom), &mut directory));
        }
        if lines.is_empty() { Ok(outcome) } else { Err(SearchReport { lines }) }
    }

    /// What is said of one find.
    fn tell(
        &self,
        (symptom, Found { first, failure, runs }): (&Symptom, &Found),
        campaign: &Campaign,
        directory: &mut Directory,
        causes: &mut Vec<Cause>,
        trace: &mut Option<Destination>,
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
        let shrunk = shrink(&self.program, &watched.history, symptom, first.job.seed, directory);
        lines.extend(self.explain(shrunk.as_ref(), (&watched.history, symptom), directory));
        let cause = shrunk.as_ref().ok().map(|shrunk| shrunk.cause.clone());
        causes.extend(cause.filter(|cause| !cause.is_empty()));
        #[cfg(feature = "regressions")]
        if let Some(folder) = self.folder() {
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
        if let Some(trace) = trace.take() {
            let cause = shrunk.as_ref().ok().map(|shrunk| &shrunk.cause);
            let run = (&first.job, campaign.calibration());
            lines.push(format!("  {}", trace.write(&self.program, cause, run, directory)));
        }
        lines.push(format!("  again: {}{}", self.leaving_aside(), again(&first.job, campaign)));
        lines
    }

    /// Where finds are kept, unless the environment leaves them aside.
    #[cfg(feature = "regressions")]
    fn folder(&self) -> Option<&Folder> {
        self.regressions.as_ref().filter(|_| Replay::from_environment() == Replay::Yes)
    }

    /// What else to set so that a search makes a run again: what is kept now would be run first, and nothing would be searched.
    #[cfg_attr(not(feature = "regressions"), expect(clippy::unused_self, reason = "nothing is kept then"))]
    const fn leaving_aside(&self) -> &'static str {
        #[cfg(feature = "regressions")]
        if self.regressions.is_some() {
            return "TIEBREAK_REPLAY=no ";
        }
        ""
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
        let mut told = shrunk.lines();
        told.extend(failing_events(&self.program, &shrunk.cause, directory));
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
