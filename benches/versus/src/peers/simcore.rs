//! simcore: components with handlers, a clock in floating-point seconds.

use core::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};
use tiebreak_versus::{Case, Cursor, Meter, Outcome, Workload, delays, picks};

use super::{Clock, Fit, Peer, Program, Ties};

pub(super) const PEER: Peer = Peer {
    name: "simcore",
    package: Some("simcore"),
    ties: Ties::Fifo,
    clock: Clock::Float,
    fit: |_| Fit::Runs,
    program: Program::Here(run),
};

#[derive(Clone, Serialize)]
struct Fire {
    timer: u64,
}

#[derive(Clone, Serialize)]
struct Message {
    value: u64,
}

/// What components share.
struct Shared {
    seconds: Vec<f64>,
    picks: Vec<u32>,
    cursor: Cursor,
    meter: Meter,
}

impl Shared {
    #[expect(clippy::cast_precision_loss, reason = "delays are far below 2^53")]
    fn new(case: &Case) -> Rc<RefCell<Self>> {
        let seconds = delays(case.distribution).iter().map(|delay| *delay as f64 * 1e-9).collect();
        let (picks, cursor, meter) = (picks(case.size), Cursor::default(), Meter::new(case));
        Rc::new(RefCell::new(Self { seconds, picks, cursor, meter }))
    }

    fn next(&mut self) -> f64 {
        self.seconds[self.cursor.advance()]
    }
}

struct Timers {
    context: SimulationContext,
    shared: Rc<RefCell<Shared>>,
    ids: Vec<u64>,
    pick: Cursor,
    is_churn: bool,
}

impl EventHandler for Timers {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Fire { timer } => {
                let shared = &mut *self.shared.borrow_mut();
                let id = self.context.emit_self(Fire { timer }, shared.next());
                if self.is_churn {
                    self.ids[usize::try_from(timer).expect("timers are counted from 0")] = id;
                    for _ in 0..9 {
                        let other = shared.picks[self.pick.advance()];
                        self.context.cancel_event(self.ids[other as usize]);
                        let again = Fire { timer: u64::from(other) };
                        self.ids[other as usize] = self.context.emit_self(again, shared.next());
                    }
                }
                shared.meter.count(timer);
            }
        });
    }
}

struct Actor {
    context: SimulationContext,
    shared: Rc<RefCell<Shared>>,
    sum: u64,
}

impl EventHandler for Actor {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Message { value } => {
                let shared = &mut *self.shared.borrow_mut();
                self.sum += value;
                let index = shared.cursor.advance();
                let (to, delay) = (shared.picks[index], shared.seconds[index]);
                self.context.emit(Message { value: value + 1 }, to, delay);
                shared.meter.count(value);
            }
        });
    }
}

struct Source {
    context: SimulationContext,
    size: u32,
}

impl EventHandler for Source {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Fire { timer } => {
                for subscriber in 0..self.size {
                    self.context.emit_now(Message { value: timer }, subscriber);
                }
                self.context.emit_self(Fire { timer: timer + 1 }, 1.0);
            }
        });
    }
}

struct Subscriber {
    shared: Rc<RefCell<Shared>>,
    sum: u64,
}

impl EventHandler for Subscriber {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Message { value } => {
                self.sum += value;
                self.shared.borrow_mut().meter.count(value);
            }
        });
    }
}

struct Burst {
    context: SimulationContext,
    shared: Rc<RefCell<Shared>>,
    size: u64,
}

impl EventHandler for Burst {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Message { value } => {
                assert_eq!(value, 0, "only the source is sent a message");
                for timer in 0..self.size {
                    self.context.emit_self(Fire { timer }, 1.0);
                }
                self.context.emit_self(Message { value }, 2.0);
            }
            Fire { timer } => {
                self.shared.borrow_mut().meter.count(timer);
            }
        });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a run is far shorter than 2^64 ns"
)]
fn run(case: &Case) -> Outcome {
    let mut simulation = Simulation::new(1);
    let shared = Shared::new(case);
    match case.workload {
        Workload::Hold | Workload::Churn => timers(case, &mut simulation, &shared),
        Workload::Actors => actors(case, &mut simulation, &shared),
        Workload::FanOut => fan_out(case, &mut simulation, &shared),
        Workload::Burst => burst(case, &mut simulation, &shared),
    }
    while !shared.borrow().meter.is_done() {
        simulation.step();
    }
    let now = (simulation.time() * 1e9).round() as u64;
    shared.borrow().meter.outcome(now)
}

fn timers(case: &Case, simulation: &mut Simulation, shared: &Rc<RefCell<Shared>>) {
    let context = simulation.create_context("timers");
    let set = |timer| context.emit_self(Fire { timer }, shared.borrow_mut().next());
    let ids = (0..case.size_u64()).map(set).collect();
    let is_churn = case.workload == Workload::Churn;
    let timers = Timers { context, shared: Rc::clone(shared), ids, pick: Cursor::default(), is_churn };
    simulation.add_handler("timers", Rc::new(RefCell::new(timers)));
}

fn actors(case: &Case, simulation: &mut Simulation, shared: &Rc<RefCell<Shared>>) {
    for number in 0..case.size {
        let name = format!("actor{number}");
        let context = simulation.create_context(&name);
        assert_eq!(context.id() as usize, number, "ids are given in order");
        context.emit_self(Message { value: 1 }, shared.borrow_mut().next());
        let actor = Actor { context, shared: Rc::clone(shared), sum: 0 };
        simulation.add_handler(name, Rc::new(RefCell::new(actor)));
    }
}

fn fan_out(case: &Case, simulation: &mut Simulation, shared: &Rc<RefCell<Shared>>) {
    for number in 0..case.size {
        let subscriber = Subscriber { shared: Rc::clone(shared), sum: 0 };
        simulation.add_handler(format!("subscriber{number}"), Rc::new(RefCell::new(subscriber)));
    }
    let context = simulation.create_context("source");
    context.emit_self(Fire { timer: 0 }, 1.0);
    let size = u32::try_from(case.size).expect("sizes fit in 32 bits");
    simulation.add_handler("source", Rc::new(RefCell::new(Source { context, size })));
}

fn burst(case: &Case, simulation: &mut Simulation, shared: &Rc<RefCell<Shared>>) {
    let context = simulation.create_context("burst");
    context.emit_self(Message { value: 0 }, 1.0);
    let burst = Burst { context, shared: Rc::clone(shared), size: case.size_u64() };
    simulation.add_handler("burst", Rc::new(RefCell::new(burst)));
}
