//! Making the program itself smaller, as long as it still fails.

use tiebreak_kernel::{fold, mix};

use crate::calibration::Calibration;
use crate::directory::Directory;
use crate::history::History;
use crate::job::Job;
use crate::program::{Program, Symptom};
use crate::shrink::{
    Cause, DefaultOrder, EVENTS_MAX, ORDERS_TRIED, Shrunk, default_orders, replay_chain, shrink, try_cause,
};
use crate::strategy::Tactic;

/// How many orders of each strategy are searched before a reduction is given up that the known order does not fail.
const SEARCHED: u64 = 32;
/// How many default orders the known order is tried with.
const REPLAYED: u64 = 3;

/// A program of parts that can be left out.
pub trait Reducible: Program + Sized {
    /// Returns programs that are a little smaller or simpler than this one, those with the most left out first.
    fn reductions(&self) -> impl Iterator<Item = Self>;
}

/// A program from which nothing can be left out, as far as was tried.
#[derive(Debug, Clone)]
pub struct Reduced<P> {
    /// The program.
    pub program: P,
    /// A failing run of it.
    pub history: History,
    /// How many runs that took.
    pub runs: u64,
    /// How many reductions were made.
    pub reductions: u64,
}

/// Leaves out parts of a program as long as some order is known under which it fails with the same symptom.
///
/// Each reduction is first run in the order of the failing run. If it passes, some orders are searched anew: what was left
/// out may have been needed for that order only. Ends when no reduction fails, or after about `runs` runs.
///
/// A program that passes in some order is reduced to one that passes in that order. Otherwise much would fail in every
/// order when somebody is left out, and would say nothing about the order. One that fails in all orders that are tried is
/// reduced to one that fails in them all.
pub fn reduce<P: Reducible>(
    program: P,
    history: History,
    symptom: &Symptom,
    directory: &mut Directory,
    (seed, runs): (u64, u64),
) -> Reduced<P> {
    let passing = passing_order(&program, directory, seed);
    let mut reduced = Reduced { program, history, runs: 0, reductions: 0 };
    while reduced.runs < runs && reduced.history.dispatches.len() <= EVENTS_MAX {
        let mut smaller = reduced.program.reductions();
        let found = smaller.find_map(|program| {
            reduced.runs += 1;
            let is_like_it = match passing {
                Some(order) => passes(&program, order, directory),
                None => passing_order(&program, directory, seed).is_none(),
            };
            if reduced.runs >= runs || !is_like_it {
                return None;
            }
            let counted = (seed, &mut reduced.runs);
            let history = still_fails(&program, &reduced.history, symptom, directory, counted)?;
            Some((program, history))
        });
        drop(smaller);
        let Some((program, history)) = found else { break };
        (reduced.program, reduced.history) = (program, history);
        reduced.reductions += 1;
    }
    reduced
}

/// A failing program made small, and what makes it fail.
#[derive(Debug, Clone)]
pub struct Minimal<P> {
    /// The program.
    pub program: P,
    /// What makes it fail; `None` if that does not follow from the order of events and the draws.
    pub shrunk: Option<Shrunk>,
    /// A failing run.
    pub history: History,
    /// How many runs all that took.
    pub runs: u64,
}

/// Makes a failing program as small as it gets in about `runs` runs, and then finds out what makes it fail.
pub fn minimize<P: Reducible>(
    program: P,
    history: History,
    symptom: &Symptom,
    directory: &mut Directory,
    (seed, runs): (u64, u64),
) -> Minimal<P> {
    let Reduced { program, history, runs, .. } = reduce(program, history, symptom, directory, (seed, runs));
    let shrunk = shrink(&program, &history, symptom, directory, seed);
    let runs = runs + shrunk.as_ref().map_or(0, |shrunk| shrunk.replays);
    Minimal { program, shrunk, history, runs }
}

/// The first of the default orders under which a program passes, if it does under any.
fn passing_order<P: Program>(program: &P, directory: &mut Directory, seed: u64) -> Option<DefaultOrder> {
    default_orders(seed, ORDERS_TRIED).into_iter().find(|order| passes(program, *order, directory))
}

fn passes<P: Program>(program: &P, order: DefaultOrder, directory: &mut Directory) -> bool {
    try_cause(program, &Cause::default(), order, directory).symptom.is_none()
}

/// A run of a program that fails with a symptom, if one is found.
fn still_fails<P: Program>(
    program: &P,
    history: &History,
    symptom: &Symptom,
    directory: &mut Directory,
    (seed, runs): (u64, &mut u64),
) -> Option<History> {
    for order in default_orders(seed, REPLAYED) {
        *runs += 1;
        let trial = replay_chain(program, history, order, directory);
        if trial.symptom.as_ref() == Some(symptom) {
            return Some(trial.history);
        }
    }
    let calibration = Calibration::default();
    for tactic in [Tactic::Clocks, Tactic::Pos] {
        for turn in 0..SEARCHED {
            *runs += 1;
            let job = Job {
                number: turn,
                tactic,
                turn,
                seed: mix(fold(seed, turn)),
                prefix: alloc::vec::Vec::new(),
            };
            let watched = job.watch(program, &calibration, directory);
            if watched.symptom.as_ref() == Some(symptom) {
                return Some(watched.history);
            }
        }
    }
    None
}
