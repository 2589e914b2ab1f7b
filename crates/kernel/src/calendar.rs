//! The calendar: who is due when.
//!
//! Many events may be due at one instant. One entry stands for a *chain* of them: whoever is scheduled for an instant that
//! was scheduled for lately is linked behind the one before it, and has no entry.
//!
//! Entries lie in a [`Heap`] while there are few, or while most of them are cancelled, else in a [`RadixHeap`]. Both hand out
//! the same order.
//!
//! Invariants: chains of one instant follow one another in the order of scheduling, since a chain that is not among the
//! recent ones any more grows no longer; one of the heaps is empty.

use alloc::vec::Vec;

use crate::due::{Due, Link, reach};
use crate::heap::Heap;
use crate::prefetch::prefetch;
use crate::radix::RadixHeap;
use crate::time::Instant;

/// Entries move to the radix heap beyond so many, unless most are cancelled.
const LARGE: usize = 4096;
/// Entries move back to the heap when so few are left.
const SMALL: usize = 1024;

/// An instant that was scheduled for lately, and the last slot of its chain. Meaningless once the instant has been taken
/// out: nothing is scheduled for it any more.
#[derive(Debug, Clone, Copy)]
struct Recent {
    instant: Instant,
    /// `None` if that slot is not in any more.
    tail: Option<u32>,
}

/// How many recent instants are known.
const RECENT: usize = 4;

/// All due events.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    heap: Heap,
    radix: RadixHeap,
    is_large: bool,
    /// By slot.
    links: Vec<Link>,
    /// By a hash of the instant.
    recent: [Recent; RECENT],
    /// How many entries were taken and cancelled since the last time that the calendar was large or small.
    taken: u64,
    cancelled: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            heap: Heap::default(),
            radix: RadixHeap::default(),
            is_large: false,
            links: Vec::new(),
            recent: [Recent { instant: Instant::NEVER, tail: None }; RECENT],
            taken: 0,
            cancelled: 0,
        }
    }
}

/// Which of the recent instants this one replaces.
const fn recent_of(instant: Instant) -> usize {
    (instant.as_nanos().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62) as usize
}

impl Calendar {
    /// An entry of the first instant.
    #[inline]
    pub(crate) fn first(&self) -> Option<Due> {
        if self.is_large { self.radix.first(&self.links) } else { self.heap.first() }
    }

    /// The slot of an event that is due soon, if memory of slots should be asked for ahead; asks for its link.
    #[inline]
    pub(crate) fn soon(&self) -> Option<u32> {
        if !self.is_large {
            return None;
        }
        let slot = self.radix.soon()?;
        prefetch(&self.links, slot);
        Some(slot)
    }

    /// Enters an event. Those of one instant must come in the order of their sequences.
    #[inline(never)]
    pub(crate) fn push(&mut self, entry: Due) {
        let slot = entry.slot();
        if slot as usize >= self.links.len() {
            reach(&mut self.links, slot, Link::OUT);
        }
        let recent = &mut self.recent[recent_of(entry.instant())];
        let before = core::mem::replace(recent, Recent { instant: entry.instant(), tail: Some(slot) });
        match before.tail {
            Some(tail) if before.instant == entry.instant() => {
                self.links[tail as usize].set_after(Some(slot));
                self.links[slot as usize] = Link::behind(tail);
            }
            _ => {
                self.links[slot as usize] = Link::OUT;
                self.push_entry(entry);
            }
        }
    }

    /// Takes the first event out if it is the only one at its instant.
    #[inline]
    pub(crate) fn pop_lone(&mut self) -> Option<Due> {
        if self.is_large {
            return self.pop_lone_of_radix();
        }
        self.heap.settle(&mut self.links);
        if self.links[self.heap.first()?.slot() as usize].after().is_some() {
            return None;
        }
        let lone = self.heap.pop_lone();
        self.taken += u64::from(lone.is_some());
        lone
    }

    fn pop_lone_of_radix(&mut self) -> Option<Due> {
        let lone = self.radix.pop_lone(&self.links)?;
        self.taken += 1;
        self.shrink_if_small();
        Some(lone)
    }

    /// Takes a whole chain out: its instant and its first slot; [`Calendar::after`] leads to the others.
    pub(crate) fn pop_chain(&mut self) -> Option<Due> {
        self.taken += 1;
        if self.is_large {
            let first = self.radix.pop(&self.links);
            self.shrink_if_small();
            return first;
        }
        self.heap.settle(&mut self.links);
        self.heap.pop(&mut self.links)
    }

    /// The slot behind another in its chain, also right after the chain was taken out.
    pub(crate) fn after(&self, slot: u32) -> Option<u32> {
        self.links[slot as usize].after()
    }

