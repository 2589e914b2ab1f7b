//! What is in the data of a page, read back. What a browser makes of it is tested in `browser/`.

use core::fmt;

use serde_json::Value;
use tiebreak_kernel::{
    Context, Fact, Instant, Limits, Name, Names, Settings, Simulation, Span, Subject, Symbol, Term,
    Verbosity, World, hash_text,
};
use tiebreak_trace::{Causes, Digest, Header, Tracer};

use super::*;

const RING: Term = Term::new("ring");
const HEARD: Term = Term::new("heard");

/// Bells that ring together: the first is about to be cancelled, the second is moved.
struct Bells(Vec<Symbol>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said(&'static str);

impl Subject for Said {
    fn code(&self, _: &Names) -> u64 {
        if self.0.is_empty() { 0 } else { hash_text(self.0) }
    }

    fn write(&self, _: &Names, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl World for Bells {
    type Event = usize;
    type Subject = Said;

    fn name(&self, bell: &usize) -> Name<Said> {
        let said = if bell.is_multiple_of(2) { "</script>\u{202e}&\u{2028}" } else { "" };
        Name::of(self.0[bell % 3], RING, Said(said))
    }

    fn handle(&mut self, bell: usize, context: &mut Context<'_, usize, Said>) {
        let heard = Name::of(self.0[0], HEARD, Said("x"));
        context.record(heard, &[Fact::number(RING, u64::MAX), Fact::text(HEARD, "<b>")]);
        if bell < 9 {
            context.schedule_after(Span::from_nanos(1 << 60), bell + 3);
        }
    }
}

fn bells() -> Trace {
    let mut names = Names::default();
    let bells = ["east", "west", "north"].map(|name| names.intern(name)).to_vec();
    let limits = Limits::DEFAULT.with_time(Instant::MAX);
    let settings = Settings::new(3).with_verbosity(Verbosity::Changes).with_limits(limits);
    let tracer = Tracer::new(Header::new(1, Digest::of(b"bells"), &settings));
    let mut simulation = Simulation::new(Bells(bells), settings).with_names(names).with_recorder(tracer);
    simulation.act(|_, context| {
        let [_, _, north, lost, moved] =
            [0, 1, 2, 4, 5].map(|bell| context.schedule_after(Span::from_secs(1), bell));
        assert!(context.is_pending(north));
        context.cancel(lost);
        let _ = context.reschedule_after(moved, Span::from_secs(2));
    });
    simulation.run();
    // Noted outside every event.
    simulation.act(|world, context| context.record(Name::of(world.0[1], HEARD, Said("")), &[]));
    simulation.into_parts().2.into_trace()
}

/// The element with the data, as text and read.
fn data(page: &str) -> (String, Value) {
    let (_, rest) = page.split_once("id=\"data\">").expect("the page has data");
    let (data, _) = rest.split_once("</script>").expect("the element ends");
    (data.to_owned(), serde_json::from_str(data).expect("the data is JSON"))
}

fn numbers(value: &Value) -> Vec<i64> {
    value.as_array().expect("a list").iter().map(|number| number.as_i64().expect("a number")).collect()
}

fn page_of(trace: &Trace) -> String {
    let mut page = String::new();
    write_page("<i>title</i> @@data@@", trace, &mut page).expect("writing to a text does not fail");
    page
}

/// Entries of a column that has few, by record number.
fn sparse(value: &Value, width: usize) -> Vec<(u64, Vec<i64>)> {
    let mut at = 0;
    let entry = |entry: &[i64]| {
        at += u64::try_from(entry[0]).expect("steps are forward");
        (at, entry[1..].to_vec())
    };
    numbers(value).chunks(width).map(entry).collect()
}

/// What was pushed for a record as its cause, by event distance, is the cause.
#[test]
fn every_record_is_read_back_as_it_was() {
    let trace = bells();
    let causes = Causes::of(&trace);
    let (_, data) = data(&page_of(&trace));
    let read = &data["traces"][0];
    let texts: Vec<&str> =
        data["texts"].as_array().expect("texts").iter().filter_map(Value::as_str).collect();
    let [what, names, events, facts] =
        ["what", "names", "causes", "facts"].map(|column| numbers(&read[column]));
    let (under, ties, repeats) =
        (sparse(&read["under"], 2), sparse(&read["ties"], 3), sparse(&read["repeats"], 2));
    assert!(repeats.is_empty(), "repeats are counted");
    let (mut ran, mut next) = (Vec::new(), 0);
    for (number, parts) in trace.records() {
        let at = usize::try_from(number - 1).expect("few records");
        let place = if what[at] == 0 { next } else { next - what[at] };
        next = next.max(place + 1);
        let name = &names[usize::try_from(place).expect("a place") * 3..][..3];
        let text = |place: i64| texts[usize::try_from(place).expect("a place")];
        let subject = if name[2] == 0 { String::new() } else { format!("({})", text(name[2] - 1)) };
        let spelled = format!("{}/{}{subject}", text(name[0]), text(name[1]));
        assert_eq!(trace.spelling(&parts).split('#').next(), Some(&*spelled), "record {number}");
        assert_eq!(
            facts[at] == 0,
            parts.facts().count() == 0 && read["origins"].as_str().expect("a text").as_bytes()[at] != b'm'
        );
        let is_event = parts.event_code().is_some();
        let back = if is_event {
            events[ran.len()]
        } else {
            under.iter().find(|(own, _)| *own == number).map_or(1, |(_, back)| back[0])
        };
        let cause = usize::try_from(back).ok().filter(|back| *back > 0).map(|back| ran[ran.len() - back]);
        assert_eq!(cause, causes.cause(&trace, number), "record {number}");
        let choice = parts
            .choice()
            .map(|choice| vec![choice.index.into(), i64::from(choice.of) * 2 + i64::from(choice.is_twin)]);
        assert_eq!(ties.iter().find(|(own, _)| *own == number).map(|(_, tie)| tie.clone()), choice);
        if is_event {
            ran.push(number);
        }
    }
    assert!(ties.len() > 2 && ran.len() > 5, "the world has ties");
}

#[test]
fn instants_keep_all_their_digits() {
    let trace = bells();
    let (_, data) = data(&page_of(&trace));
    let instants = data["traces"][0]["instants"].as_array().expect("a list").clone();
    let mut read = Vec::new();
    let mut at = 0;
    for pair in instants.chunks(2) {
        at += pair[0].as_str().and_then(|nanos| nanos.parse::<u64>().ok()).expect("nanoseconds are text");
        read.extend((0..pair[1].as_u64().expect("a count")).map(|_| at));
    }
    let kept: Vec<u64> = trace.records().map(|(_, parts)| parts.instant.as_nanos()).collect();
    assert_eq!(read, kept);
    assert!(kept.iter().any(|nanos| *nanos > 1 << 60));
}

#[test]
fn no_name_becomes_markup() {
    let trace = bells();
    let page = page_of(&trace);
    let (text, data) = data(&page);
    assert!(!text.contains(['<', '>', '&', '\u{2028}', '\u{202e}']), "{text}");
    let texts = data["texts"].to_string();
    assert!(texts.contains("</script>\\\\u{202e}&\\\\u{2028}"), "{texts}");
    assert!(page.contains("<title>&lt;i&gt;title&lt;/i&gt; @@data@@ · Tiebreak</title>"));
    assert_eq!(page.matches("</html>").count(), 1);
}

#[test]
fn nothing_is_fetched() {
    let page = page_of(&bells());
    for (sign, why) in [
        ("http://", "an address"),
        ("https://", "an address"),
        ("innerHTML", "markup from text"),
        ("eval(", "code from text"),
    ] {
        assert!(!page.contains(sign), "{why}: {sign}");
    }
}

#[test]
fn rows_keep_their_numbers_and_forget_those_that_are_not_there() {
    let trace = bells();
    let row = |left, right, mark| Row { left, right, mark };
    let rows = vec![
        row(Some(2), None, Mark::OnlyLeft),
        row(Some(1), Some(3), Mark::Same),
        row(Some(4), Some(1), Mark::Moved(Side::Left)),
        row(Some(999), Some(0), Mark::Changed),
    ];
    let comparison = Comparison { left: &trace, right: &trace, rows, divergence: Some(7) };
    let mut page = String::new();
    write_comparison_page("two", ["A", "B"], &comparison, &mut page)
        .expect("writing to a text does not fail");
    let (_, data) = data(&page);
    assert_eq!(numbers(&data["rows"]), [2, 0, 1, 4, -1, 3, 3, 0, 3, -2, 3, 2, 0, 0, 0, 1]);
    assert_eq!(data["divergence"], Value::Null);
    assert_eq!(data["traces"].as_array().map(Vec::len), Some(2));
}
