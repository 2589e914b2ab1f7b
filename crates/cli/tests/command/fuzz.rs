//! `tiebreak fuzz`.

use crate::house::{CIRCLE, HOLDING, RACE, TWINS, check, command, folder, paste, ran, tiebreak, write};

/// The options with which a search leaves nothing behind.
const LEAVING_NOTHING: &str = "--no-regressions";

#[test]
fn a_failing_seed_is_named_and_its_line_shows_it() {
    let race = write(&folder("fuzz-finds"), "race.ron", RACE);
    let clocks = ["--strategy", "clocks", "--seed", HOLDING, "--runs", "100", "--stop-at-failure"];
    let ran = check(&[&["fuzz", &race, LEAVING_NOTHING][..], &clocks].concat(), 1);
    assert!(ran.out.starts_with("found · run ") && ran.err.contains(" runs/min on "), "{ran:?}");
    let unmet = "expected best of 10.0.0.0/8 in view ucast of instance 0 at the end: a";
    assert!(ran.out.contains(unmet), "{}", ran.out);
    assert!(ran.last_line().contains(" run ") && ran.last_line().contains("--seed "), "{}", ran.out);
    let again = paste(ran.last_line());
    assert!(again.code == Some(1) && again.out.contains(unmet), "{again:?}");
}

#[test]
fn what_is_found_is_made_small_and_shrunk_to_the_ordering_that_it_needs() {
    let race = write(&folder("fuzz-shrinks"), "race.ron", RACE);
    for strategy in ["auto", "clocks", "walk", "pos", "urw", "pct:2", "delay:1", "races"] {
        let ran = check(&["fuzz", &race, LEAVING_NOTHING, "--strategy", strategy, "--runs", "200"], 1);
        let said = "2 of 3 clients, 6 of 7 steps and reactions\n  needs 1 ordering; 300 of 300 other orders fail with it\n    \
                    b/step(r)#1 before a/step(r)#1\n    b           a\n  at 1s\n  * step(r)#1\n  *             step(r)#1\n";
        let long = "step(add-route(10.0.0.0/8)#1)";
        let more = " ".repeat(long.len() - "step(r)".len());
        let said = said.replace("           a\n", &format!("{more}          a\n"));
        let said = said.replace("*             ", &format!("*            {more}")).replace("step(r)", long);
        assert!(ran.out.contains(&said), "{strategy}: {}\n{said}", ran.out);
        let because = ran.out.split_once("\n  how it came about in what is left:\n").unwrap().1;
        assert!(because.starts_with("       "), "{strategy}: {}", ran.out);
        // The ordering was said above, and every other order fails with it.
        assert!(
            !because.contains("decides: ") && !because.contains("kept before"),
            "{strategy}: {}",
            ran.out
        );
        assert!(because.lines().take_while(|line| line.starts_with("    ")).count() < 12, "{because}");
    }
}

#[test]
fn a_run_that_somebody_chose_is_found_again_by_the_line_to_paste() {
    let race = write(&folder("fuzz-again"), "race.ron", RACE);
    for strategy in ["walk", "races"] {
        let ran = check(&["fuzz", &race, LEAVING_NOTHING, "--strategy", strategy, "--runs", "1000"], 1);
        let said = ran.last_line();
        assert!(said.contains(" fuzz ") && said.contains(&format!("--strategy {strategy}")), "{}", ran.out);
        let again = paste(&format!("{said} {LEAVING_NOTHING}"));
        let first = |out: &str| out.split(" is the first").next().map(str::to_owned);
        assert_eq!(first(&again.out), first(&ran.out));
        assert!(ran.out.contains(&format!(" ({strategy}) is the first")), "{}", ran.out);
    }
}

