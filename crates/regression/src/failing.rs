//! A run of a regression that fails as it says, to be looked at.

use tiebreak_explore::{Directory, Program, Symptom, Trial, Watched, default_orders, try_cause};

use crate::judge::{Claim, by_seed};

/// A run that fails.
#[derive(Debug, Clone)]
pub struct FailingRun {
    /// Its seed.
    pub seed: u64,
    /// What happened. Nothing is said of choices if an order policy decided: who was next is in the history.
    pub watched: Watched,
    /// What tells its failure from others.
    pub symptom: Symptom,
    /// What is said of the failure.
    pub message: String,
}

impl FailingRun {
    /// Returns the first failure of a run that is of this kind; `None` if there is none.
    pub fn of(seed: u64, watched: Watched, is_it: impl Fn(&Symptom) -> bool) -> Option<Self> {
        let mut failures = watched.symptoms.iter().zip(watched.outcome.failures());
        let (symptom, failure) = failures.find(|(symptom, _)| is_it(symptom))?;
        let (symptom, message) = (symptom.clone(), failure.message.clone());
        Some(Self { seed, watched, symptom, message })
    }

    /// Returns a run of a program that fails as a regression says: in the first of some orders that keep its orderings, with the
    /// seed of its find, or with its choices. The seeds of those orders follow from `seed`.
    pub fn of_claim<P: Program + ?Sized>(
        program: &P,
        claim: Claim<'_>,
        (seed, orders): (u64, u64),
        directory: &mut Directory,
    ) -> Option<Self> {
        let wanted = claim.expect.symptom().lasting();
        let is_it = |symptom: &Symptom| symptom.lasting() == wanted;
        for order in default_orders(seed, orders).into_iter().filter(|_| !claim.order.is_empty()) {
            let trial = try_cause(program, claim.order, order, directory);
            let Trial { outcome, symptoms, broken, history, .. } = trial;
            let watched = Watched { outcome, symptoms, history, chosen: Vec::new() };
            let run = Self::of(order.setup.seed, watched, is_it).filter(|_| broken.is_empty());
            if run.is_some() {
                return run;
            }
        }
        let seed = claim.found.seed;
        let by_seed = by_seed(program, claim.found, directory);
        let run = by_seed.and_then(|watched| Self::of(seed, watched, is_it));
        run.or_else(|| Self::of(seed, claim.choices.follow(program, seed, directory), is_it))
    }
}
