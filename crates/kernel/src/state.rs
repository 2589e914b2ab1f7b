//! Hashing what decides how a run goes on, so that two forks can be compared that came to the same by different orders.
//!
//! Two forks that have run the same events in another order have given slots and numbers to other things: handles and
//! symbols differ although they mean the same. So they are hashed by what they mean: a handle as the event that it names,
//! a symbol as its text.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::hash::Hasher;

use crate::mix::{hash_text, mix};
use crate::name::Names;

/// What a [`Handle`](crate::Handle) is introduced by to a hasher.
const HANDLE: u64 = hash_text("tiebreak handle") >> 1;
/// What a [`Symbol`](crate::Symbol) is introduced by to a hasher.
const SYMBOL: u64 = hash_text("tiebreak symbol") >> 1;

/// Hands a handle to a hasher: one that knows what handles name takes it for that, and any other for a number.
pub(crate) fn hash_handle(state: &mut impl Hasher, slot: u32, life: u32) {
    state.write_u128(tagged(HANDLE, u64::from(slot) << 32 | u64::from(life)));
}

/// Hands a symbol to a hasher, in the same way.
pub(crate) fn hash_symbol(state: &mut impl Hasher, index: u32) {
    state.write_u128(tagged(SYMBOL, u64::from(index)));
}

const fn tagged(tag: u64, value: u64) -> u128 {
    (tag as u128) << 64 | value as u128
}

/// A pending event by what it is, and the life of its slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) life: u32,
    pub(crate) digest: u128,
}

/// A hasher of 128 bits that knows the names of a simulation and its pending events.
///
/// What it comes to depends on the values that are hashed, and, where they are as wide as pointers, on the machine: it is for
/// comparing states within one process, and reaches no file.
#[derive(Debug, Clone)]
pub struct StateHasher<'a> {
    low: u64,
    high: u64,
    names: &'a Names,
    /// By slot; `None` before pending events have been hashed themselves.
    pending: Option<&'a [Option<Known>]>,
    /// The handles that were met: what each names, slot and life, and its number among those that name the like.
    met: BTreeMap<(u128, u64), u64>,
}

impl<'a> StateHasher<'a> {
    pub(crate) fn new(names: &'a Names, pending: Option<&'a [Option<Known>]>) -> Self {
        let (low, high) = (hash_text("tiebreak state low"), hash_text("tiebreak state high"));
        Self { low, high, names, pending, met: BTreeMap::new() }
    }

    /// Returns the hash of what was hashed so far.
    #[must_use]
    pub fn digest(&self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }

    /// Hashes values whose order does not count, each by its own hash.
    pub fn write_unordered(&mut self, mut digests: Vec<u128>) {
        digests.sort_unstable();
        self.write_u64(digests.len() as u64);
        for digest in digests {
            self.absorb(digest);
        }
    }

    /// Another hasher of the same simulation, at its beginning.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self::new(self.names, self.pending)
    }

    pub(crate) fn has_met_handles(&self) -> bool {
        !self.met.is_empty()
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    fn absorb(&mut self, value: u128) {
        let (low, high) = (mix(value as u64), mix((value >> 64) as u64));
        self.low = mix(self.low.rotate_left(25) ^ low ^ high.rotate_left(17));
        self.high = mix(self.high.rotate_left(25) ^ high ^ low.rotate_left(41));
    }

    /// What a handle names, and its number among the handles that name the like, in the order in which they were met: two
    /// handles to one event are told from handles to two equal events. All that name what is gone name the like.
    #[expect(clippy::cast_possible_truncation, reason = "the halves of a handle are its slot and its life")]
    fn meaning_of_handle(&mut self, handle: u64) -> (u128, u64) {
        let (slot, life) = ((handle >> 32) as usize, handle as u32);
        let known = self.pending.and_then(|pending| pending.get(slot).copied().flatten());
        let named = known.filter(|known| known.life == life).map_or(0, |known| known.digest);
        let alike = self.met.range((named, 0)..=(named, u64::MAX)).count() as u64;
        (named, *self.met.entry((named, handle)).or_insert(alike))
    }
}

