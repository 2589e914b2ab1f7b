//! Constraints, fixed draws, and what failures shrink to.

use alloc::collections::{BTreeMap, BTreeSet};
use core::cell::Cell;

use tiebreak_explore::{
    Answer, Campaign, Cause, Constraint, Director, Directory, Effort, EventRef, FixedDraw, NotShrunk,
    ORDERS_CONFIRMED, ORDERS_TRIED, Outcome, PAIRS_MAX, Plan, Program, Reasons, Setup, Symptom, Tactic,
    Trial, all_causes, default_orders, shrink, shrink_within, try_cause,
};

use crate::campaigns::first_failing;
use crate::toy::{Ran, Toy, named, toy};

fn event(text: &str) -> EventRef {
    text.parse::<EventRef>().expect("an event")
}

fn ordering(before: &str, after: &str) -> Constraint {
    Constraint { before: event(before), after: event(after) }
}

fn cause(constraints: &[Constraint]) -> Cause {
    Cause::of_orderings(constraints.to_vec())
}

/// Runs under a cause in many orders.
fn trials(toy: &Toy, cause: &Cause) -> Vec<Trial> {
    let mut directory = Directory::default();
    let orders = default_orders(7, 100);
    orders.into_iter().map(|order| try_cause(toy, cause, order, &mut directory)).collect()
}

fn symptom() -> Symptom {
    Symptom { monitor: "rule".into(), event: String::new() }
}

#[test]
fn events_are_written_as_they_are_read() {
    for text in ["a/does(1)#1", "a/does#12", "x/step(add-route(10.0.0.0/8)#2)#1"] {
        assert_eq!(event(text).to_string(), text);
    }
    assert_eq!(event("a/does(1)"), event("a/does(1)#1"), "the first is meant without a number");
    assert_eq!(event("a/step(x#y)").name, "a/step(x#y)", "what is no number belongs to the name");
    assert_eq!(event("b/n(1)").of(event("a/does(1)#2")).to_string(), "b/n(1) of a/does(1)#2");
    assert_eq!(event("b/n(1)#3").of(event("a/does(1)#2")).to_string(), "b/n(1)#3 of a/does(1)#2");
    assert_eq!(event("b/n(1)#3").from_outside().to_string(), "b/n(1)#3 from outside");
    let caused = event("b/n(1)").of(event("a/does(1)#2"));
    assert_eq!(caused.cause(), Some(&event("a/does(1)#2")));
    assert_eq!((event("b/n(1)").cause(), event("b/n(1)").from_outside().cause()), (None, None));
    for text in ["", "a", "/does", "a/", "a/does#0", "a/does#99999999999"] {
        assert!(text.parse::<EventRef>().is_err(), "{text}");
    }
}

#[test]
fn a_constraint_is_kept_in_every_order_and_leaves_the_rest_free() {
    let toy = toy(&[1, 101, 201, 301], |ran| ran.before(1, 301));
    let kept = trials(&toy, &cause(&[ordering("d/does(1)#1", "a/does(1)#1")]));
    assert!(kept.iter().all(|trial| trial.symptoms.is_empty() && trial.broken.is_empty()));
    let orders: BTreeSet<Vec<usize>> = kept
        .iter()
        .map(|trial| trial.history.dispatches.iter().map(|event| event.name.index()).collect())
        .collect();
    assert_eq!(orders.len(), 12, "half of all orders");
}

#[test]
fn an_event_is_counted_among_those_of_its_cause() {
    // 1 and 101 each cause an event of actor `c` with one name, so that either can be the first in the run.
    let mut toy = toy(&[1, 101, 301], |ran| ran.before(301, 213));
    toy.children = BTreeMap::from([(1, vec![203]), (101, vec![213])]);
    let second =
        Constraint { before: event(&named(213)).of(event("b/does(1)#1")), after: event("d/does(1)#1") };
    assert_eq!(second.to_string(), "c/does(3) of b/does(1)#1 before d/does(1)#1");
    assert!(trials(&toy, &cause(&[second])).iter().all(|trial| trial.symptoms.is_empty()));
    let first = ordering("c/does(3)#1", "d/does(1)#1");
    let in_the_run = trials(&toy, &cause(&[first]));
    assert!(
        in_the_run.iter().any(|trial| !trial.symptoms.is_empty()),
        "the first of the run can be the other one"
    );
}

#[test]
fn a_constraint_that_cannot_be_kept_is_said_to_be_broken_or_missing() {
    let toy = toy(&[1, 101], |_| false);
    let [unknown, cycle] = [
        cause(&[ordering("e/does(9)#1", "a/does(1)#1")]),
        cause(&[ordering("a/does(1)#1", "b/does(1)#1"), ordering("b/does(1)#1", "a/does(1)#1")]),
    ];
    for trial in trials(&toy, &unknown) {
        assert_eq!((trial.broken, trial.missing), (vec![0], vec![0]));
    }
    for trial in trials(&toy, &cycle) {
        assert_eq!((trial.broken.len(), trial.missing.len()), (1, 0), "one of the two is kept");
    }
}

