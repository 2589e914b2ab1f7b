//! Change notification.

use crate::world::{World, add_with, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";

fn watched(flags: NotifyFlags) -> (World, EntityHandle, EntityHandle, NotifyHandle) {
    let mut world = World::new();
    let (client, watcher) = (world.register(rip(1)), world.register(rip(2)));
    let notify = world.watch(watcher, flags);
    (world, client, watcher, notify)
}

/// Tells whether the watcher hears of what has happened since the last time.
fn hears(world: &mut World, watcher: EntityHandle, notify: NotifyHandle) -> bool {
    let drained = world.drained(watcher, notify);
    assert!(drained.len() <= 1);
    !drained.is_empty()
}

/// Tells of each class whether it fires when `before` is replaced by `after` as the best route, or as a route that is
/// not the best.
fn fires(before: RouteSpec, after: RouteSpec, rival: Option<RouteSpec>) -> [bool; 3] {
    [NotifyFlags::ALL, NotifyFlags::BEST, NotifyFlags::FORWARDING].map(|flags| {
        let (mut world, client, watcher, notify) = watched(flags);
        if let Some(rival) = rival.clone() {
            world.add(watcher, NET, rival);
        }
        world.add(client, NET, before.clone());
        hears(&mut world, watcher, notify);
        world.add(client, NET, after.clone());
        hears(&mut world, watcher, notify)
    })
}

/// RTM-073
#[test]
fn all_fires_for_every_add_update_and_delete() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::ALL);
    world.add(client, NET, ucast(1, 1));
    assert!(hears(&mut world, watcher, notify), "added");
    let (second, _) = world.add(watcher, NET, ucast(2, 1));
    assert!(hears(&mut world, watcher, notify), "added and not the best");
    world.add(watcher, NET, RouteSpec { entity_specific_info: 1, ..ucast(2, 1) });
    assert!(hears(&mut world, watcher, notify), "updated");
    world.add(watcher, NET, RouteSpec { entity_specific_info: 1, ..ucast(2, 1) });
    assert!(!hears(&mut world, watcher, notify), "refreshed (D-30)");
    world.delete(watcher, second);
    assert!(hears(&mut world, watcher, notify), "deleted");
}

/// RTM-074
#[test]
fn best_fires_for_replacement_and_for_what_counts_of_the_best() {
    let base = || ucast(5, 5);
    let worst = || Some(ucast(9, 9));
    assert_eq!(fires(base(), ucast(4, 5), worst()), [true; 3], "preference");
    assert_eq!(fires(base(), ucast(5, 6), worst()), [true; 3], "metric (D-47)");
    assert_eq!(fires(base(), ucast(9, 10), worst()), [true; 3], "replaced");
    let inactive = RouteSpec { flags: RouteFlags::INACTIVE, ..base() };
    assert_eq!(fires(base(), inactive.clone(), worst()), [true; 3], "flags");
    for private in [RouteSpec { entity_specific_info: 1, ..base() }, RouteSpec { flags1: 1, ..base() }] {
        assert_eq!(fires(base(), private, worst()), [true, false, false], "private (D-49)");
    }
    let best = || Some(ucast(1, 1));
    for change in [ucast(4, 5), ucast(5, 6), inactive] {
        assert_eq!(fires(base(), change, best()), [true, false, false], "of one that is not the best");
    }
    let (mut world, client, watcher, notify) = watched(NotifyFlags::BEST);
    let hop = world.hop(client, "192.0.2.1/32", 1);
    let (route, _) = world.add(client, NET, RouteSpec { next_hops: hop.into(), ..base() });
    assert!(hears(&mut world, watcher, notify), "the first route");
    let argument = HandleArgument::Given(route);
    let spec = RouteSpec { neighbour: Some(hop), next_hops: hop.into(), ..base() };
    world.done(client, add_with(argument, NET, spec, INFINITE, RouteChangeFlags::NONE));
    assert!(!hears(&mut world, watcher, notify), "its neighbour is not in the list (D-49)");
}

