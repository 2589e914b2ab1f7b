//! Many runs: who chooses in which, what they come to, and when to stop.

mod arms;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::{fold, mix};
use tiebreak_trace::Digest;

use crate::calibration::Calibration;
use crate::coverage::Coverage;
use crate::directory::Directory;
use crate::job::{Job, Ran};
use crate::program::{Failure, Program, Symptom, Verdict};
use crate::strategy::{Tactic, Turns};
use crate::unseen::Unseen;
use arms::Arms;

/// How many runs are shared out among strategies at a time. What came of them is added up in the order of runs before the
/// next are shared out: so it does not matter how many threads run them.
pub(crate) const ROUND: u64 = 128;

/// What to search, with which strategies, for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The strategies. Of several, those that find more get more runs.
    pub tactics: Vec<Tactic>,
    /// The seed of the campaign: the first seed of `clocks`; those of the others follow from it.
    pub seed: u64,
    /// How many runs there are at most.
    pub runs: u64,
    /// Stop after so many runs in a row in which nothing is new.
    pub until_quiet: Option<u64>,
    /// Stop at the first run that fails.
    pub stops_at_failure: bool,
    /// What is noted of each run.
    pub noted: Noted,
}

/// What is noted of the runs of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Noted {
    /// What came of them. Nothing else is as fast.
    #[default]
    Failures,
    /// Also which kinds of events met, and in which order.
    Coverage,
}

impl Plan {
    /// The strategies of `auto`: each alone practically never finds what another finds soon.
    pub const AUTO: [Tactic; 4] = [Tactic::Races, Tactic::Clocks, Tactic::Urw, Tactic::Delay(2)];

    /// A search with the strategies of `auto`, which goes on after failures.
    #[must_use]
    pub fn new(seed: u64, runs: u64) -> Self {
        Self {
            tactics: Self::AUTO.to_vec(),
            seed,
            runs,
            until_quiet: None,
            stops_at_failure: false,
            noted: Noted::Failures,
        }
    }
}

/// Failures of one symptom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The first run that failed so.
    pub first: Ran,
    /// How it failed.
    pub failure: Failure,
    /// How many runs did.
    pub runs: u64,
}

impl Found {
    /// Returns where it was met first: the number of the run, and its place among the failures of that run.
    #[must_use]
    pub fn place(&self) -> (u64, usize) {
        let failures = self.first.outcome.failures();
        let place = failures.iter().position(|failure| *failure == self.failure);
        (self.first.job.number, place.unwrap_or(failures.len()))
    }
}

/// Why a campaign is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// All runs were made.
    Runs,
    /// Nothing was new for long enough.
    Quiet,
    /// A run failed.
    Failure,
}

/// A campaign: what is known after the runs so far.
#[derive(Debug, Clone)]
pub struct Campaign {
    plan: Plan,
    calibration: Calibration,
    arms: Arms,
    shared_out: u64,
    runs: u64,
    failed: u64,
    discarded: u64,
    contended: u64,
    behaviours: BTreeSet<Digest>,
    found: BTreeMap<Symptom, Found>,
    milestones: u64,
    /// By how many milestones were reached, the shortest choices that reached so many.
    prefixes: BTreeMap<u32, Vec<u32>>,
    twins: BTreeMap<String, u64>,
    coverage: Coverage,
    quiet: u64,
    digest: u64,
    stop: Option<Stop>,
}

impl Campaign {
    /// Begins a campaign. Strategies that have to know how many events there are make a few runs first, which do not count.
    pub fn new<P: Program + ?Sized>(program: &P, plan: Plan, directory: &mut Directory) -> Self {
        let is_calibrated = plan.tactics.iter().any(|tactic| tactic.is_calibrated());
        let mut calibration = if is_calibrated {
            Calibration::new(program, plan.seed, directory)
        } else {
            Calibration::default()
        };
        if plan.tactics.iter().any(|tactic| tactic.is_enumerated()) {
            calibration = calibration.with_choices(program, plan.seed, directory);
        }
        if plan.tactics.contains(&Tactic::Races) {
            calibration = calibration.with_turns(Turns::of(program, plan.seed, plan.runs, directory));
        }
        Self {
            arms: Arms::new(&plan.tactics, &calibration),
            plan,
            calibration,
            shared_out: 0,
            runs: 0,
            failed: 0,
            discarded: 0,
            contended: 0,
            behaviours: BTreeSet::new(),
            found: BTreeMap::new(),
            milestones: 0,
            prefixes: BTreeMap::new(),
            twins: BTreeMap::new(),
            coverage: Coverage::default(),
            quiet: 0,
            digest: 0,
            stop: None,
        }
    }

