//! Handles and references; the random sequences of random.rs belong to them too.

use crate::world::{World, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";

/// RTM-086
#[test]
fn a_referenced_handle_outlives_the_structure_it_came_in() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let (route, _) = world.add(client, NET, ucast(1, 1));
    let info = world.dest(other, NET, ViewSet::UCAST).unwrap();
    assert_eq!(world.manager.references_held(other), 3, "destination, route, owner");
    world.done(other, Call::ReferenceHandles { handles: vec![AnyHandle::Route(route)] });
    world.done(other, Call::ReleaseDestInfo { info: info.clone() });
    assert_eq!(world.manager.references_held(other), 1);
    world.delete(client, route);
    assert_eq!(world.manager.route(route).unwrap().state, RouteState::Deleted, "valid");
    let violation = world.violates(other, None, Call::ReleaseDestInfo { info });
    assert!(matches!(violation, Violation::DoubleRelease { function: Function::ReleaseDestInfo, .. }));
    world.release(other, &[route]);
    assert_eq!(world.manager.route(route), None);
    assert_eq!(world.manager.total_references(), 0);
    // Nothing can be referenced that is gone.
    let gone = Call::ReferenceHandles { handles: vec![AnyHandle::Entity(client), AnyHandle::Route(route)] };
    world.fails(other, gone, Status::InvalidHandle);
}

/// RTM-087
#[test]
fn changed_dests_are_released_only_by_their_own_function() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let [notify, another] = [world.watch(client, NotifyFlags::ALL), world.watch(client, NotifyFlags::ALL)];
    world.add(client, NET, ucast(1, 1));
    let infos = world.changed(client, notify);
    let handle = AnyHandle::Dest(infos[0].dest);
    let wrong = world.violates(client, None, Call::ReleaseDests { infos: infos.clone() });
    assert_eq!(wrong, Violation::WrongRelease { function: Function::ReleaseDests, handle });
    let wrong =
        world.violates(client, None, Call::ReleaseChangedDests { notify: another, infos: infos.clone() });
    assert_eq!(wrong, Violation::WrongRelease { function: Function::ReleaseChangedDests, handle });
    // Also after the registration has ended (D-60).
    world.done(client, Call::DeregisterFromChangeNotification { notify });
    world.done(client, Call::ReleaseChangedDests { notify, infos: infos.clone() });
    let twice = world.violates(client, None, Call::ReleaseChangedDests { notify, infos });
    assert_eq!(twice, Violation::DoubleRelease { function: Function::ReleaseChangedDests, handle });
    let queried = vec![world.dest(client, NET, ViewSet::UCAST).unwrap()];
    world.done(client, Call::ReleaseDests { infos: queried });
    world.fails(client, Call::DeregisterFromChangeNotification { notify }, Status::InvalidHandle);
}

/// D-72, D-75: releases are all or nothing; single destinations and entities can be released.
#[test]
fn a_release_of_what_is_not_held_releases_nothing() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let (route, _) = world.add(client, NET, ucast(1, 1));
    let twice = world.violates(client, None, Call::ReleaseRoutes { routes: vec![route, route] });
    assert_eq!(twice.status(), Some(Status::InvalidHandle));
    let foreign = world.violates(other, None, Call::ReleaseRoutes { routes: vec![route] });
    assert!(matches!(foreign, Violation::DoubleRelease { .. }));
    let dest = world.manager.dest(rip(1).table, crate::world::prefix(NET)).unwrap();
    let handles = vec![AnyHandle::Dest(dest), AnyHandle::Dest(dest), AnyHandle::Entity(client)];
    world.done(other, Call::ReferenceHandles { handles });
    let info = world.dest(other, NET, ViewSet::ANY).unwrap();
    world.done(other, Call::ReleaseDestInfo { info });
    for handle in [AnyHandle::Dest(dest), AnyHandle::Dest(dest), AnyHandle::Entity(client)] {
        world.done(other, Call::ReleaseHandle { handle });
    }
    assert_eq!(world.manager.references_held(other), 0);
    // The entity's info is released by its own function.
    world.done(other, Call::GetEntityInfo { entity: client });
    let wrong = world.violates(other, None, Call::ReleaseEntities { entities: vec![client] });
    assert!(matches!(wrong, Violation::WrongRelease { .. }));
    world.done(other, Call::ReleaseEntityInfo { entity: client });
}

/// D-72: a release that fails leaves each reference with the way in which it was taken, which the world checks.
#[test]
fn d_72_a_release_that_fails_leaves_each_reference_where_it_came_from() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let (route, _) = world.add(client, NET, ucast(1, 1));
    let info = world.dest(other, NET, ViewSet::UCAST).unwrap();
    // The destination is held by the copy, the route by a reference of its own, and the owner not at all.
    for handle in [AnyHandle::Route(route), AnyHandle::Entity(client)] {
        world.done(other, Call::ReleaseHandle { handle });
    }
    world.done(other, Call::ReferenceHandles { handles: vec![AnyHandle::Route(route)] });
    let refused = world.violates(other, None, Call::ReleaseDestInfo { info });
    let handle = AnyHandle::Entity(client);
    assert_eq!(refused, Violation::DoubleRelease { function: Function::ReleaseDestInfo, handle });
}

/// Managers in which a client holds as much of the same, and by another way, are not equal.
#[test]
fn states_that_differ_in_how_something_is_held_are_not_equal() {
    let mut world = World::new();
    let client = world.register(rip(1));
    world.add_without_handle(client, NET);
    let dest = world.manager.dest(rip(1).table, crate::world::prefix(NET)).unwrap();
    let before = world.manager.clone();
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::Dest(dest)] });
    let alone = world.manager.clone();
    world.manager = before;
    world.dest(client, NET, ViewSet::ANY).unwrap();
    assert_eq!(alone.total_references(), world.manager.total_references());
    assert!(alone.state() != world.manager.state());
    assert!(format!("{alone:?}").contains(&format!("(Dest({dest}), Handle, 1)")), "it prints what is held");
}
