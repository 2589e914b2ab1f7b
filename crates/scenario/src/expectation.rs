//! What must hold: the expectations of a scenario.
//!
//! An expectation is a variant and its row; `runner` judges it.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};
use tiebreak_kernel::Span;

use crate::check::frame;
use crate::document::{as_text, is_default};
use crate::plan::{Pattern, Prefix, Status, View};
use crate::rows::{Is, Limit, Row, Table, U16, U32, U64, VIEW, opt, or, req};

/// Something that must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Expectation {
    /// At the end this route is the best one.
    Best(Best),
    /// At the end the destination has no route in the unicast view of instance 0.
    Unreachable(#[serde(with = "as_text")] Prefix),
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
    /// Such an event happens, and each of them at this instant.
    At {
        /// Which events.
        of: Pattern,
        /// When, since the start of the run.
        #[serde(with = "as_text")]
        at: Span,
    },
    /// Such an event happens, and each of them in this time; `from <= to`.
    Within {
        /// Which events.
        of: Pattern,
        /// The first instant at which they may, since the start of the run.
        #[serde(with = "as_text")]
        from: Span,
        /// The last instant at which they may.
        #[serde(with = "as_text")]
        to: Span,
    },
    /// Such an event happens, and none of them before this instant.
    After {
        /// Which events.
        of: Pattern,
        /// The first instant at which they may, since the start of the run.
        #[serde(with = "as_text")]
        from: Span,
    },
    /// Such a call is made, and each of them is answered with this status.
    Answers {
        /// Which calls; the kind is that of functions of the manager alone.
        of: Pattern,
        /// The status.
        status: Status,
    },
    /// What is due at an instant has so many orders that do not follow from each other, in a run that goes in the order of
    /// scheduling before.
    Orders {
        /// The instant, since the start of the run.
        #[serde(with = "as_text")]
        at: Span,
        /// How many.
        is: u64,
    },
    /// The monitor of that name fails; all others hold.
    Fails(String),
}

/// The best route that a destination is expected to have at the end. What is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// The destination.
    #[serde(with = "as_text")]
    pub dest: Prefix,
    /// The owner of its best route.
    pub owner: String,
    /// The metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<u32>,
    /// The preference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference: Option<u32>,
    /// The address of the neighbour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<IpAddr>,
    /// The addresses of the next hops, in any order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Vec<IpAddr>>,
    /// In which view.
    #[serde(default, skip_serializing_if = "is_default")]
    pub view: View,
    /// In which manager instance.
    #[serde(default, skip_serializing_if = "is_default")]
    pub instance: u16,
}

const TIME: Is = Is::Span(Limit::Time);

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
                opt("preference", U32),
                opt("neighbour", Is::AnyAddress),
                opt("via", Is::List(&Is::AnyAddress)),
                or("view", VIEW, ""),
                or("instance", U16, ""),
            ],
            "at the end `owner` has the best route, and what else is given holds of it: `neighbour` is the neighbour's address, \
             `via` the addresses of all its next hops, in any order; view `ucast`, instance `0`",
        )
        .also(frame::best),
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
        Row::fields(
            "At",
            &[req("of", Is::Pattern), req("at", TIME)],
            "an event matches the pattern, and every one that does happens at that instant",
        ),
        Row::fields(
            "Within",
            &[req("of", Is::Pattern), req("from", TIME), req("to", Is::Span(Limit::Any))],
            "an event matches the pattern, and every one that does happens from `from` to `to`, both included",
        )
        .also(frame::within),
        Row::fields(
            "After",
            &[req("of", Is::Pattern), req("from", TIME)],
            "an event matches the pattern, and every one that does happens at `from` or later",
        ),
        Row::fields(
            "Answers",
            &[req("of", Is::Pattern), req("status", Is::Status)],
            "a call of the manager matches the pattern, and every one that does is answered with that status; a call that is \
             refused without a status is not",
        )
        .also(frame::answers),
        Row::fields(
            "Orders",
            &[req("at", TIME), req("is", Is::Integer(1, u64::MAX))],
            "what is due at that instant has so many orders that do not follow from each other by letting neighbours change \
             places to whom it makes no difference, in a run that goes in the order of scheduling before; looked at by `run` \
             of one seed, `test` and `explore`, and by no search",
        ),
        Row::values("Fails", &[req("\"monitor\"", Is::Monitor)], "this monitor fails; all others must hold"),
    ],
};
