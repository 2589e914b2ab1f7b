//! What expectations and conditions say of a run, and what is said of them if they are not met.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed, and helpers are part of tests")]

use tiebreak::Order;
use tiebreak_runner::{ModelCheck, Prepared, Recordings, RunOptions};

/// Seeds under each policy that draws.
const SEEDS: u64 = 10;

/// What is wrong with a run, under every policy the same.
fn findings(clients: &str, expect: &str) -> Vec<String> {
    let text = format!("Scenario(format: 1, until: \"60s\", clients: [{clients}], expect: [{expect}])");
    let loaded = tiebreak_scenario::load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert_eq!(loaded.warnings, []);
    let prepared = Prepared::new(&loaded.plan, &Recordings::new()).unwrap();
    let run = |order, seed| {
        let options = RunOptions {
            order: Some(order),
            seed: Some(seed),
            model: ModelCheck::On,
            ..RunOptions::default()
        };
        prepared.sweep(options).0.findings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let found = run(Order::Fifo, 1);
    for order in Order::ALL {
        for seed in 0..SEEDS {
            assert_eq!(run(order, seed), found, "{expect} under {order} seed {seed}");
        }
    }
    found
}

fn check_met(clients: &str, expect: &str) {
    assert_eq!(findings(clients, expect), [""; 0], "{expect}");
}

fn check_unmet(clients: &str, expect: &str, message: &str) {
    assert_eq!(findings(clients, expect), [message], "{expect}");
}

/// One route of each of two clients runs out, at 31s and at 35s.
const EXPIRING: &str = r#"
    Client(name: "rip1", protocol: "RIP", script: [
        At("0s", Register),
        At("1s", AddRoute(dest: "10.0.0.0/8", metric: 3, expires_after: "30s")),
    ]),
    Client(name: "rip2", protocol: "RIP", script: [
        At("0s", Register),
        At("5s", AddRoute(dest: "10.5.0.0/16", metric: 3, expires_after: "30s")),
    ])"#;

/// What nothing of `EXPIRING` does.
const NOTHING_SUCH: &str = "rip1/RtmDeregisterEntity";

#[test]
fn what_should_never_happen_is_counted() {
    let twice = r#"Client(name: "rip", protocol: "RIP", script: [
        At("0s", Register),
        At("1s", AddRoute(dest: "10.0.0.0/8", metric: 3, expires_after: "30s")),
        At("5s", AddRoute(dest: "10.5.0.0/16", metric: 3, expires_after: "30s")),
    ])"#;
    let check = |expect, message: &str| {
        let found = findings(twice, expect).concat();
        let record = found.strip_prefix(message).unwrap_or_else(|| panic!("{found}"));
        assert!(record.parse::<u64>().is_ok(), "{found}");
    };
    check(
        r#"Never("rip/expiry(10.5.0.0/16)")"#,
        "expected never rip/expiry(10.5.0.0/16); found it happened once, as record ",
    );
    check(
        r#"Never("rip/expiry(*)")"#,
        "expected never rip/expiry(*); found it happened 2 times, first as record ",
    );
}

