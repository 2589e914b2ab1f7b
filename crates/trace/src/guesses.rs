//! Guesses of where in a list the entry of a code is.

use alloc::vec::Vec;

/// So many guesses there are at least for each entry of the list, so that few codes share one.
const GUESSES_AN_ENTRY: usize = 4;

/// Where in a list the entry of a code may be: for each place the last entry whose code has those low bits. Whoever asks
/// compares the code of that entry, so that a wrong guess costs a search and no more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guesses {
    /// The length is 0 or a power of two.
    entries: Vec<u32>,
}

impl Guesses {
    #[inline]
    pub(crate) fn get(&self, code: u64) -> usize {
        self.entries.get(self.place(code)).map_or(0, |entry| *entry as usize)
    }

    /// Remembers where the entry of a code is, in a list of so many entries.
    #[expect(clippy::cast_possible_truncation, reason = "a guess that was cut is a wrong guess, no more")]
    pub(crate) fn set(&mut self, code: u64, entry: usize, entries: usize) {
        if self.entries.len() < GUESSES_AN_ENTRY * entries {
            // What was guessed is forgotten, and found out again.
            self.entries = alloc::vec![0; (2 * GUESSES_AN_ENTRY * entries).next_power_of_two()];
        }
        let place = self.place(code);
        self.entries[place] = entry as u32;
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn place(&self, code: u64) -> usize {
        code as usize & self.entries.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak_kernel::mix;

    #[test]
    fn most_guesses_are_right_however_many_entries_there_are() {
        for count in [1, 10, 100, 5_000] {
            let mut guesses = Guesses::default();
            let rounds = [0, 1].map(|_| {
                let mut right = 0;
                for entry in 0..count {
                    let code = mix(entry as u64);
                    right += usize::from(guesses.get(code) == entry);
                    guesses.set(code, entry, count);
                }
                right
            });
            assert!(rounds[1] * 4 >= count * 3, "{rounds:?} of {count}");
        }
    }
}
