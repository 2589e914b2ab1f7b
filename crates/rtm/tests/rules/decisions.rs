//! Decisions that no rule of the checklist shows.

use crate::world::{SECOND, World, add, add_with, ospf, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";

fn dirty() -> NetAddress {
    NetAddress::from_raw(AddressFamily::Ipv4, (10 << 120) | (1 << 96), 8)
}

fn add_dirty(dest: NetAddress) -> Call {
    Call::AddRouteToDest {
        route: HandleArgument::Absent,
        dest,
        spec: ucast(0, 1),
        time_to_live_ms: INFINITE,
        list: None,
        change_flags: RouteChangeFlags::NONE,
    }
}

/// D-06, D-71
#[test]
fn a_leaver_is_cleaned_up_and_its_leaks_are_told() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let notify = world.watch(other, NotifyFlags::BEST);
    world.watch(client, NotifyFlags::BEST);
    let hop = world.hop(client, "192.0.2.1/32", 1);
    let (route, _) = world.add(client, NET, RouteSpec { next_hops: hop.into(), ..ucast(0, 1) });
    world.drained(other, notify);
    world.settle(other);
    assert_eq!(world.events_for(client).len(), 2, "the newcomer and the change");
    world.done(client, Call::DeregisterEntity);
    assert_eq!(world.events_for(client), []);
    assert_eq!(
        world.events_for(other),
        [DueEvent::EntityDeregistered { entity: client }, DueEvent::ChangeNotification { notify }]
    );
    let leaks: Vec<_> = world
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Leak { kind, subject, .. } => Some((*kind, matches!(subject, LeakSubject::Route(_)))),
            _ => None,
        })
        .collect();
    let held = LeakKind::References(1);
    assert_eq!(
        leaks,
        [(held, true), (held, false), (LeakKind::NotDeleted, true), (LeakKind::NotDeleted, false)]
    );
    let dropped =
        |fact: &&Fact| matches!(fact, Fact::CallbackDropped { reason: CallbackDropReason::ClientGone, .. });
    assert_eq!(world.facts.iter().filter(dropped).count(), 2);
    assert_eq!((world.manager.route(route), world.manager.next_hop(hop)), (None, None));
    assert_eq!(world.drained(other, notify), [NET]);
    world.settle(other);
    assert_eq!(world.manager.entity_info(client), None);
}

/// D-71, profile `orphan`
#[test]
fn orphaned_routes_stay_until_they_expire() {
    let mut world = World::with(Profile { leftovers: Leftovers::Orphaned, ..Profile::default() });
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    world.watch(client, NotifyFlags::BEST);
    let route = world.add_for(client, NET, 1000);
    world.add(client, "11.0.0.0/8", ucast(0, 1));
    world.done(client, Call::DeregisterEntity);
    assert_eq!(world.best(NET, ViewId::UCAST), Some(route));
    world.register(rip(1));
    world.pass_until(SECOND);
    assert_eq!(world.best(NET, ViewId::UCAST), None, "nobody is there to be asked");
    assert!(world.best("11.0.0.0/8", ViewId::UCAST).is_some());
    assert_eq!(world.manager.references_held(client), 2);
    world.fails(
        other,
        Call::DeregisterFromChangeNotification { notify: fresh_notify() },
        Status::InvalidHandle,
    );
}

/// A handle some other manager gave out.
fn fresh_notify() -> NotifyHandle {
    let mut world = World::new();
    let client = world.register(rip(1));
    (0..3).map(|_| world.watch(client, NotifyFlags::BEST)).last().expect("three registrations")
}

/// The same client in another instance: a table of its own.
const RIP_ELSEWHERE: EntityInfo = EntityInfo {
    table: TableId { instance: 1, family: AddressFamily::Ipv4 },
    id: EntityId { protocol: protocol::RIP, protocol_instance: 1 },
};

