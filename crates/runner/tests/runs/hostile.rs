//! Clients that do what they should not, and strangers beside them.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use tiebreak::Fingerprint;
use tiebreak_runner::{ModelCheck, Prepared, Recordings, RunOptions};
use tiebreak_scenario::load;

fn prepared(clients: &str) -> Prepared {
    let text = format!("Scenario(format: 1, until: \"60s\", clients: [{clients}])");
    let plan = load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
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

/// The trace of a run, as text.
fn trace(clients: &str) -> String {
    prepared(clients).record(RunOptions::default()).trace.to_string()
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
        r#"Client(name: "a", protocol: "RIP", misbehaves: true,
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
            r#"Client(name: "a", protocol: "RIP", misbehaves: true, script: [
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
    let mistakes = load(text).unwrap_err();
    assert!(mistakes[0].message.contains("cannot be a name"), "{mistakes:?}");
}

#[test]
fn adding_again_under_a_name_that_holds_two_references_keeps_both() {
    for dest in ["10.0.0.0/8", "11.0.0.0/8"] {
        // For another destination the name stands for another route, and what it held of the former one is given back.
        let release = if dest == "10.0.0.0/8" { r#"At("4s", ReleaseRoute(route: "r")),"# } else { "" };
        check_in_order(&format!(
            r#"Client(name: "a", protocol: "RIP", script: [
                At("0s", Register),
                At("1s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1)),
                At("2s", HoldRoute(route: "r")),
                At("3s", AddRoute(name: "r", dest: "{dest}", metric: 2)),
                {release}
                At("5s", Deregister),
            ])"#
        ));
    }
}

#[test]
fn a_deregistration_that_a_callback_forbids_gives_nothing_back() {
    let client = r#"Client(name: "a", protocol: "RIP",
        script: [
            At("0s", All([Register, AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1)])),
            At("0s", RegisterForChanges(name: "c", types: [All])),
            At("5s", UpdateRoute(route: "r", metric: 2)),
            At("8s", DeleteRoute(route: "r")),
            At("9s", Deregister),
        ],
        on: { EntityRegistered: [Deregister], ChangeNotification: [Drain(changes: "c")] },
    ), Client(name: "b", protocol: "OSPF", script: [At("2s", Register)])"#;
    let text = trace(client);
    let count = |what: &str| text.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count("RtmDeregisterFromChangeNotification"), 1, "at the end only\n{text}");
    assert_eq!(count("skipped"), 0, "it still knows its names\n{text}");
    assert_eq!(count("leak"), 0, "{text}");
}

#[test]
fn what_a_script_cannot_do_is_noted_with_its_reason() {
    let text = trace(
        r#"Client(name: "a", protocol: "RIP", script: [
            At("0s", Register),
            At("0s", AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)),
            At("1s", DeleteNextHop(name: "gw")),
            At("2s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1, neighbour: "gw")),
            At("3s", DeleteRoute(route: "r")),
            At("4s", RegisterForChanges(name: "c", types: [Best])),
            At("5s", Mark(changes: "c", dest: "10.0.0.0/8")),
            At("6s", DeregisterFromChanges(changes: "c")),
            At("7s", Drain(changes: "c")),
            At("8s", When(Flag("up"), [Set("up")])),
            At("9s", DeleteNextHop(name: "gw")),
        ])"#,
    );
    let skipped: Vec<&str> =
        text.lines().filter_map(|line| line.split_once("· skipped(").map(|(_, rest)| rest)).collect();
    let words = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        skipped.iter().map(words).collect::<Vec<_>>(),
        [
            "add-route(10.0.0.0/8)) reason=no-next-hop",
            "delete-route(r)) reason=no-route",
            "mark(10.0.0.0/8)) reason=no-destination",
            "drain(c)) reason=no-registration",
            "set(up)) reason=condition-false",
            "delete-next-hop(gw)) reason=no-next-hop",
        ]
    );
    assert!(!text.contains("route-added"), "no route without its neighbour\n{text}");
}

