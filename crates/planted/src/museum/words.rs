//! The words that several exhibits use.

use tiebreak::terms;

terms! {
    // Who is there.
    pub(crate) MANAGER = "manager", pub(crate) RIP = "rip", pub(crate) OSPF = "ospf", pub(crate) BGP = "bgp",
    pub(crate) FORWARDER = "forwarder",
    // What clients do.
    pub(crate) REGISTER = "register", pub(crate) OBSERVE = "observe", pub(crate) STOP_OBSERVING = "stop-observing",
    pub(crate) DEREGISTER = "deregister", pub(crate) ADD = "add-route", pub(crate) DELETE = "delete-route",
    pub(crate) READ = "read", pub(crate) POLL = "poll",
    // What happens to them, and to the manager.
    pub(crate) REGISTERED = "entity-registered", pub(crate) DEREGISTERED = "entity-deregistered",
    pub(crate) CHANGE_NOTIFICATION = "change-notification", pub(crate) EXPIRY = "expiry",
    pub(crate) ROUTE_EXPIRED = "route-expired", pub(crate) RUN_QUEUE = "run-queue",
    // What is noted.
    pub(crate) BEST = "Best", pub(crate) ROUTE_ADDED = "RouteAdded",
    pub(crate) ROUTE_DELETED = "RouteDeleted", pub(crate) OBSERVING = "Observing", pub(crate) GONE = "Gone",
    pub(crate) MIRROR = "Mirror", pub(crate) OWNER = "owner", pub(crate) NEIGHBOUR = "neighbour",
    pub(crate) NOBODY = "nobody",
}
