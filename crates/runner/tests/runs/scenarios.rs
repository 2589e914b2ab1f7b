//! Every scenario file of the house: it holds, it reads as its snapshots say, it is the same every time, and strangers
//! change nothing in it.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed, and helpers are part of tests")]
#![expect(clippy::std_instead_of_alloc, reason = "tests have std")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tiebreak::testing::assert_snapshot;
use tiebreak::{
    Instant, Layer, Names, Order, Projection, Record, Recorder, snapshot, snapshot_name, write_ndjson,
};
use tiebreak_recording::Recording;
use tiebreak_rtm_sim::Subject;
use tiebreak_runner::{ModelCheck, Prepared, Recorded, Recordings, RunOptions, RunReport, projection};
use tiebreak_scenario::plan::{Actor, Entry};
use tiebreak_scenario::{Plan, load, write};

/// How many seeds each scenario holds under, besides its own and fifo: the even ones seeded, the odd ones in rounds.
const SEEDS: u64 = 20;

/// A scenario with this switch and no other hides a bug on purpose: without the switch it holds under fifo and not under
/// every seed, with the switch it holds under all.
const FIX: &str = "fix";

/// Scenarios with this at the beginning of their name hide a bug that few seeds show.
const PLANTED: &str = "planted-";

/// The instance of the manager that strangers register with.
const ELSEWHERE: u16 = 7_777;

/// A scenario file.
struct Scenario {
    family: String,
    name: String,
    /// With its switches.
    plan: Plan,
    recordings: Recordings,
}

impl Scenario {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let loaded = load(&text).unwrap_or_else(|mistakes| panic!("{}: {mistakes:#?}", path.display()));
        assert_eq!(loaded.warnings, [], "{}: something is doubtful", path.display());
        let folder = path.parent().unwrap();
        let part = |part: Option<&std::ffi::OsStr>| part.unwrap().to_string_lossy().into_owned();
        Self {
            family: part(folder.file_name()),
            name: part(path.file_stem()),
            recordings: recordings(&loaded.plan, folder),
            plan: loaded.plan,
        }
    }

    fn hides_a_bug(&self) -> bool {
        self.plan.switches == [FIX]
    }

    fn is_planted(&self) -> bool {
        self.name.starts_with(PLANTED)
    }

    fn prepare(&self, switches: &[&str]) -> Prepared {
        let plan = self.plan.with_switches(switches).unwrap();
        Prepared::new(&plan, &self.recordings).unwrap()
    }

    /// What is not in order with a run, for people; nothing if all is well.
    fn complaints(&self, report: &RunReport) -> Vec<String> {
        let place = format!("{}/{} under {} seed {}", self.family, self.name, report.order, report.seed);
        report.findings.iter().map(|finding| format!("{place}: {finding}")).collect()
    }
}

