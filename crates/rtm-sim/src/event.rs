//! What can happen in the routing world.

use core::hash::{Hash, Hasher};

use tiebreak::{Name, Symbol, Term};
use tiebreak_rtm::{CallbackId, Ticket, TimerKey};

use crate::subject::Subject;

/// Numbers the clients of a world, in the order in which they were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// A call that has waited for a lock may go on.
    Granted { client: ClientId, ticket: Ticket },
}

/// Without its name, which the kernel hashes beside it, and without the objects of the manager that it is for: the world
/// keeps the handles of such events by their objects, and hashes both together.
impl Hash for Event {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.what {
            What::Wake { client, token } => (0_u8, client, token).hash(state),
            What::Timer { timer: _, generation } => (1_u8, generation).hash(state),
            What::Deliver { client, callback: _ } => (2_u8, client).hash(state),
            What::Resume { client } => (3_u8, client).hash(state),
            What::Granted { client, ticket: _ } => (4_u8, client).hash(state),
        }
    }
}

impl Event {
    pub(crate) fn new(actor: Symbol, kind: Term, subject: Subject, what: What) -> Self {
        Self { name: Name::of(actor, kind, subject), what }
    }
}
