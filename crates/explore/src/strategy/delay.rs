//! The order of scheduling with a few deviations.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_kernel::{Candidate, Frontier, Lane};

use crate::strategy::Strategy;

/// The order of scheduling, but for a few choices at which the first is passed over: it goes behind all that could
/// run then, and so does the rest of its lane. Runs enumerate where: first nowhere, then each choice in turn, then each
/// pair. (Emmi, Qadeer, Rakamarić: Delay-bounded scheduling, 2011.)
///
/// What it cannot find practically: what needs many deviations, or is far behind in long runs.
#[derive(Debug, Clone)]
pub struct Delay {
    /// How many are passed over at a choice.
    passed: BTreeMap<u64, usize>,
    made: u64,
    line: Line,
}

/// Events in the order of scheduling, those that were passed over behind the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    /// When whoever was passed over was so last, from 1.
    behind: BTreeMap<Queue, u64>,
    delays: u64,
}

impl Line {
    /// The place of the first event that was passed over least recently.
    pub(crate) fn first(&self, frontier: &Frontier<'_>) -> usize {
        if self.behind.is_empty() {
            return 0;
        }
        let rank = |event: &Candidate| (self.behind.get(&queue(event)).copied().unwrap_or(0), event.sequence);
        let ranked = frontier.candidates().iter().map(rank).enumerate();
        ranked.min_by_key(|(_, rank)| *rank).map_or(0, |(at, _)| at)
    }

    /// Passes the first event over.
    pub(crate) fn pass_over(&mut self, frontier: &Frontier<'_>) {
        let passed = self.first(frontier);
        self.delays += 1;
        self.behind.insert(queue(&frontier[passed]), self.delays);
    }
}

/// What is passed over together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Queue {
    Lane(Lane),
    /// A free event, by its sequence.
    Free(u32),
}

impl Delay {
    /// The order of scheduling, without deviations.
    #[must_use]
    pub fn in_order() -> Self {
        Self { passed: BTreeMap::new(), made: 0, line: Line::default() }
    }

    /// The order of a run by its number, with up to `count` deviations, among so many choices: those of the run in the order of
    /// scheduling. When all were tried, it begins again.
    #[must_use]
    pub fn new(number: u64, count: u8, choices: u64) -> Self {
        let mut passed = BTreeMap::new();
        for place in deviations(number, count, choices.max(1)) {
            *passed.entry(place).or_insert(0) += 1;
        }
        Self { passed, ..Self::in_order() }
    }

    /// Returns in how many orders there are up to `count` deviations among so many choices.
    #[must_use]
    pub fn orders(count: u8, choices: u64) -> u64 {
        let places = choices.max(1);
        (0..=u64::from(count)).fold(0u64, |all, size| all.saturating_add(ways(places, size)))
    }
}

fn queue(event: &Candidate) -> Queue {
    event.lane.map_or(Queue::Free(event.sequence), Queue::Lane)
}

/// Where run `number` deviates: up to `count` places below `places`, in ascending order, fewer ones first.
fn deviations(number: u64, count: u8, places: u64) -> Vec<u64> {
    let (mut rest, mut size) = (number % Delay::orders(count, places), 0);
    while rest >= ways(places, size) {
        rest -= ways(places, size);
        size += 1;
    }
    let (mut found, mut least) = (Vec::new(), 0);
    while size > 0 {
        let with_least = ways(places - least, size - 1);
        if rest < with_least {
            found.push(least);
            size -= 1;
        } else {
            rest -= with_least;
            least += 1;
        }
    }
    found
}

/// In how many ways `size` places can be taken from `places`, each as often as one likes; at most the greatest number.
fn ways(places: u64, size: u64) -> u64 {
    let mut ways: u64 = 1;
    for taken in 0..size {
        let more = u128::from(ways) * (u128::from(places) + u128::from(taken)) / (u128::from(taken) + 1);
        match u64::try_from(more) {
            Ok(more) => ways = more,
            Err(_) => return u64::MAX,
        }
    }
    ways
}

impl Strategy for Delay {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        for _ in 0..self.passed.get(&self.made).copied().unwrap_or(0) {
            self.line.pass_over(frontier);
        }
        self.made += 1;
        self.line.first(frontier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_of_places_comes_once_and_smaller_ones_come_first() {
        let found: Vec<Vec<u64>> = (0..15).map(|number| deviations(number, 2, 4)).collect();
        let mut expected: Vec<Vec<u64>> = Vec::from([Vec::new()]);
        expected.extend((0..4).map(|place| Vec::from([place])));
        expected.extend((0..4).flat_map(|first| (first..4).map(move |second| Vec::from([first, second]))));
        assert_eq!(found, expected);
        assert_eq!(deviations(15, 2, 4), Vec::new(), "it begins again");
        assert_eq!(
            deviations(1_000_000_000, 9, 1_000).len(),
            4,
            "also where there are more ways than numbers"
        );
    }
}
