//! `tiebreak run`.

use alloc::collections::BTreeSet;
use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tiebreak::{Projection, write_text};
use tiebreak_runner::{Prepared, Recordings, RunOptions};

use crate::house::{FAILING, HOLDING, RACE, RECORDING, REPLAY, check, folder, paste, tiebreak, write};

#[test]
fn the_same_bytes_come_twice_in_one_process_and_in_two() {
    let race = write(&folder("same-bytes"), "race.ron", RACE);
    let plan = tiebreak_scenario::load(RACE).unwrap().plan.with_switches(&[]).unwrap();
    let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
    for (seed, said) in [(1, "1"), (2, "2"), (31, "0x1F")] {
        let arguments = ["run", &race, "--seed", said];
        let once = tiebreak(&arguments);
        assert_eq!(once.results(), tiebreak(&arguments).results());
        let options = RunOptions { seed: Some(seed), ..RunOptions::default() };
        for _ in 0..2 {
            let mut text = String::new();
            write_text(&prepared.record(options).trace, &Projection::Whole, &mut text).unwrap();
            assert!(once.out.starts_with(&text), "{seed}");
        }
    }
}

#[test]
fn ten_seeds_give_more_than_one_order() {
    let race = write(&folder("ten-seeds"), "race.ron", RACE);
    let fingerprint = |seed: u64| tiebreak(&["run", &race, "--fingerprint", "--seed", &seed.to_string()]).out;
    let orders: BTreeSet<String> = (1..=10).map(fingerprint).collect();
    assert!(orders.len() > 1, "{orders:?}");
}

