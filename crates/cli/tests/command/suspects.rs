//! `tiebreak suspects`: which orderings go with a failure.

use crate::house::{CIRCLE, RACE, check, folder, write};

/// The files that find the house in its folder.
fn file(name: &str) -> String {
    format!("{}/../../{name}.ron", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_orderings_that_go_with_a_failure_are_ranked() {
    let told = check(
        &["suspects", &file("scenarios/races/withdrawn-in-between"), "--runs", "500", "--show", "2"],
        1,
    )
    .out;
    let expected = "\
fails in 163 of 500 runs; 337 pass
  expected best of 10.0.0.0/8 in view ucast of instance 0 at the end: edge with metric 1; found no route
";
    assert!(told.starts_with(expected), "{told}");
    let cause = "edge/change-notification(paths) of east/step(delete-route(path)#1)#1 before west/step(add-route(10.1.0.0/16)#1)#1";
    assert_eq!(told.lines().nth(3), Some(&*format!("  1.00   163 of 163  0 of 337   {cause}")), "{told}");
    assert_eq!(told.lines().count(), 6, "{told}");
}

#[test]
fn each_race_of_the_house_has_an_ordering_of_its_cause_at_the_top() {
    let causes = [
        ("changed-before-watched", "ospf/step(add-route(203.0.113.0/24)#1)#1 before tunnel/step(watch)#1"),
        ("default-before-gateway", "dhcp/route-expired(192.0.2.1/32)#1 before dhcp/step(renew#2)#1"),
        (
            "gone-while-damped",
            "edge/change-notification(paths) of peer/step(delete-route(path)#2)#1 before edge/step(send)#1",
        ),
        ("rescue-after-goodbye", "listener/step(hello-again)#1 before listener/resume(10.0.0.0/8)#1"),
        (
            "two-updates-for-one",
            "relay/change-notification(updates) of ospf/step(update-route(path)#2)#1 before relay/step(round#3)#1",
        ),
    ];
    for (name, cause) in causes {
        let told = check(&["suspects", &file(&format!("scenarios/races/{name}")), "--show", "2"], 1).out;
        assert!(
            told.lines().skip(3).take(2).any(|line| line.ends_with(&format!("  {cause}"))),
            "{name}\n{told}"
        );
    }
}

#[test]
fn a_regression_runs_without_its_orderings() {
    let told =
        check(&["suspects", &file("regressions/late-dial-leaves-the-line-up"), "--runs", "300"], 1).out;
    let cause =
        "dialer/change-notification(ways) of ospf/step(add-route(10.0.0.0/8)#1)#1 before dialer/step(dial)#1";
    assert!(told.lines().nth(3).is_some_and(|line| line.ends_with(cause)), "{told}");
}

#[test]
fn exits_say_what_was_found_and_enumerations_are_refused() {
    let folder = folder("suspects");
    let race = write(&folder, "race.ron", RACE);
    let fixed = check(&["suspects", &race, "--with", "fix", "--runs", "20"], 0);
    assert_eq!(fixed.out, "ok · no failure in 20 runs, and so nothing to suspect\n");
    assert_eq!(check(&["--quiet", "suspects", &race, "--with", "fix", "--runs", "20"], 0).out, "");
    check(&["suspects", &write(&folder, "circle.ron", CIRCLE), "--limit", "60", "--runs", "3"], 3);
    let refused = check(&["suspects", &race, "--strategy", "delay:2"], 2);
    assert!(refused.err.contains("`delay:2` are no samples"), "{}", refused.err);
}
