//! The calendar while it is large: sorted no further than needed.
//!
//! Entries lie in layers. All of a layer are smaller than those of the one before it, and in no order among each other. The
//! smallest are sorted, the *bottom*, and are handed out from its end. When it is used up, the last layer is split around
//! a pivot again and again until a few are left, and these are sorted. So an entry is compared with a few floors when it
//! comes, and takes part in a few splits, each of which reads memory in a row; the depth of a heap is never walked. The
//! idea is that of quickselect, kept between calls (the literature's quickheap).
//!
//! A cancelled event leaves its entry behind, which is known to be dead by its link and dropped when it is met. When more
//! are dead than live, all dead ones are swept out.
//!
//! Invariants: each entry of a layer is at or above its floor, and below the floor of the layer before it; the bottom is
//! sorted, falls, lies below all floors, and ends in a live entry unless everything is dead.

use alloc::vec::Vec;

use crate::due::{DOUBLING_MAX, Due, Link, grow};
use crate::prefetch::AHEAD;

/// So many entries are sorted at a time.
const BOTTOM: usize = 48;
/// The bottom takes newcomers up to this length; then it becomes a layer.
const BOTTOM_MAX: usize = 256;
/// So many dead entries are tolerated beyond the number of live ones.
const DEAD_MAX: usize = 1024;

#[derive(Debug, Clone)]
struct Layer {
    floor: Due,
    entries: Vec<Due>,
}

/// A minimum queue of entries. Links belong to the calendar and are handed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pile {
    layers: Vec<Layer>,
    /// The last comes first.
    bottom: Vec<Due>,
    /// Used while a layer is split.
    side: Vec<Due>,
    /// Live and dead.
    len: usize,
    dead: usize,
}

impl Pile {
    /// How many live entries there are.
    pub(crate) const fn live(&self) -> usize {
        self.len - self.dead
    }

    /// The smallest entry.
    #[inline]
    pub(crate) fn first(&self) -> Option<Due> {
        self.bottom.last().copied()
    }

    /// The slot of an entry that comes soon.
    #[inline]
    pub(crate) fn soon(&self) -> Option<u32> {
        let at = self.bottom.len().checked_sub(AHEAD)?;
        self.bottom.get(at).map(|entry| entry.slot())
    }

    /// All live entries, in no order.
    pub(crate) fn entries(&self, links: &[Link]) -> impl Iterator<Item = Due> {
        let all = self.layers.iter().flat_map(|layer| &layer.entries).chain(&self.bottom).copied();
        all.filter(|entry| is_live(links, *entry))
    }

    #[inline]
    pub(crate) fn push(&mut self, links: &mut [Link], entry: Due) {
        links[entry.slot() as usize].set_at(entry.sequence());
        self.len += 1;
        if self.layers.last().is_none_or(|last| entry < last.floor) {
            return self.push_to_bottom(links, entry);
        }
        // The first layer is as large as all others together, so that most end their search there.
        for layer in &mut self.layers {
            if entry >= layer.floor {
                grow(&mut layer.entries, 1);
                layer.entries.push(entry);
                return;
            }
        }
    }

    /// Takes the smallest entry out.
    #[inline]
    pub(crate) fn pop(&mut self, links: &[Link]) -> Option<Due> {
        let first = self.bottom.pop()?;
        self.len -= 1;
        self.settle(links);
        Some(first)
    }

    /// Puts the entry that was popped last back.
    pub(crate) fn put_back(&mut self, entry: Due) {
        self.len += 1;
        self.bottom.push(entry);
    }

    /// Lets the entry of a slot be dead.
    #[inline]
    pub(crate) fn remove(&mut self, links: &mut [Link], slot: u32) {
        links[slot as usize] = Link::OUT;
        self.dead += 1;
        if self.dead > self.live() + DEAD_MAX {
            self.sweep(links);
        }
        self.settle(links);
    }

    /// Whether so many are dead that they are swept out with the next one.
    pub(crate) const fn is_mostly_dead(&self) -> bool {
        self.dead + 2 > self.live() + DEAD_MAX
    }

    /// Takes all live entries out.
    pub(crate) fn drain(&mut self, links: &[Link]) -> Vec<Due> {
        let all = self.entries(links).collect();
        *self = Self::default();
        all
    }

    /// Gives every entry a new sequence; `renumber` must keep their order.
    pub(crate) fn renumber(&mut self, links: &mut [Link], renumber: impl Fn(u32) -> u32) {
        for entry in self.drain(links) {
            self.push(links, Due::new(entry.instant(), renumber(entry.slot()), entry.slot()));
        }
    }

