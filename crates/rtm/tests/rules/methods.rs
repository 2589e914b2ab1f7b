//! Exported methods: listed, invoked, blocked (RTM-069 … RTM-072, flow 7.3).

use crate::world::*;
use tiebreak_rtm::*;

/// Registers a client that exports so many methods.
fn exporting(world: &mut World, number: u32, methods: u32) -> EntityHandle {
    let (callback, reserve_opaque_pointer) = (EventCallback::Absent, OpaqueSlot::NotReserved);
    let info = info(number);
    let call = Call::RegisterEntity { info, methods, callback, reserve_opaque_pointer };
    match world.call_in(None, None, call) {
        Outcome::Done(Reply::RegisterEntity { entity, .. }) => entity,
        other => panic!("registration ended in {other:?}"),
    }
}

const fn info(number: u32) -> EntityInfo {
    let table = TableId { instance: 0, family: AddressFamily::Ipv4 };
    EntityInfo { table, id: EntityId { protocol: protocol::BGP, protocol_instance: number } }
}

const fn invoke(entity: EntityHandle, methods: MethodTypes) -> Call {
    Call::InvokeMethod { entity, methods, input: 7, capacity: 32 }
}

const fn first() -> MethodTypes {
    MethodTypes::from_bits(1)
}

const fn block(action: MethodBlocking) -> Call {
    Call::BlockMethods { target: None, action }
}

const fn put_out(method: u32, status: Status, output: u64) -> MethodOutput {
    MethodOutput { method: MethodTypes::from_bits(method), status, output }
}

/// The frame of the method that has begun to run last.
fn running(world: &mut World) -> MethodFrame {
    world.methods.pop().expect("a method runs")
}

fn returns(world: &mut World, invocation: Ticket, output: u64) {
    world.feed(Input::MethodReturned { invocation, status: Status::NoError, output });
}

fn in_method(world: &mut World, caller: EntityHandle, invocation: Ticket, call: Call) -> Outcome {
    world.call_in_method(caller, invocation, call)
}

fn outputs(world: &mut World, ticket: Ticket) -> Vec<MethodOutput> {
    match world.resume(ticket) {
        Outcome::Done(Reply::InvokeMethod { outputs }) => outputs,
        other => panic!("an invocation ended in {other:?}"),
    }
}

/// RTM-072: asked for none, the list of methods says how many there are, and succeeds. D-102: with too little room it says how
/// many are needed, and nothing else.
#[test]
fn rtm_072_asked_for_none_the_list_says_how_many_there_are() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 3);
    let other = exporting(&mut world, 2, 0);
    let list = |entity, capacity| Call::GetEntityMethods { entity, capacity };
    let count = Reply::GetEntityMethods { count: 3, methods: Vec::new() };
    assert_eq!(world.done(other, list(client, 0)), count);
    assert_eq!(world.call(other, list(client, 2)), Outcome::NeedsRoom(3), "D-102");
    let methods = [1, 2, 4].map(MethodTypes::from_bits).to_vec();
    assert_eq!(world.done(other, list(client, 3)), Reply::GetEntityMethods { count: 3, methods });
    assert_eq!(world.done(client, list(other, 1)), Reply::GetEntityMethods { count: 0, methods: Vec::new() });
    world.done(client, Call::ReferenceHandles { handles: vec![AnyHandle::Entity(other)] });
    world.done(other, Call::DeregisterEntity);
    world.fails(client, list(other, 0), Status::InvalidHandle);
}

