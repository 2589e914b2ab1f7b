//! Making programs small.

use core::cell::Cell;

use tiebreak_explore::{
    Director, Effort, Lost, NotShrunk, Outcome, Program, Reducible, Setup, Shrunk, Symptom, Tactic, minimize,
    reduce, shrink_within,
};

use crate::campaigns::first_failing;
use crate::toy::{Toy, toy};

/// A toy that can lose one event at a time. These are answers to what happens.
#[derive(Clone)]
struct Losing(Toy, &'static [u64]);

impl Program for Losing {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        self.0.run(setup, choices)
    }
}

impl Reducible for Losing {
    fn reductions(&self) -> impl Iterator<Item = (Self, Lost)> {
        (0..self.0.events.len()).map(|at| {
            let mut smaller = self.clone();
            let (_, lost) = smaller.0.events.remove(at);
            (smaller, if self.1.contains(&lost) { Lost::Answer } else { Lost::Part })
        })
    }
}

fn symptom() -> Symptom {
    Symptom { monitor: "rule".into(), event: String::new() }
}

fn ids(program: &Losing) -> Vec<u64> {
    program.0.events.iter().map(|(_, id)| *id).collect()
}

#[test]
fn what_is_not_needed_is_left_out() {
    let toy = toy(&[1, 2, 101, 102, 201, 202, 301, 302], |ran| ran.before(301, 1));
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
    let minimal =
        minimize(Losing(toy, &[]), history, &symptom(), &mut directory, &mut Effort::new(1, 10_000));
    assert_eq!(ids(&minimal.program), [1, 301]);
    let shrunk = minimal.shrunk.expect("it is by order");
    assert_eq!(shrunk.cause.constraints.len(), 1);
    assert_eq!(shrunk.cause.constraints[0].to_string(), "d/does(1)#1 before a/does(1)#1");
}

#[test]
fn what_passes_in_some_order_is_not_reduced_to_what_never_passes() {
    // Without 1 it fails in every order, which is another matter.
    let toy = toy(&[1, 101, 201], |ran| !ran.before(1, 101));
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
    let reduced = reduce(Losing(toy, &[]), history, &symptom(), &mut directory, &mut Effort::new(1, 10_000));
    assert_eq!(ids(&reduced.program), [1, 101]);
    assert_eq!(reduced.reductions, 1);
}

#[test]
fn an_answer_is_left_out_only_if_no_more_orders_fail_without_it() {
    // 201 prevents the failure if it comes before 1; 301 prevents nothing.
    let toy = toy(&[1, 101, 201, 301], |ran| ran.before(101, 1) && !ran.before(201, 1));
    let left = |answers: &'static [u64]| {
        let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
        let (program, mut effort) = (Losing(toy.clone(), answers), Effort::new(1, 10_000));
        ids(&reduce(program, history, &symptom(), &mut directory, &mut effort).program)
    };
    assert_eq!(left(&[]), [1, 101], "other orders may fail without a part");
    assert_eq!(left(&[201, 301]), [1, 101, 201]);
}

#[test]
fn a_reduction_whose_order_is_lost_is_searched_for_another() {
    // 302 decides which of two orders fails: without it another order has to be found.
    let toy = toy(&[1, 101, 302], |ran| {
        if ran.order.contains(&302) { ran.before(1, 101) && ran.before(302, 1) } else { ran.before(101, 1) }
    });
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
    let reduced = reduce(Losing(toy, &[]), history, &symptom(), &mut directory, &mut Effort::new(1, 10_000));
    assert_eq!(ids(&reduced.program), [1, 101]);
}

#[test]
fn nothing_is_left_out_without_runs() {
    let toy = toy(&[1, 101, 201], |ran| ran.before(101, 1));
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
    let mut effort = Effort::new(1, 0);
    let reduced = reduce(Losing(toy.clone(), &[]), history.clone(), &symptom(), &mut directory, &mut effort);
    assert_eq!((ids(&reduced.program).len(), effort.spent()), (3, 0));
    let shrunk = shrink_within(&toy, &history, &symptom(), &mut directory, &mut effort);
    assert_eq!(shrunk.err(), Some(NotShrunk::Unfinished));
}

#[test]
fn an_end_that_somebody_wants_leaves_what_was_found_so_far() {
    let toy = toy(&[1, 2, 101, 102, 201, 202, 301, 302], |ran| ran.before(301, 1) && ran.before(102, 201));
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
    let mut sizes = Vec::new();
    for runs in [60, 200, 2_000] {
        let made = Cell::new(0);
        let is_enough = || {
            made.set(made.get() + 1);
            made.get() <= runs
        };
        let mut effort = Effort::new(1, u64::MAX).while_it(&is_enough);
        let shrunk = shrink_within(&toy, &history, &symptom(), &mut directory, &mut effort);
        assert!(effort.spent() <= runs && made.get() >= effort.spent());
        assert_eq!(shrunk.as_ref().is_ok_and(Shrunk::is_confirmed), runs == 2_000);
        sizes.extend(
            shrunk.ok().map(|shrunk| (shrunk.cause.constraints.len(), shrunk.confirmed, shrunk.tried)),
        );
    }
    assert_eq!(sizes.last(), Some(&(2, 300, 300)));
    assert!(sizes.len() > 1 && sizes[0].0 > 2 && sizes[0].2 == 0, "{sizes:?}");
}
