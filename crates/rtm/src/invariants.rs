//! The invariants of Appendix A, checked from scratch.

use crate::expiry::Timer;
use crate::flags::{NotifyFlags, ViewSet};
use crate::handle::{AnyHandle, DestSlot, RouteSlot};
use crate::hold::HoldTimer;
use crate::info::{NextHopState, RouteState};
use crate::lock::Lockable;
use crate::manager::{Facts, Manager, State};
use crate::notify::Due;
use crate::pending::Members;
use crate::references::next_hops_in;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Bound;

/// Counts what each object should count.
type Counts = BTreeMap<AnyHandle, u32>;

impl Manager {
    /// Checks that the manager's state is sound: I1 to I9 of Appendix A, and every reference count.
    ///
    /// Costs time in proportion to everything there is; for tests and debugging.
    ///
    /// # Panics
    /// If an invariant is broken, naming it: that is a bug of this crate.
    pub fn check_invariants(&self) {
        let state = &self.state;
        let live = state.live_routes();
        for (slot, _) in state.dests.iter() {
            state.check_ranking(slot, live.get(&slot).map_or(&[], Vec::as_slice));
        }
        state.check_index();
        state.check_callbacks();
        state.check_timers();
        state.check_registrations();
        state.check_waits();
        if self.facts == Facts::Told && !self.waits_changed {
            assert_eq!(self.tangle, state.tangle(), "who waits for whom does not change unnoticed");
        }
        state.check_methods();
        state.check_holds();
        state.check_opaque_slots();
        state.check_lists();
        state.check_counts();
    }
}

impl State {
    /// Returns the routes that are in the table, by destination.
    fn live_routes(&self) -> BTreeMap<DestSlot, Vec<RouteSlot>> {
        let mut live: BTreeMap<DestSlot, Vec<RouteSlot>> = BTreeMap::new();
        for (slot, route) in self.routes.iter().filter(|(_, route)| route.state == RouteState::Created) {
            live.entry(route.dest).or_default().push(slot);
        }
        live
    }

    /// I1, I2, I3: the ranking holds all live routes in order, so what is read off it is right.
    fn check_ranking(&self, dest: DestSlot, live: &[RouteSlot]) {
        let ranking: Vec<_> = self.ranking(dest).collect();
        for pair in ranking.windows(2) {
            assert!(
                self.rank_key(pair[0]) < self.rank_key(pair[1]),
                "I1: the routes of {} are in order of rank",
                self.dests[dest].address
            );
        }
        let mut sorted = ranking.clone();
        sorted.sort_unstable();
        assert_eq!(
            sorted, live,
            "I1: the ranking holds each live route of the destination once, and no other"
        );
        let views_of = |slot: &RouteSlot| self.routes[*slot].spec.views;
        let first = ranking.first().map(|slot| (self.routes.handle(*slot), views_of(slot)));
        let known = (self.dests[dest].first_route, self.dests[dest].views_of_first);
        let first = (first.map(|(route, _)| route), first.map_or(ViewSet::NONE, |(_, views)| views));
        assert_eq!(known, first, "I1: a destination knows its first route and the views of it");
        let views = live.iter().map(views_of).fold(ViewSet::NONE, ViewSet::union);
        let info = self.dest_info(dest, None, self.profile.views_supported);
        assert_eq!(info.belongs_to_views, views, "I2: a destination is in the views of its live routes");
        for entry in &info.views {
            let in_view = || live.iter().copied().filter(|slot| views_of(slot).contains(entry.view.set()));
            let count = in_view().count();
            assert_eq!(entry.routes as usize, count, "I3: NumRoutes counts the routes of the view");
            let best = in_view().min_by_key(|slot| self.rank_key(*slot));
            let best = best.map(|slot| self.routes.handle(slot));
            assert_eq!(entry.route, best, "I1: the best route is the minimum of the view");
        }
    }

