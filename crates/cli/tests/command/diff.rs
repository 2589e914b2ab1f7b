//! `tiebreak diff`: where two runs part, and what came of it.

use std::fs;
use std::path::Path;

use crate::house::{FAILING, HOLDING, RACE, check, command, folder, write};

/// A seed under which the line of the planted scenario stays up. Seed 5 holds.
const LATE: &str = "90";

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

/// What differs at the beginning decides nothing: that the line stays up does.
#[test]
fn the_first_five_lines_name_the_swap_that_decides_what_is_wrong_in_one_of_two_runs() {
    for (seeds, [own, other]) in [(["5", LATE], ["B", "A"]), ([LATE, "5"], ["A", "B"])] {
        let told = check(&["diff", &planted(), "--seed", seeds[0], "--seed", seeds[1]], 1).out;
        let lines: Vec<&str> = told.lines().take(5).collect();
        assert!(
            lines[2].starts_with(&format!("Wrong in {own} only: expected 0.0.0.0/0 unreachable ")),
            "{told}"
        );
        let swap = format!(
            "On the way to that they part first, at 3m: {own} runs dialer/change-notification(ways)#4 before \
             dialer/step(dial)#1; {other} runs dialer/step(dial)#1 first."
        );
        assert_eq!(lines[3], swap, "{told}");
        assert!(lines[4].starts_with("First difference at 0s, record 1: "), "{told}");
        assert_eq!(told.matches("Wrong in ").count(), 1, "{told}");
    }
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
    assert!(told.ends_with("differs: each actor goes through the same.\n"), "{told}");
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
    let mirror = kinds.iter_mut().find(|kind| kind["name"] == "mirror").unwrap();
    mirror["digest"] = "22".repeat(16).into();
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
    assert!(told.contains("fib               · mirror(10.0.0.0/8)"), "{told}");
    fs::write(&other, "{\"type\":\"fingerprints\"").unwrap();
    assert!(check(&["diff", &one, &other], 2).err.contains("holds no whole fingerprints"));
}

#[test]
fn orders_are_compared_and_the_second_is_that_of_b() {
    let told = check(&["diff", &planted(), "--order", "fifo", "--order", "seeded"], 1).out;
    let titles: Vec<&str> = told.lines().take(2).collect();
    assert!(titles[0].contains("seed 5, order fifo ("), "{told}");
    assert!(titles[1].contains("seed 5, order seeded ("), "{told}");
    let third = told.lines().nth(2).unwrap();
    assert!(
        third.starts_with("First difference at 0s, record 1: each runs another of the 10 events"),
        "{told}"
    );
}

#[test]
fn a_switch_shows_what_a_fix_does_at_the_seed_that_fails() {
    let told = check(&["diff", &planted(), "--seed", LATE, "--with-b", "fix"], 1).out;
    let expected = [
        "They are not runs of the same plan.",
        "First difference at 3m, record 110: each has a record that the other does not have.",
        "  A notes dialer/RtmAddRouteToDest(0.0.0.0/0); B does not have it.",
        "  B notes dialer/skipped(add-route(0.0.0.0/0)); A does not have it.",
    ];
    assert_eq!(told.lines().skip(2).take(4).collect::<Vec<&str>>(), expected, "{told}");
    assert!(told.contains("What led to it in A:\n    110 3m        dialer "), "{told}");
    let wrong: Vec<&str> = told.lines().filter(|line| line.starts_with("Wrong in ")).collect();
    assert!(
        wrong.len() == 1 && wrong[0].starts_with("Wrong in A only: expected 0.0.0.0/0 unreach"),
        "{told}"
    );
    let holds = check(&["diff", &planted(), "--seed", "1", "--seed", "2"], 1).out;
    assert!(!holds.contains("Wrong in ") && !holds.contains("--why finding"), "{holds}");
}

/// The lines that say what is wrong in one run only.
fn about_wrong(told: &str) -> Vec<&str> {
    let begins = ["Wrong in ", "`tiebreak show "];
    let is_about =
        |line: &&str| begins.iter().any(|begin| line.starts_with(begin)) || line.contains(" more in ");
    told.lines().filter(is_about).collect()
}

