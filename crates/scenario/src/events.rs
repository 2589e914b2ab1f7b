//! The events and notes a run consists of: a closed set of kinds, what each is about, and who makes it.

use tiebreak_rtm::Function;

use crate::diagnostic::nearest;
use crate::pattern::is_glob_match;

/// What the subject of an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// It has none.
    Nothing,
    /// A destination, or nothing.
    Dest,
    /// The label of a step.
    Label,
    /// Who takes part.
    Client,
    /// A registration for changes.
    Changes,
    /// A flag.
    Flag,
    /// Whatever there is.
    Anything,
}

impl About {
    /// Returns what to call it in the manual.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Dest => "a destination",
            Self::Label => "a label",
            Self::Client => "a client",
            Self::Changes => "a registration",
            Self::Flag => "a flag",
            Self::Anything => "whatever it concerns",
        }
    }
}

/// Who makes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Client,
    Observer,
    Peer,
    Manager,
}

impl Role {
    /// Returns what to call those in a message.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Client => "clients",
            Self::Observer => "observers",
            Self::Peer => "peers of feeds",
            Self::Manager => "the manager",
        }
    }
}

/// A kind of event or note.
#[derive(Debug)]
pub(crate) struct EventKind {
    pub(crate) name: &'static str,
    pub(crate) about: About,
    pub(crate) roles: &'static [Role],
    /// Whether it is an event of its own, with occurrence numbers, or a note of what happens in one.
    pub(crate) is_event: bool,
    /// What it says, for the manual.
    pub(crate) says: &'static str,
}

const CLIENTS: &[Role] = &[Role::Client, Role::Observer];
const CALLERS: &[Role] = &[Role::Client, Role::Observer, Role::Peer];
const MANAGER: &[Role] = &[Role::Manager];

const fn event(name: &'static str, about: About, roles: &'static [Role], says: &'static str) -> EventKind {
    EventKind { name, about, roles, is_event: true, says }
}

const fn note(name: &'static str, about: About, roles: &'static [Role], says: &'static str) -> EventKind {
    EventKind { name, about, roles, is_event: false, says }
}

/// What a call is noted as: under the name of its function.
static CALL: EventKind = note("call", About::Anything, CALLERS, "a call of the manager");

/// The kinds besides the calls, which are called as the functions are.
pub(crate) static KINDS: [EventKind; 21] = [
    event("step", About::Label, CLIENTS, "a step of a script"),
    event("update", About::Dest, &[Role::Peer], "a row of a recording"),
    event("expiry", About::Dest, &[Role::Client], "a route's time to live has run out"),
    event("entity-registered", About::Client, CLIENTS, "the callback of `RTM_ENTITY_REGISTERED`"),
    event("entity-deregistered", About::Client, CLIENTS, "the callback of `RTM_ENTITY_DEREGISTERED`"),
    event("route-expired", About::Dest, &[Role::Client], "the callback of `RTM_ROUTE_EXPIRED`"),
    event("change-notification", About::Changes, CLIENTS, "the callback of `RTM_CHANGE_NOTIFICATION`"),
    note("return", About::Anything, CLIENTS, "what a callback answered"),
    note("dropped", About::Anything, CLIENTS, "a callback was not run after all"),
    note(
        "skipped",
        About::Anything,
        &[Role::Client],
        "an action could not be done, or its condition did not hold",
    ),
    note("best", About::Dest, MANAGER, "a destination's best route in a view"),
    note("route-added", About::Dest, MANAGER, "a route came into the table"),
    note("route-updated", About::Dest, MANAGER, "a route changed"),
    note("route-refreshed", About::Dest, MANAGER, "a route's time to live was renewed and nothing else"),
    note("route-deleted", About::Dest, MANAGER, "a route left the table"),
    note("leak", About::Anything, CALLERS, "a client left something behind"),
    note("violation", About::Nothing, CALLERS, "a client breached the contract"),
    note("observing", About::Nothing, &[Role::Observer], "an observer has registered for changes"),
    note("mirror", About::Dest, &[Role::Observer], "what an observer now takes for the best route"),
    note("changed", About::Dest, &[Role::Client], "a changed destination that a client was handed"),
    note("flag", About::Flag, &[Role::Client], "a flag of a client was set or cleared"),
];

/// Returns the names of all kinds of events and notes: first those of the table, then the functions of the manager.
pub fn event_kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name).chain(Function::ALL.iter().map(|function| function.name()))
}

/// Returns the kinds that match a pattern.
pub(crate) fn matching(pattern: &str) -> Vec<&'static EventKind> {
    let is_match = |name: &str| is_glob_match(pattern, name);
    let is_call = Function::ALL.iter().any(|function| is_match(function.name()));
    KINDS.iter().filter(|kind| is_match(kind.name)).chain(is_call.then_some(&CALL)).collect()
}

/// Returns the help for a kind that does not exist.
pub(crate) fn meant(name: &str) -> String {
    if let Some(meant) = nearest(name, event_kinds()) {
        return format!("did you mean `{meant}`?");
    }
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    format!("expected a function such as `RtmAddRouteToDest`, or one of `{}`", kinds.join("`, `"))
}
