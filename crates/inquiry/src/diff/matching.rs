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
use core::cmp::Reverse;

use hashbrown::HashTable;
use tiebreak_kernel::fold;

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
/// One look-up a record, and for each event with another cause some steps in a heap.
pub(super) fn matching(left: &[Row], right: &[Row]) -> Matching {
    let matching = Matching { of_left: vec![None; left.len()], of_right: vec![None; right.len()] };
    let [by_cause, by_cause_right] = [left, right].map(Queues::by_cause);
    let children = Children::of(right);
    let mut matcher = Matcher { left, right, by_cause, by_cause_right, by_instant: None, children, matching };
    matcher.match_what_follows(Origination::Outside, Origination::Outside);
    matcher.match_what_follows(Origination::Unknown, Origination::Unknown);
    matcher.match_by_names();
    matcher.matching
}

struct Matcher<'a> {
    left: &'a [Row],
    right: &'a [Row],
    /// Records of the left side by name and cause.
    by_cause: Queues,
    /// The same of the right side, for how many there are.
    by_cause_right: Queues,
    /// Records of the left side by name, instant and cause; made when it is asked for.
    by_instant: Option<Queues>,
    /// Those of the right side.
    children: Children,
    matching: Matching,
}

impl Matcher<'_> {
    /// Matches what two causes that are matched have led to, and what followed from that.
    fn match_what_follows(&mut self, left: Origination, right: Origination) {
        let mut open = vec![(left, right)];
        while let Some(causes) = open.pop() {
            self.match_at_instants(causes, &mut open);
            let mut next = self.children.first(causes.1);
            while let Some(child) = next {
                next = self.children.next[child];
                let key = (self.right[child].name, causes.0.key());
                if self.matching.of_right[child].is_none() {
                    if let Some(found) = self.by_cause.next(key, &self.matching.of_left) {
                        self.pair(found, child);
                        open.push((Origination::Event(found), Origination::Event(child)));
                    }
                }
            }
        }
    }

    /// Of names of which one side has more, matches those at one instant.
    fn match_at_instants(
        &mut self,
        (left, right): (Origination, Origination),
        open: &mut Vec<(Origination, Origination)>,
    ) {
        let mut next = self.children.first(right);
        while let Some(child) = next {
            next = self.children.next[child];
            let Row { name, at, .. } = self.right[child];
            let counts =
                (self.by_cause.count((name, left.key())), self.by_cause_right.count((name, right.key())));
            if counts.0 == counts.1 || counts.0 == 0 || self.matching.of_right[child].is_some() {
                continue;
            }
            let by_instant = self.by_instant.get_or_insert_with(|| Queues::by_instant(self.left));
            if let Some(found) = by_instant.next((fold(name, at), left.key()), &self.matching.of_left) {
                self.pair(found, child);
                open.push((Origination::Event(found), Origination::Event(child)));
            }
        }
    }

    fn pair(&mut self, left: usize, right: usize) {
        self.matching.of_left[left] = Some(right);
        self.matching.of_right[right] = Some(left);
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
            if of_left.is_first((row.name, 0), place) {
                earliest.extend(self.front(row.name, &mut of_left, &mut of_right).map(Reverse));
            }
        }
        while let Some(Reverse(front)) = earliest.pop() {
            let now = self.front(front.name, &mut of_left, &mut of_right);
            if now.as_ref() == Some(&front) {
                self.pair(front.left, front.right);
                self.match_what_follows(Origination::Event(front.left), Origination::Event(front.right));
                earliest.extend(self.front(front.name, &mut of_left, &mut of_right).map(Reverse));
            } else {
                earliest.extend(now.map(Reverse));
            }
        }
    }

    /// The first events of a name that are left on both sides.
    fn front(&self, name: u64, of_left: &mut Queues, of_right: &mut Queues) -> Option<Front> {
        let left = of_left.next((name, 0), &self.matching.of_left)?;
        let right = of_right.next((name, 0), &self.matching.of_right)?;
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

/// Places of records in order, by name and a number.
struct Queues {
    /// Looked up, never walked over.
    queues: HashTable<Queue>,
    /// The next place with the same key, by place.
    nexts: Vec<Option<usize>>,
}

struct Queue {
    key: (u64, usize),
    first: usize,
    /// How many places there were at first.
    count: usize,
}

impl Queues {
    /// Queues of all records by name and cause.
    fn by_cause(rows: &[Row]) -> Self {
        let keys = rows.iter().enumerate().map(|(place, row)| (place, (row.name, row.cause.key())));
        Self::of(rows.len(), keys.rev())
    }

    /// Queues of all records by name and instant, and cause.
    fn by_instant(rows: &[Row]) -> Self {
        let key = |row: &Row| (fold(row.name, row.at), row.cause.key());
        Self::of(rows.len(), rows.iter().enumerate().map(|(place, row)| (place, key(row))).rev())
    }

    /// Queues of the events without a match, by name.
    fn of_events(rows: &[Row], matches: &[Option<usize>]) -> Self {
        let rest = rows.iter().zip(matches).enumerate();
        let rest = rest.filter(|(_, (row, of))| row.class == Class::Event && of.is_none());
        Self::of(rows.len(), rest.map(|(place, (row, _))| (place, (row.name, 0))).rev())
    }

    /// Queues of so many records at most, which come last first.
    fn of(count: usize, backwards: impl Iterator<Item = (usize, (u64, usize))>) -> Self {
        let mut queues = Self { queues: HashTable::new(), nexts: vec![None; count] };
        for (place, key) in backwards {
            if let Some(queue) = queues.queues.find_mut(slot(key), |queue| queue.key == key) {
                queues.nexts[place] = Some(core::mem::replace(&mut queue.first, place));
                queue.count += 1;
            } else {
                let queue = Queue { key, first: place, count: 1 };
                queues.queues.insert_unique(slot(key), queue, |queue| slot(queue.key));
            }
        }
        queues
    }

    fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    fn find(&self, key: (u64, usize)) -> Option<&Queue> {
        self.queues.find(slot(key), |queue| queue.key == key)
    }

    /// How many records have had this key.
    fn count(&self, key: (u64, usize)) -> usize {
        self.find(key).map_or(0, |queue| queue.count)
    }

    /// Whether a place is the first of its key that is left in the queue.
    fn is_first(&self, key: (u64, usize), place: usize) -> bool {
        self.find(key).is_some_and(|queue| queue.first == place)
    }

    /// The first place with this key that has no match yet. Those with a match leave the queue.
    fn next(&mut self, key: (u64, usize), matches: &[Option<usize>]) -> Option<usize> {
        let queue = self.queues.find_mut(slot(key), |queue| queue.key == key)?;
        while matches[queue.first].is_some() {
            // The last one stays, so that the queue can be found.
            queue.first = self.nexts[queue.first]?;
        }
        Some(queue.first)
    }
}

/// Where a key is looked for.
const fn slot((name, number): (u64, usize)) -> u64 {
    fold(name, number as u64)
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

    fn slot(&self, cause: Origination) -> usize {
        match cause {
            Origination::Event(event) => event,
            Origination::Outside => self.next.len(),
            Origination::Unknown => self.next.len() + 1,
        }
    }
}
