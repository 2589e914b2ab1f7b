//! What differs between two traces: where they part, and what came of it.
//!
//! ```text
//!   A, B ─► rows ─► matching ─┬─► changed   the same record with other facts, another cause
//!                             ├─► moved     events in another order: the fewest that explain it
//!                             ├─► shifts    the same records, earlier or later
//!                             └─► first     where they part, and whether that was a choice
//! ```
//! Records are matched by names and causes, never by lines or numbers: an event that is inserted early changes nothing
//! about the events behind it, and neither do times that shift.

mod changed;
mod first;
mod matching;
mod moved;
#[cfg(test)]
mod properties;
mod rows;
mod shifts;
#[cfg(test)]
mod tests;
mod text;
mod unlike;

use tiebreak_trace::{Trace, Unlike};

pub use self::changed::{Changed, FactChange};
pub use self::first::{First, Parting};
pub use self::moved::{Moved, Neighbour};
pub use self::shifts::{Again, Shift};
pub use self::text::{Amount, LINES_MAX, text_lines, up_to_order_lines};

use self::matching::{Matches, Matching, matching};
use self::rows::{Class, Side, number, sides};

/// What differs between two traces, A and B. Of two numbers in an array the first one is about A.
///
/// Records are named by their numbers, from 1. The trace that a number belongs to is said where it is not plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Where they part; `None` if nothing differs.
    pub first: Option<First>,
    /// The events, and the notes within one event, that run at another place among the others: as few as explain the
    /// order. In the order of B.
    pub moved: Vec<Moved>,
    /// The records of A that B does not have, in order.
    pub removed: Vec<u64>,
    /// The records of B that A does not have, in order.
    pub added: Vec<u64>,
    /// The records that both have, with other facts or another cause, in the order of B.
    pub changed: Vec<Changed>,
    /// The records that both have at different instants, grouped by the difference: the earliest group first.
    pub shifts: Vec<Shift>,
    /// How much at the end is equal again; `None` if nothing is, or if nothing differs.
    pub again: Option<Again>,
    /// How many there are of all this.
    pub counts: Counts,
    /// The first record that an actor goes through in one trace only, without causes, repeats and numbers; `None` if only
    /// the order between actors differs, which matters to none of them.
    pub unlike: Option<Unlike>,
    matching: Matching,
}

/// How many records differ, and how many do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// The records of each trace.
    pub records: [u64; 2],
    /// The events of each trace.
    pub events: [u64; 2],
    /// The records that both have.
    pub matched: u64,
    /// Those of them that are not changed and at the same instant, also if they stand at another place among the others.
    pub same: u64,
}

impl Comparison {
    /// Whether nothing differs. Record numbers, repeats, and which of how many events a choice was do not count, and
    /// neither do headers.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.first.is_none()
    }

    /// Whether nothing differs but the order of events that do not matter to each other: each actor goes through the same
    /// records in the same order, as a [`BehaviourRecorder`](tiebreak_trace::BehaviourRecorder) tells runs apart.
    #[must_use]
    pub const fn is_equal_up_to_order(&self) -> bool {
        self.unlike.is_none()
    }

    /// Returns the number of the record of B that is this one of A; `None` if B does not have it.
    #[must_use]
    pub fn in_right(&self, left: u64) -> Option<u64> {
        of(&self.matching.of_left, left)
    }

    /// Returns the number of the record of A that is this one of B; `None` if A does not have it.
    #[must_use]
    pub fn in_left(&self, right: u64) -> Option<u64> {
        of(&self.matching.of_right, right)
    }
}

/// Compares two traces.
///
/// # Cost
/// Proportional to the number of records, but for the search for the fewest moved events, and for events that have other
/// causes, which sort. `benches/benches/diff.rs` measures it for two traces of 100,000 events.
#[must_use]
pub fn compare(left: &Trace, right: &Trace) -> Comparison {
    let sides = sides([left, right]);
    let [a, b] = &sides;
    let matching = matching(&a.rows, &b.rows);
    let changed = changed::changed(&sides, &matching);
    let moved = moved::moved(&sides, &matching);
    let mut is_touched = vec![false; b.rows.len()];
    for number in
        changed.iter().map(|changed| changed.numbers[1]).chain(moved.iter().map(|moved| moved.numbers[1]))
    {
        if let Some(touched) = usize::try_from(number - 1).ok().and_then(|place| is_touched.get_mut(place)) {
            *touched = true;
        }
    }
    let first = first::first(&sides, &matching, &is_touched);
    let again = first.as_ref().and_then(|_| shifts::again(&sides, &matching, &is_touched));
    Comparison {
        moved,
        removed: unmatched(&matching.of_left),
        added: unmatched(&matching.of_right),
        shifts: shifts::shifts(&sides, &matching),
        again,
        counts: counts(&sides, &matching, &changed),
        unlike: if first.is_none() { None } else { unlike::unlike(&sides, &matching, &changed) },
        matching,
        first,
        changed,
    }
}

fn unmatched(matches: &Matches) -> Vec<u64> {
    let unmatched = matches.all().enumerate().filter(|(_, of)| of.is_none());
    unmatched.map(|(place, _)| number(place)).collect()
}

/// The number of the match of the record with this number.
fn of(matches: &Matches, record: u64) -> Option<u64> {
    matches.of(usize::try_from(record.checked_sub(1)?).ok()?).map(number)
}

fn counts([a, b]: &[Side<'_>; 2], matching: &Matching, changed: &[Changed]) -> Counts {
    let events = |side: &Side<'_>| side.rows.iter().filter(|row| row.class == Class::Event).count() as u64;
    let pairs = pairs(matching);
    let is_at_once = |(left, right): &(usize, usize)| a.rows[*left].at == b.rows[*right].at;
    // Changed records are in the order of the right side, as pairs are.
    let mut changed = changed.iter().map(|changed| changed.numbers[1]).peekable();
    let mut is_unchanged = |(_, right): &(usize, usize)| changed.next_if_eq(&number(*right)).is_none();
    Counts {
        records: [a.trace.len(), b.trace.len()],
        events: [events(a), events(b)],
        matched: pairs.clone().count() as u64,
        same: pairs.filter(|pair| is_unchanged(pair) && is_at_once(pair)).count() as u64,
    }
}

/// The places of records that both sides have, in the order of the right side.
fn pairs(matching: &Matching) -> impl Iterator<Item = (usize, usize)> + Clone {
    matching.of_right.all().enumerate().filter_map(|(right, left)| Some((left?, right)))
}
