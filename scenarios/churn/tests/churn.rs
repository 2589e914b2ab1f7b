//! A crowd of protocol clients: repeatable as a whole, readable in part.

use core::fmt::Write as _;
use std::path::Path;

use tiebreak::End;
use tiebreak::testing::assert_snapshot;
use tiebreak_churn::Churn;

const HANDFUL: Churn = Churn { statics: 2, rips: 4, redistributors: 1 };
const CROWD: Churn = Churn { statics: 190, rips: 800, redistributors: 10 };

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn one_rip_client_reads_well() {
    assert_snapshot(root(), "churn", "handful.rip1", &HANDFUL.projection(1, "rip1"));
    assert_snapshot(root(), "churn", "handful.rip2", &HANDFUL.projection(1, "rip2"));
}

#[test]
fn a_redistributor_copies_what_is_best_and_withdraws_what_is_gone() {
    let trace = HANDFUL.projection(1, "redistributor1");
    assert_snapshot(root(), "churn", "handful.redistributor1", &trace);
    let calls = |function: &str| trace.lines().filter(|line| line.contains(function)).count();
    let (copied, withdrawn) = (calls("RtmAddRouteToDest"), calls("RtmDeleteRouteToDest"));
    assert!(copied > withdrawn && withdrawn > 0, "{copied} copied, {withdrawn} withdrawn\n{trace}");
    assert!(!trace.contains("violation"), "none is refused\n{trace}");
}

#[test]
fn a_thousand_clients_are_fingerprinted_as_a_whole() {
    let run = CROWD.run(1);
    assert_eq!(run.findings, [""; 0]);
    assert_eq!(run.end, End::Horizon);
    let mut text = String::new();
    writeln!(text, "events {}", run.events).unwrap();
    writeln!(text, "records {}", run.fingerprint.records).unwrap();
    writeln!(text, "ties {}", run.fingerprint.ties).unwrap();
    writeln!(text, "run {}", run.fingerprint.run).unwrap();
    for kind in &run.fingerprint.kinds {
        writeln!(text, "{} {}", kind.digest, kind.name).unwrap();
    }
    assert_snapshot(root(), "churn", "crowd", &text);
}

#[test]
fn the_same_seed_gives_the_same_crowd_and_another_seed_another() {
    let [first, again, other] = [1, 1, 2].map(|seed| HANDFUL.run(seed).fingerprint);
    assert_eq!(first, again);
    assert_ne!(first.run, other.run);
}

#[test]
fn both_styles_of_answering_a_time_out_occur() {
    let trace = HANDFUL.projection(1, "rip1") + &HANDFUL.projection(1, "rip2");
    for expected in ["metric=16", "ERROR_NOT_SUPPORTED", "release-hold"] {
        assert!(trace.contains(expected), "no {expected} in\n{trace}");
    }
}
