//! Which crate may know which. The whole table of the house's arrows stands here and nowhere else.

use tiebreak_tidy::{Dependency, FakeHouse, House, Kind, Manifest, assert_only_breach, assert_tidy};

/// What one crate may depend on.
struct Crate {
    name: &'static str,
    /// Crates of the house.
    ours: &'static [&'static str],
    /// Crates of the house that only its tests may use besides.
    ours_in_tests: &'static [&'static str],
    /// Outside crates, where they are counted: these can be published and understood alone.
    outside: Option<&'static [&'static str]>,
    /// Whether it is `no_std`, so that clocks, threads and the environment cannot be named in it.
    is_walled: bool,
}

const fn to(name: &'static str, ours: &'static [&'static str]) -> Crate {
    Crate { name, ours, ours_in_tests: &[], outside: None, is_walled: false }
}

const fn walled(
    name: &'static str,
    ours: &'static [&'static str],
    outside: &'static [&'static str],
) -> Crate {
    Crate { name, ours, ours_in_tests: &[], outside: Some(outside), is_walled: true }
}

/// Every member of the workspace. To add an arrow, argue for it in docs/ARCHITECTURE.md, then add it here.
const CRATES: [Crate; 21] = [
    walled("tiebreak-kernel", &[], &["rand_chacha"]),
    walled("tiebreak-trace", &["tiebreak-kernel"], &["lz4_flex", "xxhash-rust"]),
    walled("tiebreak-explore", &["tiebreak-kernel", "tiebreak-trace"], &[]),
    // Its tests and examples search; what it is made of does not.
    Crate { ours_in_tests: &["tiebreak"], ..to("tiebreak-net", &["tiebreak-kernel"]) },
    to("tiebreak-regression", &["tiebreak-diagnostic", "tiebreak-explore"]),
    Crate {
        // Itself, with all its features.
        ours_in_tests: &["tiebreak"],
        ..to(
            "tiebreak",
            &[
                "tiebreak-diagnostic",
                "tiebreak-explore",
                "tiebreak-kernel",
                "tiebreak-net",
                "tiebreak-regression",
                "tiebreak-trace",
            ],
        )
    },
    to("tiebreak-planted", &["tiebreak", "tiebreak-rtm"]),
    walled("tiebreak-rtm", &[], &["hashbrown"]),
    to("tiebreak-diagnostic", &["tiebreak-kernel"]),
    to("tiebreak-recording", &["tiebreak-diagnostic", "tiebreak-kernel", "tiebreak-rtm"]),
    to(
        "tiebreak-scenario",
        &[
            "tiebreak-diagnostic",
            "tiebreak-explore",
            "tiebreak-kernel",
            "tiebreak-regression",
            "tiebreak-rtm",
        ],
    ),
    // Its tests search sequences of inputs, and shrink those that fail.
    Crate { ours_in_tests: &["tiebreak"], ..to("tiebreak-rtm-model", &["tiebreak-rtm"]) },
    to("tiebreak-rtm-sim", &["tiebreak", "tiebreak-rtm", "tiebreak-rtm-model"]),
    to(
        "tiebreak-runner",
        &[
            "tiebreak",
            "tiebreak-recording",
            "tiebreak-regression",
            "tiebreak-rtm",
            "tiebreak-rtm-model",
            "tiebreak-rtm-sim",
            "tiebreak-scenario",
        ],
    ),
    to("tiebreak-inquiry", &["tiebreak-diagnostic", "tiebreak-kernel", "tiebreak-trace"]),
    to("tiebreak-report", &["tiebreak-inquiry", "tiebreak-kernel", "tiebreak-trace"]),
    to(
        "tiebreak-cli",
        &[
            "tiebreak",
            "tiebreak-diagnostic",
            "tiebreak-inquiry",
            "tiebreak-recording",
            "tiebreak-regression",
            "tiebreak-report",
            "tiebreak-rtm-sim",
            "tiebreak-runner",
            "tiebreak-scenario",
        ],
    ),
    to("tiebreak-churn", &["tiebreak", "tiebreak-rtm", "tiebreak-rtm-sim"]),
    to("tiebreak-tidy", &[]),
    to("tiebreak-benches", ANYTHING),
    to("tiebreak-table", ANYTHING),
];