/// RTM-071, D-64: one output for each method that is invoked, in the order of bits, with its bit and how it ended; each is given
/// what was handed in.
#[test]
fn rtm_071_each_method_puts_out_one_record_in_the_order_of_bits() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 3);
    let other = exporting(&mut world, 2, 0);
    let ticket = world.waits(other, invoke(client, MethodTypes::from_bits(5)));
    let frame = running(&mut world);
    let expected = MethodFrame { invocation: ticket, from: other, to: client, method: first(), input: 7 };
    assert_eq!(frame, expected);
    assert_eq!(world.resume(ticket), Outcome::Pending(ticket), "it runs still");
    world.feed(Input::MethodReturned { invocation: ticket, status: Status::NotFound, output: 1 });
    assert_eq!(running(&mut world).method, MethodTypes::from_bits(4), "the second was not asked for");
    assert!(world.ready.is_empty());
    returns(&mut world, ticket, 2);
    assert_eq!(world.ready, [(other, ticket)]);
    returns(&mut world, ticket, 3);
    let expected = [put_out(1, Status::NotFound, 1), put_out(4, Status::NoError, 2)];
    assert_eq!(outputs(&mut world, ticket), expected, "and what returns twice has returned once");
    assert_eq!(world.resume(ticket), Outcome::Failed(Status::InvalidHandle), "it is over");
}

/// Flow 7.3: a client invokes its own methods, all of them (D-65: bits without a method are skipped).
#[test]
fn d_065_all_methods_are_those_that_there_are() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let ticket = world.waits(client, invoke(client, MethodTypes::ALL));
    returns(&mut world, ticket, 9);
    assert_eq!(outputs(&mut world, ticket), [put_out(1, Status::NoError, 9)]);
    world.fails(client, invoke(client, MethodTypes::from_bits(2)), Status::InvalidParameter);
    let bare = exporting(&mut world, 2, 0);
    world.fails(client, invoke(bare, MethodTypes::ALL), Status::InvalidParameter);
}

/// D-66: with too little room for the outputs nothing is run.
#[test]
fn d_066_with_too_little_room_nothing_is_run() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 32);
    let call =
        |capacity| Call::InvokeMethod { entity: client, methods: MethodTypes::ALL, input: 0, capacity };
    assert_eq!(world.call(client, call(31)), Outcome::NeedsRoom(32));
    assert!(world.methods.is_empty());
    let ticket = world.waits(client, call(32));
    for _ in 0..32 {
        returns(&mut world, ticket, 0);
    }
    assert_eq!(outputs(&mut world, ticket).len(), 32);
}

/// D-80: no more methods than there are bits.
#[test]
fn d_080_a_client_exports_32_methods_at_most() {
    let mut world = World::new();
    let (callback, reserve_opaque_pointer) = (EventCallback::Absent, OpaqueSlot::NotReserved);
    let call = Call::RegisterEntity { info: info(1), methods: 33, callback, reserve_opaque_pointer };
    assert_eq!(world.call_in(None, None, call), Outcome::Failed(Status::InvalidParameter));
    exporting(&mut world, 1, 32);
}

/// RTM-069, D-67: while methods are blocked, whoever invokes one waits, and to block twice is to block once; resumed, they run
/// one after the other in the order in which they were invoked.
#[test]
fn rtm_069_who_meets_a_block_waits_and_goes_on_in_order() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let callers = [2, 3, 4].map(|number| exporting(&mut world, number, 0));
    world.done(client, block(MethodBlocking::Block));
    world.done(client, block(MethodBlocking::Block));
    let tickets = callers.map(|caller| world.waits(caller, invoke(client, first())));
    assert!(world.methods.is_empty() && world.ready.is_empty());
    assert_eq!(world.manager.waiting_calls().next().expect("one waits").on, LockedObject::Methods(client));
    world.done(client, block(MethodBlocking::Resume));
    for (caller, ticket) in callers.into_iter().zip(tickets) {
        assert_eq!(world.ready, [(caller, ticket)], "one after the other");
        let Outcome::Pending(runs) = world.resume(ticket) else { panic!("its method runs") };
        assert_eq!(running(&mut world).from, caller);
        returns(&mut world, runs, 0);
        assert_eq!(outputs(&mut world, runs).len(), 1);
    }
}

