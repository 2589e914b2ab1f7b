//! A client that adds its route once.

use tiebreak::{Span, Term};
use tiebreak_rtm::{
    Call, EntityId, EventCallback, HandleArgument, INFINITE, NetAddress, RouteChangeFlags, RouteSpec,
    ViewSet, protocol,
};
use tiebreak_rtm_sim::{Desk, Subject};

use crate::TABLE;

const START: Term = Term::new("start");

/// A client without a callback that adds one route for good.
#[derive(Debug, Clone)]
pub struct Static {
    number: u32,
    prefix: NetAddress,
}

impl Static {
    /// The `number`-th static client, with its destination.
    #[must_use]
    pub const fn new(number: u32, prefix: NetAddress) -> Self {
        Self { number, prefix }
    }

    pub(crate) fn start(desk: &mut Desk<'_>) {
        desk.timer_after(Span::ZERO, (START, Subject::None), 0);
    }

    pub(crate) fn wake(&self, desk: &mut Desk<'_>) {
        let id = EntityId { protocol: protocol::NT_STATIC, protocol_instance: self.number };
        desk.register(TABLE, id, EventCallback::Absent);
        desk.call(Call::AddRouteToDest {
            route: HandleArgument::Absent,
            dest: self.prefix,
            spec: RouteSpec { metric: 1, views: ViewSet::UCAST, ..RouteSpec::default() },
            time_to_live_ms: INFINITE,
            list: None,
            change_flags: RouteChangeFlags::NONE,
        });
    }
}
