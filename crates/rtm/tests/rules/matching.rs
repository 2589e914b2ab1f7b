//! Climbing to less specific destinations, and finding routes by what they agree with.

use crate::world::*;
use tiebreak_rtm::*;

/// Asks for the less specific destination of one.
fn less_specific(world: &mut World, caller: EntityHandle, dest: DestHandle, views: ViewSet) -> Outcome {
    let protocol = ProtocolSelector::Best;
    world.call(caller, Call::GetLessSpecificDestination { dest, protocol, views })
}

/// Climbs from a destination as far as it goes, and releases what it meets.
fn climbed(world: &mut World, caller: EntityHandle, from: &str, views: ViewSet) -> Vec<String> {
    let mut info = world.dest(caller, from, ViewSet::ANY).expect("it is there");
    let mut climbed = Vec::new();
    // A climb that does not end is a failure, and no endless test.
    while climbed.len() <= 128 {
        let outcome = less_specific(world, caller, info.dest, views);
        world.done(caller, Call::ReleaseDestInfo { info });
        match outcome {
            Outcome::Done(Reply::Dest { info: above }) => info = above,
            Outcome::Failed(Status::NotFound) => return climbed,
            other => panic!("{other:?}"),
        }
        climbed.push(info.address.to_string());
    }
    panic!("it climbs for ever: {climbed:?}")
}

/// RTM-052
#[test]
fn rtm_052_less_specific_climbs_strictly_and_ends_at_the_default_route() {
    let mut world = World::new();
    let client = world.register(rip(1));
    for dest in ["0.0.0.0/0", "10.0.0.0/8", "10.1.2.0/24", "10.1.2.3/32", "10.1.3.0/24", "11.0.0.0/8"] {
        world.add(client, dest, ucast(0, 1));
    }
    let wide = RouteSpec { views: ViewSet::MCAST, ..ucast(0, 1) };
    world.add(client, "10.1.0.0/16", wide);
    let ucast = ViewSet::UCAST;
    assert_eq!(climbed(&mut world, client, "10.1.2.3/32", ucast), ["10.1.2.0/24", "10.0.0.0/8", "0.0.0.0/0"]);
    assert_eq!(climbed(&mut world, client, "11.0.0.0/8", ucast), ["0.0.0.0/0"]);
    assert_eq!(
        climbed(&mut world, client, "0.0.0.0/0", ucast),
        [""; 0],
        "nothing is above the default route"
    );
    assert_eq!(climbed(&mut world, client, "10.1.2.0/24", ViewSet::MCAST), ["10.1.0.0/16"], "by view (D-38)");
    let all = ["10.1.0.0/16", "10.0.0.0/8", "0.0.0.0/0"];
    assert_eq!(climbed(&mut world, client, "10.1.2.0/24", ViewSet::ANY), all);
}

/// RTM-052: it climbs from any destination that somebody can name, also from one without routes; and reports as others do.
#[test]
fn rtm_052_less_specific_climbs_from_where_no_route_is_left_and_picks_by_protocol() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(ospf()));
    let (held, _) = world.add(client, "10.1.0.0/16", ucast(0, 1));
    let info = world.dest(client, "10.1.0.0/16", ViewSet::UCAST).unwrap();
    world.delete(client, held);
    let (own, _) = world.add(client, "10.0.0.0/8", ucast(5, 1));
    world.add(other, "10.0.0.0/8", ucast(1, 1));
    let call = Call::GetLessSpecificDestination {
        dest: info.dest,
        protocol: ProtocolSelector::This,
        views: ViewSet::UCAST,
    };
    let Reply::Dest { info: above } = world.done(client, call) else { panic!() };
    assert_eq!((above.views[0].route, above.views[0].routes), (Some(own), 2));
    world.done(client, Call::ReleaseDests { infos: vec![info, above] });
    assert_eq!(world.manager.references_held(client), 1, "the handle that came with the addition is left");
}

