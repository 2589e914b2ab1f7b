//! That the probability of something unseen is where it is said to be: it is known from all orders of small worlds.

use alloc::collections::{BTreeMap, BTreeSet};

use tiebreak_explore::{Campaign, Director, Directory, Plan, Program, Setup, Strategy, Tactic};
use tiebreak_kernel::{Frontier, mix};
use tiebreak_trace::Digest;

use crate::toy::{Toy, toy};

/// Probabilities are counted in parts of this.
const ONE: u128 = 1 << 100;
/// Comes through all orders, one after the other.
#[derive(Default)]
struct Orders {
    /// What is chosen, and of how many.
    chosen: Vec<(usize, usize)>,
    made: usize,
}

impl Strategy for Orders {
    fn choose(&mut self, frontier: &Frontier<'_>) -> usize {
        if self.made == self.chosen.len() {
            self.chosen.push((0, frontier.len()));
        }
        self.made += 1;
        assert_eq!(self.chosen[self.made - 1].1, frontier.len(), "the same choices come to the same");
        self.chosen[self.made - 1].0
    }
}

impl Orders {
    /// With what probability a walk has this order.
    fn probability(&self) -> u128 {
        self.chosen.iter().fold(ONE, |probability, (_, of)| probability / *of as u128)
    }

    /// Goes on to the next order, if there is one.
    fn advance(&mut self) -> bool {
        self.made = 0;
        while self.chosen.last().is_some_and(|(chosen, of)| chosen + 1 == *of) {
            self.chosen.pop();
        }
        self.chosen.last_mut().map(|(chosen, _)| *chosen += 1).is_some()
    }
}

/// With what probability a walk shows each behaviour.
fn behaviours(toy: &Toy) -> BTreeMap<Digest, u128> {
    let (mut directory, mut orders) = (Directory::default(), Orders::default());
    let mut found = BTreeMap::new();
    loop {
        let mut director = Director::new(&mut directory, 1).with_strategy(&mut orders);
        let outcome = toy.run(Setup { order: Tactic::Walk.order(), seed: 1 }, &mut director);
        *found.entry(outcome.behaviour).or_default() += orders.probability();
        if !orders.advance() {
            let all: u128 = found.values().sum();
            assert!(all <= ONE && ONE - all < ONE >> 60, "what is rounded away is little");
            return found;
        }
    }
}

/// Small worlds in which behaviours are spread in different ways.
fn worlds() -> Vec<(&'static str, Toy)> {
    let chains = |chains: &[&[u64]]| {
        let first: Vec<u64> = chains.iter().map(|chain| chain[0]).collect();
        let mut toy = toy(&first, |_| false);
        let links = chains.iter().flat_map(|chain| chain.windows(2));
        toy.children = links.map(|link| (link[0], vec![link[1]])).collect();
        toy
    };
    let mut cancelling = toy(&[1, 2, 3, 4, 5, 6], |_| false);
    cancelling.cancels = [(1, 2), (3, 4), (5, 1), (6, 3)].into();
    vec![
        ("all orders of five", toy(&[1, 2, 3, 4, 5], |_| false)),
        ("one beside seven", chains(&[&[1, 2, 3, 4, 5, 6, 7], &[9]])),
        ("two beside seven", chains(&[&[1, 2, 3, 4, 5, 6, 7], &[8, 9]])),
        ("four beside four", chains(&[&[1, 2, 3, 4], &[5, 6, 7, 8]])),
        ("three lanes", chains(&[&[1, 2, 3], &[4, 5, 6], &[7, 8]])),
        ("some cancel others", cancelling),
        ("two actors", toy(&[1, 2, 3, 4, 101, 102, 103, 104], |_| false)),
        ("nothing to choose", toy(&[1], |_| false)),
    ]
}

/// Whether the probability that the next walk shows something unseen is where a campaign says it is.
fn is_told_right(toy: &Toy, truth: &BTreeMap<Digest, u128>, plan: Plan, directory: &mut Directory) -> bool {
    let mut campaign = Campaign::new(toy, plan, directory);
    let mut seen = BTreeSet::new();
    while campaign.stop().is_none() {
        for job in campaign.round() {
            let ran = job.run(toy, campaign.calibration(), directory);
            campaign.add(&ran);
            if job.tactic == Tactic::Walk {
                assert!(truth.contains_key(&ran.outcome.behaviour), "all orders are known");
                seen.insert(ran.outcome.behaviour);
            }
        }
    }
    let unseen: u128 =
        truth.iter().filter(|(behaviour, _)| !seen.contains(behaviour)).map(|(_, mass)| mass).sum();
    let told = campaign.unseen();
    let told = told.iter().find(|told| told.tactic == Tactic::Walk).expect("it has made runs");
    let [low, high] = told.between.map(|billionths| ONE / 1_000_000_000 * u128::from(billionths));
    // A billionth is not a whole number of parts.
    (low..=high + (ONE >> 60)).contains(&unseen)
}

#[test]
fn the_probability_of_something_unseen_is_in_its_interval() {
    // `.ci/full` runs it in release.
    let (campaigns, tried) = if cfg!(debug_assertions) { (50, 2) } else { (1_000, usize::MAX) };
    for (name, toy) in worlds().into_iter().take(tried) {
        let truth = behaviours(&toy);
        for (tactics, runs) in [
            (vec![Tactic::Walk], 10),
            (vec![Tactic::Walk], 100),
            (vec![Tactic::Walk], 400),
            // How many of these are walks depends on what they have shown.
            (vec![Tactic::Clocks, Tactic::Walk], 400),
        ] {
            let mut directory = Directory::default();
            let plan = |campaign| Plan { tactics: tactics.clone(), ..Plan::new(mix(campaign), runs) };
            let is_right = |campaign: &u64| is_told_right(&toy, &truth, plan(*campaign), &mut directory);
            let right = (0..campaigns).filter(is_right).count() as u64;
            let said = format!("{name} · {} behaviours · {tactics:?} · {runs} runs", truth.len());
            println!("{said}: {right} of {campaigns}");
            assert!(right * 100 >= campaigns * 93, "{said}: {right} of {campaigns}");
        }
    }
}
