//! Which record led to which.

use tiebreak_kernel::{Instant, Origin, PartCodes, Settings, event_code, hash_text};
use tiebreak_trace::{Causes, Coded, Digest, Header, RecordLines, Space, Trace, TraceBuilder};

use crate::office::setup;

#[test]
fn a_chain_leads_back_to_what_came_from_outside() {
    let trace = setup(2, 1, 1, 1).trace();
    let causes = Causes::of(&trace);
    for (number, parts) in trace.records() {
        let chain = causes.chain(&trace, number);
        assert_eq!(chain.first(), Some(&number));
        assert!(chain.windows(2).all(|pair| pair[1] < pair[0]), "{chain:?}");
        let root = chain.last().and_then(|root| trace.record(*root)).expect("the record itself");
        assert_eq!(root.cause, None);
        assert_eq!(chain.len() > 1, parts.cause.is_some());
    }
    assert!(causes.chain(&trace, trace.len() + 1).is_empty());
    assert!(causes.chain(&trace, 0).is_empty());
}

#[test]
fn lines_by_number_are_those_of_the_text() {
    let trace = setup(3, 2, 1, 4).trace();
    let causes = Causes::of(&trace);
    let mut lines = RecordLines::new(&trace, &causes);
    let text = trace.to_string();
    let mut wanted = text.lines().skip(1);
    assert_eq!(Some(lines.columns()), wanted.next());
    for number in 1..=trace.len() {
        assert_eq!(lines.line(number), wanted.next());
    }
    assert_eq!(lines.line(trace.len() + 1), None);
}

#[test]
fn spellings_are_what_causes_are_called_in_text() {
    let trace = setup(2, 1, 1, 1).trace();
    let causes = Causes::of(&trace);
    let text = trace.to_string();
    let leading = (1..=trace.len()).filter_map(|number| causes.cause(&trace, number));
    let names: Vec<String> =
        leading.filter_map(|cause| trace.record(cause)).map(|parts| trace.spelling(&parts)).collect();
    assert!(!names.is_empty());
    assert!(names.iter().any(|name| text.contains(&format!("< {name}"))), "{names:?}\n{text}");
}

/// A trace from outside: events of one name with these repeats, and the repeats of their causes.
fn from_outside(events: &[(u32, u32)]) -> Trace {
    let [actor, kind] = [hash_text("a"), hash_text("k")];
    let name = PartCodes { actor, kind, subject: 0 };
    let mut builder = TraceBuilder::new(Header::new(1, Digest::of(b"circle"), &Settings::new(1)));
    builder.enter(Space::Name, actor, "a").expect("new");
    builder.enter(Space::Term, kind, "k").expect("new");
    for (repeat, cause) in events.iter().copied() {
        let origin = Origin::Dispatch { repeat, choice: None };
        let cause = Some(event_code(name.name(), cause));
        builder
            .push(&Coded { instant: Instant::START, name, origin, cause, facts: &[] })
            .expect("well-formed");
    }
    builder.into_trace(Vec::new())
}

#[test]
fn a_record_that_names_a_later_one_or_itself_as_its_cause_ends_a_chain() {
    let trace = from_outside(&[(1, 2), (2, 1), (3, 3)]);
    let causes = Causes::of(&trace);
    assert_eq!([1, 2, 3].map(|number| causes.chain(&trace, number)), [vec![1], vec![2, 1], vec![3]]);
}

#[test]
fn of_events_with_one_code_the_first_is_the_cause_and_many_cost_no_more_than_others() {
    let mut events = vec![(1, 1); 200_000];
    events.push((2, 1));
    let trace = from_outside(&events);
    let causes = Causes::of(&trace);
    assert_eq!(causes.chain(&trace, trace.len()), [trace.len(), 1]);
}
