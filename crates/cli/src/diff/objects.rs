//! What differs between two traces, for programs: one object a finding.

use serde::Serialize;
use tiebreak::Trace;
use tiebreak_inquiry::{Again, Changed, Comparison, Counts, First, Moved, Neighbour, Parting, Shift};

use super::wrong::{SIDES, Wrong};
use crate::output::{Sink, json};

/// An object. Of two values in a list the first one is about A. Records are named by their numbers, from 1; missing values
/// are `null`.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Object<'a> {
    /// The first object.
    Comparison {
        titles: [&'a str; 2],
        equal: bool,
        /// Whether only the order of events that do not affect each other differs, if anything.
        equal_up_to_order: bool,
        records: [u64; 2],
        events: [u64; 2],
        /// How many records both have.
        matched: u64,
        /// How many of those are unchanged and at the same instant.
        same: u64,
    },
    /// Where the traces part.
    First {
        records: [Option<u64>; 2],
        names: [Option<String>; 2],
        /// How they part.
        parting: &'static str,
        /// Where the other trace has the record of A, and that of B.
        elsewhere: [Option<u64>; 2],
        /// What led to the records, themselves first.
        chains: [&'a [u64]; 2],
    },
    /// The first record that an actor goes through in one trace only, without causes, repeats and numbers.
    Unlike { records: [Option<u64>; 2], names: [Option<String>; 2] },
    /// A record at another place among the others.
    Moved {
        records: [u64; 2],
        name: Option<String>,
        /// `before` or `after`: where it is in B, and is not in A.
        place: &'static str,
        /// The number in B of the record that it is before or after.
        neighbour: u64,
    },
    /// A record that both have and in which something differs.
    Changed {
        records: [u64; 2],
        name: Option<String>,
        cause: bool,
        wait: bool,
        /// Keys with two values, as text has them.
        facts: Vec<(String, [Option<String>; 2])>,
    },
    /// A record that only one has: `side` is `A` or `B`.
    Only { side: &'static str, record: u64, name: Option<String> },
    /// Records at other instants.
    Shift {
        /// How much later they are in B.
        nanos: i128,
        first: [u64; 2],
        last: [u64; 2],
        events: u64,
        records: u64,
    },
    /// The part at the end that is equal again.
    Again { from: [u64; 2], records: u64, nanos: i128 },
    /// Something that is wrong in one run only.
    Wrong {
        /// `A` or `B`.
        side: &'static str,
        finding: String,
        /// The record that shows it.
        record: Option<u64>,
    },
}

/// Writes all findings.
pub(super) fn write(comparison: &Comparison, traces: [&Trace; 2], titles: [&str; 2], out: &mut Sink) {
    let Counts { records, events, matched, same } = comparison.counts;
    let (equal, equal_up_to_order) = (comparison.is_equal(), comparison.is_equal_up_to_order());
    out.line(json(&Object::Comparison { titles, equal, equal_up_to_order, records, events, matched, same }));
    let name = |side: usize, number: u64| {
        let trace: &Trace = traces[side];
        trace.record(number).map(|parts| trace.spelling(&parts))
    };
    let names = |records: [Option<u64>; 2]| {
        [0, 1].map(|side: usize| records[side].and_then(|number| name(side, number)))
    };
    if let Some(First { records, parting, elsewhere, chains: [one, other] }) = &comparison.first {
        let (records, elsewhere, chains) = (*records, *elsewhere, [&**one, &**other]);
        let (names, parting) = (names(records), word(*parting));
        out.line(json(&Object::First { records, names, parting, elsewhere, chains }));
    }
    if let Some(unlike) = comparison.unlike {
        let records = [unlike.one, unlike.other];
        out.line(json(&Object::Unlike { records, names: names(records) }));
    }
    for Moved { numbers, neighbour } in &comparison.moved {
        let (place, neighbour) = match neighbour {
            Neighbour::Before(neighbour) => ("before", *neighbour),
            Neighbour::After(neighbour) => ("after", *neighbour),
        };
        let name = name(1, numbers[1]);
        out.line(json(&Object::Moved { records: *numbers, name, place, neighbour }));
    }
    for changed in &comparison.changed {
        let Changed { numbers: records, has_other_cause: cause, has_other_wait: wait, .. } = *changed;
        let facts = changed.facts(traces[0], traces[1]).into_iter();
        let facts = facts.map(|fact| (fact.key, fact.values)).collect();
        out.line(json(&Object::Changed { records, name: name(1, records[1]), cause, wait, facts }));
    }
    for (side, records) in [(0, &comparison.removed), (1, &comparison.added)] {
        for record in records {
            let (record, name) = (*record, name(side, *record));
            out.line(json(&Object::Only { side: SIDES[side], record, name }));
        }
    }
    for Shift { nanos, first, last, events, records } in comparison.shifts.iter().copied() {
        out.line(json(&Object::Shift { nanos, first, last, events, records }));
    }
    if let Some(Again { from, records, nanos }) = comparison.again {
        out.line(json(&Object::Again { from, records, nanos }));
    }
}

/// Writes what is wrong in one run only.
pub(super) fn write_wrong(wrong: &Wrong<'_>, out: &mut Sink) {
    for (side, only) in SIDES.into_iter().zip(&wrong.only) {
        for finding in only {
            let record = finding.record();
            out.line(json(&Object::Wrong { side, finding: finding.to_string(), record }));
        }
    }
}

const fn word(parting: Parting) -> &'static str {
    match parting {
        Parting::Choice => "choice",
        Parting::Order => "order",
        Parting::Changed => "changed",
        Parting::Time => "time",
        Parting::OnlyLeft => "only-in-a",
        Parting::OnlyRight => "only-in-b",
        Parting::OnlyEach => "only-in-each",
    }
}
