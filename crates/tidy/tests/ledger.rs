//! The ledger of rules, docs/RULES.md: every rule and decision has a row, and what a row names is there.
//!
//! A row is `| RTM-017 | what | rtm::expiry::set_time_to_live | rtm::expiry::name_of_the_test | scenarios/expiry/at-its-time.ron |
//! crates/rtm/src/expiry.rs: replace ... with ... |`: the code that does it, the tests that show it, the scenarios in whose
//! traces it can be seen, and the mutant under which its tests fail, as `cargo mutants --list --line-col=false` prints it. Several
//! of a kind stand side by side, parted by commas or `<br>`. A code item is `crate::file::item`, a test `crate::file::name` or
//! `file.rs::name`. In place of a scenario or a mutant a row may say why there is none. Other tables of the same file are
//! read too: what stands in a column headed `test` or `scenario` must be there.
//!
//! Whether a mutant is caught is not looked at here: `mutants/run.sh ledger` does that.

use core::ops::RangeInclusive;
use tiebreak_tidy::{FakeHouse, House, Source, assert_only_breach, assert_tidy};

const LEDGER: &str = "docs/RULES.md";

/// The rules the manager keeps so far.
const RULES: RangeInclusive<u16> = 1..=89;

/// The decisions it keeps so far; those between them were never taken.
const DECISIONS: [RangeInclusive<u16>; 4] = [1..=119, 121..=127, 131..=134, 141..=147];

const ADVICE: &str = "Every rule of the manager is shown by a test that fails under a mutant, and, where a person can see it, \
                      by a scenario.";

/// What stands in place of a scenario or a mutant, with the reason behind it.
const NOT_VISIBLE: &str = "not visible in a trace: ";
const NO_MUTANT: &str = "no mutant: ";

/// Where the tests stand whose comments name the rule that they are about.
const TESTS_OF_RULES: &str = "crates/rtm/tests/";

/// One row of a table.
#[derive(Debug)]
struct Row {
    line: usize,
    /// What its first cell names: `RTM-017`, `D-14`.
    rules: Vec<String>,
    code: Vec<String>,
    tests: Vec<String>,
    scenarios: Vec<String>,
    /// Whether it says why no scenario shows it.
    is_invisible: bool,
    mutant: String,
}

/// A test of the house: the file it stands in, and its name.
type Test = (String, String);

fn breaches(house: &House) -> Vec<String> {
    if !house.has(LEDGER) {
        return vec![format!("{LEDGER}: is not there, so no rule is shown by anything")];
    }
    let rows = rows(&house.text(LEDGER));
    let tests = tests(house);
    let mut found = missing_rows(&rows);
    for row in &rows {
        let at = format!("{LEDGER}:{}", row.line);
        let untrue = row.tests.iter().filter(|test| !exists(test, &tests));
        found.extend(untrue.map(|test| format!("{at}: there is no test `{test}`")));
        let gone =
            row.scenarios.iter().filter(|path| path.strip_suffix(".ron").is_none() || !house.has(path));
        found.extend(gone.map(|path| format!("{at}: there is no scenario `{path}`")));
        let gone = row.code.iter().filter(|item| !is_in_code(item, house));
        found.extend(gone.map(|item| format!("{at}: there is no code `{item}`")));
        if !row.rules.is_empty() {
            found.extend(breaches_of_rule(row, house).into_iter().map(|breach| format!("{at}: {breach}")));
        }
    }
    found.extend(unknown_rules(house, &rows, &tests));
    found
}

/// What a row of a rule or decision lacks.
fn breaches_of_rule(row: &Row, house: &House) -> Vec<String> {
    let lacks = [
        (row.code.is_empty(), "has no code".to_owned()),
        (row.tests.is_empty(), "has no test".to_owned()),
        (
            row.scenarios.is_empty() && !row.is_invisible,
            format!("has no scenario, and does not say why: `{NOT_VISIBLE}...`"),
        ),
        (
            !is_reason(&row.mutant, NO_MUTANT) && !is_mutant(&row.mutant, house),
            format!("has no mutant, and does not say why: `{}`", row.mutant),
        ),
    ];
    let lacks = lacks.into_iter().filter(|(is_so, _)| *is_so);
    lacks.map(|(_, what)| format!("{} {what}", row.rules.join(", "))).collect()
}

