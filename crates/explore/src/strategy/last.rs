//! The order of scheduling, backwards.

use tiebreak_kernel::Frontier;

use crate::strategy::Strategy;

/// Whoever was scheduled last runs first: the opposite of `fifo`. One order, by which constraints are tried.
#[derive(Debug, Clone, Copy)]
pub struct Last;

impl Strategy for Last {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        frontier.len() - 1
    }
}
