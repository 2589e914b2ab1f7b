//! How many of the enabled events were scheduled before a given one. Counting them one by one would make recording a
//! large tie quadratic.

use alloc::vec::Vec;

/// The events of the open instant in the order of scheduling, each enabled or not: a Fenwick tree of counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranks {
    /// The sum at `at` counts the enabled events from `at & (at + 1)` to `at`, both included.
    sums: Vec<u32>,
    enabled: u32,
}

impl Ranks {
    /// Adds an event behind all others, not enabled; returns its place, from 0.
    pub(crate) fn push(&mut self) -> u32 {
        let at = self.sums.len();
        let place = u32::try_from(at);
        assert!(place.is_ok(), "fewer than 2^32 events are scheduled at one instant");
        // Its sum is made of the sums that end right before it, one behind the other: two of them on average.
        let (first, mut end, mut sum) = (at & (at + 1), at, 0);
        while end > first {
            sum += self.sums[end - 1];
            end &= end - 1;
        }
        self.sums.push(sum);
        place.unwrap_or(u32::MAX)
    }

    /// Counts the event at a place as enabled.
    pub(crate) fn enable(&mut self, place: u32) {
        self.enabled += 1;
        let mut at = place as usize;
        while at < self.sums.len() {
            self.sums[at] += 1;
            at |= at + 1;
        }
    }

    /// Counts the event at a place as enabled no longer.
    pub(crate) fn disable(&mut self, place: u32) {
        self.enabled -= 1;
        let mut at = place as usize;
        while at < self.sums.len() {
            self.sums[at] -= 1;
            at |= at + 1;
        }
    }

    /// How many events are enabled.
    pub(crate) const fn enabled(&self) -> u32 {
        self.enabled
    }

    /// How many enabled events stand before a place.
    pub(crate) fn before(&self, place: u32) -> u32 {
        self.enabled_before(place as usize)
    }

    fn enabled_before(&self, mut end: usize) -> u32 {
        let mut sum = 0;
        while end > 0 {
            sum += self.sums[end - 1];
            end &= end - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::mix;
    use alloc::vec;

    #[test]
    fn counts_equal_those_of_a_plain_list() {
        let (mut ranks, mut oracle) = (Ranks::default(), vec![]);
        for step in 0..3_000u64 {
            let drawn = mix(step);
            if oracle.is_empty() || drawn % 3 == 0 {
                assert_eq!(ranks.push() as usize, oracle.len());
                oracle.push(false);
            }
            let place = usize::try_from(mix(drawn) % oracle.len() as u64).unwrap();
            let (is_enabled, at) = (&mut oracle[place], u32::try_from(place).unwrap());
            *is_enabled = !*is_enabled;
            if *is_enabled {
                ranks.enable(at);
            } else {
                ranks.disable(at);
            }
            let expected = oracle[..place].iter().filter(|is_enabled| **is_enabled).count();
            assert_eq!(ranks.before(at) as usize, expected);
        }
        assert_eq!(ranks.enabled() as usize, oracle.iter().filter(|is_enabled| **is_enabled).count());
    }
}
