//! Enumerations of destinations, routes and next hops.

use crate::world::*;
use tiebreak_rtm::*;

fn created(world: &mut World, client: EntityHandle, call: Call) -> EnumHandle {
    match world.done(client, call) {
        Reply::CreateEnum { enumeration } => enumeration,
        other => panic!("{other:?}"),
    }
}

/// Destinations with a unicast route.
fn dests(flags: EnumFlags, address: Option<&str>) -> Call {
    let address = address.map(prefix);
    Call::CreateDestEnum { views: ViewSet::UCAST, flags, address, protocol: ProtocolSelector::Best }
}

/// Routes of the unicast view.
fn routes(flags: EnumFlags, start: Option<&str>) -> Call {
    Call::CreateRouteEnum {
        dest: None,
        views: ViewSet::UCAST,
        flags,
        start: start.map(prefix),
        matching: MatchFlags::NONE,
        criteria: None,
        interface: 0,
    }
}

/// The next batch of destinations, as prefixes; it is released. Nothing at the end.
fn next_dests(world: &mut World, client: EntityHandle, enumeration: EnumHandle, count: u32) -> Vec<String> {
    match world.call(client, Call::GetEnumDests { enumeration, count }) {
        Outcome::Done(Reply::GetEnumDests { infos }) => {
            let addresses = infos.iter().map(|info| info.address.to_string()).collect();
            world.done(client, Call::ReleaseDests { infos });
            addresses
        }
        Outcome::Failed(Status::NoMoreItems) => Vec::new(),
        other => panic!("{other:?}"),
    }
}

/// The next batch of routes; it is released. Nothing at the end.
fn next_routes(
    world: &mut World,
    client: EntityHandle,
    enumeration: EnumHandle,
    count: u32,
) -> Vec<RouteHandle> {
    match world.call(client, Call::GetEnumRoutes { enumeration, count }) {
        Outcome::Done(Reply::GetEnumRoutes { routes }) => {
            world.done(client, Call::ReleaseRoutes { routes: routes.clone() });
            routes
        }
        Outcome::Failed(Status::NoMoreItems) => Vec::new(),
        other => panic!("{other:?}"),
    }
}

/// All destinations of an enumeration, in batches of so many; it is deleted.
fn all_dests(world: &mut World, client: EntityHandle, create: Call, count: u32) -> Vec<String> {
    let enumeration = created(world, client, create);
    let mut all = Vec::new();
    loop {
        let batch = next_dests(world, client, enumeration, count);
        if batch.is_empty() {
            world.done(client, Call::DeleteEnumHandle { enumeration });
            return all;
        }
        all.extend(batch);
    }
}

/// All routes of an enumeration, in batches of so many; it is deleted.
fn all_routes(world: &mut World, client: EntityHandle, create: Call, count: u32) -> Vec<RouteHandle> {
    let enumeration = created(world, client, create);
    let mut all = Vec::new();
    loop {
        let batch = next_routes(world, client, enumeration, count);
        if batch.is_empty() {
            world.done(client, Call::DeleteEnumHandle { enumeration });
            return all;
        }
        all.extend(batch);
    }
}

/// In the order of addresses.
const STORED: [&str; 8] = [
    "0.0.0.0/0",
    "9.255.0.0/16",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.0/32",
    "10.1.0.0/16",
    "10.255.255.255/32",
    "11.0.0.0/8",
];

/// A client with a route to each of these, added in another order.
fn stored() -> (World, EntityHandle) {
    let mut world = World::new();
    let client = world.register(rip(1));
    for at in [5, 2, 7, 0, 4, 6, 1, 3] {
        world.add_without_handle(client, STORED[at]);
    }
    (world, client)
}

/// RTM-054, flow 7.10
#[test]
fn rtm_054_destinations_come_in_the_order_of_addresses_whatever_the_batches() {
    for count in [1, 3, 8, 16] {
        let (mut world, client) = stored();
        assert_eq!(all_dests(&mut world, client, dests(EnumFlags::START, None), count), STORED, "by {count}");
    }
}

