//! From what a comparison has found to the rows of a page.

use tiebreak_inquiry::Comparison as Found;
use tiebreak_trace::{Causes, Trace};

use super::{Comparison, Mark, Row, Side};

impl<'a> Comparison<'a> {
    /// Pairs the records of two traces as a comparison of them has found: rows in the order of both, and for what has changed
    /// places one row at each place. `traces` are those that were compared, A first.
    ///
    /// # Cost
    /// Reads each record of both once.
    #[must_use]
    pub fn of(traces: [&'a Trace; 2], found: &Found) -> Self {
        let [left, right] = traces;
        let mut pairing = Pairing::new(traces, found);
        while pairing.step() {}
        let divergence = found.first.as_ref().and_then(|first| pairing.row_of(first.records));
        Self { left, right, rows: pairing.rows, divergence }
    }
}

/// Two traces that are walked side by side.
struct Pairing<'a> {
    found: &'a Found,
    /// The numbers of the records that come next, from 1.
    next: [u64; 2],
    length: [u64; 2],
    /// Whether a record stands elsewhere in the other trace, by its number.
    is_moved: [Vec<bool>; 2],
    /// The numbers in B of the records that have changed, in order.
    changed: Vec<u64>,
    rows: Vec<Row>,
}

impl<'a> Pairing<'a> {
    fn new(traces: [&Trace; 2], found: &'a Found) -> Self {
        let length = traces.map(Trace::len);
        let mut is_moved = length.map(|length| vec![false; place(length).unwrap_or(0) + 1]);
        for moved in &found.moved {
            for (is_moved, number) in is_moved.iter_mut().zip(moved.numbers) {
                set(is_moved, number);
            }
        }
        for (is_moved, trace) in is_moved.iter_mut().zip(traces) {
            take_notes_along(is_moved, trace);
        }
        let changed = found.changed.iter().map(|changed| changed.numbers[1]).collect();
        Self { found, next: [1, 1], length, is_moved, changed, rows: Vec::new() }
    }

    /// Makes the next row; returns whether there was one.
    fn step(&mut self) -> bool {
        let [left, right] = self.next;
        let (has_left, has_right) = (left <= self.length[0], right <= self.length[1]);
        let (in_right, in_left) = (self.found.in_right(left), self.found.in_left(right));
        if has_left && in_right.is_none() {
            self.push(Some(left), None, Mark::OnlyLeft)
        } else if has_left && self.is_moved(0, left) {
            self.push(Some(left), in_right, Mark::Moved(Side::Left))
        } else if has_right && in_left.is_none() {
            self.push(None, Some(right), Mark::OnlyRight)
        } else if has_right && self.is_moved(1, right) {
            self.push(in_left, Some(right), Mark::Moved(Side::Right))
        } else if has_left && in_right == Some(right) {
            let is_changed = self.changed.binary_search(&right).is_ok();
            self.push(Some(left), Some(right), if is_changed { Mark::Changed } else { Mark::Same })
        } else if has_left {
            // What stands in another order without having moved by itself: notes whose events differ.
            if let Some(number) = in_right {
                set(&mut self.is_moved[1], number);
            }
            self.push(Some(left), in_right, Mark::Moved(Side::Left))
        } else {
            has_right && self.push(in_left, Some(right), Mark::Moved(Side::Right))
        }
    }

    fn is_moved(&self, side: usize, number: u64) -> bool {
        place(number).and_then(|place| self.is_moved[side].get(place)).copied().unwrap_or(false)
    }

    fn push(&mut self, left: Option<u64>, right: Option<u64>, mark: Mark) -> bool {
        let shows = match mark {
            Mark::Same | Mark::Changed => [true, true],
            Mark::OnlyLeft | Mark::Moved(Side::Left) => [true, false],
            Mark::OnlyRight | Mark::Moved(Side::Right) => [false, true],
        };
        for (next, shows) in self.next.iter_mut().zip(shows) {
            *next += u64::from(shows);
        }
        self.rows.push(Row { left, right, mark });
        true
    }

    /// The index of the first row that shows one of these records at its own place.
    fn row_of(&self, [left, right]: [Option<u64>; 2]) -> Option<usize> {
        self.rows.iter().position(|row| {
            let is_left = left.is_some() && row.left == left && row.mark != Mark::Moved(Side::Right);
            let is_right = right.is_some() && row.right == right && row.mark != Mark::Moved(Side::Left);
            is_left || is_right
        })
    }
}

fn place(number: u64) -> Option<usize> {
    usize::try_from(number).ok()
}

