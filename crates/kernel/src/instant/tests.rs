use super::*;

use crate::slots::Slot;

/// An open instant and the slots of its events; names are numbers.
struct Bench {
    open: OpenInstant,
    slots: Slots<()>,
}

impl Bench {
    fn new(order: Order, seed: u64) -> Self {
        let mut open = OpenInstant::new(order, seed, Keeping::Causes);
        open.open(Instant::from_nanos(5));
        open.tie();
        Self { open, slots: Slots::default() }
    }

    /// A slot for an event of a lane, or a free one, that has not arrived yet; and what the order knows of it.
    fn event(&mut self, number: u32, lane: Option<u32>) -> (u32, Keyed) {
        let slot = Slot { lane: lane.unwrap_or(NONE), ..Slot::new((), Instant::from_nanos(5), number) };
        let code = mix(u64::from(number));
        let keyed = self.open.keyed(&slot, |()| NameCodes { actor_kind: code % 4, name: code });
        (self.slots.insert(slot).slot, keyed)
    }

    fn arrive(&mut self, number: u32, lane: Option<u32>) {
        let (slot, keyed) = self.event(number, lane);
        let batch = self.open.begin();
        self.open.arrive(&mut self.slots, slot, keyed, batch);
    }

    /// Returns its slot.
    fn arrive_later(&mut self, number: u32) -> u32 {
        let (slot, keyed) = self.event(number, None);
        let batch = self.open.begin_later();
        self.open.arrive(&mut self.slots, slot, keyed, batch);
        slot
    }

    /// Takes the next event out and frees its slot; returns the number of the event.
    fn take(&mut self) -> Option<u32> {
        let slot = self.open.take(&mut self.slots)?;
        let number = self.slots[slot].sequence;
        self.slots.release(slot);
        self.open.check_invariants(&self.slots);
        Some(number)
    }
}

#[test]
fn moments_stay_at_the_last_one_and_lanes_in_order() {
    for order in [Order::Seeded, Order::Rounds] {
        let mut bench = Bench::new(order, 3);
        bench.open.enabler = Enabler { moment: u64::MAX - 1, generation: 0, next_turn: 7 };
        (0..40).for_each(|number| bench.arrive(number, (number % 2 == 0).then_some(number % 4)));
        bench.open.settle();
        let mut ran = Vec::new();
        while let Some(number) = bench.take() {
            assert_eq!(bench.open.enabler.moment, u64::MAX, "{order}");
            ran.push(number);
        }
        for lane in [0, 2] {
            assert!(ran.iter().filter(|number| **number % 4 == lane).is_sorted(), "{order}: {ran:?}");
        }
        ran.sort_unstable();
        assert_eq!(ran, (0..40).collect::<Vec<_>>());
    }
}

#[test]
fn generations_stay_at_the_last_one_that_is_told_apart() {
    for order in Order::ALL {
        for last in [GENERATION_MAX, u32::MAX] {
            let mut bench = Bench::new(order, 3);
            bench.open.enabler = Enabler { moment: 9, generation: last - 3, next_turn: u32::MAX - 2 };
            for number in 0..20 {
                bench.arrive_later(2 * number);
                bench.arrive_later(2 * number + 1);
                bench.open.settle();
                assert!(bench.take().is_some());
                assert!(bench.open.enabler.generation <= last.saturating_add(20));
            }
            assert_eq!(bench.open.ready.live(), 20);
            while bench.take().is_some() {}
            assert!(!bench.open.is_unfinished());
        }
    }
}

#[test]
fn a_lane_goes_on_from_its_last_moment_in_the_last_round_too() {
    for generation in [5, GENERATION_MAX - 1, GENERATION_MAX, u32::MAX] {
        for seed in 0..50 {
            let mut bench = Bench::new(Order::Rounds, seed);
            bench.open.enabler = Enabler { moment: 9, generation, next_turn: 3 };
            for number in 0..10 {
                let (slot, keyed) = bench.event(number, Some(1));
                let batch = bench.open.begin_later();
                bench.open.arrive(&mut bench.slots, slot, keyed, batch);
            }
            bench.open.settle();
            let moments: Vec<u64> =
                core::iter::from_fn(|| bench.take().map(|_| bench.open.enabler.moment)).collect();
            assert!(moments.len() == 10 && moments.is_sorted(), "{generation}, seed {seed}: {moments:?}");
        }
    }
}

#[test]
fn many_newcomers_join_the_run_and_few_go_late() {
    for (seed, (newcomers, late)) in (0..20).flat_map(|seed| [(7, 7), (8, 0)].map(|case| (seed, case))) {
        let mut bench = Bench::new(Order::Seeded, seed);
        (0..10).for_each(|number| bench.arrive(number, None));
        bench.open.settle();
        let slots: Vec<u32> = (10..10 + newcomers).map(|number| bench.arrive_later(number)).collect();
        bench.open.settle();
        assert_eq!(bench.open.ready.late(), late);
        for slot in &slots {
            bench.open.remove(&mut bench.slots, *slot);
        }
        bench.open.check_invariants(&bench.slots);
        while bench.open.is_unfinished() {
            assert!(bench.take().is_some());
        }
        bench.open.open(Instant::from_nanos(6));
        assert_eq!(bench.open.entries(), 0, "nothing is left of an instant that is over");
    }
}

#[test]
fn a_lane_of_a_large_number_costs_no_more_than_one_of_a_small() {
    for numbers in [[0, 1, 2], [50_000_000, 2_000_000_000, u32::MAX - 1]] {
        let mut bench = Bench::new(Order::Seeded, 1);
        (0..).zip(numbers).for_each(|(at, number)| bench.arrive(at, Some(number)));
        assert_eq!(bench.open.lanes.places(), 16);
    }
}

#[test]
fn a_lane_table_is_as_large_as_the_lanes_that_have_events() {
    let mut bench = Bench::new(Order::Seeded, 1);
    (0..1000).for_each(|number| bench.arrive(number, Some(number * 50_000)));
    assert!(bench.open.lanes.places() <= 4096);
    bench.open.settle();
    while bench.take().is_some() {}
    bench.open.open(Instant::from_nanos(6));
    bench.open.tie();
    bench.arrive(7, Some(50_000));
    bench.open.settle();
    assert_eq!(bench.take(), Some(7), "the lanes of one instant end with it");
}