impl Hasher for StateHasher<'_> {
    fn write(&mut self, bytes: &[u8]) {
        self.write_usize(bytes.len());
        for chunk in bytes.chunks(16) {
            let mut whole = [0; 16];
            whole[..chunk.len()].copy_from_slice(chunk);
            self.absorb(u128::from_le_bytes(whole));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.absorb(value.into());
    }

    fn write_u16(&mut self, value: u16) {
        self.absorb(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.absorb(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.absorb(value.into());
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    fn write_u128(&mut self, value: u128) {
        let (tag, plain) = ((value >> 64) as u64, value as u64);
        let (meaning, number) = match tag {
            HANDLE => self.meaning_of_handle(plain),
            SYMBOL => (self.names.code_at(plain as u32).map_or(value, u128::from), 0),
            _ => (value, 0),
        };
        self.absorb(tagged(tag, number));
        self.absorb(meaning);
    }

    fn write_usize(&mut self, value: usize) {
        self.absorb(value as u128);
    }

    #[expect(clippy::cast_possible_truncation, reason = "a hasher of the standard library has 64 bits")]
    fn finish(&self) -> u64 {
        self.digest() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::{Handle, Names};
    use core::hash::Hash as _;

    fn digest(names: &Names, pending: Option<&[Option<Known>]>, hash: impl Fn(&mut StateHasher<'_>)) -> u128 {
        let mut state = StateHasher::new(names, pending);
        hash(&mut state);
        state.digest()
    }

    #[test]
    fn symbols_are_hashed_by_their_text() {
        let (mut names, mut others) = (Names::default(), Names::default());
        let (rip, ospf) = (names.intern("rip"), names.intern("ospf"));
        let (other_ospf, other_rip) = (others.intern("ospf"), others.intern("rip"));
        assert_ne!(rip.index(), other_rip.index());
        let of = |names: &Names, symbol: crate::Symbol| digest(names, None, |state| symbol.hash(state));
        assert_eq!(of(&names, rip), of(&others, other_rip));
        assert_eq!(of(&names, ospf), of(&others, other_ospf));
        assert_ne!(of(&names, rip), of(&names, ospf));
    }

    #[test]
    fn handles_are_hashed_by_what_they_name() {
        let names = Names::default();
        let handle = |slot, life| Handle { slot, life, identity: Identity::UNKNOWN };
        let known = |life, digest| Some(Known { life, digest });
        let of = |pending: &[Option<Known>], handle: Handle| {
            digest(&names, Some(pending), |state| handle.hash(state))
        };
        let (here, there) = ([known(3, 77), None, known(0, 88)], [None, known(9, 77)]);
        assert_eq!(of(&here, handle(0, 3)), of(&there, handle(1, 9)), "one event in two slots");
        assert_ne!(of(&here, handle(0, 3)), of(&here, handle(2, 0)), "two events");
        let gone = [handle(0, 2), handle(1, 0), handle(7, 0)].map(|handle| of(&here, handle));
        assert_eq!(gone, [gone[0]; 3], "what is gone is gone");
        assert_ne!(gone[0], of(&here, handle(0, 3)));
    }

    #[test]
    fn handles_to_one_event_are_told_from_handles_to_equal_ones() {
        let names = Names::default();
        let handle = |slot| Handle { slot, life: 0, identity: Identity::UNKNOWN };
        let known = Some(Known { life: 0, digest: 77 });
        let equal = [known, known, None];
        let of = |slots: [u32; 2]| digest(&names, Some(&equal), |state| slots.map(handle).hash(state));
        assert_eq!(of([0, 1]), of([1, 0]));
        assert_ne!(of([0, 0]), of([0, 1]));
        assert_ne!(of([2, 2]), of([2, 3]), "two that are gone are not one");
    }

    #[test]
    fn what_is_hashed_is_told_apart() {
        let names = Names::default();
        let words: [&dyn Fn(&mut StateHasher<'_>); 10] = [
            &|_| (),
            &|state| state.write_u64(0),
            &|state| (0u64, 0u64).hash(state),
            &|state| (0u64, 1u64).hash(state),
            &|state| (1u64, 0u64).hash(state),
            &|state| "a".hash(state),
            &|state| "a\0".hash(state),
            &|state| [1u8, 2].hash(state),
            &|state| state.write_unordered(alloc::vec![1, 2]),
            &|state| u128::MAX.hash(state),
        ];
        let digests: Vec<u128> = words.iter().map(|word| digest(&names, None, word)).collect();
        for (at, one) in digests.iter().enumerate() {
            for other in &digests[..at] {
                assert_ne!(one, other);
                assert_ne!(one >> 64, other >> 64, "either half tells them apart");
                assert_ne!(one << 64, other << 64, "either half tells them apart");
            }
        }
        let unordered =
            |digests: [u128; 2]| digest(&names, None, |state| state.write_unordered(digests.to_vec()));
        assert_eq!(unordered([1, 2]), unordered([2, 1]));
        assert_ne!(unordered([1, 1]), unordered([2, 2]), "nothing cancels out");
    }
}
