//! Where the die was cast, of the first failing run of each bug.

use tiebreak::explore::{Blame, Calibration, Directory, Job, Tactic, blame};
use tiebreak::kernel::mix;
use tiebreak_planted::{Bug, Planted};

/// Blames the first run of random walks that fails, and returns how many choices that run has.
fn blamed(program: Planted, runs: u64) -> (Blame, usize) {
    let mut directory = Directory::default();
    let calibration = Calibration::default();
    let mut jobs = (0..).map(|number| Job {
        number,
        tactic: Tactic::Walk,
        turn: number,
        seed: mix(number),
        prefix: Vec::new(),
    });
    let is_found = |job: &Job| !job.run(&program, &calibration, &mut directory).symptoms.is_empty();
    let job = jobs.find(is_found).expect("it is found");
    let watched = job.watch(&program, &calibration, &mut directory);
    let run = (&watched.history, &*watched.chosen);
    let failure = (&watched.symptoms[0], job.seed);
    let blame = blame(&program, run, failure, runs, &mut directory, &|| true).expect("it fails again");
    (blame, watched.chosen.len())
}

#[test]
fn every_bug_is_decided_by_some_choice() {
    for bug in Bug::ALL {
        if *bug == Bug::QueueOverflow16 {
            continue; // takes too long to find by a walk
        }
        let (blame, _) = blamed(Planted::new(*bug), 100);
        println!("{bug}\n{blame}");
        assert_eq!(blame.points.last().map(|point| (point.kept, point.fails)), Some((blame.choices, 100)));
        assert!(blame.is_clear(), "{bug}: {blame}");
    }
}

#[test]
fn what_is_chosen_after_the_failure_does_not_count() {
    let (blame, all) = blamed(Planted::new(Bug::ExpireBeforeRefresh).with_noise(1), 20);
    assert!(blame.choices < all, "{} of {all}", blame.choices);
    assert_eq!(blame.points.last().map(|point| point.fails), Some(20));
}