/// D-10
#[test]
fn a_client_may_deregister_in_an_expiry_callback() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let route = world.add_for(client, NET, 0);
    world.pass_until(0);
    let frame = world.invoke(client).unwrap();
    let outcome = world.call_in(Some(client), Some(frame.callback), Call::DeregisterEntity);
    assert_eq!(outcome, Outcome::Done(Reply::Nothing));
    let violation = world.violates(client, Some(frame.callback), Call::ReleaseRoutes { routes: vec![route] });
    assert!(matches!(violation, Violation::UseAfterDeregister { .. }));
    world.answer(frame.callback, Status::NotSupported);
    assert_eq!(world.manager.objects_alive(), ObjectCounts::default());
}

/// D-103: redistribution is made of such calls.
#[test]
fn a_callback_may_call_as_another_registration_of_its_client() {
    let mut world = World::new();
    let (told, second) = (world.register(rip(1)), world.register(RIP_ELSEWHERE));
    let notify = world.watch(told, NotifyFlags::ALL);
    world.add(told, NET, ucast(0, 1));
    let frame = world.invoke(told).unwrap();
    let copied = world.call_in(Some(second), Some(frame.callback), add(NET, ucast(0, 10)));
    assert!(matches!(copied, Outcome::Done(_)), "{copied:?}");
    world.answer(frame.callback, Status::NoError);
    assert_eq!(world.drained(told, notify).len(), 1);
}

/// D-103: what the event forbids is forbidden in the context, whichever registration calls.
#[test]
fn what_a_callback_forbids_is_forbidden_to_every_registration_in_it() {
    let mut world = World::new();
    let (told, second) = (world.register(rip(1)), world.register(RIP_ELSEWHERE));
    world.watch(told, NotifyFlags::ALL);
    world.add(told, NET, ucast(0, 1));
    let frame = world.invoke(told).unwrap();
    let call = Call::RegisterForChangeNotification {
        views: ViewSet::UCAST,
        flags: NotifyFlags::ALL,
        context: 0,
        own_changes: OwnChanges::Included,
    };
    let (event, function) = (EventType::ChangeNotification, call.function());
    let violation = world.violates(second, Some(frame.callback), call);
    assert_eq!(violation, Violation::Reentrancy { event, function });
}

/// D-104: 50 is 50, however it is spelled.
#[test]
fn statuses_compare_by_their_codes() {
    assert_eq!(Status::Other(50), Status::NotSupported);
    assert_eq!(Status::Other(50).name(), Some("ERROR_NOT_SUPPORTED"));
    assert!(Status::Other(86) < Status::InvalidParameter && Status::InvalidParameter < Status::Other(88));
    let mut world = World::new();
    let client = world.register(rip(1));
    let route = world.add_for(client, NET, 0);
    world.release(client, &[route]);
    world.pass_until(0);
    let frame = world.invoke(client).unwrap();
    world.answer(frame.callback, Status::Other(50));
    assert_eq!(world.manager.route(route), None);
}

/// D-15
#[test]
fn answer_50_deletes_also_what_the_callback_has_updated() {
    for deletes in [true, false] {
        let mut world = World::new();
        let client = world.register(rip(1));
        let route = world.add_for(client, NET, 0);
        world.release(client, &[route]);
        world.pass_until(0);
        let frame = world.invoke(client).unwrap();
        let call = if deletes {
            Call::DeleteRouteToDest { route }
        } else {
            add_with(HandleArgument::Given(route), NET, ucast(0, 2), 5000, RouteChangeFlags::NONE)
        };
        assert!(matches!(world.call_in(Some(client), Some(frame.callback), call), Outcome::Done(_)));
        world.answer(frame.callback, Status::NotSupported);
        assert_eq!((world.manager.route(route), world.timers.len()), (None, 0));
        assert!(!world.facts.iter().any(|fact| matches!(fact, Fact::Violation { .. })));
    }
}

/// D-72: the reference of the event is the manager's when the answer is 50.
#[test]
fn releasing_the_event_reference_and_answering_50_is_a_violation() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let route = world.add_for(client, NET, 0);
    world.pass_until(0);
    let frame = world.invoke(client).unwrap();
    world.release(client, &[route, route]);
    world.answer(frame.callback, Status::NotSupported);
    assert!(matches!(
        world.facts.last(),
        Some(Fact::Violation { violation: Violation::DoubleRelease { .. }, .. })
    ));
    assert_eq!(world.manager.route(route), None);
}

