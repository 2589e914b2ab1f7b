//! The checked plan: plain data, every name resolved, every label explicit.

use alloc::collections::BTreeMap;
use core::fmt;
use core::net::IpAddr;

use serde::{Deserialize, Serialize};
use tiebreak_kernel::Span;
use tiebreak_rtm::{AddressFamily, ViewId};

use crate::document::{
    DocumentStep, Format, as_text, best, is_best, is_default, is_of_feeds, is_of_observers, is_seed,
    is_unicast, is_whole, is_yes, none_yet, of_feeds, of_observers, seed, unicast, whole, yes,
};

pub use crate::action::{
    Action, AddNextHop, AddRoute, Batch, ChangedDest, CreateDestEnum, CreateNextHopEnum, CreateRouteEnum,
    CreateRouteListEnum, Criteria, EntityMethods, FindNextHop, GetListEnumRoutes, HoldDestination,
    InsertInRouteList, InvokeMethod, LockDest, Lookup, MatchRoute, RegisterForChanges, UpdateRoute,
};
pub use crate::condition::Condition;
pub use crate::dest::Dest;
pub use crate::expectation::{Best, Expectation};
pub use crate::modes::{AddMode, ChangeType, LockMode, Match};
pub use crate::order::TieOrder;
pub use crate::pattern::Pattern;
pub use crate::regression::Regression;
pub use crate::snapshots::Snapshot;
pub use crate::values::Value;
pub use crate::words::{Protocol, Selector, Status};
pub use tiebreak_explore::{Cause, Constraint, EventRef, FixedDraw, Rest};
pub use tiebreak_kernel::Order;
/// A network prefix such as `10.0.0.0/8`; files call it a prefix, the manager a network address.
pub use tiebreak_rtm::NetAddress as Prefix;

/// The actor that is nobody's client: the routing table manager. No client may be called so.
pub const MANAGER: &str = "manager";

/// How an `As` names the registration that the fields of the client itself describe. No other may be called so.
pub const MAIN: &str = "main";

/// A checked scenario.
///
/// Groups and repeated steps are still what the file said; [`Plan::expand`] gives what a simulator runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Scenario")]
pub struct Plan {
    pub(crate) format: Format,
    /// What the scenario shows, for people; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The horizon: the run ends there at the latest.
    #[serde(with = "as_text")]
    pub until: Span,
    /// How ties are ordered unless the command says otherwise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: TieOrder,
    /// The seed of the order and of all draws unless the command says otherwise.
    #[serde(default = "seed", skip_serializing_if = "is_seed")]
    pub seed: u64,
    /// How many events the run may take, in all and at one instant; `None` for what follows from the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// How long after it is due a callback runs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub delivery: Delivery,
    /// How long a callback takes, from the last that its client does in it until it returns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub takes: Delivery,
    /// The switches that exist, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub switches: Vec<String>,
    /// Who takes part, in the order of the file.
    #[serde(deserialize_with = "none_yet")]
    pub clients: Vec<Entry>,
    /// What must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expectation>,
    /// What snapshots are taken; never empty.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub snapshots: Vec<Snapshot>,
    /// What is expected of it if it is a find that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regression: Option<Regression>,
}

/// How long after it is due a callback runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Delivery {
    /// At the instant at which it is due.
    #[default]
    None,
    /// Always that much later.
    Constant(#[serde(with = "as_text")] Span),
    /// That much later, drawn anew for each callback, both ends included; `min <= max`.
    Drawn {
        /// The shortest delay.
        #[serde(with = "as_text")]
        min: Span,
        /// The longest delay.
        #[serde(with = "as_text")]
        max: Span,
    },
}

/// One entry of the list of clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Entry {
    /// One actor.
    One(Actor),
    /// A group of like clients: what each member is. Texts may hold `{n}`, `{n/256}`, `{n%256}`; each member has been checked.
    Group(Client<String, String>),
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Actor {
    /// A scripted client.
    Client(Client),
    /// A client that mirrors the table from its change notifications.
    Observer(Observer),
    /// A client that replays a recording.
    Feed(Feed),
}

