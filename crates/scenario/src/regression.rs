//! Regressions: what a scenario that a search has found is expected to come to.

use serde::{Deserialize, Serialize};
use tiebreak_explore::FullChoices;
use tiebreak_regression::spelling::choices;
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
    /// The choices of a failing run, for when the orderings no longer fit.
    #[serde(default, skip_serializing_if = "FullChoices::is_empty", with = "choices")]
    pub choices: FullChoices,
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
            or("choices", Is::Unbound(&Is::List(&Is::One(&CHOICES))), "`[]`")
                .means("the choices of a failing run, which are tried if the orderings no longer fit; may be removed"),
            req("found", Is::One(&FOUND)).means("the run that has found it, for people"),
        ],
        "",
    )],
};

/// Choices of a run.
pub(crate) static CHOICES: Table = Table {
    what: "a choice",
    rows: &[
        Row::values(
            "Next",
            &[req("\"rip1/expiry(10.0.0.0/8)#1\"", Is::Event)],
            "where it and others could run, this event was next",
        ),
        Row::values(
            "Twin",
            &[req("\"rip1/expiry(10.0.0.0/8)#1\"", Is::Event), req("2", Is::Integer(1, u32::MAX as u64))],
            "the same; of several events of that name, it was the one with this number in the order of scheduling",
        ),
        Row::values(
            "Draw",
            &[req("\"rip1/delivery#1\"", Is::Draw), req("3", U64)],
            "the draw of this actor for this purpose was that number",
        ),
        Row::values(
            "Yes",
            &[req("\"rip1/loss#1\"", Is::Draw)],
            "the draw of this actor for this purpose was yes, of yes and no",
        ),
        Row::values("No", &[req("\"rip1/loss#1\"", Is::Draw)], "it was no"),
    ],
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
