//! The calendar of pending events and the instant that is open.
//!
//! A pending event is in one of four places: in the calendar, ordered by instant alone; *fresh*, scheduled at the open
//! instant by the event that is running, and not keyed yet; *ready*, ordered by key; or *waiting* in its lane behind
//! another event of the open instant.
//!
//! The rule for lanes reads: in schedule order, a key is raised to that of the lane's event before it. Nothing has to be
//! raised for it. The head of a lane has none before it, so its key is its own; what stands behind it cannot run first
//! either way. So heads compete with their own keys, and what has run or was cancelled leaves no trace.

use alloc::vec::Vec;
use core::fmt;

use crate::heap::{Heap, Positions};
use crate::place::{Lane, Place, Work};
use crate::ranks::Ranks;
use crate::record::Choice;
use crate::time::Instant;

/// No slot: the end of a list. No lane: free.
const NONE: u32 = u32::MAX;

/// Names a scheduled event, for cancelling and rescheduling. A handle outlives its event without harm: it never names
/// another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle {
    slot: u32,
    generation: u32,
}

/// What became of an attempt to cancel or reschedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It was pending, and the attempt took effect.
    Done,
    /// It had run or been cancelled already: nothing happened.
    Gone,
}

/// An event was to be scheduled before the present instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InThePast {
    /// The instant asked for.
    pub at: Instant,
    /// The present instant.
    pub now: Instant,
}

impl fmt::Display for InThePast {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "cannot schedule at {}: it is {} already", self.at, self.now)
    }
}

impl core::error::Error for InThePast {}

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Calendar,
    Fresh,
    Ready,
    Waiting,
}

#[derive(Debug, Clone)]
struct Slot<E> {
    event: Option<E>,
    sequence: u64,
    cause: Cause,
    generation: u32,
    /// The number of the lane, or `NONE`.
    lane: u32,
    work: Work,
    state: State,
    /// Tie key, once ready or waiting.
    key: u32,
    /// Neighbours in the lane, once ready or waiting.
    before: u32,
    after: u32,
    /// Place in the ranks of the instant, once ready or waiting and if there are any.
    rank: u32,
}

/// The events of one lane at the open instant: the head is ready, the others wait.
#[derive(Debug, Clone, Copy)]
struct Queue {
    head: u32,
    tail: u32,
}

/// An event taken out to be run.
#[derive(Debug)]
pub(crate) struct Taken<E> {
    pub(crate) event: E,
    pub(crate) cause: Cause,
    /// Which of the enabled events it was; `None` if there was no other, or if nobody asked for ranks.
    pub(crate) choice: Option<Choice>,
}

/// All pending events.
#[derive(Debug, Clone)]
pub(crate) struct Agenda<E> {
    now: Instant,
    is_open: bool,
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
    positions: Positions,
    sequence: u64,
    primary: u64,
    pending: u64,
    calendar: Heap<(Instant, u64)>,
    ready: Heap<(u32, u64)>,
    queues: Vec<Queue>,
    /// Events scheduled at the open instant and not keyed yet: slot and sequence, which tells whether it still is one.
    fresh: Vec<(u32, u64)>,
    /// Kept only if choices are recorded.
    ranks: Option<Ranks>,
}

