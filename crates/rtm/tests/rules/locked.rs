//! Locks and who leaves, what is put off, what is edited under them: D-20, D-34, D-89, D-132 … D-134.

use crate::waits::*;
use crate::world::{SECOND, World, add, prefix, rip, ucast};
use tiebreak_rtm::*;

/// D-132: who waits for each other is told, as the shortest cycle; nobody is answered.
#[test]
fn d_132_a_deadlock_is_told_as_the_cycle() {
    let Table { mut world, clients: [first, second, third], dests: [dest, other], .. } = table();
    world.done(first, lock(dest, EXCLUSIVE, LOCK));
    world.done(second, lock(other, EXCLUSIVE, LOCK));
    world.waits(third, lock(dest, EXCLUSIVE, LOCK));
    world.waits(first, lock(other, EXCLUSIVE, LOCK));
    assert!(!world.facts.iter().any(|fact| matches!(fact, Fact::Deadlock { .. })), "they may all go on yet");
    world.waits(second, lock(dest, SHARED, LOCK));
    let link = |waiter, net, holder| DeadlockLink {
        waiter,
        function: Function::LockDestination,
        on: LockedObject::Dest(prefix(net)),
        holder,
    };
    let cycle = vec![link(second, NET, first), link(first, OTHER, second)];
    assert_eq!(world.facts.last(), Some(&Fact::Deadlock { cycle }));
    assert_eq!(world.ready, []);
}

/// D-132: also who stands in line before is waited for.
#[test]
fn d_132_who_stands_in_line_before_is_part_of_a_deadlock() {
    let Table { mut world, clients: [first, second, third], dests: [dest, other], .. } = table();
    world.done(first, lock(dest, SHARED, LOCK));
    world.done(third, lock(other, EXCLUSIVE, LOCK));
    world.waits(second, lock(dest, EXCLUSIVE, LOCK));
    // The third would read, and stands behind the second, who waits for the first.
    world.waits(third, lock(dest, SHARED, LOCK));
    world.waits(first, lock(other, SHARED, LOCK));
    let Some(Fact::Deadlock { cycle }) = world.facts.last() else { panic!() };
    let waiters: Vec<_> = cycle.iter().map(|link| link.waiter).collect();
    assert_eq!(waiters, [first, third, second]);
}

/// D-132: a deadlock is told once, by the call that completes it; another call of a client that is in it tells its own.
#[test]
fn d_132_a_deadlock_is_told_by_the_call_that_completes_it() {
    let Table { mut world, clients: [first, second, third], route, dests: [dest, other] } = table();
    world.done(first, lock(dest, SHARED, LOCK));
    world.done(second, lock(other, EXCLUSIVE, LOCK));
    world.waits(second, lock(dest, EXCLUSIVE, LOCK));
    let told =
        |world: &World| world.facts.iter().filter(|fact| matches!(fact, Fact::Deadlock { .. })).count();
    world.waits(first, lock(other, SHARED, LOCK));
    assert_eq!(told(&world), 1);
    let spec = NextHopSpec::local(prefix("10.0.0.1/32"), 1);
    let call = Call::AddNextHop { next_hop: HandleArgument::Null, spec };
    let Reply::AddNextHop { next_hop: Some(next_hop), .. } = world.done(third, call) else { panic!() };
    let lock_next_hop = Call::LockNextHop { next_hop, mode: EXCLUSIVE, action: LOCK, edited: None };
    world.done(third, lock_next_hop.clone());
    // The third waits for nobody: the first waits for it, and the second as before.
    world.waits(first, Call::GetNextHopInfo { next_hop });
    assert_eq!(told(&world), 1);
    // The third waits for the second, which stands in line before it, and waits for the first, which waits for the third.
    world.waits(third, Call::IsBestRoute { route });
    assert_eq!(told(&world), 2);
    let Some(Fact::Deadlock { cycle }) = world.facts.last() else { panic!() };
    let waiters: Vec<_> = cycle.iter().map(|link| link.waiter).collect();
    assert_eq!(waiters, [third, second, first]);
}

