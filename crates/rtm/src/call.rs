//! The calls a client can make and what they answer: one variant a function of `RTMv2`.
//!
//! Arguments the documentation reserves (`NotifyType`, `NotifyHandle`) cannot be given here (D-33).

use crate::address::NetAddress;
use crate::flags::{
    EnumFlags, MatchFlags, MethodTypes, NextHopChangeFlags, NotifyFlags, RouteChangeFlags, ViewSet,
};
use crate::function::{Function, with_functions};
use crate::handle::{
    AnyHandle, DestHandle, EntityHandle, EnumHandle, NextHopHandle, NotifyHandle, RouteHandle,
    RouteListHandle, Ticket,
};
use crate::info::{
    DestInfo, EntityInfo, NextHopInfo, NextHopSpec, RegistrationProfile, RouteCriteria, RouteInfo, RouteSpec,
};
use crate::status::{Status, Violation};
use alloc::vec::Vec;

/// Whether a client has an event callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventCallback {
    /// It is told of events.
    Given,
    /// It gets no event ever; it may poll for changes, and its expired routes are deleted (D-11).
    Absent,
}

/// Whether a client has a slot of its own in every destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpaqueSlot {
    /// It has: NULL at first, and private to it.
    Reserved,
    /// It has none.
    NotReserved,
}

/// An in-and-out handle argument: absent, pointing to NULL, or pointing to a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandleArgument<H> {
    /// No pointer: nothing is returned.
    Absent,
    /// A pointer to NULL: the object is searched for or created, and its handle returned with a reference.
    Null,
    /// A pointer to a handle: that object is meant, no reference is added.
    Given(H),
}

/// Whether a listing hands out handles, each with a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListedHandles {
    /// Handles are returned and must be released.
    Wanted,
    /// Only the copies are returned.
    NotWanted,
}

/// Whether a client wants an output that it may decline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionalOutput {
    /// It is returned, with what references it has.
    Wanted,
    /// A null pointer: it is not returned, and nothing is to be released for it.
    Declined,
}

/// Which route a destination query reports; it is no search criterion (RTM-049).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProtocolSelector {
    /// `RTM_BEST_PROTOCOL` (0): the best of all.
    Best,
    /// `RTM_THIS_PROTOCOL` (0xFFFFFFFF): the best of the caller's protocol, all its instances (D-37).
    This,
    /// The best of this protocol.
    Protocol(u32),
}

impl ProtocolSelector {
    /// Reads the documented number.
    #[must_use]
    pub const fn from_code(code: u32) -> Self {
        match code {
            0 => Self::Best,
            u32::MAX => Self::This,
            protocol => Self::Protocol(protocol),
        }
    }
}

/// Who may get at a locked destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockMode {
    /// Nobody else: the route may be edited in place.
    Exclusive,
    /// Others may read and lock shared.
    Shared,
}

/// What a function that locks is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockAction {
    /// Lock.
    Lock,
    /// Unlock; what was edited is discarded.
    Unlock,
}

/// Whether a client lets its methods be invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodBlocking {
    /// `RTM_BLOCK_METHODS` (1): whoever invokes one waits.
    Block,
    /// `RTM_RESUME_METHODS` (0): those that wait go on, first come, first served.
    Resume,
}

/// What one invoked method has put out (`RTM_ENTITY_METHOD_OUTPUT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MethodOutput {
    /// Which: one bit.
    pub method: MethodTypes,
    /// How it ended.
    pub status: Status,
    /// What it put out; a value of its client's own.
    pub output: u64,
}

/// Which next hop `RtmDeleteNextHop` is to delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextHopTarget {
    /// That of this handle, which is consumed.
    Handle(NextHopHandle),
    /// The caller's of this address and interface.
    Identity {
        /// The address.
        address: NetAddress,
        /// The interface.
        interface: u32,
    },
}

/// Whether a registration hears of changes its own client makes (D-52).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnChanges {
    /// It does, as documented.
    Included,
    /// It does not; an option of ours.
    Suppressed,
}

/// Whether a destination is to be marked or unmarked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marking {
    /// Mark.
    Mark,
    /// Unmark; what is pending stays so (D-59).
    Unmark,
}

