//! Traces in files: packed and as NDJSON, whole, cut and hostile.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::house::{FAILING, HOLDING, RACE, check, command, folder, write};

/// A folder with a scenario, and its packed trace.
struct Scene {
    file: String,
    packed: String,
}

fn scene(name: &str) -> Scene {
    let folder = folder(name);
    let file = write(&folder, "race.ron", RACE);
    let packed = folder.join("race.tbt").to_str().unwrap().to_owned();
    let told = check(&["run", &file, "--seed", HOLDING, "--trace", &packed], 0).out;
    assert!(told.starts_with("ok · "), "the verdict alone: {told}");
    Scene { file, packed }
}

#[test]
fn a_packed_trace_shows_what_the_run_shows() {
    let Scene { file, packed } = scene("traces-packed");
    let run = ["show", &file, "--seed", HOLDING];
    for question in [&[][..], &["--format", "ndjson"], &["--why", "fib/mirror(10.0.0.0/8)"], &["--columns"]] {
        let of_run = check(&[&run, question].concat(), 0).out;
        assert_eq!(check(&[&["show", &packed], question].concat(), 0).out, of_run, "{question:?}");
    }
    let early = packed.replace("race.tbt", "early.tbt");
    check(&["run", &file, "--until", "5s", "--trace", &early, "--quiet"], 1);
    let pending = check(&["show", &file, "--until", "5s", "--pending"], 0).out;
    assert_eq!(check(&["show", &early, "--pending"], 0).out, pending);
    let equal = check(&["diff", &packed, &file, "--seed", HOLDING], 2).err;
    assert!(equal.contains("--seed is for scenarios"), "{equal}");
}

#[test]
fn a_trace_is_read_as_ndjson_from_a_file_and_from_standard_input() {
    let Scene { file, packed } = scene("traces-ndjson");
    let lines = check(&["show", &packed, "--format", "ndjson"], 0).out;
    let ndjson = write(&folder("traces-ndjson-file"), "race.ndjson", &lines);
    assert_eq!(check(&["show", &ndjson, "--format", "ndjson", "--kind", "step"], 0).out.lines().count(), 9);
    assert!(check(&["diff", &packed, &ndjson], 0).out.contains("They are equal: 24 records"));
    let other = check(&["diff", &ndjson, &file], 1).out;
    assert!(other.contains("First difference at "), "{other}");
    let mut child = command(&["show", "-", "--last", "--lines", "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(out.contains("\n   24 10s       manager"), "{out}");
    let pending = check(&["show", &ndjson, "--pending"], 2).err;
    assert!(pending.contains("does not say what is pending"), "{pending}");
    let broken =
        write(&folder("traces-ndjson-broken"), "broken.ndjson", lines.replacen("\"at\":0", "\"at\":-1", 1));
    let told = check(&["show", &broken], 2).err;
    assert!(
        told.contains("broken.ndjson:2:") && told.contains("error[T001]: not a line of a trace: "),
        "{told}"
    );
}

#[test]
fn a_cut_trace_is_read_up_to_the_cut_and_says_so() {
    let Scene { packed, .. } = scene("traces-cut");
    let whole = fs::read(&packed).unwrap();
    for end in [60, whole.len() - 1] {
        let cut = write(&folder("traces-cut-file"), "cut.tbt", &whole[..end]);
        let told = check(&["diff", &cut, &packed], i32::from(end == 60));
        assert!(told.err.contains("cut.tbt is not whole: it is read up to record "), "{}", told.err);
    }
    let mut hostile = whole;
    let middle = hostile.len() / 2;
    hostile[middle] ^= 0x55;
    let hostile = write(&folder("traces-hostile"), "hostile.tbt", hostile);
    let told = check(&["show", &hostile], 2).err;
    assert!(told.contains("malformed packed trace at byte 59: "), "{told}");
    let short = write(&folder("traces-short"), "short.tbt", b"\x89tbt");
    let told = check(&["show", &short], 2).err;
    assert!(told.contains("malformed packed trace at byte 0"), "{told}");
}

#[test]
fn a_packed_trace_has_all_records_and_replaces_nothing_that_is_read() {
    let Scene { file, packed } = scene("traces-refused");
    let told = check(&["run", &file, "--actor", "a", "--trace", &packed], 2).err;
    assert!(told.contains("a packed trace has all records"), "{told}");
    let scenario = write(&folder("traces-itself"), "race.tbt", RACE);
    let told = check(&["run", &scenario, "--trace", &scenario], 2).err;
    assert!(told.contains("which is read"), "{told}");
    assert_eq!(fs::read_to_string(&scenario).unwrap(), RACE);
    let told = check(&["run", &file, "--trace", "/no/such/folder/x.tbt"], 2).err;
    assert!(told.contains("cannot write /no/such/folder/x.tbt"), "{told}");
    // With another product the trace is kept, and packed at the end: the bytes are the same.
    let (again, prints) =
        (packed.replace("race.tbt", "again.tbt"), packed.replace("race.tbt", "prints.json"));
    check(&["run", &file, "--seed", HOLDING, "--trace", &again, "--fingerprints", &prints, "--quiet"], 0);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&packed).unwrap());
    let failing = check(&["run", &file, "--seed", FAILING, "--trace", &again], 1).out;
    assert!(failing.starts_with("found 1 · ") && failing.contains("    decides: "), "{failing}");
}
