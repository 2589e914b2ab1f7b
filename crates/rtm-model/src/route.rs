//! Routes: adding, updating, deleting, locking, reading.

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, Call, EntityHandle, HandleArgument, LockAction, LockMode, NetAddress, OptionalOutput, Reply,
    RouteChangeFlags, RouteHandle, RouteInfo, RouteSpec, RouteState, TableId,
};

use super::expected::{Expected, Told};
use super::handles::named_by;
use super::{Dest, Difference, Kind, Lock, Model, On, Route};

/// Tells which route a call of `RtmAddRouteToDest` is about.
pub(super) enum Target {
    /// A new one.
    New,
    /// One of these.
    OneOf(Vec<RouteHandle>),
}

impl Model {
    pub(super) fn route(&self, handle: RouteHandle) -> Option<&Route> {
        self.routes.iter().find(|route| route.handle == handle)
    }

    fn route_mut(&mut self, handle: RouteHandle) -> Option<&mut Route> {
        self.routes.iter_mut().find(|route| route.handle == handle)
    }

    pub(super) fn find_dest(&self, table: Option<TableId>, address: NetAddress) -> Option<&Dest> {
        self.dests.iter().find(|dest| Some(dest.table) == table && dest.address == address)
    }

    /// Selects the target (2.4).
    pub(super) fn target(
        &self,
        caller: EntityHandle,
        route: HandleArgument<RouteHandle>,
        dest: NetAddress,
        spec: &RouteSpec,
        flags: RouteChangeFlags,
    ) -> Target {
        if let HandleArgument::Given(handle) = route {
            return Target::OneOf(Vec::from([handle]));
        }
        let dest = self.find_dest(self.table_of(caller), dest);
        let ranked = dest.map_or(Vec::new(), |dest| self.ranked(dest.id));
        let own = ranked.into_iter().filter(|route| route.owner == caller);
        let candidates: Vec<_> = if flags.contains(RouteChangeFlags::NEW) {
            Vec::new()
        } else if flags.contains(RouteChangeFlags::FIRST) {
            own.take(1).map(|route| route.handle).collect()
        } else {
            own.filter(|route| route.spec.neighbour == spec.neighbour).map(|route| route.handle).collect()
        };
        if candidates.is_empty() { Target::New } else { Target::OneOf(candidates) }
    }