/// D-20
#[test]
fn an_expiry_waits_for_the_unlock() {
    let lock = |route, action| Call::LockRoute { route, mode: LockMode::Exclusive, action };
    for invoked_before in [false, true] {
        let mut world = World::new();
        let client = world.register(rip(1));
        let route = world.add_for(client, NET, 1000);
        if invoked_before {
            world.pass_until(SECOND);
            world.done(client, lock(route, LockAction::Lock));
            assert_eq!(world.events_for(client), [], "delivered, and locked since");
        } else {
            world.done(client, lock(route, LockAction::Lock));
            world.pass_until(SECOND);
        }
        assert!(world.delivered.is_empty());
        world.done(client, lock(route, LockAction::Unlock));
        assert_eq!(world.events_for(client), [DueEvent::RouteExpired { route }]);
        // Updated in place, it would not have expired.
        world.done(client, lock(route, LockAction::Lock));
        let update =
            Call::UpdateAndUnlockRoute { route, edited: ucast(1, 1), time_to_live_ms: 1000, list: None };
        world.done(client, update);
        assert!(world.delivered.is_empty());
        assert_eq!(world.timers.len(), 1);
    }
    // The deletion an answer asks for waits too.
    let mut world = World::new();
    let client = world.register(rip(1));
    let route = world.add_for(client, NET, 0);
    world.pass_until(0);
    let frame = world.invoke(client).unwrap();
    world.done(client, lock(route, LockAction::Lock));
    world.answer(frame.callback, Status::NotSupported);
    assert_eq!(world.manager.route(route).unwrap().state, RouteState::Created);
    world.done(client, lock(route, LockAction::Unlock));
    assert_eq!(world.manager.route(route).unwrap().state, RouteState::Deleted);
}

/// D-15, D-18, D-20
#[test]
fn an_expiry_that_waits_beside_a_deletion_is_not_told() {
    let lock = |route, action| Call::LockRoute { route, mode: LockMode::Exclusive, action };
    for answered_first in [false, true] {
        let mut world = World::new();
        let client = world.register(rip(1));
        let route = world.add_for(client, NET, 0);
        world.pass_until(0);
        let frame = world.invoke(client).unwrap();
        world.done(
            client,
            add_with(HandleArgument::Given(route), NET, ucast(0, 1), 1000, RouteChangeFlags::NONE),
        );
        world.done(client, lock(route, LockAction::Lock));
        if answered_first {
            world.answer(frame.callback, Status::NotSupported);
            world.pass_until(SECOND);
        } else {
            world.pass_until(SECOND);
            world.answer(frame.callback, Status::NotSupported);
        }
        assert_eq!((world.delivered.len(), world.timers.len()), (0, 0), "both wait");
        world.done(client, lock(route, LockAction::Unlock));
        assert_eq!(world.manager.route(route).unwrap().state, RouteState::Deleted);
        assert_eq!(world.events_for(client), []);
    }
}

/// D-21, D-24, D-27
#[test]
fn contradictory_arguments_are_refused() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let flagged =
        |argument, bits| add_with(argument, NET, ucast(0, 1), INFINITE, RouteChangeFlags::from_bits(bits));
    let wrong = [
        flagged(HandleArgument::Null, 3),
        flagged(HandleArgument::Given(route), 2),
        flagged(HandleArgument::Null, 4),
        add_with(HandleArgument::Given(route), "11.0.0.0/8", ucast(0, 1), INFINITE, RouteChangeFlags::NONE),
        add(NET, RouteSpec { views: ViewSet::from_bits(7), ..ucast(0, 1) }),
    ];
    for call in wrong {
        world.fails(client, call, Status::InvalidParameter);
    }
    world.done(client, flagged(HandleArgument::Null, 0x1_0000));
    let (hidden, flags) = world.add(client, "11.0.0.0/8", RouteSpec { views: ViewSet::NONE, ..ucast(0, 1) });
    assert_eq!(flags, RouteChangeFlags::NEW, "in no view, never the best");
    assert!(world.dest(client, "11.0.0.0/8", ViewSet::ALL).is_none());
    assert!(world.dest(client, "11.0.0.0/8", ViewSet::ANY).is_some());
    assert_eq!(
        world.done(client, Call::IsBestRoute { route: hidden }),
        Reply::IsBestRoute { views: ViewSet::NONE }
    );
}