    fn check_index(&self) {
        for (place, table) in self.tables.iter().enumerate() {
            let dests = || self.dests.iter().filter(|(_, dest)| dest.table() == place);
            assert_eq!(table.index.len(), dests().count(), "the index holds each destination once");
            for (slot, dest) in dests() {
                let found = table.index.find(dest.address, &self.dests);
                assert_eq!(found, Some(slot), "the index finds {}", dest.address);
            }
            let in_order: Vec<_> = table.index.in_order(Bound::Unbounded, &self.dests).collect();
            let mut sorted: Vec<_> = dests().map(|(slot, _)| slot).collect();
            sorted.sort_by_key(|slot| self.dests[*slot].address);
            assert_eq!(in_order, sorted, "the index has all destinations in the order of addresses");
        }
    }

    fn check_callbacks(&self) {
        for (slot, callback) in self.callbacks.iter() {
            let client = &self.entities[callback.to];
            let queued = client.queued.iter().filter(|queued| **queued == slot).count();
            assert_eq!(queued, usize::from(!callback.running), "a callback is queued until it runs");
            assert!(client.in_callback || !callback.running, "a client is in the callback that runs");
            assert!(
                client.registered || callback.running,
                "I8: nothing is queued for a client that has gone"
            );
        }
        for (slot, registration) in self.registrations.iter() {
            let due = self
                .callbacks
                .iter()
                .filter(|(_, callback)| !callback.running && callback.due == Due::ChangeNotification(slot));
            let due: Vec<_> = due.map(|(callback, _)| callback).collect();
            let announced: Vec<_> = registration.announced.into_iter().collect();
            assert_eq!(announced, due, "I6: what is announced is queued exactly once");
        }
    }

    fn check_timers(&self) {
        for (_, route) in self.routes.iter() {
            let deleted = route.state != RouteState::Created;
            assert!(!deleted || route.timer == Timer::Idle, "I9: a deleted route has no timer");
        }
    }

    /// I7: a held route is deleted, and so in no ranking; each is held somewhere.
    fn check_holds(&self) {
        for (dest, hold) in &self.holds {
            let address = self.dests[*dest].address;
            assert!(self.profile.views_supported.contains(hold.armed), "a view that is armed is supported");
            assert!(hold.time_ms > 0, "{address} was armed for some time");
            assert!(!hold.armed.is_empty() || !hold.held.is_empty(), "{address} is armed or held");
            let idle = hold.timer == HoldTimer::Idle;
            assert_eq!(idle, hold.held.is_empty(), "I9: {address} has a timer while it is held");
            assert!(
                hold.timer != HoldTimer::Due || self.is_locked(*dest),
                "the end of a hold waits for nothing but an unlock"
            );
            for (view, route) in &hold.held {
                let held = &self.routes[*route];
                assert_eq!(held.dest, *dest, "a held route is of its destination");
                assert!(held.spec.views.contains(view.set()), "a route is held where it was");
                assert_eq!(held.state, RouteState::Deleting, "I7: a held route is in no ranking");
            }
        }
        for (slot, route) in self.routes.iter() {
            let held = !self.views_held_in(route.dest, slot).is_empty();
            assert_eq!(route.state == RouteState::Deleting, held, "I7: a route is being deleted while held");
        }
    }

    fn check_opaque_slots(&self) {
        for table in &self.tables {
            let reserved = table.entities.iter().filter(|client| self.has_opaque_slot(**client)).count();
            assert!(reserved <= self.profile.opaque_slots as usize, "D-76: opaque slots are limited");
        }
        for (client, dest) in self.opaque.keys() {
            let entity = &self.entities[*client];
            assert!(entity.registered && self.has_opaque_slot(*client), "a slot goes with its client");
            assert_eq!(self.dests[*dest].table(), entity.table, "a slot is in the client's table");
        }
    }