/// RTM-054
#[test]
fn rtm_054_a_range_is_its_prefix_and_what_that_covers_and_next_goes_on_to_the_end() {
    let (mut world, client) = stored();
    let mut all = |flags, address| all_dests(&mut world, client, dests(flags, Some(address)), 2);
    assert_eq!(all(EnumFlags::RANGE, "10.0.0.0/8"), STORED[2..7]);
    assert_eq!(all(EnumFlags::RANGE, "10.0.0.0/7"), STORED[2..]);
    assert_eq!(all(EnumFlags::RANGE, "10.0.0.0/24"), STORED[4..5], "the prefix itself need not be there");
    assert_eq!(all(EnumFlags::RANGE, "0.0.0.0/0"), STORED);
    assert_eq!(all(EnumFlags::RANGE, "12.0.0.0/8"), [""; 0]);
    assert_eq!(all(EnumFlags::NEXT, "10.0.0.0/8"), STORED[2..], "itself included");
    assert_eq!(all(EnumFlags::NEXT, "10.0.0.0/9"), STORED[3..]);
}

/// RTM-054: an enumeration of IPv6 goes by the same order.
#[test]
fn rtm_054_ipv6_destinations_are_in_order_too() {
    let mut world = World::new();
    let table = TableId { instance: 0, family: AddressFamily::Ipv6 };
    let client = world.register(EntityInfo { table, ..rip(1) });
    for dest in ["fe80::/10", "2001:db8:0:1::/64", "2001:db8::/32", "::/0"] {
        world.add_without_handle(client, dest);
    }
    let all = all_dests(&mut world, client, dests(EnumFlags::START, None), 3);
    assert_eq!(all, ["::/0", "2001:db8::/32", "2001:db8:0:1::/64", "fe80::/10"]);
    let all = all_dests(&mut world, client, dests(EnumFlags::RANGE, Some("2000::/3")), 3);
    assert_eq!(all, ["2001:db8::/32", "2001:db8:0:1::/64"]);
}

/// RTM-055, D-118
#[test]
fn rtm_055_own_destinations_are_those_of_which_the_caller_owns_the_best_route_in_a_view_asked_for() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(ospf()));
    let both = ViewSet::UCAST.union(ViewSet::MCAST);
    world.add(client, "10.0.0.0/8", ucast(1, 1));
    world.add(other, "10.0.0.0/8", ucast(2, 1));
    world.add(client, "11.0.0.0/8", ucast(2, 1));
    world.add(other, "11.0.0.0/8", ucast(1, 1));
    world.add(client, "12.0.0.0/8", RouteSpec { views: both, ..ucast(2, 1) });
    world.add(other, "12.0.0.0/8", ucast(1, 1));
    world.add(client, "13.0.0.0/8", RouteSpec { views: ViewSet::NONE, ..ucast(1, 1) });
    let mut own = |views, protocol| {
        let create = Call::CreateDestEnum { views, flags: EnumFlags::OWN_DESTS, address: None, protocol };
        all_dests(&mut world, client, create, 2)
    };
    assert_eq!(own(ViewSet::UCAST, ProtocolSelector::Best), ["10.0.0.0/8"]);
    assert_eq!(own(both, ProtocolSelector::Best), ["10.0.0.0/8", "12.0.0.0/8"], "in some view");
    assert_eq!(
        own(ViewSet::ANY, ProtocolSelector::Best),
        ["10.0.0.0/8", "12.0.0.0/8"],
        "any view is every one"
    );
    assert_eq!(
        own(ViewSet::UCAST, ProtocolSelector::This),
        ["10.0.0.0/8"],
        "the best of all protocols (D-118)"
    );
}

