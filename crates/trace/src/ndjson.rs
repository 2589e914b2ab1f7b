//! A trace for programs: one JSON object a line.

use alloc::string::{String, ToString as _};
use core::fmt;

use tiebreak_kernel::{Choice, Origin, is_invisible};

use crate::canonical::{Code, Parts};
use crate::causes::Causes;
use crate::dictionary::Space;
use crate::digest::Digest;
use crate::fingerprint::{Fingerprint, Layer};
use crate::projection::Projection;
use crate::trace::{PartsTally, Trace};
use crate::twins::Twin;
use crate::walk::{CHOSEN, Step, chosen, push_cause, walk};

/// Writes the records that a projection keeps as NDJSON: a header, one object a record, a footer, told apart by `type`.
///
/// Every object of a type has all its keys, in the same order; missing values are `null`. Instants and spans are
/// whole nanoseconds, truth values `true` or `false`. Numbers are integers up to 2⁶⁴ − 1: readers that keep numbers in
/// doubles lose digits beyond 2⁵³.
///
/// # Errors
/// Only those of `out`.
pub fn write_ndjson(trace: &Trace, projection: &Projection, out: &mut dyn fmt::Write) -> fmt::Result {
    write_steps(trace, &projection.to_string(), walk(trace, projection), out)
}

/// Writes the records with these numbers as [`write_ndjson`] does; the header has `chosen` for a projection. Numbers that no
/// record has are passed over. `causes` are those of the same trace.
///
/// # Errors
/// Only those of `out`.
pub fn write_chosen_ndjson(
    trace: &Trace,
    causes: &Causes,
    numbers: &[u64],
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    write_steps(trace, CHOSEN, chosen(trace, causes, numbers), out)
}

fn write_steps<'a>(
    trace: &Trace,
    projection: &str,
    steps: impl Iterator<Item = Step<'a>>,
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    let header = trace.header();
    write!(out, r#"{{"type":"header","format":{},"model":{},"#, header.format, header.model)?;
    write!(out, r#""plan":"{}","seed":{},"draws":{},"#, header.plan, header.seed, header.draws)?;
    write!(out, r#""order":"{}","projection":"#, header.order)?;
    write_string(projection, out)?;
    out.write_str("}\n")?;
    let mut kept = PartsTally::default();
    for step in steps {
        write_record(trace, &step, out)?;
        kept.absorb(trace, &step.parts);
    }
    let fingerprint = kept.fingerprint(trace);
    let run = if fingerprint.records == trace.len() { fingerprint.run } else { trace.run() };
    write_footer(&fingerprint, &kept.twins(), run, out)
}

fn write_record(trace: &Trace, step: &Step<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    let parts = &step.parts;
    write!(out, r#"{{"type":"record","number":{},"at":{},"actor":"#, step.number, parts.instant.as_nanos())?;
    write_string(&trace.text(Space::Name, parts.actor), out)?;
    out.write_str(r#","kind":"#)?;
    write_string(&trace.text(Space::Term, parts.kind), out)?;
    out.write_str(r#","subject":"#)?;
    write_subject(trace, parts.subject, out)?;
    write_origin(parts.origin, out)?;
    out.write_str(r#","cause":"#)?;
    let mut cause = String::new();
    push_cause(trace, &step.cause, &mut cause);
    if cause.is_empty() {
        out.write_str("null")?;
    } else {
        write_string(&cause, out)?;
    }
    write_facts(trace, parts, out)?;
    out.write_str("}\n")
}

fn write_origin(origin: Origin, out: &mut dyn fmt::Write) -> fmt::Result {
    let (word, repeat, choice, to) = match origin {
        Origin::Dispatch { repeat, choice } => ("dispatched", Some(repeat), choice, None),
        Origin::Note => ("noted", None, None, None),
        Origin::Cancelled => ("cancelled", None, None, None),
        Origin::Moved { to } => ("moved", None, None, Some(to.as_nanos())),
    };
    write!(out, r#","origin":"{word}","repeat":"#)?;
    write_optional(repeat, out)?;
    out.write_str(r#","choice":"#)?;
    match choice {
        Some(Choice { index, of, is_twin }) => {
            write!(out, r#"{{"index":{index},"of":{of},"twin":{is_twin}}}"#)?;
        }
        None => out.write_str("null")?,
    }
    out.write_str(r#","to":"#)?;
    write_optional(to, out)
}

fn write_optional(number: Option<impl fmt::Display>, out: &mut dyn fmt::Write) -> fmt::Result {
    match number {
        Some(number) => write!(out, "{number}"),
        None => out.write_str("null"),
    }
}

fn write_facts(trace: &Trace, parts: &Parts<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_str(r#","facts":["#)?;
    for (at, (key, value)) in parts.facts().enumerate() {
        out.write_str(if at == 0 { "[" } else { ",[" })?;
        write_string(&trace.text(Space::Term, key), out)?;
        out.write_char(',')?;
        match value {
            Code::Word(code) => write_string(&trace.text(Space::Term, code), out)?,
            Code::Number(number) => write!(out, "{number}")?,
            Code::Span(span) => write!(out, "{}", span.as_nanos())?,
            Code::Name(code) => write_string(&trace.text(Space::Name, code), out)?,
            Code::Subject(code) => write_subject(trace, code, out)?,
            Code::Signed(number) => write!(out, "{number}")?,
            Code::Truth(truth) => write!(out, "{truth}")?,
            Code::Instant(instant) => write!(out, "{}", instant.as_nanos())?,
            Code::Text(text) => write_string(text.as_str(), out)?,
            Code::Absent => out.write_str("null")?,
        }
        out.write_char(']')?;
    }
    out.write_char(']')
}

fn write_subject(trace: &Trace, code: u64, out: &mut dyn fmt::Write) -> fmt::Result {
    match code {
        0 => out.write_str("null"),
        code => write_string(&trace.text(Space::Subject, code), out),
    }
}

fn write_footer(kept: &Fingerprint, twins: &[Twin], run: Digest, out: &mut dyn fmt::Write) -> fmt::Result {
    let Fingerprint { run: _, actors, kinds, records, dispatches, ties } = kept;
    write!(out, r#"{{"type":"footer","records":{records},"events":{dispatches},"ties":{ties},"#)?;
    write!(out, r#""fingerprint":"{run}","actors":["#)?;
    write_layers(actors, out)?;
    out.write_str(r#"],"kinds":["#)?;
    write_layers(kinds, out)?;
    out.write_str(r#"],"twins":["#)?;
    for (at, Twin { name, count }) in twins.iter().enumerate() {
        out.write_str(if at == 0 { r#"{"name":"# } else { r#",{"name":"# })?;
        write_string(name, out)?;
        write!(out, r#","count":{count}}}"#)?;
    }
    out.write_str("]}\n")
}

fn write_layers(layers: &[Layer], out: &mut dyn fmt::Write) -> fmt::Result {
    for (at, layer) in layers.iter().enumerate() {
        out.write_str(if at == 0 { r#"{"name":"# } else { r#",{"name":"# })?;
        write_string(&layer.name, out)?;
        write!(out, r#","records":{},"digest":"{}"}}"#, layer.records, layer.digest)?;
    }
    Ok(())
}

/// Writes a JSON string. Escaped is what JSON demands, and what cannot be seen: a trace may come from outside and be printed.
fn write_string(text: &str, out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            // Those that JSON demands, the line separators that trip JavaScript, and all that could command a terminal.
            _ if is_invisible(character) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            _ => out.write_char(character)?,
        }
    }
    out.write_char('"')
}
