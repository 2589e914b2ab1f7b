//! What may be wrong with a call: every fault it has, and what else the manager may refuse it for.

mod locks;

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, Call, EntityHandle, EventType, Function, HandleArgument, HostBits, LockAction, LockMode,
    NetAddress, NextHopHandle, NextHopSpec, NextHopState, NextHopTarget, NotifyFlags, OpaqueSlot, Outcome,
    Reply, RouteChangeFlags, RouteHandle, RouteSpec, RouteState, Status, TableId, Ticket, Violation,
};

use super::handles::{named_by, released_by};
use super::methods::{DEEPEST, Place};
use super::{Difference, Kind, Model, On, Route};

/// Tells what a call came to.
pub(super) enum Verdict<'a> {
    /// It succeeded, with this reply.
    Performed(&'a Reply),
    /// It was refused, and has changed nothing.
    Refused,
    /// It waits for this object, and has changed nothing.
    Waits { ticket: Ticket, on: On, access: LockMode },
    /// It has invoked methods, which run now.
    Runs { ticket: Ticket },
}

/// Lists the outcomes that are right for a call that is to be refused, or may be, or has to wait.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// If there is one, the call has to fail; where several faults coincide, any may be told.
    pub(super) must: Vec<Outcome>,
    /// The documentation leaves it open whether the call fails so.
    may: Vec<Outcome>,
    /// What it has to wait for. If it is to be refused as well, it may be told so now, or once it goes on (D-88).
    wait: Option<(On, LockMode)>,
    /// Whether there is a fault that must be told at once: waiting would be forbidden, or would never end.
    pub(super) told_at_once: bool,
    /// Whether methods run if nothing is wrong.
    pub(super) invokes: bool,
}

impl Refusals {
    /// Compares with how the call ended.
    pub(super) fn judge<'a>(&self, call: &Call, outcome: &'a Outcome) -> Result<Verdict<'a>, Difference> {
        let what = alloc::format!("how {call:?} ended");
        let wait = self.wait.filter(|_| !self.told_at_once);
        match (outcome, wait) {
            (Outcome::Pending(ticket), None) if self.invokes && self.must.is_empty() => {
                Ok(Verdict::Runs { ticket: *ticket })
            }
            (Outcome::Done(reply), None) if !self.invokes && self.must.is_empty() => {
                Ok(Verdict::Performed(reply))
            }
            (Outcome::Pending(ticket), Some((on, access))) => {
                Ok(Verdict::Waits { ticket: *ticket, on, access })
            }
            (Outcome::Failed(_) | Outcome::NeedsRoom(_) | Outcome::Violated(_), _)
                if self.must.contains(outcome) || self.may.contains(outcome) =>
            {
                Ok(Verdict::Refused)
            }
            (_, None) if self.must.is_empty() => Err(Difference::new(&what, &"success", outcome)),
            (_, Some((on, _))) if self.must.is_empty() => {
                Err(Difference::new(&what, &("to wait for", on), outcome))
            }
            (_, _) => Err(Difference::new(&what, &self.must, outcome)),
        }
    }

    pub(super) fn must(&mut self, status: Status) {
        self.must.push(Outcome::Failed(status));
    }

    pub(super) fn may(&mut self, status: Status) {
        self.may.push(Outcome::Failed(status));
    }

    pub(super) fn fault(&mut self, fault: Option<Status>) {
        self.must.extend(fault.map(Outcome::Failed));
    }

    pub(super) fn violates(&mut self, violation: Violation) {
        self.must.push(Outcome::Violated(violation));
    }
}

impl Model {
    /// Lists what is wrong with a call.
    pub(super) fn refusals(
        &self,
        caller: Option<EntityHandle>,
        place: Option<Place>,
        call: &Call,
    ) -> Refusals {
        let mut refusals = Refusals::default();
        let function = call.function();
        let known = caller.and_then(|caller| self.client(caller)).filter(|client| client.registered);
        match (caller, known, function) {
            (None, _, Function::RegisterEntity) => {}
            (Some(caller), Some(_), _) => self.under_lock(caller, call, &mut refusals),
            (Some(caller), None, _) => {
                if self.seen.contains(&AnyHandle::Entity(caller)) {
                    refusals.violates(Violation::UseAfterDeregister { function });
                } else {
                    refusals.must(Status::InvalidHandle);
                }
                return refusals;
            }
            (None, ..) => {
                refusals.must(Status::InvalidHandle);
                return refusals;
            }
        }
        self.on_thread(place, function, &mut refusals);
        // A call that must not be made at all does not wait for its turn.
        refusals.told_at_once = !refusals.must.is_empty();
        match known {
            Some(client) => self.arguments(client.handle, client.info.table, call, &mut refusals),
            None => self.registration_faults(call, &mut refusals),
        }
        refusals
    }

