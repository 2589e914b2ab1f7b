//! What can be explored: something that runs again and again under other choices, and says what came of it.

use alloc::string::String;
use alloc::vec::Vec;

use tiebreak_kernel::Order;
use tiebreak_trace::{Digest, Twin};

use crate::director::Director;

/// A program whose orders are searched: a world with its first events, and whoever judges the run.
///
/// A run depends on nothing but the setup and the choices. If two runs with the same ones differ, nothing that is found
/// can be shown again.
pub trait Program {
    /// Runs once. The simulation gets the order policy and the seed of the setup, and the director as its
    /// [choices](tiebreak_kernel::Simulation::with_choices).
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome;
}

impl<F: Fn(Setup, &mut Director<'_>) -> Outcome> Program for F {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        self(setup, choices)
    }
}

/// What a run depends on beside its choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// The order policy.
    pub order: Order,
    /// The seed.
    pub seed: u64,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the judges say.
    pub verdict: Verdict,
    /// What the run looked like to those in it: see [`BehaviourRecorder`](tiebreak_trace::BehaviourRecorder).
    pub behaviour: Digest,
    /// How many events were chosen among two or more.
    pub contended: u64,
    /// Which milestones were reached, one bit each.
    pub milestones: u64,
    /// The number of the event, from 1, during which the last of them was reached first.
    pub progress_at: Option<u64>,
    /// The names that tied with themselves, so that only the order of scheduling decided between their events.
    pub twins: Vec<Twin>,
}

impl Outcome {
    /// Returns what failed, in the order in which it did.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        match &self.verdict {
            Verdict::Fails(failures) => failures,
            Verdict::Passes | Verdict::Discarded => &[],
        }
    }
}

/// What the judges say about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing failed.
    Passes,
    /// Something failed: all of it, in the order in which it did. What is first may hide nothing.
    Fails(Vec<Failure>),
    /// The run did not satisfy an assumption, and says nothing.
    Discarded,
}

impl Verdict {
    /// Returns the verdict on a run of which this failed, in this order.
    #[must_use]
    pub fn of(failures: Vec<Failure>) -> Self {
        if failures.is_empty() { Self::Passes } else { Self::Fails(failures) }
    }
}

/// One thing that failed in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Who says so: the name of a monitor, or what was expected.
    pub monitor: String,
    /// The number of the event during which it failed, counted from 1; `None` if it is a judgement about the whole run.
    pub event: Option<u64>,
    /// What happened and what should have.
    pub message: String,
}

/// What tells one failure from another: who says so, and what was going on. Failures of one cause are one find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symptom {
    /// Who says so.
    pub monitor: String,
    /// The actor and kind of the event during which it failed, as `actor/kind`; empty for a judgement about the whole run.
    pub event: String,
}
