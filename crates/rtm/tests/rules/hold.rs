//! Hold-down (5.5): RTM-059 to RTM-064, D-34, D-41 to D-46, D-98, D-101, and what is decided in D-121 to D-123.

use crate::world::{SECOND, World, add, add_with, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";
const BOTH: ViewSet = ViewSet::UCAST.union(ViewSet::MCAST);

/// A client with a handle of the destination, which is armed in these views for so many seconds.
fn armed(views: ViewSet, seconds: u32) -> (World, EntityHandle, DestHandle) {
    let mut world = World::new();
    let client = world.register(rip(1));
    world.add(client, NET, in_views(BOTH, 1));
    let dest = world.dest(client, NET, ViewSet::ANY).expect("it has a route").dest;
    arm(&mut world, client, dest, views, seconds);
    (world, client, dest)
}

fn in_views(views: ViewSet, metric: u32) -> RouteSpec {
    RouteSpec { views, ..ucast(0, metric) }
}

fn arm(world: &mut World, client: EntityHandle, dest: DestHandle, views: ViewSet, seconds: u32) {
    let call = Call::HoldDestination { dest, views, hold_time_ms: seconds * 1_000 };
    assert_eq!(world.done(client, call), Reply::Nothing);
}

/// Deletes the routes of a client, the first that it added first.
fn delete_all(world: &mut World, client: EntityHandle) {
    for route in world.manager.routes(rip(1).table) {
        if world.manager.route(route).is_some_and(|info| info.owner == client) {
            world.delete(client, route);
        }
    }
}

/// The best route and the route in hold-down of each view, through the handle.
fn seen(world: &mut World, client: EntityHandle, dest: DestHandle) -> Vec<[Option<RouteHandle>; 2]> {
    let call = Call::GetDestInfo { dest, protocol: ProtocolSelector::Best, views: ViewSet::ALL };
    let Reply::Dest { info } = world.done(client, call) else { panic!("a destination") };
    let views = info.views.iter().map(|view| [view.route, view.hold_route]).collect();
    world.done(client, Call::ReleaseDestInfo { info });
    views
}

/// When the holds end, as the host has it.
fn until(world: &World, dest: DestHandle) -> Option<u64> {
    world.timers.get(&TimerKey::Hold(dest)).map(|(at, _)| *at)
}

/// RTM-059
#[test]
fn rtm_059_a_hold_time_of_0_is_refused() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 1);
    let call = |dest, hold_time_ms| Call::HoldDestination { dest, views: ViewSet::UCAST, hold_time_ms };
    world.fails(client, call(dest, 0), Status::InvalidParameter);
    let elsewhere = EntityInfo { table: TableId { instance: 1, ..rip(1).table }, ..rip(1) };
    let stranger = world.register(elsewhere);
    world.fails(stranger, call(dest, 1_000), Status::InvalidHandle);
}

/// RTM-060
#[test]
fn rtm_060_arming_alone_changes_nothing_visible() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 1);
    let notify = world.watch(client, NotifyFlags::ALL);
    let before = (world.dest(client, NET, ViewSet::ALL), world.facts.clone());
    world.now = SECOND;
    arm(&mut world, client, dest, BOTH, 30);
    assert_eq!((world.dest(client, NET, ViewSet::ALL), world.facts.clone()), before);
    assert!(world.timers.is_empty() && world.drained(client, notify).is_empty());
}

/// RTM-061
#[test]
fn rtm_061_the_last_route_of_an_armed_view_becomes_its_hold_route() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    let [first] = world.manager.routes(rip(1).table)[..] else { panic!("one route") };
    let (second, _) = world.added(
        client,
        add_with(HandleArgument::Null, NET, in_views(BOTH, 2), INFINITE, RouteChangeFlags::NEW),
    );
    world.now = SECOND;
    world.delete(client, first);
    assert_eq!(seen(&mut world, client, dest), [[Some(second), None]; 2], "not the last one");
    assert_eq!(until(&world, dest), None);
    world.delete(client, second);
    let held = Some(second);
    assert_eq!(seen(&mut world, client, dest), [[None, held], [None, None]], "the other view is not armed");
    assert_eq!(until(&world, dest), Some(31 * SECOND));
    let views = ViewSet::UCAST;
    let told = |fact: &&Fact| matches!(fact, Fact::RouteHeld { .. });
    let told: Vec<_> = world.facts.iter().filter(told).collect();
    let [Fact::RouteHeld { route, views: in_views, until }] = told[..] else { panic!("{told:?}") };
    assert_eq!((route.route, *in_views, *until), (second, views, 31 * SECOND));
}

