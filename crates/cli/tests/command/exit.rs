//! Exit codes: each is shown here.

use core::time::Duration;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::thread;

use crate::house::{CIRCLE, FAILING, RACE, check, command, folder, write};

#[test]
fn zero_is_fine_and_one_is_found() {
    let race = write(&folder("zero"), "race.ron", RACE);
    check(&["run", &race, "--with", "fix"], 0);
    check(&["run", &race, "--order", "fifo"], 0);
    check(&["check", &race], 0);
    check(&["fuzz", &race, "--with", "fix", "--runs", "100"], 0);
    check(&["fuzz", &race, "--runs", "100"], 1);
    for arguments in [&["--help"][..], &["--version"], &["run", "--help"]] {
        check(arguments, 0);
    }
}

#[test]
fn two_is_bad_input_and_says_what_would_be_right() {
    let race = write(&folder("two"), "race.ron", RACE);
    let race = race.as_str();
    for (arguments, said) in [
        (&[][..], "Usage"),
        (&["rnu", race], "unrecognized subcommand"),
        (&["run", race, "--seed", "one"], "decimal or hexadecimal (0x…)"),
        (&["run", race, "--until", "60"], "unit"),
        (&["run", race, "--order", "random"], "[possible values: fifo, seeded, rounds]"),
        (&["run", race, "--with", "fxi"], "did you mean `fix`?"),
        (&["run", race, "--input", "updates=x"], "unknown feed `updates`; the scenario has no feeds"),
        (&["run", race, "--fingerprint", "--table", "-"], "standard output holds one thing"),
        (&["run", race, "--trace", "no/such/folder/t"], "cannot write no/such/folder/t"),
        (&["run", "no-such.ron"], "cannot read no-such.ron"),
        (&["fuzz", race, "--runs", "0"], "0"),
        (&["fuzz", race, "--seed", "0xFFFFFFFFFFFFFFFF", "--runs", "2"], "fewer than 2 seeds"),
    ] {
        let ran = check(arguments, 2);
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn three_is_a_limit_and_shows_the_circle() {
    let circle = write(&folder("three"), "circle.ron", CIRCLE);
    let ran = check(&["run", &circle, "--fingerprint"], 3);
    assert!(
        ran.err.contains("more than 100000 events at one instant, at 0s; it repeats rip/"),
        "{}",
        ran.err
    );
}

#[test]
fn a_run_that_did_not_end_prints_its_last_forty_records() {
    let folder = folder("tail");
    let circle = write(&folder, "circle.ron", CIRCLE);
    let ran = check(&["run", &circle], 3);
    let lines: Vec<&str> = ran.out.lines().collect();
    // The head, what is left out, forty records, the footer, the verdict, the line to paste.
    assert_eq!(lines.len(), 2 + 1 + 40 + 1 + 2, "{}", ran.out);
    assert!(
        lines[2].starts_with("… ") && lines[2].ends_with("`--trace FILE` keeps them all"),
        "{}",
        lines[2]
    );
    assert!(lines[43].starts_with("# ") && lines[44].starts_with("did not end · "), "{}", ran.out);
    let kept = folder.join("all.txt").display().to_string();
    check(&["run", &circle, "--trace", &kept], 3);
    assert!(std::fs::read_to_string(kept).unwrap().lines().count() > 100_000);
}

#[test]
#[cfg(unix)]
fn a_path_with_terminal_escapes_or_newlines_is_printed_without_them() {
    let folder = folder("escapes");
    let good = "Scenario(format: 1, until: \"1s\", clients: [])";
    let odd = write(&folder, "a\u{1b}[31m\n'b.ron", good);
    let broken = write(&folder, "c\u{1b}[31m\nd.ron", "Scenario(format: 2)");
    let runs = [
        check(&["run", &odd], 0),
        check(&["run", &broken], 2),
        check(&["run", &folder.join("none\u{1b}[31m\n.ron").display().to_string()], 2),
        check(&["run", &odd, "--trace", &folder.join("no\u{1b}\n/t").display().to_string()], 2),
    ];
    for ran in &runs {
        let printed = ran.out.clone() + &ran.err;
        assert!(
            !printed.contains('\u{1b}') && !printed.contains("\n'b") && !printed.contains("\nd.ron"),
            "{printed:?}"
        );
    }
    assert!(runs[0].out.contains(r"a\x1b[31m\x0a\'b.ron'"), "{}", runs[0].out);
}

#[test]
fn a_limit_follows_from_the_plan_the_file_or_the_command() {
    let folder = folder("limit");
    let many = |limit: &str| {
        format!(
            r#"Scenario(format: 1, until: "1s", {limit} clients: [
                Client(name: "c", count: 460, protocol: "RIP", script: [At("0s", Register)]),
            ])"#
        )
    };
    let crowd = write(&folder, "crowd.ron", many(""));
    // Every client is told of every other one that comes later: 105,570 callbacks at one instant.
    check(&["run", &crowd, "--fingerprint"], 0);
    for (file, arguments) in
        [(&crowd, vec!["--limit", "5000"]), (&write(&folder, "few.ron", many("limit: 5000,")), vec![])]
    {
        let ran = check(&[&["run", file, "--fingerprint"], arguments.as_slice()].concat(), 3);
        assert!(ran.err.contains("did not end · more than 5000 events"), "{}", ran.err);
        assert!(
            ran.err.contains("nothing repeats, so it may only be long: allow more with `--limit`"),
            "{}",
            ran.err
        );
        let is_pasted =
            ran.err.lines().any(|line| line.starts_with("tiebreak run") && line.contains("--limit 5000"));
        assert_eq!(is_pasted, !arguments.is_empty(), "{}", ran.err);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn seventy_one_is_that_results_could_not_be_written() {
    let race = write(&folder("seventy-one"), "race.ron", RACE);
    let ran = check(&["run", &race, "--with", "fix", "--trace", "/dev/full"], 71);
    assert!(ran.err.contains("cannot write /dev/full"), "{}", ran.err);
}

#[test]
#[cfg(target_os = "linux")]
fn arguments_that_are_not_utf_8_are_paths_or_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = folder("not-utf-8");
    let race = write(&folder, "race.ron", RACE);
    let odd = |name: &[u8]| folder.join(OsStr::from_bytes(name));
    std::fs::write(odd(b"a\xff.ron"), RACE).unwrap();
    let run = |arguments: &[&OsStr], code: i32| {
        let output = command(&[]).args(arguments).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}");
        assert!(!err.contains("panicked") && !err.contains("bug in tiebreak"), "{arguments:?}: {err}");
    };
    let word = |word| OsStr::new::<str>(word);
    let file = odd(b"a\xff.ron");
    let [file, race] = [file.as_os_str(), word(&race)];
    run(&[word("run"), file, word("--order"), word("fifo")], 0);
    run(&[word("check"), file], 0);
    run(&[word("show"), file], 0);
    run(&[word("fuzz"), file, word("--no-regressions"), word("--runs"), word("100")], 1);
    for option in ["--trace", "--table", "--fingerprints", "--perfetto"] {
        let out = odd(b"out\xfe");
        run(&[word("run"), race, word("--order"), word("fifo"), word(option), out.as_os_str()], 0);
        assert!(out.is_file(), "{option}");
        std::fs::remove_file(out).unwrap();
        run(&[word("run"), race, word(option), odd(b"no\xff/such").as_os_str()], 2);
    }
    let mixed = OsStr::from_bytes(b"\xff");
    for option in ["--seed", "--with", "--until", "--input", "--actor", "--limit"] {
        run(&[word("run"), race, word(option), mixed], 2);
    }
    run(&[mixed], 2);
    run(&[word("run"), race, mixed], 2);
}

