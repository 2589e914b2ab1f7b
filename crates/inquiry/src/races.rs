//! With which simultaneous events an event raced, and which races may have to do with a record.

use alloc::collections::BTreeSet;

use tiebreak_kernel::Instant;
use tiebreak_trace::{Causes, Trace};

use crate::instant::{InstantEvents, Instants};

/// When so many races on the way are known, no more are looked for.
const RACES_LOOKED_AT: usize = 512;
/// When so many pairs of events of one instant elsewhere were looked at, whether they raced or not, no more of it are.
const PAIRS_LOOKED_AT: usize = 1_000_000;

/// With which simultaneous events an event raced: those that could have run when it did, and those that ran when it could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contention {
    /// The records of events that could have run in its place, and ran later.
    pub(crate) before: Vec<u64>,
    /// The records of events that ran at choices at which it could have run, the nearest first.
    pub(crate) after: Vec<u64>,
    /// How many more could have run in its place, and did not run then: they were cancelled or moved, or the run ended before them.
    pub(crate) gone: usize,
    /// Whether it is these and no others. A trace says how many events could run at a choice, but not which; with lanes there
    /// may be too many to tell.
    pub(crate) is_exact: bool,
}

impl Contention {
    /// With which events the event of a record raced; `None` if it is no event, or if its instant has more than 50,000 events.
    ///
    /// # Cost
    /// That of the events of its instant, if it was not the last that was asked about, and a look at each of them.
    pub(crate) fn at(instants: &mut Instants<'_>, number: u64) -> Option<Self> {
        instants.of(number).map(|(_, events)| Self::of(events, number))
    }

    fn of(events: &InstantEvents, number: u64) -> Self {
        let (later, earlier) = (events.in_place_of(number), events.before(number));
        let is_exact = later.is_exact && earlier.is_exact;
        Self { before: later.records, after: earlier.records, gone: later.gone, is_exact }
    }
}

/// Returns the pairs of events that raced on the way to a record, each with the record of the one that ran first, at most so many:
/// first those with an event that has to do with the same subject as the record, because it is about that subject or has noted
/// something about it; of these, and of the others, those nearest to the record first.
///
/// # Cost
/// n log n for n events at an instant on the way, until 512 pairs are found.
#[must_use]
pub fn races_on_chain(trace: &Trace, causes: &Causes, number: u64, most: usize) -> Vec<[u64; 2]> {
    let subject = trace.record(number).map_or(0, |parts| parts.subject);
    let mut races: Vec<(Distance, [u64; 2])> = Vec::new();
    let mut instants = Instants::new(trace, causes);
    for link in causes.chain(trace, number) {
        let Some(Contention { before, after, .. }) = Contention::at(&mut instants, link) else { continue };
        let of = |other: u64| if concerns(trace, other, subject) { Distance::Near } else { Distance::Far };
        let pairs = after.iter().map(|other| (of(*other), [*other, link]));
        // No pair comes twice: what led to an event does not race with it.
        races.extend(pairs.chain(before.iter().map(|other| (of(*other), [link, *other]))));
        if races.len() >= RACES_LOOKED_AT {
            break;
        }
    }
    races.sort_by_key(|(distance, _)| *distance);
    races.into_iter().map(|(_, pair)| pair).take(most).collect()
}

/// Pairs of events that raced elsewhere than on the way to a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RacesElsewhere {
    /// Each with the record of the one that ran first.
    pub pairs: Vec<[u64; 2]>,
    /// Whether there may be more that have to do with the way: an instant has too many events to look at all pairs of them.
    pub is_cut: bool,
}

