//! Reading a trace back that `write_ndjson` has written.

use alloc::collections::BTreeMap;
use core::ops::Range;

use serde::Deserialize;
use serde_json::{Number, Value};
use tiebreak_diagnostic::Diagnostic;
use tiebreak_kernel::{Choice, Instant, Order, Origin, PartCodes, Settings, event_code, hash_text};
use tiebreak_trace::{Code, Coded, Digest, Header, IllFormed, Space, Trace, TraceBuilder};

/// Code of a diagnostic: a line is no part of a trace.
pub const LINE: &str = "T001";

/// What a trace as NDJSON holds.
#[derive(Debug, Clone)]
pub struct ReadBack {
    /// The trace, as far as it was there. Records are numbered anew: one that was written by a projection has no others.
    pub trace: Trace,
    /// Whether the file has a footer; without one it was cut, or is still being written.
    pub is_whole: bool,
}

/// Reads a trace as NDJSON, whole or the records that a projection keeps. A last line that was cut is left out.
///
/// NDJSON does not tell all there is to a trace: a word, a name, a subject and a text are all strings there, and spans and
/// instants numbers. They are read as words and numbers. So the fingerprint is not that of the run; what two such traces, or
/// such a one and another, have in common is found by texts and values.
///
/// # Cost
/// Reads each line once. The trace takes less memory than the text.
///
/// # Errors
/// The first line that is no part of a trace, and why.
pub fn read_ndjson(text: &str) -> Result<ReadBack, Diagnostic> {
    let mut lines = lines(text).peekable();
    let Some((span, head)) = lines.next() else {
        return Err(mistake(0..0, "there is no trace: the file is empty"));
    };
    let header = match parse(&span, head)? {
        Line::Header(header) => header.header().map_err(|message| mistake(span, message))?,
        Line::Record(_) | Line::Footer(_) => return Err(mistake(span, "a trace begins with its header")),
    };
    let mut reader = Reader::new(header);
    while let Some((span, line)) = lines.next() {
        let is_cut = lines.peek().is_none() && !text.ends_with('\n');
        match parse(&span, line) {
            Ok(Line::Record(record)) => reader.record(&record).map_err(|message| mistake(span, message))?,
            Ok(Line::Footer(_)) => {
                let Some((span, _)) = lines.find(|(_, line)| !line.trim().is_empty()) else {
                    return Ok(ReadBack { trace: reader.trace(), is_whole: true });
                };
                return Err(mistake(span, "nothing comes behind the footer of a trace"));
            }
            Ok(Line::Header(_)) => return Err(mistake(span, "a trace has one header")),
            Err(_) if is_cut => break,
            Err(wrong) => return Err(wrong),
        }
    }
    Ok(ReadBack { trace: reader.trace(), is_whole: false })
}

/// The lines of a text that are not empty, and where they stand.
fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut next = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let start = next;
        next += line.len();
        let line = line.trim_end();
        (start..start + line.len(), line)
    });
    lines.filter(|(_, line)| !line.is_empty())
}

fn mistake(span: Range<usize>, message: impl Into<String>) -> Diagnostic {
    let help = "`tiebreak run SCENARIO --format ndjson` writes traces that can be read";
    Diagnostic::error(LINE, span, message).help(help)
}

fn parse(span: &Range<usize>, line: &str) -> Result<Line, Diagnostic> {
    serde_json::from_str(line).map_err(|error| {
        // The columns of one line are bytes, from 1; 0 is the line as a whole.
        let at = span.start + error.column().saturating_sub(1).min(line.len());
        let at =
            (span.start..=at).rev().find(|at| line.is_char_boundary(at - span.start)).unwrap_or(span.start);
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        mistake(at..at, format!("not a line of a trace: {message}"))
    })
}

/// One line.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line {
    Header(HeaderLine),
    Record(Box<RecordLine>),
    Footer(FooterLine),
}

#[derive(Debug, Deserialize)]
struct HeaderLine {
    format: u32,
    model: u32,
    plan: String,
    seed: u64,
    draws: u64,
    order: String,
}

/// The last line. What it says follows from the records, but for the fingerprint of a run of which not all were written.
#[derive(Debug, Deserialize)]
struct FooterLine {}

