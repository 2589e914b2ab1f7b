//! A client adds a route and leaves. The manager puts calls for routes into a queue, and takes the routes of who leaves
//! out of the table. Then the queue is run: the route is added for a protocol that nobody speaks any more.

use alloc::collections::BTreeSet;

use tiebreak::{Actor, Record, terms};
use tiebreak_rtm::{
    Call, EntityHandle, EntityInfo, EventCallback, Input, OpaqueSlot, Outcome, Output, Reply,
    RouteChangeFlags,
};

use super::desk::Desk;
use super::faulty::{Fault, Inside, reply};
use super::words::{ADD, DEREGISTER, FORWARDER, GONE, OBSERVE, REGISTER, RIP, ROUTE_ADDED};
use super::{Exhibit, PREFIX};
use crate::judge::Rule;
use crate::script::{About, Script, Step, WORK};

terms! {
    OPERATOR = "operator", STOP = "stop",
}

/// Answers calls that add routes at once, and makes them later, for whoever has the number of the protocol.
#[derive(Default)]
pub(crate) struct AddsLater {
    queue: Vec<(EntityInfo, Call)>,
}

/// The entity with this number; it is registered anew if it is gone.
fn owner(info: EntityInfo, inside: &mut Inside<'_>) -> Option<(EntityHandle, Vec<Output>)> {
    let manager = inside.manager();
    let known = manager.entities(info.table).find(|entity| manager.entity_info(*entity) == Some(info));
    if let Some(entity) = known {
        return Some((entity, Vec::new()));
    }
    let call = Call::RegisterEntity {
        info,
        methods: 0,
        callback: EventCallback::Absent,
        reserve_opaque_pointer: OpaqueSlot::NotReserved,
    };
    let outputs = inside.hear(Input::Call { caller: None, frame: None, call });
    let Some(Reply::RegisterEntity { entity, .. }) = reply(outputs.clone()) else { return None };
    Some((entity, outputs))
}

impl Fault for AddsLater {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        let Input::Call { caller: Some(caller), call: call @ Call::AddRouteToDest { .. }, .. } = input else {
            return inside.hear(input);
        };
        let info = inside.manager().entity_info(caller);
        self.queue.extend(info.map(|info| (info, call)));
        let added = Reply::AddRouteToDest { route: None, change_flags: RouteChangeFlags::NEW };
        Vec::from([Output::Reply(Outcome::Done(added))])
    }

    fn run_queue(&mut self, inside: &mut Inside<'_>) -> Vec<Output> {
        let mut all = Vec::new();
        for (info, call) in self.queue.drain(..) {
            let Some((entity, outputs)) = owner(info, inside) else { continue };
            all.extend(outputs);
            all.extend(inside.hear(Input::Call { caller: Some(entity), frame: None, call }));
        }
        all
    }

    fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }
}

/// Nobody's routes are added after it is gone.
#[derive(Default)]
pub(crate) struct OwnersAreThere {
    gone: BTreeSet<&'static str>,
}

impl Rule for OwnersAreThere {
    const NAME: &'static str = "owners-are-there";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        let Actor::Term(actor) = record.name.actor else { return Ok(()) };
        match record.name.kind {
            GONE => _ = self.gone.insert(actor.text()),
            ROUTE_ADDED if self.gone.contains(actor.text()) => {
                return Err(format!("a route of {} was added, which is gone", actor.text()));
            }
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct Leaving;

impl Exhibit for Leaving {
    type Fault = AddsLater;
    type Rule = OwnersAreThere;

    fn script() -> Script {
        Script::default()
            .early(FORWARDER, OBSERVE, "")
            .early(RIP, REGISTER, "")
            .client(RIP, &[WORK, ADD], PREFIX)
            .client(OPERATOR, &[WORK, STOP], "")
            .others(4, 5)
    }

    fn step(&mut self, step: Step, desk: &mut Desk<'_, '_>) {
        if step.action == STOP { desk.follow(RIP, DEREGISTER, "") } else { desk.perform(step) }
    }
}
