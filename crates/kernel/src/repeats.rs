//! How often events of each name were dispatched.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::codes::{PartCodes, event_code};
use crate::guesses::Guesses;
use crate::mix::{fold, mix};
use crate::table::Table;

/// There is room for so many names at once as soon as there is one: in short runs, growing step by step costs more.
const FIRST_NAMES: usize = 28;

/// A name that was dispatched.
#[derive(Debug, Clone, Copy)]
struct Counted {
    /// The number by which it is looked up.
    lookup: u64,
    /// Its code: worked out at the first dispatch, so that later ones need not.
    name: u64,
    count: u32,
}

/// How often events of each name were dispatched.
///
/// Most events find their name where a hint says, without a look into the table: the count is being read while the code of the
/// actor, by which the guess is checked, is still on its way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repeats {
    /// In the order of first dispatch.
    counted: Vec<Counted>,
    guesses: Guesses,
    /// Places among the counted, from 1, by what their names are looked up by.
    places: Table<u32>,
    /// What [`Repeats::sum`] has of names that are not counted.
    once: u64,
    /// In debug builds, those names by their codes.
    seen: BTreeSet<u64>,
}

impl Repeats {
    /// Counts the dispatch of an event, by the codes and the hint of its name; returns its repeat and its code.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "recording an event is measured to be 20 instructions shorter")]
    pub(crate) fn count(&mut self, hint: u64, codes: PartCodes) -> (u32, u64) {
        let lookup = codes.lookup();
        let guess = self.guesses.get(hint);
        let place = match self.counted.get(guess) {
            Some(counted) if counted.lookup == lookup => guess,
            Some(_) | None => self.find_or_add(hint, codes),
        };
        let counted = &mut self.counted[place];
        assert!(counted.count < u32::MAX, "an event name repeats at most 2^32 - 1 times");
        counted.count += 1;
        (counted.count, event_code(counted.name, counted.count))
    }

    /// Takes in the dispatch of the only event of a name; returns its repeat and its code.
    #[inline(never)]
    pub(crate) fn count_once(&mut self, codes: PartCodes) -> (u32, u64) {
        let (lookup, name) = (codes.lookup(), codes.name());
        if cfg!(debug_assertions) {
            let is_new = self.places.get(lookup).is_none() && self.seen.insert(name);
            assert!(is_new, "a subject says that it is of one event, and there is a second of this name");
        }
        self.once = self.once.wrapping_add(worth(lookup, 1));
        (1, event_code(name, 1))
    }

    /// How often events of each name were dispatched, as one number, which does not depend on the order of names.
    pub(crate) fn sum(&self) -> u64 {
        let counted = self.counted.iter().map(|counted| worth(counted.lookup, counted.count));
        counted.fold(self.once, u64::wrapping_add)
    }

    /// How many names are counted.
    #[cfg(test)]
    pub(crate) fn names(&self) -> usize {
        self.counted.len()
    }

    #[inline(never)]
    #[expect(clippy::cast_possible_truncation, reason = "four thousand million names do not fit in memory")]
    fn find_or_add(&mut self, hint: u64, codes: PartCodes) -> usize {
        let lookup = codes.lookup();
        let place = self.places.entry(lookup);
        if *place == 0 {
            if self.counted.is_empty() {
                self.counted.reserve(FIRST_NAMES);
            }
            self.counted.push(Counted { lookup, name: codes.name(), count: 0 });
            *place = self.counted.len() as u32;
        }
        let place = *place as usize - 1;
        self.guesses.set(hint, place, self.counted.len());
        place
    }
}

/// What the dispatches of a name add to [`Repeats::sum`].
const fn worth(lookup: u64, count: u32) -> u64 {
    mix(fold(lookup, count as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::hash_text;
    use alloc::collections::BTreeMap;

    #[test]
    fn dispatches_are_counted_for_each_name_alone_whatever_its_codes() {
        let words = ["a", "b", "c"].map(hash_text);
        let high = (1..100).map(|number| number << 40 | 1);
        let subjects: Vec<u64> = (0..100).chain(high).chain(words).collect();
        let mut names = Vec::new();
        for actor in words {
            for kind in words {
                names.extend(subjects.iter().map(|subject| PartCodes { actor, kind, subject: *subject }));
            }
        }
        let hints: [fn(&PartCodes) -> u64; 3] =
            [|codes| codes.actor ^ codes.subject, |codes| codes.kind, |_| 7];
        for hint in hints {
            let (mut repeats, mut oracle) = (Repeats::default(), BTreeMap::new());
            for round in 1..=3usize {
                for codes in names.iter().step_by(round) {
                    let expected = oracle.entry(codes.name()).or_insert(0u32);
                    *expected += 1;
                    assert_eq!(
                        repeats.count(hint(codes), *codes),
                        (*expected, event_code(codes.name(), *expected)),
                        "{codes:?}"
                    );
                }
            }
            assert_eq!(oracle.len(), names.len(), "no two of the names share a code");
        }
    }
}
