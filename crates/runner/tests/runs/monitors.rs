//! Every monitor has a run that it must fail: a real one whose records were tampered with on their way to it.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use tiebreak::{Fact, Name, Names, Record, Recorder, Report, Span, Term, Verdict, Watch};
use tiebreak_rtm_sim::vocabulary::{key, kind};
use tiebreak_rtm_sim::{RoutingMonitors, Subject};
use tiebreak_runner::{Prepared, Recordings, RunOptions};

/// A run in which every monitor has something to look at.
const SCENARIO: &str = r#"Scenario(
    format: 1,
    until: "60s",
    clients: [
        Client(name: "rip", protocol: "RIP", misbehaves: true,
            script: [
                At("0s", Register),
                At("1s", AddRoute(name: "r", dest: "10.0.0.0/8", metric: 3, expires_after: "30s")),
                At("50s", Deregister),
            ],
            on: { EntityRegistered: [ListEntities] },
        ),
        Client(name: "late", protocol: "OSPF", script: [At("40s", Register)]),
        Observer(name: "fib"),
    ],
)"#;

/// What is done with a record before the monitors see it.
#[derive(Clone, Copy)]
enum Tampering {
    Honest,
    DropLast(Term),
    Repeat(Term),
    Delay(Term),
    Forget(Term),
    CallBackAtTheEnd,
}

struct Tampered {
    watch: Watch<RoutingMonitors>,
    tampering: Tampering,
    /// How many records of the kind meant are still to come.
    left: u64,
    stolen: Option<Name<Subject>>,
}

impl Recorder<Subject> for Tampered {
    fn record(&mut self, names: &Names, record: &Record<'_, Subject>) {
        let mut record = *record;
        let kept: Vec<Fact<Subject>>;
        match self.tampering {
            Tampering::DropLast(kind) if record.name.kind == kind => {
                self.left -= 1;
                if self.left == 0 {
                    return;
                }
            }
            Tampering::Repeat(kind) if record.name.kind == kind => self.watch.record(names, &record),
            Tampering::Delay(kind) if record.name.kind == kind => {
                record.instant += Span::from_nanos(1);
            }
            Tampering::Forget(key) => {
                kept = record.facts.iter().filter(|fact| fact.key != key).copied().collect();
                record.facts = &kept;
                self.watch.record(names, &record);
                return;
            }
            Tampering::CallBackAtTheEnd if record.name.kind == kind::ENTITY_REGISTERED => {
                self.stolen = Some(record.name);
            }
            Tampering::CallBackAtTheEnd if names.text(record.name.actor) == "fib" => {
                if let Some(name) = self.stolen {
                    let codes = name.part_codes(names);
                    self.watch.record(names, &Record { name, codes, ..record });
                }
            }
            Tampering::Honest
            | Tampering::DropLast(_)
            | Tampering::Repeat(_)
            | Tampering::Delay(_)
            | Tampering::CallBackAtTheEnd => {}
        }
        self.watch.record(names, &record);
    }
}

fn reports(tampering: Tampering) -> Vec<Report> {
    reports_of(SCENARIO, tampering)
}

fn reports_of(scenario: &str, tampering: Tampering) -> Vec<Report> {
    let plan = tiebreak_scenario::load(scenario).unwrap().plan;
    let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
    let left = match tampering {
        Tampering::DropLast(kind) => count(&prepared, kind),
        Tampering::Honest
        | Tampering::Repeat(_)
        | Tampering::Delay(_)
        | Tampering::Forget(_)
        | Tampering::CallBackAtTheEnd => 0,
    };
    let watch = Watch::new(prepared.monitors().clone());
    let recorder = Tampered { watch, tampering, left, stolen: None };
    let (_, recorder, names) = prepared.record_with(RunOptions::default(), recorder);
    recorder.watch.reports(&names)
}

fn count(prepared: &Prepared, kind: Term) -> u64 {
    let fingerprint = prepared.fingerprint(RunOptions::default()).fingerprint;
    fingerprint.kind(kind.text()).map_or(0, |layer| layer.records)
}

fn check(tampering: Tampering, failing: &str) {
    check_in(SCENARIO, tampering, failing);
}

fn check_in(scenario: &str, tampering: Tampering, failing: &str) {
    let failed: Vec<_> = reports_of(scenario, tampering)
        .into_iter()
        .filter(|report| report.verdict != Verdict::Holds)
        .map(|report| report.monitor)
        .collect();
    assert_eq!(failed, [failing]);
}

