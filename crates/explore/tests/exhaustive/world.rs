//! A world of cells that events write to, in which everything can conflict with everything else.

use core::hash::{Hash, Hasher};
use core::ops::ControlFlow;

use proptest::prelude::*;
use tiebreak_explore::{Due, Failure, Footprint, Forking, Picker, Setup, Stepping};
use tiebreak_kernel::{
    Choices, Context, DueEvent, End, Frontier, Guidance, Handle, Lane, Name, Names, Order, Origin, Place,
    Record, Recorder, Settings, Simulation, Site, Span, World, terms,
};

terms! { STAGE = "stage", DEED = "deed" }

/// How many cells there are.
const CELLS: usize = 32;
/// Events with greater numbers write what they have more, and are all called alike.
const WRITES: u64 = 1_000;

/// What an event does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deed {
    /// The cells that it writes its own number to.
    pub(crate) writes: Vec<usize>,
    /// The cells to which it adds one.
    pub(crate) adds: Vec<usize>,
    /// The cell that must not be odd for it to do anything.
    pub(crate) unless: Option<usize>,
    /// The event that it cancels.
    pub(crate) cancels: Option<usize>,
    /// After which time it brings about another one, in nanoseconds.
    pub(crate) then: Option<u64>,
    /// The lane that it is in.
    pub(crate) lane: Option<u32>,
    /// What it lets be written at the same instant, by an event that is called like those of all others who do.
    pub(crate) lets_write: Option<u64>,
    /// The lane in which that event waits.
    pub(crate) writes_in: Option<u32>,
}

impl Deed {
    pub(crate) fn writes(cell: usize) -> Self {
        Self { writes: vec![cell], ..Self::default() }
    }

    pub(crate) fn writes_all(cells: usize) -> Self {
        Self { writes: (0..cells).collect(), ..Self::default() }
    }
}

/// Any deed, about few cells.
pub(crate) fn deed() -> impl Strategy<Value = Deed> {
    let cells = || proptest::collection::vec(0usize..3, 0..2);
    let rarely = |what: core::ops::Range<usize>| proptest::option::weighted(0.2, what);
    let parts = (cells(), cells(), rarely(0..3), rarely(0..5));
    let more = (proptest::option::weighted(0.2, 0u64..2), proptest::option::weighted(0.3, 0u32..2));
    (parts, more).prop_map(|((writes, adds, unless, cancels), (then, lane))| Deed {
        writes,
        adds,
        unless,
        cancels,
        then,
        lane,
        ..Deed::default()
    })
}

/// The world: the deeds are what does not change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stage {
    deeds: Vec<Deed>,
    cells: [u64; CELLS],
    /// Who has written to the first cell, in order.
    pub(crate) written: Vec<u64>,
    handles: Vec<Option<Handle>>,
    is_hashed: bool,
}

/// The cell that deeds let be written.
const LET: u64 = 7;
/// The cell in which is counted what deeds bring about.
const BROUGHT: u64 = 8;
/// A cell for each deed: whether it is pending.
const PENDING: u64 = 100;

impl Stage {
    /// Whether anybody has written to a cell.
    pub(crate) fn has_written(&self, cell: usize) -> bool {
        self.cells[cell] > 0
    }

    /// What an event touches in truth.
    pub(crate) fn touched_by(&self, event: u64) -> Footprint {
        if event > WRITES {
            return Footprint::new().writes(LET);
        }
        let deed = usize::try_from(event).ok().and_then(|at| self.deeds.get(at));
        let Some(deed) = deed else { return Footprint::new().writes(BROUGHT) };
        let cell = |cell: usize| u64::try_from(cell).expect("there are few cells");
        let mut touches = Footprint::new().reads(PENDING + event);
        for written in deed.writes.iter().chain(&deed.adds) {
            touches = touches.writes(cell(*written));
        }
        if let Some(other) = deed.cancels {
            touches = touches.writes(PENDING + cell(other));
        }
        if let Some(unless) = deed.unless {
            touches = touches.reads(cell(unless));
        }
        if deed.then == Some(0) {
            touches = touches.writes(BROUGHT);
        }
        if deed.lets_write.is_some() {
            touches = touches.writes(LET);
        }
        touches
    }
}

impl Hash for Stage {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if self.is_hashed {
            (self.cells, &self.written, &self.handles).hash(state);
        }
    }
}

impl World for Stage {
    type Event = u64;
    type Subject = u64;

    fn name(&self, event: &u64) -> Name<u64> {
        Name::of(STAGE, DEED, (*event).min(WRITES))
    }

