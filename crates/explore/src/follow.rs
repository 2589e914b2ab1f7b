//! The choices of a run by name: who was next wherever several events could run, and what was drawn.
//!
//! They say less than orderings do, since a change that makes another choice necessary may lead the run elsewhere. But they
//! hold where orderings do not: of events that share name and cause they say which one it was.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use tiebreak_kernel::Order;

use crate::director::{Chosen, Director};
use crate::directory::{Directory, NameId};
use crate::event::{EventRef, FixedDraw};
use crate::gate::Pattern;
use crate::history::{Drawn, History};
use crate::job::Watched;
use crate::program::{Program, Setup, Symptom};
use crate::shrink::EVENTS_MAX;

/// How many choices and draws are kept of a run at most. A longer list is read by nobody, and fits no other run.
pub const CHOICES_MAX: usize = 200;

/// One choice among two or more events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The event that was next.
    pub event: EventRef,
    /// Which of the events that could run and are called so it was, in the order of scheduling, from 1.
    pub twin: u32,
}

/// All choices of a run, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FullChoices {
    /// Which event was next, wherever two or more could run.
    pub next: Vec<Next>,
    /// What was drawn.
    pub draws: Vec<FixedDraw>,
}

impl FullChoices {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next.is_empty() && self.draws.is_empty()
    }

    /// Returns the choices of a failing run up to its failure, by which it fails with this symptom again; `None` if there are
    /// more than [`CHOICES_MAX`], or it does not.
    ///
    /// `chosen` is what a strategy chose in it; if it is empty, who was next is taken from the history alone. The seed is
    /// that of the run: worlds may depend on it.
    pub fn record<P: Program + ?Sized>(
        program: &P,
        (history, chosen): (&History, &[Chosen]),
        (symptom, seed): (&Symptom, u64),
        directory: &mut Directory,
    ) -> Option<Self> {
        if history.dispatches.len() > EVENTS_MAX {
            return None;
        }
        let all = Self::whole(history, chosen, directory);
        let Watched { outcome, symptoms, history, chosen } = all.follow(program, seed, directory);
        let (_, failure) = symptoms.iter().zip(outcome.failures()).find(|(found, _)| *found == symptom)?;
        // What comes after it does not matter, unless the whole run is judged.
        let last = failure.event.unwrap_or(u64::MAX);
        let until = chosen.iter().take_while(|chosen| chosen.event <= last);
        let choices = Self::of(&history, until.map(|chosen| (chosen.event, chosen.twin)), last, directory);
        let is_short = choices.next.len() + choices.draws.len() <= CHOICES_MAX;
        (is_short && choices.follow(program, seed, directory).symptoms.contains(symptom)).then_some(choices)
    }

    /// All choices of a run, and its draws. `chosen` is as in [`record`](Self::record).
    pub(crate) fn whole(history: &History, chosen: &[Chosen], directory: &Directory) -> Self {
        if chosen.is_empty() {
            let numbers = (1..=history.dispatches.len() as u64).map(|number| (number, 1));
            return Self::of(history, numbers, u64::MAX, directory);
        }
        let chosen = chosen.iter().map(|chosen| (chosen.event, chosen.twin));
        Self::of(history, chosen, u64::MAX, directory)
    }

    /// Runs a program with these choices. What they do not say follows from the seed.
    pub fn follow<P: Program + ?Sized>(&self, program: &P, seed: u64, directory: &mut Directory) -> Watched {
        let mut director = Director::new(directory, seed).following(self).watching();
        let outcome = program.run(Setup { order: Order::Seeded, seed }, &mut director);
        let symptoms = director.symptoms(&outcome);
        let (history, chosen) = director.finish();
        Watched { outcome, symptoms, history, chosen }
    }

    /// These events of a run, each with its number among twins, and its draws up to an event.
    fn of(
        history: &History,
        events: impl Iterator<Item = (u64, u32)>,
        last: u64,
        directory: &Directory,
    ) -> Self {
        let next = |(number, twin)| Next { event: history.reference(number, directory), twin };
        let draw = |drawn: &Drawn| FixedDraw {
            draw: history.draw_reference(drawn, directory),
            value: drawn.answer(),
        };
        let draws = history.draws.iter().take_while(|drawn| drawn.event <= last);
        Self { next: events.map(next).collect(), draws: draws.map(draw).collect() }
    }
}

/// Chooses as a list of events says, one after the other.
///
/// An event of the list that has run by itself is not waited for. Where the next event of the list cannot run, somebody runs
/// of whom the list does not speak; if there is nobody, the one that comes first in it.
#[derive(Debug)]
pub(crate) struct Follow {
    next: Vec<(Pattern, u32)>,
    has_run: Vec<bool>,
    by_name: BTreeMap<NameId, Vec<usize>>,
    /// All before it have run.
    at: usize,
}

impl Follow {
    pub(crate) fn new(next: &[Next], directory: &mut Directory) -> Self {
        let patterns = next.iter().map(|next| (Pattern::new(&next.event, directory), next.twin));
        let next: Vec<(Pattern, u32)> = patterns.collect();
        let mut by_name: BTreeMap<NameId, Vec<usize>> = BTreeMap::new();
        for ((pattern, _), at) in next.iter().zip(0..) {
            by_name.entry(pattern.name()).or_default().push(at);
        }
        Self { has_run: alloc::vec![false; next.len()], next, by_name, at: 0 }
    }

    /// Chooses among events that could run: their names and causes.
    pub(crate) fn choose(&mut self, candidates: &[(NameId, u64)], history: &History) -> usize {
        while self.has_run.get(self.at) == Some(&true) {
            self.at += 1;
        }
        let is_meant =
            |at: usize, (name, cause): (NameId, u64)| self.next[at].0.is_next(name, cause, history);
        if let Some((_, twin)) = self.next.get(self.at) {
            let meant = candidates.iter().zip(0..).filter(|(event, _)| is_meant(self.at, **event));
            let mut meant =
                meant.map(|(_, number)| number).take(usize::try_from(*twin).unwrap_or(usize::MAX));
            if let Some(number) = meant.next() {
                return meant.last().unwrap_or(number);
            }
        }
        let place = |event: (NameId, u64)| {
            let listed = self.by_name.get(&event.0).into_iter().flatten();
            listed.copied().find(|at| !self.has_run[*at] && is_meant(*at, event))
        };
        // Those that are not listed come first.
        let first = candidates.iter().zip(0..).min_by_key(|(event, _)| place(**event));
        first.map_or(0, |(_, number)| number)
    }

    /// Takes note of an event that is about to run.
    pub(crate) fn runs(&mut self, name: NameId, cause: u64, history: &History) {
        for at in self.by_name.get(&name).into_iter().flatten() {
            self.has_run[*at] |= self.next[*at].0.is_next(name, cause, history);
        }
    }
}
