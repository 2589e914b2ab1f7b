//! `tiebreak test`.

use std::fs;
use std::path::Path;

use crate::house::{RACE, Ran, check, command, folder, paste, tiebreak, write};

/// Whatever the machine sets must not decide what a test sees.
fn run(variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.env_remove("CI").env_remove("GITHUB_ACTIONS").envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn test(arguments: &[&str], code: i32) -> Ran {
    let ran = run(&[], &[&["test"], arguments].concat());
    assert_eq!(ran.code, Some(code), "{arguments:?}\n{}\n{}", ran.out, ran.err);
    ran
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn what_is_kept_holds_until_two_callbacks_change_places() {
    let folder = folder("test-swap");
    let scenario = write(&folder, "race.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    let ran = test(&[path(&folder)], 1);
    assert!(ran.out.contains("race.ron: there is no "), "{}", ran.out);
    assert!(
        ran.out.ends_with("failed · 1 scenario · 1 snapshot · 1 failed · 1 not as kept\n"),
        "{}",
        ran.out
    );
    let ran = test(&["--accept", path(&folder)], 0);
    assert!(ran.out.ends_with("ok · 1 scenario · 1 snapshot · 1 kept\n"), "{}", ran.out);
    let ran = test(&[path(&folder)], 0);
    assert_eq!(ran.out, "ok · 1 scenario · 1 snapshot\n");
    assert!(ran.err.starts_with("tested in "), "{}", ran.err);

    // Under another seed `b` comes first: the expectation would say so as well, so it goes.
    let swapped = fs::read_to_string(&scenario).unwrap().replace("seed: 5", "seed: 4");
    write(
        &folder,
        "race.ron",
        swapped.replace("expect: [Best(dest: \"10.0.0.0/8\", owner: \"a\", metric: 3)],", ""),
    );
    let ran = test(&[path(&folder)], 1);
    let head: Vec<&str> = ran.out.lines().take(5).collect();
    assert!(head[0].starts_with("FAILED ") && head[0].contains("race.ron: differs from "), "{head:?}");
    assert!(head.iter().any(|line| line.contains(": a/") && line.contains(" now runs ")), "{head:?}");
    let again = ran.out.lines().find(|line| line.starts_with("  tiebreak run ")).unwrap();
    assert_eq!(paste(again.trim_start()).code, Some(0));
}

#[test]
fn insta_finds_what_is_new_and_what_is_in_order_again_leaves_nothing_behind() {
    let folder = folder("test-pending");
    write(&folder, "race.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    let (kept, pending) = (folder.join("race.snap"), folder.join("race.snap.new"));
    test(&[path(&folder)], 1);
    let proposed = fs::read_to_string(&pending).unwrap();
    assert!(proposed.starts_with("---\nsource: race.ron\n---\n# tiebreak snapshot · format "), "{proposed}");
    assert!(!kept.exists());
    // What `cargo insta accept` does.
    fs::rename(&pending, &kept).unwrap();
    test(&[path(&folder)], 0);
    fs::write(&kept, proposed.replace("a/", "z/")).unwrap();
    test(&[path(&folder)], 1);
    assert!(pending.exists());
    fs::write(&kept, proposed.replace('\n', "\r\n")).unwrap();
    test(&[path(&folder)], 0);
    assert!(!pending.exists(), "what is in order needs no review");
}

#[test]
fn nothing_is_written_where_ci_is_set() {
    let folder = folder("test-ci");
    write(&folder, "race.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    let before = entries(&folder);
    let ran = run(&[("CI", "true")], &["test", path(&folder)]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let ran = run(&[("CI", "true")], &["test", "--accept", path(&folder)]);
    assert_eq!(ran.code, Some(2), "{}", ran.out);
    assert!(ran.err.contains("CI is set"), "{}", ran.err);
    assert_eq!(entries(&folder), before);
    assert_eq!(run(&[("CI", "false")], &["test", "--accept", path(&folder)]).code, Some(0));
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_does_not_hold_is_not_kept() {
    let folder = folder("test-unsound");
    write(&folder, "race.ron", RACE.replace("format: 1,", "format: 1, seed: 4,"));
    let ran = test(&["--accept", path(&folder)], 1);
    assert!(ran.out.contains("race.ron: does not hold\n  "), "{}", ran.out);
    assert!(!folder.join("race.snap").exists());
}

#[test]
fn seeds_are_tried_besides_the_scenarios_own() {
    let folder = folder("test-seeds");
    let scenario = write(&folder, "race.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    test(&["--accept", &scenario], 0);
    let alone = test(&["--seeds", "20", &scenario], 1);
    assert!(alone.out.contains("race.ron: does not hold under seed "), "{}", alone.out);
    let again =
        alone.out.lines().find(|line| line.contains("tiebreak run ") && line.contains("--seed ")).unwrap();
    assert_eq!(paste(again.trim_start()).code, Some(1));
    assert_eq!(test(&["--seeds", "20", "--jobs", "2", &scenario], 1).out, alone.out);
}

#[test]
fn snapshots_lie_where_they_are_asked_for_and_those_of_nobody_are_found() {
    let folder = folder("test-folders");
    let (family, kept) = (folder.join("family"), folder.join("kept"));
    fs::create_dir(&family).unwrap();
    let with = |snapshots: &str| {
        RACE.replace("format: 1,", &format!("format: 1, seed: 5, snapshots: [{snapshots}],"))
    };
    let scenario = write(&family, "race.ron", with(r#"Whole, Actor("a"), Subject("10.0.0.0/8")"#));
    test(&["--accept", "--snapshots", path(&kept), path(&family)], 0);
    let names = ["race.10.0.0.0-8.snap", "race.a.snap", "race.snap"];
    assert_eq!(entries(&kept.join("family")), names);
    test(&["--unreferenced", "--snapshots", path(&kept), path(&folder)], 0);
    write(&family, "race.ron", with("Whole"));
    test(&["--accept", "--snapshots", path(&kept), path(&family)], 0);
    let ran = test(&["--unreferenced", "--snapshots", path(&kept), path(&family)], 1);
    for name in &names[..2] {
        assert!(
            ran.out.contains(&format!("UNREFERENCED {}", path(&kept.join("family").join(name)))),
            "{}",
            ran.out
        );
    }
    assert!(ran.out.ends_with(" · 2 unreferenced\n"), "{}", ran.out);
    // Who asks for one scenario does not hear of those of the others.
    test(&["--unreferenced", "--snapshots", path(&kept), &scenario], 0);
}

#[test]
fn two_scenarios_that_would_keep_the_same_snapshot_are_refused() {
    let folder = folder("test-clash");
    for part in ["a", "b"] {
        fs::create_dir_all(folder.join(part).join("family")).unwrap();
        write(
            &folder.join(part).join("family"),
            "race.ron",
            RACE.replace("format: 1,", "format: 1, seed: 5,"),
        );
    }
    let ran = test(&["--snapshots", path(&folder.join("kept")), path(&folder)], 2);
    assert!(ran.out.contains("would both keep") && ran.out.contains("rename one of them"), "{}", ran.out);
    let twice = RACE.replace("format: 1,", r#"format: 1, seed: 5, snapshots: [Actor("a"), Actor("a")],"#);
    let twice = write(&folder, "twice.ron", twice);
    assert!(matches!(tiebreak(&["test", &twice]).code, Some(2)));
}

#[test]
fn snapshots_of_windows_are_kept_and_those_of_nothing_are_warned_of() {
    let folder = folder("test-windows");
    let window = r#"Window(from: "10s", to: "10s"), All([Actor("a"), Window(from: "10s", to: "11s")])"#;
    let nothing =
        r#"Window(from: "11s", to: "12s"), All([Actor("fib"), Window(from: "0s", to: "1s"), Kind("best")])"#;
    let snapshots = format!("format: 1, seed: 5, snapshots: [{window}, {nothing}],");
    let scenario = write(&folder, "race.ron", RACE.replace("format: 1,", &snapshots));
    let ran = test(&["--accept", &scenario], 0);
    let names = ["race.10s-10s.snap", "race.11s-12s.snap", "race.a.10s-11s.snap", "race.fib.0s-1s.best.snap"];
    assert_eq!(entries(&folder), [&names[..], &["race.ron"]].concat());
    let kept = fs::read_to_string(folder.join(names[2])).unwrap();
    assert!(kept.contains("# tiebreak snapshot · actor a and window 10s to 11s · format "), "{kept}");
    assert!(
        kept.contains("10s       a         step(add-route(10.0.0.0/8)#1)#1") && !kept.contains("\n0s "),
        "{kept}"
    );
    for (asked, name) in
        [("window 11s to 12s", names[1]), ("actor fib and window 0s to 1s and kind best", names[3])]
    {
        let said =
            format!("warning: no record of this run is of {asked}: {} is empty\n", path(&folder.join(name)));
        assert!(ran.err.contains(&said), "{}", ran.err);
    }
    assert_eq!(ran.err.matches("warning: ").count(), 2, "{}", ran.err);
    assert!(!test(&["--quiet", &scenario], 0).err.contains("warning"));
}

#[test]
fn a_broken_scenario_is_one_that_fails_and_the_others_are_tested() {
    let folder = folder("test-broken");
    write(&folder, "a.ron", RACE.replace("until: \"20s\"", "untill: \"20s\""));
    write(&folder, "b.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    let report = folder.join("report.xml");
    let ran = test(&["--accept", "--annotate", "--junit", path(&report), path(&folder)], 2);
    assert!(ran.out.contains("did you mean `until`?"), "{}", ran.out);
    assert!(
        ran.out.contains("\n::error file=") && ran.out.contains("a.ron,line=3,col=5,title=error["),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("failed · 2 scenarios · 1 snapshot · 1 failed · 1 kept\n"), "{}", ran.out);
    let report = fs::read_to_string(report).unwrap();
    assert!(
        report.contains(r#"tests="2" skipped="0" failures="1""#) && report.contains(r#"<testcase name="b" "#),
        "{report}"
    );
    let ran = run(&[("GITHUB_ACTIONS", "true")], &["test", path(&folder)]);
    assert!(ran.out.contains("\n::error file="), "{}", ran.out);
    assert!(!test(&[path(&folder)], 2).out.contains("::error"));
}

#[test]
fn a_file_is_written_as_a_whole_or_stays_as_it_was() {
    let folder = folder("test-draft");
    let scenario = write(&folder, "race.ron", RACE);
    let trace = write(&folder, "trace.txt", "as it was");
    // The trace's file is open by the time at which the table's cannot be written: it does not run, and nothing is written.
    check(&["run", &scenario, "--trace", &trace, "--table", path(&folder.join("nowhere/table"))], 2);
    assert_eq!(fs::read_to_string(&trace).unwrap(), "as it was");
    assert_eq!(entries(&folder), ["race.ron", "trace.txt"]);
    check(&["run", &scenario, "--seed", "5", "--trace", &trace], 0);
    assert!(fs::read_to_string(&trace).unwrap().starts_with("# tiebreak trace"));
    assert_eq!(entries(&folder), ["race.ron", "trace.txt"]);
    check(&["run", &scenario, "--trace", path(&folder.join("nowhere/trace.txt"))], 2);
}

#[test]
#[cfg(unix)]
fn what_is_replaced_keeps_its_permissions_and_a_link_its_place() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder("test-links");
    let scenario = write(&folder, "race.ron", RACE);
    let trace = write(&folder, "trace.txt", "as it was");
    fs::set_permissions(&trace, PermissionsExt::from_mode(0o640)).unwrap();
    let link = folder.join("link.txt");
    symlink("trace.txt", &link).unwrap();
    check(&["run", &scenario, "--seed", "5", "--trace", path(&link)], 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&trace).unwrap().starts_with("# tiebreak trace"));
    assert_eq!(fs::metadata(&trace).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn what_is_wrong_with_one_scenario_is_no_reason_not_to_test_the_others() {
    let folder = folder("test-others");
    write(&folder, "a.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    write(&folder, "b.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    test(&["--accept", path(&folder)], 0);
    fs::write(folder.join("a.snap"), b"\xff\xfe").unwrap();
    let ran = test(&[path(&folder), path(&folder.join("absent.ron"))], 2);
    assert!(ran.out.contains("a.ron: cannot read ") && ran.out.contains("absent.ron: "), "{}", ran.out);
    assert!(ran.out.ends_with("failed · 3 scenarios · 2 snapshots · 2 failed\n"), "{}", ran.out);
    // A scenario that cannot be read may well have the snapshot.
    write(&folder, "a.ron", "Scenario(");
    let ran = test(&["--unreferenced", path(&folder)], 2);
    assert!(!ran.out.contains("UNREFERENCED"), "{}", ran.out);
}

#[test]
fn a_snapshot_may_have_a_byte_order_mark_and_what_is_none_is_said_to_be_none() {
    let folder = folder("test-foreign");
    write(&folder, "a.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    test(&["--accept", path(&folder)], 0);
    let kept = fs::read_to_string(folder.join("a.snap")).unwrap();
    write(&folder, "a.snap", format!("\u{feff}{}", kept.replace('\n', "\r\n")));
    assert_eq!(test(&[path(&folder)], 0).out, "ok · 1 scenario · 1 snapshot\n");
    for foreign in ["", "---\nsource: x\n---\nSomething else\n"] {
        write(&folder, "a.snap", foreign);
        let ran = test(&[path(&folder)], 1);
        assert!(ran.out.contains("a.snap is no snapshot\n"), "{}", ran.out);
    }
    test(&["--accept", path(&folder)], 0);
    assert_eq!(test(&[path(&folder)], 0).out, "ok · 1 scenario · 1 snapshot\n");
}

#[test]
#[cfg(unix)]
fn a_report_has_a_name_of_one_line_for_each_scenario() {
    let folder = folder("test-lines");
    for family in ["one/a\nb", "two/a\nb"] {
        fs::create_dir_all(folder.join(family)).unwrap();
        fs::write(folder.join(family).join("c\nd.ron"), RACE).unwrap();
    }
    let report = folder.join("report.xml");
    test(&[path(&folder), "--junit", path(&report)], 1);
    let report = fs::read_to_string(report).unwrap();
    let suites = report.lines().filter(|line| line.contains("<testsuite ")).count();
    assert_eq!(suites, 2, "{report}");
    for suite in ["one", "two"] {
        let case = format!("<testcase name=\"c\\nd\" classname=\"{}/{suite}/a\\nb\"", path(&folder));
        assert!(report.contains(&case), "{case}: {report}");
    }
}

#[test]
fn a_scenario_is_tested_once_however_often_it_is_asked_for() {
    let folder = folder("test-once");
    let scenario = write(&folder, "a.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    test(&["--accept", &scenario], 0);
    let ran = test(&[path(&folder), &scenario, path(&folder.join("../test-once"))], 0);
    assert_eq!(ran.out, "ok · 1 scenario · 1 snapshot\n");
    let ran = test(&["--junit", &scenario, &scenario], 2);
    assert!(ran.err.contains("--junit would replace ") && ran.err.contains("which is read"), "{}", ran.err);
    assert!(test(&["-"], 2).err.contains("standard input"));
}

#[test]
fn what_fails_under_a_seed_is_not_kept_and_not_offered() {
    let folder = folder("test-seed-unsound");
    write(&folder, "race.ron", RACE.replace("format: 1,", "format: 1, seed: 5,"));
    let ran = test(&["--accept", "--seeds", "20", path(&folder)], 1);
    assert!(ran.out.contains("does not hold under seed "), "{}", ran.out);
    assert_eq!(entries(&folder), ["race.ron"]);
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_sweep_is_no_pass() {
    use std::process::Stdio;
    let folder = folder("test-interrupted");
    write(
        &folder,
        "race.ron",
        RACE.replace("format: 1,", "format: 1, seed: 5,")
            .replace(
                "expect: [",
                "snapshots: [Actor(\"a\")], expect: [Count(of: \"a/step(*)\", at_least: 1)], /*",
            )
            .replace("metric: 3)],\n)", "*/\n)"),
    );
    test(&["--accept", path(&folder)], 0);
    let mut command = command(&["test", "--seeds", "100000000", path(&folder)]);
    let child = command.env_remove("CI").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(core::time::Duration::from_millis(700));
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{out}");
    assert!(out.contains("race.ron: interrupted after ") && !out.contains("ok · "), "{out}");
}
