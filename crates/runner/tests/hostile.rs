//! Clients that do what they should not, and strangers beside them.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use tiebreak::Fingerprint;
use tiebreak_runner::{ModelCheck, Prepared, Recordings, RunOptions};

fn prepared(clients: &str) -> Prepared {
    let text = format!("Scenario(format: 1, until: \"60s\", clients: [{clients}])");
    let plan = tiebreak_scenario::load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
    Prepared::new(&plan, &Recordings::new()).unwrap()
}

/// Runs under fifo-like and seeded orders beside the reference model: no monitor may fail, and the model must agree.
fn check_in_order(clients: &str) {
    let prepared = prepared(clients);
    for seed in 1..=20 {
        let options = RunOptions { seed: Some(seed), model: ModelCheck::On, ..RunOptions::default() };
        let findings: Vec<String> =
            prepared.fingerprint(options).report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(findings, [""; 0], "seed {seed}");
    }
}

/// A client that deregisters holding references on two routes.
const LEAKY: &str = r#"Client(name: "a", protocol: "RIP", script: [
    At("0s", Register),
    At("3s", All([
        AddRoute(name: "x", dest: "10.0.0.0/8", metric: 1),
        AddRoute(name: "y", dest: "11.0.0.0/8", metric: 1),
        HoldRoute(route: "x"),
        HoldRoute(route: "y"),
    ])),
    At("5s", Deregister),
])"#;

fn told(clients: &str) -> (Vec<String>, Fingerprint) {
    let run = prepared(clients).fingerprint(RunOptions::default());
    (run.report.findings.iter().map(ToString::to_string).collect(), run.fingerprint)
}

#[test]
fn what_a_client_leaves_behind_is_told_in_an_order_that_no_stranger_changes() {
    let (alone, layers_alone) = told(LEAKY);
    assert!(alone[0].contains("10.0.0.0/8"), "{alone:?}");
    for freed_first in [["p", "q"], ["q", "p"]] {
        let [first, second] = freed_first;
        let stranger = format!(
            r#"Client(name: "s", protocol: "RIP", instance: 5, script: [
                At("1s", All([
                    Register,
                    AddRoute(name: "p", dest: "12.0.0.0/8", metric: 1),
                    AddRoute(name: "q", dest: "13.0.0.0/8", metric: 1),
                ])),
                At("2s", All([DeleteRoute(route: "{first}"), DeleteRoute(route: "{second}")])),
            ]), {LEAKY}"#
        );
        let (beside, layers_beside) = told(&stranger);
        assert_eq!(layers_alone.actor("a"), layers_beside.actor("a"));
        assert_eq!(layers_alone.actor("manager"), layers_beside.actor("manager"));
        let without_number = |finding: &String| finding.split_once(" at ").map(|(_, rest)| rest.to_string());
        assert_eq!(
            alone.iter().map(without_number).collect::<Vec<_>>(),
            beside.iter().map(without_number).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_refusal_of_a_client_that_came_back_in_its_callback_is_a_refusal() {
    check_in_order(
        r#"Client(name: "a", protocol: "RIP",
            script: [
                At("0s", Register),
                At("1s", RegisterForChanges(name: "c", types: [All])),
                At("2s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 3)),
            ],
            on: { ChangeNotification: [Deregister, Register, RegisterForChanges(name: "c", types: [All])] },
        )"#,
    );
}

#[test]
fn a_refused_edit_leaves_no_reference_behind() {
    for via in [r#"["g2", "g1", "g2"]"#, r#"["g2", "g2"]"#, r#"["g2"]"#] {
        check_in_order(&format!(
            r#"Client(name: "a", protocol: "RIP", script: [
                At("0s", Register),
                At("0s", AddNextHop(name: "g1", address: "192.0.2.1", interface: 1)),
                At("0s", AddNextHop(name: "g2", address: "192.0.2.2", interface: 1)),
                At("1s", AddRoute(name: "r", dest: "10.0.0.0/8", via: ["g1"], metric: 3)),
                At("2s", EditRoute(route: "r", via: {via})),
                At("3s", Deregister),
            ])"#
        ));
    }
}

#[test]
fn registering_for_changes_again_under_a_name_ends_the_former_registration() {
    let client = r#"Client(name: "a", protocol: "RIP",
        script: [
            At("0s", Register),
            At("1s", RegisterForChanges(name: "c", types: [All])),
            At("2s", RegisterForChanges(name: "c", types: [Best])),
            At("3s", AddRoute(dest: "10.0.0.0/8", metric: 3)),
            At("9s", Deregister),
        ],
        on: { ChangeNotification: [Drain(changes: "notified"), DeregisterFromChanges(changes: "notified")] },
    )"#;
    check_in_order(client);
    let (_, layers) = told(client);
    let count = |kind: &str| layers.kind(kind).map_or(0, |layer| layer.records);
    assert_eq!(count("change-notification"), 1, "the former registration hears nothing any more");
    assert_eq!(
        count("RtmDeregisterFromChangeNotification"),
        2,
        "each is ended once, the second in its callback"
    );
}

#[test]
fn nobody_takes_the_name_of_a_peer_of_a_feed() {
    let text = r#"Scenario(format: 1, until: "1s", clients: [Client(name: "u@192.0.2.1", protocol: "BGP")])"#;
    let mistakes = tiebreak_scenario::load(text).unwrap_err();
    assert!(mistakes[0].message.contains("cannot be a name"), "{mistakes:?}");
}
