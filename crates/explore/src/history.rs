//! What happened in one run, as far as the search needs it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_kernel::{Candidate, Instant, Lane};

use crate::directory::{Directory, NameId};
use crate::event::EventRef;

/// How deep causes are written out. What is caused by a longer chain is counted in the whole run.
const CAUSES_MAX: u32 = 2;

/// An event that has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dispatch {
    /// Its name.
    pub name: NameId,
    /// The code of its actor.
    pub actor: u64,
    /// The how-manieth of its name it was in the run, from 1.
    pub repeat: u32,
    /// The how-manieth of its name it was among those of its cause, from 1.
    pub repeat_of_cause: u32,
    /// The number of the event that scheduled or moved it, from 1; 0 if it came from outside.
    pub cause: u64,
    /// When it ran.
    pub at: Instant,
    /// Its lane.
    pub lane: Option<Lane>,
    /// The number of its phase.
    pub phase: u8,
}

/// A draw that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Where.
    pub site: NameId,
    /// The how-manieth of its site, from 1.
    pub number: u32,
    /// The smallest value that was possible.
    pub low: u64,
    /// The greatest.
    pub high: u64,
    /// What was drawn.
    pub value: u64,
}

/// The events and draws of one run, in order.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The events.
    pub dispatches: Vec<Dispatch>,
    /// The draws.
    pub draws: Vec<Drawn>,
    counts: BTreeMap<NameId, u32>,
    counts_of_causes: BTreeMap<(NameId, u64), u32>,
    draws_of_sites: BTreeMap<NameId, u32>,
}

impl History {
    /// Which event of its name the next one with this name is: in the run, and among those of its cause.
    pub(crate) fn next_repeats(&self, name: NameId, cause: u64) -> (u32, u32) {
        let count = |count: Option<&u32>| count.map_or(1, |count| count + 1);
        (count(self.counts.get(&name)), count(self.counts_of_causes.get(&(name, cause))))
    }

    pub(crate) fn dispatched(&mut self, name: NameId, event: &Candidate, at: Instant) {
        let (repeat, repeat_of_cause) = self.next_repeats(name, event.cause);
        self.counts.insert(name, repeat);
        self.counts_of_causes.insert((name, event.cause), repeat_of_cause);
        self.dispatches.push(Dispatch {
            name,
            actor: event.codes.actor,
            repeat,
            repeat_of_cause,
            cause: event.cause,
            at,
            lane: event.lane,
            phase: event.phase,
        });
    }

    /// Which draw of its site the next one there is.
    pub(crate) fn next_draw(&self, site: NameId) -> u32 {
        self.draws_of_sites.get(&site).map_or(1, |count| count + 1)
    }

    pub(crate) fn drew(&mut self, drawn: Drawn) {
        self.draws_of_sites.insert(drawn.site, drawn.number);
        self.draws.push(drawn);
    }

    /// Returns the event with this number, from 1.
    #[must_use]
    pub fn event(&self, number: u64) -> Option<&Dispatch> {
        usize::try_from(number.checked_sub(1)?).ok().and_then(|at| self.dispatches.get(at))
    }

    /// Returns the number of an event of a constraint, from 1; `None` if it did not happen.
    #[must_use]
    pub fn number_of(&self, event: &EventRef, directory: &Directory) -> Option<u64> {
        let cause = match &event.cause {
            None => None,
            Some(cause) => Some(self.number_of(cause, directory)?),
        };
        let is_it = |dispatch: &Dispatch| {
            let is_counted = match cause {
                None => dispatch.repeat == event.repeat,
                Some(cause) => dispatch.cause == cause && dispatch.repeat_of_cause == event.repeat,
            };
            is_counted && directory.text(dispatch.name) == event.name
        };
        self.dispatches.iter().zip(1..).find(|(dispatch, _)| is_it(dispatch)).map(|(_, number)| number)
    }

    /// Returns how an event is called in a constraint.
    ///
    /// What another actor has caused is counted among the events of that cause, since others may cause such events as
    /// well. So is what comes more than once. All else is counted in the run.
    ///
    /// # Panics
    /// If there is no event with this number.
    #[must_use]
    pub fn reference(&self, number: u64, directory: &Directory) -> EventRef {
        self.reference_within(number, directory, CAUSES_MAX)
    }

    fn reference_within(&self, number: u64, directory: &Directory, causes: u32) -> EventRef {
        let event = self.event(number).unwrap_or_else(|| unreachable!("the event has run"));
        let name = directory.text(event.name).into();
        let counted = EventRef { name, repeat: event.repeat, cause: None };
        let Some(cause) = self.event(event.cause).filter(|_| causes > 0) else { return counted };
        let comes_again = self.counts.get(&event.name).is_some_and(|count| *count > 1);
        if cause.actor == event.actor && !comes_again {
            return counted;
        }
        let cause = self.reference_within(event.cause, directory, causes - 1);
        EventRef { repeat: event.repeat_of_cause, ..counted }.of(cause)
    }

    /// Whether an event led to another: it scheduled or moved it, stood before it in its lane, or led to one that did.
    /// `earlier` and `later` are numbers of events of one instant, `earlier` the smaller.
    pub(crate) fn led_to(&self, earlier: u64, later: u64) -> bool {
        let mut reached = alloc::collections::BTreeSet::from([earlier]);
        for number in earlier + 1..=later {
            let Some(event) = self.event(number) else { break };
            let is_behind = |other: &u64| {
                self.event(*other).is_some_and(|other| other.lane.is_some() && other.lane == event.lane)
            };
            if reached.contains(&event.cause) || reached.iter().any(is_behind) {
                reached.insert(number);
            }
        }
        reached.contains(&later)
    }
}
