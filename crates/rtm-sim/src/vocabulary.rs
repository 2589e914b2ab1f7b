//! The words of the routing world's records: kinds, keys and values, each written once.

use tiebreak::Term;
use tiebreak_rtm::{Function, Status, protocol as rtm_protocol};

/// Kinds of events and notes.
pub mod kind {
    use tiebreak::{Term, terms};

    /// Note: an action of a script was not done, and why.
    pub const SKIPPED: Term = tiebreak::SKIPPED;

    terms! {
        /// A step of a script.
        pub STEP = "step",
        /// A row of a recording.
        pub UPDATE = "update",
        /// A route's time to live has run out.
        pub EXPIRY = "expiry",
        /// The hold of a destination comes to its end.
        pub HOLD_END = "hold-end",
        /// The callback of `RTM_ENTITY_REGISTERED`.
        pub ENTITY_REGISTERED = "entity-registered",
        /// The callback of `RTM_ENTITY_DEREGISTERED`.
        pub ENTITY_DEREGISTERED = "entity-deregistered",
        /// The callback of `RTM_ROUTE_EXPIRED`.
        pub ROUTE_EXPIRED = "route-expired",
        /// The callback of `RTM_CHANGE_NOTIFICATION`.
        pub CHANGE_NOTIFICATION = "change-notification",
        /// A callback that has paused goes on.
        pub RESUME = "resume",
        /// A call that has waited for a lock goes on.
        pub GRANTED = "granted",
        /// Note: a method of a client runs, which another has invoked.
        pub METHOD = "method",
        /// Note: something was asked for that is not supported, and something else was done.
        pub WARNING = "warning",
        /// Clients wait for each other.
        pub DEADLOCK = "deadlock",
        /// Note: what a callback answered.
        pub RETURN = "return",
        /// Note: a callback was not run after all.
        pub DROPPED = "dropped",
        /// Note: a destination's best route in a view.
        pub BEST = "best",
        /// Note: a route came into the table.
        pub ROUTE_ADDED = "route-added",
        /// Note: a route changed.
        pub ROUTE_UPDATED = "route-updated",
        /// Note: a route's time to live was renewed and nothing else.
        pub ROUTE_REFRESHED = "route-refreshed",
        /// Note: a route left the table.
        pub ROUTE_DELETED = "route-deleted",
        /// Note: a route that left the table was the last one of armed views, and is held.
        pub ROUTE_HELD = "route-held",
        /// Note: nothing is held at a destination any more.
        pub HOLD_ENDED = "hold-ended",
        /// Note: a client left something behind.
        pub LEAK = "leak",
        /// Note: a client breached the contract.
        pub VIOLATION = "violation",
        /// Note: an observer has registered for changes.
        pub OBSERVING = "observing",
        /// Note: what an observer now takes for the best route.
        pub MIRROR = "mirror",
        /// Note: a changed destination that a client was handed.
        pub CHANGED = "changed",
        /// Note: what a client was handed by an enumeration.
        pub ENUMERATED = "enumerated",
        /// Note: a flag of a client was set or cleared.
        pub FLAG = "flag",
    }
}

/// Keys of facts.
pub mod key {
    use tiebreak::{Term, terms};

    /// How a call ended.
    pub const STATUS: Term = tiebreak::RESULT;

    terms! {
        /// Which breach of the contract it was.
        pub VIOLATION = "violation",
        /// Which function it was made with.
        pub FUNCTION = "function",
        /// A change flag that came back set.
        pub CHANGE = "change",
        /// The metric, lower wins.
        pub METRIC = "metric",
        /// The preference, lower wins.
        pub PREFERENCE = "preference",
        /// A next hop.
        pub VIA = "via",
        /// Who taught a route.
        pub NEIGHBOUR = "neighbour",
        /// The owner of a route.
        pub OWNER = "owner",
        /// A view.
        pub VIEW = "view",
        /// The time to live; absent if a route does not expire.
        pub TTL = "ttl",
        /// How long a destination is held.
        pub HOLD = "hold",
        /// The owner of the route in hold-down.
        pub HELD = "held",
        /// A table, by the actor of the manager's notes about it.
        pub TABLE = "table",
        /// An interface.
        pub INTERFACE = "interface",
        /// Why.
        pub REASON = "reason",
        /// How many.
        pub COUNT = "count",
        /// An entity's protocol.
        pub PROTOCOL = "protocol",
        /// A destination.
        pub DEST = "dest",
        /// A yes or no.
        pub IS = "is",
        /// How a route is to be found for updating.
        pub MODE = "mode",
        /// The context value of a registration.
        pub CONTEXT = "context",
        /// Whether a destination is marked from now on.
        pub MARK = "mark",
        /// Which object.
        pub OBJECT = "object",
        /// Route flags.
        pub FLAGS = "flags",
        /// Whether an opaque slot is reserved.
        pub OPAQUE = "opaque",
        /// What is in an opaque slot, 0 for NULL.
        pub VALUE = "value",
        /// Which type of change counts.
        pub TYPE = "type",
        /// A lock was taken or given back.
        pub ACTION = "action",
        /// How many methods a client exports.
        pub METHODS = "methods",
        /// A method of a client, numbered from 1.
        pub METHOD = "method",
        /// What methods are given.
        pub INPUT = "input",
        /// How a method ended.
        pub ANSWER = "answer",
        /// What a method has put out.
        pub OUTPUT = "output",
        /// A client that waits.
        pub WAITER = "waiter",
        /// What a client waits for.
        pub ON = "on",
        /// The client that holds it, or stands in line before.
        pub HOLDER = "holder",
        /// What a route has to agree with.
        pub MATCH = "match",
        /// The route list that routes are moved into.
        pub LIST = "list",
        /// Where an enumeration starts, to go on to the end.
        pub FROM = "from",
        /// The prefix whose subtree an enumeration is of.
        pub RANGE = "range",
        /// Whose objects an enumeration is of, if not everybody's.
        pub WHOSE = "whose",
    }
}

