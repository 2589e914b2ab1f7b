//! The records of a trace as they are compared: by texts where the codes of two traces do not mean the same.

use alloc::borrow::Cow;
use alloc::boxed::Box;

use tiebreak_kernel::{Origin, fold, hash_text};
use tiebreak_trace::{Code, CodeTable, Parts, Space, Trace};

/// What a record is matched by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Actor, kind, subject and class, without the repeat.
    pub(super) name: u64,
    /// What stands for the actor on both sides.
    pub(super) actor: u64,
    pub(super) class: Class,
    pub(super) cause: Origination,
    /// Nanoseconds since the start.
    pub(super) at: u64,
}

/// How a record came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Event,
    Note,
    Cancelled,
    Moved,
}

/// What led to a record: of a note, the event during which it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origination(u32);

impl Origination {
    /// Something outside the run.
    pub(super) const OUTSIDE: Self = Self(u32::MAX);
    /// An event that the trace does not have before the record.
    pub(super) const UNKNOWN: Self = Self(u32::MAX - 1);

    /// The event at this place among the records.
    pub(super) const fn event(place: u32) -> Self {
        Self(place)
    }

    /// The place of the event among the records; `None` if it was something outside, or is not known.
    pub(super) const fn place(self) -> Option<usize> {
        if self.0 < Self::UNKNOWN.0 { Some(self.0 as usize) } else { None }
    }
}

/// One of two traces that are compared.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) trace: &'a Trace,
    pub(super) rows: Vec<Row>,
    meaning: Meaning,
}

/// Reads two traces so that they can be compared.
pub(super) fn sides([left, right]: [&Trace; 2]) -> [Side<'_>; 2] {
    let is_one_language = agree(left, right);
    [left, right].map(|trace| {
        let meaning = if is_one_language { Meaning::Codes } else { Meaning::texts(trace) };
        Side::new(trace, meaning)
    })
}

impl<'a> Side<'a> {
    fn new(trace: &'a Trace, meaning: Meaning) -> Self {
        let count = usize::try_from(trace.len()).unwrap_or(usize::MAX);
        assert!(count < Origination::UNKNOWN.0 as usize, "places of records have 32 bits");
        let mut rows = Vec::with_capacity(count);
        // The places of events by their codes: of several with one code, the first counts.
        let mut events = CodeTable::default();
        let mut last = None;
        for (place, (_, parts)) in (0..).zip(trace.records()) {
            rows.push(row(&parts, &meaning, |code| {
                // Most records are notes of the event before them.
                let found = || Some((code, events.get(code).and_then(|place| u32::try_from(place).ok())?));
                last.filter(|(other, _)| *other == code).or_else(found).map(|(_, place)| place)
            }));
            if let Some(code) = parts.event_code() {
                events.enter(code, place.into());
                last = Some((code, place));
            }
        }
        Self { trace, rows, meaning }
    }

    /// The numbers of the record at a place and of what led to it, back to what came from outside: itself first. Empty if
    /// there is no such record.
    pub(super) fn chain(&self, place: usize) -> Vec<u64> {
        let start = self.rows.get(place).map(|_| place);
        core::iter::successors(start, |place| self.rows[*place].cause.place()).map(number).collect()
    }

    /// The record at a place.
    pub(super) fn parts(&self, place: usize) -> Parts<'a> {
        match self.trace.record(number(place)) {
            Some(parts) => parts,
            None => unreachable!("a place is that of a record"),
        }
    }

    /// Whether two records have the same facts in the same order.
    pub(super) fn has_facts_of(&self, own: &Parts<'_>, other: &Self, others: &Parts<'_>) -> bool {
        if matches!(self.meaning, Meaning::Codes) && own.has_facts_of(others) {
            return true;
        }
        let is_same = |((own_key, own), (other_key, others)): ((u64, Code), (u64, Code))| {
            self.meaning.of(Space::Term, own_key) == other.meaning.of(Space::Term, other_key)
                && value(self.trace, own) == value(other.trace, others)
        };
        own.facts().count() == others.facts().count() && own.facts().zip(others.facts()).all(is_same)
    }
}

