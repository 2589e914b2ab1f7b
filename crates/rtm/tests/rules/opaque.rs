//! Opaque slots (1.9, 2.2): RTM-088, D-76, D-89, and what is decided in D-124 to D-126.

use crate::world::{IPV4, World, ospf, prefix, rip, ucast};
use tiebreak_rtm::*;

const NET: &str = "10.0.0.0/8";

fn try_reserve(world: &mut World, info: EntityInfo) -> Outcome {
    let reserve_opaque_pointer = OpaqueSlot::Reserved;
    let call =
        Call::RegisterEntity { info, methods: 0, callback: EventCallback::Given, reserve_opaque_pointer };
    world.call_in(None, None, call)
}

fn reserve(world: &mut World, info: EntityInfo) -> EntityHandle {
    match try_reserve(world, info) {
        Outcome::Done(Reply::RegisterEntity { entity, .. }) => entity,
        other => panic!("registration ended in {other:?}"),
    }
}

/// A client with a slot, with a route and a handle of its destination.
fn with_slot() -> (World, EntityHandle, RouteHandle, DestHandle) {
    let mut world = World::new();
    let client = reserve(&mut world, rip(1));
    let (route, _) = world.add(client, NET, ucast(0, 1));
    let dest = world.dest(client, NET, ViewSet::ANY).expect("it has a route").dest;
    (world, client, route, dest)
}

fn lock(route: RouteHandle, mode: LockMode, action: LockAction) -> Call {
    Call::LockRoute { route, mode, action }
}

/// Writes as documented: locks the destination exclusively, writes, unlocks.
fn write(world: &mut World, client: EntityHandle, route: RouteHandle, value: u64) {
    let dest = world.manager.route(route).expect("a route of the table").dest;
    world.done(client, lock(route, LockMode::Exclusive, LockAction::Lock));
    assert_eq!(world.done(client, Call::SetOpaqueInformation { dest, value }), Reply::Nothing);
    world.done(client, lock(route, LockMode::Exclusive, LockAction::Unlock));
}

fn read(world: &mut World, client: EntityHandle, dest: DestHandle) -> u64 {
    match world.done(client, Call::GetOpaqueInformationPointer { dest }) {
        Reply::GetOpaqueInformationPointer { value } => value,
        other => panic!("{other:?}"),
    }
}

/// RTM-088
#[test]
fn rtm_088_without_a_reservation_there_is_no_slot() {
    let (mut world, _, _, dest) = with_slot();
    let other = world.register(rip(2));
    world.fails(other, Call::GetOpaqueInformationPointer { dest }, Status::NotFound);
    world.fails(other, Call::SetOpaqueInformation { dest, value: 1 }, Status::NotFound);
    assert_eq!(world.manager.opaque_information(other, dest), None);
    let elsewhere = EntityInfo { table: TableId { instance: 1, ..IPV4 }, ..rip(1) };
    let stranger = reserve(&mut world, elsewhere);
    world.fails(stranger, Call::GetOpaqueInformationPointer { dest }, Status::InvalidHandle);
    world.fails(stranger, Call::SetOpaqueInformation { dest, value: 1 }, Status::InvalidHandle);
}

/// RTM-088: NULL at first, and each client sees what it has written itself.
#[test]
fn rtm_088_a_slot_is_null_at_first_and_private() {
    let (mut world, client, route, dest) = with_slot();
    let other = reserve(&mut world, ospf());
    let (others_route, _) = world.add(other, NET, ucast(0, 1));
    assert_eq!((read(&mut world, client, dest), read(&mut world, other, dest)), (0, 0));
    write(&mut world, client, route, 7);
    write(&mut world, other, others_route, 8);
    assert_eq!((read(&mut world, client, dest), read(&mut world, other, dest)), (7, 8));
    write(&mut world, client, route, 9);
    assert_eq!((read(&mut world, client, dest), read(&mut world, other, dest)), (9, 8));
}

/// RTM-088, D-125: it survives a time without routes and handles, because it keeps its destination.
#[test]
fn d_125_a_slot_survives_route_churn() {
    let (mut world, client, route, dest) = with_slot();
    write(&mut world, client, route, 7);
    world.delete(client, route);
    world.done(client, Call::ReleaseHandle { handle: AnyHandle::Dest(dest) });
    assert_eq!(world.manager.references_held(client), 0);
    assert_eq!(world.manager.dest(IPV4, prefix(NET)), Some(dest));
    assert_eq!(world.dest(client, NET, ViewSet::ANY), None, "it has no route to be found by (D-110)");
    let (route, _) = world.add(client, NET, ucast(0, 1));
    assert_eq!(world.manager.route(route).unwrap().dest, dest);
    assert_eq!(read(&mut world, client, dest), 7);
    write(&mut world, client, route, 0);
    world.delete(client, route);
    assert_eq!(world.manager.dest(IPV4, prefix(NET)), None, "NULL keeps nothing");
}

