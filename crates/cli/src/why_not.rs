//! How an event that did not happen happens in another run, in words.

use tiebreak::Trace;
use tiebreak::trace::Causes;
use tiebreak_diagnostic::counted;
use tiebreak_inquiry::{Met, chain_lines, met, parting_lines};
use tiebreak_runner::{Elsewhere, SeenRun};

use crate::exit::Error;
use crate::interrupt::{is_interrupted, stopping};
use crate::source::Ran;

/// How many lines the way to the event takes in a run in which it happens.
const CHAIN: usize = 8;

/// What is wrong with what was asked for, if it is only a part of this name.
pub(crate) fn only_part(asked: &str, whole: &str) -> Error {
    let such = format!("`{asked}` is only a part of a name, such as `{whole}`");
    Error::Input(format!("{such}: give all of one, `actor/kind(subject)`"))
}

/// Says how an event happens under another seed, of so many, and where that run leaves this one.
pub(crate) fn in_another_run(
    (trace, causes): (&Trace, &Causes),
    ran: &Ran,
    asked: &str,
    seeds: u64,
) -> Result<Vec<String>, Error> {
    let see = |trace: &Trace| met(trace, asked);
    let prepared = &ran.ready.prepared;
    let Elsewhere { tried, seen } = stopping(|goes_on| prepared.elsewhere(ran.how, seeds, see, goes_on));
    let Some(SeenRun { seed, trace: other, what }) = seen else {
        let cut = if is_interrupted() { ", and the search was interrupted" } else { "" };
        return Ok(vec![format!("it happens under none of {}{cut}", counted(tried, "other seed"))]);
    };
    let record = match what {
        Met::Record(record) => record,
        Met::Whole(whole) => return Err(only_part(asked, &whole)),
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
    Ok(lines)
}
