//! What events and records of a network are about.

use core::fmt;

use tiebreak_kernel::{Actor, Names, Subject, Symbol, Term, fold, hash_text};

/// What an event or a record of a network is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum About {
    /// Nothing in particular.
    #[default]
    Nothing,
    /// A number: of a stream, a packet, a term.
    Number(u64),
    /// A node, or a word fixed in code.
    Name(Actor),
    /// One of several things that belong to a node: `b.3`.
    Of(Actor, u64),
    /// One of several messages of the same name that arrive from a node at one instant: `b+1`, `b.3+1`.
    Copy {
        /// The node.
        of: Actor,
        /// The number of all of them, if they have one.
        number: Option<u64>,
        /// Which of them it is, from 1. The one that was sent first has no such number.
        copy: u64,
    },
}

// What the codes begin with, so that they differ from each other and from those of names.
const NUMBER: u64 = hash_text("tiebreak net number");
const OF: u64 = hash_text("tiebreak net number of a node");
const COPY: u64 = hash_text("tiebreak net copy");

impl From<Symbol> for About {
    fn from(symbol: Symbol) -> Self {
        Self::Name(symbol.into())
    }
}

impl From<Term> for About {
    fn from(term: Term) -> Self {
        Self::Name(term.into())
    }
}

impl From<u64> for About {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl Subject for About {
    fn code(&self, names: &Names) -> u64 {
        match *self {
            Self::Nothing => 0,
            Self::Number(number) => fold(NUMBER, number),
            Self::Name(actor) => names.code(actor),
            Self::Of(actor, number) => fold(fold(OF, names.code(actor)), number),
            Self::Copy { of, number, copy } => {
                let whole = number.map_or(Self::Name(of), |number| Self::Of(of, number));
                fold(fold(COPY, whole.code(names)), copy)
            }
        }
    }

    fn write(&self, names: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        match *self {
            Self::Nothing => Ok(()),
            Self::Number(number) => write!(out, "{number}"),
            Self::Name(actor) => out.write_str(names.text(actor)),
            Self::Of(actor, number) => write!(out, "{}.{number}", names.text(actor)),
            Self::Copy { of, number: None, copy } => write!(out, "{}+{copy}", names.text(of)),
            Self::Copy { of, number: Some(number), copy } => {
                write!(out, "{}.{number}+{copy}", names.text(of))
            }
        }
    }
}
