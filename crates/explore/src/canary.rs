//! A failure that every campaign has to find.

use tiebreak_kernel::{Context, Name, Settings, Simulation, Span, World, terms};
use tiebreak_trace::BehaviourRecorder;

use crate::campaign::{Campaign, Plan, ROUND};
use crate::director::Director;
use crate::directory::Directory;
use crate::program::{Failure, Outcome, Program, Setup, Verdict};
use crate::strategy::Tactic;

terms! { CANARY = "canary", SINGS = "sings" }

/// Three events of one instant; it fails unless the last that was scheduled comes first. Whoever has any order but that
/// one finds it at once.
#[derive(Debug, Clone, Copy, Default)]
struct Canary {
    first: Option<u64>,
}

impl World for Canary {
    type Event = u64;
    type Subject = u64;

    fn name(&self, event: &u64) -> Name<u64> {
        Name::of(CANARY, SINGS, *event)
    }

    fn handle(&mut self, event: u64, _context: &mut Context<'_, u64, u64>) {
        self.first.get_or_insert(event);
    }
}

#[derive(Debug, Clone, Copy)]
struct Cage;

impl Program for Cage {
    fn run(&self, setup: Setup, choices: &mut Director<'_>) -> Outcome {
        let settings = Settings::new(setup.seed).with_order(setup.order);
        let mut simulation = Simulation::new(Canary::default(), settings)
            .with_choices(choices)
            .with_recorder(BehaviourRecorder::default());
        simulation.act(|_, context| {
            for event in 1..=3 {
                context.schedule_after(Span::ZERO, event);
            }
        });
        simulation.run();
        let (canary, _, recorder) = simulation.into_parts();
        let failure = Failure { monitor: "canary".into(), event: Some(1), message: "it sings".into() };
        Outcome {
            verdict: if canary.first == Some(3) { Verdict::Passes } else { Verdict::of([failure].into()) },
            behaviour: recorder.behaviour(),
            contended: recorder.contended(),
            milestones: 0,
            progress_at: None,
            twins: alloc::vec::Vec::new(),
        }
    }
}

/// Whether a campaign with these strategies finds a failure that is there: it searches a built-in program of three events.
///
/// A campaign that finds nothing says something only if it would have found something. One round of runs.
#[must_use]
pub fn is_alert(tactics: &[Tactic], seed: u64) -> bool {
    let (plan, mut directory) =
        (Plan { tactics: tactics.to_vec(), ..Plan::new(seed, ROUND) }, Directory::default());
    let mut campaign = Campaign::new(&Cage, plan, &mut directory);
    campaign.run(&Cage, &mut directory);
    campaign
        .found()
        .keys()
        .any(|symptom| symptom.monitor == "canary" && symptom.event.starts_with("canary/sings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_finds_the_canary_and_a_campaign_without_runs_does_not() {
        let all = [
            Tactic::Clocks,
            Tactic::Fifo,
            Tactic::Rounds,
            Tactic::Walk,
            Tactic::Pos,
            Tactic::Urw,
            Tactic::Pct(1),
            Tactic::Pct(3),
            Tactic::Delay(2),
            Tactic::Races,
        ];
        for tactic in all {
            for seed in 0..20 {
                assert!(is_alert(&[tactic], seed), "{tactic} {seed}");
            }
        }
        assert!(is_alert(&Plan::AUTO, 1));
        assert!(!is_alert(&[], 1), "who does not search does not find");
    }
}
