//! The event queue against an oracle: a flat list, searched from the front, in which everything is worked out from the
//! definitions of docs/ORDER.md at each step.

use alloc::collections::VecDeque;

use proptest::prelude::*;
use tiebreak_kernel::{
    Attempt, Choice, Context, Handle, Instant, Lane, Name, Names, Order, Phase, Place, Simulation, Term,
    World, fold, instant_key, mix, tie_hash, wait,
};

use crate::record::Log;
use crate::stage::settings;

/// One thing done by the event that runs. Times are spans from now; handles are picked among all there ever were.
#[derive(Debug, Clone)]
enum Op {
    Schedule { after: u64, lane: Option<u32>, actor: u32, subject: u64, phase: u8 },
    Cancel(usize),
    Reschedule { pick: usize, after: u64 },
}

fn op() -> impl Strategy<Value = Op> {
    // Half of what is scheduled goes into the open instant.
    (0u32..10, 0u64..10, any::<usize>(), (0u32..4, 0u32..3, 0u64..3, 0u8..6)).prop_map(
        |(which, after, pick, (lane, actor, subject, phase))| {
            let after = [0, 0, 0, 0, 0, 1, 1, 2, 3, 17][usize::try_from(after).expect("small")];
            match which {
                0..6 => {
                    Op::Schedule { after, lane: (lane < 3).then_some(lane), actor, subject, phase: phase % 4 }
                }
                6 | 7 => Op::Cancel(pick),
                _ => Op::Reschedule { pick, after },
            }
        },
    )
}

/// What can be seen of a run: at which instant which event ran, out of how many, how many were pending then, and what
/// became of each cancellation and rescheduling.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    ran: Vec<(u64, usize, Option<Choice>, u64)>,
    attempts: Vec<bool>,
}

/// The kernel's side: a world that takes what each event does from a tape.
#[derive(Debug, Default)]
struct Tape {
    turns: VecDeque<Vec<Op>>,
    handles: Vec<Handle>,
    ran: Vec<(u64, usize)>,
    attempts: Vec<bool>,
}

#[derive(Debug)]
struct Entry {
    id: usize,
    actor: Term,
    subject: u64,
}

fn name(actor: Term, subject: u64) -> Name<u64> {
    Name::of(actor, Term::new("does"), subject)
}

fn actor(number: u32) -> Term {
    crate::stage::ACTORS[number as usize]
}

impl World for Tape {
    type Event = Entry;
    type Subject = u64;

    fn name(&self, event: &Entry) -> Name<u64> {
        name(event.actor, event.subject)
    }

    fn handle(&mut self, event: Entry, context: &mut Context<'_, Entry, u64>) {
        self.ran.push((context.now().as_nanos(), event.id));
        self.turn(context);
    }
}

impl Tape {
    fn turn(&mut self, context: &mut Context<'_, Entry, u64>) {
        for op in self.turns.pop_front().into_iter().flatten() {
            match op {
                Op::Schedule { after, lane, actor: number, subject, phase } => {
                    let place = lane.map_or(Place::FREE, |lane| Place::lane(Lane::new(lane)));
                    let place = place.phase(Phase::new(phase_of(lane, phase), "drawn"));
                    let event = Entry { id: self.handles.len(), actor: actor(number), subject };
                    let at = Instant::from_nanos(context.now().as_nanos() + after);
                    self.handles.push(context.on(place).schedule_at(at, event).expect("not past"));
                }
                Op::Cancel(pick) if !self.handles.is_empty() => {
                    let id = pick % self.handles.len();
                    let cancelled = context.cancel(self.handles[id]);
                    assert!(cancelled.as_ref().is_none_or(|event| event.id == id), "another event's death");
                    self.attempts.push(cancelled.is_some());
                }
                Op::Reschedule { pick, after } if !self.handles.is_empty() => {
                    let handle = self.handles[pick % self.handles.len()];
                    let at = Instant::from_nanos(context.now().as_nanos() + after);
                    self.attempts.push(context.reschedule_at(handle, at).expect("not past") == Attempt::Done);
                }
                Op::Cancel(_) | Op::Reschedule { .. } => {}
            }
        }
    }
}

