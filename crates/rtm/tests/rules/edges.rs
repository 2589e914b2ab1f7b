//! What no rule names and a change of one operator would break: queues with gaps, batches over several destinations, reports in
//! order, handles of other managers.

use crate::world::{World, add, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";
const THREE: [&str; 3] = ["10.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8"];

/// A client that hears of what another adds.
fn watched() -> (World, EntityHandle, EntityHandle, NotifyHandle) {
    let mut world = World::new();
    let (client, watcher) = (world.register(rip(1)), world.register(rip(2)));
    let notify = world.watch(watcher, NotifyFlags::ALL);
    (world, client, watcher, notify)
}

fn ignore(world: &mut World, watcher: EntityHandle, notify: NotifyHandle, net: &str) {
    let info = world.dest(watcher, net, ViewSet::ANY).expect("it has a route");
    world.done(watcher, Call::IgnoreChangedDests { notify, dests: vec![info.dest] });
    world.done(watcher, Call::ReleaseDestInfo { info });
}

/// RTM-080, D-54: after the first has been fetched or ignored, what is ignored is still what was named.
#[test]
fn what_is_ignored_behind_a_change_that_has_gone_is_what_was_named() {
    for is_fetched in [true, false] {
        let (mut world, client, watcher, notify) = watched();
        for net in THREE {
            world.add(client, net, ucast(0, 1));
        }
        if is_fetched {
            let call = Call::GetChangedDests { notify, count: 1 };
            let Reply::GetChangedDests { infos } = world.done(watcher, call) else { panic!() };
            world.done(watcher, Call::ReleaseChangedDests { notify, infos });
        } else {
            ignore(&mut world, watcher, notify, THREE[0]);
        }
        ignore(&mut world, watcher, notify, THREE[1]);
        assert_eq!(world.drained(watcher, notify), [THREE[2]]);
        world.add(client, THREE[1], ucast(0, 2));
        world.add(client, THREE[0], ucast(0, 2));
        ignore(&mut world, watcher, notify, THREE[1]);
        assert_eq!(world.drained(watcher, notify), [THREE[0]]);
    }
}

/// RTM-057: also where a batch ends within a destination that it has not begun with.
#[test]
fn a_batch_of_routes_is_never_larger_than_was_asked_for() {
    let (mut world, client, watcher, _) = watched();
    world.add(client, THREE[0], ucast(1, 1));
    for metric in 1..=4 {
        let flags = RouteChangeFlags::NEW;
        let call =
            crate::world::add_with(HandleArgument::Absent, THREE[1], ucast(1, metric), INFINITE, flags);
        world.done(client, call);
    }
    let create = Call::CreateRouteEnum {
        dest: None,
        views: ViewSet::UCAST,
        flags: EnumFlags::default(),
        start: None,
        matching: MatchFlags::NONE,
        criteria: None,
        interface: 0,
    };
    let Reply::CreateEnum { enumeration } = world.done(watcher, create) else { panic!() };
    let sizes =
        [2, 2, 2].map(|count| match world.call(watcher, Call::GetEnumRoutes { enumeration, count }) {
            Outcome::Done(Reply::GetEnumRoutes { routes }) => routes.len(),
            outcome => panic!("{outcome:?}"),
        });
    assert_eq!(sizes, [2, 2, 1]);
}

/// D-72: of several handles the one that is held for another function is told, also behind one that was right.
#[test]
fn a_wrong_release_is_told_from_a_double_one_whatever_is_released_beside() {
    let (mut world, client, watcher, _) = watched();
    world.done(watcher, Call::ReferenceHandles { handles: vec![AnyHandle::Entity(client)] });
    world.done(watcher, Call::GetEntityInfo { entity: watcher });
    let release = |entities: &[EntityHandle]| Call::ReleaseEntities { entities: entities.to_vec() };
    let function = Function::ReleaseEntities;
    let handle = AnyHandle::Entity(watcher);
    let wrong = world.violates(watcher, None, release(&[client, watcher]));
    assert_eq!(wrong, Violation::WrongRelease { function, handle });
    let handle = AnyHandle::Entity(client);
    let double = world.violates(watcher, None, release(&[client, client]));
    assert_eq!(double, Violation::DoubleRelease { function, handle });
}

/// D-71: one line for each object, however it was come by, in the order of what they are.
#[test]
fn leaks_are_told_by_kind_and_address_whatever_their_handles() {
    let (mut world, client, watcher, _) = watched();
    for net in [THREE[1], THREE[0]] {
        world.add_without_handle(client, net);
        world.dest(watcher, net, ViewSet::UCAST);
    }
    let dest = world.manager.dest(rip(1).table, prefix(NET)).expect("it has a route");
    world.done(watcher, Call::ReferenceHandles { handles: vec![AnyHandle::Dest(dest)] });
    world.done(watcher, Call::DeregisterEntity);
    let leaks: Vec<_> = world
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Leak { kind, subject: LeakSubject::Dest(_, address), .. } => {
                Some((address.to_string(), *kind))
            }
            Fact::Leak { kind, subject: LeakSubject::Route(route), .. } => {
                Some((route.dest.to_string(), *kind))
            }
            _ => None,
        })
        .collect();
    let told = |net: &str, count| (net.to_owned(), LeakKind::References(count));
    let dests = [told(THREE[0], 2), told(THREE[1], 1)];
    assert_eq!(leaks, [dests, [told(THREE[0], 1), told(THREE[1], 1)]].concat());
}