    /// Shares out the next round. What came of all of its jobs is to be [added](Campaign::add) before the next one. Empty
    /// if the campaign is over.
    pub fn round(&mut self) -> Vec<Job> {
        if self.stop.is_some() {
            return Vec::new();
        }
        // A whole round is shared out also where fewer runs are left: the first runs are the same however many follow.
        let turns = self.arms.share_out(ROUND);
        let first = self.shared_out;
        self.shared_out += ROUND;
        let jobs = turns.into_iter().zip(first..self.plan.runs);
        jobs.map(|((tactic, turn), number)| self.job(tactic, turn, number)).collect()
    }

    fn job(&self, tactic: Tactic, turn: u64, number: u64) -> Job {
        let own = self.plan.seed;
        let seed = match tactic {
            Tactic::Clocks | Tactic::Fifo | Tactic::Rounds => own.wrapping_add(turn),
            // What is drawn is what was drawn in the run of which the races are, until all were turned round.
            Tactic::Races => own.wrapping_add(turn / self.calibration.turns().orders()),
            Tactic::Walk | Tactic::Pos | Tactic::Urw | Tactic::Pct(_) | Tactic::Delay(_) => {
                mix(fold(own, number))
            }
        };
        // Every second run of whoever chooses at random goes on from where the best one was.
        let furthest = self.prefixes.values().next_back();
        let goes_on = turn % 2 == 1 && tactic.is_sample() && !tactic.is_by_seed();
        let prefix = furthest.filter(|_| goes_on).cloned().unwrap_or_default();
        Job { number, tactic, turn, seed, prefix }
    }

    /// Adds what came of a run. Runs are added in their order; those after the one that ends the campaign do not count.
    pub fn add(&mut self, ran: &Ran) {
        if self.stop.is_some() {
            return;
        }
        self.runs += 1;
        self.digest = fold(self.digest, digest_of(ran));
        self.contended = self.contended.max(ran.outcome.contended);
        for twin in &ran.outcome.twins {
            *self.twins.entry(twin.name.clone()).or_default() += twin.count;
        }
        let is_discarded = ran.outcome.verdict == Verdict::Discarded;
        self.discarded += u64::from(is_discarded);
        if let Some(met) = ran.met.as_ref().filter(|_| !is_discarded) {
            self.coverage.add(met);
        }
        let is_new = !is_discarded && self.is_new(ran);
        if is_new {
            self.arms.credit(ran.job.tactic);
        }
        if ran.job.prefix.is_empty() && !is_discarded && ran.job.tactic.is_sample() {
            self.arms.count(ran.job.tactic, ran.outcome.behaviour);
        }
        self.quiet = if is_new { 0 } else { self.quiet + 1 };
        self.failed += u64::from(!ran.symptoms.is_empty());
        for (at, symptom) in ran.symptoms.iter().enumerate() {
            // What fails so a second time in the run is no second failure.
            if !ran.symptoms[..at].contains(symptom) {
                let first =
                    || Found { first: ran.clone(), failure: ran.outcome.failures()[at].clone(), runs: 0 };
                self.found.entry(symptom.clone()).or_insert_with(first).runs += 1;
            }
        }
        self.stop = self.reason_to_stop();
    }

    /// Whether a run shows something new: a behaviour, a failure, a milestone. Takes note of it.
    fn is_new(&mut self, ran: &Ran) -> bool {
        let is_new_behaviour = self.behaviours.insert(ran.outcome.behaviour);
        let is_new_failure = ran.symptoms.iter().any(|symptom| !self.found.contains_key(symptom));
        let is_new_milestone = ran.outcome.milestones & !self.milestones != 0;
        self.milestones |= ran.outcome.milestones;
        if let Some(prefix) = &ran.prefix {
            let reached = ran.outcome.milestones.count_ones();
            let is_shorter = |known: &Vec<u32>| prefix.len() < known.len();
            if self.prefixes.get(&reached).is_none_or(is_shorter) {
                self.prefixes.insert(reached, prefix.clone());
            }
        }
        is_new_behaviour || is_new_failure || is_new_milestone
    }