/// Two runs of one scenario: what is wrong with both is not told, and of the rest a few are.
#[test]
fn what_is_wrong_in_one_run_only_is_told_with_the_line_that_asks_on() {
    let folder = folder("diff-wrong");
    let dest = |number: usize| format!("Best(dest: \"10.0.{number}.0/24\", owner: \"a\", metric: 3), ");
    let scenario = |a: &str, b: &str| {
        let both = "Best(dest: \"12.0.0.0/8\", owner: \"a\", metric: 3), ";
        let expect = "expect: [Best(dest: \"10.0.0.0/8\", owner: \"a\", metric: 3)],";
        let file = RACE.replace(expect, &format!("expect: [{both}{a}{b}],"));
        assert!(file.contains(both));
        file
    };
    let best = |owner: &str| format!("Best(dest: \"10.0.0.0/8\", owner: \"{owner}\", metric: 3), ");
    let race = write(&folder, "race.ron", scenario(&best("a"), &best("b")));
    let told = check(&["diff", &race, "--seed", FAILING, "--seed", HOLDING], 1).out;
    let wrong = about_wrong(&told);
    let asked = |seed| {
        format!("`tiebreak show {race} --seed {seed} --why 'finding#2'` says which orderings decide it.")
    };
    let [a, b] = [("A", "a", "b"), ("B", "b", "a")].map(|(side, owner, found)| {
        format!("Wrong in {side} only: expected best of 10.0.0.0/8 in view ucast of instance 0 at the end: {owner} with metric 3; found {found} with metric 3")
    });
    assert_eq!(wrong, [a, b, asked(FAILING), asked(HOLDING)], "{told}");
    let fine = write(&folder, "fine.ron", scenario("", ""));
    let of_a = check(&["diff", &race, &fine, "--seed", FAILING], 0).out;
    assert_eq!(
        (of_a.matches("Wrong in A only").count(), of_a.matches("Wrong in B only").count()),
        (1, 0),
        "{of_a}"
    );
    let many = write(&folder, "many.ron", scenario(&(0..30).map(dest).collect::<String>(), ""));
    for (files, side) in [([&many, &fine], "A"), ([&fine, &many], "B")] {
        let arguments = ["diff", files[0], files[1], "--seed", HOLDING, "--with", "fix"];
        let told = check(&arguments, 0).out;
        let wrong = about_wrong(&told);
        assert!(wrong[..3].iter().all(|line| line.starts_with(&format!("Wrong in {side} only: "))), "{told}");
        let asks = format!(
            "`tiebreak show {many} --seed {HOLDING} --why finding --with fix` says which orderings decide them."
        );
        assert_eq!(wrong[3..], [&*format!("  … and 27 more in {side} only (`--all`)"), &asks], "{told}");
        let all = check(&[&arguments[..], &["--all"]].concat(), 0).out;
        assert_eq!(all.matches(&format!("Wrong in {side} only: ")).count(), 30, "{all}");
        let objects = check(&[&arguments[..], &["--format", "ndjson"]].concat(), 0).out;
        let objects = objects
            .matches(&format!("{{\"type\":\"wrong\",\"side\":\"{side}\",\"finding\":\"expected "))
            .count();
        assert_eq!(objects, 30);
    }
}

#[test]
fn a_regression_is_compared_with_the_scenario_that_it_was_made_from() {
    let regression =
        format!("{}/../../regressions/late-dial-leaves-the-line-up.ron", env!("CARGO_MANIFEST_DIR"));
    let told = check(&["diff", &planted(), &regression], 1).out;
    assert!(told.contains("They are not runs of the same plan."), "{told}");
    assert!(told.contains("  A runs rip5/step(register#1)#1; B never runs it.\n"), "{told}");
    let told = check(&["diff", &regression, &regression], 0).out;
    assert!(told.contains("They are equal: "), "{told}");
}

