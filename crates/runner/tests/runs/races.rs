//! The order bugs in `scenarios/races`: each holds in the usual order, shows for a good part of the seeds, and is gone
//! with its fix.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed, and helpers are part of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use tiebreak::Order;
use tiebreak_runner::{Finding, ModelCheck, Prepared, Recordings, RunOptions};
use tiebreak_scenario::{Plan, load};

/// The switch that turns a bug into its fixed twin.
const FIX: &str = "fix";

/// How many seeds are tried with the bug.
const SEEDS: u64 = 400;

/// How many seeds are tried with the fix, half of them seeded and half in rounds.
const SEEDS_FIXED: u64 = 1_000;

/// A scenario that hides an order bug.
struct Race {
    name: String,
    plan: Plan,
}

impl Race {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let plan = load(&text).unwrap_or_else(|mistakes| panic!("{}: {mistakes:#?}", path.display())).plan;
        Self { name: path.file_stem().unwrap().to_string_lossy().into_owned(), plan }
    }

    fn prepare(&self, switches: &[&str]) -> Prepared {
        Prepared::new(&self.plan.with_switches(switches).unwrap(), &Recordings::new()).unwrap()
    }
}

fn races() -> Vec<Race> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/races");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let races: Vec<_> = paths.iter().map(|path| Race::read(path)).collect();
    assert!(races.len() >= 6, "the house has its races");
    races
}

/// What a run finds, beside the reference model.
fn findings(prepared: &Prepared, order: Order, seed: u64) -> Vec<Finding> {
    let (order, seed) = (Some(order), Some(seed));
    prepared.sweep(RunOptions { order, seed, model: ModelCheck::On, ..RunOptions::default() }).0.findings
}

#[test]
fn fix_is_the_one_switch_of_every_race() {
    for Race { name, plan } in races() {
        assert_eq!(plan.switches, [FIX], "{name}");
    }
}

#[test]
fn every_race_holds_under_fifo_with_and_without_the_fix() {
    for race in races() {
        for switches in [&[][..], &[FIX]] {
            let found = findings(&race.prepare(switches), Order::Fifo, 1);
            assert_eq!(found, [], "{} with {switches:?}", race.name);
        }
    }
}

/// The bugs are in the scripts: what fails is what a user expects, never a monitor or the manager.
#[test]
fn every_race_fails_an_expectation_for_five_to_sixty_percent_of_seeds() {
    for race in races() {
        let prepared = race.prepare(&[]);
        let mut failing = 0;
        for seed in 0..SEEDS {
            let found = findings(&prepared, Order::Seeded, seed);
            let is_expectation = |finding: &Finding| matches!(finding, Finding::Expectation(_));
            assert!(found.iter().all(is_expectation), "{} under seed {seed}: {found:?}", race.name);
            failing += u64::from(!found.is_empty());
        }
        let percent = 100 * failing / SEEDS;
        assert!((5..=60).contains(&percent), "{}: {failing} of {SEEDS} seeds fail", race.name);
    }
}

#[test]
fn no_race_fails_with_the_fix() {
    for race in races() {
        let prepared = race.prepare(&[FIX]);
        for order in [Order::Seeded, Order::Rounds] {
            for seed in 0..SEEDS_FIXED / 2 {
                let found = findings(&prepared, order, seed);
                assert_eq!(found, [], "{} under {order}, seed {seed}", race.name);
            }
        }
    }
}
