//! Entities: registration, deregistration and what it cleans up, and asking who else is there.

use crate::address::NetAddress;
use crate::call::{EventCallback, ListedHandles, OpaqueSlot, Reply};
use crate::flags::MethodTypes;
use crate::handle::{AnyHandle, CallbackSlot, EntityHandle, EntitySlot, NextHopSlot, RouteSlot};
use crate::info::{EntityInfo, TableId};
use crate::lock::{Access, Lockable};
use crate::manager::Step;
use crate::methods;
use crate::notify::Due;
use crate::output::{CallbackDropReason, DeleteReason, Fact, LeakKind, LeakSubject};
use crate::profile::Leftovers;
use crate::references::{Ledger, Source};
use crate::status::{Refusal, Status};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

/// A client: registered, or gone and still referred to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entity {
    pub(crate) table: usize,
    pub(crate) info: EntityInfo,
    pub(crate) callback: EventCallback,
    pub(crate) opaque_slot: OpaqueSlot,
    /// What it exports; nothing once it has left.
    pub(crate) methods: MethodTypes,
    pub(crate) methods_blocked: bool,
    pub(crate) registered: bool,
    /// The registration, what it owns, what tells of it, and the handles clients hold.
    pub(crate) references: u32,
    /// What the client itself holds.
    pub(crate) ledger: Ledger,
    /// Its private list, by identity, which is also the order of enumeration (D-87).
    pub(crate) next_hops: BTreeMap<(NetAddress, u32), NextHopSlot>,
    pub(crate) first_route: Option<RouteSlot>,
    pub(crate) last_route: Option<RouteSlot>,
    /// Delivered and not yet invoked, in order.
    pub(crate) queued: VecDeque<CallbackSlot>,
    /// Whether a callback of it runs: one at a time (D-107).
    pub(crate) in_callback: bool,
}

