//! Walking over the kept records of a trace with their causes resolved.

use alloc::string::String;
use core::fmt::Write as _;

use tiebreak_kernel::Origin;

use crate::canonical::Parts;
use crate::causes::Causes;
use crate::dictionary::Space;
use crate::digits::push_number;
use crate::projection::{Filter, Projection};
use crate::trace::Trace;

/// What led to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause<'a> {
    /// Something outside the run.
    Outside,
    /// An event dispatched earlier.
    Event(Parts<'a>),
    /// An event that the trace does not have.
    Unknown(u64),
}

/// A kept record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) number: u64,
    pub(crate) parts: Parts<'a>,
    pub(crate) cause: Cause<'a>,
    /// The code of the event, if it is a dispatch.
    pub(crate) event: Option<u64>,
}

/// Walks over the records that a projection keeps. Every record is read, because a cause need not be kept.
pub(crate) fn walk<'a>(
    trace: &'a Trace,
    projection: &Projection,
) -> impl Iterator<Item = Step<'a>> + use<'a> {
    let filter = Filter::new(projection, trace);
    let mut causes = Causes::default();
    trace.records().filter_map(move |(number, parts)| {
        let event = parts.event_code();
        if let Some(code) = event {
            causes.enter(code, number);
        }
        if !filter.keeps(&parts) {
            return None;
        }
        Some(step(trace, &causes, (number, parts)))
    })
}

/// What stands for a projection where records were chosen one by one.
pub(crate) const CHOSEN: &str = "chosen";

/// The records with these numbers, as far as there are such.
pub(crate) fn chosen<'a>(
    trace: &'a Trace,
    causes: &'a Causes,
    numbers: &'a [u64],
) -> impl Iterator<Item = Step<'a>> {
    let there = numbers.iter().filter_map(|number| Some((*number, trace.record(*number)?)));
    there.map(|there| step(trace, causes, there))
}

/// A record with its cause, as far as that is among the events entered.
pub(crate) fn step<'a>(trace: &'a Trace, causes: &Causes, (number, parts): (u64, Parts<'a>)) -> Step<'a> {
    let cause = match parts.cause {
        None => Cause::Outside,
        Some(code) => match causes.event(code).and_then(|number| trace.record(number)) {
            Some(event) => Cause::Event(event),
            None => Cause::Unknown(code),
        },
    };
    Step { number, parts, cause, event: parts.event_code() }
}

/// Appends `kind(subject)#repeat`: the event's name behind the actor. Without a subject, `kind#repeat`; no repeat if the
/// record is no dispatch.
pub(crate) fn push_what(trace: &Trace, parts: &Parts<'_>, out: &mut String) {
    push_kind(trace, parts, out);
    match parts.origin {
        Origin::Dispatch { repeat, choice: _ } => {
            out.push('#');
            push_number(repeat.into(), out);
        }
        Origin::Note | Origin::Cancelled | Origin::Moved { to: _ } => {}
    }
}

/// Appends `actor/kind(subject)`: the name without repeat.
pub(crate) fn push_name(trace: &Trace, parts: &Parts<'_>, out: &mut String) {
    out.push_str(&trace.text(Space::Name, parts.actor));
    out.push('/');
    push_kind(trace, parts, out);
}

/// Appends `actor/kind(subject)#repeat`; no repeat if the record is no dispatch.
pub(crate) fn push_event(trace: &Trace, parts: &Parts<'_>, out: &mut String) {
    out.push_str(&trace.text(Space::Name, parts.actor));
    out.push('/');
    push_what(trace, parts, out);
}

fn push_kind(trace: &Trace, parts: &Parts<'_>, out: &mut String) {
    out.push_str(&trace.text(Space::Term, parts.kind));
    if parts.subject != 0 {
        out.push('(');
        out.push_str(&trace.text(Space::Subject, parts.subject));
        out.push(')');
    }
}

/// Appends the event name of a cause: `actor/kind(subject)#repeat`; nothing if it was outside the run.
pub(crate) fn push_cause(trace: &Trace, cause: &Cause<'_>, out: &mut String) {
    match cause {
        Cause::Outside => {}
        Cause::Event(parts) => push_event(trace, parts, out),
        // Writing to a `String` cannot fail.
        Cause::Unknown(code) => {
            let _ = write!(out, "?{code:016x}");
        }
    }
}
