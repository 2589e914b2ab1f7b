//! `tiebreak bench`: how fast a scenario runs, what it allocates, and which of two is faster.
//!
//! ```text
//! sides ─┬─ one ──┬─ --scale ─► scale: groups made larger
//!        │        ├─ plain ───► one: times, kinds ─► solve; allocations ◄─ counting
//!        │        └─ --save, --compare ─► sittings: processes ─► document
//!        └─ two ──────────────► versus: in turn, in one process
//! ```
//!
//! Clocks are looked at around runs, and around batches of some hundred events; never around one event, which takes hardly
//! longer than the look. Allocations are counted in a run of their own that is not timed.

mod document;
mod kinds;
mod one;
mod scale;
mod sittings;
mod solve;
mod text;
mod versus;

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use tiebreak::Digest;
use tiebreak::measure::Quartiles;
use tiebreak_runner::{Prepared, RunOptions, RunReport};

use crate::arguments::{Bench as Options, SideOptions};
use crate::exit::{Error, Exit};
use crate::interrupt::{self, is_interrupted};
use crate::load::Ready;
use crate::output::{Terminal, shown_path};

/// What the runs that are measured do, for people.
const AS_A_SWEEP: &str = "measured as a sweep of seeds runs it: monitors and the run's fingerprint, no trace; \
                          building the world and judging the run are included";

/// Measures a scenario, or compares two.
pub(crate) fn bench(options: &Options, terminal: Terminal) -> Result<Exit, Error> {
    let sides = options.sides()?;
    interrupt::stop_by_itself();
    let sides: Vec<Side> =
        sides.into_iter().map(|side| Side::read(side, terminal)).collect::<Result<_, Error>>()?;
    let exit = match &*sides {
        [side] if options.sitting.is_some() => sittings::sit(options, side)?,
        [side] if !options.scale.is_empty() => scale::scale(options, side)?,
        [side] => one::one(options, side, terminal)?,
        sides => versus::versus(options, sides)?,
    };
    Ok(if is_interrupted() { Exit::Interrupted } else { exit })
}

/// A scenario that is measured.
#[derive(Debug)]
struct Side {
    /// What was given for it.
    given: SideOptions,
    ready: Ready,
    options: RunOptions,
}

impl Side {
    fn read(given: SideOptions, terminal: Terminal) -> Result<Self, Error> {
        let ready = Ready::read(&given.scenario, terminal)?;
        let options = RunOptions { seed: given.seed, order: given.order, ..given.scenario.of_a_search() };
        Ok(Self { given, ready, options })
    }

    /// The path of the scenario, as it can be printed.
    fn path(&self) -> String {
        shown_path(self.given.scenario.file.display())
    }
}

/// How long is measured, or how often.
#[derive(Debug, Clone, Copy)]
struct Effort {
    time: Duration,
    runs: Option<u64>,
}

impl Effort {
    fn of(options: &Options) -> Self {
        Self { time: Duration::from_nanos(options.time.as_nanos()), runs: options.runs }
    }

    /// A part of the time, with as many runs.
    fn share(self, parts: u32, of: u32) -> Self {
        Self { time: self.time * parts / of, ..self }
    }
}

/// The times of runs, in nanoseconds.
fn time_runs(prepared: &Prepared, options: RunOptions, effort: Effort) -> Vec<u64> {
    let (_, fingerprint) = warm_up(prepared, options, effort);
    let (start, mut times) = (Instant::now(), Vec::new());
    loop {
        let begin = Instant::now();
        let (report, digest) = black_box(prepared.sweep(options));
        times.push(kinds::nanos(begin.elapsed()));
        drop(report);
        assert!(digest == fingerprint, "a run must do the same every time");
        let is_enough = effort.runs.is_some_and(|runs| times.len() as u64 >= runs);
        if is_enough || start.elapsed() >= effort.time || is_interrupted() {
            return times;
        }
    }
}

/// Runs for a tenth of the time, once at least; returns what a run comes to.
fn warm_up(prepared: &Prepared, options: RunOptions, effort: Effort) -> (RunReport, Digest) {
    let start = Instant::now();
    loop {
        let ran = black_box(prepared.sweep(options));
        if effort.runs.is_some() || start.elapsed() >= effort.time / 10 || is_interrupted() {
            return ran;
        }
    }
}

/// The quartiles of the times of runs.
fn quartiles(times: &[u64]) -> Quartiles {
    let Some(quartiles) = Quartiles::of(times) else { unreachable!("at least one run is measured") };
    quartiles
}

/// Says what is wrong with a run that is measured all the same.
fn findings(report: &RunReport) -> Vec<String> {
    let mut found: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let exit = Exit::of(report);
    if exit == Exit::Unended {
        found.push(format!("the run did not end: {}", report.end));
    } else if exit != Exit::Fine && found.is_empty() {
        found.push(format!("the run ended early: {}", report.end));
    }
    found
}
