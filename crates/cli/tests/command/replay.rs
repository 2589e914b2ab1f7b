//! `tiebreak replay`: from a find to a regression and back.

use std::fs;
use std::path::{Path, PathBuf};

use crate::house::{RACE, Ran, check, command, folder, write};

/// Runs the command in a folder, where finds are kept.
fn run(folder: &Path, ci: Option<&str>, arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.current_dir(folder).env_remove("CI").env_remove("GITHUB_ACTIONS");
    command.envs(ci.map(|ci| ("CI", ci)));
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs the command, and checks its code and what it says.
fn says(folder: &Path, arguments: &[&str], code: i32, said: &str) -> Ran {
    let ran = run(folder, None, arguments);
    assert_eq!(ran.code, Some(code), "{arguments:?}\n{}\n{}", ran.out, ran.err);
    assert!(ran.out.contains(said), "{arguments:?}\n{}", ran.out);
    ran
}

/// Finds the race in a folder of its own; returns the folder and the regression.
fn found(test: &str) -> (PathBuf, PathBuf) {
    let folder = folder(test);
    write(&folder, "race.ron", RACE);
    let ran =
        says(&folder, &["fuzz", "race.ron", "--runs", "64"], 1, "\n  kept as regressions/race-best-of-");
    let line = ran.last_line().strip_prefix("tiebreak replay ").expect("the last line can be pasted");
    let file = folder.join(line);
    assert!(file.is_file(), "{}", file.display());
    (folder, file)
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Replaces the first of a text in a file behind another.
fn edit(file: &Path, behind: &str, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    let start = text.find(behind).expect(behind);
    let at = start + text[start..].find(from).expect(from);
    fs::write(file, format!("{}{to}{}", &text[..at], &text[at + from.len()..])).unwrap();
}

/// The text of a regression without its choices.
fn without_choices(text: &str) -> String {
    let (before, rest) = text.split_once("choices: ").expect("it has choices");
    let (_, after) = rest.split_once("found: ").expect("it was found");
    format!("{before}found: {after}")
}

const ONE_AS_EXPECTED: &str = "1 regression: 1 as expected\n";

#[test]
fn a_find_is_kept_and_replayed_until_it_is_fixed_and_then_guards_the_fix() {
    let (folder, file) = found("replay-life");
    says(&folder, &["replay", "regressions"], 0, ONE_AS_EXPECTED);
    says(&folder, &["replay", "regressions", "--all"], 0, ONE_AS_EXPECTED);
    let path = file.to_str().unwrap();
    says(&folder, &["run", path], 1, "found 1");
    says(&folder, &["run", path, "--seed", "77", "--order", "fifo"], 1, "found 1");
    says(&folder, &["check", path], 0, "1 scenario valid");
    says(&folder, &["test", "regressions"], 0, "ok · 1 scenario · 0 snapshots");

    edit(&file, "name: \"b\"", "metric: 3", "metric: 4");
    let no_longer = ": it no longer fails in any of 12 orders: `--accept` keeps it as a guard\n";
    says(&folder, &["replay", "regressions"], 4, no_longer);
    says(&folder, &["test", "regressions"], 4, "no longer fails");
    let kept = fs::read_to_string(&file).unwrap();
    let refused = run(&folder, Some("true"), &["replay", "--accept", "regressions"]);
    assert_eq!((refused.code, fs::read_to_string(&file).unwrap()), (Some(2), kept.clone()), "{refused:?}");

    says(&folder, &["replay", "--accept", "regressions"], 0, "1 regression: 1 accepted\n");
    let accepted = fs::read_to_string(&file).unwrap();
    assert_eq!(accepted, kept.replace("expect: Fails(", "expect: Passes("), "nothing else changes");
    says(&folder, &["replay", "regressions"], 0, ONE_AS_EXPECTED);

    edit(&file, "name: \"b\"", "metric: 4", "metric: 3");
    says(&folder, &["replay", "regressions"], 1, "it fails again in 12 of 12 orders\n");
    says(&folder, &["replay", "--accept", "regressions"], 1, "1 regression: 1 failing\n");
}

#[test]
fn an_event_that_does_not_happen_any_more_is_never_passed_over() {
    let (folder, file) = found("replay-diverged");
    edit(&file, "order:", "\"b/step(", "\"bb/step(");
    let ran = says(&folder, &["replay", "regressions"], 2, "1 regression: 1 broken\n");
    for said in ["there is no client `bb`\n", "help: did you mean `b`?\n"] {
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    edit(&file, "order:", "\"bb/step(", "\"b/step(");

    // The label is one that a step has, but the step is not taken any more.
    edit(&file, "order:", "#1)#1\"", "#1)#2\"");
    let said = "DIVERGED regressions/race-";
    let ran = says(&folder, &["replay", "regressions"], 4, said);
    let missing = "\n  the order cannot be kept: `b/step(add-route(10.0.0.0/8)#1)#2` did not happen; \
                   there is `b/step(add-route(10.0.0.0/8)#1)#1`\n";
    assert!(ran.out.contains(missing), "{}", ran.out);
    says(&folder, &["run", file.to_str().unwrap()], 1, missing);
    says(&folder, &["replay", "--accept", "regressions"], 4, said);

    // A guard whose events do not happen guards nothing.
    edit(&file, "regression:", "Fails", "Passes");
    edit(&file, "name: \"b\"", "metric: 3", "metric: 4");
    says(&folder, &["replay", "regressions"], 4, "it guards nothing\n");
}

#[test]
fn what_passes_without_constraints_is_not_as_expected() {
    let (folder, file) = found("replay-free");
    let text = fs::read_to_string(&file).unwrap();
    let order = text.lines().find(|line| line.trim_start().starts_with("order:")).unwrap();
    let text = text.replace(&format!("{order}\n"), "");
    fs::write(&file, &text).unwrap();
    says(&folder, &["replay", "regressions"], 0, ONE_AS_EXPECTED);
    // Nor are there choices.
    fs::write(&file, without_choices(&text)).unwrap();
    // By its seed it still fails, if that says who runs first.
    let by_seed = run(&folder, None, &["replay", "regressions"]);
    let seed = text.split_once("seed: ").unwrap().1.split_once(',').unwrap().0;
    let run_by_seed = run(&folder, None, &["run", file.to_str().unwrap(), "--seed", seed]);
    assert_eq!(by_seed.code == Some(0), run_by_seed.code == Some(1), "{by_seed:?}\n{run_by_seed:?}");
    edit(&file, "found:", "clocks", "fifo");
    says(&folder, &["replay", "regressions"], 4, "of 12 orders only\n");
    edit(&file, "name: \"b\"", "metric: 3", "metric: 4");
    says(&folder, &["replay", "regressions"], 4, "it no longer fails in any of 12 orders");
}

#[test]
fn another_failure_is_not_the_expected_one() {
    let (folder, file) = found("replay-otherwise");
    edit(&file, "regression:", "Fails(monitor: \"", "Fails(monitor: \"the ");
    let ran = says(
        &folder,
        &["replay", "regressions"],
        1,
        "it fails otherwise in 12 of 12 orders\n  expected best of",
    );
    assert!(ran.out.ends_with("1 regression: 1 failing\n"), "{}", ran.out);
}

#[test]
fn a_find_is_written_once_and_replaces_no_other() {
    let (folder, file) = found("replay-once");
    let again = ["fuzz", "race.ron", "--runs", "64"];
    says(&folder, &again, 1, "kept as");
    assert_eq!(files(&folder.join("regressions")), 1);
    fs::write(&file, "something else").unwrap();
    let ran = says(&folder, &again, 1, "-2.ron\n");
    assert!(ran.last_line().ends_with("-2.ron"), "{}", ran.out);
    assert_eq!(fs::read_to_string(&file).unwrap(), "something else");
}

#[test]
fn nothing_is_written_where_it_is_not_wanted() {
    let folder = folder("replay-nothing");
    write(&folder, "race.ron", RACE);
    let arguments = ["fuzz", "race.ron", "--runs", "64"];
    let ran = run(&folder, Some("true"), &arguments);
    assert!(ran.code == Some(1) && ran.last_line().starts_with("tiebreak run race.ron"), "{ran:?}");
    let ran = run(&folder, None, &[&arguments[..], &["--no-regressions"]].concat());
    assert!(ran.code == Some(1) && !ran.out.contains("kept as"), "{ran:?}");
    assert_eq!(files(&folder), 1, "the scenario alone");
    let ran = run(&folder, None, &[&arguments[..], &["--regressions", "a/b"]].concat());
    assert!(ran.code == Some(1) && files(&folder.join("a/b")) == 1, "{ran:?}");
}

#[test]
fn what_is_no_regression_cannot_be_replayed() {
    let race = write(&folder("replay-none"), "race.ron", RACE);
    let ran = check(&["replay", &race], 2);
    assert!(ran.err.contains("is not a regression: it has no field `regression`"), "{}", ran.err);
    assert_eq!(ran.out, "");
}

#[test]
fn a_guard_of_a_seed_alone_fails_when_its_seed_does() {
    let regression = |expect: &str| {
        let monitor = "best of 10.0.0.0/8 in view ucast of instance 0 at the end: a with metric 3";
        let found = "found: Found(strategy: \"clocks\", seed: 4, run: 1, runs: 1)";
        format!("    regression: Regression(expect: {expect}(monitor: \"{monitor}\"), {found}),\n)")
    };
    let without_switches = RACE
        .replace("    switches: [\"fix\"],\n", "")
        .replace(", without: \"fix\"", "")
        .replace("            Step(at: \"11s\", do: AddRoute(name: \"r\", dest: \"10.0.0.0/8\", via: [\"gw\"], metric: 3), with: \"fix\"),\n", "");
    let folder = folder("replay-seeds");
    for (expect, code, said) in [("Fails", 0, ONE_AS_EXPECTED), ("Passes", 1, "it fails")] {
        let (head, _) = without_switches.trim_end().rsplit_once(')').unwrap();
        write(&folder, "seed.ron", format!("{head}{}\n", regression(expect)));
        says(&folder, &["replay", "seed.ron"], code, said);
    }
}

#[test]
fn a_find_whose_orderings_do_not_fit_fails_still_with_its_choices_and_they_may_be_removed() {
    let (folder, file) = found("replay-choices");
    // A strategy's seed says nothing alone.
    edit(&file, "found:", "clocks", "pos");
    edit(&file, "order:", "#1)#1\"", "#1)#2\"");
    let ran = says(&folder, &["replay", "regressions"], 4, "1 regression: 1 diverged\n");
    let said = ": the run has changed, but it fails still with the choices of its find\n  the order cannot be kept: ";
    assert!(ran.out.starts_with("DIVERGED regressions/race-") && ran.out.contains(said), "{}", ran.out);
    says(&folder, &["replay", "--accept", "regressions"], 4, said);

    // Names in choices that nobody has any more are told when they are tried, and are no mistake of the file.
    let text = fs::read_to_string(&file).unwrap();
    let (before, after) = text.split_once("choices: ").unwrap();
    fs::write(&file, format!("{before}choices: {}", after.replace("b/step(", "bb/step("))).unwrap();
    let said = "\n  the choices of its find do not fit: `bb/step(register#1)#1` did not happen; did you mean \
                `b/step(register#1)`?\n";
    let ran = says(&folder, &["replay", "regressions"], 4, said);
    assert!(ran.out.contains(": the run has changed\n"), "{}", ran.out);

    fs::write(&file, without_choices(&text)).unwrap();
    let ran = says(&folder, &["replay", "regressions"], 4, ": the run has changed\n");
    assert!(!ran.out.contains("of its find"), "{}", ran.out);
}

#[test]
fn a_find_of_a_rust_test_is_told_to_be_one_and_what_runs_it() {
    let folder = folder("replay-rust");
    let find = include_str!("../../../tiebreak/tests/regressions/lease-server/honest.ron");
    write(&folder, "honest.ron", find);
    write(&folder, "noted.ron", format!("// a note\n{find}"));
    let said = "honest.ron: it belongs to a Rust test; `cargo test` in its package runs it, by the test that keeps its finds beside it\n";
    let ran = says(&folder, &["replay", "."], 7, said);
    assert!(
        ran.out.starts_with("NOT RUN ") && ran.out.ends_with("2 regressions: 2 not run\n"),
        "{}",
        ran.out
    );
    assert_eq!(ran.err, "");
    for verb in ["check", "run"] {
        for file in ["honest.ron", "noted.ron"] {
            let Ran { code, out, err } = run(&folder, None, &[verb, file]);
            let said = out + &err;
            assert_eq!(code, Some(2), "{verb} {file}\n{said}");
            assert!(
                said.contains("error[S014]: this is a kept find of a Rust test, not a scenario"),
                "{said}"
            );
            assert!(said.contains("help: `cargo test` in its package runs it, "), "{said}");
        }
    }
    // Which test it is can be told from where it lies in a package.
    fs::create_dir_all(folder.join("crate/tests/finds")).unwrap();
    write(&folder, "crate/Cargo.toml", "");
    write(&folder, "crate/tests/finds/honest.ron", find);
    let said = "`cargo test --manifest-path crate/Cargo.toml` runs it, by the test that keeps its finds in `tests/finds`\n";
    says(&folder, &["replay", "crate"], 7, said);
    let said = "`cargo test` runs it, by the test that keeps its finds in `tests/finds`\n";
    says(&folder.join("crate"), &["replay", "tests/finds"], 7, said);
    // What else is wrong goes before that it was not run.
    write(&folder, "broken.ron", "Scenario(");
    says(&folder, &["replay", "."], 2, "4 regressions: 3 not run, 1 broken\n");
    fs::remove_file(folder.join("broken.ron")).unwrap();
    // The word in another place is no find.
    write(
        &folder,
        "other.ron",
        RACE.replacen("Feed(", "Regression(", 1).replacen("Client(", "Regression(", 1),
    );
    let said = run(&folder, None, &["replay", "other.ron"]);
    assert!(said.out.contains(": it has mistakes\n") && !said.err.contains("Rust test"), "{said:?}");
}
