//! What snapshots say when two simultaneous callbacks change places: little, and in few of them.

use tiebreak::{Projection, snapshot, snapshot_name};
use tiebreak_runner::{Prepared, Recorded, Recordings, RunOptions, projection};
use tiebreak_scenario::load;

/// Four clients whose routes expire at one instant, an observer that is told of it, and somebody who looks up all the while:
/// some 400 records. In one order the route of `rip1` is given up before that of `rip3`, in the other behind it.
const NEIGHBOURS: &str = r#"Scenario(
    format: 1,
    until: "10m",
    order: Constrained([Before("FIRST", "SECOND")]),
    clients: [
        Observer(name: "fib"),
        Client(
            name: "rip", count: 4, protocol: "RIP",
            script: [
                At("0s", All([Register, AddNextHop(name: "gw", address: "192.0.2.{n}", interface: 1)])),
                At("1s", AddRoute(name: "own", dest: "10.{n}.0.0/16", via: ["gw"], metric: 2, expires_after: "180s")),
                At("1s", AddRoute(name: "default", dest: "0.0.0.0/0", via: ["gw"], metric: 5, expires_after: "180s")),
                Every(from: "2s", period: "8s", times: 30, do: Lookup(dest: "10.{n}.0.0/16")),
            ],
            on: { RouteExpired: [Return(NotSupported)] },
        ),
        Client(
            name: "ospf", protocol: "OSPF",
            script: [At("0s", Register), Every(from: "5s", period: "20s", times: 16, do: Lookup(dest: "0.0.0.0/0"))],
        ),
    ],
    snapshots: [
        Actor("rip1"), Actor("rip2"), Actor("rip3"), Actor("fib"), Kind("route-expired"), Subject("10.1.0.0/16"),
        Subject("10.3.0.0/16"), Subject("0.0.0.0/0"), Window(from: "0s", to: "3m"),
        All([Actor("ospf"), Window(from: "3m", to: "4m")]),
    ],
)"#;

const CALLBACKS: [&str; 2] = ["rip1/route-expired(10.1.0.0/16)#1", "rip3/route-expired(10.3.0.0/16)#1"];

/// How many lines of a snapshot may change, and in how many snapshots.
const LINES_MAX: usize = 6;
const FILES_MAX: usize = 2;

/// Returns the snapshots of a run in which the one callback comes before the other, by their names: first of the whole run.
fn snapshots([first, second]: [&str; 2]) -> Vec<(String, String)> {
    let text = NEIGHBOURS.replace("FIRST", first).replace("SECOND", second);
    let plan = load(&text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).plan;
    let prepared = Prepared::new(&plan, &Recordings::new()).expect("it needs no recordings");
    let Recorded { report, trace, .. } = prepared.record(RunOptions::default());
    assert_eq!(report.findings.len(), 0, "{:?}", report.findings);
    assert!((380..=400).contains(&trace.len()), "{} records", trace.len());
    let projections = plan.snapshots.iter().map(projection);
    let all = core::iter::once(Projection::Whole).chain(projections);
    all.map(|kept| (snapshot_name("s", &kept), snapshot(&trace, &kept))).collect()
}

/// Returns how many lines are gone and how many are new, together: all that are not in a longest common subsequence.
fn changed(before: &str, after: &str) -> usize {
    let [before, after] = [before, after].map(|text| text.lines().collect::<Vec<_>>());
    // For each line of `after`, how long a common subsequence up to it is.
    let mut common = vec![0; after.len() + 1];
    for line in &before {
        let mut beside = 0;
        for (index, other) in after.iter().enumerate() {
            let above = common[index + 1];
            common[index + 1] = if line == other { beside + 1 } else { above.max(common[index]) };
            beside = above;
        }
    }
    before.len() + after.len() - 2 * common[after.len()]
}

#[test]
fn two_callbacks_that_change_places_change_few_lines_of_few_snapshots() {
    let [first, second] = CALLBACKS;
    let counts: Vec<(String, usize)> = snapshots([first, second])
        .into_iter()
        .zip(snapshots([second, first]))
        .map(|((name, before), (_, after))| (name, changed(&before, &after)))
        .collect();
    let (whole, projected) = counts.split_first().unwrap();
    let differ: Vec<&(String, usize)> = projected.iter().filter(|(_, lines)| *lines > 0).collect();
    assert!(!differ.is_empty() && differ.len() <= FILES_MAX, "{counts:?}");
    assert!(differ.iter().all(|(_, lines)| *lines <= LINES_MAX), "{counts:?}");
    // Whoever keeps the whole run sees all that moved: five lines that go and come, the digest of the plan and the footer.
    assert_eq!(whole.1, 14, "{counts:?}");
}

#[test]
fn lines_that_change_are_counted_as_gone_and_as_new() {
    for (before, after, lines) in
        [("a\nb\nc", "a\nb\nc", 0), ("a\nb\nc", "a\nc\nb", 2), ("a\nb", "b\nc\nd", 3), ("", "a", 1)]
    {
        assert_eq!((changed(before, after), changed(after, before)), (lines, lines), "{before:?} {after:?}");
    }
}