/// Returns pairs of events that raced elsewhere than on the way to a record, at most so many: first those of two events of one actor
/// that has to do with the way, then those of two events of another actor, then the others; of each the nearest before the record
/// first. Without a record these are the races of the whole trace, from its end on.
///
/// # Cost
/// A walk through the trace before the record, until there are so many of the first sort: n log n for n events at an instant, and a
/// look at each pair of them, until a million pairs of that instant were looked at.
#[must_use]
pub fn races_elsewhere(trace: &Trace, causes: &Causes, record: Option<u64>, most: usize) -> RacesElsewhere {
    let way: BTreeSet<u64> = record.into_iter().flat_map(|number| causes.chain(trace, number)).collect();
    let actor = |number: u64| trace.record(number).map(|parts| parts.actor);
    let actors: BTreeSet<u64> = way.iter().filter_map(|number| actor(*number)).collect();
    let mut races: [Vec<[u64; 2]>; 3] = Default::default();
    let (mut instants, mut looked_at, mut is_cut) =
        (Instants::new(trace, causes), (Instant::START, 0), false);
    for number in (1..=record.unwrap_or(trace.len())).rev().filter(|number| !way.contains(number)) {
        // Nothing that is found later comes before these. Without a record no actor has to do with the way.
        if races[usize::from(actors.is_empty())].len() == most {
            break;
        }
        let Some((at, events)) = instants.of(number) else { continue };
        if looked_at.0 != at {
            looked_at = (at, 0);
        }
        looked_at.1 += events.between(number);
        if looked_at.1 > PAIRS_LOOKED_AT {
            is_cut = true;
            continue;
        }
        let others = events.before(number).records;
        for other in others.iter().filter(|other| !way.contains(other)) {
            let place = match actor(number) {
                own if own != actor(*other) => 2,
                own => usize::from(!own.is_some_and(|own| actors.contains(&own))),
            };
            if races[place].len() < most {
                races[place].push([*other, number]);
            }
        }
    }
    RacesElsewhere { pairs: races.into_iter().flatten().take(most).collect(), is_cut }
}

/// Whether what raced has to do with what is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    Near,
    Far,
}

