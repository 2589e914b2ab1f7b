//! A node of the index: what is known of the prefixes that agree in their first bytes.

use super::Below;
use crate::address::NetAddress;
use crate::handle::DestSlot;
use alloc::vec::Vec;

/// Bits of a byte, and the length by which a prefix ends with it.
pub(super) const WHOLE: u8 = 8;

/// Is what prefixes have in common that agree in their first bytes.
///
/// The fields stand in the order in which a look-up touches them. A node takes three lines of 64 bytes: the places, the
/// destinations at them, and what is needed to go on.
#[derive(Clone)]
#[repr(C, align(64))]
pub(super) struct Node {
    /// Places of the prefixes that end within this byte.
    pub(super) ends: [u64; 8],
    /// In the order of their places.
    pub(super) dests: Vec<DestSlot>,
    /// How many places are in the words before each.
    ends_before: [u16; 8],
    /// The bytes that all prefixes here have, left-aligned, in two halves: one of 128 bits would stand elsewhere.
    path: [u64; 2],
    /// How many bytes that are, which is also the number of the byte that is decided here.
    pub(super) level: u8,
    /// Whether some of each eight values of this byte lead on: most do not, and the third line is not looked at then.
    leads_near: u32,
    /// Values of this byte that lead on.
    pub(super) leads_on: [u64; 4],
    /// In the order of their values.
    pub(super) below: Vec<Below>,
    /// How many values are in the words before each.
    leads_before: [u16; 4],
}

/// The places of the prefixes of up to five bits that cover a byte, by its first five bits.
const ANCESTORS: [u64; 32] = {
    let mut ancestors = [0; 32];
    let mut first = 0;
    while first < 32 {
        let mut len = 0;
        while len <= 5 {
            ancestors[first] |= 1 << place(first << 3, len);
            len += 1;
        }
        first += 1;
    }
    ancestors
};

/// Is the place of a prefix within the byte in which it ends: the places of one length stand together, in the order of bits.
pub(super) const fn place(byte: usize, length: u8) -> usize {
    (1 << length) | (byte >> (WHOLE - length))
}

/// Returns the byte of this number.
#[expect(clippy::cast_possible_truncation, reason = "takes eight bits")]
pub(super) const fn byte_of(bits: u128, level: u8) -> usize {
    (bits >> (120 - 8 * level as u32)) as u8 as usize
}

/// Returns how many bytes two addresses have in common.
#[expect(clippy::cast_possible_truncation, reason = "there are 16 bytes")]
pub(super) const fn bytes_in_common(one: u128, other: u128) -> u8 {
    ((one ^ other).leading_zeros() / 8) as u8
}

/// Tells whether a number is in a set.
const fn contains(words: &[u64], number: usize) -> bool {
    words[number / 64] >> (number % 64) & 1 != 0
}

/// Returns how many numbers below this one are in a set.
fn rank(words: &[u64], before: &[u16], number: usize) -> usize {
    let below = words[number / 64] & ((1 << (number % 64)) - 1);
    usize::from(before[number / 64]) + below.count_ones() as usize
}

/// Puts a number into a set that does not have it.
fn set(words: &mut [u64], before: &mut [u16], number: usize) {
    words[number / 64] |= 1 << (number % 64);
    before[number / 64 + 1..].iter_mut().for_each(|before| *before += 1);
}

/// Takes a number out of a set that has it.
fn clear(words: &mut [u64], before: &mut [u16], number: usize) {
    words[number / 64] &= !(1 << (number % 64));
    before[number / 64 + 1..].iter_mut().for_each(|before| *before -= 1);
}

impl Node {
    pub(super) const fn new(path: u128, level: u8) -> Self {
        Self {
            ends: [0; 8],
            dests: Vec::new(),
            below: Vec::new(),
            ends_before: [0; 8],
            leads_near: 0,
            leads_on: [0; 4],
            leads_before: [0; 4],
            path: halves(path),
            level,
        }
    }

    pub(super) const fn path(&self) -> u128 {
        (self.path[0] as u128) << 64 | self.path[1] as u128
    }

    /// Tells whether an address begins with the bytes of this node.
    pub(super) const fn is_on_way_to(&self, bits: u128) -> bool {
        bytes_in_common(self.path(), bits) >= self.level
    }

    /// Returns the place in this node of a prefix that ends here.
    pub(super) const fn place_of(&self, address: NetAddress) -> usize {
        place(byte_of(address.bits(), self.level), address.prefix_len() - 8 * self.level)
    }

    /// Returns the destination at a place, which has one.
    pub(super) fn dest_in(&self, place: usize) -> DestSlot {
        self.dests[rank(&self.ends, &self.ends_before, place)]
    }

    pub(super) fn dest_at(&self, place: usize) -> Option<DestSlot> {
        contains(&self.ends, place).then(|| self.dest_in(place))
    }

