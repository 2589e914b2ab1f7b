//! What the documentation shows of the command is what it does.

use std::fs;
use std::path::Path;

use crate::house::{Ran, command, ran};

/// Runs the command where its documentation expects it to be called.
fn at_the_top(arguments: &[&str]) -> Ran {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    ran(command(arguments).current_dir(top))
}

/// Compares a file of `docs/` with what it should be; `TIEBREAK_UPDATE=1` writes it.
fn expect(name: &str, right: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("TIEBREAK_UPDATE").is_some() {
        fs::write(&path, right).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let differs = text.lines().zip(right.lines()).find(|(is, should)| is != should);
    assert!(
        text == right,
        "docs/{name} is not what the command does now: {differs:?}; `TIEBREAK_UPDATE=1` writes it"
    );
}

/// A text with what each `$ tiebreak` in it prints now, up to the end of its block.
fn with_outputs(text: &str) -> String {
    let (mut right, mut lines) = (String::new(), text.lines());
    while let Some(line) = lines.next() {
        right.push_str(line);
        right.push('\n');
        let Some(called) = line.strip_prefix("$ tiebreak ") else { continue };
        let (called, filter) =
            called.split_once(" | ").map_or((called, None), |(called, filter)| (called, Some(filter)));
        let words = shlex::split(called).unwrap();
        let out = at_the_top(&words.iter().map(String::as_str).collect::<Vec<_>>()).out;
        let most =
            filter.map_or(usize::MAX, |filter| filter.strip_prefix("head -").unwrap().parse().unwrap());
        for shown in out.lines().take(most) {
            right.push_str(shown);
            right.push('\n');
        }
        for old in lines.by_ref() {
            if old.starts_with("$ ") || old == "```" {
                assert!(!old.starts_with("$ "), "one command a block");
                right.push_str("```\n");
                break;
            }
        }
    }
    right
}

#[test]
fn outputs_in_the_documentation_are_what_the_command_prints() {
    let name = "TRACE.md";
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)).unwrap();
    assert!(text.contains("\n$ tiebreak "), "docs/{name} shows no command");
    expect(name, &with_outputs(&text));
}
