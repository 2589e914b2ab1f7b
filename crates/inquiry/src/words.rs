//! Records in words, outside the columns of a trace.

use tiebreak_kernel::Origin;
use tiebreak_trace::{Code, Parts, RESULT, Trace};

/// What a record says: an event by its name, a note with its facts, a change of a pending event with what it is.
pub(crate) fn words(trace: &Trace, parts: &Parts<'_>) -> String {
    let name = trace.spelling(parts);
    let facts = facts(trace, parts);
    let said = match parts.origin {
        Origin::Dispatch { .. } => name,
        Origin::Note => format!("· {name}"),
        Origin::Cancelled => format!("· cancelled {name}"),
        Origin::Moved { to } => format!("· moved {name} to {to}"),
    };
    if facts.is_empty() { said } else { format!("{said} {facts}") }
}

/// The facts of a record as a trace writes them.
pub(crate) fn facts(trace: &Trace, parts: &Parts<'_>) -> String {
    let facts = parts.facts().map(|(key, value)| {
        let value = trace.value(value);
        if key == RESULT.code() {
            format!("-> {value}")
        } else {
            format!("{}={value}", trace.value(Code::Word(key)))
        }
    });
    facts.collect::<Vec<_>>().join(" ")
}

/// The names of some records, at most so many, and how many more there are.
pub(crate) fn names(trace: &Trace, records: &[u64], most: usize) -> String {
    let name = |number: &u64| trace.record(*number).map(|parts| trace.spelling(&parts));
    let mut names: Vec<String> = records.iter().take(most).filter_map(name).collect();
    let more = records.len().saturating_sub(most);
    match (names.pop(), more) {
        (Some(last), 0) if names.is_empty() => last,
        (Some(last), 0) => format!("{} and {last}", names.join(", ")),
        (Some(last), more) => {
            names.push(last);
            format!("{} and {more} more", names.join(", "))
        }
        (None, _) => String::new(),
    }
}
