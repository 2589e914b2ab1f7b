//! Where an enabled event stands, as one number to compare; and sorting many of them.

use alloc::vec::Vec;

use crate::due::shrink;

/// The key of an enabled event: the smallest runs first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// From the top: phase (8 bits), group (28), moment (64), generation within the group (28).
    head: u128,
    /// From the top: hash (64 bits), sequence (32), slot (32).
    tail: u128,
}

/// The part of a key that stands before and after the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Frame(u128);

impl Frame {
    /// The frame of phase 0. `group` and `generation`, that within the group, are below 2²⁸.
    pub(crate) const fn new(group: u32, generation: u32) -> Self {
        Self((group as u128) << 92 | generation as u128)
    }

    /// The same frame in another phase than 0.
    pub(crate) const fn in_phase(self, phase: u8) -> Self {
        Self(self.0 | (phase as u128) << 120)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "parts of the numbers")]
impl Entry {
    /// An entry from the parts of its key, which `order.rs` explains, and the slot of its event.
    #[inline]
    pub(crate) const fn new(frame: Frame, moment: u64, hash: u64, (sequence, slot): (u32, u32)) -> Self {
        Self {
            head: frame.0 | (moment as u128) << 28,
            tail: (hash as u128) << 64 | ((sequence as u64) << 32 | slot as u64) as u128,
        }
    }

    pub(crate) const fn slot(self) -> u32 {
        self.tail as u32
    }

    pub(crate) const fn phase(self) -> u8 {
        (self.head >> 120) as u8
    }

    /// Whether both compete in one phase and group.
    pub(crate) const fn is_peer_of(self, other: Self) -> bool {
        self.head >> 92 == other.head >> 92
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

    const fn frame(self) -> Frame {
        Frame(self.head & !((u64::MAX as u128) << 28))
    }
}

/// So few entries are sorted as they are.
const FEW: usize = 4;
/// So few are ranked: each is compared with all, which has no branch that could be guessed wrongly.
const RANKED: usize = 24;
/// So few are put in order by one digit; of more, the counts and the entries are too far apart in memory.
const ONE_DIGIT_MAX: usize = 2048;
/// So many entries an entry may pass on its way to its place, on average, after all are roughly in order.
const PASSED_MAX: usize = 8;
/// The octaves of moments that are told apart; waits are spread over some twenty.
const OCTAVES: u32 = 16;

/// Puts each entry where its word ranks among all words, which are different.
fn rank(words: &[u64], entries: &[Entry], sorted: &mut Vec<Entry>) {
    sorted.clear();
    sorted.extend_from_slice(entries);
    for (word, entry) in words.iter().zip(entries) {
        let rank: usize = words.iter().map(|other| usize::from(other < word)).sum();
        sorted[rank] = *entry;
    }
}

/// The upper bits of a number as a floating-point number has them: its octave, the highest being 15, above `fraction` bits
/// from below its leading one. Rises with the number; evenly spread numbers of one octave stay evenly spread.
const fn rough(number: u64, fraction: u32) -> u64 {
    let zeros = number.leading_zeros();
    let is_low = zeros >= OCTAVES - 1;
    let octave = if is_low { 0 } else { OCTAVES - 1 - zeros };
    let after = if is_low { OCTAVES - 1 } else { zeros + 1 };
    (octave as u64) << fraction | number << after >> (64 - fraction)
}

/// Sorts words by `bits` bits from `shift` on, and keeps the order of equal ones: counts how often each value occurs, and
/// puts each word behind those of smaller values.
fn sort_by_digit(words: &[u64], sorted: &mut Vec<u64>, ends: &mut Vec<u32>, (shift, bits): (u32, u32)) {
    let digit = |word: u64| usize::try_from(word >> shift & ((1 << bits) - 1)).unwrap_or(0);
    count(words.iter().map(|word| digit(*word)), bits, ends);
    sorted.resize(words.len(), 0);
    for word in words {
        let end = &mut ends[digit(*word)];
        sorted[*end as usize] = *word;
        *end += 1;
    }
}

/// Puts entries in the order of their words, which have so many bits.
fn scatter(words: &[u64], bits: u32, entries: &[Entry], (sorted, ends): (&mut Vec<Entry>, &mut Vec<u32>)) {
    let digit = |word: u64| usize::try_from(word).unwrap_or(0);
    count(words.iter().map(|word| digit(*word)), bits, ends);
    sorted.clear();
    sorted.extend_from_slice(entries);
    for (word, entry) in words.iter().zip(entries) {
        let end = &mut ends[digit(*word)];
        sorted[*end as usize] = *entry;
        *end += 1;
    }
}

/// Counts how many digits are below each.
fn count(digits: impl Iterator<Item = usize>, bits: u32, below: &mut Vec<u32>) {
    below.clear();
    below.resize(1 << bits, 0);
    for digit in digits {
        below[digit] += 1;
    }
    let mut end = 0;
    for count in below.iter_mut() {
        (*count, end) = (end, end + *count);
    }
}

/// Sorts what is nearly in order by moving each entry past the greater ones before it. Gives up when that takes long;
/// returns whether it did not.
fn finish(entries: &mut [Entry]) -> bool {
    let mut left = PASSED_MAX * entries.len();
    for at in 1..entries.len() {
        if entries[at - 1].head < entries[at].head || entries[at - 1] < entries[at] {
            continue;
        }
        let entry = entries[at];
        let mut to = at;
        while to > 0 && entry < entries[to - 1] {
            entries[to] = entries[to - 1];
            to -= 1;
        }
        entries[to] = entry;
        left = left.saturating_sub(at - to);
        if left == 0 {
            return false;
        }
    }
    true
}

/// Sorts entries, and keeps the memory that this takes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sorter {
    words: Vec<u64>,
    other_words: Vec<u64>,
    ends: Vec<u32>,
    sorted: Vec<Entry>,
}

