//! What a manager remembers of holds, opaque slots, route lists and enumerations.

use tiebreak_rtm::*;

use crate::memory::{SECOND, Watched, Way, add, are_told_apart, call, entity, next_hop};

const BOTH: ViewSet = ViewSet::UCAST.union(ViewSet::MCAST);

/// Lets the route be in both views, arms its destination, and deletes the route.
fn hold(watched: &mut Watched, views: ViewSet) -> DestHandle {
    let Call::AddRouteToDest { dest, spec, time_to_live_ms, change_flags, .. } = add("10.0.0.0/8", 1) else {
        panic!()
    };
    let (route, spec) = (HandleArgument::Given(watched.route), RouteSpec { views: BOTH, ..spec });
    watched.call(1, Call::AddRouteToDest { route, dest, spec, time_to_live_ms, list: None, change_flags });
    let dest = arm(watched, views, 1_000);
    watched.call(1, Call::DeleteRouteToDest { route: watched.route });
    watched.call(0, Call::LockDestination { dest, mode: LockMode::Shared, action: LockAction::Lock });
    dest
}

fn arm(watched: &mut Watched, views: ViewSet, hold_time_ms: u32) -> DestHandle {
    let dest = watched.dest();
    watched.call(1, Call::HoldDestination { dest, views, hold_time_ms });
    dest
}

