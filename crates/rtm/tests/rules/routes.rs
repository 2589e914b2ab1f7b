//! Adding, updating, deleting, editing in place.

use crate::world::{World, add, add_with, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";
const LOCK: LockAction = LockAction::Lock;

fn two() -> (World, EntityHandle, EntityHandle) {
    let mut world = World::new();
    let (first, second) = (world.register(rip(1)), world.register(rip(2)));
    (world, first, second)
}

fn routes(world: &World) -> usize {
    world.manager.routes(rip(1).table).len()
}

/// RTM-026
#[test]
fn the_first_route_of_a_dest_is_new_and_best() {
    let (mut world, client, _) = two();
    let (_, flags) = world.add(client, NET, ucast(0, 1));
    assert_eq!(flags.bits(), 0x0001_0002);
}

/// RTM-027
#[test]
fn an_equal_identity_is_updated() {
    let (mut world, client, _) = two();
    let neighbour = Some(world.hop(client, "192.0.2.1/32", 1));
    let (route, _) = world.add(client, NET, RouteSpec { neighbour, ..ucast(0, 1) });
    let (again, flags) = world.add(client, NET, RouteSpec { neighbour, ..ucast(0, 5) });
    assert_eq!((again, flags), (route, RouteChangeFlags::BEST));
    assert_eq!(routes(&world), 1);
    assert_eq!(world.manager.route(route).unwrap().spec.metric, 5);
}

/// RTM-028
#[test]
fn another_neighbour_or_owner_makes_another_route() {
    let (mut world, client, other) = two();
    let neighbour = Some(world.hop(client, "192.0.2.1/32", 1));
    let (first, _) = world.add(client, NET, ucast(0, 1));
    let (second, flags) = world.add(client, NET, RouteSpec { neighbour, ..ucast(0, 1) });
    assert_eq!(flags, RouteChangeFlags::NEW);
    let (third, flags) = world.add(other, NET, ucast(0, 1));
    assert_eq!(flags, RouteChangeFlags::NEW);
    assert_eq!(world.manager.routes(rip(1).table), [first, second, third]);
}

/// RTM-029
#[test]
fn first_updates_the_callers_best_ranked_route_whatever_its_neighbour() {
    let (mut world, client, other) = two();
    let hops = [world.hop(client, "192.0.2.1/32", 1), world.hop(client, "192.0.2.2/32", 1)];
    let from = |hop, metric| RouteSpec { neighbour: Some(hop), ..ucast(0, metric) };
    world.add(other, NET, ucast(1, 1));
    let (worse, _) = world.add(client, NET, from(hops[0], 9));
    let (better, _) = world.add(client, NET, from(hops[1], 2));
    let call = add_with(HandleArgument::Null, NET, ucast(0, 3), INFINITE, RouteChangeFlags::FIRST);
    let (route, flags) = world.added(client, call);
    assert_eq!((route, flags), (better, RouteChangeFlags::NONE));
    // The neighbour is overwritten with what was given (D-23).
    assert_eq!(world.manager.route(better).unwrap().spec, ucast(120, 3));
    assert_eq!(world.manager.route(worse).unwrap().spec.metric, 9);
}

/// RTM-030
#[test]
fn first_creates_if_the_caller_has_no_route() {
    let (mut world, client, other) = two();
    world.add(other, NET, ucast(0, 1));
    let call = add_with(HandleArgument::Null, NET, ucast(0, 9), INFINITE, RouteChangeFlags::FIRST);
    assert_eq!(world.added(client, call).1, RouteChangeFlags::NEW);
    assert_eq!(routes(&world), 2);
}

/// RTM-031
#[test]
fn new_creates_a_duplicate() {
    let (mut world, client, _) = two();
    let (first, _) = world.add(client, NET, ucast(0, 1));
    let call = add_with(HandleArgument::Null, NET, ucast(0, 1), INFINITE, RouteChangeFlags::NEW);
    let (second, flags) = world.added(client, call);
    assert_ne!(first, second);
    assert_eq!(flags, RouteChangeFlags::NEW);
}

/// RTM-032
#[test]
fn an_update_by_handle_gives_no_reference() {
    let (mut world, client, _) = two();
    let neighbour = Some(world.hop(client, "192.0.2.1/32", 1));
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let held = world.manager.references_held(client);
    let spec = RouteSpec { neighbour, ..ucast(0, 7) };
    let call = add_with(HandleArgument::Given(route), NET, spec.clone(), INFINITE, RouteChangeFlags::NONE);
    assert_eq!(world.added(client, call), (route, RouteChangeFlags::BEST));
    assert_eq!(world.manager.references_held(client), held);
    assert_eq!(world.manager.route(route).unwrap().spec, RouteSpec { preference: 120, ..spec });
    let absent = add_with(HandleArgument::Absent, NET, ucast(0, 7), INFINITE, RouteChangeFlags::NEW);
    let reply = world.done(client, absent);
    assert_eq!(reply, Reply::AddRouteToDest { route: None, change_flags: RouteChangeFlags::NEW });
    assert_eq!(world.manager.references_held(client), held);
}

/// RTM-033
#[test]
fn an_update_of_anothers_route_is_denied() {
    let (mut world, client, other) = two();
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let call = add_with(HandleArgument::Given(route), NET, ucast(0, 7), INFINITE, RouteChangeFlags::NONE);
    world.fails(other, call, Status::AccessDenied);
    assert_eq!(Status::AccessDenied.code(), 5);
}

/// RTM-034
#[test]
fn best_is_answered_for_the_best_and_for_whoever_makes_another_best() {
    let (mut world, client, other) = two();
    world.add(client, NET, ucast(10, 1));
    world.add(other, NET, ucast(10, 5));
    assert_eq!(world.add(client, NET, ucast(10, 1)).1, RouteChangeFlags::BEST, "refreshed and best (D-30)");
    assert_eq!(world.add(client, NET, ucast(10, 2)).1, RouteChangeFlags::BEST, "changed and best");
    assert_eq!(world.add(other, NET, ucast(10, 6)).1, RouteChangeFlags::NONE);
    assert_eq!(world.add(client, NET, ucast(10, 9)).1, RouteChangeFlags::BEST, "made the other one best");
    assert_eq!(world.add(client, NET, ucast(10, 8)).1, RouteChangeFlags::NONE);
}

/// RTM-035
#[test]
fn only_the_owner_deletes_and_only_once() {
    let (mut world, client, other) = two();
    let (route, _) = world.add(client, NET, ucast(0, 1));
    world.fails(other, Call::DeleteRouteToDest { route }, Status::AccessDenied);
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::Route(route)] });
    world.delete(client, route);
    assert_eq!(world.manager.references_held(client), 1, "one handle is consumed");
    world.fails(client, Call::DeleteRouteToDest { route }, Status::NotFound);
    assert_eq!(Status::NotFound.code(), 1168);
    // The handle of a deleted route updates nothing (D-97).
    let call = add_with(HandleArgument::Given(route), NET, ucast(0, 7), INFINITE, RouteChangeFlags::NONE);
    world.fails(client, call, Status::InvalidHandle);
    world.release(client, &[route]);
    world.fails(client, Call::DeleteRouteToDest { route }, Status::InvalidHandle);
}

