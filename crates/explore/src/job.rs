//! One run of a campaign, and what came of it.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::slice::from_ref;

use crate::calibration::Calibration;
use crate::campaign::Noted;
use crate::coverage::Met;
use crate::director::{Chosen, Director};
use crate::directory::Directory;
use crate::history::History;
use crate::program::{Outcome, Program, Setup, Symptom};
use crate::strategy::{Prefix, Strategy, Tactic, Walk};

/// One run: everything it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which run of the campaign it is, from 0.
    pub number: u64,
    /// Who chooses.
    pub tactic: Tactic,
    /// Which run of that strategy it is, from 0.
    pub turn: u64,
    /// The seed.
    pub seed: u64,
    /// Choices that are made first, as another run made them that got far.
    pub prefix: Vec<u32>,
}

/// What came of one run of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The run.
    pub job: Job,
    /// What came of it.
    pub outcome: Outcome,
    /// What tells its failures apart, failure by failure.
    pub symptoms: Vec<Symptom>,
    /// The choices up to its last milestone; `None` if it reached none, or nobody chose.
    pub prefix: Option<Vec<u32>>,
    /// Which kinds of events met; `None` if that was not wanted.
    pub met: Option<Met>,
}

/// A run that was watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What came of it.
    pub outcome: Outcome,
    /// What tells its failures apart, failure by failure.
    pub symptoms: Vec<Symptom>,
    /// What happened; empty if nobody watched and the order policy decided alone.
    pub history: History,
    /// What was chosen.
    pub chosen: Vec<Chosen>,
}

/// Whether a run is watched although nobody chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watching {
    Yes,
    No,
}

impl Job {
    /// Returns what the run depends on beside its choices.
    #[must_use]
    pub const fn setup(&self) -> Setup {
        Setup { order: self.tactic.order(), seed: self.seed }
    }

    /// Returns who chose, for people: the strategy, and the seed where that is enough to see the run again.
    #[must_use]
    pub fn who(&self) -> String {
        let Self { tactic, seed, .. } = self;
        if tactic.is_by_seed() { format!("{tactic}, seed {seed}") } else { tactic.to_string() }
    }

    /// Runs, and notes what a campaign is asked for.
    pub fn run_for<P: Program + ?Sized>(
        &self,
        noted: Noted,
        program: &P,
        calibration: &Calibration,
        directory: &mut Directory,
    ) -> Ran {
        match noted {
            Noted::Failures => self.run(program, calibration, directory),
            Noted::Coverage => {
                let watched = self.watch(program, calibration, directory);
                let met = Met::of(&watched.history, directory);
                Ran { met: Some(met), ..self.ran(watched.outcome, watched.symptoms, &watched.chosen) }
            }
        }
    }

    /// Runs.
    pub fn run<P: Program + ?Sized>(
        &self,
        program: &P,
        calibration: &Calibration,
        directory: &mut Directory,
    ) -> Ran {
        let ran = self.direct(program, calibration, directory, Watching::No);
        let needs_watching = !ran.symptoms.is_empty() && ran.history.dispatches.is_empty();
        let symptoms =
            if needs_watching { self.watch(program, calibration, directory).symptoms } else { ran.symptoms };
        self.ran(ran.outcome, symptoms, &ran.chosen)
    }

    fn ran(&self, outcome: Outcome, symptoms: Vec<Symptom>, chosen: &[Chosen]) -> Ran {
        let prefix = outcome.progress_at.filter(|_| !chosen.is_empty()).map(|event| {
            let until_then = chosen.iter().take_while(|chosen| chosen.event <= event);
            until_then.map(|chosen| chosen.index).collect()
        });
        Ran { job: self.clone(), outcome, symptoms, prefix, met: None }
    }

    /// Runs and keeps what happens.
    pub fn watch<P: Program + ?Sized>(
        &self,
        program: &P,
        calibration: &Calibration,
        directory: &mut Directory,
    ) -> Watched {
        self.direct(program, calibration, directory, Watching::Yes)
    }

    fn direct<P: Program + ?Sized>(
        &self,
        program: &P,
        calibration: &Calibration,
        directory: &mut Directory,
        watching: Watching,
    ) -> Watched {
        let setup = self.setup();
        let mut strategy = self.strategy(calibration);
        let mut director = Director::new(directory, setup.seed);
        if watching == Watching::Yes {
            director = director.watching();
        }
        if let Some(ordering) = self.tactic.ordering(self.turn, calibration) {
            director = director.with_constraints(from_ref(ordering));
        }
        if let Some(strategy) = &mut strategy {
            director = director.with_strategy(&mut **strategy);
        }
        let outcome = program.run(setup, &mut director);
        let symptoms = director.symptoms(&outcome);
        let (history, chosen) = director.finish();
        Watched { outcome, symptoms, history, chosen }
    }

    fn strategy(&self, calibration: &Calibration) -> Option<Box<dyn Strategy>> {
        let strategy = self.tactic.strategy(self.seed, self.turn, calibration);
        if self.prefix.is_empty() {
            return strategy;
        }
        let then = strategy.unwrap_or_else(|| Box::new(Walk::new(self.seed)));
        Some(Box::new(Prefix::new(self.prefix.clone(), then)))
    }
}