/// RTM-062, D-41: the longest time that was asked for in any view is that of all.
#[test]
fn rtm_062_all_views_are_released_together_after_the_longest_time() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    arm(&mut world, client, dest, ViewSet::MCAST, 5);
    let [route] = world.manager.routes(rip(1).table)[..] else { panic!("one route") };
    world.delete(client, route);
    let held = Some(route);
    world.pass_until(30 * SECOND - 1);
    assert_eq!(seen(&mut world, client, dest), [[None, held]; 2]);
    world.pass_until(30 * SECOND);
    assert_eq!(seen(&mut world, client, dest), [[None, None]; 2]);
    let ended = Fact::HoldEnded { table: rip(1).table, dest: prefix(NET), views: BOTH };
    assert_eq!(world.facts.iter().filter(|fact| **fact == ended).count(), 1);
    assert_eq!(world.manager.hold(dest), None, "nothing is remembered");
}

/// RTM-063
#[test]
fn rtm_063_a_new_route_during_hold_is_the_route_at_once() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    let [old] = world.manager.routes(rip(1).table)[..] else { panic!("one route") };
    world.delete(client, old);
    let (new, flags) = world.add(client, NET, ucast(0, 9));
    assert_ne!(new, old);
    assert!(flags.contains(RouteChangeFlags::NEW.union(RouteChangeFlags::BEST)));
    assert_eq!(seen(&mut world, client, dest)[0], [Some(new), Some(old)]);
    assert_eq!(world.best(NET, ViewId::UCAST), Some(new));
    world.pass_until(30 * SECOND);
    assert_eq!(seen(&mut world, client, dest)[0], [Some(new), None]);
}

/// RTM-064, D-38, D-110: queries for any view find a destination that is only held, and those for a view do not.
#[test]
fn rtm_064_a_destination_that_is_only_held_is_found_with_any_view_alone() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    delete_all(&mut world, client);
    assert_eq!(world.dest(client, NET, ViewSet::ANY).map(|info| info.dest), Some(dest));
    assert_eq!(world.dest(client, NET, ViewSet::UCAST), None);
    assert_eq!(world.dest(client, NET, ViewSet::ALL), None);
    let longest = |views| Call::GetMostSpecificDestination {
        address: prefix("10.1.0.0/16"),
        protocol: ProtocolSelector::Best,
        views,
    };
    let Reply::Dest { info } = world.done(client, longest(ViewSet::ANY)) else { panic!("a destination") };
    assert_eq!((info.dest, info.belongs_to_views), (dest, ViewSet::NONE), "I2");
    world.fails(client, longest(ViewSet::UCAST), Status::NotFound);
    world.pass_until(30 * SECOND);
    assert_eq!(world.dest(client, NET, ViewSet::ANY), None, "a handle alone does not make it found");
}

/// D-34: a hold keeps the destination, and nothing else has to.
#[test]
fn d_034_a_destination_lives_while_it_is_held() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    let notify = world.watch(client, NotifyFlags::BEST);
    delete_all(&mut world, client);
    let held = AnyHandle::Dest(dest);
    world.done(client, Call::ReleaseHandle { handle: held });
    assert_eq!(world.drained(client, notify), [NET]);
    assert_eq!(world.manager.dest(rip(1).table, prefix(NET)), Some(dest));
    world.pass_until(30 * SECOND);
    assert_eq!(world.manager.dest(rip(1).table, prefix(NET)), Some(dest), "pending");
    assert_eq!(world.drained(client, notify), [NET]);
    assert_eq!(world.manager.dest(rip(1).table, prefix(NET)), None);
    assert_eq!(world.manager.objects_alive().routes, 0);
}

/// D-42: arming before the first route, and while held, counts for the next deletion of the last route.
#[test]
fn d_042_arming_counts_for_the_next_last_deletion() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let dest = world.dest(client, NET, ViewSet::ANY).unwrap().dest;
    world.delete(client, route);
    arm(&mut world, client, dest, ViewSet::UCAST, 3);
    assert_eq!(seen(&mut world, client, dest)[0], [None, None], "there was no route to hold");
    let (route, _) = world.add(client, NET, ucast(0, 1));
    world.delete(client, route);
    arm(&mut world, client, dest, ViewSet::UCAST, 9);
    assert_eq!(seen(&mut world, client, dest)[0], [None, Some(route)]);
    assert_eq!(until(&world, dest), Some(3 * SECOND), "a hold that runs keeps its end");
    world.pass_until(3 * SECOND);
    let (route, _) = world.add(client, NET, ucast(0, 1));
    world.delete(client, route);
    assert_eq!(seen(&mut world, client, dest)[0], [None, Some(route)], "armed meanwhile");
    assert_eq!(until(&world, dest), Some(12 * SECOND));
}

