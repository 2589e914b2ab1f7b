//! The first difference on the way to what is wrong in one of two runs. What differs first of all may not matter.

use tiebreak::Trace;
use tiebreak::trace::Causes;
use tiebreak_inquiry::Comparison;
use tiebreak_runner::FoundIn;

use super::wrong::{SIDES, Wrong};
use crate::because::{Again, EVENTS_MAX, Effort};
use crate::source::Source;

/// For how many findings of a run it is tried.
const FINDINGS_MAX: usize = 16;

/// Says the first finding for which it is known where the two runs part on the way to it, and that, line by line. Nothing if there
/// is none.
///
/// Where they part is an ordering that decides the finding, and that the other run does not have.
pub(super) fn lines(sources: [&Source; 2], comparison: &Comparison, wrong: &mut Wrong<'_>) -> Vec<String> {
    let traces = sources.map(|source| &source.trace);
    let causes = traces.map(Causes::of);
    let mut effort = Effort::default();
    for (side, source) in sources.into_iter().enumerate() {
        for (place, finding) in wrong.only[side].iter().take(FINDINGS_MAX).enumerate() {
            let found = FoundIn { finding, trace: &source.trace, causes: &causes[side] };
            if let Some(first) = first_of(source, found, (side, comparison), &mut effort) {
                let finding = wrong.only[side].remove(place);
                return Vec::from([Wrong::line(side, finding), first.line(traces)]);
            }
        }
    }
    Vec::new()
}

/// An ordering of two events that only one run has.
struct First {
    side: usize,
    /// In that run.
    records: [u64; 2],
    /// In the other one.
    elsewhere: [Option<u64>; 2],
}

/// The first of the orderings that decide a finding of one run, of those that the other run has the other way round; or else of those
/// of which it does not run an event.
fn first_of(
    source: &Source,
    found: FoundIn<'_>,
    (side, comparison): (usize, &Comparison),
    effort: &mut Effort,
) -> Option<First> {
    let ran = source.ran.as_ref().filter(|ran| ran.report.events <= EVENTS_MAX)?;
    let again = Again { prepared: &ran.ready.prepared, how: ran.how };
    let elsewhere = |record| match side {
        0 => comparison.in_right(record),
        _ => comparison.in_left(record),
    };
    let deciding = again.deciding(found, effort).orderings.into_iter().map(|ordering| First {
        side,
        records: ordering.records,
        elsewhere: ordering.records.map(elsewhere),
    });
    deciding.filter(First::is_one_sided).min_by_key(|first| (first.is_missing(), first.records[1]))
}

impl First {
    /// Whether the other run does not have it.
    fn is_one_sided(&self) -> bool {
        match self.elsewhere {
            [Some(first), Some(second)] => second < first,
            [None, _] | [_, None] => true,
        }
    }

    /// Whether the other run does not run both events.
    fn is_missing(&self) -> bool {
        self.elsewhere.iter().any(Option::is_none)
    }

    fn line(&self, traces: [&Trace; 2]) -> String {
        let Self { side, records, elsewhere } = self;
        let (trace, [own, other]) = (traces[*side], [SIDES[*side], SIDES[1 - side]]);
        let [first, second] = records
            .map(|record| trace.record(record).map(|parts| trace.spelling(&parts)).unwrap_or_default());
        let at = trace.record(records[1]).map(|parts| format!(", at {}", parts.instant)).unwrap_or_default();
        let elsewhere = match elsewhere {
            [Some(_), Some(_)] => format!("{other} runs {second} first"),
            [None, None] => format!("{other} runs neither of them"),
            [None, Some(_)] => format!("{other} never runs the first of them"),
            [Some(_), None] => format!("{other} never runs the second of them"),
        };
        format!("On the way to that they part first{at}: {own} runs {first} before {second}; {elsewhere}.")
    }
}