/// The number of the record at a place.
pub(super) const fn number(place: usize) -> u64 {
    place as u64 + 1
}

fn row(parts: &Parts<'_>, meaning: &Meaning, event: impl Fn(u64) -> Option<u32>) -> Row {
    let class = match parts.origin {
        Origin::Dispatch { .. } => Class::Event,
        Origin::Note => Class::Note,
        Origin::Cancelled => Class::Cancelled,
        Origin::Moved { .. } => Class::Moved,
    };
    let cause = match parts.cause {
        None => Origination::OUTSIDE,
        Some(code) => event(code).map_or(Origination::UNKNOWN, Origination::event),
    };
    let name = fold(meaning.of_name(parts), class as u64);
    let actor = meaning.of(Space::Name, parts.actor);
    Row { name, actor, class, cause, at: parts.instant.as_nanos() }
}

/// What codes stand for on both sides.
#[derive(Debug)]
enum Meaning {
    /// For themselves: the same code has the same text on both sides, and the same text the same code.
    Codes,
    /// For the hashes of their texts, for each space.
    Texts(Box<[CodeTable; 3]>),
}

impl Meaning {
    fn texts(trace: &Trace) -> Self {
        let mut hashes: Box<[CodeTable; 3]> = Box::default();
        for (space, code, text) in trace.dictionary().entries() {
            hashes[space as usize].enter(code, hash_text(text));
        }
        Self::Texts(hashes)
    }

    /// What stands for a code on both sides; for one without a text the code itself.
    fn of(&self, space: Space, code: u64) -> u64 {
        match self {
            Self::Codes => code,
            Self::Texts(hashes) => hashes[space as usize].get(code).unwrap_or(code),
        }
    }

    fn of_name(&self, parts: &Parts<'_>) -> u64 {
        match self {
            Self::Codes => parts.name_code(),
            Self::Texts(_) => {
                let actor_and_kind =
                    fold(self.of(Space::Name, parts.actor), self.of(Space::Term, parts.kind));
                fold(
                    actor_and_kind,
                    if parts.subject == 0 { 0 } else { self.of(Space::Subject, parts.subject) },
                )
            }
        }
    }
}

/// Whether the dictionaries of two traces do not contradict each other: a code has one text, and a text one code. Texts with
/// the same hash count as the same.
fn agree(left: &Trace, right: &Trace) -> bool {
    let mut codes: [CodeTable; 3] = Default::default();
    for (space, code, text) in right.dictionary().entries() {
        codes[space as usize].enter(hash_text(text), code);
    }
    left.dictionary().entries().all(|(space, code, text)| match right.dictionary().text(space, code) {
        Some(other) => other == text,
        None => codes[space as usize].get(hash_text(text)).is_none(),
    })
}

/// The value of a fact as NDJSON has it, where types are lost: a span is its nanoseconds.
#[derive(Debug, PartialEq, Eq)]
enum Value<'a> {
    Text(Cow<'a, str>),
    Number(i128),
    Truth(bool),
    Absent,
}

fn value(trace: &Trace, code: Code) -> Value<'_> {
    match code {
        Code::Word(code) => Value::Text(trace.text(Space::Term, code)),
        Code::Name(code) => Value::Text(trace.text(Space::Name, code)),
        Code::Subject(0) | Code::Absent => Value::Absent,
        Code::Subject(code) => Value::Text(trace.text(Space::Subject, code)),
        Code::Text(text) => Value::Text(text.as_str().to_owned().into()),
        Code::Number(number) => Value::Number(number.into()),
        Code::Signed(number) => Value::Number(number.into()),
        Code::Span(span) => Value::Number(span.as_nanos().into()),
        Code::Instant(instant) => Value::Number(instant.as_nanos().into()),
        Code::Truth(truth) => Value::Truth(truth),
    }
}

/// Whether two values are the same as NDJSON has them.
pub(super) fn is_same_value((trace, code): (&Trace, Code), (other, others): (&Trace, Code)) -> bool {
    value(trace, code) == value(other, others)
}
