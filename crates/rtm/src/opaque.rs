//! Opaque slots: a value of its own that a client keeps in destinations (1.9, 2.2, D-76, D-124 … D-126).
//!
//! The documentation hands out the address of the slot, to read and to write through. Here a call reads the slot and another
//! writes it. The documented protocol is the same: lock the destination, shared to read and exclusive to write; get at
//! the slot; unlock.
//!
//! Every destination has a slot for each client that has reserved one, and it is NULL at first. So only what is not NULL
//! takes memory.

use crate::call::{LockMode, OpaqueSlot, Reply};
use crate::function::Function;
use crate::handle::{DestHandle, DestSlot, EntitySlot, Handle as _};
use crate::lock::{Access, Lockable};
use crate::manager::{State, Step};
use crate::output::{Fact, LeakKind, LeakSubject};
use crate::status::{Refusal, Status, Violation};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

/// What the slots of all clients hold; a NULL is not stored.
pub(crate) type OpaqueValues = BTreeMap<(EntitySlot, DestSlot), NonZeroU64>;

impl Step<'_> {
    pub(crate) fn get_opaque_information_pointer(
        &mut self,
        caller: EntitySlot,
        dest: DestHandle,
    ) -> Result<Reply, Refusal> {
        let dest = self.state.dest_with_slot(caller, dest)?;
        self.state.check_access(caller, dest, Access::Read)?;
        Ok(Reply::GetOpaqueInformationPointer { value: self.state.opaque_value(caller, dest) })
    }

    /// Writes a slot. One that is not NULL keeps its destination, so that it survives times without routes (D-125).
    pub(crate) fn set_opaque_information(
        &mut self,
        caller: EntitySlot,
        dest: DestHandle,
        value: u64,
    ) -> Result<Reply, Refusal> {
        let dest = self.state.dest_with_slot(caller, dest)?;
        self.state.check_access(caller, dest, Access::Write)?;
        self.state.may_write_opaque(caller, dest)?;
        let place = (caller, dest);
        let (old, new) = (self.state.opaque.remove(&place), NonZeroU64::new(value));
        if let Some(new) = new {
            self.state.opaque.insert(place, new);
            self.state.dests[dest].references += 1;
        }
        if old.is_some() {
            self.drop_dest(dest);
        }
        Ok(Reply::Nothing)
    }

    /// Which slots a client leaves that are not NULL: what they point to is lost (D-126).
    pub(crate) fn tell_opaque_leaks(&mut self, caller: EntitySlot) {
        let dests = self.state.dests_with_values(caller).into_iter();
        let mut dests: Vec<_> = dests.map(|dest| (self.state.dests[dest].address, dest)).collect();
        dests.sort_by_key(|(address, _)| *address);
        for (address, dest) in dests {
            self.fact(|state| Fact::Leak {
                entity: state.entities.handle(caller),
                subject: LeakSubject::Dest(state.dests.handle(dest), address),
                kind: LeakKind::NotCleared,
            });
        }
    }

    /// Takes a client's slot back, for another client, and what it held (D-76).
    pub(crate) fn free_opaque_slot(&mut self, caller: EntitySlot) {
        self.state.entities[caller].opaque_slot = OpaqueSlot::NotReserved;
        for dest in self.state.dests_with_values(caller) {
            self.state.opaque.remove(&(caller, dest));
            self.drop_dest(dest);
        }
    }
}

impl State {
    /// Checks that a slot is left for another client of a table (D-76).
    pub(crate) fn check_slot_left(&self, table: Option<usize>) -> Result<(), Refusal> {
        let clients = table.map_or(&[][..], |table| &self.tables[table].entities);
        let reserved = clients.iter().filter(|client| self.has_opaque_slot(**client)).count();
        if reserved < self.profile.opaque_slots as usize {
            Ok(())
        } else {
            Err(Status::NoSystemResources.into())
        }
    }

    pub(crate) fn has_opaque_slot(&self, client: EntitySlot) -> bool {
        self.entities[client].opaque_slot == OpaqueSlot::Reserved
    }

    /// Finds a destination, for a client that has reserved a slot.
    fn dest_with_slot(&self, caller: EntitySlot, dest: DestHandle) -> Result<DestSlot, Refusal> {
        let dest = self.visible_dest(caller, dest)?;
        if self.has_opaque_slot(caller) { Ok(dest) } else { Err(Status::NotFound.into()) }
    }

    /// Checks that a client has locked a destination exclusively: otherwise somebody may read what it is about to write
    /// (D-124).
    fn may_write_opaque(&self, caller: EntitySlot, dest: DestSlot) -> Result<(), Violation> {
        let lock = self.lock_on(caller, Lockable::Dest(dest));
        if lock.is_some_and(|lock| lock.mode == LockMode::Exclusive) {
            Ok(())
        } else {
            Err(Violation::NotLocked { function: Function::SetOpaqueInformation })
        }
    }

    /// Returns what a client keeps in a destination; 0 is NULL.
    pub(crate) fn opaque_value(&self, client: EntitySlot, dest: DestSlot) -> u64 {
        self.opaque.get(&(client, dest)).copied().map_or(0, NonZeroU64::get)
    }

    /// Returns the destinations in which a client keeps something.
    pub(crate) fn dests_with_values(&self, client: EntitySlot) -> Vec<DestSlot> {
        let [first, last] = [NonZeroU32::MIN, NonZeroU32::MAX].map(DestHandle::slot_at);
        self.opaque.range((client, first)..=(client, last)).map(|((_, dest), _)| *dest).collect()
    }
}
