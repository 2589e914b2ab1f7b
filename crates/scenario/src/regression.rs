//! Regressions: what a scenario that a search has found is expected to come to.

use serde::{Deserialize, Serialize};
use tiebreak_regression::{Expected, FoundBy};

use crate::rows::{Is, Row, Table, U64, or, req};

/// What a kept find is expected to come to, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regression {
    /// What its runs come to, whatever decides the rest of their order.
    pub expect: Expected,
    /// The numbers of the scenario that do not matter, for people: with each of them larger or smaller, alone, it came to
    /// the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub free: Vec<String>,
    /// Which run has found it.
    pub found: FoundBy,
}

/// What is expected of a regression.
pub(crate) static REGRESSIONS: Table = Table {
    what: "a regression",
    rows: &[Row::fields(
        "Regression",
        &[
            req("expect", Is::One(&OUTCOMES))
                .means("what its runs come to, whatever decides the rest of their order"),
            or("free", Is::List(&Is::Text), "`[]`")
                .means("the numbers that do not matter, for people: with each of them larger or smaller, alone, it came to the same"),
            req("found", Is::One(&FOUND)).means("the run that has found it, for people"),
        ],
        "",
    )],
};

const MONITOR: Is = Is::Failing;

/// What runs of a regression come to.
pub(crate) static OUTCOMES: Table = Table {
    what: "an outcome",
    rows: &[
        Row::fields(
            "Fails",
            &[req("monitor", MONITOR), or("event", Is::Text, "")],
            "they all fail: this monitor or expectation, during the event of this name",
        ),
        Row::fields(
            "Passes",
            &[req("monitor", MONITOR), or("event", Is::Text, "")],
            "they all pass, where once they failed so: what was wrong was fixed",
        ),
    ],
};

/// Where a regression was found.
pub(crate) static FOUND: Table = Table {
    what: "the run that has found it",
    rows: &[Row::fields(
        "Found",
        &[req("strategy", Is::Strategy), req("seed", U64), req("run", U64), req("runs", U64)],
        "",
    )],
};
