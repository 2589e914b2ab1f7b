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
use core::iter::successors;

use hashbrown::HashTable;

use super::rows::{Class, Origination, Row};

/// The match of each record, by place; `None` if it has none.
#[derive(Debug)]
pub(super) struct Matching {
    pub(super) of_left: Vec<Option<usize>>,
    pub(super) of_right: Vec<Option<usize>>,
}

/// Matches the records of two traces.
///
/// # Cost
/// A step or two a record where both sides go the same way. Where two events have led to other things, what they led to is sorted by
/// name; and each event with another cause takes some steps in a heap.
pub(super) fn matching(left: &[Row], right: &[Row]) -> Matching {
    let matching = Matching { of_left: vec![None; left.len()], of_right: vec![None; right.len()] };
    let children = [left, right].map(Children::of);
    let mut matcher = Matcher { left, right, children, open: Vec::new(), matching };
    matcher.match_what_follows((Origination::Outside, Origination::Outside));
    matcher.match_what_follows((Origination::Unknown, Origination::Unknown));
    matcher.match_by_names();
    matcher.matching
}

struct Matcher<'a> {
    left: &'a [Row],
    right: &'a [Row],
    /// Those of the left side and of the right side.
    children: [Children; 2],
    /// Pairs of events of which that is still to be matched that they led to.
    open: Vec<(Origination, Origination)>,
    matching: Matching,
}

impl Matcher<'_> {
    /// Matches what two causes that are matched have led to, and what followed from that.
    fn match_what_follows(&mut self, causes: (Origination, Origination)) {
        self.open.push(causes);
        while let Some((left, right)) = self.open.pop() {
            if self.went_the_same_way(left, right) {
                self.match_one_by_one(left, right);
            } else {
                self.match_by_name_within(left, right);
            }
        }
    }

    /// Whether two causes led to as many records of the same names in the same order, and none of them is matched.
    fn went_the_same_way(&self, left: Origination, right: Origination) -> bool {
        let (mut lefts, mut rights) = (self.children[0].of_cause(left), self.children[1].of_cause(right));
        loop {
            match (lefts.next(), rights.next()) {
                (Some(left), Some(right)) => {
                    let is_free =
                        self.matching.of_left[left].is_none() && self.matching.of_right[right].is_none();
                    if !is_free || self.left[left].name != self.right[right].name {
                        return false;
                    }
                }
                (None, None) => return true,
                (Some(_), None) | (None, Some(_)) => return false,
            }
        }
    }

    fn match_one_by_one(&mut self, left: Origination, right: Origination) {
        let (mut left, mut right) = (self.children[0].first(left), self.children[1].first(right));
        while let (Some(one), Some(other)) = (left, right) {
            self.pair(one, other);
            (left, right) = (self.children[0].next[one], self.children[1].next[other]);
        }
    }

    /// Matches what two causes led to name by name.
    fn match_by_name_within(&mut self, left: Origination, right: Origination) {
        let free = |children: &Children, cause, matches: &[Option<usize>], rows: &[Row]| {
            let mut free: Vec<usize> =
                children.of_cause(cause).filter(|place| matches[*place].is_none()).collect();
            free.sort_by_key(|place| rows[*place].name);
            free
        };
        let lefts = free(&self.children[0], left, &self.matching.of_left, self.left);
        let rights = free(&self.children[1], right, &self.matching.of_right, self.right);
        let (mut lefts, mut rights) = (&lefts[..], &rights[..]);
        while let (Some(left), Some(right)) = (lefts.first(), rights.first()) {
            let name = self.left[*left].name.min(self.right[*right].name);
            let (of_left, of_right);
            (of_left, lefts) = lefts.split_at(lefts.partition_point(|place| self.left[*place].name == name));
            (of_right, rights) =
                rights.split_at(rights.partition_point(|place| self.right[*place].name == name));
            self.match_of_one_name(of_left, of_right);
        }
    }

    /// Matches records of one name: in order if there are as many on both sides; else those at one instant first.
    fn match_of_one_name(&mut self, lefts: &[usize], rights: &[usize]) {
        if lefts.len() != rights.len() {
            let (mut left, mut right) = (lefts.iter().peekable(), rights.iter().peekable());
            while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
                match self.left[**one].at.cmp(&self.right[**other].at) {
                    Ordering::Less => _ = left.next(),
                    Ordering::Greater => _ = right.next(),
                    Ordering::Equal => {
                        self.pair(**one, **other);
                        _ = (left.next(), right.next());
                    }
                }
            }
        }
        let free = |places: &[usize], matches: &[Option<usize>]| -> Vec<usize> {
            places.iter().copied().filter(|place| matches[*place].is_none()).collect()
        };
        let [lefts, rights] = [free(lefts, &self.matching.of_left), free(rights, &self.matching.of_right)];
        for (left, right) in lefts.into_iter().zip(rights) {
            self.pair(left, right);
        }
    }

    fn pair(&mut self, left: usize, right: usize) {
        self.matching.of_left[left] = Some(right);
        self.matching.of_right[right] = Some(left);
        let causes = (Origination::Event(left), Origination::Event(right));
        if self.children[0].first(causes.0).is_some() && self.children[1].first(causes.1).is_some() {
            self.open.push(causes);
        }
    }

    /// Matches events that are left by their names, the earliest pair first, and what follows from each pair.
    fn match_by_names(&mut self) {
        let mut of_left = Queues::of_events(self.left, &self.matching.of_left);
        let mut of_right = Queues::of_events(self.right, &self.matching.of_right);
        if of_left.is_empty() || of_right.is_empty() {
            return;
        }
        let mut earliest = BinaryHeap::new();
        for (place, row) in self.left.iter().enumerate() {
            // Once a name: at its first event that is left. None has left its queue yet.
            if of_left.is_first(row.name, place) {
                earliest.extend(self.front(row.name, &mut of_left, &mut of_right).map(Reverse));
            }
        }
        while let Some(Reverse(front)) = earliest.pop() {
            let now = self.front(front.name, &mut of_left, &mut of_right);
            if now.as_ref() == Some(&front) {
                self.pair(front.left, front.right);
                self.match_what_follows((Origination::Event(front.left), Origination::Event(front.right)));
                earliest.extend(self.front(front.name, &mut of_left, &mut of_right).map(Reverse));
            } else {
                earliest.extend(now.map(Reverse));
            }
        }
    }

    /// The first events of a name that are left on both sides.
    fn front(&self, name: u64, of_left: &mut Queues, of_right: &mut Queues) -> Option<Front> {
        let left = of_left.next(name, &self.matching.of_left)?;
        let right = of_right.next(name, &self.matching.of_right)?;
        Some(Front { earlier: left.min(right), later: left.max(right), name, left, right })
    }
}

