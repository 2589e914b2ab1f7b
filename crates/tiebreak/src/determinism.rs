//! Whether a simulation does the same twice.

use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt;

use tiebreak_kernel::{Choices, End, Simulation, World};
use tiebreak_trace::{Fingerprint, Trace, Tracer};

/// Two runs of what should be one simulation went different ways.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Nondeterminism {
    /// The number of the first record that differs.
    pub record: u64,
    /// That record in the first run, as a line of its trace; if the run ended before it, how it ended.
    pub first: String,
    /// The same of the second run.
    pub second: String,
}

impl fmt::Display for Nondeterminism {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { record, first, second } = self;
        writeln!(out, "two runs of one simulation differ from record {record} on")?;
        writeln!(out, "  first run:  {first}")?;
        writeln!(out, "  second run: {second}")?;
        out.write_str(
            "help: look for what the world takes from outside: the time, a random hash map, an address, a static",
        )
    }
}

impl core::error::Error for Nondeterminism {}

/// Builds a simulation twice, runs both to their ends and compares the records: in every test suite once, since a world
/// that takes anything from outside cannot be replayed.
///
/// `build` makes the world afresh and schedules its first events; [`Traced`](crate::Traced) has the tracer. Only what is
/// recorded is compared: notes of the state make the check sharper. Costs two runs and memory for two traces.
///
/// # Errors
/// If the runs differ: the first record that does, of both.
pub fn check_determinism<W: World, C: Choices>(
    mut build: impl FnMut() -> Simulation<W, Tracer, C>,
) -> Result<Fingerprint, Nondeterminism> {
    let mut run = || {
        let mut simulation = build();
        let end = simulation.run();
        (simulation.into_parts().2.into_trace(), end)
    };
    let runs = [run(), run()];
    let [(first, first_end), (second, second_end)] = &runs;
    let same = first.records().zip(second.records()).take_while(|(a, b)| a == b).count() as u64;
    if same == first.len() && same == second.len() && first_end == second_end {
        return Ok(first.fingerprint());
    }
    let [first, second] = runs.each_ref().map(|(trace, end)| line(trace, same + 1, end));
    Err(Nondeterminism { record: same + 1, first, second })
}

/// The line of a record, or the end of the run before it.
fn line(trace: &Trace, record: u64, end: &End) -> String {
    trace.line(record).map_or_else(|| format!("ended: {end}"), |line| line.trim_start().to_string())
}
