//! Why an event did not happen.

use alloc::collections::BTreeSet;

use tiebreak_diagnostic::{counted, nearest};
use tiebreak_kernel::Origin;
use tiebreak_trace::{Causes, Parts, Pending, SKIPPED, Space, Trace};

use crate::diff::compare;
use crate::words::{whole_of, words};

/// How many notes are shown of what went otherwise, on each side.
const NOTES_SHOWN: usize = 4;

/// What a trace says of an event that is missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed<'a> {
    /// The records of what was asked for: all of its name, or the one with the number asked. If there are any, it is not missed.
    pub happened: Vec<u64>,
    /// How often events of its name happened, whichever was asked for.
    pub times: usize,
    /// Events of its name that are pending at the end, in the order in which they are due, each with the number that it would have
    /// if nothing of its name came before it.
    pub pending: Vec<(usize, &'a Pending)>,
    /// The last record by which an event of its name was cancelled or moved; a trace has them if it was made with
    /// [`Verbosity::Changes`](tiebreak_kernel::Verbosity::Changes).
    pub changed: Option<u64>,
    /// The last record by which the world says that it left this out: a note of the kind [`SKIPPED`].
    pub skipped: Option<u64>,
    /// The name that was probably meant, if nothing of the trace is called so.
    pub meant: Option<String>,
    /// A name of the trace of which what was asked for is only a part, so that nothing can be called so.
    pub whole: Option<String>,
}

/// An event name, and which of its events is meant: any, if there is no number.
struct Asked<'a> {
    name: &'a str,
    repeat: Option<u32>,
}

impl<'a> Asked<'a> {
    fn parse(text: &'a str) -> Self {
        let parsed = text.rsplit_once('#').and_then(|(name, repeat)| Some((name, repeat.parse().ok()?)));
        parsed.map_or(Self { name: text, repeat: None }, |(name, repeat)| Self { name, repeat: Some(repeat) })
    }

    /// Whether it is this one of those of its name.
    fn is_meant(&self, parts: &Parts<'_>) -> bool {
        match parts.origin {
            Origin::Dispatch { repeat, .. } => self.repeat.is_none_or(|asked| asked == repeat),
            Origin::Note | Origin::Cancelled | Origin::Moved { .. } => self.repeat.is_none(),
        }
    }

    /// What a skipped event would have been of: the actor and the subject.
    fn actor_and_subject(&self) -> Option<(&'a str, &'a str)> {
        let (actor, what) = self.name.split_once('/')?;
        let (_, subject) = what.split_once('(')?;
        Some((actor, subject.strip_suffix(')')?))
    }
}

/// Looks for an event that did not happen: `actor/kind(subject)`, with `#repeat` for one of several.
///
/// # Cost
/// One pass over the trace.
#[must_use]
pub fn missed<'a>(trace: &'a Trace, text: &str) -> Missed<'a> {
    let asked = Asked::parse(text);
    let skipped_of = asked.actor_and_subject();
    let (mut happened, mut changed, mut skipped) = (Vec::new(), None, None);
    let (mut names, mut times) = (BTreeSet::new(), 0);
    for (number, parts) in trace.records() {
        let spelling = trace.spelling(&parts);
        let name = without_repeat(&spelling, &parts);
        if name == asked.name {
            times += usize::from(has_happened(&parts));
            if !has_happened(&parts) {
                changed = Some(number);
            } else if asked.is_meant(&parts) {
                happened.push(number);
            }
        } else if skipped_of.is_some_and(|of| is_skipped(trace, &parts, of)) {
            skipped = Some(number);
        }
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
    }
    let mut pending: Vec<&Pending> =
        trace.pending().iter().filter(|event| event.spelling() == asked.name).collect();
    pending.sort_by_key(|event| event.due);
    let pending = (times + 1..).zip(pending).collect();
    names.extend(trace.pending().iter().map(Pending::spelling));
    let unknown =
        (!names.contains(asked.name) && skipped.is_none()).then(|| names.iter().map(String::as_str));
    let meant = unknown.clone().and_then(|names| nearest(asked.name, names)).map(str::to_owned);
    let whole = unknown.and_then(|names| whole_of(asked.name, names)).map(str::to_owned);
    Missed { happened, times, pending, changed, skipped, meant, whole }
}