#[test]
fn a_fixed_draw_has_its_value_and_changes_no_other() {
    let mut toy = toy(&[1, 101, 201], |_| false);
    toy.rolls = vec![1, 101, 201];
    let fixed = |value| Cause {
        draws: vec![FixedDraw { draw: event("b/rolls#1"), value: Answer::Number(value) }],
        ..Cause::default()
    };
    // The same events run in the same order, so that the draws are made in the same order.
    let draws = |cause: &Cause| -> Vec<Vec<u64>> {
        let of = |trial: Trial| trial.history.draws.iter().map(|drawn| drawn.value).collect();
        trials(&toy, cause).into_iter().map(of).collect()
    };
    let (free, seven) = (draws(&Cause::default()), draws(&fixed(7)));
    for (free, seven) in free.iter().zip(&seven) {
        let changed: Vec<u64> =
            free.iter().zip(seven).filter(|(free, seven)| free != seven).map(|(_, seven)| *seven).collect();
        assert!(free.len() == 3 && (changed.is_empty() || changed == [7]), "{free:?} {seven:?}");
    }
    assert!(free.iter().zip(&seven).any(|(free, seven)| free != seven));
    assert_eq!(draws(&fixed(1_000)), free, "a value that cannot be drawn is not taken");
}

#[test]
fn a_failure_shrinks_to_the_orderings_that_it_needs() {
    let rule: fn(&Ran) -> bool = |ran| ran.before(301, 1) && ran.before(1, 201);
    let toy = toy(&[1, 101, 201, 301, 302, 303, 102, 103], rule);
    for (number, tactic) in [(0, Tactic::Clocks), (1, Tactic::Walk), (2, Tactic::Pos)] {
        let (history, mut directory) = first_failing(&toy, tactic, number);
        let shrunk = shrink(&toy, &history, &symptom(), number, &mut directory).expect("it is by order");
        let mut found: Vec<String> = shrunk.cause.constraints.iter().map(ToString::to_string).collect();
        found.sort();
        assert_eq!(found, ["a/does(1)#1 before c/does(1)#1", "d/does(1)#1 before a/does(1)#1"]);
        assert_eq!((shrunk.confirmed, shrunk.cause.draws.len()), (300, 0));
    }
}

#[test]
fn a_failure_shrinks_to_the_draw_that_it_needs_with_the_smallest_value() {
    let mut toy = toy(&[1, 101, 201], |ran| ran.before(201, 1) && ran.drawn.iter().any(|drawn| *drawn > 990));
    toy.rolls = vec![101, 201];
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 3);
    let shrunk = shrink(&toy, &history, &symptom(), 1, &mut directory).expect("it is by order and draws");
    let [draw] = &*shrunk.cause.draws else { panic!("one draw: {:?}", shrunk.cause) };
    assert_eq!((draw.value, draw.draw.repeat), (Answer::Number(991), 1), "{draw}");
    assert_eq!(shrunk.cause.constraints, [ordering("c/does(1)#1", "a/does(1)#1")]);
}

#[test]
fn what_always_fails_needs_nothing_and_what_depends_on_something_else_is_not_shrunk() {
    let always = toy(&[1, 101], |_| true);
    let (history, mut directory) = first_failing(&always, Tactic::Clocks, 0);
    let shrunk = shrink(&always, &history, &symptom(), 1, &mut directory).expect("it always fails");
    assert_eq!((shrunk.cause, shrunk.confirmed), (Cause::default(), 300));
    let by_seed = toy(&[1, 101], |ran| ran.seed % 2 == 1);
    let (history, mut directory) = first_failing(&by_seed, Tactic::Clocks, 0);
    let shrunk = shrink(&by_seed, &history, &symptom(), 1, &mut directory);
    assert_eq!(shrunk.err(), Some(NotShrunk::NotByOrder));
}