/// Words that are values.
pub mod word {
    use tiebreak::{Term, terms};
    use tiebreak_rtm::ViewId;

    terms! {
        /// Yes.
        pub YES = "yes",
        /// No.
        pub NO = "no",
        /// Nothing there.
        pub NONE = "none",
        /// A route was created.
        pub NEW = "new",
        /// The best route changed.
        pub BEST = "best",
        /// Whatever the neighbour.
        pub FIRST = "first",
        /// A breach of the contract that has no status code.
        pub REFUSED = "refused",
        /// A call waits for the lock of another client.
        pub WAITS = "waits",
        /// A lock that excludes all others.
        pub EXCLUSIVE = "exclusive",
        /// A lock that excludes exclusive ones.
        pub SHARED = "shared",
        /// A lock was never given back.
        pub LOCKED = "locked",
        /// A lock is taken.
        pub LOCK = "lock",
        /// A lock is given back.
        pub UNLOCK = "unlock",
        /// Methods are blocked.
        pub BLOCK = "block",
        /// Methods are not blocked any more.
        pub RESUME = "resume",
        /// Methods cannot be blocked for one object alone.
        pub TARGET_IGNORED = "target-ignored",
        /// References.
        pub REFERENCES = "references",
        /// Not deleted.
        pub NOT_DELETED = "not-deleted",
        /// Not taken out of an opaque slot.
        pub NOT_CLEARED = "not-cleared",
        /// Any change, or every view.
        pub ALL = "all",
        /// Changes that concern forwarding.
        pub FORWARDING = "forwarding",
        /// Marked destinations only.
        pub ONLY_MARKED = "only-marked",
        /// Own changes left out.
        pub SUPPRESS_OWN = "suppress-own",
        /// The unicast view.
        pub UCAST = "ucast",
        /// The multicast view.
        pub MCAST = "mcast",
        /// Any other view.
        pub OTHER_VIEW = "other",
        /// How a call ended that succeeded.
        pub NO_ERROR = "NO_ERROR",
        /// A route is found by its handle.
        pub HANDLE = "handle",
        /// An entity.
        pub ENTITY = "entity",
        /// A destination.
        pub DEST = "dest",
        /// A route.
        pub ROUTE = "route",
        /// A next hop.
        pub NEXT_HOP = "next-hop",
        /// A route was deleted by a call.
        pub CALLED = "called",
        /// A route was deleted because its time to live ran out and its owner said so.
        pub EXPIRED = "expired",
        /// A route was deleted because its time to live ran out and its owner has no callback.
        pub EXPIRED_UNHEARD = "expired-unheard",
        /// A route was deleted because its owner left.
        pub OWNER_DEREGISTERED = "owner-deregistered",
        /// A callback was dropped because its client has left.
        pub CLIENT_GONE = "client-gone",
        /// A callback was dropped because its registration has ended.
        pub REGISTRATION_GONE = "registration-gone",
        /// A callback was dropped because its route was given a new time to live.
        pub ROUTE_REFRESHED = "route-refreshed",
        /// A callback was dropped because its route was deleted.
        pub ROUTE_DELETED = "route-deleted",
        /// An action was skipped because its condition does not hold.
        pub CONDITION_FALSE = "condition-false",
        /// An action was skipped because the client has no route of that name.
        pub NO_ROUTE = "no-route",
        /// An action was skipped because the client has no next hop of that name.
        pub NO_NEXT_HOP = "no-next-hop",
        /// An action was skipped because the client has no registration for changes of that name.
        pub NO_REGISTRATION = "no-registration",
        /// An action was skipped because the client has not locked that.
        pub NOT_LOCKED = "not-locked",
        /// An action was skipped because there is no such destination.
        pub NO_DEST = "no-destination",
        /// An action was skipped because the event it needs is over.
        pub NO_EVENT = "no-event",
        /// An action was skipped because what it is to give up has come, or was given up.
        pub NOT_PENDING = "not-pending",
        /// A callback was dropped because its route is locked.
        pub ROUTE_LOCKED = "route-locked",
        /// Routes are to agree in their owner.
        pub OWNER = "owner",
        /// Routes are to agree in their neighbour.
        pub NEIGHBOUR = "neighbour",
        /// Routes are to agree in preference and metric.
        pub PREF = "pref",
        /// Routes are to have a next hop on an interface.
        pub INTERFACE = "interface",
        /// An enumeration is of what is the client's own.
        pub OWN = "own",
        /// Any view: none in particular is asked for.
        pub ANY = "any",
        /// A route list.
        pub ROUTE_LIST = "route-list",
        /// An enumeration.
        pub ENUMERATION = "enumeration",
        /// An action was skipped because the client has no route list of that name.
        pub NO_LIST = "no-route-list",
        /// An action was skipped because the client has no enumeration of that name.
        pub NO_ENUMERATION = "no-enumeration",
        /// An action was skipped because no client of that name is registered in the table.
        pub NO_CLIENT = "no-client",
    }

