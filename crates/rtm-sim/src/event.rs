//! What can happen in the routing world.

use tiebreak::{Name, Symbol, Term};
use tiebreak_rtm::{CallbackId, TimerKey};

use crate::subject::Subject;

/// Numbers the clients of a world, in the order in which they were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(pub(crate) u32);

impl ClientId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A pending event with its name.
#[derive(Debug, Clone)]
pub struct Event {
    pub(crate) name: Name<Subject>,
    pub(crate) what: What,
}

/// What happens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    /// A client goes on by itself: a step of a script, a timer of a protocol, a row of a recording.
    Wake { client: ClientId, token: u64 },
    /// A timer of the manager comes due.
    Timer { timer: TimerKey, generation: u32 },
    /// A callback is delivered.
    Deliver { client: ClientId, callback: CallbackId },
    /// A callback that has paused goes on.
    Resume { client: ClientId },
}

impl Event {
    pub(crate) fn new(actor: Symbol, kind: Term, subject: Subject, what: What) -> Self {
        Self { name: Name::of(actor, kind, subject), what }
    }
}
