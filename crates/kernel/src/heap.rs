//! The calendar while it is small, or most events are cancelled: a 4-ary heap that knows where each slot sits, so that
//! cancelling removes and nothing dead is kept.
//!
//! Invariants: no entry is smaller than its parent; the link of an entry's slot names its place; if there is a hole, it is
//! at the root, whose entry has been taken out.

use alloc::vec::Vec;

use crate::due::{Due, Link, grow, shrink};

/// Children of each node: four share a cache line and halve the depth of a binary heap.
const ARITY: usize = 4;

/// A minimum heap. Links belong to the calendar and are handed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heap {
    entries: Vec<Due>,
    has_hole: bool,
}

impl Heap {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The smallest entry.
    #[inline]
    pub(crate) fn first(&self) -> Option<Due> {
        if self.has_hole {
            return self.entries.iter().skip(1).take(ARITY).min().copied();
        }
        self.entries.first().copied()
    }

    /// All entries, in the order of the heap.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Due> {
        self.entries.iter().skip(usize::from(self.has_hole)).copied()
    }

    #[inline]
    pub(crate) fn push(&mut self, links: &mut [Link], entry: Due) {
        if self.has_hole {
            self.has_hole = false;
            self.sink(links, 0, entry);
        } else {
            grow(&mut self.entries, 1);
            self.entries.push(entry);
            self.rise(links, self.entries.len() - 1, entry);
        }
    }

    /// Takes the smallest entry out if no other is due at its instant. Its place stays empty until the next push, which
    /// costs one walk down the heap instead of two, or until [`Heap::settle`]. There must be no hole.
    #[inline]
    pub(crate) fn pop_lone(&mut self) -> Option<Due> {
        let (first, others) = self.entries.split_first()?;
        let instant = first.instant();
        let is_tied = match others.first_chunk::<ARITY>() {
            Some(children) => {
                children.iter().fold(false, |is_tied, child| is_tied | (child.instant() == instant))
            }
            None => others.iter().any(|child| child.instant() == instant),
        };
        self.has_hole = !is_tied;
        (!is_tied).then_some(*first)
    }

    /// Takes the smallest entry out. There must be no hole.
    pub(crate) fn pop(&mut self, links: &mut [Link]) -> Option<Due> {
        let first = *self.entries.first()?;
        self.remove_at(links, 0);
        Some(first)
    }

    /// Fills the hole.
    #[inline]
    pub(crate) fn settle(&mut self, links: &mut [Link]) {
        if self.has_hole {
            self.fill_hole(links);
        }
    }

    #[inline(never)]
    fn fill_hole(&mut self, links: &mut [Link]) {
        self.has_hole = false;
        self.remove_at(links, 0);
    }

    /// The entry at a place. There must be no hole.
    pub(crate) fn entry(&self, at: u32) -> Option<Due> {
        self.entries.get(at as usize).copied()
    }

    /// Takes the entry at a place out. There must be no hole.
    #[inline]
    pub(crate) fn remove(&mut self, links: &mut [Link], at: u32) {
        self.remove_at(links, at as usize);
    }

    /// Puts another entry in a place, one that is as large as it.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "slots are u32, and a heap holds each at most once")]
    pub(crate) fn put(&mut self, links: &mut [Link], at: usize, entry: Due) {
        self.entries[at] = entry;
        links[entry.slot() as usize].set_at(at as u32);
    }

    /// Takes everything out.
    pub(crate) fn drain(&mut self, links: &mut [Link]) -> Vec<Due> {
        self.settle(links);
        core::mem::take(&mut self.entries)
    }

    /// Gives every entry a new sequence; `renumber` must keep their order.
    pub(crate) fn renumber(&mut self, renumber: impl Fn(u32) -> u32) {
        for entry in &mut self.entries {
            *entry = Due::new(entry.instant(), renumber(entry.slot()), entry.slot());
        }
    }

    /// How many entries there is room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// Asserts what always holds.
    pub(crate) fn check_invariants(&self, links: &[Link]) {
        for (at, entry) in self.entries.iter().enumerate().skip(usize::from(self.has_hole)) {
            let parent = at.saturating_sub(1) / ARITY;
            assert!(
                at == 0 || (self.has_hole && parent == 0) || self.entries[parent] < *entry,
                "no entry is before its parent"
            );
            let link = links[entry.slot() as usize];
            assert!(link.at() as usize == at && !link.is_member(), "a head is where its link says");
        }
    }

    #[inline]
    fn remove_at(&mut self, links: &mut [Link], at: usize) {
        let Some(last) = self.entries.pop() else { return };
        if at >= self.entries.len() {
            return;
        }
        if at > 0 && last < self.entries[(at - 1) / ARITY] {
            self.rise(links, at, last);
        } else {
            self.sink(links, at, last);
        }
        let used = self.entries.len();
        shrink(&mut self.entries, used);
    }

    #[inline]
    fn rise(&mut self, links: &mut [Link], mut at: usize, entry: Due) {
        while at > 0 {
            let above = (at - 1) / ARITY;
            let parent = self.entries[above];
            if parent <= entry {
                break;
            }
            self.put(links, at, parent);
            at = above;
        }
        self.put(links, at, entry);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "measured to be 20 instructions shorter")]
    fn sink(&mut self, links: &mut [Link], mut at: usize, entry: Due) {
        loop {
            let first = at * ARITY + 1;
            let Some((least, child)) = self.least_child(first) else { break };
            if entry <= least {
                break;
            }
            self.put(links, at, least);
            at = child;
        }
        self.put(links, at, entry);
    }

    /// The smallest of the children that begin at `first`, and where it is: a tournament of four, without a branch.
    #[inline]
    fn least_child(&self, first: usize) -> Option<(Due, usize)> {
        let rest = self.entries.get(first..)?;
        if let Some(&[a, b, c, d]) = rest.first_chunk::<ARITY>() {
            let (is_b, is_d) = (b < a, d < c);
            let left = if is_b { b } else { a };
            let right = if is_d { d } else { c };
            let is_right = right < left;
            let offset = if is_right { 2 + usize::from(is_d) } else { usize::from(is_b) };
            return Some((if is_right { right } else { left }, first + offset));
        }
        Self::least_of_few(rest, first)
    }

    /// The same of fewer than four, at the end of the heap.
    #[cold]
    fn least_of_few(children: &[Due], first: usize) -> Option<(Due, usize)> {
        children.iter().zip(first..).map(|(child, at)| (*child, at)).min()
    }
}
