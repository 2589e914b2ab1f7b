//! Guesses of where in a list something is.

use alloc::vec::Vec;

/// So many guesses there are at least for each entry of the list, so that few hints share one.
const GUESSES_AN_ENTRY: usize = 4;
/// So many there are as soon as there is one: in short runs, growing step by step costs more.
const GUESSES_MIN: usize = 128;

/// Guesses of where in a list something is, by a hint: the last entry that was set for a hint with the same low bits.
///
/// Whoever asks compares the entry with what is sought, so that a wrong guess costs a search and no more. A right one is there
/// before anything about the name has come out of memory, if the hint is [`Name::hint`](crate::Name::hint): the processor goes
/// on with it while the comparison waits. Takes 16 to 128 bytes an entry.
///
/// ```
/// use tiebreak_kernel::Guesses;
///
/// let list = ["a", "b"];
/// let mut guesses = Guesses::default();
/// guesses.set(7, 1, list.len());
/// assert_eq!(list[guesses.get(7)], "b");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Guesses {
    /// The length is 0 or a power of two.
    entries: Vec<u32>,
}

impl Guesses {
    /// Returns where the entry may be; 0 if nothing was set.
    #[inline]
    #[must_use]
    pub fn get(&self, hint: u64) -> usize {
        self.entries.get(self.place(hint)).map_or(0, |entry| *entry as usize)
    }

    /// Remembers where an entry is, in a list of so many entries. A longer list than before forgets what was guessed, in time
    /// proportional to its length.
    #[expect(clippy::cast_possible_truncation, reason = "a guess that was cut is a wrong guess, no more")]
    pub fn set(&mut self, hint: u64, entry: usize, entries: usize) {
        if self.entries.len() < GUESSES_AN_ENTRY * entries {
            let enough = (2 * GUESSES_AN_ENTRY * entries).next_power_of_two();
            self.entries = alloc::vec![0; enough.max(GUESSES_MIN)];
        }
        let place = self.place(hint);
        self.entries[place] = entry as u32;
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn place(&self, hint: u64) -> usize {
        hint as usize & self.entries.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::mix;

    /// How many guesses are right when all entries are asked for the second time.
    fn right(count: usize, hint: impl Fn(u64) -> u64) -> usize {
        let mut guesses = Guesses::default();
        let rounds = [0, 1].map(|_| {
            let mut right = 0;
            for entry in 0..count {
                let hint = hint(entry as u64);
                right += usize::from(guesses.get(hint) == entry);
                guesses.set(hint, entry, count);
            }
            right
        });
        rounds[1]
    }

    #[test]
    fn most_guesses_are_right_however_many_entries_there_are_and_all_by_neighbouring_hints() {
        for count in [1, 10, 100, 5_000] {
            assert!(right(count, mix) * 4 >= count * 3, "of {count}");
            assert_eq!(right(count, |entry| 77 + entry), count);
        }
    }
}
