//! A look-up table by 64-bit code with a fixed hash, never iterated.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A table of at most so many pairs is small.
const SPARSE_MAX: usize = 1024;
/// A code that finds so many pairs full is kept elsewhere.
const PAIRS_MAX: usize = 64;
/// How many pairs the first places come in.
const PAIRS_MIN: usize = 8;
/// A table of fewer pairs grows fourfold: short runs fill several of them, and each time that one grows costs more than its
/// room does.
const FOURFOLD_MAX: usize = 128;

/// Values by code. The codes are mixed already, so their low bits are the hash. Clearing costs nothing: a place is taken
/// only if it was filled in the present epoch.
///
/// Places come in pairs, and at most half of them are taken, in a small table a quarter. So a code nearly always has one of the two places of its
/// own pair, and which one is found without a branch: a branch on a hash would be mispredicted. A code whose pair is full
/// has the first vacant place behind it.
///
/// Codes of names can be chosen so that all belong to one pair. So a code that finds [`PAIRS_MAX`] pairs full is kept in an
/// ordered map; of codes that nobody chose nearly none is.
#[derive(Debug, Clone)]
pub(crate) struct Table<V> {
    /// The length is 0 or a power of two.
    pairs: Vec<[Place<V>; 2]>,
    used: usize,
    epoch: u32,
    /// The codes that found their pairs full.
    crowded: BTreeMap<u64, V>,
}

#[derive(Debug, Clone, Copy)]
struct Place<V> {
    code: u64,
    epoch: u32,
    value: V,
}

impl<V> Place<V> {
    /// Whether it holds the value of a code.
    #[inline]
    const fn is_of(&self, code: u64, epoch: u32) -> bool {
        (self.code ^ code) | (self.epoch ^ epoch) as u64 == 0
    }
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { pairs: Vec::new(), used: 0, epoch: 1, crowded: BTreeMap::new() }
    }
}

impl<V: Copy + Default> Table<V> {
    /// The value under a code, if there is one.
    pub(crate) fn get(&self, code: u64) -> Option<V> {
        if self.pairs.is_empty() {
            return None;
        }
        let Some((pair, side)) = self.find(code) else { return self.crowded.get(&code).copied() };
        let place = &self.pairs[pair][side];
        (place.epoch == self.epoch).then_some(place.value)
    }

    /// The value under a code, made by default if there is none.
    #[inline]
    pub(crate) fn entry(&mut self, code: u64) -> &mut V {
        let pair = self.pair_of(code);
        if let Some(places) = self.pairs.get(pair) {
            let side = usize::from(places[1].is_of(code, self.epoch));
            if places[side].is_of(code, self.epoch) {
                return &mut self.pairs[pair][side].value;
            }
        }
        self.find_or_add(code)
    }

