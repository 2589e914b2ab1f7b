//! Where pending events are kept: a table of slots that are used again, with what tells their events apart.

use alloc::vec::Vec;

use crate::due::{Link, grow};
use crate::handle::Handle;
use crate::identity::{Identity, Maker};
use crate::place::Work;
use crate::prefetch::prefetch;
use crate::time::Instant;

/// No slot, no seat, no lane.
pub(crate) const NONE: u32 = u32::MAX;

/// A table with fewer slots gives no memory back.
const SHRINKING_MIN: u32 = 4096;

/// What led to an event: the dispatch that scheduled it. The default is nothing: it was scheduled from outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The number of the dispatch, from 1; 0 for none.
    pub(crate) ordinal: u64,
    /// The code of the event that was dispatched, meaningful only while something records.
    pub(crate) code: u64,
}

impl Cause {
    /// The code of the event, if there was one.
    pub(crate) fn code(self) -> Option<u64> {
        (self.ordinal > 0).then_some(self.code)
    }
}

/// As much of a cause's ordinal as a slot keeps: its lower 31 bits, above a bit that says whether there is one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Origin(u32);

#[expect(clippy::cast_possible_truncation, reason = "the lower bits are kept and compared")]
impl Origin {
    pub(crate) const fn of(cause: Cause) -> Self {
        Self((cause.ordinal as u32) << 1 | (cause.ordinal > 0) as u32)
    }

    /// Whether an event was the cause.
    pub(crate) const fn is_inside(self) -> bool {
        self.0 & 1 != 0
    }

    /// The last ordinal up to `dispatched` with those bits; 0 if there is no cause.
    pub(crate) const fn ordinal(self, dispatched: u64) -> u64 {
        if !self.is_inside() {
            return 0;
        }
        let ago = ((dispatched as u32) << 1).wrapping_sub(self.0 & !1) >> 1;
        dispatched - ago as u64
    }
}

/// Where a pending event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nowhere: the slot is free.
    Free,
    /// In the calendar.
    Calendar,
    /// Due never.
    Parked,
    /// Scheduled at the open instant by the event that is running.
    Fresh,
    /// At the open instant.
    Open,
    /// Taken out: it is about to be released, or to be attached anew.
    Out,
}

/// A pending event: 32 bytes beside the event itself.
#[derive(Debug, Clone)]
pub(crate) struct Slot<E> {
    pub(crate) event: Option<E>,
    pub(crate) due: Instant,
    pub(crate) sequence: u32,
    /// How many events had the slot before: what a handle must agree on.
    pub(crate) life: u32,
    /// The number of the lane, or `NONE`.
    pub(crate) lane: u32,
    /// At the open instant: its seat there if it is in a lane, its turn if it is not. Of a free slot: the next free one.
    pub(crate) seat: u32,
    pub(crate) origin: Origin,
    pub(crate) state: State,
    pub(crate) phase: u8,
    pub(crate) work: Work,
    pub(crate) is_periodic: bool,
    pub(crate) identity: Identity,
}

impl<E> Slot<E> {
    /// What a slot holds of an event in no lane, in the default phase; who schedules says the rest.
    pub(crate) fn new(event: E, due: Instant, sequence: u32) -> Self {
        Self {
            event: Some(event),
            due,
            sequence,
            life: 0,
            lane: NONE,
            seat: NONE,
            origin: Origin::default(),
            state: State::Out,
            phase: 0,
            work: Work::Primary,
            is_periodic: false,
            identity: Identity::UNKNOWN,
        }
    }

    /// Whether it is the event that came to the open instant under this sequence.
    #[inline]
    pub(crate) fn is_open(&self, sequence: u32) -> bool {
        self.state == State::Open && self.sequence == sequence
    }

    /// Whether it is the event that was fresh under this sequence.
    pub(crate) fn is_fresh(&self, sequence: u32) -> bool {
        self.state == State::Fresh && self.sequence == sequence
    }
}

/// All slots.
#[derive(Debug, Clone)]
pub(crate) struct Slots<E> {
    all: Vec<Slot<E>>,
    /// The first free slot, or `NONE`.
    free: u32,
    /// No handle to a slot that is not there any more has this life or a later one.
    life_min: u32,
    taken: u64,
    /// When so few are taken, the slots are looked through for memory to give back.
    shrink_at: u64,
    maker: Maker,
}

impl<E> Default for Slots<E> {
    fn default() -> Self {
        Self { all: Vec::new(), free: NONE, life_min: 0, taken: 0, shrink_at: 0, maker: Maker::default() }
    }
}

