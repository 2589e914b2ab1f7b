//! What some strategies have to know beforehand: how many events there are, and which of them race.

use alloc::collections::BTreeMap;

use crate::director::Director;
use crate::directory::Directory;
use crate::history::History;
use crate::program::{Program, Setup};
use crate::strategy::{Delay, Tactic, Turns};

/// How many runs are made to count events, and how many to count choices if something is drawn.
const RUNS: u64 = 8;

/// How many events and choices a run has about, and which of its events race. Counted once, in runs that are discarded, and then
/// left as it is: a strategy that went on learning would make runs depend on each other, and what is said about chances would
/// be wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calibration {
    events_of_actors: BTreeMap<u64, u64>,
    contended: u64,
    choices: u64,
    turns: Turns,
}

impl Calibration {
    /// Counts events in a few runs under the order policy `seeded`. [`Tactic::Delay`] needs the
    /// [choices](Self::with_choices) as well, and [`Tactic::Races`] the [races](Self::with_turns).
    pub fn new<P: Program + ?Sized>(program: &P, seed: u64, directory: &mut Directory) -> Self {
        let (mut events_of_actors, mut contended) = (BTreeMap::new(), 0);
        for number in 0..RUNS {
            let setup = Setup { order: tiebreak_kernel::Order::Seeded, seed: seed.wrapping_add(number) };
            let mut director = Director::new(directory, setup.seed).watching();
            contended += program.run(setup, &mut director).contended;
            let (history, _) = director.finish();
            count(&history, &mut events_of_actors);
        }
        for count in events_of_actors.values_mut() {
            *count = count.div_ceil(RUNS);
        }
        Self { events_of_actors, contended: contended.div_ceil(RUNS), ..Self::default() }
    }

    /// The same, with where a run can deviate from the order of scheduling: at as many choices as that run has. If something is
    /// drawn, as the longest of several has; and at least at as many as a run has in any order, if that was counted: a run that
    /// deviates once may be longer than the one that does not, and can deviate again there.
    ///
    /// Runs in other orders alone say too little: those that fail end early, and those that fail rarely not at all.
    #[must_use]
    pub fn with_choices<P: Program + ?Sized>(
        self,
        program: &P,
        seed: u64,
        directory: &mut Directory,
    ) -> Self {
        let mut most = self.contended;
        for number in 0..RUNS {
            let setup = Setup { order: Tactic::Delay(0).order(), seed: seed.wrapping_add(number) };
            let mut strategy = Delay::in_order();
            let mut director = Director::new(directory, setup.seed).with_strategy(&mut strategy);
            let _ = program.run(setup, &mut director);
            let (history, chosen) = director.finish();
            most = most.max(chosen.len() as u64);
            if history.draws.is_empty() {
                break; // all runs are the same
            }
        }
        Self { choices: most, ..self }
    }

    /// The same, with the races of one run.
    #[must_use]
    pub fn with_turns(self, turns: Turns) -> Self {
        Self { turns, ..self }
    }

    /// Returns how many events each actor has, by the code of its name.
    #[must_use]
    pub const fn events_of_actors(&self) -> &BTreeMap<u64, u64> {
        &self.events_of_actors
    }

    /// Returns how many events are chosen among two or more.
    #[must_use]
    pub const fn contended(&self) -> u64 {
        self.contended
    }

    /// Returns at how many choices a run can deviate from the order of scheduling.
    #[must_use]
    pub const fn choices(&self) -> u64 {
        self.choices
    }

    /// Returns the races of one run.
    #[must_use]
    pub const fn turns(&self) -> &Turns {
        &self.turns
    }
}

fn count(history: &History, events_of_actors: &mut BTreeMap<u64, u64>) {
    for event in &history.dispatches {
        *events_of_actors.entry(event.actor).or_default() += 1;
    }
}
