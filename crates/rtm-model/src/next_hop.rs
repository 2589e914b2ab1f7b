//! Next hops: each client's private list.

use tiebreak_rtm::{
    AnyHandle, Call, EntityHandle, HandleArgument, HostBits, NetAddress, NextHopChangeFlags, NextHopHandle,
    NextHopInfo, NextHopSpec, NextHopState, NextHopTarget, OptionalOutput, Reply,
};

use super::{Difference, Kind, Model, NextHop};

impl Model {
    pub(super) fn next_hop(&self, handle: NextHopHandle) -> Option<&NextHop> {
        self.next_hops.iter().find(|hop| hop.handle == Some(handle))
    }

    /// Where in the list the next hop of this identity is, if it is in the owner's list.
    pub(super) fn listed(&self, owner: EntityHandle, address: NetAddress, interface: u32) -> Option<usize> {
        self.next_hops.iter().position(|hop| {
            hop.owner == owner
                && hop.state == NextHopState::Created
                && (hop.spec.address, hop.spec.interface) == (address, interface)
        })
    }

    /// The address as the manager keeps it: a lenient one clears host bits (D-32).
    pub(super) fn cleared(&self, address: NetAddress) -> NetAddress {
        match self.profile.host_bits {
            HostBits::Refused => address,
            HostBits::Cleared => address.truncated(address.prefix_len()),
        }
    }

    /// Notes the handle of a next hop, if it is seen for the first time.
    pub(super) fn learn_next_hop(
        &mut self,
        place: usize,
        found: NextHopHandle,
    ) -> Result<NextHopHandle, Difference> {
        if let Some(known) = self.next_hops[place].handle {
            return Ok(known);
        }
        self.learn(AnyHandle::NextHop(found))?;
        self.next_hops[place].handle = Some(found);
        Ok(found)
    }

    pub(super) fn add_next_hop(
        &mut self,
        caller: EntityHandle,
        argument: HandleArgument<NextHopHandle>,
        spec: &NextHopSpec,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        let spec = NextHopSpec { address: self.cleared(spec.address), ..*spec };
        let known = match argument {
            HandleArgument::Given(handle) => self.next_hops.iter().position(|hop| hop.handle == Some(handle)),
            HandleArgument::Absent | HandleArgument::Null => {
                self.listed(caller, spec.address, spec.interface)
            }
        };
        let change_flags = if known.is_some() { NextHopChangeFlags::NONE } else { NextHopChangeFlags::NEW };
        let place = if let Some(place) = known {
            self.next_hops[place].spec = spec;
            place
        } else {
            self.next_hops.push(NextHop { handle: None, owner: caller, spec, state: NextHopState::Created });
            self.next_hops.len() - 1
        };
        let next_hop = match (argument, found) {
            (HandleArgument::Absent, _) => None,
            (HandleArgument::Given(handle), _) => Some(handle),
            (HandleArgument::Null, Reply::AddNextHop { next_hop: Some(found), .. }) => {
                let handle = self.learn_next_hop(place, *found)?;
                self.give(caller, AnyHandle::NextHop(handle), Kind::Handle);
                Some(handle)
            }
            (HandleArgument::Null, _) => {
                return Err(Difference::new("the reply to RtmAddNextHop", &"a next hop", found));
            }
        };
        Ok(Reply::AddNextHop { next_hop, change_flags })
    }

    pub(super) fn find_next_hop(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        let (
            Call::FindNextHop { address, interface, next_hop, pointer },
            Reply::FindNextHop { next_hop: shown, .. },
        ) = (call, found)
        else {
            return Err(Difference::new("the reply to RtmFindNextHop", &"a next hop", found));
        };
        let place =
            self.listed(caller, self.cleared(*address), *interface).expect("a refused call is not performed");
        let handle = match (next_hop, shown) {
            (OptionalOutput::Wanted, Some(shown)) => {
                let handle = self.learn_next_hop(place, *shown)?;
                self.give(caller, AnyHandle::NextHop(handle), Kind::Handle);
                Some(handle)
            }
            (OptionalOutput::Wanted, None) => {
                return Err(Difference::new("the handle of a next hop", &"one", &"none"));
            }
            (OptionalOutput::Declined, _) => None,
        };
        let info = (*pointer == OptionalOutput::Wanted).then(|| self.next_hops[place].info());
        Ok(Reply::FindNextHop { next_hop: handle, info })
    }

    pub(super) fn delete_next_hop(&mut self, caller: EntityHandle, target: &NextHopTarget) -> Reply {
        let place = match target {
            NextHopTarget::Handle(handle) => {
                self.take(caller, AnyHandle::NextHop(*handle), Kind::Handle);
                self.next_hops.iter().position(|hop| hop.handle == Some(*handle))
            }
            NextHopTarget::Identity { address, interface } => {
                self.listed(caller, self.cleared(*address), *interface)
            }
        };
        let place = place.expect("a refused call is not performed");
        self.next_hops[place].state = NextHopState::Deleted;
        Reply::Nothing
    }

    pub(super) fn get_next_hop_info(&mut self, caller: EntityHandle, handle: NextHopHandle) -> Reply {
        let info = self.next_hop(handle).expect("a refused call is not performed").info();
        self.give(caller, AnyHandle::Entity(info.owner), Kind::Handle);
        if let Some(remote) = info.spec.remote {
            self.give(caller, AnyHandle::Dest(remote), Kind::Handle);
        }
        Reply::GetNextHopInfo { info }
    }
}

impl NextHop {
    pub(super) const fn info(&self) -> NextHopInfo {
        NextHopInfo { owner: self.owner, state: self.state, spec: self.spec }
    }
}
