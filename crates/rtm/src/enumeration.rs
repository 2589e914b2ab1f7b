//! Enumerations: reading destinations, routes, next hops and route lists in batches (2.7, 2.8).
//!
//! An enumeration keeps its place by the key it returned last and goes on strictly after it, so that it costs nothing while
//! it is not read, and what comes and goes meanwhile is met or not by where it is (D-81). A batch costs its own length and what
//! is skipped on the way. Of a destination whose routes are being read, the rest is kept by handle.

use crate::address::NetAddress;
use crate::call::{Call, ProtocolSelector, Reply};
use crate::flags::{EnumFlags, MatchFlags, ViewSet};
use crate::handle::{
    AnyHandle, DestHandle, DestSlot, EntitySlot, EnumHandle, EnumSlot, NextHopSlot, RouteHandle,
    RouteListHandle, RouteSlot,
};
use crate::info::{RouteCriteria, RouteState};
use crate::lock::Access;
use crate::manager::{State, Step};
use crate::matching::Sought;
use crate::references::Source;
use crate::status::{Refusal, Status};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::ops::Bound;

/// An enumeration of one client.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Enumeration {
    pub(crate) owner: EntitySlot,
    /// Counts up with what is created: of one client's enumerations the order is its own doing.
    pub(crate) created: u64,
    pub(crate) over: Over,
}

/// What an enumeration goes over, and how far it has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Over {
    Dests(DestReading),
    Routes(RouteReading),
    NextHops {
        next: Bound<(NetAddress, u32)>,
        within: Option<NetAddress>,
    },
    RouteList {
        list: RouteListHandle,
        /// The place of the route that was returned last; 0 before the first.
        last: u64,
    },
}

/// What is left of a table, or of a subtree of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stretch {
    pub(crate) next: Bound<NetAddress>,
    pub(crate) within: Option<NetAddress>,
}

/// Tells whose objects are enumerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ownership {
    All,
    Own,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DestReading {
    pub(crate) stretch: Stretch,
    pub(crate) views: ViewSet,
    pub(crate) whose: Ownership,
    /// Whose best route is reported; `None` stands for all protocols.
    pub(crate) protocol: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RouteReading {
    pub(crate) place: RoutePlace,
    pub(crate) views: ViewSet,
    pub(crate) whose: Ownership,
    pub(crate) sought: Sought,
    /// What is left of the destination that was entered last, as it was then (D-81, D-114).
    pub(crate) rest: VecDeque<RouteHandle>,
}

/// Of which destinations the routes are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RoutePlace {
    /// Of one, which has been entered or not. It is kept alive (D-117).
    Dest(DestSlot, Entered),
    Stretch(Stretch),
}

/// Whether the routes of a destination are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entered {
    Yes,
    No,
}

/// Where routes are to be enumerated, as a client says it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RouteRange {
    pub(crate) dest: Option<DestHandle>,
    pub(crate) flags: EnumFlags,
    pub(crate) start: Option<NetAddress>,
}

/// The next batch of routes, and what is left then.
struct RouteBatch {
    routes: Vec<RouteSlot>,
    /// How much it takes of what was left of the destination entered before.
    taken: usize,
    /// The destination entered last, if one was, and what is left of it.
    entered: Option<(DestSlot, VecDeque<RouteHandle>)>,
}

impl Sought {
    /// Reads what a route is to agree with; only the interface needs no criteria.
    pub(crate) fn read(
        matching: MatchFlags,
        criteria: Option<RouteCriteria>,
        interface: u32,
    ) -> Result<Self, Refusal> {
        let of_criteria = [MatchFlags::OWNER, MatchFlags::NEIGHBOUR, MatchFlags::PREF, MatchFlags::NEXTHOP];
        let needed = of_criteria.into_iter().any(|flag| matching.contains(flag));
        if needed && criteria.is_none() {
            return Err(Status::InvalidParameter.into());
        }
        Ok(Self { matching, criteria: criteria.unwrap_or_default(), interface })
    }
}