    /// How many entries there is room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.layers.iter().map(|layer| layer.entries.capacity()).sum::<usize>() + self.bottom.capacity()
    }

    /// Asserts what always holds.
    pub(crate) fn check_invariants(&self, links: &[Link]) {
        assert!(self.bottom.is_sorted_by(|a, b| a > b), "the bottom falls");
        let mut above = None;
        for Layer { floor, entries } in &self.layers {
            assert!(entries.iter().all(|entry| entry >= floor), "a layer is above its floor");
            assert!(
                above.is_none_or(|above| entries.iter().all(|entry| *entry < above)),
                "and below the next"
            );
            above = Some(*floor);
        }
        assert!(
            above.is_none_or(|above| self.bottom.iter().all(|entry| *entry < above)),
            "the bottom is lowest"
        );
        let len = self.layers.iter().map(|layer| layer.entries.len()).sum::<usize>() + self.bottom.len();
        assert_eq!(len, self.len, "all entries are counted");
        assert_eq!(self.entries(links).count(), self.live(), "all dead entries are counted");
        assert!(self.first().is_none_or(|first| is_live(links, first)), "the first entry is live");
        assert_eq!(self.first().is_none(), self.live() == 0, "what is live is found");
    }

    fn push_to_bottom(&mut self, links: &[Link], entry: Due) {
        if self.bottom.len() >= BOTTOM_MAX {
            let entries = core::mem::take(&mut self.bottom);
            let floor = entries.last().copied().unwrap_or(entry).min(entry);
            self.layers.push(Layer { floor, entries });
            if let Some(last) = self.layers.last_mut() {
                last.entries.push(entry);
            }
            return self.settle(links);
        }
        let at = self.bottom.partition_point(|other| *other > entry);
        self.bottom.insert(at, entry);
    }

    /// Brings a live entry to the end of the bottom.
    #[inline]
    fn settle(&mut self, links: &[Link]) {
        while self.bottom.last().is_none_or(|entry| !is_live(links, *entry)) {
            if self.bottom.pop().is_some() {
                self.len -= 1;
                self.dead -= 1;
            } else if !self.refill(links) {
                return;
            }
        }
    }

    /// Sorts the smallest entries of the last layer; returns whether there was one.
    #[inline(never)]
    fn refill(&mut self, links: &[Link]) -> bool {
        let Some(mut smallest) = self.layers.pop() else { return false };
        while smallest.entries.len() > BOTTOM {
            let pivot = pivot(&smallest.entries);
            let below = self.split(links, &mut smallest.entries, pivot);
            let floor = smallest.floor;
            smallest.floor = pivot;
            if !smallest.entries.is_empty() {
                self.layers.push(smallest);
            }
            smallest = Layer { floor, entries: below };
        }
        if self.side.capacity() > DOUBLING_MAX {
            self.side = Vec::new();
        }
        smallest.entries.sort_unstable();
        smallest.entries.reverse();
        self.bottom = smallest.entries;
        true
    }

    /// Takes the entries below a pivot out, and drops dead ones. Every entry is written to both sides and counted on one:
    /// which side it is on cannot be guessed, so there is no branch to guess it.
    fn split(&mut self, links: &[Link], entries: &mut Vec<Due>, pivot: Due) -> Vec<Due> {
        if self.dead > 0 {
            let before = entries.len();
            entries.retain(|entry| is_live(links, *entry));
            self.len -= before - entries.len();
            self.dead -= before - entries.len();
        }
        let Self { side, .. } = self;
        side.clear();
        side.resize(entries.len(), pivot);
        let (mut below, mut above) = (0, 0);
        for at in 0..entries.len() {
            let entry = entries[at];
            (side[below], entries[above]) = (entry, entry);
            let is_below = usize::from(entry < pivot);
            (below, above) = (below + is_below, above + 1 - is_below);
        }
        entries.truncate(above);
        entries.shrink_to(above + above / 4);
        side[..below].to_vec()
    }

    #[cold]
    fn sweep(&mut self, links: &[Link]) {
        for layer in &mut self.layers {
            layer.entries.retain(|entry| is_live(links, *entry));
            layer.entries.shrink_to(layer.entries.len() + layer.entries.len() / 4);
        }
        self.layers.retain(|layer| !layer.entries.is_empty());
        self.bottom.retain(|entry| is_live(links, *entry));
        self.len -= self.dead;
        self.dead = 0;
    }
}

/// Whether an entry is that of an event that is in.
#[inline]
fn is_live(links: &[Link], entry: Due) -> bool {
    links.get(entry.slot() as usize).is_some_and(|link| link.is_of(entry))
}

/// The median of five entries at fixed places: at least two are smaller, so that a split makes progress.
fn pivot(entries: &[Due]) -> Due {
    let step = entries.len() / 5;
    let mut five = [0, 1, 2, 3, 4].map(|at| entries[at * step + step / 2]);
    five.sort_unstable();
    five[2]
}
