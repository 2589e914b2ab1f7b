//! The ledger of rules, docs/RULES.md: every rule has a row, every row a test, and what a row names is there.
//!
//! A row is `| RTM-017 | what | rtm::expiry::name_of_the_test | scenarios/expiry/at-its-time.ron |`. A test is
//! `crate::file::name`, or `file.rs::name`; several stand side by side, parted by commas or `<br>`. Other tables of the
//! same file are read too: what stands in a column headed `test` or `scenario` must be there.

use core::ops::RangeInclusive;
use tiebreak_tidy::{FakeHouse, House, Source, assert_only_breach, assert_tidy};

const LEDGER: &str = "docs/RULES.md";

/// The rules the manager keeps so far; each must have a row with a test.
const RULES: [RangeInclusive<u16>; 4] = [1..=39, 44..=51, 59..=68, 73..=88];

const ADVICE: &str =
    "Every rule of the manager is shown by a test and, where a person can see it, by a scenario.";

/// One row of a table.
#[derive(Debug)]
struct Row {
    line: usize,
    /// What its first cell names: `RTM-017`, `D-14`.
    rules: Vec<String>,
    tests: Vec<String>,
    scenarios: Vec<String>,
}

/// A test of the house: the file it stands in, and its name.
type Test = (String, String);

fn breaches(house: &House) -> Vec<String> {
    if !house.has(LEDGER) {
        return vec![format!("{LEDGER}: is not there, so no rule is shown by anything")];
    }
    let rows = rows(&house.text(LEDGER));
    let tests = tests(house);
    let mut found = missing_rules(&rows);
    for row in &rows {
        let untrue = row.tests.iter().filter(|test| !exists(test, &tests));
        found.extend(untrue.map(|test| format!("{LEDGER}:{}: there is no test `{test}`", row.line)));
        let gone =
            row.scenarios.iter().filter(|path| path.strip_suffix(".ron").is_none() || !house.has(path));
        found.extend(gone.map(|path| format!("{LEDGER}:{}: there is no scenario `{path}`", row.line)));
        let is_bare = !row.rules.is_empty() && row.tests.is_empty() && row.scenarios.is_empty();
        found.extend(is_bare.then(|| format!("{LEDGER}:{}: {:?} is shown by nothing", row.line, row.rules)));
    }
    found
}

fn missing_rules(rows: &[Row]) -> Vec<String> {
    let mut found = Vec::new();
    for number in RULES.into_iter().flatten() {
        let rule = format!("RTM-{number:03}");
        let mut own = rows.iter().filter(|row| row.rules.contains(&rule)).peekable();
        if own.peek().is_none() {
            found.push(format!("{LEDGER}: {rule} has no row"));
        } else if own.all(|row| row.tests.is_empty()) {
            found.push(format!("{LEDGER}: {rule} has no test"));
        }
    }
    found
}

/// Reads all tables of a Markdown text.
fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut head: Option<Vec<String>> = None;
    for (index, line) in text.lines().enumerate() {
        let Some(cells) = cells(line) else {
            head = None;
            continue;
        };
        let Some(columns) = &head else {
            head = Some(cells.iter().map(|cell| cell.to_lowercase()).collect());
            continue;
        };
        let in_column = |word: &str| -> Vec<String> {
            let column = columns.iter().position(|title| title.trim_end_matches('s') == word);
            column.and_then(|column| cells.get(column)).map(|cell| entries(cell)).unwrap_or_default()
        };
        let is_ledger = columns.first().is_some_and(|title| title.trim_end_matches('s') == "rule");
        let rules = if is_ledger { rules_in(&cells[0]) } else { Vec::new() };
        if !cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':'))) {
            rows.push(Row {
                line: index + 1,
                rules,
                tests: in_column("test"),
                scenarios: in_column("scenario"),
            });
        }
    }
    rows
}

/// The cells of a line of a table.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(|cell| cell.trim().to_owned()).collect())
}

/// What a cell lists; dashes stand for nothing.
fn entries(cell: &str) -> Vec<String> {
    let plain = cell.replace("<br>", " ").replace(['`', ',', ';'], " ");
    let words = plain.split_whitespace().filter(|word| !matches!(*word, "-" | "–" | "—"));
    words.map(str::to_owned).collect()
}

/// Rules and decisions named in a cell.
fn rules_in(cell: &str) -> Vec<String> {
    let words = entries(cell).into_iter();
    let is_rule = |word: &String| {
        let number = word.strip_prefix("RTM-").or(word.strip_prefix("D-"));
        number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
    };
    words.filter(is_rule).collect()
}

/// All tests of the house.
fn tests(house: &House) -> Vec<Test> {
    let mut found = Vec::new();
    for path in house.ending(".rs") {
        // A file that is no Rust is reported with the sizes.
        let source = Source::read(&house.text(path)).unwrap_or_default();
        let tests = source.functions.into_iter().filter(|function| function.is_test);
        found.extend(tests.map(|test| (path.to_owned(), test.name)));
    }
    found
}

