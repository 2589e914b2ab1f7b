//! What clients read: routes by what they agree with.

use tiebreak_rtm::{
    Call, EntityHandle, MatchFlags, OptionalOutput, RouteCriteria, RouteInfo, RouteState, TableId,
};

use super::Driver;

impl Driver {
    /// A route of this table that anybody can see, mostly.
    fn seen_route(&mut self, caller: EntityHandle, table: TableId) -> Option<RouteInfo> {
        let in_table = self.manager.routes(table);
        let route = self.dice.pick(&in_table).filter(|_| self.dice.chance(90));
        let route = route.unwrap_or_else(|| self.some_route(caller));
        self.manager.route(route)
    }

    /// Flags, criteria that are those of a route but for one, and an interface.
    fn sought(&mut self, caller: EntityHandle, like: Option<&RouteInfo>) -> (MatchFlags, RouteCriteria, u32) {
        let flags = [0, 1, 2, 4, 8, 16, 1, 2, 4, 8, 16, 3, 12, 15, 31, 0xFFFF, 0x20];
        let matching = MatchFlags::from_bits(self.dice.one(&flags));
        let spec = like.map(|info| info.spec.clone()).unwrap_or_default();
        let spec = if self.dice.chance(75) { spec } else { self.edited(caller, &spec) };
        let owner = like.map(|info| info.owner).filter(|_| self.dice.chance(90));
        let hop = spec.next_hops.first().and_then(|hop| self.manager.next_hop(*hop));
        let interface = hop.map_or(0, |hop| hop.spec.interface);
        let interface = if self.dice.chance(70) { interface } else { self.dice.one(&[1, 2, 3]) };
        let criteria = RouteCriteria {
            owner,
            neighbour: spec.neighbour,
            preference: spec.preference,
            metric: spec.metric,
            next_hops: spec.next_hops,
        };
        (matching, criteria, interface)
    }

    pub(super) fn exact_match(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let like = self.seen_route(caller, table).filter(|info| info.state == RouteState::Created);
        let there = like.as_ref().and_then(|info| self.manager.dest_address(info.dest));
        let address = there.filter(|_| self.dice.chance(90)).unwrap_or_else(|| self.address(table));
        let (matching, criteria, interface) = self.sought(caller, like.as_ref());
        let wanted = [OptionalOutput::Wanted, OptionalOutput::Declined];
        let (views, route) = (self.views(), self.dice.one(&wanted));
        Call::GetExactMatchRoute { address, matching, criteria, interface, views, route }
    }
}