#[test]
fn bad_input_is_told_and_is_no_difference() {
    let folder = folder("diff-bad");
    let file = write(&folder, "race.ron", RACE);
    let missing = folder.join("missing.ron").display().to_string();
    assert!(check(&["diff", &file, &missing], 2).err.contains("missing.ron"));
    let told = check(&["diff", &file, "--with-b", "fax"], 2).err;
    assert!(told.contains("fax"), "{told}");
    let told = check(&["diff", &file, "--seed", "1", "--seed", "2", "--html", "-"], 2).err;
    assert!(told.contains("`--html` takes a file"), "{told}");
    let text = write(&folder, "trace.txt", "# tiebreak trace\n");
    assert!(check(&["diff", &text, &file], 2).err.contains("which cannot be read back"));
}

#[test]
fn only_some_findings_are_shown_and_ndjson_has_all_of_them() {
    let arguments = ["diff", &planted(), "--seed", "5", "--seed", LATE];
    let told = check(&[&arguments[..], &["--format", "ndjson"]].concat(), 1).out;
    let objects: Vec<serde_json::Value> =
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let all = check(&[&arguments[..], &["--all"]].concat(), 1).out;
    for (object, word) in [("moved", "  moved, at "), ("changed", "  changed, at ")] {
        let objects = objects.iter().filter(|found| found["type"] == object).count();
        let lines = all.lines().filter(|line| line.starts_with(word)).count();
        assert!(objects > 3 && objects == lines, "{object}: {objects} objects, {lines} lines\n{all}");
    }
    let moved = objects.iter().find(|object| object["type"] == "moved").unwrap();
    for key in ["records", "name", "place", "neighbour"] {
        assert!(!moved[key].is_null(), "{moved}");
    }
    assert!(objects.iter().any(|object| object["type"] == "unlike"), "{told}");
}

/// The page of the documentation: what decides between the run that holds and the one that fails.
#[test]
fn the_page_of_the_documentation_is_what_the_command_writes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = folder("diff-page").join("page.html");
    let scenario = "scenarios/quickstart/planted-late-dial.ron";
    let arguments = ["diff", scenario, "--seed", "5", "--seed", LATE, "--html", &page.display().to_string()];
    let output = command(&arguments).current_dir(&root).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let written = fs::read_to_string(&page).unwrap();
    let kept = root.join("docs/example-diff.html");
    if std::env::var_os("TIEBREAK_UPDATE").is_some() {
        fs::write(kept, written).unwrap();
        return;
    }
    let is_same = fs::read_to_string(kept).is_ok_and(|kept| kept == written);
    assert!(is_same, "docs/example-diff.html is not what the command writes; `TIEBREAK_UPDATE=1` writes it");
}

#[test]
fn a_page_shows_a_trace_alone_too() {
    let folder = folder("show-page");
    let (file, page) = (write(&folder, "race.ron", RACE), folder.join("page.html").display().to_string());
    assert_eq!(check(&["show", &file, "--seed", HOLDING, "--html", &page], 0).out, "");
    let written = fs::read_to_string(&page).unwrap();
    assert!(written.starts_with("<!DOCTYPE html>") && written.contains("race.ron"));
    assert!(check(&["show", &file, "--html", "-"], 2).err.contains("`--html` takes a file"));
    check(&["show", &file, "--html", &page, "--why", "1"], 2);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once() {
    let folder = folder("diff-pipe");
    let file = write(&folder, "race.ron", RACE);
    let ndjson = check(&["show", &file, "--format", "ndjson"], 0).out;
    let ndjson = write(&folder, "race.ndjson", ndjson);
    let pipe = folder.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let (from, to) = (ndjson.clone(), pipe.clone());
    let writer = std::thread::spawn(move || fs::copy(from, to).unwrap());
    let told = check(&["diff", pipe.to_str().unwrap(), &ndjson], 0).out;
    assert!(told.contains("They are equal: "), "{told}");
    writer.join().unwrap();
}