#[test]
fn what_is_armed_and_held_is_hashed() {
    let ways: [(&str, Way<'_>); 7] = [
        ("a destination", &|watched| _ = watched.dest()),
        ("armed", &|watched| _ = arm(watched, ViewSet::UCAST, 1_000)),
        ("armed for longer", &|watched| _ = arm(watched, ViewSet::UCAST, 2_000)),
        ("armed in another view", &|watched| _ = arm(watched, ViewSet::MCAST, 1_000)),
        ("held", &|watched| _ = hold(watched, ViewSet::UCAST)),
        ("held in both views", &|watched| _ = hold(watched, BOTH)),
        ("held to the end, and locked", &|watched| {
            let timer = TimerKey::Hold(hold(watched, ViewSet::UCAST));
            watched.manager.handle(SECOND, Input::TimerFired { timer, generation: 0 });
        }),
    ];
    are_told_apart(&ways);
}

/// Registers a client, which writes into its slot if it has one.
fn register(watched: &mut Watched, reserve_opaque_pointer: OpaqueSlot, value: u64) {
    let callback = EventCallback::Absent;
    let register = Call::RegisterEntity { info: entity(7), methods: 0, callback, reserve_opaque_pointer };
    let Reply::RegisterEntity { entity, .. } = call(&mut watched.manager, None, register) else { panic!() };
    let (dest, mode) = (watched.dest(), LockMode::Exclusive);
    let mut done = |made| drop(call(&mut watched.manager, Some(entity), made));
    if value > 0 {
        done(Call::LockDestination { dest, mode, action: LockAction::Lock });
        done(Call::SetOpaqueInformation { dest, value });
        done(Call::LockDestination { dest, mode, action: LockAction::Unlock });
    }
}

#[test]
fn opaque_slots_and_what_is_in_them_are_hashed() {
    let ways: [(&str, Way<'_>); 4] = [
        ("no slot", &|watched| register(watched, OpaqueSlot::NotReserved, 0)),
        ("a slot", &|watched| register(watched, OpaqueSlot::Reserved, 0)),
        ("a value", &|watched| register(watched, OpaqueSlot::Reserved, 7)),
        ("another value", &|watched| register(watched, OpaqueSlot::Reserved, 8)),
    ];
    are_told_apart(&ways);
}

impl Watched {
    /// Makes a call that has to wait.
    fn wait(&mut self, client: usize, call: Call) {
        let caller = Some(self.clients[client]);
        let outputs = self.manager.handle(0, Input::Call { caller, frame: None, call });
        assert!(matches!(outputs.last(), Some(Output::Reply(Outcome::Pending(_)))));
    }
}

/// Creates an enumeration of the owner of the route, and reads so much of it; what is read is released.
fn read(watched: &mut Watched, create: &Call, count: u32) {
    let Reply::CreateEnum { enumeration } = watched.call(1, create.clone()) else { panic!() };
    if count == 0 {
        return;
    }
    let next = match create {
        Call::CreateDestEnum { .. } => Call::GetEnumDests { enumeration, count },
        Call::CreateRouteEnum { .. } => Call::GetEnumRoutes { enumeration, count },
        Call::CreateNextHopEnum { .. } => Call::GetEnumNextHops { enumeration, count },
        _ => Call::GetListEnumRoutes { enumeration, count },
    };
    let release = match watched.call(1, next) {
        Reply::GetEnumDests { infos } => Call::ReleaseDests { infos },
        Reply::GetEnumRoutes { routes } | Reply::GetListEnumRoutes { routes } => {
            Call::ReleaseRoutes { routes }
        }
        Reply::GetEnumNextHops { next_hops } => Call::ReleaseNextHops { next_hops },
        other => panic!("{other:?}"),
    };
    watched.call(1, release);
}

fn dests(views: ViewSet, flags: EnumFlags, protocol: ProtocolSelector) -> Call {
    Call::CreateDestEnum { views, flags, address: None, protocol }
}

#[test]
fn enumerations_of_destinations_are_hashed() {
    let (ucast, best, start) = (ViewSet::UCAST, ProtocolSelector::Best, EnumFlags::START);
    let ways: [(&str, Way<'_>); 5] = [
        ("unread", &|watched| read(watched, &dests(ucast, start, best), 0)),
        ("read", &|watched| read(watched, &dests(ucast, start, best), 1)),
        ("any view", &|watched| read(watched, &dests(ViewSet::ANY, start, best), 0)),
        ("own ones", &|watched| read(watched, &dests(ucast, EnumFlags::OWN_DESTS, best), 0)),
        ("a protocol", &|watched| read(watched, &dests(ucast, start, ProtocolSelector::This), 0)),
    ];
    are_told_apart(&ways);
}

/// An enumeration of all routes, or of those on an interface.
fn routes(views: ViewSet, flags: EnumFlags, interface: u32) -> Call {
    let matching = if interface > 0 { MatchFlags::INTERFACE } else { MatchFlags::NONE };
    Call::CreateRouteEnum { dest: None, views, flags, start: None, matching, criteria: None, interface }
}

/// Adds a second route to the destination and one to another, and reads so many routes of one of them.
fn read_one(watched: &mut Watched, address: &str, count: u32) {
    let Call::AddRouteToDest { route, dest, spec, time_to_live_ms, list, .. } = add("10.0.0.0/8", 2) else {
        panic!()
    };
    let change_flags = RouteChangeFlags::NEW;
    watched.call(1, Call::AddRouteToDest { route, dest, spec, time_to_live_ms, list, change_flags });
    watched.call(1, add("10.1.0.0/16", 1));
    let address = address.parse().expect("a prefix");
    let (views, protocol) = (ViewSet::UCAST, ProtocolSelector::Best);
    let look = Call::GetExactMatchDestination { address, protocol, views };
    let Reply::Dest { info } = watched.call(1, look) else { panic!() };
    let (flags, matching) = (EnumFlags::START, MatchFlags::NONE);
    let dest = Some(info.dest);
    watched.call(1, Call::ReleaseDestInfo { info });
    let create =
        Call::CreateRouteEnum { dest, views, flags, start: None, matching, criteria: None, interface: 0 };
    read(watched, &create, count);
}

#[test]
fn enumerations_of_routes_are_hashed() {
    let (ucast, start) = (ViewSet::UCAST, EnumFlags::START);
    let ways: [(&str, Way<'_>); 10] = [
        ("unread", &|watched| read(watched, &routes(ucast, start, 0), 0)),
        ("read", &|watched| read(watched, &routes(ucast, start, 0), 1)),
        ("any view", &|watched| read(watched, &routes(ViewSet::ANY, start, 0), 0)),
        ("own ones", &|watched| read(watched, &routes(ucast, EnumFlags::OWN_ROUTES, 0), 0)),
        ("on an interface", &|watched| read(watched, &routes(ucast, start, 1), 0)),
        ("of a destination", &|watched| read_one(watched, "10.0.0.0/8", 0)),
        ("of a destination, the first", &|watched| read_one(watched, "10.0.0.0/8", 1)),
        ("of a destination, both", &|watched| read_one(watched, "10.0.0.0/8", 2)),
        ("of another one", &|watched| read_one(watched, "10.1.0.0/16", 0)),
        ("of another one, read", &|watched| read_one(watched, "10.1.0.0/16", 1)),
    ];
    are_told_apart(&ways);
}

/// Adds two next hops of one address and reads so many.
fn read_next_hops(watched: &mut Watched, flags: EnumFlags, address: Option<&str>, count: u32) {
    for interface in [1, 2] {
        watched.call(1, next_hop(interface));
    }
    let address = address.map(|address| address.parse().expect("a prefix"));
    read(watched, &Call::CreateNextHopEnum { flags, address }, count);
}

#[test]
fn enumerations_of_next_hops_are_hashed() {
    let host = Some("192.0.2.1/32");
    let ways: [(&str, Way<'_>); 4] = [
        ("unread", &|watched| read_next_hops(watched, EnumFlags::START, None, 0)),
        ("read", &|watched| read_next_hops(watched, EnumFlags::START, None, 1)),
        ("from one on", &|watched| read_next_hops(watched, EnumFlags::NEXT, host, 0)),
        ("within one", &|watched| read_next_hops(watched, EnumFlags::RANGE, host, 0)),
    ];
    are_told_apart(&ways);
}

fn list(watched: &mut Watched, routes: Vec<RouteHandle>) -> RouteListHandle {
    let Reply::CreateRouteList { list } = watched.call(1, Call::CreateRouteList) else { panic!() };
    watched.call(1, Call::InsertInRouteList { list: Some(list), routes });
    list
}

fn read_list(watched: &mut Watched, count: u32) {
    let list = list(watched, vec![watched.route]);
    read(watched, &Call::CreateRouteListEnum { list }, count);
}

#[test]
fn lists_and_their_enumerations_are_hashed() {
    let ways: [(&str, Way<'_>); 5] = [
        ("no list", &|_| ()),
        ("an empty list", &|watched| _ = list(watched, Vec::new())),
        ("a list", &|watched| _ = list(watched, vec![watched.route])),
        ("an unread list", &|watched| read_list(watched, 0)),
        ("a list that is read", &|watched| read_list(watched, 1)),
    ];
    are_told_apart(&ways);
}

#[test]
fn which_calls_that_wait_may_go_on_is_hashed() {
    // Of three calls that wait the first is ready; the last has passed the one before it if its client has locked meanwhile.
    let wait = |watched: &mut Watched| {
        let (dest, route) = (watched.dest(), watched.route);
        let lock = |mode, action| Call::LockDestination { dest, mode, action };
        watched.call(0, lock(LockMode::Exclusive, LockAction::Lock));
        watched.wait(1, add("10.0.0.0/8", 8));
        watched.call(0, lock(LockMode::Exclusive, LockAction::Unlock));
        watched.wait(0, Call::IsBestRoute { route });
        watched.wait(1, add("10.0.0.0/8", 9));
        [LockAction::Lock, LockAction::Unlock].map(|action| lock(LockMode::Shared, action))
    };
    let ways: [(&str, Way<'_>); 2] = [
        ("one", &|watched| drop(wait(watched))),
        ("two", &|watched| {
            for made in wait(watched) {
                watched.call(1, made);
            }
        }),
    ];
    are_told_apart(&ways);
}

/// Adds a next hop of the second client, with this private value.
fn hop(watched: &mut Watched, entity_specific_info: u64) -> NextHopHandle {
    let spec = NextHopSpec {
        entity_specific_info,
        ..NextHopSpec::local("192.0.2.1/32".parse().expect("a host"), 1)
    };
    let added = watched.call(1, Call::AddNextHop { next_hop: HandleArgument::Null, spec });
    let Reply::AddNextHop { next_hop: Some(next_hop), .. } = added else { panic!() };
    next_hop
}

#[test]
fn what_is_known_of_next_hops_is_hashed() {
    let ways: [(&str, Way<'_>); 4] = [
        ("no next hop", &|_| ()),
        ("a next hop", &|watched| _ = hop(watched, 1)),
        ("another value", &|watched| _ = hop(watched, 2)),
        ("a deleted one", &|watched| {
            let next_hop = hop(watched, 1);
            watched.call(1, Call::ReferenceHandles { handles: vec![AnyHandle::NextHop(next_hop)] });
            watched.call(1, Call::DeleteNextHop { target: NextHopTarget::Handle(next_hop) });
        }),
    ];
    are_told_apart(&ways);
}

/// Invokes the first callback that is on its way to a client.
fn invoke(watched: &mut Watched, client: usize) {
    let callbacks: Vec<_> = watched.manager.naming().callbacks().collect();
    for callback in callbacks {
        let mut twin = watched.manager.clone();
        twin.handle(0, Input::Invoke { callback });
        if twin.running(callback).is_some_and(|(to, _)| to == watched.clients[client]) {
            watched.manager.handle(0, Input::Invoke { callback });
            return;
        }
    }
    panic!("a callback is on its way");
}

#[test]
fn which_callbacks_are_on_their_way_and_run_is_hashed() {
    let register = |watched: &mut Watched| register(watched, OpaqueSlot::NotReserved, 0);
    let ways: [(&str, Way<'_>); 3] = [
        ("as it was", &|_| ()),
        ("a newcomer", &|watched| register(watched)),
        ("a callback that runs", &|watched| invoke(watched, 0)),
    ];
    are_told_apart(&ways);
}

#[test]
fn what_is_held_and_what_is_locked_is_told_by_name() {
    let reference = |watched: &mut Watched, handle| {
        watched.call(0, Call::ReferenceHandles { handles: vec![handle] });
    };
    let (mode, action) = (LockMode::Exclusive, LockAction::Lock);
    let ways: [(&str, Way<'_>); 5] = [
        ("itself", &|watched| reference(watched, AnyHandle::Entity(watched.clients[0]))),
        ("another client", &|watched| reference(watched, AnyHandle::Entity(watched.clients[1]))),
        ("a route", &|watched| reference(watched, AnyHandle::Route(watched.route))),
        ("a locked destination", &|watched| {
            let (dest, _) = (watched.dest(), hop(watched, 1));
            watched.call(1, Call::LockDestination { dest, mode, action });
        }),
        ("a locked next hop", &|watched| {
            let (_, next_hop) = (watched.dest(), hop(watched, 1));
            watched.call(1, Call::LockNextHop { next_hop, mode, action, edited: None });
        }),
    ];
    are_told_apart(&ways);
}
