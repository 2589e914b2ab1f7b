//! What a manager hashes to: all that decides how it goes on, with objects by their names.
//!
//! Hashed as an order, because it can be told: who registered before whom, in a table and for changes (D-04, D-99); the
//! ranking of a destination, and among routes of equal cost which was there first (D-35); in which order a client created
//! its routes, which is how they go with it (D-71); what is pending for a registration (D-54); the callbacks of a
//! client (D-05); what waits for an unlock, for each destination (D-20), and the calls that wait (D-88);
//! which table had the first client, which [`Manager::tables`](crate::Manager::tables) tells; the routes of a list, and what an
//! enumeration has left of a destination.
//!
//! Hashed as a set: destinations, what is armed and held of them, the lists of next hops, marks, locks, and what a client
//! holds and keeps in its opaque slots. Not hashed: the places and
//! generations of handles, reference counts (the references are hashed), the index of prefixes, and the numbers of ranks, of
//! which only the order counts. The generations of timers are hashed as they are, because the host holds them.

use crate::enumeration::{DestReading, Enumeration, Over, RoutePlace, RouteReading};
use crate::handle::{AnyHandle, DestSlot, EntitySlot, RouteSlot};
use crate::info::RouteState;
use crate::lock::{Lock, Lockable, Waiting};
use crate::manager::Manager;
use crate::naming::Naming;
use crate::notify::Due;
use crate::profile::Ties;
use crate::references::Source;
use crate::route::Route;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

/// Two managers that hash alike answer alike for ever, up to the numbers of handles.
///
/// What holds handles of a manager is hashed beside it by [`Naming::hasher`].
impl Hash for Manager {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.facts.hash(state);
        self.naming().hash(state);
    }
}

/// Hashes all that the manager remembers.
impl Hash for Naming<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let state = &mut self.hasher(state, &());
        self.state.profile.hash(state);
        self.hash_tables(state);
        self.hash_objects(state, &self.entities.slots, Self::hash_entity);
        self.hash_objects(state, &self.dests.slots, Self::hash_dest);
        self.hash_objects(state, &self.routes.slots, Self::hash_route);
        self.hash_next_hops(state);
        self.hash_registrations(state);
        self.hash_callbacks(state);
        self.hash_lists(state);
        self.hash_locks(state);
        self.hash_holds(state);
    }
}

