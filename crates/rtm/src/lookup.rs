//! Destinations: finding them by prefix, exactly or by longest match, and copying them out (5.3).

use crate::address::NetAddress;
use crate::call::{ProtocolSelector, Reply};
use crate::flags::{RouteFlags, ViewId, ViewSet};
use crate::handle::{DestHandle, DestSlot, EntitySlot, RouteHandle, RouteSlot};
use crate::info::{DestInfo, RouteState, ViewInfo};
use crate::lock::Access;
use crate::manager::{State, Step};
use crate::references::Source;
use crate::status::{Refusal, Status};
use alloc::vec::Vec;

/// Is a destination: a prefix with its ranked routes.
///
/// What a look-up and a change of a route touch stands together: destinations do not begin where lines of memory do.
#[derive(Clone, Debug, PartialEq)]
#[repr(C)]
pub(crate) struct Dest {
    pub(crate) address: NetAddress,
    /// The head of the ranking, by its handle: so it can be handed out without a look at the routes.
    pub(crate) first_route: Option<RouteHandle>,
    /// The views that the head of the ranking is in.
    pub(crate) views_of_first: ViewSet,
    /// The views that it has routes in.
    pub(crate) views: ViewSet,
    /// The place of its table, and in the lowest bit whether it has several routes, whose ranking stands elsewhere.
    table_and_several: u32,
    /// When one of its routes changed last, in two halves: one of 64 bits would have to be rounded up to.
    last_changed: [u32; 2],
    /// Its routes in the table, held or referred to, marks, opaque values, pending changes, next hops
    /// behind it, handles (D-34).
    pub(crate) references: u32,
}

/// Tells how many routes a destination has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Routes {
    /// None or one.
    Few = 0,
    /// Two or more.
    Several = 1,
}

impl Dest {
    /// Makes a destination without routes.
    pub(crate) fn new(address: NetAddress, table: usize, now: u64) -> Self {
        let table = u32::try_from(table).ok().and_then(|table| table.checked_mul(2));
        let table_and_several = table.expect("there are as many tables as instances and families");
        let (views, views_of_first) = (ViewSet::NONE, ViewSet::NONE);
        let last_changed = halves(now);
        Self {
            address,
            table_and_several,
            last_changed,
            first_route: None,
            views_of_first,
            views,
            references: 0,
        }
    }

    /// Returns the place of its table.
    pub(crate) const fn table(&self) -> usize {
        (self.table_and_several >> 1) as usize
    }

    /// Tells whether it has several routes: whether there is a list of them.
    pub(crate) const fn has_several(&self) -> bool {
        self.table_and_several & 1 != 0
    }

    pub(crate) const fn note_routes(&mut self, routes: Routes) {
        self.table_and_several = self.table_and_several & !1 | routes as u32;
    }

    /// Returns when one of its routes changed last, or its hold ended.
    pub(crate) const fn last_changed(&self) -> u64 {
        (self.last_changed[0] as u64) << 32 | self.last_changed[1] as u64
    }

    pub(crate) const fn set_last_changed(&mut self, now: u64) {
        self.last_changed = halves(now);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "splits 64 bits into two, on purpose")]
const fn halves(bits: u64) -> [u32; 2] {
    [(bits >> 32) as u32, bits as u32]
}

