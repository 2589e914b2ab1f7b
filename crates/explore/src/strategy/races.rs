//! The order of scheduling with one ordering turned round.

use alloc::vec::Vec;

use crate::director::Director;
use crate::directory::Directory;
use crate::event::Constraint;
use crate::program::{Program, Setup};
use crate::races::{Phases, RacesOf, races};
use crate::strategy::Tactic;

/// How many races of a run are turned round at most.
const TURNED_MAX: u64 = 10_000;

/// The races of one run, to be turned round one after the other, the nearest first. Runs enumerate them: the first turns none.
///
/// What it cannot find: what needs two orderings of which neither is that of scheduling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turns {
    orderings: Vec<Constraint>,
}

impl Turns {
    /// Runs a program once, in the order of scheduling, and returns its races: as many as so many runs can turn round, and at
    /// most 10,000.
    pub fn of<P: Program + ?Sized>(program: &P, seed: u64, runs: u64, directory: &mut Directory) -> Self {
        let mut director = Director::new(directory, seed).watching();
        program.run(Setup { order: Tactic::Races.order(), seed }, &mut director);
        let (history, _) = director.finish();
        let most = usize::try_from(runs.min(TURNED_MAX)).unwrap_or(usize::MAX);
        let RacesOf { nearest, .. } = races(&history, Phases::Kept, most);
        Self { orderings: nearest.iter().map(|race| race.turned(&history, directory)).collect() }
    }

    /// Returns the ordering that a run keeps, by its number; `None` if it is the order of scheduling as it is. When all were
    /// tried, it begins again.
    #[must_use]
    pub fn ordering(&self, number: u64) -> Option<&Constraint> {
        let at = usize::try_from(number % self.orders()).ok()?;
        self.orderings.get(at.checked_sub(1)?)
    }

    /// Returns how many orders there are.
    #[must_use]
    pub fn orders(&self) -> u64 {
        1 + self.orderings.len() as u64
    }
}