/// D-26
#[test]
fn preference_0_is_the_policys() {
    let mut world = World::new();
    let clients = [world.register(rip(1)), world.register(ospf())];
    let preferences = clients.map(|client| {
        let (route, _) = world.add(client, NET, ucast(0, 1));
        world.manager.route(route).unwrap().spec.preference
    });
    assert_eq!(preferences, [120, 110]);
    assert_eq!(Profile::default().preference_of(4711), 250);
}

/// D-32
#[test]
fn dirty_host_bits_are_refused_or_cleared() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let long = NetAddress::from_raw(AddressFamily::Ipv4, 0, 33);
    for address in [dirty(), long, prefix("::/0")] {
        world.fails(client, add_dirty(address), Status::InvalidParameter);
        let spec = NextHopSpec::local(address, 1);
        world.fails(
            client,
            Call::AddNextHop { next_hop: HandleArgument::Null, spec },
            Status::InvalidParameter,
        );
        let (protocol, views) = (ProtocolSelector::Best, ViewSet::ANY);
        let query = Call::GetMostSpecificDestination { address, protocol, views };
        world.fails(client, query, Status::InvalidParameter);
    }
    let mut world = World::with(Profile { host_bits: HostBits::Cleared, ..Profile::default() });
    let client = world.register(rip(1));
    world.done(client, add_dirty(dirty()));
    assert!(world.best(NET, ViewId::UCAST).is_some());
    world.fails(client, add_dirty(long), Status::InvalidParameter);
}

/// D-35
#[test]
fn equal_routes_stand_in_the_order_of_the_profile() {
    for (ties, expected) in [(Ties::Incumbent, 0), (Ties::OwnerId, 1)] {
        let mut world = World::with(Profile { ties, ..Profile::default() });
        let (high, low) = (world.register(rip(2)), world.register(rip(1)));
        let routes = [world.add(high, NET, ucast(5, 5)).0, world.add(low, NET, ucast(5, 5)).0];
        assert_eq!(world.best(NET, ViewId::UCAST), Some(routes[expected]), "{ties:?}");
        world.add(high, NET, RouteSpec { entity_specific_info: 1, ..ucast(5, 5) });
        assert_eq!(world.best(NET, ViewId::UCAST), Some(routes[expected]), "an equal cost keeps its place");
        world.add(high, NET, ucast(5, 4));
        assert_eq!(world.best(NET, ViewId::UCAST), Some(routes[0]));
        world.add(high, NET, ucast(5, 5));
        assert_eq!(world.best(NET, ViewId::UCAST), Some(routes[1]), "back among its equals, behind them");
    }
}

/// D-35, profile `owner-id`: the neighbour decides among one owner's.
#[test]
fn the_lower_neighbour_stands_first_by_owner_id() {
    let mut world = World::with(Profile { ties: Ties::OwnerId, ..Profile::default() });
    let client = world.register(rip(1));
    let routes = ["192.0.2.9/32", "192.0.2.1/32", "192.0.2.5/32"].map(|address| {
        let neighbour = Some(world.hop(client, address, 1));
        world.add(client, NET, RouteSpec { neighbour, ..ucast(5, 5) }).0
    });
    assert_eq!(world.manager.routes(rip(1).table), [routes[1], routes[2], routes[0]]);
}

