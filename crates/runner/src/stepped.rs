//! Runs that are watched event by event from outside.

use core::ops::ControlFlow;

use tiebreak::{Choices, End, Recorder};
use tiebreak_rtm_model::Difference;
use tiebreak_rtm_sim::Subject;

use crate::run::{Driver, ModelCheck, Prepared, RunOptions, RunReport, ScenarioSimulation};

/// How much there is at a moment of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Events that are pending, those that are never due included.
    pub pending: u64,
    /// Routes of the manager, in all tables.
    pub routes: u64,
}

impl Prepared {
    /// Runs like [`sweep`](Self::sweep) with a recorder of the caller's in place of the fingerprint, and shows the caller its
    /// recorder and how much there is after each event, and once before the first.
    ///
    /// The run is the same as without being shown. It has no reference model.
    #[must_use]
    pub fn step_with<K: Recorder<Subject>>(
        &self,
        options: RunOptions,
        keeper: K,
        show: impl FnMut(&K, Amounts),
    ) -> (RunReport, K) {
        let (report, (), keeper) = self.run_driven(options, keeper, Stepped(show), |_| ());
        (report, keeper)
    }
}

/// Runs step by step, and shows each.
struct Stepped<F>(F);

impl<K: Recorder<Subject>, F: FnMut(&K, Amounts)> Driver<K> for Stepped<F> {
    fn drive<C: Choices>(
        mut self,
        simulation: &mut ScenarioSimulation<'_, K, C>,
        _: ModelCheck,
    ) -> (End, Option<Difference>) {
        loop {
            let pending = simulation.pending();
            let routes = simulation.world().manager().objects_alive().routes;
            (self.0)(&simulation.recorder().3, Amounts { pending, routes });
            if let ControlFlow::Break(end) = simulation.step() {
                return (end, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recordings;
    use alloc::vec::Vec;
    use tiebreak::Silent;

    #[test]
    fn what_is_shown_is_how_much_there_is_after_each_event() {
        let text = r#"Scenario(
            format: 1,
            until: "60s",
            clients: [Client(name: "rip", protocol: "RIP", script: [
                At("0s", Register),
                At("1s", AddRoute(dest: "10.0.0.0/8", metric: 3)),
                At("2s", AddRoute(dest: "11.0.0.0/8", metric: 3)),
            ])],
        )"#;
        let plan = tiebreak_scenario::load(text).unwrap().plan;
        let prepared = Prepared::new(&plan, &Recordings::new()).unwrap();
        let mut amounts = Vec::new();
        let options = RunOptions::default();
        let (report, Silent) = prepared.step_with(options, Silent, |Silent, now| amounts.push(now));
        assert_eq!(amounts.iter().map(|now| now.routes).collect::<Vec<_>>(), [0, 0, 1, 2]);
        assert!(
            amounts.iter().all(|now| now.pending > 0)
                || amounts.last() == Some(&Amounts { pending: 0, routes: 2 })
        );
        let (swept, _) = prepared.sweep(options);
        assert_eq!((report.events, report.end, report.at), (swept.events, swept.end, swept.at));
    }
}
