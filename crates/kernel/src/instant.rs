//! The open instant: who of the simultaneous events runs next.
//!
//! Events *arrive*: all that were pending when the instant opened, then what is scheduled into it. A free event, or the
//! first of its lane, is *enabled*: it gets its key and competes. Another *waits* behind its predecessor, and is enabled
//! when that one has run or was cancelled. The keys say everything; `order.rs` makes them, `docs/ORDER.md` explains them.
//!
//! A free event is wholly described by its slot and its entry. One of a lane has a *seat* beside them, for its neighbours
//! and for what its key will be made from.
//!
//! Invariants: a lane's events are linked in order, the head enabled and the others waiting.

use alloc::vec::Vec;

use crate::codes::NameCodes;
use crate::due::{grow, shrink};
use crate::entry::{Entry, Frame};
use crate::mix::mix;
use crate::notes::{Noted, Notes};
use crate::order::{BAND, InstantKeys, Keyed, Order, draw};
use crate::place::{Lane, Phase};
use crate::queue::Keeping;
use crate::ranks::Group;
use crate::ready::Ready;
use crate::slots::{NONE, Slot, Slots, State};
use crate::table::Table;
use crate::time::Instant;

/// So many events arrive together.
const TOGETHER: usize = 8;

/// The last generation that is told apart under `rounds`: those after it are one round with it.
const GENERATION_MAX: u32 = (1 << 28) - 1;

/// The dispatch after which nothing but the order holds an event back.
#[derive(Debug, Clone, Copy, Default)]
struct Enabler {
    moment: u64,
    generation: u32,
    /// The turn of what it enables.
    next_turn: u32,
}

/// What the keys of events have in common that arrive together, or that one dispatch enables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch {
    generation: u32,
    group: u32,
    frame: Frame,
    /// The moment from which they wait.
    base: u64,
    /// The part of their hashes that their turn gives.
    turn_key: u64,
}

/// An event of a lane at the open instant.
#[derive(Debug, Clone, Copy)]
struct Seat {
    slot: u32,
    generation: u32,
    /// Known when it is enabled.
    turn: u32,
    /// Neighbours in the lane, by seat.
    before: u32,
    after: u32,
    keyed: Keyed,
}

/// The last event of a lane, and the phase that the lane lies in.
#[derive(Debug, Clone, Copy)]
struct Queue {
    tail: u32,
    phase: u8,
}

impl Default for Queue {
    fn default() -> Self {
        Self { tail: NONE, phase: 0 }
    }
}

/// The events of the open instant.
#[derive(Debug, Clone)]
pub(crate) struct OpenInstant {
    seed: u64,
    order: Order,
    /// How many generations compete with each other: under `fifo` all, and none is told apart.
    group_size: u32,
    at: Instant,
    /// Those of this instant only if it is tied.
    keys: InstantKeys,
    /// Whether events have arrived: a lone event is handed out without.
    is_tied: bool,
    enabler: Enabler,
    seats: Vec<Seat>,
    vacant: Vec<u32>,
    lanes: Table<Queue>,
    ready: Ready,
    /// Enabled, but made to wait from outside.
    held: Held,
    /// Shown to whoever chooses.
    picks: Picks,
    /// Those that were named, for people.
    phases: Vec<Phase>,
    /// Kept only if choices are recorded or names checked.
    notes: Option<Notes>,
}

impl OpenInstant {
    pub(crate) fn new(order: Order, seed: u64, keeping: Keeping) -> Self {
        Self {
            seed,
            order,
            group_size: match order {
                Order::Fifo | Order::Rounds => 1,
                Order::Seeded => BAND,
            },
            at: Instant::START,
            keys: InstantKeys::new(seed, Instant::START),
            is_tied: false,
            enabler: Enabler::default(),
            seats: Vec::new(),
            vacant: Vec::new(),
            lanes: Table::default(),
            ready: Ready::default(),
            held: Held::default(),
            picks: Picks::default(),
            phases: Vec::new(),
            notes: Notes::new(keeping),
        }
    }

