//! How many orders there are, from a few.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use tiebreak_kernel::fold;

use super::Scope;
use super::fork::{Forking, Pick, step};
use super::graph::Task;
use super::interchange::Group;
use crate::program::Setup;

/// More orders count as so many: the sum of as many estimates as there can be does not overflow.
const ORDERS_MAX: u128 = 1 << 107;
/// More random orders are not run.
const RUNS_MAX: u64 = 1 << 20;

/// An estimate of the number of orders that would be gone through one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// From how many random orders.
    pub runs: u64,
    /// How many orders there are: the mean of an unbiased estimate from each of them (Knuth 1975).
    pub orders: u128,
    /// The standard error of that mean, rounded down.
    pub error: u128,
}

/// Estimates how many orders [`explore`](super::explore) would go through if it merged nothing, from so many random ones, up to
/// 2²⁰: each says the product of the numbers of events that it could choose among, up to 2¹⁰⁷. Where `explore` leaves orders out
/// because they differ in nothing but who is who, or in events that do not concern each other, they are left out here as well.
///
/// The mean of many estimates is right, but one may be far off if a few orders have most of the choices: the standard error
/// says how far, if such orders were met.
pub fn estimate<P: Forking>(program: &P, setup: Setup, scope: Scope, runs: u64) -> Estimate {
    let task = Task::new(program, setup, scope, &|| true);
    let groups: &[Group] = &task.interchangeable();
    let runs = runs.clamp(1, RUNS_MAX);
    let found = |groups: &[Group]| {
        let task = task.with_rule(groups);
        (0..runs).map(|number| dive(&task, number)).collect::<Option<Vec<u128>>>()
    };
    Estimate::of(&found(groups).or_else(|| found(&[])).unwrap_or_default())
}

impl Estimate {
    fn of(found: &[u128]) -> Self {
        let runs = found.len() as u64;
        let count = u128::from(runs).max(1);
        let orders = (found.iter().sum::<u128>() + count / 2) / count;
        // The square of the sum has to fit.
        let most = found.iter().max().map_or(0, |most| most.max(&1).ilog2());
        let shift = most.saturating_sub(40);
        let scaled = found.iter().map(|found| found >> shift);
        let (sum, squares) =
            scaled.fold((0, 0), |(sum, squares), found| (sum + found, squares + found * found));
        let spread = (squares - sum * sum / count) / (count.max(2) - 1);
        Self { runs, orders, error: (spread / count).isqrt() << shift }
    }
}

/// The product of the numbers of events to choose among in a random order, up to its end or to where something fails. `None` if
/// actors turned out not to be able to change places.
fn dive<P: Forking>(task: &Task<'_, P>, number: u64) -> Option<u128> {
    let (mut run, mut orders, mut event) = (task.begin(), 1, 0);
    let seed = fold(task.setup.seed, number);
    loop {
        let ControlFlow::Continue(offer) = step(task.program, &mut run, Pick::Random(fold(seed, event)))
        else {
            return Some(orders);
        };
        if task.program.picker(&mut run).is_out_of_turn() {
            return None;
        }
        event += 1;
        orders = ORDERS_MAX.min(orders * offer.ways.len() as u128);
        if !task.program.failures(&run, None).is_empty() {
            return Some(orders);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_orders_as_there_can_be_are_added_up() {
        let found = alloc::vec![ORDERS_MAX; 1 << 20];
        assert_eq!(Estimate::of(&found), Estimate { runs: 1 << 20, orders: ORDERS_MAX, error: 0 });
        let (half, none) = (alloc::vec![ORDERS_MAX; 1 << 19], alloc::vec![0; 1 << 19]);
        let Estimate { orders, error, .. } = Estimate::of(&[half, none].concat());
        assert_eq!(orders, ORDERS_MAX / 2);
        // Half of the greatest, divided by the root of 2^20.
        assert!(error.abs_diff(ORDERS_MAX >> 11) < ORDERS_MAX >> 30, "{error}");
    }
}
