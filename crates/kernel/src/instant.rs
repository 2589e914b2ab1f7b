//! The open instant: who of the simultaneous events runs next.
//!
//! Events *arrive*: all that were pending when the instant opened, then what is scheduled into it. A free event, or the
//! first of its lane, is *enabled*: it gets its key and competes. Another *waits* behind its predecessor, and is enabled
//! when that one has run or was cancelled. The keys say everything; `order.rs` makes them, `docs/ORDER.md` explains them.
//!
//! What is enabled when the instant opens is sorted once, the *run*, and handed out from the front; what is enabled later
//! goes into a small heap, and the smaller of the two fronts is next. An event that leaves early is not searched for: its
//! entry goes stale, is skipped when it comes to the front, and swept out when more entries are stale than live.
//!
//! Invariants: the fronts of run and heap are live; a lane's events are linked in order, the head enabled and the others
//! waiting; `enabled` counts the live entries.

use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::due::shrink;
use crate::entry::{Entry, Parts, Sorter};
use crate::mix::mix;
use crate::order::{BAND, InstantKeys, Keyed, Order};
use crate::place::{Lane, Phase};
use crate::queue::Keeping;
use crate::ranks::Ranks;
use crate::record::Choice;
use crate::slots::NONE;
use crate::table::Table;
use crate::time::Instant;

/// So many newly enabled events are sorted together rather than pushed one by one.
const BATCH: usize = 8;
/// So many stale entries are tolerated beyond the number of live ones.
const STALE_MAX: usize = 64;

/// The last generation that is told apart under `rounds`.
const GENERATION_MAX: u32 = (1 << 28) - 1;

/// The dispatch after which nothing but the order holds an event back.
#[derive(Debug, Clone, Copy, Default)]
struct Enabler {
    moment: u64,
    generation: u32,
    /// The turn of what it enables.
    next_turn: u32,
}

/// An event of the open instant.
#[derive(Debug, Clone, Copy)]
struct Seat {
    slot: u32,
    sequence: u32,
    /// The number of the lane, or `NONE`.
    lane: u32,
    generation: u32,
    turn: u32,
    keyed: Keyed,
    /// Neighbours in the lane, by seat.
    before: u32,
    after: u32,
    /// Place in the ranks of its group.
    rank: u32,
    phase: u8,
    is_enabled: bool,
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

/// An event that comes into the open instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) slot: u32,
    pub(crate) sequence: u32,
    /// The number of the lane, or `NONE`.
    pub(crate) lane: u32,
    pub(crate) phase: u8,
    pub(crate) keyed: Keyed,
}

/// The event that runs next, taken out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chosen {
    pub(crate) slot: u32,
    /// The code of the name by which it was ordered; 0 if names were not asked for.
    pub(crate) code: u64,
    /// Which of the events that could run it was; `None` if there was no other, or if nobody asked.
    pub(crate) choice: Option<Choice>,
}

/// The events of the open instant.
#[derive(Debug, Clone)]
pub(crate) struct OpenInstant {
    seed: u64,
    order: Order,
    at: Instant,
    /// Made when the first event arrives: a lone event is handed out without.
    keys: Option<InstantKeys>,
    enabler: Enabler,
    seats: Vec<Seat>,
    vacant: Vec<u32>,
    lanes: Table<Queue>,
    /// Enabled and not in order yet.
    incoming: Vec<Entry>,
    run: Vec<Entry>,
    /// How much of the run is gone.
    gone: usize,
    late: BinaryHeap<Reverse<Entry>>,
    sorter: Sorter,
    enabled: usize,
    /// Those that were named, for people.
    phases: Vec<Phase>,
    /// By phase and group, kept only if choices are recorded.
    ranks: Option<BTreeMap<(u8, u32), Ranks>>,
}

impl OpenInstant {
    pub(crate) fn new(order: Order, seed: u64, keeping: Keeping) -> Self {
        Self {
            seed,
            order,
            at: Instant::START,
            keys: None,
            enabler: Enabler::default(),
            seats: Vec::new(),
            vacant: Vec::new(),
            lanes: Table::default(),
            incoming: Vec::new(),
            run: Vec::new(),
            gone: 0,
            late: BinaryHeap::new(),
            sorter: Sorter::default(),
            phases: Vec::new(),
            enabled: 0,
            ranks: (keeping != Keeping::Nothing).then(BTreeMap::new),
        }
    }

