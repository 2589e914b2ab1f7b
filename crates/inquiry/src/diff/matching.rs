//! Which record of one trace is which record of another.
//!
//! Records are matched from causes to what they led to. What came from outside is matched by name: the k-th of a name with
//! the k-th. Then, whenever two events are matched, what they led to is matched in the same way: events that they
//! scheduled, and notes made while they ran. Where one side has more of a name than the other, those at one instant are
//! matched first, so that one event more does not move all others of its name. Events that are left then have causes that
//! are not matched: the two first ones of a name are matched although their causes differ, earliest first, and after
//! each such pair what these two led to.
//!
//! Nothing in this depends on which trace is the first one, so comparing the other way round matches the same pairs.

use alloc::collections::BinaryHeap;
use core::cmp::{Ordering, Reverse};

use super::rows::{Class, Origination, Row};

/// The match of each record, from either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matching {
    pub(super) of_left: Matches,
    pub(super) of_right: Matches,
}

/// The match of each record of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matches(Vec<u32>);

/// Stands for the match of a record that has none. There is no record at this place.
const NONE: u32 = u32::MAX;

impl Matches {
    fn new(count: usize) -> Self {
        Self(vec![NONE; count])
    }

    /// The place of the match on the other side; `None` if there is none, or no such record.
    pub(super) fn of(&self, place: usize) -> Option<usize> {
        self.0.get(place).filter(|other| **other != NONE).map(|other| *other as usize)
    }

    /// The matches of all records, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = Option<usize>> + Clone {
        self.0.iter().map(|other| (*other != NONE).then_some(*other as usize))
    }

    fn is_left(&self, place: u32) -> bool {
        self.0[place as usize] == NONE
    }
}

/// Matches the records of two traces.
///
/// # Cost
/// Proportional to the number of records, where events led to few others, in the same order on both sides. Otherwise what an
/// event led to is sorted by name, and so are events whose causes are not matched.
pub(super) fn matching(left: &[Row], right: &[Row]) -> Matching {
    let matching = Matching { of_left: Matches::new(left.len()), of_right: Matches::new(right.len()) };
    let children = [left, right].map(Children::of);
    let mut matcher = Matcher { rows: [left, right], children, matching, open: Vec::new() };
    for cause in [Origination::OUTSIDE, Origination::UNKNOWN] {
        matcher.open.push([cause; 2]);
        matcher.match_what_follows();
    }
    matcher.match_by_names();
    matcher.matching
}

struct Matcher<'a> {
    rows: [&'a [Row]; 2],
    children: [Children; 2],
    matching: Matching,
    /// Causes that are matched, and what they led to is not yet.
    open: Vec<[Origination; 2]>,
}

/// The name of a record and its place. Sorted, those of one name are together, in order.
type Named = (u64, u32);

