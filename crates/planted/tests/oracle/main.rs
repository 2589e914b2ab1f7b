//! All orders of the invented bugs: run one by one, with states merged, and with all that lets orders be left out.

extern crate alloc;

mod brute;
mod shrunk;
mod tried;

use brute::{Brute, ORDERS_MAX};
use shrunk::{of_a_search, of_explore};
use tiebreak::Order;
use tiebreak::explore::{Exploration, Orders, Setup};
use tiebreak_planted::{Bug, Others, Planted, Story, Visitor};
use tried::{Gone, Known};

/// Nobody but the clients of the story.
const ALONE: Others = Others { clients: 0, steps: 0 };
/// One unrelated event, so that there are not too many orders to run them one by one.
const WITH_ONE: Others = Others { clients: 1, steps: 1 };
const AMONG_OTHERS: Others = Others { clients: 2, steps: 2 };

/// How a story is gone through. With this seed, the server of `reply-after-cancellation` draws what that bug needs. Nobody else draws.
const SETUP: Setup = Setup { order: Order::Seeded, seed: 6 };

/// Where somebody draws, so many seeds are tried.
const SEEDS: u64 = 8;

/// All invented bugs and their fixed twins, and how they are gone through.
fn all() -> impl Iterator<Item = (Planted, Setup)> {
    let setups = |bug: Bug| {
        let seeds = if bug == Bug::ReplyAfterCancellation { SEEDS } else { 1 };
        (0..seeds).map(move |more| (Planted::new(bug), Setup { seed: SETUP.seed + more, ..SETUP }))
    };
    let bugs = Bug::INVENTED.iter().flat_map(move |bug| setups(*bug));
    bugs.flat_map(|(planted, setup)| [(planted, setup), (planted.fixed(), setup)])
}

fn visit<V: Visitor>(planted: Planted, others: Others, visitor: V) -> V::Output {
    planted.visit(others, visitor).expect("it was invented")
}

fn orders(explored: &Exploration) -> u128 {
    explored.orders.and_then(|orders| orders.all).expect("all are counted")
}

/// Goes through all orders with states merged, and one by one if there are not too many.
struct OneByOne(Setup);

impl Visitor for OneByOne {
    type Output = (Gone, Option<Brute>);

    fn visit<S: Story>(self, story: &S) -> Self::Output {
        let every = Gone::every_order(story, self.0);
        let are_few = orders(&every.explored) <= ORDERS_MAX;
        (every, are_few.then(|| Brute::of(story, self.0)))
    }
}

#[test]
fn orders_run_one_by_one_come_to_what_explore_comes_to() {
    for others in [ALONE, WITH_ONE] {
        let mut too_many = Vec::new();
        for (planted, setup) in all() {
            let (every, brute) = visit(planted, others, OneByOne(setup));
            let Some(brute) = brute else {
                too_many.push(planted.bug);
                continue;
            };
            assert_eq!(every.explored.mismatch, None, "{planted:?}");
            assert_eq!(orders(&every.explored), brute.orders, "{planted:?}");
            assert_eq!(every.failing, brute.failing, "{planted:?}");
            assert_eq!(every.ends, brute.ends, "{planted:?}");
        }
        too_many.dedup();
        let expected: &[Bug] = if others == ALONE { &[] } else { &[Bug::HoldCycle] };
        assert_eq!(too_many, expected);
    }
}

/// Goes through all orders, and through those that do not follow from others.
struct Reduced(Setup);

/// What came of that.
struct InAllWays {
    every: Gone,
    footprints: Gone,
    /// With groups, where there are some.
    all_known: Gone,
}

impl Visitor for Reduced {
    type Output = InAllWays;

    fn visit<S: Story>(self, story: &S) -> InAllWays {
        let reduced = |known| Gone::reduced(story, known, self.0);
        let [footprints, all_known] = [Known::Footprints, Known::All].map(reduced);
        InAllWays { every: Gone::every_order(story, self.0), footprints, all_known }
    }
}

#[test]
fn leaving_orders_out_changes_neither_what_fails_nor_what_runs_come_to() {
    for others in [ALONE, AMONG_OTHERS] {
        for (planted, setup) in all() {
            let InAllWays { every, footprints, all_known } = visit(planted, others, Reduced(setup));
            for reduced in [&footprints, &all_known] {
                assert!(reduced.explored.is_complete(), "{planted:?}: {}", reduced.explored);
                assert_eq!(reduced.failing, every.failing, "{planted:?}");
                assert_eq!(reduced.ends, every.ends, "{planted:?}");
                let is_reduced = reduced.explored.states < every.explored.states;
                assert!(is_reduced || others == ALONE, "{planted:?}: nothing was left out");
            }
            // Only who is who was left out, and that is counted.
            if !all_known.explored.groups.is_empty() {
                assert_eq!(orders(&all_known.explored), orders(&every.explored), "{planted:?}");
            }
        }
    }
}

