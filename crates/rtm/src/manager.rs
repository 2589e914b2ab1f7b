//! The manager: its state, and the one door into it.

use crate::address::NetAddress;
use crate::call::{Call, Outcome, Reply};
use crate::change::{Registration, Subscription};
use crate::entity::Entity;
use crate::enumeration::Enumeration;
use crate::function::Function;
use crate::handle::{
    AnyHandle, CallbackId, DestHandle, DestSlot, EntityHandle, EntitySlot, EnumHandle, NextHopHandle,
    NotifyHandle, RouteHandle, RouteListHandle, RouteListSlot, RouteSlot, Slab, Ticket, TicketSlot,
};
use crate::hold::Hold;
use crate::info::{EntityInfo, TableId, ViewInfo};
use crate::lock::{Lock, Lockable, Waiting};
use crate::look_up::LookUp;
use crate::lookup::Dest;
use crate::methods::{self, Frame};
use crate::next_hop::NextHop;
use crate::notify::Callback;
use crate::opaque::OpaqueValues;
use crate::output::{Fact, Input, Output, Outputs, TimerKey};
use crate::pending::Members;
use crate::prefix_index::PrefixIndex;
use crate::profile::{HostBits, Profile};
use crate::rank::Ranked;
use crate::references::{Source, handles_in_next_hop, handles_in_route};
use crate::restrictions;
use crate::route::Route;
use crate::route_list::RouteList;
use crate::status::{Refusal, Status, Violation};
use crate::waits::{Tangle, Waiter};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Whether the manager tells facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facts {
    /// It does.
    Told,
    /// It does not, for measurements.
    Untold,
}

/// The routing table manager: all tables of all instances and families, and everything clients have made in them.
#[derive(Clone, Debug)]
pub struct Manager {
    pub(crate) state: State,
    outputs: Vec<Output>,
    room: Room,
    pub(crate) facts: Facts,
    /// Who waits for whom after the last input, unless `waits_changed` says that it is older.
    pub(crate) tangle: Tangle,
    pub(crate) waits_changed: bool,
}

/// Everything the manager remembers; two equal states behave alike for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub(crate) profile: Profile,
    pub(crate) tables: Vec<Table>,
    pub(crate) entities: Slab<EntityHandle, Entity>,
    pub(crate) dests: Slab<DestHandle, Dest>,
    pub(crate) routes: Slab<RouteHandle, Route>,
    pub(crate) next_hops: Slab<NextHopHandle, NextHop>,
    pub(crate) registrations: Slab<NotifyHandle, Registration>,
    /// The rankings of destinations that have several routes.
    pub(crate) several: LookUp<DestSlot, Vec<Ranked>>,
    /// For which registrations each destination is pending.
    pub(crate) pending_at: LookUp<DestSlot, Members>,
    pub(crate) callbacks: Slab<CallbackId, Callback>,
    /// What is armed or held; most destinations are neither.
    pub(crate) holds: BTreeMap<DestSlot, Hold>,
    pub(crate) opaque: OpaqueValues,
    pub(crate) route_lists: Slab<RouteListHandle, RouteList>,
    /// The list that a route is in, and its place there (RTM-041); most are in none.
    pub(crate) listed: LookUp<RouteSlot, (RouteListSlot, u64)>,
    pub(crate) enumerations: Slab<EnumHandle, Enumeration>,
    pub(crate) locks: Vec<Lock>,
    /// What waits for the last unlock of a destination.
    pub(crate) waiting: Vec<(DestSlot, Waiting)>,
    pub(crate) waiters: Slab<Ticket, Waiter>,
    /// The calls that wait, in the order in which they came.
    pub(crate) line: Vec<TicketSlot>,
    /// What the call that goes on now has waited for; nothing between inputs.
    pub(crate) passing: Option<Lockable>,
    /// The rank the next newcomer gets among its equals.
    pub(crate) next_rank: u64,
}

/// One table: an instance and a family. Tables come with their first client and stay.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) id: TableId,
    /// In registration order.
    pub(crate) entities: Vec<EntitySlot>,
    /// In registration order.
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) index: PrefixIndex,
}

