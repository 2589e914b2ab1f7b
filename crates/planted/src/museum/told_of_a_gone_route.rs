//! A route expires, and is withdrawn before its owner is told that it has expired. The manager does not take the news
//! back. The owner is told of a route that is gone, and handles it with what it was.

use alloc::collections::{BTreeMap, BTreeSet};

use tiebreak::{Record, terms};
use tiebreak_rtm::{
    CallbackFrame, CallbackId, DueEvent, EntityHandle, Event, Input, Output, RouteHandle, RouteSpec, Status,
};

use super::desk::Desk;
use super::faulty::{Fault, Inside};
use super::words::{FORWARDER, OBSERVE, REGISTER, RIP, ROUTE_ADDED, ROUTE_DELETED};
use super::{Exhibit, PREFIX};
use crate::judge::Rule;
use crate::script::{About, Script, Step, WORK};

terms! {
    ROUTER = "router", TEACH = "teach", WITHDRAW = "withdraw", TOLD = "Told",
}

/// How long the route lasts: until noon.
const TIME_TO_LIVE_MS: u32 = 1_000;

/// Does not take an expiry back, and tells it with what the route was when it expired.
#[derive(Default)]
pub(crate) struct TellsAllTheSame {
    expired: BTreeMap<CallbackId, CallbackFrame>,
    /// What the manager has taken back.
    taken_back: BTreeSet<CallbackId>,
}

impl TellsAllTheSame {
    fn keep(&mut self, to: EntityHandle, callback: CallbackId, route: RouteHandle, inside: &Inside<'_>) {
        if let Some(info) = inside.manager().route(route) {
            let event = Event::RouteExpired { route, info };
            self.expired.insert(callback, CallbackFrame { callback, to, event });
        }
    }
}

impl Fault for TellsAllTheSame {
    fn handle(&mut self, input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        if let Input::Invoke { callback } = input {
            let frame = self.expired.remove(&callback);
            if let Some(frame) = frame.filter(|_| self.taken_back.remove(&callback)) {
                return Vec::from([Output::Frame(frame)]);
            }
        }
        let mut outputs = inside.hear(input);
        for output in &outputs {
            if let Output::Deliver { to, callback, event: DueEvent::RouteExpired { route } } = output {
                self.keep(*to, *callback, *route, inside);
            }
        }
        outputs.retain(|output| {
            let Output::Drop { callback, .. } = output else { return true };
            let is_expiry = self.expired.contains_key(callback);
            is_expiry.then(|| self.taken_back.insert(*callback));
            !is_expiry
        });
        outputs
    }
}

/// Nobody is told that a route has expired which is gone.
#[derive(Default)]
pub(crate) struct NoNewsOfTheGone {
    routes: BTreeSet<About>,
}

impl Rule for NoNewsOfTheGone {
    const NAME: &'static str = "no-news-of-the-gone";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        let dest = record.name.subject;
        match record.name.kind {
            ROUTE_ADDED => _ = self.routes.insert(dest),
            ROUTE_DELETED => _ = self.routes.remove(dest),
            TOLD if !self.routes.contains(dest) => {
                return Err(format!("the route to {dest} has expired, but it is gone"));
            }
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct Withdrawal;

impl Exhibit for Withdrawal {
    type Fault = TellsAllTheSame;
    type Rule = NoNewsOfTheGone;

    fn script() -> Script {
        Script::default()
            .early(FORWARDER, OBSERVE, "")
            .early(RIP, REGISTER, "")
            .early(ROUTER, TEACH, PREFIX)
            .client(ROUTER, &[WORK, WITHDRAW, WORK], PREFIX)
            .others(4, 5)
    }

    fn step(&mut self, step: Step, desk: &mut Desk<'_, '_>) {
        match step.action {
            TEACH => {
                desk.client = RIP;
                desk.add_with(step.about, RouteSpec::default(), TIME_TO_LIVE_MS);
            }
            WITHDRAW => {
                desk.client = RIP;
                desk.delete(step.about);
            }
            _ => desk.perform(step),
        }
    }

    fn called(&mut self, event: &Event, desk: &mut Desk<'_, '_>) -> Status {
        match event {
            Event::RouteExpired { .. } => {
                desk.note(TOLD, PREFIX);
                return Status::NotSupported;
            }
            Event::ChangeNotification { .. } => desk.take_changes(),
            Event::EntityRegistered { .. } | Event::EntityDeregistered { .. } => {}
        }
        Status::NoError
    }
}