impl<E> Agenda<E> {
    pub(crate) fn new(ranks: Option<Ranks>) -> Self {
        Self {
            now: Instant::START,
            is_open: false,
            slots: Vec::new(),
            free: Vec::new(),
            positions: Positions::default(),
            sequence: 0,
            primary: 0,
            pending: 0,
            calendar: Heap::default(),
            ready: Heap::default(),
            queues: Vec::new(),
            fresh: Vec::new(),
            ranks,
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    pub(crate) fn pending(&self) -> u64 {
        self.pending
    }

    pub(crate) fn primary(&self) -> u64 {
        self.primary
    }

    /// Whether something is left to run at the present instant.
    pub(crate) fn is_instant_unfinished(&self) -> bool {
        self.ready.len() > 0
    }

    /// When the next instant opens, once the present one is finished.
    pub(crate) fn next_instant(&self) -> Option<Instant> {
        self.calendar.first().map(|((instant, _), _)| instant)
    }

    pub(crate) fn schedule(
        &mut self,
        at: Instant,
        event: E,
        place: Place,
        cause: Cause,
    ) -> Result<Handle, InThePast> {
        self.check_not_past(at)?;
        let slot = self.take_free_slot();
        let entry = &mut self.slots[slot as usize];
        (entry.event, entry.cause) = (Some(event), cause);
        (entry.lane, entry.work) = (place.lane.map_or(NONE, Lane::number), place.work);
        let generation = entry.generation;
        self.pending += 1;
        self.primary += u64::from(place.work == Work::Primary);
        self.attach(slot, at);
        Ok(Handle { slot, generation })
    }

    /// Cancels a pending event and hands it back; `None` if it was gone.
    pub(crate) fn cancel(&mut self, handle: Handle) -> Option<E> {
        let slot = self.find(handle)?;
        self.detach(slot);
        self.release(slot)
    }

    pub(crate) fn reschedule(
        &mut self,
        handle: Handle,
        at: Instant,
        cause: Cause,
    ) -> Result<Attempt, InThePast> {
        self.check_not_past(at)?;
        let Some(slot) = self.find(handle) else { return Ok(Attempt::Gone) };
        self.detach(slot);
        self.slots[slot as usize].cause = cause;
        self.attach(slot, at);
        Ok(Attempt::Done)
    }

    /// Opens the next instant: takes its events out of the calendar together and keys them if there is more than one.
    pub(crate) fn open(&mut self, instant: Instant, key_of: impl Fn(&E) -> u32) {
        assert!(!self.is_instant_unfinished(), "an instant is finished before the next opens");
        assert!(instant > self.now || !self.is_open, "instants open in order, each once");
        self.now = instant;
        self.is_open = true;
        self.ranks.iter_mut().for_each(Ranks::clear);
        let Some((_, first)) = self.take_from_calendar(instant) else { return };
        let Some((_, second)) = self.take_from_calendar(instant) else {
            self.make_ready(first, 0);
            return;
        };
        self.key_and_make_ready(first, &key_of);
        self.key_and_make_ready(second, &key_of);
        while let Some((_, slot)) = self.take_from_calendar(instant) {
            self.key_and_make_ready(slot, &key_of);
        }
    }

    /// Keys what the last event scheduled at the open instant and merges it with what is left of it.
    pub(crate) fn merge_fresh(&mut self, key_of: impl Fn(&E) -> u32) {
        if self.fresh.is_empty() {
            return;
        }
        let mut fresh = core::mem::take(&mut self.fresh);
        for (slot, sequence) in fresh.drain(..) {
            let entry = &self.slots[slot as usize];
            if entry.state == State::Fresh && entry.sequence == sequence {
                self.key_and_make_ready(slot, &key_of);
            }
        }
        self.fresh = fresh;
    }

    /// The event that is to run next: of the open instant, or else one of the next.
    pub(crate) fn next_event(&self) -> Option<(&E, Cause)> {
        let slot = match self.ready.first() {
            Some((_, slot)) => slot,
            None => self.calendar.first()?.1,
        };
        let entry = &self.slots[slot as usize];
        entry.event.as_ref().map(|event| (event, entry.cause))
    }

    /// Takes the next event of the open instant out.
    pub(crate) fn take(&mut self) -> Option<Taken<E>> {
        let (_, slot) = self.ready.first()?;
        let choice = self.choice(slot);
        self.detach(slot);
        let cause = self.slots[slot as usize].cause;
        self.release(slot).map(|event| Taken { event, cause, choice })
    }

    fn choice(&self, slot: u32) -> Option<Choice> {
        let ranks = self.ranks.as_ref()?;
        let of = u32::try_from(self.ready.len()).unwrap_or(u32::MAX);
        (of > 1).then(|| Choice { index: ranks.before(self.slots[slot as usize].rank), of })
    }

    /// Asserts what always holds between two steps; walks over all that is pending.
    pub(crate) fn check_invariants(&self) {
        let count = |state| self.slots.iter().filter(|entry| entry.state == state).count();
        let pending = || self.slots.iter().filter(|entry| entry.state != State::Free);
        assert_eq!(pending().count() as u64, self.pending, "all pending slots are counted");
        let primary = pending().filter(|entry| entry.work == Work::Primary).count();
        assert_eq!(primary as u64, self.primary, "all primary work is counted");
        assert!(
            self.slots.iter().all(|entry| entry.event.is_some() != (entry.state == State::Free)),
            "only the free are empty"
        );
        assert!(self.fresh.is_empty() && count(State::Fresh) == 0, "no event stays unkeyed");
        assert_eq!(count(State::Calendar), self.calendar.len(), "the calendar holds its own");
        assert_eq!(count(State::Ready), self.ready.len(), "the ready ones can run");
        assert!(
            self.next_instant().is_none_or(|next| next > self.now || !self.is_open),
            "the calendar is of the future"
        );
        self.positions.check_invariants(self.calendar.slots());
        self.positions.check_invariants(self.ready.slots());
        let mut in_lanes = 0;
        for queue in &self.queues {
            let (mut last, mut next) = (NONE, queue.head);
            while next != NONE {
                let entry = &self.slots[next as usize];
                let expected = if last == NONE { State::Ready } else { State::Waiting };
                assert_eq!(
                    (entry.state, entry.before),
                    (expected, last),
                    "the head of a lane is ready, the others wait"
                );
                assert!(
                    last == NONE || self.slots[last as usize].sequence < entry.sequence,
                    "a lane is in order"
                );
                in_lanes += 1;
                (last, next) = (next, entry.after);
            }
            assert_eq!(queue.tail, last, "a lane ends at its tail");
        }
        let waiting =
            |entry: &&Slot<E>| matches!(entry.state, State::Ready | State::Waiting) && entry.lane != NONE;
        assert_eq!(
            self.slots.iter().filter(waiting).count(),
            in_lanes,
            "an open event of a lane stands in it"
        );
    }

    fn check_not_past(&self, at: Instant) -> Result<(), InThePast> {
        if at < self.now { Err(InThePast { at, now: self.now }) } else { Ok(()) }
    }

    fn find(&self, handle: Handle) -> Option<u32> {
        let entry = self.slots.get(handle.slot as usize)?;
        (entry.generation == handle.generation && entry.state != State::Free).then_some(handle.slot)
    }

    fn take_free_slot(&mut self) -> u32 {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        let slot = u32::try_from(self.slots.len()).unwrap_or(NONE);
        assert!(slot != NONE, "fewer than 2^32 events are pending");
        self.slots.push(Slot {
            event: None,
            sequence: 0,
            cause: Cause::default(),
            generation: 0,
            lane: NONE,
            work: Work::Primary,
            state: State::Free,
            key: 0,
            before: NONE,
            after: NONE,
            rank: 0,
        });
        self.positions.grow();
        slot
    }

    /// Gives a slot back; every handle to it is dead from now on. A slot whose generations are used up is retired.
    fn release(&mut self, slot: u32) -> Option<E> {
        let entry = &mut self.slots[slot as usize];
        entry.state = State::Free;
        self.pending -= 1;
        self.primary -= u64::from(entry.work == Work::Primary);
        if let Some(generation) = entry.generation.checked_add(1) {
            entry.generation = generation;
            self.free.push(slot);
        }
        entry.event.take()
    }

    /// Puts a detached slot where an event due at `at` belongs, with a new sequence.
    fn attach(&mut self, slot: u32, at: Instant) {
        self.sequence += 1;
        let entry = &mut self.slots[slot as usize];
        entry.sequence = self.sequence;
        if self.is_open && at == self.now {
            entry.state = State::Fresh;
            self.fresh.push((slot, self.sequence));
        } else {
            entry.state = State::Calendar;
            self.calendar.push(&mut self.positions, (at, self.sequence), slot);
        }
    }

    /// Takes a pending slot out of wherever it is.
    fn detach(&mut self, slot: u32) {
        let Slot { state, lane, rank, .. } = self.slots[slot as usize];
        match state {
            State::Calendar => self.calendar.remove(&mut self.positions, slot),
            State::Fresh => {} // Its entry among the fresh is known to be stale by its sequence.
            State::Ready => {
                self.ready.remove(&mut self.positions, slot);
                self.ranks.iter_mut().for_each(|ranks| ranks.disable(rank));
                if lane != NONE {
                    self.advance(lane, slot);
                }
            }
            State::Waiting => self.unlink(lane, slot),
            State::Free => unreachable!("only pending events are detached"),
        }
    }

    fn take_from_calendar(&mut self, instant: Instant) -> Option<((Instant, u64), u32)> {
        self.calendar.first().filter(|((due, _), _)| *due == instant)?;
        self.calendar.pop(&mut self.positions)
    }

    fn key_and_make_ready(&mut self, slot: u32, key_of: &impl Fn(&E) -> u32) {
        let key = self.slots[slot as usize].event.as_ref().map_or(0, key_of);
        self.make_ready(slot, key);
    }

    /// Lets a keyed event run, or wait behind the one before it in its lane.
    fn make_ready(&mut self, slot: u32, key: u32) {
        let rank = self.ranks.as_mut().map_or(0, Ranks::push);
        let entry = &mut self.slots[slot as usize];
        (entry.key, entry.rank) = (key, rank);
        (entry.before, entry.after) = (NONE, NONE);
        if entry.lane == NONE {
            return self.enable(slot);
        }
        let lane = entry.lane as usize;
        if lane >= self.queues.len() {
            self.queues.resize(lane + 1, Queue { head: NONE, tail: NONE });
        }
        let queue = &mut self.queues[lane];
        let last = core::mem::replace(&mut queue.tail, slot);
        if last == NONE {
            queue.head = slot;
            self.enable(slot);
        } else {
            self.slots[slot as usize].before = last;
            self.slots[slot as usize].state = State::Waiting;
            self.slots[last as usize].after = slot;
        }
    }

    fn enable(&mut self, slot: u32) {
        let entry = &mut self.slots[slot as usize];
        entry.state = State::Ready;
        self.ready.push(&mut self.positions, (entry.key, entry.sequence), slot);
        let rank = entry.rank;
        self.ranks.iter_mut().for_each(|ranks| ranks.enable(rank));
    }

    /// The head of a lane is gone: the next one is enabled.
    fn advance(&mut self, lane: u32, head: u32) {
        let next = self.slots[head as usize].after;
        let queue = &mut self.queues[lane as usize];
        assert!(queue.head == head, "only the head of a lane is ready");
        queue.head = next;
        if next == NONE {
            queue.tail = NONE;
        } else {
            self.slots[next as usize].before = NONE;
            self.enable(next);
        }
    }

    /// Takes a waiting event out of the middle or the end of its lane.
    fn unlink(&mut self, lane: u32, slot: u32) {
        let Slot { before, after, .. } = self.slots[slot as usize];
        assert!(before != NONE, "a waiting event stands behind another");
        self.slots[before as usize].after = after;
        if after == NONE {
            self.queues[lane as usize].tail = before;
        } else {
            self.slots[after as usize].before = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_whose_generations_are_used_up_is_retired() {
        let mut agenda = Agenda::new(None);
        let first = agenda.schedule(Instant::START, 'a', Place::FREE, Cause::default()).unwrap();
        agenda.cancel(first);
        agenda.slots[0].generation = u32::MAX;
        let last = agenda.schedule(Instant::START, 'b', Place::FREE, Cause::default()).unwrap();
        assert_eq!(last, Handle { slot: 0, generation: u32::MAX });
        assert_eq!(agenda.cancel(last), Some('b'));
        let next = agenda.schedule(Instant::START, 'c', Place::FREE, Cause::default()).unwrap();
        assert_eq!(next, Handle { slot: 1, generation: 0 });
        assert_eq!(agenda.cancel(last), None);
        assert_eq!(agenda.pending(), 1);
    }

    #[test]
    fn slots_are_reused_and_generations_tell_their_events_apart() {
        let mut agenda = Agenda::new(None);
        let mut dead = Vec::new();
        for _ in 0..1000 {
            let handle = agenda.schedule(Instant::START, (), Place::FREE, Cause::default()).unwrap();
            assert!(!dead.contains(&handle));
            agenda.cancel(handle);
            dead.push(handle);
        }
        assert_eq!(agenda.slots.len(), 1);
        assert!(dead.iter().all(|handle| agenda.cancel(*handle).is_none()));
    }

    #[test]
    fn ranks_begin_anew_at_each_instant() {
        let mut agenda = Agenda::new(Some(Ranks::default()));
        for nanos in 1..10 {
            let at = Instant::from_nanos(nanos);
            for _ in 0..2 {
                agenda.schedule(at, (), Place::FREE, Cause::default()).unwrap();
            }
            agenda.open(at, |()| 0);
            assert_eq!(agenda.slots.iter().map(|entry| entry.rank).max(), Some(1));
            while agenda.take().is_some() {}
        }
    }

    #[test]
    fn a_pending_event_costs_a_known_number_of_bytes() {
        let slot = size_of::<Slot<u64>>() - size_of::<Option<u64>>();
        let entry = size_of::<((Instant, u64), u32)>();
        assert!(slot <= 56 && entry <= 24, "{slot} and {entry} bytes");
    }
}
