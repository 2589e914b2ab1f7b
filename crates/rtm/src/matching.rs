//! Matching: which routes agree with what a client fills in, and finding the route of a prefix by it (2.5, D-84).

use crate::address::NetAddress;
use crate::call::{Call, OptionalOutput, Reply};
use crate::flags::{MatchFlags, ViewSet};
use crate::handle::{AnyHandle, DestSlot, EntitySlot, RouteSlot};
use crate::info::RouteCriteria;
use crate::lock::Access;
use crate::manager::{State, Step};
use crate::references::{Source, handles_in_route};
use crate::status::{Refusal, Status};

/// Is what a route is sought by.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(crate) struct Sought {
    pub(crate) matching: MatchFlags,
    pub(crate) criteria: RouteCriteria,
    /// Read with [`MatchFlags::INTERFACE`] alone.
    pub(crate) interface: u32,
}

impl Step<'_> {
    /// Does what looks destinations and routes up.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "`perform` names every call, and which of them come here"
    )]
    pub(crate) fn query(&mut self, caller: EntitySlot, call: Call) -> Result<Reply, Refusal> {
        match call {
            Call::GetDestInfo { dest, protocol, views } => self.get_dest_info(caller, dest, protocol, views),
            Call::GetExactMatchDestination { address, protocol, views } => {
                self.get_exact_match_destination(caller, address, protocol, views)
            }
            Call::GetMostSpecificDestination { address, protocol, views } => {
                self.get_most_specific_destination(caller, address, protocol, views)
            }
            Call::GetLessSpecificDestination { dest, protocol, views } => {
                self.get_less_specific_destination(caller, dest, protocol, views)
            }
            Call::GetExactMatchRoute { address, matching, criteria, interface, views, route } => {
                let sought = Sought { matching, criteria, interface };
                self.get_exact_match_route(caller, address, &sought, views, route)
            }
            _ => unreachable!("what looks nothing up is done elsewhere"),
        }
    }

    fn get_exact_match_route(
        &mut self,
        caller: EntitySlot,
        address: NetAddress,
        sought: &Sought,
        views: ViewSet,
        output: OptionalOutput,
    ) -> Result<Reply, Refusal> {
        let address = self.checked_address(caller, address)?;
        let asked = self.state.asked_views(views)?;
        let dest = self.state.find_dest(caller, address).ok_or(Status::NotFound)?;
        self.state.check_access(caller, dest, Access::Read)?;
        let found = self.state.routes_in(dest, asked).find(|slot| self.state.agrees(*slot, sought));
        let slot = found.ok_or(Status::NotFound)?;
        let info = self.state.route_info(slot);
        for handle in handles_in_route(&info) {
            self.state.reference(caller, handle, Source::Handle);
        }
        let route = match output {
            OptionalOutput::Declined => None,
            OptionalOutput::Wanted => {
                let route = self.state.routes.handle(slot);
                self.state.reference(caller, AnyHandle::Route(route), Source::Handle);
                Some(route)
            }
        };
        Ok(Reply::GetExactMatchRoute { route, info })
    }
}

impl State {
    /// Returns the routes of a destination that count in a query of these views, best first: for ANY all of them, also those
    /// in no view (D-27).
    pub(crate) fn routes_in(&self, dest: DestSlot, asked: ViewSet) -> impl Iterator<Item = RouteSlot> {
        let counts = move |views: ViewSet| asked == ViewSet::ANY || views.intersects(asked);
        self.ranking(dest).filter(move |slot| counts(self.routes[*slot].spec.views))
    }

    /// Tells whether a route agrees with everything that is selected.
    pub(crate) fn agrees(&self, slot: RouteSlot, sought: &Sought) -> bool {
        let Sought { matching, criteria, interface } = sought;
        let route = &self.routes[slot];
        let spec = &route.spec;
        let differs = |flag: MatchFlags, is_alike: bool| matching.contains(flag) && !is_alike;
        let preference = (criteria.preference, criteria.metric);
        !(differs(MatchFlags::OWNER, criteria.owner == Some(self.entities.handle(route.owner)))
            || differs(MatchFlags::NEIGHBOUR, criteria.neighbour == spec.neighbour)
            || differs(MatchFlags::PREF, preference == (spec.preference, spec.metric))
            || differs(MatchFlags::NEXTHOP, criteria.next_hops == spec.next_hops)
            || differs(MatchFlags::INTERFACE, self.is_on_interface(slot, *interface)))
    }

    /// Tells whether one of a route's next hops is on this interface; its neighbour does not count.
    fn is_on_interface(&self, slot: RouteSlot, interface: u32) -> bool {
        let hops = self.routes[slot].spec.next_hops.iter();
        hops.copied().any(|hop| self.name_of_next_hop(hop).interface == interface)
    }
}
