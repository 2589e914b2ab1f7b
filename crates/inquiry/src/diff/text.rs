//! What differs between two traces, for people.

use tiebreak_diagnostic::counted;
use tiebreak_kernel::{Instant, Origin, Span};
use tiebreak_trace::{Causes, RecordLines, Trace, Unlike};

use super::{Again, Changed, Comparison, First, Moved, Neighbour, Parting, Shift};

/// How many lines there are about as long as not all are asked for.
pub const LINES_MAX: usize = 40;

/// How many findings of a sort are shown as long as not all are asked for.
const SHOWN: usize = 3;

/// How many records of what led to a difference are shown as long as not all are asked for.
const CHAIN_SHOWN: usize = 4;

/// How much is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Amount {
    /// The first findings of each sort, in about [`LINES_MAX`] lines.
    #[default]
    Some,
    /// All.
    All,
}

/// Returns what differs, one line each: where the traces part first, and then what came of it. The traces are those that
/// were compared; each comes with what it is called.
///
/// # Cost
/// Reads both traces once; proportional to what differs if all is asked for.
#[must_use]
pub fn text_lines(
    comparison: &Comparison,
    traces: [&Trace; 2],
    titles: [&str; 2],
    amount: Amount,
) -> Vec<String> {
    let lines = Vec::new();
    let causes = traces.map(Causes::of);
    let mut text = Text { comparison, traces, causes: &causes, amount, lines };
    text.titles(titles);
    let Some(first) = &comparison.first else {
        text.equal();
        return text.lines;
    };
    text.first(first);
    text.beyond_order();
    text.chains(first);
    text.counts();
    text.list(&comparison.moved, Text::moved);
    text.list(&comparison.changed, Text::changed);
    text.missing(0, &comparison.removed);
    text.missing(1, &comparison.added);
    text.list(&comparison.shifts, Text::shift);
    if let Some(again) = &comparison.again {
        text.again(again);
    }
    text.lines
}

/// Returns whether more differs than the order of events that do not affect each other, and if so, what the first actor that
/// notices goes through in each trace.
#[must_use]
pub fn up_to_order_lines(comparison: &Comparison, traces: [&Trace; 2], titles: [&str; 2]) -> Vec<String> {
    let causes = traces.map(Causes::of);
    let mut text = Text { comparison, traces, causes: &causes, amount: Amount::Some, lines: Vec::new() };
    text.titles(titles);
    if comparison.is_equal() {
        text.equal();
    } else {
        text.beyond_order();
    }
    text.lines
}

const SIDES: [&str; 2] = ["A", "B"];

struct Text<'a> {
    comparison: &'a Comparison,
    traces: [&'a Trace; 2],
    causes: &'a [Causes; 2],
    amount: Amount,
    lines: Vec<String>,
}

