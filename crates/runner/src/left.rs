//! What is left of a run that has ended.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use tiebreak::kernel::Scheduled;
use tiebreak::trace::Pending;
use tiebreak::{Name, Names, Subject as _, Tracer, World};
use tiebreak_rtm_sim::{Subject, TableRow, Unfinished};

use crate::build::ScenarioWorld;
use crate::run::{Recorded, RunReport};

type ScenarioEvent<'w> = <ScenarioWorld<'w> as World>::Event;

/// The kind that most of the pending events are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowd {
    /// The kind of event.
    pub kind: String,
    /// How many of them are pending, from 1.
    pub count: u64,
}

/// A run that has ended.
pub(crate) struct Ended<'a, 'w> {
    pub(crate) world: &'a ScenarioWorld<'w>,
    pub(crate) names: &'a Names,
    /// Lists what is pending, which looks at all of it.
    pub(crate) scheduled: &'a dyn Fn() -> Vec<Scheduled<'a, ScenarioEvent<'w>>>,
}

/// What is left of it.
pub(crate) struct Left {
    pub(crate) table: Vec<TableRow>,
    pub(crate) pending: Vec<Pending>,
    unfinished: Vec<Unfinished>,
}

impl Ended<'_, '_> {
    /// The best routes.
    pub(crate) fn table(&self) -> Vec<TableRow> {
        self.world.table(self.names)
    }

    /// Returns the kind that most of the pending events are of, the first by name of equally many; `None` if none is pending.
    pub(crate) fn crowd(&self) -> Option<Crowd> {
        let mut kinds: BTreeMap<&'static str, u64> = BTreeMap::new();
        for scheduled in (self.scheduled)() {
            let name: Name<Subject> = self.world.name(scheduled.event);
            *kinds.entry(name.kind.text()).or_default() += 1;
        }
        let most = kinds.into_iter().rev().max_by_key(|(_, count)| *count);
        most.map(|(kind, count)| Crowd { kind: kind.to_owned(), count })
    }

    fn pending(&self, scheduled: &Scheduled<'_, ScenarioEvent<'_>>) -> Pending {
        let name: Name<Subject> = self.world.name(scheduled.event);
        let mut subject = String::new();
        // Writing to a `String` cannot fail.
        let _ = name.subject.write(self.names, &mut subject);
        Pending {
            codes: name.part_codes(self.names),
            actor: self.names.text(name.actor).to_string(),
            kind: name.kind.text().to_owned(),
            subject,
            due: scheduled.due,
            cause: scheduled.cause,
        }
    }
}

impl Left {
    pub(crate) fn of(ended: &Ended<'_, '_>) -> Self {
        let pending = (ended.scheduled)().iter().map(|scheduled| ended.pending(scheduled)).collect();
        let unfinished = ended.world.unfinished(ended.names);
        Self { table: ended.table(), pending, unfinished }
    }

    pub(crate) fn recorded(self, report: RunReport, tracer: Tracer) -> Recorded {
        let Self { table, pending, unfinished } = self;
        Recorded { report, trace: tracer.into_trace().with_pending(pending), table, unfinished }
    }
}