impl Step<'_> {
    /// Does what concerns enumerations and route lists.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "`perform` names every call, and which of them come here"
    )]
    pub(crate) fn enumerate(&mut self, caller: EntitySlot, call: Call) -> Result<Reply, Refusal> {
        match call {
            Call::CreateDestEnum { views, flags, address, protocol } => {
                self.create_dest_enum(caller, views, flags, address, protocol)
            }
            Call::GetEnumDests { enumeration, count } => self.get_enum_dests(caller, enumeration, count),
            Call::CreateRouteEnum { dest, views, flags, start, matching, criteria, interface } => {
                let sought = Sought::read(matching, criteria, interface)?;
                self.create_route_enum(caller, RouteRange { dest, flags, start }, views, sought)
            }
            Call::GetEnumRoutes { enumeration, count } => self.get_enum_routes(caller, enumeration, count),
            Call::CreateNextHopEnum { flags, address } => self.create_next_hop_enum(caller, flags, address),
            Call::GetEnumNextHops { enumeration, count } => {
                self.get_enum_next_hops(caller, enumeration, count)
            }
            Call::DeleteEnumHandle { enumeration } => self.delete_enum_handle(caller, enumeration),
            Call::CreateRouteList => Ok(self.create_route_list(caller)),
            Call::InsertInRouteList { list, routes } => self.insert_in_route_list(caller, list, &routes),
            Call::CreateRouteListEnum { list } => self.create_route_list_enum(caller, list),
            Call::GetListEnumRoutes { enumeration, count } => {
                self.get_list_enum_routes(caller, enumeration, count)
            }
            Call::DeleteRouteList { list } => self.delete_route_list(caller, list),
            _ => unreachable!("what reads nothing is done elsewhere"),
        }
    }

    fn create_dest_enum(
        &mut self,
        caller: EntitySlot,
        views: ViewSet,
        flags: EnumFlags,
        address: Option<NetAddress>,
        protocol: ProtocolSelector,
    ) -> Result<Reply, Refusal> {
        let views = self.state.asked_views(views)?;
        let whose = ownership(flags, EnumFlags::OWN_DESTS)?;
        let stretch = self.stretch(caller, flags, address)?;
        let protocol = self.state.selected_protocol(caller, protocol);
        Ok(self.keep_enumeration(caller, Over::Dests(DestReading { stretch, views, whose, protocol })))
    }

    fn create_route_enum(
        &mut self,
        caller: EntitySlot,
        range: RouteRange,
        views: ViewSet,
        sought: Sought,
    ) -> Result<Reply, Refusal> {
        let views = self.state.asked_views(views)?;
        let whose = ownership(range.flags, EnumFlags::OWN_ROUTES)?;
        let place = if let Some(dest) = range.dest {
            // Of one destination: where to start is not read (D-83).
            let dest = self.state.visible_dest(caller, dest).map_err(|_| Status::InvalidParameter)?;
            RoutePlace::Dest(dest, Entered::No)
        } else {
            // Unlike elsewhere, an address with START is ignored.
            let start = range.start.filter(|_| !position(range.flags).is_empty());
            RoutePlace::Stretch(self.stretch(caller, range.flags, start)?)
        };
        if let RoutePlace::Dest(dest, _) = place {
            self.state.dests[dest].references += 1;
        }
        let reading = RouteReading { place, views, whose, sought, rest: VecDeque::new() };
        Ok(self.keep_enumeration(caller, Over::Routes(reading)))
    }

    fn create_next_hop_enum(
        &mut self,
        caller: EntitySlot,
        flags: EnumFlags,
        address: Option<NetAddress>,
    ) -> Result<Reply, Refusal> {
        if !flags.without(position(flags)).is_empty() {
            return Err(Status::InvalidParameter.into());
        }
        let Stretch { next, within } = self.stretch(caller, flags, address)?;
        let next = next.map(|address| (address, 0));
        Ok(self.keep_enumeration(caller, Over::NextHops { next, within }))
    }

    fn create_route_list_enum(
        &mut self,
        caller: EntitySlot,
        list: RouteListHandle,
    ) -> Result<Reply, Refusal> {
        self.state.own_route_list(caller, list)?;
        Ok(self.keep_enumeration(caller, Over::RouteList { list, last: 0 }))
    }

    fn keep_enumeration(&mut self, owner: EntitySlot, over: Over) -> Reply {
        let created = self.state.take_rank();
        let slot = self.state.enumerations.insert(Enumeration { owner, created, over });
        Reply::CreateEnum { enumeration: self.state.enumerations.handle(slot) }
    }

    /// Reads where an enumeration starts and ends (D-86).
    fn stretch(
        &self,
        caller: EntitySlot,
        flags: EnumFlags,
        address: Option<NetAddress>,
    ) -> Result<Stretch, Refusal> {
        let address = address.map(|address| self.checked_address(caller, address)).transpose()?;
        match (position(flags), address) {
            (EnumFlags::START, None) => Ok(Stretch { next: Bound::Unbounded, within: None }),
            (EnumFlags::NEXT, Some(first)) => Ok(Stretch { next: Bound::Included(first), within: None }),
            (EnumFlags::RANGE, Some(root)) => Ok(Stretch { next: Bound::Included(root), within: Some(root) }),
            _ => Err(Status::InvalidParameter.into()),
        }
    }

    fn get_enum_dests(
        &mut self,
        caller: EntitySlot,
        enumeration: EnumHandle,
        count: u32,
    ) -> Result<Reply, Refusal> {
        let (slot, count) = self.state.own_enumeration(caller, enumeration, count)?;
        let Over::Dests(reading) = &self.state.enumerations[slot].over else {
            return Err(Status::InvalidHandle.into());
        };
        let (views, protocol) = (reading.views, reading.protocol);
        let batch: Vec<_> = self.state.dests_left(caller, reading).take(count).collect();
        let last = self.state.dests[*batch.last().ok_or(Status::NoMoreItems)?].address;
        for dest in &batch {
            self.state.check_access(caller, *dest, Access::Read)?;
        }
        if let Over::Dests(reading) = &mut self.state.enumerations[slot].over {
            reading.stretch.next = Bound::Excluded(last);
        }
        let mut infos = Vec::with_capacity(batch.len());
        for dest in batch {
            let info = self.state.dest_info_in(self.room.views(), dest, protocol, views);
            self.reference_dest_info(caller, &info, Source::DestInfo);
            infos.push(info);
        }
        Ok(Reply::GetEnumDests { infos })
    }

    fn get_enum_routes(
        &mut self,
        caller: EntitySlot,
        enumeration: EnumHandle,
        count: u32,
    ) -> Result<Reply, Refusal> {
        let (slot, count) = self.state.own_enumeration(caller, enumeration, count)?;
        let Over::Routes(reading) = &self.state.enumerations[slot].over else {
            return Err(Status::InvalidHandle.into());
        };
        let RouteBatch { routes, taken, entered } = self.state.next_routes(caller, reading, count);
        if routes.is_empty() {
            return Err(Status::NoMoreItems.into());
        }
        for route in &routes {
            self.state.check_access(caller, self.state.routes[*route].dest, Access::Read)?;
        }
        let entered = entered.map(|(dest, rest)| (self.state.dests[dest].address, rest));
        if let Over::Routes(reading) = &mut self.state.enumerations[slot].over {
            reading.rest.drain(..taken);
            if let Some((address, rest)) = entered {
                reading.place.enter(address);
                reading.rest = rest;
            }
        }
        Ok(Reply::GetEnumRoutes { routes: self.hand_out_routes(caller, &routes) })
    }

    fn get_list_enum_routes(
        &mut self,
        caller: EntitySlot,
        enumeration: EnumHandle,
        count: u32,
    ) -> Result<Reply, Refusal> {
        let (slot, count) = self.state.own_enumeration(caller, enumeration, count)?;
        let Over::RouteList { list, last } = self.state.enumerations[slot].over else {
            return Err(Status::InvalidHandle.into());
        };
        // Of a list that is gone there is nothing left (D-116).
        let left = self.state.route_lists.get(list).into_iter();
        let left = left.flat_map(|list| list.routes.range((Bound::Excluded(last), Bound::Unbounded)));
        let batch: Vec<_> = left.take(count).map(|(place, route)| (*place, *route)).collect();
        if let (Some((place, _)), Over::RouteList { last, .. }) =
            (batch.last(), &mut self.state.enumerations[slot].over)
        {
            *last = *place;
        }
        let routes: Vec<_> = batch.into_iter().map(|(_, route)| route).collect();
        Ok(Reply::GetListEnumRoutes { routes: self.hand_out_routes(caller, &routes) })
    }

    fn hand_out_routes(&mut self, caller: EntitySlot, routes: &[RouteSlot]) -> Vec<RouteHandle> {
        let handles: Vec<_> = routes.iter().map(|slot| self.state.routes.handle(*slot)).collect();
        for handle in &handles {
            self.state.reference(caller, AnyHandle::Route(*handle), Source::Handle);
        }
        handles
    }

    fn get_enum_next_hops(
        &mut self,
        caller: EntitySlot,
        enumeration: EnumHandle,
        count: u32,
    ) -> Result<Reply, Refusal> {
        let (slot, count) = self.state.own_enumeration(caller, enumeration, count)?;
        let Over::NextHops { next, within } = self.state.enumerations[slot].over else {
            return Err(Status::InvalidHandle.into());
        };
        let left = self.state.entities[caller].next_hops.range((next, Bound::Unbounded));
        let left = left.take_while(|((address, _), _)| within.is_none_or(|root| root.covers(*address)));
        let batch: Vec<_> = left.take(count).map(|(identity, slot)| (*identity, *slot)).collect();
        let (last, _) = *batch.last().ok_or(Status::NoMoreItems)?;
        if let Over::NextHops { next, .. } = &mut self.state.enumerations[slot].over {
            *next = Bound::Excluded(last);
        }
        let slots = batch.into_iter().map(|(_, slot): (_, NextHopSlot)| slot);
        let next_hops: Vec<_> = slots.map(|slot| self.state.next_hops.handle(slot)).collect();
        for next_hop in &next_hops {
            self.state.reference(caller, AnyHandle::NextHop(*next_hop), Source::Handle);
        }
        Ok(Reply::GetEnumNextHops { next_hops })
    }

    fn delete_enum_handle(&mut self, caller: EntitySlot, enumeration: EnumHandle) -> Result<Reply, Refusal> {
        let slot = self.state.enumerations.slot(enumeration);
        let own = slot.filter(|slot| self.state.enumerations[*slot].owner == caller);
        self.end_enumeration(own.ok_or(Status::InvalidHandle)?);
        Ok(Reply::Nothing)
    }

    /// Ends an enumeration, and lets go of the destination that it keeps alive.
    pub(crate) fn end_enumeration(&mut self, slot: EnumSlot) {
        if let Some(dest) = self.state.enumerations.remove(slot).kept_dest() {
            self.drop_dest(dest);
        }
    }
}

