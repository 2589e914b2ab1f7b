//! Best route and look-up.

use crate::world::{World, ospf, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";

fn three() -> (World, EntityHandle, EntityHandle, EntityHandle) {
    let mut world = World::new();
    let clients = (world.register(rip(1)), world.register(rip(2)), world.register(ospf()));
    (world, clients.0, clients.1, clients.2)
}

fn both(preference: u32, metric: u32) -> RouteSpec {
    RouteSpec { views: ViewSet::UCAST.union(ViewSet::MCAST), ..ucast(preference, metric) }
}

/// RTM-044
#[test]
fn the_lower_preference_wins_whatever_the_metric() {
    let (mut world, first, second, _) = three();
    world.add(first, NET, ucast(2, 0));
    let (route, flags) = world.add(second, NET, ucast(1, u32::MAX));
    assert_eq!(flags, RouteChangeFlags::NEW.union(RouteChangeFlags::BEST));
    assert_eq!(world.best(NET, ViewId::UCAST), Some(route));
}

/// RTM-045
#[test]
fn among_equal_preferences_the_lower_metric_wins() {
    let (mut world, first, second, third) = three();
    world.add(first, NET, ucast(2, 5));
    let (route, _) = world.add(second, NET, ucast(2, 4));
    world.add(third, NET, ucast(2, 6));
    assert_eq!(world.best(NET, ViewId::UCAST), Some(route));
}

/// RTM-046: also when the views are of different routes, and one that was in all of them goes.
#[test]
fn a_destination_stays_in_the_views_of_the_routes_that_are_left() {
    let (mut world, first, second, third) = three();
    let (route, _) = world.add(first, NET, both(3, 1));
    let (one, _) = world.add(second, NET, ucast(1, 1));
    let (two, _) = world.add(third, NET, RouteSpec { views: ViewSet::MCAST, ..ucast(2, 1) });
    world.delete(first, route);
    assert_eq!((world.best(NET, ViewId::UCAST), world.best(NET, ViewId::MCAST)), (Some(one), Some(two)));
    let info = world.dest(first, NET, ViewSet::ANY).expect("two routes are left");
    assert_eq!(info.belongs_to_views, ViewSet::UCAST.union(ViewSet::MCAST));
    world.delete(second, one);
    let info = world.dest(first, NET, ViewSet::ANY).expect("a route is left");
    assert_eq!(info.belongs_to_views, ViewSet::MCAST);
    assert_eq!(world.best(NET, ViewId::UCAST), None);
}

/// RTM-046
#[test]
fn each_view_has_its_own_best() {
    let (mut world, first, second, _) = three();
    let (one, _) = world.add(first, NET, both(1, 1));
    let (two, _) = world.add(second, NET, both(2, 1));
    world.facts.clear();
    world.add(first, NET, RouteSpec { views: ViewSet::UCAST, ..ucast(1, 1) });
    assert_eq!((world.best(NET, ViewId::UCAST), world.best(NET, ViewId::MCAST)), (Some(one), Some(two)));
    let changed: Vec<_> = world
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::BestChanged { view, best, .. } => Some((*view, best.as_ref().map(|best| best.route))),
            _ => None,
        })
        .collect();
    assert_eq!(changed, [(ViewId::MCAST, Some(two))]);
}

/// RTM-047
#[test]
fn a_route_is_best_exactly_where_the_dest_says_so() {
    let (mut world, first, second, _) = three();
    let (one, _) = world.add(first, NET, ucast(1, 1));
    let (two, _) = world.add(second, NET, both(2, 1));
    let is_best = |world: &mut World, route| match world.done(first, Call::IsBestRoute { route }) {
        Reply::IsBestRoute { views } => views,
        other => panic!("{other:?}"),
    };
    assert_eq!((is_best(&mut world, one), is_best(&mut world, two)), (ViewSet::UCAST, ViewSet::MCAST));
    let info = world.dest(first, NET, ViewSet::ALL).unwrap();
    let seen: Vec<_> =
        info.views.iter().map(|view| (view.view, view.route, view.owner, view.routes)).collect();
    let expected = [(ViewId::UCAST, Some(one), Some(first), 2), (ViewId::MCAST, Some(two), Some(second), 1)];
    assert_eq!(seen, expected);
    world.delete(first, one);
    assert_eq!(is_best(&mut world, one), ViewSet::NONE, "deleted, and held by the info");
    assert_eq!(is_best(&mut world, two), ViewSet::ALL.intersection(ViewSet::from_bits(3)));
}

