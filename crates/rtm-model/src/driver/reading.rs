//! What clients read: routes by what they agree with, enumerations, route lists.

use alloc::vec::Vec;

use tiebreak_rtm::{
    Call, EntityHandle, EnumFlags, EnumHandle, Function, HandleArgument, MatchFlags, NetAddress,
    OptionalOutput, ProtocolSelector, Reply, RouteCriteria, RouteInfo, RouteListHandle, RouteState, TableId,
    protocol,
};

use super::Driver;

impl Driver<'_> {
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

    /// A list, mostly of the caller's own.
    pub(super) fn some_list(&mut self, caller: EntityHandle) -> Option<RouteListHandle> {
        let of_any = self.dice.chance(8);
        let lists = self.lists.iter().filter(|(_, owner)| of_any || *owner == caller);
        let lists: Vec<_> = lists.map(|(list, _)| *list).collect();
        // The last ones are most likely alive.
        let recent = &lists[lists.len().saturating_sub(3)..];
        self.dice.pick(recent)
    }

    /// The function that reads what this call creates.
    pub(super) fn read_by(call: &Call) -> Function {
        let read = [
            (Function::CreateDestEnum, Function::GetEnumDests),
            (Function::CreateRouteEnum, Function::GetEnumRoutes),
            (Function::CreateNextHopEnum, Function::GetEnumNextHops),
        ];
        let found = read.iter().find(|(create, _)| *create == call.function());
        found.map_or(Function::GetListEnumRoutes, |(_, read)| *read)
    }

    pub(super) fn enumeration_call(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let list = self.some_list(caller);
        match (self.dice.below(100), list) {
            (0..=24, _) => self.batch(caller, table),
            (25..=29, _) => self.end_of_enumeration(caller, table),
            (30..=41, _) => Call::CreateRouteList,
            (42..=54, _) => {
                let routes = (0..self.dice.below(3)).map(|_| self.some_route(caller)).collect();
                Call::InsertInRouteList { list: list.filter(|_| self.dice.chance(85)), routes }
            }
            (55..=60, Some(list)) => Call::CreateRouteListEnum { list },
            (61..=66, Some(list)) => Call::DeleteRouteList { list },
            _ => self.creation(caller, table),
        }
    }

    /// The call by which the function reads on.
    fn reads(kind: Function, enumeration: EnumHandle, count: u32) -> Call {
        if kind == Function::GetEnumDests {
            Call::GetEnumDests { enumeration, count }
        } else if kind == Function::GetEnumRoutes {
            Call::GetEnumRoutes { enumeration, count }
        } else if kind == Function::GetEnumNextHops {
            Call::GetEnumNextHops { enumeration, count }
        } else {
            Call::GetListEnumRoutes { enumeration, count }
        }
    }

    /// Who has created an enumeration mostly goes on to read it.
    pub(super) fn plan_to_read(&mut self, caller: EntityHandle, enumeration: EnumHandle, kind: Function) {
        if self.dice.chance(70) {
            let counts = [1, 2, 1].map(|count| Self::reads(kind, enumeration, count));
            self.client(caller).plan.extend(counts);
        }
    }

    /// Who has created a list mostly goes on to fill and to enumerate it.
    pub(super) fn plan_to_fill(&mut self, caller: EntityHandle, list: RouteListHandle) {
        if self.dice.chance(80) {
            let routes = (0..2).map(|_| self.some_route(caller)).collect();
            let fill = Call::InsertInRouteList { list: Some(list), routes };
            self.client(caller).plan.extend([fill, Call::CreateRouteListEnum { list }]);
        }
    }

    /// Reads on, mostly by the right function and of the right size.
    fn batch(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let of_any = self.dice.chance(5);
        let known = self.enumerations.iter().filter(|(_, owner, _)| of_any || *owner == caller);
        let known: Vec<_> = known.copied().collect();
        let recent = &known[known.len().saturating_sub(4)..];
        let Some((enumeration, _, kind)) = self.dice.pick(recent) else {
            return self.creation(caller, table);
        };
        let kind = if self.dice.chance(96) { kind } else { self.dice.one(Function::ALL) };
        Self::reads(kind, enumeration, self.dice.one(&[1, 1, 1, 2, 2, 2, 2, 3, 16, 0, 17]))
    }

    fn end_of_enumeration(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let of_any = self.dice.chance(10);
        let known = self.enumerations.iter().filter(|(_, owner, _)| of_any || *owner == caller);
        let known: Vec<_> = known.map(|(enumeration, ..)| *enumeration).collect();
        match self.dice.pick(&known) {
            Some(enumeration) => Call::DeleteEnumHandle { enumeration },
            None => self.creation(caller, table),
        }
    }

    /// Flags and an address, which fit each other mostly.
    fn range(&mut self, table: TableId, own: EnumFlags) -> (EnumFlags, Option<NetAddress>) {
        let (start, next, range) = (EnumFlags::START, EnumFlags::NEXT, EnumFlags::RANGE);
        let position = self.dice.one(&[start, start, next, next, range, range, range, next.union(range)]);
        let flags = if self.dice.chance(35) { position.union(own) } else { position };
        let flags = if self.dice.chance(3) { flags.union(EnumFlags::from_bits(4)) } else { flags };
        let needed = position != start;
        let given = if self.dice.chance(92) { needed } else { !needed };
        (flags, given.then(|| self.address(table)))
    }

    fn creation(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let views = self.views();
        match self.dice.below(10) {
            0..=3 => {
                let selectors = [
                    ProtocolSelector::Best,
                    ProtocolSelector::This,
                    ProtocolSelector::Protocol(protocol::RIP),
                ];
                let protocol = self.dice.one(&selectors);
                let (flags, address) = self.range(table, EnumFlags::OWN_DESTS);
                Call::CreateDestEnum { views, flags, address, protocol }
            }
            4..=7 => {
                let (flags, start) = self.range(table, EnumFlags::OWN_ROUTES);
                let dest = self.dice.pick(&self.dests).filter(|_| self.dice.chance(30));
                let like = self.seen_route(caller, table);
                let (matching, criteria, interface) = self.sought(caller, like.as_ref());
                let matching = if self.dice.chance(50) { MatchFlags::NONE } else { matching };
                let criteria = Some(criteria).filter(|_| self.dice.chance(90));
                Call::CreateRouteEnum { dest, views, flags, start, matching, criteria, interface }
            }
            _ => {
                let own = if self.dice.chance(5) { EnumFlags::OWN_ROUTES } else { EnumFlags::START };
                let from_start = self.dice.chance(50);
                let (flags, address) = if from_start { (own, None) } else { self.range(table, own) };
                Call::CreateNextHopEnum { flags, address }
            }
        }
    }

    /// The call that releases what a call gave.
    pub(super) fn owes(&mut self, call: &Call, reply: &Reply) -> Option<Call> {
        Some(match (call, reply) {
            (_, Reply::GetRegisteredEntities { handles, .. }) => {
                Call::ReleaseEntities { entities: handles.clone() }
            }
            (Call::GetEntityInfo { entity }, _) => Call::ReleaseEntityInfo { entity: *entity },
            (
                Call::AddRouteToDest { route: HandleArgument::Null, .. },
                Reply::AddRouteToDest { route: Some(route), .. },
            ) => Call::ReleaseRoutes { routes: Vec::from([*route]) },
            (_, Reply::GetRouteInfo { info: Some(info), .. } | Reply::GetExactMatchRoute { info, .. }) => {
                Call::ReleaseRouteInfo { info: info.clone() }
            }
            (_, Reply::GetEnumDests { infos }) => Call::ReleaseDests { infos: infos.clone() },
            (_, Reply::GetEnumRoutes { routes } | Reply::GetListEnumRoutes { routes }) => {
                Call::ReleaseRoutes { routes: routes.clone() }
            }
            (_, Reply::GetEnumNextHops { next_hops }) => {
                Call::ReleaseNextHops { next_hops: next_hops.clone() }
            }
            (_, Reply::Dest { info }) if self.dice.chance(50) => Call::ReleaseDestInfo { info: info.clone() },
            (_, Reply::Dest { info }) => Call::ReleaseDests { infos: Vec::from([info.clone()]) },
            (
                Call::AddNextHop { next_hop: HandleArgument::Null, .. },
                Reply::AddNextHop { next_hop: Some(next_hop), .. },
            )
            | (_, Reply::FindNextHop { next_hop: Some(next_hop), .. }) => {
                Call::ReleaseNextHops { next_hops: Vec::from([*next_hop]) }
            }
            (_, Reply::GetNextHopInfo { info }) => Call::ReleaseNextHopInfo { info: *info },
            (Call::GetChangedDests { notify, .. }, Reply::GetChangedDests { infos }) => {
                Call::ReleaseChangedDests { notify: *notify, infos: infos.clone() }
            }
            _ => return None,
        })
    }
}
