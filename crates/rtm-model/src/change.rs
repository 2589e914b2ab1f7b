//! Changes of a destination: who is the best, what class of change it was, and whom it concerns (4.2, 4.3, 5.1).

use alloc::vec::Vec;

use tiebreak_rtm::{
    BestInfo, DueEvent, EntityHandle, Fact, MetricChange, NetAddress, NextHopHandle, NextHopName,
    NotifyFlags, OwnChanges, RouteFlags, RouteHandle, RouteSpec, RouteState, TableId, Ties, ViewId, ViewSet,
};

use super::expected::Expected;
use super::{Model, Registration, Route};

/// The routes of one view of a destination at one moment, best first.
type Ranking = Vec<(RouteHandle, RouteSpec)>;

impl Model {
    /// Ranks the routes of a destination, best first.
    pub(super) fn ranked(&self, dest: u64) -> Vec<&Route> {
        self.in_order(dest, &[RouteState::Created])
    }

    /// The routes of a destination in these states, as they rank or would rank.
    pub(super) fn in_order(&self, dest: u64, states: &[RouteState]) -> Vec<&Route> {
        let of_dest = self.routes.iter().filter(|route| route.dest == dest && states.contains(&route.state));
        let mut ranked: Vec<_> = of_dest.collect();
        ranked.sort_by_key(|route| {
            let tie = match self.profile.ties {
                Ties::Incumbent => None,
                Ties::OwnerId => Some((
                    self.client(route.owner).map(|owner| owner.info.id.to_bits()),
                    self.neighbour_of(route),
                )),
            };
            (route.spec.preference, route.spec.metric, tie, route.place)
        });
        ranked
    }

    fn neighbour_of(&self, route: &Route) -> Option<(NetAddress, u32)> {
        let name = self.name_next_hop(route.spec.neighbour?);
        Some((name.address, name.interface))
    }

    pub(super) fn supported_views(&self) -> impl Iterator<Item = ViewId> + use<> {
        self.profile.views_supported.iter()
    }

    pub(super) fn ranking(&self, dest: u64, view: ViewId) -> Ranking {
        let ranked = self.ranked(dest).into_iter().filter(|route| route.spec.views.contains(view.set()));
        ranked.map(|route| (route.handle, route.spec.clone())).collect()
    }

    /// The ranking in every supported view.
    pub(super) fn rankings(&self, dest: u64) -> Vec<Ranking> {
        self.supported_views().map(|view| self.ranking(dest, view)).collect()
    }

    /// The views in which a route is the best (RTM-047).
    pub(super) fn best_in(&self, route: RouteHandle) -> ViewSet {
        let Some(dest) = self.route(route).map(|route| route.dest) else { return ViewSet::NONE };
        let best =
            |view: &ViewId| self.ranking(dest, *view).first().is_some_and(|(first, _)| *first == route);
        self.supported_views().filter(best).fold(ViewSet::NONE, |views, view| views.union(view.set()))
    }

    /// Works out what a change of a destination was, having kept how it was `before`, and whom it concerns.
    pub(super) fn changed(
        &mut self,
        dest: u64,
        before: &[Ranking],
        by: Option<EntityHandle>,
        expected: &mut Expected,
    ) {
        let after = self.rankings(dest);
        let mut classes = Vec::new();
        for ((view, before), after) in self.supported_views().zip(before).zip(&after) {
            let class = self.classify(before, after);
            if class.contains(NotifyFlags::BEST) {
                expected.best.extend(self.best_fact(dest, view, after));
            }
            classes.push((view, class));
        }
        self.notify(dest, &classes, by, expected);
    }

