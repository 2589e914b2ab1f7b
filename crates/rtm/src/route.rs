//! Routes: adding, updating, deleting, reading.

use crate::address::NetAddress;
use crate::call::{HandleArgument, OptionalOutput, Reply};
use crate::change::{Change, Delta};
use crate::expiry::Timer;
use crate::flags::{RouteChangeFlags, ViewSet};
use crate::function::Function;
use crate::handle::{AnyHandle, DestSlot, EntitySlot, NextHopHandle, RouteHandle, RouteListSlot, RouteSlot};
use crate::info::{NextHopState, RouteInfo, RouteSpec, RouteState};
use crate::lock::Access;
use crate::manager::{State, Step};
use crate::output::{CallbackDropReason, DeleteReason, Fact, NextHopName, RouteName};
use crate::references::{Consumed, Source, handles_in_route};
use crate::status::{Refusal, Status};
use alloc::vec::Vec;

/// A route: in the table, or deleted and held or still referred to (RTM-037, D-43).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    pub(crate) dest: DestSlot,
    pub(crate) owner: EntitySlot,
    pub(crate) previous_of_owner: Option<RouteSlot>,
    pub(crate) next_of_owner: Option<RouteSlot>,
    /// Its place in the table, the views it is held in, and the handles that refer to it.
    pub(crate) references: u32,
    /// Generation of its timer, counted up whenever the time to live is set.
    pub(crate) generation: u32,
    pub(crate) timer: Timer,
    pub(crate) state: RouteState,
    pub(crate) spec: RouteSpec,
    /// When it took its place among its equals (D-35).
    pub(crate) rank: u64,
}

/// Which route a call of `RtmAddRouteToDest` is about (2.4, "Selecting the target").
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    argument: HandleArgument<RouteHandle>,
    address: NetAddress,
    selection: Selection,
}

#[derive(Clone, Copy, Debug)]
enum Selection {
    This(RouteSlot),
    New,
    First,
    SameNeighbour,
}