/// D-144: whoever a resume has let go is not held by a later block; those behind it are.
#[test]
fn d_144_who_was_let_go_is_not_held_by_a_later_block() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let callers = [2, 3].map(|number| exporting(&mut world, number, 0));
    world.done(client, block(MethodBlocking::Block));
    let [one, two] = callers.map(|caller| world.waits(caller, invoke(client, first())));
    world.done(client, block(MethodBlocking::Resume));
    world.done(client, block(MethodBlocking::Block));
    let Outcome::Pending(runs) = world.resume(one) else { panic!("its method runs") };
    returns(&mut world, runs, 0);
    assert_eq!(outputs(&mut world, runs).len(), 1);
    assert_eq!(world.resume(two), Outcome::Pending(two));
    world.done(client, block(MethodBlocking::Resume));
    assert_eq!(world.ready, [(callers[1], two)]);
}

/// D-68: a client that has blocked its methods would wait for itself for ever.
#[test]
fn d_068_a_client_does_not_wait_for_its_own_methods() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    world.done(client, block(MethodBlocking::Block));
    let function = Function::InvokeMethod;
    assert_eq!(world.violates(client, None, invoke(client, first())), Violation::SelfDeadlock { function });
    world.done(client, block(MethodBlocking::Resume));
    world.waits(client, invoke(client, first()));
}

/// RTM-070: of a client that has left, nothing runs.
#[test]
fn rtm_070_of_a_client_that_has_left_nothing_runs() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let other = exporting(&mut world, 2, 0);
    world.done(other, Call::ReferenceHandles { handles: vec![AnyHandle::Entity(client)] });
    world.done(client, Call::DeregisterEntity);
    world.fails(other, invoke(client, first()), Status::InvalidHandle);
    assert!(world.methods.is_empty());
}

/// D-69: who waits for the methods of a client that leaves is answered, and nothing runs. Nobody needs to resume them.
#[test]
fn d_069_who_waits_for_a_leaver_is_answered() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let callers = [2, 3].map(|number| exporting(&mut world, number, 0));
    world.done(client, block(MethodBlocking::Block));
    let tickets = callers.map(|caller| world.waits(caller, invoke(client, first())));
    world.done(client, Call::DeregisterEntity);
    for ticket in tickets {
        assert!(world.ready.iter().any(|(_, ready)| *ready == ticket));
        assert_eq!(world.resume(ticket), Outcome::Failed(Status::InvalidHandle));
    }
    assert!(world.methods.is_empty());
    assert_eq!(world.manager.objects_alive().entities, 2, "and the leaver is forgotten");
}

/// D-143: a client that leaves while a method of it runs lets that come to its end; those that have not run do not run.
#[test]
fn d_143_the_methods_of_a_leaver_that_have_not_run_do_not_run() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 3);
    let other = exporting(&mut world, 2, 0);
    let ticket = world.waits(other, invoke(client, MethodTypes::ALL));
    assert_eq!(in_method(&mut world, client, ticket, Call::DeregisterEntity), Outcome::Done(Reply::Nothing));
    assert!(world.ready.is_empty(), "the first one runs still");
    running(&mut world);
    returns(&mut world, ticket, 5);
    assert!(world.methods.is_empty());
    let gone = |method| put_out(method, Status::InvalidHandle, 0);
    assert_eq!(outputs(&mut world, ticket), [put_out(1, Status::NoError, 5), gone(2), gone(4)]);
    assert_eq!(world.manager.objects_alive().entities, 1, "the leaver is forgotten");
}

/// D-143: who has invoked and leaves meanwhile is answered when its methods have run, not before.
#[test]
fn d_143_an_invocation_outlives_the_registration_of_its_client() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let other = exporting(&mut world, 2, 0);
    let ticket = world.waits(other, invoke(client, first()));
    world.done(other, Call::DeregisterEntity);
    assert!(world.ready.is_empty());
    returns(&mut world, ticket, 5);
    assert_eq!(world.ready, [(other, ticket)]);
    assert_eq!(outputs(&mut world, ticket), [put_out(1, Status::NoError, 5)]);
    assert_eq!(world.manager.objects_alive().entities, 1);
}