/// RTM-036
#[test]
fn a_delete_answers_best_if_the_best_went() {
    let (mut world, client, other) = two();
    let (best, _) = world.add(client, NET, ucast(1, 1));
    let (second, _) = world.add(other, NET, ucast(2, 1));
    let (third, _) = world.add(other, "10.0.0.0/8", RouteSpec { views: ViewSet::MCAST, ..ucast(3, 1) });
    assert_eq!(third, second, "equal neighbour: an update that moved it to another view");
    assert_eq!(world.delete(client, best), RouteChangeFlags::BEST);
    let (loser, _) = world.add(client, NET, RouteSpec { views: ViewSet::MCAST, ..ucast(4, 1) });
    assert_eq!(world.delete(client, loser), RouteChangeFlags::NONE);
    assert_eq!(world.delete(other, second), RouteChangeFlags::BEST);
}

/// RTM-037
#[test]
fn a_deleted_route_reads_as_deleted_until_released() {
    let (mut world, client, other) = two();
    let hop = world.hop(client, "192.0.2.1/32", 1);
    let spec = RouteSpec { neighbour: Some(hop), next_hops: hop.into(), ..ucast(3, 1) };
    let (route, _) = world.add(client, NET, spec.clone());
    world.done(other, Call::ReferenceHandles { handles: vec![AnyHandle::Route(route)] });
    world.delete(client, route);
    world.done(client, Call::DeleteNextHop { target: NextHopTarget::Handle(hop) });
    let call = Call::get_route_info(route);
    let Reply::GetRouteInfo { info: Some(info), address: Some(address) } = world.done(other, call) else {
        panic!()
    };
    assert_eq!((info.state as u8, &info.spec, address), (2, &spec, prefix(NET)));
    assert_eq!(world.manager.next_hop(hop).unwrap().state, NextHopState::Deleted, "kept by the route");
    world.done(other, Call::ReleaseRouteInfo { info });
    world.release(other, &[route]);
    world.fails(other, Call::get_route_info(route), Status::InvalidHandle);
    assert_eq!(world.manager.next_hop(hop), None);
    assert_eq!(world.manager.dest(rip(1).table, prefix(NET)), None);
}

