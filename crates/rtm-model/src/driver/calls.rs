//! What clients think up: mostly sensible, sometimes not.

use alloc::vec::Vec;

use tiebreak_rtm::{
    AddressFamily, AnyHandle, Call, DestHandle, EntityHandle, EntityId, EntityInfo, EventCallback,
    HandleArgument, Input, ListedHandles, LockAction, LockMode, Manager, Marking, NetAddress, NextHopFlags,
    NextHopHandle, NextHopSpec, NextHopState, NextHopTarget, NotifyFlags, OpaqueSlot, OptionalOutput,
    OwnChanges, Profile, ProtocolSelector, RouteChangeFlags, RouteFlags, RouteHandle, RouteSpec, RouteState,
    TableId, ViewSet, protocol,
};

use super::Driver;

impl Driver<'_> {
    pub(super) fn some_call(&mut self, place: usize) -> Call {
        let (caller, table) = (self.clients[place].entity, self.clients[place].info.table);
        if self.waits(caller) && self.dice.chance(60) {
            return self.lock_or_unlock(caller);
        }
        if self.is_crowded && self.dice.chance(60) {
            return self.crowded_call(place);
        }
        match self.dice.below(100) {
            0..=17 => self.add_route(caller, table),
            18..=23 => Call::DeleteRouteToDest { route: self.some_route(caller) },
            24..=27 => self.edit(place),
            28..=35 => self.next_hop_call(caller, table),
            36..=41 => self.query(caller, table),
            42..=46 => self.hold_call(place),
            47..=57 => self.change_call(caller),
            58..=70 => self.enumeration_call(caller, table),
            71..=82 => self.release(caller),
            83..=84 | 96..=98 => self.method_call(caller),
            85..=89 => self.lock_or_unlock(caller),
            90..=91 if self.dice.chance(50) => self.opaque_call(place),
            90..=91 => self.entity_call(),
            92 => {
                if self.dice.chance(50) {
                    Call::DeregisterEntity
                } else {
                    self.entity_call()
                }
            }
            93..=95 => self.opaque_call(place),
            _ => {
                let handles = (0..self.dice.below(3)).filter_map(|_| self.some_handle(caller)).collect();
                Call::ReferenceHandles { handles }
            }
        }
    }

    /// Mostly wanted.
    pub(super) fn output(&mut self) -> OptionalOutput {
        if self.dice.chance(80) { OptionalOutput::Wanted } else { OptionalOutput::Declined }
    }

    pub(super) fn address(&mut self, table: TableId) -> NetAddress {
        let family = if self.dice.chance(1) { AddressFamily::Ipv6 } else { table.family };
        if self.dice.chance(1) {
            let bits = u128::from(self.dice.roll()) << 64 | 1;
            return NetAddress::from_raw(family, bits, self.dice.one(&[8, 40, 129]));
        }
        let texts = match family {
            AddressFamily::Ipv4 => ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.0.2.0/24"],
            AddressFamily::Ipv6 => {
                ["::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:2::/48", "fe80::/10"]
            }
        };
        let few = if self.is_crowded && self.dice.chance(80) { &texts[1..3] } else { &texts };
        self.dice.one(few).parse().expect("an address")
    }

    pub(super) fn views(&mut self) -> ViewSet {
        let both = ViewSet::UCAST.union(ViewSet::MCAST);
        let odd = ViewSet::from_bits(5);
        self.dice.one(&[
            both,
            both,
            both,
            ViewSet::UCAST,
            ViewSet::UCAST,
            ViewSet::MCAST,
            ViewSet::ANY,
            ViewSet::ALL,
            odd,
        ])
    }

    fn route_views(&mut self) -> ViewSet {
        let both = ViewSet::UCAST.union(ViewSet::MCAST);
        if self.dice.chance(2) {
            return self.dice.one(&[ViewSet::ALL, ViewSet::from_bits(5)]);
        }
        self.dice.one(&[both, both, ViewSet::UCAST, ViewSet::UCAST, ViewSet::MCAST, ViewSet::NONE])
    }

    fn time_to_live(&mut self) -> u32 {
        self.dice.one(&[u32::MAX, u32::MAX, u32::MAX, 0, 1, 2, 3, 5, 20])
    }

    /// Next hops of the caller that are in its list, if all is well.
    pub(super) fn own_hops(&mut self, caller: EntityHandle) -> Vec<NextHopHandle> {
        if self.dice.chance(3) {
            return self.next_hops.clone();
        }
        let listed = |hop: &NextHopHandle| {
            self.manager
                .next_hop(*hop)
                .is_some_and(|info| info.owner == caller && info.state == NextHopState::Created)
        };
        self.next_hops.iter().filter(|hop| listed(hop)).copied().collect()
    }

    pub(super) fn spec(&mut self, caller: EntityHandle) -> RouteSpec {
        let hops = self.own_hops(caller);
        let mut next_hops: Vec<NextHopHandle> =
            (0..self.dice.below(4)).filter_map(|_| self.dice.pick(&hops)).collect();
        if self.dice.chance(90) {
            next_hops.sort();
            next_hops.dedup();
        }
        let flags = [RouteFlags::NONE, RouteFlags::NONE, RouteFlags::BLACKHOLE, RouteFlags::LOCAL];
        RouteSpec {
            neighbour: if self.dice.chance(40) { self.dice.pick(&hops) } else { None },
            flags1: u8::from(self.dice.chance(5)),
            flags: self.dice.one(&flags),
            preference: self.dice.one(&[0, 0, 0, 1, 120]),
            metric: self.dice.one(&[1, 1, 2]),
            views: self.route_views(),
            entity_specific_info: u64::from(self.dice.chance(10)),
            next_hops: next_hops.as_slice().into(),
        }
    }

    /// As it is but for one field.
    pub(super) fn edited(&mut self, caller: EntityHandle, spec: &RouteSpec) -> RouteSpec {
        let other = self.spec(caller);
        let mut spec = spec.clone();
        match self.dice.below(10) {
            0 => spec.neighbour = other.neighbour,
            1 => spec.flags1 = other.flags1,
            2 => spec.flags = other.flags,
            3 => spec.preference = other.preference,
            4 => spec.metric = other.metric,
            5 => spec.views = other.views,
            6 => spec.entity_specific_info = other.entity_specific_info,
            7 => spec.next_hops = other.next_hops,
            _ => {}
        }
        spec
    }

    pub(super) fn some_route(&mut self, caller: EntityHandle) -> RouteHandle {
        let own = |route: &RouteHandle| {
            self.manager
                .route(*route)
                .is_some_and(|info| info.owner == caller && info.state == RouteState::Created)
        };
        let own: Vec<_> = self.routes.iter().filter(|route| own(route)).copied().collect();
        let of_any = self.dice.chance(15);
        match self.dice.pick(if of_any || own.is_empty() { &self.routes } else { &own }) {
            Some(route) => route,
            None => stranger(),
        }
    }

    pub(super) fn add_route(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let flags = [0, 0, 0, 0, 0, 1, 1, 2, 2, 0x1_0000, 3, 8].map(RouteChangeFlags::from_bits);
        let change_flags = self.dice.one(&flags);
        let time_to_live_ms = self.time_to_live();
        let known = self.some_route(caller);
        let list = if self.dice.chance(30) { self.some_list(caller) } else { None };
        if let (true, Some(info)) = (self.dice.chance(35), self.manager.route(known)) {
            let spec = self.edited(caller, &info.spec);
            let same = self.manager.dest_address(info.dest).filter(|_| self.dice.chance(95));
            let dest = same.unwrap_or_else(|| self.address(table));
            let by_handle = self.dice.chance(50);
            let route = if by_handle { HandleArgument::Given(known) } else { HandleArgument::Null };
            let change_flags = if by_handle { RouteChangeFlags::NONE } else { change_flags };
            return Call::AddRouteToDest { route, dest, spec, time_to_live_ms, list, change_flags };
        }
        let mut route = if self.dice.chance(70) { HandleArgument::Null } else { HandleArgument::Absent };
        if self.dice.chance(3) {
            route = HandleArgument::Given(known);
        }
        let (dest, spec) = (self.address(table), self.spec(caller));
        Call::AddRouteToDest { route, dest, spec, time_to_live_ms, list, change_flags }
    }

    /// Reads a slot, or plans to lock a destination, write and unlock; or writes without.
    fn opaque_call(&mut self, place: usize) -> Call {
        let caller = self.clients[place].entity;
        let (route, value) = (self.some_route(caller), self.dice.below(3) as u64);
        // One that a client has been shown.
        let dest = self.manager.route(route).map(|info| info.dest).filter(|dest| self.dests.contains(dest));
        let Some(dest) = dest.filter(|_| self.dice.chance(70)).or_else(|| self.dice.pick(&self.dests)) else {
            return Call::GetRoutePointer { route };
        };
        let lock = |action| Call::LockRoute { route, mode: LockMode::Exclusive, action };
        let has_slot = self.manager.opaque_information(caller, dest).is_some();
        match self.dice.below(if has_slot { 8 } else { 2 }) {
            0 => Call::GetOpaqueInformationPointer { dest },
            1 => Call::SetOpaqueInformation { dest, value },
            _ => {
                let plan = &mut self.clients[place].plan;
                plan.push_back(Call::SetOpaqueInformation { dest, value });
                plan.push_back(Call::GetOpaqueInformationPointer { dest });
                plan.push_back(lock(LockAction::Unlock));
                lock(LockAction::Lock)
            }
        }
    }

    /// Plans to lock, edit and unlock; or does some of it out of turn.
    pub(super) fn edit(&mut self, place: usize) -> Call {
        let caller = self.clients[place].entity;
        let route = self.some_route(caller);
        let spec = self.manager.route(route).map(|info| info.spec).unwrap_or_default();
        let edited = self.edited(caller, &spec);
        let mode = if self.dice.chance(85) { LockMode::Exclusive } else { LockMode::Shared };
        let lock = Call::LockRoute { route, mode, action: LockAction::Lock };
        let unlock = Call::LockRoute { route, mode, action: LockAction::Unlock };
        let update = Call::UpdateAndUnlockRoute {
            route,
            edited: edited.clone(),
            time_to_live_ms: self.time_to_live(),
            list: if self.dice.chance(30) { self.some_list(caller) } else { None },
        };
        let plan = &mut self.clients[place].plan;
        if !plan.is_empty() {
            return self.dice.one(&[lock, unlock, update]);
        }
        let hops = |spec: &RouteSpec| {
            spec.neighbour.into_iter().chain(spec.next_hops.iter().copied()).collect::<Vec<_>>()
        };
        if edited != spec && self.dice.chance(80) {
            let added: Vec<_> = hops(&edited).into_iter().filter(|hop| !hops(&spec).contains(hop)).collect();
            let removed: Vec<_> =
                hops(&spec).into_iter().filter(|hop| !hops(&edited).contains(hop)).collect();
            plan.push_back(Call::ReleaseNextHops { next_hops: removed });
            let handles = added.into_iter().map(AnyHandle::NextHop).collect();
            plan.push_back(Call::ReferenceHandles { handles });
        }
        if self.dice.chance(80) {
            plan.push_back(update);
        }
        plan.push_back(unlock);
        lock
    }

    fn next_hop_call(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let host = match table.family {
            AddressFamily::Ipv4 => self.dice.one(&["192.0.2.1/32", "192.0.2.2/32"]),
            AddressFamily::Ipv6 => self.dice.one(&["fe80::1/128", "fe80::2/128"]),
        };
        let (address, interface) = (host.parse().expect("an address"), self.dice.one(&[1, 2]));
        let own = self.own_hops(caller);
        let known = if self.dice.chance(85) { self.dice.pick(&own) } else { self.dice.pick(&self.next_hops) };
        let remote = if self.dice.chance(20) { self.dice.pick(&self.dests) } else { None };
        let flags = if remote.is_some() { NextHopFlags::REMOTE } else { NextHopFlags::NONE };
        let entity_specific_info = self.dice.below(3) as u64;
        let spec = NextHopSpec { address, interface, flags, entity_specific_info, remote };
        match (self.dice.below(12), known) {
            (0, Some(known)) => Call::DeleteNextHop { target: NextHopTarget::Handle(known) },
            (1, _) => Call::DeleteNextHop { target: NextHopTarget::Identity { address, interface } },
            (2, _) => {
                Call::FindNextHop { address, interface, next_hop: self.output(), pointer: self.output() }
            }
            (3, Some(known)) => Call::GetNextHopInfo { next_hop: known },
            (4 | 7, Some(known)) => Call::GetNextHopPointer { next_hop: known },
            (5, Some(known)) => {
                let same = self.manager.next_hop(known).map_or(spec, |info| info.spec);
                let spec = if self.dice.chance(80) {
                    NextHopSpec { entity_specific_info, remote, ..same }
                } else {
                    spec
                };
                Call::AddNextHop { next_hop: HandleArgument::Given(known), spec }
            }
            (6, _) => Call::AddNextHop { next_hop: HandleArgument::Absent, spec },
            _ => Call::AddNextHop { next_hop: HandleArgument::Null, spec },
        }
    }

    pub(super) fn query(&mut self, caller: EntityHandle, table: TableId) -> Call {
        let protocol = match self.dice.below(4) {
            0 | 1 => ProtocolSelector::Best,
            2 => ProtocolSelector::This,
            _ => ProtocolSelector::Protocol(self.dice.one(&[protocol::RIP, protocol::BGP, 5])),
        };
        let (address, views) = (self.address(table), self.views());
        let route = self.some_route(caller);
        match (self.dice.below(16), self.dice.pick(&self.dests)) {
            (10..=13, Some(dest)) => Call::GetLessSpecificDestination { dest, protocol, views },
            (14..=15, _) => self.exact_match(caller, table),
            (0..=1, _) => Call::GetExactMatchDestination { address, protocol, views },
            (2..=3, _) => Call::GetMostSpecificDestination { address, protocol, views },
            (4..=6, Some(dest)) => Call::GetDestInfo { dest, protocol, views },
            (7, _) => Call::IsBestRoute { route },
            (8, _) => Call::GetRoutePointer { route },
            _ => Call::GetRouteInfo { route, info: self.output(), address: self.output() },
        }
    }

    /// Mostly for as long as routes live, and with a plan to delete them, so that holds begin and end within a sequence.
    fn hold_call(&mut self, place: usize) -> Call {
        let (caller, hold_time_ms) = (self.clients[place].entity, self.dice.one(&[1, 2, 5, 5, 20, 0]));
        let table = self.clients[place].info.table;
        let alive = |dest: &DestHandle| self.manager.dest_table(*dest) == Some(table);
        let alive: Vec<_> = self.dests.iter().filter(|dest| alive(dest)).copied().collect();
        let dests = if self.dice.chance(90) { &alive } else { &self.dests };
        let Some(dest) = self.dice.pick(dests) else {
            return Call::DeleteRouteToDest { route: self.some_route(caller) };
        };
        for client in &mut self.clients {
            let own = |route: &RouteHandle| {
                self.manager.route(*route).is_some_and(|info| {
                    (info.dest, info.owner, info.state) == (dest, client.entity, RouteState::Created)
                })
            };
            if self.dice.chance(60) {
                let own = self.routes.iter().filter(|route| own(route)).copied();
                client.plan.extend(own.map(|route| Call::DeleteRouteToDest { route }));
            }
        }
        Call::HoldDestination { dest, views: self.views(), hold_time_ms }
    }

    pub(super) fn change_call(&mut self, caller: EntityHandle) -> Call {
        let own: Vec<_> = self
            .registrations
            .iter()
            .filter(|(_, owner)| *owner == caller)
            .map(|(notify, _)| *notify)
            .collect();
        let any: Vec<_> = self.registrations.iter().map(|(notify, _)| *notify).collect();
        let notify = if self.dice.chance(95) { self.dice.pick(&own) } else { self.dice.pick(&any) };
        let (views, dest) = (self.views(), self.dice.pick(&self.dests));
        let count = self.dice.one(&[1, 1, 2, 2, 0, 16, 17]);
        match (self.dice.below(20), notify, dest) {
            (0..=6, Some(notify), _) => Call::GetChangedDests { notify, count },
            (7, Some(notify), _) => Call::DeregisterFromChangeNotification { notify },
            (8..=9, Some(notify), Some(dest)) => Call::GetChangeStatus { notify, dest },
            (10..=11, Some(notify), Some(dest)) => {
                let another = self.dice.pick(&self.dests).filter(|_| self.dice.chance(50));
                Call::IgnoreChangedDests { notify, dests: another.into_iter().chain([dest]).collect() }
            }
            (12..=14, Some(notify), Some(dest)) => {
                let mark = self.dice.one(&[Marking::Mark, Marking::Mark, Marking::Unmark]);
                Call::MarkDestForChangeNotification { notify, dest, mark }
            }
            (15..=16, Some(notify), Some(dest)) => Call::IsMarkedForChangeNotification { notify, dest },
            _ => {
                let flags = self.dice.one(&[1, 2, 4, 1, 2, 4, 3, 7, 0x1_0001, 0x1_0002, 0x1_0004, 0x1_0000]);
                let own_changes =
                    if self.dice.chance(80) { OwnChanges::Included } else { OwnChanges::Suppressed };
                let (flags, context) = (NotifyFlags::from_bits(flags), self.dice.roll());
                Call::RegisterForChangeNotification { views, flags, context, own_changes }
            }
        }
    }

    fn entity_call(&mut self) -> Call {
        let entity = self.dice.one(&self.clients.iter().map(|client| client.entity).collect::<Vec<_>>());
        let handles = if self.dice.chance(70) { ListedHandles::Wanted } else { ListedHandles::NotWanted };
        let capacity = self.dice.one(&[0, 2, 9, 9, 9]);
        if self.dice.chance(50) {
            Call::GetEntityInfo { entity }
        } else {
            Call::GetRegisteredEntities { capacity, handles }
        }
    }

    /// Mostly what is owed; now and then through the wrong function, of others, or twice.
    fn release(&mut self, caller: EntityHandle) -> Call {
        let own: Vec<_> =
            self.owed.iter().filter(|(by, _)| *by == caller).map(|(_, call)| call.clone()).collect();
        let any: Vec<_> = self.owed.iter().map(|(_, call)| call.clone()).collect();
        let mostly_own = self.dice.chance(95);
        let owed = self.dice.pick(if mostly_own { &own } else { &any });
        let handle = self.some_handle(caller);
        match (owed, handle) {
            (Some(Call::ReleaseChangedDests { infos, .. }), _) if self.dice.chance(10) => {
                Call::ReleaseDests { infos }
            }
            (Some(Call::ReleaseDests { infos }), _)
                if self.dice.chance(5) && !self.registrations.is_empty() =>
            {
                let (notify, _) = self.dice.one(&self.registrations);
                Call::ReleaseChangedDests { notify, infos }
            }
            (_, Some(handle)) if self.dice.chance(5) => Call::ReleaseHandle { handle },
            (Some(owed), _) => owed,
            (None, _) => Call::ReleaseRoutes { routes: Vec::new() },
        }
    }

    fn some_handle(&mut self, caller: EntityHandle) -> Option<AnyHandle> {
        match self.dice.below(4) {
            0 => Some(AnyHandle::Entity(
                self.dice.one(&self.clients.iter().map(|client| client.entity).collect::<Vec<_>>()),
            )),
            1 => self.dice.pick(&self.dests).map(AnyHandle::Dest),
            2 => Some(AnyHandle::Route(self.some_route(caller))),
            _ => {
                let hops = self.own_hops(caller);
                self.dice.pick(&hops).map(AnyHandle::NextHop)
            }
        }
    }
}

/// Returns the handle of a route that is not in this manager, nor ever was: the last of many in another one.
fn stranger() -> RouteHandle {
    let mut manager = Manager::new(Profile::default());
    let table = TableId { instance: 0, family: AddressFamily::Ipv4 };
    let info = EntityInfo { table, id: EntityId { protocol: protocol::RIP, protocol_instance: 1 } };
    let (callback, reserve_opaque_pointer) = (EventCallback::Absent, OpaqueSlot::NotReserved);
    let register = Call::RegisterEntity { info, methods: 0, callback, reserve_opaque_pointer };
    manager.handle(0, Input::Call { caller: None, frame: None, call: register });
    let caller = manager.entities(table).next();
    for _ in 0..250 {
        let add = Call::AddRouteToDest {
            route: HandleArgument::Absent,
            dest: "10.0.0.0/8".parse().expect("an address"),
            spec: RouteSpec::default(),
            time_to_live_ms: u32::MAX,
            list: None,
            change_flags: RouteChangeFlags::NEW,
        };
        manager.handle(0, Input::Call { caller, frame: None, call: add });
    }
    *manager.routes(table).last().expect("many routes")
}
