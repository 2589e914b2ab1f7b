//! What happened, as the kernel and the world tell it to a recorder.

use core::fmt;

use crate::codes::PartCodes;
use crate::name::{Actor, Name, Names, Subject, Term};
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
    /// A whole number with a sign.
    Signed(i64),
    /// Yes or no.
    Truth(bool),
    /// A point of time.
    Instant(Instant),
    /// A short text.
    Text(Text),
    /// An actor, or another interned name.
    Name(Actor),
    /// Something events can be about.
    Subject(S),
    /// There is no value.
    Absent,
}

/// A text of at most 22 bytes, kept in place: facts are copied, not allocated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    bytes: [u8; Self::LENGTH_MAX],
    length: u8,
}

impl Text {
    /// How many bytes a text has at most.
    pub const LENGTH_MAX: usize = 22;

    /// Keeps a text; a longer one is cut between two characters and ends in `…`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        const CUT: &str = "…";
        let mut kept = Self { bytes: [0; Self::LENGTH_MAX], length: 0 };
        if text.len() <= Self::LENGTH_MAX {
            kept.push(text);
        } else {
            let mut end = Self::LENGTH_MAX - CUT.len();
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            kept.push(&text[..end]);
            kept.push(CUT);
        }
        kept
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    #[expect(clippy::cast_possible_truncation, reason = "a text is short")]
    fn push(&mut self, part: &str) {
        let at = usize::from(self.length);
        self.bytes[at..at + part.len()].copy_from_slice(part.as_bytes());
        self.length += part.len() as u8;
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
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

    /// A fact whose value is a whole number with a sign.
    #[must_use]
    pub const fn signed(key: Term, number: i64) -> Self {
        Self { key, value: Value::Signed(number) }
    }

    /// A fact whose value is yes or no.
    #[must_use]
    #[expect(clippy::fn_params_excessive_bools, reason = "the truth is the value")]
    pub const fn truth(key: Term, truth: bool) -> Self {
        Self { key, value: Value::Truth(truth) }
    }

    /// A fact whose value is a point of time.
    #[must_use]
    pub const fn instant(key: Term, instant: Instant) -> Self {
        Self { key, value: Value::Instant(instant) }
    }

    /// A fact whose value is a short text; one longer than [`Text::LENGTH_MAX`] bytes is cut.
    #[must_use]
    pub fn text(key: Term, text: &str) -> Self {
        Self { key, value: Value::Text(Text::new(text)) }
    }

    /// A fact whose value is an actor or another interned name.
    #[must_use]
    pub fn name(key: Term, name: impl Into<Actor>) -> Self {
        Self { key, value: Value::Name(name.into()) }
    }

    /// A fact that has no value.
    #[must_use]
    pub const fn absent(key: Term) -> Self {
        Self { key, value: Value::Absent }
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
    /// How many there were: heads of lanes and free events, of the phase and band (under `rounds` the round) that was on.
    pub of: u32,
    /// Whether the next one has the same name, turn and moment, so that only the order of scheduling decided: events that
    /// are meant to race need different subjects.
    pub is_twin: bool,
}

/// Where a record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The kernel ran an event.
    Dispatch {
        /// The occurrence number of its name among the dispatches of the run, from 1.
        repeat: u32,
        /// The choice made; `None` if nothing else was enabled.
        choice: Option<Choice>,
    },
    /// The world noted something: while an event ran, or from outside between events.
    Note,
    /// A pending event was cancelled; recorded only if [`Verbosity`] asks for it.
    Cancelled,
    /// A pending event was moved; recorded only if [`Verbosity`] asks for it.
    Moved {
        /// The instant it is due at now.
        to: Instant,
    },
}

/// What is recorded beside dispatches and notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Verbosity {
    /// Nothing.
    #[default]
    Usual,
    /// Also every cancelled and every moved event. One that is cancelled or moved by the event that has scheduled it is
    /// left out: its name is not known before that event is done.
    Changes,
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
    /// The codes of the parts of the name, so that no recorder has to work them out again.
    pub codes: PartCodes,
    /// The code of the event ([`event_code`](crate::event_code)), if the record is its dispatch: no recorder has to work it
    /// out again either.
    pub event: Option<u64>,
    /// What kind of fact it is: a dispatch, a note, or a change of what is pending.
    pub origin: Origin,
    /// The code of the event that led to it ([`event_code`](crate::event_code)): of a note the event that ran, of a
    /// dispatch the event that scheduled or moved it; `None` if that was done from outside.
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
        if let Value::Word(word) = self.fact(key)? { Some(word) } else { None }
    }

    /// Returns the number under this key, if there is one.
    #[must_use]
    pub fn number(&self, key: Term) -> Option<u64> {
        if let Value::Number(number) = self.fact(key)? { Some(number) } else { None }
    }
}

