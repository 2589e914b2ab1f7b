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
    /// What came of a run in which no events were chosen: of a program that is no simulation and only draws.
    #[must_use]
    pub const fn without_events(verdict: Verdict, behaviour: Digest) -> Self {
        Self { verdict, behaviour, contended: 0, milestones: 0, progress_at: None, twins: Vec::new() }
    }

    /// Returns what failed, in the order in which it did.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        match &self.verdict {
            Verdict::Fails(failures) => failures,
            Verdict::Passes | Verdict::Discarded => &[],
        }
    }
}

/// What the judges say about a run: of all its monitors together, and of whoever else judges it. How one monitor stands is
/// [its own verdict](tiebreak_trace::Verdict).
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

/// One thing that failed in a run: the [failure of a monitor](tiebreak_trace::Failure), an expectation that was not met, or a
/// panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Who says so: the name of a monitor, or what was expected.
    pub monitor: String,
    /// The number of the event during which it failed, counted from 1; `None` if it is a judgement about the whole run.
    pub event: Option<u64>,
    /// What happened and what should have.
    pub message: String,
}

impl Failure {
    /// What the monitor of a panic is called, before its place.
    const PANIC_AT: &str = "panic at ";

    /// A panic at a place, as `src/server.rs:12`. Each place is a failure of its own, whatever is said there: that may have
    /// the numbers of a run in it.
    #[must_use]
    pub fn panic(place: &str, message: String) -> Self {
        Self { monitor: [Self::PANIC_AT, place].concat(), event: None, message }
    }

    /// Whether it is a panic.
    #[must_use]
    pub fn is_panic(&self) -> bool {
        self.monitor.starts_with(Self::PANIC_AT)
    }
}

/// What tells one failure from another: who says so, and what was going on. Failures of one cause are one find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symptom {
    /// Who says so.
    pub monitor: String,
    /// The actor and kind of the event during which it failed, as `actor/kind`; empty for a judgement about the whole run.
    pub event: String,
}

impl Symptom {
    /// Returns what is kept of it for later: without the line, if it is a panic. Code moves.
    #[must_use]
    pub fn lasting(&self) -> Self {
        let is_line = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let monitor = match self.monitor.rsplit_once(':') {
            Some((file, line)) if file.starts_with(Failure::PANIC_AT) && is_line(line) => file,
            Some(_) | None => &self.monitor,
        };
        Self { monitor: monitor.into(), event: self.event.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_panic_does_not_last() {
        let lasting = |monitor: &str| Symptom { monitor: monitor.into(), event: "a/b".into() }.lasting();
        for (monitor, lasts) in [
            ("panic at src/server.rs:12", "panic at src/server.rs"),
            ("panic at src/server.rs", "panic at src/server.rs"),
            ("panic at C:/server.rs", "panic at C:/server.rs"),
            ("at most:12", "at most:12"),
        ] {
            assert_eq!(lasting(monitor), Symptom { monitor: lasts.into(), event: "a/b".into() });
        }
    }
}
