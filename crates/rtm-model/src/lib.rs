//! The naive reference model of the manager: what `RTMv2` and our decisions ask for, written as plainly as it can be.
//!
//! ```text
//!   Input ──┬──▶ Manager ──▶ outputs ──┐
//!           └──────────────────────────┴──▶ Model::follow ──▶ a Difference, or none
//! ```
//!
//! # Invariants
//! * Flat lists, linear search, no caches; every answer is worked out from scratch. References are followed, not
//!   counted: an object lives as long as something that lives names it.
//! * What is the manager's to choose (handles, callback ids, timer generations, an order the documentation leaves open)
//!   is taken from its outputs and checked for consistency. All else is predicted.
//! * Where several faults of one call coincide, the documentation does not say which code wins: any of them is right.
//! * It shares no code with the manager but the types of inputs and outputs.
//!
//! # What it lacks
//! Speed.
//!
//! # Where to start reading
//! [`Model::follow`]; then `refusal.rs` for what is refused, and one file for each kind of call.
//!
//! ```
//! use tiebreak_rtm::{Call, Input, Manager, Output, Profile};
//! use tiebreak_rtm_model::Model;
//!
//! let (mut manager, mut model) = (Manager::new(Profile::default()), Model::new(Profile::default()));
//! let input = Input::Call { caller: None, frame: None, call: Call::DeregisterEntity };
//! let outputs: Vec<Output> = manager.handle(0, input.clone()).collect();
//! model.follow(0, &input, &outputs)?;
//! model.compare(&manager)?;
//! # Ok::<(), tiebreak_rtm_model::Difference>(())
//! ```
#![no_std]

extern crate alloc;

mod change;
mod compare;
#[cfg(any(test, feature = "driver"))]
pub mod driver;
mod entity;
mod enumeration;
mod expected;
mod expiry;
mod handles;
mod hold;
mod locks;
mod matching;
mod methods;
mod next_hop;
mod opaque;
mod query;
mod refusal;
mod registration;
mod route;
mod waits;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use tiebreak_rtm::{
    AnyHandle, Call, CallbackId, DestHandle, DueEvent, EntityHandle, EntityInfo, EventCallback, Input,
    LockMode, NetAddress, NextHopHandle, NextHopSpec, NextHopState, NotifyFlags, NotifyHandle, OpaqueSlot,
    Outcome, Output, OwnChanges, Profile, Reply, RouteHandle, RouteSpec, RouteState, TableId, Ticket,
    TimerKey, ViewId, ViewSet,
};

use enumeration::{Enumeration, RouteList};
use expected::{Expected, Told};
use methods::{Invoked, Place};
use refusal::Verdict;

/// Tells one thing in which the manager is not what the model expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about, in one sentence.
    pub what: String,
    /// What the model expects.
    pub expected: String,
    /// What the manager has or said.
    pub found: String,
}

