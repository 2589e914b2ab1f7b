//! What only happens because a callback takes time.

use tiebreak_runner::{ModelCheck, Prepared, Recordings, RunOptions};

/// A refresh that falls between an expiry's callback and its answer is lost with the route.
const HEARD_TOO_LATE: &str = include_str!("../../../../scenarios/window/heard-too-late.ron");

/// Seeds for each way to run it.
const SEEDS: u64 = 50;

#[test]
fn a_callback_that_is_over_at_once_holds_and_one_that_takes_time_only_with_the_fix() {
    let plan = tiebreak_scenario::load(HEARD_TOO_LATE).unwrap().plan;
    for (switches, failing) in
        [(vec![], 0), (vec!["slow"], SEEDS), (vec!["slow", "fix"], 0), (vec!["fix"], 0)]
    {
        let prepared = Prepared::new(&plan.with_switches(&switches).unwrap(), &Recordings::new()).unwrap();
        let fails = |seed: &u64| {
            let options = RunOptions { seed: Some(*seed), model: ModelCheck::On, ..RunOptions::default() };
            !prepared.sweep(options).0.findings.is_empty()
        };
        assert_eq!((0..SEEDS).filter(fails).count() as u64, failing, "{switches:?}");
    }
}
