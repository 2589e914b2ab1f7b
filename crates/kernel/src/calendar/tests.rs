use super::*;
use crate::mix::mix;
use alloc::collections::{BTreeSet, BinaryHeap};
use alloc::vec;
use core::cmp::Reverse;
use proptest::prelude::*;

/// Takes out all that is due at the first instant, in order.
fn pop_instant(calendar: &mut Calendar) -> Vec<(Instant, u32)> {
    let mut taken = Vec::new();
    let instant = calendar.first().map(Due::instant);
    while instant.is_some() && calendar.first().map(Due::instant) == instant {
        let due = calendar.pop_chain().expect("something is in");
        let chain = core::iter::successors(Some(due.slot()), |slot| calendar.after(*slot));
        taken.extend(chain.map(|slot| (due.instant(), slot)));
    }
    taken
}

/// A calendar, and a sorted list that says what it should hold.
#[derive(Default)]
struct Pair {
    calendar: Calendar,
    oracle: BTreeSet<(Instant, u32, u32)>,
    by_slot: Vec<Option<(Instant, u32, u32)>>,
    sequence: u32,
    /// Nothing is scheduled for this instant or an earlier one any more.
    opened: Option<Instant>,
}

impl Pair {
    fn push(&mut self, slot: u32, after: u64) {
        self.sequence += 1;
        let from = self.opened.map_or(0, |at| at.as_nanos() + 1);
        let entry = (Instant::from_nanos(from.saturating_add(after)), self.sequence, slot);
        self.calendar.push(Due::new(entry.0, entry.1, entry.2));
        self.oracle.insert(entry);
        let slot = slot as usize;
        if self.by_slot.len() <= slot {
            self.by_slot.resize(slot + 1, None);
        }
        self.by_slot[slot] = Some(entry);
    }

    fn is_in(&self, slot: u32) -> bool {
        self.by_slot.get(slot as usize).is_some_and(Option::is_some)
    }

    fn remove(&mut self, slot: u32) {
        let entry = self.by_slot[slot as usize].take().expect("it is in");
        self.calendar.remove(slot, entry.0);
        self.oracle.remove(&entry);
    }

    /// Takes the first instant out of both, as the queue does.
    fn open(&mut self) {
        let Some((instant, ..)) = self.oracle.first().copied() else {
            assert_eq!((self.calendar.pop_lone(), self.calendar.pop_chain()), (None, None));
            return;
        };
        let mut expected = Vec::new();
        while self.oracle.first().is_some_and(|entry| entry.0 == instant) {
            expected.extend(self.oracle.pop_first().map(|(at, _, slot)| (at, slot)));
        }
        let lone = self.calendar.pop_lone();
        assert_eq!(lone.is_some(), expected.len() == 1, "a lone event is known as one");
        let taken =
            lone.map_or_else(|| pop_instant(&mut self.calendar), |due| vec![(due.instant(), due.slot())]);
        assert_eq!(taken, expected);
        for (_, slot) in taken {
            self.by_slot[slot as usize] = None;
        }
        self.opened = Some(instant);
    }

    fn check(&self) {
        assert_eq!(self.calendar.first().map(Due::instant), self.oracle.first().map(|entry| entry.0));
        assert_eq!(self.calendar.slots().count(), self.oracle.len());
        self.calendar.check_invariants();
    }
}

proptest! {
    /// Slots and instants are drawn; a slot that is in comes out, one that is not goes in, and now and then the first
    /// instant is taken instead.
    #[test]
    fn it_holds_what_a_sorted_list_holds(steps in prop::collection::vec((0u32..60, 0u64..4, 0u64..12), 0..600)) {
        let mut pair = Pair::default();
        for (slot, action, after) in steps {
            match action {
                0 if slot % 3 == 0 => pair.open(),
                _ if pair.is_in(slot) => pair.remove(slot),
                _ => pair.push(slot, after),
            }
            pair.check();
        }
    }
}

/// How far ahead events are scheduled.
fn ahead(distribution: u64, drawn: u64) -> u64 {
    match distribution {
        0 => 1_000, // constant
        1 => {
            if drawn % 10 == 0 {
                drawn % 1_000_000_000
            } else {
                drawn % 1_000
            }
        } // bimodal
        2 => drawn % (1 << 60), // centuries
        3 => drawn % 50, // ties
        _ => 1 << (drawn % 50), // all scales
    }
}

#[test]
fn large_and_small_it_holds_what_a_sorted_list_holds_whatever_is_scheduled() {
    for distribution in 0..5 {
        for cancelled_of_ten in [0, 5, 9] {
            let (mut pair, mut slots, mut was_large) = (Pair::default(), 0..20_000u32, false);
            for step in 0..60_000u64 {
                let drawn = mix(step ^ distribution << 40);
                // It grows, stays, and shrinks.
                let is_growing = if step < 15_000 { true } else { step < 40_000 && drawn % 2 == 0 };
                let slot = u32::try_from(drawn % 20_000).expect("small");
                if is_growing {
                    let free = slots.next().unwrap_or(slot);
                    if !pair.is_in(free) {
                        pair.push(free, ahead(distribution, drawn >> 8));
                    }
                } else if (drawn >> 4) % 10 < cancelled_of_ten && pair.is_in(slot) {
                    pair.remove(slot);
                } else if step % 4 == 0 {
                    pair.open();
                }
                was_large |= pair.calendar.is_large;
                if step % 3_000 == 0 {
                    pair.check();
                }
            }
            // At one distance one entry stands for many events.
            assert_eq!(was_large, distribution != 0, "{distribution} {cancelled_of_ten}");
            while !pair.oracle.is_empty() {
                pair.open();
            }
            pair.check();
            assert!(!pair.calendar.is_large);
        }
    }
}