#[derive(Debug, Deserialize)]
struct RecordLine {
    at: u64,
    actor: String,
    kind: String,
    subject: Option<String>,
    origin: OriginWord,
    repeat: Option<u32>,
    choice: Option<ChoiceObject>,
    to: Option<u64>,
    cause: Option<String>,
    facts: Vec<(String, Value)>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OriginWord {
    Dispatched,
    Noted,
    Cancelled,
    Moved,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct ChoiceObject {
    index: u32,
    of: u32,
    twin: bool,
}

impl HeaderLine {
    fn header(&self) -> Result<Header, String> {
        let Self { format, model, plan, seed, draws, order } = self;
        let plan =
            u128::from_str_radix(plan, 16).map_err(|_| "the digest of the plan is no hexadecimal number")?;
        let order: Order = order.parse().map_err(|_| format!("there is no order `{order}`"))?;
        let header = Header::new(*model, Digest::new(plan), &Settings::new(*seed));
        Ok(Header { format: *format, draws: *draws, order, ..header })
    }
}

impl RecordLine {
    fn origin(&self) -> Result<Origin, &'static str> {
        let choice = self.choice.map(|ChoiceObject { index, of, twin }| Choice { index, of, is_twin: twin });
        match self.origin {
            OriginWord::Dispatched => match self.repeat {
                Some(repeat) => Ok(Origin::Dispatch { repeat, choice }),
                None => Err("an event that was dispatched has no repeat"),
            },
            OriginWord::Noted => Ok(Origin::Note),
            OriginWord::Cancelled => Ok(Origin::Cancelled),
            OriginWord::Moved => match self.to {
                Some(to) => Ok(Origin::Moved { to: Instant::from_nanos(to) }),
                None => Err("an event that was moved has no `to`"),
            },
        }
    }
}

/// Makes a trace of lines.
struct Reader {
    builder: TraceBuilder,
    /// Event names to event codes, which causes are told by.
    events: BTreeMap<String, u64>,
}

impl Reader {
    fn new(header: Header) -> Self {
        Self { builder: TraceBuilder::new(header), events: BTreeMap::new() }
    }

    fn trace(self) -> Trace {
        self.builder.into_trace(Vec::new())
    }

    fn record(&mut self, line: &RecordLine) -> Result<(), String> {
        let wrong = |wrong: IllFormed| wrong.text().to_owned();
        let name = PartCodes {
            actor: self.enter(Space::Name, &line.actor).map_err(wrong)?,
            kind: self.enter(Space::Term, &line.kind).map_err(wrong)?,
            subject: match &line.subject {
                Some(subject) => self.enter(Space::Subject, subject).map_err(wrong)?,
                None => 0,
            },
        };
        let mut facts = Vec::with_capacity(line.facts.len());
        for (key, value) in &line.facts {
            let key = self.enter(Space::Term, key).map_err(wrong)?;
            facts.push((key, self.value(value)?));
        }
        let origin = line.origin()?;
        let cause = line.cause.as_deref().map(|cause| self.code_of(cause));
        let record = Coded { instant: Instant::from_nanos(line.at), name, origin, cause, facts: &facts };
        self.builder.push(&record).map_err(wrong)?;
        if let Origin::Dispatch { repeat, .. } = origin {
            let subject = line.subject.as_ref().map_or_else(String::new, |subject| format!("({subject})"));
            let spelled = format!("{}/{}{subject}#{repeat}", line.actor, line.kind);
            self.events.insert(spelled, event_code(name.name(), repeat));
        }
        Ok(())
    }

    /// The code of the event with this name; of one that was not written, a code that no event has.
    fn code_of(&self, cause: &str) -> u64 {
        self.events.get(cause).copied().unwrap_or_else(|| hash_text(cause))
    }

    fn enter(&mut self, space: Space, text: &str) -> Result<u64, IllFormed> {
        let code = hash_text(text);
        self.builder.enter(space, code, text)?;
        Ok(code)
    }

