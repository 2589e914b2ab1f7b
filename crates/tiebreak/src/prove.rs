//! Going through all orders of a world in a test.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::hash::Hash;
use core::marker::PhantomData;
use core::ops::ControlFlow;

use tiebreak_explore::{
    Counterexample, Due, Estimate, Exploration, Failure, Footprint, Forking, Lie, Mismatch, Picker,
    Replaying, Scope, Setup, Stepping, estimate, explore, path_events,
};
use tiebreak_kernel::{DueEvent, End, Instant, Order, Settings, Simulation, Span, World};
use tiebreak_trace::{Monitors, Watch};

use crate::check::headline;
use crate::panics;
use crate::run::{Judged, settings};

/// The seed of the draws, unless somebody says otherwise.
const SEED: u64 = 1;

/// Goes through all orders of a program in a test: [`assert`](Prove::assert) fails if one of them fails, or if there are too
/// many to say. It looks at a million states at most, unless [`states`](Prove::states) says otherwise.
///
/// `begin` makes the simulation and schedules its first events; it does not run it. It is called a few times, and
/// depends on nothing but what it gets. The simulation is forked before each choice, and forks that have come to the same are
/// merged: so world, events and monitors are `Clone` and `Hash`, and **what decides how they go on is hashed**. What is
/// left out of a hash is taken for equal. Panics count as failures.
///
/// ```
/// use tiebreak::{Context, Name, Span, World, prove, terms};
///
/// terms! { ACCOUNT = "account", PAY = "pay", CLOSE = "close" }
///
/// #[derive(Clone, Hash)]
/// enum Event { Pay, Close }
///
/// #[derive(Clone, Default, Hash)]
/// struct Account { is_fixed: bool, is_closed: bool, lost: u64 }
///
/// impl World for Account {
///     type Event = Event;
///     type Subject = ();
///
///     fn name(&self, event: &Event) -> Name<()> {
///         Name::of(ACCOUNT, match event { Event::Pay => PAY, Event::Close => CLOSE }, ())
///     }
///
///     fn handle(&mut self, event: Event, _context: &mut Context<'_, Event, ()>) {
///         match event {
///             Event::Close => self.is_closed = true,
///             Event::Pay => assert!(self.is_fixed || !self.is_closed, "a payment is lost"),
///         }
///     }
/// }
///
/// let account = |is_fixed| {
///     prove(move |begin| {
///         let mut simulation = begin.simulation(Account { is_fixed, ..Account::default() }, ());
///         simulation.act(|_, context| {
///             context.schedule_after(Span::from_secs(10), Event::Pay);
///             context.schedule_after(Span::from_secs(10), Event::Close);
///         });
///         simulation
///     })
/// };
/// account(true).assert();
/// let report = account(false).search().expect_err("some order loses a payment");
/// assert!(report.to_string().contains("* account/close#1"), "{report}");
/// ```
pub fn prove<W, M, F>(begin: F) -> Prove<Forked<W, M, F>>
where
    W: World + Clone + Hash,
    W::Event: Clone + Hash,
    M: Monitors<W::Subject> + Clone + Hash,
    F: Fn(Begin) -> Simulation<W, Watch<M>, Picker>,
{
    Prove::of(Forked::new(begin))
}

/// Goes through all orders of a program in a test, as [`prove`] does, if its world can be neither copied nor hashed: each order
/// is run from the beginning, and no states are merged.
///
/// That goes as far as a few thousand orders do; [`deviations`](Prove::deviations) goes further. Where one run has more than
/// 10,000 choices, there are too many orders.
pub fn prove_by_replay<W, M, F>(begin: F) -> Prove<Replaying<Forked<W, M, F>>>
where
    W: World,
    M: Monitors<W::Subject>,
    F: Fn(Begin) -> Simulation<W, Watch<M>, Picker>,
{
    Prove::of(Replaying(Forked::new(begin)))
}

/// What a simulation is made from that will be forked.
#[derive(Debug)]
pub struct Begin {
    setup: Setup,
    picker: Picker,
}

