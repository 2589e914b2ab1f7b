//! What a client does: the calls it makes of the manager, and the little control flow around them.
//!
//! An action is a variant, its row, and its number in the digest; `runner` carries it out.

mod criteria;
mod dests;
mod digest;
mod enumeration;
mod methods;
mod parts;
mod payload;

use core::net::IpAddr;

use serde::{Deserialize, Serialize};
use tiebreak_kernel::Span;

use crate::check::frame;
use crate::condition::{CONDITIONS, Condition};
use crate::document::{as_text, is_default, is_yes, yes};
use crate::modes::{AddMode, LockMode, Match};
use crate::plan::{Dest, Event};
use crate::rows::{Field, Is, Limit, Row, TYPES, Table, U16, U32, U64, Use, VIEWS, opt, or, req};
use crate::words::{Status, variants};

pub(crate) use self::criteria::CRITERIA;
pub use self::enumeration::{
    Batch, CreateDestEnum, CreateNextHopEnum, CreateRouteEnum, CreateRouteListEnum, GetListEnumRoutes,
    InsertInRouteList,
};
pub use self::methods::{EntityMethods, InvokeMethod};
pub use self::payload::{
    AddNextHop, AddRoute, ChangedDest, Criteria, FindNextHop, HoldDestination, LockDest, Lookup, MatchRoute,
    RegisterForChanges, UpdateRoute,
};

