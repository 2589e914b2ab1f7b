//! Enumerations and route lists: what is read in which order, and where each list of routes goes (2.7, 2.8).

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, Call, DestInfo, EntityHandle, EnumFlags, EnumHandle, MatchFlags, NetAddress, NextHopState,
    ProtocolSelector, Reply, RouteCriteria, RouteHandle, RouteListHandle, RouteState, Status, TableId,
    ViewSet,
};

use super::refusal::Refusals;
use super::{Dest, Difference, Kind, LockMode, Model, On, same};

/// Is a list of routes of its owner, with the arrival of each in it.
#[derive(Clone, Debug)]
pub(super) struct RouteList {
    handle: RouteListHandle,
    owner: EntityHandle,
    routes: Vec<(u64, RouteHandle)>,
}

#[derive(Clone, Debug)]
pub(super) struct Enumeration {
    handle: EnumHandle,
    owner: EntityHandle,
    over: Over,
}

#[derive(Clone, Debug)]
enum Over {
    Dests { span: Span, views: ViewSet, own: bool, protocol: Option<u32> },
    Routes(Routes),
    Hops { span: Span, last: Option<(Key, u32)> },
    List { list: RouteListHandle, last: u64 },
}

#[derive(Clone, Debug)]
struct Routes {
    /// If it is of one destination only: which.
    only: Option<u64>,
    has_entered: bool,
    span: Span,
    views: ViewSet,
    own: bool,
    matching: MatchFlags,
    criteria: RouteCriteria,
    interface: u32,
    /// What the destination had when it was entered, less what was returned.
    rest: Vec<RouteHandle>,
}

/// The order of addresses: bits, then length.
type Key = (u128, u8);

/// Is a part of the addresses, less those up to the last that was returned.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    first: Option<NetAddress>,
    within: Option<NetAddress>,
    last: Option<NetAddress>,
}

const fn key(address: NetAddress) -> Key {
    (address.bits(), address.prefix_len())
}

impl Span {
    fn read(flags: EnumFlags, address: Option<NetAddress>) -> Self {
        let within = address.filter(|_| flags.contains(EnumFlags::RANGE));
        Self { first: address, within, last: None }
    }

    fn has(&self, address: NetAddress) -> bool {
        self.first.is_none_or(|first| key(address) >= key(first))
            && self.within.is_none_or(|root| root.covers(address))
            && self.last.is_none_or(|last| key(address) > key(last))
    }
}

impl Model {
    fn list(&self, owner: EntityHandle, handle: RouteListHandle) -> Option<usize> {
        self.lists.iter().position(|list| list.handle == handle && list.owner == owner)
    }

    fn enumeration(&self, owner: EntityHandle, handle: EnumHandle) -> Option<&Over> {
        let known = self.enumerations.iter().find(|known| known.handle == handle && known.owner == owner);
        known.map(|known| &known.over)
    }

    /// The list a route is in.
    pub(super) fn list_of(&self, route: RouteHandle) -> Option<RouteListHandle> {
        let holds = |list: &&RouteList| list.routes.iter().any(|(_, listed)| *listed == route);
        self.lists.iter().find(holds).map(|list| list.handle)
    }

    /// Takes a route out of the list it is in.
    pub(super) fn take_off_lists(&mut self, route: RouteHandle) {
        for list in &mut self.lists {
            list.routes.retain(|(_, listed)| *listed != route);
        }
    }

    /// Moves a route to the end of a list, unless it is in it (D-112).
    pub(super) fn put_on_list(&mut self, list: RouteListHandle, route: RouteHandle) {
        if self.list_of(route) == Some(list) {
            return;
        }
        self.take_off_lists(route);
        let arrival = self.arrival();
        for known in self.lists.iter_mut().filter(|known| known.handle == list) {
            known.routes.push((arrival, route));
        }
    }

    /// The lists and enumerations of a client end with it (D-119).
    pub(super) fn end_private(&mut self, owner: EntityHandle) {
        self.lists.retain(|list| list.owner != owner);
        self.enumerations.retain(|known| known.owner != owner);
    }

    /// The destinations that enumerations keep (D-117).
    pub(super) fn enumerated_dests(&self) -> Vec<u64> {
        let only = |known: &Enumeration| match &known.over {
            Over::Routes(routes) => routes.only,
            Over::Dests { .. } | Over::Hops { .. } | Over::List { .. } => None,
        };
        self.enumerations.iter().filter_map(only).collect()
    }

