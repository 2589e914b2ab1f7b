//! Manager and model side by side, driven at random; and proof that the model sees what is wrong.

extern crate std;

mod methods;
mod searched;
mod side_by_side;

use alloc::vec::Vec;

use tiebreak_rtm::{
    AddressFamily, Call, DestInfo, EntityHandle, EntityId, EntityInfo, Event, EventCallback, Fact, Function,
    HandleArgument, HostBits, Input, LeakKind, Leftovers, LockAction, LockMode, Manager, MetricChange,
    NetAddress, OpaqueSlot, Outcome, Output, Profile, ProtocolSelector, Reply, RouteChangeFlags, RouteSpec,
    Status, TableId, Ties, TimerKey, ViewSet, protocol,
};

use super::{Difference, Model};
use side_by_side::{Failure, Run};

const INPUTS_OF_SEQUENCE: u32 = 300;

/// Runs sequences `seeds`, each of [`INPUTS_OF_SEQUENCE`] inputs, until a difference.
fn run(
    seeds: core::ops::Range<u64>,
    model: &Profile,
    manager: &Profile,
    tamper: fn(&mut Vec<Output>),
) -> Result<Run, Failure> {
    let mut total = Run::default();
    for seed in seeds {
        total.add(&side_by_side::run(seed, INPUTS_OF_SEQUENCE, (model.clone(), manager.clone()), tamper)?);
    }
    Ok(total)
}

fn untouched(_: &mut Vec<Output>) {}

/// Checks that sequences of `profile` show no difference, and returns what was tried.
fn check_agreement(seeds: core::ops::Range<u64>, profile: &Profile) -> Run {
    match run(seeds, profile, profile, untouched) {
        Ok(total) => {
            std::println!("{total:?}");
            let answered = total.inputs - total.waits.pending;
            assert!(total.successes * 2 > answered, "most of what is answered at once succeeds: {total:?}");
            assert!(total.begun > 40 && total.ended > 30, "routes are held and let go: {total:?}");
            for function in [
                Function::HoldDestination,
                Function::GetOpaqueInformationPointer,
                Function::SetOpaqueInformation,
                Function::GetRoutePointer,
                Function::GetNextHopPointer,
            ] {
                let [done, refused] = total.calls[&function];
                assert!(done > 20 && refused > 5, "{function:?} is done and refused: {total:?}");
            }
            for function in Function::ALL {
                let done = total.calls.get(function).map_or(0, |[done, _]| *done);
                assert!(done >= 5, "{} is tried with success: {done} times", function.name());
            }
            total
        }
        Err(failure) => panic!("{failure}"),
    }
}

/// Checks that a difference is found soon, and that it is about `what`.
fn check_difference(model: &Profile, manager: &Profile, tamper: fn(&mut Vec<Output>), what: &str) {
    let found: Difference = run(0..200, model, manager, tamper).expect_err("a difference").difference;
    assert!(found.what.contains(what), "about {what}: {found}");
}

/// The profiles under which manager and model agree.
fn profiles() -> [Profile; 5] {
    let documented = Profile::default();
    [
        documented.clone(),
        Profile { ties: Ties::OwnerId, ..documented.clone() },
        Profile { metric_change: MetricChange::Literal, ..documented.clone() },
        Profile {
            host_bits: HostBits::Cleared,
            opaque_slots: 1,
            max_notify: 3,
            max_handles_in_enum: 2,
            max_next_hops_in_route: 2,
            ..documented.clone()
        },
        Profile { leftovers: Leftovers::Orphaned, ..documented },
    ]
}

#[test]
fn manager_and_model_agree() {
    let mut total = Run::default();
    for (start, profile) in (0..).step_by(1_000).zip(profiles()) {
        total.add(&check_agreement(start..start + 170, &profile));
    }
    total.waits.check();
    total.methods.check();
}

/// The long version: 7,500 sequences, 2.25 million inputs, minutes even if optimised; hence behind a feature. `.ci/full` runs it
/// in release.
#[cfg(feature = "soak")]
#[test]
fn manager_and_model_agree_over_a_million_inputs() {
    for (start, profile) in (100_000..).step_by(10_000).zip(profiles()) {
        check_agreement(start..start + 1_500, &profile);
    }
}

#[test]
fn a_manager_set_up_otherwise_is_found() {
    let [documented, owner_id, literal, lenient, orphaning] = profiles();
    check_difference(&owner_id, &documented, untouched, "");
    check_difference(&literal, &documented, untouched, "");
    check_difference(&lenient, &documented, untouched, "");
    check_difference(&orphaning, &documented, untouched, "");
}