/// A scripted client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(serialize = "P: Clone + Serialize, A: Clone + Serialize"))]
#[serde(bound(deserialize = "P: Deserialize<'de>, A: Deserialize<'de>"))]
pub struct Client<P = Dest, A = IpAddr> {
    /// Its name, the actor of its events.
    pub name: String,
    /// The protocol it registers as.
    pub protocol: Protocol,
    /// The manager instance it registers with.
    #[serde(default, skip_serializing_if = "is_default")]
    pub instance: u16,
    /// The address family it registers for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
    /// Its `EntityInstanceId`; `None` for [`default_entity`](crate::default_entity) of its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<u32>,
    /// Does it give a callback when it registers?
    #[serde(rename = "callback", default = "yes", skip_serializing_if = "is_yes")]
    pub has_callback: bool,
    /// Does it reserve an opaque slot when it registers?
    #[serde(default, skip_serializing_if = "is_default")]
    pub opaque_slot: bool,
    /// How many methods does it export when it registers? What they do is its reaction to [`Event::Method`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub methods: u32,
    /// Is it meant to break the contract, or to have calls refused?
    #[serde(default, skip_serializing_if = "is_default")]
    pub misbehaves: bool,
    /// Its own delivery policy, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// How long its callbacks take, if not as long as the scenario says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<Delivery>,
    /// What it can register as besides.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Registration<P, A>>,
    /// How many members a group has, from 1; their names are the group's name and the number. `None` if it is no group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The members of a group that take part, by full name; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// What it does, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<Step<P, A>>,
    /// What it does in callbacks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub on: BTreeMap<Event, Vec<Action<P, A>>>,
}

/// Another registration of a client: an entity of its own, with its own next hops, routes and registrations for changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(serialize = "P: Clone + Serialize, A: Clone + Serialize"))]
#[serde(bound(deserialize = "P: Deserialize<'de>, A: Deserialize<'de>"))]
pub struct Registration<P = Dest, A = IpAddr> {
    /// How an `As` of the client names it; see [`Registration::actor`].
    pub name: String,
    /// The manager instance it registers with.
    #[serde(default, skip_serializing_if = "is_default")]
    pub instance: u16,
    /// The address family it registers for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
    /// Its `EntityInstanceId`; `None` for [`default_entity`](crate::default_entity) of its actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<u32>,
    /// Does the client give a callback with it?
    #[serde(rename = "callback", default = "yes", skip_serializing_if = "is_yes")]
    pub has_callback: bool,
    /// Does the client reserve an opaque slot with it?
    #[serde(default, skip_serializing_if = "is_default")]
    pub opaque_slot: bool,
    /// How many methods does the client export with it?
    #[serde(default, skip_serializing_if = "is_default")]
    pub methods: u32,
    /// What the client does in callbacks of this registration.
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    pub on: BTreeMap<Event, Vec<Action<P, A>>>,
}

impl<P, A> Registration<P, A> {
    /// Returns the actor of what a client does as this registration: `rip1.ipv6` for `ipv6` of `rip1`.
    #[must_use]
    pub fn actor(&self, client: &str) -> String {
        format!("{client}.{}", self.name)
    }
}

/// A step of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "DocumentStep<P, A>", into = "DocumentStep<P, A>")]
#[serde(bound(serialize = "P: Clone + Serialize, A: Clone + Serialize"))]
#[serde(bound(deserialize = "P: Deserialize<'de>, A: Deserialize<'de>"))]
pub struct Step<P = Dest, A = IpAddr> {
    /// When, and how often.
    pub timing: Timing,
    /// What is done.
    pub action: Action<P, A>,
    /// What must hold for a repeated step to be taken once more.
    pub condition: Option<Condition<P>>,
    /// The label; of the first occurrence if there are several. See [`Step::label_of`].
    pub label: String,
    /// The switch that must be on for the step to be taken.
    pub with: Option<String>,
    /// The switch that must be off for the step to be taken.
    pub without: Option<String>,
}

/// When a step is taken, since the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Once.
    Once(Span),
    /// Several times, at even distances.
    Every {
        /// The first time.
        from: Span,
        /// The distance, more than zero.
        period: Span,
        /// How many times, from 1.
        times: u32,
        /// How much later than at even distances it may be, drawn each time.
        jitter: Span,
    },
}

/// What a client may react to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Event {
    /// `RTM_ENTITY_REGISTERED`.
    EntityRegistered,
    /// `RTM_ENTITY_DEREGISTERED`.
    EntityDeregistered,
    /// `RTM_ROUTE_EXPIRED`.
    RouteExpired,
    /// `RTM_CHANGE_NOTIFICATION`.
    ChangeNotification,
    /// A method of the client is invoked: no callback, but it runs in the same way.
    Method,
}

