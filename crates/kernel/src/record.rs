//! What happened, as the kernel and the world tell it to a recorder.

use core::fmt;

use crate::name::{Name, Names, Subject, Symbol, Term};
use crate::time::{Instant, Span};

/// The value of a fact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<S> {
    /// A word fixed in code.
    Word(Term),
    /// A whole number.
    Number(u64),
    /// A length of time.
    Span(Span),
    /// An interned name.
    Name(Symbol),
    /// Something events can be about.
    Subject(S),
}

/// One fact of a record: a key and a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fact<S> {
    /// What the value says.
    pub key: Term,
    /// The value.
    pub value: Value<S>,
}

impl<S> Fact<S> {
    /// A fact whose value is a word.
    #[must_use]
    pub const fn word(key: Term, word: Term) -> Self {
        Self { key, value: Value::Word(word) }
    }

    /// A fact whose value is a whole number.
    #[must_use]
    pub const fn number(key: Term, number: u64) -> Self {
        Self { key, value: Value::Number(number) }
    }

    /// A fact whose value is a length of time.
    #[must_use]
    pub const fn span(key: Term, span: Span) -> Self {
        Self { key, value: Value::Span(span) }
    }

    /// A fact whose value is a name.
    #[must_use]
    pub const fn name(key: Term, name: Symbol) -> Self {
        Self { key, value: Value::Name(name) }
    }

    /// A fact whose value is a subject.
    #[must_use]
    pub const fn subject(key: Term, subject: S) -> Self {
        Self { key, value: Value::Subject(subject) }
    }
}

/// Which of the events enabled at an instant was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Its place among them in the order of scheduling, from 0: what `fifo` runs is 0.
    pub index: u32,
    /// How many there were: heads of lanes and free events.
    pub of: u32,
}

/// Where a record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The kernel ran an event.
    Dispatch {
        /// The how-manieth event of its name this is, from 1.
        repeat: u32,
        /// The choice made; `None` if nothing else was enabled.
        choice: Option<Choice>,
    },
    /// The world noted something while an event ran, or before the run.
    Note,
}

/// One fact of what happened.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a, S> {
    /// Its number in the run, from 1.
    pub number: u64,
    /// When it happened.
    pub instant: Instant,
    /// To whom, what, about what.
    pub name: Name<S>,
    /// Dispatched or noted.
    pub origin: Origin,
    /// The code of the event that led to it ([`event_code`](crate::event_code)): of a note the event that ran, of a
    /// dispatch the event that scheduled it; `None` if that was before the run.
    pub cause: Option<u64>,
    /// What else there is to say.
    pub facts: &'a [Fact<S>],
}

impl<S: Copy> Record<'_, S> {
    /// Returns the value of the first fact with this key.
    #[must_use]
    pub fn fact(&self, key: Term) -> Option<Value<S>> {
        self.facts.iter().find(|fact| fact.key == key).map(|fact| fact.value)
    }

    /// Returns the word under this key, if there is one.
    #[must_use]
    pub fn word(&self, key: Term) -> Option<Term> {
        match self.fact(key)? {
            Value::Word(word) => Some(word),
            Value::Number(_) | Value::Span(_) | Value::Name(_) | Value::Subject(_) => None,
        }
    }

    /// Returns the number under this key, if there is one.
    #[must_use]
    pub fn number(&self, key: Term) -> Option<u64> {
        match self.fact(key)? {
            Value::Number(number) => Some(number),
            Value::Word(_) | Value::Span(_) | Value::Name(_) | Value::Subject(_) => None,
        }
    }
}

/// Takes the records of a run. A type parameter of the simulation: [`Silent`] costs nothing.
pub trait Recorder<S: Subject> {
    /// Whether anything is taken at all; if not, the kernel counts no repeats and makes no records.
    const ENABLED: bool = true;

    /// Takes one record. Records come in order; nothing in them outlives the call.
    fn record(&mut self, names: &Names, record: &Record<'_, S>);

    /// Returns how many bytes of trace are kept so far, for the limit on them.
    fn bytes(&self) -> u64 {
        0
    }
}

/// Records nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl<S: Subject> Recorder<S> for Silent {
    const ENABLED: bool = false;

    fn record(&mut self, _names: &Names, _record: &Record<'_, S>) {}
}

/// Hands each record to both, but not to one that takes none.
impl<S: Subject, A: Recorder<S>, B: Recorder<S>> Recorder<S> for (A, B) {
    const ENABLED: bool = A::ENABLED || B::ENABLED;

    fn record(&mut self, names: &Names, record: &Record<'_, S>) {
        if A::ENABLED {
            self.0.record(names, record);
        }
        if B::ENABLED {
            self.1.record(names, record);
        }
    }

    fn bytes(&self) -> u64 {
        self.0.bytes().saturating_add(self.1.bytes())
    }
}

impl fmt::Display for Choice {
    /// Writes `2/5`: the second of five.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", u64::from(self.index) + 1, self.of)
    }
}