#[test]
fn every_event_happens_at_its_instant() {
    check_met(EXPIRING, r#"At(of: "rip1/expiry(*)", at: "31s"), At(of: "rip2/expiry(*)", at: "35s")"#);
    check_unmet(
        EXPIRING,
        r#"At(of: "rip*/expiry(*)#1", at: "31s")"#,
        "expected every rip*/expiry(*)#1 at 31s; found rip2/expiry(10.5.0.0/16)#1 at 35s, record 19",
    );
    check_unmet(
        EXPIRING,
        r#"At(of: "manager/route-added", at: "4s999ms999us999ns")"#,
        "expected every manager/route-added at 4s999ms999us999ns; found manager/route-added(10.0.0.0/8) at 1s, record 8",
    );
    check_unmet(
        EXPIRING,
        &format!(r#"At(of: "{NOTHING_SUCH}", at: "31s")"#),
        "expected every rip1/RtmDeregisterEntity at 31s; found no such event",
    );
}

#[test]
fn every_event_happens_within_its_time_both_ends_included() {
    let within = |from, to| format!(r#"Within(of: "*/expiry", from: "{from}", to: "{to}")"#);
    check_met(EXPIRING, &within("31s", "35s"));
    check_unmet(
        EXPIRING,
        &within("31s1ns", "35s"),
        "expected every */expiry from 31s1ns to 35s; found rip1/expiry(10.0.0.0/8)#1 at 31s, record 14",
    );
    check_unmet(
        EXPIRING,
        &within("31s", "34s"),
        "expected every */expiry from 31s to 34s; found rip2/expiry(10.5.0.0/16)#1 at 35s, record 19",
    );
    check_unmet(
        EXPIRING,
        &format!(r#"Within(of: "{NOTHING_SUCH}", from: "0s", to: "60s")"#),
        "expected every rip1/RtmDeregisterEntity from 0s to 1m; found no such event",
    );
}

#[test]
fn every_event_happens_at_an_instant_or_later() {
    check_met(EXPIRING, r#"After(of: "*/expiry", from: "31s"), After(of: "rip2/expiry", from: "0s")"#);
    check_unmet(
        EXPIRING,
        r#"After(of: "*/expiry", from: "32s"), After(of: "rip2/expiry", from: "32s")"#,
        "expected every */expiry at 32s or later; found rip1/expiry(10.0.0.0/8)#1 at 31s, record 14",
    );
    check_unmet(
        EXPIRING,
        &format!(r#"After(of: "{NOTHING_SUCH}", from: "0s")"#),
        "expected every rip1/RtmDeregisterEntity at 0s or later; found no such event",
    );
}

#[test]
fn expectations_on_one_pattern_are_judged_each_for_itself() {
    let expect = r#"
        At(of: "*/expiry", at: "31s"), At(of: "*/expiry", at: "35s"),
        After(of: "*/expiry", from: "31s"), Count(of: "*/expiry", is: 2)"#;
    let found = findings(EXPIRING, expect);
    assert_eq!(
        found,
        [
            "expected every */expiry at 31s; found rip2/expiry(10.5.0.0/16)#1 at 35s, record 19",
            "expected every */expiry at 35s; found rip1/expiry(10.0.0.0/8)#1 at 31s, record 14",
        ]
    );
}

/// Somebody who looks up what is there and what is not, and somebody who asks for what its callback forbids.
const CALLING: &str = r#"
    Client(name: "rip", protocol: "RIP", callback: false, script: [
        At("0s", Register),
        At("2s", Lookup(dest: "10.0.0.0/8")),
        At("3s", Lookup(dest: "11.0.0.0/8")),
        At("4s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 3)),
        At("5s", Lookup(dest: "10.0.0.0/8")),
    ]),
    Client(name: "odd", protocol: "BGP", misbehaves: true, script: [
        At("1s", All([Register, RegisterForChanges(name: "first", types: [Best])])),
        At("50s", Deregister),
        At("51s", AddRoute(dest: "12.0.0.0/8", metric: 3)),
    ], on: { ChangeNotification: [Drain(changes: "first"), RegisterForChanges(name: "inside", types: [All])] })"#;

#[test]
fn every_call_is_answered_with_its_status() {
    check_met(
        CALLING,
        r#"Answers(of: "rip/RtmGetExactMatchDestination(11.0.0.0/8)", status: NotFound),
        Answers(of: "rip/RtmGetExactMatchDestination(11.0.0.0/8)", status: 1168),
        Answers(of: "rip/RtmAdd*", status: NoError),
        Answers(of: "odd/RtmAddRouteToDest", status: InvalidHandle)"#,
    );
    check_unmet(
        CALLING,
        r#"Answers(of: "rip/RtmGetExactMatchDestination(*)", status: NotFound)"#,
        "expected every rip/RtmGetExactMatchDestination(*) answered with ERROR_NOT_FOUND; \
         found rip/RtmGetExactMatchDestination(10.0.0.0/8) answered with NO_ERROR at 5s, record 21",
    );
    check_unmet(
        CALLING,
        r#"Answers(of: "rip/RtmAddRouteToDest(*)", status: 4242)"#,
        "expected every rip/RtmAddRouteToDest(*) answered with 4242; \
         found rip/RtmAddRouteToDest(10.0.0.0/8) answered with NO_ERROR at 4s, record 11",
    );
    check_unmet(
        CALLING,
        r#"Answers(of: "rip/RtmDeregisterEntity", status: NoError)"#,
        "expected every rip/RtmDeregisterEntity answered with NO_ERROR; found no such event",
    );
}

#[test]
fn a_call_that_is_refused_without_a_status_is_answered_with_none() {
    for status in ["NoError", "AccessDenied", "0"] {
        let found = findings(
            CALLING,
            &format!(r#"Answers(of: "odd/RtmRegisterForChangeNotification(inside)", status: {status})"#),
        );
        let [message] = &found[..] else { panic!("{found:?}") };
        assert!(
            message.ends_with(
                "; found odd/RtmRegisterForChangeNotification(inside) without a status: reentrancy at 4s, record 18"
            ),
            "{message}"
        );
    }
}

/// A route with everything, and one with as little as there can be.
const ROUTES: &str = r#"
    Client(name: "rip", protocol: "RIP", callback: false, script: [
        At("0s", Register),
        At("0s", AddNextHop(name: "east", address: "192.0.2.1", interface: 1)),
        At("0s", AddNextHop(name: "west", address: "192.0.2.2", interface: 1)),
        At("0s", AddNextHop(name: "west-too", address: "192.0.2.2", interface: 2)),
        At("1s", AddRoute(dest: "10.0.0.0/8", via: ["west", "east", "west-too"], neighbour: "east", metric: 3, preference: 7)),
        At("1s", AddRoute(dest: "11.0.0.0/8", metric: 4)),
    ])"#;

#[test]
fn the_best_route_is_as_far_as_it_is_described() {
    let best = |dest: &str, rest: &str| format!(r#"Best(dest: "{dest}", owner: "rip"{rest})"#);
    let whole =
        r#", metric: 3, preference: 7, neighbour: "192.0.2.1", via: ["192.0.2.2", "192.0.2.2", "192.0.2.1"]"#;
    for met in [whole, "", ", preference: 7", r#", neighbour: "192.0.2.1""#] {
        check_met(ROUTES, &best("10.0.0.0/8", met));
    }
    check_met(ROUTES, &best("11.0.0.0/8", ", via: []"));
    let place = "in view ucast of instance 0 at the end";
    for (rest, expected, found) in [
        (", preference: 6", "preference 6", "metric 3, preference 7"),
        (r#", neighbour: "192.0.2.2""#, "neighbour 192.0.2.2", "metric 3, neighbour 192.0.2.1"),
        (
            r#", metric: 3, via: ["192.0.2.1", "192.0.2.2"]"#,
            "metric 3, next hops 192.0.2.1 and 192.0.2.2",
            "metric 3, next hops 192.0.2.2 and 192.0.2.1 and 192.0.2.2",
        ),
        (", via: []", "no next hops", "metric 3, next hops 192.0.2.2 and 192.0.2.1 and 192.0.2.2"),
    ] {
        let message =
            format!("expected best of 10.0.0.0/8 {place}: rip with {expected}; found rip with {found}");
        check_unmet(ROUTES, &best("10.0.0.0/8", rest), &message);
    }
    for (rest, expected, found) in [
        (r#", neighbour: "192.0.2.1""#, "neighbour 192.0.2.1", "no neighbour"),
        (r#", via: ["192.0.2.1"]"#, "next hops 192.0.2.1", "no next hops"),
    ] {
        let message = format!(
            "expected best of 11.0.0.0/8 {place}: rip with {expected}; found rip with metric 4, {found}"
        );
        check_unmet(ROUTES, &best("11.0.0.0/8", rest), &message);
    }
    check_unmet(
        ROUTES,
        &best("12.0.0.0/8", ", preference: 7"),
        &format!("expected best of 12.0.0.0/8 {place}: rip with preference 7; found no route"),
    );
}

/// Checks which flag somebody sets when there are these routes: `covered` or `open`, as it finds 10.1.0.0/16.
fn check_covered(routes: &[&str], flag: &str) {
    let routes: Vec<String> = routes.iter().map(|route| format!("AddRoute({route}, metric: 1)")).collect();
    let routes = routes.join(", ");
    let clients = format!(
        r#"Client(name: "rip", protocol: "RIP", callback: false, script: [At("1s", All([Register, {routes}]))]),
        Client(name: "asks", protocol: "OSPF", callback: false, script: [
            At("2s", When(Covered("10.1.0.0/16"), [Set("too-early")])),
            At("3s", Register),
            At("4s", When(Covered("10.1.0.0/16"), [Set("covered")])),
            At("5s", When(Not(Covered("10.1.0.0/16")), [Set("open")])),
            At("6s", Deregister),
        ])"#
    );
    let expect = format!(
        r#"Count(of: "asks/flag", is: 1), Count(of: "asks/flag({flag})", is: 1), Never("asks/Rtm*Dest*")"#
    );
    check_met(&clients, &expect);
}

#[test]
fn a_destination_is_covered_by_itself_and_by_shorter_prefixes_that_have_a_unicast_route() {
    check_covered(&[], "open");
    check_covered(&[r#"dest: "10.1.0.0/16""#], "covered");
    check_covered(&[r#"dest: "10.0.0.0/8""#], "covered");
    check_covered(&[r#"dest: "0.0.0.0/0""#], "covered");
    check_covered(&[r#"dest: "10.1.0.0/17""#, r#"dest: "10.1.0.0/32""#], "open");
    check_covered(&[r#"dest: "10.2.0.0/16""#, r#"dest: "11.0.0.0/8""#], "open");
    check_covered(&[r#"dest: "10.1.0.0/16", views: [mcast]"#], "open");
    check_covered(&[r#"dest: "10.1.0.0/16", views: [mcast]"#, r#"dest: "10.0.0.0/8""#], "covered");
}
