//! Why something happened: what led to it, and which events it raced on the way.

use tiebreak_trace::{Causes, Trace};

use crate::instant::InstantEvents;
use crate::words::{names, words};

/// How many names of events that raced are shown of a side.
const NAMES_SHOWN: usize = 2;
/// The widest that the column of names is made for the sake of what stands behind it.
const NAME_WIDTH_MAX: usize = 44;

/// With which simultaneous events an event raced: those that could have run when it did, and those that ran when it could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contention {
    /// The records of events that could have run in its place, and ran later.
    pub before: Vec<u64>,
    /// The records of events that ran at choices at which it could have run, the nearest first.
    pub after: Vec<u64>,
    /// Whether it is these and no others. A trace says how many events could run at a choice, but not which; with lanes there
    /// may be too many to tell.
    pub is_exact: bool,
}

/// Returns with which events the event of a record raced; `None` if it is no event, or if its instant has more than 2,000
/// events.
///
/// # Cost
/// Grows with the square of the number of events at the instant.
#[must_use]
pub fn contention(trace: &Trace, causes: &Causes, number: u64) -> Option<Contention> {
    trace.record(number)?.event_code()?;
    let events = InstantEvents::of(trace, causes, number)?;
    let (later, earlier) = (events.in_place_of(number), events.before(number));
    let is_exact = later.is_exact && earlier.is_exact;
    Some(Contention { before: later.records, after: earlier.records, is_exact })
}

/// Returns a record and what led to it: what came from outside the run first, the record itself last. Empty if there is no
/// such record.
#[must_use]
pub fn chain(trace: &Trace, causes: &Causes, number: u64) -> Vec<u64> {
    let mut chain = causes.chain(trace, number);
    chain.reverse();
    chain
}

/// Returns the causal chain of a record in at most so many lines: what came from outside the run first, the record itself last.
/// Behind each event stands with which events it raced. If the chain is longer, its middle is left out.
///
/// ```text
///    91 3m      rip9/expiry(10.0.0.0/8)#1   [2/2] before ospf/step(add-route(10.0.0.0/8)#1)#1
///   109 3m      dialer/step(dial)#1         after ospf/step(add-route(10.0.0.0/8)#1)#1
///   110 3m      · dialer/RtmAddRouteToDest(0.0.0.0/0) metric=1 -> NO_ERROR
/// ```
#[must_use]
pub fn chain_lines(trace: &Trace, causes: &Causes, number: u64, most: usize) -> Vec<String> {
    let chain = chain(trace, causes, number);
    let most = most.max(3);
    let left_out = if chain.len() > most { chain.len() - (most - 1) } else { 0 };
    let rows: Vec<Row> = chain
        .iter()
        .enumerate()
        .filter(|(at, _)| left_out == 0 || *at == 0 || *at > left_out)
        .filter_map(|(_, number)| Row::of(trace, causes, *number))
        .collect();
    let width = |row: &Row| if row.raced.is_empty() { 0 } else { row.words.chars().count() };
    let width = rows.iter().map(width).max().unwrap_or(0).min(NAME_WIDTH_MAX);
    let mut lines: Vec<String> = rows.iter().map(|row| row.line(width)).collect();
    if left_out > 0 && !lines.is_empty() {
        lines.insert(1, format!("      … {left_out} events between"));
    }
    lines
}

/// One link of a chain, as it is shown.
struct Row {
    number: u64,
    at: String,
    words: String,
    raced: String,
}

impl Row {
    fn of(trace: &Trace, causes: &Causes, number: u64) -> Option<Self> {
        let parts = trace.record(number)?;
        let tie = parts.choice().map(|choice| format!("[{}/{}]", u64::from(choice.index) + 1, choice.of));
        let raced = contention(trace, causes, number).map(|raced| raced_words(trace, &raced));
        let raced: Vec<String> = tie.into_iter().chain(raced.filter(|words| !words.is_empty())).collect();
        let (at, words) = (parts.instant.to_string(), words(trace, &parts));
        Some(Self { number, at, words, raced: raced.join(" ") })
    }

