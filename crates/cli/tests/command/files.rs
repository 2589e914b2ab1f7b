//! Files that the command writes: whole or not at all, and never over what is read.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::house::{FAILING, HOLDING, RACE, RECORDING, REPLAY, check, command, folder, ran, write};

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the command, which must refuse to write over `kept`; it must be as it was.
fn check_refused(arguments: &[&str], kept: &str, said: &str) {
    let before = fs::read(kept).unwrap();
    let ran = check(arguments, 2);
    assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    assert_eq!((ran.out.as_str(), fs::read(kept).unwrap()), ("", before), "{arguments:?}");
}

#[test]
fn what_a_run_reads_is_not_written() {
    let folder = folder("files-read");
    let scenario = write(&folder, "replay.ron", REPLAY);
    let own = write(&folder, "own.csv", RECORDING);
    let other = write(&folder, "other.csv", RECORDING);
    let input = format!("updates={other}");
    for option in ["--trace", "--perfetto", "--table", "--fingerprints"] {
        let said = format!("{option} would replace ");
        check_refused(&["run", &scenario, option, &scenario], &scenario, &said);
        check_refused(&["run", &scenario, option, &own], &own, &said);
        check_refused(&["run", &scenario, "--input", &input, option, &other], &other, &said);
    }
    // A recording that another one stands in for is not read.
    check(&["run", &scenario, "--input", &input, "--table", &own], 0);
}

#[test]
#[cfg(unix)]
fn a_link_or_a_second_name_leads_to_the_same_file() {
    let folder = folder("files-links");
    let race = write(&folder, "race.ron", RACE);
    let in_folder = |name: &str| folder.join(name).display().to_string();
    let [link, name, nowhere, around] =
        [in_folder("link"), in_folder("name"), in_folder("nowhere"), in_folder("../files-links/race.ron")];
    std::os::unix::fs::symlink(&race, &link).unwrap();
    fs::hard_link(&race, &name).unwrap();
    for same in [&link, &name, &around] {
        for trace in ["text", "packed"] {
            let arguments = ["run", &race, "--format", trace, "--trace", same];
            check_refused(&arguments, &race, "--trace would replace ");
        }
        check_refused(&["show", &race, "--html", same], &race, "--html would replace ");
        check_refused(&["bench", &race, "--runs", "1", "--save", same], &race, "--save would replace ");
        check_refused(&["test", &race, "--junit", same], &race, "--junit would replace ");
    }
    // A link that leads nowhere names the file that it would lead to.
    std::os::unix::fs::symlink("new", &nowhere).unwrap();
    let both = ["run", &race, "--trace", &nowhere, "--table", &in_folder("new")];
    check_refused(&both, &race, "--trace and --table would both be written to ");
    check(&["run", &race, "--seed", HOLDING, "--trace", &nowhere], 0);
    assert!(fs::symlink_metadata(&nowhere).unwrap().is_symlink());
    assert!(fs::read_to_string(in_folder("new")).unwrap().starts_with("# tiebreak trace"));
    // A device may be named twice.
    check(&["run", &race, "--seed", HOLDING, "--trace", "/dev/null", "--table", "/dev/null"], 0);
}

#[test]
#[cfg(unix)]
fn a_snapshot_that_leads_to_its_scenario_does_not_replace_it() {
    let folder = folder("files-snapshot");
    let race =
        write(&folder, "race.ron", RACE.replace("format: 1,", "format: 1, seed: 5, snapshots: [Whole],"));
    let kept = fs::read(&race).unwrap();
    std::os::unix::fs::symlink("race.ron", folder.join("race.snap")).unwrap();
    // Where CI is set nothing is accepted.
    let refused = ran(command(&["test", &race, "--accept"]).env_remove("CI"));
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.out.contains("the snapshot would replace "), "{}", refused.out);
    assert_eq!(fs::read(&race).unwrap(), kept);
}

#[test]
fn a_report_replaces_no_recording_and_no_snapshot() {
    let folder = folder("files-junit");
    let scenario =
        write(&folder, "replay.ron", REPLAY.replace("format: 1,", "format: 1, snapshots: [Whole],"));
    let own = write(&folder, "own.csv", RECORDING);
    assert_eq!(ran(command(&["test", &scenario, "--accept"]).env_remove("CI")).code, Some(0));
    let snapshot = folder.join("replay.snap").display().to_string();
    for kept in [&own, &snapshot] {
        check_refused(&["test", &scenario, "--junit", kept], kept, "--junit would replace ");
    }
}

