//! What a run leaves: its trace, a picture of it, its fingerprints, its table; and where each goes.
//!
//! ```text
//!                        ┌─ nothing: what it comes to is enough
//!   Fingerprinter beside ─┼─ Tracer: the whole trace, written at the end as text, NDJSON or for Perfetto
//!                        └─ PackedTracer: a packed trace, written block by block
//! ```
//! A packed trace is written to a file with `.part` behind its name, and renamed at the end. It is what is left of a run that
//! was interrupted, or that somebody looks at while it goes on; a file that ends early says so. No file is put in its place
//! before all are written.

use core::time::Duration;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Instant;

use tiebreak::{
    End, Layer, PackedTracer, Projection, Space, Trace, Tracer, snapshot_lines, write_ndjson, write_text,
};
use tiebreak_diagnostic::{counted, nearest};
use tiebreak_report::write_perfetto;
use tiebreak_runner::Fingerprinted;
use tiebreak_scenario::Plan;

use crate::arguments::{Run, TraceFormat};
use crate::because::{Again, AskedOf};
use crate::draft::grows_at;
use crate::exit::Error;
use crate::fingerprints::{Prints, not_again};
use crate::output::{Settled, Sink, Tail, Terminal, is_standard, shown_path, visible};
use crate::place::{Wanted, files_of, is_special, refuse_same_files};
use crate::table;

/// What standard output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    Fingerprint,
    Table,
    /// A packed trace and nothing else.
    Packed,
    /// The trace, unless it goes to a file, and the verdict.
    Verdict,
}

impl Product {
    /// What standard output is asked to hold.
    ///
    /// # Errors
    /// If it is asked to hold several things, or one that it cannot hold.
    pub(super) fn of(options: &Run) -> Result<Self, Error> {
        let refused = |message: &str| Err(Error::Input(message.to_owned()));
        let is_stdout = |path: &Option<_>| path.as_deref().is_some_and(is_standard);
        if is_stdout(&options.perfetto) {
            return refused("what Perfetto reads is no text: write `--perfetto FILE`");
        }
        if is_stdout(&options.fingerprints) {
            return refused("`--fingerprints` takes a file; `--fingerprint` prints the fingerprint alone");
        }
        let product = match (options.fingerprint, is_stdout(&options.table), is_stdout(&options.trace)) {
            (true, false, false) => Self::Fingerprint,
            (false, true, false) => Self::Table,
            (false, false, is_trace) => {
                let is_packed =
                    options.format() == TraceFormat::Packed && (is_trace || options.trace.is_none());
                if is_packed { Self::Packed } else { Self::Verdict }
            }
            (true, _, _) | (_, true, _) => {
                return refused(
                    "standard output holds one thing: write only one of `--fingerprint`, `--table -` and \
                     `--trace -`, or give a file",
                );
            }
        };
        if product == Self::Packed && io::stdout().is_terminal() {
            return refused("a packed trace is no text for a terminal: write `--trace FILE.tbt`");
        }
        if let (TraceFormat::Packed, Some(option)) = (options.format(), options.first_projection()) {
            return Err(Error::Input(format!(
                "a packed trace holds the whole run: leave out {option}; `tiebreak show FILE {option} …` shows a part of it"
            )));
        }
        Ok(product)
    }
}

/// A run whose products are written.
pub(super) struct Done {
    pub(super) fingerprinted: Fingerprinted,
    /// How each finding came about.
    pub(super) because: Vec<Vec<String>>,
}

/// Where a trace, a picture of it and a table go. They are opened before the run, so that a path that cannot be written to is
/// reported at once.
pub(super) struct Sinks {
    trace: Option<Sink>,
    perfetto: Option<Sink>,
    table: Option<Sink>,
    fingerprints: Option<Sink>,
}