/// RTM-054: what is reported of a destination is as in a query, by views and by protocol.
#[test]
fn rtm_054_views_filter_and_the_selector_reports_as_in_a_query() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(ospf()));
    let flags = RouteFlags::from_bits(2);
    let (own, _) = world.add(client, "10.0.0.0/8", RouteSpec { flags, ..ucast(2, 1) });
    world.add(other, "10.0.0.0/8", ucast(1, 1));
    world.add(client, "11.0.0.0/8", RouteSpec { views: ViewSet::MCAST, ..ucast(1, 1) });
    world.add(client, "12.0.0.0/8", RouteSpec { views: ViewSet::NONE, ..ucast(1, 1) });
    let create =
        |views, protocol| Call::CreateDestEnum { views, flags: EnumFlags::START, address: None, protocol };
    let enumeration = created(&mut world, client, create(ViewSet::UCAST, ProtocolSelector::This));
    let call = Call::GetEnumDests { enumeration, count: 16 };
    let Reply::GetEnumDests { infos } = world.done(client, call.clone()) else { panic!() };
    assert_eq!(infos.len(), 1, "not what has no route in the views asked for");
    let [view] = infos[0].views[..] else { panic!("{infos:?}") };
    assert_eq!((view.view, view.route, view.routes), (ViewId::UCAST, Some(own), 2));
    assert_eq!(
        (view.owner, view.dest_flags),
        (Some(client), flags),
        "owner and flags are those of the route"
    );
    world.done(client, Call::ReleaseDests { infos });
    world.fails(client, call, Status::NoMoreItems);
    let any = all_dests(&mut world, client, create(ViewSet::ANY, ProtocolSelector::Best), 16);
    assert_eq!(any, ["10.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8"]);
}

/// RTM-056, flow 7.11
#[test]
fn rtm_056_routes_come_by_address_then_preference_then_metric() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(ospf()));
    let (a3, _) = world.add(client, "10.0.0.0/8", ucast(7, 1));
    let (a1, _) = world.add(other, "10.0.0.0/8", ucast(5, 9));
    let new = |dest, spec| add_with(HandleArgument::Null, dest, spec, INFINITE, RouteChangeFlags::NEW);
    let (a2, _) = world.added(other, new("10.0.0.0/8", ucast(5, 10)));
    let (b, _) = world.add(client, "10.0.0.0/16", ucast(1, 1));
    let (first, _) = world.add(client, "9.0.0.0/8", ucast(9, 9));
    let order = [first, a1, a2, a3, b];
    for count in [1, 2, 3, 16] {
        let all = all_routes(&mut world, client, routes(EnumFlags::START, None), count);
        assert_eq!(all, order, "by {count}");
    }
    let mut all = |flags, start| all_routes(&mut world, client, routes(flags, start), 2);
    assert_eq!(all(EnumFlags::OWN_ROUTES, None), [first, a3, b]);
    assert_eq!(all(EnumFlags::RANGE, Some("10.0.0.0/8")), order[1..]);
    assert_eq!(all(EnumFlags::NEXT.union(EnumFlags::OWN_ROUTES), Some("10.0.0.0/9")), [b]);
    assert_eq!(all(EnumFlags::START, Some("10.0.0.0/9")), order, "with START the address is ignored");
}

