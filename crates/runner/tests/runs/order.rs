//! Orders by hand: runs keep them, and say what they could not keep.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed, and helpers are part of tests")]

use tiebreak::Order;
use tiebreak_runner::{Prepared, Recordings, RunOptions};
use tiebreak_scenario::load;

/// Two clients that add a route at one instant, the callbacks of one of which are delayed, and an order.
fn findings(order: &str, seed: u64, policy: Order) -> Vec<String> {
    let text = format!(
        r#"Scenario(
    format: 1,
    until: "20s",
    order: Constrained([{order}]),
    clients: [
        Client(name: "a", protocol: "RIP", script: [
            At("0s", All([Register, AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)])),
            At("10s", AddRoute(dest: "10.0.0.0/8", via: ["gw"], metric: 3)),
        ]),
        Client(name: "b", protocol: "RIP", script: [
            At("0s", All([Register, AddNextHop(name: "gw", address: "192.0.2.2", interface: 1)])),
            At("10s", AddRoute(dest: "10.0.0.0/8", via: ["gw"], metric: 3)),
        ]),
        Client(name: "c", protocol: "OSPF", delivery: Drawn(min: "1ms", max: "9ms"), script: [
            At("1s", All([Register, RegisterForChanges(name: "n", types: [Best])])),
        ], on: {{ ChangeNotification: [Drain(changes: "n")] }}),
    ],
    expect: [
        Best(dest: "10.0.0.0/8", owner: "b"),
        At(of: "c/change-notification(n)", at: "10005ms"),
    ],
)"#
    );
    let plan = load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).plan;
    let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
    let options = RunOptions { seed: Some(seed), order: Some(policy), ..RunOptions::default() };
    let report = prepared.record(options).report;
    assert_eq!(report.findings, prepared.sweep(options).0.findings, "whatever is kept of the run");
    report.findings.iter().map(ToString::to_string).collect()
}

const B_FIRST: &str = "Before(\"b/step(add-route(10.0.0.0/8)#1)\", \"a/step(add-route(10.0.0.0/8)#1)\")";

#[test]
fn an_order_is_kept_under_every_seed_and_policy() {
    let site = draw_site();
    let order = format!("{B_FIRST}, Draw(\"{site}\", 5)");
    for policy in Order::ALL {
        for seed in 0..20 {
            assert_eq!(findings(&order, seed, policy), [""; 0], "{policy} {seed}");
        }
    }
    let others =
        (0..20).filter(|seed| !findings(&format!("Draw(\"{site}\", 5)"), *seed, Order::Seeded).is_empty());
    assert!(others.count() > 3, "without the ordering the other one is first for a good part of the seeds");
}

/// Where the delay of `c` is drawn, as a draw that is not made says.
fn draw_site() -> String {
    let said = findings("Draw(\"c/delivry\", 5)", 1, Order::Seeded);
    let said = said.iter().find(|line| line.contains("nothing is drawn as `c/delivry#1`")).unwrap();
    said.split("did you mean `").nth(1).and_then(|rest| rest.split('`').next()).expect(said).to_owned()
}

#[test]
fn what_cannot_be_kept_is_a_finding() {
    let site = draw_site();
    for (order, said) in [
        (
            "Before(\"b/step(add-route(10.0.0.0/8)#1)#2\", \"a/step(add-route(10.0.0.0/8)#1)\")".to_owned(),
            "`b/step(add-route(10.0.0.0/8)#1)#2` did not happen; there is `b/step(add-route(10.0.0.0/8)#1)#1`",
        ),
        (
            "Before(\"b/step(add-route(10.0.0.0/8)#1)\", \"c/change-notification\")".to_owned(),
            "`c/change-notification#1` did not happen; did you mean `c/change-notification(n)`?",
        ),
        (
            "Before(Of(\"c/change-notification(n)\", \"b/step(add-route(10.0.0.0/8)#1)#7\"), \"a/step(add-route(10.0.0.0/8)#1)\")".to_owned(),
            "`b/step(add-route(10.0.0.0/8)#1)#7` did not happen",
        ),
        (
            "Before(\"b/step(add-route(10.0.0.0/8)#1)\", \"a/step(register#1)\")".to_owned(),
            "`a/step(register#1)#1` had to run although `b/step(add-route(10.0.0.0/8)#1)#1` had not",
        ),
        (format!("Draw(\"{site}\", 10)"), "#1 draws 10, but can only be 1 to 9"),
        (format!("Draw(\"{site}#9\", 5)"), "#9`; it is drawn once"),
    ] {
        let found = findings(&order, 1, Order::Seeded);
        let is_said = |line: &String| line.starts_with("the order cannot be kept: ") && line.contains(said);
        assert!(found.iter().any(is_said), "{order}\n{found:#?}");
    }
}
