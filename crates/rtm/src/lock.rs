//! Route locks and in-place updates.
//!
//! A lock is on the destination and for the owner of one of its routes. Waiting for a lock is not there yet: whoever
//! needs a destination that another client has locked gets [`Outcome::Busy`](crate::Outcome::Busy), where the documented
//! manager would let it wait (D-88, D-108).

use crate::call::{LockAction, LockMode, Reply};
use crate::function::Function;
use crate::handle::{AnyHandle, DestSlot, EntitySlot, NextHopHandle, RouteHandle, RouteListSlot, RouteSlot};
use crate::info::{RouteSpec, RouteState};
use crate::manager::{State, Step};
use crate::output::{DeleteReason, Fact};
use crate::references::{Source, next_hops_in};
use crate::status::{Refusal, Status, Violation};
use alloc::vec::Vec;

/// Is a lock a client holds; a client holds at most one, since it may not lock under a lock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lock {
    pub(crate) dest: DestSlot,
    pub(crate) route: RouteSlot,
    pub(crate) holder: EntitySlot,
    pub(crate) mode: LockMode,
}

/// Is what the manager itself puts off until a destination is unlocked (D-20).
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(crate) enum Waiting {
    /// An expiry that came due, of this generation of the route's timer.
    Expiry(RouteHandle, u32),
    /// A deletion the owner asked for by its answer.
    Deletion(RouteHandle),
}

/// Tells what a call wants with a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl State {
    pub(crate) fn lock_held_by(&self, holder: EntitySlot) -> Option<Lock> {
        self.locks.iter().copied().find(|lock| lock.holder == holder)
    }

    pub(crate) fn is_locked(&self, dest: DestSlot) -> bool {
        self.locks.iter().any(|lock| lock.dest == dest)
    }

    /// Checks that no other client has locked the destination against this access.
    pub(crate) fn check_access(
        &self,
        caller: EntitySlot,
        dest: DestSlot,
        access: Access,
    ) -> Result<(), Refusal> {
        let conflict = self.locks.iter().find(|lock| {
            let excludes = lock.mode == LockMode::Exclusive || access == Access::Write;
            lock.dest == dest && lock.holder != caller && excludes
        });
        match conflict {
            None => Ok(()),
            Some(lock) => Err(Refusal::Busy {
                dest: self.dests[dest].address,
                holder: self.entities.handle(lock.holder),
            }),
        }
    }

    fn lock_of(&self, caller: EntitySlot, route: RouteSlot, mode: LockMode) -> Option<Lock> {
        self.lock_held_by(caller).filter(|lock| lock.route == route && lock.mode == mode)
    }
}

impl Step<'_> {
    pub(crate) fn lock_route(
        &mut self,
        caller: EntitySlot,
        route: RouteHandle,
        mode: LockMode,
        action: LockAction,
    ) -> Result<Reply, Refusal> {
        let function = Function::LockRoute;
        let slot = self.state.own_living_route(caller, route)?;
        let dest = self.state.routes[slot].dest;
        match action {
            LockAction::Lock => {
                if let Some(lock) = self.state.lock_held_by(caller) {
                    let dest = self.state.dests[lock.dest].address;
                    return Err(Violation::CallUnderLock { function, dest }.into());
                }
                let access = match mode {
                    LockMode::Exclusive => Access::Write,
                    LockMode::Shared => Access::Read,
                };
                self.state.check_access(caller, dest, access)?;
                self.state.locks.push(Lock { dest, route: slot, holder: caller, mode });
                self.put_expiries_off(dest);
                self.lend(caller, slot, mode);
                Ok(Reply::LockRoute { info: Some(self.state.route_info(slot)) })
            }
            LockAction::Unlock => {
                let lock = self.state.lock_of(caller, slot, mode);
                let lock = lock.ok_or(Violation::NotLocked { function })?;
                self.take_loan_back(lock);
                self.unlock(lock);
                Ok(Reply::LockRoute { info: None })
            }
        }
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
    fn take_loan_back(&mut self, lock: Lock) {
        if lock.mode == LockMode::Shared {
            return;
        }
        for next_hop in self.state.next_hops_of_route(lock.route) {
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

    pub(crate) fn update_and_unlock_route(
        &mut self,
        caller: EntitySlot,
        route: RouteHandle,
        mut edited: RouteSpec,
        time_to_live_ms: u32,
        list: Option<RouteListSlot>,
    ) -> Result<Reply, Refusal> {
        let function = Function::UpdateAndUnlockRoute;
        let slot = self.state.own_living_route(caller, route)?;
        let lock = self.state.lock_of(caller, slot, LockMode::Exclusive);
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

    /// Ends a lock; with the last one on a destination, what waited for it happens.
    fn unlock(&mut self, lock: Lock) {
        self.state.locks.retain(|other| other.holder != lock.holder);
        if self.state.is_locked(lock.dest) {
            return;
        }
        while let Some(place) = self.state.waiting.iter().position(|(dest, _)| *dest == lock.dest) {
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
}

impl State {
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
