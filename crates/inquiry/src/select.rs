//! Which records of a trace are shown.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use core::fmt;

use tiebreak_diagnostic::{is_glob_match, nearest};
use tiebreak_kernel::Instant;
use tiebreak_trace::{Causes, Parts, Space, Trace};

/// Which records of a trace are shown: those that pass every condition, and of these the ones in a window.
///
/// Conditions of one kind are alternatives: a list without entries lets everything pass. Texts are globs, in which `*` stands
/// for any run of characters, and they are compared with what a trace spells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Of one of these actors.
    pub actors: Vec<String>,
    /// Of one of these kinds.
    pub kinds: Vec<String>,
    /// About one of these subjects.
    pub subjects: Vec<String>,
    /// Of none of these actors.
    pub hidden_actors: Vec<String>,
    /// Of none of these kinds.
    pub hidden_kinds: Vec<String>,
    /// At this instant or later.
    pub from: Option<Instant>,
    /// At this instant or earlier.
    pub to: Option<Instant>,
    /// One of these records, or what it led to, near or far. Of a note, what its event led to.
    pub caused_by: Vec<u64>,
    /// In one of these windows. Without a window, all.
    pub windows: Vec<Window>,
}

/// A run of records among those that pass the conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// A record, which is shown whether it passes or not, and so many before and after it.
    Around(u64, u64),
    /// So many before a record, without that one.
    Before(u64, u64),
    /// The last so many.
    Last(u64),
}

/// A filter that no text of a trace fits: probably a mistake in writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// What it is about: `actor`, `kind` or `subject`.
    pub what: &'static str,
    /// What was asked for.
    pub glob: String,
    /// The text that was probably meant.
    pub meant: Option<String>,
}

impl fmt::Display for Unmatched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, glob, meant } = self;
        write!(out, "no record is of the {what} `{glob}`")?;
        meant.iter().try_for_each(|meant| write!(out, "; did you mean `{meant}`?"))
    }
}

/// Returns the globs that no text fits.
pub fn unmatched<'a>(
    what: &'static str,
    globs: impl IntoIterator<Item = &'a String>,
    texts: &BTreeSet<Cow<'_, str>>,
) -> Vec<Unmatched> {
    let globs = globs.into_iter().filter(|glob| !texts.iter().any(|text| is_glob_match(glob, text)));
    let unmatched = globs.map(|glob| {
        let meant = nearest(glob, texts.iter().map(|text| &**text)).map(str::to_owned);
        Unmatched { what, glob: glob.clone(), meant }
    });
    unmatched.collect()
}

impl Selection {
    /// Returns the filters that no record of the whole trace fits, whatever the other filters say.
    ///
    /// # Cost
    /// One pass over the trace.
    #[must_use]
    pub fn unmatched(&self, trace: &Trace) -> Vec<Unmatched> {
        let Self { actors, kinds, subjects, hidden_actors, hidden_kinds, .. } = self;
        let [mut of_actors, mut of_kinds, mut of_subjects] = [(); 3].map(|()| BTreeSet::new());
        for (_, Parts { actor, kind, subject, .. }) in trace.records() {
            of_actors.insert(actor);
            of_kinds.insert(kind);
            of_subjects.insert(subject);
        }
        let texts = |space, codes: BTreeSet<u64>| -> BTreeSet<Cow<'_, str>> {
            let text = |code| if code == 0 { Cow::Borrowed("") } else { trace.text(space, code) };
            codes.into_iter().map(text).collect()
        };
        let mut all = unmatched("actor", actors.iter().chain(hidden_actors), &texts(Space::Name, of_actors));
        all.extend(unmatched("kind", kinds.iter().chain(hidden_kinds), &texts(Space::Term, of_kinds)));
        all.extend(unmatched("subject", subjects, &texts(Space::Subject, of_subjects)));
        all
    }

    /// Returns the numbers of the records that are shown, in order.
    ///
    /// # Cost
    /// One pass over the trace. A glob is compared once with each text, not with each record.
    #[must_use]
    pub fn records(&self, trace: &Trace, causes: &Causes) -> Vec<u64> {
        let passing = self.passing(trace, causes);
        if self.windows.is_empty() {
            return passing;
        }
        let mut shown = BTreeSet::new();
        for window in &self.windows {
            shown.extend(window.of(&passing));
        }
        shown.into_iter().collect()
    }

    fn passing(&self, trace: &Trace, causes: &Causes) -> Vec<u64> {
        let texts = Texts::new(self, trace);
        let mut led_to: BTreeSet<u64> = BTreeSet::new();
        let roots: BTreeSet<u64> = self.caused_by.iter().map(|root| event_of(trace, causes, *root)).collect();
        let is_downstream = |number: u64, led_to: &BTreeSet<u64>| {
            let cause = || causes.cause(trace, number);
            roots.contains(&number) || cause().is_some_and(|cause| led_to.contains(&cause))
        };
        let mut passing = Vec::new();
        for (number, parts) in trace.records() {
            if !roots.is_empty() {
                if !is_downstream(number, &led_to) {
                    continue;
                }
                if parts.event_code().is_some() {
                    led_to.insert(number);
                }
            }
            let is_then = self.from.is_none_or(|from| parts.instant >= from)
                && self.to.is_none_or(|to| parts.instant <= to);
            if is_then && texts.pass(&parts) {
                passing.push(number);
            }
        }
        passing
    }
}

