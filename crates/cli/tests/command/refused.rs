//! Options and files that are refused before anything runs, in words that say what would do.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use crate::house::{FAILING, HOLDING, RACE, RECORDING, REPLAY, check, command, folder, ran, write};

/// Runs the command, which must refuse its arguments with these words.
fn check_refused(arguments: &[&str], said: &str) {
    let refused = check(arguments, 2);
    assert_eq!(refused.out, "", "{arguments:?}");
    assert!(refused.err.contains(said), "{arguments:?}: {}", refused.err);
    assert!(!refused.err.contains("-- -"), "{arguments:?}: {}", refused.err);
}

#[test]
fn a_number_that_is_none_is_refused_with_those_that_are() {
    let race = write(&folder("refused-numbers"), "race.ron", RACE);
    let [all, seed] = ["from 1 to 18446744073709551615", "up to 18446744073709551615"];
    for (option, values) in [
        (["run", "--limit"], all),
        (["fuzz", "--runs"], all),
        (["fuzz", "--until-quiet"], all),
        (["fuzz", "--jobs"], "from 1 to 512"),
        (["test", "--jobs"], "from 1 to 512"),
        (["races", "--runs"], "from 1 to 4294967295"),
        (["explore", "--states"], all),
        (["blame", "--runs"], "from 1 to 1000000"),
        (["suspects", "--runs"], "from 1 to 1000000"),
        (["suspects", "--show"], "from 1 to 65535"),
        (["bench", "--runs"], all),
        (["bench", "--scale"], "from 1 to 4294967295"),
        (["diff", "--limit"], all),
        (["show", "--limit"], all),
        (["show", "--lines"], "from 1 to 1000000"),
    ] {
        for value in ["0", "-1", "18446744073709551616", "1.5", "x"] {
            check_refused(&[option[0], &race, option[1], value], values);
        }
    }
    for (option, values) in [
        (&["explore", &race, "--delays"][..], "from 0 to 4294967295"),
        (&["test", &race, "--seeds"], "from 0 to 18446744073709551615"),
        (&["show", &race, "--why-not", "a/b(c)", "--seeds"], "from 0 to 18446744073709551615"),
        (&["show", &race, "--columns", "--width"], "from 60 to 500"),
        (&["run", &race, "--seed"], seed),
        (&["fuzz", &race, "--seed"], seed),
        (&["diff", &race, "--seed"], seed),
    ] {
        for value in ["-1", "18446744073709551616", "1.5", "x"] {
            check_refused(&[option, &[value]].concat(), values);
        }
    }
    check_refused(&["show", &race, "--columns", "--width", "18446744073709551615"], "from 60 to 500");
    check(&["run", &race, "--seed", HOLDING, "--limit", "18446744073709551615", "--quiet"], 0);
}

#[test]
fn what_cannot_be_meant_is_wrong_usage() {
    let folder = folder("refused-usage");
    let race = write(&folder, "race.ron", RACE);
    check_refused(&["show", &race, "--from", "50s", "--to", "10s"], "--from 50s is later than --to 10s");
    check(&["show", &race, "--from", "10s", "--to", "10s"], 0);
    let replay = write(&folder, "replay.ron", REPLAY);
    write(&folder, "own.csv", RECORDING);
    check_refused(&["run", &replay, "--input", "updates=-"], "a feed cannot replay standard input");
    check_refused(&["diff", &race, "--with", "fix", "--with-a", "fix"], "would be the same run");
    let told = check(
        &["diff", &race, "--seed", FAILING, "--with", "fix", "--with", "fix", "--with-b", "fix", &race],
        0,
    );
    assert_eq!(told.out.matches(", with fix").count(), 2, "{}", told.out);
}