    /// Remembers the name of a phase: that with which it is used first.
    #[inline(never)]
    pub(crate) fn declare(&mut self, phase: Phase) {
        if !self.phases.contains(&phase) {
            self.phases.push(phase);
        }
    }

    /// Whether something is left to run.
    #[inline]
    pub(crate) const fn is_unfinished(&self) -> bool {
        self.ready.live() > 0
    }

    /// Whether the policy asks for names.
    #[inline]
    pub(crate) const fn asks_for_names(&self) -> bool {
        !matches!(self.order, Order::Fifo)
    }

    /// Opens an instant at which a single event is due. That event runs at once and needs no key: its wait would only
    /// shift all that comes of it alike.
    #[inline]
    pub(crate) fn open_lone(&mut self, at: Instant) {
        self.open(at);
        self.enabler.next_turn = 1;
    }

    /// Opens an instant; what is due then arrives next, followed by [`OpenInstant::settle`].
    #[inline]
    pub(crate) fn open(&mut self, at: Instant) {
        assert!(!self.is_unfinished(), "an instant is finished before the next opens");
        self.at = at;
        self.enabler = Enabler::default();
        if self.is_tied {
            self.clear();
        }
    }

    /// Forgets the instant before, and gives memory back that a larger one has taken.
    fn clear(&mut self) {
        self.is_tied = false;
        let used = self.seats.len();
        shrink(&mut self.seats, used);
        shrink(&mut self.vacant, used);
        self.seats.clear();
        self.vacant.clear();
        self.lanes.clear();
        self.ready.clear();
        self.held.clear();
        self.picks.clear();
        self.notes.iter_mut().for_each(Notes::clear);
    }

    /// Gets ready for events to arrive that were pending when the instant opened.
    pub(crate) fn begin(&mut self) -> Batch {
        self.tie();
        self.batch(0)
    }

    /// Gets ready for events to arrive that the last dispatch has scheduled or moved into the open instant.
    pub(crate) fn begin_later(&mut self) -> Batch {
        self.tie();
        let last = if self.order == Order::Rounds { GENERATION_MAX } else { u32::MAX };
        self.batch(self.enabler.generation.saturating_add(1).min(last))
    }

    fn tie(&mut self) {
        if !self.is_tied {
            self.is_tied = true;
            self.keys = InstantKeys::new(self.seed, self.at);
        }
    }

    /// What events of a generation have in common that the last dispatch enables.
    fn batch(&self, generation: u32) -> Batch {
        let (enabler, group) = (self.enabler, self.group(generation));
        let (frame, base) = match self.order {
            Order::Fifo => (Frame::default(), 0),
            Order::Seeded => (Frame::new(group, generation % BAND), enabler.moment),
            Order::Rounds => {
                (Frame::new(group, 0), if enabler.generation == generation { enabler.moment } else { 0 })
            }
        };
        Batch { generation, group, frame, base, turn_key: self.keys.turn_key(enabler.next_turn) }
    }

    /// Lets events arrive one after the other, as long as `due` gives slots, and brings them into order.
    ///
    /// What follows from a name takes long to work out, one step after the other, and so does the key. So names of some events
    /// are worked out together, and then their keys: the processor looks ahead over several of them at a time.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "many arrive in a row: measured to be 40 instructions shorter")]
    pub(crate) fn arrive_all<E>(
        &mut self,
        slots: &mut Slots<E>,
        batch: Batch,
        mut due: impl FnMut(&Slots<E>) -> Option<u32>,
        mut codes_of: impl FnMut(&E) -> NameCodes,
    ) {
        let mut arriving = [(NONE, Keyed::default()); TOGETHER];
        let mut count = TOGETHER;
        while count == TOGETHER {
            count = 0;
            while let Some(slot) = if count < TOGETHER { due(slots) } else { None } {
                arriving[count] = (slot, self.keyed(&slots[slot], &mut codes_of));
                count += 1;
            }
            for (slot, keyed) in &arriving[..count] {
                self.arrive(slots, *slot, *keyed, batch);
            }
        }
        self.settle();
    }