/// D-133: next hops are locked like destinations; the owner may leave one edited when it unlocks.
#[test]
fn d_133_the_owner_edits_a_next_hop_under_an_exclusive_lock() {
    let Table { mut world, clients: [owner, other, _], dests: [dest, _], .. } = table();
    let spec = NextHopSpec::local(prefix("10.0.0.1/32"), 1);
    let call = Call::AddNextHop { next_hop: HandleArgument::Null, spec };
    let Reply::AddNextHop { next_hop: Some(next_hop), .. } = world.done(owner, call) else { panic!() };
    let call = |mode, action, edited| Call::LockNextHop { next_hop, mode, action, edited };
    let Reply::LockNextHop { info: Some(info) } = world.done(owner, call(EXCLUSIVE, LOCK, None)) else {
        panic!("the owner is shown what it may edit")
    };
    let reader = world.waits(other, Call::GetNextHopInfo { next_hop });
    let elsewhere = NextHopSpec::local(prefix("10.0.0.2/32"), 2);
    let edited = NextHopSpec { entity_specific_info: 7, remote: Some(dest), ..elsewhere };
    world.fails(owner, call(EXCLUSIVE, LOCK, Some(edited)), Status::InvalidParameter);
    world.done(owner, call(EXCLUSIVE, UNLOCK, Some(edited)));
    let Outcome::Done(Reply::GetNextHopInfo { info: seen }) = goes_on(&mut world, reader) else { panic!() };
    let wanted = NextHopSpec { entity_specific_info: 7, remote: Some(dest), ..info.spec };
    assert_eq!(seen.spec, wanted, "address and interface stay");
    // Another client may lock it, and keeps its owner out; it is shown nothing and may edit nothing.
    assert_eq!(world.done(other, call(EXCLUSIVE, LOCK, None)), Reply::LockNextHop { info: None });
    world.fails(other, call(EXCLUSIVE, UNLOCK, Some(edited)), Status::AccessDenied);
    let by_identity = NextHopTarget::Identity { address: spec.address, interface: spec.interface };
    let tickets = [
        Call::AddNextHop { next_hop: HandleArgument::Null, spec },
        Call::find_next_hop(spec.address, spec.interface),
        Call::DeleteNextHop { target: by_identity },
        Call::DeleteNextHop { target: NextHopTarget::Handle(next_hop) },
    ]
    .map(|call| world.waits(owner, call));
    world.done(other, call(EXCLUSIVE, UNLOCK, None));
    let outcomes = tickets.map(|ticket| goes_on(&mut world, ticket));
    assert!(matches!(outcomes[..3], [Outcome::Done(_), Outcome::Done(_), Outcome::Done(_)]), "{outcomes:?}");
    assert_eq!(outcomes[3], Outcome::Failed(Status::NotFound), "it is deleted");
    world.fails(owner, call(SHARED, LOCK, None), Status::NotFound);
}

/// D-133: shared next-hop locks edit nothing.
#[test]
fn d_133_a_shared_lock_leaves_nothing_edited() {
    let Table { mut world, clients: [owner, ..], .. } = table();
    let spec = NextHopSpec::local(prefix("10.0.0.1/32"), 1);
    let call = Call::AddNextHop { next_hop: HandleArgument::Null, spec };
    let Reply::AddNextHop { next_hop: Some(next_hop), .. } = world.done(owner, call) else { panic!() };
    let call = |mode, action, edited| Call::LockNextHop { next_hop, mode, action, edited };
    let function = Function::LockNextHop;
    let not_locked = world.violates(owner, None, call(EXCLUSIVE, UNLOCK, Some(spec)));
    assert_eq!(not_locked, Violation::NotLocked { function });
    world.done(owner, call(SHARED, LOCK, None));
    world.fails(owner, call(SHARED, UNLOCK, Some(spec)), Status::InvalidParameter);
    world.done(owner, call(SHARED, UNLOCK, None));
}