impl Step<'_> {
    pub(crate) fn get_dest_info(
        &mut self,
        caller: EntitySlot,
        dest: DestHandle,
        protocol: ProtocolSelector,
        views: ViewSet,
    ) -> Result<Reply, Refusal> {
        let slot = self.state.visible_dest(caller, dest)?;
        self.answer_with_dest(caller, slot, protocol, views)
    }

    pub(crate) fn get_exact_match_destination(
        &mut self,
        caller: EntitySlot,
        address: NetAddress,
        protocol: ProtocolSelector,
        views: ViewSet,
    ) -> Result<Reply, Refusal> {
        let address = self.checked_address(caller, address)?;
        let asked = self.state.asked_views(views)?;
        let found = self.state.find_dest(caller, address);
        let found = found.filter(|slot| self.state.dest_is_in(*slot, asked)).ok_or(Status::NotFound)?;
        self.answer_with_dest(caller, found, protocol, views)
    }

    pub(crate) fn get_most_specific_destination(
        &mut self,
        caller: EntitySlot,
        address: NetAddress,
        protocol: ProtocolSelector,
        views: ViewSet,
    ) -> Result<Reply, Refusal> {
        let address = self.checked_address(caller, address)?;
        let asked = self.state.asked_views(views)?;
        let found = self.state.most_specific(self.state.entities[caller].table, address, asked);
        let found = found.ok_or(Status::NotFound)?;
        self.answer_with_dest(caller, found, protocol, views)
    }

    pub(crate) fn get_less_specific_destination(
        &mut self,
        caller: EntitySlot,
        dest: DestHandle,
        protocol: ProtocolSelector,
        views: ViewSet,
    ) -> Result<Reply, Refusal> {
        // Of the two codes that the page names, this is the one for a handle that names no destination (D-111).
        let slot = self.state.visible_dest(caller, dest).map_err(|_| Status::InvalidParameter)?;
        let asked = self.state.asked_views(views)?;
        let found = self.state.less_specific(slot, asked).ok_or(Status::NotFound)?;
        self.answer_with_dest(caller, found, protocol, views)
    }

    fn answer_with_dest(
        &mut self,
        caller: EntitySlot,
        slot: DestSlot,
        protocol: ProtocolSelector,
        views: ViewSet,
    ) -> Result<Reply, Refusal> {
        let asked = self.state.asked_views(views)?;
        self.state.check_access(caller, slot, Access::Read)?;
        let protocol = self.state.selected_protocol(caller, protocol);
        let info = self.state.dest_info_in(self.room.views(), slot, protocol, asked);
        self.reference_dest_info(caller, &info, Source::DestInfo);
        Ok(Reply::Dest { info })
    }

    pub(crate) fn is_best_route(&mut self, caller: EntitySlot, route: RouteHandle) -> Result<Reply, Refusal> {
        let slot = self.state.visible_route(caller, route)?;
        let dest = self.state.routes[slot].dest;
        self.state.check_access(caller, dest, Access::Read)?;
        let views = self.state.views_where_best(slot);
        Ok(Reply::IsBestRoute { views })
    }
}

impl State {
    /// Reads the views of a query: ALL is every supported one, ANY none (D-40).
    pub(crate) fn asked_views(&self, views: ViewSet) -> Result<ViewSet, Refusal> {
        let supported = self.profile.views_supported;
        if views == ViewSet::ALL {
            return Ok(supported);
        }
        if supported.contains(views) { Ok(views) } else { Err(Status::NotSupported.into()) }
    }

    /// Reads the selector of a query; `None` stands for all protocols.
    pub(crate) fn selected_protocol(&self, caller: EntitySlot, protocol: ProtocolSelector) -> Option<u32> {
        match protocol {
            ProtocolSelector::Best => None,
            ProtocolSelector::This => Some(self.entities[caller].info.id.protocol),
            ProtocolSelector::Protocol(protocol) => Some(protocol),
        }
    }

    /// Reads the views that a client gives a route: ALL is every supported one, as in queries (D-109).
    pub(crate) fn given_views(&self, views: ViewSet) -> ViewSet {
        if views == ViewSet::ALL { self.profile.views_supported } else { views }
    }

    /// Tells whether a destination counts in a query of these views (D-38); for ANY, every one that has a route does,
    /// also if the route is in no view (D-110) or is only held (RTM-064).
    pub(crate) fn dest_is_in(&self, slot: DestSlot, asked: ViewSet) -> bool {
        if asked == ViewSet::ANY {
            return self.dests[slot].first_route.is_some() || self.is_held(slot);
        }
        self.dests[slot].views.intersects(asked)
    }

