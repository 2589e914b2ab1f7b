//! Why an event did not happen: what the run says, and how it happens in another one.

use tiebreak::Trace;
use tiebreak::trace::Causes;
use tiebreak_diagnostic::counted;
use tiebreak_inquiry::{chain_lines, missed, parting_lines};
use tiebreak_runner::RunOptions;

use crate::interrupt::{self, is_interrupted};
use crate::source::Ran;

/// How many lines the way to the event takes in a run in which it happens.
const CHAIN: usize = 8;

/// A run under another seed in which the event happens.
struct Elsewhere {
    seed: u64,
    trace: Trace,
    /// The number of its record.
    record: u64,
}

/// Looks for a run in which an event happens, under up to so many other seeds.
fn elsewhere(ran: &Ran, asked: &str, seeds: u64) -> (u64, Option<Elsewhere>) {
    interrupt::stop_by_itself();
    let others = (1..).filter(|seed| *seed != ran.report.seed);
    let mut tried = 0;
    for seed in others.take(usize::try_from(seeds).unwrap_or(usize::MAX)) {
        if is_interrupted() {
            break;
        }
        tried += 1;
        let trace = ran.ready.prepared.record(RunOptions { seed: Some(seed), ..ran.how }).trace;
        let found = missed(&trace, asked).happened.last().copied();
        if let Some(record) = found {
            return (tried, Some(Elsewhere { seed, trace, record }));
        }
    }
    (tried, None)
}

/// Says how an event happens under another seed, and where that run leaves this one.
pub(crate) fn in_another_run(
    (trace, causes): (&Trace, &Causes),
    ran: &Ran,
    asked: &str,
    seeds: u64,
) -> Vec<String> {
    let (tried, found) = elsewhere(ran, asked, seeds);
    let Some(Elsewhere { seed, trace: other, record }) = found else {
        let cut = if is_interrupted() { ", and the search was interrupted" } else { "" };
        return vec![format!("it happens under none of {}{cut}", counted(tried, "other seed"))];
    };
    let others = Causes::of(&other);
    let mut lines = vec![format!("it happens under seed {seed}, in this way:")];
    lines.extend(chain_lines(&other, &others, record, CHAIN).into_iter().map(|line| format!("  {line}")));
    match parting_lines([trace, &other], [causes, &others], record) {
        Some(parting) => lines.extend(parting),
        None => lines.push("nothing on that way happened here".to_owned()),
    }
    lines
}
