//! How events and draws are called in orderings.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// One event of a run, or one draw: the n-th of a name, counted in the run or in a part of it.
///
/// The n-th of a name in the whole run is another event as soon as something unrelated makes an event of that name
/// earlier. Counted among those of one cause it stays the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventRef {
    /// The name: `actor/kind(subject)`; of a draw its site, `actor/purpose`.
    pub name: String,
    /// Which of its name it is there, counted from 1.
    pub repeat: u32,
    /// Among which of its name.
    pub among: Among,
}

/// Among which events, or draws, of its name one is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Among {
    /// Among all of the run.
    Run,
    /// Among those that come from outside: no event has scheduled or moved them.
    Outside,
    /// Among those that this event has scheduled or moved; of draws, among those that were made while it ran.
    Of(Box<EventRef>),
}

/// Why a text is not an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRefError;

impl fmt::Display for EventRefError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(
            "an event is written `actor/kind(subject)#1`: the number says which event of that name is meant",
        )
    }
}

impl core::error::Error for EventRefError {}

impl FromStr for EventRef {
    type Err = EventRefError;

    /// Reads `actor/kind(subject)#1`, counted in the whole run; without the number the first is meant.
    ///
    /// # Errors
    /// If there is no actor or no kind, or the number is not one from 1 to 2³² − 1.
    fn from_str(text: &str) -> Result<Self, EventRefError> {
        let (name, repeat) = match text.rsplit_once('#') {
            Some((name, digits))
                if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) =>
            {
                (name, digits.parse().map_err(|_| EventRefError)?)
            }
            Some(_) | None => (text, 1),
        };
        let is_name = name.split_once('/').is_some_and(|(actor, kind)| !actor.is_empty() && !kind.is_empty());
        if !is_name || repeat == 0 {
            return Err(EventRefError);
        }
        Ok(Self { name: name.to_owned(), repeat, among: Among::Run })
    }
}

impl EventRef {
    /// The same name and number, counted among those that `cause` has caused.
    #[must_use]
    pub fn of(self, cause: Self) -> Self {
        Self { among: Among::Of(Box::new(cause)), ..self }
    }

    /// Returns the event among whose events or draws it is counted; `None` if it is counted otherwise.
    #[must_use]
    pub fn cause(&self) -> Option<&Self> {
        match &self.among {
            Among::Of(cause) => Some(cause),
            Among::Run | Among::Outside => None,
        }
    }

    /// Its name with its number, and among which events it is counted, as one stands behind the other in text.
    pub(crate) fn counted(&self) -> (String, String) {
        let Self { name, repeat, among } = self;
        match among {
            Among::Run => (format!("{name}#{repeat}"), String::new()),
            Among::Outside => (format!("{name}#{repeat}"), " from outside".to_owned()),
            Among::Of(cause) if *repeat == 1 => (name.clone(), format!(" of {cause}")),
            Among::Of(cause) => (format!("{name}#{repeat}"), format!(" of {cause}")),
        }
    }

    /// The same name and number, counted among those from outside.
    #[must_use]
    pub fn from_outside(self) -> Self {
        Self { among: Among::Outside, ..self }
    }
}

impl fmt::Display for EventRef {
    /// Writes `actor/kind(subject)#1`, `actor/kind(subject)#1 from outside`, or `actor/kind(subject) of other/kind#1` (with
    /// `#2` if it is the second of that cause).
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (counted, among) = self.counted();
        write!(out, "{counted}{among}")
    }
}

/// What a failure shrinks to: one event runs before another that is due at the same instant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Constraint {
    /// The event that runs first.
    pub before: EventRef,
    /// The event that waits for it.
    pub after: EventRef,
}

impl fmt::Display for Constraint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} before {}", self.before, self.after)
    }
}

/// A draw that a failure needs: it has this value, whatever else is drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixedDraw {
    /// The draw.
    pub draw: EventRef,
    /// What is drawn.
    pub value: Answer,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// This number. Of a chance it is what was drawn to decide it: less than the numerator is yes.
    Number(u64),
    /// Yes, to a chance of whatever probability.
    Yes,
    /// No.
    No,
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Yes => out.write_str("yes"),
            Self::No => out.write_str("no"),
        }
    }
}

impl fmt::Display for FixedDraw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} draws {}", self.draw, self.value)
    }
}
