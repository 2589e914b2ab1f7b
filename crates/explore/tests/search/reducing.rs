//! Making programs small.

use tiebreak_explore::{Director, Outcome, Program, Reducible, Setup, Symptom, Tactic, minimize, reduce};

use crate::campaigns::first_failing;
use crate::toy::{Toy, toy};

/// A toy that can lose one event at a time.
#[derive(Clone)]
struct Losing(Toy);

impl Program for Losing {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        self.0.run(setup, choices)
    }
}

impl Reducible for Losing {
    fn reductions(&self) -> impl Iterator<Item = Self> {
        (0..self.0.events.len()).map(|at| {
            let mut smaller = self.clone();
            smaller.0.events.remove(at);
            smaller
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
    let minimal = minimize(Losing(toy), history, &symptom(), &mut directory, (1, 10_000));
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
    let reduced = reduce(Losing(toy), history, &symptom(), &mut directory, (1, 10_000));
    assert_eq!(ids(&reduced.program), [1, 101]);
    assert_eq!(reduced.reductions, 1);
}

#[test]
fn a_reduction_whose_order_is_lost_is_searched_for_another() {
    // 302 decides which of two orders fails: without it another order has to be found.
    let toy = toy(&[1, 101, 302], |ran| {
        if ran.order.contains(&302) { ran.before(1, 101) && ran.before(302, 1) } else { ran.before(101, 1) }
    });
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
    let reduced = reduce(Losing(toy), history, &symptom(), &mut directory, (1, 10_000));
    assert_eq!(ids(&reduced.program), [1, 101]);
}

#[test]
fn nothing_is_left_out_without_runs() {
    let toy = toy(&[1, 101, 201], |ran| ran.before(101, 1));
    let (history, mut directory) = first_failing(&toy, Tactic::Clocks, 1);
    let reduced = reduce(Losing(toy), history, &symptom(), &mut directory, (1, 0));
    assert_eq!((ids(&reduced.program).len(), reduced.runs), (3, 0));
}
