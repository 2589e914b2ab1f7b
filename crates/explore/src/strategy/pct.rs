//! Probabilistic concurrency testing on chains.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use tiebreak_kernel::{Candidate, Frontier, Lane};

use crate::strategy::{Dice, Strategy};

/// Events are put into chains as they are met: behind their cause if that is the last of its chain, behind the event
/// before them in their lane, or into a chain of their own. Every chain has a random priority, and the highest runs; at
/// a few random choices the chain that would run goes below all others. (Burckhardt and others: A randomized scheduler with
/// probabilistic guarantees of finding bugs, 2010; Ozkan and others: Randomized testing of distributed systems with
/// probabilistic guarantees, 2018.)
///
/// After twice as many choices as expected it chooses evenly, so that whatever waits for a chain of low priority is
/// reached. What it cannot find practically: what needs more changes than its depth.
#[derive(Debug, Clone)]
pub struct Pct {
    dice: Dice,
    /// The priority of each chain; those that were lowered are below all others.
    priorities: Vec<u64>,
    ends: Vec<End>,
    chain_of: BTreeMap<u32, usize>,
    chain_of_lane: BTreeMap<Lane, usize>,
    chain_of_event: BTreeMap<u64, usize>,
    changes: BTreeSet<u64>,
    lowered: u64,
    made: u64,
    fair_from: u64,
}

/// The last event of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Pending, by its sequence.
    Pending(u32),
    /// Run, by its number.
    Run(u64),
}

/// Priorities of chains that were not lowered begin here.
const USUAL: u64 = 1 << 32;

impl Pct {
    /// The sampler of a seed for bugs of a depth, in runs with about so many choices among two or more events.
    #[must_use]
    pub fn new(seed: u64, depth: u8, contended: u64) -> Self {
        let mut dice = Dice::new(seed);
        let changes = (1..depth).map(|_| dice.below(contended.max(1))).collect();
        Self {
            dice,
            priorities: Vec::new(),
            ends: Vec::new(),
            chain_of: BTreeMap::new(),
            chain_of_lane: BTreeMap::new(),
            chain_of_event: BTreeMap::new(),
            changes,
            lowered: 0,
            made: 0,
            fair_from: 2 * contended.max(1),
        }
    }

    /// The chain of an event; at first sight it is put into one.
    fn chain(&mut self, event: &Candidate) -> usize {
        if let Some(chain) = self.chain_of.get(&event.sequence) {
            return *chain;
        }
        let behind_cause = self.chain_of_event.get(&event.cause).copied();
        let behind_cause = behind_cause.filter(|chain| self.ends[*chain] == End::Run(event.cause));
        let in_lane = event.lane.and_then(|lane| self.chain_of_lane.get(&lane).copied());
        let chain = in_lane.or(behind_cause).unwrap_or_else(|| self.new_chain());
        if let Some(lane) = event.lane {
            self.chain_of_lane.insert(lane, chain);
        }
        self.ends[chain] = End::Pending(event.sequence);
        self.chain_of.insert(event.sequence, chain);
        chain
    }

    fn new_chain(&mut self) -> usize {
        self.priorities.push(USUAL + (self.dice.next() >> 1));
        self.ends.push(End::Run(0));
        self.priorities.len() - 1
    }
}

impl Strategy for Pct {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let chains: Vec<usize> = frontier.candidates().iter().map(|event| self.chain(event)).collect();
        self.made += 1;
        if self.made > self.fair_from {
            return self.dice.index(chains.len());
        }
        let highest =
            |priorities: &[u64]| (0..chains.len()).max_by_key(|at| priorities[chains[*at]]).unwrap_or(0);
        let first = highest(&self.priorities);
        if !self.changes.contains(&(self.made - 1)) {
            return first;
        }
        self.lowered += 1;
        self.priorities[chains[first]] = USUAL - self.lowered;
        highest(&self.priorities)
    }

    fn run(&mut self, event: &Candidate, number: u64) {
        let chain = self.chain(event);
        self.chain_of.remove(&event.sequence);
        self.chain_of_event.insert(number, chain);
        if self.ends[chain] == End::Pending(event.sequence) {
            self.ends[chain] = End::Run(number);
        }
    }
}
