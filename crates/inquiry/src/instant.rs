//! The events of one instant, and which of them could have run in place of another.
//!
//! A trace says how many events could run at a choice, not which. Those that could are among the events that ran later at the
//! instant and were scheduled before the choice. If there are more of these than the choice had, some stood behind others in
//! a lane: then the first of each actor is taken, and if that does not come out even, it is not known which. If there are fewer,
//! the others did not run at the instant: they were cancelled or moved after the choice, or the run ended before them.

use alloc::collections::{BTreeMap, BTreeSet, BinaryHeap};

use tiebreak_kernel::Instant;
use tiebreak_trace::{Causes, Trace};

/// Instants with more events than this are not looked at.
const EVENTS_MAX: usize = 50_000;

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
    /// How many other events could run when it did.
    others: usize,
    /// How many events ran later and were scheduled before it ran.
    later: usize,
    /// Of how many actors these are, without its own.
    actors: usize,
}

/// Which of the events that ran later, and were scheduled before the choice, could have run in place of the one chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Candidates {
    /// There was no choice.
    None,
    /// All of them.
    All,
    /// The first of each actor but its own.
    Heads,
    /// Some of them.
    Unclear,
}

impl Event {
    fn candidates(&self) -> Candidates {
        let Self { others, later, actors, .. } = *self;
        if others == 0 {
            Candidates::None
        } else if later == others {
            Candidates::All
        } else if actors == others || (later < others && actors == later) {
            // Where each is of an actor of its own, none stood behind another.
            Candidates::Heads
        } else {
            Candidates::Unclear
        }
    }
}

/// Events that could have run at a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Others {
    /// Their records, in the order in which they ran later.
    pub(crate) records: Vec<u64>,
    /// How many more could have run, and did not run at the instant, as far as is known.
    pub(crate) gone: usize,
    /// Whether it is these and no others that ran.
    pub(crate) is_exact: bool,
}

impl Others {
    const NONE: Self = Self { records: Vec::new(), gone: 0, is_exact: true };
}

impl InstantEvents {
    /// The events at the instant of a record; `None` if there are too many, or there is no such record.
    ///
    /// # Cost
    /// n log n for n events at the instant, and a look at each of its records.
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
            let others = usize::try_from(of).unwrap_or(usize::MAX).saturating_sub(1);
            events.push(Event { number, cause, actor: parts.actor, others, later: 0, actors: 0 });
        }
        count_later(&mut events);
        Some(Self { events })
    }

    /// The events that could have run in place of this one.
    pub(crate) fn in_place_of(&self, number: u64) -> Others {
        let start = self.events.partition_point(|event| event.number <= number);
        let Some(chosen) = self.events[..start].last().filter(|event| event.number == number) else {
            return Others::NONE;
        };
        let later = self.events[start..].iter().filter(|event| event.cause < number);
        let gone = |known: usize| chosen.others.saturating_sub(known);
        match chosen.candidates() {
            Candidates::None => Others::NONE,
            Candidates::All => {
                let records = later.take(chosen.later).map(|event| event.number).collect();
                Others { records, gone: 0, is_exact: true }
            }
            Candidates::Heads => {
                let mut actors = BTreeSet::from([chosen.actor]);
                let heads = later.filter(|event| actors.insert(event.actor)).take(chosen.actors);
                let records = heads.map(|event| event.number).collect();
                Others { records, gone: gone(chosen.actors), is_exact: true }
            }
            Candidates::Unclear => {
                let records = later.take(chosen.later).map(|event| event.number).collect();
                Others { records, gone: gone(chosen.later), is_exact: false }
            }
        }
    }

    /// How many events ran between the cause of one and itself: these are looked at to say what it could have run in place of.
    pub(crate) fn between(&self, number: u64) -> usize {
        let start = self.events.partition_point(|event| event.number < number);
        let cause = self.events.get(start).map_or(0, |event| event.cause);
        start - self.events[..start].partition_point(|event| event.number <= cause)
    }

    /// The events that ran at choices at which this one could have run, the nearest first.
    ///
    /// # Cost
    /// A look at each event between its cause and itself.
    pub(crate) fn before(&self, number: u64) -> Others {
        let mut ran = Others::NONE;
        let start = self.events.partition_point(|event| event.number < number);
        let Some(own) = self.events.get(start).filter(|event| event.number == number) else { return ran };
        // The least cause of an event of its own actor between the choice and itself: where that was scheduled before the choice,
        // it stands in front of this one.
        let mut in_front = u64::MAX;
        for event in self.events[..start].iter().rev().take_while(|event| own.cause < event.number) {
            let is_candidate = match event.candidates() {
                Candidates::None => false,
                Candidates::All | Candidates::Unclear => true,
                Candidates::Heads => event.actor != own.actor && in_front >= event.number,
            };
            if is_candidate {
                ran.records.push(event.number);
                ran.is_exact &= event.candidates() != Candidates::Unclear;
            }
            if event.actor == own.actor {
                in_front = in_front.min(event.cause);
            }
        }
        ran
    }
}