impl Manager {
    /// Makes a manager without clients.
    ///
    /// # Panics
    /// If the profile allows no batch, or supports no view.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        assert!(profile.max_handles_in_enum > 0, "a batch holds at least one element");
        assert!(!profile.views_supported.is_empty(), "a manager keeps at least one view");
        let state = State {
            profile,
            tables: Vec::new(),
            entities: Slab::new(),
            dests: Slab::new(),
            routes: Slab::new(),
            next_hops: Slab::new(),
            registrations: Slab::new(),
            several: LookUp::new(),
            pending_at: LookUp::new(),
            callbacks: Slab::new(),
            holds: BTreeMap::new(),
            opaque: BTreeMap::new(),
            route_lists: Slab::new(),
            listed: LookUp::new(),
            enumerations: Slab::new(),
            locks: Vec::new(),
            waiting: Vec::new(),
            waiters: Slab::new(),
            line: Vec::new(),
            passing: None,
            next_rank: 0,
        };
        Self {
            state,
            outputs: Vec::new(),
            room: Room::default(),
            facts: Facts::Told,
            tangle: Tangle::default(),
            waits_changed: false,
        }
    }

    /// Sets whether facts are told from now on; at first they are. Without them a manager needs less memory and time.
    pub const fn set_facts(&mut self, facts: Facts) {
        self.facts = facts;
    }

    /// Takes one input at the instant `now`, in nanoseconds of virtual time, and returns what comes of it, in order.
    ///
    /// A call is answered by exactly one [`Output::Reply`], the last of its outputs. Entity events are delivered in
    /// registration order of their clients, change notifications in that of the change registrations (D-04). Neither an unknown
    /// handle nor a late timer nor an unknown callback is an error of the host: they are refused, inert, and ignored.
    ///
    /// `now` is at least that of the input before: an instant that goes back arms timers too early. [`Call`](crate::Call) says
    /// what calls cost.
    pub fn handle(&mut self, now: u64, input: Input) -> Outputs<'_> {
        let mut outputs = core::mem::take(&mut self.outputs);
        outputs.clear();
        self.handle_into(now, input, &mut outputs);
        self.outputs = outputs;
        Outputs { drain: self.outputs.drain(..) }
    }

    /// Takes one input like [`handle`](Self::handle), and appends what comes of it to a list of the host's, so that
    /// nothing has to be moved there. The host must look at all of them before the next input.
    pub fn handle_into(&mut self, now: u64, input: Input, outputs: &mut Vec<Output>) {
        if self.facts == Facts::Told && self.waits_changed {
            // The inputs before were taken without telling.
            self.tangle = self.state.tangle();
            self.waits_changed = false;
        }
        let waits_changed = &mut self.waits_changed;
        let (state, room) = (&mut self.state, &mut self.room);
        let mut step = Step { state, outputs, room, facts: self.facts, now, waits_changed };
        let outcome = step.take(input);
        if step.facts == Facts::Told && *step.waits_changed {
            step.tell_deadlocks(&self.tangle);
            self.tangle = step.state.tangle();
            *step.waits_changed = false;
        }
        if let Some(outcome) = outcome {
            step.put(Output::Reply(outcome));
        }
    }

    /// Returns what the manager remembers, to compare.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }
}

/// Memory that is used again and again, and means nothing between inputs.
#[derive(Debug, Default)]
pub(crate) struct Room {
    handles: Vec<AnyHandle>,
    /// Empty lists that were in copies of destinations.
    views: Vec<Vec<ViewInfo>>,
}

impl Room {
    /// Lists that are kept at most, and how many entries they have room for at most.
    const KEPT: (usize, usize) = (256, 4);
    /// For how many handles there is room at most.
    const HANDLES_KEPT: usize = 1 << 12;

    /// Returns an empty list of handles.
    pub(crate) fn handles(&mut self) -> Vec<AnyHandle> {
        core::mem::take(&mut self.handles)
    }

    /// Keeps the room of a list of handles that is not needed any more.
    pub(crate) fn keep_handles(&mut self, mut handles: Vec<AnyHandle>) {
        handles.clear();
        handles.shrink_to(Self::HANDLES_KEPT);
        self.handles = handles;
    }

    /// Keeps the room of a list that is not needed any more.
    pub(crate) fn keep_views(&mut self, mut views: Vec<ViewInfo>) {
        if self.views.len() < Self::KEPT.0 && (1..=Self::KEPT.1).contains(&views.capacity()) {
            views.clear();
            self.views.push(views);
        }
    }

    /// Returns an empty list.
    pub(crate) fn views(&mut self) -> Vec<ViewInfo> {
        self.views.pop().unwrap_or_default()
    }
}

