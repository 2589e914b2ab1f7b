//! What a run looked like to those in it.

use alloc::vec::Vec;

use tiebreak_kernel::{Names, Origin, Record, Recorder, Subject, Term};

use crate::canonical::words_of_bare_dispatch;
use crate::digest::{Digest, Link};
use crate::fingerprint::{Layered, Layers, digest_of_bytes};

/// A recorder that tells runs apart by what each actor went through, in its own order: the records of each actor without
/// causes, repeats and numbers. How the records of different actors interleave does not count.
///
/// Runs are counted by it. A fingerprint of the whole run differs with every order of unrelated events; measured on
/// scenarios of the routing table manager, 200 seeds have 87 to 194 fingerprints and 1 to 24 behaviours.
#[derive(Debug, Clone, Default)]
pub struct BehaviourRecorder {
    kinds: Kinds,
    buffer: Vec<u8>,
    actors: Layers<()>,
    contended: u64,
    /// The number of the record of each event.
    dispatches: Vec<u64>,
    milestones: Vec<Term>,
    reached: u64,
    progress_at: Option<u64>,
}

/// Which kinds of records count.
#[derive(Debug, Clone, Copy, Default)]
enum Kinds {
    #[default]
    All,
    Some(&'static [Term]),
}

impl BehaviourRecorder {
    /// Counts records of these kinds alone.
    #[must_use]
    pub fn of_kinds(kinds: &'static [Term]) -> Self {
        Self { kinds: Kinds::Some(kinds), ..Self::default() }
    }

    /// The same recorder, which notes which of these kinds there are records of, whether they count otherwise or not.
    ///
    /// # Panics
    /// If there are more than 64.
    #[must_use]
    pub fn with_milestones(self, kinds: &[Term]) -> Self {
        assert!(kinds.len() <= 64, "there are at most 64 milestones");
        Self { milestones: kinds.to_vec(), ..self }
    }

    /// Returns which milestones were reached, one bit each, and the event, from 1, during which the last of them was reached
    /// first.
    #[must_use]
    pub const fn milestones(&self) -> (u64, Option<u64>) {
        (self.reached, self.progress_at)
    }

    fn reach(&mut self, kind: Term) {
        let Some(bit) = self.milestones.iter().position(|milestone| *milestone == kind) else { return };
        if self.reached >> bit & 1 == 0 {
            self.reached |= 1 << bit;
            self.progress_at = Some(self.dispatches.len() as u64);
        }
    }

    /// Returns the behaviour so far.
    #[must_use]
    pub fn behaviour(&self) -> Digest {
        self.actors.combined()
    }

    /// Returns how many events were chosen among two or more.
    #[must_use]
    pub const fn contended(&self) -> u64 {
        self.contended
    }

    /// Returns which event was running when a record was made, counted from 1; `None` if none had run.
    #[must_use]
    pub fn event_of_record(&self, record: u64) -> Option<u64> {
        let events = self.dispatches.partition_point(|number| *number <= record) as u64;
        (events > 0).then_some(events)
    }

    fn counts(&self, kind: Term) -> bool {
        match self.kinds {
            Kinds::All => true,
            Kinds::Some(kinds) => kinds.contains(&kind),
        }
    }
}

impl<S: Subject> Recorder<S> for BehaviourRecorder {
    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        if let Origin::Dispatch { choice, .. } = record.origin {
            self.dispatches.push(record.number);
            self.contended += u64::from(choice.is_some());
        }
        if !self.milestones.is_empty() {
            self.reach(record.name.kind);
        }
        if self.counts(record.name.kind) {
            let digest = digest_of_bare(names, record, &mut self.buffer);
            let (code, hint) = (record.codes.actor, record.name.actor.hint());
            self.actors.absorb(Layered { code, hint, label: () }, Link::of(digest));
        }
    }
}

