//! Which records of a trace are shown.

use alloc::collections::BTreeSet;

use tiebreak_diagnostic::is_glob_match;
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

impl Selection {
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