/// RTM-056: criteria are those of a match; views filter routes one by one.
#[test]
fn rtm_056_routes_are_filtered_by_criteria_and_by_views() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(ospf()));
    let hop = world.hop(client, "192.0.2.1/32", 7);
    let (via, _) = world.add(client, "10.0.0.0/8", RouteSpec { next_hops: hop.into(), ..ucast(1, 1) });
    let (plain, _) = world.add(other, "10.0.0.0/8", ucast(2, 2));
    let (wide, _) = world.add(client, "11.0.0.0/8", RouteSpec { views: ViewSet::MCAST, ..ucast(2, 2) });
    let (hidden, _) = world.add(client, "12.0.0.0/8", RouteSpec { views: ViewSet::NONE, ..ucast(2, 2) });
    let mut all = |views, matching, criteria: Option<RouteCriteria>, interface| {
        let (dest, flags, start) = (None, EnumFlags::START, None);
        let create = Call::CreateRouteEnum { dest, views, flags, start, matching, criteria, interface };
        all_routes(&mut world, client, create, 16)
    };
    let cost = RouteCriteria { preference: 2, metric: 2, ..RouteCriteria::default() };
    assert_eq!(all(ViewSet::UCAST, MatchFlags::INTERFACE, None, 7), [via], "without criteria (2.7)");
    assert_eq!(all(ViewSet::UCAST, MatchFlags::PREF, Some(cost.clone()), 0), [plain]);
    assert_eq!(all(ViewSet::MCAST, MatchFlags::PREF, Some(cost.clone()), 0), [wide]);
    assert_eq!(all(ViewSet::ANY, MatchFlags::PREF, Some(cost), 0), [plain, wide, hidden]);
    let foreign = RouteCriteria { owner: Some(other), ..RouteCriteria::default() };
    assert_eq!(all(ViewSet::ALL, MatchFlags::OWNER, Some(foreign), 0), [plain]);
}

/// RTM-057, D-56
#[test]
fn rtm_057_a_batch_that_is_too_large_or_empty_is_refused_and_consumes_nothing() {
    let (mut world, client) = stored();
    world.hop(client, "192.0.2.1/32", 1);
    let of_dests = created(&mut world, client, dests(EnumFlags::START, None));
    let of_routes = created(&mut world, client, routes(EnumFlags::START, None));
    let flags = EnumFlags::START;
    let of_hops = created(&mut world, client, Call::CreateNextHopEnum { flags, address: None });
    let Reply::CreateRouteList { list } = world.done(client, Call::CreateRouteList) else { panic!() };
    let of_list = created(&mut world, client, Call::CreateRouteListEnum { list });
    for count in [0, 17] {
        for call in [
            Call::GetEnumDests { enumeration: of_dests, count },
            Call::GetEnumRoutes { enumeration: of_routes, count },
            Call::GetEnumNextHops { enumeration: of_hops, count },
            Call::GetListEnumRoutes { enumeration: of_list, count },
        ] {
            world.fails(client, call, Status::InvalidParameter);
        }
    }
    assert_eq!(next_dests(&mut world, client, of_dests, 16), STORED);
    assert_eq!(next_routes(&mut world, client, of_routes, 16).len(), STORED.len());
}

/// RTM-058
#[test]
fn rtm_058_a_view_that_is_not_supported_is_refused() {
    let (mut world, client) = stored();
    let views = ViewSet::from_bits(5);
    let (flags, protocol) = (EnumFlags::START, ProtocolSelector::Best);
    world.fails(client, Call::CreateDestEnum { views, flags, address: None, protocol }, Status::NotSupported);
    let Call::CreateRouteEnum { matching, .. } = routes(flags, None) else { panic!() };
    let create = Call::CreateRouteEnum {
        dest: None,
        views,
        flags,
        start: None,
        matching,
        criteria: None,
        interface: 0,
    };
    world.fails(client, create, Status::NotSupported);
}

/// D-81
#[test]
fn d_081_an_enumeration_goes_on_behind_what_it_returned_last_whatever_comes_and_goes() {
    let (mut world, client) = stored();
    let enumeration = created(&mut world, client, dests(EnumFlags::START, None));
    assert_eq!(next_dests(&mut world, client, enumeration, 3), STORED[..3]);
    let gone = world.manager.routes(IPV4)[2];
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::Route(gone)] });
    world.delete(client, gone);
    world.add_without_handle(client, "9.0.0.0/8");
    world.add_without_handle(client, "10.0.0.0/9");
    assert_eq!(
        next_dests(&mut world, client, enumeration, 3),
        ["10.0.0.0/9", "10.0.0.0/16", "10.0.0.0/32"],
        "what came before its place is not met, what came behind it is"
    );
    assert_eq!(next_dests(&mut world, client, enumeration, 16), STORED[5..]);
    assert_eq!(next_dests(&mut world, client, enumeration, 16), [""; 0]);
    world.add_without_handle(client, "12.0.0.0/8");
    assert_eq!(next_dests(&mut world, client, enumeration, 16), ["12.0.0.0/8"], "the end is no state");
}