#[test]
fn a_clean_campaign_says_what_it_means() {
    let race = write(&folder("fuzz-clean"), "race.ron", RACE);
    let clean = ["fuzz", &race, "--with", "fix", "--runs", "1000"];
    let ran = check(&[&clean[..], &["--strategy", "clocks"]].concat(), 0);
    let said = "ok · no failure in 1000 runs: chance of failure per run below 3/1000 at 95 %\nchance that the next run of clocks \
         shows a behaviour not seen before: ";
    assert!(ran.out.starts_with(said) && ran.out.contains(" % at 95 %\nseeds 1 to 1000, "), "{}", ran.out);
    let ran = check(&clean, 0);
    assert!(ran.out.starts_with("ok · no failure in 1000 runs\n  clocks: chance"), "{}", ran.out);
    assert!(ran.out.contains("below 3.7/"), "each of two strategies has half of the 5 %: {}", ran.out);
    for (of, times) in [("clocks", 1), ("urw", 1), ("races", 0), ("delay:2", 0)] {
        let chance = format!("\nchance that the next run of {of} shows");
        assert_eq!(ran.out.matches(&chance).count(), times, "{of}: {}", ran.out);
    }
    let quiet = check(&[&clean[..], &["--until-quiet", "100"]].concat(), 0);
    assert!(!quiet.out.contains("not seen before"), "it ended because of what was seen: {}", quiet.out);
    assert_eq!(check(&["fuzz", &race, "--with", "fix", "--runs", "9", "--quiet"], 0).err, "");
}

#[test]
fn coverage_is_said_if_it_is_asked_for_and_changes_nothing_else() {
    let race = write(&folder("fuzz-coverage"), "race.ron", RACE);
    let plain = ["fuzz", &race, "--with", "fix", "--runs", "100", "--strategy", "fifo"];
    let without = check(&plain, 0).out;
    let covered = check(&[&plain[..], &["--coverage"]].concat(), 0).out;
    let is_of_coverage = |line: &&str| line.starts_with("pairs of kinds") || line.starts_with("  ");
    let (coverage, others): (Vec<&str>, Vec<&str>) = covered.lines().partition(is_of_coverage);
    assert_eq!(others.join("\n"), without.trim_end());
    assert!(
        coverage[0].starts_with("pairs of kinds of events that raced · 0 in both orders · "),
        "{covered}"
    );
    assert!(coverage.contains(&"  a/step always before b/step, in 100 runs"), "{covered}");
    let both = check(&["fuzz", &race, "--with", "fix", "--runs", "100", "--coverage"], 0).out;
    assert!(!both.contains("a/step always before b/step"), "{both}");
    assert_eq!(check(&[&plain[..], &["--coverage", "--quiet"]].concat(), 0).out, "");
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let race = write(&folder("fuzz-jobs"), "race.ron", RACE);
    for more in [
        &["--with", "fix"][..],
        &["--stop-at-failure"],
        &["--seed", HOLDING, "--until-quiet", "300"],
        &["--strategy", "fifo"],
        &["--strategy", "pct:3"],
        &["--strategy", "races"],
        &["--coverage"],
    ] {
        let out = |jobs| {
            let arguments = [&["fuzz", &race, LEAVING_NOTHING, "--runs", "777", "--jobs", jobs][..], more];
            tiebreak(&arguments.concat()).out
        };
        let one = out("1");
        assert!(one.contains(" · digest "), "{one}");
        assert_eq!([out("2"), out("7")], [one.clone(), one]);
    }
}

#[test]
fn failures_of_one_symptom_are_counted_together() {
    let race = write(&folder("fuzz-count"), "race.ron", RACE);
    let ran = check(&["fuzz", &race, LEAVING_NOTHING, "--strategy", "clocks", "--runs", "100"], 1);
    let failed = (1..=100u64).filter(|seed| {
        let ran = tiebreak(&["run", &race, "--quiet", "--seed", &seed.to_string()]);
        ran.code == Some(1)
    });
    let failed = failed.count();
    assert!(ran.out.contains(&format!(" is the first of {failed} runs that fail\n")), "{}", ran.out);
    assert!(ran.out.contains(&format!("\n100 runs · {failed} failed · ")), "{}", ran.out);
}

#[test]
fn a_campaign_stops_when_nothing_is_new_and_when_its_time_is_over() {
    let race = write(&folder("fuzz-stops"), "race.ron", RACE);
    let quiet = check(&["fuzz", &race, "--with", "fix", "--runs", "100000", "--until-quiet", "50"], 0);
    let runs = |out: &str| out.lines().last().and_then(|line| line.split(' ').next()?.parse::<u64>().ok());
    assert!(runs(&quiet.out).is_some_and(|runs| (51..1_000).contains(&runs)), "{}", quiet.out);
    let timed = check(&["fuzz", &race, "--with", "fix", "--runs", "1000000000", "--for", "100ms"], 0);
    assert!(runs(&timed.out).is_some_and(|runs| runs < 1_000_000_000), "{}", timed.out);
}

