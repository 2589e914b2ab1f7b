//! Names for what is alive that do not depend on the order in which it was made.
//!
//! A handle is a place and a generation: two managers that have come to the same by different orders have given other
//! ones to the same objects. A naming numbers the objects anew, by what they are. Which numbers they get is free, as long
//! as everything else is hashed by them: a number that depends on the order keeps alike managers apart, and never
//! takes different ones for one. So objects that cannot be told apart by what they are (deleted ones that only handles
//! remember, of one identity) are numbered by their places.

use crate::handle::{
    AnyHandle, CallbackId, CallbackSlot, DestHandle, EntityHandle, EntitySlot, EnumHandle, Handle,
    NextHopHandle, NotifyHandle, RouteHandle, RouteListHandle, Slab, Ticket,
};
use crate::info::RouteState;
use crate::manager::{Manager, State};
use crate::references::Source;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::hash::Hasher;
use core::num::NonZeroU32;

/// The names of the living objects of a manager: by what they are, whatever their handles are.
///
/// [`hasher`](Self::hasher) hashes handles by these names: whoever holds handles hashes them through it. That of a manager
/// is valid until the manager is fed again.
#[derive(Clone, Debug)]
pub struct Naming<'m> {
    pub(crate) state: &'m State,
    pub(crate) entities: Codes<EntityHandle>,
    pub(crate) dests: Codes<DestHandle>,
    pub(crate) next_hops: Codes<NextHopHandle>,
    pub(crate) routes: Codes<RouteHandle>,
    pub(crate) registrations: Codes<NotifyHandle>,
    pub(crate) callbacks: Codes<CallbackId>,
    pub(crate) tickets: Codes<Ticket>,
    pub(crate) route_lists: Codes<RouteListHandle>,
    pub(crate) enumerations: Codes<EnumHandle>,
    /// Registrations that are gone, but of which a client still holds what it was handed: it releases that by their handles.
    owed: BTreeMap<NotifyHandle, u32>,
}

/// Numbers the living objects of one kind, from 1.
#[derive(Clone, Debug)]
pub(crate) struct Codes<H: Handle> {
    /// By code; the first has code 1.
    pub(crate) slots: Vec<H::Slot>,
    /// By place.
    codes: Vec<u32>,
}

/// A handle whose object is gone, of a kind by which a host may still know something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// An entity.
    Entity(EntityHandle),
    /// A registration for change notification.
    Notify(NotifyHandle),
}

/// What a host still knows of objects that are gone from the manager. The manager knows nothing of them: to it their handles
/// are all one.
pub trait Remember {
    /// Hashes what is known of the object.
    fn hash_gone<H: Hasher>(&self, gone: Gone, state: &mut H);
}

/// Knows nothing.
impl Remember for () {
    fn hash_gone<H: Hasher>(&self, _gone: Gone, _state: &mut H) {}
}

/// A hasher that hands everything on to another one, but handles by their names.
#[derive(Debug)]
pub struct NamingHasher<'a, H, R = ()> {
    naming: &'a Naming<'a>,
    state: &'a mut H,
    host: &'a R,
}

impl Manager {
    /// Names what is alive now. Costs time in proportion to everything there is.
    #[must_use]
    pub fn naming(&self) -> Naming<'_> {
        Naming::of(&self.state)
    }
}

