//! Files that are valid, or nearly, and whose texts try to command the terminal or to look like what the command says.

use alloc::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tiebreak_inquiry::read_ndjson;

use crate::house::{
    FAILING, HOLDING, RACE, RECORDING, REPLAY, Ran, check, command, folder, ran, tiebreak, write,
};

/// Lines of its own, one of them a verdict; colours, a title, a bell, a backspace, a control character of eight bits, changes
/// of direction.
const FORGED: &str = "x\u{1b}[31m\u{1b}]0;owned\u{7}\nok · 9 scenarios\nok: forged\r\n::error forged\nfailed · 9\u{8}\u{7f}\u{9b}31m\u{202e}\u{2066}y";
/// How lines begin that only the command may say.
const VERDICTS: [&str; 5] = ["ok · 9", "ok: forged", "::error forged", "failed · 9", "owned"];

/// Nothing printed may command a terminal, reorder what is shown, or begin a line that the command did not begin.
fn check_plain(arguments: &[&str], ran: &Ran) {
    for (name, text) in [("stdout", &ran.out), ("stderr", &ran.err)] {
        for line in text.split('\n') {
            let raw = line
                .chars()
                .find(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
            assert_eq!(raw, None, "{arguments:?}, {name}: {line:?}");
            let said = line.trim_start();
            assert!(
                !VERDICTS.iter().any(|verdict| said.starts_with(verdict)),
                "{arguments:?}, {name}: {text}"
            );
        }
    }
}

/// Runs the command, whatever it comes to; returns what it prints.
fn said(arguments: &[&str]) -> Ran {
    let ran = tiebreak(arguments);
    check_plain(arguments, &ran);
    assert!(ran.code.is_some_and(|code| code < 70), "{arguments:?}: {:?} {}", ran.code, ran.err);
    ran
}

/// Runs all that can be done with a scenario.
fn all_verbs(file: &str) -> String {
    let mut all = String::new();
    for arguments in [
        &["run", file][..],
        &["run", file, "--seed", FAILING],
        &["run", file, "--fingerprint"],
        &["run", file, "--format", "ndjson"],
        &["check", file],
        &["check", file, "--format", "json"],
        &["test", file],
        &["test", file, "--annotate"],
        &["fuzz", file, "--runs", "40"],
        &["races", file],
        &["explore", file, "--states", "100"],
        &["blame", file, "--seed", FAILING],
        &["suspects", file, "--runs", "40"],
        &["show", file, "--why", "finding"],
        &["show", file, "--pending"],
        &["show", file, "--why-not", FORGED],
        &["show", file, "--actor", FORGED],
        &["diff", file, "--seed", FAILING, "--seed", HOLDING],
        &["bench", file, "--runs", "1", "--time", "1ms"],
        &["replay", file],
    ] {
        let Ran { out, err, .. } = said(arguments);
        all += &(out + &err);
    }
    all
}

/// The text as the scenario language writes it.
fn spelled(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '\u{20}'..='\u{7e}' => c.to_string(),
        _ => format!("\\u{{{:x}}}", u32::from(c)),
    });
    escaped.collect()
}

#[test]
fn a_scenario_forges_no_verdict() {
    let folder = folder("forged-scenario");
    let text = spelled(FORGED);
    let about = RACE.replace("format: 1,", &format!("format: 1, about: \"{text}\","));
    all_verbs(&write(&folder, "about.ron", about));
    for (name, before, after) in [
        ("switch.ron", "[\"fix\"]", format!("[\"fix\", \"{text}\"]")),
        ("actor.ron", "\"fib\"", format!("\"{text}\"")),
        ("route.ron", "name: \"r\"", format!("name: \"{text}\"")),
        ("label.ron", "with: \"fix\"", format!("with: \"fix\", label: \"{text}\"")),
        ("owner.ron", "owner: \"a\"", format!("owner: \"{text}\"")),
        ("monitor.ron", "Best(dest: \"10.0.0.0/8\", owner: \"a\", metric: 3)", format!("Fails(\"{text}\")")),
        ("dest.ron", "dest: \"10.0.0.0/8\"", format!("dest: \"{text}\"")),
        ("feed.ron", "Observer(name: \"fib\")", format!("Feed(name: \"fib\", file: \"{text}\")")),
        ("group.ron", "name: \"b\"", format!("name: \"{text}{{n}}\", count: 2")),
        ("key.ron", "until:", format!("/*{FORGED}*/ untl:")),
    ] {
        assert!(RACE.contains(before), "{name}");
        let said = all_verbs(&write(&folder, name, RACE.replacen(before, &after, 1)));
        assert!(said.contains("31m"), "{name} shows what it has found: {said}");
    }
}