impl Difference {
    fn new(what: &str, expected: &dyn fmt::Debug, found: &dyn fmt::Debug) -> Self {
        Self { what: String::from(what), expected: format!("{expected:?}"), found: format!("{found:?}") }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

impl Error for Difference {}

/// Compares one thing.
fn same<T: PartialEq + fmt::Debug>(what: &str, expected: &T, found: &T) -> Result<(), Difference> {
    if expected == found { Ok(()) } else { Err(Difference::new(what, expected, found)) }
}

/// Is what the manager should be, having taken the same inputs.
///
/// Facts have to be on in the manager: routes are recognised by them.
#[derive(Clone, Debug)]
pub struct Model {
    profile: Profile,
    /// The instant of the input that is followed.
    now: u64,
    /// In the order their first clients came.
    tables: Vec<TableId>,
    /// Registered clients in registration order, and gone ones that something still names.
    clients: Vec<Client>,
    dests: Vec<Dest>,
    routes: Vec<Route>,
    next_hops: Vec<NextHop>,
    registrations: Vec<Registration>,
    /// In the order in which they were taken.
    holds: Vec<Hold>,
    /// What clients keep in which destinations, but no NULL.
    opaque: Vec<(EntityHandle, u64, u64)>,
    locks: Vec<Lock>,
    put_off: Vec<PutOff>,
    /// The calls that wait, in the order in which they came (D-88).
    line: Vec<WaitingCall>,
    /// What the call that goes on now has waited for.
    passing: Option<On>,
    /// Every ticket ever given out.
    tickets: BTreeSet<Ticket>,
    callbacks: Vec<Callback>,
    ledger: Vec<Held>,
    /// Registrations that have gone, whose changed destinations may still be released (D-60).
    gone_registrations: Vec<(NotifyHandle, EntityHandle)>,
    /// Every handle ever given out: none comes twice (D-73).
    seen: BTreeSet<AnyHandle>,
    lists: Vec<RouteList>,
    enumerations: Vec<Enumeration>,
    /// Every handle of a list or an enumeration ever given out.
    private_seen: BTreeSet<(u8, u64)>,
    /// Counts arrivals: a destination's identity, a route's place among its equals.
    arrivals: u64,
}

#[derive(Clone, Debug)]
struct Client {
    handle: EntityHandle,
    info: EntityInfo,
    callback: EventCallback,
    slot: OpaqueSlot,
    /// How many methods it exports.
    methods: u32,
    /// Whether it has them blocked.
    blocks: bool,
    registered: bool,
}

#[derive(Clone, Debug)]
struct Dest {
    id: u64,
    /// Known once the manager has shown it.
    handle: Option<DestHandle>,
    table: TableId,
    address: NetAddress,
    last_changed: u64,
}

#[derive(Clone, Debug)]
struct Route {
    handle: RouteHandle,
    dest: u64,
    owner: EntityHandle,
    spec: RouteSpec,
    state: RouteState,
    /// Among routes of equal preference and metric the lower place comes first (D-35).
    place: u64,
    /// When the timer comes due, and its generation.
    timer: Option<(u64, u32)>,
}

#[derive(Clone, Debug)]
struct NextHop {
    /// Known once the manager has shown it.
    handle: Option<NextHopHandle>,
    owner: EntityHandle,
    spec: NextHopSpec,
    state: NextHopState,
}

#[derive(Clone, Debug)]
struct Registration {
    handle: NotifyHandle,
    owner: EntityHandle,
    table: TableId,
    /// Changes in these views count.
    views: ViewSet,
    /// These views are shown with changed destinations; none if it registered for all by 0 (D-63).
    shown: ViewSet,
    flags: NotifyFlags,
    context: u64,
    own_changes: OwnChanges,
    pending: Vec<u64>,
    marked: Vec<u64>,
    announced: bool,
}

/// Is what is known of a destination that is armed or held (5.5).
#[derive(Clone, Debug)]
struct Hold {
    dest: u64,
    armed: ViewSet,
    time_ms: u32,
    /// By view, ascending.
    held: Vec<(ViewId, RouteHandle)>,
    /// When all views are released, and the generation of the timer.
    until: Option<(u64, u32)>,
    /// Whether that is past, and waits for an unlock.
    waits: bool,
}

#[derive(Clone, Debug)]
struct Lock {
    on: On,
    /// Of `RtmLockRoute`.
    route: Option<RouteHandle>,
    holder: EntityHandle,
    mode: LockMode,
    /// The references of the route on next hops, which the client may release and replace while it edits.
    lent: Vec<NextHopHandle>,
}

/// Is what can be locked (D-90, D-133).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Dest(u64),
    NextHop(NextHopHandle),
    /// Not locked, but blocked.
    Methods(EntityHandle),
}

/// Is a call that waits for the locks of others (D-88).
#[derive(Clone, Debug)]
struct WaitingCall {
    ticket: Ticket,
    caller: EntityHandle,
    place: Option<Place>,
    call: Call,
    on: On,
    /// Exclusive if it would change what it waits for.
    access: LockMode,
    ready: bool,
    /// What runs for it, or has run.
    invoked: Option<Invoked>,
}

/// Is what is put off until the last unlock of a destination (D-20).
#[derive(Clone, Debug)]
struct PutOff {
    dest: u64,
    route: RouteHandle,
    what: Wait,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// An expiry to be told.
    Expiry,
    /// A deletion the owner asked for by its answer.
    Deletion,
}

#[derive(Clone, Debug)]
struct Callback {
    id: CallbackId,
    to: EntityHandle,
    event: DueEvent,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Due,
    Running,
}

/// Tells which family of release functions a reference is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Handle,
    /// In a copy of a destination that was looked up (D-106).
    InDest,
    EntityInfo,
    Changed(NotifyHandle),
}

/// Is one line of the ledger of references.
#[derive(Clone, Debug)]
struct Held {
    by: EntityHandle,
    what: AnyHandle,
    kind: Kind,
    count: u32,
}

impl Model {
    /// Makes the model of a manager without clients.
    #[must_use]
    pub const fn new(profile: Profile) -> Self {
        Self {
            profile,
            now: 0,
            tables: Vec::new(),
            clients: Vec::new(),
            dests: Vec::new(),
            routes: Vec::new(),
            next_hops: Vec::new(),
            registrations: Vec::new(),
            holds: Vec::new(),
            opaque: Vec::new(),
            locks: Vec::new(),
            put_off: Vec::new(),
            line: Vec::new(),
            passing: None,
            tickets: BTreeSet::new(),
            callbacks: Vec::new(),
            ledger: Vec::new(),
            gone_registrations: Vec::new(),
            seen: BTreeSet::new(),
            lists: Vec::new(),
            enumerations: Vec::new(),
            private_seen: BTreeSet::new(),
            arrivals: 0,
        }
    }

