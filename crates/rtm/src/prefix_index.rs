//! Finding destinations by prefix: exactly, by longest match, and in the order of addresses.
//!
//! ```text
//!   root ── byte 0 ──▶ [lengths 1 to 8]  ─┬─ 10 ──▶ node of byte 1: [lengths 9 to 16] ── …
//!                                         └─ 192 ─▶ destination 192.0.2.0/24: the only one of this branch
//! ```
//!
//! A trie that decides a byte at a time. A node holds the prefixes that end within its byte, each at a place that says
//! length and bits, and leads on by the value of the byte: to a node, or straight to the only destination there is. A node
//! that would have one way on only is left out, so that there are fewer nodes than prefixes whatever the prefixes are.
//! The way to a prefix is as many nodes as bytes at most: 4 or 16. Nothing here is hashed, and the order of addresses is the
//! order of places.

use crate::address::NetAddress;
use crate::handle::{DestHandle, DestSlot, Slab};
use crate::lookup::Dest;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Bound;

/// Bytes of an address of the longer family: as many nodes are on a way at most.
const DEEPEST: usize = 16;
const ROOT: u32 = 0;
/// Bits of a byte, and the length by which a prefix ends with it.
const WHOLE: u8 = 8;

/// Finds the destinations of one table by prefix.
#[derive(Clone)]
pub(crate) struct PrefixIndex {
    nodes: Vec<Node>,
    /// Nodes that are out of use.
    free: Vec<u32>,
    prefixes: usize,
}

/// Is what prefixes have in common that agree in their first bytes.
#[derive(Clone)]
struct Node {
    /// The bytes that all prefixes here have, left-aligned.
    path: u128,
    /// How many bytes that are, which is also the number of the byte that is decided here.
    level: u8,
    /// Places of the prefixes that end within this byte.
    ends: Bits<8>,
    /// Values of this byte that lead on.
    leads_on: Bits<4>,
    /// Values of this byte at which a prefix begins that ends here, or that lead on.
    starts: Bits<4>,
    /// In the order of their places.
    dests: Vec<DestSlot>,
    /// In the order of their values.
    below: Vec<Below>,
}

/// Is what a value of a byte leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Below {
    Dest(DestSlot),
    Node(u32),
}

/// Is a set of small numbers that knows of each how many are below it.
#[derive(Clone, Copy)]
struct Bits<const WORDS: usize> {
    words: [u64; WORDS],
    /// How many are in the words before each.
    before: [u16; WORDS],
}

impl<const WORDS: usize> Bits<WORDS> {
    const NONE: Self = Self { words: [0; WORDS], before: [0; WORDS] };

    const fn contains(&self, number: usize) -> bool {
        self.words[number / 64] & (1 << (number % 64)) != 0
    }

    /// Returns how many numbers below this one are in the set.
    fn rank(&self, number: usize) -> usize {
        let below = self.words[number / 64] & ((1 << (number % 64)) - 1);
        usize::from(self.before[number / 64]) + below.count_ones() as usize
    }

    fn set(&mut self, number: usize) {
        if !self.contains(number) {
            self.words[number / 64] |= 1 << (number % 64);
            self.before[number / 64 + 1..].iter_mut().for_each(|before| *before += 1);
        }
    }

    fn clear(&mut self, number: usize) {
        if self.contains(number) {
            self.words[number / 64] &= !(1 << (number % 64));
            self.before[number / 64 + 1..].iter_mut().for_each(|before| *before -= 1);
        }
    }

    /// Returns the first number from this one on that is in the set.
    fn next_from(&self, number: usize) -> Option<usize> {
        let mut word = number / 64;
        let mut left = *self.words.get(word)? & (u64::MAX << (number % 64));
        while left == 0 {
            word += 1;
            left = *self.words.get(word)?;
        }
        Some(64 * word + left.trailing_zeros() as usize)
    }
}

/// Is the place of a prefix within the byte in which it ends: the places of one length stand together, in the order of bits.
const fn place(byte: usize, length: u8) -> usize {
    (1 << length) | (byte >> (WHOLE - length))
}

/// Returns the byte of this number.
#[expect(clippy::cast_possible_truncation, reason = "takes eight bits")]
const fn byte_of(bits: u128, level: u8) -> usize {
    (bits >> (120 - 8 * level as u32)) as u8 as usize
}

/// Returns the number of the byte in which a prefix of this length ends.
const fn level_of(len: u8) -> u8 {
    len.saturating_sub(1) / 8
}

