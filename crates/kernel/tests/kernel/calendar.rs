//! The calendar against an oracle: a flat list, searched from the front, in which everything is worked out anew each step.

use alloc::collections::VecDeque;

use proptest::prelude::*;
use tiebreak_kernel::{
    Attempt, Choice, Context, Handle, Instant, Lane, Name, Names, Order, Place, Recorder, Simulation, Symbol,
    Term, World, instant_key, tie_key,
};

use crate::record::Log;
use crate::stage::{names, settings};

/// One thing done by the event that runs. Times are spans from now; handles are picked among all there ever were.
#[derive(Debug, Clone)]
enum Op {
    Schedule { after: u64, lane: Option<u32>, actor: u32, subject: u64 },
    Cancel(usize),
    Reschedule { pick: usize, after: u64 },
}

fn op() -> impl Strategy<Value = Op> {
    // Half of what is scheduled goes into the open instant.
    (0u32..10, 0u64..10, any::<usize>(), (0u32..4, 0u32..3, 0u64..3)).prop_map(
        |(which, after, pick, (lane, actor, subject))| {
            let after = [0, 0, 0, 0, 0, 1, 1, 2, 3, 17][usize::try_from(after).expect("small")];
            match which {
                0..6 => Op::Schedule { after, lane: (lane < 3).then_some(lane), actor, subject },
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
    actor: Symbol,
    subject: u64,
}

fn name(actor: Symbol, subject: u64) -> Name<u64> {
    Name { actor, kind: Term::new("does"), subject }
}

fn actor(number: u32) -> Symbol {
    names().find(crate::stage::ACTORS[number as usize]).expect("interned")
}

impl World for Tape {
    type Event = Entry;
    type Subject = u64;

    fn name(&self, event: &Entry) -> Name<u64> {
        name(event.actor, event.subject)
    }

    fn fire<R: Recorder<u64>>(&mut self, event: Entry, context: &mut Context<'_, Self, R>) {
        self.ran.push((context.now().as_nanos(), event.id));
        self.turn(context);
    }
}

impl Tape {
    fn turn<R: Recorder<u64>>(&mut self, context: &mut Context<'_, Self, R>) {
        for op in self.turns.pop_front().into_iter().flatten() {
            match op {
                Op::Schedule { after, lane, actor: number, subject } => {
                    let place = lane.map_or(Place::FREE, |lane| Place::lane(Lane::new(lane)));
                    let event = Entry { id: self.handles.len(), actor: actor(number), subject };
                    let at = Instant::from_nanos(context.now().as_nanos() + after);
                    self.handles.push(context.schedule_at(at, event, place).expect("not past"));
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

fn run_kernel(seed: u64, order: Order, turns: &[Vec<Op>]) -> Seen {
    let tape = Tape { turns: turns.iter().cloned().collect(), ..Tape::default() };
    let mut simulation = Simulation::with_recorder(tape, names(), settings(seed, order), Log::default());
    simulation.act(Tape::turn);
    let mut pending = Vec::new();
    loop {
        simulation.check_invariants();
        pending.push(simulation.pending());
        if simulation.step().is_err() {
            break;
        }
    }
    let (tape, _, log) = simulation.into_parts();
    let ran = tape
        .ran
        .into_iter()
        .zip(log.choices)
        .zip(pending)
        .map(|(((at, id), choice), left)| (at, id, choice, left));
    Seen { ran: ran.collect(), attempts: tape.attempts }
}

/// A pending event of the oracle.
#[derive(Debug, Clone)]
struct Pending {
    id: usize,
    due: u64,
    lane: Option<u32>,
    code: u64,
    sequence: u64,
}

/// The key of an event, raised to that of each event before it in its lane that is pending at the same instant.
fn raised_key(event: &Pending, all: &[Pending], seed: u64, order: Order) -> u32 {
    let own = match order {
        Order::Fifo => 0,
        Order::Seeded => tie_key(instant_key(seed, Instant::from_nanos(event.due)), event.code),
    };
    let in_front = all.iter().filter(|other| {
        event.lane.is_some()
            && other.lane == event.lane
            && other.due == event.due
            && other.sequence < event.sequence
    });
    in_front.map(|other| raised_key(other, all, seed, order)).fold(own, u32::max)
}

fn run_oracle(seed: u64, order: Order, turns: &[Vec<Op>]) -> Seen {
    let (mut all, mut result, mut names): (Vec<Pending>, Seen, Names) =
        (Vec::new(), Seen::default(), names());
    let (mut now, mut sequence, mut count, mut turns) = (0, 0, 0, turns.iter());
    let mut lanes_and_codes = Vec::new();
    loop {
        for op in turns.next().into_iter().flatten() {
            sequence += 1;
            match op {
                Op::Schedule { after, lane, actor: number, subject } => {
                    let actor = names.intern(crate::stage::ACTORS[*number as usize]);
                    let code = name(actor, *subject).code(&names);
                    all.push(Pending { id: count, due: now + after, lane: *lane, code, sequence });
                    lanes_and_codes.push((*lane, code));
                    count += 1;
                }
                Op::Cancel(pick) if count > 0 => {
                    let before = all.len();
                    all.retain(|event| event.id != pick % count);
                    result.attempts.push(all.len() < before);
                }
                Op::Reschedule { pick, after } if count > 0 => {
                    let id = pick % count;
                    let before = all.len();
                    all.retain(|event| event.id != id);
                    result.attempts.push(all.len() < before);
                    if all.len() < before {
                        let (lane, code) = lanes_and_codes[id];
                        all.push(Pending { id, due: now + after, lane, code, sequence });
                    }
                }
                Op::Cancel(_) | Op::Reschedule { .. } => {}
            }
        }
        let Some(due) = all.iter().map(|event| event.due).min() else { return result };
        let open: Vec<&Pending> = all.iter().filter(|event| event.due == due).collect();
        let next = open
            .iter()
            .min_by_key(|event| (raised_key(event, &all, seed, order), event.sequence))
            .expect("one");
        let enabled = |event: &&&Pending| {
            !open.iter().any(|other| {
                event.lane.is_some() && other.lane == event.lane && other.sequence < event.sequence
            })
        };
        let of = open.iter().filter(enabled).count();
        let index = open.iter().filter(enabled).filter(|event| event.sequence < next.sequence).count();
        let [index, of] = [index, of].map(|count| u32::try_from(count).expect("few"));
        result.ran.push((due, next.id, (of > 1).then_some(Choice { index, of }), all.len() as u64));
        now = due;
        let id = next.id;
        all.retain(|event| event.id != id);
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
        for order in [Order::Fifo, Order::Seeded] {
            prop_assert_eq!(run_kernel(seed, order, &turns), run_oracle(seed, order, &turns));
        }
    }
}

#[test]
fn a_calendar_of_many_events_runs_as_the_list_says() {
    let op = |n: u64| match tiebreak_kernel::mix(n) % 8 {
        0 => Op::Cancel(usize::try_from(tiebreak_kernel::mix(n + 1) >> 33).expect("31 bits")),
        1 => Op::Reschedule {
            pick: usize::try_from(tiebreak_kernel::mix(n + 1) >> 33).expect("31 bits"),
            after: n % 7,
        },
        lane => Op::Schedule {
            after: n % 41,
            lane: u32::try_from(lane).ok().filter(|lane| *lane < 5),
            actor: 0,
            subject: n,
        },
    };
    let turns: Vec<Vec<Op>> =
        (0..400).map(|turn| (0..2).map(|at| op(1000 * turn + at * 17)).collect()).collect();
    assert_eq!(run_kernel(1, Order::Seeded, &turns), run_oracle(1, Order::Seeded, &turns));
}
