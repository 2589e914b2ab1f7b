//! A scripted client looks for routes by what they are like.

use tiebreak_rtm::{Call, EntityHandle, MatchFlags, OptionalOutput, Outcome, Reply, RouteCriteria};
use tiebreak_rtm_sim::Desk;
use tiebreak_rtm_sim::vocabulary::word;
use tiebreak_scenario::plan::{Criteria, MatchRoute};

use super::registration::Registration;
use super::{Occasion, Skipped, Stop, made};
use crate::convert::view_set;

impl<'p> Registration<'p> {
    /// Finds a route of a destination and releases what comes back; keeps the handle if it has a name.
    pub(super) fn match_route(
        &mut self,
        of: &'p MatchRoute,
        occasion: &Occasion<'_>,
        desk: &mut Desk<'_>,
    ) -> Result<(), Stop> {
        let MatchRoute { name, dest, like, views } = of;
        let (matching, criteria) = self.criteria(like, desk)?;
        let outcome = made(desk.call(Call::GetExactMatchRoute {
            address: occasion.address(dest),
            matching,
            criteria,
            interface: like.interface.unwrap_or(0),
            views: view_set(views),
            route: if name.is_some() { OptionalOutput::Wanted } else { OptionalOutput::Declined },
        }))?;
        let Outcome::Done(Reply::GetExactMatchRoute { route, info }) = outcome else { return Ok(()) };
        desk.ask(Call::ReleaseRouteInfo { info });
        if let (Some(name), Some(route)) = (name, route) {
            self.keep_route(name, route, desk);
        }
        Ok(())
    }

    /// What a route has to agree with, and in what: in everything that is given.
    pub(super) fn criteria(
        &self,
        like: &Criteria,
        desk: &mut Desk<'_>,
    ) -> Result<(MatchFlags, RouteCriteria), Skipped> {
        let Criteria { owner, neighbour, preference, metric, via, interface } = like;
        let given = [
            (owner.is_some(), MatchFlags::OWNER),
            (neighbour.is_some(), MatchFlags::NEIGHBOUR),
            (preference.is_some() || metric.is_some(), MatchFlags::PREF),
            (via.is_some(), MatchFlags::NEXTHOP),
            (interface.is_some(), MatchFlags::INTERFACE),
        ];
        let given = given.into_iter().filter(|(is_given, _)| *is_given);
        let matching = given.fold(MatchFlags::NONE, |flags, (_, flag)| flags.union(flag));
        let criteria = RouteCriteria {
            owner: owner.as_ref().map(|name| self.client(name, desk)).transpose()?,
            neighbour: neighbour.as_ref().map(|name| self.next_hop(name)).transpose()?,
            preference: preference.unwrap_or(0),
            metric: metric.unwrap_or(0),
            next_hops: via.as_ref().map(|names| self.hops(names)).transpose()?.unwrap_or_default(),
        };
        Ok((matching, criteria))
    }

    /// The registered client of this name in the same table, as it could find out by listing the entities.
    pub(super) fn client(&self, name: &str, desk: &Desk<'_>) -> Result<EntityHandle, Skipped> {
        let named =
            |entity: &EntityHandle| desk.actor_of(*entity).is_some_and(|actor| desk.text(actor) == name);
        desk.manager().entities(self.role.table).find(named).ok_or(Skipped(word::NO_CLIENT))
    }
}
