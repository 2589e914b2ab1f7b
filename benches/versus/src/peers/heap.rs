//! The floor: a loop around the standard library's `BinaryHeap`, with neither names, handles, limits nor dispatch. First
//! in, first out. Cancelling marks an entry, which is skipped when it comes up.

use core::cmp::Reverse;
use std::collections::BinaryHeap;

use tiebreak_versus::{Case, Cursor, Meter, Outcome, SECOND, Workload, delays, picks};

use super::{Clock, Fit, Peer, Program, Ties};

pub(super) const PEER: Peer = Peer {
    name: "std-heap",
    package: None,
    ties: Ties::Fifo,
    clock: Clock::Nanoseconds,
    fit: |_| Fit::Runs,
    program: Program::Here(run),
};

fn run(case: &Case) -> Outcome {
    match case.workload {
        Workload::Hold => hold(case),
        Workload::Churn => churn(case),
        Workload::Actors => actors(case),
        Workload::FanOut => fan_out(case),
        Workload::Burst => burst(case),
    }
}

/// Events by instant, then in the order of scheduling.
struct Queue<E> {
    heap: BinaryHeap<Reverse<(u64, u64, E)>>,
    now: u64,
    scheduled: u64,
}

impl<E: Ord> Queue<E> {
    const fn new() -> Self {
        Self { heap: BinaryHeap::new(), now: 0, scheduled: 0 }
    }

    /// Returns the number of the entry.
    #[inline]
    fn schedule(&mut self, delay: u64, event: E) -> u64 {
        self.scheduled += 1;
        self.heap.push(Reverse((self.now + delay, self.scheduled, event)));
        self.scheduled
    }

    #[inline]
    fn pop(&mut self) -> (u64, E) {
        let Reverse((at, number, event)) = self.heap.pop().expect("the workload never runs dry");
        self.now = at;
        (number, event)
    }
}

fn hold(case: &Case) -> Outcome {
    let (delays, mut cursor, mut meter) = (delays(case.distribution), Cursor::default(), Meter::new(case));
    let mut queue = Queue::new();
    for timer in 0..case.size_u64() {
        queue.schedule(delays[cursor.advance()], timer);
    }
    loop {
        let (_, timer) = queue.pop();
        queue.schedule(delays[cursor.advance()], timer);
        if !meter.count(timer) {
            return meter.outcome(queue.now);
        }
    }
}

fn churn(case: &Case) -> Outcome {
    let (delays, mut cursor, mut meter) = (delays(case.distribution), Cursor::default(), Meter::new(case));
    let (picks, mut pick) = (picks(case.size), Cursor::default());
    let mut queue = Queue::new();
    let mut valid: Vec<u64> =
        (0..case.size).map(|timer| queue.schedule(delays[cursor.advance()], timer)).collect();
    loop {
        let (number, timer) = queue.pop();
        if valid[timer] != number {
            continue; // cancelled
        }
        valid[timer] = queue.schedule(delays[cursor.advance()], timer);
        for _ in 0..9 {
            let other = picks[pick.advance()] as usize;
            valid[other] = queue.schedule(delays[cursor.advance()], other);
        }
        if !meter.count(timer as u64) {
            return meter.outcome(queue.now);
        }
    }
}

fn actors(case: &Case) -> Outcome {
    let (delays, mut cursor, mut meter) = (delays(case.distribution), Cursor::default(), Meter::new(case));
    let (picks, mut sums) = (picks(case.size), vec![0; case.size]);
    let mut queue = Queue::new();
    for actor in 0..u32::try_from(case.size).expect("sizes fit in 32 bits") {
        queue.schedule(delays[cursor.advance()], (actor, 1));
    }
    loop {
        let (_, (actor, value)) = queue.pop();
        sums[actor as usize] += value;
        let index = cursor.advance();
        queue.schedule(delays[index], (picks[index], value + 1));
        if !meter.count(value) {
            return meter.outcome(queue.now);
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum News {
    Change(u64),
    Told(u32, u64),
}

fn fan_out(case: &Case) -> Outcome {
    let (mut sums, mut meter) = (vec![0; case.size], Meter::new(case));
    let mut queue = Queue::new();
    queue.schedule(SECOND, News::Change(0));
    loop {
        match queue.pop().1 {
            News::Change(value) => {
                for subscriber in 0..u32::try_from(case.size).expect("sizes fit in 32 bits") {
                    queue.schedule(0, News::Told(subscriber, value));
                }
                queue.schedule(SECOND, News::Change(value + 1));
            }
            News::Told(subscriber, value) => {
                sums[subscriber as usize] += value;
                if !meter.count(value) {
                    return meter.outcome(queue.now);
                }
            }
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Shot {
    Source,
    Tied(u64),
}

fn burst(case: &Case) -> Outcome {
    let mut meter = Meter::new(case);
    let mut queue = Queue::new();
    queue.schedule(SECOND, Shot::Source);
    loop {
        match queue.pop().1 {
            Shot::Source => {
                for number in 0..case.size_u64() {
                    queue.schedule(SECOND, Shot::Tied(number));
                }
                queue.schedule(2 * SECOND, Shot::Source);
            }
            Shot::Tied(number) => {
                if !meter.count(number) {
                    return meter.outcome(queue.now);
                }
            }
        }
    }
}
