//! What holds of the comparison of any two traces, against oracles that look at everything.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::collection::vec as many;
use proptest::prelude::*;
use tiebreak_kernel::{Fact, Instant, Name, Origin};
use tiebreak_trace::{Causes, Code, Parts, Trace};

use super::*;
use crate::written::{BELL, EAST, ECHO, HEARD, LOUD, PITCH, RING, WAITS, WEST, written};

/// An event: actor, kind, which earlier event is its cause, time since the event before; and what is recorded while it runs.
type Drawn = ((u8, u8, u8, u8), Vec<(u8, Vec<u8>)>);

fn events(most: usize) -> impl Strategy<Value = Vec<Drawn>> {
    let during = many((0..4_u8, many(0..4_u8, 0..3)), 0..3);
    many(((0..3_u8, 0..2_u8, 0..6_u8, 0..4_u8), during), 0..most)
}

/// A trace with events, notes, and events that are cancelled or moved.
fn drawn(events: &[Drawn]) -> Trace {
    written(|trace| {
        let mut at = 0;
        for (number, ((actor, kind, cause, later), during)) in events.iter().enumerate() {
            at += u64::from(*later / 2);
            let cause = usize::from(*cause).checked_sub(1).filter(|cause| *cause < number);
            let actor = [EAST, WEST, BELL][usize::from(*actor)];
            let event = trace.event(at, actor, [RING, ECHO][usize::from(*kind)], cause);
            for (what, facts) in during {
                let number = |(key, value)| Fact::number(key, value);
                let facts = facts
                    .iter()
                    .map(|fact| number([(LOUD, 1), (LOUD, 2), (PITCH, 1), (PITCH, 2)][usize::from(*fact)]));
                let facts: Vec<Fact<u64>> = facts.collect();
                let (kind, origin) = match what {
                    0 => (HEARD, Origin::Note),
                    1 => (WAITS, Origin::Note),
                    2 => (RING, Origin::Cancelled),
                    _ => (RING, Origin::Moved { to: Instant::from_millis(at + 1 + facts.len() as u64) }),
                };
                trace.put(Instant::from_millis(at), Name::of(BELL, kind, 1), origin, Some(event), &facts);
            }
        }
    })
}

/// What a record is without its number, its repeat, its choice, its cause and its instant.
fn what(trace: &Trace, parts: &Parts<'_>) -> String {
    let origin = match parts.origin {
        Origin::Dispatch { .. } => "ran".to_owned(),
        Origin::Note => "noted".to_owned(),
        Origin::Cancelled => "cancelled".to_owned(),
        Origin::Moved { to } => format!("moved by {}", to.as_nanos() - parts.instant.as_nanos()),
    };
    let facts =
        parts.facts().map(|(key, value)| format!(" {}={}", trace.value(Code::Word(key)), trace.value(value)));
    format!("{:x} {origin}{}", parts.name_code(), facts.collect::<String>())
}

/// The length of the longest selection of pairs that is in order on both sides, by looking at all.
fn longest(rights: &[u64]) -> usize {
    let mut best = vec![0; rights.len()];
    for at in 0..rights.len() {
        best[at] = 1
            + (0..at)
                .filter(|before| rights[*before] < rights[at])
                .map(|before| best[before])
                .max()
                .unwrap_or(0);
    }
    best.into_iter().max().unwrap_or(0)
}

/// Whether one trace becomes the other by exchanging neighbours of different actors, by trying all ways.
fn is_reached(left: &Trace, right: &Trace) -> bool {
    let records = |trace: &Trace| -> Vec<(u64, String)> {
        let records = trace.records();
        records
            .map(|(_, parts)| (parts.actor, format!("{} {}", parts.instant, what(trace, &parts))))
            .collect()
    };
    let (start, end) = (records(left), records(right));
    let mut seen = BTreeSet::from([start.clone()]);
    let mut open = VecDeque::from([start]);
    while let Some(order) = open.pop_front() {
        if order == end {
            return true;
        }
        for at in 1..order.len() {
            let mut next = order.clone();
            next.swap(at - 1, at);
            if order[at - 1].0 != order[at].0 && seen.insert(next.clone()) {
                open.push_back(next);
            }
        }
    }
    false
}

