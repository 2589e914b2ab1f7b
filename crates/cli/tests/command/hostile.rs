//! What came from outside never reaches the terminal raw: names, paths, values of options, lines of broken files.

use std::fs;

use crate::house::{HOLDING, RACE, check, command, folder, ran, write};

/// A title, a colour, a line of its own, a backspace, DEL, a control character of eight bits, a change of direction.
const HOSTILE: &str = "a\u{1b}]0;owned\u{7}\u{1b}[31mb\nplanted: c\r\u{8}\u{7f}\u{9b}31m\u{202e}d";

/// Runs the command; nothing that it prints may command a terminal or begin a line that it did not begin itself.
fn check_harmless(arguments: &[&str], exit: i32) {
    let ran = check(arguments, exit);
    for (name, text) in [("stdout", &ran.out), ("stderr", &ran.err)] {
        for line in text.lines() {
            let hostile = |c: &char| c.is_control() || *c == '\u{202e}';
            assert_eq!(line.chars().find(hostile), None, "{arguments:?}, {name}: {line:?}");
            assert!(!line.starts_with("planted"), "{arguments:?}, {name}: {text}");
        }
    }
    assert!(ran.out.contains("31m") || ran.err.contains("31m"), "it is shown: {} {}", ran.out, ran.err);
}

#[test]
fn paths_are_made_visible() {
    let folder = folder("hostile-paths");
    let hostile = format!("{}/{HOSTILE}.ron", folder.display());
    check_harmless(&["run", &hostile], 2);
    check_harmless(&["check", &hostile], 2);
    fs::write(&hostile, "Scenario(").unwrap();
    check_harmless(&["run", &hostile], 2);
    check_harmless(&["check", &hostile], 2);
    fs::write(&hostile, RACE).unwrap();
    check_harmless(&["run", &hostile, "--order", "fifo"], 0);
    check_harmless(&["fuzz", &hostile, "--runs", "100"], 1);
    let race = write(&folder, "race.ron", RACE);
    check_harmless(&["run", &race, "--trace", &format!("{}/no/{HOSTILE}", folder.display())], 2);
    let empty = folder.join(HOSTILE);
    fs::create_dir(&empty).unwrap();
    check_harmless(&["check", empty.to_str().unwrap()], 2);
}

#[test]
fn values_of_options_are_made_visible() {
    let race = write(&folder("hostile-values"), "race.ron", RACE);
    let input = format!("{HOSTILE}=x");
    for arguments in [
        &[HOSTILE][..],
        &["run", &race, HOSTILE],
        &["run", &race, "--seed", HOSTILE],
        &["run", &race, "--order", HOSTILE],
        &["run", &race, "--until", HOSTILE],
        &["run", &race, "--limit", HOSTILE],
        &["run", &race, "--with", HOSTILE],
        &["run", &race, "--input", &input],
        &["run", &race, "--input", HOSTILE],
        &["fuzz", &race, "--runs", HOSTILE],
        &["run", &race, &format!("--{HOSTILE}")],
    ] {
        check_harmless(arguments, 2);
    }
}

#[test]
fn texts_of_scenarios_are_made_visible() {
    let folder = folder("hostile-texts");
    let body = HOSTILE.replace('\n', "");
    for (name, text) in [
        (
            "monitor.ron",
            RACE.replace(
                "Best(dest: \"10.0.0.0/8\", owner: \"a\", metric: 3)",
                &format!("Fails(\"{body}\")"),
            ),
        ),
        ("name.ron", RACE.replace("\"fib\"", &format!("\"{body}\""))),
        ("word.ron", RACE.replace("Register)", &format!("{body})"))),
        ("dest.ron", RACE.replace("10.0.0.0/8", &body)),
        ("comment.ron", RACE.replace("Observer(", &format!("/* {body} */ Obsrver("))),
        (
            "feed.ron",
            RACE.replace("Observer(name: \"fib\")", &format!("Feed(name: \"fib\", file: \"{body}.csv\")")),
        ),
    ] {
        let file = write(&folder, name, &text);
        check_harmless(&["run", &file], 2);
        check_harmless(&["check", &file], 2);
    }
}

#[test]
fn a_file_with_the_line_ends_of_windows_is_drawn_without_them() {
    let text = RACE.replace("Observer(", "Obsrver(").replace('\n', "\r\n");
    let file = write(&folder("line-ends"), "race.ron", &text);
    let ran = check(&["check", &file], 2);
    assert!(!ran.out.contains('\r') && !ran.out.contains("\\r"), "{}", ran.out);
}

#[test]
#[cfg(target_os = "linux")]
fn a_path_that_is_not_utf_8_is_quoted_byte_by_byte() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = folder("hostile-bytes");
    let file = folder.join(std::ffi::OsStr::from_bytes(b"race\xff.ron"));
    fs::write(&file, RACE).unwrap();
    let ran = ran(command(&["run", "--seed", HOLDING]).arg(&file));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.last_line().contains("race\\xff.ron'"), "{}", ran.out);
    assert!(ran.last_line().contains("$'"), "{}", ran.out);
}

#[test]
fn wrong_arguments_are_told_in_the_colours_that_were_asked_for() {
    for (colour, is_coloured) in [("always", true), ("never", false), ("auto", false)] {
        for arguments in [["rnu", "--color", colour], ["run", "--color", colour]] {
            let ran = check(&arguments, 2);
            assert_eq!(ran.err.contains('\u{1b}'), is_coloured, "{arguments:?}: {:?}", ran.err);
        }
    }
}
