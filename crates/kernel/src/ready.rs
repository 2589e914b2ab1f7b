//! The enabled events of the open instant, in order.
//!
//! What is enabled when the instant opens is sorted once, the *run*, and handed out from the front; what is enabled later
//! goes into a small heap, and the smaller of the two fronts is next. An event that leaves early is not searched for: its
//! entry goes *stale*, is skipped when it comes to the front, and swept out when more entries are stale than live.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::due::{DOUBLING_MAX, shrink};
use crate::entry::{Entry, Sorter};
use crate::prefetch::AHEAD;
use crate::slots::Slots;

/// So many newly enabled events are sorted together rather than pushed one by one.
const BATCH: usize = 8;
/// So few slots are near already.
const FAR: usize = 512;
/// So many stale entries are tolerated beyond the number of live ones.
const STALE_MAX: usize = 64;

/// Entries, live and stale. An entry is live if its slot is at the open instant under its sequence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ready {
    /// Not in order yet.
    incoming: Vec<Entry>,
    run: Vec<Entry>,
    /// How much of the run is gone.
    gone: usize,
    late: BinaryHeap<Reverse<Entry>>,
    sorter: Sorter,
    /// How many entries are live or set aside.
    live: usize,
    /// Changes with the live entries.
    version: u64,
}

impl Ready {
    /// How many events are enabled.
    #[inline]
    pub(crate) const fn live(&self) -> usize {
        self.live
    }

    /// Returns a number that is another one whenever the live entries are others.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// Forgets all entries, and gives memory back that a larger instant has taken.
    pub(crate) fn clear(&mut self) {
        let used = self.run.len();
        shrink(&mut self.run, used);
        shrink(&mut self.incoming, used);
        self.sorter.shrink(used);
        self.run.clear();
        self.gone = 0;
        self.version += 1;
        self.late.clear();
        self.late.shrink_to(DOUBLING_MAX);
    }

