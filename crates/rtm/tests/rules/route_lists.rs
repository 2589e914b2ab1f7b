//! Route lists: a client's own lists of its routes.

use crate::world::*;
use tiebreak_rtm::*;

fn create(world: &mut World, client: EntityHandle) -> RouteListHandle {
    match world.done(client, Call::CreateRouteList) {
        Reply::CreateRouteList { list } => list,
        other => panic!("{other:?}"),
    }
}

fn insert(
    world: &mut World,
    client: EntityHandle,
    list: Option<RouteListHandle>,
    routes: &[RouteHandle],
) -> Outcome {
    world.call(client, Call::InsertInRouteList { list, routes: routes.into() })
}

fn enumerate(world: &mut World, client: EntityHandle, list: RouteListHandle) -> EnumHandle {
    match world.done(client, Call::CreateRouteListEnum { list }) {
        Reply::CreateEnum { enumeration } => enumeration,
        other => panic!("{other:?}"),
    }
}

/// The next batch; it is released.
fn batch(world: &mut World, client: EntityHandle, enumeration: EnumHandle, count: u32) -> Vec<RouteHandle> {
    match world.done(client, Call::GetListEnumRoutes { enumeration, count }) {
        Reply::GetListEnumRoutes { routes } => {
            world.done(client, Call::ReleaseRoutes { routes: routes.clone() });
            routes
        }
        other => panic!("{other:?}"),
    }
}

/// All that a list holds now.
fn listed(world: &mut World, client: EntityHandle, list: RouteListHandle) -> Vec<RouteHandle> {
    let enumeration = enumerate(world, client, list);
    let routes = batch(world, client, enumeration, 16);
    world.done(client, Call::DeleteEnumHandle { enumeration });
    routes
}

/// A client with two lists and so many routes.
fn lists<const COUNT: usize>() -> (World, EntityHandle, [RouteListHandle; 2], [RouteHandle; COUNT]) {
    let mut world = World::new();
    let client = world.register(rip(1));
    let lists = [0, 1].map(|_| create(&mut world, client));
    let routes = core::array::from_fn(|at| world.add(client, &format!("10.{at}.0.0/16"), ucast(0, 1)).0);
    (world, client, lists, routes)
}

/// Adds or updates a route of this client by its handle, and moves it into a list.
fn update(
    world: &mut World,
    client: EntityHandle,
    at: usize,
    list: Option<RouteListHandle>,
    spec: RouteSpec,
) {
    let dest = prefix(&format!("10.{at}.0.0/16"));
    let (route, change_flags) = (HandleArgument::Absent, RouteChangeFlags::NONE);
    world.done(
        client,
        Call::AddRouteToDest { route, dest, spec, time_to_live_ms: INFINITE, list, change_flags },
    );
}

/// RTM-041, I4
#[test]
fn rtm_041_a_route_is_in_one_list_at_most_and_inserting_moves_it() {
    let (mut world, client, [one, other], [a, b, c]) = lists();
    insert(&mut world, client, Some(one), &[b, a, c]);
    assert_eq!(listed(&mut world, client, one), [b, a, c], "in the order in which they were inserted");
    insert(&mut world, client, Some(other), &[a]);
    assert_eq!(listed(&mut world, client, one), [b, c]);
    assert_eq!(listed(&mut world, client, other), [a]);
    insert(&mut world, client, None, &[b, a]);
    assert_eq!(listed(&mut world, client, one), [c], "no list: out of whatever list they are in");
    assert_eq!(listed(&mut world, client, other), []);
    assert_eq!(world.manager.routes(IPV4).len(), 3, "the table has them all");
}

/// RTM-041: either update moves a route, too.
#[test]
fn rtm_041_either_update_moves_a_route_into_the_list_it_names() {
    let (mut world, client, [one, other], [a, _]) = lists();
    update(&mut world, client, 0, Some(one), ucast(0, 2));
    assert_eq!(listed(&mut world, client, one), [a]);
    world.done(client, Call::LockRoute { route: a, mode: LockMode::Exclusive, action: LockAction::Lock });
    let (edited, time_to_live_ms) = (ucast(0, 3), INFINITE);
    let list = Some(other);
    world.done(client, Call::UpdateAndUnlockRoute { route: a, edited, time_to_live_ms, list });
    assert_eq!(listed(&mut world, client, one), []);
    assert_eq!(listed(&mut world, client, other), [a]);
    update(&mut world, client, 7, Some(other), ucast(0, 1));
    assert_eq!(listed(&mut world, client, other).len(), 2, "so does an addition");
}