#[test]
fn a_trace_forges_no_verdict() {
    let folder = folder("forged-trace");
    let race = write(&folder, "race.ron", RACE);
    let written = check(&["run", &race, "--format", "ndjson", "--seed", HOLDING], 0).out;
    let text = serde_json::to_string(FORGED).unwrap();
    let inner = &text[1..text.len() - 1];
    for (name, before) in [
        ("actor", "\"actor\":\"a\""),
        ("kind", "\"kind\":\"RtmAddNextHop\""),
        ("subject", "\"subject\":\"192.0.2.1\""),
        ("key", "[\"protocol\",\"RIP\"]"),
        ("value", "\"NO_ERROR\""),
        ("cause", "\"cause\":\"b/step(register#1)#1\""),
        ("origin", "\"origin\":\"noted\""),
        ("type", "\"type\":\"footer\""),
    ] {
        assert!(written.contains(before), "{name}");
        let (head, value) = before.rsplit_once(':').map_or(("", before), |(head, value)| (head, value));
        let after = match name {
            "key" => format!("[{text},{text}]"),
            "value" => text.clone(),
            _ => format!("{head}:{}", value.replacen(value.trim_matches('"'), inner, 1)),
        };
        let ndjson = written.replace(before, &after);
        let file = write(&folder, &format!("{name}.ndjson"), &ndjson);
        let mut files = vec![file];
        if let Ok(read) = read_ndjson(&ndjson) {
            files.push(write(&folder, &format!("{name}.tbt"), read.trace.pack()));
        }
        for file in &files {
            for arguments in [
                &["show", file][..],
                &["show", file, "--columns"],
                &["show", file, "--why", "20"],
                &["show", file, "--why-not", "a/none"],
                &["show", file, "--why-not", FORGED],
                &["show", file, "--pending"],
                &["show", file, "--actor", "none"],
                &["show", file, "--kind", "none"],
                &["show", file, "--subject", FORGED],
                &["diff", file, &race],
                &["diff", &race, file],
                &["diff", file, file],
                &["show", file, "--format", "ndjson"],
                &["diff", file, &race, "--format", "ndjson"],
            ] {
                said(arguments);
            }
        }
    }
}

#[test]
fn what_stands_beside_a_scenario_forges_no_verdict() {
    let folder = folder("forged-beside");
    let kept =
        write(&folder, "race.ron", RACE.replace("format: 1,", "format: 1, seed: 5, snapshots: [Whole],"));
    write(&folder, "race.snap", FORGED);
    said(&["test", &kept]);
    write(
        &folder,
        "race.snap",
        format!("---\nsource: x\n---\n# tiebreak snapshot · format {FORGED}\n{FORGED}"),
    );
    said(&["test", &kept]);
    let replay = write(&folder, "replay.ron", REPLAY);
    for (at, field) in ["unix_s", "192.0.2.1", "W", "10.0.0.0/8"].iter().enumerate() {
        let recording = RECORDING.replacen(field, FORGED, 1);
        write(&folder, "own.csv", &recording);
        all_verbs(&replay);
        assert!(at > 3 || recording != RECORDING || *field == "W", "{field}");
    }
    let prints = folder.join("prints.json").display().to_string();
    check(&["run", &kept, "--fingerprints", &prints], 0);
    let text = fs::read_to_string(&prints).unwrap();
    let inner = serde_json::to_string(FORGED).unwrap();
    let strings: BTreeSet<&str> = text.split('"').skip(1).step_by(2).collect();
    for value in strings {
        let forged = write(&folder, "forged.json", text.replace(&format!("\"{value}\""), &inner));
        said(&["diff", &forged, &kept]);
        said(&["diff", &prints, &forged]);
    }
    let saved = folder.join("saved.json").display().to_string();
    let short = ["bench", &kept, "--runs", "1", "--time", "1ms"];
    check(&[&short[..], &["--save", &saved]].concat(), 0);
    let text = fs::read_to_string(&saved).unwrap();
    let strings: BTreeSet<&str> = text.split('"').skip(1).step_by(2).collect();
    for value in strings {
        let forged = write(&folder, "forged-saved.json", text.replace(&format!("\"{value}\""), &inner));
        said(&[&short[..], &["--compare", &forged]].concat());
    }
}

#[test]
fn a_kept_find_forges_no_verdict() {
    let folder = folder("forged-find");
    let race = write(&folder, "race.ron", RACE);
    let finds = folder.join("finds");
    let path = finds.to_str().unwrap();
    let kept = ran(command(&["fuzz", &race, "--runs", "100", "--regressions", path]).env_remove("CI"));
    assert_eq!(kept.code, Some(1), "{}", kept.err);
    let find = fs::read_dir(&finds).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&find).unwrap();
    let inner = format!("\"{}\"", spelled(FORGED));
    let strings: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    for value in strings {
        let forged = write(&folder, "forged.ron", text.replace(&format!("\"{value}\""), &inner));
        said(&["replay", &forged]);
        said(&["check", &forged]);
        said(&["diff", &forged, &race]);
        said(&["show", &forged, "--why", "finding"]);
    }
    forged_names(&folder);
}

/// Files of hostile names, in a folder of a hostile name.
fn forged_names(folder: &Path) {
    let inside = folder.join(FORGED.replace('/', "_"));
    fs::create_dir_all(&inside).unwrap();
    let race = write(&inside, "race\u{1b}[2J\n ok · 9.ron", RACE);
    let text = all_verbs(&race);
    assert!(text.contains("$'"), "lines to paste are quoted: {text}");
    for verb in ["check", "test", "replay"] {
        said(&[verb, inside.to_str().unwrap()]);
    }
}