    /// Lists what a route lock held by the caller forbids (D-89).
    fn under_lock(&self, caller: EntityHandle, call: &Call, refusals: &mut Refusals) {
        let Some(On::Dest(dest)) = self.route_lock_of(caller).map(|lock| lock.on) else { return };
        let (released, _) = released_by(call);
        let unlocks = if let Call::LockRoute { action, .. } = call {
            *action == LockAction::Unlock
        } else {
            let free = [
                Function::UpdateAndUnlockRoute,
                Function::ReferenceHandles,
                Function::GetOpaqueInformationPointer,
                Function::SetOpaqueInformation,
            ];
            let function = call.function();
            free.contains(&function) || !released.is_empty() || function.name().starts_with("RtmRelease")
        };
        if let (false, Some((_, dest))) = (unlocks, self.table_and_address(dest)) {
            refusals.violates(Violation::CallUnderLock { function: call.function(), dest });
        }
    }

    /// Lists what the running callback forbids (3.4), to whichever registration calls in it (D-103), also in a method (D-141).
    fn on_thread(&self, place: Option<Place>, function: Function, refusals: &mut Refusals) {
        let Some((event, methods)) = self.thread(place) else {
            refusals.violates(Violation::ForeignFrame { function });
            return;
        };
        if methods >= DEEPEST && function == Function::InvokeMethod {
            refusals.violates(Violation::TooDeep { function });
        }
        let Some(event) = event else { return };
        let of_entities =
            [Function::RegisterEntity, Function::DeregisterEntity, Function::GetRegisteredEntities];
        let forbidden = match event {
            EventType::EntityRegistered | EventType::EntityDeregistered => of_entities.contains(&function),
            EventType::ChangeNotification => function == Function::RegisterForChangeNotification,
            EventType::RouteExpired => false,
        };
        if forbidden {
            refusals.violates(Violation::Reentrancy { event, function });
        }
    }

    fn registration_faults(&self, call: &Call, refusals: &mut Refusals) {
        let Call::RegisterEntity { info, methods, reserve_opaque_pointer, .. } = call else { return };
        refusals.fault((*methods > 32).then_some(Status::InvalidParameter));
        refusals.fault([0, u32::MAX].contains(&info.id.protocol).then_some(Status::InvalidParameter));
        let taken = self.clients.iter().any(|client| client.registered && client.info == *info);
        refusals.fault(taken.then_some(Status::AlreadyExists));
        let lacks_slot = *reserve_opaque_pointer == OpaqueSlot::Reserved && !self.is_slot_left(*info);
        refusals.fault(lacks_slot.then_some(Status::NoSystemResources));
    }

