//! Going through all orders of scenarios, against running them one by one without merging anything.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed, and helpers are part of tests")]

mod brute;
mod scenario;

use std::fs;
use std::path::Path;

use brute::Brute;
use proptest::collection::vec;
use proptest::prelude::*;
use scenario::{ACTIONS, Part, REACTIONS, grouped, scenario};
use tiebreak::Order;
use tiebreak::explore::{Exploration, Scope, Setup, explore};
use tiebreak_runner::{Explored, Recordings, RunOptions};
use tiebreak_scenario::load;

/// So many states are looked at where all orders are run one by one as well.
const STATES_MAX: u64 = 1_000;

const SETUP: Setup = Setup { order: Order::Seeded, seed: 5 };

/// Makes a scenario ready, with switches.
fn explored<'r>(text: &str, switches: &[&str], recordings: &'r Recordings) -> Explored<'r> {
    let plan = load(text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}")).plan;
    let plan = plan.with_switches(switches).unwrap();
    Explored::new(plan, recordings, RunOptions::default()).unwrap()
}

/// The planted bug of the quickstart, with so many neighbours.
fn late_dial(neighbours: u32) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/quickstart/planted-late-dial.ron");
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains("count: 10,"), "the scenario has ten neighbours");
    text.replace("count: 10,", &format!("count: {neighbours},"))
}

fn all(explored: &Explored<'_>) -> Exploration {
    explore(&explored, SETUP, Scope::default(), &|| true)
}

/// The names of all that fails in some order.
fn failing(found: &Exploration) -> Vec<&str> {
    let failures = found.found.iter().flat_map(|counterexample| &counterexample.failures);
    let mut failing: Vec<&str> = failures.map(|failure| &failure.monitor[..]).collect();
    failing.sort_unstable();
    failing.dedup();
    failing
}

/// Goes through all orders in both ways, each up to its end or to the first event during which something fails; returns what
/// came of the merging one. `None` if there are too many orders to run them one by one.
fn compared(text: &str, switches: &[&str]) -> Option<Exploration> {
    let recordings = Recordings::new();
    let explored = explored(text, switches, &recordings);
    let found = explore(&&explored, SETUP, Scope { states: STATES_MAX, ..Scope::default() }, &|| true);
    assert_eq!(found.mismatch, None, "{text}");
    let orders = found.orders.and_then(|orders| orders.all).filter(|orders| *orders <= brute::ORDERS_MAX)?;
    let brute = Brute::of(&explored, SETUP);
    assert_eq!(failing(&found), brute.failing(), "{text}");
    assert_eq!(orders, brute.orders, "{text}");
    Some(found)
}

fn agreed(text: &str, switches: &[&str]) -> Exploration {
    compared(text, switches).unwrap_or_else(|| panic!("there are few orders of {text}"))
}

#[test]
fn the_late_dial_is_found_with_two_neighbours() {
    let found = agreed(&late_dial(2), &[]);
    assert_eq!(failing(&found), ["0.0.0.0/0 unreachable in view ucast of instance 0 at the end"]);
    assert!(!found.is_proof());
}

#[test]
fn the_fix_of_the_late_dial_is_proved_with_two_neighbours() {
    let found = agreed(&late_dial(2), &["fix"]);
    assert!(found.is_proof(), "{found}");
}

#[test]
fn events_that_do_not_concern_each_other_come_to_one_state_in_every_order() {
    let client = |number: u32| {
        format!(
            r#"Client(name: "c{number}", protocol: "RIP", callback: false, script: [
                At("{number}s", All([Register, AddNextHop(name: "gw", address: "192.0.2.1", interface: 1)])),
                At("9s", AddRoute(name: "r", dest: "10.{number}.0.0/16", via: ["gw"], metric: 1, expires_after: "1s")),
            ])"#
        )
    };
    let mut clients: Vec<String> = (1..6).map(client).collect();
    // Also an event of another kind at the last instant.
    clients.push(r#"Client(name: "other", protocol: "RIP", script: [At("10s", Set("flag"))])"#.to_owned());
    let text = format!(
        r#"Scenario(format: 1, until: "20s", clients: [{}], expect: [
            Count(of: "c*/expiry", is: 5), Never("c*/leak"), At(of: "c*/expiry", at: "10s"), Before("c1/step", "c1/expiry"),
        ])"#,
        clients.join(", ")
    );
    let recordings = Recordings::new();
    let found = all(&explored(&text, &[], &recordings));
    assert!(found.is_proof(), "{found}");
    // Five register one after the other; then each set of those that have added, and each set of those whose route is
    // gone, with the other or without.
    assert_eq!((found.states, found.ends), (1 + 5 + 31 + 63, 1));
    assert_eq!(
        found.orders.map(|orders| (orders.all, orders.inequivalent)),
        Some((Some(120 * 720), Some(1)))
    );
}