/// RTM-038
#[test]
fn next_hops_are_the_callers_own_alive_and_named_once() {
    let (mut world, client, other) = two();
    let own = world.hop(client, "192.0.2.1/32", 1);
    let foreign = world.hop(other, "192.0.2.1/32", 1);
    let many: Vec<_> = (2..7).map(|last| world.hop(client, &format!("192.0.2.{last}/32"), 1)).collect();
    let dead = world.hop(client, "192.0.2.9/32", 1);
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::NextHop(dead)] });
    world.done(client, Call::DeleteNextHop { target: NextHopTarget::Handle(dead) });
    let through = |hops: &[NextHopHandle]| add(NET, RouteSpec { next_hops: hops.into(), ..ucast(0, 1) });
    for wrong in [&[foreign][..], &[dead], &[own, own], &many] {
        world.fails(client, through(wrong), Status::InvalidParameter);
    }
    for neighbour in [foreign, dead] {
        let spec = RouteSpec { neighbour: Some(neighbour), ..ucast(0, 1) };
        world.fails(client, add(NET, spec), Status::InvalidParameter);
    }
    world.done(client, through(&many[..4]));
    world.done(client, through(&[own]));
    world.done(client, through(&[]));
}

fn locked() -> (World, EntityHandle, EntityHandle, RouteHandle, NextHopHandle) {
    let (mut world, client, other) = two();
    let old = world.hop(client, "192.0.2.1/32", 1);
    let flags = RouteFlags::REMOTE;
    let spec = RouteSpec { neighbour: Some(old), next_hops: old.into(), flags, ..ucast(3, 1) };
    let (route, _) = world.add(client, NET, spec);
    world.done(client, Call::ReleaseNextHops { next_hops: vec![old] });
    world.done(client, Call::LockRoute { route, mode: LockMode::Exclusive, action: LOCK });
    (world, client, other, route, old)
}

/// RTM-039
#[test]
fn in_place_edits_take_effect_at_the_unlock_and_flags_never() {
    let (mut world, client, other) = two();
    let [old, new] = [world.hop(client, "192.0.2.1/32", 1), world.hop(client, "192.0.2.2/32", 1)];
    let flags = RouteFlags::REMOTE;
    let spec = RouteSpec { neighbour: Some(old), next_hops: old.into(), flags, ..ucast(3, 1) };
    let (route, _) = world.add(client, NET, spec.clone());
    let (second, _) = world.add(other, NET, ucast(3, 2));
    let lock = Call::LockRoute { route, mode: LockMode::Exclusive, action: LOCK };
    let Reply::LockRoute { info: Some(info) } = world.done(client, lock) else { panic!() };
    assert_eq!(info.spec, spec);
    // As the documented sample does: release what goes out, reference what comes in, once for each place.
    world.done(client, Call::ReleaseNextHops { next_hops: vec![old, old] });
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::NextHop(new); 2] });
    assert_eq!(world.manager.route(route).unwrap().spec, spec);
    let edited = RouteSpec {
        neighbour: Some(new),
        flags: RouteFlags::DISCARD,
        flags1: 9,
        preference: 4,
        metric: 16,
        views: ViewSet::MCAST.union(ViewSet::UCAST),
        entity_specific_info: 77,
        next_hops: new.into(),
    };
    let update =
        Call::UpdateAndUnlockRoute { route, edited: edited.clone(), time_to_live_ms: INFINITE, list: None };
    let Reply::UpdateAndUnlockRoute { change_flags } = world.done(client, update) else { panic!() };
    assert_eq!(change_flags, RouteChangeFlags::BEST);
    assert_eq!(world.manager.route(route).unwrap().spec, RouteSpec { flags, flags1: 0, ..edited });
    assert_eq!(world.best(NET, ViewId::UCAST), Some(second));
    assert_eq!(world.best(NET, ViewId::MCAST), Some(route));
    // The client's books are as before: one handle of each next hop, one of the route.
    assert_eq!(world.manager.references_held(client), 3);
    world.done(client, Call::ReleaseNextHops { next_hops: vec![old, new] });
}

