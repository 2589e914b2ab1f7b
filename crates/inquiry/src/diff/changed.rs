//! Records that both traces have, and in which something is different.

use tiebreak_kernel::Origin;
use tiebreak_trace::{Code, Parts, Space, Trace};

use super::matching::Matching;
use super::pairs;
use super::rows::{Side, is_same_value, number};

/// A record that both traces have, with other facts, another cause, or, of a pending event that was moved, another time to
/// wait. Another instant alone is a [`Shift`](super::Shift).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// Its numbers in A and B.
    pub numbers: [u64; 2],
    /// Whether its facts differ; [`Changed::facts`] says which.
    pub has_other_facts: bool,
    /// Whether something else led to it: another event, not the same one with another repeat.
    pub has_other_cause: bool,
    /// Whether the event that it moved waits for another time now, counted from the record.
    pub has_other_wait: bool,
}

/// A fact that differs in a record that both traces have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactChange {
    /// The key. It may contain any characters.
    pub key: String,
    /// The values in A and B, as text has them; `None` if the fact is not there.
    pub values: [Option<String>; 2],
}

impl Changed {
    /// Returns the facts that differ, those of A first. Of several facts with one key the first is compared with the first.
    #[must_use]
    pub fn facts(&self, left: &Trace, right: &Trace) -> Vec<FactChange> {
        let [one, other] = self.numbers;
        let (Some(one), Some(other)) = (left.record(one), right.record(other)) else { return Vec::new() };
        let [mine, theirs] = [keyed(left, &one), keyed(right, &other)];
        let find = |facts: &[Keyed], fact: &Keyed| {
            facts.iter().find(|other| (&other.key, other.nth) == (&fact.key, fact.nth)).map(|fact| fact.value)
        };
        let mut changes = Vec::new();
        for fact in &mine {
            let now = find(&theirs, fact);
            if !now.is_some_and(|now| is_same_value((left, fact.value), (right, now))) {
                let values = [Some(left.value(fact.value)), now.map(|now| right.value(now))];
                changes.push(FactChange { key: fact.key.clone(), values });
            }
        }
        let new = theirs.iter().filter(|fact| find(&mine, fact).is_none());
        changes.extend(new.map(|fact| {
            let values = [None, Some(right.value(fact.value))];
            FactChange { key: fact.key.clone(), values }
        }));
        changes
    }
}

/// A fact, and which of its key it is in its record.
struct Keyed {
    key: String,
    nth: usize,
    value: Code,
}

fn keyed(trace: &Trace, parts: &Parts<'_>) -> Vec<Keyed> {
    let mut facts: Vec<Keyed> = Vec::new();
    for (key, value) in parts.facts() {
        let key = trace.text(Space::Term, key).into_owned();
        let nth = facts.iter().filter(|fact| fact.key == key).count();
        facts.push(Keyed { key, nth, value });
    }
    facts
}

/// Returns the records that both sides have and in which something differs, in the order of the right side.
pub(super) fn changed(sides: &[Side<'_>; 2], matching: &Matching) -> Vec<Changed> {
    let [a, b] = sides;
    let compare = |(left, right): (usize, usize)| {
        let [one, other] = [a.parts(left), b.parts(right)];
        let (cause, other_cause) = (a.rows[left].cause, b.rows[right].cause);
        let is_same_cause = match (cause.place(), other_cause.place()) {
            (Some(one), Some(other)) => matching.of_left.of(one) == Some(other),
            (None, None) => cause == other_cause,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let changed = Changed {
            numbers: [number(left), number(right)],
            has_other_facts: !a.has_facts_of(&one, b, &other),
            has_other_cause: !is_same_cause,
            has_other_wait: wait(&one) != wait(&other),
        };
        let Changed { has_other_facts, has_other_cause, has_other_wait, .. } = changed;
        (has_other_facts || has_other_cause || has_other_wait).then_some(changed)
    };
    pairs(matching).filter_map(compare).collect()
}

/// How long from the record on an event waits that the record has moved.
fn wait(parts: &Parts<'_>) -> Option<i128> {
    match parts.origin {
        Origin::Moved { to } if to.is_never() => Some(i128::MAX),
        Origin::Moved { to } => Some(i128::from(to.as_nanos()) - i128::from(parts.instant.as_nanos())),
        Origin::Dispatch { .. } | Origin::Note | Origin::Cancelled => None,
    }
}