impl Sinks {
    /// Opens them.
    ///
    /// # Errors
    /// If a file cannot be written, or is read, or is another of them.
    pub(super) fn open(
        options: &Run,
        plan: &Plan,
        product: Product,
        terminal: Terminal,
    ) -> Result<Self, Error> {
        let is_growing = options.format() == TraceFormat::Packed;
        let has_draft = |path: &&Path| is_growing && !is_standard(path) && !is_special(path);
        let grown = options.trace.as_deref().filter(has_draft).map(grows_at);
        let writes = [
            Wanted::given("--trace", options.trace.as_deref()),
            Wanted::given("the draft of --trace", grown.as_deref()),
            Wanted::given("--perfetto", options.perfetto.as_deref()),
            Wanted::given("--table", options.table.as_deref()),
            Wanted::given("--fingerprints", options.fingerprints.as_deref()),
        ];
        let writes: Vec<Wanted<'_>> = writes.into_iter().flatten().collect();
        refuse_same_files(&writes, &files_of(&options.scenario, plan))?;
        let is_shown = matches!(product, Product::Verdict | Product::Packed) && !terminal.is_quiet;
        let trace = match (&options.trace, options.format()) {
            (Some(path), TraceFormat::Packed) => Some(Sink::growing(path)?),
            (Some(path), TraceFormat::Text | TraceFormat::Ndjson) => Some(Sink::open(path)?),
            (None, _) => is_shown.then(Sink::stdout),
        };
        let open = |path: &Option<_>| path.as_deref().map(|path: &Path| Sink::open(path)).transpose();
        let [perfetto, table] = [open(&options.perfetto)?, open(&options.table)?];
        Ok(Self { trace, perfetto, table, fingerprints: open(&options.fingerprints)? })
    }

    /// Runs a scenario, and writes all that is asked for.
    ///
    /// # Errors
    /// If something cannot be written.
    pub(super) fn run(
        self,
        (again, asked_of): (Again<'_>, AskedOf<'_>),
        options: &Run,
        terminal: Terminal,
    ) -> Result<Done, Error> {
        let Self { trace, perfetto, table, fingerprints } = self;
        let Again { prepared, how } = again;
        let start = Instant::now();
        let is_packed = options.format() == TraceFormat::Packed;
        let mut written: Vec<Settled> = Vec::new();
        let (fingerprinted, because) = match (trace, perfetto) {
            (None, None) => {
                let fingerprinted = prepared.fingerprint(how);
                terminal.note(speed(fingerprinted.report.events, start.elapsed()));
                let because = again.findings(&fingerprinted.report, None, asked_of);
                (fingerprinted, because)
            }
            (Some(trace), None) if is_packed => {
                let tracer = PackedTracer::new(&prepared.header(how), trace);
                let (fingerprinted, tracer) = prepared.fingerprint_with(how, tracer);
                terminal.note(speed(fingerprinted.report.events, start.elapsed()));
                written.push(tracer.finish(&fingerprinted.pending).settle()?);
                let because = again.findings(&fingerprinted.report, None, asked_of);
                (fingerprinted, because)
            }
            (trace, perfetto) => {
                let (fingerprinted, tracer) =
                    prepared.fingerprint_with(how, Tracer::new(prepared.header(how)));
                terminal.note(speed(fingerprinted.report.events, start.elapsed()));
                let kept = tracer.into_trace().with_pending(fingerprinted.pending.clone());
                let because = again.findings(&fingerprinted.report, Some(&kept), asked_of);
                if let Some(sink) = trace {
                    let how = (options, terminal);
                    written.push(write_trace(&kept, &fingerprinted.report.end, sink, how)?);
                }
                if let Some(mut sink) = perfetto {
                    sink.bytes(&write_perfetto(&kept, &shown_path(options.scenario.file.display())));
                    written.push(sink.settle()?);
                }
                (fingerprinted, because)
            }
        };
        let Fingerprinted { report, fingerprint, checkpoints, table: rows, .. } = &fingerprinted;
        if let Some(mut sink) = table {
            table::write(rows, &mut sink);
            written.push(sink.settle()?);
        }
        if let Some(sink) = fingerprints {
            if let (Some(why), Some(path)) = (not_again(&options.scenario.file), &options.fingerprints) {
                let path = shown_path(path.display());
                terminal.note(format_args!("note: {path} does not say how to run it again: {why}"));
            }
            let prints = Prints::new(&prepared.header(how), fingerprint, checkpoints);
            written.push(prints.run_by(&options.scenario, (report.seed, report.order)).write(sink)?);
        }
        written.into_iter().try_for_each(Settled::publish)?;
        Ok(Done { fingerprinted, because })
    }
}