/// D-31
#[test]
fn d_031_an_update_without_a_list_leaves_the_route_where_it_is_and_a_strange_list_is_refused() {
    let (mut world, client, [one, other], [a, _]) = lists();
    let stranger = world.register(ospf());
    insert(&mut world, client, Some(one), &[a]);
    update(&mut world, client, 0, None, ucast(0, 2));
    assert_eq!(listed(&mut world, client, one), [a]);
    world.done(client, Call::DeleteRouteList { list: other });
    let (foreign, dest) = (create(&mut world, stranger), prefix("10.0.0.0/16"));
    for list in [other, foreign] {
        let add = Call::AddRouteToDest {
            route: HandleArgument::Null,
            dest,
            spec: ucast(0, 3),
            time_to_live_ms: INFINITE,
            list: Some(list),
            change_flags: RouteChangeFlags::NONE,
        };
        world.fails(client, add, Status::InvalidHandle);
        world.done(client, Call::LockRoute { route: a, mode: LockMode::Exclusive, action: LockAction::Lock });
        let edited = ucast(0, 3);
        let edit =
            Call::UpdateAndUnlockRoute { route: a, edited, time_to_live_ms: INFINITE, list: Some(list) };
        world.fails(client, edit, Status::InvalidHandle);
        world.done(
            client,
            Call::LockRoute { route: a, mode: LockMode::Exclusive, action: LockAction::Unlock },
        );
    }
}

/// RTM-042
#[test]
fn rtm_042_deleting_a_list_leaves_its_routes_in_the_table() {
    let (mut world, client, [one, other], [a, b]) = lists();
    insert(&mut world, client, Some(one), &[a, b]);
    world.done(client, Call::DeleteRouteList { list: one });
    assert_eq!(world.manager.routes(IPV4), [a, b]);
    assert_eq!([a, b].map(|route| world.manager.route_list_of(route)), [None, None]);
    world.fails(client, Call::DeleteRouteList { list: one }, Status::InvalidHandle);
    world.fails(client, Call::CreateRouteListEnum { list: one }, Status::InvalidHandle);
    insert(&mut world, client, Some(other), &[b]);
    world.delete(client, b);
    assert_eq!(listed(&mut world, client, other), [], "a route that is deleted leaves its list");
}

/// RTM-043, flow 7.14
#[test]
fn rtm_043_a_list_is_enumerated_while_its_routes_are_moved_and_none_is_lost_or_repeated() {
    let (mut world, client, [from, to], routes) = lists::<7>();
    insert(&mut world, client, Some(from), &routes);
    let enumeration = enumerate(&mut world, client, from);
    let mut met = Vec::new();
    loop {
        let batch = batch(&mut world, client, enumeration, 3);
        insert(&mut world, client, Some(to), &batch);
        met.extend_from_slice(&batch);
        if batch.len() < 3 {
            break;
        }
    }
    assert_eq!(met, routes);
    assert_eq!(listed(&mut world, client, to), routes);
    assert_eq!(batch(&mut world, client, enumeration, 3), [], "success to the end, and nothing with it");
    assert_eq!(batch(&mut world, client, enumeration, 3), []);
    world.done(client, Call::DeleteEnumHandle { enumeration });
    for list in [from, to] {
        world.done(client, Call::DeleteRouteList { list });
    }
    assert_eq!(world.manager.routes(IPV4), routes);
}

/// D-85
#[test]
fn d_085_what_left_a_list_is_skipped_and_what_came_to_its_end_is_met() {
    let (mut world, client, [list, other], [a, b, c, d, new]) = lists();
    insert(&mut world, client, Some(list), &[a, b, c, d]);
    let enumeration = enumerate(&mut world, client, list);
    assert_eq!(batch(&mut world, client, enumeration, 1), [a]);
    insert(&mut world, client, Some(other), &[b]);
    world.delete(client, c);
    insert(&mut world, client, Some(list), &[new]);
    assert_eq!(batch(&mut world, client, enumeration, 16), [d, new]);
    insert(&mut world, client, Some(list), &[b]);
    assert_eq!(batch(&mut world, client, enumeration, 16), [b], "it has come back, at the end");
    insert(&mut world, client, None, &[a, b, d, new]);
    insert(&mut world, client, Some(list), &[d]);
    assert_eq!(batch(&mut world, client, enumeration, 16), [d], "also if the list was empty meanwhile");
}

