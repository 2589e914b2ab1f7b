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

/// Returns the first name of which a text is a part: an actor, a kind, a subject, or several of these side by side. `None` if it is
/// none, or has all parts of a name.
pub(crate) fn whole_of<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let has_actor = text.split('(').next().is_some_and(|head| head.contains('/'));
    if text.is_empty() || (has_actor && text.contains('(')) {
        return None;
    }
    let is_edge = |byte: Option<&u8>| byte.is_none_or(|byte| b"/()#".contains(byte));
    names.into_iter().find(|name| {
        name.match_indices(text).any(|(start, _)| {
            let (before, behind) = (&name.as_bytes()[..start], &name.as_bytes()[start + text.len()..]);
            is_edge(before.last()) && is_edge(behind.first())
        })
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_at_its_edges_and_not_all_of_it() {
        let names = ["rip1/step(register#1)#1", "rip10/expiry(10.0.0.0/8)#2", "rip10/stop(x)"];
        let whole = |text: &str| whole_of(text, names);
        for text in ["rip10", "expiry", "expiry(10.0.0.0/8)", "10.0.0.0/8", "rip10/expiry", "8)#2"] {
            assert_eq!(whole(text), Some(names[1]), "{text}");
        }
        assert_eq!(whole("step(register#1)"), Some(names[0]));
        for text in ["", "rip", "ip10", "exp", "rip10/expiry(10.0.0.0/8)", "rip10/expiry()", "none"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
