//! Pages of scenarios and of pairs of traces.

use std::fs;
use std::path::Path;

use tiebreak_inquiry::compare;
use tiebreak_report::page::{Comparison, write_comparison_page, write_page};
use tiebreak_runner::{Prepared, Recordings, RunOptions};
use tiebreak_trace::Trace;

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

/// Returns the page of two traces, as the command writes it.
///
/// # Panics
/// Never: writing to a text does not fail.
#[must_use]
pub fn comparison_page(title: &str, names: [&str; 2], left: &Trace, right: &Trace) -> String {
    let comparison = Comparison::of([left, right], &compare(left, right));
    let mut page = String::new();
    write_comparison_page(title, names, &comparison, &mut page).expect("writing to a text does not fail");
    page
}
