use proptest::collection::vec as many;
use proptest::prelude::*;
use tiebreak_kernel::{Fact, Span, Term};
use tiebreak_trace::{Trace, first_unlike};

use super::*;
use crate::written::{BELL, EAST, ECHO, HEARD, LOUD, PITCH, RING, WAITS, WEST, written};

/// Two bells at one instant, in this order, each with an echo and a note.
fn bells(order: [Term; 2], rest: u64) -> Trace {
    written(|trace| {
        let start = trace.event(0, BELL, RING, None);
        for (at, bell) in (0..).zip(order) {
            let index = u32::from(bell == WEST && at == 0);
            let choice = (at == 0).then_some((index, 2));
            let ring = trace.choice(1_000, (bell, RING, 1), Some(start), choice);
            trace.note(ring, HEARD, &[Fact::number(LOUD, 3)]);
            trace.event(2_000, bell, ECHO, Some(ring));
        }
        for at in 0..rest {
            trace.event(3_000 + at, BELL, ECHO, Some(start));
        }
    })
}

fn text(left: &Trace, right: &Trace) -> String {
    text_lines(&compare(left, right), [left, right], ["one", "other"], Amount::Some).join("\n")
}

#[test]
fn a_trace_is_equal_to_itself() {
    let trace = bells([EAST, WEST], 3);
    let comparison = compare(&trace, &trace);
    assert!(comparison.is_equal() && comparison.is_equal_up_to_order());
    assert_eq!(comparison.counts.same, 10);
    assert!(comparison.moved.is_empty() && comparison.shifts.is_empty() && comparison.again.is_none());
}

#[test]
fn a_swap_is_a_choice_and_one_moved_event() {
    let (left, right) = (bells([EAST, WEST], 2), bells([WEST, EAST], 2));
    let comparison = compare(&left, &right);
    let first = comparison.first.clone().expect("they differ");
    assert_eq!(first.parting, Parting::Choice);
    assert_eq!(first.records, [Some(2), Some(2)]);
    assert_eq!(first.elsewhere, [Some(5), Some(5)]);
    assert_eq!(first.chains, [vec![2, 1], vec![2, 1]]);
    // The bell, and its echo, which comes at another place too.
    assert_eq!(comparison.moved.len(), 2, "{:?}", comparison.moved);
    assert!(comparison.added.is_empty() && comparison.removed.is_empty() && comparison.changed.is_empty());
    assert_eq!(comparison.again, Some(Again { from: [8, 8], records: 2, nanos: 0 }));
    assert!(comparison.is_equal_up_to_order(), "each actor goes through the same");
}

#[test]
fn an_insertion_changes_nothing_behind_it() {
    let put = |extra: bool| {
        written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            if extra {
                trace.event(1, EAST, RING, Some(start));
            }
            for at in 2..6 {
                let ring = trace.event(at, EAST, RING, Some(start));
                trace.note(ring, HEARD, &[]);
            }
        })
    };
    // The repeats of all later rings are one more, and the k-th ring of the cause is another one.
    let (left, right) = (put(false), put(true));
    let comparison = compare(&left, &right);
    assert_eq!(comparison.added, [2]);
    assert!(comparison.removed.is_empty() && comparison.changed.is_empty() && comparison.shifts.is_empty());
    assert_eq!(comparison.first.map(|first| first.parting), Some(Parting::OnlyRight));
    assert_eq!(comparison.again, Some(Again { from: [2, 3], records: 8, nanos: 0 }));
}

#[test]
fn a_shift_of_all_times_is_one_group() {
    let put = |late: u64| {
        written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            for at in 1..5 {
                let ring = trace.event(at * 10 + if at > 2 { late } else { 0 }, EAST, RING, Some(start));
                trace.note(ring, HEARD, &[]);
            }
        })
    };
    let comparison = compare(&put(0), &put(5));
    let shift = Shift { nanos: 5_000_000, first: [6, 6], last: [9, 9], events: 2, records: 4 };
    assert_eq!(comparison.shifts, [shift]);
    assert_eq!(comparison.first.map(|first| first.parting), Some(Parting::Time));
    assert_eq!(comparison.again, Some(Again { from: [6, 6], records: 4, nanos: 5_000_000 }));
    assert!(comparison.changed.is_empty() && comparison.moved.is_empty());
}

#[test]
fn facts_and_causes_that_change_are_named() {
    let put = |loud: &[u64], cause: usize| {
        written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            let other = trace.event(0, WEST, RING, None);
            let ring = trace.event(1, EAST, RING, Some([start, other][cause]));
            let mut facts: Vec<Fact<u64>> = loud.iter().map(|loud| Fact::number(LOUD, *loud)).collect();
            facts.push(Fact::number(PITCH, 7));
            trace.note(ring, HEARD, &facts);
        })
    };
    let (left, right) = (put(&[1, 2], 0), put(&[1, 3, 4], 0));
    let comparison = compare(&left, &right);
    assert_eq!(comparison.changed.len(), 1);
    let value = |number: u64| Some(number.to_string());
    let change = |values| FactChange { key: "loud".to_owned(), values };
    let expected = [change([value(2), value(3)]), change([None, value(4)])];
    assert_eq!(comparison.changed[0].facts(&left, &right), expected);
    let comparison = compare(&put(&[1], 0), &put(&[1], 1));
    assert_eq!(comparison.changed.len(), 1, "the event has another cause; its note has not");
    assert!(comparison.changed[0].has_other_cause && !comparison.changed[0].has_other_facts);
    assert!(comparison.is_equal_up_to_order(), "causes do not count");
}

