//! The rows of a page with two traces, from what a comparison has found.
//!
//! Records that both traces have in the same order stand side by side. What is between two such rows is listed for the left
//! trace first, and then for the right one: records that only one trace has, and records that ran elsewhere.

use tiebreak_inquiry::{Comparison as Found, in_same_order};
use tiebreak_trace::{Causes, Trace};

use super::{Comparison, Mark, Row, Side};

impl<'a> Comparison<'a> {
    /// Returns the page of two traces, left first, of which `found` says what differs.
    ///
    /// # Cost
    /// Reads the right trace once, and sorts the records that both have.
    #[must_use]
    pub fn of([left, right]: [&'a Trace; 2], found: &Found) -> Self {
        let rows = Rows { left, right, found }.list();
        let divergence = found.first.as_ref().and_then(|first| {
            let [one, other] = first.records;
            let is_there = |row: &Row| {
                let [own_left, own_right] = row.own();
                (one.is_some() && own_left == one) || (other.is_some() && own_right == other)
            };
            rows.iter().position(is_there)
        });
        Self { left, right, rows, divergence }
    }
}

impl Row {
    /// The numbers of the records that this row stands for, left and right: without where a moved record is elsewhere.
    const fn own(&self) -> [Option<u64>; 2] {
        match self.mark {
            Mark::Moved(Side::Left) => [self.left, None],
            Mark::Moved(Side::Right) => [None, self.right],
            Mark::Same | Mark::Changed | Mark::OnlyLeft | Mark::OnlyRight => [self.left, self.right],
        }
    }
}

struct Rows<'a> {
    left: &'a Trace,
    right: &'a Trace,
    found: &'a Found,
}

impl Rows<'_> {
    fn list(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let [mut next_left, mut next_right] = [1, 1];
        for (left, right) in self.beside() {
            rows.extend((next_left..left).map(|number| self.left_row(number)));
            rows.extend((next_right..right).map(|number| self.right_row(number)));
            let mark = if self.is_changed([left, right]) { Mark::Changed } else { Mark::Same };
            rows.push(Row { left: Some(left), right: Some(right), mark });
            [next_left, next_right] = [left + 1, right + 1];
        }
        rows.extend((next_left..=self.left.len()).map(|number| self.left_row(number)));
        rows.extend((next_right..=self.right.len()).map(|number| self.right_row(number)));
        rows
    }

    /// The numbers of the records that stand side by side, in order on both sides.
    fn beside(&self) -> Vec<(u64, u64)> {
        let causes = Causes::of(self.right);
        let mut is_moved = vec![false; place(self.right.len()) + 1];
        for moved in &self.found.moved {
            is_moved[place(moved.numbers[1])] = true;
        }
        let mut pairs = Vec::new();
        for (number, parts) in self.right.records() {
            // What was recorded during an event has moved with it.
            if parts.event_code().is_none() {
                let event = causes.cause(self.right, number).filter(|event| *event < number);
                is_moved[place(number)] |= event.is_some_and(|event| is_moved[place(event)]);
            }
            let left = self.found.in_left(number).filter(|_| !is_moved[place(number)]);
            pairs.extend(left.map(|left| (place(left), place(number))));
        }
        // Records made outside events may cross events that have not moved.
        in_same_order(&pairs).into_iter().map(|(left, right)| (left as u64, right as u64)).collect()
    }

    fn is_changed(&self, [left, right]: [u64; 2]) -> bool {
        let is_listed = self.found.changed.binary_search_by_key(&right, |changed| changed.numbers[1]).is_ok();
        let at = |trace: &Trace, number| trace.record(number).map(|parts| parts.instant);
        is_listed || at(self.left, left) != at(self.right, right)
    }

    fn left_row(&self, number: u64) -> Row {
        let right = self.found.in_right(number);
        let mark = if right.is_some() { Mark::Moved(Side::Left) } else { Mark::OnlyLeft };
        Row { left: Some(number), right, mark }
    }

    fn right_row(&self, number: u64) -> Row {
        let left = self.found.in_left(number);
        let mark = if left.is_some() { Mark::Moved(Side::Right) } else { Mark::OnlyRight };
        Row { left, right: Some(number), mark }
    }
}

