//! `tiebreak run`: one run, its trace and its verdict.

use core::time::Duration;
use std::time::Instant;

use tiebreak::trace::BlockOutput as _;
use tiebreak::{Digest, Layer, Projection, Space, Trace, snapshot_lines, write_ndjson, write_text};
use tiebreak_diagnostic::{counted, nearest};
use tiebreak_report::write_perfetto;
use tiebreak_rtm_sim::TableRow;
use tiebreak_runner::{Fingerprinted, Recorded, RunOptions, RunReport, Streamed};

use crate::arguments::{Format, Run};
use crate::because::Again;
use crate::exit::{Error, Exit};
use crate::fingerprints::Prints;
use crate::load::Ready;
use crate::output::{Sink, Tail, Terminal, complain, is_standard, visible};
use crate::packed::{PackedFile, is_packed};
use crate::table;
use crate::verdict::{Told, limit, verdict};

/// What standard output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Product {
    Fingerprint,
    Table,
    /// The trace, unless it goes to a file, and the verdict.
    Verdict,
}

/// Where the products of a run go. They are opened before the run, so that a path that cannot be written to is reported at once.
struct Sinks {
    trace: Option<TraceSink>,
    perfetto: Option<Sink>,
    table: Option<Sink>,
    fingerprints: Option<Sink>,
}

/// Where a trace goes, and in which form.
enum TraceSink {
    /// Lines, once the run has ended.
    Lines(Sink),
    /// Blocks, while it goes on.
    Packed(PackedFile),
}

/// The result of a run, whatever was kept of it.
struct Outcome {
    report: RunReport,
    fingerprint: Option<Digest>,
    /// What goes to `--fingerprints`.
    prints: Option<Prints>,
    table: Vec<TableRow>,
    /// How each finding came about.
    because: Vec<Vec<String>>,
}

/// Runs a scenario once.
pub(crate) fn run(options: &Run, terminal: Terminal) -> Result<Exit, Error> {
    let product = product(options)?;
    let Ready { plan, prepared, .. } = Ready::read(&options.scenario, terminal)?;
    let Sinks { trace, perfetto, table, fingerprints } = open(options, product, terminal)?;
    let scenario = &options.scenario;
    let (seed, order) = (options.seed, options.order);
    let (until, limit) = (scenario.until, scenario.limit);
    let how = RunOptions { seed, order, until, limit, model: scenario.model(), ..RunOptions::default() };
    let again = Again { prepared: &prepared, how };
    let start = Instant::now();
    let outcome = match (trace, perfetto) {
        (None, None) => fingerprint(again),
        (Some(TraceSink::Packed(file)), None) if fingerprints.is_none() => stream(again, file)?,
        (trace, perfetto) => {
            let recorded = prepared.record(how);
            if let Some(mut sink) = perfetto {
                sink.bytes(&write_perfetto(&recorded.trace, &visible(scenario.file.display())));
                sink.finish()?;
            }
            write_trace(recorded, trace, (options, again), terminal)?
        }
    };
    terminal.note(speed(outcome.report.events, start.elapsed()));
    if let Some(mut sink) = table {
        table::write(&outcome.table, &mut sink);
        sink.finish()?;
    }
    let report = &outcome.report;
    if let (Some(sink), Some(prints)) = (fingerprints, outcome.prints) {
        prints.run_by(scenario, (report.seed, report.order)).write(sink)?;
    }
    let seed = Some(report.seed).filter(|seed| *seed != plan.seed);
    let paste = scenario.paste_line(&plan, seed, report.order);
    let told = Told { report, because: &outcome.because };
    let verdict = verdict(told, plan.expect.len(), &paste, options.format);
    let is_wanted = !terminal.is_quiet || Exit::of(report) != Exit::Fine;
    match (product, outcome.fingerprint) {
        (Product::Verdict, _) if is_wanted => print(&verdict)?,
        (Product::Fingerprint, Some(fingerprint)) => print(&fingerprint.to_string())?,
        (Product::Fingerprint | Product::Table | Product::Verdict, _) => {}
    }
    if product != Product::Verdict && Exit::of(report) != Exit::Fine {
        complain(verdict);
    }
    Ok(Exit::of(report))
}

/// Runs without a trace.
fn fingerprint(again: Again<'_>) -> Outcome {
    let Fingerprinted { report, fingerprint, checkpoints, table } = again.prepared.fingerprint(again.how);
    let prints = Some(Prints::new(&again.prepared.header(again.how), &fingerprint, &checkpoints));
    let because = again.findings(&report, None);
    Outcome { report, fingerprint: Some(fingerprint.run), prints, table, because }
}