fn set(is_moved: &mut [bool], number: u64) {
    if let Some(is_moved) = place(number).and_then(|place| is_moved.get_mut(place)) {
        *is_moved = true;
    }
}

/// What was noted during an event that has moved has moved with it.
fn take_notes_along(is_moved: &mut [bool], trace: &Trace) {
    let causes = Causes::of(trace);
    for (number, parts) in trace.records() {
        let event = causes.cause(trace, number).filter(|_| parts.event_code().is_none());
        let has_moved = event.and_then(place).and_then(|place| is_moved.get(place)).copied().unwrap_or(false);
        if has_moved {
            set(is_moved, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tiebreak_inquiry::compare;
    use tiebreak_kernel::{Instant, Origin, PartCodes, Settings, event_code, hash_text};
    use tiebreak_trace::{Coded, Digest, Header, Space, TraceBuilder};

    /// A trace of events of these names, each with a note during it, all at one instant.
    fn trace(names: &[&str]) -> Trace {
        let mut builder = TraceBuilder::new(Header::new(1, Digest::of(b"pairs"), &Settings::new(1)));
        for (space, text) in [(Space::Term, "ring"), (Space::Term, "heard")] {
            builder.enter(space, hash_text(text), text).unwrap();
        }
        let mut entered: Vec<&str> = Vec::new();
        for name in names {
            let actor = hash_text(name);
            if !entered.contains(name) {
                builder.enter(Space::Name, actor, name).unwrap();
                entered.push(name);
            }
            let of = |kind: &str| PartCodes { actor, kind: hash_text(kind), subject: 0 };
            let repeat = 1;
            let event = event_code(of("ring").name(), repeat);
            let origin = Origin::Dispatch { repeat, choice: None };
            let instant = Instant::from_secs(1);
            builder.push(&Coded { instant, name: of("ring"), origin, cause: None, facts: &[] }).unwrap();
            let note =
                Coded { instant, name: of("heard"), origin: Origin::Note, cause: Some(event), facts: &[] };
            builder.push(&note).unwrap();
        }
        builder.into_trace(Vec::new())
    }

    type Shown = (Option<u64>, Option<u64>, Mark);

    /// The rows of two such traces, and which of them is the divergence.
    fn rows(left: &[&str], right: &[&str]) -> (Vec<Shown>, Option<usize>) {
        let [left, right] = [trace(left), trace(right)];
        let paired = Comparison::of([&left, &right], &compare(&left, &right));
        (paired.rows.iter().map(|row| (row.left, row.right, row.mark)).collect(), paired.divergence)
    }

    #[test]
    fn a_swap_has_rows_at_both_places_and_its_notes_go_with_it() {
        let (rows, divergence) = rows(&["a", "b", "c"], &["b", "a", "c"]);
        let moved = |side, left, right| (Some(left), Some(right), Mark::Moved(side));
        let expected = [
            (Some(1), Some(3), Mark::Same),
            (Some(2), Some(4), Mark::Same),
            (Some(5), Some(5), Mark::Same),
            (Some(6), Some(6), Mark::Same),
        ];
        let still: Vec<_> = rows.iter().filter(|row| row.2 == Mark::Same).copied().collect();
        let is_other = |number: u64| [1, 2].contains(&number);
        if still == expected {
            assert_eq!(rows[..2], [moved(Side::Right, 3, 1), moved(Side::Right, 4, 2)]);
            assert_eq!(rows[4..6], [moved(Side::Left, 3, 1), moved(Side::Left, 4, 2)]);
        } else {
            assert_eq!(rows[..2], [moved(Side::Left, 1, 3), moved(Side::Left, 2, 4)], "{rows:?}");
            assert!(still.iter().all(|row| !is_other(row.0.unwrap())));
        }
        assert_eq!(divergence, Some(0));
    }

    #[test]
    fn what_only_one_side_has_stands_alone_and_every_record_is_shown_once() {
        let (found, divergence) = rows(&["a", "c", "d"], &["a", "b", "c"]);
        let alone = |number| (Some(number), None, Mark::OnlyLeft);
        assert_eq!(found[2..4], [(None, Some(3), Mark::OnlyRight), (None, Some(4), Mark::OnlyRight)]);
        assert_eq!(found[6..], [alone(5), alone(6)]);
        assert_eq!((found.len(), divergence), (8, Some(2)));
        let (same, divergence) = rows(&["a", "b"], &["a", "b"]);
        assert!(same.iter().all(|row| row.2 == Mark::Same) && same.len() == 4 && divergence.is_none());
    }
}
