//! Ranking: which route of a destination is the best in each view (5.1).
//!
//! A destination keeps one ordered list of its routes; the best in a view is the first that belongs to the view.

use crate::address::NetAddress;
use crate::flags::{ViewId, ViewSet};
use crate::handle::{DestSlot, Handle as _, RouteHandle, RouteSlot};
use crate::lookup::Dest;
use crate::manager::State;
use crate::profile::Ties;

/// Is the best route of each view at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bests([Option<RouteSlot>; 32]);

impl Bests {
    pub(crate) fn of(&self, view: ViewId) -> Option<RouteSlot> {
        self.0[usize::from(view.number())]
    }
}

/// Orders the routes of a destination: preference, metric, then what the profile says of ties (D-35). Lower is better
/// throughout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RankKey {
    preference: u32,
    metric: u32,
    tie: Option<(u64, Option<(NetAddress, u32)>)>,
    rank: u64,
}

/// Returns the place of a route that is in a ranking, and so alive.
fn place_of(route: RouteHandle) -> RouteSlot {
    RouteHandle::slot_at(route.parts().0)
}

impl State {
    pub(crate) fn rank_key(&self, slot: RouteSlot) -> RankKey {
        let route = &self.routes[slot];
        let tie = match self.profile.ties {
            Ties::Incumbent => None,
            Ties::OwnerId => {
                let neighbour = route.spec.neighbour.map(|handle| {
                    let name = self.name_of_next_hop(handle);
                    (name.address, name.interface)
                });
                Some((self.entities[route.owner].info.id.to_bits(), neighbour))
            }
        };
        RankKey { preference: route.spec.preference, metric: route.spec.metric, tie, rank: route.rank }
    }

    /// Returns the next place behind all equals.
    pub(crate) fn take_rank(&mut self) -> u64 {
        self.next_rank += 1;
        self.next_rank
    }

    /// Returns the routes of a destination, best first.
    pub(crate) fn ranking(&self, dest: DestSlot) -> impl Iterator<Item = RouteSlot> {
        let first = self.dests[dest].first_route.map(place_of);
        core::iter::successors(first, |slot| self.routes[*slot].next_in_dest)
    }

    pub(crate) fn best(&self, dest: DestSlot, view: ViewId) -> Option<RouteSlot> {
        self.best_handle(dest, view).map(place_of)
    }

    /// Returns the handle of the best route in a view. Most of the time that is the first of all, and no route is looked at.
    pub(crate) fn best_handle(&self, dest: DestSlot, view: ViewId) -> Option<RouteHandle> {
        let Dest { views, views_of_first, first_route, .. } = self.dests[dest];
        if views_of_first.contains(view.set()) {
            first_route
        } else if views.contains(view.set()) {
            let best = self.ranking(dest).find(|slot| self.routes[*slot].spec.views.contains(view.set()));
            best.map(|slot| self.routes.handle(slot))
        } else {
            None
        }
    }

    /// Returns the best route of every supported view.
    pub(crate) fn bests(&self, dest: DestSlot) -> Bests {
        let mut bests = [None; 32];
        let mut missing = self.profile.views_supported.intersection(self.dests[dest].views);
        let first = self.dests[dest].first_route.map(place_of);
        let of_first = self.dests[dest].views_of_first.intersection(missing);
        of_first.iter().for_each(|view| bests[usize::from(view.number())] = first);
        missing = missing.without(of_first);
        if missing.is_empty() {
            return Bests(bests);
        }
        for slot in self.ranking(dest).skip(1) {
            let first_in = self.routes[slot].spec.views.intersection(missing);
            first_in.iter().for_each(|view| bests[usize::from(view.number())] = Some(slot));
            missing = missing.without(first_in);
            if missing.is_empty() {
                break;
            }
        }
        Bests(bests)
    }

    /// Puts a route into its place in the ranking.
    pub(crate) fn rank_insert(&mut self, slot: RouteSlot) {
        let dest = self.routes[slot].dest;
        self.dests[dest].views = self.dests[dest].views.union(self.routes[slot].spec.views);
        let key = self.rank_key(slot);
        let before = self.ranking(dest).take_while(|other| self.rank_key(*other) < key).last();
        match before {
            Some(before) => {
                self.routes[slot].next_in_dest = self.routes[before].next_in_dest.replace(slot);
            }
            None => {
                let first = self.routes.handle(slot);
                let second = self.dests[dest].first_route.replace(first);
                self.routes[slot].next_in_dest = second.map(place_of);
                self.dests[dest].views_of_first = self.routes[slot].spec.views;
            }
        }
    }

    /// Takes a route out of the ranking.
    pub(crate) fn rank_remove(&mut self, slot: RouteSlot) {
        let dest = self.routes[slot].dest;
        let next = self.routes[slot].next_in_dest.take();
        if self.dests[dest].first_route.map(place_of) == Some(slot) {
            self.dests[dest].first_route = next.map(|next| self.routes.handle(next));
            self.dests[dest].views_of_first = next.map_or(ViewSet::NONE, |next| self.routes[next].spec.views);
        } else {
            let before = self.ranking(dest).find(|other| self.routes[*other].next_in_dest == Some(slot));
            let before = before.expect("a route in the table is in its destination's ranking");
            self.routes[before].next_in_dest = next;
        }
        self.dests[dest].views = self.views_left(dest);
    }

    /// Works out the views of a destination anew; looks no further than until all are seen that it was in.
    fn views_left(&self, dest: DestSlot) -> ViewSet {
        let before = self.dests[dest].views;
        let mut left = ViewSet::NONE;
        for slot in self.ranking(dest) {
            left = left.union(self.routes[slot].spec.views);
            if left == before {
                break;
            }
        }
        left
    }
}