/// D-47, profile `literal`
#[test]
fn a_metric_read_literally_is_no_best_change() {
    for (metric_change, heard) in [(MetricChange::Best, 1), (MetricChange::Literal, 0)] {
        let mut world = World::with(Profile { metric_change, ..Profile::default() });
        let client = world.register(rip(1));
        let all = world.watch(client, NotifyFlags::ALL);
        let best = world.watch(client, NotifyFlags::BEST);
        world.add(client, NET, ucast(1, 1));
        world.drained(client, best);
        world.drained(client, all);
        world.add(client, NET, ucast(1, 2));
        assert_eq!(world.drained(client, best).len(), heard);
        assert_eq!(world.drained(client, all).len(), 1);
    }
}

/// D-60
#[test]
fn the_end_of_a_registration_takes_its_notification_back() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let notify = world.watch(client, NotifyFlags::ALL);
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let (_, callback, _) = world.delivered[0];
    world.done(client, Call::DeregisterFromChangeNotification { notify });
    assert!(world.delivered.is_empty());
    world.feed(Input::Invoke { callback });
    assert_eq!(world.manager.running(callback), None);
    world.delete(client, route);
    assert_eq!(world.manager.objects_alive().dests, 0, "what was pending is let go");
}

/// D-62, D-63, D-74, D-79
#[test]
fn registrations_are_checked_limited_and_private() {
    let mut world = World::with(Profile { max_notify: 2, ..Profile::default() });
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let register = |views: u32, flags: u32| Call::RegisterForChangeNotification {
        views: ViewSet::from_bits(views),
        flags: NotifyFlags::from_bits(flags),
        context: 0,
        own_changes: OwnChanges::Included,
    };
    world.fails(client, register(1, 0), Status::InvalidParameter);
    world.fails(client, register(1, 0x1_0000), Status::InvalidParameter);
    world.fails(client, register(1, 9), Status::InvalidParameter);
    world.fails(client, register(4, 1), Status::NotSupported);
    let notify = world.watch_views(client, ViewSet::ANY, NotifyFlags::ALL);
    world.done(client, register(u32::MAX, 1));
    world.fails(other, register(1, 1), Status::NoSystemResources);
    world.fails(other, Call::DeregisterFromChangeNotification { notify }, Status::InvalidHandle);
    world.add(client, NET, ucast(0, 1));
    let infos = world.changed(client, notify);
    assert_eq!(infos[0].views, [], "ANY asks for no view's details");
    for protocol in [0, u32::MAX] {
        let info = EntityInfo { id: EntityId { protocol, protocol_instance: 1 }, ..rip(1) };
        assert_eq!(world.try_register(info, EventCallback::Given), Outcome::Failed(Status::InvalidParameter));
    }
}

/// D-93: a remote next hop keeps the destination it is reached through.
#[test]
fn the_destination_behind_a_remote_next_hop_is_kept() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let info = world.dest(client, NET, ViewSet::ANY).unwrap();
    let address = prefix("10.0.0.1/32");
    let spec = NextHopSpec {
        flags: NextHopFlags::REMOTE,
        remote: Some(info.dest),
        ..NextHopSpec::local(address, 1)
    };
    world.done(client, Call::AddNextHop { next_hop: HandleArgument::Absent, spec });
    world.done(client, Call::ReleaseDestInfo { info: info.clone() });
    world.delete(client, route);
    assert_eq!(world.manager.dest_address(info.dest), Some(prefix(NET)));
    world.done(
        client,
        Call::AddNextHop { next_hop: HandleArgument::Absent, spec: NextHopSpec { remote: None, ..spec } },
    );
    assert_eq!(world.manager.dest_address(info.dest), None);
    let gone = Call::AddNextHop { next_hop: HandleArgument::Absent, spec };
    world.fails(client, gone, Status::InvalidHandle);
}

/// Facts can be left untold; everything else is the same.
#[test]
fn untold_facts_change_nothing_else() {
    let mut told = World::new();
    let mut untold = World::new();
    untold.manager.set_facts(Facts::Untold);
    for world in [&mut told, &mut untold] {
        let client = world.register(rip(1));
        world.watch(client, NotifyFlags::ALL);
        world.add(client, NET, ucast(0, 1));
    }
    assert!(untold.facts.is_empty() && !told.facts.is_empty());
    assert!(told.manager.state() == untold.manager.state());
    assert_eq!(told.delivered, untold.delivered);
}
