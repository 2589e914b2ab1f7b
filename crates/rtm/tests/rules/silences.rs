//! Decisions about what the documentation does not say, which no rule of the checklist shows: D-03, D-04, D-25, D-29, D-33,
//! D-36, D-39, D-40, D-53, D-73, D-94 to D-96.

use crate::world::{SECOND, World, add_with, ospf, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";
const BOTH: ViewSet = ViewSet::UCAST.union(ViewSet::MCAST);

/// D-03: what a call causes is delivered; it runs when the host says so.
#[test]
fn d_003_a_callback_never_runs_inside_the_call_of_another_client() {
    let mut world = World::new();
    let (client, watcher) = (world.register(rip(1)), world.register(rip(2)));
    world.settle(client);
    let notify = world.watch(watcher, NotifyFlags::ALL);
    world.add(client, NET, ucast(0, 1));
    let [(to, callback, event)] = world.delivered[..] else { panic!("{:?}", world.delivered) };
    assert_eq!((to, event), (watcher, DueEvent::ChangeNotification { notify }));
    assert_eq!(world.manager.running(callback), None);
    assert!(world.manager.registration(notify).is_some_and(|registration| registration.is_announced));
    // The table is as the call has left it, and the callback finds it so.
    world.add(client, NET, ucast(0, 2));
    let frame = world.invoke(watcher).expect("it has waited");
    assert_eq!(world.manager.running(callback), Some((watcher, EventType::ChangeNotification)));
    let infos = world.changed(watcher, notify);
    assert_eq!(world.info(watcher, infos[0].views[0].route.unwrap()).spec.metric, 2);
    world.answer(frame.callback, Status::NoError);
}

/// D-04: they are handed out in the order of registration, and may be invoked in any.
#[test]
fn d_004_which_client_is_told_first_is_the_hosts_to_say() {
    let mut world = World::new();
    let clients = [world.register(rip(3)), world.register(rip(1)), world.register(rip(2))];
    for client in clients {
        world.settle(client);
    }
    let newcomer = world.register(ospf());
    let told: Vec<_> = world.delivered.iter().map(|(to, ..)| *to).collect();
    assert_eq!(told, clients, "as they have registered, whatever their keys");
    for client in [clients[2], clients[0], clients[1]] {
        let frame = world.invoke(client).expect("each is told");
        assert_eq!(frame.event, Event::EntityRegistered { entity: newcomer, info: ospf() });
        world.answer(frame.callback, Status::NoError);
    }
}

/// D-25: a route has no owner, destination or state to be given; what was read of another's and is given is the caller's.
#[test]
fn d_025_owner_destination_and_state_of_a_route_are_the_managers() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let (route, _) = world.add(client, NET, ucast(3, 7));
    world.done(other, Call::ReferenceHandles { handles: vec![AnyHandle::Route(route)] });
    world.delete(client, route);
    let copied = world.info(other, route);
    assert_eq!((copied.owner, copied.state), (client, RouteState::Deleted));
    let (own, _) = world.add(other, "11.0.0.0/8", copied.spec.clone());
    let info = world.info(other, own);
    assert_eq!((info.owner, info.state, &info.spec), (other, RouteState::Created, &copied.spec));
    assert_ne!(info.dest, copied.dest);
    assert_eq!(world.manager.dest_address(info.dest), Some(prefix("11.0.0.0/8")));
}

/// D-29: for additions, updates and deletions.
#[test]
fn d_029_best_is_answered_if_it_holds_in_one_view() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    world.add(other, NET, ucast(1, 1));
    let spec = |metric| RouteSpec { views: BOTH, ..ucast(5, metric) };
    let (route, flags) = world.add(client, NET, spec(1));
    assert_eq!(flags, RouteChangeFlags::NEW.union(RouteChangeFlags::BEST), "the best in one view of two");
    assert_eq!(world.add(client, NET, spec(2)).1, RouteChangeFlags::BEST);
    assert_eq!(world.delete(client, route), RouteChangeFlags::BEST);
    assert_eq!(world.add(client, NET, ucast(5, 1)).1, RouteChangeFlags::NEW, "the best in no view");
}

/// D-33: this does not compile once one of the calls gets an argument for `NotifyType` or `NotifyHandle`.
#[test]
fn d_033_what_is_reserved_cannot_be_given() {
    fn given(call: Call) -> usize {
        match call {
            Call::AddRouteToDest {
                route: _,
                dest: _,
                spec: _,
                time_to_live_ms: _,
                list: _,
                change_flags: _,
            } => 6,
            Call::RegisterForChangeNotification { views: _, flags: _, context: _, own_changes: _ } => 4,
            _ => 0,
        }
    }
    assert_eq!(given(crate::world::add(NET, ucast(0, 1))), 6);
}