    fn arguments(&self, caller: EntityHandle, table: TableId, call: &Call, refusals: &mut Refusals) {
        match call {
            Call::RegisterEntity { .. } => self.registration_faults(call, refusals),
            Call::DeregisterEntity => self.what_it_cleans_up(caller, refusals),
            Call::GetRegisteredEntities { capacity, .. } => {
                let of_table = |client: &&super::Client| client.registered && client.info.table == table;
                let there = u32::try_from(self.clients.iter().filter(of_table).count()).unwrap_or(u32::MAX);
                if *capacity < there {
                    refusals.must.push(Outcome::NeedsRoom(there));
                }
            }
            Call::GetEntityMethods { .. } | Call::InvokeMethod { .. } | Call::BlockMethods { .. } => {
                self.method_faults(caller, table, call, refusals);
            }
            Call::GetOpaqueInformationPointer { dest } | Call::SetOpaqueInformation { dest, .. } => {
                self.opaque_faults(caller, (table, *dest), call.function(), refusals);
            }
            Call::AddRouteToDest { .. } => self.add_route_faults(caller, table, call, refusals),
            Call::DeleteRouteToDest { route } => self.delete_route_faults(caller, table, *route, refusals),
            Call::HoldDestination { .. } => self.hold_faults(caller, table, call, refusals),
            Call::LockRoute { .. } | Call::UpdateAndUnlockRoute { .. } => {
                self.lock_faults(caller, table, call, refusals);
            }
            Call::LockDestination { dest, mode, action } => {
                match self.dest_by_handle(table, *dest).map(|dest| On::Dest(dest.id)) {
                    Some(on) => self.lock_or_unlock_faults(caller, on, (*mode, *action), call, refusals),
                    None => refusals.must(Status::InvalidHandle),
                }
            }
            Call::LockNextHop { .. } => self.lock_next_hop_faults(caller, table, call, refusals),
            Call::GetEntityInfo { .. }
            | Call::GetRoutePointer { .. }
            | Call::GetNextHopPointer { .. }
            | Call::GetRouteInfo { .. }
            | Call::IsBestRoute { .. }
            | Call::GetNextHopInfo { .. } => self.reading_faults(caller, table, call, refusals),
            Call::GetDestInfo { .. }
            | Call::GetExactMatchDestination { .. }
            | Call::GetMostSpecificDestination { .. }
            | Call::GetLessSpecificDestination { .. } => self.query_faults(caller, table, call, refusals),
            Call::GetExactMatchRoute { .. } => self.match_faults(caller, table, call, refusals),
            Call::AddNextHop { .. } | Call::FindNextHop { .. } | Call::DeleteNextHop { .. } => {
                self.next_hop_faults(caller, table, call, refusals);
            }
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
            | Call::DeleteRouteList { .. } => self.enumeration_faults(caller, table, call, refusals),
            Call::RegisterForChangeNotification { .. }
            | Call::DeregisterFromChangeNotification { .. }
            | Call::GetChangedDests { .. }
            | Call::GetChangeStatus { .. }
            | Call::IgnoreChangedDests { .. }
            | Call::MarkDestForChangeNotification { .. }
            | Call::IsMarkedForChangeNotification { .. } => self.change_faults(caller, table, call, refusals),
            Call::ReferenceHandles { handles } => {
                let dead = handles.iter().any(|handle| !self.lives(table, *handle));
                refusals.fault(dead.then_some(Status::InvalidHandle));
            }
            Call::ReleaseEntities { .. }
            | Call::ReleaseEntityInfo { .. }
            | Call::ReleaseRouteInfo { .. }
            | Call::ReleaseRoutes { .. }
            | Call::ReleaseDestInfo { .. }
            | Call::ReleaseDests { .. }
            | Call::ReleaseNextHopInfo { .. }
            | Call::ReleaseNextHops { .. }
            | Call::ReleaseChangedDests { .. }
            | Call::ReleaseHandle { .. } => self.releases(caller, call, refusals),
        }
    }

    /// Lists what is wrong with a call that reads an object by its handle.
    fn reading_faults(&self, caller: EntityHandle, table: TableId, call: &Call, refusals: &mut Refusals) {
        if let Call::GetRoutePointer { route } = call {
            self.pointer_faults(caller, table, AnyHandle::Route(*route), refusals);
        } else if let Call::GetNextHopPointer { next_hop } = call {
            self.pointer_faults(caller, table, AnyHandle::NextHop(*next_hop), refusals);
        } else if let Call::GetRouteInfo { route, .. } | Call::IsBestRoute { route } = call {
            match self.route(*route).filter(|_| self.lives(table, AnyHandle::Route(*route))) {
                Some(known) => self.wants(caller, On::Dest(known.dest), LockMode::Shared, refusals),
                None => refusals.must(Status::InvalidHandle),
            }
        } else if let Call::GetEntityInfo { entity } = call {
            let is_there = self.lives(table, AnyHandle::Entity(*entity));
            refusals.fault((!is_there).then_some(Status::InvalidHandle));
        } else if let Call::GetNextHopInfo { next_hop } = call {
            if self.lives(table, AnyHandle::NextHop(*next_hop)) {
                self.wants(caller, On::NextHop(*next_hop), LockMode::Shared, refusals);
            } else {
                refusals.must(Status::InvalidHandle);
            }
        }
    }

    fn releases(&self, caller: EntityHandle, call: &Call, refusals: &mut Refusals) {
        let (released, kind) = released_by(call);
        if let Kind::Changed(notify) = kind {
            let own = self.registration(caller, notify).is_some()
                || self.gone_registrations.contains(&(notify, caller));
            refusals.fault((!own).then_some(Status::InvalidHandle));
        }
        refusals.must.extend(self.release_faults(caller, call.function(), &released, kind));
    }

