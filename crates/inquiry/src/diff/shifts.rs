//! The same records at other instants, and what is equal again at the end.

use alloc::collections::BTreeMap;

use super::matching::Matching;
use super::pairs;
use super::rows::{Class, Side, number};

/// Records that B has so much later than A.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// How many nanoseconds later they are in B; negative if they are earlier. Never 0.
    pub nanos: i128,
    /// The numbers of the first of them, in A and B.
    pub first: [u64; 2],
    /// The numbers of the last of them.
    pub last: [u64; 2],
    /// How many of them are events.
    pub events: u64,
    /// How many there are.
    pub records: u64,
}

/// The part at the end of both traces that does not differ any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The numbers of its first record, in A and B.
    pub from: [u64; 2],
    /// How many records it has.
    pub records: u64,
    /// How many nanoseconds later it is in B; negative if it is earlier, 0 if at the same instants.
    pub nanos: i128,
}

/// Returns the records that both sides have at different instants, by the difference, those first whose first record in B
/// comes first.
pub(super) fn shifts(sides: &[Side<'_>; 2], matching: &Matching) -> Vec<Shift> {
    let mut groups: BTreeMap<i128, Shift> = BTreeMap::new();
    for (left, right) in pairs(matching) {
        let nanos = later(sides, (left, right));
        if nanos == 0 {
            continue;
        }
        let numbers = [number(left), number(right)];
        let fresh = Shift { nanos, first: numbers, last: numbers, events: 0, records: 0 };
        let shift = groups.entry(nanos).or_insert(fresh);
        shift.last = numbers;
        shift.records += 1;
        shift.events += u64::from(sides[1].rows[right].class == Class::Event);
    }
    let mut shifts: Vec<Shift> = groups.into_values().collect();
    shifts.sort_by_key(|shift| shift.first[1]);
    shifts
}

/// Returns the longest part at the end of both sides of which every record has its match opposite, unchanged, and all at the
/// same distance in time.
pub(super) fn again(sides: &[Side<'_>; 2], matching: &Matching, is_touched: &[bool]) -> Option<Again> {
    let [a, b] = sides;
    let backwards = (0..a.rows.len()).rev().zip((0..b.rows.len()).rev());
    let mut again: Option<Again> = None;
    for (left, right) in backwards {
        if matching.of_left.of(left) != Some(right) || is_touched[right] {
            break;
        }
        let nanos = later(sides, (left, right));
        if again.is_some_and(|again| again.nanos != nanos) {
            break;
        }
        let records = again.map_or(0, |again| again.records) + 1;
        again = Some(Again { from: [number(left), number(right)], records, nanos });
    }
    again
}

/// How many nanoseconds later a record is in B.
fn later([a, b]: &[Side<'_>; 2], (left, right): (usize, usize)) -> i128 {
    i128::from(b.rows[right].at) - i128::from(a.rows[left].at)
}