    /// Counts the lists and enumerations there are.
    pub(super) fn private_objects(&self) -> (u64, u64) {
        (self.lists.len() as u64, self.enumerations.len() as u64)
    }

    /// The destinations of a span, in order.
    fn dests_in(&self, table: TableId, span: &Span) -> Vec<&Dest> {
        let mut dests: Vec<_> =
            self.dests.iter().filter(|dest| dest.table == table && span.has(dest.address)).collect();
        dests.sort_by_key(|dest| key(dest.address));
        dests
    }

    fn next_dests(&self, caller: EntityHandle, over: &Over, count: u32) -> Vec<(u64, NetAddress)> {
        let Over::Dests { span, views, own, .. } = over else { return Vec::new() };
        let Some(table) = self.table_of(caller) else { return Vec::new() };
        let best_is_own = |dest: &Dest| {
            self.supported_views().filter(|view| *views == ViewSet::ANY || views.contains(view.set())).any(
                |view| {
                    let best = self.ranking(dest.id, view).first().and_then(|(best, _)| self.route(*best));
                    best.is_some_and(|best| best.owner == caller)
                },
            )
        };
        let dests = self.dests_in(table, span).into_iter();
        let is_held = |dest: &Dest| *views == ViewSet::ANY && self.is_held(dest.id);
        let dests = dests.filter(|dest| !self.members(dest.id, *views).is_empty() || is_held(dest));
        let dests = dests.filter(|dest| !own || best_is_own(dest));
        dests.take(count as usize).map(|dest| (dest.id, dest.address)).collect()
    }

    /// The routes of a destination that an enumeration gives on entry.
    fn on_entry(&self, caller: EntityHandle, dest: u64, routes: &Routes) -> Vec<RouteHandle> {
        let Routes { views, own, matching, criteria, interface, .. } = routes;
        // What is held is in no view any more (RTM-064, D-145).
        let members = if *views == ViewSet::ANY {
            self.in_order(dest, &[RouteState::Created, RouteState::Deleting])
        } else {
            self.members(dest, *views)
        };
        let asked = members.into_iter().filter(|route| !own || route.owner == caller);
        let alike = asked.filter(|route| self.is_alike(route, *matching, criteria, *interface));
        alike.map(|route| route.handle).collect()
    }

    /// The next routes, one by one, and what is left then.
    fn next_routes(&self, caller: EntityHandle, known: &Routes, count: u32) -> (Vec<RouteHandle>, Routes) {
        let (mut batch, mut left) = (Vec::new(), known.clone());
        while batch.len() < count as usize {
            if left.rest.is_empty() && !self.enter_next(caller, &mut left) {
                break;
            }
            let next = left.rest.remove(0);
            let is_held =
                |route: &super::Route| left.views == ViewSet::ANY && route.state == RouteState::Deleting;
            let route = self.route(next);
            if route.is_some_and(|route| route.state == RouteState::Created || is_held(route)) {
                batch.push(next);
            }
        }
        (batch, left)
    }

    /// Enters the next destination that has something to give.
    fn enter_next(&self, caller: EntityHandle, left: &mut Routes) -> bool {
        if let Some(only) = left.only {
            if !left.has_entered {
                left.rest = self.on_entry(caller, only, left);
                left.has_entered = !left.rest.is_empty();
            }
            return !left.rest.is_empty();
        }
        let Some(table) = self.table_of(caller) else { return false };
        for dest in self.dests_in(table, &left.span) {
            left.rest = self.on_entry(caller, dest.id, left);
            if !left.rest.is_empty() {
                left.span.last = Some(dest.address);
                return true;
            }
        }
        false
    }

    /// Where in the list of next hops the next ones are.
    fn next_hops_after(&self, caller: EntityHandle, over: &Over, count: u32) -> Vec<usize> {
        let Over::Hops { span, last } = over else { return Vec::new() };
        let identity = |place: &usize| {
            let spec = self.next_hops[*place].spec;
            (key(spec.address), spec.interface)
        };
        let mut places: Vec<usize> = (0..self.next_hops.len())
            .filter(|place| {
                let hop = &self.next_hops[*place];
                hop.owner == caller && hop.state == NextHopState::Created && span.has(hop.spec.address)
            })
            .filter(|place| last.is_none_or(|last| identity(place) > last))
            .collect();
        places.sort_by_key(identity);
        places.truncate(count as usize);
        places
    }