/// Returns how many bytes two addresses have in common.
#[expect(clippy::cast_possible_truncation, reason = "there are 16 bytes")]
const fn bytes_in_common(one: u128, other: u128) -> u8 {
    ((one ^ other).leading_zeros() / 8) as u8
}

/// Returns the first bytes of an address.
const fn first_bytes(bits: u128, count: u8) -> u128 {
    match count {
        0 => 0,
        1..=15 => bits >> (128 - 8 * count as u32) << (128 - 8 * count as u32),
        16..=u8::MAX => bits,
    }
}

impl Node {
    const fn new(path: u128, level: u8) -> Self {
        let (leads_on, starts) = (Bits::NONE, Bits::NONE);
        Self { path, level, ends: Bits::NONE, leads_on, starts, dests: Vec::new(), below: Vec::new() }
    }

    /// Tells whether an address begins with the bytes of this node.
    const fn is_on_way_to(&self, bits: u128) -> bool {
        bytes_in_common(self.path, bits) >= self.level
    }

    /// Returns the place in this node of a prefix that ends here.
    const fn place_of(&self, address: NetAddress) -> usize {
        place(byte_of(address.bits(), self.level), address.prefix_len() - 8 * self.level)
    }

    fn dest_at(&self, place: usize) -> Option<DestSlot> {
        self.ends.contains(place).then(|| self.dests[self.ends.rank(place)])
    }

    fn below(&self, byte: usize) -> Option<Below> {
        self.leads_on.contains(byte).then(|| self.below[self.leads_on.rank(byte)])
    }

    fn insert_dest(&mut self, address: NetAddress, slot: DestSlot) {
        let place = self.place_of(address);
        assert!(!self.ends.contains(place), "a prefix is in the index once");
        if self.dests.len() == self.dests.capacity() {
            // Not twice the room, as a vector takes by itself: there are thousands of these, half empty then.
            self.dests.reserve_exact(self.dests.len() / 4 + 1);
        }
        self.dests.insert(self.ends.rank(place), slot);
        self.ends.set(place);
        self.starts.set(byte_of(address.bits(), self.level));
    }

    fn remove_dest(&mut self, address: NetAddress, slot: DestSlot) {
        let place = self.place_of(address);
        let removed = self.dests.remove(self.ends.rank(place));
        assert_eq!(removed, slot, "a destination is in its table's index");
        self.ends.clear(place);
        self.note_start(byte_of(address.bits(), self.level));
    }

    /// Leads on to something, in the place of what was there before.
    fn lead_on(&mut self, byte: usize, below: Below) {
        let rank = self.leads_on.rank(byte);
        if self.leads_on.contains(byte) {
            self.below[rank] = below;
        } else {
            self.below.insert(rank, below);
            self.leads_on.set(byte);
            self.starts.set(byte);
        }
    }

    fn lead_nowhere(&mut self, byte: usize) {
        self.below.remove(self.leads_on.rank(byte));
        self.leads_on.clear(byte);
        self.note_start(byte);
    }

    /// Works out anew whether anything starts at a value.
    fn note_start(&mut self, byte: usize) {
        if !self.leads_on.contains(byte) && self.next_end(byte, 0).is_none() {
            self.starts.clear(byte);
        }
    }

    /// Returns the shortest prefix, of this length or more, that begins at this value and ends here.
    fn next_end(&self, byte: usize, shortest: u8) -> Option<u8> {
        let begins_here = |length: &u8| byte & (0xFF >> length) == 0;
        (shortest..=WHOLE).filter(begins_here).find(|length| self.ends.contains(place(byte, *length)))
    }

    /// Returns what is here, if it is one thing only.
    fn only(&self) -> Option<Below> {
        match (&self.dests[..], &self.below[..]) {
            ([dest], []) => Some(Below::Dest(*dest)),
            ([], [below]) => Some(*below),
            _ => None,
        }
    }
}