impl<'m> Naming<'m> {
    fn of(state: &'m State) -> Self {
        let entities = Codes::of(state.entities_by_identity());
        let dests = Codes::of(sorted(&state.dests, |dest| (state.tables[dest.table()].id, dest.address)));
        let next_hops = Codes::of(sorted(&state.next_hops, |hop| {
            (entities.code(hop.owner), hop.spec.address, hop.spec.interface, hop.state as u16)
        }));
        let mut routes: Vec<_> = dests.slots.iter().flat_map(|dest| state.ranking(*dest)).collect();
        let deleted = sorted(&state.routes, |route| {
            let spec = &route.spec;
            let neighbour =
                spec.neighbour.and_then(|neighbour| next_hops.code_of(neighbour, &state.next_hops));
            let identity = (dests.code(route.dest), entities.code(route.owner), neighbour);
            (identity, spec.preference, spec.metric)
        });
        let deleted = deleted.into_iter().filter(|slot| state.routes[*slot].state != RouteState::Created);
        let mut deleted: Vec<_> = deleted.collect();
        // Those that are held in some view, by the views, before those that only handles remember.
        deleted.sort_by_key(|slot| Reverse(state.views_held_in(state.routes[*slot].dest, *slot).bits()));
        routes.extend(deleted);
        let subscriptions = state.tables.iter().flat_map(|table| table.subscriptions.iter());
        let registrations = Codes::of(subscriptions.map(|subscription| subscription.notify).collect());
        let callbacks = Codes::of(state.callbacks_by_turn(&entities.slots));
        let tickets = Codes::of(state.line.clone());
        let routes = Codes::of(routes);
        // A client's own calls give their order, whatever others do.
        let route_lists =
            Codes::of(sorted(&state.route_lists, |list| (entities.code(list.owner), list.created)));
        let enumerations =
            Codes::of(sorted(&state.enumerations, |known| (entities.code(known.owner), known.created)));
        let owed = BTreeMap::new();
        let mut naming = Self {
            state,
            entities,
            dests,
            next_hops,
            routes,
            registrations,
            callbacks,
            tickets,
            route_lists,
            enumerations,
            owed,
        };
        naming.owed = naming.registrations_owed();
        naming
    }

    /// The registrations that are gone and that a ledger still names, by client, then by what is held of them.
    fn registrations_owed(&self) -> BTreeMap<NotifyHandle, u32> {
        let mut owed = Vec::new();
        for entity in &self.entities.slots {
            let mut of_client: BTreeMap<NotifyHandle, Vec<(u32, u32, u32)>> = BTreeMap::new();
            for (handle, source, count) in self.state.entities[*entity].ledger.lines() {
                let (kind, code) = self.code(handle);
                match source {
                    Source::ChangedDests(notify) if self.state.registrations.slot(notify).is_none() => {
                        of_client.entry(notify).or_default().push((kind, code, count));
                    }
                    Source::Handle | Source::DestInfo | Source::EntityInfo | Source::ChangedDests(_) => {}
                }
            }
            for held in of_client.values_mut() {
                held.sort_unstable();
            }
            let mut of_client: Vec<_> = of_client.into_iter().collect();
            of_client.sort_by(|(_, one), (_, other)| one.cmp(other));
            owed.extend(of_client.into_iter().map(|(notify, _)| notify));
        }
        let first = u32::try_from(self.registrations.slots.len()).unwrap_or(u32::MAX).saturating_add(1);
        owed.into_iter().zip(first..).collect()
    }

    /// Returns a kind of objects and a code among them, for what a ledger names: that is alive.
    pub(crate) fn code(&self, handle: AnyHandle) -> (u32, u32) {
        let state = self.state;
        let (kind, code) = match handle {
            AnyHandle::Entity(handle) => (0, self.entities.code_of(handle, &state.entities)),
            AnyHandle::Dest(handle) => (1, self.dests.code_of(handle, &state.dests)),
            AnyHandle::Route(handle) => (2, self.routes.code_of(handle, &state.routes)),
            AnyHandle::NextHop(handle) => (3, self.next_hops.code_of(handle, &state.next_hops)),
        };
        (kind, code.unwrap_or_default())
    }

    /// Returns the code of a registration that is alive, or of which something is held.
    pub(crate) fn registration(&self, notify: NotifyHandle) -> Option<u32> {
        let alive = self.registrations.code_of(notify, &self.state.registrations);
        alive.or_else(|| self.owed.get(&notify).copied())
    }

