//! What the writer knows of names.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use tiebreak_kernel::{Guesses, PartCodes, event_code};

/// What is known of a name: 32 bytes, so that two are in one line of the cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(crate) struct Known {
    /// The number by which it is looked up.
    lookup: u64,
    /// The code of its last event.
    event: u64,
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
    pub(crate) const fn place(&self) -> u32 {
        self.number.wrapping_sub(1)
    }

    /// The code of its last event, if there is one.
    #[inline]
    pub(crate) const fn event(&self) -> Option<u64> {
        if self.repeat == 0 { None } else { Some(self.event) }
    }
}

const SIZE_MIN: usize = 16;
/// A name that finds so many places taken is where an ordered map says.
const PLACES_MAX: usize = 128;

/// A table of names by [`PartCodes::lookup`], at most half full. Looked up, never walked over.
///
/// Two neighbours share a line of the cache: a name is at the place that the low bits of its number say, or beside that, or
/// in the first vacant place behind both. So nearly always there is one line to read, and no branch to mispredict.
///
/// Codes can come from a file, so whoever writes the file can choose them so that all belong at one place. A name is therefore
/// sought at a fixed number of places; if those are taken, it is at any vacant one, and an ordered map says where. As in
/// [`CodeTable`](crate::CodeTable), that happens to nearly none of the names that nobody chose.
#[derive(Debug, Clone)]
pub(crate) struct NameTable {
    /// The length is a power of two.
    table: Vec<Known>,
    /// Where in the table the names are, in the order of first sight.
    places: Vec<u32>,
    /// The codes of the names, in the order of first sight.
    codes: Vec<u64>,
    /// Where in the table names are.
    guesses: Guesses,
    /// Where in the table the names are that found their places taken, by the number to look them up and the code of the name.
    crowded: BTreeMap<(u64, u64), u32>,
    /// All places before this one are taken. Counted up only when a name is crowded.
    taken: usize,
    /// The codes of the names that were added since they were taken, in order.
    fresh: Vec<PartCodes>,
}

impl Default for NameTable {
    fn default() -> Self {
        Self {
            table: alloc::vec![Known::default(); SIZE_MIN],
            places: Vec::new(),
            codes: Vec::new(),
            guesses: Guesses::default(),
            crowded: BTreeMap::new(),
            taken: 0,
            fresh: Vec::new(),
        }
    }
}

impl NameTable {
    /// Where in the table a name with this number is. Another place after a name was added.
    #[inline]
    pub(crate) fn find(&mut self, hint: u64, lookup: u64) -> Option<usize> {
        let guess = self.guesses.get(hint);
        let known = &self.table[guess];
        if known.lookup == lookup && known.number > 0 {
            return Some(guess);
        }
        self.find_unguessed(hint, lookup)
    }

    #[inline(never)]
    fn find_unguessed(&mut self, hint: u64, lookup: u64) -> Option<usize> {
        let at = self.search(lookup, |_| true, 0..=u64::MAX)?;
        self.guesses.set(hint, at, self.places.len());
        Some(at)
    }

    /// Where in the table the name with these codes is, whatever else has the same number.
    pub(crate) fn find_exact(&self, codes: PartCodes) -> Option<usize> {
        let name = codes.name();
        self.search(codes.lookup(), |known| self.codes[known.place() as usize] == name, name..=name)
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
        if self.places.len() >= self.table.len() / 2 {
            self.grow();
        }
        let lookup = codes.lookup();
        let at = self.vacant(lookup, codes.name());
        self.places.push(number_u32(at));
        self.codes.push(codes.name());
        let number = number_u32(self.places.len());
        self.table[at] = Known { lookup, number, cause: number_u32(at), ..Known::default() };
        self.fresh.push(codes);
        at
    }

    /// The code of the event that is expected to have caused a dispatch of this name.
    pub(crate) fn expected_cause(&self, known: &Known) -> Option<u64> {
        self.get(known.cause as usize).event()
    }

    /// Lets a name expect that events of the name at this place in the order of first sight cause it.
    pub(crate) fn expect_cause(&mut self, at: usize, place: u32) {
        self.table[at].cause = self.places[place as usize];
    }

    /// The code of an event of the name at this place.
    pub(crate) fn event_code(&self, at: usize, repeat: u32) -> u64 {
        event_code(self.codes[self.get(at).place() as usize], repeat)
    }

