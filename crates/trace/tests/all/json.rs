//! NDJSON is JSON, and says what the trace says.

use proptest::prelude::*;
use serde_json::Value;
use tiebreak_kernel::{
    Fact, Instant, Name, Names, Origin, Record, Recorder as _, Settings, Span, Text, terms,
};
use tiebreak_trace::{Digest, Header, Projection, RESULT, Trace, Tracer, write_ndjson};

use crate::office::setup;

fn objects(trace: &Trace, projection: &Projection) -> Vec<Value> {
    let mut out = String::new();
    write_ndjson(trace, projection, &mut out).expect("a String takes everything");
    assert!(out.ends_with('\n'));
    out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn every_line_is_an_object_and_says_what_the_trace_says() {
    let trace = setup(2, 1, 1, 1).trace();
    let objects = objects(&trace, &Projection::Whole);
    let [header, records @ .., footer] = objects.as_slice() else { panic!("header and footer") };
    assert_eq!(header["type"], "header");
    assert_eq!((&header["seed"], &header["draws"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(header["order"], "seeded");
    assert_eq!(header["plan"], Digest::of(b"office").to_string());
    assert_eq!(records.len() as u64, trace.len());
    for (record, (number, parts)) in records.iter().zip(trace.records()) {
        assert_eq!(record["type"], "record");
        assert_eq!(record["number"], number);
        assert_eq!(record["at"], parts.instant.as_nanos());
        assert_eq!(record["origin"] == "noted", parts.origin == Origin::Note);
        assert_eq!(record["repeat"].is_null(), parts.event_code().is_none());
        assert_eq!(record["facts"].as_array().unwrap().len(), parts.facts().count());
        assert_eq!(record["choice"].is_null(), parts.choice().is_none());
        if let Some(choice) = parts.choice() {
            assert_eq!(record["choice"]["index"], choice.index);
            assert_eq!(record["choice"]["of"], choice.of);
            assert_eq!(record["choice"]["twin"], choice.is_twin);
        }
    }
    let fingerprint = trace.fingerprint();
    assert_eq!(footer["type"], "footer");
    assert_eq!(footer["fingerprint"], fingerprint.run.to_string());
    assert_eq!(footer["events"], fingerprint.dispatches);
    assert_eq!(footer["actors"][0]["digest"], fingerprint.actors[0].digest.to_string());
    assert_eq!(footer["kinds"].as_array().unwrap().len(), fingerprint.kinds.len());
}

#[test]
fn the_ndjson_of_a_subject_is_pinned() {
    let mut out = String::new();
    write_ndjson(&setup(2, 1, 0, 1).trace(), &Projection::Subject("parcel 0".to_owned()), &mut out).unwrap();
    assert_eq!(out, include_str!("parcel.ndjson"));
}

#[test]
fn every_character_that_needs_escaping_comes_back() {
    let text: String = ('\0'..='\u{A0}').chain(['\u{2028}', '\u{2029}', '\u{FEFF}', '\u{10FFFF}']).collect();
    let objects = objects(&trace_of("a", text.clone().leak(), 1), &Projection::Whole);
    assert_eq!(objects[1]["subject"], text);
}

#[test]
fn numbers_beyond_two_to_the_53_stay_whole() {
    let objects = objects(&trace_of("a", "b", u64::MAX), &Projection::Whole);
    assert_eq!(objects[1]["at"].as_u64(), Some(u64::MAX));
    assert_eq!(objects[1]["facts"][1][1].as_u64(), Some(u64::MAX));
}

terms! { KIND = "k", NUMBER = "n" }

/// A trace of one note.
fn trace_of(actor: &str, text: &'static str, number: u64) -> Trace {
    let (mut names, settings) = (Names::default(), Settings::default());
    let mut tracer = Tracer::new(Header::new(1, Digest::new(7), &settings));
    let facts = [
        Fact::text(RESULT, text),
        Fact::number(NUMBER, number),
        Fact::span(NUMBER, Span::from_nanos(number)),
    ];
    let name = Name::of(names.intern(actor), KIND, text);
    let instant = Instant::from_nanos(number);
    let codes = name.part_codes(&names);
    let record = Record {
        number: 1,
        instant,
        name,
        codes,
        event: None,
        origin: Origin::Note,
        cause: Some(3),
        facts: &facts,
    };
    tracer.record(&names, &record);
    tracer.into_trace()
}

proptest! {
    #[test]
    fn any_text_comes_back_from_json(actor in "[^/()#\\pC\\pZ\\pM]{1,9}", text in any::<String>(), number: u64) {
        prop_assume!(Names::default().try_intern(&actor).is_ok());
        let trace = trace_of(&actor, text.clone().leak(), number);
        let objects = objects(&trace, &Projection::Whole);
        let short = Text::new(&text);
        let facts = serde_json::json!([["result", short.as_str()], ["n", number], ["n", number]]);
        let subject = if text.is_empty() { Value::Null } else { Value::from(text) };
        prop_assert_eq!(&objects[1]["actor"], &Value::from(actor));
        prop_assert_eq!(&objects[1]["subject"], &subject);
        prop_assert_eq!(&objects[1]["facts"], &facts);
        prop_assert_eq!(&objects[1]["cause"], &Value::from("?0000000000000003"));
    }
}