#[test]
fn every_monitor_holds_on_an_honest_run() {
    let reports = reports(Tampering::Honest);
    assert_eq!(reports.len(), RoutingMonitors::names().len());
    for report in reports {
        assert_eq!(report.verdict, Verdict::Holds, "{report}");
    }
}

#[test]
fn a_lost_notification_is_seen_as_a_mirror_that_is_behind() {
    check(Tampering::DropLast(kind::MIRROR), "mirror-equals-table");
}

#[test]
fn an_expiry_that_is_late_is_seen() {
    check(Tampering::Delay(kind::EXPIRY), "expiry-exactly-once");
}

#[test]
fn an_expiry_that_does_not_come_is_seen() {
    check(Tampering::DropLast(kind::EXPIRY), "expiry-exactly-once");
}

#[test]
fn an_expiry_that_comes_twice_is_seen() {
    check(Tampering::Repeat(kind::EXPIRY), "expiry-exactly-once");
}

#[test]
fn an_expiry_of_a_route_that_has_no_time_to_live_is_seen() {
    check(Tampering::Forget(key::TTL), "expiry-exactly-once");
}

#[test]
fn a_callback_to_a_client_that_is_gone_is_seen() {
    check(Tampering::CallBackAtTheEnd, "no-callback-to-the-gone");
}

#[test]
fn a_forbidden_call_that_is_not_refused_is_seen() {
    check(Tampering::Forget(key::VIOLATION), "forbidden-calls-refused");
}

#[test]
fn a_forbidden_call_as_another_registration_that_is_not_refused_is_seen() {
    let other = SCENARIO
        .replace("misbehaves: true,", r#"misbehaves: true, also: [Registration(name: "b", instance: 1)],"#)
        .replace(r#"At("0s", Register),"#, r#"At("0s", All([Register, As("b", [Register])])),"#)
        .replace("[ListEntities]", r#"[As("b", [ListEntities])]"#);
    assert!(other.matches(r#"As("b""#).count() == 2, "{other}");
    check_in(&other, Tampering::Forget(key::VIOLATION), "forbidden-calls-refused");
}

#[test]
fn a_forbidden_call_that_has_an_effect_is_seen() {
    struct WithEffect(Watch<RoutingMonitors>);
    impl Recorder<Subject> for WithEffect {
        fn record(&mut self, names: &Names, record: &Record<'_, Subject>) {
            self.0.record(names, record);
            if record.word(key::VIOLATION) == Some(Term::new("reentrancy")) {
                let name = Name { kind: kind::ROUTE_ADDED, ..record.name };
                let codes = name.part_codes(names);
                self.0.record(names, &Record { name, codes, facts: &[], ..*record });
            }
        }
    }
    let plan = tiebreak_scenario::load(SCENARIO).unwrap().plan;
    let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
    let recorder = WithEffect(Watch::new(prepared.monitors().clone()));
    let (_, recorder, names) = prepared.record_with(RunOptions::default(), recorder);
    let failed =
        recorder.0.reports(&names).into_iter().find(|report| matches!(report.verdict, Verdict::Fails(_)));
    assert_eq!(failed.map(|report| report.monitor), Some("forbidden-calls-refused"));
}

#[test]
fn a_reference_that_is_never_released_is_seen() {
    let leaky = SCENARIO
        .replace(r#"At("50s", Deregister)"#, r#"At("2s", HoldRoute(route: "r")), At("50s", Deregister)"#);
    let plan = tiebreak_scenario::load(&leaky).unwrap().plan;
    let report = Prepared::new(&plan, &Recordings::new()).unwrap().record(RunOptions::default()).report;
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("references-return-to-zero"), "{findings:?}");
    assert!(findings[0].contains("10.0.0.0/8"), "{findings:?}");
}

#[test]
fn a_refused_call_of_a_client_that_is_not_declared_to_misbehave_is_seen() {
    let check = |scenario: &str, expected: &str| {
        let plan = tiebreak_scenario::load(scenario).unwrap().plan;
        let report = Prepared::new(&plan, &Recordings::new()).unwrap().record(RunOptions::default()).report;
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].contains("calls-are-accepted"), "{findings:?}");
        assert!(findings[0].contains(expected), "{findings:?}");
    };
    // A violation, and a call that only fails.
    let undeclared = SCENARIO.replace(" misbehaves: true,", "");
    check(
        &undeclared,
        "rip is not declared to misbehave, and its RtmGetRegisteredEntities was refused: reentrancy",
    );
    let twice = SCENARIO.replace(r#"At("40s", Register)"#, r#"At("40s", Register), At("41s", Register)"#);
    check(
        &twice,
        "late is not declared to misbehave, and its RtmRegisterEntity was refused: ERROR_ALREADY_EXISTS",
    );
}
