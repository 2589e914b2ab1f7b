//! Traces as NDJSON, read back: what `write_ndjson` writes of a whole run, or of a part of it.

mod line;
#[cfg(test)]
mod tests;

use core::ops::Range;

use tiebreak_diagnostic::code::{TRACE_LINE, TRACE_ORDER};
use tiebreak_diagnostic::{Diagnostic, counted, meant};
use tiebreak_kernel::{Choice, Instant, Order, Origin, PartCodes, event_code, hash_text};
use tiebreak_trace::{Code, CodeTable, Coded, Digest, Header, IllFormed, Space, Trace, TraceBuilder};

use self::line::{ChoiceObject, FactValue, FooterLine, HeaderLine, RecordLine, Typed};

/// A trace that was read from NDJSON.
#[derive(Debug, Clone)]
pub struct NdjsonTrace {
    /// The trace. Its records are numbered from 1, also if they are a part of a run.
    pub trace: Trace,
    /// Which part of a run it is.
    pub part: NdjsonPart,
    /// How the text ended.
    pub end: NdjsonEnd,
}

/// Which part of a run a trace as NDJSON is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NdjsonPart {
    /// All records, as far as the text goes.
    Whole,
    /// Some records, chosen by this projection.
    Projection(String),
    /// Records are missing, although the header says that all are there: somebody has left out lines.
    Gaps,
}

/// How a trace as NDJSON ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NdjsonEnd {
    /// With its footer.
    Whole,
    /// It was cut, or is still being written.
    Cut {
        /// The number of the last record that could be read, as the text has it; 0 if there is none.
        record: u64,
        /// The line that is not there as a whole, from 1; of a text without a footer, the line after the last one.
        line: usize,
    },
}

/// Reads a trace from NDJSON as [`write_ndjson`](tiebreak_trace::write_ndjson) writes it. The last line may be cut, and the
/// footer may be missing. What follows the footer is the verdict of a run, and is passed over.
///
/// Some of a trace is not in NDJSON. Spans and instants become numbers, names and short texts become words, and a subject
/// that is none becomes an absent value; `docs/TRACE.md` has the table. Written again as NDJSON, a whole trace is the same
/// but for the digests of records that have such facts.
///
/// # Errors
/// What is wrong first, and where: a line that is no object of a known type, or lines that are not those of one trace.
///
/// # Cost
/// Reads the text twice. The trace takes at most three times the bytes of the text.
pub fn read_ndjson(text: &str) -> Result<NdjsonTrace, Diagnostic> {
    let mut reader = Reader::default();
    let mut start = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let place = Line { text: line.trim_end_matches(['\n', '\r']), start };
        start += line.len();
        if place.text.trim().is_empty() {
            continue;
        }
        match reader.line(place) {
            Ok(()) => {}
            Err(Problem::Cut(_)) if !line.ends_with('\n') => return reader.finish(Some(number), text),
            Err(Problem::Cut(problem) | Problem::Wrong(problem)) => return Err(*problem),
        }
    }
    let lines = text.lines().count();
    let is_whole = reader.records.is_some();
    reader.finish((!is_whole).then_some(lines + 1), text)
}

/// A line and where it starts in its text.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    start: usize,
}

/// Why a line is not taken.
enum Problem {
    /// It ends too early: harmless if it is the last one and without a line end.
    Cut(Box<Diagnostic>),
    Wrong(Box<Diagnostic>),
}

impl<'a> Line<'a> {
    /// Which bytes of the text it takes.
    const fn span(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// What is wrong with the line as a whole.
    fn wrong(self, code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem::Wrong(Diagnostic::error(code, self.span(), message).help(help).into())
    }

    /// Reads the line as an object.
    fn parse<T: serde::Deserialize<'a>>(self) -> Result<T, Problem> {
        serde_json::from_str(self.text).map_err(|error| self.unreadable(&error))
    }

    fn unreadable(self, error: &serde_json::Error) -> Problem {
        // The column counts bytes from 1, and is 0 where nothing was read.
        let mut at = error.column().saturating_sub(1).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let after = at + first_character(&self.text[at..]).len();
        let text = error.to_string();
        // The diagnostic says itself where it is.
        let what = text.rsplit_once(" at line ").map_or(&*text, |(what, _)| what);
        let what = what.replace("expected u64", "expected a whole number");
        let what = what.replace("expected u32", "expected a whole number below 2^32");
        let span = self.start + at..self.start + after;
        let found = Diagnostic::error(TRACE_LINE, span, format!("cannot read a line of a trace: {what}"))
            .help("each line is one JSON object, as `tiebreak run --format ndjson` writes it")
            .into();
        // Behind the sign of a number the end is "an invalid number".
        let is_cut = error.is_eof() || (at + 1 >= self.text.len() && self.text.ends_with('-'));
        if is_cut { Problem::Cut(found) } else { Problem::Wrong(found) }
    }
}

