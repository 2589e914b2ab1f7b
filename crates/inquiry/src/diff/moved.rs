//! Events that run in another order.

use core::ops::Range;

use super::matching::Matching;
use super::pairs;
use super::rows::{Class, Side, number};
use crate::longest::in_same_order;

/// A record that stands at another place among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Its numbers in A and B.
    pub numbers: [u64; 2],
    /// With which record it has changed places.
    pub neighbour: Neighbour,
}

/// With which record another one has changed places: one that has kept its own, by its number in B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbour {
    /// In B the moved record comes before this one, in A after it.
    Before(u64),
    /// In B the moved record comes after this one, in A before it.
    After(u64),
}

/// Returns the fewest events that, put elsewhere, explain the order of the right side, and such notes within each event, in
/// the order of the right side. What stands under an event has moved with it.
pub(super) fn moved([a, b]: &[Side<'_>; 2], matching: &Matching) -> Vec<Moved> {
    let (events, mut notes): (Vec<_>, Vec<_>) =
        pairs(matching).partition(|(_, right)| b.rows[*right].class == Class::Event);
    let mut moved = strays(&events);
    let event = |(left, right): (usize, usize)| (b.rows[right].cause, a.rows[left].cause);
    notes.sort_by_key(|pair| event(*pair));
    for range in runs(&notes, |one, other| event(*one) == event(*other)) {
        moved.extend(strays(&notes[range]));
    }
    moved.sort_by_key(|moved| moved.numbers[1]);
    moved
}

/// Ranges of neighbours that go together.
fn runs<T>(items: &[T], are_together: impl Fn(&T, &T) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    items.chunk_by(are_together).map(move |run| {
        let range = start..start + run.len();
        start = range.end;
        range
    })
}

/// Of pairs in the order of the right side, those outside the longest selection that is in order on both sides.
fn strays(pairs: &[(usize, usize)]) -> Vec<Moved> {
    if pairs.is_sorted() {
        return Vec::new();
    }
    let kept = in_same_order(pairs);
    let mut strays = Vec::with_capacity(pairs.len() - kept.len());
    let mut behind = 0;
    for (left, right) in pairs {
        let next = kept.get(behind);
        if next.is_some_and(|(_, kept)| kept == right) {
            behind += 1;
            continue;
        }
        let before = behind.checked_sub(1).map(|before| kept[before]);
        // One of the two holds: between two neighbours in order, it would have been kept itself.
        let neighbour = match (next, before) {
            (Some((kept_left, kept)), _) if kept_left < left => Neighbour::Before(number(*kept)),
            (_, Some((_, kept))) => Neighbour::After(number(kept)),
            (Some((_, kept)), None) => Neighbour::Before(number(*kept)),
            (None, None) => unreachable!("of several pairs at least one is kept"),
        };
        strays.push(Moved { numbers: [number(*left), number(*right)], neighbour });
    }
    strays
}