proptest! {
    /// Every record of both sides is told exactly once: as one that both have, or as one that only its side has.
    #[test]
    fn every_record_is_accounted_for_once(one in events(12), other in events(12)) {
        let (left, right) = (drawn(&one), drawn(&other));
        let told = compare(&left, &right);
        let pairs: Vec<(u64, u64)> = (1..=left.len()).filter_map(|number| Some((number, told.in_right(number)?))).collect();
        let mut lefts: Vec<u64> = pairs.iter().map(|pair| pair.0).chain(told.removed.iter().copied()).collect();
        let mut rights: Vec<u64> = pairs.iter().map(|pair| pair.1).chain(told.added.iter().copied()).collect();
        lefts.sort_unstable();
        rights.sort_unstable();
        prop_assert_eq!(lefts, (1..=left.len()).collect::<Vec<_>>());
        prop_assert_eq!(rights, (1..=right.len()).collect::<Vec<_>>());
        let pairs: BTreeMap<u64, u64> = pairs.into_iter().collect();
        for numbers in told.changed.iter().map(|changed| changed.numbers).chain(told.moved.iter().map(|moved| moved.numbers)) {
            prop_assert_eq!(pairs.get(&numbers[0]), Some(&numbers[1]));
        }
        prop_assert!(told.changed.windows(2).all(|pair| pair[0].numbers[1] < pair[1].numbers[1]));
        prop_assert!(told.moved.windows(2).all(|pair| pair[0].numbers[1] < pair[1].numbers[1]));
        let instants = |(one, other): (&u64, &u64)| [left.record(*one).unwrap().instant, right.record(*other).unwrap().instant];
        let shifted = pairs.iter().map(instants).filter(|[one, other]| one != other).count();
        prop_assert_eq!(told.shifts.iter().map(|shift| shift.records).sum::<u64>(), shifted as u64);
        let changed: BTreeSet<u64> = told.changed.iter().map(|changed| changed.numbers[0]).collect();
        let same = pairs.iter().filter(|pair| { let [one, other] = instants(*pair); one == other && !changed.contains(pair.0) });
        prop_assert_eq!(told.counts.same, same.count() as u64);
    }

    /// Pairs that are not called changed are alike in all but number, repeat, choice and instant, and their causes are a pair. Pairs
    /// that are called changed are not, and it is told what differs.
    #[test]
    fn what_is_called_unchanged_is_alike_and_what_is_called_changed_is_not(one in events(12), other in events(12)) {
        let (left, right) = (drawn(&one), drawn(&other));
        let (told, causes) = (compare(&left, &right), [Causes::of(&left), Causes::of(&right)]);
        let changed: BTreeMap<u64, &Changed> = told.changed.iter().map(|changed| (changed.numbers[0], changed)).collect();
        for (number, parts) in left.records() {
            let Some(there) = told.in_right(number) else { continue };
            let other = right.record(there).unwrap();
            let (one_cause, other_cause) = (causes[0].cause(&left, number), causes[1].cause(&right, there));
            let is_same_cause = one_cause.and_then(|cause| told.in_right(cause)) == other_cause
                && one_cause.is_some() == other_cause.is_some();
            let is_alike = what(&left, &parts) == what(&right, &other);
            let found = changed.get(&number);
            prop_assert_eq!(found.is_none(), is_alike && is_same_cause, "{} and {}", number, there);
            prop_assert_eq!(found.is_some_and(|found| found.has_other_cause), !is_same_cause);
            if let Some(found) = found {
                let facts = found.facts(&left, &right);
                prop_assert!(found.has_other_facts || facts.is_empty());
                prop_assert!(facts.iter().all(|fact| fact.values[0] != fact.values[1]));
            }
        }
    }

    /// As few events as possible are called moved, and the others are in one order on both sides.
    #[test]
    fn as_few_events_as_possible_have_moved(one in events(14), other in events(14)) {
        let (left, right) = (drawn(&one), drawn(&other));
        let told = compare(&left, &right);
        let moved: BTreeSet<u64> = told.moved.iter().map(|moved| moved.numbers[0]).collect();
        let events = left.records().filter(|(_, parts)| parts.event_code().is_some());
        let pairs: Vec<(u64, u64)> = events.filter_map(|(number, _)| Some((number, told.in_right(number)?))).collect();
        let rights: Vec<u64> = pairs.iter().map(|pair| pair.1).collect();
        let kept: Vec<u64> = pairs.iter().filter(|pair| !moved.contains(&pair.0)).map(|pair| pair.1).collect();
        prop_assert!(kept.is_sorted());
        prop_assert_eq!(kept.len(), longest(&rights));
        for Moved { numbers: [one, other], neighbour } in &told.moved {
            let (is_before, there) = match neighbour { Neighbour::Before(there) => (true, *there), Neighbour::After(there) => (false, *there) };
            let here = told.in_left(there).expect("the neighbour is in both");
            prop_assert_eq!((*other < there, *one > here), (is_before, is_before));
        }
    }

    /// `--up-to-order` calls equal what can be brought into the same order by exchanging neighbours of different actors.
    #[test]
    fn equal_up_to_order_is_what_exchanges_of_neighbours_reach(one in events(3), swaps in many(0..8_usize, 0..8), other in events(3)) {
        let (left, right) = (drawn(&one), drawn(&other));
        if left.len() <= 6 && right.len() <= 6 {
            prop_assert_eq!(compare(&left, &right).is_equal_up_to_order(), is_reached(&left, &right));
        }
        // Two that differ in order and in little else.
        let mut turned = one.clone();
        for at in swaps.into_iter().filter(|at| at + 1 < one.len()) {
            turned.swap(at, at + 1);
        }
        let right = drawn(&turned);
        if left.len() <= 6 && right.len() <= 6 {
            prop_assert_eq!(compare(&left, &right).is_equal_up_to_order(), is_reached(&left, &right));
        }
    }
}
