//! From a failing run to the few orderings and draws that make it fail.

mod ddmin;
mod late;
mod material;
mod order;
mod reasons;

use alloc::vec::Vec;

use tiebreak_kernel::{Order, fold, mix};

use crate::director::Director;
use crate::directory::Directory;
use crate::event::{Constraint, FixedDraw};
use crate::history::History;
use crate::program::{Outcome, Program, Setup, Symptom};
use crate::strategy::{Last, Strategy};

pub(crate) use order::{EVENTS_MAX, replay_chain};
pub use order::{NotShrunk, Shrunk, all_causes, fails_with, shrink, shrink_within};
pub use reasons::{PAIRS_MAX, Reasons};

/// How many orders a cause is tried under while it is shrunk. Whatever passes in more than 22 % of orders is noticed with
/// 95 % certainty.
pub const ORDERS_TRIED: u64 = 12;
/// How many orders a cause is confirmed under: whatever passes in more than 1 % of them is noticed with 95 % certainty.
pub const ORDERS_CONFIRMED: u64 = 300;

/// What makes a program fail: whatever else happens, if these orderings and draws are kept, it fails.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cause {
    /// Who runs before whom.
    pub constraints: Vec<Constraint>,
    /// What is drawn.
    pub draws: Vec<FixedDraw>,
    /// How all other draws are answered.
    pub rest: Rest,
}

/// How the draws are answered that nobody has fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rest {
    /// From the streams of the seed.
    #[default]
    Drawn,
    /// So that as little happens as can be: by [`Drawn::quiet`](crate::Drawn::quiet), and from the streams where that says nothing.
    Quiet,
}

impl Cause {
    /// A cause of orderings alone.
    #[must_use]
    pub fn of_orderings(constraints: Vec<Constraint>) -> Self {
        Self { constraints, ..Self::default() }
    }

    /// Both causes in one. If one of them wants the other draws quiet, they are.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.constraints.extend(other.constraints);
        self.draws.extend(other.draws);
        if other.rest == Rest::Quiet {
            self.rest = Rest::Quiet;
        }
        self
    }

    /// Whether it says nothing: what fails under it fails in every order.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.constraints.is_empty() && self.draws.is_empty() && self.rest == Rest::Drawn
    }
}

/// Returns the orders by which a cause is tried: that of scheduling, the same backwards, `rounds`, and seeds of `seeded`.
/// Draws that are not fixed differ among them.
#[must_use]
pub fn default_orders(seed: u64, count: u64) -> Vec<DefaultOrder> {
    let seed_of = |number| mix(fold(seed, number));
    (0..count)
        .map(|number| match number {
            0 => DefaultOrder { setup: Setup { order: Order::Fifo, seed: seed_of(0) }, is_backwards: false },
            1 => DefaultOrder { setup: Setup { order: Order::Seeded, seed: seed_of(1) }, is_backwards: true },
            2 => {
                DefaultOrder { setup: Setup { order: Order::Rounds, seed: seed_of(2) }, is_backwards: false }
            }
            _ => DefaultOrder {
                setup: Setup { order: Order::Seeded, seed: seed_of(number) },
                is_backwards: false,
            },
        })
        .collect()
}

/// An order that decides what constraints leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultOrder {
    /// The order policy and the seed.
    pub setup: Setup,
    /// Whether the events that could run are taken backwards, whatever the policy says.
    pub is_backwards: bool,
}

/// One run under a cause.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trial {
    /// What came of it.
    pub outcome: Outcome,
    /// What tells its failures apart, failure by failure.
    pub symptoms: Vec<Symptom>,
    /// The numbers of the constraints that could not be kept.
    pub broken: Vec<usize>,
    /// The numbers of the constraints of which one event did not happen.
    pub missing: Vec<usize>,
    /// What happened.
    pub history: History,
}

/// Runs once under a cause; an order decides the rest.
pub fn try_cause<P: Program + ?Sized>(
    program: &P,
    cause: &Cause,
    order: DefaultOrder,
    directory: &mut Directory,
) -> Trial {
    let mut backwards = Last;
    let mut director = Director::new(directory, order.setup.seed).watching();
    director.keep(cause);
    if order.is_backwards {
        let strategy: &mut dyn Strategy = &mut backwards;
        director = director.with_strategy(strategy);
    }
    let outcome = program.run(order.setup, &mut director);
    let symptoms = director.symptoms(&outcome);
    let kept = director.kept().iter().enumerate();
    let broken = kept.clone().filter(|(_, kept)| kept.is_broken).map(|(at, _)| at).collect();
    let is_missing = |has_run: (bool, bool)| has_run != (true, true);
    let missing = kept
        .filter(|(_, kept)| is_missing((kept.has_before_run, kept.has_after_run)))
        .map(|(at, _)| at)
        .collect();
    let (history, _) = director.finish();
    Trial { outcome, symptoms, broken, missing, history }
}
