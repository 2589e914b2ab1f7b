//! Manager and model side by side, driven at random; and proof that the model sees what is wrong.

mod driver;

use alloc::vec::Vec;

use tiebreak_rtm::{
    DestInfo, Event, Fact, HostBits, Leftovers, MetricChange, Outcome, Output, Profile, Reply, RouteChangeFlags, Ties,
};

use super::Difference;
use driver::{Failure, Run};

const INPUTS_OF_SEQUENCE: u32 = 200;

/// Runs sequences `seeds`, each of [`INPUTS_OF_SEQUENCE`] inputs, until a difference.
fn run(seeds: core::ops::Range<u64>, model: &Profile, manager: &Profile, tamper: fn(&mut Vec<Output>)) -> Result<Run, Failure> {
    let mut total = Run::default();
    for seed in seeds {
        total.add(driver::run(seed, INPUTS_OF_SEQUENCE, (model.clone(), manager.clone()), tamper)?);
    }
    Ok(total)
}

fn untouched(_: &mut Vec<Output>) {}

/// Checks that sequences of `profile` show no difference.
fn check_agreement(seeds: core::ops::Range<u64>, profile: &Profile) {
    match run(seeds, profile, profile, untouched) {
        Ok(total) => {
            println!("{total:?}");
            assert!(total.successes * 2 > total.inputs, "most of what is tried succeeds: {total:?}");
        }
        Err(failure) => panic!("{failure}"),
    }
}

/// Checks that a difference is found soon, and that it is about `what`.
fn check_difference(model: &Profile, manager: &Profile, tamper: fn(&mut Vec<Output>), what: &str) {
    let found: Difference = run(0..200, model, manager, tamper).expect_err("a difference").difference;
    assert!(found.what.contains(what), "about {what}: {found}");
}

fn profiles() -> [Profile; 5] {
    let documented = Profile::default();
    [
        documented.clone(),
        Profile { ties: Ties::OwnerId, ..documented.clone() },
        Profile { metric_change: MetricChange::Literal, ..documented.clone() },
        Profile { host_bits: HostBits::Cleared, max_notify: 3, max_handles_in_enum: 2, ..documented.clone() },
        Profile { leftovers: Leftovers::Orphaned, max_next_hops_in_route: 2, ..documented },
    ]
}

#[test]
fn manager_and_model_agree() {
    for (start, profile) in (0..).step_by(1_000).zip(profiles()) {
        check_agreement(start..start + 60, &profile);
    }
}

/// The long version: six thousand sequences, 1.2 million inputs. Run it optimised.
#[test]
#[ignore = "takes minutes"]
fn manager_and_model_agree_over_a_million_inputs() {
    for (start, profile) in (100_000..).step_by(10_000).zip(profiles()) {
        check_agreement(start..start + 1_200, &profile);
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
    let tamper = |outputs: &mut Vec<Output>| outputs.retain(|output| !matches!(output, Output::Deliver { .. }));
    check_difference(&Profile::default(), &Profile::default(), tamper, "callbacks that are due");
}

#[test]
fn a_timer_that_is_not_disarmed_is_found() {
    let tamper = |outputs: &mut Vec<Output>| outputs.retain(|output| !matches!(output, Output::DisarmTimer { .. }));
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
fn a_wrong_flag_in_a_reply_is_found() {
    let tamper = |outputs: &mut Vec<Output>| {
        if let Some(Output::Reply(Outcome::Done(Reply::DeleteRouteToDest { change_flags }))) = outputs.last_mut() {
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
#[test]
#[ignore = "survey"]
fn survey() {
    let n: u64 = std::env::var("N").unwrap().parse().unwrap();
    let p: usize = std::env::var("P").unwrap().parse().unwrap();
    let mut shown = 0;
    for seed in 0..n {
        if let Err(failure) = run(seed..seed + 1, &profiles()[p], &profiles()[p], untouched) {
            let text = format!("{failure}");
            let lines: Vec<&str> = text.lines().collect();
            println!("{}\n{}\n{}", lines[0], lines[lines.len() - 2], lines[lines.len() - 1]);
            shown += 1;
            if shown > 8 { break; }
        }
    }
    println!("SHOWN {shown}");
}
