//! The events and notes a run consists of: a closed set of kinds, what each is about, and who makes it.

use tiebreak_rtm::Function;

use crate::pattern::is_glob_match;

/// What the subject of an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// It has none.
    Nothing,
    /// A destination to which who makes the event adds a route, or nothing.
    OwnRoute,
    /// A destination to which somebody adds a route, or nothing.
    Route,
    /// Any destination, or nothing.
    Dest,
    /// The address of a next hop, or nothing.
    Host,
    /// The label of a step.
    Label,
    /// Who takes part.
    Client,
    /// A registration for changes.
    Changes,
    /// An enumeration.
    Enumeration,
    /// A route list.
    RouteList,
    /// A flag.
    Flag,
    /// Something that cannot be told from the file.
    Anything,
}

impl About {
    /// Returns what to call it in the manual.
    const fn noun(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::OwnRoute | Self::Route | Self::Dest => "a destination",
            Self::Host => "an address",
            Self::Label => "a label",
            Self::Client => "a client",
            Self::Changes => "a registration",
            Self::Enumeration => "an enumeration",
            Self::RouteList => "a route list",
            Self::Flag => "a flag",
            Self::Anything => "whatever it concerns",
        }
    }
}

/// Who makes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Client,
    /// A client as another registration than its first: it makes neither steps nor flags.
    Registration,
    Observer,
    Peer,
    Manager,
}

impl Role {
    /// Returns what to call those in a message.
    const fn plural(self) -> &'static str {
        match self {
            Self::Client => "clients",
            Self::Registration => "registrations",
            Self::Observer => "observers",
            Self::Peer => "peers of feeds",
            Self::Manager => "the manager",
        }
    }
}

/// A kind of event or note.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventKind {
    pub(crate) name: &'static str,
    /// What it may be about, one of these.
    pub(crate) about: &'static [About],
    pub(crate) roles: &'static [Role],
    /// Whether it is an event of its own, with occurrence numbers, or a note of what happens in one.
    pub(crate) is_event: bool,
    /// Whether it is a call of the manager, which is answered with a status.
    pub(crate) is_call: bool,
    /// The actions, and fields of actions, one of which a client needs to make it; none if they do not tell.
    pub(crate) needs: &'static [&'static str],
    /// What it says, for the manual.
    pub(crate) says: &'static str,
}

impl EventKind {
    /// Returns what it may be about, for the manual.
    pub(crate) const fn noun(&self) -> &'static str {
        if let [about] = self.about { about.noun() } else { About::Anything.noun() }
    }

    /// Returns what to call those who make it.
    pub(crate) fn makers(&self) -> String {
        // Other registrations of clients make what clients make, and go without saying.
        let makers = self.roles.iter().filter(|role| **role != Role::Registration);
        makers.map(|role| role.plural()).collect::<Vec<_>>().join(", ")
    }

    const fn needs(self, needs: &'static [&'static str]) -> Self {
        Self { needs, ..self }
    }
}

const OWNERS: &[Role] = &[Role::Client, Role::Registration];
const CLIENTS: &[Role] = &[Role::Client, Role::Registration, Role::Observer];
const CALLERS: &[Role] = &[Role::Client, Role::Registration, Role::Observer, Role::Peer];
const MANAGER: &[Role] = &[Role::Manager];
/// What a callback is about.
const TOLD: &[About] = &[About::Client, About::OwnRoute, About::Changes];

const fn event(
    name: &'static str,
    about: &'static [About],
    roles: &'static [Role],
    says: &'static str,
) -> EventKind {
    EventKind { is_event: true, ..note(name, about, roles, says) }
}

const fn note(
    name: &'static str,
    about: &'static [About],
    roles: &'static [Role],
    says: &'static str,
) -> EventKind {
    EventKind { name, about, roles, is_event: false, is_call: false, needs: &[], says }
}

