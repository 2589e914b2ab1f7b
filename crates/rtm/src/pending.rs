//! What is pending: for each registration its changed destinations, first changed, first out, each at most once (D-54); and
//! for each destination the registrations for which it is pending.
//!
//! ```text
//!   Members, by destination   10.0.0.0/8 ▶ 1101…   a bit for each registration
//!   Pending, by registration  10.0.0.0/8, 10.1.0.0/16, …
//! ```
//!
//! A change asks its destination once whom it is pending for already, and then appends to the queues of all others. What is
//! taken out of the middle of a queue stays there as an entry that does not count until it comes to the front.

use crate::handle::{DestSlot, Handle as _, NotifyHandle, NotifySlot};
use crate::look_up::LookUp;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

/// A queue of destinations out of which each can be taken.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    queue: VecDeque<DestSlot>,
    /// How many entries of a destination do not count: the foremost ones.
    stale: LookUp<DestSlot, u32>,
    /// How many entries do not count.
    stale_entries: usize,
}

impl Pending {
    pub(crate) const fn new() -> Self {
        Self { queue: VecDeque::new(), stale: LookUp::new(), stale_entries: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len() - self.stale_entries
    }

    /// Appends a destination that is not in the queue.
    pub(crate) fn push(&mut self, dest: DestSlot) {
        self.queue.push_back(dest);
    }

    /// Takes out the first destinations, up to `count`.
    pub(crate) fn pop(&mut self, count: usize) -> Vec<DestSlot> {
        let mut popped = Vec::with_capacity(count.min(self.len()));
        while popped.len() < count {
            let Some(dest) = self.queue.pop_front() else { break };
            if !self.counts_no_more(dest) {
                popped.push(dest);
            }
        }
        popped
    }

    /// Puts back what was popped last.
    pub(crate) fn unpop(&mut self, popped: Vec<DestSlot>) {
        popped.into_iter().rev().for_each(|dest| self.queue.push_front(dest));
    }

    /// Whether the foremost entry of a destination, which has left the queue, did not count.
    fn counts_no_more(&mut self, dest: DestSlot) -> bool {
        if self.stale_entries == 0 {
            return false;
        }
        let Some(count) = self.stale.get_mut(&dest) else { return false };
        *count -= 1;
        if *count == 0 {
            self.stale.remove(&dest);
        }
        self.stale_entries -= 1;
        true
    }

    /// Takes out a destination that is in the queue.
    pub(crate) fn remove(&mut self, dest: DestSlot) {
        *self.stale.get_or_insert(dest, 0) += 1;
        self.stale_entries += 1;
        if self.stale_entries > self.queue.len() / 2 + 16 || self.len() == 0 {
            self.queue = self.iter().collect();
            (self.stale, self.stale_entries) = (LookUp::new(), 0);
        }
    }

    /// Returns the destinations in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = DestSlot> {
        let mut passed: BTreeMap<DestSlot, u32> = BTreeMap::new();
        self.queue.iter().copied().filter(move |dest| {
            let Some(stale) = self.stale.get(dest) else { return true };
            let passed = passed.entry(*dest).or_insert(0);
            *passed += 1;
            *passed > *stale
        })
    }
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// For which registrations a destination is pending.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Members {
    /// Of the first 64 registrations, which are all there are nearly always.
    first: u64,
    /// Of all others; the last word is not empty.
    others: Vec<u64>,
}