/// What was read so far.
#[derive(Debug, Default)]
struct Reader {
    /// The trace; `None` before its header.
    builder: Option<TraceBuilder>,
    /// What the header says that the trace shows.
    projection: String,
    /// The codes of events by the hashes of their names.
    events: CodeTable,
    /// The number of the last record.
    last: u64,
    /// How many records the footer counts; `None` before it.
    records: Option<u64>,
    facts: Vec<(u64, Code)>,
    name: String,
}

impl Reader {
    fn line(&mut self, line: Line<'_>) -> Result<(), Problem> {
        let Typed { r#type } = line.parse()?;
        let is_known = ["header", "record", "footer", "verdict"].contains(&&*r#type);
        if !is_known {
            let help = meant(&r#type, ["header", "record", "footer"], || {
                "the lines of a trace are a `header`, each `record`, and a `footer`".to_owned()
            });
            return Err(line.wrong(TRACE_LINE, format!("unknown type `{type}`"), help));
        }
        if self.records.is_some() && r#type != "verdict" {
            let help = "write each trace to a file of its own";
            return Err(line.wrong(TRACE_ORDER, format!("a {type} after the footer"), help));
        }
        match &*r#type {
            "header" => self.header(line),
            "record" => self.record(line),
            "footer" => self.footer(line),
            _ => Ok(()),
        }
    }

    fn header(&mut self, line: Line<'_>) -> Result<(), Problem> {
        let HeaderLine { format, model, plan, seed, draws, order, projection } = line.parse()?;
        if self.builder.is_some() {
            let help = "write each trace to a file of its own";
            return Err(line.wrong(TRACE_ORDER, "a second header", help));
        }
        let is_digest = plan.len() == 32 && plan.bytes().all(|digit| digit.is_ascii_hexdigit());
        let Some(value) = u128::from_str_radix(&plan, 16).ok().filter(|_| is_digest) else {
            let message = format!("`{plan}` is not the digest of a plan");
            return Err(line.wrong(TRACE_LINE, message, "write 32 hexadecimal digits"));
        };
        let Ok(order) = order.parse::<Order>() else {
            let known = || format!("expected one of `{}`", Order::ALL.map(Order::word).join("`, `"));
            let help = meant(&order, Order::ALL.map(Order::word), known);
            return Err(line.wrong(TRACE_LINE, format!("unknown order `{order}`"), help));
        };
        let header = Header { format, model, plan: Digest::new(value), seed, draws, order };
        self.builder = Some(TraceBuilder::new(header));
        self.projection = projection.into_owned();
        Ok(())
    }

    fn record(&mut self, line: Line<'_>) -> Result<(), Problem> {
        let record: RecordLine<'_> = line.parse()?;
        let Self { builder, events, last, facts, name, .. } = self;
        let Some(builder) = builder else {
            return Err(line.wrong(TRACE_ORDER, "a record before the header", NO_HEADER));
        };
        if record.number <= *last {
            let message = format!("record {} comes after record {last}", record.number);
            return Err(line.wrong(TRACE_ORDER, message, "records stand in their order, each once"));
        }
        let ill_formed = |found: IllFormed| {
            line.wrong(TRACE_ORDER, found.text(), "write the trace again, and leave its lines as they are")
        };
        let origin = origin(&record).map_err(|what| {
            line.wrong(TRACE_LINE, what, "docs/TRACE.md says which keys a record of each origin has")
        })?;
        let codes = enter_name(builder, &record).map_err(ill_formed)?;
        let cause = record.cause.as_ref().map(|cause| code_of(&cause.0, events));
        enter_facts(builder, &record, facts).map_err(ill_formed)?;
        let instant = Instant::from_nanos(record.at);
        builder.push(&Coded { instant, name: codes, origin, cause, facts }).map_err(ill_formed)?;
        if let Origin::Dispatch { repeat, choice: _ } = origin {
            spell(&record, repeat, name);
            let hash = hash_text(name);
            if events.get(hash).is_some() {
                let message = format!("two events are called `{name}`");
                let help = "each event has a name of its own; write the trace as a packed one if two subjects are \
                            spelled alike";
                return Err(line.wrong(TRACE_ORDER, message, help));
            }
            events.enter(hash, event_code(codes.name(), repeat));
        }
        *last = record.number;
        Ok(())
    }

    fn footer(&mut self, line: Line<'_>) -> Result<(), Problem> {
        let FooterLine { records } = line.parse()?;
        let Some(builder) = &self.builder else {
            return Err(line.wrong(TRACE_ORDER, "a footer before the header", NO_HEADER));
        };
        let there = builder.trace().len();
        if records < there {
            let records = counted(records, "record");
            let message = format!("the footer counts {records}, but there are {there} before it");
            return Err(line.wrong(TRACE_ORDER, message, "write each trace to a file of its own"));
        }
        self.records = Some(records);
        Ok(())
    }

    /// Hands over the trace; of a text that was cut, with the line at which it was.
    fn finish(self, cut: Option<usize>, text: &str) -> Result<NdjsonTrace, Diagnostic> {
        let Self { builder, projection, last, records, .. } = self;
        let Some(builder) = builder else {
            let message = "there is no header: this is no trace";
            return Err(Diagnostic::error(TRACE_ORDER, first_character(text), message).help(NO_HEADER));
        };
        let trace = builder.into_trace(Vec::new());
        let has_gaps = last != trace.len() || records.is_some_and(|records| records != trace.len());
        let part = match (projection.as_str(), has_gaps) {
            ("whole", false) => NdjsonPart::Whole,
            ("whole", true) => NdjsonPart::Gaps,
            (_, _) => NdjsonPart::Projection(projection),
        };
        let end = cut.map_or(NdjsonEnd::Whole, |line| NdjsonEnd::Cut { record: last, line });
        Ok(NdjsonTrace { trace, part, end })
    }
}

