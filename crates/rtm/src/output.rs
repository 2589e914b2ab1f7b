//! What goes into the manager and what comes out of it, besides the calls themselves.

use crate::address::NetAddress;
use crate::call::{Call, Outcome};
use crate::flags::{ViewId, ViewSet};
use crate::function::EventType;
use crate::handle::{
    AnyHandle, CallbackId, DestHandle, EntityHandle, EnumHandle, NextHopHandle, NotifyHandle, RouteHandle,
    RouteListHandle, Ticket,
};
use crate::info::{EntityId, EntityInfo, RouteInfo, TableId};
use crate::methods::MethodFrame;
use crate::status::{Status, Violation};
use crate::waits::DeadlockLink;
use alloc::vec::{Drain, Vec};
use core::error::Error;
use core::fmt;
use core::iter::FusedIterator;

/// Everything that can happen to the manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A client calls; answered by exactly one [`Output::Reply`], the last output.
    Call {
        /// The registration handle of the client; `None` for [`Call::RegisterEntity`] only.
        caller: Option<EntityHandle>,
        /// The running callback inside which the call is made, if any; it decides what is forbidden (RTM-011).
        ///
        /// By it the host says that the caller belongs to the client that is told: a client may have several
        /// registrations, and may call as any of them in a callback of one (D-103).
        frame: Option<CallbackId>,
        /// The call.
        call: Call,
    },
    /// A client calls in a method of its own that runs; answered as [`Input::Call`] is.
    ///
    /// The method runs on the thread that has invoked it: what is forbidden in the callback in which that was done, if any, is
    /// forbidden in the method too (D-141).
    CallInMethod {
        /// The registration handle of the client; `None` for [`Call::RegisterEntity`] only.
        caller: Option<EntityHandle>,
        /// The invocation of which a method runs, as [`MethodFrame`] names it.
        invocation: Ticket,
        /// The call.
        call: Call,
    },
    /// A method that runs has returned. Of an invocation that names none the input is ignored.
    MethodReturned {
        /// Of which invocation.
        invocation: Ticket,
        /// How it ended (`MethodStatus`).
        status: Status,
        /// What it puts out (`OutputData`).
        output: u64,
    },
    /// An armed timer has come due.
    TimerFired {
        /// The timer.
        timer: TimerKey,
        /// The generation it was armed with; an old one is inert.
        generation: u32,
    },
    /// A call that waits and is [ready](Output::Ready) is to be made now; answered as a call is. One that is not ready waits
    /// on; for a ticket that names no call the answer is `ERROR_INVALID_HANDLE`.
    Resume {
        /// The call, by its ticket.
        ticket: Ticket,
    },
    /// A delivered callback is to run now; answered by [`Output::Frame`] or [`Output::Inert`].
    Invoke {
        /// The callback.
        callback: CallbackId,
    },
    /// A running callback has returned.
    CallbackReturned {
        /// The callback.
        callback: CallbackId,
        /// Its answer; it counts only for an expired route (RTM-015).
        status: Status,
    },
}

/// What a timer is of; each has one at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKey {
    /// The time to live of a route.
    Route(RouteHandle),
    /// The common end of the holds of a destination.
    Hold(DestHandle),
}

