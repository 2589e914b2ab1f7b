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
fn what_it_cannot_do_is_said() {
    let file = scenario("quickstart/expiry-meets-change");
    let ran = check(&["explore", &file, "--check-model"], 2);
    assert!(ran.err.contains("does not compare with the reference model"), "{}", ran.err);
    let kept = format!("{}/../../regressions/late-dial-leaves-the-line-up.ron", env!("CARGO_MANIFEST_DIR"));
    let ran = check(&["explore", &kept], 2);
    assert!(ran.err.contains("has an order by hand"), "{}", ran.err);
}
