//! Parts of a trace that change only when their subject does.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use tiebreak_kernel::{Instant, hash_text};

use crate::canonical::Parts;
use crate::dictionary::Space;
use crate::trace::Trace;

/// Which records of a trace are looked at. A record is kept if its own actor, kind, subject or instant is the one asked
/// for, whoever caused it and whatever its facts mention; the order stays.
///
/// A window changes only when what happens in it does. An event's name counts the earlier events of the same name, so one
/// more of those changes the names in the window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Projection {
    /// Every record.
    #[default]
    Whole,
    /// The records of the actor with this name.
    Actor(String),
    /// The records of the kind with this text.
    Kind(String),
    /// The records about the subject with this spelling.
    Subject(String),
    /// The records from one instant to another, both included; none if `from` is later than `to`.
    Window {
        /// The first instant.
        from: Instant,
        /// The last instant.
        to: Instant,
    },
    /// The records that all of these keep; every record if there are none of these.
    All(Vec<Projection>),
}

impl fmt::Display for Projection {
    /// Writes `whole`, `actor rip1`, `kind expiry`, `subject 10.0.0.0/8` or `window 30s to 31s`; several with `and` between
    /// them, and `whole` if several are none.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => out.write_str("whole"),
            Self::Actor(name) => write!(out, "actor {name}"),
            Self::Kind(text) => write!(out, "kind {text}"),
            Self::Subject(text) => write!(out, "subject {text}"),
            Self::Window { from, to } => write!(out, "window {from} to {to}"),
            Self::All(parts) => match parts.split_first() {
                None => Self::Whole.fmt(out),
                Some((first, others)) => {
                    first.fmt(out)?;
                    others.iter().try_for_each(|part| write!(out, " and {part}"))
                }
            },
        }
    }
}

/// A projection in the codes of one trace.
#[derive(Debug, Clone)]
pub(crate) enum Filter {
    Whole,
    Actor(u64),
    Kind(u64),
    /// Subjects of different codes may share a spelling.
    Subject(Vec<u64>),
    Window(RangeInclusive<Instant>),
    All(Vec<Filter>),
}

impl Filter {
    pub(crate) fn new(projection: &Projection, trace: &Trace) -> Self {
        match projection {
            Projection::Whole => Self::Whole,
            Projection::Actor(name) => Self::Actor(hash_text(name)),
            Projection::Kind(text) => Self::Kind(hash_text(text)),
            Projection::Subject(text) => {
                let entries = trace.dictionary().entries();
                let spelled =
                    entries.filter(|(space, _, spelling)| *space == Space::Subject && spelling == text);
                Self::Subject(spelled.map(|(_, code, _)| code).collect())
            }
            Projection::Window { from, to } => Self::Window(*from..=*to),
            Projection::All(parts) => Self::All(parts.iter().map(|part| Self::new(part, trace)).collect()),
        }
    }

    pub(crate) fn keeps(&self, parts: &Parts<'_>) -> bool {
        match self {
            Self::Whole => true,
            Self::Actor(code) => parts.actor == *code,
            Self::Kind(code) => parts.kind == *code,
            Self::Subject(codes) => codes.contains(&parts.subject),
            Self::Window(instants) => instants.contains(&parts.instant),
            Self::All(filters) => filters.iter().all(|filter| filter.keeps(parts)),
        }
    }
}
