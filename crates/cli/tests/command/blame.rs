//! `tiebreak blame`: at which choice a failing run came to fail.

use crate::house::{CIRCLE, FAILING, HOLDING, RACE, check, folder, paste, write};

fn regression(name: &str) -> String {
    format!("{}/../../regressions/{name}.ron", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_choice_that_decided_a_regression_is_named() {
    let told = check(&["blame", &regression("withdrawn-in-between-leaves-no-route"), "--runs", "100"], 1).out;
    let expected = "\
expected best of 10.0.0.0/8 in view ucast of instance 0 at the end: edge with metric 1; found no route
  probability of failure by choice · 25 % 22259 100 %
  the die was cast at choice 4 of 4, at 1m30s: from 58 % to 100 %
    ran        edge/change-notification(paths) of east/step(delete-route(path)#1)#1
    could run  west/step(add-route(10.1.0.0/16)#1)#1
  500 runs: 100 at each of 5 points, the draws as they were
";
    assert_eq!(told, expected);
}

#[test]
fn blocks_are_drawn_where_colour_is_and_digits_elsewhere() {
    let file = regression("late-dial-leaves-the-line-up");
    let drawn = |color| {
        let told = check(&["--color", color, "blame", &file], 1).out;
        told.lines().nth(1).expect("a line").trim().to_owned()
    };
    assert_eq!(drawn("always"), "probability of failure by choice · 6 % ▁▁▃▄█ 100 %");
    assert_eq!(drawn("never"), "probability of failure by choice · 6 % 01249 100 %");
    assert_eq!(drawn("auto"), drawn("never"), "nobody is at a terminal");
}

#[test]
fn the_run_of_a_seed_is_blamed_under_its_order() {
    let folder = folder("blame-seed");
    let file = write(&folder, "race.ron", RACE);
    let told = check(&["blame", &file, "--seed", FAILING], 1).out;
    assert!(told.contains("\n    ran        b/step(add-route(10.0.0.0/8)#1)#1\n"), "{told}");
    assert!(told.contains("\n    could run  a/step(add-route(10.0.0.0/8)#1)#1\n"), "{told}");
    check(&["blame", &file, "--seed", FAILING, "--order", "fifo"], 2);
    let circle = write(&folder, "circle.ron", CIRCLE);
    check(&["blame", &circle, "--limit", "60", "--runs", "2"], 3);
}

#[test]
fn what_does_not_fail_is_refused_with_a_way_out() {
    let folder = folder("blame-refused");
    let file = write(&folder, "race.ron", RACE);
    let ran = check(&["blame", &file, "--seed", HOLDING], 2);
    let (before, line) = ran.err.split_once('`').expect("a line to paste");
    assert_eq!(before, "error: the run with seed 5 does not fail; ");
    let (line, after) = line.split_once('`').expect("a line to paste");
    assert_eq!(after, " looks for one that does\n");
    assert_eq!(paste(&format!("{line} --runs 64 --no-regressions")).code, Some(1));

    let kept = std::fs::read_to_string(regression("withdrawn-in-between-leaves-no-route")).unwrap();
    let fixed =
        write(&folder, "fixed.ron", kept.replace("Best(dest: \"10.0.0.0/8\"", "Best(dest: \"10.1.0.0/16\""));
    let ran = check(&["blame", &fixed], 2);
    assert!(ran.err.starts_with("error: the regression does not fail; `tiebreak replay "), "{}", ran.err);

    let ran = check(&["blame", &regression("withdrawn-in-between-leaves-no-route"), "--seed", "1"], 2);
    assert!(ran.err.contains("leave `--seed` out"), "{}", ran.err);

    let by_hand = RACE.replace("until: \"20s\",", "until: \"20s\", order: Constrained([]),");
    let by_hand = by_hand.replace(
        "Constrained([])",
        "Constrained([Before(\"b/step(add-route(10.0.0.0/8)#1)#1\", \"a/step(add-route(10.0.0.0/8)#1)#1\")])",
    );
    let ran = check(&["blame", &write(&folder, "by-hand.ron", by_hand)], 2);
    assert!(ran.err.contains("has an order by hand"), "{}", ran.err);
}