/// What a trace of another run has of an event that is missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// The last record of it.
    Record(u64),
    /// A name of which what was asked for is only a part.
    Whole(String),
}

/// Looks for an event that did not happen elsewhere; `None` if it did not happen here either.
///
/// # Cost
/// One pass over the trace, or two where what was asked for may be a part of a name.
#[must_use]
pub fn met(trace: &Trace, text: &str) -> Option<Met> {
    let asked = Asked::parse(text);
    let is_it = |(_, parts): &(u64, Parts<'_>)| {
        has_happened(parts)
            && asked.is_meant(parts)
            && without_repeat(&trace.spelling(parts), parts) == asked.name
    };
    if let Some((number, _)) = trace.records().filter(is_it).last() {
        return Some(Met::Record(number));
    }
    trace.records().find_map(|(_, parts)| {
        let spelling = trace.spelling(&parts);
        let name = without_repeat(&spelling, &parts);
        whole_of(asked.name, [name])
            .filter(|whole| *whole != asked.name)
            .map(|whole| Met::Whole(whole.to_owned()))
    })
}

/// The name of a record, without the number that events of one name have.
fn without_repeat<'a>(spelling: &'a str, parts: &Parts<'_>) -> &'a str {
    parts.event_code().and_then(|_| spelling.rsplit_once('#')).map_or(spelling, |(name, _)| name)
}

const fn has_happened(parts: &Parts<'_>) -> bool {
    match parts.origin {
        Origin::Dispatch { .. } | Origin::Note => true,
        Origin::Cancelled | Origin::Moved { .. } => false,
    }
}

fn is_skipped(trace: &Trace, parts: &Parts<'_>, (actor, subject): (&str, &str)) -> bool {
    parts.origin == Origin::Note
        && parts.kind == SKIPPED.code()
        && trace.text(Space::Name, parts.actor) == actor
        && parts.subject != 0
        && trace.text(Space::Subject, parts.subject) == subject
}

impl Missed<'_> {
    /// Returns what is to be said of it, a line each: what happened in its place comes first. Empty if it happened.
    #[must_use]
    pub fn lines(&self, trace: &Trace, causes: &Causes, asked: &str) -> Vec<String> {
        let Self { happened, times, pending, changed, skipped, meant, whole: _ } = self;
        if !happened.is_empty() {
            return Vec::new();
        }
        let mut lines = match times {
            0 => vec![format!("{asked} did not happen")],
            _ => vec![format!("{asked} did not happen; its name happened {}", counted(*times, "time"))],
        };
        let during = |number: u64| {
            let cause = causes.cause(trace, number).and_then(|cause| trace.record(cause));
            cause.map_or_else(
                || "from outside".to_owned(),
                |cause| format!("during {}", trace.spelling(&cause)),
            )
        };
        let Asked { name, repeat } = Asked::parse(asked);
        for number in [changed, skipped].into_iter().flatten() {
            let Some(parts) = trace.record(*number) else { continue };
            let (at, words, during) = (parts.instant, words(trace, &parts), during(*number));
            let has_number = if repeat.is_some() { "; only events that ran have a number" } else { "" };
            lines.push(format!("  at {at}: {words}, {during} (record {number}){has_number}"));
        }
        for (number, Pending { due, cause, .. }) in pending {
            let cause = cause.and_then(|cause| trace.record(causes.event(cause)?));
            let by =
                cause.map_or_else(String::new, |cause| format!(", scheduled by {}", trace.spelling(&cause)));
            let what = match repeat {
                Some(repeat) if usize::try_from(repeat) != Ok(*number) => {
                    format!("{name}, next as #{number},")
                }
                Some(_) | None => "it".to_owned(),
            };
            lines.push(format!("  {what} is pending at the end, due at {due}{by}"));
        }
        if lines.len() == 1 {
            lines.push("  nothing of this name is pending, and nothing says that it was left out, cancelled or moved".to_owned());
        }
        lines.extend(meant.iter().map(|meant| format!("  did you mean `{meant}`?")));
        lines
    }
}

