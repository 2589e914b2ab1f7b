//! What constraints are made from: the events of a failing run, and those that others have in their place.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::directory::Directory;
use crate::event::{Constraint, EventRef, FixedDraw};
use crate::history::{Drawn, History};
use crate::shrink::Cause;

/// Runs with more events are not compared event by event.
const COMPARED_MAX: usize = 2_000;

/// An event that did not run in the failing run, but runs at one of its instants if it comes early enough: something there
/// cancels it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Late {
    /// The event.
    event: EventRef,
    /// The events of the failing run that are due together with it.
    beside: Vec<u64>,
}

/// The events of a run that constraints are made from.
pub(super) struct Material<'a> {
    history: &'a History,
    references: BTreeMap<u64, EventRef>,
}

impl<'a> Material<'a> {
    pub(super) fn new(history: &'a History, directory: &Directory) -> Self {
        let numbers = 1..=history.dispatches.len() as u64;
        let references = numbers.map(|number| (number, history.reference(number, directory))).collect();
        Self { history, references }
    }

    /// The failing run.
    pub(super) const fn history(&self) -> &History {
        self.history
    }

    /// The events of instants at which there are several, instant by instant.
    pub(super) fn instants(&self) -> Vec<Vec<u64>> {
        let mut instants: Vec<Vec<u64>> = Vec::new();
        let mut last = None;
        for (event, number) in self.history.dispatches.iter().zip(1..) {
            match instants.last_mut() {
                Some(instant) if last == Some(event.at) => instant.push(number),
                Some(_) | None => instants.push(Vec::from([number])),
            }
            last = Some(event.at);
        }
        instants.retain(|instant| instant.len() > 1);
        instants
    }

    fn constraint(&self, (before, after): (u64, u64)) -> Constraint {
        Constraint { before: self.references[&before].clone(), after: self.references[&after].clone() }
    }

    fn is_at_one_instant(&self, (first, second): (u64, u64)) -> bool {
        let [first, second] =
            [first, second].map(|number| self.history.event(number).map(|event| (event.at, event.phase)));
        first == second
    }

    /// Keeps the order of these events, instant by instant.
    fn chain(&self, events: &[u64]) -> Vec<Constraint> {
        let pairs = events.windows(2).map(|pair| (pair[0], pair[1]));
        pairs.filter(|pair| self.is_at_one_instant(*pair)).map(|pair| self.constraint(pair)).collect()
    }

    /// Keeps the order of these events, and lets those that are late come last at their instants.
    pub(super) fn chained(&self, events: &[u64], late: &[Late], draws: &[FixedDraw]) -> Cause {
        let mut constraints = self.chain(events);
        constraints.extend(late.iter().filter_map(|late| {
            let before = self.references.get(late.beside.last()?)?.clone();
            Some(Constraint { before, after: late.event.clone() })
        }));
        Cause { constraints, draws: draws.to_vec() }
    }

    /// Adds the events of another run that did not run in this one, but were due at an instant of it.
    pub(super) fn add_late(&self, other: &History, directory: &Directory, late: &mut Vec<Late>) {
        if other.dispatches.len().max(self.history.dispatches.len()) > COMPARED_MAX {
            return;
        }
        for (dispatch, number) in other.dispatches.iter().zip(1..) {
            let beside = self.history.dispatches.iter().zip(1..);
            let beside = beside.filter(|(event, _)| (event.at, event.phase) == (dispatch.at, dispatch.phase));
            let beside: Vec<u64> = beside.map(|(_, number)| number).collect();
            let event = other.reference(number, directory);
            let is_known = late.iter().any(|late| late.event == event);
            if !beside.is_empty() && !is_known && self.history.number_of(&event, directory).is_none() {
                late.push(Late { event, beside });
            }
        }
    }

    /// All pairs of these events of which neither had to be first, and of each that is late with those beside it.
    pub(super) fn racing(&self, events: &[u64], late: &[Late]) -> Vec<Constraint> {
        let mut pairs = Vec::new();
        for (at, first) in events.iter().enumerate() {
            let same_instant = |second: &&u64| self.is_at_one_instant((*first, **second));
            let later: Vec<u64> = events[at + 1..].iter().take_while(same_instant).copied().collect();
            let led_to = self.history.led_to(*first, later.last().copied().unwrap_or(*first));
            let racing = later.into_iter().filter(|second| !led_to.contains(second));
            pairs.extend(racing.map(|second| self.constraint((*first, second))));
        }
        for Late { event, beside } in late {
            let before = beside.iter().filter_map(|number| self.references.get(number));
            pairs.extend(before.map(|before| Constraint { before: before.clone(), after: event.clone() }));
        }
        pairs
    }

    pub(super) fn draws(&self, directory: &Directory) -> Vec<FixedDraw> {
        let fixed = |drawn: &Drawn| FixedDraw {
            draw: self.history.draw_reference(drawn, directory),
            value: drawn.value,
        };
        self.history.draws.iter().map(fixed).collect()
    }
}
