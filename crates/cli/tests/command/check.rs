//! `tiebreak check`.

use serde_json::Value;

use crate::house::{RACE, RECORDING, REPLAY, check, folder, write};

#[test]
fn every_mistake_of_every_file_comes_in_one_pass() {
    let folder = folder("check");
    let broken = RACE
        .replace("until: \"20s\"", "untill: \"20s\"")
        .replace("via: [\"gw\"]", "via: [\"gv\"]")
        .replace("expect: [", "expect: [Fails(\"mirror-equals-tabel\"), Fails(\"nothing like it\"), ");
    let replay = REPLAY.replace("own.csv", "absent.csv");
    let paths = [
        write(&folder, "a.ron", RACE),
        write(&folder, "b.ron", broken),
        write(&folder, "c.ron", replay),
        write(&folder, "d.ron", REPLAY),
    ];
    let recording = RECORDING.replace("101,0", "99,0").replace("2001:db8::/32", "2001:db8::/129");
    let recording = write(&folder, "own.csv", recording);
    write(&folder, "note.txt", "not a scenario");
    let ran = check(&["check", folder.to_str().unwrap()], 2);
    for said in [
        format!("{}:3:5", paths[1]),
        "did you mean `until`?".into(),
        format!("{}:9:", paths[1]),
        "error[C001]: unknown monitor `mirror-equals-tabel`".into(),
        "did you mean `mirror-equals-table`?".into(),
        "expected one of `".into(),
        "error[C002]: cannot read ".into(),
        format!("{}:4:66", paths[2]),
        format!("{recording}:3:1"),
        format!("{recording}:4:"),
        " · 4 scenarios, 3 invalid\n".into(),
    ] {
        assert!(ran.out.contains(&said), "{said}\n{}", ran.out);
    }
    assert!(!ran.out.contains(&format!("{}:", paths[0])) && !ran.out.contains('\u{1b}'), "{}", ran.out);
    assert_eq!(check(&["check", &paths[0]], 0).out, "ok · 1 scenario valid\n");
    assert!(check(&["check", &paths[1], "--color", "always"], 2).out.contains('\u{1b}'));
}

#[test]
fn two_snapshots_of_one_scenario_that_would_be_one_file_are_a_mistake() {
    let folder = folder("check-snapshots");
    let twice = r#"format: 1, snapshots: [Actor("a"), Whole, Subject("10.0.0.0/8"), All([Actor("a"), Kind("step")]),
        Subject("a"), Whole, Kind("expiry")],"#;
    let file = write(&folder, "race.ron", RACE.replace("format: 1,", twice));
    let ran = check(&["check", &file], 2);
    for (column, kept) in [(9, "race.a.snap"), (23, "race.snap")] {
        let said = format!("error[C003]: an earlier snapshot of this scenario is kept in `{kept}` as well");
        assert!(ran.out.contains(&said) && ran.out.contains(&format!("{file}:3:{column}")), "{}", ran.out);
    }
    assert!(ran.out.ends_with("2 errors · 0 warnings · 1 scenario, 1 invalid\n"), "{}", ran.out);
}

#[test]
fn json_counts_and_places_each_mistake() {
    let folder = folder("check-json");
    let broken = write(&folder, "b.ron", RACE.replace("20s", "20").replace("\"RIP\"", "\"RIPP\""));
    let ran = check(&["check", "--format", "json", &broken, "absent.ron"], 2);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let diagnostics = report["diagnostics"].as_array().unwrap();
    assert_eq!((&report["files"], &report["wrong_files"]), (&Value::from(2), &Value::from(2)));
    assert_eq!(report["errors"], diagnostics.len());
    assert_eq!((&diagnostics[0]["line"], &diagnostics[0]["column"]), (&Value::from(3), &Value::from(12)));
    assert_eq!(
        (&diagnostics[3]["file"], &diagnostics[3]["line"]),
        (&Value::from("absent.ron"), &Value::Null)
    );
}

#[test]
fn what_cannot_be_seen_in_a_file_does_not_reach_the_terminal() {
    let text = r#"Scenario(format: 1, until: "1s", clients: [
        Client(name: "a\u{1b}[31m", protocol: "RIP", script: [At("0s", Set("f\u{7}"))]),
    ], expect: [Best(dest: "10.0.0.0/8", owner: "b\u{1b}[2J"), Never("a/step(\u{202E}x)")])"#;
    let path = write(&folder("check-invisible"), "invisible.ron", text);
    for arguments in [&["check", &path][..], &["check", &path, "--format", "json"], &["run", &path]] {
        let ran = check(arguments, 2);
        let is_bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202E}';
        assert!(!ran.out.contains(is_bad) && !ran.err.contains(is_bad), "{ran:?}");
        assert!((ran.out + &ran.err).contains("U+001B"));
    }
}

#[test]
fn a_find_of_a_test_is_known_by_its_first_word() {
    let folder = folder("check-find");
    for (before, after) in [
        ("", ""),
        ("\u{feff}", ""),
        ("// a comment\n\n", ""),
        ("/* a comment\n/* in it */ */ ", ""),
        ("#![enable(implicit_some)]\n", ""),
        ("", " /* Regression(format: 1) */"),
    ] {
        let file = write(&folder, "find.ron", format!("{before}Regression(format: 1){after}"));
        let ran = check(&["check", &file], 2);
        assert!(ran.out.contains("a kept find of a Rust test"), "{before:?}: {}", ran.out);
    }
    for other in [
        "Scenario(format: 1, until: \"1s\", clients: [Regression(1)])",
        "Scenario(format: Regression(1))",
        "Regressions(format: 1)",
    ] {
        let ran = check(&["check", &write(&folder, "find.ron", other)], 2);
        assert!(!ran.out.contains("a kept find of a Rust test"), "{other}: {}", ran.out);
    }
}

#[test]
fn a_folder_without_scenarios_is_a_mistake() {
    let folder = folder("check-empty");
    let ran = check(&["check", folder.to_str().unwrap()], 2);
    assert!(ran.err.contains("there is no scenario (*.ron) in "), "{}", ran.err);
}
