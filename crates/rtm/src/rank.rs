//! Ranking: which route of a destination is the best in each view (5.1).
//!
//! A destination keeps one ordered list of its routes; the best in a view is the first that belongs to the view.

use crate::address::NetAddress;
use crate::flags::{ViewId, ViewSet};
use crate::handle::{DestSlot, RouteSlot};
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
        core::iter::successors(self.dests[dest].first_route, |slot| self.routes[*slot].next_in_dest)
    }

    pub(crate) fn best(&self, dest: DestSlot, view: ViewId) -> Option<RouteSlot> {
        let in_view = self.dests[dest].views.contains(view.set());
        let mut ranking = in_view.then(|| self.ranking(dest)).into_iter().flatten();
        ranking.find(|slot| self.routes[*slot].spec.views.contains(view.set()))
    }

    /// Returns the best route of every supported view.
    pub(crate) fn bests(&self, dest: DestSlot) -> Bests {
        let mut bests = [None; 32];
        let mut missing = self.profile.views_supported.intersection(self.dests[dest].views);
        for slot in self.ranking(dest) {
            let first_in = self.routes[slot].spec.views.intersection(missing);
            for view in first_in.iter() {
                bests[usize::from(view.number())] = Some(slot);
            }
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
            None => self.routes[slot].next_in_dest = self.dests[dest].first_route.replace(slot),
        }
    }

    /// Takes a route out of the ranking.
    pub(crate) fn rank_remove(&mut self, slot: RouteSlot) {
        let dest = self.routes[slot].dest;
        let next = self.routes[slot].next_in_dest.take();
        if self.dests[dest].first_route == Some(slot) {
            self.dests[dest].first_route = next;
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