/// Whether `named` is a test: the last part its function, the part before its file, the first its crate. Modules within
/// a file do not count.
fn exists(named: &str, tests: &[Test]) -> bool {
    let parts: Vec<&str> = named.split("::").filter(|part| *part != "tests").collect();
    let (Some((name, place)), true) = (parts.split_last(), parts.len() >= 2) else { return false };
    let file = place.last().map_or("", |file| file.rsplit('/').next().unwrap_or(file));
    let file = format!("/{}.rs", file.strip_suffix(".rs").unwrap_or(file).replace('-', "_"));
    let folder = (place.len() >= 2).then(|| {
        let package = place[0].strip_prefix("tiebreak_").unwrap_or(place[0]);
        format!("/{}/", package.replace('_', "-"))
    });
    tests.iter().any(|(path, test)| {
        let is_in_crate = folder.as_ref().is_none_or(|folder| format!("/{path}").contains(folder));
        test == name && format!("/{path}").ends_with(&file) && is_in_crate
    })
}

#[test]
fn every_rule_is_shown_by_tests_and_scenarios_that_exist() {
    let house = House::ours();
    let breaches = breaches(&house);
    if house.has(LEDGER) {
        let rows = rows(&house.text(LEDGER));
        let ruled = rows.iter().filter(|row| !row.rules.is_empty()).count();
        println!("{LEDGER}: {ruled} rows of rules and decisions, {} tests in the house", tests(&house).len());
    }
    assert_tidy(&breaches, ADVICE);
}

const TEST: &str = "rtm::expiry::kept";
const SCENARIO: &str = "scenarios/expiry/kept.ron";

/// A ledger with all rules.
fn full_ledger() -> String {
    let mut lines = vec!["# Rules".to_owned(), String::new()];
    lines.push("| rule | what | test | scenario |".to_owned());
    lines.push("|---|---|---|---|".to_owned());
    let row =
        |number: u16| format!("| RTM-{number:03} | A sentence. | `{TEST}`, `expiry.rs::kept` | {SCENARIO} |");
    lines.extend(RULES.into_iter().flatten().map(row));
    lines.push(format!("| D-14 | A decision. | — | {SCENARIO} |"));
    lines.join("\n")
}

fn breaches_of(test: &str, ledger: &str) -> Vec<String> {
    let house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), test)
        .with("crates/rtm/tests/expiry.rs", "#[test]\nfn kept() {}\nfn helper() {}\n")
        .with(SCENARIO, "()\n")
        .with(LEDGER, ledger);
    breaches(&house.open())
}

#[test]
fn full_ledger_is_tidy() {
    assert_tidy(&breaches_of("ledger-full", &full_ledger()), "");
    let nested = full_ledger().replacen(TEST, "tiebreak_rtm::expiry::tests::kept", 1);
    assert_tidy(&breaches_of("ledger-nested", &nested), "");
}

#[test]
fn missing_ledger_is_a_breach() {
    let house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), "ledger-none").with("README.md", "");
    assert_only_breach(&breaches(&house.open()), &[LEDGER, "not there"]);
}

#[test]
fn unlisted_rule_is_a_breach() {
    for rule in ["RTM-001", "RTM-039", "RTM-065", "RTM-087"] {
        let full = full_ledger();
        let lines: Vec<&str> = full.lines().filter(|line| !line.contains(rule)).collect();
        let found = breaches_of(&format!("ledger-without-{rule}"), &lines.join("\n"));
        assert_only_breach(&found, &[rule, "no row"]);
    }
}

#[test]
fn rule_without_test_and_decision_without_anything_are_breaches() {
    let tests = format!("`{TEST}`, `expiry.rs::kept`");
    let found = breaches_of("ledger-no-test", &full_ledger().replacen(&tests, "—", 1));
    assert_only_breach(&found, &["RTM-001", "no test"]);
    let found =
        breaches_of("ledger-bare", &full_ledger().replace("| — | scenarios/expiry/kept.ron |", "| — | – |"));
    assert_only_breach(&found, &["D-14", "shown by nothing"]);
}

#[test]
fn test_or_scenario_that_is_not_there_is_a_breach() {
    for (number, other) in
        ["rtm::expiry::gone", "rtm::change::kept", "kernel::expiry::kept", "rtm::expiry::helper", "kept"]
            .into_iter()
            .enumerate()
    {
        let found = breaches_of(&format!("ledger-test-{number}"), &full_ledger().replacen(TEST, other, 1));
        assert_only_breach(&found, &["docs/RULES.md:5", other, "no test"]);
    }
    let found =
        breaches_of("ledger-scenario", &full_ledger().replacen(SCENARIO, "scenarios/expiry/gone.ron", 1));
    assert_only_breach(&found, &["docs/RULES.md:5", "scenarios/expiry/gone.ron", "no scenario"]);
    let sentences = "| sentence | scenarios | rules |\n|---|---|---|\n| A. | `expiry/kept` | RTM-001 |\n\n";
    let found = breaches_of("ledger-sentences", &(sentences.to_owned() + &full_ledger()));
    assert_only_breach(&found, &["docs/RULES.md:3", "expiry/kept", "no scenario"]);
}