    fn reason_to_stop(&self) -> Option<Stop> {
        if self.plan.stops_at_failure && self.failed > 0 {
            Some(Stop::Failure)
        } else if self.plan.until_quiet.is_some_and(|runs| self.quiet >= runs) {
            Some(Stop::Quiet)
        } else {
            (self.runs >= self.plan.runs).then_some(Stop::Runs)
        }
    }

    /// Makes all runs that are left, one after the other.
    pub fn run<P: Program + ?Sized>(&mut self, program: &P, directory: &mut Directory) {
        loop {
            let jobs = self.round();
            if jobs.is_empty() {
                return;
            }
            for job in jobs {
                let ran = job.run_for(self.plan.noted, program, &self.calibration, directory);
                self.add(&ran);
                if self.stop.is_some() {
                    return;
                }
            }
        }
    }

    /// Returns what strategies know of the program.
    #[must_use]
    pub const fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Returns what is searched.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns why the campaign is over; `None` if it is not.
    #[must_use]
    pub const fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// Returns how many runs were added.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// Returns how many of them failed.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.failed
    }

    /// Returns how many of them did not satisfy an assumption.
    #[must_use]
    pub const fn discarded(&self) -> u64 {
        self.discarded
    }

    /// Returns how many different behaviours were seen.
    #[must_use]
    pub fn behaviours(&self) -> u64 {
        self.behaviours.len() as u64
    }

    /// Returns the greatest number of choices among two or more events in one run. If it is 0, there was nothing to explore.
    #[must_use]
    pub const fn contended(&self) -> u64 {
        self.contended
    }

    /// Returns which milestones were reached by any run, one bit each; and how many at most by one.
    #[must_use]
    pub fn milestones(&self) -> (u64, u32) {
        (self.milestones, self.prefixes.keys().next_back().copied().unwrap_or(0))
    }

    /// Returns the failures, by symptom.
    #[must_use]
    pub const fn found(&self) -> &BTreeMap<Symptom, Found> {
        &self.found
    }

    /// Returns how often each name tied with itself, in all runs.
    #[must_use]
    pub const fn twins(&self) -> &BTreeMap<String, u64> {
        &self.twins
    }

    /// Returns which kinds of events met in runs that were not discarded; `None` if that was not wanted.
    #[must_use]
    pub fn coverage(&self) -> Option<&Coverage> {
        match self.plan.noted {
            Noted::Failures => None,
            Noted::Coverage => Some(&self.coverage),
        }
    }

    /// Returns a number that says whether two campaigns went alike: what came of all runs, in order.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// Returns how many independent runs each strategy has made, and what follows if none of them failed: with a certainty of 95 %, a
    /// run of the strategy fails with a probability below this many tenths, divided by the number of its runs.
    ///
    /// With one strategy it is 3 by the number of runs. With several, each gets its share of the 5 %. It holds whatever has
    /// stopped the campaign, for runs that do not depend on each other: runs that go on from where others were do not
    /// count, nor do those of strategies that enumerate or have one order.
    #[must_use]
    pub fn chances(&self) -> Vec<Chance> {
        self.arms.chances()
    }

    /// Returns for each strategy of which runs are samples how probable it is that its next run shows a behaviour that none
    /// of its independent runs has shown. Runs that are discarded count neither now nor then.
    ///
    /// Nothing is returned of a campaign that has stopped because of what was seen: for too long nothing new, or a failure.
    #[must_use]
    pub fn unseen(&self) -> Vec<Unseen> {
        match self.stop {
            Some(Stop::Quiet | Stop::Failure) => Vec::new(),
            Some(Stop::Runs) | None => self.arms.unseen(),
        }
    }
}

/// How surely runs of a strategy do not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chance {
    /// The strategy.
    pub tactic: Tactic,
    /// How many independent runs it has made.
    pub runs: u64,
    /// The probability of failure is below so many tenths, divided by the number of runs.
    pub tenths: u64,
}

fn digest_of(ran: &Ran) -> u64 {
    let behaviour = ran.outcome.behaviour.value();
    let [high, low] = [behaviour >> 64, behaviour & u128::from(u64::MAX)];
    let halves = [high, low].map(|half| u64::try_from(half).unwrap_or(0));
    fold(fold(halves[0], halves[1]), u64::from(!ran.symptoms.is_empty()))
}