    fn value(&mut self, value: &Value) -> Result<Code, String> {
        match value {
            Value::Null => Ok(Code::Absent),
            Value::Bool(truth) => Ok(Code::Truth(*truth)),
            Value::Number(number) => {
                whole(number).ok_or_else(|| format!("{number} is no whole number of 64 bits"))
            }
            Value::String(word) => {
                self.enter(Space::Term, word).map(Code::Word).map_err(|wrong| wrong.text().to_owned())
            }
            Value::Array(_) | Value::Object(_) => {
                Err("the value of a fact is no list and no object".to_owned())
            }
        }
    }
}

fn whole(number: &Number) -> Option<Code> {
    number.as_u64().map(Code::Number).or_else(|| number.as_i64().map(Code::Signed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak_trace::{Projection, write_ndjson, write_text};

    const HEADER: &str = r#"{"type":"header","format":2,"model":1,"plan":"00000000000000000000000000000007","seed":3,"draws":4,"order":"rounds","projection":"whole"}"#;
    const RING: &str = r#"{"type":"record","number":1,"at":1500000000,"actor":"bell","kind":"ring","subject":"door \"1\"","origin":"dispatched","repeat":1,"choice":{"index":1,"of":2,"twin":false},"to":null,"cause":null,"facts":[]}"#;
    const HEARD: &str = r#"{"type":"record","number":2,"at":1500000000,"actor":"ear","kind":"heard","subject":null,"origin":"noted","repeat":null,"choice":null,"to":null,"cause":"bell/ring(door \"1\")#1","facts":[["loud",true],["by",-3],["at",7],["who",null],["how","very"]]}"#;
    const MOVED: &str = r#"{"type":"record","number":3,"at":1500000001,"actor":"bell","kind":"ring","subject":null,"origin":"moved","repeat":null,"choice":null,"to":1600000000,"cause":"bell/ring(door \"1\")#1","facts":[]}"#;
    const FOOTER: &str = r#"{"type":"footer","records":3}"#;

    fn read(lines: &[&str]) -> Result<ReadBack, Diagnostic> {
        read_ndjson(&(lines.join("\n") + "\n"))
    }

    #[test]
    fn what_is_read_is_written_again_as_it_was() {
        let back = read(&[HEADER, RING, HEARD, MOVED, FOOTER]).unwrap();
        assert!(back.is_whole);
        let mut written = String::new();
        write_ndjson(&back.trace, &Projection::Whole, &mut written).unwrap();
        let lines: Vec<&str> = written.lines().collect();
        assert_eq!(lines[..4], [HEADER, RING, HEARD, MOVED]);
        let again = read_ndjson(&written).unwrap().trace;
        assert_eq!(again.fingerprint(), back.trace.fingerprint());
        let mut text = String::new();
        write_text(&back.trace, &Projection::Whole, &mut text).unwrap();
        assert!(text.contains("loud=true by=-3 at=7 who=- how=very"), "{text}");
    }

    #[test]
    fn a_trace_that_was_cut_is_read_up_to_the_cut() {
        let whole = [HEADER, RING, HEARD, MOVED, FOOTER].join("\n") + "\n";
        for end in HEADER.len()..whole.len() {
            let back = read_ndjson(&whole[..end]).unwrap();
            let lines =
                whole[..end].split_inclusive('\n').filter(|line| serde_json::from_str::<Value>(line).is_ok());
            let footer = usize::from(back.is_whole);
            assert_eq!(back.trace.len(), (lines.count() - 1 - footer) as u64, "{end}");
            assert_eq!(back.is_whole, end + 1 >= whole.len());
        }
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_place() {
        let no_repeat = RING.replace("\"repeat\":1", "\"repeat\":null");
        let fraction = HEARD.replace("-3", "0.5");
        let early = MOVED.replace("1500000001", "1499999999");
        let nested = HEARD.replace("true", "[]");
        let order = HEADER.replace("rounds", "sorted");
        let cases: [(&[&str], usize, &str); 10] = [
            (&[], 1, "the file is empty"),
            (&[RING], 1, "a trace begins with its header"),
            (&[&order], 1, "there is no order `sorted`"),
            (&[HEADER, HEADER], 2, "a trace has one header"),
            (&[HEADER, "{\"type\":\"record\"}"], 2, "missing field"),
            (&[HEADER, &no_repeat], 2, "no repeat"),
            (&[HEADER, RING, &fraction], 3, "0.5 is no whole number"),
            (&[HEADER, RING, &nested], 3, "no list and no object"),
            (&[HEADER, RING, HEARD, &early, FOOTER], 4, "earlier than the one before"),
            (&[HEADER, FOOTER, RING], 3, "behind the footer"),
        ];
        for (lines, line, message) in cases {
            let text = lines.join("\n") + "\n";
            let wrong = read_ndjson(&text).unwrap_err();
            assert!(wrong.message.contains(message), "{}", wrong.message);
            assert_eq!(wrong.location(&text).line, line, "{message}");
        }
    }
}
