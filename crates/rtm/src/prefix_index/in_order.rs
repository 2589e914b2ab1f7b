//! Going over prefixes in the order of addresses.

use super::node::{Node, WHOLE, byte_of, place};
use super::{Below, DEEPEST, PrefixIndex, ROOT, first_bytes};
use crate::handle::{DestHandle, DestSlot, Slab};
use crate::lookup::Dest;

/// Goes over prefixes in the order of addresses.
pub(crate) struct InOrder<'a> {
    index: &'a PrefixIndex,
    /// What comes before everything on the way.
    first: Option<DestSlot>,
    way: [Stop; DEEPEST],
    depth: usize,
}

/// Is how far a node has been read.
#[derive(Clone, Copy)]
struct Stop {
    node: u32,
    /// The quarter of the byte's values that is being read.
    quarter: usize,
    /// The values of the quarter that are left, the next one included, at which something starts.
    left: u64,
    /// The lengths that are left at the next value, a bit for each; with none of them, what it leads to is next. `None` if
    /// nobody has looked yet.
    lengths: Option<u64>,
}

impl Stop {
    /// Goes to the first prefix of a node that begins at this value and has this length, or comes behind it.
    fn new(index: &PrefixIndex, node: u32, byte: usize, length: u8) -> Self {
        let Some(quarter) = (0..4).nth(byte / 64) else {
            return Self { node, quarter: 3, left: 0, lengths: None };
        };
        let at = index.node(node);
        let left = at.starts(quarter) & (u64::MAX << (byte % 64));
        let starts_there = left >> (byte % 64) & 1 != 0;
        let lengths = starts_there.then(|| at.lengths_from(byte) & (u64::MAX << length));
        Self { node, quarter, left, lengths }
    }

    /// Returns the next value at which something starts.
    fn byte(&mut self, node: &Node) -> Option<usize> {
        while self.left == 0 {
            self.quarter = (self.quarter + 1..4).next()?;
            self.left = node.starts(self.quarter);
        }
        Some(64 * self.quarter + self.left.trailing_zeros() as usize)
    }
}

/// Returns the shortest of some lengths, of which there is at least one.
#[expect(clippy::cast_possible_truncation, reason = "there are nine lengths")]
const fn shortest_in(lengths: u64) -> u8 {
    lengths.trailing_zeros() as u8
}

impl<'a> InOrder<'a> {
    pub(super) fn new(index: &'a PrefixIndex) -> Self {
        let (start, depth) = (Stop::new(index, ROOT, 0, 0), 1);
        Self { index, first: None, way: [start; DEEPEST], depth }
    }

    /// Goes to the first prefix whose bits and length are not less than these.
    pub(super) fn seek(&mut self, key: (u128, u16), dests: &Slab<DestHandle, Dest>) {
        let (bits, len) = key;
        let mut next = ROOT;
        loop {
            let node = self.index.node(next);
            let start = u16::from(8 * node.level);
            if first_bytes(bits, node.level) > node.path() {
                self.depth -= 1;
                return;
            }
            if first_bytes(bits, node.level) < node.path() || len <= start && next != ROOT {
                return;
            }
            let byte = byte_of(bits, node.level);
            let stop = &mut self.way[self.depth - 1];
            let ends_here = first_bytes(bits, node.level + 1) == bits && len - start <= u16::from(WHOLE);
            if ends_here {
                *stop = Stop::new(self.index, next, byte, u8::try_from(len - start).unwrap_or(WHOLE));
                return;
            }
            *stop = Stop::new(self.index, next, byte + 1, 0);
            match node.below(byte) {
                None => return,
                Some(Below::Node(below)) => {
                    next = below;
                    self.way[self.depth] = Stop::new(self.index, below, 0, 0);
                    self.depth += 1;
                }
                Some(Below::Dest(slot)) => {
                    let address = dests[slot].address;
                    let behind = (address.bits(), u16::from(address.prefix_len())) >= key;
                    self.first = behind.then_some(slot);
                    return;
                }
            }
        }
    }
}

impl Iterator for InOrder<'_> {
    type Item = DestSlot;

    fn next(&mut self) -> Option<DestSlot> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            let stop = &mut self.way[self.depth.checked_sub(1)?];
            let node = self.index.node(stop.node);
            let Some(byte) = stop.byte(node) else {
                self.depth -= 1;
                continue;
            };
            let lengths = stop.lengths.unwrap_or_else(|| node.lengths_from(byte));
            if lengths != 0 {
                stop.lengths = Some(lengths & (lengths - 1));
                return Some(node.dest_in(place(byte, shortest_in(lengths))));
            }
            stop.left &= stop.left - 1;
            stop.lengths = None;
            match node.below(byte) {
                None => {}
                Some(Below::Dest(slot)) => return Some(slot),
                Some(Below::Node(below)) => {
                    self.way[self.depth] = Stop::new(self.index, below, 0, 0);
                    self.depth += 1;
                }
            }
        }
    }
}
