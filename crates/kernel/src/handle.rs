//! How pending events are named from outside, and what becomes of attempts on them.

use core::fmt;
use core::hash::{Hash, Hasher};

use crate::identity::Identity;
use crate::state::hash_handle;
use crate::time::Instant;

/// The handle of a scheduled event, for cancelling and rescheduling. It outlives its event without harm: it never names another
/// one.
///
/// It belongs to the simulation, or fork of one, in which the event was scheduled; what was scheduled before a fork belongs
/// to both sides. Debug builds refuse the handle of another simulation, by a panic; release builds take it for whatever
/// was scheduled in its place there, if anything.
#[derive(Clone, Copy)]
pub struct Handle {
    pub(crate) slot: u32,
    pub(crate) life: u32,
    pub(crate) identity: Identity,
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        (self.slot, self.life) == (other.slot, other.life)
    }
}

impl Eq for Handle {}

impl Hash for Handle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_handle(state, self.slot, self.life);
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Handle({}:{})", self.slot, self.life)
    }
}

/// What became of an attempt to reschedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "an event that is gone was not moved"]
pub enum Attempt {
    /// The event was pending, and was moved.
    Done,
    /// It had run or been cancelled already: nothing happened.
    Gone,
}

/// An event was to be scheduled before the present instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InThePast {
    /// The instant asked for.
    pub at: Instant,
    /// The present instant.
    pub now: Instant,
}

impl fmt::Display for InThePast {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "cannot schedule at {}: it is {} already", self.at, self.now)
    }
}

impl core::error::Error for InThePast {}
