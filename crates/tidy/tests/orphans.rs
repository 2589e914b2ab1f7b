//! Nothing is left over: every scenario has its snapshots, every snapshot its scenario, every recording its reader,
//! and nothing lies about.

use tiebreak_tidy::{FakeHouse, House, assert_only_breach, assert_tidy};

/// What may stand at the top of the house.
const AT_THE_TOP: [&str; 24] = [
    ".ci",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "axes",
    "benches",
    "browser",
    "clippy.toml",
    "crates",
    "docs",
    "fuzz",
    "mutants",
    "outside",
    "regressions",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "scenarios",
    "scripts",
    "snapshots",
];

/// Endings of what editors, merges and reviews leave behind.
const LEFT_BEHIND: [&str; 7] = [".snap.new", ".pending-snap", ".orig", ".rej", ".bak", "~", ".DS_Store"];

const ADVICE: &str = "A scenario is scenarios/<family>/<name>.ron, its snapshots are \
                      snapshots/<family>/<name>[.<projection>].snap; what nothing uses is removed.";

fn breaches(house: &House) -> Vec<String> {
    let mut found = left_behind(house);
    found.extend(strangers_at_the_top(house));
    found.extend(strangers_among_scenarios(house));
    found.extend(strangers_among_regressions(house));
    found.extend(scenarios_without_snapshot(house));
    found.extend(snapshots_without_scenario(house));
    found.extend(data_without_reader(house));
    found
}

fn left_behind(house: &House) -> Vec<String> {
    let files = house.files().iter();
    let left = files.filter(|path| LEFT_BEHIND.iter().any(|ending| path.ends_with(ending)));
    left.map(|path| format!("{path}: left behind")).collect()
}

/// What git does not keep is nobody's business: a trace written at the top must not fail the tests.
fn strangers_at_the_top(house: &House) -> Vec<String> {
    let tracked = house.tracked();
    let kept = house.files().iter().filter(|path| tracked.as_ref().is_none_or(|kept| kept.contains(*path)));
    let mut tops: Vec<&str> = kept.filter_map(|path| path.split('/').next()).collect();
    tops.dedup();
    let strangers = tops.into_iter().filter(|top| !AT_THE_TOP.contains(top));
    strangers.map(|top| format!("{top}: does not belong at the top")).collect()
}

/// The family and the rest of a path below `folder`.
fn in_family<'a>(path: &'a str, folder: &str) -> Option<(&'a str, &'a str)> {
    path.strip_prefix(folder)?.split_once('/')
}

/// Whether the family is a crate: its clients are written in Rust, its snapshots are its own.
fn is_crate(house: &House, family: &str) -> bool {
    house.has(&format!("scenarios/{family}/Cargo.toml"))
}

fn is_data(file: &str) -> bool {
    [".csv", ".csv.gz"].iter().any(|ending| file.ends_with(ending))
}

fn strangers_among_scenarios(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for path in house.files() {
        let name = path.strip_suffix(".ron").or(path.strip_suffix(".snap"));
        match in_family(path, "scenarios/") {
            None if path.starts_with("scenarios/") => found.push(format!("{path}: belongs in a family")),
            Some((family, _)) if is_crate(house, family) => {}
            Some((_, "README.md")) | None => {}
            Some((_, file)) if file.contains('/') => found.push(format!("{path}: families have no folders")),
            Some((_, file)) if is_data(file) => {}
            Some((_, file)) if name.is_none() || file.matches('.').count() != 1 => {
                found.push(format!("{path}: is neither <name>.ron nor a recording"));
            }
            Some(_) => {}
        }
    }
    found
}

/// What regressions expect stands in themselves, so they need no snapshot.
fn strangers_among_regressions(house: &House) -> Vec<String> {
    let names = house.files().iter().filter_map(|path| path.strip_prefix("regressions/"));
    let strangers = names.filter(|name| name.strip_suffix(".ron").is_none_or(|stem| stem.contains('/')));
    strangers.map(|name| format!("regressions/{name}: is not regressions/<name>.ron")).collect()
}

fn scenarios_without_snapshot(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for path in house.ending(".ron") {
        let Some((family, file)) = in_family(path, "scenarios/") else { continue };
        let name = file.strip_suffix(".ron").unwrap_or(file);
        let prefix = format!("snapshots/{family}/{name}.");
        let has_snapshot = house.ending(".snap").any(|snapshot| snapshot.starts_with(&prefix));
        if !is_crate(house, family) && !has_snapshot {
            found.push(format!("{path}: has no snapshot {prefix}snap"));
        }
    }
    found
}

fn snapshots_without_scenario(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for path in house.files().iter().filter(|path| path.starts_with("snapshots/")) {
        let place = in_family(path, "snapshots/").filter(|(_, file)| !file.contains('/'));
        let Some((family, file)) = place.filter(|(_, file)| file.strip_suffix(".snap").is_some()) else {
            found.push(format!("{path}: is not <family>/<scenario>[.<projection>].snap"));
            continue;
        };
        let name = file.split('.').next().unwrap_or(file);
        let has_owner = if is_crate(house, family) {
            is_said_in_crate(house, family, name)
        } else {
            house.has(&format!("scenarios/{family}/{name}.ron"))
        };
        if !has_owner {
            found.push(format!("{path}: nothing in scenarios/{family} is called `{name}`"));
        }
    }
    found.extend(house.ending(".snap").filter_map(|path| without_source(house, path)));
    found
}