#[test]
fn a_fingerprint_is_32_digits_and_nothing_else() {
    let race = write(&folder("fingerprint"), "race.ron", RACE);
    for (seed, code) in [(FAILING, 1), (HOLDING, 0)] {
        let ran = check(&["run", &race, "--fingerprint", "--seed", seed], code);
        let digits = ran.out.strip_suffix('\n').unwrap();
        assert!(digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{}", ran.out);
        assert_eq!(ran.err.lines().count() == 1, code == 0, "{}", ran.err);
        let text = tiebreak(&["run", &race, "--seed", seed]).out;
        assert!(text.contains(&format!("fingerprint {digits}\n")), "{text}");
    }
}

#[test]
fn ndjson_is_one_object_a_line_with_the_verdict_last() {
    let race = write(&folder("ndjson"), "race.ron", RACE);
    let ran = check(&["run", &race, "--seed", FAILING, "--format", "ndjson"], 1);
    let objects: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_type = |name: &str| objects.iter().filter(|object| object["type"] == name).count();
    assert_eq!((of_type("header"), of_type("footer"), of_type("verdict")), (1, 1, 1));
    assert_eq!(of_type("record"), objects.len() - 3);
    let verdict = objects.last().unwrap();
    assert_eq!((&verdict["result"], &verdict["exit"]), (&Value::from("found"), &Value::from(1)));
    assert_eq!(paste(verdict["again"].as_str().unwrap()).code, Some(1));
}

#[test]
fn a_trace_in_a_file_leaves_the_verdict_alone() {
    let folder = folder("trace");
    let (race, trace) = (write(&folder, "race.ron", RACE), folder.join("trace"));
    let both = check(&["run", &race, "--with", "fix"], 0).out;
    let verdict = check(&["run", &race, "--with", "fix", "--trace", trace.to_str().unwrap()], 0).out;
    assert_eq!(fs::read_to_string(trace).unwrap() + &verdict, both);
    assert!(verdict.starts_with("ok · ") && verdict.lines().count() == 2, "{verdict}");
}

#[test]
fn quiet_says_nothing_unless_something_is_wrong() {
    let race = write(&folder("quiet"), "race.ron", RACE);
    let fine = check(&["run", &race, "--with", "fix", "--quiet"], 0);
    assert_eq!((fine.out.as_str(), fine.err.as_str()), ("", ""));
    let found = check(&["run", &race, "--seed", FAILING, "--quiet"], 1);
    assert!(found.out.starts_with("found 1 · ") && found.err.is_empty(), "{found:?}");
}

#[test]
fn a_table_row_has_these_keys() {
    let folder = folder("table");
    let race = write(&folder, "race.ron", RACE);
    let row = "{\"dest\":\"10.0.0.0/8\",\"view\":\"ucast\",\"owner\":\"a\",\"neighbour\":null,\"preference\":120,\
               \"metric\":3,\"next_hops\":[\"192.0.2.1\"],\"instance\":0}\n";
    assert_eq!(check(&["run", &race, "--with", "fix", "--table", "-"], 0).out, row);
    let table = folder.join("table.ndjson");
    check(&["run", &race, "--with", "fix", "--table", table.to_str().unwrap()], 0);
    assert_eq!(fs::read_to_string(table).unwrap(), row);
}

#[test]
fn the_pasted_line_shows_the_same_run() {
    let folder = folder("paste it's me");
    let race = write(&folder, "-race.ron", RACE);
    let plain = check(&["run", &race, "--order", "fifo"], 0);
    assert!(plain.last_line().ends_with("--order fifo"), "{}", plain.out);
    let rounds = check(&["run", &race, "--order", "rounds", "--with", "fix"], 0);
    assert!(rounds.last_line().ends_with("--order rounds --with fix"), "{}", rounds.out);
    let seed = format!("0x{FAILING}");
    let found = check(&["run", &race, "--seed", &seed, "--until", "15s", "--check-model"], 1);
    let end = format!("--seed {FAILING} --until 15s --check-model");
    assert!(found.last_line().ends_with(&end), "{}", found.out);
    for ran in [plain, rounds, found, check(&["run", &race, "--seed", "1", "--with", "fix"], 0)] {
        assert_eq!(paste(ran.last_line()).results(), ran.results());
    }
}

#[test]
fn inputs_are_plain_or_gzip_whatever_their_name() {
    let folder = folder("inputs");
    let replay = write(&folder, "replay.ron", REPLAY);
    write(&folder, "own.csv", RECORDING);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(RECORDING.as_bytes()).unwrap();
    let packed = write(&folder, "packed.csv", gzip.finish().unwrap());
    let plain = write(&folder, "plain.gz", RECORDING);
    let own = check(&["run", &replay, "--table", "-"], 0).out;
    assert_eq!(own.lines().count(), 2, "{own}");
    for path in [packed, plain] {
        let input = format!("updates={path}");
        assert_eq!(check(&["run", &replay, "--table", "-", "--input", &input], 0).out, own);
        let ran = check(&["run", &replay, "--input", &input], 0);
        assert_eq!(paste(ran.last_line()).results(), ran.results());
    }
    let unknown = check(&["run", &replay, "--input", "update=x"], 2);
    assert!(
        unknown.err.contains("unknown feed `update`; expected one of `updates`; did you mean `updates`?"),
        "{}",
        unknown.err
    );
    let absent = check(&["run", &replay, "--input", "updates=absent.csv"], 2);
    assert!(absent.err.contains("cannot read absent.csv: "), "{}", absent.err);
}

#[test]
fn a_client_that_is_declared_to_misbehave_and_does_not_is_a_warning() {
    let folder = folder("well-behaved");
    let declared =
        |text: &str| text.replacen("protocol: \"RIP\",", "protocol: \"RIP\", misbehaves: true,", 1);
    let tame = write(&folder, "tame.ron", declared(RACE));
    let warned = "  warning: `a` is declared `misbehaves: true`, but all its calls were accepted";
    let ran = check(&["run", &tame, "--order", "fifo"], 0);
    assert_eq!(ran.out.lines().filter(|line| line.starts_with(warned)).count(), 1, "{}", ran.out);
    let ran = check(&["run", &tame, "--order", "fifo", "--format", "ndjson"], 0);
    let verdict: Value = serde_json::from_str(ran.last_line()).unwrap();
    assert_eq!(verdict["warnings"].as_array().map(Vec::len), Some(1), "{verdict}");
    let twice = declared(RACE).replacen("At(\"0s\", Register),", "At(\"0s\", All([Register, Register])),", 1);
    let ran = check(&["run", &write(&folder, "wild.ron", twice), "--order", "fifo"], 0);
    assert!(!ran.out.contains("warning"), "{}", ran.out);
}

#[test]
fn a_projection_shows_the_records_of_its_subject_and_says_if_there_are_none() {
    let race = write(&folder("projection"), "race.ron", RACE);
    let run = |option: &str, value: &str| check(&["run", &race, "--with", "fix", option, value], 0);
    let records = |ran: &crate::house::Ran| -> Vec<String> {
        let lines = ran.out.lines().filter(|line| !line.starts_with('#'));
        lines.take_while(|line| !line.starts_with("ok")).map(str::to_owned).collect()
    };
    for (option, value, mark) in [
        ("--actor", "a", " a  "),
        ("--kind", "RtmAddNextHop", "· RtmAddNextHop("),
        ("--subject", "10.0.0.0/8", "(10.0.0.0/8)"),
    ] {
        let ran = run(option, value);
        let records = records(&ran);
        assert!(
            !records.is_empty() && records.iter().all(|line| line.contains(mark)),
            "{option}\n{}",
            ran.out
        );
        assert!(!ran.err.contains("warning"), "{}", ran.err);
    }
    let ran = run("--kind", "RtmAddNextHops");
    assert!(records(&ran).is_empty());
    let said = "warning: no record of this run is of kind RtmAddNextHops; did you mean `RtmAddNextHop`?";
    assert!(ran.err.contains(said), "{}", ran.err);
    check(&["run", &race, "--actor", "a", "--kind", "step"], 2);
    check(&["run", &race, "--actor", "a", "--fingerprint"], 2);
}

#[test]
fn a_scenario_comes_from_standard_input_if_it_is_asked_for() {
    let race = write(&folder("stdin"), "race.ron", RACE);
    for arguments in [["run", "-", "--fingerprint"], ["run", "-", "--quiet"], ["check", "-", "--quiet"]] {
        let mut command = crate::house::command(&arguments);
        let output = command.stdin(fs::File::open(&race).unwrap()).output().unwrap();
        let from_file = tiebreak(&[&[arguments[0], &race], &arguments[2..]].concat());
        assert_eq!(output.status.code(), from_file.code);
        assert_eq!(
            String::from_utf8(output.stdout)
                .unwrap()
                .replace(" run - # with the same scenario on standard input\n", &format!(" run {race}\n")),
            from_file.out
        );
    }
    let mut command = crate::house::command(&["check", "-"]);
    let broken = write(&folder("stdin-broken"), "broken.ron", RACE.replace("until", "untill"));
    let output = command.stdin(fs::File::open(&broken).unwrap()).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("--> -:3:5"));
}

