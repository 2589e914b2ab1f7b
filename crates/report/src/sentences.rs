//! What has changed between two runs, in sentences about events.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;
use core::ops::Range;

use similar::DiffOp;

use crate::kept::Aligned;

/// An event, as its line in a snapshot names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Event<'a> {
    at: &'a str,
    actor: &'a str,
    /// Kind, subject and repeat.
    what: &'a str,
}

impl fmt::Display for Event<'_> {
    /// Writes `rip1/expiry(10.0.0.0/8)#1`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.actor, self.what)
    }
}

impl<'a> Event<'a> {
    /// Reads the line of an event; that of a note, or of anything else, is none.
    fn read(line: &'a str) -> Option<Self> {
        let (at, rest) = line.split_once(' ')?;
        let (actor, rest) = rest.trim_start().split_once(' ')?;
        let rest = rest.trim_start();
        let rest = rest.strip_prefix("[tie] ").unwrap_or(rest);
        let what = rest.split("  ").next().unwrap_or_default().split(" < ").next().unwrap_or_default();
        let repeat = what.rsplit_once('#')?.1;
        let is_event = !repeat.is_empty() && repeat.bytes().all(|byte| byte.is_ascii_digit());
        (is_event && !rest.starts_with('·')).then_some(Self { at, actor, what })
    }
}

/// The events of a run in order, and those that are not where they were.
struct Run<'a> {
    /// With the numbers of their lines.
    events: Vec<(usize, Event<'a>)>,
    places: BTreeMap<Event<'a>, usize>,
    odd: BTreeSet<Event<'a>>,
}