/// A number as an index. A trace is in memory, so its numbers are indices.
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiebreak_inquiry::compare;
    use tiebreak_kernel::{Context, Fact, Name, Names, Settings, Simulation, Span, Symbol, Term, World};
    use tiebreak_trace::{Digest, Header, Tracer};

    const RING: Term = Term::new("ring");
    const HEARD: Term = Term::new("heard");

    /// Bells that ring at the same instants, and hear which bell rang before.
    struct Bells {
        actors: Vec<Symbol>,
        last: usize,
    }

    impl World for Bells {
        type Event = usize;
        type Subject = ();

        fn name(&self, bell: &usize) -> Name<()> {
            Name::of(self.actors[bell % self.actors.len()], RING, ())
        }

        fn handle(&mut self, bell: usize, context: &mut Context<'_, usize, ()>) {
            let name = Name::of(self.actors[bell % self.actors.len()], HEARD, ());
            context.record(name, &[Fact::number(RING, self.last as u64)]);
            self.last = bell;
            let late = Span::from_secs(if bell.is_multiple_of(4) { 2 } else { 1 });
            if bell < 20 {
                context.schedule_after(late, bell + self.actors.len());
            }
        }
    }

    fn bells(seed: u64) -> Trace {
        let mut names = Names::default();
        let actors = ["a", "b", "c", "d", "e"].map(|name| names.intern(name)).to_vec();
        let settings = Settings::new(seed);
        let tracer = Tracer::new(Header::new(1, Digest::of(b"bells"), &settings));
        let bells = Bells { actors, last: 0 };
        let mut simulation = Simulation::new(bells, settings).with_names(names).with_recorder(tracer);
        simulation.act(|_, context| {
            for bell in 0..5 {
                context.schedule_after(Span::from_secs(1), bell);
            }
        });
        let _ = simulation.run();
        simulation.into_parts().2.into_trace()
    }

    #[test]
    fn each_record_stands_in_one_row_in_its_order() {
        let traces = [1, 2, 3, 4].map(bells);
        for (left, right) in traces.iter().flat_map(|left| traces.iter().map(move |right| (left, right))) {
            let found = compare(left, right);
            let page = Comparison::of([left, right], &found);
            for (side, trace) in [left, right].into_iter().enumerate() {
                let own: Vec<u64> = page.rows.iter().filter_map(|row| row.own()[side]).collect();
                assert_eq!(own, (1..=trace.len()).collect::<Vec<u64>>());
            }
            assert_eq!(page.divergence.is_none(), found.is_equal());
            // The page opens where the comparison says that they part, and above it all is the same.
            let above = &page.rows[..page.divergence.unwrap_or(page.rows.len())];
            assert!(above.iter().all(|row| row.mark == Mark::Same), "{:?}", page.rows);
        }
    }

    #[test]
    fn marks_are_those_of_the_comparison() {
        let [left, right] = [1, 2].map(bells);
        let found = compare(&left, &right);
        let page = Comparison::of([&left, &right], &found);
        assert!(!found.moved.is_empty() && !found.changed.is_empty(), "{found:?}");
        let marked =
            |number: u64| page.rows.iter().find(|row| row.own()[1] == Some(number)).map(|row| row.mark);
        for moved in &found.moved {
            assert_eq!(marked(moved.numbers[1]), Some(Mark::Moved(Side::Right)), "{moved:?}");
        }
        for changed in &found.changed {
            let mark = marked(changed.numbers[1]);
            assert!(matches!(mark, Some(Mark::Changed | Mark::Moved(Side::Right))), "{changed:?}: {mark:?}");
        }
        let count = |mark: Mark| page.rows.iter().filter(|row| row.mark == mark).count();
        assert_eq!([count(Mark::OnlyLeft), count(Mark::OnlyRight)], [found.removed.len(), found.added.len()]);
    }
}