fn is_reason(cell: &str, words: &str) -> bool {
    cell.strip_prefix(words).is_some_and(|reason| !reason.trim().is_empty())
}

/// The rules and decisions that must have a row, and have none.
fn missing_rows(rows: &[Row]) -> Vec<String> {
    let has_row = |rule: &String| rows.iter().any(|row| row.rules.contains(rule));
    let missing = kept().filter(|rule| !has_row(rule));
    missing.map(|rule| format!("{LEDGER}: {rule} has no row")).collect()
}

fn kept() -> impl Iterator<Item = String> {
    let rules = RULES.map(|number| format!("RTM-{number:03}"));
    rules.chain(DECISIONS.into_iter().flatten().map(|number| format!("D-{number:02}")))
}

/// The rules that tests name, in their comments or as the beginning of their own names, and that have no row.
fn unknown_rules(house: &House, rows: &[Row], tests: &[Test]) -> Vec<String> {
    let mut named: Vec<(String, String)> = Vec::new();
    for path in house.ending(".rs").filter(|path| path.starts_with(TESTS_OF_RULES)) {
        let text = house.text(path);
        for (index, line) in text.lines().enumerate() {
            let comment = line.split_once("//").map_or("", |(_, comment)| comment);
            let words = comment.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
            let rules = words.filter(|word| is_rule(word)).map(str::to_owned);
            named.extend(rules.map(|rule| (format!("{path}:{}", index + 1), rule)));
        }
    }
    for (path, test) in tests {
        let mut parts = test.split('_');
        let rule = match (parts.next(), parts.next().and_then(|number| number.parse::<u16>().ok())) {
            (Some("rtm"), Some(number)) => format!("RTM-{number:03}"),
            (Some("d"), Some(number)) => format!("D-{number:02}"),
            (Some(_) | None, _) => continue,
        };
        named.push((format!("{path}: {test}"), rule));
    }
    let is_known = |rule: &String| rows.iter().any(|row| row.rules.contains(rule));
    let unknown = named.into_iter().filter(|(_, rule)| !is_known(rule));
    unknown.map(|(place, rule)| format!("{place}: names {rule}, which has no row in {LEDGER}")).collect()
}

/// Whether `crate::file::item` is in the code: a function, a type, a trait, a constant of that file.
fn is_in_code(named: &str, house: &House) -> bool {
    let parts: Vec<&str> = named.split("::").collect();
    let [package, modules @ .., item] = &parts[..] else { return false };
    let path = format!("crates/{}/src/{}.rs", package.replace('_', "-"), modules.join("/"));
    !modules.is_empty() && house.has(&path) && has_item(&house.text(&path), item)
}

fn has_item(text: &str, item: &str) -> bool {
    ["fn", "struct", "enum", "trait", "const", "type"].iter().any(|keyword| {
        let words = format!("{keyword} {item}");
        let behind = text.match_indices(&words).map(|(place, _)| text[place + words.len()..].chars().next());
        behind.flatten().any(|next| !next.is_alphanumeric() && next != '_')
    })
}

/// Whether a cell is the name of a mutant: a file that is there, and what is changed in a function that is in it.
fn is_mutant(cell: &str, house: &House) -> bool {
    let Some((path, change)) = cell.split_once(": ") else { return false };
    let function = match (change.strip_prefix("replace "), change.rsplit_once(" in ")) {
        (_, Some((_, function))) => function,
        (Some(change), None) => {
            change.split(" -> ").next().unwrap_or("").split(" with ").next().unwrap_or("")
        }
        (None, None) => return false,
    };
    let name = function.rsplit("::").next().unwrap_or(function);
    path.starts_with("crates/") && house.has(path) && has_item(&house.text(path), name)
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
        let cell = |word: &str| -> &str {
            let column = columns.iter().position(|title| title.trim_end_matches('s') == word);
            column.and_then(|column| cells.get(column)).map_or("", String::as_str)
        };
        let is_invisible = is_reason(cell("scenario"), NOT_VISIBLE);
        let is_ledger = columns.first().is_some_and(|title| title.trim_end_matches('s') == "rule");
        let rules = if is_ledger { rules_in(&cells[0]) } else { Vec::new() };
        if !cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':'))) {
            rows.push(Row {
                line: index + 1,
                rules,
                code: entries(cell("code")),
                tests: entries(cell("test")),
                scenarios: if is_invisible { Vec::new() } else { entries(cell("scenario")) },
                is_invisible,
                mutant: cell("mutant").trim_matches('`').to_owned(),
            });
        }
    }
    rows
}

