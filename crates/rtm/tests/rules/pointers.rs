//! Read access by pointer (2.4, 2.6): D-127.

use crate::world::{IPV4, World, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";

/// `RtmGetRoutePointer`: its owner alone reads a route, and owes nothing for what it reads.
#[test]
fn d_127_the_owner_alone_reads_a_route_and_counts_no_reference() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let (route, _) = world.add(client, NET, ucast(0, 3));
    let held = world.manager.references_held(client);
    let read = |world: &mut World| match world.done(client, Call::GetRoutePointer { route }) {
        Reply::GetRoutePointer { info } => info,
        reply => panic!("{reply:?}"),
    };
    let info = read(&mut world);
    assert_eq!(Some(info), world.manager.route(route));
    world.added(client, crate::world::add(NET, ucast(0, 9)));
    assert_eq!(read(&mut world).spec.metric, 9, "what is there now");
    assert_eq!(world.manager.references_held(client), held + 1, "that of the update");
    world.fails(other, Call::GetRoutePointer { route }, Status::AccessDenied);
    let elsewhere = EntityInfo { table: TableId { instance: 1, ..IPV4 }, ..rip(1) };
    let stranger = world.register(elsewhere);
    world.fails(stranger, Call::GetRoutePointer { route }, Status::InvalidHandle);
    world.delete(client, route);
    assert_eq!(read(&mut world).state, RouteState::Deleted, "readable while a handle is held");
    world.release(client, &[route]);
    world.fails(client, Call::GetRoutePointer { route }, Status::InvalidHandle);
}

/// `RtmGetNextHopPointer`: its owner alone reads a next hop, and owes nothing for what it reads.
#[test]
fn d_127_the_owner_alone_reads_a_next_hop_and_counts_no_reference() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let next_hop = world.hop(client, "192.0.2.1/32", 4);
    let held = world.manager.references_held(client);
    let Reply::GetNextHopPointer { info } = world.done(client, Call::GetNextHopPointer { next_hop }) else {
        panic!("a next hop")
    };
    assert_eq!((info.owner, info.spec), (client, NextHopSpec::local(prefix("192.0.2.1/32"), 4)));
    assert_eq!(world.manager.references_held(client), held);
    world.fails(other, Call::GetNextHopPointer { next_hop }, Status::AccessDenied);
    let elsewhere = EntityInfo { table: TableId { instance: 1, ..IPV4 }, ..rip(1) };
    let stranger = world.register(elsewhere);
    world.fails(stranger, Call::GetNextHopPointer { next_hop }, Status::InvalidHandle);
    world.done(client, Call::ReleaseNextHops { next_hops: vec![next_hop] });
    world.done(
        client,
        Call::DeleteNextHop {
            target: NextHopTarget::Identity { address: prefix("192.0.2.1/32"), interface: 4 },
        },
    );
    world.fails(client, Call::GetNextHopPointer { next_hop }, Status::InvalidHandle);
}

/// D-89: a lock is no time for further pointers; `RtmLockRoute` has given one.
#[test]
fn d_089_no_pointer_is_asked_for_under_a_lock() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let (route, _) = world.add(client, NET, ucast(0, 3));
    let next_hop = world.hop(client, "192.0.2.1/32", 4);
    world.done(client, Call::LockRoute { route, mode: LockMode::Shared, action: LockAction::Lock });
    for call in [Call::GetRoutePointer { route }, Call::GetNextHopPointer { next_hop }] {
        let (function, dest) = (call.function(), prefix(NET));
        assert_eq!(world.violates(client, None, call), Violation::CallUnderLock { function, dest });
    }
}

/// D-146: an output that is declined is not returned, and costs no reference.
#[test]
fn d_146_an_output_that_is_declined_costs_no_reference() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let hop = world.hop(client, "192.0.2.1/32", 1);
    let spec = RouteSpec { next_hops: [hop].as_slice().into(), ..ucast(0, 1) };
    let (route, _) = world.add(client, "10.0.0.0/8", spec);
    let before = world.manager.references_held(client);
    let (yes, no) = (OptionalOutput::Wanted, OptionalOutput::Declined);
    for (info, address) in [(no, no), (no, yes)] {
        let Reply::GetRouteInfo { info: None, address: shown } =
            world.done(client, Call::GetRouteInfo { route, info, address })
        else {
            panic!("no copy was asked for")
        };
        assert_eq!(shown, (address == yes).then(|| prefix("10.0.0.0/8")));
    }
    let (address, interface) = (prefix("192.0.2.1/32"), 1);
    for pointer in [no, yes] {
        let call = Call::FindNextHop { address, interface, next_hop: no, pointer };
        let Reply::FindNextHop { next_hop: None, info } = world.done(client, call) else {
            panic!("no handle was asked for")
        };
        assert_eq!(info.is_some(), pointer == yes);
    }
    assert_eq!(world.manager.references_held(client), before, "nothing is to be released");
    let call = Call::GetRouteInfo { route, info: yes, address: no };
    assert!(matches!(world.done(client, call), Reply::GetRouteInfo { info: Some(_), address: None }));
    let call = Call::FindNextHop { address, interface, next_hop: yes, pointer: no };
    assert!(matches!(world.done(client, call), Reply::FindNextHop { next_hop: Some(_), info: None }));
    assert_eq!(
        world.manager.references_held(client),
        before + 4,
        "destination, owner, and the next hop twice"
    );
}
