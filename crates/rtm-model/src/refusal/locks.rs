//! What may be wrong with locking and unlocking, and what a client that leaves has to wait for.

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, Call, EntityHandle, LockAction, LockMode, NextHopState, RouteState, Status, TableId, Violation,
};

use super::super::handles::named_by;
use super::super::{Kind, Model, On};
use super::Refusals;

impl Model {
    /// A client that leaves takes its routes, in the order it created them, and its next hops, by address and interface, out
    /// of the table, which others may have locked.
    pub(super) fn what_it_cleans_up(&self, caller: EntityHandle, refusals: &mut Refusals) {
        let routes = self.routes.iter();
        for route in routes.filter(|route| route.owner == caller && route.state == RouteState::Created) {
            self.wants(caller, On::Dest(route.dest), LockMode::Exclusive, refusals);
        }
        let listed = self.next_hops.iter();
        let listed = listed.filter(|hop| hop.owner == caller && hop.state == NextHopState::Created);
        let mut listed: Vec<_> = listed.collect();
        listed.sort_by_key(|hop| (hop.spec.address, hop.spec.interface));
        // One whose handle nobody has seen, nobody can have locked.
        for handle in listed.into_iter().filter_map(|hop| hop.handle) {
            self.wants(caller, On::NextHop(handle), LockMode::Exclusive, refusals);
        }
    }

    pub(super) fn lock_or_unlock_faults(
        &self,
        caller: EntityHandle,
        on: On,
        (mode, action): (LockMode, LockAction),
        call: &Call,
        refusals: &mut Refusals,
    ) {
        let function = call.function();
        let held = self.lock_of(caller, on);
        match (action, held) {
            // It would wait for itself for ever (D-131).
            (LockAction::Lock, Some(_)) => {
                refusals.violates(Violation::SelfDeadlock { function });
                refusals.told_at_once = true;
            }
            (LockAction::Lock, None) => self.wants(caller, on, mode, refusals),
            // Each lock is given back in its mode, by the function by which it was taken (D-91).
            (LockAction::Unlock, Some(held)) if held.mode == mode && held.route.is_none() => {}
            (LockAction::Unlock, Some(_) | None) => refusals.violates(Violation::NotLocked { function }),
        }
    }

    /// Lists what is wrong with locking a next hop: anybody may, but only its owner may edit it (D-133).
    pub(super) fn lock_next_hop_faults(
        &self,
        caller: EntityHandle,
        table: TableId,
        call: &Call,
        refusals: &mut Refusals,
    ) {
        let Call::LockNextHop { next_hop, mode, action, edited } = call else { return };
        let known = self.next_hop(*next_hop).filter(|_| self.lives(table, AnyHandle::NextHop(*next_hop)));
        let Some(known) = known else {
            refusals.must(Status::NotFound);
            return;
        };
        if let Some(edited) = edited {
            let may_edit = (*action, *mode) == (LockAction::Unlock, LockMode::Exclusive);
            refusals.fault((!may_edit).then_some(Status::InvalidParameter));
            refusals.fault((known.owner != caller).then_some(Status::AccessDenied));
            self.remote_faults(table, edited, refusals);
        }
        let gone = *action == LockAction::Lock && known.state == NextHopState::Deleted;
        refusals.fault(gone.then_some(Status::NotFound));
        self.lock_or_unlock_faults(caller, On::NextHop(*next_hop), (*mode, *action), call, refusals);
    }

    pub(super) fn lock_faults(
        &self,
        caller: EntityHandle,
        table: TableId,
        call: &Call,
        refusals: &mut Refusals,
    ) {
        let (Call::LockRoute { route, .. } | Call::UpdateAndUnlockRoute { route, .. }) = call else { return };
        let function = call.function();
        let Some(known) = self.route(*route).filter(|_| self.lives(table, AnyHandle::Route(*route))) else {
            refusals.must(Status::InvalidHandle);
            return;
        };
        refusals.fault((known.owner != caller).then_some(Status::AccessDenied));
        refusals.fault((known.state != RouteState::Created).then_some(Status::InvalidHandle));
        let mode = if let Call::LockRoute { mode, action, .. } = call {
            if *action == LockAction::Lock {
                let on = On::Dest(known.dest);
                self.lock_or_unlock_faults(caller, on, (*mode, *action), call, refusals);
                return;
            }
            *mode
        } else {
            LockMode::Exclusive
        };
        // The lock is on the whole destination, but given back is what was lent: this route.
        let lock = self.route_lock_of(caller).filter(|lock| lock.route == Some(*route) && lock.mode == mode);
        if lock.is_none() {
            refusals.violates(Violation::NotLocked { function });
        }
        if let Call::UpdateAndUnlockRoute { edited, list, .. } = call {
            self.list_fault(caller, *list, refusals);
            self.spec_faults(caller, edited, Some(known), refusals);
            // The route takes over a reference of the client for each next hop it names now (1.10).
            let named: Vec<_> = named_by(edited).into_iter().map(AnyHandle::NextHop).collect();
            let lacking = self.release_faults(caller, function, &named, Kind::Handle);
            refusals.fault((!lacking.is_empty()).then_some(Status::InvalidParameter));
            refusals.must.extend(lacking);
        }
    }
}
