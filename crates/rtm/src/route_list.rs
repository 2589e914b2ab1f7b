//! Route lists: a client's own lists of its routes; a route is in at most one (RTM-041, I4).

use crate::call::Reply;
use crate::handle::{EntitySlot, RouteHandle, RouteListHandle, RouteListSlot, RouteSlot};
use crate::info::RouteState;
use crate::manager::{State, Step};
use crate::status::{Refusal, Status};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A list of routes of one client, in the order in which they were inserted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RouteList {
    pub(crate) owner: EntitySlot,
    /// Counts up with what is created: of one client's lists the order is its own doing.
    pub(crate) created: u64,
    /// By place, from 1. Places count up and never come back: by its place an enumeration goes on (D-85).
    pub(crate) routes: BTreeMap<u64, RouteSlot>,
    last_place: u64,
}

impl Step<'_> {
    pub(crate) fn create_route_list(&mut self, caller: EntitySlot) -> Reply {
        let created = self.state.take_rank();
        let list = RouteList { owner: caller, created, routes: BTreeMap::new(), last_place: 0 };
        let slot = self.state.route_lists.insert(list);
        Reply::CreateRouteList { list: self.state.route_lists.handle(slot) }
    }

    /// Moves routes into a list, or out of the lists they are in: all of them or none. No lock of a destination keeps a client
    /// from its lists (D-113).
    pub(crate) fn insert_in_route_list(
        &mut self,
        caller: EntitySlot,
        list: Option<RouteListHandle>,
        routes: &[RouteHandle],
    ) -> Result<Reply, Refusal> {
        let list = list.map(|list| self.state.own_route_list(caller, list)).transpose()?;
        let own =
            |route: &RouteHandle| self.state.routes.slot(*route).filter(|slot| self.is_own(caller, *slot));
        let slots: Option<Vec<RouteSlot>> = routes.iter().map(own).collect();
        for slot in slots.ok_or(Status::InvalidHandle)? {
            match list {
                Some(list) => self.state.list_route(list, slot),
                None => self.state.unlist_route(slot),
            }
        }
        Ok(Reply::Nothing)
    }

    fn is_own(&self, caller: EntitySlot, slot: RouteSlot) -> bool {
        let route = &self.state.routes[slot];
        route.owner == caller && route.state == RouteState::Created
    }

    pub(crate) fn delete_route_list(
        &mut self,
        caller: EntitySlot,
        list: RouteListHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.own_route_list(caller, list)?;
        self.state.remove_route_list(slot);
        Ok(Reply::Nothing)
    }
}

impl State {
    /// Finds a list of this client; those of others are private (D-74).
    pub(crate) fn own_route_list(
        &self,
        caller: EntitySlot,
        list: RouteListHandle,
    ) -> Result<RouteListSlot, Refusal> {
        let slot = self.route_lists.slot(list).filter(|slot| self.route_lists[*slot].owner == caller);
        slot.ok_or(Refusal::Status(Status::InvalidHandle))
    }

    /// Puts a route at the end of a list, out of the one it was in; one that is in this list already keeps its place (D-112).
    pub(crate) fn list_route(&mut self, list: RouteListSlot, slot: RouteSlot) {
        if self.listed.get(&slot).is_some_and(|(other, _)| *other == list) {
            return;
        }
        self.unlist_route(slot);
        let known = &mut self.route_lists[list];
        known.last_place += 1;
        known.routes.insert(known.last_place, slot);
        self.listed.get_or_insert(slot, (list, known.last_place));
    }

    /// Takes a route out of the list it is in, if it is in one.
    pub(crate) fn unlist_route(&mut self, slot: RouteSlot) {
        if let Some((list, place)) = self.listed.remove(&slot) {
            let removed = self.route_lists[list].routes.remove(&place);
            assert_eq!(removed, Some(slot), "I4: a route is in the list it says");
        }
    }

    /// Ends a list; its routes live on (RTM-042).
    pub(crate) fn remove_route_list(&mut self, slot: RouteListSlot) {
        for route in self.route_lists.remove(slot).routes.into_values() {
            self.listed.remove(&route);
        }
    }

    /// Returns the lists of a client.
    pub(crate) fn route_lists_of(&self, owner: EntitySlot) -> Vec<RouteListSlot> {
        let lists = self.route_lists.iter().filter(|(_, list)| list.owner == owner);
        lists.map(|(slot, _)| slot).collect()
    }
}
