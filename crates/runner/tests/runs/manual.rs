//! What the manual says, holds.

use tiebreak::Order;
use tiebreak_runner::{Prepared, Recordings, RunOptions};

#[test]
fn the_first_example_of_the_manual_holds_under_every_order() {
    let manual = include_str!("../../../../docs/SCENARIO.md");
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

#[test]
fn a_scenario_may_last_for_as_long_as_a_span_can_say() {
    let text = r#"Scenario(format: 1, until: "100000h", limit: 100, clients: [
        Client(name: "a", protocol: "RIP", script: [At("90000h", Set("x"))])], expect: [Count(of: "a/flag", is: 1)])"#;
    for text in [text, &text.replace("limit: 100, ", "")] {
        let loaded = tiebreak_scenario::load(text).expect("it has no mistakes");
        let prepared = Prepared::new(&loaded.plan, &Recordings::new()).expect("it needs no recordings");
        let run = prepared.record(RunOptions::default());
        assert!(run.report.findings.is_empty(), "{:?}", run.report.findings);
    }
}