/// D-112
#[test]
fn d_112_a_route_that_is_in_the_list_already_keeps_its_place() {
    let (mut world, client, [list, _], [a, b, c]) = lists();
    insert(&mut world, client, Some(list), &[a, b, a, c]);
    insert(&mut world, client, Some(list), &[a]);
    update(&mut world, client, 1, Some(list), ucast(0, 9));
    assert_eq!(listed(&mut world, client, list), [a, b, c]);
}

/// D-113
#[test]
fn d_113_only_living_routes_of_the_caller_are_inserted_all_or_none() {
    let (mut world, client, [list, _], [a, b]) = lists();
    let stranger = world.register(ospf());
    let (foreign, _) = world.add(stranger, "10.0.0.0/16", ucast(0, 1));
    let foreign_list = create(&mut world, stranger);
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::Route(b)] });
    world.delete(client, b);
    let refused = Outcome::Failed(Status::InvalidHandle);
    for wrong in [foreign, b] {
        assert_eq!(insert(&mut world, client, Some(list), &[a, wrong]), refused);
        assert_eq!(insert(&mut world, client, None, &[wrong]), refused);
    }
    assert_eq!(insert(&mut world, client, Some(foreign_list), &[a]), refused, "lists are private (D-74)");
    assert_eq!(listed(&mut world, client, list), []);
    world.done(
        stranger,
        Call::LockRoute { route: foreign, mode: LockMode::Exclusive, action: LockAction::Lock },
    );
    assert_eq!(
        insert(&mut world, client, Some(list), &[a]),
        Outcome::Done(Reply::Nothing),
        "whoever has locked"
    );
    assert_eq!(listed(&mut world, client, list), [a]);
}

/// D-116
#[test]
fn d_116_of_a_list_that_is_gone_nothing_more_is_enumerated() {
    let (mut world, client, [list, _], [a, b]) = lists();
    insert(&mut world, client, Some(list), &[a, b]);
    let enumeration = enumerate(&mut world, client, list);
    assert_eq!(batch(&mut world, client, enumeration, 1), [a]);
    world.done(client, Call::DeleteRouteList { list });
    assert_eq!(batch(&mut world, client, enumeration, 1), [], "without a complaint");
    world.done(client, Call::DeleteEnumHandle { enumeration });
}

/// D-119
#[test]
fn d_119_lists_and_enumerations_end_with_their_client_and_are_told_as_leaks() {
    for leftovers in [Leftovers::Cleaned, Leftovers::Orphaned] {
        let mut world = World::with(Profile { leftovers, ..Profile::default() });
        let (client, other) = (world.register(rip(1)), world.register(ospf()));
        let (list, (route, _)) = (create(&mut world, client), world.add(client, "10.0.0.0/8", ucast(0, 1)));
        insert(&mut world, client, Some(list), &[route]);
        enumerate(&mut world, client, list);
        let info = world.info(client, route);
        let dest = Some(info.dest);
        world.done(client, Call::ReleaseRouteInfo { info });
        let (views, flags, matching) = (ViewSet::ANY, EnumFlags::START, MatchFlags::NONE);
        let of_dest =
            Call::CreateRouteEnum { dest, views, flags, start: None, matching, criteria: None, interface: 0 };
        world.done(client, of_dest);
        world.done(client, Call::ReleaseRoutes { routes: vec![route] });
        world.facts.clear();
        world.done(client, Call::DeregisterEntity);
        let told = |wanted: fn(&LeakSubject) -> bool| {
            let leaks = world.facts.iter().filter_map(|fact| match fact {
                Fact::Leak { subject, kind: LeakKind::NotDeleted, .. } => Some(subject),
                _ => None,
            });
            leaks.filter(|subject| wanted(subject)).count()
        };
        assert_eq!(told(|subject| matches!(subject, LeakSubject::RouteList(_))), 1);
        assert_eq!(told(|subject| matches!(subject, LeakSubject::Enum(_))), 2);
        let alive = world.manager.objects_alive();
        assert_eq!((alive.route_lists, alive.enumerations), (0, 0), "{leftovers:?}");
        assert_eq!(alive.dests, u64::from(leftovers == Leftovers::Orphaned), "no enumeration keeps it");
        world.done(other, Call::DeregisterEntity);
    }
}
