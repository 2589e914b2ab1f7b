//! Values of the scenario as the manager has them.

use tiebreak::{Instant, Projection};
use tiebreak_rtm::{NotifyFlags, ViewSet};
use tiebreak_scenario::plan::{ChangeType, Snapshot, View};

/// Returns views of the scenario as the manager has them.
pub(crate) fn view_set(views: &[View]) -> ViewSet {
    views.iter().map(|view| view.of_tables().set()).fold(ViewSet::NONE, ViewSet::union)
}

/// Returns the types of change as the manager has them.
pub(crate) fn change_types(types: &[ChangeType]) -> NotifyFlags {
    let flags = types.iter().map(|change| match change {
        ChangeType::All => NotifyFlags::ALL,
        ChangeType::Best => NotifyFlags::BEST,
        ChangeType::Forwarding => NotifyFlags::FORWARDING,
    });
    flags.fold(NotifyFlags::from_bits(0), NotifyFlags::union)
}

/// Returns what a snapshot of a scenario keeps of its trace.
#[must_use]
pub fn projection(snapshot: &Snapshot) -> Projection {
    match snapshot {
        Snapshot::Whole => Projection::Whole,
        Snapshot::Actor(name) => Projection::Actor(name.clone()),
        Snapshot::Kind(kind) => Projection::Kind(kind.clone()),
        Snapshot::Subject(subject) => Projection::Subject(subject.clone()),
        Snapshot::Window { from, to } => {
            let [from, to] = [from, to].map(|span| Instant::START.saturating_add(*span));
            Projection::Window { from, to }
        }
        Snapshot::All(parts) => Projection::All(parts.iter().map(projection).collect()),
    }
}