/// The event of a note; of an event, itself.
fn event_of(trace: &Trace, causes: &Causes, number: u64) -> u64 {
    let is_event = trace.record(number).is_some_and(|parts| parts.event_code().is_some());
    if is_event { number } else { causes.cause(trace, number).unwrap_or(number) }
}

impl Window {
    /// The numbers in it, of those that pass.
    fn of(self, passing: &[u64]) -> Vec<u64> {
        let length = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let before = |number: u64, count: u64| {
            let end = passing.partition_point(|other| *other < number);
            &passing[end.saturating_sub(length(count))..end]
        };
        match self {
            Self::Around(number, count) => {
                let start = passing.partition_point(|other| *other <= number);
                let after = passing[start..].iter().take(length(count));
                before(number, count).iter().copied().chain([number]).chain(after.copied()).collect()
            }
            Self::Before(number, count) => before(number, count).to_vec(),
            Self::Last(count) => before(u64::MAX, count).to_vec(),
        }
    }
}

/// The codes of texts that pass, in one trace. `None` lets every code pass.
struct Texts {
    actors: Option<BTreeSet<u64>>,
    kinds: Option<BTreeSet<u64>>,
    subjects: Option<BTreeSet<u64>>,
    hidden_actors: BTreeSet<u64>,
    hidden_kinds: BTreeSet<u64>,
}

impl Texts {
    fn new(selection: &Selection, trace: &Trace) -> Self {
        let Selection { actors, kinds, subjects, hidden_actors, hidden_kinds, .. } = selection;
        let asked = |globs: &[String], space| (!globs.is_empty()).then(|| codes(trace, space, globs));
        Self {
            actors: asked(actors, Space::Name),
            kinds: asked(kinds, Space::Term),
            subjects: asked(subjects, Space::Subject),
            hidden_actors: codes(trace, Space::Name, hidden_actors),
            hidden_kinds: codes(trace, Space::Term, hidden_kinds),
        }
    }

    fn pass(&self, parts: &Parts<'_>) -> bool {
        let Parts { actor, kind, subject, .. } = parts;
        let is_asked = |codes: &Option<BTreeSet<u64>>, code: &u64| {
            codes.as_ref().is_none_or(|codes| codes.contains(code))
        };
        is_asked(&self.actors, actor)
            && is_asked(&self.kinds, kind)
            && is_asked(&self.subjects, subject)
            && !self.hidden_actors.contains(actor)
            && !self.hidden_kinds.contains(kind)
    }
}