/// The first events of a name that are left, in the order in which names take their turns: the same from either side.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Front {
    earlier: usize,
    later: usize,
    name: u64,
    left: usize,
    right: usize,
}

/// Places of events in order, by name.
struct Queues {
    /// Names, which are hashes already, and the first place of each. Looked up, never walked over.
    firsts: HashTable<(u64, usize)>,
    /// The next place of the same name, by place.
    nexts: Vec<Option<usize>>,
}

impl Queues {
    /// Queues of the events without a match.
    fn of_events(rows: &[Row], matches: &[Option<usize>]) -> Self {
        let mut queues = Self { firsts: HashTable::new(), nexts: Vec::new() };
        let rest = rows.iter().zip(matches).enumerate().rev();
        for (place, (Row { name, .. }, _)) in
            rest.filter(|(_, (row, of))| row.class == Class::Event && of.is_none())
        {
            // The last of all, which comes first, has the greatest place.
            queues.nexts.resize(queues.nexts.len().max(place + 1), None);
            match queues.firsts.find_mut(*name, |(other, _)| other == name) {
                Some((_, first)) => queues.nexts[place] = Some(core::mem::replace(first, place)),
                None => _ = queues.firsts.insert_unique(*name, (*name, place), |(name, _)| *name),
            }
        }
        queues
    }

    fn is_empty(&self) -> bool {
        self.firsts.is_empty()
    }

    /// Whether a place is the first of its name that is left in the queue.
    fn is_first(&self, name: u64, place: usize) -> bool {
        self.firsts.find(name, |(other, _)| *other == name).is_some_and(|(_, first)| *first == place)
    }

    /// The first place of this name that has no match yet. Those with a match leave the queue.
    fn next(&mut self, name: u64, matches: &[Option<usize>]) -> Option<usize> {
        let (_, first) = self.firsts.find_mut(name, |(other, _)| *other == name)?;
        while matches[*first].is_some() {
            // The last one stays, so that the queue can be found.
            *first = self.nexts[*first]?;
        }
        Some(*first)
    }
}

/// What each event, and what came from outside, led to, in order.
struct Children {
    /// By event; the last two are of what came from outside, and from events that are not known.
    firsts: Vec<Option<usize>>,
    next: Vec<Option<usize>>,
}

impl Children {
    fn of(rows: &[Row]) -> Self {
        let mut children = Self { firsts: vec![None; rows.len() + 2], next: vec![None; rows.len()] };
        for (place, row) in rows.iter().enumerate().rev() {
            let cause = children.slot(row.cause);
            children.next[place] = children.firsts[cause].replace(place);
        }
        children
    }

    fn first(&self, cause: Origination) -> Option<usize> {
        self.firsts[self.slot(cause)]
    }

    fn of_cause(&self, cause: Origination) -> impl Iterator<Item = usize> {
        successors(self.first(cause), |place| self.next[*place])
    }

    fn slot(&self, cause: Origination) -> usize {
        match cause {
            Origination::Event(event) => event,
            Origination::Outside => self.next.len(),
            Origination::Unknown => self.next.len() + 1,
        }
    }
}