/// D-134: a client that deregisters gives its locks back, and its calls that wait are answered.
#[test]
fn d_134_who_leaves_gives_its_locks_back_and_waits_no_more() {
    let Table { mut world, clients: [owner, leaver, other], route, dests: [dest, second] } = table();
    world.done(leaver, lock(dest, EXCLUSIVE, LOCK));
    world.done(other, lock(second, EXCLUSIVE, LOCK));
    let kept_out = world.waits(owner, Call::IsBestRoute { route });
    let waits = world.waits(leaver, lock(second, SHARED, LOCK));
    // It has a route at what the other has locked: its deregistration waits too, and its thread with it.
    let going = world.waits(leaver, Call::DeregisterEntity);
    world.done(other, lock(second, EXCLUSIVE, UNLOCK));
    assert_eq!(world.ready, [(leaver, waits), (leaver, going)], "one does not wait for oneself");
    goes_on(&mut world, waits);
    let leak = |subject| Fact::Leak { entity: leaver, subject, kind: LeakKind::Locked };
    assert_eq!(goes_on(&mut world, going), Outcome::Done(Reply::Nothing));
    for (dest, net) in [(dest, NET), (second, OTHER)] {
        assert!(world.facts.contains(&leak(LeakSubject::Dest(dest, prefix(net)))));
    }
    assert!(matches!(goes_on(&mut world, kept_out), Outcome::Done(_)));
}

