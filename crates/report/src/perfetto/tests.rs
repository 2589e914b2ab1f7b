//! What is drawn of a run, read back from its bytes.

use core::fmt::Write as _;

use prost::Message;
use tiebreak_kernel::{
    Context, Fact, Handle, Instant, Name, Settings, Simulation, Span, Term, Verbosity, World, terms,
};
use tiebreak_trace::{Digest, Header, Tracer};

use super::message::{DebugAnnotation, Packet, TrackEvent, Type, Value};
use super::*;

terms! {
    CLIENT = "client",
    SERVER = "server",
    CLOCK = "clock",
    ASK = "ask",
    TIMEOUT = "timeout",
    REQUEST = "request",
    TICK = "tick",
    NOTED = "Noted",
    LAST = "last",
    KIND = "kind",
    NEW = "new",
    COUNT = "count",
    DEBT = "debt",
    IS_LATE = "is-late",
    WAIT = "wait",
    SINCE = "since",
    SAYS = "says",
    WHO = "who",
    ABOUT = "about",
    NOBODY = "nobody",
}

/// A subject with all that a format could trip over.
const HOSTILE: &str = "</script>\"\\\u{202e}#1 {$1}";

/// A client asks, a server answers at once: it moves the tick of a clock and cancels the timeout of the client.
#[derive(Default)]
struct Exchange {
    timeout: Option<Handle>,
    tick: Option<Handle>,
}

impl World for Exchange {
    type Event = Term;
    type Subject = &'static str;

    fn name(&self, event: &Term) -> Name<&'static str> {
        match *event {
            REQUEST => Name::of(SERVER, REQUEST, HOSTILE),
            TICK => Name::of(CLOCK, TICK, ""),
            other => Name::of(CLIENT, other, "1"),
        }
    }

    fn handle(&mut self, event: Term, context: &mut Context<'_, Term, &'static str>) {
        match event {
            ASK => {
                let facts = [Fact::word(KIND, NEW), Fact::number(COUNT, 7), Fact::text(SAYS, "two words")];
                context.record(Name::of(CLIENT, NOTED, "1"), &facts);
                self.timeout = Some(context.schedule_after(Span::from_secs(2), TIMEOUT));
                context.schedule_after(Span::ZERO, REQUEST);
            }
            REQUEST => {
                let facts = [
                    Fact::word(KIND, NEW),
                    Fact::signed(DEBT, -3),
                    Fact::truth(IS_LATE, false),
                    Fact::span(WAIT, Span::from_millis(1_500)),
                    Fact::word(KIND, LAST),
                    Fact::instant(SINCE, Instant::START),
                    Fact::name(WHO, CLIENT),
                    Fact::subject(ABOUT, HOSTILE),
                    Fact::absent(NOBODY),
                ];
                context.record(Name::of(CLOCK, NOTED, HOSTILE), &facts);
                let (timeout, tick) = (self.timeout.take().unwrap(), self.tick.take().unwrap());
                context.cancel(timeout);
                let _ = context.reschedule_after(tick, Span::from_secs(9));
            }
            _ => {}
        }
    }
}

/// The trace of an exchange; `late` is how much later than after a second it begins.
fn exchange(late: Span) -> Trace {
    let settings = Settings::new(1).with_verbosity(Verbosity::Changes);
    let tracer = Tracer::new(Header::new(1, Digest::of(b"exchange"), &settings));
    let mut simulation = Simulation::new(Exchange::default(), settings).with_recorder(tracer);
    simulation.act(|world, context| {
        let start = Span::from_secs(1).saturating_add(late);
        context.record(Name::of(CLIENT, NOTED, "before"), &[]);
        context.schedule_after(start, ASK);
        context.schedule_after(start, LAST);
        world.tick = Some(context.schedule_after(start.saturating_add(Span::from_secs(1)), TICK));
    });
    simulation.run();
    simulation.into_parts().2.into_trace()
}

/// A trace of Perfetto.
#[derive(Clone, PartialEq, Message)]
struct File {
    #[prost(message, repeated, tag = "1")]
    packet: Vec<Packet>,
}

fn packets(bytes: &[u8]) -> Vec<Packet> {
    File::decode(bytes).unwrap().packet
}

/// The track events of a file, with their timestamps.
fn events(bytes: &[u8]) -> Vec<(u64, TrackEvent)> {
    let drawn = |packet: Packet| Some((packet.timestamp?, packet.track_event?));
    packets(bytes).into_iter().filter_map(drawn).collect()
}

fn spell(annotation: &DebugAnnotation, out: &mut String) {
    if let Some(name) = &annotation.name {
        write!(out, " {name}=").unwrap();
    }
    let value = match &annotation.value {
        Some(Value::Bool(truth)) => truth.to_string(),
        Some(Value::Uint(number)) => number.to_string(),
        Some(Value::Int(number)) => format!("{number:+}"),
        Some(Value::Text(text)) => format!("'{text}'"),
        None => {
            let (open, close) = if annotation.array_values.is_empty() { ("{", " }") } else { ("[", " ]") };
            out.push_str(open);
            annotation.dict_entries.iter().chain(&annotation.array_values).for_each(|part| spell(part, out));
            close.to_owned()
        }
    };
    out.push_str(if annotation.name.is_none() { " " } else { "" });
    out.push_str(&value);
}