/// Whether an event is about a subject, or has noted something about it.
fn concerns(trace: &Trace, event: u64, subject: u64) -> bool {
    let own = trace.record(event).into_iter();
    let notes = (event + 1..).map_while(|number| trace.record(number));
    let notes = notes.take_while(|parts| parts.event_code().is_none());
    subject != 0 && own.chain(notes).any(|parts| parts.subject == subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::why::chain_lines;
    use crate::written::{BELL, EAST, ECHO, HEARD, RING, WEST, bells, written};

    #[test]
    fn events_race_those_that_could_run_in_their_place_and_those_in_whose_place_they_could() {
        let trace = bells();
        let causes = Causes::of(&trace);
        let raced = |number| {
            let raced = Contention::at(&mut Instants::new(&trace, &causes), number);
            raced.map(|raced| (raced.before, raced.after))
        };
        assert_eq!(raced(1), Some((vec![], vec![])));
        assert_eq!(raced(2), Some((vec![3, 4], vec![])));
        assert_eq!(raced(3), Some((vec![4], vec![2])));
        assert_eq!(raced(4), Some((vec![], vec![3, 2])));
        assert_eq!(raced(6), None, "a note does not race");
        // The second event is about the same subject as the note; else the third one is nearer.
        assert_eq!(races_on_chain(&trace, &causes, 6, 9), [[2, 4], [3, 4]]);
        assert_eq!(races_on_chain(&trace, &causes, 6, 1), [[2, 4]]);
        assert_eq!(races_on_chain(&trace, &causes, 4, 9), [[3, 4], [2, 4]]);
    }

    #[test]
    fn an_event_that_has_noted_something_about_the_subject_comes_first() {
        let trace = written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            let first = trace.choice(1_000, (EAST, RING, 2), Some(start), Some((0, 3)));
            trace.note(first, HEARD, &[]);
            trace.choice(1_000, (WEST, RING, 3), Some(start), Some((0, 2)));
            let last = trace.choice(1_000, (BELL, RING, 4), Some(start), None);
            trace.note(last, HEARD, &[]);
        });
        // Records 2, 4 and 5 raced. Records 3 and 6 are notes about one subject, and no event is about it.
        assert_eq!(races_on_chain(&trace, &Causes::of(&trace), 6, 9), [[2, 5], [4, 5]]);
        assert_eq!(races_on_chain(&trace, &Causes::of(&trace), 5, 9), [[4, 5], [2, 5]]);
    }

    #[test]
    fn races_elsewhere_are_those_of_one_actor_first_and_then_the_nearest() {
        let trace = written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            // Records 2 to 4 race at one second, 5 to 7 at two; the last event comes of record 7.
            trace.choice(1_000, (EAST, RING, 1), Some(start), Some((0, 3)));
            trace.choice(1_000, (EAST, ECHO, 1), Some(start), Some((0, 2)));
            trace.event(1_000, WEST, ECHO, Some(start));
            trace.choice(2_000, (BELL, RING, 1), Some(start), Some((0, 3)));
            trace.choice(2_000, (BELL, RING, 2), Some(start), Some((0, 2)));
            let last = trace.event(2_000, BELL, ECHO, Some(start));
            trace.event(3_000, BELL, ECHO, Some(last));
        });
        let causes = Causes::of(&trace);
        let races = |record, most| races_elsewhere(&trace, &causes, record, most).pairs;
        assert_eq!(races(Some(8), 9), [[5, 6], [2, 3], [3, 4], [2, 4]], "record 7 is on the way");
        assert_eq!(races(Some(8), 2), [[5, 6], [2, 3]]);
        assert_eq!(races(Some(4), 9), [[2, 3]], "record 4 itself is on the way");
        assert_eq!(races(None, 9), [[6, 7], [5, 7], [5, 6], [2, 3], [3, 4], [2, 4]]);
        assert_eq!(races(None, 0), [[0; 2]; 0]);
    }

    /// If each of them looked at all others, this would be 400 million looks at pairs.
    #[test]
    fn a_long_chain_through_one_crowded_instant_takes_a_look_at_each_event() {
        let count = 20_000;
        let trace = written(|trace| {
            let mut last = trace.event(0, BELL, RING, None);
            for number in 1..=count {
                // What else could have run did not run at this instant, so that no pair is found.
                last = trace.choice(1_000, (EAST, RING, number), Some(last), Some((0, 3)));
            }
        });
        let causes = Causes::of(&trace);
        assert_eq!(races_on_chain(&trace, &causes, count + 1, 9), [[0; 2]; 0]);
        assert_eq!(races_elsewhere(&trace, &causes, None, 9), RacesElsewhere::default());
        let raced = Contention::at(&mut Instants::new(&trace, &causes), count);
        assert_eq!(raced.map(|raced| (raced.gone, raced.is_exact)), Some((2, true)));
        let all = usize::try_from(count).unwrap() + 1;
        assert_eq!(chain_lines(&trace, &causes, count + 1, &[], all).len(), all);
    }

    #[test]
    fn elsewhere_a_crowded_instant_is_looked_at_in_part() {
        // Each of them could have run in place of all before it: the nearest are looked at. So are the two at an earlier instant.
        let count = 4_000;
        let trace = written(|trace| {
            let start = trace.event(0, BELL, RING, None);
            trace.choice(500, (WEST, RING, 1), Some(start), Some((0, 2)));
            trace.event(500, WEST, ECHO, Some(start));
            for number in 1..=count {
                let of = u32::try_from(count - number + 1).unwrap();
                trace.choice(1_000, (EAST, RING, number), Some(start), (of > 1).then_some((0, of)));
            }
        });
        let causes = Causes::of(&trace);
        let RacesElsewhere { pairs: races, is_cut } = races_elsewhere(&trace, &causes, None, 2_000_000);
        assert!(races.len() <= PAIRS_LOOKED_AT && races.len() > PAIRS_LOOKED_AT - 4_000, "{}", races.len());
        assert_eq!(races[..2], [[count + 2, count + 3], [count + 1, count + 3]]);
        assert_eq!((races.last(), is_cut), (Some(&[2, 3]), true));
        let few = races_elsewhere(&trace, &causes, None, 2);
        assert_eq!((few.pairs.len(), few.is_cut), (2, false));
    }
}
