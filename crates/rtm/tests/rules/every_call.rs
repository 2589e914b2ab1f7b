//! One call of every function, and what holds for all of them: who may call at all, and when.

use crate::world::{World, add, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";
const VIEWS: ViewSet = ViewSet::UCAST;
const LOCK: LockAction = LockAction::Lock;
const MODE: LockMode = LockMode::Exclusive;

/// One object of each kind, all of the same client, with the references that the calls release.
struct Objects {
    entity: EntityHandle,
    dest: DestHandle,
    route: RouteHandle,
    next_hop: NextHopHandle,
    notify: NotifyHandle,
    list: RouteListHandle,
    of_dests: EnumHandle,
    of_routes: EnumHandle,
    of_next_hops: EnumHandle,
    of_list: EnumHandle,
    route_info: RouteInfo,
    dest_info: DestInfo,
    next_hop_info: NextHopInfo,
    changed: Vec<DestInfo>,
}

fn opened(world: &mut World, client: EntityHandle, call: Call) -> EnumHandle {
    match world.done(client, call) {
        Reply::CreateEnum { enumeration } => enumeration,
        other => panic!("{other:?}"),
    }
}

fn all_dests() -> Call {
    let (flags, protocol) = (EnumFlags::default(), ProtocolSelector::Best);
    Call::CreateDestEnum { views: VIEWS, flags, address: None, protocol }
}

fn all_routes() -> Call {
    let (flags, matching) = (EnumFlags::default(), MatchFlags::NONE);
    Call::CreateRouteEnum {
        dest: None,
        views: VIEWS,
        flags,
        start: None,
        matching,
        criteria: None,
        interface: 0,
    }
}

impl Objects {
    /// Makes them; afterwards a change is pending.
    fn of(world: &mut World, entity: EntityHandle) -> Self {
        let next_hop = world.hop(entity, "192.0.2.1/32", 1);
        let notify = world.watch(entity, NotifyFlags::ALL);
        let (route, _) = world.add(entity, NET, RouteSpec { next_hops: next_hop.into(), ..ucast(0, 1) });
        let changed = world.changed(entity, notify);
        world.add(entity, NET, RouteSpec { next_hops: next_hop.into(), ..ucast(0, 2) });
        let dest_info = world.dest(entity, NET, VIEWS).expect("it has a route");
        let route_info = world.info(entity, route);
        let Reply::GetNextHopInfo { info } = world.done(entity, Call::GetNextHopInfo { next_hop }) else {
            panic!("a next hop")
        };
        let Reply::CreateRouteList { list } = world.done(entity, Call::CreateRouteList) else {
            panic!("a list")
        };
        world.done(entity, Call::GetEntityInfo { entity });
        world.done(entity, Call::ReferenceHandles { handles: vec![AnyHandle::Entity(entity)] });
        let next_hops = Call::CreateNextHopEnum { flags: EnumFlags::default(), address: None };
        Self {
            entity,
            dest: dest_info.dest,
            route,
            next_hop,
            notify,
            list,
            of_dests: opened(world, entity, all_dests()),
            of_routes: opened(world, entity, all_routes()),
            of_next_hops: opened(world, entity, next_hops),
            of_list: opened(world, entity, Call::CreateRouteListEnum { list }),
            route_info,
            dest_info,
            next_hop_info: info,
            changed,
        }
    }

    /// A call of every function; with these objects and by their owner it succeeds.
    fn calls(&self) -> Vec<Call> {
        let mut calls = self.of_entities_and_next_hops();
        calls.extend(self.of_routes());
        calls.extend(self.of_dests_and_changes());
        calls.extend(self.of_enumerations());
        let mut functions: Vec<_> = calls.iter().map(Call::function).collect();
        functions.sort_unstable();
        let mut all = Function::ALL.to_vec();
        all.sort_unstable();
        assert_eq!(functions, all, "a new function needs a call here");
        calls
    }

    fn of_entities_and_next_hops(&self) -> Vec<Call> {
        let &Self { entity, next_hop, .. } = self;
        let (info, callback) = (rip(9), EventCallback::Given);
        let (address, interface) = (prefix("192.0.2.1/32"), 1);
        let spec = NextHopSpec::local(address, 2);
        vec![
            Call::RegisterEntity {
                info,
                methods: 0,
                callback,
                reserve_opaque_pointer: OpaqueSlot::NotReserved,
            },
            Call::DeregisterEntity,
            Call::GetRegisteredEntities { capacity: 9, handles: ListedHandles::Wanted },
            Call::ReleaseEntities { entities: vec![entity] },
            Call::GetEntityInfo { entity },
            Call::ReleaseEntityInfo { entity },
            Call::GetEntityMethods { entity, capacity: 0 },
            Call::InvokeMethod { entity, methods: MethodTypes::ALL, input: 0, capacity: 1 },
            Call::BlockMethods { target: None, action: MethodBlocking::Block },
            Call::AddNextHop { next_hop: HandleArgument::Null, spec },
            Call::find_next_hop(address, interface),
            Call::LockNextHop { next_hop, mode: MODE, action: LOCK, edited: None },
            Call::DeleteNextHop { target: NextHopTarget::Handle(next_hop) },
            Call::GetNextHopInfo { next_hop },
            Call::ReleaseNextHopInfo { info: self.next_hop_info },
            Call::GetNextHopPointer { next_hop },
            Call::ReleaseNextHops { next_hops: vec![next_hop] },
            Call::ReferenceHandles { handles: vec![AnyHandle::Route(self.route)] },
            Call::ReleaseHandle { handle: AnyHandle::Route(self.route) },
        ]
    }

    fn of_routes(&self) -> Vec<Call> {
        let &Self { route, .. } = self;
        let (matching, interface) = (MatchFlags::NONE, 0);
        vec![
            add("11.0.0.0/8", ucast(0, 1)),
            Call::DeleteRouteToDest { route },
            Call::GetRoutePointer { route },
            Call::LockRoute { route, mode: MODE, action: LOCK },
            Call::UpdateAndUnlockRoute {
                route,
                edited: ucast(0, 9),
                time_to_live_ms: INFINITE,
                list: Some(self.list),
            },
            Call::get_route_info(route),
            Call::ReleaseRouteInfo { info: self.route_info.clone() },
            Call::ReleaseRoutes { routes: vec![route] },
            Call::GetExactMatchRoute {
                address: prefix(NET),
                matching,
                criteria: RouteCriteria::default(),
                interface,
                views: VIEWS,
                route: OptionalOutput::Wanted,
            },
            Call::IsBestRoute { route },
            Call::CreateRouteList,
            Call::InsertInRouteList { list: Some(self.list), routes: vec![route] },
            Call::DeleteRouteList { list: self.list },
        ]
    }

    fn of_dests_and_changes(&self) -> Vec<Call> {
        let &Self { dest, notify, .. } = self;
        let (address, protocol, views) = (prefix(NET), ProtocolSelector::Best, VIEWS);
        let (flags, own_changes) = (NotifyFlags::ALL, OwnChanges::Included);
        vec![
            Call::LockDestination { dest, mode: MODE, action: LOCK },
            Call::GetOpaqueInformationPointer { dest },
            Call::SetOpaqueInformation { dest, value: 7 },
            Call::HoldDestination { dest, views, hold_time_ms: 1 },
            Call::GetDestInfo { dest, protocol, views },
            Call::GetExactMatchDestination { address, protocol, views },
            Call::GetMostSpecificDestination { address, protocol, views },
            Call::GetLessSpecificDestination { dest, protocol, views },
            Call::ReleaseDestInfo { info: self.dest_info.clone() },
            Call::ReleaseDests { infos: vec![self.dest_info.clone()] },
            Call::RegisterForChangeNotification { views, flags, context: 0, own_changes },
            Call::DeregisterFromChangeNotification { notify },
            Call::GetChangedDests { notify, count: 1 },
            Call::ReleaseChangedDests { notify, infos: self.changed.clone() },
            Call::GetChangeStatus { notify, dest },
            Call::IgnoreChangedDests { notify, dests: vec![dest] },
            Call::MarkDestForChangeNotification { notify, dest, mark: Marking::Mark },
            Call::IsMarkedForChangeNotification { notify, dest },
        ]
    }

    fn of_enumerations(&self) -> Vec<Call> {
        vec![
            all_dests(),
            Call::GetEnumDests { enumeration: self.of_dests, count: 1 },
            all_routes(),
            Call::GetEnumRoutes { enumeration: self.of_routes, count: 1 },
            Call::CreateNextHopEnum { flags: EnumFlags::default(), address: None },
            Call::GetEnumNextHops { enumeration: self.of_next_hops, count: 1 },
            Call::DeleteEnumHandle { enumeration: self.of_dests },
            Call::CreateRouteListEnum { list: self.list },
            Call::GetListEnumRoutes { enumeration: self.of_list, count: 1 },
        ]
    }
}

/// A client with one object of each kind, and an opaque slot, among others that it could ask for.
fn furnished(leftovers: Leftovers) -> (World, Objects) {
    let mut world = World::with(Profile { leftovers, ..Profile::default() });
    let (info, callback) = (rip(2), EventCallback::Given);
    let reserve_opaque_pointer = OpaqueSlot::Reserved;
    let register = Call::RegisterEntity { info, methods: 1, callback, reserve_opaque_pointer };
    let Outcome::Done(Reply::RegisterEntity { entity, .. }) = world.call_in(None, None, register) else {
        panic!("an unused key registers")
    };
    // What the less specific destination is.
    world.add(entity, "0.0.0.0/0", ucast(0, 1));
    let objects = Objects::of(&mut world, entity);
    (world, objects)
}

/// What one call answers, in a manager of its own.
fn tried(world: &World, caller: EntityHandle, frame: Option<CallbackId>, call: &Call) -> Outcome {
    let mut manager = world.manager.clone();
    let input = Input::Call { caller: Some(caller), frame, call: call.clone() };
    let outputs: Vec<_> = manager.handle(world.now, input).collect();
    manager.check_invariants();
    match outputs.last() {
        Some(Output::Reply(outcome)) => outcome.clone(),
        other => panic!("{call:?}: {other:?}"),
    }
}

/// The lock without which a call is refused.
fn lock_before(objects: &Objects, function: Function) -> Option<Call> {
    let (route, dest, mode, action) = (objects.route, objects.dest, MODE, LOCK);
    match function {
        Function::UpdateAndUnlockRoute => Some(Call::LockRoute { route, mode, action }),
        Function::SetOpaqueInformation => Some(Call::LockDestination { dest, mode, action }),
        _ => None,
    }
}

/// RTM-009
#[test]
fn a_deregistered_handle_is_a_violation_in_every_call() {
    // As long as the client is registered, every one of these calls succeeds: what fails later fails for its handle.
    for place in 0..Function::ALL.len() {
        let (mut world, objects) = furnished(Leftovers::Orphaned);
        let call = objects.calls().swap_remove(place);
        if let Some(lock) = lock_before(&objects, call.function()) {
            world.done(objects.entity, lock);
        }
        let outcome = tried(&world, objects.entity, None, &call);
        // An invocation is answered when its methods have run.
        let is_accepted = match call.function() {
            Function::InvokeMethod => matches!(outcome, Outcome::Pending(_)),
            _ => matches!(outcome, Outcome::Done(_)),
        };
        assert!(is_accepted, "{call:?} ended in {outcome:?}");
    }
    for leftovers in [Leftovers::Orphaned, Leftovers::Cleaned] {
        for keeps_alive in [true, false] {
            let (mut world, objects) = furnished(leftovers);
            let witness = world.register(rip(1));
            let gone = objects.entity;
            if keeps_alive {
                world.done(witness, Call::ReferenceHandles { handles: vec![AnyHandle::Entity(gone)] });
            }
            world.done(gone, Call::DeregisterEntity);
            world.settle(witness);
            let is_alive = keeps_alive || leftovers == Leftovers::Orphaned;
            assert_eq!(world.manager.entity_info(gone).is_some(), is_alive);
            for call in objects.calls() {
                let function = call.function();
                // `violates` sees to it that the state stays as it was.
                assert_eq!(world.violates(gone, None, call), Violation::UseAfterDeregister { function });
            }
        }
    }
    let function = Function::DeregisterEntity;
    assert_eq!(Violation::UseAfterDeregister { function }.status().map(Status::code), Some(6));
}

/// D-09: rule 3.4 forbids these calls in these callbacks, and no others (RTM-011 to RTM-014).
#[test]
fn each_event_forbids_what_the_page_says_and_nothing_else() {
    let of_entities = [Function::RegisterEntity, Function::DeregisterEntity, Function::GetRegisteredEntities];
    let of_changes = [Function::RegisterForChangeNotification];
    for (event, forbidden) in [
        (EventType::EntityRegistered, &of_entities[..]),
        (EventType::EntityDeregistered, &of_entities[..]),
        (EventType::ChangeNotification, &of_changes[..]),
        (EventType::RouteExpired, &[]),
    ] {
        let (mut world, objects) = furnished(Leftovers::Cleaned);
        let client = objects.entity;
        world.settle(client);
        match event {
            EventType::EntityRegistered => drop(world.register(rip(1))),
            EventType::EntityDeregistered => {
                let other = world.register(rip(1));
                world.settle(client);
                world.done(other, Call::DeregisterEntity);
            }
            EventType::ChangeNotification => drop(world.add(client, "12.0.0.0/8", ucast(0, 1))),
            EventType::RouteExpired => {
                world.add_for(client, "12.0.0.0/8", 0);
                world.settle(client);
                world.pass_until(0);
            }
        }
        let frame = world.invoke(client).expect("something has happened");
        assert_eq!(frame.event.event_type(), event);
        for call in objects.calls() {
            let function = call.function();
            let outcome = tried(&world, client, Some(frame.callback), &call);
            let refused = outcome == Outcome::Violated(Violation::Reentrancy { event, function });
            assert_eq!(refused, forbidden.contains(&function), "{event:?}: {call:?} ended in {outcome:?}");
        }
    }
}

/// D-89: the update, references, releases and opaque slots; everything else waits for the unlock.
#[test]
fn under_a_route_lock_only_what_an_update_needs_may_be_called() {
    let (mut world, objects) = furnished(Leftovers::Cleaned);
    let (client, route) = (objects.entity, objects.route);
    world.done(client, Call::LockRoute { route, mode: MODE, action: LOCK });
    let allowed = [
        Function::UpdateAndUnlockRoute,
        Function::GetOpaqueInformationPointer,
        Function::SetOpaqueInformation,
        Function::ReferenceHandles,
        Function::ReleaseHandle,
        Function::ReleaseEntities,
        Function::ReleaseEntityInfo,
        Function::ReleaseRouteInfo,
        Function::ReleaseRoutes,
        Function::ReleaseDestInfo,
        Function::ReleaseDests,
        Function::ReleaseNextHopInfo,
        Function::ReleaseNextHops,
        Function::ReleaseChangedDests,
    ];
    for call in objects.calls() {
        let function = call.function();
        let outcome = tried(&world, client, None, &call);
        let refused = outcome == Outcome::Violated(Violation::CallUnderLock { function, dest: prefix(NET) });
        assert_eq!(refused, !allowed.contains(&function), "{call:?} ended in {outcome:?}");
        assert!(refused || matches!(outcome, Outcome::Done(_)), "{call:?} ended in {outcome:?}");
    }
    // It is the client's own lock that forbids: another client may call, or waits.
    let other = world.register(rip(1));
    world.add(other, "12.0.0.0/8", ucast(0, 1));
}
