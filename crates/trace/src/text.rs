//! A trace as people read it: one aligned line a record.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use core::fmt::{self, Write as _};

use tiebreak_kernel::{Origin, Term, is_invisible};

use crate::canonical::{Code, Parts};
use crate::causes::Causes;
use crate::dictionary::Space;
use crate::digits::{push_instant, push_number, push_right, push_spaces, push_span};
use crate::fingerprint::Fingerprint;
use crate::projection::Projection;
use crate::trace::{PartsTally, Trace};
use crate::twins::{Twin, summary};
use crate::walk::{CHOSEN, Cause, Step, chosen, push_cause, push_what, step, walk};

/// The key of the fact that says how something ended: text shows `-> NO_ERROR` instead of `result=NO_ERROR`.
pub const RESULT: Term = Term::new("result");

/// The kind of the notes by which a world says that it left something out: made under the actor that would have done it, with the
/// subject that it would have been about. Asked why `actor/kind(subject)` did not happen, `tiebreak show --why-not` and
/// `tiebreak-inquiry` answer with the last such note; its facts say why, in the world's own words.
///
/// ```
/// use tiebreak_kernel::{Context, Fact, Name, Settings, Simulation, Span, Term, World, terms};
/// use tiebreak_trace::{Digest, Header, SKIPPED, Tracer};
///
/// terms! { BELL = "bell", RING = "ring", REASON = "reason", MUTED = "muted" }
///
/// struct Bell;
/// impl World for Bell {
///     type Event = ();
///     type Subject = u64;
///     fn name(&self, _ring: &()) -> Name<u64> {
///         Name::of(BELL, RING, 1)
///     }
///     fn handle(&mut self, _ring: (), context: &mut Context<'_, (), u64>) {
///         context.record(Name::of(BELL, SKIPPED, 2), &[Fact::word(REASON, MUTED)]);
///     }
/// }
/// let settings = Settings::default();
/// let tracer = Tracer::new(Header::new(1, Digest::of(b"a bell"), &settings));
/// let mut simulation = Simulation::new(Bell, settings).with_recorder(tracer);
/// simulation.act(|_, context| context.schedule_after(Span::from_secs(1), ()));
/// simulation.run();
/// assert!(simulation.recorder().trace().to_string().contains("· skipped(2)"));
/// ```
pub const SKIPPED: Term = Term::new("skipped");

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
/// timeout(1)`, where such changes are recorded. Characters that cannot be seen are escaped, values with spaces quoted; a
/// fact without a value is `key=-`.
///
/// # Errors
/// Only those of `out`.
pub fn write_text(trace: &Trace, projection: &Projection, out: &mut dyn fmt::Write) -> fmt::Result {
    let shown = (*projection != Projection::Whole).then(|| projection.to_string());
    write_steps(trace, shown.as_deref(), walk(trace, projection), out)
}

/// Writes the records with these numbers as [`write_text`] does; the header says that they are chosen. Numbers that no record
/// has are passed over. `causes` are those of the same trace.
///
/// # Errors
/// Only those of `out`.
pub fn write_chosen_text(
    trace: &Trace,
    causes: &Causes,
    numbers: &[u64],
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    write_steps(trace, Some(CHOSEN), chosen(trace, causes, numbers), out)
}

fn write_steps<'a>(
    trace: &Trace,
    shown: Option<&str>,
    steps: impl Iterator<Item = Step<'a>>,
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    write!(out, "# tiebreak trace · {}", trace.header())?;
    if let Some(shown) = shown {
        write!(out, " · {}", clean(shown))?;
    }
    writeln!(out)?;
    let mut lines = Lines::new(trace, Form::Run);
    writeln!(out, "{}", lines.columns())?;
    let mut kept = PartsTally::default();
    for step in steps {
        out.write_str(lines.line(&step))?;
        out.write_char('\n')?;
        kept.absorb(trace, &step.parts);
    }
    let fingerprint = kept.fingerprint(trace);
    let run = if fingerprint.records == trace.len() { fingerprint.run } else { trace.run() };
    let footer = footer(&fingerprint, Ties::Shown, &kept.twins());
    writeln!(out, "# {footer} · fingerprint {run}")
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

/// The lines of single records, as [`write_text`] has them, by number: for those who choose records themselves.
#[derive(Debug)]
pub struct RecordLines<'a> {
    lines: Lines<'a>,
    causes: &'a Causes,
}

impl<'a> RecordLines<'a> {
    /// Lines of this trace; `causes` are those of the same trace.
    #[must_use]
    pub fn new(trace: &'a Trace, causes: &'a Causes) -> Self {
        Self { lines: Lines::new(trace, Form::Run), causes }
    }

    /// Returns the line that names the columns.
    pub fn columns(&mut self) -> &str {
        self.lines.columns()
    }

    /// Returns the line of the record with this number, from 1; `None` if there is none. A note stands indented and without
    /// its cause if the line returned before was that of its event, or of another note during it.
    pub fn line(&mut self, number: u64) -> Option<&str> {
        let trace = self.lines.trace;
        let step = step(trace, self.causes, (number, trace.record(number)?));
        Some(self.lines.line(&step))
    }
}