/// A call of a client: a function, and its arguments under their documented names.
///
/// # Arguments
/// One name means the same in all calls:
///
/// | argument | meaning, unit, range |
/// |---|---|
/// | `address` | a prefix, or an address as a prefix of full length |
/// | `capacity` | how many elements there is room for; with too little the call ends in [`Outcome::NeedsRoom`] (D-77) |
/// | `count` | how many elements are taken at most: from 1 to [`Profile::max_handles_in_enum`](crate::Profile::max_handles_in_enum), else `ERROR_INVALID_PARAMETER` |
/// | `context` | any value; comes back with each notification (RTM-016) |
/// | `dest`, `entity`, `list`, `next_hop`, `notify`, `route`, `enumeration` | the handle of what is meant; one that the caller may not use is `ERROR_INVALID_HANDLE` |
/// | `dests`, `entities`, `handles`, `next_hops`, `routes` | several such handles |
/// | `hold_time_ms` | milliseconds, 1 or more |
/// | `info`, `infos` | what the manager has given, to be released with all handles in it |
/// | `interface` | the number of an interface; the manager gives it no meaning |
/// | `protocol` | whose best route is reported |
/// | `spec`, `edited` | what the client fills in, or has left behind a pointer |
/// | `time_to_live_ms` | milliseconds from now, counted from 0; [`INFINITE`](crate::INFINITE) never ends (RTM-018) |
/// | `views` | the views asked for, or that the call is about; one that is not supported is refused |
///
/// # Cost
/// A look-up costs a walk over the bytes of a prefix; a change of a route, a step for each route of its destination and for each
/// registration for change notification of its table; the end of a registration, all that it leaves behind; any other call, what
/// it is given and what it gives back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "fields are listed above, or with their call where they mean more")]
pub enum Call {
    /// Registers a client; the only call without a caller. `methods` is how many it exports, 32 at most; what they do is its
    /// own.
    RegisterEntity {
        info: EntityInfo,
        methods: u32,
        callback: EventCallback,
        reserve_opaque_pointer: OpaqueSlot,
    },
    /// Ends the registration; what the client leaves behind is reported and cleaned up (D-71).
    DeregisterEntity,
    /// Lists the clients of the caller's table, the caller included, in registration order (D-99).
    GetRegisteredEntities { capacity: u32, handles: ListedHandles },
    /// Releases handles of entities.
    ReleaseEntities { entities: Vec<EntityHandle> },
    /// Copies an entity's info; works also for one that has gone while a handle is held (D-07).
    GetEntityInfo { entity: EntityHandle },
    /// Releases what [`Call::GetEntityInfo`] gave. The documented structure is named by its entity here.
    ReleaseEntityInfo { entity: EntityHandle },
    /// Lists the methods of a client; with a capacity of 0 only says how many there are.
    GetEntityMethods { entity: EntityHandle, capacity: u32 },
    /// Invokes methods of a client, of the caller's own too, with a value that they are given. `capacity` is how many outputs
    /// there is room for. The call waits ([`Outcome::Pending`]) while its methods run, and before if they are blocked.
    InvokeMethod { entity: EntityHandle, methods: MethodTypes, input: u64, capacity: u32 },
    /// Blocks or resumes the caller's own methods: all of them, whatever the target (D-70).
    BlockMethods { target: Option<AnyHandle>, action: MethodBlocking },
    /// Locks or unlocks a destination, and with it its routes; any client of the table may (D-90).
    LockDestination { dest: DestHandle, mode: LockMode, action: LockAction },
    /// Reads the caller's slot in a destination. The documented pointer to it is what it holds here, 0 for NULL.
    GetOpaqueInformationPointer { dest: DestHandle },
    /// Writes the caller's slot in a destination that it has locked exclusively; ours, for what is documented to be done
    /// through the pointer.
    SetOpaqueInformation { dest: DestHandle, value: u64 },
    /// Adds or updates a route.
    AddRouteToDest {
        route: HandleArgument<RouteHandle>,
        dest: NetAddress,
        spec: RouteSpec,
        time_to_live_ms: u32,
        /// The list the route is moved into; without one it stays where it is (D-31).
        list: Option<RouteListHandle>,
        change_flags: RouteChangeFlags,
    },
    /// Deletes a route and consumes the handle.
    DeleteRouteToDest { route: RouteHandle },
    /// Arms hold-down: the last route of each of these views, once it is deleted, stays visible as unreachable for the time,
    /// which is 1 or more. No views in particular means all (D-121).
    HoldDestination { dest: DestHandle, views: ViewSet, hold_time_ms: u32 },
    /// Reads a route of the caller's own; what it answers counts no reference.
    GetRoutePointer { route: RouteHandle },
    /// Locks or unlocks the destination of the caller's route.
    LockRoute { route: RouteHandle, mode: LockMode, action: LockAction },
    /// Commits what the client has edited in place, and unlocks. `edited` is what the client left behind the pointer
    /// that [`Call::LockRoute`] gave; its flags are discarded (RTM-039). `list` is as in [`Call::AddRouteToDest`].
    UpdateAndUnlockRoute {
        route: RouteHandle,
        edited: RouteSpec,
        time_to_live_ms: u32,
        list: Option<RouteListHandle>,
    },
    /// Copies a route, and says where it leads; either output may be declined, and costs nothing then (D-146).
    GetRouteInfo { route: RouteHandle, info: OptionalOutput, address: OptionalOutput },
    /// Releases the handles in a copy of a route.
    ReleaseRouteInfo { info: RouteInfo },
    /// Releases handles of routes.
    ReleaseRoutes { routes: Vec<RouteHandle> },
    /// Copies a destination.
    GetDestInfo { dest: DestHandle, protocol: ProtocolSelector, views: ViewSet },
    /// Finds the destination of exactly this prefix.
    GetExactMatchDestination { address: NetAddress, protocol: ProtocolSelector, views: ViewSet },
    /// Finds the destination of the longest prefix that covers the address.
    GetMostSpecificDestination { address: NetAddress, protocol: ProtocolSelector, views: ViewSet },
    /// Finds the destination of the next shorter prefix that covers that of `dest`.
    GetLessSpecificDestination { dest: DestHandle, protocol: ProtocolSelector, views: ViewSet },
    /// Finds the best-ranked route of exactly this prefix that agrees with the criteria, and copies it. `route` says whether
    /// its handle is wanted besides.
    GetExactMatchRoute {
        address: NetAddress,
        matching: MatchFlags,
        criteria: RouteCriteria,
        interface: u32,
        views: ViewSet,
        route: OptionalOutput,
    },
    /// Releases the handles in a copy of a destination.
    ReleaseDestInfo { info: DestInfo },
    /// Releases copies of destinations; not those of [`Call::GetChangedDests`] (RTM-087).
    ReleaseDests { infos: Vec<DestInfo> },
    /// Asks in which views a route is the best.
    IsBestRoute { route: RouteHandle },
    /// Adds or updates a next hop of the caller's list.
    AddNextHop { next_hop: HandleArgument<NextHopHandle>, spec: NextHopSpec },
    /// Finds a next hop of the caller's list; its handle, and what is behind the pointer to it, may each be declined (D-146).
    FindNextHop { address: NetAddress, interface: u32, next_hop: OptionalOutput, pointer: OptionalOutput },
    /// Locks or unlocks a next hop. `edited` is what its owner left behind the pointer that locking gave, when it gives an
    /// exclusive lock back; address and interface are discarded (D-133).
    LockNextHop { next_hop: NextHopHandle, mode: LockMode, action: LockAction, edited: Option<NextHopSpec> },
    /// Deletes a next hop of the caller's list.
    DeleteNextHop { target: NextHopTarget },
    /// Copies a next hop.
    GetNextHopInfo { next_hop: NextHopHandle },
    /// Releases the handles in a copy of a next hop.
    ReleaseNextHopInfo { info: NextHopInfo },
    /// Reads a next hop of the caller's own; what it answers counts no reference.
    GetNextHopPointer { next_hop: NextHopHandle },
    /// Releases handles of next hops.
    ReleaseNextHops { next_hops: Vec<NextHopHandle> },
    /// Creates an enumeration of destinations, in the order of addresses.
    CreateDestEnum {
        views: ViewSet,
        flags: EnumFlags,
        address: Option<NetAddress>,
        protocol: ProtocolSelector,
    },
    /// Takes up to `count` destinations.
    GetEnumDests { enumeration: EnumHandle, count: u32 },
    /// Creates an enumeration of routes that agree with the criteria, in the order of addresses, then best first: of one
    /// destination, or of all in a range.
    CreateRouteEnum {
        dest: Option<DestHandle>,
        views: ViewSet,
        flags: EnumFlags,
        start: Option<NetAddress>,
        matching: MatchFlags,
        criteria: Option<RouteCriteria>,
        interface: u32,
    },
    /// Takes up to `count` routes.
    GetEnumRoutes { enumeration: EnumHandle, count: u32 },
    /// Creates an enumeration of the caller's next hops, in the order of addresses, then of interfaces (D-87).
    CreateNextHopEnum { flags: EnumFlags, address: Option<NetAddress> },
    /// Takes up to `count` next hops.
    GetEnumNextHops { enumeration: EnumHandle, count: u32 },
    /// Ends an enumeration of whatever kind, and consumes the handle.
    DeleteEnumHandle { enumeration: EnumHandle },
    /// Creates an empty route list.
    CreateRouteList,
    /// Moves routes of the caller into a list; without a list, out of those they are in.
    InsertInRouteList { list: Option<RouteListHandle>, routes: Vec<RouteHandle> },
    /// Creates an enumeration of a list, in the order in which routes were inserted.
    CreateRouteListEnum { list: RouteListHandle },
    /// Takes up to `count` routes of a list; the end is told by how many come, never by a status.
    GetListEnumRoutes { enumeration: EnumHandle, count: u32 },
    /// Deletes a list, whose routes live on, and consumes the handle.
    DeleteRouteList { list: RouteListHandle },
    /// Registers for change notification.
    RegisterForChangeNotification {
        views: ViewSet,
        flags: NotifyFlags,
        context: u64,
        own_changes: OwnChanges,
    },
    /// Ends a registration for change notification.
    DeregisterFromChangeNotification { notify: NotifyHandle },
    /// Takes up to `count` changed destinations.
    GetChangedDests { notify: NotifyHandle, count: u32 },
    /// Releases what [`Call::GetChangedDests`] gave.
    ReleaseChangedDests { notify: NotifyHandle, infos: Vec<DestInfo> },
    /// Asks whether a change of the destination is pending.
    GetChangeStatus { notify: NotifyHandle, dest: DestHandle },
    /// Drops pending changes of destinations.
    IgnoreChangedDests { notify: NotifyHandle, dests: Vec<DestHandle> },
    /// Marks or unmarks a destination.
    MarkDestForChangeNotification { notify: NotifyHandle, dest: DestHandle, mark: Marking },
    /// Asks whether a destination is marked.
    IsMarkedForChangeNotification { notify: NotifyHandle, dest: DestHandle },
    /// Adds a reference to each handle.
    ReferenceHandles { handles: Vec<AnyHandle> },
    /// Releases one handle of any type; ours, for the types that have no documented release alone (D-75).
    ReleaseHandle { handle: AnyHandle },
}

