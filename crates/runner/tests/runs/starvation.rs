//! Nobody is kept from a turn by somebody who is always busy.

use tiebreak::{End, Order};
use tiebreak_runner::{Prepared, Recordings, RunOptions};

/// `restless` makes itself a new notification in each, at one instant, until `late` has had its turn at the same instant.
const UNTIL_REACHABLE: &str = include_str!("../../../../scenarios/change/until-reachable.ron");

/// Seeds for each order.
const SEEDS: u64 = 10_000;

#[test]
fn no_seed_ends_in_a_limit_under_any_order() {
    let plan = tiebreak_scenario::load(UNTIL_REACHABLE).unwrap().plan;
    let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
    for order in Order::ALL {
        for seed in 1..=SEEDS {
            let options = RunOptions { order: Some(order), seed: Some(seed), ..RunOptions::default() };
            let report = prepared.sweep(options).0;
            assert_eq!((report.end, report.findings), (End::Quiescent, vec![]), "{order} seed {seed}");
        }
    }
}
