//! Records by number or by name.

use alloc::collections::BTreeSet;
use core::error::Error;
use core::fmt;

use tiebreak_diagnostic::{counted, nearest};
use tiebreak_trace::Trace;

use crate::words::whole_of;

/// Why a text names no record of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    /// No record has this number.
    Number {
        /// What was asked for.
        asked: u64,
        /// How many records there are.
        records: u64,
    },
    /// No record is of this name.
    Name {
        /// What was asked for.
        asked: String,
        /// The name that was probably meant.
        meant: Option<String>,
    },
}

impl fmt::Display for NotFound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { asked, records } => {
                write!(out, "there is no record {asked}: the trace has {}", counted(*records, "record"))
            }
            Self::Name { asked, meant } => {
                write!(out, "no record of the trace is called `{asked}`")?;
                match meant {
                    Some(meant) => write!(out, "; did you mean `{meant}`?"),
                    None if asked.contains('/') => Ok(()),
                    None => {
                        out.write_str("; a name is written `actor/kind(subject)`, as the trace spells it")
                    }
                }
            }
        }
    }
}

impl Error for NotFound {}

/// Returns the numbers of the records that a text names, in order: a number is that of a record; a name is written as the
/// trace spells it, `actor/kind(subject)#repeat`. A name without a repeat is that of all events and notes so called.
///
/// # Errors
/// If there is no such record. Then the nearest name is offered.
///
/// # Cost
/// A number takes one look-up, a name one pass over the trace.
pub fn find(trace: &Trace, text: &str) -> Result<Vec<u64>, NotFound> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let asked = text.parse().unwrap_or(u64::MAX);
        let there = trace.record(asked).map(|_| vec![asked]);
        return there.ok_or(NotFound::Number { asked, records: trace.len() });
    }
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    for (number, parts) in trace.records() {
        let name = trace.spelling(&parts);
        let bare = parts.event_code().and_then(|_| name.rsplit_once('#')).map(|(bare, _)| bare);
        if name == text || bare == Some(text) {
            found.push(number);
        }
        names.insert(name);
    }
    if found.is_empty() {
        let names = || names.iter().map(String::as_str);
        let meant = nearest(text, names()).or_else(|| whole_of(text, names())).map(str::to_owned);
        return Err(NotFound::Name { asked: text.to_owned(), meant });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{BELL, EAST, HEARD, RING, written};

    #[test]
    fn records_are_found_by_number_and_by_name_and_what_was_meant_is_offered() {
        let trace = written(|trace| {
            let first = trace.event(1, EAST, RING, None);
            trace.note(first, HEARD, &[]);
            trace.event(2, EAST, RING, Some(first));
            trace.event(3, BELL, RING, Some(first));
        });
        let found = |text: &str| find(&trace, text).map_err(|wrong| wrong.to_string());
        assert_eq!(found("2"), Ok(vec![2]));
        assert_eq!(found("east/ring(1)"), Ok(vec![1, 3]));
        assert_eq!(found("east/ring(1)#2"), Ok(vec![3]));
        assert_eq!(found("bell/heard(1)"), Ok(vec![2]), "a note has no repeat");
        for (text, wrong) in [
            ("0", "there is no record 0: the trace has 4 records"),
            ("5", "there is no record 5: the trace has 4 records"),
            ("99999999999999999999", "there is no record 18446744073709551615: the trace has 4 records"),
            (
                "",
                "no record of the trace is called ``; a name is written `actor/kind(subject)`, as the trace spells it",
            ),
            ("heard", "no record of the trace is called `heard`; did you mean `bell/heard(1)`?"),
            (
                "west/ring(1)#7",
                "no record of the trace is called `west/ring(1)#7`; did you mean `east/ring(1)#1`?",
            ),
            ("north/toll(9)", "no record of the trace is called `north/toll(9)`"),
            (
                "east/ring(1)#3",
                "no record of the trace is called `east/ring(1)#3`; did you mean `east/ring(1)#1`?",
            ),
            (
                "est/ring(1)#2",
                "no record of the trace is called `est/ring(1)#2`; did you mean `east/ring(1)#2`?",
            ),
        ] {
            assert_eq!(found(text), Err(wrong.to_owned()));
        }
    }
}
