//! Which orderings go with a failure.

use tiebreak_explore::{Directory, Suspect, Suspected, Suspects, Tactic, suspects};

use crate::toy::{Toy, toy};

fn suspected(toy: &Toy, runs: u64) -> Suspects {
    suspects(toy, (Tactic::Walk, 1, runs), &mut Directory::default(), &|| true)
}

fn orderings(failure: &Suspected) -> Vec<String> {
    failure.suspects.iter().map(|suspect| suspect.ordering.to_string()).collect()
}

/// In how many failing runs, and in how many passing ones, an ordering was decided and held.
fn counts(suspect: &Suspect) -> [(u64, u64); 2] {
    [suspect.failing, suspect.passing].map(|count| (count.decided, count.held))
}

#[test]
fn the_ordering_that_decides_is_the_first_and_those_of_others_are_not_listed() {
    let found = suspected(&toy(&[1, 101, 201, 301], |ran| ran.before(101, 1)), 400);
    let failure = &found.failures[0];
    assert_eq!((found.runs, found.failures.len(), failure.failed + found.passed), (400, 1, 400));
    let first = &failure.suspects[0];
    assert_eq!(first.ordering.to_string(), "b/does(1)#1 before a/does(1)#1");
    assert_eq!(counts(first), [(failure.failed, failure.failed), (found.passed, 0)]);
    assert_eq!(first.hundredths(failure.failed), 100);
    assert_eq!(failure.counted, 12 - 1, "in no failing run a is before b");
    let listed = orderings(failure);
    for unrelated in ["c/does(1)#1 before d/does(1)#1", "d/does(1)#1 before c/does(1)#1"] {
        assert!(!listed.iter().any(|ordering| ordering == unrelated), "{listed:?}");
    }
    assert!(failure.suspects.windows(2).all(|pair| pair[0].hundredths(1) >= pair[1].hundredths(1)));
}

#[test]
fn an_event_that_the_other_one_cancels_has_come_too_late() {
    let mut program = toy(&[1, 101], |ran| ran.before(1, 101));
    program.cancels = [(101, 1)].into();
    let found = suspected(&program, 100);
    let failure = &found.failures[0];
    assert_eq!(orderings(failure), ["a/does(1)#1 before b/does(1)#1"]);
    assert_eq!(counts(&failure.suspects[0])[1], (found.passed, 0));
}

#[test]
fn failures_of_several_symptoms_are_told_apart() {
    let mut program = toy(&[1, 101, 201], |ran| ran.before(101, 1));
    program.fails_before = |ran| ran.before(201, 1) && ran.before(1, 101);
    let found = suspected(&program, 300);
    assert_eq!(found.failures.len(), 2);
    for failure in &found.failures {
        let expected = if failure.symptom.monitor == "rule" { "b/does(1)#1" } else { "c/does(1)#1" };
        assert_eq!(orderings(failure)[0], format!("{expected} before a/does(1)#1"));
    }
    let failed: u64 = found.failures.iter().map(|failure| failure.failed).sum();
    assert_eq!(failed + found.passed, 300, "no run fails in both ways");
}

#[test]
fn of_many_simultaneous_events_the_nearest_are_counted_and_that_is_said() {
    let ids: Vec<u64> = (0..5).flat_map(|actor| (0..14).map(move |at| 100 * actor + at)).collect();
    let found = suspected(&toy(&ids, |ran| ran.before(101, 1)), 20);
    let failure = &found.failures[0];
    assert!(failure.is_cut && failure.counted <= 10_000, "{} counted", failure.counted);
    let last = failure.lines(found.passed, 3).pop().unwrap_or_default();
    assert!(last.starts_with("only ") && last.ends_with("there are too many"), "{last}");
}

#[test]
fn the_same_runs_are_counted_alike_and_somebody_may_want_an_end() {
    let program = toy(&[1, 101, 201], |ran| ran.before(101, 1));
    assert_eq!(suspected(&program, 50), suspected(&program, 50));
    let ended = suspects(&program, (Tactic::Walk, 1, 50), &mut Directory::default(), &|| false);
    assert_eq!((ended.runs, ended.failures.len()), (0, 0));
}

#[test]
fn they_are_told_as_a_table() {
    let found = suspected(&toy(&[1, 101], |ran| ran.before(101, 1)), 10);
    let failure = &found.failures[0];
    let (failed, passed) = (failure.failed, found.passed);
    let expected = format!(
        "score  failing  passing  ordering that holds\n\
         1.00   {failed} of {failed}   0 of {passed}   b/does(1)#1 before a/does(1)#1"
    );
    assert_eq!(failure.lines(passed, 9).join("\n"), expected);
    assert_eq!(failure.lines(passed, 0).pop().as_deref(), Some("… and 1 more that go with it less"));
    let always = suspected(&toy(&[1, 101], |_| true), 10);
    let told = always.failures[0].lines(always.passed, 9);
    assert_eq!(told, ["no ordering of two events goes with it: no run passes"]);
}