/// RTM-074
#[test]
fn best_fires_for_every_change_of_the_next_hops_of_the_best() {
    // The lists of next hops, one after the other: one comes, is replaced, gets another beside it, in another order, and so on.
    let lists: [&[usize]; 8] = [&[], &[0], &[1], &[1, 2], &[2, 1], &[0, 1, 2], &[2], &[]];
    for (rival, is_best) in [(ucast(9, 9), true), (ucast(1, 1), false)] {
        for (flags, fires) in
            [(NotifyFlags::ALL, true), (NotifyFlags::BEST, is_best), (NotifyFlags::FORWARDING, is_best)]
        {
            let (mut world, client, watcher, notify) = watched(flags);
            let hops: Vec<_> = (1..4).map(|interface| world.hop(client, "192.0.2.1/32", interface)).collect();
            world.add(watcher, NET, rival.clone());
            world.add(client, NET, ucast(5, 5));
            hears(&mut world, watcher, notify);
            for pair in lists.windows(2) {
                let next_hops = pair[1].iter().map(|place| hops[*place]).collect();
                let spec = RouteSpec { next_hops, ..ucast(5, 5) };
                world.add(client, NET, spec.clone());
                assert_eq!(hears(&mut world, watcher, notify), fires, "{flags:?}: {pair:?}, best: {is_best}");
                world.add(client, NET, spec);
                assert!(!hears(&mut world, watcher, notify), "{flags:?}: {pair:?} again");
            }
        }
    }
}

/// D-30: neither way of updating tells of, or dates, what is as before; BEST is answered all the same.
#[test]
fn d_030_a_refresh_that_changes_nothing_is_no_change() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::ALL);
    // Flags that are set and stay so are none that have changed.
    let flagged = || RouteSpec { flags: RouteFlags::REMOTE, ..ucast(1, 1) };
    let last_changed = |world: &mut World| {
        let info = world.dest(watcher, NET, ViewSet::UCAST).expect("it has a route");
        world.done(watcher, Call::ReleaseDestInfo { info: info.clone() });
        info.last_changed
    };
    world.now = 10;
    let (route, _) = world.add(client, NET, flagged());
    assert!(hears(&mut world, watcher, notify));
    world.settle(watcher);
    let refresh = |argument| add_with(argument, NET, flagged(), 5, RouteChangeFlags::NONE);
    for argument in [HandleArgument::Absent, HandleArgument::Given(route)] {
        world.now += 10;
        world.facts.clear();
        let Reply::AddRouteToDest { change_flags, .. } = world.done(client, refresh(argument)) else {
            panic!()
        };
        assert_eq!(change_flags, RouteChangeFlags::BEST);
        assert!(matches!(world.facts[..], [Fact::RouteRefreshed(_)]), "{:?}", world.facts);
        assert_eq!(
            world.timers[&TimerKey::Route(route)].0,
            world.now + 5_000_000,
            "the time to live starts anew"
        );
    }
    world.done(client, Call::LockRoute { route, mode: LockMode::Exclusive, action: LockAction::Lock });
    let edited = flagged();
    world.done(client, Call::UpdateAndUnlockRoute { route, edited, time_to_live_ms: INFINITE, list: None });
    assert_eq!((last_changed(&mut world), world.events_for(watcher).len()), (10, 0));
    assert!(!hears(&mut world, watcher, notify));
    world.add(client, NET, RouteSpec { entity_specific_info: 1, ..flagged() });
    assert_eq!((last_changed(&mut world), world.events_for(watcher).len()), (30, 1));
}

/// D-50: for a route that is the best where it comes and goes, and for one that is not.
#[test]
fn d_050_to_leave_a_view_is_a_deletion_there_and_to_enter_it_an_addition() {
    let both = ViewSet::UCAST.union(ViewSet::MCAST);
    for (preference, is_best) in [(1, true), (9, false)] {
        for (flags, fires) in
            [(NotifyFlags::ALL, true), (NotifyFlags::BEST, is_best), (NotifyFlags::FORWARDING, is_best)]
        {
            let (mut world, client, watcher, unicast) = watched(flags);
            let multicast = world.watch_views(watcher, ViewSet::MCAST, flags);
            world.add(watcher, NET, RouteSpec { views: both, ..ucast(5, 5) });
            world.add(client, NET, RouteSpec { views: both, ..ucast(preference, 1) });
            hears(&mut world, watcher, unicast);
            hears(&mut world, watcher, multicast);
            for views in [ViewSet::MCAST, both, ViewSet::MCAST] {
                world.add(client, NET, RouteSpec { views, ..ucast(preference, 1) });
                assert_eq!(hears(&mut world, watcher, unicast), fires, "{flags:?}, best: {is_best}");
                assert!(!hears(&mut world, watcher, multicast), "{flags:?}: nothing has changed there");
            }
            let info = world.dest(watcher, NET, both).expect("it has routes");
            assert_eq!([info.views[0].routes, info.views[1].routes], [1, 2]);
        }
    }
}