#[test]
fn where_finds_cannot_be_kept_is_said_before_the_search() {
    let folder = folder("refused-finds");
    let race = write(&folder, "race.ron", RACE);
    let below = format!("{race}/finds");
    let nowhere = folder.join("new").join("folder").display().to_string();
    let fuzz =
        |into: &str| ran(command(&["fuzz", &race, "--runs", "20", "--regressions", into]).env_remove("CI"));
    for (into, why) in [(&race, "is not a folder"), (&below, "is not a folder")] {
        let refused = fuzz(into);
        assert_eq!((refused.code, &*refused.out), (Some(2), ""), "{into}: {}", refused.err);
        assert!(refused.err.contains(why) && refused.err.contains("`--no-regressions`"), "{}", refused.err);
    }
    #[cfg(target_os = "linux")]
    {
        let refused = fuzz("/proc/x");
        assert_eq!((refused.code, &*refused.out), (Some(2), ""), "{}", refused.err);
        assert!(
            refused.err.contains("finds cannot be kept in /proc/x: /proc cannot be written to"),
            "{}",
            refused.err
        );
    }
    // Nothing is asked where nothing is kept, and asking leaves nothing.
    let kept = fs::read_dir(&folder).unwrap().count();
    check(&["fuzz", &race, "--runs", "20", "--regressions", &race], 1);
    let none = ran(command(&["fuzz", &race, "--runs", "20", "--with", "fix", "--regressions", &nowhere])
        .env_remove("CI"));
    assert_eq!((none.code, fs::read_dir(&folder).unwrap().count()), (Some(0), kept), "{}", none.err);
    assert_eq!(fuzz(&nowhere).code, Some(1));
    assert!(fs::read_dir(&nowhere).unwrap().count() > 0);
}

/// The text of a file of fingerprints, and a copy of it with other words in it.
fn forged(folder: &Path, prints: &str, was: &str, is: &str) -> String {
    let text = fs::read_to_string(prints).unwrap();
    assert!(text.contains(was), "{text}");
    write(folder, "forged.json", text.replace(was, is))
}

#[test]
#[cfg(unix)]
fn fingerprints_name_only_files_to_run_again() {
    let folder = folder("refused-again");
    let race = write(&folder, "race.ron", RACE);
    let [prints, piped, pipe] =
        ["prints.json", "piped.json", "pipe"].map(|name| folder.join(name).display().to_string());
    check(&["run", &race, "--seed", HOLDING, "--fingerprints", &prints], 0);
    let input = || fs::File::open(&race).unwrap();
    let run = ran(command(&["run", "-", "--seed", HOLDING, "--fingerprints", &piped]).stdin(input()));
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        run.err.contains("does not say how to run it again: the scenario came through standard input"),
        "{}",
        run.err
    );
    assert!(fs::read_to_string(&piped).unwrap().contains("\"again\":null"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for named in ["-", &pipe, "/dev/zero", folder.to_str().unwrap()] {
        let forged = forged(&folder, &prints, &race, named);
        let told = ran(command(&["diff", &forged, &race, "--seed", FAILING]).stdin(input()));
        assert_eq!(told.code, Some(1), "{named}: {}", told.err);
        let said = format!("A cannot be run here: {named} is not a regular file.");
        assert!(told.out.contains(&said), "{named}: {}", told.out);
    }
    let input = forged(&folder, &prints, "\"input\":[]", &format!("\"input\":[[\"updates\",\"{pipe}\"]]"));
    let told = check(&["diff", &input, &race, "--seed", FAILING], 1).out;
    assert!(told.contains(&format!("A cannot be run here: {pipe} is not a regular file.")), "{told}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_path_that_is_not_utf_8_leaves_fingerprints_that_cannot_be_repeated() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = folder("refused-bytes");
    let scenario = folder.join(OsStr::from_bytes(b"a\xffb.ron"));
    fs::write(&scenario, RACE).unwrap();
    let prints = folder.join("prints.json");
    let run = ran(command(&["run", "--seed", HOLDING, "--fingerprints"]).args([&prints, &scenario]));
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        run.err.contains("does not say how to run it again: the path of the scenario is not UTF-8"),
        "{}",
        run.err
    );
    assert!(fs::read_to_string(&prints).unwrap().contains("\"again\":null"));
    let refused = ran(command(&["run", "x.ron", "--input"]).arg(OsStr::from_bytes(b"updates=up\xff.csv")));
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("this is not UTF-8: $'updates=up\\xff.csv';"), "{}", refused.err);
}