/// RTM-040
#[test]
fn a_failed_update_keeps_the_lock_and_a_good_one_ends_it() {
    let (mut world, client, other, route, old) = locked();
    let wrong = ucast(3, 1);
    let wrong = RouteSpec { views: ViewSet::from_bits(4), ..wrong };
    let update = |edited| Call::UpdateAndUnlockRoute { route, edited, time_to_live_ms: INFINITE, list: None };
    world.fails(client, update(wrong), Status::InvalidParameter);
    // What the client has taken out of the route's references cannot stay in the route.
    world.done(client, Call::ReleaseNextHops { next_hops: vec![old, old] });
    let unreferenced = RouteSpec { neighbour: Some(old), next_hops: old.into(), ..ucast(3, 1) };
    world.fails(client, update(unreferenced), Status::InvalidParameter);
    let function = Function::IsBestRoute;
    let violation = world.violates(client, None, Call::IsBestRoute { route });
    assert_eq!(violation, Violation::CallUnderLock { function, dest: prefix(NET) });
    let ticket = world.waits(other, Call::IsBestRoute { route });
    world.done(client, update(ucast(3, 9)));
    world.done(client, Call::IsBestRoute { route });
    assert!(matches!(world.resume(ticket), Outcome::Done(Reply::IsBestRoute { .. })));
    let violation = world.violates(client, None, update(ucast(3, 9)));
    assert_eq!(violation.status(), Some(Status::InvalidParameter), "it is not locked any more (D-91)");
    assert_eq!(world.manager.references_held(client), 1);
}

/// D-88, D-89, D-91: what others and the holder cannot do; unlocking without an update keeps everything.
#[test]
fn a_lock_keeps_others_out_and_an_unlock_discards() {
    let (mut world, client, other, route, old) = locked();
    let before = world.manager.route(route);
    let lock = |mode, action| Call::LockRoute { route, mode, action };
    let wrong = world.violates(client, None, lock(LockMode::Shared, LockAction::Unlock));
    assert_eq!(wrong, Violation::NotLocked { function: Function::LockRoute });
    let again = world.violates(client, None, lock(LockMode::Exclusive, LOCK));
    assert!(matches!(again, Violation::CallUnderLock { .. }));
    for call in [add(NET, ucast(9, 9)), Call::get_route_info(route)] {
        world.waits(other, call);
    }
    world.add(other, "11.0.0.0/8", ucast(0, 1));
    world.fails(other, lock(LockMode::Exclusive, LOCK), Status::AccessDenied);
    world.done(client, lock(LockMode::Exclusive, LockAction::Unlock));
    assert_eq!(world.manager.route(route), before);
    for (_, ticket) in world.ready.clone() {
        assert!(matches!(world.resume(ticket), Outcome::Done(_)));
    }
    assert_eq!(world.manager.references_held(client), 1, "the loan is taken back");
    // What was lent and released without an edit is found out.
    world.done(client, lock(LockMode::Exclusive, LOCK));
    world.done(client, Call::ReleaseNextHops { next_hops: vec![old] });
    world.done(client, lock(LockMode::Exclusive, LockAction::Unlock));
    let Some(Fact::Violation { violation, .. }) = world.facts.last() else { panic!() };
    assert!(matches!(violation, Violation::DoubleRelease { .. }));
    // Shared, others read and do not write.
    world.done(client, lock(LockMode::Shared, LOCK));
    world.info(other, route);
    let ticket = world.waits(other, add(NET, ucast(9, 9)));
    let edit =
        Call::UpdateAndUnlockRoute { route, edited: ucast(1, 1), time_to_live_ms: INFINITE, list: None };
    assert!(matches!(world.violates(client, None, edit), Violation::NotLocked { .. }));
    world.done(client, lock(LockMode::Shared, LockAction::Unlock));
    assert!(matches!(world.resume(ticket), Outcome::Done(_)));
}
