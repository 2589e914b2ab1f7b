//! Limits that follow from the plan: what is only large runs to its end.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use tiebreak::{End, Limits};
use tiebreak_recording::Recording;
use tiebreak_runner::{Prepared, Recordings, RunOptions, RunReport};

/// Events at one instant that a run may take whose plan is small.
const AT_ONE_INSTANT: u64 = 100_000;

fn prepared(text: &str) -> Prepared {
    let plan = tiebreak_scenario::load(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
    Prepared::new(&plan, &Recordings::new()).unwrap()
}

fn ran(text: &str) -> RunReport {
    prepared(text).sweep(RunOptions::default()).0
}

fn limits(text: &str) -> Limits {
    prepared(text).settings(RunOptions::default()).limits
}

#[test]
fn clients_that_are_all_told_of_each_other_at_one_instant_are_no_loop() {
    let report = ran(r#"Scenario(format: 1, until: "1s", clients: [Client(
            name: "c", protocol: "RIP", count: 460, script: [At("0s", Register)],
        )])"#);
    assert_eq!(report.end, End::Quiescent);
    assert!(report.events > AT_ONE_INSTANT, "{} events would end in no limit anyhow", report.events);
}

#[test]
fn limits_grow_with_clients_and_with_how_often_steps_are_taken() {
    let with = |count: u32, times: u32| {
        limits(&format!(
            r#"Scenario(format: 1, until: "1s", clients: [Client(name: "c", protocol: "RIP", count: {count}, script: [
                At("0s", Register),
                Every(from: "1us", period: "1us", times: {times}, do: ListEntities),
            ])])"#
        ))
    };
    let (small, crowd, busy) = (with(1, 1), with(1_000, 1), with(1_000, 10_000));
    assert_eq!(small.events_at_instant, AT_ONE_INSTANT);
    // A thousand clients of two steps each, and the manager: every one may be told of all of them and of 2,000 steps, and
    // four events may come of it.
    assert_eq!(crowd.events_at_instant, 1_001 * (1_001 + 2_000) * 4);
    assert_eq!(crowd.events, small.events.max(crowd.events_at_instant));
    // Repetitions are at instants of their own: they count in all, and not at one instant.
    assert_eq!(busy.events_at_instant, crowd.events_at_instant);
    assert!(busy.events >= 1_000 * 1_000 * 10_000, "{busy:?}");
}

#[test]
fn limits_grow_with_the_rows_of_a_recording() {
    let text = r#"Scenario(format: 1, until: "1s", clients: [
        Client(name: "c", protocol: "RIP", count: 1000, script: [At("0s", Register)]),
        Feed(name: "f", file: "none.csv"),
    ])"#;
    let plan = tiebreak_scenario::load(text).unwrap_or_else(|mistakes| panic!("{mistakes:?}")).plan;
    let with = |rows: usize| {
        let header = "unix_s,us,peer,op,prefix,next_hop,as_path_len,origin_as\n";
        let rows = "1,0,192.0.2.1,W,10.0.0.0/8,,,\n".repeat(rows);
        let recording = Recording::parse(&format!("{header}{rows}")).unwrap();
        let recordings = Recordings::from([("f".to_string(), recording)]);
        Prepared::new(&plan, &recordings).unwrap().settings(RunOptions::default()).limits
    };
    let (short, long) = (with(1), with(20_001));
    assert!(long.events_at_instant >= short.events_at_instant + 1_000 * 20_000, "{short:?} {long:?}");
    assert!(long.events >= 1_000 * 20_000, "{long:?}");
}

#[test]
fn a_crowd_at_one_instant_ends_at_the_limit_on_pending_events() {
    let text = |count: u32, limit: &str| {
        format!(
            r#"Scenario(format: 1, until: "1s",{limit} clients: [
                Client(name: "c", protocol: "RIP", count: {count}, script: [At("0s", Register)]),
            ])"#
        )
    };
    // Each of them is told of those that came before it.
    let report = ran(&text(2_400, ""));
    let End::Limit(exceeded) = &report.end else { panic!("{:?}", report.end) };
    assert!(exceeded.to_string().starts_with("more than 1500000 pending events, at 0s"), "{exceeded}");
    let crowd = report.crowd.unwrap();
    assert_eq!(crowd.kind, "entity-registered");
    assert!(crowd.count > 1_400_000, "{crowd:?}");
    // Whoever allows more events may have as many pending, up to what the kernel allows.
    assert_eq!(limits(&text(1, "")).pending, 1_500_000);
    assert_eq!(limits(&text(1, " limit: 7,")).pending, 1_500_000);
    assert_eq!(limits(&text(1, " limit: 3000000,")).pending, 3_000_000);
    assert_eq!(limits(&text(1, " limit: 90000000,")).pending, Limits::DEFAULT.pending);
}

#[test]
fn what_the_file_allows_is_allowed_and_what_a_run_allows_wins() {
    let text = r#"Scenario(format: 1, until: "1s", limit: 7, clients: [
        Client(name: "c", protocol: "RIP", count: 20, script: [At("0s", Register)]),
    ])"#;
    let prepared = prepared(text);
    let report = prepared.sweep(RunOptions::default()).0;
    assert!(matches!(report.end, End::Limit(_)), "{:?}", report.end);
    assert_eq!(report.events, 7);
    // 20 steps, and every client is told of those that come later.
    let report = prepared.sweep(RunOptions { limit: Some(210), ..RunOptions::default() }).0;
    assert_eq!((report.end, report.events), (End::Quiescent, 210));
}
