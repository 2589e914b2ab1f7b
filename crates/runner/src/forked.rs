//! Runs of a scenario that can be forked, so that all its orders can be gone through.

use alloc::vec::Vec;
use core::hash::Hash as _;
use core::ops::ControlFlow;

use tiebreak::explore::{Failure, Forking, Group, Picker, Setup, Stepping};
use tiebreak::kernel::hash_text;
use tiebreak::{End, Simulation};
use tiebreak_scenario::AlikeGroup;

use crate::build::ScenarioWorld;
use crate::explored::{Explored, failure, failures};
use crate::run::{Judges, ModelCheck, RunOptions};

/// A run of a scenario under way.
#[derive(Debug, Clone)]
pub struct ForkedRun<'p>(Simulation<ScenarioWorld<'p>, Judges, Picker>);

/// A reference, because a run borrows its scripts.
///
/// Runs are judged like those of a search, but without the reference model, and an order by hand is not kept: whoever goes
/// through all orders asks [`has_order`](Explored::has_order) first.
impl<'p> Stepping for &'p Explored<'_> {
    type Run = ForkedRun<'p>;

    fn begin(&self, setup: Setup, picker: Picker) -> ForkedRun<'p> {
        let explored: &'p Explored<'_> = self;
        let options = RunOptions { model: ModelCheck::Off, ..explored.options(setup) };
        let prepared = explored.prepared();
        ForkedRun(prepared.begin(options, prepared.judges(), picker))
    }

    fn step(&self, run: &mut ForkedRun<'p>) -> ControlFlow<End> {
        run.0.step()
    }

    fn picker<'r>(&self, run: &'r mut ForkedRun<'p>) -> &'r mut Picker {
        run.0.choices_mut()
    }

    fn failures(&self, run: &ForkedRun<'p>, end: Option<&End>) -> Vec<Failure> {
        let simulation = &run.0;
        let (world, names) = (simulation.world(), simulation.names());
        let (watch, witness) = simulation.recorder();
        if let Some(end) = end {
            // What failed during an event was seen after it.
            return failures(&self.prepared().findings((watch, witness), (world, names), end), end, |_| None);
        }
        let during = |_| Some(simulation.dispatched());
        self.prepared().failed(watch, names).iter().map(|finding| failure(finding, during)).collect()
    }
}

impl<'p> Forking for &'p Explored<'_> {
    fn fork(&self, run: &mut ForkedRun<'p>) -> ForkedRun<'p> {
        run.clone()
    }

    fn digest(&self, run: &ForkedRun<'p>) -> Option<u128> {
        Some(run.0.state_digest(|judges, picker, state| {
            picker.hash(state);
            self.prepared().hash_judges(judges, state);
        }))
    }

    fn groups(&self) -> Vec<Group> {
        let groups = self.plan().alike_groups().into_iter();
        groups
            .map(|AlikeGroup { name, members }| {
                let members = members.iter().map(|member| hash_text(member)).collect();
                Group { name, members }
            })
            .collect()
    }
}

impl Explored<'_> {
    /// Returns whether the scenario has an order by hand. Going through all orders does not keep it.
    #[must_use]
    pub fn has_order(&self) -> bool {
        self.prepared().has_order()
    }
}
