//! What the documentation shows of the command is what it does, and the code it shows is that of a file.
//! `TIEBREAK_UPDATE=1` writes what it shows.
//!
//! A command stands in a block of its own, after `$ `, and what it prints stands below it:
//! * ` | head -N` and ` | tail -N` show a part; `; echo "exit code $?"` shows the exit code as the last line.
//! * After `<!-- varies -->` what is printed holds times: then only the first word of each line is compared.
//! * After `<!-- file: NAME -->` a block is a file that the reader writes, and that later commands of the page read.
//! * After `<!-- code: FILE, PART -->` a block is what stands in the file between `// ANCHOR: PART` and `// ANCHOR_END: PART`,
//!   without the indentation that all its lines have. The path begins at the top of the house.
//! * Of a block of YAML the lines that begin with `tiebreak` are run, and end with exit code 0.

use std::fs;
use std::path::{Path, PathBuf};

use crate::house::{Ran, command, folder, ran};

/// How often a command is run again whose times do not come out as shown.
const TRIES_MORE: usize = 3;

const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A page, and the folder in which its commands are run.
struct Page {
    /// Relative to the top of the house.
    path: String,
    folder: PathBuf,
}

impl Page {
    /// A page whose commands only read.
    fn at_the_top(path: &str) -> Self {
        Self { path: path.to_owned(), folder: PathBuf::from(TOP) }
    }

    /// A page whose commands write files: they run in a copy of what they may read.
    fn with_a_copy(path: &str) -> Self {
        let folder = folder(&format!("documented-{}", path.replace('/', "-")));
        for read in ["scenarios", "regressions", "snapshots"] {
            copy(&Path::new(TOP).join(read), &folder.join(read));
        }
        // What the reader of the first chapter has had written by a test.
        fs::copy(Path::new(TOP).join("crates/tiebreak/tests/book/seat.ndjson"), folder.join("seat.ndjson"))
            .unwrap();
        Self { path: path.to_owned(), folder }
    }

    /// Compares the page with what it should be, or writes it.
    fn check(&self) {
        let path = Path::new(TOP).join(&self.path);
        let text = fs::read_to_string(&path).unwrap();
        let right = self.with_outputs(&text);
        if std::env::var_os("TIEBREAK_UPDATE").is_some() && text != right {
            fs::write(&path, &right).unwrap();
            return;
        }
        let differs = text.lines().zip(right.lines()).find(|(is, should)| is != should);
        assert!(
            text == right,
            "{} is not what the command does or the code is now: {differs:?}; `TIEBREAK_UPDATE=1` writes it",
            self.path
        );
    }

    /// A text with what each command in it prints now.
    fn with_outputs(&self, text: &str) -> String {
        let (mut right, mut mark) = (String::new(), "");
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            right.push_str(&whole(&[line]));
            // A mark stands right above its block.
            let above = core::mem::take(&mut mark);
            if let Some(language) = line.strip_prefix("```") {
                let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
                let content = whole(&block);
                right.push_str(&self.with_output(language, above, content));
                right.push_str("```\n");
            } else if let Some(said) = line.strip_prefix("<!-- ").and_then(|said| said.strip_suffix(" -->")) {
                mark = said;
            }
        }
        right
    }

    /// The content of one block.
    fn with_output(&self, language: &str, mark: &str, content: String) -> String {
        assert!(!content.contains("{{#include "), "{}: who reads it here sees no code: {content}", self.path);
        if let Some(named) = mark.strip_prefix("code: ") {
            return part(named);
        }
        if let Some(name) = mark.strip_prefix("file: ") {
            let file = self.folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, &content).unwrap();
        } else if let Some(block) = content.strip_prefix("$ tiebreak ") {
            assert!(!block.contains("\n$ "), "{}: one command a block", self.path);
            let (called, old) = block.split_once('\n').unwrap();
            let is_as_shown = |new: &str| mark == "varies" && first_words(new) == first_words(old);
            let mut new = self.shown(called);
            // A machine that is busy with other things may hide a difference between two times.
            for _ in 0..if mark == "varies" { TRIES_MORE } else { 0 } {
                if !is_as_shown(&new) {
                    new = self.shown(called);
                }
            }
            return format!("$ tiebreak {called}\n{}", if is_as_shown(&new) { old } else { &new });
        } else if language == "yaml" {
            content.lines().for_each(|line| self.must_succeed(line));
        } else {
            assert!(!content.contains("\n$ tiebreak "), "{}: one command a block", self.path);
        }
        content
    }

    fn run(&self, called: &str) -> Ran {
        let words = shlex::split(called).unwrap();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        ran(command(&words).env_remove("CI").env_remove("GITHUB_ACTIONS").current_dir(&self.folder))
    }

    /// What a terminal shows of a command.
    fn shown(&self, called: &str) -> String {
        const CODE: &str = "; echo \"exit code $?\"";
        let without = called.strip_suffix(CODE);
        let (call, filter) =
            without.unwrap_or(called).split_once(" | ").unwrap_or((without.unwrap_or(called), ""));
        let ran = self.run(call);
        let lines: Vec<&str> = ran.out.lines().collect();
        let count = |filter: &str| filter.parse::<usize>().unwrap().min(lines.len());
        let part = match filter.split_once(" -") {
            None => &lines[..],
            Some(("head", most)) => &lines[..count(most)],
            Some(("tail", most)) => &lines[lines.len() - count(most)..],
            Some(other) => panic!("{}: unknown filter {other:?}", self.path),
        };
        let mut shown = whole(part);
        if without.is_some() {
            shown.push_str(&whole(&[&format!("exit code {}", ran.code.unwrap())]));
        }
        assert!(!shown.is_empty() || ran.code == Some(0), "{}: {called}: {}", self.path, ran.err);
        shown
    }

    /// Runs a line of YAML that calls the command.
    fn must_succeed(&self, line: &str) {
        let called = line.trim_start().trim_start_matches("- ").trim_start_matches("run: ");
        if let Some(called) = called.strip_prefix("tiebreak ") {
            let ran = self.run(called);
            assert_eq!(ran.code, Some(0), "{}: {called}\n{}\n{}", self.path, ran.out, ran.err);
        }
    }
}