/// Benches measure whatever they like.
const ANYTHING: &[&str] = &["*"];

/// The oldest compiler the walled crates build with.
const OLDEST_COMPILER: &str = "1.85";

const ADVICE: &str = "Arrows go one way. A new one is argued for in docs/ARCHITECTURE.md, section Arrows, and then \
                      entered in CRATES of crates/tidy/tests/arrows.rs.";

fn breaches(house: &House) -> Vec<String> {
    let root = Manifest::read(house, "");
    let members: Vec<(String, Manifest)> = root
        .members()
        .into_iter()
        .map(|folder| {
            let manifest = Manifest::read(house, &folder);
            (folder, manifest)
        })
        .collect();
    let names: Vec<&str> = members.iter().map(|(_, manifest)| manifest.name()).collect();
    let mut found = Vec::new();
    for (folder, manifest) in &members {
        let name = manifest.name();
        match CRATES.iter().find(|known| known.name == name) {
            Some(known) => found.extend(breaches_of(known, house, folder, manifest, &root, &names)),
            None => found.push(format!("{folder}: `{name}` is not in the table of arrows")),
        }
    }
    let missing = CRATES.iter().filter(|known| !names.contains(&known.name));
    found.extend(
        missing.map(|known| format!("`{}` is in the table of arrows, but not in the house", known.name)),
    );
    found.extend(unlisted_folders(house, &root));
    found.extend(reasonless_dependencies(house));
    found
}

fn breaches_of(
    known: &Crate,
    house: &House,
    folder: &str,
    manifest: &Manifest,
    root: &Manifest,
    members: &[&str],
) -> Vec<String> {
    let mut found = Vec::new();
    if !manifest.inherits(&["lints"]) {
        found.push(format!("{folder}: does not inherit the lints of the workspace"));
    }
    for dependency in manifest.dependencies(root) {
        found.extend(breach_of_dependency(known, folder, &dependency, members));
    }
    if known.is_walled {
        let library = house.text(&format!("{folder}/src/lib.rs"));
        if !library.lines().any(|line| line == "#![no_std]") {
            found.push(format!("{folder}: is not `#![no_std]`"));
        }
        let own = manifest.value(&["package", "rust-version"]).and_then(toml::Value::as_str);
        let shared = root.value(&["workspace", "package", "rust-version"]).and_then(toml::Value::as_str);
        let inherited = shared.filter(|_| manifest.inherits(&["package", "rust-version"]));
        if own.or(inherited) != Some(OLDEST_COMPILER) {
            found.push(format!("{folder}: rust-version must be {OLDEST_COMPILER}"));
        }
    }
    found
}

fn breach_of_dependency(
    known: &Crate,
    folder: &str,
    dependency: &Dependency,
    members: &[&str],
) -> Option<String> {
    let package = dependency.package.as_str();
    let is_in_tests = dependency.kind == Kind::Dev;
    // Tests take what depends on their crate by its path alone, so that a published package can leave it out.
    let is_by_path = is_in_tests && members.contains(&package);
    if !dependency.is_inherited && !is_by_path {
        return Some(format!(
            "{folder}: `{package}` must be inherited from the workspace, where its reason stands"
        ));
    }
    if members.contains(&package) {
        let is_allowed = known.ours == ANYTHING
            || known.ours.contains(&package)
            || (is_in_tests && known.ours_in_tests.contains(&package));
        let arrow = if is_in_tests { "new arrow (in its tests)" } else { "new arrow" };
        return (!is_allowed).then(|| format!("{folder}: {arrow}: {} → {package}", known.name));
    }
    let is_counted = !is_in_tests && known.outside.is_some_and(|outside| !outside.contains(&package));
    is_counted.then(|| format!("{folder}: new arrow to an outside crate: {} → {package}", known.name))
}