/// A copy begins without room: a fork that needs some makes it.
impl Clone for Room {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// One input being worked on: the state, where outputs go, and when it is.
pub(crate) struct Step<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) outputs: &'a mut Vec<Output>,
    pub(crate) room: &'a mut Room,
    pub(crate) facts: Facts,
    pub(crate) now: u64,
    /// Whether who waits for whom may have changed.
    pub(crate) waits_changed: &'a mut bool,
}

impl Step<'_> {
    /// Takes an input; returns how the call ended, if it was one.
    fn take(&mut self, input: Input) -> Option<Outcome> {
        match input {
            Input::Call { caller, frame, call } => {
                return Some(self.answer(caller, frame.map(Frame::Callback), call));
            }
            Input::CallInMethod { caller, invocation, call } => {
                return Some(self.answer(caller, Some(Frame::Method(invocation)), call));
            }
            Input::Resume { ticket } => return Some(self.resume(ticket)),
            Input::MethodReturned { invocation, status, output } => {
                self.method_returned(invocation, status, output);
            }
            Input::TimerFired { timer: TimerKey::Route(route), generation } => {
                self.route_timer_fired(route, generation);
            }
            Input::TimerFired { timer: TimerKey::Hold(dest), generation } => {
                self.hold_timer_fired(dest, generation);
            }
            Input::Invoke { callback } => self.invoke(callback),
            Input::CallbackReturned { callback, status } => self.callback_returned(callback, status),
        }
        None
    }

    pub(crate) fn put(&mut self, output: Output) {
        self.outputs.push(output);
    }

    pub(crate) fn fact(&mut self, tell: impl FnOnce(&State) -> Fact) {
        if self.facts == Facts::Told {
            self.outputs.push(Output::Fact(tell(self.state)));
        }
    }

    /// Makes a call, or lets it wait.
    pub(crate) fn answer(
        &mut self,
        caller: Option<EntityHandle>,
        frame: Option<Frame>,
        call: Call,
    ) -> Outcome {
        // Only what a client has locked can make a call wait; most of the time nothing is. Invocations always do.
        let function = call.function();
        let may_wait = function == Function::InvokeMethod
            || !(self.state.locks.is_empty() && self.state.line.is_empty());
        let kept = may_wait.then(|| call.clone());
        let admitted = self.admit(caller, frame, function);
        let result = admitted.and_then(|slot| match (slot, call) {
            (_, Call::RegisterEntity { info, methods, callback, reserve_opaque_pointer }) => {
                self.register_entity(info, methods, (callback, reserve_opaque_pointer))
            }
            (Some(slot), call) => self.perform(slot, call),
            (None, _) => Err(Status::InvalidHandle.into()),
        });
        match result {
            Ok(reply) => Outcome::Done(reply),
            Err(Refusal::Status(status)) => Outcome::Failed(status),
            Err(Refusal::NeedsRoom(needed)) => Outcome::NeedsRoom(needed),
            Err(Refusal::Violation(violation)) => {
                self.fact(|_| Fact::Violation { caller, violation });
                Outcome::Violated(violation)
            }
            Err(waits @ (Refusal::Wait { .. } | Refusal::Run { .. })) => {
                let slot = caller.and_then(|caller| self.state.entities.slot(caller));
                let (Some(slot), Some(call)) = (slot, kept) else {
                    unreachable!("only a living client waits, for what is locked or invoked")
                };
                Outcome::Pending(self.stand_still((slot, frame, call), waits))
            }
        }
    }

    /// Checks what holds for every call: a living caller, a true frame, no forbidden call, no call under a lock.
    fn admit(
        &self,
        caller: Option<EntityHandle>,
        frame: Option<Frame>,
        function: Function,
    ) -> Result<Option<EntitySlot>, Refusal> {
        let slot = caller.map(|handle| self.living_caller(handle, function)).transpose()?;
        if let Some(frame) = frame {
            // Any registration of the client that is told may call in it; which those are, the host knows (D-103).
            let thread = self.state.thread_of(frame).ok_or(Violation::ForeignFrame { function })?;
            if let Some(event) = thread.told_of {
                if restrictions::forbidden_in_callback(event, function) {
                    return Err(Violation::Reentrancy { event, function }.into());
                }
            }
            if function == Function::InvokeMethod && thread.methods >= methods::DEPTH_MAX {
                return Err(Violation::TooDeep { function }.into());
            }
        }
        if restrictions::forbidden_under_lock(function) {
            if let Some(dest) = slot.and_then(|slot| self.state.dest_under_route_lock(slot)) {
                return Err(Violation::CallUnderLock { function, dest }.into());
            }
        }
        Ok(slot)
    }

    fn living_caller(&self, handle: EntityHandle, function: Function) -> Result<EntitySlot, Refusal> {
        match self.state.entities.slot(handle) {
            Some(slot) if self.state.entities[slot].registered => Ok(slot),
            Some(_) => Err(Violation::UseAfterDeregister { function }.into()),
            None if self.state.entities.was_given_out(handle) => {
                Err(Violation::UseAfterDeregister { function }.into())
            }
            None => Err(Status::InvalidHandle.into()),
        }
    }

    /// Hands a call to the event it belongs to.
    fn perform(&mut self, caller: EntitySlot, call: Call) -> Result<Reply, Refusal> {
        match call {
            Call::RegisterEntity { info, methods, callback, reserve_opaque_pointer } => {
                self.register_entity(info, methods, (callback, reserve_opaque_pointer))
            }
            Call::DeregisterEntity => self.deregister_entity(caller),
            Call::GetRegisteredEntities { capacity, handles } => {
                self.get_registered_entities(caller, capacity, handles)
            }
            Call::GetEntityInfo { entity } => self.get_entity_info(caller, entity),
            Call::GetEntityMethods { .. } | Call::InvokeMethod { .. } | Call::BlockMethods { .. } => {
                self.method_call(caller, &call)
            }
            Call::GetOpaqueInformationPointer { dest } => self.get_opaque_information_pointer(caller, dest),
            Call::SetOpaqueInformation { dest, value } => self.set_opaque_information(caller, dest, value),
            Call::AddRouteToDest { route, dest, spec, time_to_live_ms, list, change_flags } => {
                let list = list.map(|list| self.state.own_route_list(caller, list)).transpose()?;
                let target = self.route_target(caller, route, dest, change_flags)?;
                self.add_route_to_dest(caller, target, spec, time_to_live_ms, list)
            }
            Call::DeleteRouteToDest { route } => self.delete_route_to_dest(caller, route),
            Call::HoldDestination { dest, views, hold_time_ms } => {
                self.hold_destination(caller, dest, views, hold_time_ms)
            }
            Call::GetRoutePointer { route } => self.get_route_pointer(caller, route),
            Call::LockRoute { .. }
            | Call::LockDestination { .. }
            | Call::LockNextHop { .. }
            | Call::UpdateAndUnlockRoute { .. } => self.lock_call(caller, call),
            Call::GetRouteInfo { route, info, address } => {
                self.get_route_info(caller, route, (info, address))
            }
            Call::GetDestInfo { .. }
            | Call::GetExactMatchDestination { .. }
            | Call::GetMostSpecificDestination { .. }
            | Call::GetLessSpecificDestination { .. }
            | Call::GetExactMatchRoute { .. } => self.query(caller, call),
            Call::IsBestRoute { route } => self.is_best_route(caller, route),
            Call::AddNextHop { next_hop, spec } => self.add_next_hop(caller, next_hop, spec),
            Call::FindNextHop { address, interface, next_hop, pointer } => {
                self.find_next_hop(caller, (address, interface), (next_hop, pointer))
            }
            Call::DeleteNextHop { target } => self.delete_next_hop(caller, target),
            Call::GetNextHopInfo { next_hop } => self.get_next_hop_info(caller, next_hop),
            Call::GetNextHopPointer { next_hop } => self.get_next_hop_pointer(caller, next_hop),
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
            | Call::DeleteRouteList { .. } => self.enumerate(caller, call),
            Call::RegisterForChangeNotification { .. }
            | Call::DeregisterFromChangeNotification { .. }
            | Call::GetChangedDests { .. }
            | Call::GetChangeStatus { .. }
            | Call::IgnoreChangedDests { .. }
            | Call::MarkDestForChangeNotification { .. }
            | Call::IsMarkedForChangeNotification { .. } => self.change_call(caller, call),
            Call::ReferenceHandles { handles } => self.reference_handles(caller, &handles),
            Call::ReleaseEntities { .. }
            | Call::ReleaseEntityInfo { .. }
            | Call::ReleaseRouteInfo { .. }
            | Call::ReleaseRoutes { .. }
            | Call::ReleaseDestInfo { .. }
            | Call::ReleaseDests { .. }
            | Call::ReleaseNextHopInfo { .. }
            | Call::ReleaseNextHops { .. }
            | Call::ReleaseChangedDests { .. }
            | Call::ReleaseHandle { .. } => self.release_call(caller, call),
        }
    }

    /// Does what releases.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "`perform` names every call, and which of them come here"
    )]
    fn release_call(&mut self, caller: EntitySlot, call: Call) -> Result<Reply, Refusal> {
        let function = call.function();
        match call {
            Call::ReleaseEntities { entities } => {
                self.release_all(caller, entities.into_iter().map(AnyHandle::Entity), function)
            }
            Call::ReleaseEntityInfo { entity } => {
                self.release(caller, &[AnyHandle::Entity(entity)], Source::EntityInfo, function)
            }
            Call::ReleaseRouteInfo { info } => self.release_all(caller, handles_in_route(&info), function),
            Call::ReleaseRoutes { routes } => {
                self.release_all(caller, routes.into_iter().map(AnyHandle::Route), function)
            }
            Call::ReleaseDestInfo { info } => self.release_dests(caller, [info], Source::DestInfo, function),
            Call::ReleaseDests { infos } => self.release_dests(caller, infos, Source::DestInfo, function),
            Call::ReleaseNextHopInfo { info } => {
                self.release_all(caller, handles_in_next_hop(&info), function)
            }
            Call::ReleaseNextHops { next_hops } => {
                self.release_all(caller, next_hops.into_iter().map(AnyHandle::NextHop), function)
            }
            Call::ReleaseChangedDests { notify, infos } => {
                self.release_dests(caller, infos, Source::ChangedDests(notify), function)
            }
            Call::ReleaseHandle { handle } => self.release(caller, &[handle], Source::Handle, function),
            _ => unreachable!("what is no release is done elsewhere"),
        }
    }

    /// Gives back handles of the client's own.
    fn release_all(
        &mut self,
        caller: EntitySlot,
        handles: impl Iterator<Item = AnyHandle>,
        function: Function,
    ) -> Result<Reply, Refusal> {
        let handles: Vec<_> = handles.collect();
        self.release(caller, &handles, Source::Handle, function)
    }

    /// Checks an address a client gave, for the family of its table (D-32).
    pub(crate) fn checked_address(
        &self,
        caller: EntitySlot,
        address: NetAddress,
    ) -> Result<NetAddress, Refusal> {
        if address.family() != self.state.table_of(caller).id.family {
            return Err(Status::InvalidParameter.into());
        }
        let address = match self.state.profile.host_bits {
            HostBits::Refused => address,
            HostBits::Cleared => address.truncated(address.prefix_len()),
        };
        address.check().map_err(|_| Refusal::Status(Status::InvalidParameter))?;
        Ok(address)
    }
}