/// D-36
#[test]
fn d_036_neither_flags_nor_next_hops_decide_which_route_is_best() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    let down = NextHopSpec { flags: NextHopFlags::DOWN, ..NextHopSpec::local(prefix("192.0.2.1/32"), 1) };
    let call = Call::AddNextHop { next_hop: HandleArgument::Null, spec: down };
    let Reply::AddNextHop { next_hop: Some(hop), .. } = world.done(client, call) else { panic!() };
    world.add(other, NET, ucast(2, 1));
    for bit in 0..16 {
        let flags = RouteFlags::from_bits(1 << bit);
        let (route, _) = world.add(client, NET, RouteSpec { flags, next_hops: hop.into(), ..ucast(1, 1) });
        assert_eq!(world.best(NET, ViewId::UCAST), Some(route), "bit {bit}");
    }
    world.done(client, Call::DeleteNextHop { target: NextHopTarget::Handle(hop) });
    let best = world.best(NET, ViewId::UCAST).expect("there are routes");
    assert_eq!(world.manager.route(best).unwrap().owner, client, "and its next hop has been deleted");
}

/// The four queries for the destination at [`NET`], and below it.
fn queries(dest: DestHandle, narrow: DestHandle, views: ViewSet) -> [Call; 4] {
    let (address, protocol) = (prefix(NET), ProtocolSelector::Best);
    [
        Call::GetDestInfo { dest, protocol, views },
        Call::GetExactMatchDestination { address, protocol, views },
        Call::GetMostSpecificDestination { address, protocol, views },
        Call::GetLessSpecificDestination { dest: narrow, protocol, views },
    ]
}

fn wide_and_narrow(views: ViewSet) -> (World, EntityHandle, DestHandle, DestHandle) {
    let mut world = World::new();
    let client = world.register(rip(1));
    let [wide, narrow] = [NET, "10.1.0.0/16"].map(|net| {
        world.add(client, net, RouteSpec { views, ..ucast(0, 1) });
        world.dest(client, net, ViewSet::ANY).expect("it has a route").dest
    });
    (world, client, wide, narrow)
}

/// D-39
#[test]
fn d_039_each_supported_view_asked_for_has_an_entry_ascending() {
    let (mut world, client, wide, narrow) = wide_and_narrow(ViewSet::MCAST);
    for query in queries(wide, narrow, BOTH) {
        let Reply::Dest { info } = world.done(client, query) else { panic!() };
        let entries: Vec<_> =
            info.views.iter().map(|view| (view.view, view.route.is_some(), view.routes)).collect();
        assert_eq!(entries, [(ViewId::UCAST, false, 0), (ViewId::MCAST, true, 1)]);
        assert_eq!((info.views[0].owner, info.views[0].hold_route), (None, None));
    }
    for query in queries(wide, narrow, ViewSet::MCAST) {
        let Reply::Dest { info } = world.done(client, query) else { panic!() };
        assert_eq!(info.views.iter().map(|view| view.view).collect::<Vec<_>>(), [ViewId::MCAST]);
    }
}

/// D-40
#[test]
fn d_040_all_views_asked_for_are_the_supported_ones_and_others_are_refused() {
    let (mut world, client, wide, narrow) = wide_and_narrow(ViewSet::UCAST);
    for query in queries(wide, narrow, ViewSet::ALL) {
        let Reply::Dest { info } = world.done(client, query) else { panic!() };
        assert_eq!((info.address, info.views.len()), (prefix(NET), 2));
    }
    for bits in [4, 5, u32::MAX - 1] {
        for query in queries(wide, narrow, ViewSet::from_bits(bits)) {
            world.fails(client, query, Status::NotSupported);
        }
        let of_route = Call::GetExactMatchRoute {
            address: prefix(NET),
            matching: MatchFlags::NONE,
            criteria: RouteCriteria::default(),
            interface: 0,
            views: ViewSet::from_bits(bits),
            route: OptionalOutput::Declined,
        };
        world.fails(client, of_route, Status::NotSupported);
    }
    assert_eq!(Status::NotSupported.code(), 50);
}

/// D-53
#[test]
fn d_053_registrations_of_one_client_are_told_and_read_apart() {
    let mut world = World::new();
    let (client, other) = (world.register(rip(1)), world.register(rip(2)));
    world.settle(client);
    let [all, best] = [NotifyFlags::ALL, NotifyFlags::BEST].map(|flags| world.watch(client, flags));
    world.add(other, NET, ucast(1, 1));
    let due = |notify| DueEvent::ChangeNotification { notify };
    assert_eq!(world.events_for(client), [due(all), due(best)]);
    assert_eq!(world.drained(client, all), [NET]);
    assert_eq!(world.manager.registration(best).unwrap().pending, 1, "the other has not read");
    world.settle(client);
    world.add(client, NET, ucast(2, 1));
    assert_eq!(world.events_for(client), [due(all)], "no best route has changed");
    world.settle(client);
    world.done(client, Call::DeregisterFromChangeNotification { notify: all });
    assert_eq!(world.drained(client, best), [NET], "and it is left alone");
}