/// The cells of a line of a table; `\|` is a bar within a cell.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let escaped = inner.replace("\\|", "\u{1}");
    Some(escaped.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect())
}

/// What a cell lists; dashes stand for nothing.
fn entries(cell: &str) -> Vec<String> {
    let plain = cell.replace("<br>", " ").replace(['`', ',', ';'], " ");
    let words = plain.split_whitespace().filter(|word| !matches!(*word, "-" | "–" | "—"));
    words.map(str::to_owned).collect()
}

/// Rules and decisions named in a cell.
fn rules_in(cell: &str) -> Vec<String> {
    entries(cell).into_iter().filter(|word| is_rule(word)).collect()
}

fn is_rule(word: &str) -> bool {
    let number = word.strip_prefix("RTM-").or(word.strip_prefix("D-"));
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
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

const CODE: &str = "rtm::expiry::keep";
const TEST: &str = "rtm::expiry::kept";
const SCENARIO: &str = "scenarios/expiry/kept.ron";
const MUTANT: &str = "crates/rtm/src/expiry.rs: replace \\|\\| with && in <impl Step<'_>>::keep";

/// A ledger with all rules.
fn full_ledger() -> String {
    let mut lines = vec!["# Rules".to_owned(), String::new()];
    lines.push("| rule | what | code | test | scenario | mutant |".to_owned());
    lines.push("|---|---|---|---|---|---|".to_owned());
    let row = |rule: String| {
        format!("| {rule} | A sentence. | `{CODE}` | `{TEST}`, `expiry.rs::kept` | {SCENARIO} | `{MUTANT}` |")
    };
    lines.extend(kept().map(row));
    lines.join("\n")
}

fn breaches_of(test: &str, ledger: &str) -> Vec<String> {
    let house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), test)
        .with("crates/rtm/src/expiry.rs", "fn keep() {}\nfn keeper() {}\nconst TIME: u8 = 0;\n")
        .with(
            "crates/rtm/tests/expiry.rs",
            "/// RTM-017, of a method: RTM-069\n#[test]\nfn kept() {}\nfn helper() {}\n",
        )
        .with(SCENARIO, "()\n")
        .with(LEDGER, ledger);
    breaches(&house.open())
}

#[test]
fn full_ledger_is_tidy() {
    let full = full_ledger();
    assert_tidy(&breaches_of("ledger-full", &full), "");
    let nested = full.replacen(TEST, "tiebreak_rtm::expiry::tests::kept", 1);
    assert_tidy(&breaches_of("ledger-nested", &nested), "");
    let constant = full.replacen(CODE, "rtm::expiry::TIME", 1);
    assert_tidy(&breaches_of("ledger-constant", &constant), "");
    let reasons = full.replacen(SCENARIO, &format!("{NOT_VISIBLE}it is inside"), 1);
    let reasons = reasons.replacen(&format!("`{MUTANT}`"), &format!("{NO_MUTANT}it is a type"), 1);
    assert_tidy(&breaches_of("ledger-reasons", &reasons), "");
    for mutant in [
        "replace keep -> u8 with 0",
        "replace keep with ()",
        "delete ! in keep",
        "delete match arm A | B in keep",
    ] {
        let other =
            full.replacen(MUTANT, &format!("crates/rtm/src/expiry.rs: {}", mutant.replace('|', "\\|")), 1);
        assert_tidy(&breaches_of("ledger-mutants", &other), "");
    }
}

#[test]
fn missing_ledger_is_a_breach() {
    let house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), "ledger-none").with("README.md", "");
    assert_only_breach(&breaches(&house.open()), &[LEDGER, "not there"]);
}

