use super::*;
use crate::mix::mix;
use crate::record::Choice;
use alloc::vec;

const FREE: Place = Place::FREE;

fn at(nanos: u64) -> Instant {
    Instant::from_nanos(nanos)
}

fn queue(order: Order) -> EventQueue<u64> {
    EventQueue::new(order, 1, Keeping::Causes)
}

/// What is kept in debug builds, in release builds, and for records.
const KEPT: [Keeping; 3] = [Keeping::Names, Keeping::Nothing, Keeping::Causes];

/// Few names, so that some are equal.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the queue hands events out by reference")]
fn codes(event: &u64) -> NameCodes {
    NameCodes { actor_kind: mix(event % 3), name: mix(event % 11) }
}

impl EventQueue<u64> {
    fn add(&mut self, nanos: u64, event: u64) -> Handle {
        self.schedule(at(nanos), event, FREE, Cause::default()).expect("not past")
    }

    fn next(&mut self) -> Option<Taken<u64>> {
        self.take(codes)
    }

    /// Ends a dispatch.
    fn finish(&mut self) {
        self.settle();
        if self.has_fresh() {
            self.merge_fresh(codes);
        }
    }
}

/// A queue and what can be seen of it.
struct Seen {
    queue: EventQueue<u64>,
    handles: Vec<Handle>,
    /// Instant, event and choice of what ran; of what was cancelled or moved whether it was there.
    log: Vec<(u64, u64, Option<Choice>)>,
}

impl Seen {
    fn new(order: Order, sequence: u32, keeping: Keeping) -> Self {
        let queue = EventQueue { sequence, ..EventQueue::new(order, 1, keeping) };
        Self { queue, handles: Vec::new(), log: Vec::new() }
    }

    /// Does one of a few things, drawn from a number.
    fn act(&mut self, drawn: u64) {
        let pick = usize::try_from(mix(drawn) >> 40).expect("24 bits");
        let after = [0, 0, 0, 1, 2, 7][usize::try_from(drawn % 6).expect("small")];
        let due = at(self.queue.now().as_nanos() + after);
        let handle = self.handles.get(pick % self.handles.len().max(1)).copied();
        match (mix(drawn ^ 1) % 10, handle) {
            (0, Some(handle)) => {
                let cancelled = self.queue.cancel(handle);
                self.log.push((0, cancelled.unwrap_or(u64::MAX), None));
            }
            (1 | 2, Some(handle)) => {
                let attempt = self.queue.reschedule(handle, due, Cause::default()).expect("not past");
                self.log.push((1, u64::from(attempt == Attempt::Done), None));
            }
            (which, _) => {
                let lane = u32::try_from(which % 5).expect("small");
                let place = if lane < 2 { Place::lane(Lane::new(lane)) } else { FREE };
                let event = self.handles.len() as u64;
                self.handles
                    .push(self.queue.schedule(due, event, place, Cause::default()).expect("not past"));
            }
        }
    }

    fn step(&mut self) {
        if let Some(taken) = self.queue.next() {
            self.log.push((self.queue.now().as_nanos(), taken.event, taken.noted.choice));
        }
    }
}

#[test]
fn counting_sequences_from_the_beginning_again_changes_no_order() {
    for (order, keeping) in Order::ALL.into_iter().flat_map(|order| KEPT.map(|keeping| (order, keeping))) {
        for seed in 0..15 {
            let (mut plain, mut late) = (
                Seen::new(order, 0, keeping),
                Seen::new(order, u32::MAX - u32::try_from(seed * 11).expect("small"), keeping),
            );
            for turn in 0..400 {
                for seen in [&mut plain, &mut late] {
                    seen.step();
                    // More is scheduled than run, then less, so that many and few events are pending.
                    let acts = if turn % 80 < 40 { 3 } else { mix(turn) % 2 };
                    (0..acts).for_each(|act| seen.act(mix(seed << 32 | turn << 8 | act)));
                    seen.queue.finish();
                    seen.queue.check_invariants();
                }
                assert_eq!(plain.log, late.log, "{order}, seed {seed}, turn {turn}");
            }
            assert!(late.queue.sequence < 4000, "it did count anew: {}", late.queue.sequence);
        }
    }
}

