//! Parts of a trace that change only when their subject does.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tiebreak_kernel::hash_text;

use crate::canonical::Parts;
use crate::dictionary::Space;
use crate::trace::Trace;

/// Which records of a trace are looked at. A record is kept if its own actor, kind or subject is the one asked for,
/// whoever caused it and whatever its facts mention; the order stays.
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
}

impl fmt::Display for Projection {
    /// Writes `whole`, `actor rip1`, `kind expiry` or `subject 10.0.0.0/8`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => out.write_str("whole"),
            Self::Actor(name) => write!(out, "actor {name}"),
            Self::Kind(text) => write!(out, "kind {text}"),
            Self::Subject(text) => write!(out, "subject {text}"),
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
        }
    }

    pub(crate) fn keeps(&self, parts: &Parts<'_>) -> bool {
        match self {
            Self::Whole => true,
            Self::Actor(code) => parts.actor == *code,
            Self::Kind(code) => parts.kind == *code,
            Self::Subject(codes) => codes.contains(&parts.subject),
        }
    }
}