impl OptionalOutput {
    /// Returns an output if it is wanted.
    pub(crate) fn of<T>(self, output: impl FnOnce() -> T) -> Option<T> {
        match self {
            Self::Wanted => Some(output()),
            Self::Declined => None,
        }
    }
}

impl Call {
    /// Asks for a copy of a route and for where it leads.
    #[must_use]
    pub const fn get_route_info(route: RouteHandle) -> Self {
        let (info, address) = (OptionalOutput::Wanted, OptionalOutput::Wanted);
        Self::GetRouteInfo { route, info, address }
    }

    /// Asks for the handle of a next hop and for what it is.
    #[must_use]
    pub const fn find_next_hop(address: NetAddress, interface: u32) -> Self {
        let (next_hop, pointer) = (OptionalOutput::Wanted, OptionalOutput::Wanted);
        Self::FindNextHop { address, interface, next_hop, pointer }
    }
}

macro_rules! function_of_call {
    ($($function:ident => $name:literal,)*) => {
        impl Call {
            /// Returns which function is called.
            #[must_use]
            pub const fn function(&self) -> Function {
                match self { $(Self::$function { .. } => Function::$function,)* }
            }
        }
    };
}

with_functions!(function_of_call);

/// What a successful call returns besides `NO_ERROR`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "fields are the documented outputs of the functions, named like the arguments of calls"
)]
pub enum Reply {
    /// Nothing: releases, deregistrations, marks, arming of hold-down, writing of slots.
    Nothing,
    /// Of [`Call::RegisterEntity`].
    RegisterEntity { entity: EntityHandle, profile: RegistrationProfile },
    /// Of [`Call::GetRegisteredEntities`]; `handles` is empty unless wanted.
    GetRegisteredEntities { handles: Vec<EntityHandle>, infos: Vec<EntityInfo> },
    /// Of [`Call::GetEntityInfo`].
    GetEntityInfo { info: EntityInfo },
    /// Of [`Call::GetEntityMethods`]: how many there are, and unless only that was asked for, which.
    GetEntityMethods { count: u32, methods: Vec<MethodTypes> },
    /// Of [`Call::InvokeMethod`]: one output for each method that was invoked, in the order in which they ran.
    InvokeMethod { outputs: Vec<MethodOutput> },
    /// Of [`Call::GetOpaqueInformationPointer`].
    GetOpaqueInformationPointer { value: u64 },
    /// Of [`Call::AddRouteToDest`]; `route` is as the handle argument has it afterwards.
    AddRouteToDest { route: Option<RouteHandle>, change_flags: RouteChangeFlags },
    /// Of [`Call::DeleteRouteToDest`].
    DeleteRouteToDest { change_flags: RouteChangeFlags },
    /// Of [`Call::GetRoutePointer`]: what is behind the pointer.
    GetRoutePointer { info: RouteInfo },
    /// Of [`Call::LockRoute`]: what is behind the pointer, when locking.
    LockRoute { info: Option<RouteInfo> },
    /// Of [`Call::UpdateAndUnlockRoute`].
    UpdateAndUnlockRoute { change_flags: RouteChangeFlags },
    /// Of [`Call::GetRouteInfo`]: what was wanted.
    GetRouteInfo { info: Option<RouteInfo>, address: Option<NetAddress> },
    /// Of the four destination queries.
    Dest { info: DestInfo },
    /// Of [`Call::GetExactMatchRoute`]; `route` is there if it was wanted.
    GetExactMatchRoute { route: Option<RouteHandle>, info: RouteInfo },
    /// Of [`Call::IsBestRoute`].
    IsBestRoute { views: ViewSet },
    /// Of [`Call::AddNextHop`]; `next_hop` is as the handle argument has it afterwards.
    AddNextHop { next_hop: Option<NextHopHandle>, change_flags: NextHopChangeFlags },
    /// Of [`Call::FindNextHop`]: what was wanted; `info` is what is behind the pointer.
    FindNextHop { next_hop: Option<NextHopHandle>, info: Option<NextHopInfo> },
    /// Of [`Call::LockNextHop`]: what is behind the pointer, when its owner locks.
    LockNextHop { info: Option<NextHopInfo> },
    /// Of [`Call::GetNextHopInfo`].
    GetNextHopInfo { info: NextHopInfo },
    /// Of [`Call::GetNextHopPointer`]: what is behind the pointer.
    GetNextHopPointer { info: NextHopInfo },
    /// Of the four functions that create an enumeration.
    CreateEnum { enumeration: EnumHandle },
    /// Of [`Call::GetEnumDests`]: never empty (D-82).
    GetEnumDests { infos: Vec<DestInfo> },
    /// Of [`Call::GetEnumRoutes`]: never empty (D-82).
    GetEnumRoutes { routes: Vec<RouteHandle> },
    /// Of [`Call::GetEnumNextHops`]: never empty (D-82).
    GetEnumNextHops { next_hops: Vec<NextHopHandle> },
    /// Of [`Call::CreateRouteList`].
    CreateRouteList { list: RouteListHandle },
    /// Of [`Call::GetListEnumRoutes`]: empty at the end (RTM-043).
    GetListEnumRoutes { routes: Vec<RouteHandle> },
    /// Of [`Call::RegisterForChangeNotification`].
    RegisterForChangeNotification { notify: NotifyHandle },
    /// Of [`Call::GetChangedDests`]: never empty (D-55).
    GetChangedDests { infos: Vec<DestInfo> },
    /// Of [`Call::GetChangeStatus`].
    GetChangeStatus { is_pending: bool },
    /// Of [`Call::IsMarkedForChangeNotification`].
    IsMarkedForChangeNotification { is_marked: bool },
}

