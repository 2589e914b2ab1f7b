//! nexosim on one thread, a step at a time. A step runs all events of an instant, so the last step may run past the last
//! event; such a run knows no sum.
//!
//! A model schedules events only for itself. So a hop between actors is an event of its own and an output sent at once
//! to one of four others that are fixed when the simulation is put together.

#![expect(clippy::unused_self, reason = "a port is a method of its model")]

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use core::time::Duration;
use std::sync::OnceLock;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSource, Output};
use nexosim::simulation::{EventKey, Mailbox, SimInit, Simulation};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use tiebreak_versus::{Case, MASK, Outcome, SECOND, Workload, delays, picks};

use super::{Clock, Fit, Peer, Program, Ties};

pub(super) const PEER: Peer = Peer {
    name: "nexosim",
    package: Some("nexosim"),
    ties: Ties::Fifo,
    clock: Clock::Nanoseconds,
    fit: |_| Fit::Runs,
    program: Program::Here(run),
};

// Models must be serialisable, so what they share stands outside of them.
static DELAYS: OnceLock<Vec<u64>> = OnceLock::new();
static PICKS: OnceLock<Vec<u32>> = OnceLock::new();
static POSITION: AtomicU64 = AtomicU64::new(0);
static SIZE: AtomicU64 = AtomicU64::new(0);
static COUNT: AtomicU64 = AtomicU64::new(0);
static SUM: AtomicU64 = AtomicU64::new(0);

/// One thread: an add without a locked instruction is enough.
#[inline]
fn add(counter: &AtomicU64, value: u64) -> u64 {
    let sum = counter.load(Relaxed) + value;
    counter.store(sum, Relaxed);
    sum
}

#[inline]
fn count(value: u64) {
    add(&COUNT, 1);
    add(&SUM, value);
}

#[inline]
fn next_delay() -> Duration {
    let index = add(&POSITION, 1) - 1;
    Duration::from_nanos(
        DELAYS.get().expect("the tables are set first")[usize::try_from(index).unwrap_or(0) & MASK],
    )
}

fn pick(index: usize) -> usize {
    PICKS.get().expect("the tables are set first")[index & MASK] as usize
}

#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Timers {
    #[serde(skip)]
    keys: Vec<EventKey>,
    position: usize,
}

#[Model]
impl Timers {
    /// Sets all timers.
    pub(crate) fn start(&mut self, is_churn: bool, context: &Context<Self>) {
        for timer in 0..SIZE.load(Relaxed) {
            if is_churn {
                self.keys.push(Self::set(timer, context));
            } else {
                context.schedule_event(next_delay(), schedulable!(Self::fire), timer).expect("in the future");
            }
        }
    }

    fn set(timer: u64, context: &Context<Self>) -> EventKey {
        context
            .schedule_keyed_event(next_delay(), schedulable!(Self::fire_and_churn), timer)
            .expect("in the future")
    }

    #[nexosim(schedulable)]
    fn fire(&mut self, timer: u64, context: &Context<Self>) {
        context.schedule_event(next_delay(), schedulable!(Self::fire), timer).expect("in the future");
        count(timer);
    }

    #[nexosim(schedulable)]
    fn fire_and_churn(&mut self, timer: u64, context: &Context<Self>) {
        self.keys[usize::try_from(timer).unwrap_or(0)] = Self::set(timer, context);
        for _ in 0..9 {
            let other = pick(self.position);
            self.position += 1;
            let key = Self::set(other as u64, context);
            core::mem::replace(&mut self.keys[other], key).cancel();
        }
        count(timer);
    }
}

#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Actor {
    outputs: Vec<Output<u64>>,
    position: usize,
    sum: u64,
}

#[Model]
impl Actor {
    /// Receives a message and waits before it is passed on.
    pub(crate) fn receive(&mut self, value: u64, context: &Context<Self>) {
        self.sum += value;
        context.schedule_event(next_delay(), schedulable!(Self::pass_on), value).expect("in the future");
    }

    #[nexosim(schedulable)]
    async fn pass_on(&mut self, value: u64) {
        count(value);
        self.position += 1;
        let output = self.position % self.outputs.len();
        self.outputs[output].send(value + 1).await;
    }
}

#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Source {
    output: Output<u64>,
}

#[Model]
impl Source {
    /// Schedules the first change.
    pub(crate) fn start(&mut self, first: u64, context: &Context<Self>) {
        context
            .schedule_event(Duration::from_secs(1), schedulable!(Self::change), first)
            .expect("in the future");
    }

    #[nexosim(schedulable)]
    async fn change(&mut self, value: u64, context: &Context<Self>) {
        self.output.send(value).await;
        context
            .schedule_event(Duration::from_secs(1), schedulable!(Self::change), value + 1)
            .expect("in the future");
    }
}

#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Subscriber {
    sum: u64,
}

