//! `tiebreak fuzz`.

use crate::house::{CIRCLE, HOLDING, RACE, TWINS, check, folder, paste, write};

#[test]
fn a_failing_seed_is_named_and_its_line_shows_it() {
    let race = write(&folder("fuzz-finds"), "race.ron", RACE);
    let ran = check(&["fuzz", &race, "--seed", HOLDING, "--runs", "100"], 1);
    assert!(ran.out.starts_with("found · seed ") && ran.err.contains(" runs/min on 1 thread"), "{ran:?}");
    assert!(
        ran.out.contains("expected best of 10.0.0.0/8 in view ucast of instance 0 at the end: a"),
        "{}",
        ran.out
    );
    assert!(ran.last_line().contains("--seed "), "{}", ran.out);
    let again = paste(ran.last_line());
    assert!(
        again.code == Some(1)
            && again.out.contains("expected best of 10.0.0.0/8 in view ucast of instance 0 at the end: a"),
        "{again:?}"
    );
}

#[test]
fn a_clean_sweep_says_what_it_means() {
    let race = write(&folder("fuzz-clean"), "race.ron", RACE);
    let ran = check(&["fuzz", &race, "--with", "fix", "--runs", "1000"], 0);
    let said =
        "ok · no failure in 1000 runs: chance of failure per run below 3/1000 at 95 %\nseeds 1 to 1000";
    assert!(ran.out.starts_with(said), "{}", ran.out);
    assert_eq!(check(&["fuzz", &race, "--with", "fix", "--runs", "9", "--quiet"], 0).err, "");
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let race = write(&folder("fuzz-jobs"), "race.ron", RACE);
    for more in [
        &["--with", "fix"][..],
        &["--keep-going"],
        &["--seed", HOLDING],
        &["--keep-going", "--order", "fifo"],
    ] {
        let out = |jobs| {
            let arguments = [&["fuzz", &race, "--runs", "777", "--jobs", jobs][..], more].concat();
            crate::house::tiebreak(&arguments).out
        };
        let one = out("1");
        assert!(one.contains(" · digest "), "{one}");
        assert_eq!([out("2"), out("7")], [one.clone(), one]);
    }
}

#[test]
fn going_on_counts_all_failures() {
    let race = write(&folder("fuzz-count"), "race.ron", RACE);
    let ran = check(&["fuzz", &race, "--keep-going", "--runs", "100"], 1);
    let failed = (1..=100u64).filter(|seed| {
        let ran = crate::house::tiebreak(&["run", &race, "--quiet", "--seed", &seed.to_string()]);
        ran.code == Some(1)
    });
    assert!(ran.out.contains(&format!("\n{} of 100 runs fail: seeds ", failed.count())), "{}", ran.out);
}

#[test]
fn a_seed_that_ends_in_a_limit_is_not_called_a_failed_check() {
    let circle = write(&folder("fuzz-limit"), "circle.ron", CIRCLE);
    let ran = check(&["fuzz", &circle, "--runs", "9"], 3);
    assert!(ran.out.starts_with("did not end · seed 1 hits a limit, run 1 of 9\n"), "{}", ran.out);
    assert!(ran.out.contains("\n  did not end: more than 100000 events at one instant"), "{}", ran.out);
    assert!(ran.out.contains("\n1 run · 1 failed, 1 of them at a limit · digest "), "{}", ran.out);
}

#[test]
fn names_that_tie_with_themselves_are_told_with_what_to_do() {
    let scenario = write(&folder("fuzz-twins"), "twins.ron", TWINS);
    let ran = check(&["fuzz", &scenario, "--runs", "7"], 0);
    assert!(ran.out.contains("\nties of equal names · rip/expiry(10.0.0.0/8) (7×)\n"), "{}", ran.out);
    assert!(ran.err.contains("in the order of scheduling under every seed; to let them race"));
    assert_eq!(ran.err.lines().filter(|line| line.starts_with("warning: ")).count(), 1, "{}", ran.err);
    let race = write(&folder("fuzz-no-twins"), "race.ron", RACE);
    let ran = check(&["fuzz", &race, "--with", "fix", "--runs", "7"], 0);
    assert!(!ran.out.contains("equal names") && !ran.err.contains("warning"), "{ran:?}");
}

#[test]
fn the_last_seed_there_is_can_be_tried() {
    let folder = folder("last-seed");
    let scenario = write(&folder, "race.ron", RACE);
    let ran =
        check(&["fuzz", &scenario, "--with", "fix", "--runs", "1", "--seed", "18446744073709551615"], 0);
    assert!(ran.out.starts_with("ok · no failure in 1 run: "), "{}", ran.out);
}