#[test]
fn a_report_is_refused_before_anything_is_tested() {
    let folder = folder("files-junit-first");
    let scenario =
        write(&folder, "replay.ron", REPLAY.replace("format: 1,", "format: 1, snapshots: [Whole],"));
    let own = write(&folder, "own.csv", RECORDING);
    let whole = folder.to_str().unwrap();
    for more in [&["--accept"][..], &["--seeds", "5"], &[]] {
        let arguments = [&["test", whole, "--junit", &own][..], more].concat();
        let ran = ran(command(&arguments).env_remove("CI"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains("--junit would replace "), "{}", ran.err);
        assert_eq!(names(&folder), ["own.csv", "replay.ron"], "neither kept nor proposed");
    }
    // The snapshot that would be kept there is not there yet.
    let snapshot = folder.join("replay.snap").display().to_string();
    let ran = ran(command(&["test", &scenario, "--accept", "--junit", &snapshot]).env_remove("CI"));
    assert_eq!((ran.code, names(&folder).len()), (Some(2), 2), "{}", ran.err);
}

#[test]
fn what_needs_a_folder_is_refused_another_file_before_anything_runs() {
    let folder = folder("files-folder");
    let race = write(&folder, "race.ron", RACE);
    let below = folder.join("race.ron/below/it").display().to_string();
    let fresh = folder.join("new/below").display().to_string();
    for (arguments, says) in [
        (
            &["fuzz", &race, "--runs", "100", "--regressions"][..],
            format!("{race} is not a folder; give another"),
        ),
        (
            &["test", &race, "--accept", "--snapshots"],
            format!("--snapshots needs a folder, and {race} is none"),
        ),
    ] {
        for path in [&race, &below] {
            let ran = ran(command(&[arguments, &[path]].concat()).env_remove("CI"));
            assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {}", ran.err);
            assert!(ran.err.contains(&says), "{}", ran.err);
            assert_eq!(names(&folder), ["race.ron"]);
        }
    }
    let kept = ran(command(&["fuzz", &race, "--runs", "100", "--regressions", &fresh]).env_remove("CI"));
    assert!(kept.code == Some(1) && kept.out.contains("  kept as "), "{}", kept.out);
    // Where nothing is kept, it is not looked at.
    check(&["fuzz", &race, "--runs", "100", "--no-regressions", "--regressions", &race], 1);
}

#[test]
fn what_show_diff_and_bench_read_is_not_written() {
    let folder = folder("files-others");
    let race = write(&folder, "race.ron", RACE);
    let scenario = write(&folder, "replay.ron", REPLAY);
    let own = write(&folder, "own.csv", RECORDING);
    let [trace, saved] = ["race.tbt", "saved.json"].map(|name| folder.join(name).display().to_string());
    check(&["run", &race, "--seed", HOLDING, "--trace", &trace, "--quiet"], 0);
    let said = "--html would replace ";
    check_refused(&["show", &trace, "--html", &trace], &trace, said);
    check_refused(&["show", &scenario, "--html", &own], &own, said);
    check_refused(&["diff", &trace, &race, "--html", &trace], &trace, said);
    check_refused(&["diff", &trace, &race, "--html", &race], &race, said);
    check_refused(&["diff", &scenario, &race, "--html", &own], &own, said);
    let short = ["bench", &race, "--seed", HOLDING, "--runs", "1", "--time", "1ms"];
    check(&[&short[..], &["--save", &saved]].concat(), 0);
    let both = [&short[..], &["--compare", &saved, "--save", &saved]].concat();
    check_refused(&both, &saved, "--save would replace ");
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_written_leaves_all_files_as_they_were() {
    let folder = folder("files-second");
    let race = write(&folder, "race.ron", RACE);
    let files =
        ["a.txt", "b.tbt", "c.perfetto", "d.ndjson", "e.json"].map(|name| write(&folder, name, "old"));
    let [text, packed, picture, table, prints] = files.each_ref().map(String::as_str);
    let before = names(&folder);
    for (bad, code) in [("no/such/file", 2), ("/dev/full", 71)] {
        for arguments in [
            ["--trace", text, "--table", bad],
            ["--trace", packed, "--table", bad],
            ["--trace", packed, "--fingerprints", bad],
            ["--trace", bad, "--table", table],
            ["--perfetto", picture, "--trace", bad],
            ["--fingerprints", prints, "--table", bad],
        ] {
            check(&[&["run", &race, "--seed", HOLDING][..], &arguments].concat(), code);
            assert_eq!(names(&folder), before, "{arguments:?}");
            for file in &files {
                assert_eq!(fs::read_to_string(file).unwrap(), "old", "{arguments:?}: {file}");
            }
        }
    }
}

/// Runs the command in a shell in which no file may become larger than some kilobytes.
#[cfg(unix)]
fn check_full(arguments: &[&str], folder: &Path) {
    let before = names(folder);
    // The signal that comes with the limit is ignored, so that writing fails as it does on a disk that is full.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_tiebreak")]);
    shell.args(arguments).env_remove("CI").stdin(Stdio::null());
    let output = shell.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(71), "{arguments:?}: {said}");
    assert!(said.contains(": cannot write "), "{arguments:?}: {said}");
    assert_eq!(names(folder), before, "{arguments:?}");
}

#[test]
#[cfg(unix)]
fn a_full_disk_leaves_all_files_as_they_were_and_no_draft() {
    let folder = folder("files-full");
    let many = RACE.replace(
        "Observer(name: \"fib\")",
        "Client(name: \"c\", count: 40, protocol: \"RIP\", script: [At(\"0s\", Register)])",
    );
    let many = many.replace("Best(dest: \"10.0.0.0/8\", owner: \"a\", metric: 3)", "");
    let race = write(&folder, "race.ron", many.replace("format: 1,", "format: 1, snapshots: [Whole],"));
    let old = write(&folder, "old", "old");
    let snapshot = write(&folder, "race.snap", "# tiebreak snapshot old");
    for arguments in [
        &["run", &race, "--with", "fix", "--trace", &old][..],
        &["run", &race, "--with", "fix", "--format", "packed", "--trace", &old],
        &["run", &race, "--with", "fix", "--format", "ndjson", "--trace", &old],
        &["run", &race, "--with", "fix", "--perfetto", &old],
        &["run", &race, "--with", "fix", "--fingerprints", &old],
        &["show", &race, "--html", &old],
        &["diff", &race, "--seed", "1", "--seed", "2", "--html", &old],
        &["test", &race, "--accept"],
    ] {
        check_full(arguments, &folder);
        assert_eq!(fs::read_to_string(&old).unwrap(), "old", "{arguments:?}");
        assert_eq!(fs::read_to_string(&snapshot).unwrap(), "# tiebreak snapshot old", "{arguments:?}");
    }
}

/// A disk of one mebibyte in a namespace of its own, where that is allowed.
#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_for_real_keeps_what_was_on_it() {
    let folder = folder("files-tmpfs");
    let disk = folder.join("disk");
    fs::create_dir_all(&disk).unwrap();
    let steps = "Client(name: \"c\", protocol: \"RIP\", script: [At(\"0s\", Register), Every(from: \"1s\", period: \"1us\", times: 40000, do: Set(\"f\"))]), Observer(name: \"fib\")";
    let race = write(&folder, "race.ron", RACE.replace("Observer(name: \"fib\")", steps));
    let on_disk = |line: &str| {
        let mut shell = Command::new("unshare");
        let line = format!("mount -t tmpfs -o size=1m tmpfs {} && {line}", disk.display());
        shell.args(["-Urm", "sh", "-c", &line]).stdin(Stdio::null()).output()
    };
    if !on_disk("true").is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: a disk of its own is not allowed here (unshare -Urm, mount -t tmpfs)");
        return;
    }
    let own = env!("CARGO_BIN_EXE_tiebreak");
    let kept = disk.join("kept").display().to_string();
    for option in ["--trace", "--format ndjson --trace", "--perfetto"] {
        let line = format!(
            "printf old >{kept} && {{ {own} run {race} --with fix --quiet {option} {kept}; echo exit $?; cat {kept}; ls -A {}; }}",
            disk.display()
        );
        let output = on_disk(&line).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(&format!("cannot write {kept}: No space left on device")), "{option}: {said}");
        let left = String::from_utf8(output.stdout).unwrap();
        assert!(left.ends_with("exit 71\noldkept\n"), "{option}: {left}");
    }
}