/// A text of these lines.
fn whole(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [*line, "\n"]).collect()
}

/// The part of a file that `FILE, PART` names.
fn part(named: &str) -> String {
    let (file, part) = named.split_once(", ").unwrap_or_else(|| panic!("{named}: a file and a part of it"));
    let text = fs::read_to_string(Path::new(TOP).join(file));
    let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines: Vec<&str> = text.lines().collect();
    let at = |mark: &str| {
        let mark = format!("// {mark}: {part}");
        let found = lines.iter().position(|line| line.trim_start() == mark);
        found.unwrap_or_else(|| panic!("{file} has no line `{mark}`"))
    };
    let lines = &lines[at("ANCHOR") + 1..at("ANCHOR_END")];
    let written = lines.iter().filter(|line| !line.is_empty());
    let indent = written.map(|line| line.len() - line.trim_start().len()).min().unwrap_or_default();
    whole(&lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>())
}

/// The first word of each line.
fn first_words(text: &str) -> Vec<String> {
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let first = text.lines().map(|line| line.split_whitespace().next().unwrap_or_default());
    first.map(|word| if is_number(word) { "a number".to_owned() } else { word.to_owned() }).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

#[test]
fn outputs_in_the_documentation_are_what_the_command_prints() {
    let name = "docs/TRACE.md";
    let text = fs::read_to_string(Path::new(TOP).join(name)).unwrap();
    assert!(text.contains("\n$ tiebreak "), "{name} shows no command");
    Page::at_the_top(name).check();
}

#[test]
fn outputs_and_code_in_the_book_are_those_of_the_command_and_the_files() {
    let folder = Path::new(TOP).join("docs/book/src");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "md")).collect();
    names.sort();
    assert!(names.iter().any(|name| name == "quick-start.md"), "{names:?}");
    for name in names {
        Page::with_a_copy(&format!("docs/book/src/{name}")).check();
    }
}

/// A page of one test's own.
fn page(name: &str, text: &str) -> String {
    let folder = folder(name);
    Page { path: name.to_owned(), folder }.with_outputs(text)
}

#[test]
fn what_a_page_shows_is_replaced_by_what_is_printed() {
    let file = "<!-- file: a.ron -->\n```ron\nScenario(format: 1, until: \"1s\", clients: [])\n```\n";
    let old = "$ tiebreak check a.ron; echo \"exit code $?\"\nsomething else\n```\n";
    let new = "$ tiebreak check a.ron; echo \"exit code $?\"\nok · 1 scenario valid\nexit code 0\n```\n";
    assert_eq!(
        page("documented-file", &format!("{file}```console\n{old}")),
        format!("{file}```console\n{new}")
    );
    let tail = "```console\n$ tiebreak check a.ron | tail -0\n```\n";
    assert_eq!(page("documented-tail", &format!("{file}{tail}")), format!("{file}{tail}"));
}

#[test]
fn code_that_a_page_shows_is_replaced_by_that_of_the_file() {
    let mark = "<!-- code: crates/tiebreak/examples/timeout.rs, timer -->\n```rust,ignore\n";
    let right = page("documented-code", &format!("{mark}fn old() {{}}\n```\n"));
    assert!(right.starts_with(&format!("{mark}Event::Ask(attempt) => {{\n    context")), "{right}");
    assert!(right.ends_with(");\n}\n```\n"), "{right}");
}

#[test]
#[should_panic(expected = "has no line `// ANCHOR: nothing`")]
fn code_that_is_not_there_is_found() {
    page("documented-no-code", "<!-- code: crates/tiebreak/examples/timeout.rs, nothing -->\n```rust\n```\n");
}

#[test]
#[should_panic(expected = "sees no code")]
fn an_include_is_found() {
    page("documented-include", "```rust\n{{#include a.rs}}\n```\n");
}

#[test]
fn of_what_varies_the_first_words_are_compared() {
    let file = "<!-- file: a.ron -->\n```ron\nScenario(format: 1, until: \"1s\", clients: [])\n```\n";
    let kept = format!(
        "{file}<!-- varies -->\n```console\n$ tiebreak check a.ron\nok · 7 scenarios of any kind\n```\n"
    );
    assert_eq!(page("documented-varies", &kept), kept);
    let changed = kept.replace("ok · 7", "no · 7");
    assert_ne!(page("documented-varied", &changed), changed);
}

#[test]
#[should_panic(expected = "nothing.ron")]
fn a_line_of_yaml_that_fails_is_found() {
    page("documented-yaml", "```yaml\njob:\n  - run: tiebreak test nothing.ron\n```\n");
}
