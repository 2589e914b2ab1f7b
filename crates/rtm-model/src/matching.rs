//! Routes by what they agree with: finding one of exactly a prefix (2.5).

use alloc::vec::Vec;

use tiebreak_rtm::{
    AnyHandle, Call, EntityHandle, MatchFlags, OptionalOutput, Reply, RouteCriteria, Status, TableId, ViewSet,
};

use super::handles::named_by;
use super::refusal::Refusals;
use super::{Difference, Kind, LockMode, Model, On, Route};

impl Model {
    /// The routes of a destination in any of these views, best first; for any view (0) all there are.
    pub(super) fn members(&self, dest: u64, views: ViewSet) -> Vec<&Route> {
        let asked = self.asked(views).unwrap_or(ViewSet::NONE);
        let ranked = self.ranked(dest).into_iter();
        ranked.filter(|route| views == ViewSet::ANY || route.spec.views.intersects(asked)).collect()
    }

    /// Tells whether a route is as the criteria have it, in what the flags select (D-84).
    pub(super) fn is_alike(
        &self,
        route: &Route,
        flags: MatchFlags,
        criteria: &RouteCriteria,
        interface: u32,
    ) -> bool {
        let spec = &route.spec;
        let hop_there = spec
            .next_hops
            .iter()
            .filter_map(|hop| self.next_hop(*hop))
            .any(|hop| hop.spec.interface == interface);
        let tests = [
            (MatchFlags::OWNER, Some(route.owner) == criteria.owner),
            (MatchFlags::NEIGHBOUR, spec.neighbour == criteria.neighbour),
            (MatchFlags::PREF, spec.preference == criteria.preference && spec.metric == criteria.metric),
            (MatchFlags::NEXTHOP, spec.next_hops == criteria.next_hops),
            (MatchFlags::INTERFACE, hop_there),
        ];
        tests.iter().all(|(flag, holds)| !flags.contains(*flag) || *holds)
    }

    fn exact_match(&self, caller: EntityHandle, call: &Call) -> Option<&Route> {
        let Call::GetExactMatchRoute { address, matching, criteria, interface, views, .. } = call else {
            return None;
        };
        let dest = self.find_dest(self.table_of(caller), self.cleared(*address))?.id;
        let members = self.members(dest, *views).into_iter();
        members.into_iter().find(|route| self.is_alike(route, *matching, criteria, *interface))
    }

    pub(super) fn match_faults(
        &self,
        caller: EntityHandle,
        table: TableId,
        call: &Call,
        refusals: &mut Refusals,
    ) {
        let Call::GetExactMatchRoute { address, views, .. } = call else { return };
        refusals.fault(self.asked(*views).is_none().then_some(Status::NotSupported));
        refusals.fault(self.is_wrong(table, *address).then_some(Status::InvalidParameter));
        let lost = refusals.must.is_empty() && self.exact_match(caller, call).is_none();
        refusals.fault(lost.then_some(Status::NotFound));
        let dest = self.find_dest(Some(table), self.cleared(*address));
        if let Some(dest) = dest {
            self.wants(caller, On::Dest(dest.id), LockMode::Shared, refusals);
        }
    }

    pub(super) fn get_exact_match_route(
        &mut self,
        caller: EntityHandle,
        call: &Call,
        found: &Reply,
    ) -> Result<Reply, Difference> {
        let route = self.exact_match(caller, call).expect("a refused call is not performed").clone();
        if let Reply::GetExactMatchRoute { info, .. } = found {
            self.learn_dest(route.dest, info.dest)?;
        }
        let info = self.route_info(&route);
        self.give(caller, AnyHandle::Dest(info.dest), Kind::Handle);
        self.give(caller, AnyHandle::Entity(info.owner), Kind::Handle);
        for hop in named_by(&info.spec) {
            self.give(caller, AnyHandle::NextHop(hop), Kind::Handle);
        }
        let wanted = matches!(call, Call::GetExactMatchRoute { route: OptionalOutput::Wanted, .. });
        if wanted {
            self.give(caller, AnyHandle::Route(route.handle), Kind::Handle);
        }
        Ok(Reply::GetExactMatchRoute { route: wanted.then_some(route.handle), info })
    }
}
