//! Traces as files: written by `run`, read by `show` and `diff`.

use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use crate::house::{FAILING, HOLDING, RACE, check, command, folder, write};

/// A client that refreshes a route every second, many times.
fn long(times: u32) -> String {
    let script = "At(\"0s\", All([Register, AddNextHop(name: \"gw\", address: \"192.0.2.1\", interface: 1), \
                  AddRoute(name: \"r\", dest: \"10.0.0.0/8\", via: [\"gw\"], metric: 1, expires_after: \"9s\")]))";
    format!(
        "Scenario(format: 1, until: \"1000000s\", limit: 2000000, clients: [Client(name: \"rip\", count: 9, protocol: \
         \"RIP\", callback: false, script: [{script}, Every(from: \"1s\", period: \"1s\", times: {times}, do: \
         UpdateRoute(route: \"r\", expires_after: \"9s\"))])])"
    )
}

/// Runs the command with these bytes on standard input.
fn feed(arguments: &[&str], bytes: &[u8]) -> Output {
    let mut command = command(arguments);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A reader that has seen enough may be gone.
    let _ = child.stdin.take().unwrap().write_all(bytes);
    child.wait_with_output().unwrap()
}

#[track_caller]
fn check_feed(arguments: &[&str], bytes: &[u8], code: i32) -> (String, String) {
    let Output { status, stdout, stderr } = feed(arguments, bytes);
    let [out, err] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(status.code(), Some(code), "{arguments:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// The records of a trace as NDJSON, without footer and verdict.
fn records(ndjson: &str) -> Vec<&str> {
    ndjson.lines().filter(|line| line.starts_with("{\"type\":\"record\"")).collect()
}

#[test]
fn a_packed_trace_shows_what_its_scenario_shows() {
    let folder = folder("traces-packed");
    let race = write(&folder, "race.ron", RACE);
    let trace = folder.join("race.tbt").display().to_string();
    // A longer file that was there before leaves nothing behind.
    fs::write(&trace, vec![7; 100_000]).unwrap();
    let verdict = check(&["run", &race, "--seed", FAILING, "--trace", &trace], 1).out;
    assert!(verdict.starts_with("found 1 · "), "{verdict}");
    for question in [&[][..], &["--format", "ndjson"], &["--actor", "b"], &["--last"]] {
        let of = |source: &[&str]| check(&[&["show"], source, question].concat(), 0).out;
        assert_eq!(of(&[&trace]), of(&[&race, "--seed", FAILING]), "{question:?}");
    }
    let bytes = fs::read(&trace).unwrap();
    let packed = feed(&["run", &race, "--seed", FAILING, "--format", "packed"], b"");
    assert_eq!((packed.status.code(), packed.stdout == bytes), (Some(1), true));
    assert!(String::from_utf8(packed.stderr).unwrap().contains("\nfound 1 · "));
    let (shown, err) = check_feed(&["show", "-"], &bytes, 0);
    assert_eq!((shown, err.as_str()), (check(&["show", &trace], 0).out, ""));
    // With a picture the whole trace is kept, and packed at the end: the same bytes.
    let (other, picture) = (folder.join("other"), folder.join("picture"));
    let [other, picture] = [&other, &picture].map(|path| path.to_str().unwrap());
    check(
        &["run", &race, "--seed", FAILING, "--format", "packed", "--trace", other, "--perfetto", picture],
        1,
    );
    assert!(fs::read(other).unwrap() == bytes);
}

#[test]
fn ndjson_is_read_back_from_a_pipe() {
    let race = write(&folder("traces-ndjson"), "race.ron", RACE);
    let written = check(&["run", &race, "--seed", FAILING, "--format", "ndjson"], 1).out;
    let (again, err) = check_feed(&["show", "-", "--format", "ndjson"], written.as_bytes(), 0);
    assert_eq!(records(&again), records(&written));
    assert!(err.lines().count() == 1 && err.contains("read from NDJSON"), "{err}");
    assert!(!records(&written).is_empty());
    let part = check(&["run", &race, "--format", "ndjson", "--actor", "a", "--seed", HOLDING], 0).out;
    let (shown, err) = check_feed(&["show", "-"], part.as_bytes(), 0);
    assert!(shown.lines().count() > 3, "{shown}");
    assert_eq!(
        err,
        "warning: standard input is a part of a run (actor a); its records are numbered from 1\n"
    );
    let gaps: String = written
        .lines()
        .filter(|line| !line.contains("\"number\":3,"))
        .fold(String::new(), |all, line| all + line + "\n");
    let (_, err) = check_feed(&["show", "-"], gaps.as_bytes(), 0);
    assert!(err.starts_with("warning: standard input lacks records of the run; "), "{err}");
}

#[test]
fn a_trace_is_equal_to_its_run_in_whatever_form() {
    let folder = folder("traces-diff");
    let race = write(&folder, "race.ron", RACE);
    let [packed, ndjson, other] =
        ["a.tbt", "a.ndjson", "b.tbt"].map(|name| folder.join(name).display().to_string());
    check(&["run", &race, "--seed", HOLDING, "--trace", &packed], 0);
    check(&["run", &race, "--seed", HOLDING, "--trace", &ndjson, "--format", "ndjson"], 0);
    check(&["run", &race, "--seed", FAILING, "--trace", &other], 1);
    for pair in [[&packed, &ndjson], [&ndjson, &packed], [&packed, &packed]] {
        let told = check(&["diff", pair[0], pair[1]], 0).out;
        assert!(told.contains("They are equal: "), "{told}");
    }
    let told = check(&["diff", &other, &ndjson], 1).out;
    assert!(told.contains("First difference at "), "{told}");
    let told = check(&["show", &packed, "--seed", "1"], 2).err;
    assert!(told.contains("--seed is for scenarios, but "), "{told}");
}

#[test]
fn a_scenario_may_quote_a_trace_and_a_trace_may_have_a_byte_order_mark() {
    let folder = folder("traces-told");
    let comment = "/* It leaves this:\n# tiebreak trace · format 2\n*/\n";
    let race = write(&folder, "race.ron", comment.to_owned() + RACE);
    let [prints, marked] = ["prints.json", "marked"].map(|name| folder.join(name).display().to_string());
    check(&["show", &race, "--last"], 0);
    check(&["diff", &race, "--seed", HOLDING, "--seed", FAILING], 1);
    let told =
        check(&["run", &race, "--seed", HOLDING, "--format", "ndjson", "--fingerprints", &prints], 0).out;
    fs::write(&marked, format!("\u{feff}{told}")).unwrap();
    let shown = check(&["show", &marked, "--format", "ndjson"], 0).out;
    assert_eq!(records(&shown), records(&told));
    fs::write(&marked, format!("\u{feff}{}", fs::read_to_string(&prints).unwrap())).unwrap();
    check(&["diff", &marked, &race, "--seed", HOLDING], 0);
    let text = check(&["run", &race, "--seed", HOLDING], 0).out;
    let printed = write(&folder, "printed", format!("running 1 test\n{text}"));
    assert!(check(&["show", &printed], 2).err.contains("it is a trace as text"));
}

#[test]
fn a_trace_that_was_cut_is_read_up_to_the_cut() {
    let folder = folder("traces-cut");
    let scenario = write(&folder, "long.ron", long(800));
    let packed = folder.join("long.tbt").display().to_string();
    check(&["run", &scenario, "--trace", &packed, "--quiet"], 0);
    let bytes = fs::read(&packed).unwrap();
    assert!(bytes.len() > 40_000, "several blocks: {}", bytes.len());
    let whole = check(&["show", &packed, "--format", "ndjson"], 0).out;
    let (shown, err) = check_feed(&["show", "-", "--format", "ndjson"], &bytes[..bytes.len() * 2 / 3], 0);
    let read = records(&shown).len();
    assert!(read > 1_000 && records(&whole)[..read] == records(&shown)[..], "{read}");
    let said = format!(
        "warning: standard input was cut, or is still being written; it is read up to record {read}, because the block at byte "
    );
    assert!(err.starts_with(&said), "{err}");
    let (_, err) = check_feed(&["show", "-"], &bytes[..59], 1);
    assert!(err.contains("read up to record 0, "), "{err}");
    let (_, err) = check_feed(&["show", "-"], &bytes[..20], 2);
    assert!(err.contains("the file ends before its header does"), "{err}");
    let ndjson = check(&["run", &scenario, "--format", "ndjson", "--until", "20s"], 0).out;
    let cut = &ndjson[..ndjson.len() / 2];
    let (shown, err) = check_feed(&["show", "-", "--format", "ndjson"], cut.as_bytes(), 0);
    let [there, shown] = [records(cut).len(), records(&shown).len()];
    assert!(there - shown <= 1 && shown > 0, "{there} {shown}");
    // The cut may be within a character.
    let half = [cut.as_bytes(), &"é".as_bytes()[..1]].concat();
    let (_, said) = check_feed(&["show", "-"], &half, 0);
    assert!(said.contains(&format!("read up to record {shown}, ")), "{said}");
    assert!(
        err.contains(&format!("read up to record {shown}, because line {} is not there", shown + 2)),
        "{err}"
    );
}

#[test]
fn hostile_traces_are_refused_in_plain_words() {
    let folder = folder("traces-hostile");
    let race = write(&folder, "race.ron", RACE);
    let packed = folder.join("race.tbt").display().to_string();
    check(&["run", &race, "--trace", &packed, "--seed", HOLDING], 0);
    let bytes = fs::read(&packed).unwrap();
    for at in (0..bytes.len()).step_by(37).chain([5, 6]) {
        let mut broken = bytes.clone();
        broken[at] ^= 0x10;
        let (_, err) = check_feed(&["show", "-"], &broken, 2);
        assert!(err.contains("cannot read -: malformed packed trace at byte ") || at < 4, "{at}: {err}");
    }
    let written = check(&["run", &race, "--format", "ndjson", "--seed", HOLDING], 0).out;
    let broken = written.replacen("\"at\":0", "\"at\":\"\u{202E}\"", 1);
    let (_, err) = check_feed(&["show", "-"], broken.as_bytes(), 2);
    assert!(err.contains("error[T001]: cannot read a line of a trace: invalid type: string"), "{err}");
    assert!(err.contains(" --> standard input:2:"), "{err}");
    assert!(!err.contains('\u{202E}'), "{err}");
    let commands = written.replace("\"actor\":\"a\"", "\"actor\":\"a\\u001b[2J\\u202e\"");
    let (out, err) = check_feed(&["show", "-"], commands.as_bytes(), 0);
    assert!(!out.contains(['\u{1B}', '\u{202E}']) && !err.contains('\u{1B}'), "{out}");
    let (_, err) = check_feed(&["show", "-"], b"{\"type\":\"header\"}\n", 2);
    assert!(err.contains("missing field"), "{err}");
    let (_, err) = check_feed(&["show", "-"], b"# tiebreak trace \xC2\xB7 format 2", 2);
    assert!(err.contains("a trace as text, which cannot be read back"), "{err}");
    // What a test of a world in Rust prints, all of it.
    let (_, err) = check_feed(&["show", "-"], "4 orders\n\n# tiebreak trace · format 2".as_bytes(), 2);
    assert!(err.contains("or with `tiebreak::write_ndjson` in Rust") && err.lines().count() < 4, "{err}");
}

#[test]
fn what_a_packed_trace_cannot_be_is_refused_before_the_run() {
    let folder = folder("traces-refused");
    let race = write(&folder, "race.ron", RACE);
    let trace = folder.join("race.tbt");
    let path = trace.to_str().unwrap();
    for projection in ["--actor", "--kind", "--subject"] {
        let told = check(&["run", &race, "--trace", path, projection, "a"], 2).err;
        assert!(
            told.contains(&format!("a packed trace holds the whole run: leave out {projection}")),
            "{told}"
        );
        check(&["run", &race, "--format", "packed", projection, "a"], 2);
    }
    assert!(!trace.exists());
    let told = check(&["run", &race, "--format", "packed", "--trace", "-", "--table", "-"], 2).err;
    assert!(told.contains("standard output holds one thing"), "{told}");
    // The format that is asked for wins over the name.
    check(&["run", &race, "--trace", path, "--format", "text", "--actor", "a", "--seed", HOLDING], 0);
    assert!(fs::read_to_string(path).unwrap().starts_with("# tiebreak trace"));
}

#[test]
fn a_run_that_hits_a_limit_leaves_a_whole_trace() {
    let folder = folder("traces-limit");
    let scenario = write(&folder, "long.ron", long(50));
    let packed = folder.join("long.tbt").display().to_string();
    check(&["run", &scenario, "--limit", "40", "--trace", &packed], 3);
    let shown = check(&["show", &packed], 0);
    assert!(
        !shown.err.contains("warning") && shown.out.contains(" · 40 events · "),
        "{}{}",
        shown.out,
        shown.err
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_packed_trace_that_cannot_be_written_is_said() {
    let race = write(&folder("traces-full"), "race.ron", RACE);
    let ran = check(&["run", &race, "--seed", HOLDING, "--trace", "/dev/full", "--format", "packed"], 71);
    assert!(ran.err.contains("cannot write /dev/full"), "{}", ran.err);
}

#[test]
#[cfg(unix)]
fn a_run_that_is_interrupted_leaves_what_was_written() {
    use core::time::Duration;
    use std::process::Command;
    use std::thread::sleep;

    let folder = folder("traces-interrupted");
    let scenario = write(&folder, "long.ron", long(100_000));
    let old = write(&folder, "long.tbt", "old");
    let packed = format!("{old}.part");
    let mut run = command(&["run", &scenario, "--trace", &old]);
    let mut child = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let size = || fs::metadata(&packed).map_or(0, |file| file.len());
    while size() < 100_000 {
        assert!(child.try_wait().unwrap().is_none(), "the run is long");
        sleep(Duration::from_millis(10));
    }
    let show = |last: &str| check(&["show", &packed, "--last", "--lines", last], 0);
    let early = show("1");
    assert!(
        early.err.contains("was cut, or is still being written; it is read up to record "),
        "{}",
        early.err
    );
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.ends_with(&format!("interrupted; what was written is in {packed}\n")), "{said}");
    assert_eq!(fs::read_to_string(&old).unwrap(), "old");
    let number = |shown: &str| -> u64 {
        let line = shown.lines().rev().nth(1).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    assert!(number(&early.out) > 1_000 && number(&show("1").out) >= number(&early.out));
}

#[test]
fn a_trace_replaces_no_file_that_is_read() {
    let itself = write(&folder("traces-itself"), "race.tbt", RACE);
    let told = check(&["run", &itself, "--trace", &itself], 2).err;
    assert!(told.contains("--trace would replace ") && told.contains("which is read"), "{told}");
    assert_eq!(fs::read_to_string(&itself).unwrap(), RACE);
}

#[test]
fn a_packed_trace_says_what_is_pending() {
    let folder = folder("traces-pending");
    let file = write(&folder, "race.ron", RACE);
    let packed = folder.join("early.tbt").to_str().unwrap().to_owned();
    check(&["run", &file, "--until", "5s", "--trace", &packed, "--quiet"], 1);
    let pending = check(&["show", &file, "--until", "5s", "--pending"], 0).out;
    assert_eq!(check(&["show", &packed, "--pending"], 0).out, pending);
}
