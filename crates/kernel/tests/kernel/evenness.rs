//! The seeded policies favour no order of equals: chi-squared tests with fixed seeds.

use tiebreak_kernel::{Instant, Lane, Name, Names, Order, Place, Term, instant_key, tie_hash};

use crate::chi::{check_even, rank};
use crate::stage::{Act, Event, event, order};

const SEEDS: u64 = 1 << 16;

/// The code of a name, by actor and number.
fn code(actor: &str, subject: u64) -> u64 {
    let mut names = Names::default();
    Name::of(names.intern(actor), Term::new("does"), subject).code(&names)
}

/// Whether the first name has the larger hash, and so the shorter wait at equal speed.
fn is_before(seed: u64, nanos: u64, turn: u32, [first, second]: [u64; 2]) -> bool {
    let shared = instant_key(seed, Instant::from_nanos(nanos));
    tie_hash(shared, turn, first) > tie_hash(shared, turn, second)
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

/// The order of four free events of four actors at one instant, as a rank.
fn order_of_four(seed: u64, policy: Order, at: u64) -> usize {
    rank(&order(seed, policy, &[0, 1, 2, 3].map(|id| Act::At(at, Place::FREE, event(id)))))
}

#[test]
fn all_orders_of_four_appear_evenly_and_a_seed_says_nothing_about_the_next() {
    for policy in [Order::Seeded, Order::Rounds] {
        for at in [0, 7, 1_000_000_000] {
            let (mut orders, mut pairs) = (vec![0; 24], vec![0; 24 * 24]);
            let mut last = order_of_four(0, policy, at);
            for seed in 1..=SEEDS {
                let next = order_of_four(seed, policy, at);
                orders[next] += 1;
                pairs[last * 24 + next] += 1;
                last = next;
            }
            check_even(&orders);
            check_even(&pairs);
        }
    }
}

#[test]
fn hashes_at_two_instants_and_at_two_turns_are_independent() {
    let pair = [code("a", 1), code("b", 1)];
    for (one, other) in [(0, 1), (1, 2), (1_000_000_000, 2_000_000_000), (0, 1 << 63), (7, u64::MAX)] {
        check_independent(0..SEEDS, |seed| [is_before(seed, one, 0, pair), is_before(seed, other, 0, pair)]);
    }
    for (one, other) in [(0, 1), (1, 2), (3, 1 << 20)] {
        check_independent(0..SEEDS, |seed| [is_before(seed, 7, one, pair), is_before(seed, 7, other, pair)]);
    }
}

#[test]
fn hashes_of_names_one_bit_apart_are_independent() {
    for bit in 0..64 {
        // The code of a number is the number plus one: these differ in one bit of the code.
        let [near, far] = [code("a", 0b11_0111), code("a", (0b11_1000 ^ (1 << bit)) - 1)];
        let [others, more] = [[code("b", 1), code("b", 2)], [code("c", 0), code("d", 0)]];
        // Each bit has its own seeds: the same ones would make one chance of sixty-four.
        let seeds = || (bit << 12)..(bit + 1) << 12;
        check_independent(seeds(), |seed| {
            [is_before(seed, 9, 0, [near, others[0]]), is_before(seed, 9, 0, [far, others[1]])]
        });
        check_independent(seeds(), |seed| [is_before(seed, 9, 0, [near, far]), is_before(seed, 9, 0, more)]);
    }
}

#[test]
fn seeds_one_bit_apart_are_independent() {
    let pair = [code("a", 1), code("b", 1)];
    for bit in 0..64 {
        let seeds = (0..1 << 13).filter(|seed| (seed >> bit) & 1 == 0);
        check_independent(seeds, |seed| {
            [is_before(seed, 9, 0, pair), is_before(seed ^ (1 << bit), 9, 0, pair)]
        });
    }
}

#[test]
fn an_instant_a_seed_a_turn_and_a_name_do_not_stand_for_each_other() {
    let pair = [code("a", 1), code("b", 1)];
    check_independent(0..SEEDS, |n| [is_before(n, 3, 0, pair), is_before(3, n, 0, pair)]);
    check_independent(0..SEEDS, |n| [is_before(n, n, 0, pair), is_before(n, 0, 0, pair)]);
    check_independent(0..SEEDS, |n| {
        [is_before(3, n, 0, pair), is_before(3, 0, 0, [code("a", n), code("b", n)])]
    });
    let turn = |n| u32::try_from(n).expect("small");
    check_independent(0..SEEDS, |n| [is_before(3, n, 0, pair), is_before(3, 0, turn(n), pair)]);
}

/// An event of one actor: all of them are equally fast.
fn equal(id: u64) -> Event {
    Event { actor: Term::new("equal").into(), ..event(id) }
}

/// How often each of the permutations of 1, 2 (, 3) behind event 0 occurs.
fn behind_the_first(acts: &[Act], count: usize) -> Vec<u64> {
    let mut counts = vec![0; (1..=count).product()];
    for seed in 0..SEEDS {
        let log = order(seed, Order::Seeded, acts);
        if log[0] == 0 {
            counts[rank(&log[1..])] += 1;
        }
    }
    counts
}

#[test]
fn children_at_the_open_instant_run_in_any_order() {
    let child = |id| Act::After(0, Place::FREE, equal(id));
    let parent = equal(0).then(child(1)).then(child(2)).then(child(3));
    check_even(&behind_the_first(&[Act::At(7, Place::FREE, parent)], 3));
}

#[test]
fn a_child_is_as_likely_before_as_after_a_neighbour_of_equal_speed() {
    let parent = || equal(0).then(Act::After(0, Place::FREE, equal(2)));
    check_even(&behind_the_first(&[Act::At(7, Place::FREE, parent()), Act::At(7, Place::FREE, equal(1))], 2));
    let lane = Place::lane(Lane::new(0));
    check_even(&behind_the_first(&[Act::At(7, lane, parent()), Act::At(7, lane, equal(1))], 2));
}

#[test]
fn all_interleavings_of_two_lanes_of_two_of_equal_speed_appear_evenly() {
    let mut counts = vec![0; 6];
    let names = ["0011", "0101", "0110", "1001", "1010", "1100"];
    for seed in 0..SEEDS {
        let acts: Vec<Act> =
            (0..4u32).map(|id| Act::At(7, Place::lane(Lane::new(id % 2)), equal(u64::from(id)))).collect();
        let log: String =
            order(seed, Order::Seeded, &acts).iter().map(|id| if id % 2 == 0 { '0' } else { '1' }).collect();
        counts[names.iter().position(|name| *name == log).expect("one of six")] += 1;
    }
    // A walk of fair coins: a lane that is used up leaves no choice.
    crate::chi::check_weighted(&counts, &[2, 1, 1, 1, 1, 2], 20_515);
}