#[test]
fn numbers_repeats_and_alternatives_do_not_count() {
    let put = |of: u32| {
        written(|trace| {
            trace.choice(0, (EAST, RING, 1), None, (of > 1).then_some((0, of)));
            trace.event(1, EAST, RING, None);
        })
    };
    assert!(compare(&put(3), &put(2)).is_equal());
    assert!(compare(&put(3), &put(1)).is_equal());
}

#[test]
fn a_span_is_its_nanoseconds_and_an_absent_fact_differs_from_zero() {
    let put = |fact: Fact<u64>| {
        written(|trace| {
            let ring = trace.event(0, EAST, RING, None);
            trace.note(ring, HEARD, &[fact]);
        })
    };
    let span = put(Fact::span(WAITS, Span::from_nanos(7)));
    assert!(compare(&span, &put(Fact::number(WAITS, 7))).is_equal());
    assert!(compare(&span, &put(Fact::signed(WAITS, 7))).is_equal());
    assert!(!compare(&span, &put(Fact::signed(WAITS, 8))).is_equal());
    assert!(!compare(&put(Fact::number(WAITS, 0)), &put(Fact::absent(WAITS))).is_equal());
    assert!(compare(&put(Fact::text(WAITS, "OK")), &put(Fact::word(WAITS, Term::new("OK")))).is_equal());
}

#[test]
fn the_swap_is_in_the_first_five_lines_and_what_led_to_both_is_said_once() {
    let (left, right) = (bells([EAST, WEST], 2), bells([WEST, EAST], 2));
    let expected = "\
A: one (9 records, 7 events)
B: other (9 records, 7 events)
First difference at 1s, record 2: each runs another of the 2 events that could run.
  A runs east/ring(1)#1; B runs it as record 5.
  B runs west/ring(1)#1; A runs it as record 5.
Only the order of events that do not affect each other differs: each actor goes through the same.
What led to it in A:
      2 1s        east      [1/2]   ring(1)#1                               < bell/ring(1)#1
      1 0s        bell              ring(1)#1
The same led to it in B.
9 records are the same; 2 moved
";
    let told = text(&left, &right);
    assert!(told.starts_with(expected), "{told}");
    // Of chains that are not the same both are shown.
    let put = |cause: Term| {
        written(|trace| {
            let start = trace.event(0, cause, RING, None);
            let ring = trace.event(1, BELL, ECHO, Some(start));
            trace.note(ring, HEARD, &[]);
        })
    };
    let told = text(&put(EAST), &put(WEST));
    assert!(!told.contains("The same led to it"), "{told}");
}

/// What a random event is: actor, kind, which earlier event is its cause, time since the event before, notes, a fact.
type Drawn = (u8, u8, u8, u8, u8, u8);

fn drawn(events: &[Drawn]) -> Trace {
    written(|trace| {
        let mut at = 0;
        for (number, (actor, kind, cause, later, notes, fact)) in events.iter().enumerate() {
            at += u64::from(*later / 2);
            let cause = usize::from(*cause).checked_sub(2).filter(|cause| *cause < number);
            let actor = [EAST, WEST, BELL][usize::from(*actor)];
            let kind = [RING, ECHO][usize::from(*kind)];
            let event = trace.event(at, actor, kind, cause);
            for note in 0..*notes {
                let kind = if note == 1 { HEARD } else { WAITS };
                trace.note(event, kind, &[Fact::number(LOUD, u64::from(*fact))]);
            }
        }
    })
}

fn events() -> impl Strategy<Value = Vec<Drawn>> {
    many((0..3_u8, 0..2_u8, 0..8_u8, 0..4_u8, 0..3_u8, 0..2_u8), 0..14)
}

proptest! {
    #[test]
    fn counts_add_up_and_are_the_same_from_either_side(one in events(), other in events()) {
        let (left, right) = (drawn(&one), drawn(&other));
        let [there, back] = [compare(&left, &right), compare(&right, &left)];
        let Counts { records, matched, same, .. } = there.counts;
        prop_assert_eq!(records[0], matched + there.removed.len() as u64);
        prop_assert_eq!(records[1], matched + there.added.len() as u64);
        prop_assert!(same <= matched);
        prop_assert_eq!((matched, same), (back.counts.matched, back.counts.same));
        prop_assert_eq!(&there.removed, &back.added);
        prop_assert_eq!(there.moved.len(), back.moved.len());
        prop_assert_eq!(there.changed.len(), back.changed.len());
        prop_assert_eq!(there.is_equal(), back.is_equal());
        let is_all_same = same == records[0].max(records[1]) && there.moved.is_empty();
        prop_assert_eq!(there.is_equal(), is_all_same);
        prop_assert_eq!(there.is_equal_up_to_order(), back.is_equal_up_to_order());
        prop_assert_eq!(there.unlike, first_unlike(&left, &right, |_| true));
        let sum = |comparison: &Comparison| comparison.shifts.iter().map(|shift| shift.nanos * i128::from(shift.records)).sum::<i128>();
        prop_assert_eq!(sum(&there), -sum(&back));
        prop_assert!(!text(&left, &right).is_empty());
        prop_assert!(compare(&left, &left).is_equal());
    }

    #[test]
    fn every_match_is_of_one_name_and_goes_both_ways(one in events(), other in events()) {
        let (left, right) = (drawn(&one), drawn(&other));
        let comparison = compare(&left, &right);
        for (number, parts) in left.records() {
            if let Some(there) = comparison.in_right(number) {
                prop_assert_eq!(comparison.in_left(there), Some(number));
                let there = right.record(there).expect("a match is a record");
                prop_assert_eq!(there.name_code(), parts.name_code());
            }
        }
    }
}
