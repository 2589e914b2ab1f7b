//! A look-up table by 64-bit code with a fixed hash, never iterated.

use alloc::vec::Vec;

/// Values by code. The codes are mixed already, so their low bits are the hash. Clearing costs nothing: a place is taken
/// only if it was filled in the present epoch.
#[derive(Debug, Clone)]
pub(crate) struct Table<V> {
    /// The length is 0 or a power of two.
    places: Vec<Place<V>>,
    used: usize,
    epoch: u32,
}

#[derive(Debug, Clone, Copy)]
struct Place<V> {
    code: u64,
    epoch: u32,
    value: V,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { places: Vec::new(), used: 0, epoch: 1 }
    }
}

impl<V: Copy + Default> Table<V> {
    /// The value under a code, if there is one.
    pub(crate) fn get(&self, code: u64) -> Option<V> {
        if self.places.is_empty() {
            return None;
        }
        let place = &self.places[self.find(code)];
        (place.epoch == self.epoch).then_some(place.value)
    }

    /// The value under a code, made by default if there is none.
    pub(crate) fn entry(&mut self, code: u64) -> &mut V {
        if (self.used + 1) * 4 > self.places.len() * 3 {
            self.grow();
        }
        let at = self.find(code);
        let (epoch, place) = (self.epoch, &mut self.places[at]);
        if place.epoch != epoch {
            self.used += 1;
            *place = Place { code, epoch, value: V::default() };
        }
        &mut place.value
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.used = 0;
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            // Once in 2^32 times an old epoch could be taken for the present one.
            self.places.clear();
            self.epoch = 1;
        }
    }

    /// How many places there are, vacant ones included.
    #[cfg(test)]
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    #[cold]
    fn grow(&mut self) {
        let vacant = Place { code: 0, epoch: 0, value: V::default() };
        let doubled = alloc::vec![vacant; (self.places.len() * 2).max(16)];
        for place in core::mem::replace(&mut self.places, doubled) {
            if place.epoch == self.epoch {
                let at = self.find(place.code);
                self.places[at] = place;
            }
        }
    }

    /// The place of `code`: where it is, or the vacant one where it goes.
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn find(&self, code: u64) -> usize {
        let mask = self.places.len() - 1;
        let mut at = code as usize & mask;
        while self.places[at].epoch == self.epoch && self.places[at].code != code {
            at = (at + 1) & mask;
        }
        at
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