    /// Returns the place of the longest prefix that covers a byte, has at most so many of its bits, and ends here.
    ///
    /// What lengths there are is worked out without a branch: which one it will be cannot be foreseen.
    pub(super) fn longest_end(&self, byte: usize, longest: u8) -> Option<usize> {
        let six = self.ends[1] >> (byte >> 2) & 1;
        let seven = self.ends[2 + (byte >> 7)] >> (byte >> 1 & 63) & 1;
        let eight = self.ends[4 + (byte >> 6)] >> (byte & 63) & 1;
        let long = (six << 6 | seven << 7 | eight << 8) & ((2 << longest) - 1);
        // The places of lengths up to five fill the first word, and the greatest is the longest.
        let allowed = if longest < 5 { (1 << (2_u32 << longest)) - 1 } else { u64::MAX };
        let short = self.ends[0] & ANCESTORS[byte >> 3] & allowed;
        let of_short = (short | 1).ilog2() as usize;
        let length = (long | 1).ilog2() as usize;
        let of_long = (1 << length) | (byte >> (usize::from(WHOLE) - length));
        // No prefix has place 0.
        let found = if long == 0 { of_short } else { of_long };
        (found != 0).then_some(found)
    }

    pub(super) fn below(&self, byte: usize) -> Option<Below> {
        let leads_on = self.leads_near >> (byte / 8) & 1 != 0 && contains(&self.leads_on, byte);
        leads_on.then(|| self.below[rank(&self.leads_on, &self.leads_before, byte)])
    }

    pub(super) fn insert_dest(&mut self, address: NetAddress, slot: DestSlot) {
        let place = self.place_of(address);
        assert!(!contains(&self.ends, place), "a prefix is in the index once");
        if self.dests.len() == self.dests.capacity() {
            // Not twice the room, as a vector takes by itself: there are thousands of these, half empty then.
            self.dests.reserve_exact(self.dests.len() / 4 + 1);
        }
        self.dests.insert(rank(&self.ends, &self.ends_before, place), slot);
        set(&mut self.ends, &mut self.ends_before, place);
    }

    pub(super) fn remove_dest(&mut self, address: NetAddress, slot: DestSlot) {
        let place = self.place_of(address);
        let removed = self.dests.remove(rank(&self.ends, &self.ends_before, place));
        assert_eq!(removed, slot, "a destination is in its table's index");
        clear(&mut self.ends, &mut self.ends_before, place);
    }

    /// Leads on to something, in the place of what was there before.
    pub(super) fn lead_on(&mut self, byte: usize, below: Below) {
        let rank = rank(&self.leads_on, &self.leads_before, byte);
        if contains(&self.leads_on, byte) {
            self.below[rank] = below;
        } else {
            self.below.insert(rank, below);
            set(&mut self.leads_on, &mut self.leads_before, byte);
            self.leads_near |= 1 << (byte / 8);
        }
    }

    pub(super) fn lead_nowhere(&mut self, byte: usize) {
        self.below.remove(rank(&self.leads_on, &self.leads_before, byte));
        clear(&mut self.leads_on, &mut self.leads_before, byte);
        if self.leads_on[byte / 64].to_le_bytes()[byte % 64 / 8] == 0 {
            self.leads_near &= !(1 << (byte / 8));
        }
    }

    /// Returns at which values of a quarter of the byte, 64 of them, a prefix begins that ends here, or that lead on.
    pub(super) fn starts(&self, quarter: usize) -> u64 {
        // Of the shortest, whichever they are, the first value of the quarter is all that can start here.
        let shorter = (0..2).any(|length| self.dest_starts(quarter, length));
        let mut starts = u64::from(shorter || contains(&self.ends, place(quarter << 6, 2)));
        for length in 3..WHOLE {
            let (values, first) = (1_usize << (length - 2), place(quarter << 6, length));
            let mut here = self.ends[first / 64] >> (first % 64) & ((1 << values) - 1);
            // There are few of these: they are gone through one by one.
            while here != 0 {
                starts |= 1 << (here.trailing_zeros() << (WHOLE - length));
                here &= here - 1;
            }
        }
        starts | self.ends[4 + quarter] | self.leads_on[quarter]
    }

    /// Tells whether a prefix of this length, less than two, begins where a quarter does, and ends here.
    fn dest_starts(&self, quarter: usize, length: u8) -> bool {
        let byte = quarter << 6;
        byte & (0xFF >> length) == 0 && contains(&self.ends, place(byte, length))
    }

    /// Returns which lengths the prefixes have that begin at this value and end here, a bit for each. Works without a branch for
    /// most values, as [`longest_end`](Self::longest_end) does.
    pub(super) fn lengths_from(&self, byte: usize) -> u64 {
        // A prefix begins at a value if the bits behind its length are zeros.
        let eight = self.ends[4 + (byte >> 6)] >> (byte & 63) & 1;
        let seven = self.ends[2 + (byte >> 7)] >> (byte >> 1 & 63) & u64::from(byte % 2 == 0);
        let six = self.ends[1] >> (byte >> 2) & u64::from(byte % 4 == 0);
        let long = six << 6 | seven << 7 | eight << 8;
        if byte % 8 != 0 {
            return long;
        }
        let has = |length: u8| self.ends[0] >> place(byte, length) & u64::from(byte & (0xFF >> length) == 0);
        (0..=5).fold(long, |lengths, length| lengths | has(length) << length)
    }

    /// Returns what is here, if it is one thing only.
    pub(super) fn only(&self) -> Option<Below> {
        match (&self.dests[..], &self.below[..]) {
            ([dest], []) => Some(Below::Dest(*dest)),
            ([], [below]) => Some(*below),
            _ => None,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "splits 128 bits into two, on purpose")]
const fn halves(bits: u128) -> [u64; 2] {
    [(bits >> 64) as u64, bits as u64]
}
