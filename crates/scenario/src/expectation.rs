//! What must hold: the expectations of a scenario.
//!
//! An expectation is a variant and its row; `runner` judges it.

use serde::{Deserialize, Serialize};

use crate::check::frame;
use crate::document::is_default;
use crate::plan::{Pattern, Prefix, View};
use crate::rows::{Is, Row, Table, U16, U32, U64, VIEW, opt, or, req};

/// Something that must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Expectation {
    /// At the end this client owns the best route.
    Best {
        /// The destination.
        dest: Prefix,
        /// The owner of its best route.
        owner: String,
        /// The metric of that route, if it matters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        metric: Option<u32>,
        /// In which view.
        #[serde(default, skip_serializing_if = "is_default")]
        view: View,
        /// In which manager instance.
        #[serde(default, skip_serializing_if = "is_default")]
        instance: u16,
    },
    /// At the end the destination has no route in the unicast view of instance 0.
    Unreachable(Prefix),
    /// At the end that many events of the pattern have happened; at least one bound is given.
    Count {
        /// Which events.
        of: Pattern,
        /// Exactly so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<u64>,
        /// So many or more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        /// So many or fewer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// The first event of the one pattern happens before the first of the other.
    Before(Pattern, Pattern),
    /// No such event happens.
    Never(Pattern),
    /// The monitor of that name fails; all others hold.
    Fails(String),
}

/// Expectations.
pub(crate) static EXPECTATIONS: Table = Table {
    what: "an expectation",
    rows: &[
        Row::fields(
            "Best",
            &[
                req("dest", Is::AnyPrefix),
                req("owner", Is::Client),
                opt("metric", U32),
                or("view", VIEW, ""),
                or("instance", U16, ""),
            ],
            "at the end `owner` has the best route; `metric` if given; view `ucast`, instance `0`",
        ),
        Row::values(
            "Unreachable",
            &[req("\"10.0.0.0/8\"", Is::AnyPrefix)],
            "at the end it has no unicast route in instance 0",
        ),
        Row::fields(
            "Count",
            &[req("of", Is::Pattern), opt("is", U64), opt("at_least", U64), opt("at_most", U64)],
            "so many events match the pattern: `is`, or `at_least`, `at_most` or both",
        )
        .also(frame::count),
        Row::values(
            "Before",
            &[req("\"rip1/expiry(*)\"", Is::Pattern), req("\"rip2/expiry(*)\"", Is::Pattern)],
            "the first event that matches the one comes before the first that matches the other",
        )
        .also(frame::before),
        Row::values(
            "Never",
            &[req("\"rip1/route-expired(*)\"", Is::Pattern)],
            "no event matches the pattern",
        ),
        Row::values("Fails", &[req("\"monitor\"", Is::Monitor)], "this monitor fails; all others must hold"),
    ],
};
