//! Making records: their numbers, and the names of pending events where changes are recorded.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::codes::{PartCodes, event_code};
use crate::handle::Handle;
use crate::mix::{fold, mix};
use crate::name::{Name, Names, Subject};
use crate::queue::Keeping;
use crate::record::{Fact, Origin, Record, Recorder};
use crate::table::Table;
use crate::time::Instant;

/// How often events of a name were dispatched.
#[derive(Debug, Clone, Copy, Default)]
struct Repeats {
    /// The code of the name, in halves: so the table has places of 24 bytes and not of 32.
    name: [u32; 2],
    /// 0 until the first dispatch is counted.
    count: u32,
}

impl Repeats {
    /// Works the code of the name out: at the first dispatch, so that later ones need not.
    #[cold]
    #[inline(never)]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    const fn begin(&mut self, codes: PartCodes) {
        let name = codes.name();
        self.name = [name as u32, (name >> 32) as u32];
    }
}

/// What is kept for making records.
#[derive(Debug, Clone)]
pub(crate) struct Records<S> {
    /// How many were made.
    made: u64,
    is_enabled: bool,
    /// By what their names are looked up by.
    repeats: Table<Repeats>,
    /// What [`Records::repeats`] has of names that are not counted.
    once: u64,
    /// In debug builds, those names by their codes.
    seen: BTreeSet<u64>,
    /// The names of pending events by slot, kept only if changes are recorded.
    pending: Option<BTreeMap<u32, (Handle, Name<S>)>>,
}

impl<S: Subject> Records<S> {
    pub(crate) fn new(keeping: Keeping) -> Self {
        let is_verbose = keeping == Keeping::CausesAndMoves;
        Self {
            made: 0,
            is_enabled: keeping.is_recorded(),
            repeats: Table::default(),
            once: 0,
            seen: BTreeSet::new(),
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

    /// Counts the dispatch of an event about a subject; returns its repeat and its code.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "recording an event is measured to be 20 instructions shorter")]
    pub(crate) fn count(&mut self, subject: &S, codes: PartCodes) -> (u32, u64) {
        if subject.is_of_one_event() {
            return self.count_once(codes);
        }
        let repeats = self.repeats.entry(codes.lookup());
        if repeats.count == 0 {
            repeats.begin(codes);
        }
        assert!(repeats.count < u32::MAX, "an event name repeats at most 2^32 - 1 times");
        repeats.count += 1;
        let [low, high] = repeats.name.map(u64::from);
        (repeats.count, event_code(high << 32 | low, repeats.count))
    }

    /// Takes in the dispatch of the only event of a name; returns its repeat and its code.
    #[inline(never)]
    fn count_once(&mut self, codes: PartCodes) -> (u32, u64) {
        let name = codes.name();
        if cfg!(debug_assertions) {
            let is_new = self.repeats.get(codes.lookup()).is_none() && self.seen.insert(name);
            assert!(is_new, "a subject says that it is of one event, and there is a second of this name");
        }
        self.once = self.once.wrapping_add(worth(codes.lookup(), 1));
        (1, event_code(name, 1))
    }

    /// How often events of each name were dispatched, as one number.
    pub(crate) fn repeats(&self) -> u64 {
        self.repeats.sum(|code, repeats| worth(code, repeats.count)).wrapping_add(self.once)
    }

    /// Remembers the name of a pending event.
    pub(crate) fn remember(&mut self, handle: Handle, name: Name<S>) {
        if let Some(pending) = &mut self.pending {
            pending.insert(handle.slot, (handle, name));
        }
    }
}

/// What the dispatches of a name add to [`Records::repeats`].
const fn worth(lookup: u64, count: u32) -> u64 {
    mix(fold(lookup, count as u64))
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
    use crate::mix::hash_text;
    use alloc::vec::Vec;
    use core::fmt;

    #[test]
    fn dispatches_are_counted_for_each_name_alone_whatever_its_codes() {
        let words = ["a", "b", "c"].map(hash_text);
        let high = (1..100).map(|number| number << 40 | 1);
        let subjects: Vec<u64> = (0..100).chain(high).chain(words).collect();
        let mut names = Vec::new();
        for actor in words {
            for kind in words {
                names.extend(subjects.iter().map(|subject| PartCodes { actor, kind, subject: *subject }));
            }
        }
        let (mut records, mut oracle) = (Records::<u64>::new(Keeping::Causes), BTreeMap::new());
        for round in 1..=3usize {
            for codes in names.iter().step_by(round) {
                let expected = oracle.entry(codes.name()).or_insert(0u32);
                *expected += 1;
                assert_eq!(
                    records.count(&0, *codes),
                    (*expected, event_code(codes.name(), *expected)),
                    "{codes:?}"
                );
            }
        }
        assert_eq!(oracle.len(), names.len(), "no two of the names share a code");
    }

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

    fn codes_of(subject: u64) -> PartCodes {
        PartCodes { actor: 1, kind: 2, subject }
    }

    #[test]
    fn names_of_one_event_are_as_if_they_were_counted_and_take_no_room() {
        let mut counted = Records::<u64>::new(Keeping::Causes);
        let mut once = Records::<Only>::new(Keeping::Causes);
        assert_eq!(once.repeats(), counted.repeats());
        for subject in 1..1_000 {
            let codes = codes_of(subject);
            assert_eq!(once.count(&Only(subject), codes), counted.count(&subject, codes));
            assert_eq!(once.repeats(), counted.repeats());
        }
        assert_eq!(once.repeats.places(), 0);
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "a subject says that it is of one event, and there is a second of this name")]
    fn a_second_event_of_a_name_of_one_event_is_found_out() {
        let mut records = Records::<Only>::new(Keeping::Causes);
        records.count(&Only(1), codes_of(1));
        records.count(&Only(2), codes_of(2));
        records.count(&Only(1), codes_of(1));
    }
}