/// D-70: to block methods for one object alone is not supported: it blocks them all, and that is told.
#[test]
fn d_070_a_target_is_ignored_and_told() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let other = exporting(&mut world, 2, 0);
    let target = AnyHandle::Entity(other);
    world.done(client, Call::BlockMethods { target: Some(target), action: MethodBlocking::Block });
    assert_eq!(world.facts.last(), Some(&Fact::TargetIgnored { caller: client, target }));
    world.waits(other, invoke(client, first()));
    assert!(world.methods.is_empty());
}

/// D-100: methods may invoke methods, 16 inside each other; the next one is a breach.
#[test]
fn d_100_sixteen_methods_run_inside_each_other_and_no_more() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let mut inner = world.waits(client, invoke(client, first()));
    for _ in 1..16 {
        match in_method(&mut world, client, inner, invoke(client, first())) {
            Outcome::Pending(ticket) => inner = ticket,
            other => panic!("{other:?}"),
        }
    }
    let function = Function::InvokeMethod;
    let too_deep = Outcome::Violated(Violation::TooDeep { function });
    assert_eq!(in_method(&mut world, client, inner, invoke(client, first())), too_deep);
    world.waits(client, invoke(client, first()));
}

/// D-141: a method runs on the thread that has invoked it: what is forbidden in the callback there, is forbidden in it.
#[test]
fn d_141_what_is_forbidden_in_the_callback_is_forbidden_in_the_method() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let listener = world.register(info(2));
    exporting(&mut world, 3, 0);
    let frame = world.invoke(listener).expect("it is told");
    let frame = Some(frame.callback);
    let Outcome::Pending(ticket) = world.call_in(Some(listener), frame, invoke(client, first())) else {
        panic!("it runs")
    };
    let list = Call::GetRegisteredEntities { capacity: 9, handles: ListedHandles::NotWanted };
    let (event, function) = (EventType::EntityRegistered, Function::GetRegisteredEntities);
    let refused = Outcome::Violated(Violation::Reentrancy { event, function });
    assert_eq!(in_method(&mut world, client, ticket, list.clone()), refused);
    returns(&mut world, ticket, 0);
    let foreign = Outcome::Violated(Violation::ForeignFrame { function });
    assert_eq!(in_method(&mut world, client, ticket, list.clone()), foreign, "it does not run any more");
    outputs(&mut world, ticket);
    let ticket = world.waits(listener, invoke(client, first()));
    assert!(matches!(in_method(&mut world, client, ticket, list), Outcome::Done(_)), "outside of callbacks");
}

/// D-89: under a route lock nothing is invoked, listed or blocked.
#[test]
fn d_089_methods_are_not_invoked_under_a_route_lock() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let (route, _) = world.add(client, "10.0.0.0/8", RouteSpec { metric: 1, ..RouteSpec::default() });
    world.done(client, Call::LockRoute { route, mode: LockMode::Exclusive, action: LockAction::Lock });
    let list = Call::GetEntityMethods { entity: client, capacity: 0 };
    for call in [invoke(client, first()), list, block(MethodBlocking::Block)] {
        assert!(matches!(world.violates(client, None, call), Violation::CallUnderLock { .. }));
    }
}

