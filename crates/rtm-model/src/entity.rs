//! Clients: registration, deregistration, listing.

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, DueEvent, EntityHandle, EntityInfo, EventCallback, Leftovers, ListedHandles, NextHopState,
    OpaqueSlot, Reply, RouteHandle, RouteState, TableId,
};

use super::expected::{Expected, Told};
use super::{Client, Difference, Kind, Model, On, Phase};

impl Model {
    pub(super) fn client(&self, handle: EntityHandle) -> Option<&Client> {
        self.clients.iter().find(|client| client.handle == handle)
    }

    /// The table of a client that is registered.
    pub(super) fn table_of(&self, handle: EntityHandle) -> Option<TableId> {
        self.client(handle).map(|client| client.info.table)
    }

    /// Tells whether a client is registered and has a callback.
    pub(super) fn hears(&self, handle: EntityHandle) -> bool {
        self.client(handle).is_some_and(|client| client.registered && client.callback == EventCallback::Given)
    }

    /// Expects every other client of the table with a callback to be told (D-01).
    fn tell_others(&self, table: TableId, event: DueEvent, expected: &mut Expected) {
        expected.next_wave();
        for client in &self.clients {
            if client.info.table == table && self.hears(client.handle) {
                expected.deliver(client.handle, event);
            }
        }
    }

    pub(super) fn register_entity(
        &mut self,
        info: EntityInfo,
        methods: u32,
        (callback, slot): (EventCallback, OpaqueSlot),
        found: &Reply,
        expected: &mut Expected,
    ) -> Result<Reply, Difference> {
        let Reply::RegisterEntity { entity, .. } = *found else {
            return Err(Difference::new("the reply to a registration", &"an entity", found));
        };
        self.learn(AnyHandle::Entity(entity))?;
        self.tell_others(info.table, DueEvent::EntityRegistered { entity }, expected);
        if !self.tables.contains(&info.table) {
            self.tables.push(info.table);
        }
        let (blocks, registered) = (false, true);
        self.clients.push(Client { handle: entity, info, callback, slot, methods, blocks, registered });
        Ok(Reply::RegisterEntity { entity, profile: self.profile.registration() })
    }

    pub(super) fn deregister_entity(
        &mut self,
        caller: EntityHandle,
        told: &Told<'_>,
        expected: &mut Expected,
    ) -> Reply {
        // It gives its locks back while it is a client still (D-134): what was put off happens as at any unlock.
        let held: Vec<On> =
            self.locks.iter().filter(|lock| lock.holder == caller).map(|lock| lock.on).collect();
        for &on in &held {
            expected.leaked_locks.push((caller, self.locked_object(on)));
            self.give_lock_back(caller, on, told, expected);
        }
        // As if it had unlocked each and then left: its calls in line keep others out until it has left.
        self.make_ready(|on| held.contains(&on), expected);
        for client in &mut self.clients {
            client.registered &= client.handle != caller;
        }
        self.withdraw_methods(caller);
        expected.leaves(caller);
        for callback in &self.callbacks {
            if callback.to == caller && callback.phase == Phase::Due {
                expected.dropped.push((caller, callback.id));
            }
        }
        self.callbacks.retain(|callback| callback.to != caller || callback.phase != Phase::Due);
        self.registrations.retain(|registration| registration.owner != caller);
        self.gone_registrations.retain(|(_, owner)| *owner != caller);
        self.opaque.retain(|(by, ..)| *by != caller);
        self.end_private(caller);
        if self.profile.leftovers == Leftovers::Cleaned {
            self.clean_up(caller, told, expected);
        }
        if let Some(table) = self.table_of(caller) {
            self.tell_others(table, DueEvent::EntityDeregistered { entity: caller }, expected);
        }
        Reply::Nothing
    }

    /// Deletes and releases what a client left (D-71). In which order its routes go is the manager's to choose.
    fn clean_up(&mut self, owner: EntityHandle, told: &Told<'_>, expected: &mut Expected) {
        let of_owner = |model: &Self| -> Vec<RouteHandle> {
            let routes = model.routes.iter();
            routes
                .filter(|route| route.owner == owner && route.state == RouteState::Created)
                .map(|route| route.handle)
                .collect()
        };
        let mut routes = of_owner(self);
        routes.sort_by_key(|route| told.deleted.iter().position(|deleted| deleted == route));
        for route in routes {
            self.delete_route(route, Some(owner), expected);
        }
        for next_hop in &mut self.next_hops {
            if next_hop.owner == owner {
                next_hop.state = NextHopState::Deleted;
            }
        }
        self.ledger.retain(|held| held.by != owner);
    }

    pub(super) fn get_registered_entities(&mut self, caller: EntityHandle, handles: ListedHandles) -> Reply {
        let table = self.table_of(caller);
        let of_table = |client: &&Client| client.registered && Some(client.info.table) == table;
        let listed: Vec<_> =
            self.clients.iter().filter(of_table).map(|client| (client.handle, client.info)).collect();
        let infos = listed.iter().map(|(_, info)| *info).collect();
        if handles == ListedHandles::NotWanted {
            return Reply::GetRegisteredEntities { handles: Vec::new(), infos };
        }
        let handles: Vec<_> = listed.iter().map(|(handle, _)| *handle).collect();
        for handle in &handles {
            self.give(caller, AnyHandle::Entity(*handle), Kind::Handle);
        }
        Reply::GetRegisteredEntities { handles, infos }
    }

    pub(super) fn get_entity_info(&mut self, caller: EntityHandle, entity: EntityHandle) -> Reply {
        self.give(caller, AnyHandle::Entity(entity), Kind::EntityInfo);
        let info = self.client(entity).map(|client| client.info);
        Reply::GetEntityInfo { info: info.expect("a refused call is not performed") }
    }
}
