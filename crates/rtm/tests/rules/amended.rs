//! Decisions made after the audit: D-105 to D-110.

use crate::world::{World, add, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";

/// D-105
#[test]
fn a_commit_that_changes_nothing_answers_best_if_the_route_is_best() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let (best, _) = world.add(client, NET, ucast(1, 1));
    let (second, _) = world.add(other, NET, ucast(2, 1));
    for (owner, route, preference, answer) in
        [(client, best, 1, RouteChangeFlags::BEST), (other, second, 2, RouteChangeFlags::NONE)]
    {
        let lock = Call::LockRoute { route, mode: LockMode::Exclusive, action: LockAction::Lock };
        world.done(owner, lock);
        let edited = ucast(preference, 1);
        let update = Call::UpdateAndUnlockRoute { route, edited, time_to_live_ms: INFINITE, list: None };
        assert_eq!(world.done(owner, update), Reply::UpdateAndUnlockRoute { change_flags: answer });
    }
}

/// D-106: the handle stands in a copy of the destination, and goes with that copy.
#[test]
fn a_route_found_in_a_looked_up_destination_can_be_deleted() {
    let mut world = World::new();
    let client = world.register(rip(1));
    world.add_without_handle(client, NET);
    let info = world.dest(client, NET, ViewSet::UCAST).unwrap();
    let route = info.views[0].route.unwrap();
    world.delete(client, route);
    assert_eq!(world.manager.route(route).map(|route| route.state), Some(RouteState::Deleted));
    world.done(client, Call::ReleaseDestInfo { info });
    assert_eq!((world.manager.references_held(client), world.manager.route(route)), (0, None));
}

/// D-106
#[test]
fn a_route_found_in_a_changed_destination_can_be_deleted() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let notify = world.watch(client, NotifyFlags::ALL);
    world.add_without_handle(client, NET);
    let infos = world.changed(client, notify);
    let route = infos[0].views[0].route.unwrap();
    world.delete(client, route);
    world.done(client, Call::ReleaseChangedDests { notify, infos });
    assert_eq!((world.manager.references_held(client), world.manager.route(route)), (0, None));
}

/// D-106: a reference of the client's own is consumed first, and the copy keeps its own.
#[test]
fn a_deletion_consumes_a_reference_that_stands_alone() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let info = world.dest(client, NET, ViewSet::UCAST).unwrap();
    world.delete(client, route);
    world.done(client, Call::ReleaseDestInfo { info: info.clone() });
    let violation = world.violates(client, None, Call::ReleaseDestInfo { info });
    assert!(matches!(violation, Violation::DoubleRelease { .. }));
}

/// D-75, D-106: what stands in a copy can be released alone, and the rest of the copy afterwards.
#[test]
fn handles_in_a_copy_of_a_destination_can_be_released_alone() {
    let mut world = World::new();
    let client = world.register(rip(1));
    world.add_without_handle(client, NET);
    let mut info = world.dest(client, NET, ViewSet::UCAST).unwrap();
    let route = info.views[0].route.take().unwrap();
    world.release(client, &[route]);
    let again = world.violates(client, None, Call::ReleaseHandle { handle: AnyHandle::Route(route) });
    assert!(matches!(again, Violation::DoubleRelease { .. }));
    world.done(client, Call::ReleaseDestInfo { info });
    assert_eq!(world.manager.references_held(client), 0);
}

/// A client with two callbacks on their way, in the order in which they are to run.
fn two_callbacks() -> (World, CallbackId, CallbackId) {
    let mut world = World::new();
    let client = world.register(rip(1));
    world.register(rip(2));
    world.register(rip(3));
    let [first, second] = [0, 1].map(|place| world.delivered[place]);
    assert_eq!((first.0, second.0), (client, client));
    (world, first.1, second.1)
}

/// D-107
#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "the callbacks of a client run in the order of their delivery")]
fn a_callback_out_of_turn_is_a_defect_of_the_host() {
    let (mut world, _, second) = two_callbacks();
    world.feed(Input::Invoke { callback: second });
}

/// D-107
#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "a client runs one callback at a time")]
fn a_callback_inside_another_of_its_client_is_a_defect_of_the_host() {
    let (mut world, first, second) = two_callbacks();
    world.feed(Input::Invoke { callback: first });
    world.feed(Input::Invoke { callback: second });
}

/// D-107, without debug assertions
#[test]
#[cfg(not(debug_assertions))]
fn a_callback_out_of_turn_is_refused_and_stays_due() {
    let (mut world, first, second) = two_callbacks();
    let refuse =
        |world: &mut World, callback| world.manager.handle(0, Input::Invoke { callback }).collect::<Vec<_>>();
    let error = HostError::OutOfTurn;
    assert_eq!(refuse(&mut world, second), [Output::Refused { callback: second, error }]);
    world.feed(Input::Invoke { callback: first });
    let error = HostError::CallbackRuns;
    assert_eq!(refuse(&mut world, second), [Output::Refused { callback: second, error }]);
    world.answer(first, Status::NoError);
    world.feed(Input::Invoke { callback: second });
    assert!(world.manager.running(second).is_some());
}

/// D-108
#[test]
fn to_meet_the_lock_of_another_client_is_no_violation() {
    let mut world = World::new();
    let (holder, other) = (world.register(rip(1)), world.register(rip(2)));
    let (route, _) = world.add(holder, NET, ucast(0, 1));
    world.done(holder, Call::LockRoute { route, mode: LockMode::Exclusive, action: LockAction::Lock });
    let facts = world.facts.len();
    for call in [add(NET, ucast(9, 9)), Call::get_route_info(route)] {
        world.waits(other, call);
    }
    assert_eq!(world.facts[facts..], [], "the caller is not to blame");
}

/// D-109
#[test]
fn all_views_given_with_a_route_are_all_supported_ones() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let supported = Profile::default().views_supported;
    let spec = RouteSpec { views: ViewSet::ALL, ..ucast(0, 1) };
    let (route, _) = world.add(client, NET, spec.clone());
    assert_eq!(world.info(client, route).spec.views, supported);
    world.add(client, NET, ucast(0, 1));
    world.done(client, Call::LockRoute { route, mode: LockMode::Exclusive, action: LockAction::Lock });
    let update = Call::UpdateAndUnlockRoute { route, edited: spec, time_to_live_ms: INFINITE, list: None };
    world.done(client, update);
    assert_eq!(world.info(client, route).spec.views, supported);
}

/// D-110: a destination that is only held is no match; one with a route in no view is (D-27).
#[test]
fn any_view_skips_a_destination_without_routes() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let (wide, _) = world.add(client, NET, RouteSpec { views: ViewSet::NONE, ..ucast(0, 1) });
    let (narrow, _) = world.add(client, "10.1.0.0/16", ucast(0, 1));
    let info = world.dest(client, "10.1.0.0/16", ViewSet::ANY).unwrap();
    world.delete(client, narrow);
    assert_eq!(world.dest(client, "10.1.0.0/16", ViewSet::ANY), None);
    let query = |address| Call::GetMostSpecificDestination {
        address: prefix(address),
        protocol: ProtocolSelector::Best,
        views: ViewSet::ANY,
    };
    let Reply::Dest { info: found } = world.done(client, query("10.1.2.3/32")) else { panic!() };
    assert_eq!(found.address, prefix(NET));
    world.done(client, Call::ReleaseDestInfo { info });
    world.delete(client, wide);
}