impl Event {
    /// Every event, in the order in which reactions are counted.
    pub const ALL: [Self; 5] = [
        Self::EntityRegistered,
        Self::EntityDeregistered,
        Self::RouteExpired,
        Self::ChangeNotification,
        Self::Method,
    ];

    /// The events that clients are told of by their callbacks.
    pub const CALLBACKS: [Self; 4] =
        [Self::EntityRegistered, Self::EntityDeregistered, Self::RouteExpired, Self::ChangeNotification];
}

/// A client that registers for changes and mirrors the table from what it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observer {
    /// Its name, the actor of its events.
    pub name: String,
    /// When it registers.
    #[serde(default, skip_serializing_if = "is_default", with = "as_text")]
    pub at: Span,
    /// The protocol it registers as.
    #[serde(default = "of_observers", skip_serializing_if = "is_of_observers")]
    pub protocol: Protocol,
    /// The manager instance it registers with.
    #[serde(default, skip_serializing_if = "is_default")]
    pub instance: u16,
    /// The address family it registers for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
    /// Its `EntityInstanceId`; `None` for one that is unique and depends on the name only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<u32>,
    /// Which changes it registers for; never empty.
    #[serde(default = "best", skip_serializing_if = "is_best")]
    pub types: Vec<ChangeType>,
    /// In which views; never empty.
    #[serde(default = "unicast", skip_serializing_if = "is_unicast")]
    pub views: Vec<View>,
    /// Its own delivery policy, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// How long its callbacks take, if not as long as the scenario says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes: Option<Delivery>,
}

/// A client that replays a recording of routing updates, one entity for each peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Its name: `--input NAME=PATH` replaces the file, and the actors of its events start with it.
    pub name: String,
    /// The recording, relative to the scenario's file.
    pub file: String,
    /// When its first row is due.
    #[serde(default, skip_serializing_if = "is_default", with = "as_text")]
    pub at: Span,
    /// The protocol its entities register as.
    #[serde(default = "of_feeds", skip_serializing_if = "is_of_feeds")]
    pub protocol: Protocol,
    /// The manager instance they register with.
    #[serde(default, skip_serializing_if = "is_default")]
    pub instance: u16,
}

/// An address family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// Returns the family of an address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }

    /// Returns the family as tables have it.
    #[must_use]
    pub const fn of_tables(self) -> AddressFamily {
        match self {
            Self::Ipv4 => AddressFamily::Ipv4,
            Self::Ipv6 => AddressFamily::Ipv6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of_tables().fmt(out)
    }
}

/// A view of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum View {
    /// Unicast, view 0.
    #[default]
    #[serde(rename = "ucast")]
    Unicast,
    /// Multicast, view 1.
    #[serde(rename = "mcast")]
    Multicast,
}

impl View {
    /// Returns the view as tables have it.
    #[must_use]
    pub const fn of_tables(self) -> ViewId {
        match self {
            Self::Unicast => ViewId::UCAST,
            Self::Multicast => ViewId::MCAST,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of_tables().fmt(out)
    }
}

impl<P, A> Step<P, A> {
    /// Returns how many times the step is taken, from 1.
    #[must_use]
    pub const fn times(&self) -> u32 {
        match self.timing {
            Timing::Once(_) => 1,
            Timing::Every { times, .. } => times,
        }
    }

    /// Returns when it is taken for the `index`-th time, from 0, before jitter, or `None` if that is not a time that can be named.
    #[must_use]
    pub fn at(&self, index: u32) -> Option<Span> {
        match self.timing {
            Timing::Once(at) => (index == 0).then_some(at),
            Timing::Every { from, period, times, .. } => {
                let later = period.as_nanos().checked_mul(u64::from(index))?;
                let at = from.as_nanos().checked_add(later).map(Span::from_nanos);
                at.filter(|_| index < times)
            }
        }
    }

    /// Returns the label of the `index`-th occurrence, from 0.
    #[must_use]
    pub fn label_of(&self, index: u32) -> String {
        match self.timing {
            Timing::Once(_) => self.label.clone(),
            Timing::Every { .. } => crate::labels::label_of_occurrence(&self.label, index),
        }
    }
}