#[test]
fn a_folder_is_told_from_a_scenario() {
    let folder = folder("run-folder");
    write(&folder, "race.ron", RACE);
    let ran = check(&["run", folder.to_str().unwrap()], 2);
    assert!(
        ran.err.contains("it is a folder; `tiebreak test` and `tiebreak check` take folders"),
        "{}",
        ran.err
    );
}

#[test]
fn how_fast_it_was_is_a_note_and_no_result() {
    let race = write(&folder("speed"), "race.ron", RACE);
    let ran = check(&["run", &race, "--with", "fix"], 0);
    let note = ran.err.lines().next().unwrap();
    assert!(note.contains(" events in ") && note.ends_with(" events/s"), "{note}");
    let events = note.split(' ').next().unwrap();
    assert!(ran.out.contains(&format!(" · {events} events until ")), "{}", ran.out);
}

#[test]
fn one_event_is_one_event_and_a_callback_that_has_not_returned_is_said() {
    let folder = folder("open");
    let scenario = |script: &str| {
        let on = r#"on: { EntityRegistered: [Pause("5s")] }"#;
        format!(
            r#"Scenario(format: 1, until: "3s", clients: [
                Client(name: "a", protocol: "RIP", script: [At("0s", Register)], {on}), {script}])"#
        )
    };
    let alone = write(&folder, "alone.ron", scenario(""));
    let ran = check(&["run", &alone], 0);
    assert!(
        ran.out.contains(" · 1 event until 0s, ") && ran.err.contains("1 event in "),
        "{}{}",
        ran.out,
        ran.err
    );
    let late = r#"Client(name: "b", protocol: "RIP", script: [At("1s", Register)])"#;
    let both = write(&folder, "both.ron", scenario(late));
    let ran = check(&["run", &both], 0);
    assert!(ran.out.contains("; 1 callback has not returned\n"), "{}", ran.out);
    let ran = check(&["run", &both, "--format", "ndjson"], 0);
    assert!(ran.out.contains(r#""open_callbacks":1"#), "{}", ran.out);
    let ran = check(&["run", &both, "--until", "9s"], 0);
    assert!(!ran.out.contains("returned"), "{}", ran.out);
}

#[test]
fn shells_and_man_are_told_of_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = check(&["completions", shell], 0).out;
        assert!(script.contains("tiebreak") && script.contains("unreferenced"), "{shell}: {script}");
    }
    let page = check(&["man"], 0).out;
    assert!(page.contains(".TH tiebreak 1") && page.contains("Exit codes"), "{page}");
    let page = check(&["man", "test"], 0).out;
    assert!(page.contains(".TH tiebreak-test 1") && page.contains("unreferenced"), "{page}");
    assert!(page.contains(r"[\fB\-\-junit\fR \fI<FILE>\fR]"), "{page}");
    assert!(page.contains(r"[\fB\-\-accept\fR]"), "{page}");
    let unknown = check(&["man", "tset"], 2);
    assert!(unknown.err.contains("there is no command `tset`; did you mean `test`?"), "{}", unknown.err);
}

#[test]
fn the_line_to_paste_is_as_the_command_was_called() {
    let race = write(&folder("called"), "race.ron", RACE);
    let output =
        crate::house::command(&["run", &race]).env("CARGO_PKG_NAME", "tiebreak-cli").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let release = if cfg!(debug_assertions) { "" } else { " --release" };
    let last = printed.lines().last().unwrap();
    assert!(last.starts_with(&format!("cargo run{release} -- run ")), "{last}");
}

#[test]
fn what_perfetto_reads_is_written_to_a_file_and_changes_nothing_else() {
    let folder = folder("perfetto");
    let race = write(&folder, "race.ron", RACE);
    let file = folder.join("race.pftrace").display().to_string();
    let plain = check(&["run", &race, "--seed", HOLDING], 0);
    let drawn = check(&["run", &race, "--seed", HOLDING, "--perfetto", &file], 0);
    assert_eq!(drawn.results(), plain.results());
    let picture = fs::read(&file).unwrap();
    let is_in = |name: &str| picture.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    assert!(is_in("race.ron") && is_in("step(add-route(10.0.0.0/8)#1)"));
    // Also where no trace is written.
    check(&["run", &race, "--seed", HOLDING, "--perfetto", &file, "--fingerprint"], 0);
    assert_eq!(fs::read(&file).unwrap(), picture);
    let refused = check(&["run", &race, "--perfetto", "-"], 2);
    assert_eq!(refused.err, "error: what Perfetto reads is no text: write `--perfetto FILE`\n");
}