#[test]
fn strictly_falling_instants_come_out_rising() {
    let (mut calendar, mut oracle) = (Calendar::default(), BinaryHeap::new());
    for slot in 0..50_000u32 {
        let at = Instant::from_nanos(1_000_000 - u64::from(slot));
        calendar.push(Due::new(at, slot + 1, slot));
        oracle.push(Reverse((at, slot)));
    }
    while let Some(Reverse((at, slot))) = oracle.pop() {
        assert_eq!(calendar.pop_lone().map(|due| (due.instant(), due.slot())), Some((at, slot)));
        calendar.settle();
    }
    assert_eq!(calendar.first(), None);
}

#[test]
fn a_burst_of_a_hundred_thousand_comes_out_in_the_order_of_scheduling() {
    let mut pair = Pair::default();
    for slot in 0..100_000 {
        pair.push(slot, 9);
    }
    pair.remove(0);
    pair.remove(99_999);
    pair.remove(50_000);
    pair.check();
    assert!(!pair.calendar.is_large, "it is one entry");
    pair.open();
    pair.check();
}

#[test]
fn a_calendar_in_which_most_is_cancelled_stays_a_heap() {
    let mut pair = Pair::default();
    for slot in 0..4_000 {
        pair.push(slot, 1 << 40 | mix(u64::from(slot)) >> 30);
    }
    for step in 0..40_000u64 {
        let slot = u32::try_from(mix(step) % 8_000).expect("small");
        if pair.is_in(slot) {
            pair.remove(slot);
        }
        pair.push(slot, 1 << 40 | mix(step) >> 30);
    }
    assert!(pair.oracle.len() > 7_000 && !pair.calendar.is_large);
    pair.check();
}

#[test]
fn a_calendar_in_which_most_is_cancelled_becomes_a_heap_again() {
    let mut pair = Pair::default();
    for slot in 0..8_000 {
        pair.push(slot, mix(u64::from(slot)) >> 30);
    }
    assert!(pair.calendar.is_large, "nothing was cancelled yet");
    for step in 0..20_000u64 {
        let slot = u32::try_from(mix(step) % 8_000).expect("small");
        if pair.is_in(slot) {
            pair.remove(slot);
        }
        pair.push(slot, mix(step) >> 30);
    }
    assert!(!pair.calendar.is_large);
    pair.check();
}

#[test]
fn a_fork_goes_its_own_way() {
    let mut pair = Pair::default();
    for slot in 0..10_000 {
        pair.push(slot, mix(u64::from(slot)) % 100_000);
    }
    assert!(pair.calendar.is_large);
    let mut fork = pair.calendar.clone();
    let all: Vec<_> = core::iter::from_fn(|| Some(pop_instant(&mut fork)).filter(|taken| !taken.is_empty()))
        .flatten()
        .collect();
    assert_eq!(all, pair.oracle.iter().map(|(at, _, slot)| (*at, *slot)).collect::<Vec<_>>());
    pair.check();
}

#[test]
fn memory_follows_what_is_in_it() {
    let bytes = |calendar: &Calendar| calendar.heap.capacity() + calendar.radix.capacity();
    for spread in [1, 1 << 40] {
        let mut pair = Pair::default();
        for slot in 0..100_000u32 {
            pair.push(slot, mix(u64::from(slot)) % (spread * 1_000_000));
            let entries = pair.calendar.radix.live();
            assert!(entries < 5_000 || bytes(&pair.calendar) * 4 <= entries * 5 + 4_096, "{slot}");
        }
        for step in 0..300_000u64 {
            let slot = u32::try_from(mix(step) % 100_000).expect("small");
            if pair.is_in(slot) {
                pair.remove(slot);
            }
            pair.push(slot, mix(step) % (spread * 1_000_000));
        }
        let entries = pair.calendar.heap.len().max(pair.calendar.radix.live());
        assert!(bytes(&pair.calendar) <= 3 * entries, "{} for {entries}", bytes(&pair.calendar));
        while !pair.oracle.is_empty() {
            pair.open();
        }
        assert!(bytes(&pair.calendar) <= 10_000, "{}", bytes(&pair.calendar));
    }
}

/// A delay up to two seconds.
fn even(step: u64) -> u64 {
    mix(step) % 2_000_000_000
}

/// A short delay, or in one of ten cases a long one.
fn bimodal(step: u64) -> u64 {
    let random = mix(step);
    if random % 10 < 9 { random % 100_000_000 } else { 9_000_000_000 + random % 1_000_000_000 }
}

#[test]
fn entries_in_buckets_take_few_bytes_also_where_the_calendar_has_just_become_large() {
    for (len, bytes_max) in [(4_100_u32, 36), (16_000, 25), (64_000, 21)] {
        for delay in [even, bimodal] {
            let mut calendar = Calendar::default();
            for slot in 0..len {
                calendar.push(Due::new(Instant::from_nanos(delay(slot.into())), slot, slot));
            }
            assert!(calendar.is_large);
            let mut most = 0;
            for sequence in len..len * 30 {
                let first = calendar.pop_lone().or_else(|| calendar.pop_chain()).expect("it is full");
                let at = first.instant().as_nanos() + delay(sequence.into());
                calendar.push(Due::new(Instant::from_nanos(at), sequence, first.slot()));
                most = most.max(calendar.radix.bytes());
            }
            assert!(most <= bytes_max * len as usize, "{} bytes for each of {len}", most / len as usize);
        }
    }
}