/// A client with three routes to one destination and one to another, all but the first returned by an enumeration.
fn entered() -> (World, EntityHandle, EnumHandle, [RouteHandle; 4]) {
    let mut world = World::new();
    let client = world.register(rip(1));
    let new = |dest, metric| {
        add_with(HandleArgument::Null, dest, ucast(0, metric), INFINITE, RouteChangeFlags::NEW)
    };
    let [a, b, c] = [1, 2, 3].map(|metric| world.added(client, new("10.0.0.0/8", metric)).0);
    let (last, _) = world.added(client, new("11.0.0.0/8", 1));
    let enumeration = created(&mut world, client, routes(EnumFlags::START, None));
    assert_eq!(next_routes(&mut world, client, enumeration, 1), [a]);
    (world, client, enumeration, [a, b, c, last])
}

/// D-81
#[test]
fn d_081_of_a_destination_that_is_being_read_deleted_routes_are_skipped() {
    let (mut world, client, enumeration, [_, b, c, last]) = entered();
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::Route(b)] });
    world.delete(client, b);
    assert_eq!(next_routes(&mut world, client, enumeration, 16), [c, last]);
}

/// D-114
#[test]
fn d_114_what_a_destination_gives_is_settled_when_it_is_entered() {
    let (mut world, client, enumeration, [a, b, c, last]) = entered();
    let update = |route, spec| {
        add_with(HandleArgument::Given(route), "10.0.0.0/8", spec, INFINITE, RouteChangeFlags::NONE)
    };
    world.done(client, update(b, ucast(0, 9)));
    world.done(client, update(c, RouteSpec { views: ViewSet::MCAST, ..ucast(0, 3) }));
    let new = add_with(HandleArgument::Null, "10.0.0.0/8", ucast(0, 2), INFINITE, RouteChangeFlags::NEW);
    let (new, _) = world.added(client, new);
    assert_eq!(next_routes(&mut world, client, enumeration, 16), [b, c, last], "as it was then");
    let anew = all_routes(&mut world, client, routes(EnumFlags::START, None), 16);
    assert_eq!(anew, [a, new, b, last]);
}

/// D-82
#[test]
fn d_082_the_last_batch_comes_with_success_and_the_call_that_finds_nothing_says_so() {
    let (mut world, client) = stored();
    world.hop(client, "192.0.2.1/32", 1);
    let of_dests = created(&mut world, client, dests(EnumFlags::NEXT, Some("11.0.0.0/8")));
    let of_routes = created(&mut world, client, routes(EnumFlags::NEXT, Some("11.0.0.0/8")));
    let create = Call::CreateNextHopEnum { flags: EnumFlags::START, address: None };
    let of_hops = created(&mut world, client, create);
    for call in [
        Call::GetEnumDests { enumeration: of_dests, count: 2 },
        Call::GetEnumRoutes { enumeration: of_routes, count: 2 },
        Call::GetEnumNextHops { enumeration: of_hops, count: 2 },
    ] {
        world.done(client, call.clone());
        world.fails(client, call, Status::NoMoreItems);
    }
}

/// D-83, D-117
#[test]
fn d_083_of_one_destination_the_flags_of_the_position_are_ignored() {
    let (mut world, client, _, [a, b, c, _]) = entered();
    let info = world.dest(client, "10.0.0.0/8", ViewSet::UCAST).unwrap();
    let both = EnumFlags::NEXT.union(EnumFlags::RANGE);
    for (flags, start) in [(EnumFlags::START, None), (both, None), (EnumFlags::RANGE, Some("12.0.0.0/8"))] {
        let Call::CreateRouteEnum { views, start, matching, criteria, interface, .. } = routes(flags, start)
        else {
            panic!()
        };
        let dest = Some(info.dest);
        let create = Call::CreateRouteEnum { dest, views, flags, start, matching, criteria, interface };
        assert_eq!(all_routes(&mut world, client, create, 2), [a, b, c]);
    }
}