/// The kinds besides the calls, which are called as the functions are.
pub(crate) static KINDS: [EventKind; 30] = [
    event("step", &[About::Label], &[Role::Client, Role::Observer], "a step of a script"),
    event("update", &[About::Route], &[Role::Peer], "a row of a recording"),
    event("expiry", &[About::OwnRoute], OWNERS, "a route's time to live has run out")
        .needs(&["expires_after"]),
    event("hold-end", &[About::Route], MANAGER, "the hold of a destination comes to its end"),
    event("entity-registered", &[About::Client], CLIENTS, "the callback of `RTM_ENTITY_REGISTERED`"),
    event("entity-deregistered", &[About::Client], CLIENTS, "the callback of `RTM_ENTITY_DEREGISTERED`"),
    event("route-expired", &[About::OwnRoute], OWNERS, "the callback of `RTM_ROUTE_EXPIRED`")
        .needs(&["expires_after"]),
    event("change-notification", &[About::Changes], CLIENTS, "the callback of `RTM_CHANGE_NOTIFICATION`")
        .needs(&["RegisterForChanges"]),
    event("resume", TOLD, CLIENTS, "a callback that has paused goes on, or one that takes time returns"),
    event(
        "granted",
        &[About::Dest, About::Host, About::Client],
        CALLERS,
        "a call that has waited for a lock, or for methods that were blocked, goes on",
    ),
    note("method", &[About::Client], OWNERS, "a method of the client runs, which another has invoked"),
    note("warning", &[About::Anything], OWNERS, "something is not supported, and something else was done"),
    note("deadlock", &[About::Nothing], CALLERS, "clients wait for each other's locks"),
    note("return", TOLD, CLIENTS, "what a callback answered"),
    note("dropped", TOLD, CLIENTS, "a callback was not run after all"),
    note("skipped", &[About::Anything], OWNERS, "an action could not be done, or its condition did not hold"),
    note("best", &[About::Route], MANAGER, "a destination's best route in a view"),
    note("route-added", &[About::Route], MANAGER, "a route came into the table"),
    note("route-updated", &[About::Route], MANAGER, "a route changed"),
    note("route-refreshed", &[About::Route], MANAGER, "a route's time to live was renewed and nothing else"),
    note("route-deleted", &[About::Route], MANAGER, "a route left the table"),
    note("route-held", &[About::Route], MANAGER, "a route that left the table is held"),
    note("hold-ended", &[About::Route], MANAGER, "nothing is held at a destination any more"),
    note(
        "leak",
        &[About::Client, About::Dest, About::Host, About::RouteList, About::Enumeration],
        CALLERS,
        "a client left something behind",
    ),
    note("violation", &[About::Nothing], CALLERS, "a client breached the contract"),
    note("observing", &[About::Nothing], &[Role::Observer], "an observer has registered for changes"),
    note("mirror", &[About::Route], &[Role::Observer], "what an observer now takes for the best route"),
    note("changed", &[About::Route], OWNERS, "a changed destination that a client was handed")
        .needs(&["Drain", "GetChanged"]),
    note("enumerated", &[About::Dest, About::Host], OWNERS, "what a client was handed by an enumeration")
        .needs(&["GetEnumDests", "GetEnumRoutes", "GetEnumNextHops", "GetListEnumRoutes"]),
    note("flag", &[About::Flag], &[Role::Client], "a flag of a client was set or cleared")
        .needs(&["Set", "Clear"]),
];

/// Returns what a call of a function may be about.
const fn about_call(function: Function) -> &'static [About] {
    match function {
        Function::RegisterEntity
        | Function::DeregisterEntity
        | Function::GetRegisteredEntities
        | Function::BlockMethods
        | Function::ReleaseEntities => &[About::Nothing],
        Function::GetEntityInfo
        | Function::GetEntityMethods
        | Function::InvokeMethod
        | Function::ReleaseEntityInfo => &[About::Client],
        Function::AddRouteToDest
        | Function::DeleteRouteToDest
        | Function::LockRoute
        | Function::UpdateAndUnlockRoute
        | Function::GetRoutePointer
        | Function::IsBestRoute
        | Function::ReleaseRoutes => &[About::OwnRoute],
        Function::GetRouteInfo | Function::ReleaseRouteInfo => &[About::Route],
        Function::HoldDestination
        | Function::GetOpaqueInformationPointer
        | Function::SetOpaqueInformation
        | Function::GetDestInfo
        | Function::GetExactMatchDestination
        | Function::GetMostSpecificDestination
        | Function::LockDestination
        | Function::GetLessSpecificDestination
        | Function::GetExactMatchRoute
        | Function::ReleaseDestInfo
        | Function::ReleaseDests => &[About::Dest],
        Function::AddNextHop
        | Function::FindNextHop
        | Function::DeleteNextHop
        | Function::LockNextHop
        | Function::GetNextHopInfo
        | Function::GetNextHopPointer
        | Function::ReleaseNextHopInfo
        | Function::ReleaseNextHops => &[About::Host],
        Function::CreateDestEnum
        | Function::GetEnumDests
        | Function::CreateRouteEnum
        | Function::GetEnumRoutes
        | Function::CreateNextHopEnum
        | Function::GetEnumNextHops
        | Function::DeleteEnumHandle
        | Function::CreateRouteListEnum
        | Function::GetListEnumRoutes => &[About::Enumeration],
        Function::CreateRouteList | Function::DeleteRouteList => &[About::RouteList],
        Function::InsertInRouteList => &[About::RouteList, About::Nothing],
        Function::RegisterForChangeNotification
        | Function::DeregisterFromChangeNotification
        | Function::GetChangedDests
        | Function::ReleaseChangedDests
        | Function::GetChangeStatus
        | Function::IgnoreChangedDests
        | Function::MarkDestForChangeNotification
        | Function::IsMarkedForChangeNotification => &[About::Changes],
        Function::ReferenceHandles | Function::ReleaseHandle => &[About::Route, About::Host],
    }
}

/// Returns the names of all kinds of events and notes: first those of the table, then the functions of the manager.
pub fn event_kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name).chain(Function::ALL.iter().map(|function| function.name()))
}

/// Returns the kinds that match a pattern.
pub(crate) fn matching(pattern: &str) -> Vec<EventKind> {
    let call = |function: &Function| EventKind {
        is_call: true,
        ..note(function.name(), about_call(*function), CALLERS, "a call of the manager")
    };
    let kinds = KINDS.iter().copied().chain(Function::ALL.iter().map(call));
    kinds.filter(|kind| is_glob_match(pattern, kind.name)).collect()
}

/// Returns the help for a kind that does not exist.
pub(crate) fn meant(name: &str) -> String {
    tiebreak_diagnostic::meant(name, event_kinds(), || {
        let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        format!("expected a function such as `RtmAddRouteToDest`, or one of `{}`", kinds.join("`, `"))
    })
}
