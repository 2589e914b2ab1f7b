//! Why something happened: what led to it, and which events it raced on the way.

use tiebreak_diagnostic::counted;
use tiebreak_trace::{Causes, Trace};

use crate::cells::{cells, padded};
use crate::instant::Instants;
use crate::races::Contention;
use crate::words::{names, words};

/// How many names of events that raced are shown of a side.
const NAMES_SHOWN: usize = 2;
/// The widest that the column of names is made for the sake of what stands behind it.
const NAME_WIDTH_MAX: usize = 44;

/// Returns a record and what led to it: what came from outside the run first, the record itself last. Empty if there is no
/// such record.
#[must_use]
pub fn chain(trace: &Trace, causes: &Causes, number: u64) -> Vec<u64> {
    let mut chain = causes.chain(trace, number);
    chain.reverse();
    chain
}

/// Returns the causal chain of a record in at most so many lines: what came from outside the run first, the record itself last.
/// Behind each event stands with which events it raced, and in which of the given orderings it stands: `asked` are pairs of
/// events whose order did not come by a race, but was asked for. If the chain is longer, its middle is left out;
/// in two lines its beginning, in one all but the record.
///
/// ```text
///    91 3m      rip9/expiry(10.0.0.0/8)#1   [2/2] before ospf/step(add-route(10.0.0.0/8)#1)#1
///   109 3m      dialer/step(dial)#1         after ospf/step(add-route(10.0.0.0/8)#1)#1
///   110 3m      · dialer/RtmAddRouteToDest(0.0.0.0/0) metric=1 -> NO_ERROR
/// ```
#[must_use]
pub fn chain_lines(
    trace: &Trace,
    causes: &Causes,
    number: u64,
    asked: &[[u64; 2]],
    most: usize,
) -> Vec<String> {
    let mut instants = Instants::new(trace, causes);
    lines(&chain(trace, causes, number), most, |number| Row::of(trace, &mut instants, number, asked))
}

/// Returns the causal chain of a record as [`chain_lines`] does, with nothing behind its events: for when it is said already in which
/// order they run, and that no other matters. `called` are events that have another name there, by their numbers.
#[must_use]
pub fn called_chain_lines(
    trace: &Trace,
    causes: &Causes,
    number: u64,
    called: &[(u64, String)],
    most: usize,
) -> Vec<String> {
    lines(&chain(trace, causes, number), most, |number| {
        let parts = trace.record(number)?;
        let call = called.iter().find(|(of, _)| *of == number).map(|(_, call)| call.clone());
        let words = call.unwrap_or_else(|| words(trace, &parts));
        Some(Row { number, at: parts.instant.to_string(), words, raced: String::new() })
    })
}