/// D-117
#[test]
fn d_117_an_enumeration_of_one_destination_keeps_it_through_a_time_without_routes() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let (route, _) = world.add(client, "10.0.0.0/8", ucast(0, 1));
    let info = world.dest(client, "10.0.0.0/8", ViewSet::UCAST).unwrap();
    let of_dest = |dest, flags| Call::CreateRouteEnum {
        dest: Some(dest),
        views: ViewSet::ANY,
        flags,
        start: None,
        matching: MatchFlags::NONE,
        criteria: None,
        interface: 0,
    };
    let dest = info.dest;
    let enumeration = created(&mut world, client, of_dest(dest, EnumFlags::START));
    world.delete(client, route);
    world.done(client, Call::ReleaseDestInfo { info });
    assert_eq!(world.manager.objects_alive().dests, 1);
    assert_eq!(next_routes(&mut world, client, enumeration, 1), []);
    let (anew, _) = world.add(client, "10.0.0.0/8", ucast(0, 1));
    assert_eq!(next_routes(&mut world, client, enumeration, 1), [anew]);
    world.delete(client, anew);
    world.done(client, Call::DeleteEnumHandle { enumeration });
    assert_eq!(world.manager.objects_alive().dests, 0);
    let refused = of_dest(dest, EnumFlags::START);
    world.fails(client, refused, Status::InvalidParameter);
}

/// D-86, D-115
#[test]
fn d_086_flags_and_addresses_that_do_not_fit_are_refused() {
    let (mut world, client) = stored();
    let both = EnumFlags::NEXT.union(EnumFlags::RANGE);
    let some = Some("10.0.0.0/8");
    for (flags, address) in [
        (both, some),
        (EnumFlags::NEXT, None),
        (EnumFlags::RANGE, None),
        (EnumFlags::START, some),
        (EnumFlags::OWN_ROUTES, None),
        (EnumFlags::from_bits(4), None),
        (EnumFlags::OWN_DESTS.union(EnumFlags::OWN_ROUTES), None),
        (EnumFlags::RANGE, Some("2001:db8::/32")),
    ] {
        world.fails(client, dests(flags, address), Status::InvalidParameter);
        let hops = Call::CreateNextHopEnum { flags, address: address.map(prefix) };
        world.fails(client, hops, Status::InvalidParameter);
    }
    let whose = EnumFlags::OWN_DESTS.union(EnumFlags::OWN_ROUTES);
    for (flags, start) in [(both, some), (EnumFlags::NEXT, None), (EnumFlags::OWN_DESTS, None), (whose, None)]
    {
        world.fails(client, routes(flags, start), Status::InvalidParameter);
    }
    let Call::CreateRouteEnum { dest, views, flags, start, criteria, interface, .. } =
        routes(EnumFlags::START, None)
    else {
        panic!()
    };
    let of_criteria = [MatchFlags::OWNER, MatchFlags::NEIGHBOUR, MatchFlags::PREF, MatchFlags::NEXTHOP];
    for matching in of_criteria.into_iter().chain([MatchFlags::FULL]) {
        let criteria = criteria.clone();
        let create = Call::CreateRouteEnum { dest, views, flags, start, matching, criteria, interface };
        world.fails(client, create, Status::InvalidParameter);
    }
}