impl Begin {
    /// Returns the settings, to be changed before the simulation is made: limits, a horizon. See
    /// [`simulation_with`](Self::simulation_with).
    ///
    /// They are those of [`Run::settings`](crate::Run::settings): of [`Settings::new`] with the seed and the order of the proof, and a
    /// limit of 100,000 events, so that a world that never rests fails soon, with the cycle it is in. For one that should not
    /// rest, say [`Prove::until`] or set a [horizon](Settings::with_horizon); for longer runs, raise the limit.
    #[must_use]
    pub const fn settings(&self) -> Settings {
        settings(self.setup)
    }

    /// Makes the simulation of a world with monitors.
    pub fn simulation<W: World, M: Monitors<W::Subject>>(
        self,
        world: W,
        monitors: M,
    ) -> Simulation<W, Watch<M>, Picker> {
        let settings = self.settings();
        self.simulation_with(world, monitors, settings)
    }

    /// Makes the simulation of a world with monitors, with other settings. Their order and seed have to be those that were
    /// given.
    pub fn simulation_with<W: World, M: Monitors<W::Subject>>(
        self,
        world: W,
        monitors: M,
        settings: Settings,
    ) -> Simulation<W, Watch<M>, Picker> {
        Simulation::new(world, settings).with_choices(self.picker).with_recorder(Watch::new(monitors))
    }
}

/// A proof that was not tried yet.
#[must_use = "nothing is proved until `assert`, `search` or `explore`"]
pub struct Prove<P> {
    program: P,
    setup: Setup,
    scope: Scope,
}

impl<P> fmt::Debug for Prove<P> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setup, scope, .. } = self;
        out.debug_struct("Prove").field("setup", setup).field("scope", scope).finish_non_exhaustive()
    }
}

impl<P: Forking + Until> Prove<P> {
    fn of(program: P) -> Self {
        let setup = Setup { order: Order::Seeded, seed: SEED };
        Self { program, setup, scope: Scope::default() }
    }

    /// Draws under another seed than 1. What is proved holds for the draws of this seed.
    pub fn seed(self, seed: u64) -> Self {
        Self { setup: Setup { seed, ..self.setup }, ..self }
    }

    /// Ends every run after this span. What a monitor still waits for then is a failure, as if nothing were left to happen.
    pub fn until(mut self, span: Span) -> Self {
        self.program.end_at(Instant::START.saturating_add(span));
        self
    }

    /// Looks at so many states at most instead of a million.
    pub fn states(self, states: u64) -> Self {
        Self { scope: Scope { states, ..self.scope }, ..self }
    }

    /// Goes through those orders alone in which so many events are passed over at most, from that of scheduling. Proves less, and
    /// also where there are too many orders to go through all of them.
    pub fn deviations(self, deviations: u32) -> Self {
        Self { scope: Scope { deviations: Some(deviations), ..self.scope }, ..self }
    }

    /// Leaves no order out: what events are said to touch is not used.
    pub fn every_order(self) -> Self {
        Self { scope: Scope { leaves_out: false, ..self.scope }, ..self }
    }

    /// Goes through all orders.
    #[must_use]
    pub fn explore(&self) -> Exploration {
        explore(&self.program, self.setup, self.scope, &|| true)
    }

    /// Estimates how many orders there are to go through if no states were merged, from so many random ones.
    #[must_use]
    pub fn estimate(&self, runs: u64) -> Estimate {
        estimate(&self.program, self.setup, self.scope, runs)
    }