impl Enumeration {
    /// Returns the destination that it keeps alive, if it is of the routes of one (D-117).
    pub(crate) const fn kept_dest(&self) -> Option<DestSlot> {
        match &self.over {
            Over::Routes(RouteReading { place: RoutePlace::Dest(dest, _), .. }) => Some(*dest),
            Over::Routes(RouteReading { place: RoutePlace::Stretch(_), .. })
            | Over::Dests(_)
            | Over::NextHops { .. }
            | Over::RouteList { .. } => None,
        }
    }
}

impl RoutePlace {
    /// Notes that a destination has been entered.
    const fn enter(&mut self, address: NetAddress) {
        match self {
            Self::Dest(_, entered) => *entered = Entered::Yes,
            Self::Stretch(stretch) => stretch.next = Bound::Excluded(address),
        }
    }
}

/// Returns the flags that say where an enumeration starts and ends.
const fn position(flags: EnumFlags) -> EnumFlags {
    flags.intersection(EnumFlags::NEXT.union(EnumFlags::RANGE))
}

/// Reads whose objects are asked for; bits without a meaning in this enumeration are refused (D-115).
fn ownership(flags: EnumFlags, own: EnumFlags) -> Result<Ownership, Refusal> {
    let whose = flags.without(position(flags));
    if whose.is_empty() {
        Ok(Ownership::All)
    } else if whose == own {
        Ok(Ownership::Own)
    } else {
        Err(Status::InvalidParameter.into())
    }
}

