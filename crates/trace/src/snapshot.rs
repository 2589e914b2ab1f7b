//! The form of a trace that is kept under version control.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use crate::digest::{Chain, Digest};
use crate::projection::Projection;
use crate::text::{Form, Lines, Ties, clean, footer};
use crate::trace::{PartsTally, Trace};
use crate::walk::{Step, walk};
use crate::windows::{snapshot_windows, write_windows};

/// A snapshot of at most this many records holds them all.
pub const SNAPSHOT_RECORDS_MAX: usize = 400;

/// How many records a longer one shows of the beginning, and as many of the end.
pub const SNAPSHOT_WINDOW: usize = 40;

/// Returns what to keep of a trace, or of a projection of it.
///
/// It has no record numbers and no numbers of alternatives, and its columns do not stretch: one more event changes the
/// lines it concerns, the footer, and nothing else. A projection's also leaves out the plan's digest and the ties, so
/// that it changes only when its subject does, or what happens in its window. Up to [`SNAPSHOT_RECORDS_MAX`] records it
/// shows all; beyond, hashes of all records in windows, by which the first that differs can be found, and the records of
/// each end. The digest in the footer is that of all records, in order, without choices: for one actor or kind the digest
/// of its layer.
#[must_use]
pub fn snapshot(trace: &Trace, projection: &Projection) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_snapshot(trace, projection, &mut out);
    out
}

/// Returns the lines of all records that a snapshot of the trace is about, however many it shows.
#[must_use]
pub fn snapshot_lines(trace: &Trace, projection: &Projection) -> Vec<String> {
    let ties = if *projection == Projection::Whole { Ties::Shown } else { Ties::Hidden };
    let mut lines = Lines::new(trace, Form::Snapshot(ties));
    walk(trace, projection).map(|step| lines.line(&step).to_string()).collect()
}

/// Returns the name of a scenario's snapshot: the scenario's own for the whole trace, else with what is projected on
/// behind it, in which `/` and other characters that file systems reserve become `-`. Several projections follow one
/// another. Different projections may have the same name: who keeps files checks that they do not.
///
/// ```
/// use tiebreak_kernel::Instant;
/// use tiebreak_trace::{Projection, snapshot_name};
///
/// let rip1 = Projection::Actor("rip1".into());
/// let window = Projection::Window { from: Instant::from_secs(30), to: Instant::from_secs(31) };
/// assert_eq!(snapshot_name("at-its-time", &Projection::Whole), "at-its-time");
/// assert_eq!(snapshot_name("at-its-time", &rip1), "at-its-time.rip1");
/// assert_eq!(snapshot_name("at-its-time", &Projection::Subject("10.0.0.0/8".into())), "at-its-time.10.0.0.0-8");
/// assert_eq!(snapshot_name("at-its-time", &window), "at-its-time.30s-31s");
/// assert_eq!(snapshot_name("at-its-time", &Projection::All(vec![rip1, window])), "at-its-time.rip1.30s-31s");
/// ```
#[must_use]
pub fn snapshot_name(scenario: &str, projection: &Projection) -> String {
    let is_reserved = |c: char| c.is_control() || c.is_whitespace() || "/\\:*?\"<>|".contains(c);
    match projection {
        Projection::Whole => scenario.to_string(),
        Projection::Actor(part) | Projection::Kind(part) | Projection::Subject(part) => {
            format!("{scenario}.{}", part.replace(is_reserved, "-"))
        }
        Projection::Window { from, to } => format!("{scenario}.{from}-{to}"),
        Projection::All(parts) => {
            parts.iter().fold(scenario.to_string(), |name, part| snapshot_name(&name, part))
        }
    }
}

fn write_snapshot(trace: &Trace, projection: &Projection, out: &mut String) -> fmt::Result {
    let steps: Vec<Step<'_>> = walk(trace, projection).collect();
    let ties = write_header(trace, projection, out)?;
    let mut kept = PartsTally::default();
    for step in &steps {
        kept.absorb(trace, &step.parts);
    }
    let fingerprint = kept.fingerprint(trace);
    let mut lines = Lines::new(trace, Form::Snapshot(ties));
    if steps.len() <= SNAPSHOT_RECORDS_MAX {
        writeln!(out, "{}", lines.columns())?;
        write_lines(&mut lines, &steps, out);
    } else {
        write_windows(&snapshot_windows(&snapshot_lines(trace, projection)), out)?;
        writeln!(out, "{}", lines.columns())?;
        write_lines(&mut lines, &steps[..SNAPSHOT_WINDOW], out);
        writeln!(out, "# … {} records left out …", steps.len() - 2 * SNAPSHOT_WINDOW)?;
        let mut lines = Lines::new(trace, Form::Snapshot(ties));
        write_lines(&mut lines, &steps[steps.len() - SNAPSHOT_WINDOW..], out);
    }
    writeln!(out, "# {} · digest {}", footer(&fingerprint, ties, &kept.twins()), digest_of(&steps))
}

/// Writes the header; returns whether ties are shown.
fn write_header(trace: &Trace, projection: &Projection, out: &mut String) -> Result<Ties, fmt::Error> {
    let header = trace.header();
    if *projection == Projection::Whole {
        writeln!(out, "# tiebreak snapshot · {header}")?;
        return Ok(Ties::Shown);
    }
    write!(out, "# tiebreak snapshot · {} · format {} ", clean(&projection.to_string()), header.format)?;
    write!(out, "· model {} · ", header.model)?;
    header.write_settings(out)?;
    writeln!(out)?;
    Ok(Ties::Hidden)
}

fn write_lines(lines: &mut Lines<'_>, steps: &[Step<'_>], out: &mut String) {
    for step in steps {
        out.push_str(lines.line(step));
        out.push('\n');
    }
}

fn digest_of(steps: &[Step<'_>]) -> Digest {
    let mut chain = Chain::START;
    for step in steps {
        chain.absorb(Digest::of(step.parts.layered()));
    }
    chain.digest()
}