impl Step<'_> {
    /// Works out which route is meant, and checks handle, address and flags.
    pub(crate) fn route_target(
        &self,
        caller: EntitySlot,
        argument: HandleArgument<RouteHandle>,
        address: NetAddress,
        flags: RouteChangeFlags,
    ) -> Result<Target, Refusal> {
        let given = match argument {
            HandleArgument::Given(handle) => Some(self.state.own_living_route(caller, handle)?),
            HandleArgument::Absent | HandleArgument::Null => None,
        };
        let address = self.checked_address(caller, address)?;
        // BEST is an output; on input it is ignored (D-21).
        let asked = flags.without(RouteChangeFlags::BEST);
        let selection = match (given, asked) {
            (Some(slot), RouteChangeFlags::NONE | RouteChangeFlags::FIRST) => Selection::This(slot),
            (None, RouteChangeFlags::NONE) => Selection::SameNeighbour,
            (None, RouteChangeFlags::FIRST) => Selection::First,
            (None, RouteChangeFlags::NEW) => Selection::New,
            _ => return Err(Status::InvalidParameter.into()),
        };
        // A route does not change its destination (D-24).
        if given.is_some_and(|slot| self.state.dests[self.state.routes[slot].dest].address != address) {
            return Err(Status::InvalidParameter.into());
        }
        Ok(Target { argument, address, selection })
    }

    pub(crate) fn add_route_to_dest(
        &mut self,
        caller: EntitySlot,
        target: Target,
        mut spec: RouteSpec,
        time_to_live_ms: u32,
        list: Option<RouteListSlot>,
    ) -> Result<Reply, Refusal> {
        spec.views = self.state.given_views(spec.views);
        self.check_spec(caller, &spec, &[])?;
        let dest = self.state.find_dest(caller, target.address);
        if let Some(dest) = dest {
            self.state.check_access(caller, dest, Access::Write)?;
        }
        if spec.preference == 0 {
            // 0 leaves it to the policy (D-26).
            let protocol = self.state.entities[caller].info.id.protocol;
            spec.preference = self.state.profile.preference_of(protocol);
        }
        let found = dest.and_then(|dest| match target.selection {
            Selection::This(slot) => Some(slot),
            Selection::New => None,
            // The first is the best ranked of the caller's (D-22).
            Selection::First => self.state.ranking_of(dest, caller).next(),
            Selection::SameNeighbour => self.state.route_by_neighbour(dest, caller, spec.neighbour),
        });
        let (slot, mut change_flags) = match found {
            Some(slot) => (slot, self.update_route(slot, spec, Some(caller))),
            None => self.create_route(caller, target.address, spec),
        };
        if found.is_none() {
            change_flags = change_flags.union(RouteChangeFlags::NEW);
        }
        self.set_time_to_live(slot, time_to_live_ms);
        if let Some(list) = list {
            self.state.list_route(list, slot);
        }
        let route = match target.argument {
            HandleArgument::Absent => None,
            HandleArgument::Given(handle) => Some(handle),
            HandleArgument::Null => {
                let handle = self.state.routes.handle(slot);
                self.state.reference(caller, AnyHandle::Route(handle), Source::Handle);
                Some(handle)
            }
        };
        Ok(Reply::AddRouteToDest { route, change_flags })
    }

    /// Checks what a client filled in; `stored` are the next hops the route has already, which may have been deleted
    /// meanwhile (D-27, D-28).
    pub(crate) fn check_spec(
        &self,
        caller: EntitySlot,
        spec: &RouteSpec,
        stored: &[NextHopHandle],
    ) -> Result<(), Refusal> {
        let profile = &self.state.profile;
        let hops = &spec.next_hops;
        let too_many = u32::try_from(hops.len()).map_or(true, |count| count > profile.max_next_hops_in_route);
        let named_twice = hops.iter().enumerate().any(|(place, hop)| hops[..place].contains(hop));
        let usable = |hop: &NextHopHandle| {
            self.state.next_hops.get(*hop).is_some_and(|next_hop| {
                next_hop.owner == caller && (next_hop.state == NextHopState::Created || stored.contains(hop))
            })
        };
        let all_usable = spec.neighbour.iter().chain(hops.iter()).all(usable);
        let views_known = profile.views_supported.contains(spec.views);
        if too_many || named_twice || !all_usable || !views_known {
            return Err(Status::InvalidParameter.into());
        }
        Ok(())
    }

    fn create_route(
        &mut self,
        caller: EntitySlot,
        address: NetAddress,
        spec: RouteSpec,
    ) -> (RouteSlot, RouteChangeFlags) {
        let dest = self.state.find_or_make_dest(caller, address, self.now);
        let bests = self.state.bests(dest);
        let views = spec.views;
        self.state.hold_next_hops(&spec);
        self.state.dests[dest].references += 1;
        self.state.entities[caller].references += 1;
        let rank = self.state.take_rank();
        let slot = self.state.routes.insert(Route {
            dest,
            owner: caller,
            previous_of_owner: None,
            next_of_owner: None,
            references: 1,
            generation: 0,
            timer: Timer::Idle,
            state: RouteState::Created,
            spec,
            rank,
        });
        self.state.list_of_owner_push(slot);
        self.state.rank_insert(slot);
        self.fact(|state| Fact::RouteAdded(state.route_name(slot)));
        let change =
            Change { route: slot, bests, views_before: None, views_after: Some(views), delta: Delta::NONE };
        let classes = self.run_change_pipeline(dest, &change, Some(caller));
        (slot, self.best_flag(slot, classes.replaced, views))
    }

    /// Gives a route what its owner filled in, re-ranks it and tells whom it concerns.
    pub(crate) fn update_route(
        &mut self,
        slot: RouteSlot,
        spec: RouteSpec,
        originator: Option<EntitySlot>,
    ) -> RouteChangeFlags {
        let dest = self.state.routes[slot].dest;
        let bests = self.state.bests(dest);
        let views_after = spec.views;
        self.state.hold_next_hops(&spec);
        let old = core::mem::replace(&mut self.state.routes[slot].spec, spec);
        self.drop_next_hops(&old);
        let delta = Delta::between(&old, &self.state.routes[slot].spec, self.state.profile.metric_change);
        if delta == Delta::NONE && old.views == views_after {
            self.fact(|state| Fact::RouteRefreshed(state.route_name(slot)));
        } else {
            let new = &self.state.routes[slot].spec;
            // Who changes its cost stands behind its new equals; who does not keeps its place (D-35).
            if (old.preference, old.metric) != (new.preference, new.metric) {
                self.state.routes[slot].rank = self.state.take_rank();
            }
            self.state.rank_anew(slot);
            self.fact(|state| Fact::RouteUpdated(state.route_name(slot)));
        }
        let change = Change {
            route: slot,
            bests,
            views_before: Some(old.views),
            views_after: Some(views_after),
            delta,
        };
        let classes = self.run_change_pipeline(dest, &change, originator);
        self.best_flag(slot, classes.replaced, views_after)
    }

    /// Answers BEST if another route became the best in some view, or this one is the best in some view (D-29).
    fn best_flag(&self, slot: RouteSlot, replaced: ViewSet, views: ViewSet) -> RouteChangeFlags {
        let is_best =
            || views.iter().any(|view| self.state.best(self.state.routes[slot].dest, view) == Some(slot));
        if !replaced.is_empty() || is_best() { RouteChangeFlags::BEST } else { RouteChangeFlags::NONE }
    }

    pub(crate) fn delete_route_to_dest(
        &mut self,
        caller: EntitySlot,
        route: RouteHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_route(caller, route)?;
        let Route { owner, state, dest, .. } = self.state.routes[slot];
        if owner != caller {
            return Err(Status::AccessDenied.into());
        }
        if state != RouteState::Created {
            return Err(Status::NotFound.into());
        }
        self.state.check_access(caller, dest, Access::Write)?;
        let consumed = self.consume_route(caller, route, Function::DeleteRouteToDest)?;
        let change_flags = self.remove_route(slot, DeleteReason::Called, Some(caller));
        match consumed {
            Consumed::Reference => self.drop_route(slot),
            Consumed::Nothing => {}
        }
        Ok(Reply::DeleteRouteToDest { change_flags })
    }

    /// Takes a route out of the table, whatever the reason (D-46); the object goes with its last reference.
    pub(crate) fn remove_route(
        &mut self,
        slot: RouteSlot,
        reason: DeleteReason,
        originator: Option<EntitySlot>,
    ) -> RouteChangeFlags {
        let route = &self.state.routes[slot];
        assert_eq!(route.state, RouteState::Created, "only a route in the table is taken out");
        let (dest, views) = (route.dest, route.spec.views);
        let bests = self.state.bests(dest);
        self.stop_timer(slot, CallbackDropReason::RouteDeleted);
        self.state.rank_remove(slot);
        self.state.list_of_owner_remove(slot);
        self.state.unlist_route(slot);
        self.state.routes[slot].state = RouteState::Deleted;
        self.fact(|state| Fact::RouteDeleted { route: state.route_name(slot), reason });
        self.hold_last_route(slot);
        let change =
            Change { route: slot, bests, views_before: Some(views), views_after: None, delta: Delta::NONE };
        let classes = self.run_change_pipeline(dest, &change, originator);
        self.drop_route(slot);
        if classes.replaced.is_empty() { RouteChangeFlags::NONE } else { RouteChangeFlags::BEST }
    }

    pub(crate) fn get_route_info(
        &mut self,
        caller: EntitySlot,
        route: RouteHandle,
        (info, address): (OptionalOutput, OptionalOutput),
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_route(caller, route)?;
        let dest = self.state.routes[slot].dest;
        self.state.check_access(caller, dest, Access::Read)?;
        let info = info.of(|| self.state.route_info(slot));
        for handle in info.iter().flat_map(handles_in_route) {
            self.state.reference(caller, handle, Source::Handle);
        }
        Ok(Reply::GetRouteInfo { info, address: address.of(|| self.state.dests[dest].address) })
    }
}

