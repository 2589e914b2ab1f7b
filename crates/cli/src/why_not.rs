//! How an event that did not happen happens in another run, in words.

use tiebreak::Trace;
use tiebreak::trace::Causes;
use tiebreak_diagnostic::counted;
use tiebreak_inquiry::{chain_lines, missed, parting_lines};
use tiebreak_runner::{Elsewhere, SeenRun};

use crate::interrupt::{is_interrupted, stopping};
use crate::source::Ran;

/// How many lines the way to the event takes in a run in which it happens.
const CHAIN: usize = 8;

/// Says how an event happens under another seed, of so many, and where that run leaves this one.
pub(crate) fn in_another_run(
    (trace, causes): (&Trace, &Causes),
    ran: &Ran,
    asked: &str,
    seeds: u64,
) -> Vec<String> {
    let see = |trace: &Trace| missed(trace, asked).happened.last().copied();
    let prepared = &ran.ready.prepared;
    let Elsewhere { tried, seen } = stopping(|goes_on| prepared.elsewhere(ran.how, seeds, see, goes_on));
    let Some(SeenRun { seed, trace: other, what: record }) = seen else {
        let cut = if is_interrupted() { ", and the search was interrupted" } else { "" };
        return vec![format!("it happens under none of {}{cut}", counted(tried, "other seed"))];
    };
    let others = Causes::of(&other);
    let kept = prepared.orderings_asked(&other, &others);
    let mut lines = vec![format!("it happens under seed {seed}, in this way:")];
    let chain = chain_lines(&other, &others, record, &kept, CHAIN);
    lines.extend(chain.into_iter().map(|line| format!("  {line}")));
    match parting_lines([trace, &other], [causes, &others], record) {
        Some(parting) => lines.extend(parting),
        None => lines.push("nothing on that way happened here".to_owned()),
    }
    lines
}
