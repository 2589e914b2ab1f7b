//! What must hold for `When` to do its actions.

use serde::{Deserialize, Serialize};

use crate::digest::{Bytes, Canonical};
use crate::plan::{Dest, Event};
use crate::rows::{Is, Row, Table, U64, Use, req};

/// What must hold for `When` to do its actions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Condition<P = Dest> {
    /// The entity event is about this client.
    About(String),
    /// The expired route leads to this destination.
    Expired(P),
    /// The change notification is of this registration of the client.
    Notified(String),
    /// This method of the client runs, numbered from 1.
    Invoked(u32),
    /// The method that runs was given this.
    Given(u64),
    /// The first output of what this registration of the client invoked last is this.
    Answered(u64),
    /// The destination has no route in the unicast view.
    Unreachable(P),
    /// The destination has a route in the unicast view.
    Reachable(P),
    /// A destination with a route in the unicast view covers this one.
    Covered(P),
    /// The best unicast route of the destination belongs to this client.
    Owner(P, String),
    /// The flag of this client is set.
    Flag(String),
    /// The condition does not hold.
    Not(Box<Condition<P>>),
}

const DEST: Is = Is::Name(Use::Prefix);
const CLIENT: Is = Is::Name(Use::Client);

/// Conditions of `When`.
pub(crate) static CONDITIONS: Table = Table {
    what: "a condition",
    rows: &[
        Row::values("About", &[req("\"rip2\"", CLIENT)], "the event is about this client")
            .only_in(&[Event::EntityRegistered, Event::EntityDeregistered]),
        Row::values("Expired", &[req("\"10.0.0.0/8\"", DEST)], "the expired route leads there")
            .only_in(&[Event::RouteExpired]),
        Row::values(
            "Notified",
            &[req("\"n\"", Is::Name(Use::Changes))],
            "the notification is of this registration",
        )
        .only_in(&[Event::ChangeNotification]),
        Row::values(
            "Invoked",
            &[req("1", Is::Integer(1, 32))],
            "this method of the client runs, numbered from 1",
        )
        .only_in(&[Event::Method]),
        Row::values("Given", &[req("7", U64)], "the method that runs was given this")
            .only_in(&[Event::Method]),
        Row::values(
            "Answered",
            &[req("7", U64)],
            "what the client invoked last has put this out, of several methods the first",
        ),
        Row::values("Unreachable", &[req("\"10.0.0.0/8\"", DEST)], "the destination has no unicast route"),
        Row::values("Reachable", &[req("\"10.0.0.0/8\"", DEST)], "the destination has a unicast route"),
        Row::values(
            "Covered",
            &[req("\"10.1.0.0/16\"", DEST)],
            "a destination that has a unicast route covers this one: itself, or a shorter prefix of it",
        ),
        Row::values(
            "Owner",
            &[req("\"10.0.0.0/8\"", DEST), req("\"rip1\"", CLIENT)],
            "its best unicast route is this client's",
        ),
        Row::values("Flag", &[req("\"flag\"", Is::Name(Use::FlagName))], "the flag is set"),
        Row::values("Not", &[req("condition", Is::One(&CONDITIONS))], "the condition does not hold"),
    ],
};

impl Condition {
    /// Visits the destination that it is about.
    pub(crate) fn visit_dest(&mut self, visitor: &mut dyn FnMut(&mut Dest)) {
        match self {
            Self::Expired(dest)
            | Self::Unreachable(dest)
            | Self::Reachable(dest)
            | Self::Covered(dest)
            | Self::Owner(dest, _) => {
                visitor(dest);
            }
            Self::Not(inner) => inner.visit_dest(visitor),
            Self::About(_)
            | Self::Notified(_)
            | Self::Invoked(_)
            | Self::Given(_)
            | Self::Answered(_)
            | Self::Flag(_) => {}
        }
    }
}

impl Canonical for Condition {
    fn put(&self, bytes: &mut Bytes) {
        match self {
            Self::About(client) => bytes.variant(1).field(1, client),
            Self::Expired(dest) => bytes.variant(2).field(1, dest),
            Self::Notified(changes) => bytes.variant(3).field(1, changes),
            Self::Unreachable(dest) => bytes.variant(4).field(1, dest),
            Self::Reachable(dest) => bytes.variant(5).field(1, dest),
            Self::Owner(dest, client) => bytes.variant(6).field(1, dest).field(2, client),
            Self::Flag(flag) => bytes.variant(7).field(1, flag),
            Self::Not(inner) => bytes.variant(8).field(1, inner.as_ref()),
            Self::Covered(dest) => bytes.variant(9).field(1, dest),
            Self::Invoked(method) => bytes.variant(10).field(1, method),
            Self::Given(value) => bytes.variant(11).field(1, value),
            Self::Answered(value) => bytes.variant(12).field(1, value),
        }
        .end();
    }
}
