//! What is wrong with smoltcp 0.14.0, and where it shows: for each fault a scene, and the rule that is broken in it.

use tiebreak::explore::Outcome;
use tiebreak::net::{Link, Network};
use tiebreak::{Instant, Ratio, Run, outcome};

use crate::invariants::{Rule, Which};
use crate::layout::{NAMES, network};
use crate::scene::{Action, Scene, TICK, until};

/// A fault, as FOUND.md numbers it.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub name: &'static str,
    pub scene: Scene,
    pub rule: Which,
}

/// A link that loses and repeats more than usual.
const WORSE: Link = Link::new(TICK).loss(Ratio::percent(20)).duplication(Ratio::percent(40));

/// The faults.
pub const FAULTS: [Fault; 10] = [
    Fault {
        name: "fin-after-copies",
        scene: Scene { link: WORSE, mtus: &[120], nagle: &[false], pause: 4, ..Scene::small() },
        rule: Which::Closes,
    },
    // The same fault where less can happen: rarer, and in shorter runs.
    Fault {
        name: "fin-alone",
        scene: Scene { link: WORSE, ack_delays: &[None], steps: 5, pause: 2, ..Scene::small() },
        rule: Which::Closes,
    },
    Fault {
        name: "closed-early",
        scene: Scene { closes_early: true, steps: 4, ..Scene::small() },
        rule: Which::Closes,
    },
    Fault {
        name: "same-port-again",
        scene: Scene { reuses_ports: true, crashes: true, ..Scene::small() },
        rule: Which::Connects,
    },
    Fault {
        name: "beyond-the-window",
        scene: Scene { link: WORSE, nagle: &[false], buffers: &[64], pause: 8, ..Scene::small() },
        rule: Which::WithinWindow,
    },
    Fault {
        name: "lost-behind-the-window",
        scene: Scene { link: WORSE, nagle: &[false], buffers: &[64], steps: 10, pause: 8, ..Scene::small() },
        rule: Which::Complete,
    },
    Fault {
        name: "syn-to-another",
        scene: Scene { backlog: 2, ends: 2, steps: 10, pause: 40, ..Scene::small() },
        rule: Which::NotReset,
    },
    Fault {
        name: "no-probe",
        scene: Scene { link: WORSE, buffers: &[64], steps: 8, pause: 8, ..Scene::small() },
        rule: Which::Delivers,
    },
    Fault {
        name: "device-full",
        scene: Scene {
            link: WORSE,
            mtus: &[120],
            nagle: &[false],
            rooms: &[1],
            ends: 4,
            backlog: 8,
            steps: 16,
            pause: 30,
            amount: 400,
            keep_alives: &[Some(1_000)],
            ..Scene::small()
        },
        rule: Which::InOrder,
    },
    Fault {
        name: "not-silent",
        scene: Scene {
            timeouts: &[Some(8_000)],
            buffers: &[64],
            worst: Action::Hold,
            steps: 8,
            ..Scene::small()
        },
        rule: Which::SilentFirst,
    },
];

impl Fault {
    /// Until when a run goes. Who waits for a wrong byte need not wait for as long as who waits for the end of connections.
    pub fn until(&self) -> Instant {
        if self.rule == Which::InOrder { Instant::from_secs(20) } else { until() }
    }

    /// One run of its scene, watched by its rule alone.
    pub fn run(&self, run: &mut Run<'_, '_>) -> Outcome {
        let mut simulation = run.simulation(network(&self.scene, &[NAMES]), [Rule::new(self.rule)]);
        simulation.act(Network::begin);
        let end = simulation.run_until(self.until()).break_value();
        outcome(&simulation, end.as_ref())
    }
}