/// Everything the manager asks of its host or tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// How the call ended.
    Reply(Outcome),
    /// A timer is to be armed. It was not armed before, or has been disarmed.
    ArmTimer {
        /// The timer.
        timer: TimerKey,
        /// When it comes due, in nanoseconds of virtual time.
        at: u64,
        /// To be handed back with [`Input::TimerFired`].
        generation: u32,
    },
    /// A timer is to be disarmed.
    DisarmTimer {
        /// The timer.
        timer: TimerKey,
    },
    /// A callback is due; the host decides when to invoke it (D-03, D-04). Callbacks of one client are first-in-first-out
    /// (D-05).
    Deliver {
        /// The client to be told.
        to: EntityHandle,
        /// The callback.
        callback: CallbackId,
        /// What it will be told of.
        event: DueEvent,
    },
    /// A delivered callback is taken back: its client or its registration has gone (D-06, D-60). Its id is dead.
    Drop {
        /// The client that would have been told.
        to: EntityHandle,
        /// The callback.
        callback: CallbackId,
    },
    /// A call that waits may go on; the host decides when (D-88). Those that came before it and exclude it have gone on. An
    /// invocation is ready again when its methods have run.
    Ready {
        /// The client that has called.
        to: EntityHandle,
        /// The call.
        ticket: Ticket,
    },
    /// The method runs now, on the thread that has invoked it; the host hands back what it puts out with
    /// [`Input::MethodReturned`]. The next one of the invocation follows then, and after the last one the call is ready.
    Method(MethodFrame),
    /// The callback runs now, with these contexts.
    Frame(CallbackFrame),
    /// The callback is not to run: it has been dropped, or has run. Its id is dead.
    Inert {
        /// The callback.
        callback: CallbackId,
    },
    /// The callback may not run now; it stays due (D-107).
    Refused {
        /// The callback.
        callback: CallbackId,
        /// What the host does wrong.
        error: HostError,
    },
    /// Something a trace or a monitor wants to know.
    Fact(Fact),
}

/// A mistake of the host: the callbacks of a client run one at a time, first in, first out (D-05, D-107).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostError {
    /// Another callback of the client runs.
    CallbackRuns,
    /// An earlier callback of the client is due.
    OutOfTurn,
}

impl fmt::Display for HostError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::CallbackRuns => "a client runs one callback at a time",
            Self::OutOfTurn => "the callbacks of a client run in the order of their delivery",
        })
    }
}

impl Error for HostError {}

/// What a delivered callback is about, without the contexts that are made when it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueEvent {
    /// A client has registered.
    EntityRegistered {
        /// The client.
        entity: EntityHandle,
    },
    /// A client has deregistered.
    EntityDeregistered {
        /// The client.
        entity: EntityHandle,
    },
    /// A route's time to live has run out.
    RouteExpired {
        /// The route.
        route: RouteHandle,
    },
    /// A registration has changes pending.
    ChangeNotification {
        /// The registration.
        notify: NotifyHandle,
    },
}

impl DueEvent {
    /// Returns the kind of event.
    #[must_use]
    pub const fn event_type(self) -> EventType {
        match self {
            Self::EntityRegistered { .. } => EventType::EntityRegistered,
            Self::EntityDeregistered { .. } => EventType::EntityDeregistered,
            Self::RouteExpired { .. } => EventType::RouteExpired,
            Self::ChangeNotification { .. } => EventType::ChangeNotification,
        }
    }
}

/// A callback that runs: who is told, and what (`RTM_EVENT_CALLBACK`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallbackFrame {
    /// The callback; to be given as `frame` with the calls made in it, and returned.
    pub callback: CallbackId,
    /// The client that is told (`RtmRegHandle`).
    pub to: EntityHandle,
    /// What it is told (`EventType`, `Context1`, `Context2`).
    pub event: Event,
}

/// An event with its two contexts. The infos are copies; handles are borrowed for the call but where said (D-08).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A client has registered.
    EntityRegistered {
        /// The client.
        entity: EntityHandle,
        /// Who it is.
        info: EntityInfo,
    },
    /// A client has deregistered; its handle still reads during the call (D-07).
    EntityDeregistered {
        /// The client.
        entity: EntityHandle,
        /// Who it was.
        info: EntityInfo,
    },
    /// A route's time to live has run out.
    RouteExpired {
        /// The route. The client gets a reference, which it owes a release unless it answers
        /// [`Status::NotSupported`] (RTM-022).
        route: RouteHandle,
        /// The route as it is now.
        info: RouteInfo,
    },
    /// A registration has changes pending.
    ChangeNotification {
        /// The registration.
        notify: NotifyHandle,
        /// The value the client gave when it registered (RTM-016).
        context: u64,
    },
}

