//! Ranking: which route of a destination is the best in each view (5.1).
//!
//! A destination keeps one ordered list of its routes; the best in a view is the first that belongs to the view. Most
//! destinations have one route only, and no list; the first route stands beside the destination in any case.

use crate::address::NetAddress;
use crate::flags::{ViewId, ViewSet};
use crate::handle::{DestSlot, EntitySlot, Handle as _, RouteHandle, RouteSlot};
use crate::info::RouteSpec;
use crate::lookup::{Dest, Routes};
use crate::manager::State;
use crate::profile::Ties;
use crate::route::Route;
use alloc::vec::Vec;

/// Is the best route of each view at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bests([Option<RouteSlot>; 32]);

impl Bests {
    pub(crate) fn of(&self, view: ViewId) -> Option<RouteSlot> {
        self.0[usize::from(view.number())]
    }
}

/// Is a route in the ranking of a destination that has several. Owners stand beside, so that a client's is found without a look at
/// the routes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ranked {
    route: RouteSlot,
    owner: EntitySlot,
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
        let at = &self.dests[dest];
        let several = if at.has_several() { self.several[&dest].as_slice() } else { &[] };
        let one = if at.has_several() { None } else { at.first_route.map(place_of) };
        one.into_iter().chain(several.iter().map(|ranked| ranked.route))
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

    /// Returns the routes that a client has of a destination, best first.
    pub(crate) fn ranking_of(&self, dest: DestSlot, owner: EntitySlot) -> impl Iterator<Item = RouteSlot> {
        let at = &self.dests[dest];
        let several = if at.has_several() { self.several[&dest].as_slice() } else { &[] };
        let one = if at.has_several() { None } else { at.first_route.map(place_of) };
        let one = one.filter(|slot| self.routes[*slot].owner == owner);
        let several = several.iter().filter(move |ranked| ranked.owner == owner);
        one.into_iter().chain(several.map(|ranked| ranked.route))
    }

    /// Puts a route into its place in the ranking.
    pub(crate) fn rank_insert(&mut self, slot: RouteSlot) {
        let Route { dest, owner, .. } = self.routes[slot];
        self.dests[dest].views = self.dests[dest].views.union(self.routes[slot].spec.views);
        let Some(first) = self.dests[dest].first_route.map(place_of) else {
            return self.note_first(dest, Some(slot));
        };
        let first = Ranked { route: first, owner: self.routes[first].owner };
        let place = if self.dests[dest].has_several() {
            self.place_among(&self.several[&dest], slot)
        } else {
            self.place_among(&[first], slot)
        };
        let several = self.several.get_or_insert_with(dest, || Vec::from([first]));
        if several.len() == several.capacity() {
            // Not for four at once, as a vector does by itself: of most there are two.
            several.reserve_exact(several.len() / 2 + 1);
        }
        several.insert(place, Ranked { route: slot, owner });
        self.dests[dest].note_routes(Routes::Several);
        if place == 0 {
            self.note_first(dest, Some(slot));
        }
    }

    /// Returns the place of a route among others, which are ranked.
    fn place_among(&self, others: &[Ranked], slot: RouteSlot) -> usize {
        let key = self.rank_key(slot);
        let is_before = |other: &Ranked| self.rank_key(other.route) < key;
        // The most frequent place first; nothing is ranked below it then.
        if others.first().is_some_and(is_before) { others.partition_point(is_before) } else { 0 }
    }

    /// Puts a route whose fields have changed into its new place in the ranking. Nothing is looked up for the only route of a
    /// destination, which most are.
    pub(crate) fn rank_anew(&mut self, slot: RouteSlot) {
        let Route { dest, owner, spec: RouteSpec { views, .. }, .. } = self.routes[slot];
        if !self.dests[dest].has_several() {
            let at = &mut self.dests[dest];
            assert_eq!(at.first_route.map(place_of), Some(slot), "the only route is the first");
            (at.views, at.views_of_first) = (views, views);
            return;
        }
        let list = self.several.get_mut(&dest).expect("several routes have a list");
        let mut several = core::mem::take(list);
        let before = several.iter().position(|ranked| ranked.route == slot);
        several.remove(before.expect("a route in the table is in its destination's ranking"));
        let after = self.place_among(&several, slot);
        several.insert(after, Ranked { route: slot, owner });
        let first = several[0].route;
        *self.several.get_mut(&dest).expect("several routes have a list") = several;
        self.note_first(dest, Some(first));
        self.dests[dest].views = self.dests[dest].views.union(views);
        self.dests[dest].views = self.views_left(dest);
    }

    /// Takes a route out of the ranking.
    pub(crate) fn rank_remove(&mut self, slot: RouteSlot) {
        let dest = self.routes[slot].dest;
        if self.dests[dest].has_several() {
            let several = self.several.get_mut(&dest).expect("several routes have a list");
            let place = several.iter().position(|ranked| ranked.route == slot);
            several.remove(place.expect("a route in the table is in its destination's ranking"));
            let (first, left) = (several[0].route, several.len());
            if left == 1 {
                self.several.remove(&dest);
                self.dests[dest].note_routes(Routes::Few);
            }
            if place == Some(0) {
                self.note_first(dest, Some(first));
            }
        } else {
            let only = self.dests[dest].first_route.map(place_of);
            assert_eq!(only, Some(slot), "a route in the table is in its destination's ranking");
            self.note_first(dest, None);
        }
        self.dests[dest].views = self.views_left(dest);
    }

    fn note_first(&mut self, dest: DestSlot, first: Option<RouteSlot>) {
        self.dests[dest].first_route = first.map(|first| self.routes.handle(first));
        let views = first.map_or(ViewSet::NONE, |first| self.routes[first].spec.views);
        self.dests[dest].views_of_first = views;
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
