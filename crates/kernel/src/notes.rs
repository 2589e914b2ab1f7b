//! What is noted of the events of the open instant, for those who want to know more than who is next: by which name an
//! event was ordered, and which of how many that could run it was.

use alloc::vec::Vec;

use crate::due::reach;
use crate::queue::Keeping;
use crate::ranks::{Group, Groups};
use crate::record::Choice;
use crate::slots::NONE;

/// What is noted of an event.
#[derive(Debug, Clone, Copy, Default)]
struct Note {
    /// The code of the name by which it is ordered.
    code: u64,
    /// The number of its group, and its place among the ranks of that.
    group: u32,
    rank: u32,
}

/// What was noted of an event that runs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Noted {
    /// The code of the name by which it was ordered; 0 if names were not asked for, or nobody wants to know.
    pub(crate) code: u64,
    /// Which of the events that could run it was; `None` if there was no other, or if nobody asked.
    pub(crate) choice: Option<Choice>,
}

/// What is noted of all events of the open instant.
#[derive(Debug, Clone)]
pub(crate) struct Notes {
    by_slot: Vec<Note>,
    /// Kept only if choices are recorded.
    groups: Option<Groups>,
    /// Of the event that was taken last.
    last: Noted,
}

impl Notes {
    /// What is to be noted, if anything is.
    pub(crate) fn new(keeping: Keeping) -> Option<Self> {
        let groups = keeping.is_recorded().then(Groups::default);
        (keeping != Keeping::Nothing).then(|| Self { by_slot: Vec::new(), groups, last: Noted::default() })
    }

    /// Notes an event that arrives, with the code of its name. A free one is enabled; one of a lane is not yet.
    #[inline(never)]
    pub(crate) fn add(&mut self, slot: u32, lane: u32, group: Group, code: u64) {
        let mut note = Note { code, ..Note::default() };
        if let Some(groups) = &mut self.groups {
            note.group = groups.number(group);
            let ranks = groups.of(note.group);
            note.rank = ranks.push();
            if lane == NONE {
                ranks.enable(note.rank);
            }
        }
        if slot as usize >= self.by_slot.len() {
            reach(&mut self.by_slot, slot, Note::default());
        }
        self.by_slot[slot as usize] = note;
    }

    /// Counts an event among those that could run.
    pub(crate) fn enable(&mut self, slot: u32) {
        let Note { group, rank, .. } = self.by_slot[slot as usize];
        self.groups.iter_mut().for_each(|groups| groups.of(group).enable(rank));
    }

    /// Counts an event no longer among those that could run.
    pub(crate) fn disable(&mut self, slot: u32) {
        let Note { group, rank, .. } = self.by_slot[slot as usize];
        self.groups.iter_mut().for_each(|groups| groups.of(group).disable(rank));
    }

    /// Counts an event that runs no longer among those that could, and keeps which of how many it was. Whether it has a
    /// twin is not known here.
    #[inline]
    pub(crate) fn take(&mut self, slot: u32) {
        let Note { code, group, rank } = self.by_slot[slot as usize];
        let choice = self.groups.as_mut().and_then(|groups| {
            let ranks = groups.of(group);
            let of = ranks.enabled();
            let choice = (of > 1).then(|| Choice { index: ranks.before(rank), of, is_twin: false });
            ranks.disable(rank);
            choice
        });
        self.last = Noted { code, choice };
    }

    /// Of the event that was taken last.
    pub(crate) const fn last(&self) -> Noted {
        self.last
    }

    /// The choice that the event was which was taken last.
    pub(crate) const fn choice(&mut self) -> Option<&mut Choice> {
        self.last.choice.as_mut()
    }

    /// Gets ready for another instant.
    pub(crate) fn clear(&mut self) {
        self.groups.iter_mut().for_each(Groups::clear);
    }

    /// Forgets what was noted of slots from this one on, none of which is pending.
    pub(crate) fn forget_slots(&mut self, from: usize) {
        self.by_slot.truncate(from);
        self.by_slot.shrink_to(2 * from);
    }

    /// Asserts that so many events are counted as those that could run.
    pub(crate) fn check_enabled(&self, enabled: usize) {
        let counted = self.groups.as_ref().map_or(enabled, |groups| groups.enabled() as usize);
        assert_eq!(counted, enabled, "the enabled ones are ranked, but those made to wait");
    }
}