/// D-43: DELETING while held, DELETED after; best nowhere, and not the owner's to change or delete.
#[test]
fn d_043_a_held_route_is_being_deleted() {
    let (mut world, client, dest) = armed(BOTH, 30);
    let [route] = world.manager.routes(rip(1).table)[..] else { panic!("one route") };
    let handles = vec![AnyHandle::Route(route)];
    world.done(client, Call::ReferenceHandles { handles });
    world.delete(client, route);
    assert_eq!(world.info(client, route).state, RouteState::Deleting);
    assert_eq!(RouteState::Deleting as u8, 1);
    assert_eq!(world.done(client, Call::IsBestRoute { route }), Reply::IsBestRoute { views: ViewSet::NONE });
    let flags = RouteChangeFlags::NONE;
    let update = add_with(HandleArgument::Given(route), NET, ucast(0, 2), INFINITE, flags);
    world.fails(client, update, Status::InvalidHandle);
    let lock = Call::LockRoute { route, mode: LockMode::Exclusive, action: LockAction::Lock };
    world.fails(client, lock, Status::InvalidHandle);
    world.fails(client, Call::DeleteRouteToDest { route }, Status::NotFound);
    let (other, flags) = world.added(client, add(NET, ucast(0, 1)));
    assert!(
        other != route && flags.contains(RouteChangeFlags::NEW),
        "a held route is not found for an update"
    );
    assert_eq!(world.manager.routes(rip(1).table), [other], "I7");
    world.pass_until(30 * SECOND);
    assert_eq!(world.info(client, route).state, RouteState::Deleted);
    assert_eq!(seen(&mut world, client, dest)[0], [Some(other), None]);
}

/// D-44: a second last deletion while held changes the hold if it was armed anew, and only then.
#[test]
fn d_044_a_newer_route_replaces_the_held_one_if_armed_anew() {
    let (mut world, client, dest) = armed(BOTH, 30);
    let [first] = world.manager.routes(rip(1).table)[..] else { panic!("one route") };
    world.delete(client, first);
    world.pass_until(10 * SECOND);
    let (second, _) = world.add(client, NET, ucast(0, 1));
    world.delete(client, second);
    assert_eq!(seen(&mut world, client, dest), [[None, Some(first)]; 2], "not armed");
    assert_eq!(until(&world, dest), Some(30 * SECOND));
    let (third, _) = world.add(client, NET, ucast(0, 1));
    arm(&mut world, client, dest, ViewSet::UCAST, 5);
    world.delete(client, third);
    assert_eq!(seen(&mut world, client, dest), [[None, Some(third)], [None, Some(first)]]);
    assert_eq!(until(&world, dest), Some(40 * SECOND), "the longest time counts, from now");
    let state = |world: &World, route| world.manager.route(route).map(|info| info.state);
    assert_eq!(state(&world, first), Some(RouteState::Deleting), "in the other view");
    let (fourth, _) = world.add(client, NET, in_views(ViewSet::MCAST, 1));
    arm(&mut world, client, dest, ViewSet::MCAST, 5);
    let timer = world.timers[&TimerKey::Hold(dest)];
    world.delete(client, fourth);
    assert_eq!(state(&world, first), None, "held nowhere any more");
    assert_eq!(timer, (40 * SECOND, 1));
    assert_eq!(world.timers[&TimerKey::Hold(dest)], timer, "not armed again: the instant is the same");
}

/// D-45: the end of a hold concerns ALL and BEST in the views that were held, and no forwarder.
#[test]
fn d_045_the_end_of_a_hold_is_told_to_all_but_forwarders() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    let types = [NotifyFlags::ALL, NotifyFlags::BEST, NotifyFlags::FORWARDING];
    let [all, best, forwarding] = types.map(|flags| world.watch(client, flags));
    let elsewhere = world.watch_views(client, ViewSet::MCAST, NotifyFlags::ALL);
    delete_all(&mut world, client);
    for notify in [all, best, forwarding, elsewhere] {
        assert_eq!(world.drained(client, notify), [NET], "the deletion concerns everybody");
    }
    world.settle(client);
    let changed = world.dest(client, NET, ViewSet::ANY).map(|info| info.last_changed);
    assert_eq!(changed, Some(0));
    world.pass_until(30 * SECOND);
    let [told, untold] = [[all, best], [forwarding, elsewhere]];
    assert_eq!(world.events_for(client).len(), 2);
    assert!(told.iter().all(|notify| world.drained(client, *notify) == [NET]));
    assert!(untold.iter().all(|notify| world.drained(client, *notify).is_empty()));
    let call = Call::GetDestInfo { dest, protocol: ProtocolSelector::Best, views: ViewSet::ANY };
    let Reply::Dest { info } = world.done(client, call) else { panic!("a destination") };
    assert_eq!(info.last_changed, 30 * SECOND, "the destination has changed");
}

