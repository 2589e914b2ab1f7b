//! How many of the enabled events were scheduled before a given one. Counting them one by one would make recording a
//! large tie quadratic.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::due::shrink;

/// The events of a group in the order of scheduling, each enabled or not: a bit for each, and a Fenwick tree of how many
/// bits of each word are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranks {
    words: Vec<u64>,
    /// The sum at `at` counts the bits of the words from `at & (at + 1)` to `at`, both included.
    sums: Vec<u32>,
    /// How many events there are.
    length: u32,
    enabled: u32,
}

/// The word of a place, and its bit there.
const fn bit(place: u32) -> (usize, u64) {
    (place as usize / 64, 1 << (place % 64))
}

impl Ranks {
    /// Adds an event behind all others, not enabled; returns its place, from 0.
    pub(crate) fn push(&mut self) -> u32 {
        let place = self.length;
        assert!(place < u32::MAX, "fewer than 2^32 events are scheduled at one instant");
        self.length += 1;
        if place % 64 == 0 {
            self.push_word();
        }
        place
    }

    /// Adds an empty word. Its sum is made of the sums that end right before it, one behind the other: two on average.
    fn push_word(&mut self) {
        let at = self.words.len();
        let (first, mut end, mut sum) = (at & (at + 1), at, 0);
        while end > first {
            sum += self.sums[end - 1];
            end &= end - 1;
        }
        self.sums.push(sum);
        self.words.push(0);
    }

    /// Counts the event at a place as enabled.
    pub(crate) fn enable(&mut self, place: u32) {
        let (word, bit) = bit(place);
        assert!(self.words[word] & bit == 0, "an event is enabled once");
        self.words[word] |= bit;
        self.enabled += 1;
        let mut at = word;
        while at < self.sums.len() {
            self.sums[at] += 1;
            at |= at + 1;
        }
    }

    /// Counts the event at a place as enabled no longer.
    pub(crate) fn disable(&mut self, place: u32) {
        let (word, bit) = bit(place);
        assert!(self.words[word] & bit != 0, "only an enabled event leaves");
        self.words[word] &= !bit;
        self.enabled -= 1;
        let mut at = word;
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
        let (word, bit) = bit(place);
        let (mut sum, mut end) = ((self.words[word] & (bit - 1)).count_ones(), word);
        while end > 0 {
            sum += self.sums[end - 1];
            end &= end - 1;
        }
        sum
    }

    /// Forgets all events.
    fn clear(&mut self) {
        let used = self.words.len();
        shrink(&mut self.words, used);
        shrink(&mut self.sums, used);
        self.words.clear();
        self.sums.clear();
        (self.length, self.enabled) = (0, 0);
    }
}

/// The events that compete with each other: those of a phase, and in it of some generations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    pub(crate) phase: u8,
    pub(crate) generations: u32,
}

/// So many groups keep their memory for the next instant.
const KEPT: usize = 4;

/// The ranks of each group of the open instant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    numbers: BTreeMap<Group, u32>,
    ranks: Vec<Ranks>,
    /// The group that was asked for last. Nearly always it is the next one too.
    last: Option<(Group, u32)>,
}

impl Groups {
    /// The number of a group, by which its ranks are found.
    pub(crate) fn number(&mut self, group: Group) -> u32 {
        match self.last {
            Some((last, number)) if last == group => number,
            _ => self.find(group),
        }
    }

    #[inline(never)]
    fn find(&mut self, group: Group) -> u32 {
        let next = u32::try_from(self.numbers.len());
        assert!(next.is_ok(), "fewer than 2^32 groups are at one instant");
        let number = *self.numbers.entry(group).or_insert(next.unwrap_or(u32::MAX));
        if number as usize == self.ranks.len() {
            self.ranks.push(Ranks::default());
        }
        self.last = Some((group, number));
        number
    }

    /// The ranks of the group with this number.
    pub(crate) fn of(&mut self, number: u32) -> &mut Ranks {
        &mut self.ranks[number as usize]
    }

    /// How many events of all groups are enabled.
    pub(crate) fn enabled(&self) -> u32 {
        self.ranks.iter().map(Ranks::enabled).sum()
    }

    /// Forgets all groups.
    pub(crate) fn clear(&mut self) {
        self.last = None;
        self.numbers.clear();
        self.ranks.truncate(KEPT);
        self.ranks.iter_mut().for_each(Ranks::clear);
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

    #[test]
    fn groups_are_counted_apart_and_begin_anew_when_they_are_cleared() {
        let mut groups = Groups::default();
        for _ in 0..2 {
            for round in 0..100 {
                for (expected, (phase, generations)) in
                    (0..).zip([(0, 0), (0, 1), (1, 0), (1, 1), (0, 9), (2, 0)])
                {
                    let number = groups.number(Group { phase, generations });
                    assert_eq!(number, expected);
                    let ranks = groups.of(number);
                    assert_eq!((ranks.push(), ranks.enabled()), (round, round));
                    ranks.enable(round);
                    assert_eq!(ranks.before(round), round);
                }
            }
            assert_eq!(groups.enabled(), 600);
            groups.clear();
            assert_eq!(groups.enabled(), 0);
        }
    }
}