/// A file for people: one line a packet.
fn listing(bytes: &[u8]) -> String {
    let mut out = String::new();
    for packet in packets(bytes) {
        assert_eq!(packet.trusted_packet_sequence_id, SEQUENCE);
        if let Some(TrackDescriptor { uuid, process, thread, parent_uuid }) = packet.track_descriptor {
            let what =
                process.map(|process| format!("{process:?}")).or(thread.map(|thread| format!("{thread:?}")));
            writeln!(out, "track {uuid} of {parent_uuid:?}: {}", what.unwrap()).unwrap();
        }
        let Some(event) = packet.track_event else { continue };
        write!(out, "{} {:?} on {}", packet.timestamp.unwrap(), event.r#type(), event.track_uuid).unwrap();
        let what = [event.categories.join(","), event.name].into_iter().filter(|text| !text.is_empty());
        what.for_each(|text| write!(out, " {text}").unwrap());
        event.debug_annotations.iter().for_each(|annotation| spell(annotation, &mut out));
        event.flow_ids.iter().for_each(|flow| write!(out, " ->{flow}").unwrap());
        event.terminating_flow_ids.iter().for_each(|flow| write!(out, " <-{flow}").unwrap());
        out.push('\n');
    }
    out
}

#[test]
fn what_is_drawn_is_pinned() {
    let bytes = write_perfetto(&exchange(Span::ZERO), "an exchange");
    assert_eq!(listing(&bytes), include_str!("drawn.txt"));
    assert_eq!(Digest::of(&bytes).to_string(), "4cd44d6d2c1abe90cc82cce43fc7465c");
}

#[test]
fn every_slice_ends_before_the_next_begins_and_time_never_goes_back() {
    // Where instants are one nanosecond apart, and where time ends.
    for late in [0, 1, u64::MAX / 2 - 1_000_000_003, u64::MAX - 20_000_000_000] {
        let bytes = write_perfetto(&exchange(Span::from_nanos(late)), "");
        let (mut time, mut open) = (0, None);
        for (at, event) in events(&bytes) {
            assert!(at >= time && at <= TIME_MAX, "{at}");
            time = at;
            match event.r#type() {
                Type::SliceBegin => assert_eq!(open.replace(event.track_uuid), None),
                Type::SliceEnd => assert_eq!(open.take(), Some(event.track_uuid)),
                Type::Instant => assert!(!event.name.is_empty()),
                Type::Unspecified => panic!("no type"),
            }
        }
        assert_eq!(open, None);
    }
}

#[test]
fn every_record_is_drawn_once_and_later_than_the_one_before() {
    let trace = exchange(Span::ZERO);
    let bytes = write_perfetto(&trace, "");
    let drawn: Vec<u64> = events(&bytes)
        .into_iter()
        .filter(|(_, event)| event.r#type() != Type::SliceEnd)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(drawn.len() as u64, trace.len());
    assert!(drawn.is_sorted_by(|one, next| one < next), "{drawn:?}");
    let instants: Vec<u64> = trace.records().map(|(_, parts)| parts.instant.as_nanos()).collect();
    for ((at, instant), number) in drawn.iter().zip(&instants).zip(0..) {
        let before = instants[..number].iter().filter(|other| *other == instant).count() as u64;
        assert!((*instant..=*instant + before).contains(at), "record {} is drawn at {at}", number + 1);
    }
}

#[test]
fn flows_lead_from_each_event_to_what_it_led_to() {
    let trace = exchange(Span::ZERO);
    let causes = Causes::of(&trace);
    let (mut begun, mut ended) = (BTreeMap::new(), BTreeMap::new());
    for (_, event) in events(&write_perfetto(&trace, "")) {
        let Some(Value::Uint(number)) = event.debug_annotations.first().and_then(|first| first.value.clone())
        else {
            continue;
        };
        begun.extend(event.flow_ids.iter().map(|flow| (*flow, number)));
        ended.extend(event.terminating_flow_ids.iter().map(|flow| (*flow, number)));
    }
    assert_eq!(begun.keys().collect::<Vec<_>>(), ended.keys().collect::<Vec<_>>());
    for (flow, number) in ended {
        assert_eq!((flow, causes.cause(&trace, flow)), (number, Some(begun[&flow])));
    }
    let is_dispatched = |number: &u64| trace.record(*number).unwrap().event_code().is_some();
    let targets =
        (1..=trace.len()).filter(|number| is_dispatched(number) && causes.cause(&trace, *number).is_some());
    assert!(targets.clone().count() >= 2 && targets.into_iter().all(|number| begun.contains_key(&number)));
}

#[test]
fn nothing_that_cannot_be_seen_is_in_the_file() {
    let bytes = write_perfetto(&exchange(Span::ZERO), "");
    let found = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(found("</script>") && found(r"\u{202e}") && !found("\u{202e}"));
}

#[test]
fn a_trace_of_nothing_has_its_process_alone() {
    let settings = Settings::new(1);
    let trace = Tracer::new(Header::new(1, Digest::of(b""), &settings)).into_trace();
    assert_eq!(packets(&write_perfetto(&trace, "nothing")).len(), 1);
}
