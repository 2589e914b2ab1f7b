//! What a client does: the calls it makes of the manager, and the little control flow around them.

use core::fmt;
use core::net::IpAddr;

use serde::{Deserialize, Serialize};
use tiebreak_kernel::Span;

use crate::document::{is_default, opt_span_text, span_text};
use crate::plan::{Prefix, View};
use crate::words::{Selector, Status};

/// Something a client does in a step or a reaction.
///
/// `P` and `A` are how prefixes and addresses are held: as themselves, or as text in files and in group templates, where
/// they may hold placeholders. Names stand for handles: each client has its own next hops, routes and registrations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Action<P = Prefix, A = IpAddr> {
    /// `RtmRegisterEntity` with the client's protocol, instance, family and callback.
    Register,
    /// `RtmDeregisterEntity`.
    Deregister,
    /// `RtmAddNextHop`; the handle is kept under `name`.
    AddNextHop(AddNextHop<A>),
    /// `RtmDeleteNextHop` by handle.
    DeleteNextHop {
        /// A next hop of this client.
        name: String,
    },
    /// `RtmAddRouteToDest`; the handle is kept under `name` if there is one.
    AddRoute(AddRoute<P>),
    /// `RtmAddRouteToDest` through the handle: what is absent stays as it is, but the time to live always starts anew.
    UpdateRoute(UpdateRoute),
    /// `RtmLockRoute`, an edit in place, `RtmUpdateAndUnlockRoute`: what is absent stays, but the time to live starts anew.
    EditRoute(EditRoute),
    /// `RtmDeleteRouteToDest`; consumes the handle.
    DeleteRoute {
        /// A route of this client.
        route: String,
    },
    /// `RtmReferenceHandles` on one route: an extra reference.
    HoldRoute {
        /// A route of this client.
        route: String,
    },
    /// `RtmReleaseRoutes` on one route: gives one reference back.
    ReleaseRoute {
        /// A route of this client.
        route: String,
    },
    /// `RtmRegisterForChangeNotification`; the registration is kept under `name`.
    RegisterForChanges(RegisterForChanges),
    /// `RtmDeregisterFromChangeNotification`.
    DeregisterFromChanges {
        /// A registration of this client.
        changes: String,
    },
    /// `RtmGetChangedDests` and `RtmReleaseChangedDests` until there is nothing more.
    Drain {
        /// A registration of this client, or `notified`.
        changes: String,
    },
    /// `RtmGetChangedDests` once, then `RtmReleaseChangedDests`.
    GetChanged {
        /// A registration of this client, or `notified`.
        changes: String,
        /// How many destinations at most, from 1.
        max: u32,
    },
    /// `RtmIgnoreChangedDests` for one destination.
    Ignore(ChangedDest<P>),
    /// `RtmGetChangeStatus`.
    ChangeStatus(ChangedDest<P>),
    /// `RtmMarkDestForChangeNotification` with TRUE.
    Mark(ChangedDest<P>),
    /// `RtmMarkDestForChangeNotification` with FALSE.
    Unmark(ChangedDest<P>),
    /// `RtmIsMarkedForChangeNotification`.
    IsMarked(ChangedDest<P>),
    /// `RtmGetExactMatchDestination` or `RtmGetMostSpecificDestination`, then `RtmReleaseDestInfo`.
    Lookup(Lookup<P>),
    /// `RtmGetRegisteredEntities`, then `RtmReleaseEntities`.
    ListEntities,
    /// `RtmGetEntityInfo` on the entity an event is about, then `RtmReleaseEntityInfo`; only in reactions to entity events.
    EntityInfo,
    /// `RtmIsBestRoute`.
    IsBest {
        /// A route of this client, or `expired`.
        route: String,
    },
    /// `RtmGetRouteInfo`, then `RtmReleaseRouteInfo`.
    RouteInfo {
        /// A route of this client, or `expired`.
        route: String,
    },
    /// What the callback answers; only in reactions, the last one counts.
    Return(Status),
    /// `RtmReleaseRoutes` on the event's route; only in reactions to an expiry.
    ReleaseEventRoute,
    /// Does the actions if the condition holds when they are reached.
    When(Condition<P>, Vec<Action<P, A>>),
    /// Does the actions if the switch is on.
    With(String, Vec<Action<P, A>>),
    /// Does the actions if the switch is off.
    Without(String, Vec<Action<P, A>>),
    /// Does the actions one after the other within the step.
    All(Vec<Action<P, A>>),
    /// Does the actions that much later, as one step of its own. The text is its label: empty in a file that leaves it to
    /// the default, never empty in a plan.
    After(
        #[serde(with = "span_text")] Span,
        Vec<Action<P, A>>,
        #[serde(default, skip_serializing_if = "String::is_empty")] String,
    ),
    /// Sets a flag of this client.
    Set(String),
    /// Clears a flag of this client; all are clear at the start.
    Clear(String),
}

/// A next hop that is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddNextHop<A = IpAddr> {
    /// Under which name the client keeps it.
    pub name: String,
    /// The address of the next router.
    pub address: A,
    /// The index of the outgoing interface.
    pub interface: u32,
}

/// A route that is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddRoute<P = Prefix> {
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
    #[serde(default = "View::unicast", skip_serializing_if = "View::is_unicast")]
    pub views: Vec<View>,
    /// The bits of `Flags`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<u16>,
    /// Which existing route the call updates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: AddMode,
}

/// An update of a route by its handle: what is absent stays as it is, but the time to live always starts anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateRoute {
    /// A route of this client.
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
    /// The new flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<u16>,
    /// The new time to live, whole milliseconds; without it the route does not expire any more.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "opt_span_text")]
    pub expires_after: Option<Span>,
}

