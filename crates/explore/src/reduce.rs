//! Making the program itself smaller, as long as it still fails.

use alloc::vec::Vec;

use tiebreak_kernel::{fold, mix};

use crate::calibration::Calibration;
use crate::directory::Directory;
use crate::effort::Effort;
use crate::history::History;
use crate::job::Job;
use crate::program::{Program, Symptom};
use crate::shrink::{
    Cause, DefaultOrder, EVENTS_MAX, NotShrunk, ORDERS_TRIED, Shrunk, default_orders, replay_chain,
    shrink_within, try_cause,
};
use crate::strategy::Tactic;

/// How many orders of each strategy are searched before a reduction is given up that the known order does not fail.
const SEARCHED: u64 = 16;
/// How many default orders the known order is tried with.
const REPLAYED: u64 = 3;

/// A program of parts that can be left out.
pub trait Reducible: Program + Sized {
    /// Returns programs that are a little smaller or simpler than this one, those with the most left out first.
    fn reductions(&self) -> impl Iterator<Item = (Self, Lost)>;
}

/// What a reduction leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Somebody, or something that somebody does by itself: other orders may fail without it.
    Part,
    /// Something that is done in answer to what happens. If more orders fail without it, it was there to prevent that.
    Answer,
}

/// A program from which nothing can be left out, as far as was tried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reduced<P> {
    /// The program.
    pub program: P,
    /// A failing run of it.
    pub history: History,
    /// How many reductions were made.
    pub reductions: u64,
}

/// Leaves out parts of a program as long as some order is known under which it fails with the same symptom.
///
/// Each reduction is first run in the order of the failing run. If it passes, some orders are searched anew: what was left
/// out may have been needed for that order only. Ends when no reduction fails, or the effort is over.
///
/// A program that passes in some order is reduced to one that passes in that order. Otherwise much would fail in every
/// order when somebody is left out, and would say nothing about the order. Without an answer it must pass in all default
/// orders in which it passes with it. One that fails in all orders that are tried is
/// reduced to one that fails in them all.
pub fn reduce<P: Reducible>(
    program: P,
    history: History,
    symptom: &Symptom,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> Reduced<P> {
    let passing = passing_order(&program, symptom, directory, effort);
    let mut reduced = Reduced { program, history, reductions: 0 };
    // What was given up once is tried again when all others were: most of it is given up again.
    let mut from = 0;
    while reduced.history.dispatches.len() <= EVENTS_MAX {
        match reduced.smaller(from, symptom, passing, directory, effort) {
            Some((at, program, history)) => {
                (reduced.program, reduced.history) = (program, history);
                reduced.reductions += 1;
                from = at;
            }
            None if from == 0 => break,
            None => from = 0,
        }
    }
    reduced
}

impl<P: Reducible> Reduced<P> {
    /// The first reduction from this one on that fails too, with its number and a run of it.
    fn smaller(
        &self,
        from: usize,
        symptom: &Symptom,
        passing: Option<DefaultOrder>,
        directory: &mut Directory,
        effort: &mut Effort<'_>,
    ) -> Option<(usize, P, History)> {
        let mut all_passing = None;
        for (at, (program, lost)) in self.program.reductions().enumerate().skip(from) {
            if effort.is_over() {
                break;
            }
            let is_like_it = match (passing, lost) {
                (Some(order), Lost::Part) => passes(&program, symptom, order, directory, effort),
                (Some(_), Lost::Answer) => {
                    let orders = all_passing
                        .get_or_insert_with(|| passing_orders(&self.program, symptom, directory, effort));
                    orders.iter().all(|order| passes(&program, symptom, *order, directory, effort))
                }
                (None, _) => passing_order(&program, symptom, directory, effort).is_none(),
            };
            if !is_like_it {
                continue;
            }
            if let Some(history) = still_fails(&program, &self.history, symptom, directory, effort) {
                return Some((at, program, history));
            }
        }
        None
    }
}

/// A failing program made small, and what makes it fail.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Minimal<P> {
    /// The program.
    pub program: P,
    /// What makes it fail, or why that is not known.
    pub shrunk: Result<Shrunk, NotShrunk>,
    /// A failing run.
    pub history: History,
}

/// Makes a failing program as small as it gets with half of the effort, and then finds out what makes it fail.
pub fn minimize<P: Reducible>(
    program: P,
    history: History,
    symptom: &Symptom,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> Minimal<P> {
    let mut half = effort.half();
    let Reduced { program, history, .. } = reduce(program, history, symptom, directory, &mut half);
    effort.take_back(&half);
    let shrunk = shrink_within(&program, &history, symptom, directory, effort);
    Minimal { program, shrunk, history }
}

/// The first of the default orders under which a program does not fail so, if there is one.
fn passing_order<P: Program>(
    program: &P,
    symptom: &Symptom,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> Option<DefaultOrder> {
    let mut orders = default_orders(effort.seed(), ORDERS_TRIED).into_iter();
    orders.find(|order| passes(program, symptom, *order, directory, effort))
}

/// All default orders under which a program does not fail so.
fn passing_orders<P: Program>(
    program: &P,
    symptom: &Symptom,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> Vec<DefaultOrder> {
    let orders = default_orders(effort.seed(), ORDERS_TRIED).into_iter();
    orders.filter(|order| passes(program, symptom, *order, directory, effort)).collect()
}

/// Whether a program does not fail so under one order; nothing is known to pass if nothing may be spent any more.
fn passes<P: Program>(
    program: &P,
    symptom: &Symptom,
    order: DefaultOrder,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> bool {
    effort.spend() && !try_cause(program, &Cause::default(), order, directory).symptoms.contains(symptom)
}

/// A run of a program that fails with a symptom, if one is found.
fn still_fails<P: Program>(
    program: &P,
    history: &History,
    symptom: &Symptom,
    directory: &mut Directory,
    effort: &mut Effort<'_>,
) -> Option<History> {
    let seed = effort.seed();
    for order in default_orders(seed, REPLAYED) {
        if !effort.spend() {
            return None;
        }
        let trial = replay_chain(program, history, order, directory);
        if trial.symptoms.contains(symptom) {
            return Some(trial.history);
        }
    }
    let calibration = Calibration::default();
    for tactic in [Tactic::Clocks, Tactic::Pos] {
        for turn in 0..SEARCHED {
            if !effort.spend() {
                return None;
            }
            let job = Job { number: turn, tactic, turn, seed: mix(fold(seed, turn)), prefix: Vec::new() };
            let watched = job.watch(program, &calibration, directory);
            if watched.symptoms.contains(symptom) {
                return Some(watched.history);
            }
        }
    }
    None
}