/// The events of the instant that was asked about last: records on a causal chain often have one instant.
#[derive(Debug)]
pub(crate) struct Instants<'a> {
    trace: &'a Trace,
    causes: &'a Causes,
    last: Option<(Instant, Option<InstantEvents>)>,
}

impl<'a> Instants<'a> {
    pub(crate) const fn new(trace: &'a Trace, causes: &'a Causes) -> Self {
        Self { trace, causes, last: None }
    }

    /// The instant of an event, and the events at it; `None` if it is none, or if there are too many.
    pub(crate) fn of(&mut self, number: u64) -> Option<(Instant, &InstantEvents)> {
        let parts = self.trace.record(number)?;
        parts.event_code()?;
        let at = parts.instant;
        if self.last.as_ref().is_none_or(|(last, _)| *last != at) {
            self.last = Some((at, InstantEvents::of(self.trace, self.causes, number)));
        }
        let (_, events) = self.last.as_ref()?;
        events.as_ref().map(|events| (at, events))
    }
}

/// Counts for each event those that ran later and were scheduled before it ran. Goes from the last to the first: each adds itself to
/// those that ran later, and those that it or a later one has scheduled leave them for good.
fn count_later(events: &mut [Event]) {
    let mut later: BinaryHeap<(u64, u64)> = BinaryHeap::new();
    let mut actors: BTreeMap<u64, usize> = BTreeMap::new();
    for event in events.iter_mut().rev() {
        while later.peek().is_some_and(|(cause, _)| *cause >= event.number) {
            if let Some((_, actor)) = later.pop() {
                let left = actors.entry(actor).or_default();
                *left -= 1;
                if *left == 0 {
                    actors.remove(&actor);
                }
            }
        }
        event.later = later.len();
        event.actors = actors.len() - usize::from(actors.contains_key(&event.actor));
        later.push((event.cause, event.actor));
        *actors.entry(event.actor).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection;
    use proptest::prelude::*;

    use super::*;
    use crate::written::{BELL, EAST, ECHO, RING, WEST, written};
    use tiebreak_kernel::Term;

    /// Who could have run in place of the event of a record, and at the choices of which it could have run.
    fn told(trace: &Trace, number: u64) -> [Others; 2] {
        let events = InstantEvents::of(trace, &Causes::of(trace), number).unwrap();
        [events.in_place_of(number), events.before(number)]
    }

    fn others(records: &[u64], gone: usize) -> Others {
        Others { records: records.to_vec(), gone, is_exact: true }
    }

    /// What is told if some of them may have stood behind others.
    fn unclear(records: &[u64], gone: usize) -> Others {
        Others { is_exact: false, ..others(records, gone) }
    }

    /// Events at one second, all of which a start has scheduled: each with how many could run.
    fn at_once(events: &[(Term, u32)]) -> Trace {
        written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            for (number, (actor, of)) in (1..).zip(events) {
                let choice = (*of > 1).then_some((0, *of));
                trace.choice(1_000, (*actor, ECHO, number), Some(start), choice);
            }
            // An event of the next instant is no candidate.
            trace.event(2_000, WEST, RING, Some(start));
        })
    }

    #[test]
    fn what_was_scheduled_at_the_instant_after_a_choice_was_no_candidate() {
        let trace = written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            let first = trace.choice(1_000, (EAST, RING, 1), Some(start), Some((1, 2)));
            // These two came of what was chosen; only the last event was there before.
            let second = trace.choice(1_000, (WEST, ECHO, 1), Some(first), Some((1, 2)));
            trace.choice(1_000, (BELL, ECHO, 1), Some(second), Some((1, 2)));
            trace.choice(1_000, (WEST, RING, 1), Some(start), None);
        });
        assert_eq!(told(&trace, 2), [others(&[5], 0), Others::NONE]);
        assert_eq!(told(&trace, 3), [others(&[5], 0), Others::NONE]);
        assert_eq!(told(&trace, 5), [Others::NONE, others(&[4, 3, 2], 0)]);
    }

    #[test]
    fn of_events_of_one_actor_that_stand_behind_each_other_the_first_could_run() {
        let trace = at_once(&[(BELL, 3), (EAST, 2), (EAST, 2), (WEST, 1)]);
        assert_eq!(told(&trace, 2)[0], others(&[3, 5], 0));
        // Two of the three could run in place of the second one; it is of the same actor as the third.
        assert_eq!(told(&trace, 3)[0], others(&[5], 0));
        assert_eq!(told(&trace, 5)[1], others(&[4, 3, 2], 0));
        assert_eq!(told(&trace, 4)[1], others(&[], 0), "it stood behind the second");
        let behind = at_once(&[(BELL, 3), (EAST, 1), (EAST, 1), (EAST, 1)]);
        assert_eq!(told(&behind, 2)[0], unclear(&[3, 4, 5], 0));
    }

    #[test]
    fn candidates_that_did_not_run_are_counted_and_the_others_are_known() {
        let trace = at_once(&[(BELL, 3), (WEST, 1)]);
        assert_eq!(told(&trace, 2)[0], others(&[3], 1));
        assert_eq!(told(&trace, 3)[1], others(&[2], 0));
        let alone = at_once(&[(BELL, 3)]);
        assert_eq!(told(&alone, 2)[0], others(&[], 2));
        let behind = at_once(&[(BELL, 4), (BELL, 1)]);
        assert_eq!(told(&behind, 2)[0], unclear(&[3], 2), "it may have stood behind the first");
    }

    #[test]
    fn too_many_events_at_one_instant_are_not_looked_at() {
        let many = |count: usize| at_once(&vec![(EAST, 1); count]);
        let of = |trace: &Trace| InstantEvents::of(trace, &Causes::of(trace), 2).map(|all| all.events.len());
        assert_eq!(of(&many(EVENTS_MAX)), Some(EVENTS_MAX));
        assert_eq!(of(&many(EVENTS_MAX + 1)), None);
    }

    /// Who could have run in place of an event, and at whose choices it could have run, by looking at all pairs.
    fn slow(events: &[Event], number: u64) -> [Others; 2] {
        let in_place_of = |chosen: &Event| {
            let later =
                || events.iter().filter(|event| event.number > chosen.number && event.cause < chosen.number);
            let all: Vec<u64> = later().map(|event| event.number).collect();
            let mut actors = BTreeSet::from([chosen.actor]);
            let heads: Vec<u64> =
                later().filter(|event| actors.insert(event.actor)).map(|event| event.number).collect();
            if chosen.others == 0 {
                Others::NONE
            } else if all.len() == chosen.others {
                Others { records: all, gone: 0, is_exact: true }
            } else if heads.len() == chosen.others || (all.len() < chosen.others && heads.len() == all.len())
            {
                Others { gone: chosen.others - heads.len(), records: heads, is_exact: true }
            } else {
                Others { gone: chosen.others.saturating_sub(all.len()), records: all, is_exact: false }
            }
        };
        let mut before = Others::NONE;
        for event in events.iter().rev().filter(|event| event.number < number) {
            let others = in_place_of(event);
            if others.records.contains(&number) {
                before.records.push(event.number);
                before.is_exact &= others.is_exact;
            }
        }
        let own = events.iter().find(|event| event.number == number).map(in_place_of);
        [own.unwrap_or(Others::NONE), before]
    }

    proptest! {
        #[test]
        fn who_could_run_is_what_a_look_at_all_pairs_finds(
            drawn in collection::vec((0_u64..4, 0_u64..24, 0_usize..6, 1_u64..3), 1..24),
        ) {
            let mut number = 3;
            let mut events = Vec::new();
            for (actor, cause, others, step) in drawn {
                number += step;
                // Any cause before it: outside the run, an earlier instant, or an event of this one.
                events.push(Event { number, cause: cause % number, actor, others, later: 0, actors: 0 });
            }
            count_later(&mut events);
            let instant = InstantEvents { events: events.clone() };
            for number in 0..number + 2 {
                let told = [instant.in_place_of(number), instant.before(number)];
                prop_assert_eq!(told, slow(&events, number), "{}", number);
            }
        }
    }
}
