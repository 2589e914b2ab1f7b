//! Locks on destinations and next hops, and in-place updates.
//!
//! Any client of a table may lock its destinations and next hops (D-90, D-133); a route lock is a lock on the route's
//! destination, for the owner of the route. Who meets the lock of another client waits: see `waits`.

use crate::address::NetAddress;
use crate::call::{Call, LockAction, LockMode, Reply};
use crate::function::Function;
use crate::handle::{
    AnyHandle, DestHandle, DestSlot, EntitySlot, NextHopHandle, NextHopSlot, RouteHandle, RouteListSlot,
    RouteSlot,
};
use crate::info::{NextHopSpec, NextHopState, RouteSpec, RouteState};
use crate::manager::{State, Step};
use crate::output::{DeleteReason, Fact, LeakKind, LeakSubject};
use crate::references::{Source, next_hops_in};
use crate::status::{Refusal, Status, Violation};
use alloc::vec::Vec;

/// A lock a client holds: at most one on each object (D-131), and at most one route lock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lock {
    pub(crate) on: Lockable,
    /// The route that `RtmLockRoute` named.
    pub(crate) route: Option<RouteSlot>,
    pub(crate) holder: EntitySlot,
    pub(crate) mode: LockMode,
}

/// What can be locked. A lock and a call that waits for one each keep it alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lockable {
    Dest(DestSlot),
    NextHop(NextHopSlot),
    /// Not locked, but blocked by the client itself.
    Methods(EntitySlot),
}

/// What the manager itself puts off until a destination is unlocked (D-20).
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(crate) enum Waiting {
    /// An expiry that came due, of this generation of the route's timer.
    Expiry(RouteHandle, u32),
    /// A deletion the owner asked for by its answer.
    Deletion(RouteHandle),
}

/// What a call wants with what can be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Access {
    /// Returns what a client that locks wants.
    const fn of(mode: LockMode) -> Self {
        match mode {
            LockMode::Exclusive => Self::Write,
            LockMode::Shared => Self::Read,
        }
    }
}

impl State {
    /// Returns the lock that `RtmLockRoute` gave a client; it may hold one only, since it may not lock under it.
    fn route_lock_of(&self, holder: EntitySlot) -> Option<Lock> {
        self.locks.iter().copied().find(|lock| lock.holder == holder && lock.route.is_some())
    }

    /// Returns the prefix of the destination that a client has locked by `RtmLockRoute`.
    pub(crate) fn dest_under_route_lock(&self, holder: EntitySlot) -> Option<NetAddress> {
        match self.route_lock_of(holder)?.on {
            Lockable::Dest(dest) => Some(self.dests[dest].address),
            Lockable::NextHop(_) | Lockable::Methods(_) => unreachable!("a route lock is on a destination"),
        }
    }

    pub(crate) fn is_locked(&self, dest: DestSlot) -> bool {
        self.locks.iter().any(|lock| lock.on == Lockable::Dest(dest))
    }

    fn locks_of(&self, holder: EntitySlot) -> Vec<Lock> {
        self.locks.iter().copied().filter(|lock| lock.holder == holder).collect()
    }

    pub(crate) fn lock_on(&self, holder: EntitySlot, on: Lockable) -> Option<Lock> {
        self.locks.iter().copied().find(|lock| lock.holder == holder && lock.on == on)
    }

    fn route_lock(&self, caller: EntitySlot, route: RouteSlot, mode: LockMode) -> Option<Lock> {
        self.route_lock_of(caller).filter(|lock| lock.route == Some(route) && lock.mode == mode)
    }

    /// Checks that a client may lock: it has no lock on the object already, and nobody else has one that excludes it.
    fn check_lock(
        &self,
        caller: EntitySlot,
        on: Lockable,
        mode: LockMode,
        function: Function,
    ) -> Result<(), Refusal> {
        if self.lock_on(caller, on).is_some() {
            return Err(Violation::SelfDeadlock { function }.into());
        }
        self.check_lockable(caller, on, Access::of(mode))
    }

