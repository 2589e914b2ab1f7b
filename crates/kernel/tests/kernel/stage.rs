//! The shared test world: an event does what its script says and is logged.

use alloc::collections::BTreeMap;

use tiebreak_kernel::{
    Actor, Attempt, Context, Handle, InThePast, Instant, Name, Names, Order, Place, Recorder, Settings,
    Silent, Simulation, Span, Term, World, terms,
};

terms! { pub(crate) DOES = "does", pub(crate) A = "a", pub(crate) B = "b", C = "c", D = "d", E = "e", F = "f" }

pub(crate) const ACTORS: [Term; 6] = [A, B, C, D, E, F];

/// What happens to `actor`: its subject is its id, by which scripts and logs know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) actor: Actor,
    pub(crate) id: u64,
    pub(crate) script: Vec<Act>,
}

impl Event {
    pub(crate) fn then(mut self, act: Act) -> Self {
        self.script.push(act);
        self
    }
}

/// One act of a running event (or of the test itself).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Schedules at an instant, in nanoseconds.
    At(u64, Place, Event),
    /// Schedules after a span, in nanoseconds.
    After(u64, Place, Event),
    Cancel(u64),
    Reschedule(u64, u64),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Instant in nanoseconds, id.
    pub(crate) log: Vec<(u64, u64)>,
    pub(crate) handles: BTreeMap<u64, Handle>,
    pub(crate) cancelled: Vec<Option<u64>>,
    pub(crate) rescheduled: Vec<Result<Attempt, InThePast>>,
    pub(crate) refused: Vec<InThePast>,
}

impl World for Stage {
    type Event = Event;
    type Subject = u64;

    fn name(&self, event: &Event) -> Name<u64> {
        Name::of(event.actor, DOES, event.id)
    }

    fn handle(&mut self, event: Event, context: &mut Context<'_, Event, u64>) {
        self.log.push((context.now().as_nanos(), event.id));
        for act in event.script {
            self.perform(act, context);
        }
    }
}

impl Stage {
    pub(crate) fn perform(&mut self, act: Act, context: &mut Context<'_, Event, u64>) {
        match act {
            Act::At(at, place, event) => {
                let id = event.id;
                match context.on(place).schedule_at(Instant::from_nanos(at), event) {
                    Ok(handle) => {
                        self.handles.insert(id, handle);
                    }
                    Err(refused) => self.refused.push(refused),
                }
            }
            Act::After(span, place, event) => {
                let id = event.id;
                self.handles.insert(id, context.on(place).schedule_after(Span::from_nanos(span), event));
            }
            Act::Cancel(id) => {
                // What was never scheduled is not cancelled.
                let cancelled = self.handles.get(&id).and_then(|handle| context.cancel(*handle));
                self.cancelled.push(cancelled.map(|event| event.id));
            }
            Act::Reschedule(id, at) => {
                if let Some(handle) = self.handles.get(&id) {
                    self.rescheduled.push(context.reschedule_at(*handle, Instant::from_nanos(at)));
                }
            }
        }
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.log.iter().map(|(_, id)| *id).collect()
    }
}

pub(crate) fn names() -> Names {
    let mut names = Names::default();
    for actor in ACTORS {
        names.intern(actor.text());
    }
    names
}

/// The event `id` of the actor `id % 6`.
pub(crate) fn event(id: u64) -> Event {
    let actor = ACTORS[usize::try_from(id % 6).expect("small")].into();
    Event { actor, id, script: Vec::new() }
}

pub(crate) fn settings(seed: u64, order: Order) -> Settings {
    Settings::new(seed).with_order(order)
}

/// A simulation whose first events are scheduled by `acts`.
pub(crate) fn simulation(settings: Settings, acts: &[Act]) -> Simulation<Stage> {
    recorded(settings, acts, Silent)
}

pub(crate) fn recorded<R: Recorder<u64>>(
    settings: Settings,
    acts: &[Act],
    recorder: R,
) -> Simulation<Stage, R> {
    let mut simulation =
        Simulation::new(Stage::default(), settings).with_names(names()).with_recorder(recorder);
    perform(&mut simulation, acts);
    simulation
}

pub(crate) fn perform<R: Recorder<u64>>(simulation: &mut Simulation<Stage, R>, acts: &[Act]) {
    simulation.act(|stage, context| acts.iter().for_each(|act| stage.perform(act.clone(), context)));
}

/// The ids in the order in which they ran, up to the end.
pub(crate) fn order(seed: u64, order: Order, acts: &[Act]) -> Vec<u64> {
    let mut simulation = simulation(settings(seed, order), acts);
    simulation.run();
    simulation.world().ids()
}
