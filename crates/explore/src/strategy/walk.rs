//! All that could run are equally likely to be next.

use tiebreak_kernel::Frontier;

use crate::strategy::{Dice, Strategy};

/// A random walk. It practically never finds what needs one event far behind many others.
#[derive(Debug, Clone)]
pub struct Walk(Dice);

impl Walk {
    /// The walk of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(Dice::new(seed))
    }
}

impl Strategy for Walk {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        self.0.index(frontier.len())
    }
}
