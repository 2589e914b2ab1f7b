//! How strategies choose, seen in the orders of many runs.

use alloc::collections::BTreeMap;

use tiebreak_explore::{
    Calibration, Cause, Director, Directory, Job, Last, Prefix, Program, Setup, Strategy, Tactic,
    default_orders, try_cause,
};
use tiebreak_kernel::{Candidate, Frontier, Order};

use crate::toy::{Toy, named, toy};

/// The names of events in the order in which they run under a strategy.
fn order(toy: &Toy, strategy: &mut dyn Strategy) -> Vec<String> {
    let mut directory = Directory::default();
    let mut director = Director::new(&mut directory, 1).with_strategy(strategy).watching();
    toy.run(Setup { order: Order::Seeded, seed: 1 }, &mut director);
    let (history, _) = director.finish();
    history.dispatches.iter().map(|event| directory.text(event.name).into()).collect()
}

fn names(ids: &[u64]) -> Vec<String> {
    ids.iter().map(|id| named(*id)).collect()
}

/// In how many of 1,000 runs the first event of a toy ran at each place.
fn places(toy: &Toy, tactic: Tactic) -> Vec<u32> {
    let mut directory = Directory::default();
    let calibration = Calibration::new(toy, 1, &mut directory);
    let first = named(toy.events[0].1);
    let mut places = BTreeMap::new();
    for number in 0..1_000 {
        let job = Job { number, tactic, turn: number, seed: number, prefix: Vec::new() };
        let history = job.watch(toy, &calibration, &mut directory).history;
        let is_first = |name| directory.text(name) == first;
        let place = history.dispatches.iter().position(|event| is_first(event.name)).expect("it runs");
        *places.entry(place).or_insert(0) += 1;
    }
    places.into_values().collect()
}

/// One event, and three that cause each other.
fn beside_a_chain(one: u64, chain: [u64; 3]) -> Toy {
    let [first, second, third] = chain;
    let mut toy = toy(&[one, first], |_| false);
    toy.children = BTreeMap::from([(first, vec![second]), (second, vec![third])]);
    toy
}

/// Whether each number is as expected, but for what chance explains.
fn is_about(found: &[u32], expected: [u32; 4]) -> bool {
    found.len() == 4 && found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 45)
}

#[test]
fn urw_makes_all_interleavings_of_actors_equally_likely() {
    let found = places(&beside_a_chain(1, [101, 102, 103]), Tactic::Urw);
    assert!(is_about(&found, [250; 4]), "{found:?}");
    let found = places(&beside_a_chain(1, [101, 102, 103]), Tactic::Walk);
    assert!(is_about(&found, [500, 250, 125, 125]), "the walk does not: {found:?}");
}

#[test]
fn pos_draws_anew_for_those_of_one_actor_or_subject_and_for_no_others() {
    let (anew, once) = ([500, 250, 125, 125], [500, 167, 83, 250]);
    for (chain, expected) in [([101, 111, 121], anew), ([2, 3, 4], anew), ([102, 103, 104], once)] {
        let found = places(&beside_a_chain(1, chain), Tactic::Pos);
        assert!(is_about(&found, expected), "{chain:?}: {found:?}");
    }
}

#[test]
fn the_first_two_default_orders_are_that_of_scheduling_and_its_reverse() {
    let toy = toy(&[1, 301, 101, 201], |_| false);
    let orders = default_orders(5, 2);
    for (order, expected) in orders.into_iter().zip([[1, 301, 101, 201], [201, 101, 301, 1]]) {
        let mut directory = Directory::default();
        let history = try_cause(&toy, &Cause::default(), order, &mut directory).history;
        let found: Vec<String> =
            history.dispatches.iter().map(|event| directory.text(event.name).into()).collect();
        assert_eq!(found, names(&expected));
    }
}

/// Chooses by how many events it was told of, and draws always the same.
struct Told(usize);

impl Strategy for Told {
    fn choose(&mut self, _frontier: &Frontier<'_>) -> usize {
        self.0
    }

    fn draw(&mut self, low: u64, _high: u64) -> Option<u64> {
        Some(low + 7)
    }

    fn run(&mut self, _event: &Candidate, _number: u64) {
        self.0 += 1;
    }
}

#[test]
fn a_prefix_makes_its_choices_and_then_leaves_them_to_a_strategy_that_knows_all_events() {
    let mut toy = toy(&[1, 101, 201, 301], |_| false);
    toy.rolls = vec![1, 201];
    assert_eq!(order(&toy, &mut Prefix::new(vec![1, 0], Box::new(Last))), names(&[101, 1, 301, 201]));
    assert_eq!(order(&toy, &mut Prefix::new(vec![0], Box::new(Told(0)))), names(&[1, 201, 301, 101]));
    let mut directory = Directory::default();
    let mut prefix = Prefix::new(vec![0], Box::new(Told(0)));
    let mut director = Director::new(&mut directory, 1).with_strategy(&mut prefix).watching();
    toy.run(Setup { order: Order::Seeded, seed: 1 }, &mut director);
    let drawn: Vec<u64> = director.history().draws.iter().map(|drawn| drawn.value).collect();
    assert_eq!(drawn, [7, 7]);
}