impl<'a> Run<'a> {
    fn new(lines: impl Iterator<Item = Option<&'a str>>, is_odd: impl Fn(usize) -> bool) -> Self {
        let read = |(number, line): (usize, Option<&'a str>)| Some((number, Event::read(line?)?));
        let events: Vec<(usize, Event<'a>)> = lines.enumerate().filter_map(read).collect();
        let places = events.iter().enumerate().map(|(place, (_, event))| (*event, place)).collect();
        let odd = events.iter().filter(|(line, _)| is_odd(*line)).map(|(_, event)| *event).collect();
        Self { events, places, odd }
    }

    /// The events of these lines, with their numbers.
    fn within(&self, lines: Range<usize>) -> &[(usize, Event<'a>)] {
        let place = |line: usize| self.events.partition_point(|(number, _)| *number < line);
        &self.events[place(lines.start)..place(lines.end)]
    }

    /// The event under which a line stands.
    fn of_line(&self, line: usize) -> Option<Event<'a>> {
        let behind = self.events.partition_point(|(number, _)| *number <= line);
        Some(self.events[behind.checked_sub(1)?].1)
    }
}

/// Says what has changed, in the order of instants: which events of one run earlier or later than others, which no longer
/// happen, which are new, which do something else.
pub(crate) fn sentences(aligned: &Aligned<'_>) -> Vec<String> {
    let (gone, new) = odd_lines(&aligned.ops);
    let then = Run::new(aligned.then.iter().copied(), |line| gone.contains(&line));
    let now = Run::new(aligned.now.iter().map(|line| Some(line.as_str())), |line| new.contains(&line));
    let mut changes: Vec<Change<'_>> = Vec::new();
    for op in aligned.ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let gone = then.within(op.old_range()).iter();
        let gone = gone.filter(|(_, event)| !now.places.contains_key(event));
        changes.extend(gone.map(|(_, event)| Change::Gone(*event)));
        let unknown = op.old_range().filter(|line| aligned.then[*line].is_none()).count();
        if unknown > 0 {
            let behind = op.new_range().start.checked_sub(1).and_then(|line| now.of_line(line));
            changes.push(Change::Unknown(unknown, behind));
        }
        changes.extend(op.new_range().filter_map(|line| change(line, &then, &now)));
    }
    if changes.is_empty() {
        let under = gone.iter().filter_map(|line| then.of_line(*line));
        changes.extend(under.map(Change::Other));
    }
    in_order(changes).iter().map(ToString::to_string).collect()
}

/// Something that has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change<'a> {
    /// The first event ran after the second one, and now runs before it.
    Before(Event<'a>, Event<'a>),
    /// The first event ran before the second one, and now runs after it.
    After(Event<'a>, Event<'a>),
    Gone(Event<'a>),
    /// So many records that nobody knows any more no longer happen, behind this event.
    Unknown(usize, Option<Event<'a>>),
    New(Event<'a>),
    Other(Event<'a>),
}

impl<'a> Change<'a> {
    /// Which of several changes at one instant is told first: who has changed places is why all else is as it is.
    const fn rank(&self) -> u8 {
        match self {
            Self::Before(..) | Self::After(..) => 0,
            Self::Gone(_) | Self::Unknown(..) | Self::New(_) => 1,
            Self::Other(_) => 2,
        }
    }

    const fn at(&self) -> &'a str {
        match self {
            Self::Before(event, _)
            | Self::After(event, _)
            | Self::Gone(event)
            | Self::New(event)
            | Self::Other(event)
            | Self::Unknown(_, Some(event)) => event.at,
            Self::Unknown(_, None) => "",
        }
    }

    /// What says the same of two events the other way round.
    const fn swapped(&self) -> Option<Self> {
        match *self {
            Self::Before(one, two) => Some(Self::After(two, one)),
            Self::After(one, two) => Some(Self::Before(two, one)),
            Self::Gone(_) | Self::Unknown(..) | Self::New(_) | Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // They need not all have been at one instant.
            Self::Unknown(..) => {}
            Self::Before(event, _)
            | Self::After(event, _)
            | Self::Gone(event)
            | Self::New(event)
            | Self::Other(event) => {
                write!(out, "at {}: ", event.at)?;
            }
        }
        match self {
            Self::Before(event, other) => write!(out, "{event} now runs before {other}"),
            Self::After(event, other) => write!(out, "{event} now runs after {other}"),
            Self::Gone(event) => write!(out, "{event} no longer happens"),
            Self::Unknown(count, behind) => {
                let what = if *count == 1 { "record no longer happens" } else { "records no longer happen" };
                write!(out, "{count} {what}")?;
                let first = if *count == 1 { "" } else { "the first " };
                match behind {
                    Some(event) => write!(out, ", {first}after {event} at {}", event.at),
                    None => write!(out, ", {first}at the beginning"),
                }
            }
            Self::New(event) => write!(out, "{event} is new"),
            Self::Other(event) => write!(out, "{event} does something else"),
        }
    }
}

/// Each change once, by instant, and within an instant by rank.
fn in_order(changes: Vec<Change<'_>>) -> Vec<Change<'_>> {
    let mut instants: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kept: Vec<(usize, Change<'_>)> = Vec::new();
    let mut told: BTreeSet<Change<'_>> = BTreeSet::new();
    for change in changes {
        let next = instants.len();
        let instant = *instants.entry(change.at()).or_insert(next);
        if !told.contains(&change) && !change.swapped().is_some_and(|swapped| told.contains(&swapped)) {
            told.insert(change);
            kept.push((instant, change));
        }
    }
    kept.sort_by_key(|(instant, change)| (*instant, change.rank()));
    kept.into_iter().map(|(_, change)| change).collect()
}

/// The numbers of lines that are gone, and of those that are new.
fn odd_lines(ops: &[DiffOp]) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let odd = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    let (mut gone, mut new) = (BTreeSet::new(), BTreeSet::new());
    for op in odd {
        gone.extend(op.old_range());
        new.extend(op.new_range());
    }
    (gone, new)
}

/// What is to be said of a line that is not where it was.
fn change<'a>(line: usize, then: &Run<'a>, now: &Run<'a>) -> Option<Change<'a>> {
    let event = now.of_line(line)?;
    let is_itself = now.events[now.places[&event]].0 == line;
    let Some(place) = then.places.get(&event).copied() else {
        return is_itself.then_some(Change::New(event));
    };
    if is_itself {
        return moved(event, place, then, now).or(Some(Change::Other(event)));
    }
    // What stands under an event that has moved has moved with it.
    (!now.odd.contains(&event)).then_some(Change::Other(event))
}

/// How an event has changed places with another of its instant, if it has: with the next that it runs after now, or else
/// the next that it runs before.
fn moved<'a>(event: Event<'a>, place: usize, then: &Run<'a>, now: &Run<'a>) -> Option<Change<'a>> {
    let here = now.places[&event];
    let is_at_instant = |other: &Event<'a>| other.at == event.at;
    let was = |other: &Event<'a>| then.places.get(other).copied();
    let before = now.events[..here].iter().rev().map(|(_, other)| *other).take_while(is_at_instant);
    let overtaken_by = before.into_iter().find(|other| was(other).is_some_and(|was| was > place));
    if let Some(other) = overtaken_by {
        return Some(Change::After(event, other));
    }
    let mut behind = now.events[here + 1..].iter().map(|(_, other)| *other).take_while(is_at_instant);
    let other = behind.find(|other| was(other).is_some_and(|was| was < place))?;
    Some(Change::Before(event, other))
}