    /// What the order knows of an event: what follows from its name, if the policy asks for names.
    #[inline]
    pub(crate) fn keyed<E>(&self, event: &Slot<E>, codes_of: impl FnOnce(&E) -> NameCodes) -> Keyed {
        match &event.event {
            Some(event) if self.asks_for_names() => self.keys.keyed(codes_of(event)),
            _ => Keyed::default(),
        }
    }

    /// Lets the event of a slot arrive.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "many arrive in a row: measured to be 40 instructions shorter")]
    pub(crate) fn arrive<E>(&mut self, slots: &mut Slots<E>, slot: u32, keyed: Keyed, batch: Batch) {
        let event = &mut slots[slot];
        event.state = State::Open;
        if let Some(notes) = &mut self.notes {
            let group = Group { phase: event.phase, generations: batch.group };
            notes.add(slot, event.lane, group, keyed.code);
        }
        if event.lane == NONE {
            event.seat = self.enabler.next_turn;
            self.compete(event, slot, keyed, batch);
        } else {
            self.line_up(slots, slot, keyed, batch);
        }
    }

    /// Brings what was enabled since the last time into order.
    #[inline]
    pub(crate) fn settle(&mut self) {
        self.ready.settle();
    }

    /// The slot of the event that runs next.
    pub(crate) fn first<E>(&self, slots: &Slots<E>) -> Option<u32> {
        self.ready.first(slots).map(Entry::slot)
    }

    /// Takes the event that runs next out. What it was holding back is enabled by it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "measured to be 30 instructions shorter")]
    pub(crate) fn take<E>(&mut self, slots: &mut Slots<E>) -> Option<u32> {
        let entry = self.ready.pop(slots)?;
        Some(self.leave(slots, entry))
    }

    /// Makes the event of an entry that was taken out the enabler of what comes of it, and takes it out of its lane; returns
    /// its slot.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "measured to be 30 instructions shorter")]
    fn leave<E>(&mut self, slots: &mut Slots<E>, entry: Entry) -> u32 {
        let slot = entry.slot();
        let event = &slots[slot];
        let is_free = event.lane == NONE;
        let turn = if is_free { event.seat } else { self.seats[event.seat as usize].turn };
        let generation = self.generation_of(entry);
        self.enabler = Enabler { moment: entry.moment(), generation, next_turn: turn.saturating_add(1) };
        if self.notes.is_some() || !is_free {
            self.leave_noted(slots, entry);
        }
        slot
    }

    /// Takes an event out of its lane, and keeps what was noted of it.
    #[inline(never)]
    fn leave_noted<E>(&mut self, slots: &mut Slots<E>, entry: Entry) {
        let slot = entry.slot();
        let (lane, seat) = (slots[slot].lane, slots[slot].seat);
        self.notes.iter_mut().for_each(|notes| notes.take(slot));
        if lane != NONE {
            self.leave_lane(slots, lane, seat);
            self.settle();
        }
        self.look_for_twin(slots, entry);
    }

    /// What was noted of the event that was taken last.
    #[inline]
    pub(crate) fn noted(&self) -> Noted {
        self.notes.as_ref().map_or(Noted::default(), Notes::last)
    }

    /// Takes an event out that will not run at this instant; the last dispatch enables what it was holding back.
    pub(crate) fn remove<E>(&mut self, slots: &mut Slots<E>, slot: u32) {
        let event = &mut slots[slot];
        event.state = State::Out;
        let (lane, seat) = (event.lane, event.seat);
        if lane == NONE || self.seats[seat as usize].before == NONE {
            self.stop_competing(slots, slot);
        }
        if lane != NONE {
            self.leave_lane(slots, lane, seat);
            self.settle();
        }
    }

    /// Takes an enabled event out of the competition, unless it was made to wait and so takes no part.
    fn stop_competing<E>(&mut self, slots: &Slots<E>, slot: u32) {
        if self.held.forget(slot) {
            self.ready.forget_aside();
        } else {
            self.notes.iter_mut().for_each(|notes| notes.disable(slot));
            self.ready.forget(slots);
        }
    }