#[test]
#[cfg(target_os = "linux")]
fn whatever_is_printed_to_a_full_device_is_an_error() {
    let folder = folder("full-device");
    let race = write(&folder, "race.ron", RACE);
    let found = write(&folder, "found.ron", RACE.replace("format: 1,", "format: 1, seed: 4,"));
    let trace = folder.join("race.tbt").display().to_string();
    check(&["run", &race, "--with", "fix", "--trace", &trace], 0);
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["--version"],
        &["man"],
        &["completions", "bash"],
        &["run", &race, "--with", "fix"],
        &["run", &race, "--with", "fix", "--format", "packed"],
        &["run", &race, "--with", "fix", "--format", "ndjson"],
        &["run", &race, "--with", "fix", "--fingerprint"],
        &["run", &race, "--with", "fix", "--table", "-"],
        &["show", &trace],
        &["show", &race, "--columns"],
        &["show", &race, "--pending", "--until", "5s"],
        &["diff", &race, "--seed", "1", "--seed", "2"],
        &["check", &race],
        &["check", &race, "--format", "json"],
        &["test", &race],
        &["fuzz", &race, "--runs", "10"],
        &["races", &race],
        &["explore", &race],
        &["blame", &found, "--runs", "10"],
        &["suspects", &race, "--runs", "100"],
        &["bench", &race, "--runs", "1", "--time", "1ms"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(71), "{arguments:?}: {err}");
        assert!(err.contains("error: cannot write standard output: "), "{arguments:?}: {err}");
    }
}

#[test]
#[cfg(unix)]
fn one_hundred_and_thirty_is_interrupted_with_partial_results() {
    let race = write(&folder("interrupted"), "race.ron", RACE);
    let mut sweep = command(&["fuzz", &race, "--with", "fix", "--runs", "1000000000", "--jobs", "2"]);
    let mut child = sweep.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // Long enough for a busy machine to have come to its first runs.
    thread::sleep(Duration::from_secs(2));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{out}");
    assert!(out.starts_with("interrupted after ") && out.contains("\nok · no failure in "), "{out}");
}

#[test]
fn a_closed_pipe_ends_quietly_with_the_code_of_the_run() {
    let folder = folder("closed");
    let race = write(&folder, "race.ron", RACE);
    let trace = folder.join("race.tbt").display().to_string();
    check(&["run", &race, "--with", "fix", "--trace", &trace], 0);
    for (arguments, code) in [
        (&["run", &race, "--with", "fix"][..], 0),
        (&["run", &race, "--seed", FAILING], 1),
        (&["run", &race, "--with", "fix", "--format", "ndjson"], 0),
        (&["run", &race, "--seed", FAILING, "--format", "packed"], 1),
        (&["show", &trace], 0),
        (&["show", &trace, "--format", "ndjson"], 0),
        (&["diff", &trace, &trace], 0),
        (&["fuzz", &race, "--runs", "100"], 1),
        (&["check", &race], 0),
        (&["--help"], 0),
    ] {
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}");
        assert!(!err.contains("panicked") && !err.contains("pipe"), "{arguments:?}: {err}");
    }
}
