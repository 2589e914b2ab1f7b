//! Next hops.

use crate::world::{World, prefix, rip, ucast};
use tiebreak_rtm::*;

fn add_hop(spec: NextHopSpec) -> Call {
    Call::AddNextHop { next_hop: HandleArgument::Null, spec }
}

fn spec(interface: u32) -> NextHopSpec {
    NextHopSpec::local(prefix("192.0.2.1/32"), interface)
}

/// RTM-065
#[test]
fn address_and_interface_identify_a_next_hop() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let reply = world.done(client, add_hop(spec(1)));
    let Reply::AddNextHop { next_hop: Some(first), change_flags } = reply else { panic!() };
    assert_eq!(change_flags.bits(), 1);
    let changed = NextHopSpec { entity_specific_info: 9, flags: NextHopFlags::REMOTE, ..spec(1) };
    let reply = world.done(client, add_hop(changed));
    let change_flags = NextHopChangeFlags::NONE;
    assert_eq!(reply, Reply::AddNextHop { next_hop: Some(first), change_flags });
    assert_eq!(world.manager.next_hop(first).unwrap().spec, changed);
    assert_ne!(world.hop(client, "192.0.2.1/32", 2), first);
    assert_ne!(world.hop(client, "192.0.2.2/32", 1), first);
    assert_eq!(world.manager.references_held(client), 4);
    // By handle: no reference, and its identity does not change.
    let by_handle = |spec| Call::AddNextHop { next_hop: HandleArgument::Given(first), spec };
    world.done(client, by_handle(spec(1)));
    assert_eq!(world.manager.next_hop(first).unwrap().spec, spec(1));
    world.fails(client, by_handle(spec(2)), Status::InvalidParameter);
    assert_eq!(world.manager.references_held(client), 4);
    let absent = Call::AddNextHop { next_hop: HandleArgument::Absent, spec: spec(7) };
    let change_flags = NextHopChangeFlags::NEW;
    assert_eq!(world.done(client, absent), Reply::AddNextHop { next_hop: None, change_flags });
    assert_eq!(world.manager.references_held(client), 4);
}

/// RTM-066: no way of giving a next hop sets its owner or its state, whatever was copied to be given.
#[test]
fn owner_and_state_are_the_managers() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let deleted = world.hop(client, "192.0.2.1/32", 1);
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::NextHop(deleted)] });
    world.done(client, Call::DeleteNextHop { target: NextHopTarget::Handle(deleted) });
    let Reply::GetNextHopInfo { info } = world.done(other, Call::GetNextHopInfo { next_hop: deleted }) else {
        panic!()
    };
    assert_eq!((info.owner, info.state), (client, NextHopState::Deleted));
    // Given out of that info, anew, again, and by handle: it is the caller's and alive.
    let seen = |world: &World, next_hop| {
        let info = world.manager.next_hop(next_hop).expect("it is referred to");
        (info.owner, info.state, info.spec.entity_specific_info)
    };
    let own = world.hop(other, "192.0.2.1/32", 1);
    let given = |value| NextHopSpec { entity_specific_info: value, ..info.spec };
    for (value, next_hop) in
        [(1, HandleArgument::Null), (2, HandleArgument::Absent), (3, HandleArgument::Given(own))]
    {
        world.done(other, Call::AddNextHop { next_hop, spec: given(value) });
        assert_eq!(seen(&world, own), (other, NextHopState::Created, value));
    }
    let (next_hop, mode) = (own, LockMode::Exclusive);
    let lock = |action, edited| Call::LockNextHop { next_hop, mode, action, edited };
    world.done(other, lock(LockAction::Lock, None));
    world.done(other, lock(LockAction::Unlock, Some(given(4))));
    assert_eq!(seen(&world, own), (other, NextHopState::Created, 4));
    // What was deleted stays so: it is neither revived nor written by whoever gives its address and interface anew.
    let by_handle = Call::AddNextHop { next_hop: HandleArgument::Given(deleted), spec: given(5) };
    world.fails(client, by_handle, Status::InvalidHandle);
    let again = world.hop(client, "192.0.2.1/32", 1);
    assert_ne!(again, deleted);
    world.done(client, Call::AddNextHop { next_hop: HandleArgument::Absent, spec: given(6) });
    assert_eq!(seen(&world, again), (client, NextHopState::Created, 6));
    assert_eq!(seen(&world, deleted), (client, NextHopState::Deleted, 0));
    assert_eq!(seen(&world, own), (other, NextHopState::Created, 4), "and so are other clients' next hops");
}

/// RTM-067
#[test]
fn next_hops_are_private() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let hop = world.hop(client, "192.0.2.1/32", 1);
    let find = Call::find_next_hop(prefix("192.0.2.1/32"), 1);
    world.fails(other, find.clone(), Status::NotFound);
    let own = world.hop(other, "192.0.2.1/32", 1);
    assert_ne!(own, hop);
    let Reply::FindNextHop { next_hop: Some(next_hop), info: Some(info) } = world.done(client, find) else {
        panic!()
    };
    assert_eq!((next_hop, info.owner), (hop, client));
    assert_eq!(world.manager.references_held(client), 2);
    let update = Call::AddNextHop { next_hop: HandleArgument::Given(hop), spec: spec(1) };
    world.fails(other, update, Status::AccessDenied);
}

/// RTM-068
#[test]
fn a_deletion_by_handle_consumes_it() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let hop = world.hop(client, "192.0.2.1/32", 1);
    let through = RouteSpec { next_hops: hop.into(), ..ucast(0, 1) };
    let (route, _) = world.add(client, "10.0.0.0/8", through.clone());
    let by_handle = Call::DeleteNextHop { target: NextHopTarget::Handle(hop) };
    world.fails(other, by_handle.clone(), Status::AccessDenied);
    world.done(client, by_handle.clone());
    assert_eq!(world.manager.references_held(client), 1, "the handle is consumed, that of the route is left");
    world.fails(client, by_handle.clone(), Status::NotFound);
    // A route that uses it keeps it (D-92).
    assert_eq!(world.manager.next_hop(hop).unwrap().state, NextHopState::Deleted);
    assert_eq!(world.manager.route(route).unwrap().spec.next_hops, through.next_hops);
    world.delete(client, route);
    assert_eq!(world.manager.next_hop(hop), None);
    world.fails(client, by_handle, Status::NotFound);
    let address = prefix("192.0.2.1/32");
    let by_identity = Call::DeleteNextHop { target: NextHopTarget::Identity { address, interface: 1 } };
    world.fails(client, by_identity.clone(), Status::NotFound);
    let absent = Call::AddNextHop { next_hop: HandleArgument::Absent, spec: spec(1) };
    world.done(client, absent);
    world.done(client, by_identity);
    assert_eq!(world.manager.objects_alive().next_hops, 0);
}
