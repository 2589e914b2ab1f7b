//! One run of a search: what it is made from, and what came of it.

extern crate std;

use alloc::string::ToString as _;
use alloc::vec::Vec;
use std::path::{Path, PathBuf};

use tiebreak_explore::{Director, Failure, Outcome, Program, Setup, Verdict};
use tiebreak_kernel::{Choices, End, Limits, Names, Settings, Simulation, Subject, Term, World};
use tiebreak_trace::{
    BehaviourRecorder, Digest, Failure as Broken, Monitors, TwinCounter, Verdict as Judgement, Watch,
};

use crate::failing_trace::FailingTrace;
use crate::panics;

/// The recorder of every run of a search: monitors, what counts behaviours, what counts ties of equal
/// names, and the trace of a run that is to be shown.
pub type Watching<M> = (Watch<M>, BehaviourRecorder, TwinCounter, FailingTrace);

/// Returns the recorder of a run of a search, as [`Run::simulation`] gives it to a simulation. Only who implements
/// [`Program`] by hand needs it.
#[must_use]
pub fn watching<M>(monitors: M) -> Watching<M> {
    (Watch::new(monitors), BehaviourRecorder::default(), TwinCounter::default(), FailingTrace::default())
}

/// A run that has more events fails: a search makes thousands of runs and a proof goes through as many orders, and a world that
/// never rests would take hours to come to the limits of a single simulation.
const EVENTS_MAX: u64 = 100_000;

/// The settings of a run of a search or of a proof, unless somebody says otherwise.
pub(crate) const fn settings(setup: Setup) -> Settings {
    let limits = Limits::DEFAULT.with_events(EVENTS_MAX);
    Settings::new(setup.seed).with_order(setup.order).with_limits(limits)
}

/// One run of a search: what it is made from.
#[derive(Debug)]
pub struct Run<'d, 'a> {
    setup: Setup,
    director: &'d mut Director<'a>,
    milestones: &'d [Term],
    trace: Option<&'d Path>,
    is_discarded: bool,
}

impl<'a> Run<'_, 'a> {
    /// Returns the settings of the run, to be changed before the simulation is made: limits, a horizon. See
    /// [`simulation_with`](Self::simulation_with).
    ///
    /// They are those of [`Settings::new`] with the seed and the order of the run, and a limit of 100,000 events, so that a world that
    /// never rests fails soon, with the cycle it is in. For one that should not rest, set a
    /// [horizon](Settings::with_horizon), or call [`Simulation::run_until`] in place of `run`; for longer runs, raise the
    /// limit.
    #[must_use]
    pub const fn settings(&self) -> Settings {
        settings(self.setup)
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
    ///
    /// ```
    /// use tiebreak::{Context, End, Instant, Name, Span, World, check, outcome, terms};
    ///
    /// terms! { CLOCK = "clock", TICK = "tick" }
    ///
    /// struct Clock;
    /// impl World for Clock {
    ///     type Event = ();
    ///     type Subject = ();
    ///     fn name(&self, _tick: &()) -> Name<()> {
    ///         Name::of(CLOCK, TICK, ())
    ///     }
    ///     fn handle(&mut self, _tick: (), context: &mut Context<'_, (), ()>) {
    ///         context.schedule_after(Span::from_secs(1), ());
    ///     }
    /// }
    ///
    /// // It never ends by itself.
    /// let clock = check(|run| {
    ///     let settings = run.settings().with_horizon(Instant::from_secs(60));
    ///     let mut simulation = run.simulation_with(Clock, (), settings);
    ///     simulation.act(|_, context| context.schedule_after(Span::ZERO, ()));
    ///     let end = simulation.run();
    ///     assert_eq!(end, End::Horizon);
    ///     outcome(&simulation, Some(&end))
    /// });
    /// clock.runs(5).assert();
    /// ```
    pub fn simulation_with<W: World, M: Monitors<W::Subject>>(
        &mut self,
        world: W,
        monitors: M,
        settings: Settings,
    ) -> Simulation<W, Watching<M>, &mut Director<'a>> {
        let (watch, behaviour, twins, _) = watching(monitors);
        let trace = self.trace.map_or_else(FailingTrace::default, |path| FailingTrace::to(path, &settings));
        let recorder = (watch, behaviour.with_milestones(self.milestones), twins, trace);
        Simulation::new(world, settings).with_choices(&mut *self.director).with_recorder(recorder)
    }

    /// Returns what answers draws in this run, for code that is no [`World`]: what such a run draws is searched, kept and shrunk
    /// as what a simulation draws is. A draw is called by its site once the site was
    /// [introduced](Choices::introduce).
    ///
    /// ```
    /// use tiebreak::explore::{Outcome, Verdict};
    /// use tiebreak::{Choices as _, Digest, Site, Term, check};
    ///
    /// const SIDE: Term = Term::new("side");
    /// let found = check(|run| {
    ///     let sides = [1, 2].map(|die| run.choices().number(Site::new(die, SIDE), 1, 6));
    ///     assert!(sides != [6, 6], "two sixes");
    ///     Outcome::without_events(Verdict::Passes, Digest::default())
    /// })
    /// .search();
    /// assert!(found.is_err_and(|report| report.to_string().contains("two sixes")));
    /// ```
    pub const fn choices(&mut self) -> &mut Director<'a> {
        self.director
    }

    /// Discards the run unless something holds: it says nothing then, and is counted apart. A search all of whose runs are
    /// discarded fails.
    #[expect(clippy::fn_params_excessive_bools, reason = "an assumption is a condition")]
    pub fn assume(&mut self, holds: bool) {
        self.is_discarded |= !holds;
    }
}

/// A closure as a program.
#[derive(Debug, Clone)]
pub(crate) struct Checked<F> {
    run: F,
    pub(crate) milestones: Vec<Term>,
    /// Where the trace of each run goes, if it is wanted.
    trace: Option<PathBuf>,
}

impl<F> Checked<F> {
    pub(crate) const fn new(run: F) -> Self {
        Self { run, milestones: Vec::new(), trace: None }
    }

    /// The same program, whose runs write their traces to a file: each in the place of the one before.
    pub(crate) fn traced(&self, path: PathBuf) -> Checked<&F> {
        Checked { run: &self.run, milestones: self.milestones.clone(), trace: Some(path) }
    }
}

impl<F: Fn(&mut Run<'_, '_>) -> Outcome> Program for Checked<F> {
    fn run(&self, setup: Setup, director: &mut Director<'_>) -> Outcome {
        let Self { run: _, milestones, trace } = self;
        let mut run = Run { setup, director, milestones, trace: trace.as_deref(), is_discarded: false };
        let outcome = panics::catch(|| (self.run)(&mut run)).unwrap_or_else(panicked);
        if run.is_discarded { Outcome { verdict: Verdict::Discarded, ..outcome } } else { outcome }
    }
}

/// What comes of a run that panicked. What its monitors saw before is lost with its simulation.
fn panicked(failure: Failure) -> Outcome {
    Outcome::without_events(Verdict::Fails(Vec::from([failure])), Digest::default())
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
    let (watch, behaviour, twins, _) = simulation.recorder();
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
