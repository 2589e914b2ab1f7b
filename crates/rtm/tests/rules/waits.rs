//! Locks that wait: D-88 … D-91, D-131 … D-134, RTM-089.

use crate::world::{SECOND, World, add, ospf, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";
const OTHER: &str = "11.0.0.0/8";
const EXCLUSIVE: LockMode = LockMode::Exclusive;
const SHARED: LockMode = LockMode::Shared;
const LOCK: LockAction = LockAction::Lock;
const UNLOCK: LockAction = LockAction::Unlock;

/// Two destinations, and three clients that see them: the first owns the route of the first destination.
struct Table {
    world: World,
    clients: [EntityHandle; 3],
    route: RouteHandle,
    dests: [DestHandle; 2],
}

fn table() -> Table {
    let mut world = World::new();
    let clients = [rip(1), rip(2), ospf()].map(|info| world.register(info));
    let (route, _) = world.add(clients[0], NET, ucast(0, 1));
    world.add(clients[1], OTHER, ucast(0, 1));
    let dests =
        [NET, OTHER].map(|net| world.dest(clients[2], net, ViewSet::ANY).expect("it has a route").dest);
    Table { world, clients, route, dests }
}

const fn lock(dest: DestHandle, mode: LockMode, action: LockAction) -> Call {
    Call::LockDestination { dest, mode, action }
}

/// Lets a call go on that has become ready, and tells what it answered.
fn goes_on(world: &mut World, ticket: Ticket) -> Outcome {
    assert!(world.ready.iter().any(|(_, ready)| *ready == ticket), "{ticket} is ready");
    world.resume(ticket)
}

/// RTM-089: an exclusive lock excludes all others, shared ones coexist; D-90: any client may lock.
#[test]
fn rtm_089_an_exclusive_lock_excludes_and_shared_locks_coexist() {
    let Table { mut world, clients: [first, second, third], dests: [dest, _], .. } = table();
    world.done(second, lock(dest, SHARED, LOCK));
    world.done(third, lock(dest, SHARED, LOCK));
    let writer = world.waits(first, lock(dest, EXCLUSIVE, LOCK));
    world.done(second, lock(dest, SHARED, UNLOCK));
    assert_eq!(world.ready, [], "the third has it still");
    world.done(third, lock(dest, SHARED, UNLOCK));
    assert_eq!(world.ready, [(first, writer)]);
    assert_eq!(goes_on(&mut world, writer), Outcome::Done(Reply::Nothing));
    let reader = world.waits(second, lock(dest, SHARED, LOCK));
    world.done(first, lock(dest, EXCLUSIVE, UNLOCK));
    assert_eq!(goes_on(&mut world, reader), Outcome::Done(Reply::Nothing));
}

/// D-88: every call that reads or changes what another has locked exclusively waits, and has changed nothing meanwhile.
#[test]
fn d_088_calls_that_meet_a_lock_wait_and_go_on() {
    let Table { mut world, clients: [owner, holder, other], route, dests: [dest, _] } = table();
    let best = |views| Call::GetExactMatchDestination {
        address: prefix(NET),
        protocol: ProtocolSelector::Best,
        views,
    };
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let calls = [
        (owner, add(NET, ucast(9, 9))),
        (owner, Call::LockRoute { route, mode: EXCLUSIVE, action: LOCK }),
        (other, Call::GetRouteInfo { route }),
        (other, Call::IsBestRoute { route }),
        (other, best(ViewSet::UCAST)),
        (other, Call::GetDestInfo { dest, protocol: ProtocolSelector::Best, views: ViewSet::ANY }),
    ];
    let before = world.manager.objects_alive();
    let tickets: Vec<_> = calls.map(|(client, call)| world.waits(client, call)).into();
    let waiting: Vec<_> = world.manager.waiting_calls().collect();
    assert_eq!(waiting.iter().map(|call| call.ticket).collect::<Vec<_>>(), tickets);
    assert_eq!(waiting[0].on, LockedObject::Dest(prefix(NET)));
    assert_eq!(world.manager.objects_alive(), ObjectCounts { waiting_calls: 6, ..before });
    // The holder itself is not kept out, and neither is who needs another destination.
    world.done(holder, best(ViewSet::UCAST));
    world.add(other, OTHER, ucast(9, 9));
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    for ticket in tickets {
        assert!(matches!(goes_on(&mut world, ticket), Outcome::Done(_)));
        if world.manager.route_locked_by(owner).is_some() {
            world.done(owner, Call::LockRoute { route, mode: EXCLUSIVE, action: UNLOCK });
        }
    }
    assert_eq!(world.manager.waiting_calls().count(), 0);
}

/// D-88: so do a match of routes, a longest match, and the pointer to a route.
#[test]
fn d_088_matches_and_pointers_meet_locks_too() {
    let Table { mut world, clients: [owner, holder, other], route, dests: [dest, _] } = table();
    let (views, protocol) = (ViewSet::UCAST, ProtocolSelector::Best);
    let calls = [
        (owner, Call::GetRoutePointer { route }),
        (other, Call::GetMostSpecificDestination { address: prefix("10.1.0.0/16"), protocol, views }),
        (
            other,
            Call::GetExactMatchRoute {
                address: prefix(NET),
                matching: MatchFlags::NONE,
                criteria: RouteCriteria::default(),
                interface: 0,
                views,
                route: OptionalOutput::Declined,
            },
        ),
    ];
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let tickets = calls.map(|(client, call)| world.waits(client, call));
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    for ticket in tickets {
        assert!(matches!(goes_on(&mut world, ticket), Outcome::Done(_)));
    }
}

/// D-88: first in, first out; those that only read are ready together; a newcomer does not overtake.
#[test]
fn d_088_calls_are_ready_in_the_order_in_which_they_came() {
    let Table { mut world, clients: [owner, holder, other], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, SHARED, LOCK));
    let writer = world.waits(owner, add(NET, ucast(9, 9)));
    let reader = world.waits(other, Call::IsBestRoute { route });
    world.done(holder, lock(dest, SHARED, UNLOCK));
    assert_eq!(world.ready, [(owner, writer)], "the reader came after who writes");
    // Who comes now stands behind, although nothing is locked.
    let late = world.waits(holder, Call::GetRouteInfo { route });
    goes_on(&mut world, writer);
    assert_eq!(world.ready, [(other, reader), (holder, late)]);
    let writer = world.waits(owner, add(NET, ucast(9, 8)));
    // The host says which of the readers is first.
    goes_on(&mut world, late);
    assert_eq!(world.ready, [(other, reader)]);
    goes_on(&mut world, reader);
    assert!(matches!(goes_on(&mut world, writer), Outcome::Done(_)));
}

