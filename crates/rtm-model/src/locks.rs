//! Locks: on destinations and next hops, one of a client on each object (D-90, D-131, D-133).

use alloc::vec::Vec;

use tiebreak_rtm::{
    Call, DestHandle, EntityHandle, LockAction, LockMode, LockedObject, NextHopHandle, NextHopSpec, Reply,
};

use super::expected::{Expected, Told};
use super::{Lock, Model, On};

impl Model {
    pub(super) fn lock_of(&self, holder: EntityHandle, on: On) -> Option<&Lock> {
        self.locks.iter().find(|lock| lock.holder == holder && lock.on == on)
    }

    /// The lock that a client has by `RtmLockRoute`: one at most, since under it no other may be asked for (D-89).
    pub(super) fn route_lock_of(&self, holder: EntityHandle) -> Option<&Lock> {
        self.locks.iter().find(|lock| lock.holder == holder && lock.route.is_some())
    }

    /// Names what is locked, or waited for, which keeps it alive.
    pub(super) fn locked_object(&self, on: On) -> LockedObject {
        match on {
            On::Dest(dest) => {
                let (_, address) = self.table_and_address(dest).expect("what is locked lives");
                LockedObject::Dest(address)
            }
            On::NextHop(hop) => LockedObject::NextHop(self.name_next_hop(hop)),
            On::Methods(entity) => LockedObject::Methods(entity),
        }
    }

    /// Locks or unlocks a destination or a next hop.
    pub(super) fn lock_object(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Reply {
        if let Call::LockDestination { dest, mode, action } = call {
            self.lock_destination(caller, *dest, (*mode, *action), told, expected)
        } else if let Call::LockNextHop { next_hop, mode, action, edited } = call {
            self.lock_next_hop(caller, *next_hop, (*mode, *action), *edited)
        } else {
            Reply::Nothing
        }
    }

    /// Locks; a destination's expiries are put off (D-20).
    pub(super) fn take_lock(&mut self, lock: Lock, expected: &mut Expected) {
        if let On::Dest(dest) = lock.on {
            self.put_expiries_off(dest, expected);
        }
        self.locks.push(lock);
    }

    pub(super) fn give_lock_back(
        &mut self,
        holder: EntityHandle,
        on: On,
        told: &Told<'_>,
        expected: &mut Expected,
    ) {
        self.locks.retain(|lock| (lock.holder, lock.on) != (holder, on));
        if let On::Dest(dest) = on {
            self.unlocked(dest, told, expected);
        }
    }

    pub(super) fn lock_destination(
        &mut self,
        caller: EntityHandle,
        dest: DestHandle,
        (mode, action): (LockMode, LockAction),
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Reply {
        let on = On::Dest(self.dest_id(caller, dest));
        match action {
            LockAction::Lock => {
                self.take_lock(Lock { on, route: None, holder: caller, mode, lent: Vec::new() }, expected);
            }
            LockAction::Unlock => self.give_lock_back(caller, on, told, expected),
        }
        Reply::Nothing
    }

    /// Locks a next hop, or gives the lock back; its owner may leave it edited, but for address and interface (D-133).
    pub(super) fn lock_next_hop(
        &mut self,
        caller: EntityHandle,
        handle: NextHopHandle,
        (mode, action): (LockMode, LockAction),
        edited: Option<NextHopSpec>,
    ) -> Reply {
        let on = On::NextHop(handle);
        if action == LockAction::Unlock {
            for hop in self.next_hops.iter_mut().filter(|hop| hop.handle == Some(handle)) {
                let NextHopSpec { address, interface, .. } = hop.spec;
                hop.spec = edited.map_or(hop.spec, |edited| NextHopSpec { address, interface, ..edited });
            }
            self.locks.retain(|lock| (lock.holder, lock.on) != (caller, on));
            return Reply::LockNextHop { info: None };
        }
        self.locks.push(Lock { on, route: None, holder: caller, mode, lent: Vec::new() });
        let own = self.next_hop(handle).filter(|hop| hop.owner == caller);
        Reply::LockNextHop { info: own.map(super::NextHop::info) }
    }
}
