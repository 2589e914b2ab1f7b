//! A run of a regression that fails as it says, to be looked at.

use tiebreak_explore::{
    DefaultOrder, Directory, Program, Symptom, Trial, Watched, default_orders, try_cause,
};

use crate::judge::{Claim, by_seed};
use crate::unkept::Unkept;

/// How a run of a regression is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// With its orderings and draws; this order decides the rest.
    Ordered(DefaultOrder),
    /// With the seed of its find.
    Seed,
    /// With the choices of its find.
    Choices,
}

/// A run of a regression that fails.
#[derive(Debug, Clone)]
pub struct Rerun {
    /// The run.
    pub run: FailingRun,
    /// Whether the regression has orderings or draws, and it keeps them.
    pub is_in_order: bool,
}

impl Way {
    /// Makes the run; `None` if the seed alone does not say which it is.
    pub fn run<P: Program + ?Sized>(
        self,
        program: &P,
        claim: Claim<'_>,
        directory: &mut Directory,
    ) -> Option<Watched> {
        self.make(program, claim, directory).map(|(watched, _)| watched)
    }

    /// Makes the run; returns the numbers of the orderings besides that could not be kept.
    fn make<P: Program + ?Sized>(
        self,
        program: &P,
        Claim { order: cause, choices, found, .. }: Claim<'_>,
        directory: &mut Directory,
    ) -> Option<(Watched, Vec<usize>)> {
        match self {
            Self::Ordered(order) => {
                let trial = try_cause(program, cause, order, directory);
                let Trial { outcome, symptoms, broken, history, .. } = trial;
                Some((Watched { outcome, symptoms, history, chosen: Vec::new() }, broken))
            }
            Self::Seed => by_seed(program, found, directory).map(|watched| (watched, Vec::new())),
            Self::Choices => Some((choices.follow(program, found.seed, directory), Vec::new())),
        }
    }

    /// The seed of the run.
    const fn seed(self, claim: Claim<'_>) -> u64 {
        match self {
            Self::Ordered(order) => order.setup.seed,
            Self::Seed | Self::Choices => claim.found.seed,
        }
    }
}

impl Rerun {
    /// Makes the run of which a judgement speaks once more; `None` if it does not fail.
    pub fn of<P: Program + ?Sized>(
        program: &P,
        claim: Claim<'_>,
        way: Way,
        directory: &mut Directory,
    ) -> Option<Self> {
        let (watched, broken) = way.make(program, claim, directory)?;
        let wanted = claim.expect.symptom().lasting();
        // As the judgement has it: whoever had to run too early is not in the order that is asked for.
        let is_so = |symptom: &Symptom| broken.is_empty() && symptom.lasting() == wanted;
        let is_other = !watched.symptoms.iter().any(is_so);
        let run = FailingRun::of(way.seed(claim), watched, |symptom| is_other || is_so(symptom))?;
        let is_ordered = matches!(way, Way::Ordered(_)) && !claim.order.is_empty();
        let is_in_order =
            is_ordered && Unkept::of(claim.order, &broken, &run.watched.history, directory).is_empty();
        Some(Self { run, is_in_order })
    }
}

/// A run that fails.
#[derive(Debug, Clone)]
pub struct FailingRun {
    /// Its seed.
    pub seed: u64,
    /// What happened. Nothing is said of choices if an order policy decided: who was next is in the history.
    pub watched: Watched,
    /// What tells its failure from others.
    pub symptom: Symptom,
    /// The number of the event during which it failed, from 1; `None` if it is a judgement about the whole run.
    pub event: Option<u64>,
    /// What is said of the failure.
    pub message: String,
}

impl FailingRun {
    /// Returns the first failure of a run that is of this kind; `None` if there is none.
    pub fn of(seed: u64, watched: Watched, is_it: impl Fn(&Symptom) -> bool) -> Option<Self> {
        let mut failures = watched.symptoms.iter().zip(watched.outcome.failures());
        let (symptom, failure) = failures.find(|(symptom, _)| is_it(symptom))?;
        let (symptom, event, message) = (symptom.clone(), failure.event, failure.message.clone());
        Some(Self { seed, watched, symptom, event, message })
    }

    /// Returns a run of a program that fails as a regression says: in the first of some orders that keep its orderings, with the
    /// seed of its find, or with its choices. The seeds of those orders follow from `seed`.
    pub fn of_claim<P: Program + ?Sized>(
        program: &P,
        claim: Claim<'_>,
        (seed, orders): (u64, u64),
        directory: &mut Directory,
    ) -> Option<Self> {
        let ordered = default_orders(seed, orders).into_iter().filter(|_| !claim.order.is_empty());
        let wanted = claim.expect.symptom().lasting();
        ordered.map(Way::Ordered).chain([Way::Seed, Way::Choices]).find_map(|way| {
            let (watched, broken) = way.make(program, claim, directory)?;
            let is_so = |symptom: &Symptom| broken.is_empty() && symptom.lasting() == wanted;
            Self::of(way.seed(claim), watched, is_so)
        })
    }
}
