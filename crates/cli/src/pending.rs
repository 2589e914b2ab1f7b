//! What is pending at the end of a trace, and for whom.

use serde::Serialize;
use tiebreak::Trace;
use tiebreak::trace::{Causes, Pending};
use tiebreak_diagnostic::{counted, is_glob_match};

use crate::output::{Sink, json, visible};

/// An instant that never comes.
const NEVER: u64 = u64::MAX;

/// An event that is pending, for programs.
#[derive(Debug, Serialize)]
struct Object<'a> {
    r#type: &'static str,
    actor: &'a str,
    kind: &'a str,
    subject: Option<&'a str>,
    /// Nanoseconds since the start of the run; `null` if it is never due.
    due: Option<u64>,
    /// The event that scheduled it, or moved it last.
    cause: Option<String>,
}

/// The events that are pending for actors of these names, or for all of them.
pub(crate) fn of<'a>(trace: &'a Trace, actors: &'a [String]) -> impl Iterator<Item = &'a Pending> {
    let is_meant =
        |event: &&Pending| actors.is_empty() || actors.iter().any(|glob| is_glob_match(glob, &event.actor));
    trace.pending().iter().filter(is_meant)
}

/// Writes a line for each, and one for what has begun and not ended.
pub(crate) fn text(trace: &Trace, actors: &[String], unfinished: &[String], out: &mut Sink) {
    let causes = Causes::of(trace);
    let events: Vec<&Pending> = of(trace, actors).collect();
    match events.len() {
        0 => out.line("nothing is pending at the end"),
        count => out.line(format_args!("{} pending at the end", counted(count, "event"))),
    }
    let names: Vec<String> = events.iter().map(|event| name(event)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (event, name) in events.iter().zip(&names) {
        let due = if event.due.as_nanos() == NEVER { "never".to_owned() } else { event.due.to_string() };
        let cause = match cause(trace, &causes, event) {
            Some(cause) => format!("< {cause}"),
            None if event.cause.is_some() => "< an event that this trace does not have".to_owned(),
            None => String::new(),
        };
        let line = format!("  {due:<12} {name:<width$}  {cause}");
        out.line(visible(line.trim_end()));
    }
    for sentence in unfinished {
        out.line(visible(format_args!("  {sentence}")));
    }
}

/// Writes an object for each.
pub(crate) fn ndjson(trace: &Trace, actors: &[String], out: &mut Sink) {
    let causes = Causes::of(trace);
    for event in of(trace, actors) {
        let Pending { actor, kind, subject, due, .. } = event;
        out.line(json(&Object {
            r#type: "pending",
            actor,
            kind,
            subject: (!subject.is_empty()).then_some(subject),
            due: Some(due.as_nanos()).filter(|due| *due != NEVER),
            cause: cause(trace, &causes, event),
        }));
    }
}

/// `actor/kind(subject)`.
fn name(event: &Pending) -> String {
    let Pending { actor, kind, subject, .. } = event;
    if subject.is_empty() { format!("{actor}/{kind}") } else { format!("{actor}/{kind}({subject})") }
}

/// The name of the event that scheduled another one.
fn cause(trace: &Trace, causes: &Causes, event: &Pending) -> Option<String> {
    let record = trace.record(causes.event(event.cause?)?)?;
    Some(trace.spelling(&record))
}
