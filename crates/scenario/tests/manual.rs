//! The manual says what the rows say.

use std::fs;

use tiebreak_scenario::manual;

/// The manual, and what it should be; `TIEBREAK_UPDATE=1` writes it.
const MANUAL: &str = "../../docs/SCENARIO.md";

/// The manual with a table in its place; as it is if it has no place for it.
fn with_table(manual: &str, name: &str, table: &str) -> String {
    let (start, end) = (format!("<!-- rows: {name} -->\n"), "<!-- end -->\n");
    let Some((before, rest)) = manual.split_once(&start) else { return manual.to_owned() };
    let (_, after) = rest.split_once(end).unwrap_or(("", ""));
    format!("{before}{start}{table}{end}{after}")
}

#[test]
fn every_table_of_the_manual_is_that_of_the_rows() {
    let text = fs::read_to_string(MANUAL).unwrap();
    let right = manual().iter().fold(text.clone(), |text, (name, table)| with_table(&text, name, table));
    let places = text.matches("<!-- rows: ").count();
    assert_eq!(places, manual().len(), "no other table claims to come from rows, and each has its place");
    if std::env::var_os("TIEBREAK_UPDATE").is_some() {
        fs::write(MANUAL, &right).unwrap();
        return;
    }
    let wrong = right.lines().find(|line| !text.lines().any(|other| other == *line));
    assert!(text == right, "docs/SCENARIO.md should have {wrong:?}; `TIEBREAK_UPDATE=1` writes it");
}