/// Folders with a manifest that are neither members nor workspaces of their own.
fn unlisted_folders(house: &House, root: &Manifest) -> Vec<String> {
    let folders = || house.ending("/Cargo.toml").filter_map(|path| path.strip_suffix("/Cargo.toml"));
    let is_workspace = |folder: &&str| Manifest::read(house, folder).value(&["workspace"]).is_some();
    let others = folders().filter(is_workspace).flat_map(|folder| {
        let members = Manifest::read(house, folder).members();
        members.into_iter().map(move |member| format!("{folder}/{member}"))
    });
    let members: Vec<String> = root.members().into_iter().chain(others).collect();
    folders()
        .filter(|folder| !members.iter().any(|member| member == folder))
        .filter(|folder| !is_workspace(folder))
        .map(|folder| format!("{folder}: is neither a member of the workspace nor a workspace of its own"))
        .collect()
}

/// Outside crates in the list of the workspace whose line does not end in a comment that says why they are here.
fn reasonless_dependencies(house: &House) -> Vec<String> {
    let text = house.text("Cargo.toml");
    let section = text.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .filter(|line| !line.contains("path = "))
        .filter(|line| line.rsplit_once(" # ").is_none_or(|(_, reason)| reason.trim().is_empty()))
        .map(|line| format!("Cargo.toml: no reason on the line `{line}`"))
        .collect()
}

#[test]
fn arrows_of_the_house_are_those_of_the_table() {
    assert_tidy(&breaches(&House::ours()), ADVICE);
}

/// A house with every crate of the table and no breach.
fn fake(name: &str) -> FakeHouse {
    let mut members = Vec::new();
    let mut list = vec![
        "[workspace.dependencies]".to_owned(),
        "hashbrown = \"0\" # look-up".to_owned(),
        "alias = { package = \"tiebreak-rtm-sim\", path = \"c\" }".to_owned(),
    ];
    let mut house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), name);
    for known in &CRATES {
        let folder = format!("crates/{}", known.name);
        members.push(format!("\"{folder}\""));
        list.push(format!("{} = {{ path = \"{folder}\" }}", known.name));
        house = house
            .with(&format!("{folder}/Cargo.toml"), &manifest(known.name, ""))
            .with(&format!("{folder}/src/lib.rs"), "//! Docs.\n#![no_std]\n");
    }
    let members = members.join(", ");
    let root = format!("[workspace]\nmembers = [{members}]\n[workspace.package]\nrust-version = \"1.85\"\n");
    house.with("Cargo.toml", &(root + &list.join("\n")))
}

fn manifest(name: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nrust-version.workspace = true\n[lints]\nworkspace = true\n{dependencies}\n"
    )
}

/// Writes the manifest of one crate of the fake house anew, and looks.
fn breaches_with(test: &str, package: &str, dependencies: &str) -> Vec<String> {
    let path = format!("crates/{package}/Cargo.toml");
    breaches(&fake(test).with(&path, &manifest(package, dependencies)).open())
}

#[test]
fn allowed_arrows_are_allowed() {
    assert_tidy(&breaches(&fake("arrows-none").open()), "");
    let dependencies =
        "[dependencies]\ntiebreak-kernel.workspace = true\n[dev-dependencies]\nhashbrown.workspace = true";
    assert_tidy(&breaches_with("arrows-allowed", "tiebreak-trace", dependencies), "");
    let dependencies = "[dependencies]\ntiebreak-cli.workspace = true";
    assert_tidy(&breaches_with("arrows-benches", "tiebreak-benches", dependencies), "");
}

#[test]
fn backward_arrow_is_a_breach() {
    let found =
        breaches_with("arrows-back", "tiebreak-kernel", "[dependencies]\ntiebreak-trace.workspace = true");
    assert_only_breach(&found, &["new arrow", "tiebreak-kernel → tiebreak-trace"]);
}