    /// Returns a hasher that hands on to `state`, but handles by their names; those of what is gone all alike, and with what
    /// the host remembers.
    pub const fn hasher<'a, H, R>(&'a self, state: &'a mut H, host: &'a R) -> NamingHasher<'a, H, R> {
        NamingHasher { naming: self, state, host }
    }

    /// Returns the entities, registered or gone and still referred to, in the order of their names.
    pub fn entities(&self) -> impl Iterator<Item = EntityHandle> {
        self.entities.slots.iter().map(|slot| self.state.entities.handle(*slot))
    }

    /// Returns the destinations, in the order of their names.
    pub fn dests(&self) -> impl Iterator<Item = DestHandle> {
        self.dests.slots.iter().map(|slot| self.state.dests.handle(*slot))
    }

    /// Returns the next hops, listed or deleted and still referred to, in the order of their names.
    pub fn next_hops(&self) -> impl Iterator<Item = NextHopHandle> {
        self.next_hops.slots.iter().map(|slot| self.state.next_hops.handle(*slot))
    }

    /// Returns the routes, in the table or deleted and still referred to, in the order of their names.
    pub fn routes(&self) -> impl Iterator<Item = RouteHandle> {
        self.routes.slots.iter().map(|slot| self.state.routes.handle(*slot))
    }

    /// Returns the registrations for change notification, in the order of their names.
    pub fn registrations(&self) -> impl Iterator<Item = NotifyHandle> {
        self.registrations.slots.iter().map(|slot| self.state.registrations.handle(*slot))
    }

    /// Returns the tickets of the calls that wait, in the order of their names.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket> {
        self.tickets.slots.iter().map(|slot| self.state.waiters.handle(*slot))
    }

    /// Returns the callbacks, delivered or running, in the order of their names.
    pub fn callbacks(&self) -> impl Iterator<Item = CallbackId> {
        self.callbacks.slots.iter().map(|slot| self.state.callbacks.handle(*slot))
    }

    /// Returns the route lists, in the order of their names.
    pub fn route_lists(&self) -> impl Iterator<Item = RouteListHandle> {
        self.route_lists.slots.iter().map(|slot| self.state.route_lists.handle(*slot))
    }

    /// Returns the enumerations, in the order of their names.
    pub fn enumerations(&self) -> impl Iterator<Item = EnumHandle> {
        self.enumerations.slots.iter().map(|slot| self.state.enumerations.handle(*slot))
    }
}

impl State {
    /// The entities by table and id, those that are registered before those that are gone.
    fn entities_by_identity(&self) -> Vec<EntitySlot> {
        sorted(&self.entities, |entity| (entity.info, !entity.registered))
    }

    /// The callbacks by client, first the one that runs, then as they are queued.
    fn callbacks_by_turn(&self, clients: &[EntitySlot]) -> Vec<CallbackSlot> {
        let running = self.callbacks.iter().filter(|(_, callback)| callback.running);
        let running: BTreeMap<EntitySlot, CallbackSlot> =
            running.map(|(slot, callback)| (callback.to, slot)).collect();
        let of = |client: &EntitySlot| {
            running.get(client).copied().into_iter().chain(self.entities[*client].queued.iter().copied())
        };
        clients.iter().flat_map(of).collect()
    }
}

/// The living objects by a key; those of equal keys by their places.
fn sorted<H: Handle, T, K: Ord>(slab: &Slab<H, T>, key: impl Fn(&T) -> K) -> Vec<H::Slot> {
    let mut slots: Vec<_> = slab.iter().map(|(slot, value)| (key(value), slot)).collect();
    slots.sort_by(|(one, _), (other, _)| one.cmp(other));
    slots.into_iter().map(|(_, slot)| slot).collect()
}