impl State {
    /// Finds a route of the caller's table, in the table or deleted.
    pub(crate) fn visible_route(&self, caller: EntitySlot, route: RouteHandle) -> Result<RouteSlot, Refusal> {
        let table = self.entities[caller].table;
        let slot = self.routes.slot(route).ok_or(Status::InvalidHandle)?;
        let seen = self.dests[self.routes[slot].dest].table() == table;
        if seen { Ok(slot) } else { Err(Status::InvalidHandle.into()) }
    }

    /// Finds a route the caller owns and that is in the table (RTM-033, D-97).
    pub(crate) fn own_living_route(
        &self,
        caller: EntitySlot,
        route: RouteHandle,
    ) -> Result<RouteSlot, Refusal> {
        let slot = self.visible_route(caller, route)?;
        let route = &self.routes[slot];
        if route.owner != caller {
            return Err(Status::AccessDenied.into());
        }
        if route.state == RouteState::Created { Ok(slot) } else { Err(Status::InvalidHandle.into()) }
    }

    /// Finds the best ranked route that a client has of a destination from a neighbour.
    fn route_by_neighbour(
        &self,
        dest: DestSlot,
        owner: EntitySlot,
        neighbour: Option<NextHopHandle>,
    ) -> Option<RouteSlot> {
        self.ranking_of(dest, owner).find(|slot| self.routes[*slot].spec.neighbour == neighbour)
    }

