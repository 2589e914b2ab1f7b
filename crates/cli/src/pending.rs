//! What is pending at the end of a trace, and for whom.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;

use serde::Serialize;
use tiebreak::trace::{Causes, Pending};
use tiebreak::{Space, Trace};
use tiebreak_diagnostic::{counted, is_glob_match};
use tiebreak_inquiry::{Unmatched, cells, padded, unmatched};
use tiebreak_rtm_sim::Unfinished;

use crate::output::{Sink, json, visible};

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

/// Something that has begun and not ended, for programs.
#[derive(Debug, Serialize)]
struct UnfinishedObject<'a> {
    r#type: &'static str,
    actor: &'a str,
    what: &'a str,
}

/// What is left at the end, for some actors or for all.
pub(crate) struct Left<'a> {
    trace: &'a Trace,
    events: Vec<&'a Pending>,
    unfinished: Vec<&'a Unfinished>,
    /// The names of actors that were given and that nobody has.
    unmatched: Vec<Unmatched>,
}

impl<'a> Left<'a> {
    /// What is left for actors of these names, but not for those; they may contain `*`. Without names, for all.
    pub(crate) fn of(
        trace: &'a Trace,
        unfinished: &'a [Unfinished],
        (actors, hidden): (&[String], &[String]),
    ) -> Self {
        let fits = |globs: &[String], actor: &str| globs.iter().any(|glob| is_glob_match(glob, actor));
        let is_meant = |actor: &str| (actors.is_empty() || fits(actors, actor)) && !fits(hidden, actor);
        let of_records = trace.records().map(|(_, parts)| trace.text(Space::Name, parts.actor));
        let of_events = trace.pending().iter().map(|event| Cow::Borrowed(&*event.actor));
        let of_clients = unfinished.iter().map(|unfinished| Cow::Borrowed(&*unfinished.client));
        let known: BTreeSet<Cow<'_, str>> = of_records.chain(of_events).chain(of_clients).collect();
        Self {
            trace,
            events: trace.pending().iter().filter(|event| is_meant(&event.actor)).collect(),
            unfinished: unfinished.iter().filter(|unfinished| is_meant(&unfinished.client)).collect(),
            unmatched: unmatched("actor", actors.iter().chain(hidden), &known),
        }
    }

    /// The names of actors that were given and that nobody has.
    pub(crate) fn unmatched(&self) -> &[Unmatched] {
        &self.unmatched
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.unfinished.is_empty()
    }

    /// Writes a line for each.
    pub(crate) fn text(&self, out: &mut Sink) {
        let causes = Causes::of(self.trace);
        match self.events.len() {
            0 => out.line("nothing is pending at the end"),
            count => out.line(format_args!("{} pending at the end", counted(count, "event"))),
        }
        let names: Vec<String> = self.events.iter().map(|event| event.spelling()).collect();
        let width = names.iter().map(|name| cells(name)).max().unwrap_or(0);
        for (event, name) in self.events.iter().zip(&names) {
            let due = if event.due.is_never() { "never".to_owned() } else { event.due.to_string() };
            let cause = match cause(self.trace, &causes, event) {
                Some(cause) => format!("< {cause}"),
                None if event.cause.is_some() => "< an event that this trace does not have".to_owned(),
                None => String::new(),
            };
            let line = format!("  {due:<12} {}  {cause}", padded(name, width));
            out.line(visible(line.trim_end()));
        }
        for Unfinished { client, what, .. } in &self.unfinished {
            out.line(visible(format_args!("  {client} {what}")));
        }
    }

    /// Writes an object for each.
    pub(crate) fn ndjson(&self, out: &mut Sink) {
        let causes = Causes::of(self.trace);
        for event in &self.events {
            let Pending { actor, kind, subject, due, .. } = event;
            out.line(json(&Object {
                r#type: "pending",
                actor,
                kind,
                subject: (!subject.is_empty()).then_some(subject),
                due: (!due.is_never()).then(|| due.as_nanos()),
                cause: cause(self.trace, &causes, event),
            }));
        }
        for Unfinished { client, what, .. } in &self.unfinished {
            out.line(json(&UnfinishedObject { r#type: "unfinished", actor: client, what }));
        }
    }
}

/// The name of the event that scheduled another one.
fn cause(trace: &Trace, causes: &Causes, event: &Pending) -> Option<String> {
    let record = trace.record(causes.event(event.cause?)?)?;
    Some(trace.spelling(&record))
}
