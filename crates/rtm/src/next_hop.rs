//! Next hops: each client's private list.

use crate::address::NetAddress;
use crate::call::{HandleArgument, NextHopTarget, OptionalOutput, Reply};
use crate::flags::NextHopChangeFlags;
use crate::function::Function;
use crate::handle::{AnyHandle, EntitySlot, NextHopHandle, NextHopSlot};
use crate::info::{NextHopInfo, NextHopSpec, NextHopState};
use crate::lock::{Access, Lockable};
use crate::manager::{State, Step};
use crate::output::NextHopName;
use crate::references::{Source, handles_in_next_hop};
use crate::status::{Refusal, Status};

/// A next hop: in its owner's list, or deleted and still referred to (D-92).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NextHop {
    pub(crate) owner: EntitySlot,
    pub(crate) state: NextHopState,
    pub(crate) spec: NextHopSpec,
    /// Its place in the list, the routes and handles that refer to it.
    pub(crate) references: u32,
}

impl Step<'_> {
    pub(crate) fn add_next_hop(
        &mut self,
        caller: EntitySlot,
        target: HandleArgument<NextHopHandle>,
        mut spec: NextHopSpec,
    ) -> Result<Reply, Refusal> {
        spec.address = self.checked_address(caller, spec.address)?;
        if let Some(remote) = spec.remote {
            self.state.visible_dest(caller, remote)?;
        }
        let identity = (spec.address, spec.interface);
        let found = match target {
            HandleArgument::Given(handle) => {
                let slot = self.state.own_next_hop(caller, handle)?;
                let next_hop = &self.state.next_hops[slot];
                if next_hop.state == NextHopState::Deleted {
                    return Err(Status::InvalidHandle.into());
                }
                // The identity of a next hop does not change (1.7).
                if (next_hop.spec.address, next_hop.spec.interface) != identity {
                    return Err(Status::InvalidParameter.into());
                }
                Some(slot)
            }
            HandleArgument::Null | HandleArgument::Absent => {
                self.state.entities[caller].next_hops.get(&identity).copied()
            }
        };
        if let Some(slot) = found {
            self.state.check_lockable(caller, Lockable::NextHop(slot), Access::Write)?;
        }
        let change_flags = if found.is_some() { NextHopChangeFlags::NONE } else { NextHopChangeFlags::NEW };
        let slot = match found {
            Some(slot) => self.update_next_hop(slot, spec),
            None => self.create_next_hop(caller, spec),
        };
        let handle = self.state.next_hops.handle(slot);
        let next_hop = match target {
            HandleArgument::Absent => None,
            HandleArgument::Given(handle) => Some(handle),
            HandleArgument::Null => {
                self.state.reference(caller, AnyHandle::NextHop(handle), Source::Handle);
                Some(handle)
            }
        };
        Ok(Reply::AddNextHop { next_hop, change_flags })
    }

    pub(crate) fn update_next_hop(&mut self, slot: NextHopSlot, spec: NextHopSpec) -> NextHopSlot {
        if let Some(remote) = spec.remote {
            self.state.hold(AnyHandle::Dest(remote));
        }
        let old = core::mem::replace(&mut self.state.next_hops[slot].spec, spec);
        if let Some(remote) = old.remote {
            self.drop_handle(AnyHandle::Dest(remote));
        }
        slot
    }

    fn create_next_hop(&mut self, caller: EntitySlot, spec: NextHopSpec) -> NextHopSlot {
        if let Some(remote) = spec.remote {
            self.state.hold(AnyHandle::Dest(remote));
        }
        let next_hop = NextHop { owner: caller, state: NextHopState::Created, spec, references: 1 };
        let slot = self.state.next_hops.insert(next_hop);
        let owner = &mut self.state.entities[caller];
        owner.references += 1;
        owner.next_hops.insert((spec.address, spec.interface), slot);
        slot
    }

    pub(crate) fn find_next_hop(
        &mut self,
        caller: EntitySlot,
        (address, interface): (NetAddress, u32),
        (next_hop, pointer): (OptionalOutput, OptionalOutput),
    ) -> Result<Reply, Refusal> {
        let address = self.checked_address(caller, address)?;
        let found = self.state.entities[caller].next_hops.get(&(address, interface)).copied();
        let slot = found.ok_or(Status::NotFound)?;
        self.state.check_lockable(caller, Lockable::NextHop(slot), Access::Read)?;
        let next_hop = next_hop.of(|| self.state.next_hops.handle(slot));
        if let Some(next_hop) = next_hop {
            self.state.reference(caller, AnyHandle::NextHop(next_hop), Source::Handle);
        }
        Ok(Reply::FindNextHop { next_hop, info: pointer.of(|| self.state.next_hop_info(slot)) })
    }

    pub(crate) fn delete_next_hop(
        &mut self,
        caller: EntitySlot,
        target: NextHopTarget,
    ) -> Result<Reply, Refusal> {
        match target {
            NextHopTarget::Identity { address, interface } => {
                let address = self.checked_address(caller, address)?;
                let found = self.state.entities[caller].next_hops.get(&(address, interface)).copied();
                let slot = found.ok_or(Status::NotFound)?;
                self.state.check_lockable(caller, Lockable::NextHop(slot), Access::Write)?;
                self.unlist_next_hop(slot);
            }
            NextHopTarget::Handle(handle) => {
                let slot = self.state.next_hops.slot(handle).ok_or(Status::NotFound)?;
                let next_hop = &self.state.next_hops[slot];
                if next_hop.owner != caller {
                    return Err(Status::AccessDenied.into());
                }
                if next_hop.state == NextHopState::Deleted {
                    return Err(Status::NotFound.into());
                }
                self.state.check_lockable(caller, Lockable::NextHop(slot), Access::Write)?;
                let consumed = [AnyHandle::NextHop(handle)];
                self.take_back(caller, &consumed, Source::Handle, Function::DeleteNextHop)?;
                self.unlist_next_hop(slot);
                self.drop_next_hop(slot);
            }
        }
        Ok(Reply::Nothing)
    }

    /// Takes a next hop out of its owner's list; routes that use it keep it (D-92).
    pub(crate) fn unlist_next_hop(&mut self, slot: NextHopSlot) {
        let next_hop = &mut self.state.next_hops[slot];
        assert_eq!(next_hop.state, NextHopState::Created, "only a listed next hop is taken out");
        next_hop.state = NextHopState::Deleted;
        let identity = (next_hop.spec.address, next_hop.spec.interface);
        let removed = self.state.entities[next_hop.owner].next_hops.remove(&identity);
        assert_eq!(removed, Some(slot), "a created next hop is in its owner's list");
        self.drop_next_hop(slot);
    }

    pub(crate) fn get_next_hop_info(
        &mut self,
        caller: EntitySlot,
        next_hop: NextHopHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_next_hop(caller, next_hop)?;
        self.state.check_lockable(caller, Lockable::NextHop(slot), Access::Read)?;
        let info = self.state.next_hop_info(slot);
        for handle in handles_in_next_hop(&info) {
            self.state.reference(caller, handle, Source::Handle);
        }
        Ok(Reply::GetNextHopInfo { info })
    }
}

