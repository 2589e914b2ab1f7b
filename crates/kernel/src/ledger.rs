//! Making records: their numbers, and the names of pending events where changes are recorded.

use alloc::collections::BTreeMap;

use crate::codes::PartCodes;
use crate::handle::Handle;
use crate::name::{Name, Names, Subject};
use crate::queue::Keeping;
use crate::record::{Fact, Origin, Record, Recorder};
use crate::repeats::Repeats;
use crate::time::Instant;

/// What is kept for making records.
#[derive(Debug, Clone)]
pub(crate) struct Records<S> {
    /// How many were made.
    made: u64,
    is_enabled: bool,
    repeats: Repeats,
    /// The names of pending events by slot, kept only if changes are recorded.
    pending: Option<BTreeMap<u32, (Handle, Name<S>)>>,
}

impl<S: Subject> Records<S> {
    pub(crate) fn new(keeping: Keeping) -> Self {
        let is_verbose = keeping == Keeping::CausesAndMoves;
        Self {
            made: 0,
            is_enabled: keeping.is_recorded(),
            repeats: Repeats::default(),
            pending: is_verbose.then(BTreeMap::new),
        }
    }

    pub(crate) const fn is_verbose(&self) -> bool {
        self.pending.is_some()
    }

    /// The number of the next record that is made.
    pub(crate) const fn next_number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// Counts the dispatch of an event, by its name and the codes of that; returns its repeat and its code.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "recording an event is measured to be 20 instructions shorter")]
    pub(crate) fn count(&mut self, name: &Name<S>, codes: PartCodes) -> (u32, u64) {
        if name.subject.is_of_one_event() {
            return self.repeats.count_once(codes);
        }
        self.repeats.count(name.hint(codes), codes)
    }

    /// How often events of each name were dispatched, as one number.
    pub(crate) fn repeats(&self) -> u64 {
        self.repeats.sum()
    }

    /// Remembers the name of a pending event.
    pub(crate) fn remember(&mut self, handle: Handle, name: Name<S>) {
        if let Some(pending) = &mut self.pending {
            pending.insert(handle.slot, (handle, name));
        }
    }
}

/// A recorder, and what is kept for it.
pub(crate) struct Ledger<'a, S: Subject> {
    pub(crate) records: &'a mut Records<S>,
    pub(crate) recorder: &'a mut dyn Recorder<S>,
}

impl<S: Subject> Ledger<'_, S> {
    #[inline]
    pub(crate) const fn is_recording(&self) -> bool {
        self.records.is_enabled
    }

    pub(crate) const fn is_verbose(&self) -> bool {
        self.records.is_verbose()
    }

    /// Records what a world notes.
    pub(crate) fn note(
        &mut self,
        names: &Names,
        now: Instant,
        cause: Option<u64>,
        (name, facts): (Name<S>, &[Fact<S>]),
    ) {
        self.take(names, (now, cause), name, Origin::Note, facts);
    }

    /// Records what became of a pending event, if its name is known.
    pub(crate) fn change(
        &mut self,
        names: &Names,
        now: Instant,
        cause: Option<u64>,
        (handle, origin): (Handle, Origin),
    ) {
        let known = self.records.pending.as_ref().and_then(|pending| pending.get(&handle.slot)).copied();
        if let Some((_, name)) = known.filter(|(of, _)| *of == handle) {
            self.take(names, (now, cause), name, origin, &[]);
        }
    }

    /// Makes a record and hands it to the recorder.
    fn take(
        &mut self,
        names: &Names,
        (instant, cause): (Instant, Option<u64>),
        name: Name<S>,
        origin: Origin,
        facts: &[Fact<S>],
    ) {
        let (number, codes) = (self.records.next_number(), name.part_codes(names));
        self.recorder
            .record(names, &Record { number, instant, name, codes, event: None, origin, cause, facts });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Term;
    use core::fmt;

    /// A subject of one event.
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Only(u64);

    impl Subject for Only {
        fn code(&self, _names: &Names) -> u64 {
            self.0
        }

        fn write(&self, _names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
            write!(out, "{}", self.0)
        }

        fn is_of_one_event(&self) -> bool {
            true
        }
    }

    const WORD: Term = Term::new("word");

    fn count<S: Subject>(records: &mut Records<S>, subject: S) -> (u32, u64) {
        let (name, names) = (Name::of(WORD, WORD, subject), Names::default());
        records.count(&name, name.part_codes(&names))
    }

    #[test]
    fn names_of_one_event_are_as_if_they_were_counted_and_take_no_room() {
        let mut counted = Records::<u64>::new(Keeping::Causes);
        let mut once = Records::<Only>::new(Keeping::Causes);
        assert_eq!(once.repeats(), counted.repeats());
        for subject in 1..1_000 {
            assert_eq!(count(&mut once, Only(subject + 1)), count(&mut counted, subject));
            assert_eq!(once.repeats(), counted.repeats());
        }
        assert_eq!(once.repeats.names(), 0);
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "a subject says that it is of one event, and there is a second of this name")]
    fn a_second_event_of_a_name_of_one_event_is_found_out() {
        let mut records = Records::<Only>::new(Keeping::Causes);
        count(&mut records, Only(1));
        count(&mut records, Only(2));
        count(&mut records, Only(1));
    }
}
