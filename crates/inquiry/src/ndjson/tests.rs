use proptest::collection::vec as many;
use proptest::prelude::*;
use tiebreak_kernel::{Settings, Span, Text};
use tiebreak_trace::{Causes, Projection, write_chosen_ndjson, write_ndjson, write_text};

use super::*;

fn ndjson(trace: &Trace, projection: &Projection) -> String {
    let mut out = String::new();
    write_ndjson(trace, projection, &mut out).unwrap();
    out
}

fn text(trace: &Trace) -> String {
    let mut out = String::new();
    write_text(trace, &Projection::Whole, &mut out).unwrap();
    out
}

fn whole(trace: &Trace) -> String {
    ndjson(trace, &Projection::Whole)
}

/// A record of a trace that is drawn: actor, kind, subject, origin, which event led to it, facts.
type Drawn = ((u8, u8, u8), (u8, u8), Option<u8>, Vec<(u8, i64, String)>);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let name = (0..3u8, 0..3u8, 0..4u8);
    let facts = many((0..5u8, any::<i64>(), "\\PC{0,3}|[\"\\\\\n\t\u{2028}é]{0,3}"), 0..4);
    many((name, (0..4u8, 0..3u8), proptest::option::of(any::<u8>()), facts), 0..30)
}

/// What a drawn record has for facts.
#[derive(Clone, Copy, PartialEq)]
enum Facts {
    /// Those that NDJSON keeps apart.
    Kept,
    /// All.
    All,
}

/// A trace of drawn records. Its subjects have codes of their own if facts are of all types.
fn build(drawn: &[Drawn], which: Facts) -> Trace {
    let header = Header::new(3, Digest::of(b"drawn"), &Settings::new(7).with_order(Order::Rounds));
    let mut builder = TraceBuilder::new(header);
    let mut repeats = alloc::collections::BTreeMap::new();
    let mut events: Vec<u64> = Vec::new();
    let subject_code = |text: &str| hash_text(text) ^ u64::from(which == Facts::All);
    for (at, ((actor, kind, subject), (origin, choice), cause, values)) in (0u64..).zip(drawn) {
        // The last actor has a name that nobody would take apart.
        let actor = if *actor == 2 { "act/or 2#(".to_owned() } else { format!("actor {actor}\"") };
        let kind = format!("kind{kind}");
        let subject = (*subject > 0).then(|| format!("10.0.{subject}.0/24(#é\n)"));
        let code = subject.as_deref().map_or(0, subject_code);
        let name = PartCodes { actor: hash_text(&actor), kind: hash_text(&kind), subject: code };
        builder.enter(Space::Name, name.actor, &actor).unwrap();
        builder.enter(Space::Term, name.kind, &kind).unwrap();
        if let Some(subject) = &subject {
            builder.enter(Space::Subject, code, subject).unwrap();
        }
        let mut facts = Vec::new();
        for (value, number, word) in values {
            let key = hash_text("key \\");
            builder.enter(Space::Term, key, "key \\").unwrap();
            let word_code = hash_text(word);
            builder.enter(Space::Term, word_code, word).unwrap();
            builder.enter(Space::Name, word_code, word).unwrap();
            let kept = match value {
                0 => Code::Word(word_code),
                1 => Code::Truth(*number > 0),
                2 => Code::Absent,
                _ => u64::try_from(*number).map_or(Code::Signed(*number), Code::Number),
            };
            let lost = match value {
                0 => Code::Name(word_code),
                1 => Code::Text(Text::new(word)),
                2 => Code::Subject(0),
                3 => Code::Span(Span::from_nanos(number.unsigned_abs())),
                _ => Code::Instant(Instant::from_nanos(u64::MAX - number.unsigned_abs())),
            };
            facts.push((key, if which == Facts::Kept { kept } else { lost }));
        }
        let instant = Instant::from_nanos(at * at);
        let cause = cause.and_then(|cause| events.get(usize::from(cause) % events.len().max(1)).copied());
        let origin = match origin {
            0 | 1 => {
                let repeat = repeats.entry((actor, kind, subject)).or_insert(0);
                *repeat += 1;
                events.push(event_code(name.name(), *repeat));
                let choice = Choice { index: u32::from(*choice), of: 3, is_twin: *choice == 1 };
                Origin::Dispatch { repeat: *repeat, choice: Some(choice).filter(|choice| choice.index > 0) }
            }
            2 => Origin::Note,
            _ if *choice == 0 => Origin::Cancelled,
            _ => Origin::Moved { to: Instant::from_nanos(u64::MAX) },
        };
        builder.push(&Coded { instant, name, origin, cause, facts: &facts }).unwrap();
    }
    builder.into_trace(Vec::new())
}

fn read(text: &str) -> NdjsonTrace {
    read_ndjson(text).unwrap_or_else(|found| panic!("{}\n{text}", found.line("a.ndjson", text)))
}