#[test]
fn two_runs_at_once_leave_one_whole_file() {
    let folder = folder("files-twice");
    let race = write(&folder, "race.ron", RACE);
    for name in ["race.txt", "race.tbt"] {
        let trace = folder.join(name).display().to_string();
        let mut whole = Vec::new();
        for seed in [FAILING, HOLDING] {
            assert!(command(&["run", &race, "--seed", seed, "--trace", &trace]).output().is_ok());
            whole.push(fs::read(&trace).unwrap());
        }
        let start = |seed| {
            let mut run = command(&["run", &race, "--seed", seed, "--trace", &trace]);
            run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        for _ in 0..10 {
            let children = [FAILING, HOLDING, FAILING, HOLDING].map(start);
            for (mut child, code) in children.into_iter().zip([1, 0, 1, 0]) {
                assert_eq!(child.wait().unwrap().code(), Some(code));
            }
            assert!(whole.contains(&fs::read(&trace).unwrap()), "{name}");
        }
    }
    assert_eq!(names(&folder), ["race.ron", "race.tbt", "race.txt"]);
}

#[test]
#[cfg(unix)]
fn a_draft_that_a_killed_process_left_is_removed_by_the_next_one() {
    let folder = folder("files-stale");
    let race = write(&folder, "race.ron", RACE);
    write(&folder, ".tiebreak-a1B2c3.draft", "half");
    let trace = folder.join("race.tbt").display().to_string();
    check(&["run", &race, "--seed", HOLDING, "--trace", &trace, "--quiet"], 0);
    write(&folder, "race.tbt.part", &fs::read(&trace).unwrap()[..100]);
    check(&["run", &race, "--seed", HOLDING, "--trace", &trace, "--quiet"], 0);
    let table = folder.join("table").display().to_string();
    check(&["run", &race, "--seed", HOLDING, "--table", &table, "--quiet"], 0);
    assert_eq!(names(&folder), ["race.ron", "race.tbt", "table"]);
}

#[test]
fn a_file_that_is_called_like_a_draft_stays() {
    let folder = folder("files-parts");
    let in_folder = |name: &str| folder.join(name).display().to_string();
    let [race, replay, trace] = ["race.tbt.part", "replay.ron", "race.tbt"].map(in_folder);
    write(&folder, "race.tbt.part", RACE);
    write(&folder, "replay.ron", REPLAY);
    let said = "the draft of --trace would replace ";
    check_refused(&["run", &race, "--trace", &trace], &race, said);
    let recording = write(&folder, "own.tbt.part", RECORDING);
    let input = format!("updates={recording}");
    let reading = ["run", &replay, "--input", &input, "--trace", &in_folder("own.tbt")];
    check_refused(&reading, &recording, said);
    for option in ["--perfetto", "--table", "--fingerprints"] {
        let said = format!("the draft of --trace and {option} would both be written to ");
        let old = write(&folder, "old.tbt.part", "old");
        check_refused(&["run", &race, "--trace", &in_folder("old.tbt"), option, &old], &old, &said);
    }
    // One that has nothing to do with the run is left alone, and so is what another option writes.
    let holding = ["run", &race, "--seed", HOLDING, "--quiet"];
    let [kept, other] = ["kept.tbt.part", "kept.tbt"].map(in_folder);
    for option in ["--perfetto", "--table", "--fingerprints"] {
        write(&folder, "kept.tbt.part", "a note of somebody's");
        let second = in_folder("kept.tbt.2.part");
        check(&[&holding[..], &["--trace", &other, option, &second]].concat(), 0);
        assert_eq!(fs::read_to_string(&kept).unwrap(), "a note of somebody's", "{option}");
        assert!(fs::read(&other).unwrap().starts_with(b"\x89tbt"), "{option}");
        assert!(!fs::read(&second).unwrap().starts_with(b"\x89tbt"), "{option}");
        fs::remove_file(second).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn what_comes_through_standard_input_is_not_replaced() {
    let folder = folder("files-stdin");
    let race = write(&folder, "race.ron", RACE);
    let trace = folder.join("race.tbt").display().to_string();
    check(&["run", &race, "--seed", HOLDING, "--trace", &trace, "--quiet"], 0);
    for (arguments, kept, option) in [
        (&["run", "-", "--quiet", "--seed", HOLDING, "--trace", &race][..], &race, "--trace"),
        (&["run", "-", "--quiet", "--seed", HOLDING, "--table", &race], &race, "--table"),
        (&["show", "-", "--html", &trace], &trace, "--html"),
        (&["diff", "-", &race, "--html", &trace], &trace, "--html"),
    ] {
        let before = fs::read(kept).unwrap();
        let refused = ran(command(arguments).stdin(fs::File::open(kept).unwrap()));
        assert_eq!((refused.code, &*refused.out), (Some(2), ""), "{arguments:?}: {}", refused.err);
        assert!(refused.err.contains(&format!("{option} would replace ")), "{arguments:?}: {}", refused.err);
        assert_eq!(fs::read(kept).unwrap(), before, "{arguments:?}");
        // A file of the same content is another one.
        let other = write(&folder, "other", &before);
        let code = ran(command(arguments).stdin(fs::File::open(other).unwrap())).code;
        assert!(code.is_some_and(|code| code < 2), "{arguments:?}");
        fs::write(kept, before).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn what_is_printed_into_a_file_is_not_replaced() {
    let folder = folder("files-stdout");
    let race = write(&folder, "race.ron", RACE);
    let out = folder.join("out").display().to_string();
    let open = || fs::File::create(&out).unwrap();
    for option in ["--trace", "--table", "--perfetto", "--fingerprints"] {
        let streams = [(Stdio::from(open()), Stdio::piped()), (Stdio::null(), Stdio::from(open()))];
        for (name, (stdout, stderr)) in ["standard output", "standard error"].into_iter().zip(streams) {
            let mut run = command(&["run", &race, "--seed", HOLDING, option, &out]);
            run.stdout(stdout).stderr(stderr);
            let output = run.spawn().unwrap().wait_with_output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap() + &fs::read_to_string(&out).unwrap();
            assert_eq!(output.status.code(), Some(2), "{option}: {said}");
            assert!(said.contains(&format!("{name} and {option} would both be written to ")), "{said}");
        }
        let run = ran(command(&["run", &race, "--seed", HOLDING, option, &out]).stdout(Stdio::piped()));
        assert_eq!(run.code, Some(0), "{}", run.err);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_that_cannot_be_written_is_refused_before_the_run() {
    let folder = folder("files-names");
    let race = write(&folder, "race.ron", RACE);
    let in_folder = |name: &str| folder.join(name).display().to_string();
    let [long, longest, nowhere, below] =
        [&"x".repeat(300), &("x".repeat(251) + ".tbt"), "no/such/file", "race.ron/file"].map(in_folder);
    for option in ["--trace", "--table", "--perfetto", "--fingerprints"] {
        let said = |path| check(&["run", &race, "--seed", HOLDING, option, path], 2).err;
        assert!(said(&long).contains("File name too long"), "{option}");
        assert!(
            said(&nowhere).contains(&format!("there is no folder `{}`", in_folder("no/such"))),
            "{option}"
        );
        assert!(said(&below).contains("Not a directory"), "{option}");
    }
    assert!(
        check(&["run", &race, "--trace", "no/file"], 2)
            .err
            .contains("cannot write no/file: there is no folder `no`")
    );
    check(&["run", &race, "--seed", HOLDING, "--trace", &longest], 0);
    assert_eq!(names(&folder), ["race.ron", Path::new(&longest).file_name().unwrap().to_str().unwrap()]);
}

#[test]
#[cfg(unix)]
fn pipes_and_devices_are_written_directly_and_folders_are_refused() {
    let folder = folder("files-special");
    let race = write(&folder, "race.ron", RACE);
    let pipe = folder.join("pipe").display().to_string();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for format in ["text", "packed"] {
        let reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
        check(&["run", &race, "--seed", HOLDING, "--format", format, "--trace", &pipe], 0);
        let there = reader.wait_with_output().unwrap().stdout;
        let plain = folder.join("plain").display().to_string();
        check(&["run", &race, "--seed", HOLDING, "--format", format, "--trace", &plain], 0);
        assert_eq!(there, fs::read(plain).unwrap(), "{format}");
    }
    let place = folder.to_str().unwrap();
    for option in ["--trace", "--table", "--perfetto", "--fingerprints"] {
        let said = check(&["run", &race, option, place], 2).err;
        assert!(said.contains("cannot write ") && said.contains("directory"), "{said}");
    }
    check(&["run", &race, "--format", "packed", "--trace", place], 2);
    check(&["show", &race, "--html", place], 2);
    check(&["test", &race, "--junit", place], 2);
    assert_eq!(names(&folder), ["pipe", "plain", "race.ron"]);
}

#[test]
#[cfg(unix)]
fn what_nobody_asked_for_by_name_is_not_read_if_it_may_never_end() {
    let folder = folder("files-endless");
    let pipe = folder.join("own.csv").display().to_string();
    let replay = write(&folder, "replay.ron", REPLAY);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let said = check(&["check", &replay], 2).out;
    assert!(said.contains("it is not a regular file"), "{said}");
    assert!(Command::new("mkfifo").arg(folder.join("pipe.ron")).status().unwrap().success());
    for verb in ["check", "test", "replay"] {
        let said = check(&[verb, folder.to_str().unwrap()], 2).err;
        assert!(said.contains("pipe.ron: it is not a regular file"), "{verb}: {said}");
    }
    let race = write(&folder, "race.ron", RACE);
    check(&["bench", &race, "--compare", "/dev/zero", "--runs", "1"], 2);
    // What is asked for by name is read: the shells make pipes of commands.
    let mut shell = Command::new("bash");
    let line = "exec \"$0\" run <(cat \"$1\") --order fifo --fingerprint";
    let output = shell.args(["-c", line, env!("CARGO_BIN_EXE_tiebreak"), &race]).output();
    // Not everywhere is this shell.
    if let Ok(output) = output {
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
