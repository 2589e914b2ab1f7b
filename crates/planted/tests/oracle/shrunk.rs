//! How many orderings and draws a failing order of a story needs.

use tiebreak::explore::{
    Calibration, Cause, Counterexample, Directory, Job, Setup, Shrunk, Symptom, Tactic, Watched, shrink,
};
use tiebreak::kernel::mix;
use tiebreak_planted::Story;

/// So many runs of a search are made at most.
const RUNS_MAX: u64 = 10_000;

/// How much the first failing run of a search needs.
pub(crate) fn of_a_search(story: &impl Story) -> usize {
    let job =
        |number| Job { number, tactic: Tactic::Clocks, turn: number, seed: mix(number), prefix: Vec::new() };
    (0..RUNS_MAX).find_map(|number| needs(story, &job(number))).expect("it is found")
}

/// How much an order needs that `explore` has found.
pub(crate) fn of_explore(story: &impl Story, found: &Counterexample, setup: Setup) -> usize {
    // Its choices, and then any: what comes behind the failure does not matter.
    let prefix = found.path.choices.clone();
    let job = Job { number: 0, tactic: Tactic::Walk, turn: 0, seed: setup.seed, prefix };
    needs(story, &job).expect("it fails again")
}

/// `None` if the run does not fail.
fn needs(story: &impl Story, job: &Job) -> Option<usize> {
    let mut directory = Directory::default();
    let Watched { symptoms, history, .. } = job.watch(story, &Calibration::default(), &mut directory);
    let symptom: &Symptom = symptoms.first()?;
    let shrunk = shrink(story, &history, symptom, job.seed, &mut directory);
    let Shrunk { cause: Cause { constraints, draws, .. }, .. } =
        shrunk.unwrap_or_else(|reason| panic!("{reason}"));
    Some(constraints.len() + draws.len())
}