/// The lines of a chain, its middle left out if there are more than so many.
fn lines(chain: &[u64], most: usize, mut row: impl FnMut(u64) -> Option<Row>) -> Vec<String> {
    let is_cut = chain.len() > most;
    let head = if is_cut { most.saturating_sub(2).min(1) } else { chain.len() };
    let has_gap = is_cut && most > 1;
    let tail = if is_cut { most - head - usize::from(has_gap) } else { 0 };
    let kept = chain[..head].iter().chain(&chain[chain.len() - tail..]);
    let rows: Vec<Row> = kept.filter_map(|number| row(*number)).collect();
    let width = |row: &Row| if row.raced.is_empty() { 0 } else { cells(&row.words) };
    let width = rows.iter().map(width).max().unwrap_or(0).min(NAME_WIDTH_MAX);
    let mut lines: Vec<String> = rows.iter().map(|row| row.line(width)).collect();
    if has_gap {
        let left_out = counted(chain.len() - head - tail, "event");
        let place = if head > 0 { "between" } else { "before" };
        lines.insert(head, format!("      … {left_out} {place}"));
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
    fn of(trace: &Trace, instants: &mut Instants<'_>, number: u64, asked: &[[u64; 2]]) -> Option<Self> {
        let parts = trace.record(number)?;
        let tie = parts.choice().map(|choice| format!("[{}/{}]", u64::from(choice.index) + 1, choice.of));
        let raced = Contention::at(instants, number).map(|mut raced| {
            // What was asked for is told as that.
            raced.before.retain(|other| !asked.contains(&[number, *other]));
            raced.after.retain(|other| !asked.contains(&[*other, number]));
            raced_words(trace, &raced)
        });
        let raced = raced.filter(|words| !words.is_empty());
        let sides: Vec<String> = raced.into_iter().chain(asked_words(trace, asked, number)).collect();
        let sides = (!sides.is_empty()).then(|| sides.join("; "));
        let raced: Vec<String> = tie.into_iter().chain(sides).collect();
        let (at, words) = (parts.instant.to_string(), words(trace, &parts));
        Some(Self { number, at, words, raced: raced.join(" ") })
    }

    fn line(&self, width: usize) -> String {
        let Self { number, at, words, raced } = self;
        format!("{number:>5} {at:<9} {}  {raced}", padded(words, width)).trim_end().to_owned()
    }
}

/// `kept before A; after B`: on which side of other events an event was kept.
fn asked_words(trace: &Trace, asked: &[[u64; 2]], number: u64) -> Option<String> {
    let of = |own: usize| -> Vec<u64> {
        let own = asked.iter().filter(|records| records[own] == number).map(|records| records[1 - own]);
        own.collect()
    };
    let [before, after] = [(0, "before"), (1, "after")].map(|(own, word)| {
        let others = of(own);
        (!others.is_empty()).then(|| format!("{word} {}", names(trace, &others, NAMES_SHOWN)))
    });
    let sides: Vec<String> = [before, after].into_iter().flatten().collect();
    (!sides.is_empty()).then(|| format!("kept {}", sides.join("; ")))
}

/// `before A and B, and 1 that did not run then; after C and 3 more`.
fn raced_words(trace: &Trace, raced: &Contention) -> String {
    let Contention { before, after, gone, is_exact } = raced;
    let some = |records: &[u64]| match records.len() {
        _ if *is_exact => "",
        1 => "perhaps ",
        _ => "some of ",
    };
    let side = |records: &[u64]| format!("{}{}", some(records), names(trace, records, NAMES_SHOWN));
    let ran = (!before.is_empty()).then(|| side(before));
    let gone = (*gone > 0).then(|| format!("{gone} that did not run then"));
    let before: Vec<String> = ran.into_iter().chain(gone).collect();
    let before = (!before.is_empty()).then(|| format!("before {}", before.join(", and ")));
    let after = (!after.is_empty()).then(|| format!("after {}", side(after)));
    before.into_iter().chain(after).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{BELL, EAST, ECHO, HEARD, RING, bells, written};
    use tiebreak_kernel::Term;

    #[test]
    fn a_chain_goes_from_the_root_to_the_record_and_names_what_raced() {
        let trace = bells();
        let causes = Causes::of(&trace);
        assert_eq!(chain(&trace, &causes, 6), [1, 4, 5, 6]);
        let expected = [
            "    1 0s        bell/ring(1)#1",
            "    4 1s        bell/ring(3)#1  after west/ring(2)#1 and east/ring(1)#1",
            "    5 2s        bell/echo(1)#1",
            "    6 2s        · bell/heard(1) loud=1",
        ];
        assert_eq!(chain_lines(&trace, &causes, 6, &[], 9), expected);
        let short = chain_lines(&trace, &causes, 6, &[], 3);
        assert_eq!(short, [expected[0], "      … 2 events between", expected[3]]);
        let shortest = |most| chain_lines(&trace, &causes, 6, &[], most);
        assert_eq!(shortest(2), ["      … 3 events before", expected[3]]);
        assert_eq!((shortest(1), shortest(0)), (vec![expected[3].to_owned()], vec![]));
        assert_eq!(chain_lines(&trace, &causes, 7, &[], 9), [""; 0]);
    }

    #[test]
    fn of_candidates_that_did_not_run_it_is_said_how_many_and_nothing_is_doubtful() {
        let line = |others: &[(Term, Term)], of: u32| {
            let trace = written(|trace| {
                let start = trace.event(0, BELL, RING, None);
                trace.choice(1_000, (BELL, RING, 2), Some(start), Some((0, of)));
                for (actor, kind) in others {
                    trace.event(1_000, *actor, *kind, Some(start));
                }
            });
            chain_lines(&trace, &Causes::of(&trace), 2, &[], 1).concat().split_off(32)
        };
        assert_eq!(line(&[(EAST, ECHO)], 2), "[1/2] before east/echo(1)#1");
        assert_eq!(line(&[(EAST, ECHO)], 3), "[1/3] before east/echo(1)#1, and 1 that did not run then");
        assert_eq!(line(&[], 3), "[1/3] before 2 that did not run then");
        assert_eq!(
            line(&[(BELL, ECHO)], 3),
            "[1/3] before perhaps bell/echo(1)#1, and 1 that did not run then"
        );
        let two = [(EAST, ECHO), (EAST, RING), (EAST, HEARD)];
        assert_eq!(line(&two, 3), "[1/3] before some of east/echo(1)#1, east/ring(1)#1 and 1 more");
    }

    #[test]
    fn orderings_that_were_asked_for_stand_behind_their_events() {
        let trace = bells();
        let line = |number| chain_lines(&trace, &Causes::of(&trace), number, &[[2, 3], [2, 4]], 1).concat();
        assert!(line(2).ends_with("[3/3] kept before west/ring(2)#1 and bell/ring(3)#1"), "{}", line(2));
        assert!(line(4).ends_with(" after west/ring(2)#1; kept after east/ring(1)#1"), "{}", line(4));
        assert!(!line(1).contains("kept"));
    }
}