    pub(crate) fn most_specific(
        &self,
        table: usize,
        address: NetAddress,
        asked: ViewSet,
    ) -> Option<DestSlot> {
        // The index knows bits only, and a host may ask a table of the other family.
        if self.tables[table].id.family != address.family() {
            return None;
        }
        let index = &self.tables[table].index;
        index.longest(address, &self.dests, |slot| self.dest_is_in(slot, asked).then_some(slot))
    }

    /// Finds the longest prefix that covers a destination's and is shorter (5.3).
    fn less_specific(&self, dest: DestSlot, asked: ViewSet) -> Option<DestSlot> {
        let (address, table) = (self.dests[dest].address, self.dests[dest].table());
        let shorter = address.prefix_len().checked_sub(1)?;
        self.most_specific(table, address.truncated(shorter), asked)
    }

    pub(crate) fn find_dest(&self, caller: EntitySlot, address: NetAddress) -> Option<DestSlot> {
        self.table_of(caller).index.find(address, &self.dests)
    }

    /// Finds the destination, or makes it without counting a reference: the caller is about to (D-34).
    pub(crate) fn find_or_make_dest(
        &mut self,
        caller: EntitySlot,
        address: NetAddress,
        now: u64,
    ) -> DestSlot {
        if let Some(slot) = self.find_dest(caller, address) {
            return slot;
        }
        let table = self.entities[caller].table;
        let slot = self.dests.insert(Dest::new(address, table, now));
        self.tables[table].index.insert(slot, &self.dests);
        slot
    }

    pub(crate) fn visible_dest(&self, caller: EntitySlot, dest: DestHandle) -> Result<DestSlot, Refusal> {
        let table = self.entities[caller].table;
        let slot = self.dests.slot(dest).filter(|slot| self.dests[*slot].table() == table);
        slot.ok_or(Refusal::Status(Status::InvalidHandle))
    }

    /// Copies a destination, with one entry for each view asked, ascending (D-39), and in it the best route of
    /// `protocol`, or of all.
    pub(crate) fn dest_info(&self, slot: DestSlot, protocol: Option<u32>, asked: ViewSet) -> DestInfo {
        self.dest_info_in(Vec::new(), slot, protocol, asked)
    }

    /// Does the same in a list that there is.
    pub(crate) fn dest_info_in(
        &self,
        mut views: Vec<ViewInfo>,
        slot: DestSlot,
        protocol: Option<u32>,
        asked: ViewSet,
    ) -> DestInfo {
        let dest = &self.dests[slot];
        views.reserve_exact(asked.count() as usize);
        views.extend(asked.iter().map(|view| self.view_info(slot, protocol, view)));
        DestInfo {
            dest: self.dests.handle(slot),
            address: dest.address,
            last_changed: dest.last_changed(),
            belongs_to_views: dest.views,
            views,
        }
    }

    fn view_info(&self, slot: DestSlot, protocol: Option<u32>, view: ViewId) -> ViewInfo {
        let mut info = ViewInfo {
            view,
            routes: 0,
            route: None,
            owner: None,
            dest_flags: RouteFlags::NONE,
            hold_route: self.hold_route(slot, view),
        };
        for route_slot in self.ranking(slot) {
            let route = &self.routes[route_slot];
            if !route.spec.views.contains(view.set()) {
                continue;
            }
            info.routes += 1;
            let selected =
                protocol.is_none_or(|wanted| wanted == self.entities[route.owner].info.id.protocol);
            if info.route.is_none() && selected {
                info.route = Some(self.routes.handle(route_slot));
                info.owner = Some(self.entities.handle(route.owner));
                info.dest_flags = route.spec.flags;
            }
        }
        info
    }

    pub(crate) fn views_where_best(&self, slot: RouteSlot) -> ViewSet {
        let route = &self.routes[slot];
        if route.state != RouteState::Created {
            return ViewSet::NONE;
        }
        let bests = self.bests(route.dest);
        let best_in = route.spec.views.iter().filter(|view| bests.of(*view) == Some(slot));
        best_in.fold(ViewSet::NONE, |views, view| views.union(view.set()))
    }
}
