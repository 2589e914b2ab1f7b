//! What the command does on a terminal. `script` makes one; where there is none, nothing is looked at.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use crate::house::{RACE, folder, write};

/// Runs a line of a shell on a terminal; `None` if none can be made.
fn on_a_terminal(line: &str) -> Option<String> {
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", line, "/dev/null"]);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "CARGO_PKG_NAME"] {
        script.env_remove(name);
    }
    let output = script.env("CI", "true").env("TERM", "xterm").stdin(Stdio::null()).output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn colour_is_for_terminals_that_can_show_it_and_people_who_want_it() {
    let broken = write(&folder("terminal-colour"), "broken.ron", RACE.replace("Observer", "Obsrver"));
    let own = env!("CARGO_BIN_EXE_tiebreak");
    for call in [format!("{own} check {broken}"), format!("{own} run {broken}"), format!("{own} rnu")] {
        for (before, is_coloured) in
            [("", true), ("NO_COLOR=1", false), ("TERM=dumb", false), ("TERM=dumb NO_COLOR=1", false)]
        {
            let Some(out) = on_a_terminal(&format!("{before} {call}")) else { return };
            assert!(out.contains("error"), "{before} {call}: {out}");
            assert_eq!(out.contains('\u{1b}'), is_coloured, "{before} {call}: {out:?}");
        }
        let Some(out) = on_a_terminal(&format!("{call} --color never")) else { return };
        assert!(out.contains("error") && !out.contains('\u{1b}'), "{call}: {out:?}");
    }
}

#[test]
fn progress_does_not_wrap() {
    let race = write(&folder("terminal-progress"), "race.ron", RACE);
    let own = env!("CARGO_BIN_EXE_tiebreak");
    let search = format!("exec {own} fuzz {race} --with fix --runs 1000000000 --for 1s --jobs 1");
    for width in [20, 30, 50, 80, 120] {
        let Some(out) = on_a_terminal(&format!("stty rows 24 cols {width}; {search}")) else { return };
        let before = out.split("runs/min").next().unwrap();
        let (mut shown, mut lines) = (0, before.split(['\r', '\n']).collect::<Vec<_>>());
        // The last one is the note after it.
        lines.pop();
        for line in lines {
            let plain = console::strip_ansi_codes(line);
            let length = console::measure_text_width(&plain);
            assert!(length <= width, "{width}: {length}: {plain:?}");
            shown += usize::from(length > 0);
        }
        assert!(shown > 0, "{width}: {out:?}");
    }
    let Some(out) = on_a_terminal(&format!("TERM=dumb; export TERM; {search}")) else { return };
    assert!(!out.contains('\u{1b}') && !out.contains(" left"), "{out:?}");
}
