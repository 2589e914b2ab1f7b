//! How often each event name was dispatched: a look-up table by code with a fixed hash, never iterated.

use alloc::vec;
use alloc::vec::Vec;

/// Counts by 64-bit code. The codes are mixed already, so their low bits are the hash.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repeats {
    /// (code, count); a count of 0 marks a free place. The length is 0 or a power of two.
    places: Vec<(u64, u32)>,
    used: usize,
}

impl Repeats {
    /// Counts one more dispatch of the name with this code; returns how many there are now.
    pub(crate) fn next(&mut self, code: u64) -> u32 {
        if (self.used + 1) * 4 > self.places.len() * 3 {
            self.grow();
        }
        let at = self.place(code);
        let place = &mut self.places[at];
        self.used += usize::from(place.1 == 0);
        assert!(place.1 < u32::MAX, "an event name repeats at most 2^32 - 1 times");
        *place = (code, place.1 + 1);
        place.1
    }

    fn grow(&mut self) {
        let doubled = vec![(0, 0); (self.places.len() * 2).max(64)];
        for place in core::mem::replace(&mut self.places, doubled) {
            if place.1 > 0 {
                let at = self.place(place.0);
                self.places[at] = place;
            }
        }
    }

    /// The place of `code`: where it is, or the free one where it goes.
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn place(&self, code: u64) -> usize {
        let mask = self.places.len() - 1;
        let mut at = code as usize & mask;
        while self.places[at].1 > 0 && self.places[at].0 != code {
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
    fn counts_equal_those_of_an_ordered_map() {
        let (mut repeats, mut oracle) = (Repeats::default(), BTreeMap::new());
        for step in 0..20_000u64 {
            let code = mix(mix(step) % 3_000) & !0xFF;
            let expected = oracle.entry(code).and_modify(|count| *count += 1).or_insert(1u32);
            assert_eq!(repeats.next(code), *expected);
        }
    }
}