#[test]
fn all_causes_are_listed_if_there_are_several() {
    // Either of two orderings does it.
    let rule: fn(&Ran) -> bool = |ran| ran.before(101, 1) || ran.before(301, 201);
    let toy = toy(&[1, 101, 201, 301], rule);
    let both = cause(&[ordering("b/does(1)#1", "a/does(1)#1"), ordering("d/does(1)#1", "c/does(1)#1")]);
    let mut directory = Directory::default();
    let found = all_causes(&toy, &both, &symptom(), &mut directory, &mut Effort::new(1, u64::MAX));
    let expected: Vec<Vec<Constraint>> = both.constraints.iter().map(|one| vec![one.clone()]).collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

/// Why a program fails whose first failing run is known.
fn reasons(toy: &Toy, runs: u64) -> Vec<String> {
    let (history, mut directory) = first_failing(toy, Tactic::Walk, 1);
    let shrunk = shrink(toy, &history, &symptom(), 1, &mut directory).expect("it is by order");
    let mut effort = Effort::new(1, runs);
    Reasons::of(toy, (&history, &shrunk.cause), &symptom(), &mut directory, &mut effort).lines()
}

#[test]
fn every_reason_for_which_the_events_of_a_run_fail_is_listed() {
    // A run in which both reasons are there: `a` is the last.
    let both: fn(&Ran) -> bool = |ran| ran.before(101, 1) || ran.before(201, 1) && ran.before(301, 1);
    let (history, mut directory) =
        first_failing(&toy(&[1, 101, 201, 301], |ran| ran.order[3] == 1), Tactic::Walk, 1);
    let all = toy(&[1, 101, 201, 301], both);
    let cause = cause(&[ordering("b/does(1)#1", "a/does(1)#1")]);
    let mut effort = Effort::new(1, u64::MAX);
    let found = Reasons::of(&all, (&history, &cause), &symptom(), &mut directory, &mut effort).lines();
    let expected = [
        "fails for 2 reasons, each enough by itself",
        "  1. b/does(1)#1 before a/does(1)#1",
        "  2. d/does(1)#1 before a/does(1)#1",
        "     c/does(1)#1 before a/does(1)#1",
    ];
    assert_eq!(found, expected);
}

#[test]
fn where_too_much_races_or_the_effort_is_over_that_is_said() {
    // All pairs of seven events are 21.
    let rule: fn(&Ran) -> bool = |ran| ran.before(101, 1);
    let seven = toy(&[1, 101, 201, 301, 401, 102, 202], rule);
    let said = format!(
        "not all reasons are known: 21 pairs of events race, and they are listed for at most {PAIRS_MAX}"
    );
    assert_eq!(reasons(&seven, u64::MAX), [said]);
    let six = toy(&[1, 101, 201, 301, 401, 102], rule);
    assert_eq!(reasons(&six, u64::MAX), ["this run has no other reason to fail"]);
    assert_eq!(reasons(&six, 3), ["ended before all reasons were known"]);
}

#[test]
fn a_failure_hides_none_that_comes_after_it() {
    // Whenever the second rule is broken the first one is as well.
    let toy = Toy {
        fails_before: |ran| ran.before(1, 201) || ran.before(101, 201),
        ..toy(&[1, 101, 201], |ran| ran.before(1, 201))
    };
    let mut directory = Directory::default();
    let mut campaign = Campaign::new(&toy, Plan::new(1, 200), &mut directory);
    campaign.run(&toy, &mut directory);
    let found: Vec<&str> = campaign.found().keys().map(|symptom| &*symptom.monitor).collect();
    assert_eq!(found, ["other rule", "rule"]);
    let found = &campaign.found()[&symptom()];
    let history = found.first.job.watch(&toy, campaign.calibration(), &mut directory).history;
    let shrunk = shrink(&toy, &history, &symptom(), 1, &mut directory).expect("it is by order");
    assert_eq!(shrunk.cause.constraints, [ordering("a/does(1)#1", "c/does(1)#1")]);
    assert_eq!(found.failure.monitor, "rule");
    assert!(campaign.failed() >= found.runs && campaign.failed() < 200);
}

#[test]
fn an_event_from_outside_is_counted_among_those_from_outside() {
    // 203 comes from outside; 1 may schedule an event of that name before it runs.
    let mut toy = toy(&[1, 101, 203], |ran| ran.before(203, 101));
    toy.children = BTreeMap::from([(1, vec![213])]);
    for seed in 0..20 {
        let (history, mut directory) = first_failing(&toy, Tactic::Walk, seed);
        let shrunk = shrink(&toy, &history, &symptom(), seed, &mut directory).expect("it is by order");
        let found: Vec<String> = shrunk.cause.constraints.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["c/does(3)#1 from outside before b/does(1)#1"]);
        assert_eq!(shrunk.confirmed, 300);
    }
}

#[test]
fn a_draw_is_counted_among_those_of_its_event() {
    // 101 and 111 draw at one site, in either order: the first of the run can be that of the other.
    let rule: fn(&Ran) -> bool = |ran| {
        let place =
            |id: u64| ran.order.iter().filter(|other| **other / 100 == 1).position(|other| *other == id);
        ran.drawn[place(102).expect("it has run")] > 990
    };
    let mut toy = toy(&[101, 102], rule);
    toy.rolls = vec![101, 102];
    for seed in 0..20 {
        let (history, mut directory) = first_failing(&toy, Tactic::Walk, seed);
        let shrunk = shrink(&toy, &history, &symptom(), seed, &mut directory).expect("it is by a draw");
        let found: Vec<String> = shrunk.cause.draws.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["b/rolls of b/does(2)#1 draws 991"]);
        assert_eq!((shrunk.cause.constraints.len(), shrunk.confirmed), (0, 300));
    }
}