    /// Tells whether an address is one the manager refuses for this table (D-32).
    pub(super) fn is_wrong(&self, table: TableId, address: NetAddress) -> bool {
        let checked = match self.profile.host_bits {
            HostBits::Refused => address,
            HostBits::Cleared => self.cleared(address),
        };
        address.family() != table.family || checked.check().is_err()
    }

    /// Notes that a call reads or changes what can be locked: it waits for the first that others keep it from (D-88).
    pub(super) fn wants(&self, caller: EntityHandle, on: On, access: LockMode, refusals: &mut Refusals) {
        if refusals.wait.is_none() && self.has_to_wait(caller, on, access) {
            refusals.wait = Some((on, access));
        }
    }

    /// A remote next hop names a destination of the table.
    fn remote_faults(&self, table: TableId, spec: &NextHopSpec, refusals: &mut Refusals) {
        if let Some(remote) = spec.remote.filter(|remote| !self.lives(table, AnyHandle::Dest(*remote))) {
            debug_assert!(self.dest_by_handle(table, remote).is_none());
            refusals.must(Status::InvalidHandle);
            refusals.must(Status::InvalidParameter);
        }
    }

    fn add_route_faults(&self, caller: EntityHandle, table: TableId, call: &Call, refusals: &mut Refusals) {
        let Call::AddRouteToDest { route, dest, spec, change_flags, list, .. } = call else { return };
        self.list_fault(caller, *list, refusals);
        let wrong_address = self.is_wrong(table, *dest);
        let address = self.cleared(*dest);
        refusals.fault(wrong_address.then_some(Status::InvalidParameter));
        let flags = change_flags.without(RouteChangeFlags::BEST);
        let known_flags = RouteChangeFlags::FIRST.union(RouteChangeFlags::NEW);
        let given = matches!(route, HandleArgument::Given(_));
        let unclear = known_flags == flags || (given && flags.contains(RouteChangeFlags::NEW));
        refusals.fault((unclear || !known_flags.contains(flags)).then_some(Status::InvalidParameter));
        if given && flags.contains(RouteChangeFlags::FIRST) {
            refusals.may(Status::InvalidParameter);
        }
        let mut stored = None;
        if let HandleArgument::Given(handle) = route {
            match self.route(*handle).filter(|_| self.lives(table, AnyHandle::Route(*handle))) {
                Some(known) if known.state == RouteState::Created => {
                    refusals.fault((known.owner != caller).then_some(Status::AccessDenied));
                    let there = self.table_and_address(known.dest).map(|(_, address)| address);
                    refusals.fault((there != Some(address)).then_some(Status::InvalidParameter));
                    stored = Some(known);
                }
                Some(known) => {
                    refusals.must(Status::InvalidHandle);
                    refusals.fault((known.owner != caller).then_some(Status::AccessDenied));
                }
                None => refusals.must(Status::InvalidHandle),
            }
        } else if let super::route::Target::OneOf(candidates) =
            self.target(caller, *route, address, spec, flags)
        {
            stored = candidates.first().and_then(|candidate| self.route(*candidate));
        }
        if let Some(dest) = self.find_dest(Some(table), address) {
            self.wants(caller, On::Dest(dest.id), LockMode::Exclusive, refusals);
        }
        self.spec_faults(caller, spec, stored, refusals);
    }

    /// Lists what is wrong with what a client filled in of a route (D-27, D-28). Whether a next hop deleted meanwhile may
    /// stay in a route that has it already is left open.
    fn spec_faults(
        &self,
        caller: EntityHandle,
        spec: &RouteSpec,
        stored: Option<&Route>,
        refusals: &mut Refusals,
    ) {
        refusals.fault(
            (!self.profile.views_supported.contains(self.given(spec.views)))
                .then_some(Status::InvalidParameter),
        );
        let most = self.profile.max_next_hops_in_route as usize;
        refusals.fault((spec.next_hops.len() > most).then_some(Status::InvalidParameter));
        let twice = |(place, hop)| spec.next_hops[..place].contains(hop);
        refusals.fault(spec.next_hops.iter().enumerate().any(twice).then_some(Status::InvalidParameter));
        let of_stored: Vec<NextHopHandle> = stored.map_or(Vec::new(), |stored| named_by(&stored.spec));
        for handle in named_by(spec) {
            match self.next_hop(handle).filter(|hop| hop.owner == caller) {
                Some(hop) if hop.state == NextHopState::Created => {}
                Some(_) if of_stored.contains(&handle) => refusals.may(Status::InvalidParameter),
                Some(_) | None => refusals.must(Status::InvalidParameter),
            }
        }
    }