    fn handle(&mut self, event: u64, context: &mut Context<'_, u64, u64>) {
        // What comes of a deed only notes that it was there.
        if event > WRITES {
            return self.cells[7] = event - WRITES;
        }
        let deed = usize::try_from(event).ok().and_then(|at| self.deeds.get(at)).cloned();
        let Some(deed) = deed else { return self.cells[8] += event };
        if deed.unless.is_some_and(|cell| self.cells[cell] % 2 == 1) {
            return;
        }
        for cell in deed.writes {
            self.cells[cell] = event + 1;
            if cell == 0 {
                self.written.push(event);
            }
        }
        deed.adds.into_iter().for_each(|cell| self.cells[cell] += 1);
        if let Some(handle) = deed.cancels.and_then(|other| self.handles.get(other).copied().flatten()) {
            context.cancel(handle);
        }
        if let Some(value) = deed.lets_write {
            let place = deed.writes_in.map_or(Place::FREE, |lane| Place::lane(Lane::new(lane)));
            context.on(place).schedule_after(Span::ZERO, WRITES + value);
        }
        if let Some(then) = deed.then {
            context.schedule_after(Span::from_nanos(then), 100 + event);
        }
    }
}

/// Counts what runs, so that names and repeats count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told(Vec<u64>);

impl Recorder<u64> for Told {
    fn record(&mut self, _names: &Names, record: &Record<'_, u64>) {
        if let Origin::Dispatch { .. } = record.origin {
            self.0.push(record.name.subject);
        }
    }
}

/// A run, and the rule that it is judged by.
#[derive(Clone)]
pub(crate) struct Run<C = Picker> {
    simulation: Simulation<Stage, Told, C>,
    fails: Rule,
}

/// Takes the events at these places, and then those that were scheduled first; notes among how many there was a choice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chooser {
    places: Vec<usize>,
    pub(crate) choices: Vec<usize>,
    /// Those who were passed over, each once, those who were so last at the end.
    behind: Vec<Queue>,
    /// How many were passed over.
    pub(crate) deviations: u32,
}

/// The lane of an event; of one in no lane, its place in the order of scheduling.
type Queue = Result<Lane, u32>;

impl Chooser {
    /// Passes over all who come before the event at a place.
    fn pass_over(&mut self, frontier: &Frontier<'_>, place: usize) {
        let queue = |at: usize| frontier[at].lane.ok_or(frontier[at].sequence);
        loop {
            let rank = |at: &usize| (self.behind.iter().position(|behind| *behind == queue(*at)), *at);
            let first = (0..frontier.len()).min_by_key(rank).expect("one is asked about");
            if first == place {
                return;
            }
            self.behind.retain(|behind| *behind != queue(first));
            self.behind.push(queue(first));
            self.deviations += 1;
        }
    }
}

impl Choices for Chooser {
    fn number(&mut self, _site: Site, low: u64, _high: u64) -> u64 {
        low
    }

    fn guidance(&self) -> Guidance {
        Guidance::Picks
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let place = self.places.get(self.choices.len()).copied().unwrap_or_default();
        self.choices.push(frontier.len());
        self.pass_over(frontier, place);
        place
    }
}

/// Takes events by their numbers.
#[derive(Debug, Clone)]
struct Sequence(Vec<u64>);

impl Choices for Sequence {
    fn number(&mut self, _site: Site, low: u64, _high: u64) -> u64 {
        low
    }

    fn guidance(&self) -> Guidance {
        Guidance::Picks
    }

    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let at = usize::try_from(frontier.dispatched()).expect("so few events run");
        let wanted = format!("stage/deed({})", self.0[at]);
        (0..frontier.len()).find(|at| frontier.name(*at) == wanted).unwrap_or_default()
    }
}

/// All that can be told of a run, without hashing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Everything {
    now: u64,
    pending: u64,
    cells: [u64; CELLS],
    written: Vec<u64>,
    gone: Vec<bool>,
    ran: Vec<u64>,
    pub(crate) fails: bool,
}

#[derive(Clone)]
enum Rule {
    Nothing,
    Of(fn(&Stage) -> bool),
    Forbidding(u64),
}

impl<C: Choices + Clone> Run<C> {
    pub(crate) fn events(&self) -> Vec<u64> {
        self.simulation.recorder().0.clone()
    }

    pub(crate) fn fails(&self) -> bool {
        let world = self.simulation.world();
        match self.fails {
            Rule::Nothing => false,
            Rule::Of(rule) => rule(world),
            Rule::Forbidding(sum) => world.cells.iter().sum::<u64>() == sum + 1,
        }
    }

