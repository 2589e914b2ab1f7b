//! What actions are about: the fields of those that have many, with their numbers in the digest.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};
use tiebreak_kernel::Span;

use crate::digest::{Bytes, Canonical};
use crate::document::{as_text, is_default, is_unicast, opt_span_text, unicast};
use crate::modes::{AddMode, ChangeType, LockMode, Match};
use crate::plan::{Dest, View};
use crate::words::Selector;

/// A next hop that is added.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddNextHop<A = IpAddr> {
    /// Under which name the client keeps it.
    pub name: String,
    /// The address of the next router.
    pub address: A,
    /// The index of the outgoing interface.
    pub interface: u32,
}

/// A next hop that is sought.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindNextHop<A = IpAddr> {
    /// Under which name the client keeps the handle; without a name no handle is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address of the next router.
    pub address: A,
    /// The index of the outgoing interface.
    pub interface: u32,
}

/// A route that is added.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddRoute<P = Dest> {
    /// Under which name the client keeps the handle; without a name no handle is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The destination.
    pub dest: P,
    /// Its equal-cost next hops, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<String>,
    /// The protocol's cost; lower wins among equal preferences.
    pub metric: u32,
    /// The preference; lower wins; without it the manager's value for the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference: Option<u32>,
    /// The time to live, whole milliseconds; without it the route does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "opt_span_text")]
    pub expires_after: Option<Span>,
    /// The neighbour that taught it, by the name of a next hop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<String>,
    /// The views it is in.
    #[serde(default = "unicast", skip_serializing_if = "is_unicast")]
    pub views: Vec<View>,
    /// The bits of `Flags`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<u16>,
    /// The list of this client that the route is moved into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Which existing route the call updates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: AddMode,
}

/// An update of a route by its handle, or an edit in place: what is absent stays as it is, but the time to live always starts
/// anew.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateRoute {
    /// A route of this client, or `expired` in a reaction to an expiry.
    pub route: String,
    /// The new metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<u32>,
    /// The new preference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference: Option<u32>,
    /// The new next hops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Vec<String>>,
    /// The new neighbour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<String>,
    /// The new views.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<Vec<View>>,
    /// The new flags; an edit in place has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<u16>,
    /// The new time to live, whole milliseconds; without it the route does not expire any more.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "opt_span_text")]
    pub expires_after: Option<Span>,
    /// The list of this client that the route is moved into; without one it stays where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

/// A lock on a destination.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockDest<P = Dest> {
    /// The destination.
    pub dest: P,
    /// Who else may get at it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: LockMode,
}

/// A destination that is armed for hold-down.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldDestination<P = Dest> {
    /// The destination.
    pub dest: P,
    /// How long its last route is held, whole milliseconds; the manager refuses none at all.
    #[serde(with = "as_text")]
    pub hold_time: Span,
    /// In which views; an empty list means all.
    #[serde(default = "unicast", skip_serializing_if = "is_unicast")]
    pub views: Vec<View>,
}

/// A registration for change notification.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterForChanges {
    /// Under which name the client keeps it.
    pub name: String,
    /// Which changes count.
    pub types: Vec<ChangeType>,
    /// In which views.
    #[serde(default = "unicast", skip_serializing_if = "is_unicast")]
    pub views: Vec<View>,
    /// Only destinations this client has marked?
    #[serde(default, skip_serializing_if = "is_default")]
    pub only_marked: bool,
    /// Leave out changes this client made itself?
    #[serde(default, skip_serializing_if = "is_default")]
    pub suppress_own: bool,
    /// The context value that each notification brings back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub context: u64,
}

/// A destination under a registration for changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedDest<P = Dest> {
    /// A registration of this client, or `notified`.
    pub changes: String,
    /// The destination.
    pub dest: P,
}

/// A look-up of a destination.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup<P = Dest> {
    /// What is looked up.
    pub dest: P,
    /// How it must fit.
    #[serde(default, rename = "match", skip_serializing_if = "is_default")]
    pub matching: Match,
    /// In which views; an empty list asks for any view.
    #[serde(default = "unicast", skip_serializing_if = "is_unicast")]
    pub views: Vec<View>,
    /// Whose best route is reported.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protocol: Selector,
}