/// The lines without the footer, whose digests know the types of facts.
fn without_footer(text: &str) -> &str {
    text.trim_end().rsplit_once('\n').map_or("", |(records, _)| records)
}

proptest! {
    #[test]
    fn a_trace_of_what_ndjson_keeps_comes_back_bit_by_bit(drawn in drawn()) {
        let trace = build(&drawn, Facts::Kept);
        let NdjsonTrace { trace: back, part, end } = read(&whole(&trace));
        prop_assert_eq!((part, end), (NdjsonPart::Whole, NdjsonEnd::Whole));
        prop_assert_eq!(back.header(), trace.header());
        prop_assert!(back.bytes() == trace.bytes(), "canonical bytes differ");
        prop_assert_eq!(text(&back), text(&trace));
        prop_assert_eq!(whole(&back), whole(&trace));
    }

    #[test]
    fn of_other_facts_ndjson_comes_back_but_for_digests(drawn in drawn()) {
        let trace = build(&drawn, Facts::All);
        let written = whole(&trace);
        let again = whole(&read(&written).trace);
        prop_assert_eq!(without_footer(&again), without_footer(&written));
        // What is lost is lost at once.
        prop_assert_eq!(whole(&read(&again).trace), again);
        let comparison = crate::compare(&trace, &read(&written).trace);
        prop_assert!(comparison.is_equal(), "{:?}", comparison.first);
    }

    #[test]
    fn a_text_that_is_cut_anywhere_is_read_up_to_the_last_whole_line(drawn in drawn(), place: prop::sample::Index) {
        let written = whole(&build(&drawn, Facts::Kept));
        let mut at = place.index(written.len());
        while !written.is_char_boundary(at) {
            at -= 1;
        }
        let cut = &written[..at];
        let lines = cut.lines().count() - usize::from(!cut.is_empty() && !cut.ends_with('\n'));
        match read_ndjson(cut) {
            Err(found) => {
                prop_assert!(lines == 0, "{}", found.line("a", cut));
                prop_assert!(found.message.contains("no header"), "{}", found.message);
            }
            Ok(NdjsonTrace { trace, part, end }) => {
                // A line may be whole and lack its end only.
                prop_assert!(trace.len() + 1 == lines.max(1) as u64 || trace.len() == lines as u64);
                prop_assert_eq!(part, NdjsonPart::Whole);
                let is_whole = at + 1 == written.len();
                let line = usize::try_from(trace.len()).unwrap() + 2;
                let cut = NdjsonEnd::Cut { record: trace.len(), line };
                prop_assert_eq!(end, if is_whole { NdjsonEnd::Whole } else { cut });
            }
        }
    }

    #[test]
    fn no_text_is_a_panic(text in "(\\{\"type\":\"(header|record)\"[,:a-z0-9\"]{0,20}\n){0,3}\\PC{0,40}") {
        let _ = read_ndjson(&text);
    }
}

fn sample() -> Trace {
    let name = |actor, subject| (actor, 0, subject);
    build(
        &[
            (name(0, 0), (0, 0), None, Vec::new()),
            (name(1, 1), (0, 1), Some(0), vec![(0, 5, "w".to_owned())]),
            (name(2, 1), (2, 0), Some(1), Vec::new()),
            (name(1, 1), (0, 2), Some(1), Vec::new()),
        ],
        Facts::Kept,
    )
}

