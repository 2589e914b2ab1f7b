//! The invented bugs as runs that can be forked, so that all their orders can be gone through.
//!
//! A story is the script of a bug without the steps that do nothing and without unrelated clients: few enough events to run
//! every order of them. The bugs of real managers have no story. Their worlds hold handles of the manager, which have to
//! be hashed by what they name, and only `tiebreak-rtm-sim` does that.

use core::hash::Hash;
use core::marker::PhantomData;
use core::ops::ControlFlow;

use tiebreak::explore::{
    Director, Due, Failure, Footprint, Forking, Group, Outcome, Picker, Program, Setup, Stepping,
};
use tiebreak::kernel::{DueEvent, hash_text};
use tiebreak::{Choices, End, Monitor as _, Settings, Simulation, Term, Verdict, Watch};

use crate::bug::{Planted, Scene, perform};
use crate::judge::{Judge, Rule};
use crate::script::{About, ROLL, Script, Step};

/// The world of an invented bug.
pub(crate) trait Invented: Scene<Event = Step, Rule: Clone + Hash> + Clone + Hash {
    /// What happens, without what does nothing.
    fn story() -> Script {
        Self::script().essential()
    }

    /// What a step touches, together with all that it brings about at its instant.
    fn touches(&self, step: &Step) -> Footprint {
        touches_its_subject(step)
    }

    /// The clients that can change places, and what they are called together.
    fn alike() -> Option<(&'static str, &'static [Term])> {
        None
    }
}

/// Reads and writes cells that have names.
pub(crate) fn touching(reads: &[About], writes: &[About]) -> Footprint {
    let footprint = reads.iter().fold(Footprint::new(), |all, cell| all.reads(hash_text(cell)));
    writes.iter().fold(footprint, |all, cell| all.writes(hash_text(cell)))
}

/// Writes what the step is about; a step about nothing touches nothing, unless it draws.
pub(crate) fn touches_its_subject(step: &Step) -> Footprint {
    match (step.action, step.about) {
        (ROLL, _) => touching(&[], &[step.client.text()]),
        (_, "") => Footprint::new(),
        (_, about) => touching(&[], &[about]),
    }
}

/// The unrelated clients of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Others {
    /// How many there are. At most 24.
    pub clients: usize,
    /// How many steps each has.
    pub steps: usize,
}

/// An invented bug, or its fixed twin, whose orders can be gone through.
pub trait Story: Program + Forking {
    /// Runs in the order that somebody chooses, from the beginning up to the event during which something fails.
    fn play<C: Choices>(&self, setup: Setup, choices: C) -> Played;

    /// Returns a hash of what a run has come to: of all but what will be drawn.
    fn state(&self, run: &Self::Run) -> u128;
}

/// What came of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// What failed.
    pub failures: Vec<Failure>,
    /// How many events have run.
    pub events: u64,
    /// A hash of what it has come to, as [`Story::state`] returns it.
    pub state: u128,
}

/// What is done with a story, whatever the type of its world is.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<S: Story>(self, story: &S) -> Self::Output;
}

/// A story with its world.
#[derive(Debug)]
pub(crate) struct Staged<S> {
    planted: Planted,
    script: Script,
    scene: PhantomData<fn() -> S>,
}

type Running<S, C> = Simulation<S, Watch<[Judge<<S as Scene>::Rule>; 1]>, C>;

impl<S: Invented> Staged<S> {
    pub(crate) fn new(planted: Planted, Others { clients, steps }: Others) -> Self {
        let script = planted.surround(S::story().others(clients, steps));
        Self { planted, script, scene: PhantomData }
    }

    fn begun<C: Choices>(&self, setup: Setup, choices: C) -> Running<S, C> {
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let recorder = Watch::new([Judge::default()]);
        let simulation = Simulation::new(S::new(self.planted), settings).with_recorder(recorder);
        let mut simulation = simulation.with_choices(choices);
        simulation.act(|_, stage| self.script.schedule(stage));
        simulation
    }
}

/// What has failed; at the end, also what has yet to happen.
fn failures<S: Invented, C: Choices>(run: &Running<S, C>, end: Option<&End>) -> Vec<Failure> {
    let [judge] = run.recorder().monitors();
    let message = match (judge.verdict(run.names()), end) {
        (_, Some(End::Limit(exceeded))) => panic!("a story is short: {exceeded}"),
        (Verdict::Fails(failure), _) => failure.message,
        (Verdict::Waits(owed), Some(_)) => owed,
        (Verdict::Waits(_), None) | (Verdict::Holds, _) => return Vec::new(),
    };
    Vec::from([Failure { monitor: S::Rule::NAME.into(), event: None, message }])
}

fn state<S: Invented, C: Choices>(run: &Running<S, C>) -> u128 {
    run.state_digest(|watch, _choices, state| watch.monitors().hash(state))
}

impl<S: Invented> Program for Staged<S> {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        perform::<S>(self.planted, &self.script, setup, choices)
    }
}

impl<S: Invented> Story for Staged<S> {
    fn play<C: Choices>(&self, setup: Setup, choices: C) -> Played {
        let mut run = self.begun(setup, choices);
        let failures = loop {
            let end = run.step().break_value();
            let failures = failures(&run, end.as_ref());
            if end.is_some() || !failures.is_empty() {
                break failures;
            }
        };
        Played { failures, events: run.dispatched(), state: state(&run) }
    }

    fn state(&self, run: &Self::Run) -> u128 {
        state(run)
    }
}

impl<S: Invented> Stepping for Staged<S> {
    type Run = Running<S, Picker>;

    fn begin(&self, setup: Setup, picker: Picker) -> Self::Run {
        self.begun(setup, picker)
    }

    fn step(&self, run: &mut Self::Run) -> ControlFlow<End> {
        run.step()
    }

    fn picker<'r>(&self, run: &'r mut Self::Run) -> &'r mut Picker {
        run.choices_mut()
    }

    fn failures(&self, run: &Self::Run, end: Option<&End>) -> Vec<Failure> {
        failures(run, end)
    }
}

impl<S: Invented> Forking for Staged<S> {
    fn fork(&self, run: &mut Self::Run) -> Self::Run {
        run.clone()
    }

    fn digest(&self, run: &Self::Run) -> Option<u128> {
        Some(run.state_digest(|watch, picker, state| {
            watch.monitors().hash(state);
            picker.hash(state);
        }))
    }

    fn groups(&self) -> Vec<Group> {
        let group = |(name, members): (&str, &[Term])| Group {
            name: name.into(),
            members: members.iter().map(|member| member.code()).collect(),
        };
        S::alike().map(group).into_iter().collect()
    }

    fn due(&self, run: &Self::Run) -> Option<Vec<Due>> {
        let (world, at) = (run.world(), run.next_instant()?);
        let due = run.due_events().into_iter().map(|DueEvent { event, lane, .. }| {
            let name = world.name(event).part_codes(run.names()).name();
            Due { at, name, lane, touches: world.touches(event) }
        });
        Some(due.collect())
    }
}
