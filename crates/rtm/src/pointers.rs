//! Read access by pointer: what its owner may look at without a copy of its own (2.4, 2.6, D-127).
//!
//! The documentation hands out the address of the public part. Here the call answers with what is there now, and counts no
//! reference: the handles in it are lent for as long as the owner holds the handle that it asked by.

use crate::call::Reply;
use crate::handle::{EntitySlot, NextHopHandle, RouteHandle};
use crate::lock::Access;
use crate::manager::Step;
use crate::status::{Refusal, Status};

impl Step<'_> {
    /// Reads a route of the caller's own, in the table or deleted.
    pub(crate) fn get_route_pointer(
        &mut self,
        caller: EntitySlot,
        route: RouteHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_route(caller, route)?;
        if self.state.routes[slot].owner != caller {
            return Err(Status::AccessDenied.into());
        }
        self.state.check_access(caller, self.state.routes[slot].dest, Access::Read)?;
        Ok(Reply::GetRoutePointer { info: self.state.route_info(slot) })
    }

    /// Reads a next hop of the caller's own, in its list or deleted.
    pub(crate) fn get_next_hop_pointer(
        &mut self,
        caller: EntitySlot,
        next_hop: NextHopHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_next_hop(caller, next_hop)?;
        if self.state.next_hops[slot].owner != caller {
            return Err(Status::AccessDenied.into());
        }
        Ok(Reply::GetNextHopPointer { info: self.state.next_hop_info(slot) })
    }
}