impl Naming<'_> {
    /// Hashes objects in the order of their names.
    fn hash_objects<H: Hasher, S: Copy>(&self, state: &mut H, slots: &[S], hash: impl Fn(&Self, S, &mut H)) {
        state.write_usize(slots.len());
        for slot in slots {
            hash(self, *slot, state);
        }
    }

    fn hash_tables<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.state.tables.len());
        for table in &self.state.tables {
            table.id.hash(state);
            self.hash_objects(state, &table.entities, |naming, entity, state| {
                naming.entities.code(entity).hash(state);
            });
            // Their names are their order.
            state.write_usize(table.subscriptions.len());
            for subscription in &table.subscriptions {
                (subscription.views, subscription.own_changes).hash(state);
            }
        }
    }

    fn hash_entity<H: Hasher>(&self, slot: EntitySlot, state: &mut H) {
        let entity = &self.state.entities[slot];
        (entity.info, entity.callback, entity.registered, entity.in_callback).hash(state);
        (entity.opaque_slot, entity.methods, entity.methods_blocked).hash(state);
        let value = |dest: DestSlot| (self.dests.code(dest), self.state.opaque_value(slot, dest));
        let mut values: Vec<_> = self.state.dests_with_values(slot).into_iter().map(value).collect();
        values.sort_unstable();
        values.hash(state);
        // The names of those that are queued are their order.
        state.write_usize(entity.queued.len());
        self.hash_objects(state, &self.state.routes_of(slot), |naming, route, state| {
            naming.routes.code(route).hash(state);
        });
        let mut held: Vec<_> = entity.ledger.lines().map(|line| self.line(line)).collect();
        held.sort_unstable();
        held.hash(state);
    }

    /// A line of a ledger with handles by their names: kind and name of the object, source, how many.
    fn line(&self, (handle, source, count): (AnyHandle, Source, u32)) -> [u32; 5] {
        let (kind, code) = self.code(handle);
        let (source, notify) = match source {
            Source::Handle => (0, None),
            Source::DestInfo => (1, None),
            Source::EntityInfo => (2, None),
            Source::ChangedDests(notify) => (3, self.registration(notify)),
        };
        [kind, code, source, notify.unwrap_or_default(), count]
    }

    fn hash_dest<H: Hasher>(&self, slot: DestSlot, state: &mut H) {
        let dest = &self.state.dests[slot];
        // The names of its routes are their order.
        (self.state.tables[dest.table()].id, dest.address, dest.last_changed()).hash(state);
    }

    fn hash_route<H: Hasher>(&self, slot: RouteSlot, state: &mut H) {
        let route = &self.state.routes[slot];
        (self.dests.code(route.dest), self.entities.code(route.owner)).hash(state);
        (&route.spec, route.state, route.timer, route.generation).hash(state);
        match self.state.profile.ties {
            // The ranking says it.
            Ties::Incumbent => {}
            Ties::OwnerId => self.elder_equals(slot).hash(state),
        }
    }

    /// How many routes were there before this one with which it may have to be compared by that: of one cost and one owner.
    /// Their neighbours may become one.
    fn elder_equals(&self, slot: RouteSlot) -> usize {
        let (routes, entities) = (&self.state.routes, &self.state.entities);
        let route = &routes[slot];
        if route.state != RouteState::Created {
            return 0;
        }
        let equal = |slot: RouteSlot| {
            let Route { owner, spec, .. } = &routes[slot];
            (entities[*owner].info.id, spec.preference, spec.metric)
        };
        let others = self.state.ranking(route.dest);
        others.filter(|other| equal(*other) == equal(slot) && routes[*other].rank < route.rank).count()
    }

    fn hash_next_hops<H: Hasher>(&self, state: &mut H) {
        self.hash_objects(state, &self.next_hops.slots, |naming, slot, state| {
            let next_hop = &naming.state.next_hops[slot];
            (naming.entities.code(next_hop.owner), next_hop.state, next_hop.spec).hash(state);
        });
    }

    fn hash_registrations<H: Hasher>(&self, state: &mut H) {
        self.hash_objects(state, &self.registrations.slots, |naming, slot, state| {
            let registration = &naming.state.registrations[slot];
            let announced = registration.announced.map(|callback| naming.callbacks.code(callback));
            (naming.entities.code(registration.owner), registration.views, registration.flags).hash(state);
            (registration.context, announced).hash(state);
            let code = |dest: DestSlot| naming.dests.code(dest);
            let pending: Vec<u32> = registration.pending.iter().map(code).collect();
            let mut marks: Vec<u32> = registration.marks.iter().copied().map(code).collect();
            marks.sort_unstable();
            (pending, marks).hash(state);
        });
    }

    fn hash_callbacks<H: Hasher>(&self, state: &mut H) {
        self.hash_objects(state, &self.callbacks.slots, |naming, slot, state| {
            let callback = &naming.state.callbacks[slot];
            (naming.entities.code(callback.to), callback.running).hash(state);
            match callback.due {
                Due::EntityRegistered(about) => (0_u8, naming.entities.code(about)).hash(state),
                Due::EntityDeregistered(about) => (1_u8, naming.entities.code(about)).hash(state),
                Due::RouteExpired(route, generation) => (2_u8, route, generation).hash(state),
                Due::ChangeNotification(notify) => {
                    // While it runs its registration may end, and nothing goes by it any more.
                    let notify = (!callback.running).then(|| naming.registrations.code(notify));
                    (3_u8, notify).hash(state);
                }
            }
        });
    }

    /// In the order of the names of their destinations.
    fn hash_holds<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.state.holds.len());
        let holds = self.dests.slots.iter().filter_map(|dest| Some((dest, self.state.holds.get(dest)?)));
        for (dest, hold) in holds {
            (self.dests.code(*dest), hold.armed, hold.time_ms, hold.timer).hash(state);
            let held: Vec<_> =
                hold.held.iter().map(|(view, route)| (*view, self.routes.code(*route))).collect();
            held.hash(state);
        }
    }

    fn hash_lists<H: Hasher>(&self, state: &mut H) {
        self.hash_objects(state, &self.route_lists.slots, |naming, slot, state| {
            let list = &naming.state.route_lists[slot];
            naming.entities.code(list.owner).hash(state);
            let routes: Vec<u32> = list.routes.values().map(|route| naming.routes.code(*route)).collect();
            routes.hash(state);
        });
        self.hash_objects(state, &self.enumerations.slots, |naming, slot, state| {
            naming.hash_enumeration(&naming.state.enumerations[slot], state);
        });
    }

    /// Hashes an enumeration; handles in it go through the hasher of this naming.
    pub(crate) fn hash_enumeration<H: Hasher>(&self, enumeration: &Enumeration, state: &mut H) {
        self.entities.code(enumeration.owner).hash(state);
        match &enumeration.over {
            Over::Dests(DestReading { stretch, views, whose, protocol }) => {
                (0_u8, stretch, views, whose, protocol).hash(state);
            }
            Over::Routes(RouteReading { place, views, whose, sought, rest }) => {
                (1_u8, views, whose, sought).hash(state);
                match place {
                    RoutePlace::Dest(dest, entered) => (0_u8, self.dests.code(*dest), entered).hash(state),
                    RoutePlace::Stretch(stretch) => (1_u8, stretch).hash(state),
                }
                // What was deleted meanwhile is skipped.
                let alive = rest.iter().filter_map(|route| self.state.routes.slot(*route));
                let alive = alive.filter(|slot| self.state.is_given(*slot, *views));
                alive.map(|slot| self.routes.code(slot)).collect::<Vec<u32>>().hash(state);
            }
            Over::NextHops { next, within } => (2_u8, next, within).hash(state),
            Over::RouteList { list, last } => {
                // Of the places only the order counts, and of a list that is gone there is nothing.
                let known = self.state.route_lists.get(*list);
                let returned = known.map(|known| known.routes.range(..=*last).count());
                (3_u8, list, returned).hash(state);
            }
        }
    }

    fn hash_locks<H: Hasher>(&self, state: &mut H) {
        let Self { dests, entities, .. } = self;
        let mut locks: Vec<_> = self.state.locks.iter().map(|lock| self.lock(*lock)).collect();
        locks.sort_unstable();
        locks.hash(state);
        self.hash_objects(state, &self.tickets.slots, |naming, slot, state| {
            let waiter = &naming.state.waiters[slot];
            (entities.code(waiter.caller), waiter.frame, &waiter.call, waiter.access).hash(state);
            (naming.lockable(waiter.on), waiter.ready, &waiter.invocation).hash(state);
        });
        // Of one destination in its order, the destinations in any.
        let mut waiting: Vec<(u32, Waiting)> =
            self.state.waiting.iter().map(|(dest, waiting)| (dests.code(*dest), *waiting)).collect();
        waiting.sort_by_key(|(dest, _)| *dest);
        waiting.hash(state);
    }

    /// A lock with objects by their names: what is locked, by which route, by whom, whether exclusively.
    fn lock(&self, lock: Lock) -> [u32; 5] {
        let Lock { on, route, holder, mode } = lock;
        let [kind, code] = self.lockable(on);
        let route = route.map(|route| self.routes.code(route)).unwrap_or_default();
        [kind, code, route, self.entities.code(holder), mode as u32]
    }

    /// The kind and the name of what can be locked.
    fn lockable(&self, on: Lockable) -> [u32; 2] {
        match on {
            Lockable::Dest(dest) => [0, self.dests.code(dest)],
            Lockable::NextHop(next_hop) => [1, self.next_hops.code(next_hop)],
            Lockable::Methods(entity) => [2, self.entities.code(entity)],
        }
    }
}