#[Model]
impl Subscriber {
    /// Is told.
    pub(crate) fn told(&mut self, value: u64) {
        self.sum += value;
        count(value);
    }
}

#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Burst {}

#[Model]
impl Burst {
    /// Schedules the first burst.
    pub(crate) fn start(&mut self, _: u64, context: &Context<Self>) {
        context.schedule_event(Duration::from_secs(1), schedulable!(Self::source), 0).expect("in the future");
    }

    #[nexosim(schedulable)]
    fn source(&mut self, _: u64, context: &Context<Self>) {
        for number in 0..SIZE.load(Relaxed) {
            context
                .schedule_event(Duration::from_secs(1), schedulable!(Self::tied), number)
                .expect("in the future");
        }
        context.schedule_event(Duration::from_secs(2), schedulable!(Self::source), 0).expect("in the future");
    }

    #[nexosim(schedulable)]
    fn tied(&mut self, number: u64) {
        count(number);
    }
}

fn run(case: &Case) -> Outcome {
    let _ = DELAYS.set(delays(case.distribution));
    let _ = PICKS.set(picks(case.size));
    SIZE.store(case.size_u64(), Relaxed);
    let mut simulation = match case.workload {
        Workload::Hold | Workload::Churn => timers(case),
        Workload::Actors => actors(case),
        Workload::FanOut => fan_out(case),
        Workload::Burst => burst(),
    };
    let mut run_to = |target: u64| {
        while COUNT.load(Relaxed) < target {
            simulation.step().expect("the workload never runs dry");
        }
    };
    run_to(case.warm_up);
    let began = std::time::Instant::now();
    run_to(case.last());
    let nanoseconds = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    // Between models there is no promised order of simultaneous events, so that the sum of actors is their own.
    let has_sum = COUNT.load(Relaxed) == case.last() && case.workload != Workload::Actors;
    let sum = has_sum.then(|| SUM.load(Relaxed));
    let now = simulation.time().duration_since(MonotonicTime::EPOCH);
    Outcome { nanoseconds, sum, now: now.as_secs() * SECOND + u64::from(now.subsec_nanos()) }
}

fn timers(case: &Case) -> Simulation {
    let mailbox = Mailbox::new();
    let address = mailbox.address();
    let mut bench = SimInit::with_num_threads(1);
    let start = EventSource::new().connect(Timers::start, &address).register(&mut bench);
    let model = bench.add_model(Timers::default(), mailbox, "timers");
    let mut simulation = model.init(MonotonicTime::EPOCH).expect("one model starts");
    simulation.process_event(&start, case.workload == Workload::Churn).expect("timers are set");
    simulation
}

fn actors(case: &Case) -> Simulation {
    let mailboxes: Vec<_> = (0..case.size).map(|_| Mailbox::new()).collect();
    let mut bench = SimInit::with_num_threads(1);
    let (mut starts, mut models) = (Vec::new(), Vec::new());
    for (number, mailbox) in mailboxes.iter().enumerate() {
        let mut actor = Actor::default();
        for other in 0..4 {
            let mut output = Output::default();
            output.connect(Actor::receive, &mailboxes[pick(number * 4 + other)]);
            actor.outputs.push(output);
        }
        starts.push(EventSource::new().connect(Actor::receive, mailbox).register(&mut bench));
        models.push(actor);
    }
    for (number, (actor, mailbox)) in models.into_iter().zip(mailboxes).enumerate() {
        bench = bench.add_model(actor, mailbox, &format!("actor{number}"));
    }
    let mut simulation = bench.init(MonotonicTime::EPOCH).expect("the models start");
    for start in &starts {
        simulation.process_event(start, 1).expect("a message is received");
    }
    simulation
}

fn fan_out(case: &Case) -> Simulation {
    let mut bench = SimInit::with_num_threads(1);
    let mut source = Source::default();
    for number in 0..case.size {
        let mailbox = Mailbox::new();
        source.output.connect(Subscriber::told, &mailbox);
        bench = bench.add_model(Subscriber::default(), mailbox, &format!("subscriber{number}"));
    }
    let mailbox = Mailbox::new();
    let start = EventSource::new().connect(Source::start, &mailbox).register(&mut bench);
    let model = bench.add_model(source, mailbox, "source");
    let mut simulation = model.init(MonotonicTime::EPOCH).expect("the models start");
    simulation.process_event(&start, 0).expect("the first change is scheduled");
    simulation
}

fn burst() -> Simulation {
    let mailbox = Mailbox::new();
    let mut bench = SimInit::with_num_threads(1);
    let start = EventSource::new().connect(Burst::start, &mailbox).register(&mut bench);
    let model = bench.add_model(Burst::default(), mailbox, "burst");
    let mut simulation = model.init(MonotonicTime::EPOCH).expect("one model starts");
    simulation.process_event(&start, 0).expect("the first burst is scheduled");
    simulation
}
