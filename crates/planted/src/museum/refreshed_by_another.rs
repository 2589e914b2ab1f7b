//! A neighbour that taught a route has died, and another one offers the same destination at the same metric. The manager
//! takes that for a refresh, and the route through the dead neighbour never expires.

use alloc::collections::BTreeMap;

use tiebreak::{Actor, Instant, Record, Span, Term, terms};
use tiebreak_rtm::{
    Call, EntityHandle, Event, Input, Manager, NetAddress, Output, RouteInfo, RouteSpec, Status,
};

use super::desk::Desk;
use super::faulty::{Fault, Inside, TABLE};
use super::words::{FORWARDER, NEIGHBOUR, OBSERVE, REGISTER, RIP, ROUTE_ADDED, ROUTE_DELETED};
use super::{Exhibit, PREFIX};
use crate::judge::Rule;
use crate::script::{About, Script, Step, WORK};

terms! {
    ROUTER1 = "router1", ROUTER2 = "router2", SEND = "send", CROSS = "cross",
    UPDATE = "update",
}

/// Who teaches routes. The interface of each is its place, from 1.
const ROUTERS: [Term; 2] = [ROUTER1, ROUTER2];
/// How long a route lasts after an update: until noon, if that came at the start.
const TIME_TO_LIVE: Span = Span::from_secs(1);

/// Takes a new route for that of another neighbour, if there is one as good.
#[derive(Default)]
pub(crate) struct AnybodyRefreshes;

/// A client's route to a destination at a metric.
fn route_as_good(
    manager: &Manager,
    caller: EntityHandle,
    dest: NetAddress,
    metric: u32,
) -> Option<RouteInfo> {
    manager.routes(TABLE).into_iter().find_map(|route| {
        let (name, info) = (manager.route_name(route)?, manager.route(route)?);
        (info.owner == caller && name.dest == dest && info.spec.metric == metric).then_some(info)
    })
}

impl Fault for AnybodyRefreshes {
    fn handle(&mut self, mut input: Input, inside: &mut Inside<'_>) -> Vec<Output> {
        if let Input::Call { caller: Some(caller), call: Call::AddRouteToDest { dest, spec, .. }, .. } =
            &mut input
        {
            let known = route_as_good(inside.manager(), *caller, *dest, spec.metric);
            spec.neighbour = known.map_or(spec.neighbour, |known| known.spec.neighbour);
        }
        inside.hear(input)
    }
}

/// A route is gone when the last update of its neighbour is older than the time to live.
#[derive(Default)]
pub(crate) struct OnlyItsNeighbourRefreshes {
    updated: BTreeMap<u64, Instant>,
    /// By neighbour.
    routes: BTreeMap<u64, About>,
}

impl Rule for OnlyItsNeighbourRefreshes {
    const NAME: &'static str = "only-its-neighbour-refreshes";

    fn observe(&mut self, record: &Record<'_, About>) -> Result<(), String> {
        let neighbour = record.number(NEIGHBOUR).unwrap_or(0);
        match (record.name.kind, record.name.actor) {
            (UPDATE, Actor::Term(router)) => _ = self.updated.insert(interface(router), record.instant),
            (ROUTE_ADDED, _) => _ = self.routes.insert(neighbour, record.name.subject),
            (ROUTE_DELETED, _) => _ = self.routes.remove(&neighbour),
            _ => {}
        }
        let ends = |neighbour: &u64| Some(self.updated.get(neighbour)?.saturating_add(TIME_TO_LIVE));
        let is_over = |neighbour: &&u64| ends(neighbour).is_some_and(|ends| ends < record.instant);
        match self.routes.keys().find(is_over) {
            Some(neighbour) => Err(format!("a route outlives the silence of neighbour {neighbour}")),
            None => Ok(()),
        }
    }
}

fn interface(router: Term) -> u64 {
    ROUTERS.iter().zip(1..).find(|(known, _)| **known == router).map_or(0, |(_, interface)| interface)
}

#[derive(Default)]
pub(crate) struct TwoNeighbours;

impl Exhibit for TwoNeighbours {
    type Fault = AnybodyRefreshes;
    type Rule = OnlyItsNeighbourRefreshes;

    fn script() -> Script {
        Script::default()
            .early(RIP, REGISTER, "")
            .early(FORWARDER, OBSERVE, "")
            .early(ROUTER1, UPDATE, PREFIX)
            .client(ROUTER2, &[WORK, SEND, WORK], PREFIX)
            .others(4, 5)
    }

    fn step(&mut self, step: Step, desk: &mut Desk<'_, '_>) {
        match step.action {
            SEND => desk.follow(step.client, CROSS, step.about),
            CROSS => desk.follow(step.client, UPDATE, step.about),
            UPDATE => {
                desk.client = RIP;
                let neighbour = desk.next_hop(u32::try_from(interface(step.client)).unwrap_or(0));
                let lives = u32::try_from(TIME_TO_LIVE.as_nanos() / 1_000_000).unwrap_or(0);
                desk.add_with(step.about, RouteSpec { neighbour, ..RouteSpec::default() }, lives);
            }
            _ => desk.perform(step),
        }
    }

    fn called(&mut self, event: &Event, desk: &mut Desk<'_, '_>) -> Status {
        match event {
            Event::RouteExpired { .. } => return Status::NotSupported,
            Event::ChangeNotification { .. } => desk.take_changes(),
            Event::EntityRegistered { .. } | Event::EntityDeregistered { .. } => {}
        }
        Status::NoError
    }
}
