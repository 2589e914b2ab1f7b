//! Several processes that measure the same, one after the other. Between processes speed varies by what lies where in memory;
//! how much it does is only seen in several.

use std::process::{Command, Stdio};

use tiebreak::measure::Quartiles;

use super::document::Times;
use super::{Effort, Side, time_runs};
use crate::arguments::Bench as Options;
use crate::exit::{Error, Exit};
use crate::interrupt::is_interrupted;
use crate::output::{Sink, is_standard, json};

/// How many processes: of seven and seven, an interval may leave out four pairs at each end.
const PROCESSES: u32 = 7;

/// Measures in one of several processes, and prints the times.
pub(super) fn sit(options: &Options, side: &Side) -> Result<Exit, Error> {
    let time = options.sitting.map_or(0, tiebreak::Span::as_nanos);
    let effort = Effort { time: core::time::Duration::from_nanos(time), ..Effort::of(options) };
    let mut out = Sink::stdout();
    out.line(json(&Times::of(&time_runs(&side.ready.prepared, side.options, effort))));
    out.finish()?;
    Ok(Exit::Fine)
}

/// Calls this command again, once for each sitting, with its own arguments; returns what they print.
pub(super) fn sittings(side: &Side, effort: Effort) -> Result<Vec<Times>, Error> {
    if is_standard(&side.given.scenario.file) {
        let message =
            "`--save` and `--compare` measure in several processes: give a file, not standard input";
        return Err(Error::Input(message.to_owned()));
    }
    let time = format!("{}ns", effort.share(1, PROCESSES).time.as_nanos());
    let mut sittings = Vec::new();
    for _ in 0..PROCESSES {
        if is_interrupted() {
            break;
        }
        let failed = |cause: String| Error::Input(format!("cannot measure in another process: {cause}"));
        let own = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
        let mut sitting = Command::new(own);
        sitting.args(std::env::args_os().skip(1)).args(["--sitting", &time]);
        let output = sitting.stdin(Stdio::null()).stderr(Stdio::null()).output();
        let output = output.map_err(|error| failed(error.to_string()))?;
        let times = serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()));
        match times {
            Ok(times) => sittings.push(times),
            // It was interrupted too.
            Err(_) if is_interrupted() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(sittings)
}

/// Returns what the sittings come to: the medians of their quartiles; `None` if there are none.
pub(super) fn middle(sittings: &[Times]) -> Option<Times> {
    let median = |of: fn(&Times) -> u64| {
        let all: Vec<u64> = sittings.iter().map(of).collect();
        Some(Quartiles::of(&all)?.median)
    };
    Some(Times {
        runs: sittings.iter().map(|times| times.runs).sum(),
        lower: median(|times| times.lower)?,
        median: median(|times| times.median)?,
        upper: median(|times| times.upper)?,
    })
}