    fn delete_route_faults(
        &self,
        caller: EntityHandle,
        table: TableId,
        route: RouteHandle,
        refusals: &mut Refusals,
    ) {
        let Some(known) = self.route(route).filter(|_| self.lives(table, AnyHandle::Route(route))) else {
            refusals.must(Status::InvalidHandle);
            return;
        };
        refusals.fault((known.owner != caller).then_some(Status::AccessDenied));
        refusals.fault((known.state != RouteState::Created).then_some(Status::NotFound));
        self.wants(caller, On::Dest(known.dest), LockMode::Exclusive, refusals);
        let handle = AnyHandle::Route(route);
        // Found in a copy of a destination, the handle will do (D-106).
        if !self.ledger.iter().any(|held| held.by == caller && held.what == handle) {
            self.consumed(caller, handle, Function::DeleteRouteToDest, refusals);
        }
    }

    /// A deletion consumes a reference on the handle; whether it fails for want of one is left open.
    fn consumed(&self, caller: EntityHandle, handle: AnyHandle, function: Function, refusals: &mut Refusals) {
        refusals.may.extend(self.release_faults(caller, function, &[handle], Kind::Handle));
    }

    fn query_faults(&self, caller: EntityHandle, table: TableId, call: &Call, refusals: &mut Refusals) {
        let (Call::GetDestInfo { views, .. }
        | Call::GetExactMatchDestination { views, .. }
        | Call::GetMostSpecificDestination { views, .. }
        | Call::GetLessSpecificDestination { views, .. }) = call
        else {
            return;
        };
        refusals.fault(self.asked(*views).is_none().then_some(Status::NotSupported));
        if let Call::GetExactMatchDestination { address, .. }
        | Call::GetMostSpecificDestination { address, .. } = call
        {
            refusals.fault(self.is_wrong(table, *address).then_some(Status::InvalidParameter));
            if !refusals.must.is_empty() {
                return;
            }
            refusals.fault(self.queried(caller, call).is_none().then_some(Status::NotFound));
        } else if let Call::GetLessSpecificDestination { dest, .. } = call {
            refusals.fault((!self.lives(table, AnyHandle::Dest(*dest))).then_some(Status::InvalidParameter));
            if !refusals.must.is_empty() {
                return;
            }
            refusals.fault(self.queried(caller, call).is_none().then_some(Status::NotFound));
        } else if let Call::GetDestInfo { dest, .. } = call {
            refusals.fault((!self.lives(table, AnyHandle::Dest(*dest))).then_some(Status::InvalidHandle));
        }
        if let Some(found) = self.queried(caller, call) {
            self.wants(caller, On::Dest(found.id), LockMode::Shared, refusals);
        }
    }

    fn next_hop_faults(&self, caller: EntityHandle, table: TableId, call: &Call, refusals: &mut Refusals) {
        if let Call::AddNextHop { next_hop, spec } = call {
            refusals.fault(self.is_wrong(table, spec.address).then_some(Status::InvalidParameter));
            self.remote_faults(table, spec, refusals);
            let updated = if let HandleArgument::Given(handle) = next_hop {
                Some(*handle)
            } else {
                self.listed_handle(caller, spec.address, spec.interface)
            };
            if let Some(handle) = updated {
                self.wants(caller, On::NextHop(handle), LockMode::Exclusive, refusals);
            }
            if let HandleArgument::Given(handle) = next_hop {
                self.own_next_hop(caller, table, *handle, refusals);
                let identity = self.next_hop(*handle).map(|hop| (hop.spec.address, hop.spec.interface));
                let kept =
                    identity.is_none_or(|identity| identity == (self.cleared(spec.address), spec.interface));
                refusals.fault((!kept).then_some(Status::InvalidParameter));
            }
        } else if let Call::FindNextHop { address, interface, .. }
        | Call::DeleteNextHop { target: NextHopTarget::Identity { address, interface } } = call
        {
            let listed = self.listed(caller, self.cleared(*address), *interface);
            refusals.fault(listed.is_none().then_some(Status::NotFound));
            refusals.fault(self.is_wrong(table, *address).then_some(Status::InvalidParameter));
            let finds = call.function() == Function::FindNextHop;
            let access = if finds { LockMode::Shared } else { LockMode::Exclusive };
            if let Some(handle) = self.listed_handle(caller, *address, *interface) {
                self.wants(caller, On::NextHop(handle), access, refusals);
            }
        } else if let Call::DeleteNextHop { target: NextHopTarget::Handle(handle) } = call {
            self.own_next_hop(caller, table, *handle, refusals);
            self.wants(caller, On::NextHop(*handle), LockMode::Exclusive, refusals);
            self.consumed(caller, AnyHandle::NextHop(*handle), call.function(), refusals);
        }
    }