    /// Classifies what became of one view (4.2).
    fn classify(&self, before: &Ranking, after: &Ranking) -> NotifyFlags {
        let everything = NotifyFlags::ALL.union(NotifyFlags::BEST).union(NotifyFlags::FORWARDING);
        let is_in = |other: &Ranking, (route, spec): &(RouteHandle, RouteSpec)| {
            other.iter().any(|(handle, now)| handle == route && alike(now, spec))
        };
        if before.len() == after.len() && before.iter().all(|member| is_in(after, member)) {
            return NotifyFlags::default();
        }
        match (before.first(), after.first()) {
            (Some((was, old)), Some((is, new))) if was == is => {
                let literal = self.profile.metric_change == MetricChange::Literal;
                let cost = old.preference != new.preference || (old.metric != new.metric && !literal);
                let forwarding = |flags: RouteFlags| flags.intersection(RouteFlags::FORWARDING);
                if cost || old.next_hops != new.next_hops || forwarding(old.flags) != forwarding(new.flags) {
                    everything
                } else if old.flags != new.flags {
                    NotifyFlags::ALL.union(NotifyFlags::BEST)
                } else {
                    NotifyFlags::ALL
                }
            }
            (None, None) => NotifyFlags::ALL,
            (Some(_) | None, Some(_) | None) => everything,
        }
    }

    pub(super) fn best_fact(&self, dest: u64, view: ViewId, ranking: &Ranking) -> Option<Fact> {
        let dest = self.dests.iter().find(|known| known.id == dest)?;
        let best = ranking.first().and_then(|(route, spec)| {
            let owner = self.route(*route)?.owner;
            Some(BestInfo {
                route: *route,
                owner,
                owner_id: self.client(owner)?.info.id,
                neighbour: spec.neighbour.map(|hop| self.name_next_hop(hop)),
                preference: spec.preference,
                metric: spec.metric,
                next_hops: spec.next_hops.iter().map(|hop| self.name_next_hop(*hop)).collect(),
            })
        });
        Some(Fact::BestChanged { table: dest.table, dest: dest.address, view, best })
    }

    pub(super) fn name_next_hop(&self, handle: NextHopHandle) -> NextHopName {
        let hop = self.next_hops.iter().find(|hop| hop.handle == Some(handle));
        let spec = hop.expect("a route names next hops that live").spec;
        NextHopName { next_hop: handle, address: spec.address, interface: spec.interface }
    }

    /// Makes the destination pending where it matches, and wakes those who were not told since (4.3, 4.5).
    pub(super) fn notify(
        &mut self,
        dest: u64,
        classes: &[(ViewId, NotifyFlags)],
        by: Option<EntityHandle>,
        expected: &mut Expected,
    ) {
        let table = self.dests.iter().find(|known| known.id == dest).map(|known| known.table);
        expected.next_wave();
        for place in 0..self.registrations.len() {
            let hears = self.hears(self.registrations[place].owner);
            let registration = &mut self.registrations[place];
            if Some(registration.table) != table || !concerns(registration, dest, classes, by) {
                continue;
            }
            if !registration.pending.contains(&dest) {
                registration.pending.push(dest);
            }
            if hears && !registration.announced {
                registration.announced = true;
                expected.deliver(
                    registration.owner,
                    DueEvent::ChangeNotification { notify: registration.handle },
                );
            }
        }
    }

    pub(super) fn table_and_address(&self, dest: u64) -> Option<(TableId, NetAddress)> {
        self.dests.iter().find(|known| known.id == dest).map(|known| (known.table, known.address))
    }
}

/// Tells whether two states of a route are one to those who look at a view in which it stays (D-50).
fn alike(one: &RouteSpec, other: &RouteSpec) -> bool {
    RouteSpec { views: ViewSet::NONE, ..one.clone() } == RouteSpec { views: ViewSet::NONE, ..other.clone() }
}

fn concerns(
    registration: &Registration,
    dest: u64,
    classes: &[(ViewId, NotifyFlags)],
    by: Option<EntityHandle>,
) -> bool {
    let own = registration.own_changes == OwnChanges::Suppressed && by == Some(registration.owner);
    let unmarked =
        registration.flags.contains(NotifyFlags::ONLY_MARKED_DESTS) && !registration.marked.contains(&dest);
    let heard = |(view, class): &(ViewId, NotifyFlags)| {
        registration.views.contains(view.set()) && registration.flags.intersects(*class)
    };
    !own && !unmarked && classes.iter().any(heard)
}