/// A lane lies in one phase, the last one in a late one; most free events are in the usual phase.
fn phase_of(lane: Option<u32>, drawn: u8) -> u8 {
    match lane {
        Some(lane) => u8::from(lane == 2),
        None => drawn.saturating_sub(1),
    }
}

fn run_kernel(seed: u64, order: Order, turns: &[Vec<Op>]) -> Seen {
    let tape = Tape { turns: turns.iter().cloned().collect(), ..Tape::default() };
    let mut simulation = Simulation::new(tape, settings(seed, order)).with_recorder(Log::default());
    simulation.act(Tape::turn);
    let mut pending = Vec::new();
    loop {
        simulation.check_invariants();
        pending.push(simulation.pending());
        if simulation.step().is_break() {
            break;
        }
    }
    let (tape, _, log) = simulation.into_parts();
    let ran = tape.ran.into_iter().zip(log.choices).zip(pending).map(|(((at, id), choice), left)| {
        (at, id, choice.map(|choice| Choice { is_twin: false, ..choice }), left)
    });
    Seen { ran: ran.collect(), attempts: tape.attempts }
}

/// A pending event of the oracle.
#[derive(Debug, Clone)]
struct Pending {
    id: usize,
    due: u64,
    lane: Option<u32>,
    phase: u8,
    name: Name<u64>,
    sequence: u64,
    generation: u64,
    /// Who holds nothing back any more: moment, generation and turn of what it enables. `None` while it waits.
    enabler: Option<Enabler>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Enabler {
    moment: u64,
    generation: u64,
    next_turn: u32,
}

/// Everything that decides, worked out from the definitions each time it is asked for.
fn key(event: &Pending, enabler: Enabler, seed: u64, order: Order) -> (u8, u64, u64, u64, u64) {
    let shared = instant_key(seed, Instant::from_nanos(event.due));
    let names = Names::default();
    let h = tie_hash(shared, enabler.next_turn, event.name.code(&names));
    let pair = fold(names.code(event.name.actor), event.name.kind.code());
    let of_run = fold(mix(seed), 0x51_0E);
    let slowness = if of_run & 1 == 0 { of_run } else { fold(shared, 0x51_01) };
    let factor = if fold(slowness, pair) % 16 < 5 { 128 } else { 1 };
    let waits = wait(h) * factor;
    let generation = event.generation;
    match order {
        Order::Seeded => {
            (event.phase, generation / 16, enabler.moment.saturating_add(waits), generation % 16, h)
        }
        Order::Rounds => {
            let base = if enabler.generation == generation { enabler.moment } else { 0 };
            (event.phase, generation, base.saturating_add(waits), 0, h)
        }
        Order::Fifo | _ => (event.phase, 0, 0, 0, 0),
    }
}

/// Enables whoever nothing holds back any more.
fn enable(all: &mut [Pending], due: u64, enabler: Enabler) {
    for at in 0..all.len() {
        let event = &all[at];
        let is_held = all.iter().any(|other| {
            event.lane.is_some()
                && other.lane == event.lane
                && other.due == due
                && other.sequence < event.sequence
        });
        if event.due == due && event.enabler.is_none() && !is_held {
            all[at].enabler = Some(enabler);
        }
    }
}

fn run_oracle(seed: u64, order: Order, turns: &[Vec<Op>]) -> Seen {
    let (mut all, mut result): (Vec<Pending>, Seen) = (Vec::new(), Seen::default());
    let (mut now, mut is_open, mut sequence, mut turns) = (0, false, 0, turns.iter());
    let (mut everyone, mut enabler): (Vec<Pending>, Enabler) = (Vec::new(), Enabler::default());
    loop {
        for op in turns.next().into_iter().flatten() {
            sequence += 1;
            let generation = |due| if is_open && due == now { enabler.generation + 1 } else { 0 };
            match op {
                Op::Schedule { after, lane, actor: number, subject, phase } => {
                    let (due, id) = (now + after, everyone.len());
                    let event = Pending {
                        id,
                        due,
                        lane: *lane,
                        phase: phase_of(*lane, *phase),
                        name: name(actor(*number), *subject),
                        sequence,
                        generation: generation(due),
                        enabler: None,
                    };
                    everyone.push(event.clone());
                    all.push(event);
                }
                Op::Cancel(pick) if !everyone.is_empty() => {
                    let before = all.len();
                    all.retain(|event| event.id != pick % everyone.len());
                    result.attempts.push(all.len() < before);
                }
                Op::Reschedule { pick, after } if !everyone.is_empty() => {
                    let id = pick % everyone.len();
                    let before = all.len();
                    all.retain(|event| event.id != id);
                    result.attempts.push(all.len() < before);
                    if all.len() < before {
                        let due = now + after;
                        let event = everyone[id].clone();
                        all.push(Pending {
                            due,
                            sequence,
                            generation: generation(due),
                            enabler: None,
                            ..event
                        });
                    }
                }
                Op::Cancel(_) | Op::Reschedule { .. } => {}
            }
        }
        let Some(due) = all.iter().map(|event| event.due).min() else { return result };
        if !is_open || due > now {
            (now, is_open, enabler) = (due, true, Enabler::default());
        }
        enable(&mut all, due, enabler);
        let open: Vec<&Pending> = all.iter().filter(|event| event.due == due).collect();
        let able: Vec<_> = open
            .iter()
            .filter_map(|event| event.enabler.map(|enabler| (key(event, enabler, seed, order), event)))
            .collect();
        let (first, next) =
            able.iter().min_by_key(|(key, event)| (*key, event.sequence)).expect("a lane has a head");
        let group = |key: &(u8, u64, u64, u64, u64)| (key.0, key.1);
        let rivals: Vec<_> = able.iter().filter(|(key, _)| group(key) == group(first)).collect();
        let index = rivals.iter().filter(|(_, event)| event.sequence < next.sequence).count();
        let [index, of] = [index, rivals.len()].map(|count| u32::try_from(count).expect("few"));
        let choice = (of > 1).then_some(Choice { index, of, is_twin: false });
        result.ran.push((due, next.id, choice, all.len() as u64));
        let next_turn = next.enabler.expect("enabled").next_turn + 1;
        enabler = Enabler { moment: first.2, generation: next.generation, next_turn };
        let id = next.id;
        all.retain(|event| event.id != id);
        enable(&mut all, due, enabler);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn events_run_as_a_list_searched_from_the_front_says(
        seed in 0u64..1000,
        first in prop::collection::vec(op(), 4..20),
        rest in prop::collection::vec(prop::collection::vec(op(), 0..4), 0..60),
    ) {
        let turns: Vec<Vec<Op>> = core::iter::once(first).chain(rest).collect();
        for order in Order::ALL {
            prop_assert_eq!(run_kernel(seed, order, &turns), run_oracle(seed, order, &turns));
        }
    }
}

#[test]
fn a_calendar_of_many_events_runs_as_the_list_says() {
    let op = |n: u64| match mix(n) % 8 {
        0 => Op::Cancel(usize::try_from(mix(n + 1) >> 33).expect("31 bits")),
        1 => Op::Reschedule { pick: usize::try_from(mix(n + 1) >> 33).expect("31 bits"), after: n % 7 },
        lane => Op::Schedule {
            after: n % 41,
            lane: u32::try_from(lane).ok().filter(|lane| *lane < 5),
            actor: 0,
            subject: n,
            phase: 0,
        },
    };
    let turns: Vec<Vec<Op>> =
        (0..400).map(|turn| (0..2).map(|at| op(1000 * turn + at * 17)).collect()).collect();
    for order in Order::ALL {
        assert_eq!(run_kernel(1, order, &turns), run_oracle(1, order, &turns));
    }
}
