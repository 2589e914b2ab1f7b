//! The records of a page as JSON: every text once, and numbers that point at them.
//!
//! ```text
//! texts    every text, in order of first sight
//! traces   one or two, each with
//!   names    three numbers a name: actor, kind, subject; a subject of 0 is none, else its text is one less
//!   lists    the lists of facts: how many facts, then key and value of each
//!   instants two entries an instant: nanoseconds since the one before, as text, because they may have more digits than a
//!            number of a script; and how many records it has
//!   origins  one letter a record: e event, n note, c cancelled, m moved
//!   what     one number a record: 0 if its name is the next of the names, else how many names ago it was the next
//!   facts    one number a record: 0 if it has none, 1 if its list is the next of the lists, else 1 more than how many lists
//!            ago it was the next
//!   causes   one number an event: how many events before it its cause is; 0 outside the run, -1 not in the trace
//!   under    of notes and changes that the event before them did not make: steps from the last one of these, then as causes
//!   repeats  of events whose repeat is not the count of their name so far: steps from the last one of these, the repeat
//!   ties     steps from the last tie; place from 0; twice the number of choices, plus 1 if the next event is a twin
//! rows     of a comparison, four numbers a row: left and right number, each as the difference from the last one and 0 if
//!          there is none; which of the two there are; the mark
//! ```

use alloc::collections::BTreeMap;
use core::fmt;

use tiebreak_kernel::{Choice, Origin};
use tiebreak_trace::{Causes, Code, Parts, Space, Trace};

use super::json::{write_json_numbers, write_json_text, write_json_texts};
use super::{Comparison, Mark, Row, Side};

/// A cause that the trace does not have.
const UNKNOWN: i64 = -1;

/// Writes the data of a page with one trace.
pub(super) fn write_trace(title: &str, trace: &Trace, out: &mut dyn fmt::Write) -> fmt::Result {
    let mut texts = Texts::default();
    let columns = Columns::of(trace, &mut texts);
    write_head(title, &texts, out)?;
    columns.write("", trace, out)?;
    out.write_str("]}")
}

/// Writes the data of a page with two traces.
pub(super) fn write_comparison(
    title: &str,
    names: [&str; 2],
    comparison: &Comparison<'_>,
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    let Comparison { left, right, rows, divergence } = comparison;
    let mut texts = Texts::default();
    let [left_columns, right_columns] = [left, right].map(|trace| Columns::of(trace, &mut texts));
    write_head(title, &texts, out)?;
    left_columns.write(names[0], left, out)?;
    out.write_char(',')?;
    right_columns.write(names[1], right, out)?;
    out.write_str("],\"rows\":")?;
    write_json_numbers(&row_numbers(rows, [left.len(), right.len()]), out)?;
    match divergence.filter(|index| *index < rows.len()) {
        Some(index) => write!(out, ",\"divergence\":{index}}}"),
        None => out.write_str(",\"divergence\":null}"),
    }
}

fn write_head(title: &str, texts: &Texts, out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_str("{\"title\":")?;
    write_json_text(title, out)?;
    out.write_str(",\"texts\":")?;
    write_json_texts(&texts.texts, out)?;
    out.write_str(",\"traces\":[")
}

/// Returns four numbers a row; numbers of records that the traces do not have are taken for none.
fn row_numbers(rows: &[Row], lengths: [u64; 2]) -> Vec<i64> {
    let mut last = [0; 2];
    let mut numbers = Vec::with_capacity(rows.len() * 4);
    for Row { left, right, mark } in rows {
        let mut present = 0;
        for (at, number) in [*left, *right].into_iter().enumerate() {
            let number = number.filter(|number| (1..=lengths[at]).contains(number));
            let number = number.map_or(0, signed);
            if number == 0 {
                numbers.push(0);
            } else {
                present += 1 << at;
                numbers.push(number - last[at]);
                last[at] = number;
            }
        }
        numbers.push(present);
        numbers.push(match mark {
            Mark::Same => 0,
            Mark::Changed => 1,
            Mark::Moved(Side::Left) => 2,
            Mark::Moved(Side::Right) => 3,
            Mark::OnlyLeft => 4,
            Mark::OnlyRight => 5,
        });
    }
    numbers
}

