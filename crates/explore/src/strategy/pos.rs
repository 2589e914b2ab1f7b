//! Partial order sampling.

use alloc::collections::BTreeMap;

use tiebreak_kernel::{Candidate, Frontier, PartCodes};

use crate::strategy::{Dice, Strategy};

/// Every event has a random priority, and the highest runs. Those that may have raced with it draw anew: those of its
/// actor, those about its subject. (Yuan, Yang, Gu: Partial order aware concurrency sampling, 2018.)
///
/// Who races with whom is a guess by names. What it cannot find practically: one event that comes after many of another
/// actor, each of which draws its priority when it is met.
#[derive(Debug, Clone)]
pub struct Pos {
    dice: Dice,
    priorities: BTreeMap<u32, (u64, PartCodes)>,
}

impl Pos {
    /// The sampler of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), priorities: BTreeMap::new() }
    }

    fn priority(&mut self, event: &Candidate) -> u64 {
        let Self { dice, priorities } = self;
        priorities.entry(event.sequence).or_insert_with(|| (dice.next(), event.codes)).0
    }
}

impl Strategy for Pos {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let priorities = frontier.candidates().iter().map(|event| self.priority(event));
        let highest = priorities.enumerate().max_by_key(|(_, priority)| *priority);
        highest.map_or(0, |(index, _)| index)
    }

    fn run(&mut self, event: &Candidate, _number: u64) {
        self.priorities.remove(&event.sequence);
        let may_race = |other: PartCodes| {
            other.actor == event.codes.actor || other.subject == event.codes.subject && other.subject != 0
        };
        self.priorities.retain(|_, (_, codes)| !may_race(*codes));
    }
}