/// An edit of a route in place: what is absent stays as it is, but the time to live always starts anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditRoute {
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
    /// The new time to live, whole milliseconds; without it the route does not expire any more.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "opt_span_text")]
    pub expires_after: Option<Span>,
}

/// A registration for change notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterForChanges {
    /// Under which name the client keeps it.
    pub name: String,
    /// Which changes count.
    pub types: Vec<ChangeType>,
    /// In which views.
    #[serde(default = "View::unicast", skip_serializing_if = "View::is_unicast")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedDest<P = Prefix> {
    /// A registration of this client, or `notified`.
    pub changes: String,
    /// The destination.
    pub dest: P,
}

/// A look-up of a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup<P = Prefix> {
    /// What is looked up.
    pub dest: P,
    /// How it must fit.
    #[serde(default, rename = "match", skip_serializing_if = "is_default")]
    pub matching: Match,
    /// In which views; an empty list asks for any view.
    #[serde(default = "View::unicast", skip_serializing_if = "View::is_unicast")]
    pub views: Vec<View>,
    /// Whose best route is reported.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protocol: Selector,
}

/// What must hold for `When` to do its actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Condition<P = Prefix> {
    /// The entity event is about this client.
    About(String),
    /// The expired route leads to this destination.
    Expired(P),
    /// The change notification is of this registration of the client.
    Notified(String),
    /// The destination has no route in the unicast view.
    Unreachable(P),
    /// The destination has a route in the unicast view.
    Reachable(P),
    /// The best unicast route of the destination belongs to this client.
    Owner(P, String),
    /// The flag of this client is set.
    Flag(String),
    /// The condition does not hold.
    Not(Box<Condition<P>>),
}

/// Which existing route `AddRoute` updates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum AddMode {
    /// The one with equal destination, owner and neighbour, if there is one.
    #[default]
    Auto,
    /// None: always another route (`RTM_ROUTE_CHANGE_NEW`).
    New,
    /// The client's first route there, whatever its neighbour (`RTM_ROUTE_CHANGE_FIRST`).
    First,
}

/// Which changes a registration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ChangeType {
    /// Any change of any route (`RTM_CHANGE_TYPE_ALL`).
    All,
    /// Changes of the best route (`RTM_CHANGE_TYPE_BEST`).
    Best,
    /// Changes that concern forwarding (`RTM_CHANGE_TYPE_FORWARDING`).
    Forwarding,
}

impl ChangeType {
    /// What observers register for when nothing is said.
    pub(crate) fn best() -> Vec<Self> {
        vec![Self::Best]
    }

    pub(crate) fn is_best(types: &[Self]) -> bool {
        types == [Self::Best]
    }
}

/// How a looked-up destination must fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Match {
    /// The same prefix.
    #[default]
    Exact,
    /// The longest prefix that covers it.
    Longest,
}

impl<P: fmt::Display, A> Action<P, A> {
    /// Returns the kind of the action in kebab-case, e.g. `add-route`; the first action's for a block.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.describe().0
    }

    /// Returns what default labels start with: `add-route(10.0.0.0/8)`, or `register` where there is no subject.
    #[must_use]
    pub fn stem(&self) -> String {
        match self.describe() {
            (kind, Some(subject)) => format!("{kind}({subject})"),
            (kind, None) => kind.to_owned(),
        }
    }

    /// Returns kind and subject of the action itself, or of the first action of a block.
    fn describe(&self) -> (&'static str, Option<String>) {
        let dest = |dest: &P| Some(dest.to_string());
        let name = |name: &String| Some(name.clone());
        match self {
            Self::Register => ("register", None),
            Self::Deregister => ("deregister", None),
            Self::AddNextHop(hop) => ("add-next-hop", name(&hop.name)),
            Self::DeleteNextHop { name: hop } => ("delete-next-hop", name(hop)),
            Self::AddRoute(route) => ("add-route", dest(&route.dest)),
            Self::UpdateRoute(update) => ("update-route", name(&update.route)),
            Self::EditRoute(edit) => ("edit-route", name(&edit.route)),
            Self::DeleteRoute { route } => ("delete-route", name(route)),
            Self::HoldRoute { route } => ("hold-route", name(route)),
            Self::ReleaseRoute { route } => ("release-route", name(route)),
            Self::RegisterForChanges(changes) => ("register-for-changes", name(&changes.name)),
            Self::DeregisterFromChanges { changes } => ("deregister-from-changes", name(changes)),
            Self::Drain { changes } => ("drain", name(changes)),
            Self::GetChanged { changes, .. } => ("get-changed", name(changes)),
            Self::Ignore(of) => ("ignore", dest(&of.dest)),
            Self::ChangeStatus(of) => ("change-status", dest(&of.dest)),
            Self::Mark(of) => ("mark", dest(&of.dest)),
            Self::Unmark(of) => ("unmark", dest(&of.dest)),
            Self::IsMarked(of) => ("is-marked", dest(&of.dest)),
            Self::Lookup(lookup) => ("lookup", dest(&lookup.dest)),
            Self::ListEntities => ("list-entities", None),
            Self::EntityInfo => ("entity-info", None),
            Self::IsBest { route } => ("is-best", name(route)),
            Self::RouteInfo { route } => ("route-info", name(route)),
            Self::Return(_) => ("return", None),
            Self::ReleaseEventRoute => ("release-event-route", None),
            Self::When(_, actions)
            | Self::With(_, actions)
            | Self::Without(_, actions)
            | Self::All(actions)
            | Self::After(_, actions, _) => actions.first().map_or(("nothing", None), Self::describe),
            Self::Set(flag) => ("set", name(flag)),
            Self::Clear(flag) => ("clear", name(flag)),
        }
    }
}
