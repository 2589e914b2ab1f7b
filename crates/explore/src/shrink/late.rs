//! Events that others have in the place of a failing run's.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::directory::{Directory, NameId};
use crate::event::{Among, EventRef};
use crate::history::History;
use crate::shrink::material::{Due, Material, due};

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
