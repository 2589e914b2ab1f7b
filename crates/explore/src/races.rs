//! From one run: the pairs of simultaneous events that could have run the other way round, and what comes of it.
//!
//! The run is that in the order of scheduling. Each of its races is run again with that one ordering turned round, those first
//! whose events are nearest to each other: most orderings do not matter, and one that does is often enough.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;

use tiebreak_kernel::Instant;

use crate::directory::Directory;
use crate::event::{Constraint, EventRef};
use crate::history::{Dispatch, History};
use crate::program::{Failure, Program, Symptom};
use crate::shrink::{Cause, DefaultOrder, Trial, default_orders, try_cause};

/// Of more events at one instant none is looked at: their pairs alone would fill the memory.
const EVENTS_MAX: usize = 2_000;

/// Two simultaneous events of which neither led to the other: they could have run the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Race {
    /// The number of the event that ran first, from 1.
    pub first: u64,
    /// The number of the one that ran second.
    pub second: u64,
}

impl Race {
    /// The ordering that turns it round.
    pub(crate) fn turned(self, history: &History, directory: &Directory) -> Constraint {
        let [before, after] = [self.second, self.first].map(|number| history.reference(number, directory));
        Constraint { before, after }
    }
}

/// Which events race.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phases {
    /// Those of one phase.
    #[default]
    Kept,
    /// Those of all phases of an instant: what only a phase keeps apart.
    Crossed,
}

/// The races of a run, as far as they were looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RacesOf {
    /// How many there are.
    pub count: u64,
    /// The nearest.
    pub nearest: Vec<Race>,
    /// How many instants have too many events to be looked at.
    pub skipped: u64,
}

/// Returns the races of a run, and so many of them, the nearest first: simultaneous events of which the first did not lead to the
/// second, by scheduling it, by standing before it in a lane, or by leading to what did. Instants with more than 2,000
/// events are skipped.
#[must_use]
pub fn races(history: &History, phases: Phases, most: usize) -> RacesOf {
    let mut count = 0;
    // The farthest of the nearest is on top.
    let mut nearest: BinaryHeap<(u64, u64)> = BinaryHeap::new();
    let skipped = for_each_race(history, phases, |Race { first, second }| {
        count += 1;
        nearest.push((second - first, first));
        if nearest.len() > most {
            nearest.pop();
        }
    });
    let races = nearest.into_sorted_vec().into_iter();
    let nearest = races.map(|(distance, first)| Race { first, second: first + distance }).collect();
    RacesOf { count, nearest, skipped }
}

/// Shows each race of a run; returns how many instants have too many events to be looked at.
pub(crate) fn for_each_race(history: &History, phases: Phases, mut show: impl FnMut(Race)) -> u64 {
    let mut skipped = 0;
    let events: Vec<(u64, &Dispatch)> = (1..).zip(&history.dispatches).collect();
    for instant in events.chunk_by(|(_, one), (_, other)| one.at == other.at) {
        let Some((last, _)) = instant.last().filter(|_| instant.len() <= EVENTS_MAX) else {
            skipped += 1;
            continue;
        };
        for (at, (first, one)) in instant.iter().enumerate() {
            let led_to = history.led_to(*first, *last);
            let races_with = |(second, other): &&(u64, &Dispatch)| {
                !led_to.contains(second) && (phases == Phases::Crossed || one.phase == other.phase)
            };
            for (second, _) in instant[at + 1..].iter().filter(races_with) {
                show(Race { first: *first, second: *second });
            }
        }
    }
    skipped
}

/// What came of turning a race round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It was not possible: the second event cannot come before the first, or does not come at all.
    Impossible,
    /// Nobody noticed: all went through the same as before.
    Unnoticed,
    /// Somebody went through something else.
    Noticed,
    /// Something failed that did not before.
    Fails(Vec<Failure>),
}

/// A race, and what came of turning it round.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Turned {
    /// The race.
    pub race: Race,
    /// When its events run.
    pub at: Option<Instant>,
    /// The ordering that it was run with.
    pub ordering: Constraint,
    /// The causes of the event that ran second, and of the one that ran first; `None` if they came from outside.
    pub causes: [Option<EventRef>; 2],
    /// What came of it.
    pub effect: Effect,
}

/// The races of one run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Races {
    /// The run in the order of scheduling.
    pub run: Trial,
    /// How many races it has.
    pub count: u64,
    /// How many instants have too many events to be looked at.
    pub skipped: u64,
    /// Those that were turned round, the nearest first.
    pub turned: Vec<Turned>,
}

impl Races {
    /// Runs a program in the order of scheduling, and with each of its races turned round, up to so many; `goes_on` is asked
    /// before each.
    pub fn of<P: Program + ?Sized>(
        program: &P,
        (seed, phases, runs): (u64, Phases, usize),
        directory: &mut Directory,
        goes_on: &dyn Fn() -> bool,
    ) -> Self {
        let order = default_orders(seed, 1)[0];
        let run = try_cause(program, &Cause::default(), order, directory);
        let RacesOf { count, nearest, skipped } = races(&run.history, phases, runs);
        let mut found = Self { run, count, skipped, turned: Vec::new() };
        for race in nearest {
            if !goes_on() {
                break;
            }
            let turned = found.turn(program, race, order, directory);
            found.turned.push(turned);
        }
        found
    }

    fn turn<P: Program + ?Sized>(
        &self,
        program: &P,
        race: Race,
        order: DefaultOrder,
        directory: &mut Directory,
    ) -> Turned {
        let history = &self.run.history;
        let cause_of = |number| {
            let cause = history.event(number).map(|event| event.cause).filter(|cause| *cause > 0);
            cause.map(|cause| history.reference(cause, directory))
        };
        let causes = [race.second, race.first].map(cause_of);
        let ordering = race.turned(history, directory);
        let cause = Cause::of_orderings(Vec::from([ordering.clone()]));
        let trial = try_cause(program, &cause, order, directory);
        let at = history.event(race.first).map(|event| event.at);
        Turned { race, at, ordering, causes, effect: self.effect(&trial) }
    }

    fn effect(&self, trial: &Trial) -> Effect {
        let is_new = |symptom: &Symptom| !self.run.symptoms.contains(symptom);
        let failures = trial.symptoms.iter().zip(trial.outcome.failures());
        let new: Vec<Failure> =
            failures.filter(|(symptom, _)| is_new(symptom)).map(|(_, failure)| failure.clone()).collect();
        if !trial.broken.is_empty() || !trial.missing.is_empty() {
            Effect::Impossible
        } else if !new.is_empty() {
            Effect::Fails(new)
        } else if trial.outcome.behaviour == self.run.outcome.behaviour {
            Effect::Unnoticed
        } else {
            Effect::Noticed
        }
    }
}
