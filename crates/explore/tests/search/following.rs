//! The choices of a run by name: recorded, and followed again.

use alloc::collections::BTreeMap;

use tiebreak_explore::{
    CHOICES_MAX, Campaign, Directory, FullChoices, NotShrunk, Plan, Symptom, Tactic, shrink,
};

use crate::toy::{Ran, Toy, toy};

fn symptom() -> Symptom {
    Symptom { monitor: "rule".into(), event: String::new() }
}

/// The choices of the first failing run of a search, its seed, and what it was shrunk to.
struct Recorded {
    choices: Option<FullChoices>,
    seed: u64,
    not_shrunk: Option<NotShrunk>,
    contended: u64,
}

fn recorded(toy: &Toy, tactic: Tactic, seed: u64) -> Recorded {
    let mut directory = Directory::default();
    let plan = Plan { tactics: vec![tactic], stops_at_failure: true, ..Plan::new(seed, 1_000) };
    let mut campaign = Campaign::new(toy, plan, &mut directory);
    campaign.run(toy, &mut directory);
    let job = campaign.found().values().next().expect("some order fails").first.job.clone();
    let watched = job.watch(toy, campaign.calibration(), &mut directory);
    let run = (&watched.history, &*watched.chosen);
    let choices = FullChoices::record(toy, run, (&symptom(), job.seed), &mut directory);
    let not_shrunk = shrink(toy, &watched.history, &symptom(), job.seed, &mut directory).err();
    Recorded { choices, seed: job.seed, not_shrunk, contended: watched.outcome.contended }
}

/// Whether a program fails if these choices are followed.
fn fails(toy: &Toy, choices: &FullChoices, seed: u64) -> bool {
    choices.follow(toy, seed, &mut Directory::default()).symptoms == [symptom()]
}

/// The names of the events that were next, with their numbers among twins.
fn listed(choices: &FullChoices) -> Vec<String> {
    choices.next.iter().map(|next| format!("{} {}", next.event, next.twin)).collect()
}

const TACTICS: [Tactic; 5] = [Tactic::Clocks, Tactic::Rounds, Tactic::Walk, Tactic::Pos, Tactic::Delay(2)];

#[test]
fn a_run_fails_again_with_its_choices_whatever_the_seed_is() {
    let rule: fn(&Ran) -> bool =
        |ran| ran.before(301, 1) && ran.before(1, 201) && ran.drawn.iter().any(|drawn| *drawn > 500);
    let mut toy = Toy { rolls: vec![1], ..toy(&[1, 101, 201, 301, 302], rule) };
    // It is alone at its instant, so there is nothing to choose.
    toy.events.push((9, 102));
    for tactic in TACTICS {
        let Recorded { choices, contended, .. } = recorded(&toy, tactic, 3);
        let choices = choices.expect("it fails with its choices");
        assert_eq!(choices.next.len() as u64, contended, "{tactic}: {:?}", listed(&choices));
        assert_eq!(choices.draws.len(), 1);
        assert!(!listed(&choices).iter().any(|next| next.contains("b/does(2)")), "{tactic}");
        for seed in 0..50 {
            assert!(fails(&toy, &choices, seed), "{tactic}, seed {seed}: {choices:?}");
        }
    }
}

#[test]
fn choices_tell_twins_apart_that_orderings_cannot() {
    // 103 and 113 have one name and come from outside.
    let toy = toy(&[1, 103, 113, 201], |ran| ran.before(113, 103) && ran.before(201, 1));
    let Recorded { choices, not_shrunk, .. } = recorded(&toy, Tactic::Walk, 1);
    assert_eq!(not_shrunk, Some(NotShrunk::NotByOrder));
    let choices = choices.expect("it fails with its choices");
    assert!(listed(&choices).contains(&"b/does(3)#1 2".to_owned()), "{:?}", listed(&choices));
    assert!((0..50).all(|seed| fails(&toy, &choices, seed)));
    let mut others = choices;
    others.next.iter_mut().for_each(|next| next.twin = 1);
    assert!(!(0..50).any(|seed| fails(&toy, &others, seed)));
}

#[test]
fn what_is_unrelated_moves_no_choice() {
    let rule: fn(&Ran) -> bool = |ran| ran.before(301, 1) && ran.before(1, 201) && ran.before(201, 203);
    let mut small = toy(&[1, 201, 301], rule);
    small.children = BTreeMap::from([(301, vec![203])]);
    for tactic in [Tactic::Clocks, Tactic::Walk, Tactic::Pos] {
        let choices = recorded(&small, tactic, 5).choices.expect("it fails with its choices");
        // More to choose from at that instant, and at one before.
        let mut large = small.clone();
        large.events.extend([(5, 401), (5, 402), (5, 102), (4, 401), (4, 101)]);
        assert!((0..50).all(|seed| fails(&large, &choices, seed)), "{tactic}: {choices:?}");
    }
}

#[test]
fn a_world_that_depends_on_the_seed_fails_with_the_choices_and_the_seed() {
    let by_seed = toy(&[1, 101], |ran| ran.seed % 2 == 1 && ran.before(101, 1));
    let Recorded { choices, seed, not_shrunk, .. } = recorded(&by_seed, Tactic::Walk, 0);
    assert_eq!(not_shrunk, Some(NotShrunk::NotByOrder));
    let choices = choices.expect("it fails with its choices");
    assert!(fails(&by_seed, &choices, seed) && !fails(&by_seed, &choices, seed + 1));
}

#[test]
fn a_list_that_is_too_long_is_not_recorded() {
    let of_instants = |count: u64| {
        let mut toy = toy(&[], |ran| ran.before(101, 1));
        // Two choices at each instant.
        toy.events = (0..count).flat_map(|at| [(at, 1), (at, 101), (at, 201)]).collect();
        recorded(&toy, Tactic::Walk, 1).choices.map(|choices| choices.next.len())
    };
    assert_eq!(of_instants(100), Some(CHOICES_MAX));
    assert_eq!(of_instants(101), None);
}