impl<H: Handle> Codes<H> {
    fn of(slots: Vec<H::Slot>) -> Self {
        let place = |slot: &H::Slot| H::place_of(*slot).get() as usize;
        let mut codes = alloc::vec![0; slots.iter().map(|slot| place(slot) + 1).max().unwrap_or_default()];
        for (slot, code) in slots.iter().zip(1..) {
            codes[place(slot)] = code;
        }
        Self { slots, codes }
    }

    /// Returns the code of an object that is alive.
    pub(crate) fn code(&self, slot: H::Slot) -> u32 {
        self.codes[H::place_of(slot).get() as usize]
    }

    /// Returns the code of an object, unless it is gone.
    fn code_of<T>(&self, handle: H, slab: &Slab<H, T>) -> Option<u32> {
        slab.slot(handle).map(|slot| self.code(slot))
    }
}

/// Reads a handle that was handed to a hasher.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the halves of a handle are its place and its generation"
)]
fn read<H: Handle>(tag: u64, bits: u64) -> Option<H> {
    let parts = (NonZeroU32::new(bits as u32)?, NonZeroU32::new((bits >> 32) as u32)?);
    (tag == H::TAG).then(|| H::from_parts(parts.0, parts.1))
}

impl<H: Hasher, R: Remember> NamingHasher<'_, H, R> {
    /// Hashes a handle by the name of its object; if that is gone, also by what the host remembers.
    fn write_handle(&mut self, code: Option<u32>, gone: Option<Gone>) {
        self.state.write_u32(code.unwrap_or_default());
        if let Some(gone) = gone {
            self.host.hash_gone(gone, self.state);
        }
    }
}

impl<H: Hasher, R: Remember> Hasher for NamingHasher<'_, H, R> {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    fn write_u128(&mut self, value: u128) {
        let (tag, bits) = ((value >> 64) as u64, value as u64);
        let Naming { state, entities, dests, next_hops, routes, callbacks, tickets, .. } = self.naming;
        if let Some(entity) = read::<EntityHandle>(tag, bits) {
            let gone = state.entities.slot(entity).is_none().then_some(Gone::Entity(entity));
            self.write_handle(entities.code_of(entity, &state.entities), gone);
        } else if let Some(dest) = read::<DestHandle>(tag, bits) {
            self.write_handle(dests.code_of(dest, &state.dests), None);
        } else if let Some(next_hop) = read::<NextHopHandle>(tag, bits) {
            self.write_handle(next_hops.code_of(next_hop, &state.next_hops), None);
        } else if let Some(route) = read::<RouteHandle>(tag, bits) {
            self.write_handle(routes.code_of(route, &state.routes), None);
        } else if let Some(notify) = read::<NotifyHandle>(tag, bits) {
            let gone = state.registrations.slot(notify).is_none().then_some(Gone::Notify(notify));
            self.write_handle(self.naming.registration(notify), gone);
        } else if let Some(callback) = read::<CallbackId>(tag, bits) {
            self.write_handle(callbacks.code_of(callback, &state.callbacks), None);
        } else if let Some(ticket) = read::<Ticket>(tag, bits) {
            self.write_handle(tickets.code_of(ticket, &state.waiters), None);
        } else if let Some(list) = read::<RouteListHandle>(tag, bits) {
            self.write_handle(self.naming.route_lists.code_of(list, &state.route_lists), None);
        } else if let Some(known) = read::<EnumHandle>(tag, bits) {
            self.write_handle(self.naming.enumerations.code_of(known, &state.enumerations), None);
        } else {
            self.state.write_u128(value);
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.state.write(bytes);
    }

    fn write_u8(&mut self, value: u8) {
        self.state.write_u8(value);
    }

    fn write_u16(&mut self, value: u16) {
        self.state.write_u16(value);
    }

    fn write_u32(&mut self, value: u32) {
        self.state.write_u32(value);
    }

    fn write_u64(&mut self, value: u64) {
        self.state.write_u64(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.state.write_usize(value);
    }

    fn finish(&self) -> u64 {
        self.state.finish()
    }
}