/// RTM-009: who was never registered here is no client that has left.
#[test]
fn a_handle_that_was_never_given_out_is_invalid() {
    let mut elsewhere = World::new();
    let strange = (1..9).map(|instance| elsewhere.register(rip(instance))).last().expect("eight clients");
    let (mut world, client, _, _) = watched();
    world.fails(strange, Call::DeregisterEntity, Status::InvalidHandle);
    world.fails(strange, add(NET, ucast(0, 1)), Status::InvalidHandle);
    world.fails(client, Call::GetEntityInfo { entity: strange }, Status::InvalidHandle);
}

/// What the host may look at without a call.
#[test]
fn looking_tells_what_is_there() {
    let (mut world, client, watcher, _) = watched();
    let (info, callback) = (rip(3), EventCallback::Absent);
    let register =
        Call::RegisterEntity { info, methods: 0, callback, reserve_opaque_pointer: OpaqueSlot::Reserved };
    let Outcome::Done(Reply::RegisterEntity { entity: cache, .. }) = world.call_in(None, None, register)
    else {
        panic!()
    };
    let neighbour = world.hop(client, "192.0.2.1/32", 1);
    let (route, _) = world.add(client, NET, RouteSpec { neighbour: Some(neighbour), ..ucast(0, 1) });
    let dest = world.dest(cache, NET, ViewSet::ANY).expect("it has a route").dest;
    let table = rip(1).table;
    assert_eq!(world.manager.dest_table(dest), Some(table));
    let name = world.manager.route_name(route).expect("it is there");
    assert_eq!((name.table, name.dest, name.owner, name.owner_id), (table, prefix(NET), client, rip(1).id));
    assert_eq!(name.neighbour.map(|hop| (hop.next_hop, hop.interface)), Some((neighbour, 1)));
    assert_eq!(world.manager.longest_match(table, prefix("10.1.2.3/32"), ViewId::UCAST), Some(route));
    assert_eq!(world.manager.longest_match(table, prefix("10.1.2.3/32"), ViewId::MCAST), None);
    assert_eq!(world.manager.longest_match(table, prefix("11.1.2.3/32"), ViewId::UCAST), None);
    assert_eq!(world.manager.longest_match(table, prefix("a01:203::/32"), ViewId::UCAST), None, "of IPv6");
    let Reply::CreateRouteList { list } = world.done(client, Call::CreateRouteList) else { panic!() };
    assert_eq!(world.manager.route_list_of(route), None);
    world.done(client, Call::InsertInRouteList { list: Some(list), routes: vec![route] });
    assert_eq!(world.manager.route_list_of(route), Some(list));
    let lock = |action| Call::LockDestination { dest, mode: LockMode::Exclusive, action };
    world.done(cache, lock(LockAction::Lock));
    world.done(cache, Call::SetOpaqueInformation { dest, value: 7 });
    world.done(cache, lock(LockAction::Unlock));
    assert_eq!(world.manager.opaque_information(cache, dest), Some(7));
    assert_eq!(world.manager.opaque_information(watcher, dest), None, "it has no slot");
    let held = [client, watcher, cache].map(|client| world.manager.references_held(client));
    assert_eq!((held, world.manager.total_references()), ([2, 0, 1], 3));
    world.done(watcher, Call::ReferenceHandles { handles: vec![AnyHandle::Entity(cache)] });
    world.done(cache, Call::DeregisterEntity);
    assert!(world.manager.entity_info(cache).is_some() && !world.manager.is_registered(cache));
    let outputs = world
        .manager
        .handle(0, Input::Call { caller: Some(cache), frame: None, call: lock(LockAction::Lock) });
    assert_eq!(outputs.len(), 2, "what it breaks, and the answer");
}