#[test]
fn unlisted_rule_is_a_breach() {
    for rule in ["RTM-001", "RTM-039", "RTM-065", "RTM-089", "D-01", "D-99", "D-101", "D-134"] {
        let full = full_ledger();
        let lines: Vec<&str> = full.lines().filter(|line| !line.contains(&format!("| {rule} |"))).collect();
        let found = breaches_of(&format!("ledger-without-{rule}"), &lines.join("\n"));
        assert_only_breach(&found, &[rule, "no row"]);
    }
}

#[test]
fn empty_cell_of_a_rule_is_a_breach() {
    let tests = format!("`{TEST}`, `expiry.rs::kept`");
    for (number, (cell, other, breach)) in [
        (tests.as_str(), "—", "has no test"),
        (CODE, "", "has no code"),
        (SCENARIO, "–", "has no scenario"),
        (SCENARIO, NOT_VISIBLE, "there is no scenario `not`"),
        (MUTANT, "—", "has no mutant"),
        (MUTANT, NO_MUTANT, "has no mutant"),
        (MUTANT, "replace keep with ()", "has no mutant"),
        (MUTANT, "crates/rtm/src/gone.rs: replace keep with ()", "has no mutant"),
        (MUTANT, "crates/rtm/src/expiry.rs: replace kee with ()", "has no mutant"),
        (MUTANT, "crates/rtm/src/expiry.rs: keep", "has no mutant"),
    ]
    .into_iter()
    .enumerate()
    {
        let found = breaches_of(&format!("ledger-empty-{number}"), &full_ledger().replacen(cell, other, 1));
        assert!(
            found.iter().any(|found| found.contains("docs/RULES.md:5") && found.contains(breach)),
            "{found:?}"
        );
    }
}

#[test]
fn test_code_or_scenario_that_is_not_there_is_a_breach() {
    for (number, other) in
        ["rtm::expiry::gone", "rtm::change::kept", "kernel::expiry::kept", "rtm::expiry::helper", "kept"]
            .into_iter()
            .enumerate()
    {
        let found = breaches_of(&format!("ledger-test-{number}"), &full_ledger().replacen(TEST, other, 1));
        assert_only_breach(&found, &["docs/RULES.md:5", other, "no test"]);
    }
    for (number, other) in
        ["rtm::expiry::kee", "rtm::change::keep", "kernel::expiry::keep", "keep"].into_iter().enumerate()
    {
        let found = breaches_of(&format!("ledger-code-{number}"), &full_ledger().replacen(CODE, other, 1));
        assert_only_breach(&found, &["docs/RULES.md:5", other, "no code"]);
    }
    let found =
        breaches_of("ledger-scenario", &full_ledger().replacen(SCENARIO, "scenarios/expiry/gone.ron", 1));
    assert_only_breach(&found, &["docs/RULES.md:5", "scenarios/expiry/gone.ron", "no scenario"]);
    let sentences = "| sentence | scenarios | rules |\n|---|---|---|\n| A. | `expiry/kept` | RTM-001 |\n\n";
    let found = breaches_of("ledger-sentences", &(sentences.to_owned() + &full_ledger()));
    assert_only_breach(&found, &["docs/RULES.md:3", "expiry/kept", "no scenario"]);
}

#[test]
fn rule_without_row_that_a_test_names_is_a_breach() {
    for (number, (text, rule)) in [
        ("/// RTM-417: kept.\n#[test]\nfn kept() {}\n", "RTM-417"),
        ("#[test]\nfn kept() {\n    keep(); // D-199\n}\n", "D-199"),
        ("#[test]\nfn kept() {}\n#[test]\nfn rtm_090_more() {}\n", "RTM-090"),
        ("#[test]\nfn kept() {}\n#[test]\nfn d_199_more() {}\n", "D-199"),
    ]
    .into_iter()
    .enumerate()
    {
        let house = FakeHouse::new(env!("CARGO_TARGET_TMPDIR"), &format!("ledger-named-{number}"))
            .with("crates/rtm/src/expiry.rs", "fn keep() {}\n")
            .with("crates/rtm/tests/expiry.rs", text)
            .with(SCENARIO, "()\n")
            .with(LEDGER, &full_ledger());
        assert_only_breach(&breaches(&house.open()), &["crates/rtm/tests/expiry.rs", rule, "no row"]);
    }
}
