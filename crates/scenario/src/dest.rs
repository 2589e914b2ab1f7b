//! What an action or a condition is about: a prefix, or whichever has changed.

use core::fmt;
use core::str::FromStr;

use tiebreak_rtm::{AddressError, NetAddress};

/// How a destination is written that is whichever has changed.
pub(crate) const CHANGED: &str = "changed";

/// A destination that an action or a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dest {
    /// This one.
    Prefix(NetAddress),
    /// Whichever has changed: within the actions that a `Drain` does for each.
    Changed,
}

impl fmt::Display for Dest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(prefix) => prefix.fmt(out),
            Self::Changed => out.pad(CHANGED),
        }
    }
}

impl FromStr for Dest {
    type Err = AddressError;

    /// Reads a prefix or `changed`.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text == CHANGED { Ok(Self::Changed) } else { text.parse().map(Self::Prefix) }
    }
}