    /// Remembers the name of a phase: that with which it is used first.
    pub(crate) fn declare(&mut self, phase: Phase) {
        if !self.phases.contains(&phase) {
            self.phases.push(phase);
        }
    }

    /// Whether something is left to run.
    #[inline]
    pub(crate) const fn is_unfinished(&self) -> bool {
        self.enabled > 0
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
        if self.keys.is_some() {
            self.clear();
        }
    }

    /// Forgets the instant before, and gives memory back that a larger one has taken.
    fn clear(&mut self) {
        self.keys = None;
        shrink(&mut self.seats);
        shrink(&mut self.run);
        self.seats.clear();
        self.vacant.clear();
        self.lanes.clear();
        self.run.clear();
        self.gone = 0;
        self.ranks.iter_mut().for_each(BTreeMap::clear);
    }

    /// What the order knows of an event, given the codes of its name.
    #[inline]
    pub(crate) fn keys(&mut self) -> &mut InstantKeys {
        let Self { seed, at, .. } = *self;
        self.keys.get_or_insert_with(|| InstantKeys::new(seed, at))
    }

    /// Lets an event that was pending when the instant opened arrive; returns its seat.
    pub(crate) fn arrive(&mut self, arrival: Arrival) -> u32 {
        self.arrive_in(arrival, 0)
    }

    /// Lets an event arrive that the last dispatch has scheduled or moved into the open instant; returns its seat.
    pub(crate) fn arrive_later(&mut self, arrival: Arrival) -> u32 {
        self.arrive_in(arrival, self.enabler.generation.saturating_add(1))
    }

    fn arrive_in(&mut self, arrival: Arrival, generation: u32) -> u32 {
        self.keys();
        let Arrival { slot, sequence, lane, phase, keyed } = arrival;
        let group = (phase, self.group(generation));
        let rank = self.ranks.as_mut().map_or(0, |ranks| ranks.entry(group).or_default().push());
        let seat = self.take_seat(Seat {
            slot,
            sequence,
            lane,
            generation,
            turn: 0,
            keyed,
            before: NONE,
            after: NONE,
            rank,
            phase,
            is_enabled: false,
        });
        if lane == NONE || self.line_up(lane, phase, seat) {
            self.enable(seat);
        }
        seat
    }

    /// Brings what was enabled since the last time into order.
    #[inline]
    pub(crate) fn settle(&mut self) {
        if !self.incoming.is_empty() {
            self.put_in_order();
        }
        self.trim();
    }

    fn put_in_order(&mut self) {
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

    /// The slot of the event that runs next.
    pub(crate) fn first(&self) -> Option<u32> {
        self.front().map(|(entry, _)| self.seats[entry.seat() as usize].slot)
    }

    /// Takes the event that runs next out. What it was holding back is enabled by it.
    pub(crate) fn take(&mut self) -> Option<Chosen> {
        let (entry, is_in_run) = self.front()?;
        let Seat { slot, generation, turn, keyed, .. } = self.seats[entry.seat() as usize];
        let choice = self.choice(entry);
        self.enabler = Enabler { moment: entry.moment(), generation, next_turn: turn.saturating_add(1) };
        if is_in_run {
            self.gone += 1;
        } else {
            self.late.pop();
        }
        self.leave(entry.seat());
        self.settle();
        Some(Chosen { slot, code: keyed.code, choice: choice.map(|choice| self.with_twin(choice, entry)) })
    }

    /// Takes an event out that will not run at this instant; the last dispatch enables what it was holding back.
    pub(crate) fn remove(&mut self, seat: u32) {
        self.leave(seat);
        self.settle();
        self.sweep();
    }

    /// Gives every event a new sequence; `renumber` must keep their order.
    pub(crate) fn renumber(&mut self, renumber: impl Fn(u32) -> u32) {
        self.sweep_all();
        let renew = |seats: &[Seat], entry: Entry| entry.with_sequence(seats[entry.seat() as usize].sequence);
        for seat in &mut self.seats {
            seat.sequence = renumber(seat.slot);
        }
        let Self { seats, run, late, .. } = self;
        for entry in run.iter_mut() {
            *entry = renew(seats, *entry);
        }
        *late = late.drain().map(|Reverse(entry)| Reverse(renew(seats, entry))).collect();
    }

    /// How many entries there are, stale ones included.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> usize {
        self.run.len() + self.late.len()
    }