    fn check_registrations(&self) {
        let mut pending: BTreeMap<DestSlot, u32> = BTreeMap::new();
        for (slot, registration) in self.registrations.iter() {
            let owner = &self.entities[registration.owner];
            assert!(owner.registered, "a registration ends with its client");
            let table = &self.tables[owner.table];
            let subscribed = table.subscriptions.iter().filter(|other| other.notify == slot).count();
            assert_eq!(subscribed, 1, "a registration is in its table's list");
            let types = registration.flags.without(NotifyFlags::ONLY_MARKED_DESTS);
            assert!(!types.is_empty(), "I5: a registration asks for some class of change");
            assert_eq!(
                registration.pending.iter().count(),
                registration.pending.len(),
                "I5: pending is counted"
            );
            for dest in registration.pending.iter() {
                assert!(self.is_pending(slot, dest), "I5: a destination knows for whom it is pending");
                *pending.entry(dest).or_default() += 1;
                assert_eq!(
                    self.dests[dest].table(),
                    owner.table,
                    "I5: what is pending is of the client's table"
                );
            }
        }
        assert_eq!(self.pending_at.len(), pending.len(), "I5: only what is in a queue is pending");
        for (dest, count) in pending {
            let members = self.pending_at.get(&dest).map(Members::len);
            assert_eq!(members, Some(count), "I5: a destination is pending for no others");
        }
    }

    fn check_waits(&self) {
        for lock in &self.locks {
            assert!(self.entities[lock.holder].registered, "locks end with their client");
        }
        assert_eq!(self.line.len(), self.waiters.alive(), "each call that waits stands in line once");
        for (place, slot) in self.line.iter().enumerate() {
            let excluded = self.is_excluded(place);
            assert_eq!(
                self.waiters[*slot].ready, !excluded,
                "a call is ready as soon as nothing excludes it"
            );
        }
    }

    fn check_lists(&self) {
        for (slot, list) in self.route_lists.iter() {
            assert!(self.entities[list.owner].registered, "a list ends with its client");
            for (place, route) in &list.routes {
                let known = &self.routes[*route];
                assert_eq!(
                    self.listed.get(route),
                    Some(&(slot, *place)),
                    "I4: a route is in one list at most, at one place"
                );
                assert_eq!(known.owner, list.owner, "I4: a list is of its owner's routes");
            }
        }
        let in_lists: usize = self.route_lists.iter().map(|(_, list)| list.routes.len()).sum();
        assert_eq!(self.listed.len(), in_lists, "I4: a route says that it is in a list only if it is");
        for (slot, route) in self.routes.iter().filter(|(slot, _)| self.listed.get(slot).is_some()) {
            assert_eq!(route.state, RouteState::Created, "I4: a deleted route is in no list: {slot:?}");
        }
        for (_, enumeration) in self.enumerations.iter() {
            assert!(self.entities[enumeration.owner].registered, "an enumeration ends with its client");
        }
    }

    fn check_counts(&self) {
        let mut counts = Counts::new();
        self.count_entities(&mut counts);
        self.count_routes_and_next_hops(&mut counts);
        self.count_locked(&mut counts);
        let mut count_dest =
            |dest: DestSlot| *counts.entry(AnyHandle::Dest(self.dests.handle(dest))).or_insert(0) += 1;
        for (_, registration) in self.registrations.iter() {
            registration.pending.iter().for_each(&mut count_dest);
            registration.marks.iter().copied().for_each(&mut count_dest);
        }
        self.opaque.keys().for_each(|(_, dest)| count_dest(*dest));
        self.enumerations.iter().filter_map(|(_, known)| known.kept_dest()).for_each(&mut count_dest);
        let entities = self
            .entities
            .iter()
            .map(|(slot, entity)| (AnyHandle::Entity(self.entities.handle(slot)), entity.references));
        let dests =
            self.dests.iter().map(|(slot, dest)| (AnyHandle::Dest(self.dests.handle(slot)), dest.references));
        let routes = self
            .routes
            .iter()
            .map(|(slot, route)| (AnyHandle::Route(self.routes.handle(slot)), route.references));
        let next_hops = self
            .next_hops
            .iter()
            .map(|(slot, next_hop)| (AnyHandle::NextHop(self.next_hops.handle(slot)), next_hop.references));
        for (handle, references) in entities.chain(dests).chain(routes).chain(next_hops) {
            let counted = counts.remove(&handle).unwrap_or(0);
            assert!(references > 0, "{handle} is freed with its last reference");
            assert_eq!(references, counted, "{handle} counts every reference to it");
        }
        assert!(counts.is_empty(), "nothing refers to what is freed: {counts:?}");
    }