/// Returns where the way to a record of another run leaves this one: the last event on that way that happened here too, and what
/// was noted during it on one side only. `None` if nothing on that way happened here.
///
/// # Cost
/// That of [`compare`].
#[must_use]
pub fn parting_lines([here, there]: [&Trace; 2], causes: [&Causes; 2], number: u64) -> Option<Vec<String>> {
    let comparison = compare(here, there);
    let chain = causes[1].chain(there, number);
    let (left, right) = chain.iter().find_map(|right| Some((comparison.in_left(*right)?, *right)))?;
    let spelling = here.record(left).map(|parts| here.spelling(&parts))?;
    let mut lines = Vec::new();
    let sides = [("here", here, causes[0], left), ("there", there, causes[1], right)];
    for (at, (side, trace, causes, event)) in sides.into_iter().enumerate() {
        let is_other = |number: &u64| {
            let other = if at == 0 { comparison.in_right(*number) } else { comparison.in_left(*number) };
            let changed = || comparison.changed.iter().any(|changed| changed.numbers[at] == *number);
            other.is_none() || changed()
        };
        let led_to: Vec<u64> = led_to(trace, causes, event).into_iter().filter(is_other).collect();
        for number in led_to.iter().take(NOTES_SHOWN) {
            let Some(parts) = trace.record(*number) else { continue };
            lines.push(format!("  {side:<5} {}", words(trace, &parts)));
        }
        match led_to.len().saturating_sub(NOTES_SHOWN) {
            0 => {}
            more => lines.push(format!("  {side:<5} and {more} more")),
        }
    }
    let how = if lines.is_empty() { "and led to the same" } else { "and went on otherwise:" };
    lines.insert(0, format!("{spelling} happened here too, as record {left}, {how}"));
    Some(lines)
}