impl PrefixIndex {
    pub(crate) fn new() -> Self {
        Self { nodes: Vec::from([Node::new(0, 0)]), free: Vec::new(), prefixes: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.prefixes
    }

    fn node(&self, number: u32) -> &Node {
        &self.nodes[number as usize]
    }

    fn node_mut(&mut self, number: u32) -> &mut Node {
        &mut self.nodes[number as usize]
    }

    /// Makes a node between another and what it leads to; returns its number.
    fn insert_node(&mut self, above: u32, path: u128, level: u8) -> u32 {
        let node = Node::new(first_bytes(path, level), level);
        let number = if let Some(number) = self.free.pop() {
            *self.node_mut(number) = node;
            number
        } else {
            let number = u32::try_from(self.nodes.len()).expect("there are fewer nodes than destinations");
            self.nodes.push(node);
            number
        };
        let above = self.node_mut(above);
        above.lead_on(byte_of(path, above.level), Below::Node(number));
        number
    }

    /// Puts in a destination whose prefix is not here.
    pub(crate) fn insert(&mut self, slot: DestSlot, dests: &Slab<DestHandle, Dest>) {
        self.prefixes += 1;
        let address = dests[slot].address;
        let (bits, level) = (address.bits(), level_of(address.prefix_len()));
        let mut at = ROOT;
        loop {
            let node = self.node_mut(at);
            if node.level == level {
                return node.insert_dest(address, slot);
            }
            let byte = byte_of(bits, node.level);
            at = match node.below(byte) {
                None => return node.lead_on(byte, Below::Dest(slot)),
                Some(Below::Node(next)) => {
                    let Node { path, level: decides, .. } = *self.node(next);
                    let common = bytes_in_common(path, bits).min(level);
                    if common >= decides {
                        next
                    } else {
                        let between = self.insert_node(at, bits, common);
                        self.node_mut(between).lead_on(byte_of(path, common), Below::Node(next));
                        between
                    }
                }
                Some(Below::Dest(other)) => {
                    let there = dests[other].address;
                    let ends = level_of(there.prefix_len());
                    let common = bytes_in_common(there.bits(), bits).min(level).min(ends);
                    let between = self.insert_node(at, bits, common);
                    let node = self.node_mut(between);
                    if ends == common {
                        node.insert_dest(there, other);
                    } else {
                        node.lead_on(byte_of(there.bits(), common), Below::Dest(other));
                    }
                    between
                }
            };
        }
    }

    /// Takes out a destination that is here.
    pub(crate) fn remove(&mut self, slot: DestSlot, dests: &Slab<DestHandle, Dest>) {
        self.prefixes -= 1;
        let address = dests[slot].address;
        let (bits, level) = (address.bits(), level_of(address.prefix_len()));
        let (mut above, mut at) = (None, ROOT);
        loop {
            let node = self.node_mut(at);
            if node.level == level {
                node.remove_dest(address, slot);
                break;
            }
            let byte = byte_of(bits, node.level);
            match node.below(byte).expect("a destination is in its table's index") {
                Below::Dest(found) => {
                    assert_eq!(found, slot, "a destination is in its table's index");
                    node.lead_nowhere(byte);
                    break;
                }
                Below::Node(next) => (above, at) = (Some(at), next),
            }
        }
        if let (Some(above), Some(only)) = (above, self.node(at).only()) {
            let above = self.node_mut(above);
            above.lead_on(byte_of(bits, above.level), only);
            *self.node_mut(at) = Node::new(0, 0);
            self.free.push(at);
        }
    }

    pub(crate) fn find(&self, address: NetAddress, dests: &Slab<DestHandle, Dest>) -> Option<DestSlot> {
        let (bits, level) = (address.bits(), level_of(address.prefix_len()));
        let mut node = self.node(ROOT);
        while node.level < level {
            node = match node.below(byte_of(bits, node.level))? {
                Below::Dest(slot) => return (dests[slot].address == address).then_some(slot),
                Below::Node(next) => self.node(next),
            };
        }
        let found = if node.level == level { node.dest_at(node.place_of(address)) } else { None };
        found.filter(|slot| dests[*slot].address == address)
    }

    /// Returns the stored prefixes that cover `address`, itself included, the longest first.
    pub(crate) fn covering(&self, address: NetAddress, dests: &Slab<DestHandle, Dest>) -> Covering<'_> {
        let (bits, len) = (address.bits(), address.prefix_len());
        let mut covering =
            Covering { index: self, bits, way: [ROOT; DEEPEST], left: 0, last: None, longest: 0 };
        let mut next = ROOT;
        loop {
            let node = self.node(next);
            if !node.is_on_way_to(bits) || (len <= 8 * node.level && next != ROOT) {
                break;
            }
            covering.way[covering.left] = next;
            covering.left += 1;
            covering.longest = WHOLE.min(len - 8 * node.level);
            if len <= 8 * (node.level + 1) {
                break;
            }
            match node.below(byte_of(bits, node.level)) {
                None => break,
                Some(Below::Node(below)) => next = below,
                Some(Below::Dest(slot)) => {
                    covering.last = Some(slot).filter(|slot| dests[*slot].address.covers(address));
                    break;
                }
            }
        }
        covering
    }