impl Matcher<'_> {
    /// Matches what causes that are matched have led to, and what followed from that.
    fn match_what_follows(&mut self) {
        let mut named: [Vec<Named>; 2] = [Vec::new(), Vec::new()];
        while let Some([left, right]) = self.open.pop() {
            self.list(0, left, &mut named[0]);
            self.list(1, right, &mut named[1]);
            let [ours, theirs] = &mut named;
            let is_same_order =
                ours.len() == theirs.len() && ours.iter().map(name).eq(theirs.iter().map(name));
            if is_same_order {
                ours.iter().zip(theirs).for_each(|(left, right)| self.pair(left.1, right.1));
                continue;
            }
            ours.sort_unstable();
            theirs.sort_unstable();
            for [ours, theirs] in both(ours, theirs) {
                self.match_one_name(ours, theirs);
            }
        }
    }

    /// Lists what a cause led to on a side, as far as it has no match.
    fn list(&self, side: usize, cause: Origination, named: &mut Vec<Named>) {
        named.clear();
        let (children, matches) = (&self.children[side], self.matches(side));
        let mut next = children.first(cause);
        while next != NONE {
            if matches.is_left(next) {
                named.push((self.rows[side][next as usize].name, next));
            }
            next = children.next[next as usize];
        }
    }

    const fn matches(&self, side: usize) -> &Matches {
        if side == 0 { &self.matching.of_left } else { &self.matching.of_right }
    }

    /// Matches records of one name and two causes that are matched.
    fn match_one_name(&mut self, left: &[Named], right: &[Named]) {
        if left.len() == right.len() {
            left.iter().zip(right).for_each(|(left, right)| self.pair(left.1, right.1));
            return;
        }
        let at = |side: usize, named: &[Named], index: usize| self.rows[side][named[index].1 as usize].at;
        let mut pairs = Vec::new();
        let mut rest: [Vec<u32>; 2] = [Vec::new(), Vec::new()];
        let [mut one, mut other] = [0, 0];
        while one < left.len() && other < right.len() {
            match at(0, left, one).cmp(&at(1, right, other)) {
                Ordering::Equal => {
                    pairs.push((left[one].1, right[other].1));
                    [one, other] = [one + 1, other + 1];
                }
                Ordering::Less => {
                    rest[0].push(left[one].1);
                    one += 1;
                }
                Ordering::Greater => {
                    rest[1].push(right[other].1);
                    other += 1;
                }
            }
        }
        let [left_rest, right_rest] = rest;
        let left_rest = left_rest.into_iter().chain(left[one..].iter().map(|named| named.1));
        let right_rest = right_rest.into_iter().chain(right[other..].iter().map(|named| named.1));
        pairs.extend(left_rest.zip(right_rest));
        for (left, right) in pairs {
            self.pair(left, right);
        }
    }

    /// Matches two records. What they led to is open then.
    fn pair(&mut self, left: u32, right: u32) {
        self.matching.of_left.0[left as usize] = right;
        self.matching.of_right.0[right as usize] = left;
        let is_leaf =
            self.children[0].firsts[left as usize] == NONE || self.children[1].firsts[right as usize] == NONE;
        if !is_leaf {
            self.open.push([left, right].map(Origination::event));
        }
    }

    /// Matches events that are left by their names, the earliest pair first, and what follows from each pair.
    fn match_by_names(&mut self) {
        let [left, right] = [0, 1].map(|side| self.events_left(side));
        let mut names: Vec<[&[Named]; 2]> = both(&left, &right).collect();
        let mut earliest: BinaryHeap<Reverse<Front>> =
            (0..names.len()).filter_map(|index| self.front(index, &mut names)).map(Reverse).collect();
        while let Some(Reverse(front)) = earliest.pop() {
            let now = self.front(front.name, &mut names);
            if now.as_ref() == Some(&front) {
                self.pair(front.left, front.right);
                self.match_what_follows();
                earliest.extend(self.front(front.name, &mut names).map(Reverse));
            } else {
                earliest.extend(now.map(Reverse));
            }
        }
    }

    /// The events of a side that have no match, by name.
    fn events_left(&self, side: usize) -> Vec<Named> {
        let matches = self.matches(side);
        let rows = (0_u32..).zip(self.rows[side]);
        let left = rows.filter(|(place, row)| row.class == Class::Event && matches.is_left(*place));
        let mut left: Vec<Named> = left.map(|(place, row)| (row.name, place)).collect();
        left.sort_unstable();
        left
    }

    /// The first events of a name that are left on both sides. Those with a match leave the list.
    fn front(&self, name: usize, names: &mut [[&[Named]; 2]]) -> Option<Front> {
        let [left, right] = [0, 1].map(|side| {
            let rest = &mut names[name][side];
            let matches = self.matches(side);
            let gone = rest.iter().take_while(|(_, place)| !matches.is_left(*place)).count();
            *rest = &rest[gone..];
            rest.first().map(|(_, place)| *place)
        });
        let (left, right) = (left?, right?);
        Some(Front { earlier: left.min(right), later: left.max(right), name, left, right })
    }
}

/// The first events of a name that are left, in the order in which names take their turns: the same from either side.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Front {
    earlier: u32,
    later: u32,
    /// The index of the name among those that both sides have, sorted.
    name: usize,
    left: u32,
    right: u32,
}

const fn name(named: &Named) -> u64 {
    named.0
}

/// The records of each name that two sorted lists both have.
fn both<'a>(mut left: &'a [Named], mut right: &'a [Named]) -> impl Iterator<Item = [&'a [Named]; 2]> {
    core::iter::from_fn(move || {
        loop {
            let (one, other) = (left.first()?.0, right.first()?.0);
            let ours = take(&mut left, one.min(other));
            let theirs = take(&mut right, one.min(other));
            if one == other {
                return Some([ours, theirs]);
            }
        }
    })
}

/// Takes the records of a name from the front of a sorted list.
fn take<'a>(list: &mut &'a [Named], name: u64) -> &'a [Named] {
    let count = list.iter().take_while(|named| named.0 == name).count();
    let (taken, rest) = list.split_at(count);
    *list = rest;
    taken
}

/// What each event, and what came from outside, led to, in order.
struct Children {
    /// By event; the last two are of what came from outside, and from events that are not known.
    firsts: Vec<u32>,
    next: Vec<u32>,
}

impl Children {
    fn of(rows: &[Row]) -> Self {
        let mut children = Self { firsts: vec![NONE; rows.len() + 2], next: vec![NONE; rows.len()] };
        // There are fewer records than places of 32 bits.
        let places = (0..u32::try_from(rows.len()).unwrap_or(NONE)).rev();
        for (place, row) in places.zip(rows.iter().rev()) {
            let cause = children.slot(row.cause);
            children.next[place as usize] = core::mem::replace(&mut children.firsts[cause], place);
        }
        children
    }

    fn first(&self, cause: Origination) -> u32 {
        self.firsts[self.slot(cause)]
    }

    fn slot(&self, cause: Origination) -> usize {
        cause.place().unwrap_or(if cause == Origination::OUTSIDE {
            self.next.len()
        } else {
            self.next.len() + 1
        })
    }
}
