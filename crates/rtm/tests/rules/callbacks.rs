//! What a callback may do and what its answer means.

use crate::world::{World, add, ospf, rip, ucast};
use tiebreak_rtm::*;

/// RTM-011
#[test]
fn entity_callbacks_may_neither_register_nor_deregister_nor_list() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let other = world.register(rip(2));
    world.done(other, Call::DeregisterEntity);
    for event in [EventType::EntityRegistered, EventType::EntityDeregistered] {
        let frame = world.invoke(client).unwrap();
        assert_eq!(frame.event.event_type(), event);
        let forbidden = [
            Call::RegisterEntity {
                info: ospf(),
                methods: 0,
                callback: EventCallback::Given,
                reserve_opaque_pointer: OpaqueSlot::NotReserved,
            },
            Call::DeregisterEntity,
            Call::GetRegisteredEntities { capacity: 9, handles: ListedHandles::NotWanted },
        ];
        for call in forbidden {
            let function = call.function();
            let violation = world.violates(client, Some(frame.callback), call);
            assert_eq!(violation, Violation::Reentrancy { event, function });
        }
        let register = Call::RegisterEntity {
            info: ospf(),
            methods: 0,
            callback: EventCallback::Given,
            reserve_opaque_pointer: OpaqueSlot::NotReserved,
        };
        let outcome = world.call_in(None, Some(frame.callback), register);
        assert!(matches!(outcome, Outcome::Violated(Violation::Reentrancy { .. })));
        // Anything else is free.
        let outcome = world.call_in(Some(client), Some(frame.callback), add("10.0.0.0/8", ucast(0, 1)));
        assert!(matches!(outcome, Outcome::Done(_)));
        world.answer(frame.callback, Status::NoError);
    }
}

/// RTM-012
#[test]
fn change_callbacks_may_not_register_for_changes() {
    let mut world = World::new();
    let client = world.register(rip(1));
    world.watch(client, NotifyFlags::ALL);
    world.add(client, "10.0.0.0/8", ucast(0, 1));
    let frame = world.invoke(client).unwrap();
    let call = Call::RegisterForChangeNotification {
        views: ViewSet::UCAST,
        flags: NotifyFlags::ALL,
        context: 0,
        own_changes: OwnChanges::Included,
    };
    let violation = world.violates(client, Some(frame.callback), call.clone());
    let event = EventType::ChangeNotification;
    assert_eq!(violation, Violation::Reentrancy { event, function: call.function() });
    world.answer(frame.callback, Status::NoError);
    let violation = world.violates(client, Some(frame.callback), call.clone());
    assert_eq!(violation, Violation::ForeignFrame { function: call.function() }, "it has returned");
    world.done(client, call);
}

/// RTM-013
#[test]
fn change_callbacks_may_fetch_release_and_add() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let notify = world.watch(client, NotifyFlags::ALL);
    world.add(client, "10.0.0.0/8", ucast(0, 1));
    let frame = world.invoke(client).unwrap();
    let within = |world: &mut World, call| world.call_in(Some(client), Some(frame.callback), call);
    let outcome = within(&mut world, Call::GetChangedDests { notify, count: 16 });
    let Outcome::Done(Reply::GetChangedDests { infos }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(infos.len(), 1);
    let outcome = within(&mut world, Call::ReleaseChangedDests { notify, infos });
    assert_eq!(outcome, Outcome::Done(Reply::Nothing));
    assert!(matches!(within(&mut world, add("11.0.0.0/8", ucast(0, 1))), Outcome::Done(_)));
    world.answer(frame.callback, Status::NoError);
}

/// RTM-014
#[test]
fn expiry_callbacks_may_lock_update_in_place_and_release() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let route = world.add_for(client, "10.0.0.0/8", 1000);
    world.release(client, &[route]);
    world.pass_until(1_000_000_000);
    let frame = world.invoke(client).unwrap();
    let Event::RouteExpired { info, .. } = frame.event else { panic!("{frame:?}") };
    let within = |world: &mut World, call| world.call_in(Some(client), Some(frame.callback), call);
    let lock = Call::LockRoute { route, mode: LockMode::Exclusive, action: LockAction::Lock };
    assert!(matches!(within(&mut world, lock), Outcome::Done(_)));
    let edited = RouteSpec { metric: 16, ..info.spec };
    let update = Call::UpdateAndUnlockRoute { route, edited, time_to_live_ms: INFINITE, list: None };
    assert!(matches!(within(&mut world, update), Outcome::Done(_)));
    let outcome = within(&mut world, Call::ReleaseRoutes { routes: vec![route] });
    assert_eq!(outcome, Outcome::Done(Reply::Nothing));
    world.answer(frame.callback, Status::NoError);
    assert_eq!(world.manager.route(route).unwrap().spec.metric, 16);
    assert_eq!(world.manager.references_held(client), 0);
}

/// RTM-015
#[test]
fn only_the_answer_to_an_expiry_counts() {
    let mut world = World::new();
    let client = world.register(rip(1));
    world.watch(client, NotifyFlags::ALL);
    world.add(client, "10.0.0.0/8", ucast(0, 1));
    let other = world.register(rip(2));
    world.done(other, Call::DeregisterEntity);
    let mut seen = Vec::new();
    while let Some(frame) = world.invoke(client) {
        seen.push(frame.event.event_type());
        let before = world.manager.best_routes(rip(1).table);
        let facts = world.facts.len();
        world.answer(frame.callback, Status::NotSupported);
        assert_eq!(world.manager.best_routes(rip(1).table), before);
        assert_eq!(world.facts.len(), facts);
    }
    assert_eq!(
        seen,
        [EventType::ChangeNotification, EventType::EntityRegistered, EventType::EntityDeregistered]
    );
}

/// RTM-016
#[test]
fn a_change_notification_brings_the_handle_and_the_context() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let call = Call::RegisterForChangeNotification {
        views: ViewSet::UCAST,
        flags: NotifyFlags::BEST,
        context: 0xDEAD_BEEF_0123_4567,
        own_changes: OwnChanges::Included,
    };
    let Reply::RegisterForChangeNotification { notify } = world.done(client, call) else { panic!() };
    world.add(client, "10.0.0.0/8", ucast(0, 1));
    let frame = world.invoke(client).unwrap();
    assert_eq!(frame.to, client);
    assert_eq!(frame.event, Event::ChangeNotification { notify, context: 0xDEAD_BEEF_0123_4567 });
}