/// D-142: who has invoked waits for its method, and with it for what that waits for: a method that needs what its invoker has
/// locked closes a cycle. What other calls of its client wait for is no part of it.
#[test]
fn d_142_a_method_that_waits_for_its_invoker_is_a_deadlock() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let other = exporting(&mut world, 2, 0);
    let (_, _) = world.add(other, "10.0.0.0/8", RouteSpec { metric: 1, ..RouteSpec::default() });
    let dest = world.manager.dest(info(1).table, prefix("10.0.0.0/8")).expect("it has a route");
    let lock = |action| Call::LockDestination { dest, mode: LockMode::Exclusive, action };
    world.done(other, lock(LockAction::Lock));
    let ticket = world.waits(other, invoke(client, first()));
    // A step of the client waits for the invoker too, and that is no deadlock: the method may come to its end.
    let step = world.waits(client, lock(LockAction::Lock));
    let deadlocks = |world: &World| {
        let facts = world.facts.iter();
        facts.filter(|fact| matches!(fact, Fact::Deadlock { .. })).count()
    };
    assert_eq!(deadlocks(&world), 0);
    let info = Call::GetDestInfo { dest, protocol: ProtocolSelector::Best, views: ViewSet::ANY };
    let Outcome::Pending(inside) = in_method(&mut world, client, ticket, info) else { panic!("it waits") };
    let cycle = vec![
        DeadlockLink {
            waiter: client,
            function: Function::GetDestInfo,
            on: LockedObject::Dest(prefix("10.0.0.0/8")),
            holder: other,
        },
        DeadlockLink {
            waiter: other,
            function: Function::InvokeMethod,
            on: LockedObject::Methods(client),
            holder: client,
        },
    ];
    assert_eq!(world.facts.last(), Some(&Fact::Deadlock { cycle }));
    assert_eq!(deadlocks(&world), 1);
    // It is not for ever: another thread of the invoker may give the lock back.
    world.done(other, lock(LockAction::Unlock));
    assert!(matches!(world.resume(step), Outcome::Done(_)));
    world.done(client, lock(LockAction::Unlock));
    assert!(matches!(world.resume(inside), Outcome::Done(_)));
}

/// D-132 with D-67: a block closes a cycle as a lock does.
#[test]
fn d_142_a_block_is_part_of_a_deadlock() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let other = exporting(&mut world, 2, 0);
    world.add(other, "10.0.0.0/8", RouteSpec { metric: 1, ..RouteSpec::default() });
    let dest = world.manager.dest(info(1).table, prefix("10.0.0.0/8")).expect("it has a route");
    world.done(client, block(MethodBlocking::Block));
    let lock = Call::LockDestination { dest, mode: LockMode::Exclusive, action: LockAction::Lock };
    world.done(other, lock.clone());
    world.waits(client, lock);
    world.waits(other, invoke(client, first()));
    let Some(Fact::Deadlock { cycle }) = world.facts.last() else { panic!("a deadlock is told") };
    assert_eq!(cycle.len(), 2);
    assert_eq!((cycle[0].waiter, cycle[0].on), (other, LockedObject::Methods(client)));
}

/// D-147: a block that is made while an invocation stands behind another in line can complete a deadlock; that is told.
#[test]
fn d_147_a_deadlock_that_arises_by_a_block_is_told() {
    let mut world = World::new();
    let client = exporting(&mut world, 1, 1);
    let [other, third] = [2, 3].map(|number| exporting(&mut world, number, 0));
    world.add(other, "10.0.0.0/8", RouteSpec { metric: 1, ..RouteSpec::default() });
    let dest = world.manager.dest(info(1).table, prefix("10.0.0.0/8")).expect("it has a route");
    let lock = Call::LockDestination { dest, mode: LockMode::Exclusive, action: LockAction::Lock };
    world.done(other, lock.clone());
    world.done(client, block(MethodBlocking::Block));
    world.waits(third, invoke(client, first()));
    world.waits(other, invoke(client, first()));
    world.done(client, block(MethodBlocking::Resume));
    world.waits(client, lock);
    let deadlocks = |world: &World| {
        let facts = world.facts.iter();
        facts.filter(|fact| matches!(fact, Fact::Deadlock { .. })).count()
    };
    assert_eq!(deadlocks(&world), 0, "the invocation of the third is ready, and the other one follows it");
    world.done(client, block(MethodBlocking::Block));
    assert_eq!(deadlocks(&world), 1);
    let Some(Fact::Deadlock { cycle }) = world.facts.last() else { panic!("the deadlock is told last") };
    assert_eq!(cycle.iter().map(|link| link.waiter).collect::<Vec<_>>(), [client, other]);
}
