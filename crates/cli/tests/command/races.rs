//! `tiebreak races`: what one run tells of the orderings that matter.

use crate::house::{RACE, check, folder, write};

/// The scenarios that find the house in its folder.
fn scenario(name: &str) -> String {
    format!("{}/../../scenarios/{name}.ron", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_race_that_fails_is_shown_with_its_difference_and_its_events() {
    let folder = folder("races-failing");
    let file = write(&folder, "race.ron", RACE);
    let ran = check(&["races", &file], 1);
    let lines: Vec<&str> = ran.out.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("fails · 10s · b/step(")).expect(&ran.out);
    assert_eq!(lines[at + 1], "  from outside, and from outside", "{}", ran.out);
    assert!(lines[at + 2].starts_with("  expected best of 10.0.0.0/8"), "{}", ran.out);
    assert!(lines[at + 3].starts_with("  was ") && lines[at + 4].starts_with("  now "), "{}", ran.out);
    assert!(ran.out.contains("\n  at 10s\n"), "{}", ran.out);
    assert!(ran.last_line().contains(" 1 fail · "), "{}", ran.out);
    check(&["races", &file, "--with", "fix"], 0);
}

#[test]
fn what_matters_to_the_manager_alone_is_short_and_what_changes_nothing_is_counted() {
    let file = scenario("quickstart/expiry-meets-change");
    let told = check(&["races", &file], 0).out;
    let expected = "\
matters to nobody but the manager · 31s · rip/route-expired(10.0.0.0/8)#1 before ospf/step(add-route(10.0.0.0/8)#1)#1
  every client goes through the same, and the manager does it in another order
9 races · 0 fail · 0 matter to clients · 1 to nobody but the manager · 8 change nothing · 0 cannot be turned round alone
";
    assert_eq!(told, expected);
    let all = check(&["races", &file, "--all"], 0).out;
    assert_eq!(all.lines().filter(|line| line.starts_with("changes nothing · ")).count(), 8, "{all}");
    assert_eq!(all.matches("\n  everybody goes through the same\n").count(), 8, "{all}");
}

#[test]
fn only_so_many_races_are_turned_round_as_are_asked_for() {
    let told = check(&["races", &scenario("quickstart/planted-late-dial"), "--runs", "5"], 0).out;
    assert!(told.ends_with("\nonly the 5 nearest were turned round\n"), "{told}");
    assert!(told.contains("110 races · "), "{told}");
}

#[test]
fn a_limit_is_no_find_and_an_order_by_hand_is_refused() {
    check(&["races", &scenario("change/by-view"), "--limit", "3"], 3);
    let kept = format!("{}/../../regressions/late-dial-leaves-the-line-up.ron", env!("CARGO_MANIFEST_DIR"));
    let ran = check(&["races", &kept], 2);
    assert!(ran.err.contains("has an order by hand"), "{}", ran.err);
}
