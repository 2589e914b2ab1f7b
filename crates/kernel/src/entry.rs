//! Where an enabled event stands, as one number to compare; and sorting many of them.

use alloc::vec::Vec;

/// The key of an enabled event: the smallest runs first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// From the top: phase (8 bits), group (28), moment (64), generation within the group (28).
    head: u128,
    /// From the top: hash (64 bits), sequence (32), slot (32).
    tail: u128,
}

/// What an entry is made from; see `order.rs` for what it means.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts {
    pub(crate) phase: u8,
    /// Below 2²⁸.
    pub(crate) group: u32,
    pub(crate) moment: u64,
    /// Below 2²⁸.
    pub(crate) generation: u32,
    pub(crate) hash: u64,
    pub(crate) sequence: u32,
    pub(crate) slot: u32,
}

#[expect(clippy::cast_possible_truncation, reason = "parts of the numbers")]
impl Entry {
    pub(crate) const fn new(parts: Parts) -> Self {
        let Parts { phase, group, moment, generation, hash, sequence, slot } = parts;
        Self {
            head: (phase as u128) << 120
                | (group as u128) << 92
                | (moment as u128) << 28
                | generation as u128,
            tail: (hash as u128) << 64 | (sequence as u128) << 32 | slot as u128,
        }
    }

    pub(crate) const fn slot(self) -> u32 {
        self.tail as u32
    }

    pub(crate) const fn group(self) -> u32 {
        (self.head >> 92) as u32 & ((1 << 28) - 1)
    }

    /// Within the group.
    pub(crate) const fn generation(self) -> u32 {
        self.head as u32 & ((1 << 28) - 1)
    }

    pub(crate) const fn sequence(self) -> u32 {
        (self.tail >> 32) as u32
    }

    pub(crate) const fn moment(self) -> u64 {
        (self.head >> 28) as u64
    }

    /// The same place under another sequence.
    pub(crate) const fn with_sequence(self, sequence: u32) -> Self {
        Self { tail: self.tail & !(0xFFFF_FFFF << 32) | (sequence as u128) << 32, ..self }
    }

    /// Whether only the order of scheduling tells the two apart.
    pub(crate) const fn is_twin_of(self, other: Self) -> bool {
        self.head == other.head && self.tail >> 64 == other.tail >> 64
    }

    /// All of the head but the moment.
    const fn frame(self) -> u128 {
        self.head & !((u64::MAX as u128) << 28)
    }
}

/// So few entries are sorted as they are.
const FEW: usize = 4;
/// So few are ranked: each is compared with all, which has no branch that could be guessed wrongly.
const RANKED: usize = 24;

/// Puts each entry where its word ranks among all words, which are different.
fn rank(words: &[u64], entries: &[Entry], sorted: &mut Vec<Entry>) {
    sorted.clear();
    sorted.extend_from_slice(entries);
    for (word, entry) in words.iter().zip(entries) {
        let rank: usize = words.iter().map(|other| usize::from(other < word)).sum();
        sorted[rank] = *entry;
    }
}

/// Sorts entries, and keeps the memory that this takes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sorter {
    words: Vec<u64>,
    sorted: Vec<Entry>,
}

impl Sorter {
    /// Sorts entries. Mostly they differ in the moment alone, and moments are small: then the moment and the place in the
    /// list fit one word, and words are sorted instead, at a third of the cost.
    pub(crate) fn sort(&mut self, entries: &mut Vec<Entry>) {
        if entries.is_sorted() {
            return;
        }
        if entries.len() < FEW || !self.sort_by_moment(entries) {
            entries.sort_unstable();
        }
    }

    /// Sorts by the moment first, if that fits; returns whether it did.
    fn sort_by_moment(&mut self, entries: &mut Vec<Entry>) -> bool {
        let frame = entries[0].frame();
        let (mut least, mut most, mut is_framed) = (u64::MAX, 0, true);
        for entry in entries.iter() {
            least = least.min(entry.moment());
            most = most.max(entry.moment());
            is_framed &= entry.frame() == frame;
        }
        let place_bits = usize::BITS - entries.len().leading_zeros();
        if !is_framed || (most - least).leading_zeros() < place_bits {
            return false;
        }
        let Self { words, sorted } = self;
        words.clear();
        words
            .extend((0..).zip(entries.iter()).map(|(at, entry)| (entry.moment() - least) << place_bits | at));
        if words.len() <= RANKED {
            rank(words, entries, sorted);
        } else {
            words.sort_unstable();
            let place = |word: u64| usize::try_from(word & ((1 << place_bits) - 1)).unwrap_or(0);
            sorted.clear();
            sorted.extend(words.iter().map(|word| entries[place(*word)]));
        }
        core::mem::swap(entries, sorted);
        // The rest of the key decides among equal moments.
        for equal in entries.chunk_by_mut(|a, b| a.head == b.head) {
            if equal.len() > 1 {
                equal.sort_unstable();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::mix;

    fn entry(moment: u64, hash: u64, slot: u32) -> Entry {
        Entry::new(Parts { phase: 1, group: 2, moment, generation: 3, hash, sequence: slot, slot })
    }

    #[test]
    fn parts_are_kept_and_compared_from_the_first_to_the_last() {
        let parts = Parts { phase: 1, group: 2, moment: 3, generation: 4, hash: 5, sequence: 6, slot: 7 };
        let entry = Entry::new(parts);
        assert_eq!((entry.group(), entry.moment(), entry.generation(), entry.sequence(), entry.slot()), (2, 3, 4, 6, 7));
        let (moment, hash) = (u64::MAX, u64::MAX);
        let (group, generation) = ((1 << 28) - 1, (1 << 28) - 1);
        let (sequence, slot) = (u32::MAX, u32::MAX);
        let smaller = [
            Parts { phase: 0, group, moment, generation, hash, sequence, slot },
            Parts { group: 1, moment, generation, hash, sequence, slot, ..parts },
            Parts { moment: 2, generation, hash, sequence, slot, ..parts },
            Parts { generation: 3, hash, sequence, slot, ..parts },
            Parts { hash: 4, sequence, slot, ..parts },
            Parts { sequence: 5, slot, ..parts },
        ];
        assert!(smaller.iter().all(|parts| Entry::new(*parts) < entry));
        assert_eq!(entry.with_sequence(9), Entry::new(Parts { sequence: 9, ..parts }));
        assert!(entry.is_twin_of(entry.with_sequence(9)) && !entry.is_twin_of(Entry::new(smaller[4])));
        assert!(!entry.is_twin_of(Entry::new(Parts { moment: 2, ..parts })), "another moment");
    }

    #[test]
    fn entries_are_sorted_as_the_standard_library_does() {
        let mut sorter = Sorter::default();
        for count in [0, 1, 2, 3, 4, 5, 23, 24, 25, 100, 5_000] {
            for (moments, phases) in [(1, 1), (7, 1), (1 << 37, 1), (u64::MAX, 1), (1 << 20, 2)] {
                let mut entries: Vec<Entry> = (0..count)
                    .map(|slot| {
                        let drawn = mix(u64::from(slot) ^ moments);
                        let phase = u8::try_from(drawn % phases).unwrap();
                        let Entry { head, tail } = entry(drawn % moments, mix(drawn) % 3, slot);
                        Entry { head: head ^ u128::from(phase) << 120, tail }
                    })
                    .collect();
                let mut expected = entries.clone();
                expected.sort_unstable();
                sorter.sort(&mut entries);
                assert!(entries == expected, "{count} entries, {moments} moments");
            }
        }
    }
}