    pub(super) fn add_route(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        found: &Reply,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Result<Reply, Difference> {
        let (
            Call::AddRouteToDest { route, dest, spec, time_to_live_ms, list, change_flags },
            Reply::AddRouteToDest { .. },
        ) = (call, found)
        else {
            return Err(Difference::new("the reply to RtmAddRouteToDest", &"a route and flags", found));
        };
        let dest = self.cleared(*dest);
        let spec = self.resolved(caller, spec);
        let [touched] = told.touched[..] else {
            return Err(Difference::new("the routes created or changed", &"one", &told.touched));
        };
        let (route_flags, new) = match self.target(caller, *route, dest, &spec, *change_flags) {
            Target::New => {
                self.learn(AnyHandle::Route(touched))?;
                (self.create(caller, touched, dest, spec, expected), RouteChangeFlags::NEW)
            }
            Target::OneOf(candidates) => {
                if !candidates.contains(&touched) {
                    return Err(Difference::new("the route that is updated", &candidates, &touched));
                }
                (self.update(touched, spec, caller, expected), RouteChangeFlags::NONE)
            }
        };
        self.set_time_to_live(touched, *time_to_live_ms, expected);
        if let Some(list) = list {
            self.put_on_list(*list, touched);
        }
        let route = match *route {
            HandleArgument::Absent => None,
            HandleArgument::Null => {
                self.give(caller, AnyHandle::Route(touched), Kind::Handle);
                Some(touched)
            }
            HandleArgument::Given(handle) => Some(handle),
        };
        Ok(Reply::AddRouteToDest { route, change_flags: route_flags.union(new) })
    }

    /// What the manager makes of what a client filled in: preference 0 is the policy's (D-26), all views are all supported
    /// ones (D-109).
    pub(super) fn resolved(&self, owner: EntityHandle, spec: &RouteSpec) -> RouteSpec {
        let mut spec = spec.clone();
        spec.views = self.given(spec.views);
        if spec.preference == 0 {
            let protocol = self.client(owner).map_or(0, |owner| owner.info.id.protocol);
            spec.preference = self.profile.preference_of(protocol);
        }
        spec
    }

    fn create(
        &mut self,
        owner: EntityHandle,
        handle: RouteHandle,
        address: NetAddress,
        spec: RouteSpec,
        expected: &mut Expected,
    ) -> RouteChangeFlags {
        let table = self.table_of(owner).expect("a caller is registered");
        let dest = if let Some(dest) = self.find_dest(Some(table), address) {
            dest.id
        } else {
            let id = self.arrival();
            self.dests.push(Dest { id, handle: None, table, address, last_changed: self.now });
            id
        };
        let before = self.rankings(dest);
        let place = self.arrival();
        let state = RouteState::Created;
        self.routes.push(Route { handle, dest, owner, spec, state, place, timer: None });
        self.touch(dest);
        self.changed(dest, &before, Some(owner), expected);
        best_flag(&before, &self.rankings(dest), handle)
    }

    fn update(
        &mut self,
        handle: RouteHandle,
        spec: RouteSpec,
        by: EntityHandle,
        expected: &mut Expected,
    ) -> RouteChangeFlags {
        let known = self.route(handle).expect("a target lives").clone();
        let before = self.rankings(known.dest);
        if known.spec != spec {
            let moved = (known.spec.preference, known.spec.metric) != (spec.preference, spec.metric);
            let place = if moved { self.arrival() } else { known.place };
            let route = self.route_mut(handle).expect("a target lives");
            (route.spec, route.place) = (spec, place);
            self.touch(known.dest);
            self.changed(known.dest, &before, Some(by), expected);
        }
        best_flag(&before, &self.rankings(known.dest), handle)
    }

    pub(super) fn touch(&mut self, dest: u64) {
        for known in &mut self.dests {
            if known.id == dest {
                known.last_changed = self.now;
            }
        }
    }

    /// Takes a route out of the table, and tells whether the best one changed.
    pub(super) fn delete_route(
        &mut self,
        handle: RouteHandle,
        by: Option<EntityHandle>,
        expected: &mut Expected,
    ) -> RouteChangeFlags {
        let dest = self.route(handle).expect("what is deleted lives").dest;
        let before = self.rankings(dest);
        self.take_off_lists(handle);
        self.disarm(handle, expected);
        self.take_expiry_back(handle, expected);
        self.route_mut(handle).expect("what is deleted lives").state = RouteState::Deleted;
        self.put_off.retain(|put_off| put_off.route != handle);
        let after = self.rankings(dest);
        let lost = self.supported_views().zip(before.iter().zip(&after));
        let lost = lost.filter(|(_, (before, after))| !before.is_empty() && after.is_empty());
        let left: Vec<_> = lost.map(|(view, _)| view).collect();
        self.last_route_left(handle, &left, expected);
        self.touch(dest);
        self.changed(dest, &before, by, expected);
        best_flag(&before, &self.rankings(dest), handle)
    }

    pub(super) fn delete_route_to_dest(
        &mut self,
        caller: EntityHandle,
        route: RouteHandle,
        expected: &mut Expected,
    ) -> Reply {
        let change_flags = self.delete_route(route, Some(caller), expected);
        // A handle found in a copy of a destination stays with the copy (D-106).
        self.take_of(caller, AnyHandle::Route(route), Kind::Handle);
        Reply::DeleteRouteToDest { change_flags }
    }

    /// Locks, unlocks, or commits what was edited in place. The client may release the references its route has on
    /// next hops while it holds the lock; the route takes over those of what it names afterwards (1.10).
    pub(super) fn lock_call(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        found: &Reply,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Result<Reply, Difference> {
        let (Call::LockRoute { route, .. } | Call::UpdateAndUnlockRoute { route, .. }) = call else {
            return Err(Difference::new("a call that locks", &"one", call));
        };
        let known = self.route(*route).expect("a refused call is not performed").clone();
        let reply = if let Call::LockRoute { mode, action: LockAction::Lock, .. } = call {
            return self.lock(caller, &known, *mode, found, expected);
        } else if let Call::UpdateAndUnlockRoute { edited, time_to_live_ms, list, .. } = call {
            let mut spec = self.resolved(caller, edited);
            (spec.flags, spec.flags1) = (known.spec.flags, known.spec.flags1);
            for hop in named_by(&spec) {
                self.take(caller, AnyHandle::NextHop(hop), Kind::Handle);
            }
            let change_flags = self.update(*route, spec, caller, expected);
            self.set_time_to_live(*route, *time_to_live_ms, expected);
            if let Some(list) = list {
                self.put_on_list(*list, *route);
            }
            Reply::UpdateAndUnlockRoute { change_flags }
        } else {
            self.take_back(caller);
            Reply::LockRoute { info: None }
        };
        self.give_lock_back(caller, On::Dest(known.dest), told, expected);
        Ok(reply)
    }

    fn lock(
        &mut self,
        holder: EntityHandle,
        known: &Route,
        mode: LockMode,
        found: &Reply,
        expected: &mut Expected,
    ) -> Result<Reply, Difference> {
        let on = On::Dest(known.dest);
        self.take_lock(Lock { on, route: Some(known.handle), holder, mode, lent: Vec::new() }, expected);
        if mode == LockMode::Exclusive {
            self.lend(holder, &known.spec);
        }
        let Reply::LockRoute { info: Some(shown) } = found else {
            return Err(Difference::new("the reply to RtmLockRoute", &"what is behind the pointer", found));
        };
        self.learn_dest(known.dest, shown.dest)?;
        Ok(Reply::LockRoute { info: Some(self.route_info(known)) })
    }

    fn lend(&mut self, to: EntityHandle, spec: &RouteSpec) {
        let lent = named_by(spec);
        for hop in &lent {
            self.give(to, AnyHandle::NextHop(*hop), Kind::Handle);
        }
        for lock in self.locks.iter_mut().filter(|lock| lock.holder == to && lock.route.is_some()) {
            lock.lent.clone_from(&lent);
        }
    }

    fn take_back(&mut self, from: EntityHandle) {
        let lent: Vec<_> =
            self.locks.iter().filter(|lock| lock.holder == from).flat_map(|lock| lock.lent.clone()).collect();
        for hop in lent {
            self.take(from, AnyHandle::NextHop(hop), Kind::Handle);
        }
    }

    pub(super) fn get_route_info(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        let Call::GetRouteInfo { route, info, address: place } = call else {
            return Err(Difference::new("a call that reads a route", &"RtmGetRouteInfo", call));
        };
        let known = self.route(*route).expect("a refused call is not performed").clone();
        let (_, address) = self.table_and_address(known.dest).expect("a route keeps its destination");
        let address = (*place == OptionalOutput::Wanted).then_some(address);
        if *info == OptionalOutput::Declined {
            return Ok(Reply::GetRouteInfo { info: None, address });
        }
        if let Reply::GetRouteInfo { info: Some(info), .. } = found {
            self.learn_dest(known.dest, info.dest)?;
        }
        let info = self.route_info(&known);
        self.give(caller, AnyHandle::Dest(info.dest), Kind::Handle);
        self.give(caller, AnyHandle::Entity(info.owner), Kind::Handle);
        for hop in named_by(&info.spec) {
            self.give(caller, AnyHandle::NextHop(hop), Kind::Handle);
        }
        Ok(Reply::GetRouteInfo { info: Some(info), address })
    }

    /// A copy of a route; the handle of its destination has been seen.
    pub(super) fn route_info(&self, route: &Route) -> RouteInfo {
        let dest = self.dests.iter().find(|dest| dest.id == route.dest).and_then(|dest| dest.handle);
        let dest = dest.expect("the handle has just been learnt");
        RouteInfo { dest, owner: route.owner, state: route.state, spec: route.spec.clone() }
    }
}

/// BEST, if in some view another route is the best now, or this one was or is (D-29, RTM-034).
fn best_flag(
    before: &[Vec<(RouteHandle, RouteSpec)>],
    after: &[Vec<(RouteHandle, RouteSpec)>],
    route: RouteHandle,
) -> RouteChangeFlags {
    let best = |ranking: &Vec<(RouteHandle, RouteSpec)>| ranking.first().map(|(handle, _)| *handle);
    let is_best = before
        .iter()
        .zip(after)
        .any(|(before, after)| best(before) != best(after) || best(before) == Some(route));
    if is_best { RouteChangeFlags::BEST } else { RouteChangeFlags::NONE }
}