impl Step<'_> {
    pub(crate) fn register_entity(
        &mut self,
        info: EntityInfo,
        methods: u32,
        (callback, opaque_slot): (EventCallback, OpaqueSlot),
    ) -> Result<Reply, Refusal> {
        // Such protocols could not be told from the selectors of queries (D-79).
        if matches!(info.id.protocol, 0 | u32::MAX) {
            return Err(Status::InvalidParameter.into());
        }
        let methods = methods::exported(methods)?;
        if self.state.find_entity(info).is_some() {
            return Err(Status::AlreadyExists.into());
        }
        if opaque_slot == OpaqueSlot::Reserved {
            self.state.check_slot_left(self.state.find_table(info.table))?;
        }
        let table = self.state.table_for(info);
        let entity = self.state.entities.insert(Entity {
            table,
            info,
            callback,
            opaque_slot,
            methods,
            methods_blocked: false,
            registered: true,
            references: 1,
            ledger: Ledger::new(),
            next_hops: BTreeMap::new(),
            first_route: None,
            last_route: None,
            queued: VecDeque::new(),
            in_callback: false,
        });
        self.tell_others(entity, Due::EntityRegistered(entity));
        self.state.tables[table].entities.push(entity);
        let handle = self.state.entities.handle(entity);
        Ok(Reply::RegisterEntity { entity: handle, profile: self.state.profile.registration() })
    }

    /// Delivers an entity event to every client of the table that has a callback (D-01, RTM-005); the one it is about is
    /// not in the table, not yet or not any more.
    fn tell_others(&mut self, about: EntitySlot, due: Due) {
        let table = self.state.entities[about].table;
        for place in 0..self.state.tables[table].entities.len() {
            let other = self.state.tables[table].entities[place];
            if self.state.entities[other].callback == EventCallback::Given {
                self.deliver(other, due);
            }
        }
    }

    pub(crate) fn deregister_entity(&mut self, caller: EntitySlot) -> Result<Reply, Refusal> {
        for route in self.state.routes_of(caller) {
            let dest = self.state.routes[route].dest;
            self.state.check_access(caller, dest, Access::Write)?;
        }
        for next_hop in self.state.next_hops_of(caller) {
            self.state.check_lockable(caller, Lockable::NextHop(next_hop), Access::Write)?;
        }
        // What was put off until the unlock may delete routes of it.
        self.end_locks(caller);
        let routes = self.state.routes_of(caller);
        self.tell_leaks(caller, &routes);
        self.tell_opaque_leaks(caller);
        self.tell_private_leaks(caller);
        self.state.entities[caller].registered = false;
        self.waits_change();
        self.wake_calls_of(caller);
        self.end_methods(caller);
        self.state.table_of_mut(caller).entities.retain(|entity| *entity != caller);
        while let Some(callback) = self.state.entities[caller].queued.front() {
            self.take_back_callback(*callback, CallbackDropReason::ClientGone);
        }
        for notify in self.state.registrations_of(caller) {
            self.end_registration(notify);
        }
        self.free_opaque_slot(caller);
        // Nobody else can use them, whatever becomes of the rest (D-119).
        for enumeration in self.state.enumerations_of(caller) {
            self.end_enumeration(enumeration);
        }
        for list in self.state.route_lists_of(caller) {
            self.state.remove_route_list(list);
        }
        self.tell_others(caller, Due::EntityDeregistered(caller));
        match self.state.profile.leftovers {
            Leftovers::Cleaned => {
                self.clean_up(caller, &routes);
                self.drop_entity(caller);
            }
            // The object stays only if it keeps a list of what it never released.
            Leftovers::Orphaned => {
                if self.state.entities[caller].ledger.count() == 0 {
                    self.drop_entity(caller);
                }
            }
        }
        Ok(Reply::Nothing)
    }

    fn tell_leaks(&mut self, caller: EntitySlot, routes: &[RouteSlot]) {
        // By what they are, not by handle: which place an object got depends on what clients of other tables did.
        let references = self.state.entities[caller].ledger.totals().into_iter();
        let mut references: Vec<_> =
            references.map(|(handle, count)| (self.state.leak_subject(handle), count)).collect();
        references.sort_by_key(|(subject, count)| (subject.place_in_report(), *count));
        for (subject, count) in references {
            self.fact(|state| Fact::Leak {
                entity: state.entities.handle(caller),
                subject,
                kind: LeakKind::References(count),
            });
        }
        for route in routes {
            self.fact(|state| Fact::Leak {
                entity: state.entities.handle(caller),
                subject: LeakSubject::Route(state.route_name(*route)),
                kind: LeakKind::NotDeleted,
            });
        }
        for next_hop in self.state.next_hops_of(caller) {
            self.fact(|state| Fact::Leak {
                entity: state.entities.handle(caller),
                subject: LeakSubject::NextHop(state.next_hop_name(next_hop)),
                kind: LeakKind::NotDeleted,
            });
        }
    }

    /// Tells of the route lists and enumerations that a client has not deleted.
    fn tell_private_leaks(&mut self, caller: EntitySlot) {
        let lists = self.state.route_lists_of(caller).into_iter();
        let lists = lists.map(|list| LeakSubject::RouteList(self.state.route_lists.handle(list)));
        let enumerations = self.state.enumerations_of(caller).into_iter();
        let enumerations = enumerations.map(|slot| LeakSubject::Enum(self.state.enumerations.handle(slot)));
        let subjects: Vec<_> = lists.chain(enumerations).collect();
        for subject in subjects {
            self.fact(|state| Fact::Leak {
                entity: state.entities.handle(caller),
                subject,
                kind: LeakKind::NotDeleted,
            });
        }
    }

    /// Deletes the routes and next hops a client left and releases its references (D-71).
    fn clean_up(&mut self, caller: EntitySlot, routes: &[RouteSlot]) {
        for route in routes {
            self.remove_route(*route, DeleteReason::OwnerDeregistered, Some(caller));
        }
        for next_hop in self.state.next_hops_of(caller) {
            self.unlist_next_hop(next_hop);
        }
        let ledger = core::mem::replace(&mut self.state.entities[caller].ledger, Ledger::new());
        for (handle, count) in ledger.totals() {
            for _ in 0..count {
                self.drop_handle(handle);
            }
        }
    }

    pub(crate) fn get_registered_entities(
        &mut self,
        caller: EntitySlot,
        capacity: u32,
        handles: ListedHandles,
    ) -> Result<Reply, Refusal> {
        let entities = self.state.table_of(caller).entities.clone();
        let needed = u32::try_from(entities.len()).unwrap_or(u32::MAX);
        if capacity < needed {
            return Err(Refusal::NeedsRoom(needed));
        }
        let infos = entities.iter().map(|entity| self.state.entities[*entity].info).collect();
        let handles = match handles {
            ListedHandles::NotWanted => Vec::new(),
            ListedHandles::Wanted => entities
                .iter()
                .map(|entity| {
                    let handle = self.state.entities.handle(*entity);
                    self.state.reference(caller, AnyHandle::Entity(handle), Source::Handle);
                    handle
                })
                .collect(),
        };
        Ok(Reply::GetRegisteredEntities { handles, infos })
    }

    pub(crate) fn get_entity_info(
        &mut self,
        caller: EntitySlot,
        entity: EntityHandle,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_entity(caller, entity)?;
        self.state.reference(caller, AnyHandle::Entity(entity), Source::EntityInfo);
        Ok(Reply::GetEntityInfo { info: self.state.entities[slot].info })
    }
}

impl crate::manager::State {
    /// Finds the registered client of this key.
    pub(crate) fn find_entity(&self, info: EntityInfo) -> Option<EntitySlot> {
        let table = &self.tables[self.find_table(info.table)?];
        table.entities.iter().copied().find(|entity| self.entities[*entity].info.id == info.id)
    }

    /// Finds an entity the caller can see: of the same table, registered or gone (D-07).
    pub(crate) fn visible_entity(
        &self,
        caller: EntitySlot,
        entity: EntityHandle,
    ) -> Result<EntitySlot, Refusal> {
        let table: TableId = self.entities[caller].info.table;
        let slot = self.entities.slot(entity).filter(|slot| self.entities[*slot].info.table == table);
        slot.ok_or(Refusal::Status(Status::InvalidHandle))
    }

    fn next_hops_of(&self, entity: EntitySlot) -> Vec<NextHopSlot> {
        self.entities[entity].next_hops.values().copied().collect()
    }
}