    fn count_locked(&self, counts: &mut Counts) {
        let waited_for = self.line.iter().map(|slot| self.waiters[*slot].on);
        for on in self.locks.iter().map(|lock| lock.on).chain(waited_for) {
            let handle = match on {
                Lockable::Dest(dest) => AnyHandle::Dest(self.dests.handle(dest)),
                Lockable::NextHop(next_hop) => AnyHandle::NextHop(self.next_hops.handle(next_hop)),
                Lockable::Methods(entity) => AnyHandle::Entity(self.entities.handle(entity)),
            };
            *counts.entry(handle).or_insert(0) += 1;
        }
        for (_, waiter) in self.waiters.iter() {
            *counts.entry(AnyHandle::Entity(self.entities.handle(waiter.caller))).or_insert(0) += 1;
        }
    }

    fn count_entities(&self, counts: &mut Counts) {
        let mut count = |handle, by: u32| *counts.entry(handle).or_insert(0) += by;
        for (slot, entity) in self.entities.iter() {
            // The registration itself; who is orphaned keeps it for a ledger that is not empty (D-71).
            let kept = entity.registered || entity.ledger.count() > 0;
            count(AnyHandle::Entity(self.entities.handle(slot)), u32::from(kept));
            for (handle, held) in entity.ledger.totals() {
                count(handle, held);
            }
        }
        for (_, callback) in self.callbacks.iter() {
            count(AnyHandle::Entity(self.entities.handle(callback.to)), 1);
            match callback.due {
                Due::EntityRegistered(about) | Due::EntityDeregistered(about) => {
                    count(AnyHandle::Entity(self.entities.handle(about)), 1);
                }
                Due::RouteExpired(..) | Due::ChangeNotification(_) => {}
            }
        }
    }

    fn count_routes_and_next_hops(&self, counts: &mut Counts) {
        let mut count = |handle, by: u32| *counts.entry(handle).or_insert(0) += by;
        for (slot, route) in self.routes.iter() {
            let in_table = route.state == RouteState::Created;
            let held = self.views_held_in(route.dest, slot).count();
            count(AnyHandle::Route(self.routes.handle(slot)), u32::from(in_table) + held);
            count(AnyHandle::Dest(self.dests.handle(route.dest)), 1);
            count(AnyHandle::Entity(self.entities.handle(route.owner)), 1);
            for next_hop in next_hops_in(&route.spec) {
                count(AnyHandle::NextHop(next_hop), 1);
            }
            let listed = self.routes_of(route.owner).contains(&slot);
            assert_eq!(listed, in_table, "a route in the table is in its owner's list");
        }
        for (slot, next_hop) in self.next_hops.iter() {
            let listed = next_hop.state == NextHopState::Created;
            count(AnyHandle::NextHop(self.next_hops.handle(slot)), u32::from(listed));
            count(AnyHandle::Entity(self.entities.handle(next_hop.owner)), 1);
            if let Some(remote) = next_hop.spec.remote {
                count(AnyHandle::Dest(remote), 1);
            }
            let identity = (next_hop.spec.address, next_hop.spec.interface);
            let found = self.entities[next_hop.owner].next_hops.get(&identity) == Some(&slot);
            assert_eq!(found, listed, "a created next hop is in its owner's list");
        }
    }
}
