//! The example of the manual does what it says.

use tiebreak::Order;
use tiebreak_runner::{Prepared, Recordings, RunOptions};

#[test]
fn the_first_example_of_the_manual_holds_under_every_order() {
    let manual = include_str!("../../../docs/SCENARIO.md");
    let example =
        manual.split("```ron\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let loaded = tiebreak_scenario::load(example).expect("it has no mistakes");
    let prepared = Prepared::new(&loaded.plan, &Recordings::new()).expect("it needs no recordings");
    for order in Order::ALL {
        for seed in 0..50 {
            let run =
                prepared.record(RunOptions { seed: Some(seed), order: Some(order), ..RunOptions::default() });
            assert!(run.report.findings.is_empty(), "{order}, seed {seed}: {:?}", run.report.findings);
        }
    }
}
