//! How many orders the events of one instant have.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::Hash as _;
use core::ops::ControlFlow;

use tiebreak::explore::{Exploration, Failure, Forking, Picker, Scope, Setup, Stepping, explore};
use tiebreak::{End, Instant, Simulation};
use tiebreak_scenario::plan::Expectation;

use crate::build::ScenarioWorld;
use crate::expectations::Unmet;
use crate::run::{Finding, Judges, ModelCheck, Prepared, RunOptions};

/// An instant with more states is not gone through.
const STATES_MAX: u64 = 100_000;

/// The events of one instant, in a run that goes in the order of scheduling before.
struct AtInstant<'p> {
    prepared: &'p Prepared,
    options: RunOptions,
    at: Instant,
}

impl<'p> Stepping for AtInstant<'p> {
    type Run = Simulation<ScenarioWorld<'p>, Judges, Picker>;

    fn begin(&self, _setup: Setup, picker: Picker) -> Self::Run {
        let mut run = self.prepared.begin(self.options, self.prepared.judges(), picker);
        while run.next_instant().is_some_and(|next| next < self.at) && run.step().is_continue() {}
        run.choices_mut().begin_here();
        run
    }

    fn step(&self, run: &mut Self::Run) -> ControlFlow<End> {
        if run.next_instant() == Some(self.at) { run.step() } else { ControlFlow::Break(End::Horizon) }
    }

    fn picker<'r>(&self, run: &'r mut Self::Run) -> &'r mut Picker {
        run.choices_mut()
    }

    /// Orders are counted up to the end of the instant, whatever fails in them.
    fn failures(&self, _run: &Self::Run, _end: Option<&End>) -> Vec<Failure> {
        Vec::new()
    }
}

impl Forking for AtInstant<'_> {
    fn fork(&self, run: &mut Self::Run) -> Self::Run {
        run.clone()
    }

    fn digest(&self, run: &Self::Run) -> Option<u128> {
        Some(run.state_digest(|judges, picker, state| {
            picker.hash(state);
            self.prepared.hash_judges(judges, state);
        }))
    }
}

impl Prepared {
    /// Goes through the orders of what is due at one instant, in a run that goes in the order of scheduling before.
    pub(crate) fn orders_at(&self, at: Instant, options: RunOptions) -> Exploration {
        let settings = self.settings(options);
        let setup = Setup { order: settings.order, seed: settings.seed };
        let program =
            AtInstant { prepared: self, options: RunOptions { model: ModelCheck::Off, ..options }, at };
        explore(&program, setup, Scope { states: STATES_MAX, ..Scope::default() }, &|| true)
    }

    /// Returns the expectations of numbers of orders that are not met. Each takes many runs of its instant: it is no part of the
    /// runs of a search.
    #[must_use]
    pub fn unmet_orders(&self, options: RunOptions) -> Vec<Finding> {
        let unmet = self.expect().iter().filter_map(|expectation| {
            let Expectation::Orders { at, is } = expectation else { return None };
            let at = Instant::START.saturating_add(*at);
            let explored = self.orders_at(at, options);
            let found = match explored.orders.and_then(|orders| orders.inequivalent) {
                _ if explored.steps == 0 => "nothing that is due then".into(),
                Some(found) if explored.mismatch.is_none() && found == u128::from(*is) => return None,
                Some(found) if explored.mismatch.is_none() => format!("{found}"),
                Some(_) | None => format!("{explored}"),
            };
            let expected = orders(*is, at);
            Some(Finding::Expectation(Unmet { expected, found, record: None, missing: None }))
        });
        unmet.collect()
    }
}

fn orders(count: u64, at: Instant) -> String {
    let word = if count == 1 { "order" } else { "orders" };
    format!("{count} inequivalent {word} at {at}")
}