    pub(crate) fn route_info(&self, slot: RouteSlot) -> RouteInfo {
        let route = &self.routes[slot];
        RouteInfo {
            dest: self.dests.handle(route.dest),
            owner: self.entities.handle(route.owner),
            state: route.state,
            spec: route.spec.clone(),
        }
    }

    pub(crate) fn route_name(&self, slot: RouteSlot) -> RouteName {
        let route = &self.routes[slot];
        let owner = &self.entities[route.owner];
        RouteName {
            table: owner.info.table,
            dest: self.dests[route.dest].address,
            route: self.routes.handle(slot),
            owner: self.entities.handle(route.owner),
            owner_id: owner.info.id,
            neighbour: route.spec.neighbour.map(|neighbour| self.name_of_next_hop(neighbour)),
        }
    }

    /// Names a next hop that something living refers to.
    pub(crate) fn name_of_next_hop(&self, handle: NextHopHandle) -> NextHopName {
        let slot = self.next_hops.slot(handle).expect("a route's next hops are alive");
        self.next_hop_name(slot)
    }

    /// Returns the routes of a client, in the order it created them.
    pub(crate) fn routes_of(&self, owner: EntitySlot) -> Vec<RouteSlot> {
        let mut routes = Vec::new();
        let mut next = self.entities[owner].first_route;
        while let Some(slot) = next {
            routes.push(slot);
            next = self.routes[slot].next_of_owner;
        }
        routes
    }

    fn list_of_owner_push(&mut self, slot: RouteSlot) {
        let owner = &mut self.entities[self.routes[slot].owner];
        let last = owner.last_route.replace(slot);
        match last {
            Some(last) => self.routes[last].next_of_owner = Some(slot),
            None => owner.first_route = Some(slot),
        }
        self.routes[slot].previous_of_owner = last;
    }

    fn list_of_owner_remove(&mut self, slot: RouteSlot) {
        let route = &mut self.routes[slot];
        let owner = route.owner;
        let (previous, next) = (route.previous_of_owner.take(), route.next_of_owner.take());
        match previous {
            Some(previous) => self.routes[previous].next_of_owner = next,
            None => self.entities[owner].first_route = next,
        }
        match next {
            Some(next) => self.routes[next].previous_of_owner = previous,
            None => self.entities[owner].last_route = previous,
        }
    }
}
