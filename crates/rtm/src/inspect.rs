//! Looking without touching: what the host, monitors and a reference model may read. No reference is counted.

use crate::address::NetAddress;
use crate::flags::{NotifyFlags, ViewId, ViewSet};
use crate::function::EventType;
use crate::handle::{
    CallbackId, DestHandle, EntityHandle, NextHopHandle, NotifyHandle, RouteHandle, RouteListHandle,
};
use crate::hold::{Hold, HoldTimer};
use crate::info::{EntityInfo, NextHopInfo, RouteInfo, TableId};
use crate::manager::{Manager, State};
use crate::output::{BestInfo, RouteName};
use crate::prefix_index::{InOrder, PrefixIndex};
use crate::profile::Profile;
use alloc::vec::Vec;
use core::ops::Bound;

/// The best route of one destination in one view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestRoute {
    /// The prefix.
    pub dest: NetAddress,
    /// The view.
    pub view: ViewId,
    /// The route.
    pub best: BestInfo,
}

/// How many objects are alive, whether in use or only referred to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectCounts {
    /// Entities.
    pub entities: u64,
    /// Destinations.
    pub dests: u64,
    /// Routes.
    pub routes: u64,
    /// Next hops.
    pub next_hops: u64,
    /// Registrations for change notification.
    pub registrations: u64,
    /// Callbacks delivered or running.
    pub callbacks: u64,
    /// Calls that wait.
    pub waiting_calls: u64,
    /// Route lists.
    pub route_lists: u64,
    /// Enumerations.
    pub enumerations: u64,
}

/// Where a destination is armed and held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldInfo {
    /// The views in which the deletion of the last route begins a hold.
    pub armed: ViewSet,
    /// How long it will last, at least.
    pub hold_time_ms: u32,
    /// The route that is held in each view, ascending.
    pub held: Vec<(ViewId, RouteHandle)>,
    /// When the holds end, in nanoseconds of virtual time; `None` if nothing is held, or the end waits for an unlock.
    pub until: Option<u64>,
}

/// A registration for change notification, as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrationInfo {
    /// Its client.
    pub owner: EntityHandle,
    /// The views whose details come with changed destinations.
    pub views: ViewSet,
    /// What it asked for.
    pub flags: NotifyFlags,
    /// The client's value.
    pub context: u64,
    /// How many destinations are pending.
    pub pending: u64,
    /// Whether a notification is delivered and not yet invoked.
    pub is_announced: bool,
}