/// Something a client does in a step or a reaction.
///
/// `P` and `A` are how prefixes and addresses are held: as themselves, or as text in files and in group templates, where
/// they may hold placeholders. Names stand for handles: each client has its own next hops, routes and registrations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Action<P = Dest, A = IpAddr> {
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
    EditRoute(UpdateRoute),
    /// `RtmLockRoute` with TRUE.
    LockRoute {
        /// A route of this client, or `expired`.
        route: String,
        /// Who else may get at it.
        #[serde(default, skip_serializing_if = "is_default")]
        mode: LockMode,
    },
    /// `RtmLockRoute` with FALSE: what was edited is discarded.
    UnlockRoute {
        /// A route of this client, or `expired`.
        route: String,
        /// Who else may get at it.
        #[serde(default, skip_serializing_if = "is_default")]
        mode: LockMode,
    },
    /// `RtmUpdateAndUnlockRoute` of a route that the client has locked: what is absent stays, but the time to live starts anew.
    UpdateAndUnlockRoute(UpdateRoute),
    /// `RtmLockDestination` with TRUE.
    LockDestination(LockDest<P>),
    /// `RtmLockDestination` with FALSE.
    UnlockDestination(LockDest<P>),
    /// `RtmLockNextHop` with TRUE.
    LockNextHop {
        /// A next hop of this client.
        name: String,
        /// Who else may get at it.
        #[serde(default, skip_serializing_if = "is_default")]
        mode: LockMode,
    },
    /// `RtmLockNextHop` with FALSE.
    UnlockNextHop {
        /// A next hop of this client.
        name: String,
        /// Who else may get at it.
        #[serde(default, skip_serializing_if = "is_default")]
        mode: LockMode,
    },
    /// `RtmDeleteRouteToDest`; consumes the handle.
    DeleteRoute {
        /// A route of this client.
        route: String,
    },
    /// `RtmHoldDestination` on a destination with routes: its last route stays visible as unreachable for a while.
    HoldDestination(HoldDestination<P>),
    /// `RtmGetRoutePointer`; the answer is a copy without references.
    RoutePointer {
        /// A route of this client, or `expired`.
        route: String,
    },
    /// `RtmGetNextHopPointer`; the answer is a copy without references.
    NextHopPointer {
        /// A next hop of this client.
        name: String,
    },
    /// `RtmGetOpaqueInformationPointer`: what is in the client's slot of a destination.
    OpaquePointer {
        /// The destination.
        dest: P,
    },
    /// A write to the client's slot of a destination, which it has to have locked exclusively.
    SetOpaque {
        /// The destination.
        dest: P,
        /// What is written, 0 for NULL.
        value: u64,
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
        /// What is done for each destination that has changed, once all are fetched.
        #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
        each: Vec<Action<P, A>>,
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
    /// `RtmGetExactMatchDestination`, `RtmGetMostSpecificDestination` or `RtmGetLessSpecificDestination`, then
    /// `RtmReleaseDestInfo`.
    Lookup(Lookup<P>),
    /// `RtmGetExactMatchRoute`, then `RtmReleaseRouteInfo`; the handle is kept under `name` if there is one.
    MatchRoute(MatchRoute<P>),
    /// `RtmCreateDestEnum`; the enumeration is kept under `name`.
    CreateDestEnum(CreateDestEnum<P>),
    /// `RtmGetEnumDests` once, then `RtmReleaseDests`.
    GetEnumDests(Batch),
    /// `RtmCreateRouteEnum`; the enumeration is kept under `name`.
    CreateRouteEnum(CreateRouteEnum<P>),
    /// `RtmGetEnumRoutes` once, then `RtmReleaseRoutes`.
    GetEnumRoutes(Batch),
    /// `RtmCreateNextHopEnum`; the enumeration is kept under `name`.
    CreateNextHopEnum(CreateNextHopEnum<P>),
    /// `RtmGetEnumNextHops` once, then `RtmReleaseNextHops`.
    GetEnumNextHops(Batch),
    /// `RtmDeleteEnumHandle`.
    DeleteEnum {
        /// An enumeration of this client.
        #[serde(rename = "enum")]
        name: String,
    },
    /// `RtmCreateRouteList`; the list is kept under `name`.
    CreateRouteList {
        /// Under which name the client keeps it.
        name: String,
    },
    /// `RtmInsertInRouteList`.
    InsertInRouteList(InsertInRouteList),
    /// `RtmCreateRouteListEnum`; the enumeration is kept under `name`.
    CreateRouteListEnum(CreateRouteListEnum),
    /// `RtmGetListEnumRoutes` once, perhaps `RtmInsertInRouteList`, then `RtmReleaseRoutes`.
    GetListEnumRoutes(GetListEnumRoutes),
    /// `RtmDeleteRouteList`.
    DeleteRouteList {
        /// A list of this client.
        list: String,
    },
    /// `RtmGetRegisteredEntities`, then `RtmReleaseEntities`.
    ListEntities,
    /// `RtmGetEntityInfo` on the entity an event is about, then `RtmReleaseEntityInfo`; only in reactions to entity events.
    EntityInfo,
    /// `RtmGetEntityMethods`.
    EntityMethods(EntityMethods),
    /// `RtmInvokeMethod`; what the first of the methods puts out is kept for the condition `Answered`.
    InvokeMethod(InvokeMethod),
    /// `RtmBlockMethods` with `RTM_BLOCK_METHODS`.
    BlockMethods,
    /// `RtmBlockMethods` with `RTM_RESUME_METHODS`.
    ResumeMethods,
    /// What a method puts out; only in methods, the last one counts.
    Output(u64),
    /// `RtmIsBestRoute`.
    IsBest {
        /// A route of this client, or `expired`.
        route: String,
    },
    /// `RtmGetRouteInfo`, then `RtmReleaseRouteInfo`.
    RouteInfo {
        /// A route of this client, or `expired`.
        route: String,
        /// Is a copy of the route wanted, or only where it leads?
        #[serde(default = "yes", skip_serializing_if = "is_yes")]
        info: bool,
    },
    /// `RtmFindNextHop`; the handle is kept under `name` if there is one.
    FindNextHop(FindNextHop<A>),
    /// What the callback answers; only in reactions, the last one counts.
    Return(Status),
    /// The callback goes on that much later; only in reactions.
    Pause(#[serde(with = "as_text")] Span),
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
    /// Does the actions as another registration of the client.
    As(String, Vec<Action<P, A>>),
    /// Does the actions that much later, as one step of its own. The text is its label: empty in a file that leaves it to
    /// the default, never empty in a plan.
    After(
        #[serde(with = "as_text")] Span,
        Vec<Action<P, A>>,
        #[serde(default, skip_serializing_if = "String::is_empty")] String,
    ),
    /// Sets a flag of this client.
    Set(String),
    /// Clears a flag of this client; all are clear at the start.
    Clear(String),
    /// Gives up what was put off under that label and has not come.
    Cancel(String),
}

const NAME: &str = "name";
const DEST: Field = req("dest", Is::Name(Use::Prefix));
const ROUTE: Field = req("route", Is::Name(Use::Route));
const CHANGES: Field = req("changes", Is::Name(Use::Changes));
const NEIGHBOUR: Field = opt("neighbour", Is::Name(Use::NextHop));
const HOPS: Is = Is::List(&Is::Name(Use::NextHop));
const LIFE: Field = opt("expires_after", Is::Span(Limit::Millis));
const ACTIONS_INSIDE: Field = req("[actions]", Is::Actions);
const NEW_ENUM: Field = req(NAME, Is::Name(Use::NewEnum));
const ENUM: Field = req("enum", Is::Name(Use::Enum));
const MAX: Field = req("max", Is::Integer(1, 0xFFFF_FFFF));
const FROM: Field = opt("from", Is::Name(Use::Prefix));
const RANGE: Field = opt("range", Is::Name(Use::Prefix));
const OWN: Field = or("own", Is::Boolean, "");
const LIST: Field = opt("list", Is::Name(Use::List));
const OF_LIST: Field = req("list", Is::Name(Use::List));
const OF: Field = req("of", Is::Name(Use::Client));
const FLAG: Is = Is::Name(Use::FlagName);
const MODE: Field = or("mode", Is::Word("a mode", variants::<LockMode>), "");
const EVERY_EVENT: &[Event] = &Event::ALL;

/// Actions.
pub(crate) static ACTIONS: Table = Table {
    what: "an action",
    rows: &[
        Row::alone("Register", "`RtmRegisterEntity`"),
        Row::alone("Deregister", "`RtmDeregisterEntity`"),
        Row::fields(
            "AddNextHop",
            &[req(NAME, Is::Name(Use::NewNextHop)), req("address", Is::Name(Use::Address)), req("interface", U32)],
            "`RtmAddNextHop`",
        )
        .about(NAME),
        Row::fields("DeleteNextHop", &[req(NAME, Is::Name(Use::NextHop))], "`RtmDeleteNextHop` by handle").about(NAME),
        Row::fields(
            "AddRoute",
            &[
                opt(NAME, Is::Name(Use::NewRoute)),
                req("dest", Is::Name(Use::NewDest)),
                or("via", HOPS, ""),
                req("metric", U32),
                opt("preference", U32),
                LIFE,
                NEIGHBOUR,
                or("views", VIEWS, ""),
                opt("flags", U16),
                LIST,
                or("mode", Is::Word("a mode", variants::<AddMode>), ""),
            ],
            "`RtmAddRouteToDest`; required are `dest`, `metric`; without a `name` no handle is asked for; defaults: `via: []`, the manager's preference, \
             never expires, no neighbour, `[ucast]`, no flags, no route list, `mode: Auto` (`New`: `RTM_ROUTE_CHANGE_NEW`, `First`: `RTM_ROUTE_CHANGE_FIRST`)",
        )
        .about("dest"),
        Row::fields(
            "UpdateRoute",
            &[
                ROUTE,
                opt("metric", U32),
                opt("preference", U32),
                opt("via", HOPS),
                NEIGHBOUR,
                opt("views", VIEWS),
                opt("flags", U16),
                LIFE,
                LIST,
            ],
            "`RtmAddRouteToDest` through the handle; what is absent stays; without `expires_after` the route does not expire any more",
        )
        .about("route"),
        Row::fields(
            "EditRoute",
            &[ROUTE, opt("metric", U32), opt("preference", U32), opt("via", HOPS), NEIGHBOUR, opt("views", VIEWS), LIFE, LIST],
            "`RtmLockRoute`, edit, `RtmUpdateAndUnlockRoute`; as `UpdateRoute`, but no flags",
        )
        .about("route"),
        Row::fields(
            "LockRoute",
            &[ROUTE, MODE],
            "`RtmLockRoute`, TRUE: locks the destination of a route; default `Exclusive` (or `Shared`); who meets the lock of another client waits",
        )
        .about("route"),
        Row::fields("UnlockRoute", &[ROUTE, MODE], "`RtmLockRoute`, FALSE").about("route"),
        Row::fields(
            "UpdateAndUnlockRoute",
            &[ROUTE, opt("metric", U32), opt("preference", U32), opt("via", HOPS), NEIGHBOUR, opt("views", VIEWS), LIFE, LIST],
            "edit, `RtmUpdateAndUnlockRoute`; of a route that is locked, as `EditRoute`",
        )
        .about("route"),
        Row::fields(
            "LockDestination",
            &[DEST, MODE],
            "`RtmGetExactMatchDestination`, `RtmLockDestination`, TRUE: keeps the handle until it is unlocked",
        )
        .about("dest"),
        Row::fields("UnlockDestination", &[DEST, MODE], "`RtmLockDestination`, FALSE; releases the handle").about("dest"),
        Row::fields("LockNextHop", &[req(NAME, Is::Name(Use::NextHop)), MODE], "`RtmLockNextHop`, TRUE").about(NAME),
        Row::fields("UnlockNextHop", &[req(NAME, Is::Name(Use::NextHop)), MODE], "`RtmLockNextHop`, FALSE").about(NAME),
        Row::fields("DeleteRoute", &[ROUTE], "`RtmDeleteRouteToDest`").about("route"),
        Row::fields(
            "HoldDestination",
            &[DEST, req("hold_time", Is::Span(Limit::Millis)), or("views", VIEWS, "")],
            "`RtmHoldDestination`: once the last route of the destination in one of the views is deleted, it is held for that long; default `[ucast]`, and `[]` means every view",
        )
        .about("dest"),
        Row::fields("RoutePointer", &[ROUTE], "`RtmGetRoutePointer`; refused unless the client owns the route").about("route"),
        Row::fields(
            "NextHopPointer",
            &[req(NAME, Is::Name(Use::NextHop))],
            "`RtmGetNextHopPointer`; refused unless the client owns the next hop",
        )
        .about(NAME),
        Row::fields("OpaquePointer", &[DEST], "`RtmGetOpaqueInformationPointer`: what is in the client's slot of the destination; `0` is NULL")
            .about("dest"),
        Row::fields(
            "SetOpaque",
            &[DEST, req("value", U64)],
            "a write to the client's slot of the destination; refused unless the client has locked the destination exclusively",
        )
        .about("dest"),
        Row::fields("HoldRoute", &[ROUTE], "`RtmReferenceHandles`").about("route"),
        Row::fields("ReleaseRoute", &[ROUTE], "`RtmReleaseRoutes`").about("route"),
        Row::fields(
            "RegisterForChanges",
            &[
                req(NAME, Is::Name(Use::NewChanges)),
                req("types", TYPES),
                or("views", VIEWS, ""),
                or("only_marked", Is::Boolean, ""),
                or("suppress_own", Is::Boolean, ""),
                or("context", U64, ""),
            ],
            "`RtmRegisterForChangeNotification`; `types`: at least one of `All`, `Best`, `Forwarding`; defaults `[ucast]`, `false`, `false`, `0`",
        )
        .about(NAME),
        Row::fields("DeregisterFromChanges", &[CHANGES], "`RtmDeregisterFromChangeNotification`").about("changes"),
        Row::fields(
            "Drain",
            &[CHANGES, or("each", Is::Each, "")],
            "`RtmGetChangedDests`, `RtmReleaseChangedDests` until there is nothing more; then the actions `each` for each destination that was fetched, which is `dest: \"changed\"` in them",
        )
        .about("changes"),
        Row::fields(
            "GetChanged",
            &[CHANGES, MAX],
            "the same once, at most `max` (from 1)",
        )
        .about("changes"),
        Row::fields("Ignore", &[CHANGES, DEST], "`RtmIgnoreChangedDests`").about("dest"),
        Row::fields("ChangeStatus", &[CHANGES, DEST], "`RtmGetChangeStatus`").about("dest"),
        Row::fields("Mark", &[CHANGES, DEST], "`RtmMarkDestForChangeNotification`").about("dest"),
        Row::fields("Unmark", &[CHANGES, DEST], "`RtmMarkDestForChangeNotification`").about("dest"),
        Row::fields("IsMarked", &[CHANGES, DEST], "`RtmIsMarkedForChangeNotification`").about("dest"),
        Row::fields(
            "Lookup",
            &[
                DEST,
                or("match", Is::Word("a match", variants::<Match>), ""),
                or("views", VIEWS, ""),
                or("protocol", Is::Selector, ""),
            ],
            "`RtmGetExactMatchDestination`; with `match: Longest` `RtmGetMostSpecificDestination`; with `LessSpecific` `RtmGetLessSpecificDestination` of that destination; with `Walk` the longest match and then every less specific destination, up to the shortest; defaults `Exact`, `[ucast]`, `Best` (or `This`, or a protocol)",
        )
        .about("dest"),
        Row::fields(
            "MatchRoute",
            &[opt(NAME, Is::Name(Use::NewRoute)), DEST, or("like", Is::One(&CRITERIA), ""), or("views", VIEWS, "")],
            "`RtmGetExactMatchRoute`, `RtmReleaseRouteInfo`: the best route of exactly that prefix that is `like` the criteria; required is `dest`; without a `name` no handle is asked for; defaults: any route, `[ucast]`",
        )
        .about("dest"),
        Row::fields(
            "CreateDestEnum",
            &[NEW_ENUM, or("views", VIEWS, ""), FROM, RANGE, OWN, or("protocol", Is::Selector, "")],
            "`RtmCreateDestEnum`; required is `name`; `from` a prefix to the end (`RTM_ENUM_NEXT`), the `range` of a prefix (`RTM_ENUM_RANGE`), or without both everything; with `own: true` only destinations of which the client owns the best route; defaults `[ucast]`, `false`, `Best`",
        )
        .about(NAME)
        .also(frame::range),
        Row::fields("GetEnumDests", &[ENUM, MAX], "`RtmGetEnumDests` once, `RtmReleaseDests`").about("enum"),
        Row::fields(
            "CreateRouteEnum",
            &[NEW_ENUM, opt("dest", Is::Name(Use::Prefix)), or("views", VIEWS, ""), FROM, RANGE, OWN, or("like", Is::One(&CRITERIA), "")],
            "`RtmCreateRouteEnum`; as `CreateDestEnum`, or of one destination `dest`; with `own: true` only routes of the client; only routes that are `like` the criteria",
        )
        .about(NAME)
        .also(frame::range),
        Row::fields("GetEnumRoutes", &[ENUM, MAX], "`RtmGetEnumRoutes` once, `RtmReleaseRoutes`").about("enum"),
        Row::fields("CreateNextHopEnum", &[NEW_ENUM, FROM, RANGE], "`RtmCreateNextHopEnum` of the client's next hops; `from` and `range` as in `CreateDestEnum`")
            .about(NAME)
            .also(frame::range),
        Row::fields("GetEnumNextHops", &[ENUM, MAX], "`RtmGetEnumNextHops` once, `RtmReleaseNextHops`").about("enum"),
        Row::fields("DeleteEnum", &[ENUM], "`RtmDeleteEnumHandle`").about("enum"),
        Row::fields("CreateRouteList", &[req(NAME, Is::Name(Use::NewList))], "`RtmCreateRouteList`").about(NAME),
        Row::fields(
            "InsertInRouteList",
            &[LIST, req("routes", Is::List(&Is::Name(Use::Route)))],
            "`RtmInsertInRouteList`; without a `list` the routes leave the lists they are in",
        ),
        Row::fields("CreateRouteListEnum", &[NEW_ENUM, OF_LIST], "`RtmCreateRouteListEnum`").about(NAME),
        Row::fields(
            "GetListEnumRoutes",
            &[ENUM, MAX, opt("into", Is::Name(Use::List))],
            "`RtmGetListEnumRoutes` once, `RtmReleaseRoutes`; with `into` the routes are moved into that list before they are released",
        )
        .about("enum"),
        Row::fields("DeleteRouteList", &[OF_LIST], "`RtmDeleteRouteList`").about("list"),
        Row::alone("ListEntities", "`RtmGetRegisteredEntities`, `RtmReleaseEntities`"),
        Row::alone("EntityInfo", "`RtmGetEntityInfo`, `RtmReleaseEntityInfo` on the event's entity")
            .only_in(&[Event::EntityRegistered, Event::EntityDeregistered]),
        Row::fields(
            "EntityMethods",
            &[OF, opt("room", U32)],
            "`RtmGetEntityMethods`: how many there are, and then all of them; with `room` one call with so much room",
        )
        .about("of"),
        Row::fields(
            "InvokeMethod",
            &[OF, or("methods", Is::List(&Is::Integer(1, 32)), ""), or("input", U64, ""), opt("room", U32)],
            "`RtmInvokeMethod` of a client, perhaps this one; `methods` are numbered from 1, and `[]` means all; default `input: 0`, and room for all outputs",
        )
        .about("of"),
        Row::alone("BlockMethods", "`RtmBlockMethods`, block: who invokes one of this client's methods waits"),
        Row::alone("ResumeMethods", "`RtmBlockMethods`, resume: those that wait go on, one after the other"),
        Row::values("Output", &[req("7", U64)], "what the method puts out; the last one counts, without one it is `0`")
            .only_in(&[Event::Method]),
        Row::fields("IsBest", &[ROUTE], "`RtmIsBestRoute`").about("route"),
        Row::fields(
            "RouteInfo",
            &[ROUTE, or("info", Is::Boolean, "")],
            "`RtmGetRouteInfo`, `RtmReleaseRouteInfo`; with `info: false` no copy is asked for, only where the route leads, and nothing is to be released",
        )
        .about("route"),
        Row::fields(
            "FindNextHop",
            &[opt(NAME, Is::Name(Use::NewNextHop)), req("address", Is::Name(Use::Address)), req("interface", U32)],
            "`RtmFindNextHop` among the client's next hops; without a `name` no handle is asked for, and nothing is to be released",
        )
        .about("address"),
        Row::values(
            "Return",
            &[req("NotSupported", Is::Status)],
            "the answer of the callback, or how the method ends; the last one counts, without one it is `NoError`, and without a reaction to `RouteExpired`, or with one that switches leave empty, it is `NotSupported`; the name of a status, or a number",
        )
        .only_in(EVERY_EVENT),
        Row::values(
            "Pause",
            &[req("\"5ms\"", Is::Span(Limit::Any))],
            "the callback goes on that much later, as the event `resume`; what else is due meanwhile happens meanwhile, but no other callback of this client",
        )
        .only_in(&Event::CALLBACKS),
        Row::alone("ReleaseEventRoute", "`RtmReleaseRoutes` on the event's route")
            .only_in(&[Event::RouteExpired]),
        Row::values(
            "When",
            &[req("condition", Is::One(&CONDITIONS)), ACTIONS_INSIDE],
            "the actions, if the condition holds when it is reached",
        ),
        Row::values("With", &[req("\"switch\"", Is::Switch), ACTIONS_INSIDE], "the actions, if the switch is on"),
        Row::values("Without", &[req("\"switch\"", Is::Switch), ACTIONS_INSIDE], "the actions, if the switch is off"),
        Row::values("All", &[ACTIONS_INSIDE], "the actions, one after the other within the step"),
        Row::values(
            "As",
            &[req("\"ipv6\"", Is::Name(Use::Registration)), ACTIONS_INSIDE],
            "the actions, as the registration of this name in `also`; `\"main\"` is the one that the client's own fields describe",
        )
        .acts_as("\"ipv6\""),
        Row::values_or_less(
            "After",
            &[req("\"5ms\"", Is::Span(Limit::Any)), req("[actions]", Is::Later), req("\"label\"", Is::Name(Use::NewLater))],
            "the actions that much later, as one step of its own; the callback is over then; the label may be left out",
        ),
        Row::values("Set", &[req("\"flag\"", FLAG)], "sets a flag of this client").about("\"flag\""),
        Row::values("Clear", &[req("\"flag\"", FLAG)], "clears a flag of this client; all are clear at the start")
            .about("\"flag\""),
        Row::values(
            "Cancel",
            &[req("\"label\"", Is::Name(Use::Later))],
            "gives up what an `After` of this client has put off under that label, and what has not come yet",
        )
        .about("\"label\""),
    ],
};
