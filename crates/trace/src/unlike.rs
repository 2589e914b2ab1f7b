//! Where two runs begin to differ for somebody in them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_kernel::Origin;

use crate::canonical::Parts;
use crate::trace::Trace;

/// The first record at which an actor goes through something else in one run than in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlike {
    /// The number of the record in the one run, from 1; `None` if the actor has no more records there.
    pub one: Option<u64>,
    /// The number of the record in the other run.
    pub other: Option<u64>,
}

/// What somebody goes through, without causes, repeats and numbers: as [`BehaviourRecorder`](crate::BehaviourRecorder)
/// tells runs apart.
fn is_alike(one: &Parts<'_>, other: &Parts<'_>) -> bool {
    let bare = |origin: Origin| match origin {
        Origin::Dispatch { .. } => Origin::Dispatch { repeat: 0, choice: None },
        other @ (Origin::Note | Origin::Cancelled | Origin::Moved { .. }) => other,
    };
    let what = |parts: &Parts<'_>| (parts.instant, parts.kind, parts.subject);
    what(one) == what(other) && bare(one.origin) == bare(other.origin) && one.facts().eq(other.facts())
}

/// Returns the first record of the other run that its actor did not go through, at that place of its own records, in the one
/// run; or else the first record of the one run that its actor misses in the other. `None` if all actors that count, by the
/// codes of their names, go through the same, however their records interleave.
#[must_use]
pub fn first_unlike(one: &Trace, other: &Trace, counts: impl Fn(u64) -> bool) -> Option<Unlike> {
    let mut expected: BTreeMap<u64, Vec<(u64, Parts<'_>)>> = BTreeMap::new();
    for (number, parts) in one.records().filter(|(_, parts)| counts(parts.actor)) {
        expected.entry(parts.actor).or_default().push((number, parts));
    }
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    for (number, parts) in other.records().filter(|(_, parts)| counts(parts.actor)) {
        let at = seen.entry(parts.actor).or_default();
        let meant = expected.get(&parts.actor).and_then(|records| records.get(*at));
        *at += 1;
        if !meant.is_some_and(|(_, meant)| is_alike(meant, &parts)) {
            return Some(Unlike { one: meant.map(|(number, _)| *number), other: Some(number) });
        }
    }
    let missing = expected.iter().filter_map(|(actor, records)| {
        let seen = seen.get(actor).copied().unwrap_or_default();
        records.get(seen).map(|(number, _)| *number)
    });
    missing.min().map(|number| Unlike { one: Some(number), other: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, Header, Tracer};
    use tiebreak_kernel::{Context, Name, Settings, Simulation, Span, Term, World, terms};

    terms! { A = "a", B = "b", SAYS = "says" }

    /// Actors that say numbers, one after the other at one instant.
    struct Talk;

    impl World for Talk {
        type Event = (Term, u64);
        type Subject = u64;

        fn name(&self, (actor, number): &(Term, u64)) -> Name<u64> {
            Name::of(*actor, SAYS, *number)
        }

        fn handle(&mut self, _event: (Term, u64), _context: &mut Context<'_, (Term, u64), u64>) {}
    }

    fn trace(said: &[(Term, u64)]) -> Trace {
        let settings = Settings::new(1);
        let tracer = Tracer::new(Header::new(1, Digest::of(b""), &settings));
        let mut simulation = Simulation::new(Talk, settings).with_recorder(tracer);
        for (at, what) in (1..).zip(said) {
            simulation.act(|_, context| context.schedule_after(Span::from_secs(at), *what));
        }
        let _ = simulation.run();
        simulation.into_parts().2.into_trace()
    }

    fn unlike(one: &[(Term, u64)], other: &[(Term, u64)]) -> Option<(Option<u64>, Option<u64>)> {
        first_unlike(&trace(one), &trace(other), |_| true).map(|unlike| (unlike.one, unlike.other))
    }

    #[test]
    fn the_first_record_that_differs_is_found() {
        let both = [(A, 1), (B, 2), (A, 3)];
        assert_eq!(unlike(&both, &both), None);
        assert_eq!(unlike(&both, &[(A, 1), (B, 7), (A, 8)]), Some((Some(2), Some(2))), "the first one");
        assert_eq!(unlike(&both, &[(A, 1), (B, 2), (A, 3), (B, 9)]), Some((None, Some(4))), "one more");
        assert_eq!(unlike(&both, &both[..2]), Some((Some(3), None)), "one less");
        assert_eq!(unlike(&both, &[(A, 1), (A, 2)]), Some((Some(3), Some(2))), "of the same actor");
        let of_b = first_unlike(&trace(&both), &trace(&[(A, 7), (B, 2)]), |actor| actor == B.code());
        assert_eq!(of_b, None, "nobody else counts");
    }
}
