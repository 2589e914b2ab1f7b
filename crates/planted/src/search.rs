//! How many runs it takes until a bug is found.

use core::ops::Range;

use tiebreak::explore::{Calibration, Campaign, Directory, Job, Plan, Program, Tactic, Turns};
use tiebreak::kernel::{fold, mix};

/// What finds a bug: some tactics in turn, and how long they try.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The tactics; run after run takes the next one.
    pub tactics: &'a [Tactic],
    /// How many runs are made at most.
    pub runs_max: u64,
}

/// What some campaigns found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finds {
    /// How many runs each needed; `None` if it found nothing.
    pub runs: Vec<Option<u64>>,
    runs_max: u64,
}

impl Finds {
    /// Returns the mean number of runs, in tenths. What found nothing counts as if it had in the last run.
    #[must_use]
    pub fn mean_tenths(&self) -> u64 {
        let needed = self.runs.iter().map(|runs| runs.unwrap_or(self.runs_max));
        10 * needed.sum::<u64>() / (self.runs.len() as u64).max(1)
    }

    /// Returns how many found it within so many runs.
    #[must_use]
    pub fn within(&self, runs: u64) -> usize {
        self.runs.iter().flatten().filter(|needed| **needed <= runs).count()
    }

    /// Returns how many found nothing.
    #[must_use]
    pub fn missed(&self) -> usize {
        self.runs.iter().filter(|needed| needed.is_none()).count()
    }
}

impl Search<'_> {
    /// Makes the campaigns with these numbers. The seed of a run is `mix(fold(campaign, number))`.
    pub fn find<P: Program>(&self, program: &P, campaigns: Range<u64>) -> Finds {
        let mut directory = Directory::default();
        let turns = Turns::of(program, campaigns.start, self.runs_max, &mut directory);
        let calibration = Calibration::new(program, campaigns.start, &mut directory)
            .with_choices(program, campaigns.start, &mut directory)
            .with_turns(turns);
        let mut fails = |campaign, number| {
            let job = self.job(campaign, number);
            !job.run(program, &calibration, &mut directory).symptoms.is_empty()
        };
        let first = |campaign| (1..=self.runs_max).find(|run| fails(campaign, run - 1));
        Finds { runs: campaigns.map(first).collect(), runs_max: self.runs_max }
    }

    fn job(&self, campaign: u64, number: u64) -> Job {
        let turns = self.tactics.len() as u64;
        let tactic = self.tactics[usize::try_from(number % turns).unwrap_or(0)];
        Job { number, tactic, turn: number / turns, seed: mix(fold(campaign, number)), prefix: Vec::new() }
    }

    /// Makes the campaigns with these numbers as [`Campaign`] shares runs out among the tactics, which gives those more
    /// that show more behaviours. Seeds of campaigns are far from each other.
    pub fn share<P: Program>(&self, program: &P, campaigns: Range<u64>) -> Finds {
        let first = |campaign| {
            let mut directory = Directory::default();
            let plan = Plan {
                tactics: self.tactics.to_vec(),
                stops_at_failure: true,
                ..Plan::new(mix(campaign), self.runs_max)
            };
            let mut campaign = Campaign::new(program, plan, &mut directory);
            campaign.run(program, &mut directory);
            (campaign.failed() > 0).then(|| campaign.runs())
        };
        Finds { runs: campaigns.map(first).collect(), runs_max: self.runs_max }
    }
}
