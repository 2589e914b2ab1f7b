//! A find in words: what it needs, and the events around it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tiebreak_kernel::Instant;

use crate::directory::Directory;
use crate::event::{Constraint, EventRef};
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

/// How the events of a run are called: those of orderings as the orderings call them, all others by their numbers in the run.
#[derive(Debug, Default)]
pub(crate) struct Calls(BTreeMap<u64, EventRef>);

impl Calls {
    /// Those of the orderings of a cause.
    pub(crate) fn of(cause: &Cause, history: &History, directory: &Directory) -> Self {
        let events = cause.constraints.iter().flat_map(|Constraint { before, after }| [before, after]);
        let found = events.filter_map(|event| Some((history.number_of(event, directory)?, event.clone())));
        Self(found.collect())
    }

    /// An event of the run as a row of a table, if there is one with this number.
    pub(crate) fn row(
        &self,
        history: &History,
        number: u64,
        mark: char,
        directory: &Directory,
    ) -> Option<Row> {
        let Dispatch { at, cause, .. } = history.event(number)?;
        let by_cause = self.0.get(&number).map(EventRef::counted).filter(|(_, among)| !among.is_empty());
        let (name, tail) = if let Some(called) = by_cause {
            called
        } else {
            let cause = self.call(history, *cause, directory);
            (
                named(history, number, directory)?,
                cause.map_or_else(String::new, |cause| format!("  < {cause}")),
            )
        };
        Some(Row { at: *at, mark, name, tail })
    }

    /// What an event is called; `None` if there is none with this number.
    fn call(&self, history: &History, number: u64, directory: &Directory) -> Option<String> {
        let called = self.0.get(&number).map(ToString::to_string);
        called.or_else(|| named(history, number, directory))
    }
}

/// Returns the events of the instants at which the order matters, line by line, as they run when the program fails, with a
/// column for each actor if there is room. Those of orderings are marked and called as the orderings call them; each has its
/// cause behind it. Makes one run.
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
    let calls = Calls::of(cause, history, directory);
    let marked: Vec<u64> = calls.0.keys().copied().collect();
    around(history, &marked, &calls, directory)
}

/// Returns the events of the instants at which some are marked, line by line, as they ran. The marked ones are given by their
/// numbers in the run, from 1.
#[must_use]
pub fn events_around(history: &History, marked: &[u64], directory: &Directory) -> Vec<String> {
    around(history, marked, &Calls::default(), directory)
}

fn around(history: &History, marked: &[u64], calls: &Calls, directory: &Directory) -> Vec<String> {
    let marked: BTreeSet<u64> = marked.iter().copied().collect();
    let instants: BTreeSet<Instant> =
        marked.iter().filter_map(|number| Some(history.event(*number)?.at)).collect();
    let beside = history.dispatches.iter().zip(1..).filter(|(event, _)| instants.contains(&event.at));
    let mut numbers = beside.map(|(_, number)| number);
    let mark = |number| if marked.contains(&number) { '*' } else { ' ' };
    let row = |number| calls.row(history, number, mark(number), directory);
    let rows: Vec<Row> = numbers.by_ref().take(EVENTS_SHOWN).filter_map(row).collect();
    let more = numbers.count();
    let mut lines = table::lines(&rows);
    if more > 0 {
        lines.push(format!("  … {more} more"));
    }
    lines
}

/// The name of an event, with its number among those of its name; `None` if there is none with this number.
fn named(history: &History, number: u64, directory: &Directory) -> Option<String> {
    let event = history.event(number)?;
    Some(format!("{}#{}", directory.text(event.name), event.repeat))
}