/// D-46: an expiry and a deregistration delete the last route too; D-71, D-123: the hold outlives its owner.
#[test]
fn d_046_every_kind_of_deletion_begins_a_hold() {
    let held = |world: &World, dest| world.manager.hold(dest).map_or(0, |hold| hold.held.len());
    let (mut world, client, dest) = armed(BOTH, 30);
    let set = add_with(HandleArgument::Absent, NET, in_views(BOTH, 1), 1_000, RouteChangeFlags::NONE);
    world.done(client, set);
    world.pass_until(SECOND);
    let frame = world.invoke(client).unwrap();
    assert_eq!(held(&world, dest), 0);
    world.answer(frame.callback, Status::NotSupported);
    assert_eq!((held(&world, dest), until(&world, dest)), (2, Some(31 * SECOND)));

    let (mut world, client, dest) = armed(BOTH, 30);
    let watcher = world.register(rip(2));
    let hop = world.hop(client, "192.0.2.1/32", 1);
    let spec = RouteSpec { next_hops: hop.into(), ..in_views(BOTH, 1) };
    world.done(client, add_with(HandleArgument::Absent, NET, spec, INFINITE, RouteChangeFlags::NONE));
    world.done(client, Call::DeregisterEntity);
    assert_eq!(held(&world, dest), 2);
    let info = world.dest(watcher, NET, ViewSet::ANY).unwrap();
    let route = world.manager.hold(dest).unwrap().held[0].1;
    let shown = world.info(watcher, route);
    assert_eq!((shown.owner, shown.state), (client, RouteState::Deleting));
    world.done(watcher, Call::ReleaseRouteInfo { info: shown });
    world.done(watcher, Call::ReleaseDestInfo { info });
    world.settle(watcher);
    world.pass_until(30 * SECOND);
    let alive = world.manager.objects_alive();
    assert_eq!(
        (alive.entities, alive.dests, alive.routes, alive.next_hops),
        (1, 0, 0, 0),
        "all is forgotten"
    );
}

/// D-71, D-123: an owner that deregisters during the hold leaves it as it is, and nothing of it is a leak.
#[test]
fn d_123_a_hold_outlives_the_registration_of_its_owner() {
    let (mut world, client, dest) = armed(BOTH, 30);
    let watcher = world.register(rip(2));
    world.dest(watcher, NET, ViewSet::ANY).unwrap();
    delete_all(&mut world, client);
    world.done(client, Call::ReleaseHandle { handle: AnyHandle::Dest(dest) });
    world.facts.clear();
    world.done(client, Call::DeregisterEntity);
    assert!(!world.facts.iter().any(|fact| matches!(fact, Fact::Leak { .. })), "{:?}", world.facts);
    let [_, held] = seen(&mut world, watcher, dest)[0];
    assert_eq!(world.info(watcher, held.unwrap()).owner, client);
    assert_eq!(until(&world, dest), Some(30 * SECOND));
}

/// D-98: a route that leaves its last view by an update is not deleted, and not held.
#[test]
fn d_098_leaving_a_view_begins_no_hold() {
    let (mut world, client, dest) = armed(BOTH, 30);
    let [route] = world.manager.routes(rip(1).table)[..] else { panic!("one route") };
    let flags = RouteChangeFlags::NONE;
    let leave = add_with(HandleArgument::Given(route), NET, in_views(ViewSet::MCAST, 1), INFINITE, flags);
    world.done(client, leave);
    assert_eq!(seen(&mut world, client, dest), [[None, None], [Some(route), None]]);
    world.delete(client, route);
    let seen = seen(&mut world, client, dest);
    assert_eq!(seen, [[None, None], [None, Some(route)]], "held where it was deleted as the last one");
    assert_eq!(world.manager.hold(dest).unwrap().armed, ViewSet::UCAST, "and there it waits for the next");
}