#[test]
fn clients_that_can_change_places_do() {
    for (bug, members) in [(Bug::Reorder10, 3), (Bug::AllThenWindow, 4)] {
        for planted in [Planted::new(bug), Planted::new(bug).fixed()] {
            let InAllWays { every, all_known, .. } = visit(planted, ALONE, Reduced(SETUP));
            let groups: Vec<usize> =
                all_known.explored.groups.iter().map(|group| group.members.len()).collect();
            assert_eq!(groups, [members], "{planted:?}");
            assert!(all_known.explored.states * 3 < every.explored.states * 2, "{planted:?}");
        }
    }
}

#[test]
fn every_bug_is_found_and_its_fixed_twin_is_proved() {
    for (planted, setup) in all() {
        let InAllWays { every, footprints, all_known } = visit(planted, ALONE, Reduced(setup));
        for Gone { explored, failing, .. } in [every, footprints, all_known] {
            if planted.is_fixed {
                assert!(explored.is_proof(), "{planted:?}: {explored}");
            } else if setup == SETUP {
                assert_eq!(failing.iter().collect::<Vec<_>>(), [planted.bug.monitor()], "{planted:?}");
            }
        }
    }
}

/// Goes through the orders with something that is not true.
struct Lying(Known, Setup);

impl Visitor for Lying {
    type Output = Exploration;

    fn visit<S: Story>(self, story: &S) -> Exploration {
        Gone::reduced(story, self.0, self.1).explored
    }
}

#[test]
fn events_that_are_said_to_touch_nothing_and_do_are_found_out() {
    let mut shown_by_both_orders = 0;
    for bug in Bug::INVENTED {
        let explored = visit(Planted::new(*bug), ALONE, Lying(Known::NoneTouchesAnything, SETUP));
        // If one of the two orders fails, that is what is found.
        assert!(explored.lie.is_some() || !explored.found.is_empty(), "{bug}: {explored}");
        assert!(!explored.is_proof(), "{bug}: {explored}");
        shown_by_both_orders += usize::from(explored.lie.is_some_and(|lie| lie.other.is_some()));
    }
    assert!(2 * shown_by_both_orders > Bug::INVENTED.len(), "{shown_by_both_orders}");
}

#[test]
fn an_event_that_brings_about_more_than_it_is_said_to_touch_is_found_out() {
    for planted in [Planted::new(Bug::RemovedListenerHears), Planted::new(Bug::RemovedListenerHears).fixed()]
    {
        let explored = visit(planted, ALONE, Lying(Known::FirstTouchesNothing, SETUP));
        let is_shown_by_what_comes = explored.lie.as_ref().is_some_and(|lie| lie.other.is_none());
        assert!(is_shown_by_what_comes && !explored.is_complete(), "{planted:?}: {explored}");
    }
}

/// Shrinks an order that a search finds and the ones that `explore` finds; returns how much each needs.
struct Shrink(Setup);

impl Visitor for Shrink {
    type Output = (usize, Vec<usize>);

    fn visit<S: Story>(self, story: &S) -> Self::Output {
        let gone = [Gone::every_order(story, self.0), Gone::reduced(story, Known::All, self.0)];
        let found = gone.iter().flat_map(|gone| &gone.explored.found);
        (of_a_search(story), found.map(|found| of_explore(story, found, self.0)).collect())
    }
}

#[test]
fn what_explore_finds_needs_no_more_than_what_a_search_finds() {
    for bug in Bug::INVENTED {
        let (of_search, of_explore) = visit(Planted::new(*bug), ALONE, Shrink(SETUP));
        assert_eq!(of_explore.len(), 2, "{bug}");
        assert!(
            of_explore.iter().all(|needed| *needed <= of_search),
            "{bug}: {of_explore:?} and {of_search}"
        );
    }
}

/// A row of the table, in the order of its columns.
fn row(bug: Bug) -> String {
    let planted = Planted::new(bug);
    let (_, brute) = visit(planted, ALONE, OneByOne(SETUP));
    let Brute { events, orders, .. } = brute.expect("there are few orders");
    let InAllWays { every, footprints, all_known } = visit(planted, ALONE, Reduced(SETUP));
    let inequivalent = every.explored.orders.and_then(|Orders { inequivalent, .. }| inequivalent);
    let has_groups = !all_known.explored.groups.is_empty();
    let among = visit(planted, AMONG_OTHERS, Reduced(SETUP));
    let states = |gone: &Gone| gone.explored.states.to_string();
    let cells = [
        bug.to_string(),
        events.to_string(),
        orders.to_string(),
        inequivalent.expect("states are merged").to_string(),
        states(&every),
        states(&footprints),
        if has_groups { states(&all_known) } else { "-".to_owned() },
        states(&among.every),
        states(&among.footprints),
    ];
    format!("| {} |\n", cells.join(" | "))
}

#[test]
fn the_page_shows_how_many_orders_and_states_there_are() {
    let table: String = Bug::INVENTED.iter().map(|bug| row(*bug)).collect();
    println!("{table}");
    let page = include_str!("../../../../docs/EXPLORE.md");
    assert!(page.contains(&table), "the table of EXPLORE.md is now:\n{table}");
}