/// D-87
#[test]
fn d_087_next_hops_come_by_address_then_length_then_interface() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(ospf()));
    world.hop(other, "192.0.2.1/32", 1);
    let [d, c, b, a] = [("192.0.2.9/32", 1), ("192.0.2.1/32", 2), ("192.0.2.1/32", 1), ("192.0.2.0/24", 9)]
        .map(|(address, interface)| world.hop(client, address, interface));
    let next = |world: &mut World, enumeration, count| match world
        .call(client, Call::GetEnumNextHops { enumeration, count })
    {
        Outcome::Done(Reply::GetEnumNextHops { next_hops }) => {
            world.done(client, Call::ReleaseNextHops { next_hops: next_hops.clone() });
            next_hops
        }
        Outcome::Failed(Status::NoMoreItems) => Vec::new(),
        other => panic!("{other:?}"),
    };
    let create =
        |flags, address: Option<&str>| Call::CreateNextHopEnum { flags, address: address.map(prefix) };
    let enumeration = created(&mut world, client, create(EnumFlags::START, None));
    assert_eq!(next(&mut world, enumeration, 2), [a, b], "the caller's own alone");
    world.done(client, Call::DeleteNextHop { target: NextHopTarget::Handle(c) });
    let between = world.hop(client, "192.0.2.1/32", 7);
    assert_eq!(next(&mut world, enumeration, 2), [between, d]);
    assert_eq!(next(&mut world, enumeration, 2), []);
    let range = created(&mut world, client, create(EnumFlags::RANGE, Some("192.0.2.0/29")));
    assert_eq!(next(&mut world, range, 16), [b, between]);
    let from = created(&mut world, client, create(EnumFlags::NEXT, Some("192.0.2.1/32")));
    assert_eq!(next(&mut world, from, 16), [b, between, d]);
}

/// D-74, D-115
#[test]
fn d_115_an_enumeration_is_read_by_its_client_and_its_function_alone() {
    let (mut world, client) = stored();
    let other = world.register(ospf());
    let of_dests = created(&mut world, client, dests(EnumFlags::START, None));
    let count = 1;
    for call in [
        Call::GetEnumRoutes { enumeration: of_dests, count },
        Call::GetEnumNextHops { enumeration: of_dests, count },
        Call::GetListEnumRoutes { enumeration: of_dests, count },
    ] {
        world.fails(client, call, Status::InvalidHandle);
    }
    for call in [
        Call::GetEnumDests { enumeration: of_dests, count },
        Call::DeleteEnumHandle { enumeration: of_dests },
    ] {
        world.fails(other, call.clone(), Status::InvalidHandle);
        world.done(client, call.clone());
        if matches!(call, Call::DeleteEnumHandle { .. }) {
            world.fails(client, call, Status::InvalidHandle);
        }
    }
    world.fails(client, Call::GetEnumDests { enumeration: of_dests, count }, Status::InvalidHandle);
}

/// D-88, D-89: a batch reads the destinations in it, all or nothing.
#[test]
fn a_batch_meets_the_locks_of_others_and_then_consumes_nothing() {
    let (mut world, client) = stored();
    let other = world.register(ospf());
    let (route, _) = world.add(other, "10.0.0.0/8", ucast(0, 1));
    let of_dests = created(&mut world, client, dests(EnumFlags::START, None));
    let of_routes = created(&mut world, client, routes(EnumFlags::START, None));
    let lock = |action| Call::LockRoute { route, mode: LockMode::Exclusive, action };
    world.done(other, lock(LockAction::Lock));
    let dests_wait = world.waits(client, Call::GetEnumDests { enumeration: of_dests, count: 4 });
    let routes_wait = world.waits(client, Call::GetEnumRoutes { enumeration: of_routes, count: 4 });
    assert_eq!(next_dests(&mut world, client, of_dests, 2), STORED[..2], "what is not locked can be read");
    let violation = world.violates(other, None, dests(EnumFlags::START, None));
    assert!(matches!(violation, Violation::CallUnderLock { .. }));
    world.done(other, lock(LockAction::Unlock));
    let Outcome::Done(Reply::GetEnumDests { infos }) = world.resume(dests_wait) else { panic!() };
    let found: Vec<_> = infos.iter().map(|info| info.address.to_string()).collect();
    assert_eq!(found, STORED[2..6], "it goes on behind what was read meanwhile");
    let Outcome::Done(Reply::GetEnumRoutes { routes }) = world.resume(routes_wait) else { panic!() };
    assert_eq!(routes.len(), 4);
}
