//! Uniform random walk.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_kernel::{Candidate, Frontier};

use crate::calibration::Calibration;
use crate::strategy::{Dice, Strategy};

/// A walk that chooses an actor by how many events it has left: if the counts are right and actors are sequential, all
/// interleavings are equally likely. The counts come from a few runs beforehand. (Zhao and others: Selectively uniform
/// concurrency testing, 2025.)
///
/// What it cannot find practically: one event that comes after all those of busy actors.
#[derive(Debug, Clone)]
pub struct Urw {
    dice: Dice,
    left: BTreeMap<u64, u64>,
    /// Those of the candidates of one choice; empty between choices.
    weights: Vec<u64>,
}

impl Urw {
    /// The walk of a seed, with the counts of a calibration.
    #[must_use]
    pub fn new(seed: u64, calibration: &Calibration) -> Self {
        Self { dice: Dice::new(seed), left: calibration.events_of_actors().clone(), weights: Vec::new() }
    }

    fn weight(&self, event: &Candidate) -> u64 {
        self.left.get(&event.codes.actor).copied().unwrap_or(1).max(1)
    }
}

impl Strategy for Urw {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let mut weights = core::mem::take(&mut self.weights);
        weights.extend(frontier.candidates().iter().map(|event| self.weight(event)));
        let mut drawn = self.dice.below(weights.iter().sum());
        let found = weights.iter().position(|weight| {
            let is_here = drawn < *weight;
            drawn = drawn.saturating_sub(*weight);
            is_here
        });
        weights.clear();
        self.weights = weights;
        found.unwrap_or(0)
    }

    fn run(&mut self, event: &Candidate, _number: u64) {
        if let Some(left) = self.left.get_mut(&event.codes.actor) {
            *left = left.saturating_sub(1);
        }
    }
}