#[test]
fn a_callback_that_is_not_delivered_is_found() {
    let tamper =
        |outputs: &mut Vec<Output>| outputs.retain(|output| !matches!(output, Output::Deliver { .. }));
    check_difference(&Profile::default(), &Profile::default(), tamper, "callbacks that are due");
}

#[test]
fn a_timer_that_is_not_disarmed_is_found() {
    let tamper =
        |outputs: &mut Vec<Output>| outputs.retain(|output| !matches!(output, Output::DisarmTimer { .. }));
    check_difference(&Profile::default(), &Profile::default(), tamper, "timers");
}

#[test]
fn a_timer_armed_a_nanosecond_late_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        for output in outputs {
            if let Output::ArmTimer { at, .. } = output {
                *at += 1;
            }
        }
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "timers");
}

#[test]
fn a_best_route_that_changed_in_silence_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        outputs.retain(|output| !matches!(output, Output::Fact(Fact::BestChanged { best: None, .. })));
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "best routes that changed");
}

#[test]
fn a_hold_that_is_not_told_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        outputs.retain(|output| !matches!(output, Output::Fact(Fact::HoldEnded { .. })));
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "holds that began and ended");
}

#[test]
fn a_held_route_that_is_not_shown_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        if let Some(Output::Reply(Outcome::Done(Reply::Dest { info }))) = outputs.last_mut() {
            info.views.iter_mut().for_each(|view| view.hold_route = None);
        }
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "the reply");
}

#[test]
fn a_wrong_flag_in_a_reply_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        if let Some(Output::Reply(Outcome::Done(Reply::DeleteRouteToDest { change_flags }))) =
            outputs.last_mut()
        {
            *change_flags = RouteChangeFlags::BEST;
        }
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "the reply");
}

#[test]
fn a_wrong_copy_of_a_destination_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        let worsen = |info: &mut DestInfo| info.views.iter_mut().for_each(|view| view.routes += 1);
        if let Some(Output::Reply(Outcome::Done(Reply::GetChangedDests { infos }))) = outputs.last_mut() {
            infos.iter_mut().for_each(worsen);
        }
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "the reply");
}

#[test]
fn changed_destinations_in_another_order_are_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        if let Some(Output::Reply(Outcome::Done(Reply::GetChangedDests { infos }))) = outputs.last_mut() {
            infos.reverse();
        }
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "");
}

#[test]
fn a_call_that_becomes_ready_in_silence_is_found() {
    let tamper = |outputs: &mut Vec<Output>| outputs.retain(|output| !matches!(output, Output::Ready { .. }));
    check_difference(&Profile::default(), &Profile::default(), tamper, "the calls that become ready");
}

#[test]
fn a_deadlock_that_is_not_told_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        outputs.retain(|output| !matches!(output, Output::Fact(Fact::Deadlock { .. })));
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "the lengths of the deadlocks");
}

#[test]
fn a_lock_that_is_never_given_back_in_silence_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        outputs.retain(|output| !matches!(output, Output::Fact(Fact::Leak { kind: LeakKind::Locked, .. })));
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "the locks never given back");
}

#[test]
fn a_wrong_output_of_a_method_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        if let Some(Output::Reply(Outcome::Done(Reply::InvokeMethod { outputs }))) = outputs.last_mut() {
            for output in outputs {
                output.output += 1;
            }
        }
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "what methods have put out");
}

#[test]
fn a_method_that_does_not_run_is_found() {
    let tamper = |outputs: &mut Vec<Output>| outputs.retain(|output| !matches!(output, Output::Method(_)));
    check_difference(&Profile::default(), &Profile::default(), tamper, "the methods that run");
}

#[test]
fn a_wrong_context_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        for output in outputs {
            if let Output::Frame(frame) = output {
                if let Event::ChangeNotification { context, .. } = &mut frame.event {
                    *context += 1;
                }
            }
        }
    };
    check_difference(&Profile::default(), &Profile::default(), tamper, "the callback that runs");
}

/// Takes one input in manager and model.
fn step(
    model: &mut Model,
    manager: &mut Manager,
    now: u64,
    input: &Input,
) -> Result<Vec<Output>, Difference> {
    let outputs: Vec<Output> = manager.handle(now, input.clone()).collect();
    model.follow(now, input, &outputs)?;
    model.compare(manager)?;
    Ok(outputs)
}

/// Makes a model and a manager with one client.
fn with_client(profile: &Profile, callback: EventCallback) -> (Model, Manager, Option<EntityHandle>) {
    let (mut model, mut manager) = (Model::new(profile.clone()), Manager::new(profile.clone()));
    let table = TableId { instance: 0, family: AddressFamily::Ipv4 };
    let info = EntityInfo { table, id: EntityId { protocol: protocol::RIP, protocol_instance: 1 } };
    let register =
        Call::RegisterEntity { info, methods: 0, callback, reserve_opaque_pointer: OpaqueSlot::NotReserved };
    step(&mut model, &mut manager, 0, &Input::Call { caller: None, frame: None, call: register }).unwrap();
    let client = manager.entities(table).next();
    (model, manager, client)
}