    fn line(&self, width: usize) -> String {
        let Self { number, at, words, raced } = self;
        format!("{number:>5} {at:<9} {words:<width$}  {raced}").trim_end().to_owned()
    }
}

/// `before A and B; after C and 3 more`.
fn raced_words(trace: &Trace, raced: &Contention) -> String {
    let Contention { before, after, is_exact } = raced;
    let side = |word: &str, records: &[u64]| {
        let some = if *is_exact { "" } else { "some of " };
        let names = names(trace, records, NAMES_SHOWN);
        (!records.is_empty()).then(|| format!("{word} {some}{names}"))
    };
    let sides = [side("before", before), side("after", after)];
    sides.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Returns the pairs of events that raced on the way to a record, each with the record of the one that ran first: those nearest
/// to the record first, at most so many.
#[must_use]
pub fn races_on_chain(trace: &Trace, causes: &Causes, number: u64, most: usize) -> Vec<[u64; 2]> {
    let mut races = Vec::new();
    for link in causes.chain(trace, number) {
        let Some(Contention { before, after, .. }) = contention(trace, causes, link) else { continue };
        let pairs = after.iter().map(|other| [*other, link]).chain(before.iter().map(|other| [link, *other]));
        for pair in pairs {
            if races.len() == most {
                return races;
            }
            if !races.contains(&pair) {
                races.push(pair);
            }
        }
    }
    races
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{BELL, EAST, ECHO, HEARD, LOUD, RING, WEST, written};
    use tiebreak_kernel::Fact;

    /// Three bells that could ring in any order, an echo of the last, and what is heard of it.
    fn trace() -> Trace {
        written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            trace.choice(1_000, (EAST, RING, 1), Some(start), Some((2, 3)));
            trace.choice(1_000, (WEST, RING, 2), Some(start), Some((0, 2)));
            let third = trace.choice(1_000, (BELL, RING, 3), Some(start), None);
            let echo = trace.event(2_000, BELL, ECHO, Some(third));
            trace.note(echo, HEARD, &[Fact::number(LOUD, 1)]);
        })
    }

    #[test]
    fn a_chain_goes_from_the_root_to_the_record_and_names_what_raced() {
        let trace = trace();
        let causes = Causes::of(&trace);
        assert_eq!(chain(&trace, &causes, 6), [1, 4, 5, 6]);
        let expected = [
            "    1 0s        bell/ring(1)#1",
            "    4 1s        bell/ring(3)#1  after west/ring(2)#1 and east/ring(1)#1",
            "    5 2s        bell/echo(1)#1",
            "    6 2s        · bell/heard(1) loud=1",
        ];
        assert_eq!(chain_lines(&trace, &causes, 6, 9), expected);
        let short = chain_lines(&trace, &causes, 6, 3);
        assert_eq!(short, [expected[0], "      … 2 events between", expected[3]]);
        assert_eq!(chain_lines(&trace, &causes, 7, 9), [""; 0]);
    }

    #[test]
    fn events_race_those_that_could_run_in_their_place_and_those_in_whose_place_they_could() {
        let trace = trace();
        let causes = Causes::of(&trace);
        let raced = |number| contention(&trace, &causes, number).map(|raced| (raced.before, raced.after));
        assert_eq!(raced(1), Some((vec![], vec![])));
        assert_eq!(raced(2), Some((vec![3, 4], vec![])));
        assert_eq!(raced(3), Some((vec![4], vec![2])));
        assert_eq!(raced(4), Some((vec![], vec![3, 2])));
        assert_eq!(raced(6), None, "a note does not race");
        assert_eq!(races_on_chain(&trace, &causes, 6, 9), [[3, 4], [2, 4]]);
        assert_eq!(races_on_chain(&trace, &causes, 6, 1), [[3, 4]]);
    }
}