    /// Asserts what always holds between two dispatches, given how many events are at the open instant.
    pub(crate) fn check_invariants(&self, present: usize) {
        let live = |entry: &&Entry| self.is_live(**entry);
        let in_late = self.late.iter().map(|Reverse(entry)| entry).filter(live).count();
        let in_run = self.run[self.gone..].iter().filter(live).count();
        assert_eq!(in_run + in_late, self.enabled, "the enabled ones are in the run or came late");
        assert!(self.incoming.is_empty(), "nothing is left to be put in order");
        assert!(self.run[self.gone..].is_sorted(), "the run is in order");
        assert!(self.front().is_none_or(|(entry, _)| self.is_live(entry)), "the front is live");
        if self.keys.is_none() {
            assert_eq!(present, 0, "an instant without keys has no events left");
            return;
        }
        let is_taken = |at: usize| !self.vacant.iter().any(|vacant| *vacant as usize == at);
        let taken: Vec<&Seat> =
            (0..).zip(&self.seats).filter(|(at, _)| is_taken(*at)).map(|(_, seat)| seat).collect();
        assert_eq!(taken.len(), present, "who is at the open instant has a seat");
        assert_eq!(
            taken.iter().filter(|seat| seat.is_enabled).count(),
            self.enabled,
            "all enabled events are counted"
        );
        for seat in &taken {
            assert_eq!(seat.is_enabled, seat.before == NONE, "heads are enabled, the others wait");
            let before = self.seats.get(seat.before as usize);
            assert!(before.is_none_or(|before| before.sequence < seat.sequence), "a lane is in order");
        }
    }

    fn take_seat(&mut self, seat: Seat) -> u32 {
        if let Some(at) = self.vacant.pop() {
            self.seats[at as usize] = seat;
            return at;
        }
        let at = u32::try_from(self.seats.len()).unwrap_or(NONE);
        assert!(at != NONE, "fewer than 2^32 events are at one instant");
        self.seats.push(seat);
        at
    }