    pub(crate) fn everything(&self) -> Everything {
        let Stage { cells, written, .. } = self.simulation.world().clone();
        let gone = self.clone().simulation.act(|stage, context| {
            let is_gone = |handle: &Option<Handle>| handle.is_none_or(|handle| context.due(handle).is_none());
            stage.handles.iter().map(is_gone).collect()
        });
        // Who has run, in whatever order.
        let mut ran = self.events();
        ran.sort_unstable();
        let (now, pending) = (self.simulation.now().as_nanos(), self.simulation.pending());
        Everything { now, pending, cells, written, gone, ran, fails: self.fails() }
    }

    /// Runs up to the end, or until it fails, or so many events.
    fn go(&mut self, events: usize) {
        for _ in 0..events {
            if self.fails() || self.simulation.step().is_break() {
                return;
            }
        }
    }
}

/// Deeds that are all due at one instant.
#[derive(Clone)]
pub(crate) struct Program {
    deeds: Vec<Deed>,
    fails: Rule,
    is_hashed: bool,
    touches: Option<fn(&Stage, u64) -> Footprint>,
}

impl Program {
    pub(crate) const SETUP: Setup = Setup { order: Order::Seeded, seed: 7 };

    pub(crate) fn of(deeds: impl IntoIterator<Item = Deed>) -> Self {
        Self { deeds: deeds.into_iter().collect(), fails: Rule::Nothing, is_hashed: true, touches: None }
    }

    /// Says what each event touches.
    pub(crate) fn touching(self, touches: fn(&Stage, u64) -> Footprint) -> Self {
        Self { touches: Some(touches), ..self }
    }

    pub(crate) fn failing(self, rule: fn(&Stage) -> bool) -> Self {
        Self { fails: Rule::Of(rule), ..self }
    }

    /// The same, which fails when the cells add up to so much and one.
    pub(crate) fn forbidding(self, sum: u64) -> Self {
        Self { fails: Rule::Forbidding(sum), ..self }
    }

    pub(crate) fn hashing_nothing(self) -> Self {
        Self { is_hashed: false, ..self }
    }

    fn start<C: Choices>(&self, setup: Setup, choices: C) -> Run<C> {
        let stage = Stage { deeds: self.deeds.clone(), is_hashed: self.is_hashed, ..Stage::default() };
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let mut simulation =
            Simulation::new(stage, settings).with_recorder(Told::default()).with_choices(choices);
        simulation.act(|stage, context| {
            for (deed, event) in stage.deeds.iter().zip(0..) {
                let place = deed.lane.map_or(Place::FREE, |lane| Place::lane(Lane::new(lane)));
                let handle = context.on(place).schedule_after(Span::from_secs(10), event);
                stage.handles.push(Some(handle));
            }
        });
        Run { simulation, fails: self.fails.clone() }
    }

    /// A run that takes the events at these places; returns how it chose.
    pub(crate) fn run(&self, places: &[usize]) -> (Run<Chooser>, Chooser) {
        let mut run = self.start(Self::SETUP, Chooser { places: places.to_vec(), ..Chooser::default() });
        run.go(usize::MAX);
        let chooser = run.simulation.choices_mut().clone();
        (run, chooser)
    }

    /// What is told when these events have run.
    pub(crate) fn after(&self, events: &[u64]) -> Everything {
        let mut run = self.start(Self::SETUP, Sequence(events.to_vec()));
        run.go(events.len());
        assert_eq!(run.events(), events, "these events can run in this order");
        run.everything()
    }
}

impl Stepping for Program {
    type Run = Run;

    fn begin(&self, setup: Setup, picker: Picker) -> Run {
        self.start(setup, picker)
    }

    fn step(&self, run: &mut Run) -> ControlFlow<End> {
        run.simulation.step()
    }

    fn picker<'r>(&self, run: &'r mut Run) -> &'r mut Picker {
        run.simulation.choices_mut()
    }

    fn failures(&self, run: &Run, _end: Option<&End>) -> Vec<Failure> {
        let failure = Failure { monitor: "rule".into(), event: None, message: "the rule is broken".into() };
        if run.fails() { vec![failure] } else { Vec::new() }
    }
}

impl Forking for Program {
    fn fork(&self, run: &mut Run) -> Run {
        run.clone()
    }

    fn digest(&self, run: &Run) -> Option<u128> {
        Some(run.simulation.state_digest(|_, picker, state| picker.hash(state)))
    }

    fn due(&self, run: &Run) -> Option<Vec<Due>> {
        let touches = self.touches?;
        let (at, stage) = (run.simulation.next_instant()?, run.simulation.world());
        let due = run.simulation.due_events().into_iter();
        let due = due.map(|DueEvent { event, lane, .. }| {
            let name = stage.name(event).part_codes(run.simulation.names()).name();
            Due { at, name, lane, touches: touches(stage, *event) }
        });
        Some(due.collect())
    }
}
