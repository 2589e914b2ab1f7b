//! The events of one instant, and which of them could have run in place of another.
//!
//! A trace says how many events could run at a choice, not which. Those that could are among the events that ran later at the
//! instant and were scheduled before the choice. If there are more of these than the choice had, some stood behind others in
//! a lane: then the first of each actor is taken, and if that does not come out even, it is not known which.

use alloc::collections::BTreeSet;

use tiebreak_trace::{Causes, Trace};

/// Instants with more events than this are not looked at: their pairs would take too long.
const EVENTS_MAX: usize = 2_000;

/// The events of one instant, in the order in which they ran.
#[derive(Debug)]
pub(crate) struct InstantEvents {
    events: Vec<Event>,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    number: u64,
    /// The record that led to it; 0 if that was outside the run, or is not in the trace.
    cause: u64,
    actor: u64,
    /// How many events could run when it did, itself included; 1 if there was no choice.
    of: u32,
}

/// Events that could have run at a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Others {
    /// Their records, in the order in which they ran later.
    pub(crate) records: Vec<u64>,
    /// Whether it is these and no others.
    pub(crate) is_exact: bool,
}

impl InstantEvents {
    /// The events at the instant of a record; `None` if there are too many, or there is no such record.
    pub(crate) fn of(trace: &Trace, causes: &Causes, number: u64) -> Option<Self> {
        let at = trace.record(number)?.instant;
        let is_then = |number: &u64| trace.record(*number).is_some_and(|parts| parts.instant == at);
        let first = (1..=number).rev().take_while(is_then).last()?;
        let mut events = Vec::new();
        for number in (first..).take_while(is_then) {
            let Some(parts) = trace.record(number).filter(|parts| parts.event_code().is_some()) else {
                continue;
            };
            if events.len() == EVENTS_MAX {
                return None;
            }
            let cause = causes.cause(trace, number).unwrap_or(0);
            let of = parts.choice().map_or(1, |choice| choice.of);
            events.push(Event { number, cause, actor: parts.actor, of });
        }
        Some(Self { events })
    }

    /// The events that could have run in place of this one.
    pub(crate) fn in_place_of(&self, number: u64) -> Others {
        let start = self.events.partition_point(|event| event.number <= number);
        let Some(chosen) = self.events[..start].last().filter(|event| event.number == number) else {
            return Others { records: Vec::new(), is_exact: true };
        };
        let wanted = usize::try_from(chosen.of).unwrap_or(usize::MAX).saturating_sub(1);
        if wanted == 0 {
            return Others { records: Vec::new(), is_exact: true };
        }
        let later = || self.events[start..].iter().filter(|event| event.cause < number);
        let all: Vec<u64> = later().map(|event| event.number).collect();
        if all.len() == wanted {
            return Others { records: all, is_exact: true };
        }
        let mut actors = BTreeSet::from([chosen.actor]);
        let heads: Vec<u64> =
            later().filter(|event| actors.insert(event.actor)).map(|event| event.number).collect();
        if heads.len() == wanted {
            return Others { records: heads, is_exact: true };
        }
        Others { records: all, is_exact: false }
    }

    /// The events that ran at choices at which this one could have run, the nearest first.
    pub(crate) fn before(&self, number: u64) -> Others {
        let end = self.events.partition_point(|event| event.number < number);
        let mut ran = Others { records: Vec::new(), is_exact: true };
        for event in self.events[..end].iter().rev() {
            let others = self.in_place_of(event.number);
            if others.records.contains(&number) {
                ran.records.push(event.number);
                ran.is_exact &= others.is_exact;
            }
        }
        ran
    }
}