    /// Finds the lock that a client gives back: of this mode, and not of `RtmLockRoute` (D-91).
    fn lock_to_give_back(
        &self,
        caller: EntitySlot,
        on: Lockable,
        mode: LockMode,
        function: Function,
    ) -> Result<Lock, Refusal> {
        let lock = self.lock_on(caller, on).filter(|lock| lock.mode == mode && lock.route.is_none());
        lock.ok_or(Refusal::Violation(Violation::NotLocked { function }))
    }
}

impl Step<'_> {
    /// Does what locks and unlocks.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "`perform` names every call, and which of them come here"
    )]
    pub(crate) fn lock_call(&mut self, caller: EntitySlot, call: Call) -> Result<Reply, Refusal> {
        match call {
            Call::LockRoute { route, mode, action } => self.lock_route(caller, route, mode, action),
            Call::LockDestination { dest, mode, action } => self.lock_destination(caller, dest, mode, action),
            Call::LockNextHop { next_hop, mode, action, edited } => {
                self.lock_next_hop(caller, next_hop, mode, action, edited)
            }
            Call::UpdateAndUnlockRoute { route, edited, time_to_live_ms, list } => {
                let list = list.map(|list| self.state.own_route_list(caller, list)).transpose()?;
                self.update_and_unlock_route(caller, route, edited, time_to_live_ms, list)
            }
            _ => unreachable!("what neither locks nor unlocks is done elsewhere"),
        }
    }

    fn lock_route(
        &mut self,
        caller: EntitySlot,
        route: RouteHandle,
        mode: LockMode,
        action: LockAction,
    ) -> Result<Reply, Refusal> {
        let function = Function::LockRoute;
        let slot = self.state.own_living_route(caller, route)?;
        let on = Lockable::Dest(self.state.routes[slot].dest);
        match action {
            LockAction::Lock => {
                if let Some(dest) = self.state.dest_under_route_lock(caller) {
                    return Err(Violation::CallUnderLock { function, dest }.into());
                }
                self.state.check_lock(caller, on, mode, function)?;
                self.take_lock(Lock { on, route: Some(slot), holder: caller, mode });
                self.lend(caller, slot, mode);
                Ok(Reply::LockRoute { info: Some(self.state.route_info(slot)) })
            }
            LockAction::Unlock => {
                let lock = self.state.route_lock(caller, slot, mode);
                let lock = lock.ok_or(Violation::NotLocked { function })?;
                self.take_loan_back(lock, slot);
                self.unlock(lock);
                Ok(Reply::LockRoute { info: None })
            }
        }
    }

    fn lock_destination(
        &mut self,
        caller: EntitySlot,
        dest: DestHandle,
        mode: LockMode,
        action: LockAction,
    ) -> Result<Reply, Refusal> {
        let on = Lockable::Dest(self.state.visible_dest(caller, dest)?);
        self.lock_or_unlock(caller, on, mode, (action, Function::LockDestination))?;
        Ok(Reply::Nothing)
    }

    /// Locks or unlocks a next hop; its owner may leave it edited when it gives back an exclusive lock (D-133).
    fn lock_next_hop(
        &mut self,
        caller: EntitySlot,
        next_hop: NextHopHandle,
        mode: LockMode,
        action: LockAction,
        edited: Option<NextHopSpec>,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_next_hop(caller, next_hop).map_err(|_| Status::NotFound)?;
        let NextHopInEdit { owns, listed } = self.state.next_hop_in_edit(caller, slot);
        if let Some(edited) = &edited {
            if (action, mode) != (LockAction::Unlock, LockMode::Exclusive) {
                return Err(Status::InvalidParameter.into());
            }
            if !owns {
                return Err(Status::AccessDenied.into());
            }
            if let Some(remote) = edited.remote {
                self.state.visible_dest(caller, remote)?;
            }
        }
        if action == LockAction::Lock && !listed {
            return Err(Status::NotFound.into());
        }
        let on = Lockable::NextHop(slot);
        let function = Function::LockNextHop;
        if let (Some(edited), true) = (edited, action == LockAction::Unlock) {
            self.state.lock_to_give_back(caller, on, mode, function)?;
            let NextHopSpec { address, interface, .. } = self.state.next_hops[slot].spec;
            self.update_next_hop(slot, NextHopSpec { address, interface, ..edited });
        }
        self.lock_or_unlock(caller, on, mode, (action, function))?;
        let shown = action == LockAction::Lock && owns;
        Ok(Reply::LockNextHop { info: shown.then(|| self.state.next_hop_info(slot)) })
    }

    fn lock_or_unlock(
        &mut self,
        caller: EntitySlot,
        on: Lockable,
        mode: LockMode,
        (action, function): (LockAction, Function),
    ) -> Result<(), Refusal> {
        match action {
            LockAction::Lock => {
                self.state.check_lock(caller, on, mode, function)?;
                self.take_lock(Lock { on, route: None, holder: caller, mode });
            }
            LockAction::Unlock => {
                let lock = self.state.lock_to_give_back(caller, on, mode, function)?;
                self.unlock(lock);
            }
        }
        Ok(())
    }

    fn take_lock(&mut self, lock: Lock) {
        self.state.keep_alive(lock.on);
        self.state.locks.push(lock);
        self.waits_change();
        match lock.on {
            Lockable::Dest(dest) => self.put_expiries_off(dest),
            Lockable::NextHop(_) | Lockable::Methods(_) => {}
        }
        // Other calls of the client do not stand behind those that wait for it any more.
        self.wake(lock.on);
    }

    /// Lends the client the references its route has on next hops, for as long as it may edit it: it releases those it
    /// takes out and adds one for each it writes in (1.10).
    fn lend(&mut self, caller: EntitySlot, slot: RouteSlot, mode: LockMode) {
        if mode == LockMode::Exclusive {
            for next_hop in self.state.next_hops_of_route(slot) {
                self.state.reference(caller, AnyHandle::NextHop(next_hop), Source::Handle);
            }
        }
    }

    /// Takes the loan back when nothing was edited; what the client has released of it meanwhile, it had no right to.
    fn take_loan_back(&mut self, lock: Lock, route: RouteSlot) {
        if lock.mode == LockMode::Shared {
            return;
        }
        for next_hop in self.state.next_hops_of_route(route) {
            let handle = AnyHandle::NextHop(next_hop);
            match self.take_back(lock.holder, &[handle], Source::Handle, Function::LockRoute) {
                Ok(()) => self.drop_handle(handle),
                Err(violation) => self.fact(|state| Fact::Violation {
                    caller: Some(state.entities.handle(lock.holder)),
                    violation,
                }),
            }
        }
    }

    fn update_and_unlock_route(
        &mut self,
        caller: EntitySlot,
        route: RouteHandle,
        mut edited: RouteSpec,
        time_to_live_ms: u32,
        list: Option<RouteListSlot>,
    ) -> Result<Reply, Refusal> {
        let function = Function::UpdateAndUnlockRoute;
        let slot = self.state.own_living_route(caller, route)?;
        let lock = self.state.route_lock(caller, slot, LockMode::Exclusive);
        let lock = lock.ok_or(Violation::NotLocked { function })?;
        edited.views = self.state.given_views(edited.views);
        self.check_spec(caller, &edited, &self.state.next_hops_of_route(slot))?;
        // The route takes over one of the client's references for each next hop it has now.
        let taken_over: Vec<_> = next_hops_in(&edited).map(AnyHandle::NextHop).collect();
        self.take_back(caller, &taken_over, Source::Handle, function)
            .map_err(|_| Refusal::Status(Status::InvalidParameter))?;
        let change_flags = self.update_route(slot, self.state.edited_in_place(slot, edited), Some(caller));
        for handle in taken_over {
            self.drop_handle(handle);
        }
        self.set_time_to_live(slot, time_to_live_ms);
        if let Some(list) = list {
            self.state.list_route(list, slot);
        }
        self.unlock(lock);
        Ok(Reply::UpdateAndUnlockRoute { change_flags })
    }

    /// Ends a lock; with the last one on a destination, what the manager has put off happens, and with any, who waits for
    /// it may go on.
    pub(crate) fn unlock(&mut self, lock: Lock) {
        let place = self.state.locks.iter().position(|other| *other == lock);
        self.state.locks.remove(place.expect("a lock that ends is held"));
        self.waits_change();
        match lock.on {
            Lockable::Dest(dest) => self.do_what_was_put_off(dest),
            Lockable::NextHop(_) | Lockable::Methods(_) => {}
        }
        self.wake(lock.on);
        self.let_lockable_go(lock.on);
    }

    fn do_what_was_put_off(&mut self, dest: DestSlot) {
        if self.state.is_locked(dest) {
            return;
        }
        self.end_hold_that_waits(dest);
        while let Some(place) = self.state.waiting.iter().position(|(other, _)| *other == dest) {
            match self.state.waiting.remove(place).1 {
                Waiting::Expiry(handle, generation) => {
                    let due = self.state.routes.slot(handle);
                    let due = due.filter(|slot| self.state.routes[*slot].generation == generation);
                    if let Some(slot) = due {
                        self.expire(slot);
                    }
                }
                Waiting::Deletion(handle) => {
                    let alive = self.state.routes.slot(handle);
                    let alive = alive.filter(|slot| self.state.routes[*slot].state == RouteState::Created);
                    if let Some(slot) = alive {
                        self.remove_route(slot, DeleteReason::Expired, None);
                    }
                }
            }
        }
    }

    /// Takes the locks of a client that leaves (D-134).
    pub(crate) fn end_locks(&mut self, leaver: EntitySlot) {
        for lock in self.state.locks_of(leaver) {
            let subject = self.state.locked_subject(lock.on);
            self.fact(|state| Fact::Leak {
                entity: state.entities.handle(leaver),
                subject,
                kind: LeakKind::Locked,
            });
            self.unlock(lock);
        }
    }

    /// Takes off the reference of a lock, or of a call that has waited.
    pub(crate) fn let_lockable_go(&mut self, on: Lockable) {
        match on {
            Lockable::Dest(dest) => self.drop_dest(dest),
            Lockable::NextHop(next_hop) => self.drop_next_hop(next_hop),
            Lockable::Methods(entity) => self.drop_entity(entity),
        }
    }
}