    /// Enters an enabled event; [`Ready::settle`] brings it into order.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.incoming.push(entry);
    }

    /// Brings what was entered since the last time into order.
    #[inline]
    pub(crate) fn settle(&mut self) {
        if !self.incoming.is_empty() {
            self.put_in_order();
        }
    }

    fn put_in_order(&mut self) {
        self.live += self.incoming.len();
        self.version += 1;
        let left = self.run.len() - self.gone;
        if left == 0 {
            self.gone = 0;
            self.run.clear();
            core::mem::swap(&mut self.run, &mut self.incoming);
            self.sorter.sort(&mut self.run);
        } else if self.incoming.len() >= BATCH && self.incoming.len() * 4 >= left {
            self.run.drain(..self.gone);
            self.gone = 0;
            self.sorter.sort(&mut self.incoming);
            self.run.append(&mut self.incoming);
            // Two rising sequences: a stable sort merges them.
            self.run.sort();
        } else {
            self.late.extend(self.incoming.drain(..).map(Reverse));
        }
    }

    /// Takes the smallest live entry out, and asks for the memory of a slot that comes soon.
    #[inline]
    pub(crate) fn pop<E>(&mut self, slots: &Slots<E>) -> Option<Entry> {
        loop {
            let entry = self.pop_any()?;
            if is_live(slots, entry) {
                if slots.len() >= FAR {
                    self.prefetch(slots);
                }
                self.live -= 1;
                self.version += 1;
                return Some(entry);
            }
        }
    }

    /// Asks for the memory of a slot that comes soon.
    #[inline]
    fn prefetch<E>(&self, slots: &Slots<E>) {
        if let Some(soon) = self.run.get(self.gone + AHEAD) {
            slots.prefetch(soon.slot());
        }
    }

    #[inline]
    fn pop_any(&mut self) -> Option<Entry> {
        if self.late.is_empty() {
            let entry = *self.run.get(self.gone)?;
            self.gone += 1;
            return Some(entry);
        }
        self.pop_smaller()
    }

    /// Takes the smaller of the two fronts out.
    #[inline(never)]
    fn pop_smaller(&mut self) -> Option<Entry> {
        let (entry, is_in_run) = self.front()?;
        if is_in_run {
            self.gone += 1;
        } else {
            self.late.pop();
        }
        Some(entry)
    }

    /// The smallest entry, be it live or stale, and whether it is in the run.
    pub(crate) fn front(&self) -> Option<(Entry, bool)> {
        let late = self.late.peek().map(|Reverse(entry)| (*entry, false));
        let run = self.run.get(self.gone).map(|entry| (*entry, true));
        run.into_iter().chain(late).min()
    }

    /// The smallest live entry. Drops what is stale before it.
    pub(crate) fn peek<E>(&mut self, slots: &Slots<E>) -> Option<Entry> {
        loop {
            let (entry, _) = self.front()?;
            if is_live(slots, entry) {
                return Some(entry);
            }
            self.pop_smaller();
        }
    }

    /// The smallest live entry. Changes nothing, so it looks at all entries of a part whose front is stale.
    pub(crate) fn first<E>(&self, slots: &Slots<E>) -> Option<Entry> {
        let live = |entry: &&Entry| is_live(slots, **entry);
        let in_run = self.run[self.gone..].iter().find(live);
        let front = self.late.peek().map(|Reverse(entry)| entry).filter(live);
        let in_late = front.or_else(|| self.late.iter().map(|Reverse(entry)| entry).filter(live).min());
        in_run.into_iter().chain(in_late).min().copied()
    }

    /// All live entries, in no order.
    pub(crate) fn live_entries<E>(&self, slots: &Slots<E>) -> impl Iterator<Item = Entry> {
        let late = self.late.iter().map(|Reverse(entry)| entry);
        let all = self.run[self.gone..].iter().chain(late).copied();
        all.filter(|entry| is_live(slots, *entry))
    }

    /// The live entries of the phase and group of an entry, in the order of scheduling.
    pub(crate) fn peers<E>(&self, of: Entry, slots: &Slots<E>) -> Vec<Entry> {
        let mut peers: Vec<Entry> = self.live_entries(slots).filter(|entry| entry.is_peer_of(of)).collect();
        peers.sort_by_key(|entry| entry.sequence());
        peers
    }

    /// Takes a live entry out that need not be the smallest. Looks at all entries.
    pub(crate) fn take(&mut self, entry: Entry) {
        self.set_aside(entry);
        self.live -= 1;
    }

    /// Takes a live entry out whose event is left to run, but made to wait: it stays counted. Looks at all entries.
    pub(crate) fn set_aside(&mut self, entry: Entry) {
        self.version += 1;
        if let Some(at) = self.run[self.gone..].iter().position(|other| *other == entry) {
            self.run.remove(self.gone + at);
        } else {
            self.late.retain(|Reverse(other)| *other != entry);
        }
    }

    /// Counts an event no longer that was set aside.
    pub(crate) const fn forget_aside(&mut self) {
        self.live -= 1;
    }

    /// Counts one entry as stale whose event has left, and sweeps if there are too many of them.
    pub(crate) fn forget<E>(&mut self, slots: &Slots<E>) {
        self.live -= 1;
        self.version += 1;
        if self.entries() > 2 * self.live + STALE_MAX {
            self.sweep(slots);
        }
    }

    /// Drops all stale entries.
    pub(crate) fn sweep<E>(&mut self, slots: &Slots<E>) {
        self.run.drain(..self.gone);
        self.gone = 0;
        self.run.retain(|entry| is_live(slots, *entry));
        self.late.retain(|Reverse(entry)| is_live(slots, *entry));
    }

    /// Gives every entry the sequence that its event has now, which must have kept their order; none may be stale.
    pub(crate) fn renumber<E>(&mut self, slots: &Slots<E>) {
        self.version += 1;
        let renew = |entry: Entry| entry.with_sequence(slots[entry.slot()].sequence);
        self.run.iter_mut().for_each(|entry| *entry = renew(*entry));
        self.late = self.late.drain().map(|Reverse(entry)| Reverse(renew(entry))).collect();
    }

    /// How many entries there are, stale ones included.
    pub(crate) fn entries(&self) -> usize {
        self.run.len() - self.gone + self.late.len()
    }

    /// How many of them came late.
    #[cfg(test)]
    pub(crate) fn late(&self) -> usize {
        self.late.len()
    }

    /// Asserts what always holds between two dispatches, with so many set aside; returns the slots of the live entries, sorted.
    pub(crate) fn check_invariants<E>(&self, slots: &Slots<E>, aside: usize) -> Vec<u32> {
        let all = self.run[self.gone..].iter().chain(self.late.iter().map(|Reverse(entry)| entry));
        let live = all.filter(|entry| is_live(slots, **entry));
        let mut live: Vec<u32> = live.map(|entry| entry.slot()).collect();
        assert_eq!(live.len() + aside, self.live, "the enabled ones are in the run, came late or wait");
        assert!(self.incoming.is_empty(), "nothing is left to be put in order");
        assert!(self.run[self.gone..].is_sorted(), "the run is in order");
        live.sort_unstable();
        live
    }
}

/// Whether an entry is that of an event which still competes under it.
#[inline]
fn is_live<E>(slots: &Slots<E>, entry: Entry) -> bool {
    slots.get(entry.slot()).is_some_and(|event| event.is_open(entry.sequence()))
}