impl State {
    /// Finds an enumeration of this client (D-74) and checks how much it asks for (RTM-057, D-56).
    fn own_enumeration(
        &self,
        caller: EntitySlot,
        enumeration: EnumHandle,
        count: u32,
    ) -> Result<(EnumSlot, usize), Refusal> {
        let slot = self.enumerations.slot(enumeration);
        let own =
            slot.filter(|slot| self.enumerations[*slot].owner == caller).ok_or(Status::InvalidHandle)?;
        if count == 0 || count > self.profile.max_handles_in_enum {
            return Err(Status::InvalidParameter.into());
        }
        Ok((own, count as usize))
    }

    /// Returns the destinations of a stretch, in the order of addresses.
    fn stretch_left(&self, table: usize, stretch: Stretch) -> impl Iterator<Item = DestSlot> {
        let in_order = self.tables[table].index.in_order(stretch.next, &self.dests);
        let is_within =
            move |dest: &DestSlot| stretch.within.is_none_or(|root| root.covers(self.dests[*dest].address));
        in_order.take_while(is_within)
    }

    /// Returns the destinations that an enumeration has still to go over, as things are now.
    fn dests_left(&self, caller: EntitySlot, reading: &DestReading) -> impl Iterator<Item = DestSlot> {
        let (views, whose) = (reading.views, reading.whose);
        let left = self.stretch_left(self.entities[caller].table, reading.stretch);
        left.filter(move |dest| {
            self.dest_is_in(*dest, views)
                && match whose {
                    Ownership::All => true,
                    Ownership::Own => self.owns_best(caller, *dest, views),
                }
        })
    }