    /// Goes through all orders; returns how many there are if it is proved that none of them fails.
    ///
    /// # Errors
    /// If an order fails, or nothing is proved: what was found, or why not.
    pub fn search(&self) -> Result<Exploration, ProofReport> {
        let explored = self.explore();
        if explored.is_proof() {
            return Ok(explored);
        }
        let mut lines = Vec::new();
        for Counterexample { path, failures, .. } in &explored.found {
            lines.extend(failures.iter().map(headline));
            let told = path_events(&self.program, self.setup, path);
            lines.extend(told.into_iter().map(|line| format!("  {line}")));
        }
        let mut show = |what: &str, path| {
            lines.push(format!("{what}:"));
            let told = path_events(&self.program, self.setup, path);
            lines.extend(told.into_iter().map(|line| format!("  {line}")));
        };
        if let Some(Mismatch { path, other, .. }) = &explored.mismatch {
            for path in [path, other] {
                show("hashes like another state", path);
            }
        }
        match &explored.lie {
            Some(Lie { path, other: Some(other), .. }) => {
                show("in one order", path);
                show("in the other", other);
            }
            Some(Lie { path, other: None, .. }) => {
                show("the last event touches more than it is said to", path);
            }
            None => {}
        }
        lines.push(explored.to_string());
        Err(ProofReport { lines })
    }

    /// Goes through all orders, and fails the test unless it is proved that nothing fails in any of them.
    ///
    /// # Panics
    /// If an order fails, or nothing is proved.
    #[track_caller]
    pub fn assert(&self) {
        if let Err(report) = self.search() {
            panic!("{report}");
        }
    }
}

impl<W: World, M, F> Prove<Forked<W, M, F>> {
    /// States what handling an event touches, together with all that it brings about at its instant. Of events that touch nothing
    /// in common one order is gone through, so that what does not concern each other does not multiply.
    ///
    /// ```
    /// use tiebreak::{Context, Footprint, Name, Span, World, prove, terms};
    ///
    /// terms! { ACCOUNT = "account", PAY = "pay" }
    ///
    /// /// A payment to an account, by its number.
    /// #[derive(Clone, Hash)]
    /// struct Pay(u8);
    ///
    /// #[derive(Clone, Default, Hash)]
    /// struct Bank { accounts: [u8; 6] }
    ///
    /// impl World for Bank {
    ///     type Event = Pay;
    ///     type Subject = u64;
    ///     fn name(&self, Pay(account): &Pay) -> Name<u64> {
    ///         Name::of(ACCOUNT, PAY, u64::from(*account))
    ///     }
    ///     fn handle(&mut self, Pay(account): Pay, _context: &mut Context<'_, Pay, u64>) {
    ///         self.accounts[usize::from(account)] += 1;
    ///     }
    /// }
    ///
    /// let bank = prove(|begin| {
    ///     let mut simulation = begin.simulation(Bank::default(), ());
    ///     simulation.act(|_, context| {
    ///         for account in 0..6 {
    ///             context.schedule_after(Span::from_secs(1), Pay(account));
    ///         }
    ///     });
    ///     simulation
    /// });
    /// let explored = bank.touching(|_bank, Pay(account)| Footprint::new().writes(u64::from(*account))).search()?;
    /// // Instead of the 2⁶ states of 720 orders.
    /// assert!(explored.is_proof() && explored.states < 10, "{explored}");
    /// # Ok::<(), tiebreak::ProofReport>(())
    /// ```
    ///
    /// That is checked as far as it goes: both orders of such events are run wherever one of them is left for later, and what an event
    /// brings about must touch no more than it does. If they come to two states, nothing is proved, and the report shows them. What
    /// remains is that an event may touch more in a state that is not met because of what it was said to touch: the result rests
    /// on that, and says so.
    pub fn touching(mut self, touches: fn(&W, &W::Event) -> Footprint) -> Self {
        self.program.touches = Some(touches);
        self
    }
}

/// Why nothing is proved; printed, it is what a test shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofReport {
    lines: Vec<String>,
}

impl fmt::Display for ProofReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl core::error::Error for ProofReport {}

/// A closure as a program that is run event by event: what [`prove`] makes of its argument.
pub struct Forked<W: World, M, F> {
    begin: F,
    /// When a run has gone as far as it is to.
    until: Instant,
    /// What handling an event touches, if somebody says so.
    touches: Option<fn(&W, &W::Event) -> Footprint>,
    monitors: PhantomData<fn() -> M>,
}