/// The digest of the layered part of a record without its cause and its repeat. That of an event need not be written to memory.
fn digest_of_bare<S: Subject>(names: &Names, record: &Record<'_, S>, buffer: &mut Vec<u8>) -> Digest {
    let Record { number, instant, name, codes, facts, .. } = *record;
    let origin = match record.origin {
        Origin::Dispatch { .. } if facts.is_empty() => {
            return Digest::of_words(words_of_bare_dispatch(instant, codes));
        }
        Origin::Dispatch { .. } => Origin::Dispatch { repeat: 0, choice: None },
        other @ (Origin::Note | Origin::Cancelled | Origin::Moved { .. }) => other,
    };
    digest_of_bytes(
        names,
        &Record { number, instant, name, codes, event: None, origin, cause: None, facts },
        buffer,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::encode_layered;
    use tiebreak_kernel::{Choice, Fact, Instant, Name, PartCodes, Value};

    const A: Term = Term::new("a");
    const B: Term = Term::new("b");
    const RUNS: Term = Term::new("runs");
    const NOTES: Term = Term::new("notes");
    const OF: Choice = Choice { index: 0, of: 2, is_twin: false };

    /// Records by actor, kind, repeat, choice, cause, and a fact.
    type Line = (Term, Term, Option<(u32, Option<Choice>)>, Option<u64>, u64);

    fn recorder(mut recorder: BehaviourRecorder, lines: &[Line]) -> BehaviourRecorder {
        let names = Names::default();
        for (number, (actor, kind, dispatch, cause, fact)) in (1..).zip(lines) {
            let name = Name::of(*actor, *kind, ());
            let codes: PartCodes = name.part_codes(&names);
            let origin =
                dispatch.map_or(Origin::Note, |(repeat, choice)| Origin::Dispatch { repeat, choice });
            let facts: &[Fact<()>] = &[Fact { key: Term::new("x"), value: Value::Number(*fact) }];
            let instant = Instant::from_secs(1);
            recorder.record(
                &names,
                &Record { number, instant, name, codes, event: None, origin, cause: *cause, facts },
            );
        }
        recorder
    }

    fn behaviour(lines: &[Line]) -> Digest {
        recorder(BehaviourRecorder::default(), lines).behaviour()
    }

    const FIRST: Line = (A, RUNS, Some((1, None)), None, 1);
    const SECOND: Line = (A, RUNS, Some((1, None)), None, 2);
    const OTHER: Line = (B, RUNS, Some((1, None)), None, 1);

    #[test]
    fn the_order_within_an_actor_counts_and_that_between_actors_does_not() {
        assert_ne!(behaviour(&[FIRST, SECOND]), behaviour(&[SECOND, FIRST]));
        assert_eq!(behaviour(&[FIRST, OTHER, SECOND]), behaviour(&[OTHER, FIRST, SECOND]));
        assert_ne!(behaviour(&[FIRST, OTHER]), behaviour(&[FIRST]));
        assert_ne!(behaviour(&[FIRST]), behaviour(&[OTHER]), "who it happens to counts");
        assert_ne!(behaviour(&[FIRST, FIRST]), behaviour(&[]), "nothing cancels out");
    }

    #[test]
    fn causes_repeats_and_choices_do_not_count_and_facts_do() {
        let (actor, kind, _, _, fact) = FIRST;
        assert_eq!(behaviour(&[FIRST]), behaviour(&[(actor, kind, Some((7, Some(OF))), Some(9), fact)]));
        assert_ne!(behaviour(&[FIRST]), behaviour(&[(actor, kind, Some((1, None)), None, fact + 1)]));
        assert_ne!(behaviour(&[FIRST]), behaviour(&[(actor, kind, None, None, fact)]), "a note is no event");
    }

    #[test]
    fn the_digest_of_an_event_is_that_of_its_bytes() {
        let names = Names::default();
        let name = Name::of(A, RUNS, 7u64);
        let codes = name.part_codes(&names);
        let instant = Instant::from_millis(1_234);
        let origin = Origin::Dispatch { repeat: 9, choice: Some(OF) };
        let record =
            Record { number: 3, instant, name, codes, event: None, origin, cause: Some(5), facts: &[] };
        let bare = Record { origin: Origin::Dispatch { repeat: 0, choice: None }, cause: None, ..record };
        let mut bytes = Vec::new();
        encode_layered(&names, &bare, &mut bytes);
        assert_eq!(digest_of_bare(&names, &record, &mut Vec::new()), Digest::of(&bytes));
    }

    #[test]
    fn kinds_that_are_not_named_do_not_count() {
        let only = |lines: &[Line]| recorder(BehaviourRecorder::of_kinds(&[NOTES]), lines).behaviour();
        let note = (A, NOTES, None, None, 3);
        assert_eq!(only(&[FIRST, note]), only(&[note, SECOND]));
        assert_ne!(only(&[note]), only(&[note, note]));
    }

    #[test]
    fn events_are_found_by_the_records_made_while_they_run() {
        let chosen = (A, RUNS, Some((1, Some(OF))), None, 1);
        let note = (A, NOTES, None, None, 3);
        let recorder = recorder(BehaviourRecorder::default(), &[note, FIRST, note, chosen]);
        let events = [0, 1, 2, 3, 4, 9].map(|record| recorder.event_of_record(record));
        assert_eq!(events, [None, None, Some(1), Some(1), Some(2), Some(2)]);
        assert_eq!(recorder.contended(), 1);
    }

    #[test]
    fn milestones_are_reached_by_records_of_their_kinds() {
        let note = (A, NOTES, None, None, 3);
        let noting = || BehaviourRecorder::of_kinds(&[RUNS]).with_milestones(&[RUNS, NOTES]);
        assert_eq!(recorder(noting(), &[]).milestones(), (0, None));
        assert_eq!(recorder(noting(), &[FIRST, SECOND]).milestones(), (0b01, Some(1)));
        assert_eq!(recorder(noting(), &[FIRST, SECOND, note, OTHER, note]).milestones(), (0b11, Some(2)));
    }
}
