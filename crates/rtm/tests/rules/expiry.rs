//! Expiry.

use crate::world::{SECOND, World, add_with, rip, ucast};
use tiebreak_rtm::*;

const MILLISECOND: u64 = 1_000_000;

fn expired(time_to_live_ms: u32) -> (World, EntityHandle, RouteHandle, CallbackFrame) {
    let mut world = World::new();
    let client = world.register(rip(1));
    let route = world.add_for(client, "10.0.0.0/8", time_to_live_ms);
    world.release(client, &[route]);
    world.pass_until(u64::from(time_to_live_ms) * MILLISECOND);
    let frame = world.invoke(client).expect("the owner is told");
    (world, client, route, frame)
}

/// RTM-017
#[test]
fn a_route_expires_exactly_after_its_time_to_live() {
    for time_to_live_ms in [0, 1, 180_000, INFINITE - 1] {
        let mut world = World::new();
        let client = world.register(rip(1));
        world.now = 5 * SECOND;
        let route = world.add_for(client, "10.0.0.0/8", time_to_live_ms);
        let due = 5 * SECOND + u64::from(time_to_live_ms) * MILLISECOND;
        assert_eq!(world.timers[&TimerKey::Route(route)].0, due);
        world.pass_until(due - 1);
        assert_eq!(world.events_for(client), []);
        world.pass_until(due);
        assert_eq!(world.events_for(client), [DueEvent::RouteExpired { route }]);
    }
}

/// RTM-018
#[test]
fn an_infinite_time_to_live_arms_no_timer() {
    let mut world = World::new();
    let client = world.register(rip(1));
    world.add_for(client, "10.0.0.0/8", INFINITE);
    assert_eq!(INFINITE, 0xFFFF_FFFF);
    assert!(world.timers.is_empty());
}

/// RTM-019
#[test]
fn the_owner_alone_is_told_with_handle_and_info() {
    let (world, client, route, frame) = expired(1000);
    let info = world.manager.route(route).unwrap();
    assert_eq!((info.owner, info.state), (client, RouteState::Created), "it is still in the table (D-13)");
    assert_eq!(world.best("10.0.0.0/8", ViewId::UCAST), Some(route));
    assert_eq!(frame.to, client);
    assert_eq!(frame.event, Event::RouteExpired { route, info });
    assert!(world.delivered.is_empty());
}

/// RTM-020
#[test]
fn answer_50_deletes_the_route_as_a_delete_would() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let watcher = world.register(rip(2));
    let notify = world.watch(watcher, NotifyFlags::FORWARDING);
    let route = world.add_for(client, "10.0.0.0/8", 1000);
    let (other, _) = world.add(watcher, "10.0.0.0/8", ucast(200, 1));
    world.drained(watcher, notify);
    world.pass_until(SECOND);
    world.settle(watcher);
    let newcomer = world.invoke(client).expect("the newcomer is told first");
    world.answer(newcomer.callback, Status::NoError);
    let frame = world.invoke(client).unwrap();
    world.answer(frame.callback, Status::from_code(50));
    assert_eq!(world.manager.route(route).unwrap().state, RouteState::Deleted);
    assert_eq!(world.best("10.0.0.0/8", ViewId::UCAST), Some(other));
    assert_eq!(world.drained(watcher, notify), ["10.0.0.0/8"]);
    world.delete(watcher, other);
    assert_eq!(world.dest(watcher, "10.0.0.0/8", ViewSet::UCAST), None);
}

/// RTM-021
#[test]
fn any_other_answer_leaves_the_route() {
    for code in [0, 5, 87, 51, 0x8000_0032] {
        let (mut world, _, route, frame) = expired(1000);
        world.answer(frame.callback, Status::from_code(code));
        assert_eq!(world.manager.route(route).unwrap().state, RouteState::Created, "{code}");
        assert_eq!(world.best("10.0.0.0/8", ViewId::UCAST), Some(route));
    }
}

/// RTM-022
#[test]
fn the_event_reference_is_the_clients_unless_it_answers_50() {
    let (mut world, client, route, frame) = expired(1000);
    assert_eq!(world.manager.references_held(client), 1);
    world.answer(frame.callback, Status::NoError);
    assert_eq!(world.manager.references_held(client), 1);
    world.release(client, &[route]);
    assert_eq!(world.manager.references_held(client), 0);

    let (mut world, client, route, frame) = expired(1000);
    world.answer(frame.callback, Status::NotSupported);
    assert_eq!(world.manager.references_held(client), 0);
    assert_eq!(world.manager.route(route), None, "freed");
    let violation = world.violates(client, None, Call::ReleaseRoutes { routes: vec![route] });
    let handle = AnyHandle::Route(route);
    assert_eq!(violation, Violation::DoubleRelease { function: Function::ReleaseRoutes, handle });
}

/// RTM-023
#[test]
fn either_update_restarts_the_time_to_live() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let route = world.add_for(client, "10.0.0.0/8", 10_000);
    world.pass_until(4 * SECOND);
    world.add_for(client, "10.0.0.0/8", 10_000);
    assert_eq!(world.timers[&TimerKey::Route(route)].0, 14 * SECOND, "also by an identical refresh (D-17)");
    world.pass_until(6 * SECOND);
    world.done(client, Call::LockRoute { route, mode: LockMode::Exclusive, action: LockAction::Lock });
    let edited = ucast(1, 1);
    world.done(client, Call::UpdateAndUnlockRoute { route, edited, time_to_live_ms: 20_000, list: None });
    assert_eq!(world.timers[&TimerKey::Route(route)].0, 26 * SECOND);
    world.pass_until(26 * SECOND);
    assert_eq!(world.events_for(client).len(), 1);
}

/// RTM-024
#[test]
fn a_refresh_before_the_dispatch_takes_the_expiry_back() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let route = world.add_for(client, "10.0.0.0/8", 1000);
    let (_, generation) = world.timers[&TimerKey::Route(route)];
    world.pass_until(SECOND);
    let refresh =
        add_with(HandleArgument::Given(route), "10.0.0.0/8", ucast(0, 1), 1000, RouteChangeFlags::NONE);
    world.done(client, refresh);
    assert_eq!(world.events_for(client), []);
    let dropped = world.facts.iter().find_map(|fact| match fact {
        Fact::CallbackDropped { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(dropped, Some(CallbackDropReason::RouteRefreshed));
    // A timer of the old generation that fires all the same does nothing.
    world.feed(Input::TimerFired { timer: TimerKey::Route(route), generation });
    assert!(world.delivered.is_empty());
    world.pass_until(2 * SECOND);
    assert!(world.invoke(client).is_some());
}

/// RTM-025
#[test]
fn a_route_kept_without_a_new_time_to_live_never_expires_again() {
    let (mut world, _, route, frame) = expired(1000);
    world.answer(frame.callback, Status::NoError);
    assert!(world.timers.is_empty());
    // Nor does its old timer count again.
    for generation in 0..4 {
        world.feed(Input::TimerFired { timer: TimerKey::Route(route), generation });
    }
    assert!(world.delivered.is_empty());
}
