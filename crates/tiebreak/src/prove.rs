//! Going through all orders of a world in a test.
//!
//! ```
//! use tiebreak::{Context, Name, Span, World, prove, terms};
//!
//! terms! { ACCOUNT = "account", PAY = "pay", CLOSE = "close" }
//!
//! #[derive(Clone, Hash)]
//! enum Event { Pay, Close }
//!
//! #[derive(Clone, Default, Hash)]
//! struct Account { is_fixed: bool, is_closed: bool, lost: u64 }
//!
//! impl World for Account {
//!     type Event = Event;
//!     type Subject = ();
//!
//!     fn name(&self, event: &Event) -> Name<()> {
//!         Name::of(ACCOUNT, match event { Event::Pay => PAY, Event::Close => CLOSE }, ())
//!     }
//!
//!     fn handle(&mut self, event: Event, _context: &mut Context<'_, Event, ()>) {
//!         match event {
//!             Event::Close => self.is_closed = true,
//!             Event::Pay => assert!(self.is_fixed || !self.is_closed, "a payment is lost"),
//!         }
//!     }
//! }
//!
//! let account = |is_fixed| {
//!     prove(move |begin| {
//!         let mut simulation = begin.simulation(Account { is_fixed, ..Account::default() }, ());
//!         simulation.act(|_, context| {
//!             context.schedule_after(Span::from_secs(10), Event::Pay);
//!             context.schedule_after(Span::from_secs(10), Event::Close);
//!         });
//!         simulation
//!     })
//! };
//! account(true).assert();
//! let report = account(false).search().expect_err("some order loses a payment");
//! assert!(report.to_string().contains("* account/close#1"), "{report}");
//! ```

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::hash::Hash;
use core::marker::PhantomData;
use core::ops::ControlFlow;

use tiebreak_explore::{
    Budget, Counterexample, Exploration, Failure, Forking, Mismatch, Picker, Setup, explore, tell,
};
use tiebreak_kernel::{End, Instant, Order, Settings, Simulation, Span, World};
use tiebreak_trace::{Monitors, Watch};

use crate::check::{Judged, headline};
use crate::panics;

/// The seed of the draws, unless somebody says otherwise.
const SEED: u64 = 1;

/// Goes through all orders of a program in a test: [`assert`](Prove::assert) fails if one of them fails, or if there are too
/// many to say.
///
/// `begin` makes the simulation and schedules its first events; it does not run it. It is called a few times, and
/// depends on nothing but what it gets. The simulation is forked before each choice, and forks that have come to the same are
/// merged: so world, events and monitors are `Clone` and `Hash`, and **what decides how they go on is hashed**. What is
/// left out of a hash is taken for equal. Panics count as failures.
pub fn prove<W, M, F>(begin: F) -> Prove<W, M, F>
where
    W: World + Clone + Hash,
    W::Event: Clone + Hash,
    M: Monitors<W::Subject> + Clone + Hash,
    F: Fn(Begin) -> Simulation<W, Watch<M>, Picker>,
{
    let setup = Setup { order: Order::Seeded, seed: SEED };
    let program = Forked { begin, until: Instant::MAX, world: PhantomData };
    Prove { program, setup, budget: Budget::default() }
}

/// What a simulation is made from that will be forked.
#[derive(Debug)]
pub struct Begin {
    setup: Setup,
    picker: Picker,
}

impl Begin {
    /// Returns the settings, to be changed before the simulation is made: limits, a horizon.
    #[must_use]
    pub const fn settings(&self) -> Settings {
        Settings::new(self.setup.seed).with_order(self.setup.order)
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
#[derive(Debug, Clone)]
#[must_use = "nothing is proved until `assert`, `search` or `explore`"]
pub struct Prove<W, M, F> {
    program: Forked<W, M, F>,
    setup: Setup,
    budget: Budget,
}

impl<W, M, F> Prove<W, M, F>
where
    W: World + Clone + Hash,
    W::Event: Clone + Hash,
    M: Monitors<W::Subject> + Clone + Hash,
    F: Fn(Begin) -> Simulation<W, Watch<M>, Picker>,
{
    /// Draws under another seed than 1. What is proved holds for the draws of this seed.
    pub fn seed(self, seed: u64) -> Self {
        Self { setup: Setup { seed, ..self.setup }, ..self }
    }

    /// Ends every run after this span. What a monitor still waits for then is a failure, as if nothing were left to happen.
    pub fn until(mut self, span: Span) -> Self {
        self.program.until = Instant::START.saturating_add(span);
        self
    }

    /// Looks at so many states at most instead of a million.
    pub fn states(self, states: u64) -> Self {
        Self { budget: Budget { states }, ..self }
    }

    /// Goes through all orders.
    #[must_use]
    pub fn explore(&self) -> Exploration {
        explore(&self.program, self.setup, self.budget, &|| true)
    }

    /// Goes through all orders; returns how many there are if none of them fails.
    ///
    /// # Errors
    /// If one fails, or nothing is proved: what was found.
    pub fn search(&self) -> Result<Exploration, ProofReport> {
        let explored = self.explore();
        if explored.is_proof() {
            return Ok(explored);
        }
        let mut lines = Vec::new();
        for Counterexample { path, failures } in &explored.found {
            lines.extend(failures.iter().map(headline));
            let told = tell(&self.program, self.setup, path);
            lines.extend(told.into_iter().map(|line| format!("  {line}")));
        }
        if let Some(Mismatch { path, other }) = &explored.mismatch {
            for path in [path, other] {
                lines.push("hashes like another state:".into());
                let told = tell(&self.program, self.setup, path);
                lines.extend(told.into_iter().map(|line| format!("  {line}")));
            }
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

/// A closure as a program whose runs are forked.
#[derive(Debug, Clone)]
struct Forked<W, M, F> {
    begin: F,
    /// When a run has gone as far as it is to.
    until: Instant,
    world: PhantomData<fn() -> (W, M)>,
}

/// A run that can be forked, and how it has panicked if it did.
#[derive(Clone)]
struct ForkedRun<S> {
    simulation: S,
    panic: Option<Failure>,
}

impl<W, M, F> Forking for Forked<W, M, F>
where
    W: World + Clone + Hash,
    W::Event: Clone + Hash,
    M: Monitors<W::Subject> + Clone + Hash,
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

    fn digest(&self, ForkedRun { simulation, panic }: &Self::Run) -> u128 {
        simulation.state_digest(|watch, picker, state| {
            watch.monitors().hash(state);
            picker.hash(state);
            panic.as_ref().map(|failure| &failure.monitor).hash(state);
        })
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
