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
use node::{Node, WHOLE, byte_of, bytes_in_common};

pub(crate) use in_order::InOrder;

mod in_order;
mod node;

/// Bytes of an address of the longer family: as many nodes are on a way at most.
const DEEPEST: usize = 16;
const ROOT: u32 = 0;
/// From so many nodes on the index keeps [`PrefixIndex::second`].
const MANY: usize = if cfg!(test) { 4 } else { 1_024 };
/// Bits that decide the first two bytes.
const FIRST_TWO: u32 = 16;

/// Finds the destinations of one table by prefix.
#[derive(Clone)]
pub(crate) struct PrefixIndex {
    nodes: Vec<Node>,
    /// The node that decides the third byte, by the first two; [`ROOT`] where there is none. Empty as long as there are few
    /// nodes.
    second: Vec<u32>,
    /// Nodes that are out of use.
    free: Vec<u32>,
    prefixes: usize,
}

/// Is what a value of a byte leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Below {
    Dest(DestSlot),
    Node(u32),
}

/// Returns the number of the byte in which a prefix of this length ends.
const fn level_of(len: u8) -> u8 {
    len.saturating_sub(1) / 8
}

/// Returns the first two bytes of an address.
const fn first_two(bits: u128) -> usize {
    (bits >> (u128::BITS - FIRST_TWO)) as usize
}

/// Returns the first bytes of an address.
const fn first_bytes(bits: u128, count: u8) -> u128 {
    match count {
        0 => 0,
        1..=15 => bits >> (128 - 8 * count as u32) << (128 - 8 * count as u32),
        16..=u8::MAX => bits,
    }
}

impl PrefixIndex {
    pub(crate) fn new() -> Self {
        let nodes = Vec::from([Node::new(0, 0)]);
        Self { nodes, second: Vec::new(), free: Vec::new(), prefixes: 0 }
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
            if self.nodes.len() == self.nodes.capacity() {
                // Not twice the room: a node is large.
                self.nodes.reserve_exact(self.nodes.len() / 4 + 1);
            }
            self.nodes.push(node);
            number
        };
        self.note_second(path, level, number);
        let above = self.node_mut(above);
        above.lead_on(byte_of(path, above.level), Below::Node(number));
        number
    }

    /// Notes the node that decides the third byte, if this is one.
    fn note_second(&mut self, path: u128, level: u8, number: u32) {
        if let (2, Some(second)) = (level, self.second.get_mut(first_two(path))) {
            *second = number;
        } else if self.second.is_empty() && self.nodes.len() >= MANY {
            self.second = alloc::vec![ROOT; 1 << FIRST_TWO];
            for (number, node) in (ROOT..).zip(&self.nodes) {
                if node.level == 2 {
                    self.second[first_two(node.path())] = number;
                }
            }
        }
    }

    /// Returns a node on the way to a prefix that is longer than two bytes, as far down as one look finds one.
    fn shortcut(&self, bits: u128) -> u32 {
        self.second.get(first_two(bits)).copied().unwrap_or(ROOT)
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
                    let (path, decides) = (self.node(next).path(), self.node(next).level);
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
            let level = self.node(at).level;
            *self.node_mut(at) = Node::new(0, 0);
            self.note_second(bits, level, ROOT);
            self.free.push(at);
        }
    }

    /// Finds the destination of a prefix; which family it is of, the index does not know.
    pub(crate) fn find(&self, address: NetAddress, dests: &Slab<DestHandle, Dest>) -> Option<DestSlot> {
        let (bits, level) = (address.bits(), level_of(address.prefix_len()));
        let mut node = self.node(if level >= 2 { self.shortcut(bits) } else { ROOT });
        while node.level < level {
            node = match node.below(byte_of(bits, node.level))? {
                Below::Dest(slot) => return (dests[slot].address == address).then_some(slot),
                Below::Node(next) => self.node(next),
            };
        }
        // Nodes say what all of a prefix is: no destination has to be looked at.
        let ends_here = node.level == level && node.is_on_way_to(bits) && !address.has_host_bits();
        if ends_here { node.dest_at(node.place_of(address)) } else { None }
    }

    /// Returns the destination of the longest prefix that covers `address`, if a look at one node finds it; `None` where more
    /// has to be looked at.
    pub(crate) fn nearest(&self, address: NetAddress) -> Option<DestSlot> {
        let (bits, len) = (address.bits(), address.prefix_len());
        let shortcut = if level_of(len) >= 2 { self.shortcut(bits) } else { ROOT };
        if shortcut == ROOT {
            return None;
        }
        let node = self.node(shortcut);
        let (byte, start) = (byte_of(bits, node.level), 8 * node.level);
        if len > start + WHOLE && node.below(byte).is_some() {
            return None;
        }
        node.longest_end(byte, WHOLE.min(len - start)).map(|place| node.dest_in(place))
    }

    /// Goes over the stored prefixes that cover `address`, itself included, the longest first, until `sought` answers something.
    pub(crate) fn longest<T>(
        &self,
        address: NetAddress,
        dests: &Slab<DestHandle, Dest>,
        sought: impl Fn(DestSlot) -> Option<T>,
    ) -> Option<T> {
        let mut found = None;
        if level_of(address.prefix_len()) >= 2 {
            let shortcut = self.shortcut(address.bits());
            if shortcut != ROOT {
                found = self.longest_from(shortcut, address, dests, &sought);
            }
        }
        found.or_else(|| self.longest_from(ROOT, address, dests, &sought))
    }

    /// Does the same in a node that is on the way to the address and what it leads to.
    fn longest_from<T>(
        &self,
        at: u32,
        address: NetAddress,
        dests: &Slab<DestHandle, Dest>,
        sought: &impl Fn(DestSlot) -> Option<T>,
    ) -> Option<T> {
        let node = self.node(at);
        let (bits, len, start) = (address.bits(), address.prefix_len(), 8 * node.level);
        let byte = byte_of(bits, node.level);
        if len > start + 8 {
            let found = match node.below(byte) {
                None => None,
                Some(Below::Dest(slot)) => {
                    dests[slot].address.covers(address).then(|| sought(slot)).flatten()
                }
                Some(Below::Node(below)) => {
                    let node = self.node(below);
                    let goes_on = node.is_on_way_to(bits) && len > 8 * node.level;
                    if goes_on { self.longest_from(below, address, dests, sought) } else { None }
                }
            };
            if found.is_some() {
                return found;
            }
        }
        let mut longest = WHOLE.min(len - start);
        loop {
            let place = node.longest_end(byte, longest)?;
            let found = sought(node.dest_in(place));
            if found.is_some() {
                return found;
            }
            // What is left here is shorter.
            longest = u8::try_from(place.ilog2()).ok()?.checked_sub(1)?;
        }
    }

    /// Returns the stored prefixes from one on, in the order of addresses: what a prefix covers comes right behind it.
    pub(crate) fn in_order(&self, from: Bound<NetAddress>, dests: &Slab<DestHandle, Dest>) -> InOrder<'_> {
        let mut in_order = InOrder::new(self);
        match from {
            Bound::Unbounded => {}
            Bound::Included(first) => in_order.seek((first.bits(), u16::from(first.prefix_len())), dests),
            // What comes next has the same bits and is longer, or has greater bits.
            Bound::Excluded(last) => in_order.seek((last.bits(), u16::from(last.prefix_len()) + 1), dests),
        }
        in_order
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
