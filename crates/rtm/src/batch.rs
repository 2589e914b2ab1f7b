//! Many answers at once, without references: look-ups of many addresses, and the best routes of a whole table.
//!
//! ```text
//!   one after the other   node ··wait·· list ··wait·· destination ··wait··   node ··wait·· list ··wait·· …
//!   many at once          node node node … ··wait··   list list list … ··wait··   dest dest dest … ··wait··
//! ```
//!
//! In a large table a look-up mostly waits for memory, and the next address cannot be begun before the processor has seen the
//! answer of this one. Several that are brought forward together wait together.

use crate::address::NetAddress;
use crate::flags::ViewId;
use crate::handle::{DestHandle, DestSlot, RouteHandle};
use crate::info::TableId;
use crate::manager::{Manager, State};
use core::ops::Bound;

/// So many are worked on together: enough that their waits overlap, and few enough to stand in registers and the nearest cache.
const AT_ONCE: usize = 16;

/// A destination that has a route in a view, and the best of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BestHandle {
    /// The destination.
    pub dest: DestHandle,
    /// Its prefix.
    pub address: NetAddress,
    /// The best of its routes in the view.
    pub route: RouteHandle,
}

impl Manager {
    /// Returns the destination of each prefix, as [`dest`](Self::dest) does; `None` where the table has none.
    ///
    /// In a large table this takes a fraction of the time of as many single look-ups. No reference is counted.
    pub fn dests(
        &self,
        table: TableId,
        addresses: &[NetAddress],
    ) -> impl Iterator<Item = Option<DestHandle>> {
        addresses.chunks(AT_ONCE).flat_map(move |addresses| {
            let mut slots = [None; AT_ONCE];
            for (slot, address) in slots.iter_mut().zip(addresses) {
                let index = self.state.index_for(table, *address);
                *slot = index.and_then(|index| index.find(*address, &self.state.dests));
            }
            let found = slots.map(|slot| Some(self.state.dests.handle(slot?)));
            found.into_iter().take(addresses.len())
        })
    }

    /// Returns for each address the best route in a view of the longest prefix that covers it and has one, as
    /// [`longest_match`](Self::longest_match) does.
    ///
    /// In a large table this takes a fraction of the time of as many single look-ups. No reference is counted.
    pub fn longest_matches(
        &self,
        table: TableId,
        addresses: &[NetAddress],
        view: ViewId,
    ) -> impl Iterator<Item = Option<RouteHandle>> {
        addresses.chunks(AT_ONCE).flat_map(move |addresses| {
            let mut slots = [None; AT_ONCE];
            for (slot, address) in slots.iter_mut().zip(addresses) {
                *slot = self.state.index_for(table, *address).and_then(|index| index.nearest(*address));
            }
            let mut routes = slots.map(|slot| self.state.best_handle(slot?, view));
            for (route, address) in routes.iter_mut().zip(addresses) {
                // Few need more than one look.
                *route = route.or_else(|| self.longest_match(table, *address, view));
            }
            routes.into_iter().take(addresses.len())
        })
    }

    /// Returns the destinations of a table that have a route in a view, each with the best of them, in the order of addresses.
    ///
    /// Begins at a prefix, or behind it, whether the table has it or not: so whoever has read some of them goes on later.
    /// Prefixes are ordered as [`NetAddress`] is: by bits, then the shorter ones first. Copies nothing, and counts no references:
    /// a destination or a route that has been read may be gone after the next input.
    pub fn best_handles(
        &self,
        table: TableId,
        view: ViewId,
        from: Bound<NetAddress>,
    ) -> impl Iterator<Item = BestHandle> {
        let mut dests = self.state.dests_in_order(table, from);
        let (mut batch, mut next) = ([None; AT_ONCE], AT_ONCE);
        core::iter::from_fn(move || {
            loop {
                while let Some(best) = batch.get(next) {
                    next += 1;
                    if best.is_some() {
                        return *best;
                    }
                }
                let slots = [(); AT_ONCE].map(|()| dests.as_mut()?.next());
                slots[0]?;
                for (best, slot) in batch.iter_mut().zip(slots) {
                    *best = slot.and_then(|slot| self.state.best_of(slot, view));
                }
                next = 0;
            }
        })
    }
}

impl State {
    fn best_of(&self, slot: DestSlot, view: ViewId) -> Option<BestHandle> {
        let route = self.best_handle(slot, view)?;
        Some(BestHandle { dest: self.dests.handle(slot), address: self.dests[slot].address, route })
    }
}