impl Sorter {
    /// Sorts entries. Mostly they differ in the moment alone; then few are ranked, and many are distributed by what their
    /// moments are roughly, which takes time in proportion to their number.
    pub(crate) fn sort(&mut self, entries: &mut Vec<Entry>) {
        if entries.is_sorted() {
            return;
        }
        if entries.len() < FEW || !self.sort_by_moment(entries) {
            entries.sort_unstable();
        }
        // A fork copies nothing of it.
        self.words.clear();
        self.other_words.clear();
        self.sorted.clear();
    }

    /// Gives memory back if much less was used lately.
    pub(crate) fn shrink(&mut self, used: usize) {
        shrink(&mut self.words, used);
        shrink(&mut self.other_words, used);
        shrink(&mut self.sorted, used);
    }

    /// Sorts by the moment first, if nothing before it in the key differs and if that leaves little to do; returns whether
    /// all is sorted.
    fn sort_by_moment(&mut self, entries: &mut Vec<Entry>) -> bool {
        let frame = entries[0].frame();
        let (mut least, mut most, mut is_framed) = (u64::MAX, 0, true);
        for entry in entries.iter() {
            least = least.min(entry.moment());
            most = most.max(entry.moment());
            is_framed &= entry.frame() == frame;
        }
        if !is_framed || least == most || entries.len() > u32::MAX as usize {
            return false;
        }
        // The greatest moment has its leading bit at the top.
        let shift = (most - least).leading_zeros();
        let scaled = entries.iter().map(|entry| (entry.moment() - least) << shift);
        self.words.clear();
        if entries.len() <= RANKED {
            // The place makes words different; it takes bits that no more than blur the moment.
            self.words.extend((0..).zip(scaled).map(|(at, moment)| moment & !31 | at));
            rank(&self.words, entries, &mut self.sorted);
        } else if entries.len() <= ONE_DIGIT_MAX {
            let bits = entries.len().ilog2() + 1;
            self.words.extend(scaled.map(|moment| rough(moment, bits - OCTAVES.ilog2())));
            scatter(&self.words, bits, entries, (&mut self.sorted, &mut self.ends));
        } else {
            let bits = (entries.len().ilog2() - 1).clamp(6, 11);
            let fraction = 2 * bits - OCTAVES.ilog2();
            self.words.extend((0..).zip(scaled).map(|(at, moment)| rough(moment, fraction) << 32 | at));
            self.sort_words(bits);
            self.gather(entries);
        }
        core::mem::swap(entries, &mut self.sorted);
        finish(entries)
    }

    /// Sorts the words by two digits above their lower half.
    fn sort_words(&mut self, bits: u32) {
        sort_by_digit(&self.words, &mut self.other_words, &mut self.ends, (32, bits));
        sort_by_digit(&self.other_words, &mut self.words, &mut self.ends, (32 + bits, bits));
    }