/// RTM-075
#[test]
fn forwarding_is_blind_to_flags_no_forwarder_looks_at() {
    for bit in 0..16 {
        let flags = RouteFlags::from_bits(1 << bit);
        let fired = fires(ucast(5, 5), RouteSpec { flags, ..ucast(5, 5) }, None);
        assert_eq!(fired, [true, true, bit < 4], "bit {bit}");
    }
}

/// RTM-076
#[test]
fn changes_in_other_views_are_never_reported() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::ALL);
    let both = world.watch_views(watcher, ViewSet::ANY, NotifyFlags::BEST);
    let mcast = |metric| RouteSpec { views: ViewSet::MCAST, ..ucast(1, metric) };
    let (route, _) = world.add(client, NET, mcast(1));
    world.add(client, NET, mcast(2));
    assert!(!hears(&mut world, watcher, notify));
    assert!(hears(&mut world, watcher, both), "ANY is every view (D-63)");
    world.add(client, NET, RouteSpec { views: ViewSet::MCAST.union(ViewSet::UCAST), ..mcast(2) });
    assert!(hears(&mut world, watcher, notify), "entering is an add (D-50)");
    world.add(client, NET, mcast(2));
    assert!(hears(&mut world, watcher, notify), "leaving is a delete (D-50)");
    world.add(client, NET, RouteSpec { views: ViewSet::NONE, ..mcast(2) });
    world.delete(client, route);
    assert!(!hears(&mut world, watcher, notify), "in no view, unheard (D-27)");
}

/// RTM-077
#[test]
fn a_marked_only_registration_hears_of_marked_dests_only() {
    let (mut world, client, watcher, notify) =
        watched(NotifyFlags::ALL.union(NotifyFlags::ONLY_MARKED_DESTS));
    let (route, _) = world.add(client, NET, ucast(1, 1));
    assert!(!hears(&mut world, watcher, notify));
    let dest = world.dest(watcher, NET, ViewSet::ANY).unwrap().dest;
    let mark = |mark| Call::MarkDestForChangeNotification { notify, dest, mark };
    let is_marked = Call::IsMarkedForChangeNotification { notify, dest };
    world.done(watcher, mark(Marking::Mark));
    world.done(watcher, mark(Marking::Mark));
    world.done(watcher, Call::ReleaseHandle { handle: AnyHandle::Dest(dest) });
    let marked = |is_marked| Reply::IsMarkedForChangeNotification { is_marked };
    assert_eq!(world.done(watcher, is_marked.clone()), marked(true));
    world.add(client, "11.0.0.0/8", ucast(1, 1));
    world.add(client, NET, ucast(1, 2));
    assert_eq!(world.drained(watcher, notify), [NET]);
    // The mark outlives the routes (D-59), and what is pending outlives the mark.
    world.done(client, Call::ReleaseRoutes { routes: vec![route] });
    world.delete(client, route);
    assert!(hears(&mut world, watcher, notify));
    world.add(client, NET, ucast(1, 1));
    world.done(watcher, mark(Marking::Unmark));
    assert_eq!(world.done(watcher, is_marked), marked(false));
    world.add(client, NET, ucast(1, 2));
    assert!(hears(&mut world, watcher, notify), "it was pending before");
    world.add(client, NET, ucast(1, 3));
    assert!(!hears(&mut world, watcher, notify));
}

/// RTM-078
#[test]
fn changes_collapse_into_one_entry_with_the_latest_state() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::ALL);
    for metric in 1..=5 {
        world.now += 1;
        world.add(client, NET, ucast(1, metric));
    }
    world.add(client, "9.0.0.0/8", ucast(1, 1));
    let coalesced = world.facts.iter().filter(|fact| matches!(fact, Fact::ChangeCoalesced { .. })).count();
    assert_eq!(coalesced, 4);
    let infos = world.changed(watcher, notify);
    let addresses: Vec<_> = infos.iter().map(|info| info.address.to_string()).collect();
    assert_eq!(addresses, [NET, "9.0.0.0/8"], "first changed, first out (D-54)");
    assert_eq!(infos[0].last_changed, 5);
    let best = world.info(watcher, infos[0].views[0].route.unwrap());
    assert_eq!(best.spec.metric, 5);
}

/// RTM-079
#[test]
fn the_status_is_pending_from_change_to_fetch() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::ALL);
    world.add(client, NET, ucast(1, 1));
    let dest = world.dest(watcher, NET, ViewSet::ANY).unwrap().dest;
    let status = Call::GetChangeStatus { notify, dest };
    assert_eq!(world.done(watcher, status.clone()), Reply::GetChangeStatus { is_pending: true });
    world.drained(watcher, notify);
    assert_eq!(world.done(watcher, status), Reply::GetChangeStatus { is_pending: false });
}