/// A refresh at the instant of the expiry that withdraws the callback, which comes half a second later.
#[test]
fn a_callback_that_was_withdrawn_did_not_happen() {
    let text = r#"Scenario(format: 1, until: "60s", clients: [Client(name: "a", protocol: "RIP",
        delivery: Constant("500ms"),
        script: [
            At("0s", All([Register, AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1, expires_after: "10s")])),
            At("10200ms", UpdateRoute(route: "r", metric: 2, expires_after: "10s")),
            At("10300ms", Set("between")),
        ],
        on: { RouteExpired: [ReleaseEventRoute] },
    )], expect: [
        Never("a/route-expired(10.0.0.0/8)#2"),
        Count(of: "a/route-expired(10.0.0.0/8)", is: 1),
        Before("a/flag(between)", "a/route-expired(10.0.0.0/8)#1"),
    ])"#;
    let plan = load(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
    let run = Prepared::new(&plan, &Recordings::new()).unwrap().record(RunOptions::default());
    assert_eq!(run.report.findings, [], "{}", run.trace);
    let dropped = run.trace.to_string();
    assert!(dropped.contains("dropped(10.0.0.0/8)"), "{dropped}");
}

#[test]
fn a_withdrawn_expiry_of_a_route_that_is_gone_is_noted_by_its_destination() {
    let text = trace(
        r#"Client(name: "a", protocol: "RIP", delivery: Constant("500ms"), script: [
            At("0s", All([Register, AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1, expires_after: "10s")])),
            At("10200ms", DeleteRoute(route: "r")),
        ])"#,
    );
    let line = text.lines().find(|line| line.contains("dropped")).unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("dropped(10.0.0.0/8)") && line.contains("reason=route-deleted"), "{line}");
}

#[test]
fn a_step_of_a_million_times_has_one_pending_event() {
    struct Pending(u64);
    impl tiebreak::Recorder<tiebreak_rtm_sim::Subject> for Pending {
        fn record(&mut self, _: &tiebreak::Names, record: &tiebreak::Record<'_, tiebreak_rtm_sim::Subject>) {
            self.0 += u64::from(record.name.kind == tiebreak_rtm_sim::vocabulary::kind::STEP);
        }
    }
    let text = r#"Scenario(format: 1, until: "500us", clients: [Client(name: "a", protocol: "RIP", script: [
        At("0s", Register),
        Every(from: "1us", period: "1us", times: 10000000, do: ListEntities, label: "poll"),
    ])])"#;
    let plan = load(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
    // Ten million events at the start would be more than the limit on pending ones allows, and take gigabytes.
    let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
    let (report, Pending(steps), names) = prepared.record_with(RunOptions::default(), Pending(0));
    assert_eq!((report.end, steps), (tiebreak::End::Horizon, 501));
    assert!(names.find("poll#2").is_none(), "labels of later times are not interned");
}

#[test]
fn an_unmet_expectation_of_a_best_route_says_which_view_and_instance_is_meant() {
    let text = r#"Scenario(format: 1, until: "9s", clients: [Client(name: "a", protocol: "RIP", script: [
        At("0s", All([Register, AddRoute(dest: "10.0.0.0/8", metric: 1, views: [mcast])])),
        At("0s", AddRoute(dest: "11.0.0.0/8", metric: 1)),
    ])], expect: [Best(dest: "10.0.0.0/8", owner: "a"), Unreachable("11.0.0.0/8")])"#;
    let plan = load(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
    let run = Prepared::new(&plan, &Recordings::new()).unwrap().record(RunOptions::default());
    assert_eq!(
        run.report.findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "expected best of 10.0.0.0/8 in view ucast of instance 0 at the end: a; found no route",
            "expected 11.0.0.0/8 unreachable in view ucast of instance 0 at the end; found a with metric 1",
        ]
    );
}

#[test]
fn an_observer_whose_registration_is_refused_fails_a_monitor() {
    let (findings, _) = told(
        r#"Client(name: "one", protocol: "NETMGMT", entity: 7, misbehaves: true, script: [At("0s", Register)]),
           Observer(name: "two", entity: 7, at: "1s")"#,
    );
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("two is not declared to misbehave, and its RtmRegisterEntity was refused"));
}

/// A client that is told of every change and takes three seconds over it; another that makes changes meanwhile.
const SLOW: &str = r#"
    Client(name: "slow", protocol: "RIP", takes: Constant("1s"),
        script: [At("0s", All([Register, RegisterForChanges(name: "all", types: [All])]))],
        on: { ChangeNotification: [
            When(Reachable("10.0.0.0/8"), [Set("one"), Pause("2s"), Set("two")]),
            Drain(changes: "all"),
        ] }),
    Client(name: "quick", protocol: "OSPF", callback: false, script: [
        At("5s", Register),
        At("10s", AddRoute(dest: "10.0.0.0/8", metric: 1)),
        At("11s", AddRoute(dest: "11.0.0.0/8", metric: 1)),
        At("12500ms", AddRoute(dest: "12.0.0.0/8", metric: 1)),
    ])"#;

