//! Signals: what they end, and what is left then.
#![cfg(unix)]

use core::time::Duration;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use crate::house::{CIRCLE, RACE, command, folder, write};

/// Sends a signal.
fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
}

/// Whether a signal is not ignored by what these tests start: under `nohup` that of a terminal that was closed is.
fn is_heard(signal: &str) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    signal != "HUP" || (ignored & 1 == 0 && cfg!(target_os = "linux"))
}

/// Waits for the end of a process; returns its exit code and what it has printed.
fn end(mut child: Child) -> (Option<i32>, String) {
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    (child.wait().unwrap().code(), out)
}

/// A search that goes on until it is ended.
fn endless(race: &str) -> Child {
    let mut sweep = command(&["fuzz", race, "--with", "fix", "--runs", "1000000000", "--jobs", "2"]);
    let child = sweep.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // Long enough for a busy machine to have come to its first runs.
    sleep(Duration::from_secs(2));
    child
}

#[test]
fn whoever_ends_a_search_gets_what_it_has() {
    let race = write(&folder("signals-search"), "race.ron", RACE);
    for signal in ["INT", "TERM", "HUP"].into_iter().filter(|signal| is_heard(signal)) {
        let child = endless(&race);
        send(signal, &child);
        let (code, out) = end(child);
        assert_eq!(code, Some(130), "{signal}: {out}");
        assert!(
            out.starts_with("interrupted after ") && out.contains("\nok · no failure in "),
            "{signal}: {out}"
        );
    }
}

#[test]
fn whoever_ends_tests_gets_their_report() {
    let folder = folder("signals-test");
    // Without the second route every seed holds.
    let race = write(&folder, "race.ron", RACE.replace(", without: \"fix\"", ", with: \"fix\""));
    let report = folder.join("report.xml");
    let mut tests = command(&["test", &race, "--seeds", "1000000000", "--junit", report.to_str().unwrap()]);
    let child = tests.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    sleep(Duration::from_secs(2));
    send("TERM", &child);
    let (code, out) = end(child);
    assert_eq!(code, Some(130), "{out}");
    assert!(
        out.contains("interrupted after ")
            && std::fs::read_to_string(report).unwrap().contains("interrupted")
    );
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    // One run of this takes long, and a run is not cut short.
    let long = CIRCLE.replace("format: 1,", "format: 1, limit: 1000000000,");
    let circle = write(&folder("signals-second"), "circle.ron", long);
    for signals in [["INT", "INT"], ["TERM", "TERM"], ["INT", "TERM"], ["TERM", "INT"]] {
        let mut search = command(&["fuzz", &circle, "--runs", "10", "--jobs", "1"]);
        let mut child = search.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_secs(1));
        send(signals[0], &child);
        sleep(Duration::from_millis(300));
        assert!(child.try_wait().unwrap().is_none(), "the first one waits for the run");
        let start = Instant::now();
        send(signals[1], &child);
        assert_eq!(end(child), (Some(130), String::new()), "{signals:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{signals:?}");
    }
}

#[test]
fn a_process_without_partial_results_ends_at_the_first_signal() {
    let long = CIRCLE.replace("format: 1,", "format: 1, limit: 1000000000,");
    let folder = folder("signals-run");
    let circle = write(&folder, "circle.ron", long);
    for signal in ["INT", "TERM", "HUP"].into_iter().filter(|signal| is_heard(signal)) {
        let trace = write(&folder, "trace.txt", "old");
        let mut run = command(&["run", &circle, "--trace", &trace]);
        let child = run.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_secs(1));
        send(signal, &child);
        assert_eq!(end(child), (Some(130), String::new()), "{signal}");
        assert_eq!(std::fs::read_to_string(trace).unwrap(), "old");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "{signal} leaves no draft");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_is_ignored_stays_ignored_unless_it_is_that_of_ctrl_c() {
    let race = write(&folder("signals-ignored"), "race.ron", RACE);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP TERM INT; echo; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_tiebreak")]);
    shell.args(["fuzz", &race, "--with", "fix", "--runs", "1000000000", "--jobs", "1"]).env("CI", "true");
    let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    sleep(Duration::from_secs(2));
    for signal in ["HUP", "TERM"] {
        send(signal, &child);
    }
    sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none());
    send("INT", &child);
    out.read_to_string(&mut line).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{line}");
}