#[test]
fn a_run_that_ends_in_a_limit_is_not_called_a_failed_check() {
    let circle = write(&folder("fuzz-limit"), "circle.ron", CIRCLE);
    let ran = check(&["fuzz", &circle, LEAVING_NOTHING, "--runs", "3"], 3);
    assert!(
        ran.out.starts_with("did not end · run 1 (races) is the first of 3 runs that fail\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("more than 100000 events at one instant"), "{}", ran.out);
}

#[test]
fn where_nothing_can_be_searched_that_is_said() {
    let one = r#"Scenario(format: 1, until: "9s", clients: [Client(name: "a", protocol: "RIP", script: [At("0s", Register)])])"#;
    let one = write(&folder("fuzz-one"), "one.ron", one);
    let ran = check(&["fuzz", &one, "--runs", "20"], 0);
    assert!(ran.out.contains("\nthere was nothing to search: in no run could two events run"), "{}", ran.out);
}

#[test]
fn names_that_tie_with_themselves_are_told_with_what_to_do() {
    let scenario = write(&folder("fuzz-twins"), "twins.ron", TWINS);
    let ran = check(&["fuzz", &scenario, "--runs", "7", "--strategy", "clocks"], 0);
    assert!(ran.out.contains("\nties of equal names · rip/expiry(10.0.0.0/8) (7×)\n"), "{}", ran.out);
    assert!(ran.err.contains("in the order of scheduling; to let them race, give them different subjects"));
    assert_eq!(ran.err.lines().filter(|line| line.starts_with("warning: ")).count(), 1, "{}", ran.err);
    let race = write(&folder("fuzz-no-twins"), "race.ron", RACE);
    let ran = check(&["fuzz", &race, "--with", "fix", "--runs", "7"], 0);
    assert!(!ran.out.contains("equal names") && !ran.err.contains("warning"), "{ran:?}");
}

#[test]
fn the_last_seed_there_is_can_be_tried() {
    let folder = folder("last-seed");
    let scenario = write(&folder, "race.ron", RACE);
    check(&["fuzz", &scenario, "--with", "fix", "--runs", "1", "--seed", "18446744073709551615"], 0);
}

#[test]
fn a_strategy_that_does_not_exist_is_refused_with_those_that_do() {
    let race = write(&folder("fuzz-strategy"), "race.ron", RACE);
    for unknown in ["pct", "pct:0", "pct:10", "delay:x", "seeded"] {
        let ran = check(&["fuzz", &race, "--strategy", unknown], 2);
        assert!(ran.err.contains(&format!("unknown strategy `{unknown}`; expected `clocks`")), "{}", ran.err);
    }
}

#[test]
fn what_fails_with_the_same_orderings_is_one_find() {
    let before =
        "expect: [Before(\"a/step(add-route(10.0.0.0/8)#1)\", \"b/step(add-route(10.0.0.0/8)#1)\"), ";
    let race = write(&folder("fuzz-consequences"), "race.ron", RACE.replace("expect: [", before));
    let ran = check(&["fuzz", &race, LEAVING_NOTHING, "--runs", "200"], 1);
    assert_eq!(ran.out.matches("found · run ").count(), 2, "{}", ran.out);
    assert_eq!(ran.out.matches("  needs 1 ordering").count(), 1, "{}", ran.out);
    assert_eq!(ran.out.matches("it comes with what makes a find before it fail").count(), 1, "{}", ran.out);
}

#[test]
fn all_reasons_of_a_find_are_listed_if_that_is_asked_for() {
    let race = write(&folder("fuzz-reasons"), "race.ron", RACE);
    let arguments = ["fuzz", &race, LEAVING_NOTHING, "--runs", "200"];
    let ran = check(&[&arguments[..], &["--all-causes"]].concat(), 1);
    assert!(ran.out.contains("\n  this run has no other reason to fail\n"), "{}", ran.out);
    let ran = check(&arguments, 1);
    assert!(!ran.out.contains(" reason"), "{}", ran.out);
}

#[test]
fn a_bound_that_every_chance_keeps_is_not_said() {
    let race = write(&folder("fuzz-few"), "race.ron", RACE);
    let fix = ["fuzz", &race, "--with", "fix", "--strategy", "clocks", "--runs"];
    for (runs, said) in [
        ("1", "ok · no failure in 1 run\n"),
        ("3", "ok · no failure in 3 runs\n"),
        ("4", "ok · no failure in 4 runs: chance of failure per run below 3/4 at 95 %\n"),
    ] {
        let ran = check(&[&fix[..], &[runs]].concat(), 0);
        assert!(ran.out.starts_with(said), "{}", ran.out);
    }
    assert!(!check(&["fuzz", &race, "--with", "fix", "--runs", "3"], 0).out.contains("below"));
}

#[test]
fn runs_are_repeated_in_a_second_process_if_that_is_asked_for() {
    let race = write(&folder("fuzz-deterministic"), "race.ron", RACE);
    for strategy in ["auto", "clocks", "walk", "pos", "urw", "pct:3", "delay:2", "races", "fifo"] {
        let arguments = ["fuzz", &race, "--with", "fix", "--runs", "250", "--strategy", strategy];
        let plain = check(&arguments, 0).out;
        let checked = check(&[&arguments[..], &["--check-determinism"]].concat(), 0).out;
        let said = checked.lines().find(|line| line.starts_with("deterministic · ")).unwrap();
        assert!(said.ends_with("repeated in a second process, with the same traces"), "{said}");
        assert_eq!(checked.replace(&format!("{said}\n"), ""), plain, "{strategy}");
    }
    let one = check(&["fuzz", &race, "--runs", "1", "--with", "fix", "--check-determinism"], 0).out;
    assert!(one.contains("deterministic · 1 run repeated in a second process"), "{one}");
    let found = check(&["fuzz", &race, "--check-determinism", "--runs", "200"], 1).out;
    assert!(
        found.starts_with("found · run ") && found.contains("deterministic · 2 runs repeated"),
        "{found}"
    );
    let refused = check(&["fuzz", "-", "--check-determinism"], 2).err;
    assert!(refused.contains("standard input"), "{refused}");
}

#[test]
#[cfg(target_os = "linux")]
fn fewer_threads_are_used_if_there_is_no_memory_for_more() {
    use std::process::Command;

    let race = write(&folder("fuzz-memory"), "race.ron", RACE);
    let plain = check(&["fuzz", &race, "--with", "fix", "--runs", "500", "--jobs", "1"], 0).out;
    let mut shell = Command::new("sh");
    // So many addresses as some hundred threads need, and the allocator.
    shell.args(["-c", "ulimit -v 2000000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_tiebreak")]);
    shell.args(["fuzz", &race, "--with", "fix", "--runs", "500", "--jobs", "500"]).env("CI", "true");
    let ran = ran(&mut shell);
    assert_eq!((ran.code, ran.out), (Some(0), plain), "{}", ran.err);
    let said = ran.err.lines().find(|line| line.contains("threads are used")).unwrap();
    assert!(said.contains(" of 500 threads are used: one run takes 1 MiB, and "), "{said}");
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

/// A file that is another one when it is read again: what came to the search through a pipe is not what the second process finds.
#[test]
#[cfg(unix)]
fn a_run_that_differs_in_a_second_process_ends_with_seventy_and_is_shown() {
    use std::fs::{File, rename};
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let folder = folder("fuzz-nondeterministic");
    let other = write(&folder, "other.ron", RACE.replace("metric: 3), without", "metric: 4), without"));
    let race = folder.join("race.ron");
    assert!(Command::new("mkfifo").arg(&race).status().unwrap().success());
    let path = race.to_str().unwrap();
    let mut search = command(&["fuzz", path, "--check-determinism", "--strategy", "fifo", "--runs", "1"]);
    let child = search.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // This waits until the search reads the pipe.
    let mut pipe = File::options().write(true).open(&race).unwrap();
    rename(other, &race).unwrap();
    pipe.write_all(RACE.as_bytes()).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(output.status.code(), Some(70), "{out}{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "not deterministic · run 1 (fifo, seed 1)", "{out}");
    assert!(lines[1].starts_with("  two processes differ from record "), "{out}");
    assert!(lines[2].starts_with("  this one:   ") && lines[2].contains("metric=3"), "{out}");
    assert!(lines[3].starts_with("  the second: ") && lines[3].contains("metric=4"), "{out}");
}