/// Makes the lines of records; it remembers under which event they stand.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    trace: &'a Trace,
    form: Form,
    /// Whether all texts of the dictionary are plain: no cell made of such texts is searched for what to escape, and its
    /// length is that of its bytes.
    is_plain: bool,
    /// The code of the event whose line was made last.
    under: Option<u64>,
    line: String,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(trace: &'a Trace, form: Form) -> Self {
        let is_plain = is_plain(trace.dictionary().texts());
        Self { trace, form, is_plain, under: None, line: String::new() }
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
            push_right(step.number, NUMBER, &mut self.line);
            self.line.push(' ');
        }
        let start = self.line.len();
        push_instant(parts.instant, &mut self.line);
        self.fill(self.line.len() - start, AT);
        let start = self.line.len();
        self.line.push_str(&self.trace.text(Space::Name, parts.actor));
        self.put(start, ACTOR);
        self.put_tie(parts);
        let stands_under_cause = self.put_event(step);
        self.push_facts(parts);
        if !stands_under_cause {
            self.push_cause(&step.cause);
        }
        let end = self.line.bytes().rposition(|byte| byte != b' ').map_or(0, |last| last + 1);
        self.line.truncate(end);
        &self.line
    }

    /// Fills a cell of this length up to its width, and adds a space.
    fn fill(&mut self, length: usize, width: usize) {
        push_spaces(width.saturating_sub(length) + 1, &mut self.line);
    }

    /// Makes a cell of what was appended from `start` on: cleaned and filled up to its width, and a space.
    fn put(&mut self, start: usize, width: usize) {
        self.clean_from(start);
        let cell = &self.line[start..];
        let length = if self.is_plain { cell.len() } else { cell.chars().count() };
        self.fill(length, width);
    }

    /// Escapes what was appended from `start` on: texts of the dictionary, and what needs no escape.
    #[inline]
    fn clean_from(&mut self, start: usize) {
        if !self.is_plain {
            if let Cow::Owned(clean) = clean(&self.line[start..]) {
                self.line.truncate(start);
                self.line.push_str(&clean);
            }
        }
    }

    fn put_tie(&mut self, parts: &Parts<'_>) {
        let start = self.line.len();
        match (self.form, parts.choice()) {
            (Form::Snapshot(Ties::Hidden), _) => return,
            (Form::Run, Some(choice)) => {
                self.line.push('[');
                push_number(u64::from(choice.index) + 1, &mut self.line);
                self.line.push('/');
                push_number(choice.of.into(), &mut self.line);
                self.line.push(']');
            }
            (Form::Snapshot(Ties::Shown), Some(_)) => self.line.push_str("[tie]"),
            (Form::Run | Form::Snapshot(Ties::Shown), None) => {}
        }
        self.fill(self.line.len() - start, self.form.tie_width());
    }

    /// Puts what happened. Returns whether it is a note that stands under its event, so that the cause is plain.
    fn put_event(&mut self, step: &Step<'_>) -> bool {
        let parts = &step.parts;
        let (mark, stands_under_cause) = match parts.origin {
            Origin::Dispatch { .. } => {
                self.under = step.event;
                ("", false)
            }
            Origin::Note | Origin::Cancelled | Origin::Moved { to: _ } => {
                let stands = parts.cause.is_some() && parts.cause == self.under;
                (if stands { "  · " } else { "· " }, stands)
            }
        };
        self.line.push_str(mark);
        let start = self.line.len();
        match parts.origin {
            Origin::Dispatch { .. } | Origin::Note => {}
            Origin::Cancelled => self.line.push_str("cancelled "),
            Origin::Moved { to: _ } => self.line.push_str("moved "),
        }
        push_what(self.trace, parts, &mut self.line);
        self.put(start, EVENT - mark.chars().count());
        stands_under_cause
    }

    fn push_facts(&mut self, parts: &Parts<'_>) {
        if let Origin::Moved { to } = parts.origin {
            self.line.push_str("to=");
            push_instant(to, &mut self.line);
            self.line.push(' ');
        }
        for (key, value) in parts.facts() {
            if key == RESULT.code() {
                self.line.push_str("-> ");
            } else {
                let start = self.line.len();
                self.line.push_str(&self.trace.text(Space::Term, key));
                self.clean_from(start);
                self.line.push('=');
            }
            push_value(self.trace, value, &mut self.line);
            self.line.push(' ');
        }
    }

    fn push_cause(&mut self, cause: &Cause<'_>) {
        if *cause == Cause::Outside {
            return;
        }
        self.line.push_str("< ");
        let start = self.line.len();
        push_cause(self.trace, cause, &mut self.line);
        self.clean_from(start);
    }
}

/// Appends the value of a fact as people read it; an empty text for a subject that is none.
pub(crate) fn push_value(trace: &Trace, value: Code, out: &mut String) {
    match value {
        Code::Word(code) => push_quoted(&trace.text(Space::Term, code), out),
        Code::Number(number) => push_number(number, out),
        Code::Span(span) => push_span(span, out),
        Code::Name(code) => push_quoted(&trace.text(Space::Name, code), out),
        Code::Subject(0) => push_quoted("", out),
        Code::Subject(code) => push_quoted(&trace.text(Space::Subject, code), out),
        Code::Signed(number) => {
            if number < 0 {
                out.push('-');
            }
            push_number(number.unsigned_abs(), out);
        }
        Code::Truth(truth) => out.push_str(if truth { "true" } else { "false" }),
        Code::Instant(instant) => push_instant(instant, out),
        Code::Text(text) => push_quoted(text.as_str(), out),
        Code::Absent => out.push('-'),
    }
}

/// Appends a text, in quotes if it is empty or would run into what stands around it.
fn push_quoted(value: &str, out: &mut String) {
    if !value.is_empty() && !value.bytes().any(|byte| matches!(byte, b' ' | b'"')) {
        out.push_str(&clean(value));
        return;
    }
    out.push('"');
    out.push_str(&clean(value).replace('"', "\\\""));
    out.push('"');
}

/// Whether a text is of printable ASCII without backslashes: then [`clean`] leaves it as it is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\')
}

/// The text with backslashes escaped, and what would break a line or make two texts look alike: characters that cannot be
/// seen.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\\' || is_invisible(character) {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    Cow::Owned(clean)
}