    /// Adds up what each value is worth: in whatever order they lie, the sum is the same.
    pub(crate) fn sum(&self, worth: impl Fn(u64, V) -> u64) -> u64 {
        let taken = self.pairs.iter().flatten().filter(|place| place.epoch == self.epoch);
        let crowded = self.crowded.iter().map(|(code, value)| (*code, *value));
        let all = taken.map(|place| (place.code, place.value)).chain(crowded);
        all.map(|(code, value)| worth(code, value)).fold(0, u64::wrapping_add)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.used = 0;
        self.crowded.clear();
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            // Once in 2^32 times an old epoch could be taken for the present one.
            self.pairs.clear();
            self.epoch = 1;
        }
    }

    /// How many places there are, vacant ones included.
    #[cfg(test)]
    pub(crate) fn places(&self) -> usize {
        2 * self.pairs.len()
    }

    #[inline(never)]
    fn find_or_add(&mut self, code: u64) -> &mut V {
        if self.pairs.is_empty() {
            self.grow();
        }
        let is_vacant = |(pair, side): (usize, usize)| self.pairs[pair][side].epoch != self.epoch;
        let mut found = self.find(code);
        if found.is_some_and(is_vacant) {
            if self.used >= self.allowed() {
                self.grow();
                found = self.find(code);
            }
            if let Some((pair, side)) = found {
                self.used += 1;
                self.pairs[pair][side] = Place { code, epoch: self.epoch, value: V::default() };
            }
        }
        match found {
            Some((pair, side)) => &mut self.pairs[pair][side].value,
            None => self.crowded.entry(code).or_default(),
        }
    }

    /// How many places may be taken.
    fn allowed(&self) -> usize {
        if self.pairs.len() <= SPARSE_MAX { self.pairs.len() / 2 } else { self.pairs.len() }
    }

    /// Makes the table larger. What is crowded may have a place then.
    #[cold]
    fn grow(&mut self) {
        let vacant = Place { code: 0, epoch: 0, value: V::default() };
        let factor = if self.pairs.len() < FOURFOLD_MAX { 4 } else { 2 };
        let larger = alloc::vec![[vacant; 2]; (self.pairs.len() * factor).max(PAIRS_MIN)];
        let pairs = core::mem::replace(&mut self.pairs, larger);
        let epoch = self.epoch;
        let crowded = core::mem::take(&mut self.crowded);
        let crowded = crowded.into_iter().map(|(code, value)| Place { code, epoch, value });
        self.used = 0;
        for place in pairs.into_iter().flatten().filter(|place| place.epoch == epoch).chain(crowded) {
            match self.find(place.code) {
                Some((pair, side)) => {
                    self.used += 1;
                    self.pairs[pair][side] = place;
                }
                None => _ = self.crowded.insert(place.code, place.value),
            }
        }
    }

    /// The pair that a code belongs to.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn pair_of(&self, code: u64) -> usize {
        code as usize & self.pairs.len().wrapping_sub(1)
    }

    /// The place of `code`: where it is, or the vacant one where it goes. `None` if it is crowded.
    fn find(&self, code: u64) -> Option<(usize, usize)> {
        let mut pair = self.pair_of(code);
        for _ in 0..PAIRS_MAX {
            let is_it = |place: &Place<V>| place.epoch != self.epoch || place.code == code;
            if let Some(side) = self.pairs[pair].iter().position(is_it) {
                return Some((pair, side));
            }
            pair = (pair + 1) & (self.pairs.len() - 1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::mix;
    use alloc::collections::BTreeMap;

    #[test]
    fn values_equal_those_of_an_ordered_map_also_after_clearing() {
        let mut table = Table::<u32>::default();
        for round in 0..5 {
            let mut oracle = BTreeMap::new();
            for step in 0..5_000u64 {
                let code = mix(mix(step) % (500 * (round + 1))) & !0xFF;
                assert_eq!(table.get(code), oracle.get(&code).copied());
                *table.entry(code) += 1;
                *oracle.entry(code).or_insert(0) += 1;
            }
            table.clear();
            assert_eq!(table.get(mix(0) & !0xFF), None);
        }
    }

    #[test]
    fn a_small_table_has_four_places_for_a_value_and_a_large_one_two() {
        let mut table = Table::<u32>::default();
        for used in 1..=10_000 {
            *table.entry(mix(used)) += 1;
            let enough = if used <= SPARSE_MAX as u64 / 2 { 4 } else { 2 };
            let places = table.places() as u64;
            assert!(
                (enough * used..=4 * enough * used.max(4)).contains(&places),
                "{places} places for {used}"
            );
        }
    }

    #[test]
    fn codes_of_one_pair_are_found_within_a_fixed_number_of_pairs() {
        let mut table = Table::<u32>::default();
        let chosen = |number: u64| number << 40 | 7;
        for round in 1..=2 {
            for number in 0..20_000 {
                assert_eq!(table.get(chosen(number)), None);
                *table.entry(chosen(number)) += round;
            }
            for number in 0..20_000 {
                assert_eq!((table.get(chosen(number)), *table.entry(chosen(number))), (Some(round), round));
            }
            assert_eq!(table.get(chosen(20_000)), None);
            assert_eq!(table.sum(|_, value| u64::from(value)), 20_000 * u64::from(round));
            assert_eq!(table.used + table.crowded.len(), 20_000);
            assert!(table.used <= 128, "a look-up passes no more of them");
            table.clear();
        }
        for number in 0..20_000 {
            *table.entry(mix(number)) += 1;
        }
        assert_eq!((table.used, table.crowded.len()), (20_000, 0), "what nobody chose is not crowded");
    }

    #[test]
    fn an_epoch_that_comes_again_finds_nothing_old() {
        let mut table = Table::<u32>::default();
        *table.entry(7) = 1;
        table.epoch = u32::MAX;
        *table.entry(8) = 2;
        table.clear();
        assert_eq!((table.get(7), table.get(8), table.epoch), (None, None, 1));
        assert_eq!(*table.entry(7), 0);
    }
}
