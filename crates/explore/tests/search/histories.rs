//! What events and draws are called, and who is meant by that.

use alloc::collections::BTreeMap;

use tiebreak_explore::{Calibration, Directory, EventRef, History, Job, Tactic};

use crate::toy::{Toy, toy};

fn run(toy: &Toy, seed: u64) -> (History, Directory) {
    let mut directory = Directory::default();
    let job = Job { number: 0, tactic: Tactic::Walk, turn: 0, seed, prefix: Vec::new() };
    let history = job.watch(toy, &Calibration::default(), &mut directory).history;
    (history, directory)
}

/// What the events are called, by name.
fn called(history: &History, directory: &Directory) -> Vec<String> {
    let numbers = 1..=history.dispatches.len() as u64;
    let mut called: Vec<String> =
        numbers.map(|number| history.reference(number, directory).to_string()).collect();
    called.sort();
    called
}

#[test]
fn what_one_is_called_means_that_one() {
    // Three events of one name from outside; others of one name from outside and by causes; draws at one site by several.
    let mut toy = toy(&[1, 11, 21, 101, 102, 303], |_| false);
    toy.children = BTreeMap::from([
        (1, vec![203, 213, 223]),
        (11, vec![233]),
        (101, vec![243, 313]),
        (102, vec![323, 401]),
        (203, vec![411, 421]),
        (401, vec![304]),
    ]);
    toy.rolls = vec![1, 11, 21, 101, 203, 213, 233, 401, 411];
    for seed in 0..50 {
        let (history, directory) = run(&toy, seed);
        assert_eq!((history.dispatches.len(), history.draws.len()), (17, 9));
        for number in 1..=17 {
            let event = history.reference(number, &directory);
            assert_eq!(history.number_of(&event, &directory), Some(number), "{seed}: {event}");
        }
        for drawn in &history.draws {
            let draw = history.draw_reference(drawn, &directory);
            assert_eq!(history.draw_of(&draw, &directory), Some(drawn), "{seed}: {draw}");
        }
        let of_one = |repeat| EventRef { repeat, .."a/does(1)".parse::<EventRef>().expect("an event") };
        let repeats = (1..=4).map(|repeat| history.number_of(&of_one(repeat), &directory));
        let known: Vec<u64> = repeats.flatten().collect();
        assert!(known.len() == 3 && known.is_sorted(), "there is no fourth: {known:?}");
    }
}

#[test]
fn causes_are_written_out_two_deep_and_where_they_say_more() {
    let mut chain = toy(&[1], |_| false);
    chain.children = BTreeMap::from([(1, vec![101]), (101, vec![201]), (201, vec![301])]);
    let (history, directory) = run(&chain, 1);
    let expected = [
        "a/does(1)#1",
        "b/does(1) of a/does(1)#1",
        "c/does(1) of b/does(1) of a/does(1)#1",
        "d/does(1) of c/does(1) of b/does(1)#1",
    ];
    assert_eq!(called(&history, &directory), expected);
    let mut own = toy(&[1], |_| false);
    own.children = BTreeMap::from([(1, vec![2, 3, 13])]);
    let (history, directory) = run(&own, 1);
    let expected = ["a/does(1)#1", "a/does(2)#1", "a/does(3) of a/does(1)#1", "a/does(3)#2 of a/does(1)#1"];
    assert_eq!(
        called(&history, &directory),
        expected,
        "what an actor causes itself once is counted in the run"
    );
}

#[test]
fn who_may_be_overtaken_by_what_others_cause_is_counted_among_those_from_outside() {
    let called_of = |children: &[(u64, Vec<u64>)]| {
        let mut toy = toy(&[201, 1], |_| false);
        toy.children = children.iter().cloned().collect();
        let (history, directory) = run(&toy, 1);
        called(&history, &directory)
    };
    let follows = called_of(&[(201, vec![101]), (101, vec![211, 221])]);
    assert!(follows.contains(&"c/does(1)#1".into()), "the others follow from it: {follows:?}");
    let overtakes = called_of(&[(201, vec![101]), (101, vec![211]), (1, vec![221])]);
    assert!(
        overtakes.contains(&"c/does(1)#1 from outside".into()),
        "one follows from another: {overtakes:?}"
    );
}
