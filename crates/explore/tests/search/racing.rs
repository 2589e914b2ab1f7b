//! The races of one run, and what comes of turning them round.

use tiebreak_explore::{Directory, Effect, Phases, Races, races};

use crate::toy::{Ran, Toy, toy};

fn turned(toy: &Toy, runs: usize) -> Races {
    Races::of(toy, (1, Phases::Kept, runs), &mut Directory::default(), &|| true)
}

fn pairs(found: &Races) -> Vec<(u64, u64)> {
    races(&found.run.history, Phases::Kept, usize::MAX)
        .nearest
        .iter()
        .map(|race| (race.first, race.second))
        .collect()
}

fn never(_: &Ran) -> bool {
    false
}

#[test]
fn who_led_to_whom_does_not_race_and_the_nearest_come_first() {
    // a1 schedules b1, which schedules c1; d1 has nothing to do with them.
    let mut chain = toy(&[1, 301], never);
    chain.children = [(1, vec![101]), (101, vec![201])].into();
    let found = turned(&chain, usize::MAX);
    // They run as a1, d1, b1, c1.
    assert_eq!(pairs(&found), [(1, 2), (2, 3), (2, 4)]);
    // At two instants there is no race.
    let mut apart = toy(&[1, 101], never);
    apart.events = vec![(5, 1), (6, 101)];
    assert!(pairs(&turned(&apart, usize::MAX)).is_empty());
}

#[test]
fn a_race_is_turned_round_and_told_by_what_comes_of_it() {
    let found = turned(&toy(&[1, 2, 101], |ran| ran.before(101, 2)), usize::MAX);
    let told = |at: usize| (found.turned[at].ordering.to_string(), found.turned[at].effect.clone());
    assert_eq!((found.count, found.turned.len()), (3, 3));
    assert_eq!(told(0), ("a/does(2)#1 before a/does(1)#1".into(), Effect::Noticed));
    let (ordering, effect) = told(1);
    assert_eq!(ordering, "b/does(1)#1 before a/does(2)#1");
    assert!(matches!(effect, Effect::Fails(failures) if failures[0].monitor == "rule"));
    assert_eq!(told(2).0, "b/does(1)#1 before a/does(1)#1");
}

#[test]
fn only_the_nearest_are_kept_and_all_are_counted() {
    let found = turned(&toy(&[1, 101, 201, 301], never), usize::MAX);
    let most = |most| races(&found.run.history, Phases::Kept, most);
    assert_eq!((most(usize::MAX).count, most(4).count, most(0).nearest.len()), (6, 6, 0));
    assert_eq!(most(4).nearest[..], most(usize::MAX).nearest[..4]);
}

#[test]
fn nobody_notices_what_happens_to_different_actors() {
    let found = turned(&toy(&[1, 101], never), usize::MAX);
    assert_eq!(found.turned[0].effect, Effect::Unnoticed);
}

#[test]
fn what_does_not_come_any_more_cannot_be_turned_round() {
    // The second cancels the first, if it comes before it.
    let mut cancelling = toy(&[1, 101], never);
    cancelling.cancels = [(101, 1)].into();
    assert_eq!(turned(&cancelling, usize::MAX).turned[0].effect, Effect::Impossible);
}

#[test]
fn what_fails_anyway_is_not_the_fault_of_a_race_and_runs_are_counted() {
    let failing = toy(&[1, 101, 201], |_| true);
    let found = turned(&failing, 2);
    assert_eq!((found.count, found.turned.len()), (3, 2));
    assert_eq!(found.run.symptoms.len(), 1);
    assert!(found.turned.iter().all(|turned| turned.effect == Effect::Unnoticed));
    let nothing = Races::of(&failing, (1, Phases::Kept, 9), &mut Directory::default(), &|| false);
    assert_eq!((nothing.count, nothing.turned.len()), (3, 0), "somebody wants an end");
}