/// RTM-048
#[test]
fn the_selector_picks_which_protocols_best_is_reported() {
    let (mut world, first, second, third) = three();
    let (better_rip, _) = world.add(first, NET, ucast(5, 1));
    world.add(second, NET, ucast(6, 1));
    let (best, _) = world.add(third, NET, ucast(1, 1));
    let reported = |world: &mut World, caller, code| {
        let protocol = ProtocolSelector::from_code(code);
        let call = Call::GetExactMatchDestination { address: prefix(NET), protocol, views: ViewSet::UCAST };
        match world.done(caller, call) {
            Reply::Dest { info } => info.views[0].route,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reported(&mut world, second, 0), Some(best));
    assert_eq!(reported(&mut world, second, protocol::RIP), Some(better_rip));
    assert_eq!(reported(&mut world, second, 0xFFFF_FFFF), Some(better_rip), "of all its instances (D-37)");
    assert_eq!(reported(&mut world, third, 0xFFFF_FFFF), Some(best));
}

/// RTM-049
#[test]
fn the_selector_is_no_search_criterion() {
    let (mut world, first, ..) = three();
    world.add(first, NET, ucast(5, 1));
    let protocol = ProtocolSelector::Protocol(protocol::BGP);
    let call = Call::GetExactMatchDestination { address: prefix(NET), protocol, views: ViewSet::UCAST };
    let Reply::Dest { info } = world.done(first, call) else { panic!() };
    assert_eq!((info.views[0].route, info.views[0].owner, info.views[0].routes), (None, None, 1));
}

/// RTM-050
#[test]
fn no_views_asked_no_views_told() {
    let (mut world, first, ..) = three();
    world.add(first, NET, ucast(5, 1));
    let info = world.dest(first, NET, ViewSet::ANY).unwrap();
    assert_eq!((info.views.len(), info.belongs_to_views), (0, ViewSet::UCAST));
    let call = Call::GetDestInfo { dest: info.dest, protocol: ProtocolSelector::Best, views: ViewSet::ANY };
    assert_eq!(world.done(first, call), Reply::Dest { info: info.clone() });
    let unknown = ViewSet::from_bits(5);
    let call = Call::GetDestInfo { dest: info.dest, protocol: ProtocolSelector::Best, views: unknown };
    world.fails(first, call, Status::NotSupported);
}

/// RTM-051
#[test]
fn the_longest_covering_prefix_is_found() {
    let mut world = World::new();
    let ipv6 = TableId { instance: 0, family: AddressFamily::Ipv6 };
    let tables = [
        (
            rip(1),
            ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32"],
            "10.1.2.4/32",
            "11.0.0.0/8",
            "0.0.0.0/0",
        ),
        (
            EntityInfo { table: ipv6, ..rip(1) },
            ["2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:2::/64", "2001:db8:1:2::3/128"],
            "2001:db8:1:2::4/128",
            "3000::/8",
            "::/0",
        ),
    ];
    for (info, stored, host, outside, default) in tables {
        let client = world.register(info);
        for dest in stored {
            world.add(client, dest, ucast(0, 1));
        }
        let matched = |world: &mut World, address: &str, views| {
            let address = prefix(address);
            let protocol = ProtocolSelector::Best;
            match world.call(client, Call::GetMostSpecificDestination { address, protocol, views }) {
                Outcome::Done(Reply::Dest { info }) => Some(info.address.to_string()),
                Outcome::Failed(Status::NotFound) => None,
                other => panic!("{other:?}"),
            }
        };
        for dest in stored {
            assert_eq!(matched(&mut world, dest, ViewSet::UCAST).as_deref(), Some(dest));
        }
        assert_eq!(matched(&mut world, host, ViewSet::UCAST).as_deref(), Some(stored[2]));
        assert_eq!(matched(&mut world, outside, ViewSet::UCAST), None);
        assert_eq!(matched(&mut world, host, ViewSet::MCAST), None, "a dest must be in a view asked (D-38)");
        world.add(client, default, RouteSpec { views: ViewSet::MCAST, ..ucast(0, 1) });
        assert_eq!(matched(&mut world, host, ViewSet::MCAST).as_deref(), Some(default));
        assert_eq!(matched(&mut world, outside, ViewSet::ANY).as_deref(), Some(default));
        assert_eq!(matched(&mut world, default, ViewSet::UCAST), None);
        let found = world.dest(client, stored[1], ViewSet::UCAST).map(|info| info.address);
        assert_eq!(found, Some(prefix(stored[1])), "and exactly");
    }
}
