//! What each bug shrinks to.

use tiebreak::explore::{
    Calibration, Cause, Directory, Job, ORDERS_CONFIRMED, ORDERS_TRIED, Shrunk, Symptom, Tactic,
    default_orders, shrink, try_cause,
};
use tiebreak::kernel::mix;
use tiebreak_planted::{Bug, Change, Planted};

/// A failing run that was shrunk.
struct Case {
    program: Planted,
    symptom: Symptom,
    shrunk: Shrunk,
}

/// The first run of a tactic that fails, shrunk.
fn shrunk(program: Planted, tactic: Tactic, campaign: u64) -> Case {
    let mut directory = Directory::default();
    let calibration = Calibration::new(&program, campaign, &mut directory);
    let mut jobs = (0..).map(|number| Job {
        number,
        tactic,
        turn: number,
        seed: mix(mix(campaign) ^ number),
        prefix: Vec::new(),
    });
    let is_found = |job: &Job| !job.run(&program, &calibration, &mut directory).symptoms.is_empty();
    let found = jobs.find(is_found).expect("it is found");
    let watched = found.watch(&program, &calibration, &mut directory);
    let symptom = watched.symptoms.first().expect("it fails again").clone();
    let shrunk = shrink(&program, &watched.history, &symptom, campaign, &mut directory)
        .unwrap_or_else(|reason| panic!("{}: {reason}", program.bug));
    Case { program, symptom, shrunk }
}

/// In how many of so many orders a program fails, in the same way, under a cause that can be kept.
fn failures(program: Planted, symptom: &Symptom, cause: &Cause, orders: u64) -> u64 {
    let mut directory = Directory::default();
    let fails = |order| {
        let trial = try_cause(&program, cause, order, &mut directory);
        trial.symptoms.contains(symptom) && trial.broken.is_empty()
    };
    default_orders(mix(orders), orders).into_iter().map(fails).filter(|fails| *fails).count() as u64
}

/// A cause without one of its orderings or draws, for each of them.
fn parts(cause: &Cause) -> Vec<Cause> {
    let without_ordering = |at| {
        let mut part = cause.clone();
        part.constraints.remove(at);
        part
    };
    let without_draw = |at| {
        let mut part = cause.clone();
        part.draws.remove(at);
        part
    };
    let orderings = (0..cause.constraints.len()).map(without_ordering);
    orderings.chain((0..cause.draws.len()).map(without_draw)).collect()
}

fn check(case: &Case, replays_max: u64) {
    let Case { program, symptom, shrunk } = case;
    let bug = program.bug;
    assert!(shrunk.replays <= replays_max, "{bug}: {} replays", shrunk.replays);
    assert_eq!(shrunk.confirmed, ORDERS_CONFIRMED, "{bug}: {:#?}", shrunk.cause);
    if Bug::OF_REAL_MANAGERS.contains(&bug) {
        let Cause { constraints, draws, .. } = &shrunk.cause;
        assert!(constraints.len() <= 5 && draws.is_empty(), "{bug}: {:#?}", shrunk.cause);
    }
    for part in parts(&shrunk.cause) {
        let failures = failures(*program, symptom, &part, 500);
        assert!(failures < 500, "{bug}: enough is {part:#?}");
    }
}

#[test]
fn every_bug_shrinks_to_what_it_needs_and_no_more() {
    for bug in Bug::ALL {
        for (tactic, campaign) in
            [(Tactic::Clocks, 0), (Tactic::Clocks, 1), (Tactic::Pos, 2), (Tactic::Walk, 3)]
        {
            if tactic == Tactic::Walk && *bug == Bug::QueueOverflow16 {
                continue; // takes too long to find
            }
            // Its events cause each other: who waits for whom decides which events there are.
            let replays_max = if *bug == Bug::HoldCycle { 3000 } else { 2000 };
            check(&shrunk(Planted::new(*bug), tactic, campaign), replays_max);
        }
    }
}

#[test]
fn orderings_are_as_few_as_the_bug_is_deep() {
    let mut lines = Vec::new();
    for bug in Bug::ALL {
        let Cause { constraints, draws, .. } = shrunk(Planted::new(*bug), Tactic::Clocks, 0).shrunk.cause;
        lines.push(bug.to_string());
        let orderings = constraints.iter().map(ToString::to_string);
        lines.extend(orderings.chain(draws.iter().map(ToString::to_string)).map(|line| format!("  {line}")));
    }
    let table = lines.join("\n") + "\n";
    assert!(table == include_str!("causes.txt"), "causes.txt is now:\n{table}");
}

#[test]
fn a_cause_survives_what_has_nothing_to_do_with_it() {
    for bug in Bug::ALL {
        let case = shrunk(Planted::new(*bug), Tactic::Clocks, 0);
        for change in Change::ALL {
            for noise in [0, 3, 12] {
                let program = case.program.with_change(*change).with_noise(noise);
                let failures = failures(program, &case.symptom, &case.shrunk.cause, ORDERS_TRIED);
                assert_eq!(failures, ORDERS_TRIED, "{bug}, {change:?}, {noise} clients of noise");
            }
        }
        let fixed = failures(case.program.fixed(), &case.symptom, &case.shrunk.cause, ORDERS_TRIED);
        assert_eq!(fixed, 0, "{bug}: the fixed twin");
    }
}

#[test]
fn a_failure_among_noise_shrinks_to_no_more() {
    for bug in Bug::ALL.iter().filter(|bug| **bug != Bug::Chain4) {
        check(&shrunk(Planted::new(*bug).with_noise(2), Tactic::Clocks, 0), 3000);
    }
}
