//! Which record led to which.

use tiebreak_trace::{Causes, RecordLines};

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