impl<E> core::ops::Index<u32> for Slots<E> {
    type Output = Slot<E>;

    #[inline]
    fn index(&self, slot: u32) -> &Slot<E> {
        &self.all[slot as usize]
    }
}

impl<E> core::ops::IndexMut<u32> for Slots<E> {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut Slot<E> {
        &mut self.all[slot as usize]
    }
}

impl<E> Slots<E> {
    /// How many are taken.
    pub(crate) const fn taken(&self) -> u64 {
        self.taken
    }

    /// How many there are, free ones included.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// How many there is room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.all.capacity()
    }

    /// A slot, if there is still one with this number.
    pub(crate) fn get(&self, slot: u32) -> Option<&Slot<E>> {
        self.all.get(slot as usize)
    }

    /// Asks for the memory of a slot that will be read soon.
    #[inline]
    pub(crate) fn prefetch(&self, slot: u32) {
        prefetch(&self.all, slot);
    }

    /// All that are taken, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Slot<E>)> {
        (0..).zip(&self.all).filter(|(_, slot)| slot.state != State::Free)
    }

    /// Keeps an event; returns its handle.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an event that goes through memory on its way waits there: 10 ns are measured"
    )]
    pub(crate) fn insert(&mut self, new: Slot<E>) -> Handle {
        let identity = self.maker.identity();
        self.taken += 1;
        let slot = self.free;
        if let Some(place) = self.all.get_mut(slot as usize) {
            self.free = place.seat;
            let life = place.life;
            *place = Slot { life, identity, ..new };
            return Handle { slot, life, identity };
        }
        self.append(Slot { life: self.life_min, identity, ..new })
    }

    #[inline(never)]
    fn append(&mut self, new: Slot<E>) -> Handle {
        let slot = u32::try_from(self.all.len()).unwrap_or(NONE);
        assert!(slot < Link::SLOTS_MAX, "fewer than 2^31 events are pending");
        if slot >= SHRINKING_MIN {
            self.shrink_at = u64::from(slot) / 4;
        }
        let Slot { life, identity, .. } = new;
        grow(&mut self.all, 1);
        self.all.push(new);
        Handle { slot, life, identity }
    }

    /// The slot of a handle, if its event is pending.
    ///
    /// # Panics
    /// In debug builds, if the handle belongs to another simulation.
    #[inline]
    pub(crate) fn find(&self, handle: Handle) -> Option<u32> {
        let slot = self.all.get(handle.slot as usize)?;
        if slot.life != handle.life || slot.state == State::Free {
            return None;
        }
        assert!(
            slot.identity.is(handle.identity),
            "{handle:?} belongs to another simulation, or fork of this one"
        );
        Some(handle.slot)
    }

    /// The handle of a slot that is taken.
    pub(crate) fn handle(&self, slot: u32) -> Handle {
        let Slot { life, identity, .. } = self[slot];
        Handle { slot, life, identity }
    }

    /// Frees a slot; every handle to it is dead from now on. A slot whose lives are used up is retired.
    #[inline]
    pub(crate) fn release(&mut self, slot: u32) -> Option<E> {
        let place = &mut self.all[slot as usize];
        place.state = State::Free;
        let event = place.event.take();
        if let Some(life) = place.life.checked_add(1) {
            place.life = life;
            place.seat = core::mem::replace(&mut self.free, slot);
        }
        self.taken -= 1;
        event
    }

    /// Gives memory back if few slots are taken and the second half of them is free; returns whether it did. Looks again
    /// when half as many are taken.
    #[inline]
    pub(crate) fn shrink(&mut self) -> bool {
        self.taken < self.shrink_at && self.give_back()
    }

    #[cold]
    fn give_back(&mut self) -> bool {
        self.shrink_at = self.taken / 2;
        // A retired slot stays: a handle to its last event has the last life that there is.
        let is_free = |slot: &Slot<E>| slot.state == State::Free && slot.life < u32::MAX;
        let kept = self.all.iter().rposition(|slot| !is_free(slot)).map_or(0, |last| last + 1);
        if kept > self.all.len() / 2 {
            return false;
        }
        let lives = self.all[kept..].iter().map(|slot| slot.life);
        self.life_min = lives.fold(self.life_min, u32::max);
        self.all.truncate(kept);
        self.all.shrink_to(2 * kept);
        // The lowest are used first, so that the others can be given back, too.
        self.free = NONE;
        for (number, slot) in self.all.iter_mut().enumerate().rev() {
            if is_free(slot) {
                let number = u32::try_from(number).unwrap_or(NONE);
                slot.seat = core::mem::replace(&mut self.free, number);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert<E>(slots: &mut Slots<E>, event: E) -> Handle {
        let handle = slots.insert(Slot::new(event, Instant::START, 0));
        slots[handle.slot].state = State::Parked;
        handle
    }

    #[test]
    fn a_slot_whose_lives_are_used_up_is_retired() {
        let mut slots = Slots::default();
        let first = insert(&mut slots, 'a');
        slots.release(first.slot);
        slots[0].life = u32::MAX;
        let last = insert(&mut slots, 'b');
        assert_eq!((last.slot, last.life), (0, u32::MAX));
        assert_eq!(slots.release(last.slot), Some('b'));
        let next = insert(&mut slots, 'c');
        assert_eq!((next.slot, next.life, slots.find(last), slots.taken()), (1, 0, None, 1));
    }

    #[test]
    fn a_retired_slot_is_not_given_back() {
        let mut slots = Slots::default();
        let mut handles: Vec<Handle> = (0..10_000u32).map(|event| insert(&mut slots, event)).collect();
        slots[9_000].life = u32::MAX;
        handles[9_000].life = u32::MAX;
        for handle in &handles {
            assert!(slots.release(handle.slot).is_some());
            slots.shrink();
        }
        let last = handles[9_000];
        assert_eq!((slots.taken(), slots.len() > 9_000), (0, true));
        assert!((0..10_000u32).map(|event| insert(&mut slots, event)).all(|handle| handle != last));
        assert_eq!(slots.find(last), None, "its handle is dead for ever");
    }

    #[test]
    fn after_memory_was_given_back_low_slots_are_used_first() {
        let mut slots = Slots::default();
        let handles: Vec<Handle> = (0..100_000u32).map(|event| insert(&mut slots, event)).collect();
        for handle in handles.iter().filter(|handle| handle.slot != 40_000) {
            slots.release(handle.slot);
            slots.shrink();
        }
        assert_eq!(slots.len(), 40_001);
        assert_eq!([(); 3].map(|()| insert(&mut slots, 0).slot), [0, 1, 2]);
    }

    #[test]
    fn slots_are_used_again_and_lives_tell_their_events_apart() {
        let mut slots = Slots::default();
        let mut dead: Vec<Handle> = Vec::new();
        for _ in 0..1000 {
            let handle = insert(&mut slots, ());
            assert!(!dead.contains(&handle));
            slots.release(handle.slot);
            dead.push(handle);
        }
        assert_eq!(slots.len(), 1);
        assert!(dead.iter().all(|handle| slots.find(*handle).is_none()));
    }

    #[test]
    fn memory_is_given_back_and_handles_of_slots_that_are_gone_stay_dead() {
        let mut slots = Slots::default();
        let handles: Vec<Handle> = (0..100_000u32).map(|event| insert(&mut slots, event)).collect();
        for handle in handles.iter().rev().take(99_990) {
            slots.release(handle.slot);
            slots.shrink();
        }
        assert!(slots.len() < 5_000 && slots.capacity() < 10_000, "{}", slots.len());
        let again: Vec<Handle> = (0..100_000u32).map(|event| insert(&mut slots, event)).collect();
        assert!(handles[10..].iter().all(|handle| slots.find(*handle).is_none()));
        assert!(handles[..10].iter().chain(&again).all(|handle| slots.find(*handle).is_some()));
        assert_eq!(slots.taken(), 100_010);
    }

    #[test]
    fn a_pending_event_costs_a_known_number_of_bytes() {
        let identity = size_of::<Identity>();
        assert!(size_of::<Slot<u64>>() - size_of::<Option<u64>>() <= 32 + 2 * identity);
        assert!(size_of::<Slot<core::num::NonZeroU64>>() <= 40 + 2 * identity);
    }

    #[test]
    fn the_ordinal_of_a_cause_is_known_by_its_lower_bits() {
        let cause = Cause { ordinal: (7 << 32) + 5, code: 0 };
        assert_eq!(Origin::of(cause).ordinal((7 << 32) + 9), (7 << 32) + 5);
        assert_eq!(Origin::of(cause).ordinal((7 << 32) + 4 + (1 << 31)), (7 << 32) + 5);
        assert_eq!(Origin::of(Cause::default()).ordinal(9), 0);
    }
}
