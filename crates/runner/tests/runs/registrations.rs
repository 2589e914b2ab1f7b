//! One client in several tables: each of its registrations has its own names, and is told and refused for itself.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use tiebreak_runner::{ModelCheck, Prepared, Recordings, RunOptions, RunReport};

/// Runs beside the reference model under several orders; returns the reports.
fn check(clients: &str, expect: &str) -> Vec<RunReport> {
    let text = format!("Scenario(format: 1, until: \"60s\", clients: [{clients}], expect: [{expect}])");
    let plan = tiebreak_scenario::load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).plan;
    let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
    let run = |seed| {
        let options = RunOptions { seed: Some(seed), model: ModelCheck::On, ..RunOptions::default() };
        let recorded = prepared.record(options);
        let findings: Vec<String> = recorded.report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(findings, [""; 0], "seed {seed}\n{}", recorded.trace);
        recorded.report
    };
    (1..=10).map(run).collect()
}

#[test]
fn one_name_means_another_object_in_each_registration() {
    let client = r#"Client(name: "a", protocol: "RIP", also: [Registration(name: "b", instance: 1)], script: [
        At("0s", All([Register, As("b", [Register])])),
        At("1s", AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)),
        At("1s", AddRoute(name: "r", dest: "10.0.0.0/8", via: ["gw"], metric: 1)),
        At("2s", As("b", [DeleteRoute(route: "r"), AddRoute(name: "r", dest: "11.0.0.0/8", via: ["gw"], metric: 1)])),
        At("3s", As("b", [AddNextHop(name: "gw", address: "192.0.2.2", interface: 1)])),
        At("4s", As("b", [AddRoute(name: "r", dest: "11.0.0.0/8", via: ["gw"], metric: 1), As("main", [DeleteRoute(route: "r")])])),
    ])"#;
    let expect = r#"
        Count(of: "a.b/skipped(delete-route(r))", is: 1),
        Count(of: "a.b/skipped(add-route(11.0.0.0/8))", is: 1),
        At(of: "a/RtmDeleteRouteToDest(10.0.0.0/8)", at: "4s"),
        Best(dest: "11.0.0.0/8", owner: "a.b", via: ["192.0.2.2"], instance: 1),
        Unreachable("10.0.0.0/8")"#;
    check(client, expect);
}

#[test]
fn who_leaves_one_table_keeps_what_it_has_in_the_other() {
    for (leaver, stayer, instance) in [("main", "b", 1), ("b", "main", 0)] {
        let client = format!(
            r#"Client(name: "a", protocol: "RIP", also: [Registration(name: "b", instance: 1)], script: [
                At("0s", All([As("main", [Register]), As("b", [Register])])),
                At("1s", As("{leaver}", [AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1), HoldRoute(route: "r")])),
                At("1s", As("{stayer}", [
                    AddNextHop(name: "gw", address: "192.0.2.1", interface: 1),
                    AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1),
                    HoldRoute(route: "r"),
                    RegisterForChanges(name: "n", types: [Best]),
                ])),
                At("2s", As("{leaver}", [ReleaseRoute(route: "r"), DeleteRoute(route: "r"), Deregister])),
                At("3s", As("{stayer}", [UpdateRoute(route: "r", metric: 7, via: ["gw"]), ReleaseRoute(route: "r")])),
                At("4s", As("{stayer}", [Drain(changes: "n")])),
            ])"#
        );
        let owner = if stayer == "main" { "a" } else { "a.b" };
        let expect = format!(
            r#"Best(dest: "10.0.0.0/8", owner: "{owner}", metric: 7, via: ["192.0.2.1"], instance: {instance}),
            Answers(of: "a*/Rtm*Route*", status: NoError),
            Count(of: "{owner}/changed(10.0.0.0/8)", is: 1),
            Never("*/skipped")"#
        );
        check(&client, &expect);
    }
}

#[test]
fn what_a_reaction_puts_off_is_done_as_who_was_told_and_is_a_step_of_the_client() {
    let client = r#"Client(name: "a", protocol: "RIP",
        also: [Registration(name: "b", instance: 1, on: {
            EntityRegistered: [When(About("late"), [
                Set("told"),
                After("1s", [AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1), When(Flag("told"), [Clear("told")])], "answer"),
                After("2s", [ListEntities], "never"),
                As("main", [After("1s", [AddRoute(dest: "10.0.0.0/8", metric: 2)], "other")]),
            ])],
        })],
        script: [At("0s", All([As("b", [Register]), Register])), At("2500ms", Cancel("never"))],
        on: { EntityRegistered: [Set("wrong")] },
    ), Client(name: "late", protocol: "OSPF", instance: 1, callback: false, script: [At("1s", Register)])"#;
    let expect = r#"
        At(of: "a/step(answer)", at: "2s"),
        Best(dest: "10.0.0.0/8", owner: "a.b", metric: 1, instance: 1),
        Best(dest: "10.0.0.0/8", owner: "a", metric: 2),
        Count(of: "a/flag(told)", is: 2),
        Never("a/flag(wrong)"),
        Never("a/step(never)"),
        Count(of: "a/step(other)", is: 1)"#;
    check(client, expect);
}

