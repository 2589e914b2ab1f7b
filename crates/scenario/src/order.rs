//! How ties are ordered: by a policy, or by hand.
//!
//! An order by hand is a [`Cause`] of `tiebreak-explore`: orderings and draws. The file lists them one by one.

use serde::{Deserialize, Serialize};
use tiebreak_explore::{Among, Answer, Cause, Constraint, EventRef, FixedDraw};
use tiebreak_kernel::Order;
use tiebreak_regression::spelling::rules;

use crate::check::order;
use crate::digest::{Bytes, Canonical};
use crate::rows::{Is, Row, Table, U64, req};

/// How ties are ordered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum TieOrder {
    /// In the order of scheduling.
    #[serde(rename = "fifo")]
    Fifo,
    /// By waits drawn from the seed.
    #[default]
    #[serde(rename = "seeded")]
    Seeded,
    /// As seeded, but what an event schedules at its own instant runs after everything that was there before.
    #[serde(rename = "rounds")]
    Rounds,
    /// These events run in this order and these draws have these values; `seeded` decides the rest. Never empty.
    Constrained(#[serde(with = "rules")] Cause),
}

impl TieOrder {
    /// Returns the policy; of an order by hand, the one that decides the rest.
    #[must_use]
    pub const fn policy(&self) -> Order {
        match self {
            Self::Fifo => Order::Fifo,
            Self::Seeded | Self::Constrained(_) => Order::Seeded,
            Self::Rounds => Order::Rounds,
        }
    }

    /// Returns the orderings and draws of an order by hand.
    #[must_use]
    pub const fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Constrained(cause) => Some(cause),
            Self::Fifo | Self::Seeded | Self::Rounds => None,
        }
    }
}

impl From<Cause> for TieOrder {
    /// The order in which a cause is kept; `seeded` if there is nothing to keep.
    fn from(cause: Cause) -> Self {
        if cause.is_empty() { Self::Seeded } else { Self::Constrained(cause) }
    }
}

/// Orders of ties.
pub(crate) static ORDERS: Table = Table {
    what: "an order",
    rows: &[
        Row::alone("fifo", "in the order of scheduling"),
        Row::alone("seeded", "by waits drawn from the seed"),
        Row::alone(
            "rounds",
            "as `seeded`, but what an event schedules at its own instant runs after everything that was there before",
        ),
        Row::values(
            "Constrained",
            &[req(
                "[Before(\"rip1/expiry(10.0.0.0/8)#1\", \"rip2/step(register#1)#1\")]",
                Is::Some(&Is::List(&Is::One(&CONSTRAINTS)), "the list of constraints is empty"),
            )],
            "by hand: these constraints are kept, and `seeded` decides the rest",
        ),
    ],
};

/// Constraints of an order by hand.
pub(crate) static CONSTRAINTS: Table = Table {
    what: "a constraint",
    rows: &[
        Row::values(
            "Before",
            &[
                req("\"rip1/expiry(10.0.0.0/8)#1\"", Is::Event),
                req("Of(\"rip2/change-notification(n)\", \"rip1/step(register#1)#1\")", Is::Event),
            ],
            "the first event runs before the second where both are due at one instant",
        )
        .also(order::before),
        Row::values(
            "Draw",
            &[req("\"rip1/delivery#1\"", Is::Draw), req("3", U64)],
            "the draw of this actor for this purpose is that number, in the unit in which it is drawn",
        ),
        Row::values(
            "Yes",
            &[req("\"rip1/loss#1\"", Is::Draw)],
            "the draw of this actor for this purpose is yes, if it is one of yes or no",
        ),
        Row::values("No", &[req("\"rip1/loss#1\"", Is::Draw)], "it is no"),
        Row::alone(
            "Quiet",
            "all other draws are the least number that they can be, or the likelier of yes and no",
        ),
    ],
};

/// Events that are counted among some of their name.
pub(crate) static COUNTED: Table = Table {
    what: "an event",
    rows: &[
        Row::values(
            "Of",
            &[
                req("\"rip2/change-notification(n)#1\"", Is::EventName),
                req("\"rip1/step(register#1)#1\"", Is::Event),
            ],
            "the event with this number among those of its name that the other one has scheduled",
        ),
        Row::values(
            "FromOutside",
            &[req("\"rip1/step(register#1)#1\"", Is::EventName)],
            "the event with this number among those of its name that no event has scheduled",
        ),
    ],
};

/// Draws that are counted among some of their site.
pub(crate) static COUNTED_DRAWS: Table = Table {
    what: "a draw",
    rows: &[
        Row::values(
            "Of",
            &[req("\"rip2/delivery#1\"", Is::DrawName), req("\"rip1/step(register#1)#1\"", Is::Event)],
            "the draw with this number among those that are made while the event runs",
        ),
        Row::values(
            "FromOutside",
            &[req("\"rip2/delivery#1\"", Is::DrawName)],
            "the draw with this number among those that are made before the first event",
        ),
    ],
};

impl Canonical for Constraint {
    fn put(&self, bytes: &mut Bytes) {
        let Self { before, after } = self;
        bytes.field(1, before).field(2, after).end();
    }
}

impl Canonical for FixedDraw {
    fn put(&self, bytes: &mut Bytes) {
        let Self { draw, value } = self;
        bytes.field(1, draw);
        match value {
            Answer::Number(value) => bytes.field(2, value),
            Answer::Yes => bytes.field(3, &true),
            Answer::No => bytes.field(3, &false),
        };
        bytes.end();
    }
}

impl Canonical for EventRef {
    fn put(&self, bytes: &mut Bytes) {
        let Self { name, repeat, among } = self;
        bytes.field(1, name).field(2, repeat);
        match among {
            Among::Run => {}
            Among::Of(cause) => _ = bytes.field(3, cause.as_ref()),
            Among::Outside => _ = bytes.field(4, &true),
        }
        bytes.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::variants;

    #[test]
    fn policies_have_the_words_of_the_kernel() {
        let orders = [TieOrder::Fifo, TieOrder::Seeded, TieOrder::Rounds];
        assert_eq!(orders.map(|order| order.policy()), Order::ALL);
        let words: Vec<&str> = Order::ALL.iter().map(|order| order.word()).collect();
        assert_eq!(variants::<TieOrder>()[..3], words);
    }
}