#[test]
fn backward_arrow_of_tests_of_a_target_or_of_a_renamed_crate_is_a_breach() {
    let found =
        breaches_with("arrows-dev", "tiebreak-rtm", "[dev-dependencies]\ntiebreak-kernel.workspace = true");
    assert_only_breach(&found, &["in its tests", "tiebreak-rtm → tiebreak-kernel"]);
    let target = "[target.'cfg(unix)'.dependencies]\ntiebreak-kernel.workspace = true";
    assert_only_breach(&breaches_with("arrows-target", "tiebreak-rtm", target), &["new arrow"]);
    let alias = "[build-dependencies]\nalias.workspace = true";
    assert_only_breach(&breaches_with("arrows-alias", "tiebreak", alias), &["tiebreak → tiebreak-rtm-sim"]);
}

#[test]
fn outside_crate_in_a_crate_that_counts_them_is_a_breach() {
    let found =
        breaches_with("arrows-outside", "tiebreak-kernel", "[dependencies]\nhashbrown.workspace = true");
    assert_only_breach(&found, &["outside crate", "hashbrown"]);
}

#[test]
fn dependency_that_is_not_inherited_is_a_breach() {
    let found = breaches_with("arrows-own", "tiebreak-cli", "[dependencies]\nclap = \"4\"");
    assert_only_breach(&found, &["clap", "inherited"]);
    let own = |section| format!("[{section}]\ntiebreak = {{ path = \"../tiebreak\" }}");
    assert_tidy(&breaches_with("arrows-path", "tiebreak-net", &own("dev-dependencies")), "");
    let found = breaches_with("arrows-by-path", "tiebreak-planted", &own("dependencies"));
    assert_only_breach(&found, &["tiebreak", "inherited"]);
}

#[test]
fn unknown_missing_and_unlisted_crates_are_breaches() {
    let renamed = fake("arrows-unknown").with("crates/tiebreak-cli/Cargo.toml", &manifest("stranger", ""));
    let found = breaches(&renamed.open());
    assert_eq!(found.len(), 2, "the stranger and the one that is gone: {found:#?}");
    let unlisted = fake("arrows-unlisted").with("crates/extra/Cargo.toml", &manifest("extra", ""));
    assert_only_breach(&breaches(&unlisted.open()), &["crates/extra", "neither a member"]);
    let own = fake("arrows-versus").with("benches/versus/Cargo.toml", "[workspace]\n");
    assert_tidy(&breaches(&own.open()), "");
    let several = fake("arrows-several")
        .with("outside/Cargo.toml", "[workspace]\nmembers = [\"tcp\"]\n")
        .with("outside/tcp/Cargo.toml", &manifest("tcp", ""))
        .with("outside/raft/Cargo.toml", &manifest("raft", ""));
    assert_only_breach(&breaches(&several.open()), &["outside/raft", "neither a member"]);
}

#[test]
fn crate_without_lints_wall_or_oldest_compiler_is_a_breach() {
    let bare = "[package]\nname = \"tiebreak-cli\"\n";
    let found = breaches(&fake("arrows-lints").with("crates/tiebreak-cli/Cargo.toml", bare).open());
    assert_only_breach(&found, &["tiebreak-cli", "lints"]);
    let open = fake("arrows-wall").with("crates/tiebreak-rtm/src/lib.rs", "//! `#![no_std]`\n");
    assert_only_breach(&breaches(&open.open()), &["tiebreak-rtm", "no_std"]);
    let newer =
        manifest("tiebreak-trace", "").replace("rust-version.workspace = true", "rust-version = \"1.95\"");
    let found = breaches(&fake("arrows-newer").with("crates/tiebreak-trace/Cargo.toml", &newer).open());
    assert_only_breach(&found, &["tiebreak-trace", "rust-version"]);
}

#[test]
fn dependency_without_a_reason_is_a_breach() {
    let house = fake("arrows-reason");
    let text = house.open().text("Cargo.toml").replace(" # look-up", "");
    assert_only_breach(&breaches(&house.with("Cargo.toml", &text).open()), &["hashbrown", "no reason"]);
}
