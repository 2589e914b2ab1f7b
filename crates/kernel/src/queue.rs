//! The queue of pending events.
//!
//! A pending event has a slot and is in one of four places: in the calendar, ordered by instant; *fresh*, scheduled at
//! the open instant by the event that is running, not keyed yet because its name is asked for when that event is done; at
//! the *open* instant; or *parked*, due never.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::calendar::Calendar;
use crate::codes::NameCodes;
use crate::due::{Due, reach};
use crate::handle::{Attempt, Handle, InThePast};
use crate::instant::OpenInstant;
use crate::notes::Noted;
use crate::order::Order;
use crate::place::{Lane, Phase, Place, Work};
use crate::slots::{Cause, NONE, Origin, Slot, Slots, State};
use crate::time::{Instant, Span};

/// So many stale entries are tolerated among the fresh beyond the number of live ones.
const STALE_MAX: usize = 64;

/// How a periodic event comes again.
#[derive(Debug, Clone)]
struct Period<E> {
    span: Span,
    copy: fn(&E) -> E,
}

/// An event taken out to be run.
#[derive(Debug)]
pub(crate) struct Taken<E> {
    pub(crate) event: E,
    pub(crate) origin: Origin,
    /// The code of the event that scheduled it, if there was one and something records.
    pub(crate) cause_code: u64,
    pub(crate) noted: Noted,
    /// The slot of a periodic event, which is to be [repeated](EventQueue::repeat).
    pub(crate) periodic: Option<u32>,
}

/// All pending events.
#[derive(Debug, Clone)]
pub(crate) struct EventQueue<E> {
    now: Instant,
    is_open: bool,
    slots: Slots<E>,
    sequence: u32,
    /// How much primary work is pending. Narrower than the count below, so that a compiler does not change both by one
    /// wide instruction, which would wait for what was stored into either.
    primary: u32,
    /// How many events have been handed out.
    dispatched: u64,
    calendar: Calendar,
    open: OpenInstant,
    /// Events scheduled at the open instant and not keyed yet: slot and sequence, which tells whether it still is one.
    fresh: Vec<(u32, u32)>,
    /// How many of the fresh ones are not any more.
    stale: usize,
    periods: BTreeMap<u32, Period<E>>,
    keeping: Keeping,
    /// The codes of causes, by slot, kept only if something records.
    causes: Vec<u64>,
    /// What was scheduled or moved since somebody looked, kept only if asked for.
    moved: Vec<Handle>,
}

/// What a queue keeps beside the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    Nothing,
    /// The names by which events were ordered, to be checked.
    Names,
    /// Causes and choices, for records.
    Causes,
    /// Also what was scheduled and moved, for records of cancellations.
    CausesAndMoves,
}

impl Keeping {
    /// Whether causes and choices are kept.
    #[inline]
    pub(crate) const fn is_recorded(self) -> bool {
        matches!(self, Self::Causes | Self::CausesAndMoves)
    }
}

impl<E> EventQueue<E> {
    pub(crate) fn new(order: Order, seed: u64, keeping: Keeping) -> Self {
        Self {
            now: Instant::START,
            is_open: false,
            slots: Slots::default(),
            sequence: 0,
            primary: 0,
            dispatched: 0,
            calendar: Calendar::default(),
            open: OpenInstant::new(order, seed, keeping),
            fresh: Vec::new(),
            stale: 0,
            periods: BTreeMap::new(),
            keeping,
            causes: Vec::new(),
            moved: Vec::new(),
        }
    }

    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    pub(crate) const fn pending(&self) -> u64 {
        self.slots.taken()
    }

    pub(crate) const fn primary(&self) -> u64 {
        self.primary as u64
    }

    pub(crate) const fn dispatched(&self) -> u64 {
        self.dispatched
    }

    /// Whether something is left to run at the present instant.
    #[inline]
    pub(crate) fn is_instant_unfinished(&self) -> bool {
        self.open.is_unfinished()
    }