/// D-111
#[test]
fn d_111_less_specific_of_a_handle_that_names_no_destination_is_a_wrong_parameter() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let stranger = world.register(EntityInfo { table: TableId { instance: 1, ..IPV4 }, ..rip(1) });
    world.add_without_handle(client, "10.0.0.0/8");
    let info = world.dest(client, "10.0.0.0/8", ViewSet::UCAST).unwrap();
    let refused = Outcome::Failed(Status::InvalidParameter);
    assert_eq!(less_specific(&mut world, stranger, info.dest, ViewSet::ANY), refused, "of another table");
    let unknown = Outcome::Failed(Status::NotSupported);
    assert_eq!(less_specific(&mut world, client, info.dest, ViewSet::from_bits(4)), unknown);
}

/// Matches routes to one destination, of two clients.
struct Matching {
    world: World,
    caller: EntityHandle,
    /// By rank.
    routes: [RouteHandle; 3],
    like: RouteCriteria,
}

const NET: &str = "10.0.0.0/8";

impl Matching {
    /// The caller's routes are the first and the last; the other one's is between. What is `like` is as the last.
    fn new() -> Self {
        let mut world = World::new();
        let (caller, other) = (world.register(rip(1)), world.register(ospf()));
        let hops = [1, 2].map(|interface| world.hop(caller, "192.0.2.1/32", interface));
        let third = world.hop(other, "192.0.2.1/32", 3);
        let spec = |metric, neighbour, next_hops: &[NextHopHandle]| RouteSpec {
            neighbour,
            next_hops: next_hops.into(),
            ..ucast(7, metric)
        };
        let (first, _) = world.add(caller, NET, spec(1, None, &[hops[0]]));
        let (second, _) = world.add(other, NET, spec(2, Some(third), &[third]));
        let (last, _) = world.add(caller, NET, spec(3, Some(hops[1]), &[hops[1], hops[0]]));
        let info = world.info(caller, last);
        let RouteSpec { neighbour, preference, metric, ref next_hops, .. } = info.spec;
        let next_hops = next_hops.clone();
        let like = RouteCriteria { owner: Some(info.owner), neighbour, preference, metric, next_hops };
        Self { world, caller, routes: [first, second, last], like }
    }

    /// Tells which of the routes is found, from 0; the copy that comes with it is released.
    fn found(&mut self, matching: MatchFlags, criteria: &RouteCriteria, interface: u32) -> Option<usize> {
        self.found_in(ViewSet::UCAST, matching, criteria, interface)
    }

    fn found_in(
        &mut self,
        views: ViewSet,
        matching: MatchFlags,
        criteria: &RouteCriteria,
        interface: u32,
    ) -> Option<usize> {
        let (address, criteria) = (prefix(NET), criteria.clone());
        let route = OptionalOutput::Wanted;
        let call = Call::GetExactMatchRoute { address, matching, criteria, interface, views, route };
        let outcome = self.world.call(self.caller, call);
        let Outcome::Done(Reply::GetExactMatchRoute { route: Some(route), info }) = outcome else {
            assert_eq!(outcome, Outcome::Failed(Status::NotFound));
            return None;
        };
        assert_eq!(self.world.manager.route(route).as_ref(), Some(&info));
        self.world.done(self.caller, Call::ReleaseRouteInfo { info });
        self.world.done(self.caller, Call::ReleaseRoutes { routes: vec![route] });
        self.routes.iter().position(|known| *known == route)
    }
}

/// RTM-053
#[test]
fn rtm_053_an_exact_match_honours_each_flag_alone_and_none_matches_any() {
    let mut matching = Matching::new();
    let like = matching.like.clone();
    let nothing = RouteCriteria::default();
    assert_eq!(matching.found(MatchFlags::NONE, &like, 0), Some(0), "the best ranked of all");
    let other = RouteCriteria {
        owner: Some(matching.world.info(matching.caller, matching.routes[1]).owner),
        ..nothing.clone()
    };
    assert_eq!(matching.found(MatchFlags::OWNER, &other, 0), Some(1));
    assert_eq!(matching.found(MatchFlags::OWNER, &nothing, 0), None, "every route has an owner");
    assert_eq!(matching.found(MatchFlags::NEIGHBOUR, &like, 0), Some(2));
    assert_eq!(matching.found(MatchFlags::NEIGHBOUR, &nothing, 0), Some(0), "none is a neighbour too");
    assert_eq!(matching.found(MatchFlags::PREF, &like, 0), Some(2));
    assert_eq!(matching.found(MatchFlags::NEXTHOP, &like, 0), Some(2));
    assert_eq!(matching.found(MatchFlags::NEXTHOP, &nothing, 0), None);
    for (interface, found) in [(1, Some(0)), (2, Some(2)), (3, Some(1)), (4, None)] {
        assert_eq!(matching.found(MatchFlags::INTERFACE, &nothing, interface), found, "{interface}");
    }
}

