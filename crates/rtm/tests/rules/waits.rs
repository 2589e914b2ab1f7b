//! Locks that wait: D-88 … D-91, D-131 … D-134, RTM-089.

use crate::world::{World, add, ospf, prefix, rip, ucast};
use tiebreak_rtm::*;

pub(crate) const NET: &str = "10.0.0.0/8";
pub(crate) const OTHER: &str = "11.0.0.0/8";
pub(crate) const EXCLUSIVE: LockMode = LockMode::Exclusive;
pub(crate) const SHARED: LockMode = LockMode::Shared;
pub(crate) const LOCK: LockAction = LockAction::Lock;
pub(crate) const UNLOCK: LockAction = LockAction::Unlock;

/// Two destinations, and three clients that see them: the first owns the route of the first destination.
pub(crate) struct Table {
    pub(crate) world: World,
    pub(crate) clients: [EntityHandle; 3],
    pub(crate) route: RouteHandle,
    pub(crate) dests: [DestHandle; 2],
}

pub(crate) fn table() -> Table {
    let mut world = World::new();
    let clients = [rip(1), rip(2), ospf()].map(|info| world.register(info));
    let (route, _) = world.add(clients[0], NET, ucast(0, 1));
    world.add(clients[1], OTHER, ucast(0, 1));
    let dests =
        [NET, OTHER].map(|net| world.dest(clients[2], net, ViewSet::ANY).expect("it has a route").dest);
    Table { world, clients, route, dests }
}

pub(crate) const fn lock(dest: DestHandle, mode: LockMode, action: LockAction) -> Call {
    Call::LockDestination { dest, mode, action }
}

/// Lets a call go on that has become ready, and tells what it answered.
pub(crate) fn goes_on(world: &mut World, ticket: Ticket) -> Outcome {
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
        (other, Call::get_route_info(route)),
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
    let late = world.waits(holder, Call::get_route_info(route));
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
    let read = world.waits(other, Call::get_route_info(route));
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