    /// Takes out a slot that is in, due at an instant.
    #[inline]
    pub(crate) fn remove(&mut self, slot: u32, instant: Instant) {
        let link = self.links[slot as usize];
        let recent = &mut self.recent[recent_of(instant)];
        if recent.instant == instant && recent.tail == Some(slot) {
            recent.tail = if link.is_member() { Some(link.at()) } else { None };
        }
        if link.is_member() {
            return self.unlink(link);
        }
        self.cancelled += 1;
        if self.is_large {
            return self.remove_from_radix(slot, link, instant);
        }
        self.heap.settle(&mut self.links);
        let at = self.links[slot as usize].at();
        let Some(entry) = self.heap.entry(at) else { unreachable!("a head is where its link says") };
        assert!(entry.slot() == slot, "a head is where its link says");
        match link.after() {
            None => self.heap.remove(&mut self.links, at),
            Some(after) => {
                self.links[after as usize].set_head();
                let entry = Due::new(entry.instant(), entry.sequence(), after);
                self.heap.put(&mut self.links, at as usize, entry);
            }
        }
    }

    /// The head of a chain is gone: the next one stands for the chain from now on, under the sequence of the first, so that
    /// chains keep their order.
    fn remove_from_radix(&mut self, slot: u32, link: Link, instant: Instant) {
        if self.radix.is_mostly_dead() && self.is_mostly_cancelled() {
            self.become_small();
            return self.remove(slot, instant);
        }
        self.radix.remove(&mut self.links, slot);
        if let Some(after) = link.after() {
            self.links[after as usize].set_head();
            self.radix.push(&mut self.links, Due::new(instant, link.at(), after));
        }
        self.shrink_if_small();
    }

    /// Takes a slot out of the middle or the end of its chain.
    fn unlink(&mut self, link: Link) {
        let before = link.at();
        self.links[before as usize].set_after(link.after());
        if let Some(after) = link.after() {
            self.links[after as usize].set_at(before);
        }
    }

    /// Fills the hole that a lone event leaves in the heap.
    #[inline]
    pub(crate) fn settle(&mut self) {
        self.heap.settle(&mut self.links);
    }

    /// Gives every entry a new sequence; `renumber` must keep their order.
    pub(crate) fn renumber(&mut self, renumber: impl Fn(u32) -> u32) {
        self.settle();
        self.heap.renumber(&renumber);
        self.radix.renumber(&mut self.links, renumber);
    }

    /// Forgets the links of slots from this one on, none of which is in.
    pub(crate) fn forget_slots(&mut self, from: usize) {
        self.links.truncate(from);
        self.links.shrink_to(2 * from);
    }

    /// Asserts what always holds.
    pub(crate) fn check_invariants(&self) {
        self.heap.check_invariants(&self.links);
        self.radix.check_invariants(&self.links);
        let unused = if self.is_large { self.heap.len() } else { self.radix.live() };
        assert_eq!(unused, 0, "one of the heaps is empty");
        for slot in self.slots() {
            let is_linked = |after: u32| {
                self.links[after as usize].is_member() && self.links[after as usize].at() == slot
            };
            assert!(self.after(slot).is_none_or(is_linked), "a chain is linked in both directions");
        }
        for Recent { instant, tail } in self.recent {
            let is_past = self.first().is_none_or(|first| instant < first.instant());
            let has_end = |tail: Option<u32>| tail.is_none_or(|tail| self.after(tail).is_none());
            assert!(is_past || has_end(tail), "a chain grows at its end");
        }
    }

    /// All slots that are in.
    pub(crate) fn slots(&self) -> impl Iterator<Item = u32> {
        let heads = self.heap.entries().chain(self.radix.entries(&self.links)).map(Due::slot);
        heads.flat_map(|head| core::iter::successors(Some(head), |slot| self.after(*slot)))
    }

    #[inline]
    fn push_entry(&mut self, entry: Due) {
        if self.is_large {
            return self.radix.push(&mut self.links, entry);
        }
        if self.heap.len() >= LARGE && !self.is_mostly_cancelled() {
            self.become_large();
            return self.radix.push(&mut self.links, entry);
        }
        self.heap.push(&mut self.links, entry);
    }

    /// Whether a heap is better although it is large: cancelling costs it least.
    const fn is_mostly_cancelled(&self) -> bool {
        self.cancelled > 2 * self.taken
    }

    #[cold]
    fn become_large(&mut self) {
        self.is_large = true;
        (self.taken, self.cancelled) = (0, 0);
        for entry in self.heap.drain(&mut self.links) {
            self.radix.push(&mut self.links, entry);
        }
    }

    #[inline]
    fn shrink_if_small(&mut self) {
        if self.radix.live() < SMALL {
            self.become_small();
        }
    }

    #[cold]
    fn become_small(&mut self) {
        self.is_large = false;
        if self.radix.live() < SMALL {
            (self.taken, self.cancelled) = (0, 0);
        }
        for entry in self.radix.drain(&self.links) {
            self.heap.push(&mut self.links, entry);
        }
    }
}

#[cfg(test)]
mod tests;