    /// Puts an event at the end of its lane; returns whether it is the head.
    fn line_up(&mut self, lane: u32, phase: u8, seat: u32) -> bool {
        let queue = self.lanes.entry(lane_code(lane));
        let last = core::mem::replace(&mut queue.tail, seat);
        if last == NONE {
            queue.phase = phase;
            return true;
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
        false
    }

    /// The phase with this number, with the name that it was declared with.
    fn phase(&self, number: u8) -> Phase {
        let known = self.phases.iter().find(|phase| phase.number() == number);
        known.copied().unwrap_or_default()
    }

    /// Gives an event its key and lets it compete; the last dispatch is what enables it.
    fn enable(&mut self, seat: u32) {
        let enabler = self.enabler;
        let event = &mut self.seats[seat as usize];
        let Seat { phase, generation, keyed, sequence, rank, .. } = *event;
        (event.turn, event.is_enabled) = (enabler.next_turn, true);
        let fifo = Parts { phase, group: 0, moment: 0, generation: 0, hash: 0, sequence, seat };
        let parts = match self.order {
            Order::Fifo => fifo,
            Order::Seeded => {
                let (hash, wait) = self.keys().draw(enabler.next_turn, keyed);
                let (group, generation) = (generation / BAND, generation % BAND);
                Parts { group, moment: enabler.moment.saturating_add(wait), generation, hash, ..fifo }
            }
            Order::Rounds => {
                let (hash, wait) = self.keys().draw(enabler.next_turn, keyed);
                let base = if enabler.generation == generation { enabler.moment } else { 0 };
                let group = generation.min(GENERATION_MAX);
                Parts { group, moment: base.saturating_add(wait), hash, ..fifo }
            }
        };
        self.incoming.push(Entry::new(parts));
        self.enabled += 1;
        if self.ranks.is_some() {
            self.ranks_of(phase, generation).into_iter().for_each(|ranks| ranks.enable(rank));
        }
    }

    /// Vacates a seat; if it was the head of a lane, the next one is enabled.
    fn leave(&mut self, seat: u32) {
        let Seat { lane, before, after, is_enabled, rank, phase, generation, .. } = self.seats[seat as usize];
        self.vacant.push(seat);
        self.seats[seat as usize].is_enabled = false;
        if is_enabled {
            self.enabled -= 1;
            if self.ranks.is_some() {
                self.ranks_of(phase, generation).into_iter().for_each(|ranks| ranks.disable(rank));
            }
        }
        if lane == NONE {
            return;
        }
        let queue = self.lanes.entry(lane_code(lane));
        if after == NONE {
            queue.tail = before;
        } else {
            self.seats[after as usize].before = before;
        }
        if before != NONE {
            self.seats[before as usize].after = after;
            return;
        }
        if after != NONE {
            self.enable(after);
        }
    }

    /// The ranks of a group.
    fn ranks_of(&mut self, phase: u8, generation: u32) -> Option<&mut Ranks> {
        let group = self.group(generation);
        self.ranks.as_mut()?.get_mut(&(phase, group))
    }

    /// Which generations compete with each other.
    const fn group(&self, generation: u32) -> u32 {
        match self.order {
            Order::Fifo => 0,
            Order::Seeded => generation / BAND,
            Order::Rounds => {
                if generation < GENERATION_MAX {
                    generation
                } else {
                    GENERATION_MAX
                }
            }
        }
    }

    fn choice(&self, entry: Entry) -> Option<Choice> {
        let seat = &self.seats[entry.seat() as usize];
        let ranks = self.ranks.as_ref()?.get(&(seat.phase, self.group(seat.generation)))?;
        let of = ranks.enabled();
        (of > 1).then(|| Choice { index: ranks.before(seat.rank), of, is_twin: false })
    }

    /// Marks a choice between events of one name, which the order of scheduling has decided.
    fn with_twin(&self, choice: Choice, taken: Entry) -> Choice {
        let is_twin = self.asks_for_names() && self.front().is_some_and(|(next, _)| next.is_twin_of(taken));
        Choice { is_twin, ..choice }
    }

    /// The smallest live entry, and whether it is in the run.
    #[inline]
    fn front(&self) -> Option<(Entry, bool)> {
        match (self.run.get(self.gone), self.late.peek()) {
            (Some(run), Some(Reverse(late))) => Some(if run < late { (*run, true) } else { (*late, false) }),
            (Some(run), None) => Some((*run, true)),
            (None, Some(Reverse(late))) => Some((*late, false)),
            (None, None) => None,
        }
    }

    fn is_live(&self, entry: Entry) -> bool {
        let seat = &self.seats[entry.seat() as usize];
        seat.is_enabled && seat.sequence == entry.sequence()
    }

    /// Skips what is stale at the fronts.
    #[inline]
    fn trim(&mut self) {
        while self.run.get(self.gone).is_some_and(|entry| !self.is_live(*entry)) {
            self.gone += 1;
        }
        while self.late.peek().is_some_and(|Reverse(entry)| !self.is_live(*entry)) {
            self.late.pop();
        }
    }

    /// Sweeps stale entries out if there are too many.
    fn sweep(&mut self) {
        if self.run.len() - self.gone + self.late.len() > 2 * self.enabled + STALE_MAX {
            self.sweep_all();
        }
    }

    fn sweep_all(&mut self) {
        let (mut run, mut late) = (core::mem::take(&mut self.run), core::mem::take(&mut self.late));
        run.drain(..self.gone);
        self.gone = 0;
        run.retain(|entry| self.is_live(*entry));
        late.retain(|Reverse(entry)| self.is_live(*entry));
        (self.run, self.late) = (run, late);
    }
}

/// Lanes are numbers, which a table wants mixed.
const fn lane_code(lane: u32) -> u64 {
    mix(lane as u64)
}

#[cfg(test)]
mod tests;