/// The records that an event has led to itself: its notes, and the events that it scheduled.
fn led_to(trace: &Trace, causes: &Causes, event: u64) -> Vec<u64> {
    let records = trace.records().map(|(number, _)| number);
    records.filter(|number| causes.cause(trace, *number) == Some(event)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{BELL, EAST, ECHO, HEARD, LOUD, RING, WEST, written};
    use tiebreak_kernel::{Fact, Instant, Name, PartCodes, Term, hash_text};

    fn told(trace: &Trace, asked: &str) -> Vec<String> {
        missed(trace, asked).lines(trace, &Causes::of(trace), asked)
    }

    fn pending(actor: &str, due: u64, cause: Option<u64>) -> Pending {
        let codes = PartCodes { actor: hash_text(actor), kind: hash_text("ring"), subject: 1 };
        let texts = [actor, "ring", "1"].map(str::to_owned);
        let [actor, kind, subject] = texts;
        Pending { codes, actor, kind, subject, due: Instant::from_secs(due), cause }
    }

    #[test]
    fn each_reason_has_its_sentence() {
        let trace = written(|trace| {
            let first = trace.event(1_000, EAST, RING, None);
            let at = Instant::from_secs(1);
            trace.put(at, Name::of(WEST, ECHO, 1), Origin::Cancelled, Some(first), &[]);
            trace.put(at, Name::of(BELL, ECHO, 1), Origin::Moved { to: Instant::from_secs(9) }, None, &[]);
            trace.note(first, SKIPPED, &[Fact::number(LOUD, 2)]);
        });
        let first = trace.record(1).unwrap().event_code();
        let trace = trace.with_pending(vec![pending("west", 7, first), pending("bell", 8, None)]);
        assert_eq!(told(&trace, "east/ring(1)"), [""; 0], "it happened");
        assert_eq!(missed(&trace, "east/ring(1)").happened, [1]);
        assert_eq!(
            told(&trace, "east/ring(1)#2")[0],
            "east/ring(1)#2 did not happen; its name happened 1 time"
        );
        for (asked, expected) in [
            ("west/echo(1)", "  at 1s: · cancelled west/echo(1), during east/ring(1)#1 (record 2)"),
            ("bell/echo(1)", "  at 1s: · moved bell/echo(1) to 9s, from outside (record 3)"),
            ("bell/deaf(1)", "  at 1s: · bell/skipped(1) loud=2, during east/ring(1)#1 (record 4)"),
            ("west/ring(1)", "  it is pending at the end, due at 7s, scheduled by east/ring(1)#1"),
            ("bell/ring(1)", "  it is pending at the end, due at 8s"),
        ] {
            let told = told(&trace, asked);
            assert_eq!(told[0], format!("{asked} did not happen"));
            assert!(told.iter().any(|line| line == expected), "{told:?}");
        }
        let never = told(&trace, "west/rings(1)");
        let sentence =
            "  nothing of this name is pending, and nothing says that it was left out, cancelled or moved";
        assert_eq!(never[1..], [sentence, "  did you mean `west/ring(1)`?"]);
    }

    #[test]
    fn which_of_its_name_is_pending_or_was_cancelled_is_said() {
        let trace = written(|trace| {
            let first = trace.event(1_000, EAST, RING, None);
            trace.put(Instant::from_secs(1), Name::of(EAST, RING, 1), Origin::Cancelled, Some(first), &[]);
        });
        let trace = trace.with_pending(vec![pending("east", 9, None), pending("east", 7, None)]);
        let told = |asked: &str| told(&trace, asked)[1..].to_vec();
        let cancelled = "  at 1s: · cancelled east/ring(1), during east/ring(1)#1 (record 2); only events that ran have a number";
        let second = "  east/ring(1), next as #2, is pending at the end, due at 7s";
        let third = "  east/ring(1), next as #3, is pending at the end, due at 9s";
        assert_eq!(told("east/ring(1)#2"), [cancelled, "  it is pending at the end, due at 7s", third]);
        assert_eq!(told("east/ring(1)#3"), [cancelled, second, "  it is pending at the end, due at 9s"]);
        assert_eq!(told("east/ring(1)#4"), [cancelled, second, third]);
    }

    #[test]
    fn one_of_several_events_is_found_by_its_number() {
        let trace = written(|trace| {
            let first = trace.event(1_000, EAST, RING, None);
            trace.event(2_000, EAST, RING, Some(first));
        });
        for (asked, expected) in
            [("east/ring(1)", &[1, 2][..]), ("east/ring(1)#1", &[1]), ("east/ring(1)#2", &[2])]
        {
            let missed = missed(&trace, asked);
            assert_eq!((&*missed.happened, missed.times), (expected, 2), "{asked}");
        }
        assert_eq!(missed(&trace, "east/ring(1)#3").happened, [0; 0]);
    }

    #[test]
    fn the_last_event_that_both_runs_have_tells_what_went_otherwise() {
        let run = |loud: u64, goes_on: &[Term]| {
            written(|trace| {
                let start = trace.event(0, BELL, RING, None);
                let ring = trace.event(1_000, EAST, RING, Some(start));
                trace.note(ring, HEARD, &[Fact::number(LOUD, loud)]);
                for actor in goes_on {
                    trace.event(2_000, *actor, ECHO, Some(ring));
                }
            })
        };
        let (here, there) = (run(1, &[]), run(2, &[WEST]));
        let causes = [&here, &there].map(Causes::of);
        let lines = parting_lines([&here, &there], [&causes[0], &causes[1]], 4).unwrap();
        let expected = [
            "east/ring(1)#1 happened here too, as record 2, and went on otherwise:",
            "  here  · bell/heard(1) loud=1",
            "  there · bell/heard(1) loud=2",
            "  there west/echo(1)#1",
        ];
        assert_eq!(lines, expected);
        let same = parting_lines([&here, &here], [&causes[0], &causes[0]], 3).unwrap();
        assert_eq!(same, ["bell/heard(1) happened here too, as record 3, and led to the same"]);
        let other = written(|trace| _ = trace.event(0, WEST, RING, None));
        assert_eq!(parting_lines([&other, &there], [&Causes::of(&other), &causes[1]], 4), None);
    }
}
