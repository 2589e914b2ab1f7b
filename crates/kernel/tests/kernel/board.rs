//! A test world whose events are functions: each says in place what happens.

use tiebreak_kernel::{
    Context, Handle, Instant, Name, Settings, Simulation, Span, Term, Timer, World, terms,
};

terms! { DOES = "does", pub(crate) CLIENT = "client", pub(crate) SERVER = "server" }

/// What an event does. It names neither the world's nor the recorder's type, so that it can be kept in a table.
pub(crate) type Deed = fn(&mut Board, &mut Within<'_>);
pub(crate) type Within<'a> = Context<'a, Step, u64>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) actor: Term,
    pub(crate) id: u64,
    pub(crate) deed: Deed,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Board {
    /// Instant in nanoseconds, id.
    pub(crate) log: Vec<(u64, u64)>,
    pub(crate) handles: Vec<Handle>,
    pub(crate) timer: Timer,
    pub(crate) seen: Vec<Option<u64>>,
}

impl World for Board {
    type Event = Step;
    type Subject = u64;

    fn name(&self, step: &Step) -> Name<u64> {
        Name::of(step.actor, DOES, step.id)
    }

    fn handle(&mut self, step: Step, context: &mut Within<'_>) {
        self.log.push((context.now().as_nanos(), step.id));
        (step.deed)(self, context);
    }
}

impl Board {
    /// Notes an instant.
    pub(crate) fn see(&mut self, instant: Option<Instant>) {
        self.seen.push(instant.map(Instant::as_nanos));
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.log.iter().map(|(_, id)| *id).collect()
    }
}

pub(crate) fn step(id: u64, deed: Deed) -> Step {
    Step { actor: CLIENT, id, deed }
}

/// A step that does nothing.
pub(crate) fn idle(id: u64) -> Step {
    step(id, |_, _| {})
}

pub(crate) fn at(nanos: u64) -> Instant {
    Instant::from_nanos(nanos)
}

pub(crate) fn after(nanos: u64) -> Span {
    Span::from_nanos(nanos)
}

pub(crate) fn board(settings: Settings, setup: Deed) -> Simulation<Board> {
    let mut simulation = Simulation::new(Board::default(), settings);
    simulation.act(setup);
    simulation
}