#[test]
fn what_a_callback_is_paused_in_goes_on_where_it_was() {
    let text = trace(SLOW);
    let lines: Vec<&str> =
        text.lines().filter(|line| line.contains(" slow ") && line.contains(" 1")).collect();
    let at = |what: &str| -> Vec<&str> {
        let found = lines.iter().filter(|line| line.contains(what));
        found.filter_map(|line| line.split_whitespace().nth(1)).collect()
    };
    // The first callback begins, goes on after its pause, and returns a second after the last it did; only then comes the
    // next one, of what happened in between.
    assert_eq!(at("flag(one)"), ["10s", "13s"]);
    assert_eq!(at("flag(two)"), ["12s", "15s"]);
    assert_eq!(at(" change-notification(all)#"), ["10s", "13s"], "{text}");
    assert_eq!(at(" resume(all)#"), ["12s", "13s", "15s", "16s"], "{text}");
    assert_eq!(at("changed(11.0.0.0/8)"), ["12s"], "{text}");
    assert_eq!(at("changed(12.0.0.0/8)"), ["15s"], "{text}");
    check_in_order(SLOW);
}

#[test]
fn who_leaves_while_it_is_called_back_is_not_called_back_again() {
    let leaver = SLOW.replace("script: [At(\"0s\"", "script: [At(\"11s\", Deregister), At(\"0s\"");
    let text = trace(&leaver.replace("protocol: \"RIP\"", "protocol: \"RIP\", misbehaves: true"));
    assert_eq!(text.matches(" change-notification(all)#").count(), 1, "{text}");
    assert!(text.contains("dropped(") || !text.contains("12.0.0.0/8)#2"), "{text}");
    check_in_order(&leaver.replace("protocol: \"RIP\"", "protocol: \"RIP\", misbehaves: true"));
}

#[test]
fn a_run_that_ends_in_a_callback_is_not_quiet() {
    // The observer still waits for what it was told to return; its mirror is not judged before.
    let text = r#"Scenario(format: 1, until: "1500ms", clients: [
        Observer(name: "fib", takes: Constant("1s")),
        Client(name: "rip", protocol: "RIP", callback: false, script: [
            At("1s", All([Register, AddRoute(dest: "10.0.0.0/8", metric: 1)])),
            At("1200ms", AddRoute(dest: "11.0.0.0/8", metric: 1)),
        ]),
    ])"#;
    let plan = load(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
    let report = Prepared::new(&plan, &Recordings::new()).unwrap().fingerprint(RunOptions::default()).report;
    assert_eq!((report.end, report.findings), (tiebreak::End::Horizon, vec![]));
}

/// When each event or note of a text happened.
fn times<'t>(text: &'t str, what: &str) -> Vec<&'t str> {
    let lines = text.lines().filter(|line| line.contains(what));
    lines.filter_map(|line| line.split_whitespace().nth(1)).collect()
}

#[test]
fn what_was_put_off_can_be_given_up_until_it_comes() {
    let text = trace(
        r#"Client(name: "a", protocol: "RIP", script: [
            At("0s", Register),
            At("1s", After("5s", [Set("one")], "off")),
            At("2s", After("1s", [Set("two")], "off-2")),
            At("4s", All([Cancel("off"), Cancel("off-2"), Cancel("off")])),
        ])"#,
    );
    assert_eq!(times(&text, "flag("), ["3s"], "{text}");
    assert_eq!(text.matches("· skipped(cancel(off-2))").count(), 1, "{text}");
    assert_eq!(text.matches("reason=not-pending").count(), 2, "{text}");
    check_in_order(
        r#"Client(name: "a", protocol: "RIP", misbehaves: true, script: [
            At("0s", Register),
            At("1s", All([After("1s", [Set("one")], "off"), After("1s", [Cancel("off"), Set("two")], "race")])),
        ])"#,
    );
}

