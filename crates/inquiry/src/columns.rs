//! A trace with a column for each actor, for a terminal.

use core::cmp::Reverse;
use core::fmt::Write as _;

use tiebreak_kernel::{Instant, Origin, Span};
use tiebreak_trace::{Causes, Code, Parts, Space, Trace};

use crate::cells::{Line, cells, cut, padded};
use crate::words::facts;

/// Columns begin at least so many cells after each other.
const STRIDE_MIN: usize = 10;
/// They begin at most so many cells after each other: the eye has to get from one to the next.
const STRIDE_MAX: usize = 32;
/// What the last column is wide at least.
const LAST_MIN: usize = 40;
/// What shows where the columns without a record in a line are.
const LIFELINE: &str = "│";
/// The name of the column in which those actors are that have none of their own.
const OTHERS: &str = "others";

/// Returns lines with a column for each actor of these records, in the order in which they are met: a line for each instant,
/// and one for each record under it, with its number in front. Actors without a record have no column, and instants without
/// one no line. What a record says runs on over the columns to its right, in which its line has nothing. Where columns would be
/// closer than ten cells, the actors with the fewest records share the last; the last lines say which these are, and which names
/// did not fit.
///
/// No other line takes more cells of a terminal than `width`, if that is at least 60. What does not fit is cut in its middle: the number leads to
/// the whole record.
#[must_use]
pub fn columns(trace: &Trace, causes: &Causes, numbers: &[u64], width: usize) -> Vec<String> {
    let records: Vec<(u64, Parts<'_>)> =
        numbers.iter().filter_map(|number| Some((*number, trace.record(*number)?))).collect();
    let layout = Layout::of(&records, width);
    let mut lines = vec![layout.head(trace)];
    let mut now = None;
    for (number, parts) in &records {
        if now != Some(parts.instant) {
            lines.push(instant_line(parts.instant, now));
            now = Some(parts.instant);
        }
        lines.push(layout.line(trace, causes, *number, parts));
    }
    lines.extend(layout.legend(trace, &records));
    lines
}

/// `at 3m, 2m59s later`.
fn instant_line(instant: Instant, before: Option<Instant>) -> String {
    match before {
        Some(before) => {
            let wait = Span::from_nanos(instant.as_nanos().saturating_sub(before.as_nanos()));
            format!("at {instant}, {wait} later")
        }
        None => format!("at {instant}"),
    }
}

/// Which actor has which column.
struct Layout {
    /// The codes of the actors that have one, from left to right.
    own: Vec<u64>,
    /// Whether the others share one more.
    has_others: bool,
    /// How wide the numbers are.
    numbers: usize,
    /// How many cells there are from the beginning of a column to that of the next.
    stride: usize,
    width: usize,
}

impl Layout {
    fn of(records: &[(u64, Parts<'_>)], width: usize) -> Self {
        let numbers = records.last().map_or(1, |(number, _)| number.to_string().len()).max(3);
        let mut actors: Vec<(u64, usize)> = Vec::new();
        for (_, parts) in records {
            match actors.iter_mut().find(|(actor, _)| *actor == parts.actor) {
                Some((_, records)) => *records += 1,
                None => actors.push((parts.actor, 1)),
            }
        }
        // What is left for the columns but the last one.
        let room = width.saturating_sub(numbers + 1 + LAST_MIN);
        let most = room / STRIDE_MIN + 1;
        let has_others = actors.len() > most;
        let mut busiest = actors.clone();
        busiest.sort_by_key(|(_, records)| Reverse(*records));
        busiest.truncate(if has_others { most - 1 } else { most });
        actors.retain(|actor| busiest.contains(actor));
        let columns = actors.len() + usize::from(has_others);
        let stride = room.checked_div(columns.saturating_sub(1)).unwrap_or(0).min(STRIDE_MAX);
        let own = actors.into_iter().map(|(actor, _)| actor).collect();
        Self { own, has_others, numbers, stride, width }
    }

    fn columns(&self) -> usize {
        self.own.len() + usize::from(self.has_others)
    }

    /// Where a column begins.
    fn start(&self, column: usize) -> usize {
        self.numbers + 1 + column * self.stride
    }

    fn head(&self, trace: &Trace) -> String {
        let mut line = format!("{:>width$} ", "no", width = self.numbers);
        for column in 0..self.columns() {
            let actor = self.own.get(column).map(|actor| trace.text(Space::Name, *actor));
            let is_last = column + 1 == self.columns();
            let width = if is_last { LAST_MIN } else { self.stride - 1 };
            let name = cut(actor.as_deref().unwrap_or(OTHERS), width);
            line.push_str(&if is_last { name } else { padded(&name, self.stride) });
        }
        line
    }

    /// Who is in the last column, and which names were cut: nothing is lost.
    fn legend(&self, trace: &Trace, records: &[(u64, Parts<'_>)]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let is_cut = |place: usize, name: &str| {
            let width = if place + 1 == self.columns() { LAST_MIN } else { self.stride - 1 };
            cells(name) > width
        };
        for (place, actor) in self.own.iter().enumerate() {
            let name = trace.text(Space::Name, *actor);
            names.extend(is_cut(place, &name).then(|| format!("column {}: {name}", place + 1)));
        }
        let mut others: Vec<u64> = Vec::new();
        for (_, parts) in records {
            if !self.own.contains(&parts.actor) && !others.contains(&parts.actor) {
                others.push(parts.actor);
            }
        }
        let others: Vec<_> = others.into_iter().map(|actor| trace.text(Space::Name, actor)).collect();
        names.extend((!others.is_empty()).then(|| format!("{OTHERS}: {}", others.join(", "))));
        names
    }

    fn line(&self, trace: &Trace, causes: &Causes, number: u64, parts: &Parts<'_>) -> String {
        let own = self.own.iter().position(|actor| *actor == parts.actor);
        let column = own.unwrap_or(self.own.len());
        let said = said(trace, causes, number, parts);
        let said = match own {
            Some(_) => said,
            None => format!("{}: {said}", trace.text(Space::Name, parts.actor)),
        };
        let mut line = Line::new(self.width.max(self.start(self.columns())));
        line.write(0, &format!("{number:>width$} ", width = self.numbers));
        for other in 0..self.columns() {
            line.write(self.start(other), LIFELINE);
        }
        let start = self.start(column);
        // A blank keeps a line that comes behind apart.
        line.write(start, &(cut(&said, self.width.saturating_sub(start)) + " "));
        line.text()
    }
}

/// What a record says in the column of its actor: `[2/3] step(dial)#1 < 94` with the number of its cause, `· best(…) owner=rip`.
fn said(trace: &Trace, causes: &Causes, number: u64, parts: &Parts<'_>) -> String {
    let spelling = trace.spelling(parts);
    let actor = trace.value(Code::Name(parts.actor));
    let name = spelling.strip_prefix(&*actor).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&spelling);
    let facts = facts(trace, parts);
    let mut said = match parts.origin {
        Origin::Dispatch { choice: Some(choice), .. } => {
            format!("[{}/{}] {name}", u64::from(choice.index) + 1, choice.of)
        }
        Origin::Dispatch { choice: None, .. } => name.to_owned(),
        Origin::Note => format!("· {name}"),
        Origin::Cancelled => format!("× {name}"),
        Origin::Moved { to } => format!("→ {name} to {to}"),
    };
    if !facts.is_empty() {
        said.push(' ');
        said.push_str(&facts);
    }
    // Notes stand under their event.
    if let Some(cause) = causes.cause(trace, number).filter(|_| parts.event_code().is_some()) {
        // Writing to a `String` cannot fail.
        let _ = write!(said, " < {cause}");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{BELL, EAST, ECHO, HEARD, LOUD, RING, WEST, written};
    use tiebreak_kernel::{Fact, Name, terms};

    fn trace() -> Trace {
        written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            let ring = trace.choice(1_000, (EAST, RING, 7), Some(start), Some((1, 3)));
            trace.note(ring, HEARD, &[Fact::number(LOUD, 3)]);
            trace.put(Instant::from_secs(1), Name::of(WEST, ECHO, 1), Origin::Cancelled, Some(ring), &[]);
            trace.event(90_000, WEST, ECHO, Some(ring));
        })
    }

    fn drawn(width: usize) -> Vec<String> {
        let (trace, numbers) = (trace(), [1, 2, 3, 4, 5, 99]);
        columns(&trace, &Causes::of(&trace), &numbers, width)
    }

    #[test]
    fn each_actor_has_a_column_and_what_is_said_runs_on_to_the_right() {
        let expected = [
            " no bell                            east                            west",
            "at 0s",
            "  1 ring(1)#1                       │                               │",
            "at 1s, 1s later",
            "  2 │                               [2/3] ring(7)#1 < 1             │",
            "  3 · heard(1) loud=3               │                               │",
            "  4 │                               │                               × echo(1)",
            "at 1m30s, 1m29s later",
            "  5 │                               │                               echo(1)#1 < 2",
        ];
        assert_eq!(drawn(140), expected);
        assert!(drawn(66)[0].starts_with(" no bell       east       west"), "{:?}", drawn(66));
    }

    #[test]
    fn columns_of_wide_names_stand_below_each_other() {
        terms! { WIDE = "路由器", ACCENT = "re\u{301}seau" }
        let trace = written(|trace| {
            let start = trace.event(0, WIDE, RING, None);
            trace.event(0, ACCENT, RING, Some(start));
        });
        let lines = columns(&trace, &Causes::of(&trace), &[1, 2], 60);
        let at = |line: &str, part: &str| cells(&line[..line.find(part).unwrap()]);
        assert_eq!(at(&lines[0], "re\u{301}seau"), at(&lines[3], "ring"), "{lines:?}");
        assert!(lines.iter().all(|line| cells(line) <= 60), "{lines:?}");
    }

    #[test]
    fn actors_without_a_column_share_one_and_no_line_is_wider_than_asked() {
        let narrow = drawn(50);
        assert_eq!(narrow[0], " no others");
        assert_eq!(narrow[4], "  2 east: [2/3] ring(7)#1 < 1");
        assert_eq!(narrow.last().unwrap(), "others: bell, east, west");
        for width in 60..100 {
            assert!(drawn(width).iter().all(|line| cells(line) <= width), "{width}");
        }
    }
}