    /// Whether a client owns the best route of all protocols in one of these views, or in any at all (RTM-055, D-118).
    fn owns_best(&self, client: EntitySlot, dest: DestSlot, views: ViewSet) -> bool {
        let views = if views == ViewSet::ANY { self.profile.views_supported } else { views };
        let bests = self.bests(dest);
        let owns = |slot: RouteSlot| self.routes[slot].owner == client;
        views.iter().any(|view| bests.of(view).is_some_and(owns))
    }

    /// Returns the routes of a destination that an enumeration gives, best first (RTM-056); of any view also those that are held,
    /// each in its place (RTM-064, D-145).
    fn routes_to_give(
        &self,
        caller: EntitySlot,
        dest: DestSlot,
        reading: &RouteReading,
    ) -> impl Iterator<Item = RouteSlot> {
        let is_asked = move |slot: &RouteSlot| match reading.whose {
            Ownership::All => true,
            Ownership::Own => self.routes[*slot].owner == caller,
        };
        let held = if reading.views == ViewSet::ANY { self.held_routes(dest) } else { Vec::new() };
        let (mut held, mut ranked) =
            (held.into_iter().peekable(), self.routes_in(dest, reading.views).peekable());
        let routes = core::iter::from_fn(move || match (held.peek(), ranked.peek()) {
            (Some(first), Some(other)) if self.rank_key(*first) < self.rank_key(*other) => held.next(),
            (Some(_), None) => held.next(),
            (Some(_) | None, _) => ranked.next(),
        });
        routes.filter(is_asked).filter(|slot| self.agrees(*slot, &reading.sought))
    }

    /// Whether a route that an enumeration of these views has kept is given: one that was deleted meanwhile is skipped,
    /// unless it is held and any view was asked for (D-81, D-145).
    pub(crate) fn is_given(&self, slot: RouteSlot, views: ViewSet) -> bool {
        match self.routes[slot].state {
            RouteState::Created => true,
            RouteState::Deleting => views == ViewSet::ANY,
            RouteState::Deleted => false,
        }
    }

    /// Works out the next batch of routes.
    fn next_routes(&self, caller: EntitySlot, reading: &RouteReading, count: usize) -> RouteBatch {
        let mut batch = RouteBatch { routes: Vec::new(), taken: 0, entered: None };
        for handle in &reading.rest {
            if batch.routes.len() == count {
                return batch;
            }
            batch.taken += 1;
            let alive = self.routes.slot(*handle);
            batch.routes.extend(alive.filter(|slot| self.is_given(*slot, reading.views)));
        }
        let (one, stretch) = match reading.place {
            RoutePlace::Dest(dest, Entered::No) => (Some(dest), None),
            RoutePlace::Dest(_, Entered::Yes) => (None, None),
            RoutePlace::Stretch(stretch) => (None, Some(stretch)),
        };
        let table = self.entities[caller].table;
        let dests = stretch.into_iter().flat_map(|stretch| self.stretch_left(table, stretch));
        for dest in one.into_iter().chain(dests) {
            if batch.routes.len() == count {
                break;
            }
            let mut routes = self.routes_to_give(caller, dest, reading).peekable();
            if routes.peek().is_none() {
                continue;
            }
            let room = count - batch.routes.len();
            batch.routes.extend(routes.by_ref().take(room));
            batch.entered = Some((dest, routes.map(|slot| self.routes.handle(slot)).collect()));
        }
        batch
    }

    /// Returns the enumerations of a client.
    pub(crate) fn enumerations_of(&self, owner: EntitySlot) -> Vec<EnumSlot> {
        let own = self.enumerations.iter().filter(|(_, enumeration)| enumeration.owner == owner);
        own.map(|(slot, _)| slot).collect()
    }
}
