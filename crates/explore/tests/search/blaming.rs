//! At which choice a failing run came to fail.

use tiebreak_explore::{
    Blame, Calibration, Directory, Job, NotBlamed, Spark, Symptom, Tactic, Watched, blame,
};
use tiebreak_kernel::Instant;

use crate::toy::{Ran, Toy, toy};

/// The first run of a walk that fails and is of this kind, and its seed.
fn failing(
    toy: &Toy,
    directory: &mut Directory,
    is_it: impl Fn(&Watched, &Directory) -> bool,
) -> (Watched, Symptom, u64) {
    for seed in 0.. {
        let job = Job { number: 0, tactic: Tactic::Walk, turn: 0, seed, prefix: Vec::new() };
        let watched = job.watch(toy, &Calibration::default(), directory);
        let symptom = watched.symptoms.first().filter(|_| is_it(&watched, directory)).cloned();
        if let Some(symptom) = symptom {
            return (watched, symptom, seed);
        }
    }
    unreachable!("some run fails")
}

fn blamed(toy: &Toy, runs: u64) -> Blame {
    blamed_where(toy, runs, |_, _| true)
}

fn blamed_where(toy: &Toy, runs: u64, is_it: impl Fn(&Watched, &Directory) -> bool) -> Blame {
    let mut directory = Directory::default();
    let (watched, symptom, seed) = failing(toy, &mut directory, is_it);
    let run = (&watched.history, &*watched.chosen);
    blame(toy, run, (&symptom, seed), runs, &mut directory, &|| true).expect("it fails again")
}

/// How many of a hundred runs fail at each point.
fn percents(blame: &Blame) -> Vec<u64> {
    blame.points.iter().map(|point| 100 * point.fails / blame.runs).collect()
}

fn is_near(found: &[u64], expected: &[u64]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(one, other)| one.abs_diff(*other) <= 6)
}

#[test]
fn the_choice_after_which_nothing_helps_is_to_blame() {
    let blame = blamed(&toy(&[1, 101, 201], |ran| ran.order[0] == 201), 600);
    assert!(is_near(&percents(&blame), &[33, 100, 100]), "{blame:?}");
    let jump = blame.jump.as_ref().expect("a choice decided it");
    assert_eq!((blame.choices, jump.choice, jump.after, jump.at), (2, 1, 600, Instant::from_nanos(5)));
    assert_eq!((&*jump.ran, &*jump.others.join(" ")), ("c/does(1)#1", "a/does(1)#1 b/does(1)#1"));
    assert!(blame.is_clear());
}

#[test]
fn a_choice_may_lead_away_from_the_failure() {
    let program = toy(&[1, 101, 201], |ran| ran.order[..2] != [1, 201]);
    let begins_with_a = |watched: &Watched, directory: &Directory| {
        directory.text(watched.history.dispatches[0].name) == "a/does(1)"
    };
    let blame = blamed_where(&program, 600, begins_with_a);
    assert!(is_near(&percents(&blame), &[83, 50, 100]), "{blame:?}");
    assert_eq!(blame.jump.map(|jump| jump.choice), Some(2));
}

#[test]
fn draws_are_those_of_the_failing_run_whichever_comes_first() {
    // Both draw from one stream; it fails by what the first of them draws, in either order.
    let fails = |ran: &Ran| {
        let own = usize::from(ran.before(2, 1));
        ran.drawn[own] >= 900 && ran.before(101, 1)
    };
    let mut program = toy(&[1, 2, 101], fails);
    program.rolls = vec![1, 2];
    let blame = blamed(&program, 600);
    assert!(percents(&blame)[0].abs_diff(50) <= 6, "{blame:?}");
}

/// Eighty events at one instant, of which the sixtieth is a certain one.
fn long() -> Toy {
    let ids: Vec<u64> = (0..5).flat_map(|actor| (0..16).map(move |at| 100 * actor + at)).collect();
    toy(&ids, |ran| ran.order[59] == 307)
}

#[test]
fn of_a_long_run_the_steepest_part_is_looked_at_first() {
    let blame = blamed(&long(), 60);
    assert_eq!((blame.choices, blame.points.len()), (79, 64));
    let jump = blame.jump.as_ref().expect("a choice decided it");
    assert_eq!((jump.choice, &*jump.ran, jump.after), (60, "d/does(7)#1", 60));
    assert!(blame.points.windows(2).all(|pair| pair[0].kept < pair[1].kept));
    let last = blame.lines(Spark::Digits).pop();
    let expected = "3840 runs: 60 at each of 64 of 80 points, the draws as they were";
    assert_eq!(last.as_deref(), Some(expected));
}

#[test]
fn the_same_run_is_blamed_alike() {
    assert_eq!(blamed(&long(), 5), blamed(&long(), 5));
}

#[test]
fn what_does_not_fail_again_is_not_blamed_and_somebody_may_want_an_end() {
    let (mut directory, program) = (Directory::default(), toy(&[1, 101], |ran| ran.before(101, 1)));
    let (watched, symptom, seed) = failing(&program, &mut directory, |_, _| true);
    let run = (&watched.history, &*watched.chosen);
    let passing = toy(&[1, 101], |_| false);
    let blamed = blame(&passing, run, (&symptom, seed), 9, &mut directory, &|| true);
    assert_eq!(blamed, Err(NotBlamed::Unrepeatable));
    let ended = blame(&program, run, (&symptom, seed), 9, &mut directory, &|| false).expect("it fails");
    assert_eq!((ended.points, ended.jump), (vec![], None));
}

#[test]
fn a_run_without_choices_says_so() {
    let blame = blamed(&toy(&[1], |_| true), 10);
    let expected = [
        "nothing was chosen: before it failed no two events could run at one time",
        "10 runs: 10 at each of 1 point, the draws as they were",
    ];
    assert_eq!(blame.lines(Spark::Blocks), expected);
}
