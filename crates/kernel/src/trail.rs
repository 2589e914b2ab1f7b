//! The last events before a limit, kept only when one comes near: enough to show the cycle that was going on.

use alloc::string::String;
use alloc::vec::Vec;

use crate::name::{Name, Names, Subject};

/// How many events before a limit are remembered.
pub(crate) const LENGTH: u64 = 1024;

/// A dispatch: its number, the number of the one that scheduled it (0: none), and its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<S> {
    pub(crate) ordinal: u64,
    pub(crate) cause: u64,
    pub(crate) name: Name<S>,
}

/// The events dispatched lately, in order.
#[derive(Debug, Clone)]
pub(crate) struct Trail<S> {
    steps: Vec<Step<S>>,
}

impl<S> Default for Trail<S> {
    fn default() -> Self {
        Self { steps: Vec::new() }
    }
}

impl<S: Subject> Trail<S> {
    /// Remembers a dispatch; forgets the older half when twice the length is reached.
    pub(crate) fn push(&mut self, step: Step<S>) {
        if self.steps.len() as u64 == 2 * LENGTH {
            self.steps.drain(..self.steps.len() / 2);
        }
        self.steps.push(step);
    }

    /// Whether nothing is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.steps.clear();
    }

    /// The causal cycle that is going on: names without repeats, in causal order. `next` is the event that would have
    /// run. Of several the tightest is told, and of those the latest: whatever else happens beside a loop repeats less
    /// often than the loop does.
    pub(crate) fn cycle(&self, next: Option<Step<S>>, names: &Names) -> Vec<String> {
        let (mut tightest, mut found) = (u64::MAX, None);
        for last in next.iter().chain(self.steps.iter().rev()) {
            let mut ancestors = core::iter::successors(self.find(last.cause), |step| self.find(step.cause))
                .take_while(|ancestor| last.ordinal - ancestor.ordinal < tightest);
            if let Some(first) = ancestors.find(|ancestor| ancestor.name == last.name) {
                (tightest, found) = (last.ordinal - first.ordinal, Some((first.ordinal, last)));
            }
        }
        let Some((first, last)) = found else { return Vec::new() };
        let mut cycle: Vec<String> = core::iter::successors(Some(last), |step| self.find(step.cause))
            .take_while(|step| step.ordinal > first)
            .map(|step| spell(&step.name, names))
            .collect();
        cycle.reverse();
        cycle
    }

    fn find(&self, ordinal: u64) -> Option<&Step<S>> {
        let at = self.steps.binary_search_by(|step| step.ordinal.cmp(&ordinal)).ok()?;
        self.steps.get(at)
    }
}

fn spell<S: Subject>(name: &Name<S>, names: &Names) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = name.write(names, &mut text);
    text
}
