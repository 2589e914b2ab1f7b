//! The committed scenarios and regressions: fingerprints, layers and final tables of some seeds, and every form of a trace.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tiebreak::{
    Digest, Fingerprint, Order, PackedTracer, Projection, Tracer, snapshot, write_ndjson, write_text,
};
use tiebreak_recording::Recording;
use tiebreak_rtm_sim::TableRow;
use tiebreak_runner::{ModelCheck, Prepared, Recordings, RunOptions};

use crate::packed::digest_of_packed;
use crate::{Job, Lines};

/// The orders and seeds that each scenario runs with.
const RUNS: [(Order, u64); 4] =
    [(Order::Fifo, 1), (Order::Seeded, 1), (Order::Seeded, 2), (Order::Rounds, 1)];
/// The run whose trace is written in all forms.
const WRITTEN: (Order, u64) = (Order::Seeded, 1);

/// Returns a job for each scenario and regression of the repository.
///
/// # Errors
/// A sentence, if a file cannot be read or is not a scenario.
pub(crate) fn jobs(root: &Path) -> Result<Vec<Job>, String> {
    let mut jobs = Vec::new();
    for top in ["scenarios", "regressions"] {
        for file in files_below(&root.join(top))? {
            let prepared = prepared(&file)?;
            let name = name_of(root, &file);
            jobs.push(Box::new(move |lines: &mut Lines| add(lines, &name, &prepared)) as Job);
        }
    }
    Ok(jobs)
}

/// The scenario files in a folder and those below it, in the order of their names.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let cannot = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(cannot)?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(cannot)?.path());
    }
    // By parts, not by spelling: separators differ.
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "ron") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Returns `change/by-view` of `scenarios/change/by-view.ron`, with `/` on every platform.
fn name_of(root: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(root).unwrap_or(file).with_extension("");
    let parts = inside.iter().skip(1).map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

fn prepared(file: &Path) -> Result<Prepared, String> {
    let say = |cause: &dyn core::fmt::Display| format!("{}: {cause}", file.display());
    let text = fs::read_to_string(file).map_err(|error| say(&error))?;
    let checked = tiebreak_scenario::check(&text);
    let plan = checked.plan.ok_or_else(|| say(&"not a scenario"))?;
    let plan = plan.with_switches(&[]).map_err(|error| say(&error))?;
    let mut recordings = Recordings::new();
    for (feed, path) in checked.recordings {
        let path = file.with_file_name(path.text);
        let text = fs::read_to_string(&path).map_err(|error| say(&error))?;
        recordings.insert(feed, Recording::parse(&text).map_err(|_| say(&"its recording cannot be read"))?);
    }
    Prepared::new(&plan, &recordings).map_err(|error| say(&error))
}

fn add(lines: &mut Lines, name: &str, prepared: &Prepared) {
    for (order, seed) in RUNS {
        let options = RunOptions { seed: Some(seed), order: Some(order), ..RunOptions::default() };
        let run = prepared.fingerprint(options);
        let order_word = order.word();
        lines.add("run", name, order_word, seed, run.fingerprint.run);
        lines.add("layers", name, order_word, seed, digest_of_layers(&run.fingerprint));
        lines.add_bytes("table", name, order_word, seed, text_of_table(&run.table));
        if (order, seed) == WRITTEN {
            add_forms(lines, name, prepared, options);
        }
    }
}

/// The trace as text, as NDJSON, packed, and as a snapshot, and what was found wrong with the run.
fn add_forms(lines: &mut Lines, name: &str, prepared: &Prepared, options: RunOptions) {
    let (order, seed) = (WRITTEN.0.word(), WRITTEN.1);
    let (run, tracer) = prepared.fingerprint_with(options, Tracer::new(prepared.header(options)));
    let trace = tracer.into_trace().with_pending(run.pending);
    let (mut text, mut ndjson) = (String::new(), String::new());
    write_text(&trace, &Projection::Whole, &mut text).expect("a string takes all");
    write_ndjson(&trace, &Projection::Whole, &mut ndjson).expect("a string takes all");
    lines.add_bytes("text", name, order, seed, text);
    lines.add_bytes("ndjson", name, order, seed, ndjson);
    lines.add_bytes("snapshot", name, order, seed, snapshot(&trace, &Projection::Whole));
    let (run, tracer) =
        prepared.fingerprint_with(options, PackedTracer::new(&prepared.header(options), Vec::new()));
    lines.add("packed", name, order, seed, digest_of_packed(&tracer.finish(&run.pending)));
    let with_model = RunOptions { model: ModelCheck::On, ..options };
    let findings = prepared.fingerprint(with_model).report.findings;
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.add_bytes("findings", name, order, seed, findings.join("\n"));
}

/// The layers of all actors and kinds, with how many records each has.
pub(crate) fn digest_of_layers(fingerprint: &Fingerprint) -> Digest {
    let mut text = String::new();
    for layer in fingerprint.actors.iter().chain(&fingerprint.kinds) {
        writeln!(text, "{} {} {}", layer.name, layer.records, layer.digest).expect("a string takes all");
    }
    Digest::of(text.as_bytes())
}

fn text_of_table(rows: &[TableRow]) -> String {
    let mut text = String::new();
    for TableRow { instance, dest, view, owner, neighbour, preference, metric, next_hops, .. } in rows {
        let (neighbour, next_hops) = (neighbour.as_deref().unwrap_or("-"), next_hops.join(","));
        writeln!(text, "{instance} {dest} {view} {owner} {neighbour} {preference} {metric} {next_hops}")
            .expect("a string takes all");
    }
    text
}