/// How a call ended. Whatever did not end in [`Outcome::Done`] has changed nothing (I11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `NO_ERROR`.
    Done(Reply),
    /// A documented status code.
    Failed(Status),
    /// `ERROR_INSUFFICIENT_BUFFER`, with the number of elements that would be enough (D-77).
    NeedsRoom(u32),
    /// Another client has locked what the call needs: it waits (D-88), and that is no breach by the caller. Or it has invoked
    /// methods, which are blocked or run (D-142).
    ///
    /// The caller does not return from the call until [`Output::Ready`](crate::Output::Ready) names the ticket and the host
    /// hands it back with [`Input::Resume`](crate::Input::Resume).
    Pending(Ticket),
    /// A breach of the contract; also a fact.
    Violated(Violation),
}

impl Outcome {
    /// Returns the status code the caller sees; `None` for [`Outcome::Pending`] and for a violation that has none.
    #[must_use]
    pub const fn status(&self) -> Option<Status> {
        match self {
            Self::Done(_) => Some(Status::NoError),
            Self::Failed(status) => Some(*status),
            Self::NeedsRoom(_) => Some(Status::InsufficientBuffer),
            Self::Pending(_) => None,
            Self::Violated(violation) => violation.status(),
        }
    }

    /// Returns the reply of a successful call.
    #[must_use]
    pub fn done(self) -> Option<Reply> {
        match self {
            Self::Done(reply) => Some(reply),
            Self::Failed(_) | Self::NeedsRoom(_) | Self::Pending(_) | Self::Violated(_) => None,
        }
    }
}
