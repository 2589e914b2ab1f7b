//! Going through all orders, against going through them one by one without merging anything.

extern crate alloc;

mod world;

use alloc::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use tiebreak_explore::{Budget, Exploration, Orders, explore};
use world::{Deed, Everything, Program};

fn explored(program: &Program) -> Exploration {
    explore(program, Program::SETUP, Budget::default(), &|| true)
}

/// Who stands for the class of an order.
fn leader(leaders: &[usize], mut of: usize) -> usize {
    while leaders[of] != of {
        of = leaders[of];
    }
    of
}

/// All orders, one by one: the events of each, the state in which it ends, and what fails.
struct Brute {
    orders: Vec<(Vec<u64>, Everything)>,
}

impl Brute {
    fn of(program: &Program) -> Self {
        let (mut orders, mut places) = (Vec::new(), Vec::new());
        loop {
            let (run, choices) = program.run(&places);
            orders.push((run.events(), run.everything()));
            // The next one differs at the last choice that has another event left.
            places.resize(choices.len(), 0);
            while let Some(last) = places.pop() {
                if last + 1 < choices[places.len()] {
                    places.push(last + 1);
                    break;
                }
            }
            if places.is_empty() {
                return Self { orders };
            }
        }
    }

    fn ends(&self) -> BTreeSet<&Everything> {
        self.orders.iter().map(|(_, end)| end).collect()
    }

    /// Classes of orders: those that follow from each other by letting two neighbours change places, where that leads to the
    /// same state right after them.
    fn classes(&self, program: &Program) -> usize {
        let numbers: BTreeMap<&[u64], usize> =
            self.orders.iter().map(|(events, _)| &events[..]).zip(0..).collect();
        let mut leaders: Vec<usize> = (0..self.orders.len()).collect();
        for (events, _) in &self.orders {
            for at in 1..events.len() {
                let mut swapped = events.clone();
                swapped.swap(at - 1, at);
                let Some(other) = numbers.get(&swapped[..]) else { continue };
                if program.after(&events[..=at]) == program.after(&swapped[..=at]) {
                    let [one, other] = [numbers[&events[..]], *other].map(|of| leader(&leaders, of));
                    leaders[one] = other;
                }
            }
        }
        (0..leaders.len()).filter(|of| leaders[*of] == *of).count()
    }
}

#[test]
fn orders_are_acyclic_orientations_of_who_conflicts_with_whom() {
    // One event that conflicts with each of nine others, which do not conflict with each other: 2^9, not 10!.
    let hub = Deed::writes_all(9);
    let leaves = (0..9).map(Deed::writes);
    let found = explored(&Program::of(core::iter::once(hub).chain(leaves)));
    assert_eq!(found.orders, Some(Orders { all: 3_628_800, inequivalent: 512 }));
    assert!(found.is_proof());
    // Four that all conflict, and three that conflict with nobody.
    let many = (0..4).map(|_| Deed::writes(0)).chain((1..4).map(Deed::writes));
    assert_eq!(explored(&Program::of(many)).orders.map(|orders| orders.inequivalent), Some(24));
}

#[test]
fn what_fails_in_one_order_alone_is_found() {
    let deeds = (0..6).map(|_| Deed::writes(0));
    let program = Program::of(deeds).failing(|world| world.written == [5, 4, 3, 2, 1, 0]);
    let found = explored(&program);
    assert_eq!(found.found.len(), 1);
    assert!(!found.is_proof());
    assert_eq!(found.found[0].path.choices, [5, 4, 3, 2, 1], "who is last is no choice");
}

#[test]
fn a_hash_that_leaves_something_out_proves_nothing() {
    let deeds = (0..4).map(|_| Deed::writes(0));
    let program = Program::of(deeds).failing(|world| world.written == [3, 2, 1, 0]);
    let found = explored(&program.hashing_nothing());
    assert!(found.mismatch.is_some() && !found.is_proof(), "{found:?}");
    assert!(found.to_string().starts_with("nothing is proved"), "{found}");
}

#[test]
fn events_of_one_name_are_no_reason_to_doubt_a_hash() {
    // Whichever deed comes first, both events are pending then: one state, in which they lie in two orders of scheduling.
    let deeds = [1, 2].map(|value| Deed { lets_write: Some(value), ..Deed::default() });
    let found = explored(&Program::of(deeds));
    assert_eq!(found.mismatch, None);
    assert!(found.is_proof() && found.ends == 2, "the last one to write is seen: {found:?}");
}

#[test]
fn who_stands_first_in_a_lane_is_part_of_a_state() {
    let deed = |value| Deed { lets_write: Some(value), writes_in: Some(5), ..Deed::default() };
    let found = explored(&Program::of([deed(1), deed(2)]));
    assert_eq!(found.mismatch, None);
    assert!(found.is_proof() && found.ends == 2, "the last one to write is seen: {found:?}");
}

#[test]
fn a_budget_ends_before_the_proof() {
    let deeds = (0..6).map(|_| Deed::writes(0));
    let program = Program::of(deeds);
    let found = explore(&program, Program::SETUP, Budget { states: 50 }, &|| true);
    assert_eq!((found.orders, found.is_proof()), (None, false));
    let ended = explore(&program, Program::SETUP, Budget::default(), &|| false);
    assert_eq!((ended.orders, ended.steps), (None, 0), "somebody wants an end");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn all_orders_one_by_one_come_to_the_same(deeds in vec(world::deed(), 1..6), forbidden in 0u64..40) {
        let program = Program::of(deeds).forbidding(forbidden);
        let (brute, found) = (Brute::of(&program), explored(&program));
        prop_assert_eq!(&found.mismatch, &None);
        let orders = found.orders.expect("so few orders are gone through");
        prop_assert_eq!(orders.all, brute.orders.len() as u128);
        prop_assert_eq!(found.ends, brute.ends().len() as u64);
        prop_assert!(orders.inequivalent >= brute.classes(&program) as u128);
        let fails = brute.orders.iter().any(|(_, end)| end.fails);
        prop_assert_eq!(!found.found.is_empty(), fails);
    }

    #[test]
    fn if_the_same_events_commute_in_all_states_one_order_of_each_class_counts(
        cells in vec((vec(0usize..4, 0..3), option::weighted(0.3, 0u32..2)), 1..7),
    ) {
        let deeds = cells.into_iter().map(|(writes, lane)| Deed { writes, lane, ..Deed::default() });
        let program = Program::of(deeds);
        let orders = explored(&program).orders.expect("so few orders are gone through");
        prop_assert_eq!(orders.inequivalent, Brute::of(&program).classes(&program) as u128);
    }
}
