//! Going through all orders, against going through them one by one without merging anything.

extern crate alloc;

mod interchange;
mod world;

use alloc::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use tiebreak_explore::{Exploration, Footprint, Orders, Scope, estimate, explore};
use world::{Chooser, Deed, Everything, Program, Stage};

fn explored(program: &Program) -> Exploration {
    explore(program, Program::SETUP, Scope::default(), &|| true)
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
    /// How many events were passed over in each.
    deviations: Vec<u32>,
}

impl Brute {
    fn of(program: &Program) -> Self {
        let (mut orders, mut deviations, mut places) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let (run, Chooser { choices, deviations: passed_over, .. }) = program.run(&places);
            deviations.push(passed_over);
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
                return Self { orders, deviations };
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

/// How many orders there are, and how many of them suffice.
fn counts(orders: Option<Orders>) -> Option<(Option<u128>, Option<u128>)> {
    orders.map(|orders| (orders.all, orders.inequivalent))
}

#[test]
fn orders_are_acyclic_orientations_of_who_conflicts_with_whom() {
    // One event that conflicts with each of nine others, which do not conflict with each other: 2^9, not 10!.
    let hub = Deed::writes_all(9);
    let leaves = (0..9).map(Deed::writes);
    let found = explored(&Program::of(core::iter::once(hub).chain(leaves)));
    assert_eq!(counts(found.orders), Some((Some(3_628_800), Some(512))));
    assert!(found.is_proof());
    // Four that all conflict, and three that conflict with nobody.
    let many = (0..4).map(|_| Deed::writes(0)).chain((1..4).map(Deed::writes));
    assert_eq!(explored(&Program::of(many)).orders.and_then(|orders| orders.inequivalent), Some(24));
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
fn a_run_that_fails_is_not_merged_with_one_that_hashes_alike_and_does_not() {
    let program = Program::of((0..2).map(|_| Deed::writes(0))).failing(|world| world.written == [1, 0]);
    let found = explored(&program.hashing_nothing());
    assert_eq!((found.found.len(), found.states, found.mismatch), (1, 5, None));
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
    let found = explore(&program, Program::SETUP, Scope { states: 50, ..Scope::default() }, &|| true);
    assert_eq!((found.orders, found.is_proof()), (None, false));
    let ended = explore(&program, Program::SETUP, Scope::default(), &|| false);
    assert_eq!((ended.orders, ended.steps), (None, 0), "somebody wants an end");
}

#[test]
fn what_touches_nothing_in_common_does_not_multiply() {
    let twenty = (0..4).map(|_| Deed::writes(0)).chain((9..25).map(Deed::writes));
    let program = Program::of(twenty).touching(Stage::touched_by);
    let found = explored(&program);
    assert_eq!(counts(found.orders), Some((None, Some(24))));
    assert!(found.is_proof(), "{found}");
    // One after the other, and then each sequence of those of the four that have written.
    assert_eq!((found.states, found.ends), (1 + 16 + 4 + 12 + 24 + 24, 24));
    let whole = Scope { leaves_out: false, states: 1_000, ..Scope::default() };
    assert_eq!(explore(&program, Program::SETUP, whole, &|| true).orders, None, "but for that");
}

#[test]
fn what_touches_nothing_in_common_may_lead_to_different_ends() {
    let pairs = (0..4).map(|_| Deed::writes(0)).chain((9..11).chain(9..11).map(Deed::writes));
    let found = explored(&Program::of(pairs).touching(Stage::touched_by));
    assert_eq!(counts(found.orders), Some((None, Some(24 * 4))));
    assert_eq!(found.ends, 24 * 4);
}

#[test]
fn events_of_one_name_and_lanes_are_no_reason_to_leave_out_too_much() {
    let [one, other] = [1, 2].map(|value| Deed { lets_write: Some(value), ..Deed::default() });
    let in_lane = Deed { writes_in: Some(5), ..other.clone() };
    for deeds in [[one.clone(), other], [one, in_lane]] {
        let found = explored(&Program::of(deeds).touching(Stage::touched_by));
        assert!(found.is_proof() && found.ends == 2, "the last one to write is seen: {found:?}");
    }
    // What stands behind in the lane conflicts with the third, and the head of the lane does not.
    let lane = [9, 0].map(|cell| Deed { lane: Some(3), ..Deed::writes(cell) });
    let found = explored(&Program::of(lane.into_iter().chain([Deed::writes(0)])).touching(Stage::touched_by));
    assert_eq!((found.ends, found.lie), (2, None));
}

#[test]
fn what_fails_between_two_events_is_found_although_they_come_to_the_same() {
    let pair = [Deed::writes(1), Deed::writes(2)];
    let program = Program::of(pair).failing(|stage| stage.has_written(2) && !stage.has_written(1));
    let found = explored(&program.touching(Stage::touched_by));
    assert_eq!(found.found.len(), 1, "{found}");
}

#[test]
fn who_touches_more_than_was_said_is_found() {
    let conflict = Program::of([Deed::writes(0), Deed::writes(0), Deed::writes(1)]);
    let found = explored(&conflict.touching(|_, event| Footprint::new().writes(100 + event)));
    assert!(found.lie.as_ref().is_some_and(|lie| lie.other.is_some()), "{found:?}");
    assert!(!found.is_proof() && found.orders.is_none());
    assert!(
        found.to_string().starts_with("nothing is proved: two events come to different states"),
        "{found}"
    );
    // The first brings the third about, which conflicts with the second.
    let brought = Deed { then: Some(0), ..Deed::writes(1) };
    let program = Program::of([brought, Deed { then: Some(0), ..Deed::writes(2) }]);
    let found = explored(&program.touching(|stage, event| match event {
        0 | 1 => Footprint::new().writes(event + 1),
        _ => stage.touched_by(event),
    }));
    assert!(found.lie.as_ref().is_some_and(|lie| lie.other.is_none()), "{found:?}");
    assert!(found.to_string().starts_with("nothing is proved: an event brings about another one"), "{found}");
}

#[test]
fn an_estimate_is_exact_where_all_orders_have_the_same_choices() {
    let program = Program::of((0..5).map(Deed::writes));
    let found = estimate(&program, Program::SETUP, Scope::default(), 10);
    assert_eq!((found.runs, found.orders, found.error), (10, 120, 0));
    // Of those that touch nothing in common one order is gone through.
    let found = estimate(&program.touching(Stage::touched_by), Program::SETUP, Scope::default(), 10);
    assert_eq!((found.runs, found.orders, found.error), (10, 1, 0));
}

#[test]
fn an_estimate_is_right_in_the_mean() {
    // Who goes first may cancel the next: there are orders of many lengths.
    let deeds = (0..7).map(|number| Deed { cancels: Some((number + 1) % 7), ..Deed::default() });
    let program = Program::of(deeds);
    let orders = explored(&program).orders.and_then(|orders| orders.all).unwrap();
    let found = estimate(&program, Program::SETUP, Scope::default(), 4_000);
    assert!(found.error > 0 && found.error < orders / 20, "{found:?}");
    assert!(found.orders.abs_diff(orders) < 3 * found.error, "{found:?} for {orders}");
}

#[test]
fn an_estimate_of_very_many_orders_does_not_overflow() {
    let program = Program::of((0..60).map(|_| Deed::writes(0)));
    let found = estimate(&program, Program::SETUP, Scope::default(), 100);
    assert_eq!((found.runs, found.orders, found.error), (100, 1 << 107, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn what_touches_nothing_in_common_is_left_out_and_nothing_is_missed(deeds in vec(world::deed(), 1..6)) {
        let whole = Program::of(deeds);
        let found = explored(&whole.clone().touching(Stage::touched_by));
        prop_assert_eq!(&found.lie, &None);
        prop_assert!(found.is_proof());
        prop_assert_eq!(found.ends, Brute::of(&whole).ends().len() as u64);
        // Only those who write to the first cell concern the rule.
        let ruled = whole.failing(|stage| stage.written.windows(2).any(|pair| pair[0] > pair[1]));
        let fails = Brute::of(&ruled).orders.iter().any(|(_, end)| end.fails);
        prop_assert_eq!(!explored(&ruled.touching(Stage::touched_by)).found.is_empty(), fails);
    }

    #[test]
    fn within_deviations_are_the_orders_that_pass_over_so_many(
        deeds in vec(world::deed(), 1..6), deviations in 0u8..4,
    ) {
        let program = Program::of(deeds);
        let scope = Scope { deviations: Some(deviations.into()), ..Scope::default() };
        let found = explore(&program, Program::SETUP, scope, &|| true);
        let brute = Brute::of(&program).deviations.into_iter();
        let expected = brute.filter(|made| *made <= u32::from(deviations)).count();
        prop_assert_eq!(found.orders.and_then(|orders| orders.all), Some(expected as u128));
    }

    #[test]
    fn all_orders_one_by_one_come_to_the_same(deeds in vec(world::deed(), 1..6), forbidden in 0u64..40) {
        let program = Program::of(deeds).forbidding(forbidden);
        let (brute, found) = (Brute::of(&program), explored(&program));
        prop_assert_eq!(&found.mismatch, &None);
        let orders = found.orders.expect("so few orders are gone through");
        prop_assert_eq!(orders.all, Some(brute.orders.len() as u128));
        prop_assert_eq!(found.ends, brute.ends().len() as u64);
        prop_assert!(orders.inequivalent >= Some(brute.classes(&program) as u128));
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
        prop_assert_eq!(orders.inequivalent, Some(Brute::of(&program).classes(&program) as u128));
    }
}