/// A route that is sought by what it is like.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchRoute<P = Dest> {
    /// Under which name the client keeps the handle; without a name no handle is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The destination.
    pub dest: P,
    /// What the route has to agree with.
    #[serde(default, skip_serializing_if = "is_default")]
    pub like: Criteria,
    /// In which views; an empty list asks for any view.
    #[serde(default = "unicast", skip_serializing_if = "is_unicast")]
    pub views: Vec<View>,
}

/// What a route has to agree with; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// The client that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The neighbour that taught it, by the name of a next hop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour: Option<String>,
    /// Its preference; only with a metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference: Option<u32>,
    /// Its metric; only with a preference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<u32>,
    /// Its next hops, by name, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Vec<String>>,
    /// The interface of one of its next hops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<u32>,
}

/// Appends the fields of a next hop that is sought.
pub(super) fn find_next_hop<'b>(of: &FindNextHop, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let FindNextHop { name, address, interface } = of;
    bytes.option(1, name.as_ref()).field(2, address).field(3, interface)
}

/// Appends the fields of a route that is sought.
pub(super) fn match_route<'b>(of: &MatchRoute, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let MatchRoute { name, dest, like, views } = of;
    bytes.option(1, name.as_ref()).field(2, dest).unless(3, like, &Criteria::default());
    bytes.list(4, views, &[View::Unicast])
}

impl Canonical for Criteria {
    fn put(&self, bytes: &mut Bytes) {
        let Self { owner, neighbour, preference, metric, via, interface } = self;
        bytes.option(1, owner.as_ref()).option(2, neighbour.as_ref()).option(3, preference.as_ref());
        bytes.option(4, metric.as_ref()).option(5, via.as_ref()).option(6, interface.as_ref()).end();
    }
}

/// Appends the fields of the addition of a route.
pub(super) fn add_route<'b>(route: &AddRoute, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let AddRoute { name, dest, via, metric, preference, expires_after, neighbour, views, flags, list, mode } =
        route;
    bytes.option(1, name.as_ref()).field(2, dest).list(3, via, &[]).field(4, metric);
    bytes.option(5, preference.as_ref()).option(6, expires_after.as_ref()).option(7, neighbour.as_ref());
    bytes.list(8, views, &[View::Unicast]).option(9, flags.as_ref()).unless(10, mode, &AddMode::Auto);
    bytes.option(11, list.as_ref())
}

/// Appends the fields of an update or an edit of a route.
pub(super) fn update_route<'b>(update: &UpdateRoute, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let UpdateRoute { route, metric, preference, via, neighbour, views, flags, expires_after, list } = update;
    bytes.field(1, route).option(2, metric.as_ref()).option(3, preference.as_ref()).option(4, via.as_ref());
    bytes.option(5, neighbour.as_ref()).option(6, views.as_ref()).option(7, flags.as_ref());
    bytes.option(8, expires_after.as_ref()).option(9, list.as_ref())
}

/// Appends the fields of a lock on a destination.
pub(super) fn lock_dest<'b>(lock: &LockDest, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let LockDest { dest, mode } = lock;
    bytes.field(1, dest).unless(2, mode, &LockMode::Exclusive)
}

/// Appends the fields of the arming of a destination.
pub(super) fn hold_destination<'b>(hold: &HoldDestination, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let HoldDestination { dest, hold_time, views } = hold;
    bytes.field(1, dest).field(2, hold_time).list(3, views, &[View::Unicast])
}

/// Appends the fields of a registration for changes.
pub(super) fn register_for_changes<'b>(changes: &RegisterForChanges, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let RegisterForChanges { name, types, views, only_marked, suppress_own, context } = changes;
    bytes.field(1, name).field(2, types).list(3, views, &[View::Unicast]);
    bytes.unless(4, only_marked, &false).unless(5, suppress_own, &false).unless(6, context, &0)
}

/// Appends the fields of a destination under a registration.
pub(super) fn changed_dest<'b>(of: &ChangedDest, bytes: &'b mut Bytes) -> &'b mut Bytes {
    let ChangedDest { changes, dest } = of;
    bytes.field(1, changes).field(2, dest)
}