    /// Follows one input and what the manager made of it.
    ///
    /// # Errors
    /// The first difference between what the manager said and what the model expects. The model is of no use afterwards.
    pub fn follow(&mut self, now: u64, input: &Input, outputs: &[Output]) -> Result<(), Difference> {
        self.now = now;
        let told = Told::read(outputs);
        let before = self.line_now();
        let mut expected = Expected::new(self.clients.iter().map(|client| client.handle).collect());
        match input {
            Input::Call { caller, frame, call } => {
                expected.replies = 1;
                self.answer((*caller, frame.map(Place::InCallback)), call, &told, &mut expected)?;
            }
            Input::CallInMethod { caller, invocation, call } => {
                expected.replies = 1;
                let place = Some(Place::InMethod(*invocation));
                self.answer((*caller, place), call, &told, &mut expected)?;
            }
            Input::MethodReturned { invocation, status, output } => {
                self.method_returned(*invocation, (*status, *output), &mut expected);
            }
            Input::Resume { ticket } => {
                expected.replies = 1;
                self.resume(*ticket, &told, &mut expected)?;
            }
            Input::TimerFired { timer: TimerKey::Route(route), generation } => {
                self.timer_fired(*route, *generation, &mut expected);
            }
            Input::TimerFired { timer: TimerKey::Hold(dest), generation } => {
                self.hold_timer_fired(*dest, *generation, &mut expected);
            }
            Input::Invoke { callback } => self.invoke(*callback, &told, &mut expected)?,
            Input::CallbackReturned { callback, status } => {
                self.returned(*callback, *status, &mut expected);
            }
        }
        self.make_ready(|_| true, &mut expected);
        self.tell_deadlocks(&before, &told, &mut expected)?;
        expected.check(&told)?;
        self.settle(&told);
        self.forget_the_unreachable();
        Ok(())
    }