    fn span_faults(
        &self,
        table: TableId,
        (flags, address): (EnumFlags, Option<NetAddress>),
        own: EnumFlags,
        refusals: &mut Refusals,
    ) {
        let places = flags.intersection(EnumFlags::NEXT.union(EnumFlags::RANGE));
        let known = EnumFlags::NEXT.union(EnumFlags::RANGE).union(own);
        let wrong = !known.contains(flags)
            || places == EnumFlags::NEXT.union(EnumFlags::RANGE)
            || places.is_empty() != address.is_none()
            || address.is_some_and(|address| self.is_wrong(table, address));
        refusals.fault(wrong.then_some(Status::InvalidParameter));
    }

    /// Lists what is wrong with the creation of an enumeration.
    fn creation_faults(&self, caller: EntityHandle, table: TableId, call: &Call, refusals: &mut Refusals) {
        if let Call::CreateDestEnum { views, flags, address, .. } = call {
            refusals.fault(self.asked(*views).is_none().then_some(Status::NotSupported));
            self.span_faults(table, (*flags, *address), EnumFlags::OWN_DESTS, refusals);
        } else if let Call::CreateRouteEnum { dest, views, flags, start, matching, criteria, .. } = call {
            refusals.fault(self.asked(*views).is_none().then_some(Status::NotSupported));
            let places = EnumFlags::NEXT.union(EnumFlags::RANGE);
            if let Some(dest) = dest {
                let dead = self.dest_by_handle(table, *dest).is_none();
                refusals.fault(dead.then_some(Status::InvalidParameter));
                let own = flags.without(places);
                self.span_faults(table, (own, None), EnumFlags::OWN_ROUTES, refusals);
            } else {
                let start = start.filter(|_| flags.intersects(places));
                self.span_faults(table, (*flags, start), EnumFlags::OWN_ROUTES, refusals);
            }
            let compared = MatchFlags::OWNER
                .union(MatchFlags::NEIGHBOUR)
                .union(MatchFlags::PREF)
                .union(MatchFlags::NEXTHOP);
            let lacking = criteria.is_none() && matching.intersects(compared);
            refusals.fault(lacking.then_some(Status::InvalidParameter));
        } else if let Call::CreateNextHopEnum { flags, address } = call {
            self.span_faults(table, (*flags, *address), EnumFlags::START, refusals);
        } else if let Call::CreateRouteListEnum { list } = call {
            self.list_fault(caller, Some(*list), refusals);
        }
    }

    /// A list has to be the caller's (D-31, D-74).
    pub(super) fn list_fault(
        &self,
        caller: EntityHandle,
        list: Option<RouteListHandle>,
        refusals: &mut Refusals,
    ) {
        let foreign = list.is_some_and(|list| self.list(caller, list).is_none());
        refusals.fault(foreign.then_some(Status::InvalidHandle));
    }

    pub(super) fn enumeration_faults(
        &self,
        caller: EntityHandle,
        table: TableId,
        call: &Call,
        refusals: &mut Refusals,
    ) {
        if let Call::InsertInRouteList { list, routes } = call {
            self.list_fault(caller, *list, refusals);
            let own = |route: &RouteHandle| {
                self.route(*route)
                    .is_some_and(|route| route.owner == caller && route.state == RouteState::Created)
            };
            refusals.fault((!routes.iter().all(own)).then_some(Status::InvalidHandle));
        } else if let Call::DeleteRouteList { list } = call {
            self.list_fault(caller, Some(*list), refusals);
        } else if let Call::DeleteEnumHandle { enumeration } = call {
            let foreign = self.enumeration(caller, *enumeration).is_none();
            refusals.fault(foreign.then_some(Status::InvalidHandle));
        } else if let Call::GetEnumDests { enumeration, count }
        | Call::GetEnumRoutes { enumeration, count }
        | Call::GetEnumNextHops { enumeration, count }
        | Call::GetListEnumRoutes { enumeration, count } = call
        {
            let wrong = *count == 0 || *count > self.profile.max_handles_in_enum;
            refusals.fault(wrong.then_some(Status::InvalidParameter));
            let left = self.enumeration(caller, *enumeration).and_then(|over| match (call, over) {
                (Call::GetEnumDests { .. }, Over::Dests { .. }) => {
                    Some(self.next_dests(caller, over, *count).len())
                }
                (Call::GetEnumRoutes { .. }, Over::Routes(routes)) => {
                    Some(self.next_routes(caller, routes, *count).0.len())
                }
                (Call::GetEnumNextHops { .. }, Over::Hops { .. }) => {
                    Some(self.next_hops_after(caller, over, *count).len())
                }
                // Never at its end by a status (RTM-043).
                (Call::GetListEnumRoutes { .. }, Over::List { .. }) => Some(1),
                _ => None,
            });
            refusals.fault(left.is_none().then_some(Status::InvalidHandle));
            refusals.fault((left == Some(0)).then_some(Status::NoMoreItems));
            for dest in self.dests_of_batch(caller, call) {
                self.wants(caller, On::Dest(dest), LockMode::Shared, refusals);
            }
        } else {
            self.creation_faults(caller, table, call, refusals);
        }
    }