#[test]
fn a_part_of_a_run_says_which_and_is_numbered_anew() {
    let trace = sample();
    let written = ndjson(&trace, &Projection::Actor("actor 1\"".to_owned()));
    let NdjsonTrace { trace: part, part: which, end } = read(&written);
    assert_eq!(which, NdjsonPart::Projection("actor actor 1\"".to_owned()));
    assert_eq!((part.len(), end), (2, NdjsonEnd::Whole));
    // The first is caused by an event that is not there.
    let cause = part.record(1).and_then(|parts| parts.cause);
    assert_eq!(cause, trace.record(1).and_then(|parts| parts.event_code()));
    assert_eq!(Causes::of(&part).chain(&part, 2), [2, 1]);
    let mut chosen = String::new();
    write_chosen_ndjson(&trace, &Causes::of(&trace), &[2, 4], &mut chosen).unwrap();
    let chosen = read(&chosen);
    assert_eq!(chosen.part, NdjsonPart::Projection("chosen".to_owned()));
    assert!(chosen.trace.bytes() == part.bytes());
    // Written again, causes that are not there are codes; from then on nothing changes any more.
    let again = ndjson(&part, &Projection::Whole);
    assert!(again.contains(r#""cause":"?"#), "{again}");
    assert_eq!(whole(&read(&again).trace), again);
}

#[test]
fn lines_that_were_left_out_are_noticed() {
    let written = whole(&sample());
    let lines: Vec<&str> = written.lines().collect();
    for (kept, part) in [
        (vec![0, 1, 3, 4, 5], NdjsonPart::Gaps),
        (vec![0, 1, 2, 3, 5], NdjsonPart::Gaps),
        (vec![0, 1, 2, 3, 4, 5], NdjsonPart::Whole),
        (vec![0, 1, 3], NdjsonPart::Gaps),
        (vec![0, 1, 2], NdjsonPart::Whole),
    ] {
        let text: Vec<&str> = kept.iter().map(|line| lines[*line]).collect();
        assert_eq!(read(&text.join("\n")).part, part, "{kept:?}");
    }
}

#[test]
fn a_verdict_line_ends_and_other_spacing_change_nothing() {
    let trace = sample();
    let written = whole(&trace).replace('\n', "\r\n\r\n") + "{\"type\": \"verdict\", \"exit\": 0}";
    let NdjsonTrace { trace: back, part, end } = read(&written);
    assert!(back.bytes() == trace.bytes());
    assert_eq!((part, end), (NdjsonPart::Whole, NdjsonEnd::Whole));
    assert_eq!(read(&whole(&trace).replace(r#""type":"record","#, r#""type" : "record" , "#)).trace.len(), 4);
}

/// Checks what is said of the sample when a part of its lines is replaced.
#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    let written = whole(&sample());
    assert!(written.contains(from), "{written}");
    let broken = written.replacen(from, to, 1);
    let found = read_ndjson(&broken).expect_err(to);
    assert_eq!(found.line("a", &broken), expected, "{broken}");
}

#[test]
fn mistakes_say_where_why_and_what_to_do() {
    let unread = |at: &str, what: &str| {
        let line = "each line is one JSON object, as `tiebreak run --format ndjson` writes it";
        format!("a:{at}: error[T001]: cannot read a line of a trace: {what}; {line}")
    };
    let anew = "write the trace again, and leave its lines as they are";
    let keys = "docs/TRACE.md says which keys a record of each origin has";
    check(
        "\"at\":1,",
        "\"at\":1.5,",
        &unread("3:36", "invalid type: floating point `1.5`, expected a whole number"),
    );
    check("\"number\":2,", "", &unread("3:225", "missing field `number`"));
    check("{\"type\":\"record\",\"number\":3", "garbage", &unread("4:1", "expected value"));
    check(
        "\"type\":\"record\"",
        "\"type\":\"recrod\"",
        "a:2:1: error[T001]: unknown type `recrod`; did you mean `record`?",
    );
    check(
        "\"order\":\"rounds\"",
        "\"order\":\"\u{1b}[1m\"",
        &unread("1:108", "control character (\\u0000-\\u001F) found while parsing a string"),
    );
    check(
        "\"order\":\"rounds\"",
        "\"order\":\"round\"",
        "a:1:1: error[T001]: unknown order `round`; did you mean `rounds`?",
    );
    check(
        "\"number\":3",
        "\"number\":2",
        "a:4:1: error[T002]: record 2 comes after record 2; records stand in their order, each once",
    );
    check(
        "\"at\":4,",
        "\"at\":0,",
        &format!("a:4:1: error[T002]: a record is earlier than the one before it; {anew}"),
    );
    check(
        "\"index\":1",
        "\"index\":3",
        &format!("a:3:1: error[T001]: the choice 3 of 3 is none: the index counts from 0; {keys}"),
    );
    check(
        "\"noted\"",
        "\"moved\"",
        &format!(
            "a:4:1: error[T001]: `repeat`, `choice` and `to` are not those of a record that was moved; {keys}"
        ),
    );
    check(
        "{\"type\":\"header\"",
        "{\"type\":\"verdict\"",
        "a:2:1: error[T002]: a record before the header; the first line of a trace is its header: write `tiebreak run --format ndjson` anew",
    );
}

#[test]
fn lines_of_two_traces_are_no_trace() {
    let one = whole(&sample());
    let error = |text: &str| read_ndjson(text).expect_err("two traces").message;
    assert_eq!(error(&one.repeat(2)), "a header after the footer");
    assert_eq!(error(&(without_footer(&one).to_owned() + "\n" + &one)), "a second header");
    let twice = one.replacen("\"repeat\":2", "\"repeat\":1", 1);
    assert_eq!(error(&twice), "two events are called `actor 1\"/kind0(10.0.1.0/24(#é\\u{a}))#1`");
    let few = one.replacen("\"records\":4,\"events\"", "\"records\":3,\"events\"", 1);
    assert_eq!(error(&few), "the footer counts 3 records, but there are 4 before it");
    assert_eq!(error(""), "there is no header: this is no trace");
}

#[test]
fn what_is_no_trace_is_shown_at_whole_characters() {
    for text in ["", " ", "\n", "\u{85}", "\u{2003}\u{2003}\n"] {
        let found = read_ndjson(text).expect_err("no header");
        let shown = text.get(found.span.clone()).unwrap_or_else(|| panic!("{found:?} of {text:?}"));
        assert_eq!(shown.chars().count(), text.chars().count().min(1), "{text:?}");
    }
}
