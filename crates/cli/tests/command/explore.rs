//! `tiebreak explore`: all orders of a scenario.

use crate::house::{RACE, check, folder, write};

fn scenario(name: &str) -> String {
    format!("{}/../../scenarios/{name}.ron", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn what_fails_in_no_order_is_proved_with_the_number_of_orders() {
    let told = check(&["explore", &scenario("quickstart/expiry-meets-change")], 0).out;
    let expected = "\
proved: nothing fails in any order; 126 orders (3 inequivalent), 29 states (2 at the end)
";
    assert_eq!(told, expected);
}

#[test]
fn an_order_that_fails_is_made_small_and_shrunk() {
    let told = check(&["explore", &scenario("races/withdrawn-in-between")], 1).out;
    assert!(told.starts_with("found · after "), "{told}");
    assert!(told.contains("\n  needs 1 ordering; 300 of 300 other orders fail with it\n"), "{told}");
    assert!(
        told.ends_with(
            "\n1 thing can fail; 24 orders up to where one fails (12 inequivalent), 78 states (12 at the end)\n"
        ),
        "{told}"
    );
}

#[test]
fn a_scenario_passes_with_its_fix_and_fails_without() {
    let folder = folder("explore-fix");
    let file = write(&folder, "race.ron", RACE);
    assert!(check(&["explore", &file, "--with", "fix"], 0).out.starts_with("proved: "));
    assert!(check(&["explore", &file], 1).out.contains("\n1 thing can fail; "));
}

#[test]
fn too_few_states_prove_nothing() {
    let told = check(&["explore", &scenario("quickstart/expiry-meets-change"), "--states", "10"], 5).out;
    assert_eq!(told, "nothing is proved: there are more than 10 states\n");
    check(&["explore", &scenario("quickstart/expiry-meets-change"), "--states", "29"], 0);
    let told = check(&["explore", &scenario("quickstart/expiry-meets-change"), "--states", "28"], 5).out;
    assert_eq!(told, "nothing is proved: there are more than 28 states\n");
}

#[test]
fn a_group_whose_members_can_change_places_is_gone_through_once() {
    let file = scenario("quickstart/planted-late-dial");
    let told = check(&["explore", &file, "--with", "fix"], 0).out;
    let expected = "\
proved: nothing fails in any order; 3336378370214400 orders (2048 inequivalent), 8759 states (30 at the end); \
the 10 of rip can change places
";
    assert_eq!(told, expected);
    let told = check(&["explore", &file, "--with", "fix", "--every-order", "--states", "2000"], 5).out;
    assert_eq!(told, "nothing is proved: there are more than 2000 states\n");
}

#[test]
fn a_planted_bug_is_found_with_no_longer_a_counterexample_than_by_a_search() {
    let told = check(&["explore", &scenario("quickstart/planted-late-dial")], 1).out;
    assert!(told.contains("\n  made small in "), "{told}");
    assert!(told.contains(": 3 of 12 clients, 5 of 14 steps and reactions\n  needs 2 orderings; "), "{told}");
}

#[test]
fn orders_with_few_deviations_are_fewer() {
    let file = scenario("quickstart/expiry-meets-change");
    let counted = |delays: &str| check(&["explore", &file, "--delays", delays], 0).out;
    assert_eq!(
        counted("0"),
        "proved: nothing fails in any order within 0 deviations from that of scheduling; 1 order, 15 states (1 at the end)\n"
    );
    assert!(
        counted("2").starts_with("proved: nothing fails in any order within 2 deviations"),
        "{}",
        counted("2")
    );
    let late_dial = scenario("quickstart/planted-late-dial");
    assert!(check(&["explore", &late_dial, "--delays", "1"], 0).out.contains("; 21 orders, "));
    let told = check(&["explore", &late_dial, "--delays", "3"], 1).out;
    assert!(told.contains("\n1 thing can fail within 3 deviations from that of scheduling; "), "{told}");
}

#[test]
fn an_estimate_says_about_how_many_orders_there_are() {
    let file = scenario("quickstart/expiry-meets-change");
    let told = check(&["explore", "--estimate", &file], 0).out;
    assert_eq!(told, "about 126 orders, standard error 1, from 1000 random orders\n");
    let told = check(&["explore", "--estimate=20", &file], 0).out;
    assert!(told.ends_with(", from 20 random orders\n"), "{told}");
}

#[test]
fn a_number_of_orders_can_be_expected() {
    let folder = folder("explore-orders");
    let text = |is: u32| {
        format!(
            r#"Scenario(format: 1, until: "9s", clients: [
                Client(name: "a", protocol: "RIP", callback: false, script: [At("1s", Register), At("2s", Deregister)]),
                Client(name: "b", protocol: "OSPF", callback: false, script: [At("1s", Register)]),
            ], expect: [Orders(at: "1s", is: {is}), Orders(at: "2s", is: 1)])"#
        )
    };
    let (right, wrong) = (write(&folder, "right.ron", text(2)), write(&folder, "wrong.ron", text(1)));
    check(&["explore", &right], 0);
    check(&["run", &right], 0);
    let message = "expected 1 inequivalent order at 1s; found 2\n";
    assert!(check(&["explore", &wrong], 1).out.contains(message));
    assert!(check(&["run", &wrong], 1).out.contains(message));
    check(&["fuzz", &wrong, "--runs", "10", "--no-regressions"], 0);
    let empty = write(&folder, "empty.ron", text(2).replace(r#"at: "2s", is"#, r#"at: "3s", is"#));
    let message = "expected 1 inequivalent order at 3s; found nothing that is due then\n";
    assert!(check(&["run", &empty], 1).out.contains(message));
    let none = write(&folder, "none.ron", text(0));
    check(&["check", &none], 2);
}

#[test]
fn what_it_cannot_do_is_said() {
    let file = scenario("quickstart/expiry-meets-change");
    let ran = check(&["explore", &file, "--check-model"], 2);
    assert!(ran.err.contains("does not compare with the reference model"), "{}", ran.err);
    let kept = format!("{}/../../regressions/late-dial-leaves-the-line-up.ron", env!("CARGO_MANIFEST_DIR"));
    let ran = check(&["explore", &kept], 2);
    assert!(ran.err.contains("has an order by hand"), "{}", ran.err);
}