#[test]
fn what_a_script_remembers_is_told_apart_also_if_nothing_else_is_left_of_the_order() {
    let found = agreed(
        r#"Scenario(format: 1, until: "9s", expect: [Unreachable("10.1.0.0/16")], clients: [
            Client(name: "a", protocol: "RIP", script: [
                At("0s", Register),
                At("3s", AddRoute(dest: "10.0.0.0/8", metric: 1)),
            ]),
            Client(name: "b", protocol: "RIP", callback: false, script: [
                At("1s", Register),
                At("3s", When(Reachable("10.0.0.0/8"), [Set("seen")])),
                At("4s", When(Flag("seen"), [AddRoute(dest: "10.1.0.0/16", metric: 1)])),
            ]),
        ])"#,
        &[],
    );
    assert_eq!((found.found.len(), found.ends), (1, 2));
}

#[test]
fn a_monitor_that_is_to_fail_ends_no_run() {
    let text = |expect: &str| {
        format!(
            r#"Scenario(format: 1, until: "9s", expect: [{expect}], clients: [
                Client(name: "a", protocol: "RIP", script: [At("1s", Register), At("2s", Deregister)]),
                Client(name: "b", protocol: "RIP", script: [At("2s", Register), At("2s", Register)]),
            ])"#
        )
    };
    assert!(agreed(&text(r#"Fails("calls-are-accepted")"#), &[]).is_proof());
    let recordings = Recordings::new();
    let explored = explored(&text(""), &[], &recordings);
    let found = all(&explored);
    assert_eq!(failing(&found), ["calls-are-accepted"]);
    // The event and the message are those of the same order in a search.
    let places: Vec<usize> =
        found.found[0].path.choices.iter().map(|place| usize::try_from(*place).unwrap()).collect();
    let (failures, _) = brute::run(&explored, SETUP, &places);
    assert_eq!(failures, found.found[0].failures);
}

#[test]
fn the_fix_of_the_late_dial_is_proved_with_ten_neighbours() {
    let recordings = Recordings::new();
    let found = all(&explored(&late_dial(10), &["fix"], &recordings));
    assert!(found.is_proof(), "{found}");
    assert_eq!(found.groups.len(), 1);
    let every = |count: u32| {
        let explored = explored(&late_dial(count), &["fix"], &recordings);
        explore(&&explored, SETUP, Scope { leaves_out: false, ..Scope::default() }, &|| true).orders
    };
    let one_for_all = |count| all(&explored(&late_dial(count), &["fix"], &recordings)).orders;
    assert_eq!(every(3).and_then(|orders| orders.all), one_for_all(3).and_then(|orders| orders.all));
}

#[test]
fn those_who_draw_cannot_change_places() {
    let drawn = r#"name: "dialer", delivery: Drawn(min: "0s", max: "1s"),"#;
    let drawn = late_dial(3).replace(r#"name: "dialer","#, drawn);
    let recordings = Recordings::new();
    assert_eq!(all(&explored(&late_dial(3), &["fix"], &recordings)).groups.len(), 1);
    assert!(all(&explored(&drawn, &["fix"], &recordings)).groups.is_empty());
}

fn part() -> impl Strategy<Value = Part> {
    (0..2usize, vec((0..ACTIONS.len(), 0..2u8), 0..4), 0..REACTIONS.len())
        .prop_map(|(pace, actions, reactions)| Part { pace, actions, reactions })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_orders_one_by_one_come_to_the_same(parts in vec(part(), 2..4)) {
        prop_assume!(compared(&scenario(&parts), &[]).is_some());
    }

    #[test]
    fn of_orders_that_differ_in_who_is_who_one_is_enough(one in part(), members in part(), count in 2..4u32) {
        let text = grouped(&one, &members, count);
        let recordings = Recordings::new();
        let explored = explored(&text, &[], &recordings);
        let states = 500;
        let every = explore(&&explored, SETUP, Scope { states, leaves_out: false, ..Scope::default() }, &|| true);
        prop_assume!(every.orders.is_some());
        let found = explore(&&explored, SETUP, Scope { states, ..Scope::default() }, &|| true);
        prop_assert_eq!(&found.mismatch, &None);
        prop_assert_eq!(found.groups.len(), 1, "{}", text);
        prop_assert_eq!(failing(&found), failing(&every), "{}", text);
        let all = |found: &Exploration| found.orders.and_then(|orders| orders.all);
        prop_assert_eq!(all(&found), all(&every), "{}", text);
        prop_assert!(found.states < every.states);
    }
}