impl Event {
    /// Returns the kind of event.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::EntityRegistered { .. } => EventType::EntityRegistered,
            Self::EntityDeregistered { .. } => EventType::EntityDeregistered,
            Self::RouteExpired { .. } => EventType::RouteExpired,
            Self::ChangeNotification { .. } => EventType::ChangeNotification,
        }
    }
}

/// A next hop as a reader knows it: handle and identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextHopName {
    /// The handle.
    pub next_hop: NextHopHandle,
    /// The address.
    pub address: NetAddress,
    /// The interface.
    pub interface: u32,
}

/// A route as a reader knows it: where it is, whose it is, who taught it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteName {
    /// The table.
    pub table: TableId,
    /// The prefix.
    pub dest: NetAddress,
    /// The handle.
    pub route: RouteHandle,
    /// The owner's handle.
    pub owner: EntityHandle,
    /// Who the owner is.
    pub owner_id: EntityId,
    /// Who taught the route.
    pub neighbour: Option<NextHopName>,
}

/// A route, as the best one of a destination in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestInfo {
    /// The route's handle.
    pub route: RouteHandle,
    /// The owner's handle.
    pub owner: EntityHandle,
    /// Who the owner is.
    pub owner_id: EntityId,
    /// Who taught the route.
    pub neighbour: Option<NextHopName>,
    /// The preference, lower wins.
    pub preference: u32,
    /// The metric, lower wins among equal preferences.
    pub metric: u32,
    /// The next hops.
    pub next_hops: Vec<NextHopName>,
}

/// Why a route was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteReason {
    /// Its owner called `RtmDeleteRouteToDest`.
    Called,
    /// It expired and its owner answered `ERROR_NOT_SUPPORTED`.
    Expired,
    /// It expired and its owner has no callback (D-11).
    ExpiredUnheard,
    /// Its owner has deregistered (D-71).
    OwnerDeregistered,
}

/// Why a delivered callback did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackDropReason {
    /// Its client has deregistered (D-06).
    ClientGone,
    /// Its registration for change notification has gone (D-60).
    RegistrationGone,
    /// The route was given a new time to live (D-18).
    RouteRefreshed,
    /// The route was deleted.
    RouteDeleted,
    /// The route is locked; the expiry is delivered again after the unlock (D-20).
    RouteLocked,
}

/// What a deregistering client has left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeakKind {
    /// References it never released.
    References(u32),
    /// A route or next hop it never deleted.
    NotDeleted,
    /// A lock it never gave back.
    Locked,
    /// Something in its opaque slot of a destination, which it never took out (D-126).
    NotCleared,
}

/// An object that was left behind, as a reader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeakSubject {
    /// An entity.
    Entity(EntityHandle, EntityInfo),
    /// A destination.
    Dest(DestHandle, NetAddress),
    /// A route.
    Route(RouteName),
    /// A next hop.
    NextHop(NextHopName),
    /// A route list.
    RouteList(RouteListHandle),
    /// An enumeration.
    Enum(EnumHandle),
}

/// Kind of object, entity, address of a destination, identity of a next hop.
type LeakPlace = (u8, Option<EntityInfo>, Option<NetAddress>, Option<(NetAddress, u32)>);

impl LeakSubject {
    /// Returns where the object stands among others: by kind, then by who or where it is; never by handle.
    pub(crate) fn place_in_report(&self) -> LeakPlace {
        match self {
            Self::Entity(_, info) => (0, Some(*info), None, None),
            Self::Dest(_, address) => (1, None, Some(*address), None),
            Self::Route(route) => {
                (2, None, Some(route.dest), route.neighbour.map(|hop| (hop.address, hop.interface)))
            }
            Self::NextHop(hop) => (3, None, None, Some((hop.address, hop.interface))),
            Self::RouteList(_) => (4, None, None, None),
            Self::Enum(_) => (5, None, None, None),
        }
    }
}

