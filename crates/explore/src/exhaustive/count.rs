//! How many orders there are.
//!
//! Two events *commute* in a state if both orders of them lead to the same state. Orders are equivalent if one becomes the
//! other by letting neighbours change places that commute where they stand. Sleep sets (Godefroid) count one order of each
//! class: of events that commute, the one that was followed first sleeps on the ways of the others until something runs
//! that it does not commute with. Whoever has to wake a sleeper was counted before.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Orders;
use super::fork::Label;
use super::graph::{Graph, Way};

/// A state, and the events that sleep in it, sorted.
type Place = (usize, Vec<u64>);

/// So many places are looked at to leave out equivalent orders.
const PLACES_MAX: usize = 4_000_000;

/// Counts the orders of a whole graph.
pub(crate) fn orders(graph: &Graph) -> Orders {
    let behind = |(state, _): &Place| {
        graph.states[*state].iter().map(|way| ((way.to, Vec::new()), way.times)).collect()
    };
    let awake = || count(graph, PLACES_MAX, |place| awake(graph, place));
    let inequivalent = if graph.is_merged { awake() } else { None };
    // Of those that were left out nobody knows how many there are.
    let all = if graph.is_reduced { None } else { count(graph, usize::MAX, behind) };
    Orders { all, inequivalent }
}

/// The places behind a place, if sleepers are not woken.
fn awake(graph: &Graph, (state, asleep): &Place) -> Vec<(Place, u32)> {
    let (mut followed, mut places) = (asleep.clone(), Vec::new());
    for way in &graph.states[*state] {
        if asleep.contains(&way.event.code()) {
            continue;
        }
        let stays = |other: &u64| commute(graph, *state, way, *other);
        let mut sleepers: Vec<u64> = followed.iter().copied().filter(stays).collect();
        sleepers.sort_unstable();
        places.push(((way.to, sleepers), 1));
        followed.push(way.event.code());
    }
    places
}

/// Whether both orders of two events lead from a state to the same one.
fn commute(graph: &Graph, state: usize, one: &Way, other: u64) -> bool {
    let find = |from: usize, event: u64| graph.states[from].iter().find(|way| way.event.code() == event);
    let Some(other) = find(state, other) else { return false };
    let is_clear = |event: Label| !event.has_twin;
    let (Some(first), Some(second)) = (find(one.to, other.event.code()), find(other.to, one.event.code()))
    else {
        return false;
    };
    is_clear(one.event) && is_clear(other.event) && first.to == second.to
}

/// The number of ways from the beginning to an end, by the places behind each place and how often each counts; `None` if there
/// are too many places.
fn count(graph: &Graph, places_max: usize, behind: impl Fn(&Place) -> Vec<(Place, u32)>) -> Option<u128> {
    let begin: Place = (0, Vec::new());
    let mut counted: BTreeMap<Place, u128> = BTreeMap::new();
    let mut open = Vec::from([begin.clone()]);
    while let Some(place) = open.last() {
        if counted.contains_key(place) {
            open.pop();
            continue;
        }
        if counted.len() >= places_max {
            return None;
        }
        let next = behind(place);
        let places = next.iter().map(|(place, _)| place);
        let missing: Vec<Place> = places.filter(|place| !counted.contains_key(*place)).cloned().collect();
        if !missing.is_empty() {
            open.extend(missing);
            continue;
        }
        let ways = next.iter().map(|(place, times)| counted[place].saturating_mul((*times).into()));
        let ways = ways.fold(0, u128::saturating_add);
        let is_end = graph.states[place.0].is_empty();
        let Some(place) = open.pop() else { break };
        counted.insert(place, if is_end { 1 } else { ways });
    }
    counted.get(&begin).copied()
}
