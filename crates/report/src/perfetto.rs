//! A run as a trace of Perfetto: a picture of many actors over time, with arrows from causes to what they led to.
//!
//! ```text
//!   the run       ─► a process                 an event  ─► a slice on the track of its actor
//!   an actor      ─► a thread, its track       a note    ─► an instant on the track of its actor
//!   a cause       ─► a flow, drawn as an arrow facts     ─► debug annotations
//! ```
//!
//! # Time
//! What happens in a run takes no time, and many records share an instant. Drawn as they are they would have no width,
//! and those of one actor would lie on top of each other in no order. So each record is drawn at its instant, or one
//! nanosecond after the record before it if that is later, and an event ends one nanosecond after its last record. The
//! order of what is drawn is the order of the run, without exception. The price: a record is drawn one nanosecond late
//! for each record before it at its instant, and more where the next instant is nearer than that. The annotations `at`
//! and `at_ns` say when it really was. Perfetto has no time after 2⁶³ − 1 nanoseconds (292 years); what happens later
//! is drawn there.

mod message;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};

use tiebreak_kernel::Origin;
use tiebreak_trace::{Causes, Code, Parts, Trace};

use message::{
    DebugAnnotation, Packet, ProcessDescriptor, ThreadDescriptor, TrackDescriptor, TrackEvent, Type, Value,
};

/// All packets are of one sequence; 0 is no sequence.
const SEQUENCE: u32 = 1;
/// The track of the process, and its number.
const PROCESS: (u64, i32) = (1, 1);
/// The last time that can be drawn, in nanoseconds.
const TIME_MAX: u64 = u64::MAX / 2;

/// Returns a run as a trace that <https://ui.perfetto.dev> and Perfetto's other tools open: a protobuf `perfetto.protos.Trace`.
///
/// The run is a process with the name `title` and the trace's header as its command line; every actor is a thread, in the order of
/// their names. An event is a slice `kind(subject)` of the category `event`; what is noted is an instant of the category
/// `note`, what is cancelled or moved one of the category `change`. Their annotations are `number`, `at` and
/// `at_ns`; of an event also `event`, its full name, and `tie`, such as `2/3`; and the facts below `facts`, several of one key as a
/// list. A flow leads from an event to each event that it scheduled, or moved last, and to each note and change of another
/// actor; its number is that of the record to which it leads.
///
/// Equal traces and titles give equal bytes. Characters that cannot be seen are escaped in everything but the title.
///
/// # Cost
/// Two walks over the records, and the file in memory: some 200 bytes a record.
#[must_use]
pub fn write_perfetto(trace: &Trace, title: &str) -> Vec<u8> {
    let mut picture = Picture::new(trace);
    picture.describe_tracks(title);
    for (number, parts) in trace.records() {
        picture.put(number, &parts);
    }
    picture.end_event();
    picture.file
}

/// The file so far.
struct Picture<'a> {
    trace: &'a Trace,
    causes: Causes,
    /// The track of each actor, by the actor's code.
    tracks: BTreeMap<u64, u64>,
    /// From which record to which a flow leads, sorted.
    flows: Vec<(u64, u64)>,
    /// How many of the flows begin at records that are drawn already.
    begun: usize,
    /// When the next record is drawn at the earliest, in nanoseconds.
    free: u64,
    /// The event that has not ended yet: its code and its track.
    open: Option<(u64, u64)>,
    file: Vec<u8>,
}

impl<'a> Picture<'a> {
    fn new(trace: &'a Trace) -> Self {
        let causes = Causes::of(trace);
        let flow = |(number, parts)| Some((source(trace, &causes, number, &parts)?, number));
        let mut flows: Vec<(u64, u64)> = trace.records().filter_map(flow).collect();
        flows.sort_unstable();
        let actors: BTreeSet<u64> = trace.records().map(|(_, parts)| parts.actor).collect();
        let mut named: Vec<(String, u64)> =
            actors.into_iter().map(|actor| (trace.value(Code::Name(actor)), actor)).collect();
        named.sort_unstable();
        let tracks = named.into_iter().map(|(_, actor)| actor).zip(PROCESS.0 + 1..).collect();
        Self { trace, causes, tracks, flows, begun: 0, free: 0, open: None, file: Vec::new() }
    }

