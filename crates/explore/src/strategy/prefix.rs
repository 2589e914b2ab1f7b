//! Choices that were made before, then others.

use alloc::boxed::Box;
use alloc::vec::Vec;

use tiebreak_kernel::{Candidate, Frontier};

use crate::strategy::Strategy;

/// The first choices as another run made them, and the rest as a strategy chooses: to search on from where that run was.
pub struct Prefix {
    chosen: Vec<u32>,
    made: usize,
    then: Box<dyn Strategy>,
}

impl core::fmt::Debug for Prefix {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Prefix").field("chosen", &self.chosen).finish_non_exhaustive()
    }
}

impl Prefix {
    /// These choices, then those of a strategy.
    #[must_use]
    pub const fn new(chosen: Vec<u32>, then: Box<dyn Strategy>) -> Self {
        Self { chosen, made: 0, then }
    }
}

impl Strategy for Prefix {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        // Asked in any case, so that it knows who was there.
        let other = self.then.choose(frontier);
        let made = self.chosen.get(self.made).and_then(|chosen| usize::try_from(*chosen).ok());
        self.made += 1;
        made.unwrap_or(other)
    }

    fn draw(&mut self, low: u64, high: u64) -> Option<u64> {
        self.then.draw(low, high)
    }

    fn run(&mut self, event: &Candidate, number: u64) {
        self.then.run(event, number);
    }
}
