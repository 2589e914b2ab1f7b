//! Registration.

use crate::world::{World, add, ospf, rip, ucast};
use tiebreak_rtm::*;

/// RTM-001
#[test]
fn an_unused_key_registers_and_is_told_the_limits() {
    let mut world = World::new();
    let Outcome::Done(Reply::RegisterEntity { entity, profile }) =
        world.try_register(rip(1), EventCallback::Given)
    else {
        panic!("an unused key registers");
    };
    assert_eq!(profile.max_next_hops_in_route, 4);
    assert_eq!(profile.max_handles_in_enum, 16);
    assert_eq!((profile.views_supported.bits(), profile.number_of_views), (3, 2));
    world.done(entity, Call::DeregisterEntity);
    assert_ne!(world.register(rip(1)), entity, "the handle is fresh");
}

/// RTM-002
#[test]
fn an_equal_key_is_refused() {
    let mut world = World::new();
    world.register(rip(1));
    assert_eq!(world.try_register(rip(1), EventCallback::Given), Outcome::Failed(Status::AlreadyExists));
    assert_eq!(Status::AlreadyExists.code(), 183);
}

/// RTM-003
#[test]
fn another_instance_of_a_protocol_registers() {
    let mut world = World::new();
    assert_ne!(world.register(rip(1)), world.register(rip(2)));
}

/// RTM-004
#[test]
fn families_and_instances_are_tables_of_their_own() {
    let mut world = World::new();
    let first = world.register(rip(1));
    let ipv6 = TableId { instance: 0, family: AddressFamily::Ipv6 };
    let other = TableId { instance: 1, family: AddressFamily::Ipv4 };
    let in_ipv6 = world.register(EntityInfo { table: ipv6, ..rip(1) });
    let in_other = world.register(EntityInfo { table: other, ..rip(1) });
    let (route, _) = world.add(first, "10.0.0.0/8", ucast(0, 1));
    world.add(in_ipv6, "2001:db8::/32", ucast(0, 1));
    assert!(world.delivered.is_empty(), "nobody else is in any of the tables");
    assert!(world.dest(first, "10.0.0.0/8", ViewSet::UCAST).is_some());
    assert!(world.dest(in_ipv6, "2001:db8::/32", ViewSet::UCAST).is_some());
    assert_eq!(world.dest(in_other, "10.0.0.0/8", ViewSet::UCAST), None);
    world.fails(in_other, Call::get_route_info(route), Status::InvalidHandle);
    world.fails(in_other, Call::GetEntityInfo { entity: first }, Status::InvalidHandle);
    world.fails(in_ipv6, add("10.0.0.0/8", ucast(0, 1)), Status::InvalidParameter);
    let tables: Vec<_> = world.manager.tables().collect();
    assert_eq!(tables, [rip(1).table, ipv6, other]);
}

/// RTM-005
#[test]
fn every_other_client_is_told_once_of_a_newcomer() {
    let mut world = World::new();
    let early = [world.register(rip(1)), world.register(rip(2))];
    world.settle(early[0]);
    let newcomer = world.register(ospf());
    assert_eq!(world.events_for(newcomer), [], "the newcomer hears nothing of itself or of others");
    for client in early {
        assert_eq!(world.events_for(client), [DueEvent::EntityRegistered { entity: newcomer }]);
        let frame = world.invoke(client).unwrap();
        assert_eq!(frame.to, client);
        assert_eq!(frame.event, Event::EntityRegistered { entity: newcomer, info: ospf() });
        world.answer(frame.callback, Status::NoError);
    }
}

/// RTM-006
#[test]
fn every_other_client_is_told_once_of_a_leaver_and_can_read_it() {
    let mut world = World::new();
    let (early, leaver) = (world.register(rip(1)), world.register(rip(2)));
    world.settle(early);
    world.done(leaver, Call::DeregisterEntity);
    assert_eq!(world.events_for(early), [DueEvent::EntityDeregistered { entity: leaver }]);
    let frame = world.invoke(early).unwrap();
    assert_eq!(frame.event, Event::EntityDeregistered { entity: leaver, info: rip(2) });
    // The object lives for the callback (D-07).
    assert_eq!(
        world.call_in(Some(early), Some(frame.callback), Call::GetEntityInfo { entity: leaver }),
        Outcome::Done(Reply::GetEntityInfo { info: rip(2) })
    );
    world.done(early, Call::ReleaseEntityInfo { entity: leaver });
    world.answer(frame.callback, Status::NoError);
    world.fails(early, Call::GetEntityInfo { entity: leaver }, Status::InvalidHandle);
}

/// RTM-007
#[test]
fn a_client_without_callback_hears_nothing_and_can_poll() {
    let mut world = World::new();
    let silent = world.register_silent(rip(1));
    let other = world.register(rip(2));
    let notify = world.watch(silent, NotifyFlags::ALL);
    let route = world.add_for(silent, "10.0.0.0/8", 5);
    world.add(other, "11.0.0.0/8", ucast(0, 1));
    world.done(other, Call::DeregisterEntity);
    world.pass_until(crate::world::SECOND);
    assert_eq!(world.events_for(silent), []);
    assert_eq!(world.manager.route(route).unwrap().state, RouteState::Deleted, "as if it had answered 50");
    assert_eq!(world.drained(silent, notify), ["10.0.0.0/8", "11.0.0.0/8"]);
}

/// RTM-008
#[test]
fn entity_events_need_no_change_registration() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let other = world.register(rip(2));
    world.done(other, Call::DeregisterEntity);
    assert_eq!(world.events_for(client).len(), 2);
}

/// RTM-010
#[test]
fn the_listing_needs_room_for_all_and_gives_references() {
    let mut world = World::new();
    let clients = [world.register(rip(1)), world.register(rip(2)), world.register(ospf())];
    let list = |capacity| Call::GetRegisteredEntities { capacity, handles: ListedHandles::Wanted };
    let outcome = world.call(clients[1], list(2));
    assert_eq!((outcome.clone(), outcome.status().unwrap().code()), (Outcome::NeedsRoom(3), 122));
    assert_eq!(world.manager.references_held(clients[1]), 0);
    let reply = world.done(clients[1], list(3));
    let infos = vec![rip(1), rip(2), ospf()];
    assert_eq!(reply, Reply::GetRegisteredEntities { handles: clients.to_vec(), infos });
    assert_eq!(world.manager.references_held(clients[1]), 3);
    let call = Call::GetRegisteredEntities { capacity: 9, handles: ListedHandles::NotWanted };
    world.done(clients[1], call);
    assert_eq!(world.manager.references_held(clients[1]), 3, "no handles, no references");
    world.done(clients[0], Call::DeregisterEntity);
    world.settle(clients[1]);
    world.settle(clients[2]);
    assert_eq!(world.manager.entity_info(clients[0]), Some(rip(1)), "a reference keeps it readable");
    world.done(clients[1], Call::ReleaseEntities { entities: clients.to_vec() });
    assert_eq!(world.manager.references_held(clients[1]), 0);
    assert_eq!(world.manager.entity_info(clients[0]), None);
}
