//! All that is pending, for comparing two queues.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use crate::place::{Lane, Work};
use crate::queue::EventQueue;
use crate::slots::NONE;
use crate::time::{Instant, Span};

/// A pending event, and all that the queue knows of it but for its number in the order of scheduling.
#[derive(Debug)]
pub(crate) struct PendingEvent<'a, E> {
    pub(crate) event: &'a E,
    pub(crate) slot: u32,
    pub(crate) life: u32,
    due: Instant,
    /// Its lane, and how many events of that lane come before it at its instant.
    seat: Option<(u32, u32)>,
    phase: u8,
    work: Work,
    period: Option<Span>,
    /// At the open instant: how many events of this instant led to it.
    generation: Option<u32>,
    /// What scheduled it, if something records.
    cause: u64,
}

/// Not by slot and life, which are where it lies and not what it is.
impl<E: Hash> Hash for PendingEvent<'_, E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { event, slot: _, life: _, due, seat, phase, work, period, generation, cause } = self;
        event.hash(state);
        (due, seat, phase, work, period, generation, cause).hash(state);
    }
}

/// A pending event that is due at the next instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DueEvent<'a, E> {
    /// The event.
    pub event: &'a E,
    /// Its lane.
    pub lane: Option<Lane>,
}

/// A pending event, when it is due, and what led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduled<'a, E> {
    /// The event.
    pub event: &'a E,
    /// When it is due.
    pub due: Instant,
    /// The code of the event that scheduled it, or moved it last; `None` if that came from outside, or if nothing records.
    pub cause: Option<u64>,
}

impl<E> EventQueue<E> {
    /// All pending events by due instant; those of one instant in the order of scheduling.
    pub(crate) fn scheduled(&self) -> Vec<Scheduled<'_, E>> {
        let pending = self.pending_events().into_iter();
        let mut scheduled: Vec<_> = pending
            .map(|PendingEvent { event, due, cause, .. }| {
                let cause = (cause != 0).then_some(cause);
                Scheduled { event, due, cause }
            })
            .collect();
        scheduled.sort_by_key(|scheduled| scheduled.due);
        scheduled
    }

    /// The events that are due at the next instant, in the order of scheduling.
    pub(crate) fn due_events(&self) -> Vec<DueEvent<'_, E>> {
        let next = self.next_instant();
        let due = self.in_schedule_order(|slot| Some(slot.due) == next);
        let due = due.into_iter().map(|slot| &self.slots[slot]);
        due.filter_map(|slot| {
            let lane = (slot.lane != NONE).then(|| Lane::new(slot.lane));
            slot.event.as_ref().map(|event| DueEvent { event, lane })
        })
        .collect()
    }

    /// All pending events, in the order of scheduling.
    pub(crate) fn pending_events(&self) -> Vec<PendingEvent<'_, E>> {
        let generations: BTreeMap<u32, u32> = self.open.generations(&self.slots).into_iter().collect();
        let mut in_front = BTreeMap::new();
        let mut events = Vec::new();
        for slot in self.in_schedule_order(|_| true) {
            let entry = &self.slots[slot];
            let Some(event) = &entry.event else { continue };
            let seat = (entry.lane != NONE).then(|| {
                let in_front = in_front.entry((entry.lane, entry.due)).or_insert(0);
                *in_front += 1;
                (entry.lane, *in_front - 1)
            });
            events.push(PendingEvent {
                event,
                slot,
                life: entry.life,
                due: entry.due,
                seat,
                phase: entry.phase,
                work: entry.work,
                period: self.periods.get(&slot).map(|period| period.span),
                generation: generations.get(&slot).copied(),
                cause: self.causes.get(slot as usize).copied().unwrap_or_default(),
            });
        }
        events
    }
}