    /// Drops what is left of events that have left.
    pub(crate) fn sweep<E>(&mut self, slots: &Slots<E>) {
        self.ready.sweep(slots);
    }

    /// Gives every entry the sequence that its event has now; events must have kept their order.
    pub(crate) fn renumber<E>(&mut self, slots: &Slots<E>) {
        self.ready.renumber(slots);
        self.held.renumber(slots);
    }

    /// The slots of all that is left of the instant, each with its generation; under `fifo` none is told apart.
    pub(crate) fn generations<E>(&self, slots: &Slots<E>) -> Vec<(u32, u32)> {
        let waiting = |(slot, event): (u32, &Slot<E>)| {
            let seat = self.seats.get(event.seat as usize).filter(|seat| seat.before != NONE)?;
            (event.state == State::Open && event.lane != NONE).then_some((slot, seat.generation))
        };
        let enabled = self.ready.live_entries(slots).chain(self.held.entries());
        let enabled = enabled.map(|entry| (entry.slot(), self.generation_of(entry)));
        enabled.chain(slots.iter().filter_map(waiting)).collect()
    }

    /// How many entries there are, stale ones included.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> usize {
        self.ready.entries()
    }

    /// Asserts what always holds between two dispatches.
    pub(crate) fn check_invariants<E>(&self, slots: &Slots<E>) {
        let mut competing = self.ready.check_invariants(slots, self.held.slots().count());
        let could_run = competing.len();
        competing.extend(self.held.slots());
        competing.sort_unstable();
        let (mut enabled, mut seated) = (Vec::new(), 0);
        for (slot, event) in slots.iter().filter(|(_, event)| event.state == State::Open) {
            assert!(self.is_tied, "who is at the open instant has arrived");
            let is_free = event.lane == NONE;
            if !is_free {
                seated += 1;
                self.check_seat(slots, slot, event);
            }
            if is_free || self.seats[event.seat as usize].before == NONE {
                enabled.push(slot);
            }
        }
        assert_eq!(enabled, competing, "free events and heads of lanes are enabled, the others wait");
        assert_eq!(seated, self.seats.len() - self.vacant.len(), "who has left has no seat");
        self.notes.iter().for_each(|notes| notes.check_enabled(could_run));
    }

    /// Asserts that an event of a lane is linked with those before and behind it.
    fn check_seat<E>(&self, slots: &Slots<E>, slot: u32, event: &Slot<E>) {
        let seat = &self.seats[event.seat as usize];
        assert_eq!(seat.slot, slot, "an event of a lane has a seat");
        if let Some(before) = self.seats.get(seat.before as usize) {
            assert_eq!(before.after, event.seat, "a lane is linked in both directions");
            assert_eq!(slots[before.slot].lane, event.lane, "a lane is of its own");
            assert!(slots[before.slot].sequence < event.sequence, "a lane is in order");
        }
        if seat.after == NONE {
            let queue = self.lanes.get(lane_code(event.lane));
            assert_eq!(queue.map(|queue| queue.tail), Some(event.seat), "the last of a lane is its tail");
        }
    }

    fn take_seat(&mut self, seat: Seat) -> u32 {
        if let Some(at) = self.vacant.pop() {
            self.seats[at as usize] = seat;
            return at;
        }
        let at = u32::try_from(self.seats.len()).unwrap_or(NONE);
        assert!(at != NONE, "fewer than 2^32 events are at one instant");
        grow(&mut self.seats, 1);
        self.seats.push(seat);
        at
    }

    /// Puts an event at the end of its lane; the head is enabled at once.
    #[inline(never)]
    fn line_up<E>(&mut self, slots: &mut Slots<E>, slot: u32, keyed: Keyed, batch: Batch) {
        let (lane, phase) = (slots[slot].lane, slots[slot].phase);
        let new = Seat { slot, generation: batch.generation, turn: 0, before: NONE, after: NONE, keyed };
        let seat = self.take_seat(new);
        slots[slot].seat = seat;
        let queue = self.lanes.entry(lane_code(lane));
        let last = core::mem::replace(&mut queue.tail, seat);
        if last == NONE {
            queue.phase = phase;
            return self.enable(slots, seat, batch);
        }
        if queue.phase != phase {
            let [first, second] = [queue.phase, phase].map(|number| self.phase(number));
            panic!(
                "{:?} has events of {first} and {second} at {}: a lane lies in one phase",
                Lane::new(lane),
                self.at
            );
        }
        self.seats[last as usize].after = seat;
        self.seats[seat as usize].before = last;
    }

    /// The phase with this number, with the name that it was declared with.
    fn phase(&self, number: u8) -> Phase {
        let known = self.phases.iter().find(|phase| phase.number() == number);
        known.copied().unwrap_or_default()
    }

    /// Lets the head of a lane compete.
    fn enable<E>(&mut self, slots: &Slots<E>, seat: u32, batch: Batch) {
        let event = &mut self.seats[seat as usize];
        event.turn = self.enabler.next_turn;
        let Seat { slot, keyed, .. } = *event;
        self.notes.iter_mut().for_each(|notes| notes.enable(slot));
        self.compete(&slots[slot], slot, keyed, batch);
    }

    /// Gives an event its key and lets it compete; the last dispatch is what enables it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "many compete in a row: measured to be 40 instructions shorter")]
    fn compete<E>(&mut self, event: &Slot<E>, slot: u32, keyed: Keyed, batch: Batch) {
        let Batch { frame, base, turn_key, .. } = batch;
        let (hash, moment) = match self.order {
            Order::Fifo => (0, 0),
            Order::Seeded | Order::Rounds => {
                let (hash, wait) = draw(turn_key, keyed);
                (hash, base.saturating_add(wait))
            }
        };
        self.ready.push(Entry::new(frame.in_phase(event.phase), moment, hash, (event.sequence, slot)));
    }

    /// Vacates a seat; if it was the head of its lane, the next one is enabled.
    fn leave_lane<E>(&mut self, slots: &Slots<E>, lane: u32, seat: u32) {
        let Seat { before, after, .. } = self.seats[seat as usize];
        self.vacant.push(seat);
        if after == NONE {
            self.lanes.entry(lane_code(lane)).tail = before;
        } else {
            self.seats[after as usize].before = before;
        }
        if before != NONE {
            self.seats[before as usize].after = after;
        } else if after != NONE {
            let batch = self.batch(self.seats[after as usize].generation);
            self.enable(slots, after, batch);
        }
    }

    /// Forgets what was noted of slots from this one on, none of which is pending.
    pub(crate) fn forget_slots(&mut self, from: usize) {
        self.notes.iter_mut().for_each(|notes| notes.forget_slots(from));
    }

    /// The generation of the event of an entry; the last that is told apart if it was beyond.
    #[inline]
    const fn generation_of(&self, entry: Entry) -> u32 {
        entry.group() * self.group_size + entry.generation()
    }

    /// Which generations compete with each other.
    const fn group(&self, generation: u32) -> u32 {
        match self.order {
            Order::Fifo => 0,
            Order::Seeded | Order::Rounds => generation / self.group_size,
        }
    }

    /// Marks the choice of an event that was taken as one between events of one name, which the order of scheduling has
    /// decided.
    fn look_for_twin<E>(&mut self, slots: &Slots<E>, taken: Entry) {
        let Some(choice) = self.notes.as_mut().and_then(Notes::choice) else { return };
        // A twin stands right behind. So what is in front tells nearly always that there is none, be it live or stale.
        let is_near = |front: Entry| front < taken || front.is_twin_of(taken);
        choice.is_twin = !matches!(self.order, Order::Fifo)
            && self.ready.front().is_some_and(|(front, _)| is_near(front))
            && self.ready.peek(slots).is_some_and(|next| next.is_twin_of(taken));
    }
}

/// Lanes are numbers, which a table wants mixed.
const fn lane_code(lane: u32) -> u64 {
    mix(lane as u64)
}

mod guided;
mod picks;

use guided::Held;
pub(crate) use guided::candidate;
use picks::Picks;

#[cfg(test)]
mod tests;
