//! Making a trace of parts that came from outside.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_kernel::{Instant, PartCodes};

use crate::canonical::{Code, Coded};
use crate::dictionary::{Dictionary, Space};
use crate::header::Header;
use crate::text::clean;
use crate::trace::Trace;

/// A pending event of a run that has ended: its name, and when it is due. It is in no digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The codes of actor, kind and subject.
    pub codes: PartCodes,
    /// The text of the actor.
    pub actor: String,
    /// The text of the kind.
    pub kind: String,
    /// The text of the subject; empty if there is none.
    pub subject: String,
    /// When it is due; 2⁶⁴ − 1 ns is never.
    pub due: Instant,
    /// The code of the event that scheduled it, or moved it last; `None` if that was done from outside.
    pub cause: Option<u64>,
}

impl Pending {
    /// Returns its name as [`Trace::spelling`] spells names, with all that cannot be seen escaped: `actor/kind(subject)`.
    #[must_use]
    pub fn spelling(&self) -> String {
        let Self { actor, kind, subject, .. } = self;
        let name =
            if subject.is_empty() { format!("{actor}/{kind}") } else { format!("{actor}/{kind}({subject})") };
        clean(&name).into_owned()
    }
}

/// A builder of traces from records that are told by codes: for readers. What it makes is well-formed: every code has a text, and
/// time does not run backwards.
#[derive(Debug, Clone)]
pub struct TraceBuilder {
    trace: Trace,
    /// The instant of the last record.
    now: Instant,
}

/// Why something is no part of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IllFormed {
    /// A code is entered with one text, and was with another.
    TwoTexts,
    /// The code 0 of a subject says that there is none, so it has no text.
    TextOfNothing,
    /// A record has a code that was not entered.
    UnknownCode,
    /// A record has more than 255 facts.
    TooManyFacts,
    /// A record is earlier than the one before it.
    Backwards,
}

impl fmt::Display for IllFormed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.text())
    }
}

impl core::error::Error for IllFormed {}

impl IllFormed {
    /// Returns what is wrong, as a sentence without its full stop.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TwoTexts => "one code stands for two texts",
            Self::TextOfNothing => "the code 0 of a subject has a text, but it says that there is no subject",
            Self::UnknownCode => "a record has a code without a text",
            Self::TooManyFacts => "a record has more than 255 facts",
            Self::Backwards => "a record is earlier than the one before it",
        }
    }
}

impl TraceBuilder {
    /// A builder of a trace that depends on this, without a record.
    #[must_use]
    pub fn new(header: Header) -> Self {
        Self { trace: Trace::empty(header), now: Instant::START }
    }

    /// Enters the text of a code.
    ///
    /// # Errors
    /// [`IllFormed::TwoTexts`], [`IllFormed::TextOfNothing`].
    pub fn enter(&mut self, space: Space, code: u64, text: &str) -> Result<(), IllFormed> {
        if space == Space::Subject && code == 0 {
            return Err(IllFormed::TextOfNothing);
        }
        self.trace.enter(space, code, text).map_err(|_| IllFormed::TwoTexts)
    }

    /// Adds a record.
    ///
    /// # Errors
    /// [`IllFormed::UnknownCode`], [`IllFormed::TooManyFacts`], [`IllFormed::Backwards`]; then the trace is as it was.
    pub fn push(&mut self, record: &Coded<'_>) -> Result<(), IllFormed> {
        if record.instant < self.now {
            return Err(IllFormed::Backwards);
        }
        if record.facts.len() > usize::from(u8::MAX) {
            return Err(IllFormed::TooManyFacts);
        }
        if !knows_all(self.trace.dictionary(), record) {
            return Err(IllFormed::UnknownCode);
        }
        self.now = record.instant;
        self.trace.push(record);
        Ok(())
    }

    /// Returns the trace so far.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Hands over the trace, with the events that are pending at its end.
    #[must_use]
    pub fn into_trace(self, pending: Vec<Pending>) -> Trace {
        self.trace.with_pending(pending)
    }
}

/// Whether every code of a record has a text.
fn knows_all(dictionary: &Dictionary, record: &Coded<'_>) -> bool {
    let knows = |space, code| dictionary.place(space, code).is_some();
    let knows_subject = |code| code == 0 || knows(Space::Subject, code);
    let PartCodes { actor, kind, subject } = record.name;
    let knows_fact = |(key, value): &(u64, Code)| {
        knows(Space::Term, *key)
            && match *value {
                Code::Word(code) => knows(Space::Term, code),
                Code::Name(code) => knows(Space::Name, code),
                Code::Subject(code) => knows_subject(code),
                Code::Number(_)
                | Code::Span(_)
                | Code::Signed(_)
                | Code::Truth(_)
                | Code::Instant(_)
                | Code::Text(_)
                | Code::Absent => true,
            }
    };
    knows(Space::Name, actor)
        && knows(Space::Term, kind)
        && knows_subject(subject)
        && record.facts.iter().all(knows_fact)
}