#[test]
fn a_cancelled_twin_makes_no_choice_one_between_twins() {
    let mut choices = 0;
    for seed in 0..200 {
        let mut queue = EventQueue::new(Order::Seeded, seed, Keeping::Causes);
        let twins = [2, 1, 11, 11, 11].map(|event| (event, queue.add(5, event)));
        let first = queue.next().expect("five are due").event;
        queue.finish();
        if first == 11 {
            continue;
        }
        twins[3..].iter().for_each(|(_, handle)| assert!(queue.cancel(*handle).is_some()));
        while let Some(taken) = queue.next() {
            queue.finish();
            choices += u32::from(taken.noted.choice.is_some());
            assert!(taken.noted.choice.is_none_or(|choice| !choice.is_twin), "seed {seed}: {taken:?}");
        }
    }
    assert!(choices > 10, "{choices}");
}

#[test]
fn what_is_due_next_is_known_in_the_order_of_scheduling() {
    let mut queue = queue(Order::Seeded);
    let lane = Lane::new(7);
    let due = |queue: &EventQueue<u64>| -> Vec<(u64, Option<Lane>)> {
        queue.due_events().iter().map(|due| (*due.event, due.lane)).collect()
    };
    assert_eq!(due(&queue), []);
    queue.add(20, 1);
    queue.schedule(at(10), 2, Place::lane(lane), Cause::default()).expect("not past");
    queue.add(10, 3);
    let gone = queue.add(10, 4);
    queue.schedule(at(10), 5, Place::lane(lane), Cause::default()).expect("not past");
    queue.cancel(gone);
    assert_eq!(due(&queue), [(2, Some(lane)), (3, None), (5, Some(lane))]);
    let first = queue.next().expect("three are due").event;
    let left: Vec<u64> = [2, 3, 5].into_iter().filter(|event| *event != first).collect();
    assert_eq!(
        due(&queue).iter().map(|(event, _)| *event).collect::<Vec<_>>(),
        left,
        "also of an open instant"
    );
}

#[test]
fn the_event_that_is_next_is_known_while_others_are_cancelled() {
    for seed in 0..50 {
        let mut queue = EventQueue::new(Order::Seeded, seed, Keeping::Nothing);
        let mut handles: Vec<Handle> = (0..100).map(|event| queue.add(5, event)).collect();
        assert!(queue.next().is_some());
        for event in 100..140 {
            handles.push(queue.add(5, event));
            queue.finish();
        }
        for handle in handles.iter().step_by(2) {
            queue.cancel(*handle);
        }
        while queue.pending() > 0 {
            let next = queue.next_event().map(|(event, _)| *event);
            assert!(next.is_some(), "seed {seed}");
            assert_eq!(queue.next().map(|taken| taken.event), next, "seed {seed}");
            queue.finish();
        }
    }
}

#[test]
fn counting_anew_works_with_nothing_pending() {
    let mut queue = EventQueue { sequence: u32::MAX, ..queue(Order::Seeded) };
    queue.add(3, 7);
    assert_eq!((queue.sequence, queue.next().map(|taken| taken.event)), (1, Some(7)));
}

#[test]
fn counting_anew_works_after_slots_of_the_open_instant_were_given_back() {
    let mut queue = queue(Order::Seeded);
    let handles: Vec<Handle> = (0..10_000).map(|event| queue.add(5, event)).collect();
    assert!(queue.next().is_some());
    handles.iter().rev().take(9_000).for_each(|handle| {
        let _ = queue.cancel(*handle);
    });
    queue.finish();
    assert!(queue.slots.len() < 5_000);
    queue.sequence = u32::MAX;
    queue.add(5, 1);
    queue.finish();
    queue.check_invariants();
    assert!(queue.sequence < 2_000);
}

#[test]
fn fresh_events_that_are_cancelled_by_the_thousand_leave_nothing() {
    for is_backwards in [false, true] {
        let mut queue = queue(Order::Seeded);
        queue.add(5, 0);
        assert!(queue.next().is_some());
        // The first stays, in a low slot, so that high ones can be given back.
        let handles: Vec<Handle> = (0..20_000).map(|event| queue.add(5, event)).collect();
        let mut cancelled = handles[1..].to_vec();
        if is_backwards {
            cancelled.reverse();
        }
        for handle in cancelled {
            assert!(queue.cancel(handle).is_some());
            assert_eq!(queue.next_instant(), Some(at(5)));
        }
        queue.finish();
        queue.check_invariants();
        assert_eq!((queue.next().map(|taken| taken.event), queue.next().is_none()), (Some(0), true));
    }
}

