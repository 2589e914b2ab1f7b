//! Seeded order favours nobody: chi-squared tests with fixed seeds.

use tiebreak_kernel::{Instant, Lane, Name, Names, Order, Place, Subject, Term, instant_key, tie_key};

use crate::chi::{check_even, check_weighted, rank};
use crate::stage::{Act, event, order};

const SEEDS: u64 = 1 << 16;

/// The code of a name, by actor and number.
fn code(actor: &str, subject: u64) -> u64 {
    let mut names = Names::default();
    Name { actor: names.intern(actor), kind: Term::new("does"), subject }.code(&names)
}

/// Whether the first name runs before the second.
fn is_before(seed: u64, nanos: u64, [first, second]: [u64; 2]) -> bool {
    let shared = instant_key(seed, Instant::from_nanos(nanos));
    tie_key(shared, first) < tie_key(shared, second)
}

/// Asserts that the answers to questions about each of many seeds are even and independent.
fn check_independent<const N: usize>(seeds: impl Iterator<Item = u64>, answers: impl Fn(u64) -> [bool; N]) {
    let mut counts = vec![0; 1 << N];
    for seed in seeds {
        let cell = answers(seed).iter().fold(0, |cell, answer| cell * 2 + usize::from(*answer));
        counts[cell] += 1;
    }
    check_even(&counts);
}

/// The order of four free events at one instant, as a rank.
fn order_of_four(seed: u64) -> usize {
    rank(&order(seed, Order::Seeded, &[0, 1, 2, 3].map(|id| Act::At(7, Place::FREE, event(id)))))
}

#[test]
fn all_orders_of_four_appear_evenly_and_a_seed_says_nothing_about_the_next() {
    let (mut orders, mut pairs) = (vec![0; 24], vec![0; 24 * 24]);
    let mut last = order_of_four(0);
    for seed in 1..=SEEDS {
        let next = order_of_four(seed);
        orders[next] += 1;
        pairs[last * 24 + next] += 1;
        last = next;
    }
    check_even(&orders);
    check_even(&pairs);
}

#[test]
fn orders_at_two_instants_are_independent() {
    let pair = [code("a", 1), code("b", 1)];
    for (one, other) in [(0, 1), (1, 2), (1_000_000_000, 2_000_000_000), (0, 1 << 63), (7, u64::MAX)] {
        check_independent(0..SEEDS, |seed| [is_before(seed, one, pair), is_before(seed, other, pair)]);
    }
}

#[test]
fn orders_of_names_one_bit_apart_are_independent() {
    for bit in 0..64 {
        // The code of a number is the number plus one: these differ in one bit of the code.
        let [near, far] = [code("a", 0b11_0111), code("a", (0b11_1000 ^ (1 << bit)) - 1)];
        let [others, more] = [[code("b", 1), code("b", 2)], [code("c", 0), code("d", 0)]];
        // Each bit has its own seeds: the same ones would make one chance of sixty-four.
        let seeds = || (bit << 12)..(bit + 1) << 12;
        check_independent(seeds(), |seed| {
            [is_before(seed, 9, [near, others[0]]), is_before(seed, 9, [far, others[1]])]
        });
        check_independent(seeds(), |seed| [is_before(seed, 9, [near, far]), is_before(seed, 9, more)]);
    }
    let [a, c] = [code("rip1", 4), code("rip3", 4)];
    check_independent(0..SEEDS, |seed| {
        [is_before(seed, 9, [a, c]), is_before(seed, 9, [code("rip1", 5), code("rip3", 5)])]
    });
}

#[test]
fn seeds_one_bit_apart_are_independent() {
    let pair = [code("a", 1), code("b", 1)];
    for bit in 0..64 {
        let seeds = (0..1 << 13).filter(|seed| (seed >> bit) & 1 == 0);
        check_independent(seeds, |seed| [is_before(seed, 9, pair), is_before(seed ^ (1 << bit), 9, pair)]);
    }
}

#[test]
fn an_instant_a_seed_and_a_name_do_not_stand_for_each_other() {
    // The same numbers in other roles: seed against instant, instant against subject.
    let pair = [code("a", 1), code("b", 1)];
    check_independent(0..SEEDS, |n| [is_before(n, 3, pair), is_before(3, n, pair)]);
    check_independent(0..SEEDS, |n| [is_before(n, n, pair), is_before(n, 0, pair)]);
    check_independent(0..SEEDS, |n| [is_before(3, n, pair), is_before(3, 0, [code("a", n), code("b", n)])]);
}

/// How often each of the permutations of 1, 2 (, 3) behind event 0 occurs.
fn children(acts: &[Act], count: usize) -> Vec<u64> {
    let mut counts = vec![0; (1..=count).product()];
    for seed in 0..SEEDS {
        let log = order(seed, Order::Seeded, acts);
        assert_eq!(log[0], 0);
        counts[rank(&log[1..])] += 1;
    }
    counts
}

#[test]
fn children_at_the_open_instant_run_in_any_order() {
    let child = |id| Act::After(0, Place::FREE, event(id));
    check_even(&children(
        &[Act::At(7, Place::FREE, event(0).then(child(1)).then(child(2)).then(child(3)))],
        3,
    ));
}

#[test]
fn a_child_is_as_likely_before_as_after_what_is_left_of_its_parents_lane() {
    let lane = Place::lane(Lane::new(0));
    let parent = event(0).then(Act::After(0, Place::FREE, event(2)));
    check_even(&children(&[Act::At(7, lane, parent), Act::At(7, lane, event(1))], 2));
}

#[test]
fn a_child_of_a_free_event_is_before_what_its_parent_was_tied_with_two_times_in_three() {
    // Parent 0, its child 2, and 1 tied with the parent: 012, 021 and 102 have the weights 1, 2 and 3.
    let mut counts = [0; 3];
    for seed in 0..SEEDS {
        let parent = event(0).then(Act::After(0, Place::FREE, event(2)));
        let log =
            order(seed, Order::Seeded, &[Act::At(7, Place::FREE, parent), Act::At(7, Place::FREE, event(1))]);
        counts[rank(&log)] += 1;
    }
    check_weighted(&counts, &[1, 2, 3], 13_816);
}

#[test]
fn kinds_and_actors_count_like_subjects() {
    let names = &mut Names::default();
    let [a, b] = ["a", "b"].map(|actor| names.intern(actor));
    let coded = |actor, kind| Name { actor, kind: Term::new(kind), subject: () }.code(names);
    let [one, two] = [[coded(a, "x"), coded(b, "x")], [coded(a, "y"), coded(b, "y")]];
    check_independent(0..SEEDS, |seed| [is_before(seed, 0, one), is_before(seed, 0, two)]);
    let crossed = [[coded(a, "x"), coded(a, "y")], [coded(b, "x"), coded(b, "y")]];
    check_independent(0..SEEDS, |seed| [is_before(seed, 0, crossed[0]), is_before(seed, 0, crossed[1])]);
    assert_eq!(().code(names), 0);
}