    /// Lists the entries in the order of the words, each of which has the place of its entry below.
    #[expect(clippy::cast_possible_truncation, reason = "the place is the lower half")]
    fn gather(&mut self, entries: &[Entry]) {
        self.sorted.clear();
        self.sorted.extend(self.words.iter().map(|word| entries[*word as u32 as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::due::DOUBLING_MAX;
    use crate::mix::mix;

    fn entry(moment: u64, hash: u64, slot: u32) -> Entry {
        Entry::new(Frame::new(2, 3).in_phase(1), moment, hash, (slot, slot))
    }

    #[test]
    fn parts_are_kept_and_compared_from_the_first_to_the_last() {
        let frame = |phase, group, generation| Frame::new(group, generation).in_phase(phase);
        let entry = Entry::new(frame(1, 2, 4), 3, 5, (6, 7));
        assert_eq!((entry.frame(), entry.group(), entry.generation()), (frame(1, 2, 4), 2, 4));
        assert_eq!((entry.moment(), entry.sequence(), entry.slot()), (3, 6, 7));
        let (last, all) = ((1 << 28) - 1, (u32::MAX, u32::MAX));
        let smaller = [
            Entry::new(frame(0, last, last), u64::MAX, u64::MAX, all),
            Entry::new(frame(1, 1, last), u64::MAX, u64::MAX, all),
            Entry::new(frame(1, 2, last), 2, u64::MAX, all),
            Entry::new(frame(1, 2, 3), 3, u64::MAX, all),
            Entry::new(frame(1, 2, 4), 3, 4, all),
            Entry::new(frame(1, 2, 4), 3, 5, (5, 7)),
        ];
        assert!(smaller.iter().all(|smaller| *smaller < entry));
        assert_eq!(entry.with_sequence(9), Entry::new(frame(1, 2, 4), 3, 5, (9, 7)));
        assert!(entry.is_twin_of(entry.with_sequence(9)) && !entry.is_twin_of(smaller[4]));
        assert!(!entry.is_twin_of(Entry::new(frame(1, 2, 4), 2, 5, (6, 7))), "another moment");
    }

    #[test]
    fn entries_are_sorted_whose_moments_are_roughly_all_the_same() {
        let moments = (0..5_000).rev().chain([1 << 60]);
        let mut entries: Vec<Entry> =
            (0..).zip(moments).map(|(slot, moment)| entry(moment, 0, slot)).collect();
        let mut expected = entries.clone();
        assert!(!finish(&mut entries.clone()), "it would take time in proportion to the square");
        assert!(rough(4_999, 18) == rough(0, 18), "the digits cannot tell them apart");
        Sorter::default().sort(&mut entries);
        expected.sort_unstable();
        assert!(entries == expected);
    }

    /// An exponential wait.
    fn drawn(slot: u32) -> u64 {
        crate::order::wait(mix(u64::from(slot)))
    }

    #[test]
    fn many_waits_are_in_order_after_two_digits() {
        for count in [25, 100, 5_000, 200_000] {
            let mut entries: Vec<Entry> = (0..count).map(|slot| entry(drawn(slot), 0, slot)).collect();
            let mut sorter = Sorter::default();
            assert!(sorter.sort_by_moment(&mut entries), "{count} are sorted without the standard library");
            assert!(entries.is_sorted());
            let words = (0..count).map(|slot| mix(u64::from(slot)) >> 20 << 32 | u64::from(slot));
            sorter.words = words.map(|word| word & ((1 << 54) - 1)).collect();
            sorter.sort_words(11);
            assert!(sorter.words.is_sorted(), "both digits count, and equal ones keep their order");
        }
    }

    #[test]
    fn memory_is_given_back_after_a_large_tie_and_a_fork_copies_none_of_it() {
        let mut sorter = Sorter::default();
        let mut sort = |count| {
            let mut entries: Vec<Entry> = (0..count).map(|slot| entry(drawn(slot), 0, slot)).collect();
            sorter.sort(&mut entries);
            sorter.shrink(entries.len());
            let capacities =
                |of: &Sorter| [of.words.capacity(), of.other_words.capacity(), of.sorted.capacity()];
            assert_eq!(capacities(&sorter.clone()), [0, 0, 0]);
            capacities(&sorter).into_iter().max()
        };
        for small in [3, 20, 100] {
            assert!(sort(200_000) >= Some(200_000));
            let left = (0..20).filter_map(|_| sort(small)).last();
            assert!(left.is_some_and(|left| left <= 2 * DOUBLING_MAX), "{left:?} after ties of {small}");
        }
    }

    #[test]
    fn a_rough_number_rises_with_the_number() {
        for fraction in [8, 18] {
            let mut last = 0;
            for zeros in (0..64).rev() {
                for steps in 0..64u64 {
                    let number = 1 << (63 - zeros) | steps << 57 >> zeros;
                    let next = rough(number, fraction);
                    assert!(next >= last && next < 1 << (fraction + 4), "{number:x}");
                    last = next;
                }
            }
            assert_eq!([rough(0, fraction), rough(u64::MAX, fraction)], [0, (16 << fraction) - 1]);
        }
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
