//! Choosing who runs next while nobody can be made to wait: the events that could run are kept from one choice to the next.

use alloc::vec::Vec;

use crate::choices::Choices;
use crate::due::shrink;
use crate::entry::Entry;
use crate::guidance::{Candidate, Guide};
use crate::instant::{OpenInstant, candidate};
use crate::ready::Ready;
use crate::slots::Slots;
use crate::world::World;

/// The events of the lowest phase and band, in the order of scheduling, and how they are shown outside. Mostly they are those
/// of the choice before, less the one that was chosen: then neither are they sorted nor their names looked at again.
#[derive(Debug, Clone, Default)]
pub(super) struct Picks {
    entries: Vec<Entry>,
    candidates: Vec<Candidate>,
    /// Of the enabled events that they were gathered from.
    version: u64,
    /// How many they were at most since the instant opened.
    most: usize,
}

impl Picks {
    /// Whether they are those that compete with the first of the enabled events.
    fn are_current(&self, first: Entry, ready: &Ready) -> bool {
        self.version == ready.version() && self.entries.first().is_some_and(|entry| entry.is_peer_of(first))
    }

    fn gather<W: World, C: Choices>(
        &mut self,
        entries: Vec<Entry>,
        slots: &Slots<W::Event>,
        guide: &Guide<'_, W, C>,
    ) {
        self.candidates.clear();
        self.candidates.extend(entries.iter().map(|entry| candidate(entry.slot(), slots, guide)));
        self.most = self.most.max(entries.len());
        self.entries = entries;
    }

    /// Forgets them, and gives memory back that an instant before the last has taken.
    pub(super) fn clear(&mut self) {
        shrink(&mut self.entries, self.most);
        shrink(&mut self.candidates, self.most);
        self.entries.clear();
        self.candidates.clear();
        self.most = 0;
    }

    /// Takes one of them out.
    fn take(&mut self, at: usize) -> Entry {
        self.candidates.remove(at);
        self.entries.remove(at)
    }
}

impl OpenInstant {
    /// Takes the event out that was chosen to run next.
    pub(super) fn pick<W: World, C: Choices>(
        &mut self,
        slots: &mut Slots<W::Event>,
        guide: &mut Guide<'_, W, C>,
    ) -> Option<u32> {
        let first = self.ready.peek(slots)?;
        if !self.picks.are_current(first, &self.ready) {
            self.picks.gather(self.ready.peers(first, slots), slots, guide);
        }
        let last = self.picks.entries.len() - 1;
        let chosen = if last == 0 {
            0
        } else {
            let event = |slot: u32| slots[slot].event.as_ref();
            guide.ask(&self.picks.candidates, self.at, &event, C::choose)
        };
        let entry = self.picks.take(chosen.min(last));
        self.ready.take(entry);
        self.picks.version = self.ready.version();
        Some(self.leave(slots, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_crowded_instant_is_given_back_little_by_little() {
        let mut picks = Picks::default();
        picks.candidates.reserve(1 << 20);
        let mut capacities: Vec<usize> = Vec::new();
        for _ in 0..12 {
            picks.clear();
            capacities.push(picks.candidates.capacity());
        }
        assert!(capacities[0] < 1 << 20 && capacities[11] < 1 << 16, "{capacities:?}");
        // As long as instants are as crowded, it is kept.
        picks.candidates.reserve(1 << 20);
        picks.most = 1 << 20;
        let kept = picks.candidates.capacity();
        picks.clear();
        assert_eq!((picks.candidates.capacity(), picks.most), (kept, 0));
    }
}
