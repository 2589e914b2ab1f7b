//! Orderings outlive changes of the scenario that have nothing to do with them: the same failure comes of them in every
//! order, after each of these changes.
#![expect(clippy::unwrap_used, reason = "what a test prepares must succeed, and helpers are part of tests")]

extern crate alloc;

use alloc::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tiebreak::explore::{
    Campaign, Cause, Directory, Effort, Plan as Search, Symptom, Tactic, fails_with, shrink,
};
use tiebreak::{Instant, Span};
use tiebreak_runner::{Explored, Recordings, RunOptions};
use tiebreak_scenario::plan::{Actor, Entry, TieOrder};
use tiebreak_scenario::{Plan, load, write};

/// A scenario that fails, unshrunk, with what makes it fail.
struct Found {
    name: String,
    plan: Plan,
    symptom: Symptom,
    cause: Cause,
    /// When several events are due together.
    busy: BTreeSet<Instant>,
}

/// Searches a scenario as it is, and shrinks the order of the first find alone.
fn find(path: &Path) -> Found {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let plan = load(&fs::read_to_string(path).unwrap()).unwrap().plan.with_switches(&[]).unwrap();
    let (recordings, mut directory) = (Recordings::new(), Directory::default());
    let program = Explored::new(plan.clone(), &recordings, RunOptions::default()).unwrap();
    let search = Search { tactics: vec![Tactic::Clocks], stops_at_failure: true, ..Search::new(1, 2_000) };
    let mut campaign = Campaign::new(&program, search, &mut directory);
    campaign.run(&program, &mut directory);
    let (symptom, found) = campaign.found().iter().next().expect("some order fails");
    let history = found.first.job.watch(&program, campaign.calibration(), &mut directory).history;
    let shrunk = shrink(&program, &history, symptom, 1, &mut directory).expect("it is by order");
    assert!(shrunk.is_confirmed(), "{name}: {:?}", shrunk.cause);
    let times: Vec<Instant> = history.dispatches.iter().map(|event| event.at).collect();
    let busy = times.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    Found { name, plan, symptom: symptom.clone(), cause: shrunk.cause, busy }
}

fn finds() -> Vec<Found> {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let races = fs::read_dir(scenarios.join("races")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = races.chain([scenarios.join("quickstart/planted-late-dial.ron")]).collect();
    paths.sort();
    paths.iter().map(|path| find(path)).collect()
}

/// The instants at which something is added: whenever several events are due, and a second before.
fn times(busy: &BTreeSet<Instant>) -> impl Iterator<Item = Span> + '_ {
    let since_start = |at: &Instant| Span::from_nanos(at.as_nanos());
    let both = |at: Span| [at.saturating_sub(Span::from_secs(1)), at];
    let times: BTreeSet<Span> = busy.iter().map(since_start).flat_map(both).collect();
    times.into_iter().filter(|at| *at >= Span::from_secs(3))
}

/// What is done whenever several events are due, behind other steps.
fn steps(found: &Found, action: &str) -> String {
    let steps: Vec<String> = times(&found.busy).map(|at| format!(", At(\"{at}\", {action})")).collect();
    steps.concat()
}

/// The plan with one more client, with these fields, which does this whenever several events are due.
fn with_client(found: &Found, fields: &str, action: &str) -> Plan {
    let begin = "At(\"0s\", All([Register, AddNextHop(name: \"beyond\", address: \"192.0.2.250\", interface: 9), \
                 RegisterForChanges(name: \"all\", types: [All])]))";
    let steps = [begin.to_owned(), steps(found, action)].concat();
    let client =
        format!("clients: [Client(name: \"bystander\", protocol: \"STATIC\", {fields} script: [{steps}]), ");
    read(&write(&found.plan).replacen("clients: [", &client, 1))
}

fn read(text: &str) -> Plan {
    load(text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}")).plan
}

/// The plan with one more step of every client that has a script, whenever several events are due.
fn with_steps(found: &Found) -> Plan {
    let steps = steps(found, "ListEntities");
    let steps = format!("script: [{}, ", steps.trim_start_matches([',', ' ']));
    read(&write(&found.plan).replace("script: [", &steps))
}

fn reversed(found: &Found) -> Plan {
    let mut plan = found.plan.clone();
    plan.clients.reverse();
    plan
}

/// Everything with another name for one client.
fn renamed(found: &Found) -> (Plan, Symptom, Cause) {
    let clients = found.plan.clients.iter();
    let mut names = clients.filter_map(|entry| match entry {
        Entry::One(Actor::Client(client)) => Some(client.name.clone()),
        Entry::One(Actor::Observer(_) | Actor::Feed(_)) | Entry::Group(_) => None,
    });
    let text_of = |name: &str| {
        let mut plan = found.plan.clone();
        plan.order = TieOrder::from(found.cause.clone());
        rename(&write(&plan), name)
    };
    let is_in_cause = |name: &String| format!("{:?}", found.cause).contains(name.as_str());
    let name = names.find(is_in_cause).expect("the orderings are about some client");
    let mut plan = read(&text_of(&name));
    let cause = plan.order.cause().cloned().unwrap_or_default();
    plan.order = TieOrder::Seeded;
    let Symptom { monitor, event } = &found.symptom;
    let symptom = Symptom { monitor: rename(monitor, &name), event: rename(event, &name) };
    (plan, symptom, cause)
}

/// Another name wherever the name stands as a word.
fn rename(text: &str, name: &str) -> String {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '_');
    let (mut renamed, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        renamed += before;
        let is_word = !is_part(renamed.chars().next_back()) && !is_part(after.chars().next());
        renamed += if is_word { "somebody" } else { name };
        rest = after;
    }
    renamed + rest
}

/// Whether a plan fails so in every order that keeps the cause.
fn still_fails(plan: Plan, symptom: &Symptom, cause: &Cause) -> bool {
    let recordings = Recordings::new();
    let program = Explored::new(plan, &recordings, RunOptions::default()).unwrap();
    fails_with(&program, cause, symptom, &mut Directory::default(), &mut Effort::new(99, 100))
}

#[test]
fn orderings_survive_what_has_nothing_to_do_with_them() {
    for found in finds() {
        let Found { name, symptom, cause, .. } = &found;
        let route = "AddRoute(dest: \"172.16.0.0/12\", via: [\"beyond\"], metric: 1)";
        let drawn = "delivery: Drawn(min: \"1ms\", max: \"9ms\"),";
        let changes = [
            ("one more client", with_client(&found, "", "ListEntities")),
            ("events of another kind", with_client(&found, "", "All([After(\"0s\", [ListEntities])])")),
            ("one more draw", with_client(&found, drawn, "ListEntities")),
            ("an unrelated route, told to whoever watches", with_client(&found, "", route)),
            ("clients in another order", reversed(&found)),
            ("one more step of everybody", with_steps(&found)),
        ];
        assert!(still_fails(found.plan.clone(), symptom, cause), "{name}");
        for (change, plan) in changes {
            // Its client does the same whatever it is told of: no route is unrelated to it.
            if name == "gone-while-damped" && change.contains("route") {
                continue;
            }
            assert_ne!(plan, found.plan, "{name}: {change}");
            assert!(still_fails(plan, symptom, cause), "{name} does not survive {change}: {cause:?}");
        }
        let (plan, symptom, cause) = renamed(&found);
        assert!(
            still_fails(plan, &symptom, &cause),
            "{name} does not survive a client of another name: {cause:?}"
        );
    }
}
