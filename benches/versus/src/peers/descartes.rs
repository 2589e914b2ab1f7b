//! `DesCartes` with its seeded policy. For each event it looks at all simultaneous ones, so large ties are measured
//! briefly or not at all.

use core::cell::RefCell;
use std::rc::Rc;

use descartes_core::{
    Component, Key, Scheduler, SimTime, Simulation, SimulationConfig, UniformRandomFrontierPolicy,
};
use tiebreak_versus::{Case, Cursor, Distribution, Meter, Outcome, SECOND, Workload, delays, picks};

use super::{Clock, Fit, Peer, Program, Ties};

pub(super) const PEER: Peer = Peer {
    name: "descartes",
    package: Some("descartes-core"),
    ties: Ties::Seeded,
    clock: Clock::Nanoseconds,
    fit,
    program: Program::Here(run),
};

/// Simultaneous events from which on a row of usual length takes minutes.
const TIES_MAX: usize = 64;

fn fit(case: &Case) -> Fit {
    let minutes = Fit::LeftOut("minutes: its cost grows with the square of a tie");
    match (case.workload, case.distribution) {
        (Workload::Churn, _) => Fit::LeftOut("it cancels tasks, not events"),
        (Workload::Hold, Distribution::Constant) if case.size > TIES_MAX => minutes,
        // About one in a thousand is due in the same millisecond.
        (Workload::Hold, Distribution::Tick) if case.size > 1024 * TIES_MAX => minutes,
        (Workload::Burst | Workload::FanOut, _) if case.size > TIES_MAX => {
            Fit::Shortened(1, case.size_u64() - 1)
        }
        (Workload::Hold | Workload::Actors | Workload::FanOut | Workload::Burst, _) => Fit::Runs,
    }
}

struct Shared {
    delays: Vec<u64>,
    picks: Vec<u32>,
    cursor: Cursor,
    meter: Meter,
    actors: Vec<Key<Message>>,
}

impl Shared {
    fn next(&mut self) -> SimTime {
        SimTime::from_nanos(self.delays[self.cursor.advance()])
    }
}

type SharedRef = Rc<RefCell<Shared>>;

fn run(case: &Case) -> Outcome {
    let mut simulation = Simulation::new(SimulationConfig { seed: 1 });
    simulation.set_frontier_policy(Box::new(UniformRandomFrontierPolicy::new(1)));
    let (delays, picks, meter) = (delays(case.distribution), picks(case.size), Meter::new(case));
    let shared = Shared { delays, picks, cursor: Cursor::default(), meter, actors: Vec::new() };
    let shared = Rc::new(RefCell::new(shared));
    match case.workload {
        Workload::Hold => hold(case, &mut simulation, &shared),
        Workload::Actors => actors(case, &mut simulation, &shared),
        Workload::FanOut => fan_out(case, &mut simulation, &shared),
        Workload::Burst => burst(case, &mut simulation, &shared),
        Workload::Churn => unreachable!("left out"),
    }
    while !shared.borrow().meter.is_done() {
        assert!(simulation.step(), "the workload never runs dry");
    }
    let now = simulation.time().as_nanos();
    shared.borrow().meter.outcome(now)
}

struct Timers(SharedRef);

impl Component for Timers {
    type Event = u64;

    fn process_event(&mut self, this: Key<u64>, timer: &u64, scheduler: &mut Scheduler) {
        let mut shared = self.0.borrow_mut();
        scheduler.schedule(shared.next(), this, *timer);
        shared.meter.count(*timer);
    }
}

fn hold(case: &Case, simulation: &mut Simulation, shared: &SharedRef) {
    let timers = simulation.add_component(Timers(Rc::clone(shared)));
    for timer in 0..case.size_u64() {
        simulation.schedule(shared.borrow_mut().next(), timers, timer);
    }
}

#[derive(Debug)]
struct Message(u64);

struct Actor {
    shared: SharedRef,
    sum: u64,
}

impl Component for Actor {
    type Event = Message;

    fn process_event(&mut self, _: Key<Message>, message: &Message, scheduler: &mut Scheduler) {
        let shared = &mut *self.shared.borrow_mut();
        self.sum += message.0;
        let index = shared.cursor.advance();
        let to = shared.actors[shared.picks[index] as usize];
        scheduler.schedule(SimTime::from_nanos(shared.delays[index]), to, Message(message.0 + 1));
        shared.meter.count(message.0);
    }
}

fn actors(case: &Case, simulation: &mut Simulation, shared: &SharedRef) {
    for _ in 0..case.size {
        let key = simulation.add_component(Actor { shared: Rc::clone(shared), sum: 0 });
        simulation.schedule(shared.borrow_mut().next(), key, Message(1));
        shared.borrow_mut().actors.push(key);
    }
}

struct Subscriber {
    shared: SharedRef,
    sum: u64,
}

impl Component for Subscriber {
    type Event = Message;

    fn process_event(&mut self, _: Key<Message>, message: &Message, _: &mut Scheduler) {
        self.sum += message.0;
        self.shared.borrow_mut().meter.count(message.0);
    }
}

struct Source(Vec<Key<Message>>);

impl Component for Source {
    type Event = u64;

    fn process_event(&mut self, this: Key<u64>, value: &u64, scheduler: &mut Scheduler) {
        for subscriber in &self.0 {
            scheduler.schedule_now(*subscriber, Message(*value));
        }
        scheduler.schedule(SimTime::from_nanos(SECOND), this, *value + 1);
    }
}

fn fan_out(case: &Case, simulation: &mut Simulation, shared: &SharedRef) {
    let add = |_| simulation.add_component(Subscriber { shared: Rc::clone(shared), sum: 0 });
    let subscribers = (0..case.size).map(add).collect();
    let source = simulation.add_component(Source(subscribers));
    simulation.schedule(SimTime::from_nanos(SECOND), source, 0);
}

#[derive(Debug)]
enum Shot {
    Source,
    Tied(u64),
}

struct Burst {
    shared: SharedRef,
    size: u64,
}

impl Component for Burst {
    type Event = Shot;

    fn process_event(&mut self, this: Key<Shot>, shot: &Shot, scheduler: &mut Scheduler) {
        match *shot {
            Shot::Source => {
                for number in 0..self.size {
                    scheduler.schedule(SimTime::from_nanos(SECOND), this, Shot::Tied(number));
                }
                scheduler.schedule(SimTime::from_nanos(2 * SECOND), this, Shot::Source);
            }
            Shot::Tied(number) => {
                self.shared.borrow_mut().meter.count(number);
            }
        }
    }
}

fn burst(case: &Case, simulation: &mut Simulation, shared: &SharedRef) {
    let burst = simulation.add_component(Burst { shared: Rc::clone(shared), size: case.size_u64() });
    simulation.schedule(SimTime::from_nanos(SECOND), burst, Shot::Source);
}