/// What a client has to do with a next hop it locks.
struct NextHopInEdit {
    owns: bool,
    listed: bool,
}

impl State {
    pub(crate) fn keep_alive(&mut self, on: Lockable) {
        match on {
            Lockable::Dest(dest) => self.dests[dest].references += 1,
            Lockable::NextHop(next_hop) => self.next_hops[next_hop].references += 1,
            Lockable::Methods(entity) => self.entities[entity].references += 1,
        }
    }

    fn next_hop_in_edit(&self, caller: EntitySlot, slot: NextHopSlot) -> NextHopInEdit {
        let next_hop = &self.next_hops[slot];
        NextHopInEdit { owns: next_hop.owner == caller, listed: next_hop.state == NextHopState::Created }
    }

    fn locked_subject(&self, on: Lockable) -> LeakSubject {
        match on {
            Lockable::Dest(dest) => LeakSubject::Dest(self.dests.handle(dest), self.dests[dest].address),
            Lockable::NextHop(next_hop) => LeakSubject::NextHop(self.next_hop_name(next_hop)),
            Lockable::Methods(_) => unreachable!("methods are blocked, not locked"),
        }
    }

    fn next_hops_of_route(&self, slot: RouteSlot) -> Vec<NextHopHandle> {
        next_hops_in(&self.routes[slot].spec).collect()
    }

    /// Keeps what an in-place edit may not change: both sets of flags (RTM-039); preference 0 is the policy's (D-26).
    fn edited_in_place(&self, slot: RouteSlot, mut edited: RouteSpec) -> RouteSpec {
        let route = &self.routes[slot];
        edited.flags = route.spec.flags;
        edited.flags1 = route.spec.flags1;
        if edited.preference == 0 {
            edited.preference = self.profile.preference_of(self.entities[route.owner].info.id.protocol);
        }
        edited
    }
}