/// RTM-080
#[test]
fn an_ignored_change_is_gone_until_the_next() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::ALL);
    world.add(client, NET, ucast(1, 1));
    world.add(client, "11.0.0.0/8", ucast(1, 1));
    let dest = world.dest(watcher, NET, ViewSet::ANY).unwrap().dest;
    let ignore = Call::IgnoreChangedDests { notify, dests: vec![dest] };
    world.done(watcher, ignore.clone());
    let status = Call::GetChangeStatus { notify, dest };
    assert_eq!(world.done(watcher, status), Reply::GetChangeStatus { is_pending: false });
    world.done(watcher, ignore);
    world.add(client, NET, ucast(1, 2));
    assert_eq!(world.drained(watcher, notify), ["11.0.0.0/8", NET], "and it goes to the end");
}

/// RTM-081
#[test]
fn draining_ends_with_no_more_items() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::ALL);
    for third in 0..20 {
        world.add(client, &format!("10.0.{third}.0/24"), ucast(1, 1));
    }
    let mut batches = Vec::new();
    loop {
        match world.call(watcher, Call::GetChangedDests { notify, count: 16 }) {
            Outcome::Done(Reply::GetChangedDests { infos }) => {
                batches.push(infos.len());
                world.done(watcher, Call::ReleaseChangedDests { notify, infos });
            }
            outcome => {
                assert_eq!(outcome.status().unwrap().code(), 259);
                break;
            }
        }
    }
    assert_eq!(batches, [16, 4]);
    for count in [0, 17] {
        world.fails(watcher, Call::GetChangedDests { notify, count }, Status::InvalidParameter);
    }
}

/// RTM-082
#[test]
fn one_notification_waits_at_most_and_no_change_is_lost() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::ALL);
    let of_notify = [DueEvent::ChangeNotification { notify }];
    world.add(client, NET, ucast(1, 1));
    world.add(client, "11.0.0.0/8", ucast(1, 1));
    assert_eq!(world.events_for(watcher), of_notify);
    let frame = world.invoke(watcher).unwrap();
    world.add(client, NET, ucast(1, 2));
    assert_eq!(world.events_for(watcher), of_notify, "a change while it runs is announced anew");
    world.answer(frame.callback, Status::NoError);
    world.settle(watcher);
    world.add(client, NET, ucast(1, 3));
    assert_eq!(world.events_for(watcher), of_notify, "also when it has fetched nothing");
}

/// RTM-083
#[test]
fn the_originator_is_told_too() {
    let (mut world, client, watcher, _) = watched(NotifyFlags::ALL);
    let own = world.watch(client, NotifyFlags::ALL);
    let suppressed = Call::RegisterForChangeNotification {
        views: ViewSet::UCAST,
        flags: NotifyFlags::ALL,
        context: 0,
        own_changes: OwnChanges::Suppressed,
    };
    let Reply::RegisterForChangeNotification { notify: suppressed } = world.done(client, suppressed) else {
        panic!()
    };
    world.settle(client);
    world.add(client, NET, ucast(1, 1));
    assert_eq!(world.events_for(client), [DueEvent::ChangeNotification { notify: own }]);
    assert_eq!(world.events_for(watcher).len(), 1);
    assert!(!hears(&mut world, client, suppressed), "an option of ours (D-52)");
    world.add(watcher, NET, ucast(1, 1));
    assert!(hears(&mut world, client, suppressed));
}

/// RTM-084
#[test]
fn a_dest_that_lost_its_last_route_is_reported_without_one() {
    let (mut world, client, watcher, notify) = watched(NotifyFlags::BEST);
    let (route, _) = world.add(client, NET, ucast(1, 1));
    world.drained(watcher, notify);
    world.facts.clear();
    world.delete(client, route);
    let infos = world.changed(watcher, notify);
    assert_eq!(infos[0].address.to_string(), NET);
    assert_eq!(infos[0].belongs_to_views, ViewSet::NONE);
    assert_eq!((infos[0].views[0].route, infos[0].views[0].routes), (None, 0));
    assert!(world.facts.iter().any(|fact| matches!(fact, Fact::BestChanged { best: None, .. })));
    world.done(watcher, Call::ReleaseChangedDests { notify, infos });
    assert_eq!(world.manager.objects_alive().dests, 0);
}
