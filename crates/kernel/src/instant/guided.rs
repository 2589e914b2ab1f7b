//! Who of the simultaneous events is next if somebody outside takes part: events can be made to wait, and who of the
//! others runs can be chosen.
//!
//! An event that is *held* is enabled, but does not compete. When it may go, the event that has just run counts as its
//! enabler, and it gets its key anew. What is held is released before the next phase and before the instant ends.

use alloc::vec::Vec;

use crate::choices::Choices;
use crate::entry::Entry;
use crate::guidance::{Candidate, Frontier, Guidance, Guide};
use crate::instant::OpenInstant;
use crate::place::Lane;
use crate::slots::{NONE, Slots};
use crate::world::World;

/// The entries of the events that were made to wait, and of those that need not any more whatever is answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    waiting: Vec<Entry>,
    released: Vec<(u32, u32)>,
}

impl Held {
    pub(super) fn clear(&mut self) {
        self.released.clear();
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.entries().map(Entry::slot)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.waiting.iter().copied()
    }

    /// Drops the entry of an event that leaves; whether there was one.
    pub(super) fn forget(&mut self, slot: u32) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|entry| entry.slot() != slot);
        self.waiting.len() < before
    }

    /// Gives every entry the sequence that its event has now, which must have kept their order.
    pub(super) fn renumber<E>(&mut self, slots: &Slots<E>) {
        for entry in &mut self.waiting {
            *entry = entry.with_sequence(slots[entry.slot()].sequence);
        }
    }

    fn is_released(&self, entry: Entry) -> bool {
        self.released.contains(&(entry.slot(), entry.sequence()))
    }

    /// The first of those that wait, in the order in which they would run.
    fn first(&self) -> Option<Entry> {
        self.waiting.iter().min().copied()
    }
}

impl OpenInstant {
    /// Takes the event out that runs next, after whoever guides the run was asked.
    pub(crate) fn take_guided<W: World, C: Choices>(
        &mut self,
        slots: &mut Slots<W::Event>,
        guide: &mut Guide<'_, W, C>,
    ) -> Option<u32> {
        self.let_go(slots, guide);
        if guide.choices.guidance() == Guidance::Picks && self.held.waiting.is_empty() {
            return self.pick(slots, guide);
        }
        loop {
            let Some(peers) = self.competitors(slots, guide) else {
                let first = self.held.first()?;
                self.release(slots, guide, first);
                continue;
            };
            let free = self.hold(peers, slots, guide);
            let entry = match *free {
                [] => continue,
                [entry] => entry,
                _ => self.choose(&free, slots, guide),
            };
            self.ready.take(entry);
            return Some(self.leave(slots, entry));
        }
    }

    /// Those of the lowest phase and band, or only the first of them if nobody wants to choose. `None` if those are held
    /// that would have to run now.
    fn competitors<W: World, C: Choices>(
        &mut self,
        slots: &Slots<W::Event>,
        guide: &Guide<'_, W, C>,
    ) -> Option<Vec<Entry>> {
        let first = self.ready.peek(slots)?;
        if self.held.first().is_some_and(|held| held.phase() < first.phase()) {
            return None;
        }
        Some(match guide.choices.guidance() {
            Guidance::Picks | Guidance::Chooses => self.ready.peers(first, slots),
            Guidance::Holds | Guidance::None => alloc::vec![first],
        })
    }

    /// Makes those wait that must; returns the others.
    fn hold<W: World, C: Choices>(
        &mut self,
        entries: Vec<Entry>,
        slots: &Slots<W::Event>,
        guide: &mut Guide<'_, W, C>,
    ) -> Vec<Entry> {
        if guide.choices.guidance() == Guidance::Picks {
            return entries;
        }
        let mut free = Vec::with_capacity(entries.len());
        for entry in entries {
            if self.must_wait(entry, slots, guide) {
                self.ready.set_aside(entry);
                self.notes.iter_mut().for_each(|notes| notes.disable(entry.slot()));
                self.held.waiting.push(entry);
            } else {
                free.push(entry);
            }
        }
        free
    }

    fn must_wait<W: World, C: Choices>(
        &self,
        entry: Entry,
        slots: &Slots<W::Event>,
        guide: &mut Guide<'_, W, C>,
    ) -> bool {
        !self.held.is_released(entry) && self.ask(&[entry], slots, guide, C::must_wait)
    }

    /// Lets those compete again that need not wait any more.
    fn let_go<W: World, C: Choices>(&mut self, slots: &mut Slots<W::Event>, guide: &mut Guide<'_, W, C>) {
        for entry in core::mem::take(&mut self.held.waiting) {
            if self.must_wait(entry, slots, guide) {
                self.held.waiting.push(entry);
            } else {
                self.compete_again(entry, slots, guide);
            }
        }
        self.settle();
    }

    /// Lets an event compete although it is to wait.
    fn release<W: World, C: Choices>(
        &mut self,
        slots: &mut Slots<W::Event>,
        guide: &mut Guide<'_, W, C>,
        entry: Entry,
    ) {
        self.held.forget(entry.slot());
        self.held.released.push((entry.slot(), entry.sequence()));
        self.ask(&[entry], slots, guide, C::release);
        self.compete_again(entry, slots, guide);
        self.settle();
    }

    /// Gives an event that was held a new key; the last dispatch is what enables it.
    fn compete_again<W: World, C: Choices>(
        &mut self,
        entry: Entry,
        slots: &mut Slots<W::Event>,
        guide: &Guide<'_, W, C>,
    ) {
        self.ready.forget_aside();
        let (slot, turn) = (entry.slot(), self.enabler.next_turn);
        let batch = self.batch(self.generation_of(entry));
        let event = &mut slots[slot];
        if event.lane == NONE {
            event.seat = turn;
        } else {
            self.seats[event.seat as usize].turn = turn;
        }
        let event = &slots[slot];
        let keyed = self.keyed(event, |event| guide.codes(event));
        self.notes.iter_mut().for_each(|notes| notes.enable(slot));
        self.compete(event, slot, keyed, batch);
    }

    fn choose<W: World, C: Choices>(
        &self,
        entries: &[Entry],
        slots: &Slots<W::Event>,
        guide: &mut Guide<'_, W, C>,
    ) -> Entry {
        let chosen = self.ask(entries, slots, guide, C::choose);
        entries[chosen.min(entries.len() - 1)]
    }

    fn ask<W: World, C: Choices, T>(
        &self,
        entries: &[Entry],
        slots: &Slots<W::Event>,
        guide: &mut Guide<'_, W, C>,
        ask: impl FnOnce(&mut C, &Frontier<'_>) -> T,
    ) -> T {
        let candidates: Vec<Candidate> =
            entries.iter().map(|entry| candidate(entry.slot(), slots, guide)).collect();
        let event = |slot: u32| slots[slot].event.as_ref();
        guide.ask(&candidates, self.at, &event, ask)
    }
}

/// An event as it is shown outside.
pub(crate) fn candidate<W: World, C: Choices>(
    slot: u32,
    slots: &Slots<W::Event>,
    guide: &Guide<'_, W, C>,
) -> Candidate {
    let pending = &slots[slot];
    Candidate {
        codes: guide.part_codes(pending.event.as_ref()),
        cause: pending.origin.ordinal(guide.dispatched),
        lane: (pending.lane != NONE).then(|| Lane::new(pending.lane)),
        phase: pending.phase,
        sequence: pending.sequence,
        slot,
    }
}