    /// Compares how a call ended, and does what the call asks for unless it is refused or waits.
    fn answer(
        &mut self,
        (caller, place): (Option<EntityHandle>, Option<Place>),
        call: &Call,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Result<(), Difference> {
        match self.refusals(caller, place, call).judge(call, outcome(told)?)? {
            Verdict::Performed(found) => {
                let reply = self.perform(caller, call, found, told, expected)?;
                same("the reply", &reply, found)
            }
            Verdict::Refused => Ok(()),
            Verdict::Runs { ticket } => {
                let caller = caller.expect("a call that invokes has a caller");
                self.run_invoked((caller, place), call, ticket, expected)
            }
            Verdict::Waits { ticket, on, access } => {
                let caller = caller.expect("a call that may wait has a caller");
                let call = call.clone();
                let (ready, invoked) = (false, None);
                let waiting = WaitingCall { ticket, caller, place, call, on, access, ready, invoked };
                self.stand_in_line(waiting, told, expected)
            }
        }
    }

    /// Does what the only call without a caller asks for.
    fn register_call(
        &mut self,
        call: &Call,
        found: &Reply,
        expected: &mut Expected,
    ) -> Result<Reply, Difference> {
        let Call::RegisterEntity { info, methods, callback, reserve_opaque_pointer } = call else {
            return Err(Difference::new("a call without a caller", &"a refusal", found));
        };
        self.register_entity(*info, *methods, (*callback, *reserve_opaque_pointer), found, expected)
    }

    /// Does what a call that is not refused asks for, and tells what it should answer.
    fn perform(
        &mut self,
        caller: Option<EntityHandle>,
        call: &Call,
        found: &Reply,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Result<Reply, Difference> {
        let Some(caller) = caller else { return self.register_call(call, found, expected) };
        match call {
            Call::RegisterEntity { .. } => self.register_call(call, found, expected),
            Call::DeregisterEntity => Ok(self.deregister_entity(caller, told, expected)),
            Call::GetRegisteredEntities { handles, .. } => Ok(self.get_registered_entities(caller, *handles)),
            Call::GetEntityInfo { entity } => Ok(self.get_entity_info(caller, *entity)),
            Call::GetEntityMethods { .. } | Call::InvokeMethod { .. } | Call::BlockMethods { .. } => {
                Ok(self.method_call(caller, call))
            }
            Call::GetOpaqueInformationPointer { .. } | Call::SetOpaqueInformation { .. } => {
                self.opaque_call(caller, call)
            }
            Call::AddRouteToDest { .. } => self.add_route(caller, call, found, told, expected),
            Call::DeleteRouteToDest { route } => Ok(self.delete_route_to_dest(caller, *route, expected)),
            Call::HoldDestination { dest, views, hold_time_ms } => {
                Ok(self.hold_destination(caller, *dest, *views, *hold_time_ms))
            }
            Call::LockRoute { .. } | Call::UpdateAndUnlockRoute { .. } => {
                self.lock_call(caller, call, found, told, expected)
            }
            Call::LockDestination { .. } | Call::LockNextHop { .. } => {
                Ok(self.lock_object(caller, call, told, expected))
            }
            Call::GetRoutePointer { route } => self.get_route_pointer(*route, found),
            Call::GetRouteInfo { .. } => self.get_route_info(caller, call, found),
            Call::GetDestInfo { .. }
            | Call::GetExactMatchDestination { .. }
            | Call::GetMostSpecificDestination { .. }
            | Call::GetLessSpecificDestination { .. } => self.query(caller, call, found),
            Call::GetExactMatchRoute { .. } => self.get_exact_match_route(caller, call, found),
            Call::IsBestRoute { route } => Ok(Reply::IsBestRoute { views: self.best_in(*route) }),
            Call::AddNextHop { next_hop, spec } => self.add_next_hop(caller, *next_hop, spec, found),
            Call::FindNextHop { .. } => self.find_next_hop(caller, call, found),
            Call::DeleteNextHop { target } => Ok(self.delete_next_hop(caller, target)),
            Call::GetNextHopInfo { next_hop } => Ok(self.get_next_hop_info(caller, *next_hop)),
            Call::GetNextHopPointer { next_hop } => Ok(self.get_next_hop_pointer(*next_hop)),
            Call::CreateDestEnum { .. }
            | Call::GetEnumDests { .. }
            | Call::CreateRouteEnum { .. }
            | Call::GetEnumRoutes { .. }
            | Call::CreateNextHopEnum { .. }
            | Call::GetEnumNextHops { .. }
            | Call::DeleteEnumHandle { .. }
            | Call::CreateRouteList
            | Call::InsertInRouteList { .. }
            | Call::CreateRouteListEnum { .. }
            | Call::GetListEnumRoutes { .. }
            | Call::DeleteRouteList { .. } => self.enumerate(caller, call, found),
            Call::RegisterForChangeNotification { .. }
            | Call::DeregisterFromChangeNotification { .. }
            | Call::GetChangedDests { .. }
            | Call::GetChangeStatus { .. }
            | Call::IgnoreChangedDests { .. }
            | Call::MarkDestForChangeNotification { .. }
            | Call::IsMarkedForChangeNotification { .. } => self.change_call(caller, call, found, expected),
            Call::ReferenceHandles { handles } => Ok(self.reference_handles(caller, handles)),
            Call::ReleaseEntities { .. }
            | Call::ReleaseEntityInfo { .. }
            | Call::ReleaseRouteInfo { .. }
            | Call::ReleaseRoutes { .. }
            | Call::ReleaseDestInfo { .. }
            | Call::ReleaseDests { .. }
            | Call::ReleaseNextHopInfo { .. }
            | Call::ReleaseNextHops { .. }
            | Call::ReleaseChangedDests { .. }
            | Call::ReleaseHandle { .. } => Ok(self.release(caller, call)),
        }
    }

    /// Notes what the manager chose: callback ids and timer generations.
    fn settle(&mut self, told: &Told<'_>) {
        for &(id, to, event) in &told.delivered {
            if !told.dropped.contains(&(to, id)) {
                self.callbacks.push(Callback { id, to, event, phase: Phase::Due });
            }
        }
        for &(timer, armed) in &told.timers {
            let Some(armed) = armed else { continue };
            match timer {
                TimerKey::Route(route) => {
                    for known in self.routes.iter_mut().filter(|known| known.handle == route) {
                        known.timer = known.timer.map(|_| armed);
                    }
                }
                TimerKey::Hold(dest) => {
                    let dest = self.dests.iter().find(|known| known.handle == Some(dest)).map(|dest| dest.id);
                    for hold in self.holds.iter_mut().filter(|hold| Some(hold.dest) == dest) {
                        hold.until = hold.until.map(|_| armed);
                    }
                }
            }
        }
    }

    fn arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }
}

/// How a call ended: a reply is the last output.
fn outcome<'a>(told: &Told<'a>) -> Result<&'a Outcome, Difference> {
    told.reply.ok_or_else(|| Difference::new("the last output after a call", &"a reply", &"none"))
}

#[cfg(test)]
mod tests;