/// Writes the trace of a run that was kept.
fn write_trace(
    trace: &Trace,
    end: &End,
    mut sink: Sink,
    (options, terminal): (&Run, Terminal),
) -> Result<Settled, Error> {
    let projection = options.projection();
    if let Some(warning) = nothing_to_show(trace, &projection) {
        terminal.note(warning);
    }
    let is_cut = matches!(end, End::Limit(_)) && options.trace.is_none();
    // The sink keeps its own error.
    let _ = match options.format() {
        TraceFormat::Text if is_cut => {
            let mut tail = Tail::new(&mut sink);
            write_text(trace, &projection, &mut tail).and_then(|()| tail.finish())
        }
        TraceFormat::Text => write_text(trace, &projection, &mut sink),
        TraceFormat::Ndjson => write_ndjson(trace, &projection, &mut sink),
        TraceFormat::Packed => {
            sink.bytes(&trace.pack());
            Ok(())
        }
    };
    sink.settle()
}

/// Returns a warning if a projection keeps nothing of a run: if it has no such actor, kind or subject, or nothing happens in
/// the window.
pub(crate) fn nothing_to_show(trace: &Trace, projection: &Projection) -> Option<String> {
    let names = |layers: Vec<Layer>| layers.into_iter().map(|layer| layer.name).collect();
    let (known, asked): (Vec<String>, _) = match projection {
        Projection::Whole => return None,
        Projection::Actor(asked) => (names(trace.fingerprint().actors), asked),
        Projection::Kind(asked) => (names(trace.fingerprint().kinds), asked),
        Projection::Subject(asked) => {
            let entries = trace.dictionary().entries().filter(|(space, ..)| *space == Space::Subject);
            (entries.map(|(_, _, spelling)| spelling.to_owned()).collect(), asked)
        }
        Projection::Window { from: _, to: _ } => {
            let is_empty = snapshot_lines(trace, projection).is_empty();
            return is_empty.then(|| no_record(projection, None));
        }
        Projection::All(parts) => {
            let is_empty = || snapshot_lines(trace, projection).is_empty();
            let part = parts.iter().find_map(|part| nothing_to_show(trace, part));
            return part.or_else(|| is_empty().then(|| no_record(projection, None)));
        }
    };
    let meant = || nearest(asked, known.iter().map(String::as_str));
    (!known.contains(asked)).then(|| no_record(projection, meant()))
}

/// The warning that no record is of a projection, and of what one was probably meant.
fn no_record(projection: &Projection, meant: Option<&str>) -> String {
    let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    visible(format_args!("warning: no record of this run is of {projection}{meant}"))
}

/// Returns how fast a run was. That is wall-clock time, and therefore a note and not a result.
fn speed(events: u64, time: Duration) -> String {
    let nanos = time.as_nanos().max(1);
    let rate = u128::from(events) * 1_000_000_000 / nanos;
    let events = counted(events, "event");
    format!("{events} in {}.{:03} ms, {rate} events/s", nanos / 1_000_000, nanos / 1_000 % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_is_not_spelled_as_several() {
        assert!(speed(1, Duration::from_secs(1)).starts_with("1 event in "));
        assert!(speed(2, Duration::from_secs(1)).starts_with("2 events in "));
    }
}
