//! The one trait a user implements.

use alloc::vec::Vec;

use crate::context::Context;
use crate::name::{Name, Subject};
use crate::record::Recorder;

/// A model: what its events are called, what they touch, and what they do.
pub trait World: Sized {
    /// What can happen. A closed enum, as a rule; it is moved, never cloned, unless the simulation forks.
    type Event;
    /// What events are about.
    type Subject: Subject;

    /// Returns the name of an event. It must depend on the event and on what does not change while the event is
    /// pending, because ties are ordered by it.
    fn name(&self, event: &Self::Event) -> Name<Self::Subject>;

    /// States what the event reads and writes, over small ids of the world's own choosing. Events whose footprints do
    /// not conflict may be swapped without effect. Provided: everything, which is always right.
    fn footprint(&self, event: &Self::Event, footprint: &mut Footprint) {
        let _ = event;
        footprint.everything();
    }

    /// Lets the event happen.
    fn fire<R: Recorder<Self::Subject>>(&mut self, event: Self::Event, context: &mut Context<'_, Self, R>);
}

/// What an event reads and writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint {
    everything: bool,
    reads: Vec<u64>,
    writes: Vec<u64>,
}

impl Footprint {
    /// States that the event may read and write anything.
    pub fn everything(&mut self) {
        self.everything = true;
    }

    /// States that the event reads what `id` stands for.
    pub fn reads(&mut self, id: u64) {
        self.reads.push(id);
    }

    /// States that the event writes (and may read) what `id` stands for.
    pub fn writes(&mut self, id: u64) {
        self.writes.push(id);
    }

    /// Returns whether two events may differ in effect when swapped: one writes what the other reads or writes.
    #[must_use]
    pub fn conflicts_with(&self, other: &Self) -> bool {
        let touches =
            |id: &u64, footprint: &Self| footprint.reads.contains(id) || footprint.writes.contains(id);
        self.everything
            || other.everything
            || self.writes.iter().any(|id| touches(id, other))
            || other.writes.iter().any(|id| touches(id, self))
    }
}

#[cfg(test)]
mod tests {
    use super::Footprint;

    /// What two events touch, each as (reads, writes): do they conflict, whichever is asked?
    fn conflict(first: (&[u64], &[u64]), second: (&[u64], &[u64])) -> bool {
        let [a, b] = [first, second].map(|(reads, writes)| {
            let mut footprint = Footprint::default();
            for id in reads {
                footprint.reads(*id);
            }
            for id in writes {
                footprint.writes(*id);
            }
            footprint
        });
        assert_eq!(a.conflicts_with(&b), b.conflicts_with(&a), "conflict has no direction");
        a.conflicts_with(&b)
    }

    #[test]
    fn two_events_conflict_when_one_writes_what_the_other_touches() {
        assert!(!conflict((&[1], &[]), (&[1], &[])));
        assert!(conflict((&[1], &[]), (&[], &[1])));
        assert!(conflict((&[], &[1]), (&[], &[1])));
        assert!(!conflict((&[2], &[1]), (&[2], &[3])));
        assert!(!conflict((&[], &[]), (&[1], &[2])));
        assert!(conflict((&[], &[5, 1]), (&[7, 5], &[])));
    }

    #[test]
    fn who_touches_everything_conflicts_with_everybody() {
        let mut all = Footprint::default();
        all.everything();
        assert!(all.conflicts_with(&Footprint::default()));
        assert!(Footprint::default().conflicts_with(&all));
    }
}