    /// Returns the stored prefixes from one on, in the order of addresses: what a prefix covers comes right behind it.
    pub(crate) fn in_order(&self, from: Bound<NetAddress>, dests: &Slab<DestHandle, Dest>) -> InOrder<'_> {
        let mut in_order =
            InOrder { index: self, first: None, way: [Stop::at_start_of(ROOT); DEEPEST], depth: 1 };
        match from {
            Bound::Unbounded => {}
            Bound::Included(first) => in_order.seek((first.bits(), u16::from(first.prefix_len())), dests),
            // What comes next has the same bits and is longer, or has greater bits.
            Bound::Excluded(last) => in_order.seek((last.bits(), u16::from(last.prefix_len()) + 1), dests),
        }
        in_order
    }
}

/// Goes over the prefixes that cover an address.
pub(crate) struct Covering<'a> {
    index: &'a PrefixIndex,
    bits: u128,
    way: [u32; DEEPEST],
    /// How many nodes of the way are left.
    left: usize,
    /// The destination at the end of the way, which has no node.
    last: Option<DestSlot>,
    /// The longest that is left in the last node.
    longest: u8,
}

impl Iterator for Covering<'_> {
    type Item = DestSlot;

    fn next(&mut self) -> Option<DestSlot> {
        if let Some(last) = self.last.take() {
            return Some(last);
        }
        while let Some(at) = self.left.checked_sub(1) {
            let node = self.index.node(self.way[at]);
            let byte = byte_of(self.bits, node.level);
            let found = (0..=self.longest).rev().find(|length| node.ends.contains(place(byte, *length)));
            match found {
                Some(0) | None => (self.left, self.longest) = (at, WHOLE),
                Some(length) => self.longest = length - 1,
            }
            if let Some(length) = found {
                return node.dest_at(place(byte, length));
            }
        }
        None
    }
}

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
    /// The value that is next.
    byte: usize,
    /// The shortest length that is next at it; with one more than the longest, what it leads to is next.
    length: u8,
}

impl Stop {
    const fn at_start_of(node: u32) -> Self {
        Self { node, byte: 0, length: 0 }
    }
}

impl InOrder<'_> {
    /// Goes to the first prefix whose bits and length are not less than these.
    fn seek(&mut self, key: (u128, u16), dests: &Slab<DestHandle, Dest>) {
        let (bits, len) = key;
        let mut next = ROOT;
        loop {
            let node = self.index.node(next);
            let start = u16::from(8 * node.level);
            if first_bytes(bits, node.level) > node.path {
                self.depth -= 1;
                return;
            }
            if first_bytes(bits, node.level) < node.path || len <= start && next != ROOT {
                return;
            }
            let byte = byte_of(bits, node.level);
            let stop = &mut self.way[self.depth - 1];
            let ends_here = first_bytes(bits, node.level + 1) == bits && len - start <= u16::from(WHOLE);
            if ends_here {
                *stop = Stop { node: next, byte, length: u8::try_from(len - start).unwrap_or(WHOLE) };
                return;
            }
            *stop = Stop { node: next, byte: byte + 1, length: 0 };
            match node.below(byte) {
                None => return,
                Some(Below::Node(below)) => {
                    next = below;
                    self.way[self.depth] = Stop::at_start_of(below);
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
            let Some(byte) = node.starts.next_from(stop.byte) else {
                self.depth -= 1;
                continue;
            };
            let shortest = if byte == stop.byte { stop.length } else { 0 };
            if let Some(length) = node.next_end(byte, shortest) {
                (stop.byte, stop.length) = (byte, length + 1);
                return node.dest_at(place(byte, length));
            }
            (stop.byte, stop.length) = (byte + 1, 0);
            match node.below(byte) {
                None => {}
                Some(Below::Dest(slot)) => return Some(slot),
                Some(Below::Node(below)) => {
                    self.way[self.depth] = Stop::at_start_of(below);
                    self.depth += 1;
                }
            }
        }
    }
}

impl fmt::Debug for PrefixIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrefixIndex({} prefixes)", self.len())
    }
}

// The index says nothing that the destinations do not say; the invariants check that it agrees with them.
impl PartialEq for PrefixIndex {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
    }
}

#[cfg(test)]
mod tests;