/// Takes the records of a run. A type parameter of the simulation: [`Silent`] costs nothing.
///
/// Several recorders are one as a tuple.
///
/// ```
/// use tiebreak_kernel::{Names, Origin, Record, Recorder, Subject};
///
/// /// Counts the events that were chosen among two or more.
/// #[derive(Default)]
/// struct Ties(u64);
///
/// impl<S: Subject> Recorder<S> for Ties {
///     fn record(&mut self, _names: &Names, record: &Record<'_, S>) {
///         self.0 += u64::from(matches!(record.origin, Origin::Dispatch { choice: Some(_), .. }));
///     }
/// }
/// ```
pub trait Recorder<S: Subject> {
    /// Whether anything is taken at all; if not, the kernel counts no repeats and makes no records. It must not change
    /// during a run.
    fn is_enabled(&self) -> bool {
        true
    }

    /// Takes one record. Records come in order; nothing in them outlives the call.
    fn record(&mut self, names: &Names, record: &Record<'_, S>);

    /// Returns how many bytes of trace are kept so far, for the limit on them; 0 by default.
    fn bytes(&self) -> u64 {
        0
    }
}

/// A recorder that records nothing, and costs nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl<S: Subject> Recorder<S> for Silent {
    fn is_enabled(&self) -> bool {
        false
    }

    fn record(&mut self, _names: &Names, _record: &Record<'_, S>) {}
}

/// Hands each record to every member that takes any.
macro_rules! tuple_of_recorders {
    ($($member:ident: $place:tt),+) => {
        #[doc = "Hands each record to every member that takes any."]
        impl<S: Subject, $($member: Recorder<S>),+> Recorder<S> for ($($member,)+) {
            fn is_enabled(&self) -> bool {
                $(self.$place.is_enabled())||+
            }

            fn record(&mut self, names: &Names, record: &Record<'_, S>) {
                $(if self.$place.is_enabled() {
                    self.$place.record(names, record);
                })+
            }

            fn bytes(&self) -> u64 {
                0u64$(.saturating_add(self.$place.bytes()))+
            }
        }
    };
}

tuple_of_recorders!(A: 0);
tuple_of_recorders!(A: 0, B: 1);
tuple_of_recorders!(A: 0, B: 1, C: 2);
tuple_of_recorders!(A: 0, B: 1, C: 2, D: 3);
tuple_of_recorders!(A: 0, B: 1, C: 2, D: 3, E: 4);
tuple_of_recorders!(A: 0, B: 1, C: 2, D: 3, E: 4, F: 5);

impl fmt::Display for Choice {
    /// Writes `2/5`: the second of five.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", u64::from(self.index) + 1, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_up_to_its_length_and_cut_between_characters() {
        for text in ["", "short", "exactly twenty-two byt"] {
            assert_eq!(Text::new(text).as_str(), text);
        }
        assert_eq!(Text::new("more than twenty-two bytes").as_str(), "more than twenty-tw…");
        assert_eq!(Text::new("ééééééééééééééé").as_str(), "ééééééééé…");
    }
}