#[test]
fn memory_is_given_back_after_a_burst_and_old_handles_stay_dead() {
    let mut queue = queue(Order::Seeded);
    let survivor = queue.add(1_000_000, 77);
    let old: Vec<Handle> = (0..100_000).map(|event| queue.add(event, event)).collect();
    assert!(queue.slots.len() > 100_000);
    for handle in &old {
        assert!(queue.cancel(*handle).is_some());
    }
    assert!(queue.slots.capacity() < 10_000, "{} slots", queue.slots.capacity());
    queue.check_invariants();
    // Others take the places of the old ones, and of more lives than one.
    let new: Vec<Handle> = (0..100_000).map(|event| queue.add(event, event)).collect();
    assert!(old.iter().all(|handle| queue.due(*handle).is_none() && queue.cancel(*handle).is_none()));
    assert!(new.iter().all(|handle| queue.due(*handle).is_some()));
    assert_eq!((queue.due(survivor), queue.pending()), (Some(at(1_000_000)), 100_001));
    queue.check_invariants();
}

#[test]
fn moving_an_event_again_and_again_costs_no_memory() {
    let mut queue = queue(Order::Seeded);
    let moved: Vec<Handle> = (0..10).map(|event| queue.add(5, event)).collect();
    queue.add(5, 10);
    assert!(queue.next().is_some());
    // Within one event: into the open instant, out of it and back.
    for round in 0..10_000u64 {
        for handle in &moved {
            let _ = queue.reschedule(*handle, at(5 + round % 2), Cause::default()).expect("not past");
        }
        assert!(queue.fresh.len() <= 3 * (moved.len() + STALE_MAX), "{}", queue.fresh.len());
    }
    // Within one instant, and from the outside.
    for round in 0..10_000u64 {
        for handle in &moved {
            let _ = queue.reschedule(*handle, at(5 + round % 2), Cause::default()).expect("not past");
        }
        queue.finish();
        assert!(queue.open.entries() <= 200, "{}", queue.open.entries());
    }
    queue.check_invariants();
    assert!(queue.fresh.capacity() < 2_000 && queue.stale == 0);
}

#[test]
fn a_cause_is_found_again_beyond_four_billion_dispatches() {
    let mut queue = queue(Order::Fifo);
    for (dispatched, cause) in
        [(1u64 << 32, (1u64 << 32) - 5), ((7 << 32) + 3, (7 << 32) - 9), (3, 0), (9, 9)]
    {
        queue.dispatched = dispatched;
        let due = at(queue.now().as_nanos() + 1);
        queue.schedule(due, 0, FREE, Cause { ordinal: cause, code: 0 }).expect("not past");
        assert_eq!(queue.next_event().map(|(_, cause)| cause), Some(cause));
        assert_eq!(queue.next().map(|taken| taken.origin.ordinal(dispatched)), Some(cause));
        queue.finish();
    }
}

#[test]
fn work_is_counted_wherever_it_is() {
    let mut queue = queue(Order::Rounds);
    let background = FREE.background();
    let handle = queue.add(5, 0);
    let timer = queue.schedule(at(5), 1, background, Cause::default()).expect("not past");
    let ticks = queue.add(5, 2);
    queue.set_period(ticks, Span::from_nanos(3), u64::clone);
    let count = |queue: &mut EventQueue<u64>, at_nanos: u64, expected: u64| {
        let _ = queue.reschedule(handle, at(at_nanos), Cause::default()).expect("not past");
        let _ = queue.reschedule(timer, at(at_nanos), Cause::default()).expect("not past");
        assert_eq!(queue.primary(), expected, "at {at_nanos}");
    };
    count(&mut queue, 9, 2);
    count(&mut queue, u64::MAX, 1);
    count(&mut queue, u64::MAX, 1);
    count(&mut queue, 7, 2);
    let taken = queue.next().expect("it is due");
    assert_eq!((taken.event, taken.periodic, queue.primary()), (2, Some(ticks.slot), 1));
    queue.repeat(ticks.slot, Cause::default());
    assert_eq!((queue.primary(), queue.due(ticks)), (2, Some(at(8))));
    count(&mut queue, 5, 2);
    queue.finish();
    queue.check_invariants();
    count(&mut queue, 6, 2);
    assert_eq!(queue.cancel(ticks), Some(2));
    assert_eq!((queue.cancel(handle), queue.primary()), (Some(0), 0));
    assert_eq!((queue.cancel(timer), queue.primary(), queue.pending()), (Some(1), 0, 0));
    queue.finish();
    queue.check_invariants();
    assert_eq!(vec![queue.next_instant()], [None]);
}

