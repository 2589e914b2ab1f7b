//! What the writer knows of names, by their codes.

use alloc::vec::Vec;

use tiebreak_kernel::PartCodes;

/// What is known of a name: 32 bytes, so that two are in one line of the cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(crate) struct Known {
    /// The code of the name.
    pub(crate) code: u64,
    /// The code of its last event; nothing if the repeat is 0.
    pub(crate) event: u64,
    /// The repeat of its last event; 0 if it was never dispatched.
    pub(crate) repeat: u32,
    /// Its number in the order of first sight, from 1. 0 says that this is no name.
    number: u32,
    /// Where in the table the name is whose event caused the last one; its own place at first.
    pub(crate) cause: u32,
    /// The place of the shape of its last note; 0 at first.
    pub(crate) shape: u32,
}

impl Known {
    /// Its place in the order of first sight, from 0.
    #[inline]
    pub(crate) const fn place(&self) -> u64 {
        (self.number as u64).wrapping_sub(1)
    }

    #[inline]
    const fn is(&self, code: u64) -> bool {
        self.code == code && self.number > 0
    }
}

const SIZE_MIN: usize = 16;

/// A table of names by code, at most half full. Looked up, never walked over.
///
/// Two neighbours share a line of the cache: a name is at the place that the low bits of its code say, or beside that, or
/// in the first vacant place behind both. So nearly always there is one line to read, and no branch to mispredict.
#[derive(Debug, Clone)]
pub(crate) struct NameTable {
    /// The length is a power of two.
    table: Vec<Known>,
    count: u32,
    /// The codes of the names that were added since they were taken, in order.
    fresh: Vec<PartCodes>,
}

impl Default for NameTable {
    fn default() -> Self {
        Self { table: alloc::vec![Known::default(); SIZE_MIN], count: 0, fresh: Vec::new() }
    }
}

impl NameTable {
    /// Where in the table the name with this code is. Another place after a name was added.
    #[inline]
    pub(crate) fn find(&self, code: u64) -> Option<usize> {
        let home = self.home(code);
        let at = home ^ usize::from(self.table[home].code != code);
        if self.table[at].is(code) { Some(at) } else { self.search(code) }
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> &Known {
        &self.table[at]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, at: usize) -> &mut Known {
        &mut self.table[at]
    }

    /// Adds a name that is not there; returns where it is.
    pub(crate) fn add(&mut self, codes: PartCodes) -> usize {
        self.count += 1;
        if self.count as usize > self.table.len() / 2 {
            self.grow();
        }
        let code = codes.name();
        let at = self.vacant(code);
        self.table[at] = Known { code, number: self.count, cause: number_u32(at), ..Known::default() };
        self.fresh.push(codes);
        at
    }

    /// The code of the event that is expected to have caused a dispatch of this name.
    pub(crate) fn expected_cause(&self, known: &Known) -> Option<u64> {
        Some(self.get(known.cause as usize)).filter(|cause| cause.repeat > 0).map(|cause| cause.event)
    }

    /// Lets the name at a place expect that events of the name with this code cause it.
    pub(crate) fn expect_cause(&mut self, at: usize, code: u64) {
        let Some(cause) = self.find(code) else {
            unreachable!("an event that was dispatched has a known name")
        };
        self.table[at].cause = number_u32(cause);
    }

    /// Hands over the codes of the names that were added since they were taken last.
    pub(crate) fn take_fresh(&mut self) -> Vec<PartCodes> {
        core::mem::take(&mut self.fresh)
    }

    /// How large the table is, in bytes: 64 to 128 for a name.
    pub(crate) fn size(&self) -> u64 {
        (self.table.len() * size_of::<Known>()) as u64
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn home(&self, code: u64) -> usize {
        code as usize & self.table.len().wrapping_sub(1)
    }

    /// The places in which a name may be, in order.
    fn places(&self, code: u64) -> impl Iterator<Item = usize> + use<> {
        let (home, mask) = (self.home(code), self.table.len() - 1);
        (0..=mask).map(move |step| (home ^ (step & 1)).wrapping_add(step & !1) & mask)
    }

    #[inline(never)]
    fn search(&self, code: u64) -> Option<usize> {
        self.places(code).take_while(|at| self.table[*at].number > 0).find(|at| self.table[*at].is(code))
    }

    fn vacant(&self, code: u64) -> usize {
        match self.places(code).find(|at| self.table[*at].number == 0) {
            Some(at) => at,
            None => unreachable!("half of the table is vacant"),
        }
    }

    #[cold]
    fn grow(&mut self) {
        let size = self.table.len() * 2;
        let old = core::mem::replace(&mut self.table, alloc::vec![Known::default(); size]);
        let moved: Vec<u32> = old.iter().map(|known| self.take_over(*known)).collect();
        for known in &mut self.table {
            if known.number > 0 {
                known.cause = moved[known.cause as usize];
            }
        }
    }

    /// Takes over what an old table has at a place; returns where that is now, if it is a name.
    fn take_over(&mut self, known: Known) -> u32 {
        if known.number == 0 {
            return 0;
        }
        let at = self.vacant(known.code);
        self.table[at] = known;
        number_u32(at)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "four thousand million names do not fit in memory")]
const fn number_u32(at: usize) -> u32 {
    at as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak_kernel::mix;

    fn codes(number: u64) -> PartCodes {
        PartCodes { actor: number, kind: mix(number % 3), subject: 0 }
    }

    #[test]
    fn names_and_their_causes_are_found_however_many_there_are() {
        let mut names = NameTable::default();
        for number in 0..5_000 {
            assert_eq!(names.find(codes(number).name()), None);
            let at = names.add(codes(number));
            assert_eq!((names.get(at).place(), names.get(at).cause as usize), (number, at));
            let cause = names.find(codes(number / 2).name()).expect("it was added");
            names.get_mut(at).cause = u32::try_from(cause).expect("small");
        }
        assert!(names.find(0).is_none());
        for number in 0..5_000 {
            let known = *names.get(names.find(codes(number).name()).expect("it was added"));
            assert_eq!((known.place(), known.code), (number, codes(number).name()));
            assert_eq!(names.get(known.cause as usize).place(), number / 2);
        }
        assert_eq!(names.take_fresh(), (0..5_000).map(codes).collect::<Vec<_>>());
        assert!(names.take_fresh().is_empty());
        assert_eq!(names.size(), 32 * 16_384);
    }

    #[test]
    fn names_whose_codes_share_their_low_bits_are_found() {
        let mut names = NameTable::default();
        let same: Vec<PartCodes> = (0..).map(codes).filter(|codes| codes.name() % 64 == 7).take(30).collect();
        for codes in &same {
            names.add(*codes);
        }
        for (place, codes) in (0..).zip(&same) {
            assert_eq!(names.get(names.find(codes.name()).expect("it was added")).place(), place);
        }
    }
}