impl Text<'_> {
    fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    fn titles(&mut self, titles: [&str; 2]) {
        let [plans, formats] = [
            self.traces.map(|trace| trace.header().plan.value()),
            self.traces.map(|trace| u128::from(trace.header().format)),
        ];
        for (side, title) in titles.iter().enumerate() {
            let [records, events] =
                [self.comparison.counts.records[side], self.comparison.counts.events[side]];
            let counts = format!("{}, {}", counted(records, "record"), counted(events, "event"));
            self.line(format!("{}: {title} ({counts})", SIDES[side]));
        }
        if formats[0] != formats[1] {
            let [a, b] = formats;
            self.line(format!(
                "A has format {a} and B has format {b}: orders may differ for that reason alone."
            ));
        } else if plans[0] != plans[1] {
            self.line("They are not runs of the same plan.".to_owned());
        }
    }

    fn equal(&mut self) {
        let records = counted(self.comparison.counts.matched, "record");
        self.line(format!("They are equal: {records}, with the same causes and facts."));
    }

    /// Where they part: what each ran, and where the other one has it.
    fn first(&mut self, first: &First) {
        let [left, right] = first.records;
        let at = [(0, left), (1, right)].map(|(side, number)| number.map(|number| self.at(side, number)));
        let at = match at {
            [Some(one), Some(other)] if one != other => format!("at {one} in A and {other} in B"),
            [Some(at), _] | [None, Some(at)] => format!("at {at}"),
            [None, None] => "at the end".to_owned(),
        };
        let number = left.or(right).unwrap_or_default();
        let how = match first.parting {
            Parting::Choice => {
                format!("each runs another of the {} events that could run", self.choices(left))
            }
            Parting::Order => "each runs another event".to_owned(),
            Parting::Changed => "the same record is not the same".to_owned(),
            Parting::Time => "the same record is at another instant".to_owned(),
            Parting::OnlyLeft => "A has a record that B does not have".to_owned(),
            Parting::OnlyRight => "B has a record that A does not have".to_owned(),
            Parting::OnlyEach => "each has a record that the other does not have".to_owned(),
        };
        self.line(format!("First difference {at}, record {number}: {how}."));
        match first.parting {
            Parting::Changed | Parting::Time => self.same_record(first),
            Parting::Choice | Parting::Order | Parting::OnlyLeft | Parting::OnlyRight | Parting::OnlyEach => {
                for side in [0, 1] {
                    self.what_ran(first, side);
                }
            }
        }
    }

    fn what_ran(&mut self, first: &First, side: usize) {
        let (own, other) = (SIDES[side], SIDES[1 - side]);
        let Some(number) = first.records[side] else {
            return self.line(format!("  {own} has ended."));
        };
        let what = self.spelling(side, number);
        let verb = if self.is_event(side, number) { "runs" } else { "notes" };
        let elsewhere = match (first.elsewhere[side], verb) {
            (Some(elsewhere), "runs") => format!("{other} runs it as record {elsewhere}"),
            (Some(elsewhere), _) => format!("{other} has it as record {elsewhere}"),
            (None, "runs") => format!("{other} never runs it"),
            (None, _) => format!("{other} does not have it"),
        };
        self.line(format!("  {own} {verb} {what}; {elsewhere}."));
    }

    fn same_record(&mut self, first: &First) {
        for side in [0, 1] {
            if let Some(number) = first.records[side] {
                let line = self.record_line(side, number);
                self.line(format!("  {} {line}", SIDES[side]));
            }
        }
    }

    fn beyond_order(&mut self) {
        let Some(Unlike { one, other }) = self.comparison.unlike else {
            let says = "Only the order of events that do not affect each other differs: each actor goes through the same.";
            return self.line(says.to_owned());
        };
        let (side, number) = match (one, other) {
            (_, Some(number)) => (1, number),
            (Some(number), None) => (0, number),
            (None, None) => return,
        };
        let actor = self.spelling(side, number);
        let actor = actor.split_once('/').map_or(&*actor, |(actor, _)| actor).to_owned();
        self.line(format!("More than the order differs. The first who notices is {actor}:"));
        for (side, number) in [one, other].into_iter().enumerate() {
            let line = number.map_or_else(|| "nothing".to_owned(), |number| self.record_line(side, number));
            self.line(format!("  {} {line}", SIDES[side]));
        }
    }

    /// What led to the records at which they part.
    fn chains(&mut self, first: &First) {
        for side in [0, 1] {
            let chain = &first.chains[side];
            // A record from outside is all there is to say of it.
            if chain.len() < 2 {
                continue;
            }
            if side == 1 && self.is_same_before(first) {
                self.line("The same led to it in B.".to_owned());
                continue;
            }
            self.line(format!("What led to it in {}:", SIDES[side]));
            let shown = self.shown(chain.len(), CHAIN_SHOWN);
            let mut lines = RecordLines::new(self.traces[side], &self.causes[side]);
            let chain_lines =
                chain[..shown].iter().filter_map(|number| Some(format!("  {}", lines.line(*number)?)));
            self.lines.extend(chain_lines);
            self.more(chain.len() - shown);
        }
    }

    /// Whether the same records led to those at which they part.
    fn is_same_before(&self, first: &First) -> bool {
        let [left, right] = &first.chains;
        let is_same = |(left, right): (&u64, &u64)| self.comparison.in_right(*left) == Some(*right);
        left.len() == right.len() && left.iter().zip(right).skip(1).all(is_same)
    }

    fn counts(&mut self) {
        let Comparison { counts, moved, changed, removed, added, shifts, .. } = self.comparison;
        let shifted: u64 = shifts.iter().map(|shift| shift.records).sum();
        let all = [
            (moved.len() as u64, "moved"),
            (changed.len() as u64, "changed"),
            (removed.len() as u64, "only in A"),
            (added.len() as u64, "only in B"),
            (shifted, "at another instant"),
        ];
        let all = all.iter().filter(|(count, _)| *count > 0);
        let all: Vec<String> = all.map(|(count, what)| format!("{count} {what}")).collect();
        let same = if counts.same == 1 { "record is" } else { "records are" };
        self.line(format!("{} {same} the same; {}", counts.same, all.join(", ")));
    }

    fn moved(&self, moved: &Moved) -> String {
        let number = moved.numbers[1];
        let (word, other, neighbour) = match moved.neighbour {
            Neighbour::Before(neighbour) => ("before", "after", neighbour),
            Neighbour::After(neighbour) => ("after", "before", neighbour),
        };
        let (at, what, neighbour) =
            (self.at(1, number), self.spelling(1, number), self.spelling(1, neighbour));
        format!("moved, at {at}: {what} is {word} {neighbour} in B, and {other} it in A")
    }

    fn changed(&self, changed: &Changed) -> String {
        let [left, right] = self.traces;
        let [one, other] = changed.numbers;
        let mut what: Vec<String> = Vec::new();
        if changed.has_other_cause {
            let cause = |side: usize, number| {
                let cause = self.causes[side].cause(self.traces[side], number);
                cause.map_or_else(|| "something outside".to_owned(), |cause| self.spelling(side, cause))
            };
            what.push(format!("caused by {} in A, by {} in B", cause(0, one), cause(1, other)));
        }
        if changed.has_other_wait {
            what.push(format!("due at {} in A, at {} in B", self.due(0, one), self.due(1, other)));
        }
        what.extend(changed.facts(left, right).into_iter().map(|fact| {
            let key = &fact.key;
            match &fact.values {
                [Some(one), Some(other)] => format!("{key} is {one} in A, {other} in B"),
                [Some(one), None] => format!("{key}={one} only in A"),
                [None, Some(other)] => format!("{key}={other} only in B"),
                [None, None] => String::new(),
            }
        }));
        if what.is_empty() {
            what.push("the same facts in another order".to_owned());
        }
        let (at, name) = (self.at(1, other), self.spelling(1, other));
        format!("changed, at {at}: {name} (records {one} and {other}): {}", what.join("; "))
    }

    /// Lists records that only one side has: events with what stands under them, and notes of events that both have.
    fn missing(&mut self, side: usize, numbers: &[u64]) {
        let (trace, causes) = (self.traces[side], &self.causes[side]);
        let is_missing = |number: u64| numbers.binary_search(&number).is_ok();
        let mut groups: Vec<(u64, u64)> = Vec::new();
        for number in numbers {
            let event = causes.cause(trace, *number).filter(|event| is_missing(*event));
            let is_under = !self.is_event(side, *number) && event.is_some();
            match groups.last_mut() {
                Some((_, notes)) if is_under => *notes += 1,
                Some(_) | None => groups.push((*number, 0)),
            }
        }
        self.list(&groups, |text, (number, notes)| {
            let (at, what) = (text.at(side, *number), text.spelling(side, *number));
            let notes =
                if *notes == 0 { String::new() } else { format!(", and {}", counted(*notes, "note")) };
            format!("only in {}, at {at}: {what} (record {number}){notes}", SIDES[side])
        });
    }

    fn shift(&self, shift: &Shift) -> String {
        let Shift { first, last, events, records, .. } = shift;
        let from = self.at(0, first[0]);
        let until = self.at(0, last[0]);
        let what = format!("{}, {}", counted(*records, "record"), counted(*events, "event"));
        format!("at another instant, from {from} until {until}: {} ({what})", later(shift.nanos))
    }

    fn again(&mut self, again: &Again) {
        let Again { from: [left, right], records, nanos } = again;
        let when = if *nanos == 0 { String::new() } else { format!(", {}", later(*nanos)) };
        let (verb, records) = (if *records == 1 { "is" } else { "are" }, counted(*records, "record"));
        self.line(format!(
            "The last {records} {verb} equal again{when}: from record {left} in A and {right} in B on."
        ));
    }

    /// Adds a line for each of these, or for the first, and says how many more there are.
    fn list<T>(&mut self, items: &[T], line: impl Fn(&Self, &T) -> String) {
        let shown = self.shown(items.len(), SHOWN);
        for item in &items[..shown] {
            let line = line(self, item);
            self.line(format!("  {line}"));
        }
        self.more(items.len() - shown);
    }

    /// How many of so many are shown. Saying that there is one more takes no less room than showing it.
    fn shown(&self, count: usize, max: usize) -> usize {
        match self.amount {
            Amount::All => count,
            Amount::Some if count <= max + 1 => count,
            Amount::Some => max,
        }
    }

    fn more(&mut self, count: usize) {
        if count > 0 {
            self.line(format!("  … and {count} more (`--all`)"));
        }
    }

    fn at(&self, side: usize, number: u64) -> Instant {
        self.traces[side].record(number).map_or(Instant::START, |parts| parts.instant)
    }

    fn due(&self, side: usize, number: u64) -> Instant {
        match self.traces[side].record(number).map(|parts| parts.origin) {
            Some(Origin::Moved { to }) => to,
            Some(Origin::Dispatch { .. } | Origin::Note | Origin::Cancelled) | None => Instant::NEVER,
        }
    }

    fn spelling(&self, side: usize, number: u64) -> String {
        let trace = self.traces[side];
        trace.record(number).map_or_else(String::new, |parts| trace.spelling(&parts))
    }

    fn is_event(&self, side: usize, number: u64) -> bool {
        self.traces[side].record(number).is_some_and(|parts| parts.event_code().is_some())
    }

    fn choices(&self, left: Option<u64>) -> u32 {
        let choice = left.and_then(|number| self.traces[0].record(number)).and_then(|parts| parts.choice());
        choice.map_or(0, |choice| choice.of)
    }

    /// The line of a record as a trace has it.
    fn record_line(&self, side: usize, number: u64) -> String {
        let mut lines = RecordLines::new(self.traces[side], &self.causes[side]);
        lines.line(number).unwrap_or_default().to_owned()
    }
}

/// How much later something is in B.
fn later(nanos: i128) -> String {
    let span = Span::from_nanos(u64::try_from(nanos.unsigned_abs()).unwrap_or(u64::MAX));
    format!("{span} {} in B", if nanos < 0 { "earlier" } else { "later" })
}
