use super::*;
use crate::name::NameCodes;

/// An event of a lane, or a free one; names are numbers.
fn arrival(open: &mut OpenInstant, number: u32, lane: Option<u32>) -> Arrival {
    let code = mix(u64::from(number));
    let keyed = open.keys().keyed(NameCodes { actor_kind: code % 4, name: code });
    Arrival { slot: number, sequence: number, lane: lane.unwrap_or(NONE), phase: 0, keyed }
}

fn open(order: Order, seed: u64) -> OpenInstant {
    let mut open = OpenInstant::new(order, seed, Keeping::Causes);
    open.open(Instant::from_nanos(5));
    open
}

#[test]
fn moments_stay_at_the_last_one_and_lanes_in_order() {
    for order in [Order::Seeded, Order::Rounds] {
        let mut open = open(order, 3);
        open.enabler = Enabler { moment: u64::MAX - 1, generation: 0, next_turn: 7 };
        for number in 0..40 {
            let arrival = arrival(&mut open, number, (number % 2 == 0).then_some(number % 4));
            open.arrive(arrival);
        }
        open.settle();
        let mut ran = Vec::new();
        while let Some(chosen) = open.take() {
            open.check_invariants(40 - ran.len() - 1);
            assert_eq!(open.enabler.moment, u64::MAX, "{order}");
            ran.push(chosen.slot);
        }
        for lane in [0, 2] {
            assert!(ran.iter().filter(|slot| **slot % 4 == lane).is_sorted(), "{order}: {ran:?}");
        }
        ran.sort_unstable();
        assert_eq!(ran, (0..40).collect::<Vec<_>>());
    }
}

#[test]
fn generations_stay_at_the_last_one_that_is_told_apart() {
    for order in Order::ALL {
        for last in [GENERATION_MAX, u32::MAX] {
            let mut open = open(order, 3);
            open.enabler = Enabler { moment: 9, generation: last - 3, next_turn: u32::MAX - 2 };
            for number in 0..20 {
                let first = arrival(&mut open, 2 * number, None);
                let second = arrival(&mut open, 2 * number + 1, None);
                open.arrive_later(first);
                open.arrive_later(second);
                open.settle();
                open.check_invariants(number as usize + 2);
                assert!(open.take().is_some());
                assert!(open.enabler.generation <= last.saturating_add(20));
            }
            assert_eq!(open.enabled, 20);
            while open.take().is_some() {}
            assert!(!open.is_unfinished());
        }
    }
}

#[test]
fn a_lane_of_a_large_number_costs_no_more_than_one_of_a_small() {
    for numbers in [[0, 1, 2], [50_000_000, 2_000_000_000, u32::MAX - 1]] {
        let mut open = open(Order::Seeded, 1);
        for (at, number) in (0..).zip(numbers) {
            let arrival = arrival(&mut open, at, Some(number));
            open.arrive(arrival);
        }
        assert_eq!(open.lanes.places(), 16);
    }
}

#[test]
fn a_lane_table_is_as_large_as_the_lanes_that_have_events() {
    let mut open = open(Order::Seeded, 1);
    for number in 0..1000 {
        let arrival = arrival(&mut open, number, Some(number * 50_000));
        open.arrive(arrival);
    }
    assert!(open.lanes.places() <= 4096);
    open.settle();
    while open.take().is_some() {}
    open.open(Instant::from_nanos(6));
    let arrival = arrival(&mut open, 0, Some(50_000));
    assert_ne!(open.arrive(arrival), NONE);
    open.settle();
    assert_eq!(open.take().map(|chosen| chosen.slot), Some(0), "the lanes of one instant end with it");
}