/// Texts, each once. Looked up by text, because a code may stand for two texts in two traces.
#[derive(Debug, Default)]
struct Texts {
    texts: Vec<String>,
    places: BTreeMap<String, i64>,
}

impl Texts {
    fn place(&mut self, text: String) -> i64 {
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        let place = signed(self.texts.len());
        self.texts.push(text.clone());
        self.places.insert(text, place);
        place
    }
}

/// The columns of one trace.
#[derive(Debug, Default)]
struct Columns {
    names: Vec<i64>,
    lists: Vec<i64>,
    instants: Vec<(i128, i64)>,
    origins: String,
    what: Vec<i64>,
    facts: Vec<i64>,
    causes: Vec<i64>,
    under: Vec<i64>,
    repeats: Vec<i64>,
    ties: Vec<i64>,
}

/// What is needed while columns are made.
#[derive(Debug, Default)]
struct Making {
    /// Where a code's text is; looked up by code first, which is cheaper than by text.
    codes: BTreeMap<(u8, u64), i64>,
    names: BTreeMap<[u64; 3], Counted>,
    lists: BTreeMap<Vec<i64>, i64>,
    /// The numbers of the records that are events.
    events: Vec<u64>,
    /// The last record with an entry, of columns that have few.
    last_under: u64,
    last_repeat: u64,
    last_tie: u64,
    /// Nanoseconds of the instant before.
    before: u64,
}

/// A name, and how many of its events there were so far.
#[derive(Debug, Clone, Copy)]
struct Counted {
    place: i64,
    repeat: u32,
}

impl Columns {
    fn of(trace: &Trace, texts: &mut Texts) -> Self {
        let mut columns = Self::default();
        let mut making = Making::default();
        let causes = Causes::of(trace);
        for (number, parts) in trace.records() {
            columns.push_instant(parts.instant.as_nanos(), &mut making);
            columns.push_what(trace, &parts, number, (texts, &mut making));
            columns.push_facts(trace, &parts, (texts, &mut making));
            columns.push_origin(&parts, number, causes.cause(trace, number), &mut making);
        }
        columns
    }

    fn push_instant(&mut self, nanos: u64, making: &mut Making) {
        match self.instants.last_mut() {
            Some((_, records)) if making.before == nanos => *records += 1,
            Some(_) | None => self.instants.push((i128::from(nanos) - i128::from(making.before), 1)),
        }
        making.before = nanos;
    }

    fn push_what(
        &mut self,
        trace: &Trace,
        parts: &Parts<'_>,
        number: u64,
        (texts, making): (&mut Texts, &mut Making),
    ) {
        let key = [parts.actor, parts.kind, parts.subject];
        let codes = &mut making.codes;
        let names = &mut self.names;
        let before = signed(names.len() / 3);
        let counted = making.names.entry(key).or_insert_with(|| {
            let place = signed(names.len() / 3);
            names.push(text_of(trace, Space::Name, parts.actor, (texts, codes)));
            names.push(text_of(trace, Space::Term, parts.kind, (texts, codes)));
            names.push(match parts.subject {
                0 => 0,
                code => text_of(trace, Space::Subject, code, (texts, codes)) + 1,
            });
            Counted { place, repeat: 0 }
        });
        self.what.push(before - counted.place);
        match parts.origin {
            Origin::Dispatch { repeat, choice: _ } => {
                if counted.repeat.checked_add(1) != Some(repeat) {
                    self.repeats.extend([steps(&mut making.last_repeat, number), repeat.into()]);
                }
                counted.repeat = repeat;
            }
            Origin::Note | Origin::Cancelled | Origin::Moved { to: _ } => {}
        }
    }