    fn describe_tracks(&mut self, title: &str) {
        let (uuid, pid) = PROCESS;
        let process = ProcessDescriptor {
            pid,
            cmdline: vec![self.trace.header().to_string()],
            process_name: title.to_owned(),
        };
        self.describe(TrackDescriptor { uuid, process: Some(process), ..TrackDescriptor::default() });
        let mut tracks: Vec<(u64, u64)> = self.tracks.iter().map(|(actor, track)| (*track, *actor)).collect();
        tracks.sort_unstable();
        for (track, actor) in tracks {
            // A thread with the number of its process would be the main one.
            let tid = i32::try_from(track).unwrap_or(i32::MAX);
            let thread = ThreadDescriptor { pid, tid, thread_name: self.trace.value(Code::Name(actor)) };
            let parent_uuid = Some(uuid);
            self.describe(TrackDescriptor { uuid: track, process: None, thread: Some(thread), parent_uuid });
        }
    }

    fn describe(&mut self, descriptor: TrackDescriptor) {
        let track_descriptor = Some(descriptor);
        let packet = Packet { track_descriptor, trusted_packet_sequence_id: SEQUENCE, ..Packet::default() };
        packet.append(&mut self.file);
    }

    /// Draws a record.
    fn put(&mut self, number: u64, parts: &Parts<'_>) {
        let is_within = parts.cause.is_some() && parts.cause == self.open.map(|(event, _)| event);
        let (category, r#type) = match parts.origin {
            Origin::Dispatch { .. } => ("event", Type::SliceBegin),
            Origin::Note => ("note", Type::Instant),
            Origin::Cancelled | Origin::Moved { to: _ } => ("change", Type::Instant),
        };
        if r#type == Type::SliceBegin || !is_within {
            self.end_event();
        }
        let track = self.tracks.get(&parts.actor).copied().unwrap_or(PROCESS.0);
        let terminating_flow_ids =
            source(self.trace, &self.causes, number, parts).map(|_| number).into_iter().collect();
        let event = TrackEvent {
            debug_annotations: annotations(self.trace, number, parts),
            r#type: r#type.into(),
            track_uuid: track,
            categories: vec![category.to_owned()],
            name: label(self.trace, parts),
            flow_ids: self.beginning_flows(number),
            terminating_flow_ids,
        };
        let at = parts.instant.as_nanos().min(TIME_MAX).max(self.free);
        self.append(at, event);
        self.free = (at + 1).min(TIME_MAX);
        if let Some(code) = parts.event_code() {
            self.open = Some((code, track));
        }
    }

    /// Returns the flows that begin at a record: the numbers of the records to which they lead.
    fn beginning_flows(&mut self, number: u64) -> Vec<u64> {
        let rest = &self.flows[self.begun..];
        let own: Vec<u64> = rest.iter().take_while(|(from, _)| *from == number).map(|(_, to)| *to).collect();
        self.begun += own.len();
        own
    }

    /// Ends the event that has not ended yet, if there is one.
    fn end_event(&mut self) {
        if let Some((_, track_uuid)) = self.open.take() {
            let r#type = Type::SliceEnd.into();
            self.append(self.free, TrackEvent { r#type, track_uuid, ..TrackEvent::default() });
        }
    }

    fn append(&mut self, timestamp: u64, event: TrackEvent) {
        let packet = Packet {
            timestamp: Some(timestamp),
            trusted_packet_sequence_id: SEQUENCE,
            track_event: Some(event),
            track_descriptor: None,
        };
        packet.append(&mut self.file);
    }
}

/// Returns the record from which a flow leads to a record: its cause, unless that is plain because the record stands on the
/// track of the event during which it was made.
fn source(trace: &Trace, causes: &Causes, number: u64, parts: &Parts<'_>) -> Option<u64> {
    let source = causes.cause(trace, number)?;
    let is_beside = trace.record(source).is_some_and(|event| event.actor != parts.actor);
    (parts.event_code().is_some() || is_beside).then_some(source)
}

/// Returns what a record is called: `kind(subject)`, behind `cancelled` or `moved` if it is a change.
fn label(trace: &Trace, parts: &Parts<'_>) -> String {
    let name = trace.spelling(parts);
    let what = name.split_once('/').map_or(name.as_str(), |(_, what)| what);
    match parts.origin {
        Origin::Dispatch { .. } => what.rsplit_once('#').map_or(what, |(what, _)| what).to_owned(),
        Origin::Note => what.to_owned(),
        Origin::Cancelled => format!("cancelled {what}"),
        Origin::Moved { to: _ } => format!("moved {what}"),
    }
}

fn annotations(trace: &Trace, number: u64, parts: &Parts<'_>) -> Vec<DebugAnnotation> {
    let at = trace.value(Code::Instant(parts.instant));
    let mut annotations = vec![
        DebugAnnotation::new("number", Value::Uint(number)),
        DebugAnnotation::new("at", Value::Text(at)),
        DebugAnnotation::new("at_ns", Value::Uint(parts.instant.as_nanos())),
    ];
    match parts.origin {
        Origin::Dispatch { repeat: _, choice } => {
            annotations.push(DebugAnnotation::new("event", Value::Text(trace.spelling(parts))));
            annotations.extend(choice.map(|choice| {
                let tie = format!("{}/{}", u64::from(choice.index) + 1, choice.of);
                DebugAnnotation::new("tie", Value::Text(tie))
            }));
        }
        Origin::Note | Origin::Cancelled => {}
        Origin::Moved { to } => {
            annotations.push(DebugAnnotation::new("to", Value::Text(trace.value(Code::Instant(to)))));
        }
    }
    let facts = facts(trace, parts);
    if !facts.is_empty() {
        let name = Some("facts".to_owned());
        annotations.push(DebugAnnotation { name, dict_entries: facts, ..DebugAnnotation::default() });
    }
    annotations
}

/// Returns the facts of a record in their order. Those of one key stand where the first does: a dictionary has each key once.
fn facts(trace: &Trace, parts: &Parts<'_>) -> Vec<DebugAnnotation> {
    let mut by_key: Vec<(u64, Vec<Value>)> = Vec::new();
    for (key, code) in parts.facts() {
        let value = value(trace, code);
        match by_key.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => by_key.push((key, vec![value])),
        }
    }
    let unnamed = |value| DebugAnnotation { value: Some(value), ..DebugAnnotation::default() };
    let fact = |(key, mut values): (u64, Vec<Value>)| {
        let name = Some(trace.value(Code::Word(key)));
        let last = values.pop();
        if values.is_empty() {
            return DebugAnnotation { name, value: last, ..DebugAnnotation::default() };
        }
        let array_values = values.into_iter().chain(last).map(unnamed).collect();
        DebugAnnotation { name, array_values, ..DebugAnnotation::default() }
    };
    by_key.into_iter().map(fact).collect()
}

fn value(trace: &Trace, code: Code) -> Value {
    match code {
        Code::Number(number) => Value::Uint(number),
        Code::Signed(number) => Value::Int(number),
        Code::Truth(truth) => Value::Bool(truth),
        Code::Word(_)
        | Code::Span(_)
        | Code::Name(_)
        | Code::Subject(_)
        | Code::Instant(_)
        | Code::Text(_)
        | Code::Absent => Value::Text(trace.value(code)),
    }
}