/// The codes of the texts that fit one of the globs. The code 0, no subject, has the empty text.
fn codes(trace: &Trace, space: Space, globs: &[String]) -> BTreeSet<u64> {
    let fits = |text: &str| globs.iter().any(|glob| is_glob_match(glob, text));
    let entries = trace.dictionary().entries().filter(|(other, _, text)| *other == space && fits(text));
    let none = (space == Space::Subject && fits("")).then_some(0);
    entries.map(|(_, code, _)| code).chain(none).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{BELL, EAST, ECHO, HEARD, RING, WEST, written};
    use proptest::collection::vec as many;
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    /// A trace in which each number draws who does what, after how long, and which event led to it.
    fn drawn(numbers: &[u8]) -> Trace {
        written(|trace| {
            let (mut millis, mut events) = (0, Vec::new());
            for number in numbers {
                millis += u64::from(number % 3);
                let actor = [EAST, WEST, BELL][usize::from(number / 3 % 3)];
                let kind = [RING, ECHO][usize::from(number / 9 % 2)];
                let back = usize::from(number / 18 % 8);
                let cause = events.len().checked_sub(back + 1).map(|at| events[at]);
                let event = trace.choice(millis, (actor, kind, u64::from(number / 9 % 4)), cause, None);
                events.push(event);
                if number % 5 == 0 {
                    trace.note(event, HEARD, &[]);
                }
            }
        })
    }

    /// What [`Selection::records`] says, told record by record.
    fn naive(selection: &Selection, trace: &Trace, causes: &Causes) -> Vec<u64> {
        let text = |space, code| trace.text(space, code).into_owned();
        let subject = |code| if code == 0 { String::new() } else { text(Space::Subject, code) };
        let is_among = |globs: &[String], text: &str| globs.iter().any(|glob| is_glob_match(glob, text));
        let passes = |asked: &[String], hidden: &[String], text: &str| {
            (asked.is_empty() || is_among(asked, text)) && !is_among(hidden, text)
        };
        let is_led_to = |number: u64| {
            let roots: Vec<u64> =
                selection.caused_by.iter().map(|root| event_of(trace, causes, *root)).collect();
            roots.is_empty() || causes.chain(trace, number).iter().any(|link| roots.contains(link))
        };
        let is_kept = |(number, parts): &(u64, Parts<'_>)| {
            passes(&selection.actors, &selection.hidden_actors, &text(Space::Name, parts.actor))
                && passes(&selection.kinds, &selection.hidden_kinds, &text(Space::Term, parts.kind))
                && passes(&selection.subjects, &[], &subject(parts.subject))
                && selection.from.is_none_or(|from| from <= parts.instant)
                && selection.to.is_none_or(|to| parts.instant <= to)
                && is_led_to(*number)
        };
        let kept: Vec<u64> = trace.records().filter(is_kept).map(|(number, _)| number).collect();
        let is_shown = |number: &u64| {
            let place = |number: u64| kept.iter().filter(|other| **other < number).count() as u64;
            selection.windows.is_empty()
                || selection.windows.iter().any(|window| match *window {
                    Window::Around(of, count) => {
                        let is_of = u64::from(kept.contains(&of));
                        *number == of
                            || (*number < of && place(of) - place(*number) <= count)
                            || (*number > of && place(*number) - place(of) < count + is_of)
                    }
                    Window::Before(of, count) => *number < of && place(of) - place(*number) <= count,
                    Window::Last(count) => kept.len() as u64 - place(*number) <= count,
                })
        };
        let all = trace.records().map(|(number, _)| number);
        let is_center = |number: &u64| {
            selection.windows.iter().any(|window| matches!(window, Window::Around(of, _) if of == number))
        };
        all.filter(|number| is_center(number) || (kept.contains(number) && is_shown(number))).collect()
    }

    fn some(words: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
        subsequence(words, 0..=2).prop_map(|words| words.into_iter().map(str::to_owned).collect())
    }

    proptest! {
        #[test]
        fn what_is_selected_is_what_a_naive_filter_keeps(
            numbers in many(any::<u8>(), 1..40),
            (actors, hidden_actors) in (some(&["east", "w*", "*"]), some(&["west", "b*l"])),
            (kinds, hidden_kinds) in (some(&["ring", "*o", "heard"]), some(&["e*", "heard"])),
            subjects in some(&["1", "2", "*3"]),
            times in (any::<Option<u8>>(), any::<Option<u8>>()),
            roots in many(1..50u64, 0..2),
            windows in many((0..3u8, 1..50u64, 0..6u64), 0..3),
        ) {
            let trace = drawn(&numbers);
            let instant = |millis: u8| Instant::from_millis(u64::from(millis % 40));
            let there = |number: u64| 1 + (number - 1) % trace.len();
            let window = |(which, number, count)| match which {
                0 => Window::Around(there(number), count),
                1 => Window::Before(there(number), count),
                _ => Window::Last(count),
            };
            let selection = Selection {
                actors,
                kinds,
                subjects,
                hidden_actors,
                hidden_kinds,
                from: times.0.map(instant),
                to: times.1.map(instant),
                caused_by: roots.into_iter().map(there).collect(),
                windows: windows.into_iter().map(window).collect(),
            };
            let causes = Causes::of(&trace);
            prop_assert_eq!(selection.records(&trace, &causes), naive(&selection, &trace, &causes));
        }
    }

    #[test]
    fn what_no_record_fits_is_told_with_what_was_meant() {
        let trace = drawn(&[0, 1, 3]);
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let selection = Selection {
            actors: texts(&["east", "weest", "x*"]),
            hidden_actors: texts(&["bel"]),
            kinds: texts(&["ring", "east"]),
            hidden_kinds: texts(&["herd", "*"]),
            subjects: texts(&["7", "0"]),
            ..Selection::default()
        };
        let told: Vec<String> = selection.unmatched(&trace).iter().map(ToString::to_string).collect();
        let expected = [
            "no record is of the actor `weest`; did you mean `west`?",
            "no record is of the actor `x*`",
            "no record is of the actor `bel`; did you mean `bell`?",
            "no record is of the kind `east`",
            "no record is of the kind `herd`; did you mean `heard`?",
            "no record is of the subject `7`",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_subject_is_a_text_and_none_is_the_empty_text() {
        let trace = written(|trace| {
            for actor in [EAST, WEST, BELL] {
                trace.event(1, actor, RING, None);
            }
        });
        let causes = Causes::of(&trace);
        let of = |subject: &str| {
            let selection = Selection { subjects: vec![subject.to_owned()], ..Selection::default() };
            selection.records(&trace, &causes).len() as u64
        };
        assert_eq!((of("1"), of("2"), of("")), (trace.len(), 0, 0));
    }
}
