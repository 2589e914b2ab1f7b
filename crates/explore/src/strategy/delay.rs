//! The order of scheduling with a few deviations.

use alloc::collections::BTreeMap;

use tiebreak_kernel::Frontier;

use crate::strategy::Strategy;

/// Runs in the order of scheduling, but for a few choices at which the first is passed over. Runs enumerate where: first
/// nowhere, then each choice in turn, then each pair. (Emmi, Qadeer, Rakamarić: Delay-bounded scheduling, 2011.)
///
/// What it cannot find practically: what needs many deviations, or is far behind in long runs.
#[derive(Debug, Clone)]
pub struct Delay {
    /// How many are passed over at a choice.
    passed: BTreeMap<u64, usize>,
    made: u64,
}

impl Delay {
    /// The order of a run by its number, with up to `count` deviations, in runs with about so many choices. When all were
    /// tried, it begins again.
    #[must_use]
    pub fn new(number: u64, count: u8, contended: u64) -> Self {
        let contended = contended.max(1);
        let mut passed = BTreeMap::new();
        for place in deviations(number, count, contended) {
            *passed.entry(place).or_insert(0) += 1;
        }
        Self { passed, made: 0 }
    }
}

/// Where run `number` deviates: the multisets of up to `count` places below `places`, smaller ones first.
fn deviations(number: u64, count: u8, places: u64) -> alloc::vec::Vec<u64> {
    let of_size = |size: u32| places.saturating_pow(size);
    let all: u64 = (0..=u32::from(count)).map(of_size).fold(0, u64::saturating_add);
    let mut rest = number % all;
    let mut size = 0;
    while rest >= of_size(size) {
        rest -= of_size(size);
        size += 1;
    }
    (0..size)
        .map(|_| {
            let place = rest % places;
            rest /= places;
            place
        })
        .collect()
}

impl Strategy for Delay {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let passed = self.passed.get(&self.made).copied().unwrap_or(0);
        self.made += 1;
        passed % frontier.len()
    }
}
