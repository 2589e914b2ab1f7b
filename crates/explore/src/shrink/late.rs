//! Events that others have in the place of a failing run's.
//!
//! Most of them could have run in the failing run too, at an instant of it, had something else not cancelled them first: the timer
//! of a machine that is polled moves whenever something happens to it. They are seen where the failing run is retraced. What is
//! only reached in other orders is met there, a few at a time.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::{Candidate, Frontier};

use crate::directory::{Directory, NameId};
use crate::event::{Among, EventRef};
use crate::history::History;
use crate::shrink::material::{Due, Material, due};
use crate::strategy::Strategy;

/// An event that did not run in the failing run, but runs at one of its instants if it comes early enough: something there
/// cancels it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Late {
    /// The event.
    pub(super) event: EventRef,
    /// When it is due, together with events of the failing run.
    pub(super) due: Due,
}

/// Looks for late events. Each event of another run is looked up by its name, so that long runs can be compared.
pub(super) struct Search<'m, 'h> {
    material: &'m Material<'h>,
    /// The numbers of the failing run's events, by their repeats in the run.
    by_repeat: BTreeMap<(NameId, u32), u64>,
    /// The same, by their causes and their repeats among those of the cause.
    by_cause: BTreeMap<(NameId, u64, u32), u64>,
    found: Vec<Late>,
    known: BTreeSet<EventRef>,
}

impl<'m, 'h> Search<'m, 'h> {
    pub(super) fn new(material: &'m Material<'h>) -> Self {
        let numbered = || material.history().dispatches.iter().zip(1..);
        Self {
            material,
            by_repeat: numbered().map(|(event, number)| ((event.name, event.repeat), number)).collect(),
            by_cause: numbered()
                .map(|(event, number)| ((event.name, event.cause, event.repeat_of_cause), number))
                .collect(),
            found: Vec::new(),
            known: BTreeSet::new(),
        }
    }

    /// Adds the events that could run while the failing run was retraced, and never did.
    pub(super) fn add_passed_over(&mut self, retrace: Retrace<'_>, directory: &Directory) {
        let history = self.material.history();
        for (_, Seen { name, cause, due }) in retrace.seen {
            let of_name = history.dispatches.iter().filter(|event| directory.text(event.name) == name);
            let causes: Vec<u64> = of_name.map(|event| event.cause).collect();
            let ran = causes.iter().filter(|other| **other == cause).fold(0, |count: u32, _| count + 1);
            let counted = EventRef { name, repeat: ran + 1, among: Among::Run };
            let mut event = match cause {
                0 if causes.is_empty() => counted,
                0 => counted.from_outside(),
                _ => counted.of(history.reference(cause, directory)),
            };
            while !self.known.insert(event.clone()) {
                event.repeat += 1;
            }
            self.found.push(Late { event, due });
        }
    }

    /// Adds the events of another run that did not run in the failing one, but were due at an instant of it. Returns whether
    /// there are any that were not found before.
    pub(super) fn add(&mut self, other: &History, directory: &Directory) -> bool {
        let before = self.found.len();
        for (dispatch, number) in other.dispatches.iter().zip(1..) {
            if self.material.beside(due(dispatch)).is_empty() {
                continue;
            }
            let event = other.reference(number, directory);
            if self.number_of(&event, directory).is_none() && self.known.insert(event.clone()) {
                self.found.push(Late { event, due: due(dispatch) });
            }
        }
        self.found.len() > before
    }

    /// The number of an event in the failing run.
    fn number_of(&self, event: &EventRef, directory: &Directory) -> Option<u64> {
        let name = directory.known(&event.name)?;
        let cause = match &event.among {
            Among::Run => return self.by_repeat.get(&(name, event.repeat)).copied(),
            Among::Outside => 0,
            Among::Of(cause) => self.number_of(cause, directory)?,
        };
        self.by_cause.get(&(name, cause, event.repeat)).copied()
    }

    pub(super) fn found(&self) -> &[Late] {
        &self.found
    }

    pub(super) fn finish(self) -> Vec<Late> {
        self.found
    }
}

/// Lets the events of a run be next in the order of that run, and notes what else could have been.
pub(super) struct Retrace<'h> {
    history: &'h History,
    names: Vec<String>,
    /// What could run and has not, by its place in the order of scheduling.
    seen: BTreeMap<u32, Seen>,
    is_lost: bool,
}

/// An event that could run.
struct Seen {
    name: String,
    cause: u64,
    due: Due,
}

impl<'h> Retrace<'h> {
    /// Of this run, whose events have these names.
    pub(super) const fn new(history: &'h History, names: Vec<String>) -> Self {
        Self { history, names, seen: BTreeMap::new(), is_lost: false }
    }

    /// Which of the events that could run is the one that was next.
    fn next(&self, frontier: &Frontier<'_>) -> Option<usize> {
        let event = self.history.event(frontier.dispatched() + 1)?;
        let name = self.names.get(usize::try_from(frontier.dispatched()).ok()?)?;
        let is_it = |(candidate, place): (&Candidate, usize)| {
            candidate.cause == event.cause
                && candidate.codes.actor == event.actor
                && frontier.name(place) == *name
        };
        frontier.candidates().iter().zip(0..).position(is_it)
    }
}

impl Strategy for Retrace<'_> {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        let next = self.next(frontier).filter(|_| !self.is_lost);
        self.is_lost |= next.is_none();
        if next.is_some() {
            for (candidate, place) in frontier.candidates().iter().zip(0..) {
                let (cause, due) = (candidate.cause, (frontier.now(), candidate.phase));
                let seen = || Seen { name: frontier.name(place), cause, due };
                self.seen.entry(candidate.sequence).or_insert_with(seen);
            }
        }
        next.unwrap_or(0)
    }

    fn run(&mut self, event: &Candidate, _number: u64) {
        self.seen.remove(&event.sequence);
    }
}
