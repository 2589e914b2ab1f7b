//! Opaque slots (1.9, D-76, D-124 … D-126), and reading by pointer (D-127).

use tiebreak_rtm::{
    AnyHandle, Call, DestHandle, EntityHandle, EntityInfo, Function, LockMode, NextHopHandle, OpaqueSlot,
    Reply, RouteHandle, Status, TableId, Violation,
};

use super::refusal::Refusals;
use super::{Difference, Model, On};

impl Model {
    /// What a client keeps in a destination; 0 is NULL.
    pub(super) fn opaque_value(&self, client: EntityHandle, dest: u64) -> u64 {
        let kept = self.opaque.iter().find(|(by, at, _)| (*by, *at) == (client, dest));
        kept.map_or(0, |(_, _, value)| *value)
    }

    pub(super) fn has_slot(&self, client: EntityHandle) -> bool {
        self.client(client).is_some_and(|client| client.registered && client.slot == OpaqueSlot::Reserved)
    }

    pub(super) fn is_slot_left(&self, info: EntityInfo) -> bool {
        let of_table = self.clients.iter().filter(|client| client.info.table == info.table);
        of_table.filter(|client| self.has_slot(client.handle)).count() < self.profile.opaque_slots as usize
    }

    pub(super) fn opaque_faults(
        &self,
        caller: EntityHandle,
        (table, dest): (TableId, DestHandle),
        function: Function,
        refusals: &mut Refusals,
    ) {
        refusals.fault((!self.has_slot(caller)).then_some(Status::NotFound));
        let Some(known) = self.dest_by_handle(table, dest) else {
            refusals.must(Status::InvalidHandle);
            return;
        };
        if function == Function::GetOpaqueInformationPointer {
            self.wants(caller, On::Dest(known.id), LockMode::Shared, refusals);
            return;
        }
        self.wants(caller, On::Dest(known.id), LockMode::Exclusive, refusals);
        let own = self.lock_of(caller, On::Dest(known.id));
        if !own.is_some_and(|lock| lock.mode == LockMode::Exclusive) {
            refusals.violates(Violation::NotLocked { function });
        }
    }

    pub(super) fn opaque_call(&mut self, caller: EntityHandle, call: &Call) -> Result<Reply, Difference> {
        let table = self.table_of(caller).expect("a caller is registered");
        if let Call::GetOpaqueInformationPointer { dest } = call {
            let dest = self.dest_by_handle(table, *dest).expect("a refused call is not performed").id;
            Ok(Reply::GetOpaqueInformationPointer { value: self.opaque_value(caller, dest) })
        } else if let Call::SetOpaqueInformation { dest, value } = call {
            let dest = self.dest_by_handle(table, *dest).expect("a refused call is not performed").id;
            self.opaque.retain(|(by, at, _)| (*by, *at) != (caller, dest));
            if *value != 0 {
                self.opaque.push((caller, dest, *value));
            }
            Ok(Reply::Nothing)
        } else {
            Err(Difference::new("a call about a slot", &"one", call))
        }
    }

    /// Lists what is wrong with reading a route or a next hop by pointer: it has to be the caller's own.
    pub(super) fn pointer_faults(
        &self,
        caller: EntityHandle,
        table: TableId,
        what: AnyHandle,
        refusals: &mut Refusals,
    ) {
        refusals.fault((!self.lives(table, what)).then_some(Status::InvalidHandle));
        let owner = match what {
            AnyHandle::Route(route) => self.route(route).map(|route| route.owner),
            AnyHandle::NextHop(next_hop) => self.next_hop(next_hop).map(|next_hop| next_hop.owner),
            AnyHandle::Entity(_) | AnyHandle::Dest(_) => None,
        };
        refusals.fault(owner.is_some_and(|owner| owner != caller).then_some(Status::AccessDenied));
        if let AnyHandle::Route(route) = what {
            if let Some(route) = self.route(route) {
                self.wants(caller, On::Dest(route.dest), LockMode::Shared, refusals);
            }
        }
    }

    /// Answers with the route as it is, and gives no reference.
    pub(super) fn get_route_pointer(
        &mut self,
        route: RouteHandle,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        let known = self.route(route).expect("a refused call is not performed").clone();
        if let Reply::GetRoutePointer { info } = found {
            self.learn_dest(known.dest, info.dest)?;
        }
        Ok(Reply::GetRoutePointer { info: self.route_info(&known) })
    }

    pub(super) fn get_next_hop_pointer(&self, next_hop: NextHopHandle) -> Reply {
        let known = self.next_hop(next_hop).expect("a refused call is not performed");
        Reply::GetNextHopPointer { info: known.info() }
    }
}
