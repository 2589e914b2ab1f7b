//! The words of the routing world's records: kinds, keys and values, each written once.

/// Kinds of events and notes.
pub mod kind {
    use tiebreak::Term;

    /// A step of a script.
    pub const STEP: Term = Term::new("step");
    /// A row of a recording.
    pub const UPDATE: Term = Term::new("update");
    /// A route's time to live has run out.
    pub const EXPIRY: Term = Term::new("expiry");
    /// The callback of `RTM_ENTITY_REGISTERED`.
    pub const ENTITY_REGISTERED: Term = Term::new("entity-registered");
    /// The callback of `RTM_ENTITY_DEREGISTERED`.
    pub const ENTITY_DEREGISTERED: Term = Term::new("entity-deregistered");
    /// The callback of `RTM_ROUTE_EXPIRED`.
    pub const ROUTE_EXPIRED: Term = Term::new("route-expired");
    /// The callback of `RTM_CHANGE_NOTIFICATION`.
    pub const CHANGE_NOTIFICATION: Term = Term::new("change-notification");
    /// Note: what a callback answered.
    pub const RETURN: Term = Term::new("return");
    /// Note: a callback was not run after all.
    pub const DROPPED: Term = Term::new("dropped");
    /// Note: a destination's best route in a view.
    pub const BEST: Term = Term::new("best");
    /// Note: a route came into the table.
    pub const ROUTE_ADDED: Term = Term::new("route-added");
    /// Note: a route changed.
    pub const ROUTE_UPDATED: Term = Term::new("route-updated");
    /// Note: a route's time to live was renewed and nothing else.
    pub const ROUTE_REFRESHED: Term = Term::new("route-refreshed");
    /// Note: a route left the table.
    pub const ROUTE_DELETED: Term = Term::new("route-deleted");
    /// Note: a client left something behind.
    pub const LEAK: Term = Term::new("leak");
    /// Note: a client breached the contract.
    pub const VIOLATION: Term = Term::new("violation");
    /// Note: an observer has registered for changes.
    pub const OBSERVING: Term = Term::new("observing");
    /// Note: what an observer now takes for the best route.
    pub const MIRROR: Term = Term::new("mirror");
    /// Note: a changed destination that a client was handed.
    pub const CHANGED: Term = Term::new("changed");
    /// Note: a flag of a client was set or cleared.
    pub const FLAG: Term = Term::new("flag");
}

/// Keys of facts.
pub mod key {
    use tiebreak::Term;

    /// How a call ended.
    pub const STATUS: Term = tiebreak::RESULT;
    /// Which breach of the contract it was.
    pub const VIOLATION: Term = Term::new("violation");
    /// Which function it was made with.
    pub const FUNCTION: Term = Term::new("function");
    /// A change flag that came back set.
    pub const CHANGE: Term = Term::new("change");
    /// The metric, lower wins.
    pub const METRIC: Term = Term::new("metric");
    /// The preference, lower wins.
    pub const PREFERENCE: Term = Term::new("preference");
    /// A next hop.
    pub const VIA: Term = Term::new("via");
    /// Who taught a route.
    pub const NEIGHBOUR: Term = Term::new("neighbour");
    /// The owner of a route.
    pub const OWNER: Term = Term::new("owner");
    /// A view.
    pub const VIEW: Term = Term::new("view");
    /// The time to live; absent if a route does not expire.
    pub const TTL: Term = Term::new("ttl");
    /// A table, by the actor of the manager's notes about it.
    pub const TABLE: Term = Term::new("table");
    /// An interface.
    pub const INTERFACE: Term = Term::new("interface");
    /// Why.
    pub const REASON: Term = Term::new("reason");
    /// How many.
    pub const COUNT: Term = Term::new("count");
    /// An entity's protocol.
    pub const PROTOCOL: Term = Term::new("protocol");
    /// A destination.
    pub const DEST: Term = Term::new("dest");
    /// A yes or no.
    pub const IS: Term = Term::new("is");
    /// How a route is to be found for updating.
    pub const MODE: Term = Term::new("mode");
    /// The context value of a registration.
    pub const CONTEXT: Term = Term::new("context");
    /// Whether a destination is marked from now on.
    pub const MARK: Term = Term::new("mark");
    /// Which object.
    pub const OBJECT: Term = Term::new("object");
    /// Route flags.
    pub const FLAGS: Term = Term::new("flags");
    /// Which type of change counts.
    pub const TYPE: Term = Term::new("type");
    /// A lock was taken or given back.
    pub const ACTION: Term = Term::new("action");
}

/// Words that are values.
pub mod word {
    use tiebreak::Term;

    /// Yes.
    pub const YES: Term = Term::new("yes");
    /// No.
    pub const NO: Term = Term::new("no");
    /// Nothing there.
    pub const NONE: Term = Term::new("none");
    /// A route was created.
    pub const NEW: Term = Term::new("new");
    /// The best route changed.
    pub const BEST: Term = Term::new("best");
    /// Whatever the neighbour.
    pub const FIRST: Term = Term::new("first");
    /// A breach of the contract that has no status code.
    pub const REFUSED: Term = Term::new("refused");
    /// A lock is taken.
    pub const LOCK: Term = Term::new("lock");
    /// A lock is given back.
    pub const UNLOCK: Term = Term::new("unlock");
    /// References.
    pub const REFERENCES: Term = Term::new("references");
    /// Not deleted.
    pub const NOT_DELETED: Term = Term::new("not-deleted");
    /// Any change.
    pub const ALL: Term = Term::new("all");
    /// Changes that concern forwarding.
    pub const FORWARDING: Term = Term::new("forwarding");
    /// Marked destinations only.
    pub const ONLY_MARKED: Term = Term::new("only-marked");
    /// Own changes left out.
    pub const SUPPRESS_OWN: Term = Term::new("suppress-own");
    /// The unicast view.
    pub const UCAST: Term = Term::new("ucast");
    /// The multicast view.
    pub const MCAST: Term = Term::new("mcast");

    /// Yes or no.
    #[must_use]
    #[expect(clippy::fn_params_excessive_bools, reason = "it spells a bool")]
    pub const fn yes_or_no(is_so: bool) -> Term {
        if is_so { YES } else { NO }
    }
}