    /// A view.
    #[must_use]
    pub const fn view(view: ViewId) -> Term {
        match view.number() {
            0 => UCAST,
            1 => MCAST,
            _ => OTHER_VIEW,
        }
    }

    /// Yes or no.
    #[must_use]
    #[expect(clippy::fn_params_excessive_bools, reason = "it spells a bool")]
    pub const fn yes_or_no(is_so: bool) -> Term {
        if is_so { YES } else { NO }
    }
}

/// The name of a function as a term, worked out by the compiler: every call is noted under one.
pub(crate) const fn function(function: Function) -> Term {
    macro_rules! names {
        ($($name:ident)*) => {
            match function {
                $(Function::$name => const { Term::new(Function::$name.name()) },)*
            }
        };
    }
    names! {
        RegisterEntity DeregisterEntity GetRegisteredEntities ReleaseEntities GetEntityInfo ReleaseEntityInfo
        GetEntityMethods InvokeMethod BlockMethods
        LockDestination GetOpaqueInformationPointer SetOpaqueInformation
        AddRouteToDest DeleteRouteToDest HoldDestination GetRoutePointer LockRoute UpdateAndUnlockRoute GetRouteInfo ReleaseRouteInfo ReleaseRoutes
        GetDestInfo GetExactMatchDestination GetMostSpecificDestination GetLessSpecificDestination GetExactMatchRoute
        ReleaseDestInfo ReleaseDests IsBestRoute
        AddNextHop FindNextHop DeleteNextHop LockNextHop GetNextHopInfo ReleaseNextHopInfo GetNextHopPointer ReleaseNextHops
        CreateDestEnum GetEnumDests CreateRouteEnum GetEnumRoutes CreateNextHopEnum GetEnumNextHops DeleteEnumHandle
        CreateRouteList InsertInRouteList CreateRouteListEnum GetListEnumRoutes DeleteRouteList
        RegisterForChangeNotification DeregisterFromChangeNotification GetChangedDests ReleaseChangedDests
        GetChangeStatus IgnoreChangedDests MarkDestForChangeNotification IsMarkedForChangeNotification
        ReferenceHandles ReleaseHandle
    }
}

/// The names of protocols as terms, worked out by the compiler: every registration is noted with one.
static PROTOCOLS: [(u32, Term); rtm_protocol::NAMED.len()] = {
    let mut protocols = [(0, word::NONE); rtm_protocol::NAMED.len()];
    let mut at = 0;
    while at < protocols.len() {
        let (name, number) = rtm_protocol::NAMED[at];
        protocols[at] = (number, Term::new(name));
        at += 1;
    }
    protocols
};

/// The name of a protocol, if it has one.
pub(crate) fn protocol(number: u32) -> Option<Term> {
    PROTOCOLS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// The names of statuses as terms, worked out by the compiler: every call is noted with one.
static STATUSES: [(Status, Term); Status::NAMED.len()] = {
    let mut statuses = [(Status::NoError, word::NO_ERROR); Status::NAMED.len()];
    let mut at = 0;
    while at < statuses.len() {
        let (_, status) = Status::NAMED[at];
        if let Some(name) = status.name() {
            statuses[at] = (status, Term::new(name));
        }
        at += 1;
    }
    statuses
};

/// The documented name of a status, if it has one.
pub(crate) fn status(status: Status) -> Option<Term> {
    STATUSES.iter().find(|(known, _)| *known == status).map(|(_, name)| *name)
}
