//! A find in words: what it needs, and the events around it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::Instant;

use crate::directory::Directory;
use crate::event::Constraint;
use crate::history::{Dispatch, History};
use crate::program::Program;
use crate::shrink::{Cause, Rest, Shrunk, default_orders, try_cause};
use crate::table::{self, Row};

/// How many events are shown.
const EVENTS_SHOWN: usize = 24;

/// So many of something, in words.
pub(crate) fn counted(count: u128, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

impl Shrunk {
    /// Returns it in words, line by line: how many orderings and draws the failure needs, and which.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        needs(self)
    }
}

/// What a failure needs, line by line.
fn needs(Shrunk { cause, confirmed, tried, .. }: &Shrunk) -> Vec<String> {
    let (orderings, draws) = (cause.constraints.len() as u128, cause.draws.len() as u128);
    let head = match (orderings, draws) {
        (0, 0) if cause.rest == Rest::Drawn => return Vec::from([in_every_order(*confirmed, *tried)]),
        (0, 0) => "needs quiet draws".into(),
        (_, 0) => format!("needs {}", counted(orderings, "ordering")),
        (0, _) => format!("needs {}", counted(draws, "draw")),
        _ => format!("needs {} and {}", counted(orderings, "ordering"), counted(draws, "draw")),
    };
    let is_quiet = cause.rest == Rest::Quiet && (orderings, draws) != (0, 0);
    let head = if is_quiet { format!("{head}, all other draws quiet") } else { head };
    let mut lines = Vec::from([match (*confirmed, *tried) {
        (_, 0) => format!("{head} or fewer, and perhaps more; ended before that was tried"),
        (all, tried) if all == tried => format!("{head}; {all} of {tried} other orders fail with it"),
        (some, tried) => {
            format!("{head}, and something more; {some} of {tried} other orders fail with it")
        }
    }]);
    lines.extend(cause.constraints.iter().map(|constraint| format!("  {constraint}")));
    lines.extend(cause.draws.iter().map(|draw| format!("  {draw}")));
    lines
}

fn in_every_order(confirmed: u64, tried: u64) -> String {
    if tried == 0 {
        return "ended before it was known whether it fails in every order".into();
    }
    if confirmed == tried {
        return "fails in every order that was tried".into();
    }
    format!("fails in {confirmed} of {tried} orders, and no ordering was found to be needed")
}

/// Returns the events of the instants at which the order matters, line by line, as they run when the program fails, with a
/// column for each actor if there is room. Those of orderings are marked, and each has its cause behind it. Makes one run.
pub fn failing_events<P: Program + ?Sized>(
    program: &P,
    cause: &Cause,
    directory: &mut Directory,
) -> Vec<String> {
    let history = try_cause(program, cause, default_orders(1, 1)[0], directory).history;
    constrained_events(&history, cause, directory)
}

/// Returns what [`failing_events`] does, of a run that was made already.
#[must_use]
pub fn constrained_events(history: &History, cause: &Cause, directory: &Directory) -> Vec<String> {
    let constrained = cause.constraints.iter().flat_map(|Constraint { before, after }| [before, after]);
    let marked: Vec<u64> = constrained.filter_map(|event| history.number_of(event, directory)).collect();
    events_around(history, &marked, directory)
}

/// Returns the events of the instants at which some are marked, line by line, as they ran. The marked ones are given by their
/// numbers in the run, from 1.
#[must_use]
pub fn events_around(history: &History, marked: &[u64], directory: &Directory) -> Vec<String> {
    let is_beside =
        |at: Instant| marked.iter().any(|number| history.event(*number).is_some_and(|event| event.at == at));
    let events = history.dispatches.iter().zip(1..).filter(|(event, _)| is_beside(event.at));
    let row = |(event, number): (&Dispatch, u64)| Row {
        at: event.at,
        mark: if marked.contains(&number) { '*' } else { ' ' },
        name: named(history, number, directory).unwrap_or_default(),
        cause: named(history, event.cause, directory).unwrap_or_default(),
    };
    let mut rows: Vec<Row> = events.map(row).collect();
    let more = rows.len().saturating_sub(EVENTS_SHOWN);
    rows.truncate(EVENTS_SHOWN);
    let mut lines = table::lines(&rows);
    if more > 0 {
        lines.push(format!("  … {more} more"));
    }
    lines
}

/// The name of an event, with its repeat; `None` if there is none with this number.
pub(crate) fn named(history: &History, number: u64, directory: &Directory) -> Option<String> {
    let event = history.event(number)?;
    Some(format!("{}#{}", directory.text(event.name), event.repeat))
}
