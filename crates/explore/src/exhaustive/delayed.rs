//! All orders within a few deviations from that of scheduling.

use alloc::vec::Vec;

use tiebreak_kernel::Frontier;

use crate::strategy::Line;

/// How many more events may be passed over, and who was.
#[derive(Debug, Clone)]
pub(crate) struct Delayed {
    line: Line,
    left: usize,
}

impl Delayed {
    pub(crate) fn new(deviations: u32) -> Self {
        Self { line: Line::default(), left: usize::try_from(deviations).unwrap_or(usize::MAX) }
    }

    /// The places of the events that come first after passing over none, one, two, and so on.
    pub(crate) fn ways(&self, frontier: &Frontier<'_>) -> Vec<usize> {
        let mut line = self.line.clone();
        let most = self.left.min(frontier.len() - 1);
        let mut ways = Vec::from([line.first(frontier)]);
        for _ in 0..most {
            line.pass_over(frontier);
            ways.push(line.first(frontier));
        }
        ways
    }

    /// Passes over all who come before the event at a place.
    pub(crate) fn take(&mut self, frontier: &Frontier<'_>, place: usize) {
        while self.left > 0 && self.line.first(frontier) != place {
            self.line.pass_over(frontier);
            self.left -= 1;
        }
    }
}