    fn push_facts(&mut self, trace: &Trace, parts: &Parts<'_>, (texts, making): (&mut Texts, &mut Making)) {
        let mut list = Vec::new();
        if let Origin::Moved { to } = parts.origin {
            list.extend([texts.place("to".to_owned()), texts.place(trace.value(Code::Instant(to)))]);
        }
        for (key, value) in parts.facts() {
            list.push(text_of(trace, Space::Term, key, (texts, &mut making.codes)));
            list.push(texts.place(trace.value(value)));
        }
        if list.is_empty() {
            self.facts.push(0);
            return;
        }
        let next = signed(making.lists.len()) + 1;
        let lists = &mut self.lists;
        let place = *making.lists.entry(list).or_insert_with_key(|list| {
            lists.push(signed(list.len() / 2));
            lists.extend(list);
            next
        });
        self.facts.push(next - place + 1);
    }

    /// Pushes what kind of record it is, and what led to it.
    fn push_origin(&mut self, parts: &Parts<'_>, number: u64, cause: Option<u64>, making: &mut Making) {
        let events = &making.events;
        // How many events there are from the cause on; the numbers of events are in order.
        let back = cause.map(|cause| signed(events.len() - events.partition_point(|event| *event < cause)));
        match parts.origin {
            Origin::Dispatch { repeat: _, choice } => {
                self.origins.push('e');
                self.causes.push(back.unwrap_or(if parts.cause.is_some() { UNKNOWN } else { 0 }));
                if let Some(Choice { index, of, is_twin }) = choice {
                    let of = i64::from(of) * 2 + i64::from(is_twin);
                    self.ties.extend([steps(&mut making.last_tie, number), index.into(), of]);
                }
                making.events.push(number);
                return;
            }
            Origin::Note => self.origins.push('n'),
            Origin::Cancelled => self.origins.push('c'),
            Origin::Moved { to: _ } => self.origins.push('m'),
        }
        if back != Some(1) {
            let back = back.unwrap_or(if parts.cause.is_some() { UNKNOWN } else { 0 });
            self.under.extend([steps(&mut making.last_under, number), back]);
        }
    }

    fn write(&self, name: &str, trace: &Trace, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("{\"name\":")?;
        write_json_text(name, out)?;
        out.write_str(",\"header\":")?;
        write_json_text(&trace.header().to_string(), out)?;
        write!(
            out,
            ",\"fingerprint\":\"{}\",\"origins\":\"{}\",\"instants\":[",
            trace.fingerprint().run,
            self.origins
        )?;
        for (index, (nanos, records)) in self.instants.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(out, "{comma}\"{nanos}\",{records}")?;
        }
        out.write_char(']')?;
        let columns = [
            ("names", &self.names),
            ("lists", &self.lists),
            ("what", &self.what),
            ("facts", &self.facts),
            ("causes", &self.causes),
            ("under", &self.under),
            ("repeats", &self.repeats),
            ("ties", &self.ties),
        ];
        for (name, numbers) in columns {
            write!(out, ",\"{name}\":")?;
            write_json_numbers(numbers, out)?;
        }
        out.write_char('}')
    }
}

/// Returns the place of the text of a code.
fn text_of(
    trace: &Trace,
    space: Space,
    code: u64,
    (texts, codes): (&mut Texts, &mut BTreeMap<(u8, u64), i64>),
) -> i64 {
    let number = match space {
        Space::Name => 0,
        Space::Term => 1,
        Space::Subject => 2,
    };
    *codes.entry((number, code)).or_insert_with(|| texts.place(trace.shown(space, code)))
}

/// Numbers and lengths of a trace are far below 2⁶³.
fn signed(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// Returns how many steps a record is from the last one with an entry, and makes it the last one.
fn steps(last: &mut u64, number: u64) -> i64 {
    let steps = number - *last;
    *last = number;
    signed(steps)
}