/// Which bytes the first character of a text takes; none where it is empty.
fn first_character(text: &str) -> Range<usize> {
    0..text.chars().next().map_or(0, char::len_utf8)
}

const NO_HEADER: &str = "the first line of a trace is its header: write `tiebreak run --format ndjson` anew";

/// How a record came about.
///
/// # Errors
/// What is wrong, a sentence.
fn origin(record: &RecordLine<'_>) -> Result<Origin, String> {
    let RecordLine { origin, repeat, choice, to, .. } = record;
    let choice = choice.map(|ChoiceObject { index, of, twin }| Choice { index, of, is_twin: twin });
    if let Some(Choice { index, of, .. }) = choice.filter(|choice| choice.index >= choice.of) {
        return Err(format!("the choice {index} of {of} is none: the index counts from 0"));
    }
    match (&**origin, *repeat, choice, *to) {
        ("dispatched", Some(repeat), choice, None) => Ok(Origin::Dispatch { repeat, choice }),
        ("noted", None, None, None) => Ok(Origin::Note),
        ("cancelled", None, None, None) => Ok(Origin::Cancelled),
        ("moved", None, None, Some(to)) => Ok(Origin::Moved { to: Instant::from_nanos(to) }),
        ("dispatched" | "noted" | "cancelled" | "moved", ..) => {
            Err(format!("`repeat`, `choice` and `to` are not those of a record that was {origin}"))
        }
        _ => Err(format!("unknown origin `{origin}`")),
    }
}

/// Enters the texts of a record's name, and returns their codes.
fn enter_name(builder: &mut TraceBuilder, record: &RecordLine<'_>) -> Result<PartCodes, IllFormed> {
    let actor = enter(builder, Space::Name, &record.actor)?;
    let kind = enter(builder, Space::Term, &record.kind)?;
    let subject = record.subject.as_ref().map(|subject| enter(builder, Space::Subject, &subject.0));
    Ok(PartCodes { actor, kind, subject: subject.transpose()?.unwrap_or(0) })
}

fn enter_facts(
    builder: &mut TraceBuilder,
    record: &RecordLine<'_>,
    facts: &mut Vec<(u64, Code)>,
) -> Result<(), IllFormed> {
    facts.clear();
    for (key, value) in &record.facts {
        let key = enter(builder, Space::Term, &key.0)?;
        let value = match value {
            FactValue::Text(text) => Code::Word(enter(builder, Space::Term, text)?),
            FactValue::Number(number) => Code::Number(*number),
            FactValue::Signed(number) => Code::Signed(*number),
            FactValue::Truth(truth) => Code::Truth(*truth),
            FactValue::Absent => Code::Absent,
        };
        facts.push((key, value));
    }
    Ok(())
}

fn enter(builder: &mut TraceBuilder, space: Space, text: &str) -> Result<u64, IllFormed> {
    let code = hash_text(text);
    builder.enter(space, code, text).map(|()| code)
}

/// Spells the name of an event as causes name it.
fn spell(record: &RecordLine<'_>, repeat: u32, name: &mut String) {
    name.clear();
    for part in [&record.actor, "/", &record.kind] {
        name.push_str(part);
    }
    if let Some(subject) = &record.subject {
        for part in ["(", &subject.0, ")"] {
            name.push_str(part);
        }
    }
    name.push('#');
    name.push_str(&repeat.to_string());
}

/// The code of an event that is named as a cause. Of one that was read it is that event's; of another, what it would be.
fn code_of(name: &str, events: &CodeTable) -> u64 {
    let hash = hash_text(name);
    let read = events.get(hash);
    read.or_else(|| code_in_hex(name)).or_else(|| code_of_parts(name)).unwrap_or(hash)
}

/// The code of an event whose name was not known when the trace was written: `?` and 16 hexadecimal digits.
fn code_in_hex(name: &str) -> Option<u64> {
    let digits = name.strip_prefix('?').filter(|digits| digits.len() == 16)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u64::from_str_radix(digits, 16).ok())?
}

/// The code of `actor/kind(subject)#repeat`.
fn code_of_parts(name: &str) -> Option<u64> {
    let (name, repeat) = name.rsplit_once('#')?;
    let (actor, what) = name.split_once('/')?;
    let (kind, subject) = match what.strip_suffix(')').and_then(|what| what.split_once('(')) {
        Some((kind, subject)) => (kind, hash_text(subject)),
        None => (what, 0),
    };
    let codes = PartCodes { actor: hash_text(actor), kind: hash_text(kind), subject };
    Some(event_code(codes.name(), repeat.parse().ok()?))
}
