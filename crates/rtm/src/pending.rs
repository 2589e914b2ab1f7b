//! The set of destinations pending for a registration: first changed, first out, each at most once (D-54).

use crate::handle::DestSlot;
use crate::look_up::LookUp;
use alloc::collections::VecDeque;

/// Is a queue in which an element can also be found and taken out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pending {
    /// In order; what was taken out of the middle has left a gap.
    queue: VecDeque<Option<DestSlot>>,
    /// The number of the queue's first place; places are counted from the beginning of time.
    first: u64,
    /// The place of each element.
    places: LookUp<DestSlot, u64>,
}

impl Pending {
    pub(crate) const fn new() -> Self {
        Self { queue: VecDeque::new(), first: 0, places: LookUp::new() }
    }

    pub(crate) fn contains(&self, dest: DestSlot) -> bool {
        self.places.get(&dest).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn push(&mut self, dest: DestSlot) {
        assert!(!self.contains(dest), "a destination is pending at most once");
        self.places.insert(dest, self.first + self.queue.len() as u64);
        self.queue.push_back(Some(dest));
    }

    pub(crate) fn pop(&mut self) -> Option<DestSlot> {
        let dest = self.queue.pop_front()?.expect("the queue begins with an element");
        self.first += 1;
        self.places.remove(&dest);
        self.drop_leading_gaps();
        Some(dest)
    }

    /// Takes an element out; tells whether it was there.
    pub(crate) fn remove(&mut self, dest: DestSlot) -> bool {
        let Some(place) = self.places.remove(&dest) else { return false };
        let position = usize::try_from(place - self.first).expect("a queue fits into memory");
        self.queue[position] = None;
        self.drop_leading_gaps();
        if self.queue.len() > 2 * self.len() + 16 {
            self.close_gaps();
        }
        true
    }

    /// Returns the elements in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = DestSlot> {
        self.queue.iter().copied().flatten()
    }

    fn drop_leading_gaps(&mut self) {
        while self.queue.front() == Some(&None) {
            self.queue.pop_front();
            self.first += 1;
        }
    }

    fn close_gaps(&mut self) {
        self.queue.retain(Option::is_some);
        for (place, dest) in (self.first..).zip(self.queue.iter().flatten()) {
            self.places.insert(*dest, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::DestHandle;
    use crate::handle::Handle;
    use alloc::vec::Vec;
    use core::num::NonZeroU32;

    fn dest(place: u32) -> DestSlot {
        DestHandle::slot_at(NonZeroU32::new(place).unwrap())
    }

    #[test]
    fn elements_leave_in_order_also_when_many_were_taken_out_of_the_middle() {
        let mut pending = Pending::new();
        for place in 1..=100 {
            pending.push(dest(place));
        }
        for place in 2..=99 {
            assert!(pending.remove(dest(place)));
            assert!(!pending.remove(dest(place)));
        }
        assert!(pending.queue.len() <= 20, "gaps are closed");
        pending.push(dest(50));
        assert_eq!(pending.iter().collect::<Vec<_>>(), [dest(1), dest(100), dest(50)]);
        assert!(pending.remove(dest(100)));
        assert_eq!(pending.len(), 2);
        assert_eq!(pending.pop(), Some(dest(1)));
        assert_eq!(pending.pop(), Some(dest(50)));
        assert_eq!(pending.pop(), None);
    }
}