    /// When the next event is due: now if the instant is unfinished.
    pub(crate) fn next_instant(&self) -> Option<Instant> {
        let is_live = |(slot, sequence): &(u32, u32)| self.slots[*slot].is_fresh(*sequence);
        if self.is_instant_unfinished() || self.fresh.iter().any(is_live) {
            return Some(self.now);
        }
        self.next_in_calendar()
    }

    /// When the next instant opens, once the present one is finished.
    #[inline]
    pub(crate) fn next_in_calendar(&self) -> Option<Instant> {
        self.calendar.first().map(Due::instant)
    }

    /// Moves the clock to an instant before which nothing is due; one that has passed leaves it where it is.
    pub(crate) fn advance_to(&mut self, instant: Instant) {
        if instant <= self.now {
            return;
        }
        assert!(!self.is_instant_unfinished(), "an instant is finished before time goes on");
        assert!(
            self.next_in_calendar().is_none_or(|next| next >= instant),
            "time does not pass over what is due"
        );
        (self.now, self.is_open) = (instant, false);
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an event that goes through memory on its way waits there: 10 ns are measured"
    )]
    pub(crate) fn schedule(
        &mut self,
        at: Instant,
        event: E,
        place: Place,
        cause: Cause,
    ) -> Result<Handle, InThePast> {
        self.check_not_past(at)?;
        if place.phase != Phase::DEFAULT {
            self.open.declare(place.phase);
        }
        let sequence = self.next_sequence();
        let (lane, state) = (place.lane.map_or(NONE, Lane::number), self.state_of(at));
        let (phase, work, origin) = (place.phase.number(), place.work, Origin::of(cause));
        let slot = Slot { lane, origin, state, phase, work, ..Slot::new(event, at, sequence) };
        let handle = self.slots.insert(slot);
        self.primary += u32::from(work == Work::Primary && state != State::Parked);
        self.enter(Due::new(at, sequence, handle.slot), state, cause);
        Ok(handle)
    }

    /// Lets an event that was just scheduled come again and again.
    pub(crate) fn set_period(&mut self, handle: Handle, span: Span, copy: fn(&E) -> E) {
        let Some(slot) = self.slots.find(handle) else { return };
        self.slots[slot].is_periodic = true;
        self.periods.insert(slot, Period { span, copy });
    }

    /// Changes the period of a periodic event, and returns when it is to come next: one new period after what came
    /// last. `None` if it is gone or not periodic.
    pub(crate) fn change_period(&mut self, handle: Handle, span: Span) -> Option<Instant> {
        let (slot, now) = (self.slots.find(handle)?, self.now);
        let period = self.periods.get_mut(&slot)?;
        let before = core::mem::replace(&mut period.span, span);
        let due = self.slots[slot].due;
        let last = due.checked_sub(before).unwrap_or(now);
        Some(if due.is_never() { now.saturating_add(span) } else { last.saturating_add(span).max(now) })
    }

    /// Cancels a pending event and hands it back; `None` if it was gone.
    #[inline]
    pub(crate) fn cancel(&mut self, handle: Handle) -> Option<E> {
        let slot = self.slots.find(handle)?;
        self.detach(slot);
        self.release(slot)
    }

    /// The handles of all pending events that satisfy a condition, in the order of scheduling.
    pub(crate) fn handles_where(&self, mut condition: impl FnMut(&E) -> bool) -> Vec<Handle> {
        let chosen = self.in_schedule_order(|slot| slot.event.as_ref().is_some_and(&mut condition));
        chosen.into_iter().map(|slot| self.slots.handle(slot)).collect()
    }

    /// The handles of all pending events of a lane, in the order of scheduling.
    pub(crate) fn handles_in(&self, lane: Lane) -> Vec<Handle> {
        let chosen = self.in_schedule_order(|slot| slot.lane == lane.number());
        chosen.into_iter().map(|slot| self.slots.handle(slot)).collect()
    }

    pub(crate) fn reschedule(
        &mut self,
        handle: Handle,
        at: Instant,
        cause: Cause,
    ) -> Result<Attempt, InThePast> {
        self.check_not_past(at)?;
        let Some(slot) = self.slots.find(handle) else { return Ok(Attempt::Gone) };
        self.move_to(slot, at, cause);
        Ok(Attempt::Done)
    }

    /// When a pending event is due; `None` if it is gone.
    pub(crate) fn due(&self, handle: Handle) -> Option<Instant> {
        self.slots.find(handle).map(|slot| self.slots[slot].due)
    }

    /// The event of a handle, if it is pending.
    pub(crate) fn get(&self, handle: Handle) -> Option<&E> {
        self.slots.find(handle).and_then(|slot| self.slots[slot].event.as_ref())
    }

    /// What was scheduled or moved since somebody looked.
    pub(crate) fn take_moved(&mut self) -> Vec<Handle> {
        core::mem::take(&mut self.moved)
    }

    /// Takes the next event out: of the open instant, or else of the next, which it opens. A lone event is handed out at
    /// once; several are keyed, by the codes of their names if the order asks for them.
    #[inline]
    pub(crate) fn take(&mut self, codes_of: impl FnMut(&E) -> NameCodes) -> Option<Taken<E>> {
        let is_unfinished = self.is_instant_unfinished();
        let lone = if is_unfinished { None } else { self.calendar.pop_lone() };
        let (slot, noted) = if let Some(due) = lone {
            (self.open_lone(due), Noted::default())
        } else {
            if !is_unfinished {
                self.open_tied(codes_of);
            }
            (self.choose()?, self.open.noted())
        };
        self.hand_out(slot, noted)
    }

    /// Opens an instant at which a single event is due.
    #[inline]
    fn open_lone(&mut self, due: Due) -> u32 {
        let instant = due.instant();
        self.begin(instant);
        self.open.open_lone(instant);
        if let Some(soon) = self.calendar.soon() {
            self.slots.prefetch(soon);
        }
        due.slot()
    }

    /// Takes the event of the open instant that runs next out of its place.
    #[inline(never)]
    fn choose(&mut self) -> Option<u32> {
        self.open.take(&mut self.slots)
    }

    #[inline(never)]
    fn open_tied(&mut self, codes_of: impl FnMut(&E) -> NameCodes) {
        let Some(instant) = self.next_in_calendar() else { return };
        self.begin(instant);
        self.open.open(instant);
        let batch = self.open.begin();
        let Self { slots, open, calendar, .. } = self;
        let mut last = None;
        let due = |_: &Slots<E>| {
            last = last.and_then(|slot| calendar.after(slot)).or_else(|| {
                let is_due = calendar.first().is_some_and(|due| due.instant() == instant);
                if is_due { calendar.pop_chain().map(Due::slot) } else { None }
            });
            last
        };
        open.arrive_all(slots, batch, due, codes_of);
    }

    /// Whether events wait for [`EventQueue::merge_fresh`].
    #[inline]
    pub(crate) fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// Keys what the last event scheduled at the open instant and merges it with what is left of it.
    pub(crate) fn merge_fresh(&mut self, codes_of: impl FnMut(&E) -> NameCodes) {
        let batch = self.open.begin_later();
        let Self { slots, open, fresh, .. } = self;
        let mut entries = fresh.drain(..);
        let due = |slots: &Slots<E>| {
            entries.find(|(slot, sequence)| slots[*slot].is_fresh(*sequence)).map(|(slot, _)| slot)
        };
        open.arrive_all(slots, batch, due, codes_of);
        drop(entries);
        self.stale = 0;
    }

    /// The event that is to run next, of the open instant or else of the next, and the ordinal of its cause.
    pub(crate) fn next_event(&self) -> Option<(&E, u64)> {
        let slot = self.open.first(&self.slots).or_else(|| self.calendar.first().map(Due::slot))?;
        let entry = &self.slots[slot];
        entry.event.as_ref().map(|event| (event, entry.origin.ordinal(self.dispatched)))
    }

    /// Schedules the next occurrence of a periodic event whose occurrence has been taken; the same handle names it.
    pub(crate) fn repeat(&mut self, slot: u32, cause: Cause) {
        let Some(period) = self.periods.get(&slot) else { return };
        let next = self.slots[slot].due.saturating_add(period.span);
        self.attach(slot, next, cause);
    }

    /// Fills the hole that a lone event has left; to be called when its dispatch is over.
    #[inline]
    pub(crate) fn settle(&mut self) {
        self.calendar.settle();
    }

    /// Asserts what always holds between two dispatches; walks over all that is pending.
    pub(crate) fn check_invariants(&self) {
        let count = |state| self.slots.iter().filter(|(_, entry)| entry.state == state).count();
        assert_eq!(self.slots.iter().count() as u64, self.pending(), "all pending slots are counted");
        let counts = |entry: &Slot<E>| entry.work == Work::Primary && entry.state != State::Parked;
        let primary = self.slots.iter().filter(|(_, entry)| counts(entry)).count();
        assert_eq!(primary, self.primary as usize, "all primary work is counted");
        assert!(self.slots.iter().all(|(_, entry)| entry.event.is_some()), "a pending slot has an event");
        assert!(self.fresh.is_empty() && count(State::Fresh) == 0, "no event stays unkeyed");
        assert_eq!(count(State::Out), 0, "nothing is running");
        assert_eq!(count(State::Calendar), self.calendar.slots().count(), "the calendar holds its own");
        self.calendar.check_invariants();
        self.open.check_invariants(&self.slots);
        assert!(
            self.next_in_calendar().is_none_or(|next| next > self.now || !self.is_open),
            "the calendar is of the future"
        );
        for slot in self.calendar.slots() {
            assert_eq!(self.slots[slot].state, State::Calendar, "an entry names an event of the calendar");
        }
        let periodic = self.slots.iter().filter(|(_, entry)| entry.is_periodic).count();
        assert_eq!(periodic, self.periods.len(), "a periodic event has a period");
    }

    #[inline]
    fn check_not_past(&self, at: Instant) -> Result<(), InThePast> {
        if at < self.now { Err(InThePast { at, now: self.now }) } else { Ok(()) }
    }

    fn begin(&mut self, instant: Instant) {
        assert!(instant > self.now || !self.is_open, "instants open in order, each once");
        (self.now, self.is_open) = (instant, true);
    }

    /// Hands the event of a slot out that is in no place any more, or a copy of it if it comes again.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the lone event's path is measured to be 20 instructions shorter"
    )]
    fn hand_out(&mut self, slot: u32, noted: Noted) -> Option<Taken<E>> {
        let entry = &self.slots[slot];
        let (origin, is_periodic) = (entry.origin, entry.is_periodic);
        self.dispatched += 1;
        self.primary -= u32::from(entry.work == Work::Primary);
        let cause_code = if self.keeping.is_recorded() { self.causes[slot as usize] } else { 0 };
        if is_periodic {
            self.slots[slot].state = State::Out;
            let event = (self.periods.get(&slot)?.copy)(self.slots[slot].event.as_ref()?);
            return Some(Taken { event, origin, cause_code, noted, periodic: Some(slot) });
        }
        let event = self.release(slot)?;
        Some(Taken { event, origin, cause_code, noted, periodic: None })
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the lone event's path is measured to be 20 instructions shorter"
    )]
    fn release(&mut self, slot: u32) -> Option<E> {
        if self.slots[slot].is_periodic {
            self.periods.remove(&slot);
        }
        let event = self.slots.release(slot);
        if self.slots.shrink() {
            // Stale entries among the fresh may name slots that are gone.
            self.sweep_fresh();
            self.calendar.forget_slots(self.slots.len());
            self.open.forget_slots(self.slots.len());
            self.causes.truncate(self.slots.len());
            self.causes.shrink_to(2 * self.slots.len());
        }
        event
    }

    fn move_to(&mut self, slot: u32, at: Instant, cause: Cause) {
        self.detach(slot);
        self.attach(slot, at, cause);
    }

    /// Puts a slot that is in no place where an event due at `at` belongs, with a new sequence.
    fn attach(&mut self, slot: u32, at: Instant, cause: Cause) {
        let (sequence, state) = (self.next_sequence(), self.state_of(at));
        let entry = &mut self.slots[slot];
        (entry.due, entry.sequence, entry.state, entry.origin) = (at, sequence, state, Origin::of(cause));
        self.primary += u32::from(entry.work == Work::Primary && state != State::Parked);
        self.enter(Due::new(at, sequence, slot), state, cause);
    }

    /// Where an event due at `at` belongs.
    #[inline]
    fn state_of(&self, at: Instant) -> State {
        if at.is_never() {
            State::Parked
        } else if self.is_open && at == self.now {
            State::Fresh
        } else {
            State::Calendar
        }
    }

    #[inline]
    fn next_sequence(&mut self) -> u32 {
        if self.sequence == u32::MAX {
            self.renumber();
        }
        self.sequence += 1;
        self.sequence
    }

    /// Enters an event in the place that its state says.
    #[inline]
    fn enter(&mut self, due: Due, state: State, cause: Cause) {
        if state == State::Calendar {
            self.calendar.push(due);
        } else if state == State::Fresh {
            self.fresh.push((due.slot(), due.sequence()));
        }
        if self.keeping.is_recorded() {
            match self.causes.get_mut(due.slot() as usize) {
                Some(kept) if self.keeping == Keeping::Causes => *kept = cause.code,
                _ => self.keep(due.slot(), cause.code),
            }
        }
    }

    #[inline(never)]
    fn keep(&mut self, slot: u32, cause_code: u64) {
        if self.causes.len() <= slot as usize {
            reach(&mut self.causes, slot, 0);
        }
        self.causes[slot as usize] = cause_code;
        if self.keeping == Keeping::CausesAndMoves {
            self.moved.push(self.slots.handle(slot));
        }
    }

    /// The slots whose events satisfy a condition, in the order of scheduling.
    fn in_schedule_order(&self, mut condition: impl FnMut(&Slot<E>) -> bool) -> Vec<u32> {
        let chosen = self.slots.iter().filter(|(_, entry)| condition(entry));
        let mut chosen: Vec<(u32, u32)> = chosen.map(|(slot, entry)| (entry.sequence, slot)).collect();
        chosen.sort_unstable();
        chosen.into_iter().map(|(_, slot)| slot).collect()
    }

    /// Takes a pending slot out of wherever it is.
    #[inline]
    fn detach(&mut self, slot: u32) {
        let &Slot { state, due, work, .. } = &self.slots[slot];
        self.primary -= u32::from(work == Work::Primary && state != State::Parked);
        match state {
            State::Calendar => self.calendar.remove(slot, due),
            State::Parked => {}
            State::Fresh => self.forget_fresh(slot),
            State::Open => self.open.remove(&mut self.slots, slot),
            State::Free | State::Out => unreachable!("only pending events are detached"),
        }
    }

    /// Leaves a stale entry among the fresh; sweeps when most are stale.
    fn forget_fresh(&mut self, slot: u32) {
        // Until it is attached anew it is nowhere.
        self.slots[slot].state = State::Out;
        self.stale += 1;
        if self.stale > self.fresh.len() / 2 + STALE_MAX {
            self.sweep_fresh();
        }
    }

    /// Drops the stale entries among the fresh.
    fn sweep_fresh(&mut self) {
        let Self { fresh, slots, .. } = self;
        fresh.retain(|(slot, sequence)| slots.get(*slot).is_some_and(|entry| entry.is_fresh(*sequence)));
        self.stale = 0;
    }

    /// Counts sequences from the beginning again, without changing the order of any two events.
    #[cold]
    fn renumber(&mut self) {
        self.sweep_fresh();
        self.open.sweep(&self.slots);
        let order = self.in_schedule_order(|_| true);
        self.sequence = 0;
        for (sequence, slot) in (1..).zip(&order) {
            self.slots[*slot].sequence = sequence;
            self.sequence = sequence;
        }
        let Self { slots, calendar, open, fresh, .. } = self;
        // A dead entry of the calendar may name a slot that has been given back.
        let renumber = |slot: u32| slots.get(slot).map_or(0, |entry| entry.sequence);
        calendar.renumber(renumber);
        open.renumber(slots);
        for (slot, sequence) in fresh {
            *sequence = renumber(*slot);
        }
    }
}

mod guided;
mod pending;

pub(crate) use pending::PendingEvent;
pub use pending::{DueEvent, Scheduled};

#[cfg(test)]
mod tests;