    /// The destinations that a batch reads, in its order (D-88); what reads a list reads none.
    fn dests_of_batch(&self, caller: EntityHandle, call: &Call) -> Vec<u64> {
        let (Call::GetEnumDests { enumeration, count } | Call::GetEnumRoutes { enumeration, count }) = call
        else {
            return Vec::new();
        };
        match (call, self.enumeration(caller, *enumeration)) {
            (Call::GetEnumDests { .. }, Some(over @ Over::Dests { .. })) => {
                self.next_dests(caller, over, *count).into_iter().map(|(dest, _)| dest).collect()
            }
            (Call::GetEnumRoutes { .. }, Some(Over::Routes(routes))) => {
                let routes = self.next_routes(caller, routes, *count).0;
                routes.iter().filter_map(|route| Some(self.route(*route)?.dest)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Notes a handle of a list or an enumeration that was given out: none comes twice (D-73).
    fn learn_private(&mut self, kind: u8, bits: u64) -> Result<(), Difference> {
        let is_new = self.private_seen.insert((kind, bits));
        same("whether a handle given out is new (D-73)", &true, &is_new)
    }

    pub(super) fn enumerate(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        if let (Call::CreateRouteList, Reply::CreateRouteList { list }) = (call, found) {
            self.learn_private(0, list.to_bits())?;
            self.lists.push(RouteList { handle: *list, owner: caller, routes: Vec::new() });
            return Ok(found.clone());
        } else if let Call::InsertInRouteList { list, routes } = call {
            for route in routes {
                match list {
                    Some(list) => self.put_on_list(*list, *route),
                    None => self.take_off_lists(*route),
                }
            }
        } else if let Call::DeleteRouteList { list } = call {
            self.lists.retain(|known| known.handle != *list);
        } else if let Call::DeleteEnumHandle { enumeration } = call {
            self.enumerations.retain(|known| known.handle != *enumeration);
        } else if let Reply::CreateEnum { enumeration } = found {
            self.learn_private(1, enumeration.to_bits())?;
            let over = self.created(caller, call).expect("a refused call is not performed");
            self.enumerations.push(Enumeration { handle: *enumeration, owner: caller, over });
            return Ok(found.clone());
        } else {
            return self.read(caller, call, found);
        }
        Ok(Reply::Nothing)
    }

    /// What an enumeration that is created goes over.
    fn created(&self, caller: EntityHandle, call: &Call) -> Option<Over> {
        let clear = |address: &Option<NetAddress>| address.map(|address| self.cleared(address));
        if let Call::CreateDestEnum { views, flags, address, protocol } = call {
            let protocol = match protocol {
                ProtocolSelector::Best => None,
                ProtocolSelector::This => self.client(caller).map(|client| client.info.id.protocol),
                ProtocolSelector::Protocol(protocol) => Some(*protocol),
            };
            let (span, own) = (Span::read(*flags, clear(address)), flags.contains(EnumFlags::OWN_DESTS));
            Some(Over::Dests { span, views: self.asked(*views)?, own, protocol })
        } else if let Call::CreateRouteEnum { dest, views, flags, start, matching, criteria, interface } =
            call
        {
            let table = self.table_of(caller)?;
            let places = EnumFlags::NEXT.union(EnumFlags::RANGE);
            let start = clear(start).filter(|_| flags.intersects(places));
            Some(Over::Routes(Routes {
                only: dest.and_then(|dest| self.dest_by_handle(table, dest)).map(|dest| dest.id),
                has_entered: false,
                span: Span::read(*flags, start),
                views: self.asked(*views)?,
                own: flags.contains(EnumFlags::OWN_ROUTES),
                matching: *matching,
                criteria: criteria.clone().unwrap_or_default(),
                interface: *interface,
                rest: Vec::new(),
            }))
        } else if let Call::CreateNextHopEnum { flags, address } = call {
            Some(Over::Hops { span: Span::read(*flags, clear(address)), last: None })
        } else if let Call::CreateRouteListEnum { list } = call {
            Some(Over::List { list: *list, last: 0 })
        } else {
            None
        }
    }

    /// Reads the next batch.
    fn read(&mut self, caller: EntityHandle, call: &Call, found: &Reply) -> Result<Reply, Difference> {
        let (Call::GetEnumDests { enumeration, count }
        | Call::GetEnumRoutes { enumeration, count }
        | Call::GetEnumNextHops { enumeration, count }
        | Call::GetListEnumRoutes { enumeration, count }) = call
        else {
            return Err(Difference::new("the reply to a call that creates something", &"a handle", found));
        };
        let over = self.enumeration(caller, *enumeration).expect("a refused call is not performed").clone();
        let (reply, over) = match over {
            Over::Dests { span, views, own, protocol } => {
                let over = Over::Dests { span, views, own, protocol };
                let next = self.next_dests(caller, &over, *count);
                let infos = self.read_dests(caller, &next, (views, protocol), found)?;
                let span = Span { last: next.last().map(|(_, address)| *address), ..span };
                (Reply::GetEnumDests { infos }, Over::Dests { span, views, own, protocol })
            }
            Over::Routes(known) => {
                let (routes, left) = self.next_routes(caller, &known, *count);
                (Reply::GetEnumRoutes { routes: self.give_routes(caller, routes) }, Over::Routes(left))
            }
            Over::Hops { span, last } => {
                let over = Over::Hops { span, last };
                let next = self.next_hops_after(caller, &over, *count);
                let mut next_hops = Vec::new();
                let shown =
                    if let Reply::GetEnumNextHops { next_hops } = found { &next_hops[..] } else { &[] };
                for (place, shown) in next.iter().zip(shown) {
                    let handle = self.learn_next_hop(*place, *shown)?;
                    self.give(caller, AnyHandle::NextHop(handle), Kind::Handle);
                    next_hops.push(handle);
                }
                same("how many next hops there are", &next.len(), &shown.len())?;
                let spec = next.last().map(|place| self.next_hops[*place].spec);
                let last = spec.map(|spec| (key(spec.address), spec.interface));
                (Reply::GetEnumNextHops { next_hops }, Over::Hops { span, last })
            }
            Over::List { list, last } => {
                let known = self.lists.iter().find(|known| known.handle == list);
                let routes = known.into_iter().flat_map(|known| &known.routes);
                let next: Vec<_> =
                    routes.filter(|(arrival, _)| *arrival > last).take(*count as usize).copied().collect();
                let last = next.last().map_or(last, |(arrival, _)| *arrival);
                let routes = next.into_iter().map(|(_, route)| route).collect();
                let routes = self.give_routes(caller, routes);
                (Reply::GetListEnumRoutes { routes }, Over::List { list, last })
            }
        };
        for known in self.enumerations.iter_mut().filter(|known| known.handle == *enumeration) {
            known.over = over.clone();
        }
        Ok(reply)
    }

    fn give_routes(&mut self, to: EntityHandle, routes: Vec<RouteHandle>) -> Vec<RouteHandle> {
        for route in &routes {
            self.give(to, AnyHandle::Route(*route), Kind::Handle);
        }
        routes
    }

    fn read_dests(
        &mut self,
        caller: EntityHandle,
        next: &[(u64, NetAddress)],
        (views, protocol): (ViewSet, Option<u32>),
        found: &Reply,
    ) -> Result<Vec<DestInfo>, Difference> {
        let Reply::GetEnumDests { infos: shown } = found else {
            return Err(Difference::new("the reply to RtmGetEnumDests", &"destinations", found));
        };
        same("how many destinations there are", &next.len(), &shown.len())?;
        let mut infos = Vec::new();
        for ((dest, _), shown) in next.iter().zip(shown) {
            self.learn_dest(*dest, shown.dest)?;
            let info = self.dest_info(*dest, views, protocol);
            self.give_dest_info(caller, &info, Kind::InDest);
            infos.push(info);
        }
        Ok(infos)
    }
}