/// Runs the calls of one client, one each nanosecond, after its registration.
fn check_calls(profile: &Profile, calls: Vec<Call>) {
    let (mut model, mut manager, caller) = with_client(profile, EventCallback::Absent);
    for (now, call) in (0..).zip(calls) {
        if let Err(difference) =
            step(&mut model, &mut manager, now, &Input::Call { caller, frame: None, call })
        {
            panic!("{difference}");
        }
    }
}

#[test]
fn adding_a_route_in_no_view_changes_its_destination() {
    let dest: NetAddress = "10.0.0.0/8".parse().unwrap();
    let add = |views, change_flags| Call::AddRouteToDest {
        route: HandleArgument::Absent,
        dest,
        spec: RouteSpec { views, ..RouteSpec::default() },
        time_to_live_ms: u32::MAX,
        list: None,
        change_flags,
    };
    let (protocol, views) = (ProtocolSelector::Best, ViewSet::UCAST);
    let calls = [
        add(ViewSet::UCAST, RouteChangeFlags::NONE),
        add(ViewSet::NONE, RouteChangeFlags::NEW),
        Call::GetExactMatchDestination { address: dest, protocol, views },
    ];
    check_calls(&Profile::default(), Vec::from(calls));
}

#[test]
fn a_client_that_leaves_nothing_is_forgotten_by_an_orphaning_manager() {
    let profile = Profile { leftovers: Leftovers::Orphaned, ..Profile::default() };
    check_calls(&profile, Vec::from([Call::DeregisterEntity]));
}

#[test]
fn a_call_of_a_client_that_has_gone_is_a_violation() {
    check_calls(&Profile::default(), Vec::from([Call::DeregisterEntity, Call::DeregisterEntity]));
}

/// Nine inputs with the registration; no fewer do it: a route expires, its owner refreshes it in the callback, and before the
/// unlock it has expired again and the owner has answered 50. The unlock hands out the expiry, and the deletion takes it back.
#[test]
fn an_expiry_that_waits_beside_the_deletion_of_its_route_is_not_told() {
    let dest: NetAddress = "10.0.0.0/8".parse().unwrap();
    let [lock, fire, answer] = [0, 1, 2];
    for (order, taken_back) in
        [([lock, fire, answer], 1), ([fire, lock, answer], 1), ([lock, answer, fire], 0)]
    {
        let (mut model, mut manager, caller) = with_client(&Profile::default(), EventCallback::Given);
        let mut take = |input: &Input| step(&mut model, &mut manager, 0, input).unwrap();
        let call = |call| Input::Call { caller, frame: None, call };
        let add = call(Call::AddRouteToDest {
            route: HandleArgument::Absent,
            dest,
            spec: RouteSpec::default(),
            time_to_live_ms: 0,
            list: None,
            change_flags: RouteChangeFlags::NONE,
        });
        let (timer, generation) = armed(&take(&add));
        let outputs = take(&Input::TimerFired { timer, generation });
        let [Output::Deliver { callback, .. }] = outputs[..] else { panic!("{outputs:?}") };
        take(&Input::Invoke { callback });
        let (TimerKey::Route(route), generation) = armed(&take(&add)) else { panic!("a route expires") };
        let locked = |action| call(Call::LockRoute { route, mode: LockMode::Exclusive, action });
        let happenings = [
            locked(LockAction::Lock),
            Input::TimerFired { timer, generation },
            Input::CallbackReturned { callback, status: Status::NotSupported },
        ];
        for happening in order {
            take(&happenings[happening]);
        }
        let unlock = locked(LockAction::Unlock);
        let outputs: Vec<Output> = manager.handle(0, unlock.clone()).collect();
        let mut told = outputs.clone();
        told.retain(|output| !matches!(output, Output::Drop { .. }));
        assert_eq!(outputs.len() - told.len(), taken_back, "{outputs:?}");
        let followed = model.clone().follow(0, &unlock, &told);
        assert_eq!(followed.is_err(), taken_back > 0, "the client would be told of a route that is gone");
        model.follow(0, &unlock, &outputs).unwrap();
        model.compare(&manager).unwrap();
    }
}

/// The timer that is armed, and its generation.
fn armed(outputs: &[Output]) -> (TimerKey, u32) {
    let armed = outputs.iter().find_map(|output| {
        let Output::ArmTimer { timer, generation, .. } = output else { return None };
        Some((*timer, *generation))
    });
    armed.expect("a timer is armed")
}
