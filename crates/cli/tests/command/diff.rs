//! `tiebreak diff`: where two runs part, and what came of it.

use std::fs;

use crate::house::{FAILING, HOLDING, RACE, check, folder, write};

/// The planted scenario of the first page.
fn planted() -> String {
    format!("{}/../../scenarios/quickstart/planted-late-dial.ron", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_first_five_lines_name_the_choice_at_which_two_seeds_part() {
    let told = check(&["diff", &planted(), "--seed", "5", "--seed", "6"], 1).out;
    let first: Vec<&str> = told.lines().skip(2).take(3).collect();
    let expected = [
        "First difference at 0s, record 1: each runs another of the 10 events that could run.",
        "  A runs rip5/step(register#1)#1; B runs it as record 32.",
        "  B runs rip7/step(register#1)#1; A runs it as record 17.",
    ];
    assert_eq!(first, expected, "{told}");
    assert!(told.lines().count() <= 40, "{told}");
    let all = check(&["diff", &planted(), "--seed", "5", "--seed", "6", "--all"], 1).out;
    assert!(all.lines().count() > told.lines().count() && !all.contains("--all"), "{all}");
}

#[test]
fn one_run_is_equal_to_itself_and_two_of_one_kind_need_options_that_differ() {
    let file = planted();
    let told = check(&["diff", &file, &file], 0).out;
    assert!(told.ends_with("They are equal: 108 records, with the same causes and facts.\n"), "{told}");
    let told = check(&["diff", &file], 2).err;
    assert!(told.contains("would be the same run"), "{told}");
    let told = check(&["diff", &file, "--seed", "1", "--seed", "2", "--seed", "3"], 2).err;
    assert!(told.contains("--seed is given 3 times"), "{told}");
    let told = check(&["diff", "-", "-"], 2).err;
    assert!(told.contains("standard input can be read only once"), "{told}");
}

#[test]
fn a_switch_of_one_side_is_a_difference_between_plans() {
    let folder = folder("diff-switch");
    let file = write(&folder, "race.ron", RACE);
    let told = check(&["diff", &file, "--seed", FAILING, "--with-b", "fix"], 1).out;
    assert!(told.contains("with fix"), "{told}");
    assert!(told.contains("They are not runs of the same plan."), "{told}");
}

#[test]
fn only_the_order_between_actors_is_no_difference_where_that_is_asked_for() {
    // Whoever registers first of ten, until they expire.
    let arguments = ["diff", &planted(), "--until", "170s", "--seed", "5", "--seed", "6"];
    let told = check(&[&arguments[..], &["--up-to-order"]].concat(), 1).out;
    assert!(told.contains("More than the order differs."), "{told}");
    let folder = folder("diff-order");
    let file = write(&folder, "race.ron", RACE);
    let arguments = ["diff", &file, "--until", "5s", "--seed", "1", "--seed", "9"];
    let told = check(&[&arguments[..], &["--up-to-order"]].concat(), 0).out;
    let expected =
        "Only the order of events that do not affect each other differs: each actor goes through the same.";
    assert_eq!(told.lines().nth(2), Some(expected), "{told}");
    check(&arguments, 1);
}

#[test]
fn programs_get_one_object_a_finding() {
    let told = check(&["diff", &planted(), "--seed", "5", "--seed", "6", "--format", "ndjson"], 1).out;
    let objects: Vec<serde_json::Value> =
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&objects[0]["type"], &objects[0]["equal"]), (&"comparison".into(), &false.into()));
    assert_eq!((&objects[1]["type"], &objects[1]["parting"]), (&"first".into(), &"choice".into()));
    let count = |what: &str| objects.iter().filter(|object| object["type"] == what).count() as u64;
    let number = |key: &str, side: usize| objects[0][key][side].as_u64().unwrap();
    let matched = objects[0]["matched"].as_u64().unwrap();
    assert_eq!(count("only"), number("records", 0) + number("records", 1) - 2 * matched, "{told}");
}

#[test]
fn fingerprints_that_can_be_repeated_lead_to_the_whole_difference() {
    let folder = folder("diff-fingerprints");
    let file = write(&folder, "race.ron", RACE);
    let path = |name: &str| folder.join(name).display().to_string();
    let (one, other) = (path("one.json"), path("other.json"));
    check(&["run", &file, "--seed", HOLDING, "--fingerprints", &one, "--quiet"], 0);
    check(&["run", &file, "--seed", FAILING, "--fingerprints", &other, "--fingerprint"], 1);
    let told = check(&["diff", &one, &other], 1).out;
    let direct = check(&["diff", &file, "--seed", HOLDING, "--seed", FAILING], 1).out;
    let behind = |told: &str| told.lines().skip(2).map(str::to_owned).collect::<Vec<String>>();
    assert_eq!(behind(&told), behind(&direct));
    assert!(check(&["diff", &one, &one], 0).out.contains("They are equal: "));
    assert!(check(&["diff", &one, &file, "--seed", HOLDING], 0).out.contains("They are equal: "));
    assert!(check(&["diff", &one, &other, "--seed", "1"], 2).err.contains("--seed is for scenarios"));

    // As if another machine had run it: what it says happened to `fib` is not what happens here.
    let mut claims: serde_json::Value = serde_json::from_str(&fs::read_to_string(&one).unwrap()).unwrap();
    claims["run"] = "00".repeat(16).into();
    let actors = claims["actors"].as_array_mut().unwrap();
    let fib = actors.iter_mut().find(|actor| actor["name"] == "fib").unwrap();
    fib["digest"] = "11".repeat(16).into();
    let kinds = claims["kinds"].as_array_mut().unwrap();
    let changed = kinds.iter_mut().find(|kind| kind["name"] == "mirror").unwrap();
    changed["digest"] = "22".repeat(16).into();
    // The order of its keys is that in which `run` wrote it.
    let text = claims.to_string();
    fs::write(
        &other,
        text.replacen('{', "{\"type\":\"fingerprints\",", 1).replace(",\"type\":\"fingerprints\"", ""),
    )
    .unwrap();
    let told = check(&["diff", &one, &other], 1).out;
    assert!(told.contains("A runs here as its file says."), "{told}");
    assert!(told.contains("B does not run here as its file says"), "{told}");
    assert!(
        told.contains("Actors whose records differ: fib\nKinds whose records differ: mirror\n"),
        "{told}"
    );
    assert!(told.contains("· mirror(10.0.0.0/8)"), "{told}");
    fs::write(&other, "{\"type\":\"fingerprints\"").unwrap();
    assert!(check(&["diff", &one, &other], 2).err.contains("holds no whole fingerprints"));
}
