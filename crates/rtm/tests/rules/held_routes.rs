//! Routes in hold-down, where routes are enumerated: RTM-064, D-145.

use crate::world::*;
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";

/// A world in which the unicast route of a destination is held, and a multicast one is in the table; with both.
fn held() -> (World, EntityHandle, [RouteHandle; 2]) {
    let mut world = World::new();
    let client = world.register(rip(1));
    let spec = |metric, views| RouteSpec { metric, views, ..RouteSpec::default() };
    let (multicast, _) = world.add(client, NET, spec(5, ViewSet::MCAST));
    let dest = world.manager.dest(rip(1).table, prefix(NET)).expect("it has a route");
    world.done(client, Call::HoldDestination { dest, views: ViewSet::UCAST, hold_time_ms: 30_000 });
    let call = add_with(HandleArgument::Null, NET, spec(1, ViewSet::UCAST), u32::MAX, RouteChangeFlags::NEW);
    let (unicast, _) = world.added(client, call);
    let handles = vec![AnyHandle::Route(unicast)];
    world.done(client, Call::ReferenceHandles { handles });
    world.delete(client, unicast);
    assert_eq!(world.manager.route(unicast).map(|info| info.state), Some(RouteState::Deleting));
    (world, client, [unicast, multicast])
}

fn enumeration(world: &mut World, client: EntityHandle, views: ViewSet) -> EnumHandle {
    let (matching, criteria, interface) = (MatchFlags::NONE, None, 0);
    let flags = EnumFlags::START;
    let create =
        Call::CreateRouteEnum { dest: None, views, flags, start: None, matching, criteria, interface };
    match world.done(client, create) {
        Reply::CreateEnum { enumeration } => enumeration,
        other => panic!("{other:?}"),
    }
}

/// The routes that are read in one batch; none if there are no more.
fn batch(world: &mut World, client: EntityHandle, enumeration: EnumHandle, count: u32) -> Vec<RouteHandle> {
    match world.call(client, Call::GetEnumRoutes { enumeration, count }) {
        Outcome::Done(Reply::GetEnumRoutes { routes }) => routes,
        Outcome::Failed(Status::NoMoreItems) => Vec::new(),
        other => panic!("{other:?}"),
    }
}

/// RTM-064: a route that is held is enumerated by those who ask for any view, in its place by preference and metric (RTM-056),
/// and by nobody who asks for one.
#[test]
fn rtm_064_a_held_route_is_enumerated_with_any_view_alone() {
    let (mut world, client, [unicast, multicast]) = held();
    for (views, expected) in [
        (ViewSet::ANY, vec![unicast, multicast]),
        (ViewSet::UCAST, vec![]),
        (ViewSet::MCAST, vec![multicast]),
        (ViewSet::ALL, vec![multicast]),
    ] {
        let known = enumeration(&mut world, client, views);
        assert_eq!(batch(&mut world, client, known, 9), expected, "{views:?}");
    }
    world.pass_until(30 * SECOND);
    let known = enumeration(&mut world, client, ViewSet::ANY);
    assert_eq!(batch(&mut world, client, known, 9), [multicast], "the hold is over");
}

/// D-145: a destination that is only held is enumerated too; a route is given once, in however many views it is held.
#[test]
fn d_145_a_destination_that_is_only_held_gives_its_route_once() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let both = ViewSet::UCAST.union(ViewSet::MCAST);
    let (route, _) = world.add(client, NET, RouteSpec { metric: 1, views: both, ..RouteSpec::default() });
    let dest = world.manager.dest(rip(1).table, prefix(NET)).expect("it has a route");
    world.done(client, Call::HoldDestination { dest, views: ViewSet::ALL, hold_time_ms: 30_000 });
    world.delete(client, route);
    let known = enumeration(&mut world, client, ViewSet::ANY);
    assert_eq!(batch(&mut world, client, known, 9), [route]);
    let call = Call::GetExactMatchRoute {
        address: prefix(NET),
        matching: MatchFlags::NONE,
        criteria: RouteCriteria::default(),
        interface: 0,
        views: ViewSet::ANY,
        route: OptionalOutput::Declined,
    };
    world.fails(client, call, Status::NotFound);
}

/// D-145: a held route comes in its place by preference and metric, also behind what is in the table.
#[test]
fn d_145_a_held_route_comes_behind_a_better_one() {
    let (mut world, client, [unicast, multicast]) = held();
    let spec = RouteSpec { metric: 0, views: ViewSet::MCAST, ..RouteSpec::default() };
    let call = add_with(HandleArgument::Null, NET, spec, u32::MAX, RouteChangeFlags::NEW);
    let (better, _) = world.added(client, call);
    let known = enumeration(&mut world, client, ViewSet::ANY);
    assert_eq!(batch(&mut world, client, known, 9), [better, unicast, multicast]);
}

/// D-145: what is deleted while its destination is read is given if it is held then, and any view was asked for; what is held no
/// more is skipped.
#[test]
fn d_145_what_becomes_held_while_it_is_read_is_given() {
    for (ends, expected) in [(false, 1), (true, 0)] {
        let mut world = World::new();
        let client = world.register(rip(1));
        let spec = |metric, views| RouteSpec { metric, views, ..RouteSpec::default() };
        world.add(client, NET, spec(1, ViewSet::MCAST));
        let call =
            add_with(HandleArgument::Null, NET, spec(2, ViewSet::UCAST), u32::MAX, RouteChangeFlags::NEW);
        let (unicast, _) = world.added(client, call);
        let dest = world.manager.dest(rip(1).table, prefix(NET)).expect("it has routes");
        world.done(client, Call::HoldDestination { dest, views: ViewSet::UCAST, hold_time_ms: 30_000 });
        let any = enumeration(&mut world, client, ViewSet::ANY);
        let both = enumeration(&mut world, client, ViewSet::UCAST.union(ViewSet::MCAST));
        for known in [any, both] {
            assert_eq!(batch(&mut world, client, known, 1).len(), 1);
        }
        world.delete(client, unicast);
        if ends {
            world.pass_until(30 * SECOND);
        }
        assert_eq!(batch(&mut world, client, any, 1).len(), expected);
        assert_eq!(batch(&mut world, client, both, 1).len(), 0, "of these views it is gone");
    }
}