/// D-124: to write takes an exclusive lock of the caller's own on that destination; to read takes none.
#[test]
fn d_124_a_write_without_an_exclusive_lock_is_a_breach() {
    let (mut world, client, route, dest) = with_slot();
    let (other_route, _) = world.add(client, "11.0.0.0/8", ucast(0, 1));
    let set = Call::SetOpaqueInformation { dest, value: 7 };
    let breach = Violation::NotLocked { function: Function::SetOpaqueInformation };
    assert_eq!(world.violates(client, None, set.clone()), breach);
    assert_eq!(breach.status(), Some(Status::InvalidParameter));
    world.done(client, lock(route, LockMode::Shared, LockAction::Lock));
    assert_eq!(world.violates(client, None, set.clone()), breach, "shared");
    world.done(client, lock(route, LockMode::Shared, LockAction::Unlock));
    world.done(client, lock(other_route, LockMode::Exclusive, LockAction::Lock));
    assert_eq!(world.violates(client, None, set.clone()), breach, "another destination");
    let other = reserve(&mut world, ospf());
    let (theirs, _) = world.add(other, NET, ucast(0, 1));
    world.done(other, lock(theirs, LockMode::Shared, LockAction::Lock));
    world.done(client, lock(other_route, LockMode::Exclusive, LockAction::Unlock));
    let ticket = world.waits(client, set);
    world.done(other, lock(theirs, LockMode::Shared, LockAction::Unlock));
    assert_eq!(world.resume(ticket), Outcome::Violated(breach), "it has waited, and has no lock either");
    assert_eq!(read(&mut world, client, dest), 0);
}

/// D-89: what the slot is read and written by may be called under a lock.
#[test]
fn d_089_the_slot_may_be_used_under_a_lock() {
    let (mut world, client, route, dest) = with_slot();
    world.done(client, lock(route, LockMode::Exclusive, LockAction::Lock));
    world.done(client, Call::SetOpaqueInformation { dest, value: 7 });
    assert_eq!(read(&mut world, client, dest), 7);
    let other = reserve(&mut world, ospf());
    let meets = world.call(other, Call::GetOpaqueInformationPointer { dest });
    assert!(!matches!(meets, Outcome::Done(_)), "the lock keeps others out");
}

/// D-76: so many clients of a table have one, and a slot that is freed is the next one's, empty.
#[test]
fn d_076_slots_are_limited_and_freed() {
    let mut world = World::with(Profile { opaque_slots: 1, ..Profile::default() });
    assert_eq!(Profile::default().opaque_slots, 8, "D-96");
    let client = reserve(&mut world, rip(1));
    let (route, _) = world.add(client, NET, ucast(0, 1));
    write(&mut world, client, route, 7);
    assert_eq!(try_reserve(&mut world, rip(2)), Outcome::Failed(Status::NoSystemResources));
    let other = world.register(rip(2));
    reserve(&mut world, EntityInfo { table: TableId { instance: 1, ..IPV4 }, ..rip(2) });
    world.add_without_handle(other, NET);
    world.done(client, Call::DeregisterEntity);
    world.settle(other);
    let next = reserve(&mut world, rip(1));
    let dest = world.dest(next, NET, ViewSet::ANY).unwrap().dest;
    assert_eq!(read(&mut world, next, dest), 0);
}

/// D-126: what a client leaves in its slots is a leak, and goes; also where a manager leaves routes behind.
#[test]
fn d_126_what_is_left_in_a_slot_is_told_and_goes() {
    for leftovers in [Leftovers::Cleaned, Leftovers::Orphaned] {
        let mut world = World::with(Profile { leftovers, ..Profile::default() });
        let client = reserve(&mut world, rip(1));
        for net in ["11.0.0.0/8", NET] {
            let (route, _) = world.add(client, net, ucast(0, 1));
            write(&mut world, client, route, 7);
            world.delete(client, route);
        }
        world.done(client, Call::DeregisterEntity);
        let told = world.facts.iter().filter_map(|fact| match fact {
            Fact::Leak { subject: LeakSubject::Dest(_, address), kind: LeakKind::NotCleared, .. } => {
                Some(address.to_string())
            }
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [NET, "11.0.0.0/8"]);
        assert_eq!(world.manager.objects_alive(), ObjectCounts::default());
    }
}