impl State {
    pub(crate) fn table_of(&self, entity: EntitySlot) -> &Table {
        &self.tables[self.entities[entity].table]
    }

    pub(crate) fn table_of_mut(&mut self, entity: EntitySlot) -> &mut Table {
        let table = self.entities[entity].table;
        &mut self.tables[table]
    }

    pub(crate) fn find_table(&self, id: TableId) -> Option<usize> {
        self.tables.iter().position(|table| table.id == id)
    }

    /// Finds the table of a new client, or makes it.
    pub(crate) fn table_for(&mut self, info: EntityInfo) -> usize {
        self.find_table(info.table).unwrap_or_else(|| {
            self.tables.push(Table {
                id: info.table,
                entities: Vec::new(),
                subscriptions: Vec::new(),
                index: PrefixIndex::new(),
            });
            self.tables.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_for_lists_is_used_again_and_does_not_grow_without_end() {
        let mut room = Room::default();
        room.keep_views(Vec::new());
        room.keep_views(Vec::with_capacity(5));
        assert!(room.views.is_empty(), "neither a list without room is kept nor one with much");
        (0..1_000).for_each(|_| room.keep_views(Vec::with_capacity(2)));
        assert_eq!(room.views.len(), 256);
        let list = room.views();
        assert!(list.is_empty() && list.capacity() >= 2);
        assert_eq!((room.views.len(), room.clone().views.len()), (255, 0));
        room.keep_handles(Vec::with_capacity(100_000));
        let handles = room.handles();
        assert!(handles.capacity() >= Room::HANDLES_KEPT && handles.capacity() < 100_000);
    }
}