impl State {
    /// Finds a next hop of the caller's table, listed or deleted, whoever owns it.
    pub(crate) fn visible_next_hop(
        &self,
        caller: EntitySlot,
        next_hop: NextHopHandle,
    ) -> Result<NextHopSlot, Refusal> {
        let table = self.entities[caller].table;
        let found = self.next_hops.slot(next_hop);
        let found = found.filter(|slot| self.entities[self.next_hops[*slot].owner].table == table);
        found.ok_or(Refusal::Status(Status::InvalidHandle))
    }

    /// Finds a next hop the caller owns, listed or deleted.
    fn own_next_hop(&self, caller: EntitySlot, handle: NextHopHandle) -> Result<NextHopSlot, Refusal> {
        let slot = self.next_hops.slot(handle).ok_or(Status::InvalidHandle)?;
        if self.next_hops[slot].owner == caller { Ok(slot) } else { Err(Status::AccessDenied.into()) }
    }

    pub(crate) fn next_hop_info(&self, slot: NextHopSlot) -> NextHopInfo {
        let next_hop = &self.next_hops[slot];
        NextHopInfo {
            owner: self.entities.handle(next_hop.owner),
            state: next_hop.state,
            spec: next_hop.spec,
        }
    }

    pub(crate) fn next_hop_name(&self, slot: NextHopSlot) -> NextHopName {
        let spec = &self.next_hops[slot].spec;
        NextHopName {
            next_hop: self.next_hops.handle(slot),
            address: spec.address,
            interface: spec.interface,
        }
    }
}