/// Runs with a packed trace.
fn stream(again: Again<'_>, file: PackedFile) -> Result<Outcome, Error> {
    let Streamed { report, fingerprint, table, output } = again.prepared.stream(again.how, file);
    output.finish()?;
    let because = again.findings(&report, None);
    Ok(Outcome { report, fingerprint: Some(fingerprint), prints: None, table, because })
}

/// Returns what standard output is asked to hold.
fn product(options: &Run) -> Result<Product, Error> {
    if options.perfetto.as_deref().is_some_and(is_standard) {
        return Err(Error::Input("what Perfetto reads is no text: write `--perfetto FILE`".to_owned()));
    }
    let table = options.table.as_deref().is_some_and(is_standard);
    let trace = options.trace.as_deref().is_some_and(is_standard);
    match (options.fingerprint, table, trace) {
        (true, false, false) => Ok(Product::Fingerprint),
        (false, true, false) => Ok(Product::Table),
        (false, false, _) => Ok(Product::Verdict),
        (true, _, _) | (_, true, _) => {
            let message = "standard output holds one thing: write only one of `--fingerprint`, `--table -` and \
                           `--trace -`, or give a file";
            Err(Error::Input(message.to_owned()))
        }
    }
}

fn open(options: &Run, product: Product, terminal: Terminal) -> Result<Sinks, Error> {
    let trace = match options.trace.as_deref() {
        Some(path) if is_packed(path) && options.projection() != Projection::Whole => {
            let message =
                "a packed trace has all records: leave the projection out, and let `tiebreak show` choose";
            return Err(Error::Input(message.to_owned()));
        }
        Some(path) if is_packed(path) => {
            let read = options.scenario.input.iter().map(|input| &*input.path);
            let file = PackedFile::create(path, read.chain([&*options.scenario.file]))?;
            Some(TraceSink::Packed(file))
        }
        Some(path) => Some(TraceSink::Lines(Sink::open(path)?)),
        None => (product == Product::Verdict && !terminal.is_quiet).then(|| TraceSink::Lines(Sink::stdout())),
    };
    let [perfetto, table] = [&options.perfetto, &options.table].map(|path| path.as_deref().map(Sink::open));
    let fingerprints = match &options.fingerprints {
        Some(path) if is_standard(path) => {
            let message = "`--fingerprints` takes a file; `--fingerprint` prints the fingerprint alone";
            return Err(Error::Input(message.to_owned()));
        }
        Some(path) => Some(Sink::open(path)?),
        None => None,
    };
    Ok(Sinks { trace, perfetto: perfetto.transpose()?, table: table.transpose()?, fingerprints })
}

/// Writes the trace of a run, if it goes anywhere.
fn write_trace(
    recorded: Recorded,
    sink: Option<TraceSink>,
    (options, again): (&Run, Again<'_>),
    terminal: Terminal,
) -> Result<Outcome, Error> {
    let Recorded { report, trace, table, .. } = recorded;
    let because = again.findings(&report, Some(&trace));
    let fingerprint = options.fingerprint.then(|| trace.fingerprint().run);
    let prints = options.fingerprints.is_some().then(|| Prints::of(&trace));
    let outcome = Outcome { report, fingerprint, prints, table, because };
    let mut sink = match sink {
        None => return Ok(outcome),
        Some(TraceSink::Packed(mut file)) => {
            file.write(&trace.pack());
            return file.finish().map(|()| outcome);
        }
        Some(TraceSink::Lines(sink)) => sink,
    };
    let projection = options.projection();
    if let Some(warning) = nothing_to_show(&trace, &projection) {
        terminal.note(warning);
    }
    let is_cut = limit(&outcome.report.end).is_some() && options.trace.is_none();
    // The sink keeps its own error.
    let _ = match options.format {
        Format::Text if is_cut => {
            let mut tail = Tail::new(&mut sink);
            write_text(&trace, &projection, &mut tail).and_then(|()| tail.finish())
        }
        Format::Text => write_text(&trace, &projection, &mut sink),
        Format::Ndjson => write_ndjson(&trace, &projection, &mut sink),
    };
    sink.finish()?;
    Ok(outcome)
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

fn print(text: &str) -> Result<(), Error> {
    let mut out = Sink::stdout();
    out.line(text);
    out.finish()
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
