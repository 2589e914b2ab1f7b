//! A 4-ary heap that knows where each slot sits, so that cancelling removes and nothing dead is kept.

use alloc::vec::Vec;

/// Children of each node: four share a cache line and halve the depth of a binary heap.
const ARITY: usize = 4;

/// Positions of slots in whichever heap holds them, indexed by slot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Positions(Vec<u32>);

impl Positions {
    /// Makes room for one more slot.
    pub(crate) fn grow(&mut self) {
        self.0.push(0);
    }

    /// Asserts that slots are where their positions say; given the slots of a heap in its order.
    pub(crate) fn check_invariants(&self, slots: impl Iterator<Item = u32>) {
        assert!(
            slots.enumerate().all(|(at, slot)| self.0[slot as usize] as usize == at),
            "a slot is where its position says"
        );
    }
}

/// A minimum heap of slots by key. Keys must be distinct: then the order of what comes out is total.
#[derive(Debug, Clone)]
pub(crate) struct Heap<K> {
    entries: Vec<(K, u32)>,
}

impl<K> Default for Heap<K> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Copy + Ord> Heap<K> {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The smallest key and its slot.
    pub(crate) fn first(&self) -> Option<(K, u32)> {
        self.entries.first().copied()
    }

    /// The slots, in the order of the heap.
    pub(crate) fn slots(&self) -> impl Iterator<Item = u32> {
        self.entries.iter().map(|entry| entry.1)
    }

    pub(crate) fn push(&mut self, positions: &mut Positions, key: K, slot: u32) {
        self.entries.push((key, slot));
        self.rise(positions, self.entries.len() - 1);
    }

    pub(crate) fn pop(&mut self, positions: &mut Positions) -> Option<(K, u32)> {
        let first = self.first()?;
        self.remove_at(positions, 0);
        Some(first)
    }

    /// Removes a slot that this heap holds.
    pub(crate) fn remove(&mut self, positions: &mut Positions, slot: u32) {
        let at = positions.0[slot as usize] as usize;
        assert!(
            self.entries.get(at).is_some_and(|entry| entry.1 == slot),
            "a slot is where its position says"
        );
        self.remove_at(positions, at);
    }

    fn remove_at(&mut self, positions: &mut Positions, at: usize) {
        self.entries.swap_remove(at);
        if at < self.entries.len() {
            let leaf = self.sink(positions, at);
            self.rise(positions, leaf);
        }
    }

    fn rise(&mut self, positions: &mut Positions, mut at: usize) {
        let entry = self.entries[at];
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.entries[parent].0 <= entry.0 {
                break;
            }
            self.put(positions, at, self.entries[parent]);
            at = parent;
        }
        self.put(positions, at, entry);
    }

    /// Sinks an entry to a leaf, wherever it belongs, and returns which: it came from a leaf and hardly rises again, which
    /// saves a comparison a level, the one that is hard to predict.
    fn sink(&mut self, positions: &mut Positions, mut at: usize) -> usize {
        let entry = self.entries[at];
        loop {
            let first = at * ARITY + 1;
            let end = (first + ARITY).min(self.entries.len());
            if first >= end {
                break;
            }
            let mut least = first;
            for child in first + 1..end {
                least = if self.entries[child].0 < self.entries[least].0 { child } else { least };
            }
            self.put(positions, at, self.entries[least]);
            at = least;
        }
        self.entries[at] = entry;
        at
    }

    #[expect(clippy::cast_possible_truncation, reason = "slots are u32, and a heap holds each at most once")]
    fn put(&mut self, positions: &mut Positions, at: usize, entry: (K, u32)) {
        self.entries[at] = entry;
        positions.0[entry.1 as usize] = at as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    fn check_invariants(heap: &Heap<u16>, positions: &Positions) {
        positions.check_invariants(heap.slots());
        for (at, (key, _)) in heap.entries.iter().enumerate().skip(1) {
            assert!(heap.entries[(at - 1) / ARITY].0 <= *key, "no node is before its parent");
        }
    }

    proptest! {
        /// Slots and keys are drawn; a slot that is in comes out, one that is not goes in, and now and then the first is
        /// taken instead.
        #[test]
        fn it_holds_what_an_ordered_set_holds(steps in prop::collection::vec((0u32..60, any::<u16>()), 0..400)) {
            let (mut heap, mut positions, mut oracle) = (Heap::default(), Positions::default(), BTreeSet::new());
            (0..60).for_each(|_| positions.grow());
            for (slot, key) in steps {
                let key_of = |slot: u32, oracle: &BTreeSet<(u16, u32)>| oracle.iter().find(|entry| entry.1 == slot).copied();
                if key % 5 == 0 {
                    prop_assert_eq!(heap.pop(&mut positions), oracle.pop_first());
                } else if let Some(entry) = key_of(slot, &oracle) {
                    heap.remove(&mut positions, slot);
                    oracle.remove(&entry);
                } else if !oracle.iter().any(|entry| entry.0 == key) {
                    heap.push(&mut positions, key, slot);
                    oracle.insert((key, slot));
                }
                prop_assert_eq!(heap.first(), oracle.first().copied());
                prop_assert_eq!(heap.len(), oracle.len());
                check_invariants(&heap, &positions);
            }
        }
    }
}