/// D-73: of all kinds, in both ways of letting an object go.
#[test]
fn d_073_a_handle_never_names_a_second_object() {
    let mut world = World::new();
    let client = world.register(rip(1));
    let mut routes = Vec::new();
    for _ in 0..50 {
        let (route, _) = world.add(client, NET, ucast(0, 1));
        assert!(!routes.contains(&route), "{route:?} was another route");
        world.delete(client, route);
        assert_eq!(world.manager.route(route), None);
        world.fails(client, Call::get_route_info(route), Status::InvalidHandle);
        routes.push(route);
    }
    let (route, _) = world.add(client, NET, ucast(0, 1));
    assert!(world.manager.route(route).is_some() && world.manager.route(routes[49]).is_none());
    let mut gone = Vec::new();
    for _ in 0..50 {
        let other = world.register(rip(2));
        let notify = world.watch(other, NotifyFlags::ALL);
        let hop = world.hop(other, "192.0.2.1/32", 1);
        assert!(!gone.contains(&(other, notify, hop)));
        world.done(other, Call::DeregisterEntity);
        world.settle(client);
        assert_eq!(world.manager.registration(notify), None);
        assert_eq!((world.manager.entity_info(other), world.manager.next_hop(hop)), (None, None));
        gone.push((other, notify, hop));
    }
}

/// D-94: neither way of editing a next hop concerns those who hear of routes.
#[test]
fn d_094_an_edited_next_hop_is_no_change_of_the_routes_that_use_it() {
    let mut world = World::new();
    let (client, watcher) = (world.register(rip(1)), world.register(rip(2)));
    let notify = world.watch(watcher, NotifyFlags::ALL);
    let hop = world.hop(client, "192.0.2.1/32", 1);
    world.add(client, NET, RouteSpec { next_hops: hop.into(), ..ucast(0, 1) });
    world.drained(watcher, notify);
    world.settle(watcher);
    world.now = SECOND;
    let down = NextHopSpec { flags: NextHopFlags::DOWN, ..NextHopSpec::local(prefix("192.0.2.1/32"), 1) };
    world.done(client, Call::AddNextHop { next_hop: HandleArgument::Given(hop), spec: down });
    let (next_hop, mode) = (hop, LockMode::Exclusive);
    let lock = |action, edited| Call::LockNextHop { next_hop, mode, action, edited };
    world.done(client, lock(LockAction::Lock, None));
    let edited = NextHopSpec { entity_specific_info: 5, ..down };
    world.done(client, lock(LockAction::Unlock, Some(edited)));
    assert_eq!(world.manager.next_hop(hop).unwrap().spec, edited);
    assert_eq!((world.events_for(watcher), world.drained(watcher, notify)), (vec![], vec![]));
    assert_eq!(world.dest(watcher, NET, ViewSet::UCAST).unwrap().last_changed, 0);
    // What a route is updated to is one.
    world.added(client, add_with(HandleArgument::Null, NET, ucast(0, 1), INFINITE, RouteChangeFlags::NONE));
    assert_eq!(world.drained(watcher, notify), [NET]);
}

/// D-96: our numbers, as a client is told them and meets them.
#[test]
fn d_096_the_numbers_of_the_default_profile_are_ours() {
    let profile = Profile::default();
    assert_eq!((profile.max_next_hops_in_route, profile.max_handles_in_enum), (4, 16));
    assert_eq!((profile.opaque_slots, profile.max_notify, profile.views_supported), (8, 16, BOTH));
    let mut world = World::new();
    let outcome = world.try_register(rip(0), EventCallback::Absent);
    let Outcome::Done(Reply::RegisterEntity { entity, profile: told }) = outcome else { panic!() };
    assert_eq!(told, profile.registration());
    assert_eq!(told.number_of_views, 2);
    for _ in 0..16 {
        world.watch(entity, NotifyFlags::ALL);
    }
    let call = Call::RegisterForChangeNotification {
        views: ViewSet::UCAST,
        flags: NotifyFlags::ALL,
        context: 0,
        own_changes: OwnChanges::Included,
    };
    world.fails(entity, call, Status::NoSystemResources);
    let mut with_slot = |instance| {
        let (callback, reserve_opaque_pointer) = (EventCallback::Absent, OpaqueSlot::Reserved);
        let info = rip(instance);
        world.call_in(None, None, Call::RegisterEntity { info, methods: 0, callback, reserve_opaque_pointer })
    };
    assert!((1..=8).all(|instance| with_slot(instance).done().is_some()));
    assert_eq!(with_slot(9), Outcome::Failed(Status::NoSystemResources));
}
