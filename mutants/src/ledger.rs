//! The rows of docs/RULES.md: under the mutant of a row one of its own tests must fail, run alone.

use crate::tree::{self, Built};
use crate::trial::{Outcome, TIME_SLOW, tried};
use crate::{Places, Result, report};
use std::collections::BTreeMap;
use std::fs;

const LEDGER: &str = "docs/RULES.md";
const NO_MUTANT: &str = "no mutant: ";

/// How a row stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stand {
    Red,
    /// It says why it has no mutant.
    NoMutant,
    Wrong(String),
}

struct Row {
    rule: String,
    /// What the tests are called in the program `rules`.
    tests: Vec<String>,
    mutant: String,
}

/// The rows of rules and decisions; a bar behind a backslash is one within a cell.
fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("| RTM-") || line.starts_with("| D-")) {
        let plain = line.replace("\\|", "\u{1}");
        let cells: Vec<String> = plain.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
        let [_, rule, _, _, tests, _, mutant, ..] = &cells[..] else { continue };
        let tests =
            tests.split('`').filter_map(|test| test.strip_prefix("rtm::")).map(str::to_owned).collect();
        rows.push(Row { rule: rule.clone(), tests, mutant: mutant.trim_matches('`').to_owned() });
    }
    rows
}

fn stand(built: &Built, places: &Places, row: &Row) -> Result<Stand> {
    if row.mutant.starts_with(NO_MUTANT) {
        return Ok(Stand::NoMutant);
    }
    let named: Vec<_> = built.mutants.iter().filter(|mutant| mutant.nameless() == row.mutant).collect();
    if named.is_empty() {
        return Ok(Stand::Wrong(format!("there is no mutant `{}`", row.mutant)));
    }
    let mut arguments = vec!["--exact"];
    arguments.extend(row.tests.iter().map(String::as_str));
    // Several places may have one name: each of them is the mutant of the row.
    for mutant in named {
        if !built.switched.contains(&mutant.id) {
            return Ok(Stand::Wrong(format!("`{}` cannot be switched on", mutant.name)));
        }
        if tried(built, &places.work, mutant.id, ("rules", &arguments), TIME_SLOW)? != Outcome::Caught {
            return Ok(Stand::Wrong(format!("its tests do not fail under `{}`", mutant.name)));
        }
    }
    Ok(Stand::Red)
}

/// Tries the rows, or those with these names; tells whether all stand.
pub(crate) fn verify(places: &Places, rules: &[String]) -> Result<bool> {
    let built = tree::build(places)?;
    let rows = rows(&fs::read_to_string(built.tree.join(LEDGER))?);
    let mut counts: BTreeMap<Stand, u64> = BTreeMap::new();
    for row in rows.iter().filter(|row| rules.is_empty() || rules.contains(&row.rule)) {
        // Without a mutant they pass: or red would mean nothing.
        let mut arguments = vec!["--exact"];
        arguments.extend(row.tests.iter().map(String::as_str));
        let is_green = tried(&built, &places.work, 0, ("rules", &arguments), TIME_SLOW)? == Outcome::Missed;
        let stand = if is_green {
            stand(&built, places, row)?
        } else {
            Stand::Wrong("its tests fail without a mutant".to_owned())
        };
        if let Stand::Wrong(what) = &stand {
            println!("{}: {what}", row.rule);
        }
        *counts.entry(stand).or_default() += 1;
    }
    let [red, none] = [Stand::Red, Stand::NoMutant].map(|stand| counts.get(&stand).copied().unwrap_or(0));
    let all: u64 = counts.values().sum();
    let summary = format!(
        "{all} rows: the tests of {red} fail under the mutant of the row, {none} say why they have none, {} are wrong",
        all - red - none
    );
    println!("{summary}");
    if rules.is_empty() {
        fs::create_dir_all(places.house.join(report::FOLDER))?;
        fs::write(
            places.house.join(report::FOLDER).join("ledger.txt"),
            format!("{summary}\n{}\n", report::head()?),
        )?;
    }
    Ok(red + none == all)
}
