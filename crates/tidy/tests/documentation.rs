//! Documentation is worded alike in all crates that a project adds: a type is a noun phrase, yes or no begins with "Whether", and the first page of
//! a crate has the same headings as that of any other.

use tiebreak_tidy::{FakeHouse, House, assert_only_breach, assert_tidy};

const ADVICE: &str = "docs/CONTRIBUTING.md, The public interface: a type is what it is (`The calendar of …`, `How a run …`), a question \
                      begins with `Whether`, a first page has Invariants, What it lacks, Where to start reading, Example.";

/// The crates that a project adds: those whose interface is in docs/api.
const CRATES: [&str; 7] = [
    "crates/tiebreak/src/",
    "crates/kernel/src/",
    "crates/trace/src/",
    "crates/explore/src/",
    "crates/net/src/",
    "crates/rtm/src/",
    "crates/rtm-sim/src/",
];

/// How the documentation of a type must not begin: as a method's does.
const VERBS: [&str; 10] =
    ["Is", "Are", "Tells", "Says", "Names", "Holds", "Describes", "Identifies", "Represents", "Returns"];

/// Headings for which there is a usual one.
const HEADINGS: [(&str, &str); 5] = [
    ("What it keeps", "Invariants"),
    ("What it lacks on purpose", "What it lacks"),
    ("Where to start", "Where to start reading"),
    ("Examples", "Example"),
    ("Guarantees", "Invariants"),
];

fn breaches(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for file in house.ending(".rs").filter(|file| CRATES.iter().any(|folder| file.starts_with(folder))) {
        let text = house.text(file);
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in (1..).zip(&lines) {
            let breach = in_heading(line).or_else(|| in_declaration(&lines, number));
            found.extend(breach.map(|breach| format!("{file}:{number}: {breach}")));
        }
    }
    found
}

fn in_heading(line: &str) -> Option<String> {
    let heading = line.strip_prefix("//! # ")?;
    let (_, usual) = HEADINGS.into_iter().find(|(other, _)| *other == heading)?;
    Some(format!("the heading is `{usual}` elsewhere"))
}

/// What is public, with the line of its declaration, counted from 1.
fn in_declaration(lines: &[&str], number: usize) -> Option<String> {
    let declared = lines[number - 1].trim_start().strip_prefix("pub ")?;
    let first = first_above(&lines[..number - 1])?;
    if first.starts_with("Returns whether ") || first.starts_with("Tells whether ") {
        return Some("a question begins with `Whether`".to_owned());
    }
    let (kind, _) = declared.split_once(' ')?;
    let is_type = matches!(kind, "struct" | "enum" | "trait" | "type" | "union");
    let verb = first.split(' ').next().filter(|word| is_type && VERBS.contains(word))?;
    Some(format!("a type is no verb: its documentation begins with `{verb}`"))
}

/// The first line of the documentation that ends here, but for attributes behind it.
fn first_above<'t>(lines: &[&'t str]) -> Option<&'t str> {
    let (mut first, mut is_in_attribute) = (None, false);
    for line in lines.iter().rev().map(|line| line.trim_start()) {
        match line.strip_prefix("///") {
            Some(said) if !is_in_attribute => first = Some(said.trim_start()),
            Some(_) => {}
            // An attribute of several lines: it is met from its end.
            None if line.starts_with("#[") => is_in_attribute = false,
            None if line == ")]" => is_in_attribute = true,
            None if is_in_attribute => {}
            None => break,
        }
    }
    first
}

#[test]
fn documentation_is_worded_alike() {
    assert_tidy(&breaches(&House::ours()), ADVICE);
}

fn house(name: &str, text: &str) -> FakeHouse {
    FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), name).with("crates/kernel/src/time.rs", text)
}

#[test]
fn a_type_whose_documentation_begins_with_a_verb_is_found() {
    let good = "/// The name of a thing.\n///\n/// Is small.\n#[derive(Debug)]\npub struct Name;\n\n/// Is private.\nstruct Other;\n";
    assert_tidy(&breaches(&house("documentation", good).open()), ADVICE);
    let attributes = "#[derive(Debug)]\n#[expect(\n    lint,\n    reason = \"a\",\n)]\n";
    let bad = format!("/// Is the name of a thing.\n///\n/// It is small.\n{attributes}pub struct Name;\n");
    assert_only_breach(&breaches(&house("documentation-verb", &bad).open()), &["time.rs:9", "`Is`"]);
}

#[test]
fn a_question_that_does_not_begin_with_whether_is_found() {
    let bad =
        "/// Whether it is.\npub fn is_it() {}\n/// Returns whether it is.\npub const fn is_that() {}\n";
    assert_only_breach(&breaches(&house("documentation-question", bad).open()), &["time.rs:4", "Whether"]);
}

#[test]
fn another_heading_than_the_usual_one_is_found() {
    let bad = "//! A.\n//!\n//! # Where to start reading\n//! # What it keeps\n";
    assert_only_breach(&breaches(&house("documentation-heading", bad).open()), &["time.rs:4", "Invariants"]);
}