    /// Keeps the last event of a name.
    #[inline]
    pub(crate) fn dispatched(&mut self, at: usize, repeat: u32, event: u64) {
        let known = &mut self.table[at];
        known.repeat = repeat;
        known.event = event;
    }

    /// Hands over the codes of the names that were added since they were taken last.
    pub(crate) fn take_fresh(&mut self) -> Vec<PartCodes> {
        core::mem::take(&mut self.fresh)
    }

    /// How large the table is without its guesses, in bytes: 76 to 144 for a name, and 20 more if it is crowded.
    pub(crate) fn size(&self) -> u64 {
        (self.table.len() * size_of::<Known>() + self.places.len() * 12 + self.crowded.len() * 20) as u64
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn home(&self, lookup: u64) -> usize {
        lookup as usize & self.table.len().wrapping_sub(1)
    }

    /// The places at which a name may be without being crowded, in order.
    fn places(&self, lookup: u64) -> impl Iterator<Item = usize> + use<> {
        let (home, mask) = (self.home(lookup), self.table.len() - 1);
        let place = move |step: usize| (home ^ (step & 1)).wrapping_add(step & !1) & mask;
        (0..self.table.len().min(PLACES_MAX)).map(place)
    }

    /// Where a name with this number is that is one of these, by what is known of it and by its code.
    fn search(
        &self,
        lookup: u64,
        is_it: impl Fn(&Known) -> bool,
        names: RangeInclusive<u64>,
    ) -> Option<usize> {
        for at in self.places(lookup) {
            let known = &self.table[at];
            if known.number == 0 {
                return None;
            }
            if known.lookup == lookup && is_it(known) {
                return Some(at);
            }
        }
        let (first, last) = names.into_inner();
        self.crowded.range((lookup, first)..=(lookup, last)).next().map(|(_, at)| *at as usize)
    }

    /// A vacant place for a name with this number and this code, which is put there at once.
    fn vacant(&mut self, lookup: u64, name: u64) -> usize {
        if let Some(at) = self.places(lookup).find(|at| self.table[*at].number == 0) {
            return at;
        }
        while self.table.get(self.taken).is_some_and(|known| known.number > 0) {
            self.taken += 1;
        }
        assert!(self.taken < self.table.len(), "half of the table is vacant");
        self.crowded.insert((lookup, name), number_u32(self.taken));
        self.taken
    }

    #[cold]
    fn grow(&mut self) {
        let size = self.table.len() * 2;
        let old = core::mem::replace(&mut self.table, alloc::vec![Known::default(); size]);
        self.crowded.clear();
        self.taken = 0;
        for place in 0..self.places.len() {
            let known = old[self.places[place] as usize];
            let at = self.vacant(known.lookup, self.codes[place]);
            self.table[at] = known;
            self.places[place] = number_u32(at);
        }
        for at in &self.places {
            let known = &mut self.table[*at as usize];
            known.cause = self.places[old[known.cause as usize].place() as usize];
        }
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
            assert_eq!(names.find(number, codes(number).lookup()), None);
            let at = names.add(codes(number));
            assert_eq!((u64::from(names.get(at).place()), names.get(at).cause as usize), (number, at));
            names.expect_cause(at, u32::try_from(number / 2).expect("small"));
        }
        assert!(names.find(0, 0).is_none());
        for number in 0..5_000 {
            let at = names.find(number, codes(number).lookup()).expect("it was added");
            assert_eq!(names.find_exact(codes(number)), Some(at));
            let known = *names.get(at);
            assert_eq!(
                (known.place().into(), names.codes[known.place() as usize]),
                (number, codes(number).name())
            );
            assert_eq!(u64::from(names.get(known.cause as usize).place()), number / 2);
        }
        assert_eq!(names.take_fresh(), (0..5_000).map(codes).collect::<Vec<_>>());
        assert!(names.take_fresh().is_empty());
        assert_eq!(names.size(), 32 * 16_384 + 12 * 5_000);
    }

    #[test]
    fn names_whose_numbers_share_their_low_bits_are_found() {
        let mut names = NameTable::default();
        let same: Vec<PartCodes> =
            (0..).map(codes).filter(|codes| codes.lookup() % 64 == 7).take(30).collect();
        for codes in &same {
            names.add(*codes);
        }
        for (place, codes) in (0..).zip(&same) {
            let at = names.find(7, codes.lookup()).expect("it was added");
            assert_eq!(names.get(at).place(), place);
        }
    }

