//! Pages of scenarios and of pairs of traces.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tiebreak_report::page::{Comparison, Mark, Row, Side, write_comparison_page, write_page};
use tiebreak_runner::{Prepared, Recordings, RunOptions};
use tiebreak_trace::{Parts, Trace};

/// Runs a scenario of the repository under a seed.
///
/// # Panics
/// If it cannot be read or run.
#[must_use]
pub fn scenario(path: &str, seed: u64) -> Trace {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join(path)).expect("the scenario is there");
    let plan = tiebreak_scenario::load(&text).expect("the scenario is valid").plan;
    let plan = plan.with_switches(&[]).expect("no switch is unknown");
    let prepared = Prepared::new(&plan, &Recordings::new()).expect("the scenario can be prepared");
    prepared.record(RunOptions { seed: Some(seed), ..RunOptions::default() }).trace
}

/// Returns the page of a trace.
///
/// # Panics
/// Never: writing to a text does not fail.
#[must_use]
pub fn page(title: &str, trace: &Trace) -> String {
    let mut page = String::new();
    write_page(title, trace, &mut page).expect("writing to a text does not fail");
    page
}

/// Returns the page of two traces, paired by [`pair`].
///
/// # Panics
/// Never: writing to a text does not fail.
#[must_use]
pub fn comparison_page(title: &str, names: [&str; 2], left: &Trace, right: &Trace) -> String {
    let (rows, divergence) = pair(left, right);
    let comparison = Comparison { left, right, rows, divergence };
    let mut page = String::new();
    write_comparison_page(title, names, &comparison, &mut page).expect("writing to a text does not fail");
    page
}

/// Pairs records by their spelling and its occurrence: enough to try the page, not what the command does. What keeps its
/// order is beside its other; what does not is moved.
#[must_use]
pub fn pair(left: &Trace, right: &Trace) -> (Vec<Row>, Option<usize>) {
    let [of_left, of_right] = [left, right].map(occurrences);
    let (mut rows, mut next) = (Vec::new(), 1);
    for (number, parts) in left.records() {
        let other = other(&of_left, &of_right, number);
        let near = other.filter(|other| *other >= next && *other < next + 6);
        let Some(other) = near else {
            let mark = if other.is_some() { Mark::Moved(Side::Left) } else { Mark::OnlyLeft };
            rows.push(Row { left: Some(number), right: other, mark });
            continue;
        };
        for between in next..other {
            rows.push(right_row(&of_right, &of_left, between));
        }
        let same = right.record(other).is_some_and(|theirs| is_same((left, &parts), (right, &theirs)));
        rows.push(Row {
            left: Some(number),
            right: Some(other),
            mark: if same { Mark::Same } else { Mark::Changed },
        });
        next = other + 1;
    }
    for between in next..=right.len() {
        rows.push(right_row(&of_right, &of_left, between));
    }
    let divergence = rows.iter().position(|row| row.mark != Mark::Same);
    (rows, divergence)
}

/// The records of a trace by spelling and occurrence.
struct Occurrences {
    /// Of each record, from number 1.
    keys: Vec<(String, u32)>,
    numbers: BTreeMap<(String, u32), u64>,
}

fn occurrences(trace: &Trace) -> Occurrences {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut found = Occurrences { keys: Vec::new(), numbers: BTreeMap::new() };
    for (number, parts) in trace.records() {
        let name = trace.spelling(&parts);
        let count = counts.entry(name.clone()).or_default();
        *count += 1;
        found.keys.push((name.clone(), *count));
        found.numbers.insert((name, *count), number);
    }
    found
}

/// The number that a record of one trace has in the other.
fn other(of_own: &Occurrences, of_other: &Occurrences, number: u64) -> Option<u64> {
    let at = usize::try_from(number - 1).ok()?;
    of_other.numbers.get(&of_own.keys[at]).copied()
}

fn right_row(of_right: &Occurrences, of_left: &Occurrences, number: u64) -> Row {
    let left = other(of_right, of_left, number);
    let mark = if left.is_some() { Mark::Moved(Side::Right) } else { Mark::OnlyRight };
    Row { left, right: Some(number), mark }
}

fn is_same((left, parts): (&Trace, &Parts<'_>), (right, theirs): (&Trace, &Parts<'_>)) -> bool {
    let facts = |trace: &Trace, parts: &Parts<'_>| {
        parts.facts().map(|(key, value)| (key, trace.value(value))).collect::<Vec<_>>()
    };
    parts.instant == theirs.instant
        && parts.cause == theirs.cause
        && facts(left, parts) == facts(right, theirs)
}
