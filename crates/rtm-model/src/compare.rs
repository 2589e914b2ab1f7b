//! The whole visible state, compared.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;
use core::ops::Bound;

use tiebreak_rtm::{
    BestRoute, EntityHandle, Fact, Manager, ObjectCounts, RegistrationInfo, RouteHandle, TableId, WaitingCall,
};

use super::{Difference, Model, On, same};

impl Model {
    /// Compares everything that can be seen of the manager.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare(&self, manager: &Manager) -> Result<(), Difference> {
        same("the tables", &self.tables, &manager.tables().collect())?;
        for table in &self.tables {
            self.compare_table(*table, manager)?;
        }
        self.compare_clients(manager)?;
        self.compare_waits(manager)?;
        for hop in &self.next_hops {
            if let Some(handle) = hop.handle {
                same(&format!("{handle}"), &Some(hop.info()), &manager.next_hop(handle))?;
            }
        }
        for registration in &self.registrations {
            let info = RegistrationInfo {
                owner: registration.owner,
                views: registration.shown,
                flags: registration.flags,
                context: registration.context,
                pending: registration.pending.len() as u64,
                is_announced: registration.announced,
            };
            let handle = registration.handle;
            same(&format!("{handle}"), &Some(info), &manager.registration(handle))?;
        }
        let counts = ObjectCounts {
            entities: self.clients.len() as u64,
            dests: self.dests.len() as u64,
            routes: self.routes.len() as u64,
            next_hops: self.next_hops.len() as u64,
            registrations: self.registrations.len() as u64,
            callbacks: self.callbacks.len() as u64,
            waiting_calls: self.line.len() as u64,
            route_lists: self.private_objects().0,
            enumerations: self.private_objects().1,
        };
        same("the objects that are alive (RTM-085)", &counts, &manager.objects_alive())
    }

    fn compare_table(&self, table: TableId, manager: &Manager) -> Result<(), Difference> {
        let of_table = self.clients.iter().filter(|client| client.registered && client.info.table == table);
        let entities: Vec<EntityHandle> = of_table.map(|client| client.handle).collect();
        same(&format!("the clients of {table}"), &entities, &manager.entities(table).collect())?;
        let mut dests: Vec<_> = self.dests.iter().filter(|dest| dest.table == table).collect();
        dests.sort_by_key(|dest| dest.address);
        let mut routes: Vec<RouteHandle> = Vec::new();
        let mut best_routes = Vec::new();
        for dest in dests {
            let address = dest.address;
            let found = manager.dest(table, address);
            same(&format!("whether {address} is in {table}"), &true, &found.is_some())?;
            if dest.handle.is_some() {
                same(&format!("the handle of {address} in {table}"), &dest.handle, &found)?;
            }
            let hold = found.and_then(|found| manager.hold(found));
            same(
                &format!("what is armed and held of {address} in {table}"),
                &self.hold_info(dest.id),
                &hold,
            )?;
            if let Some(found) = found {
                for client in &self.clients {
                    let kept = client.info.table == table && self.has_slot(client.handle);
                    let kept = kept.then(|| self.opaque_value(client.handle, dest.id));
                    let known = manager
                        .opaque_information(client.handle, found)
                        .filter(|_| client.info.table == table);
                    same(&format!("what {} keeps in {address}", client.handle), &kept, &known)?;
                }
            }
            routes.extend(self.ranked(dest.id).iter().map(|route| route.handle));
            for view in self.supported_views() {
                let ranking = self.ranking(dest.id, view);
                if let Some(Fact::BestChanged { best: Some(best), .. }) =
                    self.best_fact(dest.id, view, &ranking)
                {
                    best_routes.push(BestRoute { dest: address, view, best });
                }
            }
        }
        same(&format!("the routes of {table}, best first"), &routes, &manager.routes(table))?;
        same(&format!("the best routes of {table}"), &best_routes, &manager.best_routes(table))?;
        for view in self.supported_views() {
            let expected = best_routes.iter().filter(|best| best.view == view);
            let expected: Vec<_> = expected.map(|best| (best.dest, best.best.route)).collect();
            let read = manager.best_handles(table, view, Bound::Unbounded);
            let read: Vec<_> = read.map(|best| (best.address, best.route)).collect();
            same(&format!("the routes that are best in {view:?} of {table}"), &expected, &read)?;
            let hosts: Vec<_> = expected.iter().map(|(address, _)| *address).collect();
            let found: Vec<_> = manager.longest_matches(table, &hosts, view).collect();
            let own: Vec<_> = expected.iter().map(|(_, route)| Some(*route)).collect();
            same(&format!("the longest matches in {view:?} of what is in {table}"), &own, &found)?;
        }
        Ok(())
    }

    fn compare_clients(&self, manager: &Manager) -> Result<(), Difference> {
        for route in &self.routes {
            let found = manager.route(route.handle);
            let what = format!("{}", route.handle);
            let Some(found) = found else { return Err(Difference::new(&what, &route.spec, &"nothing")) };
            let expected = (route.owner, route.state, &route.spec);
            same(&what, &expected, &(found.owner, found.state, &found.spec))?;
            same(
                &format!("the list of {what}"),
                &self.list_of(route.handle),
                &manager.route_list_of(route.handle),
            )?;
            let address = self.table_and_address(route.dest).map(|(_, address)| address);
            same(&format!("where {what} is"), &address, &manager.dest_address(found.dest))?;
        }
        for client in &self.clients {
            let handle = client.handle;
            same(&format!("who {handle} is"), &Some(client.info), &manager.entity_info(handle))?;
            same(
                &format!("whether {handle} is registered"),
                &client.registered,
                &manager.is_registered(handle),
            )?;
            same(
                &format!("the references {handle} holds"),
                &self.references_of(handle),
                &manager.references_held(handle),
            )?;
        }
        let holders: BTreeSet<EntityHandle> = self.ledger.iter().map(|held| held.by).collect();
        let total: u64 = holders.into_iter().map(|holder| self.references_of(holder)).sum();
        same("all references", &total, &manager.total_references())
    }

    /// Compares the calls that wait, and of the locks what can be read.
    fn compare_waits(&self, manager: &Manager) -> Result<(), Difference> {
        let line = self.line.iter().map(|call| WaitingCall {
            ticket: call.ticket,
            caller: call.caller,
            function: call.call.function(),
            on: self.locked_object(call.on),
            is_ready: call.ready,
        });
        same("the calls that wait (D-88)", &line.collect::<Vec<_>>(), &manager.waiting_calls().collect())?;
        for client in &self.clients {
            let locked = self.route_lock_of(client.handle).and_then(|lock| match lock.on {
                On::Dest(dest) => self.table_and_address(dest).map(|(_, address)| address),
                On::NextHop(_) | On::Methods(_) => None,
            });
            let handle = client.handle;
            same(&format!("the route lock of {handle}"), &locked, &manager.route_locked_by(handle))?;
        }
        Ok(())
    }

    fn references_of(&self, client: EntityHandle) -> u64 {
        self.ledger.iter().filter(|held| held.by == client).map(|held| u64::from(held.count)).sum()
    }
}