#[test]
fn a_notification_is_of_a_registration_for_changes_of_who_is_told() {
    let client = r#"Client(name: "a", protocol: "RIP",
        also: [Registration(name: "b", instance: 1, on: {
            ChangeNotification: [When(Notified("n"), [Drain(changes: "notified", each: [
                As("main", [AddRoute(dest: "changed", metric: 9)]),
            ])])],
        })],
        script: [
            At("0s", All([Register, RegisterForChanges(name: "n", types: [Best])])),
            At("0s", As("b", [Register, RegisterForChanges(name: "n", types: [Best])])),
        ],
    ), Client(name: "other", protocol: "OSPF", instance: 1, script: [
        At("1s", All([Register, AddRoute(dest: "10.0.0.0/8", metric: 1)])),
    ])"#;
    let expect = r#"
        Count(of: "a.b/changed(10.0.0.0/8)", is: 1),
        Count(of: "a.b/change-notification(n)", is: 1),
        Best(dest: "10.0.0.0/8", owner: "a", metric: 9)"#;
    check(client, expect);
}

#[test]
fn a_callback_that_has_paused_goes_on_as_whom_it_was() {
    let lookup = |host: u32| format!(r#"Lookup(dest: "192.0.2.{host}/32")"#);
    let [one, two, three, four] = [1, 2, 3, 4].map(lookup);
    let client = format!(
        r#"Client(name: "a", protocol: "RIP", also: [Registration(name: "b", instance: 1)],
            script: [At("0s", All([As("b", [Register]), Register]))],
            on: {{ EntityRegistered: [
                {one},
                As("b", [Pause("1s"), {two}, Pause("1s"), As("main", [Pause("1s"), {three}]), {two}]),
                {four},
            ] }},
        ), Client(name: "late", protocol: "OSPF", callback: false, script: [At("1s", Register)])"#
    );
    let expect = r#"
        At(of: "a/RtmGetExactMatchDestination(192.0.2.1/32)", at: "1s"),
        Within(of: "a.b/RtmGetExactMatchDestination(192.0.2.2/32)", from: "2s", to: "4s"),
        Count(of: "a.b/RtmGetExactMatchDestination(*)", is: 2),
        At(of: "a/RtmGetExactMatchDestination(192.0.2.3/32)", at: "4s"),
        At(of: "a/RtmGetExactMatchDestination(192.0.2.4/32)", at: "4s"),
        Count(of: "a/RtmGetExactMatchDestination(*)", is: 3)"#;
    check(&client, expect);
}

#[test]
fn who_left_and_came_back_calls_as_the_new_entity() {
    let client = r#"Client(name: "a", protocol: "RIP", also: [Registration(name: "b", instance: 1)], script: [
        At("0s", As("b", [Register])),
        At("1s", As("b", [Deregister])),
        At("2s", Register),
        At("3s", As("b", [Register, AddRoute(name: "r", dest: "10.0.0.0/8", metric: 1)])),
        At("4s", As("b", [UpdateRoute(route: "r", metric: 2)])),
        At("5s", AddRoute(dest: "10.0.0.0/8", metric: 3)),
    ])"#;
    let expect = r#"
        Best(dest: "10.0.0.0/8", owner: "a.b", metric: 2, instance: 1),
        Best(dest: "10.0.0.0/8", owner: "a", metric: 3)"#;
    check(client, expect);
}

#[test]
fn members_of_a_group_have_registrations_of_their_own() {
    let group = r#"Client(name: "a", protocol: "RIP", count: 3, only: ["a1", "a3"], also: [
            Registration(name: "b", instance: 1, on: { EntityRegistered: [When(About("a{n}.c"), [Set("own{n}")])] }),
            Registration(name: "c", instance: 1, callback: false),
        ],
        script: [
            At("0s", As("b", [Register, AddRoute(dest: "10.0.{n}.0/24", metric: 1)])),
            At("1s", As("c", [Register])),
        ],
    )"#;
    let expect = r#"
        Best(dest: "10.0.1.0/24", owner: "a1.b", instance: 1),
        Best(dest: "10.0.3.0/24", owner: "a3.b", instance: 1),
        Count(of: "a3.b/entity-registered(a3.c)", is: 1),
        Count(of: "a3/flag(own3)", is: 1),
        Count(of: "a*/flag", is: 2)"#;
    check(group, expect);
}

#[test]
fn what_a_callback_forbids_is_refused_as_any_registration_and_is_the_clients_misbehaviour() {
    let client = |forbidden: &str, misbehaves: bool| {
        format!(
            r#"Client(name: "a", protocol: "RIP", misbehaves: {misbehaves}, also: [Registration(name: "b", instance: 1)],
                script: [At("0s", All([Register, As("b", [Register])]))],
                on: {{ EntityRegistered: [As("b", [{forbidden}])] }},
            ), Client(name: "late", protocol: "OSPF", callback: false, script: [At("1s", Register)])"#
        )
    };
    for forbidden in ["ListEntities", "Register", "Deregister"] {
        let reports =
            check(&client(forbidden, true), r#"Count(of: "a.b/violation", is: 1), Never("a/violation")"#);
        assert!(reports.iter().all(|report| report.well_behaved.is_empty()), "{forbidden}");
        check(&client(forbidden, false), r#"Fails("calls-are-accepted")"#);
    }
    let reports = check(&client("Set(\"f\")", true), "");
    assert!(reports.iter().all(|report| report.well_behaved == ["a"]));
}