/// D-88: who holds a lock does not stand behind those that wait for it, nor does a call of it that stands there already.
#[test]
fn d_088_who_takes_a_lock_lets_its_other_calls_pass() {
    let Table { mut world, clients: [owner, holder, other], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let first = world.waits(owner, add(NET, ucast(9, 9)));
    let reader = world.waits(other, Call::IsBestRoute { route });
    let second = world.waits(owner, add(NET, ucast(9, 8)));
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    assert_eq!(world.ready, [(owner, first)], "the second stands behind the reader");
    world.done(owner, lock(dest, SHARED, LOCK));
    assert_eq!(world.ready, [(owner, first), (owner, second)], "the reader waits for its client");
    goes_on(&mut world, first);
    goes_on(&mut world, second);
    assert_eq!(world.ready, [(other, reader)], "readers go together");
}

/// D-88: a call that was made ready and needs a second locked destination waits again.
#[test]
fn d_088_a_batch_waits_for_each_of_its_destinations() {
    let Table { mut world, clients: [owner, holder, watcher], dests, .. } = table();
    let flags = NotifyFlags::ALL;
    let own_changes = OwnChanges::Included;
    let register =
        Call::RegisterForChangeNotification { views: ViewSet::UCAST, flags, context: 0, own_changes };
    let Reply::RegisterForChangeNotification { notify } = world.done(watcher, register) else { panic!() };
    world.add(owner, NET, ucast(0, 7));
    world.add(holder, OTHER, ucast(0, 7));
    for dest in dests {
        world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    }
    let fetch = Call::GetChangedDests { notify, count: 16 };
    let ticket = world.waits(watcher, fetch);
    world.done(holder, lock(dests[0], EXCLUSIVE, UNLOCK));
    let Outcome::Pending(again) = goes_on(&mut world, ticket) else { panic!("the second is locked") };
    assert_eq!(world.manager.registration(notify).expect("it is registered").pending, 2, "nothing is lost");
    world.done(holder, lock(dests[1], EXCLUSIVE, UNLOCK));
    let Outcome::Done(Reply::GetChangedDests { infos }) = goes_on(&mut world, again) else { panic!() };
    assert_eq!(infos.len(), 2);
}

/// D-88: what a call would have been refused for, when it was made, it is not told before it goes on.
#[test]
fn d_088_a_call_that_has_waited_is_judged_when_it_goes_on() {
    let Table { mut world, clients: [owner, holder, other], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let delete = world.waits(owner, Call::DeleteRouteToDest { route });
    let read = world.waits(other, Call::GetRouteInfo { route });
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    goes_on(&mut world, delete);
    assert_eq!(goes_on(&mut world, read), Outcome::Failed(Status::InvalidHandle), "the route is gone");
}

/// A ticket is answered once, and not before its time.
#[test]
fn d_088_a_ticket_that_is_not_ready_waits_on_and_an_old_one_is_refused() {
    let Table { mut world, clients: [_, holder, other], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let ticket = world.waits(other, Call::IsBestRoute { route });
    assert_eq!(world.resume(ticket), Outcome::Pending(ticket));
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    assert!(matches!(goes_on(&mut world, ticket), Outcome::Done(_)));
    assert_eq!(world.resume(ticket), Outcome::Failed(Status::InvalidHandle));
}

/// D-91: unlocking without a lock, in the other mode, or by the other function.
#[test]
fn d_091_an_unlock_names_the_lock_that_is_held() {
    let Table { mut world, clients: [owner, other, _], route, dests: [dest, _] } = table();
    let function = Function::LockDestination;
    for call in [lock(dest, EXCLUSIVE, UNLOCK), lock(dest, SHARED, UNLOCK)] {
        assert_eq!(world.violates(other, None, call), Violation::NotLocked { function });
    }
    world.done(other, lock(dest, SHARED, LOCK));
    let wrong = world.violates(other, None, lock(dest, EXCLUSIVE, UNLOCK));
    assert_eq!((wrong, wrong.status()), (Violation::NotLocked { function }, Some(Status::InvalidParameter)));
    world.done(owner, Call::LockRoute { route, mode: SHARED, action: LOCK });
    let unlock = lock(dest, SHARED, UNLOCK);
    assert!(matches!(world.violates(owner, None, unlock), Violation::CallUnderLock { .. }));
    let unlock = Call::LockRoute { route, mode: SHARED, action: UNLOCK };
    world.done(owner, unlock.clone());
    world.done(owner, lock(dest, SHARED, LOCK));
    let function = Function::LockRoute;
    assert_eq!(world.violates(owner, None, unlock), Violation::NotLocked { function });
}

/// D-131: a client has one lock on an object; a second would wait for the first for ever.
#[test]
fn d_131_a_second_lock_on_the_same_object_would_never_be_given() {
    let Table { mut world, clients: [owner, ..], route, dests: [dest, other] } = table();
    world.done(owner, lock(dest, SHARED, LOCK));
    let function = Function::LockDestination;
    for mode in [SHARED, EXCLUSIVE] {
        let violation = world.violates(owner, None, lock(dest, mode, LOCK));
        assert_eq!((violation, violation.status()), (Violation::SelfDeadlock { function }, None));
    }
    let route_lock = Call::LockRoute { route, mode: EXCLUSIVE, action: LOCK };
    let function = Function::LockRoute;
    assert_eq!(world.violates(owner, None, route_lock), Violation::SelfDeadlock { function });
    world.done(owner, lock(other, EXCLUSIVE, LOCK));
}

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
        Call::FindNextHop { address: spec.address, interface: spec.interface },
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

/// D-88: who has waited for its turn at one object passes those in line there, and nowhere else.
#[test]
fn d_088_a_turn_at_one_object_is_none_at_another() {
    let Table { mut world, clients: [owner, holder, watcher], dests, .. } = table();
    let notify = world.watch(watcher, NotifyFlags::ALL);
    world.add(owner, NET, ucast(0, 7));
    world.add(holder, OTHER, ucast(0, 7));
    world.done(holder, lock(dests[0], EXCLUSIVE, LOCK));
    world.done(holder, lock(dests[1], SHARED, LOCK));
    let fetch = world.waits(watcher, Call::GetChangedDests { notify, count: 16 });
    let writer = world.waits(owner, add(OTHER, ucast(9, 9)));
    world.done(holder, lock(dests[0], EXCLUSIVE, UNLOCK));
    let Outcome::Pending(fetch) = goes_on(&mut world, fetch) else { panic!("the writer came before it") };
    world.done(holder, lock(dests[1], SHARED, UNLOCK));
    assert_eq!(world.ready, [(owner, writer)]);
    assert!(matches!(goes_on(&mut world, writer), Outcome::Done(_)));
    assert!(matches!(goes_on(&mut world, fetch), Outcome::Done(_)));
}

/// D-88: a call that changes a destination waits for shared locks too.
#[test]
fn d_088_calls_that_change_a_destination_wait_for_who_reads_it() {
    let Table { mut world, clients: [owner, reader, _], route, dests: [dest, _] } = table();
    world.done(reader, lock(dest, SHARED, LOCK));
    world.done(owner, Call::IsBestRoute { route });
    let calls = [
        add(NET, ucast(9, 9)),
        Call::HoldDestination { dest, views: ViewSet::UCAST, hold_time_ms: 1_000 },
        Call::DeleteRouteToDest { route },
        Call::DeregisterEntity,
    ];
    let visible = world.dest(owner, NET, ViewSet::ANY).map(|info| info.dest);
    assert_eq!(visible, Some(dest), "what reads goes on");
    let tickets = calls.map(|call| world.waits(owner, call));
    world.done(reader, lock(dest, SHARED, UNLOCK));
    for ticket in tickets {
        assert!(matches!(goes_on(&mut world, ticket), Outcome::Done(_)));
    }
}

/// D-88, D-134: a client whose next hop is locked leaves when it is unlocked.
#[test]
fn d_088_a_deregistration_waits_for_the_locks_on_its_next_hops() {
    let Table { mut world, clients: [_, holder, leaver], .. } = table();
    let [first, second] = [1, 2].map(|interface| world.hop(leaver, "10.0.0.1/32", interface));
    let call = |next_hop, action| Call::LockNextHop { next_hop, mode: SHARED, action, edited: None };
    world.done(holder, call(second, LOCK));
    let departure = world.waits(leaver, Call::DeregisterEntity);
    world.done(holder, call(first, LOCK));
    world.done(holder, call(second, UNLOCK));
    let Outcome::Pending(departure) = goes_on(&mut world, departure) else {
        panic!("the first is locked now")
    };
    world.done(holder, call(first, UNLOCK));
    assert_eq!(goes_on(&mut world, departure), Outcome::Done(Reply::Nothing));
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

/// D-88: who holds a lock does not stand behind those in line, but lets those go first that may go on already.
#[test]
fn d_088_who_holds_a_lock_waits_for_a_call_that_is_ready() {
    let Table { mut world, clients: [owner, holder, other], route, dests: [dest, _] } = table();
    world.done(holder, lock(dest, EXCLUSIVE, LOCK));
    let locks = world.waits(owner, lock(dest, SHARED, LOCK));
    let reader = world.waits(other, Call::IsBestRoute { route });
    world.done(holder, lock(dest, EXCLUSIVE, UNLOCK));
    assert_eq!(goes_on(&mut world, locks), Outcome::Done(Reply::Nothing));
    let writer = world.waits(owner, add(NET, ucast(9, 9)));
    assert!(matches!(goes_on(&mut world, reader), Outcome::Done(_)));
    assert!(matches!(goes_on(&mut world, writer), Outcome::Done(_)));
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
        Call::GetRouteInfo { route },
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
        Call::FindNextHop { address, interface },
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
