//! README and docs show what is true.

use std::fs;
use std::path::Path;

use crate::house::command;

const SCENARIO: &str = "scenarios/quickstart/expiry-meets-change.ron";

/// The text between the first fence of this kind and its end.
fn block<'a>(readme: &'a str, fence: &str) -> &'a str {
    let (_, rest) = readme.split_once(&format!("```{fence}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn readme_shows_the_scenario_as_it_is_and_the_trace_it_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert_eq!(block(&readme, "ron"), fs::read_to_string(root.join(SCENARIO)).unwrap());
    let run = command(&["run", SCENARIO]).current_dir(root).output().unwrap();
    // README has called the command through cargo.
    let printed =
        String::from_utf8(run.stdout).unwrap().replace("\ntiebreak run ", "\ncargo run --release -- run ");
    for line in block(&readme, "text").lines() {
        assert!(printed.lines().any(|printed| printed == line), "not printed: {line}\n{printed}");
    }
}

#[test]
fn the_line_that_the_documentation_explains_is_one_that_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/TRACE.md")).unwrap();
    let (_, section) = page.split_once("## One line, column by column\n").unwrap();
    let (_, line) = section.split_once("`tiebreak ").unwrap();
    let arguments: Vec<&str> = line.split_once('`').unwrap().0.split(' ').collect();
    let run = command(&arguments).current_dir(root).output().unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    for line in block(section, "").lines() {
        assert!(printed.lines().any(|printed| printed == line), "not printed: {line}\n{printed}");
    }
    assert!(printed.contains("\n# 108 records ") && section.contains(" prints 108 records."), "{printed}");
}

#[test]
fn the_search_that_the_documentation_shows_prints_that() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/EXPLORE.md")).unwrap();
    let (line, printed) = block(&page, "console").split_once('\n').unwrap();
    let arguments: Vec<&str> = line.strip_prefix("$ tiebreak ").unwrap().split(' ').collect();
    let mut fuzz = command(&[&arguments[..], &["--no-regressions"]].concat());
    let out = String::from_utf8(fuzz.current_dir(&root).output().unwrap().stdout).unwrap();
    let (shown, again) = out.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(shown, printed.trim_end(), "and then {again}");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (_, rest) = readme.split_once("two orderings:\n\n").unwrap();
    for line in block(rest, "text").lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(shown.contains(line), "not printed: {line}");
    }
}

#[test]
fn what_the_documentation_shows_is_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/EXPLORE.md")).unwrap();
    let shown = page.split("```text\n$ tiebreak ").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let mut verbs = Vec::new();
    for (line, printed) in shown.map(|block| block.split_once('\n').unwrap()) {
        verbs.push(line.split(' ').next().unwrap());
        if printed.contains("  …\n") {
            continue;
        }
        let arguments: Vec<&str> = line.split(' ').collect();
        let out = command(&arguments).current_dir(&root).output().unwrap().stdout;
        assert_eq!(String::from_utf8(out).unwrap(), printed, "{line}");
    }
    verbs.dedup();
    assert_eq!(verbs, ["races", "blame", "suspects", "explore"]);
}
