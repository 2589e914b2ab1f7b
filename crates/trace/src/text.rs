//! A trace as people read it: one aligned line a record.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use core::fmt::{self, Write as _};

use tiebreak_kernel::{Origin, Term};

use crate::canonical::{Code, Parts};
use crate::dictionary::Space;
use crate::fingerprint::Fingerprint;
use crate::projection::Projection;
use crate::trace::{PartsTally, Trace};
use crate::twins::{Twin, summary};
use crate::walk::{Step, push_what, spell_cause, walk};

/// The key of the fact that says how something ended: text shows `-> NO_ERROR` instead of `result=NO_ERROR`.
pub const RESULT: Term = Term::new("result");

/// Widths of the columns. What is longer overflows: it moves its own line and no other.
const NUMBER: usize = 5;
const AT: usize = 9;
const ACTOR: usize = 9;
const TIE: usize = 7;
const SNAPSHOT_TIE: usize = 5;
const EVENT: usize = 39;

/// Which of the two forms is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// With record numbers, and choices as `[2/3]`.
    Run,
    /// Without numbers, and ties as `[tie]` or not at all: nothing that unrelated events can change.
    Snapshot(Ties),
}

impl Form {
    const fn tie_width(self) -> usize {
        match self {
            Self::Run => TIE,
            Self::Snapshot(_) => SNAPSHOT_TIE,
        }
    }
}

/// Whether a snapshot shows which events were chosen among several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ties {
    Shown,
    /// In a projection, whether an event had alternatives is up to unrelated events.
    Hidden,
}

/// Writes the records that a projection keeps, with their numbers: header, one aligned line a record, footer.
///
/// ```text
///     # at        actor     tie   event                                   facts, < cause
///    17 30s       rip2      [2/3] step(add-route)#1
///    18 30s       rip2              · RtmAddRouteToDest(10.0.0.0/8)       metric=3 -> NO_ERROR
///    21 30s       fib       [1/2] change-notification(n)#1                < rip2/step(add-route)#1
/// ```
/// A note stands indented under the event during which it was made, and so do `cancelled timeout(1)` and `moved
/// timeout(1)`, where such changes are recorded. Control characters are escaped, values with spaces quoted; a fact
/// without a value is `key=-`.
///
/// # Errors
/// Only those of `out`.
pub fn write_text(trace: &Trace, projection: &Projection, out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "# tiebreak trace · {}", trace.header())?;
    if *projection != Projection::Whole {
        write!(out, " · {}", clean(&projection.to_string()))?;
    }
    writeln!(out)?;
    let mut lines = Lines::new(trace, Form::Run);
    writeln!(out, "{}", lines.columns())?;
    let mut kept = PartsTally::default();
    for step in walk(trace, projection) {
        writeln!(out, "{}", lines.line(&step))?;
        kept.absorb(trace, &step.parts);
    }
    let footer = footer(&kept.fingerprint(trace), Ties::Shown, &kept.twins());
    writeln!(out, "# {footer} · fingerprint {}", trace.fingerprint().run)
}

/// The counts in a footer: `42 records · 20 events · 9 kinds · 3 ties`, the last only where ties are shown, and behind
/// them `2 ties of equal names (rip1/step(x))` if there are such.
pub(crate) fn footer(fingerprint: &Fingerprint, ties: Ties, twins: &[Twin]) -> String {
    let count = |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let mut counts = vec![
        count(fingerprint.records, "record"),
        count(fingerprint.dispatches, "event"),
        count(fingerprint.kinds.len() as u64, "kind"),
    ];
    if ties == Ties::Shown {
        counts.push(count(fingerprint.ties, "tie"));
    }
    counts.extend(summary(twins));
    counts.join(" · ")
}

/// Makes the lines of records; it remembers under which event they stand.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    trace: &'a Trace,
    form: Form,
    /// The code of the event whose line was made last.
    under: Option<u64>,
    line: String,
    cell: String,
}

impl<'a> Lines<'a> {
    pub(crate) const fn new(trace: &'a Trace, form: Form) -> Self {
        Self { trace, form, under: None, line: String::new(), cell: String::new() }
    }

    /// The line that names the columns.
    pub(crate) fn columns(&mut self) -> &str {
        self.line.clear();
        match self.form {
            Form::Run => self.line.push_str("#   no "),
            Form::Snapshot(_) => {}
        }
        let at = match self.form {
            Form::Run => "at",
            Form::Snapshot(_) => "# at",
        };
        let tie = if self.form == Form::Snapshot(Ties::Hidden) {
            None
        } else {
            Some(("tie", self.form.tie_width()))
        };
        let cells = [Some((at, AT)), Some(("actor", ACTOR)), tie, Some(("event", EVENT))];
        for (text, width) in cells.into_iter().flatten() {
            let _ = write!(self.line, "{text:<width$} ");
        }
        self.line.push_str("facts, < cause");
        &self.line
    }