/// D-101: the last route of a view is the last in that view, whatever routes there are in others.
#[test]
fn d_101_the_last_route_is_that_of_the_view() {
    let (mut world, client, dest) = armed(BOTH, 30);
    let other = world.register(rip(2));
    let [route] = world.manager.routes(rip(1).table)[..] else { panic!("one route") };
    let (stays, _) = world.add(other, NET, in_views(ViewSet::MCAST, 9));
    world.delete(client, route);
    assert_eq!(seen(&mut world, client, dest), [[None, Some(route)], [Some(stays), None]]);
    assert_eq!(world.dest(client, NET, ViewSet::UCAST), None);
    world.delete(other, stays);
    assert_eq!(seen(&mut world, client, dest), [[None, Some(route)], [None, Some(stays)]]);
}

/// D-121: no views in particular are all; unsupported ones are refused; what is armed goes with the destination.
#[test]
fn d_121_no_views_in_particular_are_all_and_arming_keeps_no_destination() {
    for views in [ViewSet::ANY, ViewSet::ALL] {
        let (world, _, dest) = armed(views, 30);
        assert_eq!(world.manager.hold(dest).unwrap().armed, BOTH);
    }
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    let call = Call::HoldDestination { dest, views: ViewSet::from_bits(5), hold_time_ms: 1 };
    world.fails(client, call, Status::InvalidParameter);
    let (other, _) = world.add(client, "10.0.0.0/9", ucast(0, 1));
    let dest = world.info(client, other).dest;
    arm(&mut world, client, dest, ViewSet::UCAST, u32::MAX / 1_000);
    world.done(client, Call::ReleaseHandle { handle: AnyHandle::Dest(dest) });
    let leave = add_with(
        HandleArgument::Given(other),
        "10.0.0.0/9",
        in_views(ViewSet::NONE, 1),
        INFINITE,
        RouteChangeFlags::NONE,
    );
    world.done(client, leave);
    world.done(client, Call::ReleaseEntities { entities: vec![client] });
    world.delete(client, other);
    assert_eq!((world.manager.dest_address(dest), world.manager.hold(dest)), (None, None));
}

/// D-122: the end of a hold waits for the unlock, as an expiry does (D-20).
#[test]
fn d_122_the_end_of_a_hold_waits_for_the_unlock() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    let [held] = world.manager.routes(rip(1).table)[..] else { panic!("one route") };
    world.delete(client, held);
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let lock = |action| Call::LockRoute { route, mode: LockMode::Exclusive, action };
    world.done(client, lock(LockAction::Lock));
    world.pass_until(40 * SECOND);
    let kept = world.manager.hold(dest).unwrap();
    assert_eq!((kept.held, kept.until), (vec![(ViewId::UCAST, held)], None));
    world.done(client, lock(LockAction::Unlock));
    assert_eq!(world.manager.hold(dest), None);
    assert_eq!(seen(&mut world, client, dest)[0], [Some(route), None]);
}

/// 1.10: a copy of a destination counts the held route, and its release lets it go.
#[test]
fn the_held_route_in_a_copy_of_a_destination_is_counted() {
    let (mut world, client, dest) = armed(BOTH, 30);
    delete_all(&mut world, client);
    let call = Call::GetDestInfo { dest, protocol: ProtocolSelector::Protocol(77), views: ViewSet::ALL };
    let before = world.manager.references_held(client);
    let Reply::Dest { info } = world.done(client, call) else { panic!("a destination") };
    let held = info.views[0].hold_route.expect("the selector does not concern it");
    assert_eq!(
        world.manager.references_held(client),
        before + 3,
        "the destination, and the route in each view"
    );
    world.pass_until(30 * SECOND);
    assert_eq!(world.manager.route(held).map(|route| route.state), Some(RouteState::Deleted));
    world.done(client, Call::ReleaseDestInfo { info });
    assert_eq!(world.manager.route(held), None);
}

/// I9: a timer of an older hold is inert, also if the numbers are the same.
#[test]
fn a_timer_of_an_older_hold_is_inert() {
    let (mut world, client, dest) = armed(ViewSet::UCAST, 30);
    delete_all(&mut world, client);
    let timer = TimerKey::Hold(dest);
    let (_, old) = world.timers[&timer];
    world.pass_until(10 * SECOND);
    world.add(client, NET, ucast(0, 1));
    arm(&mut world, client, dest, ViewSet::UCAST, 30);
    delete_all(&mut world, client);
    let (at, current) = world.timers[&timer];
    assert_eq!(at, 40 * SECOND);
    world.now = 40 * SECOND;
    let kept = world.manager.state().clone();
    world.feed(Input::TimerFired { timer, generation: old });
    world.now = 39 * SECOND;
    world.feed(Input::TimerFired { timer, generation: current });
    assert!(kept == *world.manager.state(), "old, and early");
    world.pass_until(40 * SECOND);
    assert_eq!(world.manager.hold(dest), None);
}