    #[test]
    fn names_that_somebody_chose_are_found_within_a_fixed_number_of_places() {
        const COUNT: u32 = 30_000;
        let chosen = |number| sharing(20, 7, number);
        let mut names = NameTable::default();
        for number in 0..COUNT {
            assert_eq!(names.find(number.into(), chosen(number).lookup()), None);
            let at = names.add(chosen(number));
            names.get_mut(at).shape = number;
            names.expect_cause(at, number / 2);
        }
        for number in 0..COUNT {
            let at = names.find(number.into(), chosen(number).lookup()).expect("it was added");
            assert_eq!(names.find_exact(chosen(number)), Some(at));
            let known = *names.get(at);
            assert_eq!((known.place(), known.shape), (number, number));
            assert_eq!(names.get(known.cause as usize).place(), number / 2);
        }
        assert_eq!(names.find(7, chosen(COUNT).lookup()), None);
        assert_eq!(names.find_exact(chosen(COUNT)), None);
        assert!(names.places(7).count() <= 128, "a look-up reads no more places");
        assert!(names.table.len() <= 65_536, "they make the table no larger: {}", names.table.len());
        assert!(names.crowded.len() > 29_000, "{}", names.crowded.len());
        for number in 0..COUNT {
            names.add(codes(number.into()));
        }
        for number in 0..COUNT {
            let others = [chosen(number), codes(number.into())].map(|codes| names.find(7, codes.lookup()));
            assert_eq!(
                others.map(|at| at.map(|at| names.get(at).place())),
                [Some(number), Some(COUNT + number)]
            );
        }
    }

    #[test]
    fn names_that_nobody_chose_are_not_crowded() {
        let mut names = NameTable::default();
        for number in 0..200_000 {
            names.add(codes(number));
            names.add(PartCodes { actor: mix(number), kind: 5, subject: mix(mix(number)) });
        }
        assert!(names.crowded.is_empty(), "{}", names.crowded.len());
    }

    #[test]
    fn thousands_of_names_with_the_same_number_are_told_apart() {
        let twin = |number| sharing(64, 7, number);
        let mut names = NameTable::default();
        for number in 0..5_000 {
            assert_eq!(names.find_exact(twin(number)), None);
            names.add(twin(number));
        }
        assert!(names.find(0, 7).is_some() && names.find(0, 8).is_none());
        for number in 0..5_000 {
            let at = names.find_exact(twin(number)).expect("it was added");
            assert_eq!(names.get(at).place(), number);
        }
    }

    /// Codes of names that share so many low bits of the number to look them up, up to 64.
    fn sharing(bits: u32, low: u64, number: u32) -> PartCodes {
        let lookup = u64::from(number).checked_shl(bits).unwrap_or(0) | low;
        let actor = u64::from(number);
        // What the sum must be: the high half is as it is, the low half takes it back.
        let sum = lookup ^ lookup >> 32;
        let left = sum.wrapping_sub(actor.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let codes = PartCodes { actor, kind: left.wrapping_mul(INVERSE), subject: 0 };
        assert_eq!(codes.lookup(), lookup);
        codes
    }

    #[test]
    fn names_with_the_same_number_are_told_apart() {
        // The kind takes back what the actor adds.
        let sums = [(0u64, 0u64), (1, 0x9E37_79B9_7F4A_7C15u64.wrapping_mul(INVERSE).wrapping_neg())];
        let twins = sums.map(|(actor, kind)| PartCodes { actor, kind, subject: 0 });
        assert_eq!(twins[0].lookup(), twins[1].lookup());
        let mut names = NameTable::default();
        names.add(twins[0]);
        assert_eq!(names.find_exact(twins[1]), None);
        names.add(twins[1]);
        let places = twins.map(|codes| names.find_exact(codes).map(|at| names.get(at).place()));
        assert_eq!(places, [Some(0), Some(1)]);
    }

    /// What the factor of a kind is multiplied with to make 1.
    const INVERSE: u64 = inverse(0xBF58_476D_1CE4_E5B9);

    /// Newton's iteration: each step doubles the bits that are right.
    const fn inverse(factor: u64) -> u64 {
        let (mut inverse, mut step) = (factor, 0);
        while step < 6 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(factor.wrapping_mul(inverse)));
            step += 1;
        }
        inverse
    }
}