/// RTM-053
#[test]
fn rtm_053_flags_combine_and_bits_without_a_meaning_select_nothing() {
    let mut matching = Matching::new();
    let like = matching.like.clone();
    assert_eq!(matching.found(MatchFlags::FULL, &like, 2), Some(2));
    assert_eq!(matching.found(MatchFlags::FULL, &like, 3), None, "the interface is another one");
    let selected = MatchFlags::OWNER.union(MatchFlags::PREF);
    let cheaper = RouteCriteria { metric: 2, ..like.clone() };
    assert_eq!(matching.found(selected, &cheaper, 0), None, "that route is another owner's");
    let alone = RouteCriteria { neighbour: None, ..like.clone() };
    let selected = MatchFlags::NEIGHBOUR.union(MatchFlags::PREF);
    assert_eq!(matching.found(selected, &alone, 0), None, "that route has a neighbour");
    assert_eq!(matching.found(MatchFlags::from_bits(0x20), &RouteCriteria::default(), 0), Some(0));
    assert_eq!(matching.found_in(ViewSet::MCAST, MatchFlags::NONE, &like, 0), None, "in another view");
    assert_eq!(matching.found_in(ViewSet::ANY, MatchFlags::NONE, &like, 0), Some(0));
}

/// D-84
#[test]
fn d_084_next_hops_and_preferences_match_as_a_whole() {
    let mut matching = Matching::new();
    let like = matching.like.clone();
    let [one, two] = [like.next_hops[0], like.next_hops[1]];
    for next_hops in [&[one][..], &[two, one]] {
        let criteria = RouteCriteria { next_hops: next_hops.into(), ..like.clone() };
        assert_eq!(matching.found(MatchFlags::NEXTHOP, &criteria, 0), None, "not these in this order");
    }
    for (preference, metric) in [(7, 4), (8, 3)] {
        let criteria = RouteCriteria { preference, metric, ..like.clone() };
        assert_eq!(matching.found(MatchFlags::PREF, &criteria, 0), None, "{preference}, {metric}");
    }
}

/// RTM-053, 1.10: the copy is released as one of `RtmGetRouteInfo`, the handle alone, and only if it was wanted.
#[test]
fn rtm_053_a_match_gives_a_copy_and_the_handle_only_if_it_is_wanted() {
    let mut matching = Matching::new();
    let Matching { world, caller, like, .. } = &mut matching;
    let held = world.manager.references_held(*caller);
    let call = |address: &str, views, route| Call::GetExactMatchRoute {
        address: prefix(address),
        matching: MatchFlags::FULL,
        criteria: like.clone(),
        interface: 1,
        views,
        route,
    };
    let reply = world.done(*caller, call(NET, ViewSet::UCAST, OptionalOutput::Declined));
    let Reply::GetExactMatchRoute { route: None, info } = reply else { panic!("{reply:?}") };
    world.done(*caller, Call::ReleaseRouteInfo { info });
    assert_eq!(world.manager.references_held(*caller), held, "nothing is left to release");
    let wanted = OptionalOutput::Wanted;
    world.fails(*caller, call("10.0.0.0/9", ViewSet::UCAST, wanted), Status::NotFound);
    world.fails(*caller, call(NET, ViewSet::from_bits(4), wanted), Status::NotSupported);
    world.fails(*caller, call("2001:db8::/32", ViewSet::UCAST, wanted), Status::InvalidParameter);
}