    /// The handle of a next hop in the caller's list, if it has been seen: no other can have been locked.
    fn listed_handle(
        &self,
        caller: EntityHandle,
        address: NetAddress,
        interface: u32,
    ) -> Option<NextHopHandle> {
        let place = self.listed(caller, self.cleared(address), interface)?;
        self.next_hops[place].handle
    }

    /// Checks that a handle names a next hop in the caller's list; a deleted one is told by either code.
    fn own_next_hop(
        &self,
        caller: EntityHandle,
        table: TableId,
        handle: NextHopHandle,
        refusals: &mut Refusals,
    ) {
        let known = self.next_hop(handle).filter(|_| self.lives(table, AnyHandle::NextHop(handle)));
        // Of another table, it is both foreign and no handle for this one.
        let foreign = self.next_hop(handle).is_some_and(|hop| hop.owner != caller);
        refusals.fault(foreign.then_some(Status::AccessDenied));
        if known.is_none_or(|hop| hop.state == NextHopState::Deleted) {
            refusals.must(Status::InvalidHandle);
            refusals.must(Status::NotFound);
        }
    }

    fn change_faults(&self, caller: EntityHandle, table: TableId, call: &Call, refusals: &mut Refusals) {
        if let Call::RegisterForChangeNotification { views, flags, .. } = call {
            let types = NotifyFlags::ALL.union(NotifyFlags::BEST).union(NotifyFlags::FORWARDING);
            refusals.fault(self.asked(*views).is_none().then_some(Status::NotSupported));
            refusals.fault((!flags.intersects(types)).then_some(Status::InvalidParameter));
            if !types.union(NotifyFlags::ONLY_MARKED_DESTS).contains(*flags) {
                refusals.may(Status::InvalidParameter);
            }
            let there = self.registrations.iter().filter(|known| known.table == table).count();
            refusals.fault((there >= self.profile.max_notify as usize).then_some(Status::NoSystemResources));
            return;
        }
        let (Call::DeregisterFromChangeNotification { notify }
        | Call::GetChangedDests { notify, .. }
        | Call::GetChangeStatus { notify, .. }
        | Call::IgnoreChangedDests { notify, .. }
        | Call::MarkDestForChangeNotification { notify, .. }
        | Call::IsMarkedForChangeNotification { notify, .. }) = call
        else {
            return;
        };
        let registration = self.registration(caller, *notify);
        refusals.fault(registration.is_none().then_some(Status::InvalidHandle));
        if let Call::GetChangedDests { count, .. } = call {
            let wrong = *count == 0 || *count > self.profile.max_handles_in_enum;
            refusals.fault(wrong.then_some(Status::InvalidParameter));
            let pending = registration.map_or(&[][..], |known| &known.pending);
            refusals.fault((registration.is_some() && pending.is_empty()).then_some(Status::NoMoreItems));
            for dest in pending.iter().take(*count as usize) {
                self.wants(caller, On::Dest(*dest), LockMode::Shared, refusals);
            }
        } else if let Call::GetChangeStatus { dest, .. }
        | Call::MarkDestForChangeNotification { dest, .. }
        | Call::IsMarkedForChangeNotification { dest, .. } = call
        {
            // Marks and what is pending are the registration's, not the destination's: nobody waits.
            refusals.fault((!self.lives(table, AnyHandle::Dest(*dest))).then_some(Status::InvalidHandle));
        } else if let Call::IgnoreChangedDests { dests, .. } = call {
            let dead = dests.iter().any(|dest| !self.lives(table, AnyHandle::Dest(*dest)));
            refusals.fault(dead.then_some(Status::InvalidHandle));
        }
    }
}