impl<W: World, M, F> fmt::Debug for Forked<W, M, F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Forked").field("until", &self.until).finish_non_exhaustive()
    }
}

impl<W: World, M, F> Forked<W, M, F> {
    const fn new(begin: F) -> Self {
        Self { begin, until: Instant::MAX, touches: None, monitors: PhantomData }
    }
}

/// A program whose runs can be made to end earlier.
///
/// It is in bounds of [`Prove`], for which it has to be public; nobody else needs it.
#[doc(hidden)]
pub trait Until {
    /// Ends every run at an instant.
    fn end_at(&mut self, at: Instant);
}

impl<W: World, M, F> Until for Forked<W, M, F> {
    fn end_at(&mut self, at: Instant) {
        self.until = at;
    }
}

impl<P: Until> Until for Replaying<P> {
    fn end_at(&mut self, at: Instant) {
        self.0.end_at(at);
    }
}

/// A run that can be forked, and how it has panicked if it did.
///
/// It is the `Run` of [`Forked`], for which it has to be public; nobody else needs it.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct ForkedRun<S> {
    simulation: S,
    panic: Option<Failure>,
}

impl<W, M, F> Stepping for Forked<W, M, F>
where
    W: World,
    M: Monitors<W::Subject>,
    F: Fn(Begin) -> Simulation<W, Watch<M>, Picker>,
{
    type Run = ForkedRun<Simulation<W, Watch<M>, Picker>>;

    fn begin(&self, setup: Setup, picker: Picker) -> Self::Run {
        ForkedRun { simulation: (self.begin)(Begin { setup, picker }), panic: None }
    }

    fn step(&self, run: &mut Self::Run) -> ControlFlow<End> {
        let ForkedRun { simulation, panic } = run;
        if simulation.next_instant().is_some_and(|next| next > self.until) {
            return ControlFlow::Break(End::Horizon);
        }
        panics::catch(|| simulation.step()).unwrap_or_else(|failure| {
            *panic = Some(failure);
            ControlFlow::Continue(())
        })
    }

    fn picker<'r>(&self, run: &'r mut Self::Run) -> &'r mut Picker {
        run.simulation.choices_mut()
    }

    fn failures(&self, ForkedRun { simulation, panic }: &Self::Run, end: Option<&End>) -> Vec<Failure> {
        let judged = Judged::of(simulation.recorder(), simulation.names(), |_| None);
        let is_far_enough = self.until < Instant::MAX && matches!(end, Some(End::Horizon));
        let failures = match end {
            Some(_) if is_far_enough => judged.at_the_end(None),
            Some(end) => judged.at_the_end(Some(end)),
            None => judged.failures,
        };
        failures.into_iter().chain(panic.clone()).collect()
    }
}

impl<W, M, F> Forking for Forked<W, M, F>
where
    W: World + Clone + Hash,
    W::Event: Clone + Hash,
    M: Monitors<W::Subject> + Clone + Hash,
    F: Fn(Begin) -> Simulation<W, Watch<M>, Picker>,
{
    fn fork(&self, run: &mut Self::Run) -> Self::Run {
        run.clone()
    }

    fn digest(&self, ForkedRun { simulation, panic }: &Self::Run) -> Option<u128> {
        Some(simulation.state_digest(|watch, picker, state| {
            watch.monitors().hash(state);
            picker.hash(state);
            panic.as_ref().map(|failure| &failure.monitor).hash(state);
        }))
    }

    fn due(&self, run: &Self::Run) -> Option<Vec<Due>> {
        let touches = self.touches?;
        let simulation = &run.simulation;
        let (world, at) = (simulation.world(), simulation.next_instant()?);
        let due = simulation.due_events().into_iter().map(|DueEvent { event, lane, .. }| {
            let name = world.name(event).part_codes(simulation.names()).name();
            Due { at, name, lane, touches: touches(world, event) }
        });
        Some(due.collect())
    }
}