impl Members {
    /// Adds a registration; tells whether it was not among them.
    pub(crate) fn insert(&mut self, notify: NotifySlot) -> bool {
        let (word, bit) = place_of(notify);
        let word = match word.checked_sub(1) {
            None => &mut self.first,
            Some(at) => {
                if self.others.len() <= at {
                    self.others.resize(at + 1, 0);
                }
                &mut self.others[at]
            }
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Takes a registration out; tells whether it was among them.
    pub(crate) fn remove(&mut self, notify: NotifySlot) -> bool {
        let (word, bit) = place_of(notify);
        let word = match word.checked_sub(1) {
            None => Some(&mut self.first),
            Some(at) => self.others.get_mut(at),
        };
        let Some(word) = word.filter(|word| **word & bit != 0) else { return false };
        *word &= !bit;
        while self.others.last() == Some(&0) {
            self.others.pop();
        }
        true
    }

    pub(crate) fn contains(&self, notify: NotifySlot) -> bool {
        let (word, bit) = place_of(notify);
        let word = match word.checked_sub(1) {
            None => Some(self.first),
            Some(at) => self.others.get(at).copied(),
        };
        word.is_some_and(|word| word & bit != 0)
    }

    pub(crate) fn len(&self) -> u32 {
        self.first.count_ones() + self.others.iter().map(|word| word.count_ones()).sum::<u32>()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first == 0 && self.others.is_empty()
    }
}

/// Returns the word and the bit of a registration.
fn place_of(notify: NotifySlot) -> (usize, u64) {
    let number = NotifyHandle::place_of(notify).get() as usize - 1;
    (number / 64, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::DestHandle;
    use core::num::NonZeroU32;

    fn dest(place: u32) -> DestSlot {
        DestHandle::slot_at(NonZeroU32::new(place).unwrap())
    }

    fn registration(place: u32) -> NotifySlot {
        NotifyHandle::slot_at(NonZeroU32::new(place).unwrap())
    }

    #[test]
    fn elements_leave_in_order_also_when_many_were_taken_out_of_the_middle() {
        let mut pending = Pending::new();
        for place in 1..=100 {
            pending.push(dest(place));
        }
        for place in 2..=99 {
            pending.remove(dest(place));
        }
        assert!(pending.queue.len() <= 50, "entries that do not count go");
        pending.push(dest(50));
        assert_eq!(pending.iter().collect::<Vec<_>>(), [dest(1), dest(100), dest(50)]);
        pending.remove(dest(100));
        pending.push(dest(100));
        assert_eq!(pending.len(), 3);
        assert_eq!(pending.pop(2), [dest(1), dest(50)]);
        assert_eq!(pending.pop(2), [dest(100)]);
        assert_eq!(pending.pop(2), []);
    }

    #[test]
    fn what_was_taken_out_and_put_in_again_is_the_last() {
        let mut pending = Pending::new();
        (1..=3).for_each(|place| pending.push(dest(place)));
        pending.remove(dest(1));
        pending.push(dest(1));
        pending.remove(dest(1));
        pending.push(dest(1));
        assert_eq!(pending.iter().collect::<Vec<_>>(), [dest(2), dest(3), dest(1)]);
        let popped = pending.pop(2);
        pending.unpop(popped);
        assert_eq!(pending.iter().collect::<Vec<_>>(), [dest(2), dest(3), dest(1)]);
        let mut alike = Pending::new();
        for place in [2, 3, 1] {
            alike.push(dest(place));
        }
        assert_eq!(pending, alike, "what does not count does not count");
        pending.remove(dest(3));
        assert_ne!(pending, alike);
    }

    #[test]
    fn members_come_and_go() {
        let mut members = Members::default();
        for place in [1, 64, 65, 128, 129, 4_096] {
            assert!(!members.contains(registration(place)));
            assert!(members.insert(registration(place)));
            assert!(!members.insert(registration(place)));
            assert!(members.contains(registration(place)));
        }
        assert!(!members.remove(registration(9_999)));
        for place in [4_096, 1, 129, 64, 128] {
            assert!(members.remove(registration(place)));
            assert!(!members.remove(registration(place)));
        }
        assert!(!members.is_empty());
        let mut alone = Members::default();
        alone.insert(registration(65));
        assert_eq!(members, alone, "nothing is left of those that went");
        assert!(members.remove(registration(65)) && members.is_empty());
    }
}