/// A calendar of many events beside an ordered map, under `fifo`: the order is that of instants and of scheduling.
struct Crowd {
    queue: EventQueue<u64>,
    oracle: BTreeMap<(Instant, u64), u64>,
    /// Of each event its handle, and where the oracle has it.
    known: Vec<(Handle, Instant, u64)>,
    scheduled: u64,
}

impl Crowd {
    fn due(&self, drawn: u64) -> Instant {
        let spread = mix(drawn ^ 2);
        let after = match drawn % 8 {
            0 => 0,
            1 | 2 => spread % 10,
            3 => spread % 1000 * 1000,
            4 | 5 => spread % 1_000_000,
            6 => spread >> (4 + spread % 60),
            _ => 1_000_000 + spread % 3,
        };
        self.queue.now().saturating_add(Span::from_nanos(after))
    }

    fn add(&mut self, drawn: u64) {
        let (due, event) = (self.due(drawn), self.known.len() as u64);
        let handle = self.queue.schedule(due, event, FREE, Cause::default()).expect("not past");
        self.scheduled += 1;
        self.known.push((handle, due, self.scheduled));
        self.oracle.insert((due, self.scheduled), event);
    }

    /// Cancels one of the latest events, or of all.
    fn cancel(&mut self, drawn: u64) {
        if let Some(event) = self.pick(drawn) {
            let (handle, due, sequence) = self.known[event];
            assert_eq!(self.queue.cancel(handle), self.oracle.remove(&(due, sequence)));
        }
    }

    fn pick(&self, drawn: u64) -> Option<usize> {
        let among = if drawn % 2 == 0 { self.known.len() } else { self.known.len().min(5_000) };
        let back = usize::try_from(mix(drawn) >> 20).unwrap_or(0).checked_rem(among)?;
        Some(self.known.len() - 1 - back)
    }

    /// Moves one of the latest events, or of all.
    fn shift(&mut self, drawn: u64) {
        let Some(event) = self.pick(drawn) else { return };
        let (handle, due, sequence) = self.known[event];
        let was = self.oracle.remove(&(due, sequence));
        let next = self.due(mix(drawn ^ 5));
        let attempt = self.queue.reschedule(handle, next, Cause::default()).expect("not past");
        assert_eq!(attempt == Attempt::Done, was.is_some());
        if attempt == Attempt::Done {
            self.scheduled += 1;
            self.known[event] = (handle, next, self.scheduled);
            self.oracle.insert((next, self.scheduled), event as u64);
        }
    }

    fn step(&mut self) {
        self.queue.finish();
        let next = self.queue.next().map(|taken| (self.queue.now(), taken.event));
        assert_eq!(next, self.oracle.pop_first().map(|((due, _), event)| (due, event)));
    }
}

#[test]
fn a_crowd_of_events_runs_as_an_ordered_map_says() {
    for seed in 0..4u64 {
        let mut crowd =
            Crowd { queue: queue(Order::Fifo), oracle: BTreeMap::new(), known: Vec::new(), scheduled: 0 };
        // Grow, hold, cancel nearly all, grow, hold with few cancelled, run down, and once more with few events.
        let shares: [[u64; 4]; 8] = [
            [90, 5, 3, 2],
            [34, 16, 16, 34],
            [5, 85, 5, 5],
            [85, 1, 4, 10],
            [48, 2, 2, 48],
            [5, 2, 3, 90],
            [40, 10, 10, 40],
            [45, 5, 5, 45],
        ];
        for (phase, shares) in (0..).zip(shares) {
            for turn in 0..12_000u64 {
                let drawn = mix(seed << 48 | phase << 32 | turn);
                let share = drawn % 100;
                if share < shares[0] {
                    crowd.add(mix(drawn));
                } else if share < shares[0] + shares[1] {
                    crowd.cancel(mix(drawn));
                } else if share < shares[0] + shares[1] + shares[2] {
                    crowd.shift(mix(drawn));
                } else {
                    crowd.step();
                }
                assert_eq!(crowd.queue.pending(), crowd.oracle.len() as u64);
                if turn % 4_000 == 0 {
                    crowd.queue.finish();
                    crowd.queue.check_invariants();
                }
                if turn == 6_000 {
                    crowd.queue = crowd.queue.clone();
                }
            }
        }
        while !crowd.oracle.is_empty() {
            crowd.step();
        }
        crowd.step();
        crowd.queue.finish();
        crowd.queue.check_invariants();
    }
}