#[test]
fn a_repeated_step_is_late_by_its_jitter_and_over_when_its_condition_is() {
    let script = |more: &str| {
        format!(
            r#"Client(name: "a", protocol: "RIP", script: [
                At("0s", Register),
                Every(from: "1s", period: "1s", times: 9, do: ListEntities, label: "poll"{more}),
                At("4500ms", Set("done")),
            ])"#
        )
    };
    assert_eq!(times(&trace(&script("")), " step(poll#")[..3], ["1s", "2s", "3s"]);
    let text = trace(&script(r#", while: Not(Flag("done"))"#));
    assert_eq!(times(&text, " step(poll#"), ["1s", "2s", "3s", "4s", "5s"], "{text}");
    assert_eq!(times(&text, "skipped(list-entities)"), ["5s"], "{text}");

    let seconds = |at: &str| at.split('s').next().unwrap().parse::<u64>().unwrap();
    let text = trace(&script(r#", jitter: "300ms""#));
    let late = times(&text, " step(poll#");
    assert_eq!(late.iter().map(|at| seconds(at)).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>(), "{text}");
    assert!(late.iter().filter(|at| at.contains("ms")).count() > 5, "{late:?}");
    // Jitter of several periods: none is overtaken, and none is in the past.
    let text = trace(&script(r#", jitter: "5s""#));
    assert_eq!(times(&text, " step(poll#").len(), 9, "{text}");
    check_in_order(&script(r#", jitter: "5s""#));
}

#[test]
fn a_long_callback_of_pauses_and_much_that_is_put_off_take_time_in_proportion() {
    // Each of these was quadratic: a copy of what is left for each pause, a look at all that ever was put off.
    let text = r#"Client(name: "a", protocol: "RIP", script: [
            At("0s", Register),
            Every(from: "1ms", period: "1ms", times: 20000, do: All([Cancel("t"), After("5ms", [Set("x")], "t")])),
        ], on: { EntityRegistered: [For(to: 20000, do: [Pause("1ns")]), Set("end")] }),
        Client(name: "b", protocol: "RIP", script: [At("1s", Register)])"#;
    let report = prepared(text).sweep(RunOptions::default()).0;
    assert_eq!((report.end, report.findings), (tiebreak::End::Quiescent, vec![]));
    assert!(report.events > 40_000, "{}", report.events);
}

#[test]
fn a_repetition_with_numbers_is_one_step() {
    let text = trace(
        r#"Client(name: "a", protocol: "RIP", script: [
            At("0s", Register),
            At("1s", For(to: 200, do: [AddRoute(name: "r{i}", dest: "10.0.{i}.0/24", metric: 1)])),
            At("2s", For(from: 3, to: 200, do: [DeleteRoute(route: "r{i}")])),
        ])"#,
    );
    assert_eq!(
        (text.matches("· route-added(").count(), text.matches("· route-deleted(").count()),
        (200, 198)
    );
    assert_eq!(text.matches(" step(").count(), 3, "{text}");
}

#[test]
fn a_client_may_react_to_whichever_destination_has_changed() {
    // A backup route to whatever is lost, and none to what is there.
    const BACKUP: &str = r#"Client(name: "backup", protocol: "AUTOSTATIC",
            script: [At("0s", All([Register, RegisterForChanges(name: "all", types: [Best], suppress_own: true)]))],
            on: { ChangeNotification: [Drain(changes: "all", each: [
                When(Unreachable("changed"), [Pause("1ms"), AddRoute(dest: "changed", metric: 9)]),
            ])] }),
        Client(name: "rip", protocol: "RIP", callback: false, script: [
            At("1s", All([Register, For(to: 4, do: [AddRoute(name: "r{i}", dest: "10.{i}.0.0/16", metric: 1)])])),
            At("2s", For(from: 2, to: 3, do: [DeleteRoute(route: "r{i}")])),
        ])"#;
    let text = trace(BACKUP);
    let added = times(&text, "owner=backup metric=9");
    assert_eq!(added, ["2s1ms", "2s2ms"], "each after its own pause\n{text}");
    for (dest, at) in [("10.2.0.0/16", "2s1ms"), ("10.3.0.0/16", "2s2ms")] {
        assert_eq!(times(&text, &format!("· RtmAddRouteToDest({dest})      metric=9")), [at], "{text}");
    }
    check_in_order(BACKUP);
}

#[test]
fn what_is_due_when_a_paused_callback_goes_on_waits_for_it() {
    let clients = r#"Client(name: "a", protocol: "RIP", delivery: Constant("1s"), script: [At("0s", Register)],
            on: { EntityRegistered: [Pause("500ms")] }),
        Client(name: "b", protocol: "RIP", callback: false, script: [At("10s", Register)]),
        Client(name: "c", protocol: "RIP", callback: false, script: [At("10500ms", Register)])"#;
    let text = trace(clients);
    assert_eq!(times(&text, " a                 resume("), ["11s500ms", "12s"], "{text}");
    check_in_order(clients);
}