    /// The line of one record.
    pub(crate) fn line(&mut self, step: &Step<'_>) -> &str {
        let parts = &step.parts;
        self.line.clear();
        if self.form == Form::Run {
            let _ = write!(self.line, "{:>NUMBER$} ", step.number);
        }
        let _ = write!(self.cell, "{}", parts.instant);
        self.put(AT);
        self.cell.push_str(&self.trace.text(Space::Name, parts.actor));
        self.put(ACTOR);
        self.put_tie(parts);
        let stands_under_cause = self.put_event(parts);
        self.push_facts(parts);
        if !stands_under_cause {
            self.push_cause(step);
        }
        self.line.truncate(self.line.trim_end_matches(' ').len());
        &self.line
    }

    /// Moves the cell to the line, cleaned and filled up to its width, and a space.
    fn put(&mut self, width: usize) {
        let clean = clean(&self.cell);
        let _ = write!(self.line, "{clean:<width$} ");
        self.cell.clear();
    }

    fn put_tie(&mut self, parts: &Parts<'_>) {
        match (self.form, parts.choice()) {
            (Form::Snapshot(Ties::Hidden), _) => return,
            (Form::Run, Some(choice)) => {
                let _ = write!(self.cell, "[{choice}]");
            }
            (Form::Snapshot(Ties::Shown), Some(_)) => self.cell.push_str("[tie]"),
            (Form::Run | Form::Snapshot(Ties::Shown), None) => {}
        }
        self.put(self.form.tie_width());
    }

    /// Puts what happened. Returns whether it is a note that stands under its event, so that the cause is plain.
    fn put_event(&mut self, parts: &Parts<'_>) -> bool {
        let stands_under_cause = match parts.origin {
            Origin::Dispatch { .. } => {
                self.under = parts.event_code();
                false
            }
            Origin::Note | Origin::Cancelled | Origin::Moved { to: _ } => {
                let stands = parts.cause.is_some() && parts.cause == self.under;
                self.cell.push_str(if stands { "  · " } else { "· " });
                stands
            }
        };
        match parts.origin {
            Origin::Dispatch { .. } | Origin::Note => {}
            Origin::Cancelled => self.cell.push_str("cancelled "),
            Origin::Moved { to: _ } => self.cell.push_str("moved "),
        }
        push_what(self.trace, parts, &mut self.cell);
        self.put(EVENT);
        stands_under_cause
    }

    fn push_facts(&mut self, parts: &Parts<'_>) {
        if let Origin::Moved { to } = parts.origin {
            let _ = write!(self.line, "to={to} ");
        }
        for (key, value) in parts.facts() {
            if key == RESULT.code() {
                self.line.push_str("-> ");
            } else {
                let key = self.trace.text(Space::Term, key);
                let _ = write!(self.line, "{}=", clean(&key));
            }
            let value = value_text(self.trace, value);
            push_quoted(&value, &mut self.line);
            self.line.push(' ');
        }
    }

    fn push_cause(&mut self, step: &Step<'_>) {
        if let Some(cause) = spell_cause(self.trace, step.cause) {
            let _ = write!(self.line, "< {}", clean(&cause));
        }
    }
}

/// The value of a fact as people read it; nothing for a subject that is none.
fn value_text(trace: &Trace, value: Code) -> Cow<'_, str> {
    match value {
        Code::Word(code) => trace.text(Space::Term, code),
        Code::Number(number) => number.to_string().into(),
        Code::Span(span) => span.to_string().into(),
        Code::Name(code) => trace.text(Space::Name, code),
        Code::Subject(0) => Cow::Borrowed(""),
        Code::Subject(code) => trace.text(Space::Subject, code),
        Code::Signed(number) => number.to_string().into(),
        Code::Truth(truth) => truth.to_string().into(),
        Code::Instant(instant) => instant.to_string().into(),
        Code::Text(text) => text.as_str().to_owned().into(),
        Code::Absent => Cow::Borrowed("-"),
    }
}

/// Appends a value, in quotes if it is empty or would run into what stands around it.
fn push_quoted(value: &str, out: &mut String) {
    let clean = clean(value);
    if !value.is_empty() && !value.contains([' ', '"']) {
        out.push_str(&clean);
        return;
    }
    out.push('"');
    out.push_str(&clean.replace('"', "\\\""));
    out.push('"');
}

/// The text with backslashes and what would break a line escaped: control characters, line and paragraph separators,
/// marks that turn the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        let turns = matches!(character, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || character == '\\' || turns {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    clean
}