#[test]
fn what_is_cancelled_in_the_failing_run_is_ordered_too() {
    // 1 cancels 101, and 301 cancels 201: it fails if neither of the two came in time.
    let mut toy = toy(&[1, 101, 201, 301, 302], |ran| !ran.order.contains(&101) && !ran.order.contains(&201));
    toy.cancels = BTreeMap::from([(1, 101), (301, 201)]);
    for seed in 0..20 {
        let (history, mut directory) = first_failing(&toy, Tactic::Clocks, seed);
        let shrunk = shrink(&toy, &history, &symptom(), seed, &mut directory).expect("it is by order");
        let mut found: Vec<String> = shrunk.cause.constraints.iter().map(ToString::to_string).collect();
        found.sort();
        assert_eq!(found, ["a/does(1)#1 before b/does(1)#1", "d/does(1)#1 before c/does(1)#1"]);
        assert_eq!(shrunk.confirmed, 300);
    }
}

#[test]
fn what_is_cancelled_in_a_long_failing_run_is_ordered_too() {
    let mut toy = toy(&[1, 101, 302], |ran| !ran.order.contains(&101));
    toy.cancels = BTreeMap::from([(1, 101)]);
    toy.events.extend((0..2_500).map(|second| (10 + second, 400)));
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
    let shrunk = shrink(&toy, &history, &symptom(), 1, &mut directory).expect("it is by order");
    assert_eq!(shrunk.cause, cause(&[ordering("a/does(1)#1", "b/does(1)#1")]));
}

/// A program that takes down the seeds of its runs.
struct Seeds(Toy, Cell<BTreeSet<u64>>);

impl Program for Seeds {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let mut seeds = self.1.take();
        seeds.insert(setup.seed);
        self.1.set(seeds);
        self.0.run(setup, choices)
    }
}

#[test]
fn a_cause_is_confirmed_in_other_orders_than_those_it_was_shrunk_in() {
    let always = toy(&[1, 101], |_| true);
    let (history, mut directory) = first_failing(&always, Tactic::Clocks, 0);
    let program = Seeds(always, Cell::default());
    let shrunk = shrink(&program, &history, &symptom(), 1, &mut directory).expect("it always fails");
    assert!(shrunk.is_confirmed());
    assert_eq!(program.1.take().len() as u64, ORDERS_TRIED + ORDERS_CONFIRMED);
}

#[test]
fn a_cause_with_which_some_orders_pass_says_of_how_many_that_were_tried() {
    let by_seed = toy(&[1, 101], |ran| ran.seed % 40 != 7);
    let (history, mut directory) = first_failing(&by_seed, Tactic::Clocks, 0);
    // One in which it fails in all of the orders that are tried first.
    let first = |seed| default_orders(seed, ORDERS_TRIED).iter().all(|order| order.setup.seed % 40 != 7);
    let seed = (0..1_000).find(|seed| first(*seed)).expect("there are some");
    let mut effort = Effort::new(seed, 10_000);
    for _ in 0..2 {
        let spent = effort.spent();
        let shrunk = shrink_within(&by_seed, &history, &symptom(), &mut directory, &mut effort);
        let shrunk = shrunk.expect("it fails in all orders that are tried first");
        assert_eq!(shrunk.cause, Cause::default());
        assert_eq!((shrunk.tried, shrunk.is_confirmed()), (ORDERS_CONFIRMED, false));
        assert!((270..300).contains(&shrunk.confirmed), "{}", shrunk.confirmed);
        assert_eq!(shrunk.replays, effort.spent() - spent, "what was spent before does not count");
    }
}

#[test]
fn runs_are_shrunk_up_to_a_number_of_events_which_is_said() {
    for (events, expected) in [(20_000, NotShrunk::Unfinished), (20_001, NotShrunk::TooLong)] {
        let mut long = toy(&[], |_| true);
        long.events = (0..events).map(|at| (at, 1)).collect();
        let (history, mut directory) = first_failing(&long, Tactic::Clocks, 0);
        let mut effort = Effort::new(1, 0);
        let reason = shrink_within(&long, &history, &symptom(), &mut directory, &mut effort).err();
        assert_eq!(reason, Some(expected));
        assert_eq!(expected.to_string().contains("20,000 events"), expected == NotShrunk::TooLong);
    }
}