fn recordings(plan: &Plan, folder: &Path) -> Recordings {
    let mut recordings = Recordings::new();
    for actor in plan.expand() {
        if let Actor::Feed(feed) = actor {
            let text = fs::read_to_string(folder.join(&feed.file)).unwrap();
            recordings.insert(feed.name, Recording::parse(&text).unwrap());
        }
    }
    recordings
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn entries(folder: &Path) -> BTreeSet<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// All scenario files; families that are crates keep their own.
fn scenarios() -> Vec<Scenario> {
    let families =
        entries(&root().join("scenarios")).into_iter().filter(|folder| !folder.join("Cargo.toml").exists());
    let files = families.flat_map(|family| entries(&family));
    let is_scenario = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ron");
    let scenarios: Vec<_> = files.filter(is_scenario).map(|path| Scenario::read(&path)).collect();
    assert!(scenarios.len() >= 16, "the house has its scenarios");
    scenarios
}

#[test]
fn every_scenario_holds_and_reads_as_its_snapshots_say() {
    for scenario in scenarios() {
        let Recorded { report, trace, .. } = scenario.prepare(&[]).record(RunOptions::default());
        assert_eq!(scenario.complaints(&report), [""; 0]);
        for kept in &scenario.plan.snapshots {
            let projection = projection(kept);
            let name = snapshot_name(&scenario.name, &projection);
            assert_snapshot(&root(), &scenario.family, &name, &snapshot(&trace, &projection));
        }
    }
}

#[test]
fn every_scenario_holds_under_every_order_beside_the_reference_model() {
    let mut complaints = Vec::new();
    for scenario in scenarios() {
        let mut judge = |prepared: &Prepared, options| {
            let options = RunOptions { model: ModelCheck::On, ..options };
            complaints.extend(scenario.complaints(&prepared.sweep(options).0));
        };
        let fifo = RunOptions { order: Some(Order::Fifo), ..RunOptions::default() };
        judge(&scenario.prepare(&[]), fifo);
        let under_every_seed = scenario.prepare(if scenario.hides_a_bug() { &[FIX] } else { &[] });
        for seed in 0..SEEDS {
            let order = if seed % 2 == 0 { Order::Seeded } else { Order::Rounds };
            judge(
                &under_every_seed,
                RunOptions { order: Some(order), seed: Some(seed), ..RunOptions::default() },
            );
        }
    }
    assert_eq!(complaints, [""; 0]);
}

#[test]
fn planted_bug_shows_for_one_seed_in_fifty_to_five_hundred_and_never_with_the_fix() {
    const RUNS: u64 = 4_000;
    let planted: Vec<_> = scenarios().into_iter().filter(Scenario::is_planted).collect();
    assert!(!planted.is_empty());
    for scenario in planted {
        assert!(scenario.hides_a_bug(), "{}: `{FIX}` is its one switch", scenario.name);
        let failing = |switches: &[&str]| {
            let prepared = scenario.prepare(switches);
            let run = |seed| prepared.sweep(RunOptions { seed: Some(seed), ..RunOptions::default() }).0;
            (0..RUNS).filter(|seed| !run(*seed).findings.is_empty()).count() as u64
        };
        let found = failing(&[]);
        assert!((RUNS / 500..=RUNS / 50).contains(&found), "{}: {found} of {RUNS} seeds fail", scenario.name);
        assert_eq!(failing(&[FIX]), 0, "{}: the fix mends it", scenario.name);
    }
}

#[test]
fn same_scenario_and_seed_give_the_same_bytes() {
    for scenario in scenarios() {
        for seed in [1, 2] {
            let run = || {
                let run =
                    scenario.prepare(&[]).record(RunOptions { seed: Some(seed), ..RunOptions::default() });
                let mut text = String::new();
                write_ndjson(&run.trace, &Projection::Whole, &mut text).unwrap();
                (run.trace.bytes().to_vec(), run.trace.fingerprint(), text, run.table)
            };
            assert!(
                run() == run(),
                "{}/{} differs from itself under seed {seed}",
                scenario.family,
                scenario.name
            );
        }
    }
}

#[test]
fn plan_written_and_read_again_is_the_same_plan() {
    for scenario in scenarios() {
        let written = write(&scenario.plan);
        let plan = load(&written).unwrap_or_else(|mistakes| panic!("{written}\n{mistakes:#?}")).plan;
        assert_eq!(plan, scenario.plan, "{}/{}", scenario.family, scenario.name);
        assert_eq!(write(&plan), written, "{}/{}", scenario.family, scenario.name);
    }
}

/// The instants at which anything happens.
#[derive(Default)]
struct Instants(BTreeSet<Instant>);

impl Recorder<Subject> for Instants {
    fn record(&mut self, _: &Names, record: &Record<'_, Subject>) {
        self.0.insert(record.instant);
    }
}

/// Somebody in another instance of the manager who is busy at every instant at which anything happens in the run, and
/// somebody who watches.
fn strangers(scenario: &Scenario, options: RunOptions) -> Vec<Entry> {
    let Instants(instants) = scenario.prepare(&[]).record_with(options, Instants::default()).1;
    let step =
        |at| format!("At(\"{at}\", AddRoute(dest: \"10.0.0.0/8\", metric: 1, expires_after: \"30s\")),\n");
    let steps: String = instants.into_iter().map(step).collect();
    let text = format!(
        "Scenario(format: 1, until: \"{until}\", clients: [
            Client(name: \"stranger\", protocol: \"RIP\", instance: {ELSEWHERE}, script: [
                At(\"0s\", All([Register, RegisterForChanges(name: \"all\", types: [All])])),
                {steps}
            ], on: {{ ChangeNotification: [Drain(changes: \"all\")] }}),
            Observer(name: \"watcher\", instance: {ELSEWHERE}),
        ])",
        until = scenario.plan.until,
    );
    load(&text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes:#?}")).plan.clients
}

/// What a run shows of each actor: its layer of the fingerprint and its projection.
fn actors(scenario: &Scenario, plan: &Plan, options: RunOptions) -> BTreeMap<String, (Layer, String)> {
    let plan = plan.with_switches(&[]).unwrap();
    let Recorded { trace, .. } = Prepared::new(&plan, &scenario.recordings).unwrap().record(options);
    let layers = trace.fingerprint().actors.into_iter();
    let shown = |name: &String| snapshot(&trace, &Projection::Actor(name.clone()));
    layers.map(|layer| (layer.name.clone(), (layer.clone(), shown(&layer.name)))).collect()
}

#[test]
fn strangers_in_another_instance_change_nothing_for_anybody() {
    let orders = [(Order::Fifo, 1), (Order::Seeded, 1), (Order::Seeded, 2), (Order::Rounds, 1)];
    let options = orders.map(|(order, seed)| RunOptions {
        order: Some(order),
        seed: Some(seed),
        ..RunOptions::default()
    });
    for scenario in scenarios() {
        for options in options {
            let strangers = strangers(&scenario, options);
            let (mut before, mut behind) = (scenario.plan.clone(), scenario.plan.clone());
            before.clients.splice(0..0, strangers.clone());
            behind.clients.extend(strangers);
            let alone = actors(&scenario, &scenario.plan, options);
            for crowded in [&before, &behind] {
                let mut crowded = actors(&scenario, crowded, options);
                let came: Vec<_> =
                    crowded.keys().filter(|name| !alone.contains_key(*name)).cloned().collect();
                assert_eq!(came, [&format!("manager.{ELSEWHERE}"), "stranger", "watcher"]);
                crowded.retain(|name, _| alone.contains_key(name));
                assert_eq!(crowded, alone, "{}/{} under {options:?}", scenario.family, scenario.name);
            }
        }
    }
}