impl Manager {
    /// Returns the profile.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.state.profile
    }

    /// Returns the tables, in the order their first clients came.
    pub fn tables(&self) -> impl Iterator<Item = TableId> {
        self.state.tables.iter().map(|table| table.id)
    }

    /// Returns the registered clients of a table, in registration order.
    pub fn entities(&self, table: TableId) -> impl Iterator<Item = EntityHandle> {
        let table = self.state.find_table(table).map(|place| &self.state.tables[place]);
        let entities = table.into_iter().flat_map(|table| table.entities.iter());
        entities.map(|entity| self.state.entities.handle(*entity))
    }

    /// Returns who an entity is, registered or gone and still referred to.
    #[must_use]
    pub fn entity_info(&self, entity: EntityHandle) -> Option<EntityInfo> {
        self.state.entities.get(entity).map(|entity| entity.info)
    }

    /// Whether an entity is registered.
    #[must_use]
    pub fn is_registered(&self, entity: EntityHandle) -> bool {
        self.state.entities.get(entity).is_some_and(|entity| entity.registered)
    }

    /// Returns the prefix of a destination; `None` if it is gone.
    #[must_use]
    pub fn dest_address(&self, dest: DestHandle) -> Option<NetAddress> {
        self.state.dests.get(dest).map(|dest| dest.address)
    }

    /// Returns the table that a destination is in; `None` if it is gone.
    #[must_use]
    pub fn dest_table(&self, dest: DestHandle) -> Option<TableId> {
        self.state.dests.get(dest).map(|dest| self.state.tables[dest.table()].id)
    }

    /// Returns the destination of a prefix, with or without routes; `None` if the table has none.
    #[must_use]
    pub fn dest(&self, table: TableId, address: NetAddress) -> Option<DestHandle> {
        let slot = self.state.index_for(table, address)?.find(address, &self.state.dests)?;
        Some(self.state.dests.handle(slot))
    }

    /// Returns where a destination is armed and held; `None` if it is neither anywhere.
    #[must_use]
    pub fn hold(&self, dest: DestHandle) -> Option<HoldInfo> {
        let Hold { armed, time_ms, held, timer } = self.state.holds.get(&self.state.dests.slot(dest)?)?;
        let held = held.iter().map(|(view, route)| (*view, self.state.routes.handle(*route))).collect();
        let until = match *timer {
            HoldTimer::Armed { until, .. } => Some(until),
            HoldTimer::Idle | HoldTimer::Due => None,
        };
        Some(HoldInfo { armed: *armed, hold_time_ms: *time_ms, held, until })
    }

    /// Returns what a client keeps in its opaque slot of a destination, 0 for NULL; `None` if it has no slot.
    #[must_use]
    pub fn opaque_information(&self, entity: EntityHandle, dest: DestHandle) -> Option<u64> {
        let (entity, dest) = (self.state.entities.slot(entity)?, self.state.dests.slot(dest)?);
        self.state.has_opaque_slot(entity).then(|| self.state.opaque_value(entity, dest))
    }

    /// Returns a route, in the table or deleted and still referred to; `None` if it is gone.
    #[must_use]
    pub fn route(&self, route: RouteHandle) -> Option<RouteInfo> {
        self.state.routes.slot(route).map(|slot| self.state.route_info(slot))
    }

    /// Returns a route as a reader knows it; `None` if it is gone.
    #[must_use]
    pub fn route_name(&self, route: RouteHandle) -> Option<RouteName> {
        self.state.routes.slot(route).map(|slot| self.state.route_name(slot))
    }

    /// Returns the list that a route is in, if it is in one (RTM-041).
    #[must_use]
    pub fn route_list_of(&self, route: RouteHandle) -> Option<RouteListHandle> {
        let (list, _) = self.state.listed.get(&self.state.routes.slot(route)?)?;
        Some(self.state.route_lists.handle(*list))
    }

    /// Returns a next hop, listed or deleted and still referred to; `None` if it is gone.
    #[must_use]
    pub fn next_hop(&self, next_hop: NextHopHandle) -> Option<NextHopInfo> {
        self.state.next_hops.slot(next_hop).map(|slot| self.state.next_hop_info(slot))
    }

    /// Returns a registration for change notification, as it stands; `None` if it has ended.
    #[must_use]
    pub fn registration(&self, notify: NotifyHandle) -> Option<RegistrationInfo> {
        let registration = self.state.registrations.get(notify)?;
        Some(RegistrationInfo {
            owner: self.state.entities.handle(registration.owner),
            views: registration.views,
            flags: registration.flags,
            context: registration.context,
            pending: registration.pending.len() as u64,
            is_announced: registration.announced.is_some(),
        })
    }

    /// Returns whom a running callback tells, and what of; `None` if it does not run.
    #[must_use]
    pub fn running(&self, callback: CallbackId) -> Option<(EntityHandle, EventType)> {
        let callback = self.state.callbacks.get(callback).filter(|callback| callback.running)?;
        Some((self.state.entities.handle(callback.to), callback.due.event_type()))
    }

    /// Returns the best routes of a table, in the order of addresses, then of views.
    ///
    /// Copies the whole table: for comparisons and pictures, not for every step of a large run.
    #[must_use]
    pub fn best_routes(&self, table: TableId) -> Vec<BestRoute> {
        let mut best_routes = Vec::new();
        for slot in self.state.dests_in_order(table, Bound::Unbounded).into_iter().flatten() {
            let dest = self.state.dests[slot].address;
            for view in self.state.profile.views_supported.iter() {
                if let Some(route) = self.state.best(slot, view) {
                    best_routes.push(BestRoute { dest, view, best: self.state.best_info(route) });
                }
            }
        }
        best_routes
    }

    /// Returns all routes of a table, by address and then best first. Copies the whole table.
    #[must_use]
    pub fn routes(&self, table: TableId) -> Vec<RouteHandle> {
        let dests = self.state.dests_in_order(table, Bound::Unbounded);
        let slots = dests.into_iter().flatten().flat_map(|dest| self.state.ranking(dest));
        slots.map(|slot| self.state.routes.handle(slot)).collect()
    }

    /// Returns the best route in a view of the longest prefix that covers `address` and has one.
    #[must_use]
    pub fn longest_match(&self, table: TableId, address: NetAddress, view: ViewId) -> Option<RouteHandle> {
        let index = self.state.index_for(table, address)?;
        index.longest(address, &self.state.dests, |slot| self.state.best_handle(slot, view))
    }

    /// Counts the references a client holds; what an exclusive lock lends it included.
    #[must_use]
    pub fn references_held(&self, entity: EntityHandle) -> u64 {
        self.state.entities.get(entity).map_or(0, |entity| entity.ledger.count())
    }

    /// Counts the references all clients hold.
    #[must_use]
    pub fn total_references(&self) -> u64 {
        self.state.entities.iter().map(|(_, entity)| entity.ledger.count()).sum()
    }

    /// Counts the objects that are alive.
    #[must_use]
    pub fn objects_alive(&self) -> ObjectCounts {
        ObjectCounts {
            entities: self.state.entities.alive() as u64,
            dests: self.state.dests.alive() as u64,
            routes: self.state.routes.alive() as u64,
            next_hops: self.state.next_hops.alive() as u64,
            registrations: self.state.registrations.alive() as u64,
            callbacks: self.state.callbacks.alive() as u64,
            waiting_calls: self.state.line.len() as u64,
            route_lists: self.state.route_lists.alive() as u64,
            enumerations: self.state.enumerations.alive() as u64,
        }
    }
}

impl State {
    /// Returns the index of a table: it knows bits only, and a host may ask a table of the other family.
    pub(crate) fn index_for(&self, table: TableId, address: NetAddress) -> Option<&PrefixIndex> {
        if table.family != address.family() {
            return None;
        }
        self.find_table(table).map(|place| &self.tables[place].index)
    }

    /// Returns the destinations of a table in the order of addresses, from one on.
    pub(crate) fn dests_in_order(&self, table: TableId, from: Bound<NetAddress>) -> Option<InOrder<'_>> {
        let table = &self.tables[self.find_table(table)?];
        Some(table.index.in_order(from, &self.dests))
    }
}