/// Something that happened inside the manager, told for traces and monitors; nobody has to act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// In one view another route is the best one, or the best one changed where it counts (class BEST, 4.2).
    BestChanged {
        /// The table.
        table: TableId,
        /// The prefix.
        dest: NetAddress,
        /// The view.
        view: ViewId,
        /// The best route now; `None` if none is left.
        best: Option<BestInfo>,
    },
    /// A route was created.
    RouteAdded(RouteName),
    /// A route was changed.
    RouteUpdated(RouteName),
    /// A route's time to live was renewed and nothing else changed (D-30).
    RouteRefreshed(RouteName),
    /// A route was deleted.
    RouteDeleted {
        /// The route.
        route: RouteName,
        /// Why it was deleted.
        reason: DeleteReason,
    },
    /// A route that was deleted is held: it was the last one of armed views (RTM-061).
    RouteHeld {
        /// The route.
        route: RouteName,
        /// The views it is held in from now on.
        views: ViewSet,
        /// When the hold of the destination ends, in nanoseconds of virtual time.
        until: u64,
    },
    /// The hold of a destination is over, in all its views (RTM-062).
    HoldEnded {
        /// The table.
        table: TableId,
        /// The prefix.
        dest: NetAddress,
        /// The views in which a route was held.
        views: ViewSet,
    },
    /// A destination has become pending for a registration.
    ChangePending {
        /// The registration.
        notify: NotifyHandle,
        /// Its client.
        owner: EntityHandle,
        /// The prefix.
        dest: NetAddress,
    },
    /// A destination changed that was pending for a registration already (RTM-078).
    ChangeCoalesced {
        /// The registration.
        notify: NotifyHandle,
        /// Its client.
        owner: EntityHandle,
        /// The prefix.
        dest: NetAddress,
    },
    /// A delivered callback did not run, or will not.
    CallbackDropped {
        /// The callback.
        callback: CallbackId,
        /// The client that would have been told.
        to: EntityHandle,
        /// What of.
        event: DueEvent,
        /// Why it is not run.
        reason: CallbackDropReason,
    },
    /// A client deregistered and left something behind (D-71).
    Leak {
        /// The client.
        entity: EntityHandle,
        /// What it left.
        subject: LeakSubject,
        /// How.
        kind: LeakKind,
    },
    /// Clients wait for each other, and none of their calls will ever be ready, unless a callback gives a lock back (D-132).
    Deadlock {
        /// Each waits for the next, and the last for the first.
        cycle: Vec<DeadlockLink>,
    },
    /// A client has blocked or resumed its methods for one object only, which is not supported: it concerns all of them (D-70).
    TargetIgnored {
        /// The client.
        caller: EntityHandle,
        /// What it named.
        target: AnyHandle,
    },
    /// A client breached the contract.
    Violation {
        /// The client, if it is known.
        caller: Option<EntityHandle>,
        /// The breach.
        violation: Violation,
    },
}

impl fmt::Display for EventType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl AnyHandle {
    /// Returns the number of the handle, unique among those of its type.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        match self {
            Self::Entity(handle) => handle.to_bits(),
            Self::Dest(handle) => handle.to_bits(),
            Self::Route(handle) => handle.to_bits(),
            Self::NextHop(handle) => handle.to_bits(),
        }
    }
}

/// The outputs of one input, in order: an iterator that drains them.
///
/// Borrows the manager, so that it cannot be fed again before its outputs are seen; what is not drained is lost.
#[derive(Debug)]
pub struct Outputs<'a> {
    pub(crate) drain: Drain<'a, Output>,
}

impl Iterator for Outputs<'_> {
    type Item = Output;

    fn next(&mut self) -> Option<Output> {
        self.drain.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.drain.size_hint()
    }
}

impl ExactSizeIterator for Outputs<'_> {}
impl FusedIterator for Outputs<'_> {}