/// A scenario crate names its snapshots in its sources.
fn is_said_in_crate(house: &House, family: &str, name: &str) -> bool {
    let folder = format!("scenarios/{family}/");
    house.ending(".rs").filter(|path| path.starts_with(&folder)).any(|path| house.text(path).contains(name))
}

/// Snapshots say which source made them; when that is gone, they are too.
fn without_source(house: &House, path: &str) -> Option<String> {
    let text = house.text(path);
    let source = text.lines().take(10).find_map(|line| line.strip_prefix("source: "))?.trim_matches('"');
    (!house.has(source)).then(|| format!("{path}: was made by {source}, which is gone"))
}

fn data_without_reader(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for path in house.files() {
        let Some((family, file)) = in_family(path, "scenarios/").filter(|(_, file)| is_data(file)) else {
            continue;
        };
        let folder = format!("scenarios/{family}/");
        let mut scenarios = house.ending(".ron").filter(|path| path.starts_with(&folder));
        if !scenarios.any(|scenario| house.text(scenario).contains(&format!("\"{file}\""))) {
            found.push(format!("{path}: no scenario of this family reads \"{file}\""));
        }
    }
    found
}

#[test]
fn nothing_in_the_house_is_left_over() {
    assert_tidy(&breaches(&House::ours()), ADVICE);
}

/// A house with one family, one scenario crate and one regression, and no breach.
fn fake(name: &str) -> FakeHouse {
    FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), name)
        .with("README.md", "A house.\n")
        .with("scenarios/expiry/kept.ron", "(feed: \"rows.csv\")\n")
        .with("scenarios/expiry/rows.csv", "a,b\n")
        .with("regressions/old-bug.ron", "()\n")
        .with("scenarios/churn/Cargo.toml", "[package]\n")
        .with("scenarios/churn/src/lib.rs", "const NAME: &str = \"storm\";\n")
        .with("snapshots/expiry/kept.snap", "---\nsource: scenarios/churn/src/lib.rs\n---\n")
        .with("snapshots/expiry/kept.rip1.snap", "---\n---\n")
        .with("snapshots/churn/storm.rip37.snap", "---\n---\n")
}

#[test]
fn house_with_nothing_left_over_is_tidy() {
    assert_tidy(&breaches(&fake("orphans-none").open()), "");
}

#[test]
fn scenario_without_snapshot_is_a_breach() {
    let house = fake("orphans-scenario").with("scenarios/expiry/kep.ron", "()\n");
    assert_only_breach(&breaches(&house.open()), &["scenarios/expiry/kep.ron", "no snapshot"]);
}

#[test]
fn snapshot_without_scenario_or_source_is_a_breach() {
    let house = fake("orphans-snapshot").with("snapshots/expiry/gone.rip1.snap", "---\n---\n");
    assert_only_breach(&breaches(&house.open()), &["snapshots/expiry/gone.rip1.snap"]);
    let house = fake("orphans-churn").with("snapshots/churn/calm.snap", "---\n---\n");
    assert_only_breach(&breaches(&house.open()), &["snapshots/churn/calm.snap", "`calm`"]);
    let house =
        fake("orphans-source").with("crates/a/snapshots/b.snap", "---\nsource: crates/a/gone.rs\n---\n");
    assert_only_breach(&breaches(&house.open()), &["crates/a/gone.rs", "gone"]);
    let house = fake("orphans-flat").with("snapshots/kept.snap", "---\n---\n");
    assert_only_breach(&breaches(&house.open()), &["snapshots/kept.snap"]);
}

#[test]
fn recording_nobody_reads_is_a_breach() {
    let house = fake("orphans-data").with("scenarios/expiry/ows.csv", "a,b\n");
    assert_only_breach(&breaches(&house.open()), &["scenarios/expiry/ows.csv", "no scenario"]);
}

#[test]
fn what_is_left_behind_is_a_breach() {
    let left = ["crates/a/b.rs.orig", "crates/b.rej", "docs/.DS_Store", "crates/a/src/x.snap.new"];
    for (number, path) in left.into_iter().enumerate() {
        let house = fake(&format!("orphans-left-{number}")).with(path, "");
        assert_only_breach(&breaches(&house.open()), &[path, "left behind"]);
    }
}

#[test]
fn stranger_at_the_top_or_among_scenarios_is_a_breach() {
    let house = fake("orphans-top").with("notes.txt", "");
    assert_only_breach(&breaches(&house.open()), &["notes.txt", "at the top"]);
    let house = fake("orphans-loose").with("scenarios/loose.ron", "()\n");
    assert_only_breach(&breaches(&house.open()), &["scenarios/loose.ron", "family"]);
    let house = fake("orphans-stranger").with("scenarios/expiry/notes.txt", "");
    assert_only_breach(&breaches(&house.open()), &["scenarios/expiry/notes.txt", "neither"]);
    let house = fake("orphans-regression").with("regressions/old/bug.ron", "()\n");
    assert_only_breach(
        &breaches(&house.open()),
        &["regressions/old/bug.ron", "is not regressions/<name>.ron"],
    );
}

#[test]
fn stranger_at_the_top_counts_only_if_git_keeps_it() {
    let house = fake("orphans-kept").with("notes.txt", "").kept_by_git();
    assert_only_breach(&breaches(&house.open()), &["notes.txt", "at the top"]);
    let house = fake("orphans-scratch").kept_by_git().with("out.ndjson", "");
    assert_tidy(&breaches(&house.open()), "");
}