/// D-134: a call that waits while its client leaves, in a callback or another thread, is answered: it is refused.
#[test]
fn d_134_a_call_of_a_client_that_has_left_is_refused() {
    let Table { mut world, clients: [_, holder, leaver], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let ticket = world.waits(leaver, Call::IsBestRoute { route });
    world.done(leaver, Call::DeregisterEntity);
    let function = Function::IsBestRoute;
    let refused = Outcome::Violated(Violation::UseAfterDeregister { function });
    assert_eq!(goes_on(&mut world, ticket), refused);
    assert_eq!(world.manager.waiting_calls().count(), 0);
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
}

/// D-134: the locks are given back first, and what was put off until then happens: here the deletion of a route of the leaver's.
#[test]
fn d_134_what_was_put_off_until_the_unlock_happens_when_the_holder_leaves() {
    let Table { mut world, clients: [owner, ..], route, dests: [dest, _] } = table();
    world.add_for(owner, NET, 1000);
    world.settle(owner);
    world.pass_until(SECOND);
    let frame = world.invoke(owner).expect("the route has expired");
    world.done(owner, lock(dest, SHARED, LOCK));
    world.answer(frame.callback, Status::NotSupported);
    assert!(world.manager.route(route).is_some(), "its deletion is put off");
    world.done(owner, Call::DeregisterEntity);
    let deleted = world.facts.iter().filter_map(|fact| {
        let Fact::RouteDeleted { route, reason } = fact else { return None };
        Some((route.route, *reason))
    });
    assert_eq!(deleted.collect::<Vec<_>>(), [(route, DeleteReason::Expired)]);
}

/// D-134: the calls of a client that has left keep nobody out: not those before them in line, nor those behind.
#[test]
fn d_134_a_call_of_a_client_that_has_left_is_in_nobodys_way() {
    let Table { mut world, clients: [owner, holder, leaver], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let before = world.waits(owner, add(NET, ucast(9, 9)));
    let leavers = world.waits(leaver, lock(dest, EXCLUSIVE, LOCK));
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    let behind = world.waits(holder, Call::IsBestRoute { route });
    world.done(leaver, Call::DeregisterEntity);
    assert_eq!(world.ready, [(owner, before), (leaver, leavers)], "the reader stands behind the owner yet");
    assert!(matches!(goes_on(&mut world, before), Outcome::Done(_)), "it keeps its turn");
    assert_eq!(world.ready, [(leaver, leavers), (holder, behind)], "the client between them has left");
    assert!(matches!(goes_on(&mut world, behind), Outcome::Done(_)));
    assert!(matches!(goes_on(&mut world, leavers), Outcome::Violated(_)));
}

/// D-134: who stood behind a call of a client that leaves may go on at once.
#[test]
fn d_134_who_stood_behind_a_client_that_leaves_is_ready() {
    let Table { mut world, clients: [owner, holder, leaver], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, SHARED, LOCK));
    let leavers = world.waits(leaver, lock(dest, EXCLUSIVE, LOCK));
    let behind = world.waits(owner, Call::IsBestRoute { route });
    world.done(leaver, Call::DeregisterEntity);
    assert_eq!(world.ready, [(leaver, leavers), (owner, behind)]);
    assert!(matches!(goes_on(&mut world, behind), Outcome::Done(_)), "readers go together");
}

/// D-134: a call that is ready already is not told once more.
#[test]
fn d_134_a_call_that_is_ready_is_told_once_also_if_its_client_leaves() {
    let Table { mut world, clients: [_, holder, leaver], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let ticket = world.waits(leaver, Call::IsBestRoute { route });
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    world.done(leaver, Call::DeregisterEntity);
    assert_eq!(world.ready, [(leaver, ticket)]);
    assert!(matches!(goes_on(&mut world, ticket), Outcome::Violated(_)));
}

/// D-20: an expiry waits for every lock on its destination, not only for a route lock.
#[test]
fn d_020_an_expiry_waits_for_a_lock_on_its_destination() {
    let Table { mut world, clients: [owner, holder, _], route, dests: [dest, _] } = table();
    world.add_for(owner, NET, 1000);
    world.done(holder, lock(dest, SHARED, LOCK));
    world.pass_until(SECOND);
    let told = |world: &World| world.events_for(owner).contains(&DueEvent::RouteExpired { route });
    assert!(!told(&world), "it is put off");
    world.done(holder, lock(dest, SHARED, UNLOCK));
    assert!(told(&world));
}

/// A lock keeps its destination alive, and lets it go.
#[test]
fn d_034_a_locked_destination_is_freed_with_its_last_lock() {
    let Table { mut world, clients: [owner, holder, other], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    world.done(other, Call::ReleaseHandle { handle: AnyHandle::Dest(dest) });
    let delete = world.waits(owner, Call::DeleteRouteToDest { route });
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    goes_on(&mut world, delete);
    assert_eq!(world.manager.dest_address(dest), None, "nothing keeps it");
}

/// D-132: of two cycles that a call completes the shorter one is told, whichever client it was that locked first.
#[test]
fn d_132_the_shorter_of_two_cycles_is_told() {
    for near_first in [true, false] {
        let Table { mut world, clients: [newcomer, near, far], dests: [dest, other], .. } = table();
        let beyond = world.register(rip(3));
        world.add(beyond, "12.0.0.0/8", ucast(0, 1));
        let third = world.dest(beyond, "12.0.0.0/8", ViewSet::ANY).expect("it has a route").dest;
        let holders = if near_first { [near, far] } else { [far, near] };
        for holder in holders {
            world.done(holder, lock(dest, SHARED, LOCK));
        }
        world.done(newcomer, lock(other, EXCLUSIVE, LOCK));
        world.done(beyond, lock(third, EXCLUSIVE, LOCK));
        world.waits(far, lock(third, SHARED, LOCK));
        world.waits(beyond, lock(other, SHARED, LOCK));
        world.waits(near, lock(other, SHARED, LOCK));
        world.waits(newcomer, lock(dest, EXCLUSIVE, LOCK));
        let Some(Fact::Deadlock { cycle }) = world.facts.last() else { panic!() };
        let waiters: Vec<_> = cycle.iter().map(|link| link.waiter).collect();
        assert_eq!(waiters, [newcomer, near], "not by way of the far one");
    }
}

/// D-89: under a lock of `RtmLockRoute` a client edits and releases, and reads its opaque slot; all else is refused.
#[test]
fn d_089_every_other_call_is_refused_under_a_route_lock() {
    let Table { mut world, clients: [owner, ..], route, dests: [dest, _] } = table();
    let notify = world.watch(owner, NotifyFlags::ALL);
    let next_hop = world.hop(owner, "192.0.2.1/32", 1);
    let Reply::CreateRouteList { list } = world.done(owner, Call::CreateRouteList) else { panic!() };
    let Reply::CreateEnum { enumeration } = world.done(owner, Call::CreateRouteListEnum { list }) else {
        panic!()
    };
    world.done(owner, Call::LockRoute { route, mode: SHARED, action: LOCK });
    let calls = [
        tables_and_lookups(owner, route, dest),
        next_hops_and_changes(next_hop, notify, dest),
        lists_and_enumerations(list, enumeration),
    ];
    for call in calls.concat() {
        let (function, dest) = (call.function(), prefix(NET));
        assert_eq!(world.violates(owner, None, call), Violation::CallUnderLock { function, dest });
    }
    world.done(owner, Call::LockRoute { route, mode: SHARED, action: UNLOCK });
}

fn tables_and_lookups(entity: EntityHandle, route: RouteHandle, dest: DestHandle) -> Vec<Call> {
    let (views, protocol, address) = (ViewSet::UCAST, ProtocolSelector::Best, prefix(NET));
    vec![
        Call::DeregisterEntity,
        Call::GetRegisteredEntities { capacity: 9, handles: ListedHandles::NotWanted },
        Call::GetEntityInfo { entity },
        lock(dest, SHARED, LOCK),
        add(NET, ucast(9, 9)),
        Call::DeleteRouteToDest { route },
        Call::HoldDestination { dest, views, hold_time_ms: 1 },
        Call::GetRoutePointer { route },
        Call::get_route_info(route),
        Call::GetDestInfo { dest, protocol, views },
        Call::GetExactMatchDestination { address, protocol, views },
        Call::GetMostSpecificDestination { address, protocol, views },
        Call::GetLessSpecificDestination { dest, protocol, views },
        Call::GetExactMatchRoute {
            address,
            matching: MatchFlags::NONE,
            criteria: RouteCriteria::default(),
            interface: 0,
            views,
            route: OptionalOutput::Declined,
        },
        Call::IsBestRoute { route },
    ]
}

fn next_hops_and_changes(next_hop: NextHopHandle, notify: NotifyHandle, dest: DestHandle) -> Vec<Call> {
    let spec = NextHopSpec::local(prefix("192.0.2.1/32"), 1);
    let NextHopSpec { address, interface, .. } = spec;
    vec![
        Call::AddNextHop { next_hop: HandleArgument::Null, spec },
        Call::find_next_hop(address, interface),
        Call::DeleteNextHop { target: NextHopTarget::Handle(next_hop) },
        Call::LockNextHop { next_hop, mode: SHARED, action: LOCK, edited: None },
        Call::GetNextHopInfo { next_hop },
        Call::GetNextHopPointer { next_hop },
        Call::RegisterForChangeNotification {
            views: ViewSet::UCAST,
            flags: NotifyFlags::ALL,
            context: 0,
            own_changes: OwnChanges::Included,
        },
        Call::GetChangedDests { notify, count: 1 },
        Call::GetChangeStatus { notify, dest },
        Call::IgnoreChangedDests { notify, dests: vec![dest] },
        Call::MarkDestForChangeNotification { notify, dest, mark: Marking::Mark },
        Call::IsMarkedForChangeNotification { notify, dest },
        Call::DeregisterFromChangeNotification { notify },
    ]
}

fn lists_and_enumerations(list: RouteListHandle, enumeration: EnumHandle) -> Vec<Call> {
    let (views, flags, count) = (ViewSet::UCAST, EnumFlags::START, 1);
    let (matching, protocol) = (MatchFlags::NONE, ProtocolSelector::Best);
    vec![
        Call::CreateDestEnum { views, flags, address: None, protocol },
        Call::GetEnumDests { enumeration, count },
        Call::CreateRouteEnum {
            dest: None,
            views,
            flags,
            start: None,
            matching,
            criteria: None,
            interface: 0,
        },
        Call::GetEnumRoutes { enumeration, count },
        Call::CreateNextHopEnum { flags, address: None },
        Call::GetEnumNextHops { enumeration, count },
        Call::CreateRouteList,
        Call::InsertInRouteList { list: Some(list), routes: Vec::new() },
        Call::CreateRouteListEnum { list },
        Call::GetListEnumRoutes { enumeration, count },
        Call::DeleteRouteList { list },
        Call::DeleteEnumHandle { enumeration },
    ]
}

/// Clients that will wait for each other as soon as the second gives its shared lock of the first destination back.
fn one_unlock_from_a_deadlock(facts: Facts) -> Table {
    let mut table = table();
    let (world, [first, second, third], [dest, other]) = (&mut table.world, table.clients, table.dests);
    world.manager.set_facts(facts);
    world.done(second, lock(dest, SHARED, LOCK));
    world.done(third, lock(dest, SHARED, LOCK));
    world.done(second, lock(other, EXCLUSIVE, LOCK));
    world.waits(first, lock(dest, EXCLUSIVE, LOCK));
    // It has a lock itself, and waits for the third alone.
    world.waits(second, add(NET, ucast(9, 9)));
    world.waits(first, lock(other, EXCLUSIVE, LOCK));
    table
}

/// D-147: also if those who wait came while nothing was told.
#[test]
fn d_147_a_deadlock_of_calls_that_came_untold_is_told() {
    let Table { mut world, clients: [_, second, _], dests: [dest, _], .. } =
        one_unlock_from_a_deadlock(Facts::Untold);
    world.manager.set_facts(Facts::Told);
    world.done(second, lock(dest, SHARED, UNLOCK));
    assert!(matches!(world.facts.last(), Some(Fact::Deadlock { .. })));
}

/// D-147: a deadlock that arises by an unlock is told too, once: the client gives a shared lock back, and from then on its other
/// call stands behind those that came before it.
#[test]
fn d_147_a_deadlock_that_arises_by_an_unlock_is_told() {
    let Table { mut world, clients: [first, second, third], dests: [dest, _], .. } =
        one_unlock_from_a_deadlock(Facts::Told);
    let deadlocks = |world: &World| {
        let facts = world.facts.iter();
        facts.filter(|fact| matches!(fact, Fact::Deadlock { .. })).count()
    };
    assert_eq!(deadlocks(&world), 0);
    world.done(second, lock(dest, SHARED, UNLOCK));
    let link = |waiter, function, net, holder| DeadlockLink {
        waiter,
        function,
        on: LockedObject::Dest(prefix(net)),
        holder,
    };
    let cycle = vec![
        link(first, Function::LockDestination, OTHER, second),
        link(second, Function::AddRouteToDest, NET, first),
    ];
    assert_eq!(world.facts.last(), Some(&Fact::Deadlock { cycle }));
    world.done(third, Call::ReferenceHandles { handles: Vec::new() });
    world.done(third, lock(dest, SHARED, UNLOCK));
    assert_eq!(deadlocks(&world), 1, "nobody tells it again");
}

/// D-147: a long line is gone through each time somebody comes or goes, and at no other input; each goes on in its turn.
#[test]
fn d_147_a_long_line_without_a_deadlock_comes_to_its_end() {
    let Table { mut world, clients: [first, ..], dests: [dest, _], .. } = table();
    world.done(first, lock(dest, EXCLUSIVE, LOCK));
    let clients: Vec<_> = (0..80).map(|at| world.register_silent(rip(100 + at))).collect();
    let tickets: Vec<_> =
        clients.iter().map(|client| world.waits(*client, lock(dest, EXCLUSIVE, LOCK))).collect();
    world.done(first, lock(dest, EXCLUSIVE, UNLOCK));
    for (client, ticket) in clients.into_iter().zip(tickets) {
        assert_eq!(goes_on(&mut world, ticket), Outcome::Done(Reply::Nothing));
        world.done(client, lock(dest, EXCLUSIVE, UNLOCK));
    }
    assert!(
        !world.facts.iter().any(|fact| matches!(fact, Fact::Deadlock { .. })),
        "nobody waits for another in turn"
    );
}
