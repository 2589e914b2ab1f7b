//! All orders of a program.
//!
//! A run is forked before each choice, and each side goes on with another event. Sides that have come to the same state are
//! merged: what follows is followed once. That is a proof as far as the hash of a state has in it all that decides how a run
//! goes on.

mod count;
mod fork;
mod graph;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use fork::{Forking, Path, Picker};

use crate::account::{around, counted};
use crate::program::{Failure, Setup};
use fork::Told;
use graph::{Graph, Task, replay};

/// So many states are looked at unless somebody says otherwise.
const STATES_MAX: u64 = 1_000_000;

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How many states may be looked at.
    pub states: u64,
}

impl Default for Budget {
    /// A million states.
    fn default() -> Self {
        Self { states: STATES_MAX }
    }
}

/// An order in which a program fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterexample {
    /// How to come to it.
    pub path: Path,
    /// What failed.
    pub failures: Vec<Failure>,
}

/// What came of going through all orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exploration {
    /// How many different states there are, so far as was looked.
    pub states: u64,
    /// How many events were run.
    pub steps: u64,
    /// In how many states a run can end.
    pub ends: u64,
    /// How many states have two or more events to choose among.
    pub contended: u64,
    /// How many orders there are; `None` if not all were gone through.
    pub orders: Option<Orders>,
    /// Why not all were gone through.
    pub unfinished: Option<Unfinished>,
    /// An order for each thing that can fail: the first that was met, for each monitor. A run ends where something fails, so that
    /// what would fail behind it is not in here.
    pub found: Vec<Counterexample>,
    /// How many monitors say that something failed.
    pub failing: u64,
    /// How many times two runs that hashed alike went on to the end, and came to the same.
    pub checked: u64,
    /// Two runs that hashed alike and went on differently, if there were any: the hash leaves something out, and nothing is
    /// proved.
    pub mismatch: Option<Mismatch>,
}

/// Why not all orders were gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// There are more states than the budget allows.
    States,
    /// Somebody wanted an end.
    Interrupted,
}

/// How many orders a program has, each up to its end or to where something fails. Counts beyond 2¹²⁸ − 1 are that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orders {
    /// All of them.
    pub all: u128,
    /// How many suffice to come to all others by letting neighbours change places where both orders of them were run from
    /// the very state and came to the same one. If the same events can change places in all states there are no fewer
    /// that suffice; otherwise there may be.
    pub inequivalent: u128,
}

/// Two runs whose states hashed alike, and that differ in what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// How to come to the state of the one.
    pub path: Path,
    /// And of the other.
    pub other: Path,
}

impl Exploration {
    /// Returns whether it is proved that nothing fails in any order.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        self.is_complete() && self.found.is_empty()
    }

    /// Returns whether all orders were gone through, and no hash was caught leaving something out.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.orders.is_some() && self.mismatch.is_none()
    }
}

impl fmt::Display for Exploration {
    /// What is known now, in one sentence.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states = counted(self.states.into(), "state");
        if self.mismatch.is_some() {
            return write!(
                out,
                "nothing is proved: two states hash alike and go on differently, so a hash leaves something out"
            );
        }
        match self.unfinished {
            Some(Unfinished::States) => {
                return write!(out, "nothing is proved: there are more than {states}");
            }
            Some(Unfinished::Interrupted) => {
                return write!(out, "nothing is proved: it was interrupted after {states}");
            }
            None => {}
        }
        let Orders { all, inequivalent } = self.orders.unwrap_or(Orders { all: 0, inequivalent: 0 });
        let (orders, ends) = (counted(all, "order"), self.ends);
        match self.failing {
            0 => write!(out, "proved: nothing fails in any order; {orders}")?,
            failing => {
                let things = counted(failing.into(), "thing");
                write!(out, "{things} can fail; {orders} up to where one fails")?;
            }
        }
        write!(out, " ({inequivalent} inequivalent), {states} ({ends} at the end)")
    }
}

/// Goes through all orders of a program: all that its lanes, phases and bands allow, with the draws of one seed.
///
/// Costs one fork and one hash of a state for each event that can run in each state. Memory grows with the states, by
/// about 100 bytes each and 32 for each event that can run in them, and with the choices of one run, each by a copy of the run. `goes_on` is asked before each event;
/// once it says no, nothing is proved.
pub fn explore<P: Forking>(
    program: &P,
    setup: Setup,
    budget: Budget,
    goes_on: &dyn Fn() -> bool,
) -> Exploration {
    let graph = Graph::of(&Task { program, setup, budget, goes_on });
    let orders = graph.unfinished.is_none().then(|| count::orders(&graph));
    let ends = graph.ends();
    let Graph { states, steps, contended, unfinished, found, monitors, mismatch, checked, .. } = graph;
    let (states, failing) = (states.len() as u64, monitors.len() as u64);
    Exploration { states, steps, ends, contended, orders, unfinished, found, failing, checked, mismatch }
}

/// Returns the events of the instants at which something was chosen on the way to where a path ends, line by line. Those that
/// were chosen among two or more are marked.
pub fn tell<P: Forking>(program: &P, setup: Setup, path: &Path) -> Vec<String> {
    let run = program.begin(setup, Picker::new(setup.seed).telling());
    let mut run = replay(program, run, path);
    let told = program.picker(&mut run).told();
    told.map_or_else(Vec::new, |Told { directory, history, chosen }| around(history, chosen, directory))
}
