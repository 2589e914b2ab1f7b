//! A table of codes that stays fast whatever the codes are.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_kernel::mix;

/// How many places stand side by side, in one line of the cache.
const PLACES: usize = 4;
/// How many lines there are as soon as there is a code: in short runs, growing step by step costs more.
const LINES_MIN: usize = 16;
/// A code that finds so many lines full is kept elsewhere.
const LINES_MAX: usize = 16;

/// Numbers by 64-bit codes. Looked up, never walked over.
///
/// Codes can come from a file, so whoever writes the file can choose them so that all hash to one place. A code is
/// therefore sought in a fixed number of lines; if those are full, it is in an ordered map. That happens to nearly none of the
/// codes that nobody chose, and then costs little: one look-up takes `O(log n)` steps at most.
#[derive(Debug, Clone, Default)]
pub struct CodeTable {
    /// Codes and their numbers. The length is 0 or a power of two; the code 0 says that a place is vacant.
    lines: Vec<[(u64, u64); PLACES]>,
    /// How many places are taken.
    used: usize,
    /// The number of the code 0.
    zero: Option<u64>,
    /// The codes that found their lines full.
    crowded: BTreeMap<u64, u64>,
}

impl CodeTable {
    /// Returns the number of a code.
    #[must_use]
    pub fn get(&self, code: u64) -> Option<u64> {
        if code == 0 {
            return self.zero;
        }
        for line in self.lines_of(code) {
            for (other, number) in &self.lines[line] {
                if *other == code {
                    return Some(*number);
                }
                if *other == 0 {
                    return None;
                }
            }
        }
        self.crowded.get(&code).copied()
    }

    /// Returns the number of a code, which is this one if the code is new: of several, the first counts.
    pub fn enter(&mut self, code: u64, number: u64) -> u64 {
        if code == 0 {
            return *self.zero.get_or_insert(number);
        }
        // Three of four places are taken at most.
        if self.used * 4 >= self.lines.len() * PLACES * 3 {
            self.grow();
        }
        for line in self.lines_of(code) {
            for place in &mut self.lines[line] {
                if place.0 == code {
                    return place.1;
                }
                if place.0 == 0 {
                    *place = (code, number);
                    self.used += 1;
                    return number;
                }
            }
        }
        *self.crowded.entry(code).or_insert(number)
    }

    /// Doubles the lines. What is crowded may have a place then.
    #[cold]
    fn grow(&mut self) {
        let doubled = alloc::vec![[(0, 0); PLACES]; (self.lines.len() * 2).max(LINES_MIN)];
        let lines = core::mem::replace(&mut self.lines, doubled);
        let crowded = core::mem::take(&mut self.crowded);
        self.used = 0;
        for (code, number) in lines.into_iter().flatten().chain(crowded).filter(|(code, _)| *code != 0) {
            self.enter(code, number);
        }
    }

    /// The lines in which a code may be, in order: a step further each time, so that neighbours part soon.
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn lines_of(&self, code: u64) -> impl Iterator<Item = usize> + use<> {
        let (home, count) = (mix(code) as usize, self.lines.len());
        let line = move |step: usize| home.wrapping_add(step * (step + 1) / 2) & count.wrapping_sub(1);
        (0..count.min(LINES_MAX)).map(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_equal_those_of_an_ordered_map_and_the_first_counts() {
        let (mut table, mut oracle) = (CodeTable::default(), BTreeMap::new());
        for number in 0..50_000 {
            let code = mix(mix(number) % 20_000) % 30_000 * (number % 2);
            assert_eq!(table.get(code), oracle.get(&code).copied());
            assert_eq!(table.enter(code, number), *oracle.entry(code).or_insert(number));
            assert_eq!(table.get(code), oracle.get(&code).copied());
        }
    }

    #[test]
    fn codes_that_nobody_chose_are_not_crowded() {
        let mut table = CodeTable::default();
        for number in 0..200_000 {
            table.enter(mix(number), number);
            table.enter(number, number);
            assert!(table.crowded.len() * 1000 <= table.used, "{} at {number}", table.crowded.len());
        }
        assert!(table.used <= table.lines.len() * PLACES);
        assert!(table.lines.len() * PLACES <= 4 * table.used);
    }

    #[test]
    fn codes_of_one_place_are_found_within_a_fixed_number_of_lines() {
        let mut table = CodeTable::default();
        // All have the same low 20 bits once they are mixed.
        let chosen = |number: u64| unmix(number << 20 | 7);
        for number in 0..50_000 {
            assert_eq!(mix(chosen(number)), number << 20 | 7);
            table.enter(chosen(number), number);
        }
        for number in 0..50_000 {
            assert_eq!(table.get(chosen(number)), Some(number));
            assert_eq!(table.enter(chosen(number), 0), number);
        }
        assert_eq!(table.get(chosen(50_000)), None);
        assert!(table.lines_of(7).count() <= 16, "a look-up reads no more lines");
        assert!(table.lines.len() <= 32, "they make the table no larger: {}", table.lines.len());
        assert_eq!(table.used + table.crowded.len(), 50_000);
    }

    /// Takes back what [`mix`] does.
    fn unmix(value: u64) -> u64 {
        let unshift = |value: u64, by: u32| (0..64 / by).fold(value, |whole, _| value ^ whole >> by);
        let value = unshift(value, 31).wrapping_mul(inverse(0x94D0_49BB_1331_11EB));
        let value = unshift(value, 27).wrapping_mul(inverse(0xBF58_476D_1CE4_E5B9));
        unshift(value, 30).wrapping_sub(0x9E37_79B9_7F4A_7C15)
    }

    /// What the factor is multiplied with to make 1, by Newton's iteration.
    fn inverse(factor: u64) -> u64 {
        (0..6)
            .fold(factor, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(factor.wrapping_mul(inverse))))
    }
}
